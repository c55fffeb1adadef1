/* SPDX-License-Identifier: Apache-2.0
 *
 * Workers wait for a generation number to change: first spinning for a bounded time, then on a condition variable. Parts are handed out
 * by an atomic counter. Nobody waits for a worker that has not come yet: whoever opens a generation closes it as soon as no part is left,
 * and then waits only for parts that were begun.
 *
 * Where other processes want the cores, a worker that has begun a part may lose its core for milliseconds, and waking it costs more than
 * it does. So each generation is compared with the computing that all threads did for it. What sharing loses is a debt, what it gains pays it
 * back; while there is a debt callers work alone for a multiple of it, so that trying again costs a few percent at most. Who does a part
 * never changes a bit.
 */
#define _GNU_SOURCE
#include "base/pool.h"

#include "base/alloc.h"
#include "base/os.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

enum {
    MAX_THREADS = 64,
    HELPED_NS = 64,           /* 274 seconds at most in a word of 32 bits */
    SPIN_NS = 30000,          /* a waiting thread keeps its core for so long: some times what waking it costs */
    SPINS_A_LOOK = 16,        /* pauses between two looks at the clock; one takes 10 to 140 cycles */
    ALONE_TIMES = 32,         /* alone for so many times the debt */
    MOST_DEBT_NS = 8000000,   /* alone for a quarter of a second at most */
    MOST_CREDIT_NS = 20000000 /* one hiccup of the machine does not end what has paid for long */
};

/* The word "gate": who may join and who has. Closed and empty is 0, so that the fields of the work can only be changed by the opener. */
#define GATE_OPEN 0x80000000u
#define GATE_JOINED(word) ((word)&0xFFFFu)
#define GATE_LIMIT(word) ((word) >> 16 & 0x7FFFu)

struct ic_pool {
    int n_workers, n_references;
    pthread_t threads[MAX_THREADS];
    pthread_mutex_t turn; /* one caller's work is shared at a time; guards the next two */
    int64_t debt_ns;      /* what sharing has lost against working alone; below 0 gained */
    uint64_t alone_until_ns;
    pthread_mutex_t lock; /* guards the sleepers */
    pthread_cond_t wake, done;
    int n_asleep; /* workers in wake; under lock */
    atomic_uint generation, gate;
    atomic_bool stop;
    /* the work of this generation: written while the gate is closed and empty, read by those who joined */
    void (*part)(void *user, int i_part);
    void *user;
    int n_parts;
    atomic_int next_part;
    atomic_uint helped; /* how long helpers had a core for it, in HELPED_NS */
};

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static struct ic_pool *the_pool; /* the process's only one; guarded by pool_lock */
static cpu_set_t pool_cpus;      /* guarded by pool_lock, as is: */
static int n_pool_cpus;          /* 0: none were set */
static atomic_bool always_share; /* for tests */

static void work(struct ic_pool *p)
{
    for (int i = atomic_fetch_add(&p->next_part, 1); i < p->n_parts; i = atomic_fetch_add(&p->next_part, 1))
        p->part(p->user, i);
}

static void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ volatile("yield");
#endif
}

/* Pauses; false when a wait that began at start_ns has taken its time. i counts the calls of one wait. */
static bool spin(int i, uint64_t start_ns)
{
    relax();
    return i % SPINS_A_LOOK != SPINS_A_LOOK - 1 || ic_os_time_ns() - start_ns < SPIN_NS;
}

static bool join(struct ic_pool *p)
{
    unsigned word = atomic_load(&p->gate);
    while ((word & GATE_OPEN) && GATE_JOINED(word) < GATE_LIMIT(word))
        if (atomic_compare_exchange_weak(&p->gate, &word, word + 1))
            return true;
    return false;
}

static void leave(struct ic_pool *p)
{
    if (atomic_fetch_sub(&p->gate, 1) != 1) /* others are still in, or it is open: then nobody waits yet */
        return;
    pthread_mutex_lock(&p->lock);
    pthread_cond_signal(&p->done);
    pthread_mutex_unlock(&p->lock);
}

static unsigned wait_for_change(struct ic_pool *p, unsigned seen)
{
    const uint64_t start = ic_os_time_ns();
    for (int i = 0; spin(i, start); i++) {
        const unsigned now = atomic_load_explicit(&p->generation, memory_order_acquire);
        if (now != seen)
            return now;
    }
    pthread_mutex_lock(&p->lock);
    p->n_asleep++;
    while (atomic_load(&p->generation) == seen)
        pthread_cond_wait(&p->wake, &p->lock);
    p->n_asleep--;
    pthread_mutex_unlock(&p->lock);
    return atomic_load(&p->generation);
}

static void *worker(void *argument)
{
    struct ic_pool *p = argument;
    unsigned seen = atomic_load(&p->generation);
    while (!atomic_load(&p->stop)) {
        if (join(p)) {
            const uint64_t begun = ic_os_thread_ns();
            work(p);
            atomic_fetch_add(&p->helped, (unsigned)((ic_os_thread_ns() - begun) / HELPED_NS));
            leave(p);
        }
        seen = wait_for_change(p, seen);
    }
    return NULL;
}

static void start_generation(struct ic_pool *p, int n_wanted)
{
    pthread_mutex_lock(&p->lock);
    atomic_fetch_add(&p->generation, 1);
    if (n_wanted >= p->n_asleep)
        pthread_cond_broadcast(&p->wake);
    else
        for (int i = 0; i < n_wanted; i++)
            pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
}

/* Closes the gate, then waits for those who are in. */
static void finish_generation(struct ic_pool *p)
{
    atomic_fetch_and(&p->gate, 0xFFFFu);
    if (atomic_load(&p->gate) == 0)
        return;
    const uint64_t start = ic_os_time_ns();
    for (int i = 0; spin(i, start); i++)
        if (atomic_load(&p->gate) == 0)
            return;
    pthread_mutex_lock(&p->lock);
    while (atomic_load(&p->gate) != 0)
        pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

static void run_shared(struct ic_pool *p, int n_helpers, int n_parts, void (*part)(void *user, int i_part), void *user)
{
    const uint64_t start = ic_os_time_ns();
    p->part = part;
    p->user = user;
    p->n_parts = n_parts;
    atomic_store(&p->next_part, 0);
    atomic_store(&p->helped, 0);
    atomic_store(&p->gate, GATE_OPEN | (unsigned)n_helpers << 16);
    start_generation(p, n_helpers);
    const uint64_t begun = ic_os_thread_ns();
    work(p);
    const uint64_t own_ns = ic_os_thread_ns() - begun;
    finish_generation(p);
    const uint64_t end = ic_os_time_ns(), helped_ns = (uint64_t)atomic_load(&p->helped) * HELPED_NS;
    p->debt_ns += (int64_t)(end - start) - (int64_t)(own_ns + helped_ns); /* against the caller alone with a core of its own */
    p->debt_ns = p->debt_ns > MOST_DEBT_NS ? MOST_DEBT_NS : p->debt_ns < -MOST_CREDIT_NS ? -MOST_CREDIT_NS : p->debt_ns;
    if (p->debt_ns <= 0)
        return;
    p->alone_until_ns = end + (uint64_t)p->debt_ns * ALONE_TIMES;
    p->debt_ns = 0;
}

/* False: it does not pay now, or another caller is being helped. */
static bool shares(struct ic_pool *p, int n_helpers, int n_parts, void (*part)(void *user, int i_part), void *user)
{
    if (pthread_mutex_trylock(&p->turn) != 0)
        return false;
    const bool pays = p->alone_until_ns == 0 || atomic_load(&always_share) || ic_os_time_ns() >= p->alone_until_ns;
    if (pays)
        run_shared(p, n_helpers, n_parts, part, user);
    pthread_mutex_unlock(&p->turn);
    return pays;
}

void ic_pool_share_always(bool yes)
{
    atomic_store(&always_share, yes);
}

void ic_pool_run(struct ic_pool *pool, int n_threads, int n_parts, void (*part)(void *user, int i_part), void *user)
{
    const int most = n_threads < n_parts ? n_threads : n_parts; /* threads that can have something to do */
    if (pool && most > 1 && shares(pool, most - 1 < MAX_THREADS ? most - 1 : MAX_THREADS, n_parts, part, user))
        return;
    for (int i = 0; i < n_parts; i++)
        part(user, i);
}

static void init_locks(struct ic_pool *p)
{
    pthread_mutex_init(&p->turn, NULL);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    pthread_cond_init(&p->done, NULL);
}

static struct ic_pool *pool_create(void)
{
    struct ic_pool *p = ic_calloc(1, sizeof *p);
    if (p)
        init_locks(p);
    return p;
}

static void pool_destroy(struct ic_pool *p)
{
    atomic_store(&p->stop, true);
    start_generation(p, MAX_THREADS);
    for (int i = 0; i < p->n_workers; i++)
        pthread_join(p->threads[i], NULL);
    pthread_mutex_destroy(&p->turn);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->wake);
    pthread_cond_destroy(&p->done);
    ic_free(p);
}

/* Fewer threads than asked for are no failure. Signals stay with the threads of the application. */
static void pool_grow(struct ic_pool *p, int n_threads)
{
    sigset_t all, before;
    const int wanted = n_threads - 1 < MAX_THREADS ? n_threads - 1 : MAX_THREADS;
    if (wanted <= p->n_workers)
        return;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (p->n_workers < wanted && pthread_create(&p->threads[p->n_workers], NULL, worker, p) == 0) {
        if (n_pool_cpus > 0)
            (void)pthread_setaffinity_np(p->threads[p->n_workers], sizeof pool_cpus, &pool_cpus); /* tried when it was set */
        p->n_workers++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* A forked process has the caller's thread alone: of the pool it has the memory, and workers that are not there would be waited for. Its callers work
 * alone until a session of its own brings workers. */
static void before_fork(void)
{
    pthread_mutex_lock(&pool_lock);
}

static void after_fork_in_parent(void)
{
    pthread_mutex_unlock(&pool_lock);
}

static void after_fork_in_child(void)
{
    pthread_mutex_init(&pool_lock, NULL); /* held by this thread, whose number is another now */
    if (!the_pool)
        return;
    init_locks(the_pool);
    the_pool->n_workers = the_pool->n_asleep = 0;
    atomic_store(&the_pool->gate, 0);
}

static struct ic_pool *the_pool_or_new(void)
{
    static bool minds_forks; /* under pool_lock */
    if (!minds_forks)
        minds_forks = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
    return the_pool ? the_pool : pool_create();
}

enum ic_status ic_pool_get(int n_threads, struct ic_pool **out_pool, struct ic_diag *d)
{
    pthread_mutex_lock(&pool_lock);
    the_pool = the_pool_or_new();
    struct ic_pool *p = the_pool;
    if (p) {
        p->n_references++;
        pool_grow(p, n_threads);
    }
    pthread_mutex_unlock(&pool_lock);
    *out_pool = p;
    return p ? IC_OK : ic_fail(d, IC_ERR_MEMORY, "no memory for the thread pool");
}

void ic_pool_put(struct ic_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool_lock);
    if (--pool->n_references == 0) {
        the_pool = NULL;
        pool_destroy(pool);
    }
    pthread_mutex_unlock(&pool_lock);
}

/* Whether the system takes the set, tried on the caller, who gets its own back. */
static bool is_possible(const cpu_set_t *set)
{
    cpu_set_t before;
    if (pthread_getaffinity_np(pthread_self(), sizeof before, &before) != 0 ||
        pthread_setaffinity_np(pthread_self(), sizeof *set, set) != 0)
        return false;
    return pthread_setaffinity_np(pthread_self(), sizeof before, &before) == 0;
}

enum ic_status ic_pool_set_cpus(const int32_t *cpus, int32_t n, struct ic_diag *d)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int32_t i = 0; i < n; i++) {
        if (cpus[i] < 0 || cpus[i] >= CPU_SETSIZE)
            return ic_fail(d, IC_E_OPTION_VALUE, "CPU %d: CPUs are numbered from 0 as in /proc/cpuinfo", (int)cpus[i]);
        CPU_SET((size_t)cpus[i], &set);
    }
    if (n > 0 ? !is_possible(&set) : pthread_getaffinity_np(pthread_self(), sizeof set, &set) != 0)
        return ic_fail(d, IC_E_CPUS, "the system lets this process run on none of the %d CPUs given (the first is %d)", (int)n,
                       n > 0 ? (int)cpus[0] : -1);
    pthread_mutex_lock(&pool_lock);
    pool_cpus = set;
    n_pool_cpus = n > 0 ? CPU_COUNT(&set) : 0;
    for (int i = 0; the_pool && i < the_pool->n_workers; i++)
        (void)pthread_setaffinity_np(the_pool->threads[i], sizeof set, &set);
    pthread_mutex_unlock(&pool_lock);
    return IC_OK;
}

int ic_pool_n_cpus(void)
{
    pthread_mutex_lock(&pool_lock);
    const int n = n_pool_cpus;
    pthread_mutex_unlock(&pool_lock);
    return n;
}
