/* SPDX-License-Identifier: Apache-2.0
 *
 * A transpose that only moves axes of extent 1 moves no element: it is a reshape, which costs nothing.
 */
#include "optimize/rewrite.h"

static bool moves_units_only(const struct ic_node *n)
{
    const struct ic_value *x = n->inputs[0];
    int64_t last = -1;
    for (int32_t i = 0; i < x->rank; i++) {
        int64_t axis = n->attrs[IC_TRANSPOSE_PERM].ints[i];
        axis = axis < 0 ? axis + x->rank : axis;
        if (x->dims[axis] == 1)
            continue;
        if (axis < last)
            return false;
        last = axis;
    }
    return true;
}

enum ic_status ic_pass_unit_transposes(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        if (n->op != IC_OP_TRANSPOSE || !moves_units_only(n))
            continue;
        IC_TRY(ic_opt_become_reshape(g, n, n->inputs[0], d));
        *changed = true;
    }
    return IC_OK;
}
