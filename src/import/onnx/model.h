/* SPDX-License-Identifier: Apache-2.0
 *
 * ONNX messages as structs: names are copied, data stays in the file. Sub-graphs and tensors of attributes are read when they are asked for.
 */
#ifndef IC_IMPORT_ONNX_MODEL_H
#define IC_IMPORT_ONNX_MODEL_H

#include "import/import.h"
#include "import/wire.h"

/* TensorProto.DataType */
enum ic_onnx_type {
    IC_ONNX_UNDEFINED = 0,
    IC_ONNX_FLOAT = 1,
    IC_ONNX_UINT8 = 2,
    IC_ONNX_INT8 = 3,
    IC_ONNX_UINT16 = 4,
    IC_ONNX_INT16 = 5,
    IC_ONNX_INT32 = 6,
    IC_ONNX_INT64 = 7,
    IC_ONNX_STRING = 8,
    IC_ONNX_BOOL = 9,
    IC_ONNX_FLOAT16 = 10,
    IC_ONNX_DOUBLE = 11,
    IC_ONNX_UINT32 = 12,
    IC_ONNX_UINT64 = 13,
    IC_ONNX_COMPLEX64 = 14,
    IC_ONNX_COMPLEX128 = 15,
    IC_ONNX_BFLOAT16 = 16,
    IC_ONNX_FLOAT8E4M3FN = 17,
    IC_ONNX_FLOAT8E4M3FNUZ = 18,
    IC_ONNX_FLOAT8E5M2 = 19,
    IC_ONNX_FLOAT8E5M2FNUZ = 20,
    IC_ONNX_UINT4 = 21,
    IC_ONNX_INT4 = 22,
    IC_ONNX_FLOAT4E2M1 = 23,
    IC_ONNX_FLOAT8E8M0 = 24,
    IC_ONNX_UINT2 = 25,
    IC_ONNX_INT2 = 26,
    IC_ONNX_FLOAT6E2M3 = 27,
    IC_ONNX_FLOAT6E3M2 = 28,
    IC_ONNX_TYPE_COUNT
};
const char *ic_onnx_type_name(int32_t type); /* "FLOAT16" */

struct ic_onnx_span {
    const uint8_t *bytes;
    size_t size_bytes;
};

enum ic_onnx_attr_type {
    IC_ONNX_ATTR_FLOAT = 1,
    IC_ONNX_ATTR_INT = 2,
    IC_ONNX_ATTR_STRING = 3,
    IC_ONNX_ATTR_TENSOR = 4,
    IC_ONNX_ATTR_GRAPH = 5,
    IC_ONNX_ATTR_FLOATS = 6,
    IC_ONNX_ATTR_INTS = 7,
    IC_ONNX_ATTR_STRINGS = 8,
    IC_ONNX_ATTR_SPARSE = 11
};

struct ic_onnx_attr {
    const char *name;
    const char *ref; /* in a function: the name of the caller's attribute; NULL otherwise */
    int32_t type;
    float f;
    int64_t i;
    const char *s;               /* NUL-terminated copy */
    struct ic_onnx_span message; /* TENSOR, GRAPH */
    int32_t n;
    const float *floats;
    const int64_t *ints;
    const char **strings;
};

struct ic_onnx_node {
    const char *op, *domain, *name, *overload;
    int32_t n_inputs, n_outputs, n_attrs;
    const char **inputs, **outputs; /* "" omitted */
    struct ic_onnx_attr *attrs;
};

struct ic_onnx_value_info {
    const char *name;
    int32_t type;                       /* enum ic_onnx_type; UNDEFINED when it is no tensor */
    const char *kind;                   /* "tensor", "map", "sparse tensor", "unknown": what it, or each element, is */
    const char *given_as;               /* the name by which the user speaks of it; NULL: its own */
    bool sequence, optional;            /* a sequence of them, or something that may be absent */
    int32_t rank;                       /* -1 unknown */
    int64_t dims[IC_IR_MAX_RANK];       /* -1: free */
    const char *params[IC_IR_MAX_RANK]; /* the free dimension's name, "" none */
};

struct ic_onnx_graph {
    const char *name;
    int32_t n_nodes, n_initializers, n_sparse, n_inputs, n_outputs;
    struct ic_onnx_node *nodes;
    struct ic_onnx_span *initializers, *sparse;
    const char **initializer_names; /* of the dense ones */
    struct ic_onnx_span bytes;      /* of the message */
    struct ic_onnx_value_info *inputs, *outputs;
};

struct ic_onnx_opset {
    const char *domain; /* "" is ai.onnx */
    int64_t version;
};

struct ic_onnx_function {
    const char *name, *domain, *overload;
    int32_t n_inputs, n_outputs, n_nodes, n_defaults, n_opsets;
    const char **inputs, **outputs;
    struct ic_onnx_node *nodes;
    struct ic_onnx_attr *defaults;
    struct ic_onnx_opset *opsets;
};

struct ic_onnx_model {
    int64_t ir_version;
    const char *producer, *producer_version;
    int32_t n_opsets, n_functions;
    struct ic_onnx_opset *opsets;
    struct ic_onnx_function *functions;
    struct ic_onnx_graph graph;
};

struct ic_onnx_reader {
    struct ic_arena *arena;
    struct ic_diag *d;
    const uint8_t *file; /* to tell where */
    uint32_t max_nodes, max_depth;
    uint32_t depth;
};

enum ic_status ic_onnx_read_model(struct ic_onnx_reader *r, const void *bytes, size_t size_bytes,
                                  struct ic_onnx_model *out) IC_MUST_USE;
/* What the graph's value_info says of a tensor between its nodes; kind "unknown" when it says nothing. */
enum ic_status ic_onnx_find_info(struct ic_onnx_reader *r, const struct ic_onnx_graph *g, const char *name,
                                 struct ic_onnx_value_info *out) IC_MUST_USE;
enum ic_status ic_onnx_read_graph(struct ic_onnx_reader *r, struct ic_onnx_span bytes, struct ic_onnx_graph *out) IC_MUST_USE;

/* ---- TensorProto ---- */
struct ic_onnx_tensor {
    const char *name;
    int32_t type, rank;
    int64_t dims[IC_IR_MAX_RANK];
    bool has_raw, external;
    struct ic_onnx_span raw;
    struct ic_onnx_span message; /* for the typed lists */
    const char *location;        /* external */
    uint64_t offset, length;
    bool has_length;
};
enum ic_status ic_onnx_read_tensor(struct ic_onnx_reader *r, struct ic_onnx_span bytes, struct ic_onnx_tensor *out) IC_MUST_USE;
int64_t ic_onnx_elements(const struct ic_onnx_tensor *t); /* -1: overflow */
/* Bits of one element; 0: no fixed width or not supported. */
uint32_t ic_onnx_type_bits(int32_t type);
/* Element types as the graph holds them: floats f32, integers and bool their own, 4 and 2 bits in a byte. NONE: strings, complex. */
enum ic_dtype ic_onnx_dtype(int32_t type);
/* One element from its bits (low bits of u) as a number. Floats of all kinds. */
double ic_onnx_float_of_bits(int32_t type, uint64_t u);

#endif
