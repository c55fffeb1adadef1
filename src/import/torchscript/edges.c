/* SPDX-License-Identifier: Apache-2.0
 *
 * The edges of a network: inputs made from what the user gives, results taken as outputs.
 */
#include "import/torchscript/edges.h"

#include "import/torchscript/names.h"
#include "import/torchscript/report.h"
#include "ir/op_def.h"

#include <string.h>

/* ---- inputs ---- */
const struct ic_import_input *ic_ts_find_input(const struct ic_import_options *o, const struct ic_import_signature *s, int32_t i)
{
    for (int32_t k = 0; k < o->n_inputs; ++k)
        if (o->inputs[k].name && strcmp(o->inputs[k].name, s->names[i]) == 0)
            return o->inputs[k].rank >= 0 ? &o->inputs[k] : NULL;
    for (int32_t k = 0; k < o->n_inputs; ++k) { /* the drop-in shows x as x.1 */
        const size_t n = strlen(s->names[i]);
        if (o->inputs[k].name && strncmp(o->inputs[k].name, s->names[i], n) == 0 && strcmp(o->inputs[k].name + n, ".1") == 0)
            return o->inputs[k].rank >= 0 ? &o->inputs[k] : NULL;
    }
    const bool by_position = i < o->n_inputs && (!o->inputs[i].name || !o->inputs[i].name[0]);
    return by_position && o->inputs[i].rank >= 0 ? &o->inputs[i] : NULL;
}

enum ic_status ic_ts_check_input_names(struct ic_ts *ts, const struct ic_import_options *o, const struct ic_import_signature *s)
{
    for (int32_t k = 0; k < o->n_inputs; ++k) {
        const char *name = o->inputs[k].name;
        bool known = !name || !name[0];
        for (int32_t i = 0; i < s->n_inputs && !known; ++i) {
            const size_t n = strlen(s->names[i]);
            known = strcmp(name, s->names[i]) == 0 || (strncmp(name, s->names[i], n) == 0 && strcmp(name + n, ".1") == 0);
        }
        if (!known || k >= s->n_inputs)
            return ic_fail(ts->d, IC_E_NAME_UNKNOWN, "the network has no input %s%s%s: it has %d (the first is \"%s\")",
                           known ? "number " : "\"", known ? ic_arena_printf(&ts->arena, "%d", k + 1) : name, known ? "" : "\"",
                           s->n_inputs, s->n_inputs ? s->names[0] : "");
    }
    return IC_OK;
}

static int32_t torch_type(enum ic_dtype t)
{
    switch (t) {
    case IC_U8:
        return IC_TS_U8;
    case IC_S8:
        return IC_TS_S8;
    case IC_S16:
        return IC_TS_S16;
    case IC_S32:
        return IC_TS_S32;
    case IC_S64:
        return IC_TS_S64;
    case IC_F16:
        return IC_TS_F16;
    case IC_F64:
        return IC_TS_F64;
    case IC_BOOL:
        return IC_TS_BOOL;
    default:
        return IC_TS_F32;
    }
}

enum ic_status ic_ts_make_input(struct ic_ts *ts, const struct ic_import_input *in, const char *name, bool batch1,
                                struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = NULL;
    int32_t dims[IC_IR_MAX_RANK] = {1}, rank = in->rank;
    const int32_t extra = batch1 && rank == 1 ? 1 : 0, parts = in->complex ? 1 : 0;
    if (rank + extra + parts > IC_IR_MAX_RANK)
        return ic_fail(ts->d, IC_E_SHAPE_WRONG, "input \"%s\" has rank %d; at most %d is supported", name, rank,
                       IC_IR_MAX_RANK - parts);
    for (int32_t i = 0; i < rank; ++i) {
        if (in->dims[i] < 1)
            return ic_fail(ts->d, IC_E_SHAPE_WRONG, "input \"%s\" has size %d on axis %d; sizes are at least 1", name, in->dims[i],
                           i);
        dims[i + extra] = in->dims[i];
    }
    rank += extra;
    if (parts)
        dims[rank++] = 2;
    struct ic_value *v = ic_graph_value(ts->graph, name, ic_ts_chip_dtype(torch_type(in->dtype)), rank, dims);
    if (!v || ic_graph_add_input(ts->graph, v, rank == 4 && !parts ? 1 : 0) != IC_OK)
        return ic_ts_no_memory(ts);
    int64_t wide[IC_IR_MAX_RANK];
    for (int32_t i = 0; i < rank; ++i)
        wide[i] = dims[i];
    IC_TRY(ic_ts_tensor_new(ts, torch_type(in->dtype), rank, wide, &t));
    t->now.value = v;
    struct ic_graph_input *io = &ts->graph->inputs[ts->graph->n_inputs - 1];
    io->user_dtype = in->dtype == IC_DTYPE_NONE ? IC_F32 : in->dtype;
    io->face_name = ic_ts_input_face(ts, name, ts->graph->n_inputs - 1);
    io->complex = in->complex;
    *out = in->complex ? ic_ts_complex(t) : ic_ts_of(t);
    return io->face_name ? IC_OK : ic_ts_no_memory(ts);
}

/* ---- outputs ---- */
static bool is_output(const struct ic_graph *g, const struct ic_value *v)
{
    for (int32_t i = 0; i < g->n_outputs; i++)
        if (g->outputs[i].value == v)
            return true;
    return false;
}

enum ic_status ic_ts_take_output(struct ic_ts *ts, struct ic_ts_value *v, uint32_t depth)
{
    struct ic_value *value = NULL;
    switch (v->kind) {
    case IC_TS_V_COMPLEX: /* its two parts on a last axis */
    case IC_TS_V_TENSOR:
        IC_TRY(ic_ts_refresh(ts, v->u.t));
        if (v->u.t->chosen_by)
            return ic_ts_fail(ts, IC_E_OPERATORS, "a result of the network is x[mask] (aten::index) " IC_TS_MASKED);
        value = v->u.t->now.value;
        if (ic_ts_is_known(v->u.t)) {
            const struct ic_ts_value known = ic_ts_of(v->u.t);
            IC_TRY(ic_ts_typed_value(ts, &known, v->u.t->dtype, &value));
        }
        const enum ic_dtype wanted = ic_ts_chip_dtype(v->u.t->dtype);
        if (value->producer && value->dtype != wanted) { /* computed in another type than the result has in PyTorch */
            struct ic_node *n = ic_graph_node(ts->graph, IC_OP_CAST, &value, 1, "output.cast");
            if (!n)
                return ic_ts_no_memory(ts);
            ic_ts_set_int_attr(n, IC_CAST_DTYPE, wanted);
            IC_TRY(ic_graph_infer(ts->graph, n, ts->d));
            value = n->outputs[0];
        }
        const bool again = is_output(ts->graph, value);
        if (!value->producer || again ||
            ic_graph_is_late(value->producer)) { /* an input or a constant handed through, or given twice:
                                                                                an output of its own, by its own name */
            struct ic_node *n = ic_graph_node(ts->graph, IC_OP_IDENTITY, &value, 1, again && value->name ? value->name : "output");
            if (!n)
                return ic_ts_no_memory(ts);
            IC_TRY(ic_graph_infer(ts->graph, n, ts->d));
            value = n->outputs[0];
        }
        if (ic_graph_add_output(ts->graph, value, value->rank == 4 && v->kind != IC_TS_V_COMPLEX ? 1 : 0) != IC_OK)
            return ic_ts_no_memory(ts);
        struct ic_graph_input *io = &ts->graph->outputs[ts->graph->n_outputs - 1];
        io->face_name = ic_ts_output_face(ts, v->u.t, ts->graph->n_outputs - 1);
        return io->face_name ? IC_OK : ic_ts_no_memory(ts);
    case IC_TS_V_LIST:
    case IC_TS_V_TUPLE:
    case IC_TS_V_DICT:
        if (depth > ts->limits.max_depth)
            return ic_fail(ts->d, IC_E_NESTING, "the network's result is nested more than %u deep", ts->limits.max_depth);
        for (int32_t i = v->kind == IC_TS_V_DICT ? 1 : 0; i < v->u.seq->n; i += v->kind == IC_TS_V_DICT ? 2 : 1)
            IC_TRY(ic_ts_take_output(ts, &v->u.seq->items[i], depth + 1));
        return IC_OK;
    case IC_TS_V_UNKNOWN:
        return ic_fail(ts->d, IC_E_RESULT,
                       "a result of the network is the position of a maximum (or another value that no operator here gives); leave "
                       "it out of the exported model");
    default:
        return IC_OK; /* numbers and texts are no outputs of a network */
    }
}

enum ic_status ic_ts_write_provenance(struct ic_ts *ts, const char *name, const char *format, const char *version)
{
    struct ic_writer *w = &ts->graph->provenance;
    ic_write_text(w, "{\"model\": \"");
    for (const char *p = name; *p; ++p)
        if ((unsigned char)*p < 32 || *p == '"' || *p == '\\')
            ic_write_text(w, "\\u%04x", (unsigned)(unsigned char)*p);
        else
            ic_write_u8(w, (uint8_t)*p);
    ic_write_text(w, "\", \"format\": \"%s\", \"version\": \"%s\"}", format, version);
    return w->failed ? ic_ts_no_memory(ts) : IC_OK;
}

enum ic_status ic_ts_check_edges(const struct ic_ts *ts)
{
    if (ts->graph->n_outputs == 0)
        return ic_fail(ts->d, IC_E_NO_RESULT, "the network gives no tensor");
    if (ts->graph->n_inputs == 0)
        return ic_fail(ts->d, IC_E_GRAPH, "the network takes no tensor: everything in it is constant, and there is nothing to run");
    return IC_OK;
}
