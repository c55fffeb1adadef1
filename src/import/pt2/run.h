/* SPDX-License-Identifier: Apache-2.0
 *
 * The graph of an exported program, evaluated: names to values, arguments from JSON, nodes called as operators.
 */
#ifndef IC_IMPORT_PT2_RUN_H
#define IC_IMPORT_PT2_RUN_H

#include "import/pt2/package.h"
#include "import/pt2/symbols.h"
#include "import/torchscript/aten.h"

/* The values of one graph; graphs inside graphs have their own. */
struct ic_pt2_scope {
    struct ic_name_index index;
    struct ic_ts_value *values;
    uint32_t n, cap;
};

struct ic_pt2_run {
    struct ic_ts ts;
    struct ic_pt2_package package;
    struct ic_pt2_symbols symbols;
    struct ic_pt2_scope *scope;
    const struct ic_json *node; /* being called */
    /* what the evaluator of TorchScript keeps for the source: one function whose file and line follow the nodes */
    struct ic_ts_file file;
    struct ic_ts_def def;
    struct ic_ts_object module;
    struct ic_ts_frame frame;
    uint32_t n_graphs_deep;
    struct ic_import_signature signature;
    const char *inputs[IC_IMPORT_MAX_INPUTS]; /* their names in the graph, whole */
};

enum ic_status ic_pt2_set(struct ic_pt2_run *r, const char *name, struct ic_ts_value v) IC_MUST_USE;
enum ic_status ic_pt2_get(struct ic_pt2_run *r, const struct ic_json *named, const char *name, struct ic_ts_value *out) IC_MUST_USE;

/* ---- args.c ---- */
/* arg: one of the unions of the format, {"as_tensor": {"name": "x"}}. */
enum ic_status ic_pt2_argument(struct ic_pt2_run *r, const struct ic_json *arg, struct ic_ts_value *out) IC_MUST_USE;

/* ---- calls.c ---- */
/* Calls what a node names that is no operator of the table: arithmetic on sizes, checks, graphs inside. *found false: none of these. */
enum ic_status ic_pt2_call_special(struct ic_pt2_run *r, const char *target, const struct ic_ts_args *args, bool *found,
                                   struct ic_ts_value *out) IC_MUST_USE;

/* ---- run.c ---- */
/* Fails with the byte of v before the text. */
enum ic_status ic_pt2_fail_at(struct ic_pt2_run *r, const struct ic_json *v, unsigned cause, const char *format, ...)
    IC_PRINTF(4, 5) IC_MUST_USE;
enum ic_status ic_pt2_nodes(struct ic_pt2_run *r, const struct ic_json *graph) IC_MUST_USE;
/* A graph given as an argument, called with args: a tuple of its results, or the one result it says to give alone. */
enum ic_status ic_pt2_subgraph(struct ic_pt2_run *r, const struct ic_json *graph, const struct ic_ts_value *args, int32_t n_args,
                               struct ic_ts_value *out) IC_MUST_USE;

#endif
