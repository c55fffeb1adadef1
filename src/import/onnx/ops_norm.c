/* SPDX-License-Identifier: Apache-2.0
 *
 * Normalizations and products of matrices.
 */
#include "import/onnx/ops.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* v [c] as [1 c 1 ..] of rank */
static struct ic_value *per_channel(struct ic_build *b, struct ic_value *v, int32_t rank)
{
    int64_t dims[IC_IR_MAX_RANK];
    for (int32_t i = 0; i < rank; i++)
        dims[i] = i == 1 && v ? ic_value_elements(v) : 1;
    return v ? ic_build_reshape(b, v, rank, dims) : NULL;
}

/* (x - mean) * 1 / sqrt(variance + epsilon); what it divides by to *out_inverse */
static struct ic_value *standardize(struct ic_build *b, struct ic_value *x, struct ic_value *mean, struct ic_value *variance,
                                    double epsilon, struct ic_value **out_inverse)
{
    struct ic_value *inverse = ic_build_map(b, ic_build_map(b, variance, IC_MAP_AFFINE, 1, epsilon), IC_MAP_RSQRT, 0, 0);
    if (out_inverse)
        *out_inverse = inverse;
    return ic_build_binary(b, IC_OP_MUL, ic_build_binary(b, IC_OP_SUB, x, mean), inverse);
}

static struct ic_value *variance_of(struct ic_build *b, struct ic_value *x, struct ic_value *mean, uint32_t mask)
{
    struct ic_value *d = ic_build_binary(b, IC_OP_SUB, x, mean);
    return ic_build_reduce(b, IC_OP_REDUCE_MEAN, ic_build_binary(b, IC_OP_MUL, d, d), mask, true);
}

static struct ic_value *scale_shift(struct ic_build *b, struct ic_value *x, struct ic_value *scale, struct ic_value *shift)
{
    x = scale ? ic_build_binary(b, IC_OP_MUL, x, scale) : x;
    return shift ? ic_build_binary(b, IC_OP_ADD, x, shift) : x;
}

/* Running values of a training step: old * momentum + new * (1 - momentum) */
static struct ic_value *running(struct ic_build *b, struct ic_value *old, struct ic_value *now, double momentum)
{
    int64_t n = now ? ic_value_elements(now) : 0;
    now = ic_build_map(b, now ? ic_build_reshape(b, now, 1, &n) : NULL, IC_MAP_AFFINE, 1 - momentum, 0);
    return ic_build_binary(b, IC_OP_ADD, ic_build_map(b, old, IC_MAP_AFFINE, momentum, 0), now);
}

void ic_onnx_op_batch_norm(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *p[4];
    const double epsilon = ic_onnx_float(o, "epsilon", 1e-5);
    bool constant = true;
    for (int i = 0; i < 4; i++) {
        p[i] = ic_onnx_in(o, i + 1);
        constant = constant && ic_build_is_const(p[i]);
    }
    if (!x || !p[0] || !p[1] || !p[2] || !p[3])
        return;
    if (ic_onnx_int(o, "training_mode", 0)) {
        const uint32_t mask = ((1u << x->rank) - 1u) & ~2u;
        struct ic_value *mean = ic_build_reduce(b, IC_OP_REDUCE_MEAN, x, mask, true), *variance = variance_of(b, x, mean, mask);
        ic_onnx_out_like(o, 0,
                         scale_shift(b, standardize(b, x, mean, variance, epsilon, NULL), per_channel(b, p[0], x->rank),
                                     per_channel(b, p[1], x->rank)),
                         0);
        const double momentum = ic_onnx_float(o, "momentum", 0.9);
        ic_onnx_out_like(o, 1, running(b, p[2], mean, momentum), 3);
        ic_onnx_out_like(o, 2, running(b, p[3], variance, momentum), 4);
        return;
    }
    struct ic_value *y = NULL;
    if (o->version < 9 &&
        !ic_onnx_int(o, "spatial", 1)) { /* numbers for each place, not for each channel: they broadcast as they are */
        y = scale_shift(b, standardize(b, x, p[2], p[3], epsilon, NULL), p[0], p[1]);
    } else if (constant && x->rank >= 2) {
        struct ic_node *n = ic_build_node(b, IC_OP_BATCH_NORM, (struct ic_value *[]){x, p[0], p[1], p[2], p[3]}, 5);
        ic_build_set_int(n, IC_BATCH_NORM_AXIS, 1);
        ic_build_set_float(n, IC_BATCH_NORM_EPS, epsilon);
        y = ic_build_finish(b, n);
    } else {
        for (int i = 0; i < 4; i++)
            p[i] = per_channel(b, p[i], x->rank);
        y = scale_shift(b, standardize(b, x, p[2], p[3], epsilon, NULL), p[0], p[1]);
    }
    ic_onnx_out_like(o, 0, y, 0);
}

void ic_onnx_op_instance_norm(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    if (!x || x->rank < 3)
        return;
    const uint32_t mask = ((1u << x->rank) - 1u) & ~3u;
    struct ic_value *mean = ic_build_reduce(b, IC_OP_REDUCE_MEAN, x, mask, true);
    struct ic_value *y = standardize(b, x, mean, variance_of(b, x, mean, mask), ic_onnx_float(o, "epsilon", 1e-5), NULL);
    ic_onnx_out_like(o, 0, scale_shift(b, y, per_channel(b, ic_onnx_in(o, 1), x->rank), per_channel(b, ic_onnx_in(o, 2), x->rank)),
                     0);
}

void ic_onnx_op_layer_norm(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *inverse = NULL;
    if (!x)
        return;
    const int32_t axis = ic_onnx_axis(o, ic_onnx_int(o, "axis", -1), x->rank);
    const uint32_t mask = ((1u << x->rank) - 1u) & ~((1u << axis) - 1u);
    struct ic_value *mean = ic_build_reduce(b, IC_OP_REDUCE_MEAN, x, mask, true);
    struct ic_value *y = standardize(b, x, mean, variance_of(b, x, mean, mask), ic_onnx_float(o, "epsilon", 1e-5), &inverse);
    ic_onnx_out_like(o, 0, scale_shift(b, y, ic_onnx_in(o, 1), ic_onnx_in(o, 2)), 0);
    ic_onnx_out(o, 1, mean, IC_ONNX_FLOAT);
    ic_onnx_out(o, 2, inverse, IC_ONNX_FLOAT);
}

/* x / sqrt(mean(x^2) + epsilon) * scale */
void ic_onnx_op_rms_norm(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    if (!x)
        return;
    const int32_t axis = ic_onnx_axis(o, ic_onnx_int(o, "axis", -1), x->rank);
    const uint32_t mask = ((1u << x->rank) - 1u) & ~((1u << axis) - 1u);
    struct ic_value *s = ic_build_reduce(b, IC_OP_REDUCE_MEAN, ic_build_binary(b, IC_OP_MUL, x, x), mask, true);
    s = ic_build_map(b, ic_build_map(b, s, IC_MAP_AFFINE, 1, ic_onnx_float(o, "epsilon", 1e-5)), IC_MAP_RSQRT, 0, 0);
    ic_onnx_out_like(o, 0, scale_shift(b, ic_build_binary(b, IC_OP_MUL, x, s), ic_onnx_in(o, 1), NULL), 0);
}

void ic_onnx_op_group_norm(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *scale = ic_onnx_in(o, 1), *shift = ic_onnx_in(o, 2);
    const int64_t groups = ic_onnx_int(o, "num_groups", 1);
    int64_t dims[IC_IR_MAX_RANK];
    if (!x || !scale || !shift)
        return;
    if (x->rank < 2 || groups < 1 || x->dims[1] % groups != 0) {
        ic_onnx_fail(o, "%d channels in %lld groups", x->rank > 1 ? (int)x->dims[1] : 0, (long long)groups);
        return;
    }
    const int32_t rank = x->rank;
    int64_t each = x->dims[1] / groups; /* elements of a group */
    for (int32_t i = 0; i < rank; i++) {
        dims[i] = x->dims[i];
        each *= i > 1 ? dims[i] : 1;
    }
    struct ic_value *y = ic_build_reshape(b, x, 3, (const int64_t[]){dims[0], groups, each});
    struct ic_value *mean = ic_build_reduce(b, IC_OP_REDUCE_MEAN, y, 4u, true);
    y = standardize(b, y, mean, variance_of(b, y, mean, 4u), ic_onnx_float(o, "epsilon", 1e-5), NULL);
    if (scale->dims[0] == groups && groups != dims[1]) { /* opset 18: one number a group */
        const int64_t three[] = {1, groups, 1};
        y = scale_shift(b, y, ic_build_reshape(b, scale, 3, three), ic_build_reshape(b, shift, 3, three));
        ic_onnx_out_like(o, 0, ic_build_reshape(b, y, rank, dims), 0);
        return;
    }
    y = ic_build_reshape(b, y, rank, dims);
    ic_onnx_out_like(o, 0, scale_shift(b, y, per_channel(b, scale, rank), per_channel(b, shift, rank)), 0);
}

void ic_onnx_op_mean_variance(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    int64_t axes[IC_MAX_ATTR_INTS] = {0, 2, 3};
    if (!x)
        return;
    const int32_t given = ic_onnx_ints(o, "axes", axes, IC_MAX_ATTR_INTS), n = given < 0 ? 3 : given;
    uint32_t mask = 0;
    for (int32_t i = 0; i < n; i++)
        mask |= 1u << ic_onnx_axis(o, axes[i], x->rank);
    struct ic_value *mean = ic_build_reduce(b, IC_OP_REDUCE_MEAN, x, mask, true);
    struct ic_value *deviation = ic_build_map(b, variance_of(b, x, mean, mask), IC_MAP_SQRT, 0, 0);
    deviation = ic_build_map(b, deviation, IC_MAP_AFFINE, 1, 1e-9);
    ic_onnx_out_like(o, 0, ic_build_binary(b, IC_OP_DIV, ic_build_binary(b, IC_OP_SUB, x, mean), deviation), 0);
}

/* ---- products ---- */
static struct ic_value *matmul_of(struct ic_onnx *o, struct ic_value *x, struct ic_value *y);

/* alpha and beta are whole numbers then, or the product is rounded by them. */
static void whole_gemm(struct ic_onnx *o, struct ic_value *x, struct ic_value *w, struct ic_value *c, double alpha, double beta)
{
    struct ic_build *b = &o->b;
    const enum ic_dtype own = x->dtype;
    struct ic_value *y = matmul_of(o, x, w);
    if (alpha != 1)
        y = ic_build_cast(b, ic_build_map(b, ic_build_cast(b, y, IC_F32), IC_MAP_AFFINE, alpha, 0), own);
    if (c && beta != 0 && beta != 1)
        c = ic_build_cast(b, ic_build_map(b, ic_build_cast(b, c, IC_F32), IC_MAP_AFFINE, beta, 0), own);
    ic_onnx_out_like(o, 0, c && beta != 0 ? ic_build_binary(b, IC_OP_ADD, y, c) : y, 0);
}

void ic_onnx_op_gemm(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *w = ic_onnx_in(o, 1), *c = ic_onnx_in(o, 2);
    const double alpha = ic_onnx_float(o, "alpha", 1), beta = ic_onnx_float(o, "beta", 1);
    static const int64_t turned[] = {1, 0};
    if (!x || !w)
        return;
    if (x->rank != 2 || w->rank != 2) {
        ic_onnx_fail(o, "matrices are wanted, not values of %d and %d axes", (int)x->rank, (int)w->rank);
        return;
    }
    x = ic_onnx_int(o, "transA", 0) ? ic_build_transpose(b, x, 2, turned) : x;
    const bool trans_b = ic_onnx_int(o, "transB", 0) != 0;
    if (x && !ic_dtype_is_float(x->dtype)) {
        whole_gemm(o, x, trans_b ? ic_build_transpose(b, w, 2, turned) : w, c, alpha, beta);
        return;
    }
    c = beta != 0 ? c : NULL;
    if (c && beta != 1)
        c = ic_build_map(b, c, IC_MAP_AFFINE, beta, 0);
    struct ic_value *y = NULL;
    if (ic_build_is_weight(w)) {
        w = trans_b      ? ic_build_weight(b, w, 2, (const int64_t[]){0, 1})
            : alpha == 1 ? ic_build_weight(b, w, 2, turned)
                         : ic_build_transpose(b, w, 2, turned);
        if (alpha != 1)
            w = ic_build_map(b, w, IC_MAP_AFFINE, alpha, 0);
        const bool joins = c && c->data && c->rank <= 2 && w && ic_value_elements(c) == w->dims[0] &&
                           c->dims[c->rank - 1] == w->dims[0];
        const int64_t n = joins ? ic_value_elements(c) : 0;
        y = ic_build_linear(b, x, w, joins ? ic_build_reshape(b, c, 1, &n) : NULL);
        c = joins ? NULL : c;
    } else {
        y = ic_build_matmul(b, x, trans_b ? ic_build_transpose(b, w, 2, turned) : w);
        y = alpha != 1 ? ic_build_map(b, y, IC_MAP_AFFINE, alpha, 0) : y;
    }
    y = c ? ic_build_binary(b, IC_OP_ADD, y, c) : y;
    ic_onnx_out_like(o, 0, y, 0);
}

/* x with all axes but the last two as in dims, the first two of them as one */
static struct ic_value *fold_batch(struct ic_build *b, struct ic_value *x, int32_t rank, const int64_t *batch)
{
    int64_t dims[IC_IR_MAX_RANK];
    memcpy(dims, batch, sizeof *dims * (size_t)(rank - 2));
    for (int32_t i = 1; i <= 2; i++)
        dims[rank - i] = x->dims[x->rank - i];
    return ic_build_merge(b, ic_build_expand(b, x, rank, dims), 0, 2);
}

/* Matrices of integers as sums of products of their own type, which are exact; a layer of float32 loses digits above 2^24. Of two axes and more. */
static struct ic_value *whole_matmul(struct ic_onnx *o, struct ic_value *x, struct ic_value *y)
{
    struct ic_build *b = &o->b;
    const int32_t rank = x->rank > y->rank ? x->rank : y->rank;
    if ((double)ic_value_elements(x) * y->dims[y->rank - 1] + (double)ic_value_elements(y) * x->dims[x->rank - 2] > 1 << 24) {
        ic_say(o->b.d, 'W', "%s multiplies matrices of integers in float32: sums above 2^24 lose their last digits", o->b.label);
        return ic_build_matmul(b, ic_build_cast(b, x, IC_F32), ic_build_cast(b, y, IC_F32));
    }
    if (rank == IC_IR_MAX_RANK) { /* there is no axis more */
        int64_t dims[IC_IR_MAX_RANK];
        for (int32_t i = 0; i < rank; i++) {
            const int32_t ix = i - (rank - x->rank), iy = i - (rank - y->rank);
            dims[i] = ix >= 0 && x->dims[ix] != 1 ? x->dims[ix] : iy >= 0 ? y->dims[iy] : 1;
        }
        dims[rank - 2] = x->dims[x->rank - 2];
        dims[rank - 1] = y->dims[y->rank - 1];
        struct ic_value *fx = fold_batch(b, x, rank, dims), *fy = fold_batch(b, y, rank, dims);
        return fx && fy ? ic_build_reshape(b, whole_matmul(o, fx, fy), rank, dims) : NULL;
    }
    x = ic_build_unsqueeze(b, x, x->rank);     /* .. m k 1 */
    y = ic_build_unsqueeze(b, y, y->rank - 2); /* .. 1 k n */
    struct ic_value *p = ic_build_binary(b, IC_OP_MUL, x, y);
    return p ? ic_build_reduce(b, IC_OP_REDUCE_SUM, p, 1u << (p->rank - 2), false) : NULL;
}

static struct ic_value *matmul_of(struct ic_onnx *o, struct ic_value *x, struct ic_value *y)
{
    struct ic_build *b = &o->b;
    if (ic_dtype_is_float(x->dtype) || ic_dtype_is_float(y->dtype) || x->rank < 1 || y->rank < 1)
        return ic_build_matmul(b, x, y);
    const bool row = x->rank == 1, column = y->rank == 1;
    x = row ? ic_build_unsqueeze(b, x, 0) : x;
    y = column ? ic_build_unsqueeze(b, y, 1) : y;
    struct ic_value *p = x && y ? whole_matmul(o, x, y) : NULL;
    p = p && column ? ic_build_squeeze(b, p, p->rank - 1) : p;
    return p && row ? ic_build_squeeze(b, p, p->rank - (column ? 1 : 2)) : p;
}

void ic_onnx_op_matmul(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0), *y = ic_onnx_in(o, 1);
    if (x && y)
        ic_onnx_out_like(o, 0, ic_build_cast(&o->b, matmul_of(o, x, y), x->dtype), 0);
}

/* ---- Einsum: operands are permuted to (batch, own, summed), multiplied two at a time ---- */
struct term {
    struct ic_value *v;
    char axes[IC_IR_MAX_RANK + 1]; /* one letter an axis */
};

static int axis_of(const struct term *t, char letter)
{
    for (int32_t i = 0; i < t->v->rank; i++)
        if (t->axes[i] == letter)
            return i;
    return -1;
}

static void sum_away(struct ic_onnx *o, struct term *t, int32_t axis)
{
    t->v = ic_onnx_reduce(o, IC_OP_REDUCE_SUM, t->v, 1u << axis, false);
    memmove(t->axes + axis, t->axes + axis + 1, strlen(t->axes + axis));
}

/* Axes i and k as one, last, then every n + 1st element of it: where both places are the same. */
static void take_diagonal(struct ic_build *b, struct term *t, int32_t i, int32_t k)
{
    const int32_t rank = t->v->rank, n = t->v->dims[i];
    const char letter = t->axes[i];
    int64_t perm[IC_IR_MAX_RANK];
    int32_t at = 0;
    for (int32_t e = 0; e < rank; e++)
        if (e != i && e != k) {
            t->axes[at] = t->axes[e];
            perm[at++] = e;
        }
    perm[at] = i;
    perm[at + 1] = k;
    t->axes[at] = letter;
    t->axes[at + 1] = 0;
    t->v = ic_build_merge(b, ic_build_transpose(b, t->v, rank, perm), at, 2);
    t->v = t->v ? ic_build_slice(b, t->v, at, 0, (int64_t)n * n, n + 1) : NULL;
}

/* Letters that stand twice in an operand */
static void take_diagonals(struct ic_onnx *o, struct term *t)
{
    for (int32_t i = 0; t->v && i < t->v->rank; i++)
        for (int32_t k = i + 1; t->v && k < t->v->rank; k++) {
            if (t->axes[i] != t->axes[k])
                continue;
            if (t->v->dims[i] != t->v->dims[k]) {
                ic_onnx_fail(o, "axis %c has %d and %d elements", t->axes[i], (int)t->v->dims[i], (int)t->v->dims[k]);
                t->v = NULL;
                return;
            }
            take_diagonal(&o->b, t, i, k);
            i = -1; /* the axes have changed places: again from the first */
            break;
        }
}

/* Axes of t in the order of letters (absent ones become 1). */
static struct ic_value *arrange(struct ic_build *b, const struct term *t, const char *letters)
{
    int64_t perm[IC_IR_MAX_RANK], dims[2 * IC_IR_MAX_RANK];
    int32_t n = 0, rank = 0;
    for (const char *p = letters; *p; p++) {
        const int at = axis_of(t, *p);
        if (at >= 0)
            perm[n++] = at;
        dims[rank++] = at >= 0 ? t->v->dims[at] : 1;
    }
    struct ic_value *v = ic_build_transpose(b, t->v, n, perm);
    return v ? ic_build_reshape(b, v, rank, dims) : NULL;
}

static void add_letter(char *to, char letter)
{
    const size_t n = strlen(to);
    if (!strchr(to, letter)) {
        to[n] = letter;
        to[n + 1] = 0;
    }
}

/* x with axes of one element stretched to those of y that have the same letter. */
static struct term stretch(struct ic_build *b, const struct term *x, const struct term *y)
{
    struct term r = *x;
    int64_t dims[IC_IR_MAX_RANK];
    bool any = false;
    for (int32_t i = 0; i < x->v->rank; i++) {
        const int at = axis_of(y, x->axes[i]);
        dims[i] = at >= 0 && x->v->dims[i] == 1 ? y->v->dims[at] : x->v->dims[i];
        any = any || dims[i] != x->v->dims[i];
    }
    r.v = any ? ic_build_expand(b, x->v, x->v->rank, dims) : x->v;
    return r;
}

/* x and y to one term; letters of keep stay. */
static struct term multiply(struct ic_onnx *o, const struct term *given_x, const struct term *given_y, const char *keep)
{
    struct ic_build *b = &o->b;
    const struct term wide_x = stretch(b, given_x, given_y), wide_y = stretch(b, given_y, given_x), *x = &wide_x, *y = &wide_y;
    char batch[32] = "", own_x[32] = "", own_y[32] = "", summed[32] = "", order[64];
    struct term r = {0};
    if (!x->v || !y->v)
        return r;
    for (const char *p = x->axes; *p; p++)
        add_letter(axis_of(y, *p) >= 0 ? (strchr(keep, *p) ? batch : summed) : own_x, *p);
    for (const char *p = y->axes; *p; p++)
        if (axis_of(x, *p) < 0)
            add_letter(own_y, *p);
    if (strlen(batch) + strlen(own_x) + strlen(own_y) > IC_IR_MAX_RANK) {
        ic_onnx_refuse(o, "a product of more than %d axes", IC_IR_MAX_RANK);
        return r;
    }
    int64_t all = 1, m = 1, n = 1, k = 1, dims[IC_IR_MAX_RANK];
    int32_t rank = 0;
    for (const char *p = given_x->axes; *p; p++) {
        const int at = axis_of(y, *p), own = axis_of(x, *p);
        if (at >= 0 && x->v->dims[own] != y->v->dims[at]) {
            ic_onnx_fail(o, "axis %c has %d and %d elements", *p, (int)x->v->dims[own], (int)y->v->dims[at]);
            return r;
        }
    }
    for (const char *p = batch; *p; p++)
        all *= dims[rank++] = x->v->dims[axis_of(x, *p)];
    for (const char *p = own_x; *p; p++)
        m *= dims[rank++] = x->v->dims[axis_of(x, *p)];
    for (const char *p = own_y; *p; p++)
        n *= dims[rank++] = y->v->dims[axis_of(y, *p)];
    for (const char *p = summed; *p; p++)
        k *= x->v->dims[axis_of(x, *p)];
    strcat(strcat(strcpy(order, batch), own_x), summed);
    struct ic_value *left = arrange(b, x, order);
    strcat(strcat(strcpy(order, batch), summed), own_y);
    struct ic_value *right = arrange(b, y, order);
    if (!left || !right)
        return r;
    left = ic_build_reshape(b, left, 3, (const int64_t[]){all, m, k});
    right = ic_build_reshape(b, right, 3, (const int64_t[]){all, k, n});
    r.v = ic_build_reshape(b, ic_build_matmul(b, left, right), rank, dims);
    strcat(strcat(strcpy(order, batch), own_x), own_y);
    memcpy(r.axes, order, strlen(order) + 1); /* at most IC_IR_MAX_RANK letters: checked above */
    return r;
}

/* "...ij, jk -> ..ik" to letters: an ellipsis stands for capital letters counted from the end. */
static bool read_term(struct ic_onnx *o, const char **at, int32_t rank, char *out)
{
    int32_t n = 0, letters = 0;
    for (const char *p = *at; *p && *p != ',' && !(p[0] == '-' && p[1] == '>'); p++)
        letters += (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
    for (; **at && **at != ',' && !((*at)[0] == '-' && (*at)[1] == '>'); (*at)++) {
        if (**at == ' ')
            continue;
        if (strncmp(*at, "...", 3) == 0) {
            for (int32_t i = rank - letters; i > 0 && n < IC_IR_MAX_RANK; i--)
                out[n++] = (char)('0' + i);
            *at += 2;
            continue;
        }
        if (!((**at >= 'a' && **at <= 'z') || (**at >= 'A' && **at <= 'Z'))) {
            ic_onnx_fail(o, "its equation holds the character '%c'; letters, ..., commas and -> are possible",
                         **at >= ' ' && **at <= '~' ? **at : '?');
            return false;
        }
        if (n == IC_IR_MAX_RANK)
            break;
        out[n++] = **at;
    }
    out[n] = 0;
    if (rank >= 0 && n != rank)
        ic_onnx_fail(o, "its equation gives %d letters for a value with %d axes", (int)n, (int)rank);
    return ic_onnx_ok(o);
}

/* Each letter of the result is an operand's, and stands once. */
static bool result_makes_sense(struct ic_onnx *o, const char *result, const char *all)
{
    for (const char *p = result; *p; p++)
        if (strchr(p + 1, *p) || !strchr(all, *p)) {
            ic_onnx_fail(o, "the letter %c %s its result", *p, strchr(p + 1, *p) ? "stands twice in" : "of no operand stands in");
            return false;
        }
    return true;
}

void ic_onnx_op_einsum(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    const char *at = ic_onnx_text(o, "equation", "");
    struct term terms[8] = {{0}}, result = {0};
    char all[80] = "", result_axes[IC_IR_MAX_RANK + 1] = "";
    int32_t ellipsis = 0;
    if (o->n_in > 8) {
        ic_onnx_refuse(o, "more than 8 operands");
        return;
    }
    for (int32_t i = 0; i < o->n_in; i++) {
        terms[i].v = ic_build_cast(b, ic_onnx_in(o, i), IC_F32);
        if (!terms[i].v || !read_term(o, &at, terms[i].v->rank, terms[i].axes))
            return;
        at += i + 1 < o->n_in && *at == ',';
        for (const char *p = terms[i].axes; *p; p++) {
            ellipsis = *p >= '0' && *p <= '9' && *p - '0' > ellipsis ? *p - '0' : ellipsis;
            if (strlen(all) < sizeof all - 2)
                strncat(all, p, 1);
        }
    }
    if (at[0] == '-') {
        at += 2;
        int32_t letters = 0;
        for (const char *p = at; *p; p++)
            letters += (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
        if (!read_term(o, &at, strstr(at, "...") ? letters + ellipsis : letters, result_axes))
            return;
    } else { /* the ellipsis, then letters that stand once, in alphabetical order */
        int32_t n = 0;
        for (int32_t i = ellipsis; i > 0; i--)
            result_axes[n++] = (char)('0' + i);
        for (int c = 'A'; c <= 'z'; c++) {
            const char *first = strchr(all, c);
            if (first && !strchr(first + 1, c) && n < IC_IR_MAX_RANK)
                result_axes[n++] = (char)c;
        }
        result_axes[n] = 0;
    }
    if (*at) {
        ic_onnx_fail(o, "its equation goes on with \"%.20s\" behind %d operands", at, (int)o->n_in);
        return;
    }
    if (!result_makes_sense(o, result_axes, all))
        return;
    for (int32_t i = 0; i < o->n_in; i++)
        take_diagonals(o, &terms[i]);
    result = terms[0];
    for (int32_t i = 1; i < o->n_in && result.v; i++) {
        char keep[128];
        snprintf(keep, sizeof keep, "%s", result_axes);
        for (int32_t k = i + 1; k < o->n_in; k++)
            strncat(keep, terms[k].axes, sizeof keep - strlen(keep) - 1);
        if (!terms[i].v)
            return;
        result = multiply(o, &result, &terms[i], keep);
    }
    for (int32_t i = 0; result.v && i < result.v->rank;) {
        if (strchr(result_axes, result.axes[i]))
            i++;
        else
            sum_away(o, &result, i);
    }
    if (result.v)
        ic_onnx_out_like(o, 0, ic_build_cast(b, arrange(b, &result, result_axes), ic_onnx_in(o, 0)->dtype), 0);
}

/* By minors: few rows only. */
static struct ic_value *determinant(struct ic_build *b, struct ic_value **m, int32_t n)
{
    struct ic_value *sum = NULL, *minor[9];
    if (n == 1)
        return m[0];
    for (int32_t c = 0; c < n; c++) {
        for (int32_t i = 1, at = 0; i < n; i++)
            for (int32_t k = 0; k < n; k++)
                if (k != c)
                    minor[at++] = m[i * n + k];
        struct ic_value *term = ic_build_binary(b, IC_OP_MUL, m[c], determinant(b, minor, n - 1));
        sum = !sum ? term : ic_build_binary(b, c % 2 ? IC_OP_SUB : IC_OP_ADD, sum, term);
    }
    return sum;
}

void ic_onnx_op_det(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *m[16];
    if (!x)
        return;
    const int32_t n = x->rank < 2 ? 0 : x->dims[x->rank - 1];
    if (n < 1 || n > 4 || x->dims[x->rank - 2] != n) {
        ic_onnx_refuse(o, "determinants of matrices larger than 4 x 4 are not supported");
        return;
    }
    for (int32_t i = 0; i < n * n; i++) {
        struct ic_value *e = ic_build_slice(b, x, x->rank - 2, i / n, i / n + 1, 1);
        e = e ? ic_build_slice(b, e, x->rank - 1, i % n, i % n + 1, 1) : NULL;
        m[i] = e ? ic_build_squeeze(b, ic_build_squeeze(b, e, x->rank - 1), x->rank - 2) : NULL;
    }
    ic_onnx_out_like(o, 0, determinant(b, m, n), 0);
}
