/* SPDX-License-Identifier: Apache-2.0
 *
 * Inner loops of the 8-bit depthwise convolution for NEON, ARMv7 and AArch64 alike.
 */
#include "kernels/end_u8_neon.h"

#include <stddef.h>

enum { BLOCK = 8, TOGETHER = 2 };
typedef struct {
    int32x4_t low, high;
} sums_t;

static inline sums_t load_sums(const int32_t *p)
{
    return (sums_t){vld1q_s32(p), vld1q_s32(p + 4)};
}

static inline void end_sums(sums_t s, const ends_t *e, uint8_t *out)
{
    end_codes(requant(s.low, e->scale[0], e), requant(s.high, e->scale[1], e), out);
}

typedef struct {
    int16x8_t first, second;
} weights_t;

static inline weights_t some_weights(const int8_t *const *w)
{
    return (weights_t){vmovl_s8(vld1_s8(w[0])), vmovl_s8(vld1_s8(w[1]))};
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

static inline sums_t add_some(sums_t s, const uint8_t *const *x, ptrdiff_t at, weights_t w)
{
    return add_one(add_one(s, x[0] + at, w.first), x[1] + at, w.second);
}
