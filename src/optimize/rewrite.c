/* SPDX-License-Identifier: Apache-2.0 */
#include "optimize/rewrite.h"

#include "arith/arith.h"

#include <string.h>

struct ic_node *ic_opt_sole_producer(const struct ic_value *v, enum ic_op op)
{
    struct ic_node *n = v->producer;
    return n && n->op == op && !ic_value_is_output(v) && ic_value_n_readers(v) == 1 ? n : NULL;
}

bool ic_opt_same_shape(const struct ic_value *a, const struct ic_value *b)
{
    return a->rank == b->rank && memcmp(a->dims, b->dims, (size_t)a->rank * sizeof *a->dims) == 0;
}

enum ic_status ic_opt_no_memory(const struct ic_graph *g, struct ic_diag *d)
{
    return ic_fail(d, IC_ERR_MEMORY, "no memory to optimize %s", g->name);
}

struct ic_node *ic_opt_insert(struct ic_graph *g, int32_t *i_before, enum ic_op op, struct ic_value *const *inputs,
                              int32_t n_inputs, const struct ic_node *like, const char *suffix)
{
    const struct ic_node *before = *i_before < g->n_nodes ? g->nodes[*i_before] : NULL;
    struct ic_node *n = ic_graph_node(g, op, inputs, n_inputs, "");
    const char *name = ic_arena_printf(&g->arena, "%s%s", like->name, suffix);
    if (!n || !name)
        return NULL;
    n->name = name;
    n->origin = like->origin;
    if (before)
        ic_graph_move_last_before(g, before);
    ++*i_before;
    return n;
}

enum ic_status ic_opt_insert_transpose(struct ic_graph *g, int32_t *i_before, struct ic_value *x, const int64_t *perm,
                                       const struct ic_node *like, struct ic_value **out, struct ic_diag *d)
{
    struct ic_node *n = ic_opt_insert(g, i_before, IC_OP_TRANSPOSE, &x, 1, like, ".order");
    if (!n)
        return ic_opt_no_memory(g, d);
    n->attrs[IC_TRANSPOSE_PERM].n_ints = x->rank;
    for (int32_t i = 0; i < x->rank; i++)
        n->attrs[IC_TRANSPOSE_PERM].ints[i] = perm[i];
    IC_TRY(ic_graph_infer(g, n, d));
    *out = n->outputs[0];
    return IC_OK;
}

enum ic_status ic_opt_insert_reshape(struct ic_graph *g, int32_t *i_before, struct ic_value *x, int32_t rank, const int32_t *dims,
                                     const struct ic_node *like, struct ic_value **out, struct ic_diag *d)
{
    struct ic_node *n = ic_opt_insert(g, i_before, IC_OP_RESHAPE, &x, 1, like, ".shape");
    if (!n)
        return ic_opt_no_memory(g, d);
    n->attrs[IC_RESHAPE_SHAPE].n_ints = rank;
    for (int32_t i = 0; i < rank; i++)
        n->attrs[IC_RESHAPE_SHAPE].ints[i] = dims[i];
    IC_TRY(ic_graph_infer(g, n, d));
    *out = n->outputs[0];
    return IC_OK;
}

enum ic_status ic_opt_insert_map(struct ic_graph *g, int32_t *i_before, struct ic_value *x, enum ic_map_fn fn, double a, double b,
                                 const struct ic_node *like, struct ic_value **out, struct ic_diag *d)
{
    struct ic_node *n = ic_opt_insert(g, i_before, IC_OP_MAP, &x, 1, like, "");
    if (!n)
        return ic_opt_no_memory(g, d);
    n->attrs[IC_MAP_ATTR_FN].i = fn;
    n->attrs[IC_MAP_ATTR_A].f = (double)(float)a;
    n->attrs[IC_MAP_ATTR_B].f = (double)(float)b;
    IC_TRY(ic_graph_infer(g, n, d));
    *out = n->outputs[0];
    return IC_OK;
}

enum ic_status ic_opt_become_map(struct ic_graph *g, struct ic_node *n, struct ic_value *x, enum ic_map_fn fn, double a, double b,
                                 struct ic_diag *d)
{
    struct ic_attr *attrs = ic_arena_array(&g->arena, (size_t)ic_op_n_attrs(IC_OP_MAP) + 1, sizeof *attrs);
    if (!attrs)
        return ic_opt_no_memory(g, d);
    attrs[IC_MAP_ATTR_FN].i = fn;
    attrs[IC_MAP_ATTR_A].f = (double)(float)a;
    attrs[IC_MAP_ATTR_B].f = (double)(float)b;
    n->op = IC_OP_MAP;
    ic_node_set_only_input(n, x);
    n->attrs = attrs;
    n->outputs[0]->layout = x->layout;
    return IC_OK;
}

enum ic_status ic_opt_become_reshape(struct ic_graph *g, struct ic_node *n, struct ic_value *x, struct ic_diag *d)
{
    const struct ic_value *y = n->outputs[0];
    struct ic_attr *attrs = ic_arena_array(&g->arena, (size_t)ic_op_n_attrs(IC_OP_RESHAPE) + 1, sizeof *attrs);
    if (!attrs)
        return ic_opt_no_memory(g, d);
    attrs[IC_RESHAPE_SHAPE].n_ints = y->rank;
    for (int32_t i = 0; i < y->rank; i++)
        attrs[IC_RESHAPE_SHAPE].ints[i] = y->dims[i];
    n->op = IC_OP_RESHAPE;
    ic_node_set_only_input(n, x);
    n->attrs = attrs;
    return IC_OK;
}

struct ic_value *ic_opt_map_operand(const struct ic_value *v, enum ic_map_fn fn)
{
    const struct ic_node *n = v->producer;
    return n && n->op == IC_OP_MAP && n->attrs[IC_MAP_ATTR_FN].i == (int64_t)fn ? n->inputs[0] : NULL;
}

bool ic_opt_number(const struct ic_value *v, double *out)
{
    if (!v || !v->data || v->dtype != IC_F32 || v->quant.n_scales || ic_value_elements(v) != 1)
        return false;
    float f = 0.0f;
    memcpy(&f, v->data, sizeof f);
    *out = (double)f;
    return true;
}

bool ic_opt_bypass(struct ic_graph *g, struct ic_value *y, struct ic_value *x)
{
    if (!ic_value_is_output(y)) {
        ic_graph_replace(g, y, x);
        return true;
    }
    struct ic_node *p = x->producer;
    if (!p || ic_value_is_output(x))
        return false;
    for (int32_t i = 0; i < p->n_outputs; i++)
        if (p->outputs[i] == x)
            p->outputs[i] = y;
    y->producer = p;
    y->layout = x->layout;
    x->producer = NULL;
    ic_graph_replace(g, x, y);
    return true;
}

enum ic_status ic_opt_take_result(struct ic_graph *g, struct ic_node *n, struct ic_node *from, struct ic_diag *d)
{
    struct ic_value *y = from->outputs[0];
    const char *name = ic_arena_printf(&g->arena, "%s + %s", n->name, from->name);
    if (!name)
        return ic_opt_no_memory(g, d);
    n->name = name;
    y->layout = n->outputs[0]->layout;
    n->outputs[0]->producer = NULL;
    ic_node_set_result(n, y);
    /* `from` is read by nobody now; a result of its own keeps the graph sound until the sweep */
    struct ic_value *unused = ic_graph_value(g, from->name, y->dtype, y->rank, y->dims);
    if (!unused)
        return ic_opt_no_memory(g, d);
    ic_node_set_result(from, unused);
    return IC_OK;
}

double *ic_opt_doubles(const struct ic_value *v)
{
    const int64_t n = ic_value_elements(v);
    double *out = ic_malloc((size_t)(n + 1) * sizeof *out);
    for (int64_t i = 0; out && i < n; i++) {
        if (v->dtype == IC_F16) {
            uint16_t h = 0;
            memcpy(&h, (const uint8_t *)v->data + i * 2, sizeof h);
            out[i] = (double)ic_f16_to_f32(h);
        } else {
            float f = 0.0f;
            memcpy(&f, (const uint8_t *)v->data + i * 4, sizeof f);
            out[i] = (double)f;
        }
    }
    return out;
}

struct ic_value *ic_opt_const(struct ic_graph *g, const char *name, const struct ic_value *like, const double *values, int32_t n)
{
    float *data = ic_arena_aligned(&g->arena, ((size_t)n + 1) * sizeof *data, 64);
    if (!data)
        return NULL;
    for (int32_t i = 0; i < n; i++)
        data[i] = (float)values[i];
    return like ? ic_graph_const_lent(g, name, IC_F32, like->rank, like->dims, data)
                : ic_graph_const_lent(g, name, IC_F32, 1, &n, data);
}

struct ic_node *ic_opt_weighted(const struct ic_value *v)
{
    struct ic_node *n = ic_opt_sole_producer(v, IC_OP_CONV);
    if (!n)
        n = ic_opt_sole_producer(v, IC_OP_LINEAR);
    if (!n || n->post.fn != IC_MAP_NONE || n->post.round_mid || n->inputs[1]->dtype != IC_F32 || !n->inputs[1]->data)
        return NULL;
    const struct ic_value *bias = n->n_inputs > 2 ? n->inputs[2] : NULL;
    return bias && (!bias->data || bias->dtype != IC_F32) ? NULL : n;
}

static enum ic_status set_bias(struct ic_graph *g, struct ic_node *n, struct ic_value *bias, struct ic_diag *d)
{
    struct ic_value *inputs[3] = {n->inputs[0], n->inputs[1], bias};
    return ic_node_set_inputs(g, n, inputs, 3) ? IC_OK : ic_opt_no_memory(g, d);
}

enum ic_status ic_opt_scale_weights(struct ic_graph *g, struct ic_node *n, const double *scale, const double *shift,
                                    struct ic_diag *d)
{
    const struct ic_value *w = n->inputs[1], *b = n->n_inputs > 2 ? n->inputs[2] : NULL;
    const int32_t oc = w->dims[0], n_w = (int32_t)ic_value_elements(w), k = oc ? n_w / oc : 0;
    double *weights = ic_opt_doubles(w), *bias = b ? ic_opt_doubles(b) : ic_calloc((size_t)oc + 1, sizeof *bias);
    struct ic_value *new_w = NULL, *new_b = NULL;
    if (weights && bias) {
        for (int32_t o = 0; o < oc; o++) {
            bias[o] = bias[o] * scale[o] + shift[o];
            for (int32_t i = 0; i < k; i++)
                weights[(size_t)o * (size_t)k + (size_t)i] *= scale[o];
        }
        new_w = ic_opt_const(g, w->name, w, weights, n_w);
        new_b = ic_opt_const(g, b ? b->name : ic_arena_printf(&g->arena, "%s.bias", n->name), NULL, bias, oc);
    }
    ic_free(weights);
    ic_free(bias);
    if (!new_w || !new_b)
        return ic_opt_no_memory(g, d);
    ic_node_set_input(n, 1, new_w);
    return set_bias(g, n, new_b, d);
}
