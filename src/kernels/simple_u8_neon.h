/* SPDX-License-Identifier: Apache-2.0
 *
 * Inner loops of 8-bit ZIP, POOL, REDUCE, LUT and PRODUCT for NEON, ARMv7 and AArch64 alike.
 */
#include "program/program.h"

#include <arm_neon.h>

#include <string.h>

enum { CODES = 8, PRODUCT_ROWS = 4 };

/* How a sum becomes a code. */
struct end {
    float m;
    int32_t zero, q_lo, q_hi;
};

/* Four results as 32 bits; rounding as in end_u8_neon.h. */
static inline int32x4_t rounded(float32x4_t p, int32_t q_lo, int32_t q_hi, int32_t zero)
{
    const float32x4_t magic = vdupq_n_f32(12582912.0f);
    p = vminq_f32(vmaxq_f32(p, vdupq_n_f32((float)(q_lo - zero))), vdupq_n_f32((float)(q_hi - zero)));
    return vaddq_s32(vsubq_s32(vreinterpretq_s32_f32(vaddq_f32(p, magic)), vreinterpretq_s32_f32(magic)), vdupq_n_s32(zero));
}

static inline void store8(uint8_t *y, int32x4_t low, int32x4_t high)
{
    vst1_u8(y, vmovn_u16(vreinterpretq_u16_s16(vcombine_s16(vmovn_s32(low), vmovn_s32(high)))));
}

static inline float32x4_t scaled(int16x4_t t, float m)
{
    return vmulq_f32(vcvtq_f32_s32(vmovl_s16(t)), vdupq_n_f32(m));
}

/* Four results before they are rounded. */
static inline float32x4_t zip4(const struct ic_step_zip *s, uint32_t op, int16x4_t t1, int16x4_t t2)
{
    if (op == IC_ZIP_ADD)
        return vaddq_f32(scaled(t1, s->m1), scaled(t2, s->m2));
    if (op == IC_ZIP_SUB)
        return vsubq_f32(scaled(t1, s->m1), scaled(t2, s->m2));
    const float32x4_t product = vmulq_f32(vcvtq_f32_s32(vmull_s16(t1, t2)), vdupq_n_f32(s->m1));
    return op == IC_ZIP_MUL ? product
                            : vbslq_f32(vreinterpretq_u32_s32(vshrq_n_s32(vmovl_s16(t1), 31)), product, scaled(t1, s->m2));
}

static inline int16x8_t centred(const uint8_t *x, int32_t zero)
{
    return vsubq_s16(vreinterpretq_s16_u16(vmovl_u8(vld1_u8(x))), vdupq_n_s16((int16_t)zero));
}

static inline void zip_codes(const struct ic_step_zip *s, uint32_t op, const uint8_t *x1, const uint8_t *x2, uint8_t *y)
{
    const int16x8_t t1 = centred(x1, s->z1), t2 = centred(x2, s->z2);
    store8(y, rounded(zip4(s, op, vget_low_s16(t1), vget_low_s16(t2)), s->q_lo, s->q_hi, s->zy),
           rounded(zip4(s, op, vget_high_s16(t1), vget_high_s16(t2)), s->q_lo, s->q_hi, s->zy));
}

static inline void max_codes(uint8_t *y, const uint8_t *x)
{
    vst1_u8(y, vmax_u8(vld1_u8(y), vld1_u8(x)));
}

typedef uint16x8_t sums;

static inline sums no_sums(void)
{
    return vdupq_n_u16(0);
}

static inline sums add_codes(sums all, const uint8_t *x)
{
    return vaddw_u8(all, vld1_u8(x));
}

static inline void take_sums(int32_t *t, sums some)
{
    vst1q_s32(t, vaddq_s32(vld1q_s32(t), vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(some)))));
    vst1q_s32(t + 4, vaddq_s32(vld1q_s32(t + 4), vreinterpretq_s32_u32(vmovl_u16(vget_high_u16(some)))));
}

static inline int32x4_t ended(const int32_t *t, int32_t bias, const struct end *e)
{
    const int32x4_t acc = vsubq_s32(vld1q_s32(t), vdupq_n_s32(bias));
    return rounded(vmulq_f32(vcvtq_f32_s32(acc), vdupq_n_f32(e->m)), e->q_lo, e->q_hi, e->zero);
}

static inline void end_codes(const int32_t *t, int32_t bias, const struct end *e, uint8_t *y)
{
    store8(y, ended(t, bias, e), ended(t + 4, bias, e));
}

static inline int32_t sum_codes(const uint8_t *x, int32_t n)
{
    uint32x4_t sum = vdupq_n_u32(0);
    uint32_t four[4];
    int32_t i = 0;
    for (; i + 16 <= n; i += 16)
        sum = vpadalq_u16(sum, vpaddlq_u8(vld1q_u8(x + i)));
    vst1q_u32(four, sum);
    int32_t total = (int32_t)(four[0] + four[1] + four[2] + four[3]);
    for (; i < n; i++)
        total += x[i];
    return total;
}

#if defined(__aarch64__)
/* 16 elements by four tables of 64: what lies outside a table leaves the element of y as it is. */
static inline void map_codes(const uint8_t *table, const uint8_t *x, uint8_t *y, int64_t n)
{
    uint8x16x4_t parts[4];
    int64_t i = 0;
    for (int k = 0; k < 16; k++)
        parts[k / 4].val[k % 4] = vld1q_u8(table + 16 * k);
    for (; i + 16 <= n; i += 16) {
        const uint8x16_t at = vld1q_u8(x + i);
        uint8x16_t found = vqtbl4q_u8(parts[0], at);
        for (int k = 1; k < 4; k++)
            found = vqtbx4q_u8(found, parts[k], vsubq_u8(at, vdupq_n_u8((uint8_t)(64 * k))));
        vst1q_u8(y + i, found);
    }
    for (; i < n; i++)
        y[i] = table[x[i]];
}
#else
/* Four elements in a word: ARMv7's tables of 32 would take eight steps each, no faster than this. */
static inline void map_codes(const uint8_t *table, const uint8_t *x, uint8_t *y, int64_t n)
{
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
        uint32_t four;
        memcpy(&four, x + i, sizeof four);
        four = (uint32_t)table[four & 255] | (uint32_t)table[four >> 8 & 255] << 8 | (uint32_t)table[four >> 16 & 255] << 16 |
               (uint32_t)table[four >> 24] << 24;
        memcpy(y + i, &four, sizeof four);
    }
    for (; i < n; i++)
        y[i] = table[x[i]];
}
#endif

/* One row of x2 with its t of four rows: lane 0 of each half for even k, lane 1 for odd. */
#define PRODUCT_STEP(q, lane)                                                                                                      \
    do {                                                                                                                           \
        const int16x4_t low = vget_low_s16(q), high = vget_high_s16(q);                                                            \
        sum[0][0] = vmlal_lane_s16(sum[0][0], low, vget_low_s16(both), lane);                                                      \
        sum[0][1] = vmlal_lane_s16(sum[0][1], high, vget_low_s16(both), lane);                                                     \
        sum[1][0] = vmlal_lane_s16(sum[1][0], low, vget_low_s16(both), 2 + lane);                                                  \
        sum[1][1] = vmlal_lane_s16(sum[1][1], high, vget_low_s16(both), 2 + lane);                                                 \
        sum[2][0] = vmlal_lane_s16(sum[2][0], low, vget_high_s16(both), lane);                                                     \
        sum[2][1] = vmlal_lane_s16(sum[2][1], high, vget_high_s16(both), lane);                                                    \
        sum[3][0] = vmlal_lane_s16(sum[3][0], low, vget_high_s16(both), 2 + lane);                                                 \
        sum[3][1] = vmlal_lane_s16(sum[3][1], high, vget_high_s16(both), 2 + lane);                                                \
    } while (0)

static inline void product_tile(const int16_t *t, int32_t n_k, const uint8_t *x2, int64_t step, int32_t acc[][CODES])
{
    int32x4_t sum[PRODUCT_ROWS][2];
    for (int r = 0; r < PRODUCT_ROWS; r++)
        sum[r][0] = sum[r][1] = vdupq_n_s32(0);
    for (int32_t k = 0; k < n_k; k += 2, x2 += 2 * step, t += 2 * PRODUCT_ROWS) {
        const int16x8_t both = vld1q_s16(t);
        const int16x8_t a = centred(x2, 0), b = centred(x2 + (k + 1 < n_k ? step : 0), 0);
        PRODUCT_STEP(a, 0);
        PRODUCT_STEP(b, 1);
    }
    for (int r = 0; r < PRODUCT_ROWS; r++) {
        vst1q_s32(acc[r], sum[r][0]);
        vst1q_s32(acc[r] + 4, sum[r][1]);
    }
}
