/* SPDX-License-Identifier: Apache-2.0 */
#include "compile/unshare.h"

#include "base/checked.h"
#include "compile/operands.h"

#include <string.h>

static struct ic_step_contract *contract_of(const struct ic_program *p, uint32_t i_step)
{
    return p->steps[i_step].kind == IC_STEP_CONTRACT ? (void *)p->steps[i_step].args : NULL;
}

static bool same_packing(const struct ic_step_contract *a, const struct ic_step_contract *b)
{
    return a->oc_block == b->oc_block && a->k_block == b->k_block && a->groups == b->groups && a->oc == b->oc && a->ic == b->ic &&
           a->kh == b->kh && a->kw == b->kw;
}

/* Tensors whose bytes somebody wants in source order. */
static void find_plain(const struct ic_lowered *l, bool *plain)
{
    const struct ic_program *p = &l->program;
    for (uint32_t i = 0; i < p->n_steps; i++) {
        const struct ic_operands o = ic_step_operands(&p->steps[i]);
        const struct ic_step_contract *s = contract_of(p, i);
        for (int32_t k = 0; k < o.n; k++)
            if (!s || o.at[k] != &s->w)
                plain[*o.at[k]] = true;
    }
    for (uint32_t i = 0; i < p->n_tensors; i++)
        if (l->view_of[i]) {
            plain[l->view_of[i]] = true;
            plain[i] = true; /* its bytes lie inside another constant's */
        }
    for (uint32_t i = 0; i < p->n_inputs; i++)
        plain[p->inputs[i].mean] = plain[p->inputs[i].std] = true;
}

static bool grow(struct ic_lowered *l, uint32_t more)
{
    struct ic_program *p = &l->program;
    const size_t old = p->n_tensors, all = old + more;
    struct ic_tensor *tensors = ic_arena_array(&p->arena, all, sizeof *tensors);
    const void **data = ic_arena_array(&p->arena, all, sizeof *data);
    uint32_t *view_of = ic_arena_array(&p->arena, all, sizeof *view_of);
    uint64_t *offset = ic_arena_array(&p->arena, all, sizeof *offset);
    if (!tensors || !data || !view_of || !offset)
        return false;
    memcpy(tensors, p->tensors, old * sizeof *tensors);
    memcpy(data, l->tensor_data, old * sizeof *data);
    memcpy(view_of, l->view_of, old * sizeof *view_of);
    memcpy(offset, l->view_offset_bytes, old * sizeof *offset);
    p->tensors = tensors;
    l->tensor_data = data;
    l->view_of = view_of;
    l->view_offset_bytes = offset;
    return true;
}

/* weights[i] is what step i named before anything was changed. Answers an earlier step that reads them packed alike, or -1. */
static int64_t find_alike(const struct ic_program *p, const uint32_t *weights, uint32_t i_step, bool *out_other)
{
    const struct ic_step_contract *s = contract_of(p, i_step);
    *out_other = false;
    for (uint32_t i = 0; i < i_step; i++) {
        if (weights[i] != weights[i_step])
            continue;
        if (same_packing(contract_of(p, i), s))
            return i;
        *out_other = true;
    }
    return -1;
}

static enum ic_status unshare(struct ic_lowered *l, uint32_t *weights, bool *plain, struct ic_diag *d)
{
    struct ic_program *p = &l->program;
    for (uint32_t i = 0; i < p->n_steps; i++)
        weights[i] = contract_of(p, i) ? contract_of(p, i)->w : 0;
    find_plain(l, plain);
    for (uint32_t i = 0; i < p->n_steps; i++) {
        bool other = false;
        if (!weights[i])
            continue;
        const int64_t alike = find_alike(p, weights, i, &other);
        if (alike >= 0) {
            contract_of(p, i)->w = contract_of(p, (uint32_t)alike)->w;
        } else if (other || plain[weights[i]]) {
            if (!grow(l, 1))
                return ic_fail(d, IC_ERR_MEMORY, "no memory for a second form of the weights of %s",
                               ic_program_text(p, p->steps[i].name));
            const uint32_t copy = p->n_tensors++;
            p->tensors[copy] = p->tensors[weights[i]];
            l->tensor_data[copy] = l->tensor_data[weights[i]];
            contract_of(p, i)->w = copy;
        }
    }
    return IC_OK;
}

enum ic_status ic_unshare_weights(struct ic_lowered *l, struct ic_diag *d)
{
    uint32_t *weights = ic_calloc((size_t)l->program.n_steps + 1, sizeof *weights);
    bool *plain = ic_calloc((size_t)l->program.n_tensors + 1, sizeof *plain);
    const enum ic_status status = weights && plain ? unshare(l, weights, plain, d)
                                                   : ic_fail(d, IC_ERR_MEMORY, "no memory for %u steps", l->program.n_steps);
    ic_free(weights);
    ic_free(plain);
    return status;
}
