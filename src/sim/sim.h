/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a program in plain loops that share nothing with kernels/: operands are read through the step's packing descriptor. Slow is fine,
 * wrong is not: its agreement with the runtime is the evidence that both are right.
 */
#ifndef IC_SIM_SIM_H
#define IC_SIM_SIM_H

#include "program/program.h"

struct ic_sim;

/* What the simulator saw that a board would not tell: counted per step. */
struct ic_sim_events {
    uint64_t f16_overflows; /* finite results that became Inf when stored as f16 */
    uint64_t saturations;   /* integer results clamped at the ends of their type (not by ReLU's bounds) */
    uint64_t tiny_corner;   /* results that round up to exactly 2^-126: tiny for ARM, not for x86 */
};

/* Keeps p (lent). */
enum ic_status ic_sim_create(const struct ic_program *p, struct ic_sim **out_s, struct ic_diag *d) IC_MUST_USE;
void ic_sim_destroy(struct ic_sim *s);
/* inputs[i], outputs[i]: dense buffers of the sizes of the program's io tensors. tap (may be NULL) sees each step's result tensor. */
enum ic_status ic_sim_run(struct ic_sim *s, const void *const *inputs, void *const *outputs,
                          void (*tap)(void *user, uint32_t i_step, uint32_t tensor, const void *data), void *user,
                          struct ic_diag *d) IC_MUST_USE;
const struct ic_sim_events *ic_sim_events(const struct ic_sim *s, uint32_t i_step);

#endif
