/* SPDX-License-Identifier: Apache-2.0
 *
 * How many partial sums each contraction has: docs/arithmetic.md 4. From shapes alone, so that it is the same for every target.
 */
#include "optimize/rewrite.h"

#include "ops/op.h"

/* Terms of one sum. */
static int64_t depth(const struct ic_node *n)
{
    const struct ic_value *x = n->inputs[0], *w = n->inputs[1];
    if (n->op == IC_OP_MATMUL)
        return x->dims[x->rank - 1];
    return w->dims[0] > 0 ? ic_value_elements(w) / w->dims[0] : 0;
}

/* Results for one sample: a batch is summed as each of its samples alone would be. */
static int64_t results(const struct ic_graph *g, const struct ic_node *n)
{
    const int64_t all = ic_value_elements(n->outputs[0]);
    return g->batch > 1 && all % g->batch == 0 ? all / g->batch : all;
}

enum ic_status ic_pass_partials(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    (void)d;
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        const int attr = ic_op_attr_index(n->op, "partials");
        if (attr < 0)
            continue;
        const int32_t partials = ic_ops_partials(results(g, n), depth(n));
        *changed = *changed || n->attrs[attr].i != partials;
        n->attrs[attr].i = partials;
    }
    return IC_OK;
}
