/* SPDX-License-Identifier: Apache-2.0
 *
 * A gather at constant places that are one step apart is a slice: it needs no index while running, and merges like any move.
 */
#include "optimize/rewrite.h"

#include "arith/integers.h"

/* Places start, start + step ..: the index's numbers, counted from the front. */
static bool run_of(const struct ic_value *index, int32_t extent, int64_t *start, int64_t *step)
{
    const int64_t n = ic_value_elements(index);
    int64_t last = 0;
    *start = 0;
    *step = 1;
    for (int64_t i = 0; i < n; i++) {
        int64_t at = ic_int_load(index->dtype, index->data, i);
        at += at < 0 ? extent : 0;
        if (at < 0 || at >= extent)
            return false;
        if (i == 0)
            *start = at;
        if (i == 1)
            *step = at - last;
        if (i > 0 && (at - last != *step || *step < 1))
            return false;
        last = at;
    }
    return n > 0;
}

static enum ic_status as_slice(struct ic_graph *g, int32_t *i, int64_t axis, int64_t start, int64_t step, struct ic_diag *d)
{
    struct ic_node *n = g->nodes[*i];
    struct ic_value *x = n->inputs[0];
    const int64_t count = ic_value_elements(n->inputs[1]);
    struct ic_node *slice = ic_opt_insert(g, i, IC_OP_SLICE, &x, 1, n, "");
    if (!slice)
        return ic_opt_no_memory(g, d);
    for (int k = IC_SLICE_STARTS; k <= IC_SLICE_STEPS; k++)
        slice->attrs[k].n_ints = x->rank;
    for (int32_t k = 0; k < x->rank; k++) {
        slice->attrs[IC_SLICE_STARTS].ints[k] = k == axis ? start : 0;
        slice->attrs[IC_SLICE_ENDS].ints[k] = k == axis ? start + (count - 1) * step + 1 : x->dims[k];
        slice->attrs[IC_SLICE_STEPS].ints[k] = k == axis ? step : 1;
    }
    IC_TRY(ic_graph_infer(g, slice, d));
    return ic_opt_become_reshape(g, n, slice->outputs[0], d);
}

enum ic_status ic_pass_fixed_places(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        const struct ic_node *n = g->nodes[i];
        if (n->op != IC_OP_GATHER || !n->inputs[1]->data || n->attrs[IC_GATHER_BATCH].i || ic_value_n_readers(n->outputs[0]) == 0)
            continue;
        int64_t axis = n->attrs[IC_GATHER_AXIS].i, start = 0, step = 0;
        axis += axis < 0 ? n->inputs[0]->rank : 0;
        if (!run_of(n->inputs[1], n->inputs[0]->dims[axis], &start, &step))
            continue;
        IC_TRY(as_slice(g, &i, axis, start, step, d));
        *changed = true;
    }
    return IC_OK;
}
