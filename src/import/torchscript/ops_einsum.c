/* SPDX-License-Identifier: Apache-2.0
 *
 * einsum: pairs of operands as batched matrix products, from left to right.
 */
#include "import/torchscript/ops.h"

#include "ir/op_def.h"

#include <string.h>

#define N_LETTERS (26 + 26)
#define DOTS N_LETTERS /* letters that stand for the axes of "...", last axis first */
#define N_LABELS (N_LETTERS + IC_IR_MAX_RANK)

struct labeled {
    struct ic_ts_tensor *t;
    int32_t n, labels[IC_IR_MAX_RANK]; /* per axis */
};

static int32_t letter(char c)
{
    return c >= 'a' && c <= 'z' ? c - 'a' : c >= 'A' && c <= 'Z' ? c - 'A' + 26 : -1;
}

static bool has(const struct labeled *x, int32_t label)
{
    for (int32_t i = 0; i < x->n; ++i)
        if (x->labels[i] == label)
            return true;
    return false;
}

/* One comma separated part of the equation; rank -1: the result, where dots stand for n_dots axes. */
static bool read_labels(const char *text, size_t length, int32_t rank, int32_t n_dots, struct labeled *out)
{
    int32_t named = 0, at = 0;
    out->n = 0;
    for (size_t i = 0; i < length; ++i)
        named += letter(text[i]) >= 0;
    if (rank >= 0)
        n_dots = rank - named;
    if (n_dots < 0 || named + n_dots > IC_IR_MAX_RANK)
        return false;
    bool dots = false;
    for (size_t i = 0; i < length; ++i) {
        if (text[i] == ' ')
            continue;
        if (text[i] == '.' && i + 2 < length && text[i + 1] == '.' && text[i + 2] == '.' && !dots) {
            for (int32_t k = n_dots; k-- > 0;)
                out->labels[at++] = DOTS + k;
            i += 2;
            dots = true;
            continue;
        }
        if (letter(text[i]) < 0)
            return false;
        out->labels[at++] = letter(text[i]);
    }
    out->n = at;
    return rank < 0 || at == rank;
}

/* A letter twice in one operand: its diagonal. */
static enum ic_status take_diagonals(struct ic_ts *ts, struct labeled *x)
{
    for (int32_t i = 0; i < x->n; ++i)
        for (int32_t k = i + 1; k < x->n; ++k) {
            if (x->labels[i] != x->labels[k])
                continue;
            struct ic_ts_value arg[4] = {ic_ts_of(x->t), ic_ts_int(0), ic_ts_int(i), ic_ts_int(k)}, v;
            const int32_t label = x->labels[i];
            IC_TRY(ic_ts_call_op(ts, "aten", "diagonal", arg, 4, &v));
            x->t = v.u.t;
            int32_t n = 0;
            for (int32_t j = 0; j < x->n; ++j)
                if (j != i && j != k)
                    x->labels[n++] = x->labels[j];
            x->labels[n++] = label;
            x->n = n;
            return take_diagonals(ts, x);
        }
    return IC_OK;
}

/* The axes of x that are in `order`, in that order; others must be gone. Missing ones get extent 1. */
static enum ic_status arrange(struct ic_ts *ts, struct labeled *x, int32_t n, const int32_t *order, struct ic_ts_tensor **out)
{
    int32_t perm[IC_IR_MAX_RANK], count = 0;
    int64_t dims[IC_IR_MAX_RANK];
    for (int32_t i = 0; i < n; ++i) {
        dims[i] = 1;
        for (int32_t k = 0; k < x->n; ++k)
            if (x->labels[k] == order[i]) {
                perm[count++] = k;
                dims[i] = x->t->dims[k];
            }
    }
    if (count != x->n)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "einsum whose result has an axis twice; write it once, and diag_embed the result");
    IC_TRY(ic_ts_permute(ts, x->t, perm, out));
    return ic_ts_reshape(ts, *out, n, dims, out);
}

/* The same for a single operand of which nothing is summed: PyTorch only looks at its memory, in another order. */
static enum ic_status see_arranged(struct ic_ts *ts, const struct labeled *x, const int32_t *order, struct ic_ts_tensor **out)
{
    struct ic_ts_view v = {.kind = IC_TS_VIEW_PERMUTE, .rank = x->n};
    for (int32_t i = 0; i < x->n; ++i)
        for (int32_t k = 0; k < x->n; ++k)
            if (x->labels[k] == order[i])
                v.dims[i] = k;
    return ic_ts_view(ts, x->t, &v, out);
}

/* Sums away the labels of x that nobody needs. */
static enum ic_status sum_away(struct ic_ts *ts, struct labeled *x, const bool *needed)
{
    int64_t axes[IC_IR_MAX_RANK];
    int32_t n_axes = 0, n = 0;
    struct ic_ts_value v;
    for (int32_t i = 0; i < x->n; ++i)
        if (!needed[x->labels[i]])
            axes[n_axes++] = i;
        else
            x->labels[n++] = x->labels[i];
    x->n = n;
    if (n_axes == 0)
        return IC_OK;
    struct ic_ts_value arg[2] = {ic_ts_of(x->t)};
    IC_TRY(ic_ts_ints(ts, n_axes, axes, &arg[1]));
    IC_TRY(ic_ts_call_op(ts, "aten", "sum", arg, 2, &v));
    x->t = v.u.t;
    return IC_OK;
}

static int64_t extent(const struct labeled *x, int32_t label)
{
    for (int32_t i = 0; i < x->n; ++i)
        if (x->labels[i] == label)
            return x->t->dims[i];
    return 1;
}

struct groups { /* labels of a product of two */
    int32_t batch[IC_IR_MAX_RANK], rows[IC_IR_MAX_RANK], columns[IC_IR_MAX_RANK], inner[IC_IR_MAX_RANK];
    int32_t n_batch, n_rows, n_columns, n_inner;
};

static void group(const struct labeled *a, const struct labeled *b, const bool *later, struct groups *g)
{
    for (int32_t i = 0; i < a->n; ++i) {
        const int32_t label = a->labels[i];
        if (!has(b, label))
            g->rows[g->n_rows++] = label;
        else if (later[label])
            g->batch[g->n_batch++] = label;
        else
            g->inner[g->n_inner++] = label;
    }
    for (int32_t i = 0; i < b->n; ++i)
        if (!has(a, b->labels[i]))
            g->columns[g->n_columns++] = b->labels[i];
}

static int64_t product(const struct labeled *x, int32_t n, const int32_t *labels)
{
    int64_t p = 1;
    for (int32_t i = 0; i < n; ++i)
        p *= extent(x, labels[i]);
    return p;
}

/* x as [batch ..., first ..., second ...] with each group one axis behind the batch axes */
static enum ic_status as_matrix(struct ic_ts *ts, struct labeled *x, const struct groups *g, int32_t n_first, const int32_t *first,
                                int32_t n_second, const int32_t *second, struct ic_ts_tensor **out)
{
    int32_t order[3 * IC_IR_MAX_RANK], n = 0;
    int64_t dims[IC_IR_MAX_RANK + 2];
    for (int32_t i = 0; i < g->n_batch; ++i)
        order[n++] = g->batch[i];
    for (int32_t i = 0; i < n_first; ++i)
        order[n++] = first[i];
    for (int32_t i = 0; i < n_second; ++i)
        order[n++] = second[i];
    if (g->n_batch + 2 > IC_IR_MAX_RANK)
        return ic_ts_fail(ts, IC_E_OPERATOR_FORM, "einsum with %d ax%s shared by two operands; at most %d are supported",
                          g->n_batch, IC_N(g->n_batch, "is", "es"), IC_IR_MAX_RANK - 2);
    IC_TRY(arrange(ts, x, n, order, out));
    for (int32_t i = 0; i < g->n_batch; ++i)
        dims[i] = extent(x, g->batch[i]);
    dims[g->n_batch] = product(x, n_first, first);
    dims[g->n_batch + 1] = product(x, n_second, second);
    return ic_ts_reshape(ts, *out, g->n_batch + 2, dims, out);
}

static enum ic_status contract(struct ic_ts *ts, struct labeled *a, struct labeled *b, const bool *later, struct labeled *out)
{
    struct groups g = {0};
    struct ic_ts_tensor *x = NULL, *y = NULL;
    int64_t dims[IC_IR_MAX_RANK];
    group(a, b, later, &g);
    if (g.n_batch + g.n_rows + g.n_columns > IC_IR_MAX_RANK)
        return ic_ts_fail(ts, IC_E_RANK, "einsum with a result of more than %d axes", IC_IR_MAX_RANK);
    for (int32_t i = 0; i < g.n_inner; ++i)
        if (extent(a, g.inner[i]) != extent(b, g.inner[i]))
            return ic_ts_fail(ts, IC_E_SHAPES, "einsum of axes of %lld and %lld", (long long)extent(a, g.inner[i]),
                              (long long)extent(b, g.inner[i]));
    IC_TRY(as_matrix(ts, a, &g, g.n_rows, g.rows, g.n_inner, g.inner, &x));
    IC_TRY(as_matrix(ts, b, &g, g.n_inner, g.inner, g.n_columns, g.columns, &y));
    struct labeled r = {0};
    for (int32_t i = 0; i < g.n_batch; ++i)
        dims[r.n] = extent(a, g.batch[i]) > 1 ? extent(a, g.batch[i]) : extent(b, g.batch[i]), r.labels[r.n++] = g.batch[i];
    for (int32_t i = 0; i < g.n_rows; ++i)
        dims[r.n] = extent(a, g.rows[i]), r.labels[r.n++] = g.rows[i];
    for (int32_t i = 0; i < g.n_columns; ++i)
        dims[r.n] = extent(b, g.columns[i]), r.labels[r.n++] = g.columns[i];
    if (g.n_inner == 0) { /* nothing is summed: an elementwise product that broadcasts */
        const struct ic_ts_value vx = ic_ts_of(x), vy = ic_ts_of(y);
        struct ic_ts_value v;
        IC_TRY(ic_ts_binary(ts, IC_TS_MUL, &vx, &vy, &v));
        r.t = v.u.t;
    } else {
        IC_TRY(ic_ts_matmul(ts, x, y, &r.t));
    }
    IC_TRY(ic_ts_reshape(ts, r.t, r.n, dims, &r.t));
    *out = r;
    return IC_OK;
}

/* Without "->": the letters that occur once, in the order of the alphabet, behind the dots. */
static void default_result(const char *text, size_t length, int32_t n_dots, struct labeled *out)
{
    int32_t count[N_LETTERS] = {0};
    out->n = 0;
    for (size_t i = 0; i < length; ++i)
        if (letter(text[i]) >= 0)
            count[letter(text[i])]++;
    for (int32_t k = n_dots; k-- > 0;)
        out->labels[out->n++] = DOTS + k;
    for (int32_t i = 26; i < N_LETTERS; ++i) /* capitals come first */
        if (count[i] == 1 && out->n < IC_IR_MAX_RANK)
            out->labels[out->n++] = i;
    for (int32_t i = 0; i < 26; ++i)
        if (count[i] == 1 && out->n < IC_IR_MAX_RANK)
            out->labels[out->n++] = i;
}

static enum ic_status read_equation(struct ic_ts *ts, const char *text, const struct ic_ts_value *tensors, struct labeled *operands,
                                    struct labeled *result)
{
    const char *arrow = strstr(text, "->"), *p = text;
    const size_t left = arrow ? (size_t)(arrow - text) : strlen(text);
    int32_t n_dots = 0;
    bool good = true;
    for (int32_t i = 0; i < ic_ts_list_n(tensors) && good; ++i) {
        const size_t length = strcspn(p, ",-");
        operands[i].t = tensors->u.seq->items[i].u.t;
        good = p <= text + left && read_labels(p, length, operands[i].t->rank, 0, &operands[i]);
        for (int32_t k = 0; k < operands[i].n; ++k)
            if (operands[i].labels[k] >= DOTS && operands[i].labels[k] - DOTS + 1 > n_dots)
                n_dots = operands[i].labels[k] - DOTS + 1;
        p += length + (p[length] == ',');
    }
    if (good && arrow)
        good = read_labels(arrow + 2, strlen(arrow + 2), -1, strstr(arrow, "...") ? n_dots : 0, result);
    else if (good)
        default_result(text, left, n_dots, result);
    return good ? IC_OK : ic_ts_fail(ts, IC_E_SHAPES, "einsum \"%.100s\" does not fit its operands", text);
}

static void mark_needed(const struct labeled *x, bool *needed)
{
    for (int32_t i = 0; i < x->n; ++i)
        needed[x->labels[i]] = true;
}

static bool is_permutation(const struct labeled *x, const struct labeled *result)
{
    bool same = x->n == result->n;
    for (int32_t i = 0; same && i < x->n; ++i)
        same = has(result, x->labels[i]);
    return same;
}

/* einsum(equation, tensors, path) */
enum ic_status ic_ts_op_einsum(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const int32_t n = ic_ts_list_n(&arg[1]);
    struct labeled result = {0}, now, *x = ic_arena_array(&ts->arena, n > 0 ? (size_t)n : 1, sizeof *x);
    struct ic_ts_tensor *t = NULL;
    (void)row;
    if (!x)
        return ic_ts_no_memory(ts);
    if (n < 1)
        return ic_ts_fail(ts, IC_E_SHAPES, "einsum of nothing");
    IC_TRY(read_equation(ts, arg[0].u.text->text, &arg[1], x, &result));
    for (int32_t i = 0; i < n; ++i)
        IC_TRY(take_diagonals(ts, &x[i]));
    now = x[0];
    for (int32_t i = 0; i < n; ++i) {
        bool later[N_LABELS] = {false}, needed[N_LABELS] = {false};
        mark_needed(&result, later);
        for (int32_t k = i + 1; k < n; ++k)
            mark_needed(&x[k], later);
        if (i > 0) {
            memcpy(needed, later, sizeof needed);
            mark_needed(&now, needed);
            IC_TRY(sum_away(ts, &x[i], needed));
            IC_TRY(contract(ts, &now, &x[i], later, &now));
        }
        IC_TRY(sum_away(ts, &now, later)); /* what only this one has */
    }
    for (int32_t i = 0; i < result.n; ++i)
        if (!has(&now, result.labels[i]))
            return ic_ts_fail(ts, IC_E_SHAPES, "einsum \"%.100s\" has an axis in its result only", arg[0].u.text->text);
    if (n == 1 && now.t == x[0].t && is_permutation(&now, &result))
        IC_TRY(see_arranged(ts, &now, result.labels, &t));
    else
        IC_TRY(arrange(ts, &now, result.n, result.labels, &t));
    *out = ic_ts_of(t);
    return IC_OK;
}
