/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/context.h"

#include "base/alloc.h"

#include <string.h>

enum { MOST_STRUCT_BYTES = 4096 }; /* a struct_size beyond it was never set */

static void forward(void *user, char level, const char *text)
{
    const inchip_context *c = user;
    if (c->line)
        c->line(c->user, level, text);
}

inchip_context *inchip_context_create(void)
{
    inchip_context *c = ic_calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->log = (struct ic_log){.line = forward, .user = c};
    c->diag.log = &c->log;
    return c;
}

void inchip_context_destroy(inchip_context *context)
{
    ic_free(context);
}

void inchip_context_set_log(inchip_context *context, inchip_log_fn *line, void *user)
{
    if (!context)
        return;
    context->line = line;
    context->user = user;
}

const char *inchip_context_error(const inchip_context *context)
{
    return context && context->diag.status != IC_OK ? context->diag.text : "";
}

int inchip_context_error_code(const inchip_context *context)
{
    return context ? (int)context->diag.code : 0;
}

const char *inchip_status_name(int status)
{
    static const char *const names[] = {
        "INCHIP_OK",           "INCHIP_ERR_INTERNAL", "INCHIP_ERR_ARG",    "INCHIP_ERR_MEMORY",
        "INCHIP_ERR_IO",       "INCHIP_ERR_MODEL",    "INCHIP_ERR_FORMAT", "INCHIP_ERR_UNSUPPORTED",
        "INCHIP_ERR_LIMIT",    "INCHIP_ERR_VENDOR",   "INCHIP_ERR_TARGET", "INCHIP_ERR_ABI",
        "INCHIP_ERR_PORTABLE", "INCHIP_ERR_CORRUPT",  "INCHIP_ERR_STATE",  "INCHIP_ERR_DEVICE",
    };
    return status >= 0 && (size_t)status < sizeof names / sizeof *names ? names[status] : "INCHIP_ERR_?";
}

const char *inchip_version(void)
{
    return INCHIP_VERSION_TEXT;
}

int inchip_abi(void)
{
    return INCHIP_ABI;
}

enum ic_status ic_context_read_options(void *to, size_t to_bytes, const void *from, const char *name, struct ic_diag *d)
{
    const uint8_t *bytes = from;
    uint32_t given = 0;
    memcpy(&given, from, sizeof given);
    if (given <= sizeof given || given > MOST_STRUCT_BYTES)
        return ic_fail(d, IC_E_CALL, "%s: struct_size is %u: set it to sizeof(%s), %zu here", name, given, name, to_bytes);
    for (size_t i = to_bytes; i < given; i++)
        if (bytes[i] != 0)
            return ic_fail(d, IC_E_CALL,
                           "%s: byte %zu of %u is set, but inchip " INCHIP_VERSION_TEXT " knows %zu: a newer one is needed", name,
                           i, given, to_bytes);
    memcpy(to, from, given < to_bytes ? given : to_bytes);
    return IC_OK;
}

int ic_context_give_info(const inchip_tensor_info *info, inchip_tensor_info *out_info)
{
    const uint32_t given = out_info->struct_size;
    if (given <= sizeof given || given > MOST_STRUCT_BYTES)
        return INCHIP_ERR_ARG;
    memset((uint8_t *)out_info + sizeof given, 0, given - sizeof given);
    memcpy((uint8_t *)out_info + sizeof given, (const uint8_t *)info + sizeof given,
           (given < sizeof *info ? given : sizeof *info) - sizeof given);
    return INCHIP_OK;
}

struct ic_diag *ic_context_begin(inchip_context *context)
{
    if (!context)
        return NULL;
    ic_diag_clear(&context->diag);
    return &context->diag;
}

int ic_context_tensor_info(const struct ic_program *p, bool input, int32_t i, inchip_tensor_info *out_info)
{
    if (!out_info || i < 0 || (uint32_t)i >= (input ? p->n_inputs : p->n_outputs))
        return INCHIP_ERR_ARG;
    const struct ic_io *io = input ? &p->inputs[i] : &p->outputs[i];
    const struct ic_tensor *t = &p->tensors[io->tensor];
    inchip_tensor_info info = {.name = ic_program_text(p, io->name),
                               .face_name = ic_program_text(p, io->face_name),
                               .dtype = (int32_t)t->dtype,
                               .user_dtype = (int32_t)io->user_dtype,
                               .rank = (int32_t)t->rank,
                               .format = (int32_t)io->format,
                               .scale = t->scale,
                               .zero_point = t->zero,
                               .size_bytes = t->size_bytes};
    memcpy(info.dims, t->dims, sizeof info.dims);
    return ic_context_give_info(&info, out_info);
}
