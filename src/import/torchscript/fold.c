/* SPDX-License-Identifier: Apache-2.0
 *
 * Arithmetic that does not depend on the input: Python numbers, and small tensors such as the shapes that a trace computes with.
 */
#include "import/torchscript/aten.h"

#include "base/checked.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* What there is to say of two numbers; with NaN no order holds. */
struct relation {
    bool less, equal, greater, a, b; /* a, b: is that number true? */
};

static bool holds(int32_t op, struct relation r)
{
    switch (op) {
    case IC_TS_EQ:
        return r.equal;
    case IC_TS_NE:
        return !r.equal;
    case IC_TS_LT:
        return r.less;
    case IC_TS_LE:
        return r.less || r.equal;
    case IC_TS_GT:
        return r.greater;
    case IC_TS_GE:
        return r.greater || r.equal;
    case IC_TS_AND:
        return r.a && r.b;
    case IC_TS_OR:
        return r.a || r.b;
    default:
        return r.a != r.b;
    }
}

static bool compare_ints(int32_t op, int64_t a, int64_t b)
{
    return holds(op, (struct relation){a<b, a == b, a> b, a != 0, b != 0});
}

static bool compare_floats(int32_t op, double a, double b)
{
    return holds(op, (struct relation){a<b, a == b, a> b, a != 0, b != 0});
}

static bool power_int(int64_t a, int64_t b, int64_t *out)
{
    int64_t r = 1;
    for (bool good = b >= 0; b > 0; b >>= 1) {
        if (b & 1)
            good = ic_mul_i64(r, a, &r);
        if (!good || (b > 1 && !ic_mul_i64(a, a, &a)))
            return false;
    }
    *out = r;
    return b == 0;
}

/* False: the result is no 64-bit integer (overflow, division by zero). */
static bool fold_ints(int32_t op, int64_t a, int64_t b, int64_t *out)
{
    const bool divides = op == IC_TS_FLOOR_DIV || op == IC_TS_TRUNC_DIV || op == IC_TS_REMAINDER || op == IC_TS_FMOD;
    if (divides && (b == 0 || (a == INT64_MIN && b == -1)))
        return false;
    const bool signs_differ = divides && a % b != 0 && (a < 0) != (b < 0);
    switch (op) {
    case IC_TS_ADD:
        return !__builtin_add_overflow(a, b, out);
    case IC_TS_SUB:
        return !__builtin_sub_overflow(a, b, out);
    case IC_TS_MUL:
        return !__builtin_mul_overflow(a, b, out);
    case IC_TS_FLOOR_DIV:
        *out = a / b - signs_differ;
        return true;
    case IC_TS_TRUNC_DIV:
        *out = a / b;
        return true;
    case IC_TS_REMAINDER:
        *out = a % b + (signs_differ ? b : 0);
        return true;
    case IC_TS_FMOD:
        *out = a % b;
        return true;
    case IC_TS_POW:
        return power_int(a, b, out);
    case IC_TS_MAX:
        *out = a > b ? a : b;
        return true;
    case IC_TS_MIN:
        *out = a < b ? a : b;
        return true;
    default:
        *out = compare_ints(op, a, b);
        return true;
    }
}

static double power(double a, double b)
{
    if (b == 0.5)
        return sqrt(a);
    if (b == -0.5)
        return 1 / sqrt(a);
    if (b == floor(b) && fabs(b) <= 64) { /* exact enough, and the same on every machine */
        double r = 1;
        for (int i = (int)fabs(b); i > 0; --i)
            r *= a;
        return b < 0 ? 1 / r : r;
    }
    return ic_exp_f64(b * ic_log_f64(a));
}

static double fold_floats(int32_t op, double a, double b)
{
    switch (op) {
    case IC_TS_ADD:
        return a + b;
    case IC_TS_SUB:
        return a - b;
    case IC_TS_MUL:
        return a * b;
    case IC_TS_DIV:
        return a / b;
    case IC_TS_FLOOR_DIV:
        return floor(a / b);
    case IC_TS_TRUNC_DIV:
        return a / b < 0 ? -floor(-(a / b)) : floor(a / b);
    case IC_TS_REMAINDER:
        return a - floor(a / b) * b;
    case IC_TS_FMOD:
        return a - (a / b < 0 ? -floor(-(a / b)) : floor(a / b)) * b;
    case IC_TS_POW:
        return power(a, b);
    case IC_TS_MAX:
        return a > b || a != a ? a : b;
    case IC_TS_MIN:
        return a < b || a != a ? a : b;
    default:
        return compare_floats(op, a, b);
    }
}

enum ic_status ic_ts_fold_numbers(struct ic_ts *ts, int32_t op, const struct ic_ts_value *a, const struct ic_ts_value *b,
                                  struct ic_ts_value *out)
{
    const bool floats = a->kind == IC_TS_V_FLOAT || b->kind == IC_TS_V_FLOAT || op == IC_TS_DIV || (op == IC_TS_POW && b->u.i < 0);
    if (ic_ts_is_comparison(op)) {
        *out = ic_ts_bool(floats ? compare_floats(op, ic_ts_number(a), ic_ts_number(b)) : compare_ints(op, a->u.i, b->u.i));
        return IC_OK;
    }
    if (floats) {
        if (ic_ts_number(b) == 0 && (op == IC_TS_DIV || op == IC_TS_FLOOR_DIV || op == IC_TS_REMAINDER))
            return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "a division by zero");
        *out = ic_ts_float(fold_floats(op, ic_ts_number(a), ic_ts_number(b)));
        return IC_OK;
    }
    int64_t i = 0;
    if (!fold_ints(op, a->u.i, b->u.i, &i))
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE,
                          "an integer operation (of %" PRId64 " and %" PRId64 ") divides by zero or leaves 64 bits", a->u.i,
                          b->u.i);
    *out = ic_ts_int(i);
    return IC_OK;
}

/* ---- tensors ---- */
static int category(int32_t dtype)
{
    return dtype == IC_TS_BOOL ? 0 : ic_ts_is_float(dtype) ? 2 : 1;
}

static int32_t wider(int32_t a, int32_t b)
{
    if (category(a) != category(b))
        return category(a) > category(b) ? a : b;
    if (category(a) == 2) {
        if (a == b)
            return a;
        return a == IC_TS_F64 || b == IC_TS_F64 ? IC_TS_F64 : IC_TS_F32; /* half with bfloat is float32 as well */
    }
    if (category(a) == 1 && a != b && (a == IC_TS_U8 || b == IC_TS_U8)) {
        const int32_t other = a == IC_TS_U8 ? b : a;
        return other == IC_TS_S8 ? IC_TS_S16 : other;
    }
    return a > b ? a : b;
}

int32_t ic_ts_promote(const struct ic_ts_value *a, const struct ic_ts_value *b)
{
    /* priority: tensors with axes, then scalars as tensors, then Python numbers; a later group counts only with a higher category */
    int32_t by_group[3] = {-1, -1, -1};
    const struct ic_ts_value *both[2] = {a, b};
    for (int i = 0; i < 2; ++i) {
        const struct ic_ts_value *v = both[i];
        const int group = v->kind != IC_TS_V_TENSOR ? 2 : v->u.t->rank == 0 ? 1 : 0;
        const int32_t dtype = v->kind == IC_TS_V_TENSOR  ? v->u.t->dtype
                              : v->kind == IC_TS_V_FLOAT ? IC_TS_F32
                              : v->kind == IC_TS_V_BOOL  ? IC_TS_BOOL
                                                         : IC_TS_S64;
        by_group[group] = by_group[group] < 0 ? dtype : wider(by_group[group], dtype);
    }
    int32_t r = -1;
    for (int g = 0; g < 3; ++g)
        if (by_group[g] >= 0 && (r < 0 || category(by_group[g]) > category(r)))
            r = by_group[g];
    return r;
}

enum ic_status ic_ts_broadcast(struct ic_ts *ts, const struct ic_ts_tensor *a, const struct ic_ts_tensor *b, int32_t *rank,
                               int64_t *dims)
{
    *rank = a->rank > b->rank ? a->rank : b->rank;
    for (int32_t i = 0; i < *rank; ++i) {
        const int32_t ia = i - (*rank - a->rank), ib = i - (*rank - b->rank);
        const int64_t da = ia < 0 ? 1 : a->dims[ia], db = ib < 0 ? 1 : b->dims[ib];
        if (da != db && da != 1 && db != 1) {
            const struct ic_ts_value va = {.kind = IC_TS_V_TENSOR, .u.t = (struct ic_ts_tensor *)(uintptr_t)a};
            const struct ic_ts_value vb = {.kind = IC_TS_V_TENSOR, .u.t = (struct ic_ts_tensor *)(uintptr_t)b};
            return ic_ts_fail(ts, IC_E_SHAPES, "%s and %s do not fit together", ic_ts_describe(ts, &va), ic_ts_describe(ts, &vb));
        }
        dims[i] = da == 1 ? db : da;
    }
    return IC_OK;
}

struct operand {
    const void *data;
    int32_t dtype;
    int64_t strides[IC_IR_MAX_RANK];
    double f;
    int64_t i;
};

static enum ic_status make_operand(struct ic_ts *ts, const struct ic_ts_value *v, int32_t rank, struct operand *out)
{
    memset(out, 0, sizeof *out);
    if (v->kind != IC_TS_V_TENSOR) {
        out->f = ic_ts_number(v);
        out->i = v->kind == IC_TS_V_FLOAT ? 0 : v->u.i;
        return IC_OK;
    }
    struct ic_ts_tensor *t = v->u.t;
    IC_TRY(ic_ts_tensor_data(ts, t, &out->data));
    out->dtype = t->dtype;
    int64_t s = 1;
    for (int32_t i = t->rank; i-- > 0; s *= t->dims[i])
        out->strides[i + rank - t->rank] = t->dims[i] == 1 ? 0 : s;
    return IC_OK;
}

static int64_t operand_at(const struct operand *o, const int64_t *index, int32_t rank)
{
    int64_t at = 0;
    for (int32_t i = 0; i < rank; ++i)
        at += o->strides[i] * index[i];
    return at;
}

static enum ic_status fold_element(struct ic_ts *ts, int32_t op, bool floats, const struct operand *a, int64_t at_a,
                                   const struct operand *b, int64_t at_b, int32_t dtype, void *to, int64_t i)
{
    if (floats) {
        const double fa = a->data ? ic_ts_get_number(a->dtype, a->data, at_a) : a->f,
                     fb = b->data ? ic_ts_get_number(b->dtype, b->data, at_b) : b->f;
        ic_ts_set_number(dtype, to, i, fold_floats(op, fa, fb));
        return IC_OK;
    }
    const int64_t ia = a->data ? ic_ts_get_int(a->dtype, a->data, at_a) : a->i,
                  ib = b->data ? ic_ts_get_int(b->dtype, b->data, at_b) : b->i;
    int64_t r = 0;
    if (!fold_ints(op, ia, ib, &r))
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE,
                          "an integer operation (of %" PRId64 " and %" PRId64 ") divides by zero or leaves 64 bits", ia, ib);
    ic_ts_set_int(dtype, to, i, r);
    return IC_OK;
}

enum ic_status ic_ts_fold_tensors(struct ic_ts *ts, int32_t op, const struct ic_ts_value *a, const struct ic_ts_value *b,
                                  struct ic_ts_value *out)
{
    static const struct ic_ts_tensor scalar = {.rank = 0};
    int32_t rank = 0;
    int64_t dims[IC_IR_MAX_RANK], index[IC_IR_MAX_RANK] = {0};
    IC_TRY(ic_ts_broadcast(ts, a->kind == IC_TS_V_TENSOR ? a->u.t : &scalar, b->kind == IC_TS_V_TENSOR ? b->u.t : &scalar, &rank,
                           dims));
    const int32_t common = ic_ts_promote(a, b);
    const bool floats = op == IC_TS_DIV || ic_ts_is_float(common);
    const int32_t dtype = ic_ts_is_comparison(op) ? IC_TS_BOOL : op == IC_TS_DIV && !ic_ts_is_float(common) ? IC_TS_F32 : common;
    struct ic_ts_tensor *t = NULL;
    void *to = NULL;
    struct operand oa, ob;
    IC_TRY(ic_ts_tensor_known(ts, dtype, rank, dims, &t, &to));
    IC_TRY(make_operand(ts, a, rank, &oa));
    IC_TRY(make_operand(ts, b, rank, &ob));
    const int64_t n = ic_ts_elements(t);
    for (int64_t i = 0; i < n; ++i) {
        IC_TRY(fold_element(ts, op, floats, &oa, operand_at(&oa, index, rank), &ob, operand_at(&ob, index, rank), dtype, to, i));
        for (int32_t axis = rank; axis-- > 0;) {
            if (++index[axis] < dims[axis])
                break;
            index[axis] = 0;
        }
    }
    *out = ic_ts_of(t);
    return IC_OK;
}
