/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts that let kernels skip work without changing a bit.
 */
#include "compile/prove.h"

#include <math.h>
#include <stdlib.h>

/* |acc| <= |bias| + sum |w| * 255 per channel: the product with the scale stays below 2^22. */
static bool small_products(const struct ic_lowered *l, const struct ic_step_contract *s)
{
    const int8_t *w = l->tensor_data[s->w];
    const int32_t *bias = l->tensor_data[s->bias];
    const float *scale = l->tensor_data[s->scale];
    const int64_t k = (int64_t)s->kh * s->kw * (s->ic / s->groups);
    for (int32_t o = 0; o < s->oc; o++) {
        int64_t most = llabs((long long)bias[o]);
        for (int64_t i = 0; i < k; i++)
            most += 255 * (int64_t)abs(w[o * k + i]);
        if ((double)most * (double)scale[o] >= 0x1p22)
            return false;
    }
    return true;
}

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
        if (s->mode == IC_ARITH_F32 ? cannot_underflow(l, s) : small_products(l, s))
            s->flags |= s->mode == IC_ARITH_F32 ? IC_CONTRACT_NO_UNDERFLOW : IC_CONTRACT_SMALL_PRODUCT;
    }
}
