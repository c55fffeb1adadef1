/* SPDX-License-Identifier: Apache-2.0
 *
 * A portable graph to a program: lower, choose packing, pack constants, place activations, check.
 */
#include "compile/compile.h"

#include "base/checked.h"
#include "compile/operands.h"
#include "compile/place.h"
#include "compile/prove.h"
#include "compile/unshare.h"

#include <stdio.h>
#include <string.h>

static enum ic_status choose_variants(struct ic_program *p, const struct ic_target *target, struct ic_diag *d)
{
    for (uint32_t i = 0; i < p->n_steps; i++) {
        const char *reason = "";
        if (!target->backend->query(target, &p->steps[i], p->tensors, &reason))
            return ic_fail(d, IC_E_ON_TARGET, "layer %s cannot run on %s: %s", ic_program_text(p, p->steps[i].name), target->name,
                           reason);
        target->backend->lower(target, &p->steps[i], p->tensors);
    }
    return IC_OK;
}

/* Constants on their way into the file. */
struct constants {
    const struct ic_step *
        *packer;     /* per tensor: the first step whose weights it is; all of them read it alike: ic_unshare_weights saw to that */
    uint32_t *slots; /* open addressing by content: tensors already written, each content once; 0 free */
    uint32_t mask;   /* slots - 1; their number is a power of two, at least twice the tensors */
};

static bool constants_create(struct constants *c, const struct ic_program *p)
{
    uint32_t n_slots = 64;
    while (n_slots < 2 * (uint64_t)p->n_tensors)
        n_slots *= 2;
    c->mask = n_slots - 1;
    c->slots = ic_calloc(n_slots, sizeof *c->slots);
    c->packer = ic_calloc(p->n_tensors, sizeof(const struct ic_step *));
    for (uint32_t i = p->n_steps; i-- > 0 && c->packer;)
        if (p->steps[i].kind == IC_STEP_CONTRACT)
            c->packer[((const struct ic_step_contract *)p->steps[i].args)->w] = &p->steps[i];
    return c->slots && c->packer;
}

static void constants_destroy(struct constants *c)
{
    ic_free(c->packer);
    ic_free(c->slots);
}

/* Tensor i was written last. The tensor that was written before it with the same bytes, or i. Different ones differ early. */
static uint32_t written_before(struct constants *c, const struct ic_program *p, uint32_t i, const struct ic_writer *w)
{
    const struct ic_tensor *t = &p->tensors[i];
    const size_t size = (size_t)t->size_bytes;
    uint32_t slot = ic_crc32((uint32_t)size, w->bytes + t->offset_bytes, size < 64 ? size : 64) & c->mask;
    for (; c->slots[slot]; slot = (slot + 1) & c->mask) {
        const struct ic_tensor *other = &p->tensors[c->slots[slot]];
        if (other->size_bytes == size && memcmp(w->bytes + other->offset_bytes, w->bytes + t->offset_bytes, size) == 0)
            return c->slots[slot];
    }
    c->slots[slot] = i;
    return i;
}

static enum ic_status write_constant(struct ic_lowered *l, uint32_t i, const struct ic_target *target, struct constants *c,
                                     struct ic_writer *w, struct ic_diag *d)
{
    struct ic_program *p = &l->program;
    struct ic_tensor *t = &p->tensors[i];
    const struct ic_step *packer = c->packer[i];
    ic_write_align(w, 64);
    const size_t at = w->size_bytes;
    if (packer) {
        IC_TRY(target->backend->pack(packer, p->tensors, l->tensor_data[i], w, d));
        t->size_bytes = w->size_bytes - at;
        t->rank = 1;
        memset(t->dims, 0, sizeof t->dims);
        t->dims[0] = (int32_t)(t->size_bytes / ic_dtype_bytes((enum ic_dtype)t->dtype));
    } else {
        ic_write_bytes(w, l->tensor_data[i], (size_t)t->size_bytes);
    }
    if (w->failed)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for the program's constants");
    t->offset_bytes = at;
    const uint32_t equal = written_before(c, p, i, w);
    if (equal != i) {
        t->offset_bytes = p->tensors[equal].offset_bytes;
        w->size_bytes = at;
    }
    return IC_OK;
}

static void mark(bool *used, uint32_t i)
{
    used[i] = true;
}

/* Tensors that steps or io name. */
static void find_used(const struct ic_program *p, bool *used)
{
    mark(used, 0);
    for (uint32_t i = 0; i < p->n_steps; i++) {
        const struct ic_operands o = ic_step_operands(&p->steps[i]);
        for (int32_t k = 0; k < o.n; k++)
            mark(used, *o.at[k]);
    }
    for (uint32_t i = 0; i < p->n_inputs; i++) {
        mark(used, p->inputs[i].tensor);
        mark(used, p->inputs[i].mean);
        mark(used, p->inputs[i].std);
    }
    for (uint32_t i = 0; i < p->n_outputs; i++)
        mark(used, p->outputs[i].tensor);
}

static enum ic_status drop_unused(struct ic_lowered *l, struct ic_diag *d)
{
    struct ic_program *p = &l->program;
    bool *used = ic_calloc(p->n_tensors, sizeof *used);
    uint32_t *to = ic_calloc(p->n_tensors, sizeof *to);
    if (!used || !to) {
        ic_free(used);
        ic_free(to);
        return ic_fail(d, IC_ERR_MEMORY, "no memory for %u tensors", p->n_tensors);
    }
    find_used(p, used);
    for (uint32_t i = 1; i < p->n_tensors; i++) /* a view's base must stay until memory is placed */
        if (used[i])
            for (uint32_t base = l->view_of[i]; base; base = l->view_of[base])
                used[base] = true;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < p->n_tensors; i++)
        if (used[i]) {
            to[i] = kept;
            p->tensors[kept] = p->tensors[i];
            l->tensor_data[kept] = l->tensor_data[i];
            l->view_of[kept] = to[l->view_of[i]];
            l->view_offset_bytes[kept++] = l->view_offset_bytes[i];
        }
    for (uint32_t i = 0; i < p->n_steps; i++) {
        const struct ic_operands o = ic_step_operands(&p->steps[i]);
        for (int32_t k = 0; k < o.n; k++)
            *o.at[k] = to[*o.at[k]];
    }
    for (uint32_t i = 0; i < p->n_inputs + p->n_outputs; i++) {
        struct ic_io *io = i < p->n_inputs ? &p->inputs[i] : &p->outputs[i - p->n_inputs];
        io->tensor = to[io->tensor];
        io->mean = to[io->mean];
        io->std = to[io->std];
    }
    p->n_tensors = kept;
    ic_free(used);
    ic_free(to);
    return IC_OK;
}

static bool is_view_of_constant(const struct ic_lowered *l, uint32_t i)
{
    return l->view_of[i] != 0;
}

static enum ic_status write_constants(struct ic_lowered *l, const struct ic_target *target, struct ic_writer *w, struct ic_diag *d)
{
    struct ic_program *p = &l->program;
    struct constants c = {0};
    enum ic_status status = constants_create(&c, p) ? IC_OK
                                                    : ic_fail(d, IC_ERR_MEMORY, "no memory to write %u tensors", p->n_tensors);
    for (uint32_t i = 1; i < p->n_tensors && status == IC_OK; i++)
        if (p->tensors[i].space == IC_SPACE_CONST && !is_view_of_constant(l, i))
            status = write_constant(l, i, target, &c, w, d);
    constants_destroy(&c);
    IC_TRY(status);
    for (uint32_t i = 1; i < p->n_tensors; i++)
        if (p->tensors[i].space == IC_SPACE_CONST && is_view_of_constant(l, i))
            p->tensors[i].offset_bytes = p->tensors[l->view_of[i]].offset_bytes + l->view_offset_bytes[i];
    p->const_bytes = w->size_bytes;
    p->consts = w->bytes;
    return IC_OK;
}

static enum ic_status build(struct ic_lowered *l, const struct ic_target *target, bool keep_all, struct ic_writer *consts,
                            struct ic_diag *d)
{
    struct ic_program *p = &l->program;
    snprintf(p->target, sizeof p->target, "%s", target->name);
    p->profile = target->backend->profile(target);
    IC_TRY(drop_unused(l, d));
    IC_TRY(choose_variants(p, target, d));
    IC_TRY(ic_unshare_weights(l, d));
    ic_prove_flags(l);
    IC_TRY(write_constants(l, target, consts, d));
    IC_TRY(ic_place_activations(l, keep_all, d));
    p->needs = target->backend->needs(target, p);
    return ic_program_check(p, d);
}

enum ic_status ic_compile(const struct ic_graph *g, const struct ic_target *target, bool keep_all, struct ic_program *out_p,
                          struct ic_writer *out_consts, struct ic_diag *d)
{
    struct ic_lowered l;
    *out_p = (struct ic_program){0};
    IC_TRY(ic_ops_lower_graph(g, &l, d));
    const enum ic_status status = build(&l, target, keep_all, out_consts, d);
    if (status != IC_OK) {
        ic_ops_lowered_destroy(&l);
        return status;
    }
    *out_p = l.program; /* its arena owns the tables; the lowering's own lists stay in it, unused */
    return IC_OK;
}
