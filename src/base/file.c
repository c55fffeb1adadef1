/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "base/file.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t nothing[1] = {0};

static enum ic_status describe_kind(const char *path, const struct stat *st, struct ic_diag *d)
{
    if (S_ISDIR(st->st_mode))
        return ic_fail(d, IC_ERR_IO, "%s: is a folder; a file is wanted", path);
    return ic_fail(d, IC_ERR_IO, "%s: is a device or pipe; a regular file is wanted", path);
}

enum ic_status ic_file_map_open(const char *path, struct ic_file_map *out_map, struct ic_diag *d)
{
    *out_map = (struct ic_file_map){0};
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return ic_fail(d, IC_ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
    struct stat st;
    enum ic_status status = IC_OK;
    if (fstat(fd, &st) != 0)
        status = ic_fail(d, IC_ERR_IO, "%s: cannot be examined: %s", path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        status = describe_kind(path, &st, d);
    else if ((uintmax_t)st.st_size > SIZE_MAX / 2)
        status = ic_fail(d, IC_ERR_LIMIT, "%s: too large for this machine's addresses", path);
    else if (st.st_size == 0)
        out_map->bytes = nothing;
    else {
        void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (at == MAP_FAILED)
            status = ic_fail(d, IC_ERR_IO, "%s: cannot be mapped: %s", path, strerror(errno));
        else
            *out_map = (struct ic_file_map){.bytes = at, .size_bytes = (size_t)st.st_size, .os_private = at};
    }
    close(fd);
    return status;
}

void ic_file_map_close(struct ic_file_map *map)
{
    if (map->os_private)
        munmap(map->os_private, map->size_bytes);
    *map = (struct ic_file_map){0};
}

static bool write_all(int fd, const uint8_t *bytes, size_t size_bytes)
{
    while (size_bytes > 0) {
        const ssize_t n = write(fd, bytes, size_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        size_bytes -= (size_t)n;
    }
    return true;
}

static bool write_parts(int fd, const struct ic_span *parts, size_t n_parts)
{
    for (size_t i = 0; i < n_parts; i++)
        if (!write_all(fd, parts[i].bytes, parts[i].size_bytes))
            return false;
    return fsync(fd) == 0;
}

static enum ic_status write_and_rename(const char *path, const char *temporary, const struct ic_span *parts, size_t n_parts, struct ic_diag *d)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return ic_fail(d, IC_ERR_IO, "%s: is a folder; a file name is wanted", path);
    const int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return ic_fail(d, IC_ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
    bool ok = write_parts(fd, parts, n_parts);
    const int first_error = errno;
    ok = close(fd) == 0 && ok;
    if (!ok) {
        unlink(temporary);
        return ic_fail(d, IC_ERR_IO, "%s: cannot be written: %s; nothing was changed", path, strerror(first_error ? first_error : errno));
    }
    if (rename(temporary, path) != 0) {
        const int error = errno;
        unlink(temporary);
        return ic_fail(d, IC_ERR_IO, "%s: cannot be replaced: %s", path, strerror(error));
    }
    return IC_OK;
}

enum ic_status ic_file_write_atomic(const char *path, const struct ic_span *parts, size_t n_parts, struct ic_diag *d)
{
    const size_t room = strlen(path) + 32;
    char *temporary = ic_malloc(room);
    if (!temporary)
        return ic_fail(d, IC_ERR_MEMORY, "%s: no memory to write it", path);
    snprintf(temporary, room, "%s.tmp-%ld", path, (long)getpid());
    const enum ic_status status = write_and_rename(path, temporary, parts, n_parts, d);
    ic_free(temporary);
    return status;
}
