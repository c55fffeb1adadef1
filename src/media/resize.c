/* SPDX-License-Identifier: Apache-2.0 */
#include "media/resize.h"

#include "base/alloc.h"

#include <inttypes.h>

/* Along one axis output i takes inputs first .. first + n - 1 with the weights at weights[at ..]; they add up to the same for every i. */
struct tap {
    int32_t first, n;
    size_t at;
};

struct axis {
    struct tap *taps;
    uint64_t *weights;
    uint64_t total;
};

/* In units of 1 / (2 * n_out) input pixels. Beyond an edge the edge's pixel takes both weights. */
static void bilinear_taps(struct axis *a, int64_t n_in, int64_t n_out)
{
    a->total = (uint64_t)(2 * n_out);
    for (int64_t i = 0; i < n_out; i++) {
        int64_t center = (2 * i + 1) * n_in - n_out;
        const int64_t last = (n_in - 1) * 2 * n_out;
        center = center < 0 ? 0 : center > last ? last : center;
        const uint64_t part = (uint64_t)(center % (2 * n_out));
        a->taps[i] = (struct tap){(int32_t)(center / (2 * n_out)), part ? 2 : 1, (size_t)(2 * i)};
        a->weights[2 * i] = a->total - part;
        a->weights[2 * i + 1] = part;
    }
}

/* In units of 1 / n_out input pixels: output i covers [i * n_in, (i + 1) * n_in), input k covers [k * n_out, (k + 1) * n_out). */
static void area_taps(struct axis *a, int64_t n_in, int64_t n_out)
{
    size_t at = 0;
    a->total = (uint64_t)n_in;
    for (int64_t i = 0; i < n_out; i++) {
        const int64_t from = i * n_in, to = from + n_in;
        a->taps[i] = (struct tap){(int32_t)(from / n_out), 0, at};
        for (int64_t k = from / n_out; k * n_out < to; k++) {
            const int64_t begin = k * n_out > from ? k * n_out : from, end = (k + 1) * n_out < to ? (k + 1) * n_out : to;
            a->weights[at++] = (uint64_t)(end - begin);
            a->taps[i].n++;
        }
    }
}

static void axis_destroy(struct axis *a)
{
    ic_free(a->taps);
    ic_free(a->weights);
}

static enum ic_status axis_create(struct axis *a, int32_t n_in, int32_t n_out, enum ic_resize how, struct ic_diag *d)
{
    /* bilinear: 2 each; area: the cuts of both grids, at most n_in + n_out */
    const size_t n_weights = how == IC_RESIZE_AREA ? (size_t)n_in + (size_t)n_out : 2 * (size_t)n_out;
    a->taps = ic_calloc((size_t)n_out, sizeof *a->taps);
    a->weights = ic_calloc(n_weights, sizeof *a->weights);
    if (!a->taps || !a->weights)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to resize a picture");
    if (how == IC_RESIZE_AREA)
        area_taps(a, n_in, n_out);
    else
        bilinear_taps(a, n_in, n_out);
    return IC_OK;
}

static uint8_t sample(const struct ic_image *from, const struct axis *h, const struct tap *tx, const struct axis *v,
                      const struct tap *ty, int32_t channel)
{
    uint64_t sum = 0;
    for (int32_t ky = 0; ky < ty->n; ky++) {
        uint64_t row = 0;
        const uint8_t *at = from->pixels +
                            ((size_t)(ty->first + ky) * (size_t)from->width + (size_t)tx->first) * (size_t)from->channels + channel;
        for (int32_t kx = 0; kx < tx->n; kx++, at += from->channels)
            row += h->weights[tx->at + (size_t)kx] * *at;
        sum += v->weights[ty->at + (size_t)ky] * row;
    }
    const uint64_t total = h->total * v->total; /* at most 4 * 2^26 * 2^26: a sum of it times 255 fits 64 bits */
    return (uint8_t)((sum + total / 2) / total);
}

static void fill(const struct ic_image *from, const struct axis *h, const struct axis *v, struct ic_image *out)
{
    uint8_t *to = out->pixels;
    for (int32_t y = 0; y < out->height; y++)
        for (int32_t x = 0; x < out->width; x++)
            for (int32_t c = 0; c < out->channels; c++)
                *to++ = sample(from, h, &h->taps[x], v, &v->taps[y], c);
}

enum ic_status ic_image_resize(const struct ic_image *from, int32_t width, int32_t height, enum ic_resize how, struct ic_image *out,
                               struct ic_diag *d)
{
    struct axis h = {0}, v = {0};
    *out = (struct ic_image){0};
    if (width < 1 || height < 1)
        return ic_fail(d, IC_E_SAMPLE, "a picture cannot be resized to %" PRId32 " x %" PRId32, width, height);
    enum ic_status status = ic_image_create(width, height, from->channels, out, d);
    if (status == IC_OK)
        status = axis_create(&h, from->width, width, how, d);
    if (status == IC_OK)
        status = axis_create(&v, from->height, height, how, d);
    if (status == IC_OK)
        fill(from, &h, &v, out);
    else
        ic_image_destroy(out);
    axis_destroy(&h);
    axis_destroy(&v);
    return status;
}
