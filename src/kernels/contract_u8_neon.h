/* SPDX-License-Identifier: Apache-2.0
 *
 * Inner loops of the 8-bit contraction for NEON, ARMv7 and AArch64 alike: taps as 16 bits, weights widened, vmlal. Exact for -128 too.
 */
#include "kernels/contract_u8_sizes.h"
#include "kernels/end_u8_neon.h"

enum { TILE_P = 4, BLOCK = 8, K_BLOCK = 1 };
typedef int16_t tap;

#define LOAD(p) int32x4_t c##p##0 = vld1q_s32(from + (p)*pitch), c##p##1 = vld1q_s32(from + (p)*pitch + 4);
#define STORE(p)                                                                                                                   \
    vst1q_s32(sums + (p)*BLOCK, c##p##0);                                                                                          \
    vst1q_s32(sums + (p)*BLOCK + 4, c##p##1);
#define TAPS(p) const int16x4_t x##p = vld1_s16(a + (p)*ROW + k);
#define MLAL(p, lane)                                                                                                              \
    c##p##0 = vmlal_lane_s16(c##p##0, vget_low_s16(wk), x##p, lane);                                                               \
    c##p##1 = vmlal_lane_s16(c##p##1, vget_high_s16(wk), x##p, lane);
#define ONE(p)                                                                                                                     \
    c##p##0 = vmlal_n_s16(c##p##0, vget_low_s16(wk), a[(p)*ROW + k]);                                                              \
    c##p##1 = vmlal_n_s16(c##p##1, vget_high_s16(wk), a[(p)*ROW + k]);
#define COLUMN(lane, ROWS_OF)                                                                                                      \
    {                                                                                                                              \
        const int16x8_t wk = vmovl_s8(vld1_s8(w + (size_t)(k + (lane)) * BLOCK));                                                  \
        ROWS_OF(lane)                                                                                                              \
    }
#define FOUR_ROWS(lane) MLAL(0, lane) MLAL(1, lane) MLAL(2, lane) MLAL(3, lane)
#define ONE_ROW(lane) MLAL(0, lane)

static void tile(const tap *a, const int8_t *w, int32_t n, const int32_t *from, int32_t pitch, int32_t *sums)
{
    int32_t k = 0;
    LOAD(0) LOAD(1) LOAD(2) LOAD(3) for (; k + 4 <= n; k += 4)
    {
        TAPS(0) TAPS(1) TAPS(2) TAPS(3) COLUMN(0, FOUR_ROWS) COLUMN(1, FOUR_ROWS) COLUMN(2, FOUR_ROWS) COLUMN(3, FOUR_ROWS)
    }
    for (; k < n; k++) {
        const int16x8_t wk = vmovl_s8(vld1_s8(w + (size_t)k * BLOCK));
        ONE(0) ONE(1) ONE(2) ONE(3)
    }
    STORE(0) STORE(1) STORE(2) STORE(3)
}

static void tile_row(const tap *a, const int8_t *w, int32_t n, const int32_t *from, int32_t *sums)
{
    const int32_t pitch = 0;
    int32_t k = 0;
    LOAD(0)
    for (; k + 4 <= n; k += 4) {
        TAPS(0)
        COLUMN(0, ONE_ROW) COLUMN(1, ONE_ROW) COLUMN(2, ONE_ROW) COLUMN(3, ONE_ROW)
    }
    for (; k < n; k++) {
        const int16x8_t wk = vmovl_s8(vld1_s8(w + (size_t)k * BLOCK));
        ONE(0)
    }
    STORE(0)
}

static void copy_taps(tap *to, const uint8_t *x, int32_t n)
{
    int32_t i = 0;
    for (; i + 8 <= n; i += 8)
        vst1q_s16(to + i, vreinterpretq_s16_u16(vmovl_u8(vld1_u8(x + i))));
    for (; i < n; i++)
        to[i] = x[i];
}
