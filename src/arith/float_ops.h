/* SPDX-License-Identifier: Apache-2.0
 *
 * Single float32 operations with the flush rules of docs/arithmetic.md section 2, on every CPU the same bits: denormal inputs count as
 * zero of their sign, a result whose exact value is smaller than 2^-126 is zero of its sign (as ARM decides: before rounding).
 * x86 with FTZ and DAZ decides after rounding, so multiply, divide and fma go through double there; sums need no care (a tiny sum of
 * floats is exact). RISC-V has no flush mode: everything is flushed here.
 */
#ifndef IC_ARITH_FLOAT_OPS_H
#define IC_ARITH_FLOAT_OPS_H

#include "arith/arith.h"

#include <math.h>

#define IC_MIN_NORMAL 0x1p-126f

#if defined(__arm__) || defined(__aarch64__)

static inline float ic_add_f(float a, float b)
{
    return a + b;
}
static inline float ic_sub_f(float a, float b)
{
    return a - b;
}
static inline float ic_mul_f(float a, float b)
{
    return a * b;
}
static inline float ic_div_f(float a, float b)
{
    return a / b;
}
static inline float ic_fma_f(float a, float b, float c)
{
    return __builtin_fmaf(a, b, c);
}

#else

/* Flushes what an input may hold (RISC-V; a no-op under DAZ but for its cost). */
static inline float ic_in_f(float x)
{
#if defined(__x86_64__)
    return x;
#else
    return fabsf(x) < IC_MIN_NORMAL ? copysignf(0.0f, x) : x;
#endif
}

/* A double that stands for an exact result, rounded once to float32 with ARM's tininess. */
static inline float ic_round_f(double exact)
{
    return fabs(exact) < 0x1p-126 ? (float)copysign(0.0, exact) : (float)exact;
}

static inline float ic_add_f(float a, float b)
{
    return ic_in_f(ic_in_f(a) + ic_in_f(b));
}
static inline float ic_sub_f(float a, float b)
{
    return ic_in_f(ic_in_f(a) - ic_in_f(b));
}
static inline float ic_mul_f(float a, float b)
{
    return ic_round_f((double)ic_in_f(a) * (double)ic_in_f(b));
}
/* 53 bits are more than twice 24 + 2: rounding the double quotient again gives the float quotient. */
static inline float ic_div_f(float a, float b)
{
    return ic_round_f((double)ic_in_f(a) / (double)ic_in_f(b));
}

/* a * b is exact in double; the sum is rounded to odd (its last bit set when inexact), so that the second rounding is the only one. */
static inline float ic_fma_f(float a, float b, float c)
{
    const double p = (double)ic_in_f(a) * (double)ic_in_f(b), q = (double)ic_in_f(c);
    double s = p + q;
    const double t = s - p;
    const double error = (p - (s - t)) + (q - t);
    if (error != 0.0 && fabs(s) < 0x1p1000) {
        union {
            double f;
            uint64_t u;
        } bits = {.f = s};
        if (!(bits.u & 1))
            bits.u += (error > 0) == (s > 0) ? 1 : (uint64_t)-1;
        s = bits.f;
    }
    return ic_round_f(s);
}

#endif

#endif
