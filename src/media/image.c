/* SPDX-License-Identifier: Apache-2.0 */
#include "media/image.h"

#include "base/alloc.h"
#include "base/file.h"

#include <inttypes.h>
#include <string.h>

static bool begins_with(const void *bytes, size_t size_bytes, const char *magic, size_t magic_bytes)
{
    return size_bytes >= magic_bytes && memcmp(bytes, magic, magic_bytes) == 0;
}

enum ic_image_kind ic_image_recognize(const void *bytes, size_t size_bytes)
{
    const uint8_t *p = bytes;
    if (begins_with(bytes, size_bytes, "\x89PNG", 4))
        return IC_IMAGE_PNG;
    if (begins_with(bytes, size_bytes, "\xff\xd8\xff", 3))
        return IC_IMAGE_JPEG;
    if (begins_with(bytes, size_bytes, "BM", 2))
        return IC_IMAGE_BMP;
    if (size_bytes >= 3 && p[0] == 'P' && p[1] >= '1' && p[1] <= '7' && (p[2] == '#' || (p[2] != 0 && strchr(" \t\r\n\v\f", p[2]))))
        return IC_IMAGE_PNM;
    return IC_IMAGE_UNKNOWN;
}

enum ic_status ic_image_create(int64_t width, int64_t height, int32_t channels, struct ic_image *out, struct ic_diag *d)
{
    *out = (struct ic_image){0};
    if (width <= 0 || height <= 0)
        return ic_fail(d, IC_E_PICTURE, "the picture says it is %" PRId64 " x %" PRId64 " pixel%s: both must be at least 1", width,
                       height, IC_S(height));
    if (width > (int64_t)IC_IMAGE_MAX_PIXELS || height > (int64_t)IC_IMAGE_MAX_PIXELS / width)
        return ic_fail(d, IC_E_PICTURE_SIZE,
                       "the picture says it is %" PRId64 " x %" PRId64 " pixel%s; at most %zu pixels are read", width, height,
                       IC_S(height), IC_IMAGE_MAX_PIXELS);
    out->pixels = ic_malloc((size_t)width * (size_t)height * (size_t)channels);
    if (!out->pixels)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for a picture of %" PRId64 " x %" PRId64 " pixel%s", width, height,
                       IC_S(height));
    out->width = (int32_t)width;
    out->height = (int32_t)height;
    out->channels = channels;
    return IC_OK;
}

void ic_image_destroy(struct ic_image *image)
{
    ic_free(image->pixels);
    *image = (struct ic_image){0};
}

static void to_grey(struct ic_image *image)
{
    const size_t n = (size_t)image->width * (size_t)image->height;
    const uint8_t *from = image->pixels;
    for (size_t i = 0; i < n; i++, from += 3) {
        image->was_color = image->was_color || from[0] != from[1] || from[1] != from[2];
        image->pixels[i] = ic_image_grey(from[0], from[1], from[2]);
    }
    image->channels = 1;
}

static enum ic_status to_color(struct ic_image *image, struct ic_diag *d)
{
    struct ic_image color;
    IC_TRY(ic_image_create(image->width, image->height, 3, &color, d));
    const size_t n = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < n; i++)
        memset(color.pixels + 3 * i, image->pixels[i], 3);
    ic_image_destroy(image);
    *image = color;
    return IC_OK;
}

enum ic_status ic_image_to_channels(struct ic_image *image, int32_t want_channels, struct ic_diag *d)
{
    if (want_channels != 0 && want_channels != 1 && want_channels != 3)
        return ic_fail(d, IC_E_DATA_TYPE, "pictures have 1 (grey) or 3 (color) channels, not %" PRId32, want_channels);
    if (want_channels == 3 && image->channels == 1)
        return to_color(image, d);
    if (want_channels == 1 && image->channels == 3)
        to_grey(image);
    return IC_OK;
}

static enum ic_status unknown(const uint8_t *bytes, size_t size_bytes, struct ic_diag *d)
{
    if (size_bytes == 0)
        return ic_fail(d, IC_E_NOT_A_PICTURE, "the file is empty: it holds neither a picture nor an array");
    return ic_fail(d, IC_E_NOT_A_PICTURE, "not a PNG, BMP or PNM picture: it begins with byte %02x", bytes[0]);
}

enum ic_status ic_image_decode(const void *bytes, size_t size_bytes, int32_t want_channels, struct ic_image *out, struct ic_diag *d)
{
    enum ic_status status = IC_OK;
    *out = (struct ic_image){0};
    switch (ic_image_recognize(bytes, size_bytes)) {
    case IC_IMAGE_PNG:
        status = ic_image_decode_png(bytes, size_bytes, out, d);
        break;
    case IC_IMAGE_BMP:
        status = ic_image_decode_bmp(bytes, size_bytes, out, d);
        break;
    case IC_IMAGE_PNM:
        status = ic_image_decode_pnm(bytes, size_bytes, out, d);
        break;
    case IC_IMAGE_JPEG:
        status = ic_fail(d, IC_E_NOT_A_PICTURE, "a JPEG picture; this reader takes PNG, BMP and PNM: convert it first");
        break;
    case IC_IMAGE_UNKNOWN:
        status = unknown(bytes, size_bytes, d);
        break;
    }
    if (status == IC_OK)
        status = ic_image_to_channels(out, want_channels, d);
    if (status != IC_OK)
        ic_image_destroy(out);
    return status;
}

enum ic_status ic_image_load(const char *path, int32_t want_channels, struct ic_image *out, struct ic_diag *d)
{
    struct ic_file_map file;
    struct ic_diag inner = {0};
    *out = (struct ic_image){0};
    IC_TRY(ic_file_map_open(path, &file, d));
    const enum ic_status status = ic_image_decode(file.bytes, file.size_bytes, want_channels, out, &inner);
    ic_file_map_close(&file);
    return status == IC_OK ? IC_OK : ic_fail(d, inner.code, "%s: %s", path, inner.text);
}
