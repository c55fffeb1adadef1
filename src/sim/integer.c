/* SPDX-License-Identifier: Apache-2.0
 *
 * COMBINE, SELECT, FOLD, ARG, TOP, SCAN.
 */
#include "sim/internal.h"

#include <math.h>
#include <string.h>

int64_t ic_sim_place(int32_t rank, const int32_t *dims, const int32_t *stride, int64_t i)
{
    int64_t at = 0;
    for (int32_t k = rank; k-- > 0;) {
        at += i % dims[k] * stride[k];
        i /= dims[k];
    }
    return at;
}

int64_t ic_sim_count(int32_t rank, const int32_t *dims)
{
    int64_t n = 1;
    for (int32_t k = 0; k < rank; k++)
        n *= dims[k];
    return n;
}

static bool is_float(const struct ic_sim_run *r, uint32_t t)
{
    return ic_sim_tensor(r, t)->dtype == IC_F32 || ic_sim_tensor(r, t)->dtype == IC_F16;
}

static int64_t get(const struct ic_sim_run *r, uint32_t t, int64_t i)
{
    return ic_int_load(ic_sim_tensor(r, t)->dtype, r->ptr[t], i);
}

static void put(const struct ic_sim_run *r, uint32_t t, int64_t i, int64_t v)
{
    ic_int_store(ic_sim_tensor(r, t)->dtype, r->ptr[t], i, v);
}

enum ic_status ic_sim_combine(const struct ic_sim_run *r, const struct ic_step_combine *s)
{
    const uint32_t dtype = ic_sim_tensor(r, s->x1)->dtype;
    for (int64_t i = 0; i < ic_sim_count(s->rank, s->dims); i++) {
        const int64_t a = ic_sim_place(s->rank, s->dims, s->stride1, i), b = ic_sim_place(s->rank, s->dims, s->stride2, i);
        if (is_float(r, s->x1))
            put(r, s->y, i, ic_float_compare((enum ic_int_fn)s->fn, ic_sim_get(r, s->x1, a), ic_sim_get(r, s->x2, b)));
        else
            put(r, s->y, i, ic_int_eval((enum ic_int_fn)s->fn, dtype, get(r, s->x1, a), get(r, s->x2, b)));
    }
    return IC_OK;
}

enum ic_status ic_sim_select(const struct ic_sim_run *r, const struct ic_step_select *s)
{
    const uint8_t *c = r->ptr[s->c], *x1 = r->ptr[s->x1], *x2 = r->ptr[s->x2];
    uint8_t *y = r->ptr[s->y];
    const size_t bytes = (size_t)s->element_bytes;
    for (int64_t i = 0; i < ic_sim_count(s->rank, s->dims); i++) {
        const uint8_t *from = c[ic_sim_place(s->rank, s->dims, s->stride_c, i)]
                                  ? x1 + (size_t)ic_sim_place(s->rank, s->dims, s->stride1, i) * bytes
                                  : x2 + (size_t)ic_sim_place(s->rank, s->dims, s->stride2, i) * bytes;
        memcpy(y + (size_t)i * bytes, from, bytes);
    }
    return IC_OK;
}

/* Element k of line i of a tensor seen as [outer][count][inner]. */
static int64_t on_line(int64_t i, int64_t k, int32_t count, int32_t inner)
{
    return (i / inner * count + k) * inner + i % inner;
}

enum ic_status ic_sim_fold(const struct ic_sim_run *r, const struct ic_step_fold *s)
{
    for (int64_t i = 0; i < (int64_t)s->outer * s->inner; i++) {
        int64_t v = get(r, s->x, on_line(i, 0, s->count, s->inner));
        for (int32_t k = 1; k < s->count; k++)
            v = ic_int_eval((enum ic_int_fn)s->fn, ic_sim_tensor(r, s->x)->dtype, v,
                            get(r, s->x, on_line(i, k, s->count, s->inner)));
        put(r, s->y, i, v);
    }
    return IC_OK;
}

enum ic_status ic_sim_scan(const struct ic_sim_run *r, const struct ic_step_scan *s)
{
    const uint32_t dtype = ic_sim_tensor(r, s->x)->dtype;
    for (int64_t i = 0; i < (int64_t)s->outer * s->inner; i++)
        for (int32_t n = 0; n < s->count; n++) { /* each result from its own beginning: quadratic, and plain */
            const int32_t terms = s->exclusive ? n : n + 1;
            float f = s->fn == IC_INT_ADD ? 0.0f : 1.0f;
            int64_t whole = s->fn == IC_INT_ADD ? 0 : 1;
            for (int32_t k = 0; k < terms; k++) {
                const int64_t at = on_line(i, s->reverse ? s->count - 1 - k : k, s->count, s->inner);
                if (!is_float(r, s->x))
                    whole = ic_int_eval((enum ic_int_fn)s->fn, dtype, whole, get(r, s->x, at));
                else if (k == 0)
                    f = ic_sim_get(r, s->x, at);
                else
                    f = s->fn == IC_INT_ADD ? ic_add_f(f, ic_sim_get(r, s->x, at)) : ic_mul_f(f, ic_sim_get(r, s->x, at));
            }
            const int64_t to = on_line(i, s->reverse ? s->count - 1 - n : n, s->count, s->inner);
            if (is_float(r, s->x))
                ic_sim_put(r, s->y, to, f);
            else
                put(r, s->y, to, whole);
        }
    return IC_OK;
}

/* -1: element a is smaller than b, 0 equal, 1 greater; NaN equals NaN and is greater than all else. */
static int compare(const struct ic_sim_run *r, uint32_t x, int64_t a, int64_t b)
{
    if (!is_float(r, x)) {
        const int64_t va = get(r, x, a), vb = get(r, x, b);
        if (ic_sim_tensor(r, x)->dtype == IC_U64)
            return ((uint64_t)va > (uint64_t)vb) - ((uint64_t)va < (uint64_t)vb);
        return (va > vb) - (va < vb);
    }
    const float fa = ic_sim_get(r, x, a), fb = ic_sim_get(r, x, b);
    if (isnan(fa) || isnan(fb))
        return isnan(fa) - isnan(fb);
    return (fa > fb) - (fa < fb);
}

enum ic_status ic_sim_arg(const struct ic_sim_run *r, const struct ic_step_arg *s)
{
    for (int64_t i = 0; i < (int64_t)s->outer * s->inner; i++) {
        int64_t best = 0;
        for (int64_t k = 1; k < s->count; k++) {
            const int64_t a = on_line(i, k, s->count, s->inner), b = on_line(i, best, s->count, s->inner);
            const bool nan = is_float(r, s->x) && (isnan(ic_sim_get(r, s->x, a)) || isnan(ic_sim_get(r, s->x, b)));
            const int c = s->least && !nan ? -compare(r, s->x, a, b) : compare(r, s->x, a, b);
            if (c > 0 || (c == 0 && s->last))
                best = k;
        }
        put(r, s->y, i, best);
    }
    return IC_OK;
}

/* Element k of a line stands where as many elements come before it: all that are ahead of it, and equals of lower place. */
enum ic_status ic_sim_top(const struct ic_sim_run *r, const struct ic_step_top *s)
{
    for (int64_t i = 0; i < (int64_t)s->outer * s->inner; i++)
        for (int64_t k = 0; k < s->count; k++) {
            int64_t before = 0;
            for (int64_t other = 0; other < s->count; other++) {
                const int c = compare(r, s->x, on_line(i, other, s->count, s->inner), on_line(i, k, s->count, s->inner));
                before += (s->least ? c < 0 : c > 0) || (c == 0 && other < k);
            }
            if (before < s->k)
                put(r, s->y, on_line(i, before, s->k, s->inner), k);
        }
    return IC_OK;
}
