/* SPDX-License-Identifier: Apache-2.0 */
#include "import/torchscript/complex.h"

#include "import/torchscript/chosen.h"
#include "import/torchscript/ops.h"

#include "base/checked.h"

#include <string.h>

/* ---- making ---- */
enum ic_status ic_ts_complex_number(struct ic_ts *ts, double re, double im, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    void *to = NULL;
    IC_TRY(ic_ts_tensor_known(ts, IC_TS_F32, 1, (const int64_t[]){2}, &t, &to));
    ic_ts_set_number(IC_TS_F32, to, 0, re);
    ic_ts_set_number(IC_TS_F32, to, 1, im);
    *out = ic_ts_complex(t);
    return IC_OK;
}

/* The same elements as twice as many numbers. */
static enum ic_status halve(struct ic_ts *ts, struct ic_ts_weight *w)
{
    bool good = w->rank < IC_IR_MAX_RANK && ic_mul_i64(w->offset, 2, &w->offset);
    for (int32_t i = 0; good && i < w->rank; ++i)
        good = ic_mul_i64(w->strides[i], 2, &w->strides[i]);
    if (!good)
        return ic_ts_fail(ts, IC_E_RANK, "a complex tensor of %d axes; at most %d are supported", w->rank, IC_IR_MAX_RANK - 1);
    w->dims[w->rank] = 2;
    w->strides[w->rank++] = 1;
    w->dtype = ic_ts_part_type(w->dtype);
    return IC_OK;
}

enum ic_status ic_ts_weight_tensor(struct ic_ts *ts, struct ic_ts_weight *w, const char *name, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    const bool complex = ic_ts_part_type(w->dtype) >= 0;
    if (complex)
        IC_TRY(halve(ts, w));
    IC_TRY(ic_ts_tensor_new(ts, w->dtype, w->rank, w->dims, &t));
    t->weight = w;
    t->name = name;
    *out = complex ? ic_ts_complex(t) : ic_ts_of(t);
    return IC_OK;
}

enum ic_status ic_ts_make_complex(struct ic_ts *ts, struct ic_ts_value *v)
{
    return v->kind == IC_TS_V_TENSOR ? ic_ts_call_op(ts, "ic", "complex_of", (struct ic_ts_value[]){*v}, 1, v) : IC_OK;
}

/* ---- the same memory, seen in the other way ---- */
static enum ic_status same_memory(struct ic_ts *ts, struct ic_ts_tensor *x, struct ic_ts_tensor **out)
{
    struct ic_ts_view same = {.kind = IC_TS_VIEW_RESHAPE, .rank = x->rank};
    memcpy(same.dims, x->dims, sizeof same.dims);
    return ic_ts_view(ts, x, &same, out);
}

/* view_as_real(z) */
enum ic_status ic_ts_op_view_as_real(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                     struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    (void)row;
    IC_TRY(same_memory(ts, arg[0].u.t, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* view_as_complex(x) */
enum ic_status ic_ts_op_view_as_complex(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                        struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *t = NULL;
    (void)row;
    if (x->rank == 0 || x->dims[x->rank - 1] != 2 || !ic_ts_is_float(x->dtype) || x->dtype == IC_TS_BF16)
        return ic_ts_fail(ts, IC_E_SHAPES, "%s seen as complex numbers: its last axis has to hold two floats",
                          ic_ts_describe(ts, &arg[0]));
    IC_TRY(same_memory(ts, x, &t));
    *out = ic_ts_complex(t);
    return IC_OK;
}

/* _conj(z): PyTorch's shares memory with z and turns the sign when it is read. */
enum ic_status ic_ts_op_conj(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    IC_TRY(ic_ts_call_op(ts, "ic", "conj", arg, 1, out));
    return row->i && out->kind == IC_TS_V_COMPLEX ? ic_ts_may_share(ts, out->u.t, arg[0].u.t, true) : IC_OK;
}

/* ic::fresh(x): x as a result of its own, in an order that is not known */
enum ic_status ic_ts_op_fresh(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *t = NULL;
    (void)row;
    IC_TRY(ic_ts_reshape(ts, x, x->rank, x->dims, &t));
    t->now.contiguous = false;
    *out = (struct ic_ts_value){.kind = arg[0].kind, .u.t = t};
    return IC_OK;
}

/* ---- operators that treat both parts alike ---- */
enum { NEW_AXIS = 1, JOINS = 2, PAIR = 4, NO_AXES = 8 };
struct ic_ts_lifted {
    const char *name;
    int how;
};

static const struct ic_ts_lifted table[] = {
    {"view", 0},
    {"reshape", 0},
    {"_unsafe_view", 0},
    {"flatten", 0},
    {"unflatten", 0},
    {"permute", 0},
    {"transpose", 0},
    {"swapaxes", 0},
    {"swapdims", 0},
    {"movedim", 0},
    {"moveaxis", 0},
    {"unsqueeze", NEW_AXIS},
    {"squeeze", 0},
    {"select", 0},
    {"slice", 0},
    {"narrow", 0},
    {"narrow_copy", 0},
    {"slice_copy", 0},
    {"expand", 0},
    {"broadcast_to", 0},
    {"repeat", 0},
    {"repeat_interleave", 0},
    {"roll", 0},
    {"flip", 0},
    {"rot90", 0},
    {"contiguous", NO_AXES},
    {"clone", NO_AXES},
    {"detach", NO_AXES},
    {"alias", NO_AXES},
    {"requires_grad_", NO_AXES},
    {"lift_fresh", NO_AXES},
    {"lift_fresh_copy", NO_AXES},
    {"detach_", NO_AXES},
    {"cpu", NO_AXES},
    {"cuda", NO_AXES},
    {"cat", JOINS},
    {"concat", JOINS},
    {"concatenate", JOINS},
    {"stack", JOINS | NEW_AXIS},
    {"chunk", 0},
    {"unsafe_chunk", 0},
    {"split", 0},
    {"unsafe_split", 0},
    {"split_with_sizes", 0},
    {"tensor_split", 0},
    {"unbind", 0},
    {"index_select", 0},
    {"sum", 0},
    {"mean", 0},
    {"cumsum", 0},
    {"diff", 0},
    {"neg", NO_AXES},
    {"negative", NO_AXES},
    {"select_scatter", PAIR},
    {"slice_scatter", PAIR},
    {"device", NO_AXES},
    {"layout", NO_AXES},
    {"is_cuda", NO_AXES},
    {"is_quantized", NO_AXES},
    {"is_nested", NO_AXES},
    {"requires_grad", NO_AXES},
    {"data", NO_AXES},
    {"is_contiguous", NO_AXES},
    {"numpy_T", 0}, /* no overload of it has axes: refused by the rule below */
};

bool ic_ts_some_complex(const struct ic_ts_value *v, int32_t n, int depth)
{
    for (int32_t i = 0; i < n; ++i)
        if (v[i].kind == IC_TS_V_COMPLEX || (depth < 2 && (v[i].kind == IC_TS_V_LIST || v[i].kind == IC_TS_V_TUPLE) &&
                                             ic_ts_some_complex(v[i].u.seq->items, v[i].u.seq->n, depth + 1)))
            return true;
    return false;
}

const struct ic_ts_lifted *ic_ts_lifted(const char *ns, const char *name, size_t length, const struct ic_ts_args *args)
{
    if ((strcmp(ns, "aten") != 0 && strcmp(ns, "prim") != 0) || args->n == 0 || !ic_ts_some_complex(args->values, args->n, 0))
        return NULL;
    const struct ic_ts_value *v = args->values;
    for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
        if (strlen(table[i].name) != length || strncmp(table[i].name, name, length) != 0)
            continue;
        const bool list = v[0].kind == IC_TS_V_LIST || v[0].kind == IC_TS_V_TUPLE;
        if (table[i].how & JOINS)
            return list ? &table[i] : NULL;
        const bool pair = !(table[i].how & PAIR) || (args->n > 1 && v[1].kind == IC_TS_V_COMPLEX);
        return v[0].kind == IC_TS_V_COMPLEX && pair ? &table[i] : NULL;
    }
    return NULL;
}

static enum ic_status parts_of_list(struct ic_ts *ts, const struct ic_ts_value *list, struct ic_ts_value *out)
{
    IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, list->u.seq->n, out));
    for (int32_t i = 0; i < list->u.seq->n; ++i) {
        struct ic_ts_value v = list->u.seq->items[i];
        IC_TRY(ic_ts_make_complex(ts, &v));
        out->u.seq->items[i] = v.kind == IC_TS_V_COMPLEX ? ic_ts_of(v.u.t) : v;
    }
    return IC_OK;
}

enum ic_status ic_ts_parts_of_args(struct ic_ts *ts, const struct ic_ts_lifted *l, const struct ic_ts_args *args,
                                   struct ic_ts_args *out)
{
    *out = *args;
    out->values = ic_arena_copy(&ts->arena, args->values, (size_t)args->n * sizeof *args->values);
    if (!out->values)
        return ic_ts_no_memory(ts);
    if (l->how & JOINS)
        return parts_of_list(ts, &args->values[0], &out->values[0]);
    for (int32_t i = 0; i <= ((l->how & PAIR) != 0); ++i)
        out->values[i] = ic_ts_of(args->values[i].u.t);
    return IC_OK;
}

static bool is_named(const struct ic_ts_schema_param *p, const char *name)
{
    return p->name_length == strlen(name) && memcmp(p->name, name, p->name_length) == 0;
}

static bool names_axes(const struct ic_ts_schema_param *p)
{
    static const char *const names[] = {"dim",   "dims",      "dim0",    "dim1",   "axis",        "axis0",
                                        "axis1", "start_dim", "end_dim", "source", "destination", "dimension"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (is_named(p, names[i]))
            return true;
    return false;
}

/* Axes counted from the end begin before the parts. */
static enum ic_status lift_axis(struct ic_ts *ts, int32_t rank, struct ic_ts_value *v, bool *fits)
{
    const bool list = v->kind == IC_TS_V_LIST;
    *fits = rank > 0 && (list ? v->u.seq->n > 0 : v->kind == IC_TS_V_INT); /* none named: all of them, the parts' too */
    for (int32_t i = 0; *fits && i < (list ? v->u.seq->n : 1); ++i) {
        struct ic_ts_value *one = list ? &v->u.seq->items[i] : v;
        int32_t axis = 0;
        IC_TRY(ic_ts_axis(ts, one->u.i, rank, &axis));
        *one = ic_ts_int(axis);
    }
    return IC_OK;
}

static const struct ic_ts_tensor *first_tensor(const struct ic_ts_value *v)
{
    return v->kind == IC_TS_V_TENSOR                                                             ? v->u.t
           : v->kind == IC_TS_V_LIST && v->u.seq->n && v->u.seq->items[0].kind == IC_TS_V_TENSOR ? v->u.seq->items[0].u.t
                                                                                                 : NULL;
}

enum ic_status ic_ts_lift_axes(struct ic_ts *ts, const struct ic_ts_lifted *l, const struct ic_ts_schema *s,
                               struct ic_ts_value *bound, bool *fits)
{
    const struct ic_ts_tensor *x = s->n ? first_tensor(&bound[0]) : NULL;
    bool knows_axes = (l->how & NO_AXES) != 0 ||
                      strcmp(l->name, "squeeze") == 0; /* squeeze() drops axes of 1, of which the parts' is none */
    *fits = x != NULL;
    for (int32_t i = 1; *fits && i < s->n; ++i) {
        const struct ic_ts_schema_param *p = &s->params[i];
        const bool sizes = p->is_list && (is_named(p, "size") || is_named(p, "shape")),
                   repeats = p->is_list && is_named(p, "repeats");
        if (names_axes(p)) {
            IC_TRY(lift_axis(ts, x->rank - 1 + ((l->how & NEW_AXIS) != 0), &bound[i], fits));
            if (*fits && strcmp(l->name, "permute") == 0)
                IC_TRY(ic_ts_append(ts, bound[i].u.seq, ic_ts_int(x->rank - 1)));
        } else if (sizes || repeats) {
            IC_TRY(ic_ts_append(ts, bound[i].u.seq, ic_ts_int(sizes ? 2 : 1)));
        } else {
            continue;
        }
        knows_axes = true;
    }
    *fits = *fits && knows_axes;
    return IC_OK;
}

enum ic_status ic_ts_from_parts(struct ic_ts *ts, struct ic_ts_value *out)
{
    if (out->kind == IC_TS_V_TENSOR)
        *out = ic_ts_complex(out->u.t);
    for (int32_t i = 0; (out->kind == IC_TS_V_LIST || out->kind == IC_TS_V_TUPLE) && i < out->u.seq->n; ++i)
        IC_TRY(ic_ts_from_parts(ts, &out->u.seq->items[i]));
    return IC_OK;
}

bool ic_ts_wants_complex(const struct ic_ts_schema *s, struct ic_ts_value *bound)
{
    for (int32_t i = 0; i < s->n; ++i) {
        if (!is_named(&s->params[i], "dtype") || bound[i].kind != IC_TS_V_INT || bound[i].u.i < IC_TS_C32 ||
            bound[i].u.i > IC_TS_C128)
            continue;
        bound[i] = ic_ts_int(ic_ts_part_type((int32_t)bound[i].u.i));
        return true;
    }
    return false;
}
