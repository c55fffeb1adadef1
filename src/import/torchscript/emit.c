/* SPDX-License-Identifier: Apache-2.0
 *
 * Nodes: attributes by name, names and origins, layouts.
 */
#include "import/torchscript/aten.h"
#include "import/torchscript/composed.h"
#include "import/torchscript/names.h"

#include "ir/op_def.h"

#include <stdio.h>
#include <math.h>
#include <string.h>

static enum ic_status fill_origin(struct ic_ts *ts, struct ic_origin *out)
{
    char room[80];
    const struct ic_ts_frame *f = ic_ts_place(ts);
    out->module_path = ic_arena_text(&ts->graph->arena, f->path, strlen(f->path));
    out->file = ic_arena_text(&ts->graph->arena, f->def->file->path, strlen(f->def->file->path));
    out->line = f->line;
    out->source_op = ic_arena_printf(&ts->graph->arena, "aten::%s", ic_ts_op_name(ts, room, sizeof room));
    return out->module_path && out->file && out->source_op ? IC_OK : ic_ts_no_memory(ts);
}

enum ic_status ic_ts_node(struct ic_ts *ts, enum ic_op op, struct ic_value *const *inputs, int32_t n_inputs, const char *suffix,
                          struct ic_node **out)
{
    if ((uint32_t)ts->graph->n_nodes >= ts->limits.max_nodes)
        return ic_ts_fail(ts, IC_E_UNROLLED, "the model has more than %u operations once its loops are unrolled",
                          ts->limits.max_nodes);
    const char *name = ic_ts_node_name(ts, suffix);
    struct ic_node *n = name ? ic_graph_node(ts->graph, op, inputs, n_inputs, name) : NULL;
    if (!n)
        return ic_ts_no_memory(ts);
    *out = n;
    return fill_origin(ts, &n->origin);
}

enum ic_status ic_ts_note_dropped(struct ic_ts *ts, const struct ic_value *v)
{
    struct ic_origin origin;
    IC_TRY(fill_origin(ts, &origin));
    return ic_graph_note_dropped(ts->graph, v, &origin) ? IC_OK : ic_ts_no_memory(ts);
}

void ic_ts_set_int_attr(struct ic_node *n, int attr, int64_t v)
{
    n->attrs[attr].i = v;
}

void ic_ts_set_float_attr(struct ic_node *n, int attr, double v)
{
    n->attrs[attr].f = v;
}

void ic_ts_set_ints_attr(struct ic_node *n, int attr, int32_t count, const int64_t *v)
{
    n->attrs[attr].n_ints = count;
    for (int32_t i = 0; i < count && i < IC_MAX_ATTR_INTS; ++i)
        n->attrs[attr].ints[i] = v[i];
}

/* Everything it reads is constant, and the result is not much larger than that. */
static bool folds(const struct ic_ts *ts, const struct ic_node *n)
{
    size_t bytes = 0;
    if (!ts->evaluate || ts->probing || !ic_op_def(n->op)->lower || ic_value_elements(n->outputs[0]) > INT32_MAX)
        return false;
    for (int32_t i = 0; i < n->n_inputs; i++) {
        if (n->inputs[i] && !n->inputs[i]->data)
            return false;
        bytes += n->inputs[i] ? ic_value_bytes(n->inputs[i]) : 0;
    }
    const size_t made = ic_value_bytes(n->outputs[0]);
    return made > 0 && (made <= ((size_t)1 << 24) || made <= bytes);
}

/* What a sum, product ... of no numbers is. */
static double of_nothing(enum ic_op op, enum ic_dtype dtype)
{
    const bool least = op == IC_OP_REDUCE_MIN;
    switch (op) {
    case IC_OP_REDUCE_PROD:
        return 1;
    case IC_OP_REDUCE_MEAN:
        return NAN;
    case IC_OP_REDUCE_MAX:
    case IC_OP_REDUCE_MIN:
        return dtype == IC_F32 ? (least ? 1 : -1) * (double)INFINITY : least;
    default:
        return 0;
    }
}

/* A reduction along an axis without elements is a constant, and no node. *out stays NULL: n is none. */
static enum ic_status reduce_nothing(struct ic_ts *ts, const struct ic_node *n, struct ic_value **out)
{
    const bool reduces = n->op == IC_OP_REDUCE_SUM || n->op == IC_OP_REDUCE_PROD || n->op == IC_OP_REDUCE_MEAN ||
                         n->op == IC_OP_REDUCE_MAX || n->op == IC_OP_REDUCE_MIN;
    const struct ic_value *x = reduces ? n->inputs[0] : NULL;
    int32_t dims[IC_IR_MAX_RANK], rank = 0;
    if (!x || ic_value_elements(x) != 0)
        return IC_OK;
    for (int32_t axis = 0; axis < x->rank; axis++) {
        bool given = n->attrs[IC_REDUCE_AXES].n_ints == 0;
        for (int32_t i = 0; i < n->attrs[IC_REDUCE_AXES].n_ints; i++)
            given = given || n->attrs[IC_REDUCE_AXES].ints[i] == axis || n->attrs[IC_REDUCE_AXES].ints[i] == axis - x->rank;
        if (!given || n->attrs[IC_REDUCE_KEEP].i)
            dims[rank++] = given ? 1 : x->dims[axis];
    }
    int64_t made = 1;
    for (int32_t i = 0; i < rank; i++)
        made *= dims[i];
    uint8_t *data = ic_arena_array(&ts->arena, (size_t)made + 1, 8);
    if (!data)
        return ic_ts_no_memory(ts);
    for (int64_t i = 0; i < made; i++)
        if (x->dtype == IC_F32)
            ((float *)(void *)data)[i] = (float)of_nothing(n->op, x->dtype);
        else
            ic_int_store(x->dtype, data, i, (int64_t)of_nothing(n->op, x->dtype));
    *out = ic_graph_const(ts->graph, "nothing", x->dtype, rank, dims, data);
    ts->graph->n_nodes--; /* n stands last, and nobody reads it */
    return *out ? IC_OK : ic_ts_no_memory(ts);
}

/* A product of matrices over an axis without elements: zeros, or the bias; or one that has no elements itself. */
static bool adds_nothing(const struct ic_node *n)
{
    return (n->op == IC_OP_MATMUL || n->op == IC_OP_LINEAR) &&
           (ic_value_elements(n->inputs[0]) == 0 || ic_value_elements(n->outputs[0]) == 0) && n->outputs[0]->dtype == IC_F32 &&
           (n->n_inputs < 3 || n->inputs[2]->data);
}

static enum ic_status sum_of_nothing(struct ic_ts *ts, const struct ic_node *n, struct ic_value **out)
{
    const struct ic_value *y = n->outputs[0], *bias = n->n_inputs > 2 ? n->inputs[2] : NULL;
    const int64_t made = ic_value_elements(y), wide = bias ? ic_value_elements(bias) : 1;
    float *data = ic_arena_array(&ts->arena, (size_t)made + 1, sizeof *data);
    if (!data)
        return ic_ts_no_memory(ts);
    for (int64_t i = 0; i < made; i++)
        data[i] = bias ? ((const float *)bias->data)[i % wide] : 0.0f;
    *out = ic_graph_const(ts->graph, "nothing", IC_F32, y->rank, y->dims, data);
    ts->graph->n_nodes--;
    return *out ? IC_OK : ic_ts_no_memory(ts);
}

enum ic_status ic_ts_finish(struct ic_ts *ts, struct ic_node *n, struct ic_value **out)
{
    *out = NULL;
    IC_TRY(reduce_nothing(ts, n, out));
    if (*out)
        return IC_OK;
    struct ic_diag inner = {.log = ts->d ? ts->d->log : NULL};
    const enum ic_status s = ic_graph_infer(ts->graph, n, &inner);
    if (s != IC_OK)
        return ic_ts_fail(ts, inner.code, "%s", inner.text);
    *out = n->outputs[0];
    if (adds_nothing(n))
        return sum_of_nothing(ts, n, out);
    if (!folds(ts, n))
        return IC_OK;
    inner = (struct ic_diag){.log = ts->d ? ts->d->log : NULL};
    const enum ic_status status = ts->evaluate(ts->graph, n, out, &inner);
    if (status != IC_OK)
        return ic_ts_fail(ts, inner.code, "%s", inner.text);
    ts->graph->n_nodes--; /* n stands last, and nobody reads it */
    return IC_OK;
}

/* The result of a folded node is known: its elements as torch's type has them. */
static enum ic_status take_known(struct ic_ts *ts, struct ic_value *v, struct ic_ts_tensor *t)
{
    const bool same = v->dtype == ic_ts_chip_dtype(t->dtype) && (!ic_ts_is_float(t->dtype) || t->dtype == IC_TS_F32);
    const int64_t n = ic_ts_elements(t);
    t->now.data = v->data;
    if (v->dtype == IC_F32)
        t->now.value = v;
    if (same)
        return IC_OK;
    void *to = ic_arena_array(&ts->arena, n ? (size_t)n : 1, ic_ts_dtype_bytes(t->dtype));
    if (!to)
        return ic_ts_no_memory(ts);
    for (int64_t i = 0; i < n; ++i)
        if (v->dtype == IC_F32)
            ic_ts_set_number(t->dtype, to, i, (double)((const float *)v->data)[i]);
        else
            ic_ts_set_int(t->dtype, to, i, ic_int_load(v->dtype, v->data, i));
    t->now.data = to;
    return IC_OK;
}

enum ic_status ic_ts_wrap(struct ic_ts *ts, struct ic_value *v, int32_t dtype, struct ic_ts_tensor **out)
{
    int64_t dims[IC_IR_MAX_RANK] = {0};
    for (int32_t i = 0; i < v->rank; ++i)
        dims[i] = v->dims[i];
    IC_TRY(ic_ts_tensor_new(ts, dtype, v->rank, dims, out));
    if (v->data)
        return take_known(ts, v, *out);
    (*out)->now.value = v;
    (*out)->face = ic_ts_note_layer(ts);
    return IC_OK;
}

enum ic_status ic_ts_emit_transpose(struct ic_ts *ts, struct ic_value *x, const int64_t *perm, const char *suffix,
                                    struct ic_value **out)
{
    struct ic_node *n = NULL;
    IC_TRY(ic_ts_node(ts, IC_OP_TRANSPOSE, &x, 1, suffix, &n));
    ic_ts_set_ints_attr(n, IC_TRANSPOSE_PERM, x->rank, perm);
    return ic_ts_finish(ts, n, out);
}

enum ic_status ic_ts_emit_reshape(struct ic_ts *ts, struct ic_value *x, int32_t rank, const int64_t *dims, const char *suffix,
                                  struct ic_value **out)
{
    struct ic_node *n = NULL;
    IC_TRY(ic_ts_node(ts, IC_OP_RESHAPE, &x, 1, suffix, &n));
    ic_ts_set_ints_attr(n, IC_RESHAPE_SHAPE, rank, dims);
    return ic_ts_finish(ts, n, out);
}

enum ic_status ic_ts_emit_map(struct ic_ts *ts, struct ic_value *x, enum ic_map_fn fn, double a, double b, struct ic_value **out)
{
    struct ic_node *n = NULL;
    IC_TRY(ic_ts_node(ts, IC_OP_MAP, &x, 1, "", &n));
    ic_ts_set_int_attr(n, IC_MAP_ATTR_FN, (int64_t)fn);
    ic_ts_set_float_attr(n, IC_MAP_ATTR_A, a);
    ic_ts_set_float_attr(n, IC_MAP_ATTR_B, b);
    return ic_ts_finish(ts, n, out);
}

enum ic_status ic_ts_emit_const(struct ic_ts *ts, float v, struct ic_value **out)
{
    *out = ic_graph_const(ts->graph, "constant", IC_F32, 0, NULL, &v);
    return *out ? IC_OK : ic_ts_no_memory(ts);
}
