/* SPDX-License-Identifier: Apache-2.0
 *
 * The vector operations of x86/vec_avx2.h for NEON: ARMv7 with VFPv4 (fused multiply-add, half precision) and AArch64.
 */
#ifndef IC_KERNELS_VEC_NEON_H
#define IC_KERNELS_VEC_NEON_H

#include <arm_neon.h>
#include <stdbool.h>
#include <string.h>

typedef float32x4_t vf;
#define VF_NAME(name) name##_neon
enum { VF = 4 };

static inline vf vf_load(const float *p)
{
    return vld1q_f32(p);
}
static inline void vf_store(float *p, vf v)
{
    vst1q_f32(p, v);
}
static inline vf vf_dup(const float *p)
{
    return vld1q_dup_f32(p);
}
static inline vf vf_set(float x)
{
    return vdupq_n_f32(x);
}
static inline vf vf_zero(void)
{
    return vdupq_n_f32(0.0f);
}
static inline vf vf_fma(vf x, vf w, vf acc)
{
    return vfmaq_f32(acc, x, w);
}
static inline vf vf_add(vf a, vf b)
{
    return vaddq_f32(a, b);
}
static inline vf vf_mul(vf a, vf b)
{
    return vmulq_f32(a, b);
}
static inline vf vf_load_half(const uint16_t *p)
{
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)));
}
static inline void vf_store_half(uint16_t *p, vf v)
{
    vst1_u16(p, vreinterpret_u16_f16(vcvt_f16_f32(v)));
}
static inline vf vf_round_half(vf v)
{
    return vcvt_f32_f16(vcvt_f16_f32(v));
}
/* Denormals become zeros of their sign. */
static inline vf vf_flush(vf v)
{
    const uint32x4_t u = vreinterpretq_u32_f32(v);
    return vreinterpretq_f32_u32(vandq_u32(u, vorrq_u32(vtstq_u32(u, vdupq_n_u32(0x7F800000u)), vdupq_n_u32(0x80000000u))));
}
static inline vf vf_canonical(vf v)
{
    return vbslq_f32(vceqq_f32(v, v), v, vreinterpretq_f32_u32(vdupq_n_u32(0x7FC00000u)));
}
/* NEON's own rules are those of docs/arithmetic.md 2.5. */
static inline vf vf_max(vf a, vf b)
{
    return vmaxq_f32(a, b);
}
static inline vf vf_clamp(vf v, vf lo, vf hi)
{
    return vminq_f32(vmaxq_f32(v, lo), hi);
}
/* NaN becomes zero. */
static inline vf vf_number(vf v)
{
    return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(v), vceqq_f32(v, v)));
}
/* VF codes less their zero point. */
static inline vf vf_load_codes(const uint8_t *x, int32_t zero)
{
    uint32_t four;
    memcpy(&four, x, sizeof four);
    const int16x4_t q = vget_low_s16(vreinterpretq_s16_u16(vmovl_u8(vreinterpret_u8_u32(vdup_n_u32(four)))));
    return vcvtq_f32_s32(vsubq_s32(vmovl_s16(q), vdupq_n_s32(zero)));
}
/* The nearest whole numbers, ties to even, plus zero, which are 0 to 255: adding 1.5 * 2^23 rounds and leaves them in the low bits. */
static inline void vf_store_codes(uint8_t *y, vf v, int32_t zero)
{
    const float32x4_t magic = vdupq_n_f32(12582912.0f);
    const int32x4_t q = vsubq_s32(vreinterpretq_s32_f32(vaddq_f32(v, magic)), vreinterpretq_s32_f32(magic));
    const uint16x4_t words = vreinterpret_u16_s16(vmovn_s32(vaddq_s32(q, vdupq_n_s32(zero))));
    const uint32_t four = vget_lane_u32(vreinterpret_u32_u8(vmovn_u16(vcombine_u16(words, words))), 0);
    memcpy(y, &four, sizeof four);
}
static inline vf vf_div(vf a, vf b)
{
#if defined(__aarch64__)
    return vdivq_f32(a, b);
#else /* one by one: ARMv7 has no vector division, and its estimate is not rounded right */
    float x[4], y[4];
    vst1q_f32(x, a);
    vst1q_f32(y, b);
    for (int i = 0; i < 4; i++)
        x[i] = x[i] / y[i];
    return vld1q_f32(x);
#endif
}
/* a < b ? x : y, y where one is NaN */
static inline vf vf_if_less(vf a, vf b, vf x, vf y)
{
    return vbslq_f32(vcltq_f32(a, b), x, y);
}
static inline vf vf_abs(vf v)
{
    return vabsq_f32(v);
}
/* |v| with the sign of s */
static inline vf vf_copysign(vf v, vf s)
{
    return vbslq_f32(vdupq_n_u32(0x80000000u), s, v);
}
/* v * 2^n for whole n of -252 to 254, in two factors */
static inline vf vf_scale(vf v, vf n)
{
    const int32x4_t k = vcvtq_s32_f32(n);
    const int32x4_t half = vshrq_n_s32(vaddq_s32(k, vreinterpretq_s32_u32(vshrq_n_u32(vreinterpretq_u32_s32(k), 31))), 1);
    const int32x4_t first = vshlq_n_s32(vaddq_s32(half, vdupq_n_s32(127)), 23);
    const int32x4_t second = vshlq_n_s32(vaddq_s32(vsubq_s32(k, half), vdupq_n_s32(127)), 23);
    return vmulq_f32(vmulq_f32(v, vreinterpretq_f32_s32(first)), vreinterpretq_f32_s32(second));
}

#if defined(__arm__)
/* ARMv7's vector loads have no offset, but count their pointer up for nothing, which gcc 12 does not find by itself. */
#define VF_COUNTS_UP
static inline vf vf_next_dup(const float **p)
{
    vf x;
    const float *at = *p;
    __asm__("vld1.32 {%e0[], %f0[]}, [%1]!" : "=w"(x), "+r"(at) : "m"(**p));
    *p = at;
    return x;
}

static inline float32x4_t vf_next(const uint8_t **p)
{
    float32x4_t x;
    const uint8_t *at = *p;
    __asm__("vld1.32 {%e0, %f0}, [%1]!" : "=w"(x), "+r"(at) : "m"(*(const uint8_t(*)[16]) * p));
    *p = at;
    return x;
}

/* Eight weights. */
static inline void vf_next_pair(const uint8_t **p, bool half, vf *out)
{
    if (half) {
        const uint16x8_t h = vreinterpretq_u16_f32(vf_next(p));
        out[0] = vcvt_f32_f16(vreinterpret_f16_u16(vget_low_u16(h)));
        out[1] = vcvt_f32_f16(vreinterpret_f16_u16(vget_high_u16(h)));
    } else {
        out[0] = vf_next(p);
        out[1] = vf_next(p);
    }
}
#endif

#endif
