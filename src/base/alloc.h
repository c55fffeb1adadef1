/* SPDX-License-Identifier: Apache-2.0
 *
 * The only allocator calls of the library. Builds with IC_FAULT_INJECTION count them and fail the n-th (tests/fault).
 */
#ifndef IC_BASE_ALLOC_H
#define IC_BASE_ALLOC_H

#include <stddef.h>
#include <stdint.h>

void *ic_malloc(size_t size_bytes);                       /* NULL when refused; size 0 gives a unique pointer or NULL */
void *ic_calloc(size_t count, size_t size_bytes);         /* zeroed; the product is checked */
void *ic_realloc(void *old, size_t size_bytes);           /* on failure NULL, and old stays valid */
void ic_free(void *memory);                               /* NULL is fine */
void *ic_malloc_aligned(size_t size_bytes, size_t align); /* align a power of two; freed with ic_free_aligned */
void ic_free_aligned(void *memory);

#ifdef IC_FAULT_INJECTION
/* The n-th allocation from now (1 = the next) and every later one fails; 0 switches it off. */
void ic_fault_set(uint64_t n_until_failure);
uint64_t ic_fault_count(void); /* allocations since the last ic_fault_set */
#endif

/* Memory freed as a whole. Zero-initialised is a valid, empty arena. Not thread-safe. */
struct ic_arena_chunk;
struct ic_arena {
    struct ic_arena_chunk *last;
    size_t total_bytes; /* handed out so far */
    size_t limit_bytes; /* 0 = none; an allocation beyond it is refused */
};

void *ic_arena_alloc(struct ic_arena *a, size_t size_bytes);                 /* 16-byte aligned, zeroed; NULL when refused */
void *ic_arena_array(struct ic_arena *a, size_t count, size_t size_bytes);   /* the product is checked */
void *ic_arena_aligned(struct ic_arena *a, size_t size_bytes, size_t align); /* zeroed */
void *ic_arena_copy(struct ic_arena *a, const void *from, size_t size_bytes);
char *ic_arena_text(struct ic_arena *a, const char *text, size_t length); /* adds the final NUL */
char *ic_arena_printf(struct ic_arena *a, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;
void ic_arena_destroy(struct ic_arena *a); /* leaves an empty arena */

#endif
