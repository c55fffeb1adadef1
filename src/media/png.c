/* SPDX-License-Identifier: Apache-2.0
 *
 * PNG (ISO/IEC 15948): chunks and their checksums, header, palette, compressed data. All chunks are checked before anything is allocated,
 * and a header that promises more pixels than the compressed data can hold is refused there too.
 */
#include "media/png.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/inflate.h"

#include <inttypes.h>
#include <string.h>

enum { SIGNATURE_BYTES = 8, CHUNK_EXTRA_BYTES = 12, DEFLATE_MOST = 1032 /* bytes that one byte of DEFLATE can become */ };

struct chunk {
    size_t at; /* in the file */
    const uint8_t *type, *data;
    uint32_t size_bytes;
};

struct png_file {
    const uint8_t *bytes;
    size_t size_bytes;
    struct ic_png png;
    bool has_header, idat_ended;
    size_t n_idat, idat_bytes;
    const uint8_t *first_idat;
    struct ic_diag *d;
};

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is_type(const struct chunk *c, const char *type)
{
    return memcmp(c->type, type, 4) == 0;
}

static enum ic_status bad_chunk(const struct png_file *f, const struct chunk *c, const char *what)
{
    return ic_fail(f->d, IC_E_PICTURE, "PNG byte %zu: chunk %.4s: %s", c->at, (const char *)c->type, what);
}

static enum ic_status next_chunk(const struct png_file *f, size_t at, struct chunk *out)
{
    const size_t left = f->size_bytes - at;
    if (left < CHUNK_EXTRA_BYTES)
        return ic_fail(f->d, IC_E_PICTURE, "PNG byte %zu: the file ends before its IEND chunk: it is cut short", at);
    const uint8_t *p = f->bytes + at;
    *out = (struct chunk){.at = at, .type = p + 4, .data = p + 8, .size_bytes = be32(p)};
    for (int i = 0; i < 4; i++)
        if (!((p[4 + i] | 0x20) >= 'a' && (p[4 + i] | 0x20) <= 'z'))
            return ic_fail(f->d, IC_E_PICTURE, "PNG byte %zu: a chunk type must be four letters, found byte %02x",
                           at + 4 + (size_t)i, p[4 + i]);
    if (out->size_bytes > left - CHUNK_EXTRA_BYTES)
        return ic_fail(f->d, IC_E_PICTURE,
                       "PNG byte %zu: chunk %.4s says %" PRIu32 " byte%s, the file has %zu left: it is cut short", at,
                       (const char *)out->type, out->size_bytes, IC_S(out->size_bytes), left - CHUNK_EXTRA_BYTES);
    const uint32_t found = ic_crc32(0, out->type, 4 + (size_t)out->size_bytes), wanted = be32(out->data + out->size_bytes);
    if (found != wanted)
        return ic_fail(f->d, IC_E_PICTURE,
                       "PNG byte %zu: chunk %.4s is damaged: its checksum is %08" PRIx32 ", the file says %08" PRIx32, at,
                       (const char *)out->type, found, wanted);
    return IC_OK;
}

static bool depth_fits(uint32_t color, uint32_t depth)
{
    switch (color) {
    case IC_PNG_GREY:
        return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case IC_PNG_PALETTE:
        return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case IC_PNG_RGB:
    case IC_PNG_GREY_ALPHA:
    case IC_PNG_RGBA:
        return depth == 8 || depth == 16;
    default:
        return false;
    }
}

static enum ic_status read_header(struct png_file *f, const struct chunk *c)
{
    struct ic_png *png = &f->png;
    if (c->size_bytes != 13)
        return bad_chunk(f, c, "a header has 13 bytes");
    png->width = be32(c->data);
    png->height = be32(c->data + 4);
    png->depth = c->data[8];
    png->color = c->data[9];
    png->interlaced = c->data[12] == 1;
    if (!depth_fits(png->color, png->depth))
        return ic_fail(f->d, IC_E_PICTURE, "PNG byte %zu: color type %" PRIu32 " with %" PRIu32 " bit%s a sample does not exist",
                       c->at, png->color, png->depth, IC_S(png->depth));
    if (c->data[10] != 0 || c->data[11] != 0 || c->data[12] > 1)
        return bad_chunk(f, c, "an unknown method of compression, filtering or interlacing");
    if (png->width == 0 || png->height == 0 || png->width > INT32_MAX || png->height > INT32_MAX)
        return bad_chunk(f, c, "width and height must be 1 to 2147483647");
    if (png->width > IC_IMAGE_MAX_PIXELS / png->height)
        return ic_fail(f->d, IC_E_PICTURE_SIZE,
                       "the picture says it is %" PRIu32 " x %" PRIu32 " pixel%s; at most %zu pixels are read", png->width,
                       png->height, IC_S(png->height), IC_IMAGE_MAX_PIXELS);
    f->has_header = true;
    return IC_OK;
}

static enum ic_status read_palette(struct png_file *f, const struct chunk *c)
{
    if (f->n_idat)
        return bad_chunk(f, c, "a palette behind the pixels");
    if (f->png.n_palette)
        return bad_chunk(f, c, "a second palette");
    if (c->size_bytes == 0 || c->size_bytes % 3 != 0 || c->size_bytes > 768)
        return bad_chunk(f, c, "a palette has 1 to 256 colors of 3 bytes");
    f->png.n_palette = c->size_bytes / 3;
    memcpy(f->png.palette, c->data, c->size_bytes);
    return IC_OK;
}

static enum ic_status note_idat(struct png_file *f, const struct chunk *c)
{
    if (f->idat_ended)
        return bad_chunk(f, c, "pixel data must not be interrupted by other chunks");
    if (!f->first_idat)
        f->first_idat = c->data;
    f->n_idat++;
    f->idat_bytes += c->size_bytes;
    return IC_OK;
}

static enum ic_status read_chunk(struct png_file *f, const struct chunk *c)
{
    if (is_type(c, "IHDR"))
        return f->has_header ? bad_chunk(f, c, "a second header") : read_header(f, c);
    if (!f->has_header)
        return bad_chunk(f, c, "the first chunk must be IHDR");
    if (is_type(c, "IDAT"))
        return note_idat(f, c);
    f->idat_ended = f->n_idat != 0;
    if (is_type(c, "PLTE"))
        return read_palette(f, c);
    if (!(c->type[0] & 0x20) && !is_type(c, "IEND"))
        return bad_chunk(f, c, "an unknown chunk that is needed to show the picture");
    return IC_OK;
}

static enum ic_status read_chunks(struct png_file *f)
{
    struct chunk c = {0};
    size_t at = SIGNATURE_BYTES;
    do {
        IC_TRY(next_chunk(f, at, &c));
        IC_TRY(read_chunk(f, &c));
        at += CHUNK_EXTRA_BYTES + c.size_bytes;
    } while (!is_type(&c, "IEND"));
    if (f->n_idat == 0)
        return ic_fail(f->d, IC_E_PICTURE, "PNG: no pixels (no IDAT chunk)");
    if (f->png.color == IC_PNG_PALETTE && f->png.n_palette == 0)
        return ic_fail(f->d, IC_E_PICTURE, "PNG: colors by palette, but no palette (no PLTE chunk)");
    return IC_OK;
}

/* Several IDAT chunks follow each other directly: header and checksum of each are left out. */
static void join_idat(const struct png_file *f, uint8_t *to)
{
    const uint8_t *from = f->first_idat;
    for (size_t i = 0; i < f->n_idat; i++) {
        const uint32_t n = be32(from - 8);
        memcpy(to, from, n);
        to += n;
        from += n + CHUNK_EXTRA_BYTES;
    }
}

static enum ic_status unpack(const struct png_file *f, uint8_t *rows, size_t rows_bytes)
{
    struct ic_diag inner = {0};
    uint8_t *joined = NULL;
    size_t size = 0;
    if (f->n_idat > 1) {
        joined = ic_malloc(f->idat_bytes + 1);
        if (!joined)
            return ic_fail(f->d, IC_ERR_MEMORY, "no memory for %zu bytes of PNG data", f->idat_bytes);
        join_idat(f, joined);
    }
    const enum ic_status status = ic_inflate_zlib(joined ? joined : f->first_idat, f->idat_bytes, rows, rows_bytes, &size, &inner);
    ic_free(joined);
    if (status != IC_OK)
        return ic_fail(f->d, IC_E_PICTURE, "PNG pixels: %s", inner.text);
    if (size != rows_bytes)
        return ic_fail(f->d, IC_E_PICTURE, "PNG pixels: %zu byte%s unpacked, %zu wanted: rows are missing", size, IC_S(size),
                       rows_bytes);
    return IC_OK;
}

static enum ic_status decode_rows(const struct png_file *f, size_t rows_bytes, struct ic_image *out)
{
    const bool grey = f->png.color == IC_PNG_GREY || f->png.color == IC_PNG_GREY_ALPHA;
    uint8_t *rows = ic_malloc(rows_bytes);
    if (!rows)
        return ic_fail(f->d, IC_ERR_MEMORY, "no memory for %zu bytes of PNG rows", rows_bytes);
    enum ic_status status = unpack(f, rows, rows_bytes);
    if (status == IC_OK)
        status = ic_image_create(f->png.width, f->png.height, grey ? 1 : 3, out, f->d);
    if (status == IC_OK)
        status = ic_png_rows_expand(&f->png, rows, out, f->d);
    ic_free(rows);
    return status;
}

enum ic_status ic_image_decode_png(const uint8_t *bytes, size_t size_bytes, struct ic_image *out, struct ic_diag *d)
{
    struct png_file f = {.bytes = bytes, .size_bytes = size_bytes, .d = d};
    if (size_bytes < SIGNATURE_BYTES || memcmp(bytes, "\x89PNG\r\n\x1a\n", SIGNATURE_BYTES) != 0)
        return ic_fail(d, IC_E_PICTURE, "PNG byte 4: the signature is damaged (was the file copied as text?)");
    IC_TRY(read_chunks(&f));
    const uint64_t rows_bytes = ic_png_rows_bytes(&f.png);
    if (rows_bytes / DEFLATE_MOST > f.idat_bytes)
        return ic_fail(d, IC_E_PICTURE, "PNG: %" PRIu32 " x %" PRIu32 " pixel%s cannot come from %zu byte%s of compressed data",
                       f.png.width, f.png.height, IC_S(f.png.height), f.idat_bytes, IC_S(f.idat_bytes));
    if (rows_bytes > SIZE_MAX / 2)
        return ic_fail(d, IC_E_PICTURE_SIZE, "PNG: %" PRIu64 " bytes of rows are too many for this machine", rows_bytes);
    const enum ic_status status = decode_rows(&f, (size_t)rows_bytes, out);
    if (status != IC_OK)
        ic_image_destroy(out);
    return status;
}
