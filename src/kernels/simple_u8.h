/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit ZIP (sum and difference of u8 codes, dense operands) and POOL (maximum of u8 codes), which stand between the contractions of
 * integer networks. Included by one file per instruction set, which before it defines
 *     CODES                              bytes of a vector
 *     zip_codes(s, x1, x2, y)            CODES results of docs/arithmetic.md 7.3
 *     max_codes(y, x)                    y[i] = max(y[i], x[i]), CODES of them
 */
#include "kernels/ref/ref.h"

#include <string.h>

enum { UNIT = 4096 };

static bool zip_fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_zip *s = args;
    return s->mode == IC_ARITH_S32 && (s->op == IC_ZIP_ADD || s->op == IC_ZIP_SUB) && s->rank == 1 && s->stride1[0] == 1 &&
           s->stride2[0] == 1 && tensors[s->x1].dtype == IC_U8 && tensors[s->x2].dtype == IC_U8 && tensors[s->y].dtype == IC_U8;
}

static int32_t zip_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return (((const struct ic_step_zip *)args)->dims[0] + UNIT - 1) / UNIT;
}

static void zip_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)tensors;
    (void)scratch;
    const struct ic_step_zip *s = args;
    const uint8_t *x1 = ptr[s->x1], *x2 = ptr[s->x2];
    uint8_t *y = ptr[s->y], few1[CODES] = {0}, few2[CODES] = {0}, few[CODES];
    const int32_t last = (int64_t)end * UNIT < s->dims[0] ? end * UNIT : s->dims[0];
    int32_t i = begin * UNIT;
    for (; i + CODES <= last; i += CODES)
        zip_codes(s, x1 + i, x2 + i, y + i);
    if (i < last) {
        memcpy(few1, x1 + i, (size_t)(last - i));
        memcpy(few2, x2 + i, (size_t)(last - i));
        zip_codes(s, few1, few2, few);
        memcpy(y + i, few, (size_t)(last - i));
    }
}

static bool pool_fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_pool *s = args;
    return s->mode != IC_ARITH_F32 && s->op == IC_POOL_MAX && s->c >= CODES && s->q_lo == 0 && s->q_hi == 255 &&
           tensors[s->x].dtype == IC_U8;
}

static int32_t pool_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_pool *s = args;
    return s->n * s->oh;
}

static void pool_pixel(const struct ic_step_pool *s, const uint8_t *x, uint8_t *y, int32_t iy0, int32_t ix0)
{
    memset(y, 0, (size_t)s->c); /* q_lo */
    for (int32_t ky = 0; ky < s->kh; ky++) {
        const int32_t iy = iy0 + ky * s->dilation_h;
        for (int32_t kx = 0; kx < s->kw && iy >= 0 && iy < s->ih; kx++) {
            const int32_t ix = ix0 + kx * s->dilation_w;
            if (ix < 0 || ix >= s->iw)
                continue;
            const uint8_t *from = x + ((int64_t)iy * s->iw + ix) * s->c;
            int32_t c = 0;
            for (; c + CODES <= s->c; c += CODES)
                max_codes(y + c, from + c);
            if (c < s->c) /* overlaps the vector before: a maximum may be taken twice */
                max_codes(y + s->c - CODES, from + s->c - CODES);
        }
    }
}

static void pool_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)tensors;
    (void)scratch;
    const struct ic_step_pool *s = args;
    for (int32_t row = begin; row < end; row++)
        for (int32_t ox = 0; ox < s->ow; ox++)
            pool_pixel(s, (const uint8_t *)ptr[s->x] + (int64_t)(row / s->oh) * s->ih * s->iw * s->c,
                       (uint8_t *)ptr[s->y] + ((int64_t)row * s->ow + ox) * s->c, row % s->oh * s->stride_h - s->pad_top,
                       ox * s->stride_w - s->pad_left);
}

#define SIMPLE_KERNELS(suffix, flags)                                                                                              \
    const struct ic_kernel ic_kernel_zip_u8_##suffix = {                                                                           \
        .name = "zip_u8_" #suffix, .kind = IC_STEP_ZIP, .needs = flags, .fits = zip_fits, .units = zip_units, .run = zip_run};     \
    const struct ic_kernel ic_kernel_pool_u8_##suffix = {                                                                          \
        .name = "pool_u8_" #suffix, .kind = IC_STEP_POOL, .needs = flags, .fits = pool_fits, .units = pool_units, .run = pool_run}
