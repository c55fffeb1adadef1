/* SPDX-License-Identifier: Apache-2.0
 *
 * Element by element: functions, arithmetic, comparisons, logic, choices, casts.
 */
#include "import/onnx/ops.h"

#include "arith/integers.h"

#include <math.h>
#include <string.h>

static bool is_float(const struct ic_value *v)
{
    return v && ic_dtype_is_float(v->dtype);
}

/* ---- one operand ---- */
/* row->i: enum ic_map_fn, row->a, row->b its parameters. Integers: only what needs no function. */
void ic_onnx_op_map(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    const enum ic_map_fn fn = (enum ic_map_fn)o->row->i;
    if (!x)
        return;
    if (is_float(x)) {
        ic_onnx_out_like(o, 0, ic_build_map(&o->b, x, fn, o->row->a, o->row->b), 0);
        return;
    }
    struct ic_build *b = &o->b;
    struct ic_value *zero = ic_build_int(b, x->dtype, 0), *y = NULL;
    if (fn == IC_MAP_NEG)
        y = ic_build_binary(b, IC_OP_SUB, zero, x);
    else if (fn == IC_MAP_ABS)
        y = ic_build_binary(b, IC_OP_MAXIMUM, x, ic_int_lowest(x->dtype) < 0 ? ic_build_binary(b, IC_OP_SUB, zero, x) : x);
    else if (fn == IC_MAP_RELU)
        y = ic_build_binary(b, IC_OP_MAXIMUM, x, zero);
    else if (fn == IC_MAP_SIGN)
        y = ic_build_binary(b, IC_OP_SUB, ic_build_cast(b, ic_build_binary(b, IC_OP_LESS, zero, x), x->dtype),
                            ic_build_cast(b, ic_build_binary(b, IC_OP_LESS, x, zero), x->dtype));
    else if (fn == IC_MAP_FLOOR || fn == IC_MAP_CEIL || fn == IC_MAP_ROUND)
        y = x;
    else
        y = ic_build_cast(b, ic_build_map(b, ic_build_cast(b, x, IC_F32), fn, o->row->a, o->row->b), x->dtype);
    ic_onnx_out_like(o, 0, y, 0);
}

/* fn(x; alpha, beta) with defaults row->a, row->b */
void ic_onnx_op_map_alpha(struct ic_onnx *o)
{
    ic_onnx_out_like(o, 0,
                     ic_build_map(&o->b, ic_onnx_in(o, 0), (enum ic_map_fn)o->row->i, ic_onnx_float(o, "alpha", o->row->a), 0), 0);
}

struct ic_value *ic_onnx_hard_sigmoid(struct ic_build *b, struct ic_value *x, double alpha, double beta)
{
    return ic_build_map(b, ic_build_map(b, x, IC_MAP_AFFINE, alpha, beta), IC_MAP_CLAMP, 0, 1);
}

void ic_onnx_op_hard_sigmoid(struct ic_onnx *o)
{
    const double alpha = ic_onnx_float(o, "alpha", 0.2), beta = ic_onnx_float(o, "beta", 0.5);
    ic_onnx_out_like(o, 0, ic_onnx_hard_sigmoid(&o->b, ic_onnx_in(o, 0), alpha, beta), 0);
}

void ic_onnx_op_selu(struct ic_onnx *o)
{
    const double alpha = ic_onnx_float(o, "alpha", 1.67326319217681884765625),
                 gamma = ic_onnx_float(o, "gamma", 1.05070102214813232421875);
    struct ic_value *x = ic_build_map(&o->b, ic_onnx_in(o, 0), IC_MAP_ELU, alpha, 0);
    ic_onnx_out_like(o, 0, ic_build_map(&o->b, x, IC_MAP_AFFINE, gamma, 0), 0);
}

/* alpha * elu(x / alpha) */
void ic_onnx_op_celu(struct ic_onnx *o)
{
    const double alpha = ic_onnx_float(o, "alpha", 1.0);
    struct ic_value *x = ic_build_map(&o->b, ic_onnx_in(o, 0), IC_MAP_AFFINE, 1 / alpha, 0);
    x = ic_build_map(&o->b, x, IC_MAP_ELU, 1, 0);
    ic_onnx_out_like(o, 0, ic_build_map(&o->b, x, IC_MAP_AFFINE, alpha, 0), 0);
}

void ic_onnx_op_gelu(struct ic_onnx *o)
{
    const bool tanh = strcmp(ic_onnx_text(o, "approximate", "none"), "tanh") == 0;
    ic_onnx_out_like(o, 0, ic_build_map(&o->b, ic_onnx_in(o, 0), tanh ? IC_MAP_GELU_TANH : IC_MAP_GELU, 0, 0), 0);
}

/* x * sigmoid(alpha * x) */
void ic_onnx_op_swish(struct ic_onnx *o)
{
    const double alpha = ic_onnx_float(o, "alpha", 1.0);
    struct ic_value *x = ic_onnx_in(o, 0), *y = NULL;
    if (alpha == 1.0)
        y = ic_build_map(&o->b, x, IC_MAP_SILU, 0, 0);
    else
        y = ic_build_binary(&o->b, IC_OP_MUL, x,
                            ic_build_map(&o->b, ic_build_map(&o->b, x, IC_MAP_AFFINE, alpha, 0), IC_MAP_SIGMOID, 0, 0));
    ic_onnx_out_like(o, 0, y, 0);
}

/* swish(a) * b */
void ic_onnx_op_swiglu(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    ic_onnx_op_swish(o);
    if (x && ic_onnx_ok(o) && o->out[0].kind == IC_ONNX_TENSOR)
        ic_onnx_out_like(o, 0, ic_build_binary(&o->b, IC_OP_MUL, o->out[0].v, ic_onnx_in(o, 1)), 0);
}

struct ic_value *ic_onnx_softsign(struct ic_build *b, struct ic_value *x)
{
    struct ic_value *d = ic_build_map(b, ic_build_map(b, x, IC_MAP_ABS, 0, 0), IC_MAP_AFFINE, 1, 1);
    return ic_build_binary(b, IC_OP_DIV, x, d);
}

void ic_onnx_op_softsign(struct ic_onnx *o)
{
    ic_onnx_out_like(o, 0, ic_onnx_softsign(&o->b, ic_onnx_in(o, 0)), 0);
}

struct ic_value *ic_onnx_thresholded(struct ic_build *b, struct ic_value *x, double alpha)
{
    return ic_build_where(b, ic_build_binary(b, IC_OP_LESS, ic_build_float(b, alpha), x), x, ic_build_float(b, 0));
}

void ic_onnx_op_thresholded_relu(struct ic_onnx *o)
{
    ic_onnx_out_like(o, 0, ic_onnx_thresholded(&o->b, ic_onnx_in(o, 0), ic_onnx_float(o, "alpha", 1.0)), 0);
}

/* x < -lambd ? x + bias : x > lambd ? x - bias : 0 */
void ic_onnx_op_shrink(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    const double lambd = ic_onnx_float(o, "lambd", 0.5), bias = ic_onnx_float(o, "bias", 0.0);
    struct ic_value *f = ic_build_cast(b, x, IC_F32);
    struct ic_value *low = ic_build_binary(b, IC_OP_LESS, f, ic_build_float(b, -lambd)),
                    *high = ic_build_binary(b, IC_OP_LESS, ic_build_float(b, lambd), f);
    struct ic_value *y = ic_build_where(b, high, ic_build_map(b, f, IC_MAP_AFFINE, 1, -bias), ic_build_float(b, 0));
    y = ic_build_where(b, low, ic_build_map(b, f, IC_MAP_AFFINE, 1, bias), y);
    ic_onnx_out_like(o, 0, x ? ic_build_cast(b, y, x->dtype) : NULL, 0);
}

void ic_onnx_op_not(struct ic_onnx *o)
{
    ic_onnx_out(o, 0, ic_build_not(&o->b, ic_onnx_in(o, 0)), IC_ONNX_BOOL);
}

void ic_onnx_op_bitwise_not(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    if (x)
        ic_onnx_out_like(o, 0, ic_build_binary(&o->b, IC_OP_XOR, x, ic_build_int(&o->b, x->dtype, -1)), 0);
}

void ic_onnx_op_is_nan(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    ic_onnx_out(o, 0, ic_build_binary(&o->b, IC_OP_NOT_EQUAL, x, x), IC_ONNX_BOOL);
}

void ic_onnx_op_is_inf(struct ic_onnx *o)
{
    const bool negative = ic_onnx_int(o, "detect_negative", 1) != 0, positive = ic_onnx_int(o, "detect_positive", 1) != 0;
    struct ic_value *x = ic_onnx_in(o, 0);
    if (x && !negative && !positive)
        x = ic_build_map(&o->b, x, IC_MAP_CLAMP, 0, 0);
    else if (negative && positive)
        x = ic_build_map(&o->b, x, IC_MAP_ABS, 0, 0);
    else if (negative)
        x = ic_build_map(&o->b, x, IC_MAP_NEG, 0, 0);
    ic_onnx_out(o, 0, ic_build_binary(&o->b, IC_OP_EQUAL, x, ic_build_float(&o->b, (double)INFINITY)), IC_ONNX_BOOL);
}

/* ---- two operands ---- */
/* b's axes stand at axis of a: opsets before 7 say so by attributes. */
static struct ic_value *old_broadcast(struct ic_onnx *o, struct ic_value *x, struct ic_value *y)
{
    int64_t dims[IC_IR_MAX_RANK];
    if (!x || !y || o->version >= 7 || !ic_onnx_int(o, "broadcast", 0) || !ic_onnx_attr(o, "axis"))
        return y;
    const int32_t axis = ic_onnx_axis(o, ic_onnx_int(o, "axis", 0), x->rank);
    if (axis + y->rank > x->rank)
        return y;
    for (int32_t i = axis; i < x->rank; i++)
        dims[i - axis] = i - axis < y->rank ? y->dims[i - axis] : 1;
    return ic_build_reshape(&o->b, y, x->rank - axis, dims);
}

/* row->i: enum ic_op */
void ic_onnx_op_binary(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0), *y = old_broadcast(o, x, ic_onnx_in(o, 1));
    ic_onnx_out_like(o, 0, ic_build_binary(&o->b, (enum ic_op)o->row->i, x, y), 0);
}

/* Comparisons: bool; row->a 1: operands change places, 2: the result is inverted */
void ic_onnx_op_compare(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0), *y = old_broadcast(o, x, ic_onnx_in(o, 1));
    const bool turned = o->row->a == 1;
    ic_onnx_out(o, 0, ic_build_binary(&o->b, (enum ic_op)o->row->i, turned ? y : x, turned ? x : y), IC_ONNX_BOOL);
}

/* The exponent may have another type; the result has the base's. */
void ic_onnx_op_pow(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0), *y = old_broadcast(o, x, ic_onnx_in(o, 1));
    if (!x || !y)
        return;
    const enum ic_dtype t = is_float(x) || is_float(y) ? IC_F32 : x->dtype;
    struct ic_value *p = ic_build_binary(&o->b, IC_OP_POW, ic_build_cast(&o->b, x, t), ic_build_cast(&o->b, y, t));
    ic_onnx_out_like(o, 0, ic_build_cast(&o->b, p, x->dtype), 0);
}

void ic_onnx_op_mod(struct ic_onnx *o)
{
    const bool fmod = ic_onnx_int(o, "fmod", 0) != 0;
    ic_onnx_out_like(o, 0, ic_build_binary(&o->b, fmod ? IC_OP_REM : IC_OP_MOD, ic_onnx_in(o, 0), ic_onnx_in(o, 1)), 0);
}

void ic_onnx_op_bit_shift(struct ic_onnx *o)
{
    const bool right = strcmp(ic_onnx_text(o, "direction", ""), "RIGHT") == 0;
    ic_onnx_out_like(o, 0, ic_build_binary(&o->b, right ? IC_OP_SHIFT_RIGHT : IC_OP_SHIFT_LEFT, ic_onnx_in(o, 0), ic_onnx_in(o, 1)),
                     0);
}

/* Max, Min, Sum, Mean of any number; row->i: enum ic_op; row->a: 1 divides by how many */
void ic_onnx_op_variadic(struct ic_onnx *o)
{
    struct ic_value *y = ic_onnx_in(o, 0);
    for (int32_t i = 1; i < o->n_in; i++)
        y = ic_build_binary(&o->b, (enum ic_op)o->row->i, y, ic_onnx_in(o, i));
    if (o->row->a != 0 && o->n_in > 1)
        y = ic_build_binary(&o->b, IC_OP_DIV, y, ic_build_float(&o->b, o->n_in));
    ic_onnx_out_like(o, 0, y, 0);
}

void ic_onnx_op_where(struct ic_onnx *o)
{
    ic_onnx_out_like(o, 0, ic_build_where(&o->b, ic_onnx_in(o, 0), ic_onnx_in(o, 1), ic_onnx_in(o, 2)), 1);
}

/* One slope for all, or one per channel counted from the end (broadcast); before opset 7 from axis 1. */
void ic_onnx_op_prelu(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0), *w = ic_onnx_in(o, 1);
    int64_t dims[IC_IR_MAX_RANK];
    if (x && w && w->rank == 1 && w->dims[0] > 1 && x->rank > 1 && (o->version < 7 || x->dims[x->rank - 1] != w->dims[0])) {
        for (int32_t i = 0; i < x->rank; i++)
            dims[i] = i == 1 ? w->dims[0] : 1;
        w = ic_build_reshape(&o->b, w, x->rank, dims);
    }
    ic_onnx_out_like(o, 0, ic_build_binary(&o->b, IC_OP_PRELU, x, w), 0);
}

/* min and max are attributes until opset 10, inputs later; either may be absent. */
void ic_onnx_op_clip(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    const bool inputs = o->version >= 11;
    struct ic_value *lo = inputs ? ic_onnx_in(o, 1) : NULL, *hi = inputs ? ic_onnx_in(o, 2) : NULL;
    if (!inputs && ic_onnx_attr(o, "min"))
        lo = ic_build_float(b, ic_onnx_float(o, "min", 0));
    if (!inputs && ic_onnx_attr(o, "max"))
        hi = ic_build_float(b, ic_onnx_float(o, "max", 0));
    const bool constant = (!lo || lo->data) && (!hi || hi->data);
    if (is_float(x) && constant && (lo || hi)) {
        const double least = lo ? ic_build_get(lo, 0) : -(double)INFINITY, most = hi ? ic_build_get(hi, 0) : (double)INFINITY;
        x = least == 0 && isinf(most) ? ic_build_map(b, x, IC_MAP_RELU, 0, 0) : ic_build_map(b, x, IC_MAP_CLAMP, least, most);
    } else {
        x = lo ? ic_build_binary(b, IC_OP_MAXIMUM, x, lo) : x;
        x = hi ? ic_build_binary(b, IC_OP_MINIMUM, x, hi) : x;
    }
    ic_onnx_out_like(o, 0, x, 0);
}

/* ---- casts ---- */
struct small_float {
    int bits, least;
    double most; /* largest finite value */
    bool has_inf;
};

static bool small_float_of(int32_t type, struct small_float *out)
{
    switch (type) {
    case IC_ONNX_BFLOAT16:
        *out = (struct small_float){7, -126, 0x1.fep127, true};
        return true;
    case IC_ONNX_FLOAT16:
        *out = (struct small_float){10, -14, 65504, true};
        return true;
    case IC_ONNX_FLOAT8E4M3FN:
        *out = (struct small_float){3, -6, 448, false};
        return true;
    case IC_ONNX_FLOAT8E4M3FNUZ:
        *out = (struct small_float){3, -7, 240, false};
        return true;
    case IC_ONNX_FLOAT8E5M2:
        *out = (struct small_float){2, -14, 57344, true};
        return true;
    case IC_ONNX_FLOAT8E5M2FNUZ:
        *out = (struct small_float){2, -15, 57344, false};
        return true;
    case IC_ONNX_FLOAT4E2M1:
        *out = (struct small_float){1, 0, 6, false};
        return true;
    case IC_ONNX_FLOAT6E2M3:
        *out = (struct small_float){3, 0, 7.5, false};
        return true;
    case IC_ONNX_FLOAT6E3M2:
        *out = (struct small_float){2, -2, 28, false};
        return true;
    default:
        return false;
    }
}

/* f32 to the values that a smaller format has. Beyond the largest: clamped when it saturates, else Inf or NaN. */
static struct ic_value *round_to(struct ic_onnx *o, struct ic_value *x, int32_t type, bool saturate)
{
    struct ic_build *b = &o->b;
    struct small_float f;
    if (!small_float_of(type, &f))
        return x;
    const bool eight = type >= IC_ONNX_FLOAT8E4M3FN && type <= IC_ONNX_FLOAT8E5M2FNUZ,
               tiny = type == IC_ONNX_FLOAT4E2M1 || type == IC_ONNX_FLOAT6E2M3 || type == IC_ONNX_FLOAT6E3M2,
               clamps = (eight && saturate) || tiny;
    struct ic_value *y = ic_build_map(b, x, IC_MAP_ROUND_BITS, f.bits, f.least);
    struct ic_value *magnitude = ic_build_map(b, y, IC_MAP_ABS, 0, 0);
    struct ic_value *beyond = ic_build_binary(b, IC_OP_LESS, ic_build_float(b, f.most), magnitude);
    if (clamps) {
        y = ic_build_map(b, y, IC_MAP_CLAMP, -f.most, f.most);
        if (tiny) /* has no NaN */
            y = ic_build_where(b, ic_build_binary(b, IC_OP_EQUAL, x, x), y, ic_build_float(b, -0.0));
    } else if (f.has_inf) {
        struct ic_value *inf = ic_build_binary(b, IC_OP_MUL, ic_build_map(b, y, IC_MAP_SIGN, 0, 0),
                                               ic_build_float(b, (double)INFINITY));
        y = ic_build_where(b, beyond, inf, y);
    } else {
        y = ic_build_where(b, beyond, ic_build_float(b, (double)NAN), y);
    }
    return y;
}

/* f32 to powers of two, by the node's round_mode. 2^-127 is below what the chip's floats hold: 2^-126 is the least here. What stands outside
 * is the nearest end when it saturates, else NaN; 0 too, which the format lacks. */
static struct ic_value *to_power(struct ic_onnx *o, struct ic_value *x, bool saturate)
{
    struct ic_build *b = &o->b;
    const char *mode = ic_onnx_text(o, "round_mode", "up");
    struct ic_value *m = ic_build_map(b, x, IC_MAP_ABS, 0, 0), *near = ic_build_map(b, m, IC_MAP_ROUND_BITS, 0, -126);
    struct ic_value *beyond = ic_build_binary(b, IC_OP_LESS, ic_build_float(b, 0x1p127), m), *y = near;
    struct ic_value *below = ic_build_binary(b, IC_OP_LESS, m, ic_build_float(b, 0x1p-126)), *nan = ic_build_float(b, (double)NAN);
    if (strcmp(mode, "up") == 0)
        y = ic_build_where(b, ic_build_binary(b, IC_OP_LESS, near, m), ic_build_map(b, near, IC_MAP_AFFINE, 2, 0), near);
    else if (strcmp(mode, "down") == 0)
        y = ic_build_where(b, ic_build_binary(b, IC_OP_LESS, m, near), ic_build_map(b, near, IC_MAP_AFFINE, 0.5, 0), near);
    y = ic_build_map(b, y, IC_MAP_CLAMP, 0x1p-126, 0x1p127);
    return saturate ? y : ic_build_where(b, below, nan, ic_build_where(b, beyond, nan, y));
}

static void int_range(int32_t type, int64_t *lo, int64_t *hi)
{
    *lo = type == IC_ONNX_INT4 ? -8 : type == IC_ONNX_INT2 ? -2 : 0;
    *hi = type == IC_ONNX_INT4 ? 7 : type == IC_ONNX_INT2 ? 1 : type == IC_ONNX_UINT4 ? 15 : 3;
}

struct ic_value *ic_onnx_cast(struct ic_onnx *o, struct ic_value *x, int32_t to, bool saturate)
{
    struct ic_build *b = &o->b;
    const enum ic_dtype dtype = ic_onnx_dtype(to);
    if (dtype == IC_DTYPE_NONE) {
        ic_onnx_refuse(o, "casts to %s are not supported", ic_onnx_type_name(to));
        return NULL;
    }
    if (!x)
        return NULL;
    if (to == IC_ONNX_FLOAT8E8M0)
        return to_power(o, ic_build_cast(b, x, IC_F32), saturate);
    if (dtype == IC_F32)
        return round_to(o, ic_build_cast(b, x, IC_F32), to, saturate);
    if (ic_onnx_type_bits(to) >= 8)
        return ic_build_cast(b, x, dtype);
    /* 4 and 2 bits: toward zero, then modulo */
    int64_t lo = 0, hi = 0;
    int_range(to, &lo, &hi);
    struct ic_value *y = ic_build_cast(b, x, IC_S32);
    y = ic_build_binary(b, IC_OP_MOD, ic_build_binary(b, IC_OP_SUB, y, ic_build_int(b, IC_S32, lo)),
                        ic_build_int(b, IC_S32, hi - lo + 1));
    return ic_build_cast(b, ic_build_binary(b, IC_OP_ADD, y, ic_build_int(b, IC_S32, lo)), dtype);
}

void ic_onnx_op_cast(struct ic_onnx *o)
{
    const int32_t to = o->row->i ? ic_onnx_in_type(o, 1) : ic_onnx_int32(o, "to", 0);
    o->b.late = true;
    struct ic_value *y = ic_onnx_cast(o, ic_onnx_in(o, 0), to, ic_onnx_int(o, "saturate", 1) != 0);
    o->b.late = false;
    ic_onnx_out(o, 0, y, to);
}

/* The same bits under another type; the importer holds floats of other widths in float32, so only those of 32 bits have their own bits here. */
void ic_onnx_op_bit_cast(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    const int32_t from = ic_onnx_in_type(o, 0), to = ic_onnx_int32(o, "to", 0);
    if (!x)
        return;
    if (ic_onnx_type_bits(from) != ic_onnx_type_bits(to) || ic_onnx_type_bits(to) == 0) {
        ic_onnx_fail(o, "%s and %s have different widths", ic_onnx_type_name(from), ic_onnx_type_name(to));
        return;
    }
    if (from == to) {
        ic_onnx_out_like(o, 0, x, 0);
        return;
    }
    if (8 * ic_dtype_bytes(x->dtype) != ic_onnx_type_bits(from) || 8 * ic_dtype_bytes(ic_onnx_dtype(to)) != ic_onnx_type_bits(to)) {
        ic_onnx_refuse(o, "the bits of %s as %s are not on the chip: it computes %s in float32", ic_onnx_type_name(from),
                       ic_onnx_type_name(to), ic_onnx_dtype(to) == IC_F32 ? ic_onnx_type_name(to) : ic_onnx_type_name(from));
        return;
    }
    struct ic_node *n = ic_build_node(b, IC_OP_BIT_CAST, &x, 1);
    ic_build_set_int(n, IC_BIT_CAST_DTYPE, ic_onnx_dtype(to));
    ic_onnx_out(o, 0, ic_build_finish(b, n), to);
}
