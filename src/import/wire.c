/* SPDX-License-Identifier: Apache-2.0 */
#include "import/wire.h"

#include <string.h>

bool ic_wire_varint(struct ic_wire *w, uint64_t *out)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (w->at == w->end)
            break;
        const uint8_t byte = *w->at++;
        if (shift == 63 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7Fu) << shift;
        if (!(byte & 0x80u)) {
            *out = value;
            return true;
        }
    }
    w->bad = true;
    return false;
}

static bool fixed(struct ic_wire *w, size_t n, uint64_t *out)
{
    if ((size_t)(w->end - w->at) < n) {
        w->bad = true;
        return false;
    }
    *out = 0;
    for (size_t i = n; i-- > 0;)
        *out = *out << 8 | w->at[i];
    w->at += n;
    return true;
}

bool ic_wire_next(struct ic_wire *w, struct ic_wire_field *out)
{
    uint64_t tag = 0, size = 0;
    if (w->bad || w->at == w->end)
        return false;
    const uint8_t *const start = w->at;
    *out = (struct ic_wire_field){0};
    bool good = ic_wire_varint(w, &tag) && tag >> 3 >= 1 && tag >> 3 <= 0x1FFFFFFFu;
    out->number = (uint32_t)(tag >> 3);
    out->type = (uint32_t)(tag & 7u);
    if (good && out->type == IC_WIRE_VARINT) {
        good = ic_wire_varint(w, &out->u);
    } else if (good && out->type == IC_WIRE_FIXED64) {
        good = fixed(w, 8, &out->u);
    } else if (good && out->type == IC_WIRE_FIXED32) {
        good = fixed(w, 4, &out->u);
    } else if (good && out->type == IC_WIRE_BYTES) {
        good = ic_wire_varint(w, &size) && size <= (uint64_t)(w->end - w->at);
        out->bytes = w->at;
        out->size_bytes = good ? (size_t)size : 0;
        w->at += out->size_bytes;
    } else {
        good = false;
    }
    if (!good) {
        w->bad = true;
        w->at = start;
    }
    return good;
}

bool ic_wire_numbers(const struct ic_wire_field *f, ic_wire_number_fn *take, void *user)
{
    uint64_t u = 0;
    if (f->type != IC_WIRE_BYTES) {
        take(user, f->u);
        return true;
    }
    struct ic_wire w = ic_wire_of(f->bytes, f->size_bytes);
    while (w.at < w.end && ic_wire_varint(&w, &u))
        take(user, u);
    return !w.bad;
}

float ic_wire_float(uint64_t u)
{
    const uint32_t bits = (uint32_t)u;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

double ic_wire_double(uint64_t u)
{
    double d;
    memcpy(&d, &u, sizeof d);
    return d;
}
