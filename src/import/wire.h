/* SPDX-License-Identifier: Apache-2.0
 *
 * Protocol buffers' wire format, read field by field from bytes that stay where they are.
 */
#ifndef IC_IMPORT_WIRE_H
#define IC_IMPORT_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ic_wire {
    const uint8_t *at, *end;
    bool bad; /* the bytes are no fields: what was read before stays valid, at is where it went wrong */
};

enum ic_wire_type { IC_WIRE_VARINT = 0, IC_WIRE_FIXED64 = 1, IC_WIRE_BYTES = 2, IC_WIRE_FIXED32 = 5 };

struct ic_wire_field {
    uint32_t number;
    uint32_t type;        /* enum ic_wire_type */
    uint64_t u;           /* VARINT, FIXED32, FIXED64 */
    const uint8_t *bytes; /* BYTES */
    size_t size_bytes;
};

static inline struct ic_wire ic_wire_of(const void *bytes, size_t size_bytes)
{
    const uint8_t *p = bytes;
    return (struct ic_wire){.at = p, .end = p ? p + size_bytes : p};
}
/* False at the end, or when the bytes are damaged (then w->bad). Groups (types 3 and 4), which nobody writes any more, are damage. */
bool ic_wire_next(struct ic_wire *w, struct ic_wire_field *out);
/* The next number of a packed list. */
bool ic_wire_varint(struct ic_wire *w, uint64_t *out);
/* Numbers of a repeated integer field, packed or single: called for each occurrence; false when damaged. */
typedef void ic_wire_number_fn(void *user, uint64_t u);
bool ic_wire_numbers(const struct ic_wire_field *f, ic_wire_number_fn *take, void *user);
float ic_wire_float(uint64_t u);
double ic_wire_double(uint64_t u);

#endif
