/* SPDX-License-Identifier: Apache-2.0
 *
 * The model around the nodes: inputs with their preprocessing, outputs, versions.
 */
#include "export/onnx.h"

#include "export/emit.h"
#include "export/wire_writer.h"
#include "inchip/status.h"

#include <string.h>

#define MAX_BYTES ((size_t)0x7FFFFFFF) /* a message of protocol buffers */

/* What enters and leaves is float32 where the network's own type is a float. */
static enum ic_dtype edge_type(const struct ic_value *v)
{
    return v->quant.n_scales || v->dtype == IC_F16 ? IC_F32 : v->dtype;
}

/* One number per channel of v, shaped to broadcast along its channels. */
static const char *per_channel(struct ic_emit *e, const struct ic_graph_input *in, const float *numbers)
{
    const struct ic_value *v = in->value;
    int32_t dims[IC_IR_MAX_RANK];
    for (int32_t i = 0; i < v->rank; i++)
        dims[i] = i == (v->rank == 4 && in->format != 2 ? 1 : v->rank - 1) ? in->n_channels : 1;
    return ic_emit_tensor(e, ic_emit_fresh(e), IC_F32, v->rank, dims, numbers);
}

/* Channels exchanged, mean subtracted, divided by std: as the runtimes do it with a user's input. */
static const char *preprocess(struct ic_emit *e, const struct ic_graph_input *in, const char *name)
{
    const struct ic_value *v = in->value;
    const int32_t axis = v->rank == 4 && in->format != 2 ? 1 : v->rank - 1;
    if (in->reorder && v->rank > 0 && v->dims[axis] == 3) {
        ic_emit_int(e, "axis", axis);
        name = ic_emit_binary(e, "Gather", name, ic_emit_list(e, (const int64_t[]){2, 1, 0}, 3));
    }
    if (in->n_channels && v->rank > 0) {
        name = ic_emit_binary(e, "Sub", name, per_channel(e, in, in->mean));
        name = ic_emit_binary(e, "Div", name, per_channel(e, in, in->std));
    }
    return name;
}

static void write_inputs(struct ic_emit *e, struct ic_writer *graph)
{
    for (int32_t i = 0; i < e->g->n_inputs; i++) {
        const struct ic_graph_input *in = &e->g->inputs[i];
        const struct ic_value *v = in->value;
        ic_emit_info(e, graph, 11, v->name, edge_type(v), v->rank, v->dims);
        ic_emit_made(e, v, 0, preprocess(e, in, v->name));
    }
}

static void write_outputs(struct ic_emit *e, struct ic_writer *graph)
{
    e->at = NULL;
    for (int32_t i = 0; i < e->g->n_outputs; i++) {
        const struct ic_value *v = e->g->outputs[i].value;
        const char *name = ic_emit_value(e, v, IC_FORM_REAL);
        if (strcmp(name, v->name) != 0)
            ic_emit_node(e, "Identity", &name, 1, v->name);
        ic_emit_info(e, graph, 12, v->name, edge_type(v), v->rank, v->dims);
    }
}

/* All nodes that cannot be written, in one message. */
static enum ic_status write_nodes(struct ic_emit *e, struct ic_diag *d)
{
    struct ic_writer refused = {0};
    int32_t n_refused = 0;
    for (int32_t i = 0; i < e->g->n_nodes; i++) {
        const char *why = NULL;
        e->at = e->g->nodes[i];
        e->attrs.size_bytes = 0;
        if (ic_emit_op(e, e->at, &why))
            continue;
        if (n_refused++ < 20)
            ic_write_text(&refused, "\n  %s %s: %s", ic_op_def(e->at->op)->name, e->at->name, why ? why : "");
        e->forms[e->at->outputs[0]->id][0] = e->at->outputs[0]->name; /* go on: there may be more */
    }
    enum ic_status status = IC_OK;
    if (n_refused)
        status = ic_fail(d, IC_E_EXPORT_ONNX, "%d node%s cannot be written as ONNX opset %d:%.*s", (int)n_refused,
                         n_refused == 1 ? "" : "s", IC_EXPORT_OPSET, (int)refused.size_bytes,
                         refused.bytes ? (const char *)refused.bytes : "");
    ic_writer_destroy(&refused);
    return status;
}

/* A separator of names that stands in no name of the graph. */
static enum ic_status choose_separator(struct ic_emit *e, struct ic_diag *d)
{
    char text[16] = "#";
    for (int32_t i = 0; i < e->g->n_values; i++)
        while (strstr(e->g->values[i]->name, text)) {
            if (strlen(text) + 1 >= sizeof text)
                return ic_fail(d, IC_E_EXPORT_ONNX, "value %s: its name leaves no room for names of inchip's own",
                               e->g->values[i]->name);
            strcat(text, "#");
        }
    e->separator = ic_arena_printf(&e->arena, "%s", text);
    return e->separator ? IC_OK : ic_fail(d, IC_ERR_MEMORY, "no memory to write %s as ONNX", e->g->name);
}

static void join(struct ic_emit *e, struct ic_writer *graph, struct ic_writer *out)
{
    ic_write_bytes(graph, e->nodes.bytes, e->nodes.size_bytes);
    ic_wire_put_text(graph, 2, e->g->name);
    ic_write_bytes(graph, e->constants.bytes, e->constants.size_bytes);
    ic_write_bytes(graph, e->infos.bytes, e->infos.size_bytes);
    ic_wire_put_int(out, 1, 8); /* IR version of opset 17 */
    ic_wire_put_text(out, 2, "inchip");
    ic_wire_put_text(out, 3, INCHIP_VERSION_TEXT);
    ic_wire_put_message(out, 7, graph);
    ic_wire_put_text(&e->inner, 1, "");
    ic_wire_put_int(&e->inner, 2, IC_EXPORT_OPSET);
    ic_wire_put_message(out, 8, &e->inner);
    e->failed = e->failed || e->nodes.failed || e->constants.failed || e->infos.failed || e->attrs.failed || e->message.failed ||
                e->inner.failed || e->innermost.failed || graph->failed || out->failed;
}

/* As imported, weights that were codes are numbers on a grid: said, since readers expect the int8 of the source. */
static void say_if_quantized(const struct ic_graph *g, struct ic_diag *d)
{
    bool quantized = false;
    for (int32_t i = 0; i < g->n_nodes; i++) {
        quantized = quantized || g->nodes[i]->op == IC_OP_FAKE_QUANT;
        for (int32_t k = 0; k < g->nodes[i]->n_inputs; k++) {
            const struct ic_value *v = g->nodes[i]->inputs[k];
            quantized = quantized || (v && v->data && v->dtype == IC_F32 && v->quant.n_scales > 0);
        }
    }
    if (quantized)
        ic_say(d, 'I',
               "%s brings its own quantization: its grids are written as QuantizeLinear and DequantizeLinear, its weights as the "
               "float32 numbers that their codes stand for",
               g->name);
}

static enum ic_status write_model(struct ic_emit *e, struct ic_writer *out, struct ic_diag *d)
{
    struct ic_writer graph = {0};
    enum ic_status status = choose_separator(e, d);
    if (status == IC_OK) {
        write_inputs(e, &graph);
        status = write_nodes(e, d);
    }
    if (status == IC_OK) {
        write_outputs(e, &graph);
        join(e, &graph, out);
        if (e->failed)
            status = ic_fail(d, IC_ERR_MEMORY, "no memory to write %s as ONNX", e->g->name);
        else if (out->size_bytes > MAX_BYTES)
            status = ic_fail(d, IC_E_ONNX_BYTES,
                             "%s as ONNX has %zu byte%s, and a file of protocol buffers holds 2 GB: write a model.ic, or a part of "
                             "the network (--take)",
                             e->g->name, out->size_bytes, IC_S(out->size_bytes));
        else
            say_if_quantized(e->g, d);
    }
    ic_writer_destroy(&graph);
    return status;
}

enum ic_status ic_export_onnx(const struct ic_graph *g, struct ic_writer *out, struct ic_diag *d)
{
    struct ic_emit e = {.g = g, .forms = ic_calloc((size_t)g->n_values + 1, sizeof *e.forms)};
    const enum ic_status status = e.forms ? write_model(&e, out, d)
                                          : ic_fail(d, IC_ERR_MEMORY, "no memory to write %s as ONNX", g->name);
    ic_free(e.forms);
    ic_arena_destroy(&e.arena);
    ic_writer_destroy(&e.nodes);
    ic_writer_destroy(&e.constants);
    ic_writer_destroy(&e.infos);
    ic_writer_destroy(&e.attrs);
    ic_writer_destroy(&e.message);
    ic_writer_destroy(&e.inner);
    ic_writer_destroy(&e.innermost);
    return status;
}
