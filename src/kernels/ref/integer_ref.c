/* SPDX-License-Identifier: Apache-2.0
 *
 * COMBINE, SELECT, FOLD, SCAN, ARG, TOP by their definitions.
 */
#include "kernels/ref/ref.h"

#include <string.h>

static bool is_float(uint32_t dtype)
{
    return dtype == IC_F32 || dtype == IC_F16;
}

/* ---- COMBINE ---- */
static int32_t combine_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return ((const struct ic_step_combine *)args)->dims[0];
}

static void combine_one(const struct ic_step_combine *s, const struct ic_tensor *tensors, void *const *ptr, const int64_t *at)
{
    const uint32_t t = tensors[s->x1].dtype;
    int64_t value;
    if (is_float(t))
        value = ic_float_compare((enum ic_int_fn)s->fn, ic_load(t, ptr[s->x1], at[1]), ic_load(t, ptr[s->x2], at[2]));
    else
        value = ic_int_eval((enum ic_int_fn)s->fn, t, ic_int_load(t, ptr[s->x1], at[1]), ic_int_load(t, ptr[s->x2], at[2]));
    ic_int_store(tensors[s->y].dtype, ptr[s->y], at[0], value);
}

static void combine_axis(const struct ic_step_combine *s, const struct ic_tensor *tensors, void *const *ptr, int32_t axis,
                         int64_t *at)
{
    if (axis == s->rank) {
        combine_one(s, tensors, ptr, at);
        at[0]++;
        return;
    }
    const int64_t start1 = at[1], start2 = at[2];
    for (int32_t i = 0; i < s->dims[axis]; i++) {
        combine_axis(s, tensors, ptr, axis + 1, at);
        at[1] += s->stride1[axis];
        at[2] += s->stride2[axis];
    }
    at[1] = start1;
    at[2] = start2;
}

static int64_t inner_of(int32_t rank, const int32_t *dims)
{
    int64_t inner = 1;
    for (int32_t i = 1; i < rank; i++)
        inner *= dims[i];
    return inner;
}

static void combine_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                        int32_t end)
{
    (void)scratch;
    const struct ic_step_combine *s = args;
    const int64_t inner = inner_of(s->rank, s->dims);
    for (int32_t i = begin; i < end; i++) {
        int64_t at[3] = {i * inner, (int64_t)i * s->stride1[0], (int64_t)i * s->stride2[0]};
        combine_axis(s, tensors, ptr, 1, at);
    }
}

const struct ic_kernel ic_kernel_combine_ref = {
    .name = "combine_ref", .kind = IC_STEP_COMBINE, .units = combine_units, .run = combine_run};

/* ---- SELECT ---- */
static int32_t select_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return ((const struct ic_step_select *)args)->dims[0];
}

/* at: y, c, x1, x2 */
static void select_axis(const struct ic_step_select *s, void *const *ptr, int32_t axis, int64_t *at)
{
    const int64_t bytes = s->element_bytes;
    if (axis == s->rank) {
        const bool first = ((const uint8_t *)ptr[s->c])[at[1]] != 0;
        const uint8_t *from = (const uint8_t *)(first ? ptr[s->x1] : ptr[s->x2]) + at[first ? 2 : 3] * bytes;
        memcpy((uint8_t *)ptr[s->y] + at[0] * bytes, from, (size_t)bytes);
        at[0]++;
        return;
    }
    const int64_t start[3] = {at[1], at[2], at[3]};
    for (int32_t i = 0; i < s->dims[axis]; i++) {
        select_axis(s, ptr, axis + 1, at);
        at[1] += s->stride_c[axis];
        at[2] += s->stride1[axis];
        at[3] += s->stride2[axis];
    }
    memcpy(at + 1, start, sizeof start);
}

static void select_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                       int32_t end)
{
    (void)tensors;
    (void)scratch;
    const struct ic_step_select *s = args;
    const int64_t inner = inner_of(s->rank, s->dims);
    for (int64_t i = begin; i < end; i++) {
        int64_t at[4] = {i * inner, i * s->stride_c[0], i * s->stride1[0], i * s->stride2[0]};
        select_axis(s, ptr, 1, at);
    }
}

const struct ic_kernel ic_kernel_select_ref = {
    .name = "select_ref", .kind = IC_STEP_SELECT, .units = select_units, .run = select_run};

/* ---- lines along one axis ---- */
static int32_t fold_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return ((const struct ic_step_fold *)args)->outer;
}

static void fold_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)scratch;
    const struct ic_step_fold *s = args;
    const uint32_t t = tensors[s->x].dtype;
    for (int64_t o = begin; o < end; o++)
        for (int64_t i = 0; i < s->inner; i++) {
            int64_t value = ic_int_load(t, ptr[s->x], o * s->count * s->inner + i);
            for (int64_t k = 1; k < s->count; k++)
                value = ic_int_eval((enum ic_int_fn)s->fn, t, value, ic_int_load(t, ptr[s->x], (o * s->count + k) * s->inner + i));
            ic_int_store(t, ptr[s->y], o * s->inner + i, value);
        }
}

const struct ic_kernel ic_kernel_fold_ref = {.name = "fold_ref", .kind = IC_STEP_FOLD, .units = fold_units, .run = fold_run};

static int32_t scan_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return ((const struct ic_step_scan *)args)->outer;
}

/* from: first element of the line, which has a step of inner; going backward the step is negative. */
static void scan_line(const struct ic_step_scan *s, uint32_t t, const void *x, void *y, int64_t from, int64_t step)
{
    const bool floats = is_float(t), add = s->fn == IC_INT_ADD;
    float f = add ? 0.0f : 1.0f;
    int64_t whole = add ? 0 : 1;
    for (int64_t k = 0; k < s->count; k++) {
        const int64_t at = from + k * step;
        if (floats) {
            const float v = ic_load(t, x, at), next = k == 0 ? v : add ? ic_add_f(f, v) : ic_mul_f(f, v);
            ic_store(t, y, at, s->exclusive ? f : next);
            f = next;
        } else {
            const int64_t next = ic_int_eval((enum ic_int_fn)s->fn, t, whole, ic_int_load(t, x, at));
            ic_int_store(t, y, at, s->exclusive ? whole : next);
            whole = next;
        }
    }
}

static void scan_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)scratch;
    const struct ic_step_scan *s = args;
    const int64_t inner = s->inner, line = (int64_t)s->count * inner;
    for (int64_t o = begin; o < end; o++)
        for (int64_t i = 0; i < inner; i++)
            scan_line(s, tensors[s->x].dtype, ptr[s->x], ptr[s->y], o * line + i + (s->reverse ? line - inner : 0),
                      s->reverse ? -inner : inner);
}

const struct ic_kernel ic_kernel_scan_ref = {.name = "scan_ref", .kind = IC_STEP_SCAN, .units = scan_units, .run = scan_run};

/* Whether element a stands before element b in descending order; NaN before everything but NaN. */
static bool greater(uint32_t t, const void *x, int64_t a, int64_t b)
{
    if (is_float(t)) {
        const float fa = ic_load(t, x, a), fb = ic_load(t, x, b);
        return fa > fb || (fa != fa && fb == fb);
    }
    return ic_int_eval(IC_INT_LT, t, ic_int_load(t, x, b), ic_int_load(t, x, a)) != 0;
}

static bool is_nan(uint32_t t, const void *x, int64_t i)
{
    return is_float(t) && ic_load(t, x, i) != ic_load(t, x, i);
}

static int32_t arg_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return ((const struct ic_step_arg *)args)->outer;
}

static int64_t arg_of(const struct ic_step_arg *s, uint32_t t, const void *x, int64_t from)
{
    int64_t best = 0;
    for (int64_t k = 1; k < s->count; k++) {
        const int64_t a = from + k * s->inner, b = from + best * s->inner;
        const bool nan_a = is_nan(t, x, a), nan_b = is_nan(t, x, b);
        const bool better = nan_a || nan_b ? nan_a && !nan_b : s->least ? greater(t, x, b, a) : greater(t, x, a, b);
        const bool worse = nan_a || nan_b ? nan_b && !nan_a : s->least ? greater(t, x, a, b) : greater(t, x, b, a);
        if (better || (s->last && !worse))
            best = k;
    }
    return best;
}

static void arg_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)scratch;
    const struct ic_step_arg *s = args;
    for (int64_t o = begin; o < end; o++)
        for (int64_t i = 0; i < s->inner; i++)
            ((int64_t *)ptr[s->y])[o * s->inner + i] = arg_of(s, tensors[s->x].dtype, ptr[s->x], o * s->count * s->inner + i);
}

const struct ic_kernel ic_kernel_arg_ref = {.name = "arg_ref", .kind = IC_STEP_ARG, .units = arg_units, .run = arg_run};

/* ---- TOP: a stable merge sort of places ---- */
static int32_t top_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return ((const struct ic_step_top *)args)->outer;
}

static size_t top_scratch(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return (size_t)((const struct ic_step_top *)args)->count * 2 * sizeof(int32_t);
}

struct line {
    const struct ic_step_top *s;
    uint32_t t;
    const void *x;
    int64_t from;
};

static bool comes_first(const struct line *l, int32_t a, int32_t b)
{
    const int64_t at_a = l->from + (int64_t)a * l->s->inner, at_b = l->from + (int64_t)b * l->s->inner;
    return l->s->least ? greater(l->t, l->x, at_b, at_a) : greater(l->t, l->x, at_a, at_b);
}

static void merge(const struct line *l, const int32_t *from, int32_t *to, int32_t begin, int32_t middle, int32_t end)
{
    for (int32_t i = begin, k = middle, at = begin; at < end; at++) {
        const bool second = i == middle || (k < end && comes_first(l, from[k], from[i]));
        to[at] = second ? from[k++] : from[i++];
    }
}

static const int32_t *sorted(const struct line *l, int32_t *a, int32_t *b)
{
    const int32_t n = l->s->count;
    for (int32_t i = 0; i < n; i++)
        a[i] = i;
    for (int64_t width = 1; width < n; width *= 2) {
        for (int64_t begin = 0; begin < n; begin += 2 * width) {
            const int64_t middle = begin + width < n ? begin + width : n, end = begin + 2 * width < n ? begin + 2 * width : n;
            merge(l, a, b, (int32_t)begin, (int32_t)middle, (int32_t)end);
        }
        int32_t *const swap = a;
        a = b;
        b = swap;
    }
    return a;
}

static void top_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    const struct ic_step_top *s = args;
    int64_t *y = ptr[s->y];
    for (int64_t o = begin; o < end; o++)
        for (int64_t i = 0; i < s->inner; i++) {
            const struct line l = {s, tensors[s->x].dtype, ptr[s->x], o * s->count * s->inner + i};
            const int32_t *order = sorted(&l, scratch, (int32_t *)scratch + s->count);
            for (int64_t k = 0; k < s->k; k++)
                y[(o * s->k + k) * s->inner + i] = order[k];
        }
}

const struct ic_kernel ic_kernel_top_ref = {
    .name = "top_ref", .kind = IC_STEP_TOP, .scratch_bytes = top_scratch, .units = top_units, .run = top_run};
