/* SPDX-License-Identifier: Apache-2.0
 *
 * Protocol buffers' wire format, written. A message inside a message is written by itself first, since its length stands before it.
 */
#ifndef IC_EXPORT_WIRE_WRITER_H
#define IC_EXPORT_WIRE_WRITER_H

#include "base/bytes.h"

void ic_wire_put_int(struct ic_writer *w, uint32_t field, int64_t v);
void ic_wire_put_float(struct ic_writer *w, uint32_t field, float v);
void ic_wire_put_bytes(struct ic_writer *w, uint32_t field, const void *bytes, size_t size_bytes);
void ic_wire_put_text(struct ic_writer *w, uint32_t field, const char *text);
/* Appends the message and empties it for the next one. */
void ic_wire_put_message(struct ic_writer *w, uint32_t field, struct ic_writer *message);

#endif
