/* SPDX-License-Identifier: Apache-2.0
 *
 * A part of a network: from the tensors that the user names as inputs to those named as outputs. Nodes outside are not looked at, whether they are
 * supported or not.
 */
#include "import/onnx/onnx.h"

#include <string.h>

struct cut {
    struct ic_onnx *o;
    struct ic_onnx_graph *g;
    struct ic_onnx_scope begins; /* names that the part begins with */
    struct ic_onnx_scope wanted; /* names that it needs */
};

static const struct ic_onnx_node *maker_of(const struct ic_onnx_graph *g, const char *name)
{
    for (int32_t i = 0; i < g->n_nodes; i++)
        for (int32_t k = 0; k < g->nodes[i].n_outputs; k++)
            if (strcmp(g->nodes[i].outputs[k], name) == 0)
                return &g->nodes[i];
    return NULL;
}

static const struct ic_onnx_node *node_named(const struct ic_onnx_graph *g, const char *name)
{
    for (int32_t i = 0; i < g->n_nodes && *name; i++)
        if (strcmp(g->nodes[i].name, name) == 0 && g->nodes[i].n_outputs > 0)
            return &g->nodes[i];
    return NULL;
}

static bool is_input(const struct ic_onnx_graph *g, const char *name)
{
    for (int32_t i = 0; i < g->n_inputs; i++)
        if (strcmp(g->inputs[i].name, name) == 0)
            return true;
    return false;
}

static void mark(struct cut *c, struct ic_onnx_scope *s, const char *name)
{
    const struct ic_onnx_value yes = {.kind = IC_ONNX_TENSOR};
    ic_onnx_define(c->o, s, name, &yes);
}

static bool marked(const struct ic_onnx_scope *s, const char *name)
{
    return ic_onnx_look_up(s, name) != NULL;
}

/* ---- what the part begins with ---- */
/* A tensor between nodes becomes an input. Its shape is the user's, its type the user's or the model's. */
static bool add_input(struct cut *c, const char *name, const struct ic_import_input *given)
{
    struct ic_onnx *o = c->o;
    struct ic_onnx_graph *g = c->g;
    struct ic_onnx_value_info *inputs = ic_arena_array(o->arena, (size_t)g->n_inputs + 1, sizeof *inputs);
    if (!inputs) {
        ic_build_no_memory(&o->b);
        return false;
    }
    if (g->n_inputs)
        memcpy(inputs, g->inputs, (size_t)g->n_inputs * sizeof *inputs);
    struct ic_onnx_value_info *info = &inputs[g->n_inputs];
    o->b.status = ic_onnx_find_info(&o->reader, g, name, info);
    if (o->b.status != IC_OK)
        return false;
    if (strcmp(info->kind, "tensor") != 0) {
        info->kind = "tensor";
        info->type = given->dtype == IC_S64   ? IC_ONNX_INT64
                     : given->dtype == IC_S32 ? IC_ONNX_INT32
                     : given->dtype == IC_U8  ? IC_ONNX_UINT8
                     : given->dtype == IC_S8  ? IC_ONNX_INT8
                                              : IC_ONNX_FLOAT;
    }
    if (given->rank >= 0 && info->rank != given->rank) /* old value_info may be wrong; what the user says counts */
        info->rank = -1;
    for (int32_t i = 0; i < info->rank && given->rank >= 0; i++)
        info->dims[i] = -1;
    info->name = name;
    info->given_as = given->name;
    g->inputs = inputs;
    g->n_inputs++;
    return true;
}

static bool find_begins(struct cut *c)
{
    const struct ic_import_options *options = c->o->options;
    for (int32_t k = 0; k < options->n_inputs; k++) {
        const char *name = options->inputs[k].name;
        if (!name || !*name || is_input(c->g, name))
            continue;
        const struct ic_onnx_node *node = maker_of(c->g, name) ? NULL : node_named(c->g, name);
        if (!node && !maker_of(c->g, name))
            continue; /* a free dimension, an item of a sequence, or a mistake: edges.c says */
        const char *tensor = node ? node->outputs[0] : name;
        if (!add_input(c, tensor, &options->inputs[k]))
            return false;
        mark(c, &c->begins, tensor);
    }
    return true;
}

/* ---- what it ends with ---- */
static bool add_output(struct cut *c, struct ic_onnx_value_info *outputs, int32_t *n, const char *name)
{
    outputs[(*n)++] = (struct ic_onnx_value_info){.name = name, .kind = "tensor", .rank = -1};
    mark(c, &c->wanted, name);
    return c->o->b.status == IC_OK;
}

static bool find_ends(struct cut *c)
{
    const struct ic_import_options *options = c->o->options;
    struct ic_onnx_graph *g = c->g;
    int32_t n = 0, room = g->n_outputs;
    for (int32_t k = 0; k < options->n_outputs; k++) {
        const struct ic_onnx_node *node = node_named(g, options->outputs[k]);
        room += 1 + (node ? node->n_outputs : 0);
    }
    struct ic_onnx_value_info *outputs = ic_arena_array(c->o->arena, (size_t)room + 1, sizeof *outputs);
    if (!outputs) {
        ic_build_no_memory(&c->o->b);
        return false;
    }
    for (int32_t k = 0; k < options->n_outputs; k++) {
        const char *name = options->outputs[k] ? options->outputs[k] : "";
        const bool tensor = maker_of(g, name) || is_input(g, name) || ic_onnx_is_initializer(g, name);
        const struct ic_onnx_node *node = tensor ? NULL : node_named(g, name);
        if (!tensor && !node) {
            ic_build_fail(&c->o->b, IC_E_NAME_UNKNOWN,
                          "the model has no tensor and no node \"%s\" to take as an output; its own first output is \"%s\"", name,
                          g->n_outputs ? g->outputs[0].name : "");
            return false;
        }
        if (tensor && !add_output(c, outputs, &n, name))
            return false;
        for (int32_t i = 0; node && i < node->n_outputs; i++)
            if (*node->outputs[i] && !add_output(c, outputs, &n, node->outputs[i]))
                return false;
    }
    for (int32_t i = 0; options->n_outputs == 0 && i < g->n_outputs; i++) {
        outputs[n++] = g->outputs[i];
        mark(c, &c->wanted, g->outputs[i].name);
    }
    g->outputs = outputs;
    g->n_outputs = n;
    return c->o->b.status == IC_OK;
}

/* ---- what is between ---- */
static bool want_inputs(struct cut *c, const struct ic_onnx_node *n, uint32_t depth);

/* Graphs in attributes see the names around them. */
static bool want_body(struct cut *c, struct ic_onnx_span bytes, uint32_t depth)
{
    struct ic_onnx_graph body;
    if (depth > c->o->options->limits.max_depth) {
        ic_build_fail(&c->o->b, IC_E_NESTING, "graphs are nested more than %u deep", c->o->options->limits.max_depth);
        return false;
    }
    c->o->b.status = ic_onnx_read_graph(&c->o->reader, bytes, &body);
    for (int32_t i = 0; c->o->b.status == IC_OK && i < body.n_nodes; i++)
        if (!want_inputs(c, &body.nodes[i], depth))
            return false;
    for (int32_t i = 0; c->o->b.status == IC_OK && i < body.n_outputs; i++)
        mark(c, &c->wanted, body.outputs[i].name);
    return c->o->b.status == IC_OK;
}

static bool want_inputs(struct cut *c, const struct ic_onnx_node *n, uint32_t depth)
{
    for (int32_t i = 0; i < n->n_inputs; i++)
        mark(c, &c->wanted, n->inputs[i]);
    for (int32_t i = 0; i < n->n_attrs; i++)
        if (n->attrs[i].type == IC_ONNX_ATTR_GRAPH && n->attrs[i].message.bytes && !want_body(c, n->attrs[i].message, depth + 1))
            return false;
    return c->o->b.status == IC_OK;
}

static bool needed(const struct cut *c, const struct ic_onnx_node *n)
{
    bool any = false;
    for (int32_t i = 0; i < n->n_outputs; i++)
        any = any || (*n->outputs[i] && marked(&c->wanted, n->outputs[i]) && !marked(&c->begins, n->outputs[i]));
    return any;
}

/* Nodes stand after what they read, so one way back finds all. */
static bool keep_between(struct cut *c)
{
    struct ic_onnx_graph *g = c->g;
    int32_t first = g->n_nodes;
    for (int32_t i = g->n_nodes; i-- > 0;) {
        if (!needed(c, &g->nodes[i]))
            continue;
        if (!want_inputs(c, &g->nodes[i], 0))
            return false;
        g->nodes[--first] = g->nodes[i];
    }
    g->nodes += first;
    g->n_nodes -= first;
    return true;
}

static void drop_inputs(struct cut *c, int32_t n_own)
{
    int32_t n = 0;
    for (int32_t i = 0; i < c->g->n_inputs; i++)
        if (i >= n_own || marked(&c->wanted, c->g->inputs[i].name))
            c->g->inputs[n++] = c->g->inputs[i];
    c->g->n_inputs = n;
}

/* A node of the part may make a tensor that it begins with, next to one that it needs: that name is an input's then. */
static bool forget_outputs(struct cut *c)
{
    for (int32_t i = 0; i < c->g->n_nodes; i++)
        for (int32_t k = 0; k < c->g->nodes[i].n_outputs; k++)
            if (*c->g->nodes[i].outputs[k] && marked(&c->begins, c->g->nodes[i].outputs[k]))
                c->g->nodes[i].outputs[k] = "";
    return true;
}

bool ic_onnx_cut(struct ic_onnx *o)
{
    struct cut c = {.o = o, .g = &o->model.graph};
    const int32_t n_own = c.g->n_inputs;
    if (!find_begins(&c))
        return false;
    if (o->options->n_outputs == 0 && c.g->n_inputs == n_own)
        return true;
    if (!find_ends(&c) || !keep_between(&c) || !forget_outputs(&c))
        return false;
    drop_inputs(&c, n_own);
    if (c.g->n_inputs == 0)
        ic_build_fail(&o->b, IC_E_NAME_UNKNOWN, "nothing between the named inputs and outputs depends on an input");
    return o->b.status == IC_OK;
}
