/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md sections 2, 3 and 4: flushing, minimum and maximum, requantizing, the tree of partial sums.
 */
#include "arith/float_ops.h"

float ic_fma(float a, float b, float c)
{
    return ic_fma_f(a, b, c);
}

float ic_canonical(float x)
{
    return x == x ? x : ic_f32_from_bits(0x7FC00000u);
}

float ic_flush(float x)
{
    const uint32_t u = ic_f32_bits(x), magnitude = u & 0x7FFFFFFFu;
    if (magnitude > 0x7F800000u)
        return ic_f32_from_bits(0x7FC00000u);
    return magnitude < 0x00800000u ? ic_f32_from_bits(u & 0x80000000u) : x;
}

float ic_max(float a, float b)
{
    if (a != a || b != b)
        return ic_f32_from_bits(0x7FC00000u);
    if (a == b) /* equal, or zeros of either sign: +0 wins */
        return ic_f32_from_bits(ic_f32_bits(a) & ic_f32_bits(b));
    return a > b ? a : b;
}

float ic_min(float a, float b)
{
    if (a != a || b != b)
        return ic_f32_from_bits(0x7FC00000u);
    if (a == b)
        return ic_f32_from_bits(ic_f32_bits(a) | ic_f32_bits(b));
    return a < b ? a : b;
}

/* Nearest even of |x| <= 2^22 through the addition's own rounding. */
static int32_t round_even(float x)
{
    const float magic = 12582912.0f; /* 1.5 * 2^23 */
    const float shifted = x + magic;
    return (int32_t)(shifted - magic);
}

static int32_t requant_float(float product, int32_t zero, int32_t lo, int32_t hi)
{
    const float least = (float)(lo - zero), most = (float)(hi - zero);
    if (!(product >= least)) /* NaN goes low; scales are finite, so there is none */
        product = least;
    if (product > most)
        product = most;
    return round_even(product) + zero;
}

int32_t ic_requant(int32_t acc, float scale, int32_t zero, int32_t lo, int32_t hi)
{
    return requant_float((float)acc * scale, zero, lo, hi);
}

int32_t ic_requant64(int64_t acc, float scale, int32_t zero, int32_t lo, int32_t hi)
{
    return requant_float((float)acc * scale, zero, lo, hi);
}

int32_t ic_quantize(float x, float inv_scale, int32_t zero, int32_t lo, int32_t hi)
{
    const float product = x * inv_scale;
    if (product != product)
        return zero < lo ? lo : zero > hi ? hi : zero;
    return requant_float(product, zero, lo, hi);
}

float ic_sum_tree(float *partials, int n)
{
    for (int half = n / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            partials[i] = ic_add_f(partials[i], partials[i + half]);
    return partials[0];
}
