/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators of two operands with NumPy broadcasting, one zip or combine step each; Where, of three.
 */
#include "ops/common.h"

#include <string.h>

/* The output is dense. */
static void fill_shape(struct ic_step_zip *s, const struct ic_value *a, const struct ic_value *b, const struct ic_value *y)
{
    const struct ic_value *const operands[] = {a, b};
    int32_t *const strides[] = {s->stride1, s->stride2};
    s->rank = ic_broadcast_walk(y, operands, 2, s->dims, strides);
}

static void fill_integer(struct ic_step_zip *s, const struct ic_node *n)
{
    const struct ic_value *a = n->inputs[0], *b = n->inputs[1], *y = n->outputs[0];
    const double sa = (double)a->quant.scales[0], sb = (double)b->quant.scales[0], sy = (double)y->quant.scales[0];
    const bool times = s->op == IC_ZIP_MUL || s->op == IC_ZIP_PRELU;
    s->m1 = (float)(times ? sa * sb / sy : sa / sy);
    s->m2 = (float)(s->op == IC_ZIP_MUL ? 0.0 : s->op == IC_ZIP_PRELU ? sa / sy : sb / sy);
    s->z1 = a->quant.zero;
    s->z2 = b->quant.zero;
    s->zy = y->quant.zero;
    ic_code_bounds(y, &n->post, &s->q_lo, &s->q_hi);
}

static enum ic_status lower_zip(struct ic_lowering *l, const struct ic_node *n, enum ic_zip_fn op, struct ic_diag *d)
{
    if (ic_value_elements(n->outputs[0]) == 0)
        return IC_OK;
    struct ic_step_zip *s = ic_lower_step(l, IC_STEP_ZIP, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    s->x1 = ic_lower_tensor(l, n->inputs[0]);
    s->x2 = ic_lower_tensor(l, n->inputs[1]);
    s->y = ic_lower_tensor(l, n->outputs[0]);
    s->mode = ic_arith_of(n->outputs[0]);
    s->op = op;
    fill_shape(s, n->inputs[0], n->inputs[1], n->outputs[0]);
    if (s->mode == IC_ARITH_F32) {
        s->round_mid = n->post.round_mid;
        s->fn = n->post.fn;
        s->a = n->post.a;
        s->b = n->post.b;
    } else {
        fill_integer(s, n);
    }
    return IC_OK;
}

static enum ic_status lower_combine(struct ic_lowering *l, const struct ic_node *n, enum ic_int_fn fn, struct ic_diag *d)
{
    const struct ic_value *y = n->outputs[0];
    if (ic_value_elements(y) == 0)
        return IC_OK;
    struct ic_step_combine *s = ic_lower_step(l, IC_STEP_COMBINE, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    const struct ic_value *const operands[] = {n->inputs[0], n->inputs[1]};
    int32_t *const strides[] = {s->stride1, s->stride2};
    s->x1 = ic_lower_tensor(l, n->inputs[0]);
    s->x2 = ic_lower_tensor(l, n->inputs[1]);
    s->y = ic_lower_tensor(l, y);
    s->fn = fn;
    s->rank = ic_broadcast_walk(y, operands, 2, s->dims, strides);
    return IC_OK;
}

/* Floats and codes by ZIP, integers by COMBINE. */
static enum ic_status lower_either(struct ic_lowering *l, const struct ic_node *n, enum ic_zip_fn op, enum ic_int_fn fn,
                                   struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0];
    const bool keeps = op == IC_ZIP_MAX || op == IC_ZIP_MIN; /* of codes with one scale: of the codes */
    return ic_dtype_is_integer(x->dtype) && (keeps || !ic_is_quantized(x)) ? lower_combine(l, n, fn, d) : lower_zip(l, n, op, d);
}

static enum ic_status infer_numbers(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    if (n->inputs[0]->dtype == IC_BOOL)
        return ic_fail(d, IC_E_SHAPES, "%s: its operands are bool; numbers are wanted", ic_node_label(n, label, sizeof label));
    return ic_infer_broadcast(n, out, d);
}

static enum ic_status infer_compare(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    const enum ic_dtype t = n->inputs[0]->dtype;
    if (t != IC_F32 && t != IC_F16 && !ic_dtype_is_integer(t))
        return ic_fail(d, IC_E_ELEMENT_TYPE, "%s: %s cannot be compared on a chip", ic_node_label(n, label, sizeof label),
                       ic_dtype_name(t));
    IC_TRY(ic_infer_broadcast(n, out, d));
    out->dtype = IC_BOOL;
    return IC_OK;
}

static enum ic_status infer_integers(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    if (!ic_dtype_is_integer(n->inputs[0]->dtype))
        return ic_fail(d, IC_E_SHAPES, "%s: its operands are %s; integers or bool are wanted",
                       ic_node_label(n, label, sizeof label), ic_dtype_name(n->inputs[0]->dtype));
    return ic_infer_broadcast(n, out, d);
}

#define DEFINITION(op_name, text, rule, type_rule, post, infer_rule)                                                               \
    const struct ic_op_def ic_op_##op_name = {.name = text,                                                                        \
                                              .min_inputs = 2,                                                                     \
                                              .max_inputs = 2,                                                                     \
                                              .n_outputs = 1,                                                                      \
                                              .attrs = ic_no_attrs,                                                                \
                                              .post_ok = post,                                                                     \
                                              .pure_elementwise = true,                                                            \
                                              .quant = rule,                                                                       \
                                              .types = type_rule,                                                                  \
                                              .stages = IC_ALL_STAGES,                                                             \
                                              .infer = infer_rule,                                                                 \
                                              .lower = lower_##op_name,                                                            \
                                              .sink_transpose = ic_sink_alike}

/* Floats and integers. */
#define BINARY(ZIP, INT, op_name, text, rule)                                                                                      \
    static enum ic_status lower_##op_name(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)                       \
    {                                                                                                                              \
        return lower_either(l, n, IC_ZIP_##ZIP, IC_INT_##INT, d);                                                                  \
    }                                                                                                                              \
    DEFINITION(op_name, text, rule, IC_TYPES_NUMBER, true, infer_numbers)

/* Floats and codes. */
#define BINARY_FLOAT(ZIP, op_name, text, rule)                                                                                     \
    static enum ic_status lower_##op_name(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)                       \
    {                                                                                                                              \
        return lower_zip(l, n, IC_ZIP_##ZIP, d);                                                                                   \
    }                                                                                                                              \
    DEFINITION(op_name, text, rule, IC_TYPES_FLOAT, true, ic_infer_broadcast)

/* Integers only, and comparisons of all. */
#define BINARY_INT(INT, op_name, text, infer_rule)                                                                                 \
    static enum ic_status lower_##op_name(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)                       \
    {                                                                                                                              \
        return lower_combine(l, n, IC_INT_##INT, d);                                                                               \
    }                                                                                                                              \
    DEFINITION(op_name, text, IC_QUANT_FLOAT, IC_TYPES_OWN, false, infer_rule)

BINARY(ADD, ADD, add, "Add", IC_QUANT_REQUANT);
BINARY(SUB, SUB, sub, "Sub", IC_QUANT_REQUANT);
BINARY(MUL, MUL, mul, "Mul", IC_QUANT_REQUANT);
BINARY(DIV, DIV, div, "Div", IC_QUANT_FLOAT);
BINARY(MAX, MAX, maximum, "Maximum", IC_QUANT_KEEP);
BINARY(MIN, MIN, minimum, "Minimum", IC_QUANT_KEEP);
BINARY_FLOAT(PRELU, prelu, "PRelu", IC_QUANT_REQUANT);
BINARY(POW, POW, pow, "Pow", IC_QUANT_FLOAT);
BINARY(FMOD, REM, rem, "Rem", IC_QUANT_FLOAT);
BINARY(MOD, MOD, mod, "Mod", IC_QUANT_FLOAT);
BINARY_FLOAT(ATAN2, atan2, "Atan2", IC_QUANT_FLOAT);
BINARY_INT(EQ, equal, "Equal", infer_compare);
BINARY_INT(NE, not_equal, "NotEqual", infer_compare);
BINARY_INT(LT, less, "Less", infer_compare);
BINARY_INT(LE, less_equal, "LessEqual", infer_compare);
BINARY_INT(AND, and, "And", infer_integers);
BINARY_INT(OR, or, "Or", infer_integers);
BINARY_INT(XOR, xor, "Xor", infer_integers);
BINARY_INT(FLOOR_DIV, floor_div, "FloorDiv", infer_integers);
BINARY_INT(SHL, shift_left, "ShiftLeft", infer_integers);
BINARY_INT(SHR, shift_right, "ShiftRight", infer_integers);

/* ---- Where ---- */
static enum ic_status infer_where(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    const struct ic_value *c = n->inputs[0], *a = n->inputs[1], *b = n->inputs[2];
    if (c->dtype != IC_BOOL || a->dtype != b->dtype)
        return ic_fail(d, IC_E_SHAPES, "%s: a condition of type %s chooses between %s and %s; bool and two alike are wanted",
                       ic_node_label(n, label, sizeof label), ic_dtype_name(c->dtype), ic_dtype_name(a->dtype),
                       ic_dtype_name(b->dtype));
    out->dtype = a->dtype;
    for (int32_t k = 0; k < 3; k++)
        out->rank = n->inputs[k]->rank > out->rank ? n->inputs[k]->rank : out->rank;
    for (int32_t i = 0; i < out->rank; i++) {
        int32_t extent = 1;
        for (int32_t k = 0; k < 3; k++) {
            const struct ic_value *v = n->inputs[k];
            const int32_t at = i - (out->rank - v->rank), dim = at < 0 ? 1 : v->dims[at];
            if (dim != 1 && extent != 1 && dim != extent)
                return ic_fail(d, IC_E_SHAPES, "%s: axis %d has %d and %d element%s, which do not broadcast",
                               ic_node_label(n, label, sizeof label), (int)i, (int)extent, (int)dim, IC_S(dim));
            extent = dim == 1 ? extent : dim;
        }
        out->dims[i] = extent;
    }
    out->layout = a->rank == out->rank ? a->layout : b->rank == out->rank ? b->layout : c->layout;
    return IC_OK;
}

static enum ic_status lower_where(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *y = n->outputs[0];
    if (ic_value_elements(y) == 0)
        return IC_OK;
    struct ic_step_select *s = ic_lower_step(l, IC_STEP_SELECT, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    const struct ic_value *const operands[] = {n->inputs[0], n->inputs[1], n->inputs[2]};
    int32_t *const strides[] = {s->stride_c, s->stride1, s->stride2};
    s->c = ic_lower_tensor(l, n->inputs[0]);
    s->x1 = ic_lower_tensor(l, n->inputs[1]);
    s->x2 = ic_lower_tensor(l, n->inputs[2]);
    s->y = ic_lower_tensor(l, y);
    s->element_bytes = (int32_t)ic_dtype_bytes(y->dtype);
    s->rank = ic_broadcast_walk(y, operands, 3, s->dims, strides);
    return IC_OK;
}

const struct ic_op_def ic_op_where = {.name = "Where",
                                      .min_inputs = 3,
                                      .max_inputs = 3,
                                      .n_outputs = 1,
                                      .attrs = ic_no_attrs,
                                      .pure_elementwise = true,
                                      .quant = IC_QUANT_KEEP,
                                      .places = 1u << 0,
                                      .types = IC_TYPES_OWN,
                                      .stages = IC_ALL_STAGES,
                                      .infer = infer_where,
                                      .lower = lower_where,
                                      .sink_transpose = ic_sink_alike};
