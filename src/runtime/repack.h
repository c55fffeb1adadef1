/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IC_RUNTIME_REPACK_H
#define IC_RUNTIME_REPACK_H

#include "runtime/model.h"

/* Weights whose packing only the reference kernels take, although this CPU has a faster kernel for the step, are packed anew in memory, with
 * one 'I' line. On the target that a program was compiled for this does nothing. */
enum ic_status ic_model_repack(struct ic_model *m, struct ic_diag *d) IC_MUST_USE;

#endif
