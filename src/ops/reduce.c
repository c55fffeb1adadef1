/* SPDX-License-Identifier: Apache-2.0
 *
 * ReduceSum, ReduceMean, ReduceMax, ReduceMin, ReduceProd over some axes; Softmax along one.
 */
#include "ops/common.h"

#include <string.h>

static const struct ic_attr_def attrs[] = {
    [IC_REDUCE_AXES] = {"axes", IC_ATTR_INTS, 0, NULL}, [IC_REDUCE_KEEP] = {"keep", IC_ATTR_INT, 0, NULL}, {0}};

/* Bit i: axis i goes. No axes named: all. */
static enum ic_status reduced_axes(const struct ic_node *n, uint32_t *out, struct ic_diag *d)
{
    const int32_t rank = n->inputs[0]->rank;
    *out = n->attrs[IC_REDUCE_AXES].n_ints == 0 ? (1u << rank) - 1u : 0;
    for (int32_t i = 0; i < n->attrs[IC_REDUCE_AXES].n_ints; i++) {
        int32_t axis = 0;
        IC_TRY(ic_want_axis(n, n->attrs[IC_REDUCE_AXES].ints[i], rank, &axis, d));
        *out |= 1u << axis;
    }
    return IC_OK;
}

static enum ic_status infer(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0];
    uint32_t gone = 0;
    char label[256];
    IC_TRY(reduced_axes(n, &gone, d));
    out->dtype = x->dtype;
    for (int32_t i = 0; i < x->rank; i++) {
        if ((gone >> i & 1u) && x->dims[i] == 0)
            return ic_fail(d, IC_E_SHAPES, "%s: axis %d is empty", ic_node_label(n, label, sizeof label), (int)i);
        if (!(gone >> i & 1u))
            out->dims[out->rank++] = x->dims[i];
        else if (n->attrs[IC_REDUCE_KEEP].i)
            out->dims[out->rank++] = 1;
    }
    out->layout = out->rank == x->rank ? x->layout : IC_VALUE_PLAIN;
    return IC_OK;
}

/* One run of adjacent axes: outer, count, inner of the step. False when the axes are apart. */
static bool one_run(const struct ic_value *x, uint32_t gone, struct ic_step_reduce *s)
{
    int32_t stage = 0; /* 0 before, 1 inside, 2 after the run */
    s->outer = s->count = s->inner = 1;
    for (int32_t i = 0; i < x->rank; i++) {
        const bool goes = (gone >> i & 1u) || (x->dims[i] == 1 && stage == 1);
        if (goes && stage == 2 && x->dims[i] != 1)
            return false;
        if (goes && stage < 2) {
            stage = 1;
            s->count *= x->dims[i];
        } else if (stage == 0) {
            s->outer *= x->dims[i];
        } else {
            stage = 2;
            s->inner *= x->dims[i];
        }
    }
    return true;
}

/* Brings the reduced axes to the end in a temporary tensor. */
static enum ic_status gather_axes(struct ic_lowering *l, const struct ic_node *n, uint32_t gone, struct ic_step_reduce *shape,
                                  uint32_t *out_x, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0];
    struct ic_move m = {.rank = x->rank};
    int64_t strides[IC_IR_MAX_RANK];
    int32_t at = 0;
    ic_dense_strides(x->rank, x->dims, strides);
    shape->outer = shape->count = shape->inner = 1;
    for (uint32_t pass = 0; pass < 2; pass++)
        for (int32_t i = 0; i < x->rank; i++)
            if ((gone >> i & 1u) == pass) {
                m.dims[at] = x->dims[i];
                m.x_stride[at++] = strides[i];
                *(pass ? &shape->count : &shape->outer) *= x->dims[i];
            }
    ic_dense_strides(m.rank, m.dims, m.y_stride);
    *out_x = ic_lower_temp(l, x->dtype, m.rank, m.dims, "");
    return ic_lower_move(l, n, ic_lower_tensor(l, x), *out_x, x->dtype, &m, d);
}

static void fill_integer(struct ic_step_reduce *s, const struct ic_node *n)
{
    const struct ic_value *x = n->inputs[0], *y = n->outputs[0];
    const double per = s->op == IC_REDUCE_MEAN ? 1.0 / s->count : 1.0;
    s->m = (float)((double)x->quant.scales[0] / (double)y->quant.scales[0] * per);
    s->zx = x->quant.zero;
    s->zy = y->quant.zero;
    ic_code_bounds(y, &n->post, &s->q_lo, &s->q_hi);
}

static const enum ic_int_fn fold_fn[IC_REDUCE_COUNT] = {
    [IC_REDUCE_SUM] = IC_INT_ADD, [IC_REDUCE_MAX] = IC_INT_MAX, [IC_REDUCE_MIN] = IC_INT_MIN, [IC_REDUCE_PROD] = IC_INT_MUL};

static enum ic_status lower_fold(struct ic_lowering *l, const struct ic_node *n, const struct ic_step_reduce *shape, uint32_t x,
                                 enum ic_reduce_op op, struct ic_diag *d)
{
    struct ic_step_fold *s = ic_lower_step(l, IC_STEP_FOLD, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    *s = (struct ic_step_fold){.x = x,
                               .y = ic_lower_tensor(l, n->outputs[0]),
                               .fn = fold_fn[op],
                               .outer = shape->outer,
                               .count = shape->count,
                               .inner = shape->inner};
    return IC_OK;
}

static enum ic_status lower_reduce(struct ic_lowering *l, const struct ic_node *n, enum ic_reduce_op op, struct ic_diag *d)
{
    struct ic_step_reduce shape = {0};
    uint32_t gone = 0, x = 0;
    if (ic_value_elements(n->outputs[0]) == 0)
        return IC_OK;
    IC_TRY(reduced_axes(n, &gone, d));
    if (one_run(n->inputs[0], gone, &shape))
        x = ic_lower_tensor(l, n->inputs[0]);
    else
        IC_TRY(gather_axes(l, n, gone, &shape, &x, d));
    const bool codes = ic_is_quantized(n->inputs[0]), keeps = op == IC_REDUCE_MAX || op == IC_REDUCE_MIN;
    if (ic_dtype_is_integer(n->inputs[0]->dtype) && (!codes || keeps)) /* the greatest code means the greatest number */
        return lower_fold(l, n, &shape, x, op, d);
    struct ic_step_reduce *s = ic_lower_step(l, IC_STEP_REDUCE, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    *s = shape;
    s->x = x;
    s->y = ic_lower_tensor(l, n->outputs[0]);
    s->mode = ic_arith_of(n->inputs[0]);
    s->op = op;
    if (s->mode != IC_ARITH_F32) {
        fill_integer(s, n);
        return IC_OK;
    }
    s->round_mid = n->post.round_mid;
    s->fn = n->post.fn;
    s->a = n->post.a;
    s->b = n->post.b;
    return IC_OK;
}

static bool sink(struct ic_node *n, const int64_t *perm, int32_t rank, int64_t *out_perm, int32_t *out_rank)
{
    uint32_t gone = 0, gone_before = 0;
    if (reduced_axes(n, &gone, NULL) != IC_OK || n->inputs[0]->rank != rank)
        return false;
    struct ic_attr *axes = &n->attrs[IC_REDUCE_AXES];
    axes->n_ints = 0;
    for (int32_t i = 0; i < rank; i++)
        gone_before |= (gone >> i & 1u) << perm[i];
    for (int32_t i = 0; i < rank; i++)
        if (gone_before >> i & 1u)
            axes->ints[axes->n_ints++] = i;
    *out_rank = 0;
    for (int32_t i = 0; i < rank; i++) {
        int64_t at = perm[i]; /* minus the axes before it that are no more */
        if (n->attrs[IC_REDUCE_KEEP].i) {
            out_perm[(*out_rank)++] = at;
            continue;
        }
        if (gone >> i & 1u)
            continue;
        for (int32_t k = 0; k < perm[i]; k++)
            at -= gone_before >> k & 1u;
        out_perm[(*out_rank)++] = at;
    }
    return true;
}

#define REDUCE(NAME, op_name, text, rule, type_rule)                                                                               \
    static enum ic_status lower_##op_name(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)                       \
    {                                                                                                                              \
        return lower_reduce(l, n, IC_REDUCE_##NAME, d);                                                                            \
    }                                                                                                                              \
    const struct ic_op_def ic_op_reduce_##op_name = {.name = text,                                                                 \
                                                     .min_inputs = 1,                                                              \
                                                     .max_inputs = 1,                                                              \
                                                     .n_outputs = 1,                                                               \
                                                     .attrs = attrs,                                                               \
                                                     .post_ok = true,                                                              \
                                                     .quant = rule,                                                                \
                                                     .types = type_rule,                                                           \
                                                     .stages = IC_ALL_STAGES,                                                      \
                                                     .infer = infer,                                                               \
                                                     .lower = lower_##op_name,                                                     \
                                                     .sink_transpose = sink}

REDUCE(SUM, sum, "ReduceSum", IC_QUANT_REQUANT, IC_TYPES_NUMBER);
REDUCE(MEAN, mean, "ReduceMean", IC_QUANT_REQUANT, IC_TYPES_FLOAT);
REDUCE(MAX, max, "ReduceMax", IC_QUANT_KEEP, IC_TYPES_NUMBER);
REDUCE(MIN, min, "ReduceMin", IC_QUANT_KEEP, IC_TYPES_NUMBER);
REDUCE(PROD, prod, "ReduceProd", IC_QUANT_FLOAT, IC_TYPES_NUMBER);

static const struct ic_attr_def softmax_attrs[] = {
    [IC_SOFTMAX_AXIS] = {"axis", IC_ATTR_INT, -1, NULL}, [IC_SOFTMAX_LOG] = {"log", IC_ATTR_INT, 0, NULL}, {0}};

static enum ic_status infer_softmax(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    int32_t axis = 0;
    if (n->inputs[0]->rank > 0)
        IC_TRY(ic_want_axis(n, n->attrs[IC_SOFTMAX_AXIS].i, n->inputs[0]->rank, &axis, d));
    return ic_infer_same(n, out, d);
}

static enum ic_status lower_softmax(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0];
    int32_t axis = 0;
    if (x->rank > 0)
        IC_TRY(ic_want_axis(n, n->attrs[IC_SOFTMAX_AXIS].i, x->rank, &axis, d));
    struct ic_step_softmax *s = ic_lower_step(l, IC_STEP_SOFTMAX, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    s->x = ic_lower_tensor(l, x);
    s->y = ic_lower_tensor(l, n->outputs[0]);
    s->outer = s->count = s->inner = 1;
    for (int32_t i = 0; i < x->rank; i++)
        *(i < axis ? &s->outer : i == axis ? &s->count : &s->inner) *= x->dims[i];
    s->log = n->attrs[IC_SOFTMAX_LOG].i != 0;
    return IC_OK;
}

const struct ic_op_def ic_op_softmax = {.name = "Softmax",
                                        .min_inputs = 1,
                                        .max_inputs = 1,
                                        .n_outputs = 1,
                                        .attrs = softmax_attrs,
                                        .quant = IC_QUANT_FLOAT,
                                        .stages = IC_ALL_STAGES,
                                        .infer = infer_softmax,
                                        .lower = lower_softmax,
                                        .sink_transpose = ic_sink_axis};
