/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators that only show the same elements differently.
 */
#include "import/torchscript/ops.h"

#include "base/checked.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static enum ic_status see_as(struct ic_ts *ts, struct ic_ts_tensor *x, const struct ic_ts_view *v, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    IC_TRY(ic_ts_view(ts, x, v, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* Sizes with one -1 filled in. */
static enum ic_status read_sizes(struct ic_ts *ts, const struct ic_ts_tensor *x, const struct ic_ts_value *sizes, int32_t *rank,
                                 int64_t *dims)
{
    int64_t known = 1;
    int32_t free_axis = -1;
    const int64_t n = ic_ts_elements(x);
    *rank = ic_ts_list_n(sizes);
    bool good = *rank <= IC_IR_MAX_RANK;
    for (int32_t i = 0; good && i < *rank; ++i) {
        dims[i] = ic_ts_list_int(sizes, i);
        if (dims[i] == -1) {
            good = free_axis < 0;
            free_axis = i;
        } else {
            good = dims[i] >= 0 && ic_mul_i64(known, dims[i], &known);
        }
    }
    if (good && free_axis >= 0) {
        good = known > 0 && n % known == 0;
        dims[free_axis] = good ? n / known : 0;
    } else if (good) {
        good = known == n;
    }
    if (good)
        return IC_OK;
    const struct ic_ts_value vx = {.kind = IC_TS_V_TENSOR, .u.t = (struct ic_ts_tensor *)(uintptr_t)x};
    char text[160];
    size_t at = 0;
    text[0] = 0;
    for (int32_t i = 0; i < ic_ts_list_n(sizes) && at < sizeof text - 24; ++i)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%" PRId64, i ? ", " : "", ic_ts_list_int(sizes, i));
    return ic_ts_fail(ts, IC_E_SHAPES, "%s cannot be seen as [%s]; is the input shape right?", ic_ts_describe(ts, &vx), text);
}

enum ic_status ic_ts_op_view(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_view v = {.kind = IC_TS_VIEW_RESHAPE};
    (void)row;
    IC_TRY(read_sizes(ts, arg[0].u.t, &arg[1], &v.rank, v.dims));
    return see_as(ts, arg[0].u.t, &v, out);
}

static enum ic_status reshape_to(struct ic_ts *ts, struct ic_ts_tensor *x, const struct ic_ts_view *v, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    /* torch copies when the elements cannot be seen that way where they are, and then shares nothing */
    const enum ic_ts_sharing sharing = ic_ts_reshape_shares(x, v->rank, v->dims);
    *out = ic_ts_none();
    if (sharing == IC_TS_SHARES)
        return see_as(ts, x, v, out);
    IC_TRY(ic_ts_reshape(ts, x, v->rank, v->dims, &t));
    t->now.contiguous = true;
    *out = ic_ts_of(t);
    return sharing == IC_TS_MAY_SHARE ? ic_ts_may_share(ts, t, x, false) : IC_OK;
}

enum ic_status ic_ts_op_reshape(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_view v = {.kind = IC_TS_VIEW_RESHAPE};
    (void)row;
    IC_TRY(read_sizes(ts, arg[0].u.t, &arg[1], &v.rank, v.dims));
    return reshape_to(ts, arg[0].u.t, &v, out);
}

enum ic_status ic_ts_op_view_as(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    IC_TRY(ic_ts_ints(ts, arg[1].u.t->rank, arg[1].u.t->dims, &arg[1]));
    return ic_ts_op_reshape(ts, row, arg, out);
}

enum ic_status ic_ts_op_flatten(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    struct ic_ts_view v = {.kind = IC_TS_VIEW_RESHAPE};
    int32_t first = 0, last = 0;
    (void)row;
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, x->rank, &first));
    IC_TRY(ic_ts_axis(ts, arg[2].u.i, x->rank, &last));
    if (first > last)
        return ic_ts_fail(ts, IC_E_SHAPES, "flatten from axis %d to axis %d", first, last);
    for (int32_t i = 0; i < (x->rank ? x->rank : 1); ++i) {
        const int64_t size = x->rank ? x->dims[i] : 1;
        if (i > first && i <= last)
            v.dims[v.rank - 1] *= size;
        else
            v.dims[v.rank++] = size;
    }
    return reshape_to(ts, x, &v, out);
}

enum ic_status ic_ts_op_unflatten(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    struct ic_ts_value sizes;
    int32_t axis = 0;
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, x->rank, &axis));
    IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, 0, &sizes));
    int64_t known = 1;
    for (int32_t i = 0; i < ic_ts_list_n(&arg[2]); ++i)
        if (ic_ts_list_int(&arg[2], i) > 0 && !ic_mul_i64(known, ic_ts_list_int(&arg[2], i), &known))
            return ic_ts_fail(ts, IC_E_SHAPES, "unflatten to sizes that are too large");
    for (int32_t i = 0; i < x->rank; ++i)
        if (i != axis)
            IC_TRY(ic_ts_append(ts, sizes.u.seq, ic_ts_int(x->dims[i])));
        else
            for (int32_t k = 0; k < ic_ts_list_n(&arg[2]); ++k)
                IC_TRY(ic_ts_append(ts, sizes.u.seq,
                                    ic_ts_int(ic_ts_list_int(&arg[2], k) == -1 ? x->dims[i] / known : ic_ts_list_int(&arg[2], k))));
    arg[1] = sizes;
    return ic_ts_op_view(ts, row, arg, out);
}

enum ic_status ic_ts_op_permute(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    struct ic_ts_view v = {.kind = IC_TS_VIEW_PERMUTE, .rank = x->rank};
    bool used[IC_IR_MAX_RANK] = {false};
    (void)row;
    if (ic_ts_list_n(&arg[1]) != x->rank)
        return ic_ts_fail(ts, IC_E_SHAPES, "permute of %s with %d ax%s", ic_ts_describe(ts, &arg[0]), ic_ts_list_n(&arg[1]),
                          IC_N(ic_ts_list_n(&arg[1]), "is", "es"));
    for (int32_t i = 0; i < x->rank; ++i) {
        int32_t axis = 0;
        IC_TRY(ic_ts_axis(ts, ic_ts_list_int(&arg[1], i), x->rank, &axis));
        if (used[axis])
            return ic_ts_fail(ts, IC_E_SHAPES, "permute names axis %d twice", axis);
        used[axis] = true;
        v.dims[i] = axis;
    }
    return see_as(ts, x, &v, out);
}

enum ic_status ic_ts_op_transpose(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    struct ic_ts_view v = {.kind = IC_TS_VIEW_PERMUTE, .rank = x->rank};
    int32_t a = 0, b = 0;
    (void)row;
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, x->rank, &a));
    IC_TRY(ic_ts_axis(ts, arg[2].u.i, x->rank, &b));
    for (int32_t i = 0; i < x->rank; ++i)
        v.dims[i] = i == a ? b : i == b ? a : i;
    return see_as(ts, x, &v, out);
}

enum ic_status ic_ts_op_t(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    if (arg[0].u.t->rank < 2) {
        *out = arg[0];
        return IC_OK;
    }
    arg[1] = ic_ts_int(row->i ? -2 : 0); /* row->i: mT, the last two axes */
    arg[2] = ic_ts_int(row->i ? -1 : 1);
    return ic_ts_op_transpose(ts, row, arg, out);
}

/* x.T: all axes the other way round */
enum ic_status ic_ts_op_reversed_axes(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                      struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    struct ic_ts_view v = {.kind = IC_TS_VIEW_PERMUTE, .rank = x->rank};
    (void)row;
    for (int32_t i = 0; i < v.rank; ++i)
        v.dims[i] = v.rank - 1 - i;
    return see_as(ts, x, &v, out);
}

enum ic_status ic_ts_op_unsqueeze(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    struct ic_ts_view v = {.kind = IC_TS_VIEW_RESHAPE, .rank = x->rank + 1};
    int32_t axis = 0;
    (void)row;
    if (x->rank == IC_IR_MAX_RANK)
        return ic_ts_fail(ts, IC_E_RANK, "a tensor of more than %d axes", IC_IR_MAX_RANK);
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, x->rank + 1, &axis));
    for (int32_t i = 0; i < v.rank; ++i)
        v.dims[i] = i < axis ? x->dims[i] : i == axis ? 1 : x->dims[i - 1];
    return see_as(ts, x, &v, out);
}

/* squeeze(dim), squeeze(dims) */
enum ic_status ic_ts_op_squeeze(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    struct ic_ts_view v = {.kind = IC_TS_VIEW_RESHAPE};
    bool drop[IC_IR_MAX_RANK] = {false};
    (void)row;
    for (int32_t i = 0; i < ic_ts_list_n(&arg[1]); ++i) {
        int32_t axis = 0;
        IC_TRY(ic_ts_axis(ts, ic_ts_list_int(&arg[1], i), x->rank, &axis));
        drop[axis] = x->rank > 0 && x->dims[axis] == 1;
    }
    for (int32_t i = 0; i < x->rank; ++i)
        if (!drop[i])
            v.dims[v.rank++] = x->dims[i];
    return see_as(ts, x, &v, out);
}

enum ic_status ic_ts_op_squeeze_all(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    int64_t axes[IC_IR_MAX_RANK];
    for (int32_t i = 0; i < arg[0].u.t->rank; ++i)
        axes[i] = i;
    IC_TRY(ic_ts_ints(ts, arg[0].u.t->rank, axes, &arg[1]));
    return ic_ts_op_squeeze(ts, row, arg, out);
}

enum ic_status ic_ts_op_select(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *t = NULL;
    struct ic_ts_view slice = {.kind = IC_TS_VIEW_SLICE, .length = 1, .step = 1}, drop = {.kind = IC_TS_VIEW_RESHAPE};
    (void)row;
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, x->rank, &slice.axis));
    const int64_t size = x->rank ? x->dims[slice.axis] : 0;
    slice.start = arg[2].u.i < 0 ? arg[2].u.i + size : arg[2].u.i;
    if (slice.start < 0 || slice.start >= size)
        return ic_ts_fail(ts, IC_E_SHAPES, "element %" PRId64 " of axis %d of %s", arg[2].u.i, slice.axis,
                          ic_ts_describe(ts, &arg[0]));
    for (int32_t i = 0; i < x->rank; ++i)
        if (i != slice.axis)
            drop.dims[drop.rank++] = x->dims[i];
    IC_TRY(ic_ts_view(ts, x, &slice, &t));
    return see_as(ts, t, &drop, out);
}

static int64_t clip(int64_t v, int64_t size)
{
    v = v < 0 ? v + size : v;
    return v < 0 ? 0 : v > size ? size : v;
}

/* slice(x, dim, start, end, step) */
enum ic_status ic_ts_op_slice(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    struct ic_ts_view v = {.kind = IC_TS_VIEW_SLICE, .step = arg[4].u.i};
    (void)row;
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, x->rank, &v.axis));
    if (v.step < 1 || x->rank == 0)
        return ic_ts_fail(ts, IC_E_SHAPES, "a slice with step %" PRId64 " of %s", v.step, ic_ts_describe(ts, &arg[0]));
    const int64_t size = x->dims[v.axis];
    v.start = arg[2].kind == IC_TS_V_NONE ? 0 : clip(arg[2].u.i, size);
    const int64_t end = arg[3].kind == IC_TS_V_NONE ? size : clip(arg[3].u.i, size);
    v.length = end > v.start ? (end - v.start - 1) / v.step + 1 : 0;
    return see_as(ts, x, &v, out);
}

/* narrow(x, dim, start, length) */
enum ic_status ic_ts_op_narrow(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    struct ic_ts_view v = {.kind = IC_TS_VIEW_SLICE, .step = 1, .length = arg[3].u.i};
    (void)row;
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, x->rank, &v.axis));
    const int64_t size = x->rank ? x->dims[v.axis] : 0;
    v.start = arg[2].u.i < 0 ? arg[2].u.i + size : arg[2].u.i;
    if (v.start < 0 || v.length < 0 || v.start > size || v.length > size - v.start)
        return ic_ts_fail(ts, IC_E_SHAPES, "%" PRId64 " element%s from %" PRId64 " of axis %d of %s", v.length, IC_S(v.length),
                          v.start, v.axis, ic_ts_describe(ts, &arg[0]));
    return see_as(ts, x, &v, out);
}

static enum ic_status expand_view(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t rank, const int64_t *dims,
                                  struct ic_ts_value *out)
{
    struct ic_ts_view v = {.kind = IC_TS_VIEW_EXPAND, .rank = rank};
    if (rank < x->rank || rank > IC_IR_MAX_RANK)
        return ic_ts_fail(ts, IC_E_SHAPES, "a tensor of rank %d is expanded to rank %d", x->rank, rank);
    for (int32_t i = 0; i < rank; ++i) {
        const int32_t from = i - (rank - x->rank);
        const int64_t old = from < 0 ? 1 : x->dims[from];
        v.dims[i] = dims[i] == -1 && from >= 0 ? old : dims[i];
        if ((old != 1 && v.dims[i] != old) || v.dims[i] < 0)
            return ic_ts_fail(ts, IC_E_SHAPES, "size %" PRId64 " is expanded to %" PRId64 "; only sizes of 1 can be", old,
                              v.dims[i]);
    }
    return see_as(ts, x, &v, out);
}

enum ic_status ic_ts_op_expand(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    int64_t dims[IC_IR_MAX_RANK] = {0};
    (void)row;
    for (int32_t i = 0; i < ic_ts_list_n(&arg[1]) && i < IC_IR_MAX_RANK; ++i)
        dims[i] = ic_ts_list_int(&arg[1], i);
    return expand_view(ts, arg[0].u.t, ic_ts_list_n(&arg[1]), dims, out);
}

enum ic_status ic_ts_op_expand_as(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    return expand_view(ts, arg[0].u.t, arg[1].u.t->rank, arg[1].u.t->dims, out);
}

/* detach, alias, requires_grad_ ...: the tensor itself */
enum ic_status ic_ts_op_alias(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)ts;
    (void)row;
    *out = arg[0];
    return IC_OK;
}

enum ic_status ic_ts_op_clone(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *t = NULL;
    (void)row;
    IC_TRY(ic_ts_reshape(ts, x, x->rank, x->dims, &t));
    t->now.contiguous = true;
    *out = ic_ts_of(t);
    return IC_OK;
}

enum ic_status ic_ts_op_contiguous(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const enum ic_ts_sharing sharing = ic_ts_contiguous_shares(arg[0].u.t);
    if (sharing == IC_TS_SHARES) {
        *out = arg[0];
        return IC_OK;
    }
    IC_TRY(ic_ts_op_clone(ts, row, arg, out));
    return sharing == IC_TS_MAY_SHARE ? ic_ts_may_share(ts, out->u.t, arg[0].u.t, false) : IC_OK;
}
