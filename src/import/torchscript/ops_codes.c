/* SPDX-License-Identifier: Apache-2.0
 *
 * quantized_decomposed::*, which torch.export writes: codes are tensors of whole numbers whose scale stands in the calls around them. Between such calls lies a
 * float value behind a Quantize and a Dequantize node (quantized.h); what has no such form is computed by the arithmetic of composed_codes.def.
 */
#include "import/torchscript/composed.h"
#include "import/torchscript/ops.h"
#include "import/torchscript/quantized.h"
#include "import/torchscript/report.h"

#include <math.h>
#include <string.h>

/* A number, or a known tensor of one element: *out. */
static enum ic_status number_of(struct ic_ts *ts, const struct ic_ts_value *v, bool *known, double *out)
{
    *known = ic_ts_is_number(v);
    if (*known)
        *out = ic_ts_number(v);
    else if (v->kind == IC_TS_V_TENSOR)
        return ic_ts_tensor_number(ts, v->u.t, known, out);
    return IC_OK;
}

static int32_t coded_type(int32_t dtype)
{
    return dtype == IC_TS_U8 ? IC_TS_QU8 : IC_TS_QS8;
}

/* Fewer codes than the type has: their ends are put on x. */
static enum ic_status keep_within(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t dtype, double scale, double zero, int64_t low,
                                  int64_t high, struct ic_ts_tensor **out)
{
    const int64_t least = dtype == IC_TS_U8 ? 0 : -128;
    *out = x;
    if (low <= least && high >= least + 255)
        return IC_OK;
    return ic_ts_unary(ts, IC_MAP_CLAMP, (double)((float)((double)low - zero) * (float)scale),
                       (double)((float)((double)high - zero) * (float)scale), x, out);
}

/* input, scale, zero point, smallest and largest code, type */
enum ic_status ic_ts_op_to_codes(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    struct ic_ts_tensor *x = arg[0].u.t;
    const int32_t dtype = (int32_t)arg[5].u.i;
    bool scale_known = false, zero_known = false;
    double scale = 0, zero = 0;
    (void)row;
    IC_TRY(number_of(ts, &arg[1], &scale_known, &scale));
    IC_TRY(number_of(ts, &arg[2], &zero_known, &zero));
    if (!ic_ts_is_known(x) && scale_known && zero_known && (dtype == IC_TS_U8 || dtype == IC_TS_S8)) {
        IC_TRY(keep_within(ts, x, dtype, scale, zero, arg[3].u.i, arg[4].u.i, &x));
        IC_TRY(ic_ts_quantize(ts, x, coded_type(dtype), scale, (int64_t)zero, &x));
        *out = ic_ts_of(x);
        return IC_OK;
    }
    struct ic_ts_value args[] = {arg[0], ic_ts_float(1.0 / scale), arg[2], arg[3], arg[4], arg[5]};
    if (!scale_known && !ts->said_dynamic) {
        ic_say(ts->d, 'W',
               "dynamically quantized layers are computed in float, with their inputs and weights rounded as the network says (the "
               "first: %s, line "
               "%d); quantize with a static recipe, or export the float model and use --dtype uint8, for integers",
               ic_ts_place(ts)->def->file->path, ic_ts_place(ts)->line);
        ts->said_dynamic = true;
    }
    if (!scale_known)
        IC_TRY(ic_ts_call_op(ts, "aten", "reciprocal", &arg[1], 1, &args[1]));
    return ic_ts_call_op(ts, "ic", "to_codes", args, 6, out);
}

/* Whether x lies on the grid of these codes. */
static bool on_grid(const struct ic_ts_tensor *x, double scale, double zero)
{
    const struct ic_value *codes = ic_ts_codes_behind(x->now.value);
    const int32_t shift = x->dtype == IC_TS_QS8 ? 128 : 0;
    return codes && codes->quant.scales[0] == (float)scale && (double)(codes->quant.zero - shift) == zero;
}

enum ic_status ic_ts_codes_as_numbers(struct ic_ts *ts, struct ic_ts_value *v)
{
    const struct ic_ts_tensor *t = v->u.t;
    const struct ic_value *codes = ic_ts_codes_behind(t->now.value);
    if (!codes)
        return ic_ts_fail(ts, IC_ERR_INTERNAL, "codes without parameters");
    const bool s8 = t->dtype == IC_TS_QS8;
    struct ic_ts_value args[] = {*v,
                                 ic_ts_float(1.0 / (double)codes->quant.scales[0]),
                                 ic_ts_int(codes->quant.zero - (s8 ? 128 : 0)),
                                 ic_ts_int(s8 ? -128 : 0),
                                 ic_ts_int(s8 ? 127 : 255),
                                 ic_ts_int(s8 ? IC_TS_S8 : IC_TS_U8)};
    IC_TRY(ic_ts_op_dequantize(ts, NULL, v, &args[0]));
    return ic_ts_call_op(ts, "ic", "to_codes", args, 6, v);
}

/* Scales of constant codes: whoever computes in integers later finds the codes again by them. */
static enum ic_status note(struct ic_ts *ts, const float *scales, int32_t n)
{
    struct ic_graph *g = ts->graph;
    for (const struct ic_code_scales *s = g->code_scales; s; s = s->next)
        if (s->n == n && memcmp(s->scales, scales, (size_t)n * sizeof *scales) == 0)
            return IC_OK;
    struct ic_code_scales *s = ic_arena_alloc(&g->arena, sizeof *s);
    const float *copy = ic_arena_copy(&g->arena, scales, (size_t)n * sizeof *scales);
    if (!s || !copy)
        return ic_ts_no_memory(ts);
    *s = (struct ic_code_scales){.n = n, .scales = copy, .next = g->code_scales};
    g->code_scales = s;
    return IC_OK;
}

/* input, scale, zero point, smallest and largest code, type, type of the result */
enum ic_status ic_ts_op_from_codes(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const struct ic_ts_tensor *x = arg[0].u.t;
    bool scale_known = false, zero_known = false;
    double scale = 0, zero = 0;
    IC_TRY(number_of(ts, &arg[1], &scale_known, &scale));
    IC_TRY(number_of(ts, &arg[2], &zero_known, &zero));
    if (ic_ts_is_coded(x)) {
        if (scale_known && zero_known && on_grid(x, scale, zero))
            return ic_ts_op_dequantize(ts, row, arg, out);
        return ic_ts_unsupported(ts, "quantized_decomposed::dequantize_per_tensor",
                                 "its scale or zero point are not those that the codes were made with", arg, 1, out);
    }
    struct ic_ts_value args[] = {arg[0], arg[1], arg[2]};
    if (ic_ts_is_known(x) && scale_known && ts->graph) {
        const float narrow = (float)scale;
        IC_TRY(note(ts, &narrow, 1));
    }
    return ic_ts_call_op(ts, "ic", "from_codes", args, 3, out);
}

/* values, the codes they were made from, their scales: values */
enum ic_status ic_ts_op_noted_scales(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg,
                                     struct ic_ts_value *out)
{
    const struct ic_ts_tensor *scales = arg[2].u.t;
    const void *data = NULL;
    (void)row;
    *out = arg[0];
    if (!ts->graph || !ic_ts_is_known(arg[1].u.t) || !ic_ts_is_known(scales) || scales->rank != 1 || scales->dims[0] > INT32_MAX)
        return IC_OK;
    const int32_t n = (int32_t)scales->dims[0];
    float *narrow = ic_arena_array(&ts->arena, (size_t)n + 1, sizeof *narrow);
    if (!narrow)
        return ic_ts_no_memory(ts);
    IC_TRY(ic_ts_tensor_data(ts, arg[2].u.t, &data));
    for (int32_t i = 0; i < n; ++i)
        narrow[i] = (float)ic_ts_get_number(scales->dtype, data, i);
    return note(ts, narrow, n);
}

/* ---- what else may read codes ---- */
/* Operators that move whole numbers or choose the largest: codes and what they stand for go the same way. */
static bool moves_codes(const char *name)
{
    static const char *const names[] = {"max_pool1d",   "max_pool2d", "view",
                                        "_unsafe_view", "reshape",    "flatten",
                                        "permute",      "transpose",  "t",
                                        "numpy_T",      "unsqueeze",  "squeeze",
                                        "select",       "slice",      "narrow",
                                        "expand",       "contiguous", "clone",
                                        "detach",       "alias",      "chunk",
                                        "split",        "unbind",     "unflatten",
                                        "flip",         "roll",       "repeat",
                                        "index_select", "dropout",    "split_with_sizes",
                                        "sym_size",     "dim",        "pixel_shuffle"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool has_codes(const struct ic_ts_value *v, int depth)
{
    if (v->kind == IC_TS_V_TENSOR)
        return ic_ts_is_coded(v->u.t);
    if (depth > 1 || (v->kind != IC_TS_V_LIST && v->kind != IC_TS_V_TUPLE))
        return false;
    for (int32_t i = 0; i < v->u.seq->n; ++i)
        if (has_codes(&v->u.seq->items[i], depth + 1))
            return true;
    return false;
}

enum ic_status ic_ts_takes_codes(struct ic_ts *ts, const char *ns, const char *name, const struct ic_ts_value *args, int32_t n_args,
                                 struct ic_ts_value *out, bool *takes)
{
    *takes = true;
    if (strcmp(ns, "aten") != 0 || moves_codes(name))
        return IC_OK;
    for (int32_t i = 0; i < n_args && *takes; ++i)
        *takes = !has_codes(&args[i], 0);
    const char *op = *takes ? "" : ic_arena_printf(&ts->arena, "aten::%.80s", name);
    if (*takes)
        return IC_OK;
    return ic_ts_unsupported(ts, op ? op : "aten",
                             "it computes with quantized codes; dequantize in front of it, as convert_pt2e does", args, n_args,
                             out);
}
