/* SPDX-License-Identifier: Apache-2.0
 *
 * The buffers themselves: map, sync, unmap, and memory of the caller's for inputs and outputs.
 */
#include "base/alloc.h"
#include "rknn/context.h"

#include <inttypes.h>
#include <string.h>

static void describe(rknn_tensor_mem *mem, void *at, uint32_t size)
{
    *mem = (rknn_tensor_mem){.logical_addr = at, .physical_addr = UINT64_MAX, .fd = -1, .size = size};
}

static int map(rknn_context context, bool input, uint32_t n, rknn_tensor_mem mem[])
{
    struct ic_rknn *c = ic_rknn_find(context);
    if (!c)
        return RKNN_ERR_CTX_INVALID;
    const struct ic_program *p = ic_model_program(c->model);
    if (!mem || n != (input ? p->n_inputs : p->n_outputs))
        return ic_rknn_fail(RKNN_ERR_PARAM_INVALID, "mapping %" PRIu32 " %s; the model has %" PRIu32, n, input ? "inputs" : "outputs",
                            input ? p->n_inputs : p->n_outputs);
    for (uint32_t i = 0; i < n; i++) {
        if (c->bound[input ? i : p->n_inputs + i])
            return ic_rknn_fail(RKNN_ERR_PARAM_INVALID, "%s %" PRIu32 " lives in memory given to rknn_set_io_mem", input ? "input" : "output", i);
        describe(&mem[i], input ? ic_session_input(c->session, i) : ic_session_output(c->session, i), (uint32_t)ic_rknn_tensor(p, input, i)->size_bytes);
    }
    return RKNN_SUCC;
}

/* CPU memory needs no synchronizing: only the arguments are checked. */
static int check(rknn_context context, bool input, uint32_t n, const rknn_tensor_mem mem[])
{
    struct ic_rknn *c = ic_rknn_find(context);
    if (!c)
        return RKNN_ERR_CTX_INVALID;
    const struct ic_program *p = ic_model_program(c->model);
    return mem && n == (input ? p->n_inputs : p->n_outputs) ? RKNN_SUCC : RKNN_ERR_PARAM_INVALID;
}

int rknn_inputs_map(rknn_context context, uint32_t n_inputs, rknn_tensor_mem mem[])
{
    return map(context, true, n_inputs, mem);
}

int rknn_inputs_sync(rknn_context context, uint32_t n_inputs, rknn_tensor_mem mem[])
{
    return check(context, true, n_inputs, mem);
}

int rknn_inputs_unmap(rknn_context context, uint32_t n_inputs, rknn_tensor_mem mem[])
{
    return check(context, true, n_inputs, mem);
}

int rknn_outputs_map(rknn_context context, uint32_t n_outputs, rknn_tensor_mem mem[])
{
    return map(context, false, n_outputs, mem);
}

int rknn_outputs_sync(rknn_context context, uint32_t n_outputs, rknn_tensor_mem mem[])
{
    return check(context, false, n_outputs, mem);
}

int rknn_outputs_unmap(rknn_context context, uint32_t n_outputs, rknn_tensor_mem mem[])
{
    return check(context, false, n_outputs, mem);
}

rknn_tensor_mem *rknn_create_mem(rknn_context ctx, uint64_t size)
{
    if (!ic_rknn_find(ctx) || size == 0 || size > UINT32_MAX)
        return NULL;
    rknn_tensor_mem *mem = ic_calloc(1, sizeof *mem);
    void *memory = mem ? ic_malloc_aligned((size_t)size, 64) : NULL;
    if (!memory) {
        ic_free(mem);
        return NULL;
    }
    memset(memory, 0, (size_t)size);
    describe(mem, memory, (uint32_t)size);
    mem->reserved_flag = RKNN_TENSOR_MEMORY_FLAGS_ALLOC_INSIDE;
    mem->priv_data = memory;
    return mem;
}

/* The vendor's demos destroy the context first: the number is not looked at. */
int rknn_destroy_mem(rknn_context ctx, rknn_tensor_mem *mem)
{
    (void)ctx;
    if (!mem)
        return RKNN_ERR_PARAM_INVALID;
    if (mem->reserved_flag == RKNN_TENSOR_MEMORY_FLAGS_ALLOC_INSIDE) {
        ic_free_aligned(mem->priv_data);
        ic_free(mem);
    }
    return RKNN_SUCC;
}

/* The tensor that attr describes: by name first, since inputs and outputs both count from 0. */
static bool find_io(const struct ic_program *p, const rknn_tensor_attr *attr, bool *out_input, uint32_t *out_i)
{
    for (int input = 1; input >= 0; input--) {
        const uint32_t n = input ? p->n_inputs : p->n_outputs;
        for (uint32_t i = 0; i < n; i++) {
            const struct ic_io *io = input ? &p->inputs[i] : &p->outputs[i];
            const char *face = ic_program_text(p, io->face_name), *name = *face ? face : ic_program_text(p, io->name);
            if (attr->index == i && strncmp(attr->name, name, sizeof attr->name) == 0) {
                *out_input = input != 0;
                *out_i = i;
                return true;
            }
        }
    }
    return false;
}

int rknn_set_io_mem(rknn_context ctx, rknn_tensor_mem *mem, rknn_tensor_attr *attr)
{
    struct ic_rknn *c = ic_rknn_find(ctx);
    if (!c)
        return RKNN_ERR_CTX_INVALID;
    if (!mem || !mem->logical_addr || !attr)
        return ic_rknn_fail(RKNN_ERR_PARAM_INVALID, "rknn_set_io_mem: mem or attr is NULL");
    const struct ic_program *p = ic_model_program(c->model);
    bool input = false;
    uint32_t i = 0;
    if (!find_io(p, attr, &input, &i))
        return ic_rknn_fail(RKNN_ERR_PARAM_INVALID, "rknn_set_io_mem: no input or output %" PRIu32 " has the name in attr", attr->index);
    if (mem->size != ic_rknn_tensor(p, input, i)->size_bytes)
        return ic_rknn_fail(RKNN_ERR_PARAM_INVALID, "rknn_set_io_mem: memory of %" PRIu32 " bytes; the tensor has %" PRIu64, mem->size,
                            ic_rknn_tensor(p, input, i)->size_bytes);
    ic_diag_clear(&c->diag);
    const enum ic_status status = input ? ic_session_bind_input(c->session, i, mem->logical_addr, &c->diag)
                                        : ic_session_bind_output(c->session, i, mem->logical_addr, &c->diag);
    if (status != IC_OK)
        return ic_rknn_fail(ic_rknn_code(status), "rknn_set_io_mem: %s", c->diag.text);
    c->bound[input ? i : p->n_inputs + i] = true;
    return RKNN_SUCC;
}
