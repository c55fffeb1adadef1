/* SPDX-License-Identifier: Apache-2.0
 *
 * Element types. The numbers stand in files: append only.
 */
#ifndef IC_ARITH_DTYPE_H
#define IC_ARITH_DTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ic_dtype {
    IC_DTYPE_NONE = 0,
    IC_F32 = 1,
    IC_F16 = 2, /* storage only: widened exactly on load, rounded to nearest even on store */
    IC_U8 = 3,
    IC_S8 = 4,
    IC_S16 = 5,
    IC_S32 = 6,
    IC_S64 = 7,
    IC_BOOL = 8,  /* one byte, 0 or 1 */
    IC_F64 = 9,   /* constants of importers only: never in a program */
    IC_BF16 = 10, /* likewise */
    IC_U16 = 11,
    IC_U32 = 12,
    IC_U64 = 13,
    IC_DTYPE_COUNT
};

size_t ic_dtype_bytes(enum ic_dtype t);             /* 0 for an unknown number */
const char *ic_dtype_name(enum ic_dtype t);         /* "f32" ...; "?" for an unknown number */
enum ic_dtype ic_dtype_from_name(const char *name); /* also "float32", "float16", "int8", "uint8" ...; NONE when unknown */
static inline bool ic_dtype_is_float(enum ic_dtype t)
{
    return t == IC_F32 || t == IC_F16 || t == IC_F64 || t == IC_BF16;
}

#endif
