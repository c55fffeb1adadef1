/* SPDX-License-Identifier: Apache-2.0
 *
 * MAP, ZIP, CONVERT, LUT.
 */
#include "sim/internal.h"

#include <math.h>

enum ic_status ic_sim_map(const struct ic_sim_run *r, const struct ic_step_map *s)
{
    for (int32_t i = 0; i < s->count; i++)
        ic_sim_put(r, s->y, i, ic_map_eval((enum ic_map_fn)s->fn, ic_sim_get(r, s->x, i), s->a, s->b));
    return IC_OK;
}

static int64_t place(const struct ic_step_zip *s, const int32_t *stride, int64_t i)
{
    return ic_sim_place(s->rank, s->dims, stride, i);
}

static void zip_codes(const struct ic_sim_run *r, const struct ic_step_zip *s, int64_t i)
{
    const int32_t t1 = ic_sim_get_code(r, s->x1, place(s, s->stride1, i)) - s->z1;
    const int32_t t2 = ic_sim_get_code(r, s->x2, place(s, s->stride2, i)) - s->z2;
    if (s->op == IC_ZIP_MUL || s->op == IC_ZIP_PRELU) {
        const bool alone = s->op == IC_ZIP_PRELU && t1 >= 0;
        const int32_t t = alone ? t1 : t1 * t2;
        const float m = alone ? s->m2 : s->m1;
        ic_sim_put_code(r, s->y, i, ic_requant(t, m, s->zy, s->q_lo, s->q_hi), (double)t * (double)m, s->zy);
        return;
    }
    const float p1 = ic_mul_f((float)t1, s->m1), p2 = ic_mul_f((float)t2, s->m2);
    const float p = s->op == IC_ZIP_ADD ? ic_add_f(p1, p2) : ic_sub_f(p1, p2);
    ic_sim_put_code(r, s->y, i, ic_quantize(p, 1.0f, s->zy, s->q_lo, s->q_hi), (double)p, s->zy);
}

enum ic_status ic_sim_zip(const struct ic_sim_run *r, const struct ic_step_zip *s)
{
    int64_t n = 1;
    for (int32_t k = 0; k < s->rank; k++)
        n *= s->dims[k];
    for (int64_t i = 0; i < n; i++) {
        if (s->mode != IC_ARITH_F32) {
            zip_codes(r, s, i);
            continue;
        }
        const float x1 = ic_sim_get(r, s->x1, place(s, s->stride1, i)), x2 = ic_sim_get(r, s->x2, place(s, s->stride2, i));
        ic_sim_put(r, s->y, i, ic_sim_end(ic_zip_eval((enum ic_zip_fn)s->op, x1, x2), s->round_mid, s->fn, s->a, s->b));
    }
    return IC_OK;
}

enum ic_status ic_sim_lut(const struct ic_sim_run *r, const struct ic_step_lut *s)
{
    const uint8_t *table = r->ptr[s->table], *x = r->ptr[s->x];
    uint8_t *y = r->ptr[s->y];
    for (int32_t i = 0; i < s->count; i++)
        y[i] = table[x[i]];
    return IC_OK;
}

/* ---- CONVERT ---- */
static bool is_float(uint32_t dtype)
{
    return dtype == IC_F32 || dtype == IC_F16;
}

static void convert_scaled(const struct ic_sim_run *r, const struct ic_step_convert *s, int32_t i)
{
    if (is_float(ic_sim_tensor(r, s->x)->dtype)) {
        const float x = ic_sim_get(r, s->x, i);
        ic_sim_put_code(r, s->y, i, ic_quantize(x, s->m, s->z_out, s->q_lo, s->q_hi), isnan(x) ? 0.0 : (double)x * (double)s->m,
                        s->z_out);
        return;
    }
    const int32_t t = ic_sim_get_code(r, s->x, i) - s->z_in;
    if (is_float(ic_sim_tensor(r, s->y)->dtype))
        ic_sim_put(r, s->y, i, ic_mul_f((float)t, s->m));
    else
        ic_sim_put_code(r, s->y, i, ic_requant(t, s->m, s->z_out, s->q_lo, s->q_hi), (double)t * (double)s->m, s->z_out);
}

static void convert_plain(const struct ic_sim_run *r, const struct ic_step_convert *s, int32_t i)
{
    const uint32_t from = ic_sim_tensor(r, s->x)->dtype, to = ic_sim_tensor(r, s->y)->dtype;
    const bool from_float = is_float(from), to_float = is_float(to);
    if (from_float && to_float)
        ic_sim_put(r, s->y, i, ic_sim_get(r, s->x, i));
    else if (from_float)
        ic_int_store(to, r->ptr[s->y], i, ic_int_from_float(ic_sim_get(r, s->x, i), to));
    else if (to_float)
        ic_sim_put(r, s->y, i, ic_int_to_float(from, ic_int_load(from, r->ptr[s->x], i)));
    else
        ic_int_store(to, r->ptr[s->y], i, ic_int_load(from, r->ptr[s->x], i));
}

enum ic_status ic_sim_convert(const struct ic_sim_run *r, const struct ic_step_convert *s)
{
    for (int32_t i = 0; i < s->count; i++) {
        if (s->m != 0.0f)
            convert_scaled(r, s, i);
        else
            convert_plain(r, s, i);
    }
    return IC_OK;
}
