/* SPDX-License-Identifier: Apache-2.0
 *
 * Linear: x [.. K] times constant weights [N K], bias [N] or absent. MatMul: two computed operands.
 */
#include "ops/common.h"

#include <string.h>

static const struct ic_attr_def attrs[] = {[IC_LINEAR_PARTIALS] = {"partials", IC_ATTR_INT, 1, NULL}, {0}};

static enum ic_status infer_linear(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *w = n->inputs[1], *b = n->n_inputs > 2 ? n->inputs[2] : NULL;
    char label[256];
    IC_TRY(ic_want_partials(n, IC_LINEAR_PARTIALS, d));
    if (x->rank < 1 || w->rank != 2 || x->dims[x->rank - 1] != w->dims[1])
        return ic_fail(d, IC_E_SHAPES, "%s: the input's last axis has %d element%s, the weights want %d",
                       ic_node_label(n, label, sizeof label), x->rank ? (int)x->dims[x->rank - 1] : 0,
                       IC_S(x->rank ? (int)x->dims[x->rank - 1] : 0), w->rank == 2 ? (int)w->dims[1] : 0);
    if (b && (b->rank != 1 || b->dims[0] != w->dims[0]))
        return ic_fail(d, IC_E_SHAPES, "%s: the bias must have %d element%s", ic_node_label(n, label, sizeof label),
                       (int)w->dims[0], IC_S(w->dims[0]));
    out->dtype = x->dtype;
    out->rank = x->rank;
    memcpy(out->dims, x->dims, sizeof out->dims);
    out->dims[x->rank - 1] = w->dims[0];
    return IC_OK;
}

static enum ic_status lower_linear(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *w = n->inputs[1];
    struct ic_step_contract *s = ic_lower_step(l, IC_STEP_CONTRACT, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    const int32_t k = w->dims[1];
    s->n = k ? (int32_t)(ic_value_elements(x) / k) : 0;
    s->ih = s->iw = s->oh = s->ow = s->kh = s->kw = 1;
    s->stride_h = s->stride_w = s->dilation_h = s->dilation_w = s->groups = 1;
    s->ic = s->x_pitch = k;
    s->oc = s->y_pitch = w->dims[0];
    s->partials = (uint32_t)n->attrs[IC_LINEAR_PARTIALS].i;
    return ic_lower_contract_ends(l, n, s, k, d);
}

const struct ic_op_def ic_op_linear = {.name = "Linear",
                                       .min_inputs = 2,
                                       .max_inputs = 3,
                                       .n_outputs = 1,
                                       .attrs = attrs,
                                       .post_ok = true,
                                       .quant = IC_QUANT_CONTRACT,
                                       .stages = IC_ALL_STAGES,
                                       .infer = infer_linear,
                                       .lower = lower_linear};

/* Product of the axes before the last two. */
static int64_t batch_of(const struct ic_value *v)
{
    int64_t n = 1;
    for (int32_t i = 0; i < v->rank - 2; i++)
        n *= v->dims[i];
    return n;
}

static enum ic_status infer_matmul(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    const struct ic_value *a = n->inputs[0], *b = n->inputs[1];
    char label[256];
    IC_TRY(ic_want_partials(n, IC_LINEAR_PARTIALS, d));
    if (a->rank < 2 || b->rank < 2 || a->dims[a->rank - 1] != b->dims[b->rank - 2])
        return ic_fail(d, IC_E_SHAPES, "%s: matrices [.. m k] and [.. k n] with equal k are wanted",
                       ic_node_label(n, label, sizeof label));
    const struct ic_value *wide = batch_of(a) >= batch_of(b) ? a : b, *other = wide == a ? b : a;
    const bool same = batch_of(a) == batch_of(b) && a->rank == b->rank &&
                      memcmp(a->dims, b->dims, (size_t)(a->rank - 2) * sizeof *a->dims) == 0;
    if (!same && batch_of(other) != 1)
        return ic_fail(d, IC_E_OPERATOR_FORM,
                       "%s: batch axes that broadcast partly are not supported: make them equal, or 1 on one side",
                       ic_node_label(n, label, sizeof label));
    out->dtype = a->dtype;
    out->rank = wide->rank > other->rank ? wide->rank : other->rank;
    for (int32_t i = 0; i < out->rank; i++) {
        const int32_t k = i - (out->rank - wide->rank);
        out->dims[i] = k < 0 ? 1 : wide->dims[k];
    }
    out->dims[out->rank - 2] = a->dims[a->rank - 2];
    out->dims[out->rank - 1] = b->dims[b->rank - 1];
    return IC_OK;
}

/* Of products in floats and in codes: extents, and strides that repeat the only matrix of an operand. */
#define EXTENTS(s, a, b)                                                                                                           \
    do {                                                                                                                           \
        (s)->m = (a)->dims[(a)->rank - 2];                                                                                         \
        (s)->k = (a)->dims[(a)->rank - 1];                                                                                         \
        (s)->n = (b)->dims[(b)->rank - 1];                                                                                         \
        (s)->batch = (int32_t)(batch_of(a) > batch_of(b) ? batch_of(a) : batch_of(b));                                             \
        (s)->x1_batch = batch_of(a) == 1 ? 0 : (s)->m * (s)->k;                                                                    \
        (s)->x1_m = (s)->k;                                                                                                        \
        (s)->x1_k = 1;                                                                                                             \
        (s)->x2_batch = batch_of(b) == 1 ? 0 : (s)->k * (s)->n;                                                                    \
        (s)->x2_k = (s)->n;                                                                                                        \
        (s)->x2_n = 1;                                                                                                             \
    } while (0)

/* Codes: a factor that the end applies (attention's scale) is part of the requantizing scale. */
static enum ic_status lower_product(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *a = n->inputs[0], *b = n->inputs[1], *y = n->outputs[0];
    const double factor = n->post.fn == IC_MAP_AFFINE ? (double)n->post.a : 1.0;
    struct ic_step_product *s = ic_lower_step(l, IC_STEP_PRODUCT, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    s->x1 = ic_lower_tensor(l, a);
    s->x2 = ic_lower_tensor(l, b);
    s->y = ic_lower_tensor(l, y);
    EXTENTS(s, a, b);
    s->mode = s->k <= INT32_MAX / (255 * 255) ? IC_ARITH_S32 : IC_ARITH_S64; /* the largest sum there can be */
    s->scale = (float)((double)a->quant.scales[0] * (double)b->quant.scales[0] / (double)y->quant.scales[0] * factor);
    s->z1 = a->quant.zero;
    s->z2 = b->quant.zero;
    s->zy = y->quant.zero;
    ic_code_bounds(y, &n->post, &s->q_lo, &s->q_hi);
    return IC_OK;
}

static enum ic_status lower_matmul(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *a = n->inputs[0], *b = n->inputs[1];
    if (ic_is_quantized(a))
        return lower_product(l, n, d);
    struct ic_step_matmul *s = ic_lower_step(l, IC_STEP_MATMUL, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    s->x1 = ic_lower_tensor(l, a);
    s->x2 = ic_lower_tensor(l, b);
    s->y = ic_lower_tensor(l, n->outputs[0]);
    EXTENTS(s, a, b);
    s->partials = (uint32_t)n->attrs[IC_LINEAR_PARTIALS].i;
    s->round_mid = n->post.round_mid;
    s->fn = n->post.fn;
    s->a = n->post.a;
    s->b = n->post.b;
    return IC_OK;
}

const struct ic_op_def ic_op_matmul = {.name = "MatMul",
                                       .min_inputs = 2,
                                       .max_inputs = 2,
                                       .n_outputs = 1,
                                       .attrs = attrs,
                                       .post_ok = true,
                                       .quant = IC_QUANT_REQUANT,
                                       .codes_scale = true,
                                       .stages = IC_ALL_STAGES,
                                       .infer = infer_matmul,
                                       .lower = lower_matmul};
