/* SPDX-License-Identifier: Apache-2.0
 *
 * Map: y = fn(x; a, b) element by element. Quantized: a table of 256. BatchNorm and Identity, which optimize removes.
 */
#include "ops/common.h"

static const char *fn_name(int64_t i)
{
    return ic_map_name((enum ic_map_fn)i);
}

static const struct ic_attr_def attrs[] = {
    [IC_MAP_ATTR_FN] = {"fn", IC_ATTR_ENUM, 0, fn_name},
    [IC_MAP_ATTR_A] = {"a", IC_ATTR_FLOAT, 0, NULL},
    [IC_MAP_ATTR_B] = {"b", IC_ATTR_FLOAT, 0, NULL},
    {0},
};

static enum ic_status infer(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    const int64_t fn = n->attrs[IC_MAP_ATTR_FN].i;
    if (fn < 0 || fn >= IC_MAP_COUNT)
        return ic_fail(d, IC_E_NODE_NUMBER, "%s: function number %lld is unknown", ic_node_label(n, label, sizeof label),
                       (long long)fn);
    return ic_infer_same(n, out, d);
}

static enum ic_status lower_table(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *y = n->outputs[0];
    uint8_t table[256];
    for (int i = 0; i < 256; i++) {
        const int32_t code = x->dtype == IC_S8 ? (int8_t)i : i;
        const float real = (float)(code - x->quant.zero) * x->quant.scales[0];
        const float result = ic_map_eval((enum ic_map_fn)n->attrs[IC_MAP_ATTR_FN].i, real, (float)n->attrs[IC_MAP_ATTR_A].f,
                                         (float)n->attrs[IC_MAP_ATTR_B].f);
        table[i] = (uint8_t)ic_code_of(y, result);
    }
    struct ic_step_lut *s = ic_lower_step(l, IC_STEP_LUT, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    s->x = ic_lower_tensor(l, x);
    s->table = ic_lower_const(l, IC_U8, sizeof table, table);
    s->y = ic_lower_tensor(l, y);
    s->count = (int32_t)ic_value_elements(x);
    return IC_OK;
}

static enum ic_status lower(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    if (ic_is_quantized(n->inputs[0]))
        return lower_table(l, n, d);
    struct ic_step_map *s = ic_lower_step(l, IC_STEP_MAP, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    s->x = ic_lower_tensor(l, n->inputs[0]);
    s->y = ic_lower_tensor(l, n->outputs[0]);
    s->count = (int32_t)ic_value_elements(n->inputs[0]);
    s->fn = (uint32_t)n->attrs[IC_MAP_ATTR_FN].i;
    s->a = (float)n->attrs[IC_MAP_ATTR_A].f;
    s->b = (float)n->attrs[IC_MAP_ATTR_B].f;
    return IC_OK;
}

const struct ic_op_def ic_op_map = {.name = "Map",
                                    .min_inputs = 1,
                                    .max_inputs = 1,
                                    .n_outputs = 1,
                                    .attrs = attrs,
                                    .pure_elementwise = true,
                                    .quant = IC_QUANT_LUT,
                                    .stages = IC_ALL_STAGES,
                                    .infer = infer,
                                    .lower = lower,
                                    .sink_transpose = ic_sink_alike};

static const struct ic_attr_def norm_attrs[] = {
    [IC_BATCH_NORM_AXIS] = {"axis", IC_ATTR_INT, 1, NULL},
    [IC_BATCH_NORM_EPS] = {"eps", IC_ATTR_FLOAT, 1e-5, NULL},
    {0},
};

static enum ic_status infer_norm(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    int32_t axis = 0;
    IC_TRY(ic_want_axis(n, n->attrs[IC_BATCH_NORM_AXIS].i, n->inputs[0]->rank, &axis, d));
    for (int i = 1; i < 5; i++)
        if (n->inputs[i]->rank != 1 || n->inputs[i]->dims[0] != n->inputs[0]->dims[axis])
            return ic_fail(d, IC_E_SHAPES, "%s: parameter %d must have %d element%s", ic_node_label(n, label, sizeof label), i,
                           (int)n->inputs[0]->dims[axis], IC_S(n->inputs[0]->dims[axis]));
    return ic_infer_same(n, out, d);
}

const struct ic_op_def ic_op_batch_norm = {.name = "BatchNorm",
                                           .min_inputs = 5,
                                           .max_inputs = 5,
                                           .n_outputs = 1,
                                           .attrs = norm_attrs,
                                           .tables = true,
                                           .quant = IC_QUANT_FLOAT,
                                           .stages = 1u << IC_STAGE_IMPORTED,
                                           .infer = infer_norm,
                                           .lower = NULL,
                                           .sink_transpose = ic_sink_axis};

static enum ic_status lower_identity(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    (void)d;
    ic_lower_view(l, n->outputs[0], n->inputs[0], 0);
    return IC_OK;
}

const struct ic_op_def ic_op_identity = {.name = "Identity",
                                         .min_inputs = 1,
                                         .max_inputs = 1,
                                         .n_outputs = 1,
                                         .attrs = ic_no_attrs,
                                         .moves_only = true,
                                         .pure_elementwise = true,
                                         .quant = IC_QUANT_KEEP,
                                         .stages = 1u << IC_STAGE_IMPORTED,
                                         .infer = ic_infer_same,
                                         .lower = lower_identity,
                                         .sink_transpose = ic_sink_alike};
