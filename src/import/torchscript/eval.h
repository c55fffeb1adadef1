/* SPDX-License-Identifier: Apache-2.0
 *
 * The partial evaluator: the value domain and the state shared by its files. What does not depend on the network's input is computed,
 * the rest becomes nodes of a graph.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_EVAL_H
#define IC_IMPORT_TORCHSCRIPT_EVAL_H

#include "import/import.h"
#include "import/name_index.h"
#include "import/torchscript/archive.h"
#include "import/torchscript/source.h"

/* torch's ScalarType numbers */
enum ic_ts_dtype {
    IC_TS_U8 = 0,
    IC_TS_S8 = 1,
    IC_TS_S16 = 2,
    IC_TS_S32 = 3,
    IC_TS_S64 = 4,
    IC_TS_F16 = 5,
    IC_TS_F32 = 6,
    IC_TS_F64 = 7,
    IC_TS_C32 = 8, /* complex: of two halves, floats, doubles */
    IC_TS_C64 = 9,
    IC_TS_C128 = 10,
    IC_TS_BOOL = 11,
    IC_TS_QS8 = 12,
    IC_TS_QU8 = 13,
    IC_TS_QS32 = 14,
    IC_TS_BF16 = 15
};

enum ic_ts_kind {
    IC_TS_V_NONE = 0,
    IC_TS_V_BOOL,    /* i */
    IC_TS_V_INT,     /* i */
    IC_TS_V_FLOAT,   /* f */
    IC_TS_V_TEXT,    /* text */
    IC_TS_V_LIST,    /* seq */
    IC_TS_V_TUPLE,   /* seq; cls set for a NamedTuple */
    IC_TS_V_DICT,    /* seq: key, value ... */
    IC_TS_V_DEVICE,  /* text */
    IC_TS_V_TENSOR,  /* t */
    IC_TS_V_COMPLEX, /* t: a tensor of real numbers whose last axis holds the two parts, as torch.view_as_real shows it; complex.h */
    IC_TS_V_OBJECT,  /* o: a module, or an instance of any other class */
    IC_TS_V_CLASS,   /* cls */
    IC_TS_V_FUNCTION, /* def */
    IC_TS_V_UNKNOWN, /* depends on an unsupported operator; or, in a probe, on an input without a shape (t may be set: see ic_ts_tensor.probe) */
    IC_TS_V_UNSET /* uninitialized(T) */
};

struct ic_ts_text {
    const char *text;
    size_t length;
};

struct ic_ts_value;
struct ic_ts_seq {
    struct ic_ts_value *items;
    int32_t n, cap;
    const struct ic_ts_class *cls;
};

struct ic_ts_value {
    enum ic_ts_kind kind;
    union {
        int64_t i;
        double f;
        const struct ic_ts_text *text;
        struct ic_ts_seq *seq;
        struct ic_ts_tensor *t;
        struct ic_ts_object *o;
        const struct ic_ts_class *cls;
        const struct ic_ts_def *def;
        const void *any;
    } u;
};

/* One step from a tensor to a view of it. */
enum ic_ts_view_kind { IC_TS_VIEW_RESHAPE = 1, IC_TS_VIEW_PERMUTE, IC_TS_VIEW_SLICE, IC_TS_VIEW_EXPAND };
struct ic_ts_view {
    enum ic_ts_view_kind kind;
    int32_t rank;                    /* RESHAPE, EXPAND: of the result; PERMUTE: of both */
    int64_t dims[IC_IR_MAX_RANK];    /* RESHAPE, EXPAND: new sizes; PERMUTE: axis of the source per axis of the result */
    int32_t axis;                    /* SLICE */
    int64_t start, length, step;     /* SLICE: length elements */
    const struct ic_ts_view *before; /* the step from the root taken before this one */
};

/* What a tensor holds at the moment. */
struct ic_ts_content {
    const void *data;       /* known: dense row-major elements of dtype; NULL: computed on the chip */
    struct ic_value *value; /* computed: its IR value; known: the constant made from it on first use, or NULL */
    bool contiguous;        /* torch would call it so, surely: decides whether reshape makes a view (order.c) */
};

/* Tensors that share memory. Writing through one of them makes the others stale until they are derived again from the root. */
struct ic_ts_shared {
    struct ic_ts_content root;
    int32_t rank;
    int64_t dims[IC_IR_MAX_RANK];
    uint32_t version;
    struct ic_ts_shared *maybe;        /* torch may have made this a view of that memory; here it is a copy */
    uint32_t maybe_version;            /* of that memory when the copy was made */
    int32_t maybe_line;                /* of the source, where it was made */
    const char *maybe_op;              /* by which operator */
    bool surely;                       /* torch has made a view */
    const void *storage;               /* of the file, whose elements these were; NULL: made by the code */
    bool doubtful;                     /* such a copy was written to: what is here now is not known */
    const struct ic_ts_shared *writer; /* the last of those copies */
};

/* A storage of the file was written to, through these tensors: others of that storage, which torch shows the same memory, are not read after that. */
struct ic_ts_stored_write {
    const void *storage;
    const struct ic_ts_shared *by;
    int32_t line;
    struct ic_ts_stored_write *next;
};

/* Elements of a known tensor in another shape, reversed along some of its axes: weights of windows, which are copied only when a network is built. */
struct ic_ts_later {
    struct ic_ts_tensor *base;
    uint32_t reversed; /* bit i: axis i */
};

struct ic_ts_tensor {
    int32_t dtype; /* enum ic_ts_dtype: what torch would say; computed values are f32 on the chip whatever the float type */
    int32_t rank;
    int64_t dims[IC_IR_MAX_RANK];
    struct ic_ts_content now;
    const struct ic_ts_weight *weight; /* comes from a storage and has not been gathered yet (data NULL until then) */
    const struct ic_ts_later *later;   /* made of another known tensor, and has not been made yet; data NULL until then */
    const float *f32;                  /* its elements as a constant of the graph, made on first use */
    const struct ic_ts_coding *coding; /* of stored quantized weights (quantized.h); NULL otherwise */
    const struct ic_ts_tensor
        *chosen_by;      /* x[mask]: dims and contents are x's, of which mask says what is meant (chosen.h); NULL otherwise */
    bool weight_checked; /* holds neither NaN nor Inf */
    const char *name;    /* of a weight: "linear.weight"; NULL otherwise */
    const void *storage; /* of the file, which it was loaded from; NULL: none */
    struct ic_ts_shared *shared;   /* NULL: no view of it exists */
    const struct ic_ts_view *view; /* last step from shared's root; NULL: it is the root */
    uint32_t version;
    bool probe_reshaped; /* in a probe: it has the input's elements, not its shape */
    int32_t probe;       /* in a probe: 1 + index of the input this is, untouched but elementwise; 0 otherwise */
    int32_t face;        /* index in ic_ts.faces + 1 of the operator that made it; 0 for inputs */
};

struct ic_ts_object {
    const struct ic_ts_class *cls;
    const char *class_path; /* "__torch__.torch.nn.modules.linear.Linear" */
    const char *path;       /* where it stands in the model: "layer1.0.conv1"; "" the root */
    const char **names;     /* interned */
    struct ic_ts_value *values;
    int32_t n, cap;
};

/* A call of a function or method in progress. */
struct ic_ts_frame {
    const struct ic_ts_def *def;
    const struct ic_ts_object *self; /* NULL in a free function: then path is the caller's */
    const char *path;
    const char **names;
    struct ic_ts_value *values;
    int32_t n, cap;
    int32_t line;
    int32_t n_results; /* names.c */
    struct ic_ts_frame *caller;
};

struct ic_ts_problem { /* an unsupported operator */
    const char *op;    /* "aten::foo" */
    const char *why;   /* what to do, or what exactly is not supported; "" general */
    const char *file;
    const char *path;
    const char *shapes; /* "[1, 3, 224, 224], [64]" */
    int32_t line;
    int32_t count;
    struct ic_ts_problem *next;
};

struct ic_ts_face { /* for the drop-in's names of outputs, see names.c */
    const char *op;
    int32_t value_number, layer;
};

struct ic_ts {
    struct ic_arena arena;
    struct ic_diag *d;
    struct ic_import_limits limits;
    struct ic_ts_archive *archive;
    struct ic_new_weights *new_weights; /* NULL: the archive's own */
    struct ic_graph *graph;             /* NULL in a probe */
    struct ic_ts_frame *frame;
    uint64_t n_evaluated;
    uint32_t depth; /* of calls and expressions */
    uint32_t n_calls_deep;
    struct ic_ts_problem *problems, **problems_end;
    int32_t n_problems;
    bool stopped;                           /* an unknown value decided the control flow: evaluation cannot go on */
    const struct ic_ts_row *row;            /* the operator being called, for messages and names */
    const struct ic_ts_row *composed;       /* the outermost operator of composed.def being evaluated; NULL */
    const struct ic_ts_def **composed_defs; /* parsed on first use */
    struct ic_ts_stored_write *stored_writes;
    ic_import_evaluate_fn *evaluate; /* folds nodes that read constants only; NULL */
    const void **schemas;            /* struct ic_ts_schema per row of the table, made on first use */
    /* once-only messages */
    bool said_device, said_training, said_narrowed, said_half, said_random, said_dynamic, said_real;
    bool exported; /* of a .pt2: codes are whole numbers there, not quantized tensors */
    /* names.c */
    struct ic_name_index name_counts; /* how often each name was asked for */
    struct ic_ts_face *faces;
    int32_t n_faces, cap_faces, n_layers, n_values;
    /* probe */
    bool probing;
    struct ic_import_signature *signature;
    char (*hints)[96]; /* [IC_IMPORT_MAX_INPUTS], what the first use says */
};

/* ---- value.c ---- */
static inline struct ic_ts_value ic_ts_none(void)
{
    return (struct ic_ts_value){.kind = IC_TS_V_NONE};
}
static inline struct ic_ts_value ic_ts_unknown(void)
{
    return (struct ic_ts_value){.kind = IC_TS_V_UNKNOWN};
}
static inline struct ic_ts_value ic_ts_int(int64_t i)
{
    return (struct ic_ts_value){.kind = IC_TS_V_INT, .u.i = i};
}
static inline struct ic_ts_value ic_ts_bool(bool b)
{
    return (struct ic_ts_value){.kind = IC_TS_V_BOOL, .u.i = b};
}
static inline struct ic_ts_value ic_ts_float(double f)
{
    return (struct ic_ts_value){.kind = IC_TS_V_FLOAT, .u.f = f};
}
static inline struct ic_ts_value ic_ts_of(struct ic_ts_tensor *t)
{
    return (struct ic_ts_value){.kind = IC_TS_V_TENSOR, .u.t = t};
}
static inline struct ic_ts_value ic_ts_complex(struct ic_ts_tensor *parts)
{
    return (struct ic_ts_value){.kind = IC_TS_V_COMPLEX, .u.t = parts};
}
enum ic_status ic_ts_no_memory(struct ic_ts *ts) IC_MUST_USE;
/* Fails with "FILE, line N, in module PATH: " before the text. */
enum ic_status ic_ts_fail(struct ic_ts *ts, unsigned cause, const char *format, ...) IC_PRINTF(3, 4) IC_MUST_USE;
enum ic_status ic_ts_text(struct ic_ts *ts, const char *text, size_t length, struct ic_ts_value *out) IC_MUST_USE;
enum ic_status ic_ts_seq(struct ic_ts *ts, enum ic_ts_kind kind, int32_t n, struct ic_ts_value *out) IC_MUST_USE; /* n items None */
enum ic_status ic_ts_append(struct ic_ts *ts, struct ic_ts_seq *s, struct ic_ts_value v) IC_MUST_USE;
enum ic_status ic_ts_ints(struct ic_ts *ts, int32_t n, const int64_t *values, struct ic_ts_value *out) IC_MUST_USE; /* a list */
bool ic_ts_equal(const struct ic_ts_value *a, const struct ic_ts_value *b);                 /* of anything but tensors */
struct ic_ts_value *ic_ts_dict_find(struct ic_ts_seq *dict, const struct ic_ts_value *key); /* the value's place; NULL */
struct ic_ts_value *ic_ts_attr_find(const struct ic_ts_object *o, const char *interned);
enum ic_status ic_ts_attr_set(struct ic_ts *ts, struct ic_ts_object *o, const char *interned, struct ic_ts_value v) IC_MUST_USE;
const char *ic_ts_kind_name(const struct ic_ts_value *v);
/* base's elements in another shape, reversed along axes. */
enum ic_status ic_ts_tensor_later(struct ic_ts *ts, struct ic_ts_tensor *base, int32_t rank, const int64_t *dims, uint32_t reversed,
                                  struct ic_ts_tensor **out) IC_MUST_USE;
const char *ic_ts_describe(struct ic_ts *ts, const struct ic_ts_value *v); /* "Tensor [1, 784]", "int 3": for messages */
bool ic_ts_truth(const struct ic_ts_value *v);                             /* of BOOL, INT, FLOAT, NONE */
bool ic_ts_has_unknown(const struct ic_ts_value *v);

/* ---- eval.c ---- */
/* Calls def with bound arguments (one per parameter, self included). */
enum ic_status ic_ts_call(struct ic_ts *ts, const struct ic_ts_def *def, const struct ic_ts_value *args,
                          const struct ic_ts_object *self, struct ic_ts_value *out) IC_MUST_USE;
enum ic_status ic_ts_eval(struct ic_ts *ts, struct ic_ts_expr *e, struct ic_ts_value *out) IC_MUST_USE;
/* ---- call.c ---- */
enum ic_status ic_ts_eval_call(struct ic_ts *ts, struct ic_ts_expr *e, struct ic_ts_value *out) IC_MUST_USE;
/* "__torch__.a.b.C" when e is a chain of attributes on a name; NULL otherwise. */
const char *ic_ts_dotted(struct ic_ts *ts, const struct ic_ts_expr *e);
enum ic_status ic_ts_spend(struct ic_ts *ts) IC_MUST_USE; /* one unit of the evaluation budget */

#endif
