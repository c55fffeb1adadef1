/* SPDX-License-Identifier: Apache-2.0
 *
 * Model files to graph. The kind of file is recognized by content, never by extension. Nothing in a file is executed.
 */
#ifndef IC_IMPORT_IMPORT_H
#define IC_IMPORT_IMPORT_H

#include "ir/graph.h"

struct ic_import_input {
    const char *name; /* "" or NULL: by position */
    int32_t rank;     /* -1: not given */
    int32_t dims[IC_IR_MAX_RANK];
    enum ic_dtype dtype; /* IC_DTYPE_NONE: float32 */
    bool complex;        /* PyTorch only: dims are those of a complex tensor; the network's input has a last axis of 2 more */
};

/* Everything a hostile file could use to cost time or memory. ic_import_limits_default() fills it. */
struct ic_import_limits {
    uint64_t max_member_bytes; /* of one inflated zip member */
    uint64_t max_total_bytes;  /* all allocations of an import beyond the mapping */
    uint32_t max_depth;        /* nesting of anything */
    uint64_t max_evaluated;    /* expressions evaluated */
    uint32_t max_nodes;
};
struct ic_import_limits ic_import_limits_default(void);

/* Weights of at least this many bytes stay in their file while a network is imported: that their axes stand in another order is a Transpose of a
 * constant, which optimization computes before anything else (optimize/late_weights.h). */
#define IC_IMPORT_LATE_BYTES ((size_t)64 << 10)

/* Computes n, which reads constants only and has one output, and makes a constant of the result in g. Importers may not run operators
 * themselves: the toolchain lends them this. */
typedef enum ic_status ic_import_evaluate_fn(struct ic_graph *g, const struct ic_node *n, struct ic_value **out_v,
                                             struct ic_diag *d);

/* An input that is a constant of the network from here on: every element is value. */
struct ic_import_constant {
    const char *name;
    double value;
};

struct ic_import_options {
    const struct ic_import_input *inputs;
    int32_t n_inputs;
    /* Tensors or nodes of which the network's results are taken, in this order; 0: the network's own outputs. */
    const char *const *outputs;
    int32_t n_outputs;
    const struct ic_import_constant *constants; /* ONNX only: others refuse them */
    int32_t n_constants;
    /* Weights by name instead of the model's own: a state dict (import/state_dict.h), or the path of one, which the toolchain opens. NULL: none. */
    const char *weights_path;
    const void *weights_bytes;
    size_t weights_size_bytes;
    struct ic_new_weights *new_weights; /* ic_import fills it for the importers */
    bool drop_in_batch1;                /* a rank-1 input [K] is imported as [1, K] (the drop-in's rule) */
    const char *method;                 /* TorchScript: which method is the network; NULL: "forward" */
    struct ic_import_limits limits;
    ic_import_evaluate_fn *evaluate; /* NULL: nothing is folded while importing, and ONNX files are refused */
    /* Opens a file beside the model (weights kept apart), by the name that the model gives; the bytes live as long as the graph. NULL: files that
     * need one are refused. */
    enum ic_status (*open_beside)(void *user, const char *name, const void **out_bytes, size_t *out_size_bytes, struct ic_diag *d);
    void *open_user;
};

/* What a file is, for inspect and for messages; text is one sentence. Needs only the bytes. */
struct ic_recognized {
    const char *
        format; /* "torchscript", "torch state dict", "torch pickled module", "torch checkpoint", "onnx", "tflite", "rknn v1" ... "unknown" */
    bool importable;
    char version[32]; /* "1.6" as other tools print it for TorchScript; "" unknown */
};
void ic_import_recognize(const void *bytes, size_t size_bytes, struct ic_recognized *out);

/* bytes must stay valid as long as the graph (constants may be lent from it). path is for messages only and for the model's name.
 * All unsupported operators of a model are reported in one message, each with place, module path, shapes. */
enum ic_status ic_import(const void *bytes, size_t size_bytes, const char *path, const struct ic_import_options *options,
                         struct ic_graph **out_g, struct ic_diag *d) IC_MUST_USE;

/* A model's inputs (of that method of a TorchScript file; NULL: forward) without importing it: names, and shapes where weights make them certain (rank -1 otherwise). */
#define IC_IMPORT_MAX_INPUTS 64
struct ic_import_signature {
    int32_t n_inputs;
    char names[IC_IMPORT_MAX_INPUTS][64];
    int32_t rank[IC_IMPORT_MAX_INPUTS];
    int32_t dims[IC_IMPORT_MAX_INPUTS][IC_IR_MAX_RANK]; /* -1: free */
    bool declared;                                      /* shapes stand in the file; else they follow from its weights */
    char methods[600];                                  /* "encode(x), forward(x)" when there are several to choose from, else "" */
};
enum ic_status ic_import_signature(const void *bytes, size_t size_bytes, const char *path, const char *method,
                                   struct ic_import_signature *out, struct ic_diag *d) IC_MUST_USE;

#endif
