/* SPDX-License-Identifier: Apache-2.0
 *
 * A node of constants only is run once, here: as a graph of its own, lowered to steps, by the reference kernels.
 */
#include "optimize/evaluate.h"
#include "optimize/rewrite.h"

#include "arith/arith.h"

#include <string.h>

/* Results above this size are folded only when they are not larger than what they are made of. */
#define MAX_GROWN_BYTES ((size_t)1 << 20)

static bool foldable(const struct ic_node *n)
{
    size_t bytes = 0;
    if (!ic_op_def(n->op)->lower || n->n_outputs != 1 || ic_value_elements(n->outputs[0]) == 0)
        return false;
    for (int32_t i = 0; i < n->n_inputs; i++) {
        if (!n->inputs[i])
            continue;
        if (!n->inputs[i]->data || n->inputs[i]->quant.n_scales)
            return false;
        bytes += ic_value_bytes(n->inputs[i]);
    }
    const size_t made = ic_value_bytes(n->outputs[0]);
    return made <= MAX_GROWN_BYTES || made <= bytes;
}

/* Operands that are evaluated as inputs, so that the result does not depend on which operands a step wants constant: moves and maps take
 * any; the first operand is enough. */
static enum ic_status build(struct ic_graph *to, const struct ic_node *n, const void **out_input, struct ic_diag *d)
{
    struct ic_value **inputs = ic_arena_array(&to->arena, (size_t)n->n_inputs + 1, sizeof *inputs);
    if (!inputs)
        return ic_opt_no_memory(to, d);
    for (int32_t i = 0; i < n->n_inputs; i++) {
        const struct ic_value *v = n->inputs[i];
        if (!v)
            continue;
        inputs[i] = i == 0 ? ic_graph_value(to, "x", v->dtype, v->rank, v->dims)
                           : ic_graph_const_lent(to, "c", v->dtype, v->rank, v->dims, v->data);
        if (!inputs[i])
            return ic_opt_no_memory(to, d);
    }
    *out_input = n->inputs[0]->data;
    struct ic_node *copy = ic_graph_node(to, n->op, inputs, n->n_inputs, n->name);
    if (!copy || ic_graph_add_input(to, inputs[0], 0) != IC_OK)
        return ic_opt_no_memory(to, d);
    memcpy(copy->attrs, n->attrs, (size_t)ic_op_n_attrs(n->op) * sizeof *copy->attrs);
    copy->post = n->post;
    IC_TRY(ic_graph_infer(to, copy, d));
    return ic_graph_add_output(to, copy->outputs[0], 0) == IC_OK ? IC_OK : ic_opt_no_memory(to, d);
}

enum ic_status ic_opt_fold_node(struct ic_graph *g, const struct ic_node *n, struct ic_value **out_v, struct ic_diag *d)
{
    struct ic_graph *alone = NULL;
    const void *input = NULL;
    const struct ic_value *y = n->outputs[0];
    void *result = ic_arena_aligned(&g->arena, ic_value_bytes(y) + 1, 64);
    if (!result)
        return ic_opt_no_memory(g, d);
    if (ic_value_elements(y) > 0) {
        IC_TRY(ic_graph_create(g->name, &alone, d));
        enum ic_status status = build(alone, n, &input, d);
        if (status == IC_OK)
            status = ic_opt_evaluate(alone, &input, &result, d);
        ic_graph_destroy(alone);
        IC_TRY(status);
    }
    struct ic_value *made = ic_graph_const_lent(g, n->name, y->dtype, y->rank, y->dims, result);
    if (!made)
        return ic_opt_no_memory(g, d);
    made->layout = IC_VALUE_PLAIN; /* an order is only known of what comes from pictures */
    *out_v = made;
    return IC_OK;
}

enum ic_status ic_pass_fold_constants(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        if (!foldable(n) || ic_value_is_output(n->outputs[0]) || ic_value_n_readers(n->outputs[0]) == 0)
            continue;
        struct ic_value *made = NULL;
        IC_TRY(ic_opt_fold_node(g, n, &made, d));
        ic_graph_replace(g, n->outputs[0], made);
        *changed = true;
    }
    return IC_OK;
}
