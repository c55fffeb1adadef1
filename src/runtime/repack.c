/* SPDX-License-Identifier: Apache-2.0
 *
 * A program compiled for another chip runs here too, and not by plain loops: packing is data, so it can be changed.
 */
#include "runtime/repack.h"

#include "base/alloc.h"
#include "base/os.h"

#include <string.h>

/* Packings that kernels of any instruction set take, the likelier first (kernels/kernel.h). */
static const struct {
    uint32_t oc_block, k_block;
} packings[] = {{16, 1}, {16, 4}, {8, 1}, {8, 4}, {4, 1}};

static bool is_slow(const struct ic_step *s, const struct ic_tensor *tensors)
{
    return ic_kernel_pick(s, tensors, ic_os_cpu_flags()) == ic_kernel_ref(s->kind);
}

/* The packing by which a fast kernel takes the step; false when there is none. */
static bool find_packing(const struct ic_step *step, const struct ic_tensor *tensors, struct ic_step_contract *out)
{
    const struct ic_step trial = {.kind = step->kind, .name = step->name, .args = out};
    *out = *(const struct ic_step_contract *)step->args;
    for (size_t i = 0; i < sizeof packings / sizeof *packings; i++) {
        out->oc_block = packings[i].oc_block;
        out->k_block = packings[i].k_block;
        if (!is_slow(&trial, tensors))
            return true;
    }
    return false;
}

static size_t elements_of(const struct ic_step_contract *s, int32_t *out_n, int32_t *out_rows, int32_t *out_columns)
{
    const int32_t icg = s->ic / s->groups, ocg = s->oc / s->groups;
    const bool depthwise = icg == 1 && ocg == 1;
    *out_n = depthwise ? 1 : s->groups;
    *out_rows = depthwise ? s->oc : ocg;
    *out_columns = s->kh * s->kw * icg;
    return ic_packed_elements(*out_rows, *out_columns, s->oc_block, s->k_block);
}

static void repack(const struct ic_step_contract *from, const struct ic_step_contract *to, size_t bytes, const uint8_t *old,
                   uint8_t *new)
{
    int32_t n, rows, columns;
    const size_t old_each = elements_of(from, &n, &rows, &columns), new_each = elements_of(to, &n, &rows, &columns);
    for (int32_t g = 0; g < n; g++)
        for (int32_t o = 0; o < rows; o++)
            for (int32_t k = 0; k < columns; k++) {
                const size_t i = (size_t)g * old_each + ic_packed_index(o, k, columns, from->oc_block, from->k_block);
                const size_t j = (size_t)g * new_each + ic_packed_index(o, k, columns, to->oc_block, to->k_block);
                memcpy(new + j *bytes, old + i * bytes, bytes);
            }
}

/* Every reader of the same weights changes with them. */
static enum ic_status change_readers(struct ic_model *m, uint32_t w, const struct ic_step_contract *to, struct ic_diag *d)
{
    for (uint32_t i = 0; i < m->program.n_steps; i++) {
        struct ic_step *step = &m->program.steps[i];
        if (step->kind != IC_STEP_CONTRACT || ((const struct ic_step_contract *)step->args)->w != w)
            continue;
        struct ic_step_contract *args = ic_arena_copy(&m->program.arena, step->args, sizeof *args);
        if (!args)
            return ic_fail(d, IC_ERR_MEMORY, "no memory for a step of the program");
        args->oc_block = to->oc_block;
        args->k_block = to->k_block;
        step->args = args;
    }
    return IC_OK;
}

static bool reads(const struct ic_step *step, uint32_t tensor)
{
    switch (step->kind) {
#define STEP(NUMBER, NAME, name)                                                                                                   \
    case NUMBER: {                                                                                                                 \
        const struct ic_step_##name *s = step->args;                                                                               \
        return false
#define TENSOR(field) || s->field == tensor
#define I32(field)
#define U32(field)
#define F32(field)
#define I32_ARRAY(field, n)
#define STEP_END(name)                                                                                                             \
    ;                                                                                                                              \
    }
#include "program/steps.def"
    default:
        return true;
    }
}

/* Whether all that read the weights are contractions that see them as one and the same packed matrices. Compilers make nothing else, but
 * a file may: a program's check knows only the packing that it was written with. */
static bool all_read_alike(const struct ic_program *p, const struct ic_step_contract *first)
{
    int32_t n, rows, columns;
    (void)elements_of(first, &n, &rows, &columns);
    for (uint32_t i = 0; i < p->n_steps; i++) {
        const struct ic_step_contract *s = p->steps[i].args;
        int32_t n_s, rows_s, columns_s;
        if (!reads(&p->steps[i], first->w))
            continue;
        if (p->steps[i].kind != IC_STEP_CONTRACT || s->w != first->w || s->x == s->w || s->bias == s->w || s->scale == s->w)
            return false;
        (void)elements_of(s, &n_s, &rows_s, &columns_s);
        if (n_s != n || rows_s != rows || columns_s != columns || s->oc_block != first->oc_block || s->k_block != first->k_block)
            return false;
    }
    return true;
}

static enum ic_status repack_step(struct ic_model *m, const struct ic_step *step, size_t *bytes_done, struct ic_diag *d)
{
    const struct ic_step_contract from = *(const struct ic_step_contract *)step->args;
    struct ic_tensor *w = &m->program.tensors[from.w];
    struct ic_step_contract to;
    int32_t n, rows, columns;
    if (m->repacked[from.w] || !all_read_alike(&m->program, &from) || !find_packing(step, m->program.tensors, &to))
        return IC_OK;
    const size_t element_bytes = ic_dtype_bytes((enum ic_dtype)w->dtype);
    const size_t bytes = elements_of(&to, &n, &rows, &columns) * (size_t)n * element_bytes;
    uint8_t *memory = ic_malloc_aligned(bytes, 64);
    if (!memory)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to repack %zu byte%s of weights", bytes, IC_S(bytes));
    memset(memory, 0, bytes);
    repack(&from, &to, element_bytes, m->program.consts + w->offset_bytes, memory);
    m->repacked[from.w] = memory;
    *bytes_done += bytes;
    m->held_bytes += bytes;
    return change_readers(m, from.w, &to, d);
}

enum ic_status ic_model_repack(struct ic_model *m, struct ic_diag *d)
{
    size_t bytes = 0;
    m->repacked = ic_calloc(m->program.n_tensors, sizeof *m->repacked);
    if (!m->repacked)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for %u tensors", m->program.n_tensors);
    for (uint32_t i = 0; i < m->program.n_steps; i++)
        if (m->program.steps[i].kind == IC_STEP_CONTRACT && is_slow(&m->program.steps[i], m->program.tensors))
            IC_TRY(repack_step(m, &m->program.steps[i], &bytes, d));
    if (bytes)
        ic_say(d, 'I', "compiled for %s: %.1f KB of weights were packed anew for this machine", m->program.target,
               (double)bytes / 1024.0);
    return IC_OK;
}
