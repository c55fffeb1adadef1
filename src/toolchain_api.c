/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip/toolchain.h over the journey of toolchain.h: argument checks, handles, nothing else.
 */
#include "inchip/toolchain.h"

#include "runtime/context.h"
#include "runtime/convert_io.h"
#include "toolchain.h"
#include "toolchain_command.h"
#include "toolchain_trouble.h"

#include <stdio.h>
#include <string.h>

struct inchip_network {
    struct ic_network *network;
    struct ic_command command;
};

struct inchip_simulator {
    void *bytes; /* own copy, 64-byte aligned: sections are used where they stand */
    struct ic_container container;
    struct ic_program program;
    struct ic_writer consts;
    struct ic_sim *sim;
    void **inputs, **outputs;
    struct ic_arena arena;
};

static enum ic_status import_inputs(const inchip_import_options *o, struct ic_import_input *inputs, struct ic_diag *d)
{
    if (o->n_inputs < 0 || o->n_inputs > IC_IMPORT_MAX_INPUTS || (o->n_inputs > 0 && !o->inputs))
        return ic_fail(d, IC_E_CALL, "import options: n_inputs is %d (at most %d), inputs %s", (int)o->n_inputs,
                       IC_IMPORT_MAX_INPUTS, o->inputs ? "given" : "NULL");
    if (o->n_outputs < 0 || o->n_outputs > IC_IMPORT_MAX_INPUTS || (o->n_outputs > 0 && !o->outputs))
        return ic_fail(d, IC_E_CALL, "import options: n_outputs is %d (at most %d), outputs %s", (int)o->n_outputs,
                       IC_IMPORT_MAX_INPUTS, o->outputs ? "given" : "NULL");
    if (o->n_constants < 0 || o->n_constants > IC_IMPORT_MAX_INPUTS || (o->n_constants > 0 && !o->constants))
        return ic_fail(d, IC_E_CALL, "import options: n_constants is %d (at most %d), constants %s", (int)o->n_constants,
                       IC_IMPORT_MAX_INPUTS, o->constants ? "given" : "NULL");
    for (int32_t i = 0; i < o->n_inputs; i++) {
        const inchip_input_shape *s = &o->inputs[i];
        const bool complex = s->dtype == INCHIP_C64;
        if (s->rank < 0 || s->rank > INCHIP_MAX_RANK || s->dtype < 0 || (s->dtype > INCHIP_BOOL && !complex))
            return ic_fail(d, IC_E_CALL, "import options: input %d has rank %d (at most %d), dtype %d", (int)i, (int)s->rank,
                           INCHIP_MAX_RANK, (int)s->dtype);
        inputs[i] = (struct ic_import_input){
            .name = s->name, .rank = s->rank, .dtype = complex ? IC_DTYPE_NONE : (enum ic_dtype)s->dtype, .complex = complex};
        for (int32_t k = 0; k < s->rank; k++) {
            if (s->dims[k] < 1)
                return ic_fail(d, IC_E_CALL, "input %s: dimension %d is %d; sizes are at least 1", s->name ? s->name : "?", (int)k,
                               (int)s->dims[k]);
            inputs[i].dims[k] = s->dims[k];
        }
    }
    return IC_OK;
}

/* bytes NULL: the file at path. */
static int import_any(inchip_context *context, const char *path, const void *bytes, size_t size_bytes,
                      const inchip_import_options *options, inchip_network **out_network)
{
    struct ic_diag *d = ic_context_begin(context);
    struct ic_import_input inputs[IC_IMPORT_MAX_INPUTS];
    struct ic_import_constant constants[IC_IMPORT_MAX_INPUTS];
    struct ic_import_options o = {.inputs = inputs, .constants = constants, .limits = ic_import_limits_default()};
    if (!path || !out_network)
        return (int)ic_fail(d, IC_E_CALL, "inchip_network_import: path or out_network is NULL");
    inchip_import_options given = {0};
    enum ic_status status = IC_OK;
    if (options)
        status = ic_context_read_options(&given, sizeof given, options, "inchip_import_options", d);
    if (status == IC_OK)
        status = import_inputs(&given, inputs, d);
    if (status != IC_OK)
        return (int)status;
    o.n_inputs = given.n_inputs;
    o.drop_in_batch1 = given.rank1_is_batch1 != 0;
    o.outputs = given.outputs;
    o.n_outputs = given.n_outputs;
    o.weights_path = given.weights;
    o.method = given.method;
    o.n_constants = given.n_constants;
    for (int32_t i = 0; i < given.n_constants; i++)
        constants[i] = (struct ic_import_constant){given.constants[i].name ? given.constants[i].name : "",
                                                   given.constants[i].value};
    inchip_network *n = ic_calloc(1, sizeof *n);
    if (!n)
        return (int)ic_fail(d, IC_ERR_MEMORY, "%s: no memory to import it", path);
    status = bytes ? ic_network_import_bytes(bytes, size_bytes, path, &o, &n->network, d)
                   : ic_network_import(path, &o, &n->network, d);
    if (status == IC_OK)
        status = ic_command_keep_import(&n->command, path, bytes != NULL, &o, d);
    if (status != IC_OK) {
        inchip_network_destroy(n);
        return (int)status;
    }
    *out_network = n;
    return INCHIP_OK;
}

int inchip_network_import(inchip_context *context, const char *path, const inchip_import_options *options,
                          inchip_network **out_network)
{
    return import_any(context, path, NULL, 0, options, out_network);
}

int inchip_network_import_bytes(inchip_context *context, const void *bytes, size_t size_bytes, const char *name,
                                const inchip_import_options *options, inchip_network **out_network)
{
    if (!bytes || !name)
        return (int)ic_fail(ic_context_begin(context), IC_E_CALL, "inchip_network_import_bytes: bytes or name is NULL");
    return import_any(context, name, bytes, size_bytes, options, out_network);
}

void inchip_network_destroy(inchip_network *network)
{
    if (!network)
        return;
    ic_network_destroy(network->network);
    ic_command_destroy(&network->command);
    ic_free(network);
}

int32_t inchip_network_inputs(const inchip_network *network)
{
    return network ? network->network->graph->n_inputs : 0;
}

int32_t inchip_network_outputs(const inchip_network *network)
{
    return network ? network->network->graph->n_outputs : 0;
}

static int io_info(const struct ic_graph_input *ios, int32_t n, int32_t i, inchip_tensor_info *out_info)
{
    if (i < 0 || i >= n || !out_info)
        return INCHIP_ERR_ARG;
    const struct ic_value *v = ios[i].value;
    inchip_tensor_info info = {.name = v->name,
                               .face_name = ios[i].face_name ? ios[i].face_name : "",
                               .dtype = (int32_t)v->dtype,
                               .user_dtype = (int32_t)ios[i].user_dtype,
                               .rank = v->rank,
                               .format = (int32_t)ios[i].format,
                               .scale = v->quant.n_scales == 1 ? v->quant.scales[0] : 0.0f,
                               .zero_point = v->quant.zero,
                               .size_bytes = (uint64_t)ic_value_elements(v) * ic_dtype_bytes(v->dtype)};
    memcpy(info.dims, v->dims, sizeof info.dims);
    return ic_context_give_info(&info, out_info);
}

int inchip_network_input_info(const inchip_network *network, int32_t i, inchip_tensor_info *out_info)
{
    return !network ? INCHIP_ERR_ARG : io_info(network->network->graph->inputs, inchip_network_inputs(network), i, out_info);
}

int inchip_network_output_info(const inchip_network *network, int32_t i, inchip_tensor_info *out_info)
{
    return !network ? INCHIP_ERR_ARG : io_info(network->network->graph->outputs, inchip_network_outputs(network), i, out_info);
}

const char *inchip_network_input_face_name(const inchip_network *network, int32_t i)
{
    const struct ic_graph *g = network ? network->network->graph : NULL;
    const char *name = g && i >= 0 && i < g->n_inputs ? g->inputs[i].face_name : NULL;
    return name ? name : "";
}

static void write_signature(const struct ic_import_signature *s, struct ic_writer *w)
{
    ic_write_text(w, "[");
    for (int32_t i = 0; i < s->n_inputs; i++) {
        ic_write_text(w, "%s{\"name\": \"%s\", \"shape\": ", i ? ", " : "", s->names[i]);
        if (s->rank[i] < 0)
            ic_write_text(w, "null}");
        for (int32_t k = 0; k < s->rank[i]; k++)
            ic_write_text(w, "%s%d", k ? ", " : "[", (int)s->dims[i][k]);
        if (s->rank[i] >= 0)
            ic_write_text(w, "%s]}", s->rank[i] == 0 ? "[" : "");
    }
    ic_write_text(w, "]");
    ic_write_u8(w, 0);
}

int inchip_file_inputs(inchip_context *context, const char *path, char *out_json, size_t capacity_bytes)
{
    struct ic_diag *d = ic_context_begin(context);
    struct ic_file_map map = {0};
    struct ic_import_signature s = {0};
    struct ic_writer w = {0};
    enum ic_status status = path && out_json ? IC_OK : ic_fail(d, IC_E_CALL, "inchip_file_inputs: path or out_json is NULL");
    if (status == IC_OK)
        status = ic_file_map_open(path, &map, d);
    if (status == IC_OK)
        status = ic_import_signature(map.bytes, map.size_bytes, path, NULL, &s, d);
    if (status == IC_OK) {
        write_signature(&s, &w);
        if (w.failed)
            status = ic_fail(d, IC_ERR_MEMORY, "%s: no memory to describe its inputs", path);
        else if (w.size_bytes > capacity_bytes)
            status = ic_fail(d, IC_E_CALL, "inchip_file_inputs: %zu bytes are needed, %zu given", w.size_bytes, capacity_bytes);
        else
            memcpy(out_json, w.bytes, w.size_bytes);
    }
    if (status != IC_OK)
        ic_diag_name_file(d, path);
    ic_writer_destroy(&w);
    ic_file_map_close(&map);
    return (int)status;
}

int inchip_file_recognize(inchip_context *context, const char *path, char *out_format, size_t format_bytes, char *out_version,
                          size_t version_bytes)
{
    struct ic_diag *d = ic_context_begin(context);
    if (!path || !out_format || !format_bytes || !out_version || !version_bytes)
        return (int)ic_fail(d, IC_E_CALL, "inchip_file_recognize: an argument is NULL or has no room");
    struct ic_file_map map = {0};
    const enum ic_status status = ic_file_map_open(path, &map, d);
    if (status != IC_OK)
        return (int)status;
    struct ic_recognized r;
    ic_import_recognize(map.bytes, map.size_bytes, &r);
    snprintf(out_format, format_bytes, "%s", ic_container_sniff(map.bytes, map.size_bytes) == IC_FILE_OURS ? "inchip" : r.format);
    snprintf(out_version, version_bytes, "%s", r.version);
    ic_file_map_close(&map);
    return INCHIP_OK;
}

/* The public callback counts in uint64_t, the quantizer's in size_t. */
struct progress {
    void (*report)(void *user, uint64_t done, uint64_t total);
    void *user;
};

static void forward_progress(void *user, size_t done, size_t total)
{
    const struct progress *p = user;
    if (p->report)
        p->report(p->user, done, total);
}

static bool is_codes(int32_t type)
{
    return type == 0 || type == INCHIP_U8 || type == INCHIP_S8;
}

static enum ic_status check_preprocessing(const struct ic_network *n, const inchip_build_options *o, struct ic_diag *d)
{
    if (o->n_channels < 0 || (o->n_channels > 0 && (!o->mean || !o->std)))
        return ic_fail(d, IC_E_CALL, "inchip_network_build: mean and std of %d channels are missing", (int)o->n_channels);
    if (o->n_preprocessing < 0 || (o->n_preprocessing > 0 && !o->preprocessing))
        return ic_fail(d, IC_E_CALL, "inchip_network_build: preprocessing of %d inputs is missing", (int)o->n_preprocessing);
    if (o->preprocessing && o->n_preprocessing != n->graph->n_inputs)
        return ic_fail(d, IC_E_CHANNELS, "%s: mean, std and reorder are given for %d inputs; the network has %d", n->path,
                       (int)o->n_preprocessing, (int)n->graph->n_inputs);
    for (int32_t i = 0; i < o->n_preprocessing; i++) {
        const inchip_preprocessing *p = &o->preprocessing[i];
        if (p->n_channels < 0 || (p->n_channels > 0 && (!p->mean || !p->std)))
            return ic_fail(d, IC_E_CALL, "inchip_network_build: preprocessing of input %d has %d channels, mean %s, std %s", (int)i,
                           (int)p->n_channels, p->mean ? "given" : "NULL", p->std ? "given" : "NULL");
    }
    return IC_OK;
}

/* The inputs must have been imported with room for it. */
static enum ic_status check_batch(const struct ic_network *n, int32_t batch, struct ic_diag *d)
{
    if (batch < 0)
        return ic_fail(d, IC_E_CALL, "inchip_network_build: batch %d", (int)batch);
    for (int32_t i = 0; batch > 1 && !n->built && i < n->graph->n_inputs; i++) {
        const struct ic_value *v = n->graph->inputs[i].value;
        if (v->rank < 1 || v->dims[0] % batch != 0)
            return ic_fail(d, IC_E_SHAPE_WRONG,
                           "%s: batch %d: input %s does not begin with that many samples: import it with such a shape", n->path,
                           (int)batch, v->name);
    }
    return IC_OK;
}

static enum ic_status check_build(const struct ic_network *n, const inchip_build_options *o, struct ic_diag *d)
{
    if (o->type < INCHIP_BUILD_F32 || o->type > INCHIP_BUILD_S8)
        return ic_fail(d, IC_E_CALL, "inchip_network_build: type %d is unknown", (int)o->type);
    if (o->optimization_level < -1 || o->optimization_level > 3)
        return ic_fail(d, IC_E_CALL,
                       "inchip_network_build: optimization level %d; 1 to 3 is wanted, 0 for the default, -1 for none",
                       (int)o->optimization_level);
    if (!is_codes(o->input_codes) || !is_codes(o->output_codes))
        return ic_fail(d, IC_E_CALL, "inchip_network_build: codes of type %d and %d; INCHIP_U8, INCHIP_S8 or 0 is wanted",
                       (int)o->input_codes, (int)o->output_codes);
    IC_TRY(check_batch(n, o->batch, d));
    return check_preprocessing(n, o, d);
}

int inchip_network_build(inchip_context *context, inchip_network *network, const inchip_build_options *options)
{
    struct ic_diag *d = ic_context_begin(context);
    if (!network || !options)
        return (int)ic_fail(d, IC_E_CALL, "inchip_network_build: network or options is NULL");
    inchip_build_options o = {0};
    const enum ic_status status = ic_context_read_options(&o, sizeof o, options, "inchip_build_options", d);
    if (status != IC_OK)
        return (int)status;
    const enum ic_status checked = check_build(network->network, &o, d);
    if (checked != IC_OK)
        return (int)checked;
    struct ic_preprocessing each[IC_IMPORT_MAX_INPUTS];
    for (int32_t i = 0; i < o.n_preprocessing; i++)
        each[i] = (struct ic_preprocessing){o.preprocessing[i].mean, o.preprocessing[i].std, o.preprocessing[i].n_channels,
                                            o.preprocessing[i].reorder != 0};
    struct progress progress = {.report = o.progress, .user = o.user};
    const struct ic_build_request request = {
        .optimization_level = o.optimization_level == 0    ? 3
                              : o.optimization_level == -1 ? 0
                                                           : o.optimization_level,
        .quantize = {.type = (enum ic_build_type)o.type,
                     .dataset = o.dataset,
                     .batch = o.batch,
                     .input_codes = (enum ic_dtype)o.input_codes,
                     .output_codes = (enum ic_dtype)o.output_codes,
                     .progress = forward_progress,
                     .user = &progress},
        .mean = o.mean,
        .std = o.std,
        .n_channels = o.n_channels,
        .reorder = o.reorder != 0,
        .each = o.preprocessing ? each : NULL,
        .n_each = o.n_preprocessing,
    };
    enum ic_status built = ic_network_build(network->network, &request, d);
    if (built == IC_OK)
        built = ic_command_keep_build(&network->command, &request, o.dataset_name, d);
    return (int)built;
}

/* Before the work: that path can be written, and is not the network itself. */
static enum ic_status check_path(const inchip_network *network, const char *path, struct ic_diag *d)
{
    const struct ic_network *n = network ? network->network : NULL;
    if (n && n->map.os_private && ic_file_is_same(path, n->path))
        return ic_fail(d, IC_E_OPTIONS_CLASH,
                       "%s is the network that was imported and would be overwritten: name another file to write", path);
    return ic_file_check_target(path, d);
}

static enum ic_status pack(inchip_network *network, const inchip_save_options *options, struct ic_writer *w, struct ic_diag *d)
{
    inchip_save_options given = {0}; /* a portable file */
    const inchip_save_options *o = &given;
    if (!network)
        return ic_fail(d, IC_E_CALL, "saving: network is NULL");
    if (options)
        IC_TRY(ic_context_read_options(&given, sizeof given, options, "inchip_save_options", d));
    struct ic_pack_request request = {.keep_portable = o->keep_portable != 0, .options_text = o->options_text};
    if (o->target)
        IC_TRY(ic_target_want("target", o->target, &request.target, d));
    if (network->network->built)
        IC_TRY(ic_command_text(&network->command, &request, &request.command, d));
    return ic_network_pack(network->network, &request, w, d);
}

int inchip_network_save(inchip_context *context, inchip_network *network, const char *path, const inchip_save_options *options)
{
    struct ic_diag *d = ic_context_begin(context);
    if (!path)
        return (int)ic_fail(d, IC_E_CALL, "inchip_network_save: path is NULL");
    struct ic_writer w = {0};
    enum ic_status status = check_path(network, path, d);
    if (status == IC_OK)
        status = pack(network, options, &w, d);
    if (status == IC_OK)
        status = ic_file_write_atomic(path, &(struct ic_span){w.bytes, w.size_bytes}, 1, d);
    ic_writer_destroy(&w);
    return (int)status;
}

int inchip_network_save_memory(inchip_context *context, inchip_network *network, const inchip_save_options *options,
                               void **out_bytes, size_t *out_size_bytes)
{
    struct ic_diag *d = ic_context_begin(context);
    if (!out_bytes || !out_size_bytes)
        return (int)ic_fail(d, IC_E_CALL, "inchip_network_save_memory: out_bytes or out_size_bytes is NULL");
    struct ic_writer w = {0};
    const enum ic_status status = pack(network, options, &w, d);
    if (status != IC_OK) {
        ic_writer_destroy(&w);
        return (int)status;
    }
    *out_bytes = w.bytes; /* the writer's buffer comes from ic_malloc: inchip_free frees it */
    *out_size_bytes = w.size_bytes;
    return INCHIP_OK;
}

int inchip_network_export_onnx(inchip_context *context, const inchip_network *network, const char *path)
{
    struct ic_diag *d = ic_context_begin(context);
    struct ic_writer w = {0};
    if (!network || !path)
        return (int)ic_fail(d, IC_E_CALL, "inchip_network_export_onnx: network or path is NULL");
    enum ic_status status = check_path(network, path, d);
    if (status == IC_OK)
        status = ic_network_export_onnx(network->network, &w, d);
    if (status == IC_OK)
        status = ic_file_write_atomic(path, &(struct ic_span){w.bytes, w.size_bytes}, 1, d);
    ic_writer_destroy(&w);
    return (int)status;
}

void inchip_free(void *bytes)
{
    ic_free(bytes);
}

const char *inchip_target_name(size_t i)
{
    const struct ic_target *t = ic_target_at(i);
    return t ? t->name : NULL;
}

const char *inchip_target_cpu(size_t i)
{
    const struct ic_target *t = ic_target_at(i);
    return t ? t->cpu : NULL;
}

const char *inchip_target_note(size_t i)
{
    const struct ic_target *t = ic_target_at(i);
    return t ? t->note : NULL;
}

static enum ic_status io_buffers(inchip_simulator *s, const struct ic_io *ios, uint32_t n, void ***out, struct ic_diag *d)
{
    void **buffers = ic_arena_array(&s->arena, (size_t)n + 1, sizeof *buffers);
    for (uint32_t i = 0; buffers && i < n; i++)
        if (!(buffers[i] = ic_arena_aligned(&s->arena, (size_t)s->program.tensors[ios[i].tensor].size_bytes, 64)))
            return ic_fail(d, IC_ERR_MEMORY, "no memory for the simulator's buffers");
    *out = buffers;
    return buffers ? IC_OK : ic_fail(d, IC_ERR_MEMORY, "no memory for the simulator's buffers");
}

static enum ic_status open_simulator(inchip_simulator *s, const void *bytes, size_t size_bytes, struct ic_diag *d)
{
    s->bytes = ic_malloc_aligned(size_bytes + 1, 64);
    if (!s->bytes)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for a model of %zu bytes", size_bytes);
    memcpy(s->bytes, bytes, size_bytes);
    bool was_portable = false;
    IC_TRY(ic_container_open(s->bytes, size_bytes, true, &s->container, d));
    IC_TRY(ic_container_program(&s->container, &s->program, &s->consts, &was_portable, d));
    IC_TRY(ic_program_check_memory(&s->program, 0, d));
    IC_TRY(ic_sim_create(&s->program, &s->sim, d));
    IC_TRY(io_buffers(s, s->program.inputs, s->program.n_inputs, &s->inputs, d));
    return io_buffers(s, s->program.outputs, s->program.n_outputs, &s->outputs, d);
}

int inchip_simulator_open(inchip_context *context, const void *bytes, size_t size_bytes, inchip_simulator **out_simulator)
{
    struct ic_diag *d = ic_context_begin(context);
    if (!bytes || !out_simulator)
        return (int)ic_fail(d, IC_E_CALL, "inchip_simulator_open: bytes or out_simulator is NULL");
    inchip_simulator *s = ic_calloc(1, sizeof *s);
    if (!s)
        return (int)ic_fail(d, IC_ERR_MEMORY, "no memory for a simulator");
    const enum ic_status status = open_simulator(s, bytes, size_bytes, d);
    if (status != IC_OK) {
        inchip_simulator_close(s);
        return (int)status;
    }
    *out_simulator = s;
    return INCHIP_OK;
}

void inchip_simulator_close(inchip_simulator *simulator)
{
    if (!simulator)
        return;
    ic_sim_destroy(simulator->sim);
    ic_program_destroy(&simulator->program);
    ic_writer_destroy(&simulator->consts);
    ic_arena_destroy(&simulator->arena);
    ic_free_aligned(simulator->bytes);
    ic_free(simulator);
}

int32_t inchip_simulator_inputs(const inchip_simulator *simulator)
{
    return simulator ? (int32_t)simulator->program.n_inputs : 0;
}

int32_t inchip_simulator_outputs(const inchip_simulator *simulator)
{
    return simulator ? (int32_t)simulator->program.n_outputs : 0;
}

int inchip_simulator_input_info(const inchip_simulator *simulator, int32_t i, inchip_tensor_info *out_info)
{
    return simulator ? ic_context_tensor_info(&simulator->program, true, i, out_info) : INCHIP_ERR_ARG;
}

int inchip_simulator_output_info(const inchip_simulator *simulator, int32_t i, inchip_tensor_info *out_info)
{
    return simulator ? ic_context_tensor_info(&simulator->program, false, i, out_info) : INCHIP_ERR_ARG;
}

int inchip_simulator_set_input(inchip_context *context, inchip_simulator *simulator, int32_t i, const void *data, int32_t dtype,
                               size_t count)
{
    struct ic_diag *d = ic_context_begin(context);
    if (!simulator || !data || i < 0 || i >= inchip_simulator_inputs(simulator))
        return (int)ic_fail(d, IC_E_INPUT_COUNT, "inchip_simulator_set_input: no input %d, or no data", (int)i);
    return (int)ic_io_convert_in(&simulator->program, (uint32_t)i, data, (enum ic_dtype)dtype, count, simulator->inputs[i], d);
}

int inchip_simulator_get_output(inchip_context *context, inchip_simulator *simulator, int32_t i, float *out_values, size_t count)
{
    struct ic_diag *d = ic_context_begin(context);
    if (!simulator || !out_values || i < 0 || i >= inchip_simulator_outputs(simulator))
        return (int)ic_fail(d, IC_E_INPUT_COUNT, "inchip_simulator_get_output: no output %d, or no place for it", (int)i);
    const struct ic_tensor *t = &simulator->program.tensors[simulator->program.outputs[i].tensor];
    const size_t wanted = (size_t)t->size_bytes / ic_dtype_bytes((enum ic_dtype)t->dtype);
    if (count != wanted)
        return (int)ic_fail(d, IC_E_DATA_SIZE, "output %d has %zu values, %zu asked for", (int)i, wanted, count);
    ic_io_to_f32(t, simulator->outputs[i], out_values, count);
    return INCHIP_OK;
}

void *inchip_simulator_input(inchip_simulator *simulator, int32_t i)
{
    return simulator && i >= 0 && i < inchip_simulator_inputs(simulator) ? simulator->inputs[i] : NULL;
}

const void *inchip_simulator_output(const inchip_simulator *simulator, int32_t i)
{
    return i >= 0 && i < inchip_simulator_outputs(simulator) ? simulator->outputs[i] : NULL;
}

int inchip_simulator_run(inchip_context *context, inchip_simulator *simulator)
{
    struct ic_diag *d = ic_context_begin(context);
    if (!simulator)
        return (int)ic_fail(d, IC_E_CALL, "inchip_simulator_run: simulator is NULL");
    struct ic_trouble trouble = {.program = &simulator->program, .sim = simulator->sim};
    for (uint32_t i = 0; i < simulator->program.n_inputs; i++)
        ic_trouble_look_at_input(&trouble, i, simulator->inputs[i]);
    const enum ic_status status = ic_sim_run(simulator->sim, (const void *const *)simulator->inputs, simulator->outputs,
                                             ic_trouble_tap, &trouble, d);
    if (status == IC_OK && trouble.found)
        ic_say(d, 'W', "%s", trouble.text);
    return (int)status;
}
