/* SPDX-License-Identifier: Apache-2.0
 *
 * The arena as a table for people, read off the finished program: the planner's own lists are gone by then, and a reader may check it.
 */
#include "compile/compile.h"
#include "compile/operands.h"

#include <inttypes.h>
#include <stdlib.h>

/* An arena tensor with the steps that name it first and last. */
struct use {
    uint32_t tensor;
    uint64_t begin, end; /* bytes in the arena, end rounded up to 64 */
    int32_t first, last;
};

static int by_place(const void *a, const void *b)
{
    const struct use *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->tensor < y->tensor ? -1 : 1;
}

static uint32_t collect(const struct ic_program *p, struct use *uses, uint32_t *use_of)
{
    uint32_t n = 0;
    for (uint32_t t = 1; t < p->n_tensors; t++) {
        const struct ic_tensor *tensor = &p->tensors[t];
        use_of[t] = UINT32_MAX;
        if (tensor->space != IC_SPACE_ARENA)
            continue;
        use_of[t] = n;
        uses[n++] = (struct use){.tensor = t,
                                 .begin = tensor->offset_bytes,
                                 .end = (tensor->offset_bytes + tensor->size_bytes + 63) / 64 * 64,
                                 .first = INT32_MAX,
                                 .last = -1};
    }
    for (uint32_t i = 0; i < p->n_steps; i++) {
        const struct ic_operands o = ic_step_operands(&p->steps[i]);
        for (int32_t k = 0; k < o.n; k++) {
            if (use_of[*o.at[k]] == UINT32_MAX)
                continue;
            struct use *u = &uses[use_of[*o.at[k]]];
            u->first = (int32_t)i < u->first ? (int32_t)i : u->first;
            u->last = (int32_t)i;
        }
    }
    return n;
}

/* Bytes that uses sorted by place cover; those on the same place count once. */
static uint64_t covered_bytes(const struct use *uses, uint32_t n)
{
    uint64_t covered = 0, upto = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (uses[i].end <= upto)
            continue;
        covered += uses[i].end - (uses[i].begin > upto ? uses[i].begin : upto);
        upto = uses[i].end;
    }
    return covered;
}

static int by_first(const void *a, const void *b)
{
    const struct use *x = a, *y = b;
    return x->first != y->first ? (x->first < y->first ? -1 : 1) : by_place(a, b);
}

/* Those that end before that step leave a list sorted by place. */
static uint32_t drop_dead(struct use *alive, uint32_t n, int32_t step)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (alive[i].last >= step)
            alive[kept++] = alive[i];
    return kept;
}

static void insert_alive(struct use *alive, uint32_t n, const struct use *u)
{
    for (; n > 0 && by_place(&alive[n - 1], u) > 0; n--)
        alive[n] = alive[n - 1];
    alive[n] = *u;
}

/* The most bytes that tensors alive at one step cover. Sorts uses; alive has room for all. */
static uint64_t largest_live_set(struct use *uses, uint32_t n, struct use *alive)
{
    uint64_t most = 0;
    uint32_t n_alive = 0;
    qsort(uses, n, sizeof *uses, by_first);
    for (uint32_t i = 0; i < n && uses[i].last >= 0;) { /* the set only grows where a tensor is named first */
        const int32_t step = uses[i].first;
        n_alive = drop_dead(alive, n_alive, step);
        for (; i < n && uses[i].first == step; i++)
            insert_alive(alive, n_alive++, &uses[i]);
        const uint64_t covered = covered_bytes(alive, n_alive);
        most = covered > most ? covered : most;
    }
    return most;
}

static void print_table(const struct ic_program *p, struct use *uses, struct use *alive, uint32_t *use_of, struct ic_writer *w)
{
    const uint32_t n = collect(p, uses, use_of);
    ic_write_text(w, "%-40s %10s %10s %6s %6s\n", "activation", "bytes", "offset", "first", "last");
    for (uint32_t i = 0; i < n; i++) {
        const struct ic_tensor *t = &p->tensors[uses[i].tensor];
        const char *name = ic_program_text(p, t->name);
        ic_write_text(w, "%-40.40s %10" PRIu64 " %10" PRIu64, *name ? name : "-", t->size_bytes, t->offset_bytes);
        if (uses[i].last >= 0)
            ic_write_text(w, " %6d %6d\n", (int)uses[i].first, (int)uses[i].last);
        else
            ic_write_text(w, " %6s %6s\n", "-", "-");
    }
    const uint64_t most = largest_live_set(uses, n, alive);
    ic_write_text(w, "arena %" PRIu64 " byte%s; largest live set %" PRIu64 " byte%s\n", p->arena_bytes, IC_S(p->arena_bytes), most,
                  IC_S(most));
}

void ic_compile_print_memory(const struct ic_program *p, struct ic_writer *w)
{
    struct use *uses = ic_calloc((size_t)p->n_tensors + 1, sizeof *uses);
    struct use *alive = ic_calloc((size_t)p->n_tensors + 1, sizeof *alive);
    uint32_t *use_of = ic_calloc((size_t)p->n_tensors + 1, sizeof *use_of);
    w->failed = w->failed || !uses || !alive || !use_of;
    if (!w->failed)
        print_table(p, uses, alive, use_of, w);
    ic_free(uses);
    ic_free(alive);
    ic_free(use_of);
}
