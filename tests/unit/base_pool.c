/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "testing.h"

#include "base/os.h"
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1000 };

struct tally {
    int calls[MOST]; /* part i writes calls[i] only: a second call, or none, shows */
    atomic_int now, most_at_once;
};

static void count_part(void *user, int i)
{
    struct tally *t = user;
    const int now = atomic_fetch_add(&t->now, 1) + 1;
    int most = atomic_load(&t->most_at_once);
    while (now > most && !atomic_compare_exchange_weak(&t->most_at_once, &most, now))
        ;
    t->calls[i]++;
    for (volatile int k = 0; k < 200; k++)
        ;
    atomic_fetch_sub(&t->now, 1);
}

static int all_once(const struct tally *t, int n)
{
    for (int i = 0; i < MOST; i++)
        if (t->calls[i] != (i < n))
            return 0;
    return 1;
}

TEST(every_part_runs_once)
{
    struct ic_pool *pool = NULL;
    ic_pool_share_always(true);
    REQUIRE(ic_pool_get(4, &pool, NULL) == IC_OK);
    for (int n_threads = 1; n_threads <= 5; n_threads++)
        for (int n = 0; n <= 40; n++) {
            struct tally t = {0};
            ic_pool_run(pool, n_threads, n, count_part, &t);
            CHECK(all_once(&t, n));
            CHECK(atomic_load(&t.most_at_once) <= n_threads);
        }
    ic_pool_share_always(false);
    ic_pool_put(pool);
}

TEST(many_short_generations)
{
    struct ic_pool *pool = NULL;
    REQUIRE(ic_pool_get(3, &pool, NULL) == IC_OK);
    ic_pool_share_always(true);
    int bad = 0;
    for (int i = 0; i < 5000; i++) {
        struct tally t = {0};
        ic_pool_run(pool, 3, 3, count_part, &t);
        bad += !all_once(&t, 3);
    }
    CHECK_EQ_INT(bad, 0);
    ic_pool_share_always(false);
    ic_pool_put(pool);
}

/* ---- sharing that does not pay ---- */
struct slow_helper {
    pthread_t caller;
    atomic_int n_helped;
};

/* Helpers take 200 times as long as the caller does, without computing: as if they had lost their cores. */
static void helper_is_slow(void *user, int i)
{
    struct slow_helper *s = user;
    const uint64_t start = ic_os_time_ns();
    (void)i;
    if (!pthread_equal(pthread_self(), s->caller)) {
        atomic_fetch_add(&s->n_helped, 1);
        nanosleep(&(struct timespec){.tv_nsec = 4000000}, NULL);
    }
    while (ic_os_time_ns() - start < 20000)
        ;
}

/* After one generation that lost 4 ms, 32 times as much is done alone before helpers are asked again: 1000 generations of 80 us take 80 ms. */
TEST(callers_work_alone_where_helpers_cost)
{
    struct ic_pool *pool = NULL;
    struct slow_helper s = {.caller = pthread_self()};
    REQUIRE(ic_pool_get(2, &pool, NULL) == IC_OK);
    for (int i = 0; i < 1000; i++)
        ic_pool_run(pool, 2, 4, helper_is_slow, &s);
    const int once = atomic_load(&s.n_helped);
    ic_pool_share_always(true);
    for (int i = 0; i < 100; i++)
        ic_pool_run(pool, 2, 4, helper_is_slow, &s);
    ic_pool_share_always(false);
    ic_pool_put(pool);
    const int always = atomic_load(&s.n_helped) - once;
    printf("a helper that costs was asked %d times in 1000 generations, %d in 100 that always share\n", once, always);
    CHECK(once <=
          100); /* a machine that stands still between generations lets it be asked again; always sharing gives 1000 and more */
}

struct two_callers {
    struct ic_pool *pool;
    atomic_int second_done, timed_out;
};

static void wait_for_second(void *user, int i)
{
    struct two_callers *c = user;
    const uint64_t start = ic_os_time_ns();
    (void)i;
    while (!atomic_load(&c->second_done) && !atomic_load(&c->timed_out))
        if (ic_os_time_ns() - start > 20000000000u)
            atomic_store(&c->timed_out, 1);
}

static void do_nothing(void *user, int i)
{
    (void)user;
    (void)i;
}

static void *second_caller(void *user)
{
    struct two_callers *c = user;
    ic_pool_run(c->pool, 2, 8, do_nothing, NULL);
    atomic_store(&c->second_done, 1);
    return NULL;
}

/* The first caller's parts end when the second caller's work is done: a second caller that waits for its turn never ends. */
TEST(a_second_caller_does_not_wait)
{
    pthread_t thread;
    struct two_callers c = {0};
    REQUIRE(ic_pool_get(2, &c.pool, NULL) == IC_OK);
    ic_pool_share_always(true);
    REQUIRE(pthread_create(&thread, NULL, second_caller, &c) == 0);
    ic_pool_run(c.pool, 2, 8, wait_for_second, &c);
    pthread_join(thread, NULL);
    ic_pool_share_always(false);
    CHECK_EQ_INT(c.timed_out, 0);
    ic_pool_put(c.pool);
}

TEST(no_pool_runs_in_the_caller)
{
    struct tally t = {0};
    ic_pool_run(NULL, 8, 100, count_part, &t);
    CHECK(all_once(&t, 100));
    CHECK_EQ_INT(atomic_load(&t.most_at_once), 1);
    ic_pool_put(NULL);
}

TEST(grows_while_it_works_and_is_one_per_process)
{
    struct ic_pool *a = NULL, *b = NULL;
    REQUIRE(ic_pool_get(1, &a, NULL) == IC_OK);
    for (int n = 2; n < 9; n++) {
        struct tally t = {0};
        REQUIRE(ic_pool_get(n, &b, NULL) == IC_OK);
        CHECK(a == b);
        ic_pool_run(b, n, MOST, count_part, &t);
        CHECK(all_once(&t, MOST));
        ic_pool_put(b);
    }
    ic_pool_put(a);
}

struct places {
    pthread_t caller;
    int cpu;
    atomic_int elsewhere, helpers;
};

static void note_place(void *user, int i)
{
    struct places *p = user;
    (void)i;
    if (!pthread_equal(pthread_self(), p->caller)) {
        atomic_fetch_add(&p->helpers, 1);
        if (sched_getcpu() != p->cpu)
            atomic_fetch_add(&p->elsewhere, 1);
    }
    for (volatile int k = 0; k < 2000; k++)
        ;
}

/* The pool's threads stay on the CPU that they are given, those that are there already too; the caller's mask is left alone. */
TEST(threads_are_kept_to_cpus)
{
    cpu_set_t mine, after;
    struct ic_pool *pool = NULL;
    struct places places = {.caller = pthread_self()};
    REQUIRE(sched_getaffinity(0, sizeof mine, &mine) == 0);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET((size_t)cpu, &mine))
            places.cpu = cpu; /* the last one */
    REQUIRE(ic_pool_get(2, &pool, NULL) == IC_OK);
    REQUIRE(ic_pool_set_cpus(&(int32_t){places.cpu}, 1, NULL) == IC_OK);
    CHECK_EQ_INT(ic_pool_n_cpus(), 1);
    REQUIRE(ic_pool_get(3, &pool, NULL) == IC_OK);
    for (int i = 0; i < 200; i++)
        ic_pool_run(pool, 3, 20, note_place, &places);
    CHECK_EQ_INT(atomic_load(&places.elsewhere), 0);
    REQUIRE(sched_getaffinity(0, sizeof after, &after) == 0);
    CHECK(CPU_EQUAL(&mine, &after));
    CHECK_EQ_INT(ic_pool_set_cpus(&(int32_t){-1}, 1, NULL), IC_ERR_ARG);
    CHECK_EQ_INT(ic_pool_set_cpus(&(int32_t){CPU_SETSIZE}, 1, NULL), IC_ERR_ARG);
    struct ic_diag d = {0};
    CHECK_EQ_INT(ic_pool_set_cpus(&(int32_t){CPU_SETSIZE - 1}, 1, &d), IC_ERR_ARG); /* no machine of a test has it */
    CHECK(strstr(d.text, "1023") != NULL);
    CHECK_EQ_INT(ic_pool_n_cpus(), 1); /* a refusal changes nothing */
    CHECK_EQ_INT(ic_pool_set_cpus(NULL, 0, NULL), IC_OK);
    CHECK_EQ_INT(ic_pool_n_cpus(), 0);
    ic_pool_put(pool);
    ic_pool_put(pool);
}

TEST(comes_and_goes)
{
    for (int i = 0; i < 200; i++) {
        struct ic_pool *pool = NULL;
        struct tally t = {0};
        REQUIRE(ic_pool_get(3, &pool, NULL) == IC_OK);
        if (i % 2)
            ic_pool_run(pool, 3, 10, count_part, &t);
        CHECK(all_once(&t, i % 2 ? 10 : 0));
        ic_pool_put(pool);
    }
}

static void *one_caller(void *user)
{
    struct ic_pool *pool = NULL;
    int *bad = user;
    *bad = ic_pool_get(2, &pool, NULL) != IC_OK;
    for (int i = 0; i < 300; i++) {
        struct tally t = {0};
        ic_pool_run(pool, 2, 17, count_part, &t);
        *bad += !all_once(&t, 17);
    }
    ic_pool_put(pool);
    return NULL;
}

TEST(callers_at_once)
{
    pthread_t threads[4];
    int bad[4] = {0};
    for (int i = 0; i < 4; i++)
        REQUIRE(pthread_create(&threads[i], NULL, one_caller, &bad[i]) == 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        CHECK_EQ_INT(bad[i], 0);
    }
}

static void wait_part(void *user, int i)
{
    (void)i;
    const uint64_t start = ic_os_time_ns();
    while (ic_os_time_ns() - start < 20000)
        ;
    atomic_fetch_add((atomic_int *)user, 1);
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* All threads on one core: helpers get their turn late or never, and every part must run all the same. The times are printed for people: waiting
 * for a helper would cost a time slice, milliseconds, against 0.08 ms of work. */
TEST(every_part_runs_when_helpers_have_no_core)
{
    enum { N = 201 };
    static uint64_t alone[N], shared[N];
    atomic_int n_run = 0;
    struct ic_pool *pool = NULL;
    cpu_set_t before, one;
    REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
    CPU_ZERO(&one);
    for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
        if (CPU_ISSET(i, &before))
            CPU_SET(i, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0)
        SKIP("cannot choose a core");
    REQUIRE(ic_pool_get(4, &pool, NULL) == IC_OK);
    for (int i = 0; i < N; i++) {
        uint64_t t = ic_os_time_ns();
        ic_pool_run(pool, 1, 4, wait_part, &n_run);
        alone[i] = ic_os_time_ns() - t;
        t = ic_os_time_ns();
        ic_pool_run(pool, 4, 4, wait_part, &n_run);
        shared[i] = ic_os_time_ns() - t;
    }
    ic_pool_put(pool);
    sched_setaffinity(0, sizeof before, &before);
    qsort(alone, N, sizeof *alone, by_value);
    qsort(shared, N, sizeof *shared, by_value);
    printf("one core: alone %.1f us, with three helpers that have none %.1f us a run\n", (double)alone[N / 2] / 1e3,
           (double)shared[N / 2] / 1e3);
    CHECK_EQ_INT(n_run, 8 * N);
}

/* The workers stay behind: the child works alone and gives its pool back, where it once waited for them for ever. */
TEST(a_forked_process_works_alone)
{
    static struct tally t;
    struct ic_pool *pool = NULL;
    int code = -1;
    memset(&t, 0, sizeof t);
    REQUIRE(ic_pool_get(4, &pool, NULL) == IC_OK);
    ic_pool_share_always(true);
    ic_pool_run(pool, 4, 100, count_part, &t);
    memset(&t, 0, sizeof t);
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        alarm(20); /* kills it */
        for (int i = 0; i < 3; i++)
            ic_pool_run(pool, 4, 100, count_part, &t);
        int ok = t.most_at_once == 1;
        for (int i = 0; i < 100; i++)
            ok = ok && t.calls[i] == 3;
        ic_pool_put(pool);
        _exit(ok ? 0 : 1);
    }
    REQUIRE(child > 0 && waitpid(child, &code, 0) == child);
    CHECK(WIFEXITED(code) && WEXITSTATUS(code) == 0);
    ic_pool_run(pool, 4, 100, count_part, &t); /* and the parent goes on */
    CHECK(all_once(&t, 100));
    ic_pool_share_always(false);
    ic_pool_put(pool);
}

TEST_MAIN()
