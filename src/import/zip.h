/* SPDX-License-Identifier: Apache-2.0
 *
 * Zip archives in memory: central directory, ZIP64, members stored or deflated. Shared by every format that is a zip (TorchScript,
 * state dicts, npz). Names, sizes and offsets are checked strictly; nothing is ever written.
 */
#ifndef IC_IMPORT_ZIP_H
#define IC_IMPORT_ZIP_H

#include "base/alloc.h"
#include "base/status.h"
#include "import/name_index.h"

#include <stdbool.h>

struct ic_zipfile_member {
    const char *name; /* NUL-terminated, no NUL inside */
    size_t name_length;
    size_t header_offset; /* of the local header in the file */
    size_t data_offset;
    size_t packed_bytes;
    size_t size_bytes;
    uint32_t crc;    /* 0: the writer left it out */
    uint16_t method; /* 0 stored, 8 deflated */
    bool is_folder;
    bool checked;            /* its CRC has been compared */
    const uint8_t *unpacked; /* deflated members: once inflated */
};

struct ic_zipfile {
    const uint8_t *bytes;
    size_t size_bytes;
    struct ic_zipfile_member *members; /* in directory order */
    size_t n_members;
    struct ic_name_index by_name; /* numbers of members */
    size_t n_without_crc;         /* members read so far that carry no CRC */
    uint64_t max_member_bytes;
    struct ic_arena *arena; /* lent: names, table, inflated members */
};

/* bytes must outlive z. max_member_bytes limits each inflated member. A file that is no zip is IC_ERR_FORMAT, a damaged one IC_ERR_MODEL,
 * encryption and other compression methods IC_ERR_UNSUPPORTED. */
enum ic_status ic_zipfile_open(const void *bytes, size_t size_bytes, uint64_t max_member_bytes, struct ic_arena *arena,
                               struct ic_zipfile *out, struct ic_diag *d) IC_MUST_USE;
struct ic_zipfile_member *ic_zipfile_find(const struct ic_zipfile *z, const char *name); /* NULL when absent */

/* The member's bytes: lent from the file when stored, from the arena when deflated. A CRC that is not zero must fit. limit_bytes: what this
 * caller is ready to take (0: only the archive's own limit). */
enum ic_status ic_zipfile_read(struct ic_zipfile *z, struct ic_zipfile_member *m, uint64_t limit_bytes, const uint8_t **out_bytes,
                               struct ic_diag *d) IC_MUST_USE;

#endif
