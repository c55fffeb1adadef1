/* SPDX-License-Identifier: Apache-2.0 */
#include "rknn/loans.h"

#include "base/alloc.h"
#include "base/checked.h"

#include <string.h>

enum { HEAD_BYTES = 64 };

/* Stands in front of the memory. */
struct ic_rknn_loan {
    struct ic_rknn_loan *next;
    size_t size_bytes;
};
_Static_assert(sizeof(struct ic_rknn_loan) <= HEAD_BYTES, "the head holds the link");

static const void *memory_of(const struct ic_rknn_loan *loan)
{
    return (const uint8_t *)loan + HEAD_BYTES;
}

void *ic_rknn_lend(struct ic_rknn_loan **list, size_t size_bytes)
{
    size_t total = 0;
    struct ic_rknn_loan *loan = ic_add_size(size_bytes, HEAD_BYTES, &total) ? ic_malloc_aligned(total, 64) : NULL;
    if (!loan)
        return NULL;
    memset(loan, 0, total);
    loan->size_bytes = size_bytes;
    loan->next = *list;
    *list = loan;
    return (uint8_t *)loan + HEAD_BYTES;
}

bool ic_rknn_has_lent(const struct ic_rknn_loan *list, const void *memory, size_t *out_size_bytes)
{
    for (; list; list = list->next)
        if (memory_of(list) == memory) {
            *out_size_bytes = list->size_bytes;
            return true;
        }
    return false;
}

bool ic_rknn_take_back(struct ic_rknn_loan **list, void *memory)
{
    for (; *list; list = &(*list)->next)
        if (memory_of(*list) == memory) {
            struct ic_rknn_loan *found = *list;
            *list = found->next;
            ic_free_aligned(found);
            return true;
        }
    return false;
}

void ic_rknn_take_back_all(struct ic_rknn_loan **list)
{
    while (*list) {
        struct ic_rknn_loan *first = *list;
        *list = first->next;
        ic_free_aligned(first);
    }
}
