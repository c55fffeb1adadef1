/* SPDX-License-Identifier: Apache-2.0 */
#include "import/build.h"

#include "arith/integers.h"
#include "ir/verify_types.h"

#include <stdarg.h>
#include <stdio.h>
#include <math.h>
#include <string.h>

void ic_build_fail(struct ic_build *b, unsigned cause, const char *format, ...)
{
    char text[1024];
    va_list args;
    if (b->status != IC_OK)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    b->status = b->label ? ic_fail(b->d, cause, "%s: %s", b->label, text) : ic_fail(b->d, cause, "%s", text);
}

void ic_build_no_memory(struct ic_build *b)
{
    ic_build_fail(b, IC_ERR_MEMORY, "no memory to import it");
}

/* ---- constants ---- */
struct ic_value *ic_build_const(struct ic_build *b, enum ic_dtype dtype, int32_t rank, const int32_t *dims, const void *data)
{
    if (b->status != IC_OK)
        return NULL;
    struct ic_value *v = ic_graph_const(b->g, "constant", dtype, rank, dims, data);
    if (!v)
        ic_build_no_memory(b);
    return v;
}

struct ic_value *ic_build_float(struct ic_build *b, double v)
{
    const float f = (float)v;
    return ic_build_const(b, IC_F32, 0, NULL, &f);
}

struct ic_value *ic_build_int(struct ic_build *b, enum ic_dtype dtype, int64_t v)
{
    uint64_t room = 0;
    ic_int_store(dtype, &room, 0, v);
    return ic_build_const(b, dtype, 0, NULL, &room);
}

struct ic_value *ic_build_number(struct ic_build *b, enum ic_dtype dtype, double v)
{
    return ic_dtype_is_float(dtype) ? ic_build_float(b, v) : ic_build_int(b, dtype, ic_int_from_float((float)v, IC_S64));
}

struct ic_value *ic_build_ints(struct ic_build *b, int32_t n, const int64_t *v)
{
    return ic_build_const(b, IC_S64, 1, &n, v);
}

bool ic_build_is_const(const struct ic_value *v)
{
    return v && v->data;
}

int64_t ic_build_get_int(const struct ic_value *v, int64_t i)
{
    if (ic_dtype_is_float(v->dtype))
        return ic_int_from_float((float)ic_build_get(v, i), IC_S64);
    return ic_int_load(v->dtype, v->data, i);
}

double ic_build_get(const struct ic_value *v, int64_t i)
{
    switch (v->dtype) {
    case IC_F32:
        return (double)((const float *)v->data)[i];
    case IC_F16:
        return (double)ic_f16_to_f32(((const uint16_t *)v->data)[i]);
    case IC_U64:
        return (double)(uint64_t)ic_int_load(IC_U64, v->data, i);
    default:
        return (double)ic_int_load(v->dtype, v->data, i);
    }
}

/* ---- nodes ---- */
bool ic_build_align(struct ic_build *b, struct ic_value *v)
{
    if (!v || !v->data || (uintptr_t)v->data % ic_dtype_bytes(v->dtype) == 0)
        return v != NULL;
    void *to = ic_arena_aligned(&b->g->arena, ic_value_bytes(v) + 1, 64);
    if (!to) {
        ic_build_no_memory(b);
        return false;
    }
    memcpy(to, v->data, ic_value_bytes(v));
    v->data = to;
    return true;
}

struct ic_node *ic_build_node(struct ic_build *b, enum ic_op op, struct ic_value *const *inputs, int32_t n_inputs)
{
    const struct ic_op_def *def = ic_op_def(op);
    for (int32_t i = 0; i < n_inputs && b->status == IC_OK; i++)
        if (!inputs[i] && i < def->min_inputs)
            ic_build_fail(b, IC_E_NODE_INPUT, "input %d of %s is missing", (int)i, def->name);
    if (b->status == IC_OK && (uint32_t)b->g->n_nodes >= b->max_nodes)
        ic_build_fail(b, IC_E_UNROLLED, "the model has more than %u operations once its loops are unrolled", b->max_nodes);
    if (b->status != IC_OK)
        return NULL;
    for (int32_t i = 0; i < n_inputs; i++) /* a transpose reads bytes, wherever they stand */
        if (inputs[i] && op != IC_OP_TRANSPOSE && !ic_build_align(b, inputs[i]))
            return NULL;
    struct ic_node *n = ic_graph_node(b->g, op, inputs, n_inputs, b->name ? b->name : def->name);
    if (!n) {
        ic_build_no_memory(b);
        return NULL;
    }
    n->origin = b->origin;
    return n;
}

void ic_build_set_ints(struct ic_node *n, int attr, int32_t count, const int64_t *v)
{
    if (!n)
        return;
    n->attrs[attr].n_ints = count;
    for (int32_t i = 0; i < count && i < IC_MAX_ATTR_INTS; i++)
        n->attrs[attr].ints[i] = v[i];
}

void ic_build_set_int(struct ic_node *n, int attr, int64_t v)
{
    if (n)
        n->attrs[attr].i = v;
}

void ic_build_set_float(struct ic_node *n, int attr, double v)
{
    if (n)
        n->attrs[attr].f = v;
}

bool ic_build_is_weight(const struct ic_value *v)
{
    return v && (v->data || (v->producer && ic_graph_is_late(v->producer)));
}

/* Everything it reads is constant, and the result is not much larger than that. */
static bool folds(const struct ic_build *b, const struct ic_node *n)
{
    size_t bytes = 0;
    if (!b->evaluate || !ic_op_def(n->op)->lower)
        return false;
    for (int32_t i = 0; i < n->n_inputs; i++) {
        if (n->inputs[i] && !n->inputs[i]->data)
            return false;
        bytes += n->inputs[i] ? ic_value_bytes(n->inputs[i]) : 0;
    }
    const size_t made = ic_value_bytes(n->outputs[0]);
    return made <= ((size_t)1 << 24) || made <= bytes;
}

/* Infers it; its result, not computed yet. */
static struct ic_value *infer(struct ic_build *b, struct ic_node *n)
{
    if (!n || b->status != IC_OK)
        return NULL;
    struct ic_diag inner = {.log = b->d ? b->d->log : NULL};
    enum ic_status s = ic_graph_infer(b->g, n, &inner);
    if (s == IC_OK)
        s = ic_ir_check_types(n, &inner);
    if (s != IC_OK) {
        ic_build_fail(b, inner.code, "%s", inner.text);
        return NULL;
    }
    struct ic_value *y = n->outputs[0];
    if (ic_value_elements(y) > INT32_MAX) {
        ic_build_fail(b, IC_E_TENSOR_SIZE, "a result of %lld elements; at most 2^31 are possible", (long long)ic_value_elements(y));
        return NULL;
    }
    return y;
}

struct ic_value *ic_build_finish(struct ic_build *b, struct ic_node *n)
{
    struct ic_value *y = infer(b, n);
    if (!y)
        return NULL;
    if (!folds(b, n) || (b->late && ic_value_bytes(y) >= IC_IMPORT_LATE_BYTES && ic_graph_is_late(n)))
        return y;
    struct ic_value *made = NULL;
    const enum ic_status status = b->evaluate(b->g, n, &made, b->d);
    if (status != IC_OK) {
        b->status = status;
        return NULL;
    }
    b->g->n_nodes--; /* n stands last, and nobody reads it */
    return made;
}

/* Takes a node out that has been computed. */
static void drop_node(struct ic_graph *g, const struct ic_node *n)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < g->n_nodes; i++)
        if (g->nodes[i] != n)
            g->nodes[kept++] = g->nodes[i];
    g->n_nodes = kept;
}

bool ic_build_now(struct ic_build *b, struct ic_value *v)
{
    struct ic_node *n = v ? v->producer : NULL;
    if (!n || v->data || !ic_graph_is_late(n) || !b->evaluate)
        return v != NULL;
    for (int32_t i = 0; i < n->n_inputs; i++)
        if (!ic_build_now(b, n->inputs[i]))
            return false;
    struct ic_value *made = NULL;
    const enum ic_status status = b->evaluate(b->g, n, &made, b->d);
    if (status != IC_OK) {
        b->status = status;
        return false;
    }
    v->data = made->data;
    v->producer = NULL;
    drop_node(b->g, n);
    return true;
}

struct ic_value *ic_build_map(struct ic_build *b, struct ic_value *x, enum ic_map_fn fn, double p, double q)
{
    if (isnan(p) || isnan(q)) {
        ic_build_fail(b, IC_E_SHAPES, "one of its numbers is no number (NaN): where a function has a parameter, one is wanted");
        return NULL;
    }
    struct ic_node *n = ic_build_node(b, IC_OP_MAP, &x, 1);
    ic_build_set_int(n, IC_MAP_ATTR_FN, (int64_t)fn);
    ic_build_set_float(n, IC_MAP_ATTR_A, p);
    ic_build_set_float(n, IC_MAP_ATTR_B, q);
    return ic_build_finish(b, n);
}

struct ic_value *ic_build_binary(struct ic_build *b, enum ic_op op, struct ic_value *x, struct ic_value *y)
{
    return ic_build_finish(b, ic_build_node(b, op, (struct ic_value *[]){x, y}, 2));
}

struct ic_value *ic_build_where(struct ic_build *b, struct ic_value *c, struct ic_value *x, struct ic_value *y)
{
    return ic_build_finish(b, ic_build_node(b, IC_OP_WHERE, (struct ic_value *[]){c, x, y}, 3));
}

struct ic_value *ic_build_cast(struct ic_build *b, struct ic_value *x, enum ic_dtype to)
{
    if (!x || x->dtype == to)
        return x;
    struct ic_node *n = ic_build_node(b, IC_OP_CAST, &x, 1);
    ic_build_set_int(n, IC_CAST_DTYPE, to);
    return ic_build_finish(b, n);
}

struct ic_value *ic_build_not(struct ic_build *b, struct ic_value *x)
{
    return ic_build_binary(b, IC_OP_XOR, x, ic_build_int(b, IC_BOOL, 1));
}

/* ---- moves ---- */
struct ic_value *ic_build_reshape(struct ic_build *b, struct ic_value *x, int32_t rank, const int64_t *dims)
{
    if (rank > IC_IR_MAX_RANK) {
        ic_build_fail(b, IC_E_RANK, "rank %d; at most %d is possible", (int)rank, IC_IR_MAX_RANK);
        return NULL;
    }
    bool same = x && x->rank == rank;
    for (int32_t i = 0; same && i < rank; i++)
        same = x->dims[i] == dims[i];
    if (same)
        return x;
    if (x && x->data && b->status == IC_OK) { /* the same elements: no copy of a weight */
        struct ic_value *v = ic_graph_const_lent(b->g, x->name, x->dtype, x->rank, x->dims, x->data);
        int64_t n = 1;
        for (int32_t i = 0; i < rank; i++)
            n = dims[i] < 0 || dims[i] > INT32_MAX || n > INT32_MAX ? -1 : n * dims[i]; /* Reshape's rule will say what is wrong */
        if (!v)
            ic_build_no_memory(b);
        else if (n == ic_value_elements(x)) {
            v->rank = rank;
            for (int32_t i = 0; i < rank; i++)
                v->dims[i] = (int32_t)dims[i];
            return v;
        }
    }
    struct ic_node *n = ic_build_node(b, IC_OP_RESHAPE, &x, 1);
    ic_build_set_ints(n, IC_RESHAPE_SHAPE, rank, dims);
    return ic_build_finish(b, n);
}

/* Axes longer than one keep their order: the same elements in the same places. */
static bool moves_nothing(const struct ic_value *x, const int64_t *perm)
{
    int64_t last = -1;
    for (int32_t i = 0; i < x->rank; i++) {
        if (perm[i] < 0 || perm[i] >= x->rank)
            return false; /* Transpose's rule will say what is wrong */
        if (x->dims[perm[i]] == 1)
            continue;
        if (perm[i] <= last)
            return false;
        last = perm[i];
    }
    return true;
}

static bool all_axes_once(const int64_t *perm, int32_t rank)
{
    uint32_t seen = 0;
    for (int32_t i = 0; i < rank; i++)
        seen |= 1u << perm[i];
    return seen == (1u << rank) - 1u;
}

/* x itself, or with other sizes, where that is all that perm does; NULL: elements move. */
static struct ic_value *transpose_in_place(struct ic_build *b, struct ic_value *x, const int64_t *perm)
{
    bool same = true;
    for (int32_t i = 0; i < x->rank; i++)
        same = same && perm[i] == i;
    if (same)
        return x;
    if (!x->data || !moves_nothing(x, perm) || !all_axes_once(perm, x->rank))
        return NULL;
    int64_t dims[IC_IR_MAX_RANK]; /* windows of one pixel: no copy of the weights */
    for (int32_t i = 0; i < x->rank; i++)
        dims[i] = x->dims[perm[i]];
    return ic_build_reshape(b, x, x->rank, dims);
}

static struct ic_node *transpose_node(struct ic_build *b, struct ic_value *x, const int64_t *perm)
{
    struct ic_node *n = ic_build_node(b, IC_OP_TRANSPOSE, &x, 1);
    ic_build_set_ints(n, IC_TRANSPOSE_PERM, x->rank, perm);
    return n;
}

struct ic_value *ic_build_transpose(struct ic_build *b, struct ic_value *x, int32_t n_axes, const int64_t *perm)
{
    if (!x)
        return NULL;
    if (x->rank != n_axes) {
        ic_build_fail(b, IC_E_RANK, "%s has %d axes; %d are wanted", x->name, (int)x->rank, (int)n_axes);
        return NULL;
    }
    struct ic_value *y = transpose_in_place(b, x, perm);
    return y || b->status != IC_OK ? y : ic_build_finish(b, transpose_node(b, x, perm));
}

struct ic_value *ic_build_weight(struct ic_build *b, struct ic_value *w, int32_t n_axes, const int64_t *perm)
{
    if (!w || !w->data || w->rank != n_axes || ic_value_bytes(w) < IC_IMPORT_LATE_BYTES || b->status != IC_OK)
        return ic_build_transpose(b, w, n_axes, perm);
    struct ic_value *y = transpose_in_place(b, w, perm);
    return y || b->status != IC_OK ? ic_build_even_weight(b, y) : infer(b, transpose_node(b, w, perm));
}

struct ic_value *ic_build_even_weight(struct ic_build *b, struct ic_value *v)
{
    static const int64_t as_it_is[] = {0, 1, 2, 3, 4, 5, 6, 7};
    if (!v || !v->data || (uintptr_t)v->data % ic_dtype_bytes(v->dtype) == 0)
        return v;
    struct ic_value *y = infer(b, transpose_node(b, v, as_it_is)); /* which reads bytes, wherever they stand */
    if (y)
        y->name = v->name;
    return y;
}

struct ic_value *ic_build_float_weight(struct ic_build *b, struct ic_value *v)
{
    if (!v || !v->data || v->dtype != IC_F16)
        return v;
    struct ic_value *even = ic_build_even_weight(b, v);
    struct ic_node *n = ic_build_node(b, IC_OP_CAST, &even, 1);
    ic_build_set_int(n, IC_CAST_DTYPE, IC_F32);
    struct ic_value *y = infer(b, n);
    if (y)
        y->name = v->name;
    return y;
}

struct ic_value *ic_build_expand(struct ic_build *b, struct ic_value *x, int32_t rank, const int64_t *dims)
{
    bool same = x && x->rank == rank;
    for (int32_t i = 0; same && i < rank; i++)
        same = x->dims[i] == dims[i];
    if (same)
        return x;
    struct ic_node *n = ic_build_node(b, IC_OP_EXPAND, &x, 1);
    ic_build_set_ints(n, IC_EXPAND_SHAPE, rank, dims);
    return ic_build_finish(b, n);
}

struct ic_value *ic_build_full(struct ic_build *b, enum ic_dtype dtype, int32_t rank, const int32_t *dims, double v)
{
    int64_t wide[IC_IR_MAX_RANK] = {0};
    for (int32_t i = 0; i < rank; i++)
        wide[i] = dims[i];
    return ic_build_expand(b, ic_build_number(b, dtype, v), rank, wide);
}

struct ic_value *ic_build_concat(struct ic_build *b, struct ic_value *const *parts, int32_t n, int32_t axis)
{
    if (n == 1)
        return parts[0];
    struct ic_node *node = ic_build_node(b, IC_OP_CONCAT, parts, n);
    ic_build_set_int(node, IC_CONCAT_AXIS, axis);
    return ic_build_finish(b, node);
}

struct ic_value *ic_build_slice(struct ic_build *b, struct ic_value *x, int32_t axis, int64_t start, int64_t end, int64_t step)
{
    int64_t starts[IC_IR_MAX_RANK] = {0}, ends[IC_IR_MAX_RANK], steps[IC_IR_MAX_RANK];
    if (!x || (start == 0 && end == x->dims[axis] && step == 1))
        return x;
    for (int32_t i = 0; i < x->rank; i++) {
        starts[i] = i == axis ? start : 0;
        ends[i] = i == axis ? end : x->dims[i];
        steps[i] = i == axis ? step : 1;
    }
    struct ic_node *n = ic_build_node(b, IC_OP_SLICE, &x, 1);
    ic_build_set_ints(n, IC_SLICE_STARTS, x->rank, starts);
    ic_build_set_ints(n, IC_SLICE_ENDS, x->rank, ends);
    ic_build_set_ints(n, IC_SLICE_STEPS, x->rank, steps);
    return ic_build_finish(b, n);
}

struct ic_value *ic_build_gather(struct ic_build *b, struct ic_value *x, struct ic_value *index, int32_t axis)
{
    struct ic_node *n = ic_build_node(b, IC_OP_GATHER, (struct ic_value *[]){x, index}, 2);
    ic_build_set_int(n, IC_GATHER_AXIS, axis);
    return ic_build_finish(b, n);
}

struct ic_value *ic_build_reverse(struct ic_build *b, struct ic_value *x, int32_t axis)
{
    if (!x || x->dims[axis] < 2)
        return x;
    const int32_t n = x->dims[axis];
    int64_t *places = ic_arena_array(&b->g->arena, (size_t)n, sizeof *places);
    if (!places) {
        ic_build_no_memory(b);
        return NULL;
    }
    for (int32_t i = 0; i < n; i++)
        places[i] = n - 1 - i;
    return ic_build_gather(b, x, ic_build_ints(b, n, places), axis);
}

struct ic_value *ic_build_pad(struct ic_build *b, struct ic_value *x, const int64_t *before, const int64_t *after, double value)
{
    bool any = false;
    for (int32_t i = 0; x && i < x->rank; i++)
        any = any || before[i] || after[i];
    if (!any)
        return x;
    struct ic_node *n = ic_build_node(b, IC_OP_PAD, &x, 1);
    ic_build_set_ints(n, IC_PAD_BEFORE, x->rank, before);
    ic_build_set_ints(n, IC_PAD_AFTER, x->rank, after);
    ic_build_set_float(n, IC_PAD_VALUE, value);
    return ic_build_finish(b, n);
}

struct ic_value *ic_build_squeeze(struct ic_build *b, struct ic_value *x, int32_t axis)
{
    int64_t dims[IC_IR_MAX_RANK];
    int32_t rank = 0;
    for (int32_t i = 0; x && i < x->rank; i++)
        if (i != axis)
            dims[rank++] = x->dims[i];
    return x ? ic_build_reshape(b, x, rank, dims) : NULL;
}

struct ic_value *ic_build_unsqueeze(struct ic_build *b, struct ic_value *x, int32_t axis)
{
    int64_t dims[IC_IR_MAX_RANK + 1];
    int32_t rank = 0;
    for (int32_t i = 0; x && i <= x->rank; i++) {
        if (i == axis)
            dims[rank++] = 1;
        if (i < x->rank)
            dims[rank++] = x->dims[i];
    }
    return x ? ic_build_reshape(b, x, rank, dims) : NULL;
}

struct ic_value *ic_build_merge(struct ic_build *b, struct ic_value *x, int32_t first, int32_t count)
{
    int64_t dims[IC_IR_MAX_RANK + 1], merged = 1;
    int32_t rank = 0;
    for (int32_t i = 0; x && i < x->rank; i++) {
        if (i < first || i >= first + count) {
            dims[rank++] = x->dims[i];
            continue;
        }
        merged *= x->dims[i];
        if (i == first + count - 1)
            dims[rank++] = merged;
    }
    return x ? ic_build_reshape(b, x, rank, dims) : NULL;
}

/* ---- lines ---- */
struct ic_value *ic_build_reduce(struct ic_build *b, enum ic_op op, struct ic_value *x, uint32_t axes_mask, bool keep)
{
    int64_t axes[IC_IR_MAX_RANK];
    int32_t n_axes = 0;
    for (int32_t i = 0; x && i < x->rank; i++)
        if (axes_mask >> i & 1u)
            axes[n_axes++] = i;
    if (n_axes == 0)
        return x;
    struct ic_node *n = ic_build_node(b, op, &x, 1);
    ic_build_set_ints(n, IC_REDUCE_AXES, n_axes, axes);
    ic_build_set_int(n, IC_REDUCE_KEEP, keep);
    return ic_build_finish(b, n);
}

struct ic_value *ic_build_softmax(struct ic_build *b, struct ic_value *x, int32_t axis, bool log)
{
    struct ic_node *n = ic_build_node(b, IC_OP_SOFTMAX, &x, 1);
    ic_build_set_int(n, IC_SOFTMAX_AXIS, axis);
    ic_build_set_int(n, IC_SOFTMAX_LOG, log);
    return ic_build_finish(b, n);
}

struct ic_value *ic_build_arg(struct ic_build *b, struct ic_value *x, int32_t axis, bool least, bool last)
{
    struct ic_node *n = ic_build_node(b, IC_OP_ARG, &x, 1);
    ic_build_set_int(n, IC_ARG_AXIS, axis);
    ic_build_set_int(n, IC_ARG_LEAST, least);
    ic_build_set_int(n, IC_ARG_LAST, last);
    return ic_build_finish(b, n);
}

struct ic_value *ic_build_scan(struct ic_build *b, struct ic_value *x, int32_t axis, bool product, bool exclusive, bool reverse)
{
    struct ic_node *n = ic_build_node(b, IC_OP_SCAN, &x, 1);
    ic_build_set_int(n, IC_SCAN_AXIS, axis);
    ic_build_set_int(n, IC_SCAN_PRODUCT, product);
    ic_build_set_int(n, IC_SCAN_EXCLUSIVE, exclusive);
    ic_build_set_int(n, IC_SCAN_REVERSE, reverse);
    return ic_build_finish(b, n);
}

/* ---- products ---- */
struct ic_value *ic_build_linear(struct ic_build *b, struct ic_value *x, struct ic_value *w, struct ic_value *bias)
{
    struct ic_value *inputs[] = {x, w, bias};
    if (x && w && x->rank > 0 && w->rank == 2 && x->dims[x->rank - 1] == w->dims[1] &&
        (ic_value_elements(x) == 0 || ic_value_elements(w) == 0)) { /* nothing to add up: the bias alone */
        int32_t dims[IC_IR_MAX_RANK];
        memcpy(dims, x->dims, sizeof dims);
        dims[x->rank - 1] = w->dims[0];
        struct ic_value *zero = ic_build_full(b, IC_F32, x->rank, dims, 0);
        return bias ? ic_build_binary(b, IC_OP_ADD, zero, bias) : zero;
    }
    return ic_build_finish(b, ic_build_node(b, IC_OP_LINEAR, inputs, bias ? 3 : 2));
}

/* Leading axes of both, broadcast, in dims; how many. -1: they do not fit. */
static int32_t batch_dims(const struct ic_value *x, const struct ic_value *y, int64_t *dims)
{
    const int32_t nx = x->rank - 2, ny = y->rank - 2, n = nx > ny ? nx : ny;
    for (int32_t i = 0; i < n; i++) {
        const int32_t ix = i - (n - nx), iy = i - (n - ny), dx = ix < 0 ? 1 : x->dims[ix], dy = iy < 0 ? 1 : y->dims[iy];
        if (dx != dy && dx != 1 && dy != 1)
            return -1;
        dims[i] = dx == 1 ? dy : dx;
    }
    return n;
}

static int64_t product_of(const int32_t *dims, int32_t n)
{
    int64_t p = 1;
    for (int32_t i = 0; i < n; i++)
        p *= dims[i];
    return p;
}

/* MatMul's steps take one batch axis that each operand has whole or not at all; a partly broadcast one is made whole. */
static struct ic_value *whole_batch(struct ic_build *b, struct ic_value *x, int32_t n, const int64_t *dims)
{
    int64_t full[IC_IR_MAX_RANK], all = 1;
    for (int32_t i = 0; i < n; i++)
        all *= full[i] = dims[i];
    const int64_t own = x ? product_of(x->dims, x->rank - 2) : 1;
    if (!x || (own == 1 && all != 1 && x->rank <= n + 2))
        return x;
    if (own == all) {
        full[n] = x->dims[x->rank - 2];
        full[n + 1] = x->dims[x->rank - 1];
        return ic_build_reshape(b, x, n + 2, full);
    }
    full[n] = x->dims[x->rank - 2];
    full[n + 1] = x->dims[x->rank - 1];
    return ic_build_expand(b, x, n + 2, full);
}

/* Nothing to add up, or nowhere to write it: the result is all 0. */
static struct ic_value *empty_product(struct ic_build *b, const struct ic_value *x, const struct ic_value *y, int32_t n,
                                      const int64_t *batch)
{
    int32_t dims[IC_IR_MAX_RANK];
    for (int32_t i = 0; i < n; i++)
        dims[i] = (int32_t)batch[i];
    if (x->dims[x->rank - 1] != y->dims[y->rank - 2]) {
        ic_build_fail(b, IC_E_SHAPES, "a matrix product of %d columns and %d rows", (int)x->dims[x->rank - 1],
                      (int)y->dims[y->rank - 2]);
        return NULL;
    }
    dims[n] = x->dims[x->rank - 2];
    dims[n + 1] = y->dims[y->rank - 1];
    return ic_build_full(b, IC_F32, n + 2, dims, 0);
}

struct ic_value *ic_build_matmul(struct ic_build *b, struct ic_value *x, struct ic_value *y)
{
    int64_t dims[IC_IR_MAX_RANK] = {0};
    if (!x || !y || b->status != IC_OK)
        return NULL;
    if (x->rank == 0 || y->rank == 0) {
        ic_build_fail(b, IC_E_SHAPES, "a matrix product of a single number");
        return NULL;
    }
    const bool row = x->rank == 1, column = y->rank == 1;
    x = row ? ic_build_unsqueeze(b, x, 0) : x;
    y = column ? ic_build_unsqueeze(b, y, 1) : y;
    if (!x || !y)
        return NULL;
    const int32_t n = batch_dims(x, y, dims);
    if (n < 0) {
        ic_build_fail(b, IC_E_SHAPES, "the leading axes of a matrix product do not broadcast");
        return NULL;
    }
    if (ic_value_elements(x) == 0 || ic_value_elements(y) == 0) {
        y = empty_product(b, x, y, n, dims);
    } else if (ic_build_is_weight(y) && y->rank == 2 && x->rank >= 1 && !x->data) { /* a constant matrix: fully connected */
        y = ic_build_linear(b, x, ic_build_weight(b, y, 2, (const int64_t[]){1, 0}), NULL);
    } else {
        x = whole_batch(b, x, n, dims);
        y = whole_batch(b, y, n, dims);
        y = ic_build_finish(b, ic_build_node(b, IC_OP_MATMUL, (struct ic_value *[]){x, y}, 2));
    }
    if (column && y)
        y = ic_build_squeeze(b, y, y->rank - 1);
    if (row && y)
        y = ic_build_squeeze(b, y, y->rank - 1 - (column ? 0 : 1));
    return y;
}
