/* SPDX-License-Identifier: Apache-2.0
 *
 * Names to numbers: a search tree in an arena. Names are lent.
 */
#ifndef IC_IMPORT_NAME_INDEX_H
#define IC_IMPORT_NAME_INDEX_H

#include "base/alloc.h"

#include <stdbool.h>

#define IC_NAME_BRANCH 0x80000000u /* in a number that leads on: a branch, else a slot */

struct ic_name_index {
    struct ic_name_slot {
        const char *name;
        uint32_t number;
    } * slots;
    struct ic_name_branch {
        uint32_t byte, bit; /* where the names below differ */
        uint32_t to[2];
    } * branches; /* [n], the first is not used */
    uint32_t root, n, room;
};

/* NULL: not there. Valid until the next ic_name_index_put. */
uint32_t *ic_name_index_find(const struct ic_name_index *x, const char *name);
/* Adds name, or gives it another number. False: no memory. */
bool ic_name_index_put(struct ic_name_index *x, struct ic_arena *arena, const char *name, uint32_t number);

#endif
