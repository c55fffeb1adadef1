/* SPDX-License-Identifier: Apache-2.0
 *
 * One rknn_context's inside, and the table that turns the caller's number into it.
 */
#ifndef IC_RKNN_CONTEXT_H
#define IC_RKNN_CONTEXT_H

#include "inchip/status.h"
#include "rknn_api.h"
#include "runtime/session.h"

struct ic_rknn {
    struct ic_model *model;
    struct ic_session *session;
    struct ic_diag diag;
    struct ic_log log;
    bool collect_perf, has_run;
    uint64_t frame_id;
    int64_t run_us;
    uint64_t *step_ns;         /* with collect_perf */
    struct ic_writer perf_text;
    void *scratch;             /* one input in another layout */
    bool *bound;               /* per io: set_io_mem took it */
};

/* NULL for a number that names no living context. */
struct ic_rknn *ic_rknn_find(rknn_context context);

/* The RKNN_ERR_ number of a status; docs in context.c. */
int ic_rknn_code(enum ic_status status);

/* Prints "E <sentence>" and returns code. */
int ic_rknn_fail(int code, const char *format, ...) IC_PRINTF(2, 3);

/* "mini" or "full": by the library this is linked into. */
extern const char ic_rknn_flavor[];

#define IC_RKNN_VERSION "librknn_runtime version 1.7.5 compatible (inchip " INCHIP_VERSION_TEXT " %s)"

static inline const struct ic_tensor *ic_rknn_tensor(const struct ic_program *p, bool input, uint32_t i)
{
    return &p->tensors[input ? p->inputs[i].tensor : p->outputs[i].tensor];
}

#endif
