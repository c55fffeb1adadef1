/* SPDX-License-Identifier: Apache-2.0
 *
 * Tensors out of nothing, and changes of type and device.
 */
#include "import/torchscript/ops.h"

#include <inttypes.h>
#include <string.h>

static enum ic_status read_dims(struct ic_ts *ts, const struct ic_ts_value *list, int32_t *rank, int64_t *dims)
{
    *rank = ic_ts_list_n(list);
    if (*rank > IC_IR_MAX_RANK)
        return ic_ts_fail(ts, IC_E_RANK, "a tensor of %d ax%s; at most %d are supported", *rank, IC_N(*rank, "is", "es"),
                          IC_IR_MAX_RANK);
    for (int32_t i = 0; i < *rank; ++i)
        dims[i] = ic_ts_list_int(list, i);
    return IC_OK;
}

static enum ic_status make_full(struct ic_ts *ts, int32_t rank, const int64_t *dims, int32_t dtype, double fill,
                                struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    void *to = NULL;
    IC_TRY(ic_ts_tensor_known(ts, dtype, rank, dims, &t, &to));
    const int64_t n = ic_ts_elements(t);
    for (int64_t i = 0; fill != 0 && i < n; ++i)
        ic_ts_set_number(dtype, to, i, fill);
    *out = ic_ts_of(t);
    return IC_OK;
}

static int32_t dtype_or(const struct ic_ts_value *v, int32_t preset)
{
    return v->kind == IC_TS_V_INT && v->u.i >= 0 && v->u.i < 100 ? (int32_t)v->u.i : preset;
}

/* full(size, fill, dtype) */
enum ic_status ic_ts_op_full(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    int32_t rank = 0;
    int64_t dims[IC_IR_MAX_RANK] = {0};
    (void)row;
    IC_TRY(read_dims(ts, &arg[0], &rank, dims));
    const int32_t preset = arg[1].kind == IC_TS_V_FLOAT ? IC_TS_F32 : arg[1].kind == IC_TS_V_BOOL ? IC_TS_BOOL : IC_TS_S64;
    return make_full(ts, rank, dims, dtype_or(&arg[2], preset), ic_ts_number(&arg[1]), out);
}

/* zeros, ones, empty (size, dtype); row->a the number */
enum ic_status ic_ts_op_filled(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    int32_t rank = 0;
    int64_t dims[IC_IR_MAX_RANK] = {0};
    IC_TRY(read_dims(ts, &arg[0], &rank, dims));
    return make_full(ts, rank, dims, dtype_or(&arg[1], IC_TS_F32), row->a, out);
}

/* zeros_like(x, dtype) ...: only the shape of x counts */
enum ic_status ic_ts_op_filled_like(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const struct ic_ts_tensor *x = arg[0].u.t;
    return make_full(ts, x->rank, x->dims, dtype_or(&arg[1], x->dtype), row->a, out);
}

enum ic_status ic_ts_op_full_like(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const struct ic_ts_tensor *x = arg[0].u.t;
    (void)row;
    return make_full(ts, x->rank, x->dims, dtype_or(&arg[2], x->dtype), ic_ts_number(&arg[1]), out);
}

/* new_zeros(x, size, dtype) ... */
enum ic_status ic_ts_op_new_filled(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    int32_t rank = 0;
    int64_t dims[IC_IR_MAX_RANK] = {0};
    IC_TRY(read_dims(ts, &arg[1], &rank, dims));
    return make_full(ts, rank, dims, dtype_or(&arg[2], arg[0].u.t->dtype), row->a, out);
}

enum ic_status ic_ts_op_new_full(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    int32_t rank = 0;
    int64_t dims[IC_IR_MAX_RANK] = {0};
    (void)row;
    IC_TRY(read_dims(ts, &arg[1], &rank, dims));
    return make_full(ts, rank, dims, dtype_or(&arg[3], arg[0].u.t->dtype), ic_ts_number(&arg[2]), out);
}

/* arange(start, end, step, dtype); row->i: how many of the three are given: 1 end; 2 start, end; 3 all */
enum ic_status ic_ts_op_arange(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const struct ic_ts_value zero = ic_ts_int(0), one = ic_ts_int(1);
    const struct ic_ts_value *start = row->i == 1 ? &zero : &arg[0], *end = row->i == 1 ? &arg[0] : &arg[1],
                             *step = row->i == 3 ? &arg[2] : &one;
    const bool ints = start->kind == IC_TS_V_INT && end->kind == IC_TS_V_INT && step->kind == IC_TS_V_INT;
    const double s = ic_ts_number(start), e = ic_ts_number(end), d = ic_ts_number(step);
    struct ic_ts_tensor *t = NULL;
    void *to = NULL;
    const double count = d != 0 ? (e - s) / d : -1;
    if (!(count >= 0) || count > 1e8)
        return ic_ts_fail(ts, IC_E_SHAPES, "arange from %g to %g by %g", s, e, d);
    int64_t n = (int64_t)count;
    n += (double)n < count;
    IC_TRY(ic_ts_tensor_known(ts, dtype_or(&arg[row->i], ints ? IC_TS_S64 : IC_TS_F32), 1, &n, &t, &to));
    for (int64_t i = 0; i < n; ++i)
        ic_ts_set_number(t->dtype, to, i, s + (double)i * d);
    *out = ic_ts_of(t);
    return IC_OK;
}

/* ---- tensor(data): nested lists of numbers ---- */
static enum ic_status nested_shape(struct ic_ts *ts, const struct ic_ts_value *v, int32_t *rank, int64_t *dims, int32_t *dtype)
{
    for (*rank = 0; v->kind == IC_TS_V_LIST; ++*rank) {
        if (*rank == IC_IR_MAX_RANK)
            return ic_ts_fail(ts, IC_E_RANK, "a list nested more than %d deep as a tensor", IC_IR_MAX_RANK);
        dims[*rank] = ic_ts_list_n(v);
        if (dims[*rank] == 0) {
            ++*rank;
            break;
        }
        v = &v->u.seq->items[0];
    }
    *dtype = v->kind == IC_TS_V_INT ? IC_TS_S64 : v->kind == IC_TS_V_BOOL ? IC_TS_BOOL : IC_TS_F32;
    return IC_OK;
}

static enum ic_status nested_fill(struct ic_ts *ts, const struct ic_ts_value *v, int32_t axis, const struct ic_ts_tensor *t,
                                  void *to, int64_t *at)
{
    if (axis == t->rank) {
        if (!ic_ts_is_number(v))
            return ic_ts_fail(ts, IC_E_SCRIPT_FORM, "%s as an element of a tensor", ic_ts_describe(ts, v));
        if (v->kind == IC_TS_V_FLOAT)
            ic_ts_set_number(t->dtype, to, (*at)++, v->u.f);
        else
            ic_ts_set_int(t->dtype, to, (*at)++, v->u.i);
        return IC_OK;
    }
    if (v->kind != IC_TS_V_LIST || ic_ts_list_n(v) != t->dims[axis])
        return ic_ts_fail(ts, IC_E_SHAPES, "a tensor is made of lists of different lengths");
    for (int32_t i = 0; i < ic_ts_list_n(v); ++i)
        IC_TRY(nested_fill(ts, &v->u.seq->items[i], axis + 1, t, to, at));
    return IC_OK;
}

static enum ic_status cast(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t dtype, struct ic_ts_value *out);

/* tensor, as_tensor */
enum ic_status ic_ts_op_tensor(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    int32_t rank = 0, dtype = 0;
    int64_t dims[IC_IR_MAX_RANK], at = 0;
    struct ic_ts_tensor *t = NULL;
    void *to = NULL;
    (void)row;
    if (arg[0].kind == IC_TS_V_TENSOR)
        return cast(ts, arg[0].u.t, dtype_or(&arg[1], arg[0].u.t->dtype), out);
    IC_TRY(nested_shape(ts, &arg[0], &rank, dims, &dtype));
    IC_TRY(ic_ts_tensor_known(ts, dtype_or(&arg[1], dtype), rank, dims, &t, &to));
    IC_TRY(nested_fill(ts, &arg[0], 0, t, to, &at));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* NumToTensor, scalar_tensor */
enum ic_status ic_ts_op_num_to_tensor(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                      struct ic_ts_value *out)
{
    arg[1] = ic_ts_none();
    return ic_ts_op_tensor(ts, row, arg, out);
}

/* ---- types and devices ---- */
static enum ic_status cast(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t dtype, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    void *to = NULL;
    const void *from = NULL;
    *out = ic_ts_of(x);
    if (dtype == x->dtype)
        return IC_OK;
    if (ic_ts_dtype_bytes(dtype) == 0)
        return ic_ts_unsupported(ts, "aten::to", "of this element type", out, 1, out);
    if (ic_ts_is_known(x) && !(ic_ts_is_float(dtype) && ic_ts_is_float(x->dtype) && ic_ts_elements(x) > 65536)) {
        IC_TRY(ic_ts_tensor_data(ts, x, &from));
        IC_TRY(ic_ts_tensor_known(ts, dtype, x->rank, x->dims, &t, &to));
        const int64_t n = ic_ts_elements(x);
        for (int64_t i = 0; i < n; ++i)
            if (dtype == IC_TS_BOOL)
                ic_ts_set_int(dtype, to, i, ic_ts_get_number(x->dtype, from, i) != 0);
            else if (ic_ts_is_float(x->dtype) || ic_ts_is_float(dtype))
                ic_ts_set_number(dtype, to, i, ic_ts_get_number(x->dtype, from, i));
            else
                ic_ts_set_int(dtype, to, i, ic_ts_get_int(x->dtype, from, i));
        t->name = x->name;
        *out = ic_ts_of(t);
        return IC_OK;
    }
    if (!ic_ts_is_known(x) && ic_ts_chip_dtype(dtype) != ic_ts_chip_dtype(x->dtype)) {
        struct ic_value *v = NULL;
        IC_TRY(ic_ts_typed_value(ts, out, dtype, &v));
        IC_TRY(ic_ts_wrap(ts, v, dtype, &t));
        *out = ic_ts_of(t);
        return IC_OK;
    }
    if (ic_ts_is_float(dtype) && dtype != IC_TS_F32 && !ts->said_half && dtype != IC_TS_F64) {
        ic_say(ts->d, 'I', "casts to %s inside the network are computed in float32; the build type decides how results are stored",
               ic_ts_dtype_name(dtype));
        ts->said_half = true;
    }
    IC_TRY(ic_ts_reshape(ts, x, x->rank, x->dims, &t)); /* the same value under another type */
    t->dtype = ic_ts_is_known(t) ? t->dtype : dtype;
    *out = ic_ts_of(t);
    return IC_OK;
}

static void note_device(struct ic_ts *ts, const struct ic_ts_value *v)
{
    if (v->kind == IC_TS_V_DEVICE && strncmp(v->u.text->text, "cpu", 3) != 0)
        ic_ts_say_device(ts, v->u.text->text);
}

/* The cast, or with copy a tensor of its own even where nothing changes: a later write must not reach the source. */
static enum ic_status cast_or_copy(struct ic_ts *ts, struct ic_ts_value *arg, int dtype, bool copy, struct ic_ts_value *out)
{
    IC_TRY(cast(ts, arg[0].u.t, dtype, out));
    return copy && out->u.t == arg[0].u.t ? ic_ts_op_clone(ts, NULL, arg, out) : IC_OK;
}

static bool is_true(const struct ic_ts_value *v)
{
    return v->kind == IC_TS_V_BOOL && v->u.i != 0;
}

/* to(x, non_blocking, copy) */
enum ic_status ic_ts_op_to_copy(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    return cast_or_copy(ts, arg, arg[0].u.t->dtype, is_true(&arg[2]), out);
}

/* to(x, dtype, non_blocking, copy, ...) */
enum ic_status ic_ts_op_to_dtype(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    return cast_or_copy(ts, arg, dtype_or(&arg[1], arg[0].u.t->dtype), is_true(&arg[3]), out);
}

/* to(x, device, dtype, ...) */
enum ic_status ic_ts_op_to_device(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    note_device(ts, &arg[1]);
    return cast_or_copy(ts, arg, dtype_or(&arg[2], arg[0].u.t->dtype), is_true(&arg[4]), out);
}

/* to(x, *, dtype, layout, device, ...) */
enum ic_status ic_ts_op_to_options(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    note_device(ts, &arg[3]);
    return cast_or_copy(ts, arg, dtype_or(&arg[1], arg[0].u.t->dtype), is_true(&arg[6]), out);
}

/* type_as */
enum ic_status ic_ts_op_type_as(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    return cast(ts, arg[0].u.t, arg[1].u.t->dtype, out);
}

/* to(x, other, non_blocking, copy, ...) */
enum ic_status ic_ts_op_to_other(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    return cast_or_copy(ts, arg, arg[1].u.t->dtype, is_true(&arg[3]), out);
}

/* float(), half() ...; row->i the type */
enum ic_status ic_ts_op_cast(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    return cast(ts, arg[0].u.t, row->i, out);
}
