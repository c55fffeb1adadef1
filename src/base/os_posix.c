/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "base/os.h"

#include <sched.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

uint64_t ic_os_time_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t ic_os_thread_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Hyper-threads of one core share its arithmetic units, so a core counts once: by the lowest of its threads that this process may use.
 * The system's list reads "0,4" or "0-1"; where there is none, every processor is a core. */
static bool is_first_of_its_core(int cpu, const cpu_set_t *usable)
{
    char path[96];
    int from = 0, to = 0, n = 0;
    bool first = true;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
    FILE *f = fopen(path, "r");
    if (!f)
        return true;
    while (first && (n = fscanf(f, "%d-%d", &from, &to)) >= 1) {
        for (int i = from; i <= (n == 2 ? to : from) && i < cpu; i++)
            first = first && !(i >= 0 && i < CPU_SETSIZE && CPU_ISSET((size_t)i, usable));
        if (fgetc(f) != ',')
            break;
    }
    fclose(f);
    return first;
}

int ic_os_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) {
        const long online = sysconf(_SC_NPROCESSORS_ONLN);
        return online > 0 ? (int)online : 1;
    }
    int n = 0;
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
        n += CPU_ISSET(cpu, &set) && is_first_of_its_core((int)cpu, &set);
    return n > 0 ? n : 1;
}

uint64_t ic_os_peak_rss_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024u;
}

void ic_os_occupy_standard_files(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            return;
}

void ic_os_report_full_files(void)
{
    (void)signal(SIGXFSZ, SIG_IGN);
}
