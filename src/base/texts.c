/* SPDX-License-Identifier: Apache-2.0 */
#include "base/texts.h"

#include "base/alloc.h"

#include <string.h>

/* The slot that has text, or the free one where it belongs. */
static size_t slot_of(const struct ic_texts *t, const char *text, size_t length)
{
    size_t slot = ic_crc32(0, text, length) & (t->n_slots - 1);
    while (t->slots[slot] && strcmp((const char *)t->block.bytes + t->slots[slot], text) != 0)
        slot = (slot + 1) & (t->n_slots - 1);
    return slot;
}

static bool make_room(struct ic_texts *t)
{
    if (2 * t->n_used < t->n_slots)
        return true;
    const struct ic_texts old = *t;
    t->n_slots = old.n_slots ? 2 * old.n_slots : 64;
    t->slots = ic_calloc(t->n_slots, sizeof *t->slots);
    for (size_t i = 0; t->slots && i < old.n_slots; i++)
        if (old.slots[i]) {
            const char *text = (const char *)t->block.bytes + old.slots[i];
            t->slots[slot_of(t, text, strlen(text))] = old.slots[i];
        }
    ic_free(old.slots);
    t->block.failed = t->block.failed || !t->slots;
    return t->slots != NULL;
}

uint32_t ic_texts_add(struct ic_texts *t, const char *text)
{
    if (t->block.size_bytes == 0)
        ic_write_u8(&t->block, 0);
    if (!text || !*text || t->block.failed || !make_room(t))
        return 0;
    const size_t length = strlen(text), slot = slot_of(t, text, length);
    if (t->slots[slot])
        return t->slots[slot];
    const uint32_t at = (uint32_t)t->block.size_bytes;
    ic_write_bytes(&t->block, text, length + 1);
    if (t->block.failed)
        return 0;
    t->slots[slot] = at;
    t->n_used++;
    return at;
}

void ic_texts_destroy(struct ic_texts *t)
{
    ic_writer_destroy(&t->block);
    ic_free(t->slots);
    *t = (struct ic_texts){0};
}
