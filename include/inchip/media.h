/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads pictures on a board: PNG (all color types and depths), BMP, PGM, PPM, without any other library. Usable beside anything.
 *
 * Thread safety: no state; any thread may call anything.
 */
#ifndef INCHIP_MEDIA_H
#define INCHIP_MEDIA_H

#include <stddef.h>
#include <stdint.h>

#ifndef INCHIP_API
#if defined(__GNUC__)
#define INCHIP_API __attribute__((visibility("default")))
#else
#define INCHIP_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* pixels: height x width x channels bytes, row by row, channels fastest (1 grey, 3 RGB). 16-bit samples keep their high byte, alpha is
 * left out, grey of a color picture is (19595 R + 38470 G + 7471 B + 32768) >> 16. */
typedef struct inchip_image {
    int32_t width, height, channels;
    uint8_t *pixels;
} inchip_image;

/* channels: 1 or 3 to convert, 0 to take grey pictures as 1 and all others as 3. Returns 0, or a number of enum inchip_status
 * (inchip/status.h); then error, when not NULL, gets one sentence with its code (at most error_bytes, with the final NUL) and the image is empty. */
INCHIP_API int inchip_image_load(const char *path, int channels, inchip_image *out_image, char *error, size_t error_bytes);
INCHIP_API int inchip_image_load_memory(const void *bytes, size_t size_bytes, int channels, inchip_image *out_image, char *error,
                                        size_t error_bytes);
INCHIP_API void inchip_image_free(inchip_image *image); /* an empty image is fine */

#ifdef __cplusplus
}
#endif

#endif
