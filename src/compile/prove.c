/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts that let kernels skip work without changing a bit.
 */
#include "compile/prove.h"

#include <math.h>

/* Operands that come from f16 are multiples of 2^-24: products are multiples of 2^-48. With a bias that is a multiple of 2^-126 every sum is
 * one too, before and after rounding, so it is zero or a normal number. */
static bool cannot_underflow(const struct ic_lowered *l, const struct ic_step_contract *s)
{
    const struct ic_tensor *tensors = l->program.tensors;
    if (tensors[s->x].dtype != IC_F16 || tensors[s->w].dtype != IC_F16)
        return false;
    const float *bias = s->bias ? l->tensor_data[s->bias] : NULL;
    for (int32_t o = 0; bias && o < s->oc; o++)
        if (rint(ldexp((double)bias[o], 126)) != ldexp((double)bias[o], 126))
            return false;
    return true;
}

void ic_prove_flags(struct ic_lowered *l)
{
    struct ic_program *p = &l->program;
    for (uint32_t i = 0; i < p->n_steps; i++) {
        if (p->steps[i].kind != IC_STEP_CONTRACT)
            continue;
        struct ic_step_contract *s = (void *)p->steps[i].args;
        if (s->mode == IC_ARITH_F32 && cannot_underflow(l, s))
            s->flags |= IC_CONTRACT_NO_UNDERFLOW;
    }
}
