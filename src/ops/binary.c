/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators of two operands with NumPy broadcasting, one zip step each.
 */
#include "ops/common.h"

#include <string.h>

/* Element strides of v under the output's dims: 0 where it broadcasts. */
static void broadcast_strides(const struct ic_value *v, int32_t rank, int64_t *out)
{
    int64_t dense[IC_IR_MAX_RANK];
    ic_dense_strides(v->rank, v->dims, dense);
    for (int32_t i = 0; i < rank; i++) {
        const int32_t k = i - (rank - v->rank);
        out[i] = k < 0 || v->dims[k] == 1 ? 0 : dense[k];
    }
}

/* Merges axes that all three operands walk as one; the output is dense. */
static void fill_shape(struct ic_step_zip *s, const struct ic_value *a, const struct ic_value *b, const struct ic_value *y)
{
    int64_t sa[IC_IR_MAX_RANK], sb[IC_IR_MAX_RANK];
    broadcast_strides(a, y->rank, sa);
    broadcast_strides(b, y->rank, sb);
    int32_t rank = 0;
    for (int32_t i = 0; i < y->rank; i++) {
        if (y->dims[i] == 1)
            continue;
        const int32_t last = rank - 1;
        if (rank > 0 && s->stride1[last] == sa[i] * y->dims[i] && s->stride2[last] == sb[i] * y->dims[i]) {
            s->dims[last] *= y->dims[i];
            s->stride1[last] = (int32_t)sa[i];
            s->stride2[last] = (int32_t)sb[i];
            continue;
        }
        s->dims[rank] = y->dims[i];
        s->stride1[rank] = (int32_t)sa[i];
        s->stride2[rank] = (int32_t)sb[i];
        rank++;
    }
    s->rank = rank ? rank : 1;
    for (int32_t i = rank; i < IC_MAX_RANK; i++)
        s->dims[i] = 1;
}

static void fill_integer(struct ic_step_zip *s, const struct ic_node *n)
{
    const struct ic_value *a = n->inputs[0], *b = n->inputs[1], *y = n->outputs[0];
    const double sa = (double)a->quant.scales[0], sb = (double)b->quant.scales[0], sy = (double)y->quant.scales[0];
    s->m1 = (float)(s->op == IC_ZIP_MUL ? sa * sb / sy : sa / sy);
    s->m2 = (float)(s->op == IC_ZIP_MUL ? 0.0 : sb / sy);
    s->z1 = a->quant.zero;
    s->z2 = b->quant.zero;
    s->zy = y->quant.zero;
    ic_code_bounds(y, &n->post, &s->q_lo, &s->q_hi);
}

static enum ic_status lower_zip(struct ic_lowering *l, const struct ic_node *n, enum ic_zip_fn op, struct ic_diag *d)
{
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

#define BINARY(NAME, op_name, text, rule)                                                                                          \
    static enum ic_status lower_##op_name(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)                       \
    {                                                                                                                              \
        return lower_zip(l, n, IC_ZIP_##NAME, d);                                                                                  \
    }                                                                                                                              \
    const struct ic_op_def ic_op_##op_name = {.name = text,                                                                        \
                                              .min_inputs = 2,                                                                     \
                                              .max_inputs = 2,                                                                     \
                                              .n_outputs = 1,                                                                      \
                                              .attrs = ic_no_attrs,                                                                \
                                              .post_ok = true,                                                                     \
                                              .pure_elementwise = true,                                                            \
                                              .quant = rule,                                                                       \
                                              .stages = IC_ALL_STAGES,                                                             \
                                              .infer = ic_infer_broadcast,                                                         \
                                              .lower = lower_##op_name,                                                            \
                                              .sink_transpose = ic_sink_alike}

BINARY(ADD, add, "Add", IC_QUANT_REQUANT);
BINARY(SUB, sub, "Sub", IC_QUANT_REQUANT);
BINARY(MUL, mul, "Mul", IC_QUANT_REQUANT);
BINARY(DIV, div, "Div", IC_QUANT_FLOAT);
BINARY(MAX, maximum, "Maximum", IC_QUANT_FLOAT);
BINARY(MIN, minimum, "Minimum", IC_QUANT_FLOAT);
BINARY(PRELU, prelu, "PRelu", IC_QUANT_FLOAT);
BINARY(POW, pow, "Pow", IC_QUANT_FLOAT);
