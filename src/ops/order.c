/* SPDX-License-Identifier: Apache-2.0
 *
 * Along one axis: Arg (where the greatest stands), Top (where the greatest k stand), Scan (cumulative sum or product), Resample (weighted sums
 * of constant places).
 */
#include "ops/common.h"

/* [outer][count][inner] around axis. */
struct line {
    int32_t outer, count, inner;
};

static struct line line_of(const struct ic_value *x, int32_t axis)
{
    struct line s = {1, 1, 1};
    for (int32_t i = 0; i < x->rank; i++)
        *(i < axis ? &s.outer : i == axis ? &s.count : &s.inner) *= x->dims[i];
    return s;
}

static enum ic_status want_numbers(const struct ic_node *n, struct ic_diag *d)
{
    char label[256];
    const enum ic_dtype t = n->inputs[0]->dtype;
    if (t == IC_F32 || t == IC_F16 || ic_dtype_is_integer(t))
        return IC_OK;
    return ic_fail(d, IC_E_ELEMENT_TYPE, "%s: %s cannot be put in order on a chip", ic_node_label(n, label, sizeof label),
                   ic_dtype_name(t));
}

/* ---- Arg ---- */
static const struct ic_attr_def arg_attrs[] = {[IC_ARG_AXIS] = {"axis", IC_ATTR_INT, 0, NULL},
                                               [IC_ARG_LEAST] = {"least", IC_ATTR_INT, 0, NULL},
                                               [IC_ARG_LAST] = {"last", IC_ATTR_INT, 0, NULL},
                                               {0}};

static enum ic_status infer_arg(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    int32_t axis = 0;
    IC_TRY(want_numbers(n, d));
    IC_TRY(ic_want_axis(n, n->attrs[IC_ARG_AXIS].i, n->inputs[0]->rank, &axis, d));
    IC_TRY(ic_infer_same(n, out, d));
    if (out->dims[axis] == 0)
        return ic_fail(d, IC_E_SHAPES, "%s: axis %d is empty", ic_node_label(n, label, sizeof label), (int)axis);
    out->dims[axis] = 1;
    out->dtype = IC_S64;
    return IC_OK;
}

static enum ic_status lower_arg(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    int32_t axis = 0;
    IC_TRY(ic_want_axis(n, n->attrs[IC_ARG_AXIS].i, n->inputs[0]->rank, &axis, d));
    const struct line line = line_of(n->inputs[0], axis);
    struct ic_step_arg *s = ic_lower_step(l, IC_STEP_ARG, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    *s = (struct ic_step_arg){.x = ic_lower_tensor(l, n->inputs[0]),
                              .y = ic_lower_tensor(l, n->outputs[0]),
                              .outer = line.outer,
                              .count = line.count,
                              .inner = line.inner,
                              .least = n->attrs[IC_ARG_LEAST].i != 0,
                              .last = n->attrs[IC_ARG_LAST].i != 0};
    return IC_OK;
}

const struct ic_op_def ic_op_arg = {.name = "Arg",
                                    .min_inputs = 1,
                                    .max_inputs = 1,
                                    .n_outputs = 1,
                                    .attrs = arg_attrs,
                                    .quant = IC_QUANT_ORDER,
                                    .types = IC_TYPES_OWN,
                                    .stages = IC_ALL_STAGES,
                                    .infer = infer_arg,
                                    .lower = lower_arg,
                                    .sink_transpose = ic_sink_axis};

/* ---- Top ---- */
static const struct ic_attr_def top_attrs[] = {[IC_TOP_AXIS] = {"axis", IC_ATTR_INT, -1, NULL},
                                               [IC_TOP_K] = {"k", IC_ATTR_INT, 1, NULL},
                                               [IC_TOP_LEAST] = {"least", IC_ATTR_INT, 0, NULL},
                                               {0}};

static enum ic_status infer_top(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    int32_t axis = 0;
    const int64_t k = n->attrs[IC_TOP_K].i;
    IC_TRY(want_numbers(n, d));
    IC_TRY(ic_want_axis(n, n->attrs[IC_TOP_AXIS].i, n->inputs[0]->rank, &axis, d));
    IC_TRY(ic_infer_same(n, out, d));
    if (k < 0 || k > out->dims[axis])
        return ic_fail(d, IC_E_SHAPES, "%s: the first %lld of an axis of %d element%s", ic_node_label(n, label, sizeof label),
                       (long long)k, (int)out->dims[axis], IC_S(out->dims[axis]));
    out->dims[axis] = (int32_t)k;
    out->dtype = IC_S64;
    return IC_OK;
}

static enum ic_status lower_top(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    int32_t axis = 0;
    IC_TRY(ic_want_axis(n, n->attrs[IC_TOP_AXIS].i, n->inputs[0]->rank, &axis, d));
    const struct line line = line_of(n->inputs[0], axis);
    struct ic_step_top *s = ic_lower_step(l, IC_STEP_TOP, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    *s = (struct ic_step_top){.x = ic_lower_tensor(l, n->inputs[0]),
                              .y = ic_lower_tensor(l, n->outputs[0]),
                              .outer = line.outer,
                              .count = line.count,
                              .inner = line.inner,
                              .k = (int32_t)n->attrs[IC_TOP_K].i,
                              .least = n->attrs[IC_TOP_LEAST].i != 0};
    return IC_OK;
}

const struct ic_op_def ic_op_top = {.name = "Top",
                                    .min_inputs = 1,
                                    .max_inputs = 1,
                                    .n_outputs = 1,
                                    .attrs = top_attrs,
                                    .quant = IC_QUANT_ORDER,
                                    .types = IC_TYPES_OWN,
                                    .stages = IC_ALL_STAGES,
                                    .infer = infer_top,
                                    .lower = lower_top,
                                    .sink_transpose = ic_sink_axis};

/* ---- Scan ---- */
static const struct ic_attr_def scan_attrs[] = {[IC_SCAN_AXIS] = {"axis", IC_ATTR_INT, 0, NULL},
                                                [IC_SCAN_PRODUCT] = {"product", IC_ATTR_INT, 0, NULL},
                                                [IC_SCAN_EXCLUSIVE] = {"exclusive", IC_ATTR_INT, 0, NULL},
                                                [IC_SCAN_REVERSE] = {"reverse", IC_ATTR_INT, 0, NULL},
                                                {0}};

static enum ic_status infer_scan(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    int32_t axis = 0;
    IC_TRY(want_numbers(n, d));
    IC_TRY(ic_want_axis(n, n->attrs[IC_SCAN_AXIS].i, n->inputs[0]->rank, &axis, d));
    return ic_infer_same(n, out, d);
}

static enum ic_status lower_scan(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    int32_t axis = 0;
    IC_TRY(ic_want_axis(n, n->attrs[IC_SCAN_AXIS].i, n->inputs[0]->rank, &axis, d));
    const struct line line = line_of(n->inputs[0], axis);
    struct ic_step_scan *s = ic_lower_step(l, IC_STEP_SCAN, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    *s = (struct ic_step_scan){.x = ic_lower_tensor(l, n->inputs[0]),
                               .y = ic_lower_tensor(l, n->outputs[0]),
                               .fn = n->attrs[IC_SCAN_PRODUCT].i ? IC_INT_MUL : IC_INT_ADD,
                               .outer = line.outer,
                               .count = line.count,
                               .inner = line.inner,
                               .exclusive = n->attrs[IC_SCAN_EXCLUSIVE].i != 0,
                               .reverse = n->attrs[IC_SCAN_REVERSE].i != 0};
    return IC_OK;
}

const struct ic_op_def ic_op_scan = {.name = "Scan",
                                     .min_inputs = 1,
                                     .max_inputs = 1,
                                     .n_outputs = 1,
                                     .attrs = scan_attrs,
                                     .quant = IC_QUANT_FLOAT,
                                     .types = IC_TYPES_OWN,
                                     .stages = IC_ALL_STAGES,
                                     .infer = infer_scan,
                                     .lower = lower_scan,
                                     .sink_transpose = ic_sink_axis};

/* ---- Resample ---- */
static const struct ic_attr_def resample_attrs[] = {[IC_RESAMPLE_AXIS] = {"axis", IC_ATTR_INT, 0, NULL}, {0}};

static enum ic_status infer_resample(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    int32_t axis = 0;
    const struct ic_value *x = n->inputs[0], *place = n->inputs[1], *weight = n->inputs[2];
    IC_TRY(ic_want_axis(n, n->attrs[IC_RESAMPLE_AXIS].i, x->rank, &axis, d));
    if (!place->data || !weight->data || place->dtype != IC_S32 || weight->dtype != IC_F32 || place->rank != 2 ||
        weight->rank != 2 || place->dims[0] != weight->dims[0] || place->dims[1] != weight->dims[1] || place->dims[1] < 1)
        return ic_fail(d, IC_E_SHAPES, "%s: two constants, s32 and f32, of one shape [results taps] are wanted",
                       ic_node_label(n, label, sizeof label));
    for (int64_t i = 0; i < ic_value_elements(place); i++) {
        const int64_t at = ic_int_load(IC_S32, place->data, i);
        if (at < 0 || at >= x->dims[axis])
            return ic_fail(d, IC_E_SHAPES, "%s: place %lld of an axis of %d element%s", ic_node_label(n, label, sizeof label),
                           (long long)at, (int)x->dims[axis], IC_S(x->dims[axis]));
    }
    IC_TRY(ic_infer_same(n, out, d));
    out->dims[axis] = place->dims[0];
    return IC_OK;
}

static enum ic_status lower_resample(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    int32_t axis = 0;
    IC_TRY(ic_want_axis(n, n->attrs[IC_RESAMPLE_AXIS].i, n->inputs[0]->rank, &axis, d));
    const struct line line = line_of(n->inputs[0], axis);
    struct ic_step_resample *s = ic_lower_step(l, IC_STEP_RESAMPLE, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    *s = (struct ic_step_resample){.x = ic_lower_tensor(l, n->inputs[0]),
                                   .place = ic_lower_tensor(l, n->inputs[1]),
                                   .weight = ic_lower_tensor(l, n->inputs[2]),
                                   .y = ic_lower_tensor(l, n->outputs[0]),
                                   .outer = line.outer,
                                   .count = line.count,
                                   .inner = line.inner,
                                   .results = n->inputs[1]->dims[0],
                                   .taps = n->inputs[1]->dims[1]};
    return IC_OK;
}

const struct ic_op_def ic_op_resample = {.name = "Resample",
                                         .min_inputs = 3,
                                         .max_inputs = 3,
                                         .n_outputs = 1,
                                         .attrs = resample_attrs,
                                         .tables = true,
                                         .quant = IC_QUANT_FLOAT,
                                         .types = IC_TYPES_OWN,
                                         .stages = IC_ALL_STAGES,
                                         .infer = infer_resample,
                                         .lower = lower_resample,
                                         .sink_transpose = ic_sink_axis};
