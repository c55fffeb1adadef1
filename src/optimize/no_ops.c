/* SPDX-License-Identifier: Apache-2.0
 *
 * Drops nodes whose result is their input: Identity, Cast to the same type, Reshape, Slice, Expand, Pad to the same shape, Transpose that
 * keeps the order, Concat of one, Map of nothing.
 */
#include "optimize/rewrite.h"

#include "arith/arith.h"

static bool keeps_order(const struct ic_node *n)
{
    for (int32_t i = 0; i < n->attrs[IC_TRANSPOSE_PERM].n_ints; i++)
        if (n->attrs[IC_TRANSPOSE_PERM].ints[i] != i && n->attrs[IC_TRANSPOSE_PERM].ints[i] != i - n->inputs[0]->rank)
            return false;
    return true;
}

static bool changes_nothing(const struct ic_node *n)
{
    const struct ic_value *x = n->inputs[0], *y = n->outputs[0];
    if (x->dtype != y->dtype || !ic_opt_same_shape(x, y))
        return false;
    switch (n->op) {
    case IC_OP_IDENTITY:
    case IC_OP_CAST:
    case IC_OP_RESHAPE:
    case IC_OP_SLICE:
    case IC_OP_EXPAND:
    case IC_OP_PAD:
        return true;
    case IC_OP_TRANSPOSE:
        return keeps_order(n);
    case IC_OP_CONCAT:
        return n->n_inputs == 1;
    case IC_OP_MAP:
        return n->attrs[IC_MAP_ATTR_FN].i == IC_MAP_NONE || (n->attrs[IC_MAP_ATTR_FN].i == IC_MAP_AFFINE &&
                                                             n->attrs[IC_MAP_ATTR_A].f == 1.0 && n->attrs[IC_MAP_ATTR_B].f == 0.0);
    default:
        return false;
    }
}

/* An output that is an input, a constant or another output as well stays a node: a reshape to its own shape. */
static enum ic_status keep_as_reshape(struct ic_graph *g, struct ic_node *n, bool *changed, struct ic_diag *d)
{
    if (n->op == IC_OP_RESHAPE)
        return IC_OK;
    *changed = true;
    return ic_opt_become_reshape(g, n, n->inputs[0], d);
}

enum ic_status ic_pass_no_ops(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        if (changes_nothing(n)) {
            if (ic_opt_bypass(g, n->outputs[0], n->inputs[0])) {
                ic_node_detach(n);
                *changed = true;
                continue; /* the node leaves the list: its result may now be another node's */
            }
            IC_TRY(keep_as_reshape(g, n, changed, d));
        }
        g->nodes[kept++] = n;
    }
    g->n_nodes = kept;
    return IC_OK;
}
