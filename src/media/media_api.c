/* SPDX-License-Identifier: Apache-2.0 */
#include "inchip/media.h"

#include "media/image.h"

#include <stdio.h>

static int finish(enum ic_status status, const struct ic_image *image, const struct ic_diag *d, inchip_image *out_image,
                  char *error, size_t error_bytes)
{
    if (status == IC_OK)
        *out_image = (inchip_image){
            .width = image->width, .height = image->height, .channels = image->channels, .pixels = image->pixels};
    if (error && error_bytes)
        snprintf(error, error_bytes, d->code ? "%s [" IC_CODE_FORMAT "]" : "%s", d->text, d->code);
    return (int)status;
}

int inchip_image_load(const char *path, int channels, inchip_image *out_image, char *error, size_t error_bytes)
{
    struct ic_diag d = {0};
    struct ic_image image = {0};
    enum ic_status status;
    *out_image = (inchip_image){0};
    if (!path)
        status = ic_fail(&d, IC_E_CALL, "inchip_image_load: the path is NULL");
    else
        status = ic_image_load(path, channels, &image, &d);
    return finish(status, &image, &d, out_image, error, error_bytes);
}

int inchip_image_load_memory(const void *bytes, size_t size_bytes, int channels, inchip_image *out_image, char *error,
                             size_t error_bytes)
{
    struct ic_diag d = {0};
    struct ic_image image = {0};
    enum ic_status status;
    *out_image = (inchip_image){0};
    if (!bytes && size_bytes)
        status = ic_fail(&d, IC_E_CALL, "inchip_image_load_memory: the bytes are NULL");
    else
        status = ic_image_decode(bytes, size_bytes, channels, &image, &d);
    return finish(status, &image, &d, out_image, error, error_bytes);
}

void inchip_image_free(inchip_image *image)
{
    if (!image)
        return;
    struct ic_image inner = {.pixels = image->pixels};
    ic_image_destroy(&inner);
    *image = (inchip_image){0};
}
