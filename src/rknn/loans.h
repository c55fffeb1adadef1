/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory that the library has handed out and that a program gives back: buffers of rknn_outputs_get, memory of rknn_create_mem. What is not in
 * the list was never handed out or has been given back already; it is refused, not freed.
 */
#ifndef IC_RKNN_LOANS_H
#define IC_RKNN_LOANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ic_rknn_loan; /* NULL is an empty list */

/* 64-byte aligned, zeroed; NULL when memory is refused. */
void *ic_rknn_lend(struct ic_rknn_loan **list, size_t size_bytes);
bool ic_rknn_has_lent(const struct ic_rknn_loan *list, const void *memory, size_t *out_size_bytes);
bool ic_rknn_take_back(struct ic_rknn_loan **list, void *memory);
void ic_rknn_take_back_all(struct ic_rknn_loan **list);

#endif
