/* SPDX-License-Identifier: Apache-2.0
 *
 * From an archive to a graph: find forward, make its inputs, evaluate it, take its results.
 */
#include "import/torchscript/torchscript.h"

#include "import/torchscript/aten.h"
#include "ir/op_def.h"
#include "import/torchscript/names.h"
#include "import/torchscript/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PROBED 200000 /* expressions evaluated to guess shapes: a guess need not wait for a loop */

struct run {
    struct ic_ts ts;
    struct ic_ts_archive archive;
    struct ic_ts_value root;
    const struct ic_ts_def *def;
    struct ic_ts_value args[IC_TS_MAX_ARGS];
    char hints[IC_IMPORT_MAX_INPUTS][96];
};

/* ---- setting up ---- */
static enum ic_status start(struct run *r, const struct ic_zipfile *zip, const char *top, const struct ic_import_limits *limits,
                            struct ic_arena *arena, const char *method, struct ic_diag *d)
{
    struct ic_ts *ts = &r->ts;
    IC_TRY(ic_ts_archive_open(&r->archive, zip, top, limits, arena, d));
    ts->d = d;
    ts->limits = *limits;
    ts->archive = &r->archive;
    ts->hints = r->hints;
    ts->arena.limit_bytes = (size_t)limits->max_total_bytes;
    IC_TRY(ic_ts_load_root(ts, &r->root));
    const size_t length = strlen(method);
    for (const struct ic_ts_def *def = r->root.u.o->cls->defs; def; def = def->next) {
        if (strcmp(def->name, method) == 0)
            r->def = def;
        if (!r->def && strncmp(def->name, method, length) == 0 && strcmp(def->name + length, "__0") == 0)
            r->def = def; /* the first of several overloads */
    }
    if (!r->def)
        return ic_fail(d, IC_ERR_MODEL, "class %s in %s has no method %s", r->root.u.o->cls->name, r->root.u.o->cls->file->path,
                       method);
    if (r->def->n_params < 1 || r->def->n_params > IC_TS_MAX_ARGS)
        return ic_fail(d, IC_ERR_UNSUPPORTED, "%s, line %d: %s has %d parameters; at most %d are supported", r->def->file->path,
                       r->def->line, method, r->def->n_params, IC_TS_MAX_ARGS);
    r->args[0] = r->root;
    ic_ts_count_root(ts, r->def);
    return IC_OK;
}

/* ---- inputs ---- */
enum input_kind { INPUT_TENSOR, INPUT_PRESET, INPUT_OTHER };

static enum input_kind kind_of(const struct ic_ts_param *p)
{
    if (!p->type || (p->type->kind == IC_TS_NAME && strcmp(p->type->text, "Tensor") == 0))
        return INPUT_TENSOR;
    if (p->preset)
        return INPUT_PRESET;
    return INPUT_OTHER;
}

static bool is_optional(const struct ic_ts_param *p)
{
    return p->type && p->type->kind == IC_TS_INDEX && p->type->base->kind == IC_TS_NAME &&
           strcmp(p->type->base->text, "Optional") == 0;
}

static enum ic_status list_inputs(struct run *r, struct ic_import_signature *out)
{
    memset(out, 0, sizeof *out);
    for (int32_t i = 1; i < r->def->n_params; ++i) {
        const struct ic_ts_param *p = &r->def->params[i];
        const enum input_kind kind = kind_of(p);
        if (kind == INPUT_OTHER && !is_optional(p))
            return ic_fail(r->ts.d, IC_ERR_UNSUPPORTED,
                           "%s, line %d: input %s of the network is no single tensor; wrap the network in a module whose forward "
                           "takes tensors and export that",
                           r->def->file->path, r->def->line, p->name);
        if (kind != INPUT_TENSOR)
            continue;
        if (out->n_inputs == IC_IMPORT_MAX_INPUTS)
            return ic_fail(r->ts.d, IC_ERR_LIMIT, "the network has more than %d inputs", IC_IMPORT_MAX_INPUTS);
        snprintf(out->names[out->n_inputs], sizeof out->names[0], "%.63s", p->name);
        out->rank[out->n_inputs++] = -1;
    }
    return IC_OK;
}

/* A quiet evaluation with inputs of unknown shape, to see which weight each meets first. Whatever goes wrong in it does not matter. */
static void probe(struct run *r, struct ic_import_signature *s)
{
    struct ic_ts *ts = &r->ts;
    struct ic_diag quiet = {0};
    struct ic_ts_value result;
    struct ic_diag *const d = ts->d;
    ts->d = &quiet;
    ts->probing = true;
    if (ts->limits.max_evaluated > MAX_PROBED)
        ts->limits.max_evaluated = MAX_PROBED;
    ts->signature = s;
    int32_t n = 0;
    bool good = true;
    for (int32_t i = 1; i < r->def->n_params; ++i) {
        r->args[i] = ic_ts_none();
        if (kind_of(&r->def->params[i]) != INPUT_TENSOR)
            continue;
        struct ic_ts_tensor *t = ic_arena_alloc(&ts->arena, sizeof *t);
        if (t)
            t->probe = ++n;
        good = good && t;
        r->args[i] = (struct ic_ts_value){.kind = IC_TS_V_UNKNOWN, .u.t = t};
    }
    /* known computations would need a graph to put constants in */
    if (good && ic_graph_create("probe", &ts->graph, &quiet) == IC_OK) {
        if (ic_ts_call(ts, r->def, r->args, r->root.u.o, &result) != IC_OK)
            ic_diag_clear(&quiet);
        ic_graph_destroy(ts->graph);
        ts->graph = NULL;
    }
    ts->probing = false;
    ts->d = d;
}

static size_t add_shape(char *text, size_t room, const struct ic_import_signature *s, int32_t i)
{
    size_t n = 0;
    for (int32_t k = 0; k < s->rank[i]; ++k)
        if (s->dims[i][k] < 0)
            n += (size_t)snprintf(text + n, room - n, "%s%s", k ? "x" : "", k == 2 ? "HEIGHT" : "WIDTH");
        else
            n += (size_t)snprintf(text + n, room - n, "%s%d", k ? "x" : "", s->dims[i][k]);
    if (s->rank[i] < 0)
        n = (size_t)snprintf(text, room, "SHAPE");
    return n;
}

static enum ic_status fail_missing_shape(struct run *r, struct ic_import_signature *s, int32_t missing)
{
    char text[2048], option[1024];
    size_t n = 0, m = 0;
    probe(r, s);
    text[0] = option[0] = 0;
    for (int32_t i = 0; i < s->n_inputs && n < sizeof text - 300 && m < sizeof option - 200; ++i) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%s\"%s\"%s%s%s", i ? ", " : "", s->names[i], r->hints[i][0] ? " (" : "",
                              r->hints[i], r->hints[i][0] ? ")" : "");
        m += (size_t)snprintf(option + m, sizeof option - m, " --input %s=", s->names[i]);
        m += add_shape(option + m, sizeof option - m, s, i);
    }
    const bool certain = strstr(option, "SHAPE") == NULL && strstr(option, "HEIGHT") == NULL && strstr(option, "WIDTH") == NULL;
    return ic_fail(r->ts.d, IC_ERR_ARG,
                   "TorchScript files do not record the shapes of inputs, and none is given for \"%s\": the network has the "
                   "input%s %s; give%s%s%s",
                   s->names[missing], s->n_inputs > 1 ? "s" : "", text, certain ? "" : " them, for example 1x3x224x224, as", option,
                   certain ? "" : " with numbers");
}

static const struct ic_import_input *find_input(const struct ic_import_options *o, const struct ic_import_signature *s, int32_t i)
{
    for (int32_t k = 0; k < o->n_inputs; ++k)
        if (o->inputs[k].name && strcmp(o->inputs[k].name, s->names[i]) == 0)
            return o->inputs[k].rank >= 0 ? &o->inputs[k] : NULL;
    for (int32_t k = 0; k < o->n_inputs; ++k) { /* the drop-in shows x as x.1 */
        const size_t n = strlen(s->names[i]);
        if (o->inputs[k].name && strncmp(o->inputs[k].name, s->names[i], n) == 0 && strcmp(o->inputs[k].name + n, ".1") == 0)
            return o->inputs[k].rank >= 0 ? &o->inputs[k] : NULL;
    }
    const bool by_position = i < o->n_inputs && (!o->inputs[i].name || !o->inputs[i].name[0]);
    return by_position && o->inputs[i].rank >= 0 ? &o->inputs[i] : NULL;
}

static enum ic_status check_names(struct run *r, const struct ic_import_options *o, const struct ic_import_signature *s)
{
    for (int32_t k = 0; k < o->n_inputs; ++k) {
        const char *name = o->inputs[k].name;
        bool known = !name || !name[0];
        for (int32_t i = 0; i < s->n_inputs && !known; ++i) {
            const size_t n = strlen(s->names[i]);
            known = strcmp(name, s->names[i]) == 0 || (strncmp(name, s->names[i], n) == 0 && strcmp(name + n, ".1") == 0);
        }
        if (!known || k >= s->n_inputs)
            return ic_fail(r->ts.d, IC_ERR_ARG, "the network has no input %s%s%s: it has %d (the first is \"%s\")",
                           known ? "number " : "\"", known ? ic_arena_printf(&r->ts.arena, "%d", k + 1) : name, known ? "" : "\"",
                           s->n_inputs, s->n_inputs ? s->names[0] : "");
    }
    return IC_OK;
}

static int32_t torch_type(enum ic_dtype t)
{
    switch (t) {
    case IC_U8:
        return IC_TS_U8;
    case IC_S8:
        return IC_TS_S8;
    case IC_S16:
        return IC_TS_S16;
    case IC_S32:
        return IC_TS_S32;
    case IC_S64:
        return IC_TS_S64;
    case IC_F16:
        return IC_TS_F16;
    case IC_F64:
        return IC_TS_F64;
    case IC_BOOL:
        return IC_TS_BOOL;
    default:
        return IC_TS_F32;
    }
}

static enum ic_status make_input(struct run *r, const struct ic_import_input *in, const char *name, bool batch1,
                                 struct ic_ts_value *out)
{
    struct ic_ts *ts = &r->ts;
    struct ic_ts_tensor *t = NULL;
    int32_t dims[IC_IR_MAX_RANK] = {1}, rank = in->rank;
    const int32_t extra = batch1 && rank == 1 ? 1 : 0;
    if (rank + extra > IC_IR_MAX_RANK)
        return ic_fail(ts->d, IC_ERR_ARG, "input \"%s\" has rank %d; at most %d is supported", name, rank, IC_IR_MAX_RANK);
    for (int32_t i = 0; i < rank; ++i) {
        if (in->dims[i] < 1)
            return ic_fail(ts->d, IC_ERR_ARG, "input \"%s\" has size %d on axis %d; sizes are at least 1", name, in->dims[i], i);
        dims[i + extra] = in->dims[i];
    }
    rank += extra;
    struct ic_value *v = ic_graph_value(ts->graph, name, IC_F32, rank, dims);
    if (!v || ic_graph_add_input(ts->graph, v, rank == 4 ? 1 : 0) != IC_OK)
        return ic_ts_no_memory(ts);
    int64_t wide[IC_IR_MAX_RANK];
    for (int32_t i = 0; i < rank; ++i)
        wide[i] = dims[i];
    IC_TRY(ic_ts_tensor_new(ts, torch_type(in->dtype), rank, wide, &t));
    t->now.value = v;
    struct ic_graph_input *io = &ts->graph->inputs[ts->graph->n_inputs - 1];
    io->user_dtype = in->dtype == IC_DTYPE_NONE ? IC_F32 : in->dtype;
    io->face_name = ic_ts_input_face(ts, name, ts->graph->n_inputs - 1);
    *out = ic_ts_of(t);
    return io->face_name ? IC_OK : ic_ts_no_memory(ts);
}

static enum ic_status make_inputs(struct run *r, const struct ic_import_options *o)
{
    struct ic_import_signature s;
    int32_t n = 0;
    IC_TRY(list_inputs(r, &s));
    IC_TRY(check_names(r, o, &s));
    for (int32_t i = 1; i < r->def->n_params; ++i) {
        r->args[i] = ic_ts_none();
        if (kind_of(&r->def->params[i]) == INPUT_TENSOR) {
            const struct ic_import_input *in = find_input(o, &s, n);
            if (!in) {
                ic_graph_destroy(r->ts.graph);
                r->ts.graph = NULL;
                return fail_missing_shape(r, &s, n);
            }
            IC_TRY(make_input(r, in, s.names[n], o->drop_in_batch1, &r->args[i]));
            n++;
        } else if (r->def->params[i].preset) {
            struct ic_ts_frame frame = {.def = r->def, .path = "", .line = r->def->line};
            r->ts.frame = &frame;
            IC_TRY(ic_ts_eval(&r->ts, r->def->params[i].preset, &r->args[i]));
            r->ts.frame = NULL;
        }
    }
    return IC_OK;
}

/* ---- outputs ---- */
static enum ic_status take_output(struct run *r, struct ic_ts_value *v, uint32_t depth)
{
    struct ic_ts *ts = &r->ts;
    struct ic_value *value = NULL;
    switch (v->kind) {
    case IC_TS_V_TENSOR:
        IC_TRY(ic_ts_refresh(ts, v->u.t));
        value = ic_ts_is_known(v->u.t) ? NULL : v->u.t->now.value;
        if (!value)
            IC_TRY(ic_ts_tensor_value(ts, v->u.t, &value));
        const enum ic_dtype wanted = ic_ts_chip_dtype(v->u.t->dtype);
        if (value->producer && value->dtype != wanted) { /* computed in another type than the result has in PyTorch */
            struct ic_node *n = ic_graph_node(ts->graph, IC_OP_CAST, &value, 1, "output.cast");
            if (!n)
                return ic_ts_no_memory(ts);
            ic_ts_set_int_attr(n, IC_CAST_DTYPE, wanted);
            IC_TRY(ic_graph_infer(ts->graph, n, ts->d));
            value = n->outputs[0];
        }
        if (!value->producer) { /* an input or a constant handed through: an output of its own */
            struct ic_node *n = ic_graph_node(ts->graph, IC_OP_IDENTITY, &value, 1, "output");
            if (!n)
                return ic_ts_no_memory(ts);
            IC_TRY(ic_graph_infer(ts->graph, n, ts->d));
            value = n->outputs[0];
        }
        if (ic_graph_add_output(ts->graph, value, value->rank == 4 ? 1 : 0) != IC_OK)
            return ic_ts_no_memory(ts);
        struct ic_graph_input *io = &ts->graph->outputs[ts->graph->n_outputs - 1];
        io->face_name = ic_ts_output_face(ts, v->u.t, ts->graph->n_outputs - 1);
        return io->face_name ? IC_OK : ic_ts_no_memory(ts);
    case IC_TS_V_LIST:
    case IC_TS_V_TUPLE:
    case IC_TS_V_DICT:
        if (depth > ts->limits.max_depth)
            return ic_fail(ts->d, IC_ERR_LIMIT, "the network's result is nested more than %u deep", ts->limits.max_depth);
        for (int32_t i = v->kind == IC_TS_V_DICT ? 1 : 0; i < v->u.seq->n; i += v->kind == IC_TS_V_DICT ? 2 : 1)
            IC_TRY(take_output(r, &v->u.seq->items[i], depth + 1));
        return IC_OK;
    case IC_TS_V_UNKNOWN:
        return ic_fail(ts->d, IC_ERR_UNSUPPORTED,
                       "a result of the network is the position of a maximum (or another value that no operator here gives); leave "
                       "it out of the exported model");
    default:
        return IC_OK; /* numbers and texts are no outputs of a network */
    }
}

/* ---- the whole ---- */
static enum ic_status write_provenance(struct run *r, const char *name)
{
    struct ic_writer *w = &r->ts.graph->provenance;
    ic_write_text(w, "{\"model\": \"");
    for (const char *p = name; *p; ++p)
        if ((unsigned char)*p < 32 || *p == '"' || *p == '\\')
            ic_write_text(w, "\\u%04x", (unsigned)(unsigned char)*p);
        else
            ic_write_u8(w, (uint8_t)*p);
    ic_write_text(w, "\", \"format\": \"torchscript\", \"version\": \"%s\"}", r->archive.release);
    return w->failed ? ic_ts_no_memory(&r->ts) : IC_OK;
}

static enum ic_status evaluate(struct run *r, const struct ic_import_options *options, const char *name)
{
    struct ic_ts *ts = &r->ts;
    struct ic_ts_value result;
    IC_TRY(ic_graph_create(name, &ts->graph, ts->d));
    ts->graph->arena.limit_bytes = (size_t)ts->limits.max_total_bytes;
    IC_TRY(make_inputs(r, options));
    const enum ic_status s = ic_ts_call(ts, r->def, r->args, r->root.u.o, &result);
    ts->frame = NULL;
    if (ts->problems)
        return ic_ts_fail_problems(ts);
    IC_TRY(s);
    IC_TRY(take_output(r, &result, 0));
    if (ts->graph->n_outputs == 0)
        return ic_fail(ts->d, IC_ERR_MODEL, "the network gives no tensor");
    IC_TRY(write_provenance(r, name));
    ic_graph_compact(ts->graph);
    ts->graph->arena.limit_bytes = 0;
    return IC_OK;
}

enum ic_status ic_ts_import(const struct ic_zipfile *zip, const char *top, const char *name,
                            const struct ic_import_options *options, struct ic_arena *arena, struct ic_graph **out_g,
                            struct ic_diag *d)
{
    struct run *r = ic_calloc(1, sizeof *r);
    if (!r)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to import %s", name);
    enum ic_status s = start(r, zip, top, &options->limits, arena, options->method ? options->method : "forward", d);
    if (s == IC_OK) {
        ic_say(d, 'I', "TorchScript archive format %s (version %d)", r->archive.release, r->archive.version);
        s = evaluate(r, options, name);
    }
    *out_g = s == IC_OK ? r->ts.graph : NULL;
    if (s != IC_OK)
        ic_graph_destroy(r->ts.graph);
    ic_arena_destroy(&r->ts.arena);
    ic_free(r);
    return s;
}

enum ic_status ic_ts_read_signature(const struct ic_zipfile *zip, const char *top, const struct ic_import_limits *limits,
                                    struct ic_arena *arena, struct ic_import_signature *out, struct ic_diag *d)
{
    struct run *r = ic_calloc(1, sizeof *r);
    if (!r)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to read the model");
    struct ic_diag quiet = {0}; /* what an import says, it says itself */
    enum ic_status s = start(r, zip, top, limits, arena, "forward", &quiet);
    if (s == IC_OK)
        s = list_inputs(r, out);
    if (s == IC_OK)
        probe(r, out);
    else
        s = ic_fail(d, s, "%s", quiet.text);
    ic_arena_destroy(&r->ts.arena);
    ic_free(r);
    return s;
}
