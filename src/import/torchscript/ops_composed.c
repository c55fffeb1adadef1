/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators that the graph expresses through others: transposed convolution, embedding of known positions, norms, gates.
 */
#include "import/torchscript/ops.h"

#include <inttypes.h>
#include <string.h>

/* ---- transposed convolution: zeros between the pixels, then a convolution with the kernel turned round ---- */
/* [n, c, h, w] to [n, c, (h-1)*s+1, (w-1)*s+1] with s-1 zeros between neighbours */
static enum ic_status spread_pixels(struct ic_ts *ts, struct ic_ts_tensor *x, const int64_t *stride, struct ic_ts_tensor **out)
{
    const int64_t n = x->dims[0], c = x->dims[1], h = x->dims[2], w = x->dims[3];
    struct ic_ts_row row = {.i = 'k'};
    struct ic_ts_value arg[3] = {{0}}, padded;
    *out = x;
    if (stride[0] == 1 && stride[1] == 1)
        return IC_OK;
    IC_TRY(ic_ts_reshape(ts, x, 6, (const int64_t[]){n, c, h, 1, w, 1}, &x));
    arg[0] = ic_ts_of(x);
    IC_TRY(ic_ts_ints(ts, 6, (const int64_t[]){0, stride[1] - 1, 0, 0, 0, stride[0] - 1}, &arg[1]));
    IC_TRY(ic_ts_op_pad(ts, &row, arg, &padded));
    IC_TRY(ic_ts_reshape(ts, padded.u.t, 4, (const int64_t[]){n, c, h * stride[0], w * stride[1]}, &x));
    IC_TRY(ic_ts_slice(ts, x, 2, 0, (h - 1) * stride[0] + 1, 1, &x));
    return ic_ts_slice(ts, x, 3, 0, (w - 1) * stride[1] + 1, 1, out);
}

/* w [ic, oc/groups, kh, kw] to [oc, ic/groups, kh, kw], both kernel axes reversed */
static enum ic_status turn_kernel(struct ic_ts *ts, struct ic_ts_tensor *w, int64_t groups, struct ic_ts_tensor **out)
{
    const int64_t icg = w->dims[0] / groups, ocg = w->dims[1], kh = w->dims[2], kw = w->dims[3];
    IC_TRY(ic_ts_reshape(ts, w, 5, (const int64_t[]){groups, icg, ocg, kh, kw}, &w));
    IC_TRY(ic_ts_permute(ts, w, (const int32_t[]){0, 2, 1, 3, 4}, &w));
    return ic_ts_tensor_later(ts, w, 4, (const int64_t[]){ocg * groups, icg, kh, kw}, 1u << 2 | 1u << 3, out);
}

/* Weights of a box [oc, ic, kd, kh, kw] as those of a plane whose channels are the depth's, [oc, kd * ic, kh, kw]. */
enum ic_status ic_ts_op_depth_weight(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                     struct ic_ts_value *out)
{
    struct ic_ts_tensor *w = arg[0].u.t, *t = NULL;
    (void)row;
    if (w->rank != 5)
        return ic_ts_fail(ts, IC_ERR_INTERNAL, "weights of a box have five axes, not %d", w->rank);
    const int64_t dims[] = {w->dims[0], w->dims[1] * w->dims[2], w->dims[3], w->dims[4]};
    IC_TRY(ic_ts_permute(ts, w, (const int32_t[]){0, 2, 1, 3, 4}, &w));
    IC_TRY(ic_ts_is_known(w) ? ic_ts_tensor_later(ts, w, 4, dims, 0, &t) : ic_ts_reshape(ts, w, 4, dims, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

static enum ic_status check_transposed(struct ic_ts *ts, struct ic_ts_value *arg, int64_t groups, const int64_t *stride)
{
    const struct ic_ts_tensor *x = arg[0].u.t, *w = arg[1].u.t;
    bool good = x->rank == 4 && w->rank == 4 && groups >= 1 && x->dims[1] == w->dims[0] && w->dims[0] % groups == 0;
    for (int i = 0; i < 2; ++i)
        good = good && stride[i] >= 1 && stride[i] <= 64 && x->dims[2 + i] >= 1;
    return good ? IC_OK
                : ic_ts_fail(ts, IC_E_SHAPES,
                             "a transposed convolution of %s with weights %s does not fit; is the input shape right?",
                             ic_ts_describe(ts, &arg[0]), ic_ts_describe(ts, &arg[1]));
}

static int64_t pair(const struct ic_ts_value *list, int i)
{
    return ic_ts_list_int(list, ic_ts_list_n(list) > i ? i : 0);
}

/* x, weight, bias, stride, padding, output_padding, groups, dilation */
enum ic_status ic_ts_op_conv_transpose(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                       struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *w = arg[1].u.t;
    const int64_t groups = arg[6].u.i;
    (void)row;
    for (int i = 3; i < 8; ++i)
        if (i != 6 && ic_ts_list_n(&arg[i]) == 0)
            return ic_ts_fail(ts, IC_E_SHAPES, "a transposed convolution without stride, padding or dilation");
    const int64_t stride[2] = {pair(&arg[3], 0), pair(&arg[3], 1)}, dilation[2] = {pair(&arg[7], 0), pair(&arg[7], 1)};
    if (!ic_ts_is_known(w) || x->rank != 4)
        return ic_ts_unsupported(ts, "aten::conv_transpose", "of anything but four axes with constant weights", arg, 2, out);
    IC_TRY(check_transposed(ts, arg, groups, stride));
    int64_t pads[4]; /* left, right, top, bottom: as torch's pad wants them */
    for (int i = 0; i < 2; ++i) {
        const int64_t whole = dilation[i] * (w->dims[2 + i] - 1) - pair(&arg[4], i);
        pads[2 * (1 - i)] = whole;
        pads[2 * (1 - i) + 1] = whole + pair(&arg[5], i);
        if (dilation[i] < 1 || dilation[i] > 65535 || whole < -65535 || whole > 65535 || pads[2 * (1 - i) + 1] > 65535)
            return ic_ts_fail(ts, IC_E_SHAPES, "padding or dilation of a transposed convolution is out of range");
    }
    struct ic_ts_row pad_row = {.i = 'k'}, conv_row = {.i = 2};
    struct ic_ts_value pad_arg[3] = {{0}}, conv_arg[7];
    IC_TRY(spread_pixels(ts, x, stride, &x));
    IC_TRY(turn_kernel(ts, w, groups, &w));
    pad_arg[0] = ic_ts_of(x);
    IC_TRY(ic_ts_ints(ts, 4, pads, &pad_arg[1]));
    IC_TRY(ic_ts_op_pad(ts, &pad_row, pad_arg, &conv_arg[0]));
    conv_arg[1] = ic_ts_of(w);
    conv_arg[2] = arg[2];
    IC_TRY(ic_ts_ints(ts, 2, (const int64_t[]){1, 1}, &conv_arg[3]));
    IC_TRY(ic_ts_ints(ts, 2, (const int64_t[]){0, 0}, &conv_arg[4]));
    IC_TRY(ic_ts_ints(ts, 2, dilation, &conv_arg[5]));
    conv_arg[6] = ic_ts_int(groups);
    return ic_ts_op_conv(ts, &conv_row, conv_arg, out);
}

/* ---- embedding(weight, indices) with known indices (positions) ---- */
enum ic_status ic_ts_op_embedding(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *index = arg[1].u.t, *t = NULL;
    int64_t dims[IC_IR_MAX_RANK];
    if (!ic_ts_is_known(index) && arg[0].u.t->rank == 2)
        return ic_ts_emit_gather(ts, &arg[0], 0, &arg[1], false, out);
    if (arg[0].u.t->rank != 2 || index->rank + 1 > IC_IR_MAX_RANK)
        return ic_ts_fail(ts, IC_E_SHAPES, "an embedding with weights %s", ic_ts_describe(ts, &arg[0]));
    memcpy(dims, index->dims, sizeof dims);
    dims[index->rank] = arg[0].u.t->dims[1];
    const int32_t rank = index->rank + 1;
    const int64_t n = ic_ts_elements(index);
    IC_TRY(ic_ts_reshape(ts, index, 1, &n, &index));
    struct ic_ts_value picked, args[3] = {arg[0], ic_ts_int(0), ic_ts_of(index)};
    IC_TRY(ic_ts_op_index_select(ts, row, args, &picked));
    IC_TRY(ic_ts_reshape(ts, picked.u.t, rank, dims, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* ---- gates ---- */
/* glu(x, dim): the first half times the sigmoid of the second */
enum ic_status ic_ts_op_glu(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *a = NULL, *b = NULL;
    int32_t axis = 0;
    (void)row;
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, x->rank, &axis));
    if (x->rank == 0 || x->dims[axis] % 2)
        return ic_ts_fail(ts, IC_E_SHAPES, "glu halves axis %d of %s", axis, ic_ts_describe(ts, &arg[0]));
    const int64_t half = x->dims[axis] / 2;
    IC_TRY(ic_ts_slice(ts, x, axis, 0, half, 1, &a));
    IC_TRY(ic_ts_slice(ts, x, axis, half, half, 1, &b));
    IC_TRY(ic_ts_unary(ts, IC_MAP_SIGMOID, 0, 0, b, &b));
    const struct ic_ts_value va = ic_ts_of(a), vb = ic_ts_of(b);
    return ic_ts_binary(ts, IC_TS_MUL, &va, &vb, out);
}

/* softsign(x) = x / (1 + |x|); row->i 1: tanhshrink(x) = x - tanh(x) */
enum ic_status ic_ts_op_softsign(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    IC_TRY(ic_ts_unary(ts, row->i ? IC_MAP_TANH : IC_MAP_ABS, 0, 0, arg[0].u.t, &t));
    if (!row->i)
        IC_TRY(ic_ts_unary(ts, IC_MAP_AFFINE, 1, 1, t, &t));
    const struct ic_ts_value v = ic_ts_of(t);
    return ic_ts_binary(ts, row->i ? IC_TS_SUB : IC_TS_DIV, &arg[0], &v, out);
}

/* repeat_interleave(x, times, dim): each element times over */
enum ic_status ic_ts_op_repeat_interleave(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                          struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    int64_t whole[IC_IR_MAX_RANK];
    int32_t axis = 0;
    (void)row;
    IC_TRY(ic_ts_axis(ts, arg[2].u.i, x->rank, &axis));
    if (x->rank == 0 || arg[1].u.i < 1 || arg[1].u.i > 65536)
        return ic_ts_fail(ts, IC_E_SHAPES, "repeat_interleave %" PRId64 " times of %s", arg[1].u.i, ic_ts_describe(ts, &arg[0]));
    const int32_t rank = x->rank;
    int64_t outer = 1, inner = 1; /* the axes around as one each: an axis more than there may be is never needed */
    for (int32_t i = 0; i < rank; ++i) {
        outer *= i < axis ? x->dims[i] : 1;
        inner *= i > axis ? x->dims[i] : 1;
    }
    memcpy(whole, x->dims, sizeof whole);
    whole[axis] *= arg[1].u.i;
    IC_TRY(ic_ts_reshape(ts, x, 4, (const int64_t[]){outer, x->dims[axis], 1, inner}, &x));
    IC_TRY(ic_ts_expand(ts, x, 4, (const int64_t[]){outer, whole[axis] / arg[1].u.i, arg[1].u.i, inner}, &x));
    IC_TRY(ic_ts_reshape(ts, x, rank, whole, &x));
    *out = ic_ts_of(x);
    return IC_OK;
}
