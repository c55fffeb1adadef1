/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit ZIP (of u8 codes), POOL, REDUCE, LUT and PRODUCT, which stand between the contractions of integer networks. Included by one file per
 * instruction set, which before it defines
 *     CODES                                 bytes of a vector
 *     zip_codes(s, op, x1, x2, y)           CODES results of docs/arithmetic.md 7.3
 *     max_codes(y, x)                       y[i] = max(y[i], x[i]), CODES of them
 *     sums, no_sums(), add_codes(sums, x)   CODES sums of 16 bits
 *     take_sums(t, sums)                    t[i] += sum i, 32 bits
 *     end_codes(t, bias, e, y)              y[i] = requant(t[i] - bias), CODES of them, e: struct end
 *     sum_codes(x, n)                       sum of n codes, n at most 2^22
 *     map_codes(table, x, y, n)             y[i] = table[x[i]], i < n; y may be x
 *     PRODUCT_ROWS, product_tile            as kernels/product_u8.h says
 */
#include "kernels/ref/ref.h"

#include <string.h>

enum { UNIT = 4096, MOST_TERMS = 257 /* of 255 in 16 bits */ };

/* First of a vector of codes when `done` of n are done; the last vector overlaps the one before. */
static inline int32_t next_vector(int32_t done, int32_t n)
{
    return done + CODES <= n ? done : n - CODES;
}

/* The last axis, on which each operand moves by one element or not at all. */
static bool zip_fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_zip *s = args;
    const uint32_t step1 = (uint32_t)s->stride1[s->rank - 1], step2 = (uint32_t)s->stride2[s->rank - 1];
    return s->mode == IC_ARITH_S32 && step1 <= 1 && step2 <= 1 && (s->rank == 1 || s->dims[s->rank - 1] >= CODES) &&
           tensors[s->x1].dtype == IC_U8 && tensors[s->x2].dtype == IC_U8 && tensors[s->y].dtype == IC_U8;
}

static int32_t zip_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_zip *s = args;
    return s->rank == 1 ? (s->dims[0] - 1) / UNIT + 1 : s->dims[0];
}

/* n elements of the last axis; an operand that does not move is spread over a vector. The last vector overlaps the one before, so its
 * operands are taken before y, which may be one of them, is written. */
static inline void zip_line(const struct ic_step_zip *step, uint32_t op, const uint8_t *x1, const uint8_t *x2, uint8_t *y,
                            int32_t n)
{
    const struct ic_step_zip s = *step; /* what y's bytes cannot alias stays in registers */
    const bool moves1 = s.stride1[s.rank - 1] != 0, moves2 = s.stride2[s.rank - 1] != 0;
    uint8_t last1[CODES] = {0}, last2[CODES] = {0}, last[CODES];
    const int32_t few = n < CODES ? n : CODES;
    memset(last1, x1[0], CODES);
    memset(last2, x2[0], CODES);
    if (n < CODES) {
        memcpy(last1, x1, moves1 ? (size_t)few : 0);
        memcpy(last2, x2, moves2 ? (size_t)few : 0);
        zip_codes(&s, op, last1, last2, last);
        memcpy(y, last, (size_t)few);
        return;
    }
    uint8_t spread1[CODES], spread2[CODES];
    memcpy(spread1, last1, CODES);
    memcpy(spread2, last2, CODES);
    if (moves1)
        memcpy(last1, x1 + n - CODES, CODES);
    if (moves2)
        memcpy(last2, x2 + n - CODES, CODES);
    for (int32_t i = 0; i + CODES <= n; i += CODES)
        zip_codes(&s, op, moves1 ? x1 + i : spread1, moves2 ? x2 + i : spread2, y + i);
    if (n % CODES)
        zip_codes(&s, op, last1, last2, y + n - CODES);
}

static void zip_any(const struct ic_step_zip *s, const uint8_t *x1, const uint8_t *x2, uint8_t *y, int32_t n)
{
    if (s->op == IC_ZIP_ADD)
        zip_line(s, IC_ZIP_ADD, x1, x2, y, n);
    else if (s->op == IC_ZIP_SUB)
        zip_line(s, IC_ZIP_SUB, x1, x2, y, n);
    else if (s->op == IC_ZIP_MUL)
        zip_line(s, IC_ZIP_MUL, x1, x2, y, n);
    else
        zip_line(s, IC_ZIP_PRELU, x1, x2, y, n);
}

/* Where y is after the lines of axis and those below. */
static uint8_t *zip_axis(const struct ic_step_zip *s, const uint8_t *x1, const uint8_t *x2, uint8_t *y, int32_t axis)
{
    if (axis == s->rank - 1) {
        zip_any(s, x1, x2, y, s->dims[axis]);
        return y + s->dims[axis];
    }
    for (int32_t i = 0; i < s->dims[axis]; i++)
        y = zip_axis(s, x1 + (int64_t)i * s->stride1[axis], x2 + (int64_t)i * s->stride2[axis], y, axis + 1);
    return y;
}

static void zip_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)tensors;
    (void)scratch;
    const struct ic_step_zip *s = args;
    const uint8_t *x1 = ptr[s->x1], *x2 = ptr[s->x2];
    int64_t inner = 1;
    if (s->rank == 1) {
        const int64_t first = (int64_t)begin * UNIT;
        const int32_t last = (int64_t)end * UNIT < s->dims[0] ? end * UNIT : s->dims[0];
        zip_any(s, x1 + first * s->stride1[0], x2 + first * s->stride2[0], (uint8_t *)ptr[s->y] + first, last - (int32_t)first);
        return;
    }
    for (int32_t i = 1; i < s->rank; i++)
        inner *= s->dims[i];
    for (int32_t i = begin; i < end; i++)
        zip_axis(s, x1 + (int64_t)i * s->stride1[0], x2 + (int64_t)i * s->stride2[0], (uint8_t *)ptr[s->y] + i * inner, 1);
}

/* ---- POOL ---- */
static bool pool_fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_pool *s = args;
    const bool max = s->op == IC_POOL_MAX && s->q_lo == 0 && s->q_hi == 255,
               avg = s->op == IC_POOL_AVG && s->kh * s->kw <= MOST_TERMS;
    return s->mode == IC_ARITH_S32 && s->c >= CODES && (max || avg) && tensors[s->x].dtype == IC_U8 && tensors[s->y].dtype == IC_U8;
}

static int32_t pool_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_pool *s = args;
    return s->n * s->oh;
}

/* One tap of CODES channels, or of all. */
static inline const uint8_t *tap(const struct ic_step_pool *s, const uint8_t *x, const struct ic_window *w, int32_t ky, int32_t kx)
{
    const int32_t iy = w->iy0 + ky * s->dilation_h, ix = w->ix0 + kx * s->dilation_w;
    return iy < 0 || iy >= s->ih || ix < 0 || ix >= s->iw ? NULL : x + ((int64_t)iy * s->iw + ix) * s->c;
}

static void pool_max(const struct ic_step_pool *s, const uint8_t *x, uint8_t *y, const struct ic_window *w)
{
    memset(y, 0, (size_t)s->c); /* q_lo */
    for (int32_t ky = 0; ky < s->kh; ky++)
        for (int32_t kx = 0; kx < s->kw; kx++) {
            const uint8_t *from = tap(s, x, w, ky, kx);
            for (int32_t c = 0; from && c < s->c; c += CODES) /* a maximum may be taken twice */
                max_codes(y + next_vector(c, s->c), from + next_vector(c, s->c));
        }
}

static void pool_mean(const struct ic_step_pool *s, const uint8_t *x, uint8_t *y, const struct ic_window *w)
{
    const struct end e = {ic_div_f(s->mul, (float)ic_window_divisor(s, w)), s->zy, s->q_lo, s->q_hi};
    for (int32_t c = 0; c < s->c; c += CODES) {
        const int32_t at = next_vector(c, s->c);
        int32_t t[CODES] = {0};
        sums all = no_sums();
        for (int32_t ky = 0; ky < s->kh; ky++)
            for (int32_t kx = 0; kx < s->kw; kx++) {
                const uint8_t *from = tap(s, x, w, ky, kx);
                all = from ? add_codes(all, from + at) : all;
            }
        take_sums(t, all);
        end_codes(t, w->taps * s->zx, &e, y + at);
    }
}

static void pool_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)tensors;
    (void)scratch;
    const struct ic_step_pool *s = args;
    for (int32_t row = begin; row < end; row++)
        for (int32_t ox = 0; ox < s->ow; ox++) {
            const struct ic_window w = ic_window_at(s, row % s->oh, ox);
            const uint8_t *x = (const uint8_t *)ptr[s->x] + (int64_t)(row / s->oh) * s->ih * s->iw * s->c;
            (s->op == IC_POOL_MAX ? pool_max : pool_mean)(s, x, (uint8_t *)ptr[s->y] + ((int64_t)row * s->ow + ox) * s->c, &w);
        }
}

/* ---- REDUCE: sums and means; along an axis that is not the last a unit is a vector of results ---- */
static bool reduce_fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_reduce *s = args;
    return s->mode == IC_ARITH_S32 && s->op <= IC_REDUCE_MEAN && (s->inner >= CODES || s->inner == 1) &&
           tensors[s->x].dtype == IC_U8 && tensors[s->y].dtype == IC_U8 && (int64_t)s->outer * (s->inner / CODES + 1) <= INT32_MAX;
}

static int32_t reduce_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_reduce *s = args;
    return s->outer * ((s->inner + CODES - 1) / CODES);
}

static void reduce_columns(const struct ic_step_reduce *s, const struct end *e, const uint8_t *x, uint8_t *y)
{
    int32_t t[CODES] = {0};
    for (int32_t i = 0; i < s->count;) {
        sums some = no_sums();
        for (const int32_t stop = s->count - i < MOST_TERMS ? s->count : i + MOST_TERMS; i < stop; i++)
            some = add_codes(some, x + (int64_t)i * s->inner);
        take_sums(t, some);
    }
    end_codes(t, s->count * s->zx, e, y);
}

static void reduce_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                       int32_t end)
{
    (void)tensors;
    (void)scratch;
    const struct ic_step_reduce *s = args;
    const struct end e = {s->m, s->zy, s->q_lo, s->q_hi};
    const int32_t vectors = (s->inner + CODES - 1) / CODES;
    const uint8_t *x = ptr[s->x];
    uint8_t *y = ptr[s->y];
    for (int32_t unit = begin; unit < end; unit++) {
        const int64_t outer = unit / vectors, line = outer * s->count * s->inner;
        if (s->inner == 1) {
            y[unit] = (uint8_t)ic_requant(sum_codes(x + line, s->count) - s->count * s->zx, s->m, s->zy, s->q_lo, s->q_hi);
            continue;
        }
        const int64_t at = next_vector(unit % vectors * CODES, s->inner);
        reduce_columns(s, &e, x + line + at, y + outer * s->inner + at);
    }
}

/* ---- LUT ---- */
static int32_t lut_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const int32_t count = ((const struct ic_step_lut *)args)->count;
    return count / UNIT + (count % UNIT != 0);
}

static void lut_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)tensors;
    (void)scratch;
    const struct ic_step_lut *s = args;
    const int64_t first = (int64_t)begin * UNIT, last = (int64_t)end * UNIT < s->count ? (int64_t)end * UNIT : s->count;
    map_codes(ptr[s->table], (const uint8_t *)ptr[s->x] + first, (uint8_t *)ptr[s->y] + first, last - first);
}

#include "kernels/product_u8.h"

#define SIMPLE_KERNELS(suffix, flags)                                                                                              \
    const struct ic_kernel ic_kernel_zip_u8_##suffix = {                                                                           \
        .name = "zip_u8_" #suffix, .kind = IC_STEP_ZIP, .needs = flags, .fits = zip_fits, .units = zip_units, .run = zip_run};     \
    const struct ic_kernel ic_kernel_pool_u8_##suffix = {.name = "pool_u8_" #suffix,                                               \
                                                         .kind = IC_STEP_POOL,                                                     \
                                                         .needs = flags,                                                           \
                                                         .fits = pool_fits,                                                        \
                                                         .units = pool_units,                                                      \
                                                         .run = pool_run};                                                         \
    const struct ic_kernel ic_kernel_reduce_u8_##suffix = {.name = "reduce_u8_" #suffix,                                           \
                                                           .kind = IC_STEP_REDUCE,                                                 \
                                                           .needs = flags,                                                         \
                                                           .fits = reduce_fits,                                                    \
                                                           .units = reduce_units,                                                  \
                                                           .run = reduce_run};                                                     \
    const struct ic_kernel ic_kernel_lut_u8_##suffix = {                                                                           \
        .name = "lut_u8_" #suffix, .kind = IC_STEP_LUT, .needs = flags, .units = lut_units, .run = lut_run};                       \
    const struct ic_kernel ic_kernel_product_u8_##suffix = {.name = "product_u8_" #suffix,                                         \
                                                            .kind = IC_STEP_PRODUCT,                                               \
                                                            .needs = flags,                                                        \
                                                            .fits = product_fits,                                                  \
                                                            .scratch_bytes = product_scratch,                                      \
                                                            .units = product_units,                                                \
                                                            .run = product_run}
