/* SPDX-License-Identifier: Apache-2.0
 *
 * Integers end in a clamp; any other fused function becomes a table of its own, for which its input needs a range. In floats nothing changes.
 */
#include "quantize/internal.h"

static bool must_split(const struct ic_node *n)
{
    const enum ic_quant_rule rule = ic_op_quant(n);
    if (n->outputs[0]->dtype != IC_F32 || n->post.fn == IC_MAP_NONE)
        return false;
    if (rule != IC_QUANT_CONTRACT && rule != IC_QUANT_REQUANT)
        return rule == IC_QUANT_KEEP; /* it does not compute: what it gives is one of its operands */
    if (ic_op_def(n->op)->codes_scale && n->post.fn == IC_MAP_AFFINE && n->post.b == 0.0f)
        return false;
    return n->post.fn != IC_MAP_NONE && n->post.fn != IC_MAP_RELU && n->post.fn != IC_MAP_CLAMP;
}

/* n -> middle -> Map -> what n's result was. */
static enum ic_status split(struct ic_graph *g, struct ic_node *n, const struct ic_node *next, struct ic_diag *d)
{
    struct ic_value *result = n->outputs[0];
    const char *name = ic_arena_printf(&g->arena, "%s.linear", result->name);
    struct ic_value *middle = name ? ic_graph_value(g, name, IC_F32, result->rank, result->dims) : NULL;
    struct ic_node *map = middle ? ic_graph_node(g, IC_OP_MAP, &middle, 1, n->name) : NULL;
    if (!map)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to split %s", n->name);
    middle->layout = result->layout;
    ic_node_set_result(n, middle);
    map->attrs[IC_MAP_ATTR_FN].i = n->post.fn;
    map->attrs[IC_MAP_ATTR_A].f = (double)n->post.a;
    map->attrs[IC_MAP_ATTR_B].f = (double)n->post.b;
    map->origin = n->origin;
    ic_node_set_result(map, result);
    n->post = (struct ic_post){0};
    if (next)
        ic_graph_move_last_before(g, next);
    return IC_OK;
}

enum ic_status ic_quantize_split_ends(struct ic_graph *g, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++)
        if (must_split(g->nodes[i]))
            IC_TRY(split(g, g->nodes[i], i + 1 < g->n_nodes ? g->nodes[i + 1] : NULL, d));
    return IC_OK;
}
