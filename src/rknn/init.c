/* SPDX-License-Identifier: Apache-2.0
 *
 * rknn_init, rknn_destroy, and the table of living contexts: a stale or invented number must be an error, not a crash.
 */
#include "base/alloc.h"
#include "container/container.h"
#include "inchip/status.h"
#include "rknn/context.h"
#include "rknn/dump.h"
#include "rknn/frames.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_CONTEXTS = 64 };

/* The one piece of global state of the drop-in: its interface gives contexts as numbers. A number is slot + 1 plus the slot's use count, so
 * that a destroyed context's number does not name its successor. */
static struct {
    struct ic_rknn *context;
    uint32_t uses;
} slots[MAX_CONTEXTS];
static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;

static rknn_context number_of(uint32_t slot)
{
    return (rknn_context)(slots[slot].uses % 0xFFFFFFu * 256u + slot + 1);
}

/* Under slots_lock. */
static struct ic_rknn *find(rknn_context context)
{
    const uint32_t slot = (uint32_t)(context % 256u) - 1u;
    return slot < MAX_CONTEXTS && slots[slot].context && number_of(slot) == context ? slots[slot].context : NULL;
}

int ic_rknn_enter(rknn_context context, struct ic_rknn **out_c)
{
    pthread_mutex_lock(&slots_lock);
    struct ic_rknn *c = find(context);
    const bool busy = c && c->busy;
    if (c)
        c->busy = true;
    pthread_mutex_unlock(&slots_lock);
    *out_c = busy ? NULL : c;
    if (busy)
        return ic_rknn_fail_for(RKNN_ERR_FAIL, IC_E_TWO_THREADS, "this context is in use in another thread: open one per thread");
    if (!c)
        return ic_rknn_fail(RKNN_ERR_CTX_INVALID,
                            "no living context has the number %#llx: rknn_init gives one, rknn_destroy ends it",
                            (unsigned long long)context);
    return RKNN_SUCC;
}

void ic_rknn_leave(struct ic_rknn *c)
{
    pthread_mutex_lock(&slots_lock);
    c->busy = false;
    pthread_mutex_unlock(&slots_lock);
}

void ic_rknn_set_bound(struct ic_rknn *c, uint32_t i_io, const void *at)
{
    pthread_mutex_lock(&slots_lock);
    c->bound[i_io] = at;
    pthread_mutex_unlock(&slots_lock);
}

/* Under slots_lock. Which of c's inputs and outputs live there; unbind: they go back. */
static bool lives_in(struct ic_rknn *c, const uint8_t *from, size_t size_bytes, bool unbind)
{
    const struct ic_program *p = ic_model_program(c->model);
    bool found = false;
    for (uint32_t i = 0; i < p->n_inputs + p->n_outputs; i++) {
        const bool input = i < p->n_inputs;
        if (!c->bound[i] || (uintptr_t)c->bound[i] - (uintptr_t)from >= size_bytes)
            continue;
        found = true;
        if (!unbind)
            continue;
        const enum ic_status status = input ? ic_session_bind_input(c->session, i, NULL, NULL)
                                            : ic_session_bind_output(c->session, i - p->n_inputs, NULL, NULL);
        (void)status; /* only an unaligned buffer or a wrong number fails */
        c->bound[i] = NULL;
        if (input)
            c->given[i] = false;
    }
    return found;
}

bool ic_rknn_forget(const uint8_t *from, size_t size_bytes)
{
    bool free_to_go = true;
    pthread_mutex_lock(&slots_lock);
    for (uint32_t i = 0; i < MAX_CONTEXTS; i++)
        if (slots[i].context && slots[i].context->busy && lives_in(slots[i].context, from, size_bytes, false))
            free_to_go = false;
    for (uint32_t i = 0; free_to_go && i < MAX_CONTEXTS; i++)
        if (slots[i].context && !slots[i].context->busy)
            (void)lives_in(slots[i].context, from, size_bytes, true);
    pthread_mutex_unlock(&slots_lock);
    return free_to_go;
}

static bool add_context(struct ic_rknn *c, rknn_context *out)
{
    bool added = false;
    pthread_mutex_lock(&slots_lock);
    for (uint32_t i = 0; i < MAX_CONTEXTS && !added; i++)
        if (!slots[i].context) {
            slots[i].context = c;
            slots[i].uses++;
            *out = number_of(i);
            added = true;
        }
    pthread_mutex_unlock(&slots_lock);
    return added;
}

unsigned ic_rknn_cause(int code)
{
    switch (code) {
    case RKNN_ERR_MALLOC_FAIL:
        return IC_E_MEMORY;
    case RKNN_ERR_PARAM_INVALID:
        return IC_E_CALL;
    case RKNN_ERR_INPUT_INVALID:
    case RKNN_ERR_OUTPUT_INVALID:
        return IC_E_DATA_SIZE;
    default:
        return IC_E_STATE;
    }
}

int ic_rknn_fail_for(int code, unsigned cause, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("E ");
    vprintf(format, args);
    printf(" [" IC_CODE_FORMAT "]\n", ic_cause_code(cause));
    va_end(args);
    return code;
}

/* What kind of failure, as the vendor's numbers tell them apart. */
int ic_rknn_code(enum ic_status status)
{
    switch (status) {
    case IC_OK:
        return RKNN_SUCC;
    case IC_ERR_MEMORY:
        return RKNN_ERR_MALLOC_FAIL;
    case IC_ERR_ARG:
        return RKNN_ERR_PARAM_INVALID;
    case IC_ERR_MODEL:
    case IC_ERR_FORMAT:
    case IC_ERR_UNSUPPORTED:
    case IC_ERR_LIMIT:
    case IC_ERR_VENDOR:
    case IC_ERR_CORRUPT:
        return RKNN_ERR_MODEL_INVALID;
    case IC_ERR_TARGET:
        return RKNN_ERR_TARGET_PLATFORM_UNMATCH;
    case IC_ERR_ABI:
        return RKNN_ERR_INCOMPATILE_PRE_COMPILE_MODEL;
    case IC_ERR_PORTABLE:
        return RKNN_ERR_NON_PRE_COMPILED_MODEL_ON_MINI_DRIVER;
    case IC_ERR_DEVICE:
        return RKNN_ERR_DEVICE_UNAVAILABLE;
    default:
        return RKNN_ERR_FAIL;
    }
}

static void print_line(void *user, char level, const char *text)
{
    (void)user;
    if (ic_rknn_shows(level))
        printf("%c %s\n", level, text);
}

static void destroy(struct ic_rknn *c)
{
    ic_frames_destroy(c->frames);
    ic_writer_destroy(&c->precompiled);
    ic_session_destroy(c->session);
    ic_model_close(c->model);
    ic_writer_destroy(&c->perf_text);
    ic_free(c->step_ns);
    ic_free((void *)c->bound);
    ic_rknn_take_back_all(&c->outputs);
    ic_free(c->given);
    ic_free_aligned(c->scratch);
    ic_free(c);
}

/* Room for any input in float32. The interface's sizes have 32 bits. */
static enum ic_status find_scratch_bytes(struct ic_rknn *c, const struct ic_program *p, size_t *out_most)
{
    *out_most = 0;
    for (uint32_t i = 0; i < p->n_inputs + p->n_outputs; i++) {
        const bool input = i < p->n_inputs;
        const size_t n = ic_rknn_elements(ic_rknn_tensor(p, input, input ? i : i - p->n_inputs));
        if (n > UINT32_MAX / sizeof(float))
            return ic_fail(&c->diag, IC_E_RKNN_BYTES,
                           "an input or output has %zu value%s; rknn_api counts bytes in 32 bits: use inchip/runtime.h", n,
                           IC_S(n));
        if (input && n * sizeof(float) > *out_most)
            *out_most = n * sizeof(float);
    }
    return IC_OK;
}

static enum ic_status open_session(struct ic_rknn *c, const void *model, uint32_t size)
{
    IC_TRY(ic_model_open_memory(model, size, true, &c->model, &c->diag));
    IC_TRY(ic_session_create(c->model, 0, &c->session, &c->diag));
    const struct ic_program *p = ic_model_program(c->model);
    size_t scratch_bytes = 0;
    IC_TRY(find_scratch_bytes(c, p, &scratch_bytes));
    c->scratch = ic_malloc_aligned(scratch_bytes + 64, 64);
    c->given = ic_calloc((size_t)p->n_inputs + 1, sizeof *c->given);
    c->bound = ic_calloc((size_t)p->n_inputs + p->n_outputs + 1, sizeof *c->bound);
    c->step_ns = ic_calloc((size_t)p->n_steps + 1, sizeof *c->step_ns);
    return c->scratch && c->bound && c->given && c->step_ns ? IC_OK : ic_fail(&c->diag, IC_ERR_MEMORY, "no memory for a context");
}

/* The four lines that users of the mini driver know, and the one that they miss. */
static void explain_portable(void)
{
    printf("Verify rknn graph fail!\n"
           "This RKNN model is not a pre-compiled model, but the npu driver is mini driver.\n"
           "Mini driver only support rknn models with pre-compiled mode.\n"
           "Create RKNN model fail, error=-14\n"
           "I compile it on the PC: inchip convert MODEL --target rv1109 -o MODEL.rknn (or build(pre_compile=True)) [IC-E1200]\n");
}

/* The compiled model file again: as it was given, or made from what was compiled here. */
static enum ic_status keep_precompiled(struct ic_rknn *c, const void *model, uint32_t size)
{
    struct ic_writer program = {0};
    if (!ic_model_was_portable(c->model)) {
        ic_write_bytes(&c->precompiled, model, size);
        return c->precompiled.failed
                   ? ic_fail(&c->diag, IC_ERR_MEMORY, "no memory to keep the model of %u byte%s", size, IC_S(size))
                   : IC_OK;
    }
    const struct ic_program *p = ic_model_program(c->model);
    enum ic_status status = ic_program_encode(p, &program, &c->diag);
    const struct ic_section sections[] = {
        {.kind = IC_SECTION_PROGRAM, .bytes = program.bytes, .size_bytes = program.size_bytes},
        {.kind = IC_SECTION_PROGRAM_CONSTS, .bytes = p->consts, .size_bytes = (size_t)p->const_bytes}};
    if (status == IC_OK)
        status = ic_container_write(sections, 2, &c->precompiled, &c->diag);
    ic_writer_destroy(&program);
    if (status == IC_OK && c->precompiled.size_bytes > UINT32_MAX)
        status = ic_fail(&c->diag, IC_E_RKNN_BYTES, "the compiled model has %zu byte%s; rknn_api counts them in 32 bits",
                         c->precompiled.size_bytes, IC_S(c->precompiled.size_bytes));
    return status;
}

static int open_context(struct ic_rknn *c, const void *model, uint32_t size, uint32_t flag, rknn_context *out)
{
    enum ic_status status = open_session(c, model, size);
    if (status == IC_OK && (flag & RKNN_FLAG_ASYNC_MASK))
        status = ic_frames_create(c, &c->frames);
    if (status == IC_OK && (flag & RKNN_FLAG_PRECOMPILE_MASK))
        status = keep_precompiled(c, model, size);
    if (status == IC_ERR_PORTABLE) {
        explain_portable();
        return ic_rknn_code(status);
    }
    if (status != IC_OK)
        return ic_rknn_fail_for(ic_rknn_code(status), c->diag.code, "%s", c->diag.text);
    c->dump = ic_rknn_dump_wanted();
    if (c->dump)
        ic_rknn_dump_names(c);
    if (!add_context(c, out))
        return ic_rknn_fail(RKNN_ERR_FAIL, "more than %d contexts are open", MAX_CONTEXTS);
    return RKNN_SUCC;
}

int rknn_init(rknn_context *context, void *model, uint32_t size, uint32_t flag)
{
    const uint32_t known = RKNN_FLAG_PRIOR_MEDIUM | RKNN_FLAG_PRIOR_LOW | RKNN_FLAG_ASYNC_MASK | RKNN_FLAG_COLLECT_PERF_MASK |
                           RKNN_FLAG_PRECOMPILE_MASK;
    printf(IC_RKNN_VERSION "\n", ic_rknn_flavor);
    if (!context || !model)
        return ic_rknn_fail(RKNN_ERR_PARAM_INVALID, "rknn_init: context or model is NULL");
    if (size == 0)
        return ic_rknn_fail(RKNN_ERR_PARAM_INVALID,
                            "rknn_init: size is 0 (a path with size 0 is RKNN API 2: read the file, give its bytes)");
    if (flag & ~known)
        return ic_rknn_fail(RKNN_ERR_PARAM_INVALID, "rknn_init: unknown flags %#x", flag & ~known);
    struct ic_rknn *c = ic_calloc(1, sizeof *c);
    if (!c)
        return ic_rknn_fail(RKNN_ERR_MALLOC_FAIL, "rknn_init: no memory");
    c->log = (struct ic_log){.line = print_line};
    c->diag.log = &c->log;
    c->collect_perf = (flag & RKNN_FLAG_COLLECT_PERF_MASK) != 0;
    const int code = open_context(c, model, size, flag, context);
    if (code != RKNN_SUCC)
        destroy(c);
    return code;
}

int rknn_destroy(rknn_context context)
{
    struct ic_rknn *c = NULL;
    const int code = ic_rknn_enter(context, &c);
    if (code != RKNN_SUCC)
        return code;
    pthread_mutex_lock(&slots_lock);
    slots[(uint32_t)(context % 256u) - 1u].context = NULL;
    pthread_mutex_unlock(&slots_lock);
    destroy(c);
    return RKNN_SUCC;
}
