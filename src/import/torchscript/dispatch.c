/* SPDX-License-Identifier: Apache-2.0
 *
 * From an operator's name to its row, its overload, its result; in-place forms by the trailing underscore.
 */
#include "import/torchscript/aten.h"
#include "import/torchscript/chosen.h"
#include "import/torchscript/complex.h"
#include "import/torchscript/quantized.h"
#include "import/torchscript/report.h"
#include "import/torchscript/schema.h"

#include <stdio.h>
#include <string.h>

struct op_name {
    char text[128];
    size_t length;
    bool in_place;
};

static bool row_has_name(const struct ic_ts_row *row, const char *name, size_t length)
{
    return strncmp(row->schema, name, length) == 0 && row->schema[length] == '(';
}

static const struct ic_ts_row *find_row(const char *name, size_t length)
{
    for (int32_t i = 0; i < ic_ts_n_rows; ++i)
        if (row_has_name(&ic_ts_rows[i], name, length))
            return &ic_ts_rows[i];
    return NULL;
}

/* "aten" is not written in the table, other name spaces are. */
static const struct ic_ts_row *find_op(const char *ns, const char *name, struct op_name *out)
{
    const int n = strcmp(ns, "aten") == 0 ? snprintf(out->text, sizeof out->text, "%s", name)
                                          : snprintf(out->text, sizeof out->text, "%s::%s", ns, name);
    if (n < 0 || (size_t)n >= sizeof out->text)
        return NULL;
    out->length = (size_t)n;
    out->in_place = false;
    const struct ic_ts_row *row = find_row(out->text, out->length);
    if (!row && n > 1 && out->text[n - 1] == '_' && out->text[n - 2] != '_') {
        row = find_row(out->text, out->length - 1);
        if (row) {
            out->length--;
            out->in_place = true;
        }
    }
    return row;
}

static enum ic_status refresh_args(struct ic_ts *ts, struct ic_ts_value *values, int32_t n, int depth)
{
    for (int32_t i = 0; i < n; ++i) {
        if ((values[i].kind == IC_TS_V_TENSOR || values[i].kind == IC_TS_V_COMPLEX) &&
            (values[i].u.t->shared || values[i].u.t->storage))
            IC_TRY(ic_ts_refresh(ts, values[i].u.t));
        if (depth < 2 && (values[i].kind == IC_TS_V_LIST || values[i].kind == IC_TS_V_TUPLE))
            IC_TRY(refresh_args(ts, values[i].u.seq->items, values[i].u.seq->n, depth + 1));
    }
    return IC_OK;
}

/* A probe's input keeps its identity through what does not change its shape, and ends at the first weight. */
static void probe_through(struct ic_ts *ts, const struct ic_ts_row *row, const struct ic_ts_args *args, struct ic_ts_value *out)
{
    const struct ic_ts_value *x = args->n ? &args->values[0] : NULL;
    if (!x || x->kind != IC_TS_V_UNKNOWN || !x->u.t)
        return;
    if (row->flags & IC_TS_ROW_ELEMENTWISE)
        *out = *x;
    if (row->flags & IC_TS_ROW_RESHAPES)
        ic_ts_probe_reshaped(ts, x->u.t, out);
    if ((row->flags & IC_TS_ROW_WEIGHTED) && args->n > 1 && args->values[1].kind == IC_TS_V_TENSOR)
        ic_ts_probe_weight(ts, row, x->u.t, args);
}

static enum ic_status handle_unknown(struct ic_ts *ts, const struct ic_ts_row *row, const struct ic_ts_args *args, bool *handled,
                                     struct ic_ts_value *out)
{
    *handled = false;
    if (row->flags & IC_TS_ROW_HANDLES_UNKNOWN)
        return IC_OK;
    for (int32_t i = 0; i < args->n && !*handled; ++i)
        *handled = ic_ts_has_unknown(&args->values[i]);
    if (*handled) {
        *out = ic_ts_unknown();
        if (ts->probing)
            probe_through(ts, row, args, out);
    }
    return IC_OK;
}

static enum ic_status no_overload(struct ic_ts *ts, const char *op, const struct ic_ts_args *args, struct ic_ts_value *out)
{
    char types[200];
    size_t n = 0;
    types[0] = 0;
    for (int32_t i = 0; i < args->n && n < sizeof types - 40; ++i)
        n += (size_t)snprintf(types + n, sizeof types - n, "%s%.20s", i ? ", " : "", ic_ts_kind_name(&args->values[i]));
    const char *why = ic_arena_printf(
        &ts->arena, "this form of it, with arguments (%s), is not supported%s", types,
        ic_ts_some_complex(args->values, args->n, 0) ? ": write it with torch.view_as_real, or with x.real and x.imag" : "");
    return ic_ts_unsupported(ts, op, why ? why : "", args->values, args->n, out);
}

static bool is_step_from(const struct ic_ts_tensor *view, const struct ic_ts_tensor *from)
{
    return view != from && view->shared && view->shared == from->shared && view->view && view->view->before == from->view;
}

static enum ic_status write_back(struct ic_ts *ts, struct ic_ts_value *target, struct ic_ts_value *out)
{
    if ((target->kind == IC_TS_V_COMPLEX) != (out->kind == IC_TS_V_COMPLEX) && out->kind != IC_TS_V_UNKNOWN)
        return ic_ts_fail(ts, IC_E_SCRIPT_VALUE, "%s is written into %s", ic_ts_describe(ts, out), ic_ts_describe(ts, target));
    const bool tensors = target->kind == IC_TS_V_TENSOR || target->kind == IC_TS_V_COMPLEX;
    if (out->kind == IC_TS_V_UNKNOWN || !tensors || out->kind != target->kind)
        return IC_OK;
    if (is_step_from(out->u.t,
                     target->u.t)) /* squeeze_, t_ ...: the tensor looks at its memory in another way, nothing is written */
        *target->u.t = *out->u.t;
    else
        IC_TRY(ic_ts_write(ts, target->u.t, out->u.t));
    *out = *target;
    return IC_OK;
}

const char *ic_ts_op_name(const struct ic_ts *ts, char *room, size_t room_bytes)
{
    const struct ic_ts_row *row = ts->composed ? ts->composed : ts->row;
    const char *s = row ? row->schema : "value";
    const char *ns = strstr(s, "::");
    if (ns && ns < strchr(s, '('))
        s = ns + 2;
    snprintf(room, room_bytes, "%.*s", (int)strcspn(s, "("), s);
    return room;
}

/* A computed tensor came out as it went in: the same value, the same shape. */
static bool gave_back(const struct ic_ts *ts, const struct ic_ts_value *in, const struct ic_ts_value *out)
{
    if (!ts->graph || in->kind != IC_TS_V_TENSOR || out->kind != IC_TS_V_TENSOR)
        return false;
    const struct ic_ts_tensor *x = in->u.t, *y = out->u.t;
    return y->now.value && !y->now.data && y->now.value == x->now.value && x->rank == y->rank &&
           memcmp(x->dims, y->dims, (size_t)x->rank * sizeof *x->dims) == 0;
}

static const char no_such_row; /* its address in a call's cache: looked for and not there */

/* Operators whose results always lie in order. */
static bool copies_in_order(const struct ic_ts_row *r)
{
    static const char *const names[] = {"reshape(", "flatten(", "contiguous(", "reshape_as("};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (strncmp(r->schema, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* Operators along an axis, which PyTorch lets tensors without axes have too: as if they had one of one element. */
static bool works_along_axes(const char *name)
{
    static const char *const names[] = {"max",    "min",       "all",         "any",           "argmax",  "argmin",
                                        "median", "nanmedian", "cumsum",      "cumprod",       "sort",    "argsort",
                                        "cummax", "cummin",    "topk",        "kthvalue",      "scatter", "logcumsumexp",
                                        "mode",   "gather",    "scatter_add", "scatter_reduce"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (strncmp(names[i], name, strlen(names[i])) == 0 &&
            (!name[strlen(names[i])] || strcmp(name + strlen(names[i]), "_") == 0))
            return true;
    return false;
}

static enum ic_status give_axis(struct ic_ts *ts, const char *name, struct ic_ts_value *args, int32_t n, bool *given)
{
    *given = ts->graph && n && args[0].kind == IC_TS_V_TENSOR && args[0].u.t->rank == 0 && works_along_axes(name);
    for (int32_t i = 0; *given && i < n; ++i)
        if (args[i].kind == IC_TS_V_TENSOR && args[i].u.t->rank == 0)
            IC_TRY(ic_ts_reshape(ts, args[i].u.t, 1, (const int64_t[]){1}, &args[i].u.t));
    return IC_OK;
}

static enum ic_status take_axis(struct ic_ts *ts, struct ic_ts_value *out)
{
    if (out->kind == IC_TS_V_TENSOR && out->u.t->rank == 1)
        return ic_ts_reshape(ts, out->u.t, 0, (const int64_t[]){1}, &out->u.t);
    for (int32_t i = 0; out->kind == IC_TS_V_TUPLE && i < out->u.seq->n; ++i)
        IC_TRY(take_axis(ts, &out->u.seq->items[i]));
    return IC_OK;
}

struct call {
    const char *ns, *name;
    const struct ic_ts_row *first; /* of that name */
    size_t length;                 /* of the name, without the underscore of an in-place form */
    const struct ic_ts_args *args;
    const struct ic_ts_lifted *lifted; /* arguments are the parts of complex tensors */
};

/* Whether what came out of an operator of aten shares memory with what went in, as it does in torch. */
static enum ic_status settle_memory(struct ic_ts *ts, const struct ic_ts_row *r, const struct ic_ts_schema *schema,
                                    const struct ic_ts_value *bound, struct ic_ts_value *out)
{
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(r->schema, "("), r->schema);
    IC_TRY(ic_ts_new_results(ts, name, bound, schema->n, out));
    for (int32_t i = 1; i < schema->n; ++i)
        if (bound[i].kind == IC_TS_V_INT && schema->params[i].name_length == strlen("memory_format") &&
            strncmp(schema->params[i].name, "memory_format", strlen("memory_format")) == 0)
            IC_TRY(ic_ts_in_format(ts, bound[i].u.i, &bound[0], out));
    return IC_OK;
}

/* Arguments are bound to row r: runs it. */
static enum ic_status run_row(struct ic_ts *ts, const struct call *c, const struct ic_ts_row *r, const struct ic_ts_schema *schema,
                              struct ic_ts_value *bound, struct ic_ts_value *out)
{
    const struct ic_ts_row *outer = ts->row;
    const bool complex = ic_ts_some_complex(bound, schema->n, 0), wants_complex = !complex && ic_ts_wants_complex(schema, bound);
    bool axis_given = false;
    ts->row = r;
    *out = ic_ts_none();
    IC_TRY(give_axis(ts, c->name, bound, schema->n, &axis_given));
    IC_TRY(r->run(ts, r, bound, out));
    if (axis_given)
        IC_TRY(take_axis(ts, out));
    if (strcmp(c->ns, "aten") == 0)
        IC_TRY(settle_memory(ts, r, schema, bound, out));
    if (!copies_in_order(r))
        ic_ts_order_of_results(bound, schema->n, out);
    if ((strcmp(c->ns, "aten") == 0 || strcmp(c->name, "relu6") == 0) && ts->graph)
        IC_TRY(ic_ts_after_operator(ts, c->name, bound, schema->n, out));
    if (gave_back(ts, bound, out))
        IC_TRY(ic_ts_note_dropped(ts, out->u.t->now.value));
    if (c->lifted)
        IC_TRY(ic_ts_from_parts(ts, out));
    else if (wants_complex)
        IC_TRY(ic_ts_make_complex(ts, out));
    ts->row = outer;
    return IC_OK;
}

/* The first overload that fits. *ran false: none does. */
static enum ic_status try_rows(struct ic_ts *ts, const struct call *c, bool *ran, struct ic_ts_value *out)
{
    struct ic_ts_value bound[IC_TS_MAX_ARGS];
    const struct ic_ts_row *const end = ic_ts_rows + ic_ts_n_rows;
    *ran = false;
    for (const struct ic_ts_row *r = c->first; r < end && !*ran; ++r) {
        if (!row_has_name(r, c->first->schema, c->length))
            continue;
        const struct ic_ts_schema *schema = NULL;
        IC_TRY(ic_ts_schema(ts, r, &schema));
        IC_TRY(ic_ts_bind(ts, schema, c->args, bound, ran));
        if (*ran && c->lifted)
            IC_TRY(ic_ts_lift_axes(ts, c->lifted, schema, bound, ran));
        if (*ran)
            IC_TRY(run_row(ts, c, r, schema, bound, out));
    }
    return IC_OK;
}

enum ic_status ic_ts_dispatch(struct ic_ts *ts, const char *ns, const char *name, const struct ic_ts_args *args, const void **cache,
                              struct ic_ts_value *out)
{
    struct op_name op;
    const struct ic_ts_row *row = *cache == (const void *)&no_such_row ? NULL : *cache;
    op.in_place = false;
    if (row) {
        op.in_place = name[0] && name[strlen(name) - 1] == '_' && row->schema[strcspn(row->schema, "(") - 1] != '_';
        op.length = strcspn(row->schema, "(");
    } else if (!*cache) {
        row = find_op(ns, name, &op);
        *cache = row ? (const void *)row : (const void *)&no_such_row;
    }
    char full[160];
    snprintf(full, sizeof full, "%.60s::%.90s", ns, name);
    if (!row)
        return ic_ts_unsupported(ts, full, ic_ts_remedy(ns, name), args->values, args->n, out);
    bool handled = false;
    IC_TRY(handle_unknown(ts, row, args, &handled, out));
    if (handled)
        return IC_OK;
    bool chosen = false;
    IC_TRY(ic_ts_chosen_operator(ts, ns, name, args, &chosen, &handled, out));
    if (handled)
        return chosen && out->kind == IC_TS_V_TENSOR ? write_back(ts, &args->values[0], out) : IC_OK;
    if (ts->exported) {
        bool takes = true;
        IC_TRY(ic_ts_takes_codes(ts, ns, name, args->values, args->n, out, &takes));
        if (!takes)
            return IC_OK;
    }
    IC_TRY(refresh_args(ts, args->values, args->n, 0));
    struct call c = {.ns = ns, .name = name, .first = row, .length = op.length, .args = args};
    const size_t prefix = strcmp(ns, "aten") == 0 ? 0 : strlen(ns) + 2;
    c.lifted = ic_ts_lifted(ns, row->schema + prefix, op.length - prefix, args);
    if (c.lifted) {
        struct ic_ts_args parts;
        IC_TRY(ic_ts_parts_of_args(ts, c.lifted, args, &parts));
        c.args = &parts;
        IC_TRY(try_rows(ts, &c, &handled, out));
        c = (struct call){.ns = ns, .name = name, .first = row, .length = op.length, .args = args};
    }
    if (!handled)
        IC_TRY(try_rows(ts, &c, &handled, out));
    if (!handled)
        return no_overload(ts, full, args, out);
    if (chosen)
        ic_ts_stay_chosen(args, out);
    return op.in_place ? write_back(ts, &args->values[0], out) : IC_OK;
}
