/* SPDX-License-Identifier: Apache-2.0
 *
 * Large weights that an importer wants in another order or type: made when a network is built, not when it is imported.
 */
#ifndef IC_OPTIMIZE_LATE_WEIGHTS_H
#define IC_OPTIMIZE_LATE_WEIGHTS_H

#include "ir/graph.h"

/* What ic_graph_is_late says of becomes the constant that the importer would have made: same place, same name, same elements. Run before anything that
 * reads weights. */
enum ic_status ic_opt_late_weights(struct ic_graph *g, struct ic_diag *d) IC_MUST_USE;

#endif
