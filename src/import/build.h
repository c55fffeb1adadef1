/* SPDX-License-Identifier: Apache-2.0
 *
 * Building a graph node by node, for importers whose file is a list of operators. Constants are folded at once, by the operators' own
 * definitions, so shapes that a network computes are numbers here. The first failure sticks: every function then gives NULL, and NULL operands
 * are passed through, so that callers check once, at the end.
 */
#ifndef IC_IMPORT_BUILD_H
#define IC_IMPORT_BUILD_H

#include "import/import.h"
#include "ir/op_def.h"

struct ic_build {
    struct ic_graph *g;
    struct ic_diag *d;
    enum ic_status status;
    ic_import_evaluate_fn *evaluate;
    uint32_t max_nodes;
    bool late; /* large constants that only move are left to when a network is built (optimize/late_weights.h) */
    /* of the source operator being imported */
    const char *label; /* "Conv \"conv1\" (node 12)": begins every message */
    const char *name;  /* of the nodes made for it */
    struct ic_origin origin;
};

/* Sets the status and writes label and text, unless something failed before. */
void ic_build_fail(struct ic_build *b, unsigned cause, const char *format, ...) IC_PRINTF(3, 4);
void ic_build_no_memory(struct ic_build *b);

/* ---- constants ---- */
struct ic_value *ic_build_const(struct ic_build *b, enum ic_dtype dtype, int32_t rank, const int32_t *dims, const void *data);
struct ic_value *ic_build_float(struct ic_build *b, double v);                       /* f32, rank 0 */
struct ic_value *ic_build_int(struct ic_build *b, enum ic_dtype dtype, int64_t v);   /* rank 0 */
struct ic_value *ic_build_number(struct ic_build *b, enum ic_dtype dtype, double v); /* rank 0, of any type */
struct ic_value *ic_build_ints(struct ic_build *b, int32_t n, const int64_t *v);     /* s64 [n] */
struct ic_value *ic_build_full(struct ic_build *b, enum ic_dtype dtype, int32_t rank, const int32_t *dims, double v);
bool ic_build_is_const(const struct ic_value *v);
double ic_build_get(const struct ic_value *v, int64_t i);      /* element of a constant, any type */
int64_t ic_build_get_int(const struct ic_value *v, int64_t i); /* likewise, integers */

/* ---- nodes ---- */
/* A node to set attributes of; NULL after a failure. */
/* Elements of a constant that are lent from an odd place of a file come to an even one; false: no memory, or v is NULL. */
bool ic_build_align(struct ic_build *b, struct ic_value *v);
/* Constant: its elements are there, or will be when a network is built. */
bool ic_build_is_weight(const struct ic_value *v);
/* Computes what was left for later; false: it failed, or v is NULL. */
bool ic_build_now(struct ic_build *b, struct ic_value *v);
/* A constant of f16 as f32, one at an odd place of its file at an even one, when a network is built; others as they are. */
struct ic_value *ic_build_float_weight(struct ic_build *b, struct ic_value *v);
struct ic_value *ic_build_even_weight(struct ic_build *b, struct ic_value *v);
struct ic_node *ic_build_node(struct ic_build *b, enum ic_op op, struct ic_value *const *inputs, int32_t n_inputs);
/* Infers it, folds it when everything it reads is constant; its result. */
struct ic_value *ic_build_finish(struct ic_build *b, struct ic_node *n);
void ic_build_set_ints(struct ic_node *n, int attr, int32_t count, const int64_t *v); /* n may be NULL, as below */
void ic_build_set_int(struct ic_node *n, int attr, int64_t v);
void ic_build_set_float(struct ic_node *n, int attr, double v);

struct ic_value *ic_build_map(struct ic_build *b, struct ic_value *x, enum ic_map_fn fn, double p, double q);
struct ic_value *ic_build_binary(struct ic_build *b, enum ic_op op, struct ic_value *x, struct ic_value *y);
struct ic_value *ic_build_where(struct ic_build *b, struct ic_value *c, struct ic_value *x, struct ic_value *y);
struct ic_value *ic_build_cast(struct ic_build *b, struct ic_value *x, enum ic_dtype to);
struct ic_value *ic_build_not(struct ic_build *b, struct ic_value *x); /* bool */

struct ic_value *ic_build_reshape(struct ic_build *b, struct ic_value *x, int32_t rank, const int64_t *dims);
/* n_axes: of perm, and so of x; another rank fails. */
struct ic_value *ic_build_transpose(struct ic_build *b, struct ic_value *x, int32_t n_axes, const int64_t *perm);
/* The same for w as an operand of Linear or Conv: a large constant stays in its file, and the transpose a node, until optimization begins. */
struct ic_value *ic_build_weight(struct ic_build *b, struct ic_value *w, int32_t n_axes, const int64_t *perm);
struct ic_value *ic_build_expand(struct ic_build *b, struct ic_value *x, int32_t rank, const int64_t *dims);
struct ic_value *ic_build_concat(struct ic_build *b, struct ic_value *const *parts, int32_t n, int32_t axis);
/* Elements start, start + step ... below end along axis; 0 <= start <= end <= extent, step >= 1. */
struct ic_value *ic_build_slice(struct ic_build *b, struct ic_value *x, int32_t axis, int64_t start, int64_t end, int64_t step);
struct ic_value *ic_build_reverse(struct ic_build *b, struct ic_value *x, int32_t axis);
struct ic_value *ic_build_pad(struct ic_build *b, struct ic_value *x, const int64_t *before, const int64_t *after, double value);
struct ic_value *ic_build_squeeze(struct ic_build *b, struct ic_value *x, int32_t axis);
struct ic_value *ic_build_unsqueeze(struct ic_build *b, struct ic_value *x, int32_t axis);
/* Axis first .. first + count - 1 become one. */
struct ic_value *ic_build_merge(struct ic_build *b, struct ic_value *x, int32_t first, int32_t count);

struct ic_value *ic_build_reduce(struct ic_build *b, enum ic_op op, struct ic_value *x, uint32_t axes_mask, bool keep);
struct ic_value *ic_build_softmax(struct ic_build *b, struct ic_value *x, int32_t axis, bool log);
struct ic_value *ic_build_gather(struct ic_build *b, struct ic_value *x, struct ic_value *index, int32_t axis);
struct ic_value *ic_build_arg(struct ic_build *b, struct ic_value *x, int32_t axis, bool least, bool last);
struct ic_value *ic_build_scan(struct ic_build *b, struct ic_value *x, int32_t axis, bool product, bool exclusive, bool reverse);
/* Batch axes broadcast; either may have rank 1, as in numpy.matmul. */
struct ic_value *ic_build_matmul(struct ic_build *b, struct ic_value *x, struct ic_value *y);
struct ic_value *ic_build_linear(struct ic_build *b, struct ic_value *x, struct ic_value *w, struct ic_value *bias);

#endif
