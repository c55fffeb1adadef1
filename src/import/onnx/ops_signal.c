/* SPDX-License-Identifier: Apache-2.0
 *
 * DFT, STFT as products with a constant matrix (import/dft.h); windows and mel weights, which are constants.
 */
#include "import/onnx/ops.h"

#include "arith/trigonometry.h"
#include "import/dft.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* [results*parts_out, given*parts_in], rows for a fully connected layer */
static struct ic_value *matrix_of(struct ic_onnx *o, const struct ic_dft *t)
{
    const int64_t rows = t->results * t->parts_out, columns = t->given * t->parts_in;
    if (rows < 1 || columns < 1 || rows > IC_DFT_MAX_MATRIX / columns) {
        ic_onnx_refuse(o, "a transform of %" PRId64 " points to %" PRId64 ": it is a matrix here, of at most 2^26 elements",
                       t->given, t->results);
        return NULL;
    }
    float *m = ic_arena_array(o->arena, (size_t)(rows * columns), sizeof *m);
    if (!m) {
        ic_build_no_memory(&o->b);
        return NULL;
    }
    ic_dft_matrix(t, m);
    const int32_t dims[] = {(int32_t)rows, (int32_t)columns};
    return ic_build_const(&o->b, IC_F32, 2, dims, m);
}

/* x [.. points parts] to [.. results parts_out] */
static struct ic_value *apply(struct ic_onnx *o, struct ic_value *x, const struct ic_dft *t)
{
    struct ic_build *b = &o->b;
    int64_t dims[IC_IR_MAX_RANK];
    struct ic_value *m = matrix_of(o, t);
    x = ic_build_slice(b, x, x->rank - 2, 0, t->given, 1);
    if (!m || !x)
        return NULL;
    for (int32_t i = 0; i < x->rank; i++)
        dims[i] = x->dims[i];
    dims[x->rank - 2] = t->results;
    dims[x->rank - 1] = t->parts_out;
    const int32_t rank = x->rank;
    x = ic_build_merge(b, x, rank - 2, 2);
    return ic_build_reshape(b, ic_build_linear(b, x, m, NULL), rank, dims);
}

/* axis changes places with the one before the last: its own inverse */
static struct ic_value *swap_axis(struct ic_build *b, struct ic_value *x, int32_t axis)
{
    int64_t perm[IC_IR_MAX_RANK];
    for (int32_t i = 0; x && i < x->rank; i++)
        perm[i] = i == axis ? x->rank - 2 : i == x->rank - 2 ? axis : i;
    return x ? ic_build_transpose(b, x, x->rank, perm) : NULL;
}

/* A whole number that must be constant; otherwise when it is absent. */
static int64_t number_of(struct ic_onnx *o, int32_t i, const char *name, int64_t otherwise)
{
    const struct ic_value *v = ic_onnx_has(o, i) ? ic_onnx_const(o, i, name) : NULL;
    if (v && ic_value_elements(v) != 1)
        ic_onnx_fail(o, "its %s has %" PRId64 " numbers; one is wanted", name, ic_value_elements(v));
    return v && ic_onnx_ok(o) ? ic_build_get_int(v, 0) : otherwise;
}

void ic_onnx_op_dft(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    const bool attribute = o->version < 20, half = ic_onnx_int(o, "onesided", 0) != 0, inverse = ic_onnx_int(o, "inverse", 0) != 0;
    const int64_t named = attribute ? ic_onnx_int(o, "axis", 1) : number_of(o, 2, "axis", -2);
    if (!x || !ic_onnx_ok(o))
        return;
    const int32_t axis = ic_onnx_axis(o, named, x->rank), parts = x->rank ? x->dims[x->rank - 1] : 0;
    if (!ic_onnx_ok(o))
        return;
    if (x->rank < 2 || axis == x->rank - 1 || parts < 1 || parts > 2 || (half && (inverse ? parts != 2 : parts != 1))) {
        ic_onnx_fail(o, "a transform along axis %d of %d, whose last has %d parts, does not exist", (int)axis, (int)x->rank,
                     (int)parts);
        return;
    }
    const int64_t extent = x->dims[axis], length = number_of(o, 1, "dft_length", inverse && half ? 2 * (extent - 1) : extent);
    if (length < 1 || length > 1 << 24) {
        ic_onnx_fail(o, "a transform of %" PRId64 " points", length);
        return;
    }
    const int64_t wanted = inverse && half ? length / 2 + 1 : length;
    const struct ic_dft t = {.length = length,
                             .given = wanted < extent ? wanted : extent,
                             .results = half && !inverse ? length / 2 + 1 : length,
                             .parts_in = parts,
                             .parts_out = half && inverse ? 1 : 2,
                             .inverse = inverse,
                             .divisor = inverse ? (double)length : 1,
                             .one_sided = half};
    ic_onnx_out_like(o, 0, swap_axis(&o->b, apply(o, swap_axis(&o->b, x, axis), &t), axis), 0);
}

/* [batch points parts] to [batch frames length parts] */
static struct ic_value *frames_of(struct ic_onnx *o, struct ic_value *x, int64_t step, int64_t length)
{
    const int64_t frames = (x->dims[1] - length) / step + 1;
    const int32_t dims[] = {(int32_t)frames, (int32_t)length};
    int64_t *places = frames * length <= IC_DFT_MAX_MATRIX ? ic_arena_array(o->arena, (size_t)(frames * length), sizeof *places)
                                                           : NULL;
    if (!places) {
        ic_onnx_refuse(o, "%" PRId64 " frames of %" PRId64 " points; at most 2^26 elements are possible", frames, length);
        return NULL;
    }
    for (int64_t i = 0; i < frames * length; i++)
        places[i] = i / length * step + i % length;
    return ic_build_gather(&o->b, x, ic_build_const(&o->b, IC_S64, 2, dims, places), 1);
}

void ic_onnx_op_stft(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *window = ic_onnx_in(o, 2);
    const int64_t step = number_of(o, 1, "frame_step", 0);
    const bool half = ic_onnx_int(o, "onesided", 1) != 0;
    if (!x || !ic_onnx_ok(o))
        return;
    const int64_t length = number_of(o, 3, "frame_length",
                                     window && window->rank == 1 ? window->dims[0]
                                     : x->rank > 1               ? x->dims[1]
                                                                 : 0);
    const int32_t parts = x->rank == 3 ? x->dims[2] : x->rank == 2 ? 1 : 0;
    if (parts < 1 || parts > 2 || step < 1 || length < 1 || length > x->dims[1] || (half && parts == 2) ||
        (window && (window->rank != 1 || window->dims[0] != length))) {
        ic_onnx_fail(o, "frames of %" PRId64 " points, %" PRId64 " apart, of a signal of %d axes%s do not exist", length, step,
                     (int)x->rank, half && parts == 2 ? ", complex and one-sided," : "");
        return;
    }
    double *factors = window && window->data ? ic_arena_array(o->arena, (size_t)length, sizeof *factors) : NULL;
    if (window && window->data && !factors) {
        ic_build_no_memory(b);
        return;
    }
    for (int64_t i = 0; factors && i < length; i++)
        factors[i] = ic_build_get(window, i);
    const struct ic_dft t = {.length = length,
                             .given = length,
                             .results = half ? length / 2 + 1 : length,
                             .parts_in = parts,
                             .parts_out = 2,
                             .one_sided = half,
                             .divisor = 1,
                             .window = factors};
    x = ic_build_reshape(b, x, 3, (const int64_t[]){x->dims[0], x->dims[1], parts});
    x = x ? frames_of(o, x, step, length) : NULL;
    if (window && !window->data)
        x = ic_build_binary(b, IC_OP_MUL, x, ic_build_reshape(b, window, 2, (const int64_t[]){length, 1}));
    ic_onnx_out_like(o, 0, x ? apply(o, x, &t) : NULL, 0);
}

/* ---- constants ---- */
static void give_table(struct ic_onnx *o, int32_t rank, const int32_t *dims, const float *data)
{
    const int32_t type = ic_onnx_int32(o, "output_datatype", IC_ONNX_FLOAT);
    ic_onnx_out(o, 0, ic_onnx_cast(o, ic_build_const(&o->b, IC_F32, rank, dims, data), type, true), type);
}

/* row->a - row->b cos(2 pi i / n) + (0.08 cos(4 pi i / n) for Blackman, row->i 1) */
void ic_onnx_op_window(struct ic_onnx *o)
{
    const int64_t size = number_of(o, 0, "size", 0), n = ic_onnx_int(o, "periodic", 1) || size < 1 ? size : size - 1;
    if (!ic_onnx_ok(o))
        return;
    float *w = size > 0 && size <= IC_DFT_MAX_MATRIX ? ic_arena_array(o->arena, (size_t)size, sizeof *w) : NULL;
    if (!w) {
        ic_onnx_fail(o, "a window of %" PRId64 " points", size);
        return;
    }
    for (int64_t i = 0; i < size; i++) {
        const double once = n ? ic_cos_of_turn(i, n) : 1, twice = n ? ic_cos_of_turn(2 * i, n) : 1;
        w[i] = (float)(o->row->a - o->row->b * once + (o->row->i ? 0.08 * twice : 0));
    }
    const int32_t dims[] = {(int32_t)size};
    give_table(o, 1, dims, w);
}

static double float_of(struct ic_onnx *o, int32_t i, const char *name)
{
    const struct ic_value *v = ic_onnx_const(o, i, name);
    return v && ic_value_elements(v) == 1 ? ic_build_get(v, 0) : 0;
}

/* Triangles between neighbours on the mel scale: edge i of bins + 2, in bins of the spectrum. */
static int64_t mel_edge(int64_t i, int64_t n, double low, double step, int64_t length, int64_t rate)
{
    const double log_10 = ic_log_f64(10), mel = low + (double)i * step, hertz = 700 * (ic_exp_f64(mel / 2595 * log_10) - 1);
    const double bin = floor((double)(length + 1) * hertz / (double)rate);
    return bin >= 0 && bin < (double)n ? (int64_t)bin : -1;
}

void ic_onnx_op_mel_weights(struct ic_onnx *o)
{
    const int64_t bins = number_of(o, 0, "num_mel_bins", 0), length = number_of(o, 1, "dft_length", 0),
                  rate = number_of(o, 2, "sample_rate", 0), n = length / 2 + 1;
    const double log_10 = ic_log_f64(10), low = 2595 * ic_log_f64(1 + float_of(o, 3, "lower_edge_hertz") / 700) / log_10,
                 high = 2595 * ic_log_f64(1 + float_of(o, 4, "upper_edge_hertz") / 700) / log_10;
    if (!ic_onnx_ok(o))
        return;
    float *w = bins > 0 && length > 0 && rate > 0 && bins <= IC_DFT_MAX_MATRIX && n <= IC_DFT_MAX_MATRIX / bins
                   ? ic_arena_array(o->arena, (size_t)(n * bins), sizeof *w)
                   : NULL;
    if (!w) {
        ic_onnx_fail(o, "%" PRId64 " mel bins of a transform of %" PRId64 " points at %" PRId64 " Hz", bins, length, rate);
        return;
    }
    for (int64_t i = 0; i < bins; i++) {
        const double step = (high - low) / (double)(bins + 2);
        const int64_t left = mel_edge(i, n, low, step, length, rate), middle = mel_edge(i + 1, n, low, step, length, rate),
                      right = mel_edge(i + 2, n, low, step, length, rate);
        if (left < 0 || middle < 0 || right < 0) {
            ic_onnx_fail(o, "an edge of mel bin %" PRId64 " stands outside the spectrum of %" PRId64 " bins", i, n);
            return;
        }
        if (left == middle)
            w[middle * bins + i] = 1;
        for (int64_t k = left; k <= middle && left < middle; k++)
            w[k * bins + i] = (float)((double)(k - left) / (double)(middle - left));
        for (int64_t k = middle; k < right; k++)
            w[k * bins + i] = (float)((double)(right - k) / (double)(right - middle));
    }
    const int32_t dims[] = {(int32_t)n, (int32_t)bins};
    give_table(o, 2, dims, w);
}
