/* SPDX-License-Identifier: Apache-2.0
 *
 * Normalizations over axes, composed of reductions and elementwise operators; dropout.
 */
#include "import/torchscript/ops.h"

#include <inttypes.h>
#include <string.h>

/* (x - mean) / sqrt(variance + eps) over the axes */
static enum ic_status normalize(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t n_axes, const int32_t *axes, double eps,
                                struct ic_ts_value *out)
{
    struct ic_ts_tensor *mean = NULL, *variance = NULL;
    const struct ic_ts_value vx = ic_ts_of(x);
    struct ic_ts_value centered, square;
    IC_TRY(ic_ts_reduce(ts, IC_OP_REDUCE_MEAN, x, n_axes, axes, true, &mean));
    const struct ic_ts_value vm = ic_ts_of(mean);
    IC_TRY(ic_ts_binary(ts, IC_TS_SUB, &vx, &vm, &centered));
    IC_TRY(ic_ts_binary(ts, IC_TS_MUL, &centered, &centered, &square));
    IC_TRY(ic_ts_reduce(ts, IC_OP_REDUCE_MEAN, square.u.t, n_axes, axes, true, &variance));
    IC_TRY(ic_ts_unary(ts, IC_MAP_AFFINE, 1, eps, variance, &variance));
    IC_TRY(ic_ts_unary(ts, IC_MAP_RSQRT, 0, 0, variance, &variance));
    const struct ic_ts_value vv = ic_ts_of(variance);
    return ic_ts_binary(ts, IC_TS_MUL, &centered, &vv, out);
}

static enum ic_status scale_and_shift(struct ic_ts *ts, const struct ic_ts_value *weight, const struct ic_ts_value *bias,
                                      struct ic_ts_value *x)
{
    if (weight->kind == IC_TS_V_TENSOR)
        IC_TRY(ic_ts_binary(ts, IC_TS_MUL, x, weight, x));
    if (bias->kind == IC_TS_V_TENSOR)
        IC_TRY(ic_ts_binary(ts, IC_TS_ADD, x, bias, x));
    return IC_OK;
}

/* [c] to [1, c, 1, ...] */
static enum ic_status per_channel(struct ic_ts *ts, struct ic_ts_value *v, int32_t rank)
{
    int64_t dims[IC_IR_MAX_RANK] = {0};
    if (v->kind != IC_TS_V_TENSOR)
        return IC_OK;
    for (int32_t i = 0; i < rank; ++i)
        dims[i] = i == 1 ? ic_ts_elements(v->u.t) : 1;
    return ic_ts_reshape(ts, v->u.t, rank, dims, &v->u.t);
}

enum ic_status ic_ts_op_layer_norm(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    int32_t axes[IC_IR_MAX_RANK];
    const int32_t n = ic_ts_list_n(&arg[1]);
    (void)row;
    if (n < 1 || n > x->rank)
        return ic_ts_fail(ts, IC_E_SHAPES, "a layer-norm over %d ax%s of %s", n, IC_N(n, "is", "es"), ic_ts_describe(ts, &arg[0]));
    for (int32_t i = 0; i < n; ++i) {
        axes[i] = x->rank - n + i;
        if (x->dims[axes[i]] != ic_ts_list_int(&arg[1], i))
            return ic_ts_fail(ts, IC_E_SHAPES, "a layer-norm of size %" PRId64 " over axis %d of %s", ic_ts_list_int(&arg[1], i),
                              axes[i], ic_ts_describe(ts, &arg[0]));
    }
    IC_TRY(normalize(ts, x, n, axes, ic_ts_number(&arg[4]), out));
    return scale_and_shift(ts, &arg[2], &arg[3], out);
}

/* Axes of one channel's (or group's) numbers after a reshape to [n, groups, rest]. */
static enum ic_status grouped(struct ic_ts *ts, struct ic_ts_tensor *x, int64_t groups, double eps, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    if (x->rank < 2 || groups < 1 || x->dims[1] % groups != 0 || x->dims[0] == 0)
        return ic_ts_fail(ts, IC_E_SHAPES, "a normalization in %" PRId64 " group%s does not fit its input", groups, IC_S(groups));
    const int64_t dims[3] = {x->dims[0], groups, ic_ts_elements(x) / x->dims[0] / groups};
    IC_TRY(ic_ts_reshape(ts, x, 3, dims, &t));
    IC_TRY(normalize(ts, t, 1, (const int32_t[]){2}, eps, out));
    IC_TRY(ic_ts_reshape(ts, out->u.t, x->rank, x->dims, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* x, num_groups, weight, bias, eps */
enum ic_status ic_ts_op_group_norm(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    IC_TRY(grouped(ts, arg[0].u.t, arg[1].u.i, ic_ts_number(&arg[4]), out));
    IC_TRY(per_channel(ts, &arg[2], arg[0].u.t->rank));
    IC_TRY(per_channel(ts, &arg[3], arg[0].u.t->rank));
    return scale_and_shift(ts, &arg[2], &arg[3], out);
}

/* x, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, cudnn */
enum ic_status ic_ts_op_instance_norm(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                      struct ic_ts_value *out)
{
    (void)row;
    if (!arg[5].u.i)
        return ic_ts_op_batch_norm(
            ts, row, (struct ic_ts_value[]){arg[0], arg[1], arg[2], arg[3], arg[4], ic_ts_bool(false), arg[6], arg[7], arg[8]},
            out);
    if (arg[0].u.t->rank < 2)
        return ic_ts_fail(ts, IC_E_SHAPES, "an instance-norm of %s", ic_ts_describe(ts, &arg[0]));
    IC_TRY(grouped(ts, arg[0].u.t, arg[0].u.t->dims[1], ic_ts_number(&arg[7]), out));
    IC_TRY(per_channel(ts, &arg[1], arg[0].u.t->rank));
    IC_TRY(per_channel(ts, &arg[2], arg[0].u.t->rank));
    return scale_and_shift(ts, &arg[1], &arg[2], out);
}

/* batch_norm(x, weight, bias, mean, var, training, momentum, eps) without stored statistics: those of the batch */
enum ic_status ic_ts_batch_statistics(struct ic_ts *ts, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    int32_t axes[IC_IR_MAX_RANK], n = 0;
    if (x->rank < 2)
        return ic_ts_fail(ts, IC_E_SHAPES, "a batch-norm of %s; is the input shape right?", ic_ts_describe(ts, &arg[0]));
    for (int32_t i = 0; i < x->rank; ++i)
        if (i != 1)
            axes[n++] = i;
    IC_TRY(normalize(ts, x, n, axes, ic_ts_number(&arg[7]), out));
    IC_TRY(per_channel(ts, &arg[1], x->rank));
    IC_TRY(per_channel(ts, &arg[2], x->rank));
    return scale_and_shift(ts, &arg[1], &arg[2], out);
}

/* x, p, train: nothing happens in evaluation mode */
enum ic_status ic_ts_op_dropout(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    if (arg[2].u.i && ic_ts_number(&arg[1]) != 0)
        ic_ts_say_training(ts, "dropout");
    *out = arg[0];
    return IC_OK;
}
