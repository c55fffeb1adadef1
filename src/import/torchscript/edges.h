/* SPDX-License-Identifier: Apache-2.0
 *
 * The edges of a network, the same for every format that is evaluated: inputs made from what the user gives, results taken as outputs.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_EDGES_H
#define IC_IMPORT_TORCHSCRIPT_EDGES_H

#include "import/torchscript/aten.h"

/* What the user gives for input i of s, by name (the drop-in shows x as x.1) or by position; NULL: nothing. */
const struct ic_import_input *ic_ts_find_input(const struct ic_import_options *o, const struct ic_import_signature *s, int32_t i);
/* Refuses names that the network does not have. */
enum ic_status ic_ts_check_input_names(struct ic_ts *ts, const struct ic_import_options *o,
                                       const struct ic_import_signature *s) IC_MUST_USE;
/* An input of the graph with in's shape and type. batch1: a shape [K] becomes [1, K]. */
enum ic_status ic_ts_make_input(struct ic_ts *ts, const struct ic_import_input *in, const char *name, bool batch1,
                                struct ic_ts_value *out) IC_MUST_USE;
/* The tensors of a result become outputs of the graph, in order. */
enum ic_status ic_ts_take_output(struct ic_ts *ts, struct ic_ts_value *v, uint32_t depth) IC_MUST_USE;
/* A network without results, or without inputs, is none. */
enum ic_status ic_ts_check_edges(const struct ic_ts *ts) IC_MUST_USE;
enum ic_status ic_ts_write_provenance(struct ic_ts *ts, const char *name, const char *format, const char *version) IC_MUST_USE;

#endif
