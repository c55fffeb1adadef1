/* SPDX-License-Identifier: Apache-2.0
 *
 * Conv: x [n h w c], weights [oc kh kw ic/groups], bias [oc] or absent.
 */
#include "ops/common.h"

static const struct ic_attr_def attrs[] = {
    [IC_CONV_STRIDE] = {"stride", IC_ATTR_INTS, 0, NULL},    [IC_CONV_DILATION] = {"dilation", IC_ATTR_INTS, 0, NULL},
    [IC_CONV_PAD] = {"pad", IC_ATTR_INTS, 0, NULL},          [IC_CONV_GROUPS] = {"groups", IC_ATTR_INT, 1, NULL},
    [IC_CONV_PARTIALS] = {"partials", IC_ATTR_INT, 1, NULL}, {0},
};

/* Output extent of a window, or -1 when it does not fit. */
static int64_t extent(int64_t in, int64_t before, int64_t after, int64_t kernel, int64_t stride, int64_t dilation)
{
    const int64_t covered = dilation * (kernel - 1) + 1;
    return in + before + after < covered ? -1 : (in + before + after - covered) / stride + 1;
}

static enum ic_status check_window(const struct ic_node *n, struct ic_diag *d)
{
    char label[256];
    IC_TRY(ic_want_ints(n, IC_CONV_STRIDE, 2, d));
    IC_TRY(ic_want_ints(n, IC_CONV_DILATION, 2, d));
    IC_TRY(ic_want_ints(n, IC_CONV_PAD, 4, d));
    for (int i = 0; i < 4; i++) {
        const int64_t stride = n->attrs[IC_CONV_STRIDE].ints[i % 2], dilation = n->attrs[IC_CONV_DILATION].ints[i % 2],
                      pad = n->attrs[IC_CONV_PAD].ints[i];
        if (stride < 1 || stride > 65536 || dilation < 1 || dilation > 65536 || pad < 0 || pad > 65536)
            return ic_fail(d, IC_E_SHAPES, "%s: stride %lld, dilation %lld, padding %lld; 1 to 65536 is possible (padding from 0)",
                           ic_node_label(n, label, sizeof label), (long long)stride, (long long)dilation, (long long)pad);
    }
    return IC_OK;
}

static enum ic_status infer(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *w = n->inputs[1], *b = n->n_inputs > 2 ? n->inputs[2] : NULL;
    const int64_t groups = n->attrs[IC_CONV_GROUPS].i;
    char label[256];
    IC_TRY(check_window(n, d));
    IC_TRY(ic_want_partials(n, IC_CONV_PARTIALS, d));
    if (x->rank != 4 || w->rank != 4)
        return ic_fail(d, IC_E_SHAPES, "%s: input of rank %d and weights of rank %d; 4 and 4 are wanted",
                       ic_node_label(n, label, sizeof label), (int)x->rank, (int)w->rank);
    if (groups < 1 || x->dims[3] % groups || w->dims[0] % groups || (int64_t)w->dims[3] * groups != x->dims[3] || w->dims[1] < 1 ||
        w->dims[2] < 1)
        return ic_fail(d, IC_E_SHAPES, "%s: %d input channel%s, %lld group%s and weights for %d channels (%d outputs) do not fit",
                       ic_node_label(n, label, sizeof label), (int)x->dims[3], IC_S(x->dims[3]), (long long)groups, IC_S(groups),
                       (int)w->dims[3], (int)w->dims[0]);
    if (b && (b->rank != 1 || b->dims[0] != w->dims[0]))
        return ic_fail(d, IC_E_SHAPES, "%s: the bias must have %d element%s", ic_node_label(n, label, sizeof label),
                       (int)w->dims[0], IC_S(w->dims[0]));
    out->dtype = x->dtype;
    out->rank = 4;
    out->dims[0] = x->dims[0];
    out->dims[3] = w->dims[0];
    out->layout = IC_VALUE_NHWC;
    for (int i = 0; i < 2; i++) {
        const int64_t e = extent(x->dims[1 + i], n->attrs[IC_CONV_PAD].ints[i], n->attrs[IC_CONV_PAD].ints[i + 2], w->dims[1 + i],
                                 n->attrs[IC_CONV_STRIDE].ints[i], n->attrs[IC_CONV_DILATION].ints[i]);
        if (e < 1)
            return ic_fail(d, IC_E_SHAPES, "%s: a window of %d does not fit the padded input of %d",
                           ic_node_label(n, label, sizeof label), (int)w->dims[1 + i], (int)x->dims[1 + i]);
        out->dims[1 + i] = (int32_t)e;
    }
    return IC_OK;
}

static enum ic_status lower(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *w = n->inputs[1], *y = n->outputs[0];
    struct ic_step_contract *s = ic_lower_step(l, IC_STEP_CONTRACT, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    s->n = x->dims[0];
    s->ih = x->dims[1];
    s->iw = x->dims[2];
    s->ic = s->x_pitch = x->dims[3];
    s->oh = y->dims[1];
    s->ow = y->dims[2];
    s->oc = s->y_pitch = y->dims[3];
    s->kh = w->dims[1];
    s->kw = w->dims[2];
    s->stride_h = (int32_t)n->attrs[IC_CONV_STRIDE].ints[0];
    s->stride_w = (int32_t)n->attrs[IC_CONV_STRIDE].ints[1];
    s->dilation_h = (int32_t)n->attrs[IC_CONV_DILATION].ints[0];
    s->dilation_w = (int32_t)n->attrs[IC_CONV_DILATION].ints[1];
    s->pad_top = (int32_t)n->attrs[IC_CONV_PAD].ints[0];
    s->pad_left = (int32_t)n->attrs[IC_CONV_PAD].ints[1];
    s->groups = (int32_t)n->attrs[IC_CONV_GROUPS].i;
    s->partials = (uint32_t)n->attrs[IC_CONV_PARTIALS].i;
    return ic_lower_contract_ends(l, n, s, (int64_t)s->kh * s->kw * w->dims[3], d);
}

const struct ic_op_def ic_op_conv = {.name = "Conv",
                                     .min_inputs = 2,
                                     .max_inputs = 3,
                                     .n_outputs = 1,
                                     .attrs = attrs,
                                     .post_ok = true,
                                     .quant = IC_QUANT_CONTRACT,
                                     .stages = IC_ALL_STAGES,
                                     .infer = infer,
                                     .lower = lower};
