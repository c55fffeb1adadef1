/* SPDX-License-Identifier: Apache-2.0
 *
 * How far an elementary function is from the true value, in units of the last place of the true value, the truth taken from double
 * precision libm (tests only).
 */
#ifndef IC_TESTS_EXHAUSTIVE_ULP_H
#define IC_TESTS_EXHAUSTIVE_ULP_H

#include "arith/elementary.h"
#include "arith/trigonometry.h"

#include <math.h>

struct ulp_function {
    const char *name;
    float (*ours)(float);
    double (*truth)(double);
    double limit; /* ulp */
};

static inline double ulp_sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}
static inline double ulp_softplus(double x)
{
    return x > 20 ? x : log1p(exp(x));
}
static inline double ulp_tanh(double x)
{
    return tanh(x);
}
static inline double ulp_exp(double x)
{
    return exp(x);
}
static inline double ulp_log(double x)
{
    return log(x);
}
static inline double ulp_expm1(double x)
{
    return expm1(x);
}
static inline double ulp_erf(double x)
{
    return erf(x);
}
static inline double ulp_sqrt(double x)
{
    return sqrt(x);
}
static inline float ulp_our_sqrt(float x)
{
    return ic_map_eval(IC_MAP_SQRT, x, 0, 0);
}

#define ULP_TRUTH(name)                                                                                                            \
    static inline double ulp_##name(double x)                                                                                      \
    {                                                                                                                              \
        return name(x);                                                                                                            \
    }
ULP_TRUTH(sin)
ULP_TRUTH(cos)
ULP_TRUTH(tan)
ULP_TRUTH(asin)
ULP_TRUTH(acos)
ULP_TRUTH(atan)
ULP_TRUTH(sinh)
ULP_TRUTH(cosh)
ULP_TRUTH(asinh)
ULP_TRUTH(acosh)
ULP_TRUTH(atanh)
ULP_TRUTH(log1p)

static const struct ulp_function ulp_functions[] = {
    {"exp", ic_exp, ulp_exp, 2.0},
    {"log", ic_log, ulp_log, 2.0},
    {"expm1", ic_expm1, ulp_expm1, 2.0},
    {"sigmoid", ic_sigmoid, ulp_sigmoid, 2.0},
    {"tanh", ic_tanh, ulp_tanh, 2.0},
    {"erf", ic_erf, ulp_erf, 2.0},
    {"softplus", ic_softplus, ulp_softplus, 2.0},
    {"sqrt", ulp_our_sqrt, ulp_sqrt, 0.5},
    {"sin", ic_sin, ulp_sin, 1.0},
    {"cos", ic_cos, ulp_cos, 1.0},
    {"tan", ic_tan, ulp_tan, 1.0},
    {"asin", ic_asin, ulp_asin, 1.0},
    {"acos", ic_acos, ulp_acos, 1.0},
    {"atan", ic_atan, ulp_atan, 1.0},
    {"sinh", ic_sinh, ulp_sinh, 1.0},
    {"cosh", ic_cosh, ulp_cosh, 1.0},
    {"asinh", ic_asinh, ulp_asinh, 1.0},
    {"acosh", ic_acosh, ulp_acosh, 1.0},
    {"atanh", ic_atanh, ulp_atanh, 1.0},
    {"log1p", ic_log1p, ulp_log1p, 1.0},
};
enum { ULP_FUNCTIONS = sizeof ulp_functions / sizeof *ulp_functions };

/* Denormal operands count as zero, results below 2^-126 may be zero. NaN must meet NaN, Inf must meet what overflows. */
static inline double ulp_error(const struct ulp_function *f, uint32_t bits)
{
    const float x = ic_flush(ic_f32_from_bits(bits)), y = f->ours(x);
    const double t = f->truth((double)x);
    if (isnan(t) || isnan(y))
        return isnan(t) && isnan(y) ? 0.0 : HUGE_VAL;
    if (fabs(t) < 0x1p-126)
        return fabs((double)y) <= 0x1.000002p-126 ? 0.0 : HUGE_VAL;
    if (isinf(y) || isinf(t))
        return fabs(t) >= 0x1.fffffep127 && (t < 0) == (y < 0) ? 0.0 : HUGE_VAL;
    int exponent = 0;
    frexp(t, &exponent);
    return fabs((double)y - t) / ldexp(1.0, exponent - 24 < -149 ? -149 : exponent - 24);
}

#endif
