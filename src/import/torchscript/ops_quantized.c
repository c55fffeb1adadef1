/* SPDX-License-Identifier: Apache-2.0
 *
 * quantized::* and what leads there and back. Layers are computed by the float operators between Quantize and Dequantize nodes.
 */
#include "import/torchscript/quantized.h"

#include "import/torchscript/ops.h"
#include "import/torchscript/report.h"

#include <string.h>

/* ---- parameters ---- */
/* A number, or a known tensor of one. */
static enum ic_status number_of(struct ic_ts *ts, const struct ic_ts_value *v, double *out)
{
    bool known = ic_ts_is_number(v);
    if (known)
        *out = ic_ts_number(v);
    else if (v->kind == IC_TS_V_TENSOR)
        IC_TRY(ic_ts_tensor_number(ts, v->u.t, &known, out));
    return known ? IC_OK : ic_ts_fail(ts, IC_E_DATA_DEPENDENT, "a scale or zero point depends on the data (dynamic quantization)");
}

static enum ic_status quantize_to(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t dtype, const struct ic_ts_value *scale,
                                  const struct ic_ts_value *zero, struct ic_ts_value *out)
{
    double s = 0, z = 0;
    struct ic_ts_tensor *t = NULL;
    IC_TRY(number_of(ts, scale, &s));
    IC_TRY(number_of(ts, zero, &z));
    IC_TRY(ic_ts_quantize(ts, x, dtype, s, (int64_t)z, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* ---- there and back ---- */
/* x, scale, zero point, dtype */
enum ic_status ic_ts_op_quantize_per_tensor(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                            struct ic_ts_value *out)
{
    (void)row;
    return quantize_to(ts, arg[0].u.t, (int32_t)arg[3].u.i, &arg[1], &arg[2], out);
}

enum ic_status ic_ts_op_dequantize(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    (void)row;
    *out = arg[0];
    if (!ic_ts_is_coded(arg[0].u.t))
        return IC_OK;
    IC_TRY(ic_ts_tensor_new(ts, IC_TS_F32, arg[0].u.t->rank, arg[0].u.t->dims, &t));
    t->now = arg[0].u.t->now;
    t->face = arg[0].u.t->face;
    *out = ic_ts_of(t);
    return IC_OK;
}

/* ---- packed weights ---- */
static const struct ic_ts_value *field(struct ic_ts *ts, const struct ic_ts_value *packed, const char *name)
{
    static const struct ic_ts_value none = {.kind = IC_TS_V_NONE};
    const char *interned = ic_ts_intern(&ts->archive->names, name, strlen(name));
    const struct ic_ts_value *v = packed->kind == IC_TS_V_OBJECT && interned ? ic_ts_attr_find(packed->u.o, interned) : NULL;
    return v ? v : &none;
}

/* quantized::linear_prepack(weight, bias); conv: weight, bias, stride, padding, dilation, groups */
enum ic_status ic_ts_op_prepack(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    static const char *const names[] = {"weight", "bias", "stride", "padding", "dilation", "groups"};
    struct ic_ts_object *o = ic_arena_alloc(&ts->arena, sizeof *o);
    if (!o)
        return ic_ts_no_memory(ts);
    *o = (struct ic_ts_object){.class_path = "__torch__.torch.classes.quantized.PackedParams", .path = ts->frame->path};
    for (int32_t i = 0; i < (row->i ? 6 : 2); ++i) {
        const char *interned = ic_ts_intern(&ts->archive->names, names[i], strlen(names[i]));
        if (!interned)
            return ic_ts_no_memory(ts);
        IC_TRY(ic_ts_attr_set(ts, o, interned, arg[i]));
    }
    *out = (struct ic_ts_value){.kind = IC_TS_V_OBJECT, .u.o = o};
    return IC_OK;
}

/* The weights of the layer just emitted say their scales, from which codes are made again. */
static enum ic_status mark_weights(struct ic_ts *ts, int32_t first_node, const struct ic_ts_tensor *w)
{
    const struct ic_ts_coding *c = w->coding;
    bool symmetric = c != NULL && (c->n == 1 || c->axis == 0);
    for (int32_t i = 0; symmetric && i < c->n; ++i)
        symmetric = c->zeros[i] == 0;
    const float *scales = symmetric ? ic_arena_copy(&ts->graph->arena, c->scales, (size_t)c->n * sizeof *c->scales) : NULL;
    if (symmetric && !scales)
        return ic_ts_no_memory(ts);
    for (int32_t i = first_node; symmetric && i < ts->graph->n_nodes; ++i) {
        const struct ic_node *n = ts->graph->nodes[i];
        if ((n->op == IC_OP_CONV || n->op == IC_OP_LINEAR) && n->inputs[1]->data && (c->n == 1 || n->inputs[1]->dims[0] == c->n))
            n->inputs[1]->quant = (struct ic_quant){.n_scales = c->n, .axis = 0, .scales = scales};
    }
    return IC_OK;
}

static enum ic_status layer(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *x, const struct ic_ts_value *packed,
                            struct ic_ts_value *out)
{
    struct ic_ts_value weight = *field(ts, packed, "weight");
    const int32_t first = ts->graph->n_nodes;
    if (weight.kind != IC_TS_V_TENSOR)
        return ic_ts_fail(ts, IC_E_TENSOR, "a quantized layer without its weights");
    struct ic_ts_tensor plain = *weight.u.t; /* a value of its own, whose constant can carry the scales */
    plain.now.value = NULL;
    plain.f32 = NULL;
    weight.u.t = ic_arena_copy(&ts->arena, &plain, sizeof plain);
    if (!weight.u.t)
        return ic_ts_no_memory(ts);
    if (row->i == 0) {
        struct ic_ts_value args[] = {*x, weight, *field(ts, packed, "bias")};
        IC_TRY(ic_ts_op_linear(ts, row, args, out));
    } else {
        struct ic_ts_value args[] = {*x,
                                     weight,
                                     *field(ts, packed, "bias"),
                                     *field(ts, packed, "stride"),
                                     *field(ts, packed, "padding"),
                                     *field(ts, packed, "dilation"),
                                     *field(ts, packed, "groups")};
        const struct ic_ts_value *transposed = field(ts, packed, "transposed");
        if (transposed->kind == IC_TS_V_BOOL && transposed->u.i)
            return ic_ts_unsupported(ts, "quantized::conv_transpose", "transposed convolutions stay in float: do not quantize them",
                                     x, 1, out);
        if (args[6].kind != IC_TS_V_INT || args[3].kind != IC_TS_V_LIST)
            return ic_ts_fail(ts, IC_E_TENSOR, "a quantized convolution without its settings");
        IC_TRY(ic_ts_op_conv(ts, row, args, out));
    }
    IC_TRY(mark_weights(ts, first, weight.u.t));
    if (row->a == 0)
        return IC_OK;
    IC_TRY(ic_ts_unary(ts, IC_MAP_RELU, 0, 0, out->u.t, &out->u.t));
    return IC_OK;
}

/* quantized::linear, conv1d, conv2d (x, packed, scale, zero); row->i: axes of a convolution, 0 linear; row->a: with a relu */
enum ic_status ic_ts_op_quantized_layer(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                        struct ic_ts_value *out)
{
    const int32_t dtype = arg[0].u.t->dtype;
    IC_TRY(layer(ts, row, &arg[0], &arg[1], out));
    return out->kind == IC_TS_V_TENSOR ? quantize_to(ts, out->u.t, dtype, &arg[2], &arg[3], out) : IC_OK;
}

/* quantized::linear_dynamic (x, packed, reduce_range): the input's range is found while running, which no chip here does */
enum ic_status ic_ts_op_dynamic_layer(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                      struct ic_ts_value *out)
{
    if (!ts->said_dynamic)
        ic_say(ts->d, 'W',
               "dynamically quantized layers (the first is %s) are computed in float with their rounded weights: quantize the "
               "float model "
               "with --dtype uint8 for integers",
               ts->frame->path[0] ? ts->frame->path : "at the top");
    ts->said_dynamic = true;
    return layer(ts, row, &arg[0], &arg[1], out);
}

/* ---- two operands ---- */
/* quantized::add, mul and their relu forms (a, b, scale, zero); row->i: enum ic_ts_binary, row->a: with a relu */
enum ic_status ic_ts_op_quantized_binary(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                         struct ic_ts_value *out)
{
    const int32_t dtype = arg[0].u.t->dtype;
    IC_TRY(ic_ts_binary(ts, row->i, &arg[0], &arg[1], out));
    if (row->a != 0)
        IC_TRY(ic_ts_unary(ts, IC_MAP_RELU, 0, 0, out->u.t, &out->u.t));
    return quantize_to(ts, out->u.t, dtype, &arg[2], &arg[3], out);
}

/* quantized::cat(tensors, dim, scale, zero) */
enum ic_status ic_ts_op_quantized_cat(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                      struct ic_ts_value *out)
{
    const struct ic_ts_seq *list = arg[0].u.seq;
    struct ic_ts_value args[] = {arg[0], arg[1]};
    if (list->n < 1 || list->items[0].kind != IC_TS_V_TENSOR)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "quantized::cat of no tensor");
    const int32_t dtype = list->items[0].u.t->dtype;
    IC_TRY(ic_ts_op_cat(ts, row, args, out));
    return arg[2].kind == IC_TS_V_NONE || arg[3].kind == IC_TS_V_NONE ? IC_OK
                                                                      : quantize_to(ts, out->u.t, dtype, &arg[2], &arg[3], out);
}

/* ---- functions with parameters of their own (x, [a], scale, zero); row->i: enum ic_map_fn ---- */
enum ic_status ic_ts_op_quantized_map(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                      struct ic_ts_value *out)
{
    const int32_t dtype = arg[0].u.t->dtype;
    const bool with = row->i == IC_MAP_LEAKY_RELU;
    IC_TRY(ic_ts_unary(ts, (enum ic_map_fn)row->i, with ? ic_ts_number(&arg[1]) : 0, 0, arg[0].u.t, &arg[0].u.t));
    return quantize_to(ts, arg[0].u.t, dtype, &arg[with ? 3 : 1], &arg[with ? 4 : 2], out);
}
