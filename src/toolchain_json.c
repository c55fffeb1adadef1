/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the JSON section with jansson (keys in the order written, so that equal input gives equal bytes).
 */
#include "toolchain_json.h"

#include "inchip/status.h"
#include "ops/op.h"

#include <jansson.h>

static json_t *io_json(const struct ic_graph_input *io)
{
    json_t *dims = json_array();
    for (int32_t i = 0; i < io->value->rank; i++)
        json_array_append_new(dims, json_integer(io->value->dims[i]));
    json_t *o = json_pack("{s:s, s:s, s:s, s:o}", "name", io->value->name, "face_name", io->face_name ? io->face_name : "", "dtype",
                          ic_dtype_name(io->value->dtype), "shape", dims);
    if (o && io->value->quant.n_scales == 1) {
        json_object_set_new(o, "scale", json_real((double)io->value->quant.scales[0]));
        json_object_set_new(o, "zero_point", json_integer(io->value->quant.zero));
    }
    return o;
}

static json_t *layers_json(const struct ic_graph *g)
{
    json_t *layers = json_array();
    for (int32_t i = 0; i < g->n_nodes; i++) {
        const struct ic_node *n = g->nodes[i];
        json_array_append_new(layers, json_pack("{s:s, s:s}", "name", n->name ? n->name : "", "op", ic_op_def(n->op)->name));
    }
    return layers;
}

static json_t *network_json(const struct ic_network *n, const struct ic_pack_request *r)
{
    static const char *const types[] = {"float32", "float16", "uint8"};
    json_t *inputs = json_array(), *outputs = json_array();
    for (int32_t i = 0; i < n->graph->n_inputs; i++)
        json_array_append_new(inputs, io_json(&n->graph->inputs[i]));
    for (int32_t i = 0; i < n->graph->n_outputs; i++)
        json_array_append_new(outputs, io_json(&n->graph->outputs[i]));
    return json_pack("{s:s, s:{s:s, s:s, s:s}, s:s, s:i, s:s, s:s, s:o, s:o, s:o}", "inchip", INCHIP_VERSION_TEXT, "source", "file",
                     n->file_name, "format", n->recognized.format, "version", n->recognized.version, "build", types[n->type],
                     "optimization_level", n->optimization_level, "target", r->target ? r->target->name : "", "options",
                     r->options_text ? r->options_text : "", "inputs", inputs, "outputs", outputs, "layers", layers_json(n->graph));
}

static int append(const char *text, size_t size_bytes, void *writer)
{
    ic_write_bytes(writer, text, size_bytes);
    return 0;
}

enum ic_status ic_network_json(const struct ic_network *n, const struct ic_pack_request *r, struct ic_writer *out,
                               struct ic_diag *d)
{
    json_t *o = network_json(n, r);
    if (!o || json_dump_callback(o, append, out, JSON_COMPACT) != 0 || out->failed) {
        json_decref(o);
        return ic_fail(d, IC_ERR_MEMORY, "%s: no memory for the description in the model file", n->file_name);
    }
    json_decref(o);
    return IC_OK;
}
