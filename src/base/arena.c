/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/checked.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK_BYTES = 32 * 1024, ALIGN_BYTES = 16 };

struct ic_arena_chunk {
    struct ic_arena_chunk *before;
    size_t size_bytes, used_bytes;
};

static uint8_t *chunk_bytes(struct ic_arena_chunk *c)
{
    return (uint8_t *)c + ic_round_up(sizeof *c, ALIGN_BYTES);
}

static struct ic_arena_chunk *chunk_create(size_t size_bytes)
{
    size_t total = 0;
    if (!ic_add_size(size_bytes, ic_round_up(sizeof(struct ic_arena_chunk), ALIGN_BYTES), &total))
        return NULL;
    struct ic_arena_chunk *c = ic_malloc_aligned(total, ALIGN_BYTES);
    if (c)
        *c = (struct ic_arena_chunk){.size_bytes = size_bytes};
    return c;
}

/* Large blocks get a chunk of their own behind the last one, so that its rest stays usable. */
static struct ic_arena_chunk *chunk_for(struct ic_arena *a, size_t size_bytes)
{
    struct ic_arena_chunk *last = a->last;
    if (last && last->size_bytes - last->used_bytes >= size_bytes)
        return last;
    struct ic_arena_chunk *c = chunk_create(size_bytes > CHUNK_BYTES / 4 ? size_bytes : CHUNK_BYTES);
    if (!c)
        return NULL;
    if (last && size_bytes > CHUNK_BYTES / 4) {
        c->before = last->before;
        last->before = c;
        return c;
    }
    c->before = last;
    a->last = c;
    return c;
}

void *ic_arena_alloc(struct ic_arena *a, size_t size_bytes)
{
    size_t padded = 0;
    if (!ic_add_size(size_bytes, ALIGN_BYTES - 1, &padded))
        return NULL;
    padded &= ~(size_t)(ALIGN_BYTES - 1);
    size_t total = 0;
    if (!ic_add_size(a->total_bytes, padded, &total) || (a->limit_bytes && total > a->limit_bytes))
        return NULL;
    struct ic_arena_chunk *c = chunk_for(a, padded);
    if (!c)
        return NULL;
    void *at = chunk_bytes(c) + c->used_bytes;
    c->used_bytes += padded;
    a->total_bytes = total;
    memset(at, 0, padded);
    return at;
}

void *ic_arena_array(struct ic_arena *a, size_t count, size_t size_bytes)
{
    size_t total = 0;
    return ic_mul_size(count, size_bytes, &total) ? ic_arena_alloc(a, total) : NULL;
}

void *ic_arena_aligned(struct ic_arena *a, size_t size_bytes, size_t align)
{
    size_t total = 0;
    if (align <= ALIGN_BYTES)
        return ic_arena_alloc(a, size_bytes);
    if (!ic_add_size(size_bytes, align, &total))
        return NULL;
    uint8_t *at = ic_arena_alloc(a, total);
    return at ? at + (ic_round_up((size_t)(uintptr_t)at, align) - (size_t)(uintptr_t)at) : NULL;
}

void *ic_arena_copy(struct ic_arena *a, const void *from, size_t size_bytes)
{
    void *to = ic_arena_alloc(a, size_bytes);
    if (to && size_bytes)
        memcpy(to, from, size_bytes);
    return to;
}

char *ic_arena_text(struct ic_arena *a, const char *text, size_t length)
{
    size_t total = 0;
    char *to = ic_add_size(length, 1, &total) ? ic_arena_alloc(a, total) : NULL;
    if (to && length)
        memcpy(to, text, length);
    return to;
}

char *ic_arena_printf(struct ic_arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *to = n < 0 ? NULL : ic_arena_alloc(a, (size_t)n + 1);
    if (!to)
        return NULL;
    va_start(args, format);
    vsnprintf(to, (size_t)n + 1, format, args);
    va_end(args);
    return to;
}

void ic_arena_destroy(struct ic_arena *a)
{
    while (a->last) {
        struct ic_arena_chunk *before = a->last->before;
        ic_free_aligned(a->last);
        a->last = before;
    }
    a->total_bytes = 0;
}
