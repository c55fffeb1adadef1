/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything a run needs is found, sized and allocated here once; running only walks the steps.
 */
#include "runtime/session.h"

#include "base/alloc.h"
#include "base/os.h"
#include "runtime/model.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* below this many multiplications waking a second thread costs more than it saves: lenet's 240,000 took 20 us alone, 40 with two */
    THREADS_WORTH = 1000000
};

struct ic_session {
    struct ic_model *model;
    const struct ic_kernel **kernels; /* per step */
    int32_t *units;                   /* per step */
    int32_t *parts;                   /* per step: into how many the units are split */
    void **ptr;                       /* per tensor */
    uint8_t *arena;
    uint8_t *scratch; /* a block per part */
    int32_t most_parts;
    size_t scratch_bytes;   /* of one block, a multiple of 64 */
    uint8_t **own, **bound; /* per io: inputs, then outputs */
    uint64_t memory_bytes;
    struct ic_pool *pool;
    int n_threads;
    atomic_flag running;
    uint32_t outside; /* a kernel met an index outside its axis (kernels/ref/ref.h); ptr[0] leads here */
};

static uint32_t n_io(const struct ic_program *p)
{
    return p->n_inputs + p->n_outputs;
}

static const struct ic_io *io_at(const struct ic_program *p, uint32_t i)
{
    return i < p->n_inputs ? &p->inputs[i] : &p->outputs[i - p->n_inputs];
}

/* Multiplications, or what costs as much. */
static uint64_t work_of(const struct ic_step *s, const struct ic_tensor *tensors)
{
    if (s->kind == IC_STEP_CONTRACT) {
        const struct ic_step_contract *c = s->args;
        return (uint64_t)c->n * (uint64_t)c->oh * (uint64_t)c->ow * (uint64_t)c->oc * (uint64_t)c->kh * (uint64_t)c->kw *
               (uint64_t)(c->ic / c->groups);
    }
    if (s->kind == IC_STEP_MATMUL) {
        const struct ic_step_matmul *m = s->args;
        return (uint64_t)m->batch * (uint64_t)m->m * (uint64_t)m->n * (uint64_t)m->k;
    }
    if (s->kind == IC_STEP_PRODUCT) {
        const struct ic_step_product *m = s->args;
        return (uint64_t)m->batch * (uint64_t)m->m * (uint64_t)m->n * (uint64_t)m->k;
    }
    uint32_t y = 0;
    if (s->kind == IC_STEP_MAP)
        y = ((const struct ic_step_map *)s->args)->y;
    if (s->kind == IC_STEP_ZIP)
        y = ((const struct ic_step_zip *)s->args)->y;
    if (s->kind == IC_STEP_POOL)
        y = ((const struct ic_step_pool *)s->args)->y;
    return tensors[y].size_bytes * 4;
}

static void choose(struct ic_session *s)
{
    const struct ic_program *p = &s->model->program;
    for (uint32_t i = 0; i < p->n_steps; i++) {
        const struct ic_step *step = &p->steps[i];
        const struct ic_kernel *k = ic_kernel_pick(step, p->tensors, ic_os_cpu_flags());
        s->kernels[i] = k;
        s->units[i] = k->units ? k->units(step->args, p->tensors) : 1;
        const bool worth = work_of(step, p->tensors) >= THREADS_WORTH;
        s->parts[i] = !worth || s->n_threads == 1 ? 1 : s->units[i] < s->n_threads * 4 ? s->units[i] : s->n_threads * 4;
        s->most_parts = s->parts[i] > s->most_parts ? s->parts[i] : s->most_parts;
        const size_t scratch = k->scratch_bytes ? k->scratch_bytes(step->args, p->tensors) : 0;
        if (scratch > s->scratch_bytes)
            s->scratch_bytes = scratch;
    }
    s->scratch_bytes = (s->scratch_bytes + 63) / 64 * 64;
}

static void *counted(struct ic_session *s, size_t size_bytes)
{
    void *memory = ic_malloc_aligned(size_bytes ? size_bytes : 1, 64);
    if (memory)
        memset(memory, 0, size_bytes);
    s->memory_bytes += size_bytes;
    return memory;
}

static uint8_t *io_buffer(const struct ic_session *s, uint32_t i_io)
{
    return s->bound[i_io] ? s->bound[i_io] : s->own[i_io];
}

/* Which input or output t stands in, numbered as bound[] is; n_io: in none. */
static uint32_t io_of(const struct ic_program *p, const struct ic_tensor *t)
{
    return t->space == IC_SPACE_INPUT ? t->i_io : t->space == IC_SPACE_OUTPUT ? p->n_inputs + t->i_io : n_io(p);
}

/* The addresses of the tensors that stand in one input's or output's buffer. */
static void point_at_io(struct ic_session *s, uint32_t i_io)
{
    const struct ic_program *p = &s->model->program;
    for (uint32_t t = 1; t < p->n_tensors; t++)
        if (io_of(p, &p->tensors[t]) == i_io)
            s->ptr[t] = io_buffer(s, i_io) + p->tensors[t].offset_bytes;
}

static void point_at_all(struct ic_session *s)
{
    const struct ic_program *p = &s->model->program;
    for (uint32_t t = 1; t < p->n_tensors; t++) {
        const uint32_t i_io = io_of(p, &p->tensors[t]);
        if (i_io < n_io(p))
            s->ptr[t] = io_buffer(s, i_io) + p->tensors[t].offset_bytes;
        if (p->tensors[t].space == IC_SPACE_CONST)
            s->ptr[t] = (void *)(p->consts + p->tensors[t].offset_bytes); /* kernels only read it: no step may write a constant */
        if (s->model->repacked && s->model->repacked[t])
            s->ptr[t] = s->model->repacked[t];
        if (p->tensors[t].space == IC_SPACE_ARENA)
            s->ptr[t] = s->arena + p->tensors[t].offset_bytes;
    }
}

static enum ic_status allocate(struct ic_session *s, struct ic_diag *d)
{
    const struct ic_program *p = &s->model->program;
    s->kernels = ic_calloc((size_t)p->n_steps + 1, sizeof *s->kernels);
    s->units = ic_calloc((size_t)p->n_steps + 1, sizeof *s->units);
    s->parts = ic_calloc((size_t)p->n_steps + 1, sizeof *s->parts);
    s->ptr = ic_calloc((size_t)p->n_tensors + 1, sizeof *s->ptr);
    s->own = ic_calloc((size_t)n_io(p) + 1, sizeof *s->own);
    s->bound = ic_calloc((size_t)n_io(p) + 1, sizeof *s->bound);
    if (!s->kernels || !s->units || !s->parts || !s->ptr || !s->own || !s->bound)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for a session of %u step%s", p->n_steps, IC_S(p->n_steps));
    choose(s);
    IC_TRY(ic_program_check_memory(p, (uint64_t)s->scratch_bytes * (uint64_t)s->most_parts, d));
    s->arena = counted(s, (size_t)p->arena_bytes);
    s->scratch = counted(s, s->scratch_bytes * (size_t)s->most_parts);
    if (!s->arena || !s->scratch)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for %llu bytes of activations", (unsigned long long)p->arena_bytes);
    for (uint32_t i = 0; i < n_io(p); i++) {
        const struct ic_tensor *t = &p->tensors[io_at(p, i)->tensor];
        s->own[i] = counted(s, (size_t)t->size_bytes);
        if (!s->own[i])
            return ic_fail(d, IC_ERR_MEMORY, "no memory for the buffer of %s", ic_program_text(p, io_at(p, i)->name));
    }
    point_at_all(s);
    s->ptr[0] = &s->outside;
    return IC_OK;
}

/* Of the environment; 0: it does not say. */
static int threads_of_environment(struct ic_diag *d)
{
    const char *text = getenv("INCHIP_THREADS");
    char *end = NULL;
    const long n = text && *text ? strtol(text, &end, 10) : 0;
    if (end && (*end || end == text || n < 0))
        ic_say(d, 'W', "INCHIP_THREADS=%s is no number of threads: it is ignored", text);
    else if (n > IC_SESSION_MAX_THREADS)
        ic_say(d, 'W', "INCHIP_THREADS=%s: %d are taken, which is the most", text, IC_SESSION_MAX_THREADS);
    return end && (*end || n < 0) ? 0 : n > IC_SESSION_MAX_THREADS ? IC_SESSION_MAX_THREADS : (int)n;
}

static int threads_wanted(int n_threads, struct ic_diag *d)
{
    if (n_threads <= 0)
        n_threads = threads_of_environment(d);
    if (n_threads <= 0)
        n_threads = ic_pool_n_cpus() > 0 ? ic_pool_n_cpus() : ic_os_cores();
    return n_threads < 1 ? 1 : n_threads > IC_SESSION_MAX_THREADS ? IC_SESSION_MAX_THREADS : n_threads;
}

enum ic_status ic_session_create(struct ic_model *m, int n_threads, struct ic_session **out_s, struct ic_diag *d)
{
    if (n_threads < 0 || n_threads > IC_SESSION_MAX_THREADS)
        return ic_fail(d, IC_E_OPTION_VALUE, "threads is %d: 1 to %d is possible, or 0 for as many as there are cores", n_threads,
                       IC_SESSION_MAX_THREADS);
    struct ic_session *s = ic_calloc(1, sizeof *s);
    if (!s)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for a session");
    s->model = m;
    s->n_threads = threads_wanted(n_threads, d);
    atomic_flag_clear(&s->running);
    enum ic_status status = allocate(s, d);
    bool parallel = false;
    for (uint32_t i = 0; status == IC_OK && i < m->program.n_steps; i++)
        parallel = parallel || s->parts[i] > 1;
    if (status == IC_OK && parallel)
        status = ic_pool_get(s->n_threads, &s->pool, d);
    if (status != IC_OK) {
        ic_session_destroy(s);
        return status;
    }
    *out_s = s;
    return IC_OK;
}

void ic_session_destroy(struct ic_session *s)
{
    if (!s)
        return;
    const uint32_t n = s->own ? n_io(&s->model->program) : 0;
    for (uint32_t i = 0; i < n; i++)
        ic_free_aligned(s->own[i]);
    ic_pool_put(s->pool);
    ic_free_aligned(s->arena);
    ic_free_aligned(s->scratch);
    ic_free(s->kernels);
    ic_free(s->units);
    ic_free(s->parts);
    ic_free(s->ptr);
    ic_free(s->own);
    ic_free(s->bound);
    ic_free(s);
}

static enum ic_status bind(struct ic_session *s, uint32_t i_io, void *buffer, struct ic_diag *d)
{
    if (buffer && (uintptr_t)buffer % 16 != 0)
        return ic_fail(d, IC_E_BUFFER, "the buffer for %s is not 16-byte aligned",
                       ic_program_text(&s->model->program, io_at(&s->model->program, i_io)->name));
    s->bound[i_io] = buffer;
    point_at_io(s, i_io);
    return IC_OK;
}

enum ic_status ic_session_bind_input(struct ic_session *s, uint32_t i, void *buffer, struct ic_diag *d)
{
    if (i >= s->model->program.n_inputs)
        return ic_fail(d, IC_E_INPUT_COUNT, "input %u: the model has %u", i, s->model->program.n_inputs);
    return bind(s, i, buffer, d);
}

enum ic_status ic_session_bind_output(struct ic_session *s, uint32_t i, void *buffer, struct ic_diag *d)
{
    if (i >= s->model->program.n_outputs)
        return ic_fail(d, IC_E_INPUT_COUNT, "output %u: the model has %u", i, s->model->program.n_outputs);
    IC_TRY(bind(s, s->model->program.n_inputs + i, buffer, d));
    if (buffer) /* elements that no step writes are 0, as in the session's own memory and in the simulator */
        memset(buffer, 0, (size_t)s->model->program.tensors[s->model->program.outputs[i].tensor].size_bytes);
    return IC_OK;
}

void *ic_session_input(struct ic_session *s, uint32_t i)
{
    if (i >= s->model->program.n_inputs)
        return NULL;
    return io_buffer(s, i);
}

void *ic_session_output(struct ic_session *s, uint32_t i)
{
    if (i >= s->model->program.n_outputs)
        return NULL;
    return io_buffer(s, s->model->program.n_inputs + i);
}

/* ---- running ---- */
struct part {
    struct ic_session *s;
    uint32_t i_step;
};

static void run_units(struct ic_session *s, uint32_t i_step, void *scratch, int32_t begin, int32_t end)
{
    const struct ic_program *p = &s->model->program;
    s->kernels[i_step]->run(p->steps[i_step].args, p->tensors, s->ptr, scratch, begin, end);
}

/* Any thread may take any part, so scratch belongs to the part. */
static void run_part(void *user, int i_part)
{
    struct part *part = user;
    struct ic_session *s = part->s;
    const int64_t units = s->units[part->i_step], parts = s->parts[part->i_step];
    const struct ic_float_mode old = ic_float_mode_enter();
    uint8_t *scratch = s->scratch + (size_t)i_part * s->scratch_bytes;
    run_units(s, part->i_step, scratch, (int32_t)(units * i_part / parts), (int32_t)(units * (i_part + 1) / parts));
    ic_float_mode_leave(old);
}

static void run_step(struct ic_session *s, uint32_t i_step)
{
    if (s->parts[i_step] == 1 || !s->pool) {
        run_units(s, i_step, s->scratch, 0, s->units[i_step]);
        return;
    }
    struct part part = {.s = s, .i_step = i_step};
    ic_pool_run(s->pool, s->n_threads, s->parts[i_step], run_part, &part);
}

static uint32_t result_of(const struct ic_step *s)
{
    switch (s->kind) {
#define STEP(NUMBER, NAME, name)                                                                                                   \
    case NUMBER:                                                                                                                   \
        return ((const struct ic_step_##name *)s->args)->y;
#include "program/each_kind.inc"
    default:
        return 0;
    }
}

static enum ic_status run_checked(struct ic_session *s, uint32_t i_step, struct ic_diag *d)
{
    run_step(s, i_step);
    if (__builtin_expect(__atomic_load_n(&s->outside, __ATOMIC_RELAXED) == 0, 1))
        return IC_OK;
    const struct ic_program *p = &s->model->program;
    s->outside = 0;
    return ic_fail(d, IC_E_INDEX, "%s: an index of this run stands outside the axis it points into",
                   ic_program_text(p, p->steps[i_step].name));
}

enum ic_status ic_session_run_traced(struct ic_session *s, uint64_t *out_ns,
                                     void (*tap)(void *user, uint32_t i_step, uint32_t tensor, const void *data), void *user,
                                     struct ic_diag *d)
{
    const struct ic_program *p = &s->model->program;
    if (atomic_flag_test_and_set(&s->running))
        return ic_fail(d, IC_E_TWO_THREADS, "this session is running in another thread: use one session per thread");
    const struct ic_float_mode old = ic_float_mode_enter();
    enum ic_status status = IC_OK;
    for (uint32_t i = 0; i < p->n_steps && status == IC_OK; i++) {
        const uint64_t start = out_ns ? ic_os_time_ns() : 0;
        status = run_checked(s, i, d);
        if (out_ns)
            out_ns[i] = ic_os_time_ns() - start;
        const uint32_t y = result_of(&p->steps[i]);
        if (tap)
            tap(user, i, y, s->ptr[y]);
    }
    ic_float_mode_leave(old);
    atomic_flag_clear(&s->running);
    return status;
}

enum ic_status ic_session_run(struct ic_session *s, struct ic_diag *d)
{
    if (atomic_flag_test_and_set_explicit(&s->running, memory_order_acquire))
        return ic_fail(d, IC_E_TWO_THREADS, "this session is running in another thread: use one session per thread");
    const struct ic_float_mode old = ic_float_mode_enter();
    const uint32_t n = s->model->program.n_steps;
    enum ic_status status = IC_OK;
    for (uint32_t i = 0; i < n && status == IC_OK; i++)
        status = run_checked(s, i, d);
    ic_float_mode_leave(old);
    atomic_flag_clear_explicit(&s->running, memory_order_release);
    return status;
}

const struct ic_kernel *ic_session_kernel(const struct ic_session *s, uint32_t i_step)
{
    return i_step < s->model->program.n_steps ? s->kernels[i_step] : NULL;
}

uint64_t ic_session_memory_bytes(const struct ic_session *s)
{
    return s->memory_bytes;
}
