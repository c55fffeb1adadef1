/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include "base/alloc.h"
#include "base/checked.h"

#include <stdio.h>
#include <string.h>

struct ic_reader ic_reader_on(const void *bytes, size_t size_bytes, const char *what)
{
    return (struct ic_reader){.bytes = bytes, .size_bytes = size_bytes, .what = what};
}

static enum ic_status need(const struct ic_reader *r, size_t n, struct ic_diag *d)
{
    if (ic_reader_left(r) >= n)
        return IC_OK;
    return ic_fail(d, IC_E_CUT_SHORT, "%s: byte %zu: %zu more byte%s needed, %zu left: the file is cut short", r->what,
                   r->base_offset + r->at, n, IC_S(n), ic_reader_left(r));
}

enum ic_status ic_read_span(struct ic_reader *r, size_t n, const uint8_t **out, struct ic_diag *d)
{
    IC_TRY(need(r, n, d));
    *out = r->bytes + r->at;
    r->at += n;
    return IC_OK;
}

enum ic_status ic_read_skip(struct ic_reader *r, size_t n, struct ic_diag *d)
{
    const uint8_t *unused;
    return ic_read_span(r, n, &unused, d);
}

static enum ic_status read_le(struct ic_reader *r, size_t n, uint64_t *out, struct ic_diag *d)
{
    const uint8_t *p = NULL;
    IC_TRY(ic_read_span(r, n, &p, d));
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)p[i] << (8 * i);
    *out = v;
    return IC_OK;
}

enum ic_status ic_read_u8(struct ic_reader *r, uint8_t *out, struct ic_diag *d)
{
    uint64_t v = 0;
    IC_TRY(read_le(r, 1, &v, d));
    *out = (uint8_t)v;
    return IC_OK;
}

enum ic_status ic_read_u16(struct ic_reader *r, uint16_t *out, struct ic_diag *d)
{
    uint64_t v = 0;
    IC_TRY(read_le(r, 2, &v, d));
    *out = (uint16_t)v;
    return IC_OK;
}

enum ic_status ic_read_u32(struct ic_reader *r, uint32_t *out, struct ic_diag *d)
{
    uint64_t v = 0;
    IC_TRY(read_le(r, 4, &v, d));
    *out = (uint32_t)v;
    return IC_OK;
}

enum ic_status ic_read_u64(struct ic_reader *r, uint64_t *out, struct ic_diag *d)
{
    return read_le(r, 8, out, d);
}

enum ic_status ic_read_f32(struct ic_reader *r, float *out, struct ic_diag *d)
{
    uint32_t bits = 0;
    IC_TRY(ic_read_u32(r, &bits, d));
    memcpy(out, &bits, sizeof bits);
    return IC_OK;
}

static uint8_t *grow(struct ic_writer *w, size_t n)
{
    size_t wanted = 0;
    if (w->failed || !ic_add_size(w->size_bytes, n, &wanted)) {
        w->failed = true;
        return NULL;
    }
    if (wanted > w->capacity_bytes) {
        size_t capacity = w->capacity_bytes < 256 ? 256 : w->capacity_bytes + w->capacity_bytes / 2;
        capacity = capacity < wanted ? wanted : capacity;
        uint8_t *bytes = ic_realloc(w->bytes, capacity);
        if (!bytes) {
            w->failed = true;
            return NULL;
        }
        w->bytes = bytes;
        w->capacity_bytes = capacity;
    }
    uint8_t *at = w->bytes + w->size_bytes;
    w->size_bytes = wanted;
    return at;
}

static void put_le(uint8_t *at, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

static void write_le(struct ic_writer *w, uint64_t v, size_t n)
{
    uint8_t *at = grow(w, n);
    if (at)
        put_le(at, v, n);
}

void ic_write_u8(struct ic_writer *w, uint8_t v)
{
    write_le(w, v, 1);
}

void ic_write_u16(struct ic_writer *w, uint16_t v)
{
    write_le(w, v, 2);
}

void ic_write_u32(struct ic_writer *w, uint32_t v)
{
    write_le(w, v, 4);
}

void ic_write_u64(struct ic_writer *w, uint64_t v)
{
    write_le(w, v, 8);
}

void ic_write_f32(struct ic_writer *w, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    ic_write_u32(w, bits);
}

void ic_write_bytes(struct ic_writer *w, const void *bytes, size_t size_bytes)
{
    uint8_t *at = size_bytes ? grow(w, size_bytes) : NULL;
    if (at)
        memcpy(at, bytes, size_bytes);
}

void ic_write_zeros(struct ic_writer *w, size_t n)
{
    uint8_t *at = n ? grow(w, n) : NULL;
    if (at)
        memset(at, 0, n);
}

void ic_write_align(struct ic_writer *w, size_t align)
{
    ic_write_zeros(w, (align - w->size_bytes % align) % align);
}

void ic_write_text(struct ic_writer *w, const char *format, ...)
{
    char small[256];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (n < 0)
        return;
    if ((size_t)n < sizeof small) {
        ic_write_bytes(w, small, (size_t)n);
        return;
    }
    uint8_t *at = grow(w, (size_t)n + 1); /* vsnprintf wants room for its NUL, which is dropped again */
    if (!at)
        return;
    va_start(args, format);
    vsnprintf((char *)at, (size_t)n + 1, format, args);
    va_end(args);
    w->size_bytes--;
}

void ic_patch_u32(struct ic_writer *w, size_t at, uint32_t v)
{
    if (!w->failed && at + 4 <= w->size_bytes)
        put_le(w->bytes + at, v, 4);
}

void ic_patch_u64(struct ic_writer *w, size_t at, uint64_t v)
{
    if (!w->failed && at + 8 <= w->size_bytes)
        put_le(w->bytes + at, v, 8);
}

void ic_writer_destroy(struct ic_writer *w)
{
    ic_free(w->bytes);
    *w = (struct ic_writer){0};
}

static uint32_t crc_of_byte(uint32_t c)
{
    for (int k = 0; k < 8; k++)
        c = (c >> 1) ^ (0xEDB88320u & (0u - (c & 1u)));
    return c;
}

/* Half a byte a step: for short input, which would not pay for its tables. */
static uint32_t crc_short(uint32_t c, const uint8_t *p, size_t n)
{
    static const uint32_t half[16] = {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
                                      0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
                                      0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
    for (; n; n--) {
        c ^= *p++;
        c = (c >> 4) ^ half[c & 15];
        c = (c >> 4) ^ half[c & 15];
    }
    return c;
}

/* Slicing by eight, with tables built on the stack: 16 KB of constants would weigh more on a board than they save. */
static uint32_t crc_long(uint32_t c, const uint8_t *p, size_t n)
{
    uint32_t t[8][256];
    for (uint32_t i = 0; i < 256; i++)
        t[0][i] = crc_of_byte(i);
    for (uint32_t i = 0; i < 256; i++)
        for (int k = 1; k < 8; k++)
            t[k][i] = (t[k - 1][i] >> 8) ^ t[0][t[k - 1][i] & 0xFFu];
    for (; n >= 8; n -= 8, p += 8) {
        const uint32_t lo = c ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
        c = t[7][lo & 0xFF] ^ t[6][lo >> 8 & 0xFF] ^ t[5][lo >> 16 & 0xFF] ^ t[4][lo >> 24] ^ t[3][p[4]] ^ t[2][p[5]] ^ t[1][p[6]] ^
            t[0][p[7]];
    }
    for (; n; n--)
        c = t[0][(c ^ *p++) & 0xFF] ^ (c >> 8);
    return c;
}

uint32_t ic_crc32(uint32_t seed, const void *bytes, size_t size_bytes)
{
    return ~(size_bytes < 4096 ? crc_short : crc_long)(~seed, bytes, size_bytes);
}
