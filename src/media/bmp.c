/* SPDX-License-Identifier: Apache-2.0
 *
 * BMP as Windows and OS/2 write it: 1, 4, 8 (palette), 16, 24, 32 bits, bit fields, either row order. Run-length and embedded JPEG or PNG
 * kinds are refused by name.
 */
#include "media/image.h"

#include <inttypes.h>

enum { KIND_RGB = 0, KIND_RLE8 = 1, KIND_RLE4 = 2, KIND_BITFIELDS = 3, KIND_ALPHA_BITFIELDS = 6, FILE_HEADER_BYTES = 14 };

struct bmp {
    const uint8_t *bytes;
    size_t size_bytes;
    uint32_t header_bytes, pixels_at, kind, bits, n_palette;
    int64_t width, height;
    bool top_down, grey;
    uint32_t masks[3];
    uint8_t palette[256][3]; /* R G B */
};

static uint32_t u16_at(const struct bmp *b, size_t at)
{
    return (uint32_t)b->bytes[at] | (uint32_t)b->bytes[at + 1] << 8;
}

static uint32_t u32_at(const struct bmp *b, size_t at)
{
    return u16_at(b, at) | u16_at(b, at + 2) << 16;
}

static enum ic_status read_header(struct bmp *b, struct ic_diag *d)
{
    if (b->size_bytes < FILE_HEADER_BYTES + 12)
        return ic_fail(d, IC_E_PICTURE, "a BMP of %zu byte%s: its headers alone need %d", b->size_bytes, IC_S(b->size_bytes),
                       FILE_HEADER_BYTES + 12);
    b->pixels_at = u32_at(b, 10);
    b->header_bytes = u32_at(b, 14);
    if (b->header_bytes == 12) {
        b->width = u16_at(b, 18);
        b->height = u16_at(b, 20);
        b->bits = u16_at(b, 24);
        return IC_OK;
    }
    if (b->header_bytes < 40 || b->header_bytes > 4096 || b->size_bytes - FILE_HEADER_BYTES < b->header_bytes)
        return ic_fail(d, IC_E_PICTURE,
                       "BMP byte 14: a header of %" PRIu32 " byte%s; 12 or 40 and more are wanted, inside the file",
                       b->header_bytes, IC_S(b->header_bytes));
    b->width = (int32_t)u32_at(b, 18);
    b->height = (int32_t)u32_at(b, 22);
    b->top_down = b->height < 0;
    b->height = b->top_down ? -b->height : b->height;
    b->bits = u16_at(b, 28);
    b->kind = u32_at(b, 30);
    b->n_palette = u32_at(b, 46);
    return IC_OK;
}

static enum ic_status check_kind(const struct bmp *b, struct ic_diag *d)
{
    if (b->kind == KIND_RLE8 || b->kind == KIND_RLE4)
        return ic_fail(d, IC_E_PICTURE_KIND, "a run-length compressed BMP is not supported: save it uncompressed");
    if (b->kind != KIND_RGB && b->kind != KIND_BITFIELDS && b->kind != KIND_ALPHA_BITFIELDS)
        return ic_fail(d, IC_E_PICTURE_KIND, "BMP byte 30: compression %" PRIu32 " is not supported: save it uncompressed",
                       b->kind);
    if (b->bits != 1 && b->bits != 4 && b->bits != 8 && b->bits != 16 && b->bits != 24 && b->bits != 32)
        return ic_fail(d, IC_E_PICTURE, "BMP byte 28: %" PRIu32 " bit%s a pixel; 1, 4, 8, 16, 24 or 32 are wanted", b->bits,
                       IC_S(b->bits));
    if (b->kind != KIND_RGB && b->bits != 16 && b->bits != 32)
        return ic_fail(d, IC_E_PICTURE, "a BMP with bit fields has 16 or 32 bits a pixel, not %" PRIu32, b->bits);
    return IC_OK;
}

static enum ic_status read_masks(struct bmp *b, struct ic_diag *d)
{
    if (b->kind == KIND_RGB) {
        const uint32_t five = b->bits == 16;
        b->masks[0] = five ? 0x7C00u : 0xFF0000u;
        b->masks[1] = five ? 0x03E0u : 0x00FF00u;
        b->masks[2] = five ? 0x001Fu : 0x0000FFu;
        return IC_OK;
    }
    const size_t at = FILE_HEADER_BYTES + 40; /* behind the short header, inside the long ones: the same place */
    if (b->size_bytes < at + 12)
        return ic_fail(d, IC_E_PICTURE, "BMP: the file ends before its bit fields");
    for (size_t i = 0; i < 3; i++) {
        b->masks[i] = u32_at(b, at + 4 * i);
        const uint32_t low = b->masks[i] & (0u - b->masks[i]);
        if (b->masks[i] == 0 || ((b->masks[i] / low) & (b->masks[i] / low + 1u)) != 0)
            return ic_fail(d, IC_E_PICTURE, "BMP byte %zu: bit field %08" PRIx32 " is not one run of bits", at + 4 * i,
                           b->masks[i]);
    }
    return IC_OK;
}

static enum ic_status read_palette(struct bmp *b, struct ic_diag *d)
{
    const size_t entry = b->header_bytes == 12 ? 3 : 4;
    const size_t at = FILE_HEADER_BYTES + (size_t)b->header_bytes;
    const uint32_t most = 1u << b->bits;
    if (b->n_palette == 0)
        b->n_palette = most;
    if (b->n_palette > most)
        return ic_fail(d, IC_E_PICTURE, "BMP byte 46: a palette of %" PRIu32 " color%s, %" PRIu32 " bit%s allow %" PRIu32,
                       b->n_palette, IC_S(b->n_palette), b->bits, IC_S(b->bits), most);
    if (b->size_bytes - at < entry * b->n_palette)
        return ic_fail(d, IC_E_PICTURE, "BMP: the file ends in its palette of %" PRIu32 " color%s", b->n_palette,
                       IC_S(b->n_palette));
    b->grey = true;
    for (uint32_t i = 0; i < b->n_palette; i++) {
        const uint8_t *p = b->bytes + at + entry * i;
        b->palette[i][0] = p[2];
        b->palette[i][1] = p[1];
        b->palette[i][2] = p[0];
        b->grey = b->grey && p[0] == p[1] && p[1] == p[2];
    }
    return IC_OK;
}

static uint8_t field(uint32_t pixel, uint32_t mask)
{
    const uint32_t low = mask & (0u - mask);
    const uint32_t most = mask / low, value = (pixel & mask) / low;
    return (uint8_t)(((uint64_t)value * 255u + most / 2) / most);
}

static bool palette_row(const struct bmp *b, const uint8_t *from, uint8_t *to)
{
    for (int64_t x = 0; x < b->width; x++) {
        const uint32_t bit = (uint32_t)((uint64_t)x * b->bits % 8);
        const uint32_t i = (uint32_t)from[(uint64_t)x * b->bits / 8] >> (8 - b->bits - bit) & ((1u << b->bits) - 1u);
        if (i >= b->n_palette)
            return false;
        *to++ = b->palette[i][0];
        if (b->grey)
            continue;
        *to++ = b->palette[i][1];
        *to++ = b->palette[i][2];
    }
    return true;
}

static void color_row(const struct bmp *b, const uint8_t *from, uint8_t *to)
{
    const size_t step = b->bits / 8;
    for (int64_t x = 0; x < b->width; x++, from += step, to += 3) {
        uint32_t pixel = 0;
        for (size_t i = 0; i < step; i++)
            pixel |= (uint32_t)from[i] << (8 * i);
        for (size_t i = 0; i < 3; i++)
            to[i] = field(pixel, b->masks[i]);
    }
}

static enum ic_status read_rows(const struct bmp *b, struct ic_image *out, struct ic_diag *d)
{
    const size_t row_bytes = ((size_t)b->width * b->bits + 31) / 32 * 4;
    for (int32_t y = 0; y < out->height; y++) {
        const size_t i_row = (size_t)(b->top_down ? y : out->height - 1 - y);
        const uint8_t *from = b->bytes + b->pixels_at + i_row * row_bytes;
        uint8_t *to = out->pixels + (size_t)y * (size_t)out->width * (size_t)out->channels;
        if (b->bits > 8)
            color_row(b, from, to);
        else if (!palette_row(b, from, to))
            return ic_fail(d, IC_E_PICTURE, "BMP row %" PRId32 ": a color beyond the palette of %" PRIu32, y, b->n_palette);
    }
    return IC_OK;
}

/* Before anything is allocated: do the rows lie in the file? Some writers leave the last row's padding out. */
static enum ic_status check_rows(const struct bmp *b, struct ic_diag *d)
{
    if (b->width <= 0 || b->height <= 0 || (uint64_t)b->width > IC_IMAGE_MAX_PIXELS || (uint64_t)b->height > IC_IMAGE_MAX_PIXELS)
        return IC_OK; /* ic_image_create says it */
    const uint64_t row_bits = (uint64_t)b->width * b->bits;
    const uint64_t wanted = (uint64_t)(b->height - 1) * ((row_bits + 31) / 32 * 4) + (row_bits + 7) / 8;
    if (b->pixels_at > b->size_bytes || b->size_bytes - b->pixels_at < wanted)
        return ic_fail(d, IC_E_PICTURE, "BMP: %" PRIu64 " bytes of pixels at byte %" PRIu32 " do not lie in a file of %zu byte%s",
                       wanted, b->pixels_at, b->size_bytes, IC_S(b->size_bytes));
    return IC_OK;
}

enum ic_status ic_image_decode_bmp(const uint8_t *bytes, size_t size_bytes, struct ic_image *out, struct ic_diag *d)
{
    struct bmp b = {.bytes = bytes, .size_bytes = size_bytes};
    IC_TRY(read_header(&b, d));
    IC_TRY(check_kind(&b, d));
    if (b.bits > 8)
        IC_TRY(read_masks(&b, d));
    else
        IC_TRY(read_palette(&b, d));
    IC_TRY(check_rows(&b, d));
    IC_TRY(ic_image_create(b.width, b.height, b.grey ? 1 : 3, out, d));
    const enum ic_status status = read_rows(&b, out, d);
    if (status != IC_OK)
        ic_image_destroy(out);
    return status;
}
