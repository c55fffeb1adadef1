/* SPDX-License-Identifier: Apache-2.0
 *
 * The two halves of the PNG reader: chunks (png.c) and rows (png_rows.c).
 */
#ifndef IC_MEDIA_PNG_H
#define IC_MEDIA_PNG_H

#include "media/image.h"

enum { IC_PNG_GREY = 0, IC_PNG_RGB = 2, IC_PNG_PALETTE = 3, IC_PNG_GREY_ALPHA = 4, IC_PNG_RGBA = 6 };

struct ic_png {
    uint32_t width, height;
    uint32_t depth, color; /* bits a sample; IC_PNG_... */
    bool interlaced;
    uint32_t n_palette;
    uint8_t palette[256][3];
};

/* Bytes of all filtered rows, filter bytes included: what IDAT unpacks to. Width and height must be within the limits. */
uint64_t ic_png_rows_bytes(const struct ic_png *png);
/* Undoes the filters in place and writes the samples into out (of png's size, 1 or 3 channels). rows: ic_png_rows_bytes. */
enum ic_status ic_png_rows_expand(const struct ic_png *png, uint8_t *rows, struct ic_image *out, struct ic_diag *d) IC_MUST_USE;

#endif
