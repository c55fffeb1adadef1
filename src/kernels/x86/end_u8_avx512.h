/* SPDX-License-Identifier: Apache-2.0
 *
 * Requantizing on AVX-512 (docs/arithmetic.md 3.2): as end_u8.h, sixteen sums a register.
 */
#ifndef IC_KERNELS_X86_END_U8_AVX512_H
#define IC_KERNELS_X86_END_U8_AVX512_H

#include "program/program.h"

#include <immintrin.h>

typedef struct {
    __m512 scale, lo, hi;
    __m512i zero;
} ends_t;

static inline ends_t load_ends(const float *scale, const struct ic_step_contract *s)
{
    return (ends_t){_mm512_loadu_ps(scale), _mm512_set1_ps((float)(s->q_lo - s->zy)), _mm512_set1_ps((float)(s->q_hi - s->zy)),
                    _mm512_set1_epi32(s->zy)};
}

static inline void ic_end_avx512(__m512i sums, const ends_t *e, uint8_t *out)
{
    const __m512 p = _mm512_mul_ps(_mm512_cvtepi32_ps(sums), e->scale);
    const __m512i q = _mm512_add_epi32(_mm512_cvtps_epi32(_mm512_min_ps(_mm512_max_ps(p, e->lo), e->hi)), e->zero);
    _mm_storeu_si128((__m128i *)(void *)out, _mm512_cvtepi32_epi8(q));
}

static inline void end_block(const int32_t *sums, const ends_t *e, uint8_t *out)
{
    ic_end_avx512(_mm512_loadu_si512(sums), e, out);
}

#endif
