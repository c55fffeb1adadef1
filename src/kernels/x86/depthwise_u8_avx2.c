/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit depthwise convolution, AVX2: one tap and its weight in the low half of 32 bits, or two of each side by side, so that pmaddwd is one exact
 * product, or the sum of two.
 */
#include "base/os.h"
#include "kernels/x86/end_u8.h"

#include <stddef.h>

enum { BLOCK = 16, TOGETHER = 2 };
typedef struct {
    __m256i low, high;
} sums_t;

static inline sums_t load_sums(const int32_t *p)
{
    return (sums_t){_mm256_loadu_si256((const __m256i *)(const void *)p),
                    _mm256_loadu_si256((const __m256i *)(const void *)(p + 8))};
}

static inline void end_sums(sums_t s, const ends_t *e, uint8_t *out)
{
    ic_store16_avx2(out, ic_requant_avx2(s.low, e->scale[0], e->lo, e->hi, e->zero),
                    ic_requant_avx2(s.high, e->scale[1], e->lo, e->hi, e->zero));
}

static inline __m256i products(const uint8_t *x, const int8_t *w)
{
    return _mm256_madd_epi16(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)x)),
                             _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)w)));
}

static inline sums_t add_taps(sums_t s, const uint8_t *x, const int8_t *w)
{
    return (sums_t){_mm256_add_epi32(s.low, products(x, w)), _mm256_add_epi32(s.high, products(x + 8, w + 8))};
}

typedef sums_t weights_t; /* of the lower and the upper channels, pairs of 16 bits */

static inline weights_t some_weights(const int8_t *const *w)
{
    const __m128i a = _mm_loadu_si128((const __m128i *)(const void *)w[0]),
                  b = _mm_loadu_si128((const __m128i *)(const void *)w[1]);
    return (weights_t){_mm256_cvtepi8_epi16(_mm_unpacklo_epi8(a, b)), _mm256_cvtepi8_epi16(_mm_unpackhi_epi8(a, b))};
}

static inline sums_t add_some(sums_t s, const uint8_t *const *x, ptrdiff_t at, weights_t w)
{
    const __m128i a = _mm_loadu_si128((const __m128i *)(const void *)(x[0] + at)),
                  b = _mm_loadu_si128((const __m128i *)(const void *)(x[1] + at));
    return (sums_t){_mm256_add_epi32(s.low, _mm256_madd_epi16(_mm256_cvtepu8_epi16(_mm_unpacklo_epi8(a, b)), w.low)),
                    _mm256_add_epi32(s.high, _mm256_madd_epi16(_mm256_cvtepu8_epi16(_mm_unpackhi_epi8(a, b)), w.high))};
}

#include "kernels/depthwise_u8.h"

const struct ic_kernel ic_kernel_depthwise_u8_avx2 = {.name = "depthwise_u8_avx2",
                                                      .kind = IC_STEP_CONTRACT,
                                                      .needs = IC_CPU_AVX2_FMA_F16C,
                                                      .fits = fits,
                                                      .scratch_bytes = scratch_bytes,
                                                      .units = units,
                                                      .run = run};
