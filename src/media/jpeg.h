/* SPDX-License-Identifier: Apache-2.0
 *
 * JPEG: through libjpeg-turbo on a host (jpeg.c); board builds refuse it by name (jpeg_board.c).
 */
#ifndef IC_MEDIA_JPEG_H
#define IC_MEDIA_JPEG_H

#include "media/image.h"

/* As ic_image_decode. Grey of a color file is its stored luma (no detour over RGB, as every libjpeg program does it). CMYK and YCCK become RGB
 * as C * K / 255, of Adobe's inverted samples. EXIF rotation is ignored. Whatever libjpeg warns of (a cut file, damaged codes) is an error: a
 * picture is for measuring, half of one is worse than none. */
enum ic_status ic_jpeg_decode(const uint8_t *bytes, size_t size_bytes, int32_t want_channels, struct ic_image *out,
                              struct ic_diag *d) IC_MUST_USE;

#endif
