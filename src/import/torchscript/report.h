/* SPDX-License-Identifier: Apache-2.0
 *
 * What people are told: unsupported operators all at once, missing shapes, data-dependent control flow, things done silently.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_REPORT_H
#define IC_IMPORT_TORCHSCRIPT_REPORT_H

#include "import/torchscript/aten.h"

#define IC_TS_MASKED                                                                                                               \
    "with a mask that is computed on the chip: the shape of the result depends on the data; keep all elements (multiply by the "   \
    "mask, or topk of a fixed number), or leave this stage out of the exported model and do it in your own code"

/* Notes an unsupported operator and lets evaluation go on with an unknown result. why: what to do or what is missing; "" general. */
enum ic_status ic_ts_unsupported(struct ic_ts *ts, const char *op, const char *why, const struct ic_ts_value *args, int32_t n_args,
                                 struct ic_ts_value *out) IC_MUST_USE;
enum ic_status ic_ts_fail_problems(struct ic_ts *ts) IC_MUST_USE; /* the list as one message */
enum ic_status ic_ts_fail_data_dependent(struct ic_ts *ts, const struct ic_ts_expr *condition, const char *word) IC_MUST_USE;
/* In a probe: the first weight that input meets. */
void ic_ts_probe_weight(struct ic_ts *ts, const struct ic_ts_row *row, const struct ic_ts_tensor *input,
                        const struct ic_ts_args *args);
/* In a probe: that input seen in another shape. */
void ic_ts_probe_reshaped(struct ic_ts *ts, const struct ic_ts_tensor *input, struct ic_ts_value *out);
const char *ic_ts_remedy(const char *ns, const char *name); /* what to do instead of an operator; "" nothing special */
void ic_ts_say_device(struct ic_ts *ts, const char *device);
void ic_ts_say_training(struct ic_ts *ts, const char *op);
void ic_ts_say_narrowed(struct ic_ts *ts, int32_t dtype);

#endif
