/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/convert_io.h"

#include "arith/float_ops.h"
#include "arith/integers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static float load(enum ic_dtype dtype, const void *from, size_t i)
{
    if (dtype == IC_F16)
        return ic_f16_to_f32(((const uint16_t *)from)[i]);
    return dtype == IC_F32 ? ic_flush(((const float *)from)[i]) : ic_int_to_float(dtype, ic_int_load(dtype, from, (int64_t)i));
}

static bool is_float(uint32_t dtype)
{
    return dtype == IC_F32 || dtype == IC_F16;
}

/* Whole numbers that are no codes: as they are; what the type does not hold is an error. */
static enum ic_status convert_integers(const struct ic_tensor *t, const char *name, const void *from, enum ic_dtype dtype,
                                       size_t count, void *to, struct ic_diag *d)
{
    for (size_t k = 0; k < count; k++) {
        const float f = is_float(dtype) ? load(dtype, from, k) : 0.0f;
        const int64_t v = is_float(dtype) ? ic_int_from_float(f, t->dtype) : ic_int_load(dtype, from, (int64_t)k);
        ic_int_store(t->dtype, to, (int64_t)k, v);
        const int64_t held = ic_int_load(t->dtype, to, (int64_t)k);
        const bool sign_lost = (dtype == IC_U64) != (t->dtype == IC_U64) && v < 0;
        if (t->dtype != IC_BOOL && (is_float(dtype) ? ic_int_to_float(t->dtype, held) != f : held != v || sign_lost))
            return ic_fail(d, IC_E_DATA_RANGE, "input %s: value %zu is %g, which its type %s does not hold", name, k,
                           is_float(dtype) ? (double)f : (double)v, ic_dtype_name((enum ic_dtype)t->dtype));
    }
    return IC_OK;
}

static void store(const struct ic_tensor *t, void *to, size_t i, float value)
{
    if (t->dtype == IC_F32)
        ((float *)to)[i] = ic_flush(value);
    else if (t->dtype == IC_F16)
        ((uint16_t *)to)[i] = ic_f32_to_f16(value);
    else if (t->dtype == IC_S8)
        ((int8_t *)to)[i] = (int8_t)ic_quantize(value, t->scale != 0.0f ? 1.0f / t->scale : 1.0f, t->zero, -128, 127);
    else
        ((uint8_t *)to)[i] = (uint8_t)ic_quantize(value, t->scale != 0.0f ? 1.0f / t->scale : 1.0f, t->zero, 0, 255);
}

/* Which channel element i belongs to, by the input's own order; n_channels 1 applies to all. */
struct channels {
    size_t n, inner;
};

static struct channels channels_of(const struct ic_io *io, const struct ic_tensor *t)
{
    struct channels c = {.n = 1, .inner = 1};
    if (t->rank == 4 && io->format != 2) {
        c.n = (size_t)t->dims[1];
        c.inner = (size_t)t->dims[2] * (size_t)t->dims[3];
    } else if (t->rank > 0) {
        c.n = (size_t)t->dims[t->rank - 1];
    }
    return c;
}

static const float *constants(const struct ic_program *p, uint32_t tensor, size_t *out_n)
{
    *out_n = tensor ? (size_t)p->tensors[tensor].size_bytes / sizeof(float) : 0;
    return tensor ? (const float *)(const void *)(p->consts + p->tensors[tensor].offset_bytes) : NULL;
}

static enum ic_status fail_size(const struct ic_tensor *t, const char *name, size_t wanted, size_t count, struct ic_diag *d)
{
    char shape[128] = "";
    size_t at = 0;
    for (uint32_t i = 0; i < t->rank && at < sizeof shape; i++)
        at += (size_t)snprintf(shape + at, sizeof shape - at, i ? "x%" PRId32 : "%" PRId32, t->dims[i]);
    return ic_fail(d, IC_E_DATA_SIZE, "input %s (%s) wants %zu value%s, %zu given", name, shape, wanted, IC_S(wanted), count);
}

enum ic_status ic_io_convert_in(const struct ic_program *p, uint32_t i, const void *from, enum ic_dtype dtype, size_t count,
                                void *to, struct ic_diag *d)
{
    const struct ic_io *io = &p->inputs[i];
    const struct ic_tensor *t = &p->tensors[io->tensor];
    const size_t wanted = (size_t)t->size_bytes / ic_dtype_bytes((enum ic_dtype)t->dtype);
    const char *name = ic_program_text(p, io->name);
    if (count != wanted)
        return fail_size(t, name, wanted, count, d);
    if (!is_float(dtype) && !ic_dtype_is_integer(dtype))
        return ic_fail(d, IC_E_DATA_TYPE, "input %s: values of type %s; float32, float16, integers or bool are taken", name,
                       ic_dtype_name(dtype));
    if (t->scale == 0.0f && ic_dtype_is_integer(t->dtype) && !io->mean && !io->std && !io->reorder)
        return convert_integers(t, name, from, dtype, count, to, d);
    if (!is_float(t->dtype) && t->dtype != IC_U8 && t->dtype != IC_S8)
        return ic_fail(d, IC_E_CHANNELS, "input %s is stored as %s, for which mean, std and channel order mean nothing", name,
                       ic_dtype_name((enum ic_dtype)t->dtype));
    size_t n_mean = 0, n_std = 0;
    const float *mean = constants(p, io->mean, &n_mean), *std = constants(p, io->std, &n_std);
    const struct channels c = channels_of(io, t);
    const bool swap = io->reorder && c.n == 3;
    const struct ic_float_mode old = ic_float_mode_enter();
    for (size_t k = 0; k < count; k++) {
        const size_t channel = k / c.inner % c.n;
        const size_t source = swap && channel != 1 ? k + (channel == 0 ? 2 : (size_t)-2) * c.inner : k;
        float v = load(dtype, from, source);
        if (mean)
            v = ic_sub_f(v, mean[n_mean == 1 ? 0 : channel % n_mean]);
        if (std)
            v = ic_div_f(v, std[n_std == 1 ? 0 : channel % n_std]);
        store(t, to, k, v);
    }
    ic_float_mode_leave(old);
    return IC_OK;
}

void ic_io_to_f32(const struct ic_tensor *t, const void *data, float *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (t->dtype == IC_F32)
            out[i] = ((const float *)data)[i];
        else if (t->dtype == IC_F16)
            out[i] = ic_f16_to_f32(((const uint16_t *)data)[i]);
        else if (t->scale != 0.0f)
            out[i] = (float)((int32_t)ic_int_load(t->dtype, data, (int64_t)i) - t->zero) * t->scale;
        else
            out[i] = ic_int_to_float(t->dtype, ic_int_load(t->dtype, data, (int64_t)i));
    }
}
