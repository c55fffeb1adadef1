/* SPDX-License-Identifier: Apache-2.0
 *
 * Calibration: every sample of the list is loaded before the first one is run, so that a mistake in line 90 costs seconds, not minutes;
 * then the float graph runs on each and the smallest and largest number of every value is kept.
 */
#include "quantize/internal.h"

#include "base/checked.h"
#include "base/os.h"
#include "media/calibration.h"
#include "media/sample.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Decoded samples are kept up to this many bytes; what is beyond is read from its file again. */
static const size_t keep_bytes = (size_t)256 << 20;

struct observer {
    const struct ic_graph *g;
    const struct ic_quantize_options *options;
    struct ic_executor *executor;
    struct ic_calibration list;
    struct ic_quant_range *ranges;
    float **kept; /* [sample * n_inputs + input], NULL: not kept */
    size_t kept_bytes;
    void **inputs;              /* per input: what the executor gets */
    struct ic_quant_range *raw; /* per input: numbers of the files, before mean and std */
    bool *whole;                /* per input: so far only whole numbers from 0 to 255 */
    const struct ic_value *bad; /* a value that became infinite or undefined */
    struct ic_arena arena;
    bool said_flat, said_grey, said_color;
};

/* Of one sample: the numbers of its files, and what the network is given. */
static uint64_t needed_bytes(const struct ic_graph *g)
{
    uint64_t total = 0;
    for (int32_t k = 0; k < g->n_inputs; k++)
        total += (uint64_t)ic_value_elements(g->inputs[k].value) * sizeof(float) + ic_value_bytes(g->inputs[k].value);
    return total;
}

static enum ic_status no_memory(const struct observer *o, struct ic_diag *d)
{
    return ic_fail(d, IC_E_MEMORY_NEED,
                   "calibration needs %" PRIu64 " byte%s for the inputs of one sample; %" PRIu64
                   " are available here: convert with smaller inputs or a smaller batch, or where there is more",
                   needed_bytes(o->g), IC_S(needed_bytes(o->g)), ic_os_available_bytes());
}

/* ---- loading ---- */
/* Each channel then has the same numbers, which no color picture has: the ranges may be too narrow. Said of the first one. */
static void look_at_grey(struct observer *o, size_t i_sample, int32_t i_input, bool grey, struct ic_diag *d)
{
    if (grey && !o->said_grey)
        ic_say(d, 'W',
               "%s line %" PRId32
               ": a grey picture for the 3 channels of input %s, each gets the same numbers: calibrate with color pictures if the "
               "network will see such",
               o->options->dataset, o->list.lines[i_sample], o->g->inputs[i_input].value->name);
    o->said_grey = o->said_grey || grey;
}

static void look_at_color(struct observer *o, size_t i_sample, int32_t i_input, bool color, struct ic_diag *d)
{
    if (color && !o->said_color)
        ic_say(d, 'W', "%s line %" PRId32 ": a color picture, made grey: input %s takes one number a pixel", o->options->dataset,
               o->list.lines[i_sample], o->g->inputs[i_input].value->name);
    o->said_color = o->said_color || color;
}

static enum ic_status load(struct observer *o, size_t i_sample, int32_t i_input, float *out, struct ic_diag *d)
{
    const struct ic_graph_input *in = &o->g->inputs[i_input];
    const int32_t batch = o->options->batch > 1 ? o->options->batch : 1;
    int32_t dims[IC_IR_MAX_RANK];
    memcpy(dims, in->value->dims, sizeof dims);
    if (batch > 1 && (in->value->rank == 0 || dims[0] != batch))
        return ic_fail(d, IC_E_SAMPLE, "input %s does not begin with the batch of %" PRId32, in->value->name, batch);
    dims[0] /= batch;
    bool grey = false, color = false;
    const struct ic_sample_spec spec = {
        .name = in->value->name, .rank = in->value->rank, .dims = dims, .format = in->format, .grey = &grey, .color = &color};
    struct ic_diag inner = {.log = d ? d->log : NULL};
    const enum ic_status status = ic_sample_load(o->list.paths[i_sample * (size_t)o->g->n_inputs + (size_t)i_input], &spec, out,
                                                 &inner);
    if (status != IC_OK)
        return ic_fail(d, inner.code, "%s line %" PRId32 ": %s", o->options->dataset, o->list.lines[i_sample], inner.text);
    look_at_grey(o, i_sample, i_input, grey, d);
    look_at_color(o, i_sample, i_input, color, d);
    const size_t each = (size_t)ic_value_elements(in->value) / (size_t)batch;
    for (int32_t i = 1; i < batch; i++)
        memcpy(out + (size_t)i * each, out, each * sizeof *out);
    return IC_OK;
}

static void look_at_raw(struct observer *o, int32_t i_input, const float *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        o->whole[i_input] = o->whole[i_input] && x[i] >= 0.0f && x[i] <= 255.0f && rintf(x[i]) == x[i];
        ic_quantize_widen(&o->raw[i_input], x[i]);
    }
}

/* A sample of one value is no typical input: a file that was never filled, a camera that was covered. Said of the first one. */
static void look_at_spread(struct observer *o, size_t i_sample, int32_t i_input, const float *x, int64_t n, struct ic_diag *d)
{
    for (int64_t i = 1; i < n; i++)
        if (memcmp(&x[i], &x[0], sizeof *x) != 0)
            return;
    if (n > 1 && !o->said_flat)
        ic_say(d, 'W', "%s line %" PRId32 ": all %" PRId64 " values for input %s are %g: is this a typical sample?",
               o->options->dataset, o->list.lines[i_sample], n, o->g->inputs[i_input].value->name, (double)x[0]);
    o->said_flat = o->said_flat || n > 1;
}

static enum ic_status check_sample(struct observer *o, size_t i_sample, struct ic_diag *d)
{
    for (int32_t k = 0; k < o->g->n_inputs; k++) {
        const int64_t n = ic_value_elements(o->g->inputs[k].value);
        float *x = ic_malloc((size_t)n * sizeof *x + 1);
        if (!x)
            return no_memory(o, d);
        const enum ic_status status = load(o, i_sample, k, x, d);
        if (status == IC_OK) {
            look_at_raw(o, k, x, n);
            look_at_spread(o, i_sample, k, x, n, d);
        }
        if (status == IC_OK && o->kept_bytes + (size_t)n * sizeof *x <= keep_bytes) {
            o->kept[i_sample * (size_t)o->g->n_inputs + (size_t)k] = x;
            o->kept_bytes += (size_t)n * sizeof *x;
            continue;
        }
        ic_free(x);
        IC_TRY(status);
    }
    return IC_OK;
}

/* ---- reorder, subtract mean, divide by std, as the runtime does with a user's input ---- */
struct channels {
    int32_t n;
    int64_t inner; /* elements between one channel and the next */
};

static struct channels channels_of(const struct ic_graph_input *in)
{
    const struct ic_value *v = in->value;
    if (v->rank == 0)
        return (struct channels){1, 1};
    const int32_t axis = v->rank == 4 && in->format != 2 ? 1 : v->rank - 1;
    struct channels c = {.n = v->dims[axis], .inner = 1};
    for (int32_t i = axis + 1; i < v->rank; i++)
        c.inner *= v->dims[i];
    return c;
}

static float normalized(const struct ic_graph_input *in, float x, int32_t channel)
{
    const int32_t i = in->n_channels == 1 ? 0 : channel;
    return in->n_channels && i < in->n_channels ? (x - in->mean[i]) / in->std[i] : x;
}

static float input_number(const struct ic_graph_input *in, const struct channels *c, const float *raw, int64_t i)
{
    const int32_t channel = (int32_t)(i / c->inner % c->n);
    const int64_t from = in->reorder && c->n == 3 ? i + (2 - 2 * channel) * c->inner : i;
    return normalized(in, raw[from], channel);
}

/* Numbers in the input's own type; they are whole where that is an integer. */
static enum ic_status store_number(void *to, enum ic_dtype dtype, int64_t i, float x, struct ic_diag *d)
{
    switch (dtype) {
    case IC_F32:
        ((float *)to)[i] = x;
        return IC_OK;
    case IC_U8:
        ((uint8_t *)to)[i] = (uint8_t)(x < 0.0f ? 0.0f : x > 255.0f ? 255.0f : x);
        return IC_OK;
    case IC_S8:
        ((int8_t *)to)[i] = (int8_t)(x < -128.0f ? -128.0f : x > 127.0f ? 127.0f : x);
        return IC_OK;
    case IC_S32:
        ((int32_t *)to)[i] = (int32_t)(fabsf(x) < 0x1p30f ? x : 0.0f);
        return IC_OK;
    case IC_S64:
        ((int64_t *)to)[i] = (int64_t)(fabsf(x) < 0x1p62f ? x : 0.0f);
        return IC_OK;
    case IC_BOOL:
        ((uint8_t *)to)[i] = x != 0.0f;
        return IC_OK;
    default:
        return ic_fail(d, IC_E_QUANTIZE, "calibration cannot fill an input of type %s", ic_dtype_name(dtype));
    }
}

static enum ic_status fill_input(struct observer *o, size_t i_sample, int32_t k, struct ic_diag *d)
{
    const struct ic_graph_input *in = &o->g->inputs[k];
    const struct channels c = channels_of(in);
    const int64_t n = ic_value_elements(in->value);
    float *raw = o->kept[i_sample * (size_t)o->g->n_inputs + (size_t)k], *again = NULL;
    enum ic_status status = IC_OK;
    if (!raw) {
        raw = again = ic_malloc((size_t)n * sizeof *raw + 1);
        status = raw ? load(o, i_sample, k, raw, d) : no_memory(o, d);
    }
    for (int64_t i = 0; i < n && status == IC_OK; i++)
        status = store_number(o->inputs[k], in->value->dtype, i, input_number(in, &c, raw, i), d);
    ic_free(again);
    return status;
}

/* ---- running ---- */
static void tap(void *user, const struct ic_value *v, const float *data, size_t elements)
{
    struct observer *o = user;
    struct ic_quant_range *r = &o->ranges[v->id];
    bool finite = true;
    for (size_t i = 0; i < elements; i++) {
        finite = finite && fabsf(data[i]) <= FLT_MAX; /* false for NaN too */
        ic_quantize_widen(r, data[i]);
    }
    if (!finite && !o->bad)
        o->bad = v;
}

static enum ic_status run_sample(struct observer *o, size_t i_sample, struct ic_diag *d)
{
    for (int32_t k = 0; k < o->g->n_inputs; k++)
        IC_TRY(fill_input(o, i_sample, k, d));
    IC_TRY(o->executor->run(o->executor->self, (const void *const *)o->inputs, tap, o, d));
    if (o->bad)
        return ic_fail(d, IC_E_NOT_FINITE,
                       "%s line %" PRId32 ": value %s becomes infinite or undefined, which no integer range holds",
                       o->options->dataset, o->list.lines[i_sample], o->bad->name);
    return IC_OK;
}

/* Pictures hold every byte sooner or later: then the input's range is that of 0 and 255, so that without mean and std the codes are the
 * bytes themselves. */
static void widen_picture_inputs(struct observer *o)
{
    for (int32_t k = 0; k < o->g->n_inputs; k++) {
        const struct ic_graph_input *in = &o->g->inputs[k];
        if (!o->whole[k] || o->raw[k].hi < 128.0f || in->value->dtype != IC_F32)
            continue;
        const struct channels c = channels_of(in);
        for (int32_t i = 0; i < c.n; i++) {
            ic_quantize_widen(&o->ranges[in->value->id], normalized(in, 0.0f, i));
            ic_quantize_widen(&o->ranges[in->value->id], normalized(in, 255.0f, i));
        }
    }
}

static enum ic_status observe(struct observer *o, struct ic_diag *d)
{
    const size_t n_samples = (size_t)o->list.n_samples;
    for (size_t i = 0; i < n_samples; i++)
        IC_TRY(check_sample(o, i, d));
    IC_TRY(o->executor->prepare(o->executor->self, o->g, d));
    for (size_t i = 0; i < n_samples; i++) {
        if (o->options->progress)
            o->options->progress(o->options->user, i, n_samples);
        IC_TRY(run_sample(o, i, d));
    }
    if (o->options->progress)
        o->options->progress(o->options->user, n_samples, n_samples);
    widen_picture_inputs(o);
    return IC_OK;
}

static enum ic_status allocate(struct observer *o, struct ic_diag *d)
{
    const size_t n = (size_t)o->g->n_inputs;
    size_t cells = 0;
    if (needed_bytes(o->g) > ic_os_available_bytes())
        return no_memory(o, d);
    if (!ic_mul_size((size_t)o->list.n_samples, n, &cells))
        return no_memory(o, d);
    o->kept = ic_arena_array(&o->arena, cells, sizeof *o->kept);
    o->inputs = ic_arena_array(&o->arena, n, sizeof *o->inputs);
    o->raw = ic_arena_array(&o->arena, n, sizeof *o->raw);
    o->whole = ic_arena_array(&o->arena, n, sizeof *o->whole);
    if (!o->kept || !o->inputs || !o->raw || !o->whole)
        return no_memory(o, d);
    for (size_t k = 0; k < n; k++) {
        o->whole[k] = true;
        o->inputs[k] = ic_arena_aligned(&o->arena, ic_value_bytes(o->g->inputs[k].value) + 1, 64);
        if (!o->inputs[k])
            return no_memory(o, d);
    }
    return IC_OK;
}

enum ic_status ic_quantize_observe(const struct ic_graph *g, const struct ic_quantize_options *options,
                                   struct ic_executor *executor, struct ic_quant_range *ranges, struct ic_diag *d)
{
    struct observer o = {.g = g, .options = options, .executor = executor, .ranges = ranges};
    enum ic_status status = ic_calibration_read(options->dataset, g->n_inputs, &o.list, d);
    if (status == IC_OK)
        status = allocate(&o, d);
    if (status == IC_OK)
        status = observe(&o, d);
    for (size_t i = 0; o.kept && i < (size_t)o.list.n_samples * (size_t)g->n_inputs; i++)
        ic_free(o.kept[i]);
    ic_arena_destroy(&o.arena);
    ic_calibration_destroy(&o.list);
    return status;
}
