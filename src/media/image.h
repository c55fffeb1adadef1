/* SPDX-License-Identifier: Apache-2.0
 *
 * Pictures as bytes. Rules (also in inchip/media.h): 16-bit samples keep their high byte; grey of few bits is stretched to 0..255; alpha is
 * dropped; grey from color is (19595 R + 38470 G + 7471 B + 32768) >> 16, libjpeg's rule; color from grey is three equal bytes.
 */
#ifndef IC_MEDIA_IMAGE_H
#define IC_MEDIA_IMAGE_H

#include "base/status.h"

#include <stdbool.h>

#define IC_IMAGE_MAX_PIXELS ((size_t)1 << 26)

struct ic_image {
    uint8_t *pixels; /* [height][width][channels]; ic_image_destroy frees it */
    int32_t width, height, channels;
    bool was_color; /* its colors were made grey: some pixel was not grey before, or a JPEG's luma alone was read */
};

enum ic_image_kind { IC_IMAGE_UNKNOWN = 0, IC_IMAGE_PNG, IC_IMAGE_BMP, IC_IMAGE_PNM, IC_IMAGE_JPEG };

/* By the first bytes. */
enum ic_image_kind ic_image_recognize(const void *bytes, size_t size_bytes);

/* PNG, BMP, PNM; IC_ERR_FORMAT for everything else. want_channels: 1, 3, or 0 for what the file holds (grey 1, color 3).
 * Messages do not name the file: the caller knows it. On failure *out is all zero. */
enum ic_status ic_image_decode(const void *bytes, size_t size_bytes, int32_t want_channels, struct ic_image *out,
                               struct ic_diag *d) IC_MUST_USE;
/* Maps the file; messages begin with the path. */
enum ic_status ic_image_load(const char *path, int32_t want_channels, struct ic_image *out, struct ic_diag *d) IC_MUST_USE;
void ic_image_destroy(struct ic_image *image); /* zeroed is fine */

/* Checks the size against the limits, then allocates pixels. */
enum ic_status ic_image_create(int64_t width, int64_t height, int32_t channels, struct ic_image *out,
                               struct ic_diag *d) IC_MUST_USE;
/* Grey to color or color to grey; nothing when it has that many channels, or when want_channels is 0. */
enum ic_status ic_image_to_channels(struct ic_image *image, int32_t want_channels, struct ic_diag *d) IC_MUST_USE;

static inline uint8_t ic_image_grey(uint32_t r, uint32_t g, uint32_t b)
{
    return (uint8_t)((19595u * r + 38470u * g + 7471u * b + 32768u) >> 16);
}

/* The readers behind ic_image_decode; each gives 1 or 3 channels. */
enum ic_status ic_image_decode_png(const uint8_t *bytes, size_t size_bytes, struct ic_image *out, struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_image_decode_bmp(const uint8_t *bytes, size_t size_bytes, struct ic_image *out, struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_image_decode_pnm(const uint8_t *bytes, size_t size_bytes, struct ic_image *out, struct ic_diag *d) IC_MUST_USE;

#endif
