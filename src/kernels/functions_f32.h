/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions in the operations of a vec_*.h included before: the formulas of arith/elementary.c, operation by operation, so that the bits are
 * the same. Where the scalar form branches, both ways are computed and one is chosen.
 */
#ifndef IC_KERNELS_FUNCTIONS_F32_H
#define IC_KERNELS_FUNCTIONS_F32_H

#include "arith/arith.h"

#include <stdbool.h>

static inline vf ic_vf_sub(vf a, vf b)
{
    return vf_add(a, vf_mul(b, vf_set(-1.0f)));
}

/* ic_exp */
static inline vf ic_vf_exp(vf x)
{
    static const float c[] = {0.5f,           0x1.555556p-3f, 0x1.555556p-5f, 0x1.111112p-7f, 0x1.6c16c2p-10f, 0x1.a01a02p-13f,
                              0x1.a01a02p-16f};
    const vf magic = vf_set(12582912.0f);
    const vf n = ic_vf_sub(vf_add(vf_mul(x, vf_set(0x1.715476p+0f)), magic), magic), minus_n = vf_mul(n, vf_set(-1.0f));
    const vf high = vf_fma(minus_n, vf_set(0x1.62e4p-1f), x);
    const vf r = vf_fma(minus_n, vf_set(0x1.7f7d1cp-20f), high);
    const vf r_low = vf_fma(minus_n, vf_set(0x1.7f7d1cp-20f), ic_vf_sub(high, r));
    const vf one_r = vf_add(vf_set(1.0f), r), lost = ic_vf_sub(r, ic_vf_sub(one_r, vf_set(1.0f)));
    vf p = vf_set(c[6]);
    for (int i = 5; i >= 0; i--)
        p = vf_fma(p, r, vf_set(c[i]));
    const vf rest = vf_fma(vf_mul(r, r), p, r_low);
    vf e = vf_scale(vf_add(one_r, vf_add(lost, rest)), n);
    e = vf_if_less(x, vf_set(-87.33655f), vf_zero(), e);
    return vf_if_less(vf_set(88.72284f), x, vf_set(ic_f32_from_bits(0x7F800000u)), e);
}

/* Whether ic_vf_function knows fn. */
static inline bool ic_vf_knows(uint32_t fn)
{
    return fn == IC_MAP_EXP || fn == IC_MAP_SIGMOID || fn == IC_MAP_SILU || fn == IC_MAP_AFFINE || fn == IC_MAP_TANH ||
           fn == IC_MAP_ERF || fn == IC_MAP_GELU || fn == IC_MAP_GELU_TANH || fn == IC_MAP_HARDSIGMOID || fn == IC_MAP_HARDSWISH ||
           fn == IC_MAP_LEAKY_RELU;
}

static inline vf ic_vf_hard(uint32_t fn, vf x)
{
    const vf gate = vf_clamp(vf_add(x, vf_set(3.0f)), vf_zero(), vf_set(6.0f));
    return vf_mul(fn == IC_MAP_HARDSWISH ? vf_mul(x, gate) : gate, vf_set(0x1.555556p-3f));
}

/* The others: one function per instruction set (kernels/elementary_f32.h). A call costs a few of its instructions, and boards have little memory. */
#define ic_vf_elementary VF_NAME(ic_vf_elementary)
vf ic_vf_elementary(uint32_t fn, vf x);

static inline vf ic_vf_function(uint32_t fn, vf a, vf b, vf x)
{
    if (fn == IC_MAP_AFFINE)
        return vf_fma(x, a, b);
    if (fn == IC_MAP_LEAKY_RELU)
        return vf_if_less(x, vf_zero(), vf_mul(a, x), x);
    return fn == IC_MAP_HARDSIGMOID || fn == IC_MAP_HARDSWISH ? ic_vf_hard(fn, x) : ic_vf_elementary(fn, x);
}

#endif
