/* SPDX-License-Identifier: Apache-2.0
 *
 * Float depthwise convolution in the operations of a vec_*.h, with TILE_NV and TILE_COLS as in contract_f32.h. A row of results goes along a
 * list of taps; those in the padding read zeros. Four neighboring pixels share the loads of weights; the ones whose windows leave the picture go
 * one by one. Sums run over the taps in ascending order, padding as +0, so the bits are those of kernels/ref.
 */
#include "arith/arith.h"
#include "kernels/contract_f32_end.h"
#include "kernels/tiling.h"

#include <stddef.h>
#include <string.h>

enum { BLOCK = TILE_NV * VF, PIXELS = 4, MOST_TAPS = 64 };

struct job {
    const struct ic_step_contract *s;
    const void *x, *w;
    const uint8_t *x_end;
    const float *bias;
    bool x_half, w_half;
    struct ic_f32_end end;
};

static int32_t units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_contract *s = args;
    return s->n * s->oh;
}

static bool fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_contract *s = args;
    return s->mode == IC_ARITH_F32 && s->groups > 1 && ic_tiling_is_depthwise(s) && s->partials == 1 && s->oc_block == BLOCK &&
           s->k_block == 1 && tensors[s->x].dtype <= IC_F16 && tensors[s->w].dtype <= IC_F16 && tensors[s->y].dtype <= IC_F16;
}

static inline vf load_either(const void *p, int64_t i, bool half)
{
    return half ? vf_load_half((const uint16_t *)p + i) : vf_load((const float *)p + i);
}

/* A vector of which only n elements may be read. */
static vf load_some(const void *p, int64_t i, int32_t n, bool half)
{
    float few[VF] = {0};
    for (int32_t k = 0; k < n && k < VF; k++)
        few[k] = half ? ic_f16_to_f32(((const uint16_t *)p)[i + k]) : ((const float *)p)[i + k];
    return vf_load(few);
}

/* Where things of one output row and one block of channels stand. */
struct place {
    int32_t n, iy0, channel, count; /* count: channels of the block that exist */
    const void *w;
    float bias[BLOCK];
    const uint8_t *taps[MOST_TAPS]; /* of the pixel at column 0 of the picture, or of zeros */
    ptrdiff_t moves[MOST_TAPS];     /* all bits where the tap moves with the pixel, none where it is zeros */
    const uint8_t *last_tap;        /* the last that moves, or NULL */
};

/* One pixel, any position, any number of channels. */
static void one_pixel(const struct job *j, const struct place *at, int32_t ix0, float *sums)
{
    const struct ic_step_contract *s = j->s;
    memcpy(sums, at->bias, sizeof at->bias);
    for (int32_t ky = 0; ky < s->kh; ky++)
        for (int32_t kx = 0; kx < s->kw; kx++) {
            const int32_t iy = at->iy0 + ky * s->dilation_h, ix = ix0 + kx * s->dilation_w;
            const bool inside = iy >= 0 && iy < s->ih && ix >= 0 && ix < s->iw;
            const int64_t from = (((int64_t)at->n * s->ih + iy) * s->iw + ix) * s->x_pitch + at->channel;
            for (int32_t v = 0; v < TILE_NV; v++) {
                const int32_t left = at->count - v * VF;
                const vf x = !inside || left <= 0 ? vf_zero()
                             : left >= VF         ? load_either(j->x, from + v * VF, j->x_half)
                                                  : load_some(j->x, from + v * VF, left, j->x_half);
                const vf w = load_either(at->w, (int64_t)(ky * s->kw + kx) * BLOCK + v * VF, j->w_half);
                vf_store(sums + v * VF, vf_fma(x, w, vf_load(sums + v * VF)));
            }
        }
}

static const uint8_t zeros[BLOCK * sizeof(float)];

static void list_taps(const struct job *j, struct place *at)
{
    const struct ic_step_contract *s = j->s;
    const int64_t element = j->x_half ? 2 : 4;
    at->last_tap = NULL;
    for (int32_t ky = 0, t = 0; ky < s->kh; ky++)
        for (int32_t kx = 0; kx < s->kw; kx++, t++) {
            const int32_t iy = at->iy0 + ky * s->dilation_h;
            const int64_t from = (((int64_t)at->n * s->ih + iy) * s->iw + (int64_t)kx * s->dilation_w) * s->x_pitch + at->channel;
            const bool inside = iy >= 0 && iy < s->ih;
            at->moves[t] = inside ? -1 : 0;
            at->taps[t] = inside ? (const uint8_t *)j->x + from * element : zeros;
            if (inside)
                at->last_tap = at->taps[t];
        }
}

/* Pixels along a list of taps, the first `first` bytes and the others `step` bytes each behind where the list begins. */
#define C(p, v) c##p##_##v
#define INIT(p, v) vf C(p, v) = vf_load(at->bias + (v)*VF);
#define INIT_ROW(p) TILE_COLS(INIT, p)
#define LOAD_W(p, v) const vf w##v = load_either(at->w, (int64_t)t * BLOCK + (v)*VF, w_half);
#define TAP(p, v) C(p, v) = vf_fma(load_either(x + (p)*move, (v)*VF, x_half), w##v, C(p, v));
#define TAP_ROW(p) TILE_COLS(TAP, p)
#define STORE(p, v) vf_store(sums + (p)*BLOCK + (v)*VF, C(p, v));
#define STORE_ROW(p) TILE_COLS(STORE, p)
#define ONE(X) X(0)
#define FOUR(X) X(0) X(1) X(2) X(3)
#define PIXELS_BODY(COUNT)                                                                                                         \
    COUNT(INIT_ROW)                                                                                                                \
    for (int32_t t = 0; t < n_taps; t++) {                                                                                         \
        const uint8_t *x = taps[t] + (first & moves[t]);                                                                           \
        const ptrdiff_t move = step & moves[t];                                                                                    \
        (void)move;                                                                                                                \
        TILE_COLS(LOAD_W, 0)                                                                                                       \
        COUNT(TAP_ROW)                                                                                                             \
    }                                                                                                                              \
    COUNT(STORE_ROW)

static inline __attribute__((always_inline)) void four_body(const struct job *j, const struct place *at, ptrdiff_t first,
                                                            float *sums, bool x_half, bool w_half)
{
    const struct ic_step_contract *s = j->s;
    const uint8_t *const *taps = at->taps;
    const ptrdiff_t *moves = at->moves, step = (ptrdiff_t)s->stride_w * s->x_pitch * (x_half ? 2 : 4);
    const int32_t n_taps = s->kh * s->kw;
    PIXELS_BODY(FOUR)
}

static void four_pixels(const struct job *j, const struct place *at, ptrdiff_t first, float *sums)
{
    if (j->x_half)
        (j->w_half ? four_body(j, at, first, sums, true, true) : four_body(j, at, first, sums, true, false));
    else
        (j->w_half ? four_body(j, at, first, sums, false, true) : four_body(j, at, first, sums, false, false));
}

/* The pixel at ix0, whose taps may leave the picture. False: the last would be read behind the end of x. */
static bool pixel(const struct job *j, const struct place *at, int32_t ix0, float *sums)
{
    const struct ic_step_contract *s = j->s;
    const bool x_half = j->x_half, w_half = j->w_half;
    const ptrdiff_t element = x_half ? 2 : 4, first = 0, step = 0, behind = (ptrdiff_t)ix0 * s->x_pitch * element;
    const int32_t n_taps = s->kh * s->kw;
    const uint8_t *taps[MOST_TAPS], *last = NULL;
    static const ptrdiff_t moves[MOST_TAPS];
    for (int32_t ky = 0, t = 0; ky < s->kh; ky++)
        for (int32_t kx = 0; kx < s->kw; kx++, t++) {
            const int32_t ix = ix0 + kx * s->dilation_w;
            taps[t] = at->moves[t] && ix >= 0 && ix < s->iw ? at->taps[t] + behind : zeros;
            last = taps[t] == zeros ? last : taps[t];
        }
    if (at->count < BLOCK && last && j->x_end - last < BLOCK * element)
        return false;
    PIXELS_BODY(ONE)
    return true;
}

/* Columns of results first .. last whose windows lie between the picture's columns, and may be read a whole block wide. */
static void find_inside(const struct job *j, const struct place *at, int32_t *first, int32_t *last)
{
    const struct ic_step_contract *s = j->s;
    const int64_t element = j->x_half ? 2 : 4;
    const int32_t reach = s->iw - 1 - (s->kw - 1) * s->dilation_w + s->pad_left;
    *first = (s->pad_left + s->stride_w - 1) / s->stride_w;
    *last = reach < 0 ? 0 : reach / s->stride_w + 1;
    *last = *last < s->ow ? *last : s->ow;
    for (; at->last_tap && *last > *first; --*last)
        if (j->x_end - at->last_tap - ((int64_t)(*last - 1) * s->stride_w - s->pad_left) * s->x_pitch * element >= BLOCK * element)
            break;
}

static void run_row(const struct job *j, struct place *at, int32_t row)
{
    const struct ic_step_contract *s = j->s;
    const ptrdiff_t pixel_bytes = (ptrdiff_t)s->x_pitch * (j->x_half ? 2 : 4);
    const bool listed = s->kh * s->kw <= MOST_TAPS;
    int32_t first = 0, last = 0;
    float sums[PIXELS * BLOCK];
    if (listed) {
        list_taps(j, at);
        find_inside(j, at, &first, &last);
    }
    for (int32_t ox = 0; ox < s->ow;) {
        const bool four = ox >= first && ox < last && last - first >= PIXELS;
        ox = four && ox + PIXELS > last ? last - PIXELS : ox; /* the last four overlap the ones before */
        const int32_t ix0 = ox * s->stride_w - s->pad_left;
        if (four)
            four_pixels(j, at, ix0 * pixel_bytes, sums);
        else if (!listed || !pixel(j, at, ix0, sums))
            one_pixel(j, at, ix0, sums);
        ic_f32_end_rows(&j->end, sums, BLOCK, four ? PIXELS : 1, ((int64_t)row * s->ow + ox) * s->y_pitch + at->channel, s->y_pitch,
                        at->count);
        ox += four ? PIXELS : 1;
    }
}

static void run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)scratch;
    const struct ic_step_contract *s = args;
    struct job j = {.s = s,
                    .x = ptr[s->x],
                    .w = ptr[s->w],
                    .bias = s->bias ? ptr[s->bias] : NULL,
                    .x_half = tensors[s->x].dtype == IC_F16,
                    .w_half = tensors[s->w].dtype == IC_F16};
    j.end = ic_f32_end_of(s, tensors, ptr[s->y]);
    j.x_end = (const uint8_t *)j.x + (((int64_t)s->n * s->ih * s->iw - 1) * s->x_pitch + s->ic) * (j.x_half ? 2 : 4);
    const size_t matrix = (size_t)(s->kh * s->kw) * BLOCK * (j.w_half ? 2 : 4);
    for (int32_t row = begin; row < end; row++)
        for (int32_t c = 0; c < s->oc; c += BLOCK) {
            struct place at; /* its list is made when used */
            at.n = row / s->oh;
            at.iy0 = row % s->oh * s->stride_h - s->pad_top;
            at.channel = c;
            at.count = s->oc - c < BLOCK ? s->oc - c : BLOCK;
            at.w = (const uint8_t *)j.w + (size_t)(c / BLOCK) * matrix;
            for (int32_t i = 0; i < BLOCK; i++)
                at.bias[i] = j.bias && i < at.count ? j.bias[c + i] : 0.0f;
            run_row(&j, &at, row);
        }
}
