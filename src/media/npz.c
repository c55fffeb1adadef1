/* SPDX-License-Identifier: Apache-2.0 */
#include "media/npz.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/inflate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { END_BYTES = 22, LOCAL_BYTES = 30, MAX_COMMENT = 65535, DEFLATE_MOST = 1032 };

struct archive {
    const uint8_t *bytes;
    size_t size_bytes;
    const char *what;
    struct ic_diag *d;
    struct ic_reader directory;
    uint32_t n_entries;
};

struct entry {
    uint16_t flags, method;
    uint32_t crc, packed_bytes, size_bytes, local_at;
    const char *name; /* n_name bytes, no NUL */
    size_t n_name;    /* without ".npy" */
    bool is_array;    /* its name ends in .npy */
};

static enum ic_status bad(const struct archive *a, const char *why)
{
    return ic_fail(a->d, IC_E_ARRAY, "%s: npz: %s", a->what, why);
}

bool ic_npz_recognize(const void *bytes, size_t size_bytes)
{
    return size_bytes >= 4 && (memcmp(bytes, "PK\x03\x04", 4) == 0 || memcmp(bytes, "PK\x05\x06", 4) == 0);
}

static enum ic_status find_directory(struct archive *a)
{
    uint16_t n = 0;
    uint32_t size = 0, at = 0;
    const size_t n_tries = a->size_bytes < END_BYTES                 ? 0
                           : a->size_bytes - END_BYTES < MAX_COMMENT ? a->size_bytes - END_BYTES + 1
                                                                     : MAX_COMMENT + 1;
    const uint8_t *end = NULL;
    for (size_t i = 0; i < n_tries && !end; i++)
        if (memcmp(a->bytes + a->size_bytes - END_BYTES - i, "PK\x05\x06", 4) == 0)
            end = a->bytes + a->size_bytes - END_BYTES - i;
    if (!end)
        return bad(a, "no directory at its end: it is cut short");
    struct ic_reader r = ic_reader_on(end, END_BYTES, a->what);
    IC_TRY(ic_read_skip(&r, 10, a->d));
    IC_TRY(ic_read_u16(&r, &n, a->d));
    IC_TRY(ic_read_u32(&r, &size, a->d));
    IC_TRY(ic_read_u32(&r, &at, a->d));
    if (n == UINT16_MAX || at == UINT32_MAX)
        return ic_fail(a->d, IC_E_ARRAY_KIND, "%s: npz: archives beyond 4 GB are not supported: use .npy files", a->what);
    if (at > a->size_bytes || size > a->size_bytes - at)
        return bad(a, "its directory lies outside the file");
    a->directory = ic_reader_on(a->bytes + at, size, a->what);
    a->directory.base_offset = at;
    a->n_entries = n;
    return IC_OK;
}

static enum ic_status next_entry(struct archive *a, struct entry *e)
{
    struct ic_reader *r = &a->directory;
    uint32_t magic = 0;
    uint16_t n_name = 0, n_extra = 0, n_comment = 0;
    const uint8_t *name = NULL;
    IC_TRY(ic_read_u32(r, &magic, a->d));
    if (magic != 0x02014b50u)
        return bad(a, "its directory is damaged");
    IC_TRY(ic_read_skip(r, 4, a->d));
    IC_TRY(ic_read_u16(r, &e->flags, a->d));
    IC_TRY(ic_read_u16(r, &e->method, a->d));
    IC_TRY(ic_read_skip(r, 4, a->d));
    IC_TRY(ic_read_u32(r, &e->crc, a->d));
    IC_TRY(ic_read_u32(r, &e->packed_bytes, a->d));
    IC_TRY(ic_read_u32(r, &e->size_bytes, a->d));
    IC_TRY(ic_read_u16(r, &n_name, a->d));
    IC_TRY(ic_read_u16(r, &n_extra, a->d));
    IC_TRY(ic_read_u16(r, &n_comment, a->d));
    IC_TRY(ic_read_skip(r, 8, a->d));
    IC_TRY(ic_read_u32(r, &e->local_at, a->d));
    IC_TRY(ic_read_span(r, n_name, &name, a->d));
    IC_TRY(ic_read_skip(r, (size_t)n_extra + n_comment, a->d));
    e->name = (const char *)name;
    e->is_array = n_name > 4 && memcmp(name + n_name - 4, ".npy", 4) == 0;
    e->n_name = e->is_array ? n_name - 4u : n_name;
    return IC_OK;
}

/* The entry wanted; names of all for the message otherwise. */
static enum ic_status find_entry(struct archive *a, const char *name, struct entry *out)
{
    char names[200] = "";
    size_t at = 0, n_found = 0, n_arrays = 0;
    for (uint32_t i = 0; i < a->n_entries; i++) {
        struct entry e = {0};
        IC_TRY(next_entry(a, &e));
        if (!e.is_array)
            continue;
        n_arrays++;
        if (!name || (e.n_name == strlen(name) && memcmp(e.name, name, e.n_name) == 0)) {
            n_found++;
            *out = e;
        }
        if (at < sizeof names)
            at += (size_t)snprintf(names + at, sizeof names - at, "%s%.*s", at ? ", " : "", (int)(e.n_name < 60 ? e.n_name : 60),
                                   e.name);
    }
    if (n_found == 1)
        return IC_OK;
    if (n_arrays == 0)
        return ic_fail(a->d, IC_E_NOT_AN_ARRAY, "%s: a zip archive without arrays (no member ends in .npy)", a->what);
    if (name)
        return ic_fail(a->d, IC_E_ONE_ARRAY, "%s: npz: %s array \"%s\"; it holds: %s", a->what, n_found ? "more than one" : "no",
                       name, names);
    return ic_fail(a->d, IC_E_ONE_ARRAY, "%s: npz: one array is wanted, it holds %zu: %s: save the one you mean as .npy", a->what,
                   n_arrays, names);
}

static enum ic_status data_of(const struct archive *a, const struct entry *e, const uint8_t **out)
{
    const uint8_t *p = a->bytes + e->local_at;
    if (e->local_at > a->size_bytes || a->size_bytes - e->local_at < LOCAL_BYTES || memcmp(p, "PK\x03\x04", 4) != 0)
        return bad(a, "a member does not stand where the directory says");
    const size_t left = a->size_bytes - e->local_at - LOCAL_BYTES;
    const size_t n_names = (size_t)(p[26] | p[27] << 8) + (size_t)(p[28] | p[29] << 8);
    if (n_names > left || e->packed_bytes > left - n_names)
        return bad(a, "a member reaches beyond the end: it is cut short");
    *out = p + LOCAL_BYTES + n_names;
    return IC_OK;
}

static enum ic_status decode_member(const struct archive *a, const struct entry *e, const uint8_t *data, struct ic_npy *out)
{
    if (ic_crc32(0, data, e->size_bytes) != e->crc)
        return bad(a, "a member is damaged: its checksum is wrong");
    return ic_npy_decode_f32(data, e->size_bytes, a->what, out, a->d);
}

static enum ic_status inflate_member(const struct archive *a, const struct entry *e, const uint8_t *packed, struct ic_npy *out)
{
    struct ic_diag inner = {0};
    size_t size = 0;
    if (e->size_bytes / DEFLATE_MOST > e->packed_bytes)
        return bad(a, "a member says that it unpacks to more than DEFLATE can hold");
    uint8_t *data = ic_malloc((size_t)e->size_bytes + 1);
    if (!data)
        return ic_fail(a->d, IC_ERR_MEMORY, "%s: no memory for %" PRIu32 " bytes", a->what, e->size_bytes);
    enum ic_status status = ic_inflate(packed, e->packed_bytes, data, e->size_bytes, &size, NULL, &inner);
    if (status != IC_OK)
        status = bad(a, inner.text);
    else if (size != e->size_bytes)
        status = bad(a, "a member unpacks to fewer bytes than the directory says");
    else
        status = decode_member(a, e, data, out);
    ic_free(data);
    return status;
}

enum ic_status ic_npz_decode_f32(const void *bytes, size_t size_bytes, const char *what, const char *name, struct ic_npy *out,
                                 struct ic_diag *d)
{
    struct archive a = {.bytes = bytes, .size_bytes = size_bytes, .what = what, .d = d};
    struct entry e = {0};
    const uint8_t *data = NULL;
    *out = (struct ic_npy){0};
    IC_TRY(find_directory(&a));
    IC_TRY(find_entry(&a, name, &e));
    if ((e.flags & 1) || (e.method != 0 && e.method != 8))
        return ic_fail(d, IC_E_ARRAY_KIND,
                       "%s: npz: a member is encrypted or packed by method %u; stored and deflated ones can be read", what,
                       e.method);
    IC_TRY(data_of(&a, &e, &data));
    if (e.method == 8)
        return inflate_member(&a, &e, data, out);
    return e.packed_bytes == e.size_bytes ? decode_member(&a, &e, data, out) : bad(&a, "a stored member has two different sizes");
}
