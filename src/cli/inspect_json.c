/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip inspect --json: what the text says, for programs.
 */
#include "cli/inspect.h"
#include "cli/json.h"

#include "ir/op_def.h"

#include <string.h>

/* ---- graphs ---- */
static json_t *value_json(const struct ic_value *v)
{
    return json_pack("{s:o, s:s, s:o}", "name", ic_json_text(v->name), "dtype", ic_dtype_name(v->dtype), "shape",
                     ic_cli_json_dims((uint32_t)v->rank, v->dims));
}

static json_t *values_json(const struct ic_graph_input *ios, int32_t n)
{
    json_t *all = json_array();
    for (int32_t i = 0; i < n; i++)
        json_array_append_new(all, value_json(ios[i].value));
    return all;
}

static json_t *origin_json(const struct ic_origin *o)
{
    return json_pack("{s:o, s:o, s:i, s:o}", "op", ic_json_text(o->source_op ? o->source_op : ""), "file",
                     ic_json_text(o->file ? o->file : ""), "line", (int)o->line, "module",
                     ic_json_text(o->module_path ? o->module_path : ""));
}

static json_t *node_json(const struct ic_node *n)
{
    json_t *inputs = json_array(), *outputs = json_array();
    for (int32_t i = 0; i < n->n_inputs; i++)
        json_array_append_new(inputs, n->inputs[i] ? ic_json_text(n->inputs[i]->name) : json_null());
    for (int32_t i = 0; i < n->n_outputs; i++)
        json_array_append_new(outputs, value_json(n->outputs[i]));
    return json_pack("{s:s, s:o, s:o, s:o, s:o}", "op", ic_op_def(n->op)->name, "name", ic_json_text(n->name), "inputs", inputs,
                     "outputs", outputs, "source", origin_json(&n->origin));
}

json_t *ic_inspect_graph_json(const struct ic_graph *g)
{
    json_t *nodes = json_array(), *dropped = json_array();
    for (int32_t i = 0; i < g->n_nodes; i++)
        json_array_append_new(nodes, node_json(g->nodes[i]));
    for (const struct ic_dropped *p = g->dropped; p; p = p->next)
        json_array_append_new(dropped,
                              json_pack("{s:o, s:o}", "of", ic_json_text(p->value->name), "source", origin_json(&p->origin)));
    return json_pack("{s:o, s:o, s:o, s:o}", "inputs", values_json(g->inputs, g->n_inputs), "outputs",
                     values_json(g->outputs, g->n_outputs), "nodes", nodes, "dropped", dropped);
}

/* ---- source networks ---- */
json_t *ic_inspect_signature_json(const struct ic_import_signature *s)
{
    json_t *inputs = json_array();
    for (int32_t i = 0; i < s->n_inputs; i++) {
        json_t *shape = s->rank[i] < 0 ? json_null() : json_array();
        for (int32_t k = 0; k < s->rank[i]; k++)
            json_array_append_new(shape, s->dims[i][k] < 0 ? json_null() : json_integer(s->dims[i][k]));
        json_array_append_new(inputs, json_pack("{s:o, s:o}", "name", ic_json_text(s->names[i]), "shape", shape));
    }
    return inputs;
}

/* ---- model files ---- */
static json_t *ios_json(const struct ic_program *p, const struct ic_io *ios, uint32_t n)
{
    json_t *all = json_array();
    for (uint32_t i = 0; i < n; i++) {
        const struct ic_tensor *t = &p->tensors[ios[i].tensor];
        json_array_append_new(
            all, json_pack("{s:o, s:o, s:s, s:o, s:I, s:o, s:i}", "name", ic_json_text(ic_program_text(p, ios[i].name)),
                           "rknn_name", ic_json_text(ic_program_text(p, ios[i].face_name)), "dtype",
                           ic_dtype_name((enum ic_dtype)t->dtype), "shape", ic_cli_json_dims(t->rank, t->dims), "bytes",
                           (json_int_t)t->size_bytes, "scale", ic_cli_json_number((double)t->scale), "zero_point", (int)t->zero));
    }
    return all;
}

static json_t *sections_json(const struct ic_container *c)
{
    json_t *all = json_array();
    for (uint32_t i = 0; i < c->n_sections; i++)
        json_array_append_new(all, json_pack("{s:s, s:I}", "kind", ic_inspect_section_name(c->sections[i].kind), "bytes",
                                             (json_int_t)c->sections[i].size_bytes));
    return all;
}

static void add_lines(json_t *to, const char *key, struct ic_writer *w)
{
    json_t *lines = json_array();
    char *at = (char *)w->bytes, *const end = at + w->size_bytes;
    for (char *stop; at && at < end && (stop = memchr(at, '\n', (size_t)(end - at))); at = stop + 1) {
        *stop = '\0';
        json_array_append_new(lines, ic_json_text(at));
    }
    json_object_set_new(to, key, lines);
    ic_writer_destroy(w);
}

void ic_inspect_model_json(const struct ic_container *c, const struct ic_program *p, bool was_portable, bool steps, bool memory,
                           json_t *to)
{
    struct ic_writer text = {0};
    const struct ic_section *head = ic_container_find(c, IC_SECTION_JSON, 0);
    json_object_set_new(to, "sections", sections_json(c));
    json_object_set_new(to, "about", head ? json_loadb((const char *)head->bytes, head->size_bytes, 0, NULL) : json_null());
    json_object_set_new(to, "target", ic_json_text(was_portable ? "" : p->target));
    json_object_set_new(to, "inputs", ios_json(p, p->inputs, p->n_inputs));
    json_object_set_new(to, "outputs", ios_json(p, p->outputs, p->n_outputs));
    json_object_set_new(to, "n_steps", json_integer(p->n_steps));
    json_object_set_new(to, "constants_bytes", json_integer((json_int_t)p->const_bytes));
    json_object_set_new(to, "activation_bytes", json_integer((json_int_t)p->arena_bytes));
    if (steps) {
        ic_program_print(p, &text);
        add_lines(to, "steps", &text);
    }
    if (memory) {
        ic_compile_print_memory(p, &text);
        add_lines(to, "memory", &text);
    }
}
