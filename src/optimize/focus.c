/* SPDX-License-Identifier: Apache-2.0
 *
 * A convolution of every second row and column, side by side as channels (space to depth, the "focus" layer of detectors), is a convolution of
 * the picture itself with a window and a step as much larger: the same products, no copies.
 */
#include "optimize/rewrite.h"

#include <string.h>

#define MAX_STEP 4

/* How the channels of a convolution's input come about. */
struct focus {
    const struct ic_node *concat;
    struct ic_value *x;   /* the picture, as the slices read it */
    struct ic_node *turn; /* between concat and convolution: c h w to h w c; NULL: x has channels last */
    int64_t step;
    int32_t h, w, c; /* axes of x */
};

static bool find_concat(const struct ic_node *conv, struct focus *f)
{
    static const int64_t to_last[] = {0, 2, 3, 1};
    struct ic_node *n = conv->inputs[0]->producer;
    if (n && n->op == IC_OP_TRANSPOSE && memcmp(n->attrs[IC_TRANSPOSE_PERM].ints, to_last, sizeof to_last) == 0) {
        f->turn = n;
        n = n->inputs[0]->producer;
    }
    f->concat = n;
    f->c = f->turn ? 1 : 3;
    f->h = f->turn ? 2 : 1;
    f->w = f->h + 1;
    if (!n || n->op != IC_OP_CONCAT || n->inputs[0]->rank != 4)
        return false;
    const int64_t axis = n->attrs[IC_CONCAT_AXIS].i;
    return axis == f->c || axis == f->c - 4;
}

/* Part i reads f->x from row *row and column *column by steps. */
static bool part_of(const struct focus *f, int32_t i, int64_t *row, int64_t *column)
{
    const struct ic_node *n = f->concat->inputs[i]->producer;
    if (!n || n->op != IC_OP_SLICE || n->inputs[0] != f->x || n->attrs[IC_SLICE_STEPS].ints[f->h] != f->step ||
        n->attrs[IC_SLICE_STEPS].ints[f->w] != f->step || f->x->dims[f->h] % f->step || f->x->dims[f->w] % f->step)
        return false;
    *row = n->attrs[IC_SLICE_STARTS].ints[f->h];
    *column = n->attrs[IC_SLICE_STARTS].ints[f->w];
    const struct ic_value *y = n->outputs[0];
    return *row < f->step && *column < f->step && y->dims[0] == f->x->dims[0] && y->dims[f->c] == f->x->dims[f->c] &&
           y->dims[f->h] == f->x->dims[f->h] / f->step && y->dims[f->w] == f->x->dims[f->w] / f->step;
}

static bool find_focus(const struct ic_node *conv, struct focus *f)
{
    if (conv->op != IC_OP_CONV || conv->attrs[IC_CONV_GROUPS].i != 1 || !conv->inputs[1]->data ||
        conv->inputs[1]->dtype != IC_F32 || conv->attrs[IC_CONV_DILATION].ints[0] != 1 ||
        conv->attrs[IC_CONV_DILATION].ints[1] != 1 || !find_concat(conv, f))
        return false;
    const struct ic_node *first = f->concat->inputs[0]->producer;
    f->step = first && first->op == IC_OP_SLICE ? first->attrs[IC_SLICE_STEPS].ints[f->h] : 0;
    if (f->step < 2 || f->step > MAX_STEP || f->concat->n_inputs != f->step * f->step)
        return false;
    f->x = first->inputs[0];
    uint32_t seen = 0;
    for (int32_t i = 0; i < f->concat->n_inputs; i++) {
        int64_t row = 0, column = 0;
        if (!part_of(f, i, &row, &column))
            return false;
        seen |= 1u << (row * f->step + column);
    }
    return seen == (1u << f->concat->n_inputs) - 1u;
}

/* Weight [o][ky][kx][part, c] goes to [o][ky * step + row of part][kx * step + column of part][c]. */
static struct ic_value *spread_weights(struct ic_graph *g, const struct ic_value *w, const struct focus *f)
{
    const int32_t s = (int32_t)f->step, parts = s * s, c = w->dims[3] / parts;
    const int32_t dims[4] = {w->dims[0], w->dims[1] * s, w->dims[2] * s, c};
    float *to = ic_arena_aligned(&g->arena, ic_value_bytes(w) + 1, 64);
    const float *from = w->data;
    for (int32_t o = 0; to && o < w->dims[0]; o++)
        for (int32_t ky = 0; ky < w->dims[1]; ky++)
            for (int32_t kx = 0; kx < w->dims[2]; kx++)
                for (int32_t p = 0; p < parts; p++) {
                    int64_t row = 0, column = 0;
                    part_of(f, p, &row, &column);
                    const int64_t at = (((int64_t)o * dims[1] + ky * s + row) * dims[2] + kx * s + column) * c;
                    memcpy(to + at, from + ((((int64_t)o * w->dims[1] + ky) * w->dims[2] + kx) * parts + p) * c,
                           (size_t)c * sizeof *to);
                }
    return to ? ic_graph_const_lent(g, w->name, IC_F32, 4, dims, to) : NULL;
}

static enum ic_status widen(struct ic_graph *g, int32_t *i, const struct focus *f, struct ic_diag *d)
{
    struct ic_node *conv = g->nodes[*i];
    struct ic_value *x = f->x, *w = spread_weights(g, conv->inputs[1], f);
    if (!w)
        return ic_opt_no_memory(g, d);
    if (f->turn)
        IC_TRY(ic_opt_insert_transpose(g, i, x, f->turn->attrs[IC_TRANSPOSE_PERM].ints, conv, &x, d));
    ic_node_set_input(conv, 0, x);
    ic_node_set_input(conv, 1, w);
    for (int k = 0; k < 2; k++)
        conv->attrs[IC_CONV_STRIDE].ints[k] *= f->step;
    for (int k = 0; k < 4; k++)
        conv->attrs[IC_CONV_PAD].ints[k] *= f->step;
    return IC_OK;
}

enum ic_status ic_pass_focus(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct focus f = {0};
        if (!find_focus(g->nodes[i], &f))
            continue;
        IC_TRY(widen(g, &i, &f, d));
        *changed = true;
    }
    return IC_OK;
}
