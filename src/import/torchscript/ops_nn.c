/* SPDX-License-Identifier: Apache-2.0
 *
 * Convolutions, pools, batch-norm. torch's order is n c h w, the graph's is n h w c: transposes stand around each node and cancel later.
 */
#include "import/torchscript/ops.h"

#include "ir/op_def.h"

#include <inttypes.h>
#include <string.h>

static const int64_t to_nhwc[] = {0, 2, 3, 1}, to_nchw[] = {0, 3, 1, 2};

struct image { /* a tensor as n c h w, however many axes it came with */
    struct ic_ts_tensor *t;
    bool no_batch, one_axis;
};

/* axes: 1 for n c l, 2 for n c h w; a missing batch axis is added. */
static enum ic_status open_image(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t axes, struct image *out)
{
    *out = (struct image){.t = x, .no_batch = x->rank == axes + 1, .one_axis = axes == 1};
    if (x->rank != axes + 2 && x->rank != axes + 1) {
        const struct ic_ts_value v = ic_ts_of(x);
        return ic_ts_fail(ts, IC_E_SHAPES, "%s is given where batch, channels and %s are expected; is the input shape right?",
                          ic_ts_describe(ts, &v), axes == 1 ? "length" : "height, width");
    }
    const int32_t c = out->no_batch ? 0 : 1;
    const int64_t dims[4] = {out->no_batch ? 1 : x->dims[0], x->dims[c], axes == 1 ? 1 : x->dims[c + 1], x->dims[x->rank - 1]};
    return x->rank == 4 ? IC_OK : ic_ts_reshape(ts, x, 4, dims, &out->t);
}

static enum ic_status close_image(struct ic_ts *ts, const struct image *im, struct ic_value *nhwc, int32_t dtype,
                                  struct ic_ts_value *out)
{
    struct ic_value *v = NULL;
    struct ic_ts_tensor *t = NULL;
    IC_TRY(ic_ts_emit_transpose(ts, nhwc, to_nchw, ".nchw", &v));
    v->layout = IC_VALUE_PLAIN;
    IC_TRY(ic_ts_wrap(ts, v, dtype, &t));
    if (im->no_batch || im->one_axis) {
        int64_t dims[4];
        int32_t rank = 0;
        for (int32_t i = im->no_batch ? 1 : 0; i < 4; ++i)
            if (!(im->one_axis && i == 2))
                dims[rank++] = t->dims[i];
        const int32_t face = t->face;
        IC_TRY(ic_ts_reshape(ts, t, rank, dims, &t));
        t->face = face;
    }
    *out = ic_ts_of(t);
    return IC_OK;
}

static enum ic_status image_value(struct ic_ts *ts, const struct image *im, struct ic_value **out)
{
    struct ic_value *v = NULL;
    IC_TRY(ic_ts_tensor_value(ts, im->t, &v));
    IC_TRY(ic_ts_emit_transpose(ts, v, to_nhwc, ".nhwc", out));
    (*out)->layout = IC_VALUE_NHWC;
    return IC_OK;
}

/* ---- convolution ---- */
/* [oc][ic][kh][kw] to [oc][kh][kw][ic]; the same bytes when either part is 1. */
static enum ic_status conv_weight(struct ic_ts *ts, struct ic_ts_tensor *w, struct ic_value **out)
{
    const float *from = NULL;
    const size_t ic = (size_t)w->dims[1], k = (size_t)(w->dims[2] * w->dims[3]), oc = (size_t)w->dims[0];
    IC_TRY(ic_ts_check_weight(ts, w));
    if (w->later && !w->now.data && ic_ts_is_large_in_file(ts, w->later->base))
        return ic_ts_turned_weight(ts, w, (const int64_t[]){0, 2, 3, 1}, out);
    if (ic_ts_is_large_in_file(ts, w) && (w->dtype == IC_TS_F16 || (ic != 1 && k != 1))) {
        IC_TRY(ic_ts_permute(ts, w, (const int32_t[]){0, 2, 3, 1}, &w));
        return ic_ts_weight_value(ts, w, out);
    }
    IC_TRY(ic_ts_weight_f32(ts, w, &from));
    const int32_t dims[4] = {(int32_t)w->dims[0], (int32_t)w->dims[2], (int32_t)w->dims[3], (int32_t)w->dims[1]};
    const float *data = from;
    if (ic != 1 && k != 1) {
        float *to = ic_arena_aligned(&ts->graph->arena, oc * ic * k * sizeof *to, 64);
        if (!to)
            return ic_ts_no_memory(ts);
        for (size_t o = 0; o < oc; ++o)
            for (size_t tap = 0; tap < k; ++tap)
                for (size_t c = 0; c < ic; ++c)
                    to[(o * k + tap) * ic + c] = from[(o * ic + c) * k + tap];
        data = to;
    }
    *out = ic_graph_const_lent(ts->graph, w->name ? w->name : "constant", IC_F32, 4, dims, data);
    return *out ? IC_OK : ic_ts_no_memory(ts);
}

struct conv {
    struct ic_ts_tensor *x, *w, *bias; /* bias NULL: none */
    int32_t axes;
    int64_t stride[2], pad[4], dilation[2], groups;
};

/* Weights that are computed: the windows side by side, times the weights. */
static enum ic_status dynamic_conv(struct ic_ts *ts, const struct conv *c, struct ic_ts_value *out)
{
    const int first = 2 - c->axes;
    struct ic_ts_value pad[2] = {ic_ts_of(c->x)}, x,
                       arg[7] = {{0}, ic_ts_of(c->w), c->bias ? ic_ts_of(c->bias) : ic_ts_none(), [6] = ic_ts_int(c->groups)};
    IC_TRY(ic_ts_ints(ts, 2 * c->axes, (const int64_t[]){c->pad[1], c->pad[3], c->pad[0], c->pad[2]}, &pad[1]));
    IC_TRY(ic_ts_call_op(ts, "aten", "constant_pad_nd", pad, 2, &x));
    arg[0] = x;
    IC_TRY(ic_ts_ints(ts, c->axes, &c->stride[first], &arg[3]));
    IC_TRY(ic_ts_ints(ts, c->axes, (const int64_t[]){0, 0}, &arg[4]));
    IC_TRY(ic_ts_ints(ts, c->axes, &c->dilation[first], &arg[5]));
    return ic_ts_call_op(ts, "ic", "windows_product", arg, 7, out);
}

static enum ic_status emit_conv(struct ic_ts *ts, struct conv *c, struct ic_ts_value *out)
{
    struct image im;
    struct ic_value *in[3] = {0};
    struct ic_node *n = NULL;
    IC_TRY(open_image(ts, c->x, c->axes, &im));
    if (!ic_ts_is_known(c->w) || (c->bias && !ic_ts_is_known(c->bias))) {
        return dynamic_conv(ts, c, out);
    }
    if (c->w->rank != c->axes + 2 || c->groups < 1 || c->w->dims[1] * c->groups != im.t->dims[1] ||
        c->w->dims[0] % c->groups != 0) {
        const struct ic_ts_value x = ic_ts_of(c->x), w = ic_ts_of(c->w);
        return ic_ts_fail(ts, IC_E_SHAPES,
                          "a convolution of %s with weights %s in %" PRId64 " groups does not fit; is the input shape right?",
                          ic_ts_describe(ts, &x), ic_ts_describe(ts, &w), c->groups);
    }
    if (c->axes == 1)
        IC_TRY(ic_ts_reshape(ts, c->w, 4, (const int64_t[]){c->w->dims[0], c->w->dims[1], 1, c->w->dims[2]}, &c->w));
    IC_TRY(image_value(ts, &im, &in[0]));
    IC_TRY(conv_weight(ts, c->w, &in[1]));
    if (c->bias) {
        IC_TRY(ic_ts_check_weight(ts, c->bias));
        IC_TRY(ic_ts_tensor_value(ts, c->bias, &in[2]));
    }
    IC_TRY(ic_ts_node(ts, IC_OP_CONV, in, c->bias ? 3 : 2, "", &n));
    ic_ts_set_ints_attr(n, IC_CONV_STRIDE, 2, c->stride);
    ic_ts_set_ints_attr(n, IC_CONV_DILATION, 2, c->dilation);
    ic_ts_set_ints_attr(n, IC_CONV_PAD, 4, c->pad);
    ic_ts_set_int_attr(n, IC_CONV_GROUPS, c->groups);
    IC_TRY(ic_ts_finish(ts, n, &in[0]));
    in[0]->layout = IC_VALUE_NHWC;
    return close_image(ts, &im, in[0], c->x->dtype, out);
}

static struct conv start_conv(const struct ic_ts_value *arg, int32_t axes)
{
    return (struct conv){.x = arg[0].u.t,
                         .w = arg[1].u.t,
                         .bias = arg[2].kind == IC_TS_V_TENSOR ? arg[2].u.t : NULL,
                         .axes = axes,
                         .stride = {1, 1},
                         .dilation = {1, 1},
                         .groups = 1};
}

/* The numbers of a list for the last axes: one axis of length stands as width. */
static bool spread(const struct ic_ts_value *list, int32_t axes, int64_t *out)
{
    if (ic_ts_list_n(list) != axes && ic_ts_list_n(list) != 1)
        return false;
    out[1] = ic_ts_list_int(list, ic_ts_list_n(list) - 1);
    if (axes == 2)
        out[0] = ic_ts_list_int(list, 0);
    return true;
}

static enum ic_status set_window(struct ic_ts *ts, struct conv *c, const struct ic_ts_value *stride, const struct ic_ts_value *pad,
                                 const struct ic_ts_value *dilation)
{
    int64_t p[2] = {0, 0};
    if (!spread(stride, c->axes, c->stride) || (pad && !spread(pad, c->axes, p)) || !spread(dilation, c->axes, c->dilation))
        return ic_ts_fail(ts, IC_E_SHAPES, "stride, padding and dilation of a convolution must have %d numbers", c->axes);
    for (int i = 0; i < 2; ++i)
        if (c->stride[i] < 1 || c->dilation[i] < 1 || p[i] < 0 || c->stride[i] > 65535 || c->dilation[i] > 65535 || p[i] > 65535)
            return ic_ts_fail(ts, IC_E_SHAPES,
                              "stride %" PRId64 ", padding %" PRId64 ", dilation %" PRId64 " of a convolution are out of range",
                              c->stride[i], p[i], c->dilation[i]);
    c->pad[0] = c->pad[2] = p[0];
    c->pad[1] = c->pad[3] = p[1];
    return IC_OK;
}

/* conv1d, conv2d: input, weight, bias, stride, padding, dilation, groups; row->i axes */
enum ic_status ic_ts_op_conv(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct conv c = start_conv(arg, row->i);
    c.groups = arg[6].u.i;
    IC_TRY(set_window(ts, &c, &arg[3], &arg[4], &arg[5]));
    return emit_conv(ts, &c, out);
}

/* padding="same" or "valid"; row->i: axes, 0: as many as the weights have */
enum ic_status ic_ts_op_conv_same(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const int32_t axes = row->i ? row->i : arg[1].u.t->rank - 2;
    if (axes == 3)
        return ic_ts_call_op(ts, "aten", "conv3d", arg, 7, out);
    if (axes < 1 || axes > 2)
        return ic_ts_fail(ts, IC_E_SHAPES, "a convolution with weights %s", ic_ts_describe(ts, &arg[1]));
    struct conv c = start_conv(arg, axes);
    c.groups = arg[6].u.i;
    IC_TRY(set_window(ts, &c, &arg[3], NULL, &arg[5]));
    const bool same = strcmp(arg[4].u.text->text, "same") == 0;
    for (int i = 2 - axes; same && i < 2 && c.w->rank == axes + 2; ++i) {
        const int64_t total = c.dilation[i] * (c.w->dims[i + axes] - 1);
        c.pad[i] = total / 2;
        c.pad[i + 2] = total - total / 2; /* the odd one after, as torch does */
    }
    return emit_conv(ts, &c, out);
}

/* _convolution, convolution: input, weight, bias, stride, padding, dilation, transposed, output_padding, groups, flags */
enum ic_status ic_ts_op_convolution(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    static const char *const transposed[] = {"conv_transpose1d", "conv_transpose2d", "conv_transpose3d"};
    const int32_t axes = arg[1].u.t->rank - 2;
    (void)row;
    if (axes < 1 || axes > 3)
        return ic_ts_fail(ts, IC_E_SHAPES, "a convolution with weights %s", ic_ts_describe(ts, &arg[1]));
    if (arg[6].u.i) {
        struct ic_ts_value args[8] = {arg[0], arg[1], arg[2], arg[3], arg[4], arg[7], arg[8], arg[5]};
        return ic_ts_call_op(ts, "aten", transposed[axes - 1], args, 8, out);
    }
    if (axes == 3) {
        struct ic_ts_value args[7] = {arg[0], arg[1], arg[2], arg[3], arg[4], arg[5], arg[8]};
        return ic_ts_call_op(ts, "aten", "conv3d", args, 7, out);
    }
    struct conv c = start_conv(arg, axes);
    c.groups = arg[8].u.i;
    IC_TRY(set_window(ts, &c, &arg[3], &arg[4], &arg[5]));
    return emit_conv(ts, &c, out);
}

/* ---- pools ---- */
struct pool {
    enum ic_op op;
    int32_t axes;
    int64_t kernel[2], stride[2], pad[2], dilation[2], ceil, count_pad, divisor;
};

/* With ceil mode one window may be larger than the padded input; what lies outside does not count. */
static void fit_windows(const struct ic_value *x, struct pool *p)
{
    for (int i = 0; i < 2; ++i) {
        const int64_t whole = x->dims[1 + i] + 2 * p->pad[i];
        if (p->ceil && p->dilation[i] == 1 && whole > 0 && p->kernel[i] > whole && p->kernel[i] - whole < p->stride[i])
            p->kernel[i] = whole;
    }
}

static enum ic_status emit_pool(struct ic_ts *ts, struct ic_ts_tensor *x, struct pool *p, struct ic_ts_value *out)
{
    struct image im;
    struct ic_value *v = NULL;
    struct ic_node *n = NULL;
    for (int i = 0; i < 2; ++i)
        if (p->kernel[i] < 1 || p->stride[i] < 1 || p->pad[i] < 0 || p->dilation[i] < 1 || p->kernel[i] > 65535 ||
            p->stride[i] > 65535 || p->pad[i] > 65535 || p->dilation[i] > 65535)
            return ic_ts_fail(ts, IC_E_SHAPES,
                              "kernel %" PRId64 ", stride %" PRId64 ", padding %" PRId64 " of a pool are out of range",
                              p->kernel[i], p->stride[i], p->pad[i]);
    const int64_t pads[4] = {p->pad[0], p->pad[1], p->pad[0], p->pad[1]};
    IC_TRY(open_image(ts, x, p->axes, &im));
    IC_TRY(image_value(ts, &im, &v));
    fit_windows(v, p);
    IC_TRY(ic_ts_node(ts, p->op, &v, 1, "", &n));
    ic_ts_set_ints_attr(n, IC_POOL_ATTR_KERNEL, 2, p->kernel);
    ic_ts_set_ints_attr(n, IC_POOL_ATTR_STRIDE, 2, p->stride);
    ic_ts_set_ints_attr(n, IC_POOL_ATTR_DILATION, 2, p->dilation);
    ic_ts_set_ints_attr(n, IC_POOL_ATTR_PAD, 4, pads);
    ic_ts_set_int_attr(n, IC_POOL_ATTR_CEIL, p->ceil);
    ic_ts_set_int_attr(n, IC_POOL_ATTR_COUNT_PAD, p->count_pad);
    ic_ts_set_int_attr(n, IC_POOL_ATTR_DIVISOR, p->divisor);
    IC_TRY(ic_ts_finish(ts, n, &v));
    v->layout = IC_VALUE_NHWC;
    return close_image(ts, &im, v, x->dtype, out);
}

static enum ic_status read_pool(struct ic_ts *ts, struct pool *p, int32_t axes, const struct ic_ts_value *kernel,
                                const struct ic_ts_value *stride, const struct ic_ts_value *pad)
{
    p->axes = axes;
    for (int i = 0; i < 2; ++i) {
        p->kernel[i] = p->stride[i] = p->dilation[i] = 1;
        p->pad[i] = 0;
    }
    const bool no_stride = ic_ts_list_n(stride) == 0;
    if (!spread(kernel, axes, p->kernel) || !spread(no_stride ? kernel : stride, axes, p->stride) || !spread(pad, axes, p->pad))
        return ic_ts_fail(ts, IC_E_SHAPES, "kernel, stride and padding of a pool must have %d numbers", axes);
    return IC_OK;
}

enum ic_status ic_ts_op_max_pool(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct pool p = {.op = IC_OP_MAX_POOL};
    IC_TRY(read_pool(ts, &p, row->i, &arg[1], &arg[2], &arg[3]));
    if (!spread(&arg[4], row->i, p.dilation))
        return ic_ts_fail(ts, IC_E_SHAPES, "dilation of a pool must have %d numbers", row->i);
    p.ceil = arg[5].u.i;
    return emit_pool(ts, arg[0].u.t, &p, out);
}

enum ic_status ic_ts_op_avg_pool(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct pool p = {.op = IC_OP_AVG_POOL};
    IC_TRY(read_pool(ts, &p, row->i, &arg[1], &arg[2], &arg[3]));
    p.ceil = arg[4].u.i;
    p.count_pad = arg[5].u.i;
    p.divisor = row->i == 2 && arg[6].kind == IC_TS_V_INT ? arg[6].u.i : 0;
    return emit_pool(ts, arg[0].u.t, &p, out);
}

/* Output sizes that divide the input's are plain pools; [1, 1] is the mean; others are sums with constant shares. row->i: axes */
enum ic_status ic_ts_op_adaptive_avg(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                     struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *t = NULL;
    const int32_t axes = row->i;
    struct pool p = {.op = IC_OP_AVG_POOL, .axes = axes, .kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}};
    int64_t sizes[3];
    bool all_one = true, divides = axes <= 2;
    if (x->rank < axes + 1 || ic_ts_list_n(&arg[1]) != axes)
        return ic_ts_fail(ts, IC_E_SHAPES, "an adaptive pool of %s", ic_ts_describe(ts, &arg[0]));
    for (int32_t i = 0; i < axes; ++i) {
        const struct ic_ts_value *v = &arg[1].u.seq->items[i];
        const int64_t size = x->dims[x->rank - axes + i];
        sizes[i] = v->kind == IC_TS_V_INT ? v->u.i : size; /* None keeps the size */
        all_one = all_one && sizes[i] == 1;
        divides = divides && sizes[i] > 0 && size % sizes[i] == 0;
        if (divides)
            p.kernel[2 - axes + i] = p.stride[2 - axes + i] = size / sizes[i];
    }
    if (all_one) {
        const int32_t last[3] = {x->rank - axes, x->rank - axes + 1, x->rank - 1};
        IC_TRY(ic_ts_reduce(ts, IC_OP_REDUCE_MEAN, x, axes, axes == 2 ? (const int32_t[]){last[0], last[2]} : last, true, &t));
        *out = ic_ts_of(t);
        return IC_OK;
    }
    return divides ? emit_pool(ts, x, &p, out) : ic_ts_adaptive_average(ts, x, axes, sizes, out);
}

/* ---- batch-norm: x, weight, bias, running_mean, running_var, training, momentum, eps, cudnn ---- */
static enum ic_status channel_constant(struct ic_ts *ts, const struct ic_ts_value *v, int64_t channels, float preset,
                                       struct ic_value **out)
{
    if (v->kind == IC_TS_V_TENSOR) {
        IC_TRY(ic_ts_check_weight(ts, v->u.t));
        return ic_ts_tensor_value(ts, v->u.t, out);
    }
    float *to = ic_arena_array(&ts->graph->arena, channels ? (size_t)channels : 1, sizeof *to);
    if (!to)
        return ic_ts_no_memory(ts);
    for (int64_t i = 0; i < channels; ++i)
        to[i] = preset;
    const int32_t dims[1] = {(int32_t)channels};
    *out = ic_graph_const_lent(ts->graph, "constant", IC_F32, 1, dims, to);
    return *out ? IC_OK : ic_ts_no_memory(ts);
}

enum ic_status ic_ts_op_batch_norm(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *t = NULL;
    struct ic_value *in[5] = {0};
    struct ic_node *n = NULL;
    (void)row;
    if (arg[3].kind != IC_TS_V_TENSOR || arg[4].kind != IC_TS_V_TENSOR)
        return ic_ts_batch_statistics(ts, arg, out);
    if (arg[5].u.i)
        ic_ts_say_training(ts, "batch_norm");
    if (x->rank < 2)
        return ic_ts_fail(ts, IC_E_SHAPES, "a batch-norm of %s; is the input shape right?", ic_ts_describe(ts, &arg[0]));
    for (int i = 1; i < 5; ++i)
        if (arg[i].kind == IC_TS_V_TENSOR && (arg[i].u.t->rank != 1 || arg[i].u.t->dims[0] != x->dims[1]))
            return ic_ts_fail(ts, IC_E_SHAPES, "a batch-norm of %s does not fit %s; is the input shape right?",
                              ic_ts_describe(ts, &arg[0]), ic_ts_describe(ts, &arg[i]));
    for (int i = 1; i < 5; ++i)
        if (arg[i].kind == IC_TS_V_TENSOR && !ic_ts_is_known(arg[i].u.t)) {
            struct ic_ts_value args[] = {arg[0], arg[1], arg[2], arg[3], arg[4], arg[7]};
            return ic_ts_call_op(ts, "ic", "batch_norm", args, 6, out);
        }
    IC_TRY(ic_ts_tensor_value(ts, x, &in[0]));
    for (int i = 1; i < 5; ++i)
        IC_TRY(channel_constant(ts, &arg[i], x->dims[1], i == 1 ? 1.0f : 0.0f, &in[i]));
    IC_TRY(ic_ts_node(ts, IC_OP_BATCH_NORM, in, 5, "", &n));
    ic_ts_set_int_attr(n, IC_BATCH_NORM_AXIS, 1);
    ic_ts_set_float_attr(n, IC_BATCH_NORM_EPS, ic_ts_number(&arg[7]));
    IC_TRY(ic_ts_finish(ts, n, &in[0]));
    IC_TRY(ic_ts_wrap(ts, in[0], x->dtype, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}
