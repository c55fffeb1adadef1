/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md section 5.3. Additions, multiplications, divisions and square roots of float64 only, each rounded once on every machine;
 * Taylor series on ranges where they converge to 2^-40.
 */
#include "arith/trigonometry.h"

#include "arith/elementary.h"
#include "arith/float_ops.h"

#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
static const double half_pi = 0x1.921fb54442d18p+0, pi = 0x1.921fb54442d18p+1;

static float nan_value(void)
{
    return ic_f32_from_bits(0x7FC00000u);
}

static bool is_small(float x) /* the function is x to the last bit, or zero is */
{
    return fabsf(x) < 0x1p-13f;
}

static double polynomial(const double *c, size_t n, double x)
{
    double y = c[n - 1];
    for (size_t i = n - 1; i-- > 0;)
        y = y * x + c[i];
    return y;
}

/* ---- sin, cos, tan ---- */
static const double sin_c[] = {1.0, -1.0 / 6, 1.0 / 120, -1.0 / 5040, 1.0 / 362880, -1.0 / 39916800, 1.0 / 6227020800};
static const double cos_c[] = {1.0, -0.5, 1.0 / 24, -1.0 / 720, 1.0 / 40320, -1.0 / 3628800, 1.0 / 479001600, -1.0 / 87178291200};

/* The binary digits of 2 / pi, 32 in a word. */
static const uint32_t two_over_pi[] = {0xA2F9836Eu, 0x4E441529u, 0xFC2757D1u, 0xF534DDC0u, 0xDB629599u, 0x3C439041u, 0xFE5163ABu};

/* x = m 2^e with 24 bits in m: of m 2^e 2/pi only the digits from 2^1 down to 2^-62 matter. */
static double reduce_large(float x, int *quadrant)
{
    const uint32_t bits = ic_f32_bits(x) & 0x7FFFFFFFu;
    const uint64_t m = (bits & 0x007FFFFFu) | 0x00800000u;
    const int e = (int)(bits >> 23) - 150; /* -20 .. 104 */
    /* digit i of 2/pi weighs 2^-(i + 1); times 2^e those with i < e - 2 give multiples of four */
    const int first = e > 2 ? e - 2 : 0, word = first / 32, shift = first % 32;
    uint64_t high = (uint64_t)two_over_pi[word] << 32 | two_over_pi[word + 1],
             low = (uint64_t)two_over_pi[word + 2] << 32 | two_over_pi[word + 3];
    if (shift) {
        high = high << shift | low >> (64 - shift);
        low = low << shift;
    }
    /* high.low is a number in 0 .. 1 of digits first .. first + 95, weighed 2^-first; product = m * that, 24 + 96 bits */
    const uint64_t a = (high >> 32) * m, b = (high & 0xFFFFFFFFu) * m, c = (low >> 32) * m;
    /* value = (a 2^-32 + b 2^-64 + c 2^-96) 2^(e - first) */
    const uint64_t mid = b + (c >> 32); /* below 2^57 */
    const uint64_t whole = a + (mid >> 32);
    const uint64_t fraction = mid << 32 | (c & 0xFFFFFFFFu); /* of 2^-32, in 2^-96 */
    /* whole is in units of 2^-places; what is above half is taken from one, in whole numbers: nothing is lost */
    const int places = 32 + first - e; /* 30 .. 45 */
    uint64_t n = whole >> places, rest = whole & (((uint64_t)1 << places) - 1), below = fraction;
    const bool upper = rest >> (places - 1);
    if (upper) {
        rest = ((uint64_t)1 << places) - rest - (below != 0);
        below = 0 - below;
        n++;
    }
    const double f = ((double)rest + (double)below * 0x1p-64) * ldexp(1.0, -places);
    const bool negative = ic_f32_bits(x) >> 31;
    *quadrant = (int)((negative ? 0 - n : n) & 3u);
    return (negative != upper ? -f : f) * half_pi;
}

/* x = quadrant pi/2 + r, |r| <= pi/4 */
static double reduce(float x, int *quadrant)
{
    if (fabsf(x) > 1024.0f)
        return reduce_large(x, quadrant);
    const double n = rint((double)x * 0x1.45f306dc9c883p-1);
    *quadrant = (int)((int32_t)n & 3);
    return (double)x - n * 0x1.921fb544p+0 - n * 0x1.0b4611a626331p-34; /* n times the first part is exact */
}

static double sine_of(double r)
{
    return r * polynomial(sin_c, COUNT(sin_c), r * r);
}

static double cosine_of(double r)
{
    return polynomial(cos_c, COUNT(cos_c), r * r);
}

static bool no_angle(float x)
{
    return !(fabsf(x) < HUGE_VALF);
}

float ic_sin(float x)
{
    int q = 0;
    if (no_angle(x))
        return nan_value();
    if (is_small(x))
        return fabsf(x) < 0x1p-60f ? ic_flush(x) : (float)((double)x * (1.0 - (double)x * (double)x / 6));
    const double r = reduce(x, &q), v = q & 1 ? cosine_of(r) : sine_of(r);
    return (float)(q & 2 ? -v : v);
}

float ic_cos(float x)
{
    int q = 0;
    if (no_angle(x))
        return nan_value();
    const double r = reduce(x, &q), v = q & 1 ? -sine_of(r) : cosine_of(r);
    return (float)(q & 2 ? -v : v);
}

float ic_tan(float x)
{
    int q = 0;
    if (no_angle(x))
        return nan_value();
    if (fabsf(x) < 0x1p-60f)
        return ic_flush(x);
    const double r = reduce(x, &q);
    return ic_flush((float)(q & 1 ? -cosine_of(r) / sine_of(r) : sine_of(r) / cosine_of(r)));
}

/* k / n of a turn is q quarters and r / n of a quarter, |r| <= n / 2, in whole numbers. */
double ic_cos_of_turn(int64_t k, int64_t n)
{
    const int64_t at = (k % n + n) % n * 4, q = (2 * at + n) / (2 * n), r = at - q * n;
    const double angle = (double)r / (double)n * half_pi, v = q & 1 ? -sine_of(angle) : cosine_of(angle);
    return q & 2 ? -v : v;
}

double ic_sin_of_turn(int64_t k, int64_t n)
{
    const int64_t at = (k % n + n) % n * 4, q = (2 * at + n) / (2 * n), r = at - q * n;
    const double angle = (double)r / (double)n * half_pi, v = q & 1 ? cosine_of(angle) : sine_of(angle);
    return q & 2 ? -v : v;
}

/* ---- inverse ---- */
/* Two halvings of the angle bring x <= 1 below tan(pi / 16). */
static double arctangent(double x)
{
    static const double c[] = {1.0, -1.0 / 3, 1.0 / 5, -1.0 / 7, 1.0 / 9, -1.0 / 11, 1.0 / 13, -1.0 / 15, 1.0 / 17, -1.0 / 19};
    double a = fabs(x);
    const bool inverted = a > 1.0;
    a = inverted ? 1.0 / a : a;
    a = a / (1.0 + sqrt(1.0 + a * a));
    a = a / (1.0 + sqrt(1.0 + a * a));
    double angle = 4.0 * a * polynomial(c, COUNT(c), a * a);
    angle = inverted ? half_pi - angle : angle;
    return x < 0 ? -angle : angle;
}

float ic_atan(float x)
{
    if (x != x)
        return nan_value();
    if (fabsf(x) < 0x1p-60f)
        return ic_flush(x);
    return (float)arctangent((double)x);
}

float ic_atan2(float y, float x)
{
    if (x != x || y != y)
        return nan_value();
    const bool left = ic_f32_bits(x) >> 31, below = ic_f32_bits(y) >> 31;
    double angle;
    if (y == 0.0f || fabsf(y) < IC_MIN_NORMAL)
        angle = left ? pi : 0.0;
    else if (x == 0.0f || fabsf(x) < IC_MIN_NORMAL)
        angle = half_pi;
    else if (fabsf(x) == HUGE_VALF && fabsf(y) == HUGE_VALF)
        angle = left ? 1.5 * half_pi : 0.5 * half_pi;
    else {
        const double a = arctangent(fabs((double)y / (double)x));
        angle = left ? pi - a : a;
    }
    return ic_flush((float)(below ? -angle : angle));
}

float ic_asin(float x)
{
    if (x != x || fabsf(x) > 1.0f)
        return nan_value();
    if (fabsf(x) < 0x1p-60f)
        return ic_flush(x);
    const double d = (double)x, root = sqrt((1.0 - d) * (1.0 + d));
    return (float)(root == 0.0 ? copysign(half_pi, d) : arctangent(d / root));
}

float ic_acos(float x)
{
    if (x != x || fabsf(x) > 1.0f)
        return nan_value();
    const double d = (double)x, root = sqrt((1.0 - d) * (1.0 + d));
    if (d == 0.0)
        return (float)half_pi;
    const double a = arctangent(root / fabs(d));
    return (float)(d < 0 ? pi - a : a);
}

/* ---- hyperbolic ---- */
float ic_sinh(float x)
{
    if (x != x)
        return nan_value();
    if (fabsf(x) < 0x1p-60f)
        return ic_flush(x);
    const double d = fabs((double)x), s = d * d;
    static const double c[] = {1.0, 1.0 / 6, 1.0 / 120, 1.0 / 5040, 1.0 / 362880, 1.0 / 39916800, 1.0 / 6227020800};
    double v;
    if (d < 1.0) {
        v = d * polynomial(c, COUNT(c), s);
    } else {
        const double e = d > 90.0 ? 0x1p130 : ic_exp_f64(d);
        v = 0.5 * (e - 1.0 / e);
    }
    return (float)(x < 0 ? -v : v);
}

float ic_cosh(float x)
{
    if (x != x)
        return nan_value();
    const double d = fabs((double)x), e = d > 90.0 ? 0x1p130 : ic_exp_f64(d);
    return (float)(0.5 * (e + 1.0 / e));
}

/* log(1 + x), x > -1, without losing a small x. */
static double log1p_f64(double x)
{
    static const double c[] = {1.0,     -1.0 / 2, 1.0 / 3, -1.0 / 4,  1.0 / 5,  -1.0 / 6,
                               1.0 / 7, -1.0 / 8, 1.0 / 9, -1.0 / 10, 1.0 / 11, -1.0 / 12};
    return fabs(x) < 0x1p-4 ? x * polynomial(c, COUNT(c), x) : ic_log_f64(1.0 + x);
}

float ic_log1p(float x)
{
    if (x != x || x < -1.0f)
        return nan_value();
    if (x == -1.0f)
        return -HUGE_VALF;
    if (x == HUGE_VALF)
        return x;
    if (fabsf(x) < 0x1p-60f)
        return ic_flush(x);
    return (float)log1p_f64((double)x);
}

float ic_asinh(float x)
{
    if (x != x)
        return nan_value();
    if (fabsf(x) < 0x1p-60f || fabsf(x) == HUGE_VALF)
        return ic_flush(x);
    const double d = fabs((double)x), v = log1p_f64(d + d * d / (1.0 + sqrt(d * d + 1.0)));
    return (float)(x < 0 ? -v : v);
}

float ic_acosh(float x)
{
    if (x != x || x < 1.0f)
        return nan_value();
    if (x == HUGE_VALF)
        return x;
    const double t = (double)x - 1.0;
    return ic_flush((float)log1p_f64(t + sqrt(2.0 * t + t * t)));
}

float ic_atanh(float x)
{
    if (x != x || fabsf(x) > 1.0f)
        return nan_value();
    if (fabsf(x) == 1.0f)
        return copysignf(HUGE_VALF, x);
    if (fabsf(x) < 0x1p-60f)
        return ic_flush(x);
    const double d = fabs((double)x), v = 0.5 * log1p_f64(2.0 * d / (1.0 - d));
    return (float)(x < 0 ? -v : v);
}

/* ---- exact remainder: long division in steps that float64 holds exactly ---- */
float ic_fmod(float x, float y)
{
    if (x != x || y != y || fabsf(x) == HUGE_VALF || ic_flush(y) == 0.0f)
        return nan_value();
    if (fabsf(y) == HUGE_VALF)
        return ic_flush(x);
    double a = fabs((double)ic_flush(x));
    const double b = fabs((double)y);
    int exponent_a = 0, exponent_b = 0;
    (void)frexp(a, &exponent_a);
    (void)frexp(b, &exponent_b);
    for (int shift = exponent_a - exponent_b; shift >= 0; shift--) {
        const double step = ldexp(b, shift); /* 24 bits in it: the difference is exact */
        if (a >= step)
            a -= step;
    }
    return copysignf(ic_flush((float)a), x);
}
