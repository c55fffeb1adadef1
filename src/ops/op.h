/* SPDX-License-Identifier: Apache-2.0
 *
 * What an operator is: attributes, shape rule, quantization rule, lowering to steps. One definition each, in ops/<op>.c; the list is
 * ops.def. No switch over operators stands anywhere else: a new property is a new field here.
 */
#ifndef IC_OPS_OP_H
#define IC_OPS_OP_H

#include "ir/graph.h"
#include "program/program.h"

struct ic_attr_def {
    const char *name; /* "stride"; NULL ends the list */
    enum ic_attr_kind kind;
    double default_number; /* INT, FLOAT, ENUM; INTS start empty */
    const char *(*enum_name)(int64_t i); /* ENUM */
};

/* How a quantized build treats it. */
enum ic_quant_rule {
    IC_QUANT_FLOAT = 0,      /* stays float between dequantize and quantize */
    IC_QUANT_CONTRACT,       /* u8 activations, s8 weights per output channel, s32 bias */
    IC_QUANT_KEEP,           /* output codes mean what input codes mean: same scale and zero (reshape, max pool, transpose ...) */
    IC_QUANT_REQUANT,        /* integer arithmetic with its own output parameters (add, mul, mean ...) */
    IC_QUANT_LUT             /* one 8-bit input, table of 256 (map) */
};

struct ic_lowering; /* compile/lower.h fills it; ops only call the functions below */

struct ic_op_def {
    const char *name;               /* "Conv": in text form and messages */
    int8_t min_inputs, max_inputs;  /* max -1: any number */
    int8_t n_outputs;
    const struct ic_attr_def *attrs;
    bool post_ok;                   /* a map may be fused into it */
    bool moves_only;                /* copies bits: layout and quantization pass through */
    bool pure_elementwise;          /* one output element from the same place(s) of the inputs: transposes may sink through */
    enum ic_quant_rule quant;
    uint32_t stages;                /* bit per enum ic_stage in which it may exist */
    /* Fills out[0 .. n_outputs) with dtype, rank, dims, layout. */
    enum ic_status (*infer)(const struct ic_node *n, struct ic_value *out, struct ic_diag *d);
    /* Emits steps. */
    enum ic_status (*lower)(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d);
};

extern const struct ic_op_def *const ic_op_table[IC_OP_COUNT]; /* [IC_OP_NONE] is NULL */
const struct ic_op_def *ic_op_def(enum ic_op op);
enum ic_op ic_op_from_name(const char *name); /* IC_OP_NONE when unknown */
int ic_op_attr_index(enum ic_op op, const char *name); /* -1 when it has none of that name */

/* ---- what lowering may call (implemented in ops/lowering.c over the struct ic_program being built). Tensor numbers are program tensors. ---- */
uint32_t ic_lower_tensor(struct ic_lowering *l, const struct ic_value *v);     /* the value's tensor, made on first use */
uint32_t ic_lower_temp(struct ic_lowering *l, enum ic_dtype dtype, int32_t rank, const int32_t *dims, const char *name);
uint32_t ic_lower_const(struct ic_lowering *l, enum ic_dtype dtype, size_t elements, const void *data); /* copied */
/* v is a view of base's memory beginning offset_bytes into it (reshape, slice of the slowest axis). */
void ic_lower_view(struct ic_lowering *l, const struct ic_value *v, const struct ic_value *base, uint64_t offset_bytes);
/* A zeroed step of that kind to fill; NULL when memory is refused (then ic_lower_failed is true). */
void *ic_lower_step(struct ic_lowering *l, uint32_t kind, const struct ic_node *n);
bool ic_lower_failed(const struct ic_lowering *l);

/* The whole graph to an unplaced, unpacked program: tensors with spaces but without offsets, contract steps with oc_block 1, k_block 1 and
 * weights in source order. compile/ then packs, orders, places. Constants' bytes: tensor_data[i] for const tensors, in p's arena or lent. */
struct ic_lowered {
    struct ic_program program;
    const void **tensor_data;   /* per tensor; NULL when not constant */
    uint32_t *view_of;          /* per tensor: the tensor it is a view of, or 0 */
    uint64_t *view_offset_bytes;
};
enum ic_status ic_ops_lower_graph(const struct ic_graph *g, struct ic_lowered *out, struct ic_diag *d) IC_MUST_USE;
void ic_ops_lowered_destroy(struct ic_lowered *l);

#endif
