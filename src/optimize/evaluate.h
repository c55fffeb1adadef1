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

#endif
