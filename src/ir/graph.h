/* SPDX-License-Identifier: Apache-2.0
 *
 * The graph: one graph, static shapes, typed values with optional quantization. Everything lives in the graph's arena; constants may
 * also be lent from a mapped file that outlives the graph. Nodes stand in an order in which every value is made before it is used.
 */
#ifndef IC_IR_GRAPH_H
#define IC_IR_GRAPH_H

#include "arith/arith.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/status.h"

#define IC_IR_MAX_RANK 8

enum ic_op {
    IC_OP_NONE = 0,
#define OP(NAME, name) IC_OP_##NAME,
#include "ops.def"
#undef OP
    IC_OP_COUNT
};

/* Axis order by which people know a 4-D value; memory order is always dims[0] slowest. */
enum ic_value_layout { IC_VALUE_PLAIN = 0, IC_VALUE_NHWC = 1 /* dims are n h w c, the source network's order was n c h w */ };

struct ic_quant {
    int32_t n_scales; /* 0: not quantized; 1: per tensor; else one per element of axis */
    int32_t axis;
    const float *scales;
    int32_t zero; /* one zero point for all (weights: 0) */
};

/* One operand of a node, in the list of all that read its value (ir/readers.c). */
struct ic_node;
struct ic_value;
struct ic_use {
    struct ic_node *reader;
    struct ic_value **at; /* the reader's operand */
    struct ic_use *next, **link;
};

struct ic_value {
    int32_t id; /* index in graph->values; changes only in ic_graph_compact */
    enum ic_dtype dtype;
    int32_t rank;
    int32_t dims[IC_IR_MAX_RANK]; /* each >= 0 */
    const void *data;             /* constants: little-endian elements, dense; NULL for computed values */
    struct ic_node *producer;     /* NULL for inputs and constants */
    struct ic_use *uses;          /* operands that are this value, in no order that means anything */
    int32_t n_uses, n_as_output;
    uint8_t late_nodes; /* that wait (ic_graph_is_late), one after another, from constants to it when it was made; 0: none */
    struct ic_quant quant;
    uint32_t round;   /* enum ic_round of program.h by number: results stored on this edge are rounded so; stays when fused away */
    uint32_t layout;  /* enum ic_value_layout */
    const char *name; /* the user's name ("x", "linear"), never NULL; unique after ic_graph_compact */
};

#define IC_MAX_ATTR_INTS 16
enum ic_attr_kind { IC_ATTR_INT = 1, IC_ATTR_FLOAT, IC_ATTR_INTS, IC_ATTR_ENUM /* an int printed by name */ };
struct ic_attr {
    int64_t i;
    double f;
    int32_t n_ints;
    int64_t ints[IC_MAX_ATTR_INTS];
};

/* Where a node comes from, for messages: lent strings in the graph's arena. */
struct ic_origin {
    const char *module_path; /* "layer1.0.conv1"; "" at the top */
    const char *file;        /* "code/__torch__/....py" */
    int32_t line;            /* from 1; 0 unknown */
    const char *source_op;   /* "aten::_convolution" */
};

/* The end of a node that was fused into it: v = round_mid(v); v = fn(v; a, b). Allowed where the operator's definition says post_ok. */
struct ic_post {
    uint32_t round_mid; /* enum ic_round */
    uint32_t fn;        /* enum ic_map_fn */
    float a, b;
};

struct ic_node {
    enum ic_op op;
    int32_t n_inputs, n_outputs, cap_inputs;
    struct ic_value *const *inputs; /* an absent optional input is NULL; ic_node_set_input changes one */
    struct ic_use *uses;            /* one per input */
    struct ic_value **outputs;
    struct ic_attr *attrs; /* as many as the operator's definition lists */
    struct ic_post post;
    struct ic_origin origin;
    const char *name; /* the user's name of the layer ("linear", "layer1.0.conv1"); fused parts joined with " + " */
};

struct ic_graph_input {
    struct ic_value *value;
    uint32_t format; /* as struct ic_io: 0 undefined, 1 NCHW, 2 NHWC */
    enum ic_dtype user_dtype;
    bool complex;          /* right after import only: the last axis holds the two parts of complex numbers */
    const char *face_name; /* by the drop-in's rule; "" when none */
    int32_t n_channels;    /* of mean and std; 0 none */
    const float *mean, *std;
    uint32_t reorder;
};

/* An operation of the source network that changes nothing and became no node: for people who look for it. */
struct ic_dropped {
    const struct ic_value *value; /* what it read, and gave back */
    struct ic_origin origin;
    struct ic_dropped *next;
};

/* Scales by which a quantized network's constants were made floats: one, or one per output channel. Right after import only, as above. */
struct ic_code_scales {
    int32_t n;
    const float *scales;
    struct ic_code_scales *next;
};

struct ic_graph {
    struct ic_arena arena;
    struct ic_code_scales *code_scales;
    struct ic_dropped *dropped, *last_dropped; /* in the order of the source; right after import only */
    const char *name;                          /* of the model */
    int32_t n_values, cap_values;
    struct ic_value **values;
    int32_t n_nodes, cap_nodes;
    struct ic_node **nodes;
    int32_t n_inputs, n_outputs;
    struct ic_graph_input *inputs;
    struct ic_graph_input *outputs; /* value, format, user_dtype, face_name used */
    int32_t batch;                  /* samples at once that inputs and results hold beside each other; 0 or 1: one */
    struct ic_writer provenance;    /* JSON text: source file, format, version, steps taken (people and tools only) */
};

enum ic_status ic_graph_create(const char *name, struct ic_graph **out_g, struct ic_diag *d) IC_MUST_USE;
void ic_graph_destroy(struct ic_graph *g);

/* All return NULL when memory is refused. name is copied; dims are copied. */
struct ic_value *ic_graph_value(struct ic_graph *g, const char *name, enum ic_dtype dtype, int32_t rank, const int32_t *dims);
struct ic_value *ic_graph_const(struct ic_graph *g, const char *name, enum ic_dtype dtype, int32_t rank, const int32_t *dims,
                                const void *data /* copied */);
struct ic_value *ic_graph_const_lent(struct ic_graph *g, const char *name, enum ic_dtype dtype, int32_t rank, const int32_t *dims,
                                     const void *data /* must outlive g */);
/* Appends at the end. Attributes start with their defaults. Outputs are not made yet: ic_graph_infer does that. */
struct ic_node *ic_graph_node(struct ic_graph *g, enum ic_op op, struct ic_value *const *inputs, int32_t n_inputs,
                              const char *name);
/* False: no memory. origin's strings are lent. */
bool ic_graph_note_dropped(struct ic_graph *g, const struct ic_value *v, const struct ic_origin *origin);
/* Runs the operator's shape rule and makes the outputs (names <node name>, <node name>:1 ...). IC_ERR_MODEL names node and origin. */
enum ic_status ic_graph_infer(struct ic_graph *g, struct ic_node *n, struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_graph_add_input(struct ic_graph *g, struct ic_value *v, uint32_t format) IC_MUST_USE;
enum ic_status ic_graph_add_output(struct ic_graph *g, struct ic_value *v, uint32_t format) IC_MUST_USE;

/* n makes a constant of constants by moving or converting, and may wait until a network is built (optimize/late_weights.h). */
bool ic_graph_is_late(const struct ic_node *n);

int64_t ic_value_elements(const struct ic_value *v);
size_t ic_value_bytes(const struct ic_value *v);

/* ---- for passes ---- */
/* Operands and outputs change through these alone, so that each value knows who reads it. Importers may also drop the node they appended
 * last; readers are right again from the next ic_graph_compact on. */
void ic_node_set_input(struct ic_node *n, int32_t k, struct ic_value *v); /* k < n_inputs; v NULL: absent */
void ic_node_set_only_input(struct ic_node *n, struct ic_value *v);
/* False: no memory for more inputs than there were, and nothing happened. */
bool ic_node_set_inputs(struct ic_graph *g, struct ic_node *n, struct ic_value *const *inputs, int32_t n_inputs);
void ic_node_set_result(struct ic_node *n, struct ic_value *v); /* n makes v alone from now on */
void ic_node_detach(struct ic_node *n);                         /* reads nothing from now on: before it is taken out of g->nodes */
void ic_graph_set_output(struct ic_graph *g, int32_t i, struct ic_value *v);
/* Every reader of from (nodes and graph outputs) reads to instead. */
void ic_graph_replace(struct ic_graph *g, struct ic_value *from, struct ic_value *to);
int32_t ic_value_n_readers(const struct ic_value *v); /* operands + outputs */
bool ic_value_is_output(const struct ic_value *v);
void ic_graph_find_readers(struct ic_graph *g); /* all of them anew */
/* Moves the last node to stand just before `before` (passes append, then move). */
void ic_graph_move_last_before(struct ic_graph *g, const struct ic_node *before);
/* Drops nodes nobody reads, unused values; renumbers; makes names unique. Returns how many nodes went. */
int32_t ic_graph_compact(struct ic_graph *g);

/* ---- stages and checking ---- */
enum ic_stage {
    IC_STAGE_IMPORTED,  /* what importers may build */
    IC_STAGE_OPTIMIZED, /* no batch-norm, dropout, identity; activations fused; layout settled */
    IC_STAGE_QUANTIZED, /* build type applied: rounding points, quantized values; = the portable graph */
    IC_STAGE_COUNT
};
enum ic_status ic_ir_verify(const struct ic_graph *g, enum ic_stage stage, struct ic_diag *d) IC_MUST_USE;

/* ---- text form: prints, parses back to an equal graph (constants above 16 elements print as hash + size and parse only with
 * with_data, which prints all bytes in hex). ---- */
void ic_ir_print(const struct ic_graph *g, bool with_data, struct ic_writer *w);
enum ic_status ic_ir_parse(const char *text, size_t size_bytes, struct ic_graph **out_g, struct ic_diag *d) IC_MUST_USE;

/* ---- serialized form (the portable section): graph in w_graph, constants (64-byte aligned each) in w_consts ---- */
enum ic_status ic_ir_encode(const struct ic_graph *g, struct ic_writer *w_graph, struct ic_writer *w_consts,
                            struct ic_diag *d) IC_MUST_USE;
/* Constants are lent from consts. Untrusted bytes. Runs verify(QUANTIZED). */
enum ic_status ic_ir_decode(const void *bytes, size_t size_bytes, const uint8_t *consts, size_t const_bytes,
                            struct ic_graph **out_g, struct ic_diag *d) IC_MUST_USE;

#endif
