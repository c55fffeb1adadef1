/* SPDX-License-Identifier: Apache-2.0
 *
 * Drops what nobody reads, renumbers, finds readers, makes names unique.
 */
#include "ir/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* id doubles as the mark while sweeping: -1 dead, 0 live. */
static void mark_live(struct ic_graph *g)
{
    for (int32_t i = 0; i < g->n_values; i++)
        g->values[i]->id = -1;
    for (int32_t i = 0; i < g->n_inputs; i++)
        g->inputs[i].value->id = 0;
    for (int32_t i = 0; i < g->n_outputs; i++)
        g->outputs[i].value->id = 0;
    for (int32_t i = g->n_nodes; i-- > 0;) {
        const struct ic_node *n = g->nodes[i];
        bool live = false;
        for (int32_t k = 0; k < n->n_outputs; k++)
            live = live || n->outputs[k]->id == 0;
        if (!live)
            continue;
        for (int32_t k = 0; k < n->n_inputs; k++)
            if (n->inputs[k])
                n->inputs[k]->id = 0;
        for (int32_t k = 0; k < n->n_outputs; k++)
            n->outputs[k]->id = 0;
    }
}

static int32_t sweep_nodes(struct ic_graph *g)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < g->n_nodes; i++)
        if (g->nodes[i]->outputs[0]->id == 0)
            g->nodes[kept++] = g->nodes[i];
    const int32_t dropped = g->n_nodes - kept;
    g->n_nodes = kept;
    return dropped;
}

struct named {
    struct ic_value *v;
    int order; /* of those with one name: inputs keep it, then outputs */
};

static int by_name_then_order(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    const int order = strcmp(x->v->name, y->v->name);
    return order ? order : x->order != y->order ? x->order - y->order : x->v->id < y->v->id ? -1 : x->v->id > y->v->id;
}

/* Ids are places in g->values. */
static void list_names(const struct ic_graph *g, struct named *out)
{
    for (int32_t i = 0; i < g->n_values; i++)
        out[i] = (struct named){.v = g->values[i], .order = 2};
    for (int32_t i = 0; i < g->n_outputs; i++)
        out[g->outputs[i].value->id].order = 1;
    for (int32_t i = 0; i < g->n_inputs; i++)
        out[g->inputs[i].value->id].order = 0;
}

/* Values of one name get .1, .2 ... after the first; a graph input or output keeps its name by being first. Leaves names as they are when
 * memory is refused: they only matter to people. */
static void make_names_unique(struct ic_graph *g)
{
    struct named *sorted = ic_malloc((size_t)(g->n_values + 1) * sizeof *sorted);
    if (!sorted)
        return;
    for (int round = 0; round < 4; round++) {
        list_names(g, sorted);
        qsort(sorted, (size_t)g->n_values, sizeof *sorted, by_name_then_order);
        bool changed = false;
        int32_t n_same = 0;
        for (int32_t i = 1; i < g->n_values; i++) {
            struct ic_value *v = sorted[i].v;
            const bool same = strcmp(v->name, sorted[i - 1 - n_same].v->name) == 0;
            n_same = same ? n_same + 1 : 0;
            if (!same)
                continue;
            const char *name = ic_arena_printf(&g->arena, "%s.%d", v->name, (int)n_same);
            if (name)
                v->name = name;
            changed = true;
        }
        if (!changed)
            break;
    }
    ic_free(sorted);
}

int32_t ic_graph_compact(struct ic_graph *g)
{
    mark_live(g);
    const int32_t dropped = sweep_nodes(g);
    int32_t kept = 0;
    for (int32_t i = 0; i < g->n_values; i++)
        if (g->values[i]->id == 0) {
            g->values[i]->id = kept;
            g->values[kept++] = g->values[i];
        }
    g->n_values = kept;
    ic_graph_find_readers(g);
    make_names_unique(g);
    return dropped;
}
