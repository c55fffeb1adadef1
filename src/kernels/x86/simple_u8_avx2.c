/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit ZIP, POOL, REDUCE, LUT and PRODUCT on AVX2.
 */
#include "base/os.h"
#include "kernels/x86/end_u8.h"

#include <string.h>

enum { CODES = 16, PRODUCT_ROWS = 4 };

/* How a sum becomes a code. */
struct end {
    float m;
    int32_t zero, q_lo, q_hi;
};

/* Eight codes less their zero point, exact in float, as are products of two. */
static inline __m256 centred(const uint8_t *x, int32_t zero)
{
    const __m256i q = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)x));
    return _mm256_cvtepi32_ps(_mm256_sub_epi32(q, _mm256_set1_epi32(zero)));
}

/* Eight results before they are rounded. */
static inline __m256 zip8(const struct ic_step_zip *s, uint32_t op, const uint8_t *x1, const uint8_t *x2)
{
    const __m256 t1 = centred(x1, s->z1), t2 = centred(x2, s->z2), m1 = _mm256_set1_ps(s->m1), m2 = _mm256_set1_ps(s->m2);
    if (op == IC_ZIP_ADD)
        return _mm256_add_ps(_mm256_mul_ps(t1, m1), _mm256_mul_ps(t2, m2));
    if (op == IC_ZIP_SUB)
        return _mm256_sub_ps(_mm256_mul_ps(t1, m1), _mm256_mul_ps(t2, m2));
    const __m256 product = _mm256_mul_ps(_mm256_mul_ps(t1, t2), m1);
    return op == IC_ZIP_MUL ? product : _mm256_blendv_ps(_mm256_mul_ps(t1, m2), product, t1); /* by the sign of t1 */
}

static inline __m256i rounded(__m256 p, __m256 lo, __m256 hi, __m256i zero)
{
    return _mm256_add_epi32(_mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(p, lo), hi)), zero);
}

static inline void zip_codes(const struct ic_step_zip *s, uint32_t op, const uint8_t *x1, const uint8_t *x2, uint8_t *y)
{
    const __m256 lo = _mm256_set1_ps((float)(s->q_lo - s->zy)), hi = _mm256_set1_ps((float)(s->q_hi - s->zy));
    const __m256i zero = _mm256_set1_epi32(s->zy);
    ic_store16_avx2(y, rounded(zip8(s, op, x1, x2), lo, hi, zero), rounded(zip8(s, op, x1 + 8, x2 + 8), lo, hi, zero));
}

static inline void max_codes(uint8_t *y, const uint8_t *x)
{
    const __m128i a = _mm_loadu_si128((const __m128i *)(const void *)y), b = _mm_loadu_si128((const __m128i *)(const void *)x);
    _mm_storeu_si128((__m128i *)(void *)y, _mm_max_epu8(a, b));
}

typedef __m256i sums;

static inline sums no_sums(void)
{
    return _mm256_setzero_si256();
}

static inline sums add_codes(sums all, const uint8_t *x)
{
    return _mm256_add_epi16(all, _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)x)));
}

static inline void take_sums(int32_t *t, sums some)
{
    const __m256i halves[2] = {_mm256_cvtepu16_epi32(_mm256_castsi256_si128(some)),
                               _mm256_cvtepu16_epi32(_mm256_extracti128_si256(some, 1))};
    for (int i = 0; i < 2; i++) {
        __m256i *at = (__m256i *)(void *)(t + 8 * i);
        _mm256_storeu_si256(at, _mm256_add_epi32(_mm256_loadu_si256(at), halves[i]));
    }
}

static inline void end_codes(const int32_t *t, int32_t bias, const struct end *e, uint8_t *y)
{
    const __m256 lo = _mm256_set1_ps((float)(e->q_lo - e->zero)), hi = _mm256_set1_ps((float)(e->q_hi - e->zero));
    __m256i q[2];
    for (int i = 0; i < 2; i++) {
        const __m256i acc = _mm256_sub_epi32(_mm256_loadu_si256((const __m256i *)(const void *)(t + 8 * i)),
                                             _mm256_set1_epi32(bias));
        q[i] = ic_requant_avx2(acc, _mm256_set1_ps(e->m), lo, hi, _mm256_set1_epi32(e->zero));
    }
    ic_store16_avx2(y, q[0], q[1]);
}

static inline int32_t sum_codes(const uint8_t *x, int32_t n)
{
    __m256i sum = _mm256_setzero_si256();
    int32_t i = 0;
    for (; i + 32 <= n; i += 32)
        sum = _mm256_add_epi64(sum,
                               _mm256_sad_epu8(_mm256_loadu_si256((const __m256i *)(const void *)(x + i)), _mm256_setzero_si256()));
    const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    int32_t total = _mm_cvtsi128_si32(two) + _mm_extract_epi32(two, 2);
    for (; i < n; i++)
        total += x[i];
    return total;
}

/* 32 elements by sixteen tables of 16: an element whose high four bits are not the table's is moved to 128 and above, where a shuffle gives 0. */
static inline __m256i look_up(const uint8_t *table, __m256i x)
{
    __m256i y = _mm256_setzero_si256();
    for (int i = 0; i < 16; i++) {
        const __m256i part = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)(table + 16 * i)));
        const __m256i at = _mm256_adds_epu8(_mm256_xor_si256(x, _mm256_set1_epi8((char)(16 * i))), _mm256_set1_epi8(0x70));
        y = _mm256_or_si256(y, _mm256_shuffle_epi8(part, at));
    }
    return y;
}

static inline void map_codes(const uint8_t *table, const uint8_t *x, uint8_t *y, int64_t n)
{
    int64_t i = 0;
    for (; i + 64 <= n; i += 64) {
        const __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(x + i)),
                      b = _mm256_loadu_si256((const __m256i *)(const void *)(x + i + 32));
        const __m256i of_a = look_up(table, a), of_b = look_up(table, b);
        _mm256_storeu_si256((__m256i *)(void *)(y + i), of_a);
        _mm256_storeu_si256((__m256i *)(void *)(y + i + 32), of_b);
    }
    for (; i < n; i++)
        y[i] = table[x[i]];
}

/* Two rows of x2 in pairs of 16 bits, which madd multiplies with a pair of t and adds. */
static inline void product_tile(const int16_t *t, int32_t n_k, const uint8_t *x2, int64_t step, int32_t acc[][CODES])
{
    __m256i sum[PRODUCT_ROWS][2];
    for (int r = 0; r < PRODUCT_ROWS; r++)
        sum[r][0] = sum[r][1] = _mm256_setzero_si256();
    for (int32_t k = 0; k < n_k; k += 2, x2 += 2 * step, t += 2 * PRODUCT_ROWS) {
        const __m128i a = _mm_loadu_si128((const __m128i *)(const void *)x2);
        const __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(x2 + (k + 1 < n_k ? step : 0)));
        const __m256i low = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(a, b)), high = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(a, b));
        for (int r = 0; r < PRODUCT_ROWS; r++) {
            int32_t two;
            memcpy(&two, t + 2 * r, sizeof two);
            const __m256i pair = _mm256_set1_epi32(two);
            sum[r][0] = _mm256_add_epi32(sum[r][0], _mm256_madd_epi16(low, pair));
            sum[r][1] = _mm256_add_epi32(sum[r][1], _mm256_madd_epi16(high, pair));
        }
    }
    for (int r = 0; r < PRODUCT_ROWS; r++)
        for (int i = 0; i < 2; i++)
            _mm256_storeu_si256((__m256i *)(void *)(acc[r] + 8 * i), sum[r][i]);
}

#include "kernels/simple_u8.h"

SIMPLE_KERNELS(avx2, IC_CPU_AVX2_FMA_F16C);
