/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators that are written in TorchScript themselves: composed.def has a schema and a body for each, in the language of the archives, where every
 * name that is no variable is an operator. The body is parsed when a model first uses it and evaluated like the model's own functions; messages, names and
 * origins speak of the place in the model that called it.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_COMPOSED_H
#define IC_IMPORT_TORCHSCRIPT_COMPOSED_H

#include "import/torchscript/aten.h"

ic_ts_op_fn ic_ts_op_composed;
/* Whether this frame runs a body of composed.def. */
bool ic_ts_in_composed(const struct ic_ts_frame *f);
/* The frame of the model's own code that everything here happens for. */
const struct ic_ts_frame *ic_ts_place(const struct ic_ts *ts);

#endif
