/* SPDX-License-Identifier: Apache-2.0
 *
 * The few vector operations that the float kernels are written in, for AVX2 with FMA and F16C. Same names in vec_avx512.h, vec_neon.h.
 */
#ifndef IC_KERNELS_X86_VEC_AVX2_H
#define IC_KERNELS_X86_VEC_AVX2_H

#include <immintrin.h>
#include <stdint.h>

typedef __m256 vf;
#define VF_NAME(name) name##_avx2
enum { VF = 8 };

static inline vf vf_load(const float *p)
{
    return _mm256_loadu_ps(p);
}
static inline void vf_store(float *p, vf v)
{
    _mm256_storeu_ps(p, v);
}
static inline vf vf_dup(const float *p)
{
    return _mm256_broadcast_ss(p);
}
static inline vf vf_set(float x)
{
    return _mm256_set1_ps(x);
}
static inline vf vf_zero(void)
{
    return _mm256_setzero_ps();
}
static inline vf vf_fma(vf x, vf w, vf acc)
{
    return _mm256_fmadd_ps(x, w, acc);
}
static inline vf vf_add(vf a, vf b)
{
    return _mm256_add_ps(a, b);
}
static inline vf vf_mul(vf a, vf b)
{
    return _mm256_mul_ps(a, b);
}
static inline vf vf_load_half(const uint16_t *p)
{
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)p));
}
static inline void vf_store_half(uint16_t *p, vf v)
{
    _mm_storeu_si128((__m128i *)(void *)p, _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}
static inline vf vf_round_half(vf v)
{
    return _mm256_cvtph_ps(_mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}
/* Denormals become zeros of their sign (by bits: a compiler drops a multiplication by one). */
static inline vf vf_flush(vf v)
{
    const __m256i exponent = _mm256_and_si256(_mm256_castps_si256(v), _mm256_set1_epi32(0x7F800000));
    const __m256i small = _mm256_cmpeq_epi32(exponent, _mm256_setzero_si256());
    return _mm256_castsi256_ps(_mm256_andnot_si256(_mm256_and_si256(small, _mm256_set1_epi32(0x7FFFFFFF)), _mm256_castps_si256(v)));
}
/* NaN becomes 0x7fc00000 */
static inline vf vf_canonical(vf v)
{
    const vf nan = _mm256_castsi256_ps(_mm256_set1_epi32(0x7FC00000));
    return _mm256_blendv_ps(v, nan, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
}
/* min(max(v, lo), hi) by docs/arithmetic.md 2.5, for lo other than -0 and hi other than zero: maxps gives its second operand when both are
 * zero, and when one is NaN. */
static inline vf vf_clamp(vf v, vf lo, vf hi)
{
    const vf nan = _mm256_castsi256_ps(_mm256_set1_epi32(0x7FC00000));
    return _mm256_blendv_ps(_mm256_min_ps(_mm256_max_ps(v, lo), hi), nan, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
}
/* NaN wins, -0 < +0: maxps gives its second operand for two zeros, so both orders are taken and their bits joined. */
static inline vf vf_max(vf a, vf b)
{
    const vf nan = _mm256_castsi256_ps(_mm256_set1_epi32(0x7FC00000));
    return _mm256_blendv_ps(_mm256_and_ps(_mm256_max_ps(a, b), _mm256_max_ps(b, a)), nan, _mm256_cmp_ps(a, b, _CMP_UNORD_Q));
}
/* NaN becomes zero. */
static inline vf vf_number(vf v)
{
    return _mm256_and_ps(v, _mm256_cmp_ps(v, v, _CMP_ORD_Q));
}
/* VF codes less their zero point. */
static inline vf vf_load_codes(const uint8_t *x, int32_t zero)
{
    const __m256i q = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)x));
    return _mm256_cvtepi32_ps(_mm256_sub_epi32(q, _mm256_set1_epi32(zero)));
}
/* The nearest whole numbers, ties to even, plus zero, which are 0 to 255. */
static inline void vf_store_codes(uint8_t *y, vf v, int32_t zero)
{
    const __m256i q = _mm256_add_epi32(_mm256_cvtps_epi32(v), _mm256_set1_epi32(zero));
    const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1));
    _mm_storel_epi64((__m128i *)(void *)y, _mm_packus_epi16(words, words));
}
static inline vf vf_div(vf a, vf b)
{
    return _mm256_div_ps(a, b);
}
/* a < b ? x : y, y where one is NaN */
static inline vf vf_if_less(vf a, vf b, vf x, vf y)
{
    return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}
static inline vf vf_abs(vf v)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v);
}
/* |v| with the sign of s */
static inline vf vf_copysign(vf v, vf s)
{
    const vf sign = _mm256_set1_ps(-0.0f);
    return _mm256_or_ps(_mm256_andnot_ps(sign, v), _mm256_and_ps(sign, s));
}
/* v * 2^n for whole n of -252 to 254, in two factors */
static inline vf vf_scale(vf v, vf n)
{
    const __m256i k = _mm256_cvtps_epi32(n), half = _mm256_srai_epi32(_mm256_add_epi32(k, _mm256_srli_epi32(k, 31)), 1);
    const __m256i bias = _mm256_set1_epi32(127);
    const __m256i first = _mm256_slli_epi32(_mm256_add_epi32(half, bias), 23);
    const __m256i second = _mm256_slli_epi32(_mm256_add_epi32(_mm256_sub_epi32(k, half), bias), 23);
    return _mm256_mul_ps(_mm256_mul_ps(v, _mm256_castsi256_ps(first)), _mm256_castsi256_ps(second));
}

#endif
