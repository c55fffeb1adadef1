/* SPDX-License-Identifier: Apache-2.0
 *
 * What an operator is: attributes, shape rule, quantization rule, lowering to steps. One definition each, in ops/<op>.c; the list is
 * ops.def. No switch over operators stands anywhere else: a new property is a new field here.
 */
#ifndef IC_OPS_OP_H
#define IC_OPS_OP_H

#include "ir/op_def.h"
#include "program/program.h"

/* How many partial sums a contraction of n_outputs results over k terms has (docs/arithmetic.md 4): from shapes alone. */
int32_t ic_ops_partials(int64_t n_outputs, int64_t k);

/* The smallest groups of neighboring axes that a reshape from x to y keeps: axes x_begin[i] .. x_begin[i + 1) of x hold the elements of axes
 * y_begin[i] .. y_begin[i + 1) of y. Arrays of IC_IR_MAX_RANK + 1. How many; 0: axes of extent 1 or 0 are left over. */
int32_t ic_ops_reshape_groups(const struct ic_value *x, const struct ic_value *y, int32_t *x_begin, int32_t *y_begin);

/* ---- what lowering may call (implemented in ops/lowering.c over the struct ic_program being built). Tensor numbers are program tensors. ---- */
uint32_t ic_lower_tensor(struct ic_lowering *l, const struct ic_value *v); /* the value's tensor, made on first use */
uint32_t ic_lower_temp(struct ic_lowering *l, enum ic_dtype dtype, int32_t rank, const int32_t *dims, const char *name);
uint32_t ic_lower_const(struct ic_lowering *l, enum ic_dtype dtype, size_t elements, const void *data); /* copied */
/* v is a view of base's memory beginning offset_bytes into it (reshape, slice of the slowest axis). */
void ic_lower_view(struct ic_lowering *l, const struct ic_value *v, const struct ic_value *base, uint64_t offset_bytes);
/* A zeroed step of that kind to fill; NULL when memory is refused. */
void *ic_lower_step(struct ic_lowering *l, uint32_t kind, const struct ic_node *n);

/* The whole graph to an unplaced, unpacked program: tensors with spaces but without offsets, contract steps with oc_block 1, k_block 1 and
 * weights in source order. compile/ then packs, orders, places. Constants' bytes: tensor_data[i] for const tensors, in p's arena or lent. */
struct ic_lowered {
    struct ic_program program;
    const void **tensor_data; /* per tensor; NULL when not constant */
    uint32_t *view_of;        /* per tensor: the tensor it is a view of, or 0 */
    uint64_t *view_offset_bytes;
};
enum ic_status ic_ops_lower_graph(const struct ic_graph *g, struct ic_lowered *out, struct ic_diag *d) IC_MUST_USE;
void ic_ops_lowered_destroy(struct ic_lowered *l);

#endif
