/* SPDX-License-Identifier: Apache-2.0
 *
 * A graph as text, one line per input, constant, node and output. ir/parse.c reads it back. What is as usual (plain layout, default
 * attributes, no fused end) is not printed.
 *
 *   inchip-graph 1 "logistic"
 *   input %0 "x" f32 [1 784] format 0 user f32 face "x_0"
 *   const %1 "linear.bias" f32 [2] data [0.5 -1]
 *   %3 "linear" f32 [1 10] = Linear (%0 %2 %1) {partials=4} post relu 0 0 mid 0 named "linear + relu" from "linear" "code/x.py" 12 "aten::linear"
 *   output %3 format 0 user f32 face ""
 */
#include "ir/op_def.h"

#include <math.h>
#include <string.h>

#define SMALL_ELEMENTS 16

static void print_quoted(const char *text, struct ic_writer *w)
{
    ic_write_u8(w, '"');
    for (const char *c = text ? text : ""; *c; c++) {
        if (*c == '"' || *c == '\\')
            ic_write_text(w, "\\%c", *c);
        else if ((unsigned char)*c < 0x20 || *c == 0x7f)
            ic_write_text(w, "\\x%02x", (unsigned)(unsigned char)*c);
        else
            ic_write_u8(w, (uint8_t)*c);
    }
    ic_write_u8(w, '"');
}

static void print_floats(const float *values, int32_t n, struct ic_writer *w)
{
    ic_write_text(w, "[");
    for (int32_t i = 0; i < n; i++)
        ic_write_text(w, i ? " %.9g" : "%.9g", (double)values[i]);
    ic_write_text(w, "]");
}

static void print_value(const struct ic_value *v, struct ic_writer *w)
{
    ic_write_text(w, "%%%d ", (int)v->id);
    print_quoted(v->name, w);
    ic_write_text(w, " %s [", ic_dtype_name(v->dtype));
    for (int32_t i = 0; i < v->rank; i++)
        ic_write_text(w, i ? " %d" : "%d", (int)v->dims[i]);
    ic_write_text(w, "]");
    if (v->layout == IC_VALUE_NHWC)
        ic_write_text(w, " nhwc");
    if (v->round)
        ic_write_text(w, " round %u", v->round);
    if (v->quant.n_scales > 0) {
        ic_write_text(w, " scales ");
        print_floats(v->quant.scales, v->quant.n_scales, w);
        ic_write_text(w, " axis %d zero %d", (int)v->quant.axis, (int)v->quant.zero);
    }
}

static bool prints_as_numbers(const struct ic_value *v)
{
    const int64_t n = ic_value_elements(v);
    if (v->dtype != IC_F32 || n > SMALL_ELEMENTS)
        return false;
    float x[SMALL_ELEMENTS] = {0};
    memcpy(x, v->data, (size_t)n * sizeof *x); /* lent data may stand anywhere */
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

static void print_const(const struct ic_value *v, bool with_data, struct ic_writer *w)
{
    const size_t bytes = ic_value_bytes(v);
    const uint8_t *data = v->data;
    ic_write_text(w, "const ");
    print_value(v, w);
    if (prints_as_numbers(v)) {
        float x[SMALL_ELEMENTS] = {0};
        memcpy(x, data, bytes);
        ic_write_text(w, " data ");
        print_floats(x, (int32_t)ic_value_elements(v), w);
    } else if (with_data || ic_value_elements(v) <= SMALL_ELEMENTS) {
        ic_write_text(w, " hex \"");
        for (size_t i = 0; i < bytes; i++)
            ic_write_text(w, "%02x", data[i]);
        ic_write_text(w, "\"");
    } else {
        ic_write_text(w, " crc32 %08x", ic_crc32(0, data, bytes));
    }
    ic_write_text(w, "\n");
}

static bool is_default(const struct ic_attr *a, const struct ic_attr_def *def)
{
    if (def->kind == IC_ATTR_INTS)
        return a->n_ints == 0;
    if (def->kind != IC_ATTR_FLOAT)
        return a->i == (int64_t)def->default_number;
    return memcmp(&a->f, &def->default_number, sizeof a->f) == 0; /* by its bits: -0 is not 0 */
}

static void print_attr(const struct ic_attr *a, const struct ic_attr_def *def, struct ic_writer *w)
{
    ic_write_text(w, "%s=", def->name);
    if (def->kind == IC_ATTR_FLOAT)
        ic_write_text(w, "%.17g", a->f);
    else if (def->kind == IC_ATTR_INT)
        ic_write_text(w, "%lld", (long long)a->i);
    else if (def->kind == IC_ATTR_ENUM)
        ic_write_text(w, "%s", def->enum_name(a->i));
    else {
        ic_write_text(w, "[");
        for (int32_t i = 0; i < a->n_ints; i++)
            ic_write_text(w, i ? " %lld" : "%lld", (long long)a->ints[i]);
        ic_write_text(w, "]");
    }
}

static void print_attrs(const struct ic_node *n, struct ic_writer *w)
{
    const struct ic_attr_def *defs = ic_op_def(n->op)->attrs;
    int n_printed = 0;
    for (int i = 0; i < ic_op_n_attrs(n->op); i++)
        if (!is_default(&n->attrs[i], &defs[i])) {
            ic_write_text(w, n_printed++ ? ", " : " {");
            print_attr(&n->attrs[i], &defs[i], w);
        }
    if (n_printed)
        ic_write_text(w, "}");
}

static void print_node(const struct ic_node *n, struct ic_writer *w)
{
    const struct ic_origin *o = &n->origin;
    for (int32_t i = 0; i < n->n_outputs; i++) {
        ic_write_text(w, i ? ", " : "");
        print_value(n->outputs[i], w);
    }
    ic_write_text(w, " = %s (", ic_op_def(n->op)->name);
    for (int32_t i = 0; i < n->n_inputs; i++) {
        ic_write_text(w, i ? " " : "");
        if (n->inputs[i])
            ic_write_text(w, "%%%d", (int)n->inputs[i]->id);
        else
            ic_write_text(w, "_");
    }
    ic_write_text(w, ")");
    print_attrs(n, w);
    if (n->post.fn != IC_MAP_NONE || n->post.round_mid)
        ic_write_text(w, " post %s %.9g %.9g mid %u", ic_map_name((enum ic_map_fn)n->post.fn), (double)n->post.a, (double)n->post.b,
                      n->post.round_mid);
    if (n->n_outputs == 0 || strcmp(n->name, n->outputs[0]->name) != 0) {
        ic_write_text(w, " named ");
        print_quoted(n->name, w);
    }
    if (o->line || *o->module_path || *o->file || *o->source_op) {
        ic_write_text(w, " from ");
        print_quoted(o->module_path, w);
        ic_write_text(w, " ");
        print_quoted(o->file, w);
        ic_write_text(w, " %d ", (int)o->line);
        print_quoted(o->source_op, w);
    }
    ic_write_text(w, "\n");
}

static void print_io(const struct ic_graph_input *io, struct ic_writer *w)
{
    ic_write_text(w, " format %u user %s face ", io->format, ic_dtype_name(io->user_dtype));
    print_quoted(io->face_name, w);
    if (io->reorder)
        ic_write_text(w, " reorder %u", io->reorder);
    if (io->n_channels > 0) {
        ic_write_text(w, " mean ");
        print_floats(io->mean, io->n_channels, w);
        ic_write_text(w, " std ");
        print_floats(io->std, io->n_channels, w);
    }
    ic_write_text(w, "\n");
}

void ic_ir_print(const struct ic_graph *g, bool with_data, struct ic_writer *w)
{
    ic_write_text(w, "inchip-graph 1 ");
    print_quoted(g->name, w);
    ic_write_text(w, "\n");
    for (int32_t i = 0; i < g->n_inputs; i++) {
        ic_write_text(w, "input ");
        print_value(g->inputs[i].value, w);
        print_io(&g->inputs[i], w);
    }
    for (int32_t i = 0; i < g->n_values; i++)
        if (g->values[i]->data)
            print_const(g->values[i], with_data, w);
    for (int32_t i = 0; i < g->n_nodes; i++)
        print_node(g->nodes[i], w);
    for (int32_t i = 0; i < g->n_outputs; i++) {
        ic_write_text(w, "output %%%d", (int)g->outputs[i].value->id);
        print_io(&g->outputs[i], w);
    }
}
