/* SPDX-License-Identifier: Apache-2.0
 *
 * How much memory there is: a system that promises more than it has ends the program later, without a sentence.
 */
#define _GNU_SOURCE
#include "base/os.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* /proc/meminfo, in bytes: what can be taken without swapping, and the swap. Kernels before 3.14 do not say the first themselves. */
static bool system_bytes(uint64_t *out_bytes)
{
    unsigned long long kb = 0, available = 0, swap = 0, older = 0;
    char line[128], name[64];
    bool known = false;
    FILE *f = fopen("/proc/meminfo", "r");
    if (!f)
        return false;
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "%63[^:]: %llu", name, &kb) != 2)
            continue;
        if (strcmp(name, "MemAvailable") == 0) {
            available = kb;
            known = true;
        } else if (strcmp(name, "SwapFree") == 0)
            swap = kb;
        else if (strcmp(name, "MemFree") == 0 || strcmp(name, "Buffers") == 0 || strcmp(name, "Cached") == 0)
            older += kb;
    }
    fclose(f);
    *out_bytes = ((known ? available : older) + swap) * 1024u;
    return known || older > 0;
}

/* A container's limit; "max" where there is none. */
static bool group_bytes(uint64_t *out_bytes)
{
    static const char *const paths[] = {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        unsigned long long bytes = 0;
        FILE *f = fopen(paths[i], "r");
        if (!f)
            continue;
        const int n = fscanf(f, "%llu", &bytes);
        fclose(f);
        if (n == 1) {
            *out_bytes = bytes;
            return true;
        }
    }
    return false;
}

static uint64_t lower(uint64_t bytes, const struct rlimit *limit)
{
    return limit->rlim_cur != RLIM_INFINITY && (uint64_t)limit->rlim_cur < bytes ? (uint64_t)limit->rlim_cur : bytes;
}

uint64_t ic_os_available_bytes(void)
{
    uint64_t least = SIZE_MAX / 2, bytes = 0;
    struct rlimit limit;
    if (system_bytes(&bytes) && bytes < least)
        least = bytes;
    if (group_bytes(&bytes) && bytes < least)
        least = bytes;
    if (getrlimit(RLIMIT_AS, &limit) == 0)
        least = lower(least, &limit);
    if (getrlimit(RLIMIT_DATA, &limit) == 0)
        least = lower(least, &limit);
    return least;
}
