/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "base/file_target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_LINKS = 40 }; /* as Linux itself */

/* Descriptors have names, which look like links to the file that is open: to replace that file would leave whoever opened it with the old one. */
static int descriptor_of(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const size_t n = strlen(folders[i]);
        char *end = NULL;
        const long fd = strncmp(path, folders[i], n) == 0 && path[n] ? strtol(path + n, &end, 10) : -1;
        if (fd >= 0 && fd <= INT_MAX && end && *end == '\0')
            return (int)fd;
    }
    return -1;
}

/* One step: path, a link, becomes what it holds. False: it is no link, or errno says what is wrong. */
static bool follow(char *path)
{
    char held[IC_FILE_TARGET_BYTES];
    const ssize_t got = readlink(path, held, sizeof held);
    if (got < 0) {
        errno = errno == EINVAL || errno == ENOENT ? 0 : errno;
        return false;
    }
    const char *slash = strrchr(path, '/');
    const size_t kept = *held == '/' || !slash ? 0 : (size_t)(slash - path) + 1, n = (size_t)got;
    if (kept + n >= IC_FILE_TARGET_BYTES) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(path + kept, held, n);
    path[kept + n] = '\0';
    return true;
}

/* What the system says of writing through a link: it refuses links that strangers left in /tmp, and files that are not ours to write. Only files
 * are opened for it: to open a pipe and close it again ends what its reader reads. */
static int try_to_write(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return errno == ENOENT ? 0 : errno; /* to be made */
    if (!S_ISREG(st.st_mode))
        return 0;
    const int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno;
    return close(fd) == 0 ? 0 : errno;
}

int ic_file_target_find(const char *path, struct ic_file_target *out)
{
    const size_t n = strlen(path);
    out->fd = -1;
    if (n >= sizeof out->path)
        return ENAMETOOLONG;
    memcpy(out->path, path, n + 1);
    for (int i = 0; i <= MOST_LINKS; i++) {
        out->fd = descriptor_of(out->path);
        if (out->fd >= 0)
            return 0;
        errno = 0;
        if (!follow(out->path))
            return errno ? errno : i > 0 ? try_to_write(path) : 0;
    }
    return ELOOP;
}
