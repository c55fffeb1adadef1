/* SPDX-License-Identifier: Apache-2.0
 *
 * Largest block first, each at the lowest place where no block alive with it stands; then the same in order of first use; the smaller
 * arena wins. Ties are broken by position, so that every host plans the same.
 */
#include "compile/plan.h"

#include "base/alloc.h"
#include "base/checked.h"

#include <stdbool.h>
#include <stdlib.h>

enum { ALIGN_BYTES = 64 };

struct item {
    int32_t i;
    uint64_t size;
    int32_t first;
};

static int by_size(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return x->i < y->i ? -1 : 1;
}

static int by_first_use(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return by_size(a, b);
}

static bool meet(const struct ic_plan_block *a, const struct ic_plan_block *b)
{
    return a->first <= b->last && b->first <= a->last;
}

static uint64_t size_of(const struct ic_plan_block *b)
{
    return (b->size_bytes + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
}

/* Lowest free place for block i among the placed ones, which are kept sorted by offset. */
static uint64_t lowest_place(const struct ic_plan_block *blocks, const int32_t *placed, int32_t n_placed, int32_t i)
{
    uint64_t at = 0;
    for (int32_t k = 0; k < n_placed; k++) {
        const struct ic_plan_block *other = &blocks[placed[k]];
        if (!meet(other, &blocks[i]) || other->offset_bytes + size_of(other) <= at)
            continue;
        if (other->offset_bytes >= at + size_of(&blocks[i]))
            break;
        at = other->offset_bytes + size_of(other);
    }
    return at;
}

static uint64_t place_all(struct ic_plan_block *blocks, const struct item *order, int32_t n, int32_t *placed)
{
    uint64_t top = 0;
    for (int32_t k = 0; k < n; k++) {
        const int32_t i = order[k].i;
        blocks[i].offset_bytes = lowest_place(blocks, placed, k, i);
        int32_t at = k;
        while (at > 0 && blocks[placed[at - 1]].offset_bytes > blocks[i].offset_bytes) {
            placed[at] = placed[at - 1];
            at--;
        }
        placed[at] = i;
        const uint64_t end = blocks[i].offset_bytes + size_of(&blocks[i]);
        top = end > top ? end : top;
    }
    return top;
}

static uint64_t lower_bound(const struct ic_plan_block *blocks, int32_t n)
{
    uint64_t most = 0;
    for (int32_t i = 0; i < n; i++) { /* the live set only grows where a block begins */
        uint64_t alive = 0;
        for (int32_t k = 0; k < n; k++)
            if (blocks[k].first <= blocks[i].first && blocks[i].first <= blocks[k].last)
                alive += size_of(&blocks[k]);
        most = alive > most ? alive : most;
    }
    return most;
}

enum ic_status ic_plan_memory(struct ic_plan_block *blocks, int32_t n, uint64_t *out_arena, uint64_t *out_lower, struct ic_diag *d)
{
    struct item *order = ic_calloc((size_t)n + 1, sizeof *order);
    int32_t *placed = ic_calloc((size_t)n + 1, sizeof *placed);
    if (!order || !placed) {
        ic_free(order);
        ic_free(placed);
        return ic_fail(d, IC_ERR_MEMORY, "no memory to plan %d blocks", (int)n);
    }
    for (int32_t i = 0; i < n; i++)
        order[i] = (struct item){.i = i, .size = size_of(&blocks[i]), .first = blocks[i].first};
    qsort(order, (size_t)n, sizeof *order, by_first_use);
    const uint64_t by_use = place_all(blocks, order, n, placed);
    qsort(order, (size_t)n, sizeof *order, by_size);
    *out_arena = place_all(blocks, order, n, placed);
    if (by_use < *out_arena) {
        qsort(order, (size_t)n, sizeof *order, by_first_use);
        *out_arena = place_all(blocks, order, n, placed);
    }
    *out_lower = lower_bound(blocks, n);
    ic_free(order);
    ic_free(placed);
    return IC_OK;
}
