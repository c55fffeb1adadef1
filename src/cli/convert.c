/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip convert: a trained network to a model file, portable or compiled for a chip.
 */
#include "cli/cli.h"

#include "base/os.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct convert_options {
    struct ic_arg_list inputs;
    const char *output, *dtype, *dataset, *target, *mean, *std;
    bool keep_portable, reorder, trace, drop_in;
    int level;
    struct ic_arena arena;
    struct ic_diag *d;
    bool terminal;
};

static const struct ic_arg *convert_args(struct convert_options *o)
{
    static struct ic_arg args[16];
    const struct ic_arg list[] = {
        {"--output", "-o", IC_ARG_TEXT, &o->output, "FILE", "the model file to write"},
        {"--input", "-i", IC_ARG_LIST, &o->inputs, "[NAME=]SHAPE[:DTYPE]", "an input's shape, such as x=1x784; once per input"},
        {"--dtype", NULL, IC_ARG_TEXT, &o->dtype, "TYPE", "float32 (default), float16, or uint8 (true integers; needs --dataset)"},
        {"--dataset", NULL, IC_ARG_TEXT, &o->dataset, "LIST", "calibration list for uint8: a picture or .npy per line"},
        {"--target", "-t", IC_ARG_TEXT, &o->target, "CHIP",
         "compile for a chip (rv1109, cortex-a53, x86-64 ...); without: a portable file"},
        {"--keep-portable", NULL, IC_ARG_FLAG, &o->keep_portable, NULL, "with --target: keep the portable graph in the file too"},
        {"--mean", NULL, IC_ARG_TEXT, &o->mean, "A,B,C", "per channel, subtracted from the input (default 0)"},
        {"--std", NULL, IC_ARG_TEXT, &o->std, "A,B,C", "per channel, the input is then divided by (default 1)"},
        {"--reorder", NULL, IC_ARG_FLAG, &o->reorder, NULL, "swap channels 0 and 2 of the input before mean and std"},
        {"--rank1-is-batch1", NULL, IC_ARG_FLAG, &o->drop_in, NULL,
         "an input given as [K] becomes [1, K], as the RKNN drop-in does"},
        {"--optimize", "-O", IC_ARG_INT, &o->level, "LEVEL", "0 to 3 (default 3)"},
        {"--trace", NULL, IC_ARG_FLAG, &o->trace, NULL, "print the graph after each pass that changed it"},
        {0},
    };
    memcpy(args, list, sizeof list);
    return args;
}

static void print_pass(void *user, const char *pass, const struct ic_graph *g)
{
    (void)user;
    struct ic_writer w = {0};
    ic_ir_print(g, false, &w);
    printf("after %s:\n%.*s\n", pass, (int)w.size_bytes, w.bytes ? (const char *)w.bytes : "");
    ic_writer_destroy(&w);
}

static void print_progress(void *user, size_t done, size_t total)
{
    const struct convert_options *o = user;
    if (o->terminal)
        fprintf(stderr, "\rcalibrating %zu of %zu%s", done, total, done == total ? "\n" : "");
    else if (done == total)
        ic_say(o->d, 'I', "calibrated on %zu sample(s)", total);
}

static enum ic_status build_type(const char *name, enum ic_build_type *out, struct ic_diag *d)
{
    static const struct {
        const char *name;
        enum ic_build_type type;
    } types[] = {{"float32", IC_BUILD_F32}, {"f32", IC_BUILD_F32},  {"float16", IC_BUILD_F16},
                 {"f16", IC_BUILD_F16},     {"uint8", IC_BUILD_U8}, {"u8", IC_BUILD_U8}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(name, types[i].name) == 0) {
            *out = types[i].type;
            return IC_OK;
        }
    return ic_fail(d, IC_ERR_ARG, "--dtype %s: unknown; this version builds float32, float16 and uint8", name);
}

static enum ic_status find_target(const char *name, const struct ic_target **out, struct ic_diag *d)
{
    *out = name ? ic_target_find(name) : NULL;
    if (!name || *out)
        return IC_OK;
    const char *near = ic_target_nearest(name);
    return ic_fail(d, IC_ERR_TARGET, "--target %s: unknown chip%s%s%s", name, near ? "; did you mean '" : "", near ? near : "",
                   near ? "'?" : "");
}

static enum ic_status preprocessing(struct convert_options *o, struct ic_build_request *r, struct ic_diag *d)
{
    float *mean = NULL, *std = NULL;
    int32_t n_mean = 0, n_std = 0;
    if (o->mean)
        IC_TRY(ic_cli_parse_numbers(o->mean, &mean, &n_mean, &o->arena, d));
    if (o->std)
        IC_TRY(ic_cli_parse_numbers(o->std, &std, &n_std, &o->arena, d));
    if (n_mean && n_std && n_mean != n_std)
        return ic_fail(d, IC_ERR_ARG, "--mean has %d numbers and --std %d: give one per channel to both", (int)n_mean, (int)n_std);
    r->n_channels = n_mean > n_std ? n_mean : n_std;
    float *fill = ic_arena_array(&o->arena, (size_t)r->n_channels + 1, sizeof *fill);
    if (!fill)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for mean and std");
    for (int32_t i = 0; i < r->n_channels; i++) {
        fill[i] = mean ? 1.0f : 0.0f;
        if (std && std[i] == 0.0f)
            return ic_fail(d, IC_ERR_ARG, "--std: number %d is 0", (int)i + 1);
    }
    r->mean = mean ? mean : fill;
    r->std = std ? std : fill;
    r->reorder = o->reorder;
    return IC_OK;
}

static enum ic_status import_network(const char *path, struct convert_options *o, struct ic_network **out, struct ic_diag *d)
{
    struct ic_import_input *inputs = ic_arena_array(&o->arena, (size_t)o->inputs.n + 1, sizeof *inputs);
    if (!inputs)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for the input shapes");
    for (int i = 0; i < o->inputs.n; i++)
        IC_TRY(ic_cli_parse_input(o->inputs.items[i], &inputs[i], &o->arena, d));
    const struct ic_import_options options = {
        .inputs = inputs, .n_inputs = o->inputs.n, .drop_in_batch1 = o->drop_in, .limits = ic_import_limits_default()};
    return ic_network_import(path, &options, out, d);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* What the file remembers of how it was made: without the output's name, so that the same options give the same bytes, and without folders
 * of this machine. */
static const char *options_text(int argc, char **argv, struct ic_arena *a)
{
    const char *text = "inchip convert";
    for (int i = 0; i < argc && text; i++) {
        if (strcmp(argv[i], "-o") == 0 || strcmp(argv[i], "--output") == 0)
            i++;
        else if (strncmp(argv[i], "--output=", 9) != 0)
            text = ic_arena_printf(a, "%s %s", text, base_name(argv[i]));
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

static enum ic_status write_model(const struct ic_network *n, const struct convert_options *o, const struct ic_target *target,
                                  const char *text, struct ic_diag *d)
{
    const struct ic_pack_request request = {.target = target, .keep_portable = o->keep_portable, .options_text = text};
    struct ic_writer bytes = {0};
    enum ic_status status = ic_network_pack(n, &request, &bytes, d);
    if (status == IC_OK)
        status = ic_file_write_atomic(o->output, &(struct ic_span){bytes.bytes, bytes.size_bytes}, 1, d);
    if (status == IC_OK)
        say_what_it_is(target, &bytes, o->output, d);
    ic_writer_destroy(&bytes);
    return status;
}

static enum ic_status convert(const char *path, struct convert_options *o, const char *text, struct ic_diag *d)
{
    struct ic_build_request request = {.optimization_level = o->level,
                                       .quantize = {.dataset = o->dataset, .progress = print_progress, .user = o},
                                       .after_pass = o->trace ? print_pass : NULL};
    const struct ic_target *target = NULL;
    if (!o->output)
        return ic_fail(d, IC_ERR_ARG, "name the file to write: -o model.ic");
    IC_TRY(build_type(o->dtype, &request.quantize.type, d));
    IC_TRY(find_target(o->target, &target, d));
    IC_TRY(preprocessing(o, &request, d));
    if (request.quantize.type == IC_BUILD_U8 && !o->dataset)
        return ic_fail(d, IC_ERR_ARG,
                       "--dtype uint8 needs --dataset LIST: a text file with a picture or .npy per line to measure ranges on");
    struct ic_network *n = NULL;
    IC_TRY(import_network(path, o, &n, d));
    enum ic_status status = ic_network_build(n, &request, d);
    if (status == IC_OK)
        status = write_model(n, o, target, text, d);
    ic_network_destroy(n);
    return status;
}

int ic_verb_convert(int argc, char **argv, bool help, struct ic_diag *d)
{
    struct convert_options o = {.dtype = "float32", .level = 3, .d = d, .terminal = isatty(STDERR_FILENO) != 0};
    const struct ic_arg *args = convert_args(&o);
    if (help) {
        ic_cli_print_options(args);
        return IC_EXIT_OK;
    }
    const char *path = NULL;
    int n = 0;
    enum ic_status status = ic_cli_parse(argc, argv, args, &path, 1, &n, d);
    if (status == IC_OK && n == 0)
        status = ic_fail(d, IC_ERR_ARG, "name the network to convert: inchip convert MODEL -o OUT");
    if (status == IC_OK)
        status = convert(path, &o, options_text(argc, argv, &o.arena), d);
    ic_arena_destroy(&o.arena);
    return status == IC_OK ? IC_EXIT_OK : IC_EXIT_ERROR;
}
