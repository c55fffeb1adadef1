/* SPDX-License-Identifier: Apache-2.0
 *
 * MAP, ZIP, LUT, CONVERT by their definitions.
 */
#include "kernels/ref/ref.h"

#include <string.h>

/* Element-wise kinds split into blocks of elements. */
enum { BLOCK = 4096 };

static int32_t blocks(int32_t count)
{
    return count <= BLOCK ? 1 : (count - 1) / BLOCK + 1;
}

static int32_t last_of(int32_t end, int32_t count)
{
    return (int64_t)end * BLOCK < count ? end * BLOCK : count;
}

static int32_t map_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return blocks(((const struct ic_step_map *)args)->count);
}

static void map_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)scratch;
    const struct ic_step_map *s = args;
    for (int32_t i = begin * BLOCK; i < last_of(end, s->count); i++)
        ic_store(tensors[s->y].dtype, ptr[s->y], i,
                 ic_map_eval((enum ic_map_fn)s->fn, ic_load(tensors[s->x].dtype, ptr[s->x], i), s->a, s->b));
}

const struct ic_kernel ic_kernel_map_ref = {.name = "map_ref", .kind = IC_STEP_MAP, .units = map_units, .run = map_run};

static int32_t zip_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return ((const struct ic_step_zip *)args)->dims[0];
}

static int32_t zip_codes(const struct ic_step_zip *s, int32_t q1, int32_t q2)
{
    const int32_t t1 = q1 - s->z1, t2 = q2 - s->z2;
    if (s->op == IC_ZIP_MUL)
        return ic_requant(t1 * t2, s->m1, s->zy, s->q_lo, s->q_hi);
    if (s->op == IC_ZIP_PRELU)
        return t1 >= 0 ? ic_requant(t1, s->m2, s->zy, s->q_lo, s->q_hi) : ic_requant(t1 * t2, s->m1, s->zy, s->q_lo, s->q_hi);
    const float p1 = ic_mul_f((float)t1, s->m1), p2 = ic_mul_f((float)t2, s->m2);
    return ic_quantize(s->op == IC_ZIP_ADD ? ic_add_f(p1, p2) : ic_sub_f(p1, p2), 1.0f, s->zy, s->q_lo, s->q_hi);
}

static void zip_one(const struct ic_step_zip *s, const struct ic_tensor *tensors, void *const *ptr, const int64_t *at)
{
    if (s->mode != IC_ARITH_F32) {
        ic_store_code(ptr[s->y], at[0],
                      zip_codes(s, ic_load_code(tensors[s->x1].dtype, ptr[s->x1], at[1]),
                                ic_load_code(tensors[s->x2].dtype, ptr[s->x2], at[2])));
        return;
    }
    const float v = ic_zip_eval((enum ic_zip_fn)s->op, ic_load(tensors[s->x1].dtype, ptr[s->x1], at[1]),
                                ic_load(tensors[s->x2].dtype, ptr[s->x2], at[2]));
    ic_store(tensors[s->y].dtype, ptr[s->y], at[0], ic_end(v, s->round_mid, s->fn, s->a, s->b));
}

/* at[0] the dense result index, at[1] and at[2] the operands'. */
static void zip_axis(const struct ic_step_zip *s, const struct ic_tensor *tensors, void *const *ptr, int32_t axis, int64_t *at)
{
    if (axis == s->rank) {
        zip_one(s, tensors, ptr, at);
        at[0]++;
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
    for (int32_t i = 1; i < s->rank; i++)
        inner *= s->dims[i];
    for (int32_t i = begin; i < end; i++) {
        int64_t at[3] = {i * inner, (int64_t)i * s->stride1[0], (int64_t)i * s->stride2[0]};
        zip_axis(s, tensors, ptr, 1, at);
    }
}

const struct ic_kernel ic_kernel_zip_ref = {.name = "zip_ref", .kind = IC_STEP_ZIP, .units = zip_units, .run = zip_run};

static int32_t lut_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return blocks(((const struct ic_step_lut *)args)->count);
}

static void lut_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)tensors;
    (void)scratch;
    const struct ic_step_lut *s = args;
    const uint8_t *x = ptr[s->x], *table = ptr[s->table];
    uint8_t *y = ptr[s->y];
    for (int32_t i = begin * BLOCK; i < last_of(end, s->count); i++)
        y[i] = table[x[i]];
}

const struct ic_kernel ic_kernel_lut_ref = {.name = "lut_ref", .kind = IC_STEP_LUT, .units = lut_units, .run = lut_run};

/* ---- CONVERT ---- */
static bool is_float(uint32_t dtype)
{
    return dtype == IC_F32 || dtype == IC_F16;
}

static void convert_scaled(const struct ic_step_convert *s, uint32_t from, uint32_t to, const void *x, void *y, int64_t i)
{
    if (is_float(from)) {
        ic_store_code(y, i, ic_quantize(ic_load(from, x, i), s->m, s->z_out, s->q_lo, s->q_hi));
        return;
    }
    const int32_t centred = ic_load_code(from, x, i) - s->z_in;
    if (is_float(to))
        ic_store(to, y, i, ic_mul_f((float)centred, s->m));
    else
        ic_store_code(y, i, ic_requant(centred, s->m, s->z_out, s->q_lo, s->q_hi));
}

static void convert_plain(uint32_t from, uint32_t to, const void *x, void *y, int64_t i)
{
    if (is_float(from) && is_float(to))
        ic_store(to, y, i, ic_load(from, x, i));
    else if (is_float(from))
        ic_int_store(to, y, i, ic_int_from_float(ic_load(from, x, i), to));
    else if (is_float(to))
        ic_store(to, y, i, ic_int_to_float(from, ic_int_load(from, x, i)));
    else
        ic_int_store(to, y, i, ic_int_load(from, x, i));
}

static int32_t convert_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return blocks(((const struct ic_step_convert *)args)->count);
}

static void convert_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                        int32_t end)
{
    (void)scratch;
    const struct ic_step_convert *s = args;
    const uint32_t from = tensors[s->x].dtype, to = tensors[s->y].dtype;
    for (int32_t i = begin * BLOCK; i < last_of(end, s->count); i++) {
        if (s->m != 0.0f)
            convert_scaled(s, from, to, ptr[s->x], ptr[s->y], i);
        else
            convert_plain(from, to, ptr[s->x], ptr[s->y], i);
    }
}

const struct ic_kernel ic_kernel_convert_ref = {
    .name = "convert_ref", .kind = IC_STEP_CONVERT, .units = convert_units, .run = convert_run};
