/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"

#include "base/checked.h"

#include <stdlib.h>
#include <string.h>

#ifdef IC_FAULT_INJECTION
static uint64_t fault_at, fault_counted;

void ic_fault_set(uint64_t n_until_failure)
{
    fault_at = n_until_failure;
    fault_counted = 0;
}

uint64_t ic_fault_count(void)
{
    return fault_counted;
}

static bool refused(void)
{
    fault_counted++;
    return fault_at != 0 && fault_counted >= fault_at;
}
#else
static bool refused(void)
{
    return false;
}
#endif

/* What no pointer difference can span is refused here: allocators complain about it in ways of their own. */
static bool possible(size_t size_bytes)
{
    return size_bytes <= PTRDIFF_MAX && !refused();
}

void *ic_malloc(size_t size_bytes)
{
    return possible(size_bytes) ? malloc(size_bytes) : NULL;
}

void *ic_calloc(size_t count, size_t size_bytes)
{
    size_t total = 0;
    return ic_mul_size(count, size_bytes, &total) && possible(total) ? calloc(count, size_bytes) : NULL;
}

void *ic_realloc(void *old, size_t size_bytes)
{
    return possible(size_bytes) ? realloc(old, size_bytes) : NULL;
}

void ic_free(void *memory)
{
    free(memory);
}

/* The pointer that malloc gave stands just before the aligned block. */
void *ic_malloc_aligned(size_t size_bytes, size_t align)
{
    size_t total = 0;
    if (!ic_add_size(size_bytes, align + sizeof(void *), &total))
        return NULL;
    uint8_t *raw = ic_malloc(total);
    if (!raw)
        return NULL;
    const uintptr_t first = (uintptr_t)raw + sizeof(void *);
    uint8_t *aligned = raw + sizeof(void *) + (ic_round_up((size_t)first, align) - (size_t)first);
    memcpy(aligned - sizeof(void *), &raw, sizeof raw);
    return aligned;
}

void ic_free_aligned(void *memory)
{
    if (!memory)
        return;
    void *raw;
    memcpy(&raw, (uint8_t *)memory - sizeof(void *), sizeof raw);
    ic_free(raw);
}
