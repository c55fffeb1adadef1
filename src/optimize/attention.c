/* SPDX-License-Identifier: Apache-2.0
 *
 * (a q) k = a (q k): a factor of an operand of a product of matrices, also of one that was moved in between, is applied to the result, where it
 * is fused. Attention written with the scale on q, on q and k, or on the product is one graph then.
 */
#include "optimize/rewrite.h"

#define MAX_MOVES 16

/* The factor that v carries alone to its one reader, through moves; NULL: none. */
static struct ic_node *factor_of(const struct ic_value *v)
{
    for (int k = 0; k < MAX_MOVES; k++) {
        struct ic_node *n = v->producer;
        if (!n || ic_value_is_output(v) || ic_value_n_readers(v) != 1)
            return NULL;
        if (n->op == IC_OP_MAP && n->attrs[IC_MAP_ATTR_FN].i == IC_MAP_AFFINE && n->attrs[IC_MAP_ATTR_B].f == 0.0)
            return n;
        if (n->op != IC_OP_TRANSPOSE && n->op != IC_OP_RESHAPE && n->op != IC_OP_SLICE)
            return NULL;
        v = n->inputs[0];
    }
    return NULL;
}

/* n's result y becomes a function of what n makes from now on. */
static enum ic_status scale_result(struct ic_graph *g, int32_t i, double a, struct ic_diag *d)
{
    struct ic_node *n = g->nodes[i];
    struct ic_value *y = n->outputs[0];
    int32_t next = i + 1;
    IC_TRY(ic_graph_infer(g, n, d));
    struct ic_value *inner = n->outputs[0];
    struct ic_node *map = ic_opt_insert(g, &next, IC_OP_MAP, &inner, 1, n, ".scale");
    if (!map)
        return ic_opt_no_memory(g, d);
    map->attrs[IC_MAP_ATTR_FN].i = IC_MAP_AFFINE;
    map->attrs[IC_MAP_ATTR_A].f = (double)(float)a;
    ic_node_set_result(map, y);
    return IC_OK;
}

enum ic_status ic_pass_attention(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        double a = 1.0;
        if (n->op != IC_OP_MATMUL || n->outputs[0]->dtype != IC_F32 || n->post.fn != IC_MAP_NONE || n->post.round_mid ||
            ic_value_n_readers(n->outputs[0]) == 0)
            continue;
        for (int k = 0; k < 2 && n->inputs[0] != n->inputs[1]; k++) {
            const struct ic_node *map = factor_of(n->inputs[k]);
            if (!map)
                continue;
            a *= map->attrs[IC_MAP_ATTR_A].f;
            ic_graph_replace(g, map->outputs[0], map->inputs[0]);
        }
        if (a == 1.0)
            continue;
        IC_TRY(scale_result(g, i, a, d));
        *changed = true;
    }
    return IC_OK;
}
