/* SPDX-License-Identifier: Apache-2.0
 *
 * Nodes of the same operator, operands and attributes are computed once. Their constants are compared by place, not by bytes.
 */
#include "optimize/rewrite.h"

#include <string.h>

static bool same_attr(const struct ic_attr *a, const struct ic_attr *b, enum ic_attr_kind kind)
{
    if (kind == IC_ATTR_INTS)
        return a->n_ints == b->n_ints && memcmp(a->ints, b->ints, (size_t)a->n_ints * sizeof *a->ints) == 0;
    return kind == IC_ATTR_FLOAT ? memcmp(&a->f, &b->f, sizeof a->f) == 0 : a->i == b->i;
}

static bool same_quant(const struct ic_quant *a, const struct ic_quant *b)
{
    return a->n_scales == b->n_scales && a->zero == b->zero && a->axis == b->axis &&
           (a->n_scales == 0 || memcmp(a->scales, b->scales, (size_t)a->n_scales * sizeof *a->scales) == 0);
}

static bool same(const struct ic_node *a, const struct ic_node *b)
{
    if (a->op != b->op || a->n_inputs != b->n_inputs || a->n_outputs != 1 || memcmp(&a->post, &b->post, sizeof a->post) != 0)
        return false;
    if (!same_quant(&a->outputs[0]->quant, &b->outputs[0]->quant))
        return false;
    for (int32_t i = 0; i < a->n_inputs; i++)
        if (a->inputs[i] != b->inputs[i])
            return false;
    for (int i = 0; i < ic_op_n_attrs(a->op); i++)
        if (!same_attr(&a->attrs[i], &b->attrs[i], ic_op_def(a->op)->attrs[i].kind))
            return false;
    return true;
}

enum ic_status ic_pass_merge_equal(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    (void)d;
    for (int32_t i = 1; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        if (ic_opt_is_output(g, n->outputs[0]) || ic_graph_n_readers(g, n->outputs[0]) == 0)
            continue;
        for (int32_t k = 0; k < i; k++)
            if (same(g->nodes[k], n)) {
                ic_graph_replace(g, n->outputs[0], g->nodes[k]->outputs[0]);
                *changed = true;
                break;
            }
    }
    return IC_OK;
}
