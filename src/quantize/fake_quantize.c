/* SPDX-License-Identifier: Apache-2.0
 *
 * A network that brings its own quantization: FakeQuantize nodes say which values stand on which grid. What stands between grids is computed in codes, with the
 * network's own scales and zero points; nothing is chosen or rounded anew. What has no integer form stays float between Dequantize and Quantize, and is named.
 */
#include "quantize/internal.h"

#include <math.h>
#include <string.h>

struct own {
    struct ic_graph *g;
    int32_t n_values;       /* of the float graph: ids beyond are ours */
    struct ic_value **code; /* per id of a value on a grid: its codes */
    int32_t n_integer, n_float;
    char names[200]; /* of layers that stay float */
};

static struct ic_value *code_of(const struct own *o, const struct ic_value *v)
{
    return v && v->id < o->n_values ? o->code[v->id] : NULL;
}

static bool same_grid(const struct ic_value *a, const struct ic_value *b)
{
    return a->quant.scales[0] == b->quant.scales[0] && a->quant.zero == b->quant.zero;
}

static struct ic_value *make_codes(struct own *o, const struct ic_value *like, float scale, int32_t zero)
{
    const char *name = ic_arena_printf(&o->g->arena, "%s.u8", like->name);
    struct ic_value *v = name ? ic_graph_value(o->g, name, IC_U8, like->rank, like->dims) : NULL;
    if (!v)
        return NULL;
    v->layout = like->layout;
    v->quant = (struct ic_quant){.n_scales = 1, .scales = ic_arena_copy(&o->g->arena, &scale, sizeof scale), .zero = zero};
    return v->quant.scales ? v : NULL;
}

/* n becomes Dequantize of codes; its float result keeps its identity, and goes with n when nobody reads it. */
static void become_dequantize(struct own *o, struct ic_node *n, struct ic_value *codes)
{
    n->op = IC_OP_DEQUANTIZE;
    ic_node_set_only_input(n, codes);
    n->post = (struct ic_post){0};
    o->code[n->outputs[0]->id] = codes;
}

/* ---- weights that are codes times scales ---- */
/* Codes of a row whose elements all are whole multiples of scale; false: they are not. */
static bool row_codes(const float *w, int64_t n, float scale, int8_t *q)
{
    for (int64_t i = 0; i < n; i++) {
        const double code = rint((double)w[i] / (double)scale);
        if (!(code >= -128.0 && code <= 127.0) || (float)code * scale != w[i])
            return false;
        q[i] = (int8_t)code;
    }
    return true;
}

static bool all_rows(const struct ic_value *w, const struct ic_code_scales *s, int8_t *q)
{
    const int64_t k = ic_value_elements(w) / w->dims[0];
    for (int64_t row = 0; row < w->dims[0]; row++)
        if (!row_codes((const float *)w->data + row * k, k, s->scales[s->n == 1 ? 0 : row], q + row * k))
            return false;
    return true;
}

/* A bias on the grid of the sums; false: one is not. */
static bool bias_codes(const float *b, int32_t n, const float *scales, int32_t n_scales, double x_scale, int32_t *q)
{
    for (int32_t i = 0; i < n; i++) {
        const double step = x_scale * (double)scales[n_scales == 1 ? 0 : i], code = rint((double)b[i] / step);
        if (!(fabs(code) < 0x1p30) || fabs((double)b[i] / step - code) > 1e-3 + 1e-6 * fabs(code))
            return false;
        q[i] = (int32_t)code;
    }
    return true;
}

/* The operands of contraction n as codes; false: they are no codes of the network (or there is no memory: *out_failed). */
static bool contraction(struct own *o, struct ic_node *n, const struct ic_value *x, bool *out_failed)
{
    struct ic_value *w = n->inputs[1], *b = n->n_inputs > 2 ? n->inputs[2] : NULL;
    if (!w || !w->data || w->dtype != IC_F32 || w->rank < 2 || ic_value_elements(w) == 0 || (b && (!b->data || b->dtype != IC_F32)))
        return false;
    int8_t *q = ic_arena_aligned(&o->g->arena, (size_t)ic_value_elements(w), 64);
    int32_t *qb = ic_arena_aligned(&o->g->arena, (size_t)w->dims[0] * sizeof *qb, 64);
    const struct ic_code_scales *s = o->g->code_scales;
    for (; q && qb && s; s = s->next)
        if ((s->n == 1 || s->n == w->dims[0]) && all_rows(w, s, q) &&
            (!b || bias_codes(b->data, w->dims[0], s->scales, s->n, (double)x->quant.scales[0], qb)))
            break;
    if (q && qb && !s)
        return false;
    struct ic_value *codes = q && qb ? ic_graph_const_lent(o->g, w->name, IC_S8, w->rank, w->dims, q) : NULL;
    struct ic_value *bias = codes && b ? ic_graph_const_lent(o->g, b->name, IC_S32, 1, b->dims, qb) : NULL;
    *out_failed = !codes || (b && !bias);
    if (*out_failed)
        return false;
    codes->layout = w->layout;
    codes->quant = (struct ic_quant){.n_scales = s->n, .axis = 0, .scales = s->scales};
    ic_node_set_input(n, 1, codes);
    if (b)
        ic_node_set_input(n, 2, bias);
    return true;
}

/* ---- nodes between grids ---- */
static bool ends_in_integers(const struct ic_node *n)
{
    return n->post.round_mid == 0 && (n->post.fn == IC_MAP_NONE || n->post.fn == IC_MAP_RELU || n->post.fn == IC_MAP_CLAMP);
}

/* n, whose result a FakeQuantize alone reads, computes in codes from now on; false: it cannot. */
static bool to_integers(struct own *o, struct ic_node *n, bool *out_failed)
{
    const enum ic_quant_rule rule = ic_op_def(n->op)->quant;
    const int32_t n_coded = rule == IC_QUANT_CONTRACT ? 1 : n->n_inputs;
    if ((rule != IC_QUANT_CONTRACT && rule != IC_QUANT_REQUANT && rule != IC_QUANT_LUT) || !ends_in_integers(n) ||
        (rule == IC_QUANT_LUT && n->post.fn != IC_MAP_NONE))
        return false;
    for (int32_t k = 0; k < n_coded; k++)
        if (!code_of(o, n->inputs[k]))
            return false;
    if (rule == IC_QUANT_CONTRACT && !contraction(o, n, code_of(o, n->inputs[0]), out_failed))
        return false;
    for (int32_t k = 0; k < n_coded; k++)
        ic_node_set_input(n, k, code_of(o, n->inputs[k]));
    o->n_integer++;
    return true;
}

static enum ic_status no_memory(const struct ic_node *n, struct ic_diag *d)
{
    return ic_fail(d, IC_ERR_MEMORY, "no memory for the codes of %s", n->name);
}

static enum ic_status take_grid(struct own *o, struct ic_node *n, struct ic_diag *d)
{
    struct ic_value *x = n->inputs[0], *have = code_of(o, x);
    const float scale = (float)n->attrs[IC_FAKE_QUANT_SCALE].f;
    struct ic_value *codes = make_codes(o, n->outputs[0], scale, (int32_t)n->attrs[IC_FAKE_QUANT_ZERO].i);
    bool failed = false;
    if (!codes)
        return no_memory(n, d);
    if (have && same_grid(have, codes)) {
        become_dequantize(o, n, have);
        return IC_OK;
    }
    if (x->producer && ic_value_n_readers(x) == 1 && to_integers(o, x->producer, &failed)) {
        ic_node_set_result(x->producer, codes);
    } else if (!failed) {
        struct ic_node *q = ic_graph_node(o->g, IC_OP_QUANTIZE, &x, 1, n->name);
        if (!q)
            return no_memory(n, d);
        q->origin = n->origin;
        ic_node_set_result(q, codes);
        ic_graph_move_last_before(o->g, n);
    }
    if (failed)
        return no_memory(n, d);
    become_dequantize(o, n, codes);
    return IC_OK;
}

/* What only moves elements of one grid moves their codes: the grid goes on behind it. */
static enum ic_status move_codes(struct own *o, struct ic_node *n, struct ic_diag *d)
{
    struct ic_value *first = code_of(o, n->inputs[0]);
    for (int32_t k = 0; k < n->n_inputs; k++) {
        const struct ic_value *code = code_of(o, n->inputs[k]);
        if (!code || !same_grid(code, first))
            return IC_OK;
    }
    const int n_attrs = ic_op_n_attrs(n->op);
    struct ic_value *codes = make_codes(o, n->outputs[0], first->quant.scales[0], first->quant.zero);
    struct ic_node *moved = codes ? ic_graph_node(o->g, n->op, n->inputs, n->n_inputs, n->name) : NULL;
    if (!moved)
        return no_memory(n, d);
    for (int32_t k = 0; k < n->n_inputs; k++)
        ic_node_set_input(moved, k, code_of(o, n->inputs[k]));
    if (n_attrs)
        memcpy(moved->attrs, n->attrs, (size_t)n_attrs * sizeof *n->attrs);
    moved->origin = n->origin;
    ic_node_set_result(moved, codes);
    ic_graph_move_last_before(o->g, n);
    become_dequantize(o, n, codes);
    return IC_OK;
}

static bool moves_grid(const struct ic_node *n)
{
    const bool pad = n->op == IC_OP_PAD && n->attrs[IC_PAD_VALUE].f != 0.0;
    return ic_op_def(n->op)->quant == IC_QUANT_KEEP && n->outputs[0]->dtype == IC_F32 && n->post.fn == IC_MAP_NONE &&
           !n->post.round_mid && !pad && n->n_inputs > 0;
}

/* ---- what stays float ---- */
static void name_float(struct own *o, const struct ic_node *n)
{
    const size_t used = strlen(o->names), length = strlen(n->name);
    o->n_float++;
    if (used + length + 6 < sizeof o->names) {
        strcat(o->names, used ? ", " : "");
        strcat(o->names, n->name);
    } else if (used + 4 < sizeof o->names && o->names[used - 1] != '.') {
        strcat(o->names, " ...");
    }
}

/* Float arithmetic that reads values of a grid */
static bool is_island(const struct own *o, const struct ic_node *n)
{
    if (n->op == IC_OP_DEQUANTIZE || n->op == IC_OP_QUANTIZE || (ic_op_def(n->op)->moves_only && n->n_inputs == 1))
        return false;
    for (int32_t k = 0; k < n->n_inputs; k++)
        if (code_of(o, n->inputs[k]))
            return true;
    return false;
}

static void tell(struct own *o, struct ic_diag *d)
{
    for (int32_t i = 0; i < o->g->n_nodes; i++)
        if (is_island(o, o->g->nodes[i]))
            name_float(o, o->g->nodes[i]);
    ic_say(d, 'I', "the network brings its own quantization: %d layer%s computed in its integers", (int)o->n_integer,
           IC_N(o->n_integer, " is", "s are"));
    if (o->n_float)
        ic_say(d, 'W',
               "%d layer%s of the quantized network %s no integer form here and %s computed in float, between dequantizing and "
               "quantizing: %s",
               (int)o->n_float, IC_S(o->n_float), IC_N(o->n_float, "has", "have"), IC_N(o->n_float, "is", "are"), o->names);
}

static enum ic_status rewrite(struct own *o, struct ic_node *const *nodes, int32_t n_nodes, struct ic_diag *d)
{
    for (int32_t i = 0; i < n_nodes; i++) {
        if (nodes[i]->op == IC_OP_FAKE_QUANT)
            IC_TRY(take_grid(o, nodes[i], d));
        else if (moves_grid(nodes[i]) && code_of(o, nodes[i]->inputs[0]))
            IC_TRY(move_codes(o, nodes[i], d));
    }
    tell(o, d);
    ic_graph_compact(o->g);
    return IC_OK;
}

static bool has_grids(const struct ic_graph *g)
{
    for (int32_t i = 0; i < g->n_nodes; i++)
        if (g->nodes[i]->op == IC_OP_FAKE_QUANT)
            return true;
    return false;
}

enum ic_status ic_quantize_fake_quantize(struct ic_graph *g, struct ic_diag *d)
{
    if (!has_grids(g))
        return IC_OK;
    ic_graph_compact(g);
    struct own o = {.g = g, .n_values = g->n_values, .code = ic_calloc((size_t)g->n_values + 1, sizeof *o.code)};
    struct ic_node **nodes = ic_calloc((size_t)g->n_nodes + 1, sizeof *nodes);
    enum ic_status status = IC_ERR_MEMORY;
    if (o.code && nodes) {
        const int32_t n_nodes = g->n_nodes;
        memcpy(nodes, g->nodes, (size_t)n_nodes * sizeof *nodes);
        status = rewrite(&o, nodes, n_nodes, d);
    } else {
        (void)ic_fail(d, IC_ERR_MEMORY, "no memory for the codes of %s", g->name);
    }
    ic_free(nodes);
    ic_free(o.code);
    return status;
}
