/* SPDX-License-Identifier: Apache-2.0
 *
 * The shape of an operator's definition, and the places of its attributes. The definitions themselves stand in ops/; the graph only
 * reads them through ic_op_table, which ops/ fills.
 */
#ifndef IC_IR_OP_DEF_H
#define IC_IR_OP_DEF_H

#include "ir/graph.h"

/* ---- attributes: index into ic_node.attrs, name in the text form ----
 * Conv: x [n h w c], weights [oc kh kw ic/groups], bias [oc] or absent */
enum {
    IC_CONV_STRIDE /* 2 ints: h w */,
    IC_CONV_DILATION /* 2 */,
    IC_CONV_PAD /* 4: top left bottom right */,
    IC_CONV_GROUPS,
    IC_CONV_PARTIALS
};
/* Linear: x [.. K], weights [N K], bias [N] or absent; MatMul: [.. m k] [.. k n], batch axes broadcast */
enum { IC_LINEAR_PARTIALS };
/* BatchNorm: x, scale, bias, mean, variance, each [dims[axis]] */
enum { IC_BATCH_NORM_AXIS, IC_BATCH_NORM_EPS };
enum { IC_MAP_ATTR_FN /* enum ic_map_fn */, IC_MAP_ATTR_A, IC_MAP_ATTR_B };
/* MaxPool, AvgPool: x [n h w c] */
enum {
    IC_POOL_ATTR_KERNEL /* 2 */,
    IC_POOL_ATTR_STRIDE /* 2 */,
    IC_POOL_ATTR_DILATION /* 2 */,
    IC_POOL_ATTR_PAD /* 4 */,
    IC_POOL_ATTR_CEIL,
    IC_POOL_ATTR_COUNT_PAD,
    IC_POOL_ATTR_DIVISOR /* 0: none */
};
/* ReduceSum, ReduceMean, ReduceMax, ReduceMin, ReduceProd: axes none: all */
enum { IC_REDUCE_AXES, IC_REDUCE_KEEP };
enum { IC_SOFTMAX_AXIS, IC_SOFTMAX_LOG };
enum { IC_RESHAPE_SHAPE /* all known: no -1 */ };
enum { IC_TRANSPOSE_PERM /* output axis i is input axis perm[i] */ };
enum { IC_CONCAT_AXIS };
enum { IC_SLICE_STARTS, IC_SLICE_ENDS, IC_SLICE_STEPS /* one per axis, in range, steps >= 1 */ };
enum { IC_PAD_BEFORE, IC_PAD_AFTER, IC_PAD_VALUE };
enum { IC_EXPAND_SHAPE };
enum { IC_CAST_DTYPE /* enum ic_dtype */ };

/* Arg: the axis stays, with extent 1 */
enum { IC_ARG_AXIS, IC_ARG_LEAST, IC_ARG_LAST };
enum { IC_TOP_AXIS, IC_TOP_K, IC_TOP_LEAST };
enum { IC_SCAN_AXIS, IC_SCAN_PRODUCT, IC_SCAN_EXCLUSIVE, IC_SCAN_REVERSE };
enum { IC_GATHER_AXIS, IC_GATHER_BATCH };
enum { IC_GATHER_ELEMENTS_AXIS };
enum { IC_GATHER_ND_BATCH };
enum { IC_SCATTER_ELEMENTS_AXIS, IC_SCATTER_ELEMENTS_FN /* enum ic_scatter_fn */ };
enum { IC_SCATTER_ND_FN };
enum { IC_RESAMPLE_AXIS };
enum { IC_BIT_CAST_DTYPE /* enum ic_dtype */ };
enum { IC_FAKE_QUANT_SCALE, IC_FAKE_QUANT_ZERO /* of u8 codes */ };
enum { IC_NMS_MOST, IC_NMS_OVERLAP, IC_NMS_HAS_LEAST, IC_NMS_LEAST, IC_NMS_CENTER };

struct ic_attr_def {
    const char *name; /* "stride"; NULL ends the list */
    enum ic_attr_kind kind;
    double default_number;               /* INT, FLOAT, ENUM; INTS start empty */
    const char *(*enum_name)(int64_t i); /* ENUM */
};

/* How a quantized build treats it. */
enum ic_quant_rule {
    IC_QUANT_FLOAT = 0, /* stays float between dequantize and quantize */
    IC_QUANT_CONTRACT,  /* u8 activations, s8 weights per output channel, s32 bias */
    IC_QUANT_KEEP,      /* output codes mean what input codes mean: same scale and zero (reshape, max pool, transpose ...) */
    IC_QUANT_REQUANT,   /* integer arithmetic with its own output parameters (add, mul, mean ...) */
    IC_QUANT_LUT,       /* one 8-bit input, table of 256 (map) */
    IC_QUANT_ORDER      /* reads codes, whose order is that of what they mean, and gives places (arg, top) */
};

/* Which element types operands may have in a build that does not quantize them. */
enum ic_type_rule {
    IC_TYPES_FLOAT = 0, /* all f32 or f16 */
    IC_TYPES_NUMBER,    /* all f32 or f16, or all one integer type */
    IC_TYPES_OWN        /* what the shape rule lets through */
};

struct ic_lowering; /* compile/lower.h fills it; ops only call the functions below */

struct ic_op_def {
    const char *name;              /* "Conv": in text form and messages */
    int8_t min_inputs, max_inputs; /* max -1: any number */
    int8_t n_outputs;
    const struct ic_attr_def *attrs;
    bool post_ok;    /* a map may be fused into it */
    bool moves_only; /* copies bits: layout and quantization pass through */
    bool tables; /* inputs from 1 on are constants with axes and types of their own (weights, tables): never transposed with x */
    bool pure_elementwise; /* one output element from the same place(s) of the inputs: transposes may sink through */
    enum ic_quant_rule quant;
    /* NULL, or whether this node may follow the rule; else it computes floats. */
    bool (*quant_fits)(const struct ic_node *n);
    bool codes_scale; /* on codes a fused x * a is part of its requantizing scale */
    uint32_t places;  /* bit per operand that is an index or a condition: neither floats nor codes */
    enum ic_type_rule types;
    uint32_t stages; /* bit per enum ic_stage in which it may exist */
    /* Fills out[0 .. n_outputs) with dtype, rank, dims, layout. */
    enum ic_status (*infer)(const struct ic_node *n, struct ic_value *out, struct ic_diag *d);
    /* Emits steps. NULL: optimize removes it. */
    enum ic_status (*lower)(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d);
    /* Lets a transpose of the operands move behind the node: their axis i is axis perm[i] before the transpose. Rewrites n's attributes for
     * operands that are not transposed any more and says the transpose of the result. False: it cannot, n is as before. NULL: it never can.
     * Called while n still reads the transposed operands. */
    bool (*sink_transpose)(struct ic_node *n, const int64_t *perm, int32_t rank, int64_t *out_perm, int32_t *out_rank);
};

extern const struct ic_op_def *const ic_op_table[IC_OP_COUNT]; /* [IC_OP_NONE] is NULL */
const struct ic_op_def *ic_op_def(enum ic_op op);
enum ic_quant_rule ic_op_quant(const struct ic_node *n); /* the rule that this node follows */
enum ic_op ic_op_from_name(const char *name);            /* IC_OP_NONE when unknown */
int ic_op_attr_index(enum ic_op op, const char *name);   /* -1 when it has none of that name */
int ic_op_n_attrs(enum ic_op op);

#endif
