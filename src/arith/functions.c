/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md section 5: the scalar functions of map_fns.def and zip_fns.def.
 */
#include "arith/elementary.h"
#include "arith/float_ops.h"
#include "arith/trigonometry.h"

#include <math.h>
#include <string.h>

static const float sixth = 0x1.555556p-3f;

static float hardsigmoid(float x)
{
    return ic_mul_f(ic_min(ic_max(ic_add_f(x, 3.0f), 0.0f), 6.0f), sixth);
}

static float hardswish(float x)
{
    return ic_mul_f(ic_mul_f(x, ic_min(ic_max(ic_add_f(x, 3.0f), 0.0f), 6.0f)), sixth);
}

static float gelu(float x)
{
    return ic_mul_f(ic_mul_f(x, 0.5f), 1.0f + ic_erf(ic_mul_f(x, 0x1.6a09e6p-1f)));
}

static float gelu_tanh(float x)
{
    const float cube = ic_mul_f(ic_mul_f(x, x), x);
    const float inner = ic_mul_f(0x1.988454p-1f, ic_fma_f(0x1.6e4e26p-5f, cube, x));
    return ic_mul_f(ic_mul_f(0.5f, x), 1.0f + ic_tanh(inner));
}

/* Exact in every mode: floats of 2^23 and more are integers. */
static float round_to_integer(float x)
{
    if (!(fabsf(x) < 0x1p23f))
        return x;
    const float magic = 0x1p23f;
    const float y = x < 0 ? (x - magic) + magic : (x + magic) - magic;
    return copysignf(y, x);
}

static float floor_of(float x)
{
    const float y = round_to_integer(x);
    return y > x ? y - 1.0f : y;
}

static float ceil_of(float x)
{
    const float y = round_to_integer(x);
    return y < x ? copysignf(y + 1.0f, x) : y;
}

static float square_root(float x)
{
    const float f = ic_flush(x);
    return f < 0 ? ic_f32_from_bits(0x7FC00000u) : sqrtf(f);
}

/* 0 <= a <= 22, b >= -126: the fields of smaller float formats. Adding and subtracting 1.5 * 2^23 times the unit rounds to multiples of it. */
static float round_bits(float x, float a, float b)
{
    const int32_t exponent = (int32_t)(ic_f32_bits(x) >> 23 & 0xFFu) - 127;
    if (exponent == 128 || !(a >= 0.0f && a <= 22.0f && b >= -126.0f && b <= 127.0f))
        return x;
    const int32_t least = (int32_t)b, unit = (exponent > least ? exponent : least) - (int32_t)a;
    const double scale = ldexp(1.0, unit), whole = (double)x / scale; /* exact */
    return ic_flush((float)(rint(whole) * scale));
}

/* One function a row of map_fns.def; long: a switch over the list. */
float ic_map_eval(enum ic_map_fn fn, float x, float a, float b)
{
    switch (fn) {
    case IC_MAP_NONE:
        return x;
    case IC_MAP_RELU:
        return ic_max(x, 0.0f);
    case IC_MAP_CLAMP:
        return ic_min(ic_max(x, a), b);
    case IC_MAP_LEAKY_RELU:
        return x >= 0.0f ? x : ic_mul_f(a, x);
    case IC_MAP_ELU:
        return x > 0.0f ? x : ic_mul_f(a, ic_expm1(x));
    case IC_MAP_SIGMOID:
        return ic_sigmoid(x);
    case IC_MAP_TANH:
        return ic_tanh(x);
    case IC_MAP_SILU:
        return ic_mul_f(x, ic_sigmoid(x));
    case IC_MAP_HARDSIGMOID:
        return hardsigmoid(x);
    case IC_MAP_HARDSWISH:
        return hardswish(x);
    case IC_MAP_GELU:
        return gelu(x);
    case IC_MAP_GELU_TANH:
        return gelu_tanh(x);
    case IC_MAP_EXP:
        return ic_exp(x);
    case IC_MAP_LOG:
        return ic_log(x);
    case IC_MAP_SQRT:
        return square_root(x);
    case IC_MAP_RSQRT:
        return ic_div_f(1.0f, square_root(x));
    case IC_MAP_ABS:
        return fabsf(x);
    case IC_MAP_NEG:
        return -x;
    case IC_MAP_RECIPROCAL:
        return ic_div_f(1.0f, x);
    case IC_MAP_ERF:
        return ic_erf(x);
    case IC_MAP_FLOOR:
        return floor_of(x);
    case IC_MAP_CEIL:
        return ceil_of(x);
    case IC_MAP_ROUND:
        return round_to_integer(x);
    case IC_MAP_SOFTPLUS:
        return ic_softplus(x);
    case IC_MAP_MISH:
        return ic_mul_f(x, ic_tanh(ic_softplus(x)));
    case IC_MAP_AFFINE:
        return ic_fma_f(x, a, b);
    case IC_MAP_SIGN:
        return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x;
    case IC_MAP_TRUNC:
        return x < 0.0f ? ceil_of(x) : floor_of(x);
    case IC_MAP_SIN:
        return ic_sin(x);
    case IC_MAP_COS:
        return ic_cos(x);
    case IC_MAP_TAN:
        return ic_tan(x);
    case IC_MAP_ASIN:
        return ic_asin(x);
    case IC_MAP_ACOS:
        return ic_acos(x);
    case IC_MAP_ATAN:
        return ic_atan(x);
    case IC_MAP_SINH:
        return ic_sinh(x);
    case IC_MAP_COSH:
        return ic_cosh(x);
    case IC_MAP_ASINH:
        return ic_asinh(x);
    case IC_MAP_ACOSH:
        return ic_acosh(x);
    case IC_MAP_ATANH:
        return ic_atanh(x);
    case IC_MAP_LOG1P:
        return ic_log1p(x);
    case IC_MAP_EXPM1:
        return ic_expm1(x);
    case IC_MAP_ROUND_BITS:
        return round_bits(x, a, b);
    case IC_MAP_COUNT:
        break;
    }
    return x;
}

static bool is_odd(float y)
{
    const float half = y * 0.5f;
    return round_to_integer(y) == y && round_to_integer(half) != half;
}

/* x, or its power, is 0 or infinite: IEEE 754, pow. */
static float power_at_the_ends(float x, float y)
{
    const float size = fabsf(x), inf = ic_f32_from_bits(0x7F800000u);
    float magnitude = y > 0.0f ? size : size == 0.0f ? inf : 0.0f;
    if (fabsf(y) == inf)
        return size == 1.0f ? 1.0f : (size > 1.0f) == (y > 0.0f) ? inf : 0.0f;
    return ic_f32_bits(x) >> 31 && is_odd(y) ? -magnitude : magnitude;
}

/* x1 ^ x2 = exp(x2 log x1); negative bases with whole exponents keep the sign rule. */
static float power(float x, float y)
{
    const float inf = ic_f32_from_bits(0x7F800000u);
    if (y == 0.0f || x == 1.0f)
        return 1.0f;
    if (y == 1.0f)
        return x;
    if (y == 2.0f)
        return ic_mul_f(x, x);
    if (x != x || y != y)
        return ic_f32_from_bits(0x7FC00000u);
    if (x == 0.0f || fabsf(x) == inf || fabsf(y) == inf)
        return power_at_the_ends(x, y);
    if (x < 0.0f) {
        if (round_to_integer(y) != y)
            return ic_f32_from_bits(0x7FC00000u);
        const float magnitude = power(-x, y);
        return is_odd(y) ? -magnitude : magnitude;
    }
    return (float)ic_exp_f64((double)y * ic_log_f64((double)x));
}

static float floor_mod(float x, float y)
{
    const float r = ic_fmod(x, y);
    return r != 0.0f && (r < 0.0f) != (y < 0.0f) ? ic_add_f(r, y) : r;
}

float ic_zip_eval(enum ic_zip_fn fn, float x1, float x2)
{
    switch (fn) {
    case IC_ZIP_ADD:
        return ic_add_f(x1, x2);
    case IC_ZIP_SUB:
        return ic_sub_f(x1, x2);
    case IC_ZIP_MUL:
        return ic_mul_f(x1, x2);
    case IC_ZIP_DIV:
        return ic_div_f(x1, x2);
    case IC_ZIP_MAX:
        return ic_max(x1, x2);
    case IC_ZIP_MIN:
        return ic_min(x1, x2);
    case IC_ZIP_PRELU:
        return x1 >= 0.0f ? x1 : ic_mul_f(x1, x2);
    case IC_ZIP_POW:
        return ic_flush(power(x1, x2));
    case IC_ZIP_FMOD:
        return ic_fmod(x1, x2);
    case IC_ZIP_MOD:
        return floor_mod(x1, x2);
    case IC_ZIP_ATAN2:
        return ic_atan2(x1, x2);
    case IC_ZIP_COUNT:
        break;
    }
    return x1;
}

static const char *const map_names[IC_MAP_COUNT] = {
#define FN(NAME, name, formula) #name,
#include "arith/map_fns.def"
#undef FN
};

static const char *const zip_names[IC_ZIP_COUNT] = {
#define FN(NAME, name, formula) #name,
#include "arith/zip_fns.def"
#undef FN
};

const char *ic_map_name(enum ic_map_fn fn)
{
    return (unsigned)fn < IC_MAP_COUNT ? map_names[fn] : "?";
}

const char *ic_zip_name(enum ic_zip_fn fn)
{
    return (unsigned)fn < IC_ZIP_COUNT ? zip_names[fn] : "?";
}

enum ic_map_fn ic_map_from_name(const char *name)
{
    for (unsigned i = 0; i < IC_MAP_COUNT; i++)
        if (strcmp(name, map_names[i]) == 0)
            return (enum ic_map_fn)i;
    return IC_MAP_COUNT;
}
