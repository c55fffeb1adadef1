/* SPDX-License-Identifier: Apache-2.0
 *
 * rknn_query: each command checks its struct's size exactly.
 */
#include "rknn/context.h"
#include "rknn/frames.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static rknn_tensor_type type_of(uint32_t dtype)
{
    switch (dtype) {
    case IC_F16:
        return RKNN_TENSOR_FLOAT16;
    case IC_S8:
        return RKNN_TENSOR_INT8;
    case IC_U8:
        return RKNN_TENSOR_UINT8;
    case IC_S16:
        return RKNN_TENSOR_INT16;
    default:
        return RKNN_TENSOR_FLOAT32;
    }
}

static int fill_attr(const struct ic_program *p, bool input, rknn_tensor_attr *attr)
{
    const uint32_t i = attr->index;
    if (i >= (input ? p->n_inputs : p->n_outputs))
        return ic_rknn_fail(RKNN_ERR_PARAM_INVALID, "rknn_query: there is no %s %" PRIu32, input ? "input" : "output", i);
    const struct ic_io *io = input ? &p->inputs[i] : &p->outputs[i];
    const struct ic_tensor *t = &p->tensors[io->tensor];
    const char *face = ic_program_text(p, io->face_name);
    memset(attr, 0, sizeof *attr);
    attr->index = i;
    attr->n_dims = t->rank;
    for (uint32_t k = 0; k < t->rank; k++)
        attr->dims[k] = (uint32_t)t->dims[t->rank - 1 - k];
    snprintf(attr->name, sizeof attr->name, "%s", *face ? face : ic_program_text(p, io->name));
    attr->n_elems = (uint32_t)ic_rknn_elements(t);
    attr->size = (uint32_t)ic_rknn_shown_bytes(t);
    attr->fmt = io->format == 2 ? RKNN_TENSOR_NHWC : RKNN_TENSOR_NCHW;
    attr->type = type_of(t->dtype);
    if (t->scale != 0.0f) {
        attr->qnt_type = RKNN_TENSOR_QNT_AFFINE_ASYMMETRIC;
        attr->zp = (uint32_t)t->zero;
        attr->scale = t->scale;
    }
    return RKNN_SUCC;
}

static int fill_perf_detail(struct ic_rknn *c, rknn_perf_detail *detail)
{
    const struct ic_program *p = ic_model_program(c->model);
    if (!c->collect_perf || !c->has_run)
        return ic_rknn_fail(RKNN_ERR_FAIL,
                            "rknn_query: PERF_DETAIL wants RKNN_FLAG_COLLECT_PERF_MASK at rknn_init and a run before");
    c->perf_text.size_bytes = 0;
    ic_write_text(&c->perf_text, "Layer id  Name  Operation id  Operator  Target  Uid  Time(us)\n");
    for (uint32_t i = 0; i < p->n_steps; i++)
        ic_write_text(&c->perf_text, "%" PRIu32 "  %s  %" PRIu32 "  %s  CPU  %" PRIu32 "  %" PRIu64 "\n", i,
                      ic_program_text(p, p->steps[i].name), i, ic_step_kind_name(p->steps[i].kind), i, c->step_ns[i] / 1000);
    ic_write_u8(&c->perf_text, 0);
    if (c->perf_text.failed)
        return ic_rknn_fail(RKNN_ERR_MALLOC_FAIL, "rknn_query: no memory for the text of %" PRIu32 " layer%s", p->n_steps,
                            IC_S(p->n_steps));
    *detail = (rknn_perf_detail){.perf_data = (char *)c->perf_text.bytes, .data_len = c->perf_text.size_bytes - 1};
    return RKNN_SUCC;
}

static int fill_version(rknn_sdk_version *v)
{
    memset(v, 0, sizeof *v);
    snprintf(v->api_version, sizeof v->api_version, IC_RKNN_VERSION, ic_rknn_flavor);
    snprintf(v->drv_version, sizeof v->drv_version, "inchip-cpu %s %s", INCHIP_VERSION_TEXT, ic_rknn_flavor);
    return RKNN_SUCC;
}

static int fill_run_time(const struct ic_rknn *c, rknn_perf_run *run)
{
    if (!c->has_run)
        return ic_rknn_fail(RKNN_ERR_FAIL, "rknn_query: PERF_RUN wants a run before");
    run->run_duration = c->run_us;
    return RKNN_SUCC;
}

static int fill_precompile(const struct ic_rknn *c, rknn_precompile *precompile)
{
    if (c->precompiled.size_bytes == 0)
        return ic_rknn_fail(RKNN_ERR_FAIL, "rknn_query: PRE_COMPILE wants RKNN_FLAG_PRECOMPILE_MASK at rknn_init");
    *precompile = (rknn_precompile){.model_data = c->precompiled.bytes, .data_len = (uint32_t)c->precompiled.size_bytes};
    return RKNN_SUCC;
}

static uint32_t size_of(rknn_query_cmd cmd)
{
    static const uint32_t sizes[RKNN_QUERY_CMD_MAX] = {
        sizeof(rknn_input_output_num), sizeof(rknn_tensor_attr), sizeof(rknn_tensor_attr), sizeof(rknn_perf_detail),
        sizeof(rknn_perf_run),         sizeof(rknn_sdk_version), sizeof(rknn_precompile)};
    return (unsigned)cmd < RKNN_QUERY_CMD_MAX ? sizes[cmd] : 0;
}

static int query(struct ic_rknn *c, rknn_query_cmd cmd, void *info, uint32_t size)
{
    const bool newer = (cmd == RKNN_QUERY_INPUT_ATTR || cmd == RKNN_QUERY_OUTPUT_ATTR) && (size == 372 || size == 376);
    if (!info || size_of(cmd) == 0 || size != size_of(cmd))
        return ic_rknn_fail(RKNN_ERR_PARAM_INVALID,
                            "rknn_query: command %d with %s struct of %" PRIu32 " byte%s; %" PRIu32 " are wanted%s", (int)cmd,
                            info ? "a" : "no", size, IC_S(size), size_of(cmd),
                            newer ? " (this is the struct of RKNN API 2: compile with the rknn_api.h of API 1)" : "");
    const struct ic_program *p = ic_model_program(c->model);
    if (c->frames && (cmd == RKNN_QUERY_PERF_DETAIL || cmd == RKNN_QUERY_PERF_RUN))
        ic_frames_wait(c->frames);
    switch (cmd) {
    case RKNN_QUERY_IN_OUT_NUM:
        *(rknn_input_output_num *)info = (rknn_input_output_num){p->n_inputs, p->n_outputs};
        return RKNN_SUCC;
    case RKNN_QUERY_INPUT_ATTR:
        return fill_attr(p, true, info);
    case RKNN_QUERY_OUTPUT_ATTR:
        return fill_attr(p, false, info);
    case RKNN_QUERY_PERF_DETAIL:
        return fill_perf_detail(c, info);
    case RKNN_QUERY_PERF_RUN:
        return fill_run_time(c, info);
    case RKNN_QUERY_SDK_VERSION:
        return fill_version(info);
    default:
        return fill_precompile(c, info);
    }
}

int rknn_query(rknn_context context, rknn_query_cmd cmd, void *info, uint32_t size)
{
    struct ic_rknn *c = NULL;
    int code = ic_rknn_enter(context, &c);
    if (code != RKNN_SUCC)
        return code;
    code = query(c, cmd, info, size);
    ic_rknn_leave(c);
    return code;
}
