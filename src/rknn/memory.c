/* SPDX-License-Identifier: Apache-2.0
 *
 * The buffers themselves: map, sync, unmap, and memory of the caller's for inputs and outputs.
 */
#include "base/checked.h"
#include "rknn/context.h"

#include <inttypes.h>
#include <pthread.h>
#include <string.h>

/* What rknn_create_mem gave: of the process, since it outlives its context. A rknn_tensor_mem, then the memory itself. */
static struct ic_rknn_loan *lent;
static pthread_mutex_t lent_lock = PTHREAD_MUTEX_INITIALIZER;
enum { MEM_BYTES = 64 };
_Static_assert(sizeof(rknn_tensor_mem) <= MEM_BYTES, "a rknn_tensor_mem stands before its memory");

static void describe(rknn_tensor_mem *mem, void *at, uint32_t size)
{
    *mem = (rknn_tensor_mem){.logical_addr = at, .physical_addr = UINT64_MAX, .fd = -1, .size = size};
}

static int check(const struct ic_rknn *c, bool input, uint32_t n, const rknn_tensor_mem mem[])
{
    const struct ic_program *p = ic_model_program(c->model);
    const uint32_t wanted = input ? p->n_inputs : p->n_outputs;
    if (mem && n == wanted)
        return RKNN_SUCC;
    return ic_rknn_fail(RKNN_ERR_PARAM_INVALID, "mapped memory of %" PRIu32 " %s, or none; the model has %" PRIu32, n,
                        input ? "inputs" : "outputs", wanted);
}

static int map(struct ic_rknn *c, bool input, uint32_t n, rknn_tensor_mem mem[])
{
    const struct ic_program *p = ic_model_program(c->model);
    const int code = check(c, input, n, mem);
    if (code != RKNN_SUCC)
        return code;
    if (c->frames)
        return ic_rknn_fail(RKNN_ERR_PARAM_INVALID,
                            "mapped memory changes its place at every asynchronous run: use rknn_inputs_set and "
                            "rknn_outputs_get with RKNN_FLAG_ASYNC_MASK");
    for (uint32_t i = 0; i < n; i++)
        if (c->bound[input ? i : p->n_inputs + i])
            return ic_rknn_fail(RKNN_ERR_PARAM_INVALID, "%s %" PRIu32 " lives in memory given to rknn_set_io_mem",
                                input ? "input" : "output", i);
    for (uint32_t i = 0; i < n; i++) {
        describe(&mem[i], input ? ic_session_input(c->session, i) : ic_session_output(c->session, i),
                 (uint32_t)ic_rknn_tensor(p, input, i)->size_bytes);
        if (input)
            c->given[i] = true;
    }
    return RKNN_SUCC;
}

static int map_call(rknn_context context, bool input, uint32_t n, rknn_tensor_mem mem[])
{
    struct ic_rknn *c = NULL;
    int code = ic_rknn_enter(context, &c);
    if (code != RKNN_SUCC)
        return code;
    code = map(c, input, n, mem);
    ic_rknn_leave(c);
    return code;
}

/* CPU memory needs no synchronizing: only the arguments are checked. */
static int sync_call(rknn_context context, bool input, uint32_t n, const rknn_tensor_mem mem[])
{
    struct ic_rknn *c = NULL;
    int code = ic_rknn_enter(context, &c);
    if (code != RKNN_SUCC)
        return code;
    code = check(c, input, n, mem);
    ic_rknn_leave(c);
    return code;
}

static int unmap_call(rknn_context context, bool input, uint32_t n, rknn_tensor_mem mem[])
{
    const int code = sync_call(context, input, n, mem);
    for (uint32_t i = 0; code == RKNN_SUCC && i < n; i++)
        mem[i] = (rknn_tensor_mem){.fd = -1};
    return code;
}

int rknn_inputs_map(rknn_context context, uint32_t n_inputs, rknn_tensor_mem mem[])
{
    return map_call(context, true, n_inputs, mem);
}

int rknn_inputs_sync(rknn_context context, uint32_t n_inputs, rknn_tensor_mem mem[])
{
    return sync_call(context, true, n_inputs, mem);
}

int rknn_inputs_unmap(rknn_context context, uint32_t n_inputs, rknn_tensor_mem mem[])
{
    return unmap_call(context, true, n_inputs, mem);
}

int rknn_outputs_map(rknn_context context, uint32_t n_outputs, rknn_tensor_mem mem[])
{
    return map_call(context, false, n_outputs, mem);
}

int rknn_outputs_sync(rknn_context context, uint32_t n_outputs, rknn_tensor_mem mem[])
{
    return sync_call(context, false, n_outputs, mem);
}

int rknn_outputs_unmap(rknn_context context, uint32_t n_outputs, rknn_tensor_mem mem[])
{
    return unmap_call(context, false, n_outputs, mem);
}

rknn_tensor_mem *rknn_create_mem(rknn_context ctx, uint64_t size)
{
    struct ic_rknn *c = NULL;
    if (ic_rknn_enter(ctx, &c) != RKNN_SUCC)
        return NULL;
    ic_rknn_leave(c);
    size_t total = 0;
    rknn_tensor_mem *mem = NULL;
    if (size > 0 && size <= UINT32_MAX && ic_add_size((size_t)size, MEM_BYTES, &total)) {
        pthread_mutex_lock(&lent_lock);
        mem = ic_rknn_lend(&lent, total);
        pthread_mutex_unlock(&lent_lock);
    }
    if (!mem) {
        (void)ic_rknn_fail(RKNN_ERR_MALLOC_FAIL, "rknn_create_mem: no memory of %" PRIu64 " bytes", size);
        return NULL;
    }
    describe(mem, (uint8_t *)mem + MEM_BYTES, (uint32_t)size);
    mem->reserved_flag = RKNN_TENSOR_MEMORY_FLAGS_ALLOC_INSIDE;
    mem->priv_data = mem->logical_addr;
    return mem;
}

/* The vendor's demos destroy the context first: the number is not looked at, and mem only when it is in the list. */
int rknn_destroy_mem(rknn_context ctx, rknn_tensor_mem *mem)
{
    (void)ctx;
    size_t size_bytes = 0;
    int code = RKNN_SUCC;
    pthread_mutex_lock(&lent_lock);
    if (!ic_rknn_has_lent(lent, mem, &size_bytes))
        code = ic_rknn_fail(RKNN_ERR_PARAM_INVALID,
                            "rknn_destroy_mem: this is no memory of rknn_create_mem, or it was destroyed before");
    else if (!ic_rknn_forget((const uint8_t *)mem, size_bytes))
        code = ic_rknn_fail(RKNN_ERR_FAIL, "rknn_destroy_mem: a context that uses this memory is in use in another thread");
    else
        (void)ic_rknn_take_back(&lent, mem);
    pthread_mutex_unlock(&lent_lock);
    return code;
}

/* The tensor that attr describes: by name first, since inputs and outputs both count from 0. */
static bool find_io(const struct ic_program *p, const rknn_tensor_attr *attr, bool *out_input, uint32_t *out_i)
{
    for (int input = 1; input >= 0; input--) {
        const uint32_t n = input ? p->n_inputs : p->n_outputs;
        for (uint32_t i = 0; i < n; i++) {
            const struct ic_io *io = input ? &p->inputs[i] : &p->outputs[i];
            const char *face = ic_program_text(p, io->face_name), *name = *face ? face : ic_program_text(p, io->name);
            if (attr->index == i && strncmp(attr->name, name, sizeof attr->name - 1) == 0 /* longer ones were cut */) {
                *out_input = input != 0;
                *out_i = i;
                return true;
            }
        }
    }
    return false;
}

static int set_io_mem(struct ic_rknn *c, const rknn_tensor_mem *mem, const rknn_tensor_attr *attr)
{
    if (!mem || !mem->logical_addr || !attr)
        return ic_rknn_fail(RKNN_ERR_PARAM_INVALID, "rknn_set_io_mem: mem or attr is NULL");
    if (c->frames)
        return ic_rknn_fail(RKNN_ERR_PARAM_INVALID,
                            "rknn_set_io_mem: memory of the caller's cannot hold two frames: not with RKNN_FLAG_ASYNC_MASK");
    const struct ic_program *p = ic_model_program(c->model);
    bool input = false;
    uint32_t i = 0;
    if (!find_io(p, attr, &input, &i))
        return ic_rknn_fail(RKNN_ERR_PARAM_INVALID, "rknn_set_io_mem: no input or output %" PRIu32 " has the name in attr",
                            attr->index);
    const uint64_t wanted = ic_rknn_tensor(p, input, i)->size_bytes;
    if (mem->size != wanted)
        return ic_rknn_fail(RKNN_ERR_PARAM_INVALID, "rknn_set_io_mem: memory of %" PRIu32 " byte%s; the tensor has %" PRIu64,
                            mem->size, IC_S(mem->size), wanted);
    ic_diag_clear(&c->diag);
    const enum ic_status status = input ? ic_session_bind_input(c->session, i, mem->logical_addr, &c->diag)
                                        : ic_session_bind_output(c->session, i, mem->logical_addr, &c->diag);
    if (status != IC_OK)
        return ic_rknn_fail_for(ic_rknn_code(status), c->diag.code, "rknn_set_io_mem: %s", c->diag.text);
    ic_rknn_set_bound(c, input ? i : p->n_inputs + i, mem->logical_addr);
    if (input)
        c->given[i] = true;
    return RKNN_SUCC;
}

int rknn_set_io_mem(rknn_context ctx, rknn_tensor_mem *mem, rknn_tensor_attr *attr)
{
    struct ic_rknn *c = NULL;
    int code = ic_rknn_enter(ctx, &c);
    if (code != RKNN_SUCC)
        return code;
    code = set_io_mem(c, mem, attr);
    ic_rknn_leave(c);
    return code;
}
