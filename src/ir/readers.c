/* SPDX-License-Identifier: Apache-2.0
 *
 * Who reads a value: each operand of a node is a link in its value's list, so that asking and replacing cost what there is to answer, not a
 * walk through the graph.
 */
#include "ir/graph.h"

static void link_use(struct ic_use *use, struct ic_value *v)
{
    *use->at = v;
    if (!v)
        return;
    use->next = v->uses;
    use->link = &v->uses;
    if (use->next)
        use->next->link = &use->next;
    v->uses = use;
    v->n_uses++;
}

static void unlink_use(struct ic_use *use)
{
    struct ic_value *v = *use->at;
    if (!v)
        return;
    *use->link = use->next;
    if (use->next)
        use->next->link = use->link;
    v->n_uses--;
    *use->at = NULL;
}

void ic_node_set_input(struct ic_node *n, int32_t k, struct ic_value *v)
{
    unlink_use(&n->uses[k]);
    link_use(&n->uses[k], v);
}

/* Room for that many operands; those there are stay. */
static bool make_room(struct ic_graph *g, struct ic_node *n, int32_t n_inputs)
{
    struct ic_value **slots = ic_arena_array(&g->arena, (size_t)n_inputs + 1, sizeof *slots);
    struct ic_use *uses = ic_arena_array(&g->arena, (size_t)n_inputs + 1, sizeof *uses);
    if (!slots || !uses)
        return false;
    for (int32_t k = 0; k <= n_inputs; k++)
        uses[k] = (struct ic_use){.reader = n, .at = &slots[k]};
    for (int32_t k = 0; k < n->n_inputs; k++) {
        struct ic_value *v = n->inputs[k];
        unlink_use(&n->uses[k]);
        link_use(&uses[k], v);
    }
    n->inputs = slots;
    n->uses = uses;
    n->cap_inputs = n_inputs + 1;
    return true;
}

bool ic_node_set_inputs(struct ic_graph *g, struct ic_node *n, struct ic_value *const *inputs, int32_t n_inputs)
{
    if (n_inputs >= n->cap_inputs && !make_room(g, n, n_inputs))
        return false;
    for (int32_t k = 0; k < n_inputs; k++)
        ic_node_set_input(n, k, inputs[k]);
    for (int32_t k = n_inputs; k < n->n_inputs; k++)
        unlink_use(&n->uses[k]);
    n->n_inputs = n_inputs;
    return true;
}

void ic_node_set_only_input(struct ic_node *n, struct ic_value *v)
{
    for (int32_t k = 0; k < n->n_inputs; k++)
        unlink_use(&n->uses[k]);
    link_use(&n->uses[0], v);
    n->n_inputs = 1;
}

void ic_node_set_result(struct ic_node *n, struct ic_value *v)
{
    n->outputs[0] = v;
    n->n_outputs = 1;
    v->producer = n;
}

void ic_node_detach(struct ic_node *n)
{
    for (int32_t k = 0; k < n->n_inputs; k++)
        unlink_use(&n->uses[k]);
    n->n_inputs = 0;
}

void ic_graph_set_output(struct ic_graph *g, int32_t i, struct ic_value *v)
{
    g->outputs[i].value->n_as_output--;
    g->outputs[i].value = v;
    v->n_as_output++;
}

void ic_graph_replace(struct ic_graph *g, struct ic_value *from, struct ic_value *to)
{
    if (from == to)
        return;
    for (struct ic_use *use = from->uses; use; use = from->uses) {
        unlink_use(use);
        link_use(use, to);
    }
    for (int32_t i = 0; i < g->n_outputs && from->n_as_output > 0; i++)
        if (g->outputs[i].value == from)
            ic_graph_set_output(g, i, to);
}

int32_t ic_value_n_readers(const struct ic_value *v)
{
    return v->n_uses + v->n_as_output;
}

bool ic_value_is_output(const struct ic_value *v)
{
    return v->n_as_output > 0;
}

void ic_graph_find_readers(struct ic_graph *g)
{
    for (int32_t i = 0; i < g->n_values; i++) {
        g->values[i]->uses = NULL;
        g->values[i]->n_uses = g->values[i]->n_as_output = 0;
    }
    for (int32_t i = 0; i < g->n_nodes; i++)
        for (int32_t k = 0; k < g->nodes[i]->n_inputs; k++)
            link_use(&g->nodes[i]->uses[k], g->nodes[i]->inputs[k]);
    for (int32_t i = 0; i < g->n_outputs; i++)
        g->outputs[i].value->n_as_output++;
}
