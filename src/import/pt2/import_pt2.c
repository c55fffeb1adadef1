/* SPDX-License-Identifier: Apache-2.0
 *
 * From a package to a graph: bind the inputs, give parameters their tensors, evaluate the nodes, take the results.
 */
#include "import/pt2/pt2.h"

#include "import/new_weights.h"
#include "import/pt2/run.h"
#include "import/torchscript/complex.h"
#include "import/torchscript/edges.h"
#include "import/torchscript/quantized.h"
#include "import/torchscript/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct ic_json *graph_of(const struct ic_pt2_run *r)
{
    return ic_json_get(ic_json_get(r->package.program, "graph_module"), "graph");
}

static const struct ic_json *specs(const struct ic_pt2_run *r, const char *which)
{
    return ic_json_get_kind(ic_json_get(ic_json_get(r->package.program, "graph_module"), "signature"), which, IC_JSON_LIST);
}

/* "x" of {"user_input": {"arg": {"as_tensor": {"name": "x"}}}}; NULL: another kind of input, or none that is a tensor. */
static const char *user_tensor(const struct ic_json *spec)
{
    const struct ic_json *arg = ic_json_get(ic_json_get(spec, "user_input"), "arg");
    return ic_json_get_text(ic_json_get(arg, "as_tensor"), "name", NULL);
}

static enum ic_status start(struct ic_pt2_run *r, const struct ic_zipfile *zip, const char *top,
                            const struct ic_import_limits *limits, struct ic_arena *arena, const char *model, struct ic_diag *d)
{
    struct ic_ts *ts = &r->ts;
    IC_TRY(ic_pt2_open(&r->package, zip, top, model, limits, arena, d));
    ts->d = d;
    ts->exported = true;
    ts->limits = *limits;
    ts->archive = &r->package.archive;
    ts->arena.limit_bytes = (size_t)limits->max_total_bytes;
    r->symbols = (struct ic_pt2_symbols){.arena = &ts->arena,
                                         .ranges = ic_json_get_kind(r->package.program, "range_constraints", IC_JSON_OBJECT)};
    r->file.path = r->package.program_name;
    r->def = (struct ic_ts_def){.name = "forward", .file = &r->file, .line = 1};
    r->module.class_path = r->module.path = "";
    r->frame = (struct ic_ts_frame){.def = &r->def, .self = &r->module, .path = "", .line = 1};
    if (!specs(r, "input_specs"))
        return ic_fail(d, IC_E_EXPORTED, "%s has no signature of its inputs; save it again with torch.export.save",
                       r->package.program_name);
    return IC_OK;
}

/* ---- inputs ---- */
static const struct ic_json *meta_of(const struct ic_pt2_run *r, const char *tensor)
{
    return ic_json_get(ic_json_get(graph_of(r), "tensor_values"), tensor);
}

static enum ic_status input_sizes(const struct ic_pt2_run *r, const char *name, const struct ic_json **out)
{
    *out = ic_json_get_kind(meta_of(r, name), "sizes", IC_JSON_LIST);
    if (!*out || (*out)->n > IC_IR_MAX_RANK)
        return ic_fail(r->ts.d, *out ? IC_E_RANK : IC_E_EXPORTED, "%s: input \"%.60s\" %s", r->package.program_name, name,
                       *out ? "has more axes than are supported" : "has no sizes");
    return IC_OK;
}

static enum ic_status list_inputs(struct ic_pt2_run *r)
{
    struct ic_import_signature *const out = &r->signature;
    const struct ic_json *inputs = specs(r, "input_specs");
    for (uint32_t i = 0; i < inputs->n; ++i) {
        const char *name = user_tensor(&inputs->u.items[i]);
        const struct ic_json *sizes = NULL;
        if (!name)
            continue;
        const int32_t k = out->n_inputs;
        if (k == IC_IMPORT_MAX_INPUTS)
            return ic_fail(r->ts.d, IC_E_INPUTS, "the network has more than %d inputs", IC_IMPORT_MAX_INPUTS);
        IC_TRY(input_sizes(r, name, &sizes));
        r->inputs[k] = name;
        snprintf(out->names[k], sizeof out->names[0], "%.63s", name);
        for (uint32_t axis = 0; axis < sizes->n; ++axis) {
            int64_t size = -1;
            const char *text = NULL;
            const enum ic_pt2_size_kind kind = ic_pt2_size_of(&sizes->u.items[axis], &size, &text);
            out->dims[k][axis] = kind == IC_PT2_SIZE_FIXED && size >= 0 && size <= INT32_MAX ? (int32_t)size : -1;
        }
        out->rank[k] = (int32_t)sizes->n;
        out->n_inputs++;
    }
    return IC_OK;
}

static enum ic_dtype dtype_of(int32_t torch)
{
    switch (torch) {
    case IC_TS_F32:
    case IC_TS_BF16:
        return IC_F32;
    case IC_TS_F16:
        return IC_F16;
    case IC_TS_F64:
        return IC_F64;
    default:
        return ic_ts_chip_dtype(torch);
    }
}

/* "2x3xs17x8" */
static const char *shape_text(struct ic_pt2_run *r, const struct ic_json *sizes)
{
    char room[256];
    size_t n = 0;
    room[0] = 0;
    for (uint32_t i = 0; i < sizes->n && n < sizeof room - 40; ++i) {
        int64_t size = 0;
        const char *text = NULL;
        const enum ic_pt2_size_kind kind = ic_pt2_size_of(&sizes->u.items[i], &size, &text);
        n += kind == IC_PT2_SIZE_FREE
                 ? (size_t)snprintf(room + n, sizeof room - n, "%s%.30s", i ? "x" : "", ic_pt2_size_text(&r->symbols, text))
                 : (size_t)snprintf(room + n, sizeof room - n, "%s%" PRId64, i ? "x" : "", size);
    }
    const char *out = ic_arena_text(&r->ts.arena, room, strlen(room));
    return out ? out : "";
}

static enum ic_status wrong_size(struct ic_pt2_run *r, const char *name, const struct ic_json *sizes, int32_t axis, int64_t given,
                                 int64_t wanted)
{
    char must[48];
    snprintf(must, sizeof must, wanted >= 0 ? "but it must be %" PRId64 : "which does not fit", wanted);
    return ic_fail(r->ts.d, IC_E_SHAPE_WRONG,
                   "input \"%s\" was exported with the shape %s: %" PRId64
                   " is given on axis %d, %s; give another shape, or leave the axis "
                   "free when exporting (dynamic_shapes)",
                   name, shape_text(r, sizes), given, axis, must);
}

/* One axis of an input: the user's size against the program's. */
static enum ic_status bind_axis(struct ic_pt2_run *r, const char *name, const struct ic_json *sizes, int32_t axis, int64_t given)
{
    int64_t size = 0;
    const char *text = NULL;
    bool fits = true;
    switch (ic_pt2_size_of(&sizes->u.items[axis], &size, &text)) {
    case IC_PT2_SIZE_FIXED:
        return given == size ? IC_OK : wrong_size(r, name, sizes, axis, given, size);
    case IC_PT2_SIZE_FREE:
        IC_TRY(ic_pt2_bind(&r->symbols, text, given, name, axis, &fits, &size, r->ts.d));
        return fits ? IC_OK : wrong_size(r, name, sizes, axis, given, size);
    case IC_PT2_SIZE_BAD:
        break;
    }
    return ic_fail(r->ts.d, IC_E_EXPORTED, "%s, byte %zu: input \"%s\" has a size that is neither a number nor an expression",
                   r->package.program_name, sizes->u.items[axis].at, name);
}

static enum ic_status bind_given(struct ic_pt2_run *r, const char *name, const struct ic_json *sizes,
                                 const struct ic_import_input *in, bool batch1)
{
    const int32_t extra = batch1 && in->rank == 1 && sizes->n == 2 ? 1 : 0;
    if (in->rank + extra != (int32_t)sizes->n)
        return ic_fail(r->ts.d, IC_E_SHAPE_WRONG, "input \"%s\" was exported with the shape %s: it has %u axes, %d are given", name,
                       shape_text(r, sizes), sizes->n, in->rank);
    for (int32_t i = 0; i < (int32_t)sizes->n; ++i)
        IC_TRY(bind_axis(r, name, sizes, i, i < extra ? 1 : in->dims[i - extra]));
    return IC_OK;
}

/* An input that the user says nothing about: fixed sizes are known, what others have bound is known, a free first axis is a batch of one. */
static enum ic_status complete(struct ic_pt2_run *r, const char *name, const struct ic_json *sizes, struct ic_import_input *out)
{
    out->rank = (int32_t)sizes->n;
    for (uint32_t i = 0; i < sizes->n; ++i) {
        int64_t size = 0;
        const char *text = NULL;
        bool known = true;
        const enum ic_pt2_size_kind kind = ic_pt2_size_of(&sizes->u.items[i], &size, &text);
        if (kind == IC_PT2_SIZE_FREE)
            IC_TRY(ic_pt2_size_value(&r->symbols, text, &known, &size, r->ts.d));
        if (!known && i == 0 && sizes->n > 1) {
            size = 1;
            IC_TRY(bind_axis(r, name, sizes, 0, 1));
            ic_say(r->ts.d, 'I', "input \"%s\" has the shape %s; its free first dimension is taken as 1", name,
                   shape_text(r, sizes));
        } else if (!known) {
            return ic_fail(
                r->ts.d, IC_E_SHAPE_MISSING,
                "input \"%s\" has the shape %s, whose axis %u is free; give it as --input %s=%s with numbers for the names", name,
                shape_text(r, sizes), i, name, shape_text(r, sizes));
        }
        if (kind == IC_PT2_SIZE_BAD || size < 0 || size > INT32_MAX)
            return ic_fail(r->ts.d, IC_E_EXPORTED, "%s, byte %zu: input \"%s\" has size %" PRId64 " on axis %u",
                           r->package.program_name, sizes->u.items[i].at, name, size, i);
        out->dims[i] = (int32_t)size;
    }
    return IC_OK;
}

static enum ic_status make_input(struct ic_pt2_run *r, const struct ic_import_options *o, int32_t i)
{
    const struct ic_import_input *given = ic_ts_find_input(o, &r->signature, i);
    struct ic_import_input in = given ? *given : (struct ic_import_input){.dtype = IC_DTYPE_NONE};
    const int32_t torch = ic_pt2_dtype(ic_json_get_int(meta_of(r, r->inputs[i]), "dtype", 0));
    const struct ic_json *sizes = NULL;
    struct ic_ts_value v;
    if (torch < 0)
        return ic_fail(r->ts.d, IC_E_ELEMENT_TYPE, "input \"%.60s\" has elements of a type that is not supported", r->inputs[i]);
    const int32_t part = ic_ts_part_type(torch);
    if (given && given->complex && part < 0)
        return ic_fail(r->ts.d, IC_E_ELEMENT_TYPE, "input \"%.60s\" is given as complex64; the program has it as %s", r->inputs[i],
                       ic_ts_dtype_name(torch));
    in.complex = part >= 0;
    if (in.dtype == IC_DTYPE_NONE || in.complex)
        in.dtype = dtype_of(part >= 0 ? part : torch);
    IC_TRY(input_sizes(r, r->inputs[i], &sizes));
    if (!given)
        IC_TRY(complete(r, r->inputs[i], sizes, &in));
    IC_TRY(ic_ts_make_input(&r->ts, &in, r->signature.names[i], in.rank + 1 == (int32_t)sizes->n, &v));
    v.u.t->dtype = part >= 0 ? part : torch;
    return ic_pt2_set(r, r->inputs[i], v);
}

static enum ic_status make_inputs(struct ic_pt2_run *r, const struct ic_import_options *o)
{
    IC_TRY(list_inputs(r));
    IC_TRY(ic_ts_check_input_names(&r->ts, o, &r->signature));
    for (int32_t i = 0; i < r->signature.n_inputs; ++i) { /* what the user gives binds symbols */
        const struct ic_import_input *given = ic_ts_find_input(o, &r->signature, i);
        const struct ic_json *sizes = NULL;
        IC_TRY(input_sizes(r, r->inputs[i], &sizes));
        if (given)
            IC_TRY(bind_given(r, r->inputs[i], sizes, given, o->drop_in_batch1));
    }
    for (int32_t i = 0; i < r->signature.n_inputs; ++i)
        IC_TRY(make_input(r, o, i));
    return ic_pt2_check_ranges(&r->symbols, r->ts.d);
}

/* ---- parameters, buffers, constants ---- */
/* kept: the state dict of the model has it too. */
static enum ic_status give_tensor(struct ic_pt2_run *r, const struct ic_json *spec, const char *name, const char *tensor, bool kept)
{
    struct ic_ts *ts = &r->ts;
    struct ic_ts_weight *w = ic_arena_alloc(&ts->arena, sizeof *w);
    bool found = false;
    if (!w)
        return ic_ts_no_memory(ts);
    IC_TRY(ic_pt2_tensor(&r->package, &r->package.weights, tensor, w, &found, ts->d));
    if (!found)
        IC_TRY(ic_pt2_tensor(&r->package, &r->package.constants, tensor, w, &found, ts->d));
    if (!found)
        return ic_pt2_fail_at(r, spec, IC_E_EXPORTED,
                              "the package holds no tensor \"%.100s\"; save it again with torch.export.save", tensor);
    if (ts->new_weights && kept) {
        struct ic_ts_weight *new = ic_arena_alloc(&ts->arena, sizeof *new);
        if (!new)
            return ic_ts_no_memory(ts);
        IC_TRY(ic_new_weights_take(ts->new_weights, tensor, w->dtype, w->rank, w->dims, false, new, &found, ts->d));
        w = found ? new : w;
    }
    if (w->on_gpu)
        ic_ts_say_device(ts, "cuda");
    struct ic_ts_value v;
    IC_TRY(ic_ts_weight_tensor(ts, w, tensor, &v));
    return ic_pt2_set(r, name, v);
}

/* An input of the graph that is no input of the network. */
static enum ic_status give_input(struct ic_pt2_run *r, const struct ic_json *spec)
{
    static const struct {
        const char *kind, *key;
    } tensors[] = {{"parameter", "parameter_name"}, {"buffer", "buffer_name"}, {"tensor_constant", "tensor_constant_name"}};
    for (size_t i = 0; i < sizeof tensors / sizeof *tensors; ++i) {
        const struct ic_json *v = ic_json_get(spec, tensors[i].kind);
        const char *name = ic_json_get_text(ic_json_get(v, "arg"), "name", NULL);
        const char *tensor = ic_json_get_text(v, tensors[i].key, NULL);
        if (v && name && tensor) {
            const struct ic_json *persistent = ic_json_get_kind(v, "persistent", IC_JSON_BOOL);
            return give_tensor(r, spec, name, tensor, i == 0 || (i == 1 && (!persistent || persistent->u.i)));
        }
    }
    const struct ic_json *constant = ic_json_get(spec, "constant_input");
    if (constant) {
        const char *name = ic_json_get_text(constant, "name", NULL);
        const struct ic_json *value = ic_json_get(constant, "value");
        struct ic_ts_value v = ic_ts_none();
        if (name && value)
            IC_TRY(ic_pt2_argument(r, value, &v));
        return name ? ic_pt2_set(r, name, v) : IC_OK;
    }
    const struct ic_json *only = ic_json_only(spec);
    const struct ic_json *arg = ic_json_get(only, "arg");
    if (only && strcmp(only->key, "user_input") == 0) { /* a number or text given at export time */
        const struct ic_json *kind = ic_json_only(arg);
        const char *name = ic_json_get_text(kind, "as_name", NULL);
        if (!kind || !name)
            return IC_OK;
        return ic_pt2_fail_at(r, spec, IC_E_RESULT,
                              "input \"%.60s\" of the network is a number, not a tensor; export the model with that number fixed",
                              name);
    }
    return ic_pt2_fail_at(r, spec, IC_E_RESULT, "an input of kind %.40s (a custom object, a token) is not supported",
                          only ? only->key : "?");
}

static enum ic_status give_inputs(struct ic_pt2_run *r)
{
    const struct ic_json *inputs = specs(r, "input_specs");
    for (uint32_t i = 0; i < inputs->n; ++i)
        if (!user_tensor(&inputs->u.items[i]))
            IC_TRY(give_input(r, &inputs->u.items[i]));
    return IC_OK;
}

/* ---- results ---- */
static enum ic_status take_results(struct ic_pt2_run *r)
{
    const struct ic_json *outputs = specs(r, "output_specs");
    for (uint32_t i = 0; outputs && i < outputs->n; ++i) {
        const struct ic_json *arg = ic_json_get(ic_json_get(&outputs->u.items[i], "user_output"), "arg");
        const char *kind = ic_json_only(arg) ? ic_json_only(arg)->key : "";
        struct ic_ts_value v;
        if (strcmp(kind, "as_tensor") != 0 && strcmp(kind, "as_optional_tensor") != 0)
            continue; /* numbers are no outputs, and what training would keep (counts of batches) is none either */
        IC_TRY(ic_pt2_argument(r, arg, &v));
        if (v.kind == IC_TS_V_TENSOR && ic_ts_is_coded(v.u.t))
            IC_TRY(ic_ts_codes_as_numbers(&r->ts, &v));
        IC_TRY(ic_ts_take_output(&r->ts, &v, 0));
    }
    return ic_ts_check_edges(&r->ts);
}

/* ---- the whole ---- */
static enum ic_status evaluate(struct ic_pt2_run *r, const struct ic_import_options *options, const char *name)
{
    struct ic_ts *ts = &r->ts;
    struct ic_pt2_scope scope = {0};
    IC_TRY(ic_graph_create(name, &ts->graph, ts->d));
    ts->graph->arena.limit_bytes = (size_t)ts->limits.max_total_bytes;
    ts->evaluate = options->evaluate;
    r->scope = &scope;
    IC_TRY(make_inputs(r, options));
    IC_TRY(give_inputs(r));
    ts->frame = &r->frame;
    const enum ic_status s = ic_pt2_nodes(r, graph_of(r));
    if (ts->problems)
        return ic_ts_fail_problems(ts);
    IC_TRY(s);
    r->node = NULL;
    IC_TRY(take_results(r)); /* in the frame: a result that shows memory written to later is made again here */
    ts->frame = NULL;
    IC_TRY(ic_ts_write_provenance(ts, name, "torch export", ""));
    ic_graph_compact(ts->graph);
    ts->graph->arena.limit_bytes = 0;
    return IC_OK;
}

enum ic_status ic_pt2_import(const struct ic_zipfile *zip, const char *top, const char *name,
                             const struct ic_import_options *options, struct ic_arena *arena, struct ic_graph **out_g,
                             struct ic_diag *d)
{
    struct ic_pt2_run *r = ic_calloc(1, sizeof *r);
    if (!r)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to import %s", name);
    r->ts.new_weights = options->new_weights;
    enum ic_status s = start(r, zip, top, &options->limits, arena, options->method, d);
    if (s == IC_OK) {
        const char *version = ic_json_get_text(r->package.program, "torch_version", NULL);
        ic_say(d, 'I', "exported program%s%.40s", version ? " of torch " : "", version ? version : "");
        s = evaluate(r, options, name);
    }
    *out_g = s == IC_OK ? r->ts.graph : NULL;
    if (s != IC_OK)
        ic_graph_destroy(r->ts.graph);
    ic_arena_destroy(&r->ts.arena);
    ic_free(r);
    return s;
}

enum ic_status ic_pt2_read_signature(const struct ic_zipfile *zip, const char *top, const struct ic_import_limits *limits,
                                     struct ic_arena *arena, struct ic_import_signature *out, struct ic_diag *d)
{
    struct ic_pt2_run *r = ic_calloc(1, sizeof *r);
    if (!r)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to read the model");
    struct ic_diag quiet = {0};
    enum ic_status s = start(r, zip, top, limits, arena, NULL, &quiet);
    r->ts.d = &quiet;
    if (s == IC_OK)
        s = list_inputs(r);
    *out = r->signature;
    if (s != IC_OK)
        s = ic_fail(d, quiet.code, "%s", quiet.text);
    ic_arena_destroy(&r->ts.arena);
    ic_free(r);
    return s;
}
