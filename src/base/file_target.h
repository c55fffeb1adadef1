/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the bytes for a name go: behind symbolic links, as with `cp` and `>`.
 */
#ifndef IC_BASE_FILE_TARGET_H
#define IC_BASE_FILE_TARGET_H

#define IC_FILE_TARGET_BYTES 4096

struct ic_file_target {
    int fd;                          /* the open descriptor that the name stands for (/dev/stdout, /dev/fd/3); -1: none */
    char path[IC_FILE_TARGET_BYTES]; /* else the name behind all links, which may not exist */
};

/* 0, or an errno: a loop of links, a name too long, a file behind a link that may not be written. */
int ic_file_target_find(const char *path, struct ic_file_target *out);

#endif
