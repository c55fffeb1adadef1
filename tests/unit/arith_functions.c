/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md 5.3 and 5.4: every function against double precision; numbers and names of the lists, which stand in files.
 */
#include "arith/arith.h"
#include "testing.h"

#include <math.h>

static double clamp6(double x)
{
    return x < 0 ? 0 : x > 6 ? 6 : x;
}

static double truth(enum ic_map_fn fn, double x, double a, double b)
{
    switch (fn) {
    case IC_MAP_RELU:
        return x > 0 ? x : 0;
    case IC_MAP_CLAMP:
        return x < a ? a : x > b ? b : x;
    case IC_MAP_LEAKY_RELU:
        return x >= 0 ? x : a * x;
    case IC_MAP_ELU:
        return x > 0 ? x : a * expm1(x);
    case IC_MAP_SIGMOID:
        return 1 / (1 + exp(-x));
    case IC_MAP_TANH:
        return tanh(x);
    case IC_MAP_SILU:
        return x / (1 + exp(-x));
    case IC_MAP_HARDSIGMOID:
        return clamp6(x + 3) / 6;
    case IC_MAP_HARDSWISH:
        return x * clamp6(x + 3) / 6;
    case IC_MAP_GELU:
        return x * 0.5 * (1 + erf(x / sqrt(2)));
    case IC_MAP_GELU_TANH:
        return 0.5 * x * (1 + tanh(sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
    case IC_MAP_EXP:
        return exp(x);
    case IC_MAP_LOG:
        return log(x);
    case IC_MAP_SQRT:
        return sqrt(x);
    case IC_MAP_RSQRT:
        return 1 / sqrt(x);
    case IC_MAP_ABS:
        return fabs(x);
    case IC_MAP_NEG:
        return -x;
    case IC_MAP_RECIPROCAL:
        return 1 / x;
    case IC_MAP_ERF:
        return erf(x);
    case IC_MAP_FLOOR:
        return floor(x);
    case IC_MAP_CEIL:
        return ceil(x);
    case IC_MAP_ROUND:
        return rint(x);
    case IC_MAP_SOFTPLUS:
        return log1p(exp(x));
    case IC_MAP_MISH:
        return x * tanh(log1p(exp(x)));
    case IC_MAP_AFFINE:
        return a * x + b;
    case IC_MAP_SIGN:
        return (x > 0) - (x < 0);
    case IC_MAP_TRUNC:
        return trunc(x);
    case IC_MAP_SIN:
        return sin(x);
    case IC_MAP_COS:
        return cos(x);
    case IC_MAP_TAN:
        return tan(x);
    case IC_MAP_ASIN:
        return asin(x);
    case IC_MAP_ACOS:
        return acos(x);
    case IC_MAP_ATAN:
        return atan(x);
    case IC_MAP_SINH:
        return sinh(x);
    case IC_MAP_COSH:
        return cosh(x);
    case IC_MAP_ASINH:
        return asinh(x);
    case IC_MAP_ACOSH:
        return acosh(x);
    case IC_MAP_ATANH:
        return atanh(x);
    case IC_MAP_LOG1P:
        return log1p(x);
    case IC_MAP_EXPM1:
        return expm1(x);
    default:
        return x;
    }
}

TEST(maps_are_near_the_truth)
{
    const struct ic_float_mode old = ic_float_mode_enter();
    for (int fn = 0; fn < IC_MAP_COUNT; fn++)
        for (int i = -2000; i <= 2000; i++) {
            const float x = (float)i * 0.0103f, a = fn == IC_MAP_CLAMP ? -1.25f : 0.3f, b = 2.5f;
            if (fn == IC_MAP_ROUND_BITS) /* rounding_to_other_formats */
                continue;
            const double t = truth((enum ic_map_fn)fn, (double)x, (double)a, (double)b),
                         y = (double)ic_map_eval((enum ic_map_fn)fn, x, a, b);
            if (isnan(t) || isinf(t)) {
                if (!CHECK(isnan(t) ? isnan(y) : isinf(y)))
                    printf("%s(%g) = %g\n", ic_map_name((enum ic_map_fn)fn), (double)x, y);
                continue;
            }
            /* relative to the operand where a formula subtracts near its zero (gelu, mish) */
            if (!CHECK(fabs(y - t) <= 6e-7 * fabs(t) + 2e-7 * (fn >= IC_MAP_GELU && fn <= IC_MAP_GELU_TANH ? fabs((double)x) : 0)))
                printf("%s(%.9g) = %.9g, want %.9g\n", ic_map_name((enum ic_map_fn)fn), (double)x, y, t);
        }
    ic_float_mode_leave(old);
}

/* Values of other formats from their definitions: bfloat16 7 bits, exponents from -126; float16 10, -14; float8 E4M3 3, -6. */
TEST(rounding_to_other_formats)
{
    static const struct {
        float x, bits, least, want;
    } rows[] = {{1.00390625f, 7, -126, 1.0f},
                {1.01171875f, 7, -126, 1.015625f},
                {3.0e38f, 7, -126, 0x1.c4p+127f},
                {0x1.004p0f, 10, -14, 0x1.004p0f},
                {0x1.002p0f, 10, -14, 1.0f},
                {0x1.006p0f, 10, -14, 0x1.008p0f},
                {0x1p-25f, 10, -14, 0.0f},
                {0x1.8p-25f, 10, -14, 0x1p-24f},
                {19.0f, 3, -6, 20.0f},
                {17.0f, 3, -6, 16.0f},
                {0x1p-10f, 3, -6, 0.0f},
                {-0x1.8p-9f, 3, -6, -0x1p-8f}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_EQ_INT(ic_f32_bits(ic_map_eval(IC_MAP_ROUND_BITS, rows[i].x, rows[i].bits, rows[i].least)),
                     ic_f32_bits(rows[i].want));
}

TEST(rounding_functions_at_their_edges)
{
    CHECK(ic_map_eval(IC_MAP_ROUND, 0.5f, 0, 0) == 0.0f && ic_map_eval(IC_MAP_ROUND, 1.5f, 0, 0) == 2.0f &&
          ic_map_eval(IC_MAP_ROUND, -2.5f, 0, 0) == -2.0f);
    CHECK(ic_map_eval(IC_MAP_FLOOR, -0.5f, 0, 0) == -1.0f && ic_map_eval(IC_MAP_CEIL, -0.5f, 0, 0) == 0.0f);
    CHECK_EQ_INT(ic_f32_bits(ic_map_eval(IC_MAP_CEIL, -0.5f, 0, 0)), 0x80000000u);
    CHECK(ic_map_eval(IC_MAP_FLOOR, 8388609.0f, 0, 0) == 8388609.0f && ic_map_eval(IC_MAP_ROUND, -1e30f, 0, 0) == -1e30f);
    CHECK(ic_map_eval(IC_MAP_FLOOR, 4194304.5f, 0, 0) == 4194304.0f && ic_map_eval(IC_MAP_CEIL, 4194304.5f, 0, 0) == 4194305.0f);
}

TEST(zips)
{
    const struct ic_float_mode old = ic_float_mode_enter();
    CHECK(ic_zip_eval(IC_ZIP_ADD, 1.5f, 2.0f) == 3.5f && ic_zip_eval(IC_ZIP_SUB, 1.5f, 2.0f) == -0.5f &&
          ic_zip_eval(IC_ZIP_MUL, 1.5f, 2.0f) == 3.0f);
    CHECK(ic_zip_eval(IC_ZIP_DIV, 1.0f, 3.0f) == 0x1.555556p-2f && ic_zip_eval(IC_ZIP_MAX, -1.0f, 2.0f) == 2.0f &&
          ic_zip_eval(IC_ZIP_MIN, -1.0f, 2.0f) == -1.0f);
    CHECK(ic_zip_eval(IC_ZIP_PRELU, -2.0f, 0.25f) == -0.5f && ic_zip_eval(IC_ZIP_PRELU, 2.0f, 0.25f) == 2.0f);
    CHECK(ic_zip_eval(IC_ZIP_POW, 2.0f, 10.0f) == 1024.0f && ic_zip_eval(IC_ZIP_POW, -2.0f, 3.0f) == -8.0f &&
          ic_zip_eval(IC_ZIP_POW, 0.0f, 0.0f) == 1.0f);
    CHECK(isnan(ic_zip_eval(IC_ZIP_POW, -2.0f, 0.5f)) && isinf(ic_zip_eval(IC_ZIP_POW, 0.0f, -1.0f)) &&
          ic_zip_eval(IC_ZIP_POW, 9.0f, 0.5f) == 3.0f);
    static const float ends[] = {0.0f, -0.0f, 1.0f, -1.0f, 0.5f, -0.5f, 2.5f, -3.0f, 3.0f, 4.0f, INFINITY, -INFINITY, NAN};
    for (int i = 0; i < 13; i++)
        for (int k = 0; k < 13; k++) { /* as C's pow, whose Annex F is IEEE 754's */
            const double t = pow((double)ends[i], (double)ends[k]), y = (double)ic_zip_eval(IC_ZIP_POW, ends[i], ends[k]);
            CHECK(isnan(t) ? isnan(y) : y == t || fabs(y - t) <= 1e-6 * fabs(t));
            CHECK(isnan(t) || signbit(t) == signbit(y));
        }
    for (int i = 1; i < 400; i++)
        for (int k = -40; k < 40; k++) {
            const double t = pow(i * 0.05, k * 0.11), y = (double)ic_zip_eval(IC_ZIP_POW, (float)(i * 0.05), (float)(k * 0.11));
            CHECK(fabs(y - t) <= 1e-6 * t); /* the operands are rounded too */
        }
    ic_float_mode_leave(old);
}

/* The numbers stand in files. */
/* C's own pow is the outside: every pair of the numbers where a power is not exp(y log x), signs of zeros too. */
TEST(powers_of_odd_numbers)
{
    const float inf = (float)INFINITY;
    const float odd[] = {(float)NAN, inf,  -inf,  0.0f, -0.0f, 1.0f,  -1.0f,  0.5f,
                         -0.5f,      2.0f, -2.0f, 3.0f, -3.0f, 1e30f, -1e30f, 16777217.0f};
    const size_t n = sizeof odd / sizeof *odd;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            const float want = (float)pow((double)odd[i], (double)odd[k]), got = ic_zip_eval(IC_ZIP_POW, odd[i], odd[k]);
            const float least = ic_f32_from_bits(0x00800000u); /* below it results are zeros here */
            const bool zero = fabsf(want) < least;
            CHECK(isnan(want)   ? isnan(got)
                  : zero        ? got == 0.0f && !signbit(got) == !signbit(want)
                  : isinf(want) ? got == want
                                : fabsf(got - want) <= fabsf(want) * 0x1p-23f);
        }
}

TEST(numbers_and_names)
{
    CHECK(IC_MAP_NONE == 0 && IC_MAP_RELU == 1 && IC_MAP_CLAMP == 2 && IC_MAP_SIGMOID == 5 && IC_MAP_HARDSWISH == 9 &&
          IC_MAP_AFFINE == 25);
    CHECK(IC_ZIP_ADD == 0 && IC_ZIP_SUB == 1 && IC_ZIP_MUL == 2 && IC_ZIP_POW == 7);
    for (int i = 0; i < IC_MAP_COUNT; i++)
        CHECK_EQ_INT(ic_map_from_name(ic_map_name((enum ic_map_fn)i)), i);
    CHECK_EQ_STR(ic_zip_name(IC_ZIP_POW), "pow");
    CHECK_EQ_STR(ic_map_name((enum ic_map_fn)999), "?");
    CHECK_EQ_INT(ic_map_from_name("nothing"), IC_MAP_COUNT);
    for (int t = 1; t < IC_DTYPE_COUNT; t++)
        CHECK_EQ_INT(ic_dtype_from_name(ic_dtype_name((enum ic_dtype)t)), t);
    CHECK_EQ_INT(ic_dtype_from_name("float16"), IC_F16);
    CHECK_EQ_INT(ic_dtype_bytes(IC_F16), 2);
    CHECK_EQ_INT(ic_dtype_bytes((enum ic_dtype)77), 0);
}

TEST_MAIN()
