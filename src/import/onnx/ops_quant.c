/* SPDX-License-Identifier: Apache-2.0
 *
 * Quantized operators, computed by their definitions: codes are integers in float32, and larger sums are taken apart.
 */
#include "import/onnx/ops.h"

#include "arith/integers.h"

#include <math.h>
#include <string.h>

/* Scale or zero point to broadcast along axis of a value of that rank: scalar, per axis, or in blocks along the axis. */
static struct ic_value *along(struct ic_onnx *o, struct ic_value *v, const struct ic_value *x, int32_t axis, int64_t block)
{
    struct ic_build *b = &o->b;
    int64_t dims[IC_IR_MAX_RANK];
    if (!v || v->rank == 0 || ic_value_elements(v) == 1)
        return v ? ic_build_reshape(b, v, 0, NULL) : NULL;
    if (v->rank == 1) {
        for (int32_t i = 0; i < x->rank; i++)
            dims[i] = i == axis ? v->dims[0] : 1;
        return ic_build_reshape(b, v, x->rank, dims);
    }
    if (block <= 0 || v->rank != x->rank)
        return v;
    int64_t *places = ic_arena_array(o->arena, (size_t)x->dims[axis] + 1, sizeof *places);
    if (!places) {
        ic_build_no_memory(b);
        return NULL;
    }
    for (int32_t i = 0; i < x->dims[axis]; i++)
        places[i] = i / block;
    return ic_build_gather(b, v, ic_build_ints(b, x->dims[axis], places), axis);
}

static void code_range(int32_t type, double *lo, double *hi)
{
    switch (type) {
    case IC_ONNX_INT4:
        *lo = -8;
        *hi = 7;
        return;
    case IC_ONNX_UINT4:
        *lo = 0;
        *hi = 15;
        return;
    case IC_ONNX_INT2:
        *lo = -2;
        *hi = 1;
        return;
    case IC_ONNX_UINT2:
        *lo = 0;
        *hi = 3;
        return;
    default:
        *lo = (double)ic_int_lowest(ic_onnx_dtype(type));
        *hi = (double)ic_int_highest(ic_onnx_dtype(type));
    }
}

/* saturate(round(x / scale) + zero): floats in, codes out */
static struct ic_value *to_codes(struct ic_onnx *o, struct ic_value *x, struct ic_value *scale, struct ic_value *zero, int32_t type)
{
    struct ic_build *b = &o->b;
    double lo = 0, hi = 0;
    struct ic_value *q = ic_build_binary(b, IC_OP_DIV, x, scale);
    if (ic_onnx_dtype(type) == IC_F32) { /* float8: no zero point to speak of */
        q = zero ? ic_build_binary(b, IC_OP_ADD, q, ic_build_cast(b, zero, IC_F32)) : q;
        return ic_onnx_cast(o, q, type, ic_onnx_int(o, "saturate", 1) != 0);
    }
    code_range(type, &lo, &hi);
    q = ic_build_map(b, q, IC_MAP_ROUND, 0, 0);
    q = zero ? ic_build_binary(b, IC_OP_ADD, q, ic_build_cast(b, zero, IC_F32)) : q;
    return ic_build_cast(b, ic_build_map(b, q, IC_MAP_CLAMP, lo, hi), ic_onnx_dtype(type));
}

/* q - zero as floats, exact */
static struct ic_value *centred(struct ic_onnx *o, struct ic_value *q, struct ic_value *zero)
{
    struct ic_build *b = &o->b;
    q = ic_build_cast(b, q, IC_F32);
    return zero ? ic_build_binary(b, IC_OP_SUB, q, ic_build_cast(b, zero, IC_F32)) : q;
}

/* ---- grids: parameters that are constant, one for all, of 8 bits ---- */
struct grid {
    float scale;
    int32_t zero; /* of u8 codes */
};

static bool grid_of(const struct ic_value *scale, const struct ic_value *zero, int32_t type, struct grid *out)
{
    if ((type != IC_ONNX_UINT8 && type != IC_ONNX_INT8) || !scale || !scale->data || ic_value_elements(scale) != 1 ||
        (zero && (!zero->data || ic_value_elements(zero) != 1)))
        return false;
    out->scale = (float)ic_build_get(scale, 0);
    out->zero = (zero ? (int32_t)ic_build_get_int(zero, 0) : 0) + (type == IC_ONNX_INT8 ? 128 : 0);
    return out->scale >= 0x1p-100f && out->scale <= 0x1p100f && out->zero >= 0 && out->zero <= 255;
}

static struct ic_value *on_grid(struct ic_build *b, struct ic_value *x, const struct grid *g)
{
    struct ic_node *n = ic_build_node(b, IC_OP_FAKE_QUANT, &x, 1);
    ic_build_set_float(n, IC_FAKE_QUANT_SCALE, (double)g->scale);
    ic_build_set_int(n, IC_FAKE_QUANT_ZERO, g->zero);
    return ic_build_finish(b, n);
}

/* What stands on such a grid is computed by its definition, but not in integer layers: said once. */
static void say_float(struct ic_onnx *o, const struct ic_value *scale, int32_t type)
{
    if (o->said_grid || !ic_onnx_ok(o))
        return;
    o->said_grid = true;
    const bool eight = type == IC_ONNX_UINT8 || type == IC_ONNX_INT8;
    ic_say(o->b.d, 'W',
           "%s quantizes to %s%s: what stands on such a grid is computed in float, between quantizing and dequantizing; integer "
           "layers want 8 bits and one constant scale",
           o->b.label, ic_onnx_type_name(type),
           !eight                 ? ""
           : scale && scale->data ? " with a scale per channel or block"
                                  : " by a scale that is computed");
}

/* Output i: codes of x, and what they stand for. from_grid: the codes are those of the grid's value, so that x is read once. */
static void give_codes(struct ic_onnx *o, int32_t i, struct ic_value *x, struct ic_value *scale, struct ic_value *zero,
                       int32_t type, bool from_grid)
{
    struct grid g;
    const bool own = x && grid_of(scale, zero, type, &g);
    struct ic_value *real = own ? on_grid(&o->b, x, &g) : NULL;
    if (x && !x->data && !own)
        say_float(o, scale, type);
    ic_onnx_out(o, i, to_codes(o, own && from_grid ? real : x, scale, zero, type), type);
    if (real && i < o->n_out && ic_onnx_ok(o)) {
        o->out[i].real = real;
        o->out[i].scale = g.scale;
        o->out[i].zero = g.zero;
    }
}

/* What the codes of input i stand for, when they are known to be of that grid; NULL: not. */
static struct ic_value *real_of(struct ic_onnx *o, int32_t i, const struct ic_value *scale, const struct ic_value *zero)
{
    struct grid g;
    if (!ic_onnx_has(o, i) || !o->in[i].real || !grid_of(scale, zero, ic_onnx_in_type(o, i), &g) || g.scale != o->in[i].scale ||
        g.zero != o->in[i].zero)
        return NULL;
    return o->in[i].real;
}

/* Scales of constant codes: whoever computes in integers later finds the codes again by them. */
static void remember_scales(struct ic_onnx *o, const struct ic_value *scale)
{
    struct ic_code_scales *s = scale && scale->data && scale->dtype == IC_F32 ? ic_arena_alloc(&o->b.g->arena, sizeof *s) : NULL;
    const size_t n = s ? (size_t)ic_value_elements(scale) : 0;
    float *copy = s ? ic_arena_copy(&o->b.g->arena, scale->data, n * sizeof *copy) : NULL;
    if (!copy)
        return; /* nothing is lost but speed */
    *s = (struct ic_code_scales){.n = (int32_t)n, .scales = copy, .next = o->b.g->code_scales};
    o->b.g->code_scales = s;
}

/* (codes - zero) * scale of input i, scale and zero in inputs i_scale and i_scale + 1: what its codes stand for */
static struct ic_value *floats_in(struct ic_onnx *o, int32_t i, int32_t i_scale, int32_t i_zero)
{
    struct ic_value *scale = ic_onnx_in(o, i_scale), *zero = ic_onnx_in(o, i_zero), *real = real_of(o, i, scale, zero);
    return real ? real : ic_build_binary(&o->b, IC_OP_MUL, centred(o, ic_onnx_in(o, i), zero), scale);
}

void ic_onnx_op_quantize(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    if (!x)
        return;
    const int32_t type = ic_onnx_has(o, 2)                   ? ic_onnx_in_type(o, 2)
                         : ic_onnx_int(o, "output_dtype", 0) ? ic_onnx_int32(o, "output_dtype", 0)
                                                             : IC_ONNX_UINT8;
    const int32_t axis = x->rank ? ic_onnx_axis(o, ic_onnx_int(o, "axis", 1) >= x->rank ? 0 : ic_onnx_int(o, "axis", 1), x->rank)
                                 : 0;
    const int64_t block = ic_onnx_int(o, "block_size", 0);
    struct ic_value *scale = ic_build_cast(&o->b, along(o, ic_onnx_in(o, 1), x, axis, block), IC_F32);
    struct ic_value *zero = along(o, ic_onnx_in(o, 2), x, axis, block);
    give_codes(o, 0, ic_build_cast(&o->b, x, IC_F32), scale, zero, type, false);
}

void ic_onnx_op_dequantize(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    if (!x)
        return;
    const int32_t axis = x->rank ? ic_onnx_axis(o, ic_onnx_int(o, "axis", 1) >= x->rank ? 0 : ic_onnx_int(o, "axis", 1), x->rank)
                                 : 0;
    const int64_t block = ic_onnx_int(o, "block_size", 0);
    struct ic_value *scale = ic_build_cast(&o->b, along(o, ic_onnx_in(o, 1), x, axis, block), IC_F32);
    struct ic_value *zero = along(o, ic_onnx_in(o, 2), x, axis, block), *real = real_of(o, 0, scale, zero);
    if (x->data)
        remember_scales(o, scale);
    o->b.late = true;
    struct ic_value *y = real ? real : ic_build_binary(&o->b, IC_OP_MUL, centred(o, x, zero), scale);
    o->b.late = false;
    ic_onnx_out_like(o, 0, y, 1);
}

/* Layers of a network that finds its scales while it runs. */
static void say_dynamic(struct ic_onnx *o)
{
    if (!o->said_dynamic)
        ic_say(o->b.d, 'W',
               "%s: the network finds scales while it runs (dynamic quantization); its layers are computed exactly, in float, and "
               "cost "
               "more than float layers. Static quantization (QDQ) runs in integers",
               o->b.label);
    o->said_dynamic = true;
}

/* y, scale, zero of the whole tensor's range */
void ic_onnx_op_dynamic_quantize(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *nil = ic_build_float(b, 0);
    if (!x)
        return;
    say_dynamic(o);
    const uint32_t all = (1u << x->rank) - 1u;
    struct ic_value *hi = ic_build_binary(b, IC_OP_MAXIMUM, ic_build_reduce(b, IC_OP_REDUCE_MAX, x, all, false), nil);
    struct ic_value *lo = ic_build_binary(b, IC_OP_MINIMUM, ic_build_reduce(b, IC_OP_REDUCE_MIN, x, all, false), nil);
    struct ic_value *scale = ic_build_binary(b, IC_OP_DIV, ic_build_binary(b, IC_OP_SUB, hi, lo), ic_build_float(b, 255));
    struct ic_value *zero = ic_build_binary(b, IC_OP_DIV, ic_build_map(b, lo, IC_MAP_NEG, 0, 0), scale);
    zero = ic_build_map(b, ic_build_map(b, zero, IC_MAP_CLAMP, 0, 255), IC_MAP_ROUND, 0, 0);
    ic_onnx_out(o, 0, to_codes(o, x, scale, zero, IC_ONNX_UINT8), IC_ONNX_UINT8);
    ic_onnx_out(o, 1, scale, IC_ONNX_FLOAT);
    ic_onnx_out(o, 2, ic_build_cast(b, zero, IC_U8), IC_ONNX_UINT8);
}

/* Row scales of the first operand stand on axis -2, column scales of the second on the last. */
static struct ic_value *rows(struct ic_onnx *o, struct ic_value *v, int32_t rank)
{
    int64_t dims[IC_IR_MAX_RANK];
    if (!v || v->rank != 1 || v->dims[0] == 1)
        return v ? along(o, v, v, 0, 0) : NULL;
    for (int32_t i = 0; i < rank; i++)
        dims[i] = i == rank - 2 ? v->dims[0] : 1;
    return ic_build_reshape(&o->b, v, rank, dims);
}

void ic_onnx_op_qlinear_matmul(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *w = ic_onnx_in(o, 3);
    if (!x || !w)
        return;
    struct ic_value *real = w->data ? real_of(o, 0, ic_onnx_in(o, 1), ic_onnx_in(o, 2)) : NULL;
    if (real) {
        remember_scales(o, ic_onnx_in(o, 4));
        give_codes(o, 0, ic_build_matmul(b, real, floats_in(o, 3, 4, 5)), ic_onnx_in(o, 6), ic_onnx_in(o, 7), ic_onnx_in_type(o, 7),
                   true);
        return;
    }
    struct ic_value *p = ic_build_matmul(b, centred(o, x, rows(o, ic_onnx_in(o, 2), x->rank)), centred(o, w, ic_onnx_in(o, 5)));
    struct ic_value *scale = ic_build_binary(b, IC_OP_MUL, ic_build_cast(b, rows(o, ic_onnx_in(o, 1), x->rank), IC_F32),
                                             ic_build_cast(b, ic_onnx_in(o, 4), IC_F32));
    struct ic_value *y_scale = ic_build_cast(b, rows(o, ic_onnx_in(o, 6), x->rank), IC_F32);
    p = ic_build_binary(b, IC_OP_MUL, p, scale);
    give_codes(o, 0, p, y_scale, rows(o, ic_onnx_in(o, 7), x->rank), ic_onnx_in_type(o, 7), false);
}

/* Products of codes that one float32 sum holds exactly, 255 * 255 each; more are added up as integers. */
enum { EXACT_CODES = (1 << 24) / (255 * 255) };

/* Whether 255 times the magnitudes of each column of constant weights [.. k n] stay below 2^24. */
static bool small_columns(const struct ic_value *w)
{
    const int64_t n = w->dims[w->rank - 1], k = w->dims[w->rank - 2], count = ic_value_elements(w);
    if (!w->data || w->dtype != IC_F32)
        return false;
    for (int64_t column = 0; column < n; column++)
        for (int64_t first = column; first < count; first += n * k) {
            double sum = 0;
            for (int64_t i = 0; i < k; i++)
                sum += fabs(ic_build_get(w, first + i * n));
            if (sum * 255 >= 0x1p24)
                return false;
        }
    return true;
}

/* x [.. m k] times w [.. k n] of centred codes, to s32 without a rounding */
static struct ic_value *exact_matmul(struct ic_onnx *o, struct ic_value *x, struct ic_value *w)
{
    struct ic_build *b = &o->b;
    struct ic_value *sum = NULL;
    const int32_t k = x->rank ? x->dims[x->rank - 1] : 0;
    if (k <= EXACT_CODES || w->rank < 2 || w->dims[w->rank - 2] != k || small_columns(w))
        return ic_build_cast(b, ic_build_matmul(b, x, w), IC_S32);
    for (int32_t at = 0; at < k && ic_onnx_ok(o); at += EXACT_CODES) {
        const int32_t end = at + EXACT_CODES < k ? at + EXACT_CODES : k;
        struct ic_value *p = ic_build_matmul(b, ic_build_slice(b, x, x->rank - 1, at, end, 1),
                                             ic_build_slice(b, w, w->rank - 2, at, end, 1));
        p = ic_build_cast(b, p, IC_S32);
        sum = sum ? ic_build_binary(b, IC_OP_ADD, sum, p) : p;
    }
    return sum;
}

void ic_onnx_op_matmul_integer(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0), *w = ic_onnx_in(o, 1);
    if (!x || !w)
        return;
    x = centred(o, x, rows(o, ic_onnx_in(o, 2), x->rank));
    w = centred(o, w, ic_onnx_in(o, 3));
    if (x && w)
        ic_onnx_out(o, 0, exact_matmul(o, x, w), IC_ONNX_INT32);
}

/* Input channels that one float32 sum of a window holds exactly; all of them when grouped, which have few */
static int32_t exact_channels(const struct ic_onnx *o, const struct ic_value *w)
{
    int64_t taps = 1;
    for (int32_t i = 2; i < w->rank; i++)
        taps *= w->dims[i] > 0 ? w->dims[i] : 1;
    const int64_t most = EXACT_CODES / taps;
    return ic_onnx_int(o, "group", 1) != 1 || most >= w->dims[1] || most < 1 ? w->dims[1] : (int32_t)most;
}

void ic_onnx_op_conv_integer(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *w = ic_onnx_in(o, 1), *x = centred(o, ic_onnx_in(o, 0), ic_onnx_in(o, 2)), *sum = NULL;
    if (!w || !x || w->rank < 2 || x->rank < 2)
        return;
    w = centred(o, w, along(o, ic_onnx_in(o, 3), w, 0, 0));
    const int32_t most = w ? exact_channels(o, w) : 0, all = w ? w->dims[1] : 0;
    if (most == all || x->dims[1] != all) {
        ic_onnx_out(o, 0, ic_build_cast(b, ic_onnx_convolution(o, x, w, NULL), IC_S32), IC_ONNX_INT32);
        return;
    }
    for (int32_t at = 0; at < all && ic_onnx_ok(o); at += most) {
        const int32_t end = at + most < all ? at + most : all;
        struct ic_value *p = ic_onnx_convolution(o, ic_build_slice(b, x, 1, at, end, 1), ic_build_slice(b, w, 1, at, end, 1), NULL);
        p = ic_build_cast(b, p, IC_S32);
        sum = sum ? ic_build_binary(b, IC_OP_ADD, sum, p) : p;
    }
    ic_onnx_out(o, 0, sum, IC_ONNX_INT32);
}

/* Of floats on grids: weights and bias by their own scales */
static struct ic_value *real_convolution(struct ic_onnx *o, struct ic_value *real, struct ic_value *w)
{
    struct ic_build *b = &o->b;
    struct ic_value *scale = ic_build_cast(b, ic_onnx_in(o, 4), IC_F32), *bias = ic_build_cast(b, ic_onnx_in(o, 8), IC_F32);
    remember_scales(o, scale);
    struct ic_value *floats = ic_build_binary(b, IC_OP_MUL, centred(o, w, along(o, ic_onnx_in(o, 5), w, 0, 0)),
                                              along(o, scale, w, 0, 0));
    if (bias)
        bias = ic_build_binary(
            b, IC_OP_MUL, bias,
            ic_build_binary(b, IC_OP_MUL, along(o, scale, bias, 0, 0), ic_build_reshape(b, ic_onnx_in(o, 1), 0, NULL)));
    return ic_onnx_convolution(o, real, floats, bias);
}

void ic_onnx_op_qlinear_conv(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *w = ic_onnx_in(o, 3), *x = ic_onnx_in(o, 0);
    int64_t dims[IC_IR_MAX_RANK];
    if (!w || !x)
        return;
    struct ic_value *y_scale = ic_build_reshape(b, ic_onnx_in(o, 6), 0, NULL),
                    *y_zero = ic_build_reshape(b, ic_onnx_in(o, 7), 0, NULL);
    struct ic_value *real = w->data && ic_build_is_const(ic_onnx_in(o, 4)) ? real_of(o, 0, ic_onnx_in(o, 1), ic_onnx_in(o, 2))
                                                                           : NULL;
    if (real) {
        give_codes(o, 0, real_convolution(o, real, w), y_scale, y_zero, ic_onnx_in_type(o, 7), true);
        return;
    }
    struct ic_value *bias = ic_build_cast(b, ic_onnx_in(o, 8), IC_F32);
    struct ic_value *y = ic_onnx_convolution(o, centred(o, x, ic_onnx_in(o, 2)), centred(o, w, along(o, ic_onnx_in(o, 5), w, 0, 0)),
                                             bias);
    struct ic_value *ws = ic_build_cast(b, ic_onnx_in(o, 4), IC_F32);
    for (int32_t i = 0; i < x->rank; i++)
        dims[i] = i == 1 && ws ? ic_value_elements(ws) : 1;
    ws = ws ? ic_build_reshape(b, ws, x->rank, dims) : NULL;
    struct ic_value *scale = ic_build_binary(b, IC_OP_MUL, ws, ic_build_reshape(b, ic_onnx_in(o, 1), 0, NULL));
    y = ic_build_binary(b, IC_OP_MUL, y, scale);
    give_codes(o, 0, y, y_scale, y_zero, ic_onnx_in_type(o, 7), false);
}

/* com.microsoft QLinearAdd, QLinearMul: a, scale, zero, b, scale, zero, scale, zero; row->i: enum ic_op */
void ic_onnx_op_qlinear_binary(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    const bool real = real_of(o, 0, ic_onnx_in(o, 1), ic_onnx_in(o, 2)) || real_of(o, 3, ic_onnx_in(o, 4), ic_onnx_in(o, 5));
    struct ic_value *p = ic_build_binary(b, (enum ic_op)o->row->i, floats_in(o, 0, 1, 2), floats_in(o, 3, 4, 5));
    give_codes(o, 0, p, ic_onnx_in(o, 6), ic_onnx_in(o, 7), ic_onnx_in_type(o, 0), real);
}

/* QGemm of floats on grids; false: its operands are not of that kind */
static bool real_gemm(struct ic_onnx *o, struct ic_value *w, bool trans_b)
{
    struct ic_build *b = &o->b;
    static const int64_t turned[] = {1, 0};
    struct ic_value *real = real_of(o, 0, ic_onnx_in(o, 1), ic_onnx_in(o, 2)), *scale = ic_onnx_in(o, 4),
                    *bias = ic_build_cast(b, ic_onnx_in(o, 6), IC_F32);
    if (!real || !w->data || !ic_onnx_has(o, 7) || ic_onnx_int(o, "transA", 0) || ic_onnx_float(o, "alpha", 1) != 1 ||
        !ic_build_is_const(scale))
        return false;
    remember_scales(o, scale);
    struct ic_value *floats = ic_build_binary(b, IC_OP_MUL, centred(o, w, along(o, ic_onnx_in(o, 5), w, trans_b ? 0 : 1, 0)),
                                              along(o, scale, w, trans_b ? 0 : 1, 0));
    floats = trans_b ? floats : ic_build_transpose(b, floats, 2, turned);
    if (bias)
        bias = ic_build_binary(
            b, IC_OP_MUL, bias,
            ic_build_binary(b, IC_OP_MUL, along(o, scale, bias, 0, 0), ic_build_reshape(b, ic_onnx_in(o, 1), 0, NULL)));
    const bool plain = !bias || (bias->rank == 1 && bias->data && floats && bias->dims[0] == floats->dims[0]);
    struct ic_value *p = ic_build_linear(b, real, floats, plain ? bias : NULL);
    p = plain ? p : ic_build_binary(b, IC_OP_ADD, p, bias);
    give_codes(o, 0, p, ic_build_reshape(b, ic_onnx_in(o, 7), 0, NULL), ic_onnx_in(o, 8), ic_onnx_in_type(o, 0), true);
    return true;
}

/* com.microsoft QGemm: a, scale, zero, b, scale, zero, c (s32) or absent, y scale, y zero; without the last two the result is float */
void ic_onnx_op_qgemm(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    static const int64_t turned[] = {1, 0};
    struct ic_value *x = centred(o, ic_onnx_in(o, 0), ic_onnx_in(o, 2)), *w = centred(o, ic_onnx_in(o, 3), ic_onnx_in(o, 5));
    const bool trans_b = ic_onnx_int(o, "transB", 0) != 0;
    if (!x || !w)
        return;
    if (real_gemm(o, ic_onnx_in(o, 3), trans_b))
        return;
    x = ic_onnx_int(o, "transA", 0) ? ic_build_transpose(b, x, 2, turned) : x;
    struct ic_value *p = ic_build_matmul(b, x, trans_b ? ic_build_transpose(b, w, 2, turned) : w);
    p = ic_onnx_has(o, 6) ? ic_build_binary(b, IC_OP_ADD, p, ic_build_cast(b, ic_onnx_in(o, 6), IC_F32)) : p;
    struct ic_value *scale = ic_build_binary(b, IC_OP_MUL, ic_onnx_in(o, 4), ic_build_reshape(b, ic_onnx_in(o, 1), 0, NULL));
    p = ic_build_map(b, ic_build_binary(b, IC_OP_MUL, p, scale), IC_MAP_AFFINE, ic_onnx_float(o, "alpha", 1), 0);
    if (!ic_onnx_has(o, 7)) {
        ic_onnx_out(o, 0, p, IC_ONNX_FLOAT);
        return;
    }
    give_codes(o, 0, p, ic_build_reshape(b, ic_onnx_in(o, 7), 0, NULL), ic_onnx_in(o, 8), ic_onnx_in_type(o, 0), false);
}

/* com.microsoft: x, scale, zero, y scale, y zero, of one function; row->i: 0 sigmoid, 1 leaky relu, 2 mean over height and width, 3 softmax */
void ic_onnx_op_qlinear_map(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    if (!x)
        return;
    struct ic_value *f = floats_in(o, 0, 1, 2), *y = NULL;
    const bool real = real_of(o, 0, ic_onnx_in(o, 1), ic_onnx_in(o, 2)) != NULL;
    const bool last = ic_onnx_int(o, "channels_last", 0) != 0;
    if (o->row->i == 0)
        y = ic_build_map(b, f, IC_MAP_SIGMOID, 0, 0);
    else if (o->row->i == 1)
        y = ic_build_map(b, f, IC_MAP_LEAKY_RELU, ic_onnx_float(o, "alpha", 0.01), 0);
    else if (o->row->i == 2)
        y = ic_build_reduce(b, IC_OP_REDUCE_MEAN, f, ((1u << x->rank) - 1u) & (last ? ~(1u | 1u << (x->rank - 1)) : ~3u), true);
    else
        y = ic_build_softmax(b, f, ic_onnx_axis(o, ic_onnx_int(o, "axis", -1), x->rank), false);
    give_codes(o, 0, y, ic_onnx_in(o, 3), ic_onnx_in(o, 4), ic_onnx_in_type(o, 0), real);
}

/* com.microsoft QLinearConcat: y scale, y zero, then x, scale, zero of each */
void ic_onnx_op_qlinear_concat(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    const int32_t n = (o->n_in - 2) / 3;
    struct ic_value **parts = n > 0 ? ic_arena_array(o->arena, (size_t)n, sizeof *parts) : NULL;
    const struct ic_value *first = ic_onnx_in(o, 2);
    if (!parts || !first)
        return;
    for (int32_t i = 0; i < n; i++)
        parts[i] = floats_in(o, 2 + 3 * i, 3 + 3 * i, 4 + 3 * i);
    struct ic_value *y = ic_build_concat(b, parts, n, ic_onnx_axis(o, ic_onnx_int(o, "axis", 1), first->rank));
    give_codes(o, 0, y, ic_onnx_in(o, 0), ic_onnx_in(o, 1), ic_onnx_in_type(o, 2),
               real_of(o, 2, ic_onnx_in(o, 3), ic_onnx_in(o, 4)) != NULL);
}
