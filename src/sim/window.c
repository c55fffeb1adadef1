/* SPDX-License-Identifier: Apache-2.0
 *
 * POOL, REDUCE, SOFTMAX, MATMUL, PRODUCT.
 */
#include "sim/internal.h"

#include <math.h>

/* ---- POOL ---- */
struct pool_result {
    float most, sum;
    int32_t most_code, sum_code, n_inside, n_padded;
};

static void take_tap(const struct ic_sim_run *r, const struct ic_step_pool *s, int64_t at, struct pool_result *v)
{
    v->n_inside++;
    if (s->mode == IC_ARITH_F32) {
        const float x = ic_sim_get(r, s->x, at);
        v->most = v->n_inside == 1 ? ic_max(-INFINITY, x) : ic_max(v->most, x);
        v->sum = ic_add_f(v->sum, x);
        return;
    }
    const int32_t q = ic_sim_get_code(r, s->x, at);
    v->most_code = q > v->most_code ? q : v->most_code;
    v->sum_code += q;
}

static struct pool_result take_window(const struct ic_sim_run *r, const struct ic_step_pool *s, const int32_t *o, int32_t c)
{
    struct pool_result v = {.most = -INFINITY, .most_code = s->q_lo};
    for (int32_t ky = 0; ky < s->kh; ky++)
        for (int32_t kx = 0; kx < s->kw; kx++) {
            const int32_t iy = o[1] * s->stride_h + ky * s->dilation_h - s->pad_top,
                          ix = o[2] * s->stride_w + kx * s->dilation_w - s->pad_left;
            if (iy >= -s->pad_top && iy < s->ih + s->pad_bottom && ix >= -s->pad_left && ix < s->iw + s->pad_right)
                v.n_padded++;
            if (iy >= 0 && iy < s->ih && ix >= 0 && ix < s->iw)
                take_tap(r, s, (((int64_t)o[0] * s->ih + iy) * s->iw + ix) * s->c + c, &v);
        }
    return v;
}

static void put_pooled(const struct ic_sim_run *r, const struct ic_step_pool *s, const struct pool_result *v, int64_t at)
{
    int32_t divisor = s->divisor ? s->divisor : s->count_pad ? v->n_padded : v->n_inside;
    divisor = divisor < 1 ? 1 : divisor;
    if (s->mode == IC_ARITH_F32) {
        ic_sim_put(r, s->y, at, s->op == IC_POOL_MAX ? v->most : ic_div_f(v->sum, (float)divisor));
        return;
    }
    if (s->op == IC_POOL_MAX) {
        ((uint8_t *)r->ptr[s->y])[at] = (uint8_t)(v->most_code > s->q_hi ? s->q_hi : v->most_code);
        return;
    }
    const float m = ic_div_f(s->mul, (float)divisor);
    const int32_t centred = v->sum_code - v->n_inside * s->zx;
    ic_sim_put_code(r, s->y, at, ic_requant(centred, m, s->zy, s->q_lo, s->q_hi), (double)centred * (double)m, s->zy);
}

enum ic_status ic_sim_pool(const struct ic_sim_run *r, const struct ic_step_pool *s)
{
    int32_t o[3];
    for (o[0] = 0; o[0] < s->n; o[0]++)
        for (o[1] = 0; o[1] < s->oh; o[1]++)
            for (o[2] = 0; o[2] < s->ow; o[2]++)
                for (int32_t c = 0; c < s->c; c++) {
                    const struct pool_result v = take_window(r, s, o, c);
                    put_pooled(r, s, &v, (((int64_t)o[0] * s->oh + o[1]) * s->ow + o[2]) * s->c + c);
                }
    return IC_OK;
}

/* ---- sums in 16 strides ---- */
struct strided {
    float parts[16];
    int32_t n;
};

static void add_to(struct strided *sum, float x)
{
    float *part = &sum->parts[sum->n++ % 16];
    *part = ic_add_f(*part, x);
}

/* ---- REDUCE ---- */
static float reduced(const struct ic_sim_run *r, const struct ic_step_reduce *s, int64_t first)
{
    struct strided sum = {{0}, 0};
    float running = ic_sim_get(r, s->x, first);
    for (int32_t i = 0; i < s->count; i++) {
        const float x = ic_sim_get(r, s->x, first + (int64_t)i * s->inner);
        add_to(&sum, x);
        if (i == 0)
            continue;
        switch (s->op) {
        case IC_REDUCE_MAX:
            running = ic_max(running, x);
            break;
        case IC_REDUCE_MIN:
            running = ic_min(running, x);
            break;
        case IC_REDUCE_PROD:
            running = ic_mul_f(running, x);
            break;
        default:
            break;
        }
    }
    if (s->op == IC_REDUCE_SUM)
        return ic_sum_tree(sum.parts, 16);
    if (s->op == IC_REDUCE_MEAN)
        return ic_mul_f(ic_sum_tree(sum.parts, 16), ic_div_f(1.0f, (float)s->count));
    return running;
}

enum ic_status ic_sim_reduce(const struct ic_sim_run *r, const struct ic_step_reduce *s)
{
    for (int32_t o = 0; o < s->outer; o++)
        for (int32_t i = 0; i < s->inner; i++) {
            const int64_t first = (int64_t)o * s->count * s->inner + i, at = (int64_t)o * s->inner + i;
            if (s->mode == IC_ARITH_F32) {
                ic_sim_put(r, s->y, at, ic_sim_end(reduced(r, s, first), s->round_mid, s->fn, s->a, s->b));
                continue;
            }
            int32_t sum = 0;
            for (int32_t k = 0; k < s->count; k++)
                sum += ic_sim_get_code(r, s->x, first + (int64_t)k * s->inner) - s->zx;
            ic_sim_put_code(r, s->y, at, ic_requant(sum, s->m, s->zy, s->q_lo, s->q_hi), (double)sum * (double)s->m, s->zy);
        }
    return IC_OK;
}

/* ---- SOFTMAX ---- */
static void soften(const struct ic_sim_run *r, const struct ic_step_softmax *s, int64_t first)
{
    struct strided sum = {{0}, 0};
    float most = ic_max(-INFINITY, ic_sim_get(r, s->x, first));
    for (int32_t i = 1; i < s->count; i++)
        most = ic_max(most, ic_sim_get(r, s->x, first + (int64_t)i * s->inner));
    for (int32_t i = 0; i < s->count; i++)
        add_to(&sum, ic_exp(ic_sub_f(ic_sim_get(r, s->x, first + (int64_t)i * s->inner), most)));
    const float all = ic_sum_tree(sum.parts, 16);
    for (int32_t i = 0; i < s->count; i++) {
        const int64_t at = first + (int64_t)i * s->inner;
        const float centred = ic_sub_f(ic_sim_get(r, s->x, at), most);
        ic_sim_put(r, s->y, at, s->log ? ic_sub_f(centred, ic_log(all)) : ic_div_f(ic_exp(centred), all));
    }
}

enum ic_status ic_sim_softmax(const struct ic_sim_run *r, const struct ic_step_softmax *s)
{
    for (int32_t o = 0; o < s->outer; o++)
        for (int32_t i = 0; i < s->inner; i++)
            soften(r, s, (int64_t)o * s->count * s->inner + i);
    return IC_OK;
}

/* ---- MATMUL ---- */
enum ic_status ic_sim_matmul(const struct ic_sim_run *r, const struct ic_step_matmul *s)
{
    int64_t at = 0;
    for (int64_t b = 0; b < s->batch; b++)
        for (int64_t m = 0; m < s->m; m++)
            for (int64_t n = 0; n < s->n; n++, at++) {
                float sums[16] = {0};
                for (int64_t k = 0; k < s->k; k++) {
                    const float x1 = ic_sim_get(r, s->x1, b * s->x1_batch + m * s->x1_m + k * s->x1_k);
                    const float x2 = ic_sim_get(r, s->x2, b * s->x2_batch + k * s->x2_k + n * s->x2_n);
                    sums[k % s->partials] = ic_fma_f(x1, x2, sums[k % s->partials]);
                }
                ic_sim_put(r, s->y, at, ic_sim_end(ic_sum_tree(sums, (int)s->partials), s->round_mid, s->fn, s->a, s->b));
            }
    return IC_OK;
}

/* ---- PRODUCT ---- */
enum ic_status ic_sim_product(const struct ic_sim_run *r, const struct ic_step_product *s)
{
    for (int64_t at = 0; at < (int64_t)s->batch * s->m * s->n; at++) {
        const int64_t n = at % s->n, m = at / s->n % s->m, b = at / s->n / s->m;
        int64_t sum = 0;
        for (int64_t k = 0; k < s->k; k++)
            sum += (int64_t)(ic_sim_get_code(r, s->x1, b * s->x1_batch + m * s->x1_m + k * s->x1_k) - s->z1) *
                   (ic_sim_get_code(r, s->x2, b * s->x2_batch + k * s->x2_k + n * s->x2_n) - s->z2);
        const int32_t code = s->mode == IC_ARITH_S64 ? ic_requant64(sum, s->scale, s->zy, s->q_lo, s->q_hi)
                                                     : ic_requant((int32_t)sum, s->scale, s->zy, s->q_lo, s->q_hi);
        ic_sim_put_code(r, s->y, at, code, (double)sum * (double)s->scale, s->zy);
    }
    return IC_OK;
}
