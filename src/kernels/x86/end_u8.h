/* SPDX-License-Identifier: Apache-2.0
 *
 * Requantizing on AVX2 (docs/arithmetic.md 3.2): the clamp keeps the rounding conversion away from its invalid result.
 */
#ifndef IC_KERNELS_X86_END_U8_H
#define IC_KERNELS_X86_END_U8_H

#include "program/program.h"

#include <immintrin.h>

static inline __m256i ic_requant_avx2(__m256i acc, __m256 scale, __m256 lo, __m256 hi, __m256i zero)
{
    const __m256 p = _mm256_mul_ps(_mm256_cvtepi32_ps(acc), scale);
    return _mm256_add_epi32(_mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(p, lo), hi)), zero);
}

/* How the sums of sixteen channels become codes. */
typedef struct {
    __m256 scale[2], lo, hi;
    __m256i zero;
} ends_t;

static inline ends_t load_ends(const float *scale, const struct ic_step_contract *s)
{
    return (ends_t){{_mm256_loadu_ps(scale), _mm256_loadu_ps(scale + 8)},
                    _mm256_set1_ps((float)(s->q_lo - s->zy)),
                    _mm256_set1_ps((float)(s->q_hi - s->zy)),
                    _mm256_set1_epi32(s->zy)};
}

/* Two vectors of codes in 32 bits, 0 to 255 or -128 to 127, as bytes. */
static inline void ic_store16_avx2(uint8_t *y, __m256i first, __m256i second)
{
    const __m256i low = _mm256_set1_epi32(255);
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packus_epi32(_mm256_and_si256(first, low), _mm256_and_si256(second, low)),
                                                   0xD8);
    _mm_storeu_si128((__m128i *)(void *)y, _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}

/* Sixteen sums to sixteen codes. */
static inline void end_block(const int32_t *sums, const ends_t *e, uint8_t *out)
{
    const __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)sums),
                  high = _mm256_loadu_si256((const __m256i *)(const void *)(sums + 8));
    ic_store16_avx2(out, ic_requant_avx2(low, e->scale[0], e->lo, e->hi, e->zero),
                    ic_requant_avx2(high, e->scale[1], e->lo, e->hi, e->zero));
}

#endif
