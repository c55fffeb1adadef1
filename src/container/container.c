/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/container.md: header of 64 bytes, section table of 32 bytes each, sections at multiples of 64.
 */
#include "container/container.h"

#include "base/checked.h"

#include <inttypes.h>
#include <string.h>

enum { HEADER_BYTES = 64, ENTRY_BYTES = 32, ALIGN_BYTES = 64 };

static const char *const kind_names[] = {"?",       "portable graph",    "portable constants",
                                         "program", "program constants", "description"};

static const char *kind_name(uint32_t kind)
{
    return kind < sizeof kind_names / sizeof *kind_names ? kind_names[kind] : "unknown";
}

static uint64_t u64_at(const uint8_t *p)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

/* Both generations have files of version 2: the first one's (custom operators) have no body and begin with a description. */
static bool is_first_generation(const uint8_t *p, size_t size_bytes)
{
    const uint64_t version = u64_at(p + 8);
    return version <= 1 || (version == 2 && size_bytes > 0x20 && u64_at(p + 16) == 0 && p[0x20] == '{');
}

enum ic_file_kind ic_container_sniff(const void *bytes, size_t size_bytes)
{
    const uint8_t *p = bytes;
    if (size_bytes >= 8 && memcmp(p, IC_CONTAINER_MAGIC, 8) == 0)
        return IC_FILE_OURS;
    if (size_bytes >= 8 && memcmp(p, "CYPTRKNN", 8) == 0)
        return IC_FILE_RKNN_ENCRYPTED;
    if (size_bytes >= 4 && memcmp(p, "VPMN", 4) == 0)
        return IC_FILE_RKNN_NBG;
    if (size_bytes >= 16 && memcmp(p, "RKNN", 4) == 0)
        return is_first_generation(p, size_bytes) ? IC_FILE_RKNN1 : IC_FILE_RKNN2;
    return IC_FILE_OTHER;
}

static enum ic_status refuse_other(enum ic_file_kind kind, size_t size_bytes, struct ic_diag *d)
{
    static const char fix[] = "inchip runs its own model files: convert the source network (inchip convert MODEL -o model.ic)";
    switch (kind) {
    case IC_FILE_RKNN1:
        return ic_fail(d, IC_E_VENDOR_1, "this is a model file of RKNN-Toolkit 1 (RK1808, RV1109, RV1126); %s", fix);
    case IC_FILE_RKNN2:
        return ic_fail(d, IC_E_VENDOR_2, "this is a model file of RKNN-Toolkit 2 (RK356x, RK3588 ...); %s", fix);
    case IC_FILE_RKNN_ENCRYPTED:
        return ic_fail(d, IC_E_VENDOR_ENCRYPTED,
                       "this is an encrypted model file of RKNN-Toolkit 1, which only the vendor's driver can read; %s", fix);
    case IC_FILE_RKNN_NBG:
        return ic_fail(d, IC_E_VENDOR_NBG,
                       "this is a VeriSilicon network binary (NBG), the inside of a pre-compiled vendor file; %s", fix);
    default:
        if (size_bytes == 0)
            return ic_fail(d, IC_E_EMPTY, "the file is empty (0 bytes); %s", fix);
        return ic_fail(d, IC_E_NOT_A_MODEL, "not an inchip model file (%zu byte%s, first bytes differ); %s", size_bytes,
                       IC_S(size_bytes), fix);
    }
}

struct entry {
    uint32_t kind, index, crc, reserved;
    uint64_t offset, size;
};

static enum ic_status read_entry(struct ic_reader *r, struct entry *e, struct ic_diag *d)
{
    IC_TRY(ic_read_u32(r, &e->kind, d));
    IC_TRY(ic_read_u32(r, &e->index, d));
    IC_TRY(ic_read_u64(r, &e->offset, d));
    IC_TRY(ic_read_u64(r, &e->size, d));
    IC_TRY(ic_read_u32(r, &e->crc, d));
    return ic_read_u32(r, &e->reserved, d);
}

static bool all_zero(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

/* at: where the previous part ended. Sections follow each other at the next multiple of 64, with zeros between. */
static enum ic_status check_entry(const struct entry *e, uint32_t i, const uint8_t *bytes, size_t size_bytes, size_t at,
                                  bool check_sums, struct ic_diag *d)
{
    const char *name = kind_name(e->kind);
    const size_t wanted = ic_round_up(at, ALIGN_BYTES);
    if (e->offset != wanted || wanted > size_bytes || e->size > size_bytes - wanted)
        return ic_fail(d, IC_E_CUT_SHORT,
                       "section %" PRIu32 " (%s) at byte %" PRIu64 " with %" PRIu64
                       " byte%s does not fit the file of %zu byte%s: copy or convert the file again",
                       i, name, e->offset, e->size, IC_S(e->size), size_bytes, IC_S(size_bytes));
    if (!all_zero(bytes + at, wanted - at) || e->reserved != 0)
        return ic_fail(d, IC_E_SECTION_SUM, "bytes before section %" PRIu32 " (%s) are damaged", i, name);
    if (check_sums && ic_crc32(0, bytes + wanted, (size_t)e->size) != e->crc)
        return ic_fail(d, IC_E_SECTION_SUM,
                       "section %" PRIu32 " (%s) is damaged: its checksum is wrong; copy or convert the file again", i, name);
    return IC_OK;
}

static enum ic_status read_header(struct ic_reader *r, uint32_t *out_n, struct ic_diag *d)
{
    const uint8_t *reserved = NULL;
    uint32_t version = 0, n = 0, crc = 0;
    uint64_t total = 0;
    IC_TRY(ic_read_skip(r, 8, d));
    IC_TRY(ic_read_u32(r, &version, d));
    IC_TRY(ic_read_u32(r, &n, d));
    IC_TRY(ic_read_u64(r, &total, d));
    IC_TRY(ic_read_u32(r, &crc, d));
    IC_TRY(ic_read_span(r, HEADER_BYTES - 28, &reserved, d));
    if (version != IC_CONTAINER_VERSION)
        return ic_fail(d, IC_E_CONTAINER_NEWER, "container version %" PRIu32 "; this inchip reads version %d: use a newer one",
                       version, IC_CONTAINER_VERSION);
    if (total != r->size_bytes)
        return ic_fail(d, IC_E_CUT_SHORT,
                       "the file has %zu byte%s, its header says %" PRIu64 ": it was cut or extended; copy it again", r->size_bytes,
                       IC_S(r->size_bytes), total);
    if (n == 0 || n > IC_CONTAINER_MAX_SECTIONS || !all_zero(reserved, HEADER_BYTES - 28))
        return ic_fail(d, IC_E_HEADER, "the header is damaged: %" PRIu32 " section%s", n, IC_S(n));
    if (ic_reader_left(r) < (size_t)n * ENTRY_BYTES)
        return ic_fail(d, IC_E_HEADER, "the section table is cut short");
    uint32_t actual = ic_crc32(0, r->bytes, 24);
    actual = ic_crc32(actual, r->bytes + HEADER_BYTES, (size_t)n * ENTRY_BYTES);
    if (actual != crc)
        return ic_fail(d, IC_E_HEADER,
                       "the header or section table is damaged: its checksum is wrong; copy or convert the file again");
    *out_n = n;
    return IC_OK;
}

enum ic_status ic_container_open(const void *bytes, size_t size_bytes, bool check_sums, struct ic_container *out_c,
                                 struct ic_diag *d)
{
    struct ic_reader r = ic_reader_on(bytes, size_bytes, "model file");
    const enum ic_file_kind kind = ic_container_sniff(bytes, size_bytes);
    *out_c = (struct ic_container){0};
    if (kind != IC_FILE_OURS)
        return refuse_other(kind, size_bytes, d);
    uint32_t n = 0;
    IC_TRY(read_header(&r, &n, d));
    size_t at = HEADER_BYTES + (size_t)n * ENTRY_BYTES;
    for (uint32_t i = 0; i < n; i++) {
        struct entry e;
        IC_TRY(read_entry(&r, &e, d));
        IC_TRY(check_entry(&e, i, bytes, size_bytes, at, check_sums, d));
        if (ic_container_find(out_c, e.kind, e.index))
            return ic_fail(d, IC_E_SECTION_SUM, "section %" PRIu32 " (%s) stands there twice", i, kind_name(e.kind));
        out_c->sections[out_c->n_sections++] = (struct ic_section){
            .kind = e.kind, .index = e.index, .bytes = r.bytes + e.offset, .size_bytes = (size_t)e.size};
        at = (size_t)(e.offset + e.size);
    }
    if (at != size_bytes)
        return ic_fail(d, IC_E_HEADER, "%zu byte%s behind the last section", size_bytes - at, IC_S(size_bytes - at));
    return IC_OK;
}

const struct ic_section *ic_container_find(const struct ic_container *c, uint32_t kind, uint32_t index)
{
    for (uint32_t i = 0; i < c->n_sections; i++)
        if (c->sections[i].kind == kind && c->sections[i].index == index)
            return &c->sections[i];
    return NULL;
}

enum ic_status ic_container_write(const struct ic_section *sections, uint32_t n_sections, struct ic_writer *w, struct ic_diag *d)
{
    const size_t start = w->size_bytes;
    if (n_sections == 0 || n_sections > IC_CONTAINER_MAX_SECTIONS || start != 0)
        return ic_fail(d, IC_ERR_INTERNAL, "a container of %" PRIu32 " section%s", n_sections, IC_S(n_sections));
    ic_write_bytes(w, IC_CONTAINER_MAGIC, 8);
    ic_write_u32(w, IC_CONTAINER_VERSION);
    ic_write_u32(w, n_sections);
    ic_write_u64(w, 0); /* total size, patched below */
    ic_write_u32(w, 0); /* checksum, patched below */
    ic_write_zeros(w, HEADER_BYTES - 28);
    ic_write_zeros(w, (size_t)n_sections * ENTRY_BYTES);
    for (uint32_t i = 0; i < n_sections; i++) {
        ic_write_align(w, ALIGN_BYTES);
        const size_t entry = HEADER_BYTES + (size_t)i * ENTRY_BYTES;
        ic_patch_u32(w, entry, sections[i].kind);
        ic_patch_u32(w, entry + 4, sections[i].index);
        ic_patch_u64(w, entry + 8, w->size_bytes);
        ic_patch_u64(w, entry + 16, sections[i].size_bytes);
        ic_patch_u32(w, entry + 24, ic_crc32(0, sections[i].bytes, sections[i].size_bytes));
        ic_write_bytes(w, sections[i].bytes, sections[i].size_bytes);
    }
    ic_patch_u64(w, 16, w->size_bytes);
    if (w->failed)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for a model file");
    uint32_t crc = ic_crc32(0, w->bytes, 24);
    crc = ic_crc32(crc, w->bytes + HEADER_BYTES, (size_t)n_sections * ENTRY_BYTES);
    ic_patch_u32(w, 24, crc);
    return IC_OK;
}
