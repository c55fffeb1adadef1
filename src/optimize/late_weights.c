/* SPDX-License-Identifier: Apache-2.0 */
#include "optimize/late_weights.h"

#include "optimize/evaluate.h"
#include "optimize/rewrite.h"

static bool is_late(const struct ic_node *n)
{
    for (int32_t i = 0; i < n->n_inputs; i++)
        if (!n->inputs[i] || !n->inputs[i]->data || n->inputs[i]->quant.n_scales)
            return false;
    return ic_graph_is_late(n) && !ic_value_is_output(n->outputs[0]);
}

enum ic_status ic_opt_late_weights(struct ic_graph *g, struct ic_diag *d)
{
    int32_t kept = 0;
    enum ic_status status = IC_OK;
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        struct ic_value *made = NULL;
        if (status == IC_OK && is_late(n))
            status = ic_opt_fold_node(g, n, &made, d);
        if (!made) {
            g->nodes[kept++] = n;
            continue;
        }
        ic_node_detach(n);
        n->outputs[0]
            ->data = made->data; /* where and as it is: names and numbers of values do not depend on when it was computed */
        n->outputs[0]->layout = made->layout;
        n->outputs[0]->producer = NULL;
    }
    const bool any = kept != g->n_nodes;
    g->n_nodes = kept;
    if (any)
        ic_graph_compact(g);
    return status;
}
