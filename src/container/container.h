/* SPDX-License-Identifier: Apache-2.0
 *
 * The model file: header, section table, sections aligned to 64 bytes, a checksum each. Payloads are opaque here. docs/container.md.
 */
#ifndef IC_CONTAINER_CONTAINER_H
#define IC_CONTAINER_CONTAINER_H

#include "base/bytes.h"
#include "base/file.h"
#include "base/status.h"

#define IC_CONTAINER_MAGIC "\x89INCHIP\n" /* 8 bytes: not text, and line-end damage shows */
#define IC_CONTAINER_VERSION 1

enum ic_section_kind {
    IC_SECTION_GRAPH = 1,          /* portable: serialized graph */
    IC_SECTION_GRAPH_CONSTS = 2,   /* portable: its constants */
    IC_SECTION_PROGRAM = 3,        /* compiled: encoded program */
    IC_SECTION_PROGRAM_CONSTS = 4, /* compiled: packed constants */
    IC_SECTION_JSON = 5            /* names, provenance, options, model card: never parsed on a device */
};

struct ic_section {
    uint32_t kind;
    uint32_t index; /* which compiled program (0 for the rest): PROGRAM i belongs to PROGRAM_CONSTS i */
    const uint8_t *bytes;
    size_t size_bytes;
};

#define IC_CONTAINER_MAX_SECTIONS 64
struct ic_container {
    uint32_t n_sections;
    struct ic_section sections[IC_CONTAINER_MAX_SECTIONS];
};

/* What the first bytes say. Needs at least 16 bytes for a sure answer. */
enum ic_file_kind {
    IC_FILE_OURS,
    IC_FILE_RKNN1,
    IC_FILE_RKNN2 /* generation 2 toolkit */,
    IC_FILE_RKNN_ENCRYPTED,
    IC_FILE_RKNN_NBG,
    IC_FILE_OTHER
};
enum ic_file_kind ic_container_sniff(const void *bytes, size_t size_bytes);

/* Validates header, table, bounds, alignment and (check_sums) every checksum. Sections are lent from bytes. Vendor files give IC_ERR_VENDOR
 * with which generation; other things IC_ERR_FORMAT; damage IC_ERR_CORRUPT with the section. */
enum ic_status ic_container_open(const void *bytes, size_t size_bytes, bool check_sums, struct ic_container *out_c,
                                 struct ic_diag *d) IC_MUST_USE;
const struct ic_section *ic_container_find(const struct ic_container *c, uint32_t kind, uint32_t index); /* NULL when absent */

/* Header + table + sections to w, deterministic. */
enum ic_status ic_container_write(const struct ic_section *sections, uint32_t n_sections, struct ic_writer *w,
                                  struct ic_diag *d) IC_MUST_USE;

#endif
