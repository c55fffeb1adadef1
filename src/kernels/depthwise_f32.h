/* SPDX-License-Identifier: Apache-2.0
 *
 * Float depthwise convolution in the operations of a vec_*.h, with TILE_NV and TILE_COLS as in contract_f32.h. Four neighbouring pixels
 * share the loads of weights. Sums run over the taps in ascending order, padding as +0, so the bits are those of kernels/ref.
 */
#include "arith/arith.h"
#include "kernels/contract_f32_end.h"
#include "kernels/tiling.h"

#include <string.h>

enum { BLOCK = TILE_NV * VF, PIXELS = 4 };

struct job {
    const struct ic_step_contract *s;
    const void *x, *w;
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

/* Four pixels whose taps all lie inside the picture's columns, a whole block of channels. */
static inline __attribute__((always_inline)) void four_body(const struct job *j, const struct place *at, int32_t ix0, float *sums,
                                                            bool x_half, bool w_half)
{
    const struct ic_step_contract *s = j->s;
    const int64_t step = (int64_t)s->stride_w * s->x_pitch;
#define C(p, v) c##p##_##v
#define FOUR(X) X(0) X(1) X(2) X(3)
#define INIT(p, v) vf C(p, v) = vf_load(at->bias + (v)*VF);
#define INIT_ROW(p) TILE_COLS(INIT, p)
#define LOAD_W(p, v) const vf w##v = load_either(at->w, (int64_t)(ky * s->kw + kx) * BLOCK + (v)*VF, w_half);
#define TAP(p, v) C(p, v) = vf_fma(load_either(j->x, from + (p)*step + (v)*VF, x_half), w##v, C(p, v));
#define TAP_ROW(p) TILE_COLS(TAP, p)
#define ZERO_TAP(p, v) C(p, v) = vf_fma(zero, w##v, C(p, v));
#define ZERO_ROW(p) TILE_COLS(ZERO_TAP, p)
#define STORE(p, v) vf_store(sums + (p)*BLOCK + (v)*VF, C(p, v));
#define STORE_ROW(p) TILE_COLS(STORE, p)
    FOUR(INIT_ROW)
    for (int32_t ky = 0; ky < s->kh; ky++) {
        const int32_t iy = at->iy0 + ky * s->dilation_h;
        if (iy < 0 || iy >= s->ih) {
            const vf zero = vf_zero();
            for (int32_t kx = 0; kx < s->kw; kx++) {
                TILE_COLS(LOAD_W, 0)
                FOUR(ZERO_ROW)
            }
            continue;
        }
        int64_t from = (((int64_t)at->n * s->ih + iy) * s->iw + ix0) * s->x_pitch + at->channel;
        for (int32_t kx = 0; kx < s->kw; kx++, from += (int64_t)s->dilation_w * s->x_pitch) {
            TILE_COLS(LOAD_W, 0)
            FOUR(TAP_ROW)
        }
    }
    FOUR(STORE_ROW)
}

static void four_pixels(const struct job *j, const struct place *at, int32_t ix0, float *sums)
{
    if (j->x_half)
        (j->w_half ? four_body(j, at, ix0, sums, true, true) : four_body(j, at, ix0, sums, true, false));
    else
        (j->w_half ? four_body(j, at, ix0, sums, false, true) : four_body(j, at, ix0, sums, false, false));
}

static void run_row(const struct job *j, const struct place *at, int32_t row)
{
    const struct ic_step_contract *s = j->s;
    const int32_t reach = (s->kw - 1) * s->dilation_w;
    float sums[PIXELS * BLOCK];
    for (int32_t ox = 0; ox < s->ow;) {
        const int32_t ix0 = ox * s->stride_w - s->pad_left;
        const bool four = at->count == BLOCK && ox + PIXELS <= s->ow && ix0 >= 0 &&
                          ix0 + (PIXELS - 1) * s->stride_w + reach < s->iw;
        const int32_t n = four ? PIXELS : 1;
        if (four)
            four_pixels(j, at, ix0, sums);
        else
            one_pixel(j, at, ix0, sums);
        for (int32_t p = 0; p < n; p++)
            ic_f32_end_store(&j->end, sums + p * BLOCK, ((int64_t)row * s->ow + ox + p) * s->y_pitch + at->channel, at->count);
        ox += n;
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
    const size_t matrix = (size_t)(s->kh * s->kw) * BLOCK * (j.w_half ? 2 : 4);
    for (int32_t row = begin; row < end; row++)
        for (int32_t c = 0; c < s->oc; c += BLOCK) {
            struct place at = {.n = row / s->oh, .iy0 = row % s->oh * s->stride_h - s->pad_top, .channel = c};
            at.count = s->oc - c < BLOCK ? s->oc - c : BLOCK;
            at.w = (const uint8_t *)j.w + (size_t)(c / BLOCK) * matrix;
            for (int32_t i = 0; i < at.count && j.bias; i++)
                at.bias[i] = j.bias[c + i];
            run_row(&j, &at, row);
        }
}
