/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip convert: a trained network to a model file, portable or compiled for a chip.
 */
#include "cli/cli.h"
#include "cli/config.h"
#include "cli/json.h"
#include "toolchain_command.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct convert_options {
    struct ic_arg_list inputs, means, stds, outputs, constants;
    const char *output, *dtype, *dataset, *target, *layout, *config, *weights, *method, *c_array, *format;
    const char *input_codes, *output_codes;
    const char *second; /* the output's name without a flag before it, or NULL */
    bool onnx, as_imported, keep_portable, reorder, trace, drop_in, dry_run, json;
    int level, batch;
    struct ic_arena arena;
    struct ic_diag *d;
    bool terminal;
};

static const struct ic_arg *convert_args(struct convert_options *o)
{
    static struct ic_arg args[28];
    const struct ic_arg list[] = {
        {"--output", "-o", IC_ARG_TEXT, &o->output, "FILE", "the model file to write, or an ONNX model when it ends in .onnx"},
        {"--input", "-i", IC_ARG_LIST, &o->inputs, "[NAME=]SHAPE[:DTYPE]", "an input's shape, such as x=1x784; once per input"},
        {"--dtype", NULL, IC_ARG_TEXT, &o->dtype, "TYPE",
         "float32 (default), float16, uint8 or int8 (true integers; need --dataset)"},
        {"--dataset", NULL, IC_ARG_TEXT, &o->dataset, "LIST", "calibration list for integers: a picture or .npy per line"},
        {"--target", "-t", IC_ARG_TEXT, &o->target, "CHIP",
         "compile for a chip (rv1109, cortex-a53, x86-64 ...); without: a portable file"},
        {"--keep-portable", NULL, IC_ARG_FLAG, &o->keep_portable, NULL, "with --target: keep the portable graph in the file too"},
        {"--c-array", NULL, IC_ARG_TEXT, &o->c_array, "NAME",
         "write a C source with the model as a constant array of this name, for flash (docs/c-api.md)"},
        {"--layout", NULL, IC_ARG_TEXT, &o->layout, "nchw|nhwc",
         "the order of the network's own four-dimensional inputs, where the file does not tell (default nchw)"},
        {"--mean", NULL, IC_ARG_LIST, &o->means, "A,B,C",
         "per channel, subtracted from the input (default 0, or none); once for all inputs or once per input"},
        {"--std", NULL, IC_ARG_LIST, &o->stds, "A,B,C",
         "per channel, the input is then divided by (default 1, or none); as often as --mean"},
        {"--input-codes", NULL, IC_ARG_TEXT, &o->input_codes, "TYPE",
         "uint8 or int8: inputs enter as the codes of the network's own first quantizing, or as a picture's bytes (float types)"},
        {"--output-codes", NULL, IC_ARG_TEXT, &o->output_codes, "TYPE",
         "uint8 or int8: outputs that the network dequantizes last leave as the codes (float types)"},
        {"--reorder", NULL, IC_ARG_FLAG, &o->reorder, NULL, "swap channels 0 and 2 of the input before mean and std"},
        {"--batch", NULL, IC_ARG_INT, &o->batch, "N",
         "N samples at once: inputs begin with N instead of 1, results are those of N runs"},
        {"--rank1-is-batch1", NULL, IC_ARG_FLAG, &o->drop_in, NULL,
         "an input given as [K] becomes [1, K], as the RKNN drop-in does"},
        {"--take", NULL, IC_ARG_LIST, &o->outputs, "NAME",
         "take this output alone, in ONNX any tensor or node; once per output (--input TENSOR=SHAPE begins inside)"},
        {"--weights", NULL, IC_ARG_TEXT, &o->weights, "FILE",
         "retrained weights in place of the network's own: a state dict (.pth) or safetensors with the same names and shapes"},
        {"--method", NULL, IC_ARG_TEXT, &o->method, "NAME",
         "the method of a TorchScript file that is the network (default forward)"},
        {"--constant", NULL, IC_ARG_LIST, &o->constants, "NAME=NUMBER",
         "make this input of an ONNX network a constant, so that branches and shapes that ask for it are decided"},
        {"--config", NULL, IC_ARG_TEXT, &o->config, "FILE.yaml",
         "take options from a file: keys named like these flags, or the vendor's rknn_convert models"},
        {"--format", NULL, IC_ARG_TEXT, &o->format, "ic|onnx", "what to write, whatever the output's name ends in"},
        {"--as-imported", NULL, IC_ARG_FLAG, &o->as_imported, NULL, "write the ONNX model as imported, before any optimization"},
        {"--optimize", "-O", IC_ARG_INT, &o->level, "LEVEL", "0 to 3 (default 3)"},
        {"--trace", NULL, IC_ARG_FLAG, &o->trace, NULL, "print the graph after each pass that changed it"},
        {"--dry-run", NULL, IC_ARG_FLAG, &o->dry_run, NULL, "import and check everything, print what would be made, write nothing"},
        {"--json", NULL, IC_ARG_FLAG, &o->json, NULL, "print what was made as JSON"},
        {0},
    };
    IC_ARGS_KEEP(args, list);
    return args;
}

static void print_pass(void *user, const char *pass, const struct ic_graph *g)
{
    (void)user;
    struct ic_writer w = {0};
    ic_ir_print(g, false, &w);
    ic_cli_printf("after %s:\n%.*s\n", pass, (int)w.size_bytes, w.bytes ? (const char *)w.bytes : "");
    ic_writer_destroy(&w);
}

static void print_progress(void *user, size_t done, size_t total)
{
    const struct convert_options *o = user;
    if (o->terminal)
        fprintf(stderr, "\rcalibrating %zu of %zu%s", done, total, done == total ? "\n" : "");
    else if (done == total)
        ic_say(o->d, 'I', "calibrated on %zu sample%s", total, IC_S(total));
}

static enum ic_status build_type(const char *name, enum ic_build_type *out, struct ic_diag *d)
{
    static const struct {
        const char *name;
        enum ic_build_type type;
    } types[] = {{"float32", IC_BUILD_F32}, {"f32", IC_BUILD_F32}, {"float16", IC_BUILD_F16}, {"f16", IC_BUILD_F16},
                 {"uint8", IC_BUILD_U8},    {"u8", IC_BUILD_U8},   {"int8", IC_BUILD_S8},     {"s8", IC_BUILD_S8}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(name, types[i].name) == 0) {
            *out = types[i].type;
            return IC_OK;
        }
    static const char *const other[][2] = {{"fp32", "float32"}, {"float", "float32"},    {"fp16", "float16"}, {"half", "float16"},
                                           {"bf16", "float16"}, {"bfloat16", "float16"}, {"i8", "int8"},      {"int16", "int8"}};
    const char *names[] = {"float32", "float16", "uint8", "int8", NULL};
    char lower[16] = "";
    for (size_t i = 0; name[i] && i + 1 < sizeof lower; i++)
        lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
    const char *near = ic_cli_nearest(lower, names);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        near = strcmp(lower, other[i][0]) == 0 ? other[i][1] : near;
    return ic_fail(d, IC_E_OPTION_VALUE, "--dtype %s: unknown; float32, float16, uint8 or int8 is wanted%s%s%s", name,
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static enum ic_status codes_type(const char *flag, const char *name, enum ic_dtype *out, struct ic_diag *d)
{
    *out = !name ? IC_DTYPE_NONE : strcmp(name, "uint8") == 0 || !strcmp(name, "u8") ? IC_U8 : IC_S8;
    if (*out == IC_S8 && strcmp(name, "int8") != 0 && strcmp(name, "s8") != 0)
        return ic_fail(d, IC_E_OPTION_VALUE, "%s %s: unknown; uint8 or int8 is wanted", flag, name);
    return IC_OK;
}

static enum ic_status find_target(const char *name, const struct ic_target **out, struct ic_diag *d)
{
    *out = NULL;
    return name ? ic_target_want("--target", name, out, d) : IC_OK;
}

static enum ic_status preprocess_one(struct convert_options *o, const char *mean_text, const char *std_text,
                                     struct ic_preprocessing *out, struct ic_diag *d)
{
    float *mean = NULL, *std = NULL;
    int32_t n_mean = 0, n_std = 0;
    if (mean_text && strcmp(mean_text, "none") != 0)
        IC_TRY(ic_cli_parse_numbers("--mean", mean_text, &mean, &n_mean, &o->arena, d));
    if (std_text && strcmp(std_text, "none") != 0)
        IC_TRY(ic_cli_parse_numbers("--std", std_text, &std, &n_std, &o->arena, d));
    if (n_mean && n_std && n_mean != n_std)
        return ic_fail(d, IC_E_CHANNELS, "--mean has %d number%s and --std %d: give one per channel to both", (int)n_mean,
                       IC_S(n_mean), (int)n_std);
    out->n_channels = n_mean > n_std ? n_mean : n_std;
    float *fill = ic_arena_array(&o->arena, (size_t)out->n_channels + 1, sizeof *fill);
    if (!fill)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for mean and std");
    for (int32_t i = 0; i < out->n_channels; i++) {
        fill[i] = mean ? 1.0f : 0.0f;
        if (std && std[i] == 0.0f)
            return ic_fail(d, IC_E_STD_ZERO,
                           "--std %s: number %d is 0, and the input is divided by it: 1 leaves a channel as it is", std_text,
                           (int)i + 1);
    }
    out->mean = mean ? mean : fill;
    out->std = std ? std : fill;
    out->reorder = o->reorder;
    return IC_OK;
}

/* The i-th of a flag that may be given once for all inputs. */
static const char *of_input(const struct ic_arg_list *list, int i)
{
    return list->n == 0 ? NULL : list->items[list->n == 1 ? 0 : i];
}

static enum ic_status preprocessing(struct convert_options *o, const struct ic_graph *g, struct ic_build_request *r,
                                    struct ic_diag *d)
{
    if ((o->means.n > 1 && o->means.n != g->n_inputs) || (o->stds.n > 1 && o->stds.n != g->n_inputs))
        return ic_fail(d, IC_E_CHANNELS,
                       "--mean is given %d and --std %d times, the network has %d input%s: give each once, or once per input",
                       o->means.n, o->stds.n, (int)g->n_inputs, IC_S(g->n_inputs));
    struct ic_preprocessing *each = ic_arena_array(&o->arena, (size_t)g->n_inputs + 1, sizeof *each);
    if (!each)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for mean and std");
    for (int32_t i = 0; i < g->n_inputs; i++)
        IC_TRY(preprocess_one(o, of_input(&o->means, i), of_input(&o->stds, i), &each[i], d));
    r->each = each;
    r->n_each = g->n_inputs;
    return IC_OK;
}

static enum ic_status set_layout(const struct convert_options *o, struct ic_graph *g, struct ic_diag *d)
{
    if (!o->layout)
        return IC_OK;
    const bool nhwc = strcmp(o->layout, "nhwc") == 0;
    if (!nhwc && strcmp(o->layout, "nchw") != 0)
        return ic_fail(d, IC_E_OPTION_VALUE, "--layout %s: nchw or nhwc", o->layout);
    int32_t n = 0;
    for (int32_t i = 0; i < g->n_inputs; i++)
        if (g->inputs[i].value->rank == 4) {
            g->inputs[i].format = nhwc ? 2 : 1;
            n++;
        }
    return n ? IC_OK : ic_fail(d, IC_E_OPTIONS_CLASH, "--layout %s: the network has no input of four dimensions", o->layout);
}

static enum ic_status parse_constants(struct convert_options *o, const struct ic_import_constant **out, struct ic_diag *d)
{
    struct ic_import_constant *c = ic_arena_array(&o->arena, (size_t)o->constants.n + 1, sizeof *c);
    if (!c)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for the constants");
    for (int i = 0; i < o->constants.n; i++) {
        const char *text = o->constants.items[i], *equals = strrchr(text, '=');
        char *end = NULL;
        c[i].value = equals ? strtod(equals + 1, &end) : 0;
        if (!equals || equals == text || end == equals + 1 || *end)
            return ic_fail(d, IC_E_OPTION_VALUE, "--constant %s: NAME=NUMBER is wanted, such as sr=16000", text);
        c[i].name = ic_arena_text(&o->arena, text, (size_t)(equals - text));
        if (!c[i].name)
            return ic_fail(d, IC_ERR_MEMORY, "no memory for the constants");
    }
    *out = c;
    return IC_OK;
}

static enum ic_status import_network(const char *path, struct convert_options *o, struct ic_network **out, struct ic_diag *d)
{
    struct ic_import_input *inputs = ic_arena_array(&o->arena, (size_t)o->inputs.n + 1, sizeof *inputs);
    if (!inputs)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for the input shapes");
    for (int i = 0; i < o->inputs.n; i++)
        IC_TRY(ic_cli_parse_input(o->inputs.items[i], &inputs[i], &o->arena, d));
    const struct ic_import_constant *constants = NULL;
    IC_TRY(parse_constants(o, &constants, d));
    const struct ic_import_options options = {.inputs = inputs,
                                              .n_inputs = o->inputs.n,
                                              .outputs = o->outputs.items,
                                              .n_outputs = o->outputs.n,
                                              .weights_path = o->weights,
                                              .method = o->method,
                                              .constants = constants,
                                              .n_constants = o->constants.n,
                                              .drop_in_batch1 = o->drop_in,
                                              .limits = ic_import_limits_default()};
    return ic_network_import_batch(path, &options, o->batch, out, d);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Whether the flag that argument i names takes the argument behind it. */
static const struct ic_arg *takes_next(const struct ic_arg *args, const char *text)
{
    for (; args->name; args++)
        if (args->kind != IC_ARG_FLAG && (strcmp(text, args->name) == 0 || (args->short_name && !strcmp(text, args->short_name))))
            return args;
    return NULL;
}

static bool is_among(const char *text, size_t length, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == length && strncmp(text, *words, length) == 0)
            return true;
    return false;
}

static const char *add_word(const char *text, const char *word, struct ic_arena *a)
{
    const char *shown = word ? ic_command_word(word, a) : NULL;
    return text && shown ? ic_arena_printf(a, "%s %s", text, shown) : NULL;
}

/* What the file remembers of how it was made: without the output's name, so that the same options give the same bytes, and without folders
 * of this machine. */
static const char *options_text(int argc, char **argv, const char *output, const struct ic_arg *args, struct ic_arena *a)
{
    static const char *const left_out[] = {"--trace", "--dry-run", "--json", "-o", "--output", "--c-array", NULL};
    static const char *const files[] = {"--dataset", "--weights", NULL};
    const char *text = "inchip convert";
    bool only_files = false; /* behind -- */
    for (int i = 0; i < argc && text; i++) {
        const char *word = argv[i], *equals = strchr(word, '=');
        const bool is_flag = !only_files && word[0] == '-' && word[1];
        const size_t length = equals && word[1] == '-' ? (size_t)(equals - word) : strlen(word);
        const bool has_value = is_flag && i + 1 < argc && takes_next(args, word);
        if (is_flag && is_among(word, length, left_out)) {
            i += has_value;
        } else if (is_flag && is_among(word, length, files)) {
            const char *name = base_name(has_value ? argv[++i] : word + length + 1);
            text = has_value ? add_word(add_word(text, word, a), name, a)
                             : add_word(text, ic_arena_printf(a, "%.*s=%s", (int)length, word, name), a);
        } else if (word != output) {
            const char *name = is_flag ? word : ic_command_file(word, a);
            if (!is_flag || strcmp(word, "--") != 0)
                text = add_word(text, name, a);
            text = has_value ? add_word(text, argv[++i], a) : text;
        }
        only_files = only_files || (is_flag && strcmp(word, "--") == 0);
    }
    return text;
}

static void say_what_it_is(const struct ic_target *t, const struct ic_writer *bytes, const char *path, const struct ic_diag *d)
{
    const double kb = (double)bytes->size_bytes / 1024.0;
    if (!t)
        ic_say(d, 'I',
               "%s: portable, %.1f KB; runs on the simulator and on full runtimes. For a board with the mini runtime add --target "
               "CHIP",
               path, kb);
    else
        ic_say(d, 'I', "%s: compiled for %s (%s CPU program), %.1f KB; runs on the simulator too%s%s", path, t->name, t->cpu, kb,
               *t->note ? ". " : "", t->note);
}

/* model -> model.ic (or .c); what has an extension, or is a device, stays as typed. */
static const char *with_extension(const char *path, const char *extension, struct ic_arena *a)
{
    const char *name = base_name(path);
    const bool bare = *name && !strchr(name, '.') && strncmp(path, "/dev/", 5) != 0;
    return bare ? ic_arena_printf(a, "%s.%s", path, extension) : path;
}

static json_t *ends_json(const struct ic_graph_input *ends, int32_t n)
{
    json_t *array = json_array();
    for (int32_t i = 0; i < n; i++)
        json_array_append_new(array, json_pack("{s:o, s:s, s:o}", "name", ic_json_text(ends[i].value->name), "dtype",
                                               ic_dtype_name(ends[i].value->dtype), "shape",
                                               ic_cli_json_dims((uint32_t)ends[i].value->rank, ends[i].value->dims)));
    return array;
}

/* size_bytes 0: nothing was written. */
static enum ic_status print_json(const struct ic_network *n, const struct convert_options *o, const char *text, size_t size_bytes,
                                 struct ic_diag *d)
{
    return ic_cli_print_json(json_pack("{s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:b, s:I}", "source", ic_json_text(n->file_name),
                                       "file", ic_json_text(o->output), "dtype", o->dtype, "target", o->target ? o->target : "",
                                       "command", ic_json_text(text), "inputs", ends_json(n->graph->inputs, n->graph->n_inputs),
                                       "outputs", ends_json(n->graph->outputs, n->graph->n_outputs), "written", size_bytes > 0,
                                       "bytes", (json_int_t)size_bytes),
                             d);
}

static void print_ends(const char *what, const struct ic_graph_input *ends, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        char shape[128];
        ic_cli_shape_text(shape, sizeof shape, ends[i].value->rank, ends[i].value->dims);
        ic_cli_printf("%s %s %s %s\n", what, ends[i].value->name, shape, ic_dtype_name(ends[i].value->dtype));
    }
}

/* --dry-run: everything but building and writing was done. */
static enum ic_status print_plan(const struct ic_network *n, const struct convert_options *o, const char *text, struct ic_diag *d)
{
    struct ic_file_map list = {0};
    enum ic_build_type type = IC_BUILD_F32;
    IC_TRY(build_type(o->dtype, &type, d));
    if (ic_build_is_integer(type))
        IC_TRY(ic_file_map_open(o->dataset, &list, d));
    ic_file_map_close(&list);
    if (o->json)
        return print_json(n, o, text, 0, d);
    ic_cli_printf("%s\n", text);
    print_ends("input", n->graph->inputs, n->graph->n_inputs);
    print_ends("output", n->graph->outputs, n->graph->n_outputs);
    ic_cli_printf("would be built as %s, %s%s, and written to %s\n", o->dtype, o->target ? "compiled for " : "portable",
                  o->target ? o->target : "", o->output);
    return IC_OK;
}

static enum ic_status write_onnx(const struct ic_network *n, const struct convert_options *o, const char *text, struct ic_diag *d)
{
    struct ic_writer bytes = {0};
    enum ic_status status = ic_network_export_onnx(n, &bytes, d);
    if (status == IC_OK)
        status = ic_file_write_atomic(o->output, &(struct ic_span){bytes.bytes, bytes.size_bytes}, 1, d);
    if (status == IC_OK)
        ic_say(d, 'I', "%s: ONNX model of opset 17, %.1f KB, the network as %s", o->output, (double)bytes.size_bytes / 1024.0,
               o->as_imported ? "imported" : "built");
    if (status == IC_OK && o->json)
        status = print_json(n, o, text, bytes.size_bytes, d);
    ic_writer_destroy(&bytes);
    return status;
}

static enum ic_status write_model(const struct ic_network *n, const struct convert_options *o, const struct ic_target *target,
                                  const char *text, struct ic_diag *d)
{
    const struct ic_pack_request request = {.target = target, .keep_portable = o->keep_portable, .options_text = text};
    struct ic_writer bytes = {0}, source = {0};
    enum ic_status status = ic_network_pack(n, &request, &bytes, d);
    if (status == IC_OK && o->c_array)
        status = ic_cli_c_array(o->c_array, bytes.bytes, bytes.size_bytes, &source, d);
    const struct ic_writer *file = o->c_array ? &source : &bytes;
    if (status == IC_OK)
        status = ic_file_write_atomic(o->output, &(struct ic_span){file->bytes, file->size_bytes}, 1, d);
    if (status == IC_OK)
        say_what_it_is(target, &bytes, o->output, d);
    const size_t length = strlen(o->output);
    if (status == IC_OK && length > 5 && strcmp(o->output + length - 5, ".rknn") == 0)
        ic_say(d, 'I', "%s: a model file of inchip whatever its extension: inchip's librknn_api.so opens it, the vendor's does not",
               o->output);
    if (status == IC_OK && o->json)
        status = print_json(n, o, text, bytes.size_bytes, d);
    ic_writer_destroy(&bytes);
    ic_writer_destroy(&source);
    return status;
}

static enum ic_status make(struct ic_network *n, struct convert_options *o, struct ic_build_request *request,
                           const struct ic_target *target, const char *text, struct ic_diag *d)
{
    IC_TRY(set_layout(o, n->graph, d));
    IC_TRY(preprocessing(o, n->graph, request, d));
    if (o->dry_run)
        return print_plan(n, o, text, d);
    if (!o->as_imported)
        IC_TRY(ic_network_build(n, request, d));
    return o->onnx ? write_onnx(n, o, text, d) : write_model(n, o, target, text, d);
}

/* Whether an ONNX model is to be written, and what does not go with it. */
static enum ic_status choose_format(struct convert_options *o, struct ic_diag *d)
{
    const size_t length = strlen(o->output);
    if (o->format && strcmp(o->format, "onnx") != 0 && strcmp(o->format, "ic") != 0)
        return ic_fail(d, IC_E_OPTION_VALUE, "--format %s: ic or onnx is wanted", o->format);
    o->onnx = o->format ? strcmp(o->format, "onnx") == 0 : length > 5 && strcmp(o->output + length - 5, ".onnx") == 0;
    if (o->onnx && (o->target || o->keep_portable || o->c_array))
        return ic_fail(d, IC_E_OPTIONS_CLASH, "%s: an ONNX model is for no chip: leave %s out, or name the output model.ic",
                       o->output,
                       o->c_array  ? "--c-array"
                       : o->target ? "--target"
                                   : "--keep-portable");
    if (o->as_imported && !o->onnx)
        return ic_fail(d, IC_E_OPTIONS_CLASH, "--as-imported is for ONNX models: name the output model.onnx");
    if (o->as_imported && strcmp(o->dtype, "float32") != 0)
        return ic_fail(d, IC_E_OPTIONS_CLASH, "--dtype %s is applied after optimization: leave --as-imported out", o->dtype);
    return IC_OK;
}

/* Nobody wants a trained network, its weights or its list replaced by the result. */
static enum ic_status spare_sources(const char *path, const struct convert_options *o, struct ic_diag *d)
{
    const char *const sources[] = {path, o->weights, o->dataset, o->config};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (ic_file_is_same(sources[i], o->output))
            return ic_fail(d, IC_E_OPTIONS_CLASH,
                           "%s is read and would be overwritten: name another file to write, for example -o model.ic", o->output);
    return o->c_array ? IC_OK : ic_cli_spare_other(o->output, o->onnx, d);
}

static enum ic_status convert(const char *path, struct convert_options *o, const char *text, struct ic_diag *d)
{
    struct ic_build_request request = {
        .optimization_level = o->level,
        .quantize = {.dataset = o->dataset, .batch = o->batch, .progress = print_progress, .user = o},
        .after_pass = o->trace ? print_pass : NULL};
    const struct ic_target *target = NULL;
    struct stat at;
    if (!text)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for the options");
    if (!path)
        return ic_fail(d, IC_E_OPTION_MISSING, "name the network to convert: inchip convert MODEL -o OUT");
    if (!o->output && !o->dry_run)
        return ic_fail(d, IC_E_OPTION_MISSING, "name the file to write: -o model.ic");
    o->output = o->output ? o->output : "model.ic"; /* nothing will be written */
    if (stat(o->output, &at) == 0 && S_ISDIR(at.st_mode))
        return ic_fail(d, IC_E_FOLDER, "%s: is a folder; name the file to write in it, for example -o %s/model.ic", o->output,
                       o->output);
    if (!(o->output = with_extension(o->output,
                                     o->c_array                                    ? "c"
                                     : o->format && strcmp(o->format, "onnx") == 0 ? "onnx"
                                                                                   : "ic",
                                     &o->arena)))
        return ic_fail(d, IC_ERR_MEMORY, "no memory for the name of the file to write");
    if (o->level < 0 || o->level > 3)
        return ic_fail(d, IC_E_OPTION_VALUE, "--optimize %d: 0 to 3 is possible", o->level);
    if (o->batch < 1 || o->batch > 4096)
        return ic_fail(d, IC_E_OPTION_VALUE, "--batch %d: 1 to 4096 is possible", o->batch);
    IC_TRY(ic_file_check_target(o->output, d));
    IC_TRY(choose_format(o, d));
    IC_TRY(spare_sources(path, o, d));
    IC_TRY(build_type(o->dtype, &request.quantize.type, d));
    IC_TRY(codes_type("--input-codes", o->input_codes, &request.quantize.input_codes, d));
    IC_TRY(codes_type("--output-codes", o->output_codes, &request.quantize.output_codes, d));
    if (o->as_imported && (o->input_codes || o->output_codes))
        return ic_fail(d, IC_E_OPTIONS_CLASH, "codes at the edges are made by building: leave --as-imported out");
    IC_TRY(find_target(o->target, &target, d));
    if (ic_build_is_integer(request.quantize.type) && !o->dataset)
        return ic_fail(d, IC_E_DATASET_NEEDED,
                       "--dtype %s needs --dataset LIST: a text file with a picture or .npy per line to measure ranges on",
                       o->dtype);
    if (!ic_build_is_integer(request.quantize.type) && o->dataset)
        ic_say(d, 'W',
               "--dataset %s: --dtype %s measures no ranges, the list is not read; integers are made with --dtype uint8 or int8",
               o->dataset, o->dtype);
    if (o->keep_portable && !target)
        ic_say(d, 'W', "--keep-portable: without --target the file is portable anyway");
    struct ic_network *n = NULL;
    IC_TRY(import_network(path, o, &n, d));
    const enum ic_status status = make(n, o, &request, target, text, d);
    ic_network_destroy(n);
    return status;
}

static enum ic_status parse(int argc, char **argv, struct convert_options *o, const char **out_path, struct ic_diag *d)
{
    int n = 0;
    const char *paths[2] = {NULL, NULL};
    *o = (struct convert_options){
        .dtype = "float32", .level = 3, .batch = 1, .d = d, .terminal = isatty(STDERR_FILENO) != 0, .arena = o->arena};
    IC_TRY(ic_cli_parse(argc, argv, convert_args(o), paths, 2, &n, d));
    *out_path = paths[0];
    struct ic_import_input shape;
    struct ic_diag quiet = {0};
    if (paths[1] && ic_cli_parse_input(paths[1] + (*paths[1] == '='), &shape, &o->arena, &quiet) == IC_OK && shape.rank > 0)
        return ic_fail(d, IC_E_OPTION_MISSING, "%s is a shape: write --input NAME=%s, without blanks", paths[1],
                       paths[1] + (*paths[1] == '='));
    if (paths[1] && o->output)
        return ic_fail(d, IC_E_OPTIONS_CLASH, "two names for the output: %s and -o %s", paths[1], o->output);
    o->second = paths[1];
    o->output = paths[1] ? paths[1] : o->output;
    return IC_OK;
}

/* ---- --config ---- */

static bool is_flag(const char *text, const char *flag, const char *short_flag)
{
    const size_t n = strlen(flag);
    return strcmp(text, short_flag) == 0 || (strncmp(text, flag, n) == 0 && (text[n] == '\0' || text[n] == '='));
}

/* Lists add up: of a list that the command line gives itself, the file's is left out. */
static bool is_overruled(const char *arg, int argc, char **argv)
{
    static const char *const lists[][2] = {
        {"--input", "-i"}, {"--mean", "--mean"}, {"--std", "--std"}, {"--take", "--take"}, {"--constant", "--constant"}};
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
        for (int i = 0; strcmp(arg, lists[k][0]) == 0 && i < argc; i++)
            if (is_flag(argv[i], lists[k][0], lists[k][1]))
                return true;
    return false;
}

/* The file's flags, then the command line's, which count where both give one. */
static int merge(const struct ic_config_model *m, int argc, char **argv, char **out)
{
    int n = 0;
    for (int i = 0; i < m->n_args; i++) {
        if (is_overruled(m->args[i], argc, argv))
            i++;
        else
            out[n++] = m->args[i];
    }
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--config") == 0)
            i++;
        else if (strncmp(argv[i], "--config=", 9) != 0)
            out[n++] = argv[i];
    }
    return n;
}

/* file: named when it holds several models, else NULL. */
static enum ic_status convert_entry(const struct ic_config_model *m, const char *file, int argc, char **argv,
                                    struct convert_options *o, struct ic_diag *d)
{
    char **all = ic_arena_array(&o->arena, (size_t)(m->n_args + argc) + 2, sizeof *all);
    if (!all)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for the options");
    const char *path = NULL;
    int n = merge(m, argc, argv, all);
    IC_TRY(parse(n, all, o, &path, d));
    if (!path && m->path) {
        path = m->path;
        memmove(all + 1, all, (size_t)n * sizeof *all);
        all[0] = ic_arena_printf(&o->arena, "%s", m->path);
        n++;
    }
    const size_t length = o->output ? strlen(o->output) : 0;
    if (*m->name && (!o->output || o->output[length - (length > 0)] == '/'))
        o->output = ic_arena_printf(&o->arena, "%s%s.ic", o->output ? o->output : "", m->name);
    else if (file)
        return ic_fail(d, IC_E_OPTIONS_CLASH, "-o %s: %s holds several models: name a folder, with / at its end", o->output, file);
    return convert(path, o, options_text(n, all, o->second, convert_args(o), &o->arena), d);
}

static enum ic_status convert_config(const char *file, int argc, char **argv, struct convert_options *o, struct ic_diag *d)
{
    struct ic_config *config = ic_arena_array(&o->arena, 1, sizeof *config);
    if (!config)
        return ic_fail(d, IC_ERR_MEMORY, "%s: no memory for its options", file);
    IC_TRY(ic_config_load(file, config, &o->arena, d));
    for (int i = 0; i < config->n_models; i++)
        IC_TRY(convert_entry(&config->models[i], config->n_models == 1 ? NULL : file, argc, argv, o, d));
    return IC_OK;
}

int ic_verb_convert(int argc, char **argv, bool help, struct ic_diag *d)
{
    struct convert_options o = {0};
    if (help) {
        ic_cli_print_options(convert_args(&o));
        return IC_EXIT_OK;
    }
    const char *path = NULL;
    enum ic_status status = parse(argc, argv, &o, &path, d);
    if (status == IC_OK && o.config)
        status = convert_config(o.config, argc, argv, &o, d);
    else if (status == IC_OK)
        status = convert(path, &o, options_text(argc, argv, o.second, convert_args(&o), &o.arena), d);
    ic_arena_destroy(&o.arena);
    return status == IC_OK ? IC_EXIT_OK : IC_EXIT_ERROR;
}
