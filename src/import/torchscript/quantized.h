/* SPDX-License-Identifier: Apache-2.0
 *
 * Quantized tensors of PyTorch. A computed one is a float value behind a Quantize and a Dequantize node of its parameters, so that every
 * operator applies to it; the pass own_codes makes integer arithmetic of what stands between such pairs.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_QUANTIZED_H
#define IC_IMPORT_TORCHSCRIPT_QUANTIZED_H

#include "import/torchscript/aten.h"

/* Real = (code - zero) * scale; one pair, or one per element of axis. */
struct ic_ts_coding {
    int32_t n, axis;
    const float *scales;
    const int32_t *zeros;
};

static inline bool ic_ts_is_coded(const struct ic_ts_tensor *t)
{
    return t->dtype == IC_TS_QU8 || t->dtype == IC_TS_QS8;
}
/* A call of torch._utils._rebuild_qtensor, whose argument 4 is coding: weights, as float numbers that know their codes. */
enum ic_status ic_ts_load_coded(struct ic_ts *ts, const struct ic_pickle_value *v, const struct ic_ts_value *coding,
                                const char *folder, const char *name, struct ic_ts_value *out) IC_MUST_USE;
/* x rounded to codes of these parameters. */
enum ic_status ic_ts_quantize(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t dtype, double scale, int64_t zero,
                              struct ic_ts_tensor **out) IC_MUST_USE;
/* The codes of a value that is exactly on a grid of them: what the Dequantize node reads that it was only moved from; NULL: it is on none. */
const struct ic_value *ic_ts_codes_behind(const struct ic_value *v);
/* A coded tensor as the whole numbers that an exported program means by it. */
enum ic_status ic_ts_codes_as_numbers(struct ic_ts *ts, struct ic_ts_value *v) IC_MUST_USE;
/* False: an operator of an exported program computes with codes as the numbers they are, which they are not here (named as unsupported). */
enum ic_status ic_ts_takes_codes(struct ic_ts *ts, const char *ns, const char *name, const struct ic_ts_value *args, int32_t n_args,
                                 struct ic_ts_value *out, bool *takes) IC_MUST_USE;
/* What the operator of that name ("avg_pool2d") has made of a quantized tensor, as PyTorch gives it: quantized as well. */
enum ic_status ic_ts_after_operator(struct ic_ts *ts, const char *name, const struct ic_ts_value *args, int32_t n_args,
                                    struct ic_ts_value *out) IC_MUST_USE;
/* An object of compiled code that holds packed weights: its pickled state to the object that ops.quantized.*_prepack give. */
enum ic_status ic_ts_load_packed(struct ic_ts *ts, const char *class_path, const struct ic_ts_value *state,
                                 struct ic_ts_object *o) IC_MUST_USE;

#endif
