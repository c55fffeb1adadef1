/* SPDX-License-Identifier: Apache-2.0
 *
 * Transpose of a transpose is one transpose, likewise reshapes and slices, and a map comes before a reshape (so that the map can be fused
 * into what makes its operand).
 */
#include "optimize/rewrite.h"

static bool merge_transposes(struct ic_node *n)
{
    const struct ic_node *inner = n->inputs[0]->producer;
    if (!inner || inner->op != IC_OP_TRANSPOSE)
        return false;
    const int32_t rank = n->inputs[0]->rank;
    struct ic_attr *outer = &n->attrs[IC_TRANSPOSE_PERM];
    for (int32_t i = 0; i < rank; i++) {
        const int64_t at = outer->ints[i] < 0 ? outer->ints[i] + rank : outer->ints[i];
        const int64_t axis = inner->attrs[IC_TRANSPOSE_PERM].ints[at];
        outer->ints[i] = axis < 0 ? axis + rank : axis;
    }
    ic_node_set_input(n, 0, inner->inputs[0]);
    return true;
}

static bool merge_reshapes(struct ic_node *n)
{
    const struct ic_node *inner = n->inputs[0]->producer;
    if (!inner || inner->op != IC_OP_RESHAPE)
        return false;
    ic_node_set_input(n, 0, inner->inputs[0]);
    return true;
}

static bool merge_slices(struct ic_node *n)
{
    const struct ic_node *inner = n->inputs[0]->producer;
    if (!inner || inner->op != IC_OP_SLICE || ic_value_elements(n->outputs[0]) == 0)
        return false;
    const struct ic_attr *starts = &inner->attrs[IC_SLICE_STARTS], *steps = &inner->attrs[IC_SLICE_STEPS];
    for (int32_t i = 0; i < n->inputs[0]->rank; i++) {
        const int64_t last = n->outputs[0]->dims[i] - 1;
        const int64_t step = last ? steps->ints[i] * n->attrs[IC_SLICE_STEPS].ints[i] : 1;
        const int64_t start = starts->ints[i] + n->attrs[IC_SLICE_STARTS].ints[i] * steps->ints[i];
        n->attrs[IC_SLICE_STARTS].ints[i] = start;
        n->attrs[IC_SLICE_ENDS].ints[i] = start + last * step + 1;
        n->attrs[IC_SLICE_STEPS].ints[i] = step;
    }
    ic_node_set_input(n, 0, inner->inputs[0]);
    return true;
}

/* Map(Reshape(x)) = Reshape(Map(x)): the nodes swap their places, y keeps its identity. */
static enum ic_status map_first(struct ic_graph *g, int32_t i, bool *changed, struct ic_diag *d)
{
    struct ic_node *map = g->nodes[i], *reshape = map->inputs[0]->producer;
    struct ic_value *y = map->outputs[0];
    int32_t next = i + 1;
    if (!reshape || reshape->op != IC_OP_RESHAPE)
        return IC_OK;
    ic_node_set_input(map, 0, reshape->inputs[0]);
    IC_TRY(ic_graph_infer(g, map, d));
    struct ic_value *inner = map->outputs[0];
    inner->name = y->name;
    struct ic_node *behind = ic_opt_insert(g, &next, IC_OP_RESHAPE, &inner, 1, reshape, "");
    if (!behind)
        return ic_opt_no_memory(g, d);
    behind->attrs[IC_RESHAPE_SHAPE] = reshape->attrs[IC_RESHAPE_SHAPE];
    ic_node_set_result(behind, y);
    if (!ic_value_is_output(y))
        y->name = reshape->outputs[0]->name;
    *changed = true;
    return IC_OK;
}

enum ic_status ic_pass_merge_shapes(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        if (n->op == IC_OP_TRANSPOSE)
            *changed = merge_transposes(n) || *changed;
        else if (n->op == IC_OP_RESHAPE)
            *changed = merge_reshapes(n) || *changed;
        else if (n->op == IC_OP_SLICE)
            *changed = merge_slices(n) || *changed;
        else if (n->op == IC_OP_MAP)
            IC_TRY(map_first(g, i, changed, d));
    }
    return IC_OK;
}
