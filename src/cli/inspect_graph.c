/* SPDX-License-Identifier: Apache-2.0
 *
 * Graphs for people: what was dropped while importing, Graphviz, the difference of two graphs.
 */
#include "cli/inspect.h"
#include "cli/json.h"

#include "ir/op_def.h"

#include <stdio.h>
#include <string.h>

/* What the file or its weights say of every input's shape, when they say all of it: how many inputs; else 0. */
static int shapes_of_its_own(const char *path, const struct ic_file_map *map, const char *method, struct ic_import_signature *s,
                             struct ic_import_input *shapes)
{
    struct ic_diag quiet = {0}; /* what an import says, it says itself */
    if (ic_import_signature(map->bytes, map->size_bytes, path, method, s, &quiet) != IC_OK)
        return 0;
    for (int32_t i = 0; i < s->n_inputs; i++) {
        if (s->rank[i] < 0)
            return 0;
        shapes[i] = (struct ic_import_input){.name = s->names[i], .rank = s->rank[i]};
        for (int32_t k = 0; k < s->rank[i]; k++)
            if ((shapes[i].dims[k] = s->dims[i][k]) < 1)
                return 0;
    }
    return (int)s->n_inputs;
}

static enum ic_status open_source(const char *path, const struct ic_arg_list *inputs, const char *method, struct ic_inspected *out,
                                  struct ic_diag *d)
{
    struct ic_arena arena = {0};
    struct ic_import_signature *said = ic_arena_array(&arena, 1, sizeof *said);
    struct ic_import_input *shapes = ic_arena_array(&arena, IC_IMPORT_MAX_INPUTS + IC_ARG_LIST_MAX, sizeof *shapes);
    enum ic_status status = said && shapes ? IC_OK : ic_fail(d, IC_ERR_MEMORY, "no memory for the input shapes");
    for (int i = 0; i < inputs->n && status == IC_OK; i++)
        status = ic_cli_parse_input(inputs->items[i], &shapes[i], &arena, d);
    const int n = status != IC_OK || inputs->n ? inputs->n : shapes_of_its_own(path, &out->map, method, said, shapes);
    const struct ic_import_options options = {
        .inputs = shapes, .n_inputs = n, .method = method, .limits = ic_import_limits_default()};
    if (status == IC_OK)
        status = ic_network_import(path, &options, &out->network, d);
    if (status == IC_OK)
        out->graph = out->network->graph;
    ic_arena_destroy(&arena);
    return status;
}

static enum ic_status open_portable(struct ic_inspected *out, struct ic_diag *d)
{
    struct ic_container c;
    IC_TRY(ic_container_open(out->map.bytes, out->map.size_bytes, true, &c, d));
    const struct ic_section *s = ic_container_find(&c, IC_SECTION_GRAPH, 0), *k = ic_container_find(&c, IC_SECTION_GRAPH_CONSTS, 0);
    if (!s)
        return ic_fail(
            d, IC_E_OPTIONS_CLASH,
            "this file holds no portable graph (it was compiled without --keep-portable); inspect --steps shows its program");
    return ic_ir_decode(s->bytes, s->size_bytes, k ? k->bytes : NULL, k ? k->size_bytes : 0, &out->graph, d);
}

enum ic_status ic_inspect_open(const char *path, const struct ic_arg_list *inputs, const char *method, struct ic_inspected *out,
                               struct ic_diag *d)
{
    *out = (struct ic_inspected){0};
    IC_TRY(ic_file_map_open(path, &out->map, d));
    const bool ours = ic_container_sniff(out->map.bytes, out->map.size_bytes) == IC_FILE_OURS;
    const enum ic_status status = ours ? open_portable(out, d) : open_source(path, inputs, method, out, d);
    if (status != IC_OK)
        ic_inspect_close(out);
    return status;
}

void ic_inspect_close(struct ic_inspected *i)
{
    if (i->network)
        ic_network_destroy(i->network);
    else
        ic_graph_destroy(i->graph);
    ic_file_map_close(&i->map);
    *i = (struct ic_inspected){0};
}

static void print_place(const struct ic_origin *o)
{
    if (o->file && *o->file)
        ic_cli_printf(" at %s:%d", o->file, (int)o->line);
    if (o->module_path && *o->module_path)
        ic_cli_printf(" in %s", o->module_path);
}

void ic_inspect_print_dropped(const struct ic_graph *g)
{
    for (const struct ic_dropped *p = g->dropped; p; p = p->next) {
        ic_cli_printf("# dropped, it changes nothing: %s of \"%s\"", p->origin.source_op, p->value->name);
        print_place(&p->origin);
        ic_cli_printf("\n");
    }
}

/* ---- Graphviz ---- */
static void print_label(const char *text)
{
    for (const char *end; *text; text = end) {
        end = text + strcspn(text, "\"\\\n");
        ic_cli_printf("%.*s", (int)(end - text), text);
        if (*end)
            ic_cli_printf(*end == '\n' ? "?" : "\\%c", *end);
        end += *end != '\0';
    }
}

static void print_edge_label(const struct ic_value *v)
{
    char shape[128];
    ic_cli_shape_text(shape, sizeof shape, v->rank, v->dims);
    ic_cli_printf(" [label=\"%s%s%s\"]", shape, v->dtype == IC_F32 ? "" : " ", v->dtype == IC_F32 ? "" : ic_dtype_name(v->dtype));
}

/* What was dropped hangs, dashed, on what it read. */
static void print_dropped_dots(const struct ic_graph *g)
{
    int n = 0;
    for (const struct ic_dropped *p = g->dropped; p; p = p->next, n++) {
        ic_cli_printf("  dropped%d [style=dashed, label=\"", n);
        print_label(p->origin.source_op);
        ic_cli_printf("\\nchanges nothing\"];\n");
        for (int32_t i = 0; i < g->n_inputs; i++)
            if (g->inputs[i].value == p->value)
                ic_cli_printf("  in%d -> dropped%d [style=dashed];\n", (int)i, n);
        for (int32_t i = 0; i < g->n_nodes; i++)
            if (p->value->producer && g->nodes[i] == p->value->producer)
                ic_cli_printf("  n%d -> dropped%d [style=dashed];\n", (int)i, n);
    }
}

void ic_inspect_print_dot(const struct ic_graph *g)
{
    ic_cli_printf("digraph \"");
    print_label(g->name);
    ic_cli_printf("\" {\n  node [shape=box, fontname=\"sans\"]; edge [fontname=\"sans\", fontsize=10];\n");
    for (int32_t i = 0; i < g->n_inputs; i++) {
        ic_cli_printf("  in%d [shape=ellipse, label=\"", (int)i);
        print_label(g->inputs[i].value->name);
        ic_cli_printf("\"];\n");
    }
    for (int32_t i = 0; i < g->n_nodes; i++) {
        ic_cli_printf("  n%d [label=\"%s\\n", (int)i, ic_op_def(g->nodes[i]->op)->name);
        print_label(g->nodes[i]->name);
        ic_cli_printf("\"];\n");
    }
    for (int32_t i = 0; i < g->n_nodes; i++)
        for (int32_t k = 0; k < g->nodes[i]->n_inputs; k++) {
            const struct ic_value *v = g->nodes[i]->inputs[k];
            if (!v || v->data)
                continue;
            int32_t from = -1;
            for (int32_t m = 0; m < i && v->producer; m++)
                from = g->nodes[m] == v->producer ? m : from;
            for (int32_t m = 0; m < g->n_inputs; m++)
                if (g->inputs[m].value == v) {
                    ic_cli_printf("  in%d -> n%d", (int)m, (int)i);
                    print_edge_label(v);
                    ic_cli_printf(";\n");
                }
            if (from >= 0) {
                ic_cli_printf("  n%d -> n%d", (int)from, (int)i);
                print_edge_label(v);
                ic_cli_printf(";\n");
            }
        }
    print_dropped_dots(g);
    for (int32_t i = 0; i < g->n_outputs; i++) {
        ic_cli_printf("  out%d [shape=ellipse, label=\"", (int)i);
        print_label(g->outputs[i].value->name);
        ic_cli_printf("\"];\n");
        for (int32_t m = 0; m < g->n_nodes; m++)
            if (g->nodes[m] == g->outputs[i].value->producer) {
                ic_cli_printf("  n%d -> out%d", (int)m, (int)i);
                print_edge_label(g->outputs[i].value);
                ic_cli_printf(";\n");
            }
    }
    ic_cli_printf("}\n");
}

/* ---- the difference ---- */
struct lines {
    char **text;
    int32_t n;
};

/* Operator, attributes, shapes: not names, which exporters choose as they like. */
static char *node_line(struct ic_arena *a, const struct ic_node *n)
{
    struct ic_writer w = {0};
    ic_write_text(&w, "%s", ic_op_def(n->op)->name);
    for (int i = 0; i < ic_op_n_attrs(n->op); i++) {
        const struct ic_attr_def *def = &ic_op_def(n->op)->attrs[i];
        const struct ic_attr *v = &n->attrs[i];
        if (def->kind == IC_ATTR_INTS && v->n_ints) {
            ic_write_text(&w, " %s=", def->name);
            for (int32_t k = 0; k < v->n_ints; k++)
                ic_write_text(&w, k ? ",%lld" : "%lld", (long long)v->ints[k]);
        } else if (def->kind == IC_ATTR_FLOAT && v->f != def->default_number) {
            ic_write_text(&w, " %s=%.9g", def->name, v->f);
        } else if (def->kind == IC_ATTR_ENUM) {
            ic_write_text(&w, " %s=%s", def->name, def->enum_name(v->i));
        } else if (def->kind == IC_ATTR_INT && v->i != (int64_t)def->default_number) {
            ic_write_text(&w, " %s=%lld", def->name, (long long)v->i);
        }
    }
    for (int32_t i = 0; i <= n->n_inputs; i++) {
        const struct ic_value *v = i < n->n_inputs ? n->inputs[i] : n->outputs[0];
        char shape[128] = "-";
        if (v)
            ic_cli_shape_text(shape, sizeof shape, v->rank, v->dims);
        ic_write_text(&w, i == n->n_inputs ? " -> %s" : i ? ", %s" : " (%s", shape);
        if (i + 1 == n->n_inputs)
            ic_write_text(&w, ")");
    }
    char *text = ic_arena_printf(a, "%.*s", (int)w.size_bytes, (const char *)w.bytes);
    ic_writer_destroy(&w);
    return text;
}

/* What was dropped stands behind the node whose result it read. */
static bool add_dropped(struct ic_arena *a, struct lines *l, const struct ic_graph *g, const struct ic_node *producer)
{
    for (const struct ic_dropped *p = g->dropped; p; p = p->next)
        if (p->value->producer == producer && !(l->text[l->n++] = ic_arena_printf(a, "%s (changes nothing)", p->origin.source_op)))
            return false;
    return true;
}

static bool lines_of(struct ic_arena *a, const struct ic_graph *g, struct lines *out)
{
    size_t n = (size_t)g->n_nodes + 1;
    for (const struct ic_dropped *p = g->dropped; p; p = p->next)
        n++;
    *out = (struct lines){.text = ic_arena_array(a, n, sizeof *out->text)};
    if (!out->text || !add_dropped(a, out, g, NULL))
        return false;
    for (int32_t i = 0; i < g->n_nodes; i++)
        if (!(out->text[out->n++] = node_line(a, g->nodes[i])) || !add_dropped(a, out, g, g->nodes[i]))
            return false;
    return true;
}

static void put_line(json_t *to, char mark, const char *text)
{
    const char marks[] = {mark, '\0'};
    if (to)
        json_array_append_new(to, json_pack("{s:s, s:o}", "mark", marks, "node", ic_json_text(text)));
    else
        ic_cli_printf("%c %s\n", mark, text);
}

/* Longest common subsequence by dynamic programming; graphs are a few thousand nodes. */
static bool print_difference(struct ic_arena *a, const struct lines *x, const struct lines *y, json_t *to, bool *out_any)
{
    const size_t width = (size_t)y->n + 1;
    uint16_t *best = ic_arena_array(a, ((size_t)x->n + 1) * width, sizeof *best);
    if (!best)
        return false;
    for (int32_t i = x->n; i-- > 0;)
        for (int32_t k = y->n; k-- > 0;) {
            const uint16_t down = best[(size_t)(i + 1) * width + (size_t)k], right = best[(size_t)i * width + (size_t)k + 1];
            best[(size_t)i * width + (size_t)k] = strcmp(x->text[i], y->text[k]) == 0
                                                      ? (uint16_t)(best[(size_t)(i + 1) * width + (size_t)k + 1] + 1)
                                                  : down > right ? down
                                                                 : right;
        }
    for (int32_t i = 0, k = 0; i < x->n || k < y->n;) {
        if (i < x->n && k < y->n && strcmp(x->text[i], y->text[k]) == 0) {
            put_line(to, ' ', x->text[i]);
            i++;
            k++;
            continue;
        }
        *out_any = true;
        const bool second = i == x->n ||
                            (k < y->n && best[(size_t)i * width + (size_t)k + 1] > best[(size_t)(i + 1) * width + (size_t)k]);
        put_line(to, second ? '+' : '-', second ? y->text[k] : x->text[i]);
        *(second ? &k : &i) += 1;
    }
    return true;
}

int ic_inspect_compare(const char *a_path, const struct ic_graph *a, const char *b_path, const struct ic_graph *b, bool json,
                       struct ic_diag *d)
{
    struct ic_arena arena = {0};
    struct lines x, y;
    bool any = false;
    if (a->n_nodes > 5000 || b->n_nodes > 5000) {
        (void)ic_fail(d, IC_E_NODES, "graphs of more than 5000 nodes are not compared");
        return IC_EXIT_ERROR;
    }
    json_t *to = json ? json_array() : NULL;
    if (!json)
        ic_cli_printf("- %s\n+ %s\n", a_path, b_path);
    const bool done = lines_of(&arena, a, &x) && lines_of(&arena, b, &y) && print_difference(&arena, &x, &y, to, &any);
    ic_arena_destroy(&arena);
    if (!done) {
        json_decref(to);
        (void)ic_fail(d, IC_ERR_MEMORY, "no memory to compare the graphs");
        return IC_EXIT_ERROR;
    }
    const int code = any ? IC_EXIT_NO : IC_EXIT_OK;
    if (json)
        return ic_cli_print_json(json_pack("{s:o, s:o, s:b, s:o}", "first", ic_json_text(a_path), "second", ic_json_text(b_path),
                                           "same", !any, "nodes", to),
                                 d) == IC_OK
                   ? code
                   : IC_EXIT_ERROR;
    ic_cli_printf(any ? "the graphs differ\n" : "the graphs are the same\n");
    return code;
}
