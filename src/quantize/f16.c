/* SPDX-License-Identifier: Apache-2.0
 *
 * float16 as storage: constants and every stored activation are f16, arithmetic stays f32 (docs/arithmetic.md). Biases stay f32: they start
 * a sum that is f32, and are few.
 */
#include "quantize/internal.h"

#include <math.h>
#include <string.h>

struct narrowing {
    struct ic_graph *g;
    struct ic_value **narrow; /* per id of a constant: its f16 form */
};

static enum ic_status too_large(const struct ic_value *v, int64_t i, const char *reader, struct ic_diag *d)
{
    return ic_fail(d, IC_E_F16_RANGE,
                   "%s: element %lld of constant %s is %g, which float16 cannot hold (65504 at most): build it as float32, or "
                   "scale the network",
                   reader, (long long)i, v->name, (double)((const float *)v->data)[i]);
}

/* *out: the f16 form of a constant. */
static enum ic_status narrow_const(struct narrowing *n, const struct ic_value *from, const char *reader, struct ic_value **out,
                                   struct ic_diag *d)
{
    *out = n->narrow[from->id];
    if (*out)
        return IC_OK;
    const int64_t count = ic_value_elements(from);
    const float *x = from->data;
    uint16_t *h = ic_arena_aligned(&n->g->arena, (size_t)count * sizeof *h + 1, 64);
    struct ic_value *to = h ? ic_graph_const_lent(n->g, from->name, IC_F16, from->rank, from->dims, h) : NULL;
    if (!to)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for constant %s as float16", from->name);
    bool any = false, any_left = false;
    for (int64_t i = 0; i < count; i++) {
        h[i] = ic_f32_to_f16(x[i]);
        if ((h[i] & 0x7FFFu) == 0x7C00u && !isinf(x[i])) /* an infinity that the network itself holds may stay one */
            return too_large(from, i, reader, d);
        any = any || x[i] != 0.0f;
        any_left = any_left || (h[i] & 0x7FFFu) != 0;
    }
    if (any && !any_left)
        ic_say(d, 'W', "%s: constant %s is too small for float16 and becomes 0", reader, from->name);
    to->layout = from->layout;
    *out = n->narrow[from->id] = to;
    return IC_OK;
}

static bool is_f16(float x)
{
    return ic_f16_to_f32(ic_f32_to_f16(x)) == x;
}

/* Rounding first or last is the same for a clamp whose bounds are f16 numbers: rounding keeps order and fixes the bounds. */
static bool commutes_with_rounding(const struct ic_post *post)
{
    return post->fn == IC_MAP_NONE || post->fn == IC_MAP_RELU || (post->fn == IC_MAP_CLAMP && is_f16(post->a) && is_f16(post->b));
}

static enum ic_status narrow_node(struct narrowing *n, struct ic_node *node, struct ic_diag *d)
{
    if (node->op == IC_OP_BIT_CAST && (ic_dtype_is_float(node->inputs[0]->dtype) || ic_dtype_is_float(node->outputs[0]->dtype)))
        return ic_fail(d, IC_E_F16_RANGE,
                       "BitCast %s looks at the bits of a float32, which a float16 build does not keep: build float32", node->name);
    const bool contract = ic_op_def(node->op)->quant == IC_QUANT_CONTRACT, tables = ic_op_def(node->op)->tables;
    for (int32_t k = 0; k < node->n_inputs; k++) {
        struct ic_value *v = node->inputs[k];
        if (!v || !v->data || v->dtype != IC_F32 || (contract && k == 2) || (tables && k > 0))
            continue;
        IC_TRY(narrow_const(n, v, node->name, &v, d));
        ic_node_set_input(node, k, v);
    }
    if (node->op == IC_OP_CAST && node->attrs[IC_CAST_DTYPE].i == IC_F32)
        node->attrs[IC_CAST_DTYPE].i = IC_F16;
    /* the value that the fused function took stood on an edge of the network, where it would have been stored */
    if (!commutes_with_rounding(&node->post))
        node->post.round_mid = IC_ROUND_F16;
    return IC_OK;
}

static enum ic_status narrow_graph(struct narrowing *n, struct ic_diag *d)
{
    struct ic_graph *g = n->g;
    const int32_t n_values = g->n_values;
    for (int32_t i = 0; i < g->n_nodes; i++)
        IC_TRY(narrow_node(n, g->nodes[i], d));
    for (int32_t i = 0; i < g->n_outputs; i++) {
        struct ic_value *v = g->outputs[i].value;
        if (!v->data || v->dtype != IC_F32)
            continue;
        IC_TRY(narrow_const(n, v, "output", &v, d));
        ic_graph_set_output(g, i, v);
    }
    for (int32_t i = 0; i < n_values; i++)
        if (!g->values[i]->data && g->values[i]->dtype == IC_F32)
            g->values[i]->dtype = IC_F16;
    return IC_OK;
}

enum ic_status ic_quantize_to_f16(struct ic_graph *g, struct ic_diag *d)
{
    struct narrowing n = {.g = g, .narrow = ic_calloc((size_t)g->n_values + 1, sizeof *n.narrow)};
    if (!n.narrow)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to turn %s into float16", g->name);
    const enum ic_status status = narrow_graph(&n, d);
    ic_free(n.narrow);
    return status;
}
