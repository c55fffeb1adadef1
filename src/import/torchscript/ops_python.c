/* SPDX-License-Identifier: Apache-2.0
 *
 * What TorchScript does with Python values: numbers, lists, texts, checks. All of it is computed here and leaves nothing in the graph.
 */
#include "import/torchscript/ops.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MAX_LIST (1 << 20)

/* ---- two numbers, texts or lists ---- */
static enum ic_status join_lists(struct ic_ts *ts, const struct ic_ts_value *a, const struct ic_ts_value *b,
                                 struct ic_ts_value *out)
{
    IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, ic_ts_list_n(a) + ic_ts_list_n(b), out));
    for (int32_t i = 0; i < out->u.seq->n; ++i)
        out->u.seq->items[i] = i < ic_ts_list_n(a) ? a->u.seq->items[i] : b->u.seq->items[i - ic_ts_list_n(a)];
    return IC_OK;
}

static enum ic_status repeat_list(struct ic_ts *ts, const struct ic_ts_value *list, int64_t times, struct ic_ts_value *out)
{
    const int64_t n = times > 0 ? times : 0;
    if (n > MAX_LIST || n * ic_ts_list_n(list) > MAX_LIST)
        return ic_ts_fail(ts, IC_E_LIST, "a list of %d is repeated %" PRId64 " times", ic_ts_list_n(list), times);
    IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, (int32_t)n * ic_ts_list_n(list), out));
    for (int32_t i = 0; i < out->u.seq->n; ++i)
        out->u.seq->items[i] = list->u.seq->items[i % ic_ts_list_n(list)];
    return IC_OK;
}

static enum ic_status join_texts(struct ic_ts *ts, const struct ic_ts_value *a, const struct ic_ts_value *b,
                                 struct ic_ts_value *out)
{
    const size_t n = a->u.text->length + b->u.text->length;
    char *room = n < MAX_LIST ? ic_arena_alloc(&ts->arena, n + 1) : NULL;
    if (!room)
        return ic_ts_no_memory(ts);
    memcpy(room, a->u.text->text, a->u.text->length);
    memcpy(room + a->u.text->length, b->u.text->text, b->u.text->length);
    return ic_ts_text(ts, room, n, out);
}

/* row->i: enum ic_ts_binary */
enum ic_status ic_ts_op_scalar_binary(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                      struct ic_ts_value *out)
{
    const struct ic_ts_value *a = &arg[0], *b = &arg[1];
    if (ic_ts_is_number(a) && ic_ts_is_number(b))
        return ic_ts_fold_numbers(ts, row->i, a, b, out);
    if (row->i == IC_TS_EQ || row->i == IC_TS_NE) {
        *out = ic_ts_bool(ic_ts_equal(a, b) == (row->i == IC_TS_EQ));
        return IC_OK;
    }
    if (row->i == IC_TS_ADD && a->kind == IC_TS_V_TEXT && b->kind == IC_TS_V_TEXT)
        return join_texts(ts, a, b, out);
    if (row->i == IC_TS_ADD && a->kind == IC_TS_V_LIST && b->kind == IC_TS_V_LIST)
        return join_lists(ts, a, b, out);
    if (row->i == IC_TS_MUL && a->kind == IC_TS_V_LIST && b->kind == IC_TS_V_INT)
        return repeat_list(ts, a, b->u.i, out);
    if ((a->kind == IC_TS_V_TENSOR && ic_ts_is_number(b)) || (b->kind == IC_TS_V_TENSOR && ic_ts_is_number(a)) ||
        (a->kind == IC_TS_V_TENSOR && b->kind == IC_TS_V_TENSOR))
        return ic_ts_binary(ts, row->i, a, b, out);
    return ic_ts_fail(ts, IC_E_SCRIPT_FORM, "%s and %s are combined in a way that is not supported", ic_ts_describe(ts, a),
                      ic_ts_describe(ts, b));
}

/* row->i: 0 neg, 1 ceil, 2 floor, 3 sqrt, 4 abs, 5 round, 6 exp, 7 log */
enum ic_status ic_ts_op_scalar_unary(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                     struct ic_ts_value *out)
{
    const double f = ic_ts_number(&arg[0]);
    const bool is_int = arg[0].kind != IC_TS_V_FLOAT;
    switch (row->i) {
    case 0:
        *out = is_int ? ic_ts_int((int64_t)(0 - (uint64_t)arg[0].u.i)) : ic_ts_float(-f);
        return IC_OK;
    case 4:
        *out = is_int ? ic_ts_int(arg[0].u.i < 0 ? (int64_t)(0 - (uint64_t)arg[0].u.i) : arg[0].u.i) : ic_ts_float(fabs(f));
        return IC_OK;
    case 3:
        *out = ic_ts_float(sqrt(f));
        return IC_OK;
    case 5:
        *out = ic_ts_float(rint(f));
        return IC_OK;
    case 6:
        *out = ic_ts_float(ic_exp_f64(f));
        return IC_OK;
    case 7:
        *out = ic_ts_float(ic_log_f64(f));
        return IC_OK;
    default:
        break;
    }
    if (!(fabs(f) < 9.2e18))
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "%g is rounded to an integer", f);
    *out = ic_ts_int((int64_t)(row->i == 1 ? -floor(-f) : floor(f)));
    return IC_OK;
}

/* row->i: 1 is, 0 is not */
enum ic_status ic_ts_op_is(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)ts;
    bool same = arg[0].kind == arg[1].kind;
    if (arg[0].kind == IC_TS_V_UNKNOWN || arg[1].kind == IC_TS_V_UNKNOWN)
        same = false; /* compared with None here: an unknown value is a tensor */
    else if (same && arg[0].kind != IC_TS_V_NONE)
        same = arg[0].kind == IC_TS_V_INT || arg[0].kind == IC_TS_V_BOOL || arg[0].kind == IC_TS_V_TEXT
                   ? ic_ts_equal(&arg[0], &arg[1])
                   : arg[0].u.any == arg[1].u.any;
    *out = ic_ts_bool(same == (row->i != 0));
    return IC_OK;
}

enum ic_status ic_ts_op_not(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)ts;
    (void)row;
    *out = ic_ts_bool(!ic_ts_truth(&arg[0]));
    return IC_OK;
}

/* ---- lists and dicts ---- */
enum ic_status ic_ts_op_contains(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    bool found = false;
    (void)ts;
    (void)row;
    if (arg[0].kind == IC_TS_V_TEXT && arg[1].kind == IC_TS_V_TEXT)
        found = strstr(arg[0].u.text->text, arg[1].u.text->text) != NULL;
    else if (arg[0].kind == IC_TS_V_LIST || arg[0].kind == IC_TS_V_DICT)
        for (int32_t i = 0; i < arg[0].u.seq->n && !found; i += arg[0].kind == IC_TS_V_DICT ? 2 : 1)
            found = ic_ts_equal(&arg[0].u.seq->items[i], &arg[1]);
    *out = ic_ts_bool(found);
    return IC_OK;
}

static enum ic_status list_place(struct ic_ts *ts, const struct ic_ts_value *list, int64_t i, int32_t extra, int32_t *out)
{
    const int64_t n = ic_ts_list_n(list) + extra, at = i < 0 ? i + ic_ts_list_n(list) : i;
    if (at < 0 || at >= n)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "element %" PRId64 " of a list of %d", i, ic_ts_list_n(list));
    *out = (int32_t)at;
    return IC_OK;
}

enum ic_status ic_ts_op_getitem(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    int32_t i = 0;
    (void)row;
    if (arg[0].kind == IC_TS_V_DICT) {
        const struct ic_ts_value *v = ic_ts_dict_find(arg[0].u.seq, &arg[1]);
        if (!v)
            return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "a dict has no such key");
        *out = *v;
        return IC_OK;
    }
    if ((arg[0].kind != IC_TS_V_LIST && arg[0].kind != IC_TS_V_TUPLE) || arg[1].kind != IC_TS_V_INT)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "an element of %s", ic_ts_describe(ts, &arg[0]));
    IC_TRY(list_place(ts, &arg[0], arg[1].u.i, 0, &i));
    *out = arg[0].u.seq->items[i];
    return IC_OK;
}

enum ic_status ic_ts_op_set_item(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    int32_t i = 0;
    (void)row;
    *out = arg[0];
    if (arg[0].kind == IC_TS_V_DICT) {
        struct ic_ts_value *v = ic_ts_dict_find(arg[0].u.seq, &arg[1]);
        if (v) {
            *v = arg[2];
            return IC_OK;
        }
        IC_TRY(ic_ts_append(ts, arg[0].u.seq, arg[1]));
        return ic_ts_append(ts, arg[0].u.seq, arg[2]);
    }
    if (arg[0].kind != IC_TS_V_LIST || arg[1].kind != IC_TS_V_INT)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "an element of %s is set", ic_ts_describe(ts, &arg[0]));
    IC_TRY(list_place(ts, &arg[0], arg[1].u.i, 0, &i));
    arg[0].u.seq->items[i] = arg[2];
    return IC_OK;
}

enum ic_status ic_ts_op_len(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    switch (arg[0].kind) {
    case IC_TS_V_LIST:
    case IC_TS_V_TUPLE:
        *out = ic_ts_int(arg[0].u.seq->n);
        return IC_OK;
    case IC_TS_V_DICT:
        *out = ic_ts_int(arg[0].u.seq->n / 2);
        return IC_OK;
    case IC_TS_V_TEXT:
        *out = ic_ts_int((int64_t)arg[0].u.text->length);
        return IC_OK;
    case IC_TS_V_UNKNOWN:
        *out = arg[0];
        return IC_OK;
    case IC_TS_V_TENSOR:
        if (arg[0].u.t->rank > 0) {
            *out = ic_ts_int(arg[0].u.t->dims[0]);
            return IC_OK;
        }
        break;
    default:
        break;
    }
    return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "the length of %s", ic_ts_describe(ts, &arg[0]));
}

enum ic_status ic_ts_op_append(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    *out = arg[0];
    if (arg[0].kind != IC_TS_V_LIST || ic_ts_list_n(&arg[0]) >= MAX_LIST)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "something is appended to %s", ic_ts_describe(ts, &arg[0]));
    return ic_ts_append(ts, arg[0].u.seq, arg[1]);
}

enum ic_status ic_ts_op_extend(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    *out = ic_ts_none();
    if (arg[0].kind != IC_TS_V_LIST || arg[1].kind != IC_TS_V_LIST || ic_ts_list_n(&arg[0]) + ic_ts_list_n(&arg[1]) >= MAX_LIST)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "%s is extended by %s", ic_ts_describe(ts, &arg[0]), ic_ts_describe(ts, &arg[1]));
    const int32_t n = ic_ts_list_n(&arg[1]);
    for (int32_t i = 0; i < n; ++i)
        IC_TRY(ic_ts_append(ts, arg[0].u.seq, arg[1].u.seq->items[i]));
    return IC_OK;
}

enum ic_status ic_ts_op_insert(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    int32_t at = 0;
    IC_TRY(ic_ts_op_append(ts, row, (struct ic_ts_value[]){arg[0], arg[2]}, out));
    struct ic_ts_seq *s = arg[0].u.seq;
    s->n--;
    const enum ic_status status = list_place(ts, &arg[0], arg[1].u.i, 1, &at);
    s->n++;
    IC_TRY(status);
    memmove(&s->items[at + 1], &s->items[at], (size_t)(s->n - 1 - at) * sizeof *s->items);
    s->items[at] = arg[2];
    return IC_OK;
}

enum ic_status ic_ts_op_pop(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    int32_t at = 0;
    (void)row;
    if (arg[0].kind != IC_TS_V_LIST)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "pop of %s", ic_ts_describe(ts, &arg[0]));
    IC_TRY(list_place(ts, &arg[0], arg[1].u.i, 0, &at));
    struct ic_ts_seq *s = arg[0].u.seq;
    *out = s->items[at];
    memmove(&s->items[at], &s->items[at + 1], (size_t)(s->n - 1 - at) * sizeof *s->items);
    s->n--;
    return IC_OK;
}

enum ic_status ic_ts_op_reverse(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)ts;
    (void)row;
    *out = ic_ts_none();
    struct ic_ts_seq *s = arg[0].u.seq;
    for (int32_t i = 0; i < s->n / 2; ++i) {
        const struct ic_ts_value v = s->items[i];
        s->items[i] = s->items[s->n - 1 - i];
        s->items[s->n - 1 - i] = v;
    }
    return IC_OK;
}

/* list(x), copy: a new list of the same values; a text becomes its characters */
enum ic_status ic_ts_op_list(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    if (arg[0].kind == IC_TS_V_TEXT) {
        IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, (int32_t)arg[0].u.text->length, out));
        for (int32_t i = 0; i < out->u.seq->n; ++i)
            IC_TRY(ic_ts_text(ts, arg[0].u.text->text + i, 1, &out->u.seq->items[i]));
        return IC_OK;
    }
    if (arg[0].kind != IC_TS_V_LIST && arg[0].kind != IC_TS_V_TUPLE && arg[0].kind != IC_TS_V_DICT)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "a list of %s", ic_ts_describe(ts, &arg[0]));
    IC_TRY(ic_ts_seq(ts, arg[0].kind == IC_TS_V_DICT ? IC_TS_V_DICT : IC_TS_V_LIST, arg[0].u.seq->n, out));
    if (arg[0].u.seq->n)
        memcpy(out->u.seq->items, arg[0].u.seq->items, (size_t)arg[0].u.seq->n * sizeof *out->u.seq->items);
    return IC_OK;
}

/* row->i: 0 keys, 1 values, 2 items */
enum ic_status ic_ts_op_keys(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const struct ic_ts_seq *s = arg[0].u.seq;
    IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, s->n / 2, out));
    for (int32_t i = 0; i < s->n / 2; ++i) {
        struct ic_ts_value *to = &out->u.seq->items[i];
        if (row->i < 2) {
            *to = s->items[2 * i + row->i];
            continue;
        }
        IC_TRY(ic_ts_seq(ts, IC_TS_V_TUPLE, 2, to));
        to->u.seq->items[0] = s->items[2 * i];
        to->u.seq->items[1] = s->items[2 * i + 1];
    }
    return IC_OK;
}

/* get(dict, key, default) */
enum ic_status ic_ts_op_get(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)ts;
    (void)row;
    const struct ic_ts_value *v = ic_ts_dict_find(arg[0].u.seq, &arg[1]);
    *out = v ? *v : arg[2];
    return IC_OK;
}

/* min and max of a list, sum of a list, any, all; row->i: enum ic_ts_binary that joins two */
enum ic_status ic_ts_op_min_max_list(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                     struct ic_ts_value *out)
{
    if (ic_ts_list_n(&arg[0]) == 0) {
        *out = row->i == IC_TS_ADD ? ic_ts_int(0) : ic_ts_bool(row->i == IC_TS_AND);
        return row->i == IC_TS_MAX || row->i == IC_TS_MIN
                   ? ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "the largest or smallest of an empty list")
                   : IC_OK;
    }
    *out = arg[0].u.seq->items[0];
    for (int32_t i = 0; i < ic_ts_list_n(&arg[0]); ++i) {
        if (!ic_ts_is_number(&arg[0].u.seq->items[i]))
            return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "%s among numbers", ic_ts_describe(ts, &arg[0].u.seq->items[i]));
        if (i)
            IC_TRY(ic_ts_fold_numbers(ts, row->i, out, &arg[0].u.seq->items[i], out));
    }
    return IC_OK;
}

/* ---- about tensors ---- */
enum ic_status ic_ts_op_dim(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)ts;
    (void)row;
    *out = ic_ts_int(arg[0].u.t->rank);
    return IC_OK;
}

/* row->i: 0 all sizes, 1 of one axis */
enum ic_status ic_ts_op_size(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const struct ic_ts_tensor *t = arg[0].u.t;
    int32_t axis = 0;
    if (row->i == 0)
        return ic_ts_ints(ts, t->rank, t->dims, out);
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, t->rank, &axis));
    *out = ic_ts_int(t->rank ? t->dims[axis] : 1);
    return IC_OK;
}

enum ic_status ic_ts_op_numel(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)ts;
    (void)row;
    *out = ic_ts_int(ic_ts_elements(arg[0].u.t));
    return IC_OK;
}

enum ic_status ic_ts_op_dtype(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)ts;
    (void)row;
    *out = ic_ts_int(arg[0].u.t->dtype);
    return IC_OK;
}

enum ic_status ic_ts_op_device(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    (void)arg;
    IC_TRY(ic_ts_text(ts, "cpu", 3, out));
    out->kind = IC_TS_V_DEVICE;
    return IC_OK;
}

/* dict(), dict(pairs), dict(other) */
enum ic_status ic_ts_op_make_dict(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const struct ic_ts_value *from = &arg[0];
    (void)row;
    IC_TRY(ic_ts_seq(ts, IC_TS_V_DICT, 0, out));
    if (from->kind == IC_TS_V_NONE)
        return IC_OK;
    if (from->kind != IC_TS_V_DICT && from->kind != IC_TS_V_LIST)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "a dict is made of %s", ic_ts_describe(ts, from));
    for (int32_t i = 0; i < from->u.seq->n; ++i) {
        const struct ic_ts_value *item = &from->u.seq->items[i];
        if (from->kind == IC_TS_V_DICT) { /* keys and values in turn */
            IC_TRY(ic_ts_append(ts, out->u.seq, *item));
            continue;
        }
        if (item->kind != IC_TS_V_TUPLE || item->u.seq->n != 2)
            return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "a dict is made of pairs, not of %s", ic_ts_describe(ts, item));
        struct ic_ts_value *place = ic_ts_dict_find(out->u.seq, &item->u.seq->items[0]);
        if (place) {
            *place = item->u.seq->items[1];
            continue;
        }
        IC_TRY(ic_ts_append(ts, out->u.seq, item->u.seq->items[0]));
        IC_TRY(ic_ts_append(ts, out->u.seq, item->u.seq->items[1]));
    }
    return IC_OK;
}

/* device.type */
enum ic_status ic_ts_op_device_type(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    (void)arg;
    return ic_ts_text(ts, "cpu", 3, out);
}

/* Where a bound of a slice lies: counted from the end when negative, then within what can be reached. */
static int64_t slice_bound(const struct ic_ts_value *v, int64_t preset, int64_t n, int64_t least, int64_t most)
{
    if (v->kind != IC_TS_V_INT)
        return preset;
    const int64_t at = v->u.i < 0 ? v->u.i + n : v->u.i;
    return at < least ? least : at > most ? most : at;
}

/* list[start:end:step], as Python has it */
enum ic_status ic_ts_op_slice_list(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const int64_t n = ic_ts_list_n(&arg[0]), step = arg[3].u.i;
    const int64_t least = step < 0 ? -1 : 0, most = step < 0 ? n - 1 : n;
    const int64_t from = slice_bound(&arg[1], step < 0 ? most : least, n, least, most);
    const int64_t to = slice_bound(&arg[2], step < 0 ? least : most, n, least, most);
    (void)row;
    if (step == 0)
        return ic_ts_fail(ts, IC_E_SCRIPT_FORM, "a slice of a list with step 0");
    IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, 0, out));
    for (int64_t i = from; step > 0 ? i < to : i > to; i += step) {
        IC_TRY(ic_ts_append(ts, out->u.seq, arg[0].u.seq->items[i]));
        if (step > 0 ? step >= to - i : step <= to - i)
            break; /* also keeps i from overflowing */
    }
    return IC_OK;
}

enum ic_status ic_ts_op_make_device(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    *out = arg[0];
    out->kind = IC_TS_V_DEVICE;
    if (strncmp(out->u.text->text, "cpu", 3) != 0)
        ic_ts_say_device(ts, out->u.text->text);
    return IC_OK;
}

/* row->i: 0 is_floating_point, 1 is_contiguous */
enum ic_status ic_ts_op_tensor_property(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                        struct ic_ts_value *out)
{
    (void)ts;
    *out = ic_ts_bool(row->i ? arg[0].u.t->now.contiguous : ic_ts_is_float(arg[0].u.t->dtype));
    return IC_OK;
}

/* item, Int, Float, IntImplicit ...; row->i: 0 as the tensor's type says, 1 int, 2 float, 3 bool */
enum ic_status ic_ts_op_number_of(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    bool known = false;
    double f = 0;
    int64_t i = 0;
    struct ic_ts_tensor *t = arg[0].u.t;
    IC_TRY(ic_ts_tensor_number(ts, t, &known, &f));
    if (!known)
        return ic_ts_unsupported(ts, "aten::item", "a number read from computed data: export with torch.jit.trace, or leave it out",
                                 arg, 1, out);
    IC_TRY(ic_ts_tensor_int(ts, t, &known, &i));
    const int kind = row->i ? row->i : ic_ts_is_float(t->dtype) ? 2 : t->dtype == IC_TS_BOOL ? 3 : 1;
    *out = kind == 1 ? ic_ts_int(i) : kind == 2 ? ic_ts_float(f) : ic_ts_bool(f != 0);
    return IC_OK;
}

/* ---- texts, checks ---- */
/* torch.format("... {} ...", a, b): only shown to people in messages of failed checks */
enum ic_status ic_ts_op_format(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    char room[512];
    size_t n = 0;
    int32_t next = 1;
    (void)row;
    if (arg[0].kind != IC_TS_V_TEXT)
        return ic_ts_text(ts, "", 0, out);
    for (const char *p = arg[0].u.text->text; *p && n < sizeof room - 80;) {
        if (p[0] == '{' && p[1] == '}' && next < IC_TS_MAX_ARGS) {
            const struct ic_ts_value *v = &arg[next++];
            n += (size_t)snprintf(room + n, sizeof room - n, "%.70s",
                                  v->kind == IC_TS_V_TEXT ? v->u.text->text : ic_ts_describe(ts, v));
            p += 2;
        } else {
            room[n++] = *p++;
        }
    }
    return ic_ts_text(ts, room, n, out);
}

/* row->i: 0 find, 1 startswith, 2 endswith */
enum ic_status ic_ts_op_find(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const struct ic_ts_text *s = arg[0].u.text, *part = arg[1].u.text;
    const char *at = strstr(s->text, part->text);
    (void)ts;
    if (row->i == 0)
        *out = ic_ts_int(at ? (int64_t)(at - s->text) : -1);
    else
        *out = ic_ts_bool(part->length <= s->length &&
                          memcmp(row->i == 1 ? s->text : s->text + (s->length - part->length), part->text, part->length) == 0);
    return IC_OK;
}

enum ic_status ic_ts_op_raise(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    (void)out;
    return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "the model's own check fails for this input: \"%.300s\"; is the input shape right?",
                      arg[0].kind == IC_TS_V_TEXT ? arg[0].u.text->text : "");
}

/* row->i: the bool it always is */
enum ic_status ic_ts_op_constant(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)ts;
    (void)arg;
    *out = ic_ts_bool(row->i != 0);
    return IC_OK;
}

enum ic_status ic_ts_op_nothing(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)ts;
    (void)row;
    (void)arg;
    *out = ic_ts_none();
    return IC_OK;
}

enum ic_status ic_ts_op_unwrap(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    *out = arg[0];
    return arg[0].kind == IC_TS_V_NONE ? ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "None is used where a value is needed") : IC_OK;
}
