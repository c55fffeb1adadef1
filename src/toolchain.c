/* SPDX-License-Identifier: Apache-2.0
 *
 * The journey of a model, in order: import, optimize, quantize, compile, contain. src/README.md is the same list in words.
 */
#include "toolchain.h"

#include "inchip/status.h"
#include "export/onnx.h"
#include "optimize/evaluate.h"
#include "optimize/late_weights.h"
#include "toolchain_json.h"
#include "toolchain_shapes.h"

#include <float.h>
#include <math.h>
#include <string.h>

_Static_assert((int)IC_ERR_DEVICE == (int)INCHIP_ERR_DEVICE && (int)IC_ERR_MODEL == (int)INCHIP_ERR_MODEL &&
                   (int)IC_ERR_PORTABLE == (int)INCHIP_ERR_PORTABLE,
               "internal and public status codes are one list");
_Static_assert((int)IC_F32 == (int)INCHIP_F32 && (int)IC_U8 == (int)INCHIP_U8 && (int)IC_BOOL == (int)INCHIP_BOOL &&
                   (int)IC_U64 == (int)INCHIP_U64,
               "internal and public element types are one list");

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A file beside the model, open as long as the network: constants are lent from it. */
struct ic_beside {
    struct ic_beside *next;
    const char *name;
    struct ic_file_map map;
};

struct opener {
    struct ic_network *n;
    const char *path;
};

static enum ic_status open_beside(void *user, const char *name, const void **out_bytes, size_t *out_size_bytes, struct ic_diag *d)
{
    const struct opener *o = user;
    struct ic_beside *b = o->n->beside;
    while (b && strcmp(b->name, name) != 0)
        b = b->next;
    if (!b) {
        b = ic_arena_alloc(&o->n->arena, sizeof *b);
        const char *copy = ic_arena_text(&o->n->arena, name, strlen(name));
        if (!b || !copy)
            return ic_fail(d, IC_ERR_MEMORY, "%s: no memory to open it", name);
        IC_TRY(ic_file_map_open_beside(o->path, name, &b->map, d));
        b->name = copy;
        b->next = o->n->beside;
        o->n->beside = b;
    }
    *out_bytes = b->map.bytes;
    *out_size_bytes = b->map.size_bytes;
    return IC_OK;
}

/* bytes NULL: the file at path, and files beside it; else the bytes alone, path is only a name. */
static enum ic_status import_source(struct ic_network *n, const char *path, const void *bytes, size_t size_bytes,
                                    const struct ic_import_options *options, struct ic_diag *d)
{
    struct ic_import_options lent = *options;
    struct opener opener = {.n = n, .path = path};
    IC_TRY(ic_network_check_sizes(options, d));
    if (!bytes) {
        IC_TRY(ic_file_map_open(path, &n->map, d));
        bytes = n->map.bytes;
        size_bytes = n->map.size_bytes;
        lent.open_beside = open_beside;
        lent.open_user = &opener;
    }
    struct ic_file_map weights = {0};
    if (options->weights_path && !options->weights_bytes) {
        IC_TRY(ic_file_map_open(options->weights_path, &weights, d));
        lent.weights_bytes = weights.bytes;
        lent.weights_size_bytes = weights.size_bytes;
    }
    ic_import_recognize(bytes, size_bytes, &n->recognized);
    lent.evaluate = ic_opt_fold_node;
    const enum ic_status status = ic_import(bytes, size_bytes, path, &lent, &n->graph, d);
    ic_file_map_close(&weights);
    if (status != IC_OK)
        ic_network_name_shapes(bytes, size_bytes, path, options, d);
    else
        ic_say(d, 'D', "imported: %d node%s, %d input%s, %d output%s", (int)n->graph->n_nodes, IC_S(n->graph->n_nodes),
               (int)n->graph->n_inputs, IC_S(n->graph->n_inputs), (int)n->graph->n_outputs, IC_S(n->graph->n_outputs));
    return status;
}

static enum ic_status import_network(const char *path, const void *bytes, size_t size_bytes,
                                     const struct ic_import_options *options, struct ic_network **out_n, struct ic_diag *d)
{
    struct ic_network *n = ic_calloc(1, sizeof *n);
    if (!n)
        return ic_fail(d, IC_ERR_MEMORY, "%s: no memory to import it", path);
    enum ic_status status = import_source(n, path, bytes, size_bytes, options, d);
    if (status == IC_OK) {
        n->path = ic_arena_text(&n->arena, path, strlen(path));
        n->file_name = n->path ? base_name(n->path) : NULL;
        if (!n->file_name)
            status = ic_fail(d, IC_ERR_MEMORY, "%s: no memory to import it", path);
    }
    if (status != IC_OK) {
        if (!ic_diag_names_file(d, options->weights_path))
            ic_diag_name_file(d, path);
        ic_network_destroy(n);
        return status;
    }
    *out_n = n;
    return IC_OK;
}

enum ic_status ic_network_import(const char *path, const struct ic_import_options *options, struct ic_network **out_n,
                                 struct ic_diag *d)
{
    return import_network(path, NULL, 0, options, out_n, d);
}

enum ic_status ic_network_import_bytes(const void *bytes, size_t size_bytes, const char *name,
                                       const struct ic_import_options *options, struct ic_network **out_n, struct ic_diag *d)
{
    return import_network(name, bytes ? bytes : "", bytes ? size_bytes : 0, options, out_n, d);
}

void ic_network_destroy(struct ic_network *n)
{
    if (!n)
        return;
    ic_graph_destroy(n->graph);
    for (struct ic_beside *b = n->beside; b; b = b->next)
        ic_file_map_close(&b->map);
    ic_file_map_close(&n->map);
    ic_arena_destroy(&n->arena);
    ic_free(n);
}

/* The mistake that gives plausible nonsense: torchvision's mean and std are for pixels of 0 to 1, and pictures have 0 to 255. */
static void say_if_of_unit_range(const char *name, const struct ic_preprocessing *p, struct ic_diag *d)
{
    for (int32_t i = 0; i < p->n_channels; i++)
        if (!(fabsf(p->std[i]) < 1.0f) || !(fabsf(p->mean[i]) <= 1.0f))
            return;
    if (p->n_channels > 0)
        ic_say(d, 'W',
               "input %s: mean %g and std %g fit values from 0 to 1, and pictures have 0 to 255: for pictures give both times 255 "
               "(mean %g, std "
               "%g)",
               name, (double)p->mean[0], (double)p->std[0], (double)p->mean[0] * 255.0, (double)p->std[0] * 255.0);
}

static enum ic_status set_input_preprocessing(struct ic_graph *g, struct ic_graph_input *in, const struct ic_preprocessing *p,
                                              struct ic_diag *d)
{
    const struct ic_value *v = in->value;
    if ((p->n_channels > 0 || p->reorder) && v->dtype != IC_F32 && v->dtype != IC_F16 && v->dtype != IC_U8 && v->dtype != IC_S8)
        return ic_fail(d, IC_E_CHANNELS,
                       "input %s holds %s, for which mean, std and channel order mean nothing: give none for this input", v->name,
                       ic_dtype_name(v->dtype));
    const int32_t channels = v->rank == 4 ? v->dims[in->format == 2 ? 3 : 1] : v->rank > 0 ? v->dims[v->rank - 1] : 1;
    if (p->n_channels > 0 && channels != p->n_channels && p->n_channels != 1)
        return ic_fail(d, IC_E_CHANNELS, "mean and std have %d value%s, input %s has %d channel%s: give one value per channel",
                       (int)p->n_channels, IC_S(p->n_channels), v->name, (int)channels, IC_S(channels));
    if (p->reorder && channels != 3)
        return ic_fail(d, IC_E_CHANNELS, "input %s has %d channel%s: only 3 channels can be reordered", v->name, (int)channels,
                       IC_S(channels));
    for (int32_t i = 0; i < p->n_channels; i++)
        if (!(fabsf(p->mean[i]) <= FLT_MAX) || !(fabsf(p->std[i]) <= FLT_MAX) || p->std[i] == 0.0f)
            return ic_fail(d, IC_E_STD_ZERO,
                           "channel %d of input %s: mean %g, std %g; a finite mean and a finite std other than 0 are wanted",
                           (int)i, v->name, (double)p->mean[i], (double)p->std[i]);
    say_if_of_unit_range(v->name, p, d);
    in->n_channels = p->n_channels;
    in->reorder = p->reorder;
    if (p->n_channels == 0)
        return IC_OK;
    in->mean = ic_arena_copy(&g->arena, p->mean, (size_t)p->n_channels * sizeof(float));
    in->std = ic_arena_copy(&g->arena, p->std, (size_t)p->n_channels * sizeof(float));
    return in->mean && in->std ? IC_OK : ic_fail(d, IC_ERR_MEMORY, "no memory for mean and std of input %s", v->name);
}

static enum ic_status set_preprocessing(struct ic_graph *g, const struct ic_build_request *r, struct ic_diag *d)
{
    const struct ic_preprocessing all = {r->mean, r->std, r->n_channels, r->reorder};
    if (r->each && r->n_each != g->n_inputs)
        return ic_fail(d, IC_E_STD_ZERO, "mean, std and reorder are given for %d inputs; the network has %d", (int)r->n_each,
                       (int)g->n_inputs);
    for (int32_t i = 0; i < g->n_inputs; i++)
        IC_TRY(set_input_preprocessing(g, &g->inputs[i], r->each ? &r->each[i] : &all, d));
    return IC_OK;
}

/* Every complaint begins with a file's name: the network's, unless it is about the calibration list. */
static enum ic_status named(const struct ic_network *n, const char *dataset, enum ic_status status, struct ic_diag *d)
{
    if (status != IC_OK && !(dataset && d && strstr(d->text, dataset)))
        ic_diag_name_file(d, n->path);
    return status;
}

static enum ic_status build(struct ic_network *n, const struct ic_build_request *request, struct ic_diag *d)
{
    if (n->built)
        return ic_fail(d, IC_ERR_STATE, "%s: already built; import it again to build it another way", n->path);
    IC_TRY(set_preprocessing(n->graph, request, d));
    const struct ic_optimize_options optimize = {
        .level = request->optimization_level, .after = request->after_pass, .user = request->quantize.user};
    n->graph->batch = request->quantize.batch;
    IC_TRY(ic_optimize(n->graph, &optimize, d));
    ic_say(d, 'D', "optimized at level %d: %d node%s", optimize.level, (int)n->graph->n_nodes, IC_S(n->graph->n_nodes));
    struct ic_host_executor executor;
    ic_host_executor_init(&executor);
    enum ic_status status = ic_quantize_graph(n->graph, &request->quantize, &executor.face, d);
    ic_host_executor_destroy(&executor);
    IC_TRY(status);
    IC_TRY(ic_ir_verify(n->graph, IC_STAGE_QUANTIZED, d));
    n->built = true;
    n->type = request->quantize.type;
    n->optimization_level = request->optimization_level;
    return IC_OK;
}

enum ic_status ic_network_build(struct ic_network *n, const struct ic_build_request *request, struct ic_diag *d)
{
    return named(n, request->quantize.dataset, build(n, request, d), d);
}

/* The writers that a container's sections are lent from. */
struct payloads {
    struct ic_writer graph, graph_consts, program, program_consts, json;
    struct ic_section sections[5];
    uint32_t n_sections;
};

static void add_section(struct payloads *p, uint32_t kind, const struct ic_writer *w)
{
    p->sections[p->n_sections++] = (struct ic_section){.kind = kind, .bytes = w->bytes, .size_bytes = w->size_bytes};
}

static enum ic_status pack_portable(const struct ic_network *n, struct payloads *p, struct ic_diag *d)
{
    IC_TRY(ic_ir_encode(n->graph, &p->graph, &p->graph_consts, d));
    add_section(p, IC_SECTION_GRAPH, &p->graph);
    add_section(p, IC_SECTION_GRAPH_CONSTS, &p->graph_consts);
    return IC_OK;
}

static enum ic_status pack_compiled(const struct ic_network *n, const struct ic_target *target, struct payloads *p,
                                    struct ic_diag *d)
{
    struct ic_program program = {0};
    IC_TRY(ic_compile(n->graph, target, false, &program, &p->program_consts, d));
    const enum ic_status status = ic_program_encode(&program, &p->program, d);
    ic_say(d, 'D', "compiled for %s: %u step%s, %.1f KB constants, %.1f KB activations", program.target, program.n_steps,
           IC_S(program.n_steps), (double)program.const_bytes / 1024.0, (double)program.arena_bytes / 1024.0);
    ic_program_destroy(&program);
    IC_TRY(status);
    add_section(p, IC_SECTION_PROGRAM, &p->program);
    add_section(p, IC_SECTION_PROGRAM_CONSTS, &p->program_consts);
    return IC_OK;
}

static enum ic_status pack_all(const struct ic_network *n, const struct ic_pack_request *r, struct payloads *p,
                               struct ic_writer *out, struct ic_diag *d)
{
    if (!r->target || r->keep_portable)
        IC_TRY(pack_portable(n, p, d));
    if (r->target)
        IC_TRY(pack_compiled(n, r->target, p, d));
    IC_TRY(ic_network_json(n, r, &p->json, d));
    add_section(p, IC_SECTION_JSON, &p->json);
    return ic_container_write(p->sections, p->n_sections, out, d);
}

enum ic_status ic_network_pack(const struct ic_network *n, const struct ic_pack_request *request, struct ic_writer *out,
                               struct ic_diag *d)
{
    if (!n->built)
        return ic_fail(d, IC_ERR_STATE, "%s: build it before saving it", n->path);
    struct payloads p = {0};
    enum ic_status status = pack_all(n, request, &p, out, d);
    if (status == IC_OK && (out->failed || p.json.failed))
        status = ic_fail(d, IC_ERR_MEMORY, "%s: no memory for the model file", n->file_name);
    struct ic_writer *const all[] = {&p.graph, &p.graph_consts, &p.program, &p.program_consts, &p.json};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        ic_writer_destroy(all[i]);
    return named(n, NULL, status, d);
}

enum ic_status ic_container_program(const struct ic_container *c, struct ic_program *out_p, struct ic_writer *out_consts,
                                    bool *out_was_portable, struct ic_diag *d)
{
    const struct ic_section *program = ic_container_find(c, IC_SECTION_PROGRAM, 0);
    const struct ic_section *consts = ic_container_find(c, IC_SECTION_PROGRAM_CONSTS, 0);
    *out_was_portable = program == NULL;
    if (program)
        return ic_program_decode(program->bytes, program->size_bytes, consts ? consts->bytes : NULL,
                                 consts ? consts->size_bytes : 0, out_p, d);
    const struct ic_section *graph = ic_container_find(c, IC_SECTION_GRAPH, 0);
    const struct ic_section *graph_consts = ic_container_find(c, IC_SECTION_GRAPH_CONSTS, 0);
    if (!graph)
        return ic_fail(d, IC_E_NO_PROGRAM, "the file holds neither a program nor a portable graph: convert the source model again");
    struct ic_graph *g = NULL;
    IC_TRY(ic_ir_decode(graph->bytes, graph->size_bytes, graph_consts ? graph_consts->bytes : NULL,
                        graph_consts ? graph_consts->size_bytes : 0, &g, d));
    const enum ic_status status = ic_compile(g, ic_target_find("generic"), false, out_p, out_consts, d);
    ic_graph_destroy(g);
    return status;
}

enum ic_status ic_network_export_onnx(const struct ic_network *n, struct ic_writer *out, struct ic_diag *d)
{
    enum ic_status status = ic_opt_late_weights(n->graph, d);
    if (status == IC_OK)
        status = ic_export_onnx(n->graph, out, d);
    return named(n, NULL, status, d);
}
