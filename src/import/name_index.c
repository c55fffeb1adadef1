/* SPDX-License-Identifier: Apache-2.0
 *
 * A binary tree that branches where names differ first (crit-bit). A way down it is at most eight branches per byte of the name that is looked
 * for, whatever the other names are: no choice of names in a file makes it slow, as a hash table's would, and nothing depends on chance.
 */
#include "import/name_index.h"

#include <string.h>

/* Which way name goes at a branch; past its end a name has zeros. */
static int side_of(const struct ic_name_branch *b, const char *name, size_t length)
{
    const uint32_t c = b->byte < length ? (uint8_t)name[b->byte] : 0;
    return (c & b->bit) != 0;
}

/* The name of the tree that shares most branches with this one. */
static struct ic_name_slot *nearest(const struct ic_name_index *x, const char *name, size_t length)
{
    uint32_t at = x->root;
    while (at & IC_NAME_BRANCH)
        at = x->branches[at & ~IC_NAME_BRANCH].to[side_of(&x->branches[at & ~IC_NAME_BRANCH], name, length)];
    return &x->slots[at];
}

uint32_t *ic_name_index_find(const struct ic_name_index *x, const char *name)
{
    struct ic_name_slot *slot = x->n ? nearest(x, name, strlen(name)) : NULL;
    return slot && strcmp(slot->name, name) == 0 ? &slot->number : NULL;
}

static bool widen(struct ic_name_index *x, struct ic_arena *arena)
{
    if (x->n < x->room)
        return true;
    if (x->n >= IC_NAME_BRANCH / 2)
        return false;
    const uint32_t room = x->room ? 2 * x->room : 16;
    struct ic_name_slot *slots = ic_arena_array(arena, room, sizeof *slots);
    struct ic_name_branch *branches = ic_arena_array(arena, room, sizeof *branches);
    if (!slots || !branches)
        return false;
    if (x->n) {
        memcpy(slots, x->slots, x->n * sizeof *slots);
        memcpy(branches, x->branches, x->n * sizeof *branches);
    }
    x->slots = slots;
    x->branches = branches;
    x->room = room;
    return true;
}

/* The place where a and b, which differ, do so first: the byte, and its highest bit that differs. */
static struct ic_name_branch first_difference(const char *a, const char *b)
{
    uint32_t byte = 0;
    while (a[byte] == b[byte])
        byte++;
    uint32_t bit = 128;
    while ((((uint8_t)a[byte] ^ (uint8_t)b[byte]) & bit) == 0)
        bit >>= 1;
    return (struct ic_name_branch){.byte = byte, .bit = bit};
}

bool ic_name_index_put(struct ic_name_index *x, struct ic_arena *arena, const char *name, uint32_t number)
{
    const size_t length = strlen(name);
    struct ic_name_slot *near = x->n ? nearest(x, name, length) : NULL;
    if (near && strcmp(near->name, name) == 0) {
        *near = (struct ic_name_slot){.name = name, .number = number};
        return true;
    }
    struct ic_name_branch made = {0};
    if (near)
        made = first_difference(near->name, name);
    if (length >= UINT32_MAX || !widen(x, arena))
        return false;
    uint32_t *place = &x->root; /* branches stand in the order of their bits on every way down */
    while (x->n && (*place & IC_NAME_BRANCH)) {
        struct ic_name_branch *b = &x->branches[*place & ~IC_NAME_BRANCH];
        if (b->byte > made.byte || (b->byte == made.byte && b->bit < made.bit))
            break;
        place = &b->to[side_of(b, name, length)];
    }
    x->slots[x->n] = (struct ic_name_slot){.name = name, .number = number};
    if (x->n) { /* branch n stands above slot n */
        const int side = side_of(&made, name, length);
        made.to[side] = x->n;
        made.to[!side] = *place;
        x->branches[x->n] = made;
    }
    *place = x->n ? x->n | IC_NAME_BRANCH : 0;
    x->n++;
    return true;
}
