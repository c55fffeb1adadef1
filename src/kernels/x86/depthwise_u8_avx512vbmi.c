/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit depthwise convolution, AVX-512 VNNI and VBMI: the bytes of four taps are laid side by side for each of sixteen channels, whose four
 * products an instruction then adds to 32 bits without saturation.
 */
#include "base/os.h"
#include "kernels/x86/end_u8_avx512.h"

#include <stddef.h>

enum { BLOCK = 16, TOGETHER = 4 };
typedef __m512i sums_t, weights_t;

static inline sums_t load_sums(const int32_t *p)
{
    return _mm512_loadu_si512(p);
}

static inline void end_sums(sums_t s, const ends_t *e, uint8_t *out)
{
    ic_end_avx512(s, e, out);
}

static inline __m128i sixteen(const void *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

/* Byte 4 c + t is byte c of vector t. */
static inline __m512i side_by_side(__m128i a, __m128i b, __m128i c, __m128i d)
{
    const __m512i order = _mm512_add_epi8(
        _mm512_set1_epi32(0x30201000),
        _mm512_mullo_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), _mm512_set1_epi32(0x01010101)));
    const __m512i all = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_inserti128_si256(_mm256_castsi128_si256(a), b, 1)),
                                           _mm256_inserti128_si256(_mm256_castsi128_si256(c), d, 1), 1);
    return _mm512_permutexvar_epi8(order, all);
}

static inline sums_t add_taps(sums_t s, const uint8_t *x, const int8_t *w)
{
    return _mm512_add_epi32(s, _mm512_mullo_epi32(_mm512_cvtepu8_epi32(sixteen(x)), _mm512_cvtepi8_epi32(sixteen(w))));
}

static inline weights_t some_weights(const int8_t *const *w)
{
    return side_by_side(sixteen(w[0]), sixteen(w[1]), sixteen(w[2]), sixteen(w[3]));
}

static inline sums_t add_some(sums_t s, const uint8_t *const *x, ptrdiff_t at, weights_t w)
{
    return _mm512_dpbusd_epi32(s, side_by_side(sixteen(x[0] + at), sixteen(x[1] + at), sixteen(x[2] + at), sixteen(x[3] + at)), w);
}

#include "kernels/depthwise_u8.h"

const struct ic_kernel ic_kernel_depthwise_u8_avx512vbmi = {.name = "depthwise_u8_avx512vbmi",
                                                            .kind = IC_STEP_CONTRACT,
                                                            .needs = IC_CPU_AVX2_FMA_F16C | IC_CPU_AVX512 | IC_CPU_AVX512_VNNI |
                                                                     IC_CPU_AVX512_VBMI,
                                                            .fits = fits,
                                                            .scratch_bytes = scratch_bytes,
                                                            .units = units,
                                                            .run = run};
