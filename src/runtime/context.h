/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands behind the public inchip_context, for the files that implement public calls.
 */
#ifndef IC_RUNTIME_CONTEXT_H
#define IC_RUNTIME_CONTEXT_H

#include "base/status.h"
#include "inchip/status.h"
#include "program/program.h"

struct inchip_context {
    struct ic_diag diag;
    struct ic_log log;
    inchip_log_fn *line; /* log.line forwards to it */
    void *user;
};

/* The context's diagnostics, cleared for a new call. NULL context gives NULL (every ic_ function takes that). */
struct ic_diag *ic_context_begin(inchip_context *context);

/* Caller's structs that begin with struct_size. The caller's fields are copied over to's, which hold the defaults; a caller that is older than
 * this library gives fewer, one that is newer must leave what this library does not know at 0. */
enum ic_status ic_context_read_options(void *to, size_t to_bytes, const void *from, const char *name,
                                       struct ic_diag *d) IC_MUST_USE;
/* As much of info as *out_info has room for. INCHIP_ERR_ARG when its struct_size was not set. */
int ic_context_give_info(const inchip_tensor_info *info, inchip_tensor_info *out_info);

/* The public description of io i of p (inputs or outputs). INCHIP_ERR_ARG when i is out of range. */
int ic_context_tensor_info(const struct ic_program *p, bool input, int32_t i, inchip_tensor_info *out_info);

#endif
