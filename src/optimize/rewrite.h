/* SPDX-License-Identifier: Apache-2.0
 *
 * What passes rewrite graphs with. Inside optimize/ only. Values keep their identity where a graph output holds them, so outputs keep
 * their names.
 */
#ifndef IC_OPTIMIZE_REWRITE_H
#define IC_OPTIMIZE_REWRITE_H

#include "arith/arith.h"
#include "ir/op_def.h"
#include "optimize/optimize.h"

/* The node that makes v when it has that operator and nobody but one node reads v; else NULL. */
struct ic_node *ic_opt_sole_producer(const struct ic_value *v, enum ic_op op);

/* A node just before nodes[*i_before], which moves on by one; origin and name follow `like`. Outputs are not made yet. NULL: no memory. */
struct ic_node *ic_opt_insert(struct ic_graph *g, int32_t *i_before, enum ic_op op, struct ic_value *const *inputs,
                              int32_t n_inputs, const struct ic_node *like, const char *suffix);
/* The same with one input, permuted or reshaped; *out is the result. */
enum ic_status ic_opt_insert_transpose(struct ic_graph *g, int32_t *i_before, struct ic_value *x, const int64_t *perm,
                                       const struct ic_node *like, struct ic_value **out, struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_opt_insert_reshape(struct ic_graph *g, int32_t *i_before, struct ic_value *x, int32_t rank, const int32_t *dims,
                                     const struct ic_node *like, struct ic_value **out, struct ic_diag *d) IC_MUST_USE;

/* A Map of x. */
enum ic_status ic_opt_insert_map(struct ic_graph *g, int32_t *i_before, struct ic_value *x, enum ic_map_fn fn, double a, double b,
                                 const struct ic_node *like, struct ic_value **out, struct ic_diag *d) IC_MUST_USE;
/* n, which has one result of x's shape and no fused end, is a Map of x from now on. a and b are rounded to float. */
enum ic_status ic_opt_become_map(struct ic_graph *g, struct ic_node *n, struct ic_value *x, enum ic_map_fn fn, double a, double b,
                                 struct ic_diag *d) IC_MUST_USE;
/* n, which has one result, makes it by writing x in the result's shape from now on. */
enum ic_status ic_opt_become_reshape(struct ic_graph *g, struct ic_node *n, struct ic_value *x, struct ic_diag *d) IC_MUST_USE;
/* The operand of the Map of that function that makes v; else NULL. */
struct ic_value *ic_opt_map_operand(const struct ic_value *v, enum ic_map_fn fn);
/* v is one constant f32 number. */
bool ic_opt_number(const struct ic_value *v, double *out);

/* Whoever reads y reads x from now on; both have one type and shape. When y is an output of the graph, x's producer makes y instead.
 * False when neither is possible (y is an output; x an input, constant or another output): nothing happened. */
bool ic_opt_bypass(struct ic_graph *g, struct ic_value *y, struct ic_value *x);

/* n makes y from now on (of n's own first result's shape); the name of n and of what was there before are joined. */
enum ic_status ic_opt_take_result(struct ic_graph *g, struct ic_node *n, struct ic_node *from, struct ic_diag *d) IC_MUST_USE;

/* The constant v as doubles, [elements]; free with ic_free. NULL: no memory. v is f32 or f16. */
double *ic_opt_doubles(const struct ic_value *v);
/* A new f32 constant from doubles, each rounded once, of the shape of `like` when that is not NULL, else [n]. NULL: no memory. */
struct ic_value *ic_opt_const(struct ic_graph *g, const char *name, const struct ic_value *like, const double *values, int32_t n);

bool ic_opt_same_shape(const struct ic_value *a, const struct ic_value *b);
enum ic_status ic_opt_no_memory(const struct ic_graph *g, struct ic_diag *d);

/* The weighted node (Conv, Linear) that alone makes v and has constant weights and bias and no fused end yet; else NULL. */
struct ic_node *ic_opt_weighted(const struct ic_value *v);
/* n's result times scale plus shift, per output channel, is computed by its weights; [oc] each, in double, rounded once. */
enum ic_status ic_opt_scale_weights(struct ic_graph *g, struct ic_node *n, const double *scale, const double *shift,
                                    struct ic_diag *d) IC_MUST_USE;

#endif
