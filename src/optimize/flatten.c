/* SPDX-License-Identifier: Apache-2.0
 *
 * Linear(Reshape(Transpose(a))), where the reshape puts every axis that the transpose moved into the last one, is Linear(Reshape(a)) with the
 * columns of its weights permuted.
 */
#include "optimize/rewrite.h"

#include <string.h>

/* The first axis of t's result that ends up in the k columns, when the axes before it stay where they are; -1: there is none. */
static int32_t first_flattened(const struct ic_node *t, int32_t k)
{
    const struct ic_value *y = t->outputs[0];
    int64_t product = 1;
    for (int32_t s = y->rank; s-- > 0;) {
        bool kept = true;
        product *= y->dims[s];
        for (int32_t i = 0; i < s; i++)
            kept = kept && t->attrs[IC_TRANSPOSE_PERM].ints[i] == i;
        if (product == k && kept)
            return s;
    }
    return -1;
}

/* Column of a's order that column `column` of t's order comes from. */
static int64_t source_column(const struct ic_node *t, int32_t s, int64_t column)
{
    const struct ic_value *y = t->outputs[0], *a = t->inputs[0];
    int64_t index[IC_IR_MAX_RANK] = {0}, at = 0;
    for (int32_t i = y->rank; i-- > s;) {
        index[t->attrs[IC_TRANSPOSE_PERM].ints[i]] = column % y->dims[i];
        column /= y->dims[i];
    }
    for (int32_t i = s; i < a->rank; i++)
        at = at * a->dims[i] + index[i];
    return at;
}

static struct ic_value *permute_columns(struct ic_graph *g, const struct ic_value *w, const struct ic_node *t, int32_t s)
{
    const size_t k = (size_t)w->dims[1], rows = (size_t)w->dims[0], width = ic_dtype_bytes(w->dtype);
    uint8_t *to = ic_arena_aligned(&g->arena, ic_value_bytes(w) + 1, 64);
    const uint8_t *from = w->data;
    if (!to)
        return NULL;
    for (size_t c = 0; c < k; c++) {
        const size_t at = (size_t)source_column(t, s, (int64_t)c);
        for (size_t r = 0; r < rows; r++)
            memcpy(to + (r * k + at) * width, from + (r * k + c) * width, width);
    }
    struct ic_value *v = ic_graph_const_lent(g, w->name, w->dtype, w->rank, w->dims, to);
    if (v)
        v->quant = w->quant;
    return v;
}

enum ic_status ic_pass_flatten(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        if (n->op != IC_OP_LINEAR || !n->inputs[1]->data)
            continue;
        const struct ic_node *r = n->inputs[0]->producer;
        const struct ic_node *t = r && r->op == IC_OP_RESHAPE ? r->inputs[0]->producer : NULL;
        if (!t || t->op != IC_OP_TRANSPOSE)
            continue;
        const int32_t s = first_flattened(t, n->inputs[1]->dims[1]);
        if (s < 0)
            continue;
        struct ic_value *w = permute_columns(g, n->inputs[1], t, s), *flat = NULL;
        if (!w)
            return ic_opt_no_memory(g, d);
        IC_TRY(ic_opt_insert_reshape(g, &i, t->inputs[0], r->outputs[0]->rank, r->outputs[0]->dims, r, &flat, d));
        ic_node_set_input(n, 0, flat);
        ic_node_set_input(n, 1, w);
        *changed = true;
    }
    return IC_OK;
}
