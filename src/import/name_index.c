/* SPDX-License-Identifier: Apache-2.0 */
#include "import/name_index.h"

#include <string.h>

static struct ic_name_slot *slot_of(struct ic_name_slot *slots, size_t n_slots, const char *name)
{
    uint32_t h = 2166136261u;
    for (const char *p = name; *p; ++p)
        h = (h ^ (uint8_t)*p) * 16777619u;
    size_t at = (h ^ h >> 15) & (n_slots - 1);
    while (slots[at].name && strcmp(slots[at].name, name) != 0)
        at = (at + 1) & (n_slots - 1);
    return &slots[at];
}

uint32_t *ic_name_index_find(const struct ic_name_index *x, const char *name)
{
    struct ic_name_slot *slot = x->n_slots ? slot_of(x->slots, x->n_slots, name) : NULL;
    return slot && slot->name ? &slot->number : NULL;
}

bool ic_name_index_put(struct ic_name_index *x, struct ic_arena *arena, const char *name, uint32_t number)
{
    if (2 * x->n >= x->n_slots) {
        const size_t n_slots = x->n_slots ? 2 * x->n_slots : 16;
        struct ic_name_slot *wider = ic_arena_array(arena, n_slots, sizeof *wider);
        if (!wider)
            return false;
        for (size_t i = 0; i < x->n_slots; ++i)
            if (x->slots[i].name)
                *slot_of(wider, n_slots, x->slots[i].name) = x->slots[i];
        x->slots = wider;
        x->n_slots = n_slots;
    }
    struct ic_name_slot *slot = slot_of(x->slots, x->n_slots, name);
    x->n += !slot->name;
    *slot = (struct ic_name_slot){.name = name, .number = number};
    return true;
}
