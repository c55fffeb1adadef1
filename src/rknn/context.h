/* SPDX-License-Identifier: Apache-2.0
 *
 * One rknn_context's inside, and the table that turns the caller's number into it.
 */
#ifndef IC_RKNN_CONTEXT_H
#define IC_RKNN_CONTEXT_H

#include "inchip/status.h"
#include "rknn/loans.h"
#include "rknn_api.h"
#include "runtime/session.h"

struct ic_frames;
struct ic_rknn {
    struct ic_model *model;
    struct ic_session *session;
    struct ic_diag diag;
    struct ic_log log;
    bool collect_perf, has_run;
    bool dump; /* NN_LAYER_DUMP */
    bool busy; /* a call is inside; guarded by the table's lock */
    uint64_t frame_id;
    int64_t run_us;
    uint64_t *step_ns; /* with collect_perf */
    struct ic_writer perf_text;
    void *scratch;                /* one input in another layout */
    const uint8_t **bound;        /* per io: where rknn_set_io_mem put it, or NULL; written under the table's lock */
    struct ic_rknn_loan *outputs; /* handed out by rknn_outputs_get */
    struct ic_frames *frames;     /* RKNN_FLAG_ASYNC_MASK; NULL without */
    struct ic_writer precompiled; /* RKNN_FLAG_PRECOMPILE_MASK: the compiled model file */
    bool *given;                  /* per input: set, mapped or bound, so that a run has something to run on */
};

/* Between the two the context belongs to the caller. RKNN_ERR_CTX_INVALID for a number that names no living context, RKNN_ERR_FAIL when
 * another thread is inside. */
int ic_rknn_enter(rknn_context context, struct ic_rknn **out_c) IC_MUST_USE;
void ic_rknn_leave(struct ic_rknn *c);

/* The RKNN_ERR_ number of a status: the table stands in docs/rknn-api.md. */
int ic_rknn_code(enum ic_status status);

/* One run of the session with the inputs as they are, timed. */
int ic_rknn_run_session(struct ic_rknn *c);

/* at NULL: back to the context's own memory. */
void ic_rknn_set_bound(struct ic_rknn *c, uint32_t i_io, const void *at);
/* Inputs and outputs of any context that live in these bytes go back to the context's own memory; an input is then not set any more. false,
 * and nothing is changed, when such a context is in use in another thread. */
bool ic_rknn_forget(const uint8_t *from, size_t size_bytes) IC_MUST_USE;

/* Prints "E <sentence> [IC-E0123]" and returns code. cause: as of ic_fail. */
int ic_rknn_fail_for(int code, unsigned cause, const char *format, ...) IC_PRINTF(3, 4);
/* ... with the cause that goes without saying: the call's argument, its order, or memory, by code. */
#define ic_rknn_fail(code, ...) ic_rknn_fail_for(code, ic_rknn_cause(code), __VA_ARGS__)
unsigned ic_rknn_cause(int code);

/* "mini" or "full": by the library this is linked into. */
extern const char ic_rknn_flavor[];

#define IC_RKNN_VERSION "librknn_runtime version 1.7.5 compatible (inchip " INCHIP_VERSION_TEXT " %s)"

static inline const struct ic_tensor *ic_rknn_tensor(const struct ic_program *p, bool input, uint32_t i)
{
    return &p->tensors[input ? p->inputs[i].tensor : p->outputs[i].tensor];
}

static inline size_t ic_rknn_elements(const struct ic_tensor *t)
{
    return (size_t)t->size_bytes / ic_dtype_bytes((enum ic_dtype)t->dtype);
}

/* The interface has no number for 32- and 64-bit integers and booleans: such tensors are shown, set and read as float32. */
static inline bool ic_rknn_shown_as_float(const struct ic_tensor *t)
{
    return t->dtype > IC_S16;
}

static inline size_t ic_rknn_shown_bytes(const struct ic_tensor *t)
{
    return ic_rknn_shown_as_float(t) ? ic_rknn_elements(t) * sizeof(float) : (size_t)t->size_bytes;
}

#endif
