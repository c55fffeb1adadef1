/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls: built-in functions, operators, functions and classes of the archive, methods.
 */
#include "import/torchscript/aten.h"
#include "import/torchscript/composed.h"
#include "import/torchscript/names.h"
#include "import/torchscript/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_local(const struct ic_ts *ts, const char *name)
{
    for (int32_t i = ts->frame->n; i-- > 0;)
        if (ts->frame->names[i] == name)
            return true;
    return false;
}

const char *ic_ts_dotted(struct ic_ts *ts, const struct ic_ts_expr *e)
{
    const struct ic_ts_expr *root = e;
    size_t length = 0;
    for (; root->kind == IC_TS_ATTR; root = root->base)
        length += strlen(root->text) + 1;
    if (root->kind != IC_TS_NAME || is_local(ts, root->text))
        return NULL;
    length += strlen(root->text);
    if (strcmp(root->text, "__torch__") != 0)
        return NULL;
    char *text = ic_arena_alloc(&ts->arena, length + 1);
    if (!text)
        return NULL;
    size_t at = length;
    for (const struct ic_ts_expr *p = e;; p = p->base) {
        const size_t n = strlen(p->text);
        memcpy(text + (at -= n), p->text, n);
        if (p == root)
            return text;
        text[--at] = '.';
    }
}

/* ---- arguments ---- */
static enum ic_status eval_args(struct ic_ts *ts, struct ic_ts_expr *e, struct ic_ts_args *out)
{
    out->n = e->n_items;
    out->keywords = e->keywords;
    out->values = ic_arena_array(&ts->arena, (size_t)(e->n_items ? e->n_items : 1), sizeof *out->values);
    if (!out->values)
        return ic_ts_no_memory(ts);
    for (int32_t i = 0; i < e->n_items; ++i)
        IC_TRY(ic_ts_eval(ts, e->items[i], &out->values[i]));
    ts->frame->line = e->line;
    return IC_OK;
}

/* Arguments of a function of the archive, with the defaults of its definition; self may be NULL. */
static enum ic_status call_def(struct ic_ts *ts, const struct ic_ts_def *def, struct ic_ts_object *self,
                               const struct ic_ts_args *args, struct ic_ts_value *out)
{
    const int32_t first = self ? 1 : 0;
    struct ic_ts_value *bound = ic_arena_array(&ts->arena, (size_t)def->n_params + 1, sizeof *bound);
    bool *given = ic_arena_array(&ts->arena, (size_t)def->n_params + 1, sizeof *given);
    if (!bound || !given)
        return ic_ts_no_memory(ts);
    if (self && def->n_params) {
        bound[0] = (struct ic_ts_value){.kind = IC_TS_V_OBJECT, .u.o = self};
        given[0] = true;
    }
    for (int32_t i = 0; i < args->n; ++i) {
        int32_t to = first + i;
        if (args->keywords[i])
            for (to = 0; to < def->n_params && def->params[to].name != args->keywords[i];)
                ++to;
        if (to >= def->n_params || given[to])
            return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "%s is called with arguments that it does not have", def->name);
        bound[to] = args->values[i];
        given[to] = true;
    }
    for (int32_t i = 0; i < def->n_params; ++i) {
        if (given[i])
            continue;
        if (!def->params[i].preset)
            return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "%s is called without its argument %s", def->name, def->params[i].name);
        IC_TRY(ic_ts_eval(ts, def->params[i].preset, &bound[i]));
    }
    return ic_ts_call(ts, def, bound, self, out);
}

static enum ic_status make_instance(struct ic_ts *ts, const struct ic_ts_class *cls, const struct ic_ts_args *args,
                                    struct ic_ts_value *out)
{
    if (cls->base && strcmp(cls->base, "NamedTuple") == 0) {
        IC_TRY(ic_ts_seq(ts, IC_TS_V_TUPLE, args->n, out));
        for (int32_t i = 0; i < args->n; ++i)
            out->u.seq->items[i] = args->values[i];
        out->u.seq->cls = cls;
        return IC_OK;
    }
    struct ic_ts_object *o = ic_arena_alloc(&ts->arena, sizeof *o);
    if (!o)
        return ic_ts_no_memory(ts);
    *o = (struct ic_ts_object){.cls = cls, .class_path = cls->name, .path = ts->frame->path};
    *out = (struct ic_ts_value){.kind = IC_TS_V_OBJECT, .u.o = o};
    struct ic_ts_value nothing;
    for (const struct ic_ts_def *def = cls->defs; def; def = def->next)
        if (strcmp(def->name, "__init__") == 0)
            return call_def(ts, def, o, args, &nothing);
    return args->n ? ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "class %s takes no arguments", cls->name) : IC_OK;
}

static enum ic_status call_method(struct ic_ts *ts, struct ic_ts_expr *e, struct ic_ts_value *out)
{
    struct ic_ts_value base;
    struct ic_ts_args args;
    IC_TRY(ic_ts_eval(ts, e->base->base, &base));
    IC_TRY(eval_args(ts, e, &args));
    if (base.kind == IC_TS_V_UNKNOWN) {
        *out = base;
        return IC_OK;
    }
    if (base.kind != IC_TS_V_OBJECT)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "method %s is called on %s", e->base->text, ic_ts_describe(ts, &base));
    for (const struct ic_ts_def *def = base.u.o->cls ? base.u.o->cls->defs : NULL; def; def = def->next)
        if (def->name == e->base->text)
            return call_def(ts, def, base.u.o, &args, out);
    return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "class %s has no method %s", base.u.o->class_path, e->base->text);
}

/* ---- built-in functions ---- */
static enum ic_status to_number(struct ic_ts *ts, struct ic_ts_expr *e, const struct ic_ts_value *v, enum ic_ts_kind kind,
                                struct ic_ts_value *out)
{
    double f = 0;
    int64_t i = 0;
    bool known = true;
    if (v->kind == IC_TS_V_TENSOR) {
        IC_TRY(ic_ts_tensor_int(ts, v->u.t, &known, &i));
        if (known)
            IC_TRY(ic_ts_tensor_number(ts, v->u.t, &known, &f));
        if (!known)
            return ic_ts_fail_data_dependent(ts, e->items[0],
                                             kind == IC_TS_V_INT     ? "int()"
                                             : kind == IC_TS_V_FLOAT ? "float()"
                                                                     : "bool()");
    } else if (v->kind == IC_TS_V_INT || v->kind == IC_TS_V_BOOL) {
        f = (double)v->u.i;
        i = v->u.i;
    } else if (v->kind == IC_TS_V_FLOAT) {
        f = v->u.f;
        i = f > -9.2e18 && f < 9.2e18 ? (int64_t)f : 0;
    } else if (v->kind == IC_TS_V_TEXT && kind == IC_TS_V_FLOAT) {
        f = strcmp(v->u.text->text, "inf") == 0 ? 1.0 / 0.0 : strcmp(v->u.text->text, "-inf") == 0 ? -1.0 / 0.0 : 0.0 / 0.0;
    } else {
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "%s is made a number", ic_ts_describe(ts, v));
    }
    *out = kind == IC_TS_V_INT ? ic_ts_int(i) : kind == IC_TS_V_FLOAT ? ic_ts_float(f) : ic_ts_bool(f != 0);
    return IC_OK;
}

static enum ic_status to_text(struct ic_ts *ts, const struct ic_ts_value *v, struct ic_ts_value *out)
{
    if (v->kind == IC_TS_V_TEXT) {
        *out = *v;
        return IC_OK;
    }
    char room[64];
    if (v->kind == IC_TS_V_INT)
        snprintf(room, sizeof room, "%" PRId64, v->u.i);
    else
        snprintf(room, sizeof room, "%s", v->kind == IC_TS_V_BOOL ? v->u.i ? "True" : "False" : ic_ts_kind_name(v));
    return ic_ts_text(ts, room, strlen(room), out);
}

static enum ic_status get_attribute(struct ic_ts *ts, struct ic_ts_expr *e, struct ic_ts_value *out)
{
    struct ic_ts_value base;
    if (e->n_items < 2 || e->items[1]->kind != IC_TS_TEXT)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "getattr without a name");
    IC_TRY(ic_ts_eval(ts, e->items[0], &base));
    ic_ts_count_result(ts);
    const char *name = ic_ts_intern(&ts->archive->names, e->items[1]->text, e->items[1]->length);
    if (!name)
        return ic_ts_no_memory(ts);
    const struct ic_ts_value *v = base.kind == IC_TS_V_OBJECT ? ic_ts_attr_find(base.u.o, name) : NULL;
    if (!v && base.kind == IC_TS_V_OBJECT)
        return ic_ts_class_field(ts, base.u.o->cls, name, out);
    if (!v)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "%s has no attribute %s", ic_ts_describe(ts, &base), name);
    *out = *v;
    return IC_OK;
}

/* Whether v is of a type as annotations write it: Tensor, int, List[...], Optional[...], or any of several in a tuple. */
static bool is_of_type(const struct ic_ts_value *v, const struct ic_ts_expr *type)
{
    static const struct {
        const char *name;
        enum ic_ts_kind kind;
    } kinds[] = {{"Tensor", IC_TS_V_TENSOR}, {"int", IC_TS_V_INT},   {"float", IC_TS_V_FLOAT}, {"bool", IC_TS_V_BOOL},
                 {"str", IC_TS_V_TEXT},      {"List", IC_TS_V_LIST}, {"Tuple", IC_TS_V_TUPLE}, {"Dict", IC_TS_V_DICT},
                 {"NoneType", IC_TS_V_NONE}, {"list", IC_TS_V_LIST}, {"tuple", IC_TS_V_TUPLE}, {"dict", IC_TS_V_DICT}};
    if (type->kind == IC_TS_TUPLE || type->kind == IC_TS_LIST) {
        for (int32_t i = 0; i < type->n_items; ++i)
            if (is_of_type(v, type->items[i]))
                return true;
        return false;
    }
    if (type->kind == IC_TS_INDEX && type->base->kind == IC_TS_NAME && strcmp(type->base->text, "Optional") == 0)
        return v->kind == IC_TS_V_NONE || is_of_type(v, type->items[0]);
    const struct ic_ts_expr *name = type->kind == IC_TS_INDEX ? type->base : type;
    for (size_t i = 0; name->kind == IC_TS_NAME && i < sizeof kinds / sizeof *kinds; ++i)
        if (strcmp(kinds[i].name, name->text) == 0)
            return kinds[i].kind == v->kind || (kinds[i].kind == IC_TS_V_TENSOR && v->kind == IC_TS_V_COMPLEX);
    return type->kind == IC_TS_NONE && v->kind == IC_TS_V_NONE;
}

/* *found false: no built-in function of that name. */
static enum ic_status call_builtin(struct ic_ts *ts, struct ic_ts_expr *e, bool *found, struct ic_ts_value *out)
{
    const char *name = e->base->text;
    struct ic_ts_value v;
    *found = true;
    if (strcmp(name, "annotate") == 0 || strcmp(name, "unchecked_cast") == 0) {
        if (e->n_items != 2)
            return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "%s takes a type and a value", name);
        return ic_ts_eval(ts, e->items[1], out);
    }
    if (strcmp(name, "uninitialized") == 0) {
        *out = (struct ic_ts_value){.kind = IC_TS_V_UNSET};
        return IC_OK;
    }
    if (strcmp(name, "isinstance") == 0 && e->n_items == 2) {
        IC_TRY(ic_ts_eval(ts, e->items[0], &v));
        ic_ts_count_result(ts);
        *out = v.kind == IC_TS_V_UNKNOWN ? v : ic_ts_bool(is_of_type(&v, e->items[1]));
        return IC_OK;
    }
    if (strcmp(name, "getattr") == 0)
        return get_attribute(ts, e, out);
    const bool number = strcmp(name, "int") == 0 || strcmp(name, "float") == 0 || strcmp(name, "bool") == 0;
    if ((!number && strcmp(name, "str") != 0) || e->n_items != 1) {
        *found = false;
        return IC_OK;
    }
    IC_TRY(ic_ts_eval(ts, e->items[0], &v));
    ic_ts_count_result(ts);
    if (v.kind == IC_TS_V_UNKNOWN) {
        *out = ic_ts_unknown();
        return IC_OK;
    }
    return !number ? to_text(ts, &v, out)
                   : to_number(ts, e, &v,
                               name[0] == 'i'   ? IC_TS_V_INT
                               : name[0] == 'f' ? IC_TS_V_FLOAT
                                                : IC_TS_V_BOOL,
                               out);
}

/* ---- what is called ---- */
static enum ic_status call_operator(struct ic_ts *ts, struct ic_ts_expr *e, const char *ns, struct ic_ts_value *out)
{
    struct ic_ts_args args;
    IC_TRY(eval_args(ts, e, &args));
    IC_TRY(ic_ts_dispatch(ts, ns, e->base->text, &args, &e->cache, out));
    ic_ts_count_result(ts);
    return IC_OK;
}

static enum ic_status call_value(struct ic_ts *ts, struct ic_ts_expr *e, const struct ic_ts_value *callee, struct ic_ts_value *out)
{
    struct ic_ts_args args;
    IC_TRY(eval_args(ts, e, &args));
    if (callee->kind == IC_TS_V_FUNCTION)
        return call_def(ts, callee->u.def, NULL, &args, out);
    if (callee->kind == IC_TS_V_CLASS)
        return make_instance(ts, callee->u.cls, &args, out);
    return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "%s is called", ic_ts_describe(ts, callee));
}

/* Class.__new__(Class), whose __init__ is called by the next line of the archive. */
static enum ic_status make_bare(struct ic_ts *ts, const char *dotted, size_t length, struct ic_ts_value *out)
{
    const char *name = ic_arena_text(&ts->arena, dotted, length);
    const struct ic_ts_class *cls = NULL;
    const struct ic_ts_def *def = NULL;
    struct ic_ts_object *o = ic_arena_alloc(&ts->arena, sizeof *o);
    if (!name || !o)
        return ic_ts_no_memory(ts);
    IC_TRY(ic_ts_archive_lookup(ts->archive, name, &cls, &def, ts->d));
    if (!cls)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE,
                          "an object of class %s is made, but the archive has no source for it; save the model again", name);
    *o = (struct ic_ts_object){.cls = cls, .class_path = cls->name, .path = ts->frame->path};
    *out = (struct ic_ts_value){.kind = IC_TS_V_OBJECT, .u.o = o};
    return IC_OK;
}

static enum ic_status call_dotted(struct ic_ts *ts, struct ic_ts_expr *e, const char *dotted, struct ic_ts_value *out)
{
    const struct ic_ts_class *cls = NULL;
    const struct ic_ts_def *def = NULL;
    IC_TRY(ic_ts_archive_lookup(ts->archive, dotted, &cls, &def, ts->d));
    if (cls || def) {
        const struct ic_ts_value callee = cls ? (struct ic_ts_value){.kind = IC_TS_V_CLASS, .u.cls = cls}
                                              : (struct ic_ts_value){.kind = IC_TS_V_FUNCTION, .u.def = def};
        return call_value(ts, e, &callee, out);
    }
    if (strncmp(dotted, "__torch__.torch.classes.", 24) == 0) {
        struct ic_ts_args args;
        IC_TRY(eval_args(ts, e, &args));
        return ic_ts_unsupported(
            ts, dotted, "a class of compiled code; its weights are packed for other hardware: export the original float model",
            args.values, args.n, out);
    }
    const size_t length = strlen(dotted);
    if (length > 8 && strcmp(dotted + length - 8, ".__new__") == 0)
        return make_bare(ts, dotted, length - 8, out);
    return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "%s is called, but the archive has no source for it; save the model again", dotted);
}

enum ic_status ic_ts_eval_call(struct ic_ts *ts, struct ic_ts_expr *e, struct ic_ts_value *out)
{
    struct ic_ts_expr *callee = e->base;
    struct ic_ts_value v;
    if (callee->kind == IC_TS_ATTR && callee->base->kind == IC_TS_NAME && !is_local(ts, callee->base->text) &&
        strcmp(callee->base->text, "torch") == 0)
        return call_operator(ts, e, "aten", out);
    if (callee->kind == IC_TS_ATTR && callee->base->kind == IC_TS_ATTR && callee->base->base->kind == IC_TS_NAME &&
        strcmp(callee->base->base->text, "ops") == 0 && !is_local(ts, callee->base->base->text))
        return call_operator(ts, e, callee->base->text, out);
    if (callee->kind == IC_TS_NAME && (ic_ts_in_composed(ts->frame) || !is_local(ts, callee->text))) {
        bool found = false;
        IC_TRY(call_builtin(ts, e, &found, out));
        if (!found && ic_ts_in_composed(ts->frame))
            return call_operator(ts, e, "aten", out);
        return found ? IC_OK : ic_ts_fail(ts, IC_E_OPERATORS, "function `%.100s` is not known", callee->text);
    }
    const char *dotted = callee->kind == IC_TS_ATTR ? ic_ts_dotted(ts, callee) : NULL;
    if (dotted)
        return call_dotted(ts, e, dotted, out);
    if (callee->kind == IC_TS_ATTR) {
        if (!ts->frame->caller)
            ic_ts_count_result(ts);
        return call_method(ts, e, out);
    }
    IC_TRY(ic_ts_eval(ts, callee, &v));
    return call_value(ts, e, &v, out);
}
