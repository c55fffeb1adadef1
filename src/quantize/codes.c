/* SPDX-License-Identifier: Apache-2.0
 *
 * Float graph and ranges to integers. A value is made as codes or as floats, by what makes it; the other form is made by a Quantize or
 * Dequantize node where somebody wants it. Values that an operator only moves share one scale and zero point.
 */
#include "quantize/internal.h"

#include <math.h>
#include <string.h>

struct coding {
    struct ic_graph *g;
    int32_t n_values;              /* of the float graph: ids beyond are ours */
    struct ic_quant_range *ranges; /* per id, of the group's first value after merging */
    int32_t *group;                /* per id: another member of its group, or itself */
    bool *as_codes;                /* per id: made as codes */
    struct ic_value **other;       /* per id: its other form, once made */
    const struct ic_value *unseen; /* the first that became codes although no sample showed its range */
};

/* ---- groups that share parameters ---- */
static int32_t group_of(const struct coding *c, int32_t id)
{
    while (c->group[id] != id)
        id = c->group[id];
    return id;
}

static struct ic_quant_params params_of(struct coding *c, const struct ic_value *v)
{
    const struct ic_quant_range *range = &c->ranges[group_of(c, v->id)];
    if (!range->seen && !c->unseen)
        c->unseen = v;
    return ic_quantize_pick_params(range);
}

static void join(struct coding *c, const struct ic_value *a, const struct ic_value *b)
{
    const int32_t ga = group_of(c, a->id), gb = group_of(c, b->id);
    if (ga == gb)
        return;
    const int32_t first = ga < gb ? ga : gb, second = ga < gb ? gb : ga;
    c->group[second] = first;
    if (c->ranges[second].seen) {
        ic_quantize_widen(&c->ranges[first], c->ranges[second].lo);
        ic_quantize_widen(&c->ranges[first], c->ranges[second].hi);
    }
}

static void observe_const(struct coding *c, const struct ic_value *v)
{
    const int64_t n = ic_value_elements(v);
    for (int64_t i = 0; i < n; i++)
        ic_quantize_widen(&c->ranges[v->id], ((const float *)v->data)[i]);
}

/* ---- what is made as codes ---- */
static bool is_f32(const struct ic_value *v)
{
    return v && v->dtype == IC_F32;
}

static bool wants_codes(const struct coding *c, const struct ic_node *n)
{
    const enum ic_quant_rule rule = ic_op_quant(n);
    if (rule == IC_QUANT_FLOAT || rule == IC_QUANT_ORDER || !is_f32(n->outputs[0]))
        return false;
    if (rule == IC_QUANT_CONTRACT)
        return is_f32(n->inputs[1]) && n->inputs[1]->data && (n->n_inputs < 3 || !n->inputs[2] || n->inputs[2]->data);
    if (rule != IC_QUANT_KEEP)
        return true;
    for (int32_t k = 0; k < n->n_inputs; k++) /* what only moves floats stays float */
        if (is_f32(n->inputs[k]) && !n->inputs[k]->data && c->as_codes[n->inputs[k]->id])
            return true;
    return false;
}

static void plan_node(struct coding *c, const struct ic_node *n)
{
    const enum ic_quant_rule rule = ic_op_quant(n);
    const bool codes = wants_codes(c, n);
    for (int32_t k = 0; k < n->n_outputs; k++)
        c->as_codes[n->outputs[k]->id] = codes && is_f32(n->outputs[k]);
    if (!codes)
        return;
    for (int32_t k = 0; k < n->n_inputs; k++) {
        if (!is_f32(n->inputs[k]) || (rule == IC_QUANT_CONTRACT && k > 0))
            continue;
        if (n->inputs[k]->data)
            observe_const(c, n->inputs[k]);
        if (rule == IC_QUANT_KEEP)
            join(c, n->outputs[0], n->inputs[k]);
    }
    if (n->op == IC_OP_PAD && isfinite((float)n->attrs[IC_PAD_VALUE].f)) /* an infinite one becomes the first or last code */
        ic_quantize_widen(&c->ranges[group_of(c, n->outputs[0]->id)], (float)n->attrs[IC_PAD_VALUE].f);
}

static void plan(struct coding *c)
{
    for (int32_t i = 0; i < c->n_values; i++)
        c->group[i] = i;
    for (int32_t i = 0; i < c->g->n_inputs; i++)
        c->as_codes[c->g->inputs[i].value->id] = is_f32(c->g->inputs[i].value);
    for (int32_t i = 0; i < c->g->n_nodes; i++)
        plan_node(c, c->g->nodes[i]);
}

/* ---- rewriting ---- */
static bool set_codes(struct coding *c, struct ic_value *v, struct ic_quant_params p)
{
    v->dtype = IC_U8;
    v->quant = (struct ic_quant){.n_scales = 1, .scales = ic_arena_copy(&c->g->arena, &p.scale, sizeof p.scale), .zero = p.zero};
    return v->quant.scales != NULL;
}

/* A Quantize or Dequantize node before `before` (NULL: at the end) that makes the other form of v. */
static struct ic_value *convert(struct coding *c, struct ic_value *v, bool to_codes, const struct ic_node *before)
{
    if (c->other[v->id])
        return c->other[v->id];
    struct ic_node *n = ic_graph_node(c->g, to_codes ? IC_OP_QUANTIZE : IC_OP_DEQUANTIZE, &v, 1, v->name);
    const char *name = ic_arena_printf(&c->g->arena, "%s.%s", v->name, to_codes ? "u8" : "f32");
    struct ic_value *made = n && name ? ic_graph_value(c->g, name, to_codes ? IC_U8 : IC_F32, v->rank, v->dims) : NULL;
    if (!made || (to_codes && !set_codes(c, made, params_of(c, v))))
        return NULL;
    made->layout = v->layout;
    ic_node_set_result(n, made);
    n->origin = v->producer ? v->producer->origin : n->origin;
    if (before)
        ic_graph_move_last_before(c->g, before);
    c->other[v->id] = made;
    return made;
}

/* The form of input k that node n reads. */
static enum ic_status rewrite_input(struct coding *c, struct ic_node *n, int32_t k, bool codes, struct ic_diag *d)
{
    struct ic_value *v = n->inputs[k], *wanted = v;
    if (!v || v->id >= c->n_values)
        return IC_OK;
    if (v->data)
        wanted = codes && v->dtype == IC_F32 ? ic_quantize_const_codes(c->g, v, params_of(c, v)) : v;
    else if (c->as_codes[v->id] ? !codes : codes && v->dtype == IC_F32)
        wanted = convert(c, v, codes, n);
    if (!wanted)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to quantize %s", n->name);
    ic_node_set_input(n, k, wanted);
    return IC_OK;
}

/* What reads codes alone takes them as they are made: order is the same on both. */
static bool reads_codes(const struct coding *c, const struct ic_node *n)
{
    const struct ic_value *x = n->inputs[0];
    return ic_op_quant(n) == IC_QUANT_ORDER && !x->data && x->id < c->n_values && c->as_codes[x->id];
}

static enum ic_status rewrite_node(struct coding *c, struct ic_node *n, struct ic_diag *d)
{
    const enum ic_quant_rule rule = ic_op_quant(n);
    const bool codes = c->as_codes[n->outputs[0]->id];
    if (reads_codes(c, n))
        return IC_OK;
    if (codes && rule == IC_QUANT_CONTRACT)
        IC_TRY(ic_quantize_weights(c->g, n, params_of(c, n->inputs[0]), params_of(c, n->outputs[0]), d));
    for (int32_t k = 0; k < (codes && rule == IC_QUANT_CONTRACT ? 1 : n->n_inputs); k++)
        IC_TRY(rewrite_input(c, n, k, codes, d));
    if (codes && !set_codes(c, n->outputs[0], params_of(c, n->outputs[0])))
        return ic_fail(d, IC_ERR_MEMORY, "no memory to quantize %s", n->name);
    return IC_OK;
}

static bool output_before(const struct ic_graph *g, int32_t i, const struct ic_value *v)
{
    for (int32_t k = 0; k < i; k++)
        if (g->outputs[k].value == v)
            return true;
    return false;
}

/* Results leave as codes; the user's name goes with them. */
static enum ic_status rewrite_outputs(struct coding *c, struct ic_diag *d)
{
    for (int32_t i = 0; i < c->g->n_outputs; i++) {
        struct ic_value *v = c->g->outputs[i].value;
        if (v->dtype != IC_F32 || v->id >= c->n_values || v->data)
            continue;
        const bool named = c->other[v->id] && output_before(c->g, i, c->other[v->id]);
        struct ic_value *codes = convert(c, v, true, NULL);
        if (named) {
            ic_graph_set_output(c->g, i, codes);
            continue;
        }
        const char *name = codes ? ic_arena_printf(&c->g->arena, "%s.f32", v->name) : NULL;
        if (!name)
            return ic_fail(d, IC_ERR_MEMORY, "no memory to quantize output %s", v->name);
        codes->name = v->name;
        v->name = name;
        ic_graph_set_output(c->g, i, codes);
    }
    return IC_OK;
}

static enum ic_status rewrite(struct coding *c, struct ic_node *const *nodes, int32_t n_nodes, struct ic_diag *d)
{
    for (int32_t i = 0; i < c->g->n_inputs; i++) {
        struct ic_value *v = c->g->inputs[i].value;
        if (c->as_codes[v->id] && !set_codes(c, v, params_of(c, v)))
            return ic_fail(d, IC_ERR_MEMORY, "no memory to quantize input %s", v->name);
    }
    for (int32_t i = 0; i < n_nodes; i++)
        IC_TRY(rewrite_node(c, nodes[i], d));
    return rewrite_outputs(c, d);
}

enum ic_status ic_quantize_to_codes(struct ic_graph *g, struct ic_quant_range *ranges, struct ic_diag *d)
{
    const size_t n = (size_t)g->n_values + 1;
    struct coding c = {.g = g, .n_values = g->n_values, .ranges = ranges};
    struct ic_node **nodes = ic_calloc((size_t)g->n_nodes + 1, sizeof *nodes);
    c.group = ic_calloc(n, sizeof *c.group);
    c.as_codes = ic_calloc(n, sizeof *c.as_codes);
    c.other = ic_calloc(n, sizeof *c.other);
    enum ic_status status = IC_ERR_MEMORY;
    if (nodes && c.group && c.as_codes && c.other) {
        if (g->n_nodes > 0)
            memcpy(nodes, g->nodes, (size_t)g->n_nodes * sizeof *nodes);
        plan(&c);
        status = rewrite(&c, nodes, g->n_nodes, d);
        if (status == IC_OK && c.unseen)
            status = ic_fail(d, IC_E_RANGE_UNSEEN, "no sample showed the range of %s: its codes would be a guess; build float16",
                             c.unseen->name);
    } else {
        ic_fail(d, status, "no memory to quantize %s", g->name);
    }
    ic_free(nodes);
    ic_free(c.group);
    ic_free(c.as_codes);
    ic_free(c.other);
    return status;
}
