/* SPDX-License-Identifier: Apache-2.0
 *
 * Complex tensors. Their values are of a kind of their own (IC_TS_V_COMPLEX), which no parameter of type Tensor takes: an operator that has not been taught
 * complex numbers refuses them and cannot take their parts for numbers. What a value holds is a real tensor with a last axis of 2, so views and writes of it
 * are views and writes of that. composed_complex.def has the operators; those that only move elements, or add them, run their real form on the parts.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_COMPLEX_H
#define IC_IMPORT_TORCHSCRIPT_COMPLEX_H

#include "import/torchscript/aten.h"
#include "import/torchscript/schema.h"

/* F32 for C64 ...; -1: no complex type. */
static inline int32_t ic_ts_part_type(int32_t dtype)
{
    return dtype >= IC_TS_C32 && dtype <= IC_TS_C128 ? dtype - (IC_TS_C32 - IC_TS_F16) : -1;
}

/* re + im j as a complex tensor without axes, which is what a Python number is here. */
enum ic_status ic_ts_complex_number(struct ic_ts *ts, double re, double im, struct ic_ts_value *out) IC_MUST_USE;
/* A tensor that stands in the file, complex or not; w becomes part of it. name may be NULL. */
enum ic_status ic_ts_weight_tensor(struct ic_ts *ts, struct ic_ts_weight *w, const char *name, struct ic_ts_value *out) IC_MUST_USE;

/* How an operator runs on parts; NULL: it does not, or none of the arguments is complex. */
struct ic_ts_lifted;
const struct ic_ts_lifted *ic_ts_lifted(const char *ns, const char *name, size_t length, const struct ic_ts_args *args);
/* The arguments with parts in place of complex tensors. */
enum ic_status ic_ts_parts_of_args(struct ic_ts *ts, const struct ic_ts_lifted *l, const struct ic_ts_args *args,
                                   struct ic_ts_args *out) IC_MUST_USE;
/* Bound arguments, of which axes and sizes are made to mean the parts' axes. *fits false: this overload would reach the last axis. */
enum ic_status ic_ts_lift_axes(struct ic_ts *ts, const struct ic_ts_lifted *l, const struct ic_ts_schema *s,
                               struct ic_ts_value *bound, bool *fits) IC_MUST_USE;
/* Results as complex tensors. */
enum ic_status ic_ts_from_parts(struct ic_ts *ts, struct ic_ts_value *out) IC_MUST_USE;
/* bound has a parameter "dtype" that is complex: it becomes that of the parts. */
bool ic_ts_wants_complex(const struct ic_ts_schema *s, struct ic_ts_value *bound);
enum ic_status ic_ts_make_complex(struct ic_ts *ts, struct ic_ts_value *v) IC_MUST_USE; /* a real tensor with 0 as imaginary part */
bool ic_ts_some_complex(const struct ic_ts_value *v, int32_t n, int depth);

#endif
