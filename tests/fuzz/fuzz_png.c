/* SPDX-License-Identifier: Apache-2.0
 *
 * Pictures: PNG, BMP, PNM. The bytes as they are; a PNG once more with its chunks' checksums put right, which a fuzzer cannot guess; and the
 * row reader alone, fed with the bytes behind a small header. */
#include "base/bytes.h"
#include "media/png.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(const uint8_t *data, size_t size, int32_t channels)
{
    struct ic_image image;
    struct ic_diag d = {0};
    const enum ic_status status = ic_image_decode(data, size, channels, &image, &d);
    if ((status == IC_OK) != (image.pixels != NULL) || (status != IC_OK && d.text[0] == '\0'))
        abort();
    if (status == IC_OK) {
        const size_t n = (size_t)image.width * (size_t)image.height * (size_t)image.channels;
        volatile uint8_t touched = (uint8_t)(image.pixels[0] ^ image.pixels[n - 1]);
        (void)touched;
    }
    ic_image_destroy(&image);
}

static void decode_repaired(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size);
    if (!copy)
        return;
    memcpy(copy, data, size);
    size_t at = 8;
    while (size - at >= 12) {
        uint8_t *p = copy + at;
        const size_t n = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
        if (n > size - at - 12)
            break;
        const uint32_t crc = ic_crc32(0, p + 4, n + 4);
        for (int i = 0; i < 4; i++)
            p[8 + n + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
        at += 12 + n;
    }
    decode(copy, size, 0);
    free(copy);
}

static void expand_rows(const uint8_t *data, size_t size)
{
    static const uint8_t kinds[][2] = {{0, 1}, {0, 2}, {0, 4}, {0, 8}, {0, 16}, {2, 8}, {2, 16}, {3, 1},
                                       {3, 2}, {3, 4}, {3, 8}, {4, 8}, {4, 16}, {6, 8}, {6, 16}};
    const uint8_t *kind = kinds[data[0] % (sizeof kinds / sizeof *kinds)];
    struct ic_png png = {.width = 1u + data[1] % 40,
                         .height = 1u + data[2] % 40,
                         .color = kind[0],
                         .depth = kind[1],
                         .interlaced = data[3] & 1,
                         .n_palette = data[3]};
    const size_t n = (size_t)ic_png_rows_bytes(&png);
    struct ic_image image = {0};
    uint8_t *rows = calloc(n, 1);
    if (rows && ic_image_create(png.width, png.height, kind[0] == 0 || kind[0] == 4 ? 1 : 3, &image, NULL) == IC_OK) {
        memcpy(rows, data + 4, size - 4 < n ? size - 4 : n);
        const enum ic_status status = ic_png_rows_expand(&png, rows, &image, NULL);
        (void)status;
    }
    free(rows);
    ic_image_destroy(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decode(data, size, 0);
    decode(data, size, 1);
    if (size > 8 && data[0] == 0x89)
        decode_repaired(data, size);
    if (size > 4)
        expand_rows(data, size);
    return 0;
}
