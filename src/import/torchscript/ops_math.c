/* SPDX-License-Identifier: Apache-2.0
 *
 * Elementwise operators, reductions, products.
 */
#include "import/torchscript/ops.h"

#include "ir/op_def.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define FOLD_ELEMENTS 65536 /* larger known tensors are left to the optimizer, which has fast kernels */

/* ---- two arguments ---- */
static bool foldable(const struct ic_ts_value *v)
{
    return ic_ts_is_number(v) || (v->kind == IC_TS_V_TENSOR && ic_ts_is_known(v->u.t) &&
                                  (ic_ts_elements(v->u.t) <= FOLD_ELEMENTS || !ic_ts_is_float(v->u.t->dtype)));
}

/* A number, or a known tensor that stands for one beside x. */
static enum ic_status as_number(struct ic_ts *ts, const struct ic_ts_value *v, const struct ic_ts_tensor *x, bool *is, double *out)
{
    *is = ic_ts_is_number(v);
    if (*is)
        *out = ic_ts_number(v);
    else if (v->kind == IC_TS_V_TENSOR && ic_ts_is_known(v->u.t) && ic_ts_elements(v->u.t) == 1 && v->u.t->rank <= x->rank)
        return ic_ts_tensor_number(ts, v->u.t, is, out);
    return IC_OK;
}

static enum ic_status emit_pair(struct ic_ts *ts, enum ic_op op, struct ic_value *a, struct ic_value *b, struct ic_value **out)
{
    struct ic_value *both[2] = {a, b};
    struct ic_node *n = NULL;
    IC_TRY(ic_ts_node(ts, op, both, 2, "", &n));
    return ic_ts_finish(ts, n, out);
}

/* x op number (or number op x when swapped); *done false: no short form. */
static enum ic_status with_number(struct ic_ts *ts, int32_t op, struct ic_value *x, double c, bool swapped, bool *done,
                                  struct ic_value **out)
{
    *done = true;
    if (op == IC_TS_ADD)
        return ic_ts_emit_map(ts, x, IC_MAP_AFFINE, 1, c, out);
    if (op == IC_TS_SUB)
        return ic_ts_emit_map(ts, x, IC_MAP_AFFINE, swapped ? -1 : 1, swapped ? c : -c, out);
    if (op == IC_TS_MUL)
        return ic_ts_emit_map(ts, x, IC_MAP_AFFINE, c, 0, out);
    if (op == IC_TS_DIV && !swapped && frexp(c, &(int){0}) == 0.5) /* a power of two: the reciprocal is exact */
        return ic_ts_emit_map(ts, x, IC_MAP_AFFINE, 1 / c, 0, out);
    if (op == IC_TS_DIV && swapped && c == 1)
        return ic_ts_emit_map(ts, x, IC_MAP_RECIPROCAL, 0, 0, out);
    if (op == IC_TS_POW && !swapped && c == 2)
        return emit_pair(ts, IC_OP_MUL, x, x, out);
    if (op == IC_TS_POW && !swapped && (c == 0.5 || c == -0.5 || c == -1))
        return ic_ts_emit_map(ts, x, c == 0.5 ? IC_MAP_SQRT : c == -1 ? IC_MAP_RECIPROCAL : IC_MAP_RSQRT, 0, 0, out);
    *done = false;
    return IC_OK;
}

static enum ic_status operand_value(struct ic_ts *ts, const struct ic_ts_value *v, struct ic_value **out)
{
    return v->kind == IC_TS_V_TENSOR ? ic_ts_tensor_value(ts, v->u.t, out) : ic_ts_emit_const(ts, (float)ic_ts_number(v), out);
}

static enum ic_status emit_binary(struct ic_ts *ts, int32_t op, const struct ic_ts_value *a, const struct ic_ts_value *b,
                                  struct ic_value **out)
{
    const bool a_computed = a->kind == IC_TS_V_TENSOR && !ic_ts_is_known(a->u.t),
               b_computed = b->kind == IC_TS_V_TENSOR && !ic_ts_is_known(b->u.t);
    struct ic_value *va = NULL, *vb = NULL;
    bool number = false, done = false;
    double c = 0;
    if (a_computed != b_computed) {
        const struct ic_ts_value *x = a_computed ? a : b;
        IC_TRY(as_number(ts, a_computed ? b : a, x->u.t, &number, &c));
        if (number) {
            IC_TRY(ic_ts_tensor_value(ts, x->u.t, &va));
            IC_TRY(with_number(ts, op, va, c, !a_computed, &done, out));
            if (done)
                return IC_OK;
        }
    }
    static const enum ic_op ops[] = {
        [IC_TS_ADD] = IC_OP_ADD, [IC_TS_SUB] = IC_OP_SUB,     [IC_TS_MUL] = IC_OP_MUL,    [IC_TS_DIV] = IC_OP_DIV,
        [IC_TS_POW] = IC_OP_POW, [IC_TS_MAX] = IC_OP_MAXIMUM, [IC_TS_MIN] = IC_OP_MINIMUM};
    IC_TRY(operand_value(ts, a, &va));
    IC_TRY(operand_value(ts, b, &vb));
    return emit_pair(ts, ops[op], va, vb, out);
}

enum ic_status ic_ts_binary(struct ic_ts *ts, int32_t op, const struct ic_ts_value *a, const struct ic_ts_value *b,
                            struct ic_ts_value *out)
{
    if (ic_ts_is_number(a) && ic_ts_is_number(b))
        return ic_ts_fold_numbers(ts, op, a, b, out);
    if (foldable(a) && foldable(b))
        return ic_ts_fold_tensors(ts, op, a, b, out);
    if (ic_ts_is_comparison(op) || op == IC_TS_TRUNC_DIV || op == IC_TS_REMAINDER || op == IC_TS_FMOD)
        return ic_ts_emit_choice(ts, op, a, b, out);
    struct ic_value *v = NULL;
    struct ic_ts_tensor *t = NULL;
    const int32_t dtype = ic_ts_promote(a, b);
    if (!ic_ts_is_float(dtype) && op != IC_TS_DIV)
        return ic_ts_emit_integers(ts, op, a, b, dtype, out);
    if (op == IC_TS_FLOOR_DIV) /* the quotient rounded first may be one too large: 1 // 0.1 */
        return ic_ts_call_op(ts, "ic", "floor_div", (struct ic_ts_value[]){*a, *b}, 2, out);
    IC_TRY(emit_binary(ts, op, a, b, &v));
    IC_TRY(ic_ts_wrap(ts, v, op == IC_TS_DIV && !ic_ts_is_float(dtype) ? IC_TS_F32 : dtype, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* row->i: enum ic_ts_binary; a third argument is alpha. */
enum ic_status ic_ts_op_binary(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_value b = arg[1];
    if ((row->i == IC_TS_ADD || row->i == IC_TS_SUB) && (row->flags & IC_TS_ROW_ALPHA) && ic_ts_number(&arg[2]) != 1)
        IC_TRY(ic_ts_binary(ts, IC_TS_MUL, &b, &arg[2], &b));
    return ic_ts_binary(ts, row->i, &arg[0], &b, out);
}

enum ic_status ic_ts_op_rsub(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_value a = arg[0];
    (void)row;
    if (ic_ts_number(&arg[2]) != 1)
        IC_TRY(ic_ts_binary(ts, IC_TS_MUL, &a, &arg[2], &a));
    return ic_ts_binary(ts, IC_TS_SUB, &arg[1], &a, out);
}

/* div(a, b, rounding_mode=...) */
enum ic_status ic_ts_op_div_mode(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const char *mode = arg[2].kind == IC_TS_V_TEXT ? arg[2].u.text->text : "";
    (void)row;
    return ic_ts_binary(ts,
                        strcmp(mode, "floor") == 0   ? IC_TS_FLOOR_DIV
                        : strcmp(mode, "trunc") == 0 ? IC_TS_TRUNC_DIV
                                                     : IC_TS_DIV,
                        &arg[0], &arg[1], out);
}

/* addcmul-like forms are rare; add of a product is all that is needed: self + value * a * b */
enum ic_status ic_ts_op_addcmul(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_value p;
    IC_TRY(ic_ts_binary(ts, row->i, &arg[1], &arg[2], &p));
    IC_TRY(ic_ts_binary(ts, IC_TS_MUL, &p, &arg[3], &p));
    return ic_ts_binary(ts, IC_TS_ADD, &arg[0], &p, out);
}

/* ---- one argument ---- */
static bool fold_map(enum ic_map_fn fn, double x, double a, double b, double *out)
{
    switch (fn) {
    case IC_MAP_RELU:
        *out = x > 0 ? x : 0;
        return true;
    case IC_MAP_CLAMP:
        *out = x < a ? a : x > b ? b : x;
        return true;
    case IC_MAP_ABS:
        *out = fabs(x);
        return true;
    case IC_MAP_NEG:
        *out = -x;
        return true;
    case IC_MAP_FLOOR:
        *out = floor(x);
        return true;
    case IC_MAP_CEIL:
        *out = -floor(-x);
        return true;
    case IC_MAP_ROUND:
        *out = rint(x);
        return true;
    case IC_MAP_SQRT:
        *out = sqrt(x);
        return true;
    case IC_MAP_RSQRT:
        *out = 1 / sqrt(x);
        return true;
    case IC_MAP_RECIPROCAL:
        *out = 1 / x;
        return true;
    case IC_MAP_EXP:
        *out = ic_exp_f64(x);
        return true;
    case IC_MAP_LOG:
        *out = ic_log_f64(x);
        return true;
    default:
        return false;
    }
}

static bool keeps_integers(enum ic_map_fn fn)
{
    return fn == IC_MAP_RELU || fn == IC_MAP_CLAMP || fn == IC_MAP_ABS || fn == IC_MAP_NEG || fn == IC_MAP_FLOOR ||
           fn == IC_MAP_CEIL || fn == IC_MAP_ROUND || fn == IC_MAP_SIGN || fn == IC_MAP_TRUNC;
}

enum ic_status ic_ts_unary(struct ic_ts *ts, enum ic_map_fn fn, double a, double b, struct ic_ts_tensor *x,
                           struct ic_ts_tensor **out)
{
    double ignored = 0;
    const int32_t dtype = ic_ts_is_float(x->dtype) || keeps_integers(fn) ? x->dtype : IC_TS_F32;
    const struct ic_ts_value v = {.kind = IC_TS_V_TENSOR, .u.t = x};
    if (foldable(&v) && fold_map(fn, 1, 0, 1, &ignored)) {
        void *to = NULL;
        const void *from = NULL;
        IC_TRY(ic_ts_tensor_data(ts, x, &from));
        IC_TRY(ic_ts_tensor_known(ts, dtype, x->rank, x->dims, out, &to));
        for (int64_t i = 0; i < ic_ts_elements(x); ++i) {
            double y = 0;
            (void)fold_map(fn, ic_ts_get_number(x->dtype, from, i), a, b, &y);
            ic_ts_set_number(dtype, to, i, y);
        }
        return IC_OK;
    }
    struct ic_value *value = NULL;
    IC_TRY(ic_ts_tensor_value(ts, x, &value));
    IC_TRY(ic_ts_emit_map(ts, value, fn, a, b, &value));
    return ic_ts_wrap(ts, value, dtype, out);
}

/* row->i: enum ic_map_fn, row->a and row->b its parameters */
enum ic_status ic_ts_op_map(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    const struct ic_ts_value zero = ic_ts_int(0);
    if (row->i == IC_MAP_NEG && arg[0].u.t->dtype == IC_TS_U8) /* modulo 256 */
        return ic_ts_binary(ts, IC_TS_SUB, &zero, &arg[0], out);
    IC_TRY(ic_ts_unary(ts, (enum ic_map_fn)row->i, row->a, row->b, arg[0].u.t, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* The same with parameters given in the call: leaky_relu, hardtanh. */
enum ic_status ic_ts_op_map_with(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    const double a = ic_ts_number(&arg[1]), b = row->b != 0 ? ic_ts_number(&arg[2]) : 0; /* row->b: how many */
    IC_TRY(ic_ts_unary(ts, (enum ic_map_fn)row->i, a, b, arg[0].u.t, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

static enum ic_status cast_to(struct ic_ts *ts, struct ic_ts_value *v, int32_t dtype)
{
    if (v->u.t->dtype == dtype)
        return IC_OK;
    return ic_ts_call_op(ts, "aten", "to", (struct ic_ts_value[]){*v, ic_ts_int(dtype)}, 2, v);
}

enum ic_status ic_ts_op_clamp(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    /* row->i: 0 both bounds, 1 only the lower, 2 only the upper */
    const struct ic_ts_value *lo = row->i == 2 ? NULL : &arg[1], *hi = row->i == 0 ? &arg[2] : row->i == 2 ? &arg[1] : NULL;
    struct ic_ts_tensor *t = NULL;
    int32_t dtype = arg[0].u.t->dtype; /* bounds may raise it: bool to integers, integers to float */
    for (int i = 0; i < 2; ++i) {
        const struct ic_ts_value *bound = i ? hi : lo;
        dtype = bound && bound->kind != IC_TS_V_NONE && !ic_ts_is_float(dtype) ? ic_ts_promote(&arg[0], bound) : dtype;
    }
    IC_TRY(cast_to(ts, &arg[0], dtype));
    IC_TRY(ic_ts_unary(ts, IC_MAP_CLAMP, lo && lo->kind != IC_TS_V_NONE ? ic_ts_number(lo) : -(double)INFINITY,
                       hi && hi->kind != IC_TS_V_NONE ? ic_ts_number(hi) : (double)INFINITY, arg[0].u.t, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

enum ic_status ic_ts_op_gelu(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    (void)row;
    IC_TRY(ic_ts_unary(ts, strcmp(arg[1].u.text->text, "tanh") == 0 ? IC_MAP_GELU_TANH : IC_MAP_GELU, 0, 0, arg[0].u.t, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

enum ic_status ic_ts_op_softplus(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const double beta = ic_ts_number(&arg[1]);
    struct ic_ts_tensor *t = arg[0].u.t;
    (void)row;
    if (beta != 1)
        IC_TRY(ic_ts_unary(ts, IC_MAP_AFFINE, beta, 0, t, &t));
    IC_TRY(ic_ts_unary(ts, IC_MAP_SOFTPLUS, 0, 0, t, &t));
    if (beta != 1)
        IC_TRY(ic_ts_unary(ts, IC_MAP_AFFINE, 1 / beta, 0, t, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* elu(x, alpha, scale, input_scale), selu, celu through it: scale * (x > 0 ? x : alpha * expm1(input_scale * x)) */
enum ic_status ic_ts_op_elu(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const double alpha = row->i ? row->a : ic_ts_number(&arg[1]), scale = row->i ? row->b : ic_ts_number(&arg[2]);
    struct ic_ts_tensor *t = NULL;
    if (!row->i && ic_ts_number(&arg[3]) != 1)
        return ic_ts_unsupported(ts, "aten::elu", "with input_scale other than 1", arg, 1, out);
    IC_TRY(ic_ts_unary(ts, IC_MAP_ELU, alpha, 0, arg[0].u.t, &t));
    if (scale != 1)
        IC_TRY(ic_ts_unary(ts, IC_MAP_AFFINE, scale, 0, t, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* celu(x, alpha) = alpha * elu(x / alpha) */
enum ic_status ic_ts_op_celu(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const double alpha = ic_ts_number(&arg[1]);
    struct ic_ts_tensor *t = arg[0].u.t;
    (void)row;
    if (alpha == 0)
        return ic_ts_fail(ts, IC_E_SHAPES, "celu with alpha 0");
    if (alpha != 1)
        IC_TRY(ic_ts_unary(ts, IC_MAP_AFFINE, 1 / alpha, 0, t, &t));
    IC_TRY(ic_ts_unary(ts, IC_MAP_ELU, 1, 0, t, &t));
    if (alpha != 1)
        IC_TRY(ic_ts_unary(ts, IC_MAP_AFFINE, alpha, 0, t, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

enum ic_status ic_ts_op_prelu(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *w = arg[1].u.t, *t = NULL;
    struct ic_value *v[2];
    int64_t dims[IC_IR_MAX_RANK] = {0};
    (void)row;
    if (x->rank >= 2 && ic_ts_elements(w) > 1) { /* one slope per channel: axis 1 */
        for (int32_t i = 0; i < x->rank; ++i)
            dims[i] = i == 1 ? ic_ts_elements(w) : 1;
        IC_TRY(ic_ts_reshape(ts, w, x->rank, dims, &w));
    }
    IC_TRY(ic_ts_tensor_value(ts, x, &v[0]));
    IC_TRY(ic_ts_tensor_value(ts, w, &v[1]));
    IC_TRY(emit_pair(ts, IC_OP_PRELU, v[0], v[1], &v[0]));
    IC_TRY(ic_ts_wrap(ts, v[0], x->dtype, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

enum ic_status ic_ts_op_square(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    IC_TRY(cast_to(ts, &arg[0], arg[0].u.t->dtype == IC_TS_BOOL ? IC_TS_S64 : arg[0].u.t->dtype));
    return ic_ts_binary(ts, IC_TS_MUL, &arg[0], &arg[0], out);
}

/* log_sigmoid(x) = -softplus(-x) */
enum ic_status ic_ts_op_log_sigmoid(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    (void)row;
    IC_TRY(ic_ts_unary(ts, IC_MAP_NEG, 0, 0, arg[0].u.t, &t));
    IC_TRY(ic_ts_unary(ts, IC_MAP_SOFTPLUS, 0, 0, t, &t));
    IC_TRY(ic_ts_unary(ts, IC_MAP_NEG, 0, 0, t, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* ---- reductions ---- */
enum ic_status ic_ts_reduce(struct ic_ts *ts, enum ic_op op, struct ic_ts_tensor *x, int32_t n_axes, const int32_t *axes, bool keep,
                            struct ic_ts_tensor **out)
{
    int64_t list[IC_IR_MAX_RANK];
    struct ic_value *v = NULL;
    struct ic_node *n = NULL;
    for (int32_t i = 0; i < n_axes; ++i)
        list[i] = axes[i];
    IC_TRY(ic_ts_tensor_value(ts, x, &v));
    IC_TRY(ic_ts_node(ts, op, &v, 1, "", &n));
    ic_ts_set_ints_attr(n, IC_REDUCE_AXES, n_axes, list);
    ic_ts_set_int_attr(n, IC_REDUCE_KEEP, keep);
    IC_TRY(ic_ts_finish(ts, n, &v));
    return ic_ts_wrap(ts, v, x->dtype, out);
}

/* The axes a call names, sorted; none means all. */
static enum ic_status read_axes(struct ic_ts *ts, const struct ic_ts_value *v, int32_t rank, int32_t *axes, int32_t *n)
{
    bool used[IC_IR_MAX_RANK] = {false};
    const int32_t n_given = v && v->kind == IC_TS_V_LIST ? ic_ts_list_n(v) : v && v->kind == IC_TS_V_INT ? 1 : 0;
    for (int32_t i = 0; i < n_given; ++i) {
        int32_t axis = 0;
        IC_TRY(ic_ts_axis(ts, v->kind == IC_TS_V_INT ? v->u.i : ic_ts_list_int(v, i), rank, &axis));
        used[axis] = true;
    }
    *n = 0;
    for (int32_t i = 0; i < rank; ++i)
        if (n_given == 0 || used[i])
            axes[(*n)++] = i;
    return IC_OK;
}

static enum ic_status fold_sum(struct ic_ts *ts, struct ic_ts_tensor *x, struct ic_ts_value *out)
{
    const void *data = NULL;
    struct ic_ts_tensor *t = NULL;
    void *to = NULL;
    int64_t sum = 0;
    IC_TRY(ic_ts_tensor_data(ts, x, &data));
    IC_TRY(ic_ts_tensor_known(ts, IC_TS_S64, 0, NULL, &t, &to));
    for (int64_t i = 0; i < ic_ts_elements(x); ++i)
        sum = (int64_t)((uint64_t)sum + (uint64_t)ic_ts_get_int(x->dtype, data, i));
    ic_ts_set_int(IC_TS_S64, to, 0, sum);
    *out = ic_ts_of(t);
    return IC_OK;
}

/* Integers and bool: a type of their own for sums and products. */
static enum ic_status reduce_integers(struct ic_ts *ts, enum ic_op op, const struct ic_ts_value *x, int32_t dtype, int32_t n,
                                      const int32_t *axes, bool keep, struct ic_ts_value *out)
{
    const bool truth = dtype == IC_TS_BOOL; /* of bool the greatest and the least */
    int64_t list[IC_IR_MAX_RANK];
    struct ic_value *v = NULL;
    struct ic_node *node = NULL;
    struct ic_ts_tensor *t = NULL;
    for (int32_t i = 0; i < n; ++i)
        list[i] = axes[i];
    IC_TRY(ic_ts_typed_value(ts, x, truth ? IC_TS_U8 : dtype, &v));
    IC_TRY(ic_ts_node(ts, op, &v, 1, "", &node));
    ic_ts_set_ints_attr(node, IC_REDUCE_AXES, n, list);
    ic_ts_set_int_attr(node, IC_REDUCE_KEEP, keep);
    IC_TRY(ic_ts_finish(ts, node, &v));
    IC_TRY(ic_ts_wrap(ts, v, truth ? IC_TS_U8 : dtype, &t));
    *out = ic_ts_of(t);
    if (!truth)
        return IC_OK;
    IC_TRY(ic_ts_typed_value(ts, out, IC_TS_BOOL, &v));
    IC_TRY(ic_ts_wrap(ts, v, IC_TS_BOOL, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* Along axes that have elements, or PyTorch gives an error as well. */
static enum ic_status want_elements(struct ic_ts *ts, const struct ic_ts_value *x, int32_t n, const int32_t *axes)
{
    for (int32_t i = 0; i < n; ++i)
        if (x->u.t->dims[axes[i]] == 0)
            return ic_ts_fail(ts, IC_E_SHAPES,
                              "axis %d of %s has no elements, and PyTorch gives an error as well; is the input shape right?",
                              (int)axes[i], ic_ts_describe(ts, x));
    return IC_OK;
}

/* The tensor itself, when it has elements along an axis. */
enum ic_status ic_ts_op_not_empty(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    int32_t axis = 0;
    (void)row;
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, arg[0].u.t->rank, &axis));
    *out = arg[0];
    return arg[0].u.t->rank ? want_elements(ts, &arg[0], 1, &axis) : IC_OK;
}

/* mean, sum, prod, amax, amin; row->i: operator of the graph; row->a: axes given; row->b: 1 the greatest of nothing is the least there is; the
 * argument behind those is the type */
enum ic_status ic_ts_op_reduce(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *t = NULL;
    int32_t axes[IC_IR_MAX_RANK], n = 0, dtype = x->dtype;
    const bool given = row->a != 0, adds = row->i == IC_OP_REDUCE_SUM || row->i == IC_OP_REDUCE_PROD;
    const struct ic_ts_value *wanted = adds || row->i == IC_OP_REDUCE_MEAN ? &arg[given ? 3 : 1] : NULL;
    if (adds && !ic_ts_is_float(dtype))
        dtype = IC_TS_S64;
    if (wanted && wanted->kind == IC_TS_V_INT)
        dtype = (int32_t)wanted->u.i;
    if (ic_ts_is_known(x) && !ic_ts_is_float(x->dtype) && !ic_ts_is_float(dtype) && row->i == IC_OP_REDUCE_SUM && !given)
        return fold_sum(ts, x, out);
    IC_TRY(read_axes(ts, given ? &arg[1] : NULL, x->rank, axes, &n));
    if (n == 0) {
        *out = arg[0];
        return x->dtype == dtype ? IC_OK
                                 : ic_ts_call_op(ts, "aten", "to", (struct ic_ts_value[]){arg[0], ic_ts_int(dtype)}, 2, out);
    }
    if ((row->i == IC_OP_REDUCE_MAX || row->i == IC_OP_REDUCE_MIN) && row->b == 0)
        IC_TRY(want_elements(ts, &arg[0], n, axes));
    if (!ic_ts_is_float(dtype))
        return reduce_integers(ts, (enum ic_op)row->i, &arg[0], dtype, n, axes, given && arg[2].u.i, out);
    IC_TRY(ic_ts_reduce(ts, (enum ic_op)row->i, x, n, axes, given && arg[2].u.i, &t));
    t->dtype = dtype;
    *out = ic_ts_of(t);
    return IC_OK;
}

/* var and std; row->i: 1 std; arguments x, dim, correction or unbiased, keepdim */
enum ic_status ic_ts_op_var(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *mean = NULL, *t = NULL;
    int32_t axes[IC_IR_MAX_RANK], n = 0;
    double count = 1;
    IC_TRY(read_axes(ts, &arg[1], x->rank, axes, &n));
    for (int32_t i = 0; i < n; ++i)
        count *= (double)x->dims[axes[i]];
    const double correction = arg[2].kind == IC_TS_V_NONE ? 1 : ic_ts_number(&arg[2]);
    IC_TRY(ic_ts_reduce(ts, IC_OP_REDUCE_MEAN, x, n, axes, true, &mean));
    struct ic_ts_value centered, square;
    const struct ic_ts_value m = ic_ts_of(mean);
    IC_TRY(ic_ts_binary(ts, IC_TS_SUB, &arg[0], &m, &centered));
    IC_TRY(ic_ts_binary(ts, IC_TS_MUL, &centered, &centered, &square));
    IC_TRY(ic_ts_reduce(ts, IC_OP_REDUCE_MEAN, square.u.t, n, axes, arg[3].u.i != 0, &t));
    if (correction != 0)
        IC_TRY(ic_ts_unary(ts, IC_MAP_AFFINE, count / (count - correction), 0, t, &t));
    if (row->i)
        IC_TRY(ic_ts_unary(ts, IC_MAP_SQRT, 0, 0, t, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

enum ic_status ic_ts_op_softmax(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *t = NULL;
    struct ic_value *v = NULL;
    struct ic_node *n = NULL;
    int32_t axis = 0;
    IC_TRY(ic_ts_axis(ts, arg[1].u.i, x->rank, &axis));
    if (ic_ts_elements(x) == 0) {
        *out = arg[0];
        return IC_OK;
    }
    IC_TRY(ic_ts_tensor_value(ts, x, &v));
    IC_TRY(ic_ts_node(ts, IC_OP_SOFTMAX, &v, 1, "", &n));
    ic_ts_set_int_attr(n, IC_SOFTMAX_AXIS, axis);
    ic_ts_set_int_attr(n, IC_SOFTMAX_LOG, row->i);
    IC_TRY(ic_ts_finish(ts, n, &v));
    IC_TRY(ic_ts_wrap(ts, v, arg[2].kind == IC_TS_V_INT ? (int32_t)arg[2].u.i : x->dtype, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}
