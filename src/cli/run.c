/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip run: one run of a model file, results printed or written.
 */
#include "cli/cli.h"
#include "cli/json.h"
#include "toolchain_trouble.h"

#include "base/os.h"
#include "media/npy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct run_options {
    struct ic_arg_list inputs;
    const char *on, *output, *raw;
    int threads;
    bool quiet, json;
};

static const struct ic_arg *run_args(struct run_options *o)
{
    static struct ic_arg args[9];
    const struct ic_arg list[] = {
        {"--input", "-i", IC_ARG_LIST, &o->inputs, "[NAME=]FILE",
         "picture (PNG, JPEG, BMP, PGM) or .npy; once per input, in the model's order or by name"},
        {"--on", NULL, IC_ARG_TEXT, &o->on, "PLACE",
         "host: this machine (default); sim: the simulator; qemu:CPU: a board's runtime emulated (qemu:cortex-a7)"},
        {"--output", "-o", IC_ARG_TEXT, &o->output, "FILE.npy", "write output 0 as float32"},
        {"--raw", NULL, IC_ARG_TEXT, &o->raw, "FILE", "write output 0 as stored (f16, u8 ...)"},
        {"--threads", NULL, IC_ARG_INT, &o->threads, "N",
         "threads on host, 1 to 64 (default: INCHIP_THREADS or the number of cores)"},
        {"--quiet", "-q", IC_ARG_FLAG, &o->quiet, NULL, "print no values"},
        {"--json", NULL, IC_ARG_FLAG, &o->json, NULL, "print the results as JSON, with every value"},
        {0},
    };
    IC_ARGS_KEEP(args, list);
    return args;
}

static void print_values(const struct ic_program *p, uint32_t i, const float *values)
{
    const struct ic_io *io = &p->outputs[i];
    const struct ic_tensor *t = &p->tensors[io->tensor];
    const size_t n = ic_cli_tensor_elements(t);
    char shape[128];
    ic_cli_shape_text(shape, sizeof shape, (int32_t)t->rank, t->dims);
    ic_cli_printf("output %s %s %s\n", ic_program_text(p, io->name), shape, ic_dtype_name((enum ic_dtype)t->dtype));
    size_t best = 0;
    for (size_t k = 0; k < n; k++) {
        if (k < 32)
            ic_cli_printf("%s%.9g", k ? " " : "  ", (double)values[k]);
        if (values[k] > values[best])
            best = k;
    }
    ic_cli_printf("%s\n", n > 32 ? " ..." : "");
    if (n > 0)
        ic_cli_printf("largest: index %zu, value %.9g\n", best, (double)values[best]);
}

/* A run that names the first layer with NaN or an infinity. A simulator's is the run; the host's comes after the one that is timed. */
static enum ic_status run_watched(struct ic_place *p, struct ic_diag *d)
{
    struct ic_trouble trouble = {.program = ic_place_program(p), .sim = p->sim};
    for (uint32_t i = 0; i < trouble.program->n_inputs; i++)
        ic_trouble_look_at_input(&trouble, i, p->inputs[i]);
    IC_TRY(ic_place_run(p, ic_trouble_tap, &trouble, d));
    if (trouble.found)
        ic_say(d, 'W', "%s", trouble.text);
    return IC_OK;
}

/* What only a simulator can tell. */
static void report_events(const struct ic_place *p, const struct ic_diag *d)
{
    for (uint32_t i = 0; p->sim && i < p->program.n_steps; i++) {
        const struct ic_sim_events *e = ic_sim_events(p->sim, i);
        const char *name = ic_program_text(&p->program, p->program.steps[i].name);
        if (e->tiny_corner)
            ic_say(d, 'I', "layer %s: %" PRIu64 " result%s %s up to exactly 2^-126, where x86 differs from ARM", name,
                   e->tiny_corner, IC_S(e->tiny_corner), IC_N(e->tiny_corner, "rounds", "round"));
    }
}

static enum ic_status write_output(const struct ic_program *p, const struct run_options *o, const void *data, const float *values,
                                   struct ic_diag *d)
{
    const struct ic_tensor *t = &p->tensors[p->outputs[0].tensor];
    if (o->output)
        IC_TRY(ic_npy_write_f32(o->output, (int32_t)t->rank, t->dims, values, d));
    if (o->raw)
        IC_TRY(ic_file_write_atomic(o->raw, &(struct ic_span){data, (size_t)t->size_bytes}, 1, d));
    return IC_OK;
}

static json_t *output_json(const struct ic_program *p, uint32_t i, const float *values)
{
    const struct ic_tensor *t = &p->tensors[p->outputs[i].tensor];
    return json_pack("{s:o, s:o, s:s, s:o}", "name", ic_json_text(ic_program_text(p, p->outputs[i].name)), "shape",
                     ic_cli_json_dims(t->rank, t->dims), "dtype", ic_dtype_name((enum ic_dtype)t->dtype), "values",
                     ic_cli_json_numbers(values, ic_cli_tensor_elements(t)));
}

/* outputs: a JSON array to fill, or NULL to print. */
static enum ic_status show_outputs(struct ic_place *p, const struct run_options *o, json_t *outputs, struct ic_diag *d)
{
    const struct ic_program *program = ic_place_program(p);
    for (uint32_t i = 0; i < program->n_outputs; i++) {
        const struct ic_tensor *t = &program->tensors[program->outputs[i].tensor];
        float *values = ic_arena_array(&p->arena, ic_cli_tensor_elements(t), sizeof *values);
        if (!values)
            return ic_fail(d, IC_ERR_MEMORY, "no memory for output %u", i);
        ic_cli_tensor_to_f32(t, p->outputs[i], values);
        if (i == 0) /* before a line is printed: a refusal prints none */
            IC_TRY(write_output(program, o, p->outputs[0], values, d));
        if (outputs)
            json_array_append_new(outputs, output_json(program, i, values));
        else if (!o->quiet)
            print_values(program, i, values);
    }
    return IC_OK;
}

static enum ic_status run_once(const char *path, const struct run_options *o, struct ic_place *p, struct ic_diag *d)
{
    IC_TRY(ic_cli_check_threads(o->threads, d));
    if (o->threads && strcmp(o->on, "host") != 0)
        return ic_fail(d, IC_E_OPTIONS_CLASH, "--threads %d is for --on host; --on %s has one thread", o->threads, o->on);
    if (ic_file_is_same(path, o->output) || ic_file_is_same(path, o->raw))
        return ic_fail(d, IC_E_OPTIONS_CLASH, "%s is read and would be overwritten: name another file to write", path);
    IC_TRY(ic_file_check_target(o->output, d));
    IC_TRY(ic_file_check_target(o->raw, d));
    IC_TRY(ic_cli_spare_other(o->output, false, d));
    IC_TRY(ic_cli_spare_other(o->raw, false, d));
    IC_TRY(ic_place_open(path, o->on, o->threads, p, d));
    const struct ic_program *program = ic_place_program(p);
    IC_TRY(ic_place_load_inputs(p, &o->inputs, d));
    const uint64_t start = ic_os_time_ns();
    IC_TRY(p->sim || p->qemu ? run_watched(p, d) : ic_place_run(p, NULL, NULL, d));
    const double us = (double)(ic_os_time_ns() - start) / 1e3;
    if (!p->sim && !p->qemu)
        IC_TRY(run_watched(p, d));
    char where[96];
    ic_place_name(p, where, sizeof where);
    const char *portable = p->was_portable ? " (portable file, compiled in memory)" : "";
    if (p->qemu) /* its time would be the emulator's own */
        ic_say(d, 'I', "ran on %s%s, compiled for %s", where, portable, program->target);
    else
        ic_say(d, 'I', "ran on %s%s, compiled for %s, %.1f us", where, portable, program->target, us);
    report_events(p, d);
    if (!o->json)
        return show_outputs(p, o, NULL, d);
    json_t *outputs = json_array();
    const enum ic_status status = show_outputs(p, o, outputs, d);
    json_t *all = json_pack("{s:o, s:s, s:s, s:f, s:o}", "file", ic_json_text(path), "on", where, "compiled_for", program->target,
                            "time_us", us, "outputs", outputs);
    if (status == IC_OK)
        return ic_cli_print_json(all, d);
    json_decref(all);
    return status;
}

int ic_verb_run(int argc, char **argv, bool help, struct ic_diag *d)
{
    struct run_options o = {.on = "host"};
    const struct ic_arg *args = run_args(&o);
    if (help) {
        ic_cli_print_options(args);
        return IC_EXIT_OK;
    }
    const char *path = NULL;
    enum ic_status status = ic_cli_parse_model(argc, argv, args, "inchip run FILE --input PICTURE", &path, d);
    struct ic_place p = {0};
    if (status == IC_OK)
        status = run_once(path, &o, &p, d);
    ic_place_close(&p);
    return status == IC_OK ? IC_EXIT_OK : IC_EXIT_ERROR;
}
