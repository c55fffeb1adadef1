/* SPDX-License-Identifier: Apache-2.0
 *
 * Convolutions, pools, fully connected layers. Pictures are n c h w in ONNX, weights o c h w.
 */
#include "export/emit.h"

/* Constant v, of which axis i is axis perm[i], as floats (dequantized where it is codes). scale_axis: of the result. */
static const char *constant(struct ic_emit *e, const struct ic_value *v, const int32_t *perm, int32_t scale_axis)
{
    struct ic_value turned = *v;
    turned.data = ic_emit_permuted(e, v, perm, turned.dims);
    if (!turned.data) {
        e->failed = true;
        return "";
    }
    return ic_emit_constant(e, &turned, scale_axis);
}

/* The bias of n: f32, or s32 in steps of input scale times weight scale. NULL: none. */
static const char *bias_of(struct ic_emit *e, const struct ic_node *n)
{
    const struct ic_value *x = n->inputs[0], *w = n->inputs[1], *b = n->n_inputs > 2 ? n->inputs[2] : NULL;
    if (!b)
        return NULL;
    if (b->dtype != IC_S32)
        return ic_emit_value(e, b, IC_FORM_REAL);
    float *scales = ic_arena_array(&e->arena, (size_t)w->quant.n_scales + 1, sizeof *scales);
    if (!scales) {
        e->failed = true;
        return "";
    }
    for (int32_t i = 0; i < w->quant.n_scales; i++)
        scales[i] = x->quant.scales[0] * w->quant.scales[i];
    struct ic_value coded = *b;
    coded.quant = (struct ic_quant){.n_scales = w->quant.n_scales, .scales = scales};
    return ic_emit_constant(e, &coded, 0);
}

bool ic_emit_conv(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    static const int32_t perm[4] = {0, 3, 1, 2};
    const struct ic_value *w = n->inputs[1];
    const char *inputs[3] = {ic_emit_value(e, n->inputs[0], IC_FORM_TURNED | IC_FORM_REAL), "", NULL};
    if (!w->data)
        *why = "its weights are computed";
    else
        inputs[1] = constant(e, w, perm, 0);
    if (*why)
        return false;
    inputs[2] = bias_of(e, n);
    ic_emit_ints(e, "kernel_shape", (const int64_t[]){w->dims[1], w->dims[2]}, 2);
    ic_emit_ints(e, "strides", n->attrs[IC_CONV_STRIDE].ints, 2);
    ic_emit_ints(e, "dilations", n->attrs[IC_CONV_DILATION].ints, 2);
    ic_emit_ints(e, "pads", n->attrs[IC_CONV_PAD].ints, 4);
    ic_emit_int(e, "group", n->attrs[IC_CONV_GROUPS].i);
    const char *raw = ic_emit_raw(e, n, IC_FORM_TURNED);
    ic_emit_node(e, "Conv", inputs, inputs[2] ? 3 : 2, raw);
    return ic_emit_end(e, n, IC_FORM_TURNED, raw, why);
}

bool ic_emit_linear(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    static const int32_t same[2] = {0, 1}, swapped[2] = {1, 0};
    const struct ic_value *x = n->inputs[0], *w = n->inputs[1];
    const char *real = ic_emit_value(e, x, IC_FORM_REAL), *bias = bias_of(e, n), *raw = ic_emit_raw(e, n, 0);
    if (!w->data) {
        *why = "its weights are computed";
        return false;
    }
    if (x->rank == 2) {
        const char *inputs[3] = {real, constant(e, w, same, 0), bias};
        ic_emit_int(e, "transB", 1);
        ic_emit_node(e, "Gemm", inputs, bias ? 3 : 2, raw);
        return ic_emit_end(e, n, 0, raw, why);
    }
    const char *inputs[2] = {real, constant(e, w, swapped, 1)}, *product = bias ? ic_emit_fresh(e) : raw;
    ic_emit_node(e, "MatMul", inputs, 2, product);
    if (bias)
        ic_emit_node(e, "Add", (const char *[]){product, bias}, 2, raw);
    return ic_emit_end(e, n, 0, raw, why);
}

/* Padding after the last row or column with which rounding down gives the same number of windows. */
static int64_t pad_after(const struct ic_node *n, int i)
{
    const int64_t in = n->inputs[0]->dims[1 + i], out = n->outputs[0]->dims[1 + i], stride = n->attrs[IC_POOL_ATTR_STRIDE].ints[i],
                  covered = n->attrs[IC_POOL_ATTR_DILATION].ints[i] * (n->attrs[IC_POOL_ATTR_KERNEL].ints[i] - 1) + 1,
                  needed = (out - 1) * stride + covered - in - n->attrs[IC_POOL_ATTR_PAD].ints[i];
    const int64_t given = n->attrs[IC_POOL_ATTR_PAD].ints[i + 2];
    return n->attrs[IC_POOL_ATTR_CEIL].i && needed > 0 ? needed : given;
}

/* Zeros as far as they count; *pads is what is left for the pool itself. */
static const char *pad_counted(struct ic_emit *e, const struct ic_node *n, const char *x, int64_t *pads)
{
    const int64_t *own = n->attrs[IC_POOL_ATTR_PAD].ints;
    const int64_t all[8] = {0, 0, own[0], own[1], 0, 0, own[2], own[3]};
    if (own[0] || own[1] || own[2] || own[3])
        x = ic_emit_binary(e, "Pad", x, ic_emit_list(e, all, 8));
    for (int i = 0; i < 4; i++)
        pads[i] = pads[i] > own[i] ? pads[i] - own[i] : 0;
    return x;
}

bool ic_emit_pool(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    const bool max = n->op == IC_OP_MAX_POOL;
    const int64_t divisor = n->attrs[IC_POOL_ATTR_DIVISOR].i, *kernel = n->attrs[IC_POOL_ATTR_KERNEL].ints;
    int64_t pads[4] = {n->attrs[IC_POOL_ATTR_PAD].ints[0], n->attrs[IC_POOL_ATTR_PAD].ints[1], pad_after(n, 0), pad_after(n, 1)};
    const char *x = ic_emit_value(e, n->inputs[0], IC_FORM_TURNED | IC_FORM_REAL), *raw = ic_emit_raw(e, n, IC_FORM_TURNED);
    if (!max && (n->attrs[IC_POOL_ATTR_DILATION].ints[0] != 1 || n->attrs[IC_POOL_ATTR_DILATION].ints[1] != 1)) {
        *why = "averages with dilation came with opset 19";
        return false;
    }
    if (!max && divisor) /* zeros outside: the divisor counts all taps anyway */
        x = ic_emit_binary(e, "Pad", x, ic_emit_list(e, (const int64_t[]){0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]}, 8));
    else if (!max && n->attrs[IC_POOL_ATTR_COUNT_PAD].i)
        x = pad_counted(e, n, x, pads);
    ic_emit_ints(e, "kernel_shape", kernel, 2);
    ic_emit_ints(e, "strides", n->attrs[IC_POOL_ATTR_STRIDE].ints, 2);
    if (max)
        ic_emit_ints(e, "dilations", n->attrs[IC_POOL_ATTR_DILATION].ints, 2);
    ic_emit_ints(e, "pads", !max && divisor ? (const int64_t[4]){0} : pads, 4);
    const char *pooled = !max && divisor ? ic_emit_fresh(e) : raw;
    ic_emit_node(e, max ? "MaxPool" : "AveragePool", &x, 1, pooled);
    if (!max && divisor)
        ic_emit_map(e, pooled, IC_MAP_AFFINE, (double)(kernel[0] * kernel[1]) / (double)divisor, 0.0, raw);
    return ic_emit_end(e, n, IC_FORM_TURNED, raw, why);
}
