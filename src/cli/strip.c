/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip strip: a model file without what no runtime reads: the description, and the portable graph beside a compiled program.
 */
#include "cli/cli.h"
#include "cli/json.h"

#include <stdio.h>
#include <string.h>

struct strip_options {
    const char *output;
    bool keep_portable, json;
};

static const struct ic_arg *strip_args(struct strip_options *o)
{
    static struct ic_arg args[4];
    const struct ic_arg list[] = {
        {"--output", "-o", IC_ARG_TEXT, &o->output, "FILE", "the model file to write; it may be the one that is read"},
        {"--keep-portable", NULL, IC_ARG_FLAG, &o->keep_portable, NULL, "leave the portable graph beside a compiled program"},
        {"--json", NULL, IC_ARG_FLAG, &o->json, NULL, "print the results as JSON"},
        {0},
    };
    IC_ARGS_KEEP(args, list);
    return args;
}

static bool is_kept(const struct ic_container *c, uint32_t kind, bool keep_portable)
{
    if (kind == IC_SECTION_JSON)
        return false;
    const bool of_graph = kind == IC_SECTION_GRAPH || kind == IC_SECTION_GRAPH_CONSTS;
    return !of_graph || keep_portable || !ic_container_find(c, IC_SECTION_PROGRAM, 0);
}

static enum ic_status report(const char *path, size_t before, const struct strip_options *o, size_t after, struct ic_diag *d)
{
    if (o->json)
        return ic_cli_print_json(json_pack("{s:o, s:o, s:I, s:I}", "input", ic_json_text(path), "output", ic_json_text(o->output),
                                           "bytes_before", (json_int_t)before, "bytes_after", (json_int_t)after),
                                 d);
    ic_say(d, 'I', "%s: %zu byte%s, %zu fewer than %s; inspect can no longer say how it was made", o->output, after, IC_S(after),
           before - after, path);
    return IC_OK;
}

static enum ic_status write_kept(const struct ic_container *c, const struct strip_options *o, struct ic_writer *w,
                                 struct ic_diag *d)
{
    struct ic_section kept[IC_CONTAINER_MAX_SECTIONS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n_sections; i++)
        if (is_kept(c, c->sections[i].kind, o->keep_portable))
            kept[n++] = c->sections[i];
    IC_TRY(ic_container_write(kept, n, w, d));
    return ic_file_write_atomic(o->output, &(struct ic_span){w->bytes, w->size_bytes}, 1, d);
}

static enum ic_status strip(const char *path, const struct strip_options *o, struct ic_diag *d)
{
    if (!o->output)
        return ic_fail(d, IC_E_OPTION_MISSING, "name the file to write: inchip strip %s -o small.ic", path);
    struct ic_file_map map = {0};
    struct ic_container c;
    struct ic_writer w = {0};
    IC_TRY(ic_file_check_target(o->output, d));
    IC_TRY(ic_cli_spare_other(o->output, false, d));
    enum ic_status status = ic_cli_open_model(path, &map, &c, d);
    if (status == IC_OK)
        status = write_kept(&c, o, &w, d);
    else
        ic_diag_name_file(d, path);
    if (status == IC_OK)
        status = report(path, map.size_bytes, o, w.size_bytes, d);
    ic_writer_destroy(&w);
    ic_file_map_close(&map);
    return status;
}

int ic_verb_strip(int argc, char **argv, bool help, struct ic_diag *d)
{
    struct strip_options o = {0};
    const struct ic_arg *args = strip_args(&o);
    if (help) {
        ic_cli_print_options(args);
        return IC_EXIT_OK;
    }
    const char *path = NULL;
    enum ic_status status = ic_cli_parse_model(argc, argv, args, "inchip strip FILE -o SMALL", &path, d);
    if (status == IC_OK)
        status = strip(path, &o, d);
    return status == IC_OK ? IC_EXIT_OK : IC_EXIT_ERROR;
}
