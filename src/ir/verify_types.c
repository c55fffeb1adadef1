/* SPDX-License-Identifier: Apache-2.0
 *
 * Which element types and quantization parameters an operator's operands may have, from the rule in its definition:
 * floats are f32 or f16 without scales; codes are u8 or s8 with one scale and a zero point that is a code.
 */
#include "ir/verify_types.h"

#include "arith/integers.h"
#include "ir/op_def.h"

static bool is_float(const struct ic_value *v)
{
    /* a constant may say which codes its numbers stand for, until the pass own_codes has made them */
    return (v->dtype == IC_F32 || v->dtype == IC_F16) && (v->quant.n_scales == 0 || v->data);
}

static bool is_coded(const struct ic_value *v)
{
    const int32_t lowest = v->dtype == IC_S8 ? -128 : 0;
    return (v->dtype == IC_U8 || v->dtype == IC_S8) && v->quant.n_scales == 1 && v->quant.zero >= lowest &&
           v->quant.zero <= lowest + 255;
}

static enum ic_status wrong(const struct ic_node *n, const struct ic_value *v, const char *wanted, struct ic_diag *d)
{
    return ic_fail(d, IC_E_QUANTIZE, "%s %s: %s is %s with %d scale%s, zero point %d; %s", ic_op_def(n->op)->name, n->name, v->name,
                   ic_dtype_name(v->dtype), (int)v->quant.n_scales, IC_S(v->quant.n_scales), (int)v->quant.zero, wanted);
}

/* Every operand and result is as `is` says. */
static enum ic_status all_are(const struct ic_node *n, bool (*is)(const struct ic_value *v), const char *wanted, struct ic_diag *d)
{
    for (int32_t i = 0; i < n->n_inputs; i++)
        if (n->inputs[i] && !(ic_op_def(n->op)->places >> i & 1u) && !is(n->inputs[i]))
            return wrong(n, n->inputs[i], wanted, d);
    for (int32_t i = 0; i < n->n_outputs; i++)
        if (!is(n->outputs[i]))
            return wrong(n, n->outputs[i], wanted, d);
    return IC_OK;
}

static enum ic_status check_integer_end(const struct ic_node *n, struct ic_diag *d)
{
    if (n->post.round_mid == 0 && (n->post.fn == IC_MAP_NONE || n->post.fn == IC_MAP_RELU || n->post.fn == IC_MAP_CLAMP))
        return IC_OK;
    if (ic_op_def(n->op)->codes_scale && n->post.round_mid == 0 && n->post.fn == IC_MAP_AFFINE && n->post.b == 0.0f)
        return IC_OK;
    return ic_fail(d, IC_E_QUANTIZE, "%s %s: function %s cannot be fused into integer arithmetic: only relu and clamp can",
                   ic_op_def(n->op)->name, n->name, ic_map_name((enum ic_map_fn)n->post.fn));
}

static enum ic_status check_contract(const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *w = n->inputs[1], *b = n->n_inputs > 2 ? n->inputs[2] : NULL, *y = n->outputs[0];
    if (!is_coded(x))
        return wrong(n, x, "u8 or s8 with one scale is wanted", d);
    if (!is_coded(y))
        return wrong(n, y, "u8 or s8 with one scale is wanted", d);
    if (!w->data || w->dtype != IC_S8 || w->quant.zero != 0 || w->quant.n_scales < 1 ||
        (w->quant.n_scales > 1 && w->quant.axis != 0))
        return wrong(n, w, "constant s8 weights with zero point 0 and one scale in all or one per output channel are wanted", d);
    if (b && (!b->data || b->dtype != IC_S32))
        return wrong(n, b, "a constant s32 bias is wanted", d);
    return check_integer_end(n, d);
}

static bool same_codes(const struct ic_value *a, const struct ic_value *b)
{
    return a->dtype == b->dtype && a->quant.zero == b->quant.zero &&
           ic_f32_bits(a->quant.scales[0]) == ic_f32_bits(b->quant.scales[0]);
}

static enum ic_status check_quantized(const struct ic_node *n, struct ic_diag *d)
{
    const enum ic_quant_rule rule = ic_op_quant(n);
    const uint32_t places = ic_op_def(n->op)->places;
    if (rule == IC_QUANT_FLOAT)
        return all_are(n, is_float, "this operator computes floats only", d);
    if (rule == IC_QUANT_CONTRACT)
        return check_contract(n, d);
    if (rule == IC_QUANT_ORDER)
        return is_coded(n->inputs[0]) ? IC_OK : wrong(n, n->inputs[0], "u8 or s8 with one scale is wanted", d);
    IC_TRY(all_are(n, is_coded, "u8 or s8 with one scale is wanted", d));
    for (int32_t i = 0; i < n->n_inputs && rule == IC_QUANT_KEEP; i++)
        if (!(places >> i & 1u) && !same_codes(n->inputs[i], n->outputs[0]))
            return wrong(n, n->inputs[i], "the result's scale and zero point are wanted", d);
    return check_integer_end(n, d);
}

static bool any_scales(const struct ic_node *n)
{
    bool any = n->outputs[0]->quant.n_scales > 0;
    for (int32_t i = 0; i < n->n_inputs; i++)
        any = any || (n->inputs[i] && n->inputs[i]->quant.n_scales > 0 && !is_float(n->inputs[i]));
    return any;
}

/* Moved elements may have any type, as long as it stays. */
static enum ic_status check_moved(const struct ic_node *n, struct ic_diag *d)
{
    for (int32_t i = 0; i < n->n_inputs; i++)
        if (n->inputs[i]->dtype != n->outputs[0]->dtype)
            return wrong(n, n->inputs[i], "the result's element type is wanted", d);
    return IC_OK;
}

static enum ic_status check_cast(const struct ic_node *n, struct ic_diag *d)
{
    const enum ic_dtype wanted = (enum ic_dtype)n->attrs[IC_CAST_DTYPE].i;
    const struct ic_value *y = n->outputs[0];
    if (y->dtype == wanted ||
        (is_float(y) && wanted == IC_F32)) /* a build with f16 activations stores what is cast to f32 as f16 */
        return IC_OK;
    return wrong(n, y, "the type that the cast names is wanted", d);
}

/* Types are the shape rule's matter; functions of floats do not follow integers. */
static enum ic_status check_integer_post(const struct ic_node *n, struct ic_diag *d)
{
    if (n->post.round_mid == 0 && n->post.fn == IC_MAP_NONE)
        return IC_OK;
    return ic_fail(d, IC_E_QUANTIZE, "%s %s: function %s cannot be fused into integer arithmetic", ic_op_def(n->op)->name, n->name,
                   ic_map_name((enum ic_map_fn)n->post.fn));
}

enum ic_status ic_ir_check_types(const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_op_def *def = ic_op_def(n->op);
    if (n->op == IC_OP_QUANTIZE) {
        IC_TRY(is_float(n->inputs[0]) ? IC_OK : wrong(n, n->inputs[0], "floats are wanted", d));
        return is_coded(n->outputs[0]) ? IC_OK : wrong(n, n->outputs[0], "u8 or s8 with one scale is wanted", d);
    }
    if (n->op == IC_OP_DEQUANTIZE) {
        IC_TRY(is_coded(n->inputs[0]) ? IC_OK : wrong(n, n->inputs[0], "u8 or s8 with one scale is wanted", d));
        return is_float(n->outputs[0]) ? IC_OK : wrong(n, n->outputs[0], "floats are wanted", d);
    }
    if (any_scales(n))
        return check_quantized(n, d);
    if (n->op == IC_OP_CAST)
        return check_cast(n, d);
    if (def->moves_only || (n->op == IC_OP_PAD && n->attrs[IC_PAD_VALUE].f == 0.0))
        return check_moved(n, d);
    if (def->types == IC_TYPES_OWN || (def->types == IC_TYPES_NUMBER && ic_dtype_is_integer(n->inputs[0]->dtype)))
        return check_integer_post(n, d);
    return all_are(n, is_float, "this operator computes floats only: cast it to f32 before", d);
}
