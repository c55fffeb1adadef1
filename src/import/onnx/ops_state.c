/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators that carry a state from call to call: LinearAttention and CausalConvWithState (opset 27). The state is an input and an output.
 */
#include "import/onnx/ops.h"

#include <math.h>
#include <string.h>

enum { MAX_TOKENS = 4096 };

/* [batch tokens heads*size] to [batch heads tokens size] */
static struct ic_value *split_heads(struct ic_onnx *o, struct ic_value *x, int64_t heads)
{
    struct ic_build *b = &o->b;
    if (!x)
        return NULL;
    if (x->rank != 3 || heads < 1 || x->dims[2] % heads != 0) {
        ic_onnx_fail(o, "%lld head%s for a value of %d ax%s%s", (long long)heads, IC_S(heads), (int)x->rank,
                     IC_N(x->rank, "is", "es"), x->rank == 3 ? ", whose last does not divide by them" : "");
        return NULL;
    }
    x = ic_build_reshape(b, x, 4, (const int64_t[]){x->dims[0], x->dims[1], heads, x->dims[2] / heads});
    return ic_build_transpose(b, x, 4, (const int64_t[]){0, 2, 1, 3});
}

struct recurrence {
    struct ic_value *q, *k, *v, *decay, *beta; /* [batch heads tokens size]; decay's and beta's size may be 1 */
    struct ic_value *state;                    /* [batch heads key_size value_size] */
    int64_t group;                             /* heads of q for one of k */
    double scale;
};

/* Token t of a value [batch heads tokens size]: [batch heads 1 size] */
static struct ic_value *token(struct ic_build *b, struct ic_value *x, int32_t t)
{
    return ic_build_slice(b, x, 2, t, t + 1, 1);
}

/* [batch heads 1 size] to [batch heads size 1] */
static struct ic_value *column(struct ic_build *b, struct ic_value *x)
{
    return x ? ic_build_reshape(b, x, 4, (const int64_t[]){x->dims[0], x->dims[1], x->dims[3], x->dims[2]}) : NULL;
}

/* state = exp(decay) state + k (x) beta (v - k state); the result is scale q state. */
static struct ic_value *advance(struct ic_build *b, struct recurrence *r, int32_t t)
{
    struct ic_value *k = token(b, r->k, t), *v = token(b, r->v, t), *q = token(b, r->q, t);
    if (r->decay)
        r->state = ic_build_binary(b, IC_OP_MUL, r->state, ic_build_map(b, column(b, token(b, r->decay, t)), IC_MAP_EXP, 0, 0));
    if (r->beta)
        v = ic_build_binary(b, IC_OP_MUL, ic_build_binary(b, IC_OP_SUB, v, ic_build_matmul(b, k, r->state)), token(b, r->beta, t));
    r->state = ic_build_binary(b, IC_OP_ADD, r->state, ic_build_binary(b, IC_OP_MUL, column(b, k), v));
    if (!r->state || !q)
        return NULL;
    /* the heads of q that share a state stand side by side: rows of one product */
    const int64_t n = q->dims[0], h = r->state->dims[1];
    q = ic_build_reshape(b, q, 4, (const int64_t[]){n, h, r->group, q->dims[3]});
    struct ic_value *y = ic_build_map(b, ic_build_matmul(b, q, r->state), IC_MAP_AFFINE, r->scale, 0);
    return y ? ic_build_reshape(b, y, 3, (const int64_t[]){n, 1, h * r->group * y->dims[3]}) : NULL;
}

/* Gates by the rule's name: whether it wants decay, beta. */
static bool read_rule(struct ic_onnx *o, bool *gated, bool *delta)
{
    const char *rule = ic_onnx_text(o, "update_rule", "gated_delta");
    *gated = strncmp(rule, "gated", 5) == 0;
    *delta = strcmp(rule, "delta") == 0 || strcmp(rule, "gated_delta") == 0;
    if (!*delta && strcmp(rule, "gated") != 0 && strcmp(rule, "linear") != 0)
        ic_onnx_refuse(o, "the update rule \"%s\" is unknown", rule);
    else if (ic_onnx_has(o, 4) != *gated || ic_onnx_has(o, 5) != *delta)
        ic_onnx_fail(o, "the update rule \"%s\" does not go with its inputs: decay (input 4) is %sthere, beta (input 5) is %sthere",
                     rule, ic_onnx_has(o, 4) ? "" : "not ", ic_onnx_has(o, 5) ? "" : "not ");
    return ic_onnx_ok(o);
}

/* One number a head, or one an element of the key. */
static struct ic_value *read_gate(struct ic_onnx *o, int32_t i, int64_t heads)
{
    struct ic_value *x = ic_onnx_in(o, i);
    const int64_t size = x && x->rank == 3 ? x->dims[2] : 0;
    return x ? split_heads(o, x, size == 1 ? 1 : heads) : NULL;
}

void ic_onnx_op_linear_attention(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *q = ic_onnx_in(o, 0), *v = ic_onnx_in(o, 2);
    const int64_t q_heads = ic_onnx_int(o, "q_num_heads", 0), heads = ic_onnx_int(o, "kv_num_heads", 0);
    bool gated = false, delta = false;
    if (!q || !v || !read_rule(o, &gated, &delta))
        return;
    if (heads < 1 || q_heads < 1 || q_heads % heads != 0) {
        ic_onnx_fail(o, "%lld head%s of q for %lld of k", (long long)q_heads, IC_S(q_heads), (long long)heads);
        return;
    }
    struct recurrence r = {.q = split_heads(o, q, q_heads),
                           .k = split_heads(o, ic_onnx_in(o, 1), heads),
                           .v = split_heads(o, v, heads),
                           .decay = gated ? read_gate(o, 4, heads) : NULL,
                           .beta = delta ? read_gate(o, 5, heads) : NULL,
                           .state = ic_onnx_in(o, 3),
                           .group = q_heads / heads};
    if (!ic_onnx_ok(o) || !r.q || !r.k || !r.v)
        return;
    const int32_t n = r.q->dims[0], tokens = r.q->dims[2], dims[] = {n, (int32_t)heads, r.k->dims[3], r.v->dims[3]};
    r.scale = ic_onnx_float(o, "scale", 0);
    r.scale = r.scale != 0 ? r.scale : 1 / sqrt((double)r.q->dims[3]);
    r.state = r.state ? r.state : ic_build_full(b, IC_F32, 4, dims, 0);
    struct ic_value **parts = tokens <= MAX_TOKENS ? ic_arena_array(o->arena, (size_t)tokens + 1, sizeof *parts) : NULL;
    if (!parts) {
        ic_onnx_refuse(o, "a sequence of %d token%s; at most %d are unrolled: feed it in pieces, the state goes on", (int)tokens,
                       IC_S(tokens), MAX_TOKENS);
        return;
    }
    for (int32_t t = 0; t < tokens && ic_onnx_ok(o); t++)
        parts[t] = advance(b, &r, t);
    ic_onnx_out_like(o, 0, ic_build_concat(b, parts, tokens, 1), 0);
    ic_onnx_out_like(o, 1, r.state, ic_onnx_has(o, 3) ? 3 : 0);
}

/* Depthwise along the last axis; what stood before the input is the state (or zeros). */
void ic_onnx_op_causal_conv(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *w = ic_onnx_in(o, 1), *bias = ic_onnx_in(o, 2), *past = ic_onnx_in(o, 3), *y = NULL;
    const char *activation = ic_onnx_text(o, "activation", "none");
    const bool silu = strcmp(activation, "silu") == 0 || strcmp(activation, "swish") == 0;
    if (!x || !w)
        return;
    if (x->rank != 3 || w->rank != 3 || w->dims[0] != x->dims[1] || w->dims[1] != 1 || w->dims[2] < 1) {
        ic_onnx_fail(o, "an input of %d ax%s and a kernel of %d ax%s; [batch channels length] and [channels 1 size] are wanted",
                     (int)x->rank, IC_N(x->rank, "is", "es"), (int)w->rank, IC_N(w->rank, "is", "es"));
        return;
    }
    if (!silu && strcmp(activation, "none") != 0) {
        ic_onnx_refuse(o, "the activation \"%s\" is unknown", activation);
        return;
    }
    const int64_t reach = w->dims[2] - 1;
    if (past && reach > 0)
        x = ic_build_concat(b, (struct ic_value *[]){past, x}, 2, 2);
    else
        x = ic_build_pad(b, x, (const int64_t[]){0, 0, reach}, (const int64_t[]){0, 0, 0}, 0);
    if (!x)
        return;
    y = ic_onnx_depthwise_1d(o, x, w, bias);
    y = silu && y ? ic_build_map(b, y, IC_MAP_SILU, 0, 0) : y;
    ic_onnx_out_like(o, 0, y, 0);
    ic_onnx_out_like(o, 1, ic_build_slice(b, x, 2, x->dims[2] - reach, x->dims[2], 1), 0);
}
