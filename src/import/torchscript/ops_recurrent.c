/* SPDX-License-Identifier: Apache-2.0
 *
 * Recurrent layers, unrolled: the input's product for all steps at once, then one small network per step. Gate order as in PyTorch:
 * LSTM i f g o, GRU r z n.
 */
#include "import/torchscript/ops.h"

#include <string.h>

enum cell { CELL_LSTM = 0, CELL_GRU = 1, CELL_TANH = 2, CELL_RELU = 3 };

struct weights {
    struct ic_ts_tensor *ih, *hh, *bias_ih, *bias_hh; /* biases NULL: none */
    struct ic_ts_tensor *hr;                          /* LSTM only: what a state is projected with; NULL: as it is */
};

static int64_t gates_of(enum cell kind)
{
    return kind == CELL_LSTM ? 4 : kind == CELL_GRU ? 3 : 1;
}

static enum ic_status binary(struct ic_ts *ts, int32_t op, struct ic_ts_tensor *a, struct ic_ts_tensor *b,
                             struct ic_ts_tensor **out)
{
    const struct ic_ts_value va = ic_ts_of(a), vb = ic_ts_of(b);
    struct ic_ts_value v;
    IC_TRY(ic_ts_binary(ts, op, &va, &vb, &v));
    if (v.kind != IC_TS_V_TENSOR)
        return ic_ts_fail(ts, IC_E_OPERATOR_FORM, "a recurrent layer on data of this type");
    *out = v.u.t;
    return IC_OK;
}

static enum ic_status gate(struct ic_ts *ts, struct ic_ts_tensor *all, int32_t index, int64_t size, struct ic_ts_tensor **out)
{
    return ic_ts_slice(ts, all, all->rank - 1, index * size, size, 1, out);
}

/* sigmoid or tanh of one gate of xw + hw */
static enum ic_status activated(struct ic_ts *ts, struct ic_ts_tensor *sum, int32_t index, int64_t size, enum ic_map_fn fn,
                                struct ic_ts_tensor **out)
{
    IC_TRY(gate(ts, sum, index, size, out));
    return ic_ts_unary(ts, fn, 0, 0, *out, out);
}

static enum ic_status lstm_step(struct ic_ts *ts, struct ic_ts_tensor *xw, struct ic_ts_tensor *hw, int64_t size,
                                struct ic_ts_tensor **h, struct ic_ts_tensor **c)
{
    struct ic_ts_tensor *sum, *i, *f, *g, *o;
    IC_TRY(binary(ts, IC_TS_ADD, xw, hw, &sum));
    IC_TRY(activated(ts, sum, 0, size, IC_MAP_SIGMOID, &i));
    IC_TRY(activated(ts, sum, 1, size, IC_MAP_SIGMOID, &f));
    IC_TRY(activated(ts, sum, 2, size, IC_MAP_TANH, &g));
    IC_TRY(activated(ts, sum, 3, size, IC_MAP_SIGMOID, &o));
    IC_TRY(binary(ts, IC_TS_MUL, f, *c, &f));
    IC_TRY(binary(ts, IC_TS_MUL, i, g, &i));
    IC_TRY(binary(ts, IC_TS_ADD, f, i, c));
    IC_TRY(ic_ts_unary(ts, IC_MAP_TANH, 0, 0, *c, h));
    return binary(ts, IC_TS_MUL, o, *h, h);
}

static enum ic_status gru_step(struct ic_ts *ts, struct ic_ts_tensor *xw, struct ic_ts_tensor *hw, int64_t size,
                               struct ic_ts_tensor **h)
{
    struct ic_ts_tensor *rz, *x_rz, *h_rz, *r, *z, *n, *hn;
    IC_TRY(ic_ts_slice(ts, xw, xw->rank - 1, 0, 2 * size, 1, &x_rz));
    IC_TRY(ic_ts_slice(ts, hw, hw->rank - 1, 0, 2 * size, 1, &h_rz));
    IC_TRY(binary(ts, IC_TS_ADD, x_rz, h_rz, &rz));
    IC_TRY(ic_ts_unary(ts, IC_MAP_SIGMOID, 0, 0, rz, &rz));
    IC_TRY(gate(ts, rz, 0, size, &r));
    IC_TRY(gate(ts, rz, 1, size, &z));
    IC_TRY(gate(ts, xw, 2, size, &n));
    IC_TRY(gate(ts, hw, 2, size, &hn));
    IC_TRY(binary(ts, IC_TS_MUL, r, hn, &hn));
    IC_TRY(binary(ts, IC_TS_ADD, n, hn, &n));
    IC_TRY(ic_ts_unary(ts, IC_MAP_TANH, 0, 0, n, &n));
    IC_TRY(binary(ts, IC_TS_SUB, *h, n, h)); /* (h - n) * z + n */
    IC_TRY(binary(ts, IC_TS_MUL, *h, z, h));
    return binary(ts, IC_TS_ADD, *h, n, h);
}

static enum ic_status cell_step(struct ic_ts *ts, enum cell kind, struct ic_ts_tensor *xw, const struct weights *w,
                                struct ic_ts_tensor **h, struct ic_ts_tensor **c)
{
    const int64_t size = w->hh->dims[0] / gates_of(kind);
    struct ic_ts_tensor *hw = NULL;
    IC_TRY(ic_ts_linear(ts, *h, w->hh, w->bias_hh, &hw));
    if (kind == CELL_LSTM) {
        IC_TRY(lstm_step(ts, xw, hw, size, h, c));
        return w->hr ? ic_ts_linear(ts, *h, w->hr, NULL, h) : IC_OK;
    }
    if (kind == CELL_GRU)
        return gru_step(ts, xw, hw, size, h);
    IC_TRY(binary(ts, IC_TS_ADD, xw, hw, h));
    return ic_ts_unary(ts, kind == CELL_TANH ? IC_MAP_TANH : IC_MAP_RELU, 0, 0, *h, h);
}

static enum ic_status check_weights(struct ic_ts *ts, enum cell kind, const struct weights *w)
{
    const int64_t gates = gates_of(kind);
    const bool projected = w->hr && w->hr->rank == 2 && w->hr->dims[0] == w->hh->dims[1] &&
                           w->hr->dims[1] * gates == w->hh->dims[0];
    if (w->ih->rank != 2 || w->hh->rank != 2 || (w->hr ? !projected : w->hh->dims[0] != gates * w->hh->dims[1]) ||
        w->ih->dims[0] != w->hh->dims[0])
        return ic_ts_fail(ts, IC_E_SHAPES, "the weights of a recurrent layer do not fit together");
    return IC_OK;
}

/* The first n rows of *state, the others of old. */
static enum ic_status keep_rows(struct ic_ts *ts, struct ic_ts_tensor *old, int64_t n, struct ic_ts_tensor **state)
{
    struct ic_ts_tensor *parts[2];
    if (n >= old->dims[0])
        return IC_OK;
    IC_TRY(ic_ts_slice(ts, *state, 0, 0, n, 1, &parts[0]));
    IC_TRY(ic_ts_slice(ts, old, 0, n, old->dims[0] - n, 1, &parts[1]));
    return ic_ts_concat(ts, parts, 2, 0, state);
}

/* One direction of one layer; active: rows per step, NULL all. x [t, n, k]; y [t, n, h] */
static enum ic_status run_direction(struct ic_ts *ts, enum cell kind, struct ic_ts_tensor *x, const struct weights *w,
                                    bool backward, const int64_t *active, struct ic_ts_tensor **h, struct ic_ts_tensor **c,
                                    struct ic_ts_tensor **out)
{
    const int64_t steps = x->dims[0];
    struct ic_ts_tensor *xw = NULL;
    struct ic_ts_tensor **parts = ic_arena_array(&ts->arena, (size_t)steps, sizeof *parts);
    if (!parts)
        return ic_ts_no_memory(ts);
    IC_TRY(check_weights(ts, kind, w));
    IC_TRY(ic_ts_linear(ts, x, w->ih, w->bias_ih, &xw));
    for (int64_t i = 0; i < steps; ++i) {
        const int64_t t = backward ? steps - 1 - i : i;
        struct ic_ts_tensor *now = NULL, *const old_h = *h, *const old_c = c ? *c : NULL;
        IC_TRY(ic_ts_spend(ts));
        IC_TRY(ic_ts_slice(ts, xw, 0, t, 1, 1, &now));
        IC_TRY(ic_ts_reshape(ts, now, 2, &now->dims[1], &now));
        IC_TRY(cell_step(ts, kind, now, w, h, c));
        if (active) { /* rows of sequences that have ended, or have not begun from behind, keep their state */
            IC_TRY(keep_rows(ts, old_h, active[t], h));
            if (old_c && kind == CELL_LSTM)
                IC_TRY(keep_rows(ts, old_c, active[t], c));
        }
        IC_TRY(ic_ts_reshape(ts, *h, 3, (const int64_t[]){1, (*h)->dims[0], (*h)->dims[1]}, &parts[t]));
    }
    return ic_ts_concat(ts, parts, (int32_t)steps, 0, out);
}

static enum ic_status state_of(struct ic_ts *ts, struct ic_ts_tensor *all, int64_t index, struct ic_ts_tensor **out)
{
    if (all->rank != 3 || index >= all->dims[0])
        return ic_ts_fail(ts, IC_E_SHAPES, "the first state of a recurrent layer has a wrong shape");
    IC_TRY(ic_ts_slice(ts, all, 0, index, 1, 1, out));
    return ic_ts_reshape(ts, *out, 2, &all->dims[1], out);
}

struct layers {
    enum cell kind;
    struct ic_ts_tensor *x, *h0, *c0; /* c0: LSTM only */
    const struct ic_ts_value *params;
    bool has_biases, bidirectional, projected;
    int64_t n_layers;
    const int64_t *active; /* per step: how many sequences it has; NULL: all */
};

static int32_t weights_each(const struct layers *l)
{
    return (l->has_biases ? 4 : 2) + (l->projected ? 1 : 0);
}

static struct weights weights_of(const struct layers *l, int64_t index)
{
    const int32_t each = weights_each(l);
    const struct ic_ts_value *p = &l->params->u.seq->items[index * each];
    return (struct weights){.ih = p[0].u.t,
                            .hh = p[1].u.t,
                            .bias_ih = l->has_biases ? p[2].u.t : NULL,
                            .bias_hh = l->has_biases ? p[3].u.t : NULL,
                            .hr = l->projected ? p[each - 1].u.t : NULL};
}

/* All layers. *out_h, *out_c: [layers * directions, n, h] */
static enum ic_status run_layers(struct ic_ts *ts, const struct layers *l, struct ic_ts_tensor **out, struct ic_ts_tensor **out_h,
                                 struct ic_ts_tensor **out_c)
{
    const int64_t directions = l->bidirectional ? 2 : 1, n = l->n_layers * directions;
    if (l->n_layers < 1 || n > 1024 || ic_ts_list_n(l->params) != n * weights_each(l))
        return ic_ts_fail(ts, IC_E_SHAPES, "a recurrent layer of %lld layer%s with %d weight%s", (long long)l->n_layers,
                          IC_S(l->n_layers), ic_ts_list_n(l->params), IC_S(ic_ts_list_n(l->params)));
    struct ic_ts_tensor **h = ic_arena_array(&ts->arena, (size_t)n, sizeof *h),
                        **c = ic_arena_array(&ts->arena, (size_t)n, sizeof *c), *y[2], *x = l->x;
    if (!h || !c)
        return ic_ts_no_memory(ts);
    for (int64_t i = 0; i < n; ++i) {
        const struct weights w = weights_of(l, i);
        IC_TRY(state_of(ts, l->h0, i, &h[i]));
        if (l->c0)
            IC_TRY(state_of(ts, l->c0, i, &c[i]));
        IC_TRY(run_direction(ts, l->kind, x, &w, i % directions == 1, l->active, &h[i], &c[i], &y[i % directions]));
        if (i % directions == directions - 1)
            IC_TRY(ic_ts_concat(ts, y, (int32_t)directions, 2, &x));
    }
    for (int64_t i = 0; i < n; ++i) {
        IC_TRY(ic_ts_reshape(ts, h[i], 3, (const int64_t[]){1, h[i]->dims[0], h[i]->dims[1]}, &h[i]));
        if (l->c0)
            IC_TRY(ic_ts_reshape(ts, c[i], 3, (const int64_t[]){1, c[i]->dims[0], c[i]->dims[1]}, &c[i]));
    }
    *out = x;
    IC_TRY(ic_ts_concat(ts, h, (int32_t)n, 0, out_h));
    return l->c0 ? ic_ts_concat(ts, c, (int32_t)n, 0, out_c) : IC_OK;
}

static enum ic_status swap_time_and_batch(struct ic_ts *ts, struct ic_ts_tensor *x, struct ic_ts_tensor **out)
{
    return ic_ts_permute(ts, x, (const int32_t[]){1, 0, 2}, out);
}

/* x, hx (a tensor, or for LSTM a list of two), params, has_biases, num_layers, dropout, train, bidirectional, batch_first; row->i the cell */
static enum ic_status recurrent(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, const int64_t *active,
                                struct ic_ts_value *out)
{
    struct ic_ts_tensor *y = NULL, *h = NULL, *c = NULL;
    const bool lstm = row->i == CELL_LSTM, batch_first = arg[8].u.i != 0;
    struct layers l = {.kind = (enum cell)row->i,
                       .x = arg[0].u.t,
                       .params = &arg[2],
                       .has_biases = arg[3].u.i != 0,
                       .n_layers = arg[4].u.i,
                       .bidirectional = arg[7].u.i != 0,
                       .active = active};
    const int64_t n_all = l.n_layers > 0 && l.n_layers <= 1024 ? l.n_layers * (l.bidirectional ? 2 : 1) : 1;
    l.projected = lstm && ic_ts_list_n(&arg[2]) == n_all * ((l.has_biases ? 4 : 2) + 1);
    if (lstm && ic_ts_list_n(&arg[1]) != 2)
        return ic_ts_fail(ts, IC_E_SHAPES, "an LSTM with %d first states", ic_ts_list_n(&arg[1]));
    l.h0 = lstm ? arg[1].u.seq->items[0].u.t : arg[1].u.t;
    l.c0 = lstm ? arg[1].u.seq->items[1].u.t : NULL;
    if (arg[6].u.i && ic_ts_number(&arg[5]) != 0)
        ic_ts_say_training(ts, "recurrent layer with dropout");
    if (l.x->rank != 3 || l.x->dims[batch_first ? 1 : 0] < 1)
        return ic_ts_fail(ts, IC_E_SHAPES, "a recurrent layer of %s; is the input shape right?", ic_ts_describe(ts, &arg[0]));
    if (batch_first)
        IC_TRY(swap_time_and_batch(ts, l.x, &l.x));
    IC_TRY(run_layers(ts, &l, &y, &h, &c));
    if (batch_first)
        IC_TRY(swap_time_and_batch(ts, y, &y));
    IC_TRY(ic_ts_seq(ts, IC_TS_V_TUPLE, lstm ? 3 : 2, out));
    out->u.seq->items[0] = ic_ts_of(y);
    out->u.seq->items[1] = ic_ts_of(h);
    if (lstm)
        out->u.seq->items[2] = ic_ts_of(c);
    return IC_OK;
}

enum ic_status ic_ts_op_lstm(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    return recurrent(ts, row, arg, NULL, out);
}
enum ic_status ic_ts_op_gru(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    return recurrent(ts, row, arg, NULL, out);
}

/* Of packed sequences: x [steps, most, k], batch_sizes, hx, params, has_biases, num_layers, dropout, train, bidirectional */
enum ic_status ic_ts_op_packed(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_value args[9] = {arg[0], arg[2], arg[3], arg[4], arg[5], arg[6], arg[7], arg[8], ic_ts_bool(false)};
    struct ic_ts_tensor *sizes = arg[1].u.t;
    const void *data = NULL;
    const int64_t n = ic_ts_elements(sizes);
    if (!ic_ts_is_known(sizes) || arg[0].u.t->rank != 3 || n != arg[0].u.t->dims[0])
        return ic_ts_fail(ts, IC_E_SHAPES, "a packed sequence with other lengths than its data");
    int64_t *active = ic_arena_array(&ts->arena, n ? (size_t)n : 1, sizeof *active);
    if (!active)
        return ic_ts_no_memory(ts);
    IC_TRY(ic_ts_tensor_data(ts, sizes, &data));
    for (int64_t i = 0; i < n; ++i)
        active[i] = ic_ts_get_int(sizes->dtype, data, i);
    return recurrent(ts, row, args, active, out);
}

static enum ic_status one_cell(struct ic_ts *ts, enum cell kind, struct ic_ts_value *arg, struct ic_ts_tensor **h,
                               struct ic_ts_tensor **c)
{
    const struct weights w = {.ih = arg[2].u.t,
                              .hh = arg[3].u.t,
                              .bias_ih = arg[4].kind == IC_TS_V_TENSOR ? arg[4].u.t : NULL,
                              .bias_hh = arg[5].kind == IC_TS_V_TENSOR ? arg[5].u.t : NULL};
    struct ic_ts_tensor *xw = NULL;
    IC_TRY(check_weights(ts, kind, &w));
    IC_TRY(ic_ts_linear(ts, arg[0].u.t, w.ih, w.bias_ih, &xw));
    return cell_step(ts, kind, xw, &w, h, c);
}

/* x, hx, w_ih, w_hh, b_ih, b_hh; row->i the cell */
enum ic_status ic_ts_op_gru_cell(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *h = arg[1].u.t, *c = NULL;
    IC_TRY(one_cell(ts, (enum cell)row->i, arg, &h, &c));
    *out = ic_ts_of(h);
    return IC_OK;
}

/* x, [hx, cx], ... */
enum ic_status ic_ts_op_lstm_cell(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    (void)row;
    if (ic_ts_list_n(&arg[1]) != 2)
        return ic_ts_fail(ts, IC_E_SHAPES, "an LSTM cell with %d states", ic_ts_list_n(&arg[1]));
    struct ic_ts_tensor *h = arg[1].u.seq->items[0].u.t, *c = arg[1].u.seq->items[1].u.t;
    IC_TRY(one_cell(ts, CELL_LSTM, arg, &h, &c));
    IC_TRY(ic_ts_seq(ts, IC_TS_V_TUPLE, 2, out));
    out->u.seq->items[0] = ic_ts_of(h);
    out->u.seq->items[1] = ic_ts_of(c);
    return IC_OK;
}
