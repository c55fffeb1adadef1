/* SPDX-License-Identifier: Apache-2.0
 *
 * Requantizing on NEON (docs/arithmetic.md 3.2).
 */
#ifndef IC_KERNELS_END_U8_NEON_H
#define IC_KERNELS_END_U8_NEON_H

#include "program/program.h"

#include <arm_neon.h>

/* The clamp leaves less than 2^9, so adding 1.5 * 2^23 rounds to the nearest even integer and leaves it in the low bits. */
static inline int32x4_t requant(int32x4_t acc, float32x4_t scale, const struct ic_step_contract *s)
{
    const float32x4_t magic = vdupq_n_f32(12582912.0f);
    float32x4_t p = vmulq_f32(vcvtq_f32_s32(acc), scale);
    p = vminq_f32(vmaxq_f32(p, vdupq_n_f32((float)(s->q_lo - s->zy))), vdupq_n_f32((float)(s->q_hi - s->zy)));
    const int32x4_t q = vsubq_s32(vreinterpretq_s32_f32(vaddq_f32(p, magic)), vreinterpretq_s32_f32(magic));
    return vaddq_s32(q, vdupq_n_s32(s->zy));
}

/* Eight sums to eight codes. */
static inline void end_block(const int32_t *sums, const float *scale, const struct ic_step_contract *s, uint8_t *out)
{
    const int32x4_t low = requant(vld1q_s32(sums), vld1q_f32(scale), s),
                    high = requant(vld1q_s32(sums + 4), vld1q_f32(scale + 4), s);
    vst1_u8(out, vmovn_u16(vreinterpretq_u16_s16(vcombine_s16(vmovn_s32(low), vmovn_s32(high)))));
}

#endif
