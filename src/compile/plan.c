/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks are placed one by one, each at the lowest place where no block alive with it stands; what matters is their order. Several orders are
 * tried, then the best is improved: a block that sticks out at the top is placed earlier. It ends at the lower bound, or when the attempts
 * are used up. Ties are broken by position and nothing depends on time, so that every host plans the same.
 */
#include "compile/plan.h"

#include "base/alloc.h"
#include "base/checked.h"
#include "compile/alive.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN_BYTES = 64, MAX_ATTEMPTS = 100 };

struct item {
    int32_t i;
    uint64_t size;
    int32_t first, last;
};

static int compare_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

/* Largest first. */
static int by_size(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    const int order = compare_u64(y->size, x->size);
    return order ? order : compare_u64((uint64_t)x->i, (uint64_t)y->i);
}

static int by_first_use(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return x->first != y->first ? (x->first < y->first ? -1 : 1) : by_size(a, b);
}

/* Longest life first. */
static int by_life(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    const int64_t life_x = (int64_t)x->last - x->first, life_y = (int64_t)y->last - y->first;
    return life_x != life_y ? (life_x > life_y ? -1 : 1) : by_size(a, b);
}

static bool meet(const struct ic_plan_block *a, const struct ic_plan_block *b)
{
    return a->first <= b->last && b->first <= a->last;
}

static uint64_t size_of(const struct ic_plan_block *b)
{
    return (b->size_bytes + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
}

/* Few blocks alive with another are found by time; among many it is cheaper to go through all that are placed. */
enum { FEW = 64 };

struct search {
    struct ic_plan_block *blocks;
    struct item *order, *best;
    int32_t n, *placed; /* so far, sorted by offset, one of equal ones in the order in which they came */
    struct ic_alive alive;
    uint64_t top, best_top;
};

/* Where among the first n of a list sorted by offset one of that offset belongs: behind its equals. */
static int32_t place_in(const struct ic_plan_block *blocks, const int32_t *sorted, int32_t n, uint64_t offset)
{
    int32_t low = 0;
    while (low < n) {
        const int32_t middle = low + (n - low) / 2;
        if (blocks[sorted[middle]].offset_bytes > offset)
            n = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void insert_sorted(const struct ic_plan_block *blocks, int32_t *sorted, int32_t n, int32_t i)
{
    const int32_t at = place_in(blocks, sorted, n, blocks[i].offset_bytes);
    memmove(&sorted[at + 1], &sorted[at], (size_t)(n - at) * sizeof *sorted);
    sorted[at] = i;
}

/* Lowest free place for block i among the placed ones, of which n are at hand: all or those alive with it, by offset. */
static uint64_t lowest_among(const struct ic_plan_block *blocks, const int32_t *sorted, int32_t n, int32_t i)
{
    uint64_t at = 0;
    for (int32_t k = 0; k < n; k++) {
        const struct ic_plan_block *other = &blocks[sorted[k]];
        if (!meet(other, &blocks[i]) || other->offset_bytes + size_of(other) <= at)
            continue;
        if (other->offset_bytes >= at + size_of(&blocks[i]))
            break;
        at = other->offset_bytes + size_of(other);
    }
    return at;
}

static uint64_t lowest_place(const struct search *s, int32_t n_placed, int32_t i)
{
    int32_t found[FEW], sorted[FEW];
    const int32_t n = n_placed > FEW ? ic_alive_find(&s->alive, i, found, FEW) : -1;
    if (n < 0)
        return lowest_among(s->blocks, s->placed, n_placed, i);
    for (int32_t k = 0; k < n; k++)
        insert_sorted(s->blocks, sorted, k, found[k]);
    return lowest_among(s->blocks, sorted, n, i);
}

static uint64_t place_all(struct search *s)
{
    uint64_t top = 0;
    ic_alive_clear(&s->alive);
    for (int32_t k = 0; k < s->n; k++) {
        const int32_t i = s->order[k].i;
        struct ic_plan_block *b = &s->blocks[i];
        b->offset_bytes = lowest_place(s, k, i);
        insert_sorted(s->blocks, s->placed, k, i);
        ic_alive_add(&s->alive, i);
        top = b->offset_bytes + size_of(b) > top ? b->offset_bytes + size_of(b) : top;
    }
    return top;
}

static int by_end(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return x->last < y->last ? -1 : x->last > y->last;
}

/* The largest sum of blocks alive at once. Leaves begins in another order. */
static uint64_t lower_bound(struct item *begins, struct item *ends, int32_t n)
{
    uint64_t most = 0, alive = 0;
    qsort(begins, (size_t)n, sizeof *begins, by_first_use);
    memcpy(ends, begins, (size_t)n * sizeof *ends);
    qsort(ends, (size_t)n, sizeof *ends, by_end);
    for (int32_t i = 0, k = 0; i < n; i++) { /* the live set only grows where a block begins */
        for (; ends[k].last < begins[i].first; k++)
            alive -= ends[k].size;
        alive += begins[i].size;
        most = alive > most ? alive : most;
    }
    return most;
}

/* Places all in the present order and remembers the order when it is the best so far. */
static void attempt(struct search *s)
{
    s->top = place_all(s);
    if (s->top >= s->best_top)
        return;
    s->best_top = s->top;
    memcpy(s->best, s->order, (size_t)s->n * sizeof *s->order);
}

/* The last placed block that ends at the top goes before the first one that is alive with it. False: it was first already. */
static bool promote_top(struct search *s)
{
    int32_t at = s->n - 1;
    while (at > 0 && s->blocks[s->order[at].i].offset_bytes + size_of(&s->blocks[s->order[at].i]) != s->top)
        at--;
    int32_t to = 0;
    while (to < at && !meet(&s->blocks[s->order[to].i], &s->blocks[s->order[at].i]))
        to++;
    if (to == at)
        return false;
    const struct item moved = s->order[at];
    memmove(&s->order[to + 1], &s->order[to], (size_t)(at - to) * sizeof moved);
    s->order[to] = moved;
    return true;
}

static void search(struct search *s, uint64_t lower)
{
    static int (*const orders[])(const void *, const void *) = {by_size, by_first_use, by_life};
    const int64_t attempts = 20000000 / ((int64_t)s->n * s->n + 1) + 1;
    for (size_t k = 0; k < sizeof orders / sizeof *orders && s->best_top > lower; k++) {
        qsort(s->order, (size_t)s->n, sizeof *s->order, orders[k]);
        attempt(s);
        for (int64_t i = 0; i < attempts && i < MAX_ATTEMPTS && s->best_top > lower && promote_top(s); i++)
            attempt(s);
    }
    memcpy(s->order, s->best, (size_t)s->n * sizeof *s->order);
    place_all(s);
}

/* All blocks are alive at one step: what the search would find in its first order, largest first upon each other. */
static void stack_all(struct search *s)
{
    uint64_t at = 0;
    qsort(s->order, (size_t)s->n, sizeof *s->order, by_size);
    for (int32_t k = 0; k < s->n; k++) {
        s->blocks[s->order[k].i].offset_bytes = s->order[k].size ? at : 0;
        at += s->order[k].size;
    }
    s->best_top = at;
}

static uint64_t sum_of_sizes(const struct search *s)
{
    uint64_t sum = 0;
    for (int32_t k = 0; k < s->n; k++)
        sum += s->order[k].size;
    return sum;
}

enum ic_status ic_plan_memory(struct ic_plan_block *blocks, int32_t n, uint64_t *out_arena, uint64_t *out_lower, struct ic_diag *d)
{
    struct search s = {.blocks = blocks, .n = n, .best_top = UINT64_MAX};
    s.order = ic_calloc((size_t)n + 1, sizeof *s.order);
    s.best = ic_calloc((size_t)n + 1, sizeof *s.best);
    s.placed = ic_calloc((size_t)n + 1, sizeof *s.placed);
    const bool have = s.order && s.best && s.placed && ic_alive_create(&s.alive, blocks, n);
    *out_arena = *out_lower = 0;
    for (int32_t i = 0; i < n && have; i++)
        s.order[i] = (struct item){.i = i, .size = size_of(&blocks[i]), .first = blocks[i].first, .last = blocks[i].last};
    if (have && n > 0) {
        *out_lower = lower_bound(s.order, s.best, n);
        if (*out_lower == sum_of_sizes(&s))
            stack_all(&s);
        else
            search(&s, *out_lower);
        *out_arena = s.best_top;
    }
    ic_free(s.order);
    ic_free(s.best);
    ic_free(s.placed);
    ic_alive_destroy(&s.alive);
    return have ? IC_OK : ic_fail(d, IC_ERR_MEMORY, "no memory to plan %d blocks", (int)n);
}
