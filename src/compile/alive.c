/* SPDX-License-Identifier: Apache-2.0 */
#include "compile/alive.h"

#include "base/alloc.h"

#include <stdlib.h>

struct begin {
    int32_t first, i;
};

static int by_first(const void *a, const void *b)
{
    const struct begin *x = a, *y = b;
    return x->first != y->first ? (x->first < y->first ? -1 : 1) : x->i < y->i ? -1 : x->i > y->i;
}

static bool sort_by_begin(struct ic_alive *a)
{
    struct begin *begins = ic_calloc((size_t)a->n + 1, sizeof *begins);
    if (!begins)
        return false;
    for (int32_t i = 0; i < a->n; i++)
        begins[i] = (struct begin){a->blocks[i].first, i};
    qsort(begins, (size_t)a->n, sizeof *begins, by_first);
    for (int32_t k = 0; k < a->n; k++) {
        a->sorted[k] = begins[k].i;
        a->leaf[begins[k].i] = k;
    }
    ic_free(begins);
    return true;
}

bool ic_alive_create(struct ic_alive *a, const struct ic_plan_block *blocks, int32_t n)
{
    *a = (struct ic_alive){.blocks = blocks, .n = n, .n_leaves = 1};
    while (a->n_leaves < n)
        a->n_leaves *= 2;
    a->sorted = ic_calloc((size_t)n + 1, sizeof *a->sorted);
    a->leaf = ic_calloc((size_t)n + 1, sizeof *a->leaf);
    a->latest = ic_calloc(2 * (size_t)a->n_leaves, sizeof *a->latest);
    return a->sorted && a->leaf && a->latest && sort_by_begin(a);
}

void ic_alive_destroy(struct ic_alive *a)
{
    ic_free(a->sorted);
    ic_free(a->leaf);
    ic_free(a->latest);
}

void ic_alive_clear(struct ic_alive *a)
{
    for (int32_t k = 0; k < 2 * a->n_leaves; k++)
        a->latest[k] = -1;
}

void ic_alive_add(struct ic_alive *a, int32_t i)
{
    for (int32_t k = a->n_leaves + a->leaf[i]; k > 0 && a->latest[k] < a->blocks[i].last; k /= 2)
        a->latest[k] = a->blocks[i].last;
}

/* Those below tree node k, which covers leaves from .. from + width - 1. */
static bool find_below(const struct ic_alive *a, int32_t k, int32_t from, int32_t width, int32_t i, int32_t *out, int32_t limit,
                       int32_t *n)
{
    if (from >= a->n || a->latest[k] < a->blocks[i].first || a->blocks[a->sorted[from]].first > a->blocks[i].last)
        return true;
    if (width == 1) {
        if (*n == limit)
            return false;
        out[(*n)++] = a->sorted[from];
        return true;
    }
    return find_below(a, 2 * k, from, width / 2, i, out, limit, n) &&
           find_below(a, 2 * k + 1, from + width / 2, width / 2, i, out, limit, n);
}

int32_t ic_alive_find(const struct ic_alive *a, int32_t i, int32_t *out, int32_t limit)
{
    int32_t n = 0;
    return find_below(a, 1, 0, a->n_leaves, i, out, limit, &n) ? n : -1;
}
