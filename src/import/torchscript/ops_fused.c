/* SPDX-License-Identifier: Apache-2.0
 *
 * Weight norm of constants; grids of positions; rows of tensors.
 */
#include "import/torchscript/ops.h"

#include <math.h>
#include <string.h>

/* ---- _weight_norm(v, g, dim): v * g / |v|, the norm over all axes but dim; constants only, so it is computed here ---- */
enum ic_status ic_ts_op_weight_norm(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *v = arg[0].u.t, *g = arg[1].u.t, *t = NULL;
    const void *from = NULL, *gains = NULL;
    void *to = NULL;
    int32_t axis = 0;
    (void)row;
    if (!ic_ts_is_known(v) || !ic_ts_is_known(g))
        return ic_ts_unsupported(ts, "aten::_weight_norm", "of computed data", arg, 2, out);
    IC_TRY(ic_ts_axis(ts, arg[2].u.i, v->rank, &axis));
    if (v->rank == 0 || ic_ts_elements(g) != v->dims[axis] || ic_ts_elements(v) == 0)
        return ic_ts_fail(ts, IC_E_SHAPES, "a weight norm of %s with gains %s", ic_ts_describe(ts, &arg[0]),
                          ic_ts_describe(ts, &arg[1]));
    IC_TRY(ic_ts_tensor_data(ts, v, &from));
    IC_TRY(ic_ts_tensor_data(ts, g, &gains));
    IC_TRY(ic_ts_tensor_known(ts, v->dtype, v->rank, v->dims, &t, &to));
    t->name = v->name;
    int64_t inner = 1;
    for (int32_t i = axis + 1; i < v->rank; ++i)
        inner *= v->dims[i];
    const int64_t n = ic_ts_elements(v), size = v->dims[axis];
    double *squares = ic_arena_array(&ts->arena, (size_t)size, sizeof *squares);
    if (!squares)
        return ic_ts_no_memory(ts);
    for (int64_t i = 0; i < n; ++i) {
        const double x = ic_ts_get_number(v->dtype, from, i);
        squares[i / inner % size] += x * x;
    }
    for (int64_t i = 0; i < n; ++i) {
        const int64_t k = i / inner % size;
        ic_ts_set_number(v->dtype, to, i,
                         ic_ts_get_number(v->dtype, from, i) * ic_ts_get_number(g->dtype, gains, k) / sqrt(squares[k]));
    }
    *out = ic_ts_of(t);
    return IC_OK;
}

/* meshgrid(tensors, indexing): "ij" unless it says "xy" */
enum ic_status ic_ts_op_meshgrid(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const int32_t n = ic_ts_list_n(&arg[0]);
    const bool xy = arg[1].kind == IC_TS_V_TEXT && strcmp(arg[1].u.text->text, "xy") == 0 && n >= 2;
    int64_t whole[IC_IR_MAX_RANK], dims[IC_IR_MAX_RANK];
    (void)row;
    if (n < 1 || n > IC_IR_MAX_RANK)
        return ic_ts_fail(ts, IC_E_SHAPES, "a grid of %d ax%s", n, IC_N(n, "is", "es"));
    for (int32_t i = 0; i < n; ++i)
        whole[xy && i < 2 ? 1 - i : i] = ic_ts_elements(arg[0].u.seq->items[i].u.t);
    IC_TRY(ic_ts_seq(ts, IC_TS_V_LIST, n, out));
    for (int32_t i = 0; i < n; ++i) {
        struct ic_ts_tensor *t = NULL;
        for (int32_t k = 0; k < n; ++k)
            dims[k] = k == (xy && i < 2 ? 1 - i : i) ? whole[k] : 1;
        struct ic_ts_view row_of = {.kind = IC_TS_VIEW_RESHAPE, .rank = n}, wide = {.kind = IC_TS_VIEW_EXPAND, .rank = n};
        memcpy(row_of.dims, dims, (size_t)n * sizeof *dims);
        memcpy(wide.dims, whole, (size_t)n * sizeof *whole);
        IC_TRY(ic_ts_view(ts, arg[0].u.seq->items[i].u.t, &row_of, &t));
        IC_TRY(ic_ts_view(ts, t, &wide, &t));
        out->u.seq->items[i] = ic_ts_of(t);
    }
    return IC_OK;
}

/* hstack (row->i 1): on axis 1, vectors on axis 0 */
enum ic_status ic_ts_op_hstack(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    arg[1] = ic_ts_int(ic_ts_list_n(&arg[0]) > 0 && arg[0].u.seq->items[0].u.t->rank > 1 ? 1 : 0);
    return ic_ts_op_cat(ts, row, arg, out);
}
