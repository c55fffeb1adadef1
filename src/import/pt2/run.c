/* SPDX-License-Identifier: Apache-2.0 */
#include "import/pt2/run.h"

#include "import/torchscript/names.h"
#include "import/torchscript/report.h"

#include <stdio.h>
#include <string.h>

#define MAX_GRAPHS_DEEP 20

enum ic_status ic_pt2_fail_at(struct ic_pt2_run *r, const struct ic_json *v, unsigned cause, const char *format, ...)
{
    char text[1024], node[160];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(node, sizeof node, "%s%.100s", r->node ? ", node " : "", r->node ? ic_json_get_text(r->node, "target", "?") : "");
    return ic_fail(r->ts.d, cause, "%.200s, byte %zu%s: %s", r->package.program_name, v->at, node, text);
}

/* ---- names to values ---- */
enum ic_status ic_pt2_set(struct ic_pt2_run *r, const char *name, struct ic_ts_value v)
{
    struct ic_pt2_scope *s = r->scope;
    const uint32_t *found = ic_name_index_find(&s->index, name);
    if (found) {
        s->values[*found] = v;
        return IC_OK;
    }
    if (s->n == s->cap) {
        const uint32_t cap = s->cap ? 2 * s->cap : 64;
        struct ic_ts_value *wider = cap < UINT32_MAX / 4 ? ic_arena_array(&r->ts.arena, cap, sizeof *wider) : NULL;
        if (!wider)
            return ic_ts_no_memory(&r->ts);
        if (s->n)
            memcpy(wider, s->values, s->n * sizeof *wider);
        s->values = wider;
        s->cap = cap;
    }
    s->values[s->n] = v;
    return ic_name_index_put(&s->index, &r->ts.arena, name, s->n++) ? IC_OK : ic_ts_no_memory(&r->ts);
}

enum ic_status ic_pt2_get(struct ic_pt2_run *r, const struct ic_json *named, const char *name, struct ic_ts_value *out)
{
    const uint32_t *found = ic_name_index_find(&r->scope->index, name);
    if (!found)
        return ic_pt2_fail_at(r, named, IC_E_EXPORTED, "it reads \"%.100s\", which nothing before it gives", name);
    *out = r->scope->values[*found];
    return IC_OK;
}

/* ---- where a node comes from ---- */
/* The last place outside of installed packages: the user's own line. A stack trace is a text of lines
 * File "/src/net.py", line 12, in forward */
static void find_source(struct ic_pt2_run *r, const char *trace)
{
    static const char mark[] = "File \"";
    for (const char *p = trace ? strstr(trace, mark) : NULL; p; p = strstr(p, mark)) {
        p += sizeof mark - 1;
        const char *end = strchr(p, '"');
        if (!end)
            return;
        const char *number = strncmp(end, "\", line ", 8) == 0 ? end + 8 : NULL;
        const size_t n = (size_t)(end - p);
        const char *path = n < 1000 ? ic_arena_text(&r->ts.arena, p, n) : NULL;
        p = end;
        if (!number || !path || strstr(path, "-packages/") || strncmp(path, "torch/", 6) == 0)
            continue;
        int32_t line = 0;
        for (; *number >= '0' && *number <= '9' && line < 100000000; ++number)
            line = line * 10 + (*number - '0');
        r->file.path = path;
        r->frame.line = line;
    }
}

/* "L__self__,,Net;L__self__conv1,conv1,torch.nn.modules.conv.Conv2d": the last entry is the module whose code the node is. Its path is
 * "conv1", or L['self'].conv1 in older files, with "@1" behind it when the module is called again. */
static void find_module(struct ic_pt2_run *r, const char *stack)
{
    const char *last = stack ? strrchr(stack, ';') : NULL;
    last = last ? last + 1 : stack;
    const char *path = last ? strchr(last, ',') : NULL, *cls = path ? strchr(path + 1, ',') : NULL;
    r->frame.path = "";
    r->module.class_path = "";
    if (!cls || strncmp(last, "_empty", 6) == 0)
        return;
    const size_t n = (size_t)(cls - path - 1);
    char *text = n < 1000 ? ic_arena_text(&r->ts.arena, path + 1, n) : NULL;
    const char *name = ic_arena_printf(&r->ts.arena, "__torch__.%.300s", cls + 1);
    if (!text || !name)
        return;
    if (strncmp(text, "L['self']", 9) == 0)
        text += text[9] == '.' ? 10 : 9;
    text[strcspn(text, "@")] = 0;
    r->frame.path = text;
    r->module.class_path = name;
}

static void enter_node(struct ic_pt2_run *r, const struct ic_json *node)
{
    const struct ic_json *metadata = ic_json_get(node, "metadata");
    r->node = node;
    const char *name = ic_json_get_text(node, "name", NULL);
    const char *place = name ? ic_arena_printf(&r->ts.arena, "%s, node %.100s", r->package.program_name, name) : NULL;
    r->file.path = place ? place : r->package.program_name;
    r->frame.line = 1;
    find_source(r, ic_json_get_text(metadata, "stack_trace", NULL));
    find_module(r, ic_json_get_text(metadata, "nn_module_stack", NULL));
    r->module.path = r->frame.path;
}

/* ---- results ---- */
static enum ic_status set_named(struct ic_pt2_run *r, const struct ic_json *v, struct ic_ts_value value)
{
    const char *name = ic_json_get_text(v, "name", NULL);
    if (!name)
        name = ic_json_get_text(v, "as_name", NULL);
    return name ? ic_pt2_set(r, name, value) : ic_pt2_fail_at(r, v, IC_E_EXPORTED, "a result has no name");
}

/* {"as_tensor": {"name": "x"}}, {"as_tensors": [{"name": "x"}, ...]}, {"as_sym_int": {"as_name": "s"}}, {"as_none": true} */
static enum ic_status set_result(struct ic_pt2_run *r, const struct ic_json *output, const struct ic_ts_value *v)
{
    const struct ic_json *only = ic_json_only(output);
    if (!only)
        return ic_pt2_fail_at(r, output, IC_E_EXPORTED, "a result is %s", ic_json_kind_name(output->kind));
    if (only->kind == IC_JSON_OBJECT && ic_json_only(only) && ic_json_only(only)->kind == IC_JSON_OBJECT)
        only = ic_json_only(only); /* {"as_optional_tensor": {"as_tensor": {"name": ...}}} */
    if (only->kind == IC_JSON_OBJECT)
        return ic_json_get_text(only, "name", NULL) || ic_json_get_text(only, "as_name", NULL) ? set_named(r, only, *v) : IC_OK;
    if (only->kind != IC_JSON_LIST)
        return IC_OK;
    const bool unknown = v->kind == IC_TS_V_UNKNOWN;
    if (!unknown && ((v->kind != IC_TS_V_LIST && v->kind != IC_TS_V_TUPLE) || v->u.seq->n < (int32_t)only->n))
        return ic_pt2_fail_at(r, only, IC_E_EXPORTED, "%u result%s named, the operator gives fewer", only->n,
                              IC_N(only->n, " is", "s are"));
    for (uint32_t i = 0; i < only->n; ++i) {
        const struct ic_json *item = &only->u.items[i];
        if (item->kind == IC_JSON_OBJECT && ic_json_only(item) && ic_json_only(item)->kind == IC_JSON_OBJECT)
            item = ic_json_only(item);
        if (ic_json_get_text(item, "name", NULL) || ic_json_get_text(item, "as_name", NULL))
            IC_TRY(set_named(r, item, unknown ? *v : v->u.seq->items[i]));
    }
    return IC_OK;
}

static enum ic_status set_results(struct ic_pt2_run *r, const struct ic_json *node, const struct ic_ts_value *v)
{
    const struct ic_json *outputs = ic_json_get_kind(node, "outputs", IC_JSON_LIST);
    const struct ic_json *alone = ic_json_get_kind(node, "is_hop_single_tensor_return", IC_JSON_BOOL);
    const uint32_t n = outputs ? outputs->n : 0;
    const bool sequence = v->kind == IC_TS_V_TUPLE || v->kind == IC_TS_V_LIST;
    if (n == 1 && !(v->kind == IC_TS_V_TUPLE && alone && !alone->u.i))
        return set_result(r, &outputs->u.items[0], v);
    for (uint32_t i = 0; i < n; ++i) {
        const bool has = sequence && (int32_t)i < v->u.seq->n;
        if (!has && v->kind != IC_TS_V_UNKNOWN) {
            const struct ic_json *only = ic_json_only(&outputs->u.items[i]);
            if (only && strcmp(only->key, "as_none") == 0)
                continue;
            return ic_pt2_fail_at(r, &outputs->u.items[i], IC_E_OPERATOR_FORM, "its result number %u is not computed here", i + 1);
        }
        IC_TRY(set_result(r, &outputs->u.items[i], has ? &v->u.seq->items[i] : v));
    }
    return IC_OK;
}

/* ---- calls ---- */
static enum ic_status read_args(struct ic_pt2_run *r, const struct ic_json *node, struct ic_ts_args *args)
{
    const struct ic_json *inputs = ic_json_get_kind(node, "inputs", IC_JSON_LIST);
    const uint32_t n = inputs ? inputs->n : 0;
    if (n > 10000)
        return ic_pt2_fail_at(r, node, IC_E_LIST, "it has %u argument%s", n, IC_S(n));
    struct ic_ts_value *values = ic_arena_array(&r->ts.arena, (size_t)n + 1, sizeof *values);
    const char **keywords = ic_arena_array(&r->ts.arena, (size_t)n + 1, sizeof *keywords);
    if (!values || !keywords)
        return ic_ts_no_memory(&r->ts);
    for (uint32_t i = 0; i < n; ++i) {
        const struct ic_json *input = &inputs->u.items[i], *arg = ic_json_get(input, "arg");
        if (!arg)
            return ic_pt2_fail_at(r, input, IC_E_EXPORTED, "argument %u has no value", i + 1);
        IC_TRY(ic_pt2_argument(r, arg, &values[i]));
        /* kind: 1 positional, 2 by name; files before schema 8 leave it out, and name all they give */
        const char *name = ic_json_get_text(input, "name", "");
        const int64_t kind = ic_json_get_int(input, "kind", i && *name ? 2 : 1);
        keywords[i] = kind == 2 && *name ? name : NULL;
    }
    *args = (struct ic_ts_args){.values = values, .keywords = keywords, .n = (int32_t)n};
    return IC_OK;
}

static enum ic_status call_operator(struct ic_pt2_run *r, const char *target, const struct ic_ts_args *args,
                                    struct ic_ts_value *out)
{
    char ns[64], op[96];
    const char *rest = target + strlen("torch.ops.");
    const size_t n = strcspn(rest, "."), m = rest[n] ? strcspn(rest + n + 1, ".") : 0;
    if (n >= sizeof ns || m >= sizeof op || m == 0)
        return ic_pt2_fail_at(r, r->node, IC_E_EXPORTED, "it is no name of an operator");
    snprintf(ns, sizeof ns, "%.*s", (int)n, rest);
    snprintf(op, sizeof op, "%.*s", (int)m, rest + n + 1);
    const void *cache = NULL;
    IC_TRY(ic_ts_dispatch(&r->ts, ns, op, args, &cache, out));
    ic_ts_count_result(&r->ts);
    return IC_OK;
}

static enum ic_status call_node(struct ic_pt2_run *r, const struct ic_json *node)
{
    const char *target = ic_json_get_text(node, "target", NULL);
    struct ic_ts_args args;
    struct ic_ts_value out;
    bool found = false;
    IC_TRY(ic_ts_spend(&r->ts));
    enter_node(r, node);
    if (!target)
        return ic_pt2_fail_at(r, node, IC_E_EXPORTED, "a node without a target");
    IC_TRY(read_args(r, node, &args));
    IC_TRY(ic_pt2_call_special(r, target, &args, &found, &out));
    if (!found && strncmp(target, "torch.ops.", 10) == 0)
        IC_TRY(call_operator(r, target, &args, &out));
    else if (!found)
        IC_TRY(ic_ts_unsupported(&r->ts, target, "", args.values, args.n, &out));
    r->node = node; /* a graph inside has moved it */
    return set_results(r, node, &out);
}

enum ic_status ic_pt2_nodes(struct ic_pt2_run *r, const struct ic_json *graph)
{
    const struct ic_json *nodes = ic_json_get_kind(graph, "nodes", IC_JSON_LIST);
    for (uint32_t i = 0; nodes && i < nodes->n; ++i)
        IC_TRY(call_node(r, &nodes->u.items[i]));
    r->node = NULL;
    return IC_OK;
}

static enum ic_status run_inside(struct ic_pt2_run *r, const struct ic_json *graph, const struct ic_ts_value *args, int32_t n_args,
                                 struct ic_ts_value *out)
{
    const struct ic_json *inputs = ic_json_get_kind(graph, "inputs", IC_JSON_LIST);
    const struct ic_json *outputs = ic_json_get_kind(graph, "outputs", IC_JSON_LIST);
    const struct ic_json *alone = ic_json_get_kind(graph, "is_single_tensor_return", IC_JSON_BOOL);
    if (!inputs || !outputs || (int32_t)inputs->n > n_args || outputs->n > 10000)
        return ic_pt2_fail_at(r, graph, IC_E_EXPORTED, "a graph inside wants %u input%s and gets %d", inputs ? inputs->n : 0,
                              IC_S(inputs ? inputs->n : 0), n_args);
    for (uint32_t i = 0; i < inputs->n; ++i)
        IC_TRY(set_result(r, &inputs->u.items[i], &args[i]));
    IC_TRY(ic_pt2_nodes(r, graph));
    IC_TRY(ic_ts_seq(&r->ts, IC_TS_V_TUPLE, (int32_t)outputs->n, out));
    for (uint32_t i = 0; i < outputs->n; ++i)
        IC_TRY(ic_pt2_argument(r, &outputs->u.items[i], &out->u.seq->items[i]));
    if (alone && alone->u.i && outputs->n == 1)
        *out = out->u.seq->items[0];
    return IC_OK;
}

enum ic_status ic_pt2_subgraph(struct ic_pt2_run *r, const struct ic_json *graph, const struct ic_ts_value *args, int32_t n_args,
                               struct ic_ts_value *out)
{
    struct ic_pt2_scope inner = {0}, *const outer = r->scope;
    const struct ic_json *const node = r->node;
    if (r->n_graphs_deep >= MAX_GRAPHS_DEEP)
        return ic_pt2_fail_at(r, graph, IC_E_NESTING, "graphs are nested more than %d deep", MAX_GRAPHS_DEEP);
    r->n_graphs_deep++;
    r->scope = &inner;
    IC_TRY(run_inside(r, graph, args, n_args, out));
    r->scope = outer;
    r->n_graphs_deep--;
    enter_node(r, node);
    return IC_OK;
}
