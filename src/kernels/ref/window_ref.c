/* SPDX-License-Identifier: Apache-2.0
 *
 * POOL, REDUCE, SOFTMAX, MATMUL by their definitions.
 */
#include "kernels/ref/ref.h"

#include "arith/elementary.h"

static float infinity(void)
{
    return ic_f32_from_bits(0x7F800000u);
}

/* ---- POOL ---- */
static int32_t taps_between(int32_t start, int32_t kernel, int32_t dilation, int32_t from, int32_t to)
{
    int32_t n = 0;
    for (int32_t k = 0; k < kernel; k++)
        n += start + k * dilation >= from && start + k * dilation < to;
    return n;
}

struct ic_window ic_window_at(const struct ic_step_pool *s, int32_t oy, int32_t ox)
{
    struct ic_window w = {.iy0 = oy * s->stride_h - s->pad_top, .ix0 = ox * s->stride_w - s->pad_left};
    w.taps = taps_between(w.iy0, s->kh, s->dilation_h, 0, s->ih) * taps_between(w.ix0, s->kw, s->dilation_w, 0, s->iw);
    w.covered = taps_between(w.iy0, s->kh, s->dilation_h, -s->pad_top, s->ih + s->pad_bottom) *
                taps_between(w.ix0, s->kw, s->dilation_w, -s->pad_left, s->iw + s->pad_right);
    return w;
}

int32_t ic_window_divisor(const struct ic_step_pool *s, const struct ic_window *w)
{
    const int32_t n = s->divisor ? s->divisor : s->count_pad ? w->covered : w->taps;
    return n > 0 ? n : 1;
}

static float pool_floats(const struct ic_step_pool *s, uint32_t dtype, const void *x, const struct ic_window *w, int32_t n,
                         int32_t c)
{
    float result = s->op == IC_POOL_MAX ? -infinity() : 0.0f;
    for (int32_t ky = 0; ky < s->kh; ky++)
        for (int32_t kx = 0; kx < s->kw; kx++) {
            const int32_t iy = w->iy0 + ky * s->dilation_h, ix = w->ix0 + kx * s->dilation_w;
            if (iy < 0 || iy >= s->ih || ix < 0 || ix >= s->iw)
                continue;
            const float v = ic_load(dtype, x, (((int64_t)n * s->ih + iy) * s->iw + ix) * s->c + c);
            result = s->op == IC_POOL_MAX ? ic_max(result, v) : ic_add_f(result, v);
        }
    return s->op == IC_POOL_MAX ? result : ic_div_f(result, (float)ic_window_divisor(s, w));
}

static int32_t pool_codes(const struct ic_step_pool *s, uint32_t dtype, const void *x, const struct ic_window *w, int32_t n,
                          int32_t c)
{
    int32_t most = s->q_lo, sum = 0;
    for (int32_t ky = 0; ky < s->kh; ky++)
        for (int32_t kx = 0; kx < s->kw; kx++) {
            const int32_t iy = w->iy0 + ky * s->dilation_h, ix = w->ix0 + kx * s->dilation_w;
            if (iy < 0 || iy >= s->ih || ix < 0 || ix >= s->iw)
                continue;
            const int32_t q = ic_load_code(dtype, x, (((int64_t)n * s->ih + iy) * s->iw + ix) * s->c + c);
            most = q > most ? q : most;
            sum += q;
        }
    if (s->op == IC_POOL_MAX)
        return most > s->q_hi ? s->q_hi : most;
    const float m = ic_div_f(s->mul, (float)ic_window_divisor(s, w));
    return ic_requant(sum - w->taps * s->zx, m, s->zy, s->q_lo, s->q_hi);
}

static int32_t pool_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_pool *s = args;
    return s->n * s->oh;
}

static void pool_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)scratch;
    const struct ic_step_pool *s = args;
    for (int32_t row = begin; row < end; row++)
        for (int32_t ox = 0; ox < s->ow; ox++) {
            const struct ic_window w = ic_window_at(s, row % s->oh, ox);
            for (int32_t c = 0; c < s->c; c++) {
                const int64_t at = ((int64_t)row * s->ow + ox) * s->c + c;
                if (s->mode == IC_ARITH_F32)
                    ic_store(tensors[s->y].dtype, ptr[s->y], at,
                             pool_floats(s, tensors[s->x].dtype, ptr[s->x], &w, row / s->oh, c));
                else
                    ic_store_code(ptr[s->y], at, pool_codes(s, tensors[s->x].dtype, ptr[s->x], &w, row / s->oh, c));
            }
        }
}

const struct ic_kernel ic_kernel_pool_ref = {.name = "pool_ref", .kind = IC_STEP_POOL, .units = pool_units, .run = pool_run};

/* ---- REDUCE ---- */
static float reduce_sum(uint32_t dtype, const void *x, int64_t start, int32_t count, int64_t stride)
{
    float sums[16] = {0};
    for (int32_t i = 0; i < count; i++)
        sums[i % 16] = ic_add_f(sums[i % 16], ic_load(dtype, x, start + i * stride));
    return ic_sum_tree(sums, 16);
}

static float reduce_floats(const struct ic_step_reduce *s, uint32_t dtype, const void *x, int64_t start)
{
    if (s->op == IC_REDUCE_SUM)
        return reduce_sum(dtype, x, start, s->count, s->inner);
    if (s->op == IC_REDUCE_MEAN)
        return ic_mul_f(reduce_sum(dtype, x, start, s->count, s->inner), ic_div_f(1.0f, (float)s->count));
    float result = ic_load(dtype, x, start);
    for (int32_t i = 1; i < s->count; i++) {
        const float v = ic_load(dtype, x, start + (int64_t)i * s->inner);
        result = s->op == IC_REDUCE_MAX ? ic_max(result, v) : s->op == IC_REDUCE_MIN ? ic_min(result, v) : ic_mul_f(result, v);
    }
    return result;
}

static int32_t reduce_codes(const struct ic_step_reduce *s, uint32_t dtype, const void *x, int64_t start)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < s->count; i++)
        sum += ic_load_code(dtype, x, start + (int64_t)i * s->inner) - s->zx;
    return ic_requant(sum, s->m, s->zy, s->q_lo, s->q_hi);
}

static int32_t reduce_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return ((const struct ic_step_reduce *)args)->outer;
}

static void reduce_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                       int32_t end)
{
    (void)scratch;
    const struct ic_step_reduce *s = args;
    for (int32_t o = begin; o < end; o++)
        for (int32_t i = 0; i < s->inner; i++) {
            const int64_t start = (int64_t)o * s->count * s->inner + i, at = (int64_t)o * s->inner + i;
            if (s->mode != IC_ARITH_F32)
                ic_store_code(ptr[s->y], at, reduce_codes(s, tensors[s->x].dtype, ptr[s->x], start));
            else
                ic_store(tensors[s->y].dtype, ptr[s->y], at,
                         ic_end(reduce_floats(s, tensors[s->x].dtype, ptr[s->x], start), s->round_mid, s->fn, s->a, s->b));
        }
}

const struct ic_kernel ic_kernel_reduce_ref = {
    .name = "reduce_ref", .kind = IC_STEP_REDUCE, .units = reduce_units, .run = reduce_run};

/* ---- SOFTMAX ---- */
static int32_t softmax_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return ((const struct ic_step_softmax *)args)->outer;
}

static void softmax_line(const struct ic_step_softmax *s, uint32_t from, uint32_t to, const void *x, void *y, int64_t start)
{
    float most = -infinity(), sums[16] = {0};
    for (int32_t i = 0; i < s->count; i++)
        most = ic_max(most, ic_load(from, x, start + (int64_t)i * s->inner));
    for (int32_t i = 0; i < s->count; i++)
        sums[i % 16] = ic_add_f(sums[i % 16], ic_exp(ic_sub_f(ic_load(from, x, start + (int64_t)i * s->inner), most)));
    const float sum = ic_sum_tree(sums, 16), log_sum = s->log ? ic_log(sum) : 0.0f;
    for (int32_t i = 0; i < s->count; i++) {
        const int64_t at = start + (int64_t)i * s->inner;
        const float centred = ic_sub_f(ic_load(from, x, at), most);
        ic_store(to, y, at, s->log ? ic_sub_f(centred, log_sum) : ic_div_f(ic_exp(centred), sum));
    }
}

static void softmax_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                        int32_t end)
{
    (void)scratch;
    const struct ic_step_softmax *s = args;
    for (int32_t o = begin; o < end; o++)
        for (int32_t i = 0; i < s->inner; i++)
            softmax_line(s, tensors[s->x].dtype, tensors[s->y].dtype, ptr[s->x], ptr[s->y], (int64_t)o * s->count * s->inner + i);
}

const struct ic_kernel ic_kernel_softmax_ref = {
    .name = "softmax_ref", .kind = IC_STEP_SOFTMAX, .units = softmax_units, .run = softmax_run};

/* ---- MATMUL ---- */
static int32_t matmul_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_matmul *s = args;
    return s->batch * s->m;
}

static void matmul_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                       int32_t end)
{
    (void)scratch;
    const struct ic_step_matmul *s = args;
    for (int32_t row = begin; row < end; row++)
        for (int32_t n = 0; n < s->n; n++) {
            const int64_t b = row / s->m, m = row % s->m;
            float sums[16] = {0};
            for (int32_t k = 0; k < s->k; k++) {
                float *sum = &sums[(uint32_t)k % s->partials];
                *sum = ic_fma_f(
                    ic_load(tensors[s->x1].dtype, ptr[s->x1], b * s->x1_batch + m * s->x1_m + (int64_t)k * s->x1_k),
                    ic_load(tensors[s->x2].dtype, ptr[s->x2], b * s->x2_batch + (int64_t)k * s->x2_k + (int64_t)n * s->x2_n), *sum);
            }
            ic_store(tensors[s->y].dtype, ptr[s->y], (int64_t)row * s->n + n,
                     ic_end(ic_sum_tree(sums, (int)s->partials), s->round_mid, s->fn, s->a, s->b));
        }
}

const struct ic_kernel ic_kernel_matmul_ref = {
    .name = "matmul_ref", .kind = IC_STEP_MATMUL, .units = matmul_units, .run = matmul_run};

/* ---- PRODUCT ---- */
static int32_t product_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_product *s = args;
    return s->batch * s->m;
}

static void product_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                        int32_t end)
{
    (void)scratch;
    const struct ic_step_product *s = args;
    const uint32_t type1 = tensors[s->x1].dtype, type2 = tensors[s->x2].dtype;
    for (int32_t row = begin; row < end; row++)
        for (int32_t n = 0; n < s->n; n++) {
            const int64_t b = row / s->m, m = row % s->m;
            int64_t acc = 0; /* in mode S32 it stays within 32 bits */
            for (int32_t k = 0; k < s->k; k++) {
                const int32_t q1 = ic_load_code(type1, ptr[s->x1], b * s->x1_batch + m * s->x1_m + (int64_t)k * s->x1_k);
                const int32_t q2 = ic_load_code(type2, ptr[s->x2], b * s->x2_batch + (int64_t)k * s->x2_k + (int64_t)n * s->x2_n);
                acc += (q1 - s->z1) * (q2 - s->z2);
            }
            const int32_t q = s->mode == IC_ARITH_S32 ? ic_requant((int32_t)acc, s->scale, s->zy, s->q_lo, s->q_hi)
                                                      : ic_requant64(acc, s->scale, s->zy, s->q_lo, s->q_hi);
            ic_store_code(ptr[s->y], (int64_t)row * s->n + n, q);
        }
}

const struct ic_kernel ic_kernel_product_ref = {
    .name = "product_ref", .kind = IC_STEP_PRODUCT, .units = product_units, .run = product_run};
