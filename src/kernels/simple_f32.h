/* SPDX-License-Identifier: Apache-2.0
 *
 * Float MAP, ZIP, POOL, REDUCE and CONVERT (to and from codes too) where they move much data, in the operations of a vec_*.h included before. One file per
 * instruction set includes this and lists the kernels. Elements that do not fill a vector go the way of kernels/ref.
 */
#include "kernels/functions_f32.h"
#include "kernels/ref/ref.h"

#include <string.h>

enum { UNIT = 4096 };

/* Denormal operands count as zero, moved ones too. */
static inline vf load_any(const void *x, int64_t i, bool half)
{
    return half ? vf_load_half((const uint16_t *)x + i) : vf_flush(vf_load((const float *)x + i));
}

static inline void store_any(void *y, int64_t i, bool half, vf v)
{
    if (half)
        vf_store_half((uint16_t *)y + i, vf_canonical(v));
    else
        vf_store((float *)y + i, vf_canonical(v));
}

static inline bool is_half(const struct ic_tensor *tensors, uint32_t i)
{
    return tensors[i].dtype == IC_F16;
}

static inline bool both_float(const struct ic_tensor *tensors, uint32_t x, uint32_t y)
{
    return tensors[x].dtype <= IC_F16 && tensors[y].dtype <= IC_F16;
}

/* ---- functions that vectors can do ---- */
struct function {
    uint32_t fn;
    vf lo, hi;
};

static bool vector_function(uint32_t fn, float a, float b)
{
    if (fn == IC_MAP_CLAMP)
        return ic_f32_bits(ic_flush(a)) != 0x80000000u && ic_flush(b) != 0.0f;
    return ic_vf_knows(fn) || fn == IC_MAP_NONE || fn == IC_MAP_RELU;
}

static struct function function_of(uint32_t fn, float a, float b)
{
    if (fn == IC_MAP_CLAMP)
        return (struct function){fn, vf_set(ic_flush(a)), vf_set(ic_flush(b))};
    if (ic_vf_knows(fn))
        return (struct function){fn, vf_set(ic_flush(a)), vf_set(ic_flush(b))};
    if (fn == IC_MAP_RELU)
        return (struct function){IC_MAP_CLAMP, vf_zero(), vf_set(ic_f32_from_bits(0x7F800000u))};
    return (struct function){fn, vf_zero(), vf_zero()};
}

static inline vf apply(const struct function *f, vf x)
{
    if (f->fn == IC_MAP_CLAMP)
        return vf_clamp(x, f->lo, f->hi);
    return f->fn == IC_MAP_NONE ? x : ic_vf_function(f->fn, f->lo, f->hi, x);
}

static int32_t blocks_of(int64_t count)
{
    return (int32_t)((count + UNIT - 1) / UNIT);
}

static int32_t end_of(int32_t end, int32_t count)
{
    return (int64_t)end * UNIT < count ? end * UNIT : count;
}

/* ---- MAP ---- */
static bool map_fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_map *s = args;
    return both_float(tensors, s->x, s->y) && vector_function(s->fn, s->a, s->b);
}

static int32_t map_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return blocks_of(((const struct ic_step_map *)args)->count);
}

static void map_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)scratch;
    const struct ic_step_map *s = args;
    const struct function f = function_of(s->fn, s->a, s->b);
    const bool x_half = is_half(tensors, s->x), y_half = is_half(tensors, s->y);
    const int32_t last = end_of(end, s->count);
    int32_t i = begin * UNIT;
    for (; i + VF <= last; i += VF)
        store_any(ptr[s->y], i, y_half, apply(&f, load_any(ptr[s->x], i, x_half)));
    for (; i < last; i++)
        ic_store(tensors[s->y].dtype, ptr[s->y], i,
                 ic_map_eval((enum ic_map_fn)s->fn, ic_load(tensors[s->x].dtype, ptr[s->x], i), s->a, s->b));
}

/* ---- CONVERT between f32, f16 and codes (u8) ---- */
static bool convert_fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_convert *s = args;
    const uint32_t from = tensors[s->x].dtype, to = tensors[s->y].dtype;
    return s->m == 0.0f ? from <= IC_F16 && to <= IC_F16 : (from <= IC_F16 || from == IC_U8) && (to <= IC_F16 || to == IC_U8);
}

static int32_t convert_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return blocks_of(((const struct ic_step_convert *)args)->count);
}

extern const struct ic_kernel ic_kernel_convert_ref;

/* Elements first .. last, fewer than a vector. */
static void convert_few(const struct ic_step_convert *s, const struct ic_tensor *tensors, void *const *ptr, int64_t first,
                        int64_t last)
{
    const struct ic_tensor both[] = {{0}, tensors[s->x], tensors[s->y]};
    void *const at[] = {NULL, (uint8_t *)ptr[s->x] + first * (int64_t)ic_dtype_bytes((enum ic_dtype)both[1].dtype),
                        (uint8_t *)ptr[s->y] + first * (int64_t)ic_dtype_bytes((enum ic_dtype)both[2].dtype)};
    struct ic_step_convert few = *s;
    few.x = 1;
    few.y = 2;
    few.count = (int32_t)(last - first);
    ic_kernel_convert_ref.run(&few, both, at, NULL, 0, few.count > 0);
}

static void convert_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                        int32_t end)
{
    const struct ic_step_convert *s = args;
    const struct ic_step_map same = {.x = s->x, .y = s->y, .count = s->count, .fn = IC_MAP_NONE};
    const bool from_codes = tensors[s->x].dtype == IC_U8, to_codes = tensors[s->y].dtype == IC_U8;
    const bool x_half = is_half(tensors, s->x), y_half = is_half(tensors, s->y);
    const vf m = vf_set(s->m), lo = vf_set(to_codes ? (float)(s->q_lo - s->z_out) : 0.0f),
             hi = vf_set(to_codes ? (float)(s->q_hi - s->z_out) : 0.0f); /* of floats these fields may hold anything */
    const int32_t z_in = s->z_in, z_out = s->z_out, last = end_of(end, s->count);
    int32_t i = begin * UNIT;
    if (s->m == 0.0f) {
        map_run(&same, tensors, ptr, scratch, begin, end);
        return;
    }
    for (; i + VF <= last; i += VF) {
        const vf x = from_codes ? vf_load_codes((const uint8_t *)ptr[s->x] + i, z_in) : load_any(ptr[s->x], i, x_half);
        if (to_codes)
            vf_store_codes((uint8_t *)ptr[s->y] + i, vf_clamp(vf_number(vf_mul(x, m)), lo, hi), z_out);
        else
            store_any(ptr[s->y], i, y_half, vf_mul(x, m));
    }
    convert_few(s, tensors, ptr, i, last);
}

/* ---- ZIP ---- */
/* The last axis, on which each operand moves by one element or not at all. */
static bool zip_fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_zip *s = args;
    const int32_t step1 = s->stride1[s->rank - 1], step2 = s->stride2[s->rank - 1];
    return s->mode == IC_ARITH_F32 && s->op <= IC_ZIP_PRELU && both_float(tensors, s->x1, s->y) && tensors[s->x2].dtype <= IC_F16 &&
           (step1 == 0 || step1 == 1) && (step2 == 0 || step2 == 1) && vector_function(s->fn, s->a, s->b);
}

static int32_t zip_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_zip *s = args;
    return s->rank == 1 ? blocks_of(s->dims[0]) : s->dims[0];
}

static vf negated(vf v)
{
    return vf_mul(v, vf_set(-1.0f));
}

static vf operand(const void *x, int64_t i, int32_t step, bool half)
{
    if (step)
        return load_any(x, i, half);
    return vf_set(half ? ic_f16_to_f32(((const uint16_t *)x)[i]) : ic_flush(((const float *)x)[i]));
}

static inline vf zipped(uint32_t op, vf a, vf b)
{
    switch (op) {
    case IC_ZIP_ADD:
        return vf_add(a, b);
    case IC_ZIP_SUB:
        return vf_add(a, negated(b));
    case IC_ZIP_MUL:
        return vf_mul(a, b);
    case IC_ZIP_DIV:
        return vf_div(a, b);
    case IC_ZIP_MAX:
        return vf_max(a, b);
    case IC_ZIP_MIN:
        return negated(vf_max(negated(a), negated(b)));
    default: /* PRELU; a NaN stays one either way */
        return vf_if_less(a, vf_zero(), vf_mul(a, b), a);
    }
}

/* n elements of the last axis: y from at[0], operands from at[1], at[2]. */
static void zip_line(const struct ic_step_zip *s, const struct ic_tensor *tensors, void *const *ptr, const int64_t *at, int32_t n)
{
    const struct function f = function_of(s->fn, s->a, s->b);
    const int32_t step1 = s->stride1[s->rank - 1], step2 = s->stride2[s->rank - 1];
    const bool half1 = is_half(tensors, s->x1), half2 = is_half(tensors, s->x2), y_half = is_half(tensors, s->y);
    int32_t i = 0;
    for (; i + VF <= n; i += VF) {
        const vf a = operand(ptr[s->x1], at[1] + i * step1, step1, half1), b = operand(ptr[s->x2], at[2] + i * step2, step2, half2);
        vf v = zipped(s->op, a, b);
        if (s->round_mid == IC_ROUND_F16)
            v = vf_round_half(v);
        store_any(ptr[s->y], at[0] + i, y_half, apply(&f, v));
    }
    for (; i < n; i++) {
        const float v = ic_zip_eval((enum ic_zip_fn)s->op, ic_load(tensors[s->x1].dtype, ptr[s->x1], at[1] + i * step1),
                                    ic_load(tensors[s->x2].dtype, ptr[s->x2], at[2] + i * step2));
        ic_store(tensors[s->y].dtype, ptr[s->y], at[0] + i, ic_end(v, s->round_mid, s->fn, s->a, s->b));
    }
}

static void zip_axis(const struct ic_step_zip *s, const struct ic_tensor *tensors, void *const *ptr, int32_t axis, int64_t *at)
{
    if (axis == s->rank - 1) {
        zip_line(s, tensors, ptr, at, s->dims[axis]);
        at[0] += s->dims[axis];
        return;
    }
    const int64_t start1 = at[1], start2 = at[2];
    for (int32_t i = 0; i < s->dims[axis]; i++) {
        zip_axis(s, tensors, ptr, axis + 1, at);
        at[1] += s->stride1[axis];
        at[2] += s->stride2[axis];
    }
    at[1] = start1;
    at[2] = start2;
}

static void zip_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)scratch;
    const struct ic_step_zip *s = args;
    int64_t inner = 1;
    if (s->rank == 1) {
        const int32_t first = begin * UNIT;
        const int64_t at[3] = {first, (int64_t)first * s->stride1[0], (int64_t)first * s->stride2[0]};
        zip_line(s, tensors, ptr, at, end_of(end, s->dims[0]) - first);
        return;
    }
    for (int32_t i = 1; i < s->rank; i++)
        inner *= s->dims[i];
    for (int32_t i = begin; i < end; i++) {
        int64_t at[3] = {i * inner, (int64_t)i * s->stride1[0], (int64_t)i * s->stride2[0]};
        zip_axis(s, tensors, ptr, 1, at);
    }
}

/* ---- POOL: vectors of channels; an average's division is done one by one ---- */
static bool pool_fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_pool *s = args;
    return s->mode == IC_ARITH_F32 && s->c >= VF && both_float(tensors, s->x, s->y);
}

static int32_t pool_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_pool *s = args;
    return s->n * s->oh;
}

/* VF channels from c on of one output pixel. */
static vf pool_window(const struct ic_step_pool *s, const void *x, bool half, int64_t picture, const struct ic_window *w, int32_t c)
{
    vf v = s->op == IC_POOL_MAX ? vf_set(ic_f32_from_bits(0xFF800000u)) : vf_zero();
    for (int32_t ky = 0; ky < s->kh; ky++) {
        const int32_t iy = w->iy0 + ky * s->dilation_h;
        for (int32_t kx = 0; kx < s->kw && iy >= 0 && iy < s->ih; kx++) {
            const int32_t ix = w->ix0 + kx * s->dilation_w;
            if (ix < 0 || ix >= s->iw)
                continue;
            const vf t = load_any(x, (picture + (int64_t)iy * s->iw + ix) * s->c + c, half);
            v = s->op == IC_POOL_MAX ? vf_max(v, t) : vf_add(v, t);
        }
    }
    return v;
}

static void pool_pixel(const struct ic_step_pool *s, const struct ic_tensor *tensors, void *const *ptr, int32_t row, int32_t ox)
{
    const int64_t picture = (int64_t)(row / s->oh) * s->ih * s->iw, y = ((int64_t)row * s->ow + ox) * s->c;
    const struct ic_window w = ic_window_at(s, row % s->oh, ox);
    const float d = s->op == IC_POOL_AVG ? (float)ic_window_divisor(s, &w) : 1.0f;
    for (int32_t c = 0; c < s->c; c += VF) {
        const int32_t from = c + VF <= s->c ? c : s->c - VF; /* the last vector overlaps the one before */
        vf v = pool_window(s, ptr[s->x], is_half(tensors, s->x), picture, &w, from);
        if (s->op == IC_POOL_AVG) {
            float each[VF];
            vf_store(each, v);
            for (int32_t i = 0; i < VF; i++)
                each[i] = ic_div_f(each[i], d);
            v = vf_load(each);
        }
        store_any(ptr[s->y], y + from, is_half(tensors, s->y), v);
    }
}

static void pool_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)scratch;
    const struct ic_step_pool *s = args;
    for (int32_t row = begin; row < end; row++)
        for (int32_t ox = 0; ox < s->ow; ox++)
            pool_pixel(s, tensors, ptr, row, ox);
}

/* ---- REDUCE: sums and means along an axis that is not the last (global average pooling) ---- */
static bool reduce_fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_reduce *s = args;
    return s->mode == IC_ARITH_F32 && (s->op == IC_REDUCE_SUM || s->op == IC_REDUCE_MEAN) && s->inner >= VF &&
           both_float(tensors, s->x, s->y) && vector_function(s->fn, s->a, s->b);
}

static int32_t reduce_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return ((const struct ic_step_reduce *)args)->outer;
}

/* VF sums from element start on: 16 partial sums each, docs/arithmetic.md 4.5. */
static vf reduce_vector(const struct ic_step_reduce *s, const void *x, bool half, int64_t start)
{
    vf sums[16];
    for (int32_t p = 0; p < 16; p++)
        sums[p] = vf_zero();
    for (int32_t i = 0; i < s->count; i++)
        sums[i % 16] = vf_add(sums[i % 16], load_any(x, start + (int64_t)i * s->inner, half));
    for (int32_t h = 8; h > 0; h /= 2)
        for (int32_t i = 0; i < h; i++)
            sums[i] = vf_add(sums[i], sums[i + h]);
    return s->op == IC_REDUCE_MEAN ? vf_mul(sums[0], vf_set(ic_div_f(1.0f, (float)s->count))) : sums[0];
}

static void reduce_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                       int32_t end)
{
    (void)scratch;
    const struct ic_step_reduce *s = args;
    const struct function f = function_of(s->fn, s->a, s->b);
    for (int32_t o = begin; o < end; o++)
        for (int32_t i = 0; i < s->inner; i += VF) {
            const int32_t from = i + VF <= s->inner ? i : s->inner - VF;
            vf v = reduce_vector(s, ptr[s->x], is_half(tensors, s->x), (int64_t)o * s->count * s->inner + from);
            if (s->round_mid == IC_ROUND_F16)
                v = vf_round_half(v);
            store_any(ptr[s->y], (int64_t)o * s->inner + from, is_half(tensors, s->y), apply(&f, v));
        }
}

#include "kernels/lines_f32.h"

#define SIMPLE_KERNEL(kind_name, KIND, suffix, flags)                                                                              \
    const struct ic_kernel ic_kernel_##kind_name##_f32_##suffix = {.name = #kind_name "_f32_" #suffix,                             \
                                                                   .kind = IC_STEP_##KIND,                                         \
                                                                   .needs = flags,                                                 \
                                                                   .fits = kind_name##_fits,                                       \
                                                                   .units = kind_name##_units,                                     \
                                                                   .run = kind_name##_run}
#define SIMPLE_KERNELS(suffix, flags)                                                                                              \
    SIMPLE_KERNEL(map, MAP, suffix, flags);                                                                                        \
    SIMPLE_KERNEL(zip, ZIP, suffix, flags);                                                                                        \
    SIMPLE_KERNEL(pool, POOL, suffix, flags);                                                                                      \
    SIMPLE_KERNEL(reduce, REDUCE, suffix, flags);                                                                                  \
    SIMPLE_KERNEL(convert, CONVERT, suffix, flags);                                                                                \
    SIMPLE_KERNEL(resample, RESAMPLE, suffix, flags);                                                                              \
    SIMPLE_KERNEL(softmax, SOFTMAX, suffix, flags);                                                                                \
    SIMPLE_KERNEL(matmul, MATMUL, suffix, flags)
