/* SPDX-License-Identifier: Apache-2.0
 *
 * Resizing with exact arithmetic: whole numbers only, one rounding (half up) per sample, so every machine gives the same bytes.
 */
#ifndef IC_MEDIA_RESIZE_H
#define IC_MEDIA_RESIZE_H

#include "media/image.h"

enum ic_resize {
    /* Pixel centers stand at (x + 1/2) * w_in / w_out - 1/2, the four neighbours are weighted by distance, edges are repeated: PyTorch's
     * interpolate(mode="bilinear", align_corners=False) and OpenCV's INTER_LINEAR, without antialiasing. For enlarging. */
    IC_RESIZE_BILINEAR = 0,
    /* Every output pixel is the mean of the area that it covers, parts of pixels counted by their part: OpenCV's INTER_AREA when shrinking. */
    IC_RESIZE_AREA = 1
};

/* from and out are different pictures; out gets from's channels. On failure *out is all zero. */
enum ic_status ic_image_resize(const struct ic_image *from, int32_t width, int32_t height, enum ic_resize how, struct ic_image *out,
                               struct ic_diag *d) IC_MUST_USE;

#endif
