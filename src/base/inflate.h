/* SPDX-License-Identifier: Apache-2.0
 *
 * DEFLATE (RFC 1951) and zlib (RFC 1950) decoding for zip members and PNG; no allocation, no libc beyond memcpy.
 */
#ifndef IC_BASE_INFLATE_H
#define IC_BASE_INFLATE_H

#include "base/status.h"

/* Decodes a raw DEFLATE stream into out[0 .. out_capacity_bytes). *out_size_bytes is what was produced,
 * *out_used_bytes (may be NULL) what was consumed of in. A stream that wants more room than the capacity is
 * IC_ERR_LIMIT; anything malformed is IC_ERR_MODEL, with the byte offset. */
enum ic_status ic_inflate(const uint8_t *in, size_t in_size_bytes, uint8_t *out, size_t out_capacity_bytes, size_t *out_size_bytes,
                          size_t *out_used_bytes, struct ic_diag *d) IC_MUST_USE;

/* The same with zlib's two-byte header and Adler-32, both checked. */
enum ic_status ic_inflate_zlib(const uint8_t *in, size_t in_size_bytes, uint8_t *out, size_t out_capacity_bytes,
                               size_t *out_size_bytes, struct ic_diag *d) IC_MUST_USE;

#endif
