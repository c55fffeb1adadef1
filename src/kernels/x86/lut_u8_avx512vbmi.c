/* SPDX-License-Identifier: Apache-2.0
 *
 * LUT, AVX-512 VBMI: a table of 256 is four registers, two of which an instruction indexes.
 */
#include "base/os.h"
#include "kernels/kernel.h"

#include <immintrin.h>

enum { UNIT = 1 << 14 };

static int32_t units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const int32_t count = ((const struct ic_step_lut *)args)->count;
    return count / UNIT + (count % UNIT != 0);
}

/* The high bit of an element says which half of the table it is of, the others its place there. */
static inline __m512i look_up(const __m512i *table, __m512i x)
{
    const __m512i low = _mm512_permutex2var_epi8(table[0], x, table[1]), high = _mm512_permutex2var_epi8(table[2], x, table[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(x), low, high);
}

static void run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)tensors;
    (void)scratch;
    const struct ic_step_lut *s = args;
    const uint8_t *x = ptr[s->x], *entries = ptr[s->table];
    uint8_t *y = ptr[s->y];
    const int64_t last = (int64_t)end * UNIT < s->count ? (int64_t)end * UNIT : s->count;
    __m512i table[4];
    for (int i = 0; i < 4; i++)
        table[i] = _mm512_loadu_si512(entries + 64 * i);
    for (int64_t i = (int64_t)begin * UNIT; i < last; i += 64) {
        const __mmask64 some = last - i < 64 ? (UINT64_C(1) << (last - i)) - 1 : ~UINT64_C(0);
        _mm512_mask_storeu_epi8(y + i, some, look_up(table, _mm512_maskz_loadu_epi8(some, x + i)));
    }
}

const struct ic_kernel ic_kernel_lut_u8_avx512vbmi = {.name = "lut_u8_avx512vbmi",
                                                      .kind = IC_STEP_LUT,
                                                      .needs = IC_CPU_AVX2_FMA_F16C | IC_CPU_AVX512 | IC_CPU_AVX512_VNNI |
                                                               IC_CPU_AVX512_VBMI,
                                                      .units = units,
                                                      .run = run};
