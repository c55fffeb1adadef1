/* SPDX-License-Identifier: Apache-2.0 */
#include "export/wire_writer.h"

#include <string.h>

enum { VARINT = 0, BYTES = 2, FIXED32 = 5 };

static void put_varint(struct ic_writer *w, uint64_t v)
{
    for (; v >= 0x80u; v >>= 7)
        ic_write_u8(w, (uint8_t)(v | 0x80u));
    ic_write_u8(w, (uint8_t)v);
}

static void put_tag(struct ic_writer *w, uint32_t field, uint32_t type)
{
    put_varint(w, (uint64_t)field << 3 | type);
}

void ic_wire_put_int(struct ic_writer *w, uint32_t field, int64_t v)
{
    put_tag(w, field, VARINT);
    put_varint(w, (uint64_t)v);
}

void ic_wire_put_float(struct ic_writer *w, uint32_t field, float v)
{
    put_tag(w, field, FIXED32);
    ic_write_f32(w, v);
}

void ic_wire_put_bytes(struct ic_writer *w, uint32_t field, const void *bytes, size_t size_bytes)
{
    put_tag(w, field, BYTES);
    put_varint(w, size_bytes);
    ic_write_bytes(w, bytes, size_bytes);
}

void ic_wire_put_text(struct ic_writer *w, uint32_t field, const char *text)
{
    ic_wire_put_bytes(w, field, text, strlen(text));
}

void ic_wire_put_message(struct ic_writer *w, uint32_t field, struct ic_writer *message)
{
    w->failed = w->failed || message->failed;
    ic_wire_put_bytes(w, field, message->bytes, message->size_bytes);
    message->size_bytes = 0;
}
