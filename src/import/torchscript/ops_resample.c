/* SPDX-License-Identifier: Apache-2.0
 *
 * Resampling as products with constant matrices: bilinear interpolation, average pools whose windows differ in size. Each axis is one
 * linear layer without bias whose weight [out, in] has the shares of the inputs.
 */
#include "import/torchscript/ops.h"

#include <math.h>
#include <string.h>

#define MAX_SIZE 4096

static enum ic_status new_matrix(struct ic_ts *ts, int64_t n_out, int64_t n_in, struct ic_ts_tensor **out, float **data)
{
    void *to = NULL;
    if (n_out < 1 || n_in < 1 || n_out > MAX_SIZE || n_in > MAX_SIZE)
        return ic_ts_fail(ts, IC_ERR_UNSUPPORTED, "resampling between %lld and %lld pixels; at most %d are supported",
                          (long long)n_in, (long long)n_out, MAX_SIZE);
    IC_TRY(ic_ts_tensor_known(ts, IC_TS_F32, 2, (const int64_t[]){n_out, n_in}, out, &to));
    *data = to;
    return IC_OK;
}

/* y = A_h x A_w^T on the last two axes; a NULL matrix leaves its axis alone */
static enum ic_status apply(struct ic_ts *ts, struct ic_ts_tensor *x, struct ic_ts_tensor *rows, struct ic_ts_tensor *columns,
                            struct ic_ts_value *out)
{
    static const int32_t swap[4] = {0, 1, 3, 2};
    if (columns)
        IC_TRY(ic_ts_linear(ts, x, columns, NULL, &x));
    if (rows) {
        IC_TRY(ic_ts_permute(ts, x, swap, &x));
        IC_TRY(ic_ts_linear(ts, x, rows, NULL, &x));
        IC_TRY(ic_ts_permute(ts, x, swap, &x));
    }
    *out = ic_ts_of(x);
    return IC_OK;
}

/* scale: input pixels per output pixel, when the call gives one (0: from the sizes) */
static enum ic_status bilinear_matrix(struct ic_ts *ts, int64_t n_in, int64_t n_out, bool corners, double scale,
                                      struct ic_ts_tensor **out)
{
    float *a = NULL;
    IC_TRY(new_matrix(ts, n_out, n_in, out, &a));
    const double step = corners     ? n_out > 1 ? (double)(n_in - 1) / (double)(n_out - 1) : 0
                        : scale > 0 ? scale
                                    : (double)n_in / (double)n_out;
    for (int64_t i = 0; i < n_out; ++i) {
        double at = corners ? (double)i * step : ((double)i + 0.5) * step - 0.5;
        at = at < 0 ? 0 : at > (double)(n_in - 1) ? (double)(n_in - 1) : at;
        int64_t low = (int64_t)floor(at);
        low = low > n_in - 1 ? n_in - 1 : low;
        const double part = low == n_in - 1 ? 0 : at - (double)low;
        a[i * n_in + low] += (float)(1 - part);
        if (part > 0)
            a[i * n_in + low + 1] += (float)part;
    }
    return IC_OK;
}

/* A size that a scale gives; 0 when it is beyond all sizes. */
static int64_t scaled_size(double size)
{
    return size >= 1 && size <= MAX_SIZE ? (int64_t)floor(size) : 0;
}

static double scale_at(const struct ic_ts_value *v, int axis)
{
    if (v->kind == IC_TS_V_LIST && ic_ts_list_n(v) == 2 && ic_ts_number(&v->u.seq->items[axis]) > 0)
        return 1 / ic_ts_number(&v->u.seq->items[axis]);
    return v->kind == IC_TS_V_FLOAT && v->u.f > 0 ? 1 / v->u.f : 0;
}

/* upsample_bilinear2d: row->i 0: (x, output_size?, align_corners, scale_factors?), 1: (x, output_size, align_corners, scales_h?, scales_w?) */
enum ic_status ic_ts_op_upsample_bilinear(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                          struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *matrix[2] = {NULL, NULL};
    const bool has_size = arg[1].kind == IC_TS_V_LIST && ic_ts_list_n(&arg[1]) == 2;
    if (x->rank != 4)
        return ic_ts_unsupported(ts, "aten::upsample_bilinear2d", "of anything but four axes", arg, 1, out);
    for (int i = 0; i < 2; ++i) {
        const double scale = row->i ? scale_at(&arg[3 + i], i) : has_size ? 0 : scale_at(&arg[3], i);
        const int64_t size = has_size ? ic_ts_list_int(&arg[1], i) : scale > 0 ? scaled_size((double)x->dims[2 + i] / scale) : 0;
        if (size != x->dims[2 + i] || scale != 0)
            IC_TRY(bilinear_matrix(ts, x->dims[2 + i], size, arg[2].u.i != 0, scale, &matrix[i]));
    }
    return apply(ts, x, matrix[0], matrix[1], out);
}

/* The windows of adaptive_avg_pool2d: from floor(i * in / out) up to ceil((i + 1) * in / out) */
static enum ic_status average_matrix(struct ic_ts *ts, int64_t n_in, int64_t n_out, struct ic_ts_tensor **out)
{
    float *a = NULL;
    IC_TRY(new_matrix(ts, n_out, n_in, out, &a));
    for (int64_t i = 0; i < n_out; ++i) {
        const int64_t first = i * n_in / n_out, end = ((i + 1) * n_in + n_out - 1) / n_out;
        for (int64_t k = first; k < end; ++k)
            a[i * n_in + k] = (float)(1.0 / (double)(end - first));
    }
    return IC_OK;
}

enum ic_status ic_ts_adaptive_average(struct ic_ts *ts, struct ic_ts_tensor *x, int64_t height, int64_t width,
                                      struct ic_ts_value *out)
{
    struct ic_ts_tensor *rows = NULL, *columns = NULL, *t = x;
    if (x->rank == 3)
        IC_TRY(ic_ts_reshape(ts, x, 4, (const int64_t[]){1, x->dims[0], x->dims[1], x->dims[2]}, &t));
    IC_TRY(average_matrix(ts, t->dims[2], height, &rows));
    IC_TRY(average_matrix(ts, t->dims[3], width, &columns));
    IC_TRY(apply(ts, t, rows, columns, out));
    if (x->rank == 3) {
        IC_TRY(ic_ts_reshape(ts, out->u.t, 3, &out->u.t->dims[1], &t));
        *out = ic_ts_of(t);
    }
    return IC_OK;
}
