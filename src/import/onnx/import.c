/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk over a model's nodes: names to values, functions and sub-graphs inlined, problems collected; inputs and outputs of the graph.
 */
#include "import/onnx/onnx.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- names ---- */
static bool room_for_values(struct ic_onnx *o, struct ic_onnx_scope *s)
{
    if (s->index.n < s->n_room)
        return true;
    const uint32_t n = s->n_room ? s->n_room * 2 : 64;
    struct ic_onnx_value *wider = ic_arena_array(o->arena, n, sizeof *wider);
    if (!wider) {
        ic_build_no_memory(&o->b);
        return false;
    }
    if (s->n_room)
        memcpy(wider, s->values, s->n_room * sizeof *wider);
    s->values = wider;
    s->n_room = n;
    return true;
}

void ic_onnx_define(struct ic_onnx *o, struct ic_onnx_scope *s, const char *name, const struct ic_onnx_value *v)
{
    const uint32_t *found = ic_name_index_find(&s->index, name);
    const uint32_t i = found ? *found : s->index.n;
    if (!*name || (!found && !room_for_values(o, s)))
        return;
    if (!found && !ic_name_index_put(&s->index, o->arena, name, i)) {
        ic_build_no_memory(&o->b);
        return;
    }
    s->values[i] = *v;
}

const struct ic_onnx_value *ic_onnx_look_up(const struct ic_onnx_scope *s, const char *name)
{
    for (; s; s = s->function ? NULL : s->outer) { /* a function sees only its own names */
        const uint32_t *i = ic_name_index_find(&s->index, name);
        if (i)
            return &s->values[*i];
    }
    return NULL;
}

/* ---- attributes ---- */
const struct ic_onnx_attr *ic_onnx_attr(const struct ic_onnx *o, const char *name)
{
    for (int32_t i = 0; i < o->node->n_attrs; i++)
        if (strcmp(o->node->attrs[i].name, name) == 0)
            return &o->node->attrs[i];
    return NULL;
}

const struct ic_onnx_attr *ic_onnx_list(struct ic_onnx *o, const char *name, int32_t type)
{
    const struct ic_onnx_attr *a = ic_onnx_attr(o, name);
    if (!a || a->type == type)
        return a;
    ic_onnx_fail(o, "its attribute %s is no list of %s", name,
                 type == IC_ONNX_ATTR_FLOATS ? "floats"
                 : type == IC_ONNX_ATTR_INTS ? "integers"
                                             : "strings");
    return NULL;
}

int64_t ic_onnx_int(const struct ic_onnx *o, const char *name, int64_t otherwise)
{
    const struct ic_onnx_attr *a = ic_onnx_attr(o, name);
    return a ? a->i : otherwise;
}

int32_t ic_onnx_int32(const struct ic_onnx *o, const char *name, int32_t otherwise)
{
    const int64_t i = ic_onnx_int(o, name, otherwise);
    return i < INT32_MIN ? INT32_MIN : i > INT32_MAX ? INT32_MAX : (int32_t)i;
}

double ic_onnx_float(const struct ic_onnx *o, const char *name, double otherwise)
{
    const struct ic_onnx_attr *a = ic_onnx_attr(o, name);
    return a ? (double)a->f : otherwise;
}

const char *ic_onnx_text(const struct ic_onnx *o, const char *name, const char *otherwise)
{
    const struct ic_onnx_attr *a = ic_onnx_attr(o, name);
    return a && a->s ? a->s : otherwise;
}

int32_t ic_onnx_ints(const struct ic_onnx *o, const char *name, int64_t *out, int32_t max)
{
    const struct ic_onnx_attr *a = ic_onnx_attr(o, name);
    if (!a || a->type != IC_ONNX_ATTR_INTS)
        return -1;
    for (int32_t i = 0; i < a->n && i < max; i++)
        out[i] = a->ints[i];
    return a->n < max ? a->n : max;
}

/* ---- inputs and outputs of a node ---- */
bool ic_onnx_ok(const struct ic_onnx *o)
{
    return o->b.status == IC_OK && !o->unsupported;
}

bool ic_onnx_has(const struct ic_onnx *o, int32_t i)
{
    return i < o->n_in && o->in[i].kind != IC_ONNX_ABSENT;
}

struct ic_value *ic_onnx_in(struct ic_onnx *o, int32_t i)
{
    if (!ic_onnx_has(o, i) || !ic_onnx_ok(o))
        return NULL;
    if (o->in[i].kind == IC_ONNX_SEQUENCE)
        ic_onnx_fail(o, "input %d is a sequence; a tensor is wanted", (int)i);
    return o->in[i].kind == IC_ONNX_TENSOR ? o->in[i].v : NULL;
}

int32_t ic_onnx_in_type(const struct ic_onnx *o, int32_t i)
{
    return ic_onnx_has(o, i) ? o->in[i].type : IC_ONNX_UNDEFINED;
}

struct ic_value *ic_onnx_const(struct ic_onnx *o, int32_t i, const char *name)
{
    struct ic_value *v = ic_onnx_in(o, i);
    if (v && !v->data) {
        ic_onnx_refuse(o, "its %s (input %d) is computed while the network runs, and decides shapes: make it a constant", name,
                       (int)i);
        return NULL;
    }
    return v;
}

int32_t ic_onnx_const_ints(struct ic_onnx *o, int32_t i, const char *name, int64_t *out)
{
    const struct ic_value *v = ic_onnx_const(o, i, name);
    if (!v)
        return 0;
    const int64_t n = ic_value_elements(v);
    if (n > IC_MAX_ATTR_INTS || v->rank > 1) {
        ic_onnx_fail(o, "its %s has %" PRId64 " numbers in %d axes; one axis of at most %d is possible", name, n, (int)v->rank,
                     IC_MAX_ATTR_INTS);
        return 0;
    }
    for (int64_t k = 0; k < n; k++)
        out[k] = ic_build_get_int(v, k);
    return (int32_t)n;
}

static int32_t type_of(const struct ic_value *v)
{
    static const int32_t by_dtype[IC_DTYPE_COUNT] = {
        [IC_F32] = IC_ONNX_FLOAT,  [IC_F16] = IC_ONNX_FLOAT16, [IC_U8] = IC_ONNX_UINT8,  [IC_S8] = IC_ONNX_INT8,
        [IC_S16] = IC_ONNX_INT16,  [IC_S32] = IC_ONNX_INT32,   [IC_S64] = IC_ONNX_INT64, [IC_BOOL] = IC_ONNX_BOOL,
        [IC_U16] = IC_ONNX_UINT16, [IC_U32] = IC_ONNX_UINT32,  [IC_U64] = IC_ONNX_UINT64};
    return by_dtype[v->dtype];
}

void ic_onnx_out(struct ic_onnx *o, int32_t i, struct ic_value *v, int32_t type)
{
    if (!v || i >= o->n_out || !ic_onnx_ok(o))
        return;
    if (type == IC_ONNX_BFLOAT16 &&
        v->dtype == IC_F32) /* seven bits of fraction show: each value is rounded where the model stores it */
        v = ic_build_map(&o->b, v, IC_MAP_ROUND_BITS, 7, -126);
    if (v)
        o->out[i] = (struct ic_onnx_value){.kind = IC_ONNX_TENSOR, .type = type ? type : type_of(v), .v = v};
}

void ic_onnx_out_like(struct ic_onnx *o, int32_t i, struct ic_value *v, int32_t k)
{
    ic_onnx_out(o, i, v, ic_onnx_in_type(o, k));
}

int32_t ic_onnx_axis(struct ic_onnx *o, int64_t axis, int32_t rank)
{
    const int64_t from_start = axis < 0 ? axis + rank : axis;
    if (from_start >= 0 && from_start < rank)
        return (int32_t)from_start;
    ic_onnx_fail(o, "axis %" PRId64 " of a value with %d axes", axis, (int)rank);
    return 0;
}

/* ---- problems ---- */
struct ic_onnx_problem {
    const char *op, *why, *where;
    int32_t count;
    struct ic_onnx_problem *next;
};

void ic_onnx_fail(struct ic_onnx *o, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    ic_build_fail(&o->b, IC_E_SHAPES, "%s", text);
}

void ic_onnx_refuse(struct ic_onnx *o, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!ic_onnx_ok(o))
        return;
    o->unsupported = true;
    const char *op = o->node ? o->node->op : "";
    for (struct ic_onnx_problem *p = o->problems; p; p = p->next)
        if (strcmp(p->op, op) == 0 && strcmp(p->why, text) == 0) {
            p->count++;
            return;
        }
    struct ic_onnx_problem *p = ic_arena_alloc(o->arena, sizeof *p);
    const char *why = ic_arena_text(o->arena, text, strlen(text));
    const char *where = ic_arena_text(o->arena, o->b.label ? o->b.label : "", strlen(o->b.label ? o->b.label : ""));
    if (!p || !why || !where) {
        ic_build_no_memory(&o->b);
        return;
    }
    *p = (struct ic_onnx_problem){.op = op, .why = why, .where = where, .count = 1};
    *o->problems_end = p;
    o->problems_end = &p->next;
    o->n_problems++;
}

static enum ic_status report(struct ic_onnx *o)
{
    struct ic_writer w = {0};
    ic_write_text(&w, "%d kind%s of node%s cannot be converted:", (int)o->n_problems, o->n_problems == 1 ? "" : "s",
                  o->n_problems == 1 ? "" : "s");
    for (const struct ic_onnx_problem *p = o->problems; p; p = p->next) {
        ic_write_text(&w, "\n  %s: %s", p->where, p->why);
        if (p->count > 1)
            ic_write_text(&w, " (%d times)", (int)p->count);
    }
    const enum ic_status s = ic_fail(o->b.d, IC_E_OPERATORS, "%.*s", (int)w.size_bytes, (const char *)w.bytes);
    ic_writer_destroy(&w);
    return s;
}

/* ---- nodes ---- */
static const struct ic_onnx_row *find_row(const char *domain, const char *op)
{
    for (int32_t i = 0; i < ic_onnx_n_rows; i++)
        if (strcmp(ic_onnx_rows[i].name, op) == 0 && strcmp(ic_onnx_rows[i].domain, domain) == 0)
            return &ic_onnx_rows[i];
    return NULL;
}

static const struct ic_onnx_function *find_function(const struct ic_onnx *o, const struct ic_onnx_node *n)
{
    for (int32_t i = 0; i < o->model.n_functions; i++) {
        const struct ic_onnx_function *f = &o->model.functions[i];
        const char *domain = strcmp(f->domain, "ai.onnx") == 0 ? "" : f->domain;
        if (strcmp(f->name, n->op) == 0 && strcmp(domain, n->domain) == 0 && strcmp(f->overload, n->overload) == 0)
            return f;
    }
    return NULL;
}

static int64_t version_of(const struct ic_onnx *o, const char *domain)
{
    for (int32_t i = 0; i < o->scope->n_opsets; i++)
        if (strcmp(o->scope->opsets[i].domain, domain) == 0)
            return o->scope->opsets[i].version;
    for (int32_t i = 0; i < o->model.n_opsets; i++)
        if (strcmp(o->model.opsets[i].domain, domain) == 0)
            return o->model.opsets[i].version;
    return *domain ? 1 : 0; /* the file does not say */
}

/* A function brings the versions of its own operators. */
static bool check_opset(struct ic_onnx *o, int64_t opset)
{
    if (opset > 28)
        ic_build_fail(&o->b, IC_E_OPSET,
                      "the file uses opset %" PRId64 ", newer than 28, the newest known here: export it with opset_version=17",
                      opset);
    else if (opset < 0)
        ic_build_fail(&o->b, IC_E_ONNX_DAMAGED, "the file says opset %" PRId64 ", which does not exist", opset);
    return o->b.status == IC_OK;
}

static bool take_inputs(struct ic_onnx *o, const struct ic_onnx_node *n)
{
    o->n_in = n->n_inputs;
    o->in = ic_arena_array(o->arena, (size_t)n->n_inputs + 1, sizeof *o->in);
    o->n_out = n->n_outputs;
    o->out = ic_arena_array(o->arena, (size_t)n->n_outputs + 1, sizeof *o->out);
    if (!o->in || !o->out) {
        ic_build_no_memory(&o->b);
        return false;
    }
    bool all = true;
    for (int32_t i = 0; i < n->n_inputs; i++) {
        if (!*n->inputs[i])
            continue;
        const struct ic_onnx_value *v = ic_onnx_look_up(o->scope, n->inputs[i]);
        if (!v) {
            ic_build_fail(&o->b, IC_E_ONNX_GRAPH, "its input \"%s\" is made by no node before it", n->inputs[i]);
            return false;
        }
        o->in[i] = *v;
        all = all && v->kind != IC_ONNX_UNKNOWN;
    }
    return all;
}

/* The attributes of a function's node that stand for those of its caller. */
static bool resolve_refs(struct ic_onnx *o, struct ic_onnx_node *n)
{
    const struct ic_onnx_scope *s = o->scope;
    bool any = false;
    for (int32_t i = 0; i < n->n_attrs; i++)
        any = any || n->attrs[i].ref;
    if (!any)
        return true;
    struct ic_onnx_attr *attrs = ic_arena_array(o->arena, (size_t)n->n_attrs + 1, sizeof *attrs);
    if (!attrs) {
        ic_build_no_memory(&o->b);
        return false;
    }
    while (s && !s->function)
        s = s->outer;
    int32_t kept = 0;
    for (int32_t i = 0; i < n->n_attrs; i++) {
        const struct ic_onnx_attr *from = &n->attrs[i];
        const struct ic_onnx_attr *found = from->ref ? NULL : from;
        for (int32_t k = 0; s && from->ref && k < s->caller->n_attrs && !found; k++)
            found = strcmp(s->caller->attrs[k].name, from->ref) == 0 ? &s->caller->attrs[k] : NULL;
        for (int32_t k = 0; s && from->ref && k < s->function->n_defaults && !found; k++)
            found = strcmp(s->function->defaults[k].name, from->ref) == 0 ? &s->function->defaults[k] : NULL;
        if (!found)
            continue;
        attrs[kept] = *found;
        attrs[kept++].name = from->name;
    }
    n->attrs = attrs;
    n->n_attrs = kept;
    return true;
}

static bool run_nodes(struct ic_onnx *o, const struct ic_onnx_node *nodes, int32_t n);

static void run_function(struct ic_onnx *o, const struct ic_onnx_function *f)
{
    struct ic_onnx_scope s = {.outer = o->scope, .caller = o->node, .function = f, .opsets = f->opsets, .n_opsets = f->n_opsets};
    struct ic_onnx_value *out = o->out;
    const int32_t n_out = o->n_out;
    const struct ic_onnx_value absent = {0};
    if (++o->depth > o->options->limits.max_depth) {
        ic_build_fail(&o->b, IC_E_NESTING, "functions are nested more than %u deep", o->options->limits.max_depth);
        return;
    }
    for (int32_t i = 0; i < f->n_opsets; i++)
        if (!*f->opsets[i].domain && !check_opset(o, f->opsets[i].version))
            return;
    s.prefix = ic_arena_printf(o->arena, "%s/", o->b.name);
    for (int32_t i = 0; i < f->n_inputs; i++)
        ic_onnx_define(o, &s, f->inputs[i], i < o->n_in ? &o->in[i] : &absent);
    o->scope = &s;
    const bool done = run_nodes(o, f->nodes, f->n_nodes);
    for (int32_t i = 0; done && i < f->n_outputs && i < n_out; i++) {
        const struct ic_onnx_value *v = ic_onnx_look_up(&s, f->outputs[i]);
        if (v)
            out[i] = *v;
    }
    o->scope = s.outer;
    o->out = out;
    o->n_out = n_out;
    o->depth--;
}

static const char *name_of(struct ic_onnx *o, const struct ic_onnx_node *n)
{
    const char *own = *n->name ? n->name : n->n_outputs && *n->outputs[0] ? n->outputs[0] : n->op;
    return o->scope->prefix ? ic_arena_printf(&o->b.g->arena, "%s%s", o->scope->prefix, own)
                            : ic_arena_text(&o->b.g->arena, own, strlen(own));
}

static bool describe(struct ic_onnx *o, const struct ic_onnx_node *n)
{
    struct ic_arena *a = &o->b.g->arena;
    o->b.name = name_of(o, n);
    o->b.label = *n->name ? ic_arena_printf(o->arena, "%s \"%s\"", n->op, n->name)
                          : ic_arena_printf(o->arena, "%s that makes \"%s\"", n->op, n->n_outputs ? n->outputs[0] : "");
    o->b.origin = (struct ic_origin){.module_path = o->b.name, .file = "", .source_op = ic_arena_text(a, n->op, strlen(n->op))};
    if (o->b.name && o->b.label && o->b.origin.source_op)
        return true;
    ic_build_no_memory(&o->b);
    return false;
}

/* Each name is made once. */
static bool taken(struct ic_onnx *o, const struct ic_onnx_node *n)
{
    for (int32_t i = 0; i < n->n_outputs; i++)
        if (*n->outputs[i] && ic_name_index_find(&o->scope->index, n->outputs[i])) {
            ic_build_fail(&o->b, IC_E_ONNX_GRAPH,
                          "it makes \"%s\", which an input, an initializer or a node before it makes as well", n->outputs[i]);
            return true;
        }
    return false;
}

static void give_names(struct ic_onnx *o, const struct ic_onnx_node *n)
{
    for (int32_t i = 0; i < n->n_outputs; i++) {
        struct ic_value *v = o->out[i].v;
        if (o->out[i].kind != IC_ONNX_TENSOR || !v->producer || !*n->outputs[i] || o->scope->prefix)
            continue;
        bool own = true; /* an operator may give an input back */
        for (int32_t k = 0; k < o->n_in; k++)
            own = own && o->in[k].v != v;
        const char *name = own ? ic_arena_text(&o->b.g->arena, n->outputs[i], strlen(n->outputs[i])) : NULL;
        v->name = name ? name : v->name;
    }
}

/* Operators that only move codes move what they stand for alike. */
static bool keeps_codes(const char *op)
{
    static const char *const ops[] = {"MaxPool", "Reshape",  "Flatten", "Transpose", "Squeeze",      "Unsqueeze",
                                      "Slice",   "Identity", "Split",   "Expand",    "DepthToSpace", "SpaceToDepth"};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strcmp(ops[i], op) == 0)
            return true;
    return false;
}

/* Inputs that an operator takes as weights, bit i input i: read where they stand, whatever type and place, and made when a network is built. */
static uint32_t weight_inputs(const struct ic_onnx *o)
{
    static const struct {
        const char *op;
        uint32_t inputs;
    } ops[] = {{"Conv", 2},
               {"Gemm", 2},
               {"MatMul", 2},
               {"ConvTranspose", 2},
               {"Transpose", 1},
               {"Cast", 1},
               {"DequantizeLinear", 1},
               {"Gather", 1},
               {"LSTM", 6},
               {"GRU", 6},
               {"RNN", 6}};
    for (size_t i = 0; o->row && !*o->row->domain && i < sizeof ops / sizeof *ops; i++)
        if (strcmp(ops[i].op, o->row->name) == 0) {
            const bool shapes = strcmp(ops[i].op, "Gather") == 0 && o->n_in > 1 && o->in[1].v && o->in[1].v->data;
            return shapes ? 0 : ops[i].inputs; /* of a constant index: perhaps somebody wants the numbers */
        }
    return 0;
}

/* Other inputs have their elements in an even place, as f32 if they are f16. */
static bool align_inputs(struct ic_onnx *o)
{
    const uint32_t weights = weight_inputs(o);
    for (int32_t i = 0; i < o->n_in; i++) {
        struct ic_value **v = &o->in[i].v;
        if (o->in[i].kind != IC_ONNX_TENSOR || !*v)
            continue;
        *v = ic_build_float_weight(&o->b, *v);
        const bool is_weight = i < 32 && (weights >> i & 1u);
        if (weights == 1 || weights == 6)
            *v = is_weight ? ic_build_even_weight(&o->b, *v) : *v;
        if (!is_weight && (!ic_build_now(&o->b, *v) || !ic_build_align(&o->b, *v)))
            return false;
    }
    return o->b.status == IC_OK;
}

static void run_row(struct ic_onnx *o)
{
    o->row->run(o);
    if (o->n_in == 0 || !o->in[0].real || !keeps_codes(o->row->name) || !ic_onnx_ok(o))
        return;
    struct ic_onnx_value *const codes = o->out, from = o->in[0];
    o->out = ic_arena_array(o->arena, (size_t)o->n_out + 1, sizeof *o->out);
    if (!o->out) {
        ic_build_no_memory(&o->b);
        return;
    }
    o->in[0] = (struct ic_onnx_value){.kind = IC_ONNX_TENSOR, .type = IC_ONNX_FLOAT, .v = from.real};
    o->row->run(o);
    for (int32_t i = 0; i < o->n_out; i++)
        if (codes[i].kind == IC_ONNX_TENSOR && o->out[i].kind == IC_ONNX_TENSOR) {
            codes[i].real = o->out[i].v;
            codes[i].scale = from.scale;
            codes[i].zero = from.zero;
        }
    o->in[0] = from;
    o->out = codes;
}

static bool run_one(struct ic_onnx *o, const struct ic_onnx_node *given, struct ic_onnx_node *n)
{
    const struct ic_onnx_value unknown = {.kind = IC_ONNX_UNKNOWN};
    if (++o->n_evaluated > o->options->limits.max_evaluated) {
        ic_build_fail(&o->b, IC_E_UNROLLED, "the model runs more than %" PRIu64 " nodes once its loops are unrolled",
                      o->options->limits.max_evaluated);
        return false;
    }
    o->node = n;
    if (!describe(o, n) || !resolve_refs(o, n) || taken(o, n))
        return false;
    o->unsupported = false;
    o->version = version_of(o, n->domain);
    if (o->version < 1 && !*n->domain) {
        ic_build_fail(&o->b, IC_E_ONNX_GRAPH, "the file does not say of which opset its operators are (opset_import)");
        return false;
    }
    const bool known = take_inputs(o, n);
    if (known) {
        const struct ic_onnx_function *f = find_function(o, n);
        o->row = find_row(n->domain, n->op);
        if (f)
            o->row = NULL;
        if (!f && !align_inputs(o)) /* a function's nodes see to their own */
            return false;
        if (f)
            run_function(o, f);
        else if (o->row)
            run_row(o);
        else
            ic_onnx_refuse(o, *n->domain ? "the operator %s of domain %s is not supported" : "the operator %s is not supported",
                           n->op, n->domain);
        o->node = n;
    }
    if (o->b.status != IC_OK)
        return false;
    if (known && !o->unsupported && n->n_outputs > 0 && *n->outputs[0] && o->out[0].kind == IC_ONNX_ABSENT &&
        strncmp(n->op, "Optional", 8) != 0)
        ic_onnx_refuse(o, "its inputs and attributes do not go together");
    if (known && n->n_outputs > 0 && o->n_in > 0 && o->out[0].kind == IC_ONNX_TENSOR && o->out[0].v == o->in[0].v &&
        !o->out[0].v->data && !ic_graph_note_dropped(o->b.g, o->out[0].v, &o->b.origin))
        ic_build_no_memory(&o->b);
    give_names(o, n);
    for (int32_t i = 0; i < n->n_outputs; i++)
        ic_onnx_define(o, o->scope, given->outputs[i], known && !o->unsupported && o->out[i].kind ? &o->out[i] : &unknown);
    return o->b.status == IC_OK;
}

/* References to a function's attributes are resolved in a copy. */
static bool run_node(struct ic_onnx *o, const struct ic_onnx_node *given)
{
    const struct ic_onnx_node *outer = o->node;
    struct ic_onnx_node n = *given;
    const bool done = run_one(o, given, &n);
    o->node = outer;
    return done;
}

static bool run_nodes(struct ic_onnx *o, const struct ic_onnx_node *nodes, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (!run_node(o, &nodes[i]))
            return false;
    o->unsupported = false;
    return true;
}

/* ---- graphs ---- */
static bool define_initializers(struct ic_onnx *o, struct ic_onnx_scope *s, const struct ic_onnx_graph *g)
{
    for (int32_t i = 0; i < g->n_initializers; i++) {
        struct ic_onnx_value v = {.kind = IC_ONNX_TENSOR};
        o->b.label = ic_arena_printf(o->arena, "initializer \"%s\"", g->initializer_names[i]);
        o->unsupported = false;
        o->lend_odd = true;
        v.v = ic_onnx_tensor_value(o, g->initializers[i], &v.type);
        o->lend_odd = false;
        if (!v.v && o->b.status != IC_OK)
            return false;
        v.kind = v.v ? IC_ONNX_TENSOR : IC_ONNX_UNKNOWN;
        ic_onnx_define(o, s, g->initializer_names[i], &v);
    }
    o->unsupported = false;
    for (int32_t i = 0; i < g->n_sparse && o->b.status == IC_OK; i++) {
        struct ic_onnx_value v = {.kind = IC_ONNX_TENSOR};
        o->b.label = "a sparse initializer";
        v.v = ic_onnx_sparse_value(o, g->sparse[i], &v.type);
        if (v.v)
            ic_onnx_define(o, s, v.v->name, &v);
    }
    return o->b.status == IC_OK;
}

bool ic_onnx_run_body(struct ic_onnx *o, struct ic_onnx_span bytes, const struct ic_onnx_value *inputs, int32_t n_inputs,
                      struct ic_onnx_value *outputs, int32_t n_outputs, const char *prefix)
{
    struct ic_onnx_graph g;
    struct ic_onnx_scope s = {.outer = o->scope, .opsets = o->scope->opsets, .n_opsets = o->scope->n_opsets};
    struct ic_onnx saved = *o;
    const enum ic_status read = ic_onnx_read_graph(&o->reader, bytes, &g);
    if (read != IC_OK) {
        o->b.status = read;
        return false;
    }
    if (++o->depth > o->options->limits.max_depth) {
        ic_build_fail(&o->b, IC_E_NESTING, "graphs are nested more than %u deep", o->options->limits.max_depth);
        return false;
    }
    s.prefix = ic_arena_printf(o->arena, "%s%s", o->scope->prefix ? o->scope->prefix : "", prefix);
    if (!define_initializers(o, &s, &g))
        return false;
    for (int32_t i = 0; i < g.n_inputs && i < n_inputs; i++)
        ic_onnx_define(o, &s, g.inputs[i].name, &inputs[i]);
    o->scope = &s;
    const bool done = run_nodes(o, g.nodes, g.n_nodes);
    bool all = done && n_outputs <= g.n_outputs;
    for (int32_t i = 0; all && i < n_outputs; i++) {
        const struct ic_onnx_value *v = ic_onnx_look_up(&s, g.outputs[i].name);
        all = v != NULL;
        if (v)
            outputs[i] = *v;
    }
    /* everything that describes the node that holds the body */
    o->scope = saved.scope;
    o->depth = saved.depth;
    o->node = saved.node;
    o->row = saved.row;
    o->version = saved.version;
    o->in = saved.in;
    o->out = saved.out;
    o->n_in = saved.n_in;
    o->n_out = saved.n_out;
    o->unsupported = saved.unsupported;
    o->b.label = saved.b.label;
    o->b.name = saved.b.name;
    o->b.origin = saved.b.origin;
    if (done && !all)
        ic_build_fail(&o->b, IC_E_ONNX_GRAPH, "a body graph does not make all of its outputs");
    return all && o->b.status == IC_OK;
}

static void write_provenance(struct ic_onnx *o, const char *name)
{
    struct ic_writer *w = &o->b.g->provenance;
    ic_write_text(w, "{\"model\": \"");
    for (const char *p = name; *p; ++p)
        if ((unsigned char)*p < 32 || *p == '"' || *p == '\\')
            ic_write_text(w, "\\u%04x", (unsigned)(unsigned char)*p);
        else
            ic_write_u8(w, (uint8_t)*p);
    ic_write_text(w, "\", \"format\": \"onnx\", \"version\": \"%" PRId64 "\"}", version_of(o, ""));
}

static bool check_versions(struct ic_onnx *o)
{
    const int64_t opset = version_of(o, ""), ir = o->model.ir_version;
    if (ir < 1 || ir > 64)
        ic_build_fail(&o->b, IC_E_ONNX_DAMAGED, "the file says ONNX IR version %" PRId64 ", which does not exist", ir);
    else if (ir < 3 || ir > 14)
        ic_build_fail(&o->b, IC_E_OPSET,
                      "the file has ONNX IR version %" PRId64 "; 3 to 14 are known here: export it with opset_version=17", ir);
    if (opset > 0 && opset < 7)
        ic_say(o->b.d, 'W',
               "the file uses opset %" PRId64 ", older than 7: what changed since is read by its old rules where they are known "
               "here; check the results",
               opset);
    return check_opset(o, opset);
}

static enum ic_status import_graph(struct ic_onnx *o, const char *name)
{
    struct ic_onnx_scope s = {0};
    struct ic_onnx_graph *g = &o->model.graph;
    o->scope = &s;
    if (!check_versions(o) || !ic_onnx_cut(o) || !define_initializers(o, &s, g) || !ic_onnx_make_inputs(o) ||
        !run_nodes(o, g->nodes, g->n_nodes))
        return o->b.status;
    if (o->problems)
        return report(o);
    if (!ic_onnx_make_outputs(o))
        return o->b.status;
    write_provenance(o, name);
    ic_graph_compact(o->b.g);
    o->b.g->arena.limit_bytes = 0;
    return IC_OK;
}

enum ic_status ic_onnx_import(const void *bytes, size_t size_bytes, const char *name, const struct ic_import_options *options,
                              struct ic_arena *arena, struct ic_graph **out_g, struct ic_diag *d)
{
    struct ic_onnx o = {.arena = arena, .options = options, .file = bytes, .file_bytes = size_bytes};
    o.problems_end = &o.problems;
    o.extra_end = &o.extra;
    o.reader = (struct ic_onnx_reader){
        .arena = arena, .d = d, .max_nodes = options->limits.max_nodes, .max_depth = options->limits.max_depth};
    IC_TRY(ic_onnx_read_model(&o.reader, bytes, size_bytes, &o.model));
    IC_TRY(ic_graph_create(name, &o.b.g, d));
    o.b.g->arena.limit_bytes = (size_t)options->limits.max_total_bytes;
    o.b.d = d;
    o.b.evaluate = options->evaluate;
    o.b.max_nodes = options->limits.max_nodes;
    const enum ic_status status = import_graph(&o, name);
    if (status != IC_OK) {
        ic_graph_destroy(o.b.g);
        return status;
    }
    *out_g = o.b.g;
    return IC_OK;
}

enum ic_status ic_onnx_read_signature(const void *bytes, size_t size_bytes, const struct ic_import_limits *limits,
                                      struct ic_arena *arena, struct ic_import_signature *out, struct ic_diag *d)
{
    struct ic_onnx_reader r = {.arena = arena, .d = d, .max_nodes = limits->max_nodes, .max_depth = limits->max_depth};
    struct ic_onnx_model m;
    IC_TRY(ic_onnx_read_model(&r, bytes, size_bytes, &m));
    for (int32_t i = 0; i < m.graph.n_inputs && out->n_inputs < IC_IMPORT_MAX_INPUTS; i++) {
        const struct ic_onnx_value_info *in = &m.graph.inputs[i];
        if (ic_onnx_is_initializer(&m.graph, in->name))
            continue;
        snprintf(out->names[out->n_inputs], sizeof out->names[0], "%s", in->name);
        out->rank[out->n_inputs] = in->rank;
        for (int32_t k = 0; k < in->rank; k++)
            out->dims[out->n_inputs][k] = in->dims[k] > INT32_MAX ? -1 : (int32_t)in->dims[k];
        out->n_inputs++;
    }
    return IC_OK;
}
