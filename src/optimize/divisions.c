/* SPDX-License-Identifier: Apache-2.0
 *
 * Fewer and cheaper operations where a rounding may change: a division becomes a product with a reciprocal taken once, a square root below a
 * fraction rsqrt, powers of 1/2, -1/2, -1 and 3 what they are, and functions x * a + b of one another are one.
 */
#include "optimize/rewrite.h"

#include "arith/integers.h"

#include <math.h>

static enum ic_status by_constant(struct ic_graph *g, struct ic_node *n, bool *changed, struct ic_diag *d)
{
    const struct ic_value *c = n->inputs[1];
    const int64_t count = ic_value_elements(c);
    double number = 0.0;
    if (ic_opt_number(c, &number) && fabs(number) > 0x1p-100 && fabs(number) < 0x1p100 && n->post.fn == IC_MAP_NONE &&
        !n->post.round_mid && ic_opt_same_shape(n->inputs[0], n->outputs[0])) {
        *changed = true;
        return ic_opt_become_map(g, n, n->inputs[0], IC_MAP_AFFINE, 1.0 / number, 0.0, d);
    }
    if (c->dtype != IC_F32 || count > INT32_MAX)
        return IC_OK;
    double *values = ic_opt_doubles(c);
    if (!values)
        return ic_opt_no_memory(g, d);
    bool fits = true;
    for (int64_t i = 0; i < count; i++) {
        fits = fits && fabs(values[i]) > 0x1p-100 && fabs(values[i]) < 0x1p100; /* neither the value nor 1 / value is lost */
        values[i] = 1.0 / values[i];
    }
    struct ic_value *inverse = fits ? ic_opt_const(g, c->name, c, values, (int32_t)count) : NULL;
    ic_free(values);
    if (!fits)
        return IC_OK;
    if (!inverse)
        return ic_opt_no_memory(g, d);
    n->op = IC_OP_MUL;
    ic_node_set_input(n, 1, inverse);
    *changed = true;
    return IC_OK;
}

/* c / x: the reciprocal of x, times c. x: a Map, so what follows sees one operand. */
static enum ic_status of_number(struct ic_graph *g, int32_t *i, double c, bool *changed, struct ic_diag *d)
{
    struct ic_node *n = g->nodes[*i];
    struct ic_value *x = n->inputs[1];
    if (!ic_opt_same_shape(x, n->outputs[0]) || n->post.fn != IC_MAP_NONE || n->post.round_mid || isnan(c))
        return IC_OK;
    IC_TRY(ic_opt_insert_map(g, i, x, IC_MAP_RECIPROCAL, 0.0, 0.0, n, &x, d));
    *changed = true;
    return ic_opt_become_map(g, n, x, IC_MAP_AFFINE, c, 0.0, d);
}

/* u / v with v smaller than the result (it broadcasts), or the square root of something: fewer divisions. */
static enum ic_status by_small(struct ic_graph *g, int32_t *i, bool *changed, struct ic_diag *d)
{
    struct ic_node *n = g->nodes[*i];
    struct ic_value *v = n->inputs[1], *root = ic_opt_map_operand(v, IC_MAP_SQRT);
    if (ic_value_elements(v) >= ic_value_elements(n->outputs[0]))
        return IC_OK;
    IC_TRY(ic_opt_insert_map(g, i, root ? root : v, root ? IC_MAP_RSQRT : IC_MAP_RECIPROCAL, 0.0, 0.0, n, &v, d));
    n->op = IC_OP_MUL;
    ic_node_set_input(n, 1, v);
    *changed = true;
    return IC_OK;
}

/* Rounding to whole numbers and the like: there a last bit decides a whole step. */
static bool is_step(const struct ic_node *n)
{
    static const enum ic_map_fn steps[] = {IC_MAP_ROUND, IC_MAP_FLOOR, IC_MAP_CEIL, IC_MAP_TRUNC, IC_MAP_SIGN, IC_MAP_ROUND_BITS};
    const int64_t fn = n->op == IC_OP_MAP ? n->attrs[IC_MAP_ATTR_FN].i : IC_MAP_NONE;
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++)
        if (fn == (int64_t)steps[k] || n->post.fn == (uint32_t)steps[k])
            return true;
    return n->op == IC_OP_QUANTIZE || n->op == IC_OP_MOD || n->op == IC_OP_REM ||
           (n->op == IC_OP_CAST && ic_dtype_is_integer(n->outputs[0]->dtype));
}

/* Codes that a network computes by itself are exact: their divisions stay. */
static bool feeds_step(const struct ic_value *v, int depth)
{
    for (const struct ic_use *use = v->uses; use; use = use->next) {
        const struct ic_node *n = use->reader;
        if (is_step(n) || (depth > 0 && ic_op_def(n->op)->pure_elementwise && feeds_step(n->outputs[0], depth - 1)))
            return true;
    }
    return false;
}

static enum ic_status divide(struct ic_graph *g, int32_t *i, bool *changed, struct ic_diag *d)
{
    double c = 0.0;
    if (is_step(g->nodes[*i]) || feeds_step(g->nodes[*i]->outputs[0], 3))
        return IC_OK;
    if (g->nodes[*i]->inputs[1]->data)
        return by_constant(g, g->nodes[*i], changed, d);
    if (ic_opt_number(g->nodes[*i]->inputs[0], &c))
        return of_number(g, i, c, changed, d);
    return by_small(g, i, changed, d);
}

static enum ic_status power(struct ic_graph *g, struct ic_node *n, bool *changed, struct ic_diag *d)
{
    double c = 0.0;
    if (!ic_opt_number(n->inputs[1], &c) || n->post.fn != IC_MAP_NONE || n->post.round_mid ||
        !ic_opt_same_shape(n->inputs[0], n->outputs[0]) || (c != 0.5 && c != -0.5 && c != -1.0))
        return IC_OK;
    *changed = true;
    return ic_opt_become_map(g, n, n->inputs[0],
                             c == 0.5    ? IC_MAP_SQRT
                             : c == -1.0 ? IC_MAP_RECIPROCAL
                                         : IC_MAP_RSQRT,
                             0.0, 0.0, d);
}

static bool is_affine(const struct ic_node *n)
{
    return n && n->op == IC_OP_MAP && n->attrs[IC_MAP_ATTR_FN].i == IC_MAP_AFFINE;
}

/* (x * a + b) * c + d = x * (a c) + (b c + d), each number rounded once. */
static void merge_affine(struct ic_node *n, bool *changed)
{
    const struct ic_node *inner = n->inputs[0]->producer;
    if (!is_affine(n) || !is_affine(inner) || ic_value_n_readers(n->inputs[0]) != 1)
        return;
    const double a = n->attrs[IC_MAP_ATTR_A].f, b = n->attrs[IC_MAP_ATTR_B].f;
    n->attrs[IC_MAP_ATTR_A].f = (double)(float)(inner->attrs[IC_MAP_ATTR_A].f * a);
    n->attrs[IC_MAP_ATTR_B].f = (double)(float)(inner->attrs[IC_MAP_ATTR_B].f * a + b);
    ic_node_set_input(n, 0, inner->inputs[0]);
    *changed = true;
}

enum ic_status ic_pass_divisions(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        if (n->outputs[0]->dtype != IC_F32)
            continue;
        if (n->op == IC_OP_DIV)
            IC_TRY(divide(g, &i, changed, d));
        else if (n->op == IC_OP_POW)
            IC_TRY(power(g, n, changed, d));
        else if (n->op == IC_OP_MAP)
            merge_affine(n, changed);
    }
    return IC_OK;
}
