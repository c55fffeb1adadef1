/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold of a graph at each stage. Pointers inside a graph are ours; what is checked is what importers, passes and the decoder
 * of untrusted files may get wrong.
 */
#include "ir/op_def.h"
#include "ir/verify_types.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const stage_names[IC_STAGE_COUNT] = {"imported", "optimized", "quantized"};

static bool same_type(const struct ic_value *a, const struct ic_value *b)
{
    return a->rank == b->rank && memcmp(a->dims, b->dims, (size_t)a->rank * sizeof *a->dims) == 0;
}

static enum ic_status check_value(const struct ic_value *v, struct ic_diag *d)
{
    if (v->dtype <= IC_DTYPE_NONE || v->dtype >= IC_DTYPE_COUNT)
        return ic_fail(d, IC_E_GRAPH, "value %s: unknown element type %d", v->name, (int)v->dtype);
    if (v->rank < 0 || v->rank > IC_IR_MAX_RANK)
        return ic_fail(d, IC_E_GRAPH, "value %s: rank %d; 0 to %d is possible", v->name, (int)v->rank, IC_IR_MAX_RANK);
    for (int32_t i = 0; i < v->rank; i++)
        if (v->dims[i] < 0)
            return ic_fail(d, IC_E_GRAPH, "value %s: dimension %d is %d", v->name, (int)i, (int)v->dims[i]);
    if (ic_value_elements(v) > INT32_MAX || v->layout > IC_VALUE_NHWC || v->round > 1)
        return ic_fail(d, IC_E_GRAPH, "value %s: more than 2^31 elements, or layout %u or rounding %u is unknown", v->name,
                       v->layout, v->round);
    if (v->quant.n_scales < 0 ||
        (v->quant.n_scales > 1 && (v->quant.axis < 0 || v->quant.axis >= v->rank || v->quant.n_scales != v->dims[v->quant.axis])))
        return ic_fail(d, IC_E_GRAPH, "value %s: %d scales along axis %d do not fit its shape", v->name, (int)v->quant.n_scales,
                       (int)v->quant.axis);
    for (int32_t i = 0; i < v->quant.n_scales; i++)
        if (!(v->quant.scales[i] > 0.0f) || !isfinite(v->quant.scales[i]))
            return ic_fail(d, IC_E_GRAPH, "value %s: scale %d is %g; positive and finite is wanted", v->name, (int)i,
                           (double)v->quant.scales[i]);
    if (v->quant.n_scales == 1 && !v->data && (v->quant.scales[0] > 0x1p126f || v->quant.scales[0] < 0x1p-126f))
        return ic_fail(d, IC_E_QUANTIZE, "value %s: its quantization has scale %g; 2^-126 to 2^126 can be computed with", v->name,
                       (double)v->quant.scales[0]);
    return IC_OK;
}

static enum ic_status check_node(const struct ic_node *n, enum ic_stage stage, const bool *made, struct ic_diag *d)
{
    const struct ic_op_def *def = ic_op_def(n->op);
    if (!(def->stages & (1u << stage)))
        return ic_fail(d, IC_ERR_INTERNAL, "%s %s must not exist in an %s graph", def->name, n->name, stage_names[stage]);
    if (n->n_inputs < def->min_inputs || (def->max_inputs >= 0 && n->n_inputs > def->max_inputs) || n->n_outputs != def->n_outputs)
        return ic_fail(d, IC_E_GRAPH, "%s %s has %d input%s and %d output%s", def->name, n->name, (int)n->n_inputs,
                       IC_S(n->n_inputs), (int)n->n_outputs, IC_S(n->n_outputs));
    for (int32_t i = 0; i < n->n_inputs; i++) {
        if (!n->inputs[i] && i < def->min_inputs)
            return ic_fail(d, IC_E_GRAPH, "%s %s: input %d is missing", def->name, n->name, (int)i);
        if (n->inputs[i] && !made[n->inputs[i]->id])
            return ic_fail(d, IC_E_GRAPH, "%s %s reads %s before it is made", def->name, n->name, n->inputs[i]->name);
    }
    if ((n->post.fn != IC_MAP_NONE || n->post.round_mid) && (!def->post_ok || n->post.fn >= IC_MAP_COUNT || n->post.round_mid > 1))
        return ic_fail(d, IC_E_GRAPH, "%s %s: a fused function %u is not allowed there", def->name, n->name, n->post.fn);
    struct ic_value again[4] = {{0}};
    IC_TRY(def->infer(n, again, d));
    for (int32_t i = 0; i < n->n_outputs; i++)
        if (!same_type(&again[i], n->outputs[i]))
            return ic_fail(d, IC_E_GRAPH, "%s %s: its result's shape does not follow from its inputs", def->name, n->name);
    return ic_ir_check_types(n, d);
}

static enum ic_status check_inputs(const struct ic_graph *g, bool *made, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_inputs; i++) {
        const struct ic_value *v = g->inputs[i].value;
        if (made[v->id] || v->producer)
            return ic_fail(d, IC_E_GRAPH, "input %d, %s, is a constant, a result or another input as well", (int)i, v->name);
        made[v->id] = true;
    }
    return IC_OK;
}

static int by_name(const void *a, const void *b)
{
    const struct ic_value *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

/* Tools find values by their names; constants are not looked for. */
static enum ic_status check_names(const struct ic_graph *g, struct ic_diag *d)
{
    const struct ic_value **sorted = ic_malloc(((size_t)g->n_values + 1) * sizeof *sorted);
    size_t n = 0;
    enum ic_status status = IC_OK;
    if (!sorted)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to check the graph of %s", g->name);
    for (int32_t i = 0; i < g->n_values; i++)
        if (!g->values[i]->data)
            sorted[n++] = g->values[i];
    qsort(sorted, n, sizeof *sorted, by_name);
    for (size_t i = 1; i < n && status == IC_OK; i++)
        if (strcmp(sorted[i]->name, sorted[i - 1]->name) == 0)
            status = ic_fail(d, IC_E_GRAPH, "two values are named %s", sorted[i]->name);
    ic_free(sorted);
    return status;
}

static enum ic_status check_order(const struct ic_graph *g, enum ic_stage stage, bool *made, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_values; i++) {
        if (g->values[i]->id != i)
            return ic_fail(d, IC_ERR_INTERNAL, "value %s has number %d at place %d", g->values[i]->name, (int)g->values[i]->id,
                           (int)i);
        IC_TRY(check_value(g->values[i], d));
        made[i] = g->values[i]->data != NULL;
    }
    IC_TRY(check_inputs(g, made, d));
    if (stage > IC_STAGE_IMPORTED)
        IC_TRY(check_names(g, d));
    for (int32_t i = 0; i < g->n_nodes; i++) {
        IC_TRY(check_node(g->nodes[i], stage, made, d));
        for (int32_t k = 0; k < g->nodes[i]->n_outputs; k++) {
            const struct ic_value *v = g->nodes[i]->outputs[k];
            if (made[v->id])
                return ic_fail(d, IC_E_GRAPH, "value %s is made twice", v->name);
            if (v->producer != g->nodes[i])
                return ic_fail(d, IC_ERR_INTERNAL, "value %s names another producer", v->name);
            made[v->id] = true;
        }
    }
    for (int32_t i = 0; i < g->n_outputs; i++)
        if (!made[g->outputs[i].value->id])
            return ic_fail(d, IC_E_GRAPH, "output %s is never made", g->outputs[i].value->name);
    return IC_OK;
}

/* That nobody changed an operand behind its value's back. */
static enum ic_status check_readers(const struct ic_graph *g, struct ic_diag *d)
{
    int32_t *n_readers = ic_calloc((size_t)g->n_values + 1, sizeof *n_readers);
    if (!n_readers)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to check the graph of %s", g->name);
    for (int32_t i = 0; i < g->n_nodes; i++)
        for (int32_t k = 0; k < g->nodes[i]->n_inputs; k++)
            if (g->nodes[i]->inputs[k])
                n_readers[g->nodes[i]->inputs[k]->id]++;
    for (int32_t i = 0; i < g->n_outputs; i++)
        n_readers[g->outputs[i].value->id]++;
    enum ic_status status = IC_OK;
    for (int32_t i = 0; i < g->n_values && status == IC_OK; i++)
        if (n_readers[i] != ic_value_n_readers(g->values[i]))
            status = ic_fail(d, IC_ERR_INTERNAL, "value %s is read %d times and counts %d", g->values[i]->name, (int)n_readers[i],
                             (int)ic_value_n_readers(g->values[i]));
    ic_free(n_readers);
    return status;
}

enum ic_status ic_ir_verify(const struct ic_graph *g, enum ic_stage stage, struct ic_diag *d)
{
    if (g->n_inputs == 0 || g->n_outputs == 0)
        return ic_fail(d, IC_E_GRAPH, "%s: a graph has at least one input and one output; this one has %d and %d", g->name,
                       (int)g->n_inputs, (int)g->n_outputs);
    bool *made = ic_calloc((size_t)g->n_values + 1, sizeof *made);
    if (!made)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to check the graph of %s", g->name);
    const enum ic_status status = check_order(g, stage, made, d);
    ic_free(made);
    return status == IC_OK ? check_readers(g, d) : status;
}
