/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit contraction, AVX-512 VNNI: four taps of sixteen channels an instruction, added to 32 bits without saturation.
 */
#include "base/os.h"
#include "kernels/contract_u8_sizes.h"
#include "kernels/x86/end_u8.h"

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
#define LOAD(p) __m512i c##p = _mm512_loadu_si512(sums + (p) * BLOCK);
#define STEP(p) c##p = _mm512_dpbusd_epi32(c##p, taps4(a + (p) * ROW + k), wk);
#define STORE(p) _mm512_storeu_si512(sums + (p) * BLOCK, c##p);

static void tile(const tap *a, const int8_t *w, int32_t n, int32_t *sums)
{
    ROWS(LOAD)
    for (int32_t k = 0; k < n; k += 4) {
        const __m512i wk = _mm512_loadu_si512(w + (size_t)k * BLOCK);
        ROWS(STEP)
    }
    ROWS(STORE)
}

static void tile_row(const tap *a, const int8_t *w, int32_t n, int32_t *sums)
{
    LOAD(0)
    for (int32_t k = 0; k < n; k += 4) {
        const __m512i wk = _mm512_loadu_si512(w + (size_t)k * BLOCK);
        STEP(0)
    }
    STORE(0)
}

static void copy_taps(tap *to, const uint8_t *x, int32_t n)
{
    memcpy(to, x, (size_t)n);
}

static void end_block(const int32_t *sums, const float *scale, const struct ic_step_contract *s, uint8_t *out)
{
    ic_end16_avx2(sums, scale, s, out);
}

#include "kernels/contract_u8.h"

const struct ic_kernel ic_kernel_contract_u8_avx512vnni = {.name = "contract_u8_avx512vnni", .kind = IC_STEP_CONTRACT,
                                                           .needs = IC_CPU_AVX2_FMA_F16C | IC_CPU_AVX512 | IC_CPU_AVX512_VNNI,
                                                           .fits = fits, .scratch_bytes = scratch_bytes, .units = units, .run = run};
