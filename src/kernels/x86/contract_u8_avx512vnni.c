/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit contraction, AVX-512 VNNI: four taps of sixteen channels an instruction, added to 32 bits without saturation.
 */
#include "base/os.h"
#include "kernels/contract_u8_sizes.h"
#include "kernels/x86/end_u8_avx512.h"

#include <string.h>

enum { TILE_P = 14, BLOCK = 16, K_BLOCK = 4 };
typedef uint8_t tap;

static inline __m512i taps4(const tap *a)
{
    int32_t four;
    memcpy(&four, a, sizeof four);
    return _mm512_set1_epi32(four);
}

#define ROWS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13)
#define LOAD(p) __m512i c##p = _mm512_loadu_si512(from + (p)*pitch);
#define STEP(p) c##p = _mm512_dpbusd_epi32(c##p, taps4(a + (p)*ROW + k), wk);
#define STORE(p) _mm512_storeu_si512(sums + (p)*BLOCK, c##p);

static void tile(const tap *a, const int8_t *w, int32_t n, const int32_t *from, int32_t pitch, int32_t *sums)
{
    ROWS(LOAD)
    for (int32_t k = 0; k < n; k += 4) {
        const __m512i wk = _mm512_loadu_si512(w + (size_t)k * BLOCK);
        ROWS(STEP)
    }
    ROWS(STORE)
}

/* Two blocks share the loads of taps. */
#define TILE_PAIRS
#define PAIR_LOAD(p) __m512i c##p = _mm512_loadu_si512(from + (p)*pitch), d##p = _mm512_loadu_si512(from2 + (p)*pitch);
#define PAIR_STEP(p)                                                                                                               \
    {                                                                                                                              \
        const __m512i x = taps4(a + (p)*ROW + k);                                                                                  \
        c##p = _mm512_dpbusd_epi32(c##p, x, wk);                                                                                   \
        d##p = _mm512_dpbusd_epi32(d##p, x, wk2);                                                                                  \
    }
#define PAIR_STORE(p)                                                                                                              \
    _mm512_storeu_si512(sums + (p)*BLOCK, c##p);                                                                                   \
    _mm512_storeu_si512(sums2 + (p)*BLOCK, d##p);

static void tile_pair(const tap *a, const int8_t *w, const int8_t *w2, int32_t n, const int32_t *from, const int32_t *from2,
                      int32_t pitch, int32_t *sums, int32_t *sums2)
{
    ROWS(PAIR_LOAD)
    for (int32_t k = 0; k < n; k += 4) {
        const __m512i wk = _mm512_loadu_si512(w + (size_t)k * BLOCK), wk2 = _mm512_loadu_si512(w2 + (size_t)k * BLOCK);
        ROWS(PAIR_STEP)
    }
    ROWS(PAIR_STORE)
}

/* Four sums, so that one does not wait for its own additions; integers may be added in any order. */
static void tile_row(const tap *a, const int8_t *w, int32_t n, const int32_t *from, int32_t *sums)
{
    __m512i c0 = _mm512_loadu_si512(from), c1 = _mm512_setzero_si512(), c2 = c1, c3 = c1;
    int32_t k = 0;
    for (; k + 16 <= n; k += 16) {
        const int8_t *at = w + (size_t)k * BLOCK;
        c0 = _mm512_dpbusd_epi32(c0, taps4(a + k), _mm512_loadu_si512(at));
        c1 = _mm512_dpbusd_epi32(c1, taps4(a + k + 4), _mm512_loadu_si512(at + 64));
        c2 = _mm512_dpbusd_epi32(c2, taps4(a + k + 8), _mm512_loadu_si512(at + 128));
        c3 = _mm512_dpbusd_epi32(c3, taps4(a + k + 12), _mm512_loadu_si512(at + 192));
    }
    for (; k < n; k += 4)
        c0 = _mm512_dpbusd_epi32(c0, taps4(a + k), _mm512_loadu_si512(w + (size_t)k * BLOCK));
    _mm512_storeu_si512(sums, _mm512_add_epi32(_mm512_add_epi32(c0, c1), _mm512_add_epi32(c2, c3)));
}

/* The last vector overlaps the one before. */
static inline void copy_taps(tap *to, const uint8_t *x, int32_t n)
{
    if (n < 16) {
        for (int32_t i = 0; i < n; i++)
            to[i] = x[i];
        return;
    }
    for (int32_t i = 0; i < n; i += 16) {
        const int32_t at = i + 16 <= n ? i : n - 16;
        _mm_storeu_si128((__m128i *)(void *)(to + at), _mm_loadu_si128((const __m128i *)(const void *)(x + at)));
    }
}

#include "kernels/contract_u8.h"

const struct ic_kernel ic_kernel_contract_u8_avx512vnni = {.name = "contract_u8_avx512vnni",
                                                           .kind = IC_STEP_CONTRACT,
                                                           .needs = IC_CPU_AVX2_FMA_F16C | IC_CPU_AVX512 | IC_CPU_AVX512_VNNI,
                                                           .fits = fits,
                                                           .scratch_bytes = scratch_bytes,
                                                           .units = units,
                                                           .run = run};

#include "kernels/grouped.h"

GROUPED_KERNEL(grouped_u8_avx512vnni, IC_CPU_AVX2_FMA_F16C | IC_CPU_AVX512 | IC_CPU_AVX512_VNNI);
