/* SPDX-License-Identifier: Apache-2.0
 *
 * Inner loops of 8-bit ZIP and POOL for NEON, ARMv7 and AArch64 alike.
 */
#include "program/program.h"

#include <arm_neon.h>

enum { CODES = 8 };

/* Four results as 32 bits; rounding as in end_u8_neon.h. */
static inline int32x4_t zip4(const struct ic_step_zip *s, int16x4_t t1, int16x4_t t2)
{
    const float32x4_t magic = vdupq_n_f32(12582912.0f);
    const float32x4_t p1 = vmulq_f32(vcvtq_f32_s32(vmovl_s16(t1)), vdupq_n_f32(s->m1)),
                      p2 = vmulq_f32(vcvtq_f32_s32(vmovl_s16(t2)), vdupq_n_f32(s->m2));
    float32x4_t p = s->op == IC_ZIP_ADD ? vaddq_f32(p1, p2) : vsubq_f32(p1, p2);
    p = vminq_f32(vmaxq_f32(p, vdupq_n_f32((float)(s->q_lo - s->zy))), vdupq_n_f32((float)(s->q_hi - s->zy)));
    return vaddq_s32(vsubq_s32(vreinterpretq_s32_f32(vaddq_f32(p, magic)), vreinterpretq_s32_f32(magic)), vdupq_n_s32(s->zy));
}

static inline void zip_codes(const struct ic_step_zip *s, const uint8_t *x1, const uint8_t *x2, uint8_t *y)
{
    const int16x8_t t1 = vsubq_s16(vreinterpretq_s16_u16(vmovl_u8(vld1_u8(x1))), vdupq_n_s16((int16_t)s->z1));
    const int16x8_t t2 = vsubq_s16(vreinterpretq_s16_u16(vmovl_u8(vld1_u8(x2))), vdupq_n_s16((int16_t)s->z2));
    const int32x4_t low = zip4(s, vget_low_s16(t1), vget_low_s16(t2)), high = zip4(s, vget_high_s16(t1), vget_high_s16(t2));
    vst1_u8(y, vmovn_u16(vreinterpretq_u16_s16(vcombine_s16(vmovn_s32(low), vmovn_s32(high)))));
}

static inline void max_codes(uint8_t *y, const uint8_t *x)
{
    vst1_u8(y, vmax_u8(vld1_u8(y), vld1_u8(x)));
}
