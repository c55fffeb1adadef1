/* SPDX-License-Identifier: Apache-2.0 */
#include "optimize/evaluate.h"

#include "base/checked.h"
#include "kernels/kernel.h"
#include "ops/op.h"

#include <string.h>

struct evaluation {
    const struct ic_graph *g;
    struct ic_lowered lowered;
    void **at;        /* per tensor */
    uint8_t *memory;  /* of all computed tensors */
    uint32_t outside; /* a kernel met an index outside its axis: tensor 0's pointer leads here */
};

static size_t memory_of(const struct ic_tensor *t)
{
    return ic_round_up((size_t)t->size_bytes, 64) + 64;
}

static bool own_memory(const struct ic_lowered *l, uint32_t i)
{
    return !l->view_of[i] && !l->tensor_data[i] && l->program.tensors[i].space != IC_SPACE_INPUT;
}

/* Results are computed where the caller wants them, not copied: they may be weights. */
static void place_outputs(struct evaluation *e, void *const *outputs)
{
    const struct ic_lowered *l = &e->lowered;
    for (uint32_t i = 0; i < l->program.n_outputs; i++) {
        const uint32_t t = l->program.outputs[i].tensor;
        if (own_memory(l, t) && !e->at[t])
            e->at[t] = outputs[i];
    }
}

static enum ic_status place(struct evaluation *e, const void *const *inputs, void *const *outputs, struct ic_diag *d)
{
    const struct ic_lowered *l = &e->lowered;
    const struct ic_program *p = &l->program;
    size_t total = 0, used = 0;
    e->at = ic_calloc(p->n_tensors, sizeof *e->at);
    if (e->at)
        place_outputs(e, outputs);
    for (uint32_t i = 1; e->at && i < p->n_tensors; i++)
        total += own_memory(l, i) && !e->at[i] ? memory_of(&p->tensors[i]) : 0;
    e->memory = ic_malloc_aligned(total ? total : 64, 64);
    if (!e->at || !e->memory)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to evaluate %s: %zu bytes are needed", e->g->name, total);
    for (uint32_t i = 1; i < p->n_tensors; i++) {
        const struct ic_tensor *t = &p->tensors[i];
        if (l->tensor_data[i])
            e->at[i] = (void *)(uintptr_t)l->tensor_data[i]; /* kernels only read constants */
        else if (!l->view_of[i] && t->space == IC_SPACE_INPUT)
            e->at[i] = (void *)(uintptr_t)inputs[t->i_io];
        else if (own_memory(l, i) && !e->at[i]) {
            e->at[i] = e->memory + used;
            used += memory_of(t);
        }
    }
    for (uint32_t i = 1; i < p->n_tensors; i++) {
        uint32_t root = i;
        size_t offset = 0;
        for (; l->view_of[root]; root = l->view_of[root])
            offset += (size_t)l->view_offset_bytes[root];
        e->at[i] = e->at[root] ? (uint8_t *)e->at[root] + offset : NULL;
    }
    e->at[0] = &e->outside;
    return IC_OK;
}

static enum ic_status run_step(struct evaluation *e, const struct ic_step *s, struct ic_diag *d)
{
    const struct ic_tensor *tensors = e->lowered.program.tensors;
    const struct ic_kernel *k = ic_kernel_ref(s->kind);
    const size_t scratch_bytes = k->scratch_bytes ? k->scratch_bytes(s->args, tensors) : 0;
    void *scratch = scratch_bytes ? ic_malloc_aligned(scratch_bytes, 64) : NULL;
    if (scratch_bytes && !scratch)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to evaluate %s", e->g->name);
    const int32_t units = k->units ? k->units(s->args, tensors) : 1;
    if (units > 0)
        k->run(s->args, tensors, e->at, scratch, 0, units);
    ic_free_aligned(scratch);
    if (e->outside)
        return ic_fail(d, IC_E_SHAPES, "%s: a constant index stands outside the axis it points into",
                       ic_program_text(&e->lowered.program, s->name));
    return IC_OK;
}

static enum ic_status run_all(struct evaluation *e, void *const *outputs, struct ic_diag *d)
{
    const struct ic_program *p = &e->lowered.program;
    enum ic_status status = IC_OK;
    const struct ic_float_mode old = ic_float_mode_enter();
    for (uint32_t i = 0; i < p->n_steps && status == IC_OK; i++)
        status = run_step(e, &p->steps[i], d);
    ic_float_mode_leave(old);
    for (uint32_t i = 0; i < p->n_outputs && status == IC_OK; i++) {
        const uint32_t t = p->outputs[i].tensor;
        if (p->tensors[t].size_bytes && e->at[t] != outputs[i])
            memcpy(outputs[i], e->at[t], (size_t)p->tensors[t].size_bytes);
    }
    return status;
}

enum ic_status ic_opt_evaluate(const struct ic_graph *g, const void *const *inputs, void *const *outputs, struct ic_diag *d)
{
    struct evaluation e = {.g = g};
    IC_TRY(ic_ops_lower_graph(g, &e.lowered, d));
    enum ic_status status = place(&e, inputs, outputs, d);
    if (status == IC_OK)
        status = run_all(&e, outputs, d);
    ic_free(e.at);
    ic_free_aligned(e.memory);
    ic_ops_lowered_destroy(&e.lowered);
    return status;
}
