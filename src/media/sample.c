/* SPDX-License-Identifier: Apache-2.0 */
#include "media/sample.h"

#include "base/file.h"
#include "media/jpeg.h"
#include "media/npz.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Height, width and channels of a 4-D input in its own order. */
struct plane {
    int32_t h, w, c;
    bool nchw;
};

static struct plane plane_of(const struct ic_sample_spec *s)
{
    const bool nchw = s->format != 2;
    return (struct plane){.h = s->dims[nchw ? 2 : 1], .w = s->dims[nchw ? 3 : 2], .c = s->dims[nchw ? 1 : 3], .nchw = nchw};
}

static size_t elements_of(const struct ic_sample_spec *s)
{
    size_t n = 1;
    for (int32_t i = 0; i < s->rank; i++)
        n *= (size_t)s->dims[i];
    return n;
}

static const char *shape_text(const struct ic_sample_spec *s, char *text, size_t capacity_bytes)
{
    size_t at = 0;
    text[0] = '\0';
    for (int32_t i = 0; i < s->rank && at < capacity_bytes; i++)
        at += (size_t)snprintf(text + at, capacity_bytes - at, "%s%d", i ? "x" : "", (int)s->dims[i]);
    return text;
}

/* [h][w][c] to the input's order. */
static void put_plane(const struct plane *p, const uint8_t *hwc, float *out)
{
    for (int32_t y = 0; y < p->h; y++)
        for (int32_t x = 0; x < p->w; x++)
            for (int32_t c = 0; c < p->c; c++) {
                const size_t from = ((size_t)y * (size_t)p->w + (size_t)x) * (size_t)p->c + (size_t)c;
                const size_t to = p->nchw ? ((size_t)c * (size_t)p->h + (size_t)y) * (size_t)p->w + (size_t)x : from;
                out[to] = hwc[from];
            }
}

static enum ic_status check_picture(const char *path, const struct ic_sample_spec *s, const struct ic_image *image,
                                    struct ic_diag *d)
{
    char shape[96];
    shape_text(s, shape, sizeof shape);
    if (s->rank != 4) {
        if ((size_t)image->width * (size_t)image->height != elements_of(s))
            return ic_fail(d, IC_E_SAMPLE,
                           "%s: the picture has %d x %d = %lld pixel%s; input %s (%s) wants %zu: pictures are never resized", path,
                           (int)image->width, (int)image->height, (long long)image->width * image->height,
                           IC_S(image->width * image->height), s->name, shape, elements_of(s));
        return IC_OK;
    }
    const struct plane p = plane_of(s);
    if (s->dims[0] != 1 || (p.c != 1 && p.c != 3))
        return ic_fail(d, IC_E_SAMPLE, "%s: input %s (%s) takes no picture: batch 1 with 1 or 3 channels does; give a .npy", path,
                       s->name, shape);
    if (image->width != p.w || image->height != p.h)
        return ic_fail(d, IC_E_SAMPLE,
                       "%s: the picture is %d wide and %d high; input %s (%s) wants %d and %d: pictures are never resized", path,
                       (int)image->width, (int)image->height, s->name, shape, (int)p.w, (int)p.h);
    return IC_OK;
}

enum ic_status ic_sample_picture(const char *path, const struct ic_file_map *map, int32_t channels, struct ic_image *out,
                                 struct ic_diag *d)
{
    struct ic_diag inner = {0};
    const bool jpeg = ic_image_recognize(map->bytes, map->size_bytes) == IC_IMAGE_JPEG;
    const enum ic_status status = jpeg ? ic_jpeg_decode(map->bytes, map->size_bytes, channels, out, &inner)
                                       : ic_image_decode(map->bytes, map->size_bytes, channels, out, &inner);
    return status == IC_OK ? IC_OK : ic_fail(d, inner.code, "%s: %s", path, inner.text);
}

static enum ic_status load_picture(const char *path, const struct ic_file_map *map, const struct ic_sample_spec *s, float *out,
                                   struct ic_diag *d)
{
    struct ic_image image = {0};
    const int32_t wanted = s->rank == 4 ? plane_of(s).c : 1;
    IC_TRY(ic_sample_picture(path, map, wanted == 3 ? 0 : 1, &image, d));
    enum ic_status status = check_picture(path, s, &image, d);
    if (status == IC_OK && wanted == 3 && image.channels == 1 && s->grey)
        *s->grey = true;
    if (status == IC_OK)
        status = ic_image_to_channels(&image, wanted == 3 ? 3 : 1, d);
    if (status == IC_OK && wanted != 3 && image.was_color && s->color)
        *s->color = true;
    if (status == IC_OK) {
        const struct plane flat = {.h = 1, .w = image.width * image.height, .c = 1};
        const struct plane p = s->rank == 4 ? plane_of(s) : flat;
        put_plane(&p, image.pixels, out);
    }
    ic_image_destroy(&image);
    return status;
}

/* Is the array [1,h,w,c] or [h,w,c] of a 4-D NCHW input? (When c == h == w the two readings meet: the reference product's wins.) */
static bool stored_nhwc(const struct ic_npy *a, const struct ic_sample_spec *s)
{
    if (s->rank != 4 || s->format == 2)
        return false;
    const struct plane p = plane_of(s);
    const int32_t *t = a->dims + (a->rank == 4);
    return (a->rank == 3 || (a->rank == 4 && a->dims[0] == s->dims[0])) && t[0] == p.h && t[1] == p.w && t[2] == p.c;
}

static enum ic_status put_array(const char *path, const struct ic_npy *a, const struct ic_sample_spec *s, float *out,
                                struct ic_diag *d)
{
    char shape[96];
    if (a->elements != elements_of(s))
        return ic_fail(d, IC_E_SAMPLE, "%s: the array has %zu value%s; input %s (%s) wants %zu", path, a->elements,
                       IC_S(a->elements), s->name, shape_text(s, shape, sizeof shape), elements_of(s));
    if (!stored_nhwc(a, s)) {
        memcpy(out, a->values, a->elements * sizeof *out);
        return IC_OK;
    }
    const struct plane p = plane_of(s);
    const size_t each = (size_t)p.h * (size_t)p.w * (size_t)p.c;
    for (size_t i = 0; i < a->elements; i++) {
        const size_t in = i % each, pixel = in / (size_t)p.c, c = in % (size_t)p.c;
        out[i / each * each + c * (size_t)p.h * (size_t)p.w + pixel] = a->values[i];
    }
    return IC_OK;
}

static enum ic_status load_array(const char *path, const struct ic_sample_spec *s, float *out, struct ic_diag *d)
{
    struct ic_npy a;
    IC_TRY(ic_npy_load_f32(path, &a, d));
    const enum ic_status status = put_array(path, &a, s, out, d);
    ic_npy_destroy(&a);
    return status;
}

enum ic_status ic_sample_load(const char *path, const struct ic_sample_spec *spec, float *out, struct ic_diag *d)
{
    struct ic_file_map map;
    IC_TRY(ic_file_map_open(path, &map, d));
    const bool array = (map.size_bytes >= 6 && memcmp(map.bytes, "\x93NUMPY", 6) == 0) ||
                       ic_npz_recognize(map.bytes, map.size_bytes);
    const enum ic_status status = array ? load_array(path, spec, out, d) : load_picture(path, &map, spec, out, d);
    ic_file_map_close(&map);
    return status;
}
