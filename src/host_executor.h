/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs float graphs on this machine with every value shown: the quantizer's executor. On boards it serves tests only.
 */
#ifndef IC_HOST_EXECUTOR_H
#define IC_HOST_EXECUTOR_H

#include "compile/compile.h"
#include "quantize/quantize.h"
#include "runtime/session.h"

struct ic_host_executor {
    struct ic_executor face;
    struct ic_program program;
    struct ic_writer consts;
    struct ic_model *model;
    struct ic_session *session;
    struct ic_shown { /* a float value of the graph and the tensor that holds it, in the order of memory */
        const struct ic_tensor *tensor;
        const struct ic_value *value;
    } * shown;
    uint32_t n_shown;
    uint32_t *last_writer; /* per tensor: the step after which it is complete (parts of a concatenation are written one by one) */
    struct ic_arena arena;
};
void ic_host_executor_init(struct ic_host_executor *e);
void ic_host_executor_destroy(struct ic_host_executor *e);

#endif
