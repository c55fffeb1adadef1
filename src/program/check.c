/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything that running relies on: tables here, each step kind in check_steps.c.
 */
#include "program/check.h"

#include "base/checked.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static bool known_dtype(uint32_t t)
{
    return t == IC_F32 || t == IC_F16 || ic_dtype_is_integer(t);
}

int64_t ic_check_elements(const struct ic_tensor *t)
{
    return (int64_t)(t->size_bytes / ic_dtype_bytes((enum ic_dtype)t->dtype));
}

static enum ic_status check_size(uint32_t i, const struct ic_tensor *t, struct ic_diag *d)
{
    uint64_t elements = 1;
    if (!known_dtype(t->dtype) || t->rank > IC_MAX_RANK)
        return ic_fail(d, IC_E_PROGRAM, "program: tensor %" PRIu32 " has element type %" PRIu32 " and rank %" PRIu32, i, t->dtype,
                       t->rank);
    for (uint32_t k = 0; k < t->rank; k++)
        if (t->dims[k] < 0 || __builtin_mul_overflow(elements, (uint64_t)t->dims[k], &elements) || elements > INT32_MAX)
            return ic_fail(d, IC_E_PROGRAM, "program: tensor %" PRIu32 ": dimension %" PRIu32 " is %d", i, k, (int)t->dims[k]);
    if (t->size_bytes != elements * ic_dtype_bytes((enum ic_dtype)t->dtype))
        return ic_fail(d, IC_E_PROGRAM, "program: tensor %" PRIu32 " has %" PRIu64 " byte%s; its shape wants %" PRIu64, i,
                       t->size_bytes, IC_S(t->size_bytes), elements * ic_dtype_bytes((enum ic_dtype)t->dtype));
    if (!isfinite(t->scale) || t->scale < 0.0f || t->zero < -32768 || t->zero > 32767)
        return ic_fail(d, IC_E_PROGRAM, "program: tensor %" PRIu32 " has scale %g and zero point %d", i, (double)t->scale,
                       (int)t->zero);
    return IC_OK;
}

/* Bytes of the space that t stands in; 0 fits nothing. */
static uint64_t space_bytes(const struct ic_program *p, const struct ic_tensor *t)
{
    if (t->space == IC_SPACE_CONST)
        return p->const_bytes;
    if (t->space == IC_SPACE_ARENA)
        return p->arena_bytes;
    if (t->space == IC_SPACE_INPUT && t->i_io < p->n_inputs && p->inputs[t->i_io].tensor < p->n_tensors)
        return p->tensors[p->inputs[t->i_io].tensor].size_bytes;
    if (t->space == IC_SPACE_OUTPUT && t->i_io < p->n_outputs && p->outputs[t->i_io].tensor < p->n_tensors)
        return p->tensors[p->outputs[t->i_io].tensor].size_bytes;
    return 0;
}

static enum ic_status check_tensor(const struct ic_program *p, uint32_t i, struct ic_diag *d)
{
    const struct ic_tensor *t = &p->tensors[i];
    IC_TRY(check_size(i, t, d));
    if (t->space == IC_SPACE_NONE || t->space >= IC_SPACE_COUNT)
        return ic_fail(d, IC_E_PROGRAM, "program: tensor %" PRIu32 " stands in space %" PRIu32, i, t->space);
    if ((t->space == IC_SPACE_CONST || t->space == IC_SPACE_ARENA) && t->i_io != 0) /* so that one space and place are one memory */
        return ic_fail(d, IC_E_PROGRAM, "program: tensor %" PRIu32 " stands in no input or output, but names number %" PRIu32, i,
                       t->i_io);
    const uint64_t room = space_bytes(p, t);
    if (t->size_bytes > room || t->offset_bytes > room - t->size_bytes)
        return ic_fail(d, IC_E_PROGRAM,
                       "program: tensor %" PRIu32 " (offset %" PRIu64 ", %" PRIu64 " byte%s) does not fit its space of %" PRIu64
                       " byte%s",
                       i, t->offset_bytes, t->size_bytes, IC_S(t->size_bytes), room, IC_S(room));
    if (t->offset_bytes % ic_dtype_bytes((enum ic_dtype)t->dtype))
        return ic_fail(d, IC_E_PROGRAM, "program: tensor %" PRIu32 " at offset %" PRIu64 " is not aligned to its elements", i,
                       t->offset_bytes);
    if (t->name >= p->text_bytes || t->layout > IC_LAYOUT_NHWC)
        return ic_fail(d, IC_E_PROGRAM, "program: tensor %" PRIu32 " names text %" PRIu32 " and layout %" PRIu32, i, t->name,
                       t->layout);
    return IC_OK;
}

static bool is_channel_constant(const struct ic_program *p, uint32_t i)
{
    return i == 0 || (i < p->n_tensors && p->tensors[i].space == IC_SPACE_CONST && p->tensors[i].dtype == IC_F32 &&
                      p->tensors[i].size_bytes > 0);
}

static enum ic_status check_io(const struct ic_program *p, const struct ic_io *io, uint32_t i, uint32_t space, struct ic_diag *d)
{
    const char *what = space == IC_SPACE_INPUT ? "input" : "output";
    if (io->tensor == 0 || io->tensor >= p->n_tensors)
        return ic_fail(d, IC_E_PROGRAM, "program: %s %" PRIu32 " names tensor %" PRIu32 " of %" PRIu32, what, i, io->tensor,
                       p->n_tensors);
    const struct ic_tensor *t = &p->tensors[io->tensor];
    if (t->space != space || t->i_io != i || t->offset_bytes != 0)
        return ic_fail(d, IC_E_PROGRAM, "program: the tensor of %s %" PRIu32 " does not stand in its buffer", what, i);
    if (io->name >= p->text_bytes || io->face_name >= p->text_bytes || io->format > 2 || io->reorder > 1 ||
        !is_channel_constant(p, io->mean) || !is_channel_constant(p, io->std))
        return ic_fail(d, IC_E_PROGRAM, "program: the description of %s %" PRIu32 " is damaged", what, i);
    return IC_OK;
}

static enum ic_status check_head(const struct ic_program *p, struct ic_diag *d)
{
    if (p->profile != IC_PROFILE_CPU)
        return ic_fail(d, IC_E_PROGRAM_ABI, "program: numeric profile %" PRIu32 "; this runtime has profile %d", p->profile,
                       IC_PROFILE_CPU);
    if (p->n_tensors == 0 || p->tensors[0].space != IC_SPACE_NONE || p->text_bytes == 0 || p->text[0] || p->text[p->text_bytes - 1])
        return ic_fail(d, IC_E_PROGRAM, "program: tensor 0 or the text block is damaged");
    if (p->n_inputs == 0 || p->n_outputs == 0)
        return ic_fail(d, IC_E_PROGRAM, "program: %" PRIu32 " input%s and %" PRIu32 " output%s; one of each at least is wanted",
                       p->n_inputs, IC_S(p->n_inputs), p->n_outputs, IC_S(p->n_outputs));
    return IC_OK;
}

enum ic_status ic_program_check(const struct ic_program *p, struct ic_diag *d)
{
    IC_TRY(check_head(p, d));
    for (uint32_t i = 1; i < p->n_tensors; i++)
        IC_TRY(check_tensor(p, i, d));
    for (uint32_t i = 0; i < p->n_inputs; i++)
        IC_TRY(check_io(p, &p->inputs[i], i, IC_SPACE_INPUT, d));
    for (uint32_t i = 0; i < p->n_outputs; i++)
        IC_TRY(check_io(p, &p->outputs[i], i, IC_SPACE_OUTPUT, d));
    for (uint32_t i = 0; i < p->n_steps; i++)
        IC_TRY(ic_check_step(p, i, d));
    return IC_OK;
}
