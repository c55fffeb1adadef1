/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules that several operators share: shapes, broadcasting, copies, the integer form of fused ends. Inside ops/ only.
 */
#ifndef IC_OPS_COMMON_H
#define IC_OPS_COMMON_H

#include "ops/op.h"

#define IC_ALL_STAGES ((1u << IC_STAGE_IMPORTED) | (1u << IC_STAGE_OPTIMIZED) | (1u << IC_STAGE_QUANTIZED))

/* The list of attributes of an operator that has none. */
extern const struct ic_attr_def ic_no_attrs[];

/* Output 0 is like input 0: dtype, dims, layout. */
enum ic_status ic_infer_same(const struct ic_node *n, struct ic_value *out, struct ic_diag *d);
/* NumPy broadcasting of inputs 0 and 1. */
enum ic_status ic_infer_broadcast(const struct ic_node *n, struct ic_value *out, struct ic_diag *d);
/* "Conv conv1 (aten::_convolution, code/x.py:12): " for messages. */
const char *ic_node_label(const struct ic_node *n, char *text, size_t capacity_bytes);
/* Attribute i must hold `wanted` integers. */
enum ic_status ic_want_ints(const struct ic_node *n, int i_attr, int32_t wanted, struct ic_diag *d);
/* attr i as an axis of rank: negative counts from the end. */
enum ic_status ic_want_axis(const struct ic_node *n, int64_t axis, int32_t rank, int32_t *out, struct ic_diag *d);

static inline bool ic_is_quantized(const struct ic_value *v)
{
    return v->quant.n_scales > 0;
}
static inline uint32_t ic_arith_of(const struct ic_value *v)
{
    return ic_is_quantized(v) ? IC_ARITH_S32 : IC_ARITH_F32;
}

/* Code of real value x in quantized value v, clamped to its type. */
int32_t ic_code_of(const struct ic_value *v, float x);
/* q_lo, q_hi of output v after the fused end post (none, relu, clamp only). */
void ic_code_bounds(const struct ic_value *v, const struct ic_post *post, int32_t *lo, int32_t *hi);

/* Strided move; axes of extent 1 are dropped, adjacent axes merged. Strides and offsets in elements. */
struct ic_move {
    int32_t rank;
    int32_t dims[IC_MAX_RANK];
    int64_t x_stride[IC_MAX_RANK], y_stride[IC_MAX_RANK];
    int64_t x_offset, y_offset;
};
enum ic_status ic_lower_move(struct ic_lowering *l, const struct ic_node *n, uint32_t x, uint32_t y, enum ic_dtype dtype,
                             const struct ic_move *m, struct ic_diag *d);
/* sink_transpose of what treats all axes alike, and of what has one attribute `axis` at index 0. */
bool ic_sink_alike(struct ic_node *n, const int64_t *perm, int32_t rank, int64_t *out_perm, int32_t *out_rank);
bool ic_sink_axis(struct ic_node *n, const int64_t *perm, int32_t rank, int64_t *out_perm, int32_t *out_rank);
/* Attribute i has one number per axis: they follow their axes. */
void ic_sink_ints(struct ic_node *n, int i_attr, const int64_t *perm, int32_t rank);

/* The walk over dense y and operands that broadcast to it, as ZIP, COMBINE and SELECT want it: dims (IC_MAX_RANK of them) and the operands'
 * strides in elements, adjacent axes merged, at least one axis. The rank. */
int32_t ic_broadcast_walk(const struct ic_value *y, const struct ic_value *const *operands, int n, int32_t *dims,
                          int32_t *const *strides);

/* Row-major strides of dims. */
void ic_dense_strides(int32_t rank, const int32_t *dims, int64_t *strides);

/* Attribute i is 1, 4 or 16. */
enum ic_status ic_want_partials(const struct ic_node *n, int i_attr, struct ic_diag *d);

enum ic_status ic_lower_out_of_memory(const struct ic_node *n, struct ic_diag *d);

/* Everything CONTRACT of convolution and fully connected has in common: operands, bias, scale, ends. s->oc and the window are set. k is the
 * number of weights of one output channel. */
enum ic_status ic_lower_contract_ends(struct ic_lowering *l, const struct ic_node *n, struct ic_step_contract *s, int64_t k,
                                      struct ic_diag *d);

#endif
