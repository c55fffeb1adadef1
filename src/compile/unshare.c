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

/* Room for as many tensors again. */
static bool grow(struct ic_lowered *l)
{
    struct ic_program *p = &l->program;
    const size_t old = p->n_tensors, all = 2 * old;
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

/* The packings in which each weight is read already, each by the first step that does: lists of steps + 1, latest first. */
struct packings {
    uint32_t *latest;  /* per tensor */
    uint32_t *earlier; /* per step */
};

/* A listed step that reads weights w packed as s does, or NULL. */
static const struct ic_step_contract *find_alike(const struct ic_program *p, const struct packings *l, uint32_t w,
                                                 const struct ic_step_contract *s)
{
    for (uint32_t i = l->latest[w]; i; i = l->earlier[i - 1])
        if (same_packing(contract_of(p, i - 1), s))
            return contract_of(p, i - 1);
    return NULL;
}

static enum ic_status unshare(struct ic_lowered *l, const struct packings *packings, bool *plain, struct ic_diag *d)
{
    struct ic_program *p = &l->program;
    uint32_t room = p->n_tensors;
    find_plain(l, plain);
    for (uint32_t i = 0; i < p->n_steps; i++) {
        struct ic_step_contract *s = contract_of(p, i);
        const uint32_t w = s ? s->w : 0;
        if (!w)
            continue;
        const struct ic_step_contract *alike = find_alike(p, packings, w, s);
        if (alike) {
            s->w = alike->w;
            continue;
        }
        if (packings->latest[w] || plain[w]) {
            if (p->n_tensors == room && !grow(l))
                return ic_fail(d, IC_ERR_MEMORY, "no memory for a second form of the weights of %s",
                               ic_program_text(p, p->steps[i].name));
            room = p->n_tensors == room ? 2 * room : room;
            const uint32_t copy = p->n_tensors++;
            p->tensors[copy] = p->tensors[w];
            l->tensor_data[copy] = l->tensor_data[w];
            s->w = copy;
        }
        packings->earlier[i] = packings->latest[w];
        packings->latest[w] = i + 1;
    }
    return IC_OK;
}

enum ic_status ic_unshare_weights(struct ic_lowered *l, struct ic_diag *d)
{
    struct packings packings = {.latest = ic_calloc((size_t)l->program.n_tensors + 1, sizeof *packings.latest),
                                .earlier = ic_calloc((size_t)l->program.n_steps + 1, sizeof *packings.earlier)};
    bool *plain = ic_calloc((size_t)l->program.n_tensors + 1, sizeof *plain);
    const enum ic_status status = packings.latest && packings.earlier && plain
                                      ? unshare(l, &packings, plain, d)
                                      : ic_fail(d, IC_ERR_MEMORY, "no memory for %u steps", l->program.n_steps);
    ic_free(packings.latest);
    ic_free(packings.earlier);
    ic_free(plain);
    return status;
}
