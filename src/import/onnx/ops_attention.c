/* SPDX-License-Identifier: Apache-2.0
 *
 * Attention (opset 23 and 24) and RotaryEmbedding.
 */
#include "import/onnx/ops.h"

#include <math.h>
#include <string.h>

/* [batch tokens heads*size] to [batch heads tokens size]; four axes stay. */
static struct ic_value *heads_of(struct ic_onnx *o, struct ic_value *x, int64_t heads)
{
    struct ic_build *b = &o->b;
    if (!x || x->rank == 4)
        return x;
    if (x->rank != 3 || heads < 1 || x->dims[2] % heads != 0) {
        ic_onnx_fail(o, "%lld head%s for a value of %d ax%s", (long long)heads, IC_S(heads), (int)x->rank,
                     IC_N(x->rank, "is", "es"));
        return NULL;
    }
    x = ic_build_reshape(b, x, 4, (const int64_t[]){x->dims[0], x->dims[1], heads, x->dims[2] / heads});
    return ic_build_transpose(b, x, 4, (const int64_t[]){0, 2, 1, 3});
}

/* Every head of k and v serves a group of q's. */
static struct ic_value *repeat_heads(struct ic_build *b, struct ic_value *x, int64_t times)
{
    if (!x || times == 1)
        return x;
    const int64_t n = x->dims[0], h = x->dims[1], t = x->dims[2], s = x->dims[3];
    x = ic_build_expand(b, ic_build_reshape(b, x, 5, (const int64_t[]){n, h, 1, t, s}), 5, (const int64_t[]){n, h, times, t, s});
    return ic_build_reshape(b, x, 4, (const int64_t[]){n, h * times, t, s});
}

/* How far key j stands before query i: i + offset - j, [q k], or with lengths (offset = length - queries) [batch 1 q k]. */
static struct ic_value *distance(struct ic_onnx *o, int32_t n_q, int32_t n_k, int64_t offset, struct ic_value *lengths)
{
    struct ic_build *b = &o->b;
    const int32_t dims[2] = {n_q, n_k};
    int64_t *m = ic_arena_array(o->arena, (size_t)n_q * (size_t)n_k + 1, sizeof *m);
    if (!m) {
        ic_build_no_memory(b);
        return NULL;
    }
    for (int64_t i = 0; i < n_q; i++)
        for (int64_t j = 0; j < n_k; j++)
            m[i * n_k + j] = i - j + (lengths ? -n_q : offset);
    struct ic_value *d = ic_build_const(b, IC_S64, 2, dims, m);
    if (!lengths)
        return d;
    const int64_t per_batch[] = {ic_value_elements(lengths), 1, 1, 1};
    return ic_build_binary(b, IC_OP_ADD, d, ic_build_reshape(b, ic_build_cast(b, lengths, IC_S64), 4, per_batch));
}

/* 0 where the queries may look, -Inf elsewhere; NULL: everywhere. */
static struct ic_value *window_mask(struct ic_onnx *o, int32_t n_q, int32_t n_k, int64_t offset, struct ic_value *lengths)
{
    struct ic_build *b = &o->b;
    const bool causal = ic_onnx_int(o, "is_causal", 0) != 0;
    const int64_t left = ic_onnx_int(o, "left_window_size", -1), right = ic_onnx_int(o, "right_window_size", -1);
    if (!causal && left < 0 && right < 0)
        return NULL;
    struct ic_value *d = distance(o, n_q, n_k, offset, lengths), *allowed = ic_build_int(b, IC_BOOL, 1);
    if (causal)
        allowed = ic_build_binary(b, IC_OP_AND, allowed, ic_build_binary(b, IC_OP_LESS_EQUAL, ic_build_int(b, IC_S64, 0), d));
    if (left >= 0)
        allowed = ic_build_binary(b, IC_OP_AND, allowed, ic_build_binary(b, IC_OP_LESS_EQUAL, d, ic_build_int(b, IC_S64, left)));
    if (right >= 0)
        allowed = ic_build_binary(b, IC_OP_AND, allowed, ic_build_binary(b, IC_OP_LESS_EQUAL, ic_build_int(b, IC_S64, -right), d));
    return ic_build_where(b, allowed, ic_build_float(b, 0), ic_build_float(b, -(double)INFINITY));
}

/* bool masks become 0 and -Inf; a mask shorter than the keys hides the rest. */
static struct ic_value *mask_of(struct ic_onnx *o, struct ic_value *mask, int32_t n_k)
{
    struct ic_build *b = &o->b;
    int64_t before[IC_IR_MAX_RANK] = {0}, after[IC_IR_MAX_RANK] = {0};
    if (!mask)
        return NULL;
    if (mask->dtype == IC_BOOL)
        mask = ic_build_where(b, mask, ic_build_float(b, 0), ic_build_float(b, -(double)INFINITY));
    if (mask && mask->rank > 0 && mask->dims[mask->rank - 1] < n_k && mask->dims[mask->rank - 1] != 1) {
        after[mask->rank - 1] = n_k - mask->dims[mask->rank - 1];
        mask = ic_build_pad(b, mask, before, after, -(double)INFINITY);
    }
    return mask;
}

/* Keys behind each batch's length are hidden: [batch 1 1 k] */
static struct ic_value *length_mask(struct ic_onnx *o, struct ic_value *lengths, int32_t n_k)
{
    struct ic_build *b = &o->b;
    int64_t *places = ic_arena_array(o->arena, (size_t)n_k + 1, sizeof *places);
    if (!places) {
        ic_build_no_memory(b);
        return NULL;
    }
    for (int32_t i = 0; i < n_k; i++)
        places[i] = i;
    const int64_t n = ic_value_elements(lengths);
    struct ic_value *l = ic_build_reshape(b, ic_build_cast(b, lengths, IC_S64), 4, (const int64_t[]){n, 1, 1, 1});
    return ic_build_where(b, ic_build_binary(b, IC_OP_LESS, ic_build_ints(b, n_k, places), l), ic_build_float(b, 0),
                          ic_build_float(b, -(double)INFINITY));
}

/* Rows that may see nothing give 0, not NaN. */
static struct ic_value *softmax_or_zero(struct ic_build *b, struct ic_value *scores, bool may_be_empty)
{
    struct ic_value *p = ic_build_softmax(b, scores, 3, false);
    return may_be_empty && p ? ic_build_where(b, ic_build_binary(b, IC_OP_EQUAL, p, p), p, ic_build_float(b, 0)) : p;
}

/* Long: the operator has that many parts, in this order. */
void ic_onnx_op_attention(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *q = ic_onnx_in(o, 0), *k = ic_onnx_in(o, 1), *v = ic_onnx_in(o, 2), *past_k = ic_onnx_in(o, 4),
                    *past_v = ic_onnx_in(o, 5), *lengths = ic_onnx_in(o, 6);
    if (!q || !k || !v)
        return;
    const bool flat = q->rank == 3;
    const int64_t q_heads = ic_onnx_int(o, "q_num_heads", 0), kv_heads = ic_onnx_int(o, "kv_num_heads", q_heads),
                  n_q = flat ? q->dims[1] : q->dims[2];
    const int32_t wants = ic_onnx_int32(o, "qk_matmul_output_mode", 0);
    q = heads_of(o, q, q_heads);
    k = heads_of(o, k, kv_heads);
    v = heads_of(o, v, kv_heads);
    if (!q || !k || !v)
        return;
    const int64_t n_past = past_k ? past_k->dims[2] : 0;
    k = past_k ? ic_build_concat(b, (struct ic_value *[]){past_k, k}, 2, 2) : k;
    v = past_v ? ic_build_concat(b, (struct ic_value *[]){past_v, v}, 2, 2) : v;
    ic_onnx_out_like(o, 1, k, 1);
    ic_onnx_out_like(o, 2, v, 2);
    if (!k || !v || k->dims[1] == 0 || q->dims[1] % k->dims[1] != 0) {
        ic_onnx_fail(o, "%d head%s of q for %d of k", (int)q->dims[1], IC_S(q->dims[1]), k ? (int)k->dims[1] : 0);
        return;
    }
    const int64_t times = q->dims[1] / k->dims[1];
    k = repeat_heads(b, k, times);
    v = repeat_heads(b, v, times);
    const double scale = ic_onnx_attr(o, "scale") ? ic_onnx_float(o, "scale", 0) : 1 / sqrt((double)q->dims[3]), part = sqrt(scale);
    struct ic_value *scores = ic_build_matmul(
        b, ic_build_map(b, q, IC_MAP_AFFINE, part, 0),
        ic_build_transpose(b, ic_build_map(b, k, IC_MAP_AFFINE, part, 0), 4, (const int64_t[]){0, 1, 3, 2}));
    if (!scores)
        return;
    const int32_t n_k = scores->dims[3];
    struct ic_value *mask = mask_of(o, ic_onnx_in(o, 3), n_k), *raw = scores;
    struct ic_value *window = window_mask(o, (int32_t)n_q, n_k, n_past, past_k ? NULL : lengths);
    if (window)
        mask = mask ? ic_build_binary(b, IC_OP_ADD, mask, window) : window;
    if (lengths) {
        struct ic_value *l = length_mask(o, lengths, n_k);
        mask = mask ? ic_build_binary(b, IC_OP_ADD, mask, l) : l;
    }
    const double cap = ic_onnx_float(o, "softcap", 0);
    if (cap > 0) {
        scores = ic_build_map(b, ic_build_map(b, scores, IC_MAP_AFFINE, 1 / cap, 0), IC_MAP_TANH, 0, 0);
        scores = ic_build_map(b, scores, IC_MAP_AFFINE, cap, 0);
    }
    struct ic_value *capped = scores;
    scores = mask ? ic_build_binary(b, IC_OP_ADD, scores, mask) : scores;
    struct ic_value *p = softmax_or_zero(b, scores, mask != NULL);
    struct ic_value *const parts[] = {raw, capped, scores, p};
    ic_onnx_out_like(o, 3, parts[wants & 3], 0);
    struct ic_value *y = ic_build_matmul(b, p, v);
    if (flat && y) {
        y = ic_build_transpose(b, y, 4, (const int64_t[]){0, 2, 1, 3});
        y = y ? ic_build_reshape(b, y, 3, (const int64_t[]){y->dims[0], y->dims[1], (int64_t)y->dims[2] * y->dims[3]}) : NULL;
    }
    ic_onnx_out_like(o, 0, y, 0);
}

/* Pairs of elements turned by an angle that depends on the token. */
void ic_onnx_op_rotary(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *given = ic_onnx_in(o, 0), *cosine = ic_onnx_in(o, 1), *sine = ic_onnx_in(o, 2), *ids = ic_onnx_in(o, 3);
    const bool interleaved = ic_onnx_int(o, "interleaved", 0) != 0;
    if (!given || !cosine || !sine)
        return;
    const bool flat = given->rank == 3;
    struct ic_value *x = heads_of(o, given, ic_onnx_int(o, "num_heads", 0));
    if (!x)
        return;
    const int64_t size = x->dims[3],
                  dim = ic_onnx_int(o, "rotary_embedding_dim", 0) ? ic_onnx_int(o, "rotary_embedding_dim", 0) : size;
    const int64_t half = dim / 2, n = x->dims[0], h = x->dims[1], t = x->dims[2];
    if (dim < 2 || dim > size || dim % 2 || t < 1) {
        ic_onnx_fail(o, "%lld elements of %lld are turned, at %lld place%s", (long long)dim, (long long)size, (long long)t,
                     IC_S(t));
        return;
    }
    if (ids) {
        ids = ic_build_cast(b, ids, IC_S64);
        cosine = ic_build_gather(b, cosine, ids, 0);
        sine = ic_build_gather(b, sine, ids, 0);
    }
    cosine = cosine ? ic_build_slice(b, cosine, cosine->rank - 1, 0, half, 1) : NULL;
    sine = sine ? ic_build_slice(b, sine, sine->rank - 1, 0, half, 1) : NULL;
    const int64_t angle[] = {cosine ? ic_value_elements(cosine) / (t * half) : 1, 1, t, half};
    cosine = cosine ? ic_build_reshape(b, cosine, 4, angle) : NULL;
    sine = sine ? ic_build_reshape(b, sine, 4, angle) : NULL;
    struct ic_value *turned = ic_build_slice(b, x, 3, 0, dim, 1), *rest = ic_build_slice(b, x, 3, dim, size, 1), *x1, *x2;
    if (interleaved) {
        struct ic_value *pairs = ic_build_reshape(b, turned, 5, (const int64_t[]){n, h, t, half, 2});
        x1 = pairs ? ic_build_squeeze(b, ic_build_slice(b, pairs, 4, 0, 1, 1), 4) : NULL;
        x2 = pairs ? ic_build_squeeze(b, ic_build_slice(b, pairs, 4, 1, 2, 1), 4) : NULL;
    } else {
        x1 = ic_build_slice(b, turned, 3, 0, half, 1);
        x2 = ic_build_slice(b, turned, 3, half, dim, 1);
    }
    struct ic_value *real = ic_build_binary(b, IC_OP_SUB, ic_build_binary(b, IC_OP_MUL, cosine, x1),
                                            ic_build_binary(b, IC_OP_MUL, sine, x2));
    struct ic_value *imaginary = ic_build_binary(b, IC_OP_ADD, ic_build_binary(b, IC_OP_MUL, sine, x1),
                                                 ic_build_binary(b, IC_OP_MUL, cosine, x2));
    if (!real || !imaginary)
        return;
    if (interleaved) {
        struct ic_value *both[] = {ic_build_unsqueeze(b, real, 4), ic_build_unsqueeze(b, imaginary, 4)};
        turned = ic_build_reshape(b, ic_build_concat(b, both, 2, 4), 4, (const int64_t[]){n, h, t, dim});
    } else {
        turned = ic_build_concat(b, (struct ic_value *[]){real, imaginary}, 2, 3);
    }
    x = size > dim ? ic_build_concat(b, (struct ic_value *[]){turned, rest}, 2, 3) : turned;
    if (flat) {
        x = ic_build_transpose(b, x, 4, (const int64_t[]){0, 2, 1, 3});
        x = x ? ic_build_reshape(b, x, 3, (const int64_t[]){n, t, h * size}) : NULL;
    }
    ic_onnx_out_like(o, 0, x, 0);
}

/* A graph that changes scores or probabilities; absent: they stay. */
static struct ic_value *modified(struct ic_onnx *o, struct ic_value *x, const char *name)
{
    const struct ic_onnx_attr *a = ic_onnx_attr(o, name);
    const struct ic_onnx_value in = {.kind = IC_ONNX_TENSOR, .type = IC_ONNX_FLOAT, .v = x};
    struct ic_onnx_value out = {0};
    if (!a || !x)
        return x;
    if (!ic_onnx_run_body(o, a->message, &in, 1, &out, 1, ic_arena_printf(o->arena, "%s/%s/", o->b.name, name)))
        return NULL;
    if (out.kind != IC_ONNX_TENSOR || ic_value_elements(out.v) != ic_value_elements(x))
        ic_onnx_fail(o, "its graph %s changes the shape of what it is given", name);
    return out.v;
}

/* ai.onnx.preview FlexAttention: attention with graphs for its scores and probabilities */
void ic_onnx_op_flex_attention(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *q = ic_onnx_in(o, 0), *k = ic_onnx_in(o, 1), *v = ic_onnx_in(o, 2);
    if (!q || !k || !v)
        return;
    if (q->rank != 4 || k->rank != 4 || v->rank != 4 || k->dims[1] < 1 || q->dims[1] % k->dims[1] != 0 ||
        v->dims[1] != k->dims[1]) {
        ic_onnx_fail(o, "q, k and v of %d, %d and %d ax%s; [batch heads tokens size] is wanted, q's heads a multiple of k's",
                     (int)q->rank, (int)k->rank, (int)v->rank, IC_N(v->rank, "is", "es"));
        return;
    }
    const double part = sqrt(ic_onnx_attr(o, "scale") ? ic_onnx_float(o, "scale", 0) : 1 / sqrt((double)q->dims[3]));
    const int64_t times = q->dims[1] / k->dims[1];
    k = ic_build_transpose(b, repeat_heads(b, ic_build_map(b, k, IC_MAP_AFFINE, part, 0), times), 4, (const int64_t[]){0, 1, 3, 2});
    struct ic_value *scores = modified(o, ic_build_matmul(b, ic_build_map(b, q, IC_MAP_AFFINE, part, 0), k), "score_mod");
    struct ic_value *p = scores ? modified(o, ic_build_softmax(b, scores, 3, false), "prob_mod") : NULL;
    ic_onnx_out_like(o, 0, p ? ic_build_matmul(b, p, repeat_heads(b, v, times)) : NULL, 2);
}
