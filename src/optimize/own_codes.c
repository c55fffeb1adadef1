/* SPDX-License-Identifier: Apache-2.0
 *
 * Networks that come quantized: what stands between Dequantize and Quantize nodes becomes arithmetic on codes, with the scales and zero points
 * that the network brought. What cannot stays in float, and is named.
 */
#include "optimize/rewrite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct own {
    struct ic_graph *g;
    struct ic_value **codes; /* per id: the codes of a float value that is on their grid; NULL: unknown, or none */
    int32_t n_values;
    bool replaced;
    struct ic_diag *d;
};

static struct ic_value *codes_of(const struct own *o, const struct ic_value *v)
{
    return v && v->id < o->n_values ? o->codes[v->id] : NULL;
}

static bool same_grid(const struct ic_value *a, const struct ic_value *b)
{
    return a->quant.zero == b->quant.zero && memcmp(a->quant.scales, b->quant.scales, sizeof *a->quant.scales) == 0;
}

/* n on codes instead of floats, before nodes[*i]: the same operator and attributes; the result has y's shape and the quantization of grid. */
static struct ic_node *twin(struct own *o, int32_t *i, const struct ic_node *n, struct ic_value *const *inputs, int32_t n_inputs,
                            const struct ic_value *y, const struct ic_value *grid)
{
    struct ic_node *t = ic_opt_insert(o->g, i, n->op, inputs, n_inputs, n, "");
    struct ic_value *v = t ? ic_graph_value(o->g, y->name, IC_U8, y->rank, y->dims) : NULL;
    if (!v)
        return NULL;
    memcpy(t->attrs, n->attrs, (size_t)ic_op_n_attrs(n->op) * sizeof *n->attrs);
    t->post = n->post;
    v->layout = y->layout;
    v->quant = grid->quant;
    ic_node_set_result(t, v);
    return t;
}

/* Codes of one grid as codes of another: a table. */
static struct ic_value *regrid(struct own *o, int32_t *i, struct ic_value *codes, const struct ic_value *grid,
                               const struct ic_node *like)
{
    if (same_grid(codes, grid))
        return codes;
    struct ic_node *t = ic_opt_insert(o->g, i, IC_OP_MAP, &codes, 1, like, ".codes");
    struct ic_value *v = t ? ic_graph_value(o->g, t->name, IC_U8, codes->rank, codes->dims) : NULL;
    if (!v)
        return NULL;
    t->attrs[IC_MAP_ATTR_FN].i = IC_MAP_AFFINE;
    t->attrs[IC_MAP_ATTR_A].f = 1;
    t->attrs[IC_MAP_ATTR_B].f = 0;
    v->layout = codes->layout;
    v->quant = grid->quant;
    ic_node_set_result(t, v);
    return v;
}

/* ---- what is only moved is moved as codes ---- */
static bool moves(const struct ic_node *n)
{
    return ic_op_def(n->op)->quant == IC_QUANT_KEEP && n->n_outputs == 1 && n->op != IC_OP_PAD && n->post.fn == IC_MAP_NONE &&
           n->outputs[0]->dtype == IC_F32;
}

static enum ic_status move_codes(struct own *o, int32_t *i)
{
    const struct ic_node *n = o->g->nodes[*i];
    struct ic_value *inputs[64];
    const struct ic_value *first = codes_of(o, n->inputs[0]);
    if (!moves(n) || !first || n->n_inputs > 64 || (n->n_inputs > 1 && n->op != IC_OP_CONCAT))
        return IC_OK;
    for (int32_t k = 0; k < n->n_inputs; k++) {
        inputs[k] = codes_of(o, n->inputs[k]);
        if (!inputs[k] || !same_grid(inputs[k], first))
            return IC_OK;
    }
    const struct ic_node *t = twin(o, i, n, inputs, n->n_inputs, n->outputs[0], first);
    if (!t)
        return ic_opt_no_memory(o->g, o->d);
    o->codes[n->outputs[0]->id] = t->outputs[0];
    return IC_OK;
}

/* ---- layers with weights ---- */
/* The s8 codes of weights whose numbers are still exactly what their scales say. */
static struct ic_value *weight_codes(struct own *o, const struct ic_value *w, bool *exact)
{
    const int64_t n = ic_value_elements(w), inner = w->dims[0] ? n / w->dims[0] : 0;
    int8_t *q = ic_arena_aligned(&o->g->arena, (size_t)n + 1, 64);
    struct ic_value *v = q ? ic_graph_const_lent(o->g, w->name, IC_S8, w->rank, w->dims, q) : NULL;
    *exact = true;
    for (int64_t i = 0; v && i < n; i++) {
        const float scale = w->quant.scales[w->quant.n_scales > 1 ? i / inner : 0], x = ((const float *)w->data)[i];
        const double code = rint((double)x / (double)scale);
        *exact = *exact && code >= -128 && code <= 127 && (float)code * scale == x;
        q[i] = *exact ? (int8_t)code : 0;
    }
    if (v) {
        v->layout = w->layout;
        v->quant = w->quant;
    }
    return v;
}

/* The bias in units of the sums. */
static struct ic_value *bias_codes(struct own *o, const struct ic_value *b, float sx, const struct ic_quant *w, bool *fits)
{
    const int64_t n = ic_value_elements(b);
    int32_t *q = ic_arena_aligned(&o->g->arena, (size_t)n * sizeof *q + 1, 64);
    struct ic_value *v = q ? ic_graph_const_lent(o->g, b->name, IC_S32, b->rank, b->dims, q) : NULL;
    *fits = true;
    for (int64_t i = 0; v && i < n; i++) {
        const double code = rint((double)((const float *)b->data)[i] / ((double)sx * (double)w->scales[w->n_scales > 1 ? i : 0]));
        *fits = *fits && fabs(code) < 0x1p30;
        q[i] = *fits ? (int32_t)code : 0;
    }
    return v;
}

/* One scale, or one for each output. */
static bool has_scales(const struct ic_value *w, const struct ic_value *bias)
{
    const struct ic_quant *q = &w->quant;
    return q->n_scales == 1 ||
           (q->n_scales > 1 && q->axis == 0 && q->n_scales == w->dims[0] && (!bias || ic_value_elements(bias) == q->n_scales));
}

static bool ends_in_integers(const struct ic_node *n)
{
    return n->post.round_mid == 0 && (n->post.fn == IC_MAP_NONE || n->post.fn == IC_MAP_RELU || n->post.fn == IC_MAP_CLAMP);
}

/* Whether the numbers of w are whole multiples of scales, one or one per output. */
static bool are_codes(const struct ic_value *w, const struct ic_code_scales *s)
{
    const int64_t inner = ic_value_elements(w) / w->dims[0];
    for (int64_t i = 0; i < w->dims[0] * inner; i++) {
        const float scale = s->scales[s->n > 1 ? i / inner : 0], x = ((const float *)w->data)[i];
        const double code = rint((double)x / (double)scale);
        if (!(code >= -128 && code <= 127 && (float)code * scale == x))
            return false;
    }
    return true;
}

/* Weights that do not say their scales: the importer has noted the scales of all constant codes. */
static void find_scales(const struct own *o, struct ic_value *w)
{
    const struct ic_code_scales *s = o->g->code_scales;
    if (!w->data || w->dtype != IC_F32 || w->rank < 2 || w->quant.n_scales || ic_value_elements(w) == 0)
        return;
    while (s && ((s->n != 1 && s->n != w->dims[0]) || !are_codes(w, s)))
        s = s->next;
    if (s)
        w->quant = (struct ic_quant){.n_scales = s->n, .axis = 0, .scales = s->scales};
}

static enum ic_status contract(struct own *o, int32_t *i, const struct ic_node *n, const struct ic_value *grid,
                               struct ic_value **out)
{
    struct ic_value *inputs[3] = {codes_of(o, n->inputs[0]), n->inputs[1], n->n_inputs > 2 ? n->inputs[2] : NULL};
    bool exact = false, fits = true;
    if (inputs[0])
        find_scales(o, inputs[1]);
    if (!inputs[0] || !inputs[1]->data || inputs[1]->dtype != IC_F32 || !has_scales(inputs[1], inputs[2]) || !ends_in_integers(n) ||
        (inputs[2] && (!inputs[2]->data || inputs[2]->dtype != IC_F32)))
        return IC_OK;
    if (inputs[2])
        inputs[2] = bias_codes(o, inputs[2], inputs[0]->quant.scales[0], &inputs[1]->quant, &fits);
    inputs[1] = weight_codes(o, inputs[1], &exact);
    if (!inputs[1] || (n->n_inputs > 2 && n->inputs[2] && !inputs[2]))
        return ic_opt_no_memory(o->g, o->d);
    if (!exact || !fits)
        return IC_OK;
    const struct ic_node *t = twin(o, i, n, inputs, n->n_inputs, n->outputs[0], grid);
    *out = t ? t->outputs[0] : NULL;
    return t ? IC_OK : ic_opt_no_memory(o->g, o->d);
}

/* ---- means of parts that stand on grids of their own ---- */
struct parted {
    const struct ic_node *join, *pools[8]; /* pools from the mean's input backwards to the join */
    int32_t n_pools, axis;
};

/* n is a mean over a picture, perhaps of pools of it, whose channels were joined from codes of several grids: each part has its own. */
static bool is_parted(const struct own *o, const struct ic_node *n, struct parted *p)
{
    const struct ic_value *v = n->inputs[0];
    *p = (struct parted){0};
    if (n->op != IC_OP_REDUCE_MEAN || n->attrs[IC_REDUCE_AXES].n_ints == 0)
        return false;
    for (; v->producer && v->producer->op == IC_OP_MAX_POOL && p->n_pools < 8; v = v->producer->inputs[0]) {
        if (!moves(v->producer) || ic_value_n_readers(v) != 1)
            return false;
        p->pools[p->n_pools++] = v->producer;
    }
    p->join = v->producer;
    if (!p->join || p->join->op != IC_OP_CONCAT || !moves(p->join) || p->join->n_inputs > 64 || ic_value_n_readers(v) != 1)
        return false;
    const int64_t axis = p->join->attrs[IC_CONCAT_AXIS].i;
    p->axis = (int32_t)(axis < 0 ? axis + v->rank : axis);
    for (int32_t k = 0; k < n->attrs[IC_REDUCE_AXES].n_ints; k++)
        if (n->attrs[IC_REDUCE_AXES].ints[k] == p->axis || n->attrs[IC_REDUCE_AXES].ints[k] == p->axis - v->rank)
            return false;
    for (int32_t k = 0; k < p->join->n_inputs; k++)
        if (!codes_of(o, p->join->inputs[k]))
            return false;
    return p->axis == v->rank - 1;
}

/* n on one part's codes: y with as many channels as the part has. */
static struct ic_value *of_part(struct own *o, int32_t *i, const struct ic_node *n, struct ic_value *part,
                                const struct ic_value *grid)
{
    struct ic_value like = *n->outputs[0];
    like.dims[like.rank - 1] = part->dims[part->rank - 1];
    const struct ic_node *t = twin(o, i, n, &part, 1, &like, grid);
    return t ? t->outputs[0] : NULL;
}

static enum ic_status mean_of_parts(struct own *o, int32_t *i, const struct ic_node *n, const struct parted *p,
                                    const struct ic_value *grid, struct ic_value **out)
{
    struct ic_value *parts[64];
    for (int32_t k = 0; k < p->join->n_inputs; k++) {
        struct ic_value *part = codes_of(o, p->join->inputs[k]);
        for (int32_t pool = p->n_pools; pool-- > 0 && part;)
            part = of_part(o, i, p->pools[pool], part, part);
        parts[k] = part ? of_part(o, i, n, part, grid) : NULL;
        if (!parts[k])
            return ic_opt_no_memory(o->g, o->d);
    }
    struct ic_node *t = twin(o, i, p->join, parts, p->join->n_inputs, n->outputs[0], grid);
    if (!t)
        return ic_opt_no_memory(o->g, o->d);
    t->attrs[IC_CONCAT_AXIS].i = n->outputs[0]->rank - 1;
    *out = t->outputs[0];
    return IC_OK;
}

/* ---- the others ---- */
/* Operators with integer arithmetic of their own, and functions of one operand, which are tables. */
static enum ic_status compute(struct own *o, int32_t *i, const struct ic_node *n, const struct ic_value *grid,
                              struct ic_value **out)
{
    struct ic_value *inputs[64];
    const enum ic_quant_rule rule = ic_op_def(n->op)->quant;
    const bool join = n->op == IC_OP_CONCAT;
    if ((rule != IC_QUANT_REQUANT && rule != IC_QUANT_LUT && !join) || n->n_inputs > 64 || n->n_outputs != 1 ||
        !ends_in_integers(n))
        return IC_OK;
    struct parted parted;
    if (!codes_of(o, n->inputs[0]) && is_parted(o, n, &parted))
        return mean_of_parts(o, i, n, &parted, grid, out);
    for (int32_t k = 0; k < n->n_inputs; k++)
        if (!codes_of(o, n->inputs[k]))
            return IC_OK;
    for (int32_t k = 0; k < n->n_inputs; k++) {
        inputs[k] = codes_of(o, n->inputs[k]);
        if (join && !(inputs[k] = regrid(o, i, inputs[k], grid, n)))
            return ic_opt_no_memory(o->g, o->d);
    }
    const struct ic_node *t = twin(o, i, n, inputs, n->n_inputs, n->outputs[0], grid);
    *out = t ? t->outputs[0] : NULL;
    return t ? IC_OK : ic_opt_no_memory(o->g, o->d);
}

static bool moved_for_one(const struct ic_value *x)
{
    const struct ic_node *n = x->producer;
    return n && moves(n) && n->n_inputs == 1 && ic_value_n_readers(x) == 1;
}

static enum ic_status make_codes(struct own *o, int32_t *i, const struct ic_value *x, const struct ic_value *grid,
                                 const struct ic_node *q, struct ic_value **out);

/* Codes of what is only moved: the codes of what it was before, moved. Rounding keeps the order, so the largest of a window is the same either way. */
static enum ic_status quantize_before(struct own *o, int32_t *i, const struct ic_value *x, const struct ic_value *grid,
                                      const struct ic_node *q, struct ic_value **out)
{
    const struct ic_node *chain[16];
    int n = 0;
    for (; n < 16 && moved_for_one(x); x = x->producer->inputs[0])
        chain[n++] = x->producer;
    IC_TRY(make_codes(o, i, x, grid, q, out));
    if (!*out) {
        struct ic_value *from = chain[n - 1]->inputs[0];
        struct ic_node *first = ic_opt_insert(o->g, i, IC_OP_QUANTIZE, &from, 1, q, "");
        *out = first ? ic_graph_value(o->g, q->outputs[0]->name, IC_U8, x->rank, x->dims) : NULL;
        if (!*out)
            return ic_opt_no_memory(o->g, o->d);
        (*out)->layout = x->layout;
        (*out)->quant = grid->quant;
        ic_node_set_result(first, *out);
    }
    while (n--) {
        const struct ic_node *t = twin(o, i, chain[n], out, 1, chain[n]->outputs[0], grid);
        if (!t)
            return ic_opt_no_memory(o->g, o->d);
        *out = t->outputs[0];
    }
    return IC_OK;
}

/* Codes of x on that grid, made from codes; *out stays NULL: x is computed in float. */
static enum ic_status make_codes(struct own *o, int32_t *i, const struct ic_value *x, const struct ic_value *grid,
                                 const struct ic_node *q, struct ic_value **out)
{
    const struct ic_node *n = x->producer;
    struct ic_value *known = codes_of(o, x);
    if (known) {
        *out = regrid(o, i, known, grid, q);
        return *out ? IC_OK : ic_opt_no_memory(o->g, o->d);
    }
    if (!n)
        return IC_OK;
    if (ic_op_def(n->op)->quant == IC_QUANT_CONTRACT)
        return contract(o, i, n, grid, out);
    return moved_for_one(x) ? quantize_before(o, i, x, grid, q, out) : compute(o, i, n, grid, out);
}

/* A Quantize node: the codes of its result, made from codes. */
static enum ic_status quantize(struct own *o, int32_t *i)
{
    const struct ic_node *q = o->g->nodes[*i];
    struct ic_value *made = NULL;
    IC_TRY(make_codes(o, i, q->inputs[0], q->outputs[0], q, &made));
    if (made && !ic_value_is_output(q->outputs[0])) {
        ic_graph_replace(o->g, q->outputs[0], made);
        o->replaced = true;
    }
    return IC_OK;
}

/* ---- what is said ---- */
static bool is_arithmetic(const struct ic_node *n)
{
    const struct ic_op_def *def = ic_op_def(n->op);
    return n->op != IC_OP_QUANTIZE && n->op != IC_OP_DEQUANTIZE && !def->moves_only && def->quant != IC_QUANT_KEEP &&
           n->outputs[0]->dtype == IC_F32;
}

static void say_islands(const struct own *o)
{
    char list[400];
    size_t at = 0;
    int n_codes = 0, n_float = 0;
    list[0] = 0;
    for (int32_t i = 0; i < o->g->n_nodes; i++) {
        const struct ic_node *n = o->g->nodes[i];
        n_codes += n->outputs[0]->dtype == IC_U8 && n->outputs[0]->quant.n_scales > 0;
        if (!is_arithmetic(n))
            continue;
        if (n_float++ < 5 && at < sizeof list - 100)
            at += (size_t)snprintf(list + at, sizeof list - at, "%s%.60s (%s)", at ? ", " : "", n->name, ic_op_def(n->op)->name);
    }
    if (n_float && n_codes)
        ic_say(o->d, 'W', "%d layer%s of this quantized network stay%s in float: %s%s", n_float, n_float == 1 ? "" : "s",
               n_float == 1 ? "s" : "", list, n_float > 5 ? " ..." : "");
}

static void forget_scales(struct ic_graph *g)
{
    for (int32_t i = 0; i < g->n_values; i++)
        if (g->values[i]->dtype == IC_F32)
            g->values[i]->quant = (struct ic_quant){0};
}

enum ic_status ic_pass_own_codes(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    struct own o = {.g = g, .n_values = g->n_values, .d = d};
    bool any = false;
    for (int32_t i = 0; i < g->n_nodes; i++)
        any = any || g->nodes[i]->op == IC_OP_QUANTIZE;
    if (!any) {
        forget_scales(g);
        return IC_OK;
    }
    o.codes = ic_calloc((size_t)g->n_values + 1, sizeof *o.codes);
    if (!o.codes)
        return ic_opt_no_memory(g, d);
    enum ic_status s = IC_OK;
    for (int32_t i = 0; i < g->n_nodes && s == IC_OK; i++) {
        const struct ic_node *n = g->nodes[i];
        if (n->op == IC_OP_DEQUANTIZE && n->outputs[0]->id < o.n_values)
            o.codes[n->outputs[0]->id] = n->inputs[0];
        else if (n->op == IC_OP_QUANTIZE)
            s = quantize(&o, &i);
        else if (n->outputs[0]->id < o.n_values)
            s = move_codes(&o, &i);
    }
    ic_free(o.codes);
    if (s != IC_OK)
        return s;
    ic_graph_compact(g);
    say_islands(&o);
    forget_scales(g);
    *changed = o.replaced;
    return IC_OK;
}
