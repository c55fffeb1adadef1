/* SPDX-License-Identifier: Apache-2.0
 *
 * ONNX to graph: what the importer's files share. Shapes are known throughout, so each node either becomes nodes of the graph or is computed here
 * (build.h); what a node cannot do is collected and told in one message.
 */
#ifndef IC_IMPORT_ONNX_ONNX_H
#define IC_IMPORT_ONNX_ONNX_H

#include "import/build.h"
#include "import/name_index.h"
#include "import/onnx/model.h"

enum ic_onnx_kind { IC_ONNX_ABSENT = 0, IC_ONNX_TENSOR, IC_ONNX_SEQUENCE, IC_ONNX_UNKNOWN /* of a node that is not supported */ };

struct ic_onnx_value {
    enum ic_onnx_kind kind;
    int32_t type;                /* enum ic_onnx_type, as the model says; floats are f32 in the graph whatever it is */
    struct ic_value *v;          /* TENSOR */
    struct ic_onnx_value *items; /* SEQUENCE */
    int32_t n_items;
    /* Codes of a quantized network: what they stand for, as floats on their grid; NULL: no codes that are known to be such. zero is that of u8 codes. */
    struct ic_value *real;
    float scale;
    int32_t zero;
};

/* Names visible in a graph; the outer graph's behind them. */
struct ic_onnx_scope {
    struct ic_onnx_scope *outer;
    struct ic_name_index index; /* places in values */
    struct ic_onnx_value *values;
    uint32_t n_room;
    const struct ic_onnx_node *caller; /* in a function: whose attributes it refers to */
    const struct ic_onnx_function *function;
    const struct ic_onnx_opset *opsets;
    int32_t n_opsets;
    const char *prefix; /* of node names in functions and unrolled loops: "block/" */
};

#define IC_ONNX_MAX_IO 64

struct ic_onnx_row;
struct ic_onnx {
    struct ic_build b;
    struct ic_arena *arena; /* of the import; the graph's own is b.g->arena */
    struct ic_onnx_reader reader;
    struct ic_onnx_model model;
    const struct ic_import_options *options;
    const uint8_t *file;
    size_t file_bytes;
    struct ic_onnx_scope *scope;
    uint32_t depth; /* of functions and sub-graphs */
    uint64_t n_evaluated;
    /* the node being imported */
    const struct ic_onnx_node *node;
    const struct ic_onnx_row *row;
    int64_t version; /* of its domain's opset */
    struct ic_onnx_value *in, *out;
    int32_t n_in, n_out;
    bool unsupported; /* it said so */
    /* what is not supported, in order */
    struct ic_onnx_problem *problems, **problems_end;
    int32_t n_problems;
    bool
        lend_odd; /* an initializer may be lent from an odd place of the file, and as the f16 that it is: align_inputs sees to it */
    bool said_double, said_random, said_grid, said_dynamic;
    struct ic_onnx_extra *extra, **extra_end; /* outputs that the model does not name */
};

typedef void ic_onnx_op_fn(struct ic_onnx *o);
struct ic_onnx_row {
    const char *domain, *name;
    ic_onnx_op_fn *run;
    int64_t i; /* what the function makes of them is its own matter */
    double a, b;
};
extern const struct ic_onnx_row ic_onnx_rows[];
extern const int32_t ic_onnx_n_rows;

/* ---- what operators use ---- */
/* Input i as a value of the graph; NULL when absent (then nothing failed) or after a failure. */
struct ic_value *ic_onnx_in(struct ic_onnx *o, int32_t i);
bool ic_onnx_has(const struct ic_onnx *o, int32_t i);
int32_t ic_onnx_in_type(const struct ic_onnx *o, int32_t i); /* enum ic_onnx_type */
/* Input i, which must be constant; NULL when absent. name: for the message ("shape"). */
struct ic_value *ic_onnx_const(struct ic_onnx *o, int32_t i, const char *name);
/* Its elements as integers; how many, 0 when absent. At most IC_MAX_ATTR_INTS. */
int32_t ic_onnx_const_ints(struct ic_onnx *o, int32_t i, const char *name, int64_t *out);
/* Sets output i; type: as the model would say; 0: that of v (floats FLOAT). */
void ic_onnx_out(struct ic_onnx *o, int32_t i, struct ic_value *v, int32_t type);
/* As input k's type. */
void ic_onnx_out_like(struct ic_onnx *o, int32_t i, struct ic_value *v, int32_t k);
/* The network gives v too, after its own outputs. name is lent. False: no memory, or v is NULL after a failure. */
bool ic_onnx_also_output(struct ic_onnx *o, const char *name, struct ic_value *v, int32_t type);
/* The node is not supported as it is written: why. Import goes on, to find the others. */
void ic_onnx_refuse(struct ic_onnx *o, const char *format, ...) IC_PRINTF(2, 3);
void ic_onnx_fail(struct ic_onnx *o, const char *format, ...) IC_PRINTF(2, 3); /* the model contradicts itself */
bool ic_onnx_ok(const struct ic_onnx *o);                                      /* neither failed nor refused */

const struct ic_onnx_attr *ic_onnx_attr(const struct ic_onnx *o, const char *name); /* NULL: not there */
/* A list of that type, else NULL; an attribute of another type fails. */
const struct ic_onnx_attr *ic_onnx_list(struct ic_onnx *o, const char *name, int32_t type);
int64_t ic_onnx_int(const struct ic_onnx *o, const char *name, int64_t otherwise);
/* The same within 32 bits: what does not fit becomes the nearest end, which no count or type is, not another number that may be one. */
int32_t ic_onnx_int32(const struct ic_onnx *o, const char *name, int32_t otherwise);
double ic_onnx_float(const struct ic_onnx *o, const char *name, double otherwise);
const char *ic_onnx_text(const struct ic_onnx *o, const char *name, const char *otherwise);
/* Integers of attribute name to out (at most max); how many, -1 when it is not there. */
int32_t ic_onnx_ints(const struct ic_onnx *o, const char *name, int64_t *out, int32_t max);
/* axis of a value of that rank, negative from the end; fails outside. */
int32_t ic_onnx_axis(struct ic_onnx *o, int64_t axis, int32_t rank);

/* A tensor message as a constant of the graph; *type what it says. */
struct ic_value *ic_onnx_tensor_value(struct ic_onnx *o, struct ic_onnx_span message, int32_t *type);
/* Likewise a sparse one, which becomes dense. Its name is that of its values. */
struct ic_value *ic_onnx_sparse_value(struct ic_onnx *o, struct ic_onnx_span message, int32_t *type);
/* A body with the given values bound to its inputs; its results. */
bool ic_onnx_run_body(struct ic_onnx *o, struct ic_onnx_span graph, const struct ic_onnx_value *inputs, int32_t n_inputs,
                      struct ic_onnx_value *outputs, int32_t n_outputs, const char *prefix);

/* ---- names (import.c) ---- */
void ic_onnx_define(struct ic_onnx *o, struct ic_onnx_scope *s, const char *name, const struct ic_onnx_value *v);
const struct ic_onnx_value *ic_onnx_look_up(const struct ic_onnx_scope *s, const char *name); /* NULL: made by nobody */

/* ---- the network's edges (edges.c) ---- */
bool ic_onnx_is_initializer(const struct ic_onnx_graph *g, const char *name);
bool ic_onnx_make_inputs(struct ic_onnx *o);
bool ic_onnx_make_outputs(struct ic_onnx *o);

/* ---- a part of the network (cut.c) ---- */
/* Leaves in the model's graph only the nodes, inputs and outputs of the part that the options name; all of it when they name none. Tensors that the part
 * begins with become inputs of the graph. */
bool ic_onnx_cut(struct ic_onnx *o);

enum ic_status ic_onnx_import(const void *bytes, size_t size_bytes, const char *name, const struct ic_import_options *options,
                              struct ic_arena *arena, struct ic_graph **out_g, struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_onnx_read_signature(const void *bytes, size_t size_bytes, const struct ic_import_limits *limits,
                                      struct ic_arena *arena, struct ic_import_signature *out, struct ic_diag *d) IC_MUST_USE;

#endif
