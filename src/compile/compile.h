/* SPDX-License-Identifier: Apache-2.0
 *
 * A portable graph to a program for one target: lower, choose packing, order, pack, place in memory. Chooses only what cannot change a bit.
 */
#ifndef IC_COMPILE_COMPILE_H
#define IC_COMPILE_COMPILE_H

#include "ir/graph.h"
#include "program/program.h"
#include "targets/target.h"

/* out_p owns everything; out_consts (64-byte aligned sections, owned by the caller) holds the constants that p->consts points to.
 * keep_all: every value keeps its own memory, so that all can be looked at after a run (calibration, compare). */
enum ic_status ic_compile(const struct ic_graph *g, const struct ic_target *target, bool keep_all, struct ic_program *out_p,
                          struct ic_writer *out_consts, struct ic_diag *d) IC_MUST_USE;

/* The table of arena tensors: name, bytes, offset, first and last step, and the live-set lower bound beside the arena's size. */
void ic_compile_print_memory(const struct ic_program *p, struct ic_writer *w);

#endif
