/* SPDX-License-Identifier: Apache-2.0
 *
 * Which of the blocks placed so far are alive together with another: found by time, so that a long network of short lives does not look at all
 * of them for each.
 */
#ifndef IC_COMPILE_ALIVE_H
#define IC_COMPILE_ALIVE_H

#include "compile/plan.h"

#include <stdbool.h>

struct ic_alive {
    const struct ic_plan_block *blocks; /* lent; only first and last are looked at */
    int32_t n;
    int32_t n_leaves; /* a power of two */
    int32_t *sorted;  /* blocks by the step in which they begin */
    int32_t *leaf;    /* per block: its place there */
    int32_t *latest;  /* tree over sorted: the latest end of a placed block below; -1 none */
};

/* False: no memory. Destroy in any case. */
bool ic_alive_create(struct ic_alive *a, const struct ic_plan_block *blocks, int32_t n);
void ic_alive_destroy(struct ic_alive *a);
void ic_alive_clear(struct ic_alive *a); /* none is placed */
void ic_alive_add(struct ic_alive *a, int32_t i);
/* Placed blocks whose lives meet that of block i, in out[limit]; how many, or -1: more than limit. */
int32_t ic_alive_find(const struct ic_alive *a, int32_t i, int32_t *out, int32_t limit);

#endif
