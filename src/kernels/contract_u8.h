/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit contraction (u8 or, shifted codes, s8 activations; s8 weights; one group; exact in s32). Included by one file per instruction set,
 * which before it defines
 *     TILE_P, BLOCK, K_BLOCK    pixels of a tile, channels of a block, k_block of the packing
 *     tap                       type of a gathered tap: uint8_t or int16_t
 *     copy_taps(to, x, n)       n codes as taps
 *     tile(a, w, n, from, pitch, sums), tile_row(a, w, n, from, sums)
 *                               sums[P][BLOCK] = from (rows `pitch` apart: 0 for a bias) + rows a[P][ROW] times n columns of weights; one row
 *     TILE_PAIRS, tile_pair(a, w, w2, n, from, from2, pitch, sums, sums2)
 *                               where registers are enough: two blocks at once
 *     ends_t, load_ends(scale, s), end_block(sums, ends, out)   BLOCK sums to BLOCK codes
 * and which has included kernels/contract_u8_sizes.h.
 */
#include "arith/arith.h"
#include "kernels/tiling.h"

#include <string.h>

#if defined(TILE_PAIRS)
enum { TILE_BLOCKS = 2 };
#else
enum { TILE_BLOCKS = 1 };
#endif

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
    return panel_bytes(&t) + (size_t)t.chunk * TILE_P * TILE_BLOCKS * BLOCK * sizeof(int32_t);
}

static bool fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_contract *s = args;
    return s->mode == IC_ARITH_S32 && s->groups == 1 && s->oc_block == BLOCK && s->k_block == K_BLOCK &&
           tensors[s->x].dtype == IC_U8 && tensors[s->w].dtype == IC_S8;
}

/* Where piece kb of tile i of the panel begins. */
static tap *piece(const struct job *j, int32_t i, int32_t kb)
{
    return j->panel + ((size_t)i * (size_t)j->t.n_kb + (size_t)kb) * TILE_P * ROW;
}

/* n tiles, of which `rows` rows count; only the last tile of all may be a single row. */
static void multiply(const struct job *j, int32_t n, int32_t rows, int32_t block, int32_t n_blocks, int32_t bias[][BLOCK])
{
    for (int32_t kb = 0; kb < j->t.n_kb; kb++) {
        const int32_t left = j->n_k - kb * KB, length = left < KB ? left : KB, pitch = kb ? BLOCK : 0;
        const int8_t *w = j->w + ((size_t)block * (size_t)j->n_k + (size_t)(kb * KB)) * BLOCK;
        for (int32_t i = 0; i < n; i++) {
            int32_t *sums = j->sums + i * TILE_P * BLOCK;
#if defined(TILE_PAIRS)
            int32_t *sums2 = sums + (size_t)j->t.chunk * TILE_P * BLOCK;
            if (n_blocks == 2) {
                tile_pair(piece(j, i, kb), w, w + (size_t)j->n_k * BLOCK, length, kb ? sums : bias[0], kb ? sums2 : bias[1], pitch,
                          sums, sums2);
                continue;
            }
#endif
            if (rows - i * TILE_P == 1)
                tile_row(piece(j, i, kb), w, length, kb ? sums : bias[0], sums);
            else
                tile(piece(j, i, kb), w, length, kb ? sums : bias[0], pitch, sums);
        }
    }
    (void)n_blocks;
}

static void end_rows(const struct job *j, int32_t pixel, int32_t rows, int32_t from, const int32_t *sums)
{
    const int32_t oc = j->s->oc - from < BLOCK ? j->s->oc - from : BLOCK, pitch = j->s->y_pitch;
    uint8_t *y = j->y + (int64_t)pixel * pitch + from, codes[BLOCK];
    float scale[BLOCK] = {0};
    memcpy(scale, j->scale + from, (size_t)oc * sizeof *scale);
    const ends_t ends = load_ends(scale, j->s);
    for (int32_t p = 0; p < rows && oc == BLOCK; p++)
        end_block(sums + p * BLOCK, &ends, y + (int64_t)p * pitch);
    for (int32_t p = 0; p < rows && oc < BLOCK; p++) {
        end_block(sums + p * BLOCK, &ends, codes);
        memcpy(y + (int64_t)p * pitch, codes, (size_t)oc);
    }
}

/* Tiles first .. first + n against blocks of channels from `block` on, as many as TILE_BLOCKS. How many. */
static int32_t run_blocks(const struct job *j, int32_t first, int32_t n, int32_t block, int32_t block_end)
{
    const int32_t n_blocks = block_end - block < TILE_BLOCKS ? block_end - block : TILE_BLOCKS;
    const int32_t left = j->t.n_pixels - first * TILE_P, rows = left < n * TILE_P ? left : n * TILE_P;
    int32_t bias[TILE_BLOCKS][BLOCK] = {{0}};
    for (int32_t b = 0; b < n_blocks; b++) {
        const int32_t from = (block + b) * BLOCK, oc = j->s->oc - from < BLOCK ? j->s->oc - from : BLOCK;
        memcpy(bias[b], j->bias + from, (size_t)oc * sizeof *bias[b]);
    }
    multiply(j, n, rows, block, n_blocks, bias);
    for (int32_t b = 0; b < n_blocks; b++)
        end_rows(j, first * TILE_P, rows, (block + b) * BLOCK, j->sums + (size_t)b * (size_t)j->t.chunk * TILE_P * BLOCK);
    return n_blocks;
}

static void gather_point(const struct job *j, int32_t pixel, tap *row)
{
    const int64_t from = ic_tiling_point_at(j->s, pixel);
    for (int32_t kb = 0; kb < j->t.n_kb; kb++) {
        const int32_t left = j->s->ic - kb * KB;
        copy_taps(row + (size_t)kb * TILE_P * ROW, j->x + from + kb * KB, left < KB ? left : KB);
    }
    for (int32_t k = j->s->ic; k < j->n_k; k++) /* columns that the packing adds */
        row[(size_t)(k / KB) * TILE_P * ROW + (size_t)(k % KB)] = 0;
}

static void gather_tiles(const struct job *j, int32_t first, int32_t n)
{
    const bool pointwise = ic_tiling_is_pointwise(j->s);
    const int32_t last = j->t.n_pixels - 1;
    for (int32_t i = 0; i < n * TILE_P; i++) { /* rows past the end repeat the last pixel: computed, never stored */
        const int32_t at = first * TILE_P + i, pixel = at < last ? at : last;
        tap *row = piece(j, i / TILE_P, 0) + i % TILE_P * ROW;
        if (pointwise)
            gather_point(j, pixel, row);
        else
            gather_pixel(j->s, j->x, pixel, row);
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
    for (int32_t first = r.tile_begin; first < r.tile_end; first += j.t.chunk) {
        const int32_t n = r.tile_end - first < j.t.chunk ? r.tile_end - first : j.t.chunk;
        gather_tiles(&j, first, n);
        for (int32_t block = r.block_begin; block < r.block_end;)
            block += run_blocks(&j, first, n, block, r.block_end);
    }
}
