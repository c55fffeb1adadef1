/* SPDX-License-Identifier: Apache-2.0
 *
 * A map whose operand nobody else reads is applied by the node that makes the operand, where its steps can.
 */
#include "optimize/rewrite.h"

#include "arith/arith.h"

enum ic_status ic_pass_fuse_map(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *map = g->nodes[i];
        struct ic_value *x = map->inputs[0];
        struct ic_node *n = map->op == IC_OP_MAP && x ? x->producer : NULL;
        if (!n || !ic_op_def(n->op)->post_ok || n->post.fn != IC_MAP_NONE || n->post.round_mid || n->n_outputs != 1 ||
            ic_value_is_output(x) || ic_value_n_readers(x) != 1 || x->dtype != map->outputs[0]->dtype)
            continue;
        n->post = (struct ic_post){.fn = (uint32_t)map->attrs[IC_MAP_ATTR_FN].i,
                                   .a = (float)map->attrs[IC_MAP_ATTR_A].f,
                                   .b = (float)map->attrs[IC_MAP_ATTR_B].f};
        IC_TRY(ic_opt_take_result(g, n, map, d));
        *changed = true;
    }
    return IC_OK;
}
