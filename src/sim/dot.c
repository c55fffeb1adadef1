/* SPDX-License-Identifier: Apache-2.0
 *
 * The contraction's loops by arithmetic.md 2.1 on every machine.
 */
#include "sim/internal.h"

#define DOT ic_sim_dot_plain
#define FMA(a, b, c) ic_fma_f(a, b, c)
#define CORNER(v) 0
#include "sim/dot.inc"
