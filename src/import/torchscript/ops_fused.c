/* SPDX-License-Identifier: Apache-2.0
 *
 * The fused forms PyTorch records for transformers in evaluation mode, taken apart again; weight norm of constants; grids of positions.
 */
#include "import/torchscript/ops.h"

#include <math.h>
#include <string.h>

static struct ic_ts_tensor *tensor_or_null(const struct ic_ts_value *v)
{
    return v->kind == IC_TS_V_TENSOR ? v->u.t : NULL;
}

/* ---- attention with all heads in one weight: x [n, l, e], qkv weight [3e, e] ---- */
/* [n, l, e] columns first ... first + e, as [n, heads, l, e / heads] */
static enum ic_status head_part(struct ic_ts *ts, struct ic_ts_tensor *qkv, int64_t part, int64_t e, int64_t heads,
                                struct ic_ts_tensor **out)
{
    IC_TRY(ic_ts_slice(ts, qkv, 2, part * e, e, 1, out));
    IC_TRY(ic_ts_reshape(ts, *out, 4, (const int64_t[]){qkv->dims[0], qkv->dims[1], heads, e / heads}, out));
    return ic_ts_permute(ts, *out, (const int32_t[]){0, 2, 1, 3}, out);
}

static enum ic_status self_attention(struct ic_ts *ts, struct ic_ts_tensor *x, int64_t e, int64_t heads,
                                     const struct ic_ts_value *weights, struct ic_ts_tensor **out)
{
    struct ic_ts_tensor *qkv = NULL, *part[3] = {0};
    if (x->rank != 3 || x->dims[2] != e || heads < 1 || e % heads != 0)
        return ic_ts_fail(ts, IC_E_SHAPES, "attention of %lld heads over %lld numbers does not fit", (long long)heads,
                          (long long)e);
    IC_TRY(ic_ts_linear(ts, x, weights[0].u.t, tensor_or_null(&weights[1]), &qkv));
    if (qkv->dims[2] != 3 * e)
        return ic_ts_fail(ts, IC_E_SHAPES, "the weight of an attention has %lld rows", (long long)qkv->dims[2]);
    for (int i = 0; i < 3; ++i)
        IC_TRY(head_part(ts, qkv, i, e, heads, &part[i]));
    const struct ic_ts_row plain = {.schema = "scaled_dot_product_attention("};
    struct ic_ts_value arg[8] = {ic_ts_of(part[0]), ic_ts_of(part[1]), ic_ts_of(part[2]), ic_ts_none(),
                                 ic_ts_float(0),    ic_ts_bool(false), ic_ts_none(),      ic_ts_bool(false)},
                       v;
    IC_TRY(ic_ts_op_attention(ts, &plain, arg, &v));
    struct ic_ts_tensor *t = v.u.t;
    IC_TRY(ic_ts_permute(ts, t, (const int32_t[]){0, 2, 1, 3}, &t));
    IC_TRY(ic_ts_reshape(ts, t, 3, x->dims, &t));
    return ic_ts_linear(ts, t, weights[2].u.t, tensor_or_null(&weights[3]), out);
}

/* _native_multi_head_attention(query, key, value, embed_dim, num_head, qkv_weight, qkv_bias, proj_weight, proj_bias, mask ...) */
enum ic_status ic_ts_op_native_attention(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                         struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    (void)row;
    if (arg[9].kind != IC_TS_V_NONE || arg[0].u.t->now.value != arg[1].u.t->now.value ||
        arg[0].u.t->now.value != arg[2].u.t->now.value)
        return ic_ts_unsupported(ts, "aten::_native_multi_head_attention",
                                 "with a mask or with other keys: export while gradients are enabled (no torch.no_grad())", arg, 3,
                                 out);
    IC_TRY(self_attention(ts, arg[0].u.t, arg[3].u.i, arg[4].u.i, &arg[5], &t));
    IC_TRY(ic_ts_seq(ts, IC_TS_V_TUPLE, 2, out));
    out->u.seq->items[0] = ic_ts_of(t);
    out->u.seq->items[1] = ic_ts_unknown(); /* the averaged weights: nobody reads them in evaluation */
    return IC_OK;
}

static enum ic_status norm(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_tensor *x, const struct ic_ts_value *weights,
                           double eps, struct ic_ts_tensor **out)
{
    struct ic_ts_value arg[6] = {ic_ts_of(x), ic_ts_none(), weights[0], weights[1], ic_ts_float(eps), ic_ts_bool(true)}, v;
    IC_TRY(ic_ts_ints(ts, 1, &x->dims[x->rank - 1], &arg[1]));
    IC_TRY(ic_ts_op_layer_norm(ts, row, arg, &v));
    *out = v.u.t;
    return IC_OK;
}

static enum ic_status feed_forward(struct ic_ts *ts, struct ic_ts_tensor *x, const struct ic_ts_value *weights, bool gelu,
                                   struct ic_ts_tensor **out)
{
    IC_TRY(ic_ts_linear(ts, x, weights[0].u.t, weights[1].u.t, out));
    IC_TRY(ic_ts_unary(ts, gelu ? IC_MAP_GELU : IC_MAP_RELU, 0, 0, *out, out));
    return ic_ts_linear(ts, *out, weights[2].u.t, weights[3].u.t, out);
}

static enum ic_status plus(struct ic_ts *ts, struct ic_ts_tensor *a, struct ic_ts_tensor *b, struct ic_ts_tensor **out)
{
    const struct ic_ts_value va = ic_ts_of(a), vb = ic_ts_of(b);
    struct ic_ts_value v;
    IC_TRY(ic_ts_binary(ts, IC_TS_ADD, &va, &vb, &v));
    if (v.kind != IC_TS_V_TENSOR)
        return ic_ts_fail(ts, IC_ERR_UNSUPPORTED, "a transformer layer on data of this type");
    *out = v.u.t;
    return IC_OK;
}

/* _transformer_encoder_layer_fwd(src, embed_dim, num_heads, 3..6 qkv and projection, 7 gelu, 8 norm_first, 9 eps, 10..13 norms, 14..17 feed
 * forward, 18 mask, 19 mask type) */
enum ic_status ic_ts_op_encoder_layer(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                      struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *t = x;
    const bool first = arg[8].u.i != 0;
    const double eps = ic_ts_number(&arg[9]);
    if (arg[18].kind != IC_TS_V_NONE)
        return ic_ts_unsupported(ts, "aten::_transformer_encoder_layer_fwd",
                                 "with a mask: export while gradients are enabled (no torch.no_grad())", arg, 1, out);
    if (x->rank != 3)
        return ic_ts_fail(ts, IC_E_SHAPES, "a transformer layer over %s", ic_ts_describe(ts, &arg[0]));
    if (first)
        IC_TRY(norm(ts, row, x, &arg[10], eps, &t));
    IC_TRY(self_attention(ts, t, arg[1].u.i, arg[2].u.i, &arg[3], &t));
    IC_TRY(plus(ts, x, t, &x));
    if (!first)
        IC_TRY(norm(ts, row, x, &arg[10], eps, &x));
    t = x;
    if (first)
        IC_TRY(norm(ts, row, x, &arg[12], eps, &t));
    IC_TRY(feed_forward(ts, t, &arg[14], arg[7].u.i != 0, &t));
    IC_TRY(plus(ts, x, t, &x));
    if (!first)
        IC_TRY(norm(ts, row, x, &arg[12], eps, &x));
    *out = ic_ts_of(x);
    return IC_OK;
}

/* ---- _weight_norm(v, g, dim): v * g / |v|, the norm over all axes but dim; constants only, so it is computed here ---- */
enum ic_status ic_ts_op_weight_norm(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *v = arg[0].u.t, *g = arg[1].u.t, *t = NULL;
    const void *from = NULL, *gains = NULL;
    void *to = NULL;
    int32_t axis = 0;
    (void)row;
    if (!ic_ts_is_known(v) || !ic_ts_is_known(g))
        return ic_ts_unsupported(ts, "aten::_weight_norm", "of computed data", arg, 2, out);
    IC_TRY(ic_ts_axis(ts, arg[2].u.i, v->rank, &axis));
    if (v->rank == 0 || ic_ts_elements(g) != v->dims[axis] || ic_ts_elements(v) == 0)
        return ic_ts_fail(ts, IC_E_SHAPES, "a weight norm of %s with gains %s", ic_ts_describe(ts, &arg[0]),
                          ic_ts_describe(ts, &arg[1]));
    IC_TRY(ic_ts_tensor_data(ts, v, &from));
    IC_TRY(ic_ts_tensor_data(ts, g, &gains));
    IC_TRY(ic_ts_tensor_known(ts, v->dtype, v->rank, v->dims, &t, &to));
    t->name = v->name;
    int64_t inner = 1;
    for (int32_t i = axis + 1; i < v->rank; ++i)
        inner *= v->dims[i];
    const int64_t n = ic_ts_elements(v), size = v->dims[axis];
    double *squares = ic_arena_array(&ts->arena, (size_t)size, sizeof *squares);
    if (!squares)
        return ic_ts_no_memory(ts);
    for (int64_t i = 0; i < n; ++i) {
        const double x = ic_ts_get_number(v->dtype, from, i);
        squares[i / inner % size] += x * x;
    }
    for (int64_t i = 0; i < n; ++i) {
        const int64_t k = i / inner % size;
        ic_ts_set_number(v->dtype, to, i,
                         ic_ts_get_number(v->dtype, from, i) * ic_ts_get_number(g->dtype, gains, k) / sqrt(squares[k]));
    }
    *out = ic_ts_of(t);
    return IC_OK;
}

/* meshgrid(tensors, indexing): "ij" unless it says "xy" */
enum ic_status ic_ts_op_meshgrid(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const int32_t n = ic_ts_list_n(&arg[0]);
    const bool xy = arg[1].kind == IC_TS_V_TEXT && strcmp(arg[1].u.text->text, "xy") == 0 && n >= 2;
    int64_t whole[IC_IR_MAX_RANK], dims[IC_IR_MAX_RANK];
    (void)row;
    if (n < 1 || n > IC_IR_MAX_RANK)
        return ic_ts_fail(ts, IC_E_SHAPES, "a grid of %d axes", n);
    for (int32_t i = 0; i < n; ++i)
        whole[xy && i < 2 ? 1 - i : i] = ic_ts_elements(arg[0].u.seq->items[i].u.t);
    IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, n, out));
    for (int32_t i = 0; i < n; ++i) {
        struct ic_ts_tensor *t = NULL;
        for (int32_t k = 0; k < n; ++k)
            dims[k] = k == (xy && i < 2 ? 1 - i : i) ? whole[k] : 1;
        IC_TRY(ic_ts_reshape(ts, arg[0].u.seq->items[i].u.t, n, dims, &t));
        IC_TRY(ic_ts_expand(ts, t, n, whole, &t));
        out->u.seq->items[i] = ic_ts_of(t);
    }
    return IC_OK;
}

/* hstack (row->i 1): on axis 1, vectors on axis 0 */
enum ic_status ic_ts_op_hstack(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    arg[1] = ic_ts_int(ic_ts_list_n(&arg[0]) > 0 && arg[0].u.seq->items[0].u.t->rank > 1 ? 1 : 0);
    return ic_ts_op_cat(ts, row, arg, out);
}
