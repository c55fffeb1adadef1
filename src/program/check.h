/* SPDX-License-Identifier: Apache-2.0
 *
 * Between check.c (tables) and check_steps.c (one function per step kind).
 */
#ifndef IC_PROGRAM_CHECK_H
#define IC_PROGRAM_CHECK_H

#include "program/program.h"

int64_t ic_check_elements(const struct ic_tensor *t);
enum ic_status ic_check_step(const struct ic_program *p, uint32_t i_step, struct ic_diag *d) IC_MUST_USE;

#endif
