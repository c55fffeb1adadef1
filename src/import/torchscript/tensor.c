/* SPDX-License-Identifier: Apache-2.0
 *
 * Known and computed tensors: elements, gathering from storages, constants for the graph.
 */
#include "import/torchscript/aten.h"
#include "import/torchscript/complex.h"
#include "import/torchscript/report.h"
#include "ir/op_def.h"

#include "base/checked.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool ic_ts_is_float(int32_t dtype)
{
    return dtype == IC_TS_F32 || dtype == IC_TS_F64 || dtype == IC_TS_F16 || dtype == IC_TS_BF16 || dtype == IC_TS_QU8 ||
           dtype == IC_TS_QS8; /* computed quantized tensors are floats on a grid */
}

int64_t ic_ts_elements(const struct ic_ts_tensor *t)
{
    int64_t n = 1;
    for (int32_t i = 0; i < t->rank; ++i)
        n *= t->dims[i];
    return n;
}

bool ic_ts_is_known(const struct ic_ts_tensor *t)
{
    return t->now.data != NULL || t->weight != NULL || t->later != NULL;
}

/* ---- elements ---- */
static float half_to_float(uint16_t h)
{
    return ic_f16_to_f32(h);
}

double ic_ts_get_number(int32_t dtype, const void *data, int64_t i)
{
    const uint8_t *p = (const uint8_t *)data + (size_t)i * ic_ts_dtype_bytes(dtype);
    union {
        uint32_t u;
        float f;
    } w;
    uint16_t h;
    double f64;
    switch (dtype) {
    case IC_TS_F32:
        memcpy(&w.u, p, 4);
        return (double)w.f;
    case IC_TS_F64:
        memcpy(&f64, p, 8);
        return f64;
    case IC_TS_F16:
        memcpy(&h, p, 2);
        return (double)half_to_float(h);
    case IC_TS_BF16:
        memcpy(&h, p, 2);
        w.u = (uint32_t)h << 16;
        return (double)w.f;
    default:
        return (double)ic_ts_get_int(dtype, data, i);
    }
}

int64_t ic_ts_get_int(int32_t dtype, const void *data, int64_t i)
{
    const uint8_t *p = (const uint8_t *)data + (size_t)i * ic_ts_dtype_bytes(dtype);
    int16_t s16;
    int32_t s32;
    int64_t s64;
    double f;
    switch (dtype) {
    case IC_TS_U8:
    case IC_TS_QU8:
        return p[0];
    case IC_TS_BOOL:
        return p[0] != 0;
    case IC_TS_S8:
    case IC_TS_QS8:
        return (int8_t)p[0];
    case IC_TS_S16:
        memcpy(&s16, p, 2);
        return s16;
    case IC_TS_S32:
    case IC_TS_QS32:
        memcpy(&s32, p, 4);
        return s32;
    case IC_TS_S64:
        memcpy(&s64, p, 8);
        return s64;
    default:
        f = ic_ts_get_number(dtype, data, i);
        return f > -9.2e18 && f < 9.2e18 ? (int64_t)f : 0;
    }
}

void ic_ts_set_int(int32_t dtype, void *data, int64_t i, int64_t v)
{
    uint8_t *p = (uint8_t *)data + (size_t)i * ic_ts_dtype_bytes(dtype);
    const int16_t s16 = (int16_t)v;
    const int32_t s32 = (int32_t)v;
    switch (dtype) {
    case IC_TS_U8:
    case IC_TS_S8:
        p[0] = (uint8_t)v;
        break;
    case IC_TS_BOOL:
        p[0] = v != 0;
        break;
    case IC_TS_S16:
        memcpy(p, &s16, 2);
        break;
    case IC_TS_S32:
        memcpy(p, &s32, 4);
        break;
    case IC_TS_S64:
        memcpy(p, &v, 8);
        break;
    default:
        ic_ts_set_number(dtype, data, i, (double)v);
    }
}

void ic_ts_set_number(int32_t dtype, void *data, int64_t i, double f)
{
    uint8_t *p = (uint8_t *)data + (size_t)i * ic_ts_dtype_bytes(dtype);
    const float f32 = (float)f;
    uint32_t u;
    uint16_t h;
    switch (dtype) {
    case IC_TS_F32:
        memcpy(p, &f32, 4);
        break;
    case IC_TS_F64:
        memcpy(p, &f, 8);
        break;
    case IC_TS_F16:
        h = ic_f32_to_f16(f32);
        memcpy(p, &h, 2);
        break;
    case IC_TS_BF16:
        memcpy(&u, &f32, 4);
        h = (uint16_t)((u + 0x7fff + ((u >> 16) & 1)) >> 16);
        memcpy(p, &h, 2);
        break;
    default:
        ic_ts_set_int(dtype, data, i, f > -9.2e18 && f < 9.2e18 ? (int64_t)f : 0);
    }
}

/* ---- making ---- */
enum ic_status ic_ts_tensor_new(struct ic_ts *ts, int32_t dtype, int32_t rank, const int64_t *dims, struct ic_ts_tensor **out)
{
    struct ic_ts_tensor *t = ic_arena_alloc(&ts->arena, sizeof *t);
    if (!t)
        return ic_ts_no_memory(ts);
    if (rank > IC_IR_MAX_RANK)
        return ic_ts_fail(ts, IC_E_RANK, "a tensor of rank %d; at most %d is supported", rank, IC_IR_MAX_RANK);
    if (ic_ts_dtype_bytes(dtype) == 0 || ic_ts_part_type(dtype) >= 0)
        return ic_ts_fail(ts, IC_E_ELEMENT_TYPE, "a tensor of element type %d (%s) is not supported here", dtype,
                          ic_ts_dtype_name(dtype));
    int64_t n = 1;
    for (int32_t i = 0; i < rank; ++i) {
        if (dims[i] < 0 || dims[i] > INT32_MAX || !ic_mul_i64(n, dims[i] ? dims[i] : 1, &n) || n > (int64_t)1 << 40)
            return ic_ts_fail(ts, IC_E_TENSOR_SIZE, "a tensor with size %" PRId64 " on axis %d is not possible", dims[i], i);
        t->dims[i] = dims[i];
    }
    t->dtype = dtype;
    t->rank = rank;
    t->now.contiguous = true;
    *out = t;
    return IC_OK;
}

enum ic_status ic_ts_tensor_known(struct ic_ts *ts, int32_t dtype, int32_t rank, const int64_t *dims, struct ic_ts_tensor **out,
                                  void **out_data)
{
    IC_TRY(ic_ts_tensor_new(ts, dtype, rank, dims, out));
    const size_t n = (size_t)ic_ts_elements(*out) * ic_ts_dtype_bytes(dtype);
    *out_data = ic_arena_alloc(&ts->arena, n ? n : 1);
    if (!*out_data)
        return ic_ts_fail(
            ts, IC_E_IMPORT_MEMORY,
            "no memory for a constant of %zu bytes more; %zu MB were made so far, and %zu MB are the limit of what a model's "
            "code may make",
            n, ts->arena.total_bytes >> 20, ts->arena.limit_bytes >> 20);
    (*out)->now.data = *out_data;
    return IC_OK;
}

/* ---- storages ---- */
bool ic_ts_weight_is_dense(const struct ic_ts_weight *w)
{
    int64_t expected = 1;
    for (int32_t i = w->rank; i-- > 0;) {
        if (w->dims[i] != 1 && w->strides[i] != expected)
            return false;
        expected *= w->dims[i];
    }
    return true;
}

static void gather(const struct ic_ts_weight *w, uint8_t *to, int64_t n)
{
    const size_t size = ic_ts_dtype_bytes(w->dtype);
    int64_t index[IC_IR_MAX_RANK] = {0};
    int64_t at = w->offset;
    for (int64_t i = 0; i < n; ++i, to += size) {
        memcpy(to, w->bytes + (size_t)at * size, size);
        for (int32_t axis = w->rank; axis-- > 0;) {
            at += w->strides[axis];
            if (++index[axis] < w->dims[axis])
                break;
            at -= w->strides[axis] * w->dims[axis];
            index[axis] = 0;
        }
    }
}

enum ic_status ic_ts_tensor_later(struct ic_ts *ts, struct ic_ts_tensor *base, int32_t rank, const int64_t *dims, uint32_t reversed,
                                  struct ic_ts_tensor **out)
{
    struct ic_ts_later *later = ic_arena_alloc(&ts->arena, sizeof *later);
    if (!later)
        return ic_ts_no_memory(ts);
    IC_TRY(ic_ts_tensor_new(ts, base->dtype, rank, dims, out));
    *later = (struct ic_ts_later){base, reversed};
    (*out)->later = later;
    (*out)->name = base->name;
    return IC_OK;
}

static enum ic_status make_later(struct ic_ts *ts, struct ic_ts_tensor *t)
{
    const void *from = NULL;
    int64_t index[IC_IR_MAX_RANK] = {0};
    IC_TRY(ic_ts_tensor_data(ts, t->later->base, &from));
    t->now.data = from;
    if (t->later->reversed == 0)
        return IC_OK;
    const int64_t n = ic_ts_elements(t);
    const size_t size = ic_ts_dtype_bytes(t->dtype);
    uint8_t *to = ic_arena_array(&ts->arena, n ? (size_t)n : 1, size);
    if (!to)
        return ic_ts_no_memory(ts);
    t->now.data = to;
    for (int64_t i = 0; i < n; ++i, to += size) {
        int64_t at = 0;
        for (int32_t axis = 0; axis < t->rank; ++axis)
            at = at * t->dims[axis] + (t->later->reversed >> axis & 1u ? t->dims[axis] - 1 - index[axis] : index[axis]);
        memcpy(to, (const uint8_t *)from + (size_t)at * size, size);
        for (int32_t axis = t->rank; axis-- > 0 && ++index[axis] == t->dims[axis];)
            index[axis] = 0;
    }
    return IC_OK;
}

enum ic_status ic_ts_tensor_data(struct ic_ts *ts, struct ic_ts_tensor *t, const void **out)
{
    if (!t->now.data && !t->weight && t->later)
        IC_TRY(make_later(ts, t));
    if (!t->now.data) {
        const struct ic_ts_weight *w = t->weight;
        if (!w)
            return ic_ts_fail(ts, IC_ERR_INTERNAL, "the elements of a computed tensor are asked for");
        const int64_t n = ic_ts_elements(t);
        const size_t size = ic_ts_dtype_bytes(w->dtype);
        const uint8_t *from = n ? w->bytes + (size_t)w->offset * size : w->bytes;
        if (n == 0 || (ic_ts_weight_is_dense(w) && (uintptr_t)from % size == 0)) {
            t->now.data = n ? (const void *)from : (const void *)"";
        } else {
            uint8_t *to = ic_arena_array(&ts->arena, (size_t)n, size);
            if (!to)
                return ic_ts_no_memory(ts);
            gather(w, to, n);
            t->now.data = to;
        }
    }
    *out = t->now.data;
    return IC_OK;
}

/* ---- to the graph ---- */
/* Axes from the largest stride to the smallest, those of length 1 first; true: in that order the elements stand side by side. */
static bool axes_as_stored(const struct ic_ts_weight *w, int32_t *order)
{
    int64_t expected = 1;
    for (int32_t i = 0; i < w->rank; ++i) {
        int32_t at = i;
        for (; at > 0 && w->dims[order[at - 1]] != 1 && (w->dims[i] == 1 || w->strides[order[at - 1]] < w->strides[i]); --at)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (int32_t i = w->rank; i-- > 0; expected *= w->dims[order[i]])
        if (w->dims[order[i]] != 1 && w->strides[order[i]] != expected)
            return false;
    return true;
}

/* The first element of a large weight of float32 or float16 that stands in the file without gaps, in whatever order of its axes; NULL otherwise. */
static const void *large_block(const struct ic_ts *ts, const struct ic_ts_tensor *t, int32_t *order)
{
    const struct ic_ts_weight *w = t->weight;
    if (!w || (t->dtype != IC_TS_F32 && t->dtype != IC_TS_F16) ||
        (size_t)ic_ts_elements(t) * sizeof(float) < IC_IMPORT_LATE_BYTES || !axes_as_stored(w, order))
        return NULL;
    const size_t size = ic_ts_dtype_bytes(t->dtype);
    const uint8_t *from = w->bytes + (size_t)w->offset * size;
    return (uintptr_t)from % size == 0 && ic_ts_lent_from_file(ts, from) ? from : NULL;
}

static float number_at(const struct ic_ts_tensor *t, const void *data, int64_t i)
{
    return t->dtype == IC_TS_F16 ? half_to_float(((const uint16_t *)data)[i]) : ((const float *)data)[i];
}

/* The exponent of NaN and Inf is all ones: one pass of additions finds them. data: f32, or f16 when t is. */
static enum ic_status check_finite(struct ic_ts *ts, const struct ic_ts_tensor *t, const void *data, bool half)
{
    const int64_t n = ic_ts_elements(t);
    const uint32_t exponent = half ? 0x7c00u : 0x7f800000u, carry = half ? 0x0400u : 0x00800000u,
                   top = half ? 0x8000u : 0x80000000u;
    int64_t bad = -1;
    for (int64_t at = 0; at < n && bad < 0; at += 4096) {
        const int64_t end = n - at < 4096 ? n : at + 4096;
        uint32_t any = 0;
        for (int64_t i = at; i < end; ++i) {
            uint32_t u = 0;
            if (half)
                u = ((const uint16_t *)data)[i];
            else
                memcpy(&u, (const float *)data + i, 4);
            any |= ((u & exponent) + carry) & top;
        }
        for (int64_t i = at; any && i < end && bad < 0; ++i)
            if (!isfinite(half ? number_at(t, data, i) : ((const float *)data)[i]))
                bad = i;
    }
    if (bad < 0)
        return IC_OK;
    return ic_ts_fail(ts, IC_E_WEIGHT_NAN,
                      "weight %s holds %s at element %" PRId64
                      ": the training has diverged or the file is damaged; train again with a smaller step",
                      t->name ? t->name : "of this operator",
                      isnan(half ? number_at(t, data, bad) : ((const float *)data)[bad]) ? "NaN" : "an infinite number", bad);
}

/* Data as f32 that outlives the evaluator: lent from the file when it is that already. */
enum ic_status ic_ts_weight_f32(struct ic_ts *ts, struct ic_ts_tensor *t, const float **out)
{
    const void *data = NULL;
    if (t->f32) {
        *out = t->f32;
        return IC_OK;
    }
    IC_TRY(ic_ts_tensor_data(ts, t, &data));
    const int64_t n = ic_ts_elements(t);
    if (t->dtype == IC_TS_F32 && t->weight && (const uint8_t *)data >= t->weight->bytes &&
        (const uint8_t *)data < t->weight->bytes + t->weight->storage_bytes && ic_ts_lent_from_file(ts, data)) {
        *out = t->f32 = data;
        return IC_OK;
    }
    float *to = ic_arena_array(&ts->graph->arena, n ? (size_t)n : 1, sizeof *to);
    if (!to)
        return ic_ts_no_memory(ts);
    if (t->dtype == IC_TS_F32)
        memcpy(to, data, (size_t)n * 4);
    else
        for (int64_t i = 0; i < n; ++i)
            to[i] = (float)ic_ts_get_number(t->dtype, data, i);
    if (t->dtype == IC_TS_F64)
        ic_ts_say_narrowed(ts, t->dtype);
    *out = t->f32 = to;
    return IC_OK;
}

enum ic_status ic_ts_tensor_value(struct ic_ts *ts, struct ic_ts_tensor *t, struct ic_value **out)
{
    if (!t->now.value) {
        const float *f = NULL;
        int32_t dims[IC_IR_MAX_RANK] = {0};
        for (int32_t i = 0; i < t->rank; ++i)
            dims[i] = (int32_t)t->dims[i];
        IC_TRY(ic_ts_weight_f32(ts, t, &f));
        t->now.value = ic_graph_const_lent(ts->graph, t->name ? t->name : "constant", IC_F32, t->rank, dims, f);
        if (!t->now.value)
            return ic_ts_no_memory(ts);
    }
    if (t->now.value->dtype != IC_F32 && !t->now.data) { /* places and masks that were computed, where floats are wanted */
        const struct ic_ts_value v = {.kind = IC_TS_V_TENSOR, .u.t = t};
        return ic_ts_typed_value(ts, &v, IC_TS_F32, out);
    }
    *out = t->now.value;
    return IC_OK;
}

bool ic_ts_is_large_in_file(const struct ic_ts *ts, const struct ic_ts_tensor *t)
{
    int32_t order[IC_IR_MAX_RANK];
    return large_block(ts, t, order) != NULL;
}

/* A node whose result is made when a network is built: shapes only. */
static enum ic_status leave_for_later(struct ic_ts *ts, struct ic_node *n, const char *name, struct ic_value **out)
{
    struct ic_diag inner = {.log = ts->d ? ts->d->log : NULL};
    n->name = name;
    const enum ic_status s = ic_graph_infer(ts->graph, n, &inner);
    if (s != IC_OK)
        return ic_ts_fail(ts, inner.code, "%s", inner.text);
    *out = n->outputs[0];
    return IC_OK;
}

static enum ic_status turn_later(struct ic_ts *ts, struct ic_value *v, const int64_t *perm, const char *name, struct ic_value **out)
{
    struct ic_node *n = NULL;
    IC_TRY(ic_ts_node(ts, IC_OP_TRANSPOSE, &v, 1, ".weight", &n));
    ic_ts_set_ints_attr(n, IC_TRANSPOSE_PERM, v->rank, perm);
    return leave_for_later(ts, n, name, out);
}

static enum ic_status reverse_later(struct ic_ts *ts, struct ic_value *v, int32_t axis, const char *name, struct ic_value **out)
{
    const int32_t n = v->dims[axis];
    int64_t *places = ic_arena_array(&ts->arena, (size_t)n + 1, sizeof *places);
    struct ic_node *node = NULL;
    if (!places)
        return ic_ts_no_memory(ts);
    for (int32_t i = 0; i < n; ++i)
        places[i] = n - 1 - i;
    struct ic_value *in[] = {v, ic_graph_const(ts->graph, "constant", IC_S64, 1, &n, places)};
    if (!in[1])
        return ic_ts_no_memory(ts);
    IC_TRY(ic_ts_node(ts, IC_OP_GATHER, in, 2, ".weight", &node));
    ic_ts_set_int_attr(node, IC_GATHER_AXIS, axis);
    return leave_for_later(ts, node, name, out);
}

enum ic_status ic_ts_weight_value(struct ic_ts *ts, struct ic_ts_tensor *t, struct ic_value **out)
{
    int32_t order[IC_IR_MAX_RANK], dims[IC_IR_MAX_RANK];
    int64_t perm[IC_IR_MAX_RANK];
    const void *block = t->now.value || t->now.data ? NULL : large_block(ts, t, order);
    const bool half = t->dtype == IC_TS_F16, dense = block && ic_ts_weight_is_dense(t->weight);
    if (!block || (dense && !half))
        return ic_ts_tensor_value(ts, t, out);
    for (int32_t i = 0; i < t->rank; ++i) {
        dims[i] = (int32_t)t->dims[dense ? i : order[i]];
        perm[order[i]] = i;
    }
    struct ic_arena *const arena = &ts->graph->arena;
    const char *name = t->name ? t->name : "constant", *stored = ic_arena_printf(arena, "%s as stored", name);
    struct ic_value *v = stored ? ic_graph_const_lent(ts->graph, stored, half ? IC_F16 : IC_F32, t->rank, dims, block) : NULL;
    name = ic_arena_text(arena, name, strlen(name));
    if (!v || !name)
        return ic_ts_no_memory(ts);
    if (half) {
        struct ic_node *n = NULL;
        IC_TRY(ic_ts_node(ts, IC_OP_CAST, &v, 1, ".weight", &n));
        ic_ts_set_int_attr(n, IC_CAST_DTYPE, IC_F32);
        IC_TRY(leave_for_later(ts, n, name, &v));
    }
    if (!dense)
        IC_TRY(turn_later(ts, v, perm, name, &v));
    *out = t->now.value = v;
    return IC_OK;
}

enum ic_status ic_ts_turned_weight(struct ic_ts *ts, struct ic_ts_tensor *t, const int64_t *perm, struct ic_value **out)
{
    struct ic_value *v = NULL;
    struct ic_node *n = NULL;
    const char *name = t->name ? t->name : "constant";
    IC_TRY(ic_ts_weight_value(ts, t->later->base, &v));
    name = ic_arena_text(&ts->graph->arena, name, strlen(name));
    if (!name)
        return ic_ts_no_memory(ts);
    IC_TRY(ic_ts_node(ts, IC_OP_RESHAPE, &v, 1, ".weight", &n));
    ic_ts_set_ints_attr(n, IC_RESHAPE_SHAPE, t->rank, t->dims);
    IC_TRY(leave_for_later(ts, n, name, &v));
    for (int32_t i = 0; i < t->rank; ++i)
        if (t->later->reversed >> i & 1u && t->dims[i] > 1)
            IC_TRY(reverse_later(ts, v, i, name, &v));
    return turn_later(ts, v, perm, name, out);
}

enum ic_status ic_ts_check_weight(struct ic_ts *ts, struct ic_ts_tensor *t)
{
    int32_t order[IC_IR_MAX_RANK];
    const float *f = NULL;
    if (t->weight_checked || !ic_ts_is_known(t))
        return IC_OK;
    t->weight_checked = true;
    if (t->later && !t->now.data)
        return ic_ts_check_weight(ts, t->later->base);
    const void *block = large_block(ts, t, order); /* in the order of the file: no copy for this */
    if (block)
        return check_finite(ts, t, block, t->dtype == IC_TS_F16);
    IC_TRY(ic_ts_weight_f32(ts, t, &f));
    return check_finite(ts, t, f, false);
}

enum ic_status ic_ts_tensor_number(struct ic_ts *ts, struct ic_ts_tensor *t, bool *known, double *out)
{
    const void *data = NULL;
    *known = false;
    if (!ic_ts_is_known(t))
        return IC_OK;
    if (ic_ts_elements(t) != 1)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "a tensor of %" PRId64 " elements is used as one number", ic_ts_elements(t));
    IC_TRY(ic_ts_tensor_data(ts, t, &data));
    *known = true;
    *out = ic_ts_get_number(t->dtype, data, 0);
    return IC_OK;
}

enum ic_status ic_ts_tensor_int(struct ic_ts *ts, struct ic_ts_tensor *t, bool *known, int64_t *out)
{
    double number = 0;
    IC_TRY(ic_ts_tensor_number(ts, t, known, &number));
    if (*known)
        *out = ic_ts_get_int(t->dtype, t->now.data, 0);
    return IC_OK;
}

bool ic_ts_lent_from_file(const struct ic_ts *ts, const void *bytes)
{
    const uint8_t *p = bytes;
    const struct ic_zipfile *z = &ts->archive->zip;
    return p >= z->bytes && p < z->bytes + z->size_bytes;
}
