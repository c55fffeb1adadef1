/* SPDX-License-Identifier: Apache-2.0
 *
 * Places, order, lines along an axis: gathers and scatters, the greatest, sums.
 */
#include "import/onnx/ops.h"

#include "arith/integers.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Index types are int32 and int64; others become int64. */
static struct ic_value *index_of(struct ic_onnx *o, int32_t i)
{
    struct ic_value *v = ic_onnx_in(o, i);
    return !v || v->dtype == IC_S32 || v->dtype == IC_S64 ? v : ic_build_cast(&o->b, v, IC_S64);
}

/* A constant index outside its axis is known now, not only when the network runs. */
static bool inside(struct ic_onnx *o, const struct ic_value *index, int32_t extent)
{
    const int64_t n = index->data ? ic_value_elements(index) : 0;
    for (int64_t i = 0; i < n; i++) {
        const int64_t at = ic_build_get_int(index, i);
        if (at < -extent || at >= extent) {
            ic_onnx_fail(o, "its index %" PRId64 " stands outside an axis of %d element%s", at, (int)extent, IC_S(extent));
            return false;
        }
    }
    return true;
}

void ic_onnx_op_gather(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0), *index = index_of(o, 1);
    const int32_t axis = x && index ? ic_onnx_axis(o, ic_onnx_int(o, "axis", 0), x->rank) : 0;
    if (x && index && ic_onnx_ok(o) && inside(o, index, x->dims[axis]))
        ic_onnx_out_like(o, 0, ic_build_gather(&o->b, x, index, axis), 0);
}

void ic_onnx_op_gather_elements(struct ic_onnx *o)
{
    struct ic_node *n = ic_build_node(&o->b, IC_OP_GATHER_ELEMENTS, (struct ic_value *[]){ic_onnx_in(o, 0), index_of(o, 1)}, 2);
    ic_build_set_int(n, IC_GATHER_ELEMENTS_AXIS, ic_onnx_int(o, "axis", 0));
    ic_onnx_out_like(o, 0, ic_build_finish(&o->b, n), 0);
}

void ic_onnx_op_gather_nd(struct ic_onnx *o)
{
    struct ic_node *n = ic_build_node(&o->b, IC_OP_GATHER_ND, (struct ic_value *[]){ic_onnx_in(o, 0), index_of(o, 1)}, 2);
    ic_build_set_int(n, IC_GATHER_ND_BATCH, ic_onnx_int(o, "batch_dims", 0));
    ic_onnx_out_like(o, 0, ic_build_finish(&o->b, n), 0);
}

/* enum ic_scatter_fn by name */
static int64_t reduction(struct ic_onnx *o)
{
    static const char *const names[] = {"none", "add", "mul", "max", "min"};
    const char *name = ic_onnx_text(o, "reduction", "none");
    for (int64_t i = 0; i < 5; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    ic_onnx_refuse(o, "reduction \"%s\" is unknown", name);
    return 0;
}

void ic_onnx_op_scatter_elements(struct ic_onnx *o)
{
    struct ic_value *inputs[] = {ic_onnx_in(o, 0), index_of(o, 1), ic_onnx_in(o, 2)};
    struct ic_node *n = ic_build_node(&o->b, IC_OP_SCATTER_ELEMENTS, inputs, 3);
    ic_build_set_int(n, IC_SCATTER_ELEMENTS_AXIS, ic_onnx_int(o, "axis", 0));
    ic_build_set_int(n, IC_SCATTER_ELEMENTS_FN, reduction(o));
    ic_onnx_out_like(o, 0, ic_build_finish(&o->b, n), 0);
}

void ic_onnx_op_scatter_nd(struct ic_onnx *o)
{
    struct ic_value *inputs[] = {ic_onnx_in(o, 0), index_of(o, 1), ic_onnx_in(o, 2)};
    struct ic_node *n = ic_build_node(&o->b, IC_OP_SCATTER_ND, inputs, 3);
    ic_build_set_int(n, IC_SCATTER_ND_FN, reduction(o));
    ic_onnx_out_like(o, 0, ic_build_finish(&o->b, n), 0);
}

/* axis of the result holds depth values: on where the index is, off elsewhere. */
void ic_onnx_op_one_hot(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *index = ic_onnx_in(o, 0), *values = ic_onnx_in(o, 2);
    const struct ic_value *depth_value = ic_onnx_const(o, 1, "depth");
    if (!index || !values || !depth_value)
        return;
    const int64_t depth = ic_build_get_int(depth_value, 0);
    const int32_t axis = ic_onnx_axis(o, ic_onnx_int(o, "axis", -1), index->rank + 1);
    int64_t *places = depth > 0 && depth < INT32_MAX ? ic_arena_array(o->arena, (size_t)depth, sizeof *places) : NULL;
    int64_t dims[IC_IR_MAX_RANK];
    if (!places || index->rank + 1 > IC_IR_MAX_RANK) {
        ic_onnx_fail(o, "a depth of %" PRId64, depth);
        return;
    }
    for (int64_t i = 0; i < depth; i++)
        places[i] = i;
    index = ic_build_unsqueeze(b, ic_build_cast(b, index, IC_S64), axis);
    index = ic_build_where(b, ic_build_binary(b, IC_OP_LESS, index, ic_build_int(b, IC_S64, 0)),
                           ic_build_binary(b, IC_OP_ADD, index, ic_build_int(b, IC_S64, depth)), index);
    for (int32_t i = 0; index && i < index->rank; i++)
        dims[i] = i == axis ? depth : 1;
    if (!index)
        return;
    struct ic_value *all = ic_build_reshape(b, ic_build_ints(b, (int32_t)depth, places), index->rank, dims);
    struct ic_value *off = ic_build_reshape(b, ic_build_slice(b, values, 0, 0, 1, 1), 0, NULL),
                    *on = ic_build_reshape(b, ic_build_slice(b, values, 0, 1, 2, 1), 0, NULL);
    ic_onnx_out_like(o, 0, ic_build_where(b, ic_build_binary(b, IC_OP_EQUAL, index, all), on, off), 2);
}

void ic_onnx_op_compress(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    const struct ic_value *condition = ic_onnx_const(o, 1, "condition");
    if (!x || !condition)
        return;
    const bool flat = !ic_onnx_attr(o, "axis");
    const int64_t n = ic_value_elements(condition);
    int64_t *places = ic_arena_array(o->arena, (size_t)n + 1, sizeof *places);
    int32_t count = 0;
    if (!places) {
        ic_build_no_memory(&o->b);
        return;
    }
    for (int64_t i = 0; i < n; i++)
        if (ic_build_get_int(condition, i))
            places[count++] = i;
    if (flat)
        x = ic_build_merge(&o->b, x, 0, x->rank);
    const int32_t axis = flat ? 0 : ic_onnx_axis(o, ic_onnx_int(o, "axis", 0), x ? x->rank : 1);
    ic_onnx_out_like(o, 0, ic_build_gather(&o->b, x, ic_build_ints(&o->b, count, places), axis), 0);
}

/* How many there are depends on the data: only of constants. */
void ic_onnx_op_non_zero(struct ic_onnx *o)
{
    const struct ic_value *x = ic_onnx_const(o, 0, "operand");
    if (!x)
        return;
    const int64_t n = ic_value_elements(x);
    int64_t *out = ic_arena_array(o->arena, (size_t)n * (size_t)(x->rank ? x->rank : 1) + 1, sizeof *out);
    int32_t count = 0;
    for (int64_t i = 0; out && i < n; i++)
        count += ic_build_get(x, i) != 0;
    for (int64_t i = 0, at = 0; out && i < n; i++) {
        if (ic_build_get(x, i) == 0)
            continue;
        int64_t rest = i;
        for (int32_t k = x->rank; k-- > 0; rest /= x->dims[k])
            out[k * count + at] = rest % x->dims[k];
        at++;
    }
    if (!out) {
        ic_build_no_memory(&o->b);
        return;
    }
    ic_onnx_out(o, 0, ic_build_const(&o->b, IC_S64, 2, (const int32_t[]){x->rank, count}, out), IC_ONNX_INT64);
}

/* The first lens[b] elements along the time axis change their order. */
void ic_onnx_op_reverse_sequence(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *lens = ic_onnx_in(o, 1);
    const int32_t time = ic_onnx_int32(o, "time_axis", 0), batch = ic_onnx_int32(o, "batch_axis", 1);
    if (!x || !lens)
        return;
    if (x->rank < 2 || time < 0 || time > 1 || batch != 1 - time) {
        ic_onnx_fail(o, "time axis %d and batch axis %d of an input of rank %d: one must be 0, the other 1", (int)time, (int)batch,
                     (int)x->rank);
        return;
    }
    const int32_t n = x->dims[time];
    int64_t *places = ic_arena_array(o->arena, (size_t)n + 1, sizeof *places), dims[IC_IR_MAX_RANK];
    if (!places) {
        ic_build_no_memory(b);
        return;
    }
    for (int32_t i = 0; i < n; i++)
        places[i] = i;
    struct ic_value *t = ic_build_unsqueeze(b, ic_build_ints(b, n, places), batch); /* time by batch or batch by time */
    struct ic_value *l = ic_build_unsqueeze(b, ic_build_cast(b, lens, IC_S64), time);
    struct ic_value *turned = ic_build_binary(b, IC_OP_SUB, ic_build_binary(b, IC_OP_SUB, l, ic_build_int(b, IC_S64, 1)), t);
    struct ic_value *index = ic_build_where(b, ic_build_binary(b, IC_OP_LESS, t, l), turned, t);
    for (int32_t i = 0; i < x->rank; i++)
        dims[i] = i < 2 ? x->dims[i] : 1;
    index = ic_build_reshape(b, index, x->rank, dims);
    for (int32_t i = 0; i < x->rank; i++)
        dims[i] = x->dims[i];
    struct ic_node *g = ic_build_node(b, IC_OP_GATHER_ELEMENTS, (struct ic_value *[]){x, ic_build_expand(b, index, x->rank, dims)},
                                      2);
    ic_build_set_int(g, IC_GATHER_ELEMENTS_AXIS, time);
    ic_onnx_out_like(o, 0, ic_build_finish(b, g), 0);
}

/* ---- order ---- */
/* row->i: 1 the smallest */
void ic_onnx_op_arg(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    if (!x)
        return;
    const int32_t axis = ic_onnx_axis(o, ic_onnx_int(o, "axis", 0), x->rank);
    struct ic_value *y = ic_build_arg(&o->b, x, axis, o->row->i != 0, ic_onnx_int(o, "select_last_index", 0) != 0);
    ic_onnx_out(o, 0, ic_onnx_int(o, "keepdims", 1) || !y ? y : ic_build_squeeze(&o->b, y, axis), IC_ONNX_INT64);
}

void ic_onnx_op_top_k(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    const struct ic_value *k_value = o->version >= 10 ? ic_onnx_const(o, 1, "k") : NULL;
    if (!x || !ic_onnx_ok(o))
        return;
    const int64_t k = k_value ? ic_build_get_int(k_value, 0) : ic_onnx_int(o, "k", 1),
                  axis = ic_onnx_axis(o, ic_onnx_int(o, "axis", -1), x->rank);
    struct ic_node *n = ic_build_node(b, IC_OP_TOP, &x, 1);
    ic_build_set_int(n, IC_TOP_AXIS, axis);
    ic_build_set_int(n, IC_TOP_K, k);
    ic_build_set_int(n, IC_TOP_LEAST, ic_onnx_int(o, "largest", 1) == 0);
    struct ic_value *places = ic_build_finish(b, n);
    struct ic_node *g = ic_build_node(b, IC_OP_GATHER_ELEMENTS, (struct ic_value *[]){x, places}, 2);
    ic_build_set_int(g, IC_GATHER_ELEMENTS_AXIS, axis);
    ic_onnx_out_like(o, 0, ic_build_finish(b, g), 0);
    ic_onnx_out(o, 1, places, IC_ONNX_INT64);
}

/* row->i: 1 products */
void ic_onnx_op_cumulative(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    const struct ic_value *axis = ic_onnx_const(o, 1, "axis");
    if (x && axis)
        ic_onnx_out_like(o, 0,
                         ic_build_scan(&o->b, x, ic_onnx_axis(o, ic_build_get_int(axis, 0), x->rank), o->row->i != 0,
                                       ic_onnx_int(o, "exclusive", 0) != 0, ic_onnx_int(o, "reverse", 0) != 0),
                         0);
}

/* ---- lines ---- */
enum { LINE_PLAIN, LINE_L1, LINE_L2, LINE_LOG_SUM, LINE_LOG_SUM_EXP, LINE_SUM_SQUARE };

static uint32_t reduced(struct ic_onnx *o, const struct ic_value *x, int64_t since)
{
    int64_t axes[IC_MAX_ATTR_INTS];
    const uint32_t all = (1u << x->rank) - 1u;
    const int32_t n = o->version >= since ? (ic_onnx_has(o, 1) ? ic_onnx_const_ints(o, 1, "axes", axes) : -1)
                                          : ic_onnx_ints(o, "axes", axes, IC_MAX_ATTR_INTS);
    uint32_t mask = 0;
    for (int32_t i = 0; i < n; i++)
        mask |= 1u << ic_onnx_axis(o, axes[i], x->rank);
    return n > 0 ? mask : ic_onnx_int(o, "noop_with_empty_axes", 0) ? 0 : all;
}

struct ic_value *ic_onnx_reduce(struct ic_onnx *o, enum ic_op op, struct ic_value *x, uint32_t mask, bool keep)
{
    int64_t dims[IC_IR_MAX_RANK];
    int32_t rank = 0;
    bool empty = false;
    for (int32_t i = 0; x && i < x->rank; i++) {
        empty = empty || ((mask >> i & 1u) && x->dims[i] == 0);
        if (!(mask >> i & 1u) || keep)
            dims[rank++] = mask >> i & 1u ? 1 : x->dims[i];
    }
    if (!empty || !x)
        return ic_build_reduce(&o->b, op, x, mask, keep);
    const double neutral = op == IC_OP_REDUCE_PROD  ? 1
                           : op == IC_OP_REDUCE_MAX ? -(double)INFINITY
                           : op == IC_OP_REDUCE_MIN ? (double)INFINITY
                                                    : 0;
    struct ic_value *v = ic_dtype_is_float(x->dtype) || neutral == 0 || neutral == 1
                             ? ic_build_number(&o->b, x->dtype, neutral)
                             : ic_build_int(&o->b, x->dtype,
                                            op == IC_OP_REDUCE_MAX ? ic_int_lowest(x->dtype) : ic_int_highest(x->dtype));
    return ic_build_expand(&o->b, v, rank, dims);
}

/* log(sum(exp(x))) without leaving float32 */
static struct ic_value *log_sum_exp(struct ic_onnx *o, struct ic_value *x, uint32_t mask, bool keep)
{
    struct ic_build *b = &o->b;
    struct ic_value *m = ic_onnx_reduce(o, IC_OP_REDUCE_MAX, x, mask, true);
    if (mask == 0 || !x || !m || ic_value_elements(x) == 0)
        return mask ? ic_build_map(b, ic_onnx_reduce(o, IC_OP_REDUCE_SUM, x, mask, keep), IC_MAP_LOG, 0, 0) : x;
    struct ic_value *e = ic_build_map(b, ic_build_binary(b, IC_OP_SUB, x, m), IC_MAP_EXP, 0, 0);
    struct ic_value *s = ic_build_map(b, ic_build_reduce(b, IC_OP_REDUCE_SUM, e, mask, true), IC_MAP_LOG, 0, 0);
    s = ic_build_binary(b, IC_OP_ADD, s, m);
    for (int32_t i = x->rank; i-- > 0 && !keep;)
        if (mask >> i & 1u)
            s = ic_build_squeeze(b, s, i);
    return s;
}

/* row->i: enum ic_op; row->a: one of LINE_; row->b: opset from which axes are an input */
void ic_onnx_op_reduce(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    if (!x)
        return;
    const int what = (int)o->row->a;
    const enum ic_dtype own = x->dtype;
    const bool keep = ic_onnx_int(o, "keepdims", 1) != 0;
    const uint32_t mask = reduced(o, x, (int64_t)o->row->b);
    const bool floats = ic_dtype_is_float(own), boolean = own == IC_BOOL;
    if (boolean)
        x = ic_build_cast(b, x, IC_U8);
    if (!floats && (what == LINE_L2 || what == LINE_LOG_SUM || what == LINE_LOG_SUM_EXP || o->row->i == IC_OP_REDUCE_MEAN))
        x = ic_build_cast(b, x, IC_F32);
    if (what == LINE_L1 && x && (ic_dtype_is_float(x->dtype) || ic_int_lowest(x->dtype) < 0))
        x = ic_dtype_is_float(x->dtype)
                ? ic_build_map(b, x, IC_MAP_ABS, 0, 0)
                : ic_build_binary(b, IC_OP_MAXIMUM, x, ic_build_binary(b, IC_OP_SUB, ic_build_int(b, x->dtype, 0), x));
    if (what == LINE_L2 || what == LINE_SUM_SQUARE)
        x = ic_build_binary(b, IC_OP_MUL, x, x);
    struct ic_value *y = what == LINE_LOG_SUM_EXP ? log_sum_exp(o, x, mask, keep)
                                                  : ic_onnx_reduce(o, (enum ic_op)o->row->i, x, mask, keep);
    if (what == LINE_L2)
        y = ic_build_map(b, y, IC_MAP_SQRT, 0, 0);
    if (what == LINE_LOG_SUM)
        y = ic_build_map(b, y, IC_MAP_LOG, 0, 0);
    ic_onnx_out_like(o, 0, ic_build_cast(b, y, own), 0);
}

/* Before opset 13: over all axes from the given one on. row->i: 1 logarithm */
void ic_onnx_op_softmax(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    int64_t dims[IC_IR_MAX_RANK];
    if (!x)
        return;
    const int32_t axis = x->rank ? ic_onnx_axis(o, ic_onnx_int(o, "axis", o->version >= 13 ? -1 : 1), x->rank) : 0;
    if (ic_value_elements(x) == 0) { /* nothing to divide */
        ic_onnx_out_like(o, 0, x, 0);
        return;
    }
    if (o->version >= 13 || axis == x->rank - 1) {
        ic_onnx_out_like(o, 0, ic_build_softmax(&o->b, x, axis, o->row->i != 0), 0);
        return;
    }
    for (int32_t i = 0; i < x->rank; i++)
        dims[i] = x->dims[i];
    const int32_t rank = x->rank;
    x = ic_build_softmax(&o->b, ic_build_merge(&o->b, x, axis, rank - axis), axis, o->row->i != 0);
    ic_onnx_out_like(o, 0, ic_build_reshape(&o->b, x, rank, dims), 0);
}

/* 1 where the first greatest stands, 0 elsewhere. */
void ic_onnx_op_hardmax(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    int64_t dims[IC_IR_MAX_RANK], shape[IC_IR_MAX_RANK];
    if (!x)
        return;
    int32_t axis = ic_onnx_axis(o, ic_onnx_int(o, "axis", o->version >= 13 ? -1 : 1), x->rank);
    const int32_t rank = x->rank;
    for (int32_t i = 0; i < rank; i++)
        shape[i] = x->dims[i];
    if (o->version < 13)
        x = ic_build_merge(b, x, axis, rank - axis);
    if (!x)
        return;
    int64_t *places = ic_arena_array(o->arena, (size_t)x->dims[axis] + 1, sizeof *places);
    if (!places) {
        ic_build_no_memory(b);
        return;
    }
    for (int32_t i = 0; i < x->dims[axis]; i++)
        places[i] = i;
    for (int32_t i = 0; i < x->rank; i++)
        dims[i] = i == axis ? x->dims[i] : 1;
    struct ic_value *all = ic_build_reshape(b, ic_build_ints(b, x->dims[axis], places), x->rank, dims);
    struct ic_value *y = ic_build_cast(b, ic_build_binary(b, IC_OP_EQUAL, ic_build_arg(b, x, axis, false, false), all), IC_F32);
    ic_onnx_out_like(o, 0, ic_build_reshape(b, y, rank, shape), 0);
}

/* x / norm, where the norm is not 0 */
void ic_onnx_op_lp_normalization(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    if (!x)
        return;
    const int64_t p = ic_onnx_int(o, "p", 2);
    const uint32_t mask = 1u << ic_onnx_axis(o, ic_onnx_int(o, "axis", -1), x->rank);
    struct ic_value *n = p == 1
                             ? ic_build_reduce(b, IC_OP_REDUCE_SUM, ic_build_map(b, x, IC_MAP_ABS, 0, 0), mask, true)
                             : ic_build_map(b,
                                            ic_build_reduce(b, IC_OP_REDUCE_SUM, ic_build_binary(b, IC_OP_MUL, x, x), mask, true),
                                            IC_MAP_SQRT, 0, 0);
    struct ic_value *zero = ic_build_float(b, 0);
    n = ic_build_where(b, ic_build_binary(b, IC_OP_EQUAL, n, zero), ic_build_float(b, 1), n);
    ic_onnx_out_like(o, 0, ic_build_binary(b, IC_OP_DIV, x, n), 0);
}

/* Values to the places of a flat result that MaxPool remembered. */
void ic_onnx_op_max_unpool(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *index = ic_onnx_in(o, 1);
    int64_t dims[IC_IR_MAX_RANK], kernel[IC_IR_MAX_RANK] = {0}, strides[IC_IR_MAX_RANK], pads[2 * IC_IR_MAX_RANK] = {0},
                                  given[IC_IR_MAX_RANK];
    if (!x || !index)
        return;
    const int32_t n = ic_onnx_ints(o, "kernel_shape", kernel, IC_IR_MAX_RANK);
    if (n != x->rank - 2) {
        ic_onnx_fail(o, "a kernel of %d ax%s", (int)n, IC_N(n, "is", "es"));
        return;
    }
    if (ic_onnx_ints(o, "strides", strides, IC_IR_MAX_RANK) < 0)
        for (int32_t i = 0; i < n; i++)
            strides[i] = 1;
    ic_onnx_ints(o, "pads", pads, 2 * IC_IR_MAX_RANK);
    for (int32_t i = 0; i < n; i++)
        if (kernel[i] < 1 || kernel[i] > 1 << 20 || strides[i] < 1 || strides[i] > 1 << 20 || pads[i] < 0 || pads[i] > 1 << 20 ||
            pads[i + n] < 0 || pads[i + n] > 1 << 20) {
            ic_onnx_fail(o, "its window makes no sense");
            return;
        }
    dims[0] = x->dims[0];
    dims[1] = x->dims[1];
    for (int32_t i = 0; i < n; i++)
        dims[i + 2] = (x->dims[i + 2] - 1) * strides[i] + kernel[i] - pads[i] - pads[i + n];
    /* the places count in the natural size; a given output shape only adds room behind */
    const int32_t n_given = ic_onnx_const_ints(o, 2, "output_shape", given);
    if (!ic_onnx_ok(o))
        return;
    int32_t natural[IC_IR_MAX_RANK];
    int64_t all = 1, before[IC_IR_MAX_RANK] = {0}, after[IC_IR_MAX_RANK] = {0};
    for (int32_t i = 0; i < x->rank; i++) {
        if (dims[i] < 0 || dims[i] > INT32_MAX || all > INT32_MAX) {
            ic_onnx_fail(o, "a result of more than 2^31 elements");
            return;
        }
        natural[i] = (int32_t)dims[i];
        all *= dims[i];
        after[i] = n_given == x->rank && given[i] > dims[i] && given[i] <= INT32_MAX ? given[i] - dims[i] : 0;
    }
    struct ic_value *flat = ic_build_reshape(b, ic_build_full(b, x->dtype, x->rank, natural, 0), 1, &all);
    struct ic_value *inputs[] = {flat, ic_build_merge(b, index, 0, index->rank), ic_build_merge(b, x, 0, x->rank)};
    struct ic_node *s = ic_build_node(b, IC_OP_SCATTER_ELEMENTS, inputs, 3);
    struct ic_value *y = ic_build_reshape(b, ic_build_finish(b, s), x->rank, dims);
    ic_onnx_out_like(o, 0, ic_build_pad(b, y, before, after, 0), 0);
}

/* A key or value cache: update written at write_indices along axis, per batch. */
void ic_onnx_op_tensor_scatter(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *past = ic_onnx_in(o, 0), *update = ic_onnx_in(o, 1), *start = ic_onnx_in(o, 2);
    if (!past || !update)
        return;
    const int32_t axis = ic_onnx_axis(o, ic_onnx_int(o, "axis", -2), past->rank);
    const bool circular = strcmp(ic_onnx_text(o, "mode", "linear"), "circular") == 0;
    const int32_t n = update->dims[axis];
    int64_t *places = ic_arena_array(o->arena, (size_t)n + 1, sizeof *places), dims[IC_IR_MAX_RANK];
    if (!places) {
        ic_build_no_memory(b);
        return;
    }
    for (int32_t i = 0; i < n; i++)
        places[i] = i;
    for (int32_t i = 0; i < past->rank; i++)
        dims[i] = i == axis ? n : 1;
    struct ic_value *index = ic_build_reshape(b, ic_build_ints(b, n, places), past->rank, dims);
    for (int32_t i = 0; i < past->rank; i++)
        dims[i] = i == 0 ? past->dims[0] : 1;
    if (start)
        index = ic_build_binary(b, IC_OP_ADD, index, ic_build_reshape(b, ic_build_cast(b, start, IC_S64), past->rank, dims));
    if (circular)
        index = ic_build_binary(b, IC_OP_MOD, index, ic_build_int(b, IC_S64, past->dims[axis]));
    for (int32_t i = 0; i < past->rank; i++)
        dims[i] = update->dims[i];
    struct ic_value *inputs[] = {past, ic_build_expand(b, index, past->rank, dims), update};
    struct ic_node *s = ic_build_node(b, IC_OP_SCATTER_ELEMENTS, inputs, 3);
    ic_build_set_int(s, IC_SCATTER_ELEMENTS_AXIS, axis);
    ic_onnx_out_like(o, 0, ic_build_finish(b, s), 0);
}
