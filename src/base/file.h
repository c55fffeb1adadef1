/* SPDX-License-Identifier: Apache-2.0
 *
 * Files: mapped for reading, written whole under a temporary name and then renamed.
 */
#ifndef IC_BASE_FILE_H
#define IC_BASE_FILE_H

#include "base/status.h"

#include <stdbool.h>

/* bytes is page-aligned and read-only; an empty file has size 0 and bytes non-NULL. */
struct ic_file_map {
    const uint8_t *bytes;
    size_t size_bytes;
    void *os_private;
};

/* Directories, devices and unreadable files are refused with one sentence that says which. */
enum ic_status ic_file_map_open(const char *path, struct ic_file_map *out_map, struct ic_diag *d) IC_MUST_USE;
/* The file called name in the folder of path (or below it): never outside, no links. */
enum ic_status ic_file_map_open_beside(const char *path, const char *name, struct ic_file_map *out_map,
                                       struct ic_diag *d) IC_MUST_USE;
void ic_file_map_close(struct ic_file_map *map); /* zeroed map is fine */

struct ic_span {
    const void *bytes;
    size_t size_bytes;
};

/* Whether both names lead to one file that exists; either may be NULL. */
bool ic_file_is_same(const char *a, const char *b);

/* Writes the parts in order to PATH.tmp-<pid>, syncs, renames over PATH; on any failure removes the temporary file and leaves an existing PATH as
 * it was. A symbolic link stays: the file behind it is replaced. A device, a pipe, /dev/stdout get the bytes themselves. */
enum ic_status ic_file_write_atomic(const char *path, const struct ic_span *parts, size_t n_parts, struct ic_diag *d) IC_MUST_USE;

/* Whether it could be written as it stands, for saying so before the work: no such folder, not ours to write, a folder of that name. Writing may
 * fail all the same. path NULL is fine. */
enum ic_status ic_file_check_target(const char *path, struct ic_diag *d) IC_MUST_USE;

#endif
