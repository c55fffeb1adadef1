/* SPDX-License-Identifier: Apache-2.0
 *
 * rknn_inputs_set, rknn_run, rknn_outputs_get, rknn_outputs_release. As strict as the vendor's PC client, where the board only warns.
 */
#include "base/alloc.h"
#include "base/os.h"
#include "rknn/context.h"
#include "runtime/convert_io.h"

#include <inttypes.h>
#include <string.h>

static enum ic_dtype dtype_of(rknn_tensor_type type)
{
    static const enum ic_dtype types[RKNN_TENSOR_TYPE_MAX] = {IC_F32, IC_F16, IC_S8, IC_U8, IC_S16};
    return (unsigned)type < RKNN_TENSOR_TYPE_MAX ? types[type] : IC_DTYPE_NONE;
}

/* [n][h][w][c] to [n][c][h][w]. */
static void to_nchw(const struct ic_tensor *t, size_t element_bytes, const uint8_t *from, uint8_t *to)
{
    const size_t c = (size_t)t->dims[1], pixels = (size_t)t->dims[2] * (size_t)t->dims[3];
    for (size_t n = 0; n < (size_t)t->dims[0]; n++)
        for (size_t i = 0; i < pixels; i++)
            for (size_t k = 0; k < c; k++)
                memcpy(to + ((n * c + k) * pixels + i) * element_bytes, from + ((n * pixels + i) * c + k) * element_bytes, element_bytes);
}

static int set_input(struct ic_rknn *c, const rknn_input *in)
{
    const struct ic_program *p = ic_model_program(c->model);
    if (in->index >= p->n_inputs || !in->buf)
        return ic_rknn_fail(RKNN_ERR_INPUT_INVALID, "rknn_inputs_set: there is no input %" PRIu32 ", or its buf is NULL", in->index);
    if (c->bound[in->index])
        return ic_rknn_fail(RKNN_ERR_INPUT_INVALID, "rknn_inputs_set: input %" PRIu32 " lives in memory given to rknn_set_io_mem: write there", in->index);
    const struct ic_tensor *t = ic_rknn_tensor(p, true, in->index);
    const size_t n = (size_t)t->size_bytes / ic_dtype_bytes((enum ic_dtype)t->dtype);
    void *to = ic_session_input(c->session, in->index);
    if (in->pass_through) {
        if (in->size != t->size_bytes)
            return ic_rknn_fail(RKNN_ERR_INPUT_INVALID, "rknn_inputs_set: input %" PRIu32 " passed through has %" PRIu32 " bytes; %" PRIu64 " are wanted", in->index, in->size,
                                t->size_bytes);
        memcpy(to, in->buf, in->size);
        return RKNN_SUCC;
    }
    const enum ic_dtype dtype = dtype_of(in->type);
    if (dtype == IC_DTYPE_NONE || (unsigned)in->fmt >= RKNN_TENSOR_FORMAT_MAX)
        return ic_rknn_fail(RKNN_ERR_INPUT_INVALID, "rknn_inputs_set: input %" PRIu32 " has type %d and fmt %d", in->index, (int)in->type, (int)in->fmt);
    if (in->size != n * ic_dtype_bytes(dtype))
        return ic_rknn_fail(RKNN_ERR_INPUT_INVALID, "rknn_inputs_set: input %" PRIu32 " has %" PRIu32 " bytes; %zu values of %s are %zu bytes", in->index, in->size, n,
                            ic_dtype_name(dtype), n * ic_dtype_bytes(dtype));
    const void *from = in->buf;
    if (in->fmt == RKNN_TENSOR_NHWC && t->rank == 4 && p->inputs[in->index].format != 2) {
        to_nchw(t, ic_dtype_bytes(dtype), in->buf, c->scratch);
        from = c->scratch;
    }
    ic_diag_clear(&c->diag);
    const enum ic_status status = ic_io_convert_in(p, in->index, from, dtype, n, to, &c->diag);
    return status == IC_OK ? RKNN_SUCC : ic_rknn_fail(RKNN_ERR_INPUT_INVALID, "%s", c->diag.text);
}

int rknn_inputs_set(rknn_context context, uint32_t n_inputs, rknn_input inputs[])
{
    struct ic_rknn *c = ic_rknn_find(context);
    if (!c)
        return RKNN_ERR_CTX_INVALID;
    const uint32_t wanted = ic_model_program(c->model)->n_inputs;
    if (!inputs || n_inputs == 0 || n_inputs > wanted)
        return ic_rknn_fail(RKNN_ERR_INPUT_INVALID, "rknn_inputs_set: %" PRIu32 " inputs; the model has %" PRIu32, n_inputs, wanted);
    for (uint32_t i = 0; i < n_inputs; i++) {
        const int code = set_input(c, &inputs[i]);
        if (code != RKNN_SUCC)
            return code;
    }
    return RKNN_SUCC;
}

int rknn_run(rknn_context context, rknn_run_extend *extend)
{
    struct ic_rknn *c = ic_rknn_find(context);
    if (!c)
        return RKNN_ERR_CTX_INVALID;
    ic_diag_clear(&c->diag);
    const uint64_t start = ic_os_time_ns();
    const enum ic_status status =
        c->collect_perf ? ic_session_run_traced(c->session, c->step_ns, NULL, NULL, &c->diag) : ic_session_run(c->session, &c->diag);
    if (status != IC_OK)
        return ic_rknn_fail(ic_rknn_code(status), "%s", c->diag.text);
    c->run_us = (int64_t)((ic_os_time_ns() - start + 500) / 1000);
    c->has_run = true;
    c->frame_id++;
    if (extend)
        extend->frame_id = c->frame_id;
    return RKNN_SUCC;
}

static int get_output(struct ic_rknn *c, uint32_t i, rknn_output *out)
{
    const struct ic_tensor *t = ic_rknn_tensor(ic_model_program(c->model), false, i);
    const size_t n = (size_t)t->size_bytes / ic_dtype_bytes((enum ic_dtype)t->dtype);
    const size_t bytes = out->want_float ? n * sizeof(float) : (size_t)t->size_bytes;
    if (out->is_prealloc && (!out->buf || out->size < bytes))
        return ic_rknn_fail(RKNN_ERR_OUTPUT_INVALID, "rknn_outputs_get: the buffer of output %" PRIu32 " has %" PRIu32 " bytes; %zu are wanted", i, out->size, bytes);
    if (!out->is_prealloc && !(out->buf = ic_malloc_aligned(bytes ? bytes : 1, 16)))
        return ic_rknn_fail(RKNN_ERR_MALLOC_FAIL, "rknn_outputs_get: no memory for %zu bytes", bytes);
    out->index = i;
    out->size = (uint32_t)bytes;
    if (out->want_float)
        ic_io_to_f32(t, ic_session_output(c->session, i), out->buf, n);
    else
        memcpy(out->buf, ic_session_output(c->session, i), bytes);
    return RKNN_SUCC;
}

int rknn_outputs_get(rknn_context context, uint32_t n_outputs, rknn_output outputs[], rknn_output_extend *extend)
{
    struct ic_rknn *c = ic_rknn_find(context);
    if (!c)
        return RKNN_ERR_CTX_INVALID;
    const struct ic_program *p = ic_model_program(c->model);
    if (!outputs || n_outputs != p->n_outputs)
        return ic_rknn_fail(RKNN_ERR_OUTPUT_INVALID, "rknn_outputs_get: %" PRIu32 " outputs; the model has %" PRIu32, n_outputs, p->n_outputs);
    if (!c->has_run)
        return ic_rknn_fail(RKNN_ERR_FAIL, "rknn_outputs_get: call rknn_run first");
    for (uint32_t i = 0; i < n_outputs; i++) {
        if (c->bound[p->n_inputs + i])
            return ic_rknn_fail(RKNN_ERR_OUTPUT_INVALID, "rknn_outputs_get: output %" PRIu32 " lives in memory given to rknn_set_io_mem: read it there", i);
        const int code = get_output(c, i, &outputs[i]);
        if (code != RKNN_SUCC) {
            (void)rknn_outputs_release(context, i, outputs);
            return code;
        }
    }
    if (extend)
        extend->frame_id = c->frame_id;
    return RKNN_SUCC;
}

int rknn_outputs_release(rknn_context context, uint32_t n_ouputs, rknn_output outputs[])
{
    if (!ic_rknn_find(context))
        return RKNN_ERR_CTX_INVALID;
    for (uint32_t i = 0; outputs && i < n_ouputs; i++)
        if (!outputs[i].is_prealloc && outputs[i].buf) {
            ic_free_aligned(outputs[i].buf);
            outputs[i].buf = NULL;
        }
    return RKNN_SUCC;
}
