/* SPDX-License-Identifier: Apache-2.0 */
#include "compile/place.h"

#include "compile/operands.h"
#include "compile/plan.h"

/* Tensors that share memory form a set, named by its root; views and in-place results join the set of what they stand on. */
struct placing {
    struct ic_lowered *l;
    uint32_t *root;   /* what a view stands on */
    uint32_t *joined; /* per root: the block that it took over, 0 none */
    uint64_t *offset; /* inside the root */
    int32_t *first, *last;
    struct ic_plan_block *blocks;
    int32_t *block_of; /* per root; -1 none */
};

static bool in_arena(const struct placing *p, uint32_t t)
{
    return p->l->program.tensors[t].space == IC_SPACE_ARENA;
}

static uint32_t root_of(const struct placing *p, uint32_t t)
{
    uint32_t root = p->root[t];
    while (p->joined[root])
        root = p->joined[root];
    return root;
}

static void find_roots(struct placing *p)
{
    for (uint32_t i = 0; i < p->l->program.n_tensors; i++) {
        uint32_t root = i;
        uint64_t offset = 0;
        while (p->l->view_of[root]) {
            offset += p->l->view_offset_bytes[root];
            root = p->l->view_of[root];
        }
        p->root[i] = root;
        p->offset[i] = offset;
        p->first[i] = INT32_MAX;
        p->last[i] = -1;
        p->block_of[i] = -1;
    }
}

static void touch(struct placing *p, uint32_t t, int32_t step)
{
    const uint32_t root = p->root[t];
    if (step < p->first[root])
        p->first[root] = step;
    if (step > p->last[root])
        p->last[root] = step;
}

static void find_lifetimes(struct placing *p)
{
    for (uint32_t i = 0; i < p->l->program.n_steps; i++) {
        const struct ic_operands o = ic_step_operands(&p->l->program.steps[i]);
        for (int32_t k = 0; k < o.n; k++)
            touch(p, *o.at[k], (int32_t)i);
    }
}

/* Every operand that stands in that block may be overwritten by the step's result, element by element. */
static bool all_in_place(const struct placing *p, const struct ic_step *s, const struct ic_operands *o, uint32_t root)
{
    for (int32_t k = 0; k < o->n; k++)
        if (!o->is_result[k] && root_of(p, *o->at[k]) == root &&
            (p->offset[*o->at[k]] != 0 || !ic_step_in_place(s, p->l->program.tensors, *o->at[k])))
            return false;
    return true;
}

/* y takes the memory of an operand that dies in the same step, when both cover their whole block and y is born there. */
static void join_in_place(struct placing *p, uint32_t i_step)
{
    const struct ic_program *program = &p->l->program;
    const struct ic_step *s = &program->steps[i_step];
    const struct ic_operands o = ic_step_operands(s);
    uint32_t y = 0;
    for (int32_t k = 0; k < o.n; k++)
        y = o.is_result[k] ? *o.at[k] : y;
    if (!y || !in_arena(p, y) || root_of(p, y) != y || p->first[y] != (int32_t)i_step)
        return;
    for (int32_t k = 0; k < o.n; k++) {
        const uint32_t x = *o.at[k], root = root_of(p, x);
        if (o.is_result[k] || !in_arena(p, x) || p->last[root] != (int32_t)i_step || p->offset[x] != 0 || root == y)
            continue;
        if (program->tensors[root].size_bytes != program->tensors[y].size_bytes || !all_in_place(p, s, &o, root))
            continue;
        p->joined[y] = root;
        p->last[root] = p->last[y];
        return;
    }
}

static int32_t collect_blocks(struct placing *p, bool keep_all)
{
    const struct ic_program *program = &p->l->program;
    int32_t n = 0;
    for (uint32_t i = 1; i < program->n_tensors; i++) {
        if (!in_arena(p, i) || root_of(p, i) != i)
            continue;
        const bool unused = p->last[i] < 0;
        p->block_of[i] = n;
        p->blocks[n++] = (struct ic_plan_block){.size_bytes = program->tensors[i].size_bytes,
                                                .first = keep_all || unused ? 0 : p->first[i],
                                                .last = keep_all ? INT32_MAX
                                                        : unused ? 0
                                                                 : p->last[i]};
    }
    return n;
}

static enum ic_status place(struct placing *p, bool keep_all, struct ic_diag *d)
{
    struct ic_program *program = &p->l->program;
    uint64_t lower = 0;
    find_roots(p);
    find_lifetimes(p);
    for (uint32_t i = 0; i < program->n_steps && !keep_all; i++)
        join_in_place(p, i);
    const int32_t n = collect_blocks(p, keep_all);
    IC_TRY(ic_plan_memory(p->blocks, n, &program->arena_bytes, &lower, d));
    for (uint32_t i = 1; i < program->n_tensors; i++) {
        struct ic_tensor *t = &program->tensors[i];
        if (t->space == IC_SPACE_ARENA)
            t->offset_bytes = p->blocks[p->block_of[root_of(p, i)]].offset_bytes + p->offset[i];
        else if (t->space != IC_SPACE_CONST)
            t->offset_bytes = p->offset[i];
    }
    return IC_OK;
}

enum ic_status ic_place_activations(struct ic_lowered *l, bool keep_all, struct ic_diag *d)
{
    const size_t n = l->program.n_tensors;
    struct ic_arena scratch = {0};
    struct placing p = {.l = l,
                        .root = ic_arena_array(&scratch, n, sizeof *p.root),
                        .joined = ic_arena_array(&scratch, n, sizeof *p.joined),
                        .offset = ic_arena_array(&scratch, n, sizeof *p.offset),
                        .first = ic_arena_array(&scratch, n, sizeof *p.first),
                        .last = ic_arena_array(&scratch, n, sizeof *p.last),
                        .blocks = ic_arena_array(&scratch, n, sizeof *p.blocks),
                        .block_of = ic_arena_array(&scratch, n, sizeof *p.block_of)};
    enum ic_status status = p.root && p.joined && p.offset && p.first && p.last && p.blocks && p.block_of
                                ? IC_OK
                                : ic_fail(d, IC_ERR_MEMORY, "no memory to place %zu tensor%s", n, IC_S(n));
    if (status == IC_OK)
        status = place(&p, keep_all, d);
    ic_arena_destroy(&scratch);
    return status;
}
