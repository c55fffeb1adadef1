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

/* Sixteen sums to sixteen codes. */
static inline void ic_end16_avx2(const int32_t *sums, const float *scale, const struct ic_step_contract *s, uint8_t *out)
{
    const __m256 lo = _mm256_set1_ps((float)(s->q_lo - s->zy)), hi = _mm256_set1_ps((float)(s->q_hi - s->zy));
    const __m256i zero = _mm256_set1_epi32(s->zy), low_bytes = _mm256_set1_epi32(255);
    __m256i q[2];
    for (int i = 0; i < 2; i++) {
        const __m256i acc = _mm256_loadu_si256((const __m256i *)(const void *)(sums + 8 * i));
        q[i] = _mm256_and_si256(ic_requant_avx2(acc, _mm256_loadu_ps(scale + 8 * i), lo, hi, zero), low_bytes);
    }
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packus_epi32(q[0], q[1]), 0xD8);
    const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128((__m128i *)(void *)out, bytes);
}

#endif
