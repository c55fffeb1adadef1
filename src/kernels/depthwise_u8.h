/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit depthwise convolution (u8 activations, s8 weights, exact in s32). Included by one file per instruction set, which before it defines
 *     BLOCK                            channels of a block
 *     sums_t, load_sums, store_sums    BLOCK sums in registers
 *     add_taps(sums, x, w)             sums + x[BLOCK] * w[BLOCK]; reads exactly BLOCK bytes of each
 *     weights_t, two_weights(w0, w1)   the weights of two taps, widened
 *     add_two(sums, x0, x1, weights)   sums + x0[BLOCK] * w0[BLOCK] + x1[BLOCK] * w1[BLOCK]
 *     ends_t, load_ends(scale, s)      how sums become codes
 *     end_block(sums, ends, out)       requantizes
 * Pixels whose window lies inside the picture go four at a time along a list of taps, two by two, with widened weights; those at the left and
 * right border one by one, with taps outside read from a vector of padding.
 */
#include "kernels/tiling.h"

#include <stddef.h>
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

enum { MOST_TAPS = 64, PIXELS = 4 };

/* BLOCK channels of a row of results. */
struct place {
    const uint8_t *x; /* of the picture */
    const int8_t *w;
    int32_t iy0, channel, count;
    int32_t bias[BLOCK];
    ends_t ends;
    /* of the rows that lie in the picture: */
    int32_t n_pairs;
    const uint8_t *taps[MOST_TAPS]; /* of the pixel at column 0 of the picture */
    int32_t columns[MOST_TAPS];     /* of the taps then */
    weights_t weights[MOST_TAPS / 2];
    int32_t bias_inside[BLOCK]; /* bias and what the rows outside add */
};

static inline void finish(const struct place *at, sums_t sums, uint8_t *y)
{
    int32_t plain[BLOCK];
    uint8_t codes[BLOCK];
    store_sums(plain, sums);
    end_block(plain, &at->ends, at->count == BLOCK ? y : codes);
    if (at->count < BLOCK)
        memcpy(y, codes, (size_t)at->count);
}

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
    finish(at, sums, y);
}

/* The list of taps, in rows of the picture alone: the others read zx everywhere, which the bias can hold. */
static void list_taps(const struct ic_step_contract *s, struct place *at)
{
    static const int8_t none[BLOCK] = {0};
    const int8_t *w[MOST_TAPS + 1];
    int32_t n = 0;
    memcpy(at->bias_inside, at->bias, sizeof at->bias);
    for (int32_t ky = 0; ky < s->kh; ky++)
        for (int32_t kx = 0; kx < s->kw; kx++) {
            const int32_t iy = at->iy0 + ky * s->dilation_h;
            const int8_t *row = at->w + (size_t)(ky * s->kw + kx) * BLOCK;
            if (iy >= 0 && iy < s->ih) {
                at->taps[n] = at->x + ((int64_t)iy * s->iw + kx * s->dilation_w) * s->x_pitch + at->channel;
                at->columns[n] = kx * s->dilation_w;
                w[n++] = row;
            } else {
                for (int32_t c = 0; c < BLOCK; c++)
                    at->bias_inside[c] += s->zx * row[c];
            }
        }
    if (n % 2) {
        at->taps[n] = at->taps[n - 1];
        at->columns[n] = at->columns[n - 1];
        w[n++] = none;
    }
    at->n_pairs = n / 2;
    for (int32_t i = 0; i < at->n_pairs; i++)
        at->weights[i] = two_weights(w[2 * i], w[2 * i + 1]);
}

/* A pixel of BLOCK channels at the border. */
static void border(const struct ic_step_contract *s, const struct place *at, int32_t ix0, uint8_t *y)
{
    uint8_t padding[BLOCK];
    const uint8_t *x[MOST_TAPS];
    sums_t sums = load_sums(at->bias_inside);
    memset(padding, s->zx, sizeof padding);
    for (int32_t i = 0; i < 2 * at->n_pairs; i++) {
        const bool in = ix0 + at->columns[i] >= 0 && ix0 + at->columns[i] < s->iw;
        x[i] = in ? at->taps[i] + (ptrdiff_t)ix0 * s->x_pitch : padding;
    }
    for (int32_t i = 0; i < at->n_pairs; i++)
        sums = add_two(sums, x[2 * i], x[2 * i + 1], at->weights[i]);
    finish(at, sums, y);
}

/* Four pixels side by side, the first at ix0. */
static void inside(const struct ic_step_contract *s, const struct place *at, int32_t ix0, uint8_t *y)
{
    const ptrdiff_t first = (ptrdiff_t)ix0 * s->x_pitch, step = (ptrdiff_t)s->stride_w * s->x_pitch;
    sums_t sums[PIXELS];
    for (int32_t p = 0; p < PIXELS; p++)
        sums[p] = load_sums(at->bias_inside);
    for (int32_t i = 0; i < at->n_pairs; i++) {
        const uint8_t *x0 = at->taps[2 * i] + first, *x1 = at->taps[2 * i + 1] + first;
        const weights_t w = at->weights[i];
        for (int32_t p = 0; p < PIXELS; p++)
            sums[p] = add_two(sums[p], x0 + p * step, x1 + p * step, w);
    }
    for (int32_t p = 0; p < PIXELS; p++)
        finish(at, sums[p], y + (int64_t)p * s->y_pitch);
}

/* Columns of results first .. last whose windows lie inside, and whose taps can be read BLOCK bytes at a time. */
static void find_inside(const struct ic_step_contract *s, const struct place *at, const uint8_t *x_end, int32_t *first,
                        int32_t *last)
{
    const int32_t reach = s->iw - 1 - (s->kw - 1) * s->dilation_w + s->pad_left;
    *first = (s->pad_left + s->stride_w - 1) / s->stride_w;
    *last = reach < 0 ? 0 : reach / s->stride_w + 1;
    *last = *last < s->ow ? *last : s->ow;
    if (at->n_pairs == 0)
        *last = 0;
    for (const uint8_t *tap = at->taps[at->n_pairs ? 2 * at->n_pairs - 1 : 0]; *last > *first; --*last)
        if (x_end - tap - ((int64_t)(*last - 1) * s->stride_w - s->pad_left) * s->x_pitch >= BLOCK)
            break;
}

static void row_of_block(const struct ic_step_contract *s, struct place *at, const uint8_t *x_end, uint8_t *y)
{
    const bool listed = s->kh * s->kw <= MOST_TAPS;
    int32_t first = 0, last = 0;
    if (listed) {
        list_taps(s, at);
        find_inside(s, at, x_end, &first, &last);
    }
    for (int32_t ox = 0; ox < s->ow;) {
        const bool four = ox >= first && ox < last && last - first >= PIXELS;
        ox = four && ox + PIXELS > last ? last - PIXELS : ox; /* the last four overlap the ones before */
        const int32_t ix0 = ox * s->stride_w - s->pad_left;
        uint8_t *to = y + (int64_t)ox * s->y_pitch;
        if (four)
            inside(s, at, ix0, to);
        else
            (listed && at->count == BLOCK ? border : one_pixel)(s, at, ix0, to);
        ox += four ? PIXELS : 1;
    }
}

static void run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)tensors;
    (void)scratch;
    const struct ic_step_contract *s = args;
    const uint8_t *x = ptr[s->x], *x_end = x + ((int64_t)s->n * s->ih * s->iw - 1) * s->x_pitch + s->ic;
    for (int32_t row = begin; row < end; row++)
        for (int32_t c = 0; c < s->oc; c += BLOCK) {
            struct place at; /* its lists are filled when used */
            float scale[BLOCK] = {0};
            at.iy0 = row % s->oh * s->stride_h - s->pad_top;
            at.channel = c;
            at.count = s->oc - c < BLOCK ? s->oc - c : BLOCK;
            at.x = x + (int64_t)(row / s->oh) * s->ih * s->iw * s->x_pitch;
            at.w = (const int8_t *)ptr[s->w] + (size_t)(c / BLOCK) * (size_t)(s->kh * s->kw) * BLOCK;
            memset(at.bias, 0, sizeof at.bias);
            memcpy(at.bias, (const int32_t *)ptr[s->bias] + c, (size_t)at.count * sizeof *at.bias);
            memcpy(scale, (const float *)ptr[s->scale] + c, (size_t)at.count * sizeof *scale);
            at.ends = load_ends(scale, s);
            row_of_block(s, &at, x_end, (uint8_t *)ptr[s->y] + (int64_t)row * s->ow * s->y_pitch + c);
        }
}
