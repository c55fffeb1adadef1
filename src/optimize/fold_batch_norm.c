/* SPDX-License-Identifier: Apache-2.0
 *
 * Batch norm in evaluation mode is y = x * s + t per channel, s = scale / sqrt(variance + eps), t = bias - mean * s: behind a convolution or a
 * fully connected layer it is folded into the weights (fold_batch_norm), else it becomes a product and a sum (split_batch_norm).
 *
 * Folding rounds to float32 after each operation, in the order of PyTorch's ONNX exporters, which fold while exporting: so a network has the same
 * weights through every file that it can be brought in. (In double, a third of the weights would differ in the last bit.)
 */
#include "optimize/rewrite.h"

#include <math.h>
#include <string.h>

struct affine {
    int32_t n;
    double *scale, *shift;
};

static bool params_are_const(const struct ic_node *n)
{
    for (int i = 1; i < 5; i++)
        if (!n->inputs[i]->data || n->inputs[i]->dtype != IC_F32)
            return false;
    return true;
}

static enum ic_status affine_of(const struct ic_graph *g, const struct ic_node *n, struct affine *out, struct ic_diag *d)
{
    double *p[4] = {0};
    out->n = n->inputs[1]->dims[0];
    out->scale = ic_calloc((size_t)out->n + 1, sizeof(double));
    out->shift = ic_calloc((size_t)out->n + 1, sizeof(double));
    bool ok = out->scale && out->shift;
    for (int i = 0; i < 4; i++) {
        p[i] = ic_opt_doubles(n->inputs[1 + i]);
        ok = ok && p[i];
    }
    enum ic_status status = ok ? IC_OK : ic_opt_no_memory(g, d);
    for (int32_t i = 0; i < out->n && status == IC_OK; i++) {
        const float root = (float)sqrt((double)((float)p[3][i] + (float)n->attrs[IC_BATCH_NORM_EPS].f));
        out->scale[i] = (double)((float)p[0][i] / root);
        out->shift[i] = p[1][i] - p[2][i] * out->scale[i];
        if (!isfinite(out->scale[i]) || !isfinite(out->shift[i]))
            status = ic_fail(d, IC_E_WEIGHT_NAN, "%s: channel %d has variance %g, scale and shift are not finite", n->name, (int)i,
                             p[3][i]);
    }
    for (int i = 0; i < 4; i++)
        ic_free(p[i]);
    return status;
}

/* What makes the folded bias (b - mean) * s + bias, rounded as the exporters round it, out of b * s. */
static enum ic_status fold_shifts(const struct ic_graph *g, const struct ic_node *n, const struct ic_node *before, struct affine *a,
                                  struct ic_diag *d)
{
    const float *mean = n->inputs[3]->data, *bias = n->inputs[2]->data;
    double *own = before->n_inputs > 2 && before->inputs[2] ? ic_opt_doubles(before->inputs[2])
                                                            : ic_calloc((size_t)a->n + 1, sizeof *own);
    if (!own)
        return ic_opt_no_memory(g, d);
    for (int32_t i = 0; i < a->n; i++) {
        const float centered = (float)own[i] - mean[i], scaled = centered * (float)a->scale[i];
        a->shift[i] = (double)(scaled + bias[i]) - own[i] * a->scale[i];
    }
    ic_free(own);
    return IC_OK;
}

static int32_t norm_axis(const struct ic_node *n)
{
    const int64_t axis = n->attrs[IC_BATCH_NORM_AXIS].i;
    return (int32_t)(axis < 0 ? axis + n->inputs[0]->rank : axis);
}

enum ic_status ic_pass_fold_batch_norm(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct ic_node *n = g->nodes[i];
        if (n->op != IC_OP_BATCH_NORM || norm_axis(n) != n->inputs[0]->rank - 1 || !params_are_const(n))
            continue;
        struct ic_node *before = ic_opt_weighted(n->inputs[0]);
        if (!before)
            continue;
        struct affine a = {0};
        enum ic_status status = affine_of(g, n, &a, d);
        if (status == IC_OK)
            status = fold_shifts(g, n, before, &a, d);
        if (status == IC_OK)
            status = ic_opt_scale_weights(g, before, a.scale, a.shift, d);
        ic_free(a.scale);
        ic_free(a.shift);
        IC_TRY(status);
        IC_TRY(ic_opt_take_result(g, before, n, d));
        *changed = true;
    }
    return IC_OK;
}

/* n becomes x * scale + shift with constants of shape [.. n .. 1 1]. */
static enum ic_status split(struct ic_graph *g, int32_t *i, const struct affine *a, struct ic_diag *d)
{
    struct ic_node *n = g->nodes[*i];
    const int32_t axis = norm_axis(n), rank = n->inputs[0]->rank - axis;
    struct ic_value shape = {.rank = rank, .dims = {a->n, 1, 1, 1, 1, 1, 1, 1}};
    struct ic_value *scale = ic_opt_const(g, n->inputs[1]->name, &shape, a->scale, a->n);
    struct ic_value *shift = ic_opt_const(g, n->inputs[2]->name, &shape, a->shift, a->n);
    struct ic_value *operands[] = {n->inputs[0], scale};
    struct ic_node *mul = scale && shift ? ic_opt_insert(g, i, IC_OP_MUL, operands, 2, n, ".scale") : NULL;
    if (!mul)
        return ic_opt_no_memory(g, d);
    IC_TRY(ic_graph_infer(g, mul, d));
    n->op = IC_OP_ADD;
    return ic_node_set_inputs(g, n, (struct ic_value *[]){mul->outputs[0], shift}, 2) ? IC_OK : ic_opt_no_memory(g, d);
}

enum ic_status ic_pass_split_batch_norm(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        const struct ic_node *n = g->nodes[i];
        if (n->op != IC_OP_BATCH_NORM)
            continue;
        if (!params_are_const(n))
            return ic_fail(d, IC_E_COMPUTED_WEIGHTS, "%s: batch norm with computed parameters is not supported", n->name);
        struct affine a = {0};
        enum ic_status status = affine_of(g, n, &a, d);
        if (status == IC_OK)
            status = split(g, &i, &a, d);
        ic_free(a.scale);
        ic_free(a.shift);
        IC_TRY(status);
        *changed = true;
    }
    return IC_OK;
}
