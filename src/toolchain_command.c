/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests written back as the flags of `inchip convert` (src/cli/convert.c), in one order.
 */
#include "toolchain_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *ic_command_word(const char *word, struct ic_arena *a)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./%@[]";
    if (*word && word[strspn(word, plain)] == '\0')
        return word;
    char *text = ic_arena_array(a, strlen(word) + 1, 4), *to = text;
    if (!text)
        return NULL;
    *to++ = '\'';
    for (const char *at = word; *at; at++)
        to += *at == '\'' ? sprintf(to, "'\\''") : sprintf(to, "%c", *at);
    *to = '\'';
    return text;
}

bool ic_command_is_partial(const char *command)
{
    return strstr(command, " from memory>'") != NULL;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *ic_command_file(const char *path, struct ic_arena *a)
{
    const char *name = base_name(path);
    return *name == '-' ? ic_arena_printf(a, "./%s", name) : name;
}

static enum ic_status no_memory(struct ic_diag *d)
{
    return ic_fail(d, IC_ERR_MEMORY, "no memory for the command that the model file remembers");
}

static bool keep_text(struct ic_command *c, const char **text)
{
    if (*text)
        *text = ic_arena_text(&c->arena, *text, strlen(*text));
    else
        *text = "";
    return *text != NULL;
}

static bool keep_inputs(struct ic_command *c)
{
    struct ic_import_input *inputs = ic_arena_array(&c->arena, (size_t)c->import.n_inputs + 1, sizeof *inputs);
    for (int32_t i = 0; inputs && i < c->import.n_inputs; i++) {
        inputs[i] = c->import.inputs[i];
        if (!keep_text(c, &inputs[i].name))
            return false;
    }
    c->import.inputs = inputs;
    return inputs != NULL;
}

static bool keep_outputs(struct ic_command *c)
{
    const char **outputs = ic_arena_array(&c->arena, (size_t)c->import.n_outputs + 1, sizeof *outputs);
    for (int32_t i = 0; outputs && i < c->import.n_outputs; i++) {
        outputs[i] = c->import.outputs[i];
        if (!keep_text(c, &outputs[i]))
            return false;
    }
    c->import.outputs = outputs;
    return outputs != NULL;
}

static bool keep_constants(struct ic_command *c)
{
    struct ic_import_constant *constants = ic_arena_array(&c->arena, (size_t)c->import.n_constants + 1, sizeof *constants);
    for (int32_t i = 0; constants && i < c->import.n_constants; i++) {
        constants[i] = c->import.constants[i];
        if (!keep_text(c, &constants[i].name))
            return false;
    }
    c->import.constants = constants;
    return constants != NULL;
}

enum ic_status ic_command_keep_import(struct ic_command *c, const char *path, bool bytes, const struct ic_import_options *o,
                                      struct ic_diag *d)
{
    c->import = *o;
    c->source = bytes ? ic_arena_printf(&c->arena, IC_COMMAND_FROM_MEMORY, path) : ic_command_file(path, &c->arena);
    const bool kept = c->source && keep_text(c, &c->source) && keep_inputs(c) && keep_outputs(c) && keep_constants(c) &&
                      keep_text(c, &c->import.weights_path) && keep_text(c, &c->import.method);
    return kept ? IC_OK : no_memory(d);
}

static const float *keep_numbers(struct ic_command *c, const float *numbers, int32_t n)
{
    static const float none[1] = {0};
    return numbers && n > 0 ? ic_arena_copy(&c->arena, numbers, (size_t)n * sizeof *numbers) : none;
}

enum ic_status ic_command_keep_build(struct ic_command *c, const struct ic_build_request *r, const char *dataset, struct ic_diag *d)
{
    const int32_t n = r->each ? r->n_each : 1;
    struct ic_preprocessing *each = ic_arena_array(&c->arena, (size_t)n + 1, sizeof *each);
    if (!each)
        return no_memory(d);
    c->build = *r;
    c->dataset = dataset ? dataset : r->quantize.dataset ? base_name(r->quantize.dataset) : NULL;
    for (int32_t i = 0; i < n; i++) {
        each[i] = r->each ? r->each[i] : (struct ic_preprocessing){r->mean, r->std, r->n_channels, r->reorder};
        each[i].mean = keep_numbers(c, each[i].mean, each[i].n_channels);
        each[i].std = keep_numbers(c, each[i].std, each[i].n_channels);
        if (!each[i].mean || !each[i].std)
            return no_memory(d);
    }
    c->build.each = each;
    c->build.n_each = n;
    return keep_text(c, &c->dataset) ? IC_OK : no_memory(d);
}

/* The command so far; word NULL: memory was refused for it. */
static void add(struct ic_writer *w, const char *flag, const char *word)
{
    if (!word)
        w->failed = true;
    else
        ic_write_text(w, " %s%s%s", flag, *flag ? " " : "", word);
}

/* The shortest decimal that reads back as x: of a float, or of a double. */
static const char *number_text(double x, bool single, char text[40])
{
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, 40, "%.*g", digits, x);
        const double back = strtod(text, NULL);
        if (single ? (float)back == (float)x : back == x)
            break;
    }
    for (char *at = text; *at; at++) /* a program's locale may have another point */
        if (!strchr("0123456789+-einfa", *at))
            *at = '.';
    return text;
}

/* batch: dims are those of so many samples at once, and the command line asks for one. */
static void add_input(struct ic_writer *w, const struct ic_import_input *in, int32_t batch, struct ic_arena *a)
{
    if (in->rank < 0)
        return;
    struct ic_writer text = {0};
    ic_write_text(&text, "%s%s", in->name, *in->name || in->rank == 0 ? "=" : "");
    for (int32_t i = 0; i < in->rank; i++)
        ic_write_text(&text, "%s%d", i ? "x" : "", (int)(i == 0 && batch > 1 ? in->dims[i] / batch : in->dims[i]));
    if (in->complex || in->dtype != IC_DTYPE_NONE)
        ic_write_text(&text, ":%s", in->complex ? "complex64" : ic_dtype_name(in->dtype));
    ic_write_u8(&text, 0);
    add(w, "--input", text.failed ? NULL : ic_command_word((const char *)text.bytes, a));
    ic_writer_destroy(&text);
}

static void add_import(struct ic_writer *w, const struct ic_import_options *o, int32_t batch, struct ic_arena *a)
{
    char number[40];
    for (int32_t i = 0; i < o->n_inputs; i++)
        add_input(w, &o->inputs[i], batch, a);
    for (int32_t i = 0; i < o->n_outputs; i++)
        add(w, "--take", ic_command_word(o->outputs[i], a));
    for (int32_t i = 0; i < o->n_constants; i++) {
        const char *text = ic_arena_printf(a, "%s=%s", o->constants[i].name, number_text(o->constants[i].value, false, number));
        add(w, "--constant", text ? ic_command_word(text, a) : NULL);
    }
    if (*o->weights_path)
        add(w, "--weights", ic_command_word(base_name(o->weights_path), a));
    if (*o->method)
        add(w, "--method", ic_command_word(o->method, a));
    if (o->drop_in_batch1)
        add(w, "", "--rank1-is-batch1");
}

static void add_numbers(struct ic_writer *w, const char *flag, const float *numbers, int32_t n)
{
    char text[40];
    ic_write_text(w, " %s ", flag);
    for (int32_t i = 0; i < n; i++)
        ic_write_text(w, "%s%s", i ? "," : "", number_text((double)numbers[i], true, text));
    if (n == 0)
        ic_write_text(w, "none");
}

/* --mean and --std are for all inputs, or as often as there are inputs. */
static void add_preprocessing(struct ic_writer *w, const struct ic_build_request *r)
{
    int32_t n_given = 0, n_reordered = 0;
    for (int32_t i = 0; i < r->n_each; i++) {
        n_given += r->each[i].n_channels > 0;
        n_reordered += r->each[i].reorder != 0;
    }
    for (int32_t i = 0; n_given && i < r->n_each; i++) {
        add_numbers(w, "--mean", r->each[i].mean, r->each[i].n_channels);
        add_numbers(w, "--std", r->each[i].std, r->each[i].n_channels);
    }
    if (n_reordered == r->n_each && n_reordered > 0)
        add(w, "", "--reorder");
    else if (n_reordered)
        add(w, "", "'<channel order of each input from memory>'");
}

static void add_build(struct ic_writer *w, const struct ic_command *c, struct ic_arena *a)
{
    static const char *const types[] = {"float32", "float16", "uint8", "int8"};
    const struct ic_build_request *r = &c->build;
    const struct ic_quantize_options *q = &r->quantize;
    if (q->type != IC_BUILD_F32)
        add(w, "--dtype", types[q->type]);
    if (ic_build_is_integer(q->type) && *c->dataset)
        add(w, "--dataset", ic_command_word(c->dataset, a));
    add_preprocessing(w, r);
    if (q->input_codes != IC_DTYPE_NONE)
        add(w, "--input-codes", ic_dtype_name(q->input_codes));
    if (q->output_codes != IC_DTYPE_NONE)
        add(w, "--output-codes", ic_dtype_name(q->output_codes));
    if (q->batch > 1)
        ic_write_text(w, " --batch %d", (int)q->batch);
    if (r->optimization_level != 3)
        ic_write_text(w, " --optimize %d", r->optimization_level);
}

enum ic_status ic_command_text(struct ic_command *c, const struct ic_pack_request *r, const char **out, struct ic_diag *d)
{
    struct ic_writer w = {0};
    struct ic_arena *a = &c->arena;
    ic_write_text(&w, "inchip convert");
    add(&w, "", ic_command_word(c->source, a));
    add_import(&w, &c->import, c->build.quantize.batch, a);
    add_build(&w, c, a);
    if (r->target)
        add(&w, "--target", r->target->name);
    if (r->target && r->keep_portable)
        add(&w, "", "--keep-portable");
    ic_write_u8(&w, 0);
    *out = w.failed ? NULL : ic_arena_text(a, (const char *)w.bytes, w.size_bytes - 1);
    ic_writer_destroy(&w);
    return *out ? IC_OK : no_memory(d);
}

void ic_command_destroy(struct ic_command *c)
{
    ic_arena_destroy(&c->arena);
    *c = (struct ic_command){0};
}
