/* SPDX-License-Identifier: Apache-2.0
 *
 * JPEG through libjpeg-turbo; host builds only.
 */
#include "media/jpeg.h"

#include "base/alloc.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

/* What must survive a longjmp lives here, outside the function that calls setjmp. */
struct decoder {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    jmp_buf out_of_here;
    char text[JMSG_LENGTH_MAX];
    struct ic_image image;
    uint8_t *ink_row; /* CMYK only */
    bool luma_only;   /* the colors are not read */
};

static void leave(j_common_ptr jpeg)
{
    struct decoder *c = jpeg->client_data;
    jpeg->err->format_message(jpeg, c->text);
    longjmp(c->out_of_here, 1);
}

/* Negative levels are warnings about damage; the others are chatter. */
static void on_message(j_common_ptr jpeg, int level)
{
    if (level < 0)
        leave(jpeg);
}

static bool is_ink(const struct decoder *c)
{
    return c->jpeg.jpeg_color_space == JCS_CMYK || c->jpeg.jpeg_color_space == JCS_YCCK;
}

static void choose_color(struct decoder *c, int32_t want_channels)
{
    if (is_ink(c))
        c->jpeg.out_color_space = JCS_CMYK;
    else if (c->jpeg.jpeg_color_space == JCS_GRAYSCALE)
        c->jpeg.out_color_space = JCS_GRAYSCALE;
    else if (want_channels == 1 && c->jpeg.jpeg_color_space == JCS_YCbCr) {
        c->jpeg.out_color_space = JCS_GRAYSCALE; /* the stored luma itself, as every libjpeg program does */
        c->luma_only = true;
    } else
        c->jpeg.out_color_space = JCS_RGB;
}

/* Adobe stores ink inverted: 255 is no ink. Files without Adobe's marker do not. */
static void ink_to_color(const struct decoder *c, uint8_t *to)
{
    const uint8_t *from = c->ink_row;
    const uint32_t flip = c->jpeg.saw_Adobe_marker ? 0u : 255u;
    for (int32_t x = 0; x < c->image.width; x++, from += 4, to += 3)
        for (int i = 0; i < 3; i++)
            to[i] = (uint8_t)(((from[i] ^ flip) * (from[3] ^ flip) + 127u) / 255u);
}

static void read_rows(struct decoder *c)
{
    while (c->jpeg.output_scanline < c->jpeg.output_height) {
        uint8_t *to = c->image.pixels + (size_t)c->jpeg.output_scanline * (size_t)c->image.width * (size_t)c->image.channels;
        JSAMPROW row = c->ink_row ? c->ink_row : to;
        (void)jpeg_read_scanlines(&c->jpeg, &row, 1);
        if (c->ink_row)
            ink_to_color(c, to);
    }
}

static enum ic_status prepare(struct decoder *c, size_t size_bytes, struct ic_diag *d)
{
    const uint64_t pixels = (uint64_t)c->jpeg.image_width * c->jpeg.image_height;
    /* a block of 64 takes some bits in every scan: a huge picture in a small file is refused before memory is taken */
    if (pixels / 4096 > size_bytes)
        return ic_fail(d, IC_E_PICTURE_SIZE, "JPEG: %u x %u pixel%s cannot come from %zu byte%s", c->jpeg.image_width,
                       c->jpeg.image_height, IC_S(c->jpeg.image_height), size_bytes, IC_S(size_bytes));
    if (c->jpeg.data_precision != 8)
        return ic_fail(d, IC_E_PICTURE_KIND, "JPEG: %d bit%s a sample; 8 are supported", c->jpeg.data_precision,
                       IC_S(c->jpeg.data_precision));
    const int32_t channels = c->jpeg.out_color_space == JCS_GRAYSCALE ? 1 : 3;
    IC_TRY(ic_image_create(c->jpeg.image_width, c->jpeg.image_height, channels, &c->image, d));
    if (!is_ink(c))
        return IC_OK;
    c->ink_row = ic_malloc((size_t)c->jpeg.image_width * 4);
    return c->ink_row ? IC_OK : ic_fail(d, IC_ERR_MEMORY, "no memory for a row of a JPEG");
}

static enum ic_status decode(struct decoder *c, const uint8_t *bytes, size_t size_bytes, int32_t want_channels, struct ic_diag *d)
{
    if (setjmp(c->out_of_here))
        return ic_fail(d, IC_E_PICTURE, "JPEG: %s", c->text);
    jpeg_create_decompress(&c->jpeg);
    c->jpeg.client_data = c;
    jpeg_mem_src(&c->jpeg, (unsigned char *)(uintptr_t)bytes, (unsigned long)size_bytes); /* older headers forget the const */
    (void)jpeg_read_header(&c->jpeg, TRUE);
    choose_color(c, want_channels);
    IC_TRY(prepare(c, size_bytes, d));
    (void)jpeg_start_decompress(&c->jpeg);
    read_rows(c);
    (void)jpeg_finish_decompress(&c->jpeg);
    return IC_OK;
}

enum ic_status ic_jpeg_decode(const uint8_t *bytes, size_t size_bytes, int32_t want_channels, struct ic_image *out,
                              struct ic_diag *d)
{
    struct decoder c = {0};
    *out = (struct ic_image){0};
    c.jpeg.err = jpeg_std_error(&c.errors);
    c.errors.error_exit = leave;
    c.errors.emit_message = on_message;
    c.jpeg.client_data = &c;
    enum ic_status status = decode(&c, bytes, size_bytes, want_channels, d);
    jpeg_destroy_decompress(&c.jpeg);
    ic_free(c.ink_row);
    c.image.was_color = c.luma_only;
    if (status == IC_OK)
        status = ic_image_to_channels(&c.image, want_channels, d);
    if (status == IC_OK)
        *out = c.image;
    else
        ic_image_destroy(&c.image);
    return status;
}
