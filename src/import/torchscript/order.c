/* SPDX-License-Identifier: Apache-2.0
 *
 * Where PyTorch has the elements of a tensor in memory. That decides whether reshape and contiguous share memory with their operand, and
 * so what a later in-place operator changes. The order is known for what is seen of memory that lies in order; results of operators on
 * something else may lie in either order. Then reshape copies, and reading one side after a write to the other is refused.
 */
#include "import/torchscript/ops.h"

#include <string.h>

/* The strides of new_dims on the same elements; false: they cannot be seen that way without a copy. */
static bool see_strides(int32_t rank, const int64_t *dims, const int64_t *strides, int32_t new_rank, const int64_t *new_dims,
                        int64_t *new_strides)
{
    int32_t to = new_rank - 1;
    int64_t base = rank ? strides[rank - 1] : 1, n = 1, n_new = 1;
    for (int32_t i = rank - 1; i >= 0; --i) {
        n *= dims[i];
        if (i > 0 && (dims[i - 1] == 1 || strides[i - 1] == n * base))
            continue; /* one run of elements with the axis before */
        for (; to >= 0 && (n_new < n || new_dims[to] == 1); --to) {
            new_strides[to] = n_new * base;
            n_new *= new_dims[to];
        }
        if (n_new != n)
            return false;
        base = i > 0 ? strides[i - 1] : 0;
        n = n_new = 1;
    }
    for (; to >= 0; --to) /* a scalar seen with axes of 1 */
        new_strides[to] = 1;
    return true;
}

/* One step further: dims and strides become those of what v shows. */
static bool follow(const struct ic_ts_view *v, int32_t *rank, int64_t *dims, int64_t *strides)
{
    int64_t old_dims[IC_IR_MAX_RANK], old[IC_IR_MAX_RANK];
    const int32_t front = v->rank - *rank;
    memcpy(old_dims, dims, sizeof old_dims);
    memcpy(old, strides, sizeof old);
    if (v->kind == IC_TS_VIEW_SLICE) {
        strides[v->axis] *= v->step;
        dims[v->axis] = v->length;
        return true;
    }
    for (int32_t i = 0; i < v->rank && v->kind != IC_TS_VIEW_RESHAPE; ++i) {
        const int32_t from = v->kind == IC_TS_VIEW_PERMUTE ? (int32_t)v->dims[i] : i - front;
        dims[i] = v->kind == IC_TS_VIEW_PERMUTE ? old_dims[from] : v->dims[i];
        strides[i] = from < 0 || old_dims[from] != dims[i] ? 0 : old[from];
    }
    const bool seen = v->kind != IC_TS_VIEW_RESHAPE || see_strides(*rank, old_dims, old, v->rank, v->dims, strides);
    if (v->kind == IC_TS_VIEW_RESHAPE)
        memcpy(dims, v->dims, sizeof old_dims);
    *rank = v->rank;
    return seen;
}

static bool follow_all(const struct ic_ts_view *v, int32_t *rank, int64_t *dims, int64_t *strides)
{
    return !v || (follow_all(v->before, rank, dims, strides) && follow(v, rank, dims, strides));
}

/* The strides of t; false: not known. */
static bool strides_of(const struct ic_ts_tensor *t, int64_t *strides)
{
    int64_t dims[IC_IR_MAX_RANK] = {0}, n = 1;
    int32_t rank = t->shared ? t->shared->rank : t->rank;
    if (!(t->shared ? t->shared->root.contiguous : t->now.contiguous))
        return false;
    memcpy(dims, t->shared ? t->shared->dims : t->dims, sizeof dims);
    for (int32_t i = rank; i-- > 0; n *= dims[i])
        strides[i] = n;
    return follow_all(t->view, &rank, dims, strides);
}

enum ic_ts_sharing ic_ts_reshape_shares(const struct ic_ts_tensor *t, int32_t rank, const int64_t *dims)
{
    int64_t strides[IC_IR_MAX_RANK] = {0}, seen[IC_IR_MAX_RANK];
    if (!strides_of(t, strides))
        return IC_TS_MAY_SHARE;
    return see_strides(t->rank, t->dims, strides, rank, dims, seen) ? IC_TS_SHARES : IC_TS_COPIES;
}

enum ic_ts_sharing ic_ts_contiguous_shares(const struct ic_ts_tensor *t)
{
    int64_t strides[IC_IR_MAX_RANK] = {0}, n = 1;
    if (!strides_of(t, strides))
        return IC_TS_MAY_SHARE;
    for (int32_t i = t->rank; i-- > 0; n *= t->dims[i])
        if (t->dims[i] != 1 && strides[i] != n)
            return IC_TS_COPIES;
    return IC_TS_SHARES;
}

/* ---- results that are new ---- */
/* Whether the result of this operator of aten may be an operand, or look at its memory. All others compute theirs into new memory, even
 * where nothing is left to compute: a sum over no axis, a roll by nothing. */
static bool may_show_an_operand(const char *name)
{
    static const char *const names[] = {"_conj",
                                        "_unsafe_view",
                                        "_unwrap_optional",
                                        "adjoint",
                                        "alias",
                                        "alpha_dropout",
                                        "as_strided",
                                        "as_tensor",
                                        "atleast_1d",
                                        "atleast_2d",
                                        "atleast_3d",
                                        "bfloat16",
                                        "bool",
                                        "broadcast_to",
                                        "byte",
                                        "char",
                                        "conj",
                                        "conj_physical",
                                        "contiguous",
                                        "cpu",
                                        "cuda",
                                        "dequantize",
                                        "detach",
                                        "diagonal",
                                        "double",
                                        "dropout",
                                        "einsum",
                                        "expand",
                                        "expand_as",
                                        "feature_alpha_dropout",
                                        "flatten",
                                        "float",
                                        "get",
                                        "half",
                                        "imag",
                                        "int",
                                        "lift_fresh",
                                        "long",
                                        "mH",
                                        "mT",
                                        "matrix_H",
                                        "moveaxis",
                                        "movedim",
                                        "narrow",
                                        "numpy_T",
                                        "permute",
                                        "positive",
                                        "ravel",
                                        "real",
                                        "reshape",
                                        "reshape_as",
                                        "resolve_conj",
                                        "resolve_neg",
                                        "select",
                                        "short",
                                        "slice",
                                        "squeeze",
                                        "swapaxes",
                                        "t",
                                        "feature_dropout",
                                        "to",
                                        "transpose",
                                        "type_as",
                                        "unflatten",
                                        "unfold",
                                        "unsqueeze",
                                        "view",
                                        "view_as",
                                        "view_as_complex",
                                        "view_as_real",
                                        "_cast_Float",
                                        "channel_shuffle"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool holds_tensor(const struct ic_ts_value *v)
{
    return v->kind == IC_TS_V_TENSOR || v->kind == IC_TS_V_COMPLEX;
}

static bool shows(const struct ic_ts_tensor *t, const struct ic_ts_value *args, int32_t n)
{
    for (int32_t i = 0; i < n; ++i)
        if (holds_tensor(&args[i]) && (args[i].u.t == t || (t->shared && args[i].u.t->shared == t->shared)))
            return true;
    return false;
}

static enum ic_status on_its_own(struct ic_ts *ts, struct ic_ts_tensor *t, struct ic_ts_tensor **out)
{
    *out = ic_arena_copy(&ts->arena, t, sizeof *t);
    if (!*out)
        return ic_ts_no_memory(ts);
    (*out)->shared = NULL;
    (*out)->storage = NULL;
    (*out)->view = NULL;
    (*out)->version = 0;
    (*out)->now.contiguous = true;
    return IC_OK;
}

enum ic_status ic_ts_new_results(struct ic_ts *ts, const char *name, const struct ic_ts_value *args, int32_t n_args,
                                 struct ic_ts_value *out)
{
    const bool many = out->kind == IC_TS_V_TUPLE;
    if ((!holds_tensor(out) && !many) || name[strlen(name) - 1] == '_' || may_show_an_operand(name))
        return IC_OK;
    for (int32_t i = 0; i < (many ? out->u.seq->n : 1); ++i) {
        struct ic_ts_value *v = many ? &out->u.seq->items[i] : out;
        if (holds_tensor(v) && shows(v->u.t, args, n_args))
            IC_TRY(on_its_own(ts, v->u.t, &v->u.t));
    }
    return IC_OK;
}

/* ---- orders that are asked for ---- */
enum { FORMAT_CONTIGUOUS = 0, FORMAT_CHANNELS_LAST = 2 /* and 3, of boxes */ };

enum ic_status ic_ts_in_format(struct ic_ts *ts, int64_t format, const struct ic_ts_value *x, struct ic_ts_value *out)
{
    if (out->kind != IC_TS_V_TENSOR || (format != FORMAT_CONTIGUOUS && format < FORMAT_CHANNELS_LAST))
        return IC_OK;
    struct ic_ts_tensor *t = out->u.t;
    if (x->kind != IC_TS_V_TENSOR || x->u.t != t) { /* a tensor of its own */
        t->now.contiguous = t->now.contiguous && format == FORMAT_CONTIGUOUS;
        return IC_OK;
    }
    if (format == FORMAT_CONTIGUOUS && ic_ts_contiguous_shares(t) == IC_TS_SHARES)
        return IC_OK;
    IC_TRY(on_its_own(ts, t, &out->u.t)); /* t itself when it lies in that order already */
    out->u.t->now.contiguous = false;
    return ic_ts_may_share(ts, out->u.t, t, false);
}

/* ---- results that may lie in either order ---- */
static bool some_out_of_order(const struct ic_ts_value *v, int32_t n, uint32_t depth)
{
    for (int32_t i = 0; i < n; ++i) {
        if (v[i].kind == IC_TS_V_TENSOR && ic_ts_contiguous_shares(v[i].u.t) != IC_TS_SHARES)
            return true;
        if ((v[i].kind == IC_TS_V_LIST || v[i].kind == IC_TS_V_TUPLE) && depth < 2 &&
            some_out_of_order(v[i].u.seq->items, v[i].u.seq->n, depth + 1))
            return true;
    }
    return false;
}

void ic_ts_order_of_results(const struct ic_ts_value *args, int32_t n_args, struct ic_ts_value *out)
{
    const bool many = out->kind == IC_TS_V_LIST || out->kind == IC_TS_V_TUPLE;
    if ((out->kind != IC_TS_V_TENSOR && !many) || !some_out_of_order(args, n_args, 0))
        return;
    for (int32_t i = 0; i < (many ? out->u.seq->n : 1); ++i) {
        const struct ic_ts_value *v = many ? &out->u.seq->items[i] : out;
        bool own = v->kind == IC_TS_V_TENSOR && !v->u.t->shared;
        for (int32_t k = 0; own && k < n_args; ++k)
            own = args[k].kind != IC_TS_V_TENSOR || args[k].u.t != v->u.t;
        if (own)
            v->u.t->now.contiguous = false;
    }
}
