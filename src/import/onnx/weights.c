/* SPDX-License-Identifier: Apache-2.0
 *
 * Tensor messages to constants: lent from the file where they are float32 or integers already, converted otherwise; from a file beside the model
 * when the message says so.
 */
#include "import/new_weights.h"
#include "import/onnx/onnx.h"
#include "import/torchscript/eval.h"

#include "arith/integers.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    MIN_ODD = 4096,
    MIN_HALF = 32768
}; /* elements that are worth not to be copied, or to be widened only when a network is built */

/* Elements one after the other, from raw bytes or from a typed list. */
struct source {
    int32_t type;
    uint32_t bits;
    const uint8_t *raw; /* NULL: typed */
    void *to;
    enum ic_dtype dtype;
    int64_t n, at;
};

static void store(struct source *s, uint64_t u)
{
    if (s->at == s->n)
        return;
    if (s->dtype == IC_F32) {
        ((float *)s->to)[s->at++] = (float)ic_onnx_float_of_bits(s->type, u);
        return;
    }
    int64_t v = (int64_t)u;
    if (s->type == IC_ONNX_INT4)
        v = (v & 7) - (v & 8);
    if (s->type == IC_ONNX_UINT4)
        v &= 15;
    if (s->type == IC_ONNX_INT2)
        v = (v & 1) - (v & 2);
    if (s->type == IC_ONNX_UINT2)
        v &= 3;
    ic_int_store(s->dtype, s->to, s->at++, v);
}

/* Element i of fewer than 8 bits: a stream of bits, the lowest of a byte first. */
static uint64_t packed(const struct source *s, int64_t i)
{
    const size_t bit = (size_t)i * s->bits, byte = bit / 8, shift = bit % 8;
    uint32_t u = s->raw[byte];
    if (shift + s->bits > 8)
        u |= (uint32_t)s->raw[byte + 1] << 8;
    return u >> shift & ((1u << s->bits) - 1u);
}

static void from_raw(struct source *s)
{
    const uint32_t width = s->bits / 8;
    for (int64_t i = 0; i < s->n; i++) {
        uint64_t u = width == 0 ? packed(s, i) : 0;
        for (uint32_t k = width; k-- > 0;)
            u = u << 8 | s->raw[i * width + k];
        store(s, u);
    }
}

static void take(void *user, uint64_t u)
{
    struct source *s = user;
    if (s->bits >= 6) {
        store(s, u);
        return;
    }
    for (uint32_t k = 0; k < 8 / s->bits; k++) /* the list holds bytes of packed elements */
        store(s, u >> (k * s->bits));
}

/* float_data 4, int32_data 5, int64_data 7, double_data 10, uint64_data 11 */
static uint32_t list_field(int32_t type)
{
    switch (type) {
    case IC_ONNX_FLOAT:
        return 4;
    case IC_ONNX_INT64:
        return 7;
    case IC_ONNX_DOUBLE:
        return 10;
    case IC_ONNX_UINT32:
    case IC_ONNX_UINT64:
        return 11;
    default:
        return 5;
    }
}

static void from_fixed(struct source *s, const struct ic_wire_field *f)
{
    const size_t width = s->bits / 8;
    if (f->type != IC_WIRE_BYTES) {
        store(s, f->u);
        return;
    }
    for (size_t i = 0; i + width <= f->size_bytes; i += width) {
        uint64_t u = 0;
        for (size_t k = width; k-- > 0;)
            u = u << 8 | f->bytes[i + k];
        store(s, u);
    }
}

static bool from_list(struct source *s, struct ic_onnx_span message)
{
    const uint32_t number = list_field(s->type);
    struct ic_wire w = ic_wire_of(message.bytes, message.size_bytes);
    struct ic_wire_field f;
    while (ic_wire_next(&w, &f)) {
        if (f.number != number)
            continue;
        if (number == 4 || number == 10)
            from_fixed(s, &f);
        else if (!ic_wire_numbers(&f, take, s))
            return false;
    }
    return !w.bad;
}

static bool open_external(struct ic_onnx *o, struct ic_onnx_tensor *t, uint64_t wanted)
{
    const void *bytes = NULL;
    size_t size = 0;
    if (!t->location || !*t->location) {
        ic_onnx_fail(o, "tensor \"%s\" is kept in another file, but the model does not say which", t->name);
        return false;
    }
    if (!o->options->open_beside) {
        ic_onnx_fail(o, "tensor \"%s\" is kept in the file \"%s\" beside the model, which cannot be opened here", t->name,
                     t->location);
        return false;
    }
    const enum ic_status s = o->options->open_beside(o->options->open_user, t->location, &bytes, &size, o->b.d);
    if (s != IC_OK) {
        o->b.status = s;
        return false;
    }
    const uint64_t length = t->has_length ? t->length : wanted;
    if (t->offset > size || length > size - t->offset) {
        ic_onnx_fail(o,
                     "tensor \"%s\" wants %" PRIu64 " bytes at %" PRIu64
                     " of \"%s\", which has %zu bytes: the file is short or not the "
                     "one that belongs to this model",
                     t->name, length, t->offset, t->location, size);
        return false;
    }
    t->has_raw = true;
    t->raw = (struct ic_onnx_span){(const uint8_t *)bytes + t->offset, (size_t)length};
    return true;
}

static void say_double(struct ic_onnx *o, int32_t type)
{
    if (type == IC_ONNX_DOUBLE && !o->said_double) {
        o->said_double = true;
        ic_say(o->b.d, 'I', "the model holds float64 values; they are computed in float32 on the chip");
    }
}

/* odd: weights may stand at an odd place, since who reads them aligns them, or turns them from there. */
static bool lendable(const struct source *s, const struct ic_onnx_tensor *t, bool odd)
{
    odd = odd && s->type == IC_ONNX_FLOAT && s->n >= MIN_ODD;
    return t->has_raw && s->bits >= 8 && s->dtype != IC_BOOL && (s->dtype != IC_F32 || s->type == IC_ONNX_FLOAT) &&
           (odd || (uintptr_t)t->raw.bytes % (s->bits / 8) == 0);
}

/* A name as PyTorch gives it to parameters and statistics: such a one must be among new weights. */
static bool is_parameter(const char *name)
{
    static const char *const ends[] = {".weight", ".bias", ".running_mean", ".running_var"};
    const size_t n = strlen(name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (n > strlen(ends[i]) && strcmp(name + n - strlen(ends[i]), ends[i]) == 0)
            return true;
    return false;
}

/* The value that new weights give for t; NULL: they do not, or it failed. */
static struct ic_value *new_value(struct ic_onnx *o, const struct ic_onnx_tensor *t, const int32_t *dims)
{
    struct ic_ts_weight w;
    int64_t wide[IC_IR_MAX_RANK] = {0};
    bool found = false;
    if (!o->options->new_weights || !*t->name)
        return NULL;
    for (int32_t i = 0; i < t->rank; i++)
        wide[i] = dims[i];
    const int32_t dtype = ic_dtype_is_float(ic_onnx_dtype(t->type)) ? IC_TS_F32 : IC_TS_S64;
    o->b.status = ic_new_weights_take(o->options->new_weights, t->name, dtype, t->rank, wide, !is_parameter(t->name), &w, &found,
                                      o->b.d);
    if (!found || o->b.status != IC_OK || dtype != IC_TS_F32)
        return NULL;
    float *to = ic_arena_aligned(&o->b.g->arena, (size_t)ic_onnx_elements(t) * sizeof *to + 1, 64);
    struct ic_value *v = to ? ic_graph_const_lent(o->b.g, t->name, IC_F32, t->rank, dims, to) : NULL;
    if (v)
        ic_new_weights_floats(&w, to);
    else
        ic_build_no_memory(&o->b);
    return v;
}

/* Long: the ways a tensor can contradict itself. */
struct ic_value *ic_onnx_tensor_value(struct ic_onnx *o, struct ic_onnx_span message, int32_t *type)
{
    struct ic_onnx_tensor t;
    int32_t dims[IC_IR_MAX_RANK] = {0};
    if (o->b.status != IC_OK)
        return NULL;
    const enum ic_status read = ic_onnx_read_tensor(&o->reader, message, &t);
    if (read != IC_OK) {
        o->b.status = read;
        return NULL;
    }
    struct source s = {
        .type = t.type, .bits = ic_onnx_type_bits(t.type), .dtype = ic_onnx_dtype(t.type), .n = ic_onnx_elements(&t)};
    *type = t.type;
    if (s.dtype == IC_DTYPE_NONE) {
        ic_onnx_refuse(o, "tensor \"%s\" is of type %s: a chip has none of it", t.name, ic_onnx_type_name(t.type));
        return NULL;
    }
    const uint64_t wanted = ((uint64_t)s.n * s.bits + 7) / 8;
    if (t.external && !open_external(o, &t, wanted))
        return NULL;
    if (t.has_raw && t.raw.size_bytes != wanted) {
        ic_build_fail(&o->b, IC_E_TENSOR, "tensor \"%s\" has %zu bytes; its shape and type want %" PRIu64, t.name, t.raw.size_bytes,
                      wanted);
        return NULL;
    }
    say_double(o, t.type);
    for (int32_t i = 0; i < t.rank; i++)
        dims[i] = (int32_t)t.dims[i];
    const char *name = *t.name ? t.name : "constant";
    struct ic_value *v = new_value(o, &t, dims);
    if (v || o->b.status != IC_OK)
        return v;
    const bool half = o->lend_odd && t.has_raw && s.type == IC_ONNX_FLOAT16 && s.n >= MIN_HALF;
    if (half || (lendable(&s, &t, o->lend_odd) && s.n > 0)) {
        v = ic_graph_const_lent(o->b.g, name, half ? IC_F16 : s.dtype, t.rank, dims, t.raw.bytes);
    } else {
        s.to = ic_arena_aligned(&o->b.g->arena, (size_t)s.n * ic_dtype_bytes(s.dtype) + 1, 64);
        s.raw = t.raw.bytes;
        if (s.to && t.has_raw)
            from_raw(&s);
        else if (s.to && (!from_list(&s, message) || s.at != s.n)) {
            ic_onnx_fail(o, "tensor \"%s\" has %" PRId64 " elements; its shape wants %" PRId64, t.name, s.at, s.n);
            return NULL;
        }
        v = s.to ? ic_graph_const_lent(o->b.g, name, s.dtype, t.rank, dims, s.to) : NULL;
    }
    if (!v)
        ic_build_no_memory(&o->b);
    return v;
}

/* ---- sparse: values, where they stand (numbers in the flattened tensor, or one row of coordinates each), the dense shape ---- */
struct sparse {
    struct ic_onnx_span values, places;
    int32_t rank, dims[IC_IR_MAX_RANK];
    int64_t elements;
    bool bad;
};

static void take_sparse_dim(void *user, uint64_t u)
{
    struct sparse *s = user;
    if (s->rank == IC_IR_MAX_RANK || u > INT32_MAX || (u > 0 && s->elements > INT32_MAX / (int64_t)u)) {
        s->bad = true;
        return;
    }
    s->dims[s->rank++] = (int32_t)u;
    s->elements *= (int64_t)u;
}

static bool read_sparse(struct ic_onnx_span message, struct sparse *s)
{
    struct ic_wire w = ic_wire_of(message.bytes, message.size_bytes);
    struct ic_wire_field f;
    *s = (struct sparse){.elements = 1};
    while (ic_wire_next(&w, &f)) {
        if (f.number == 1 && f.type == IC_WIRE_BYTES)
            s->values = (struct ic_onnx_span){f.bytes, f.size_bytes};
        if (f.number == 2 && f.type == IC_WIRE_BYTES)
            s->places = (struct ic_onnx_span){f.bytes, f.size_bytes};
        if (f.number == 3)
            s->bad = !ic_wire_numbers(&f, take_sparse_dim, s) || s->bad;
    }
    return !w.bad && !s->bad && s->values.bytes && s->places.bytes;
}

/* The flat place of value i; -1: outside the dense shape */
static int64_t sparse_place(const struct sparse *s, const struct ic_value *places, int64_t i)
{
    int64_t at = 0;
    if (places->rank == 1) {
        at = ic_build_get_int(places, i);
        return at >= 0 && at < s->elements ? at : -1;
    }
    for (int32_t k = 0; k < s->rank; k++) {
        const int64_t c = ic_build_get_int(places, i * s->rank + k);
        if (c < 0 || c >= s->dims[k])
            return -1;
        at = at * s->dims[k] + c;
    }
    return at;
}

struct ic_value *ic_onnx_sparse_value(struct ic_onnx *o, struct ic_onnx_span message, int32_t *type)
{
    struct sparse s;
    int32_t place_type = 0;
    if (!read_sparse(message, &s)) {
        ic_onnx_fail(o, "its sparse tensor lacks values, places or a possible shape");
        return NULL;
    }
    const struct ic_value *v = ic_onnx_tensor_value(o, s.values, type),
                          *places = v ? ic_onnx_tensor_value(o, s.places, &place_type) : NULL;
    if (!v || !places)
        return NULL;
    const int64_t n = ic_value_elements(v);
    const bool flat = places->rank == 1 && places->dims[0] == n,
               rows = places->rank == 2 && places->dims[0] == n && places->dims[1] == s.rank;
    if (place_type != IC_ONNX_INT64 || v->rank != 1 || (!flat && !rows)) {
        ic_onnx_fail(o, "sparse tensor \"%s\" of %d axes has %" PRId64 " values and places that do not go with them", v->name,
                     (int)s.rank, n);
        return NULL;
    }
    const size_t width = ic_dtype_bytes(v->dtype);
    uint8_t *dense = ic_arena_aligned(&o->b.g->arena, (size_t)s.elements * width + 1, 64);
    if (!dense) {
        ic_build_no_memory(&o->b);
        return NULL;
    }
    memset(dense, 0, (size_t)s.elements * width);
    for (int64_t i = 0; i < n; i++) {
        const int64_t at = sparse_place(&s, places, i);
        if (at < 0) {
            ic_onnx_fail(o, "sparse tensor \"%s\": value %" PRId64 " stands outside its shape", v->name, i);
            return NULL;
        }
        memcpy(dense + (size_t)at * width, (const uint8_t *)v->data + (size_t)i * width, width);
    }
    struct ic_value *made = ic_graph_const_lent(o->b.g, v->name, v->dtype, s.rank, s.dims, dense);
    if (!made)
        ic_build_no_memory(&o->b);
    return made;
}
