/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators that only move bits: Reshape, Transpose, Concat, Slice, Pad, Expand.
 */
#include "ops/common.h"

#include <string.h>

/* ---- Reshape ---- */
static const struct ic_attr_def reshape_attrs[] = {[IC_RESHAPE_SHAPE] = {"shape", IC_ATTR_INTS, 0, NULL}, {0}};

static enum ic_status shape_from_attr(const struct ic_node *n, int i_attr, struct ic_value *out, struct ic_diag *d)
{
    const struct ic_attr *a = &n->attrs[i_attr];
    char label[256];
    if (a->n_ints > IC_IR_MAX_RANK)
        return ic_fail(d, IC_E_RANK, "%s: rank %d; at most %d is possible", ic_node_label(n, label, sizeof label), (int)a->n_ints,
                       IC_IR_MAX_RANK);
    out->rank = a->n_ints;
    for (int32_t i = 0; i < a->n_ints; i++) {
        if (a->ints[i] < 0 || a->ints[i] > INT32_MAX)
            return ic_fail(d, IC_E_SHAPES, "%s: dimension %lld", ic_node_label(n, label, sizeof label), (long long)a->ints[i]);
        out->dims[i] = (int32_t)a->ints[i];
    }
    return IC_OK;
}

static enum ic_status infer_reshape(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    IC_TRY(shape_from_attr(n, IC_RESHAPE_SHAPE, out, d));
    out->dtype = n->inputs[0]->dtype;
    if (ic_value_elements(out) != ic_value_elements(n->inputs[0]))
        return ic_fail(d, IC_E_SHAPES, "%s: %lld elements do not fit a shape of %lld", ic_node_label(n, label, sizeof label),
                       (long long)ic_value_elements(n->inputs[0]), (long long)ic_value_elements(out));
    return IC_OK;
}

static enum ic_status lower_reshape(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    (void)d;
    ic_lower_view(l, n->outputs[0], n->inputs[0], 0);
    return IC_OK;
}

int32_t ic_ops_reshape_groups(const struct ic_value *x, const struct ic_value *y, int32_t *x_begin, int32_t *y_begin)
{
    int32_t i = 0, k = 0, n = 0;
    while (i < x->rank && k < y->rank) {
        x_begin[n] = i;
        y_begin[n++] = k;
        int64_t in_x = x->dims[i++], in_y = y->dims[k++];
        while (in_x != in_y) {
            if (in_x < in_y ? i == x->rank : k == y->rank)
                return 0;
            if (in_x < in_y)
                in_x *= x->dims[i++];
            else
                in_y *= y->dims[k++];
        }
    }
    x_begin[n] = i;
    y_begin[n] = k;
    return i == x->rank && k == y->rank ? n : 0;
}

/* Only where the axes that a reshape merges or splits stood side by side in the same order before the transpose too (n c h w -> n c hw). The
 * groups are then ordered by where they stood. */
static bool sink_reshape(struct ic_node *n, const int64_t *perm, int32_t rank, int64_t *out_perm, int32_t *out_rank)
{
    const struct ic_value *x = n->inputs[0], *y = n->outputs[0];
    int32_t x_begin[IC_IR_MAX_RANK + 1] = {0}, y_begin[IC_IR_MAX_RANK + 1] = {0}, at = 0;
    const int32_t n_groups = x->rank == rank ? ic_ops_reshape_groups(x, y, x_begin, y_begin) : 0;
    for (int32_t g = 0; g < n_groups; g++)
        for (int32_t i = x_begin[g] + 1; i < x_begin[g + 1]; i++)
            if (perm[i] != perm[i - 1] + 1)
                return false;
    if (n_groups == 0)
        return false;
    for (int32_t axis = 0; axis < rank; axis++) /* as they stood before the transpose */
        for (int32_t g = 0; g < n_groups; g++)
            for (int32_t k = y_begin[g]; perm[x_begin[g]] == axis && k < y_begin[g + 1]; k++) {
                n->attrs[IC_RESHAPE_SHAPE].ints[at] = y->dims[k];
                out_perm[k] = at++;
            }
    *out_rank = y->rank;
    return true;
}

const struct ic_op_def ic_op_reshape = {.name = "Reshape",
                                        .min_inputs = 1,
                                        .max_inputs = 1,
                                        .n_outputs = 1,
                                        .attrs = reshape_attrs,
                                        .moves_only = true,
                                        .quant = IC_QUANT_KEEP,
                                        .stages = IC_ALL_STAGES,
                                        .infer = infer_reshape,
                                        .lower = lower_reshape,
                                        .sink_transpose = sink_reshape};

/* ---- Transpose ---- */
static const struct ic_attr_def transpose_attrs[] = {[IC_TRANSPOSE_PERM] = {"perm", IC_ATTR_INTS, 0, NULL}, {0}};

static bool is_perm(const struct ic_attr *a, const int64_t *wanted)
{
    return a->n_ints == 4 && memcmp(a->ints, wanted, 4 * sizeof *wanted) == 0;
}

static enum ic_status infer_transpose(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    static const int64_t to_nhwc[] = {0, 2, 3, 1};
    const struct ic_value *x = n->inputs[0];
    const struct ic_attr *perm = &n->attrs[IC_TRANSPOSE_PERM];
    uint32_t seen = 0;
    IC_TRY(ic_want_ints(n, IC_TRANSPOSE_PERM, x->rank, d));
    out->dtype = x->dtype;
    out->rank = x->rank;
    for (int32_t i = 0; i < x->rank; i++) {
        int32_t axis = 0;
        IC_TRY(ic_want_axis(n, perm->ints[i], x->rank, &axis, d));
        seen |= 1u << axis;
        out->dims[i] = x->dims[axis];
    }
    if (seen != (1u << x->rank) - 1u)
        return ic_fail(d, IC_E_SHAPES, "Transpose %s: an axis is named twice", n->name);
    out->layout = is_perm(perm, to_nhwc) && x->layout == IC_VALUE_PLAIN ? (uint32_t)IC_VALUE_NHWC : (uint32_t)IC_VALUE_PLAIN;
    return IC_OK;
}

static enum ic_status lower_transpose(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *y = n->outputs[0];
    struct ic_move m = {.rank = x->rank};
    int64_t strides[IC_IR_MAX_RANK];
    ic_dense_strides(x->rank, x->dims, strides);
    for (int32_t i = 0; i < x->rank; i++) {
        int32_t axis = 0;
        IC_TRY(ic_want_axis(n, n->attrs[IC_TRANSPOSE_PERM].ints[i], x->rank, &axis, d));
        m.dims[i] = y->dims[i];
        m.x_stride[i] = strides[axis];
    }
    ic_dense_strides(y->rank, y->dims, m.y_stride);
    return ic_lower_move(l, n, ic_lower_tensor(l, x), ic_lower_tensor(l, y), x->dtype, &m, d);
}

const struct ic_op_def ic_op_transpose = {.name = "Transpose",
                                          .min_inputs = 1,
                                          .max_inputs = 1,
                                          .n_outputs = 1,
                                          .attrs = transpose_attrs,
                                          .moves_only = true,
                                          .quant = IC_QUANT_KEEP,
                                          .stages = IC_ALL_STAGES,
                                          .infer = infer_transpose,
                                          .lower = lower_transpose};

/* ---- Concat ---- */
static const struct ic_attr_def concat_attrs[] = {[IC_CONCAT_AXIS] = {"axis", IC_ATTR_INT, 0, NULL}, {0}};

static enum ic_status infer_concat(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0];
    int32_t axis = 0;
    int64_t total = 0;
    char label[256];
    IC_TRY(ic_want_axis(n, n->attrs[IC_CONCAT_AXIS].i, x->rank, &axis, d));
    IC_TRY(ic_infer_same(n, out, d));
    for (int32_t i = 0; i < n->n_inputs; i++) {
        const struct ic_value *v = n->inputs[i];
        bool fits = v && v->rank == x->rank && v->dtype == x->dtype;
        for (int32_t k = 0; fits && k < x->rank; k++)
            fits = k == axis || v->dims[k] == x->dims[k];
        if (!fits)
            return ic_fail(d, IC_E_SHAPES, "%s: input %d differs from input 0 in type or in another axis than %d",
                           ic_node_label(n, label, sizeof label), (int)i, (int)axis);
        total += v->dims[axis];
    }
    if (total > INT32_MAX)
        return ic_fail(d, IC_E_TENSOR_SIZE, "%s: axis %d grows to %lld", ic_node_label(n, label, sizeof label), (int)axis,
                       (long long)total);
    out->dims[axis] = (int32_t)total;
    return IC_OK;
}

static enum ic_status lower_concat(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *y = n->outputs[0];
    int32_t axis = 0;
    int64_t offset = 0;
    IC_TRY(ic_want_axis(n, n->attrs[IC_CONCAT_AXIS].i, y->rank, &axis, d));
    for (int32_t i = 0; i < n->n_inputs; i++) {
        const struct ic_value *x = n->inputs[i];
        struct ic_move m = {.rank = y->rank};
        if (ic_value_elements(x) == 0)
            continue;
        memcpy(m.dims, x->dims, sizeof m.dims);
        ic_dense_strides(x->rank, x->dims, m.x_stride);
        ic_dense_strides(y->rank, y->dims, m.y_stride);
        m.y_offset = offset * m.y_stride[axis];
        offset += x->dims[axis];
        IC_TRY(ic_lower_move(l, n, ic_lower_tensor(l, x), ic_lower_tensor(l, y), x->dtype, &m, d));
    }
    return IC_OK;
}

const struct ic_op_def ic_op_concat = {.name = "Concat",
                                       .min_inputs = 1,
                                       .max_inputs = -1,
                                       .n_outputs = 1,
                                       .attrs = concat_attrs,
                                       .moves_only = true,
                                       .quant = IC_QUANT_KEEP,
                                       .stages = IC_ALL_STAGES,
                                       .infer = infer_concat,
                                       .lower = lower_concat,
                                       .sink_transpose = ic_sink_axis};

/* ---- Slice ---- */
static const struct ic_attr_def slice_attrs[] = {[IC_SLICE_STARTS] = {"starts", IC_ATTR_INTS, 0, NULL},
                                                 [IC_SLICE_ENDS] = {"ends", IC_ATTR_INTS, 0, NULL},
                                                 [IC_SLICE_STEPS] = {"steps", IC_ATTR_INTS, 0, NULL},
                                                 {0}};

static enum ic_status infer_slice(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0];
    char label[256];
    for (int i = IC_SLICE_STARTS; i <= IC_SLICE_STEPS; i++)
        IC_TRY(ic_want_ints(n, i, x->rank, d));
    IC_TRY(ic_infer_same(n, out, d));
    for (int32_t i = 0; i < x->rank; i++) {
        const int64_t start = n->attrs[IC_SLICE_STARTS].ints[i], end = n->attrs[IC_SLICE_ENDS].ints[i],
                      step = n->attrs[IC_SLICE_STEPS].ints[i];
        if (start < 0 || end < start || end > x->dims[i] || step < 1 || step > INT32_MAX)
            return ic_fail(d, IC_E_SHAPES, "%s: axis %d of %d element%s cannot be cut from %lld to %lld by %lld",
                           ic_node_label(n, label, sizeof label), (int)i, (int)x->dims[i], IC_S(x->dims[i]), (long long)start,
                           (long long)end, (long long)step);
        out->dims[i] = (int32_t)((end - start + step - 1) / step);
    }
    return IC_OK;
}

static enum ic_status lower_slice(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *y = n->outputs[0];
    struct ic_move m = {.rank = x->rank};
    bool view = true, whole_from_here = false; /* one axis may be cut, those before it have extent 1 */
    ic_dense_strides(x->rank, x->dims, m.x_stride);
    ic_dense_strides(y->rank, y->dims, m.y_stride);
    for (int32_t i = 0; i < x->rank; i++) {
        const int64_t step = n->attrs[IC_SLICE_STEPS].ints[i];
        const bool whole = y->dims[i] == x->dims[i];
        view = view && (whole || (!whole_from_here && step == 1));
        whole_from_here = whole_from_here || y->dims[i] != 1;
        m.dims[i] = y->dims[i];
        m.x_offset += n->attrs[IC_SLICE_STARTS].ints[i] * m.x_stride[i];
        m.x_stride[i] *= step;
    }
    if (view) {
        ic_lower_view(l, y, x, (uint64_t)m.x_offset * ic_dtype_bytes(x->dtype));
        return IC_OK;
    }
    return ic_lower_move(l, n, ic_lower_tensor(l, x), ic_lower_tensor(l, y), x->dtype, &m, d);
}

static bool sink_slice(struct ic_node *n, const int64_t *perm, int32_t rank, int64_t *out_perm, int32_t *out_rank)
{
    for (int i = IC_SLICE_STARTS; i <= IC_SLICE_STEPS; i++)
        ic_sink_ints(n, i, perm, rank);
    return ic_sink_alike(n, perm, rank, out_perm, out_rank);
}

const struct ic_op_def ic_op_slice = {.name = "Slice",
                                      .min_inputs = 1,
                                      .max_inputs = 1,
                                      .n_outputs = 1,
                                      .attrs = slice_attrs,
                                      .moves_only = true,
                                      .quant = IC_QUANT_KEEP,
                                      .stages = IC_ALL_STAGES,
                                      .infer = infer_slice,
                                      .lower = lower_slice,
                                      .sink_transpose = sink_slice};

/* ---- Pad ---- */
static const struct ic_attr_def pad_attrs[] = {[IC_PAD_BEFORE] = {"before", IC_ATTR_INTS, 0, NULL},
                                               [IC_PAD_AFTER] = {"after", IC_ATTR_INTS, 0, NULL},
                                               [IC_PAD_VALUE] = {"value", IC_ATTR_FLOAT, 0, NULL},
                                               {0}};

static enum ic_status infer_pad(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0];
    char label[256];
    IC_TRY(ic_want_ints(n, IC_PAD_BEFORE, x->rank, d));
    IC_TRY(ic_want_ints(n, IC_PAD_AFTER, x->rank, d));
    IC_TRY(ic_infer_same(n, out, d));
    for (int32_t i = 0; i < x->rank; i++) {
        const int64_t before = n->attrs[IC_PAD_BEFORE].ints[i], after = n->attrs[IC_PAD_AFTER].ints[i];
        if (before < 0 || after < 0 || before > INT32_MAX / 4 || after > INT32_MAX / 4 || x->dims[i] + before + after > INT32_MAX)
            return ic_fail(d, IC_E_SHAPES, "%s: padding of %lld and %lld at axis %d", ic_node_label(n, label, sizeof label),
                           (long long)before, (long long)after, (int)i);
        out->dims[i] = (int32_t)(x->dims[i] + before + after);
    }
    return IC_OK;
}

static uint32_t value_bits(const struct ic_value *y, float value)
{
    if (ic_is_quantized(y))
        return (uint32_t)ic_code_of(y, value) & 0xFFu;
    return y->dtype == IC_F16 ? ic_f32_to_f16(value) : ic_f32_bits(value);
}

static enum ic_status lower_pad(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *y = n->outputs[0];
    const uint32_t ty = ic_lower_tensor(l, y);
    struct ic_step_fill *s = ic_lower_step(l, IC_STEP_FILL, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    s->y = ty;
    s->element_bytes = (int32_t)ic_dtype_bytes(y->dtype);
    s->count = (int32_t)ic_value_elements(y);
    s->bits = value_bits(y, (float)n->attrs[IC_PAD_VALUE].f);
    struct ic_move m = {.rank = x->rank};
    memcpy(m.dims, x->dims, sizeof m.dims);
    ic_dense_strides(x->rank, x->dims, m.x_stride);
    ic_dense_strides(y->rank, y->dims, m.y_stride);
    for (int32_t i = 0; i < x->rank; i++)
        m.y_offset += n->attrs[IC_PAD_BEFORE].ints[i] * m.y_stride[i];
    return ic_lower_move(l, n, ic_lower_tensor(l, x), ty, x->dtype, &m, d);
}

static bool sink_pad(struct ic_node *n, const int64_t *perm, int32_t rank, int64_t *out_perm, int32_t *out_rank)
{
    ic_sink_ints(n, IC_PAD_BEFORE, perm, rank);
    ic_sink_ints(n, IC_PAD_AFTER, perm, rank);
    return ic_sink_alike(n, perm, rank, out_perm, out_rank);
}

const struct ic_op_def ic_op_pad = {.name = "Pad",
                                    .min_inputs = 1,
                                    .max_inputs = 1,
                                    .n_outputs = 1,
                                    .attrs = pad_attrs,
                                    .quant = IC_QUANT_KEEP,
                                    .stages = IC_ALL_STAGES,
                                    .infer = infer_pad,
                                    .lower = lower_pad,
                                    .sink_transpose = sink_pad};

/* ---- Expand ---- */
static const struct ic_attr_def expand_attrs[] = {[IC_EXPAND_SHAPE] = {"shape", IC_ATTR_INTS, 0, NULL}, {0}};

static enum ic_status infer_expand(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0];
    char label[256];
    IC_TRY(shape_from_attr(n, IC_EXPAND_SHAPE, out, d));
    out->dtype = x->dtype;
    for (int32_t i = 0; i < x->rank; i++) {
        const int32_t k = i + out->rank - x->rank;
        if (k < 0 || (x->dims[i] != 1 && x->dims[i] != out->dims[k]))
            return ic_fail(d, IC_E_SHAPES, "%s: axis %d of %d element%s does not expand to the wanted shape",
                           ic_node_label(n, label, sizeof label), (int)i, (int)x->dims[i], IC_S(x->dims[i]));
    }
    return IC_OK;
}

static enum ic_status lower_expand(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *y = n->outputs[0];
    struct ic_move m = {.rank = y->rank};
    int64_t strides[IC_IR_MAX_RANK];
    ic_dense_strides(x->rank, x->dims, strides);
    ic_dense_strides(y->rank, y->dims, m.y_stride);
    for (int32_t i = 0; i < y->rank; i++) {
        const int32_t k = i - (y->rank - x->rank);
        m.dims[i] = y->dims[i];
        m.x_stride[i] = k < 0 || x->dims[k] == 1 ? 0 : strides[k];
    }
    return ic_lower_move(l, n, ic_lower_tensor(l, x), ic_lower_tensor(l, y), x->dtype, &m, d);
}

static bool sink_expand(struct ic_node *n, const int64_t *perm, int32_t rank, int64_t *out_perm, int32_t *out_rank)
{
    if (!ic_sink_alike(n, perm, rank, out_perm, out_rank))
        return false;
    ic_sink_ints(n, IC_EXPAND_SHAPE, perm, rank);
    return true;
}

const struct ic_op_def ic_op_expand = {.name = "Expand",
                                       .min_inputs = 1,
                                       .max_inputs = 1,
                                       .n_outputs = 1,
                                       .attrs = expand_attrs,
                                       .moves_only = true,
                                       .quant = IC_QUANT_KEEP,
                                       .stages = IC_ALL_STAGES,
                                       .infer = infer_expand,
                                       .lower = lower_expand,
                                       .sink_transpose = sink_expand};
