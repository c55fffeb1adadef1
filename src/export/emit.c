/* SPDX-License-Identifier: Apache-2.0 */
#include "export/emit.h"

#include "base/checked.h"
#include "export/wire_writer.h"

#include <string.h>

static const int64_t to_turned[4] = {0, 3, 1, 2}, from_turned[4] = {0, 2, 3, 1};

/* TensorProto.DataType */
static int64_t type_number(enum ic_dtype t)
{
    static const int8_t numbers[IC_DTYPE_COUNT] = {
        [IC_F32] = 1,  [IC_F16] = 10, [IC_U8] = 2,    [IC_S8] = 3,  [IC_S16] = 5,  [IC_S32] = 6, [IC_S64] = 7,
        [IC_BOOL] = 9, [IC_F64] = 11, [IC_BF16] = 16, [IC_U16] = 4, [IC_U32] = 12, [IC_U64] = 13};
    return numbers[t];
}

/* ---- names ---- */
static const char *emit_name(struct ic_emit *e, const char *base, const char *suffix)
{
    const char *name = ic_arena_printf(&e->arena, "%s%s%s", base, e->separator, suffix);
    e->failed = e->failed || !name;
    return name ? name : "";
}

const char *ic_emit_fresh(struct ic_emit *e)
{
    const char *name = ic_arena_printf(&e->arena, "%s%s%d", e->at ? e->at->name : "", e->separator, (int)e->n_made++);
    e->failed = e->failed || !name;
    return name ? name : "";
}

/* ---- attributes and nodes ---- */
void ic_emit_int(struct ic_emit *e, const char *name, int64_t v)
{
    ic_wire_put_text(&e->inner, 1, name);
    ic_wire_put_int(&e->inner, 3, v);
    ic_wire_put_int(&e->inner, 20, 2);
    ic_wire_put_message(&e->attrs, 5, &e->inner);
}

void ic_emit_float(struct ic_emit *e, const char *name, double v)
{
    ic_wire_put_text(&e->inner, 1, name);
    ic_wire_put_float(&e->inner, 2, (float)v);
    ic_wire_put_int(&e->inner, 20, 1);
    ic_wire_put_message(&e->attrs, 5, &e->inner);
}

void ic_emit_text(struct ic_emit *e, const char *name, const char *v)
{
    ic_wire_put_text(&e->inner, 1, name);
    ic_wire_put_text(&e->inner, 4, v);
    ic_wire_put_int(&e->inner, 20, 3);
    ic_wire_put_message(&e->attrs, 5, &e->inner);
}

void ic_emit_ints(struct ic_emit *e, const char *name, const int64_t *v, int32_t n)
{
    ic_wire_put_text(&e->inner, 1, name);
    for (int32_t i = 0; i < n; i++)
        ic_wire_put_int(&e->inner, 8, v[i]);
    ic_wire_put_int(&e->inner, 20, 7);
    ic_wire_put_message(&e->attrs, 5, &e->inner);
}

/* Where the node comes from in the source network, for people. */
static void put_origin(struct ic_emit *e)
{
    const struct ic_origin *o = &e->at->origin;
    if (!o->source_op || (!*o->source_op && !*o->module_path))
        return;
    const char *text = o->file && *o->file
                           ? ic_arena_printf(&e->arena, "%s %s (%s:%d)", o->module_path, o->source_op, o->file, (int)o->line)
                           : ic_arena_printf(&e->arena, "%s %s", o->module_path, o->source_op);
    e->failed = e->failed || !text;
    ic_wire_put_text(&e->message, 6, text ? text : "");
}

void ic_emit_node2(struct ic_emit *e, const char *op, const char *const *inputs, int n_inputs, const char *first,
                   const char *second)
{
    for (int i = 0; i < n_inputs; i++)
        ic_wire_put_text(&e->message, 1, inputs[i]);
    ic_wire_put_text(&e->message, 2, first);
    if (second)
        ic_wire_put_text(&e->message, 2, second);
    ic_wire_put_text(&e->message, 3, second ? second : first);
    ic_wire_put_text(&e->message, 4, op);
    ic_write_bytes(&e->message, e->attrs.bytes, e->attrs.size_bytes);
    e->attrs.size_bytes = 0;
    if (e->at)
        put_origin(e);
    ic_wire_put_message(&e->nodes, 1, &e->message);
}

void ic_emit_node(struct ic_emit *e, const char *op, const char *const *inputs, int n_inputs, const char *output)
{
    ic_emit_node2(e, op, inputs, n_inputs, output, NULL);
}

const char *ic_emit_unary(struct ic_emit *e, const char *op, const char *a)
{
    const char *y = ic_emit_fresh(e);
    ic_emit_node(e, op, &a, 1, y);
    return y;
}

const char *ic_emit_binary(struct ic_emit *e, const char *op, const char *a, const char *b)
{
    const char *y = ic_emit_fresh(e);
    ic_emit_node(e, op, (const char *[]){a, b}, 2, y);
    return y;
}

void ic_emit_cast(struct ic_emit *e, const char *x, enum ic_dtype to, const char *y)
{
    ic_emit_int(e, "to", type_number(to));
    ic_emit_node(e, "Cast", &x, 1, y);
}

/* ---- constants and descriptions ---- */
const char *ic_emit_tensor(struct ic_emit *e, const char *name, enum ic_dtype dtype, int32_t rank, const int32_t *dims,
                           const void *data)
{
    size_t size_bytes = ic_dtype_bytes(dtype);
    for (int32_t i = 0; i < rank; i++) {
        ic_wire_put_int(&e->message, 1, dims[i]);
        size_bytes *= (size_t)dims[i]; /* the size of a constant that exists */
    }
    ic_wire_put_int(&e->message, 2, type_number(dtype));
    ic_wire_put_text(&e->message, 8, name);
    ic_wire_put_bytes(&e->message, 9, data, size_bytes);
    ic_wire_put_message(&e->constants, 5, &e->message);
    return name;
}

const char *ic_emit_number(struct ic_emit *e, float v)
{
    return ic_emit_tensor(e, ic_emit_fresh(e), IC_F32, 0, NULL, &v);
}

const char *ic_emit_list(struct ic_emit *e, const int64_t *v, int32_t n)
{
    return ic_emit_tensor(e, ic_emit_fresh(e), IC_S64, 1, &n, v);
}

void ic_emit_info(struct ic_emit *e, struct ic_writer *to, uint32_t field, const char *name, enum ic_dtype dtype, int32_t rank,
                  const int32_t *dims)
{
    struct ic_writer *shape = &e->innermost, *dim = &e->inner, *type = &e->message;
    for (int32_t i = 0; i < rank; i++) { /* TensorShapeProto.Dimension in TensorShapeProto */
        ic_wire_put_int(dim, 1, dims[i]);
        ic_wire_put_message(shape, 1, dim);
    }
    ic_wire_put_int(dim, 1, type_number(dtype)); /* TypeProto.Tensor */
    ic_wire_put_message(dim, 2, shape);
    ic_wire_put_message(type, 1, dim); /* TypeProto */
    ic_wire_put_text(shape, 1, name);  /* ValueInfoProto */
    ic_wire_put_message(shape, 2, type);
    ic_wire_put_message(to, field, shape);
}

const void *ic_emit_permuted(struct ic_emit *e, const struct ic_value *v, const int32_t *perm, int32_t *dims)
{
    const size_t width = ic_dtype_bytes(v->dtype);
    const int64_t count = ic_value_elements(v);
    int64_t stride[IC_IR_MAX_RANK], step = 1, at[IC_IR_MAX_RANK] = {0};
    uint8_t *to = ic_arena_alloc(&e->arena, (size_t)count * width + 1);
    if (!to)
        return NULL;
    for (int32_t i = v->rank; i-- > 0;) {
        stride[i] = step;
        step *= v->dims[i];
    }
    for (int32_t i = 0; i < v->rank; i++)
        dims[i] = v->dims[perm[i]];
    for (int64_t k = 0; k < count; k++) {
        int64_t from = 0;
        for (int32_t i = 0; i < v->rank; i++)
            from += at[i] * stride[perm[i]];
        memcpy(to + (size_t)k * width, (const uint8_t *)v->data + (size_t)from * width, width);
        for (int32_t i = v->rank; i-- > 0 && ++at[i] == dims[i];)
            at[i] = 0;
    }
    return to;
}

/* ---- forms ---- */
static bool is_plain_float(const struct ic_value *v)
{
    return v->dtype == IC_F32 && v->quant.n_scales == 0;
}

static bool has_real_form(const struct ic_value *v)
{
    return v->quant.n_scales > 0 || v->dtype == IC_F16;
}

static bool is_input(const struct ic_emit *e, const struct ic_value *v)
{
    for (int32_t i = 0; i < e->g->n_inputs; i++)
        if (e->g->inputs[i].value == v)
            return true;
    return false;
}

static bool is_output(const struct ic_emit *e, const struct ic_value *v)
{
    for (int32_t i = 0; i < e->g->n_outputs; i++)
        if (e->g->outputs[i].value == v)
            return true;
    return false;
}

static const char *form_name(struct ic_emit *e, const struct ic_value *v, int form)
{
    static const char *const turned_suffix[] = {"", "nchw"};
    const bool real = has_real_form(v) && (form & IC_FORM_REAL);
    /* the user's name has what enters or leaves the model, which is float; else what is stored */
    const bool own = !has_real_form(v) ? !is_output(e, v) || !v->data : is_output(e, v) ? real : !is_input(e, v) && !real;
    if (own && !(form & IC_FORM_TURNED))
        return v->name;
    const char *suffix = ic_arena_printf(&e->arena, "%s%s", turned_suffix[form & IC_FORM_TURNED],
                                         own       ? ""
                                         : real    ? "f32"
                                         : v->data ? "data"
                                                   : "stored");
    return emit_name(e, v->name, suffix ? suffix : "");
}

static void describe(struct ic_emit *e, const struct ic_value *v, int form, const char *name)
{
    int32_t dims[IC_IR_MAX_RANK];
    if (v->data || is_input(e, v) || is_output(e, v))
        return;
    for (int32_t i = 0; i < v->rank; i++)
        dims[i] = v->dims[form & IC_FORM_TURNED ? to_turned[i] : i];
    ic_emit_info(e, &e->infos, 13, name, has_real_form(v) && (form & IC_FORM_REAL) ? IC_F32 : v->dtype, v->rank, dims);
}

static const char *zero_point(struct ic_emit *e, const struct ic_value *v)
{
    const int32_t n = v->quant.n_scales;
    const size_t width = ic_dtype_bytes(v->dtype);
    uint8_t *zeros = ic_arena_array(&e->arena, (size_t)n + 1, width); /* zeroed */
    e->failed = e->failed || !zeros;
    for (int32_t i = 0; zeros && i < n; i++)
        zeros[(size_t)i * width] = (uint8_t)v->quant.zero; /* u8 or s8 by its bits; of s32 it is 0 */
    return zeros ? ic_emit_tensor(e, ic_emit_fresh(e), v->dtype, n > 1, &n, zeros) : "";
}

static void convert(struct ic_emit *e, const struct ic_value *v, const char *from, const char *to, bool to_real, int32_t axis)
{
    if (v->dtype == IC_F16) {
        ic_emit_cast(e, from, to_real ? IC_F32 : IC_F16, to);
        return;
    }
    const int32_t n = v->quant.n_scales;
    const char *scale = ic_emit_tensor(e, ic_emit_fresh(e), IC_F32, n > 1, &n, v->quant.scales);
    if (n > 1)
        ic_emit_int(e, "axis", axis);
    ic_emit_node(e, to_real ? "DequantizeLinear" : "QuantizeLinear", (const char *[]){from, scale, zero_point(e, v)}, 3, to);
}

static void turn(struct ic_emit *e, const char *from, const char *to, bool to_nchw)
{
    ic_emit_ints(e, "perm", to_nchw ? to_turned : from_turned, 4);
    ic_emit_node(e, "Transpose", &from, 1, to);
}

static const char *constant_form(struct ic_emit *e, const struct ic_value *v, int form, const char *name)
{
    static const int32_t perm[4] = {0, 3, 1, 2};
    int32_t dims[IC_IR_MAX_RANK];
    if (!(form & IC_FORM_TURNED))
        return ic_emit_tensor(e, name, v->dtype, v->rank, v->dims, v->data);
    const void *data = ic_emit_permuted(e, v, perm, dims);
    e->failed = e->failed || !data;
    return data ? ic_emit_tensor(e, name, v->dtype, 4, dims, data) : "";
}

const char *ic_emit_constant(struct ic_emit *e, const struct ic_value *v, int32_t scale_axis)
{
    const char *data = ic_emit_tensor(e, ic_emit_fresh(e), v->dtype, v->rank, v->dims, v->data);
    if (!has_real_form(v))
        return data;
    const char *real = ic_emit_fresh(e);
    convert(e, v, data, real, true, scale_axis);
    return real;
}

const char *ic_emit_value(struct ic_emit *e, const struct ic_value *v, int form)
{
    if (!has_real_form(v))
        form &= ~IC_FORM_REAL;
    const char **forms = e->forms[v->id];
    if (forms[form])
        return forms[form];
    const char *name = form_name(e, v, form);
    const bool real = form & IC_FORM_REAL;
    if (!real && v->data) {
        forms[form] = constant_form(e, v, form, name);
        return forms[form];
    }
    const int other = form ^ IC_FORM_REAL, twisted = form ^ IC_FORM_TURNED;
    if (has_real_form(v) && (real || forms[other])) /* the stored form is what counts: floats are made from it */
        convert(e, v, ic_emit_value(e, v, other), name, real, (form & IC_FORM_TURNED) && v->quant.axis == 3 ? 1 : v->quant.axis);
    else
        turn(e, forms[twisted] ? forms[twisted] : "", name, form & IC_FORM_TURNED);
    forms[form] = name;
    describe(e, v, form, name);
    return name;
}

bool ic_emit_has_turned(const struct ic_emit *e, const struct ic_value *v)
{
    const char *const *forms = e->forms[v->id];
    return v->rank == 4 && (forms[IC_FORM_TURNED] || forms[IC_FORM_TURNED | IC_FORM_REAL]);
}

const char *ic_emit_result(struct ic_emit *e, const struct ic_value *v, int turned)
{
    return is_plain_float(v) || !has_real_form(v) ? form_name(e, v, turned) : ic_emit_fresh(e);
}

void ic_emit_made(struct ic_emit *e, const struct ic_value *v, int turned, const char *name)
{
    if (has_real_form(v)) {
        const char *stored = form_name(e, v, turned);
        convert(e, v, name, stored, false, v->quant.axis);
        name = stored;
    }
    e->forms[v->id][turned] = name;
    describe(e, v, turned, name);
}

const char *ic_emit_stored_name(struct ic_emit *e, const struct ic_value *v, int turned)
{
    return form_name(e, v, turned);
}

void ic_emit_stored(struct ic_emit *e, const struct ic_value *v, int turned)
{
    e->forms[v->id][turned] = form_name(e, v, turned);
    describe(e, v, turned, e->forms[v->id][turned]);
}
