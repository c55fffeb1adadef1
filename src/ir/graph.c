/* SPDX-License-Identifier: Apache-2.0 */
#include "ir/graph.h"

#include "base/checked.h"
#include "ir/op_def.h"

#include <stdio.h>
#include <string.h>

enum ic_status ic_graph_create(const char *name, struct ic_graph **out_g, struct ic_diag *d)
{
    struct ic_graph *g = ic_calloc(1, sizeof *g);
    if (g)
        g->name = ic_arena_text(&g->arena, name, strlen(name));
    if (!g || !g->name) {
        ic_graph_destroy(g);
        return ic_fail(d, IC_ERR_MEMORY, "no memory for the graph of %s", name);
    }
    *out_g = g;
    return IC_OK;
}

bool ic_graph_note_dropped(struct ic_graph *g, const struct ic_value *v, const struct ic_origin *origin)
{
    struct ic_dropped *dropped = ic_arena_alloc(&g->arena, sizeof *dropped);
    if (!dropped)
        return false;
    *dropped = (struct ic_dropped){.value = v, .origin = *origin};
    if (g->last_dropped)
        g->last_dropped->next = dropped;
    else
        g->dropped = dropped;
    g->last_dropped = dropped;
    return true;
}

void ic_graph_destroy(struct ic_graph *g)
{
    if (!g)
        return;
    ic_free(g->values);
    ic_free(g->nodes);
    ic_free(g->inputs);
    ic_free(g->outputs);
    ic_writer_destroy(&g->provenance);
    ic_arena_destroy(&g->arena);
    ic_free(g);
}

/* Room for one more pointer in a growing array. */
static bool reserve(void **array, int32_t n, int32_t *capacity, size_t element_bytes)
{
    if (n < *capacity)
        return true;
    const int32_t wanted = *capacity < 32 ? 32 : *capacity * 2;
    void *grown = wanted > 0 ? ic_realloc(*array, (size_t)wanted * element_bytes) : NULL;
    if (!grown)
        return false;
    *array = grown;
    *capacity = wanted;
    return true;
}

struct ic_value *ic_graph_value(struct ic_graph *g, const char *name, enum ic_dtype dtype, int32_t rank, const int32_t *dims)
{
    if (rank < 0 || rank > IC_IR_MAX_RANK || !reserve((void **)&g->values, g->n_values, &g->cap_values, sizeof *g->values))
        return NULL;
    struct ic_value *v = ic_arena_alloc(&g->arena, sizeof *v);
    if (!v || !(v->name = ic_arena_text(&g->arena, name ? name : "", name ? strlen(name) : 0)))
        return NULL;
    v->id = g->n_values;
    v->dtype = dtype;
    v->rank = rank;
    if (rank > 0)
        memcpy(v->dims, dims, (size_t)rank * sizeof *dims);
    g->values[g->n_values++] = v;
    return v;
}

struct ic_value *ic_graph_const_lent(struct ic_graph *g, const char *name, enum ic_dtype dtype, int32_t rank, const int32_t *dims,
                                     const void *data)
{
    struct ic_value *v = ic_graph_value(g, name, dtype, rank, dims);
    if (v)
        v->data = data;
    return v;
}

struct ic_value *ic_graph_const(struct ic_graph *g, const char *name, enum ic_dtype dtype, int32_t rank, const int32_t *dims,
                                const void *data)
{
    struct ic_value *v = ic_graph_value(g, name, dtype, rank, dims);
    if (!v)
        return NULL;
    const size_t bytes = ic_value_bytes(v);
    void *copy = ic_arena_aligned(&g->arena, bytes ? bytes : 1, 64);
    if (!copy)
        return NULL;
    if (bytes)
        memcpy(copy, data, bytes);
    v->data = copy;
    return v;
}

struct ic_node *ic_graph_node(struct ic_graph *g, enum ic_op op, struct ic_value *const *inputs, int32_t n_inputs, const char *name)
{
    const struct ic_op_def *def = ic_op_def(op);
    if (!def || n_inputs < 0 || !reserve((void **)&g->nodes, g->n_nodes, &g->cap_nodes, sizeof *g->nodes))
        return NULL;
    struct ic_node *n = ic_arena_alloc(&g->arena, sizeof *n);
    if (!n)
        return NULL;
    const int n_attrs = ic_op_n_attrs(op);
    n->op = op;
    n->outputs = ic_arena_array(&g->arena, (size_t)def->n_outputs, sizeof *n->outputs);
    n->attrs = ic_arena_array(&g->arena, (size_t)n_attrs + 1, sizeof *n->attrs);
    n->name = ic_arena_text(&g->arena, name ? name : "", name ? strlen(name) : 0);
    if (!n->outputs || !n->attrs || !n->name || !ic_node_set_inputs(g, n, inputs, n_inputs))
        return NULL;
    for (int i = 0; i < n_attrs; i++) {
        n->attrs[i].i = (int64_t)def->attrs[i].default_number;
        n->attrs[i].f = def->attrs[i].default_number;
    }
    n->origin = (struct ic_origin){.module_path = "", .file = "", .source_op = ""};
    g->nodes[g->n_nodes++] = n;
    return n;
}

/* Chains of these are short: an importer makes a weight of them. */
#define MAX_LATE 13

/* Of how many nodes the longest way from a constant to n's result is made, n included; 0: something else stands on it, or more than those. */
static uint8_t late_nodes(const struct ic_node *n)
{
    uint8_t most = 0;
    switch (n->op) {
    case IC_OP_TRANSPOSE:
    case IC_OP_RESHAPE:
    case IC_OP_CAST:
    case IC_OP_SLICE:
    case IC_OP_GATHER:
    case IC_OP_CONCAT:
    case IC_OP_MUL:
    case IC_OP_SUB:
        break;
    default:
        return 0;
    }
    for (int32_t i = 0; i < n->n_inputs; i++) {
        const struct ic_value *v = n->inputs[i];
        if (!v || !(v->data || (v->producer && v->late_nodes)))
            return 0;
        most = !v->data && v->late_nodes > most ? v->late_nodes : most;
    }
    return n->n_inputs > 0 && n->n_outputs == 1 && n->post.fn == IC_MAP_NONE && most < MAX_LATE ? (uint8_t)(most + 1) : 0;
}

bool ic_graph_is_late(const struct ic_node *n)
{
    return late_nodes(n) != 0;
}

static enum ic_status make_outputs(struct ic_graph *g, struct ic_node *n, const struct ic_value *made, int n_outputs,
                                   struct ic_diag *d)
{
    for (int i = 0; i < n_outputs; i++) {
        const struct ic_value *m = &made[i];
        const char *name = i == 0 ? n->name : ic_arena_printf(&g->arena, "%s:%d", n->name, i);
        struct ic_value *v = name ? ic_graph_value(g, name, m->dtype, m->rank, m->dims) : NULL;
        if (!v)
            return ic_fail(d, IC_ERR_MEMORY, "no memory for the result of %s", n->name);
        v->layout = m->layout;
        v->producer = n;
        if (n->n_inputs && n->inputs[0] && ic_op_def(n->op)->quant == IC_QUANT_KEEP && n->inputs[0]->dtype == m->dtype &&
            !n->inputs[0]->data)
            v->quant = n->inputs[0]->quant; /* codes that are moved mean what they meant */
        n->outputs[i] = v;
    }
    n->n_outputs = n_outputs;
    for (int i = 0; i < n_outputs; i++)
        n->outputs[i]->late_nodes = late_nodes(n);
    return IC_OK;
}

static enum ic_status check_size(const struct ic_op_def *def, const struct ic_node *n, const struct ic_value *made,
                                 struct ic_diag *d)
{
    int64_t elements = 1;
    char shape[IC_IR_MAX_RANK * 12 + 1] = "";
    bool fits = true;
    for (int32_t k = 0, at = 0; k < made->rank; k++) {
        fits = fits && made->dims[k] >= 0 && ic_mul_i64(elements, made->dims[k] ? made->dims[k] : 1, &elements) &&
               elements <= INT32_MAX;
        at += snprintf(shape + at, sizeof shape - (size_t)at, "%s%d", k ? " " : "", (int)made->dims[k]);
    }
    return fits ? IC_OK
                : ic_fail(d, IC_E_TENSOR_SIZE, "%s %s: its result [%s] has more than 2^31 elements", def->name, n->name, shape);
}

enum ic_status ic_graph_infer(struct ic_graph *g, struct ic_node *n, struct ic_diag *d)
{
    const struct ic_op_def *def = ic_op_def(n->op);
    if (n->n_inputs < def->min_inputs || (def->max_inputs >= 0 && n->n_inputs > def->max_inputs))
        return ic_fail(d, IC_E_SHAPES, "%s %s has %d inputs; %d to %d are wanted", def->name, n->name, (int)n->n_inputs,
                       def->min_inputs, def->max_inputs);
    struct ic_value made[4] = {{0}};
    IC_TRY(def->infer(n, made, d));
    for (int i = 0; i < def->n_outputs; i++)
        IC_TRY(check_size(def, n, &made[i], d));
    return make_outputs(g, n, made, def->n_outputs, d);
}

static enum ic_status add_io(struct ic_graph_input **list, int32_t *n, struct ic_value *v, uint32_t format)
{
    struct ic_graph_input *grown = ic_realloc(*list, ((size_t)*n + 1) * sizeof **list);
    if (!grown)
        return IC_ERR_MEMORY;
    *list = grown;
    grown[(*n)++] = (struct ic_graph_input){.value = v, .format = format, .user_dtype = v->dtype, .face_name = ""};
    return IC_OK;
}

enum ic_status ic_graph_add_input(struct ic_graph *g, struct ic_value *v, uint32_t format)
{
    return add_io(&g->inputs, &g->n_inputs, v, format);
}

enum ic_status ic_graph_add_output(struct ic_graph *g, struct ic_value *v, uint32_t format)
{
    IC_TRY(add_io(&g->outputs, &g->n_outputs, v, format));
    v->n_as_output++;
    return IC_OK;
}

int64_t ic_value_elements(const struct ic_value *v)
{
    int64_t n = 1;
    for (int32_t i = 0; i < v->rank; i++)
        if (!ic_mul_i64(n, v->dims[i], &n))
            return INT64_MAX;
    return n;
}

size_t ic_value_bytes(const struct ic_value *v)
{
    size_t bytes = 0;
    return ic_mul_size((size_t)ic_value_elements(v), ic_dtype_bytes(v->dtype), &bytes) ? bytes : SIZE_MAX;
}

void ic_graph_move_last_before(struct ic_graph *g, const struct ic_node *before)
{
    struct ic_node *moved = g->nodes[g->n_nodes - 1];
    int32_t at = g->n_nodes - 1;
    while (at > 0 && g->nodes[at] != before)
        at--;
    if (g->nodes[at] != before)
        return;
    memmove(&g->nodes[at + 1], &g->nodes[at], (size_t)(g->n_nodes - 1 - at) * sizeof *g->nodes);
    g->nodes[at] = moved;
}
