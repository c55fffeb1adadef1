/* SPDX-License-Identifier: Apache-2.0 */
#include "import/torchscript/composed.h"

#include "base/bytes.h"
#include "import/torchscript/schema.h"

#include <string.h>

#define COMPOSED(schema, body) body,
static const char *const bodies[] = {
#include "import/torchscript/composed.def"
};
#undef COMPOSED
#define N_BODIES ((int32_t)(sizeof bodies / sizeof *bodies))

static const char composed_path[] = "(composed)";

bool ic_ts_in_composed(const struct ic_ts_frame *f)
{
    return f && f->def->file && f->def->file->path == composed_path;
}

const struct ic_ts_frame *ic_ts_place(const struct ic_ts *ts)
{
    const struct ic_ts_frame *f = ts->frame;
    while (ic_ts_in_composed(f) && f->caller)
        f = f->caller;
    return f;
}

/* "def NAME(a, b):" and the body, each line of it one deeper. */
static enum ic_status write_source(struct ic_ts *ts, const struct ic_ts_schema *schema, const char *name, const char *body,
                                   struct ic_writer *w)
{
    ic_write_text(w, "def %.*s(", (int)strcspn(name, "("), name);
    for (int32_t i = 0; i < schema->n; ++i)
        ic_write_text(w, "%s%.*s", i ? ", " : "", (int)schema->params[i].name_length, schema->params[i].name);
    ic_write_text(w, "):\n");
    for (const char *p = body; *p;) {
        const size_t n = strcspn(p, "\n");
        ic_write_text(w, "  %.*s\n", (int)n, p);
        p += n + (p[n] == '\n');
    }
    return w->failed ? ic_ts_no_memory(ts) : IC_OK;
}

static enum ic_status parse(struct ic_ts *ts, const struct ic_ts_row *row, const char *body, const struct ic_ts_def **out)
{
    struct ic_writer w = {0};
    const struct ic_ts_schema *schema = NULL;
    struct ic_ts_file *file = ic_arena_alloc(&ts->arena, sizeof *file);
    if (!ts->archive->names.arena) /* of an exported program, which has no source */
        ts->archive->names.arena = &ts->arena;
    const char *name = strstr(row->schema, "::");
    enum ic_status s = file ? ic_ts_schema(ts, row, &schema) : ic_ts_no_memory(ts);
    name = name && name < strchr(row->schema, '(') ? name + 2 : row->schema;
    if (s == IC_OK)
        s = write_source(ts, schema, name, body, &w);
    const char *text = s == IC_OK ? ic_arena_text(&ts->arena, (const char *)w.bytes, w.size_bytes) : NULL;
    if (s == IC_OK && !text)
        s = ic_ts_no_memory(ts);
    if (s == IC_OK)
        s = ic_ts_parse(text, w.size_bytes, composed_path, ts->limits.max_depth, &ts->archive->names, file, ts->d);
    ic_writer_destroy(&w);
    *out = s == IC_OK ? file->defs : NULL;
    return s;
}

enum ic_status ic_ts_op_composed(struct ic_ts *ts, const struct ic_ts_row *row, struct ic_ts_value *arg, struct ic_ts_value *out)
{
    const int32_t i = (int32_t)(row - ic_ts_rows) - (ic_ts_n_rows - N_BODIES); /* they stand last */
    if (!ts->composed_defs) {
        ts->composed_defs = ic_arena_array(&ts->arena, (size_t)N_BODIES, sizeof *ts->composed_defs);
        if (!ts->composed_defs)
            return ic_ts_no_memory(ts);
    }
    if (!ts->composed_defs[i])
        IC_TRY(parse(ts, row, bodies[i], &ts->composed_defs[i]));
    const struct ic_ts_row *outer = ts->composed;
    if (!outer)
        ts->composed = row;
    const enum ic_status s = ic_ts_call(ts, ts->composed_defs[i], arg, NULL, out);
    ts->composed = outer;
    return s;
}
