/* SPDX-License-Identifier: Apache-2.0
 *
 * Names to numbers: a hash table in an arena. Names are lent.
 */
#ifndef IC_IMPORT_NAME_INDEX_H
#define IC_IMPORT_NAME_INDEX_H

#include "base/alloc.h"

#include <stdbool.h>

struct ic_name_index {
    struct ic_name_slot {
        const char *name; /* NULL: empty */
        uint32_t number;
    } * slots;
    size_t n_slots, n; /* n_slots: a power of two, or 0 */
};

/* NULL: not there. Valid until the next ic_name_index_put. */
uint32_t *ic_name_index_find(const struct ic_name_index *x, const char *name);
/* Adds name, or gives it another number. False: no memory. */
bool ic_name_index_put(struct ic_name_index *x, struct ic_arena *arena, const char *name, uint32_t number);

#endif
