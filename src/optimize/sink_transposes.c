/* SPDX-License-Identifier: Apache-2.0
 *
 * Moves transposes from in front of nodes to behind them: N(T(a), T(b)) = T'(N'(a, b)). The operator's definition says how its attributes
 * change. Transposes only ever move towards the outputs, so this ends. Operands that are not transposed alike must be constants, or
 * be in the other order without moving an element.
 */
#include "optimize/rewrite.h"

#include "ops/op.h"

#include <string.h>

struct order {
    int64_t perm[IC_IR_MAX_RANK];
    int32_t rank;
};

static bool order_of(const struct ic_value *v, struct order *out)
{
    const struct ic_node *t = v ? v->producer : NULL;
    if (!t || t->op != IC_OP_TRANSPOSE)
        return false;
    out->rank = v->rank;
    for (int32_t i = 0; i < v->rank; i++) {
        const int64_t axis = t->attrs[IC_TRANSPOSE_PERM].ints[i];
        out->perm[i] = axis < 0 ? axis + v->rank : axis;
    }
    return true;
}

static bool same_order(const struct order *a, const struct order *b)
{
    return a->rank == b->rank && memcmp(a->perm, b->perm, (size_t)a->rank * sizeof *a->perm) == 0;
}

/* v's dims with ones in front up to o's rank, before the transpose: axis i of v stands at perm[i]. */
static void dims_before(const struct ic_value *v, const struct order *o, int32_t *dims)
{
    for (int32_t i = 0; i < o->rank; i++) {
        const int32_t k = i - (o->rank - v->rank);
        dims[o->perm[i]] = k < 0 ? 1 : v->dims[k];
    }
}

/* Whether v has the same elements in the same order before and after the transpose. */
static bool same_elements(const struct ic_value *v, const struct order *o)
{
    int64_t last = -1;
    for (int32_t i = 0; i < o->rank; i++) {
        const int32_t k = i - (o->rank - v->rank);
        if (k < 0 || v->dims[k] == 1)
            continue;
        if (o->perm[i] < last)
            return false;
        last = o->perm[i];
    }
    return true;
}

static bool can_undo(const struct ic_value *v, const struct order *o)
{
    struct order own;
    if (!v || v->rank > o->rank)
        return false;
    return (order_of(v, &own) && same_order(&own, o)) || v->data || same_elements(v, o);
}

/* The constant v in the order before the transpose. */
static struct ic_value *undo_const(struct ic_graph *g, const struct ic_value *v, const struct order *o)
{
    int32_t dims[IC_IR_MAX_RANK] = {0};
    int64_t stride[IC_IR_MAX_RANK], step = 1;
    const size_t width = ic_dtype_bytes(v->dtype);
    uint8_t *to = ic_arena_aligned(&g->arena, ic_value_bytes(v) + 1, 64);
    if (!to)
        return NULL;
    dims_before(v, o, dims);
    for (int32_t i = o->rank; i-- > 0;) {
        stride[i] = step;
        step *= dims[i];
    }
    for (int64_t e = 0; e < step; e++) {
        int64_t rest = e, at = 0;
        for (int32_t i = o->rank; i-- > 0;) {
            const int32_t k = i - (o->rank - v->rank);
            const int32_t extent = k < 0 ? 1 : v->dims[k];
            at += rest % extent * stride[o->perm[i]];
            rest /= extent;
        }
        memcpy(to + (size_t)at * width, (const uint8_t *)v->data + (size_t)e * width, width);
    }
    return ic_graph_const_lent(g, v->name, v->dtype, o->rank, dims, to);
}

/* Operand k of nodes[*i] is what it was before the transpose. */
static enum ic_status undo(struct ic_graph *g, int32_t *i, int32_t k, const struct order *o, struct ic_diag *d)
{
    struct ic_node *n = g->nodes[*i];
    struct ic_value *v = n->inputs[k];
    struct order own;
    int32_t dims[IC_IR_MAX_RANK] = {0};
    if (order_of(v, &own) && same_order(&own, o)) {
        ic_node_set_input(n, k, v->producer->inputs[0]);
        return IC_OK;
    }
    if (ic_value_elements(v) == 1 && v->rank < o->rank)
        return IC_OK; /* broadcasts the same in any order */
    if (v->data) {
        v = undo_const(g, v, o);
        if (!v)
            return ic_opt_no_memory(g, d);
    } else {
        dims_before(v, o, dims);
        IC_TRY(ic_opt_insert_reshape(g, i, v, o->rank, dims, n, &v, d));
    }
    ic_node_set_input(n, k, v);
    return IC_OK;
}

/* The transpose that n can move behind itself: of the first operand that has one, if all other operands agree. */
static bool find_order(const struct ic_node *n, struct order *out)
{
    const int32_t n_operands = ic_op_def(n->op)->tables ? 1 : n->n_inputs;
    bool found = false;
    for (int32_t k = 0; k < n_operands && !found; k++)
        found = order_of(n->inputs[k], out);
    for (int32_t k = 0; k < n_operands && found; k++)
        found = can_undo(n->inputs[k], out);
    return found;
}

/* y keeps its identity and is made by a transpose behind n; what n makes itself gets y's name unless an output needs it. */
static enum ic_status put_behind(struct ic_graph *g, int32_t i, const struct order *o, struct ic_diag *d)
{
    struct ic_node *n = g->nodes[i];
    struct ic_value *y = n->outputs[0];
    int32_t next = i + 1;
    IC_TRY(ic_graph_infer(g, n, d));
    struct ic_value *inner = n->outputs[0];
    inner->name = y->name;
    inner->round = y->round;
    inner->quant = y->quant;
    struct ic_node *t = ic_opt_insert(g, &next, IC_OP_TRANSPOSE, &inner, 1, n, ".order");
    if (!t)
        return ic_opt_no_memory(g, d);
    t->attrs[IC_TRANSPOSE_PERM].n_ints = o->rank;
    memcpy(t->attrs[IC_TRANSPOSE_PERM].ints, o->perm, (size_t)o->rank * sizeof *o->perm);
    ic_node_set_result(t, y);
    if (!ic_value_is_output(y))
        y->name = t->name;
    return IC_OK;
}

/* A reshape that merges or splits axes which the transpose o brought into another order among themselves: o is then two transposes, one
 * (inner) inside each group of axes, which has to stay, and one (outer) of whole groups, which can move. (Channel shuffles.) */
static bool split_order(const struct ic_node *n, const struct order *o, struct order *inner, struct order *outer)
{
    int32_t x_begin[IC_IR_MAX_RANK + 1] = {0}, y_begin[IC_IR_MAX_RANK + 1] = {0};
    const int32_t n_groups = n->op == IC_OP_RESHAPE ? ic_ops_reshape_groups(n->inputs[0], n->outputs[0], x_begin, y_begin) : 0;
    bool outer_moves = false;
    inner->rank = outer->rank = o->rank;
    for (int32_t g = 0; g < n_groups; g++) {
        const int32_t begin = x_begin[g], end = x_begin[g + 1];
        int64_t first = o->perm[begin], last = first;
        for (int32_t i = begin; i < end; i++) {
            first = o->perm[i] < first ? o->perm[i] : first;
            last = o->perm[i] > last ? o->perm[i] : last;
        }
        if (last - first != end - begin - 1)
            return false; /* other axes stood between them */
        for (int32_t i = begin; i < end; i++) {
            inner->perm[first + i - begin] = o->perm[i];
            outer->perm[i] = first + i - begin;
            outer_moves = outer_moves || outer->perm[i] != i;
        }
    }
    return n_groups > 0 && outer_moves;
}

/* n's operand is transposed by inner only from now on, and o says the rest. False: n is no such reshape. */
static enum ic_status keep_inner(struct ic_graph *g, int32_t *i, struct order *o, bool *out_kept, struct ic_diag *d)
{
    struct ic_node *n = g->nodes[*i];
    struct order inner = {{0}, 0}, outer = {{0}, 0};
    struct ic_value *x = NULL;
    *out_kept = split_order(n, o, &inner, &outer);
    if (!*out_kept)
        return IC_OK;
    IC_TRY(ic_opt_insert_transpose(g, i, n->inputs[0]->producer->inputs[0], inner.perm, n, &x, d));
    struct order behind = {{0}, 0};
    if (!ic_op_def(n->op)->sink_transpose(n, outer.perm, outer.rank, behind.perm, &behind.rank))
        return ic_fail(d, IC_ERR_INTERNAL, "%s: a transpose of whole groups of axes does not move behind it", n->name);
    ic_node_set_input(n, 0, x);
    *o = behind;
    return IC_OK;
}

/* Moves o from in front of nodes[*i] behind it, if it can: *behind is its order there. */
static enum ic_status move_order(struct ic_graph *g, int32_t *i, struct order *o, struct order *behind, bool *out_moved,
                                 struct ic_diag *d)
{
    struct ic_node *n = g->nodes[*i];
    const struct ic_op_def *def = ic_op_def(n->op);
    *out_moved = def->sink_transpose(n, o->perm, o->rank, behind->perm, &behind->rank);
    if (!*out_moved) {
        *behind = *o;
        return keep_inner(g, i, behind, out_moved, d);
    }
    const int32_t n_operands = def->tables ? 1 : n->n_inputs;
    for (int32_t k = 0; k < n_operands; k++)
        IC_TRY(undo(g, i, k, o, d));
    return IC_OK;
}

enum ic_status ic_pass_sink_transposes(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        const struct ic_node *n = g->nodes[i];
        struct order o = {{0}, 0}, behind = {{0}, 0};
        bool moved = false;
        if (!ic_op_def(n->op)->sink_transpose || n->n_outputs != 1 || ic_value_n_readers(n->outputs[0]) == 0 || !find_order(n, &o))
            continue;
        IC_TRY(move_order(g, &i, &o, &behind, &moved, d));
        if (!moved)
            continue;
        IC_TRY(put_behind(g, i, &behind, d));
        *changed = true;
    }
    return IC_OK;
}
