/* SPDX-License-Identifier: Apache-2.0
 *
 * GATHER, SCATTER, RESAMPLE.
 */
#include "sim/internal.h"

#include <inttypes.h>
#include <string.h>

/* -1: a part of the index is outside; *out_bad then is it. */
static int64_t offset(const struct ic_sim_run *r, uint32_t index, int64_t from, int32_t n, int32_t step, const int32_t *stride,
                      const int32_t *bound, int64_t *out_bad)
{
    int64_t sum = 0;
    for (int32_t c = 0; c < n; c++) {
        const int64_t given = ic_int_load(ic_sim_tensor(r, index)->dtype, r->ptr[index], from + (int64_t)c * step);
        if (given < -(int64_t)bound[c] || given >= bound[c]) {
            *out_bad = given;
            return -1;
        }
        sum += (given + (given < 0 ? bound[c] : 0)) * stride[c];
    }
    return sum;
}

static enum ic_status outside(const struct ic_sim_run *r, int64_t bad)
{
    return ic_fail(r->d, IC_E_INDEX, "an index of this run is %" PRId64 ", outside the axis it points into", bad);
}

enum ic_status ic_sim_gather(const struct ic_sim_run *r, const struct ic_step_gather *s)
{
    const size_t bytes = (size_t)s->element_bytes;
    const uint8_t *x = r->ptr[s->x];
    uint8_t *y = r->ptr[s->y];
    int64_t bad = 0;
    for (int64_t i = 0; i < ic_sim_count(s->rank, s->dims); i++) {
        const int64_t way = offset(r, s->index, ic_sim_place(s->rank, s->dims, s->index_stride, i), s->n_index, s->part_step,
                                   s->part_stride, s->part_bound, &bad);
        if (way < 0)
            return outside(r, bad);
        memcpy(y + (size_t)i * bytes, x + (size_t)(ic_sim_place(s->rank, s->dims, s->x_stride, i) + way) * bytes, bytes);
    }
    return IC_OK;
}

static void scatter(const struct ic_sim_run *r, const struct ic_step_scatter *s, int64_t from, int64_t to)
{
    const uint32_t t = ic_sim_tensor(r, s->x)->dtype;
    if (t == IC_F32 || t == IC_F16) {
        const float old = ic_sim_get(r, s->y, to), x = ic_sim_get(r, s->x, from);
        if (s->fn == IC_SCATTER_SET)
            memcpy((uint8_t *)r->ptr[s->y] + (size_t)to * ic_dtype_bytes((enum ic_dtype)t),
                   (const uint8_t *)r->ptr[s->x] + (size_t)from * ic_dtype_bytes((enum ic_dtype)t),
                   ic_dtype_bytes((enum ic_dtype)t));
        else
            ic_sim_put(r, s->y, to,
                       s->fn == IC_SCATTER_ADD   ? ic_add_f(old, x)
                       : s->fn == IC_SCATTER_MUL ? ic_mul_f(old, x)
                       : s->fn == IC_SCATTER_MAX ? ic_max(old, x)
                                                 : ic_min(old, x));
        return;
    }
    const int64_t old = ic_int_load(t, r->ptr[s->y], to), x = ic_int_load(t, r->ptr[s->x], from);
    const enum ic_int_fn fn = s->fn == IC_SCATTER_ADD   ? IC_INT_ADD
                              : s->fn == IC_SCATTER_MUL ? IC_INT_MUL
                              : s->fn == IC_SCATTER_MAX ? IC_INT_MAX
                                                        : IC_INT_MIN;
    ic_int_store(t, r->ptr[s->y], to, s->fn == IC_SCATTER_SET ? x : ic_int_eval(fn, t, old, x));
}

enum ic_status ic_sim_scatter(const struct ic_sim_run *r, const struct ic_step_scatter *s)
{
    int64_t bad = 0;
    for (int64_t i = 0; i < ic_sim_count(s->rank, s->dims); i++) {
        const int64_t way = offset(r, s->index, ic_sim_place(s->rank, s->dims, s->index_stride, i), s->n_index, s->part_step,
                                   s->part_stride, s->part_bound, &bad);
        if (way < 0)
            return outside(r, bad);
        scatter(r, s, i, ic_sim_place(s->rank, s->dims, s->y_stride, i) + way);
    }
    return IC_OK;
}

enum ic_status ic_sim_resample(const struct ic_sim_run *r, const struct ic_step_resample *s)
{
    const int32_t *place = r->ptr[s->place];
    const float *weight = r->ptr[s->weight];
    for (int64_t i = 0; i < (int64_t)s->outer * s->results * s->inner; i++) {
        const int64_t inner = i % s->inner, j = i / s->inner % s->results, outer = i / s->inner / s->results;
        float sum = 0.0f;
        for (int64_t k = 0; k < s->taps; k++)
            sum = ic_fma_f(weight[j * s->taps + k],
                           ic_sim_get(r, s->x, (outer * s->count + place[j * s->taps + k]) * s->inner + inner), sum);
        ic_sim_put(r, s->y, i, sum);
    }
    return IC_OK;
}
