/* SPDX-License-Identifier: Apache-2.0
 *
 * Bounds-checked little-endian reading of untrusted bytes, and a growing buffer to write them.
 */
#ifndef IC_BASE_BYTES_H
#define IC_BASE_BYTES_H

#include "base/status.h"

#include <stdbool.h>

/* A cursor over lent bytes. what names the thing for messages ("container header"). base_offset is where bytes[0]
 * stands in the file, so that messages give file offsets. */
struct ic_reader {
    const uint8_t *bytes;
    size_t size_bytes;
    size_t at;
    size_t base_offset;
    const char *what;
};

struct ic_reader ic_reader_on(const void *bytes, size_t size_bytes, const char *what);
enum ic_status ic_read_u8(struct ic_reader *r, uint8_t *out, struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_read_u16(struct ic_reader *r, uint16_t *out, struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_read_u32(struct ic_reader *r, uint32_t *out, struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_read_u64(struct ic_reader *r, uint64_t *out, struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_read_f32(struct ic_reader *r, float *out, struct ic_diag *d) IC_MUST_USE;
/* Lends n bytes of the source and advances. */
enum ic_status ic_read_span(struct ic_reader *r, size_t n, const uint8_t **out, struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_read_skip(struct ic_reader *r, size_t n, struct ic_diag *d) IC_MUST_USE;
static inline size_t ic_reader_left(const struct ic_reader *r)
{
    return r->size_bytes - r->at;
}

/* Growing buffer. Zero-initialise. After a refused allocation failed is true and every further call does nothing:
 * check once, at the end. */
struct ic_writer {
    uint8_t *bytes;
    size_t size_bytes;
    size_t capacity_bytes;
    bool failed;
};

void ic_write_u8(struct ic_writer *w, uint8_t v);
void ic_write_u16(struct ic_writer *w, uint16_t v);
void ic_write_u32(struct ic_writer *w, uint32_t v);
void ic_write_u64(struct ic_writer *w, uint64_t v);
void ic_write_f32(struct ic_writer *w, float v);
void ic_write_bytes(struct ic_writer *w, const void *bytes, size_t size_bytes);
void ic_write_zeros(struct ic_writer *w, size_t n);
void ic_write_align(struct ic_writer *w, size_t align);                           /* zeros up to a multiple of align */
void ic_write_text(struct ic_writer *w, const char *format, ...) IC_PRINTF(2, 3); /* no final NUL */
void ic_patch_u32(struct ic_writer *w, size_t at, uint32_t v);
void ic_patch_u64(struct ic_writer *w, size_t at, uint64_t v);
void ic_writer_destroy(struct ic_writer *w);

uint32_t ic_crc32(uint32_t seed, const void *bytes, size_t size_bytes); /* the zip/PNG polynomial; seed 0 to start */

#endif
