/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md section 3.4: integers that are no quantized codes.
 */
#include "arith/integers.h"

int64_t ic_int_load(uint32_t dtype, const void *x, int64_t i)
{
    switch (dtype) {
    case IC_S8:
        return ((const int8_t *)x)[i];
    case IC_S16:
        return ((const int16_t *)x)[i];
    case IC_S32:
        return ((const int32_t *)x)[i];
    case IC_S64:
    case IC_U64:
        return ((const int64_t *)x)[i];
    case IC_U16:
        return ((const uint16_t *)x)[i];
    case IC_U32:
        return ((const uint32_t *)x)[i];
    default:
        return ((const uint8_t *)x)[i];
    }
}

void ic_int_store(uint32_t dtype, void *y, int64_t i, int64_t value)
{
    const uint64_t bits = (uint64_t)value;
    switch (dtype) {
    case IC_S16:
    case IC_U16:
        ((uint16_t *)y)[i] = (uint16_t)bits;
        break;
    case IC_S32:
    case IC_U32:
        ((uint32_t *)y)[i] = (uint32_t)bits;
        break;
    case IC_S64:
    case IC_U64:
        ((uint64_t *)y)[i] = bits;
        break;
    case IC_BOOL:
        ((uint8_t *)y)[i] = value != 0;
        break;
    default:
        ((uint8_t *)y)[i] = (uint8_t)bits;
        break;
    }
}

static bool is_unsigned(uint32_t t)
{
    return t == IC_U8 || t == IC_BOOL || (t >= IC_U16 && t <= IC_U64);
}

int64_t ic_int_lowest(uint32_t t)
{
    return is_unsigned(t) ? 0 : t == IC_S8 ? -128 : t == IC_S16 ? INT16_MIN : t == IC_S32 ? INT32_MIN : INT64_MIN;
}

int64_t ic_int_highest(uint32_t t)
{
    switch (t) {
    case IC_BOOL:
        return 1;
    case IC_U8:
        return UINT8_MAX;
    case IC_S8:
        return INT8_MAX;
    case IC_U16:
        return UINT16_MAX;
    case IC_S16:
        return INT16_MAX;
    case IC_U32:
        return UINT32_MAX;
    case IC_S32:
        return INT32_MAX;
    case IC_U64:
        return -1;
    default:
        return INT64_MAX;
    }
}

/* Toward zero; the one quotient that leaves 64 bits wraps. */
static int64_t divide(bool is_u64, int64_t a, int64_t b)
{
    if (b == 0)
        return 0;
    if (is_u64)
        return (int64_t)((uint64_t)a / (uint64_t)b);
    return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}

static int64_t divide_down(bool is_u64, int64_t a, int64_t b)
{
    const int64_t q = divide(is_u64, a, b);
    const bool inexact = b != 0 && !is_u64 && b != -1 && a % b != 0;
    return q - (inexact && (a < 0) != (b < 0));
}

static int64_t multiply(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a * (uint64_t)b);
}

static int64_t power(bool is_u64, int64_t a, int64_t b)
{
    if (b < 0 && !is_u64)
        return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
    int64_t r = 1;
    for (uint64_t rest = (uint64_t)b; rest; rest >>= 1) {
        if (rest & 1)
            r = multiply(r, a);
        a = multiply(a, a);
    }
    return r;
}

static bool less(bool is_u64, int64_t a, int64_t b)
{
    return is_u64 ? (uint64_t)a < (uint64_t)b : a < b;
}

static int64_t shift_right(bool is_signed, int64_t a, uint64_t by)
{
    if (by > 63)
        return is_signed && a < 0 ? -1 : 0;
    const uint64_t bits = (uint64_t)a >> by;
    return (int64_t)(is_signed && a < 0 && by > 0 ? bits | ~(UINT64_MAX >> by) : bits);
}

/* Long: a switch over the list. */
int64_t ic_int_eval(enum ic_int_fn fn, uint32_t dtype, int64_t a, int64_t b)
{
    const bool is_u64 = dtype == IC_U64;
    switch (fn) {
    case IC_INT_ADD:
        return (int64_t)((uint64_t)a + (uint64_t)b);
    case IC_INT_SUB:
        return (int64_t)((uint64_t)a - (uint64_t)b);
    case IC_INT_MUL:
        return multiply(a, b);
    case IC_INT_DIV:
        return divide(is_u64, a, b);
    case IC_INT_FLOOR_DIV:
        return divide_down(is_u64, a, b);
    case IC_INT_REM:
        return b == 0 ? 0 : (int64_t)((uint64_t)a - (uint64_t)multiply(b, divide(is_u64, a, b)));
    case IC_INT_MOD:
        return b == 0 ? 0 : (int64_t)((uint64_t)a - (uint64_t)multiply(b, divide_down(is_u64, a, b)));
    case IC_INT_POW:
        return power(is_u64, a, b);
    case IC_INT_MAX:
        return less(is_u64, a, b) ? b : a;
    case IC_INT_MIN:
        return less(is_u64, b, a) ? b : a;
    case IC_INT_AND:
        return a & b;
    case IC_INT_OR:
        return a | b;
    case IC_INT_XOR:
        return a ^ b;
    case IC_INT_SHL:
        return (uint64_t)b > 63 ? 0 : (int64_t)((uint64_t)a << b);
    case IC_INT_SHR:
        return shift_right(!is_unsigned(dtype), a, (uint64_t)b);
    case IC_INT_EQ:
        return a == b;
    case IC_INT_NE:
        return a != b;
    case IC_INT_LT:
        return less(is_u64, a, b);
    case IC_INT_LE:
        return !less(is_u64, b, a);
    case IC_INT_COUNT:
        break;
    }
    return 0;
}

bool ic_float_compare(enum ic_int_fn fn, float a, float b)
{
    switch (fn) {
    case IC_INT_EQ:
        return a == b;
    case IC_INT_NE:
        return a != b;
    case IC_INT_LT:
        return a < b;
    default:
        return a <= b;
    }
}

int64_t ic_int_from_float(float x, uint32_t to)
{
    const int64_t lo = ic_int_lowest(to), hi = ic_int_highest(to);
    if (to == IC_BOOL)
        return !(x == 0.0f);
    if (x != x)
        return 0;
    if (to == IC_U64)
        return x >= 0x1p64f ? -1 : x <= 0.0f ? 0 : (int64_t)(uint64_t)x;
    if (x >= 0x1p63f)
        return hi;
    if (x <= -0x1p63f)
        return lo;
    const int64_t whole = (int64_t)x;
    return whole < lo ? lo : whole > hi ? hi : whole;
}

float ic_int_to_float(uint32_t dtype, int64_t value)
{
    return dtype == IC_U64 ? (float)(uint64_t)value : (float)value;
}
