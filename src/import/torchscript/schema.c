/* SPDX-License-Identifier: Apache-2.0
 *
 * Schemas: the text of a row to parameters, arguments to parameters, one overload of several.
 */
#include "import/torchscript/schema.h"

#include "import/torchscript/number.h"
#include "import/torchscript/report.h"

#include <math.h>
#include <string.h>

/* ---- text to parameters. The text is ours: a mistake in it is IC_ERR_INTERNAL. ---- */
static bool word_is(const char *p, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(p, word, n) == 0;
}

static const char *read_type(const char *p, struct ic_ts_schema_param *out)
{
    static const struct {
        const char *word;
        enum ic_ts_schema_type type;
    } types[] = {{"Tensor", IC_TS_S_TENSOR}, {"int", IC_TS_S_INT},   {"float", IC_TS_S_FLOAT},   {"Scalar", IC_TS_S_SCALAR},
                 {"bool", IC_TS_S_BOOL},     {"str", IC_TS_S_TEXT},  {"Device", IC_TS_S_DEVICE}, {"any", IC_TS_S_ANY},
                 {"list", IC_TS_S_LIST},     {"dict", IC_TS_S_DICT}, {"plain", IC_TS_S_PLAIN},   {"Complex", IC_TS_S_COMPLEX},
                 {"Either", IC_TS_S_EITHER}};
    const size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    for (size_t i = 0; i < sizeof types / sizeof *types; ++i)
        if (word_is(p, n, types[i].word))
            out->type = types[i].type;
    p += n;
    if (*p == '?' && p[1] == '[') { /* Tensor?[] */
        out->items_optional = true;
        ++p;
    }
    if (*p == '[') {
        out->is_list = true;
        for (++p; *p >= '0' && *p <= '9'; ++p)
            out->expand = out->expand * 10 + (*p - '0');
        ++p;
    }
    if (*p == '?') {
        out->optional = true;
        ++p;
    }
    return p;
}

static enum ic_status read_preset(struct ic_ts *ts, const char **at, struct ic_ts_schema_param *out)
{
    const char *p = *at;
    size_t n = 0;
    out->has_preset = true;
    if (*p == '[') {
        int64_t values[4] = {0};
        int32_t count = 0;
        for (++p; *p != ']'; p += *p == ',' || *p == ' ') {
            const size_t minus = *p == '-', digits = strspn(p + minus, "0123456789");
            if (digits == 0)
                return ic_fail(ts->d, IC_ERR_INTERNAL, "schema default %s is no list of numbers", *at);
            if (count < 4 && ic_ts_read_int(p + minus, digits, &values[count]))
                values[count++] *= minus ? -1 : 1;
            p += minus + digits;
        }
        *at = p + 1;
        return ic_ts_ints(ts, count, values, &out->preset);
    }
    n = strcspn(p, ",)");
    *at = p + n;
    if (word_is(p, n, "None"))
        out->preset = ic_ts_none();
    else if (word_is(p, n, "True") || word_is(p, n, "False"))
        out->preset = ic_ts_bool(*p == 'T');
    else if (word_is(p, n, "inf") || word_is(p, n, "-inf"))
        out->preset = ic_ts_float(*p == '-' ? -(double)INFINITY : (double)INFINITY);
    else if (*p == '"')
        return ic_ts_text(ts, p + 1, n - 2, &out->preset);
    else {
        const bool minus = *p == '-';
        if (memchr(p, '.', n) || memchr(p, 'e', n)) {
            double f = 0;
            (void)ic_ts_read_double(p + minus, n - minus, &f);
            out->preset = ic_ts_float(minus ? -f : f);
        } else {
            int64_t i = 0;
            (void)ic_ts_read_int(p + minus, n - minus, &i);
            out->preset = ic_ts_int(minus ? -i : i);
        }
    }
    return IC_OK;
}

static enum ic_status parse_schema(struct ic_ts *ts, const char *text, struct ic_ts_schema *out)
{
    const char *p = strchr(text, '(');
    out->n_positional = IC_TS_MAX_ARGS;
    for (++p; *p && *p != ')';) {
        if (*p == '*' && p[1] == ',') {
            p += 3;
            out->n_positional = out->n;
            continue;
        }
        if (out->n == IC_TS_MAX_ARGS)
            return ic_fail(ts->d, IC_ERR_INTERNAL, "schema %s has too many parameters", text);
        struct ic_ts_schema_param *param = &out->params[out->n++];
        p = read_type(p, param);
        p += strspn(p, " ");
        param->name = p;
        param->name_length = strcspn(p, "=,)");
        p += param->name_length;
        if (*p == '=') {
            ++p;
            IC_TRY(read_preset(ts, &p, param));
        }
        if (!param->type)
            return ic_fail(ts->d, IC_ERR_INTERNAL, "schema %s has an unknown type", text);
        p += *p == ',';
        p += strspn(p, " ");
    }
    return IC_OK;
}

enum ic_status ic_ts_schema(struct ic_ts *ts, const struct ic_ts_row *row, const struct ic_ts_schema **out)
{
    const size_t i = (size_t)(row - ic_ts_rows);
    if (!ts->schemas) {
        ts->schemas = ic_arena_array(&ts->arena, (size_t)ic_ts_n_rows, sizeof *ts->schemas);
        if (!ts->schemas)
            return ic_ts_no_memory(ts);
    }
    if (!ts->schemas[i]) {
        struct ic_ts_schema *s = ic_arena_alloc(&ts->arena, sizeof *s);
        if (!s)
            return ic_ts_no_memory(ts);
        IC_TRY(parse_schema(ts, row->schema, s));
        ts->schemas[i] = s;
    }
    *out = ts->schemas[i];
    return IC_OK;
}

/* ---- arguments to parameters ---- */
static enum ic_status bind_int(struct ic_ts *ts, const struct ic_ts_value *v, struct ic_ts_value *out, bool *fits)
{
    *fits = v->kind == IC_TS_V_INT;
    *out = *v;
    if (v->kind == IC_TS_V_TENSOR && v->u.t->rank == 0 && !ic_ts_is_float(v->u.t->dtype)) {
        int64_t i = 0;
        IC_TRY(ic_ts_tensor_int(ts, v->u.t, fits, &i));
        *out = ic_ts_int(i);
    }
    return IC_OK;
}

/* A number, or a known tensor without axes that stands for one. */
static enum ic_status bind_scalar(struct ic_ts *ts, const struct ic_ts_value *v, struct ic_ts_value *out, bool *fits)
{
    double f = 0;
    *fits = ic_ts_is_number(v);
    if (v->kind != IC_TS_V_TENSOR || v->u.t->rank != 0)
        return IC_OK;
    if (!ic_ts_is_float(v->u.t->dtype))
        return bind_int(ts, v, out, fits);
    IC_TRY(ic_ts_tensor_number(ts, v->u.t, fits, &f));
    *out = ic_ts_float(f);
    return IC_OK;
}

static enum ic_status bind_one(struct ic_ts *ts, enum ic_ts_schema_type type, const struct ic_ts_value *v, struct ic_ts_value *out,
                               bool *fits)
{
    *out = *v;
    switch (type) {
    case IC_TS_S_TENSOR:
        *fits = v->kind == IC_TS_V_TENSOR;
        break;
    case IC_TS_S_INT:
        return bind_int(ts, v, out, fits);
    case IC_TS_S_FLOAT:
        *fits = v->kind == IC_TS_V_FLOAT || v->kind == IC_TS_V_INT;
        if (v->kind == IC_TS_V_INT)
            *out = ic_ts_float((double)v->u.i);
        break;
    case IC_TS_S_SCALAR:
        return bind_scalar(ts, v, out, fits);
    case IC_TS_S_BOOL:
        *fits = v->kind == IC_TS_V_BOOL;
        break;
    case IC_TS_S_TEXT:
        *fits = v->kind == IC_TS_V_TEXT;
        break;
    case IC_TS_S_DEVICE:
        *fits = v->kind == IC_TS_V_DEVICE;
        break;
    case IC_TS_S_LIST:
        *fits = v->kind == IC_TS_V_LIST || v->kind == IC_TS_V_TUPLE;
        break;
    case IC_TS_S_DICT:
        *fits = v->kind == IC_TS_V_DICT;
        break;
    case IC_TS_S_ANY:
        *fits = true;
        break;
    case IC_TS_S_PLAIN:
        *fits = v->kind != IC_TS_V_COMPLEX;
        break;
    case IC_TS_S_COMPLEX:
        *fits = v->kind == IC_TS_V_COMPLEX;
        break;
    case IC_TS_S_EITHER:
        *fits = v->kind == IC_TS_V_TENSOR || v->kind == IC_TS_V_COMPLEX;
        break;
    case IC_TS_S_NOTHING:
        *fits = false;
        break;
    }
    return IC_OK;
}

static enum ic_status bind_list(struct ic_ts *ts, const struct ic_ts_schema_param *p, const struct ic_ts_value *v,
                                struct ic_ts_value *out, bool *fits)
{
    *fits = false;
    if (p->expand && v->kind != IC_TS_V_LIST && v->kind != IC_TS_V_TUPLE) {
        struct ic_ts_value one;
        IC_TRY(bind_one(ts, p->type, v, &one, fits));
        if (!*fits)
            return IC_OK;
        IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, p->expand, out));
        for (int32_t i = 0; i < p->expand; ++i)
            out->u.seq->items[i] = one;
        return IC_OK;
    }
    if (v->kind != IC_TS_V_LIST && v->kind != IC_TS_V_TUPLE)
        return IC_OK;
    IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, v->u.seq->n, out));
    *fits = true;
    for (int32_t i = 0; *fits && i < v->u.seq->n; ++i) {
        if (p->items_optional && v->u.seq->items[i].kind == IC_TS_V_NONE)
            continue;
        IC_TRY(bind_one(ts, p->type, &v->u.seq->items[i], &out->u.seq->items[i], fits));
    }
    if (*fits && p->expand && out->u.seq->n == 1 && p->expand > 1) { /* torch takes [3] for int[2] as well */
        IC_TRY(ic_ts_append(ts, out->u.seq, out->u.seq->items[0]));
        for (int32_t i = 2; i < p->expand; ++i)
            IC_TRY(ic_ts_append(ts, out->u.seq, out->u.seq->items[0]));
    }
    return IC_OK;
}

static enum ic_status bind_param(struct ic_ts *ts, const struct ic_ts_schema_param *p, const struct ic_ts_value *v,
                                 struct ic_ts_value *out, bool *fits)
{
    if (v->kind == IC_TS_V_NONE && (p->optional || p->type == IC_TS_S_ANY || p->type == IC_TS_S_PLAIN)) {
        *out = *v;
        *fits = true;
        return IC_OK;
    }
    return p->is_list ? bind_list(ts, p, v, out, fits) : bind_one(ts, p->type, v, out, fits);
}

enum ic_status ic_ts_bind(struct ic_ts *ts, const struct ic_ts_schema *s, const struct ic_ts_args *args, struct ic_ts_value *bound,
                          bool *fits)
{
    bool given[IC_TS_MAX_ARGS] = {false};
    *fits = args->n <= s->n;
    for (int32_t i = 0; *fits && i < args->n; ++i) {
        int32_t to = i;
        if (args->keywords[i]) {
            const size_t n = strlen(args->keywords[i]);
            for (to = 0; to < s->n; ++to)
                if (s->params[to].name_length == n && memcmp(s->params[to].name, args->keywords[i], n) == 0)
                    break;
        }
        if (to >= s->n || given[to] || (!args->keywords[i] && i >= s->n_positional)) {
            *fits = false;
            return IC_OK;
        }
        given[to] = true;
        IC_TRY(bind_param(ts, &s->params[to], &args->values[i], &bound[to], fits));
    }
    for (int32_t i = 0; *fits && i < s->n; ++i) {
        if (given[i])
            continue;
        *fits = s->params[i].has_preset;
        if (*fits)
            IC_TRY(bind_param(ts, &s->params[i], &s->params[i].preset, &bound[i], fits));
    }
    return IC_OK;
}
