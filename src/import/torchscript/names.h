/* SPDX-License-Identifier: Apache-2.0
 *
 * Names: of nodes (the user's module path) and of inputs and outputs as the drop-in API shows them.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_NAMES_H
#define IC_IMPORT_TORCHSCRIPT_NAMES_H

#include "import/torchscript/eval.h"

/* Counts one value of the running program (see names.c). */
void ic_ts_count_result(struct ic_ts *ts);
/* At the start: the root function's own values come before everything inlined. */
void ic_ts_count_root(struct ic_ts *ts, const struct ic_ts_def *root);
/* A unique name for a node of the operator being called: "layer1.0.conv1", "layer1.0.relu", "add_1". suffix: "" or ".nhwc" ... NULL: no memory. */
const char *ic_ts_node_name(struct ic_ts *ts, const char *suffix);
/* Notes that the operator being called makes a layer; returns its index in ts->faces + 1, 0 when there is no memory. */
int32_t ic_ts_note_layer(struct ic_ts *ts);
const char *ic_ts_input_face(struct ic_ts *ts, const char *name, int32_t index);
const char *ic_ts_output_face(struct ic_ts *ts, const struct ic_ts_tensor *t, int32_t index);

#endif
