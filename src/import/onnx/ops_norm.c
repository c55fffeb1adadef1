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
    if (constant && x->rank >= 2) {
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
    for (int32_t i = 0; i < rank; i++)
        dims[i] = x->dims[i];
    struct ic_value *y = ic_build_reshape(b, x, 3, (const int64_t[]){dims[0], groups, ic_value_elements(x) / (dims[0] * groups)});
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
void ic_onnx_op_gemm(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *w = ic_onnx_in(o, 1), *c = ic_onnx_in(o, 2);
    const double alpha = ic_onnx_float(o, "alpha", 1), beta = ic_onnx_float(o, "beta", 1);
    static const int64_t turned[] = {1, 0};
    if (!x || !w)
        return;
    const enum ic_dtype own = x->dtype;
    if (x->rank != 2 || w->rank != 2) {
        ic_onnx_fail(o, "matrices are wanted, not values of %d and %d axes", (int)x->rank, (int)w->rank);
        return;
    }
    x = ic_onnx_int(o, "transA", 0) ? ic_build_transpose(b, x, turned) : x;
    const bool trans_b = ic_onnx_int(o, "transB", 0) != 0;
    x = ic_build_cast(b, x, IC_F32);
    w = ic_build_cast(b, w, IC_F32);
    c = beta != 0 ? ic_build_cast(b, c, IC_F32) : NULL;
    if (c && beta != 1)
        c = ic_build_map(b, c, IC_MAP_AFFINE, beta, 0);
    struct ic_value *y = NULL;
    if (w && w->data) {
        w = trans_b ? w : ic_build_transpose(b, w, turned);
        if (alpha != 1)
            w = ic_build_map(b, w, IC_MAP_AFFINE, alpha, 0);
        const bool joins = c && c->data && c->rank <= 2 && w && ic_value_elements(c) == w->dims[0] &&
                           c->dims[c->rank - 1] == w->dims[0];
        const int64_t n = joins ? ic_value_elements(c) : 0;
        y = ic_build_linear(b, x, w, joins ? ic_build_reshape(b, c, 1, &n) : NULL);
        c = joins ? NULL : c;
    } else {
        y = ic_build_matmul(b, x, trans_b ? ic_build_transpose(b, w, turned) : w);
        y = alpha != 1 ? ic_build_map(b, y, IC_MAP_AFFINE, alpha, 0) : y;
    }
    y = c ? ic_build_binary(b, IC_OP_ADD, y, c) : y;
    ic_onnx_out_like(o, 0, ic_build_cast(b, y, own), 0);
}

/* Integers below 2^24 are exact in float32. */
void ic_onnx_op_matmul(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *y = ic_onnx_in(o, 1);
    if (!x || !y)
        return;
    struct ic_value *p = ic_build_matmul(b, ic_build_cast(b, x, IC_F32), ic_build_cast(b, y, IC_F32));
    ic_onnx_out_like(o, 0, ic_build_cast(b, p, x->dtype), 0);
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

static void drop(struct ic_build *b, struct term *t, int32_t axis, bool sum)
{
    t->v = sum ? ic_build_reduce(b, IC_OP_REDUCE_SUM, t->v, 1u << axis, false) : ic_build_squeeze(b, t->v, axis);
    memmove(t->axes + axis, t->axes + axis + 1, strlen(t->axes + axis));
}

/* A letter that stands twice: its diagonal, by multiplying with the unit matrix and summing. */
static void take_diagonals(struct ic_onnx *o, struct term *t)
{
    struct ic_build *b = &o->b;
    for (int32_t i = 0; t->v && i < t->v->rank; i++)
        for (int32_t k = i + 1; t->v && k < t->v->rank; k++) {
            if (t->axes[i] != t->axes[k])
                continue;
            const int32_t n = t->v->dims[i], two[2] = {n, n};
            int64_t dims[IC_IR_MAX_RANK];
            float *unit = ic_arena_array(o->arena, (size_t)n * (size_t)n + 1, sizeof *unit);
            if (!unit) {
                ic_build_no_memory(b);
                return;
            }
            for (int32_t e = 0; e < n; e++)
                unit[(size_t)e * (size_t)n + (size_t)e] = 1.0f;
            for (int32_t e = 0; e < t->v->rank; e++)
                dims[e] = e == i || e == k ? n : 1;
            struct ic_value *u = ic_build_reshape(b, ic_build_const(b, IC_F32, 2, two, unit), t->v->rank, dims);
            t->v = ic_build_binary(b, IC_OP_MUL, t->v, u);
            drop(b, t, k, true);
            k = i;
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
    struct ic_value *v = ic_build_transpose(b, t->v, perm);
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

/* x and y to one term; letters of keep stay. */
static struct term multiply(struct ic_onnx *o, const struct term *x, const struct term *y, const char *keep)
{
    struct ic_build *b = &o->b;
    char batch[32] = "", own_x[32] = "", own_y[32] = "", summed[32] = "", order[64];
    for (const char *p = x->axes; *p; p++)
        add_letter(axis_of(y, *p) >= 0 ? (strchr(keep, *p) ? batch : summed) : own_x, *p);
    for (const char *p = y->axes; *p; p++)
        if (axis_of(x, *p) < 0)
            add_letter(own_y, *p);
    struct term r = {0};
    if (strlen(batch) + strlen(own_x) + strlen(own_y) > IC_IR_MAX_RANK) {
        ic_onnx_refuse(o, "a product of more than %d axes", IC_IR_MAX_RANK);
        return r;
    }
    int64_t m = 1, n = 1, k = 1, dims[IC_IR_MAX_RANK];
    int32_t rank = 0;
    for (const char *p = batch; *p; p++) {
        const int32_t dx = x->v->dims[axis_of(x, *p)], dy = y->v->dims[axis_of(y, *p)];
        if (dx != dy && dx != 1 && dy != 1) {
            ic_onnx_fail(o, "axis %c has %d and %d elements", *p, (int)dx, (int)dy);
            return r;
        }
        dims[rank++] = dx == 1 ? dy : dx;
    }
    for (const char *p = own_x; *p; p++)
        m *= dims[rank++] = x->v->dims[axis_of(x, *p)];
    for (const char *p = own_y; *p; p++)
        n *= dims[rank++] = y->v->dims[axis_of(y, *p)];
    for (const char *p = summed; *p; p++) {
        const int32_t dx = x->v->dims[axis_of(x, *p)], dy = y->v->dims[axis_of(y, *p)];
        if (dx != dy) {
            ic_onnx_fail(o, "axis %c has %d and %d elements", *p, (int)dx, (int)dy);
            return r;
        }
        k *= dx;
    }
    strcat(strcat(strcpy(order, batch), own_x), summed);
    struct ic_value *left = arrange(b, x, order);
    strcat(strcat(strcpy(order, batch), summed), own_y);
    struct ic_value *right = arrange(b, y, order);
    if (!left || !right)
        return r;
    left = ic_build_reshape(b, left, 3, (const int64_t[]){ic_value_elements(left) / (m * k), m, k});
    right = ic_build_reshape(b, right, 3, (const int64_t[]){ic_value_elements(right) / (k * n), k, n});
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
        if (n == IC_IR_MAX_RANK)
            break;
        out[n++] = **at;
    }
    out[n] = 0;
    if (rank >= 0 && n != rank)
        ic_onnx_fail(o, "its equation gives %d letters for a value with %d axes", (int)n, (int)rank);
    return ic_onnx_ok(o);
}

void ic_onnx_op_einsum(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    const char *at = ic_onnx_text(o, "equation", "");
    struct term terms[8] = {{0}}, result = {0};
    char all[64] = "", result_axes[IC_IR_MAX_RANK + 1] = "";
    int32_t ellipsis = 0;
    if (o->n_in > 8) {
        ic_onnx_refuse(o, "more than 8 operands");
        return;
    }
    for (int32_t i = 0; i < o->n_in; i++) {
        terms[i].v = ic_build_cast(b, ic_onnx_in(o, i), IC_F32);
        if (!terms[i].v || !read_term(o, &at, terms[i].v->rank, terms[i].axes))
            return;
        at += *at == ',';
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
            drop(b, &result, i, true);
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
