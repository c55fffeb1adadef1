/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators of the IR as operators of ONNX. What treats all axes alike, or names them, works on pictures in either order and takes the one that
 * its operand already has, so that a convolutional network stays n c h w from end to end.
 */
#include "arith/integers.h"
#include "export/emit.h"

#include <string.h>

/* Axis of n c h w that is axis i of n h w c. */
static const int64_t turned_axis[4] = {0, 2, 3, 1};

static bool refuse(const char **why, const char *text)
{
    *why = text;
    return false;
}

static int64_t from_front(int64_t axis, int32_t rank)
{
    return axis < 0 ? axis + rank : axis;
}

static int64_t axis_of(int64_t axis, int32_t rank, int turned)
{
    axis = from_front(axis, rank);
    return turned ? turned_axis[axis] : axis;
}

const char *ic_emit_raw(struct ic_emit *e, const struct ic_node *n, int turned)
{
    return n->post.fn == IC_MAP_NONE ? ic_emit_result(e, n->outputs[0], turned) : ic_emit_fresh(e);
}

bool ic_emit_end(struct ic_emit *e, const struct ic_node *n, int turned, const char *raw, const char **why)
{
    const struct ic_value *y = n->outputs[0];
    const char *name = raw;
    if (n->post.fn != IC_MAP_NONE) {
        if (n->post.round_mid) { /* the edge before the function is stored as float16 */
            ic_emit_int(e, "to", 10);
            raw = ic_emit_unary(e, "Cast", raw);
            ic_emit_int(e, "to", 1);
            raw = ic_emit_unary(e, "Cast", raw);
        }
        name = ic_emit_result(e, y, turned);
        if (!ic_emit_map(e, raw, (enum ic_map_fn)n->post.fn, (double)n->post.a, (double)n->post.b, name))
            return refuse(why, "opset 17 has no such function");
    }
    ic_emit_made(e, y, turned, name);
    return true;
}

/* ---- element by element ---- */
/* Whether n can be computed on pictures n c h w: computed operands of rank 4 are there already, constants can be turned. */
static int turns(const struct ic_emit *e, const struct ic_node *n)
{
    bool any = false;
    for (int32_t i = 0; i < n->n_inputs; i++) {
        const struct ic_value *v = n->inputs[i];
        if (v->data ? v->rank != 4 && v->rank > 1 : !ic_emit_has_turned(e, v))
            return 0;
        any = any || !v->data;
    }
    return any && n->outputs[0]->rank == 4 ? IC_FORM_TURNED : 0;
}

static const char *operand(struct ic_emit *e, const struct ic_value *v, int form)
{
    if (!(form & IC_FORM_TURNED) || v->rank == 4 || ic_value_elements(v) == 1)
        return ic_emit_value(e, v, v->rank == 4 ? form : form & IC_FORM_REAL);
    struct ic_value channels = *v; /* [c], which belongs to the last axis: [c 1 1] */
    channels.rank = 3;
    channels.dims[1] = channels.dims[2] = 1;
    return ic_emit_constant(e, &channels, 0);
}

struct pair_op {
    const char *op;
    bool opposite; /* Not of it */
};
static const struct pair_op pair_ops[IC_OP_COUNT] = {
    [IC_OP_ADD] = {"Add", false},        [IC_OP_SUB] = {"Sub", false},     [IC_OP_MUL] = {"Mul", false},
    [IC_OP_DIV] = {"Div", false},        [IC_OP_MAXIMUM] = {"Max", false}, [IC_OP_MINIMUM] = {"Min", false},
    [IC_OP_PRELU] = {"PRelu", false},    [IC_OP_POW] = {"Pow", false},     [IC_OP_EQUAL] = {"Equal", false},
    [IC_OP_NOT_EQUAL] = {"Equal", true}, [IC_OP_LESS] = {"Less", false},   [IC_OP_LESS_EQUAL] = {"LessOrEqual", false},
    [IC_OP_AND] = {"And", false},        [IC_OP_OR] = {"Or", false},       [IC_OP_XOR] = {"Xor", false},
    [IC_OP_REM] = {"Mod", false},        [IC_OP_MOD] = {"Mod", false},
};

/* Remainders: opset 17 has the sign of the dividend for all types, that of the divisor for integers. */
static bool emit_remainder(struct ic_emit *e, const struct ic_node *n, const char *a, const char *b, const char *raw)
{
    if (n->op == IC_OP_REM || ic_dtype_is_integer(n->outputs[0]->dtype)) {
        ic_emit_int(e, "fmod", n->op == IC_OP_REM);
        ic_emit_node(e, "Mod", (const char *[]){a, b}, 2, raw);
        return true;
    }
    const char *whole = ic_emit_unary(e, "Floor", ic_emit_binary(e, "Div", a, b));
    ic_emit_node(e, "Sub", (const char *[]){a, ic_emit_binary(e, "Mul", whole, b)}, 2, raw);
    return true;
}

static bool emit_pair(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    const struct pair_op *p = &pair_ops[n->op];
    const int turned = turns(e, n), form = turned | IC_FORM_REAL;
    const char *a = operand(e, n->inputs[0], form), *b = operand(e, n->inputs[1], form), *raw = ic_emit_raw(e, n, turned);
    const bool logic = n->op == IC_OP_AND || n->op == IC_OP_OR || n->op == IC_OP_XOR;
    if (logic && n->inputs[0]->dtype != IC_BOOL)
        return refuse(why, "bits of integers came with opset 18");
    if (n->op == IC_OP_REM || n->op == IC_OP_MOD) {
        emit_remainder(e, n, a, b, raw);
    } else if (n->op == IC_OP_FLOOR_DIV) {
        ic_emit_node(e, "Div", (const char *[]){ic_emit_binary(e, "Sub", a, ic_emit_binary(e, "Mod", a, b)), b}, 2, raw);
    } else if (p->opposite) {
        const char *same = ic_emit_binary(e, p->op, a, b);
        ic_emit_node(e, "Not", &same, 1, raw);
    } else {
        ic_emit_node(e, p->op, (const char *[]){a, b}, 2, raw);
    }
    return ic_emit_end(e, n, turned, raw, why);
}

static bool emit_where(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    const int turned = turns(e, n), form = turned | IC_FORM_REAL;
    const char *inputs[3] = {operand(e, n->inputs[0], form), operand(e, n->inputs[1], form), operand(e, n->inputs[2], form)};
    const char *raw = ic_emit_raw(e, n, turned);
    ic_emit_node(e, "Where", inputs, 3, raw);
    return ic_emit_end(e, n, turned, raw, why);
}

static bool emit_function(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    const int turned = turns(e, n);
    const char *x = ic_emit_value(e, n->inputs[0], turned | IC_FORM_REAL), *raw = ic_emit_result(e, n->outputs[0], turned);
    const struct ic_attr *a = n->attrs;
    if (!ic_emit_map(e, x, (enum ic_map_fn)a[IC_MAP_ATTR_FN].i, a[IC_MAP_ATTR_A].f, a[IC_MAP_ATTR_B].f, raw))
        return refuse(why, "opset 17 has no such function");
    ic_emit_made(e, n->outputs[0], turned, raw);
    return true;
}

/* ---- along axes ---- */
static bool emit_reduce(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    static const char *const names[IC_OP_COUNT] = {[IC_OP_REDUCE_SUM] = "ReduceSum",
                                                   [IC_OP_REDUCE_MEAN] = "ReduceMean",
                                                   [IC_OP_REDUCE_MAX] = "ReduceMax",
                                                   [IC_OP_REDUCE_MIN] = "ReduceMin",
                                                   [IC_OP_REDUCE_PROD] = "ReduceProd"};
    const struct ic_value *x = n->inputs[0];
    const int32_t n_axes = n->attrs[IC_REDUCE_AXES].n_ints ? n->attrs[IC_REDUCE_AXES].n_ints : x->rank;
    const int turned = turns(e, n); /* of a result of rank 4 only: others may leave axes in another order */
    int64_t axes[IC_IR_MAX_RANK];
    for (int32_t i = 0; i < n_axes; i++)
        axes[i] = n->attrs[IC_REDUCE_AXES].n_ints ? axis_of(n->attrs[IC_REDUCE_AXES].ints[i], x->rank, turned) : i;
    const char *inputs[2] = {ic_emit_value(e, x, turned | IC_FORM_REAL), NULL}, *raw = ic_emit_raw(e, n, turned);
    if (n->op == IC_OP_REDUCE_SUM)
        inputs[1] = ic_emit_list(e, axes, n_axes);
    else
        ic_emit_ints(e, "axes", axes, n_axes);
    ic_emit_int(e, "keepdims", n->attrs[IC_REDUCE_KEEP].i != 0);
    ic_emit_node(e, names[n->op], inputs, inputs[1] ? 2 : 1, raw);
    return ic_emit_end(e, n, turned, raw, why);
}

static bool emit_softmax(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    const int turned = turns(e, n);
    const char *x = ic_emit_value(e, n->inputs[0], turned | IC_FORM_REAL), *raw = ic_emit_raw(e, n, turned);
    ic_emit_int(e, "axis", n->inputs[0]->rank ? axis_of(n->attrs[IC_SOFTMAX_AXIS].i, n->inputs[0]->rank, turned) : 0);
    ic_emit_node(e, n->attrs[IC_SOFTMAX_LOG].i ? "LogSoftmax" : "Softmax", &x, 1, raw);
    return ic_emit_end(e, n, turned, raw, why);
}

/* In the order in which ONNX wants it: channels second. */
static bool emit_batch_norm(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    const struct ic_value *x = n->inputs[0];
    const int64_t axis = from_front(n->attrs[IC_BATCH_NORM_AXIS].i, x->rank);
    const int turned = axis == 3 && x->rank == 4 ? IC_FORM_TURNED : 0;
    if (!turned && axis != 1)
        return refuse(why, "a batch norm of another axis than channels: write the model after optimization");
    const char *inputs[5] = {ic_emit_value(e, x, turned | IC_FORM_REAL)}, *raw = ic_emit_raw(e, n, turned);
    for (int i = 1; i < 5; i++)
        inputs[i] = ic_emit_value(e, n->inputs[i], IC_FORM_REAL);
    ic_emit_float(e, "epsilon", n->attrs[IC_BATCH_NORM_EPS].f);
    ic_emit_node(e, "BatchNormalization", inputs, 5, raw);
    return ic_emit_end(e, n, turned, raw, why);
}

static bool emit_matmul(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    const char *inputs[2] = {ic_emit_value(e, n->inputs[0], IC_FORM_REAL), ic_emit_value(e, n->inputs[1], IC_FORM_REAL)};
    const char *raw = ic_emit_raw(e, n, 0);
    ic_emit_node(e, "MatMul", inputs, 2, raw);
    return ic_emit_end(e, n, 0, raw, why);
}

/* ---- moves: values as they are stored ---- */
/* y is x in another order that ONNX need not know: n h w c of x's n c h w, or back. */
static bool emit_as_form(struct ic_emit *e, const struct ic_node *n)
{
    static const int64_t to_last[4] = {0, 2, 3, 1}, to_first[4] = {0, 3, 1, 2};
    const struct ic_value *x = n->inputs[0], *y = n->outputs[0];
    const int64_t *perm = n->attrs[0].ints;
    bool last = x->rank == 4 && y->rank == 4, first = last && ic_emit_has_turned(e, x);
    if (n->op == IC_OP_TRANSPOSE) {
        last = last && memcmp(perm, to_last, sizeof to_last) == 0;
        first = first && memcmp(perm, to_first, sizeof to_first) == 0;
    } else { /* a reshape that is such a transpose: one of the two parts that change places has one element */
        const bool unit = last && (x->dims[1] == 1 || (x->dims[2] == 1 && x->dims[3] == 1));
        last = unit && y->dims[0] == x->dims[0] && y->dims[1] == x->dims[2] && y->dims[2] == x->dims[3] && y->dims[3] == x->dims[1];
        const bool unit_back = first && (x->dims[3] == 1 || (x->dims[1] == 1 && x->dims[2] == 1));
        first = unit_back && y->dims[0] == x->dims[0] && y->dims[1] == x->dims[3] && y->dims[2] == x->dims[1] &&
                y->dims[3] == x->dims[2];
    }
    if (first)
        e->forms[y->id][0] = ic_emit_value(e, x, IC_FORM_TURNED);
    else if (last)
        e->forms[y->id][IC_FORM_TURNED] = ic_emit_value(e, x, 0);
    return first || last;
}

static bool emit_reshape(struct ic_emit *e, const struct ic_node *n)
{
    const struct ic_value *x = n->inputs[0], *y = n->outputs[0];
    const bool same_order = x->rank == 4 && (x->dims[3] == 1 || (x->dims[1] == 1 && x->dims[2] == 1)); /* of both forms */
    const int form = n->op == IC_OP_RESHAPE && same_order && ic_emit_has_turned(e, x) ? IC_FORM_TURNED : 0;
    int64_t dims[IC_IR_MAX_RANK];
    bool empty = false;
    for (int32_t i = 0; i < y->rank; i++) {
        dims[i] = y->dims[i];
        empty = empty || dims[i] == 0;
    }
    const bool expand = n->op == IC_OP_EXPAND;
    const char *inputs[2] = {ic_emit_value(e, x, form), ic_emit_list(e, dims, y->rank)};
    if (empty && !expand)
        ic_emit_int(e, "allowzero", 1);
    ic_emit_node(e, expand ? "Expand" : "Reshape", inputs, 2, ic_emit_stored_name(e, y, 0));
    ic_emit_stored(e, y, 0);
    return true;
}

static bool emit_transpose(struct ic_emit *e, const struct ic_node *n)
{
    const char *x = ic_emit_value(e, n->inputs[0], 0);
    int64_t perm[IC_IR_MAX_RANK];
    for (int32_t i = 0; i < n->inputs[0]->rank; i++)
        perm[i] = from_front(n->attrs[IC_TRANSPOSE_PERM].ints[i], n->inputs[0]->rank);
    ic_emit_ints(e, "perm", perm, n->inputs[0]->rank);
    ic_emit_node(e, "Transpose", &x, 1, ic_emit_stored_name(e, n->outputs[0], 0));
    ic_emit_stored(e, n->outputs[0], 0);
    return true;
}

static bool emit_concat(struct ic_emit *e, const struct ic_node *n)
{
    const int turned = turns(e, n);
    const char **inputs = ic_arena_array(&e->arena, (size_t)n->n_inputs + 1, sizeof *inputs);
    e->failed = e->failed || !inputs;
    for (int32_t i = 0; inputs && i < n->n_inputs; i++)
        inputs[i] = ic_emit_value(e, n->inputs[i], turned);
    ic_emit_int(e, "axis", axis_of(n->attrs[IC_CONCAT_AXIS].i, n->outputs[0]->rank, turned));
    if (inputs)
        ic_emit_node(e, "Concat", inputs, n->n_inputs, ic_emit_stored_name(e, n->outputs[0], turned));
    ic_emit_stored(e, n->outputs[0], turned);
    return true;
}

static void in_order(const struct ic_attr *a, int32_t rank, int turned, int64_t *out)
{
    for (int32_t i = 0; i < rank; i++)
        out[turned ? turned_axis[i] : i] = a->ints[i];
}

static bool emit_slice(struct ic_emit *e, const struct ic_node *n)
{
    const int turned = turns(e, n);
    const int32_t rank = n->inputs[0]->rank;
    int64_t starts[IC_IR_MAX_RANK], ends[IC_IR_MAX_RANK], steps[IC_IR_MAX_RANK], axes[IC_IR_MAX_RANK];
    in_order(&n->attrs[IC_SLICE_STARTS], rank, turned, starts);
    in_order(&n->attrs[IC_SLICE_ENDS], rank, turned, ends);
    in_order(&n->attrs[IC_SLICE_STEPS], rank, turned, steps);
    int32_t kept = 0; /* axes that are cut: the others are left out */
    for (int32_t i = 0; i < rank; i++) {
        const int32_t extent = n->inputs[0]->dims[turned ? (const int32_t[]){0, 3, 1, 2}[i] : i];
        if (starts[i] == 0 && ends[i] == extent && steps[i] == 1)
            continue;
        starts[kept] = starts[i];
        ends[kept] = ends[i];
        steps[kept] = steps[i];
        axes[kept++] = i;
    }
    const char *inputs[5] = {ic_emit_value(e, n->inputs[0], turned), ic_emit_list(e, starts, kept), ic_emit_list(e, ends, kept),
                             ic_emit_list(e, axes, kept), ic_emit_list(e, steps, kept)};
    ic_emit_node(e, "Slice", inputs, 5, ic_emit_stored_name(e, n->outputs[0], turned));
    ic_emit_stored(e, n->outputs[0], turned);
    return true;
}

static bool emit_pad(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    const int turned = turns(e, n);
    const int32_t rank = n->inputs[0]->rank;
    int64_t pads[2 * IC_IR_MAX_RANK];
    in_order(&n->attrs[IC_PAD_BEFORE], rank, turned, pads);
    in_order(&n->attrs[IC_PAD_AFTER], rank, turned, pads + rank);
    const bool real = ic_dtype_is_float(n->outputs[0]->dtype) || n->outputs[0]->quant.n_scales;
    if (!real && n->attrs[IC_PAD_VALUE].f != 0.0)
        return refuse(why, "integers padded with another number than 0");
    const char *inputs[3] = {ic_emit_value(e, n->inputs[0], turned | IC_FORM_REAL), ic_emit_list(e, pads, 2 * rank), NULL};
    if (real)
        inputs[2] = ic_emit_number(e, (float)n->attrs[IC_PAD_VALUE].f);
    const char *raw = ic_emit_raw(e, n, turned);
    ic_emit_node(e, "Pad", inputs, real ? 3 : 2, raw);
    return ic_emit_end(e, n, turned, raw, why);
}

static bool emit_cast(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    const int turned = turns(e, n);
    const char *x = ic_emit_value(e, n->inputs[0], turned | IC_FORM_REAL), *raw = ic_emit_raw(e, n, turned);
    const enum ic_dtype to = n->outputs[0]->dtype == IC_F16 ? IC_F32 : n->outputs[0]->dtype;
    ic_emit_cast(e, x, to, raw);
    return ic_emit_end(e, n, turned, raw, why);
}

/* Quantize, Dequantize and Identity are what forms of values are: the result is made from the operand's float form. */
static void emit_same(struct ic_emit *e, const struct ic_node *n)
{
    const int turned = turns(e, n);
    const struct ic_value *y = n->outputs[0];
    const char *x = ic_emit_value(e, n->inputs[0], turned | IC_FORM_REAL);
    if (y->quant.n_scales || y->dtype == IC_F16)
        ic_emit_made(e, y, turned, x);
    else
        e->forms[y->id][turned] = x;
}

/* To the nearest step of a grid of 256, as a pair of operators. */
static bool emit_grid(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    const int turned = turns(e, n);
    const int32_t none = 0;
    const float scale = (float)n->attrs[IC_FAKE_QUANT_SCALE].f;
    const uint8_t zero = (uint8_t)n->attrs[IC_FAKE_QUANT_ZERO].i;
    const char *x = ic_emit_value(e, n->inputs[0], turned | IC_FORM_REAL);
    const char *s = ic_emit_tensor(e, ic_emit_fresh(e), IC_F32, 0, &none, &scale);
    const char *z = ic_emit_tensor(e, ic_emit_fresh(e), IC_U8, 0, &none, &zero);
    const char *codes = ic_emit_fresh(e), *raw = ic_emit_raw(e, n, turned);
    ic_emit_node(e, "QuantizeLinear", (const char *[]){x, s, z}, 3, codes);
    ic_emit_node(e, "DequantizeLinear", (const char *[]){codes, s, z}, 3, raw);
    return ic_emit_end(e, n, turned, raw, why);
}

bool ic_emit_op(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    switch (n->op) {
    case IC_OP_CONV:
        return ic_emit_conv(e, n, why);
    case IC_OP_LINEAR:
        return ic_emit_linear(e, n, why);
    case IC_OP_MATMUL:
        return emit_matmul(e, n, why);
    case IC_OP_BATCH_NORM:
        return emit_batch_norm(e, n, why);
    case IC_OP_MAP:
        return emit_function(e, n, why);
    case IC_OP_MAX_POOL:
    case IC_OP_AVG_POOL:
        return ic_emit_pool(e, n, why);
    case IC_OP_REDUCE_SUM:
    case IC_OP_REDUCE_MEAN:
    case IC_OP_REDUCE_MAX:
    case IC_OP_REDUCE_MIN:
    case IC_OP_REDUCE_PROD:
        return emit_reduce(e, n, why);
    case IC_OP_SOFTMAX:
        return emit_softmax(e, n, why);
    case IC_OP_RESHAPE:
        return emit_as_form(e, n) || emit_reshape(e, n);
    case IC_OP_EXPAND:
        return emit_reshape(e, n);
    case IC_OP_TRANSPOSE:
        return emit_as_form(e, n) || emit_transpose(e, n);
    case IC_OP_CONCAT:
        return emit_concat(e, n);
    case IC_OP_SLICE:
        return emit_slice(e, n);
    case IC_OP_PAD:
        return emit_pad(e, n, why);
    case IC_OP_CAST:
        return emit_cast(e, n, why);
    case IC_OP_QUANTIZE:
    case IC_OP_DEQUANTIZE:
    case IC_OP_IDENTITY:
        emit_same(e, n);
        return true;
    case IC_OP_FAKE_QUANT:
        return emit_grid(e, n, why);
    case IC_OP_BIT_CAST:
        return refuse(why, "the bits of a number under another type came with opset 26");
    case IC_OP_NMS:
        return refuse(
            why,
            "NonMaxSuppression gives as many rows as boxes are kept, this node a fixed number of rows with -1 behind the last");
    case IC_OP_WHERE:
        return emit_where(e, n, why);
    case IC_OP_ARG:
    case IC_OP_TOP:
    case IC_OP_SCAN:
        return ic_emit_order(e, n, why);
    case IC_OP_GATHER:
    case IC_OP_GATHER_ELEMENTS:
    case IC_OP_GATHER_ND:
        return ic_emit_gather(e, n, why);
    case IC_OP_SCATTER_ELEMENTS:
    case IC_OP_SCATTER_ND:
        return ic_emit_scatter(e, n, why);
    case IC_OP_RESAMPLE:
        return ic_emit_resample(e, n, why);
    default:
        return pair_ops[n->op].op || n->op == IC_OP_FLOOR_DIV ? emit_pair(e, n, why) : refuse(why, "opset 17 has no such operator");
    }
}
