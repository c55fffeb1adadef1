/* SPDX-License-Identifier: Apache-2.0
 *
 * Inner loops of the 8-bit depthwise convolution for NEON, ARMv7 and AArch64 alike.
 */
#include "kernels/end_u8_neon.h"

enum { BLOCK = 8 };
typedef struct {
    int32x4_t low, high;
} sums_t;

static inline sums_t load_sums(const int32_t *p)
{
    return (sums_t){vld1q_s32(p), vld1q_s32(p + 4)};
}

static inline void store_sums(int32_t *p, sums_t s)
{
    vst1q_s32(p, s.low);
    vst1q_s32(p + 4, s.high);
}

typedef struct {
    int16x8_t first, second;
} weights_t;

static inline weights_t two_weights(const int8_t *w0, const int8_t *w1)
{
    return (weights_t){vmovl_s8(vld1_s8(w0)), vmovl_s8(vld1_s8(w1))};
}

static inline sums_t add_one(sums_t s, const uint8_t *x, int16x8_t w)
{
    const int16x8_t xs = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(x)));
    return (sums_t){vmlal_s16(s.low, vget_low_s16(xs), vget_low_s16(w)), vmlal_s16(s.high, vget_high_s16(xs), vget_high_s16(w))};
}

static inline sums_t add_taps(sums_t s, const uint8_t *x, const int8_t *w)
{
    return add_one(s, x, vmovl_s8(vld1_s8(w)));
}

static inline sums_t add_two(sums_t s, const uint8_t *x0, const uint8_t *x1, weights_t w)
{
    return add_one(add_one(s, x0, w.first), x1, w.second);
}
