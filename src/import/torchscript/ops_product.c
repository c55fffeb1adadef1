/* SPDX-License-Identifier: Apache-2.0
 *
 * Products of matrices: linear layers, matmul, attention.
 */
#include "import/torchscript/ops.h"

#include <math.h>
#include <string.h>

#include "ir/op_def.h"

static enum ic_status swap_last(struct ic_ts *ts, struct ic_ts_tensor *t, struct ic_ts_tensor **out)
{
    int32_t perm[IC_IR_MAX_RANK];
    for (int32_t i = 0; i < t->rank; ++i)
        perm[i] = i;
    perm[t->rank - 1] = t->rank - 2;
    perm[t->rank - 2] = t->rank - 1;
    return ic_ts_permute(ts, t, perm, out);
}

static enum ic_status bad_shapes(struct ic_ts *ts, struct ic_ts_tensor *a, struct ic_ts_tensor *b)
{
    const struct ic_ts_value va = ic_ts_of(a), vb = ic_ts_of(b);
    return ic_ts_fail(ts, IC_E_SHAPES, "a product of %s and %s is not possible: the inner sizes differ; is the input shape right?",
                      ic_ts_describe(ts, &va), ic_ts_describe(ts, &vb));
}

/* w [N, K] */
enum ic_status ic_ts_linear(struct ic_ts *ts, struct ic_ts_tensor *x, struct ic_ts_tensor *w, struct ic_ts_tensor *bias,
                            struct ic_ts_tensor **out)
{
    struct ic_value *in[3] = {0};
    struct ic_node *n = NULL;
    if (w->rank != 2 || x->rank < 1 || x->dims[x->rank - 1] != w->dims[1])
        return bad_shapes(ts, x, w);
    if (!ic_ts_is_known(w)) {
        struct ic_ts_value sum, b = bias ? ic_ts_of(bias) : ic_ts_none();
        IC_TRY(swap_last(ts, w, &w));
        IC_TRY(ic_ts_matmul(ts, x, w, out));
        if (!bias)
            return IC_OK;
        const struct ic_ts_value p = ic_ts_of(*out);
        IC_TRY(ic_ts_binary(ts, IC_TS_ADD, &p, &b, &sum));
        *out = sum.u.t;
        return IC_OK;
    }
    IC_TRY(ic_ts_check_weight(ts, w));
    if (bias)
        IC_TRY(ic_ts_check_weight(ts, bias));
    IC_TRY(ic_ts_tensor_value(ts, x, &in[0]));
    IC_TRY(ic_ts_weight_value(ts, w, &in[1]));
    if (bias)
        IC_TRY(ic_ts_tensor_value(ts, bias, &in[2]));
    IC_TRY(ic_ts_node(ts, IC_OP_LINEAR, in, bias ? 3 : 2, "", &n));
    IC_TRY(ic_ts_finish(ts, n, &in[0]));
    return ic_ts_wrap(ts, in[0], x->dtype, out);
}

enum ic_status ic_ts_op_linear(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    (void)row;
    IC_TRY(ic_ts_linear(ts, arg[0].u.t, arg[1].u.t, arg[2].kind == IC_TS_V_TENSOR ? arg[2].u.t : NULL, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* Batch axes of which both operands have some: each gets all of them. */
static enum ic_status share_batch(struct ic_ts *ts, struct ic_ts_tensor **a, struct ic_ts_tensor **b)
{
    const int32_t rank = (*a)->rank > (*b)->rank ? (*a)->rank : (*b)->rank;
    int64_t dims[2][IC_IR_MAX_RANK];
    bool one_side[2] = {true, true}, same = (*a)->rank == (*b)->rank;
    for (int32_t i = 0; i < rank - 2; ++i) {
        const int32_t at = i - (rank - (*a)->rank), bt = i - (rank - (*b)->rank);
        const int64_t n = at < 0 ? 1 : (*a)->dims[at], m = bt < 0 ? 1 : (*b)->dims[bt];
        one_side[0] = one_side[0] && m == 1;
        one_side[1] = one_side[1] && n == 1;
        same = same && n == m;
        if (n != m && n != 1 && m != 1)
            return bad_shapes(ts, *a, *b);
        dims[0][i] = dims[1][i] = n > m ? n : m;
    }
    if (same || one_side[0] || one_side[1])
        return IC_OK;
    memcpy(&dims[0][rank - 2], &(*a)->dims[(*a)->rank - 2], 2 * sizeof dims[0][0]);
    memcpy(&dims[1][rank - 2], &(*b)->dims[(*b)->rank - 2], 2 * sizeof dims[1][0]);
    IC_TRY(ic_ts_expand(ts, *a, rank, dims[0], a));
    return ic_ts_expand(ts, *b, rank, dims[1], b);
}

/* Ranks as torch.matmul: vectors get an axis that is dropped again. */
enum ic_status ic_ts_matmul(struct ic_ts *ts, struct ic_ts_tensor *a, struct ic_ts_tensor *b, struct ic_ts_tensor **out)
{
    const bool a_vector = a->rank == 1, b_vector = b->rank == 1;
    if (a->rank == 0 || b->rank == 0 || a->dims[a->rank - 1] != b->dims[b_vector ? 0 : b->rank - 2])
        return bad_shapes(ts, a, b);
    if (b->rank == 2 && ic_ts_is_known(b) && !ic_ts_is_known(a)) { /* a constant on the right is a linear layer without bias */
        IC_TRY(swap_last(ts, b, &b));
        return ic_ts_linear(ts, a, b, NULL, out);
    }
    if (a_vector)
        IC_TRY(ic_ts_reshape(ts, a, 2, (const int64_t[]){1, a->dims[0]}, &a));
    if (b_vector)
        IC_TRY(ic_ts_reshape(ts, b, 2, (const int64_t[]){b->dims[0], 1}, &b));
    IC_TRY(share_batch(ts, &a, &b));
    struct ic_value *in[2];
    struct ic_node *n = NULL;
    IC_TRY(ic_ts_tensor_value(ts, a, &in[0]));
    IC_TRY(ic_ts_tensor_value(ts, b, &in[1]));
    IC_TRY(ic_ts_node(ts, IC_OP_MATMUL, in, 2, "", &n));
    IC_TRY(ic_ts_finish(ts, n, &in[0]));
    IC_TRY(ic_ts_wrap(ts, in[0], a->dtype, out));
    if (!a_vector && !b_vector)
        return IC_OK;
    int64_t dims[IC_IR_MAX_RANK] = {0};
    int32_t rank = 0;
    for (int32_t i = 0; i < (*out)->rank; ++i)
        if (!(a_vector && i == (*out)->rank - 2) && !(b_vector && i == (*out)->rank - 1))
            dims[rank++] = (*out)->dims[i];
    return ic_ts_reshape(ts, *out, rank, dims, out);
}

enum ic_status ic_ts_op_matmul(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    (void)row;
    IC_TRY(ic_ts_matmul(ts, arg[0].u.t, arg[1].u.t, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* addmm, baddbmm: beta * self + alpha * (a @ b) */
enum ic_status ic_ts_op_addmm(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *a = arg[1].u.t, *b = arg[2].u.t, *t = NULL;
    const bool plain = ic_ts_number(&arg[3]) == 1 && ic_ts_number(&arg[4]) == 1;
    (void)row;
    if (plain && arg[0].u.t->rank == 1 && b->rank == 2 && ic_ts_is_known(b) && ic_ts_is_known(arg[0].u.t)) {
        IC_TRY(swap_last(ts, b, &b));
        IC_TRY(ic_ts_linear(ts, a, b, arg[0].u.t, &t));
        *out = ic_ts_of(t);
        return IC_OK;
    }
    IC_TRY(ic_ts_matmul(ts, a, b, &t));
    struct ic_ts_value p = ic_ts_of(t), s = arg[0];
    if (ic_ts_number(&arg[3]) != 1)
        IC_TRY(ic_ts_binary(ts, IC_TS_MUL, &s, &arg[3], &s));
    if (ic_ts_number(&arg[4]) != 1)
        IC_TRY(ic_ts_binary(ts, IC_TS_MUL, &p, &arg[4], &p));
    return ic_ts_binary(ts, IC_TS_ADD, &p, &s, out);
}

/* softmax(q k^T * scale + mask) v; masks of bool and causal ones are made into such a mask before */
enum ic_status ic_ts_op_attention(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *q = arg[0].u.t, *k = arg[1].u.t, *v = arg[2].u.t, *t = NULL;
    if (ic_ts_number(&arg[4]) != 0)
        ic_ts_say_training(ts, "attention with dropout");
    if (q->rank < 2 || k->rank < 2)
        return bad_shapes(ts, q, k);
    const double scale = arg[6].kind == IC_TS_V_NONE ? 1 / sqrt((double)q->dims[q->rank - 1]) : ic_ts_number(&arg[6]);
    IC_TRY(swap_last(ts, k, &k));
    IC_TRY(ic_ts_unary(ts, IC_MAP_AFFINE, scale, 0, q, &q));
    IC_TRY(ic_ts_matmul(ts, q, k, &t));
    struct ic_ts_value weights = ic_ts_of(t);
    if (arg[3].kind == IC_TS_V_TENSOR)
        IC_TRY(ic_ts_binary(ts, IC_TS_ADD, &weights, &arg[3], &weights));
    struct ic_ts_value softmax_args[3] = {weights, ic_ts_int(-1), ic_ts_none()};
    IC_TRY(ic_ts_op_softmax(ts, row, softmax_args, &weights)); /* row->i is 0: no logarithm */
    IC_TRY(ic_ts_matmul(ts, weights.u.t, v, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}
