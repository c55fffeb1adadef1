/* SPDX-License-Identifier: Apache-2.0
 *
 * The vector operations of vec_avx2.h, sixteen floats wide.
 */
#ifndef IC_KERNELS_X86_VEC_AVX512_H
#define IC_KERNELS_X86_VEC_AVX512_H

#include <immintrin.h>
#include <stdint.h>

typedef __m512 vf;
#define VF_NAME(name) name##_avx512
enum { VF = 16 };

static inline vf vf_load(const float *p)
{
    return _mm512_loadu_ps(p);
}
static inline void vf_store(float *p, vf v)
{
    _mm512_storeu_ps(p, v);
}
static inline vf vf_dup(const float *p)
{
    return _mm512_set1_ps(*p);
}
static inline vf vf_set(float x)
{
    return _mm512_set1_ps(x);
}
static inline vf vf_zero(void)
{
    return _mm512_setzero_ps();
}
static inline vf vf_fma(vf x, vf w, vf acc)
{
    return _mm512_fmadd_ps(x, w, acc);
}
static inline vf vf_add(vf a, vf b)
{
    return _mm512_add_ps(a, b);
}
static inline vf vf_mul(vf a, vf b)
{
    return _mm512_mul_ps(a, b);
}
static inline vf vf_load_half(const uint16_t *p)
{
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)p));
}
static inline void vf_store_half(uint16_t *p, vf v)
{
    _mm256_storeu_si256((__m256i *)(void *)p, _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}
static inline vf vf_round_half(vf v)
{
    return _mm512_cvtph_ps(_mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}
static inline vf vf_canonical(vf v)
{
    const vf nan = _mm512_castsi512_ps(_mm512_set1_epi32(0x7FC00000));
    return _mm512_mask_mov_ps(v, _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q), nan);
}
static inline vf vf_clamp(vf v, vf lo, vf hi)
{
    const vf nan = _mm512_castsi512_ps(_mm512_set1_epi32(0x7FC00000));
    return _mm512_mask_mov_ps(_mm512_min_ps(_mm512_max_ps(v, lo), hi), _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q), nan);
}
static inline vf vf_div(vf a, vf b)
{
    return _mm512_div_ps(a, b);
}
/* a < b ? x : y, y where one is NaN */
static inline vf vf_if_less(vf a, vf b, vf x, vf y)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), y, x);
}
static inline vf vf_abs(vf v)
{
    return _mm512_abs_ps(v);
}
/* |v| with the sign of s */
static inline vf vf_copysign(vf v, vf s)
{
    const __m512i sign = _mm512_and_si512(_mm512_set1_epi32(INT32_MIN), _mm512_castps_si512(s));
    return _mm512_castsi512_ps(_mm512_or_si512(_mm512_castps_si512(_mm512_abs_ps(v)), sign));
}
/* v * 2^n for whole n of -252 to 254, in two factors */
static inline vf vf_scale(vf v, vf n)
{
    const __m512i k = _mm512_cvtps_epi32(n), half = _mm512_srai_epi32(_mm512_add_epi32(k, _mm512_srli_epi32(k, 31)), 1);
    const __m512i bias = _mm512_set1_epi32(127);
    const __m512i first = _mm512_slli_epi32(_mm512_add_epi32(half, bias), 23);
    const __m512i second = _mm512_slli_epi32(_mm512_add_epi32(_mm512_sub_epi32(k, half), bias), 23);
    return _mm512_mul_ps(_mm512_mul_ps(v, _mm512_castsi512_ps(first)), _mm512_castsi512_ps(second));
}

#endif
