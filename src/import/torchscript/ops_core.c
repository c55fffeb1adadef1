/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators that only exported programs name: what run_decompositions() makes of layers, and writes that give a new tensor.
 */
#include "base/checked.h"
#include "import/torchscript/composed.h"
#include "import/torchscript/ops.h"
#include "import/torchscript/report.h"

#include <string.h>

/* (y, statistics that only training reads) */
static enum ic_status with_statistics(struct ic_ts *ts, struct ic_ts_value y, int32_t n, struct ic_ts_value *out)
{
    if (y.kind == IC_TS_V_UNKNOWN) {
        *out = y;
        return IC_OK;
    }
    IC_TRY(ic_ts_seq(ts, IC_TS_V_TUPLE, n, out));
    out->u.seq->items[0] = y;
    for (int32_t i = 1; i < n; ++i)
        out->u.seq->items[i] = ic_ts_unknown();
    return IC_OK;
}

/* x, weight, bias, mean, variance, momentum, eps */
enum ic_status ic_ts_op_core_batch_norm(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                        struct ic_ts_value *out)
{
    struct ic_ts_value y, args[] = {arg[0], arg[1], arg[2], arg[3], arg[4], ic_ts_bool(false), arg[5], arg[6], ic_ts_bool(false)};
    IC_TRY(ic_ts_op_batch_norm(ts, row, args, &y));
    return with_statistics(ts, y, 3, out);
}

/* x, shape, weight, bias, eps */
enum ic_status ic_ts_op_core_layer_norm(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                        struct ic_ts_value *out)
{
    struct ic_ts_value y;
    IC_TRY(ic_ts_op_layer_norm(ts, row, arg, &y));
    return with_statistics(ts, y, 3, out);
}

/* x, weight, bias, batch, channels, pixels, groups, eps */
enum ic_status ic_ts_op_core_group_norm(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                        struct ic_ts_value *out)
{
    struct ic_ts_value y, args[] = {arg[0], arg[6], arg[1], arg[2], arg[7]};
    IC_TRY(ic_ts_op_group_norm(ts, row, args, &y));
    return with_statistics(ts, y, 3, out);
}

/* query, key, value, dropout, causal, mask, scale */
enum ic_status ic_ts_op_core_attention(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                       struct ic_ts_value *out)
{
    struct ic_ts_value y, args[] = {arg[0], arg[1], arg[2], arg[5], arg[3], arg[4], arg[6], ic_ts_bool(false)};
    IC_TRY(ic_ts_op_attention(ts, row, args, &y));
    return with_statistics(ts, y, 2, out);
}

/* x, p, train */
enum ic_status ic_ts_op_core_dropout(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                     struct ic_ts_value *out)
{
    struct ic_ts_value y, args[] = {arg[0], arg[1], arg[2].kind == IC_TS_V_NONE ? ic_ts_bool(false) : arg[2]};
    IC_TRY(ic_ts_op_dropout(ts, row, args, &y));
    return with_statistics(ts, y, 2, out);
}

/* A copy of arg[0] with arg[1] written where row->i says: 0 select(dim, index), 1 slice(dim, start, end, step). */
enum ic_status ic_ts_op_write_copy(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_value copy, place, args[5];
    IC_TRY(ic_ts_op_clone(ts, row, arg, &copy));
    memcpy(args, arg + 1, sizeof args);
    args[0] = copy;
    IC_TRY(row->i ? ic_ts_op_slice(ts, row, args, &place) : ic_ts_op_select(ts, row, args, &place));
    IC_TRY(ic_ts_write(ts, place.u.t, arg[1].u.t));
    IC_TRY(ic_ts_refresh(ts, copy.u.t));
    *out = copy;
    return IC_OK;
}

/* ---- as_strided ---- */
#define MAX_PLACES ((int64_t)1 << 24)

struct strided {
    int32_t rank;
    int64_t dims[IC_IR_MAX_RANK], strides[IC_IR_MAX_RANK], offset, elements, last;
};

/* False: sizes and strides mean nothing, or more than is kept here. */
static bool read_strided(const struct ic_ts_value *arg, struct strided *s)
{
    *s = (struct strided){.rank = ic_ts_list_n(&arg[1]), .elements = 1, .offset = arg[3].kind == IC_TS_V_INT ? arg[3].u.i : 0};
    bool good = s->rank <= IC_IR_MAX_RANK && ic_ts_list_n(&arg[2]) == s->rank && s->offset >= 0;
    s->last = s->offset;
    for (int32_t i = 0; good && i < s->rank; ++i) {
        int64_t reach = 0;
        s->dims[i] = ic_ts_list_int(&arg[1], i);
        s->strides[i] = ic_ts_list_int(&arg[2], i);
        good = s->dims[i] >= 1 && s->strides[i] >= 0 && ic_mul_i64(s->elements, s->dims[i], &s->elements) &&
               ic_mul_i64(s->dims[i] - 1, s->strides[i], &reach) && ic_add_i64(s->last, reach, &s->last);
    }
    return good && s->elements <= MAX_PLACES;
}

/* An offset counts from the beginning of the memory: x has to begin there. */
static bool begins_its_memory(const struct ic_ts_tensor *x)
{
    for (const struct ic_ts_view *v = x->view; v; v = v->before)
        if (v->kind != IC_TS_VIEW_RESHAPE)
            return false;
    return !x->weight || x->weight->offset == 0;
}

/* x [n] to s: frames of a signal, or places one by one. */
static enum ic_status pick_strided(struct ic_ts *ts, struct ic_ts_tensor *x, const struct strided *s, struct ic_ts_tensor **out)
{
    struct ic_ts_tensor *places = NULL;
    struct ic_ts_value y;
    void *to = NULL;
    if (s->rank == 2 && s->strides[1] == 1 && s->strides[0] >= 1) {
        IC_TRY(ic_ts_slice(ts, x, 0, s->offset, s->last - s->offset + 1, 1, &x));
        IC_TRY(ic_ts_reshape(ts, x, 2, (const int64_t[]){1, x->dims[0]}, &x));
        struct ic_ts_value arg[] = {ic_ts_of(x), ic_ts_int(s->dims[1]), ic_ts_int(s->strides[0])};
        IC_TRY(ic_ts_call_op(ts, "ic", "frames", arg, 3, &y));
    } else {
        IC_TRY(ic_ts_tensor_known(ts, IC_TS_S64, 1, &s->elements, &places, &to));
        for (int64_t i = 0; i < s->elements; ++i) {
            int64_t at = s->offset, rest = i;
            for (int32_t axis = s->rank; axis-- > 0; rest /= s->dims[axis])
                at += rest % s->dims[axis] * s->strides[axis];
            ((int64_t *)to)[i] = at;
        }
        struct ic_ts_value arg[] = {ic_ts_of(x), ic_ts_int(0), ic_ts_of(places)};
        IC_TRY(ic_ts_call_op(ts, "aten", "index_select", arg, 3, &y));
    }
    return ic_ts_reshape(ts, y.u.t, s->rank, s->dims, out);
}

/* ic::may_share(x, source): x, which is a view of source in PyTorch and a copy here. */
enum ic_status ic_ts_op_may_share(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    *out = arg[0];
    return ic_ts_may_share(ts, arg[0].u.t, arg[1].u.t, true);
}

/* ic::taken_as_real(x): what an operator that mostly starts from complex numbers is given. When that is an input of the network, its shape alone said
 * that it is real: an archive does not. */
enum ic_status ic_ts_op_taken_as_real(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                      struct ic_ts_value *out)
{
    char name[64];
    const struct ic_value *v = arg[0].kind != IC_TS_V_TENSOR || arg[0].u.t->now.data ? NULL : arg[0].u.t->now.value;
    (void)row;
    *out = arg[0];
    while (v && v->producer &&
           (v->producer->op == IC_OP_RESHAPE || v->producer->op == IC_OP_TRANSPOSE || v->producer->op == IC_OP_SLICE))
        v = v->producer->inputs[0];
    if (!v || v->producer || v->data || ts->exported || ts->said_real)
        return IC_OK;
    ts->said_real = true;
    ic_say(ts->d, 'W',
           "input \"%s\" is taken as real numbers, by the shape given for it; if %s in line %d is meant to have complex ones, give "
           "--input %s=SHAPE:complex64",
           v->name, ic_ts_op_name(ts, name, sizeof name), ic_ts_place(ts) ? ic_ts_place(ts)->line : 0, v->name);
    return IC_OK;
}

/* x, size, stride, offset: of what lies in order in its memory. PyTorch's shares that memory: a write to one leaves the other unknown. */
enum ic_status ic_ts_op_as_strided(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *t = NULL;
    struct strided s;
    int64_t dense = 1;
    bool whole = true;
    (void)row;
    int32_t wide = 0;
    for (int32_t i = 0; i < x->rank; ++i)
        wide += x->dims[i] > 1;
    const bool ordered = (ic_ts_contiguous_shares(x) == IC_TS_SHARES || (wide <= 1 && !x->view)) &&
                         (arg[3].kind != IC_TS_V_INT || begins_its_memory(x));
    if (!read_strided(arg, &s) || !ordered || s.last >= ic_ts_elements(x))
        return ic_ts_unsupported(
            ts, "aten::as_strided",
            "of a tensor that may not lie in order in its memory, or past its end: write .contiguous() before it", arg, 1, out);
    for (int32_t i = s.rank; i-- > 0; dense *= s.dims[i])
        whole = whole && (s.dims[i] == 1 || s.strides[i] == dense);
    if (whole && dense == ic_ts_elements(x)) {
        IC_TRY(ic_ts_reshape(ts, x, s.rank, s.dims, &t));
    } else {
        IC_TRY(ic_ts_reshape(ts, x, 1, (const int64_t[]){ic_ts_elements(x)}, &t));
        IC_TRY(pick_strided(ts, t, &s, &t));
    }
    t->now.contiguous = whole;
    *out = ic_ts_of(t);
    return ic_ts_may_share(ts, t, x, true);
}
