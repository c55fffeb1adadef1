/* SPDX-License-Identifier: Apache-2.0 */
#include "import/torchscript/composed.h"
#include "import/torchscript/eval.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum ic_status ic_ts_no_memory(struct ic_ts *ts)
{
    return ts->arena.limit_bytes && ts->arena.total_bytes > ts->arena.limit_bytes / 2
               ? ic_ts_fail(ts, IC_E_IMPORT_MEMORY, "evaluating the model needs more memory than the limit of %zu bytes",
                            ts->arena.limit_bytes)
               : ic_ts_fail(ts, IC_ERR_MEMORY, "no memory to evaluate the model");
}

enum ic_status ic_ts_fail(struct ic_ts *ts, unsigned cause, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const struct ic_ts_frame *f = ic_ts_place(ts);
    if (!f)
        return ic_fail(ts->d, cause, "%s", text);
    if (!f->path[0])
        return ic_fail(ts->d, cause, "%s, line %d: %s", f->def->file->path, f->line, text);
    return ic_fail(ts->d, cause, "%s, line %d, in module %s: %s", f->def->file->path, f->line, f->path, text);
}

enum ic_status ic_ts_text(struct ic_ts *ts, const char *text, size_t length, struct ic_ts_value *out)
{
    struct ic_ts_text *t = ic_arena_alloc(&ts->arena, sizeof *t);
    if (!t || !(t->text = ic_arena_text(&ts->arena, text, length)))
        return ic_ts_no_memory(ts);
    t->length = length;
    *out = (struct ic_ts_value){.kind = IC_TS_V_TEXT, .u.text = t};
    return IC_OK;
}

enum ic_status ic_ts_seq(struct ic_ts *ts, enum ic_ts_kind kind, int32_t n, struct ic_ts_value *out)
{
    struct ic_ts_seq *s = ic_arena_alloc(&ts->arena, sizeof *s);
    if (!s)
        return ic_ts_no_memory(ts);
    s->n = s->cap = n;
    if (n && !(s->items = ic_arena_array(&ts->arena, (size_t)n, sizeof *s->items)))
        return ic_ts_no_memory(ts);
    *out = (struct ic_ts_value){.kind = kind, .u.seq = s};
    return IC_OK;
}

enum ic_status ic_ts_append(struct ic_ts *ts, struct ic_ts_seq *s, struct ic_ts_value v)
{
    if (s->n == s->cap) {
        const int32_t cap = s->cap ? 2 * s->cap : 4;
        struct ic_ts_value *wider = cap < INT32_MAX / 2 ? ic_arena_array(&ts->arena, (size_t)cap, sizeof *wider) : NULL;
        if (!wider)
            return ic_ts_no_memory(ts);
        if (s->n)
            memcpy(wider, s->items, (size_t)s->n * sizeof *wider);
        s->items = wider;
        s->cap = cap;
    }
    s->items[s->n++] = v;
    return IC_OK;
}

enum ic_status ic_ts_ints(struct ic_ts *ts, int32_t n, const int64_t *values, struct ic_ts_value *out)
{
    IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, n, out));
    for (int32_t i = 0; i < n; ++i)
        out->u.seq->items[i] = ic_ts_int(values[i]);
    return IC_OK;
}

static bool is_number(const struct ic_ts_value *v)
{
    return v->kind == IC_TS_V_INT || v->kind == IC_TS_V_FLOAT || v->kind == IC_TS_V_BOOL;
}

bool ic_ts_equal(const struct ic_ts_value *a, const struct ic_ts_value *b)
{
    if (is_number(a) && is_number(b)) {
        if (a->kind == IC_TS_V_FLOAT || b->kind == IC_TS_V_FLOAT)
            return (a->kind == IC_TS_V_FLOAT ? a->u.f : (double)a->u.i) == (b->kind == IC_TS_V_FLOAT ? b->u.f : (double)b->u.i);
        return a->u.i == b->u.i;
    }
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case IC_TS_V_NONE:
        return true;
    case IC_TS_V_TEXT:
    case IC_TS_V_DEVICE:
        return a->u.text->length == b->u.text->length && memcmp(a->u.text->text, b->u.text->text, a->u.text->length) == 0;
    case IC_TS_V_LIST:
    case IC_TS_V_TUPLE: {
        bool same = a->u.seq->n == b->u.seq->n;
        for (int32_t i = 0; same && i < a->u.seq->n; ++i)
            same = ic_ts_equal(&a->u.seq->items[i], &b->u.seq->items[i]);
        return same;
    }
    default:
        return a->u.any == b->u.any;
    }
}

struct ic_ts_value *ic_ts_dict_find(struct ic_ts_seq *dict, const struct ic_ts_value *key)
{
    for (int32_t i = 0; i + 1 < dict->n; i += 2)
        if (ic_ts_equal(&dict->items[i], key))
            return &dict->items[i + 1];
    return NULL;
}

struct ic_ts_value *ic_ts_attr_find(const struct ic_ts_object *o, const char *interned)
{
    for (int32_t i = 0; i < o->n; ++i)
        if (o->names[i] == interned)
            return &o->values[i];
    return NULL;
}

enum ic_status ic_ts_attr_set(struct ic_ts *ts, struct ic_ts_object *o, const char *interned, struct ic_ts_value v)
{
    struct ic_ts_value *old = ic_ts_attr_find(o, interned);
    if (old) {
        *old = v;
        return IC_OK;
    }
    if (o->n == o->cap) {
        const int32_t cap = o->cap ? 2 * o->cap : 8;
        const char **names = ic_arena_array(&ts->arena, (size_t)cap, sizeof *names);
        struct ic_ts_value *values = ic_arena_array(&ts->arena, (size_t)cap, sizeof *values);
        if (!names || !values)
            return ic_ts_no_memory(ts);
        for (int32_t i = 0; i < o->n; ++i) {
            names[i] = o->names[i];
            values[i] = o->values[i];
        }
        o->names = names;
        o->values = values;
        o->cap = cap;
    }
    o->names[o->n] = interned;
    o->values[o->n++] = v;
    return IC_OK;
}

const char *ic_ts_kind_name(const struct ic_ts_value *v)
{
    switch (v->kind) {
    case IC_TS_V_NONE:
        return "None";
    case IC_TS_V_BOOL:
        return "bool";
    case IC_TS_V_INT:
        return "int";
    case IC_TS_V_FLOAT:
        return "float";
    case IC_TS_V_TEXT:
        return "str";
    case IC_TS_V_LIST:
        return "list";
    case IC_TS_V_TUPLE:
        return "tuple";
    case IC_TS_V_DICT:
        return "dict";
    case IC_TS_V_DEVICE:
        return "device";
    case IC_TS_V_TENSOR:
        return "Tensor";
    case IC_TS_V_COMPLEX:
        return "complex Tensor";
    case IC_TS_V_OBJECT:
        return "object";
    case IC_TS_V_CLASS:
        return "class";
    case IC_TS_V_FUNCTION:
        return "function";
    case IC_TS_V_UNKNOWN:
        return "unknown value";
    case IC_TS_V_UNSET:
        return "uninitialized value";
    }
    return "?";
}

static const char *describe_tensor(struct ic_ts *ts, const struct ic_ts_tensor *t, bool complex)
{
    char room[200];
    int n = snprintf(room, sizeof room, "Tensor %s[", complex ? "complex " : "");
    for (int32_t i = 0; i < t->rank - complex && n < (int)sizeof room - 30; ++i)
        n += snprintf(room + n, sizeof room - (size_t)n, "%s%" PRId64, i ? ", " : "", t->dims[i]);
    snprintf(room + n, sizeof room - (size_t)n, "]");
    const char *text = ic_arena_text(&ts->arena, room, strlen(room));
    return text ? text : "Tensor";
}

const char *ic_ts_describe(struct ic_ts *ts, const struct ic_ts_value *v)
{
    const char *text = NULL;
    switch (v->kind) {
    case IC_TS_V_TENSOR:
    case IC_TS_V_COMPLEX:
        return describe_tensor(ts, v->u.t, v->kind == IC_TS_V_COMPLEX);
    case IC_TS_V_INT:
        text = ic_arena_printf(&ts->arena, "int %" PRId64, v->u.i);
        break;
    case IC_TS_V_FLOAT:
        text = ic_arena_printf(&ts->arena, "float %g", v->u.f);
        break;
    case IC_TS_V_BOOL:
        return v->u.i ? "True" : "False";
    case IC_TS_V_LIST:
        text = ic_arena_printf(&ts->arena, "list of %d", v->u.seq->n);
        break;
    case IC_TS_V_TUPLE:
        text = ic_arena_printf(&ts->arena, "tuple of %d", v->u.seq->n);
        break;
    case IC_TS_V_OBJECT:
        text = v->u.o->class_path;
        break;
    default:
        break;
    }
    return text ? text : ic_ts_kind_name(v);
}

bool ic_ts_truth(const struct ic_ts_value *v)
{
    return v->kind == IC_TS_V_FLOAT                            ? v->u.f != 0
           : v->kind == IC_TS_V_BOOL || v->kind == IC_TS_V_INT ? v->u.i != 0
                                                               : v->kind != IC_TS_V_NONE;
}

bool ic_ts_has_unknown(const struct ic_ts_value *v)
{
    if (v->kind == IC_TS_V_UNKNOWN)
        return true;
    if (v->kind == IC_TS_V_LIST || v->kind == IC_TS_V_TUPLE)
        for (int32_t i = 0; i < v->u.seq->n; ++i)
            if (v->u.seq->items[i].kind == IC_TS_V_UNKNOWN)
                return true;
    return false;
}
