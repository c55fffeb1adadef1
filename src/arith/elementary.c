/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md section 5: exp, log, tanh, erf and what follows from them, from the operations of float_ops.h only, at most 2 ulp
 * (tests/unit/arith_elementary.c measures). Coefficients: Taylor where it converges fast enough, else interpolation at Chebyshev nodes.
 */
#include "arith/elementary.h"

#include "arith/float_ops.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* c[0] + x c[1] + x^2 c[2] ... by Horner's rule. */
static float polynomial(const float *c, size_t n, float x)
{
    float y = c[n - 1];
    for (size_t i = n - 1; i-- > 0;)
        y = ic_fma_f(y, x, c[i]);
    return y;
}

static float nan_value(void)
{
    return ic_f32_from_bits(0x7FC00000u);
}

static float infinity(void)
{
    return ic_f32_from_bits(0x7F800000u);
}

/* Zero or a denormal, which counts as zero: odd functions keep its sign, which their polynomials would lose. */
static bool is_zero(float x)
{
    return fabsf(x) < IC_MIN_NORMAL;
}

/* Nearest integer of |x| < 2^22. */
static float nearest(float x)
{
    const float magic = 12582912.0f;
    return (x + magic) - magic;
}

static const float exp_c[] = {0.5f,           0x1.555556p-3f, 0x1.555556p-5f, 0x1.111112p-7f, 0x1.6c16c2p-10f, 0x1.a01a02p-13f,
                              0x1.a01a02p-16f};

/* exp(x) - 1 for |x| <= 0.5: x + x^2 (1/2 + x/6 + ...) */
static float expm1_small(float x)
{
    return ic_fma_f(ic_mul_f(x, x), polynomial(exp_c, COUNT(exp_c), x), x);
}

float ic_exp(float x)
{
    if (x != x)
        return nan_value();
    if (x > 88.72284f)
        return infinity();
    if (x < -87.33655f) /* below 2^-126 */
        return 0.0f;
    const float n = nearest(x * 0x1.715476p+0f);
    /* r + r_low = x - n log 2; one_r + (lost + rest) = exp(r): only the last addition rounds visibly */
    const float high = ic_fma_f(-n, 0x1.62e4p-1f, x);
    const float r = ic_fma_f(-n, 0x1.7f7d1cp-20f, high);
    const float r_low = ic_fma_f(-n, 0x1.7f7d1cp-20f, high - r);
    const float one_r = 1.0f + r, lost = r - (one_r - 1.0f);
    const float rest = ic_fma_f(ic_mul_f(r, r), polynomial(exp_c, COUNT(exp_c), r), r_low);
    const float e = one_r + (lost + rest);
    /* 2^n in two factors: n reaches 128 */
    const int32_t k = (int32_t)n, half = k / 2;
    const float first = ic_f32_from_bits((uint32_t)(half + 127) << 23), second = ic_f32_from_bits((uint32_t)(k - half + 127) << 23);
    return ic_mul_f(e * first, second);
}

float ic_expm1(float x)
{
    if (is_zero(x))
        return copysignf(0.0f, x);
    if (fabsf(x) <= 0.5f)
        return expm1_small(x);
    return ic_exp(x) - 1.0f;
}

static const float log_c[] = {0x1.555554p-2f,  -0x1.fffffcp-3f, 0x1.999d5ap-3f,  -0x1.555b4ap-3f, 0x1.23d21ap-3f,
                              -0x1.fcf4c6p-4f, 0x1.dea282p-4f,  -0x1.d635bcp-4f, 0x1.1d8ea6p-4f};

/* log(1 + r) for sqrt(1/2) - 1 <= r <= sqrt(2) - 1, without its first term r. */
static float log1p_tail(float r)
{
    const float r2 = ic_mul_f(r, r);
    return ic_fma_f(ic_mul_f(r2, r), polynomial(log_c, COUNT(log_c), r), -0.5f * r2);
}

float ic_log(float x)
{
    if (x != x || x < -0.0f)
        return x < 0 && fabsf(x) < IC_MIN_NORMAL ? -infinity() : nan_value();
    if (x < IC_MIN_NORMAL)
        return -infinity();
    const uint32_t u = ic_f32_bits(x);
    if (u == 0x7F800000u)
        return x;
    const uint32_t shifted = u - 0x3F3504F3u; /* sqrt(1/2): mantissa in sqrt(1/2) .. sqrt(2) */
    const int32_t k = (int32_t)shifted >> 23;
    const float m = ic_f32_from_bits((shifted & 0x007FFFFFu) + 0x3F3504F3u);
    const float r = m - 1.0f, n = (float)k;
    const float low = ic_fma_f(n, 0x1.7f7d1cp-20f, log1p_tail(r));
    return ic_fma_f(n, 0x1.62e4p-1f, r + low);
}

/* log(1 + x) for x >= 0: what 1 + x drops is added through the derivative. */
static float log1p_positive(float x)
{
    const float u = 1.0f + x;
    if (u == 1.0f)
        return x;
    if (u > 0x1p24f)
        return ic_log(u);
    return ic_add_f(ic_log(u), ic_div_f(x - (u - 1.0f), u));
}

float ic_sigmoid(float x)
{
    if (x != x)
        return nan_value();
    if (x < -87.33655f)
        return 0.0f;
    if (x >= 0.0f)
        return ic_div_f(1.0f, 1.0f + ic_exp(-x));
    /* e / (1 + e): the remainder of the division and what 1 + e drops are divided again, by 1 / (1 + e) = 1 - q */
    const float e = ic_exp(x), d = 1.0f + e, dropped = e - (d - 1.0f), q = ic_div_f(e, d);
    const float remainder = ic_fma_f(-q, dropped, ic_fma_f(-q, d, e));
    return ic_fma_f(remainder, 1.0f - q, q);
}

static const float tanh_c[] = {-0x1.555552p-2f, 0x1.110dd8p-3f, -0x1.b91582p-5f, 0x1.576e3p-6f, -0x1.8c2d0ap-8f};

float ic_tanh(float x)
{
    const float a = fabsf(x);
    if (x != x)
        return nan_value();
    if (is_zero(x))
        return copysignf(0.0f, x);
    if (a < 0.63f) {
        const float z = ic_mul_f(x, x);
        return ic_fma_f(ic_mul_f(z, x), polynomial(tanh_c, COUNT(tanh_c), z), x);
    }
    if (a > 9.1f)
        return copysignf(1.0f, x);
    const float y = 1.0f - ic_div_f(2.0f, ic_exp(2.0f * a) + 1.0f);
    return copysignf(y, x);
}

static const float erf_small_c[] = {0x1.20dd76p+0f, -0x1.812744p-2f,  0x1.ce2e86p-4f, -0x1.b819c2p-6f,
                                    0x1.553b5p-8f,  -0x1.ae80a2p-11f, 0x1.6bd428p-14f};
static const float erf_tail_c[] = {0x1.9ed9b4p-13f, -0x1.212d92p+0f, -0x1.443a9ep-1f, -0x1.bb2e68p-4f,
                                   0x1.96fab8p-6f,  -0x1.fb58eap-9f, 0x1.0ec2bap-12f, 0x1.51d4fp-15f,
                                   -0x1.a27cbp-17f, 0x1.668b14p-20f, -0x1.de396cp-25f};

/* x (c[0] + x^2 (c[1] + ...)); c[0] = 2 / sqrt(pi) with the bits that a float loses. */
static float erf_small(float x)
{
    const float z = ic_mul_f(x, x);
    const float rest = ic_fma_f(z, polynomial(erf_small_c + 1, COUNT(erf_small_c) - 1, z), -0x1.f7ac9200p-25f);
    return ic_fma_f(x, erf_small_c[0], ic_mul_f(x, rest));
}

float ic_erf(float x)
{
    const float a = fabsf(x);
    if (x != x)
        return nan_value();
    if (is_zero(x))
        return copysignf(0.0f, x);
    if (a < 0.875f)
        return erf_small(x);
    if (a > 3.92f)
        return copysignf(1.0f, x);
    /* 1 - erfc: log erfc is smooth between */
    return copysignf(1.0f - ic_exp(polynomial(erf_tail_c, COUNT(erf_tail_c), a)), x);
}

float ic_softplus(float x)
{
    if (x != x)
        return nan_value();
    if (x > 20.0f) /* as PyTorch's threshold */
        return x;
    return x > 0.0f ? x + log1p_positive(ic_exp(-x)) : log1p_positive(ic_exp(x));
}

double ic_exp_f64(double x)
{
    if (x != x)
        return x;
    if (x > 709.0)
        return (double)infinity();
    if (x < -708.0)
        return 0.0;
    const double n = rint(x * 1.4426950408889634074);
    const double r = (x - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10;
    double term = 1.0, sum = 1.0;
    for (int k = 1; k < 18; k++) {
        term = term * r / k;
        sum += term;
    }
    return ldexp(sum, (int)n);
}

double ic_log_f64(double x)
{
    if (x != x || x < 0)
        return (double)nan_value();
    if (x == 0)
        return -(double)infinity();
    int k = 0;
    double m = frexp(x, &k);
    if (m < 0.70710678118654752440) {
        m *= 2;
        k--;
    }
    /* log m = 2 atanh(s), s = (m - 1) / (m + 1), |s| < 0.172 */
    const double s = (m - 1) / (m + 1), s2 = s * s;
    double power = s, sum = 0;
    for (int i = 1; i < 26; i += 2) {
        sum += power / i;
        power *= s2;
    }
    return 2 * sum + k * 6.93147180559945309417e-01;
}
