/* SPDX-License-Identifier: Apache-2.0
 *
 * Requantizing on NEON (docs/arithmetic.md 3.2).
 */
#ifndef IC_KERNELS_END_U8_NEON_H
#define IC_KERNELS_END_U8_NEON_H

#include "program/program.h"

#include <arm_neon.h>

/* How the sums of eight channels become codes. */
typedef struct {
    float32x4_t scale[2], lo, hi;
    int32x4_t zero;
} ends_t;

static inline ends_t load_ends(const float *scale, const struct ic_step_contract *s)
{
    return (ends_t){{vld1q_f32(scale), vld1q_f32(scale + 4)},
                    vdupq_n_f32((float)(s->q_lo - s->zy)),
                    vdupq_n_f32((float)(s->q_hi - s->zy)),
                    vdupq_n_s32(s->zy)};
}

/* The clamp leaves less than 2^9, so adding 1.5 * 2^23 rounds to the nearest even integer and leaves it in the low bits. */
static inline int32x4_t requant(int32x4_t acc, float32x4_t scale, const ends_t *e)
{
    const float32x4_t magic = vdupq_n_f32(12582912.0f);
    const float32x4_t p = vminq_f32(vmaxq_f32(vmulq_f32(vcvtq_f32_s32(acc), scale), e->lo), e->hi);
    return vaddq_s32(vsubq_s32(vreinterpretq_s32_f32(vaddq_f32(p, magic)), vreinterpretq_s32_f32(magic)), e->zero);
}

/* Two vectors of codes in 32 bits as bytes. */
static inline void end_codes(int32x4_t low, int32x4_t high, uint8_t *out)
{
    vst1_u8(out, vmovn_u16(vreinterpretq_u16_s16(vcombine_s16(vmovn_s32(low), vmovn_s32(high)))));
}

/* Eight sums to eight codes. */
static inline void end_block(const int32_t *sums, const ends_t *e, uint8_t *out)
{
    end_codes(requant(vld1q_s32(sums), e->scale[0], e), requant(vld1q_s32(sums + 4), e->scale[1], e), out);
}

#endif
