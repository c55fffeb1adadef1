/* SPDX-License-Identifier: Apache-2.0
 *
 * Drops what nobody reads, renumbers, makes names unique.
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

static int by_name_then_id(const void *a, const void *b)
{
    const struct ic_value *x = *(struct ic_value *const *)a, *y = *(struct ic_value *const *)b;
    const int order = strcmp(x->name, y->name);
    return order ? order : x->id < y->id ? -1 : x->id > y->id;
}

/* Values of one name get .1, .2 ... after the first; a graph input or output keeps its name by being first. Leaves names as they are when
 * memory is refused: they only matter to people. */
static void make_names_unique(struct ic_graph *g)
{
    struct ic_value **sorted = ic_malloc((size_t)(g->n_values + 1) * sizeof *sorted);
    if (!sorted)
        return;
    for (int round = 0; round < 4; round++) {
        memcpy(sorted, g->values, (size_t)g->n_values * sizeof *sorted);
        qsort(sorted, (size_t)g->n_values, sizeof *sorted, by_name_then_id);
        bool changed = false;
        int32_t n_same = 0;
        for (int32_t i = 1; i < g->n_values; i++) {
            const bool same = strcmp(sorted[i]->name, sorted[i - 1 - n_same]->name) == 0;
            n_same = same ? n_same + 1 : 0;
            if (!same)
                continue;
            const char *name = ic_arena_printf(&g->arena, "%s.%d", sorted[i]->name, (int)n_same);
            if (name)
                sorted[i]->name = name;
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
    make_names_unique(g);
    return dropped;
}
