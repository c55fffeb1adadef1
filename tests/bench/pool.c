/* SPDX-License-Identifier: Apache-2.0
 *
 * Time of a run of steps that the pool shares, with one thread and with more, in turns, so that whatever else the machine does meets both alike.
 *     pool STEPS US_A_STEP THREADS BUSY        BUSY: processes that compute without end meanwhile
 * Prints medians, ninetieth percentiles and means of whole runs in microseconds.
 */
#include "base/os.h"
#include "base/pool.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUNS = 2000, MOST_BUSY = 64, MOST_THREADS = 16, MOST_PARTS = MOST_THREADS * 4, LINE = 16 };

static long turns_a_part;
static volatile unsigned sink[MOST_PARTS * LINE]; /* a cache line for each part */

static void spend(void *user, int i_part)
{
    (void)user;
    unsigned x = (unsigned)i_part;
    for (long k = 0; k < turns_a_part; k++)
        x = x * 1664525u + 1013904223u;
    sink[i_part * LINE] = x;
}

static double steps_us(struct ic_pool *pool, int threads, int parts, int steps)
{
    const uint64_t start = ic_os_time_ns();
    for (int i = 0; i < steps; i++)
        ic_pool_run(pool, threads, parts, spend, NULL);
    return (double)(ic_os_time_ns() - start) / 1000.0;
}

/* So that a part takes `us` when nothing disturbs it: from the least of several tries. */
static void set_part(double us)
{
    double best = 1e9;
    turns_a_part = 100000;
    for (int i = 0; i < 20; i++) {
        const double took = steps_us(NULL, 1, 1, 1);
        best = took < best ? took : best;
    }
    turns_a_part = (long)(100000.0 / best * us) + 1;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(int threads, double *us)
{
    double sum = 0;
    for (int i = 0; i < RUNS; i++)
        sum += us[i];
    qsort(us, RUNS, sizeof *us, by_size);
    printf("; %d thread%s median %.0f p90 %.0f mean %.0f us", threads, threads == 1 ? "" : "s", us[RUNS / 2], us[RUNS * 9 / 10],
           sum / RUNS);
}

static pid_t compute_without_end(pid_t parent)
{
    const pid_t child = fork();
    if (child != 0)
        return child;
    for (unsigned k = 0; k % 65536 != 0 || getppid() == parent; k++) /* ends with its parent, whatever ends that */
        sink[0] = k;
    _exit(0);
}

static int whole(const char *text, int most)
{
    const int n = atoi(text);
    return n < 0 ? 0 : n > most ? most : n;
}

int main(int argc, char **argv)
{
    static double alone[RUNS], shared[RUNS];
    pid_t busy[MOST_BUSY];
    struct ic_pool *pool = NULL;
    if (argc != 5)
        return 2;
    const int steps = whole(argv[1], 1000), us = whole(argv[2], 100000), threads = whole(argv[3], MOST_THREADS);
    const int n_busy = whole(argv[4], MOST_BUSY), parts = threads * 4;
    if (threads < 2 || ic_pool_get(threads, &pool, NULL) != IC_OK)
        return 2;
    set_part((double)us / parts);
    for (int i = 0; i < n_busy; i++)
        busy[i] = compute_without_end(getpid());
    for (int i = 0; i < RUNS; i++) {
        alone[i] = steps_us(pool, 1, parts, steps);
        shared[i] = steps_us(pool, threads, parts, steps);
    }
    for (int i = 0; i < n_busy; i++) {
        kill(busy[i], SIGKILL);
        waitpid(busy[i], NULL, 0);
    }
    printf("%d steps of %d us, %d busy processes", steps, us, n_busy);
    report(1, alone);
    report(threads, shared);
    printf("\n");
    ic_pool_put(pool);
    return 0;
}
