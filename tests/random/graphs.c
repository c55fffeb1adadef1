/* SPDX-License-Identifier: Apache-2.0
 *
 * A graph grows from one or two inputs: each new node reads values made before. What an operator's shape rule refuses is taken back.
 */
#include "random/graphs.h"

#include "ir/op_def.h"

#include <stdio.h>
#include <string.h>

enum { MAX_POOL_VALUES = 64, MAX_CONST = 1 << 16, MAX_ELEMENTS = 6000 };

struct grow {
    struct ic_graph *g;
    struct ic_value *pool[MAX_POOL_VALUES];
    int n_pool;
    uint64_t state;
    bool smooth;
};

static uint32_t step(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static int32_t between(struct grow *r, int32_t lo, int32_t hi)
{
    return lo + (int32_t)(step(&r->state) % (uint32_t)(hi - lo + 1));
}

static bool one_in(struct grow *r, int n)
{
    return between(r, 1, n) == 1;
}

static struct ic_value *pick(struct grow *r)
{
    /* young values more often, so that graphs are deep */
    const int i = one_in(r, 3) ? between(r, 0, r->n_pool - 1) : between(r, r->n_pool > 3 ? r->n_pool - 3 : 0, r->n_pool - 1);
    return r->pool[i];
}

static struct ic_value *pick_rank(struct grow *r, int32_t rank)
{
    for (int i = 0; i < 8; i++) {
        struct ic_value *v = pick(r);
        if (v->rank == rank)
            return v;
    }
    return NULL;
}

/* Zero in every operation, kept where bits are only moved (docs/arithmetic.md 2.1). */
static float denormal(float sign)
{
    return sign < 0.0f ? -0x1p-130f : 0x1p-149f;
}

/* Constants: multiples of scale / 128, now and then zeros or denormal numbers; positive ones start at half of scale. */
static struct ic_value *constant(struct grow *r, int32_t rank, const int32_t *dims, float scale, bool positive)
{
    static float data[MAX_CONST];
    size_t n = 1;
    for (int32_t i = 0; i < rank; i++)
        n *= (size_t)dims[i];
    if (n > MAX_CONST)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const float unit = (float)between(r, -128, 127) * 0x1p-7f;
        data[i] = positive        ? scale * (0.5f + 0.5f * (unit < 0 ? -unit : unit))
                  : one_in(r, 16) ? 0.0f
                  : one_in(r, 60) ? denormal(unit)
                                  : scale * unit;
    }
    return ic_graph_const(r->g, "constant", IC_F32, rank, dims, data);
}

static struct ic_value *whole_numbers(struct grow *r, int32_t n, int32_t below)
{
    int64_t data[64];
    for (int32_t i = 0; i < n; i++)
        data[i] = between(r, 0, below - 1);
    return ic_graph_const(r->g, "places", IC_S64, 1, &n, data);
}

static struct ic_node *start(struct grow *r, enum ic_op op, struct ic_value *a, struct ic_value *b, struct ic_value *c)
{
    struct ic_value *const in[] = {a, b, c};
    char name[40];
    snprintf(name, sizeof name, "%s%d", ic_op_def(op)->name, (int)r->g->n_nodes);
    return a ? ic_graph_node(r->g, op, in, c ? 3 : b ? 2 : 1, name) : NULL;
}

static void ints(struct ic_node *n, int attr, int32_t count, const int64_t *v)
{
    n->attrs[attr].n_ints = count;
    memcpy(n->attrs[attr].ints, v, (size_t)count * sizeof *v);
}

/* Keeps n when its shapes are right and small. */
static struct ic_value *keep(struct grow *r, struct ic_node *n)
{
    struct ic_diag d = {0};
    if (!n)
        return NULL;
    const int32_t n_values = r->g->n_values;
    if (ic_graph_infer(r->g, n, &d) != IC_OK || ic_value_elements(n->outputs[0]) > MAX_ELEMENTS ||
        ic_value_elements(n->outputs[0]) == 0) {
        r->g->n_nodes--;
        r->g->n_values = n_values;
        return NULL;
    }
    return n->outputs[0];
}

/* ---- operators ---- */
static struct ic_value *transposed(struct grow *r, struct ic_value *x, const int64_t *perm)
{
    struct ic_node *n = start(r, IC_OP_TRANSPOSE, x, NULL, NULL);
    if (n)
        ints(n, IC_TRANSPOSE_PERM, x->rank, perm);
    return keep(r, n);
}

static const int64_t to_nhwc[] = {0, 2, 3, 1}, to_nchw[] = {0, 3, 1, 2};

static struct ic_value *conv(struct grow *r)
{
    struct ic_value *x = pick_rank(r, 4);
    const bool nchw = one_in(r, 2);
    if (x && nchw)
        x = transposed(r, x, to_nhwc);
    if (!x)
        return NULL;
    const int32_t c = x->dims[3], kind = between(r, 0, 3);
    const int32_t groups = kind == 0 ? c : kind == 1 && c % 2 == 0 ? 2 : 1;
    const int32_t oc = groups == c && one_in(r, 2) ? c : groups * between(r, 1, groups > 4 ? 1 : 12);
    const int32_t w_dims[] = {oc, between(r, 1, 3), between(r, 1, 3), c / groups}, b_dims[] = {oc};
    const int32_t k = w_dims[1] * w_dims[2] * w_dims[3];
    struct ic_value *w = constant(r, 4, w_dims, k > 64 ? 0.125f : k > 16 ? 0.25f : 0.5f, false);
    struct ic_value *b = one_in(r, 3) ? NULL : constant(r, 1, b_dims, 0.5f, false);
    struct ic_node *n = w ? start(r, IC_OP_CONV, x, w, b) : NULL;
    if (!n)
        return NULL;
    ints(n, IC_CONV_STRIDE, 2, (int64_t[]){between(r, 1, 2), between(r, 1, 2)});
    ints(n, IC_CONV_DILATION, 2, (int64_t[]){one_in(r, 4) ? 2 : 1, one_in(r, 4) ? 2 : 1});
    ints(n, IC_CONV_PAD, 4, (int64_t[]){between(r, 0, 2), between(r, 0, 2), between(r, 0, 2), between(r, 0, 2)});
    n->attrs[IC_CONV_GROUPS].i = groups;
    struct ic_value *y = keep(r, n);
    return y && nchw ? transposed(r, y, to_nchw) : y;
}

static struct ic_value *linear(struct grow *r)
{
    struct ic_value *x = pick(r);
    if (x->rank < 1)
        return NULL;
    const int32_t k = x->dims[x->rank - 1], w_dims[] = {between(r, 1, 40), k};
    struct ic_value *w = constant(r, 2, w_dims, k > 64 ? 0.125f : 0.5f, false);
    return w ? keep(r, start(r, IC_OP_LINEAR, x, w, one_in(r, 3) ? NULL : constant(r, 1, w_dims, 0.5f, false))) : NULL;
}

static struct ic_value *matmul(struct grow *r)
{
    struct ic_value *x = pick(r), *y = one_in(r, 2) ? pick(r) : x;
    if (x->rank < 2 || y->rank != x->rank || x->rank > 4)
        return NULL;
    int64_t perm[4];
    for (int32_t i = 0; i < x->rank; i++)
        perm[i] = i < x->rank - 2 ? i : 2 * x->rank - 3 - i;
    if (x->dims[x->rank - 1] != y->dims[x->rank - 2])
        y = transposed(r, y, perm);
    return y ? keep(r, start(r, IC_OP_MATMUL, x, y, NULL)) : NULL;
}

static struct ic_value *batch_norm(struct grow *r)
{
    struct ic_value *x = pick(r);
    if (x->rank < 2)
        return NULL;
    const int32_t axis = one_in(r, 2) ? x->rank - 1 : 1;
    const int32_t *c = &x->dims[axis];
    struct ic_value *in[] = {x, constant(r, 1, c, 2.0f, true), constant(r, 1, c, 0.5f, false), constant(r, 1, c, 0.5f, false),
                             constant(r, 1, c, 1.0f, true)};
    struct ic_node *n = ic_graph_node(r->g, IC_OP_BATCH_NORM, in, 5, "norm");
    if (!n)
        return NULL;
    n->attrs[IC_BATCH_NORM_AXIS].i = axis;
    n->attrs[IC_BATCH_NORM_EPS].f = 1e-5;
    return keep(r, n);
}

static struct ic_value *map(struct grow *r)
{
    static const enum ic_map_fn tame[] = {IC_MAP_RELU,     IC_MAP_RELU,      IC_MAP_CLAMP, IC_MAP_LEAKY_RELU,  IC_MAP_ELU,
                                          IC_MAP_SIGMOID,  IC_MAP_TANH,      IC_MAP_SILU,  IC_MAP_HARDSIGMOID, IC_MAP_HARDSWISH,
                                          IC_MAP_GELU,     IC_MAP_GELU_TANH, IC_MAP_ABS,   IC_MAP_NEG,         IC_MAP_ERF,
                                          IC_MAP_SOFTPLUS, IC_MAP_MISH,      IC_MAP_SIN,   IC_MAP_COS,         IC_MAP_ATAN,
                                          IC_MAP_ASINH,    IC_MAP_CLAMP,     IC_MAP_RELU};
    struct ic_node *n = start(r, IC_OP_MAP, pick(r), NULL, NULL);
    if (!n)
        return NULL;
    enum ic_map_fn fn = tame[between(r, 0, (int32_t)(sizeof tame / sizeof *tame) - 1)];
    if (one_in(r, 12)) {
        fn = (enum ic_map_fn)between(r, 1, IC_MAP_COUNT - 1);
        r->smooth = false;
    }
    n->attrs[IC_MAP_ATTR_FN].i = fn;
    n->attrs[IC_MAP_ATTR_A].f = fn == IC_MAP_CLAMP ? (double)between(r, -2, 0) : fn == IC_MAP_ROUND_BITS ? 7.0 : 0.125;
    n->attrs[IC_MAP_ATTR_B].f = fn == IC_MAP_CLAMP        ? (one_in(r, 20) ? 1e-40 : (double)between(r, 1, 6))
                                : fn == IC_MAP_ROUND_BITS ? -6.0
                                                          : 0.25;
    return keep(r, n);
}

/* A partner of x that broadcasts: a number, a vector of its last axis, of its channels, or of its whole shape; or an earlier value. */
static struct ic_value *partner(struct grow *r, const struct ic_value *x, bool positive)
{
    int32_t dims[IC_IR_MAX_RANK];
    for (int32_t i = 0; i < x->rank; i++)
        dims[i] = 1;
    switch (between(r, 0, 3)) {
    case 0:
        return constant(r, 0, NULL, 1.0f, positive);
    case 1:
        if (x->rank > 1)
            dims[one_in(r, 2) ? 1 : x->rank - 1] = x->dims[one_in(r, 2) ? 1 : x->rank - 1];
        return constant(r, x->rank, dims, 1.0f, positive);
    case 2:
        return x->rank ? constant(r, 1, &x->dims[x->rank - 1], 1.0f, positive) : constant(r, 0, NULL, 1.0f, positive);
    default:
        return constant(r, x->rank, x->dims, 1.0f, positive);
    }
}

static struct ic_value *binary(struct grow *r)
{
    static const enum ic_op ops[] = {IC_OP_ADD, IC_OP_ADD, IC_OP_ADD,     IC_OP_MUL,
                                     IC_OP_MUL, IC_OP_SUB, IC_OP_MAXIMUM, IC_OP_MINIMUM};
    struct ic_value *x = pick(r);
    if (one_in(r, 8))
        return keep(r, start(r, IC_OP_DIV, x, partner(r, x, true), NULL));
    const enum ic_op op = ops[between(r, 0, 7)];
    if (one_in(r, 2)) {
        struct ic_value *y = partner(r, x, false);
        return y ? keep(r, one_in(r, 5) ? start(r, op, y, x, NULL) : start(r, op, x, y, NULL)) : NULL;
    }
    for (int i = 0; i < 6; i++) {
        struct ic_value *y = pick(r), *z = keep(r, start(r, op, x, y, NULL));
        if (z)
            return z;
    }
    return NULL;
}

static struct ic_value *chosen(struct grow *r)
{
    struct ic_value *x = pick(r), *c = keep(r, start(r, IC_OP_LESS, x, partner(r, x, false), NULL));
    r->smooth = false;
    return c ? keep(r, start(r, IC_OP_WHERE, c, x, partner(r, x, false))) : NULL;
}

static struct ic_value *window_pool(struct grow *r)
{
    struct ic_value *x = pick_rank(r, 4);
    const bool nchw = one_in(r, 2);
    if (x && nchw)
        x = transposed(r, x, to_nhwc);
    struct ic_node *n = x ? start(r, one_in(r, 2) ? IC_OP_MAX_POOL : IC_OP_AVG_POOL, x, NULL, NULL) : NULL;
    if (!n)
        return NULL;
    const bool whole = one_in(r, 4);
    const int64_t kernel[] = {whole ? x->dims[1] : between(r, 1, 3), whole ? x->dims[2] : between(r, 1, 3)};
    ints(n, IC_POOL_ATTR_KERNEL, 2, kernel);
    ints(n, IC_POOL_ATTR_STRIDE, 2, (int64_t[]){between(r, 1, 2), between(r, 1, 2)});
    ints(n, IC_POOL_ATTR_DILATION, 2, (int64_t[]){1, 1});
    ints(n, IC_POOL_ATTR_PAD, 4,
         (int64_t[]){whole ? 0 : kernel[0] / 2, whole ? 0 : kernel[1] / 2, whole ? 0 : kernel[0] / 2, whole ? 0 : kernel[1] / 2});
    n->attrs[IC_POOL_ATTR_CEIL].i = one_in(r, 3);
    n->attrs[IC_POOL_ATTR_COUNT_PAD].i = n->op == IC_OP_AVG_POOL && one_in(r, 2);
    struct ic_value *y = keep(r, n);
    return y && nchw ? transposed(r, y, to_nchw) : y;
}

static struct ic_value *reduced(struct grow *r)
{
    static const enum ic_op ops[] = {IC_OP_REDUCE_MEAN, IC_OP_REDUCE_MEAN, IC_OP_REDUCE_SUM, IC_OP_REDUCE_MAX, IC_OP_REDUCE_MIN};
    struct ic_value *x = pick(r);
    struct ic_node *n = x->rank ? start(r, ops[between(r, 0, 4)], x, NULL, NULL) : NULL;
    if (!n)
        return NULL;
    int64_t axes[IC_IR_MAX_RANK];
    int32_t n_axes = 0;
    for (int32_t i = 0; i < x->rank; i++)
        if (one_in(r, 2))
            axes[n_axes++] = i;
    ints(n, IC_REDUCE_AXES, n_axes, axes);
    n->attrs[IC_REDUCE_KEEP].i = !one_in(r, 3);
    return keep(r, n);
}

static struct ic_value *softmax(struct grow *r)
{
    struct ic_value *x = pick(r);
    struct ic_node *n = x->rank ? start(r, IC_OP_SOFTMAX, x, NULL, NULL) : NULL;
    if (!n)
        return NULL;
    n->attrs[IC_SOFTMAX_AXIS].i = between(r, 0, x->rank - 1);
    n->attrs[IC_SOFTMAX_LOG].i = one_in(r, 4);
    return keep(r, n);
}

/* Merges two neighboring axes, splits one, or adds one of extent 1. */
static struct ic_value *reshape(struct grow *r)
{
    struct ic_value *x = pick(r);
    struct ic_node *n = start(r, IC_OP_RESHAPE, x, NULL, NULL);
    int64_t shape[IC_IR_MAX_RANK + 1];
    int32_t rank = 0;
    if (!n)
        return NULL;
    const int32_t how = between(r, 0, 3), at = x->rank ? between(r, 0, x->rank - 1) : 0;
    for (int32_t i = 0; i < x->rank; i++) {
        if (how == 0 && i == at + 1)
            shape[rank - 1] *= x->dims[i];
        else if (how == 1 && i > 1)
            shape[rank - 1] *= x->dims[i]; /* flatten from axis 1 on */
        else if (how == 2 && i == at && x->dims[i] % 2 == 0) {
            shape[rank++] = 2;
            shape[rank++] = x->dims[i] / 2;
        } else
            shape[rank++] = x->dims[i];
    }
    if (how == 3)
        shape[rank++] = 1;
    if (rank <= IC_IR_MAX_RANK)
        ints(n, IC_RESHAPE_SHAPE, rank, shape);
    return keep(r, n);
}

static struct ic_value *transpose(struct grow *r)
{
    struct ic_value *x = pick(r);
    int64_t perm[IC_IR_MAX_RANK];
    if (x->rank < 2)
        return NULL;
    if (x->rank == 4 && !one_in(r, 3))
        return transposed(r, x, one_in(r, 2) ? to_nhwc : to_nchw);
    for (int32_t i = 0; i < x->rank; i++)
        perm[i] = i;
    for (int32_t i = x->rank - 1; i > 0; i--) {
        const int32_t k = between(r, 0, i);
        const int64_t t = perm[i];
        perm[i] = perm[k];
        perm[k] = t;
    }
    return transposed(r, x, perm);
}

static struct ic_value *concat(struct grow *r)
{
    struct ic_value *x = pick(r);
    for (int i = 0; i < 6 && x->rank; i++) {
        struct ic_value *y = one_in(r, 3) ? x : pick(r);
        struct ic_node *n = start(r, IC_OP_CONCAT, x, y, one_in(r, 4) ? x : NULL);
        if (!n)
            return NULL;
        n->attrs[IC_CONCAT_AXIS].i = between(r, 0, x->rank - 1);
        struct ic_value *z = keep(r, n);
        if (z)
            return z;
    }
    return NULL;
}

static struct ic_value *slice(struct grow *r)
{
    struct ic_value *x = pick(r);
    struct ic_node *n = x->rank ? start(r, IC_OP_SLICE, x, NULL, NULL) : NULL;
    if (!n)
        return NULL;
    int64_t starts[IC_IR_MAX_RANK], ends[IC_IR_MAX_RANK], steps[IC_IR_MAX_RANK];
    for (int32_t i = 0; i < x->rank; i++) {
        const bool cut = one_in(r, 2);
        starts[i] = cut ? between(r, 0, x->dims[i] - 1) : 0;
        ends[i] = cut ? between(r, (int32_t)starts[i] + 1, x->dims[i]) : x->dims[i];
        steps[i] = one_in(r, 4) ? 2 : 1;
    }
    ints(n, IC_SLICE_STARTS, x->rank, starts);
    ints(n, IC_SLICE_ENDS, x->rank, ends);
    ints(n, IC_SLICE_STEPS, x->rank, steps);
    return keep(r, n);
}

static struct ic_value *pad(struct grow *r)
{
    struct ic_value *x = pick(r);
    struct ic_node *n = x->rank ? start(r, IC_OP_PAD, x, NULL, NULL) : NULL;
    if (!n)
        return NULL;
    int64_t before[IC_IR_MAX_RANK], after[IC_IR_MAX_RANK];
    for (int32_t i = 0; i < x->rank; i++) {
        before[i] = one_in(r, 2) ? between(r, 0, 2) : 0;
        after[i] = one_in(r, 2) ? between(r, 0, 2) : 0;
    }
    ints(n, IC_PAD_BEFORE, x->rank, before);
    ints(n, IC_PAD_AFTER, x->rank, after);
    n->attrs[IC_PAD_VALUE].f = one_in(r, 3) ? 0.5 : 0.0;
    return keep(r, n);
}

static struct ic_value *gathered(struct grow *r)
{
    struct ic_value *x = pick(r);
    if (x->rank < 1)
        return NULL;
    const int32_t axis = between(r, 0, x->rank - 1);
    struct ic_node *n = start(r, IC_OP_GATHER, x, whole_numbers(r, between(r, 1, 8), x->dims[axis]), NULL);
    if (!n)
        return NULL;
    n->attrs[IC_GATHER_AXIS].i = axis;
    return keep(r, n);
}

static struct ic_value *summed_along(struct grow *r)
{
    struct ic_value *x = pick(r);
    struct ic_node *n = x->rank ? start(r, IC_OP_SCAN, x, NULL, NULL) : NULL;
    if (!n)
        return NULL;
    n->attrs[IC_SCAN_AXIS].i = between(r, 0, x->rank - 1);
    n->attrs[IC_SCAN_EXCLUSIVE].i = one_in(r, 3);
    n->attrs[IC_SCAN_REVERSE].i = one_in(r, 3);
    return keep(r, n);
}

static struct ic_value *place_of_greatest(struct grow *r)
{
    struct ic_value *x = pick(r);
    struct ic_node *n = x->rank ? start(r, IC_OP_ARG, x, NULL, NULL) : NULL;
    r->smooth = false;
    if (!n)
        return NULL;
    n->attrs[IC_ARG_AXIS].i = between(r, 0, x->rank - 1);
    n->attrs[IC_ARG_LEAST].i = one_in(r, 3);
    struct ic_value *y = keep(r, n);
    struct ic_node *cast = y ? start(r, IC_OP_CAST, y, NULL, NULL) : NULL;
    if (!cast)
        return NULL;
    cast->attrs[IC_CAST_DTYPE].i = IC_F32;
    return keep(r, cast);
}

static struct ic_value *expand(struct grow *r)
{
    struct ic_value *x = pick(r);
    struct ic_node *n = x->rank ? start(r, IC_OP_EXPAND, x, NULL, NULL) : NULL;
    int64_t shape[IC_IR_MAX_RANK];
    if (!n)
        return NULL;
    for (int32_t i = 0; i < x->rank; i++)
        shape[i] = x->dims[i] == 1 ? between(r, 1, 4) : x->dims[i];
    ints(n, IC_EXPAND_SHAPE, x->rank, shape);
    return keep(r, n);
}

static struct ic_value *identity(struct grow *r)
{
    return keep(r, start(r, IC_OP_IDENTITY, pick(r), NULL, NULL));
}

typedef struct ic_value *grow_fn(struct grow *r);
static grow_fn *const growers[] = {
    conv,      conv,      conv,   conv,   linear, linear,   matmul,       batch_norm,        batch_norm, map,     map,
    map,       map,       binary, binary, binary, chosen,   window_pool,  reduced,           softmax,    reshape, reshape,
    transpose, transpose, concat, slice,  pad,    gathered, summed_along, place_of_greatest, expand,     identity};

static bool add_input(struct grow *r, int i)
{
    static const int32_t pictures[][4] = {{1, 3, 8, 7}, {1, 6, 6, 6}, {2, 4, 5, 6}, {1, 16, 4, 4}, {1, 1, 9, 8}, {1, 8, 7, 5}};
    static const int32_t others[][4] = {{1, 40, 0, 0}, {4, 24, 0, 0}, {2, 7, 12, 0}, {30, 0, 0, 0}, {1, 5, 16, 0}};
    static const char *const names[] = {"x", "second"};
    const int32_t *dims = one_in(r, 4) ? others[between(r, 0, 4)] : pictures[between(r, 0, 5)];
    int32_t rank = 4;
    while (rank && dims[rank - 1] == 0)
        rank--;
    struct ic_value *v = ic_graph_value(r->g, names[i], IC_F32, rank, dims);
    if (!v || ic_graph_add_input(r->g, v, rank == 4 ? 1 : 0) != IC_OK)
        return false;
    r->pool[r->n_pool++] = v;
    return true;
}

struct ic_graph *random_graph(uint64_t seed, bool *out_smooth)
{
    struct grow r = {.state = seed * 2862933555777941757u + 3037000493u, .smooth = true};
    struct ic_diag d = {0};
    if (ic_graph_create("random", &r.g, &d) != IC_OK)
        return NULL;
    const int n_inputs = one_in(&r, 3) ? 2 : 1, wanted = between(&r, 2, 14);
    for (int i = 0; i < n_inputs; i++)
        if (!add_input(&r, i))
            return NULL;
    for (int tries = 0; tries < 60 && r.n_pool < wanted + n_inputs; tries++) {
        struct ic_value *y = growers[between(&r, 0, (int32_t)(sizeof growers / sizeof *growers) - 1)](&r);
        if (y && y->dtype == IC_F32)
            r.pool[r.n_pool++] = y;
    }
    bool ok = true; /* the last values are outputs: what they do not read goes */
    const int n_outputs = r.n_pool - n_inputs > 2 && one_in(&r, 4) ? between(&r, 2, RANDOM_OUTPUTS) : 1;
    for (int i = 0; i < n_outputs && i < r.n_pool && ok; i++)
        ok = ic_graph_add_output(r.g, r.pool[r.n_pool - 1 - i], 0) == IC_OK;
    (void)ic_graph_compact(r.g);
    *out_smooth = r.smooth;
    return r.g;
}

void random_input(uint64_t seed, uint32_t i, uint32_t sample, float *out, size_t elements)
{
    uint64_t state = (seed * 31 + sample) * 2862933555777941757u + 1000003u * (i + 1u);
    for (size_t k = 0; k < elements; k++) {
        out[k] = (float)((int32_t)(step(&state) % 2049u) - 1024) * 0x1p-8f;
        if (step(&state) % 100u == 0)
            out[k] = denormal(out[k]);
    }
}
