/* SPDX-License-Identifier: Apache-2.0
 *
 * From an archive to a graph: find forward, make its inputs, evaluate it, take its results.
 */
#include "import/torchscript/torchscript.h"

#include "import/torchscript/edges.h"
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
    struct ic_ts_value args[IC_IMPORT_MAX_INPUTS + 1];
    char hints[IC_IMPORT_MAX_INPUTS][96];
};

/* ---- setting up ---- */
/* "encode(x), decode(z)": what a user can choose; not what serves loading and saving. */
static int32_t list_methods(const struct ic_ts_class *cls, char *room, size_t room_bytes)
{
    size_t n = 0;
    int32_t count = 0;
    room[0] = 0;
    for (const struct ic_ts_def *def = cls->defs; def && n + 200 < room_bytes; def = def->next) {
        if (def->name[0] == '_' && def->name[1] == '_')
            continue;
        ++count;
        n += (size_t)snprintf(room + n, room_bytes - n, "%s%.60s(", n ? ", " : "", def->name);
        for (int32_t i = 1; i < def->n_params && i < 4; ++i)
            n += (size_t)snprintf(room + n, room_bytes - n, "%s%.30s", i > 1 ? ", " : "", i < 3 ? def->params[i].name : "..");
        n += (size_t)snprintf(room + n, room_bytes - n, ")");
    }
    return count;
}

static enum ic_status fail_no_method(const struct ic_ts_class *cls, const char *method, struct ic_diag *d)
{
    char methods[600];
    if (!list_methods(cls, methods, sizeof methods))
        return ic_fail(d, IC_E_SCRIPT, "class %s in %s has no method; export a module whose forward takes and gives tensors",
                       cls->name, cls->file->path);
    return ic_fail(d, IC_E_NAME_UNKNOWN,
                   "class %s in %s has no method %.60s; it has %s: choose one with --method NAME (in Python method=\"NAME\")",
                   cls->name, cls->file->path, method, methods);
}

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
        return fail_no_method(r->root.u.o->cls, method, d);
    if (r->def->n_params < 1 || r->def->n_params > IC_IMPORT_MAX_INPUTS + 1)
        return ic_fail(d, IC_E_INPUTS, "%s, line %d: %s has %d parameters; at most %d are supported", r->def->file->path,
                       r->def->line, method, r->def->n_params, IC_IMPORT_MAX_INPUTS + 1);
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
            return ic_fail(r->ts.d, IC_E_RESULT,
                           "%s, line %d: input %s of the network is no single tensor; wrap the network in a module whose forward "
                           "takes tensors and export that",
                           r->def->file->path, r->def->line, p->name);
        if (kind != INPUT_TENSOR)
            continue;
        if (out->n_inputs == IC_IMPORT_MAX_INPUTS)
            return ic_fail(r->ts.d, IC_E_INPUTS, "the network has more than %d inputs", IC_IMPORT_MAX_INPUTS);
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
    const bool unknown = strstr(option, "SHAPE") != NULL, sized = strstr(option, "HEIGHT") || strstr(option, "WIDTH");
    return ic_fail(r->ts.d, IC_E_SHAPE_MISSING,
                   "TorchScript files do not record the shapes of inputs, and none is given for \"%s\": the network has the "
                   "input%s %s; give%s%s%s",
                   s->names[missing], s->n_inputs > 1 ? "s" : "", text, unknown ? " them, for example 1x3x224x224, as" : "", option,
                   unknown || sized ? " with numbers" : "");
}

static enum ic_status make_inputs(struct run *r, const struct ic_import_options *o)
{
    struct ic_import_signature s;
    int32_t n = 0;
    IC_TRY(list_inputs(r, &s));
    IC_TRY(ic_ts_check_input_names(&r->ts, o, &s));
    for (int32_t i = 1; i < r->def->n_params; ++i) {
        r->args[i] = ic_ts_none();
        if (kind_of(&r->def->params[i]) == INPUT_TENSOR) {
            const struct ic_import_input *in = ic_ts_find_input(o, &s, n);
            if (!in) {
                ic_graph_destroy(r->ts.graph);
                r->ts.graph = NULL;
                return fail_missing_shape(r, &s, n);
            }
            IC_TRY(ic_ts_make_input(&r->ts, in, s.names[n], o->drop_in_batch1, &r->args[i]));
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

/* ---- the whole ---- */
static enum ic_status evaluate(struct run *r, const struct ic_import_options *options, const char *name)
{
    struct ic_ts *ts = &r->ts;
    struct ic_ts_value result;
    IC_TRY(ic_graph_create(name, &ts->graph, ts->d));
    ts->graph->arena.limit_bytes = (size_t)ts->limits.max_total_bytes;
    ts->evaluate = options->evaluate;
    IC_TRY(make_inputs(r, options));
    const enum ic_status s = ic_ts_call(ts, r->def, r->args, r->root.u.o, &result);
    ts->frame = NULL;
    if (ts->problems)
        return ic_ts_fail_problems(ts);
    IC_TRY(s);
    struct ic_ts_frame end = {.def = r->def, .path = "", .line = r->def->line};
    ts->frame = &end; /* a result that shows memory written to later is made again here, and its nodes have a place too */
    IC_TRY(ic_ts_take_output(ts, &result, 0));
    ts->frame = NULL;
    IC_TRY(ic_ts_check_edges(ts));
    IC_TRY(ic_ts_write_provenance(ts, name, "torchscript", r->archive.release));
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
    r->ts.new_weights = options->new_weights;
    enum ic_status s = start(r, zip, top, &options->limits, arena, options->method ? options->method : "forward", d);
    if (s == IC_OK) {
        ic_say(d, 'D', "TorchScript archive format %s (version %d)", r->archive.release, r->archive.version);
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
                                    struct ic_arena *arena, const char *method, struct ic_import_signature *out, struct ic_diag *d)
{
    struct run *r = ic_calloc(1, sizeof *r);
    if (!r)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to read the model");
    struct ic_diag quiet = {0}; /* what an import says, it says itself */
    enum ic_status s = start(r, zip, top, limits, arena, method ? method : "forward", &quiet);
    if (s == IC_OK)
        s = list_inputs(r, out);
    if (s == IC_OK && list_methods(r->root.u.o->cls, out->methods, sizeof out->methods) < 2)
        out->methods[0] = 0;
    if (s == IC_OK)
        probe(r, out);
    else
        s = ic_fail(d, quiet.code, "%s", quiet.text);
    ic_arena_destroy(&r->ts.arena);
    ic_free(r);
    return s;
}
