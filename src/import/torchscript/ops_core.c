/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators that only exported programs name: what run_decompositions() makes of layers, and writes that give a new tensor.
 */
#include "base/checked.h"
#include "import/torchscript/ops.h"
#include "import/torchscript/report.h"

#include <string.h>

/* (y, statistics that only training reads) */
static enum ic_status with_statistics(struct ic_ts *ts, struct ic_ts_value y, int32_t n, struct ic_ts_value *out)
{
    if (y.kind == IC_TS_V_UNKNOWN) {
        *out = y;
        return IC_OK;
    }
    IC_TRY(ic_ts_seq(ts, IC_TS_V_TUPLE, n, out));
    out->u.seq->items[0] = y;
    for (int32_t i = 1; i < n; ++i)
        out->u.seq->items[i] = ic_ts_unknown();
    return IC_OK;
}

/* x, weight, bias, mean, variance, momentum, eps */
enum ic_status ic_ts_op_core_batch_norm(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                        struct ic_ts_value *out)
{
    struct ic_ts_value y, args[] = {arg[0], arg[1], arg[2], arg[3], arg[4], ic_ts_bool(false), arg[5], arg[6], ic_ts_bool(false)};
    IC_TRY(ic_ts_op_batch_norm(ts, row, args, &y));
    return with_statistics(ts, y, 3, out);
}

/* x, shape, weight, bias, eps */
enum ic_status ic_ts_op_core_layer_norm(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                        struct ic_ts_value *out)
{
    struct ic_ts_value y;
    IC_TRY(ic_ts_op_layer_norm(ts, row, arg, &y));
    return with_statistics(ts, y, 3, out);
}

/* x, weight, bias, batch, channels, pixels, groups, eps */
enum ic_status ic_ts_op_core_group_norm(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                        struct ic_ts_value *out)
{
    struct ic_ts_value y, args[] = {arg[0], arg[6], arg[1], arg[2], arg[7]};
    IC_TRY(ic_ts_op_group_norm(ts, row, args, &y));
    return with_statistics(ts, y, 3, out);
}

/* query, key, value, dropout, causal, mask, scale */
enum ic_status ic_ts_op_core_attention(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                       struct ic_ts_value *out)
{
    struct ic_ts_value y, args[] = {arg[0], arg[1], arg[2], arg[5], arg[3], arg[4], arg[6], ic_ts_bool(false)};
    IC_TRY(ic_ts_op_attention(ts, row, args, &y));
    return with_statistics(ts, y, 2, out);
}

/* x, p, train */
enum ic_status ic_ts_op_core_dropout(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                     struct ic_ts_value *out)
{
    struct ic_ts_value y, args[] = {arg[0], arg[1], arg[2].kind == IC_TS_V_NONE ? ic_ts_bool(false) : arg[2]};
    IC_TRY(ic_ts_op_dropout(ts, row, args, &y));
    return with_statistics(ts, y, 2, out);
}

/* A copy of arg[0] with arg[1] written where row->i says: 0 select(dim, index), 1 slice(dim, start, end, step). */
enum ic_status ic_ts_op_write_copy(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_value copy, place, args[5];
    IC_TRY(ic_ts_op_clone(ts, row, arg, &copy));
    memcpy(args, arg + 1, sizeof args);
    args[0] = copy;
    IC_TRY(row->i ? ic_ts_op_slice(ts, row, args, &place) : ic_ts_op_select(ts, row, args, &place));
    IC_TRY(ic_ts_write(ts, place.u.t, arg[1].u.t));
    IC_TRY(ic_ts_refresh(ts, copy.u.t));
    *out = copy;
    return IC_OK;
}

/* x, size, stride, offset: only what reads all of x in its own order, which is another shape of it; decompositions write no other. */
enum ic_status ic_ts_op_as_strided(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *t = NULL;
    int64_t dims[IC_IR_MAX_RANK], dense = 1;
    const int32_t rank = ic_ts_list_n(&arg[1]);
    int32_t wide = 0;
    bool good = rank <= IC_IR_MAX_RANK && ic_ts_list_n(&arg[2]) == rank && (arg[3].kind != IC_TS_V_INT || arg[3].u.i == 0);
    (void)row;
    for (int32_t i = 0; i < x->rank; ++i)
        wide += x->dims[i] > 1;
    for (int32_t i = rank; good && i-- > 0;) {
        dims[i] = ic_ts_list_int(&arg[1], i);
        good = dims[i] > 0 && (dims[i] == 1 || ic_ts_list_int(&arg[2], i) == dense) && ic_mul_i64(dense, dims[i], &dense);
    }
    if (!good || dense != ic_ts_elements(x) || (wide > 1 && !x->now.contiguous))
        return ic_ts_unsupported(ts, "aten::as_strided", "with strides that skip, repeat or turn elements", arg, 1, out);
    IC_TRY(ic_ts_reshape(ts, x, rank, dims, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}
