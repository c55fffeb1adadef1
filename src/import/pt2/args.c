/* SPDX-License-Identifier: Apache-2.0
 *
 * Arguments: unions written as objects of one name, to values of the evaluator.
 */
#include "import/pt2/run.h"
#include "import/torchscript/complex.h"

#include <math.h>
#include <string.h>

static enum ic_status wrong(struct ic_pt2_run *r, const struct ic_json *v)
{
    return ic_pt2_fail_at(r, v, IC_E_EXPORTED, "argument \"%.60s\" is %s, which is no value of that kind", v->key ? v->key : "",
                          ic_json_kind_name(v->kind));
}

static enum ic_status named(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out)
{
    const char *name = ic_json_get_text(v, "name", NULL);
    return name ? ic_pt2_get(r, v, name, out) : wrong(r, v);
}

static enum ic_status integer(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out)
{
    if (v->kind != IC_JSON_INT)
        return wrong(r, v);
    *out = ic_ts_int(v->u.i);
    return IC_OK;
}

/* Numbers that JSON does not have are texts in newer files. */
static enum ic_status real(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out)
{
    if (v->kind == IC_JSON_TEXT && strcmp(v->u.text, "Infinity") == 0)
        *out = ic_ts_float(INFINITY);
    else if (v->kind == IC_JSON_TEXT && strcmp(v->u.text, "-Infinity") == 0)
        *out = ic_ts_float(-INFINITY);
    else if (v->kind == IC_JSON_TEXT && strcmp(v->u.text, "NaN") == 0)
        *out = ic_ts_float(NAN);
    else if (v->kind == IC_JSON_REAL || v->kind == IC_JSON_INT)
        *out = ic_ts_float(v->kind == IC_JSON_REAL ? v->u.f : (double)v->u.i);
    else
        return wrong(r, v);
    return IC_OK;
}

static enum ic_status truth(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out)
{
    if (v->kind != IC_JSON_BOOL)
        return wrong(r, v);
    *out = ic_ts_bool(v->u.i != 0);
    return IC_OK;
}

static enum ic_status text(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out)
{
    return v->kind == IC_JSON_TEXT ? ic_ts_text(&r->ts, v->u.text, v->n, out) : wrong(r, v);
}

static enum ic_status none(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out)
{
    (void)r, (void)v;
    *out = ic_ts_none();
    return IC_OK;
}

/* {"as_name": "sym_size_int"} or {"as_int": 3}, {"as_float": ...}, {"as_bool": ...} */
static enum ic_status symbolic(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out)
{
    const struct ic_json *only = ic_json_only(v);
    if (only && strcmp(only->key, "as_name") == 0 && only->kind == IC_JSON_TEXT)
        return ic_pt2_get(r, v, only->u.text, out);
    return only ? ic_pt2_argument(r, v, out) : wrong(r, v);
}

static enum ic_status optional_tensor(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out)
{
    const struct ic_json *only = ic_json_only(v);
    const bool tensor = only && strcmp(only->key, "as_tensor") == 0;
    return tensor ? named(r, only, out) : none(r, v, out);
}

/* Types, layouts and memory formats have numbers of their own here: ATen's are what operators expect. */
static enum ic_status scalar_type(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out)
{
    IC_TRY(integer(r, v, out));
    const int32_t type = ic_pt2_dtype(v->u.i);
    if (type < 0)
        return ic_pt2_fail_at(r, v, IC_E_ELEMENT_TYPE, "elements of type %d (as torch.export numbers them) are not supported",
                              (int)v->u.i);
    *out = ic_ts_int(type);
    return IC_OK;
}

static enum ic_status memory_format(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out)
{
    static const int64_t formats[] = {0, 0, 2, 3, 1}; /* unknown, contiguous, channels last, 3d, preserve */
    IC_TRY(integer(r, v, out));
    *out = ic_ts_int(v->u.i >= 0 && v->u.i < 5 ? formats[v->u.i] : 0);
    return IC_OK;
}

static enum ic_status layout(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out)
{
    IC_TRY(integer(r, v, out));
    if (v->u.i != 7)
        return ic_pt2_fail_at(r, v, IC_E_OBJECT, "sparse tensors are not supported");
    *out = ic_ts_int(0);
    return IC_OK;
}

static enum ic_status device(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out)
{
    const char *type = ic_json_get_text(v, "type", "cpu");
    IC_TRY(ic_ts_text(&r->ts, type, strlen(type), out));
    out->kind = IC_TS_V_DEVICE;
    return IC_OK;
}

/* A graph inside: its JSON, wrapped. ic_pt2_call_special unwraps it. */
static enum ic_status graph(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out)
{
    const struct ic_json *g = ic_json_get_kind(v, "graph", IC_JSON_OBJECT);
    if (!g)
        return wrong(r, v);
    *out = (struct ic_ts_value){.kind = IC_TS_V_FUNCTION, .u.any = g};
    return IC_OK;
}

static enum ic_status refused(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out)
{
    (void)out;
    return ic_pt2_fail_at(r, v, IC_E_OBJECT,
                          "an argument of kind %.40s (a custom object) is not supported; replace it in the model", v->key);
}

/* {"real": 0.0, "imag": 1.0} */
static enum ic_status complex_number(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out)
{
    const struct ic_json *re = ic_json_get(v, "real"), *im = ic_json_get(v, "imag");
    struct ic_ts_value parts[2];
    if (!re || !im)
        return wrong(r, v);
    IC_TRY(real(r, re, &parts[0]));
    IC_TRY(real(r, im, &parts[1]));
    return ic_ts_complex_number(&r->ts, parts[0].u.f, parts[1].u.f, out);
}

typedef enum ic_status read_fn(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value *out);

static const struct {
    const char *kind;
    read_fn *read;
    bool list;
} kinds[] = {
    {"as_tensor", named, false},
    {"as_tensors", named, true},
    {"as_int", integer, false},
    {"as_ints", integer, true},
    {"as_float", real, false},
    {"as_floats", real, true},
    {"as_bool", truth, false},
    {"as_bools", truth, true},
    {"as_string", text, false},
    {"as_strings", text, true},
    {"as_none", none, false},
    {"as_sym_int", symbolic, false},
    {"as_sym_ints", symbolic, true},
    {"as_sym_float", symbolic, false},
    {"as_sym_floats", symbolic, true},
    {"as_sym_bool", symbolic, false},
    {"as_sym_bools", symbolic, true},
    {"as_optional_tensor", optional_tensor, false},
    {"as_optional_tensors", optional_tensor, true},
    {"as_scalar_type", scalar_type, false},
    {"as_memory_format", memory_format, false},
    {"as_layout", layout, false},
    {"as_device", device, false},
    {"as_graph", graph, false},
    {"as_operator", text, false},
    {"as_complex", complex_number, false},
    {"as_custom_obj", refused, false},
};

enum ic_status ic_pt2_argument(struct ic_pt2_run *r, const struct ic_json *arg, struct ic_ts_value *out)
{
    const struct ic_json *only = ic_json_only(arg);
    for (size_t i = 0; only && i < sizeof kinds / sizeof *kinds; ++i) {
        if (strcmp(kinds[i].kind, only->key) != 0)
            continue;
        if (!kinds[i].list)
            return kinds[i].read(r, only, out);
        if (only->kind != IC_JSON_LIST || only->n > INT32_MAX / 2)
            return wrong(r, only);
        IC_TRY(ic_ts_seq(&r->ts, IC_TS_V_LIST, (int32_t)only->n, out));
        for (uint32_t k = 0; k < only->n; ++k)
            IC_TRY(kinds[i].read(r, &only->u.items[k], &out->u.seq->items[k]));
        return IC_OK;
    }
    return ic_pt2_fail_at(r, arg, only ? IC_E_EXPORT_VERSION : IC_E_EXPORTED, "an argument of kind %.60s is not known",
                          only ? only->key : ic_json_kind_name(arg->kind));
}
