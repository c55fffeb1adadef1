/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of data.pkl and constants.pkl to values of the evaluator: modules with their paths, tensors, lists, enums.
 */
#include "import/new_weights.h"
#include "import/torchscript/aten.h"
#include "import/torchscript/complex.h"
#include "import/torchscript/quantized.h"
#include "import/torchscript/report.h"

#include <string.h>

struct place {
    const char *path;   /* of the module that holds the value */
    const char *name;   /* full name of a tensor here: "linear.weight" */
    const char *folder; /* "data/" or "constants/" */
    uint32_t depth;
};

static enum ic_status load(struct ic_ts *ts, struct ic_pickle_value *v, const struct place *at, struct ic_ts_value *out);

static enum ic_status damaged(struct ic_ts *ts, const struct ic_pickle_value *v, const char *what)
{
    return ic_fail(ts->d, IC_E_PICKLE, "byte %zu of the file: %s", v->at, what);
}

static enum ic_status load_tensor(struct ic_ts *ts, struct ic_pickle_value *v, const struct place *at, struct ic_ts_value *out)
{
    struct ic_ts_weight *w = ic_arena_alloc(&ts->arena, sizeof *w);
    if (!w)
        return ic_ts_no_memory(ts);
    IC_TRY(ic_ts_archive_weight(ts->archive, v, at->folder, w, ts->d));
    const void *storage = w->storage_bytes ? w->bytes : NULL;
    if (ts->new_weights && at->name && strcmp(at->folder, "data/") == 0) {
        struct ic_ts_weight *new = ic_arena_alloc(&ts->arena, sizeof *new);
        bool found = false;
        if (!new)
            return ic_ts_no_memory(ts);
        IC_TRY(ic_new_weights_take(ts->new_weights, at->name, w->dtype, w->rank, w->dims, false, new, &found, ts->d));
        w = found ? new : w;
    }
    if (w->on_gpu)
        ic_ts_say_device(ts, "cuda");
    IC_TRY(ic_ts_weight_tensor(ts, w, at->name, out));
    if (out->kind == IC_TS_V_TENSOR || out->kind == IC_TS_V_COMPLEX)
        out->u.t->storage = storage;
    return IC_OK;
}

static enum ic_status load_items(struct ic_ts *ts, struct ic_pickle_value *v, enum ic_ts_kind kind, const struct place *at,
                                 struct ic_ts_value *out)
{
    if (v->n_items > INT32_MAX / 64)
        return damaged(ts, v, "a list is too long");
    IC_TRY(ic_ts_seq(ts, kind, (int32_t)v->n_items, out));
    for (size_t i = 0; i < v->n_items; ++i)
        IC_TRY(load(ts, v->items[i], at, &out->u.seq->items[i]));
    return IC_OK;
}

static const char *join(struct ic_ts *ts, const char *path, const char *name)
{
    return path[0] ? ic_arena_printf(&ts->arena, "%s.%s", path, name) : ic_arena_text(&ts->arena, name, strlen(name));
}

static enum ic_status load_attributes(struct ic_ts *ts, struct ic_pickle_value *state, struct ic_ts_object *o,
                                      const struct place *at)
{
    for (size_t i = 0; i + 1 < state->n_items; i += 2) {
        if (state->items[i]->kind != IC_PICKLE_TEXT)
            return damaged(ts, state->items[i], "an attribute's name is no text");
        const char *name = ic_ts_intern(&ts->archive->names, state->items[i]->text, strlen(state->items[i]->text));
        const char *full = name ? join(ts, o->path, name) : NULL;
        if (!full)
            return ic_ts_no_memory(ts);
        const struct place inside = {.path = full, .name = full, .folder = at->folder, .depth = at->depth};
        struct ic_ts_value value;
        IC_TRY(load(ts, state->items[i + 1], &inside, &value));
        IC_TRY(ic_ts_attr_set(ts, o, name, value));
    }
    return IC_OK;
}

/* A class that says itself how it is read: its __setstate__ sets the attributes. */
static enum ic_status restore(struct ic_ts *ts, struct ic_pickle_value *state, struct ic_ts_object *o, const struct place *at)
{
    struct ic_ts_value args[2] = {{.kind = IC_TS_V_OBJECT, .u.o = o}}, nothing;
    const struct place inside = {.path = o->path, .name = o->path, .folder = at->folder, .depth = at->depth};
    IC_TRY(load(ts, state, &inside, &args[1]));
    for (const struct ic_ts_def *def = o->cls->defs; def; def = def->next)
        if (strcmp(def->name, "__setstate__") == 0 && def->n_params == 2)
            return ic_ts_call(ts, def, args, o, &nothing);
    return IC_OK;
}

static enum ic_status load_object(struct ic_ts *ts, struct ic_pickle_value *v, const struct place *at, struct ic_ts_value *out)
{
    const struct ic_pickle_value *cls = v->items[0];
    struct ic_ts_object *o = ic_arena_alloc(&ts->arena, sizeof *o);
    if (!o)
        return ic_ts_no_memory(ts);
    *out = (struct ic_ts_value){.kind = IC_TS_V_OBJECT, .u.o = o};
    v->converted = o; /* before its attributes: they may point back */
    o->path = at->path;
    o->class_path = ic_arena_printf(&ts->arena, "%s.%s", cls->module, cls->text);
    if (!o->class_path)
        return ic_ts_no_memory(ts);
    if (strncmp(o->class_path, "__torch__.torch.classes.", 24) == 0) {
        struct ic_ts_value state;
        if (!v->state) /* compiled classes: using one is what gets reported */
            return IC_OK;
        IC_TRY(load(ts, v->state, at, &state));
        return ic_ts_load_packed(ts, o->class_path, &state, o);
    }
    const struct ic_ts_def *def = NULL;
    IC_TRY(ic_ts_archive_lookup(ts->archive, o->class_path, &o->cls, &def, ts->d));
    if (!o->cls)
        return ic_fail(ts->d, IC_E_PICKLE,
                       "byte %zu of the file: an object of class %s, which has no source in the archive; save the model again",
                       v->at, o->class_path);
    if (v->state && v->state->kind == IC_PICKLE_TUPLE)
        return restore(ts, v->state, o, at);
    return v->state && v->state->kind == IC_PICKLE_DICT ? load_attributes(ts, v->state, o, at) : IC_OK;
}

/* builtins.complex(re, im) */
static enum ic_status load_complex(struct ic_ts *ts, struct ic_pickle_value *args, const struct place *at, struct ic_ts_value *out)
{
    struct ic_ts_value re, im;
    IC_TRY(load(ts, args->items[0], at, &re));
    IC_TRY(load(ts, args->items[1], at, &im));
    if (!ic_ts_is_number(&re) || !ic_ts_is_number(&im))
        return damaged(ts, args, "a complex number of something else than two numbers");
    return ic_ts_complex_number(ts, ic_ts_number(&re), ic_ts_number(&im), out);
}

static enum ic_status load_call(struct ic_ts *ts, struct ic_pickle_value *v, const struct place *at, struct ic_ts_value *out)
{
    const struct ic_pickle_value *fn = v->items[0];
    struct ic_pickle_value *args = v->items[1];
    if (ic_pickle_is_global(fn, "torch._utils", "_rebuild_tensor_v2"))
        return load_tensor(ts, v, at, out);
    if (ic_pickle_is_global(fn, "torch._utils", "_rebuild_parameter") && args->kind == IC_PICKLE_TUPLE && args->n_items)
        return load(ts, args->items[0], at, out);
    if (strcmp(fn->module, "torch.jit._pickle") == 0 && args->kind == IC_PICKLE_TUPLE && args->n_items)
        return load(ts, args->items[0], at, out); /* the list; restore_type_tag adds a type that values here know anyway */
    if (ic_pickle_is_global(fn, "builtins", "complex") && args->kind == IC_PICKLE_TUPLE && args->n_items == 2)
        return load_complex(ts, args, at, out);
    if (ic_pickle_is_global(fn, "torch", "device") && args->kind == IC_PICKLE_TUPLE && args->n_items &&
        args->items[0]->kind == IC_PICKLE_TEXT) {
        IC_TRY(ic_ts_text(ts, args->items[0]->text, args->items[0]->length, out));
        out->kind = IC_TS_V_DEVICE;
        return IC_OK;
    }
    if (strncmp(fn->module, "__torch__", 9) == 0) { /* an enum: its value is its meaning here */
        if (args->kind == IC_PICKLE_TUPLE)
            return args->n_items == 1 ? load(ts, args->items[0], at, out) : load_items(ts, args, IC_TS_V_TUPLE, at, out);
        return load(ts, args, at, out);
    }
    if (ic_pickle_is_global(fn, "torch._utils", "_rebuild_qtensor")) {
        struct ic_ts_value coding = ic_ts_none();
        if (args->kind == IC_PICKLE_TUPLE && args->n_items > 4)
            IC_TRY(load(ts, args->items[4], at, &coding));
        return ic_ts_load_coded(ts, v, &coding, at->folder, at->name, out);
    }
    return ic_fail(ts->d, IC_E_PICKLE_CALL,
                   "byte %zu of the file: the pickle calls %s.%s where a value is expected: refused, nothing was executed", v->at,
                   fn->module, fn->text);
}

static enum ic_status load_kind(struct ic_ts *ts, struct ic_pickle_value *v, const struct place *at, struct ic_ts_value *out)
{
    switch (v->kind) {
    case IC_PICKLE_NONE:
        *out = ic_ts_none();
        return IC_OK;
    case IC_PICKLE_BOOL:
        *out = ic_ts_bool(v->i != 0);
        return IC_OK;
    case IC_PICKLE_INT:
        *out = ic_ts_int(v->i);
        return IC_OK;
    case IC_PICKLE_FLOAT:
        *out = ic_ts_float(v->f);
        return IC_OK;
    case IC_PICKLE_TEXT:
    case IC_PICKLE_BYTES:
        return ic_ts_text(ts, v->text, v->length, out);
    case IC_PICKLE_LIST:
        return load_items(ts, v, IC_TS_V_LIST, at, out);
    case IC_PICKLE_TUPLE:
        return load_items(ts, v, IC_TS_V_TUPLE, at, out);
    case IC_PICKLE_DICT:
        return load_items(ts, v, IC_TS_V_DICT, at, out);
    case IC_PICKLE_OBJECT:
        return load_object(ts, v, at, out);
    case IC_PICKLE_CALL:
        return load_call(ts, v, at, out);
    case IC_PICKLE_GLOBAL:
        return ic_ts_text(ts, v->text, strlen(v->text), out); /* torch.per_channel_affine: a name is its own meaning */
    case IC_PICKLE_PERSISTENT:
        break;
    }
    return damaged(ts, v, "a value of the pickle that means nothing in a model");
}

static enum ic_status load(struct ic_ts *ts, struct ic_pickle_value *v, const struct place *at, struct ic_ts_value *out)
{
    if (v->converted) {
        if (ts->new_weights && at->name && v->kind == IC_PICKLE_CALL)
            ic_new_weights_same(ts->new_weights, at->name);
        if (v->kind == IC_PICKLE_OBJECT)
            *out = (struct ic_ts_value){.kind = IC_TS_V_OBJECT, .u.o = v->converted};
        else
            *out = *(const struct ic_ts_value *)v->converted;
        return IC_OK;
    }
    struct place inside = *at;
    if (++inside.depth > ts->limits.max_depth)
        return ic_fail(ts->d, IC_E_NESTING, "byte %zu of the file: values are nested more than %u deep", v->at,
                       ts->limits.max_depth);
    IC_TRY(load_kind(ts, v, &inside, out));
    if (v->kind == IC_PICKLE_OBJECT || v->kind == IC_PICKLE_NONE || v->kind == IC_PICKLE_BOOL || v->kind == IC_PICKLE_INT)
        return IC_OK;
    v->converted = ic_arena_copy(&ts->arena, out, sizeof *out); /* shared values stay shared */
    return v->converted ? IC_OK : ic_ts_no_memory(ts);
}

enum ic_status ic_ts_load_root(struct ic_ts *ts, struct ic_ts_value *out)
{
    const struct place at = {.path = "", .name = NULL, .folder = "data/"};
    IC_TRY(load(ts, ts->archive->data, &at, out));
    if (out->kind != IC_TS_V_OBJECT || !out->u.o->cls)
        return ic_fail(ts->d, IC_E_PICKLE, "data.pkl holds no module at its top");
    return IC_OK;
}

enum ic_status ic_ts_load_constant(struct ic_ts *ts, struct ic_pickle_value *v, struct ic_ts_value *out)
{
    const struct place at = {.path = "", .name = "constant", .folder = "constants/"};
    return load(ts, v, &at, out);
}

enum ic_status ic_ts_class_field(struct ic_ts *ts, const struct ic_ts_class *cls, const char *name, struct ic_ts_value *out)
{
    for (const struct ic_ts_stmt *s = cls ? cls->fields : NULL; s; s = s->next)
        if (s->kind == IC_TS_ASSIGN && s->value && s->target->kind == IC_TS_NAME && s->target->text == name)
            return ic_ts_eval(ts, s->value, out);
    return ic_ts_fail(ts, IC_E_PICKLE, "class %s has no attribute %s", cls ? cls->name : "?", name);
}
