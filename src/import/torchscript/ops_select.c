/* SPDX-License-Identifier: Apache-2.0
 *
 * Comparisons, choices, order and places of tensors that are computed on the chip. Floats are f32 there, integers and bool their own type.
 */
#include "import/torchscript/ops.h"

#include "ir/op_def.h"

#include <math.h>
#include <string.h>

enum ic_dtype ic_ts_chip_dtype(int32_t dtype)
{
    switch (dtype) {
    case IC_TS_U8:
        return IC_U8;
    case IC_TS_S8:
        return IC_S8;
    case IC_TS_S16:
        return IC_S16;
    case IC_TS_S32:
        return IC_S32;
    case IC_TS_S64:
        return IC_S64;
    case IC_TS_BOOL:
        return IC_BOOL;
    default:
        return IC_F32;
    }
}

static enum ic_status cast(struct ic_ts *ts, struct ic_value *x, enum ic_dtype to, struct ic_value **out)
{
    struct ic_node *n = NULL;
    *out = x;
    if (x->dtype == to)
        return IC_OK;
    IC_TRY(ic_ts_node(ts, IC_OP_CAST, &x, 1, ".cast", &n));
    ic_ts_set_int_attr(n, IC_CAST_DTYPE, to);
    return ic_ts_finish(ts, n, out);
}

/* A known tensor's elements as integers of the chip's type. */
static enum ic_status integer_const(struct ic_ts *ts, struct ic_ts_tensor *t, enum ic_dtype dtype, struct ic_value **out)
{
    const void *from = NULL;
    int32_t dims[IC_IR_MAX_RANK] = {0};
    IC_TRY(ic_ts_tensor_data(ts, t, &from));
    const int64_t n = ic_ts_elements(t);
    void *to = ic_arena_aligned(&ts->graph->arena, (size_t)n * ic_dtype_bytes(dtype) + 1, 64);
    if (!to)
        return ic_ts_no_memory(ts);
    for (int64_t i = 0; i < n; ++i)
        ic_int_store(dtype, to, i,
                     ic_ts_is_float(t->dtype) ? (int64_t)(ic_ts_get_number(t->dtype, from, i) != 0)
                                              : ic_ts_get_int(t->dtype, from, i));
    for (int32_t i = 0; i < t->rank; ++i)
        dims[i] = (int32_t)t->dims[i];
    *out = ic_graph_const_lent(ts->graph, "constant", dtype, t->rank, dims, to);
    return *out ? IC_OK : ic_ts_no_memory(ts);
}

enum ic_status ic_ts_typed_value(struct ic_ts *ts, const struct ic_ts_value *v, int32_t dtype, struct ic_value **out)
{
    const enum ic_dtype to = ic_ts_chip_dtype(dtype);
    if (v->kind != IC_TS_V_TENSOR) {
        const double number = ic_ts_number(v);
        if (to == IC_F32)
            return ic_ts_emit_const(ts, (float)number, out);
        uint64_t room = 0;
        ic_int_store(to, &room, 0, v->kind == IC_TS_V_FLOAT ? ic_int_from_float((float)number, IC_S64) : v->u.i);
        *out = ic_graph_const(ts->graph, "constant", to, 0, NULL, &room);
        return *out ? IC_OK : ic_ts_no_memory(ts);
    }
    struct ic_ts_tensor *t = v->u.t;
    if (ic_ts_is_known(t))
        return to == IC_F32 ? ic_ts_tensor_value(ts, t, out) : integer_const(ts, t, to, out);
    return cast(ts, t->now.value, to, out);
}

static enum ic_status finish(struct ic_ts *ts, struct ic_node *n, int32_t dtype, struct ic_ts_value *out)
{
    struct ic_value *v = NULL;
    struct ic_ts_tensor *t = NULL;
    IC_TRY(ic_ts_finish(ts, n, &v));
    IC_TRY(ic_ts_wrap(ts, v, dtype, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

static enum ic_status emit(struct ic_ts *ts, enum ic_op op, const struct ic_ts_value *a, const struct ic_ts_value *b, int32_t as,
                           int32_t result, struct ic_ts_value *out)
{
    struct ic_value *in[2] = {0};
    struct ic_node *n = NULL;
    IC_TRY(ic_ts_typed_value(ts, a, as, &in[0]));
    IC_TRY(ic_ts_typed_value(ts, b, as, &in[1]));
    IC_TRY(ic_ts_node(ts, op, in, 2, "", &n));
    return finish(ts, n, result, out);
}

/* Comparisons, logic and remainders of which at least one operand is computed. */
enum ic_status ic_ts_emit_choice(struct ic_ts *ts, int32_t op, const struct ic_ts_value *a, const struct ic_ts_value *b,
                                 struct ic_ts_value *out)
{
    const int32_t dtype = ic_ts_promote(a, b);
    struct ic_ts_tensor *t = NULL;
    switch (op) {
    case IC_TS_EQ:
        return emit(ts, IC_OP_EQUAL, a, b, dtype, IC_TS_BOOL, out);
    case IC_TS_NE:
        return emit(ts, IC_OP_NOT_EQUAL, a, b, dtype, IC_TS_BOOL, out);
    case IC_TS_LT:
        return emit(ts, IC_OP_LESS, a, b, dtype, IC_TS_BOOL, out);
    case IC_TS_LE:
        return emit(ts, IC_OP_LESS_EQUAL, a, b, dtype, IC_TS_BOOL, out);
    case IC_TS_GT:
        return emit(ts, IC_OP_LESS, b, a, dtype, IC_TS_BOOL, out);
    case IC_TS_GE:
        return emit(ts, IC_OP_LESS_EQUAL, b, a, dtype, IC_TS_BOOL, out);
    case IC_TS_AND:
        return emit(ts, IC_OP_AND, a, b, IC_TS_BOOL, IC_TS_BOOL, out);
    case IC_TS_OR:
        return emit(ts, IC_OP_OR, a, b, IC_TS_BOOL, IC_TS_BOOL, out);
    case IC_TS_XOR:
        return emit(ts, IC_OP_XOR, a, b, IC_TS_BOOL, IC_TS_BOOL, out);
    case IC_TS_REMAINDER:
        return emit(ts, IC_OP_MOD, a, b, dtype, dtype, out);
    case IC_TS_FMOD:
        return emit(ts, IC_OP_REM, a, b, dtype, dtype, out);
    default: /* IC_TS_TRUNC_DIV */
        IC_TRY(emit(ts, IC_OP_DIV, a, b, dtype, dtype, out));
        if (!ic_ts_is_float(dtype))
            return IC_OK; /* integers divide toward zero */
        IC_TRY(ic_ts_unary(ts, IC_MAP_TRUNC, 0, 0, out->u.t, &t));
        *out = ic_ts_of(t);
        return IC_OK;
    }
}

enum ic_status ic_ts_emit_integers(struct ic_ts *ts, int32_t op, const struct ic_ts_value *a, const struct ic_ts_value *b,
                                   int32_t dtype, struct ic_ts_value *out)
{
    const bool truth = dtype == IC_TS_BOOL; /* a sum of truths is their or, a product their and */
    char name[80];
    switch (op) {
    case IC_TS_ADD:
        return emit(ts, truth ? IC_OP_OR : IC_OP_ADD, a, b, dtype, dtype, out);
    case IC_TS_MUL:
        return emit(ts, truth ? IC_OP_AND : IC_OP_MUL, a, b, dtype, dtype, out);
    case IC_TS_MAX:
        return emit(ts, truth ? IC_OP_OR : IC_OP_MAXIMUM, a, b, dtype, dtype, out);
    case IC_TS_MIN:
        return emit(ts, truth ? IC_OP_AND : IC_OP_MINIMUM, a, b, dtype, dtype, out);
    case IC_TS_POW:
        if (b->kind == IC_TS_V_INT && b->u.i >= 1 && b->u.i <= 64 && !truth) {
            *out = *a;
            for (int64_t i = 1; i < b->u.i; ++i)
                IC_TRY(emit(ts, IC_OP_MUL, out, a, dtype, dtype, out));
            return IC_OK;
        }
        if (!truth)
            return emit(ts, IC_OP_POW, a, b, dtype, dtype, out);
        break;
    case IC_TS_SUB:
    case IC_TS_FLOOR_DIV:
        if (!truth)
            return emit(ts, op == IC_TS_SUB ? IC_OP_SUB : IC_OP_FLOOR_DIV, a, b, dtype, dtype, out);
        break;
    default:
        break;
    }
    const struct ic_ts_value both[2] = {*a, *b};
    return ic_ts_unsupported(ts, ic_arena_printf(&ts->arena, "aten::%s", ic_ts_op_name(ts, name, sizeof name)),
                             "on integers or bool that are computed on the chip", both, 2, out);
}

/* ---- choices ---- */
static enum ic_status choose(struct ic_ts *ts, const struct ic_ts_value *condition, const struct ic_ts_value *a,
                             const struct ic_ts_value *b, int32_t dtype, struct ic_ts_value *out)
{
    struct ic_value *in[3] = {0};
    struct ic_node *n = NULL;
    IC_TRY(ic_ts_typed_value(ts, condition, IC_TS_BOOL, &in[0]));
    IC_TRY(ic_ts_typed_value(ts, a, dtype, &in[1]));
    IC_TRY(ic_ts_typed_value(ts, b, dtype, &in[2]));
    IC_TRY(ic_ts_node(ts, IC_OP_WHERE, in, 3, "", &n));
    return finish(ts, n, dtype, out);
}

enum ic_status ic_ts_op_where(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    return choose(ts, &arg[0], &arg[1], &arg[2], ic_ts_promote(&arg[1], &arg[2]), out);
}

/* masked_fill(x, mask, value) */
enum ic_status ic_ts_op_masked_fill(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    return choose(ts, &arg[1], &arg[2], &arg[0], arg[0].u.t->dtype, out);
}

/* row->i: 0 isnan, 1 isinf, 2 isfinite, 3 logical_not, 4 bitwise_not */
enum ic_status ic_ts_op_is_number(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const struct ic_ts_value infinite = ic_ts_float((double)INFINITY), yes = ic_ts_bool(true);
    struct ic_ts_tensor *t = NULL;
    if (row->i == 3)
        return emit(ts, IC_OP_XOR, &arg[0], &yes, IC_TS_BOOL, IC_TS_BOOL, out);
    if (row->i == 4) { /* each bit of an integer turned */
        const struct ic_ts_value bits = arg[0].u.t->dtype == IC_TS_BOOL ? yes : ic_ts_int(-1);
        return emit(ts, IC_OP_XOR, &arg[0], &bits, arg[0].u.t->dtype, arg[0].u.t->dtype, out);
    }
    if (row->i == 0)
        return emit(ts, IC_OP_NOT_EQUAL, &arg[0], &arg[0], arg[0].u.t->dtype, IC_TS_BOOL, out);
    IC_TRY(ic_ts_unary(ts, IC_MAP_ABS, 0, 0, arg[0].u.t, &t));
    const struct ic_ts_value magnitude = ic_ts_of(t);
    return emit(ts, row->i == 1 ? IC_OP_EQUAL : IC_OP_LESS, &magnitude, &infinite, IC_TS_F32, IC_TS_BOOL, out);
}

/* any and all, of everything or along one axis; row->i: 1 all; row->a: 1 with an axis */
enum ic_status ic_ts_op_any(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_value *x = NULL;
    struct ic_node *n = NULL;
    int32_t axis = 0;
    IC_TRY(ic_ts_typed_value(ts, &arg[0], IC_TS_BOOL, &x));
    IC_TRY(cast(ts, x, IC_U8, &x));
    IC_TRY(ic_ts_node(ts, row->i ? IC_OP_REDUCE_MIN : IC_OP_REDUCE_MAX, &x, 1, "", &n));
    if (row->a != 0) {
        IC_TRY(ic_ts_axis(ts, arg[1].u.i, x->rank, &axis));
        ic_ts_set_ints_attr(n, IC_REDUCE_AXES, 1, &(int64_t){axis});
        ic_ts_set_int_attr(n, IC_REDUCE_KEEP, arg[2].u.i != 0);
    }
    IC_TRY(ic_ts_finish(ts, n, &x));
    const bool bytes = arg[0].u.t->dtype == IC_TS_U8; /* as bytes were PyTorch's first masks */
    if (!bytes)
        IC_TRY(cast(ts, x, IC_BOOL, &x));
    struct ic_ts_tensor *t = NULL;
    IC_TRY(ic_ts_wrap(ts, x, bytes ? IC_TS_U8 : IC_TS_BOOL, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* ---- order ---- */
static enum ic_status without_axis(struct ic_ts *ts, struct ic_ts_tensor *t, int32_t axis, struct ic_ts_tensor **out)
{
    int64_t dims[IC_IR_MAX_RANK];
    int32_t rank = 0;
    for (int32_t i = 0; i < t->rank; ++i)
        if (i != axis)
            dims[rank++] = t->dims[i];
    return ic_ts_reshape(ts, t, rank, dims, out);
}

static enum ic_status emit_arg(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t axis, bool least, bool keep,
                               struct ic_ts_value *out)
{
    struct ic_value *v = NULL;
    struct ic_node *n = NULL;
    const struct ic_ts_value given = ic_ts_of(x);
    IC_TRY(ic_ts_typed_value(ts, &given, x->dtype, &v));
    IC_TRY(ic_ts_node(ts, IC_OP_ARG, &v, 1, "", &n));
    ic_ts_set_int_attr(n, IC_ARG_AXIS, axis);
    ic_ts_set_int_attr(n, IC_ARG_LEAST, least);
    IC_TRY(finish(ts, n, IC_TS_S64, out));
    struct ic_ts_tensor *t = out->u.t;
    if (!keep)
        IC_TRY(without_axis(ts, t, axis, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* argmax(x, dim=None, keepdim); row->i: 1 argmin */
enum ic_status ic_ts_op_arg(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    int32_t axis = 0;
    if (arg[1].kind != IC_TS_V_NONE) {
        IC_TRY(ic_ts_axis(ts, arg[1].u.i, x->rank, &axis));
        return emit_arg(ts, x, axis, row->i != 0, arg[2].u.i != 0, out);
    }
    const int64_t all = ic_ts_elements(x);
    IC_TRY(ic_ts_reshape(ts, x, 1, &all, &x));
    return emit_arg(ts, x, 0, row->i != 0, false, out);
}

/* max(x, dim), min(x, dim): values and places; row->i: enum ic_op of the values */
enum ic_status ic_ts_op_reduce_pair(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_value values, places;
    int32_t axis = 0;
    IC_TRY(ic_ts_op_reduce(ts, row, arg, &values));
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, arg[0].u.t->rank, &axis));
    IC_TRY(emit_arg(ts, arg[0].u.t, axis, row->i == IC_OP_REDUCE_MIN, arg[2].u.i != 0, &places));
    IC_TRY(ic_ts_seq(ts, IC_TS_V_TUPLE, 2, out));
    out->u.seq->items[0] = values;
    out->u.seq->items[1] = places;
    return IC_OK;
}

static enum ic_status emit_top(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t axis, int64_t k, bool least,
                               struct ic_ts_value *values, struct ic_ts_value *places)
{
    struct ic_value *in[2] = {0};
    struct ic_node *n = NULL;
    const struct ic_ts_value given = ic_ts_of(x);
    IC_TRY(ic_ts_typed_value(ts, &given, x->dtype, &in[0]));
    IC_TRY(ic_ts_node(ts, IC_OP_TOP, in, 1, ".places", &n));
    ic_ts_set_int_attr(n, IC_TOP_AXIS, axis);
    ic_ts_set_int_attr(n, IC_TOP_K, k);
    ic_ts_set_int_attr(n, IC_TOP_LEAST, least);
    IC_TRY(finish(ts, n, IC_TS_S64, places));
    IC_TRY(ic_ts_typed_value(ts, places, IC_TS_S64, &in[1])); /* of a known x they are known, and no value yet */
    IC_TRY(ic_ts_node(ts, IC_OP_GATHER_ELEMENTS, in, 2, "", &n));
    ic_ts_set_int_attr(n, IC_GATHER_ELEMENTS_AXIS, axis);
    return finish(ts, n, x->dtype, values);
}

/* row->i: 0 topk(x, k, dim, largest, sorted), 1 sort(x, dim, descending), 2 argsort(x, dim, descending), 3 sort(x, stable, dim, descending) */
enum ic_status ic_ts_op_top(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    const int at = row->i == 0 || row->i == 3 ? 2 : 1;
    struct ic_ts_value values, places;
    int32_t axis = 0;
    IC_TRY(ic_ts_axis(ts, arg[at].u.i, x->rank, &axis));
    const bool greatest = arg[at + 1].u.i != 0;
    const int64_t k = row->i == 0 ? arg[1].u.i : x->dims[axis];
    if (k < 0 || k > x->dims[axis])
        return ic_ts_fail(ts, IC_E_SHAPES, "the first %lld of %lld element%s", (long long)k, (long long)x->dims[axis],
                          IC_S(x->dims[axis]));
    IC_TRY(emit_top(ts, x, axis, k, !greatest, &values, &places));
    if (row->i == 2) {
        *out = places;
        return IC_OK;
    }
    IC_TRY(ic_ts_seq(ts, IC_TS_V_TUPLE, 2, out));
    out->u.seq->items[0] = values;
    out->u.seq->items[1] = places;
    return IC_OK;
}

/* cumsum(x, dim, dtype), cumprod; row->i: 1 product. Integers of any width and bool add up in 64 bits unless a type is asked for. */
enum ic_status ic_ts_op_cumulative(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_value *x = NULL;
    struct ic_node *n = NULL;
    int32_t axis = 0;
    const int32_t own = arg[0].u.t->dtype;
    const int32_t dtype = arg[2].kind == IC_TS_V_INT ? (int32_t)arg[2].u.i : ic_ts_is_float(own) ? own : IC_TS_S64;
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, arg[0].u.t->rank, &axis));
    IC_TRY(ic_ts_typed_value(ts, &arg[0], dtype, &x));
    IC_TRY(ic_ts_node(ts, IC_OP_SCAN, &x, 1, "", &n));
    ic_ts_set_int_attr(n, IC_SCAN_AXIS, axis);
    ic_ts_set_int_attr(n, IC_SCAN_PRODUCT, row->i);
    return finish(ts, n, dtype, out);
}

/* ---- places ---- */
/* x at index along axis; index replaces the axis (row->i 0: index_select, embedding) or goes with the other axes (1: gather) */
enum ic_status ic_ts_emit_gather(struct ic_ts *ts, const struct ic_ts_value *x, int32_t axis, const struct ic_ts_value *index,
                                 bool elements, struct ic_ts_value *out)
{
    struct ic_value *in[2] = {0};
    struct ic_node *n = NULL;
    IC_TRY(ic_ts_typed_value(ts, x, x->u.t->dtype, &in[0]));
    IC_TRY(ic_ts_typed_value(ts, index, IC_TS_S64, &in[1]));
    IC_TRY(ic_ts_node(ts, elements ? IC_OP_GATHER_ELEMENTS : IC_OP_GATHER, in, 2, "", &n));
    ic_ts_set_int_attr(n, elements ? IC_GATHER_ELEMENTS_AXIS : IC_GATHER_AXIS, axis);
    return finish(ts, n, x->u.t->dtype, out);
}

enum ic_status ic_ts_op_gather(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    int32_t axis = 0;
    (void)row;
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, arg[0].u.t->rank, &axis));
    return ic_ts_emit_gather(ts, &arg[0], axis, &arg[2], true, out);
}

/* scatter(x, dim, index, src); row->i: enum ic_scatter_fn */
enum ic_status ic_ts_op_scatter(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_value *in[3] = {0};
    struct ic_node *n = NULL;
    int32_t axis = 0;
    const int32_t dtype = arg[0].u.t->dtype;
    const struct ic_ts_tensor *index = arg[2].u.t;
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, arg[0].u.t->rank, &axis));
    for (int32_t i = 0; i < index->rank && arg[3].u.t->rank == index->rank; ++i) /* of src as much as there are places for */
        if (arg[3].u.t->dims[i] > index->dims[i])
            IC_TRY(ic_ts_slice(ts, arg[3].u.t, i, 0, index->dims[i], 1, &arg[3].u.t));
    IC_TRY(ic_ts_typed_value(ts, &arg[0], dtype, &in[0]));
    IC_TRY(ic_ts_typed_value(ts, &arg[2], IC_TS_S64, &in[1]));
    IC_TRY(ic_ts_typed_value(ts, &arg[3], dtype, &in[2]));
    IC_TRY(ic_ts_node(ts, IC_OP_SCATTER_ELEMENTS, in, 3, "", &n));
    ic_ts_set_int_attr(n, IC_SCATTER_ELEMENTS_AXIS, axis);
    ic_ts_set_int_attr(n, IC_SCATTER_ELEMENTS_FN, row->i);
    return finish(ts, n, dtype, out);
}

/* tril(x, diagonal), row->i 1: triu */
enum ic_status ic_ts_op_triangle(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const struct ic_ts_tensor *x = arg[0].u.t;
    struct ic_ts_tensor *mask = NULL;
    void *to = NULL;
    if (x->rank < 2)
        return ic_ts_fail(ts, IC_E_SHAPES, "a triangle of %s", ic_ts_describe(ts, &arg[0]));
    const int64_t h = x->dims[x->rank - 2], w = x->dims[x->rank - 1];
    IC_TRY(ic_ts_tensor_known(ts, IC_TS_BOOL, 2, (const int64_t[]){h, w}, &mask, &to));
    for (int64_t i = 0; i < h; ++i)
        for (int64_t k = 0; k < w; ++k)
            ((uint8_t *)to)[i * w + k] = row->i ? k - i >= arg[1].u.i : k - i <= arg[1].u.i;
    const struct ic_ts_value m = ic_ts_of(mask), zero = ic_ts_int(0);
    return choose(ts, &m, &arg[0], &zero, x->dtype, out);
}

/* log2, log10, exp2; row->i: function, row->a: factor behind it, row->b: factor before it */
enum ic_status ic_ts_op_scaled_map(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = arg[0].u.t;
    if (row->b != 0)
        IC_TRY(ic_ts_unary(ts, IC_MAP_AFFINE, row->b, 0, t, &t));
    IC_TRY(ic_ts_unary(ts, (enum ic_map_fn)row->i, 0, 0, t, &t));
    if (row->a != 0)
        IC_TRY(ic_ts_unary(ts, IC_MAP_AFFINE, row->a, 0, t, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

enum ic_status ic_ts_op_atan2(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    return emit(ts, IC_OP_ATAN2, &arg[0], &arg[1], IC_TS_F32, IC_TS_F32, out);
}
