/* SPDX-License-Identifier: Apache-2.0
 *
 * Which fields of a step name tensors: made from steps.def. By convention y is the result, every other one is read.
 */
#ifndef IC_COMPILE_OPERANDS_H
#define IC_COMPILE_OPERANDS_H

#include "program/program.h"

#define IC_MAX_OPERANDS 8
struct ic_operands {
    int32_t n;                     /* all of them */
    uint32_t *at[IC_MAX_OPERANDS]; /* the fields themselves, for renumbering */
    bool is_result[IC_MAX_OPERANDS];
};
struct ic_operands ic_step_operands(const struct ic_step *s);

/* May the result of s stand exactly on its operand t? (As ic_program_check allows.) */
bool ic_step_in_place(const struct ic_step *s, const struct ic_tensor *tensors, uint32_t t);

#endif
