/* SPDX-License-Identifier: Apache-2.0 */
#include "import/torchscript/quantized.h"

#include "import/torchscript/ops.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- stored tensors ---- */
static bool one_axis(const struct ic_ts_value *v, int64_t n)
{
    return v->kind == IC_TS_V_TENSOR && ic_ts_is_known(v->u.t) && v->u.t->rank == 1 && v->u.t->dims[0] == n;
}

/* (torch.per_tensor_affine, scale, zero point) or (torch.per_channel_affine, scales, zero points, axis) */
static enum ic_status read_coding(struct ic_ts *ts, const struct ic_ts_value *v, const struct ic_ts_tensor *t,
                                  struct ic_ts_coding *out)
{
    const struct ic_ts_value *item = v->kind == IC_TS_V_TUPLE && v->u.seq->n >= 3 ? v->u.seq->items : NULL;
    const bool whole = item && ic_ts_is_number(&item[1]) && ic_ts_is_number(&item[2]);
    const int64_t axis = item && v->u.seq->n > 3 && item[3].kind == IC_TS_V_INT ? item[3].u.i : -1;
    const int64_t n = whole ? 1 : axis >= 0 && axis < t->rank ? t->dims[axis] : 0;
    if (!item || n < 1 || (!whole && (!one_axis(&item[1], n) || !one_axis(&item[2], n))))
        return ic_ts_fail(ts, IC_E_TENSOR, "a quantized tensor whose scales and zero points do not fit its shape");
    float *scales = ic_arena_array(&ts->arena, (size_t)n, sizeof *scales);
    int32_t *zeros = ic_arena_array(&ts->arena, (size_t)n, sizeof *zeros);
    const void *s = NULL, *z = NULL;
    if (!scales || !zeros)
        return ic_ts_no_memory(ts);
    if (!whole) {
        IC_TRY(ic_ts_tensor_data(ts, item[1].u.t, &s));
        IC_TRY(ic_ts_tensor_data(ts, item[2].u.t, &z));
    }
    for (int64_t i = 0; i < n; ++i) {
        scales[i] = (float)(whole ? ic_ts_number(&item[1]) : ic_ts_get_number(item[1].u.t->dtype, s, i));
        const double zero = whole ? ic_ts_number(&item[2]) : ic_ts_get_number(item[2].u.t->dtype, z, i);
        if (!(scales[i] > 0) || !isfinite(scales[i]) || !(zero >= -128 && zero <= 255))
            return ic_ts_fail(ts, IC_E_TENSOR, "a quantized tensor with scale %g and zero point %g", (double)scales[i], zero);
        zeros[i] = (int32_t)zero;
    }
    *out = (struct ic_ts_coding){.n = (int32_t)n, .axis = whole ? 0 : (int32_t)axis, .scales = scales, .zeros = zeros};
    return IC_OK;
}

/* (storage, offset, sizes, strides, coding, requires_grad, hooks) */
enum ic_status ic_ts_load_coded(struct ic_ts *ts, const struct ic_pickle_value *v, const struct ic_ts_value *coding,
                                const char *folder, const char *name, struct ic_ts_value *out)
{
    struct ic_ts_weight w;
    struct ic_ts_tensor *t = NULL, stored = {0};
    struct ic_ts_coding *c = ic_arena_alloc(&ts->arena, sizeof *c);
    const struct ic_pickle_value *args = v->items[1];
    void *data = NULL;
    const void *codes = NULL;
    if (!c)
        return ic_ts_no_memory(ts);
    if (args->kind != IC_PICKLE_TUPLE || args->n_items < 5)
        return ic_fail(ts->d, IC_E_TENSOR, "byte %zu of the file: a quantized tensor with wrong arguments", v->at);
    IC_TRY(ic_ts_archive_weight(ts->archive, v, folder, &w, ts->d));
    stored = (struct ic_ts_tensor){.dtype = w.dtype, .rank = w.rank, .weight = &w};
    memcpy(stored.dims, w.dims, sizeof stored.dims);
    IC_TRY(read_coding(ts, coding, &stored, c));
    IC_TRY(ic_ts_tensor_data(ts, &stored, &codes));
    IC_TRY(ic_ts_tensor_known(ts, IC_TS_F32, w.rank, w.dims, &t, &data));
    int64_t inner = 1;
    for (int32_t i = c->n > 1 ? c->axis + 1 : 0; i < w.rank; ++i)
        inner *= w.dims[i];
    const int64_t n = ic_ts_elements(t);
    for (int64_t i = 0; i < n; ++i) {
        const int64_t k = c->n > 1 ? i / inner % c->n : 0;
        ((float *)data)[i] = (float)(ic_ts_get_int(w.dtype, codes, i) - c->zeros[k]) * c->scales[k];
    }
    t->coding = c;
    t->name = name;
    *out = ic_ts_of(t);
    return IC_OK;
}

/* ---- computed tensors ---- */
static enum ic_status emit_pair(struct ic_ts *ts, struct ic_value *x, float scale, int32_t zero, struct ic_value **out)
{
    struct ic_node *q = NULL, *back = NULL;
    struct ic_value *codes = NULL;
    float *kept = ic_arena_copy(&ts->graph->arena, &scale, sizeof scale);
    if (!kept)
        return ic_ts_no_memory(ts);
    IC_TRY(ic_ts_node(ts, IC_OP_QUANTIZE, &x, 1, ".u8", &q));
    IC_TRY(ic_ts_finish(ts, q, &codes));
    codes->quant = (struct ic_quant){.n_scales = 1, .scales = kept, .zero = zero};
    IC_TRY(ic_ts_node(ts, IC_OP_DEQUANTIZE, &codes, 1, ".f32", &back));
    return ic_ts_finish(ts, back, out);
}

enum ic_status ic_ts_quantize(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t dtype, double scale, int64_t zero,
                              struct ic_ts_tensor **out)
{
    const int32_t shift = dtype == IC_TS_QS8 ? 128 : 0; /* s8 codes are u8 codes moved by 128 */
    struct ic_value *v = NULL;
    if (dtype != IC_TS_QU8 && dtype != IC_TS_QS8)
        return ic_ts_fail(ts, IC_E_ELEMENT_TYPE, "codes of type %d; quint8 and qint8 are supported", dtype);
    if (!((float)scale > 0) || !isfinite((float)scale) || zero + shift < 0 || zero + shift > 255)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "codes of scale %g and zero point %" PRId64, scale, zero);
    IC_TRY(ic_ts_tensor_value(ts, x, &v));
    IC_TRY(emit_pair(ts, v, (float)scale, (int32_t)zero + shift, &v));
    return ic_ts_wrap(ts, v, dtype, out);
}

const struct ic_value *ic_ts_codes_behind(const struct ic_value *v)
{
    for (int i = 0; i < 1000 && v && v->producer; ++i) {
        const struct ic_node *n = v->producer;
        if (n->op == IC_OP_DEQUANTIZE)
            return n->inputs[0];
        v = n->n_inputs ? n->inputs[0] : NULL;
    }
    return NULL;
}

static enum ic_status quantize_like(struct ic_ts *ts, const struct ic_ts_tensor *like, struct ic_ts_tensor *x,
                                    struct ic_ts_tensor **out)
{
    const struct ic_value *codes = ic_ts_codes_behind(like->now.value);
    if (!codes)
        return ic_ts_fail(ts, IC_ERR_INTERNAL, "a quantized tensor without parameters");
    const int32_t shift = like->dtype == IC_TS_QS8 ? 128 : 0;
    return ic_ts_quantize(ts, x, like->dtype, (double)codes->quant.scales[0], codes->quant.zero - shift, out);
}

/* Operators whose results need no rounding: they move codes, or choose among them. */
static bool keeps_codes(const char *name)
{
    static const char *const names[] = {"max_pool1d",
                                        "max_pool2d",
                                        "view",
                                        "reshape",
                                        "flatten",
                                        "permute",
                                        "transpose",
                                        "t",
                                        "unsqueeze",
                                        "squeeze",
                                        "select",
                                        "slice",
                                        "narrow",
                                        "expand",
                                        "contiguous",
                                        "clone",
                                        "detach",
                                        "dropout",
                                        "dropout_",
                                        "chunk",
                                        "split",
                                        "unbind",
                                        "unflatten",
                                        "dequantize",
                                        "upsample_nearest1d",
                                        "upsample_nearest2d",
                                        "pixel_shuffle",
                                        "channel_shuffle",
                                        "flip",
                                        "copy_",
                                        "alias",
                                        "to",
                                        "index_select",
                                        "stack",
                                        "cat",
                                        "feature_dropout",
                                        "adaptive_max_pool2d",
                                        "pad",
                                        "constant_pad_nd",
                                        "roll",
                                        "repeat",
                                        "int_repr",
                                        "quantize_per_tensor",
                                        "unsafe_chunk",
                                        "split_with_sizes"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

enum ic_status ic_ts_after_operator(struct ic_ts *ts, const char *name, const struct ic_ts_value *args, int32_t n_args,
                                    struct ic_ts_value *out)
{
    static const struct {
        const char *name;
        double scale;
        int64_t zero;
    } fixed[] = {{"sigmoid", 1.0 / 256, 0}, {"hardsigmoid", 1.0 / 256, 0}, {"tanh", 2.0 / 256, 128}};
    const struct ic_ts_tensor *x = n_args && args[0].kind == IC_TS_V_TENSOR ? args[0].u.t : NULL;
    const bool known = out->kind == IC_TS_V_TENSOR && ic_ts_is_known(out->u.t);
    if (!x || !ic_ts_is_coded(x) || out->kind != IC_TS_V_TENSOR || known || keeps_codes(name) || !ic_ts_is_float(out->u.t->dtype))
        return IC_OK;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; ++i)
        if (strcmp(fixed[i].name, name) == 0) {
            const bool s8 = x->dtype == IC_TS_QS8;
            return ic_ts_quantize(ts, out->u.t, x->dtype, fixed[i].scale, fixed[i].zero - (s8 ? 128 : 0), &out->u.t);
        }
    return quantize_like(ts, x, out->u.t, &out->u.t);
}

/* ---- packed weights ---- */
static enum ic_status set(struct ic_ts *ts, struct ic_ts_object *o, const char *name, struct ic_ts_value v)
{
    const char *interned = ic_ts_intern(&ts->archive->names, name, strlen(name));
    return interned ? ic_ts_attr_set(ts, o, interned, v) : ic_ts_no_memory(ts);
}

static enum ic_status ints_at(struct ic_ts *ts, const int64_t *from, int32_t n, struct ic_ts_value *out)
{
    return ic_ts_ints(ts, n, from, out);
}

/* config: [axes, stride.., padding.., dilation.., output padding.., groups, transposed] */
static enum ic_status set_conv(struct ic_ts *ts, struct ic_ts_object *o, const int64_t *config, int32_t n)
{
    static const char *const names[] = {"stride", "padding", "dilation", "output_padding"};
    const int64_t k = n > 0 ? config[0] : 0;
    struct ic_ts_value v;
    if (k < 1 || k > 3 || n < 1 + 4 * k + 2)
        return ic_ts_fail(ts, IC_E_TENSOR, "packed weights of a convolution with %d settings", n);
    for (int i = 0; i < 4; ++i) {
        IC_TRY(ints_at(ts, config + 1 + i * k, (int32_t)k, &v));
        IC_TRY(set(ts, o, names[i], v));
    }
    IC_TRY(set(ts, o, "groups", ic_ts_int(config[1 + 4 * k])));
    return set(ts, o, "transposed", ic_ts_bool((config[2 + 4 * k] & 1) != 0));
}

/* ("2", [settings, weight], [bias]) or (3, [setting, ..], [None, weight, bias]) */
static enum ic_status load_packed_conv(struct ic_ts *ts, const struct ic_ts_value *item, struct ic_ts_object *o)
{
    int64_t config[16];
    int32_t n = 0;
    const struct ic_ts_seq *a = item[1].kind == IC_TS_V_LIST ? item[1].u.seq : NULL;
    const struct ic_ts_seq *b = item[2].kind == IC_TS_V_LIST ? item[2].u.seq : NULL;
    const bool numbers = a && a->n && a->items[0].kind == IC_TS_V_INT;
    if (!a || !b || (numbers ? b->n < 3 : a->n < 2 || b->n < 1 || a->items[0].kind != IC_TS_V_TENSOR))
        return ic_ts_fail(ts, IC_E_TENSOR, "packed weights of a convolution in a form that is not known");
    if (numbers) {
        for (; n < a->n && n < 16 && a->items[n].kind == IC_TS_V_INT; ++n)
            config[n] = a->items[n].u.i;
    } else {
        const void *data = NULL;
        IC_TRY(ic_ts_tensor_data(ts, a->items[0].u.t, &data));
        for (; n < ic_ts_elements(a->items[0].u.t) && n < 16; ++n)
            config[n] = ic_ts_get_int(a->items[0].u.t->dtype, data, n);
    }
    IC_TRY(set_conv(ts, o, config, n));
    IC_TRY(set(ts, o, "weight", numbers ? b->items[1] : a->items[1]));
    return set(ts, o, "bias", numbers ? b->items[2] : b->items[0]);
}

static bool is_prepacked(const char *class_path)
{
    return strncmp(class_path, "__torch__.torch.classes.xnnpack.", 32) == 0;
}

enum ic_status ic_ts_load_packed(struct ic_ts *ts, const char *class_path, const struct ic_ts_value *state, struct ic_ts_object *o)
{
    const struct ic_ts_value *item = state->kind == IC_TS_V_TUPLE ? state->u.seq->items : NULL;
    if (item && strstr(class_path, "LinearPackedParams") && state->u.seq->n >= 2) {
        IC_TRY(set(ts, o, "weight", item[0]));
        return set(ts, o, "bias", item[1]);
    }
    if (item && strstr(class_path, "PackedParams") && strstr(class_path, "Conv") && state->u.seq->n >= 3)
        return load_packed_conv(ts, item, o);
    if (item && is_prepacked(class_path)) /* of optimize_for_mobile: the weights are as they were */
        return set(ts, o, "state", *state);
    return IC_OK; /* using it is what gets reported */
}
