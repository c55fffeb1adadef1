/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/context.h"

#include "base/alloc.h"

#include <string.h>

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
    return context ? context->diag.code : 0;
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
    *out_info = (inchip_tensor_info){.name = ic_program_text(p, io->name),
                                     .face_name = ic_program_text(p, io->face_name),
                                     .dtype = (int32_t)t->dtype,
                                     .user_dtype = (int32_t)io->user_dtype,
                                     .rank = (int32_t)t->rank,
                                     .format = (int32_t)io->format,
                                     .scale = t->scale,
                                     .zero_point = t->zero,
                                     .size_bytes = t->size_bytes};
    memcpy(out_info->dims, t->dims, sizeof out_info->dims);
    return INCHIP_OK;
}
