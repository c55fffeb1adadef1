/* SPDX-License-Identifier: Apache-2.0
 *
 * A block of strings, each once, in the order of their first use. The empty one stands at 0.
 */
#ifndef IC_BASE_TEXTS_H
#define IC_BASE_TEXTS_H

#include "base/bytes.h"

/* Zero-initialise. block.failed: memory was refused once, and every further call answers 0. */
struct ic_texts {
    struct ic_writer block; /* what is written: each with its NUL */
    uint32_t *slots;        /* open addressing: places of strings in block, 0 free */
    size_t n_slots, n_used; /* a power of two, at most half of them used */
};

/* Where text stands in the block; NULL is empty. */
uint32_t ic_texts_add(struct ic_texts *t, const char *text);
void ic_texts_destroy(struct ic_texts *t);

#endif
