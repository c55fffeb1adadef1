/* SPDX-License-Identifier: Apache-2.0 */
#include "media/jpeg.h"

#ifdef IC_BOARD_ONLY
enum ic_status ic_jpeg_decode(const uint8_t *bytes, size_t size_bytes, int32_t want_channels, struct ic_image *out,
                              struct ic_diag *d)
{
    (void)bytes, (void)size_bytes, (void)want_channels;
    *out = (struct ic_image){0};
    return ic_fail(d, IC_E_PICTURE_KIND, "JPEG pictures are read on a host only: convert it to PNG, BMP or PNM first");
}
#endif
