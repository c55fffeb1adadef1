/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md section 6: float16 is storage. Integer operations only, so that no float mode matters.
 */
#include "arith/arith.h"

float ic_f16_to_f32(uint16_t h)
{
    const uint32_t sign = (uint32_t)(h & 0x8000u) << 16;
    const uint32_t exponent = (h >> 10) & 31u;
    uint32_t mantissa = h & 0x3FFu;
    if (exponent == 31)
        return ic_f32_from_bits(mantissa ? 0x7FC00000u : sign | 0x7F800000u);
    if (exponent != 0)
        return ic_f32_from_bits(sign | (exponent + 112) << 23 | mantissa << 13);
    if (mantissa == 0)
        return ic_f32_from_bits(sign);
    uint32_t e = 113; /* a denormal half is a normal float */
    while (!(mantissa & 0x400u)) {
        mantissa <<= 1;
        e--;
    }
    return ic_f32_from_bits(sign | e << 23 | (mantissa & 0x3FFu) << 13);
}

uint16_t ic_f32_to_f16(float x)
{
    const uint32_t u = ic_f32_bits(x);
    const uint32_t sign = (u >> 16) & 0x8000u;
    const uint32_t magnitude = u & 0x7FFFFFFFu;
    if (magnitude > 0x7F800000u)
        return 0x7E00u;
    if (magnitude >= 0x477FF000u) /* 65520 and above round to Inf */
        return (uint16_t)(sign | 0x7C00u);
    if (magnitude < 0x33000001u) /* at most 2^-25: rounds to zero (2^-25 is a tie with the even 0) */
        return (uint16_t)sign;
    const uint32_t exponent = magnitude >> 23;
    if (exponent >= 113) { /* normal half */
        const uint32_t shifted = magnitude - (112u << 23);
        return (uint16_t)(sign | ((shifted + 0xFFFu + ((shifted >> 13) & 1u)) >> 13));
    }
    const uint32_t shift = 126 - exponent; /* 14 .. 24 */
    const uint32_t mantissa = (magnitude & 0x7FFFFFu) | 0x800000u;
    const uint32_t half = 1u << (shift - 1);
    return (uint16_t)(sign | ((mantissa + half - 1 + ((mantissa >> shift) & 1u)) >> shift));
}

float ic_round_f16(float x)
{
    return ic_f16_to_f32(ic_f32_to_f16(x));
}
