/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip inspect: what a file is. Source networks: format, inputs, graph. Model files: sections, inputs, outputs, layers, memory.
 */
#include "cli/cli.h"
#include "cli/inspect.h"
#include "cli/json.h"
#include "toolchain_command.h"

#include <stdio.h>
#include <string.h>

struct inspect_options {
    struct ic_arg_list inputs;
    const char *method;
    bool graph, dot, steps, memory, command, json;
};

static const struct ic_arg *inspect_args(struct inspect_options *o)
{
    static struct ic_arg args[9];
    const struct ic_arg list[] = {
        {"--input", "-i", IC_ARG_LIST, &o->inputs, "[NAME=]SHAPE",
         "an input's shape, for --graph of a source network that does not fix it"},
        {"--method", NULL, IC_ARG_TEXT, &o->method, "NAME", "the method of a TorchScript file to look at (default forward)"},
        {"--graph", NULL, IC_ARG_FLAG, &o->graph, NULL, "print the graph: as imported, or the portable graph of a model file"},
        {"--dot", NULL, IC_ARG_FLAG, &o->dot, NULL, "write the graph for Graphviz (dot -Tsvg)"},
        {"--steps", NULL, IC_ARG_FLAG, &o->steps, NULL, "print the compiled program step by step"},
        {"--memory", NULL, IC_ARG_FLAG, &o->memory, NULL, "print the memory plan"},
        {"--command", NULL, IC_ARG_FLAG, &o->command, NULL, "print the command that made a model file"},
        {"--json", NULL, IC_ARG_FLAG, &o->json, NULL, "print it as JSON"},
        {0},
    };
    IC_ARGS_KEEP(args, list);
    return args;
}

static void print_writer(struct ic_writer *w)
{
    ic_cli_printf("%.*s", (int)w->size_bytes, (const char *)w->bytes);
    ic_writer_destroy(w);
}

static void print_io(const struct ic_program *p, const char *what, const struct ic_io *ios, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct ic_tensor *t = &p->tensors[ios[i].tensor];
        char shape[128];
        ic_cli_shape_text(shape, sizeof shape, (int32_t)t->rank, t->dims);
        ic_cli_printf("%s %u: %s %s %s, %llu byte%s", what, i, ic_program_text(p, ios[i].name), shape,
                      ic_dtype_name((enum ic_dtype)t->dtype), (unsigned long long)t->size_bytes, IC_S(t->size_bytes));
        if (t->scale != 0.0f)
            ic_cli_printf(", scale %.9g zero %d", (double)t->scale, (int)t->zero);
        const char *face = ic_program_text(p, ios[i].face_name);
        ic_cli_printf("%s%s\n", *face ? ", rknn name " : "", face);
    }
}

/* The portable graph of a model file. */
static enum ic_status decode_graph(const struct ic_container *c, struct ic_graph **out_g, struct ic_diag *d)
{
    const struct ic_section *s = ic_container_find(c, IC_SECTION_GRAPH, 0);
    const struct ic_section *k = ic_container_find(c, IC_SECTION_GRAPH_CONSTS, 0);
    if (!s)
        return ic_fail(
            d, IC_E_OPTIONS_CLASH,
            "--graph: this file holds no portable graph (it was compiled without --keep-portable); --steps shows its program");
    return ic_ir_decode(s->bytes, s->size_bytes, k ? k->bytes : NULL, k ? k->size_bytes : 0, out_g, d);
}

static json_t *facts_of(const struct ic_container *c)
{
    const struct ic_section *s = ic_container_find(c, IC_SECTION_JSON, 0);
    return s ? json_loadb((const char *)s->bytes, s->size_bytes, 0, NULL) : NULL;
}

static enum ic_status print_command(const char *path, const struct ic_container *c, bool as_json, struct ic_diag *d)
{
    json_t *o = facts_of(c);
    const char *command = ic_cli_command(o), *options = json_string_value(json_object_get(o, "options"));
    enum ic_status status = IC_OK;
    if (!options)
        status = ic_fail(d, IC_E_OPTIONS_CLASH, "--command: this file does not say how it was made (it was stripped)");
    else if (!command && *options)
        status = ic_fail(d, IC_E_OPTIONS_CLASH, "--command: this file was made by a call and holds no command: %s", options);
    else if (!command)
        status = ic_fail(d, IC_E_OPTIONS_CLASH,
                         "--command: this file was made by a program that did not say how: convert the network again");
    else if (as_json)
        status = ic_cli_print_json(json_pack("{s:o}", "command", ic_json_text(command)), d);
    else
        ic_cli_printf("%s\n", command);
    if (status == IC_OK && ic_command_is_partial(command))
        ic_say(d, 'W',
               "%s: what stands in < > was in memory when the model was made: write a file's name in its place, of samples the "
               "name of a list of .npy files",
               path);
    json_decref(o);
    return status;
}

static void print_facts(const struct ic_container *c)
{
    json_t *o = facts_of(c);
    if (!o)
        return;
    const json_t *source = json_object_get(o, "source");
    const char *file = json_string_value(json_object_get(source, "file"));
    const char *build = json_string_value(json_object_get(o, "build"));
    const char *version = json_string_value(json_object_get(o, "inchip"));
    ic_cli_printf("made from %s (%s) by inchip %s, built as %s\n", file ? file : "?",
                  json_string_value(json_object_get(source, "format")), version ? version : "?", build ? build : "?");
    json_decref(o);
}

static void print_program(const struct ic_program *p, bool was_portable, const struct inspect_options *o)
{
    const struct ic_target *t = ic_target_find(p->target);
    if (was_portable)
        ic_cli_printf("portable graph; a board with the mini runtime needs a compiled file (convert --target CHIP)\n");
    else
        ic_cli_printf("compiled for %s%s%s%s%s%s\n", p->target, t ? " (" : "", t ? t->cpu : "", t ? " CPU program)" : "",
                      t && *t->note ? ": " : "", t ? t->note : "");
    print_io(p, "input", p->inputs, p->n_inputs);
    print_io(p, "output", p->outputs, p->n_outputs);
    ic_cli_printf("%u step%s, %.1f KB constants, %.1f KB activations\n", p->n_steps, IC_S(p->n_steps),
                  (double)p->const_bytes / 1024.0, (double)p->arena_bytes / 1024.0);
    struct ic_writer w = {0};
    if (o->steps)
        ic_program_print(p, &w);
    if (o->memory)
        ic_compile_print_memory(p, &w);
    if (w.size_bytes)
        print_writer(&w);
}

/* The graph as imported, with what was dropped on the way; closes it. */
static void print_inspected(struct ic_inspected *i)
{
    struct ic_writer w = {0};
    ic_ir_print(i->graph, false, &w);
    print_writer(&w);
    ic_inspect_print_dropped(i->graph);
    ic_inspect_close(i);
}

/* A graph as Graphviz, or into an object. */
static enum ic_status print_source_graph(const char *path, const struct inspect_options *o, json_t *to, struct ic_diag *d)
{
    struct ic_inspected i;
    IC_TRY(ic_inspect_open(path, &o->inputs, o->method, &i, d));
    if (to)
        json_object_set_new(to, "graph", ic_inspect_graph_json(i.graph));
    else
        ic_inspect_print_dot(i.graph);
    ic_inspect_close(&i);
    return IC_OK;
}

const char *ic_inspect_section_name(uint32_t kind)
{
    static const char *const names[] = {"?", "portable graph", "portable constants", "program", "program constants", "description"};
    return kind <= IC_SECTION_JSON ? names[kind] : "unknown";
}

/* {"file", "kind", "bytes"}: what every answer begins with. */
static json_t *begin_json(const char *path, const char *kind, size_t size_bytes)
{
    return json_pack("{s:o, s:s, s:I}", "file", ic_json_text(path), "kind", kind, "bytes", (json_int_t)size_bytes);
}

/* A model file of ours, read whole before a word of it is printed. */
struct ours {
    struct ic_container container;
    struct ic_program program;
    struct ic_writer consts;
    struct ic_graph *graph; /* with --graph */
    bool was_portable;
};

static enum ic_status read_ours(const struct ic_file_map *map, const struct inspect_options *o, struct ours *f, struct ic_diag *d)
{
    IC_TRY(ic_container_open(map->bytes, map->size_bytes, true, &f->container, d));
    if (o->command)
        return IC_OK;
    IC_TRY(ic_container_program(&f->container, &f->program, &f->consts, &f->was_portable, d));
    return o->graph ? decode_graph(&f->container, &f->graph, d) : IC_OK;
}

static enum ic_status ours_as_json(const char *path, const struct ic_file_map *map, const struct ours *f,
                                   const struct inspect_options *o, struct ic_diag *d)
{
    json_t *all = begin_json(path, "inchip", map->size_bytes);
    ic_inspect_model_json(&f->container, &f->program, f->was_portable, o->steps, o->memory, all);
    if (f->graph)
        json_object_set_new(all, "graph", ic_inspect_graph_json(f->graph));
    return ic_cli_print_json(all, d);
}

static void print_ours(const char *path, const struct ic_file_map *map, const struct ours *f, const struct inspect_options *o)
{
    const struct ic_container *c = &f->container;
    ic_cli_printf("%s: inchip model file, %.1f KB\n", path, (double)map->size_bytes / 1024.0);
    print_facts(c);
    for (uint32_t i = 0; i < c->n_sections; i++)
        ic_cli_printf("section %u: %s, %zu byte%s\n", i, ic_inspect_section_name(c->sections[i].kind), c->sections[i].size_bytes,
                      IC_S(c->sections[i].size_bytes));
    print_program(&f->program, f->was_portable, o);
    if (!f->graph)
        return;
    struct ic_writer w = {0};
    ic_ir_print(f->graph, false, &w);
    print_writer(&w);
}

static enum ic_status inspect_ours(const char *path, const struct ic_file_map *map, const struct inspect_options *o,
                                   struct ic_diag *d)
{
    if (o->inputs.n || o->method)
        return ic_fail(d, IC_E_OPTIONS_CLASH, "%s: a model file of inchip, whose inputs are fixed; %s is for source networks", path,
                       o->inputs.n ? "--input" : "--method");
    if (o->dot)
        return print_source_graph(path, o, NULL, d);
    struct ours f = {0};
    enum ic_status status = read_ours(map, o, &f, d);
    if (status == IC_OK && o->command)
        status = print_command(path, &f.container, o->json, d);
    else if (status == IC_OK && o->json)
        status = ours_as_json(path, map, &f, o, d);
    else if (status == IC_OK)
        print_ours(path, map, &f, o);
    ic_graph_destroy(f.graph);
    ic_program_destroy(&f.program);
    ic_writer_destroy(&f.consts);
    return status;
}

static void print_signature(const struct ic_import_signature *s)
{
    for (int32_t i = 0; i < s->n_inputs; i++) {
        ic_cli_printf("input %d: %s ", (int)i, s->names[i]);
        if (s->rank[i] < 0)
            ic_cli_printf("(shape not in the file: give --input %s=SHAPE)\n", s->names[i]);
        bool free = false;
        for (int32_t k = 0; k < s->rank[i]; k++) {
            free = free || s->dims[i][k] < 0;
            ic_cli_printf(s->dims[i][k] < 0 ? "%s?" : "%s%d", k ? "x" : "", (int)s->dims[i][k]);
        }
        if (s->rank[i] >= 0)
            ic_cli_printf(" (from the %s%s)\n", s->declared ? "file" : "weights", free ? "; ? is free" : "");
    }
    if (s->methods[0])
        ic_cli_printf("methods: %s; --method NAME takes another than forward\n", s->methods);
}

/* A flag that would be passed over in silence. */
static enum ic_status refuse_flags(const char *path, const char *what, const char *flag, struct ic_diag *d)
{
    return flag ? ic_fail(d, IC_E_OPTIONS_CLASH, "%s: %s; %s is for model files that inchip convert wrote", path, what, flag)
                : IC_OK;
}

static enum ic_status check_flags_of_two(const char *const *paths, const struct inspect_options *o, struct ic_diag *d)
{
    const char *flag = o->dot ? "--dot" : o->steps ? "--steps" : o->memory ? "--memory" : o->command ? "--command" : NULL;
    return flag ? ic_fail(d, IC_E_OPTIONS_CLASH, "%s is for one file; %s and %s are compared by their graphs", flag, paths[0],
                          paths[1])
                : IC_OK;
}

/* What would be left out without a word. */
static enum ic_status check_forms(const struct inspect_options *o, struct ic_diag *d)
{
    const char *other = o->graph ? "--graph" : o->steps ? "--steps" : o->memory ? "--memory" : NULL;
    if (o->dot && (o->json || o->command || o->steps || o->memory))
        return ic_fail(d, IC_E_OPTIONS_CLASH, "--dot and %s: one of them at a time",
                       o->json      ? "--json"
                       : o->command ? "--command"
                                    : other);
    if (o->command && other)
        return ic_fail(d, IC_E_OPTIONS_CLASH, "--command and %s: one of them at a time", other);
    return IC_OK;
}

static int inspect_two(const char *const *paths, const struct inspect_options *o, struct ic_diag *d)
{
    struct ic_inspected a, b;
    if (check_flags_of_two(paths, o, d) != IC_OK)
        return IC_EXIT_ERROR;
    if (ic_inspect_open(paths[0], &o->inputs, o->method, &a, d) != IC_OK) {
        ic_diag_name_file(d, paths[0]);
        return IC_EXIT_ERROR;
    }
    int code = IC_EXIT_ERROR;
    if (ic_inspect_open(paths[1], &o->inputs, o->method, &b, d) == IC_OK) {
        code = ic_inspect_compare(paths[0], a.graph, paths[1], b.graph, o->json, d);
        ic_inspect_close(&b);
    } else {
        ic_diag_name_file(d, paths[1]);
    }
    ic_inspect_close(&a);
    return code;
}

static enum ic_status source_as_json(const char *path, const struct ic_file_map *map, const struct ic_recognized *r,
                                     const struct inspect_options *o, struct ic_diag *d)
{
    struct ic_import_signature s = {0};
    IC_TRY(ic_import_signature(map->bytes, map->size_bytes, path, o->method, &s, d));
    json_t *all = begin_json(path, r->format, map->size_bytes);
    json_object_set_new(all, "version", ic_json_text(r->version));
    json_object_set_new(all, "inputs", ic_inspect_signature_json(&s));
    if (s.methods[0])
        json_object_set_new(all, "methods", ic_json_text(s.methods));
    const enum ic_status status = o->graph ? print_source_graph(path, o, all, d) : IC_OK;
    if (status == IC_OK)
        return ic_cli_print_json(all, d);
    json_decref(all);
    return status;
}

static enum ic_status inspect_source(const char *path, const struct ic_file_map *map, const struct inspect_options *o,
                                     struct ic_diag *d)
{
    struct ic_recognized r;
    ic_import_recognize(map->bytes, map->size_bytes, &r);
    if (r.importable)
        IC_TRY(refuse_flags(path, "a source network",
                            o->steps     ? "--steps"
                            : o->memory  ? "--memory"
                            : o->command ? "--command"
                                         : NULL,
                            d));
    if (o->dot)
        return print_source_graph(path, o, NULL, d);
    if (!r.importable && (strncmp(r.format, "torch", 5) == 0 || strcmp(r.format, "safetensors") == 0)) {
        bool listed = false;
        IC_TRY(ic_inspect_weights(path, map, &r, o->json, &listed, d));
        if (listed)
            return IC_OK;
    }
    if (o->json)
        return source_as_json(path, map, &r, o, d);
    struct ic_import_signature s = {0};
    struct ic_inspected i = {0};
    IC_TRY(ic_import_signature(map->bytes, map->size_bytes, path, o->method, &s, d));
    if (o->graph)
        IC_TRY(ic_inspect_open(path, &o->inputs, o->method, &i, d));
    ic_cli_printf("%s: %s%s%s, %.1f KB\n", path, r.format, *r.version ? " " : "", r.version, (double)map->size_bytes / 1024.0);
    print_signature(&s);
    if (o->graph)
        print_inspected(&i);
    return IC_OK;
}

int ic_verb_inspect(int argc, char **argv, bool help, struct ic_diag *d)
{
    struct inspect_options o = {0};
    const struct ic_arg *args = inspect_args(&o);
    if (help) {
        ic_cli_print_options(args);
        return IC_EXIT_OK;
    }
    const char *paths[2] = {NULL, NULL};
    int n = 0;
    enum ic_status status = ic_cli_parse(argc, argv, args, paths, 2, &n, d);
    if (status == IC_OK && n == 0)
        status = ic_fail(d, IC_E_OPTION_MISSING, "name the file: inchip inspect FILE");
    if (status == IC_OK)
        status = check_forms(&o, d);
    if (status == IC_OK && n == 2)
        return inspect_two(paths, &o, d);
    const char *path = paths[0];
    struct ic_file_map map = {0};
    if (status == IC_OK)
        status = ic_file_map_open(path, &map, d);
    if (status == IC_OK) {
        const enum ic_file_kind kind = ic_container_sniff(map.bytes, map.size_bytes);
        status = kind == IC_FILE_OTHER  ? inspect_source(path, &map, &o, d)
                 : kind == IC_FILE_OURS ? inspect_ours(path, &map, &o, d)
                                        : ic_inspect_vendor(path, &map, kind, o.json, d);
    }
    ic_file_map_close(&map);
    if (status != IC_OK && path)
        ic_diag_name_file(d, path);
    return status == IC_OK ? IC_EXIT_OK : IC_EXIT_ERROR;
}
