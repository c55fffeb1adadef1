/* SPDX-License-Identifier: Apache-2.0
 *
 * Zeros padded around a picture for one convolution are padded by the convolution itself.
 */
#include "optimize/rewrite.h"

#define MAX_PAD 65536 /* of a convolution */

static bool fits(const struct ic_node *n, const struct ic_node *pad)
{
    for (int k = 0; k < 2; k++)
        if (n->attrs[IC_CONV_PAD].ints[k] + pad->attrs[IC_PAD_BEFORE].ints[1 + k] > MAX_PAD ||
            n->attrs[IC_CONV_PAD].ints[k + 2] + pad->attrs[IC_PAD_AFTER].ints[1 + k] > MAX_PAD)
            return false;
    return true;
}

static bool pads_picture_with_zeros(const struct ic_node *n)
{
    const struct ic_attr *before = &n->attrs[IC_PAD_BEFORE], *after = &n->attrs[IC_PAD_AFTER];
    return n->inputs[0]->rank == 4 && n->attrs[IC_PAD_VALUE].f == 0.0 && before->ints[0] == 0 && after->ints[0] == 0 &&
           before->ints[3] == 0 && after->ints[3] == 0;
}

enum ic_status ic_pass_fold_pad(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    (void)d;
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        struct ic_node *pad = n->op == IC_OP_CONV ? n->inputs[0]->producer : NULL;
        if (!pad || pad->op != IC_OP_PAD || !pads_picture_with_zeros(pad) || !fits(n, pad))
            continue;
        for (int k = 0; k < 2; k++) {
            n->attrs[IC_CONV_PAD].ints[k] += pad->attrs[IC_PAD_BEFORE].ints[1 + k];
            n->attrs[IC_CONV_PAD].ints[k + 2] += pad->attrs[IC_PAD_AFTER].ints[1 + k];
        }
        n->inputs[0] = pad->inputs[0];
        *changed = true;
    }
    return IC_OK;
}
