/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a float graph with compiler and runtime of this machine and shows every value: what the quantizer measures with.
 */
#include "host_executor.h"

#include "base/os.h"
#include "compile/operands.h"
#include "import/name_index.h"

#include <stdlib.h>
#include <string.h>

struct tap_state {
    const struct ic_host_executor *e;
    void (*tap)(void *user, const struct ic_value *v, const float *data, size_t elements);
    void *user;
};

static bool same_memory(const struct ic_tensor *x, const struct ic_tensor *y)
{
    return x->space == y->space && x->i_io == y->i_io;
}

static int compare_places(const struct ic_tensor *x, const struct ic_tensor *y)
{
    if (!same_memory(x, y))
        return x->space != y->space ? (x->space < y->space ? -1 : 1) : x->i_io < y->i_io ? -1 : 1;
    return x->offset_bytes < y->offset_bytes ? -1 : x->offset_bytes > y->offset_bytes;
}

static int by_place(const void *a, const void *b)
{
    const struct ic_shown *x = a, *y = b;
    const int order = compare_places(x->tensor, y->tensor);
    return order ? order : x->value->id < y->value->id ? -1 : x->value->id > y->value->id;
}

/* The tensor and every view of it: with keep_all no two others share memory. */
static void show(const struct tap_state *s, uint32_t tensor, const void *data)
{
    const struct ic_tensor *written = &s->e->program.tensors[tensor];
    const uint64_t end = written->offset_bytes + written->size_bytes;
    uint32_t low = 0, high = s->e->n_shown;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (compare_places(s->e->shown[middle].tensor, written) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < s->e->n_shown; low++) {
        const struct ic_tensor *t = s->e->shown[low].tensor;
        const struct ic_value *v = s->e->shown[low].value;
        if (!same_memory(t, written) || t->offset_bytes > end)
            break;
        if (t->offset_bytes + t->size_bytes <= end)
            s->tap(s->user, v, (const float *)data + (t->offset_bytes - written->offset_bytes) / sizeof(float),
                   (size_t)ic_value_elements(v));
    }
}

static void show_complete(void *user, uint32_t i_step, uint32_t tensor, const void *data)
{
    const struct tap_state *s = user;
    if (s->e->last_writer[tensor] == i_step)
        show(s, tensor, data);
}

static bool find_last_writers(struct ic_host_executor *e)
{
    e->last_writer = ic_arena_array(&e->arena, e->program.n_tensors, sizeof *e->last_writer);
    for (uint32_t i = 0; i < e->program.n_steps && e->last_writer; i++) {
        const struct ic_operands o = ic_step_operands(&e->program.steps[i]);
        for (int32_t k = 0; k < o.n; k++)
            if (o.is_result[k])
                e->last_writer[*o.at[k]] = i;
    }
    return e->last_writer != NULL;
}

/* Tensors carry the names of the values they hold, and value names are unique. */
static bool list_shown(struct ic_host_executor *e, const struct ic_graph *g)
{
    struct ic_name_index values = {0};
    e->shown = ic_arena_array(&e->arena, e->program.n_tensors, sizeof *e->shown);
    for (int32_t i = 0; i < g->n_values; i++)
        if (!g->values[i]->data && !ic_name_index_put(&values, &e->arena, g->values[i]->name, (uint32_t)i))
            return false;
    for (uint32_t i = 1; i < e->program.n_tensors && e->shown; i++) {
        const struct ic_tensor *t = &e->program.tensors[i];
        const char *name = ic_program_text(&e->program, t->name);
        const uint32_t *at = *name && t->space != IC_SPACE_CONST ? ic_name_index_find(&values, name) : NULL;
        if (at && g->values[*at]->dtype == IC_F32)
            e->shown[e->n_shown++] = (struct ic_shown){t, g->values[*at]};
    }
    if (e->shown)
        qsort(e->shown, e->n_shown, sizeof *e->shown, by_place);
    return e->shown != NULL;
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
    e->shown = NULL;
    e->n_shown = 0;
    e->last_writer = NULL;
    e->program = (struct ic_program){0};
    e->consts = (struct ic_writer){0};
}

static enum ic_status prepare(void *self, const struct ic_graph *g, struct ic_diag *d)
{
    struct ic_host_executor *e = self;
    executor_reset(e);
    IC_TRY(ic_compile(g, ic_target_host(), true, &e->program, &e->consts, d));
    if (!list_shown(e, g) || !find_last_writers(e))
        return ic_fail(d, IC_ERR_MEMORY, "no memory for %u tensors", e->program.n_tensors);
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
        show(&state, e->program.inputs[i].tensor, inputs[i]);
    }
    return ic_session_run_traced(e->session, NULL, show_complete, &state, d);
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
