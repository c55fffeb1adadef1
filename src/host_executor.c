/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a float graph with compiler and runtime of this machine and shows every value: what the quantizer measures with.
 */
#include "host_executor.h"

#include "base/os.h"

#include <string.h>

struct tap_state {
    const struct ic_host_executor *e;
    void (*tap)(void *user, const struct ic_value *v, const float *data, size_t elements);
    void *user;
};

/* The tensor and every view of it: with keep_all no two others share memory. */
static void show(void *user, uint32_t i_step, uint32_t tensor, const void *data)
{
    (void)i_step;
    const struct tap_state *s = user;
    const struct ic_tensor *written = &s->e->program.tensors[tensor];
    for (uint32_t i = 1; i < s->e->program.n_tensors; i++) {
        const struct ic_tensor *t = &s->e->program.tensors[i];
        const struct ic_value *v = s->e->value_of_tensor[i];
        const bool inside = t->space == written->space && t->i_io == written->i_io && t->offset_bytes >= written->offset_bytes &&
                            t->offset_bytes + t->size_bytes <= written->offset_bytes + written->size_bytes;
        if (v && v->dtype == IC_F32 && inside)
            s->tap(s->user, v, (const float *)data + (t->offset_bytes - written->offset_bytes) / sizeof(float),
                   (size_t)ic_value_elements(v));
    }
}

/* Tensors carry the names of the values they hold, and value names are unique. */
static const struct ic_value *find_value(const struct ic_graph *g, const char *name)
{
    for (int32_t i = 0; i < g->n_values; i++)
        if (!g->values[i]->data && strcmp(g->values[i]->name, name) == 0)
            return g->values[i];
    return NULL;
}

static void executor_reset(struct ic_host_executor *e)
{
    ic_session_destroy(e->session);
    ic_model_close(e->model);
    ic_program_destroy(&e->program);
    ic_writer_destroy(&e->consts);
    ic_arena_destroy(&e->arena);
    e->session = NULL;
    e->model = NULL;
    e->value_of_tensor = NULL;
    e->program = (struct ic_program){0};
    e->consts = (struct ic_writer){0};
}

static enum ic_status prepare(void *self, const struct ic_graph *g, struct ic_diag *d)
{
    struct ic_host_executor *e = self;
    executor_reset(e);
    IC_TRY(ic_compile(g, ic_target_host(), true, &e->program, &e->consts, d));
    e->value_of_tensor = ic_arena_array(&e->arena, e->program.n_tensors, sizeof *e->value_of_tensor);
    if (!e->value_of_tensor)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for %u tensors", e->program.n_tensors);
    for (uint32_t i = 1; i < e->program.n_tensors; i++) {
        const char *name = ic_program_text(&e->program, e->program.tensors[i].name);
        if (*name && e->program.tensors[i].space != IC_SPACE_CONST)
            e->value_of_tensor[i] = find_value(g, name);
    }
    IC_TRY(ic_model_from_program(&e->program, &e->model, d));
    const int cores = ic_os_cores();
    return ic_session_create(e->model, cores < IC_SESSION_MAX_THREADS ? cores : IC_SESSION_MAX_THREADS, &e->session, d);
}

static enum ic_status run(void *self, const void *const *inputs,
                          void (*tap)(void *user, const struct ic_value *v, const float *data, size_t elements), void *user,
                          struct ic_diag *d)
{
    struct ic_host_executor *e = self;
    struct tap_state state = {.e = e, .tap = tap, .user = user};
    for (uint32_t i = 0; i < e->program.n_inputs; i++) {
        const struct ic_tensor *t = &e->program.tensors[e->program.inputs[i].tensor];
        memcpy(ic_session_input(e->session, i), inputs[i], (size_t)t->size_bytes);
        show(&state, 0, e->program.inputs[i].tensor, inputs[i]);
    }
    return ic_session_run_traced(e->session, NULL, show, &state, d);
}

void ic_host_executor_init(struct ic_host_executor *e)
{
    *e = (struct ic_host_executor){.face = {.prepare = prepare, .run = run}};
    e->face.self = e;
}

void ic_host_executor_destroy(struct ic_host_executor *e)
{
    executor_reset(e);
}
