/* SPDX-License-Identifier: Apache-2.0
 *
 * Float SOFTMAX, MATMUL and RESAMPLE, a part of kernels/simple_f32.h: vectors along the last axis.
 */

/* ---- SOFTMAX along the last axis ---- */
enum { PARTS = 16 }; /* partial sums: docs/arithmetic.md 4.5 */

static bool softmax_fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_softmax *s = args;
    return s->inner == 1 && s->count >= PARTS && both_float(tensors, s->x, s->y);
}

static int32_t softmax_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return ((const struct ic_step_softmax *)args)->outer;
}

/* x[i] - m for the VF elements from i on. */
static inline vf centred(const void *x, int64_t i, bool half, vf m)
{
    return ic_vf_sub(load_any(x, i, half), m);
}

static float line_maximum(const void *x, uint32_t dtype, int64_t start, int32_t n)
{
    const bool half = dtype == IC_F16;
    float each[VF], m = ic_f32_from_bits(0xFF800000u);
    vf most = vf_set(m);
    int32_t i = 0;
    for (; i + VF <= n; i += VF)
        most = vf_max(most, load_any(x, start + i, half));
    vf_store(each, most);
    for (int32_t k = 0; k < VF; k++)
        m = ic_max(m, each[k]);
    for (; i < n; i++)
        m = ic_max(m, ic_load(dtype, x, start + i));
    return m;
}

static float line_sum(const void *x, uint32_t dtype, int64_t start, int32_t n, float m)
{
    const bool half = dtype == IC_F16;
    const vf most = vf_set(m);
    vf sums[PARTS / VF];
    float parts[PARTS];
    int32_t i = 0;
    for (int32_t k = 0; k < PARTS / VF; k++)
        sums[k] = vf_zero();
    for (; i + PARTS <= n; i += PARTS)
        for (int32_t k = 0; k < PARTS / VF; k++)
            sums[k] = vf_add(sums[k], ic_vf_exp(centred(x, start + i + k * VF, half, most)));
    for (int32_t k = 0; k < PARTS / VF; k++)
        vf_store(parts + k * VF, sums[k]);
    for (; i < n; i++)
        parts[i % PARTS] = ic_add_f(parts[i % PARTS], ic_exp(ic_sub_f(ic_load(dtype, x, start + i), m)));
    return ic_sum_tree(parts, PARTS);
}

static void softmax_line(const struct ic_step_softmax *s, const struct ic_tensor *tensors, void *const *ptr, int64_t start)
{
    const void *x = ptr[s->x];
    const uint32_t from = tensors[s->x].dtype, to = tensors[s->y].dtype;
    const float m = line_maximum(x, from, start, s->count), sum = line_sum(x, from, start, s->count, m);
    const float log_sum = s->log ? ic_log(sum) : 0.0f;
    const vf most = vf_set(m), all = vf_set(s->log ? log_sum : sum);
    int32_t i = 0;
    for (; i + VF <= s->count; i += VF) {
        const vf t = centred(x, start + i, from == IC_F16, most);
        store_any(ptr[s->y], start + i, to == IC_F16, s->log ? ic_vf_sub(t, all) : vf_div(ic_vf_exp(t), all));
    }
    for (; i < s->count; i++) {
        const float t = ic_sub_f(ic_load(from, x, start + i), m);
        ic_store(to, ptr[s->y], start + i, s->log ? ic_sub_f(t, log_sum) : ic_div_f(ic_exp(t), sum));
    }
}

static void softmax_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                        int32_t end)
{
    (void)scratch;
    const struct ic_step_softmax *s = args;
    for (int32_t o = begin; o < end; o++)
        softmax_line(s, tensors, ptr, (int64_t)o * s->count);
}

/* ---- MATMUL whose second operand and result are dense along n: rows times vectors of columns ---- */
enum { MATMUL_ROWS = 4, MATMUL_VECTORS = 2 };

static bool matmul_fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_matmul *s = args;
    return s->x2_n == 1 && s->n >= VF && s->partials == 1 && both_float(tensors, s->x1, s->y) && tensors[s->x2].dtype <= IC_F16 &&
           vector_function(s->fn, s->a, s->b);
}

static int32_t matmul_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_matmul *s = args;
    return s->batch * s->m;
}

/* rows of one matrix of the batch, vectors of columns from element n on: sums[row][vector] in ascending k. */
static inline void matmul_tile(const struct ic_step_matmul *s, const struct ic_tensor *tensors, void *const *ptr, int64_t at1,
                               int64_t at2, int32_t rows, int32_t vectors, vf sums[MATMUL_ROWS][MATMUL_VECTORS])
{
    const bool half1 = is_half(tensors, s->x1), half2 = is_half(tensors, s->x2);
    for (int32_t r = 0; r < rows; r++)
        for (int32_t v = 0; v < vectors; v++)
            sums[r][v] = vf_zero();
    for (int32_t k = 0; k < s->k; k++) {
        vf w[MATMUL_VECTORS];
        for (int32_t v = 0; v < vectors; v++)
            w[v] = load_any(ptr[s->x2], at2 + (int64_t)k * s->x2_k + v * VF, half2);
        for (int32_t r = 0; r < rows; r++) {
            const vf x = operand(ptr[s->x1], at1 + (int64_t)r * s->x1_m + (int64_t)k * s->x1_k, 0, half1);
            for (int32_t v = 0; v < vectors; v++)
                sums[r][v] = vf_fma(x, w[v], sums[r][v]);
        }
    }
}

static void matmul_store(const struct ic_step_matmul *s, const struct ic_tensor *tensors, void *const *ptr,
                         const struct function *f, int64_t at, vf v)
{
    if (s->round_mid == IC_ROUND_F16)
        v = vf_round_half(v);
    store_any(ptr[s->y], at, is_half(tensors, s->y), apply(f, v));
}

static void matmul_rows(const struct ic_step_matmul *s, const struct ic_tensor *tensors, void *const *ptr, int32_t row,
                        int32_t rows)
{
    const struct function f = function_of(s->fn, s->a, s->b);
    const int64_t b = row / s->m, m = row % s->m;
    vf sums[MATMUL_ROWS][MATMUL_VECTORS];
    for (int32_t n = 0; n < s->n;) {
        const int32_t vectors = s->n - n >= MATMUL_VECTORS * VF ? MATMUL_VECTORS : 1;
        const int32_t from = n + VF <= s->n ? n : s->n - VF; /* the last vector overlaps the one before */
        const int64_t at1 = b * s->x1_batch + m * s->x1_m, at2 = b * s->x2_batch + from;
        if (rows == MATMUL_ROWS && vectors == MATMUL_VECTORS)
            matmul_tile(s, tensors, ptr, at1, at2, MATMUL_ROWS, MATMUL_VECTORS, sums);
        else
            matmul_tile(s, tensors, ptr, at1, at2, rows, vectors, sums);
        for (int32_t r = 0; r < rows; r++)
            for (int32_t v = 0; v < vectors; v++)
                matmul_store(s, tensors, ptr, &f, (int64_t)(row + r) * s->n + from + v * VF, sums[r][v]);
        n = from + vectors * VF;
    }
}

static void matmul_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                       int32_t end)
{
    (void)scratch;
    const struct ic_step_matmul *s = args;
    while (begin < end) {
        const int32_t left_of_matrix = s->m - begin % s->m, left = end - begin;
        int32_t rows = left < left_of_matrix ? left : left_of_matrix;
        rows = rows < MATMUL_ROWS ? rows : MATMUL_ROWS;
        matmul_rows(s, tensors, ptr, begin, rows);
        begin += rows;
    }
}

/* ---- RESAMPLE along an axis that is not the last: a unit is one weighted sum of lines ---- */
static bool resample_fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_resample *s = args;
    return s->inner >= VF && both_float(tensors, s->x, s->y) && (int64_t)s->outer * s->results <= INT32_MAX;
}

static int32_t resample_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_resample *s = args;
    return s->outer * s->results;
}

static void resample_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                         int32_t end)
{
    (void)scratch;
    const struct ic_step_resample *s = args;
    const bool x_half = is_half(tensors, s->x), y_half = is_half(tensors, s->y);
    for (int32_t unit = begin; unit < end; unit++) {
        const int64_t first = (int64_t)(unit % s->results) * s->taps, line = (int64_t)(unit / s->results) * s->count;
        const int32_t *place = (const int32_t *)ptr[s->place] + first;
        const float *weight = (const float *)ptr[s->weight] + first;
        for (int32_t i = 0; i < s->inner; i += VF) {
            const int32_t from = i + VF <= s->inner ? i : s->inner - VF; /* the last vector overlaps the one before */
            vf sum = vf_zero();
            for (int32_t k = 0; k < s->taps; k++)
                sum = vf_fma(load_any(ptr[s->x], (line + place[k]) * s->inner + from, x_half), vf_set(ic_flush(weight[k])), sum);
            store_any(ptr[s->y], (int64_t)unit * s->inner + from, y_half, sum);
        }
    }
}
