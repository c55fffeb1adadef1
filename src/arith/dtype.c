/* SPDX-License-Identifier: Apache-2.0 */
#include "arith/dtype.h"

#include <string.h>

static const struct {
    const char *name, *long_name;
    size_t bytes;
} types[IC_DTYPE_COUNT] = {
    [IC_F32] = {"f32", "float32", 4},    [IC_F16] = {"f16", "float16", 2}, [IC_U8] = {"u8", "uint8", 1},
    [IC_S8] = {"s8", "int8", 1},         [IC_S16] = {"s16", "int16", 2},   [IC_S32] = {"s32", "int32", 4},
    [IC_S64] = {"s64", "int64", 8},      [IC_BOOL] = {"bool", "bool", 1},  [IC_F64] = {"f64", "float64", 8},
    [IC_BF16] = {"bf16", "bfloat16", 2}, [IC_U16] = {"u16", "uint16", 2},  [IC_U32] = {"u32", "uint32", 4},
    [IC_U64] = {"u64", "uint64", 8},
};

size_t ic_dtype_bytes(enum ic_dtype t)
{
    return (unsigned)t < IC_DTYPE_COUNT ? types[t].bytes : 0;
}

const char *ic_dtype_name(enum ic_dtype t)
{
    return (unsigned)t < IC_DTYPE_COUNT && types[t].name ? types[t].name : "?";
}

enum ic_dtype ic_dtype_from_name(const char *name)
{
    for (unsigned i = 1; i < IC_DTYPE_COUNT; i++)
        if (strcmp(name, types[i].name) == 0 || strcmp(name, types[i].long_name) == 0)
            return (enum ic_dtype)i;
    return IC_DTYPE_NONE;
}
