/* SPDX-License-Identifier: Apache-2.0 */
#include "media/jpeg.h"

#ifdef IC_WITHOUT_JPEG
#ifdef IC_BOARD_ONLY
#define WHY "JPEG pictures are read on a host only"
#else
#define WHY "this inchip was built without libjpeg: JPEG pictures cannot be read"
#endif

enum ic_status ic_jpeg_decode(const uint8_t *bytes, size_t size_bytes, int32_t want_channels, struct ic_image *out,
                              struct ic_diag *d)
{
    (void)bytes, (void)size_bytes, (void)want_channels;
    *out = (struct ic_image){0};
    return ic_fail(d, IC_E_PICTURE_KIND, WHY ": convert it to PNG, BMP or PNM first");
}
#endif
