/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip/runtime.h over session.h: argument checks and handles, nothing else.
 */
#include "inchip/runtime.h"

#include "base/alloc.h"
#include "runtime/context.h"
#include "runtime/convert_io.h"
#include "runtime/session.h"

struct inchip_model {
    struct ic_model *model;
};

struct inchip_session {
    inchip_model *model;
    struct ic_session *session;
};

static int wrap_model(struct ic_diag *d, enum ic_status status, struct ic_model *m, inchip_model **out_model)
{
    if (status != IC_OK)
        return (int)status;
    inchip_model *model = ic_calloc(1, sizeof *model);
    if (!model) {
        ic_model_close(m);
        return (int)ic_fail(d, IC_ERR_MEMORY, "no memory for a model");
    }
    model->model = m;
    *out_model = model;
    return INCHIP_OK;
}

int inchip_model_open(inchip_context *context, const char *path, inchip_model **out_model)
{
    struct ic_diag *d = ic_context_begin(context);
    struct ic_model *m = NULL;
    if (!path || !out_model)
        return (int)ic_fail(d, IC_E_CALL, "inchip_model_open: path or out_model is NULL");
    const enum ic_status status = ic_model_open_file(path, &m, d);
    if (status != IC_OK)
        ic_diag_name_file(d, path);
    return wrap_model(d, status, m, out_model);
}

static int open_memory(inchip_context *context, const void *bytes, size_t size_bytes, bool copy, inchip_model **out_model)
{
    struct ic_diag *d = ic_context_begin(context);
    struct ic_model *m = NULL;
    if (!bytes || !out_model)
        return (int)ic_fail(d, IC_E_CALL, "opening a model from memory: bytes or out_model is NULL");
    const enum ic_status status = ic_model_open_memory(bytes, size_bytes, copy, &m, d);
    return wrap_model(d, status, m, out_model);
}

int inchip_model_open_memory(inchip_context *context, const void *bytes, size_t size_bytes, inchip_model **out_model)
{
    return open_memory(context, bytes, size_bytes, true, out_model);
}

int inchip_model_open_static(inchip_context *context, const void *bytes, size_t size_bytes, inchip_model **out_model)
{
    return open_memory(context, bytes, size_bytes, false, out_model);
}

void inchip_model_close(inchip_model *model)
{
    if (!model)
        return;
    ic_model_close(model->model);
    ic_free(model);
}

int32_t inchip_model_inputs(const inchip_model *model)
{
    return model ? (int32_t)ic_model_program(model->model)->n_inputs : 0;
}

int32_t inchip_model_outputs(const inchip_model *model)
{
    return model ? (int32_t)ic_model_program(model->model)->n_outputs : 0;
}

int inchip_model_input_info(const inchip_model *model, int32_t i, inchip_tensor_info *out_info)
{
    return model ? ic_context_tensor_info(ic_model_program(model->model), true, i, out_info) : INCHIP_ERR_ARG;
}

int inchip_model_output_info(const inchip_model *model, int32_t i, inchip_tensor_info *out_info)
{
    return model ? ic_context_tensor_info(ic_model_program(model->model), false, i, out_info) : INCHIP_ERR_ARG;
}

uint64_t inchip_model_memory_bytes(const inchip_model *model)
{
    return model ? ic_model_memory_bytes(model->model) : 0;
}

const char *inchip_model_target(const inchip_model *model)
{
    return model ? ic_model_program(model->model)->target : "";
}

int inchip_session_create(inchip_context *context, inchip_model *model, int threads, inchip_session **out_session)
{
    struct ic_diag *d = ic_context_begin(context);
    if (!model || !out_session)
        return (int)ic_fail(d, IC_E_CALL, "inchip_session_create: model or out_session is NULL");
    inchip_session *s = ic_calloc(1, sizeof *s);
    if (!s)
        return (int)ic_fail(d, IC_ERR_MEMORY, "no memory for a session");
    const enum ic_status status = ic_session_create(model->model, threads, &s->session, d);
    if (status != IC_OK) {
        ic_free(s);
        return (int)status;
    }
    s->model = model;
    *out_session = s;
    return INCHIP_OK;
}

void inchip_session_destroy(inchip_session *session)
{
    if (!session)
        return;
    ic_session_destroy(session->session);
    ic_free(session);
}

int inchip_pool_set_cpus(inchip_context *context, const int32_t *cpus, int32_t n_cpus)
{
    struct ic_diag *d = ic_context_begin(context);
    if (n_cpus < 0 || (n_cpus > 0 && !cpus))
        return (int)ic_fail(d, IC_E_CALL, "inchip_pool_set_cpus: %d CPUs, or no list of them", (int)n_cpus);
    return (int)ic_pool_set_cpus(cpus, n_cpus, d);
}

void *inchip_session_input(inchip_session *session, int32_t i)
{
    return !session || i < 0 ? NULL : ic_session_input(session->session, (uint32_t)i);
}

const void *inchip_session_output(inchip_session *session, int32_t i)
{
    return !session || i < 0 ? NULL : ic_session_output(session->session, (uint32_t)i);
}

int inchip_session_bind_input(inchip_context *context, inchip_session *session, int32_t i, void *buffer)
{
    struct ic_diag *d = ic_context_begin(context);
    if (!session)
        return (int)ic_fail(d, IC_E_CALL, "inchip_session_bind_input: session is NULL");
    return (int)ic_session_bind_input(session->session, (uint32_t)i, buffer, d);
}

int inchip_session_bind_output(inchip_context *context, inchip_session *session, int32_t i, void *buffer)
{
    struct ic_diag *d = ic_context_begin(context);
    if (!session)
        return (int)ic_fail(d, IC_E_CALL, "inchip_session_bind_output: session is NULL");
    return (int)ic_session_bind_output(session->session, (uint32_t)i, buffer, d);
}

int inchip_session_set_input(inchip_context *context, inchip_session *session, int32_t i, const void *data, int32_t dtype,
                             size_t count)
{
    struct ic_diag *d = ic_context_begin(context);
    if (!session || !data || i < 0 || i >= inchip_model_inputs(session->model))
        return (int)ic_fail(d, IC_E_INPUT_COUNT, "inchip_session_set_input: no input %d, or no data", (int)i);
    return (int)ic_io_convert_in(ic_model_program(session->model->model), (uint32_t)i, data, (enum ic_dtype)dtype, count,
                                 ic_session_input(session->session, (uint32_t)i), d);
}

int inchip_session_get_output(inchip_context *context, inchip_session *session, int32_t i, float *out_values, size_t count)
{
    struct ic_diag *d = ic_context_begin(context);
    if (!session || !out_values || i < 0 || i >= inchip_model_outputs(session->model))
        return (int)ic_fail(d, IC_E_INPUT_COUNT, "inchip_session_get_output: no output %d, or no place for it", (int)i);
    const struct ic_program *p = ic_model_program(session->model->model);
    const struct ic_tensor *t = &p->tensors[p->outputs[i].tensor];
    const size_t wanted = (size_t)t->size_bytes / ic_dtype_bytes((enum ic_dtype)t->dtype);
    if (count != wanted)
        return (int)ic_fail(d, IC_E_DATA_SIZE, "output %d has %zu value%s, %zu asked for", (int)i, wanted, IC_S(wanted), count);
    ic_io_to_f32(t, ic_session_output(session->session, (uint32_t)i), out_values, count);
    return INCHIP_OK;
}

int inchip_session_run(inchip_context *context, inchip_session *session)
{
    struct ic_diag *d = ic_context_begin(context);
    return session ? (int)ic_session_run(session->session, d) : (int)ic_fail(d, IC_E_CALL, "inchip_session_run: session is NULL");
}

int32_t inchip_session_steps(const inchip_session *session)
{
    return session ? (int32_t)ic_model_program(session->model->model)->n_steps : 0;
}

int inchip_session_profile(inchip_context *context, inchip_session *session, inchip_step_time *out_times, int32_t count)
{
    struct ic_diag *d = ic_context_begin(context);
    const int32_t wanted = inchip_session_steps(session);
    if (!session || count != wanted || (wanted > 0 && !out_times))
        return (int)ic_fail(d, IC_E_CALL, "inchip_session_profile: room for %d step times, %d are wanted", (int)count, (int)wanted);
    uint64_t *ns = ic_calloc((size_t)count + 1, sizeof *ns);
    if (!ns)
        return (int)ic_fail(d, IC_ERR_MEMORY, "no memory for %d step times", (int)count);
    const enum ic_status status = ic_session_run_traced(session->session, ns, NULL, NULL, d);
    const struct ic_program *p = ic_model_program(session->model->model);
    for (int32_t i = 0; status == IC_OK && i < count; i++)
        out_times[i] = (inchip_step_time){
            .layer = ic_program_text(p, p->steps[i].name), .kind = ic_step_kind_name(p->steps[i].kind), .time_ns = ns[i]};
    ic_free(ns);
    return (int)status;
}

uint64_t inchip_session_memory_bytes(const inchip_session *session)
{
    return session ? ic_session_memory_bytes(session->session) : 0;
}
