/* SPDX-License-Identifier: Apache-2.0
 *
 * One way to write a pool: "rounded up" becomes the padding behind the picture that it means, and whether padding counts is no question where there
 * is none or the largest is taken. Frameworks differ in both, results do not.
 */
#include "optimize/rewrite.h"

static bool set(struct ic_attr *a, int64_t v)
{
    const bool differs = a->i != v;
    a->i = v;
    return differs;
}

/* The padding after axis 1 + i with which rounding down gives the same windows. */
static int64_t pad_after(const struct ic_node *n, int i)
{
    const int64_t given = n->attrs[IC_POOL_ATTR_PAD].ints[i + 2];
    const int64_t covered = n->attrs[IC_POOL_ATTR_DILATION].ints[i] * (n->attrs[IC_POOL_ATTR_KERNEL].ints[i] - 1) + 1;
    const int64_t needed = (n->outputs[0]->dims[1 + i] - 1) * n->attrs[IC_POOL_ATTR_STRIDE].ints[i] + covered -
                           n->inputs[0]->dims[1 + i] - n->attrs[IC_POOL_ATTR_PAD].ints[i];
    return needed > given ? needed : given;
}

static bool round_down(struct ic_node *n)
{
    const int64_t after[2] = {pad_after(n, 0), pad_after(n, 1)};
    for (int i = 0; i < 2; i++)
        if (after[i] >= n->attrs[IC_POOL_ATTR_KERNEL].ints[i])
            return false; /* no pool may be padded so far */
    for (int i = 0; i < 2; i++)
        n->attrs[IC_POOL_ATTR_PAD].ints[i + 2] = after[i];
    n->attrs[IC_POOL_ATTR_CEIL].i = 0;
    return true;
}

enum ic_status ic_pass_windows(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    (void)d;
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        if (n->op != IC_OP_MAX_POOL && n->op != IC_OP_AVG_POOL)
            continue;
        const int64_t *pad = n->attrs[IC_POOL_ATTR_PAD].ints;
        const bool padded = pad[0] || pad[1] || pad[2] || pad[3];
        if (n->op == IC_OP_MAX_POOL)
            *changed = set(&n->attrs[IC_POOL_ATTR_DIVISOR], 0) || *changed;
        if (n->op == IC_OP_MAX_POOL || !padded)
            *changed = set(&n->attrs[IC_POOL_ATTR_COUNT_PAD], 0) || *changed;
        if (n->attrs[IC_POOL_ATTR_CEIL].i && !n->attrs[IC_POOL_ATTR_COUNT_PAD].i)
            *changed = round_down(n) || *changed;
    }
    return IC_OK;
}
