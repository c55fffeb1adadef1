/* SPDX-License-Identifier: Apache-2.0
 *
 * What a network takes and gives. Free dimensions come from the user, by the input's name or the dimension's. A chip knows tensors: a sequence x is the
 * tensors x.0, x.1 ..., an optional is there or not.
 */
#include "import/onnx/onnx.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool ic_onnx_is_initializer(const struct ic_onnx_graph *g, const char *name)
{
    for (int32_t i = 0; i < g->n_initializers; i++)
        if (strcmp(g->initializer_names[i], name) == 0)
            return true;
    return false;
}

/* ---- shapes ---- */
/* What the user gave for input number i, by name or by place; NULL nothing. */
static const struct ic_import_input *given_for(const struct ic_import_options *options, const char *name, int32_t i)
{
    for (int32_t k = 0; k < options->n_inputs; k++)
        if (options->inputs[k].name && strcmp(options->inputs[k].name, name) == 0)
            return &options->inputs[k];
    if (i < options->n_inputs && (!options->inputs[i].name || !*options->inputs[i].name))
        return &options->inputs[i];
    return NULL;
}

static bool has_param(const struct ic_onnx_value_info *info, const char *name)
{
    for (int32_t i = 0; i < info->rank; i++)
        if (info->dims[i] < 0 && info->params[i] && strcmp(info->params[i], name) == 0)
            return true;
    return false;
}

/* The size of a free dimension that has a name: given as NAME=4, or by the shape given for an input that has it as well. -1: not known */
static int32_t size_of_param(struct ic_onnx *o, const char *param)
{
    const struct ic_onnx_graph *g = &o->model.graph;
    int32_t n = 0;
    for (int32_t k = 0; *param && k < o->options->n_inputs; k++) {
        const struct ic_import_input *in = &o->options->inputs[k];
        if (in->name && in->rank == 1 && strcmp(in->name, param) == 0)
            return in->dims[0];
    }
    for (int32_t i = 0; *param && i < g->n_inputs; i++) {
        const struct ic_onnx_value_info *info = &g->inputs[i];
        if (ic_onnx_is_initializer(g, info->name))
            continue;
        const struct ic_import_input *in = given_for(o->options, info->name, n++);
        for (int32_t k = 0; in && in->rank == info->rank && k < info->rank; k++)
            if (info->dims[k] < 0 && info->params[k] && strcmp(info->params[k], param) == 0)
                return in->dims[k];
    }
    return -1;
}

static void shape_text(const struct ic_onnx_value_info *info, char *room, size_t room_bytes)
{
    size_t at = 0;
    room[0] = 0;
    for (int32_t i = 0; i < info->rank && at < room_bytes; i++) {
        const char *x = i ? "x" : "";
        at += (size_t)(info->dims[i] >= 0 ? snprintf(room + at, room_bytes - at, "%s%" PRId64, x, info->dims[i])
                                          : snprintf(room + at, room_bytes - at, "%s%s", x,
                                                     info->params[i] && *info->params[i] ? info->params[i] : "?"));
    }
}

/* A shape of usual sizes that the input can have: something to edit. */
static void example_shape(const struct ic_onnx_value_info *info, char *room, size_t room_bytes)
{
    size_t at = 0;
    room[0] = 0;
    for (int32_t i = 0; i < info->rank && at < room_bytes; i++) {
        const int64_t usual = i == 0 ? 1 : info->rank == 4 ? (i == 1 ? 3 : 224) : 128;
        at += (size_t)snprintf(room + at, room_bytes - at, "%s%" PRId64, i ? "x" : "", info->dims[i] >= 0 ? info->dims[i] : usual);
    }
}

/* Dimension i of an input; -1 after a failure. */
static int32_t bind_dim(struct ic_onnx *o, const struct ic_onnx_value_info *info, const struct ic_import_input *given, int32_t rank,
                        int32_t i)
{
    char text[256];
    const bool has = given && given->rank >= 0;
    const int64_t own = info->rank >= 0 ? info->dims[i] : -1;
    const char *param = info->rank >= 0 && info->params[i] ? info->params[i] : "";
    const bool batch = i == 0 && own == 1 &&
                       rank > 1; /* a batch of 1 may be given another size: shapes are inferred from here on */
    const int32_t by_param = own < 0 ? size_of_param(o, param) : -1;
    shape_text(info, text, sizeof text);
    if (own >= 0 && has && given->dims[i] != own && !batch) {
        ic_build_fail(&o->b, IC_E_SHAPE_WRONG,
                      "input \"%s\" has %" PRId64 " elements in dimension %d in the model (%s), %d are given", info->name, own,
                      (int)i, text, (int)given->dims[i]);
        return -1;
    }
    if (has && batch && given->dims[i] != own)
        ic_say(o->b.d, 'W',
               "input \"%s\" has a batch of %" PRId64
               " in the model (%s), %d are given: results are those of single runs unless the "
               "network names its batch inside (--batch %d compares the shapes)",
               info->name, own, text, (int)given->dims[i], (int)given->dims[i]);
    if (has && by_param >= 0 && by_param != given->dims[i]) {
        ic_build_fail(&o->b, IC_E_SHAPE_WRONG, "dimension \"%s\" is given as %d and, by the shape of input \"%s\", as %d", param,
                      (int)by_param, info->name, (int)given->dims[i]);
        return -1;
    }
    if (has || by_param >= 0)
        return has ? given->dims[i] : by_param;
    if (own < 0 && i > 0) {
        char example[256];
        example_shape(info, example, sizeof example);
        ic_build_fail(&o->b, IC_E_SHAPE_MISSING,
                      "input \"%s\" has the shape %s, whose dimension %d is free; give it, for example as --input %s=%s",
                      info->name, text, (int)i, info->name, example);
        return -1;
    }
    if (own < 0)
        ic_say(o->b.d, 'I', "input \"%s\" has the shape %s; its free first dimension is taken as 1", info->name, text);
    if (own > INT32_MAX)
        ic_build_fail(&o->b, IC_E_TENSOR_SIZE, "input \"%s\": dimension %d is %" PRId64, info->name, (int)i, own);
    return own < 0 ? 1 : own > INT32_MAX ? -1 : (int32_t)own;
}

/* Fills dims from the model and from what the user gave. */
static bool bind_shape(struct ic_onnx *o, const struct ic_onnx_value_info *info, const struct ic_import_input *given, int32_t *rank,
                       int32_t *dims)
{
    char text[256];
    const bool has = given && given->rank >= 0;
    *rank = info->rank >= 0 ? info->rank : has ? given->rank : -1;
    if (*rank < 0) {
        ic_build_fail(&o->b, IC_E_SHAPE_MISSING,
                      "input \"%s\" has no shape in the model; give it, for example as --input %s=1x3x224x224", info->name,
                      info->name);
        return false;
    }
    if (has && given->rank != *rank) {
        shape_text(info, text, sizeof text);
        ic_build_fail(&o->b, IC_E_SHAPE_WRONG, "input \"%s\" has %d dimensions in the model (%s), %d are given", info->name,
                      (int)*rank, text, (int)given->rank);
        return false;
    }
    for (int32_t i = 0; i < *rank; i++)
        if ((dims[i] = bind_dim(o, info, given, *rank, i)) < 0)
            return false;
    return true;
}

/* ---- inputs ---- */
static enum ic_dtype user_dtype(int32_t type)
{
    return type == IC_ONNX_FLOAT16 ? IC_F16 : ic_onnx_dtype(type);
}

/* What an input is that no board can be given, and what to do about it. */
static void refuse_type(struct ic_onnx *o, const struct ic_onnx_value_info *info)
{
    const bool complex = info->type == IC_ONNX_COMPLEX64 || info->type == IC_ONNX_COMPLEX128,
               tensor = strcmp(info->kind, "tensor") == 0;
    const char *remedy = complex ? "give the real and the imaginary part as one float tensor with a last axis of 2"
                         : info->type == IC_ONNX_STRING ? "turn words into numbers in your own code"
                         : tensor                       ? "give it a type"
                                                        : "give the numbers in it as inputs of their own";
    const char *name = info->type ? ic_onnx_type_name(info->type) : "";
    char type[64] = "";
    if (info->type && strcmp(name, "UNDEFINED") == 0)
        snprintf(type, sizeof type, " of element type %d, which ONNX does not have", (int)info->type);
    else
        snprintf(type, sizeof type, "%s%s", info->type ? " of " : tensor ? " without an element type" : "", name);
    ic_build_fail(&o->b, IC_E_RESULT,
                  "input \"%s\" is %s%s%s%s; tensors of real numbers or truth values are wanted: export the model again, and %s",
                  info->name, info->optional ? "an optional " : "a ", info->sequence ? "sequence of type " : "", info->kind, type,
                  remedy);
}

static struct ic_value *make_tensor(struct ic_onnx *o, const struct ic_onnx_value_info *info, const char *name,
                                    const struct ic_import_input *given)
{
    int32_t rank = 0, dims[IC_IR_MAX_RANK] = {0};
    const enum ic_dtype dtype = ic_onnx_dtype(info->type);
    if (strcmp(info->kind, "tensor") != 0 || dtype == IC_DTYPE_NONE) {
        refuse_type(o, info);
        return NULL;
    }
    if (given && given->complex) {
        ic_build_fail(
            &o->b, IC_E_OPTIONS_CLASH,
            "input \"%s\" is given as complex64: only inputs of PyTorch networks can be, the model has it as a tensor of %s; "
            "give its shape without a type",
            info->name, ic_onnx_type_name(info->type));
        return NULL;
    }
    if (!bind_shape(o, info, given, &rank, dims))
        return NULL;
    struct ic_value *v = ic_graph_value(o->b.g, name, dtype, rank, dims);
    if (!v || ic_graph_add_input(o->b.g, v, rank == 4 ? 1 : 0) != IC_OK) {
        ic_build_no_memory(&o->b);
        return NULL;
    }
    if (ic_value_elements(v) > INT32_MAX) {
        ic_build_fail(&o->b, IC_E_TENSOR_SIZE, "input \"%s\" has more than 2^31 elements", name);
        return NULL;
    }
    o->b.g->inputs[o->b.g->n_inputs - 1].user_dtype = user_dtype(info->type);
    o->b.g->inputs[o->b.g->n_inputs - 1].face_name = v->name;
    return v;
}

/* As many tensors as are given: NAME.0, NAME.1 ... */
static bool make_sequence(struct ic_onnx *o, const struct ic_onnx_value_info *info, struct ic_onnx_value *out)
{
    int32_t n = 0;
    *out = (struct ic_onnx_value){.kind = IC_ONNX_SEQUENCE, .type = info->type};
    out->items = ic_arena_array(o->arena, (size_t)o->options->n_inputs + 1, sizeof *out->items);
    if (!out->items) {
        ic_build_no_memory(&o->b);
        return false;
    }
    for (;; n++) {
        const char *name = ic_arena_printf(o->arena, "%s.%d", info->name, (int)n);
        const struct ic_import_input *given = name ? given_for(o->options, name, INT32_MAX) : NULL;
        if (!given || n == o->options->n_inputs)
            break;
        out->items[n] = (struct ic_onnx_value){.kind = IC_ONNX_TENSOR, .type = info->type};
        if (!(out->items[n].v = make_tensor(o, info, name, given)))
            return false;
    }
    out->n_items = n;
    if (n == 0 && !info->optional)
        ic_say(o->b.d, 'W',
               "input \"%s\" is a sequence, of no tensor as long as none is given: --input %s.0=SHAPE --input %s.1=SHAPE ...",
               info->name, info->name, info->name);
    return true;
}

static const struct ic_import_constant *constant_for(const struct ic_import_options *options, const char *name)
{
    for (int32_t k = 0; k < options->n_constants; k++)
        if (strcmp(options->constants[k].name, name) == 0)
            return &options->constants[k];
    return NULL;
}

/* An input whose value is known while converting: branches and shapes that depend on it are decided. */
static bool make_constant(struct ic_onnx *o, const struct ic_onnx_value_info *info, const struct ic_import_input *given,
                          const struct ic_import_constant *c)
{
    int32_t rank = 0, dims[IC_IR_MAX_RANK] = {0};
    struct ic_onnx_value made = {.kind = IC_ONNX_TENSOR, .type = info->type};
    const enum ic_dtype dtype = ic_onnx_dtype(info->type);
    if (strcmp(info->kind, "tensor") != 0 || info->sequence || dtype == IC_DTYPE_NONE) {
        ic_build_fail(&o->b, IC_E_RESULT, "input \"%s\" is no tensor of numbers: it cannot be a constant", info->name);
        return false;
    }
    if (!bind_shape(o, info, given, &rank, dims))
        return false;
    made.v = ic_build_full(&o->b, dtype, rank, dims, c->value);
    if (made.v && !made.v->data)
        ic_build_fail(&o->b, IC_E_TENSOR_SIZE, "input \"%s\" is too large to be a constant", info->name);
    ic_onnx_define(o, o->scope, info->name, &made);
    return o->b.status == IC_OK;
}

static bool make_input(struct ic_onnx *o, const struct ic_onnx_value_info *info, int32_t i)
{
    const struct ic_import_constant *constant = constant_for(o->options, info->name);
    const struct ic_import_input *given = given_for(o->options, info->given_as ? info->given_as : info->name, i);
    struct ic_onnx_value made = {.kind = IC_ONNX_TENSOR, .type = info->type};
    if (constant)
        return make_constant(o, info, given, constant);
    if (info->sequence && !make_sequence(o, info, &made))
        return false;
    if (info->optional && (info->sequence ? made.n_items == 0 : !given)) {
        made.kind = IC_ONNX_ABSENT;
        ic_say(o->b.d, 'I', "input \"%s\" is optional and not given, so it is absent; --input %s%s=SHAPE makes it an input",
               info->name, info->name, info->sequence ? ".0" : "");
    } else if (!info->sequence && !(made.v = make_tensor(o, info, info->name, given))) {
        return false;
    }
    ic_onnx_define(o, o->scope, info->name, &made);
    return o->b.status == IC_OK;
}

/* NAME.5 of a sequence NAME */
static bool is_item_of(const char *name, const struct ic_onnx_value_info *info)
{
    const size_t n = strlen(info->name);
    return info->sequence && strncmp(name, info->name, n) == 0 && name[n] == '.' && name[n + 1] >= '0' && name[n + 1] <= '9';
}

/* Each name that the user gives is an input, an item of one, or a free dimension. */
static bool check_names(struct ic_onnx *o)
{
    const struct ic_onnx_graph *g = &o->model.graph;
    for (int32_t k = 0; k < o->options->n_inputs; k++) {
        const char *name = o->options->inputs[k].name;
        bool found = !name || !*name;
        for (int32_t i = 0; i < g->n_inputs && !found; i++)
            found = strcmp(g->inputs[i].given_as ? g->inputs[i].given_as : g->inputs[i].name, name) == 0 ||
                    is_item_of(name, &g->inputs[i]) || has_param(&g->inputs[i], name);
        if (!found) {
            ic_build_fail(&o->b, IC_E_NAME_UNKNOWN,
                          "the model has no input, tensor, node or free dimension \"%s\"; its first input is \"%s\"", name,
                          g->n_inputs ? g->inputs[0].name : "");
            return false;
        }
    }
    for (int32_t k = 0; k < o->options->n_constants; k++) {
        bool found = false;
        for (int32_t i = 0; i < g->n_inputs; i++)
            found = found || strcmp(g->inputs[i].name, o->options->constants[k].name) == 0;
        if (!found) {
            ic_build_fail(&o->b, IC_E_NAME_UNKNOWN, "the model has no input \"%s\" to be a constant; its first is \"%s\"",
                          o->options->constants[k].name, g->n_inputs ? g->inputs[0].name : "");
            return false;
        }
    }
    return true;
}

bool ic_onnx_make_inputs(struct ic_onnx *o)
{
    const struct ic_onnx_graph *g = &o->model.graph;
    int32_t n = 0;
    o->b.label = NULL;
    if (!check_names(o))
        return false;
    for (int32_t i = 0; i < g->n_inputs; i++)
        if (!ic_onnx_is_initializer(g, g->inputs[i].name) && !make_input(o, &g->inputs[i], n++))
            return false;
    return true;
}

/* ---- outputs ---- */
struct ic_onnx_extra {
    const char *name;
    struct ic_onnx_value value;
    struct ic_onnx_extra *next;
};

bool ic_onnx_also_output(struct ic_onnx *o, const char *name, struct ic_value *v, int32_t type)
{
    struct ic_onnx_extra *e = v ? ic_arena_alloc(o->arena, sizeof *e) : NULL;
    if (!e) {
        ic_build_no_memory(&o->b);
        return false;
    }
    *e = (struct ic_onnx_extra){.name = name, .value = {.kind = IC_ONNX_TENSOR, .type = type, .v = v}};
    *o->extra_end = e;
    o->extra_end = &e->next;
    return true;
}

static bool give_tensor(struct ic_onnx *o, const char *name, const struct ic_onnx_value *from)
{
    struct ic_value *v = ic_build_float_weight(&o->b, from->v);
    const char *own = name;
    if (!ic_build_now(&o->b, v))
        return false;
    bool taken = !v->producer;
    for (int32_t i = 0; i < o->b.g->n_outputs; i++) {
        taken = taken || o->b.g->outputs[i].value == v;
        if (own && strcmp(o->b.g->outputs[i].face_name, name) == 0) /* listed twice */
            own = ic_arena_printf(&o->b.g->arena, "%s.%d", name, (int)o->b.g->n_outputs);
    }
    if (v->data && !ic_build_align(&o->b, v))
        return false;
    if (taken) { /* an input, a constant, or another output as well */
        struct ic_node *n = ic_graph_node(o->b.g, IC_OP_IDENTITY, &v, 1, name);
        if (!n || ic_graph_infer(o->b.g, n, o->b.d) != IC_OK) {
            ic_build_no_memory(&o->b);
            return false;
        }
        v = n->outputs[0];
    }
    v->name = own ? ic_arena_text(&o->b.g->arena, own, strlen(own)) : NULL;
    if (!v->name || ic_graph_add_output(o->b.g, v, v->rank == 4 ? 1 : 0) != IC_OK) {
        ic_build_no_memory(&o->b);
        return false;
    }
    o->b.g->outputs[o->b.g->n_outputs - 1].user_dtype = user_dtype(from->type);
    o->b.g->outputs[o->b.g->n_outputs - 1].face_name = v->name;
    return true;
}

/* Sequences in sequences do not exist in ONNX; depth is one. */
static bool give_sequence(struct ic_onnx *o, const char *name, const struct ic_onnx_value *from)
{
    for (int32_t i = 0; i < from->n_items; i++) {
        const char *item = ic_arena_printf(o->arena, "%s.%d", name, (int)i);
        if (!item || from->items[i].kind != IC_ONNX_TENSOR) {
            ic_build_fail(&o->b, IC_E_RESULT, "output \"%s\" is a sequence of something else than tensors", name);
            return false;
        }
        if (!give_tensor(o, item, &from->items[i]))
            return false;
    }
    ic_say(o->b.d, 'I', "output \"%s\" is a sequence of %d: the network gives them as %s.0, %s.1 ...", name, (int)from->n_items,
           name, name);
    return true;
}

static bool make_output(struct ic_onnx *o, const struct ic_onnx_value_info *info)
{
    const struct ic_onnx_value *found = ic_onnx_look_up(o->scope, info->name);
    if (!found) {
        ic_build_fail(&o->b, IC_E_ONNX_GRAPH, "output \"%s\" is made by no node", info->name);
        return false;
    }
    switch (found->kind) {
    case IC_ONNX_TENSOR:
        return give_tensor(o, info->name, found);
    case IC_ONNX_SEQUENCE:
        return give_sequence(o, info->name, found);
    case IC_ONNX_ABSENT:
        ic_say(o->b.d, 'I', "output \"%s\" is an optional that holds nothing: the network does not give it", info->name);
        return true;
    default:
        ic_build_fail(&o->b, IC_E_RESULT, "output \"%s\" is a further result of an operator that does not give it here",
                      info->name);
        return false;
    }
}

bool ic_onnx_make_outputs(struct ic_onnx *o)
{
    const struct ic_onnx_graph *g = &o->model.graph;
    o->b.label = NULL;
    for (int32_t i = 0; i < g->n_outputs; i++)
        if (!make_output(o, &g->outputs[i]))
            return false;
    for (const struct ic_onnx_extra *e = o->extra; e; e = e->next)
        if (!give_tensor(o, e->name, &e->value))
            return false;
    if (o->b.g->n_outputs == 0)
        ic_build_fail(&o->b, IC_E_ONNX_GRAPH, "the model has no output");
    else if (o->b.g->n_inputs == 0)
        ic_build_fail(&o->b, IC_E_ONNX_GRAPH, "the model has no input: everything in it is constant");
    return o->b.status == IC_OK;
}
