/* SPDX-License-Identifier: Apache-2.0
 *
 * TensorProto: element types, elements.
 */
#include "import/onnx/model.h"

#include "base/checked.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const struct {
    const char *name;
    uint32_t bits;
    enum ic_dtype dtype;
} types[IC_ONNX_TYPE_COUNT] = {
    [IC_ONNX_UNDEFINED] = {"UNDEFINED", 0, IC_DTYPE_NONE},
    [IC_ONNX_FLOAT] = {"FLOAT", 32, IC_F32},
    [IC_ONNX_UINT8] = {"UINT8", 8, IC_U8},
    [IC_ONNX_INT8] = {"INT8", 8, IC_S8},
    [IC_ONNX_UINT16] = {"UINT16", 16, IC_U16},
    [IC_ONNX_INT16] = {"INT16", 16, IC_S16},
    [IC_ONNX_INT32] = {"INT32", 32, IC_S32},
    [IC_ONNX_INT64] = {"INT64", 64, IC_S64},
    [IC_ONNX_STRING] = {"STRING", 0, IC_DTYPE_NONE},
    [IC_ONNX_BOOL] = {"BOOL", 8, IC_BOOL},
    [IC_ONNX_FLOAT16] = {"FLOAT16", 16, IC_F32},
    [IC_ONNX_DOUBLE] = {"DOUBLE", 64, IC_F32},
    [IC_ONNX_UINT32] = {"UINT32", 32, IC_U32},
    [IC_ONNX_UINT64] = {"UINT64", 64, IC_U64},
    [IC_ONNX_COMPLEX64] = {"COMPLEX64", 0, IC_DTYPE_NONE},
    [IC_ONNX_COMPLEX128] = {"COMPLEX128", 0, IC_DTYPE_NONE},
    [IC_ONNX_BFLOAT16] = {"BFLOAT16", 16, IC_F32},
    [IC_ONNX_FLOAT8E4M3FN] = {"FLOAT8E4M3FN", 8, IC_F32},
    [IC_ONNX_FLOAT8E4M3FNUZ] = {"FLOAT8E4M3FNUZ", 8, IC_F32},
    [IC_ONNX_FLOAT8E5M2] = {"FLOAT8E5M2", 8, IC_F32},
    [IC_ONNX_FLOAT8E5M2FNUZ] = {"FLOAT8E5M2FNUZ", 8, IC_F32},
    [IC_ONNX_UINT4] = {"UINT4", 4, IC_U8},
    [IC_ONNX_INT4] = {"INT4", 4, IC_S8},
    [IC_ONNX_FLOAT4E2M1] = {"FLOAT4E2M1", 4, IC_F32},
    [IC_ONNX_FLOAT8E8M0] = {"FLOAT8E8M0", 8, IC_F32},
    [IC_ONNX_UINT2] = {"UINT2", 2, IC_U8},
    [IC_ONNX_INT2] = {"INT2", 2, IC_S8},
    [IC_ONNX_FLOAT6E2M3] = {"FLOAT6E2M3", 6, IC_F32},
    [IC_ONNX_FLOAT6E3M2] = {"FLOAT6E3M2", 6, IC_F32},
};

static bool known(int32_t type)
{
    return type > IC_ONNX_UNDEFINED && type < IC_ONNX_TYPE_COUNT;
}

const char *ic_onnx_type_name(int32_t type)
{
    return known(type) ? types[type].name : "UNDEFINED";
}

uint32_t ic_onnx_type_bits(int32_t type)
{
    return known(type) ? types[type].bits : 0;
}

enum ic_dtype ic_onnx_dtype(int32_t type)
{
    return known(type) ? types[type].dtype : IC_DTYPE_NONE;
}

/* ---- small floats ---- */
static double small_float(uint32_t u, int exponent_bits, int mantissa_bits, int bias)
{
    const uint32_t m = u & ((1u << mantissa_bits) - 1u), e = u >> mantissa_bits & ((1u << exponent_bits) - 1u);
    const double sign = u >> (mantissa_bits + exponent_bits) & 1u ? -1.0 : 1.0;
    if (e == 0)
        return sign * ldexp((double)m, 1 - bias - mantissa_bits);
    return sign * ldexp((double)(m | 1u << mantissa_bits), (int)e - bias - mantissa_bits);
}

static double f8e5m2(uint32_t u)
{
    if ((u & 0x7Fu) > 0x7Cu)
        return (double)NAN;
    if ((u & 0x7Fu) == 0x7Cu)
        return u & 0x80u ? -(double)INFINITY : (double)INFINITY;
    return small_float(u, 5, 2, 15);
}

double ic_onnx_float_of_bits(int32_t type, uint64_t u)
{
    const uint32_t low = (uint32_t)u;
    switch (type) {
    case IC_ONNX_FLOAT:
        return (double)ic_wire_float(u);
    case IC_ONNX_DOUBLE:
        return ic_wire_double(u);
    case IC_ONNX_FLOAT16:
        return (double)ic_f16_to_f32((uint16_t)u);
    case IC_ONNX_BFLOAT16:
        return (double)ic_f32_from_bits(low << 16);
    case IC_ONNX_FLOAT8E4M3FN:
        return (low & 0x7Fu) == 0x7Fu ? (double)NAN : small_float(low & 0xFFu, 4, 3, 7);
    case IC_ONNX_FLOAT8E4M3FNUZ:
        return (low & 0xFFu) == 0x80u ? (double)NAN : small_float(low & 0xFFu, 4, 3, 8);
    case IC_ONNX_FLOAT8E5M2:
        return f8e5m2(low & 0xFFu);
    case IC_ONNX_FLOAT8E5M2FNUZ:
        return (low & 0xFFu) == 0x80u ? (double)NAN : small_float(low & 0xFFu, 5, 2, 16);
    case IC_ONNX_FLOAT6E2M3:
        return small_float(low & 0x3Fu, 2, 3, 1);
    case IC_ONNX_FLOAT6E3M2:
        return small_float(low & 0x3Fu, 3, 2, 3);
    case IC_ONNX_FLOAT4E2M1:
        return small_float(low & 0xFu, 2, 1, 1);
    case IC_ONNX_FLOAT8E8M0:
        return (low & 0xFFu) == 0xFFu ? (double)NAN : ldexp(1.0, (int)(low & 0xFFu) - 127);
    default:
        return 0.0;
    }
}

/* ---- TensorProto ---- */
int64_t ic_onnx_elements(const struct ic_onnx_tensor *t)
{
    int64_t n = 1;
    for (int32_t i = 0; i < t->rank; i++)
        if (t->dims[i] < 0 || !ic_mul_i64(n, t->dims[i], &n))
            return -1;
    return n;
}

struct dims {
    struct ic_onnx_tensor *t;
    bool too_many;
};

static void take_dim(void *user, uint64_t u)
{
    struct dims *to = user;
    if (to->t->rank == IC_IR_MAX_RANK) {
        to->too_many = true;
        return;
    }
    to->t->dims[to->t->rank++] = (int64_t)u;
}

static enum ic_status read_external(struct ic_onnx_reader *r, const struct ic_wire_field *entry, struct ic_onnx_tensor *out)
{
    struct ic_wire w = ic_wire_of(entry->bytes, entry->size_bytes);
    struct ic_wire_field f;
    const char *key = "", *value = "";
    while (ic_wire_next(&w, &f)) {
        const char **to = f.number == 1 ? &key : f.number == 2 ? &value : NULL;
        if (!to || f.type != IC_WIRE_BYTES)
            continue;
        *to = ic_arena_text(r->arena, (const char *)f.bytes, f.size_bytes);
        if (!*to)
            return ic_fail(r->d, IC_ERR_MEMORY, "no memory to read the model");
    }
    uint64_t number = 0;
    const bool wants_number = strcmp(key, "offset") == 0 || strcmp(key, "length") == 0;
    for (const char *p = value; wants_number && *p; p++) {
        if (*p < '0' || *p > '9' || number > UINT64_MAX / 10 - 1)
            return ic_fail(r->d, IC_E_TENSOR, "the external data of tensor \"%s\" has the %s \"%s\"; a number is wanted", out->name,
                           key, value);
        number = number * 10 + (uint64_t)(*p - '0');
    }
    if (strcmp(key, "location") == 0)
        out->location = value;
    if (strcmp(key, "offset") == 0)
        out->offset = number;
    if (strcmp(key, "length") == 0) {
        out->length = number;
        out->has_length = true;
    }
    return IC_OK;
}

enum ic_status ic_onnx_read_tensor(struct ic_onnx_reader *r, struct ic_onnx_span s, struct ic_onnx_tensor *out)
{
    struct ic_wire_field f;
    struct dims dims = {.t = out};
    *out = (struct ic_onnx_tensor){.name = "", .message = s};
    for (struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes); ic_wire_next(&w, &f);)
        if (f.number == 8 && f.type == IC_WIRE_BYTES && !(out->name = ic_arena_text(r->arena, (const char *)f.bytes, f.size_bytes)))
            return ic_fail(r->d, IC_ERR_MEMORY, "no memory to read the model");
    struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes);
    while (ic_wire_next(&w, &f)) {
        if (f.number == 1 && !ic_wire_numbers(&f, take_dim, &dims))
            w.bad = true;
        if (f.number == 2 && f.type == IC_WIRE_VARINT)
            out->type = f.u < 1000 ? (int32_t)f.u : 0;
        if (f.number == 9 && f.type == IC_WIRE_BYTES) {
            out->has_raw = true;
            out->raw = (struct ic_onnx_span){f.bytes, f.size_bytes};
        }
        if (f.number == 13 && f.type == IC_WIRE_BYTES)
            IC_TRY(read_external(r, &f, out));
        if (f.number == 14 && f.type == IC_WIRE_VARINT)
            out->external = f.u == 1;
    }
    if (w.bad)
        return ic_fail(r->d, IC_E_ONNX_DAMAGED, "the file is damaged: tensor \"%s\" is broken at byte %zu", out->name,
                       (size_t)(w.at - r->file));
    if (dims.too_many)
        return ic_fail(r->d, IC_E_RANK, "tensor \"%s\" has more than %d dimensions; at most %d are possible", out->name,
                       IC_IR_MAX_RANK, IC_IR_MAX_RANK);
    for (int32_t i = 0; i < out->rank; i++)
        if (out->dims[i] < 0 || out->dims[i] > INT32_MAX)
            return ic_fail(r->d, IC_E_TENSOR, "tensor \"%s\": dimension %d is %" PRId64 "; 0 to 2^31 - 1 is possible", out->name,
                           (int)i, out->dims[i]);
    const int64_t n = ic_onnx_elements(out);
    if (n < 0 || n > INT32_MAX)
        return ic_fail(r->d, IC_E_TENSOR_SIZE, "tensor \"%s\" has more than 2^31 elements", out->name);
    return IC_OK;
}
