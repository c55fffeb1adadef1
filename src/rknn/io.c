/* SPDX-License-Identifier: Apache-2.0
 *
 * rknn_inputs_set, rknn_run, rknn_outputs_get, rknn_outputs_release. As strict as the vendor's PC client, where the board only warns.
 */
#include "base/os.h"
#include "rknn/context.h"
#include "rknn/dump.h"
#include "rknn/frames.h"
#include "runtime/convert_io.h"

#include <inttypes.h>
#include <string.h>

static enum ic_dtype dtype_of(rknn_tensor_type type)
{
    static const enum ic_dtype types[RKNN_TENSOR_TYPE_MAX] = {IC_F32, IC_F16, IC_S8, IC_U8, IC_S16};
    return (unsigned)type < RKNN_TENSOR_TYPE_MAX ? types[type] : IC_DTYPE_NONE;
}

/* [n][rows][columns] to [n][columns][rows]: channels to the other side of the pixels. */
static void swap_axes(size_t n, size_t rows, size_t columns, size_t element_bytes, const uint8_t *from, uint8_t *to)
{
    for (size_t i = 0; i < n; i++)
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < columns; c++)
                memcpy(to + ((i * columns + c) * rows + r) * element_bytes, from + ((i * rows + r) * columns + c) * element_bytes,
                       element_bytes);
}

/* The values in the model's own order; only 4-D inputs have two orders. */
static const void *in_model_order(struct ic_rknn *c, const rknn_input *in, const struct ic_tensor *t, size_t element_bytes)
{
    const bool model_is_nhwc = ic_model_program(c->model)->inputs[in->index].format == 2,
               given_is_nhwc = in->fmt == RKNN_TENSOR_NHWC;
    if (t->rank != 4 || model_is_nhwc == given_is_nhwc)
        return in->buf;
    const size_t channels = (size_t)t->dims[model_is_nhwc ? 3 : 1];
    const size_t pixels = (size_t)t->dims[2] * (size_t)t->dims[model_is_nhwc ? 1 : 3];
    if (given_is_nhwc)
        swap_axes((size_t)t->dims[0], pixels, channels, element_bytes, in->buf, c->scratch);
    else
        swap_axes((size_t)t->dims[0], channels, pixels, element_bytes, in->buf, c->scratch);
    return c->scratch;
}

/* Where input i goes: with asynchronous frames the set that is not running. */
static void *input_buffer(const struct ic_rknn *c, uint32_t i)
{
    return c->frames ? ic_frames_input(c->frames, i) : ic_session_input(c->session, i);
}

static int set_unchanged(const struct ic_rknn *c, const rknn_input *in, const struct ic_tensor *t)
{
    if (in->size != t->size_bytes)
        return ic_rknn_fail(RKNN_ERR_INPUT_INVALID,
                            "rknn_inputs_set: input %" PRIu32 " passed through has %" PRIu32 " byte%s; %" PRIu64 " are wanted",
                            in->index, in->size, IC_S(in->size), t->size_bytes);
    memcpy(input_buffer(c, in->index), in->buf, in->size);
    return RKNN_SUCC;
}

static int set_converted(struct ic_rknn *c, const rknn_input *in, const struct ic_tensor *t)
{
    const size_t n = ic_rknn_elements(t);
    const enum ic_dtype dtype = dtype_of(in->type);
    if (dtype == IC_DTYPE_NONE || (unsigned)in->fmt >= RKNN_TENSOR_FORMAT_MAX)
        return ic_rknn_fail(RKNN_ERR_INPUT_INVALID, "rknn_inputs_set: input %" PRIu32 " has type %d and fmt %d", in->index,
                            (int)in->type, (int)in->fmt);
    if (in->size != n * ic_dtype_bytes(dtype))
        return ic_rknn_fail(RKNN_ERR_INPUT_INVALID,
                            "rknn_inputs_set: input %" PRIu32 " has %" PRIu32 " byte%s; %zu values of %s are %zu byte%s", in->index,
                            in->size, IC_S(in->size), n, ic_dtype_name(dtype), n * ic_dtype_bytes(dtype),
                            IC_S(n * ic_dtype_bytes(dtype)));
    const void *from = in_model_order(c, in, t, ic_dtype_bytes(dtype));
    struct ic_diag d = {.log = &c->log}; /* the context's own may be in use by a run */
    const enum ic_status status = ic_io_convert_in(ic_model_program(c->model), in->index, from, dtype, n,
                                                   input_buffer(c, in->index), &d);
    return status == IC_OK ? RKNN_SUCC : ic_rknn_fail_for(RKNN_ERR_INPUT_INVALID, d.code, "rknn_inputs_set: %s", d.text);
}

static int set_input(struct ic_rknn *c, const rknn_input *in)
{
    const struct ic_program *p = ic_model_program(c->model);
    if (in->index >= p->n_inputs || !in->buf)
        return ic_rknn_fail(RKNN_ERR_INPUT_INVALID, "rknn_inputs_set: there is no input %" PRIu32 ", or its buf is NULL",
                            in->index);
    if (c->bound[in->index])
        return ic_rknn_fail(RKNN_ERR_INPUT_INVALID,
                            "rknn_inputs_set: input %" PRIu32 " lives in memory given to rknn_set_io_mem: write there", in->index);
    const struct ic_tensor *t = ic_rknn_tensor(p, true, in->index);
    const int code = in->pass_through ? set_unchanged(c, in, t) : set_converted(c, in, t);
    if (code == RKNN_SUCC)
        c->given[in->index] = true;
    return code;
}

static int set_inputs(struct ic_rknn *c, uint32_t n_inputs, const rknn_input inputs[])
{
    const uint32_t wanted = ic_model_program(c->model)->n_inputs;
    if (!inputs || n_inputs == 0 || n_inputs > wanted)
        return ic_rknn_fail(RKNN_ERR_INPUT_INVALID, "rknn_inputs_set: %" PRIu32 " input%s, or none; the model has %" PRIu32,
                            n_inputs, IC_S(n_inputs), wanted);
    for (uint32_t i = 1; i < n_inputs; i++) /* a program that leaves index at 0 means another input */
        for (uint32_t k = 0; k < i; k++)
            if (inputs[i].index == inputs[k].index)
                return ic_rknn_fail(RKNN_ERR_INPUT_INVALID,
                                    "rknn_inputs_set: inputs[%" PRIu32 "] and inputs[%" PRIu32 "] both have index %" PRIu32, k, i,
                                    inputs[i].index);
    for (uint32_t i = 0; i < n_inputs; i++) {
        const int code = set_input(c, &inputs[i]);
        if (code != RKNN_SUCC)
            return code;
    }
    return RKNN_SUCC;
}

int rknn_inputs_set(rknn_context context, uint32_t n_inputs, rknn_input inputs[])
{
    struct ic_rknn *c = NULL;
    int code = ic_rknn_enter(context, &c);
    if (code != RKNN_SUCC)
        return code;
    code = set_inputs(c, n_inputs, inputs);
    ic_rknn_leave(c);
    return code;
}

int ic_rknn_run_session(struct ic_rknn *c)
{
    ic_diag_clear(&c->diag);
    const uint64_t start = ic_os_time_ns();
    const enum ic_status status = c->collect_perf || c->dump
                                      ? ic_session_run_traced(c->session, c->step_ns, c->dump ? ic_rknn_dump_layer : NULL, c,
                                                              &c->diag)
                                      : ic_session_run(c->session, &c->diag);
    if (status != IC_OK)
        return ic_rknn_fail_for(ic_rknn_code(status), c->diag.code, "rknn_run: %s", c->diag.text);
    c->run_us = (int64_t)((ic_os_time_ns() - start + 500) / 1000);
    return RKNN_SUCC;
}

static int run(struct ic_rknn *c, rknn_run_extend *extend)
{
    for (uint32_t i = 0; i < ic_model_program(c->model)->n_inputs; i++)
        if (!c->given[i])
            return ic_rknn_fail(RKNN_ERR_INPUT_INVALID, "rknn_run: input %" PRIu32 " was never set, or its memory was destroyed",
                                i);
    const int code = c->frames ? ic_frames_run(c->frames, c->frame_id + 1) : ic_rknn_run_session(c);
    if (code != RKNN_SUCC)
        return code;
    c->has_run = true;
    c->frame_id++;
    if (extend)
        extend->frame_id = c->frame_id;
    return RKNN_SUCC;
}

int rknn_run(rknn_context context, rknn_run_extend *extend)
{
    struct ic_rknn *c = NULL;
    int code = ic_rknn_enter(context, &c);
    if (code != RKNN_SUCC)
        return code;
    code = run(c, extend);
    ic_rknn_leave(c);
    return code;
}

static int get_output(struct ic_rknn *c, uint32_t i, const void *from, rknn_output *out)
{
    const struct ic_tensor *t = ic_rknn_tensor(ic_model_program(c->model), false, i);
    const bool as_float = out->want_float || ic_rknn_shown_as_float(t);
    const size_t n = ic_rknn_elements(t), bytes = as_float ? n * sizeof(float) : (size_t)t->size_bytes;
    if (out->is_prealloc && (!out->buf || out->size < bytes))
        return ic_rknn_fail(RKNN_ERR_OUTPUT_INVALID,
                            "rknn_outputs_get: the buffer of output %" PRIu32 " has %" PRIu32 " byte%s; %zu are wanted", i,
                            out->buf ? out->size : 0, IC_S(out->buf ? out->size : 0), bytes);
    if (!out->is_prealloc && !(out->buf = ic_rknn_lend(&c->outputs, bytes)))
        return ic_rknn_fail(RKNN_ERR_MALLOC_FAIL, "rknn_outputs_get: no memory for %zu bytes", bytes);
    out->index = i;
    out->size = (uint32_t)bytes;
    if (as_float)
        ic_io_to_f32(t, from, out->buf, n);
    else
        memcpy(out->buf, from, bytes);
    return RKNN_SUCC;
}

/* What rknn_outputs_get allocated goes back; other buffers are refused: they may be the program's own, or given back already. */
static int release(struct ic_rknn *c, uint32_t n_outputs, rknn_output outputs[])
{
    int code = RKNN_SUCC;
    for (uint32_t i = 0; i < n_outputs; i++) {
        if (outputs[i].is_prealloc || !outputs[i].buf)
            continue;
        if (!ic_rknn_take_back(&c->outputs, outputs[i].buf))
            code = ic_rknn_fail(RKNN_ERR_OUTPUT_INVALID,
                                "rknn_outputs_release: the buffer of output %" PRIu32 " is none that rknn_outputs_get gave, or was "
                                "released before",
                                i);
        outputs[i].buf = NULL;
    }
    return code;
}

static int get_outputs(struct ic_rknn *c, uint32_t n_outputs, rknn_output outputs[], rknn_output_extend *extend)
{
    const struct ic_program *p = ic_model_program(c->model);
    if (!outputs || n_outputs != p->n_outputs)
        return ic_rknn_fail(RKNN_ERR_OUTPUT_INVALID, "rknn_outputs_get: %" PRIu32 " output%s, or none; the model has %" PRIu32,
                            n_outputs, IC_S(n_outputs), p->n_outputs);
    if (!c->has_run)
        return ic_rknn_fail(RKNN_ERR_FAIL, "rknn_outputs_get: call rknn_run first");
    for (uint32_t i = 0; i < n_outputs; i++)
        if (c->bound[p->n_inputs + i])
            return ic_rknn_fail(RKNN_ERR_OUTPUT_INVALID,
                                "rknn_outputs_get: output %" PRIu32 " lives in memory given to rknn_set_io_mem: read it there", i);
    uint64_t frame = c->frame_id;
    void *const *buffers = NULL;
    const int ended = c->frames ? ic_frames_get(c->frames, &frame, &buffers) : RKNN_SUCC;
    if (ended != RKNN_SUCC)
        return ended; /* said when it happened */
    for (uint32_t i = 0; i < n_outputs; i++) {
        const int code = get_output(c, i, buffers ? buffers[i] : ic_session_output(c->session, i), &outputs[i]);
        if (code != RKNN_SUCC) {
            (void)release(c, i, outputs);
            return code;
        }
    }
    if (extend)
        extend->frame_id = frame;
    return RKNN_SUCC;
}

int rknn_outputs_get(rknn_context context, uint32_t n_outputs, rknn_output outputs[], rknn_output_extend *extend)
{
    struct ic_rknn *c = NULL;
    int code = ic_rknn_enter(context, &c);
    if (code != RKNN_SUCC)
        return code;
    code = get_outputs(c, n_outputs, outputs, extend);
    ic_rknn_leave(c);
    return code;
}

int rknn_outputs_release(rknn_context context, uint32_t n_ouputs, rknn_output outputs[])
{
    struct ic_rknn *c = NULL;
    int code = ic_rknn_enter(context, &c);
    if (code != RKNN_SUCC)
        return code;
    const uint32_t wanted = ic_model_program(c->model)->n_outputs;
    if (!outputs || n_ouputs > wanted)
        code = ic_rknn_fail(RKNN_ERR_OUTPUT_INVALID, "rknn_outputs_release: %" PRIu32 " output%s, or none; the model has %" PRIu32,
                            n_ouputs, IC_S(n_ouputs), wanted);
    else
        code = release(c, n_ouputs, outputs);
    ic_rknn_leave(c);
    return code;
}
