/* SPDX-License-Identifier: Apache-2.0
 *
 * Integers of any type, one definition: elements widened to 64 bits (u64 by its bits), functions of two numbers, stored modulo 2^width
 * (docs/arithmetic.md 3.4).
 */
#ifndef IC_ARITH_INTEGERS_H
#define IC_ARITH_INTEGERS_H

#include "arith/dtype.h"

enum ic_int_fn {
#define FN(NAME, name, formula) IC_INT_##NAME,
#include "arith/int_fns.def"
#undef FN
    IC_INT_COUNT
};

static inline bool ic_int_compares(uint32_t fn)
{
    return fn >= IC_INT_EQ;
}
static inline bool ic_dtype_is_integer(uint32_t t) /* bool among them */
{
    return (t >= IC_U8 && t <= IC_BOOL) || (t >= IC_U16 && t <= IC_U64);
}
int64_t ic_int_load(uint32_t dtype, const void *x, int64_t i);
void ic_int_store(uint32_t dtype, void *y, int64_t i, int64_t value); /* modulo 2^width; bool: not zero */
int64_t ic_int_eval(enum ic_int_fn fn, uint32_t dtype, int64_t x1, int64_t x2);
bool ic_float_compare(enum ic_int_fn fn, float x1, float x2);
int64_t ic_int_from_float(float x,
                          uint32_t to); /* toward zero, saturated at 64 bits and at the type's ends, NaN gives 0; bool: not zero */
int64_t ic_int_lowest(uint32_t dtype);  /* -128 of s8, 0 of u8 ... */
int64_t ic_int_highest(uint32_t dtype); /* as bits: -1 of u64 */
float ic_int_to_float(uint32_t dtype, int64_t value);

#endif
