/* SPDX-License-Identifier: Apache-2.0
 *
 * A model file opened for a place to run: the simulator ("sim"), this machine's runtime ("host"), or a board's runtime emulated
 * here ("qemu:CPU").
 */
#include "cli/cli.h"
#include "cli/qemu.h"

#include "media/sample.h"
#include "runtime/convert_io.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The program and buffers for its inputs and outputs. */
static enum ic_status open_program(struct ic_place *p, struct ic_diag *d)
{
    IC_TRY(ic_container_program(&p->container, &p->program, &p->consts, &p->was_portable, d));
    IC_TRY(ic_program_check_memory(&p->program, 0, d));
    p->inputs = ic_arena_array(&p->arena, p->program.n_inputs, sizeof *p->inputs);
    p->outputs = ic_arena_array(&p->arena, p->program.n_outputs, sizeof *p->outputs);
    if (!p->inputs || !p->outputs)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for the model's buffers");
    for (uint32_t i = 0; i < p->program.n_inputs; i++)
        if (!(p->inputs[i] = ic_arena_aligned(&p->arena, (size_t)p->program.tensors[p->program.inputs[i].tensor].size_bytes, 64)))
            return ic_fail(d, IC_ERR_MEMORY, "no memory for input %u", i);
    for (uint32_t i = 0; i < p->program.n_outputs; i++)
        if (!(p->outputs[i] = ic_arena_aligned(&p->arena, (size_t)p->program.tensors[p->program.outputs[i].tensor].size_bytes, 64)))
            return ic_fail(d, IC_ERR_MEMORY, "no memory for output %u", i);
    return IC_OK;
}

static enum ic_status open_sim(struct ic_place *p, struct ic_diag *d)
{
    IC_TRY(open_program(p, d));
    return ic_sim_create(&p->program, &p->sim, d);
}

static enum ic_status open_qemu(struct ic_place *p, const struct ic_qemu *found, struct ic_diag *d)
{
    IC_TRY(open_program(p, d));
    p->qemu = ic_arena_copy(&p->arena, found, sizeof *found);
    return p->qemu ? IC_OK : ic_fail(d, IC_ERR_MEMORY, "no memory for the emulator's names");
}

static enum ic_status open_host(struct ic_place *p, int threads, struct ic_diag *d)
{
    IC_TRY(ic_model_open_memory(p->map.bytes, p->map.size_bytes, false, &p->model, d));
    p->was_portable = ic_model_was_portable(p->model);
    IC_TRY(ic_session_create(p->model, threads, &p->session, d));
    const struct ic_program *program = ic_model_program(p->model);
    p->inputs = ic_arena_array(&p->arena, program->n_inputs, sizeof *p->inputs);
    p->outputs = ic_arena_array(&p->arena, program->n_outputs, sizeof *p->outputs);
    if (!p->inputs || !p->outputs)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for the session's buffers");
    for (uint32_t i = 0; i < program->n_inputs; i++)
        p->inputs[i] = ic_session_input(p->session, i);
    for (uint32_t i = 0; i < program->n_outputs; i++)
        p->outputs[i] = ic_session_output(p->session, i);
    return IC_OK;
}

enum ic_status ic_cli_check_threads(int threads, struct ic_diag *d)
{
    return threads >= 0 && threads <= IC_SESSION_MAX_THREADS
               ? IC_OK
               : ic_fail(d, IC_E_OPTION_VALUE, "--threads %d: 1 to %d is possible, or 0 for as many as there are cores", threads,
                         IC_SESSION_MAX_THREADS);
}

enum ic_status ic_place_open(const char *path, const char *on, int threads, struct ic_place *p, struct ic_diag *d)
{
    *p = (struct ic_place){.path = path};
    const bool sim = strcmp(on, "sim") == 0, qemu = strncmp(on, "qemu:", 5) == 0;
    if (strncmp(on, "board", 5) == 0 && (on[5] == '\0' || on[5] == ':'))
        return ic_fail(d, IC_E_LATER,
                       "--on %s: this version does not drive connected boards: copy the model there and run the demo of the board "
                       "kit (make board-kit), or emulate the board's runtime here (--on qemu:cortex-a7)",
                       on);
    const struct ic_target *chip = ic_target_find(on);
    const bool emulated = chip && strcmp(chip->name, "generic") != 0 && strcmp(chip->name, "x86-64") != 0;
    if (!sim && !qemu && strcmp(on, "host") != 0)
        return ic_fail(
            d, IC_E_OPTION_VALUE,
            "--on %s: unknown place%s%s; this version runs at 'host' (this machine), 'sim' (the simulator) and 'qemu:CPU' (a "
            "board's runtime emulated, such as qemu:cortex-a7)",
            on, emulated ? "; to emulate its CPU here write --on qemu:" : "", emulated ? on : "");
    struct ic_qemu found;
    if (qemu)
        IC_TRY(ic_qemu_find(on, &found, d));
    enum ic_status status = ic_cli_open_model(path, &p->map, &p->container, d);
    if (status == IC_OK)
        status = sim ? open_sim(p, d) : qemu ? open_qemu(p, &found, d) : open_host(p, threads, d);
    if (status != IC_OK) {
        ic_place_close(p);
        ic_diag_name_file(d, path);
    }
    return status;
}

void ic_place_close(struct ic_place *p)
{
    ic_sim_destroy(p->sim);
    ic_program_destroy(&p->program);
    ic_writer_destroy(&p->consts);
    ic_session_destroy(p->session);
    ic_model_close(p->model);
    ic_file_map_close(&p->map);
    ic_arena_destroy(&p->arena);
    *p = (struct ic_place){0};
}

const struct ic_program *ic_place_program(const struct ic_place *p)
{
    return p->model ? ic_model_program(p->model) : &p->program;
}

void ic_place_name(const struct ic_place *p, char *text, size_t capacity_bytes)
{
    const char *slash = p->qemu ? strrchr(p->qemu->emulator, '/') : NULL;
    if (p->qemu)
        snprintf(text, capacity_bytes, "%s -cpu %s on this machine", slash ? slash + 1 : p->qemu->emulator, p->qemu->cpu);
    else
        snprintf(text, capacity_bytes, "%s", p->sim ? "the simulator" : "this machine");
}

static enum ic_status load_input(struct ic_place *p, uint32_t i, const char *path, struct ic_diag *d)
{
    const struct ic_program *program = ic_place_program(p);
    const struct ic_io *io = &program->inputs[i];
    const struct ic_tensor *t = &program->tensors[io->tensor];
    bool grey = false, color = false;
    const struct ic_sample_spec spec = {.name = ic_program_text(program, io->name),
                                        .rank = (int32_t)t->rank,
                                        .dims = t->dims,
                                        .format = io->format,
                                        .grey = &grey,
                                        .color = &color};
    const size_t count = ic_cli_tensor_elements(t);
    float *values = ic_malloc(count * sizeof *values);
    if (!values)
        return ic_fail(d, IC_ERR_MEMORY, "%s: no memory for %zu values", path, count);
    enum ic_status status = ic_sample_load(path, &spec, values, d);
    if (status == IC_OK && grey)
        ic_say(d, 'W', "%s: a grey picture for the 3 channels of input %s: each gets the same numbers", path, spec.name);
    if (status == IC_OK && color)
        ic_say(d, 'W', "%s: a color picture, made grey: input %s takes one number a pixel", path, spec.name);
    if (status == IC_OK)
        status = ic_io_convert_in(program, i, values, IC_F32, count, p->inputs[i], d);
    if (status != IC_OK)
        ic_diag_name_file(d, path);
    ic_free(values);
    return status;
}

/* NAME=FILE of no input NAME, and no file of that name. */
static enum ic_status no_input(const struct ic_program *program, const char *text, struct ic_diag *d)
{
    const char *names[IC_ARG_LIST_MAX + 1] = {0};
    char typed[64], all[512];
    size_t at = 0;
    snprintf(typed, sizeof typed, "%.*s", (int)strcspn(text, "="), text);
    for (uint32_t k = 0; k < program->n_inputs && k < IC_ARG_LIST_MAX; k++) {
        names[k] = ic_program_text(program, program->inputs[k].name);
        const int n = at < sizeof all ? snprintf(all + at, sizeof all - at, "%s%s", k ? ", " : "", names[k]) : 0;
        at += n > 0 ? (size_t)n : 0;
    }
    const char *near = program->n_inputs > 1 ? ic_cli_nearest(typed, names) : NULL;
    return ic_fail(d, IC_E_NAME_UNKNOWN, "--input %s: no input %.*s; it has %s%s%s%s (nor is there a file of that whole name)",
                   text, (int)strcspn(text, "="), text, all, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* The input that text names before =, with *out_path behind it; of no such name: i. */
static uint32_t input_of(const struct ic_program *program, const char *text, uint32_t i, const char **out_path)
{
    *out_path = text;
    for (uint32_t k = 0; k < program->n_inputs; k++) {
        const char *name = ic_program_text(program, program->inputs[k].name);
        const size_t n = strlen(name);
        if (strncmp(text, name, n) == 0 && text[n] == '=') {
            *out_path = text + n + 1;
            return k;
        }
    }
    return i;
}

enum ic_status ic_place_load_inputs(struct ic_place *p, const struct ic_arg_list *files, struct ic_diag *d)
{
    const struct ic_program *program = ic_place_program(p);
    bool given[IC_ARG_LIST_MAX] = {false};
    if (files->n != (int)program->n_inputs)
        return ic_fail(d, IC_E_INPUT_COUNT, "%s has %u input%s, %d given: use --input FILE once per input", p->path,
                       program->n_inputs, IC_S(program->n_inputs), files->n);
    for (int i = 0; i < files->n; i++) {
        const char *path = NULL;
        const uint32_t k = input_of(program, files->items[i], (uint32_t)i, &path);
        if (!*path || *path == '=')
            return ic_fail(d, IC_E_OPTION_VALUE, "--input %s: its %s is empty; --input [NAME=]FILE is wanted", files->items[i],
                           *path ? "name" : "file");
        if (path == files->items[i] && strchr(path, '=') && access(path, F_OK) != 0)
            return no_input(program, path, d);
        if (given[k])
            return ic_fail(d, IC_E_INPUT_COUNT, "input %s is given twice: by name or in the model's order, each once",
                           ic_program_text(program, program->inputs[k].name));
        given[k] = true;
        IC_TRY(load_input(p, k, path, d));
    }
    return IC_OK;
}

enum ic_status ic_place_run(struct ic_place *p, void (*tap)(void *user, uint32_t i_step, uint32_t tensor, const void *data),
                            void *user, struct ic_diag *d)
{
    const enum ic_status status = p->sim    ? ic_sim_run(p->sim, (const void *const *)p->inputs, p->outputs, tap, user, d)
                                  : p->qemu ? ic_qemu_run(p->qemu, p->path, &p->program, p->inputs, p->outputs, d)
                                            : ic_session_run_traced(p->session, NULL, tap, user, d);
    if (status != IC_OK && !p->qemu) /* whose troubles are its own */
        ic_diag_name_file(d, p->path);
    return status;
}

size_t ic_cli_tensor_elements(const struct ic_tensor *t)
{
    size_t n = 1;
    for (uint32_t i = 0; i < t->rank; i++)
        n *= (size_t)t->dims[i];
    return n;
}

void ic_cli_tensor_to_f32(const struct ic_tensor *t, const void *data, float *out)
{
    const size_t n = ic_cli_tensor_elements(t);
    ic_io_to_f32(t, data, out, n);
}
