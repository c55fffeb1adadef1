/* SPDX-License-Identifier: Apache-2.0
 *
 * MaxPool, AvgPool: windows over x [n h w c].
 */
#include "ops/common.h"

static const struct ic_attr_def attrs[] = {
    [IC_POOL_ATTR_KERNEL] = {"kernel", IC_ATTR_INTS, 0, NULL},     [IC_POOL_ATTR_STRIDE] = {"stride", IC_ATTR_INTS, 0, NULL},
    [IC_POOL_ATTR_DILATION] = {"dilation", IC_ATTR_INTS, 0, NULL}, [IC_POOL_ATTR_PAD] = {"pad", IC_ATTR_INTS, 0, NULL},
    [IC_POOL_ATTR_CEIL] = {"ceil", IC_ATTR_INT, 0, NULL},          [IC_POOL_ATTR_COUNT_PAD] = {"count_pad", IC_ATTR_INT, 1, NULL},
    [IC_POOL_ATTR_DIVISOR] = {"divisor", IC_ATTR_INT, 0, NULL},    {0},
};

static enum ic_status check_attrs(const struct ic_node *n, struct ic_diag *d)
{
    char label[256];
    for (int i = IC_POOL_ATTR_KERNEL; i <= IC_POOL_ATTR_DILATION; i++) {
        IC_TRY(ic_want_ints(n, i, 2, d));
        for (int k = 0; k < 2; k++)
            if (n->attrs[i].ints[k] < 1 || n->attrs[i].ints[k] > 65536)
                return ic_fail(d, IC_E_SHAPES, "%s: %s %lld; 1 to 65536 is possible", ic_node_label(n, label, sizeof label),
                               attrs[i].name, (long long)n->attrs[i].ints[k]);
    }
    IC_TRY(ic_want_ints(n, IC_POOL_ATTR_PAD, 4, d));
    for (int i = 0; i < 4; i++)
        if (n->attrs[IC_POOL_ATTR_PAD].ints[i] < 0 ||
            n->attrs[IC_POOL_ATTR_PAD].ints[i] >= n->attrs[IC_POOL_ATTR_KERNEL].ints[i % 2])
            return ic_fail(d, IC_E_SHAPES, "%s: padding %lld must be 0 or more and smaller than the window",
                           ic_node_label(n, label, sizeof label), (long long)n->attrs[IC_POOL_ATTR_PAD].ints[i]);
    return IC_OK;
}

/* ceil lets a last window start inside the input or its left padding, as PyTorch does. */
static int64_t extent(const struct ic_node *n, int i, int64_t in)
{
    const int64_t kernel = n->attrs[IC_POOL_ATTR_KERNEL].ints[i], stride = n->attrs[IC_POOL_ATTR_STRIDE].ints[i],
                  covered = n->attrs[IC_POOL_ATTR_DILATION].ints[i] * (kernel - 1) + 1, before = n->attrs[IC_POOL_ATTR_PAD].ints[i],
                  after = n->attrs[IC_POOL_ATTR_PAD].ints[i + 2];
    const int64_t room = in + before + after - covered;
    if (room < 0)
        return -1;
    int64_t out = (room + (n->attrs[IC_POOL_ATTR_CEIL].i ? stride - 1 : 0)) / stride + 1;
    if (n->attrs[IC_POOL_ATTR_CEIL].i && (out - 1) * stride >= in + before)
        out--;
    return out;
}

static enum ic_status infer(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0];
    char label[256];
    IC_TRY(check_attrs(n, d));
    if (x->rank != 4)
        return ic_fail(d, IC_E_SHAPES, "%s: input of rank %d; 4 is wanted", ic_node_label(n, label, sizeof label), (int)x->rank);
    out->dtype = x->dtype;
    out->rank = 4;
    out->dims[0] = x->dims[0];
    out->dims[3] = x->dims[3];
    out->layout = IC_VALUE_NHWC;
    for (int i = 0; i < 2; i++) {
        const int64_t e = extent(n, i, x->dims[1 + i]);
        if (e < 1)
            return ic_fail(d, IC_E_SHAPES, "%s: a window of %lld does not fit the padded input of %d",
                           ic_node_label(n, label, sizeof label), (long long)n->attrs[IC_POOL_ATTR_KERNEL].ints[i],
                           (int)x->dims[1 + i]);
        out->dims[1 + i] = (int32_t)e;
    }
    return IC_OK;
}

static void fill_window(struct ic_step_pool *s, const struct ic_node *n)
{
    const struct ic_value *x = n->inputs[0], *y = n->outputs[0];
    s->n = x->dims[0];
    s->ih = x->dims[1];
    s->iw = x->dims[2];
    s->c = x->dims[3];
    s->oh = y->dims[1];
    s->ow = y->dims[2];
    s->kh = (int32_t)n->attrs[IC_POOL_ATTR_KERNEL].ints[0];
    s->kw = (int32_t)n->attrs[IC_POOL_ATTR_KERNEL].ints[1];
    s->stride_h = (int32_t)n->attrs[IC_POOL_ATTR_STRIDE].ints[0];
    s->stride_w = (int32_t)n->attrs[IC_POOL_ATTR_STRIDE].ints[1];
    s->dilation_h = (int32_t)n->attrs[IC_POOL_ATTR_DILATION].ints[0];
    s->dilation_w = (int32_t)n->attrs[IC_POOL_ATTR_DILATION].ints[1];
    s->pad_top = (int32_t)n->attrs[IC_POOL_ATTR_PAD].ints[0];
    s->pad_left = (int32_t)n->attrs[IC_POOL_ATTR_PAD].ints[1];
    s->pad_bottom = (int32_t)n->attrs[IC_POOL_ATTR_PAD].ints[2];
    s->pad_right = (int32_t)n->attrs[IC_POOL_ATTR_PAD].ints[3];
    s->count_pad = n->attrs[IC_POOL_ATTR_COUNT_PAD].i != 0;
    s->divisor = (int32_t)n->attrs[IC_POOL_ATTR_DIVISOR].i;
}

static enum ic_status lower_pool(struct ic_lowering *l, const struct ic_node *n, enum ic_pool_op op, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *y = n->outputs[0];
    struct ic_step_pool *s = ic_lower_step(l, IC_STEP_POOL, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    s->x = ic_lower_tensor(l, x);
    s->y = ic_lower_tensor(l, y);
    s->mode = ic_arith_of(x);
    s->op = op;
    fill_window(s, n);
    if (s->mode != IC_ARITH_F32) {
        s->mul = (float)((double)x->quant.scales[0] / (double)y->quant.scales[0]);
        s->zx = x->quant.zero;
        s->zy = y->quant.zero;
        ic_code_bounds(y, &n->post, &s->q_lo, &s->q_hi);
    }
    return IC_OK;
}

static enum ic_status lower_max(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    return lower_pool(l, n, IC_POOL_MAX, d);
}

static enum ic_status lower_avg(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    return lower_pool(l, n, IC_POOL_AVG, d);
}

const struct ic_op_def ic_op_max_pool = {.name = "MaxPool",
                                         .min_inputs = 1,
                                         .max_inputs = 1,
                                         .n_outputs = 1,
                                         .attrs = attrs,
                                         .quant = IC_QUANT_KEEP,
                                         .stages = IC_ALL_STAGES,
                                         .infer = infer,
                                         .lower = lower_max};
const struct ic_op_def ic_op_avg_pool = {.name = "AvgPool",
                                         .min_inputs = 1,
                                         .max_inputs = 1,
                                         .n_outputs = 1,
                                         .attrs = attrs,
                                         .quant = IC_QUANT_REQUANT,
                                         .stages = IC_ALL_STAGES,
                                         .infer = infer,
                                         .lower = lower_avg};
