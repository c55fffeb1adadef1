/* SPDX-License-Identifier: Apache-2.0
 *
 * Places blocks with lifetimes in one arena. Pure arithmetic: knows nothing of programs.
 */
#ifndef IC_COMPILE_PLAN_H
#define IC_COMPILE_PLAN_H

#include "base/status.h"

struct ic_plan_block {
    uint64_t size_bytes;   /* rounded up to 64 inside */
    int32_t first, last;   /* steps between which it must not be overwritten, both included */
    uint64_t offset_bytes; /* result, a multiple of 64 */
};

/* Two blocks whose lifetimes meet never overlap. *out_arena is the size needed, *out_lower the largest sum of blocks alive at one step. */
enum ic_status ic_plan_memory(struct ic_plan_block *blocks, int32_t n, uint64_t *out_arena, uint64_t *out_lower,
                              struct ic_diag *d) IC_MUST_USE;

#endif
