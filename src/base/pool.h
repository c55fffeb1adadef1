/* SPDX-License-Identifier: Apache-2.0
 *
 * One thread pool per process, shared by all sessions. Work is split by output ranges only, so the number of threads
 * never changes a bit. Waiting threads spin for a bounded time, then sleep; while sharing does not pay, callers work alone.
 */
#ifndef IC_BASE_POOL_H
#define IC_BASE_POOL_H

#include "base/status.h"

#include <stdbool.h>

struct ic_pool;

/* A reference to the process's pool, grown to at least n_threads (1 = no threads are started). */
enum ic_status ic_pool_get(int n_threads, struct ic_pool **out_pool, struct ic_diag *d) IC_MUST_USE;
void ic_pool_put(struct ic_pool *pool); /* the last reference joins the threads; NULL is fine */

/* Its threads, those that are and those to come, run on these CPUs only; n 0: wherever the caller may. IC_ERR_ARG when the system refuses. */
enum ic_status ic_pool_set_cpus(const int32_t *cpus, int32_t n, struct ic_diag *d) IC_MUST_USE;
int ic_pool_n_cpus(void); /* how many were set; 0 none */

/* Calls part(user, i) once for every i in 0 .. n_parts-1, on up to n_threads threads including the caller's, and returns
 * when all are done. part sets the float mode it needs itself. n_parts 1 runs in
 * the caller without waking anybody. While one caller is helped, others work alone. pool may be NULL (runs all parts in the caller). */
void ic_pool_run(struct ic_pool *pool, int n_threads, int n_parts, void (*part)(void *user, int i_part), void *user);

/* For tests of threads: work is shared even while it does not pay. */
void ic_pool_share_always(bool yes);

#endif
