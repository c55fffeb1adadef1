/* SPDX-License-Identifier: Apache-2.0
 *
 * The listing that people read and golden tests compare: tensors, then steps with the fields that are not zero.
 */
#include "program/program.h"

#include <inttypes.h>
#include <string.h>

static const char *const space_names[IC_SPACE_COUNT] = {"none", "const", "arena", "input", "output"};

static void print_tensor(const struct ic_program *p, uint32_t i, struct ic_writer *w)
{
    const struct ic_tensor *t = &p->tensors[i];
    ic_write_text(w, "  t%" PRIu32 " %s [", i, ic_dtype_name((enum ic_dtype)t->dtype));
    for (uint32_t k = 0; k < t->rank; k++)
        ic_write_text(w, k ? " %d" : "%d", (int)t->dims[k]);
    ic_write_text(w, "] %s", t->space < IC_SPACE_COUNT ? space_names[t->space] : "?");
    if (t->space == IC_SPACE_INPUT || t->space == IC_SPACE_OUTPUT)
        ic_write_text(w, " %" PRIu32, t->i_io);
    ic_write_text(w, " +%" PRIu64 " %" PRIu64 " byte%s", t->offset_bytes, t->size_bytes, IC_S(t->size_bytes));
    if (t->scale != 0.0f)
        ic_write_text(w, " scale %.9g zero %d", (double)t->scale, (int)t->zero);
    if (t->name)
        ic_write_text(w, " \"%s\"", ic_program_text(p, t->name));
    ic_write_text(w, "\n");
}

static void print_array(struct ic_writer *w, const char *name, const int32_t *values, int n)
{
    ic_write_text(w, " %s=", name);
    for (int i = 0; i < n; i++)
        ic_write_text(w, i ? ",%d" : "%d", (int)values[i]);
}

#define STEP(NUMBER, NAME, name)                                                                                                   \
    static void print_##name(const void *args, struct ic_writer *w)                                                                \
    {                                                                                                                              \
        const struct ic_step_##name *s = args;
#define TENSOR(field)                                                                                                              \
    if (s->field)                                                                                                                  \
        ic_write_text(w, " " #field "=t%" PRIu32, s->field);
#define I32(field)                                                                                                                 \
    if (s->field)                                                                                                                  \
        ic_write_text(w, " " #field "=%d", (int)s->field);
#define U32(field)                                                                                                                 \
    if (s->field)                                                                                                                  \
        ic_write_text(w, " " #field "=%" PRIu32, s->field);
#define F32(field)                                                                                                                 \
    if (s->field != 0.0f)                                                                                                          \
        ic_write_text(w, " " #field "=%.9g", (double)s->field);
#define I32_ARRAY(field, n) print_array(w, #field, s->field, n);
#define STEP_END(name) }
#include "program/steps.def"

static void (*const printers[IC_STEP_KIND_COUNT])(const void *args, struct ic_writer *w) = {
#define STEP(NUMBER, NAME, name) [NUMBER] = print_##name,
#include "program/each_kind.inc"
};

void ic_program_print(const struct ic_program *p, struct ic_writer *w)
{
    ic_write_text(w, "program for %s, profile %" PRIu32 ", needs %#" PRIx32 ", arena %" PRIu64 ", constants %" PRIu64 "\ntensors\n",
                  p->target, p->profile, p->needs, p->arena_bytes, p->const_bytes);
    for (uint32_t i = 1; i < p->n_tensors; i++)
        print_tensor(p, i, w);
    ic_write_text(w, "steps\n");
    for (uint32_t i = 0; i < p->n_steps; i++) {
        ic_write_text(w, "  %" PRIu32 " %s", i, ic_step_kind_name(p->steps[i].kind));
        printers[p->steps[i].kind](p->steps[i].args, w);
        ic_write_text(w, " \"%s\"\n", ic_program_text(p, p->steps[i].name));
    }
}
