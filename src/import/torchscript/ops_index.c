/* SPDX-License-Identifier: Apache-2.0
 *
 * What the operators of composed.def need beyond PyTorch's: places by batch, places of several axes, the true elements of known masks, bits, refusals.
 */
#include "import/torchscript/ops.h"

#include "ir/op_def.h"

#include <string.h>

static enum ic_status finish(struct ic_ts *ts, struct ic_node *n, int32_t dtype, struct ic_ts_value *out)
{
    struct ic_value *v = NULL;
    struct ic_ts_tensor *t = NULL;
    IC_TRY(ic_ts_finish(ts, n, &v));
    IC_TRY(ic_ts_wrap(ts, v, dtype, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}

/* ic::gather(x, index, axis, batch): index replaces the axis; the first `batch` axes are shared */
enum ic_status ic_ts_op_gather_batch(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                     struct ic_ts_value *out)
{
    struct ic_value *in[2] = {0};
    struct ic_node *n = NULL;
    const int32_t dtype = arg[0].u.t->dtype;
    (void)row;
    IC_TRY(ic_ts_typed_value(ts, &arg[0], dtype, &in[0]));
    IC_TRY(ic_ts_typed_value(ts, &arg[1], IC_TS_S64, &in[1]));
    IC_TRY(ic_ts_node(ts, IC_OP_GATHER, in, 2, "", &n));
    ic_ts_set_int_attr(n, IC_GATHER_AXIS, arg[2].u.i);
    ic_ts_set_int_attr(n, IC_GATHER_BATCH, arg[3].u.i);
    return finish(ts, n, dtype, out);
}

/* ic::scatter_rows(x, index [n], updates [n, ...], fn): rows of x; fn: enum ic_scatter_fn */
enum ic_status ic_ts_op_scatter_rows(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                     struct ic_ts_value *out)
{
    struct ic_value *in[3] = {0};
    struct ic_node *n = NULL;
    struct ic_ts_tensor *index = arg[1].u.t;
    const int32_t dtype = arg[0].u.t->dtype;
    (void)row;
    IC_TRY(ic_ts_reshape(ts, index, 2, (const int64_t[]){ic_ts_elements(index), 1}, &index));
    const struct ic_ts_value column = ic_ts_of(index);
    IC_TRY(ic_ts_typed_value(ts, &arg[0], dtype, &in[0]));
    IC_TRY(ic_ts_typed_value(ts, &column, IC_TS_S64, &in[1]));
    IC_TRY(ic_ts_typed_value(ts, &arg[2], dtype, &in[2]));
    IC_TRY(ic_ts_node(ts, IC_OP_SCATTER_ND, in, 3, "", &n));
    ic_ts_set_int_attr(n, IC_SCATTER_ND_FN, arg[3].u.i);
    return finish(ts, n, dtype, out);
}

/* nonzero(x) of a known tensor: [n, rank] */
enum ic_status ic_ts_op_nonzero(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *t = NULL;
    const void *from = NULL;
    void *to = NULL;
    int64_t count = 0, at = 0;
    (void)row;
    if (!ic_ts_is_known(x))
        return ic_ts_unsupported(ts, "aten::nonzero", ic_ts_remedy("aten", "nonzero"), arg, 1, out);
    IC_TRY(ic_ts_tensor_data(ts, x, &from));
    const int64_t n = ic_ts_elements(x);
    for (int64_t i = 0; i < n; ++i)
        count += ic_ts_get_number(x->dtype, from, i) != 0;
    IC_TRY(ic_ts_tensor_known(ts, IC_TS_S64, 2, (const int64_t[]){count, x->rank}, &t, &to));
    for (int64_t i = 0; i < n; ++i) {
        int64_t rest = i;
        if (ic_ts_get_number(x->dtype, from, i) == 0)
            continue;
        for (int32_t axis = x->rank; axis-- > 0; rest /= x->dims[axis])
            ((int64_t *)to)[at * x->rank + axis] = rest % x->dims[axis];
        ++at;
    }
    *out = ic_ts_of(t);
    return IC_OK;
}

/* bits of integers, logic of bool; row->i: enum ic_op */
enum ic_status ic_ts_op_bits(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_value *in[2] = {0};
    struct ic_node *n = NULL;
    const int32_t dtype = ic_ts_promote(&arg[0], &arg[1]);
    if (ic_ts_is_float(dtype))
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "bits of %s", ic_ts_describe(ts, &arg[0]));
    IC_TRY(ic_ts_typed_value(ts, &arg[0], dtype, &in[0]));
    IC_TRY(ic_ts_typed_value(ts, &arg[1], dtype, &in[1]));
    IC_TRY(ic_ts_node(ts, (enum ic_op)row->i, in, 2, "", &n));
    return finish(ts, n, dtype, out);
}

/* ic::is_known(x) */
enum ic_status ic_ts_op_is_known(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)ts;
    (void)row;
    const bool tensor = arg[0].kind == IC_TS_V_TENSOR || arg[0].kind == IC_TS_V_COMPLEX;
    *out = ic_ts_bool(!tensor || ic_ts_is_known(arg[0].u.t));
    return IC_OK;
}

/* ic::refuse(why, tensor): the operator being composed is not supported in this form */
enum ic_status ic_ts_op_refuse(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    return ic_ts_unsupported(ts, "ic::refuse", arg[0].u.text->text, &arg[1], 1, out);
}

/* An operator by name, from C. */
enum ic_status ic_ts_call_op(struct ic_ts *ts, const char *ns, const char *name, struct ic_ts_value *values, int32_t n,
                             struct ic_ts_value *out)
{
    static const char *const no_keywords[IC_TS_MAX_ARGS];
    const struct ic_ts_args args = {.values = values, .keywords = no_keywords, .n = n};
    const void *cache = NULL;
    return ic_ts_dispatch(ts, ns, name, &args, &cache, out);
}
