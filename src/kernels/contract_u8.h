/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit contraction (u8 or, shifted codes, s8 activations; s8 weights; one group; exact in s32). Included by one file per instruction set,
 * which before it defines
 *     TILE_P, BLOCK, K_BLOCK    pixels of a tile, channels of a block, k_block of the packing
 *     tap                       type of a gathered tap: uint8_t or int16_t
 *     tile(a, w, n, sums), tile_row(a, w, n, sums)
 *                               sums[P][BLOCK] += rows a[P][ROW] times n columns of weights; the same for one row
 *     end_block(sums, scale, s, out)   requantizes BLOCK sums to BLOCK codes
 * and which has included kernels/contract_u8_sizes.h.
 */
#include "arith/arith.h"
#include "kernels/tiling.h"

#include <string.h>

/* Where the next taps of a pixel go: a row is cut into pieces of KB, TILE_P rows of a piece stand together. */
struct cursor {
    tap *at;
    int32_t room;
};

static void put(struct cursor *c, const uint8_t *x, int32_t n, uint8_t fill)
{
    while (n > 0) {
        if (c->room == 0) {
            c->at += TILE_P * ROW - KB;
            c->room = KB;
        }
        const int32_t take = n < c->room ? n : c->room;
        if (x) {
            copy_taps(c->at, x, take);
            x += take;
        } else {
            for (int32_t i = 0; i < take; i++)
                c->at[i] = fill;
        }
        c->at += take;
        c->room -= take;
        n -= take;
    }
}

static void gather_pixel(const struct ic_step_contract *s, const uint8_t *x, int32_t pixel, tap *row)
{
    struct cursor c = {row, KB};
    const struct ic_tiling_pixel at = ic_tiling_pixel_at(s, pixel);
    const uint8_t zero = (uint8_t)s->zx;
    int32_t first = 0, last = 0;
    ic_tiling_inside(at.ix0, s->dilation_w, s->kw, s->iw, &first, &last);
    const bool dense = s->dilation_w == 1 && s->x_pitch == s->ic;
    for (int32_t ky = 0; ky < s->kh; ky++) {
        const int32_t iy = at.iy0 + ky * s->dilation_h;
        if (iy < 0 || iy >= s->ih) {
            put(&c, NULL, s->kw * s->ic, zero);
            continue;
        }
        const int64_t line = ((int64_t)at.n * s->ih + iy) * s->iw;
        put(&c, NULL, first * s->ic, zero);
        if (dense && last > first)
            put(&c, x + (line + at.ix0 + first) * s->ic, (last - first) * s->ic, zero);
        else
            for (int32_t kx = first; kx < last; kx++)
                put(&c, x + (line + at.ix0 + kx * s->dilation_w) * s->x_pitch, s->ic, zero);
        put(&c, NULL, (s->kw - last) * s->ic, zero);
    }
    /* the columns that the packing adds have weights of zero; their taps need only be defined */
    put(&c, NULL, (K_BLOCK - s->kh * s->kw * s->ic % K_BLOCK) % K_BLOCK, 0);
}

/* ---- driver ---- */
struct job {
    const struct ic_step_contract *s;
    struct ic_tiling t;
    int32_t n_k; /* columns of the packing */
    const uint8_t *x;
    const int8_t *w;
    const int32_t *bias;
    const float *scale;
    uint8_t *y;
    tap *panel;
    int32_t *sums;
};

static struct ic_tiling tiling(const struct ic_step_contract *s)
{
    return ic_tiling_of(s, TILE_P, BLOCK, KB, ROW * sizeof(tap));
}

static int32_t units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_tiling t = tiling(args);
    return ic_tiling_units(&t);
}

static size_t panel_bytes(const struct ic_tiling *t)
{
    return ((size_t)t->chunk * TILE_P * (size_t)t->n_kb * ROW * sizeof(tap) + 63) / 64 * 64;
}

static size_t scratch_bytes(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_tiling t = tiling(args);
    return panel_bytes(&t) + (size_t)t.chunk * TILE_P * BLOCK * sizeof(int32_t);
}

static bool fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_contract *s = args;
    return s->mode == IC_ARITH_S32 && s->groups == 1 && s->oc_block == BLOCK && s->k_block == K_BLOCK &&
           tensors[s->x].dtype == IC_U8 && tensors[s->w].dtype == IC_S8;
}

/* sums of the tiles first .. first + n, one block of channels; only the last tile of all may be a single row. */
static void run_block(const struct job *j, int32_t first, int32_t n, int32_t block)
{
    const int32_t from = block * BLOCK, oc = j->s->oc - from < BLOCK ? j->s->oc - from : BLOCK;
    const int32_t rows = j->t.n_pixels - first * TILE_P < n * TILE_P ? j->t.n_pixels - first * TILE_P : n * TILE_P;
    int32_t bias[BLOCK] = {0};
    float scale[BLOCK] = {0};
    uint8_t codes[BLOCK];
    memcpy(bias, j->bias + from, (size_t)oc * sizeof *bias);
    memcpy(scale, j->scale + from, (size_t)oc * sizeof *scale);
    for (int32_t p = 0; p < n * TILE_P; p++)
        memcpy(j->sums + p * BLOCK, bias, sizeof bias);
    for (int32_t kb = 0; kb < j->t.n_kb; kb++) {
        const int32_t left = j->n_k - kb * KB, length = left < KB ? left : KB;
        const int8_t *w = j->w + ((size_t)block * (size_t)j->n_k + (size_t)(kb * KB)) * BLOCK;
        for (int32_t i = 0; i < n; i++)
            (rows - i * TILE_P == 1 ? tile_row : tile)(j->panel + ((size_t)i * (size_t)j->t.n_kb + (size_t)kb) * TILE_P * ROW, w,
                                                       length, j->sums + i * TILE_P * BLOCK);
    }
    for (int32_t p = 0; p < rows; p++) {
        end_block(j->sums + p * BLOCK, scale, j->s, codes);
        memcpy(j->y + (int64_t)(first * TILE_P + p) * j->s->y_pitch + from, codes, (size_t)oc);
    }
}

static void run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)tensors;
    const struct ic_step_contract *s = args;
    struct job j = {.s = s,
                    .t = tiling(s),
                    .x = ptr[s->x],
                    .w = ptr[s->w],
                    .bias = ptr[s->bias],
                    .scale = ptr[s->scale],
                    .y = ptr[s->y],
                    .panel = scratch};
    const struct ic_tiling_range r = ic_tiling_range_of(&j.t, begin, end);
    j.n_k = (j.t.n_k + K_BLOCK - 1) / K_BLOCK * K_BLOCK;
    j.sums = (int32_t *)(void *)((uint8_t *)scratch + panel_bytes(&j.t));
    for (int32_t tile_at = r.tile_begin; tile_at < r.tile_end; tile_at += j.t.chunk) {
        const int32_t n = r.tile_end - tile_at < j.t.chunk ? r.tile_end - tile_at : j.t.chunk;
        const int32_t last = j.t.n_pixels - 1;
        for (int32_t i = 0; i < n * TILE_P; i++) { /* rows past the end repeat the last pixel: computed, never stored */
            const int32_t pixel = tile_at * TILE_P + i;
            gather_pixel(s, j.x, pixel < last ? pixel : last,
                         j.panel + (size_t)(i / TILE_P) * (size_t)j.t.n_kb * TILE_P * ROW + (size_t)(i % TILE_P * ROW));
        }
        for (int32_t block = r.block_begin; block < r.block_end; block++)
            run_block(&j, tile_at, n, block);
    }
}
