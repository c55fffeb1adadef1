/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "base/file.h"

#include "base/alloc.h"
#include "base/file_target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t nothing[1] = {0};

/* The code of a refusal by the system. otherwise: of the reasons that have none of their own. */
static unsigned cause_of(int error, unsigned otherwise)
{
    switch (error) {
    case ENOENT:
        return otherwise == IC_E_WRITE ? IC_E_FOLDER_MISSING : IC_E_FILE_MISSING;
    case EACCES:
    case EPERM:
    case EROFS:
        return IC_E_PERMISSION;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return IC_E_DISK_FULL;
    case EISDIR:
    case ENOTDIR:
        return IC_E_FOLDER;
    default:
        return otherwise;
    }
}

static enum ic_status describe_kind(const char *path, const struct stat *st, struct ic_diag *d)
{
    if (S_ISDIR(st->st_mode))
        return ic_fail(d, IC_E_FOLDER, "%s: is a folder; a file is wanted", path);
    return ic_fail(d, IC_E_FOLDER, "%s: is a device or pipe; a regular file is wanted", path);
}

/* Takes fd over. only_name: the file must not stand under another name as well. */
static enum ic_status map_open_file(const char *path, int fd, bool only_name, struct ic_file_map *out_map, struct ic_diag *d)
{
    struct stat st;
    enum ic_status status = IC_OK;
    if (fstat(fd, &st) != 0)
        status = ic_fail(d, IC_ERR_IO, "%s: cannot be examined: %s", path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        status = describe_kind(path, &st, d);
    else if (only_name && st.st_nlink > 1)
        status = ic_fail(d, IC_E_COMPANION, "%s: is a hard link: it may be a file of somewhere else; put a copy beside the model",
                         path);
    else if ((uintmax_t)st.st_size > SIZE_MAX / 2)
        status = ic_fail(d, IC_E_FILE_BYTES, "%s: too large for this machine's addresses", path);
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

enum ic_status ic_file_map_open(const char *path, struct ic_file_map *out_map, struct ic_diag *d)
{
    *out_map = (struct ic_file_map){0};
    if (!*path)
        return ic_fail(d, IC_E_FILE_MISSING, "the name of a file is wanted; it is empty");
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return ic_fail(d, cause_of(errno, IC_E_IO), "%s: cannot be opened: %s", path, strerror(errno));
    return map_open_file(path, fd, false, out_map, d);
}

/* No step of name may leave the folder. */
static bool stays_inside(const char *name)
{
    if (*name == '/' || *name == 0)
        return false;
    for (const char *p = name; p; p = strchr(p, '/')) {
        p += *p == '/';
        if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == 0))
            return false;
    }
    return true;
}

/* Folder by folder, none of them a symbolic link. -1: errno says why. */
static int open_inside(const char *folder, const char *name)
{
    char part[256];
    int at = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    while (at >= 0) {
        const char *slash = strchr(name, '/');
        const size_t n = slash ? (size_t)(slash - name) : strlen(name);
        if (n >= sizeof part) {
            close(at);
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(part, name, n);
        part[n] = 0;
        const int next = openat(at, n ? part : ".", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | (slash ? O_DIRECTORY : O_NONBLOCK));
        const int error = errno;
        close(at);
        errno = error;
        if (!slash)
            return next;
        at = next;
        name = slash + 1;
    }
    return -1;
}

enum ic_status ic_file_map_open_beside(const char *path, const char *name, struct ic_file_map *out_map, struct ic_diag *d)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    const size_t n = slash ? (size_t)(slash - path) : 0;
    *out_map = (struct ic_file_map){0};
    if (!stays_inside(name) || n + 2 > sizeof folder)
        return ic_fail(d, IC_E_COMPANION, "%s: wants the file \"%s\", which is outside its folder: nothing outside is read", path,
                       name);
    memcpy(folder, slash ? path : ".", slash ? n : 1);
    folder[slash ? n : 1] = 0;
    const int fd = open_inside(slash && n == 0 ? "/" : folder, name);
    if (fd >= 0)
        return map_open_file(name, fd, true, out_map, d);
    if (errno == ELOOP)
        return ic_fail(d, IC_E_COMPANION,
                       "%s: wants the file \"%s\", which is a symbolic link: put the file itself beside the model", path, name);
    return ic_fail(d, IC_E_COMPANION, "%s: wants the file \"%s\" beside it, which cannot be opened: %s", path, name,
                   strerror(errno));
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
    return true;
}

static enum ic_status cannot_write(const char *path, int error, struct ic_diag *d)
{
    return ic_fail(d, cause_of(error, IC_E_WRITE), "%s: cannot be written: %s", path, strerror(error));
}

/* A device or pipe (/dev/null, /dev/stdout) must not be replaced by a file: it gets the bytes themselves. */
static enum ic_status write_to_device(const char *shown, const char *path, const struct ic_span *parts, size_t n_parts,
                                      struct ic_diag *d)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return cannot_write(shown, errno, d);
    bool ok = write_parts(fd, parts, n_parts);
    const int error = errno;
    close(fd);
    return ok ? IC_OK : cannot_write(shown, error, d);
}

/* A name as long as a file system takes leaves no room for more behind it. */
enum { MOST_OF_A_NAME = 200 };

static void temporary_name(const char *path, int i, char *temporary, size_t room)
{
    const char *slash = strrchr(path, '/');
    const size_t folder = slash ? (size_t)(slash - path) + 1 : 0, n = strlen(path + folder);
    const int kept = (int)(folder + (n < MOST_OF_A_NAME ? n : MOST_OF_A_NAME));
    snprintf(temporary, room, i ? "%.*s.tmp-%ld-%d" : "%.*s.tmp-%ld", kept, path, (long)getpid(), i);
}

/* A name that is taken (a killed process of the same number, another thread) is left alone. */
static int create_temporary(const char *path, char *temporary, size_t room)
{
    for (int i = 0; i < 100; i++) {
        temporary_name(path, i, temporary, room);
        const int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* A file without a name, which vanishes with the process, whatever ends it; -1 where the file system has none. */
static int create_unnamed(const char *path)
{
#ifdef O_TMPFILE
    const char *slash = strrchr(path, '/');
    char *folder = slash ? ic_malloc((size_t)(slash - path) + 2) : NULL;
    if (slash && !folder)
        return -1;
    if (slash)
        snprintf(folder, (size_t)(slash - path) + 2, "%.*s/", (int)(slash - path), path);
    const int fd = open(slash ? folder : ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    ic_free(folder);
    return fd;
#else
    (void)path;
    return -1;
#endif
}

/* Gives it the first temporary name that is free. */
static bool name_file(int fd, const char *path, char *temporary, size_t room)
{
    char self[40];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    for (int i = 0; i < 100; i++) {
        temporary_name(path, i, temporary, room);
        if (linkat(AT_FDCWD, self, AT_FDCWD, temporary, AT_SYMLINK_FOLLOW) == 0)
            return true;
        if (errno != EEXIST)
            return false;
    }
    return false;
}

static bool finish_and_rename(int fd, const char *temporary, const char *path)
{
    struct stat old;
    if (stat(path, &old) == 0 && fchmod(fd, old.st_mode & 0777) != 0)
        errno = 0; /* who may read it stays as it was, where the file system knows such a thing */
    const bool ok = fsync(fd) == 0;
    const int error = errno;
    if (close(fd) != 0)
        return false;
    errno = error;
    return ok && rename(temporary, path) == 0;
}

static enum ic_status write_and_rename(const char *path, char *temporary, size_t room, const struct ic_span *parts, size_t n_parts,
                                       struct ic_diag *d)
{
    int fd = create_unnamed(path);
    errno = 0;
    bool ok = fd >= 0 && write_parts(fd, parts, n_parts) && fsync(fd) == 0; /* before it has a name: that takes long */
    if (fd >= 0 && !ok) {                                                   /* a full disk is as full for a file with a name */
        const int error = errno;
        close(fd);
        return cannot_write(path, error ? error : EIO, d);
    }
    if (ok && !name_file(fd, path, temporary, room)) { /* no /proc: once more, with a name */
        close(fd);
        fd = -1;
    }
    if (fd < 0) {
        fd = create_temporary(path, temporary, room);
        if (fd < 0)
            return cannot_write(path, errno, d);
        errno = 0;
        ok = write_parts(fd, parts, n_parts);
    }
    int error = errno;
    if (!ok)
        close(fd);
    else if (!(ok = finish_and_rename(fd, temporary, path)))
        error = errno;
    if (ok)
        return IC_OK;
    unlink(temporary);
    return cannot_write(path, error ? error : EIO, d);
}

bool ic_file_is_same(const char *a, const char *b)
{
    struct stat x, y;
    return a && b && stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* shown: the name that was given, for messages. */
static enum ic_status write_to(const char *shown, const struct ic_file_target *target, const struct ic_span *parts, size_t n_parts,
                               struct ic_diag *d)
{
    struct stat st;
    if (target->fd >= 0)
        return write_parts(target->fd, parts, n_parts) ? IC_OK : cannot_write(shown, errno, d);
    const bool exists = stat(target->path, &st) == 0;
    if (exists && S_ISDIR(st.st_mode))
        return ic_fail(d, IC_E_FOLDER, "%s: is a folder; a file name is wanted", shown);
    if (exists && !S_ISREG(st.st_mode))
        return write_to_device(shown, target->path, parts, n_parts, d);
    const size_t room = strlen(target->path) + 40;
    char *temporary = ic_malloc(room);
    if (!temporary)
        return ic_fail(d, IC_ERR_MEMORY, "%s: no memory to write it", shown);
    struct ic_diag inner = {0};
    const enum ic_status status = write_and_rename(target->path, temporary, room, parts, n_parts, &inner);
    ic_free(temporary);
    if (status == IC_OK)
        return IC_OK;
    return strcmp(shown, target->path) == 0 ? ic_fail(d, inner.code, "%s", inner.text)
                                            : ic_fail(d, inner.code, "%s: a link to %s", shown, inner.text);
}

enum ic_status ic_file_write_atomic(const char *path, const struct ic_span *parts, size_t n_parts, struct ic_diag *d)
{
    struct ic_file_target target;
    IC_TRY(ic_file_check_target(path, d));
    const int error = ic_file_target_find(path, &target);
    return error ? cannot_write(path, error, d) : write_to(path, &target, parts, n_parts, d);
}
