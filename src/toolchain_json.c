/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the JSON section with jansson (keys in the order written, so that equal input gives equal bytes).
 */
#include "toolchain_json.h"

#include "base/alloc.h"
#include "inchip/status.h"
#include "ops/op.h"

#include <string.h>

/* Bytes of the well-formed UTF-8 character at s; 0 for none. */
static size_t character_bytes(const unsigned char *s)
{
    if (s[0] < 0x80)
        return s[0] ? 1 : 0;
    const size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    const bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    const bool no_character = (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f);
    return overlong || no_character ? 0 : n;
}

json_t *ic_json_text(const char *text)
{
    json_t *as_it_is = json_string(text);
    if (as_it_is)
        return as_it_is;
    char *copy = ic_malloc(strlen(text) + 1);
    if (!copy)
        return NULL;
    strcpy(copy, text);
    for (size_t i = 0; copy[i];) {
        const size_t n = character_bytes((const unsigned char *)copy + i);
        if (n == 0)
            copy[i] = '?';
        i += n ? n : 1;
    }
    json_t *mended = json_string(copy);
    ic_free(copy);
    return mended;
}

static json_t *io_json(const struct ic_graph_input *io)
{
    json_t *dims = json_array();
    for (int32_t i = 0; i < io->value->rank; i++)
        json_array_append_new(dims, json_integer(io->value->dims[i]));
    json_t *o = json_pack("{s:o, s:o, s:s, s:o}", "name", ic_json_text(io->value->name), "face_name",
                          ic_json_text(io->face_name ? io->face_name : ""), "dtype", ic_dtype_name(io->value->dtype), "shape",
                          dims);
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
        json_array_append_new(layers,
                              json_pack("{s:o, s:s}", "name", ic_json_text(n->name ? n->name : ""), "op", ic_op_def(n->op)->name));
    }
    return layers;
}

static json_t *network_json(const struct ic_network *n, const struct ic_pack_request *r)
{
    static const char *const types[] = {"float32", "float16", "uint8", "int8"};
    json_t *inputs = json_array(), *outputs = json_array();
    for (int32_t i = 0; i < n->graph->n_inputs; i++)
        json_array_append_new(inputs, io_json(&n->graph->inputs[i]));
    for (int32_t i = 0; i < n->graph->n_outputs; i++)
        json_array_append_new(outputs, io_json(&n->graph->outputs[i]));
    const char *options = r->options_text ? r->options_text : r->command ? r->command : "";
    json_t *o = json_pack("{s:s, s:{s:o, s:s, s:s}, s:s, s:i, s:s, s:o, s:o, s:o, s:o}", "inchip", INCHIP_VERSION_TEXT, "source",
                          "file", ic_json_text(n->file_name), "format", n->recognized.format, "version", n->recognized.version,
                          "build", types[n->type], "optimization_level", n->optimization_level, "target",
                          r->target ? r->target->name : "", "options", ic_json_text(options), "inputs", inputs, "outputs", outputs,
                          "layers", layers_json(n->graph));
    if (r->options_text && r->command)
        json_object_set_new(o, "command", ic_json_text(r->command));
    return o;
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
