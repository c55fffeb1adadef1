/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a whole graph here and now: lowered to steps, each run by its reference kernel. For constants, and for tests.
 */
#ifndef IC_OPTIMIZE_EVALUATE_H
#define IC_OPTIMIZE_EVALUATE_H

#include "ir/graph.h"

/* inputs[i]: dense data of g->inputs[i].value, in its element type; outputs[i]: room for ic_value_bytes of g->outputs[i].value. */
enum ic_status ic_opt_evaluate(const struct ic_graph *g, const void *const *inputs, void *const *outputs,
                               struct ic_diag *d) IC_MUST_USE;

/* n, which reads constants only and has one output (not empty or of an operator that lowers), as a constant of g. */
enum ic_status ic_opt_fold_node(struct ic_graph *g, const struct ic_node *n, struct ic_value **out_v,
                                struct ic_diag *d) IC_MUST_USE;

#endif
