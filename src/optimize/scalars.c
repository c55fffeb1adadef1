/* SPDX-License-Identifier: Apache-2.0
 *
 * Arithmetic with one number for all elements is a function of the other operand: it needs no second tensor, and can be fused or folded
 * like any function. The same bits, but for the sign of a zero.
 */
#include "optimize/rewrite.h"

#include <math.h>

/* x op c, or c op x when swapped. False: it has no such form. */
static bool as_function(enum ic_op op, double c, bool swapped, enum ic_map_fn *fn, double *a, double *b)
{
    *fn = IC_MAP_AFFINE;
    *a = 1.0;
    *b = 0.0;
    switch (op) {
    case IC_OP_ADD:
        *b = c;
        return true;
    case IC_OP_SUB:
        *a = swapped ? -1.0 : 1.0;
        *b = swapped ? c : -c;
        return true;
    case IC_OP_MUL:
        *a = c;
        return true;
    case IC_OP_DIV:
        *a = swapped ? 0.0 : 1.0 / c;
        *fn = swapped ? IC_MAP_RECIPROCAL : IC_MAP_AFFINE;
        return swapped ? c == 1.0 : fabs(frexp(c, &(int){0})) == 0.5 && fabs(c) < 0x1p126; /* an exact reciprocal */
    case IC_OP_PRELU:
        *fn = IC_MAP_LEAKY_RELU;
        *a = c;
        return !swapped;
    case IC_OP_MAXIMUM:
        *fn = IC_MAP_RELU;
        *a = 0.0;
        return c == 0.0 && !signbit(c);
    default:
        return false;
    }
}

static void try_node(struct ic_graph *g, struct ic_node *n, bool *changed, enum ic_status *status, struct ic_diag *d)
{
    for (int k = 0; k < 2; k++) {
        struct ic_value *x = n->inputs[k];
        enum ic_map_fn fn = IC_MAP_NONE;
        double a = 0.0, b = 0.0, c = 0.0;
        if (x->data || !ic_opt_same_shape(x, n->outputs[0]) || !ic_opt_number(n->inputs[1 - k], &c) || isnan(c) ||
            !as_function(n->op, c, k == 1, &fn, &a, &b))
            continue;
        *status = ic_opt_become_map(g, n, x, fn, a, b, d);
        *changed = true;
        return;
    }
}

/* Map of a Map that is exact as one: 1 / sqrt(x). */
static void try_map(struct ic_node *n, bool *changed)
{
    struct ic_value *x = ic_opt_map_operand(n->inputs[0], IC_MAP_SQRT);
    if (n->attrs[IC_MAP_ATTR_FN].i != IC_MAP_RECIPROCAL || !x || ic_value_n_readers(n->inputs[0]) != 1)
        return;
    n->attrs[IC_MAP_ATTR_FN].i = IC_MAP_RSQRT;
    ic_node_set_input(n, 0, x);
    *changed = true;
}

enum ic_status ic_pass_scalars(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    enum ic_status status = IC_OK;
    for (int32_t i = 0; i < g->n_nodes && status == IC_OK; i++) {
        struct ic_node *n = g->nodes[i];
        double c = 0.0;
        if (n->op == IC_OP_MAP) {
            try_map(n, changed);
        } else if (n->n_inputs == 2 && n->outputs[0]->dtype == IC_F32 && n->op == IC_OP_POW && !n->inputs[0]->data &&
                   ic_opt_number(n->inputs[1], &c) && c == 2.0 && ic_opt_same_shape(n->inputs[0], n->outputs[0])) {
            n->op = IC_OP_MUL; /* arithmetic.md 5.4: pow(x, 2) is x * x */
            ic_node_set_input(n, 1, n->inputs[0]);
            *changed = true;
        } else if (n->n_inputs == 2 && n->outputs[0]->dtype == IC_F32 && n->post.fn == IC_MAP_NONE && !n->post.round_mid) {
            try_node(g, n, changed, &status, d);
        }
    }
    return status;
}
