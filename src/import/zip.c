/* SPDX-License-Identifier: Apache-2.0 */
#include "import/zip.h"

#include "base/bytes.h"
#include "base/checked.h"
#include "base/inflate.h"

#include <inttypes.h>
#include <string.h>

enum {
    EOCD_BYTES = 22,
    LOCATOR64_BYTES = 20,
    EOCD64_BYTES = 56,
    ENTRY_BYTES = 46,
    LOCAL_BYTES = 30,
    MAX_COMMENT = 65535,
    FLAG_ENCRYPTED = 1u << 0,
    FLAG_STRONG = 1u << 6,
    EXTRA_ZIP64 = 0x0001,
    DEFLATE_MAX_RATIO = 1032 /* no DEFLATE stream can grow faster */
};
#define SIG_LOCAL 0x04034b50u
#define SIG_ENTRY 0x02014b50u
#define SIG_EOCD 0x06054b50u
#define SIG_EOCD64 0x06064b50u
#define SIG_LOCATOR64 0x07064b50u
#define MAX_MEMBERS 1000000u

struct directory {
    uint64_t offset, size_bytes, n_entries;
};

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}
static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)get16(p) | (uint32_t)get16(p + 2) << 16;
}
static uint64_t get64(const uint8_t *p)
{
    return (uint64_t)get32(p) | (uint64_t)get32(p + 4) << 32;
}

/* The end record is the last one whose comment reaches exactly to the end of the file. */
static bool find_end(const struct ic_zipfile *z, size_t *out_at)
{
    if (z->size_bytes < EOCD_BYTES)
        return false;
    const size_t last = z->size_bytes - EOCD_BYTES;
    const size_t first = last > MAX_COMMENT ? last - MAX_COMMENT : 0;
    for (size_t at = last + 1; at-- > first;)
        if (z->bytes[at] == 'P' && get32(z->bytes + at) == SIG_EOCD &&
            at + EOCD_BYTES + get16(z->bytes + at + 20) == z->size_bytes) {
            *out_at = at;
            return true;
        }
    return false;
}

static enum ic_status read_end64(const struct ic_zipfile *z, size_t end, struct directory *dir, struct ic_diag *d)
{
    if (end < LOCATOR64_BYTES || get32(z->bytes + end - LOCATOR64_BYTES) != SIG_LOCATOR64)
        return IC_OK;
    const uint64_t at = get64(z->bytes + end - LOCATOR64_BYTES + 8);
    if (at > end - LOCATOR64_BYTES || end - LOCATOR64_BYTES - at < EOCD64_BYTES || get32(z->bytes + at) != SIG_EOCD64)
        return ic_fail(d, IC_E_ARCHIVE,
                       "byte %zu: the ZIP64 locator points to byte %" PRIu64
                       ", where no ZIP64 end record stands; the file is damaged",
                       end - LOCATOR64_BYTES, at);
    const uint8_t *p = z->bytes + at;
    dir->n_entries = get64(p + 32);
    dir->size_bytes = get64(p + 40);
    dir->offset = get64(p + 48);
    return IC_OK;
}

static enum ic_status find_directory(const struct ic_zipfile *z, struct directory *dir, struct ic_diag *d)
{
    size_t end = 0;
    if (!find_end(z, &end))
        return ic_fail(d, z->size_bytes >= 4 && get32(z->bytes) == SIG_LOCAL ? IC_E_ARCHIVE : IC_E_FORMAT,
                       "the zip archive has no end record in its %zu byte%s: it is cut off; copy or save the file again",
                       z->size_bytes, IC_S(z->size_bytes));
    const uint8_t *p = z->bytes + end;
    if (get16(p + 4) != get16(p + 6) || (get16(p + 4) != 0 && get16(p + 4) != 0xffff))
        return ic_fail(d, IC_E_ARCHIVE_KIND, "byte %zu: the zip archive is split over several disks; join it into one file", end);
    *dir = (struct directory){.offset = get32(p + 16), .size_bytes = get32(p + 12), .n_entries = get16(p + 10)};
    IC_TRY(read_end64(z, end, dir, d));
    if (dir->offset > end || dir->size_bytes > end - dir->offset)
        return ic_fail(d, IC_E_ARCHIVE,
                       "byte %zu: the zip directory is said to stand at byte %" PRIu64 " with %" PRIu64
                       " byte%s, outside the %zu byte%s before it",
                       end, dir->offset, dir->size_bytes, IC_S(dir->size_bytes), end, IC_S(end));
    if (dir->n_entries > MAX_MEMBERS || dir->n_entries * ENTRY_BYTES > dir->size_bytes)
        return ic_fail(d, IC_E_ARCHIVE,
                       "byte %zu: the zip archive declares %" PRIu64 " member%s, its directory of %" PRIu64
                       " byte%s has no room for them",
                       end, dir->n_entries, IC_S(dir->n_entries), dir->size_bytes, IC_S(dir->size_bytes));
    return IC_OK;
}

/* ZIP64 values stand in the extra field in a fixed order, each only when its 32-bit field is all ones. */
static enum ic_status read_extra64(const uint8_t *entry, const uint8_t *extra, size_t extra_bytes, uint64_t sizes[3],
                                   const char *name, struct ic_diag *d)
{
    static const int field_at[3] = {24, 20, 42}; /* size, packed size, local header offset */
    for (size_t at = 0; extra_bytes - at >= 4;) {
        const size_t n = get16(extra + at + 2);
        if (n > extra_bytes - at - 4)
            return ic_fail(d, IC_E_ARCHIVE, "zip member \"%s\": an extra field of %zu byte%s leaves its record", name, n, IC_S(n));
        if (get16(extra + at) == EXTRA_ZIP64) {
            const uint8_t *p = extra + at + 4;
            size_t left = n;
            for (int i = 0; i < 3; ++i) {
                if (get32(entry + field_at[i]) != 0xffffffffu)
                    continue;
                if (left < 8)
                    return ic_fail(d, IC_E_ARCHIVE, "zip member \"%s\": its ZIP64 field is too short", name);
                sizes[i] = get64(p);
                p += 8;
                left -= 8;
            }
        }
        at += 4 + n;
    }
    return IC_OK;
}

static enum ic_status check_name(const uint8_t *name, size_t length, size_t at, struct ic_diag *d)
{
    if (length == 0 || length > 4096)
        return ic_fail(d, IC_E_ARCHIVE, "byte %zu: a zip member name of %zu character%s", at, length, IC_S(length));
    if (memchr(name, 0, length))
        return ic_fail(d, IC_E_ARCHIVE, "byte %zu: a zip member name holds a NUL character: the file is damaged or made to deceive",
                       at);
    for (size_t i = 0; i < length; ++i)
        if (name[i] < 32 || name[i] == 127)
            return ic_fail(d, IC_E_ARCHIVE,
                           "byte %zu: a zip member name holds the control character 0x%02x: the file is damaged or made to deceive",
                           at, name[i]);
    return IC_OK;
}

static bool leaves_folder(const char *name)
{
    if (name[0] == '/' || name[0] == '\\')
        return true;
    for (const char *p = name; *p;) {
        const size_t n = strcspn(p, "/\\");
        if (n == 2 && p[0] == '.' && p[1] == '.')
            return true;
        p += n;
        if (*p)
            ++p;
    }
    return false;
}

static enum ic_status check_entry(const uint8_t *entry, const struct ic_zipfile_member *m, struct ic_diag *d)
{
    const uint16_t flags = get16(entry + 8);
    if (flags & (FLAG_ENCRYPTED | FLAG_STRONG))
        return ic_fail(d, IC_E_ARCHIVE_KIND, "zip member \"%s\" is encrypted; store the model without a password", m->name);
    if (m->method != 0 && m->method != 8)
        return ic_fail(d, IC_E_ARCHIVE_KIND,
                       "zip member \"%s\" uses compression method %u, only 0 (stored) and 8 (deflate) are known; save the model "
                       "with its own tool instead of packing it again",
                       m->name, m->method);
    if (leaves_folder(m->name))
        return ic_fail(d, IC_E_ARCHIVE, "zip member \"%s\" points outside the archive; no model has such a name", m->name);
    if (m->method == 0 && m->packed_bytes != m->size_bytes)
        return ic_fail(d, IC_E_ARCHIVE, "zip member \"%s\" is stored, but its sizes differ: %zu and %zu byte%s", m->name,
                       m->packed_bytes, m->size_bytes, IC_S(m->size_bytes));
    if (m->method == 8 && m->size_bytes / DEFLATE_MAX_RATIO > m->packed_bytes)
        return ic_fail(d, IC_E_ARCHIVE, "zip member \"%s\" declares %zu byte%s from %zu packed ones, more than DEFLATE can give",
                       m->name, m->size_bytes, IC_S(m->size_bytes), m->packed_bytes);
    return IC_OK;
}

/* Only the local header tells where the data begins: its extra field has another length than the directory's. */
static enum ic_status locate_data(const struct ic_zipfile *z, struct ic_zipfile_member *m, size_t limit, struct ic_diag *d)
{
    const size_t at = m->header_offset;
    if (at > limit || limit - at < LOCAL_BYTES || get32(z->bytes + at) != SIG_LOCAL)
        return ic_fail(d, IC_E_ARCHIVE, "zip member \"%s\": no local header at byte %zu", m->name, at);
    const uint8_t *p = z->bytes + at;
    const size_t name_length = get16(p + 26), extra = get16(p + 28);
    if (limit - at - LOCAL_BYTES < name_length + extra)
        return ic_fail(d, IC_E_ARCHIVE, "zip member \"%s\": its local header at byte %zu leaves the file", m->name, at);
    if (name_length != m->name_length || memcmp(p + LOCAL_BYTES, m->name, name_length) != 0)
        return ic_fail(d, IC_E_ARCHIVE, "zip member \"%s\": its local header at byte %zu has another name", m->name, at);
    if (get16(p + 8) != m->method)
        return ic_fail(d, IC_E_ARCHIVE, "zip member \"%s\": directory and local header disagree on the compression (%u, %u)",
                       m->name, m->method, get16(p + 8));
    m->data_offset = at + LOCAL_BYTES + name_length + extra;
    if (m->packed_bytes > limit - m->data_offset)
        return ic_fail(d, IC_E_ARCHIVE, "zip member \"%s\": %zu bytes at byte %zu leave the file", m->name, m->packed_bytes,
                       m->data_offset);
    return IC_OK;
}

static enum ic_status index_member(struct ic_zipfile *z, uint32_t i_member, struct ic_diag *d)
{
    const char *name = z->members[i_member].name;
    if (ic_name_index_find(&z->by_name, name))
        return ic_fail(d, IC_E_ARCHIVE, "zip member \"%s\" stands twice in the archive: which one counts would be a guess", name);
    return ic_name_index_put(&z->by_name, z->arena, name, i_member)
               ? IC_OK
               : ic_fail(d, IC_ERR_MEMORY, "no memory for the names of %zu zip members", z->n_members);
}

static enum ic_status read_entry(struct ic_zipfile *z, const struct directory *dir, size_t *at, struct ic_zipfile_member *m,
                                 struct ic_diag *d)
{
    const size_t end = (size_t)(dir->offset + dir->size_bytes);
    if (end - *at < ENTRY_BYTES || get32(z->bytes + *at) != SIG_ENTRY)
        return ic_fail(d, IC_E_ARCHIVE, "byte %zu: no zip directory entry; the file is damaged%s", *at,
                       m == z->members ? ", or other bytes stand before the archive" : "");
    const uint8_t *p = z->bytes + *at;
    const size_t name_length = get16(p + 28), extra = get16(p + 30), comment = get16(p + 32);
    if (end - *at - ENTRY_BYTES < name_length + extra + comment)
        return ic_fail(d, IC_E_ARCHIVE, "byte %zu: a zip directory entry leaves its directory", *at);
    IC_TRY(check_name(p + ENTRY_BYTES, name_length, *at, d));
    m->name = ic_arena_text(z->arena, (const char *)p + ENTRY_BYTES, name_length);
    if (!m->name)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for the names of %zu zip members", z->n_members);
    m->name_length = name_length;
    uint64_t sizes[3] = {get32(p + 24), get32(p + 20), get32(p + 42)};
    IC_TRY(read_extra64(p, p + ENTRY_BYTES + name_length, extra, sizes, m->name, d));
    if (sizes[0] > SIZE_MAX / 2 || sizes[1] > z->size_bytes || sizes[2] > z->size_bytes)
        return ic_fail(d, IC_E_ARCHIVE,
                       "zip member \"%s\" declares %" PRIu64 " byte%s (%" PRIu64 " packed) at byte %" PRIu64
                       " of a file of %zu byte%s",
                       m->name, sizes[0], IC_S(sizes[0]), sizes[1], sizes[2], z->size_bytes, IC_S(z->size_bytes));
    m->size_bytes = (size_t)sizes[0];
    m->packed_bytes = (size_t)sizes[1];
    m->header_offset = (size_t)sizes[2];
    m->method = get16(p + 10);
    m->crc = get32(p + 16);
    m->is_folder = m->name[name_length - 1] == '/';
    *at += ENTRY_BYTES + name_length + extra + comment;
    IC_TRY(check_entry(p, m, d));
    return locate_data(z, m, (size_t)dir->offset, d);
}

enum ic_status ic_zipfile_open(const void *bytes, size_t size_bytes, uint64_t max_member_bytes, struct ic_arena *arena,
                               struct ic_zipfile *out, struct ic_diag *d)
{
    *out = (struct ic_zipfile){.bytes = bytes, .size_bytes = size_bytes, .max_member_bytes = max_member_bytes, .arena = arena};
    struct directory dir = {0};
    IC_TRY(find_directory(out, &dir, d));
    if (dir.n_entries == 0)
        return ic_fail(d, IC_E_EMPTY, "the zip archive is empty");
    out->n_members = (size_t)dir.n_entries;
    out->members = ic_arena_array(arena, out->n_members, sizeof *out->members);
    if (!out->members)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for a zip directory of %zu member%s", out->n_members, IC_S(out->n_members));
    size_t at = (size_t)dir.offset;
    for (size_t i = 0; i < out->n_members; ++i) {
        IC_TRY(read_entry(out, &dir, &at, &out->members[i], d));
        IC_TRY(index_member(out, (uint32_t)i, d));
    }
    if (at != dir.offset + dir.size_bytes)
        return ic_fail(d, IC_E_ARCHIVE, "byte %zu: %" PRIu64 " bytes of the zip directory are left over after %zu member%s", at,
                       dir.offset + dir.size_bytes - at, out->n_members, IC_S(out->n_members));
    return IC_OK;
}

struct ic_zipfile_member *ic_zipfile_find(const struct ic_zipfile *z, const char *name)
{
    const uint32_t *i = ic_name_index_find(&z->by_name, name);
    return i ? &z->members[*i] : NULL;
}

static enum ic_status inflate_member(struct ic_zipfile *z, struct ic_zipfile_member *m, struct ic_diag *d)
{
    uint8_t *to = ic_arena_alloc(z->arena, m->size_bytes ? m->size_bytes : 1);
    if (!to)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for zip member \"%s\" of %zu byte%s", m->name, m->size_bytes,
                       IC_S(m->size_bytes));
    size_t size = 0;
    struct ic_diag inner = {.log = d ? d->log : NULL};
    const enum ic_status s = ic_inflate(z->bytes + m->data_offset, m->packed_bytes, to, m->size_bytes, &size, NULL, &inner);
    if (s != IC_OK)
        return ic_fail(d, s == IC_ERR_MEMORY ? IC_E_MEMORY : IC_E_ARCHIVE, "zip member \"%s\" at byte %zu: %s", m->name,
                       m->data_offset, s == IC_ERR_LIMIT ? "it inflates to more than its directory entry says" : inner.text);
    if (size != m->size_bytes)
        return ic_fail(d, IC_E_ARCHIVE, "zip member \"%s\" at byte %zu inflates to %zu bytes, its directory entry says %zu",
                       m->name, m->data_offset, size, m->size_bytes);
    m->unpacked = to;
    return IC_OK;
}

/* PyTorch can leave CRCs out (zero); one that is there is believed, since it catches a flipped bit in a weight. */
static enum ic_status check_crc(struct ic_zipfile *z, struct ic_zipfile_member *m, const uint8_t *bytes, struct ic_diag *d)
{
    if (m->checked)
        return IC_OK;
    m->checked = true;
    if (m->crc == 0) {
        if (m->size_bytes && z->n_without_crc++ == 0)
            ic_say(d, 'W', "zip member \"%s\" has no checksum: damage in this archive cannot be noticed", m->name);
        return IC_OK;
    }
    const uint32_t crc = ic_crc32(0, bytes, m->size_bytes);
    if (crc != m->crc)
        return ic_fail(d, IC_E_ARCHIVE_SUM,
                       "zip member \"%s\" at byte %zu: checksum %08" PRIx32 ", the directory says %08" PRIx32
                       ": the file is damaged; copy or save it again",
                       m->name, m->data_offset, crc, m->crc);
    return IC_OK;
}

enum ic_status ic_zipfile_read(struct ic_zipfile *z, struct ic_zipfile_member *m, uint64_t limit_bytes, const uint8_t **out_bytes,
                               struct ic_diag *d)
{
    const uint64_t limit = limit_bytes && limit_bytes < z->max_member_bytes ? limit_bytes : z->max_member_bytes;
    if (m->size_bytes > limit && (m->method == 8 || limit_bytes))
        return ic_fail(d, IC_E_EXPANDS, "zip member \"%s\" has %zu byte%s, more than the limit of %" PRIu64, m->name, m->size_bytes,
                       IC_S(m->size_bytes), limit);
    if (m->method == 8 && !m->unpacked)
        IC_TRY(inflate_member(z, m, d));
    *out_bytes = m->method == 8 ? m->unpacked : z->bytes + m->data_offset;
    return check_crc(z, m, *out_bytes, d);
}
