/* SPDX-License-Identifier: Apache-2.0
 *
 * Walks a program's steps; memory is the simulator's own, inputs and outputs are the caller's.
 */
#include "sim/sim.h"

#include "base/alloc.h"
#include "sim/internal.h"

#include <math.h>
#include <string.h>

struct ic_sim {
    const struct ic_program *p;
    uint8_t *arena;
    void **ptr;
    struct ic_sim_events *events; /* per step */
};

enum ic_status ic_sim_create(const struct ic_program *p, struct ic_sim **out_s, struct ic_diag *d)
{
    IC_TRY(ic_program_check_memory(p, 0, d));
    struct ic_sim *s = ic_calloc(1, sizeof *s);
    if (!s)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for a simulator");
    s->p = p;
    s->arena = ic_malloc_aligned((size_t)p->arena_bytes + 64, 64);
    s->ptr = ic_calloc((size_t)p->n_tensors + 1, sizeof *s->ptr);
    s->events = ic_calloc((size_t)p->n_steps + 1, sizeof *s->events);
    if (!s->arena || !s->ptr || !s->events) {
        ic_sim_destroy(s);
        return ic_fail(d, IC_ERR_MEMORY, "no memory to simulate a program with %llu byte%s of activations",
                       (unsigned long long)p->arena_bytes, IC_S(p->arena_bytes));
    }
    memset(s->arena, 0, (size_t)p->arena_bytes + 64);
    *out_s = s;
    return IC_OK;
}

void ic_sim_destroy(struct ic_sim *s)
{
    if (!s)
        return;
    ic_free_aligned(s->arena);
    ic_free(s->ptr);
    ic_free(s->events);
    ic_free(s);
}

/* Constants and inputs are only read: ic_program_check lets no step write them. */
static void bind(struct ic_sim *s, const void *const *inputs, void *const *outputs)
{
    for (uint32_t t = 1; t < s->p->n_tensors; t++) {
        const struct ic_tensor *tensor = &s->p->tensors[t];
        uint8_t *base = NULL;
        switch (tensor->space) {
        case IC_SPACE_CONST:
            base = (uint8_t *)(uintptr_t)s->p->consts;
            break;
        case IC_SPACE_ARENA:
            base = s->arena;
            break;
        case IC_SPACE_INPUT:
            base = (uint8_t *)(uintptr_t)inputs[tensor->i_io];
            break;
        case IC_SPACE_OUTPUT:
            base = outputs[tensor->i_io];
            break;
        default:
            break;
        }
        s->ptr[t] = base ? base + tensor->offset_bytes : NULL;
    }
}

static enum ic_status run_step(const struct ic_sim_run *r, const struct ic_step *step, uint32_t *out_y)
{
    switch (step->kind) {
#define STEP(NUMBER, NAME, name)                                                                                                   \
    case NUMBER:                                                                                                                   \
        *out_y = ((const struct ic_step_##name *)step->args)->y;                                                                   \
        return ic_sim_##name(r, step->args);
#include "program/each_kind.inc"
    default:
        return ic_fail(r->d, IC_E_STEP_UNKNOWN, "the simulator does not know step kind %u", step->kind);
    }
}

enum ic_status ic_sim_run(struct ic_sim *s, const void *const *inputs, void *const *outputs,
                          void (*tap)(void *user, uint32_t i_step, uint32_t tensor, const void *data), void *user,
                          struct ic_diag *d)
{
    enum ic_status status = IC_OK;
    bind(s, inputs, outputs);
    for (uint32_t i = 0; i < s->p->n_outputs; i++) /* elements that no step writes are 0 */
        memset(outputs[i], 0, (size_t)s->p->tensors[s->p->outputs[i].tensor].size_bytes);
    const struct ic_float_mode old = ic_float_mode_enter();
    for (uint32_t i = 0; i < s->p->n_steps && status == IC_OK; i++) {
        const struct ic_sim_run r = {.p = s->p, .ptr = s->ptr, .events = &s->events[i], .d = d};
        uint32_t y = 0;
        s->events[i] = (struct ic_sim_events){0};
        status = run_step(&r, &s->p->steps[i], &y);
        if (tap && status == IC_OK)
            tap(user, i, y, s->ptr[y]);
    }
    ic_float_mode_leave(old);
    return status;
}

const struct ic_sim_events *ic_sim_events(const struct ic_sim *s, uint32_t i_step)
{
    return &s->events[i_step];
}

/* ---- elements ---- */
float ic_sim_get(const struct ic_sim_run *r, uint32_t t, int64_t i)
{
    if (ic_sim_tensor(r, t)->dtype == IC_F16)
        return ic_f16_to_f32(((const uint16_t *)r->ptr[t])[i]);
    return ic_flush(((const float *)r->ptr[t])[i]);
}

void ic_sim_put(const struct ic_sim_run *r, uint32_t t, int64_t i, float v)
{
    if (ic_sim_tensor(r, t)->dtype == IC_F16) {
        const uint16_t h = ic_f32_to_f16(v);
        r->events->f16_overflows += (h & 0x7FFFu) == 0x7C00u && isfinite(v);
        ((uint16_t *)r->ptr[t])[i] = h;
        return;
    }
    ((float *)r->ptr[t])[i] = ic_flush(v);
}

int32_t ic_sim_get_code(const struct ic_sim_run *r, uint32_t t, int64_t i)
{
    if (ic_sim_tensor(r, t)->dtype == IC_S8)
        return ((const int8_t *)r->ptr[t])[i];
    return ((const uint8_t *)r->ptr[t])[i];
}

void ic_sim_put_code(const struct ic_sim_run *r, uint32_t t, int64_t i, int32_t code, double exact, int32_t zero)
{
    const int32_t least = ic_sim_tensor(r, t)->dtype == IC_S8 ? -128 : 0, most = least + 255;
    r->events->saturations += exact + zero < least - 0.5 || exact + zero > most + 0.5;
    ((uint8_t *)r->ptr[t])[i] = (uint8_t)code;
}
