/* SPDX-License-Identifier: Apache-2.0
 *
 * The constants of transforms and windows: what composed_fourier.def multiplies by.
 */
#include "import/torchscript/complex.h"
#include "import/torchscript/ops.h"

#include "arith/trigonometry.h"
#include "import/dft.h"

#include <inttypes.h>
#include <math.h>

/* A matrix up to this size is one product; a longer transform of n = a b points is done as b of a points and a of b points. */
#define DENSE_ELEMENTS (1 << 16)

/* ic::dft_factor(n): the smaller factor of the two steps, the largest there is; 1: one product. */
enum ic_status ic_ts_op_dft_factor(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const int64_t n = arg[0].u.i;
    int64_t best = 1;
    (void)ts;
    (void)row;
    if (n > 0 && n < (int64_t)1 << 31 && n * n > DENSE_ELEMENTS)
        for (int64_t i = 2; i * i <= n; ++i)
            best = n % i == 0 ? i : best;
    *out = ic_ts_int(best);
    return IC_OK;
}

/* ic::dft_dense(x [m, given, parts_in], n, results, parts, inverse, one_sided, divisor): [m, results, parts] */
enum ic_status ic_ts_op_dft_dense(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t, *m = NULL, *y = NULL;
    const struct ic_dft t = {.length = arg[1].u.i,
                             .given = x->dims[1],
                             .results = arg[2].u.i,
                             .parts_in = (int32_t)x->dims[2],
                             .parts_out = (int32_t)arg[3].u.i,
                             .inverse = arg[4].u.i != 0,
                             .one_sided = arg[5].u.i != 0,
                             .divisor = arg[6].u.f};
    void *to = NULL;
    (void)row;
    const bool parts = x->rank == 3 && t.parts_in >= 1 && t.parts_in <= 2 && arg[3].u.i >= 1 && arg[3].u.i <= 2;
    if (!parts || t.length < 1 || t.given < 1 || t.results < 1 || t.results > t.length || t.length > (int64_t)1 << 40)
        return ic_ts_fail(ts, IC_E_SHAPES, "a transform of %" PRId64 " point%s to %" PRId64, t.length, IC_S(t.length), t.results);
    const int64_t rows = t.results * t.parts_out, columns = t.given * t.parts_in;
    if (rows > IC_DFT_MAX_MATRIX / columns) {
        const char *why = ic_arena_printf(
            &ts->arena,
            "its %" PRId64 " points have no two factors to be done in steps, and at once they are a matrix of %" PRId64
            " MB; at most 256 MB are possible: choose a length with small factors",
            t.length, rows * columns >> 18);
        return ic_ts_unsupported(ts, "aten::fft", why ? why : "", arg, 1, out);
    }
    IC_TRY(ic_ts_tensor_known(ts, IC_TS_F32, 2, (const int64_t[]){rows, columns}, &m, &to));
    ic_dft_matrix(&t, to);
    IC_TRY(ic_ts_reshape(ts, x, 2, (const int64_t[]){x->dims[0], columns}, &y));
    IC_TRY(ic_ts_linear(ts, y, m, NULL, &y));
    IC_TRY(ic_ts_reshape(ts, y, 3, (const int64_t[]){x->dims[0], t.results, t.parts_out}, &y));
    y->dtype = ic_ts_is_known(y) ? y->dtype : x->dtype;
    *out = ic_ts_of(y);
    return IC_OK;
}

/* ic::twiddles(rows, columns, inverse): complex */
enum ic_status ic_ts_op_twiddles(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    void *to = NULL;
    (void)row;
    IC_TRY(ic_ts_tensor_known(ts, IC_TS_F32, 3, (const int64_t[]){arg[0].u.i, arg[1].u.i, 2}, &t, &to));
    ic_dft_twiddles(arg[0].u.i, arg[1].u.i, arg[2].u.i != 0, to);
    *out = ic_ts_complex(t);
    return IC_OK;
}

/* The modified Bessel function of the first kind of order 0, by its series. */
static double bessel(double x)
{
    double sum = 1, term = 1;
    for (int k = 1; k < 1000 && term > sum * 1e-17; ++k) {
        term *= x / 2 / k * (x / 2 / k);
        sum += term;
    }
    return sum;
}

#define POINTS_PER_EXPRESSION 64 /* what computing a window may take of the time that a model's code has, and of its memory */

static enum ic_status spend_points(struct ic_ts *ts, int64_t size)
{
    ts->n_evaluated += (uint64_t)size / POINTS_PER_EXPRESSION;
    return ts->n_evaluated <= ts->limits.max_evaluated
               ? IC_OK
               : ic_ts_fail(ts, IC_E_IMPORT_MEMORY,
                            "a window of %" PRId64
                            " points is, with the windows and loops before it, more than is computed while a "
                            "network is imported; compute it once, in __init__, and keep it as a buffer",
                            size);
}

/* ic::window(length, periodic, a, b, c): a - b cos(2 pi i / n) + c cos(4 pi i / n); row->i 1: Kaiser's with beta a */
enum ic_status ic_ts_op_window(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const int64_t size = arg[0].u.i, n = arg[1].u.i ? size : size - 1;
    struct ic_ts_tensor *t = NULL;
    void *to = NULL;
    if (size < 0 || size > IC_DFT_MAX_MATRIX || (row->i && !(fabs(arg[2].u.f) < 700)))
        return ic_ts_fail(ts, IC_E_SHAPES, "a window of %" PRId64 " points", size);
    IC_TRY(spend_points(ts, size));
    IC_TRY(ic_ts_tensor_known(ts, IC_TS_F32, 1, &size, &t, &to));
    for (int64_t i = 0; i < size; ++i) {
        const double r = n > 0 ? 2 * (double)i / (double)n - 1 : 0, inside = 1 - r * r;
        const double v = size == 1 ? 1
                         : row->i  ? bessel(arg[2].u.f * sqrt(inside > 0 ? inside : 0)) / bessel(arg[2].u.f)
                                   : arg[2].u.f - arg[3].u.f * ic_cos_of_turn(i, n) + arg[4].u.f * ic_cos_of_turn(2 * i, n);
        ic_ts_set_number(IC_TS_F32, to, i, v);
    }
    *out = ic_ts_of(t);
    return IC_OK;
}
