/* SPDX-License-Identifier: Apache-2.0
 *
 * exp(x - max(x)) / sum(exp(x - max(x))), also without the maximum, is Softmax; the logarithm of Softmax is its other form. One step that
 * cannot overflow instead of five.
 */
#include "optimize/rewrite.h"

/* n reduces one axis, which stays with extent 1. */
static bool one_axis(const struct ic_node *n, enum ic_op op, int64_t *axis)
{
    if (!n || n->op != op || n->attrs[IC_REDUCE_AXES].n_ints != 1 || !n->attrs[IC_REDUCE_KEEP].i || n->post.fn != IC_MAP_NONE ||
        n->post.round_mid)
        return false;
    *axis = n->attrs[IC_REDUCE_AXES].ints[0];
    *axis += *axis < 0 ? n->inputs[0]->rank : 0;
    return true;
}

/* x when v is x - max(x) along axis, else v. */
static struct ic_value *without_maximum(struct ic_value *v, int64_t axis)
{
    const struct ic_node *sub = v->producer;
    int64_t of = 0;
    if (!sub || sub->op != IC_OP_SUB || sub->post.fn != IC_MAP_NONE || sub->post.round_mid)
        return v;
    const struct ic_node *max = sub->inputs[1]->producer;
    return one_axis(max, IC_OP_REDUCE_MAX, &of) && of == axis && max->inputs[0] == sub->inputs[0] ? sub->inputs[0] : v;
}

static enum ic_status become_softmax(struct ic_graph *g, struct ic_node *n, struct ic_value *x, int64_t axis, bool log,
                                     struct ic_diag *d)
{
    struct ic_attr *attrs = ic_arena_array(&g->arena, (size_t)ic_op_n_attrs(IC_OP_SOFTMAX) + 1, sizeof *attrs);
    if (!attrs)
        return ic_opt_no_memory(g, d);
    attrs[IC_SOFTMAX_AXIS].i = axis;
    attrs[IC_SOFTMAX_LOG].i = log;
    n->op = IC_OP_SOFTMAX;
    ic_node_set_only_input(n, x);
    n->attrs = attrs;
    return IC_OK;
}

static enum ic_status quotient(struct ic_graph *g, struct ic_node *n, bool *changed, struct ic_diag *d)
{
    int64_t axis = 0;
    struct ic_value *e = n->inputs[0], *z = ic_opt_map_operand(e, IC_MAP_EXP);
    const struct ic_node *sum = n->inputs[1]->producer;
    if (!z || !one_axis(sum, IC_OP_REDUCE_SUM, &axis) || sum->inputs[0] != e || n->post.fn != IC_MAP_NONE || n->post.round_mid)
        return IC_OK;
    *changed = true;
    return become_softmax(g, n, without_maximum(z, axis), axis, false, d);
}

enum ic_status ic_pass_softmax(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        if (n->outputs[0]->dtype != IC_F32)
            continue;
        if (n->op == IC_OP_DIV)
            IC_TRY(quotient(g, n, changed, d));
        if (n->op != IC_OP_MAP || n->attrs[IC_MAP_ATTR_FN].i != IC_MAP_LOG)
            continue;
        const struct ic_node *soft = ic_opt_sole_producer(n->inputs[0], IC_OP_SOFTMAX);
        if (!soft || soft->attrs[IC_SOFTMAX_LOG].i)
            continue;
        *changed = true;
        IC_TRY(become_softmax(g, n, soft->inputs[0], soft->attrs[IC_SOFTMAX_AXIS].i, true, d));
    }
    return IC_OK;
}
