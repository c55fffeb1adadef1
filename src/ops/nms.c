/* SPDX-License-Identifier: Apache-2.0
 *
 * Nms: boxes that overlap no better one. The result has room for as many as there can be; rows behind the last are -1.
 */
#include "ops/common.h"

#include <math.h>

static const struct ic_attr_def nms_attrs[] = {
    [IC_NMS_MOST] = {"most", IC_ATTR_INT, 0, NULL},           [IC_NMS_OVERLAP] = {"overlap", IC_ATTR_FLOAT, 0, NULL},
    [IC_NMS_HAS_LEAST] = {"has_least", IC_ATTR_INT, 0, NULL}, [IC_NMS_LEAST] = {"least", IC_ATTR_FLOAT, 0, NULL},
    [IC_NMS_CENTER] = {"center", IC_ATTR_INT, 0, NULL},       {0}};

static enum ic_status infer_nms(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    const struct ic_value *boxes = n->inputs[0], *score = n->inputs[1];
    const int64_t most = n->attrs[IC_NMS_MOST].i;
    if (boxes->rank != 3 || boxes->dims[2] != 4 || score->rank != 3 || score->dims[0] != boxes->dims[0] ||
        score->dims[2] != boxes->dims[1] || !ic_dtype_is_float(boxes->dtype) || !ic_dtype_is_float(score->dtype))
        return ic_fail(d, IC_E_SHAPES, "%s: floats [images boxes 4] and [images classes boxes] are wanted",
                       ic_node_label(n, label, sizeof label));
    const int64_t pairs = (int64_t)score->dims[0] * score->dims[1];
    if (most < 0 || most > boxes->dims[1] || isnan(n->attrs[IC_NMS_OVERLAP].f) || isnan(n->attrs[IC_NMS_LEAST].f) ||
        (most && pairs > INT32_MAX / 3 / most))
        return ic_fail(d, IC_E_SHAPES, "%s: %lld of %d boxes to keep", ic_node_label(n, label, sizeof label), (long long)most,
                       (int)boxes->dims[1]);
    out->dtype = IC_S64;
    out->rank = 2;
    out->dims[0] = (int32_t)(pairs * most);
    out->dims[1] = 3;
    return IC_OK;
}

static enum ic_status lower_nms(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *boxes = n->inputs[0], *score = n->inputs[1];
    if (ic_value_elements(n->outputs[0]) == 0)
        return IC_OK;
    struct ic_step_nms *s = ic_lower_step(l, IC_STEP_NMS, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    *s = (struct ic_step_nms){.boxes = ic_lower_tensor(l, boxes),
                              .score = ic_lower_tensor(l, score),
                              .y = ic_lower_tensor(l, n->outputs[0]),
                              .n = score->dims[0],
                              .classes = score->dims[1],
                              .count = boxes->dims[1],
                              .most = (int32_t)n->attrs[IC_NMS_MOST].i,
                              .center = n->attrs[IC_NMS_CENTER].i != 0,
                              .has_least = n->attrs[IC_NMS_HAS_LEAST].i != 0,
                              .overlap = (float)n->attrs[IC_NMS_OVERLAP].f,
                              .least = (float)n->attrs[IC_NMS_LEAST].f};
    return IC_OK;
}

const struct ic_op_def ic_op_nms = {.name = "Nms",
                                    .min_inputs = 2,
                                    .max_inputs = 2,
                                    .n_outputs = 1,
                                    .attrs = nms_attrs,
                                    .quant = IC_QUANT_FLOAT,
                                    .types = IC_TYPES_OWN,
                                    .stages = IC_ALL_STAGES,
                                    .infer = infer_nms,
                                    .lower = lower_nms};
