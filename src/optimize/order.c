/* SPDX-License-Identifier: Apache-2.0
 *
 * One order of the nodes, whatever order the source had: each behind what it reads, operands first to last, from the first output on. So two
 * files that hold one network end as one graph.
 */
#include "optimize/rewrite.h"

#include <string.h>

struct visit {
    struct ic_node *n;
    int32_t next; /* operand to look at */
};

struct walk {
    struct visit *stack;
    struct ic_node **order;
    bool *seen; /* per id of a node's first result */
    int32_t depth, n_ordered;
};

static void enter(struct walk *w, struct ic_node *n)
{
    if (!n || w->seen[n->outputs[0]->id])
        return;
    w->seen[n->outputs[0]->id] = true;
    w->stack[w->depth++] = (struct visit){n, 0};
}

static void go_through(struct walk *w, struct ic_node *last)
{
    enter(w, last);
    while (w->depth > 0) {
        struct visit *top = &w->stack[w->depth - 1];
        if (top->next == top->n->n_inputs) {
            w->order[w->n_ordered++] = top->n;
            w->depth--;
            continue;
        }
        const struct ic_value *v = top->n->inputs[top->next++];
        if (v)
            enter(w, v->producer);
    }
}

static bool settle(struct ic_graph *g, struct walk *w)
{
    for (int32_t i = 0; i < g->n_outputs; i++)
        go_through(w, g->outputs[i].value->producer);
    for (int32_t i = 0; i < g->n_nodes; i++) /* read by nobody */
        go_through(w, g->nodes[i]);
    const size_t size_bytes = (size_t)g->n_nodes * sizeof *g->nodes;
    if (g->n_nodes == 0 || memcmp(g->nodes, w->order, size_bytes) == 0)
        return false;
    memcpy(g->nodes, w->order, size_bytes);
    return true;
}

enum ic_status ic_pass_order(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    struct walk w = {.stack = ic_calloc((size_t)g->n_nodes + 1, sizeof *w.stack),
                     .order = ic_calloc((size_t)g->n_nodes + 1, sizeof(struct ic_node *)),
                     .seen = ic_calloc((size_t)g->n_values + 1, sizeof *w.seen)};
    const bool complete = w.stack && w.order && w.seen;
    if (complete)
        *changed = settle(g, &w);
    ic_free(w.stack);
    ic_free(w.order);
    ic_free(w.seen);
    return complete ? IC_OK : ic_opt_no_memory(g, d);
}
