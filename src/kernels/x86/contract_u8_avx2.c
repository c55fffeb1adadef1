/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit contraction, AVX2: taps and weights widened to 16 bits, pairs multiplied and added by pmaddwd, which is exact (maddubs saturates).
 * Four taps of four channels fill a register; their two halves are added at the end.
 */
#include "base/os.h"
#include "kernels/contract_u8_sizes.h"
#include "kernels/x86/end_u8.h"

enum { TILE_P = 3, BLOCK = 16, K_BLOCK = 4 };
typedef int16_t tap;

static inline __m256i weights4(const int8_t *w)
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)w));
}

static inline __m256i taps4(const tap *a)
{
    return _mm256_broadcastq_epi64(_mm_loadl_epi64((const __m128i *)(const void *)a));
}

/* sums[16] = from[16] + four registers of [4 channels][2 halves] */
static inline void add_halves(const int32_t *from, int32_t *sums, const __m256i *c)
{
    for (int i = 0; i < 2; i++) {
        const __m256i added = _mm256_permute4x64_epi64(_mm256_hadd_epi32(c[2 * i], c[2 * i + 1]), 0xD8);
        const __m256i before = _mm256_loadu_si256((const __m256i *)(const void *)(from + 8 * i));
        _mm256_storeu_si256((__m256i *)(void *)(sums + 8 * i), _mm256_add_epi32(before, added));
    }
}

#define COLS(X, p) X(p, 0) X(p, 1) X(p, 2) X(p, 3)
#define ZERO(p, v) __m256i c##p##v = _mm256_setzero_si256();
#define LOAD_W(p, v) const __m256i w##v = weights4(w + (size_t)k * BLOCK + 16 * (v));
#define MADD(p, v) c##p##v = _mm256_add_epi32(c##p##v, _mm256_madd_epi16(x##p, w##v));
#define STEP(p)                                                                                                                    \
    {                                                                                                                              \
        const __m256i x##p = taps4(a + (p)*ROW + k);                                                                               \
        COLS(MADD, p)                                                                                                              \
    }
#define FINISH(p) add_halves(from + (p)*pitch, sums + (p)*BLOCK, (const __m256i[]){c##p##0, c##p##1, c##p##2, c##p##3});

static void tile(const tap *a, const int8_t *w, int32_t n, const int32_t *from, int32_t pitch, int32_t *sums)
{
    COLS(ZERO, 0)
    COLS(ZERO, 1)
    COLS(ZERO, 2)
    for (int32_t k = 0; k < n; k += 4) {
        COLS(LOAD_W, 0)
        STEP(0)
        STEP(1)
        STEP(2)
    }
    FINISH(0)
    FINISH(1)
    FINISH(2)
}

static void tile_row(const tap *a, const int8_t *w, int32_t n, const int32_t *from, int32_t *sums)
{
    const int32_t pitch = 0;
    COLS(ZERO, 0)
    for (int32_t k = 0; k < n; k += 4) {
        COLS(LOAD_W, 0)
        STEP(0)
    }
    FINISH(0)
}

static void copy_taps(tap *to, const uint8_t *x, int32_t n)
{
    for (int32_t i = 0; i < n && n < 16; i++)
        to[i] = x[i];
    for (int32_t i = 0; i < n && n >= 16; i += 16) { /* the last vector overlaps the one before */
        const int32_t at = i + 16 <= n ? i : n - 16;
        _mm256_storeu_si256((__m256i *)(void *)(to + at),
                            _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)(x + at))));
    }
}

#include "kernels/contract_u8.h"

const struct ic_kernel ic_kernel_contract_u8_avx2 = {.name = "contract_u8_avx2",
                                                     .kind = IC_STEP_CONTRACT,
                                                     .needs = IC_CPU_AVX2_FMA_F16C,
                                                     .fits = fits,
                                                     .scratch_bytes = scratch_bytes,
                                                     .units = units,
                                                     .run = run};

#include "kernels/grouped.h"

GROUPED_KERNEL(grouped_u8_avx2, IC_CPU_AVX2_FMA_F16C);
