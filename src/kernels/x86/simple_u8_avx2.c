/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit ZIP and POOL on AVX2.
 */
#include "base/os.h"
#include "program/program.h"

#include <immintrin.h>

enum { CODES = 16 };

static inline __m256 scaled(const uint8_t *x, int32_t zero, float m)
{
    const __m256i t = _mm256_sub_epi32(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)x)),
                                       _mm256_set1_epi32(zero));
    return _mm256_mul_ps(_mm256_cvtepi32_ps(t), _mm256_set1_ps(m));
}

/* Eight results as 32 bits. */
static inline __m256i zip8(const struct ic_step_zip *s, const uint8_t *x1, const uint8_t *x2)
{
    const __m256 p1 = scaled(x1, s->z1, s->m1), p2 = scaled(x2, s->z2, s->m2);
    const __m256 p = s->op == IC_ZIP_ADD ? _mm256_add_ps(p1, p2) : _mm256_sub_ps(p1, p2);
    const __m256 lo = _mm256_set1_ps((float)(s->q_lo - s->zy)), hi = _mm256_set1_ps((float)(s->q_hi - s->zy));
    return _mm256_add_epi32(_mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(p, lo), hi)), _mm256_set1_epi32(s->zy));
}

static inline void zip_codes(const struct ic_step_zip *s, const uint8_t *x1, const uint8_t *x2, uint8_t *y)
{
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packus_epi32(zip8(s, x1, x2), zip8(s, x1 + 8, x2 + 8)), 0xD8);
    _mm_storeu_si128((__m128i *)(void *)y, _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}

static inline void max_codes(uint8_t *y, const uint8_t *x)
{
    const __m128i a = _mm_loadu_si128((const __m128i *)(const void *)y), b = _mm_loadu_si128((const __m128i *)(const void *)x);
    _mm_storeu_si128((__m128i *)(void *)y, _mm_max_epu8(a, b));
}

#include "kernels/simple_u8.h"

SIMPLE_KERNELS(avx2, IC_CPU_AVX2_FMA_F16C);
