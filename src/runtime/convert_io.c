/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/convert_io.h"

#include "arith/float_ops.h"

#include <string.h>

static float load(enum ic_dtype dtype, const void *from, size_t i)
{
    switch (dtype) {
    case IC_F16:
        return ic_f16_to_f32(((const uint16_t *)from)[i]);
    case IC_U8:
        return ((const uint8_t *)from)[i];
    case IC_S8:
        return ((const int8_t *)from)[i];
    case IC_S16:
        return ((const int16_t *)from)[i];
    default:
        return ic_flush(((const float *)from)[i]);
    }
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

enum ic_status ic_io_convert_in(const struct ic_program *p, uint32_t i, const void *from, enum ic_dtype dtype, size_t count,
                                void *to, struct ic_diag *d)
{
    const struct ic_io *io = &p->inputs[i];
    const struct ic_tensor *t = &p->tensors[io->tensor];
    const size_t wanted = (size_t)t->size_bytes / ic_dtype_bytes((enum ic_dtype)t->dtype);
    const char *name = ic_program_text(p, io->name);
    if (count != wanted)
        return ic_fail(d, IC_ERR_ARG, "input %s wants %zu values, %zu given", name, wanted, count);
    if (dtype != IC_F32 && dtype != IC_F16 && dtype != IC_U8 && dtype != IC_S8 && dtype != IC_S16)
        return ic_fail(d, IC_ERR_ARG, "input %s: values of type %s; float32, float16, uint8, int8 or int16 are taken", name,
                       ic_dtype_name(dtype));
    if (t->dtype != IC_F32 && t->dtype != IC_F16 && t->dtype != IC_U8 && t->dtype != IC_S8)
        return ic_fail(d, IC_ERR_UNSUPPORTED, "input %s is stored as %s: set its bytes directly", name,
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
        switch (t->dtype) {
        case IC_F32:
            out[i] = ((const float *)data)[i];
            break;
        case IC_F16:
            out[i] = ic_f16_to_f32(((const uint16_t *)data)[i]);
            break;
        case IC_S32:
            out[i] = (float)((const int32_t *)data)[i];
            break;
        case IC_S64:
            out[i] = (float)((const int64_t *)data)[i];
            break;
        case IC_S16:
            out[i] = (float)((const int16_t *)data)[i];
            break;
        default: {
            const int32_t code = t->dtype == IC_S8 ? ((const int8_t *)data)[i] : ((const uint8_t *)data)[i];
            out[i] = t->scale != 0.0f ? (float)(code - t->zero) * t->scale : (float)code;
        }
        }
    }
}
