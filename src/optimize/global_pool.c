/* SPDX-License-Identifier: Apache-2.0
 *
 * An average pool with one window over the whole picture is the mean over its height and width.
 */
#include "optimize/rewrite.h"

static bool covers_all(const struct ic_node *n)
{
    const struct ic_value *x = n->inputs[0];
    for (int k = 0; k < 2; k++)
        if (n->attrs[IC_POOL_ATTR_KERNEL].ints[k] != x->dims[1 + k] || n->outputs[0]->dims[1 + k] != 1 ||
            n->attrs[IC_POOL_ATTR_DILATION].ints[k] != 1 || n->attrs[IC_POOL_ATTR_PAD].ints[k] != 0)
            return false;
    const int64_t divisor = n->attrs[IC_POOL_ATTR_DIVISOR].i;
    return (divisor == 0 || divisor == (int64_t)x->dims[1] * x->dims[2]) &&
           (!n->attrs[IC_POOL_ATTR_COUNT_PAD].i ||
            (n->attrs[IC_POOL_ATTR_PAD].ints[2] == 0 && n->attrs[IC_POOL_ATTR_PAD].ints[3] == 0));
}

enum ic_status ic_pass_global_pool(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        if (n->op != IC_OP_AVG_POOL || !covers_all(n))
            continue;
        struct ic_attr *attrs = ic_arena_array(&g->arena, (size_t)ic_op_n_attrs(IC_OP_REDUCE_MEAN) + 1, sizeof *attrs);
        if (!attrs)
            return ic_opt_no_memory(g, d);
        attrs[IC_REDUCE_AXES].n_ints = 2;
        attrs[IC_REDUCE_AXES].ints[0] = 1;
        attrs[IC_REDUCE_AXES].ints[1] = 2;
        attrs[IC_REDUCE_KEEP].i = 1;
        n->op = IC_OP_REDUCE_MEAN;
        n->attrs = attrs;
        *changed = true;
    }
    return IC_OK;
}
