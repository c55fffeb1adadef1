/* SPDX-License-Identifier: Apache-2.0
 *
 * Between element types: Cast, Quantize, Dequantize, one convert step each; FakeQuantize, there and back; BitCast, no step at all.
 */
#include "ops/common.h"

static const char *dtype_name(int64_t i)
{
    return ic_dtype_name((enum ic_dtype)i);
}

static const struct ic_attr_def cast_attrs[] = {[IC_CAST_DTYPE] = {"dtype", IC_ATTR_ENUM, IC_F32, dtype_name}, {0}};

static enum ic_status infer_to(const struct ic_node *n, int64_t dtype, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    if (dtype <= IC_DTYPE_NONE || dtype >= IC_DTYPE_COUNT)
        return ic_fail(d, IC_E_NODE_NUMBER, "%s: element type number %lld is unknown", ic_node_label(n, label, sizeof label),
                       (long long)dtype);
    IC_TRY(ic_infer_same(n, out, d));
    out->dtype = (enum ic_dtype)dtype;
    return IC_OK;
}

static enum ic_status infer_cast(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    return infer_to(n, n->attrs[IC_CAST_DTYPE].i, out, d);
}

static enum ic_status infer_quantize(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    return infer_to(n, IC_U8, out, d);
}

static enum ic_status infer_dequantize(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    return infer_to(n, IC_F32, out, d);
}

static enum ic_status lower_cast(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *y = n->outputs[0];
    struct ic_step_convert *s = ic_lower_step(l, IC_STEP_CONVERT, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    s->x = ic_lower_tensor(l, x);
    s->y = ic_lower_tensor(l, y);
    s->count = (int32_t)ic_value_elements(x);
    if (n->op == IC_OP_QUANTIZE) {
        const struct ic_post none = {0};
        s->m = 1.0f / y->quant.scales[0];
        s->z_out = y->quant.zero;
        ic_code_bounds(y, &none, &s->q_lo, &s->q_hi);
    }
    if (n->op == IC_OP_DEQUANTIZE) {
        s->m = x->quant.scales[0];
        s->z_in = x->quant.zero;
    }
    return IC_OK;
}

const struct ic_op_def ic_op_cast = {.name = "Cast",
                                     .min_inputs = 1,
                                     .max_inputs = 1,
                                     .n_outputs = 1,
                                     .attrs = cast_attrs,
                                     .pure_elementwise = true,
                                     .quant = IC_QUANT_FLOAT,
                                     .stages = IC_ALL_STAGES,
                                     .infer = infer_cast,
                                     .lower = lower_cast,
                                     .sink_transpose = ic_sink_alike};
const struct ic_op_def ic_op_quantize = {.name = "Quantize",
                                         .min_inputs = 1,
                                         .max_inputs = 1,
                                         .n_outputs = 1,
                                         .attrs = ic_no_attrs,
                                         .pure_elementwise = true,
                                         .quant = IC_QUANT_FLOAT,
                                         .stages = IC_ALL_STAGES,
                                         .infer = infer_quantize,
                                         .lower = lower_cast,
                                         .sink_transpose = ic_sink_alike};
const struct ic_op_def ic_op_dequantize = {.name = "Dequantize",
                                           .min_inputs = 1,
                                           .max_inputs = 1,
                                           .n_outputs = 1,
                                           .attrs = ic_no_attrs,
                                           .pure_elementwise = true,
                                           .quant = IC_QUANT_FLOAT,
                                           .stages = IC_ALL_STAGES,
                                           .infer = infer_dequantize,
                                           .lower = lower_cast,
                                           .sink_transpose = ic_sink_alike};

static const struct ic_attr_def bit_cast_attrs[] = {[IC_BIT_CAST_DTYPE] = {"dtype", IC_ATTR_ENUM, IC_S32, dtype_name}, {0}};

static enum ic_status infer_bit_cast(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    IC_TRY(infer_to(n, n->attrs[IC_BIT_CAST_DTYPE].i, out, d));
    if (ic_dtype_bytes(out->dtype) != ic_dtype_bytes(n->inputs[0]->dtype))
        return ic_fail(d, IC_E_OPERATOR_FORM, "%s: the bits of %s are no %s: their widths differ",
                       ic_node_label(n, label, sizeof label), ic_dtype_name(n->inputs[0]->dtype), ic_dtype_name(out->dtype));
    return IC_OK;
}

static enum ic_status lower_bit_cast(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    (void)d;
    ic_lower_view(l, n->outputs[0], n->inputs[0], 0);
    return IC_OK;
}

const struct ic_op_def ic_op_bit_cast = {.name = "BitCast",
                                         .min_inputs = 1,
                                         .max_inputs = 1,
                                         .n_outputs = 1,
                                         .attrs = bit_cast_attrs,
                                         .pure_elementwise = true,
                                         .quant = IC_QUANT_FLOAT,
                                         .types = IC_TYPES_OWN,
                                         .stages = IC_ALL_STAGES,
                                         .infer = infer_bit_cast,
                                         .lower = lower_bit_cast,
                                         .sink_transpose = ic_sink_alike};

static const struct ic_attr_def fake_quant_attrs[] = {
    [IC_FAKE_QUANT_SCALE] = {"scale", IC_ATTR_FLOAT, 1, NULL}, [IC_FAKE_QUANT_ZERO] = {"zero", IC_ATTR_INT, 0, NULL}, {0}};

static enum ic_status infer_fake_quant(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    const double scale = n->attrs[IC_FAKE_QUANT_SCALE].f;
    const int64_t zero = n->attrs[IC_FAKE_QUANT_ZERO].i;
    if (!(scale >= 0x1p-100 && scale <= 0x1p100) || scale != (double)(float)scale || zero < 0 || zero > 255)
        return ic_fail(d, IC_E_SHAPES, "%s: scale %g, zero point %lld; a float32 of 2^-100 to 2^100 and 0 to 255 are possible",
                       ic_node_label(n, label, sizeof label), scale, (long long)zero);
    return ic_infer_same(n, out, d);
}

static enum ic_status lower_fake_quant(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *y = n->outputs[0];
    const float scale = (float)n->attrs[IC_FAKE_QUANT_SCALE].f;
    const int32_t zero = (int32_t)n->attrs[IC_FAKE_QUANT_ZERO].i, count = (int32_t)ic_value_elements(x);
    const uint32_t from = ic_lower_tensor(l, x), to = ic_lower_tensor(l, y), codes = ic_lower_temp(l, IC_U8, x->rank, x->dims, "");
    struct ic_step_convert *there = ic_lower_step(l, IC_STEP_CONVERT, n);
    if (!there)
        return ic_lower_out_of_memory(n, d);
    *there = (struct ic_step_convert){.x = from, .y = codes, .count = count, .m = 1.0f / scale, .z_out = zero, .q_hi = 255};
    struct ic_step_convert *back = ic_lower_step(l, IC_STEP_CONVERT, n);
    if (!back)
        return ic_lower_out_of_memory(n, d);
    *back = (struct ic_step_convert){.x = codes, .y = to, .count = count, .m = scale, .z_in = zero};
    return IC_OK;
}

const struct ic_op_def ic_op_fake_quant = {.name = "FakeQuantize",
                                           .min_inputs = 1,
                                           .max_inputs = 1,
                                           .n_outputs = 1,
                                           .attrs = fake_quant_attrs,
                                           .pure_elementwise = true,
                                           .quant = IC_QUANT_FLOAT,
                                           .stages = IC_ALL_STAGES,
                                           .infer = infer_fake_quant,
                                           .lower = lower_fake_quant,
                                           .sink_transpose = ic_sink_alike};
