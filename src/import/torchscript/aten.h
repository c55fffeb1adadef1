/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators by name: one row of aten_table.c each (schema as text, function, parameters), found, bound and run here.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_ATEN_H
#define IC_IMPORT_TORCHSCRIPT_ATEN_H

#include "arith/integers.h"
#include "import/torchscript/eval.h"

#define IC_TS_MAX_ARGS 20

struct ic_ts_row;
/* arg: one per parameter of the schema, defaults filled in, types checked. */
typedef enum ic_status ic_ts_op_fn(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out);

enum {
    IC_TS_ROW_ELEMENTWISE = 1,     /* the result has the first argument's shape (probes see through it) */
    IC_TS_ROW_HANDLES_UNKNOWN = 2, /* may be called with unknown values */
    IC_TS_ROW_RESHAPES = 16,       /* the result has the first argument\'s elements in another shape */
    IC_TS_ROW_WEIGHTED = 4         /* arg 1 is a weight that says what shape arg 0 has (probes stop there) */
};

struct ic_ts_row {
    const char *schema; /* "linear(Tensor input, Tensor weight, Tensor? bias=None)"; "prim::dtype(Tensor a)" */
    ic_ts_op_fn *run;
    int32_t i; /* what the function makes of them is its own matter */
    uint32_t flags;
    double a, b;
};
extern const struct ic_ts_row ic_ts_rows[];
extern const int32_t ic_ts_n_rows;

struct ic_ts_args {
    struct ic_ts_value *values;
    const char *const *keywords; /* NULL per positional argument */
    int32_t n;
};
/* ns: "aten", "prim" ... ; *cache remembers the row of this place in the source. */
enum ic_status ic_ts_dispatch(struct ic_ts *ts, const char *ns, const char *name, const struct ic_ts_args *args, const void **cache,
                              struct ic_ts_value *out) IC_MUST_USE;
/* Values given at place i of a list argument. */
static inline int64_t ic_ts_list_int(const struct ic_ts_value *v, int32_t i)
{
    return v->u.seq->items[i].u.i;
}
static inline int32_t ic_ts_list_n(const struct ic_ts_value *v)
{
    return v->u.seq->n;
}
const char *ic_ts_op_name(const struct ic_ts *ts, char *room, size_t room_bytes); /* of the operator being called: "conv2d" */

/* ---- load.c: pickles to values ---- */
enum ic_status ic_ts_load_root(struct ic_ts *ts, struct ic_ts_value *out) IC_MUST_USE;
enum ic_status ic_ts_load_constant(struct ic_ts *ts, struct ic_pickle_value *v, struct ic_ts_value *out) IC_MUST_USE;
/* A constant written in a class: a Final field or an Enum member. */
enum ic_status ic_ts_class_field(struct ic_ts *ts, const struct ic_ts_class *cls, const char *name,
                                 struct ic_ts_value *out) IC_MUST_USE;

/* ---- tensor.c ---- */
enum ic_status ic_ts_tensor_new(struct ic_ts *ts, int32_t dtype, int32_t rank, const int64_t *dims,
                                struct ic_ts_tensor **out) IC_MUST_USE;
/* A known tensor with room for its zeroed elements (*out_data writable until it is shared). */
enum ic_status ic_ts_tensor_known(struct ic_ts *ts, int32_t dtype, int32_t rank, const int64_t *dims, struct ic_ts_tensor **out,
                                  void **out_data) IC_MUST_USE;
/* Whether bytes stand in the mapped file (and so outlive the evaluator). */
bool ic_ts_lent_from_file(const struct ic_ts *ts, const void *bytes);
bool ic_ts_is_known(const struct ic_ts_tensor *t);
/* Dense row-major elements of a known tensor, gathered from its storage on first use. */
enum ic_status ic_ts_tensor_data(struct ic_ts *ts, struct ic_ts_tensor *t, const void **out) IC_MUST_USE;
/* Its IR value; known tensors become f32 constants. */
enum ic_status ic_ts_tensor_value(struct ic_ts *ts, struct ic_ts_tensor *t, struct ic_value **out) IC_MUST_USE;
/* The same for the weights of a convolution or a linear layer. Large ones whose axes stand in another order in the file stay there: a transpose
 * of them is part of the graph until optimization begins. */
enum ic_status ic_ts_weight_value(struct ic_ts *ts, struct ic_ts_tensor *t, struct ic_value **out) IC_MUST_USE;
/* Of a tensor that is made later (ic_ts_tensor.later), of four axes in another order: all of it when a network is built. */
enum ic_status ic_ts_turned_weight(struct ic_ts *ts, struct ic_ts_tensor *t, const int64_t *perm,
                                   struct ic_value **out) IC_MUST_USE;
bool ic_ts_is_large_in_file(const struct ic_ts *ts, const struct ic_ts_tensor *t); /* ... which this is one of */
bool ic_ts_weight_is_dense(const struct ic_ts_weight *w);                          /* row-major, without gaps */
/* The one element of a known one-element tensor. */
enum ic_status ic_ts_tensor_number(struct ic_ts *ts, struct ic_ts_tensor *t, bool *known, double *out) IC_MUST_USE;
enum ic_status ic_ts_tensor_int(struct ic_ts *ts, struct ic_ts_tensor *t, bool *known, int64_t *out) IC_MUST_USE;
int64_t ic_ts_elements(const struct ic_ts_tensor *t);
bool ic_ts_is_float(int32_t dtype);
double ic_ts_get_number(int32_t dtype, const void *data, int64_t i);
int64_t ic_ts_get_int(int32_t dtype, const void *data, int64_t i);
void ic_ts_set_number(int32_t dtype, void *data, int64_t i, double f);
void ic_ts_set_int(int32_t dtype, void *data, int64_t i, int64_t v);
/* A known tensor's elements as f32 that live as long as the graph: lent from the file where they are that already. */
enum ic_status ic_ts_weight_f32(struct ic_ts *ts, struct ic_ts_tensor *t, const float **out) IC_MUST_USE;
enum ic_status ic_ts_check_weight(struct ic_ts *ts, struct ic_ts_tensor *t) IC_MUST_USE; /* refuses NaN and Inf by name */

/* ---- view.c ---- */
enum ic_status ic_ts_view(struct ic_ts *ts, struct ic_ts_tensor *from, const struct ic_ts_view *step,
                          struct ic_ts_tensor **out) IC_MUST_USE;
/* Makes the content current after a write through another view. */
/* t was copied from `from`, and torch may have shared their memory, or surely has: a write to one makes the other unreadable. */
enum ic_status ic_ts_may_share(struct ic_ts *ts, struct ic_ts_tensor *t, struct ic_ts_tensor *from, bool surely) IC_MUST_USE;
enum ic_ts_sharing { IC_TS_COPIES, IC_TS_SHARES, IC_TS_MAY_SHARE };
enum ic_ts_sharing ic_ts_reshape_shares(const struct ic_ts_tensor *t, int32_t rank, const int64_t *dims);
enum ic_ts_sharing ic_ts_contiguous_shares(const struct ic_ts_tensor *t);
/* Results of an operator lie in an order that is not known when an operand does not lie in order. */
void ic_ts_order_of_results(const struct ic_ts_value *args, int32_t n_args, struct ic_ts_value *out);
/* A result that is one of the arguments, or looks at its memory, where torch's is a new tensor. */
enum ic_status ic_ts_new_results(struct ic_ts *ts, const char *name, const struct ic_ts_value *args, int32_t n_args,
                                 struct ic_ts_value *out) IC_MUST_USE;
/* What an operator of x gave that was asked for an order in memory (torch's MemoryFormat). */
enum ic_status ic_ts_in_format(struct ic_ts *ts, int64_t format, const struct ic_ts_value *x, struct ic_ts_value *out) IC_MUST_USE;
enum ic_status ic_ts_refresh(struct ic_ts *ts, struct ic_ts_tensor *t) IC_MUST_USE;
/* An in-place operator: t and all its aliases now hold what from holds (broadcast to t's shape). */
enum ic_status ic_ts_write(struct ic_ts *ts, struct ic_ts_tensor *t, struct ic_ts_tensor *from) IC_MUST_USE;
/* Shapes without sharing: helpers over ic_ts_view. */
enum ic_status ic_ts_reshape(struct ic_ts *ts, struct ic_ts_tensor *t, int32_t rank, const int64_t *dims,
                             struct ic_ts_tensor **out) IC_MUST_USE;
enum ic_status ic_ts_permute(struct ic_ts *ts, struct ic_ts_tensor *t, const int32_t *perm, struct ic_ts_tensor **out) IC_MUST_USE;
enum ic_status ic_ts_slice(struct ic_ts *ts, struct ic_ts_tensor *t, int32_t axis, int64_t start, int64_t length, int64_t step,
                           struct ic_ts_tensor **out) IC_MUST_USE;
enum ic_status ic_ts_expand(struct ic_ts *ts, struct ic_ts_tensor *t, int32_t rank, const int64_t *dims,
                            struct ic_ts_tensor **out) IC_MUST_USE;
enum ic_status ic_ts_concat(struct ic_ts *ts, struct ic_ts_tensor *const *parts, int32_t n, int32_t axis,
                            struct ic_ts_tensor **out) IC_MUST_USE;
/* axis in [-rank, rank) to [0, rank). */
enum ic_status ic_ts_axis(struct ic_ts *ts, int64_t axis, int32_t rank, int32_t *out) IC_MUST_USE;

/* ---- emit.c: nodes ---- */
enum ic_status ic_ts_node(struct ic_ts *ts, enum ic_op op, struct ic_value *const *inputs, int32_t n_inputs, const char *suffix,
                          struct ic_node **out) IC_MUST_USE;
enum ic_status ic_ts_note_dropped(struct ic_ts *ts,
                                  const struct ic_value *v) IC_MUST_USE; /* the operator being called changes nothing */
void ic_ts_set_int_attr(struct ic_node *n, int attr, int64_t v);         /* attr: the operator's enum in ir/op_def.h */
void ic_ts_set_float_attr(struct ic_node *n, int attr, double v);
void ic_ts_set_ints_attr(struct ic_node *n, int attr, int32_t count, const int64_t *v);
/* Infers shapes; the node's first output. */
enum ic_status ic_ts_finish(struct ic_ts *ts, struct ic_node *n, struct ic_value **out) IC_MUST_USE;
enum ic_status ic_ts_wrap(struct ic_ts *ts, struct ic_value *v, int32_t dtype,
                          struct ic_ts_tensor **out) IC_MUST_USE; /* a computed tensor */
enum ic_status ic_ts_emit_transpose(struct ic_ts *ts, struct ic_value *x, const int64_t *perm, const char *suffix,
                                    struct ic_value **out) IC_MUST_USE;
enum ic_status ic_ts_emit_reshape(struct ic_ts *ts, struct ic_value *x, int32_t rank, const int64_t *dims, const char *suffix,
                                  struct ic_value **out) IC_MUST_USE;
enum ic_status ic_ts_emit_map(struct ic_ts *ts, struct ic_value *x, enum ic_map_fn fn, double a, double b,
                              struct ic_value **out) IC_MUST_USE;
enum ic_status ic_ts_emit_const(struct ic_ts *ts, float v, struct ic_value **out) IC_MUST_USE;

/* ---- fold.c: numbers and known tensors ---- */
enum ic_ts_binary {
    IC_TS_ADD = 1,
    IC_TS_SUB,
    IC_TS_MUL,
    IC_TS_DIV,
    IC_TS_FLOOR_DIV,
    IC_TS_TRUNC_DIV,
    IC_TS_REMAINDER,
    IC_TS_FMOD,
    IC_TS_POW,
    IC_TS_MAX,
    IC_TS_MIN,
    IC_TS_EQ,
    IC_TS_NE,
    IC_TS_LT,
    IC_TS_LE,
    IC_TS_GT,
    IC_TS_GE,
    IC_TS_AND,
    IC_TS_OR,
    IC_TS_XOR
};
static inline bool ic_ts_is_comparison(int32_t op)
{
    return op >= IC_TS_EQ;
}
/* a and b are numbers (INT, FLOAT, BOOL). */
enum ic_status ic_ts_fold_numbers(struct ic_ts *ts, int32_t op, const struct ic_ts_value *a, const struct ic_ts_value *b,
                                  struct ic_ts_value *out) IC_MUST_USE;
/* Numbers or known tensors, broadcast; at least one tensor. */
enum ic_status ic_ts_fold_tensors(struct ic_ts *ts, int32_t op, const struct ic_ts_value *a, const struct ic_ts_value *b,
                                  struct ic_ts_value *out) IC_MUST_USE;
/* torch's type of the result of a and b. */
int32_t ic_ts_promote(const struct ic_ts_value *a, const struct ic_ts_value *b);
enum ic_status ic_ts_broadcast(struct ic_ts *ts, const struct ic_ts_tensor *a, const struct ic_ts_tensor *b, int32_t *rank,
                               int64_t *dims) IC_MUST_USE;
static inline bool ic_ts_is_number(const struct ic_ts_value *v)
{
    return v->kind == IC_TS_V_INT || v->kind == IC_TS_V_FLOAT || v->kind == IC_TS_V_BOOL;
}
static inline double ic_ts_number(const struct ic_ts_value *v)
{
    return v->kind == IC_TS_V_FLOAT ? v->u.f : (double)v->u.i;
}

/* ---- ops_select.c ---- */
enum ic_dtype ic_ts_chip_dtype(int32_t dtype); /* f32 for all floats */
/* A tensor or number as a value of the chip's type for torch's dtype. */
enum ic_status ic_ts_typed_value(struct ic_ts *ts, const struct ic_ts_value *v, int32_t dtype, struct ic_value **out) IC_MUST_USE;
enum ic_status ic_ts_emit_choice(struct ic_ts *ts, int32_t op, const struct ic_ts_value *a, const struct ic_ts_value *b,
                                 struct ic_ts_value *out) IC_MUST_USE;
/* A sum, product ... of two operands of a type that is no float, at least one of them computed. */
enum ic_status ic_ts_emit_integers(struct ic_ts *ts, int32_t op, const struct ic_ts_value *a, const struct ic_ts_value *b,
                                   int32_t dtype, struct ic_ts_value *out) IC_MUST_USE;
enum ic_status ic_ts_emit_gather(struct ic_ts *ts, const struct ic_ts_value *x, int32_t axis, const struct ic_ts_value *index,
                                 bool elements, struct ic_ts_value *out) IC_MUST_USE;

/* ---- ops_math.c: used by composed operators ---- */
enum ic_status ic_ts_binary(struct ic_ts *ts, int32_t op, const struct ic_ts_value *a, const struct ic_ts_value *b,
                            struct ic_ts_value *out) IC_MUST_USE;
enum ic_status ic_ts_unary(struct ic_ts *ts, enum ic_map_fn fn, double a, double b, struct ic_ts_tensor *x,
                           struct ic_ts_tensor **out) IC_MUST_USE;
enum ic_status ic_ts_reduce(struct ic_ts *ts, enum ic_op op, struct ic_ts_tensor *x, int32_t n_axes, const int32_t *axes, bool keep,
                            struct ic_ts_tensor **out) IC_MUST_USE;
enum ic_status ic_ts_matmul(struct ic_ts *ts, struct ic_ts_tensor *a, struct ic_ts_tensor *b,
                            struct ic_ts_tensor **out) IC_MUST_USE;
enum ic_status ic_ts_linear(struct ic_ts *ts, struct ic_ts_tensor *x, struct ic_ts_tensor *w, struct ic_ts_tensor *bias,
                            struct ic_ts_tensor **out) IC_MUST_USE;

#endif
