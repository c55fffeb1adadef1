/* SPDX-License-Identifier: Apache-2.0
 *
 * An ONNX graph being written, node by node. Inside export/ only.
 *
 * A value of the IR has up to four forms there, made when somebody wants them: in the IR's axis order or, of rank 4, turned to n c h w, which
 * ONNX wants pictures in; as it is stored (codes, float16) or as the float32 that it means.
 */
#ifndef IC_EXPORT_EMIT_H
#define IC_EXPORT_EMIT_H

#include "ir/op_def.h"

enum { IC_FORM_TURNED = 1, IC_FORM_REAL = 2, IC_FORM_COUNT = 4 };

struct ic_emit {
    const struct ic_graph *g;
    struct ic_arena arena;
    struct ic_writer nodes, constants, infos; /* fields of GraphProto */
    struct ic_writer attrs;                   /* of the node that is written next */
    struct ic_writer message, inner, innermost;
    const char *(*forms)[IC_FORM_COUNT]; /* per value id: name, NULL: not made yet */
    const char *separator;               /* in names of ours; in no name of the user's */
    const struct ic_node *at;            /* the node being written */
    int32_t n_made;
    bool failed; /* no memory */
};

/* A name of our own. */
const char *ic_emit_fresh(struct ic_emit *e);
/* v in that form; nodes are written to make it. */
const char *ic_emit_value(struct ic_emit *e, const struct ic_value *v, int form);
/* Whether v has a turned form already. */
bool ic_emit_has_turned(const struct ic_emit *e, const struct ic_value *v);
/* What a node that computes v as float32 should call it (turned or not); afterwards ic_emit_made. */
const char *ic_emit_result(struct ic_emit *e, const struct ic_value *v, int turned);
/* v is made under that name; values that are stored otherwise are quantized or cast. */
void ic_emit_made(struct ic_emit *e, const struct ic_value *v, int turned, const char *name);

/* The same for what moves values as they are stored: the name to give, then that it is made. */
const char *ic_emit_stored_name(struct ic_emit *e, const struct ic_value *v, int turned);
void ic_emit_stored(struct ic_emit *e, const struct ic_value *v, int turned);

/* Attributes of the next node. */
void ic_emit_int(struct ic_emit *e, const char *name, int64_t v);
void ic_emit_float(struct ic_emit *e, const char *name, double v);
void ic_emit_text(struct ic_emit *e, const char *name, const char *v);
void ic_emit_ints(struct ic_emit *e, const char *name, const int64_t *v, int32_t n);
/* One node with those attributes. inputs: "" for an absent one. */
void ic_emit_node(struct ic_emit *e, const char *op, const char *const *inputs, int n_inputs, const char *output);
/* The same with a second output first, for TopK: output 0 is named `first`. */
void ic_emit_node2(struct ic_emit *e, const char *op, const char *const *inputs, int n_inputs, const char *first,
                   const char *second);
/* op(a) and op(a, b) under a fresh name. */
const char *ic_emit_unary(struct ic_emit *e, const char *op, const char *a);
const char *ic_emit_binary(struct ic_emit *e, const char *op, const char *a, const char *b);
void ic_emit_cast(struct ic_emit *e, const char *x, enum ic_dtype to, const char *y);

/* Constants. */
const char *ic_emit_tensor(struct ic_emit *e, const char *name, enum ic_dtype dtype, int32_t rank, const int32_t *dims,
                           const void *data);
/* A constant that is no value of the graph, as floats; scale_axis: which axis its scales belong to, if it has several. */
const char *ic_emit_constant(struct ic_emit *e, const struct ic_value *v, int32_t scale_axis);
const char *ic_emit_number(struct ic_emit *e, float v);
const char *ic_emit_list(struct ic_emit *e, const int64_t *v, int32_t n); /* int64 [n] */
void ic_emit_info(struct ic_emit *e, struct ic_writer *to, uint32_t field, const char *name, enum ic_dtype dtype, int32_t rank,
                  const int32_t *dims);
/* Constant v with its axes in another order: axis i is axis perm[i] of v. dims and data of the result. NULL: no memory. */
const void *ic_emit_permuted(struct ic_emit *e, const struct ic_value *v, const int32_t *perm, int32_t *dims);

/* ---- operators (export/onnx_ops.c and its siblings) ---- */
/* Writes n. False: *why says what opset 17 lacks. */
bool ic_emit_op(struct ic_emit *e, const struct ic_node *n, const char **why);
/* y = fn(x; a, b) on float32, under the name y, or under a fresh one when y is NULL. NULL: opset 17 lacks it. */
const char *ic_emit_map(struct ic_emit *e, const char *x, enum ic_map_fn fn, double a, double b, const char *y);
/* onnx_window.c */
bool ic_emit_conv(struct ic_emit *e, const struct ic_node *n, const char **why);
bool ic_emit_pool(struct ic_emit *e, const struct ic_node *n, const char **why);
bool ic_emit_linear(struct ic_emit *e, const struct ic_node *n, const char **why);
/* onnx_places.c */
bool ic_emit_gather(struct ic_emit *e, const struct ic_node *n, const char **why);
bool ic_emit_scatter(struct ic_emit *e, const struct ic_node *n, const char **why);
bool ic_emit_resample(struct ic_emit *e, const struct ic_node *n, const char **why);
bool ic_emit_order(struct ic_emit *e, const struct ic_node *n, const char **why);
/* The end of n's float result, which so far is named raw: fused function, then ic_emit_made. */
bool ic_emit_end(struct ic_emit *e, const struct ic_node *n, int turned, const char *raw, const char **why);
/* What a node that ends so should call its raw result. */
const char *ic_emit_raw(struct ic_emit *e, const struct ic_node *n, int turned);

#endif
