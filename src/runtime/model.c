/* SPDX-License-Identifier: Apache-2.0
 *
 * A loaded model: where its bytes come from, and its program.
 */
#include "runtime/model.h"

#include "base/alloc.h"
#include "runtime/repack.h"

#include <string.h>

/* Weights are used where they stand: the container's sections are at multiples of 64, so the file itself must be. */
enum { ALIGN_BYTES = 64 };

static enum ic_status take_program(struct ic_model *m, const uint8_t *bytes, size_t size_bytes, struct ic_diag *d)
{
    struct ic_container c;
    IC_TRY(ic_container_open(bytes, size_bytes, true, &c, d));
    const struct ic_section *program = ic_container_find(&c, IC_SECTION_PROGRAM, 0);
    const struct ic_section *consts = ic_container_find(&c, IC_SECTION_PROGRAM_CONSTS, 0);
    if (program)
        return ic_program_decode(program->bytes, program->size_bytes, consts ? consts->bytes : NULL,
                                 consts ? consts->size_bytes : 0, &m->program, d);
    if (!ic_runtime_prepare)
        return ic_fail(
            d, IC_ERR_PORTABLE,
            "this is a portable model file and this is the mini runtime, which runs compiled files only: compile it on the PC with "
            "inchip convert MODEL --target CHIP -o model.ic");
    m->was_portable = true;
    return ic_runtime_prepare(&c, &m->program, &m->consts, d);
}

static enum ic_status create(struct ic_model **out_m, struct ic_diag *d)
{
    *out_m = ic_calloc(1, sizeof **out_m);
    return *out_m ? IC_OK : ic_fail(d, IC_ERR_MEMORY, "no memory for a model");
}

static enum ic_status finish(struct ic_model *m, enum ic_status status, struct ic_model **out_m)
{
    if (status != IC_OK) {
        ic_model_close(m);
        return status;
    }
    *out_m = m;
    return IC_OK;
}

static enum ic_status open_bytes(struct ic_model *m, const uint8_t *bytes, size_t size_bytes, struct ic_diag *d)
{
    IC_TRY(take_program(m, bytes, size_bytes, d));
    return ic_model_repack(m, d);
}

enum ic_status ic_model_open_file(const char *path, struct ic_model **out_m, struct ic_diag *d)
{
    struct ic_model *m = NULL;
    IC_TRY(create(&m, d));
    enum ic_status status = ic_file_map_open(path, &m->map, d);
    if (status == IC_OK)
        status = open_bytes(m, m->map.bytes, m->map.size_bytes, d);
    return finish(m, status, out_m);
}

enum ic_status ic_model_open_memory(const void *bytes, size_t size_bytes, bool copy, struct ic_model **out_m, struct ic_diag *d)
{
    struct ic_model *m = NULL;
    IC_TRY(create(&m, d));
    const bool aligned = (uintptr_t)bytes % ALIGN_BYTES == 0;
    if (!copy && !aligned)
        ic_say(d, 'I', "the model's bytes are not 64-byte aligned: they are copied (%zu byte%s)", size_bytes, IC_S(size_bytes));
    if (!copy && aligned)
        return finish(m, open_bytes(m, bytes, size_bytes, d), out_m);
    m->copy = ic_malloc_aligned(size_bytes ? size_bytes : 1, ALIGN_BYTES);
    if (!m->copy)
        return finish(m, ic_fail(d, IC_ERR_MEMORY, "no memory for a model of %zu byte%s", size_bytes, IC_S(size_bytes)), out_m);
    m->held_bytes = size_bytes;
    if (size_bytes)
        memcpy(m->copy, bytes, size_bytes);
    return finish(m, open_bytes(m, m->copy, size_bytes, d), out_m);
}

enum ic_status ic_model_from_program(const struct ic_program *p, struct ic_model **out_m, struct ic_diag *d)
{
    struct ic_model *m = NULL;
    IC_TRY(create(&m, d));
    m->program = *p;
    m->program.arena = (struct ic_arena){0}; /* the tables stay the caller's */
    *out_m = m;
    return IC_OK;
}

void ic_model_close(struct ic_model *m)
{
    if (!m)
        return;
    for (uint32_t i = 0; m->repacked && i < m->program.n_tensors; i++)
        ic_free_aligned(m->repacked[i]);
    ic_free(m->repacked);
    ic_program_destroy(&m->program);
    ic_writer_destroy(&m->consts);
    ic_file_map_close(&m->map);
    ic_free_aligned(m->copy);
    ic_free(m);
}

const struct ic_program *ic_model_program(const struct ic_model *m)
{
    return &m->program;
}

uint64_t ic_model_memory_bytes(const struct ic_model *m)
{
    return (uint64_t)m->held_bytes + m->consts.size_bytes + m->program.arena.total_bytes;
}

bool ic_model_was_portable(const struct ic_model *m)
{
    return m->was_portable;
}
