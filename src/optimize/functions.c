/* SPDX-License-Identifier: Apache-2.0
 *
 * Activations that a network writes out in arithmetic become the functions they are: hardswish, SiLU, GELU (erf and tanh forms), mish,
 * hardsigmoid, sigmoid, and the gate of a GRU. One function of at most 2 ulp, fused into the layer before it, instead of four to nine passes over memory; a
 * quantized build gets one table. Constants are compared with a tolerance of float rounding.
 */
#include "optimize/rewrite.h"

#include <math.h>

#define MAX_DEPTH 12

static bool near(double a, double b)
{
    return fabs(a - b) <= 2e-6 * fabs(b);
}

/* v = a * *out + b, through any number of affine functions. */
static struct ic_value *affine_base(struct ic_value *v, double *a, double *b)
{
    struct ic_value *x = NULL;
    *a = 1.0;
    *b = 0.0;
    for (int depth = 0; depth < MAX_DEPTH && (x = ic_opt_map_operand(v, IC_MAP_AFFINE)); depth++) {
        *b += *a * v->producer->attrs[IC_MAP_ATTR_B].f;
        *a *= v->producer->attrs[IC_MAP_ATTR_A].f;
        v = x;
    }
    if ((x = ic_opt_map_operand(v, IC_MAP_NEG))) {
        *a = -*a;
        v = x;
    }
    return v;
}

/* ---- v as a polynomial of x, degree 3 at most ---- */
struct poly {
    double c[4];
};

static bool poly_product(const struct poly *p, const struct poly *q, struct poly *out)
{
    *out = (struct poly){{0}};
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++) {
            if (i + k < 4)
                out->c[i + k] += p->c[i] * q->c[k];
            else if (p->c[i] != 0.0 && q->c[k] != 0.0)
                return false;
        }
    return true;
}

static bool poly_power(const struct poly *p, double power, struct poly *out)
{
    struct poly square;
    if ((power != 2.0 && power != 3.0) || !poly_product(p, p, &square))
        return false;
    *out = square;
    return power == 2.0 || poly_product(&square, p, out);
}

static bool poly_of(const struct ic_value *v, const struct ic_value *x, int depth, struct poly *out)
{
    const struct ic_node *n = v->producer;
    struct poly p, q;
    double c = 0.0;
    *out = (struct poly){{0}};
    if (v == x) {
        out->c[1] = 1.0;
        return true;
    }
    if (!n || depth > MAX_DEPTH || n->post.fn != IC_MAP_NONE || n->post.round_mid || !poly_of(n->inputs[0], x, depth + 1, &p))
        return false;
    if (n->op == IC_OP_MAP && n->attrs[IC_MAP_ATTR_FN].i == IC_MAP_AFFINE) {
        for (int i = 0; i < 4; i++)
            out->c[i] = p.c[i] * n->attrs[IC_MAP_ATTR_A].f;
        out->c[0] += n->attrs[IC_MAP_ATTR_B].f;
        return true;
    }
    if (n->op == IC_OP_POW && ic_opt_number(n->inputs[1], &c))
        return poly_power(&p, c, out);
    if ((n->op != IC_OP_ADD && n->op != IC_OP_MUL) || !poly_of(n->inputs[1], x, depth + 1, &q))
        return false;
    for (int i = 0; n->op == IC_OP_ADD && i < 4; i++)
        out->c[i] = p.c[i] + q.c[i];
    return n->op == IC_OP_ADD || poly_product(&p, &q, out);
}

static bool poly_is(const struct ic_value *v, const struct ic_value *x, double c0, double c1, double c3)
{
    struct poly p;
    return poly_of(v, x, 0, &p) && fabs(p.c[0] - c0) <= 2e-6 && near(p.c[1], c1) && p.c[2] == 0.0 &&
           fabs(p.c[3] - c3) <= 2e-6 * (fabs(c3) + 1e-30);
}

/* ---- gates: what x is multiplied with ---- */
/* clamp(c1 x + 3 c1, 0, 6 c1) is 6 c1 hardsigmoid(x). */
static bool is_hard_gate(struct ic_value *v, const struct ic_value *x, double *scale)
{
    struct ic_value *z = ic_opt_map_operand(v, IC_MAP_CLAMP);
    struct poly p;
    if (!z || !poly_of(z, x, 0, &p) || p.c[1] <= 0.0 || !near(p.c[0], 3.0 * p.c[1]) || p.c[2] != 0.0 || p.c[3] != 0.0 ||
        v->producer->attrs[IC_MAP_ATTR_A].f != 0.0 || !near(v->producer->attrs[IC_MAP_ATTR_B].f, 6.0 * p.c[1]))
        return false;
    *scale = 6.0 * p.c[1];
    return true;
}

/* x times gate = *scale times the result, a function of x. */
static enum ic_map_fn gated(struct ic_value *gate, const struct ic_value *x, double *scale)
{
    double a = 0.0, b = 0.0, hard = 0.0;
    struct ic_value *v = affine_base(gate, &a, &b), *z = NULL;
    *scale = a;
    if (b == 0.0 && ic_opt_map_operand(v, IC_MAP_HARDSIGMOID) == x)
        return IC_MAP_HARDSWISH;
    if (b == 0.0 && is_hard_gate(v, x, &hard)) {
        *scale = a * hard;
        return IC_MAP_HARDSWISH;
    }
    if (b == 0.0 && ic_opt_map_operand(v, IC_MAP_SIGMOID) == x)
        return IC_MAP_SILU;
    if (b == 0.0 && (z = ic_opt_map_operand(v, IC_MAP_TANH)) && ic_opt_map_operand(z, IC_MAP_SOFTPLUS) == x)
        return IC_MAP_MISH;
    *scale = 2.0 * a;
    if (near(a, b) && (z = ic_opt_map_operand(v, IC_MAP_ERF)) && poly_is(z, x, 0.0, sqrt(0.5), 0.0))
        return IC_MAP_GELU;
    const double root = sqrt(2.0) * 0.56418958354775628695; /* sqrt(2 / pi) */
    if (near(a, b) && (z = ic_opt_map_operand(v, IC_MAP_TANH)) && poly_is(z, x, 0.0, root, root * 0.044715))
        return IC_MAP_GELU_TANH;
    return IC_MAP_NONE;
}

/* y = fn(x) * scale, where y is what n gives. */
static enum ic_status replace(struct ic_graph *g, int32_t *i, struct ic_value *x, enum ic_map_fn fn, double scale, bool *changed,
                              struct ic_diag *d)
{
    struct ic_node *n = g->nodes[*i];
    if (!ic_opt_same_shape(x, n->outputs[0]) || n->post.fn != IC_MAP_NONE || n->post.round_mid)
        return IC_OK;
    *changed = true;
    if (near(scale, 1.0))
        return ic_opt_become_map(g, n, x, fn, 0.0, 0.0, d);
    IC_TRY(ic_opt_insert_map(g, i, x, fn, 0.0, 0.0, n, &x, d));
    return ic_opt_become_map(g, n, x, IC_MAP_AFFINE, scale, 0.0, d);
}

static enum ic_status product(struct ic_graph *g, int32_t *i, bool *changed, struct ic_diag *d)
{
    const struct ic_node *n = g->nodes[*i];
    for (int k = 0; k < 2; k++) {
        double a = 0.0, b = 0.0, scale = 0.0;
        struct ic_value *x = n->inputs[k], *base = affine_base(x, &a, &b);
        enum ic_map_fn fn = gated(n->inputs[1 - k], x, &scale); /* x itself may be made by an affine function */
        if (fn != IC_MAP_NONE)
            return replace(g, i, x, fn, scale, changed, d);
        fn = b == 0.0 ? gated(n->inputs[1 - k], base, &scale) : IC_MAP_NONE;
        if (fn != IC_MAP_NONE)
            return replace(g, i, base, fn, scale * a, changed, d);
    }
    return IC_OK;
}

/* 1 + exp(-x), which what it divides is multiplied by sigmoid(x) of. */
static struct ic_value *one_and_exp(struct ic_value *v)
{
    double a = 0.0, b = 0.0, c = 0.0, e = 0.0;
    struct ic_value *exp = affine_base(v, &a, &b), *z = ic_opt_map_operand(exp, IC_MAP_EXP);
    struct ic_value *x = z && a == 1.0 && b == 1.0 ? affine_base(z, &c, &e) : NULL;
    return x && c == -1.0 && e == 0.0 ? x : NULL;
}

static enum ic_status quotient(struct ic_graph *g, int32_t *i, bool *changed, struct ic_diag *d)
{
    const struct ic_node *n = g->nodes[*i];
    struct ic_value *x = one_and_exp(n->inputs[1]);
    double c = 0.0;
    if (x && n->inputs[0] == x)
        return replace(g, i, x, IC_MAP_SILU, 1.0, changed, d);
    if (x && ic_opt_number(n->inputs[0], &c))
        return replace(g, i, x, IC_MAP_SIGMOID, c, changed, d);
    return IC_OK;
}

/* Hardsigmoid ends in an affine function that makes its largest value 1; sigmoid in a reciprocal. */
static enum ic_status function(struct ic_graph *g, int32_t *i, bool *changed, struct ic_diag *d)
{
    const struct ic_node *n = g->nodes[*i];
    double a = 0.0, b = 0.0, c = 0.0, e = 0.0, scale = 0.0;
    struct ic_value *x = n->attrs[IC_MAP_ATTR_FN].i == IC_MAP_RECIPROCAL ? one_and_exp(n->inputs[0]) : NULL;
    if (x)
        return replace(g, i, x, IC_MAP_SIGMOID, 1.0, changed, d);
    struct ic_value *clamped = affine_base(n->outputs[0], &a, &b), *z = ic_opt_map_operand(clamped, IC_MAP_CLAMP);
    x = z && b == 0.0 ? affine_base(z, &c, &e) : NULL;
    if (x && is_hard_gate(clamped, x, &scale) && near(a * scale, 1.0))
        return replace(g, i, x, IC_MAP_HARDSIGMOID, 1.0, changed, d);
    return IC_OK;
}

/* Whether v is (1 - z) * *n. */
static bool rest_of_gate(const struct ic_value *v, const struct ic_value *z, struct ic_value **n)
{
    const struct ic_node *mul = ic_opt_sole_producer(v, IC_OP_MUL);
    for (int k = 0; mul && mul->post.fn == IC_MAP_NONE && !mul->post.round_mid && k < 2; k++) {
        const struct ic_value *rest = mul->inputs[k];
        *n = mul->inputs[1 - k];
        if (ic_opt_map_operand(rest, IC_MAP_AFFINE) == z && rest->producer->attrs[IC_MAP_ATTR_A].f == -1.0 &&
            rest->producer->attrs[IC_MAP_ATTR_B].f == 1.0)
            return true;
    }
    return false;
}

/* (1 - z) * n + z * h = (h - n) * z + n: a gate between two values, as GRU writes it. One step less, and the form of PyTorch's kernels. */
static enum ic_status mixture(struct ic_graph *g, int32_t *i, bool *changed, struct ic_diag *d)
{
    struct ic_node *add = g->nodes[*i];
    for (int k = 0; k < 4; k++) {
        const struct ic_node *mul = ic_opt_sole_producer(add->inputs[k / 2], IC_OP_MUL);
        struct ic_value *z = mul ? mul->inputs[k % 2] : NULL, *h = mul ? mul->inputs[1 - k % 2] : NULL, *n = NULL;
        if (!mul || mul->post.fn != IC_MAP_NONE || mul->post.round_mid || !rest_of_gate(add->inputs[1 - k / 2], z, &n) ||
            !ic_opt_same_shape(n, h))
            continue;
        struct ic_node *sub = ic_opt_insert(g, i, IC_OP_SUB, (struct ic_value *[]){h, n}, 2, add, "");
        if (!sub)
            return ic_opt_no_memory(g, d);
        IC_TRY(ic_graph_infer(g, sub, d));
        struct ic_node *part = ic_opt_insert(g, i, IC_OP_MUL, (struct ic_value *[]){sub->outputs[0], z}, 2, add, "");
        if (!part)
            return ic_opt_no_memory(g, d);
        IC_TRY(ic_graph_infer(g, part, d));
        ic_node_set_input(add, 0, part->outputs[0]);
        ic_node_set_input(add, 1, n);
        *changed = true;
        return IC_OK;
    }
    return IC_OK;
}

enum ic_status ic_pass_functions(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        const struct ic_node *n = g->nodes[i];
        if (n->outputs[0]->dtype != IC_F32 || ic_value_n_readers(n->outputs[0]) == 0)
            continue;
        if (n->op == IC_OP_MUL)
            IC_TRY(product(g, &i, changed, d));
        else if (n->op == IC_OP_DIV)
            IC_TRY(quotient(g, &i, changed, d));
        else if (n->op == IC_OP_ADD)
            IC_TRY(mixture(g, &i, changed, d));
        else if (n->op == IC_OP_MAP)
            IC_TRY(function(g, &i, changed, d));
    }
    return IC_OK;
}
