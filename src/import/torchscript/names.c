/* SPDX-License-Identifier: Apache-2.0
 *
 * Names.
 *
 * Nodes. A module of torch.nn is a layer of its own: its node has the module's path ("layer1.0.conv1"). An operator in the code of another
 * module has that module's path and its own name ("layer1.0.relu", at the top "flatten"). A second node of a name gets "_1", "_2" ...
 *
 * The drop-in API. The reference converter shows "x.1_0" and "linear_at_6_1_out0_2" for the smallest model (one linear layer traced), that is
 *
 *     input:   <argument>.1_<layer>                                       ("x" is renamed "x.1" when the program is made flat)
 *     output:  <operator>_at_<value>_<layer>_out<port>_<layer of output>
 *
 * where layers are numbered from 0 over the inputs, then the operators in order, then the outputs, and <value> is the number of the value in
 * the flattened program. Rule used here for <value>: self is 0, the arguments follow; then all values that the root function's own text makes
 * (attribute reads, literals, lists, calls, each one number in the order of writing); then, for everything called from there, the values in
 * the order of evaluation, calls of methods not counted. Reads and calls inside a loop count once per turn. For the model above: 0 self,
 * 1 x, 2 self.linear, 3 the call, 4 bias, 5 weight, 6 linear. The rule depends on nothing but the archive and the input shapes.
 */
#include "import/torchscript/names.h"

#include "import/torchscript/aten.h"
#include "import/torchscript/composed.h"

#include <stdio.h>
#include <string.h>

/* ---- numbering of values ---- */
static int32_t count_expr(const struct ic_ts_expr *e)
{
    int32_t n = e->kind == IC_TS_NAME || e->kind == IC_TS_INDEX || e->kind == IC_TS_NEGATE ? 0 : 1;
    if (e->kind == IC_TS_CALL && e->base->kind == IC_TS_ATTR && e->base->base->kind != IC_TS_NAME)
        n += count_expr(e->base->base);
    else if (e->kind == IC_TS_ATTR || e->kind == IC_TS_INDEX)
        n += e->base->kind == IC_TS_NAME ? 0 : count_expr(e->base);
    for (int32_t i = 0; i < e->n_items; ++i)
        n += count_expr(e->items[i]);
    return n;
}

static int32_t count_block(const struct ic_ts_stmt *s)
{
    int32_t n = 0;
    for (; s; s = s->next)
        n += (s->value ? count_expr(s->value) : 0) + count_block(s->body) + count_block(s->orelse);
    return n;
}

void ic_ts_count_root(struct ic_ts *ts, const struct ic_ts_def *root)
{
    ts->n_values = root->n_params + count_block(root->body);
}

void ic_ts_count_result(struct ic_ts *ts)
{
    struct ic_ts_frame *f = ts->frame;
    if (!f || ts->composed) /* inside an operator there is nothing to number */
        return;
    if (f->caller)
        ts->n_values++;
    else
        f->n_results++;
}

/* The number the value being made gets: it is counted just after its operator has run. */
static int32_t value_number(const struct ic_ts *ts)
{
    const struct ic_ts_frame *f = ic_ts_place(ts);
    return f && !f->caller ? f->def->n_params + f->n_results : ts->n_values;
}

/* ---- nodes ---- */
static bool is_layer_module(const struct ic_ts_object *o)
{
    static const char prefix[] = "__torch__.torch.nn.", quantized[] = "__torch__.torch.ao.nn.";
    return o && !strstr(o->class_path, ".container.") &&
           (strncmp(o->class_path, prefix, sizeof prefix - 1) == 0 || strncmp(o->class_path, quantized, sizeof quantized - 1) == 0);
}

/* How often name was asked for before; -1: no memory. */
static int32_t count_of(struct ic_ts *ts, const char *name)
{
    uint32_t *count = ic_name_index_find(&ts->name_counts, name);
    if (count)
        return (int32_t)(*count)++;
    const char *copy = ic_arena_text(&ts->arena, name, strlen(name));
    return copy && ic_name_index_put(&ts->name_counts, &ts->arena, copy, 1) ? 0 : -1;
}

const char *ic_ts_node_name(struct ic_ts *ts, const char *suffix)
{
    char op[80];
    ic_ts_op_name(ts, op, sizeof op);
    const char *stem = op[0] == '_' ? op + 1 : op;
    const struct ic_ts_frame *f = ic_ts_place(ts);
    /* a network that is one layer alone has no path to be named by */
    const char *name = is_layer_module(f->self) && f->path[0] ? f->path
                       : f->path[0]                           ? ic_arena_printf(&ts->arena, "%s.%s", f->path, stem)
                                                              : stem;
    if (!name)
        return NULL;
    if (suffix[0])
        return ic_arena_printf(&ts->arena, "%s%s", name, suffix);
    const int32_t count = count_of(ts, name);
    return count < 0 ? NULL : ic_arena_printf(&ts->arena, count ? "%s_%d" : "%s", name, count);
}

/* ---- the drop-in's names ---- */
int32_t ic_ts_note_layer(struct ic_ts *ts)
{
    if (ts->n_faces == ts->cap_faces) {
        const int32_t cap = ts->cap_faces ? 2 * ts->cap_faces : 64;
        struct ic_ts_face *wider = ic_arena_array(&ts->arena, (size_t)cap, sizeof *wider);
        if (!wider)
            return 0;
        if (ts->n_faces)
            memcpy(wider, ts->faces, (size_t)ts->n_faces * sizeof *wider);
        ts->faces = wider;
        ts->cap_faces = cap;
    }
    char op[80];
    ic_ts_op_name(ts, op, sizeof op);
    struct ic_ts_face *face = &ts->faces[ts->n_faces];
    face->op = ic_arena_text(&ts->arena, op[0] == '_' ? op + 1 : op, strlen(op) - (op[0] == '_'));
    face->value_number = value_number(ts);
    face->layer = ts->graph->n_inputs + ts->n_faces;
    return face->op ? ++ts->n_faces : 0;
}

const char *ic_ts_input_face(struct ic_ts *ts, const char *name, int32_t index)
{
    return ic_arena_printf(&ts->graph->arena, "%s.1_%d", name, index);
}

const char *ic_ts_output_face(struct ic_ts *ts, const struct ic_ts_tensor *t, int32_t index)
{
    const int32_t n_layers = ts->graph->n_inputs + ts->n_faces;
    if (!t->face)
        return ic_arena_printf(&ts->graph->arena, "output_out%d_%d", index, n_layers + index);
    const struct ic_ts_face *face = &ts->faces[t->face - 1];
    return ic_arena_printf(&ts->graph->arena, "%s_at_%d_%d_out0_%d", face->op, face->value_number, face->layer, n_layers + index);
}
