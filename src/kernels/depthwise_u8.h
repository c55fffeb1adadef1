/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit depthwise convolution (u8 activations, s8 weights, exact in s32). Included by one file per instruction set, which before it defines
 *     BLOCK                         channels of a block
 *     sums_t, load_sums, store_sums    BLOCK sums in registers
 *     add_taps(sums, x, w)          sums + x[BLOCK] * w[BLOCK]; reads exactly BLOCK bytes of each
 *     end_block(sums, scale, s, out)   requantizes
 */
#include "kernels/tiling.h"

#include <string.h>

static int32_t units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_contract *s = args;
    return s->n * s->oh;
}

static bool fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_contract *s = args;
    return s->mode == IC_ARITH_S32 && s->groups > 1 && ic_tiling_is_depthwise(s) && s->oc_block == BLOCK && s->k_block == 1 &&
           tensors[s->x].dtype == IC_U8 && tensors[s->w].dtype == IC_S8;
}

struct place {
    const uint8_t *x; /* of the picture */
    const int8_t *w;
    int32_t iy0, channel, count;
    int32_t bias[BLOCK];
    float scale[BLOCK];
};

static void one_pixel(const struct ic_step_contract *s, const struct place *at, int32_t ix0, uint8_t *y)
{
    sums_t sums = load_sums(at->bias);
    uint8_t padding[BLOCK], few[BLOCK] = {0};
    memset(padding, s->zx, sizeof padding);
    for (int32_t ky = 0; ky < s->kh; ky++)
        for (int32_t kx = 0; kx < s->kw; kx++) {
            const int32_t iy = at->iy0 + ky * s->dilation_h, ix = ix0 + kx * s->dilation_w;
            const uint8_t *x = padding;
            if (iy >= 0 && iy < s->ih && ix >= 0 && ix < s->iw) {
                x = at->x + ((int64_t)iy * s->iw + ix) * s->x_pitch + at->channel;
                if (at->count < BLOCK)
                    x = memcpy(few, x, (size_t)at->count);
            }
            sums = add_taps(sums, x, at->w + (size_t)(ky * s->kw + kx) * BLOCK);
        }
    int32_t plain[BLOCK];
    uint8_t codes[BLOCK];
    store_sums(plain, sums);
    end_block(plain, at->scale, s, codes);
    memcpy(y, codes, (size_t)at->count);
}

static void run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)tensors;
    (void)scratch;
    const struct ic_step_contract *s = args;
    for (int32_t row = begin; row < end; row++)
        for (int32_t c = 0; c < s->oc; c += BLOCK) {
            struct place at = {
                .iy0 = row % s->oh * s->stride_h - s->pad_top, .channel = c, .count = s->oc - c < BLOCK ? s->oc - c : BLOCK};
            at.x = (const uint8_t *)ptr[s->x] + (int64_t)(row / s->oh) * s->ih * s->iw * s->x_pitch;
            at.w = (const int8_t *)ptr[s->w] + (size_t)(c / BLOCK) * (size_t)(s->kh * s->kw) * BLOCK;
            memcpy(at.bias, (const int32_t *)ptr[s->bias] + c, (size_t)at.count * sizeof *at.bias);
            memcpy(at.scale, (const float *)ptr[s->scale] + c, (size_t)at.count * sizeof *at.scale);
            for (int32_t ox = 0; ox < s->ow; ox++)
                one_pixel(s, &at, ox * s->stride_w - s->pad_left,
                          (uint8_t *)ptr[s->y] + ((int64_t)row * s->ow + ox) * s->y_pitch + c);
        }
}
