/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of one operand as ONNX operators, composed where opset 17 has none.
 */
#include "export/emit.h"

/* Functions that are one operator without attributes. */
static const char *const plain_ops[IC_MAP_COUNT] = {
    [IC_MAP_RELU] = "Relu",         [IC_MAP_SIGMOID] = "Sigmoid",
    [IC_MAP_TANH] = "Tanh",         [IC_MAP_HARDSWISH] = "HardSwish",
    [IC_MAP_EXP] = "Exp",           [IC_MAP_LOG] = "Log",
    [IC_MAP_SQRT] = "Sqrt",         [IC_MAP_ABS] = "Abs",
    [IC_MAP_NEG] = "Neg",           [IC_MAP_RECIPROCAL] = "Reciprocal",
    [IC_MAP_ERF] = "Erf",           [IC_MAP_FLOOR] = "Floor",
    [IC_MAP_CEIL] = "Ceil",         [IC_MAP_ROUND] = "Round",
    [IC_MAP_SOFTPLUS] = "Softplus", [IC_MAP_SIGN] = "Sign",
    [IC_MAP_SIN] = "Sin",           [IC_MAP_COS] = "Cos",
    [IC_MAP_TAN] = "Tan",           [IC_MAP_ASIN] = "Asin",
    [IC_MAP_ACOS] = "Acos",         [IC_MAP_ATAN] = "Atan",
    [IC_MAP_SINH] = "Sinh",         [IC_MAP_COSH] = "Cosh",
    [IC_MAP_ASINH] = "Asinh",       [IC_MAP_ACOSH] = "Acosh",
    [IC_MAP_ATANH] = "Atanh",       [IC_MAP_NONE] = "Identity",
};

/* The last operator of a function, under y's name. */
static const char *last(struct ic_emit *e, const char *op, const char *a, const char *b, const char *y)
{
    y = y ? y : ic_emit_fresh(e);
    ic_emit_node(e, op, (const char *[]){a, b}, b ? 2 : 1, y);
    return y;
}

static const char *affine(struct ic_emit *e, const char *x, double a, double b, const char *y)
{
    if (b == 0.0)
        return last(e, "Mul", x, ic_emit_number(e, (float)a), y);
    if (a != 1.0)
        x = ic_emit_binary(e, "Mul", x, ic_emit_number(e, (float)a));
    return last(e, "Add", x, ic_emit_number(e, (float)b), y);
}

/* x * 0.5 * (1 + gate) */
static const char *half_gate(struct ic_emit *e, const char *x, const char *gate, const char *y)
{
    const char *one = ic_emit_binary(e, "Add", gate, ic_emit_number(e, 1.0f));
    return last(e, "Mul", ic_emit_binary(e, "Mul", x, one), ic_emit_number(e, 0.5f), y);
}

static const char *gelu(struct ic_emit *e, const char *x, const char *y)
{
    const char *z = ic_emit_binary(e, "Div", x, ic_emit_number(e, 0x1.6a09e6p+0f));
    return half_gate(e, x, ic_emit_unary(e, "Erf", z), y);
}

static const char *gelu_tanh(struct ic_emit *e, const char *x, const char *y)
{
    const char *cube = ic_emit_binary(e, "Pow", x, ic_emit_number(e, 3.0f));
    const char *sum = ic_emit_binary(e, "Add", x, ic_emit_binary(e, "Mul", cube, ic_emit_number(e, 0.044715f)));
    return half_gate(e, x, ic_emit_unary(e, "Tanh", ic_emit_binary(e, "Mul", sum, ic_emit_number(e, 0x1.988454p-1f))), y);
}

static const char *with_attributes(struct ic_emit *e, const char *x, enum ic_map_fn fn, double a, double b, const char *y)
{
    if (fn == IC_MAP_CLAMP) {
        y = y ? y : ic_emit_fresh(e);
        const char *lo = ic_emit_number(e, (float)a), *hi = ic_emit_number(e, (float)b);
        ic_emit_node(e, "Clip", (const char *[]){x, lo, hi}, 3, y);
        return y;
    }
    ic_emit_float(e, "alpha", fn == IC_MAP_HARDSIGMOID ? (double)0x1.555556p-3f : a);
    if (fn == IC_MAP_HARDSIGMOID)
        ic_emit_float(e, "beta", 0.5);
    return last(e, fn == IC_MAP_HARDSIGMOID ? "HardSigmoid" : fn == IC_MAP_ELU ? "Elu" : "LeakyRelu", x, NULL, y);
}

const char *ic_emit_map(struct ic_emit *e, const char *x, enum ic_map_fn fn, double a, double b, const char *y)
{
    if (fn < IC_MAP_COUNT && plain_ops[fn])
        return last(e, plain_ops[fn], x, NULL, y);
    switch ((int)fn) {
    case IC_MAP_CLAMP:
    case IC_MAP_LEAKY_RELU:
    case IC_MAP_ELU:
    case IC_MAP_HARDSIGMOID:
        return with_attributes(e, x, fn, a, b, y);
    case IC_MAP_AFFINE:
        return affine(e, x, a, b, y);
    case IC_MAP_SILU:
        return last(e, "Mul", x, ic_emit_unary(e, "Sigmoid", x), y);
    case IC_MAP_MISH:
        return last(e, "Mul", x, ic_emit_unary(e, "Tanh", ic_emit_unary(e, "Softplus", x)), y);
    case IC_MAP_GELU:
        return gelu(e, x, y);
    case IC_MAP_GELU_TANH:
        return gelu_tanh(e, x, y);
    case IC_MAP_RSQRT:
        return last(e, "Reciprocal", ic_emit_unary(e, "Sqrt", x), NULL, y);
    case IC_MAP_TRUNC:
        return last(e, "Mul", ic_emit_unary(e, "Sign", x), ic_emit_unary(e, "Floor", ic_emit_unary(e, "Abs", x)), y);
    case IC_MAP_LOG1P:
        return last(e, "Log", ic_emit_binary(e, "Add", x, ic_emit_number(e, 1.0f)), NULL, y);
    case IC_MAP_EXPM1:
        return last(e, "Sub", ic_emit_unary(e, "Exp", x), ic_emit_number(e, 1.0f), y);
    default:
        return NULL;
    }
}
