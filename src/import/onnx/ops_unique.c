/* SPDX-License-Identifier: Apache-2.0
 *
 * Unique of a constant: how many values there are decides shapes, so only a constant can be asked.
 */
#include "import/onnx/ops.h"

#include "arith/integers.h"

#include <string.h>

/* Slices of a constant along an axis, or its elements: slice i is inner elements at (o * count + i) * inner for every o < outer. */
struct slices {
    const struct ic_value *x;
    int64_t outer, count, inner;
    int64_t *order, *room; /* slices, sorted; of equal ones the first comes first */
};

static int compare_element(const struct ic_value *x, int64_t i, int64_t k)
{
    if (ic_dtype_is_float(x->dtype)) {
        const double a = ic_build_get(x, i), b = ic_build_get(x, k);
        return a != a || b != b ? (a != a) - (b != b) : (a > b) - (a < b); /* NaN is greatest */
    }
    const int64_t a = ic_build_get_int(x, i), b = ic_build_get_int(x, k);
    if (x->dtype == IC_U64)
        return ((uint64_t)a > (uint64_t)b) - ((uint64_t)a < (uint64_t)b);
    return (a > b) - (a < b);
}

static int compare(const struct slices *s, int64_t i, int64_t k)
{
    int difference = 0;
    for (int64_t o = 0; o < s->outer && !difference; o++)
        for (int64_t e = 0; e < s->inner && !difference; e++)
            difference = compare_element(s->x, (o * s->count + i) * s->inner + e, (o * s->count + k) * s->inner + e);
    return difference;
}

/* Merge sort, stable. */
static void sort(struct slices *s)
{
    for (int64_t i = 0; i < s->count; i++)
        s->order[i] = i;
    for (int64_t width = 1; width < s->count; width *= 2) {
        for (int64_t from = 0; from < s->count; from += 2 * width) {
            const int64_t middle = from + width < s->count ? from + width : s->count,
                          end = from + 2 * width < s->count ? from + 2 * width : s->count;
            int64_t a = from, b = middle;
            for (int64_t at = from; at < end; at++)
                s->room[at] = s->order[a < middle && (b == end || compare(s, s->order[a], s->order[b]) <= 0) ? a++ : b++];
        }
        memcpy(s->order, s->room, (size_t)s->count * sizeof *s->order);
    }
}

struct groups {
    int64_t n;
    int64_t *first, *counts; /* per group */
    int64_t *of;             /* per slice: its group */
};

/* In sorted order, or in the order of the groups' first slices. */
static void group(const struct slices *s, struct groups *g, bool sorted)
{
    int64_t n = 0;
    for (int64_t at = 0; at < s->count; at++) {
        const int64_t i = s->order[at];
        if (at == 0 || compare(s, s->order[at - 1], i) != 0) {
            g->first[n] = i;
            g->counts[n++] = 0;
        }
        g->of[i] = n - 1;
        g->counts[n - 1]++;
    }
    g->n = n;
    if (sorted)
        return;
    /* first slices ascending: a group's rank is how many begin before it */
    for (int64_t i = 0, rank = 0; i < s->count; i++)
        if (g->first[g->of[i]] == i)
            s->room[g->of[i]] = rank++;
    for (int64_t k = 0; k < n; k++)
        s->order[s->room[k]] = k;
    for (int64_t i = 0; i < s->count; i++)
        g->of[i] = s->room[g->of[i]];
    for (int64_t k = 0; k < n; k++)
        s->room[k] = g->first[s->order[k]];
    memcpy(g->first, s->room, (size_t)n * sizeof *g->first);
    for (int64_t k = 0; k < n; k++)
        s->room[k] = g->counts[s->order[k]];
    memcpy(g->counts, s->room, (size_t)n * sizeof *g->counts);
}

static void give(struct ic_onnx *o, int32_t i, int64_t n, const int64_t *v)
{
    if (i < o->n_out)
        ic_onnx_out(o, i, ic_build_ints(&o->b, (int32_t)n, v), IC_ONNX_INT64);
}

void ic_onnx_op_unique(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_const(o, 0, "operand");
    const bool along = ic_onnx_attr(o, "axis") != NULL;
    if (!x)
        return;
    const int32_t axis = along ? ic_onnx_axis(o, ic_onnx_int(o, "axis", 0), x->rank) : 0;
    struct ic_value *y = along ? x : ic_build_reshape(b, x, 1, (const int64_t[]){ic_value_elements(x)});
    if (!y || !ic_onnx_ok(o))
        return;
    struct slices s = {.x = y, .outer = 1, .count = y->dims[axis], .inner = 1};
    for (int32_t i = 0; i < y->rank; i++)
        *(i < axis ? &s.outer : &s.inner) *= i == axis ? 1 : y->dims[i];
    int64_t *room = ic_arena_array(o->arena, (size_t)s.count * 5 + 1, sizeof *room);
    if (!room) {
        ic_build_no_memory(b);
        return;
    }
    s.order = room;
    s.room = room + s.count;
    struct groups g = {.first = room + 2 * s.count, .counts = room + 3 * s.count, .of = room + 4 * s.count};
    sort(&s);
    group(&s, &g, ic_onnx_int(o, "sorted", 1) != 0);
    ic_onnx_out_like(o, 0, ic_build_gather(b, y, ic_build_ints(b, (int32_t)g.n, g.first), axis), 0);
    give(o, 1, g.n, g.first);
    give(o, 2, s.count, g.of);
    give(o, 3, g.n, g.counts);
}
