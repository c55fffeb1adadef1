/* SPDX-License-Identifier: Apache-2.0
 *
 * A product and a sum per channel that no weights before them can take (batch norms behind a concatenation) are one depthwise convolution of
 * one pixel: one pass over memory instead of two, and in a quantized build one rounding with a scale per channel instead of two.
 */
#include "optimize/rewrite.h"

/* c has one number per channel of y and y has more than one pixel. */
static bool per_channel(const struct ic_value *c, const struct ic_value *y)
{
    const int32_t n = y->rank == 4 ? y->dims[3] : 0;
    return c->data && c->dtype == IC_F32 && c->rank >= 1 && c->rank <= 4 && n > 1 && ic_value_elements(c) == n &&
           c->dims[c->rank - 1] == n && ic_value_elements(y) > n;
}

/* The operand of n that is not per channel; *c is the other. */
static struct ic_value *picture_of(const struct ic_node *n, const struct ic_value **c)
{
    for (int k = 0; k < 2; k++) {
        *c = n->inputs[k];
        struct ic_value *x = n->inputs[1 - k];
        if (per_channel(*c, n->outputs[0]) && !x->data && ic_opt_same_shape(x, n->outputs[0]))
            return x;
    }
    return NULL;
}

static struct ic_value *in_shape(struct ic_graph *g, const struct ic_value *c, int32_t rank, const int32_t *dims)
{
    return ic_graph_const_lent(g, c->name, IC_F32, rank, dims, c->data);
}

static enum ic_status convolve(struct ic_graph *g, struct ic_node *add, struct ic_value *x, const struct ic_value *scale,
                               const struct ic_value *shift, struct ic_diag *d)
{
    const int32_t n = x->dims[3], dims[4] = {n, 1, 1, 1};
    struct ic_value *inputs[3] = {x, in_shape(g, scale, 4, dims), in_shape(g, shift, 1, dims)};
    struct ic_attr *attrs = ic_arena_array(&g->arena, (size_t)ic_op_n_attrs(IC_OP_CONV) + 1, sizeof *attrs);
    if (!inputs[1] || !inputs[2] || !attrs || !ic_node_set_inputs(g, add, inputs, 3))
        return ic_opt_no_memory(g, d);
    attrs[IC_CONV_STRIDE] = attrs[IC_CONV_DILATION] = (struct ic_attr){.n_ints = 2, .ints = {1, 1}};
    attrs[IC_CONV_PAD] = (struct ic_attr){.n_ints = 4};
    attrs[IC_CONV_GROUPS].i = n;
    attrs[IC_CONV_PARTIALS].i = 1;
    add->op = IC_OP_CONV;
    add->attrs = attrs;
    add->outputs[0]->layout = IC_VALUE_NHWC;
    return IC_OK;
}

enum ic_status ic_pass_channel_affine(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *add = g->nodes[i];
        const struct ic_value *shift = NULL, *scale = NULL;
        struct ic_value *product = add->op == IC_OP_ADD ? picture_of(add, &shift) : NULL;
        const struct ic_node *mul = product ? ic_opt_sole_producer(product, IC_OP_MUL) : NULL;
        struct ic_value *x = mul && mul->post.fn == IC_MAP_NONE && !mul->post.round_mid ? picture_of(mul, &scale) : NULL;
        if (!x || add->outputs[0]->dtype != IC_F32)
            continue;
        IC_TRY(convolve(g, add, x, scale, shift, d));
        *changed = true;
    }
    return IC_OK;
}
