/* SPDX-License-Identifier: Apache-2.0
 *
 * The same loops with the CPU's fma, so that whole networks simulate in seconds. Built on x86 with its flags for this file only; elsewhere the
 * plain loops stand in for it (they are never asked for: the CPU flag is absent).
 */
#include "sim/internal.h"

#if defined(__AVX2__) && defined(__FMA__)
#define DOT ic_sim_dot_avx2
#define FMA(a, b, c) __builtin_fmaf(a, b, c)
#define CORNER(v) ((int32_t)(ic_f32_bits(v) << 1) == (int32_t)(0x00800000u << 1))
#include "sim/dot.inc"
#else
bool ic_sim_dot_avx2(const struct ic_sim_dot *dot)
{
    return ic_sim_dot_plain(dot);
}
#endif
