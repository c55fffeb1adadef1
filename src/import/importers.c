/* SPDX-License-Identifier: Apache-2.0 */
#include "import/import.h"

#include "import/new_weights.h"
#include "import/onnx/onnx.h"
#include "import/pt2/pt2.h"
#include "import/recognize.h"
#include "import/torchscript/torchscript.h"

#include <stdio.h>
#include <string.h>

/* A model file being read: its bytes, what it was recognized as, and the memory of the import. */
struct source {
    const void *bytes;
    size_t size_bytes;
    struct ic_model_identity id;
    struct ic_arena arena;
    char name[256]; /* of the model */
    const char *method;
};

static enum ic_status import_torchscript(struct source *s, const struct ic_import_options *o, struct ic_graph **out_g,
                                         struct ic_diag *d)
{
    return ic_ts_import(&s->id.zip, s->id.top, s->name, o, &s->arena, out_g, d);
}

static enum ic_status sign_torchscript(struct source *s, const struct ic_import_limits *l, struct ic_import_signature *out,
                                       struct ic_diag *d)
{
    return ic_ts_read_signature(&s->id.zip, s->id.top, l, &s->arena, s->method, out, d);
}

static enum ic_status import_onnx(struct source *s, const struct ic_import_options *o, struct ic_graph **out_g, struct ic_diag *d)
{
    return ic_onnx_import(s->bytes, s->size_bytes, s->name, o, &s->arena, out_g, d);
}

static enum ic_status sign_onnx(struct source *s, const struct ic_import_limits *l, struct ic_import_signature *out,
                                struct ic_diag *d)
{
    return ic_onnx_read_signature(s->bytes, s->size_bytes, l, &s->arena, out, d);
}

static enum ic_status import_pt2(struct source *s, const struct ic_import_options *o, struct ic_graph **out_g, struct ic_diag *d)
{
    return ic_pt2_import(&s->id.zip, s->id.top, s->name, o, &s->arena, out_g, d);
}

static enum ic_status sign_pt2(struct source *s, const struct ic_import_limits *l, struct ic_import_signature *out,
                               struct ic_diag *d)
{
    return ic_pt2_read_signature(&s->id.zip, s->id.top, l, &s->arena, out, d);
}

/* ---- the list: a format is a row ---- */
static const struct importer {
    enum ic_model_kind kind;
    enum ic_status (*import)(struct source *s, const struct ic_import_options *o, struct ic_graph **out_g, struct ic_diag *d);
    enum ic_status (*signature)(struct source *s, const struct ic_import_limits *l, struct ic_import_signature *out,
                                struct ic_diag *d);
    bool cuts; /* takes results from inside the network too */
} importers[] = {
    {IC_MODEL_TORCHSCRIPT, import_torchscript, sign_torchscript, false},
    {IC_MODEL_ONNX, import_onnx, sign_onnx, true},
    {IC_MODEL_PT2, import_pt2, sign_pt2, false},
};

static const struct importer *importer_of(enum ic_model_kind kind)
{
    for (size_t i = 0; i < sizeof importers / sizeof *importers; ++i)
        if (importers[i].kind == kind)
            return &importers[i];
    return NULL;
}

struct ic_import_limits ic_import_limits_default(void)
{
    return (struct ic_import_limits){
        .max_member_bytes = (uint64_t)1 << 30,
        .max_total_bytes = (uint64_t)3 << 30,
        .max_depth = 200,
        .max_evaluated = 3000000,
        .max_nodes = 40000,
    };
}

/* "models/logistic.pt" to "logistic" */
static void name_of(const char *path, char *room, size_t room_bytes)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    const char *last = slash ? slash + 1 : path ? path : "model";
    const char *dot = strrchr(last, '.');
    const size_t n = dot && dot > last ? (size_t)(dot - last) : strlen(last);
    snprintf(room, room_bytes, "%.*s", (int)(n < room_bytes ? n : room_bytes - 1), last);
}

void ic_import_recognize(const void *bytes, size_t size_bytes, struct ic_recognized *out)
{
    const struct ic_import_limits limits = ic_import_limits_default();
    struct ic_arena arena = {.limit_bytes = (size_t)256 << 20};
    struct ic_model_identity id;
    *out = (struct ic_recognized){.format = "unknown"};
    ic_import_identify(bytes, size_bytes, &limits, &arena, &id, NULL);
    out->format = ic_model_kind_name(id.kind);
    out->importable = importer_of(id.kind) != NULL;
    if (id.kind == IC_MODEL_TORCHSCRIPT) {
        struct ic_diag quiet = {0};
        int version = 0;
        if (ic_ts_archive_version(&id.zip, id.top, &version, &quiet) == IC_OK && ic_ts_archive_release(version))
            snprintf(out->version, sizeof out->version, "%s", ic_ts_archive_release(version));
    }
    if (id.kind == IC_MODEL_TORCH_PICKLE || id.kind == IC_MODEL_TORCH_LEGACY)
        out->format = ic_import_pickle_format(bytes, size_bytes, &id, &limits, &arena);
    ic_arena_destroy(&arena);
}

static int32_t output_named(const struct ic_graph *g, const char *name)
{
    for (int32_t i = 0; i < g->n_outputs; i++)
        if (strcmp(g->outputs[i].value->name, name) == 0)
            return i;
    return -1;
}

/* Of the network's own outputs those that are named, in that order. */
static enum ic_status choose_outputs(struct ic_graph *g, const struct ic_import_options *options, struct ic_diag *d)
{
    struct ic_graph_input *chosen = ic_calloc((size_t)options->n_outputs, sizeof *chosen); /* the graph frees it */
    if (!chosen)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to choose outputs");
    for (int32_t k = 0; k < options->n_outputs; k++) {
        const char *name = options->outputs[k] ? options->outputs[k] : "";
        const int32_t i = output_named(g, name);
        if (i < 0) {
            ic_free(chosen);
            return ic_fail(d, IC_E_ENDS,
                           "the network has no output \"%s\" (its first is \"%s\"): only ONNX networks are cut at inner tensors",
                           name, g->n_outputs ? g->outputs[0].value->name : "");
        }
        chosen[k] = g->outputs[i];
    }
    ic_free(g->outputs);
    g->outputs = chosen;
    g->n_outputs = options->n_outputs;
    ic_graph_compact(g);
    return IC_OK;
}

static enum ic_status fail_method(const char *method, const struct ic_model_identity *id, struct ic_diag *d)
{
    return ic_fail(d, IC_E_OPTIONS_CLASH, "method \"%.60s\" is asked for: only TorchScript files have methods, this one is %s",
                   method, ic_model_kind_name(id->kind));
}

/* The importer, with new weights if there are any: all of them must be taken. */
static enum ic_status run_importer(const struct importer *importer, struct source *s, const struct ic_import_options *options,
                                   struct ic_graph **out_g, struct ic_diag *d)
{
    struct ic_new_weights weights;
    struct ic_import_options with = *options;
    if (!options->weights_bytes)
        return importer->import(s, options, out_g, d);
    IC_TRY(ic_new_weights_open(options->weights_bytes, options->weights_size_bytes,
                               options->weights_path ? options->weights_path : "the weights", &options->limits, &s->arena, &weights,
                               d));
    with.new_weights = &weights;
    IC_TRY(importer->import(s, &with, out_g, d));
    const enum ic_status status = ic_new_weights_check(&weights, d);
    if (status != IC_OK) {
        ic_graph_destroy(*out_g);
        *out_g = NULL;
    }
    return status;
}

enum ic_status ic_import(const void *bytes, size_t size_bytes, const char *path, const struct ic_import_options *options,
                         struct ic_graph **out_g, struct ic_diag *d)
{
    struct source s = {.bytes = bytes, .size_bytes = size_bytes, .arena = {.limit_bytes = (size_t)options->limits.max_total_bytes}};
    *out_g = NULL;
    name_of(path, s.name, sizeof s.name);
    ic_import_identify(bytes, size_bytes, &options->limits, &s.arena, &s.id, d ? d->log : NULL);
    const struct importer *const importer = importer_of(s.id.kind);
    enum ic_status status = IC_OK;
    if (importer && options->n_constants > 0 && !importer->cuts)
        status = ic_fail(d, IC_E_OPTIONS_CLASH, "input \"%s\" is given as a constant: only inputs of ONNX networks can be",
                         options->constants[0].name);
    else if (importer && options->method && s.id.kind != IC_MODEL_TORCHSCRIPT)
        status = fail_method(options->method, &s.id, d);
    else
        status = importer ? run_importer(importer, &s, options, out_g, d)
                          : ic_import_refuse(bytes, size_bytes, &s.id, &options->limits, &s.arena, path ? path : "the file", d);
    if (status == IC_OK && options->n_outputs > 0 && !importer->cuts) {
        status = choose_outputs(*out_g, options, d);
        if (status != IC_OK) {
            ic_graph_destroy(*out_g);
            *out_g = NULL;
        }
    }
    ic_arena_destroy(&s.arena);
    return status;
}

enum ic_status ic_import_signature(const void *bytes, size_t size_bytes, const char *path, const char *method,
                                   struct ic_import_signature *out, struct ic_diag *d)
{
    const struct ic_import_limits limits = ic_import_limits_default();
    struct source s = {
        .bytes = bytes, .size_bytes = size_bytes, .arena = {.limit_bytes = (size_t)limits.max_total_bytes}, .method = method};
    memset(out, 0, sizeof *out);
    ic_import_identify(bytes, size_bytes, &limits, &s.arena, &s.id, NULL);
    const struct importer *const importer = importer_of(s.id.kind);
    const enum ic_status status = importer && method && s.id.kind != IC_MODEL_TORCHSCRIPT ? fail_method(method, &s.id, d)
                                  : importer
                                      ? importer->signature(&s, &limits, out, d)
                                      : ic_import_refuse(bytes, size_bytes, &s.id, &limits, &s.arena, path ? path : "the file", d);
    out->declared = s.id.kind != IC_MODEL_TORCHSCRIPT;
    ic_arena_destroy(&s.arena);
    return status;
}
