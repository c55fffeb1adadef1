/* SPDX-License-Identifier: Apache-2.0
 *
 * Encoding of programs: docs/program.md, "encoding". Every step is its kind, its name and its struct's 32-bit words.
 */
#include "program/program.h"

#include "base/checked.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_TABLE = 1 << 22 }; /* entries of any table: a limit before allocation */

static const struct {
    const char *name;
    size_t bytes;
} kinds[IC_STEP_KIND_COUNT] = {
#define STEP(NUMBER, NAME, name) [NUMBER] = {#name, sizeof(struct ic_step_##name)},
#include "program/each_kind.inc"
};

size_t ic_step_args_bytes(uint32_t kind)
{
    return kind < IC_STEP_KIND_COUNT ? kinds[kind].bytes : 0;
}

const char *ic_step_kind_name(uint32_t kind)
{
    return kind < IC_STEP_KIND_COUNT && kinds[kind].name ? kinds[kind].name : "?";
}

/* ---- encode ---- */
static void encode_tensor(const struct ic_tensor *t, struct ic_writer *w)
{
    ic_write_u32(w, t->dtype);
    ic_write_u32(w, t->space);
    ic_write_u32(w, t->i_io);
    ic_write_u32(w, t->rank);
    for (uint32_t i = 0; i < t->rank; i++)
        ic_write_u32(w, (uint32_t)t->dims[i]);
    ic_write_u64(w, t->offset_bytes);
    ic_write_u64(w, t->size_bytes);
    ic_write_f32(w, t->scale);
    ic_write_u32(w, (uint32_t)t->zero);
    ic_write_u32(w, t->name);
    ic_write_u32(w, t->layout);
}

static void encode_io(const struct ic_io *io, struct ic_writer *w)
{
    const uint32_t words[] = {io->tensor, io->name, io->user_dtype, io->format, io->mean, io->std, io->reorder, io->face_name};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        ic_write_u32(w, words[i]);
}

static void encode_step(const struct ic_step *s, struct ic_writer *w)
{
    const size_t n_words = ic_step_args_bytes(s->kind) / 4;
    ic_write_u32(w, s->kind);
    ic_write_u32(w, s->name);
    ic_write_u32(w, (uint32_t)n_words);
    for (size_t i = 0; i < n_words; i++) {
        uint32_t word;
        memcpy(&word, (const uint8_t *)s->args + 4 * i, sizeof word);
        ic_write_u32(w, word);
    }
}

enum ic_status ic_program_encode(const struct ic_program *p, struct ic_writer *w, struct ic_diag *d)
{
    ic_write_u32(w, IC_PROGRAM_ABI);
    ic_write_u32(w, p->profile);
    ic_write_u32(w, p->needs);
    ic_write_bytes(w, p->target, sizeof p->target);
    ic_write_u64(w, p->arena_bytes);
    ic_write_u64(w, p->const_bytes);
    ic_write_u32(w, p->n_tensors);
    ic_write_u32(w, p->n_inputs);
    ic_write_u32(w, p->n_outputs);
    ic_write_u32(w, p->n_steps);
    ic_write_u32(w, p->text_bytes);
    for (uint32_t i = 0; i < p->n_tensors; i++)
        encode_tensor(&p->tensors[i], w);
    for (uint32_t i = 0; i < p->n_inputs; i++)
        encode_io(&p->inputs[i], w);
    for (uint32_t i = 0; i < p->n_outputs; i++)
        encode_io(&p->outputs[i], w);
    for (uint32_t i = 0; i < p->n_steps; i++)
        encode_step(&p->steps[i], w);
    ic_write_bytes(w, p->text, p->text_bytes);
    return w->failed ? ic_fail(d, IC_ERR_MEMORY, "no memory to encode the program") : IC_OK;
}

/* ---- decode ---- */
static enum ic_status decode_tensor(struct ic_reader *r, struct ic_tensor *t, struct ic_diag *d)
{
    uint32_t word = 0;
    IC_TRY(ic_read_u32(r, &t->dtype, d));
    IC_TRY(ic_read_u32(r, &t->space, d));
    IC_TRY(ic_read_u32(r, &t->i_io, d));
    IC_TRY(ic_read_u32(r, &t->rank, d));
    if (t->rank > IC_MAX_RANK)
        return ic_fail(d, IC_E_PROGRAM, "program: a tensor has rank %" PRIu32 "; at most %d is possible", t->rank, IC_MAX_RANK);
    for (uint32_t i = 0; i < t->rank; i++) {
        IC_TRY(ic_read_u32(r, &word, d));
        t->dims[i] = (int32_t)word;
    }
    IC_TRY(ic_read_u64(r, &t->offset_bytes, d));
    IC_TRY(ic_read_u64(r, &t->size_bytes, d));
    IC_TRY(ic_read_f32(r, &t->scale, d));
    IC_TRY(ic_read_u32(r, &word, d));
    t->zero = (int32_t)word;
    IC_TRY(ic_read_u32(r, &t->name, d));
    return ic_read_u32(r, &t->layout, d);
}

static enum ic_status decode_io(struct ic_reader *r, struct ic_io *io, struct ic_diag *d)
{
    uint32_t *const words[] = {&io->tensor, &io->name, &io->user_dtype, &io->format,
                               &io->mean,   &io->std,  &io->reorder,    &io->face_name};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        IC_TRY(ic_read_u32(r, words[i], d));
    return IC_OK;
}

static enum ic_status decode_step(struct ic_reader *r, struct ic_program *p, uint32_t i_step, struct ic_diag *d)
{
    struct ic_step *s = &p->steps[i_step];
    uint32_t n_words = 0;
    IC_TRY(ic_read_u32(r, &s->kind, d));
    IC_TRY(ic_read_u32(r, &s->name, d));
    IC_TRY(ic_read_u32(r, &n_words, d));
    const size_t bytes = ic_step_args_bytes(s->kind);
    if (bytes == 0)
        return ic_fail(d, IC_E_STEP_UNKNOWN,
                       "program: step %" PRIu32 " is of kind %" PRIu32
                       ", which this runtime (program ABI %d) does not know: a newer runtime is needed",
                       i_step, s->kind, IC_PROGRAM_ABI);
    if (n_words != bytes / 4)
        return ic_fail(d, IC_E_PROGRAM, "program: step %" PRIu32 " (%s) has %" PRIu32 " word%s; %zu are wanted", i_step,
                       ic_step_kind_name(s->kind), n_words, IC_S(n_words), bytes / 4);
    uint8_t *args = ic_arena_alloc(&p->arena, bytes);
    if (!args)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for step %" PRIu32 " of the program", i_step);
    s->args = args;
    for (size_t i = 0; i < bytes / 4; i++) {
        uint32_t word = 0;
        IC_TRY(ic_read_u32(r, &word, d));
        memcpy(args + 4 * i, &word, sizeof word);
    }
    return IC_OK;
}

static enum ic_status decode_head(struct ic_reader *r, struct ic_program *p, struct ic_diag *d)
{
    uint32_t abi = 0;
    const uint8_t *target = NULL;
    IC_TRY(ic_read_u32(r, &abi, d));
    if (abi != IC_PROGRAM_ABI)
        return ic_fail(d, IC_E_PROGRAM_ABI,
                       "program: ABI %" PRIu32 "; this runtime runs ABI %d: use a matching runtime or convert the model again", abi,
                       IC_PROGRAM_ABI);
    IC_TRY(ic_read_u32(r, &p->profile, d));
    IC_TRY(ic_read_u32(r, &p->needs, d));
    IC_TRY(ic_read_span(r, sizeof p->target, &target, d));
    memcpy(p->target, target, sizeof p->target);
    p->target[sizeof p->target - 1] = '\0';
    IC_TRY(ic_read_u64(r, &p->arena_bytes, d));
    IC_TRY(ic_read_u64(r, &p->const_bytes, d));
    uint32_t *const counts[] = {&p->n_tensors, &p->n_inputs, &p->n_outputs, &p->n_steps, &p->text_bytes};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        IC_TRY(ic_read_u32(r, counts[i], d));
        /* every entry takes at least a byte of what is left: no table can be larger than the file */
        if (*counts[i] > MAX_TABLE || *counts[i] > ic_reader_left(r))
            return ic_fail(d, IC_E_PROGRAM, "program: a table of %" PRIu32 " entr%s in %zu byte%s", *counts[i],
                           IC_N(*counts[i], "y", "ies"), ic_reader_left(r), IC_S(ic_reader_left(r)));
    }
    return IC_OK;
}

static enum ic_status decode_tables(struct ic_reader *r, struct ic_program *p, struct ic_diag *d)
{
    p->tensors = ic_arena_array(&p->arena, p->n_tensors, sizeof *p->tensors);
    p->inputs = ic_arena_array(&p->arena, p->n_inputs, sizeof *p->inputs);
    p->outputs = ic_arena_array(&p->arena, p->n_outputs, sizeof *p->outputs);
    p->steps = ic_arena_array(&p->arena, p->n_steps, sizeof *p->steps);
    if (!p->tensors || !p->inputs || !p->outputs || !p->steps)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for the program's tables");
    for (uint32_t i = 0; i < p->n_tensors; i++)
        IC_TRY(decode_tensor(r, &p->tensors[i], d));
    for (uint32_t i = 0; i < p->n_inputs; i++)
        IC_TRY(decode_io(r, &p->inputs[i], d));
    for (uint32_t i = 0; i < p->n_outputs; i++)
        IC_TRY(decode_io(r, &p->outputs[i], d));
    for (uint32_t i = 0; i < p->n_steps; i++)
        IC_TRY(decode_step(r, p, i, d));
    const uint8_t *text = NULL;
    IC_TRY(ic_read_span(r, p->text_bytes, &text, d));
    if (ic_reader_left(r))
        return ic_fail(d, IC_E_PROGRAM, "program: %zu byte%s too many at its end", ic_reader_left(r), IC_S(ic_reader_left(r)));
    char *copy = ic_arena_text(&p->arena, (const char *)text, p->text_bytes);
    p->text = copy;
    return copy ? IC_OK : ic_fail(d, IC_ERR_MEMORY, "no memory for the program's names");
}

enum ic_status ic_program_decode(const void *bytes, size_t size_bytes, const uint8_t *consts, size_t const_bytes,
                                 struct ic_program *out_p, struct ic_diag *d)
{
    struct ic_reader r = ic_reader_on(bytes, size_bytes, "program");
    *out_p = (struct ic_program){.consts = consts};
    enum ic_status status = decode_head(&r, out_p, d);
    if (status == IC_OK)
        status = decode_tables(&r, out_p, d);
    if (status == IC_OK && out_p->const_bytes != const_bytes)
        status = ic_fail(d, IC_E_PROGRAM, "program: wants %" PRIu64 " byte%s of constants, the file holds %zu", out_p->const_bytes,
                         IC_S(out_p->const_bytes), const_bytes);
    if (status == IC_OK)
        status = ic_program_check(out_p, d);
    if (status != IC_OK)
        ic_program_destroy(out_p);
    return status;
}

void ic_program_destroy(struct ic_program *p)
{
    ic_arena_destroy(&p->arena);
    *p = (struct ic_program){0};
}
