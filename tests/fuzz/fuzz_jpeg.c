/* SPDX-License-Identifier: Apache-2.0
 *
 * JPEG through libjpeg: errors come back as statuses and nothing is leaked on the way. */
#include "media/jpeg.h"

#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h> /* says to the build that this is for hosts */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int32_t channels = 0; channels <= 1; channels++) {
        struct ic_image image;
        struct ic_diag d = {0};
        const enum ic_status status = ic_jpeg_decode(data, size, channels, &image, &d);
        if ((status == IC_OK) != (image.pixels != NULL) || (status != IC_OK && d.text[0] == '\0'))
            abort();
        ic_image_destroy(&image);
    }
    return 0;
}
