/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tiled contraction kernels of all instruction sets share: output pixels are taken P at a time (a tile), output channels B at
 * a time (a block of the packing). The taps of a tile are first gathered into rows of KB elements, so that the inner loop sees constant
 * strides, padding has become a value, and a block of weights stays in the first cache while many tiles pass.
 */
#ifndef IC_KERNELS_TILING_H
#define IC_KERNELS_TILING_H

#include "kernels/kernel.h"

struct ic_tiling {
    int32_t n_k; /* taps of one output */
    int32_t n_pixels, n_tiles;
    int32_t n_blocks; /* of channels */
    int32_t n_kb;     /* gathered pieces of a row */
    int32_t chunk;    /* tiles gathered together */
    bool by_pixels;   /* what a unit is: a tile, or (few pixels) a block of channels */
};

enum { IC_TILING_PANEL_BYTES = 384 * 1024 }; /* gathered taps: part of a second-level cache */

/* row_bytes: of one gathered piece of one pixel. */
static inline struct ic_tiling ic_tiling_of(const struct ic_step_contract *s, int32_t p, int32_t b, int32_t kb, size_t row_bytes)
{
    struct ic_tiling t = {.n_k = s->kh * s->kw * s->ic, .n_pixels = s->n * s->oh * s->ow};
    t.n_tiles = (t.n_pixels + p - 1) / p;
    t.n_blocks = (s->oc + b - 1) / b;
    t.n_kb = (t.n_k + kb - 1) / kb;
    t.by_pixels = t.n_tiles >= 8 || t.n_tiles >= t.n_blocks;
    const size_t tile_bytes = (size_t)t.n_kb * (size_t)p * row_bytes;
    const size_t fit = IC_TILING_PANEL_BYTES / tile_bytes;
    t.chunk = fit < 1 ? 1 : fit > (size_t)t.n_tiles ? t.n_tiles : (int32_t)fit;
    return t;
}

static inline int32_t ic_tiling_units(const struct ic_tiling *t)
{
    return t->by_pixels ? t->n_tiles : t->n_blocks;
}

/* Tiles and blocks of units begin .. end. */
struct ic_tiling_range {
    int32_t tile_begin, tile_end, block_begin, block_end;
};
static inline struct ic_tiling_range ic_tiling_range_of(const struct ic_tiling *t, int32_t begin, int32_t end)
{
    return t->by_pixels ? (struct ic_tiling_range){begin, end, 0, t->n_blocks}
                        : (struct ic_tiling_range){0, t->n_tiles, begin, end};
}

/* First input row and column of output pixel i, and its picture. */
struct ic_tiling_pixel {
    int32_t n, iy0, ix0;
};
static inline struct ic_tiling_pixel ic_tiling_pixel_at(const struct ic_step_contract *s, int32_t i)
{
    const int32_t ox = i % s->ow, row = i / s->ow;
    return (struct ic_tiling_pixel){row / s->oh, row % s->oh * s->stride_h - s->pad_top, ox * s->stride_w - s->pad_left};
}

/* Taps kx that lie inside a row of the picture: first .. last (last excluded). */
static inline void ic_tiling_inside(int32_t start, int32_t dilation, int32_t kernel, int32_t extent, int32_t *first, int32_t *last)
{
    *first = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
    if (*first > kernel)
        *first = kernel;
    *last = start >= extent ? 0 : (extent - start + dilation - 1) / dilation;
    if (*last > kernel)
        *last = kernel;
    if (*last < *first)
        *last = *first;
}

/* A window of one pixel, no padding: the taps of a result are the channels of a pixel. */
static inline bool ic_tiling_is_pointwise(const struct ic_step_contract *s)
{
    return s->kh == 1 && s->kw == 1 && s->pad_top == 0 && s->pad_left == 0 && (int64_t)(s->oh - 1) * s->stride_h < s->ih &&
           (int64_t)(s->ow - 1) * s->stride_w < s->iw;
}

/* Of which element they begin with. */
static inline int64_t ic_tiling_point_at(const struct ic_step_contract *s, int32_t pixel)
{
    const bool all = s->stride_h == 1 && s->stride_w == 1 && s->oh == s->ih && s->ow == s->iw;
    const struct ic_tiling_pixel at = all ? (struct ic_tiling_pixel){0, 0, pixel} : ic_tiling_pixel_at(s, pixel);
    return (((int64_t)at.n * s->ih + at.iy0) * s->iw + at.ix0) * s->x_pitch;
}

static inline bool ic_tiling_is_depthwise(const struct ic_step_contract *s)
{
    return s->groups == s->ic && s->groups == s->oc;
}

#endif
