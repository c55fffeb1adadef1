/* SPDX-License-Identifier: Apache-2.0
 *
 * Resampling, one axis after the other: every result is a sum of a few inputs with constant weights (upsampling of all kinds, average pools whose windows
 * differ in size), or one input as it is (nearest). Places and weights are computed as PyTorch does.
 */
#include "import/torchscript/ops.h"

#include "ir/op_def.h"

#include <math.h>
#include <string.h>

#define MAX_SIZE 65536
#define MAX_TAPS 4096

enum mode { NEAREST = 0, EXACT, LINEAR, CUBIC, LINEAR_AA, CUBIC_AA };

struct axis { /* of one resampling */
    int64_t n_in, n_out;
    double scale; /* inputs per result when the call gives a factor, 0: from the sizes */
    bool corners;
    int32_t taps;
    int32_t *places; /* [n_out][taps] */
    float *weights;
};

/* ---- places and weights ---- */
static enum ic_status make_room(struct ic_ts *ts, struct axis *a, int64_t taps)
{
    if (a->n_out < 1 || a->n_in < 1 || a->n_out > MAX_SIZE || a->n_in > MAX_SIZE || taps < 1 || taps > MAX_TAPS)
        return ic_ts_fail(ts, IC_E_OPERATOR_FORM, "resampling of %lld number%s to %lld; sizes of 1 to %d are supported",
                          (long long)a->n_in, IC_S(a->n_in), (long long)a->n_out, MAX_SIZE);
    const size_t n = (size_t)a->n_out * (size_t)taps;
    a->taps = (int32_t)taps;
    a->places = ic_arena_array(&ts->graph->arena, n, sizeof *a->places);
    a->weights = ic_arena_array(&ts->graph->arena, n, sizeof *a->weights);
    return a->places && a->weights ? IC_OK : ic_ts_no_memory(ts);
}

static double step_of(const struct axis *a)
{
    if (a->corners)
        return a->n_out > 1 ? (double)(a->n_in - 1) / (double)(a->n_out - 1) : 0;
    return a->scale > 0 ? a->scale : (double)a->n_in / (double)a->n_out;
}

static int32_t inside(int64_t at, int64_t n)
{
    return (int32_t)(at < 0 ? 0 : at > n - 1 ? n - 1 : at);
}

/* In float32, as PyTorch: the place of a result near a border between two inputs depends on it. */
static enum ic_status place_nearest(struct ic_ts *ts, struct axis *a, bool exact)
{
    IC_TRY(make_room(ts, a, 1));
    const float step = a->scale > 0 ? (float)a->scale : (float)a->n_in / (float)a->n_out;
    for (int64_t i = 0; i < a->n_out; ++i) {
        const float at = exact ? ((float)i + 0.5f) * step : (float)i * step;
        a->places[i] = inside((int64_t)floor((double)at), a->n_in);
        a->weights[i] = 1;
    }
    return IC_OK;
}

static double cubic(double x, double a)
{
    x = fabs(x);
    return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

static enum ic_status place_linear(struct ic_ts *ts, struct axis *a)
{
    const double step = step_of(a);
    IC_TRY(make_room(ts, a, 2));
    for (int64_t i = 0; i < a->n_out; ++i) {
        double at = a->corners ? (double)i * step : ((double)i + 0.5) * step - 0.5;
        at = at < 0 ? 0 : at > (double)(a->n_in - 1) ? (double)(a->n_in - 1) : at;
        const double low = floor(at);
        for (int t = 0; t < 2; ++t) {
            a->places[2 * i + t] = inside((int64_t)low + t, a->n_in);
            a->weights[2 * i + t] = (float)(t ? at - low : 1 - (at - low));
        }
    }
    return IC_OK;
}

static enum ic_status place_cubic(struct ic_ts *ts, struct axis *a)
{
    const double step = step_of(a);
    IC_TRY(make_room(ts, a, 4));
    for (int64_t i = 0; i < a->n_out; ++i) {
        const double at = a->corners ? (double)i * step : ((double)i + 0.5) * step - 0.5, low = floor(at);
        for (int t = 0; t < 4; ++t) {
            a->places[4 * i + t] = inside((int64_t)low - 1 + t, a->n_in);
            a->weights[4 * i + t] = (float)cubic(at - low + 1 - t, -0.75);
        }
    }
    return IC_OK;
}

/* With a filter as wide as a result is when the picture shrinks. */
static enum ic_status place_smooth(struct ic_ts *ts, struct axis *a, bool is_cubic)
{
    const double step = step_of(a), wide = step > 1 ? step : 1, support = (is_cubic ? 2 : 1) * wide;
    IC_TRY(make_room(ts, a, (int64_t)ceil(support) * 2 + 1));
    for (int64_t i = 0; i < a->n_out; ++i) {
        const double center = step * ((double)i + 0.5);
        const int64_t first = center - support + 0.5 > 0 ? (int64_t)(center - support + 0.5) : 0,
                      end = (int64_t)(center + support + 0.5) < a->n_in ? (int64_t)(center + support + 0.5) : a->n_in;
        double sum = 0;
        for (int pass = 0; pass < 2; ++pass)
            for (int64_t t = 0; t < a->taps; ++t) {
                const double x = ((double)(t + first) - center + 0.5) / wide;
                const double w = t + first >= end ? 0 : is_cubic ? cubic(x, -0.5) : fabs(x) < 1 ? 1 - fabs(x) : 0;
                a->places[i * a->taps + t] = inside(t + first, a->n_in);
                a->weights[i * a->taps + t] = (float)(pass && sum != 0 ? w / sum : w);
                sum += pass ? 0 : w;
            }
    }
    return IC_OK;
}

/* The windows of adaptive pools: from floor(i * in / out) up to ceil((i + 1) * in / out). */
static enum ic_status place_average(struct ic_ts *ts, struct axis *a)
{
    if (a->n_out < 1 || a->n_out > MAX_SIZE || a->n_in > MAX_SIZE)
        return make_room(ts, a, 0);
    IC_TRY(make_room(ts, a, (a->n_in + a->n_out - 1) / a->n_out + 1));
    for (int64_t i = 0; i < a->n_out; ++i) {
        const int64_t first = i * a->n_in / a->n_out, end = ((i + 1) * a->n_in + a->n_out - 1) / a->n_out;
        for (int64_t t = 0; t < a->taps; ++t) {
            a->places[i * a->taps + t] = inside(first + t, a->n_in);
            a->weights[i * a->taps + t] = first + t < end ? (float)(1.0 / (double)(end - first)) : 0;
        }
    }
    return IC_OK;
}

static enum ic_status place(struct ic_ts *ts, struct axis *a, enum mode mode)
{
    switch (mode) {
    case NEAREST:
    case EXACT:
        return place_nearest(ts, a, mode == EXACT);
    case LINEAR:
        return place_linear(ts, a);
    case CUBIC:
        return place_cubic(ts, a);
    default:
        return place_smooth(ts, a, mode == CUBIC_AA);
    }
}

/* ---- nodes ---- */
static enum ic_status constant(struct ic_ts *ts, enum ic_dtype dtype, int64_t rows, int64_t columns, const void *data,
                               struct ic_value **out)
{
    const int32_t dims[2] = {(int32_t)rows, (int32_t)columns};
    *out = ic_graph_const_lent(ts->graph, "constant", dtype, columns ? 2 : 1, dims, data);
    return *out ? IC_OK : ic_ts_no_memory(ts);
}

static enum ic_status apply(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t axis, const struct axis *a, struct ic_ts_tensor **out)
{
    struct ic_value *in[3] = {0};
    struct ic_node *n = NULL;
    const struct ic_ts_value given = ic_ts_of(x);
    const bool moves = a->taps == 1;
    IC_TRY(ic_ts_typed_value(ts, &given, moves ? x->dtype : IC_TS_F32, &in[0]));
    IC_TRY(constant(ts, IC_S32, a->n_out, moves ? 0 : a->taps, a->places, &in[1]));
    if (!moves)
        IC_TRY(constant(ts, IC_F32, a->n_out, a->taps, a->weights, &in[2]));
    IC_TRY(ic_ts_node(ts, moves ? IC_OP_GATHER : IC_OP_RESAMPLE, in, moves ? 2 : 3, "", &n));
    ic_ts_set_int_attr(n, moves ? (int)IC_GATHER_AXIS : (int)IC_RESAMPLE_AXIS, axis);
    IC_TRY(ic_ts_finish(ts, n, &in[0]));
    return ic_ts_wrap(ts, in[0], x->dtype, out);
}

/* ---- upsample_* ---- */
/* A size that a factor gives; 0 when it is beyond all sizes. */
static int64_t scaled_size(double size)
{
    return size >= 1 && size <= MAX_SIZE ? (int64_t)floor(size) : 0;
}

/* n h w become n*k: new axes of 1, expanded; the graph sees what it is */
static enum ic_status repeat(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t axis, int64_t times, struct ic_ts_tensor **out)
{
    int64_t dims[IC_IR_MAX_RANK], whole[IC_IR_MAX_RANK];
    const int32_t rank = x->rank;
    memcpy(whole, x->dims, sizeof whole);
    whole[axis] *= times;
    for (int32_t i = 0; i <= rank; ++i)
        dims[i] = i <= axis ? x->dims[i] : i == axis + 1 ? 1 : x->dims[i - 1];
    IC_TRY(ic_ts_reshape(ts, x, rank + 1, dims, &x));
    dims[axis + 1] = times;
    IC_TRY(ic_ts_expand(ts, x, rank + 1, dims, &x));
    return ic_ts_reshape(ts, x, rank, whole, out);
}

static double factor_of(const struct ic_ts_value *v)
{
    return ic_ts_is_number(v) && ic_ts_number(v) > 0 ? ic_ts_number(v) : 0;
}

/* Size and factor of axis i of a call: (x, output_size?, [align_corners,] scale_factors?) or (x, output_size, [align_corners,] scale per axis). */
static bool read_axis(const struct ic_ts_value *arg, int32_t at, bool one_list, int32_t i, struct axis *a)
{
    const bool has_size = arg[1].kind == IC_TS_V_LIST && ic_ts_list_n(&arg[1]) > i;
    const struct ic_ts_value *v = &arg[at + (one_list ? 0 : i)];
    if (one_list && (v->kind != IC_TS_V_LIST || ic_ts_list_n(v) <= i))
        v = NULL;
    const double factor = v ? factor_of(one_list ? &v->u.seq->items[i] : v) : 0;
    a->scale = factor > 0 && !(one_list && has_size) ? 1 / factor : 0;
    a->n_out = has_size ? ic_ts_list_int(&arg[1], i) : scaled_size((double)a->n_in * factor);
    return has_size || factor > 0;
}

/* row->i: axes, row->a: enum mode, row->b: 1 when the factors come in one list */
enum ic_status ic_ts_op_upsample(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    const enum mode mode = (enum mode)(int)row->a;
    const int32_t at = mode > EXACT ? 3 : 2;
    if (x->rank != row->i + 2)
        return ic_ts_fail(ts, IC_E_SHAPES, "upsampling of %d ax%s of %s", row->i, IC_N(row->i, "is", "es"),
                          ic_ts_describe(ts, &arg[0]));
    for (int32_t i = 0; i < row->i; ++i) {
        struct axis a = {.n_in = x->dims[2 + i], .corners = mode > EXACT && arg[2].u.i != 0};
        if (!read_axis(arg, at, row->b != 0, i, &a))
            return ic_ts_fail(ts, IC_E_SHAPES, "upsampling without sizes");
        if (a.scale != 0 && !(a.scale <= MAX_SIZE && a.scale * MAX_SIZE >= 1))
            return ic_ts_fail(ts, IC_E_OPERATOR_FORM, "upsampling by a factor of %g; factors of 1/%d to %d are supported",
                              1 / a.scale, MAX_SIZE, MAX_SIZE);
        if (a.n_out == a.n_in && (a.scale == 0 || a.scale == 1))
            continue;
        if (mode <= EXACT && a.n_in > 0 && a.n_out > 0 && a.n_out % a.n_in == 0 && x->rank < IC_IR_MAX_RANK &&
            (a.scale == 0 || a.scale * (double)(a.n_out / a.n_in) == 1)) {
            IC_TRY(repeat(ts, x, 2 + i, a.n_out / a.n_in, &x));
            continue;
        }
        IC_TRY(place(ts, &a, mode));
        IC_TRY(apply(ts, x, 2 + i, &a, &x));
    }
    *out = ic_ts_of(x);
    return IC_OK;
}

/* The means of the windows of an adaptive pool over the last n_sizes axes. */
enum ic_status ic_ts_adaptive_average(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t n_sizes, const int64_t *sizes,
                                      struct ic_ts_value *out)
{
    for (int32_t i = 0; i < n_sizes; ++i) {
        const int32_t axis = x->rank - n_sizes + i;
        struct axis a = {.n_in = x->dims[axis], .n_out = sizes[i]};
        if (a.n_in == a.n_out)
            continue;
        IC_TRY(place_average(ts, &a));
        IC_TRY(apply(ts, x, axis, &a, &x));
    }
    *out = ic_ts_of(x);
    return IC_OK;
}
