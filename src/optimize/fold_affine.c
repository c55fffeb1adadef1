/* SPDX-License-Identifier: Apache-2.0
 *
 * A constant per channel (or one for all) that is added to, subtracted from or multiplied with the result of a weighted node becomes part of
 * its weights and bias. In double, each rounded once.
 */
#include "optimize/rewrite.h"

#include "arith/arith.h"

/* One per output channel, from a constant that broadcasts along all axes but the last. NULL: it does not, or no memory (*failed). */
static double *per_channel(const struct ic_value *c, int32_t rank, int32_t oc, bool *failed)
{
    if (c->dtype != IC_F32 || !c->data || c->rank > rank)
        return NULL;
    const int64_t n = ic_value_elements(c);
    if (n != 1 && (n != oc || c->dims[c->rank - 1] != oc))
        return NULL;
    double *values = ic_opt_doubles(c), *out = ic_malloc(((size_t)oc + 1) * sizeof *out);
    *failed = !values || !out;
    for (int32_t i = 0; !*failed && i < oc; i++)
        out[i] = values[n == 1 ? 0 : i];
    ic_free(values);
    if (!*failed)
        return out;
    ic_free(out);
    return NULL;
}

static void fill(double *to, int32_t n, double v)
{
    for (int32_t i = 0; i < n; i++)
        to[i] = v;
}

/* y = x * scale + shift as n says it. c: the operand's values for Add, Sub, Mul. */
static void as_affine(const struct ic_node *n, const double *c, int32_t oc, double *scale, double *shift)
{
    fill(scale, oc, 1.0);
    fill(shift, oc, 0.0);
    for (int32_t i = 0; i < oc; i++) {
        if (n->op == IC_OP_MAP) {
            scale[i] = (double)(float)n->attrs[IC_MAP_ATTR_A].f;
            shift[i] = (double)(float)n->attrs[IC_MAP_ATTR_B].f;
        } else if (n->op == IC_OP_MUL) {
            scale[i] = c[i];
        } else {
            shift[i] = n->op == IC_OP_ADD ? c[i] : -c[i];
        }
    }
}

static bool is_affine_map(const struct ic_node *n)
{
    return n->op == IC_OP_MAP && n->attrs[IC_MAP_ATTR_FN].i == IC_MAP_AFFINE;
}

static bool is_arithmetic(const struct ic_node *n)
{
    return n->op == IC_OP_ADD || n->op == IC_OP_SUB || n->op == IC_OP_MUL;
}

/* The weighted node in front of n, and which operand of n it makes. */
static struct ic_node *before(const struct ic_node *n, int *i_operand)
{
    const int n_operands = n->op == IC_OP_ADD || n->op == IC_OP_MUL ? 2 : 1; /* constant - x is not of this form */
    for (*i_operand = 0; *i_operand < n_operands; ++*i_operand) {
        struct ic_node *w = ic_opt_weighted(n->inputs[*i_operand]);
        if (w)
            return w;
    }
    return NULL;
}

static enum ic_status fold(struct ic_graph *g, struct ic_node *n, struct ic_node *w, int i_operand, bool *changed,
                           struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[i_operand];
    const int32_t oc = w->inputs[1]->dims[0];
    bool failed = false;
    if (!ic_opt_same_shape(x, n->outputs[0]) || x->rank == 0)
        return IC_OK;
    double *c = n->op == IC_OP_MAP ? NULL : per_channel(n->inputs[1 - i_operand], x->rank, oc, &failed);
    if (!c && n->op != IC_OP_MAP)
        return failed ? ic_opt_no_memory(g, d) : IC_OK;
    double *scale = ic_malloc(((size_t)oc + 1) * sizeof *scale), *shift = ic_malloc(((size_t)oc + 1) * sizeof *shift);
    enum ic_status status = scale && shift ? IC_OK : ic_opt_no_memory(g, d);
    if (status == IC_OK) {
        as_affine(n, c, oc, scale, shift);
        status = ic_opt_scale_weights(g, w, scale, shift, d);
    }
    ic_free(c);
    ic_free(scale);
    ic_free(shift);
    IC_TRY(status);
    w->post = n->post;
    *changed = true;
    return ic_opt_take_result(g, w, n, d);
}

enum ic_status ic_pass_fold_affine(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        int i_operand = 0;
        if (!is_arithmetic(n) && !is_affine_map(n))
            continue;
        struct ic_node *w = before(n, &i_operand);
        if (w)
            IC_TRY(fold(g, n, w, i_operand, changed, d));
    }
    return IC_OK;
}
