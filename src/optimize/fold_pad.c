/* SPDX-License-Identifier: Apache-2.0
 *
 * Zeros padded around a picture for one convolution are padded by the convolution itself.
 */
#include "optimize/rewrite.h"

#include <string.h>

#define MAX_PAD 65536 /* of a convolution */

/* What stands in front of a convolution: zeros around h w of a picture n h w c, or n c h w that is turned then. */
struct padding {
    struct ic_node *pad;
    const struct ic_node *turn; /* NULL: none */
    int32_t h, c;               /* axes of the padded value; w is h + 1 */
};

static bool find_padding(const struct ic_node *conv, struct padding *p)
{
    static const int64_t to_last[] = {0, 2, 3, 1};
    struct ic_node *n = conv->op == IC_OP_CONV ? conv->inputs[0]->producer : NULL;
    if (n && n->op == IC_OP_TRANSPOSE && memcmp(n->attrs[IC_TRANSPOSE_PERM].ints, to_last, sizeof to_last) == 0) {
        p->turn = n;
        n = n->inputs[0]->producer;
    }
    p->pad = n;
    p->h = p->turn ? 2 : 1;
    p->c = p->turn ? 1 : 3;
    if (!n || n->op != IC_OP_PAD || n->inputs[0]->rank != 4 || n->attrs[IC_PAD_VALUE].f != 0.0)
        return false;
    const struct ic_attr *before = &n->attrs[IC_PAD_BEFORE], *after = &n->attrs[IC_PAD_AFTER];
    return before->ints[0] == 0 && after->ints[0] == 0 && before->ints[p->c] == 0 && after->ints[p->c] == 0;
}

static bool fits(const struct ic_node *n, const struct padding *p)
{
    for (int k = 0; k < 2; k++)
        if (n->attrs[IC_CONV_PAD].ints[k] + p->pad->attrs[IC_PAD_BEFORE].ints[p->h + k] > MAX_PAD ||
            n->attrs[IC_CONV_PAD].ints[k + 2] + p->pad->attrs[IC_PAD_AFTER].ints[p->h + k] > MAX_PAD)
            return false;
    return true;
}

enum ic_status ic_pass_fold_pad(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        struct padding p = {0};
        if (!find_padding(n, &p) || !fits(n, &p))
            continue;
        for (int k = 0; k < 2; k++) {
            n->attrs[IC_CONV_PAD].ints[k] += p.pad->attrs[IC_PAD_BEFORE].ints[p.h + k];
            n->attrs[IC_CONV_PAD].ints[k + 2] += p.pad->attrs[IC_PAD_AFTER].ints[p.h + k];
        }
        struct ic_value *x = p.pad->inputs[0];
        if (p.turn)
            IC_TRY(ic_opt_insert_transpose(g, &i, x, p.turn->attrs[IC_TRANSPOSE_PERM].ints, n, &x, d));
        ic_node_set_input(n, 0, x);
        *changed = true;
    }
    return IC_OK;
}
