/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators that join, cut and move parts of tensors.
 */
#include "import/torchscript/chosen.h"
#include "import/torchscript/ops.h"

#include "ir/op_def.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define MAX_PARTS 65536
#define MANY_SLICES 8 /* more are a gather */

/* ---- joining ---- */
enum ic_status ic_ts_op_cat(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const int32_t n = ic_ts_list_n(&arg[0]);
    struct ic_ts_tensor **parts = ic_arena_array(&ts->arena, n ? (size_t)n : 1, sizeof *parts), *t = NULL;
    int32_t axis = 0, used = 0;
    (void)row;
    if (!parts)
        return ic_ts_no_memory(ts);
    for (int32_t i = 0; i < n; ++i) {
        struct ic_ts_tensor *p = arg[0].u.seq->items[i].u.t;
        if (!(p->rank == 1 && p->dims[0] == 0)) /* torch skips these, whatever the others' rank */
            parts[used++] = p;
    }
    if (used == 0)
        return ic_ts_fail(ts, IC_E_SHAPES, "nothing is joined");
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, parts[0]->rank, &axis));
    IC_TRY(ic_ts_concat(ts, parts, used, axis, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

enum ic_status ic_ts_op_stack(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_value list;
    int32_t axis = 0;
    if (ic_ts_list_n(&arg[0]) == 0)
        return ic_ts_fail(ts, IC_E_SHAPES, "nothing is stacked");
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, arg[0].u.seq->items[0].u.t->rank + 1, &axis));
    IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, ic_ts_list_n(&arg[0]), &list));
    for (int32_t i = 0; i < ic_ts_list_n(&arg[0]); ++i) {
        struct ic_ts_value one[2] = {arg[0].u.seq->items[i], ic_ts_int(axis)};
        IC_TRY(ic_ts_op_unsqueeze(ts, row, one, &list.u.seq->items[i]));
    }
    return ic_ts_op_cat(ts, row, (struct ic_ts_value[]){list, ic_ts_int(axis)}, out);
}

/* ---- cutting ---- */
static enum ic_status cut(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t axis, int64_t start, int64_t length,
                          struct ic_ts_value *out)
{
    const struct ic_ts_view v = {.kind = IC_TS_VIEW_SLICE, .axis = axis, .start = start, .length = length, .step = 1};
    struct ic_ts_tensor *t = NULL;
    IC_TRY(ic_ts_view(ts, x, &v, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

static enum ic_status cut_every(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t axis, int64_t size, struct ic_ts_value *out)
{
    const int64_t total = x->rank ? x->dims[axis] : 0;
    if (size <= 0 || x->rank == 0 || total / size > MAX_PARTS)
        return ic_ts_fail(ts, IC_E_SHAPES, "a split in parts of %" PRId64, size);
    const int32_t n = total ? (int32_t)((total + size - 1) / size) : 1;
    IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, n, out));
    for (int32_t i = 0; i < n; ++i)
        IC_TRY(cut(ts, x, axis, i * size, total - i * size < size ? total - i * size : size, &out->u.seq->items[i]));
    return IC_OK;
}

/* chunk(x, chunks, dim) */
enum ic_status ic_ts_op_chunk(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    int32_t axis = 0;
    (void)row;
    IC_TRY(ic_ts_axis(ts, arg[2].u.i, x->rank, &axis));
    if (arg[1].u.i < 1 || x->rank == 0)
        return ic_ts_fail(ts, IC_E_SHAPES, "%" PRId64 " chunks", arg[1].u.i);
    if (x->dims[axis] == 0 && arg[1].u.i <= 4096) { /* as many as asked for, each empty */
        IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, (int32_t)arg[1].u.i, out));
        for (int32_t i = 0; i < out->u.seq->n; ++i)
            IC_TRY(cut(ts, x, axis, 0, 0, &out->u.seq->items[i]));
        return IC_OK;
    }
    const int64_t size = (x->dims[axis] - 1) / arg[1].u.i + 1;
    return cut_every(ts, x, axis, size > 0 ? size : 1, out);
}

/* split(x, size, dim) */
enum ic_status ic_ts_op_split(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    int32_t axis = 0;
    (void)row;
    IC_TRY(ic_ts_axis(ts, arg[2].u.i, arg[0].u.t->rank, &axis));
    return cut_every(ts, arg[0].u.t, axis, arg[1].u.i, out);
}

/* split_with_sizes(x, sizes, dim) */
enum ic_status ic_ts_op_split_sizes(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    int32_t axis = 0;
    int64_t at = 0;
    (void)row;
    IC_TRY(ic_ts_axis(ts, arg[2].u.i, x->rank, &axis));
    IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, ic_ts_list_n(&arg[1]), out));
    for (int32_t i = 0; i < out->u.seq->n; ++i) {
        const int64_t n = ic_ts_list_int(&arg[1], i);
        if (x->rank == 0 || n < 0 || n > x->dims[axis] - at)
            return ic_ts_fail(ts, IC_E_SHAPES, "a part of %" PRId64 " element%s from %" PRId64 " on axis %d of %s", n, IC_S(n), at,
                              axis, ic_ts_describe(ts, &arg[0]));
        IC_TRY(cut(ts, x, axis, at, n, &out->u.seq->items[i]));
        at += n;
    }
    return IC_OK;
}

enum ic_status ic_ts_op_unbind(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    int32_t axis = 0;
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, x->rank, &axis));
    if (x->rank == 0 || x->dims[axis] > MAX_PARTS)
        return ic_ts_fail(ts, IC_E_SHAPES, "unbind of %s", ic_ts_describe(ts, &arg[0]));
    IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, (int32_t)x->dims[axis], out));
    for (int32_t i = 0; i < out->u.seq->n; ++i)
        IC_TRY(ic_ts_op_select(ts, row, (struct ic_ts_value[]){arg[0], ic_ts_int(axis), ic_ts_int(i)}, &out->u.seq->items[i]));
    return IC_OK;
}

/* ---- padding; the list goes from the last axis backwards in pairs ---- */
static enum ic_status pad_constant(struct ic_ts *ts, struct ic_ts_tensor *x, const int64_t *before, const int64_t *after,
                                   double fill, struct ic_ts_value *out)
{
    struct ic_value *v = NULL;
    struct ic_node *n = NULL;
    struct ic_ts_tensor *t = NULL;
    IC_TRY(ic_ts_tensor_value(ts, x, &v));
    IC_TRY(ic_ts_node(ts, IC_OP_PAD, &v, 1, "", &n));
    ic_ts_set_ints_attr(n, IC_PAD_BEFORE, x->rank, before);
    ic_ts_set_ints_attr(n, IC_PAD_AFTER, x->rank, after);
    ic_ts_set_float_attr(n, IC_PAD_VALUE, fill);
    IC_TRY(ic_ts_finish(ts, n, &v));
    IC_TRY(ic_ts_wrap(ts, v, x->dtype, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* ---- places that are known ---- */
/* How many of index, from i on, stand one after another on an axis of that size; 0: the first is none of its places. */
static int64_t run_length(const int64_t *index, int64_t n, int64_t i, int64_t size)
{
    const int64_t at = index[i] < 0 ? index[i] + size : index[i];
    int64_t run = at >= 0 && at < size;
    while (run && i + run < n && index[i + run] == index[i] + run && at + run < size)
        ++run;
    return run;
}

static enum ic_status gather_known(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t axis, int64_t n, const int64_t *index,
                                   struct ic_ts_tensor **out)
{
    struct ic_ts_tensor *places = NULL;
    struct ic_ts_value y;
    void *to = NULL;
    IC_TRY(ic_ts_tensor_known(ts, IC_TS_S64, 1, &n, &places, &to));
    memcpy(to, index, (size_t)n * sizeof *index);
    const struct ic_ts_value vx = ic_ts_of(x), at = ic_ts_of(places);
    IC_TRY(ic_ts_emit_gather(ts, &vx, axis, &at, false, &y));
    *out = y.u.t;
    return IC_OK;
}

/* The elements of x on axis in the order of n indices: slices joined, a gather where that were many. */
static enum ic_status pick(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t axis, int64_t n, const int64_t *index,
                           struct ic_ts_tensor **out)
{
    struct ic_ts_tensor **parts = ic_arena_array(&ts->arena, n ? (size_t)n : 1, sizeof *parts);
    int32_t n_parts = 0;
    if (!parts)
        return ic_ts_no_memory(ts);
    for (int64_t i = 0, run = 0; i < n; i += run, ++n_parts) {
        run = run_length(index, n, i, x->dims[axis]);
        if (run == 0)
            return ic_ts_fail(ts, IC_E_SHAPES, "element %" PRId64 " of an axis of %" PRId64, index[i], x->dims[axis]);
    }
    if (n_parts == 0)
        return ic_ts_slice(ts, x, axis, 0, 0, 1, out);
    if (n_parts > MANY_SLICES && !ic_ts_is_known(x))
        return gather_known(ts, x, axis, n, index, out);
    for (int64_t i = 0, run = 0, part = 0; i < n; i += run, ++part) {
        run = run_length(index, n, i, x->dims[axis]);
        IC_TRY(ic_ts_slice(ts, x, axis, index[i] < 0 ? index[i] + x->dims[axis] : index[i], run, 1, &parts[part]));
    }
    return ic_ts_concat(ts, parts, n_parts, axis, out);
}

/* Which element of an axis a padded one is, `away` beside the edge before or behind it: reflect, replicate, circular. */
static int64_t padded_from(char mode, bool front, int64_t away, int64_t size)
{
    if (mode == 'r')
        return front ? 0 : size - 1;
    if (mode == 'c')
        return front ? size - away : away - 1;
    return front ? away : size - 1 - away;
}

/* reflect, replicate, circular on one axis: parts of the input joined again */
static enum ic_status pad_axis(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t axis, int64_t before, int64_t after, char mode,
                               struct ic_ts_tensor **out)
{
    const int64_t size = x->dims[axis];
    const int64_t most = mode == 'r' ? INT32_MAX : mode == 'c' ? size : size - 1;
    if (before < 0 || after < 0 || before > most || after > most || size < 1)
        return ic_ts_fail(ts, IC_E_SHAPES, "padding of %" PRId64 " and %" PRId64 " on an axis of %" PRId64, before, after, size);
    const bool many = before > MANY_SLICES || after > MANY_SLICES;
    struct ic_ts_tensor **parts = ic_arena_array(&ts->arena, (size_t)(before + 1 + after), sizeof *parts);
    int64_t *index = ic_arena_array(&ts->arena, (size_t)(before + 1 + after), sizeof *index);
    int32_t n = 0;
    if (!parts || !index)
        return ic_ts_no_memory(ts);
    for (int64_t i = 0; i < before; ++i)
        index[i] = padded_from(mode, true, before - i, size);
    for (int64_t i = 0; i < after; ++i)
        index[before + i] = padded_from(mode, false, i + 1, size);
    for (int64_t i = 0; i < before && !many; ++i)
        IC_TRY(ic_ts_slice(ts, x, axis, index[i], 1, 1, &parts[n++]));
    if (before && many)
        IC_TRY(pick(ts, x, axis, before, index, &parts[n++]));
    parts[n++] = x;
    for (int64_t i = 0; i < after && !many; ++i)
        IC_TRY(ic_ts_slice(ts, x, axis, index[before + i], 1, 1, &parts[n++]));
    if (after && many)
        IC_TRY(pick(ts, x, axis, after, index + before, &parts[n++]));
    return ic_ts_concat(ts, parts, n, axis, out);
}

/* row->i: mode 'k' constant, 'f' reflect, 'r' replicate, 'c' circular; arg 2: the number (constant only) */
enum ic_status ic_ts_op_pad(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    const int32_t n = ic_ts_list_n(&arg[1]);
    int64_t before[IC_IR_MAX_RANK] = {0}, after[IC_IR_MAX_RANK] = {0};
    const char mode = (char)row->i;
    bool crops = false;
    if (n % 2 || n / 2 > x->rank)
        return ic_ts_fail(ts, IC_E_SHAPES, "padding with %d number%s of %s", n, IC_S(n), ic_ts_describe(ts, &arg[0]));
    for (int32_t i = 0; i < n / 2; ++i) {
        const int32_t axis = x->rank - 1 - i;
        before[axis] = ic_ts_list_int(&arg[1], 2 * i);
        after[axis] = ic_ts_list_int(&arg[1], 2 * i + 1);
        if (before[axis] > 65535 || after[axis] > 65535 || before[axis] < -x->dims[axis] || after[axis] < -x->dims[axis])
            return ic_ts_fail(ts, IC_E_SHAPES, "padding of %" PRId64 " and %" PRId64 " is out of range", before[axis], after[axis]);
        crops = crops || before[axis] < 0 || after[axis] < 0;
    }
    for (int32_t axis = 0; mode == 'k' && crops && axis < x->rank; ++axis) {
        const int64_t start = before[axis] < 0 ? -before[axis] : 0, end = x->dims[axis] + (after[axis] < 0 ? after[axis] : 0);
        if (end < start)
            return ic_ts_fail(ts, IC_E_SHAPES, "negative padding removes more than there is");
        IC_TRY(ic_ts_slice(ts, x, axis, start, end - start, 1, &x));
        before[axis] = before[axis] < 0 ? 0 : before[axis];
        after[axis] = after[axis] < 0 ? 0 : after[axis];
    }
    if (mode == 'k')
        return pad_constant(ts, x, before, after, arg[2].kind == IC_TS_V_NONE ? 0 : ic_ts_number(&arg[2]), out);
    for (int32_t axis = 0; axis < x->rank; ++axis)
        if (before[axis] || after[axis])
            IC_TRY(pad_axis(ts, x, axis, before[axis], after[axis], mode, &x));
    *out = ic_ts_of(x);
    return IC_OK;
}

/* pad(x, pad, mode, value) */
enum ic_status ic_ts_op_pad_mode(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const char *mode = arg[2].u.text->text;
    struct ic_ts_row with = *row;
    with.i = strcmp(mode, "reflect") == 0 ? 'f' : strcmp(mode, "replicate") == 0 ? 'r' : strcmp(mode, "circular") == 0 ? 'c' : 'k';
    arg[2] = arg[3];
    return ic_ts_op_pad(ts, &with, arg, out);
}

/* ---- repeating and moving ---- */
/* repeat(x, times per axis): new axes of 1 before each, expanded, joined again */
enum ic_status ic_ts_op_repeat(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    const int32_t rank = ic_ts_list_n(&arg[1]);
    int64_t dims[IC_IR_MAX_RANK] = {0};
    (void)row;
    if (rank > IC_IR_MAX_RANK)
        return ic_ts_fail(ts, IC_E_RANK, "a tensor of %d ax%s; at most %d are supported", rank, IC_N(rank, "is", "es"),
                          IC_IR_MAX_RANK);
    if (rank < x->rank)
        return ic_ts_fail(ts, IC_E_SHAPES, "repeat of %s on %d ax%s", ic_ts_describe(ts, &arg[0]), rank, IC_N(rank, "is", "es"));
    for (int32_t i = 0; i < rank; ++i)
        dims[i] = i < rank - x->rank ? 1 : x->dims[i - (rank - x->rank)];
    IC_TRY(ic_ts_reshape(ts, x, rank, dims, &x));
    for (int32_t i = 0; i < rank; ++i) {
        const int64_t times = ic_ts_list_int(&arg[1], i);
        if (times < 1 || times > MAX_PARTS)
            return ic_ts_fail(ts, IC_E_OPERATOR_FORM, "a tensor is repeated %" PRId64 " times; 1 to %d are supported", times,
                              MAX_PARTS);
        struct ic_ts_tensor **parts = ic_arena_array(&ts->arena, (size_t)times, sizeof *parts);
        if (!parts)
            return ic_ts_no_memory(ts);
        for (int64_t k = 0; k < times; ++k)
            parts[k] = x;
        if (x->dims[i] == 1 && times > 1) {
            memcpy(dims, x->dims, sizeof dims);
            dims[i] = times;
            IC_TRY(ic_ts_expand(ts, x, rank, dims, &x));
        } else {
            IC_TRY(ic_ts_concat(ts, parts, (int32_t)times, i, &x));
        }
    }
    *out = ic_ts_of(x);
    return IC_OK;
}

/* roll(x, shifts, dims) */
enum ic_status ic_ts_op_roll(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    (void)row;
    if (ic_ts_list_n(&arg[1]) != ic_ts_list_n(&arg[2]))
        return ic_ts_call_op(ts, "ic", "roll_flat", arg, 2, out);
    for (int32_t i = 0; i < ic_ts_list_n(&arg[1]); ++i) {
        int32_t axis = 0;
        struct ic_ts_tensor *parts[2];
        IC_TRY(ic_ts_axis(ts, ic_ts_list_int(&arg[2], i), x->rank, &axis));
        const int64_t size = x->rank ? x->dims[axis] : 0;
        const int64_t shift = size ? ((ic_ts_list_int(&arg[1], i) % size) + size) % size : 0;
        if (shift == 0)
            continue;
        IC_TRY(ic_ts_slice(ts, x, axis, size - shift, shift, 1, &parts[0]));
        IC_TRY(ic_ts_slice(ts, x, axis, 0, size - shift, 1, &parts[1]));
        IC_TRY(ic_ts_concat(ts, parts, 2, axis, &x));
    }
    *out = ic_ts_of(x);
    return IC_OK;
}

static enum ic_status pick_known(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t axis, struct ic_ts_tensor *index,
                                 struct ic_ts_tensor **out)
{
    const void *data = NULL;
    const int64_t n = ic_ts_elements(index);
    IC_TRY(ic_ts_tensor_data(ts, index, &data));
    int64_t *list = ic_arena_array(&ts->arena, n ? (size_t)n : 1, sizeof *list);
    if (!list)
        return ic_ts_no_memory(ts);
    for (int64_t i = 0; i < n; ++i)
        list[i] = ic_ts_get_int(index->dtype, data, i);
    return pick(ts, x, axis, n, list, out);
}

enum ic_status ic_ts_op_flip(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    (void)row;
    for (int32_t i = 0; i < ic_ts_list_n(&arg[1]); ++i) {
        int32_t axis = 0;
        IC_TRY(ic_ts_axis(ts, ic_ts_list_int(&arg[1], i), x->rank, &axis));
        const int64_t n = x->rank ? x->dims[axis] : 0;
        int64_t *list = ic_arena_array(&ts->arena, n ? (size_t)n : 1, sizeof *list);
        if (!list)
            return ic_ts_no_memory(ts);
        for (int64_t k = 0; k < n; ++k)
            list[k] = n - 1 - k;
        if (n)
            IC_TRY(pick(ts, x, axis, n, list, &x));
    }
    *out = ic_ts_of(x);
    return IC_OK;
}

/* index_select(x, dim, index) with a known index */
enum ic_status ic_ts_op_index_select(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                     struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    int32_t axis = 0;
    (void)row;
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, arg[0].u.t->rank, &axis));
    if (!ic_ts_is_known(arg[2].u.t))
        return ic_ts_emit_gather(ts, &arg[0], axis, &arg[2], false, out);
    IC_TRY(pick_known(ts, arg[0].u.t, axis, arg[2].u.t, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* index(x, [None, t, ...]) with one known index of rank 1 */
enum ic_status ic_ts_op_index(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    int32_t axis = -1, n = 0;
    struct ic_ts_tensor *t = NULL;
    (void)row;
    for (int32_t i = 0; i < ic_ts_list_n(&arg[1]); ++i)
        if (arg[1].u.seq->items[i].kind == IC_TS_V_TENSOR) {
            axis = i;
            ++n;
        }
    const struct ic_ts_tensor *index = n ? arg[1].u.seq->items[axis].u.t : NULL;
    if (n == 1 && axis == 0 && index->dtype == IC_TS_BOOL && !ic_ts_is_known(index) && !ic_ts_is_known(arg[0].u.t) &&
        index->rank <= arg[0].u.t->rank && memcmp(index->dims, arg[0].u.t->dims, (size_t)index->rank * sizeof *index->dims) == 0)
        return ic_ts_choose(ts, arg[0].u.t, index, out);
    if (n != 1 || !ic_ts_is_known(index) || index->rank > 1 || ic_ts_is_float(index->dtype) || index->dtype == IC_TS_BOOL ||
        axis >= arg[0].u.t->rank)
        return ic_ts_call_op(ts, "ic", "index", arg, 2, out);
    IC_TRY(pick_known(ts, arg[0].u.t, axis, arg[1].u.seq->items[axis].u.t, &t));
    *out = ic_ts_of(t);
    if (index->rank == 0)
        return ic_ts_op_squeeze(ts, row, (struct ic_ts_value[]){*out, *out}, out);
    return IC_OK;
}

/* [n, c*r*r, h, w] to [n, c, h*r, w*r] (row->i 1), or back (row->i 0) */
enum ic_status ic_ts_op_pixel_shuffle(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                      struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    const int64_t r = arg[1].u.i;
    const int32_t rank = x->rank;
    int64_t whole[IC_IR_MAX_RANK];
    if (rank != 4 && rank >= 3) { /* the leading axes as one */
        const int64_t planes = x->dims[rank - 3] * x->dims[rank - 2] * x->dims[rank - 1];
        memcpy(whole, x->dims, sizeof whole);
        IC_TRY(ic_ts_reshape(
            ts, x, 4,
            (const int64_t[]){planes ? ic_ts_elements(x) / planes : 0, x->dims[rank - 3], x->dims[rank - 2], x->dims[rank - 1]},
            &x));
    }
    if (x->rank != 4 || r < 1 || r > 65535 || (row->i ? x->dims[1] % (r * r) : x->dims[2] % r || x->dims[3] % r))
        return ic_ts_fail(ts, IC_E_SHAPES, "a pixel shuffle by %" PRId64 " of %s", r, ic_ts_describe(ts, &arg[0]));
    const int64_t n = x->dims[0], c = x->dims[1], h = x->dims[2], w = x->dims[3];
    if (row->i) {
        IC_TRY(ic_ts_reshape(ts, x, 6, (const int64_t[]){n, c / (r * r), r, r, h, w}, &x));
        IC_TRY(ic_ts_permute(ts, x, (const int32_t[]){0, 1, 4, 2, 5, 3}, &x));
        IC_TRY(ic_ts_reshape(ts, x, 4, (const int64_t[]){n, c / (r * r), h * r, w * r}, &x));
    } else {
        IC_TRY(ic_ts_reshape(ts, x, 6, (const int64_t[]){n, c, h / r, r, w / r, r}, &x));
        IC_TRY(ic_ts_permute(ts, x, (const int32_t[]){0, 1, 3, 5, 2, 4}, &x));
        IC_TRY(ic_ts_reshape(ts, x, 4, (const int64_t[]){n, c * r * r, h / r, w / r}, &x));
    }
    if (rank != 4) {
        memcpy(&whole[rank - 3], &x->dims[1], 3 * sizeof *whole);
        IC_TRY(ic_ts_reshape(ts, x, rank, whole, &x));
    }
    *out = ic_ts_of(x);
    return IC_OK;
}

enum ic_status ic_ts_op_channel_shuffle(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                        struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    const int64_t g = arg[1].u.i;
    (void)row;
    if (x->rank != 4 || g < 1 || x->dims[1] % g)
        return ic_ts_fail(ts, IC_E_SHAPES, "a channel shuffle in %" PRId64 " group%s of %s", g, IC_S(g),
                          ic_ts_describe(ts, &arg[0]));
    const int64_t dims[4] = {x->dims[0], x->dims[1], x->dims[2], x->dims[3]};
    IC_TRY(ic_ts_reshape(ts, x, 5, (const int64_t[]){dims[0], g, dims[1] / g, dims[2], dims[3]}, &x));
    IC_TRY(ic_ts_permute(ts, x, (const int32_t[]){0, 2, 1, 3, 4}, &x));
    IC_TRY(ic_ts_reshape(ts, x, 4, dims, &x));
    *out = ic_ts_of(x);
    return IC_OK;
}

/* ---- writing ---- */
/* copy_(x, from): the in-place form writes the result back */
enum ic_status ic_ts_op_copy(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    (void)row;
    IC_TRY(ic_ts_expand(ts, arg[1].u.t, arg[0].u.t->rank, arg[0].u.t->dims, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* fill(x, number), zero(x): row->i 1 has the number in row->a */
enum ic_status ic_ts_op_fill(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const struct ic_ts_tensor *x = arg[0].u.t;
    struct ic_ts_tensor *t = NULL;
    void *to = NULL;
    double f = row->a;
    bool known = true;
    if (!row->i && arg[1].kind == IC_TS_V_TENSOR)
        IC_TRY(ic_ts_tensor_number(ts, arg[1].u.t, &known, &f));
    else if (!row->i)
        f = ic_ts_number(&arg[1]);
    if (!known)
        return ic_ts_call_op(ts, "ic", "filled", arg, 2, out);
    IC_TRY(ic_ts_tensor_known(ts, x->dtype, x->rank, x->dims, &t, &to));
    for (int64_t i = 0; i < ic_ts_elements(t); ++i)
        ic_ts_set_number(x->dtype, to, i, f);
    *out = ic_ts_of(t);
    return IC_OK;
}
