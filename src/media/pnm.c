/* SPDX-License-Identifier: Apache-2.0
 *
 * PBM, PGM and PPM, text (P1 P2 P3) and binary (P4 P5 P6), largest value up to 65535. Values v of another largest value than 255 become
 * (v * 255 + max / 2) / max; with 65535 they keep their high byte as in PNG. PAM (P7) is refused by name.
 */
#include "media/image.h"

#include <inttypes.h>
#include <string.h>

struct pnm {
    const uint8_t *bytes;
    size_t size_bytes, at;
    char kind; /* '1' .. '6' */
    uint32_t width, height, most;
    struct ic_diag *d;
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_blanks(struct pnm *p)
{
    while (p->at < p->size_bytes && (is_blank(p->bytes[p->at]) || p->bytes[p->at] == '#')) {
        if (p->bytes[p->at] == '#') {
            while (p->at < p->size_bytes && p->bytes[p->at] != '\n' && p->bytes[p->at] != '\r')
                p->at++;
            continue;
        }
        p->at++;
    }
}

static enum ic_status read_number(struct pnm *p, uint32_t most, const char *what, uint32_t *out)
{
    skip_blanks(p);
    if (p->at == p->size_bytes)
        return ic_fail(p->d, IC_E_PICTURE, "PNM byte %zu: the file ends before %s", p->at, what);
    if (p->bytes[p->at] < '0' || p->bytes[p->at] > '9')
        return ic_fail(p->d, IC_E_PICTURE, "PNM byte %zu: %s must be a number, found byte %02x", p->at, what, p->bytes[p->at]);
    uint64_t v = 0;
    for (; p->at < p->size_bytes && p->bytes[p->at] >= '0' && p->bytes[p->at] <= '9'; p->at++) {
        v = v * 10 + (uint64_t)(p->bytes[p->at] - '0');
        if (v > most)
            return ic_fail(p->d, IC_E_PICTURE_SIZE, "PNM byte %zu: %s is larger than %" PRIu32, p->at, what, most);
    }
    *out = (uint32_t)v;
    return IC_OK;
}

static uint8_t to_byte(const struct pnm *p, uint32_t v)
{
    if (p->most == 65535)
        return (uint8_t)(v >> 8);
    return (uint8_t)((v * 255u + p->most / 2) / p->most);
}

static enum ic_status too_large(const struct pnm *p, uint32_t v)
{
    return ic_fail(p->d, IC_E_PICTURE,
                   "PNM byte %zu: value %" PRIu32 " is above the largest value %" PRIu32 " that the header names", p->at, v,
                   p->most);
}

/* A bit's digit may touch the next one; 1 is black. */
static enum ic_status read_text_bits(struct pnm *p, uint8_t *to, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        skip_blanks(p);
        if (p->at == p->size_bytes)
            return ic_fail(p->d, IC_E_PICTURE, "PNM byte %zu: the file ends after %zu of %zu pixel%s", p->at, i, n, IC_S(n));
        const uint8_t c = p->bytes[p->at++];
        if (c != '0' && c != '1')
            return ic_fail(p->d, IC_E_PICTURE, "PNM byte %zu: a bit must be 0 or 1, found byte %02x", p->at - 1, c);
        to[i] = c == '1' ? 0 : 255;
    }
    return IC_OK;
}

static enum ic_status read_text(struct pnm *p, uint8_t *to, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t v = 0;
        IC_TRY(read_number(p, 65535, "a pixel", &v));
        if (v > p->most)
            return too_large(p, v);
        to[i] = to_byte(p, v);
    }
    return IC_OK;
}

static void read_binary_bits(const struct pnm *p, uint8_t *to)
{
    const size_t row_bytes = ((size_t)p->width + 7) / 8;
    for (size_t y = 0; y < p->height; y++)
        for (size_t x = 0; x < p->width; x++)
            *to++ = p->bytes[p->at + y * row_bytes + x / 8] >> (7 - x % 8) & 1 ? 0 : 255;
}

static enum ic_status read_binary(struct pnm *p, uint8_t *to, size_t n)
{
    const size_t wide = p->most > 255;
    for (size_t i = 0; i < n; i++) {
        const uint8_t *from = p->bytes + p->at;
        const uint32_t v = wide ? (uint32_t)from[0] << 8 | from[1] : from[0];
        if (v > p->most)
            return too_large(p, v);
        to[i] = to_byte(p, v);
        p->at += 1 + wide;
    }
    return IC_OK;
}

/* The least bytes that the pixels can take, so that a lying header allocates nothing. */
static enum ic_status check_room(const struct pnm *p, uint64_t n)
{
    const uint64_t left = p->size_bytes - p->at;
    uint64_t wanted = n;
    if (p->kind == '2' || p->kind == '3')
        wanted = 2 * n - 1; /* a digit each and blanks between */
    else if (p->kind == '4')
        wanted = ((uint64_t)p->width + 7) / 8 * p->height;
    else if (p->kind >= '5' && p->most > 255)
        wanted = 2 * n;
    if (left < wanted)
        return ic_fail(p->d, IC_E_PICTURE,
                       "PNM: %" PRIu32 " x %" PRIu32 " pixels need at least %" PRIu64 " bytes, %" PRIu64 " %s left", p->width,
                       p->height, wanted, left, IC_N(left, "is", "are"));
    return IC_OK;
}

static enum ic_status read_header(struct pnm *p)
{
    p->kind = (char)p->bytes[1];
    p->at = 2;
    if (p->kind == '7')
        return ic_fail(p->d, IC_E_PICTURE_KIND, "a PAM picture (P7) is not supported: save it as PGM, PPM or PNG");
    IC_TRY(read_number(p, INT32_MAX, "the width", &p->width));
    IC_TRY(read_number(p, INT32_MAX, "the height", &p->height));
    p->most = 255;
    if (p->kind != '1' && p->kind != '4') {
        IC_TRY(read_number(p, 65535, "the largest value", &p->most));
        if (p->most == 0)
            return ic_fail(p->d, IC_E_PICTURE, "PNM byte %zu: the largest value is 0, at least 1 is wanted", p->at);
    }
    if (p->kind < '4')
        return IC_OK;
    if (p->at == p->size_bytes || !is_blank(p->bytes[p->at]))
        return ic_fail(p->d, IC_E_PICTURE, "PNM byte %zu: one blank must stand between header and pixels", p->at);
    p->at++;
    return IC_OK;
}

static enum ic_status read_pixels(struct pnm *p, uint8_t *to, size_t n)
{
    switch (p->kind) {
    case '1':
        return read_text_bits(p, to, n);
    case '2':
    case '3':
        return read_text(p, to, n);
    case '4':
        read_binary_bits(p, to);
        return IC_OK;
    default:
        return read_binary(p, to, n);
    }
}

enum ic_status ic_image_decode_pnm(const uint8_t *bytes, size_t size_bytes, struct ic_image *out, struct ic_diag *d)
{
    struct pnm p = {.bytes = bytes, .size_bytes = size_bytes, .d = d};
    IC_TRY(read_header(&p));
    const int32_t channels = p.kind == '3' || p.kind == '6' ? 3 : 1;
    if (p.width && p.height && p.width <= IC_IMAGE_MAX_PIXELS / p.height)
        IC_TRY(check_room(&p, (uint64_t)p.width * p.height * (uint64_t)channels));
    IC_TRY(ic_image_create(p.width, p.height, channels, out, d));
    const enum ic_status status = read_pixels(&p, out->pixels, (size_t)out->width * (size_t)out->height * (size_t)channels);
    if (status != IC_OK)
        ic_image_destroy(out);
    return status;
}
