/* SPDX-License-Identifier: Apache-2.0
 *
 * PNG rows (ISO/IEC 15948 sections 7 to 9): filters, Adam7, samples of 1 to 16 bits.
 */
#include "media/png.h"

#include <inttypes.h>
#include <string.h>

struct pass {
    uint32_t x0, y0, dx, dy;
    uint32_t width, height; /* of the reduced picture; either may be 0 */
};

enum { N_PASSES = 7 };

static struct pass pass_of(const struct ic_png *png, uint32_t i)
{
    static const uint8_t x0[] = {0, 4, 0, 2, 0, 1, 0}, y0[] = {0, 0, 4, 0, 2, 0, 1};
    static const uint8_t dx[] = {8, 8, 4, 4, 2, 2, 1}, dy[] = {8, 8, 8, 4, 4, 2, 2};
    struct pass p = {0, 0, 1, 1, png->width, png->height};
    if (!png->interlaced)
        return p;
    p = (struct pass){x0[i], y0[i], dx[i], dy[i], 0, 0};
    p.width = (png->width - p.x0 + p.dx - 1) / p.dx; /* x0 < dx: 0 when the picture is narrower than x0 */
    p.height = (png->height - p.y0 + p.dy - 1) / p.dy;
    if (png->width <= p.x0)
        p.width = 0;
    if (png->height <= p.y0)
        p.height = 0;
    return p;
}

static uint32_t n_samples(const struct ic_png *png)
{
    switch (png->color) {
    case IC_PNG_RGB:
        return 3;
    case IC_PNG_GREY_ALPHA:
        return 2;
    case IC_PNG_RGBA:
        return 4;
    default:
        return 1;
    }
}

/* Without the filter byte. */
static size_t row_bytes(const struct ic_png *png, uint32_t width)
{
    return (size_t)(((uint64_t)width * n_samples(png) * png->depth + 7) / 8);
}

uint64_t ic_png_rows_bytes(const struct ic_png *png)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < (png->interlaced ? N_PASSES : 1); i++) {
        const struct pass p = pass_of(png, i);
        if (p.width && p.height)
            total += ((uint64_t)row_bytes(png, p.width) + 1) * p.height;
    }
    return total;
}

static uint8_t paeth(int a, int b, int c)
{
    const int p = a + b - c;
    const int pa = p < a ? a - p : p - a, pb = p < b ? b - p : p - b, pc = p < c ? c - p : p - c;
    if (pa <= pb && pa <= pc)
        return (uint8_t)a;
    return (uint8_t)(pb <= pc ? b : c);
}

/* before: the row above (NULL: the pass's first); step: bytes of a whole pixel, at least 1. */
static bool unfilter(uint8_t filter, uint8_t *row, const uint8_t *before, size_t n, size_t step)
{
    const size_t head = step < n ? step : n; /* these have nothing on their left */
    switch (filter) {
    case 0:
        return true;
    case 1:
        for (size_t i = step; i < n; i++)
            row[i] = (uint8_t)(row[i] + row[i - step]);
        return true;
    case 2:
        for (size_t i = 0; before && i < n; i++)
            row[i] = (uint8_t)(row[i] + before[i]);
        return true;
    case 3:
        for (size_t i = 0; i < n; i++)
            row[i] = (uint8_t)(row[i] + ((i < head ? 0 : row[i - step]) + (before ? before[i] : 0)) / 2);
        return true;
    case 4:
        for (size_t i = 0; before && i < head; i++)
            row[i] = (uint8_t)(row[i] + before[i]); /* paeth(0, b, 0) is b */
        for (size_t i = step; i < n; i++)
            row[i] = (uint8_t)(row[i] + (before ? paeth(row[i - step], before[i], before[i - step]) : row[i - step]));
        return true;
    default:
        return false;
    }
}

/* Sample i of the row; 16-bit samples keep their high byte. */
static uint32_t sample(const uint8_t *row, size_t i, uint32_t depth)
{
    if (depth == 8)
        return row[i];
    if (depth == 16)
        return row[2 * i];
    const size_t bit = i * depth;
    return (uint32_t)row[bit / 8] >> (8 - depth - bit % 8) & ((1u << depth) - 1u);
}

static void expand_grey(const struct ic_png *png, const uint8_t *row, const struct pass *p, uint8_t *to)
{
    const size_t step = n_samples(png);
    const uint32_t stretch = png->depth < 8 ? 255u / ((1u << png->depth) - 1u) : 1u;
    for (size_t x = 0; x < p->width; x++)
        to[x * p->dx] = (uint8_t)(sample(row, x * step, png->depth) * stretch);
}

static void expand_color(const struct ic_png *png, const uint8_t *row, const struct pass *p, uint8_t *to)
{
    const size_t step = n_samples(png);
    for (size_t x = 0; x < p->width; x++)
        for (size_t c = 0; c < 3; c++)
            to[3 * x * p->dx + c] = (uint8_t)sample(row, x * step + c, png->depth);
}

static bool expand_palette(const struct ic_png *png, const uint8_t *row, const struct pass *p, uint8_t *to)
{
    for (size_t x = 0; x < p->width; x++) {
        const uint32_t i = sample(row, x, png->depth);
        if (i >= png->n_palette)
            return false;
        memcpy(to + 3 * x * p->dx, png->palette[i], 3);
    }
    return true;
}

static bool expand(const struct ic_png *png, const uint8_t *row, const struct pass *p, uint8_t *to)
{
    if (png->color == IC_PNG_PALETTE)
        return expand_palette(png, row, p, to);
    if (png->color == IC_PNG_RGB || png->color == IC_PNG_RGBA)
        expand_color(png, row, p, to);
    else
        expand_grey(png, row, p, to);
    return true;
}

enum ic_status ic_png_rows_expand(const struct ic_png *png, uint8_t *rows, struct ic_image *out, struct ic_diag *d)
{
    const size_t channels = (size_t)out->channels, out_row_bytes = (size_t)out->width * channels;
    const uint32_t pixel_bits = n_samples(png) * png->depth;
    for (uint32_t i = 0; i < (png->interlaced ? N_PASSES : 1); i++) {
        const struct pass p = pass_of(png, i);
        const size_t n = row_bytes(png, p.width);
        const uint8_t *before = NULL;
        for (uint32_t y = 0; p.width && y < p.height; y++, rows += n + 1) {
            uint8_t *row = rows + 1;
            const uint32_t y_out = p.y0 + y * p.dy;
            if (!unfilter(rows[0], row, before, n, pixel_bits < 8 ? 1 : pixel_bits / 8))
                return ic_fail(d, IC_E_PICTURE, "PNG row %" PRIu32 ": filter %u does not exist (0 to 4 do)", y_out, rows[0]);
            if (!expand(png, row, &p, out->pixels + y_out * out_row_bytes + p.x0 * channels))
                return ic_fail(d, IC_E_PICTURE, "PNG row %" PRIu32 ": a color beyond the palette of %" PRIu32, y_out,
                               png->n_palette);
            before = row;
        }
    }
    return IC_OK;
}
