/* SPDX-License-Identifier: Apache-2.0
 *
 * x[mask] with a mask that is computed: how many elements it has is not known, but what is written back to the same places (x[mask] *= 2) is: the tensor keeps
 * all elements and its mask, operators on single elements apply to all, and where chooses in the end. Everything else is named as unsupported.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_CHOSEN_H
#define IC_IMPORT_TORCHSCRIPT_CHOSEN_H

#include "import/torchscript/aten.h"

/* index(x, [mask]) */
enum ic_status ic_ts_choose(struct ic_ts *ts, const struct ic_ts_tensor *x, const struct ic_ts_tensor *mask,
                            struct ic_ts_value *out) IC_MUST_USE;
/* Before an operator runs. *chosen: one of its arguments is of that kind. *handled: it is not to run; *out is its result, or unknown. */
enum ic_status ic_ts_chosen_operator(struct ic_ts *ts, const char *ns, const char *name, const struct ic_ts_args *args,
                                     bool *chosen, bool *handled, struct ic_ts_value *out) IC_MUST_USE;
/* After it ran: its result is of that kind too. */
void ic_ts_stay_chosen(const struct ic_ts_args *args, struct ic_ts_value *out);

#endif
