/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit depthwise convolution (u8 activations, s8 weights, exact in s32). Included by one file per instruction set, which before it defines
 *     BLOCK                            channels of a block
 *     sums_t, load_sums                BLOCK sums in registers
 *     add_taps(sums, x, w)             sums + x[BLOCK] * w[BLOCK]; reads exactly BLOCK bytes of each
 *     TOGETHER                         taps that are taken together
 *     weights_t, some_weights(w)       TOGETHER rows of weights as add_some wants them
 *     add_some(sums, x, at, weights)   sums + x[0][at ..] * w[0] + ... + x[TOGETHER - 1][at ..] * w[TOGETHER - 1], BLOCK of each
 *     ends_t, load_ends(scale, s)      how sums become codes
 *     end_sums(sums, ends, out)        requantizes
 * Pixels whose window lies inside the picture go four at a time along a list of taps, some together; those at the left and
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

static bool is_listed(const struct ic_step_contract *s)
{
    return s->kh * s->kw <= MOST_TAPS;
}

/* Widened weights of a block. */
static int32_t groups_of(const struct ic_step_contract *s)
{
    return (s->kh * s->kw + TOGETHER - 1) / TOGETHER;
}

static size_t scratch_bytes(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_contract *s = args;
    return is_listed(s) ? (size_t)((s->oc + BLOCK - 1) / BLOCK) * (size_t)groups_of(s) * sizeof(weights_t) : 0;
}

/* BLOCK channels of a row of results. */
struct place {
    const uint8_t *x; /* of the picture */
    const int8_t *w;
    int32_t iy0, channel, count;
    int32_t bias[BLOCK];
    ends_t ends;
    /* of the rows that lie in the picture: */
    int32_t n_taps;                       /* a multiple of TOGETHER */
    const weights_t *weights;             /* theirs */
    const uint8_t *taps[MOST_TAPS];       /* of the pixel at column 0 of the picture */
    int32_t columns[MOST_TAPS];           /* of the taps then */
    weights_t some[MOST_TAPS / TOGETHER]; /* when not all rows of the window lie in the picture */
    int32_t bias_inside[BLOCK];           /* bias and what the rows outside add */
};

static inline void finish(const struct place *at, sums_t sums, uint8_t *y)
{
    uint8_t codes[BLOCK];
    end_sums(sums, &at->ends, at->count == BLOCK ? y : codes);
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

/* Rows of weights, as many as taps, widened. */
static void widen_weights(const int8_t **w, int32_t n, weights_t *out)
{
    static const int8_t none[BLOCK] = {0};
    for (; n % TOGETHER; n++)
        w[n] = none;
    for (int32_t i = 0; i < n; i += TOGETHER)
        out[i / TOGETHER] = some_weights(w + i);
}

/* The list of taps, in rows of the picture alone: the others read zx everywhere, which the bias can hold. all: the weights of all taps. */
static void list_taps(const struct ic_step_contract *s, struct place *at, const weights_t *all)
{
    const int8_t *w[MOST_TAPS];
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
                    at->bias_inside[c] = (int32_t)((uint32_t)at->bias_inside[c] +
                                                   (uint32_t)(s->zx * row[c])); /* may wrap, as vectors do */
            }
        }
    at->weights = n == s->kh * s->kw ? all : at->some;
    if (at->weights == at->some)
        widen_weights(w, n, at->some);
    for (; n % TOGETHER; n++) { /* the last again, of no weight */
        at->taps[n] = at->taps[n - 1];
        at->columns[n] = at->columns[n - 1];
    }
    at->n_taps = n;
}

/* A pixel of BLOCK channels at the border. */
static void border(const struct ic_step_contract *s, const struct place *at, int32_t ix0, uint8_t *y)
{
    uint8_t padding[BLOCK];
    const uint8_t *x[MOST_TAPS];
    sums_t sums = load_sums(at->bias_inside);
    memset(padding, s->zx, sizeof padding);
    for (int32_t i = 0; i < at->n_taps; i++) {
        const bool in = ix0 + at->columns[i] >= 0 && ix0 + at->columns[i] < s->iw;
        x[i] = in ? at->taps[i] + (ptrdiff_t)ix0 * s->x_pitch : padding;
    }
    for (int32_t i = 0; i < at->n_taps; i += TOGETHER)
        sums = add_some(sums, x + i, 0, at->weights[i / TOGETHER]);
    finish(at, sums, y);
}

/* Four pixels side by side, the first at ix0. */
static void inside(const struct ic_step_contract *s, const struct place *at, int32_t ix0, uint8_t *y)
{
    const ptrdiff_t first = (ptrdiff_t)ix0 * s->x_pitch, step = (ptrdiff_t)s->stride_w * s->x_pitch;
    sums_t a = load_sums(at->bias_inside), b = a, c = a, d = a; /* by name: compilers keep a small array in memory */
    for (int32_t i = 0; i < at->n_taps; i += TOGETHER) {
        const weights_t w = at->weights[i / TOGETHER];
        a = add_some(a, at->taps + i, first, w);
        b = add_some(b, at->taps + i, first + step, w);
        c = add_some(c, at->taps + i, first + 2 * step, w);
        d = add_some(d, at->taps + i, first + 3 * step, w);
    }
    finish(at, a, y);
    finish(at, b, y + s->y_pitch);
    finish(at, c, y + 2 * (ptrdiff_t)s->y_pitch);
    finish(at, d, y + 3 * (ptrdiff_t)s->y_pitch);
}

/* Columns of results first .. last whose windows lie inside, and whose taps can be read BLOCK bytes at a time. */
static void find_inside(const struct ic_step_contract *s, const struct place *at, const uint8_t *x_end, int32_t *first,
                        int32_t *last)
{
    const int32_t reach = s->iw - 1 - (s->kw - 1) * s->dilation_w + s->pad_left;
    *first = (s->pad_left + s->stride_w - 1) / s->stride_w;
    *last = reach < 0 ? 0 : reach / s->stride_w + 1;
    *last = *last < s->ow ? *last : s->ow;
    if (at->n_taps == 0)
        *last = 0;
    for (const uint8_t *tap = at->n_taps ? at->taps[at->n_taps - 1] : NULL; *last > *first; --*last)
        if (x_end - tap - ((int64_t)(*last - 1) * s->stride_w - s->pad_left) * s->x_pitch >= BLOCK)
            break;
}

static void row_of_block(const struct ic_step_contract *s, struct place *at, const weights_t *all, const uint8_t *x_end, uint8_t *y)
{
    const bool listed = is_listed(s);
    int32_t first = 0, last = 0;
    if (listed) {
        list_taps(s, at, all);
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

/* Weights of all blocks, widened. */
static void widen_all(const struct ic_step_contract *s, const int8_t *packed, weights_t *out)
{
    const int32_t n = s->kh * s->kw;
    for (int32_t c = 0; c < s->oc; c += BLOCK, packed += (size_t)n * BLOCK, out += groups_of(s)) {
        const int8_t *w[MOST_TAPS];
        for (int32_t t = 0; t < n; t++)
            w[t] = packed + (size_t)t * BLOCK;
        widen_weights(w, n, out);
    }
}

static void run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)tensors;
    const struct ic_step_contract *s = args;
    const uint8_t *x = ptr[s->x], *x_end = x + ((int64_t)s->n * s->ih * s->iw - 1) * s->x_pitch + s->ic;
    if (is_listed(s))
        widen_all(s, ptr[s->w], scratch);
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
            row_of_block(s, &at, (const weights_t *)scratch + c / BLOCK * groups_of(s), x_end,
                         (uint8_t *)ptr[s->y] + (int64_t)row * s->ow * s->y_pitch + c);
        }
}
