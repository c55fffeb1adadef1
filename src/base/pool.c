/* SPDX-License-Identifier: Apache-2.0
 *
 * Workers wait for a generation number to change: first spinning for a bounded time, then on a condition variable. Parts are handed out
 * by an atomic counter, so a thread that lost its core only delays the part it holds.
 */
#define _GNU_SOURCE
#include "base/pool.h"

#include "base/alloc.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { MAX_THREADS = 64, SPINS = 2000 };

struct ic_pool {
    int n_workers, n_references;
    pthread_t threads[MAX_THREADS];
    pthread_mutex_t turn;  /* one caller's work at a time */
    pthread_mutex_t lock;  /* guards the sleepers */
    pthread_cond_t wake, done;
    atomic_uint generation;
    atomic_bool stop;
    /* the work of this generation */
    void (*part)(void *user, int i_part);
    void *user;
    int n_parts, n_helpers;
    atomic_int next_part, next_helper, n_busy;
};

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static struct ic_pool *the_pool; /* the process's only one; guarded by pool_lock */

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

static unsigned wait_for_change(struct ic_pool *p, unsigned seen)
{
    for (int i = 0; i < SPINS; i++) {
        const unsigned now = atomic_load_explicit(&p->generation, memory_order_acquire);
        if (now != seen)
            return now;
        relax();
    }
    pthread_mutex_lock(&p->lock);
    while (atomic_load(&p->generation) == seen)
        pthread_cond_wait(&p->wake, &p->lock);
    pthread_mutex_unlock(&p->lock);
    return atomic_load(&p->generation);
}

static void *worker(void *argument)
{
    struct ic_pool *p = argument;
    unsigned seen = 0;
    for (;;) {
        seen = wait_for_change(p, seen);
        if (atomic_load(&p->stop))
            return NULL;
        if (atomic_fetch_add(&p->next_helper, 1) < p->n_helpers)
            work(p);
        if (atomic_fetch_sub(&p->n_busy, 1) == 1) {
            pthread_mutex_lock(&p->lock);
            pthread_cond_signal(&p->done);
            pthread_mutex_unlock(&p->lock);
        }
    }
}

/* Wakes everybody for a new generation. n_busy counts every worker, so that none is a generation behind. */
static void start_generation(struct ic_pool *p)
{
    pthread_mutex_lock(&p->lock);
    atomic_fetch_add(&p->generation, 1);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
}

static void wait_until_done(struct ic_pool *p)
{
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load(&p->n_busy) == 0)
            return;
        relax();
    }
    pthread_mutex_lock(&p->lock);
    while (atomic_load(&p->n_busy) != 0)
        pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

void ic_pool_run(struct ic_pool *pool, int n_threads, int n_parts, void (*part)(void *user, int i_part), void *user)
{
    if (!pool || n_threads <= 1 || n_parts <= 1 || pool->n_workers == 0) {
        for (int i = 0; i < n_parts; i++)
            part(user, i);
        return;
    }
    pthread_mutex_lock(&pool->turn);
    pool->part = part;
    pool->user = user;
    pool->n_parts = n_parts;
    pool->n_helpers = n_threads - 1;
    atomic_store(&pool->next_part, 0);
    atomic_store(&pool->next_helper, 0);
    atomic_store(&pool->n_busy, pool->n_workers);
    start_generation(pool);
    work(pool);
    wait_until_done(pool);
    pthread_mutex_unlock(&pool->turn);
}

static struct ic_pool *pool_create(void)
{
    struct ic_pool *p = ic_calloc(1, sizeof *p);
    if (!p)
        return NULL;
    pthread_mutex_init(&p->turn, NULL);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    pthread_cond_init(&p->done, NULL);
    return p;
}

static void pool_destroy(struct ic_pool *p)
{
    atomic_store(&p->stop, true);
    start_generation(p);
    for (int i = 0; i < p->n_workers; i++)
        pthread_join(p->threads[i], NULL);
    pthread_mutex_destroy(&p->turn);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->wake);
    pthread_cond_destroy(&p->done);
    ic_free(p);
}

/* Grows only while nobody runs: a new worker must not join a generation that did not count it. */
static void pool_grow(struct ic_pool *p, int n_threads)
{
    pthread_mutex_lock(&p->turn);
    const int wanted = n_threads - 1 < MAX_THREADS ? n_threads - 1 : MAX_THREADS;
    if (wanted > p->n_workers) {
        /* A worker starts with "seen" 0: the generation must be 0 too, or it would join an old one. Restart them all. */
        atomic_store(&p->stop, true);
        start_generation(p);
        for (int i = 0; i < p->n_workers; i++)
            pthread_join(p->threads[i], NULL);
        atomic_store(&p->stop, false);
        atomic_store(&p->generation, 0);
        p->n_workers = 0;
        while (p->n_workers < wanted && pthread_create(&p->threads[p->n_workers], NULL, worker, p) == 0)
            p->n_workers++;
    }
    pthread_mutex_unlock(&p->turn);
}

enum ic_status ic_pool_get(int n_threads, struct ic_pool **out_pool, struct ic_diag *d)
{
    pthread_mutex_lock(&pool_lock);
    if (!the_pool)
        the_pool = pool_create();
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
