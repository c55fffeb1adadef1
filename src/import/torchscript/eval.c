/* SPDX-License-Identifier: Apache-2.0 */
#include "import/torchscript/eval.h"

#include "import/torchscript/aten.h"
#include "import/torchscript/complex.h"
#include "import/torchscript/names.h"
#include "import/torchscript/report.h"

#include <math.h>
#include <string.h>

enum flow { FLOW_NEXT = 0, FLOW_RETURN };

static enum ic_status run_block(struct ic_ts *ts, struct ic_ts_stmt *s, enum flow *flow, struct ic_ts_value *out);

enum ic_status ic_ts_spend(struct ic_ts *ts)
{
    if (++ts->n_evaluated <= ts->limits.max_evaluated)
        return IC_OK;
    return ic_ts_fail(ts, IC_E_IMPORT_MEMORY,
                      "the model has not come to an end after %llu evaluated expressions; a loop in it runs too long",
                      (unsigned long long)ts->limits.max_evaluated);
}

/* ---- variables ---- */
static struct ic_ts_value *find_local(const struct ic_ts_frame *f, const char *name)
{
    for (int32_t i = f->n; i-- > 0;)
        if (f->names[i] == name)
            return &f->values[i];
    return NULL;
}

static enum ic_status set_local(struct ic_ts *ts, const char *name, struct ic_ts_value v)
{
    struct ic_ts_frame *f = ts->frame;
    struct ic_ts_value *old = find_local(f, name);
    if (old) {
        *old = v;
        return IC_OK;
    }
    if (f->n == f->cap) {
        const int32_t cap = f->cap ? 2 * f->cap : 16;
        const char **names = ic_arena_array(&ts->arena, (size_t)cap, sizeof *names);
        struct ic_ts_value *values = ic_arena_array(&ts->arena, (size_t)cap, sizeof *values);
        if (!names || !values)
            return ic_ts_no_memory(ts);
        for (int32_t i = 0; i < f->n; ++i) {
            names[i] = f->names[i];
            values[i] = f->values[i];
        }
        f->names = names;
        f->values = values;
        f->cap = cap;
    }
    f->names[f->n] = name;
    f->values[f->n++] = v;
    return IC_OK;
}

static enum ic_status assign_items(struct ic_ts *ts, struct ic_ts_expr *target, struct ic_ts_value v);

static enum ic_status assign(struct ic_ts *ts, struct ic_ts_expr *target, struct ic_ts_value v)
{
    struct ic_ts_value base, key, *place = NULL;
    switch (target->kind) {
    case IC_TS_NAME:
        return set_local(ts, target->text, v);
    case IC_TS_TUPLE:
    case IC_TS_LIST:
        return assign_items(ts, target, v);
    case IC_TS_ATTR:
        IC_TRY(ic_ts_eval(ts, target->base, &base));
        if (base.kind != IC_TS_V_OBJECT)
            return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "attribute %s is set on a %s", target->text, ic_ts_kind_name(&base));
        return ic_ts_attr_set(ts, base.u.o, target->text, v);
    case IC_TS_INDEX:
        IC_TRY(ic_ts_eval(ts, target->base, &base));
        IC_TRY(ic_ts_eval(ts, target->items[0], &key));
        if (base.kind == IC_TS_V_DICT && (place = ic_ts_dict_find(base.u.seq, &key)) == NULL) {
            IC_TRY(ic_ts_append(ts, base.u.seq, key));
            return ic_ts_append(ts, base.u.seq, v);
        }
        if (base.kind == IC_TS_V_LIST && key.kind == IC_TS_V_INT) {
            const int64_t i = key.u.i < 0 ? key.u.i + base.u.seq->n : key.u.i;
            if (i >= 0 && i < base.u.seq->n)
                place = &base.u.seq->items[i];
        }
        if (!place)
            return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "an element is set that a %s does not have", ic_ts_kind_name(&base));
        *place = v;
        return IC_OK;
    default:
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "a value is assigned to something that is no variable");
    }
}

static enum ic_status assign_items(struct ic_ts *ts, struct ic_ts_expr *target, struct ic_ts_value v)
{
    if (v.kind == IC_TS_V_UNKNOWN) {
        for (int32_t i = 0; i < target->n_items; ++i)
            IC_TRY(assign(ts, target->items[i], v));
        return IC_OK;
    }
    if ((v.kind != IC_TS_V_TUPLE && v.kind != IC_TS_V_LIST) || v.u.seq->n != target->n_items)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "%s is unpacked into %d variables", ic_ts_describe(ts, &v), target->n_items);
    for (int32_t i = 0; i < target->n_items; ++i)
        IC_TRY(assign(ts, target->items[i], v.u.seq->items[i]));
    return IC_OK;
}

/* ---- expressions ---- */
static enum ic_status eval_name(struct ic_ts *ts, struct ic_ts_expr *e, struct ic_ts_value *out)
{
    const struct ic_ts_value *v = find_local(ts->frame, e->text);
    if (v) {
        *out = *v;
        return IC_OK;
    }
    if (strcmp(e->text, "inf") == 0 || strcmp(e->text, "nan") == 0) {
        *out = ic_ts_float(e->text[0] == 'i' ? (double)INFINITY : (double)NAN);
        return IC_OK;
    }
    return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "variable `%.100s` has no value here; the file is damaged", e->text);
}

static enum ic_status eval_seq(struct ic_ts *ts, struct ic_ts_expr *e, enum ic_ts_kind kind, struct ic_ts_value *out)
{
    IC_TRY(ic_ts_seq(ts, kind, e->n_items, out));
    for (int32_t i = 0; i < e->n_items; ++i)
        IC_TRY(ic_ts_eval(ts, e->items[i], &out->u.seq->items[i]));
    return IC_OK;
}

static enum ic_status eval_index(struct ic_ts *ts, struct ic_ts_expr *e, struct ic_ts_value *out)
{
    struct ic_ts_value base, key;
    IC_TRY(ic_ts_eval(ts, e->base, &base));
    IC_TRY(ic_ts_eval(ts, e->items[0], &key));
    if (base.kind == IC_TS_V_UNKNOWN || key.kind == IC_TS_V_UNKNOWN) {
        *out = ic_ts_unknown();
        return IC_OK;
    }
    if ((base.kind == IC_TS_V_LIST || base.kind == IC_TS_V_TUPLE) && key.kind == IC_TS_V_INT) {
        const int64_t i = key.u.i < 0 ? key.u.i + base.u.seq->n : key.u.i;
        if (i < 0 || i >= base.u.seq->n)
            return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "element %lld of a %s", (long long)key.u.i, ic_ts_describe(ts, &base));
        *out = base.u.seq->items[i];
        return IC_OK;
    }
    if (base.kind == IC_TS_V_DICT) {
        const struct ic_ts_value *v = ic_ts_dict_find(base.u.seq, &key);
        if (!v)
            return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "a dict has no such key (%s)",
                              key.kind == IC_TS_V_TEXT ? key.u.text->text : ic_ts_describe(ts, &key));
        *out = *v;
        return IC_OK;
    }
    return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "%s has no elements", ic_ts_describe(ts, &base));
}

static enum ic_status eval_constant(struct ic_ts *ts, const char *name, struct ic_ts_value *out)
{
    int64_t i = 0;
    for (const char *p = name + 1; *p; ++p)
        i = *p >= '0' && *p <= '9' && i < 100000000 ? i * 10 + (*p - '0') : 1000000000;
    const struct ic_pickle_value *c = ts->archive->constants;
    if (name[0] != 'c' || !c || c->kind != IC_PICKLE_TUPLE || (uint64_t)i >= c->n_items)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "the archive has no constant %s", name);
    return ic_ts_load_constant(ts, c->items[i], out);
}

static enum ic_status eval_field(struct ic_ts *ts, const struct ic_ts_value *base, const char *name, struct ic_ts_value *out)
{
    if (base->kind == IC_TS_V_OBJECT) {
        const struct ic_ts_value *v = ic_ts_attr_find(base->u.o, name);
        if (v) {
            *out = *v;
            return IC_OK;
        }
        return ic_ts_class_field(ts, base->u.o->cls, name, out); /* a Final constant stands in the class */
    }
    if (base->kind == IC_TS_V_TUPLE && base->u.seq->cls) {
        int32_t i = 0;
        for (const struct ic_ts_stmt *s = base->u.seq->cls->fields; s; s = s->next)
            if (s->kind == IC_TS_ASSIGN && s->type && s->target->kind == IC_TS_NAME && ++i <= base->u.seq->n &&
                s->target->text == name) {
                *out = base->u.seq->items[i - 1];
                return IC_OK;
            }
    }
    if (base->kind == IC_TS_V_CLASS)
        return ic_ts_class_field(ts, base->u.cls, name, out);
    return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "%s has no attribute %s", ic_ts_describe(ts, base), name);
}

static enum ic_status eval_attr(struct ic_ts *ts, struct ic_ts_expr *e, struct ic_ts_value *out)
{
    if (e->base->kind == IC_TS_NAME && !find_local(ts->frame, e->base->text) && strcmp(e->base->text, "CONSTANTS") == 0) {
        ic_ts_count_result(ts);
        return eval_constant(ts, e->text, out);
    }
    const char *dotted = ic_ts_dotted(ts, e);
    if (dotted && strncmp(dotted, "__torch__.", 10) == 0) {
        const struct ic_ts_class *cls = NULL;
        const struct ic_ts_def *def = NULL;
        IC_TRY(ic_ts_archive_lookup(ts->archive, dotted, &cls, &def, ts->d));
        if (cls || def) {
            *out = cls ? (struct ic_ts_value){.kind = IC_TS_V_CLASS, .u.cls = cls}
                       : (struct ic_ts_value){.kind = IC_TS_V_FUNCTION, .u.def = def};
            return IC_OK;
        }
    }
    struct ic_ts_value base;
    IC_TRY(ic_ts_eval(ts, e->base, &base));
    if (base.kind == IC_TS_V_UNKNOWN) {
        *out = base;
        return IC_OK;
    }
    ic_ts_count_result(ts);
    return eval_field(ts, &base, e->text, out);
}

static enum ic_status eval_negative(struct ic_ts *ts, struct ic_ts_expr *e, struct ic_ts_value *out)
{
    IC_TRY(ic_ts_eval(ts, e->base, out));
    if (out->kind == IC_TS_V_INT)
        out->u.i = (int64_t)(0 - (uint64_t)out->u.i);
    else if (out->kind == IC_TS_V_FLOAT)
        out->u.f = -out->u.f;
    else
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "a minus before a %s", ic_ts_kind_name(out));
    return IC_OK;
}

static enum ic_status eval_kind(struct ic_ts *ts, struct ic_ts_expr *e, struct ic_ts_value *out)
{
    switch (e->kind) {
    case IC_TS_NAME:
        return eval_name(ts, e, out);
    case IC_TS_INT:
        *out = ic_ts_int(e->i);
        break;
    case IC_TS_FLOAT:
        *out = ic_ts_float(e->f);
        break;
    case IC_TS_COMPLEX:
        IC_TRY(ic_ts_complex_number(ts, e->f, e->imaginary, out));
        break;
    case IC_TS_TEXT:
        IC_TRY(ic_ts_text(ts, e->text, e->length, out));
        break;
    case IC_TS_TRUE:
    case IC_TS_FALSE:
        *out = ic_ts_bool(e->kind == IC_TS_TRUE);
        break;
    case IC_TS_NONE:
        *out = ic_ts_none();
        break;
    case IC_TS_LIST:
        IC_TRY(eval_seq(ts, e, IC_TS_V_LIST, out));
        break;
    case IC_TS_TUPLE:
        IC_TRY(eval_seq(ts, e, IC_TS_V_TUPLE, out));
        break;
    case IC_TS_DICT:
        IC_TRY(eval_seq(ts, e, IC_TS_V_DICT, out));
        break;
    case IC_TS_INDEX:
        return eval_index(ts, e, out);
    case IC_TS_ATTR:
        return eval_attr(ts, e, out);
    case IC_TS_CALL:
        return ic_ts_eval_call(ts, e, out);
    case IC_TS_NEGATE:
        return eval_negative(ts, e, out);
    }
    ic_ts_count_result(ts); /* literals and lists are values of the program too */
    return IC_OK;
}

enum ic_status ic_ts_eval(struct ic_ts *ts, struct ic_ts_expr *e, struct ic_ts_value *out)
{
    *out = ic_ts_none();
    IC_TRY(ic_ts_spend(ts));
    if (e->line != ts->frame->line)
        ts->frame->line = e->line;
    if (++ts->depth > ts->limits.max_depth * 4u)
        return ic_ts_fail(ts, IC_E_NESTING, "expressions and calls are nested more than %u deep", ts->limits.max_depth * 4u);
    IC_TRY(eval_kind(ts, e, out));
    ts->depth--;
    return IC_OK;
}

/* ---- statements ---- */
static bool raises(const struct ic_ts_stmt *s)
{
    for (; s; s = s->next)
        if (s->kind == IC_TS_EXPR && s->value->kind == IC_TS_CALL && s->value->base->kind == IC_TS_ATTR &&
            strcmp(s->value->base->text, "RaiseException") == 0)
            return true;
    return false;
}

/* A check on an unknown value passes, so that the search for unsupported operators goes on behind it; any other decision ends it. */
static void guess_condition(struct ic_ts *ts, const struct ic_ts_stmt *s, bool *out)
{
    const bool yes_raises = raises(s->body), no_raises = raises(s->orelse);
    ts->stopped = s->kind != IC_TS_IF || yes_raises == no_raises;
    *out = no_raises;
}

/* False with ts->stopped set when the value is not known because an operator before it is not supported. */
static enum ic_status read_condition(struct ic_ts *ts, struct ic_ts_stmt *s, bool *out)
{
    struct ic_ts_value v;
    IC_TRY(ic_ts_eval(ts, s->value, &v));
    ts->frame->line = s->line;
    if (v.kind == IC_TS_V_UNKNOWN) {
        guess_condition(ts, s, out);
        return IC_OK;
    }
    if (v.kind == IC_TS_V_TENSOR) {
        bool known = false;
        double number = 0;
        IC_TRY(ic_ts_tensor_number(ts, v.u.t, &known, &number));
        if (!known)
            return ic_ts_fail_data_dependent(ts, s->value, s->kind == IC_TS_WHILE ? "while" : "if");
        *out = number != 0;
        return IC_OK;
    }
    if (v.kind != IC_TS_V_BOOL && v.kind != IC_TS_V_INT)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "a condition is %s", ic_ts_describe(ts, &v));
    *out = v.u.i != 0;
    return IC_OK;
}

static enum ic_status run_for(struct ic_ts *ts, struct ic_ts_stmt *s, enum flow *flow, struct ic_ts_value *out)
{
    struct ic_ts_expr *range = s->value;
    struct ic_ts_value end, list;
    const bool is_range = range->kind == IC_TS_CALL && range->base->kind == IC_TS_NAME && strcmp(range->base->text, "range") == 0 &&
                          range->n_items == 1;
    IC_TRY(ic_ts_eval(ts, is_range ? range->items[0] : range, &end));
    if (end.kind == IC_TS_V_UNKNOWN) {
        ts->stopped = true;
        return IC_OK;
    }
    list = end;
    if (is_range ? end.kind != IC_TS_V_INT : end.kind != IC_TS_V_LIST && end.kind != IC_TS_V_TUPLE)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "a loop over %s", ic_ts_describe(ts, &end));
    for (int64_t i = 0; i < (is_range ? end.u.i : list.u.seq->n); ++i) {
        IC_TRY(ic_ts_spend(ts));
        IC_TRY(assign(ts, s->target, is_range ? ic_ts_int(i) : list.u.seq->items[i]));
        IC_TRY(run_block(ts, s->body, flow, out));
        if (*flow == FLOW_RETURN || ts->stopped)
            break;
    }
    return IC_OK;
}

static enum ic_status run_while(struct ic_ts *ts, struct ic_ts_stmt *s, enum flow *flow, struct ic_ts_value *out)
{
    for (;;) {
        bool yes = false;
        IC_TRY(ic_ts_spend(ts));
        IC_TRY(read_condition(ts, s, &yes));
        if (!yes || ts->stopped)
            return IC_OK;
        IC_TRY(run_block(ts, s->body, flow, out));
        if (*flow == FLOW_RETURN || ts->stopped)
            return IC_OK;
    }
}

static enum ic_status run_stmt(struct ic_ts *ts, struct ic_ts_stmt *s, enum flow *flow, struct ic_ts_value *out)
{
    struct ic_ts_value v = ic_ts_none();
    bool yes = false;
    switch (s->kind) {
    case IC_TS_ASSIGN:
        if (!s->value)
            return IC_OK;
        IC_TRY(ic_ts_eval(ts, s->value, &v));
        return ts->stopped ? IC_OK : assign(ts, s->target, v);
    case IC_TS_EXPR:
        return ic_ts_eval(ts, s->value, &v);
    case IC_TS_RETURN:
        *flow = FLOW_RETURN;
        return s->value ? ic_ts_eval(ts, s->value, out) : IC_OK;
    case IC_TS_IF:
        IC_TRY(read_condition(ts, s, &yes));
        return ts->stopped ? IC_OK : run_block(ts, yes ? s->body : s->orelse, flow, out);
    case IC_TS_FOR:
        return run_for(ts, s, flow, out);
    case IC_TS_WHILE:
        return run_while(ts, s, flow, out);
    case IC_TS_PASS:
        return IC_OK;
    }
    return IC_OK;
}

static enum ic_status run_block(struct ic_ts *ts, struct ic_ts_stmt *s, enum flow *flow, struct ic_ts_value *out)
{
    if (++ts->depth > ts->limits.max_depth * 4u)
        return ic_ts_fail(ts, IC_E_NESTING, "blocks and calls are nested more than %u deep", ts->limits.max_depth * 4u);
    for (; s && *flow == FLOW_NEXT && !ts->stopped; s = s->next) {
        ts->frame->line = s->line;
        IC_TRY(run_stmt(ts, s, flow, out));
    }
    ts->depth--;
    return IC_OK;
}

enum ic_status ic_ts_call(struct ic_ts *ts, const struct ic_ts_def *def, const struct ic_ts_value *args,
                          const struct ic_ts_object *self, struct ic_ts_value *out)
{
    if (++ts->n_calls_deep > ts->limits.max_depth)
        return ic_ts_fail(ts, IC_E_NESTING, "functions call each other more than %u deep; does %s call itself?",
                          ts->limits.max_depth, def->name);
    struct ic_ts_frame *caller = ts->frame;
    struct ic_ts_frame frame = {.def = def,
                                .self = self,
                                .path = self     ? self->path
                                        : caller ? caller->path
                                                 : "",
                                .line = def->line,
                                .caller = caller};
    ts->frame = &frame;
    for (int32_t i = 0; i < def->n_params; ++i)
        IC_TRY(set_local(ts, def->params[i].name, args[i]));
    enum flow flow = FLOW_NEXT;
    *out = ic_ts_none();
    IC_TRY(run_block(ts, def->body, &flow, out));
    if (ts->stopped)
        *out = ic_ts_unknown();
    ts->frame = caller;
    ts->n_calls_deep--;
    return IC_OK;
}
