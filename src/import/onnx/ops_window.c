/* SPDX-License-Identifier: Apache-2.0
 *
 * Convolutions and pools over one, two or three axes. ONNX's order is n c d h w, the graph's is n h w c: transposes stand around each node and
 * cancel later. A third axis is unfolded into the channels (convolutions) or pooled by itself (pools): the graph knows two.
 */
#include "import/onnx/ops.h"

#include "arith/integers.h"

#include <math.h>
#include <string.h>

enum { MAX_AXES = 3 };

struct window {
    int32_t n; /* axes */
    int64_t kernel[MAX_AXES], stride[MAX_AXES], dilation[MAX_AXES], before[MAX_AXES], after[MAX_AXES];
    bool ceil;
};

static void read_axis_list(struct ic_onnx *o, const char *name, int32_t n, int64_t otherwise, int64_t *out)
{
    int64_t given[IC_MAX_ATTR_INTS];
    const int32_t found = ic_onnx_ints(o, name, given, IC_MAX_ATTR_INTS);
    if (found >= 0 && found != n)
        ic_onnx_fail(o, "%s has %d numbers for %d axes", name, (int)found, (int)n);
    for (int32_t i = 0; i < n; i++) {
        out[i] = found == n ? given[i] : otherwise;
        if (out[i] < 1 || out[i] > 1 << 20)
            ic_onnx_fail(o, "%s of axis %d is %lld", name, (int)i, (long long)out[i]);
    }
}

/* x: n c and the axes; kernel sizes given or from attribute kernel_shape. */
static bool read_window(struct ic_onnx *o, const struct ic_value *x, const int64_t *kernel, struct window *w)
{
    int64_t pads[2 * MAX_AXES] = {0};
    *w = (struct window){.n = x->rank - 2, .ceil = ic_onnx_int(o, "ceil_mode", 0) != 0};
    if (w->n < 1 || w->n > MAX_AXES) {
        ic_onnx_refuse(o, "a window over %d axes; one to three are supported", (int)w->n);
        return false;
    }
    if (kernel)
        memcpy(w->kernel, kernel, sizeof *kernel * (size_t)w->n);
    else
        read_axis_list(o, "kernel_shape", w->n, 0, w->kernel);
    read_axis_list(o, "strides", w->n, 1, w->stride);
    read_axis_list(o, "dilations", w->n, 1, w->dilation);
    const char *mode = ic_onnx_text(o, "auto_pad", "NOTSET");
    const int32_t n_pads = ic_onnx_ints(o, "pads", pads, 2 * MAX_AXES);
    if (n_pads >= 0 && n_pads != 2 * w->n)
        ic_onnx_fail(o, "%d pads for %d axes", (int)n_pads, (int)w->n);
    for (int32_t i = 0; i < w->n && ic_onnx_ok(o); i++) {
        const int64_t reach = w->dilation[i] * (w->kernel[i] - 1) + 1, in = x->dims[i + 2];
        w->before[i] = pads[i];
        w->after[i] = pads[i + w->n];
        if (strncmp(mode, "SAME", 4) == 0) {
            const int64_t out = (in + w->stride[i] - 1) / w->stride[i], all = (out - 1) * w->stride[i] + reach - in;
            const int64_t total = all > 0 ? all : 0;
            w->before[i] = strcmp(mode, "SAME_LOWER") == 0 ? total - total / 2 : total / 2;
            w->after[i] = total - w->before[i];
        } else if (strcmp(mode, "VALID") == 0) {
            w->before[i] = w->after[i] = 0;
        }
        if (w->before[i] < 0 || w->after[i] < 0 || w->before[i] > 1 << 20 || w->after[i] > 1 << 20) {
            ic_onnx_refuse(o, "pads that are negative or above 2^20 are not supported");
            return false;
        }
        const int64_t whole = in + w->before[i] + w->after[i];
        if (ic_onnx_int(o, "ceil_mode", 0) && w->dilation[i] == 1 && whole > 0 && reach > whole && reach - whole < w->stride[i])
            w->kernel[i] = whole; /* the one window; what of it lies outside does not count */
        else if (whole < reach) {
            ic_onnx_fail(o, "a window of %lld elements does not fit axis %d of %lld with its padding; is the input shape right?",
                         (long long)reach, (int)(i + 2), (long long)(in + w->before[i] + w->after[i]));
            return false;
        }
    }
    return ic_onnx_ok(o);
}

/* ---- layouts ---- */
static struct ic_value *to_nhwc(struct ic_build *b, struct ic_value *x)
{
    struct ic_value *y = ic_build_transpose(b, x, 4, (const int64_t[]){0, 2, 3, 1});
    if (y && !y->data)
        y->layout = IC_VALUE_NHWC;
    return y;
}

static struct ic_value *to_nchw(struct ic_build *b, struct ic_value *x)
{
    struct ic_value *y = ic_build_transpose(b, x, 4, (const int64_t[]){0, 3, 1, 2});
    if (y && !y->data)
        y->layout = IC_VALUE_PLAIN;
    return y;
}

/* ---- taps: one strided slice of the padded picture per place of the window ---- */
/* x is padded already. Tap `tap` of the window: [n c and the result's axes]. */
static struct ic_value *tap_of(struct ic_build *b, struct ic_value *x, const struct window *w, int64_t tap)
{
    for (int32_t i = w->n; i-- > 0 && x; tap /= w->kernel[i]) {
        const int64_t reach = w->dilation[i] * (w->kernel[i] - 1) + 1, results = (x->dims[i + 2] - reach) / w->stride[i] + 1;
        const int64_t start = tap % w->kernel[i] * w->dilation[i];
        x = ic_build_slice(b, x, i + 2, start, start + (results - 1) * w->stride[i] + 1, w->stride[i]);
    }
    return x;
}

static int64_t taps_of(const struct window *w)
{
    int64_t n = 1;
    for (int32_t i = 0; i < w->n; i++)
        n *= w->kernel[i];
    return n;
}

static struct ic_value *pad_window(struct ic_build *b, struct ic_value *x, const struct window *w, double value)
{
    int64_t before[IC_IR_MAX_RANK] = {0}, after[IC_IR_MAX_RANK] = {0};
    for (int32_t i = 0; i < w->n; i++) {
        before[i + 2] = w->before[i];
        after[i + 2] = w->after[i];
    }
    return ic_build_pad(b, x, before, after, value);
}

/* ---- convolution ---- */
/* Weights that are computed: the taps side by side times the weights as a matrix, per group. */
static struct ic_value *conv_by_taps(struct ic_onnx *o, struct ic_value *x, struct ic_value *w, const struct window *win,
                                     int64_t groups)
{
    struct ic_build *b = &o->b;
    const int64_t taps = taps_of(win), n = x->dims[0], icg = w->dims[1], ocg = w->dims[0] / groups;
    struct ic_value **parts = taps < 10000 ? ic_arena_array(o->arena, (size_t)taps, sizeof *parts) : NULL;
    int64_t out_dims[IC_IR_MAX_RANK] = {n, w->dims[0]}, pixels = 1;
    if (!parts) {
        ic_onnx_refuse(o, "a window of %lld places with weights that are computed", (long long)taps);
        return NULL;
    }
    x = pad_window(b, x, win, 0);
    for (int64_t t = 0; t < taps; t++) {
        struct ic_value *tap = tap_of(b, x, win, t);
        if (!tap)
            return NULL;
        for (int32_t i = 0; i < win->n; i++)
            out_dims[i + 2] = tap->dims[i + 2];
        pixels = 1;
        for (int32_t i = 0; i < win->n; i++)
            pixels *= tap->dims[i + 2];
        parts[t] = ic_build_reshape(b, tap, 5, (const int64_t[]){n, groups, icg, 1, pixels});
    }
    struct ic_value *columns = ic_build_concat(b, parts, (int32_t)taps, 3); /* n g icg taps pixels */
    columns = ic_build_reshape(b, columns, 4, (const int64_t[]){n, groups, icg * taps, pixels});
    struct ic_value *matrix = ic_build_reshape(b, w, 4, (const int64_t[]){1, groups, ocg, icg * taps});
    return ic_build_reshape(b, ic_build_matmul(b, matrix, columns), x->rank, out_dims);
}

/* Two axes, constant weights [oc icg kh kw]: the graph's own. */
static struct ic_value *conv_2d(struct ic_onnx *o, struct ic_value *x, struct ic_value *w, struct ic_value *bias,
                                const struct window *win, int64_t groups)
{
    struct ic_build *b = &o->b;
    struct ic_value *in[] = {to_nhwc(b, x), ic_build_weight(b, w, 4, (const int64_t[]){0, 2, 3, 1}), bias};
    struct ic_node *n = ic_build_node(b, IC_OP_CONV, in, bias ? 3 : 2);
    ic_build_set_ints(n, IC_CONV_STRIDE, 2, win->stride);
    ic_build_set_ints(n, IC_CONV_DILATION, 2, win->dilation);
    ic_build_set_ints(n, IC_CONV_PAD, 4, (const int64_t[]){win->before[0], win->before[1], win->after[0], win->after[1]});
    ic_build_set_int(n, IC_CONV_GROUPS, groups);
    return to_nchw(b, ic_build_finish(b, n));
}

static struct ic_value *conv_1d(struct ic_onnx *o, struct ic_value *x, struct ic_value *w, struct ic_value *bias,
                                const struct window *win, int64_t groups)
{
    struct ic_build *b = &o->b;
    struct window two = {.n = 2,
                         .kernel = {1, win->kernel[0]},
                         .stride = {1, win->stride[0]},
                         .dilation = {1, win->dilation[0]},
                         .before = {0, win->before[0]},
                         .after = {0, win->after[0]}};
    struct ic_value *y = conv_2d(o, ic_build_unsqueeze(b, x, 2), ic_build_unsqueeze(b, w, 2), bias, &two, groups);
    return y ? ic_build_squeeze(b, y, 2) : NULL;
}

/* The depth's taps become channels, depth itself joins the batch. */
static struct ic_value *conv_3d(struct ic_onnx *o, struct ic_value *x, struct ic_value *w, struct ic_value *bias,
                                const struct window *win, int64_t groups)
{
    struct ic_build *b = &o->b;
    const int64_t n = x->dims[0], icg = w->dims[1], oc = w->dims[0], h = x->dims[3], wd = x->dims[4], kd = win->kernel[0];
    const struct window depth = {.n = 1,
                                 .kernel = {kd},
                                 .stride = {win->stride[0]},
                                 .dilation = {win->dilation[0]},
                                 .before = {win->before[0]},
                                 .after = {win->after[0]}};
    struct window plane = {.n = 2};
    for (int i = 0; i < 2; i++) {
        plane.kernel[i] = win->kernel[i + 1];
        plane.stride[i] = win->stride[i + 1];
        plane.dilation[i] = win->dilation[i + 1];
        plane.before[i] = win->before[i + 1];
        plane.after[i] = win->after[i + 1];
    }
    struct ic_value **parts = kd < 1000 ? ic_arena_array(o->arena, (size_t)kd, sizeof *parts) : NULL;
    if (!parts) {
        ic_onnx_refuse(o, "a window %lld deep", (long long)kd);
        return NULL;
    }
    x = pad_window(b, x, &depth, 0);
    int64_t od = 0;
    for (int64_t t = 0; t < kd; t++) {
        struct ic_value *tap = tap_of(b, x, &depth, t);
        if (!tap)
            return NULL;
        od = tap->dims[2];
        tap = ic_build_transpose(b, tap, 5, (const int64_t[]){0, 2, 1, 3, 4}); /* n od c h w */
        parts[t] = ic_build_reshape(b, tap, 6, (const int64_t[]){n * od, groups, 1, icg, h, wd});
    }
    x = ic_build_reshape(b, ic_build_concat(b, parts, (int32_t)kd, 2), 4, (const int64_t[]){n * od, groups * kd * icg, h, wd});
    b->late = true;
    w = ic_build_transpose(b, w, 5, (const int64_t[]){0, 2, 1, 3, 4});
    w = ic_build_reshape(b, w, 4, (const int64_t[]){oc, kd * icg, win->kernel[1], win->kernel[2]});
    b->late = false;
    struct ic_value *y = conv_2d(o, x, w, bias, &plane, groups);
    if (!y)
        return NULL;
    y = ic_build_reshape(b, y, 5, (const int64_t[]){n, od, oc, y->dims[2], y->dims[3]});
    return ic_build_transpose(b, y, 5, (const int64_t[]){0, 2, 1, 3, 4});
}

/* bias [oc] to where channels stand */
static struct ic_value *add_bias(struct ic_build *b, struct ic_value *y, struct ic_value *bias)
{
    int64_t dims[IC_IR_MAX_RANK];
    if (!bias || !y)
        return y;
    for (int32_t i = 0; i < y->rank; i++)
        dims[i] = i == 1 ? bias->dims[0] : 1;
    return ic_build_binary(b, IC_OP_ADD, y, ic_build_reshape(b, bias, y->rank, dims));
}

/* No picture, or no channel: a result of the right shape, of zeros if it has elements. */
static struct ic_value *empty_result(struct ic_build *b, const struct ic_value *x, int32_t channels, const struct window *win)
{
    int32_t dims[2 + MAX_AXES] = {x->dims[0], channels};
    for (int32_t i = 0; i < win->n; i++)
        dims[i + 2] = (int32_t)((x->dims[i + 2] + win->before[i] + win->after[i] - win->dilation[i] * (win->kernel[i] - 1) - 1) /
                                    win->stride[i] +
                                1);
    return ic_build_full(b, IC_F32, win->n + 2, dims, 0);
}

static struct ic_value *convolve(struct ic_onnx *o, struct ic_value *x, struct ic_value *w, struct ic_value *bias,
                                 const struct window *win, int64_t groups)
{
    if (ic_value_elements(x) == 0 || ic_value_elements(w) == 0)
        return add_bias(&o->b, empty_result(&o->b, x, w->dims[0], win), bias);
    if (!ic_build_is_weight(w) || (bias && !bias->data))
        return add_bias(&o->b, conv_by_taps(o, x, w, win, groups), bias);
    return win->n == 1   ? conv_1d(o, x, w, bias, win, groups)
           : win->n == 2 ? conv_2d(o, x, w, bias, win, groups)
                         : conv_3d(o, x, w, bias, win, groups);
}

/* Shared by Conv and its integer forms: x and w are floats. */
struct ic_value *ic_onnx_convolution(struct ic_onnx *o, struct ic_value *x, struct ic_value *w, struct ic_value *bias)
{
    struct window win;
    int64_t kernel[MAX_AXES] = {0};
    const int64_t groups = ic_onnx_int(o, "group", 1);
    if (!x || !w)
        return NULL;
    if (w->rank != x->rank || x->rank < 3 || x->rank > 2 + MAX_AXES) {
        ic_onnx_refuse(
            o, "a convolution of rank %d with weights of rank %d; one to three axes besides batch and channels are supported",
            (int)x->rank, (int)w->rank);
        return NULL;
    }
    for (int32_t i = 2; i < w->rank; i++)
        kernel[i - 2] = w->dims[i];
    if (groups < 1 || w->dims[1] * groups != x->dims[1] || w->dims[0] % groups != 0) {
        ic_onnx_fail(o, "%d input channels do not fit weights for %d in %lld groups; is the input shape right?", (int)x->dims[1],
                     (int)(w->dims[1] * groups), (long long)groups);
        return NULL;
    }
    if (!read_window(o, x, kernel, &win))
        return NULL;
    return convolve(o, x, w, bias, &win, groups);
}

struct ic_value *ic_onnx_depthwise_1d(struct ic_onnx *o, struct ic_value *x, struct ic_value *w, struct ic_value *bias)
{
    const struct window win = {.n = 1, .kernel = {w->dims[2]}, .stride = {1}, .dilation = {1}};
    return convolve(o, x, w, bias, &win, x->dims[1]);
}

void ic_onnx_op_conv(struct ic_onnx *o)
{
    ic_onnx_out_like(o, 0, ic_onnx_convolution(o, ic_onnx_in(o, 0), ic_onnx_in(o, 1), ic_onnx_in(o, 2)), 0);
}

/* ---- transposed convolution: zeros between the pixels, then a convolution with the weights turned around ---- */
static struct ic_value *spread(struct ic_build *b, struct ic_value *x, int32_t axis, int64_t stride)
{
    int64_t dims[IC_IR_MAX_RANK + 1], before[IC_IR_MAX_RANK] = {0}, after[IC_IR_MAX_RANK] = {0};
    if (!x || stride == 1)
        return x;
    const int32_t rank = x->rank;
    const int64_t n = x->dims[axis];
    x = ic_build_unsqueeze(b, x, axis + 1);
    after[axis + 1] = stride - 1;
    x = ic_build_pad(b, x, before, after, 0);
    for (int32_t i = 0, at = 0; x && i < rank; i++) {
        dims[i] = i == axis ? n * stride : x->dims[at];
        at += i == axis ? 2 : 1;
    }
    x = x ? ic_build_reshape(b, x, rank, dims) : NULL;
    return x ? ic_build_slice(b, x, axis, 0, (n - 1) * stride + 1, 1) : NULL;
}

/* [ic ocg k..] to [oc icg k..], turned around along every k */
static struct ic_value *turned_weights(struct ic_build *b, struct ic_value *w, int64_t groups)
{
    int64_t dims[IC_IR_MAX_RANK], perm[IC_IR_MAX_RANK];
    const int64_t icg = w->dims[0] / groups, ocg = w->dims[1];
    const int32_t rank = w->rank;
    dims[0] = groups;
    dims[1] = icg;
    for (int32_t i = 1; i < rank; i++)
        dims[i + 1] = w->dims[i];
    for (int32_t i = 0; i <= rank; i++)
        perm[i] = i == 1 ? 2 : i == 2 ? 1 : i;
    w = ic_build_transpose(b, ic_build_reshape(b, w, rank + 1, dims), rank + 1, perm);
    dims[0] = groups * ocg;
    dims[1] = icg;
    for (int32_t i = 2; w && i < rank; i++)
        dims[i] = w->dims[i + 1];
    w = w ? ic_build_reshape(b, w, rank, dims) : NULL;
    for (int32_t i = 2; w && i < rank; i++)
        w = ic_build_reverse(b, w, i);
    return w;
}

void ic_onnx_op_conv_transpose(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *w = ic_onnx_in(o, 1), *bias = ic_onnx_in(o, 2);
    int64_t stride[MAX_AXES], dilation[MAX_AXES], extra[MAX_AXES] = {0}, shape[IC_MAX_ATTR_INTS], pads[2 * MAX_AXES] = {0};
    const int64_t groups = ic_onnx_int(o, "group", 1);
    if (!x || !w)
        return;
    const int32_t n = x->rank - 2;
    if (w->rank != x->rank || n < 1 || n > MAX_AXES || groups < 1 || w->dims[0] != x->dims[1] || w->dims[0] % groups != 0) {
        ic_onnx_refuse(o, "a transposed convolution of rank %d with weights of rank %d for %d channels", (int)x->rank, (int)w->rank,
                       (int)w->dims[0]);
        return;
    }
    read_axis_list(o, "strides", n, 1, stride);
    read_axis_list(o, "dilations", n, 1, dilation);
    ic_onnx_ints(o, "output_padding", extra, MAX_AXES);
    ic_onnx_ints(o, "pads", pads, 2 * MAX_AXES);
    const int32_t n_shape = ic_onnx_ints(o, "output_shape", shape, IC_MAX_ATTR_INTS);
    for (int32_t i = 0; i < 2 * n; i++)
        if (pads[i] < -(1 << 20) || pads[i] > 1 << 20 || (i < n && (extra[i] < 0 || extra[i] > 1 << 20)) ||
            (i < n && n_shape >= n && (shape[n_shape - n + i] < 1 || shape[n_shape - n + i] > INT32_MAX)))
            ic_onnx_fail(o, "its pads or its output shape make no sense");
    const char *mode = ic_onnx_text(o, "auto_pad", "NOTSET");
    struct window win = {.n = n};
    for (int32_t i = 2; i < x->rank; i++)
        if (x->dims[i] < 1 || w->dims[i] < 1)
            ic_onnx_fail(o, "axis %d of its input or of its weights is empty; is the input shape right?", (int)i);
    for (int32_t i = 0; i < n && ic_onnx_ok(o); i++) {
        const int64_t reach = dilation[i] * (w->dims[i + 2] - 1) + 1, full = (x->dims[i + 2] - 1) * stride[i] + reach + extra[i];
        int64_t before = pads[i], after = pads[i + n];
        const bool same = strncmp(mode, "SAME", 4) == 0;
        if (n_shape >= n || same) {
            const int64_t wanted = n_shape >= n ? shape[n_shape - n + i] : x->dims[i + 2] * stride[i], total = full - wanted;
            before = total < 0 ? 0 : strcmp(mode, "SAME_UPPER") == 0 ? total / 2 : total - total / 2; /* what lacks comes behind */
            after = total - before;
        }
        win.kernel[i] = w->dims[i + 2];
        win.stride[i] = 1;
        win.dilation[i] = dilation[i];
        win.before[i] = reach - 1 - before;
        win.after[i] = reach - 1 - after + extra[i];
        x = spread(b, x, i + 2, stride[i]);
    }
    for (int32_t i = 0; i < n && x && ic_onnx_ok(o); i++) { /* more is cut than the window reaches */
        const int64_t from = win.before[i] < 0 ? -win.before[i] : 0, to = x->dims[i + 2] + (win.after[i] < 0 ? win.after[i] : 0);
        if (from > to) {
            ic_onnx_fail(o, "pads cut away all of axis %d", (int)(i + 2));
            return;
        }
        x = ic_build_slice(b, x, i + 2, from, to, 1);
        win.before[i] = win.before[i] < 0 ? 0 : win.before[i];
        win.after[i] = win.after[i] < 0 ? 0 : win.after[i];
    }
    b->late = true;
    w = ic_onnx_ok(o) ? turned_weights(b, w, groups) : NULL;
    b->late = false;
    if (x && w)
        ic_onnx_out_like(o, 0, convolve(o, x, w, bias, &win, groups), 0);
}

/* ---- pools ---- */
struct pooling {
    enum ic_op op;
    int64_t count_pad, divisor;
};

static struct ic_value *pool_plane(struct ic_build *b, struct ic_value *nhwc, const struct window *w, int32_t first,
                                   const struct pooling *p)
{
    struct ic_node *n = ic_build_node(b, p->op, &nhwc, 1);
    ic_build_set_ints(n, IC_POOL_ATTR_KERNEL, 2, &w->kernel[first]);
    ic_build_set_ints(n, IC_POOL_ATTR_STRIDE, 2, &w->stride[first]);
    ic_build_set_ints(n, IC_POOL_ATTR_DILATION, 2, &w->dilation[first]);
    ic_build_set_ints(n, IC_POOL_ATTR_PAD, 4,
                      (const int64_t[]){w->before[first], w->before[first + 1], w->after[first], w->after[first + 1]});
    ic_build_set_int(n, IC_POOL_ATTR_CEIL, w->ceil);
    ic_build_set_int(n, IC_POOL_ATTR_COUNT_PAD, p->count_pad);
    ic_build_set_int(n, IC_POOL_ATTR_DIVISOR, p->divisor);
    return ic_build_finish(b, n);
}

/* The padding that makes windows fit exactly as ceil mode wants them: a window may begin inside the picture or its first padding only. */
static void close_ceil(struct window *w, const struct ic_value *x)
{
    for (int32_t i = 0; i < w->n && w->ceil; i++) {
        const int64_t in = x->dims[i + 2], reach = w->dilation[i] * (w->kernel[i] - 1) + 1,
                      room = in + w->before[i] + w->after[i] - reach;
        int64_t results = (room + w->stride[i] - 1) / w->stride[i] + 1;
        if ((results - 1) * w->stride[i] >= in + w->before[i])
            results--;
        w->after[i] = (results - 1) * w->stride[i] + reach - in - w->before[i];
        w->after[i] = w->after[i] < 0 ? 0 : w->after[i];
    }
    w->ceil = false;
}

/* Maxima, sums and counts of a box are those of its planes: the first axis is pooled after the others. */
static struct ic_value *pool(struct ic_onnx *o, struct ic_value *x, const struct window *w, const struct pooling *p)
{
    struct ic_build *b = &o->b;
    if (!x)
        return NULL;
    if (ic_value_elements(x) == 0) {
        struct window whole = *w;
        close_ceil(&whole, x);
        return empty_result(b, x, x->dims[1], &whole);
    }
    struct window two = {.ceil = w->ceil};
    for (int i = 0; i < 2; i++)
        two.kernel[i] = two.stride[i] = two.dilation[i] = 1;
    if (w->n == 2)
        return to_nchw(b, pool_plane(b, to_nhwc(b, x), w, 0, p));
    two.kernel[w->n == 1] = w->kernel[0];
    two.stride[w->n == 1] = w->stride[0];
    two.dilation[w->n == 1] = w->dilation[0];
    two.before[w->n == 1] = w->before[0];
    two.after[w->n == 1] = w->after[0];
    if (w->n == 1) {
        struct ic_value *y = to_nchw(b, pool_plane(b, to_nhwc(b, ic_build_unsqueeze(b, x, 2)), &two, 0, p));
        return y ? ic_build_squeeze(b, y, 2) : NULL;
    }
    const int64_t n = x->dims[0], c = x->dims[1], d = x->dims[2];
    x = ic_build_transpose(b, x, 5, (const int64_t[]){0, 2, 3, 4, 1}); /* n d h w c */
    struct ic_value *y = x ? ic_build_reshape(b, x, 4, (const int64_t[]){n * d, x->dims[2], x->dims[3], c}) : NULL;
    y = pool_plane(b, y, w, 1, p);
    if (!y)
        return NULL;
    const int64_t oh = y->dims[1], ow = y->dims[2];
    y = pool_plane(b, ic_build_reshape(b, y, 4, (const int64_t[]){n, d, oh * ow, c}), &two, 0, p);
    y = y ? ic_build_reshape(b, y, 5, (const int64_t[]){n, y->dims[1], oh, ow, c}) : NULL;
    return y ? ic_build_transpose(b, y, 5, (const int64_t[]){0, 4, 1, 2, 3}) : NULL;
}

/* With places, or of integers: tap by tap. */
static void max_pool_by_taps(struct ic_onnx *o, struct ic_value *x, struct window *w)
{
    struct ic_build *b = &o->b;
    const bool floats = ic_dtype_is_float(x->dtype), indices = o->n_out > 1;
    close_ceil(w, x);
    const int64_t taps = taps_of(w), n_all = ic_value_elements(x);
    int64_t *flat = ic_arena_array(o->arena, (size_t)n_all + 1, sizeof *flat);
    struct ic_value *own = ic_build_cast(b, x, IC_F32);
    if (!flat || taps > 4096 || (!floats && ic_dtype_bytes(x->dtype) > 2)) {
        ic_onnx_refuse(o, "pools with places or of integers, this large, are not supported");
        return;
    }
    const bool column_major = ic_onnx_int(o, "storage_order", 0) != 0 && x->rank == 4;
    for (int64_t i = 0; i < n_all; i++) {
        const int64_t width = x->dims[x->rank - 1], plane = column_major ? (int64_t)x->dims[2] * x->dims[3] : 1;
        flat[i] = column_major ? i / plane * plane + i % width * x->dims[2] + i / width % x->dims[2] : i;
    }
    own = pad_window(b, own, w, -(double)INFINITY);
    struct ic_value *best = NULL, *where = NULL;
    struct ic_value *index = indices ? ic_build_const(b, IC_S64, x->rank, x->dims, flat) : NULL;
    int64_t before[IC_IR_MAX_RANK] = {0}, after[IC_IR_MAX_RANK] = {0};
    for (int32_t i = 0; i < w->n; i++) {
        before[i + 2] = w->before[i];
        after[i + 2] = w->after[i];
    }
    index = index ? ic_build_pad(b, index, before, after, 0) : NULL;
    for (int64_t t = 0; t < taps && ic_onnx_ok(o); t++) {
        struct ic_value *tap = tap_of(b, own, w, t), *at = index ? tap_of(b, index, w, t) : NULL;
        if (index)
            where = where ? ic_build_where(b, ic_build_binary(b, IC_OP_LESS, best, tap), at, where) : at;
        best = best ? ic_build_binary(b, IC_OP_MAXIMUM, best, tap) : tap;
    }
    ic_onnx_out_like(o, 0, ic_build_cast(b, best, x->dtype), 0);
    ic_onnx_out(o, 1, where, IC_ONNX_INT64);
}

void ic_onnx_op_max_pool(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    struct window w;
    const struct pooling p = {.op = IC_OP_MAX_POOL};
    if (!x || !read_window(o, x, NULL, &w))
        return;
    if (o->n_out > 1 || !ic_dtype_is_float(x->dtype))
        max_pool_by_taps(o, x, &w);
    else
        ic_onnx_out_like(o, 0, pool(o, x, &w, &p), 0);
}

void ic_onnx_op_average_pool(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    struct window w;
    const struct pooling p = {.op = IC_OP_AVG_POOL, .count_pad = ic_onnx_int(o, "count_include_pad", 0) != 0};
    if (x && read_window(o, x, NULL, &w))
        ic_onnx_out_like(o, 0, pool(o, x, &w, &p), 0);
}

/* (sum |x|^p)^(1/p) */
static struct ic_value *root(struct ic_build *b, struct ic_value *sum, int64_t p)
{
    return p == 1   ? sum
           : p == 2 ? ic_build_map(b, sum, IC_MAP_SQRT, 0, 0)
                    : ic_build_binary(b, IC_OP_POW, sum, ic_build_float(b, 1.0 / (double)p));
}

static struct ic_value *power(struct ic_build *b, struct ic_value *x, int64_t p)
{
    return p == 2 ? ic_build_binary(b, IC_OP_MUL, x, x)
                  : ic_build_binary(b, IC_OP_POW, ic_build_map(b, x, IC_MAP_ABS, 0, 0), ic_build_float(b, (double)p));
}

void ic_onnx_op_lp_pool(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    struct window w;
    const struct pooling sum = {.op = IC_OP_AVG_POOL, .divisor = 1};
    const int64_t p = ic_onnx_int(o, "p", 2);
    if (x && p >= 1 && read_window(o, x, NULL, &w))
        ic_onnx_out_like(o, 0, root(&o->b, pool(o, power(&o->b, x, p), &w, &sum), p), 0);
}

/* row->i: enum ic_op of the reduction; row->a: 1 by attribute p */
void ic_onnx_op_global_pool(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    if (!x || x->rank < 3)
        return;
    const uint32_t mask = ((1u << x->rank) - 1u) & ~3u;
    const int64_t p = ic_onnx_int(o, "p", 2);
    if (o->row->a != 0)
        x = power(&o->b, x, p);
    struct ic_value *y = ic_build_reduce(&o->b, (enum ic_op)o->row->i, x, mask, true);
    ic_onnx_out_like(o, 0, o->row->a != 0 ? root(&o->b, y, p) : y, 0);
}

/* Sums over windows along the channels. */
void ic_onnx_op_lrn(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    const int64_t size = ic_onnx_int(o, "size", 1);
    const double alpha = ic_onnx_float(o, "alpha", 1e-4), beta = ic_onnx_float(o, "beta", 0.75),
                 bias = ic_onnx_float(o, "bias", 1.0);
    int64_t dims[IC_IR_MAX_RANK], pixels = 1;
    if (!x || x->rank < 3 || size < 1)
        return;
    for (int32_t i = 0; i < x->rank; i++) {
        dims[i] = x->dims[i];
        pixels *= i > 1 ? x->dims[i] : 1;
    }
    const struct window w = {.n = 2,
                             .kernel = {size, 1},
                             .stride = {1, 1},
                             .dilation = {1, 1},
                             .before = {(size - 1) / 2, 0},
                             .after = {size - 1 - (size - 1) / 2, 0}};
    const struct pooling sum = {.op = IC_OP_AVG_POOL, .divisor = 1};
    struct ic_value *s = ic_build_reshape(b, ic_build_binary(b, IC_OP_MUL, x, x), 4,
                                          (const int64_t[]){dims[0], dims[1], pixels, 1});
    s = ic_build_reshape(b, pool_plane(b, s, &w, 0, &sum), x->rank, dims);
    s = ic_build_map(b, s, IC_MAP_AFFINE, alpha / (double)size, bias);
    s = ic_build_binary(b, IC_OP_POW, s, ic_build_float(b, beta));
    ic_onnx_out_like(o, 0, ic_build_binary(b, IC_OP_DIV, x, s), 0);
}
