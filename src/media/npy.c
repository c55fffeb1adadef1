/* SPDX-License-Identifier: Apache-2.0 */
#include "media/npy.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/checked.h"
#include "base/file.h"
#include "media/npz.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ELEMENTS = 1 << 28 };

/* What the header says. */
struct layout {
    char kind;   /* f i u b */
    size_t size; /* bytes of an element */
    bool big, fortran;
};

static enum ic_status bad(const char *what, const char *why, struct ic_diag *d)
{
    return ic_fail(d, IC_E_ARRAY, "%s: npy: %s", what, why);
}

/* The text after 'key': in the header's Python dict, or NULL. */
static const char *value_of(const char *header, const char *key)
{
    const char *at = strstr(header, key);
    at = at ? strchr(at, ':') : NULL;
    if (!at)
        return NULL;
    for (at++; *at == ' '; at++)
        ;
    return at;
}

static enum ic_status read_descr(const char *header, const char *what, struct layout *l, struct ic_diag *d)
{
    const char *at = value_of(header, "'descr'");
    if (!at || *at != '\'' || strlen(at) < 4)
        return bad(what, "the header names no simple element type (records and objects cannot be read)", d);
    l->big = at[1] == '>';
    l->kind = at[2];
    char *end = NULL;
    l->size = at[3] >= '1' && at[3] <= '9' ? (size_t)strtoul(at + 3, &end, 10) : 0;
    const bool known = (l->kind == 'f' && (l->size == 2 || l->size == 4 || l->size == 8)) ||
                       ((l->kind == 'i' || l->kind == 'u') && (l->size == 1 || l->size == 2 || l->size == 4 || l->size == 8)) ||
                       (l->kind == 'b' && l->size == 1);
    const int shown = (int)strcspn(at + 1, "'");
    if (l->kind == 'c')
        return ic_fail(
            d, IC_E_ARRAY_KIND,
            "%s: npy: complex numbers ('%.*s'); floats, integers and bool can be read: save a.real.astype('float32'), or "
            "where the model takes both parts in a last axis of 2 numpy.stack([a.real, a.imag], -1).astype('float32')",
            what, shown < 8 ? shown : 8, at + 1);
    if (!known || !strchr("<>|=", at[1]) || !end || *end != '\'')
        return ic_fail(d, IC_E_ARRAY_KIND,
                       "%s: npy: element type '%.*s'; floats, integers and bool can be read: save a.astype('float32')", what,
                       shown < 8 ? shown : 8, at + 1);
    return IC_OK;
}

static enum ic_status read_shape(const char *header, const char *what, struct ic_npy *out, struct ic_diag *d)
{
    const char *at = value_of(header, "'shape'");
    if (!at || *at != '(')
        return bad(what, "the header names no shape", d);
    size_t elements = 1;
    for (at++; *at != ')';) {
        char *end = NULL;
        const unsigned long n = strtoul(at, &end, 10);
        if (end == at || n > MAX_ELEMENTS || out->rank == IC_NPY_MAX_RANK || (*end != ',' && *end != ')'))
            return bad(what, "a shape that cannot be read (at most 8 axes)", d);
        out->dims[out->rank++] = (int32_t)n;
        if (!ic_mul_size(elements, n, &elements) || elements > MAX_ELEMENTS)
            return ic_fail(d, IC_E_TENSOR_SIZE, "%s: npy: more than %d elements", what, MAX_ELEMENTS);
        at = end + (*end == ',');
        while (*at == ' ')
            at++;
    }
    out->elements = elements;
    return IC_OK;
}

static uint64_t raw(const uint8_t *p, const struct layout *l)
{
    uint64_t v = 0;
    for (size_t i = 0; i < l->size; i++)
        v |= (uint64_t)p[l->big ? l->size - 1 - i : i] << (8 * i);
    return v;
}

static float half_to_float(uint16_t h)
{
    const uint32_t sign = (uint32_t)(h & 0x8000u) << 16, exponent = h >> 10 & 31u, mantissa = h & 0x3FFu;
    uint32_t bits = sign | (exponent == 31 ? 0x7F800000u : (exponent + 112) << 23) | mantissa << 13;
    float value;
    memcpy(&value, &bits, sizeof value);
    if (exponent == 0) {
        value = (float)mantissa * 0x1p-24f;
        return sign ? -value : value;
    }
    return value;
}

static float element(const uint8_t *p, const struct layout *l)
{
    const uint64_t v = raw(p, l);
    if (l->kind == 'f') {
        if (l->size == 2)
            return half_to_float((uint16_t)v);
        if (l->size == 4) {
            const uint32_t u = (uint32_t)v;
            float x;
            memcpy(&x, &u, sizeof x);
            return x;
        }
        double x;
        memcpy(&x, &v, sizeof x);
        return (float)x;
    }
    if (l->kind == 'i') {
        const unsigned shift = 64u - 8u * (unsigned)l->size;
        return (float)((int64_t)(v << shift) >> shift);
    }
    return (float)v;
}

/* Fortran order: the first axis is the fastest in the file. */
static size_t source_index(const struct ic_npy *a, const struct layout *l, size_t i)
{
    if (!l->fortran)
        return i;
    size_t from = 0, index[IC_NPY_MAX_RANK] = {0};
    for (int32_t k = a->rank; k-- > 0;) {
        index[k] = i % (size_t)a->dims[k];
        i /= (size_t)a->dims[k];
    }
    for (int32_t k = a->rank; k-- > 0;)
        from = from * (size_t)a->dims[k] + index[k];
    return from;
}

static enum ic_status read_values(const uint8_t *data, const char *what, const struct layout *l, struct ic_npy *out,
                                  struct ic_diag *d)
{
    out->values = ic_malloc((out->elements + 1) * sizeof *out->values);
    if (!out->values)
        return ic_fail(d, IC_ERR_MEMORY, "%s: no memory for %zu values", what, out->elements);
    for (size_t i = 0; i < out->elements; i++)
        out->values[i] = element(data + source_index(out, l, i) * l->size, l);
    return IC_OK;
}

static enum ic_status decode(const uint8_t *bytes, size_t size_bytes, const char *what, struct ic_npy *out, struct ic_diag *d)
{
    struct layout l = {0};
    if (size_bytes < 10 || memcmp(bytes, "\x93NUMPY", 6) != 0 || bytes[6] < 1 || bytes[6] > 3)
        return ic_fail(d, IC_E_NOT_AN_ARRAY, "%s: not a .npy file of version 1 to 3", what);
    const size_t start = bytes[6] == 1 ? 10 : 12;
    const size_t length = (size_t)bytes[8] | (size_t)bytes[9] << 8 |
                          (start == 12 && size_bytes >= 12 ? (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24 : 0);
    char header[1024];
    if (size_bytes < start || length > size_bytes - start || length >= sizeof header)
        return bad(what, "a header that does not fit the file", d);
    memcpy(header, bytes + start, length);
    header[length] = '\0';
    IC_TRY(read_descr(header, what, &l, d));
    IC_TRY(read_shape(header, what, out, d));
    const char *order = value_of(header, "'fortran_order'");
    if (!order)
        return bad(what, "the header does not say its order", d);
    l.fortran = strncmp(order, "True", 4) == 0;
    const size_t left = size_bytes - start - length;
    if (left / l.size < out->elements || left != out->elements * l.size)
        return ic_fail(d, IC_E_ARRAY, "%s: npy: its header announces %zu element%s of %zu byte%s, %zu byte%s %s behind it%s", what,
                       out->elements, IC_S(out->elements), l.size, IC_S(l.size), left, IC_S(left), IC_N(left, "stands", "stand"),
                       left / l.size < out->elements ? ": it is cut short" : "");
    return read_values(bytes + start + length, what, &l, out, d);
}

enum ic_status ic_npy_decode_f32(const void *bytes, size_t size_bytes, const char *what, struct ic_npy *out, struct ic_diag *d)
{
    *out = (struct ic_npy){0};
    const enum ic_status status = decode(bytes, size_bytes, what, out, d);
    if (status != IC_OK)
        ic_npy_destroy(out);
    return status;
}

enum ic_status ic_npy_load_f32(const char *path, struct ic_npy *out, struct ic_diag *d)
{
    struct ic_file_map map;
    *out = (struct ic_npy){0};
    IC_TRY(ic_file_map_open(path, &map, d));
    const enum ic_status status = ic_npz_recognize(map.bytes, map.size_bytes)
                                      ? ic_npz_decode_f32(map.bytes, map.size_bytes, path, NULL, out, d)
                                      : ic_npy_decode_f32(map.bytes, map.size_bytes, path, out, d);
    ic_file_map_close(&map);
    return status;
}

void ic_npy_destroy(struct ic_npy *a)
{
    ic_free(a->values);
    *a = (struct ic_npy){0};
}

/* The header, padded so that the data begins at a multiple of 64. */
static void write_header(struct ic_writer *w, int32_t rank, const int32_t *dims)
{
    struct ic_writer text = {0};
    ic_write_text(&text, "{'descr': '<f4', 'fortran_order': False, 'shape': (");
    for (int32_t i = 0; i < rank; i++)
        ic_write_text(&text, i + 1 < rank ? "%" PRId32 ", " : rank == 1 ? "%" PRId32 "," : "%" PRId32, dims[i]);
    ic_write_text(&text, "), }");
    while ((10 + text.size_bytes + 1) % 64 && !text.failed)
        ic_write_u8(&text, ' ');
    ic_write_u8(&text, '\n');
    ic_write_bytes(w, "\x93NUMPY\x01\x00", 8);
    ic_write_u16(w, (uint16_t)text.size_bytes);
    ic_write_bytes(w, text.bytes, text.size_bytes);
    w->failed = w->failed || text.failed;
    ic_writer_destroy(&text);
}

enum ic_status ic_npy_write_f32(const char *path, int32_t rank, const int32_t *dims, const float *values, struct ic_diag *d)
{
    size_t elements = 1;
    struct ic_writer w = {0};
    if (rank < 0 || rank > IC_NPY_MAX_RANK)
        return ic_fail(d, IC_E_DATA_TYPE, "%s: an array of %" PRId32 " ax%s cannot be written, at most %d", path, rank,
                       IC_N(rank, "is", "es"), IC_NPY_MAX_RANK);
    for (int32_t i = 0; i < rank; i++)
        elements *= (size_t)dims[i];
    write_header(&w, rank, dims);
    for (size_t i = 0; i < elements && !w.failed; i++)
        ic_write_f32(&w, values[i]);
    const struct ic_span whole = {w.bytes, w.size_bytes};
    const enum ic_status status = w.failed ? ic_fail(d, IC_ERR_MEMORY, "%s: no memory to write it", path)
                                           : ic_file_write_atomic(path, &whole, 1, d);
    ic_writer_destroy(&w);
    return status;
}
