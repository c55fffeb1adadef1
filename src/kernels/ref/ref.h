/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernels share: loading and storing floats of either storage type, the fused end of a float result, windows.
 */
#ifndef IC_KERNELS_REF_REF_H
#define IC_KERNELS_REF_REF_H

#include "arith/float_ops.h"
#include "kernels/kernel.h"

/* Denormals that a caller put into an f32 tensor count as zero: comparisons and moves inside functions must see that too. */
static inline float ic_load(uint32_t dtype, const void *x, int64_t i)
{
    return dtype == IC_F16 ? ic_f16_to_f32(((const uint16_t *)x)[i]) : ic_flush(((const float *)x)[i]);
}

/* NaN is stored as one pattern, denormals as zero (f32) or as what they are (f16). */
static inline void ic_store(uint32_t dtype, void *y, int64_t i, float value)
{
    if (dtype == IC_F16)
        ((uint16_t *)y)[i] = ic_f32_to_f16(value);
    else
        ((float *)y)[i] = ic_canonical(value);
}

static inline float ic_end(float value, uint32_t round_mid, uint32_t fn, float a, float b)
{
    if (round_mid == IC_ROUND_F16)
        value = ic_round_f16(value);
    return fn == IC_MAP_NONE ? value : ic_map_eval((enum ic_map_fn)fn, value, a, b);
}

/* An index stood outside its axis: the run will fail. Tensor 0 is nobody's: its pointer, when there is one, is the place to say so. */
static inline void ic_report_outside(void *const *ptr)
{
    if (ptr[0])
        __atomic_store_n((uint32_t *)ptr[0], 1u, __ATOMIC_RELAXED);
}

/* Where the window of one result of POOL begins, and its taps. */
struct ic_window {
    int32_t iy0, ix0; /* first tap, maybe outside */
    int32_t taps;     /* inside the picture */
    int32_t covered;  /* inside the padded picture */
};
struct ic_window ic_window_at(const struct ic_step_pool *s, int32_t oy, int32_t ox);
int32_t ic_window_divisor(const struct ic_step_pool *s, const struct ic_window *w); /* of an average */

static inline int32_t ic_load_code(uint32_t dtype, const void *x, int64_t i)
{
    return dtype == IC_S8 ? ((const int8_t *)x)[i] : ((const uint8_t *)x)[i];
}

static inline void ic_store_code(void *y, int64_t i, int32_t code)
{
    ((uint8_t *)y)[i] = (uint8_t)code;
}

#endif
