/* SPDX-License-Identifier: Apache-2.0
 *
 * For readers that take a path: bytes as a file of memory.
 */
#ifndef IC_TESTS_FUZZ_FILE_OF_BYTES_H
#define IC_TESTS_FUZZ_FILE_OF_BYTES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* The descriptor to close; the path goes to out. */
static inline int file_of_bytes(const uint8_t *data, size_t size, char *out, size_t out_bytes)
{
    const int fd = memfd_create("fuzz", 0);
    for (size_t at = 0; fd >= 0 && at < size;) {
        const ssize_t n = write(fd, data + at, size - at);
        if (n <= 0)
            abort();
        at += (size_t)n;
    }
    if (fd < 0)
        abort();
    snprintf(out, out_bytes, "/proc/self/fd/%d", fd);
    return fd;
}

#endif
