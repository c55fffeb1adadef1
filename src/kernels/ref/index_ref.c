/* SPDX-License-Identifier: Apache-2.0
 *
 * GATHER, SCATTER, RESAMPLE by their definitions.
 */
#include "kernels/ref/ref.h"

#include <string.h>

/* Parts of the index at base to an offset; false: one of them is outside. */
static bool offset_of(const void *index, uint32_t dtype, int64_t base, int32_t n, int32_t step, const int32_t *stride,
                      const int32_t *bound, int64_t *out)
{
    *out = 0;
    for (int32_t c = 0; c < n; c++) {
        int64_t t = ic_int_load(dtype, index, base + (int64_t)c * step);
        t += t < 0 ? bound[c] : 0;
        if (t < 0 || t >= bound[c])
            return false;
        *out += t * stride[c];
    }
    return true;
}

static int32_t gather_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return ((const struct ic_step_gather *)args)->dims[0];
}

struct gathering {
    const struct ic_step_gather *s;
    void *const *ptr;
    uint32_t index_dtype;
};

/* at: y, x, index */
static void gather_axis(const struct gathering *g, int32_t axis, int64_t *at)
{
    const struct ic_step_gather *s = g->s;
    if (axis == s->rank) {
        const size_t bytes = (size_t)s->element_bytes;
        uint8_t *y = (uint8_t *)g->ptr[s->y] + (size_t)at[0]++ * bytes;
        int64_t offset = 0;
        if (offset_of(g->ptr[s->index], g->index_dtype, at[2], s->n_index, s->part_step, s->part_stride, s->part_bound, &offset)) {
            memcpy(y, (const uint8_t *)g->ptr[s->x] + (size_t)(at[1] + offset) * bytes, bytes);
            return;
        }
        memset(y, 0, bytes);
        ic_report_outside(g->ptr);
        return;
    }
    const int64_t start_x = at[1], start_index = at[2];
    for (int32_t i = 0; i < s->dims[axis]; i++) {
        gather_axis(g, axis + 1, at);
        at[1] += s->x_stride[axis];
        at[2] += s->index_stride[axis];
    }
    at[1] = start_x;
    at[2] = start_index;
}

static void gather_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                       int32_t end)
{
    (void)scratch;
    const struct ic_step_gather *s = args;
    const struct gathering g = {s, ptr, tensors[s->index].dtype};
    int64_t inner = 1;
    for (int32_t i = 1; i < s->rank; i++)
        inner *= s->dims[i];
    for (int64_t i = begin; i < end; i++) {
        int64_t at[3] = {i * inner, i * s->x_stride[0], i * s->index_stride[0]};
        gather_axis(&g, 1, at);
    }
}

const struct ic_kernel ic_kernel_gather_ref = {
    .name = "gather_ref", .kind = IC_STEP_GATHER, .units = gather_units, .run = gather_run};

/* ---- SCATTER: one unit, since two places may be the same ---- */
static float scattered(uint32_t fn, float old, float x)
{
    switch (fn) {
    case IC_SCATTER_ADD:
        return ic_add_f(old, x);
    case IC_SCATTER_MUL:
        return ic_mul_f(old, x);
    case IC_SCATTER_MAX:
        return ic_max(old, x);
    case IC_SCATTER_MIN:
        return ic_min(old, x);
    default:
        return x;
    }
}

static void scatter_one(const struct ic_step_scatter *s, uint32_t t, void *const *ptr, int64_t from, int64_t to)
{
    static const enum ic_int_fn of[] = {0, IC_INT_ADD, IC_INT_MUL, IC_INT_MAX, IC_INT_MIN};
    const void *x = ptr[s->x];
    void *y = ptr[s->y];
    if (s->fn == IC_SCATTER_SET) {
        const size_t bytes = ic_dtype_bytes((enum ic_dtype)t);
        memcpy((uint8_t *)y + (size_t)to * bytes, (const uint8_t *)x + (size_t)from * bytes, bytes);
    } else if (t == IC_F32 || t == IC_F16) {
        ic_store(t, y, to, scattered(s->fn, ic_load(t, y, to), ic_load(t, x, from)));
    } else {
        ic_int_store(t, y, to, ic_int_eval(of[s->fn], t, ic_int_load(t, y, to), ic_int_load(t, x, from)));
    }
}

static void scatter_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                        int32_t end)
{
    (void)scratch;
    (void)begin;
    (void)end;
    const struct ic_step_scatter *s = args;
    int64_t n = 1;
    for (int32_t k = 0; k < s->rank; k++)
        n *= s->dims[k];
    for (int64_t i = 0; i < n; i++) {
        int64_t rest = i, base = 0, to = 0, offset = 0;
        for (int32_t k = s->rank; k-- > 0; rest /= s->dims[k]) {
            base += rest % s->dims[k] * s->index_stride[k];
            to += rest % s->dims[k] * s->y_stride[k];
        }
        if (offset_of(ptr[s->index], tensors[s->index].dtype, base, s->n_index, s->part_step, s->part_stride, s->part_bound,
                      &offset))
            scatter_one(s, tensors[s->x].dtype, ptr, i, to + offset);
        else
            ic_report_outside(ptr);
    }
}

const struct ic_kernel ic_kernel_scatter_ref = {.name = "scatter_ref", .kind = IC_STEP_SCATTER, .run = scatter_run};

/* ---- RESAMPLE ---- */
static int32_t resample_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return ((const struct ic_step_resample *)args)->outer;
}

static void resample_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                         int32_t end)
{
    (void)scratch;
    const struct ic_step_resample *s = args;
    const uint32_t tx = tensors[s->x].dtype, ty = tensors[s->y].dtype;
    const int32_t *place = ptr[s->place];
    const float *weight = ptr[s->weight];
    for (int64_t o = begin; o < end; o++)
        for (int64_t j = 0; j < s->results; j++)
            for (int64_t i = 0; i < s->inner; i++) {
                float sum = 0.0f;
                for (int64_t k = j * s->taps; k < (j + 1) * s->taps; k++)
                    sum = ic_fma_f(weight[k], ic_load(tx, ptr[s->x], (o * s->count + place[k]) * s->inner + i), sum);
                ic_store(ty, ptr[s->y], (o * s->results + j) * s->inner + i, sum);
            }
}

const struct ic_kernel ic_kernel_resample_ref = {
    .name = "resample_ref", .kind = IC_STEP_RESAMPLE, .units = resample_units, .run = resample_run};
