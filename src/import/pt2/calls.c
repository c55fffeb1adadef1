/* SPDX-License-Identifier: Apache-2.0
 *
 * Targets of nodes beside ATen's operators: Python's arithmetic on sizes, checks that the exporter left, graphs inside the graph.
 */
#include "import/pt2/run.h"

#include <math.h>
#include <string.h>

static enum ic_status is_number_list(struct ic_pt2_run *r, const struct ic_ts_args *args, int32_t n)
{
    bool good = args->n == n;
    for (int32_t i = 0; good && i < n; ++i)
        good = ic_ts_is_number(&args->values[i]);
    return good ? IC_OK : ic_pt2_fail_at(r, r->node, IC_E_EXPORTED, "it wants %d number%s", n, n == 1 ? "" : "s");
}

/* ---- two numbers ---- */
static enum ic_status binary(struct ic_pt2_run *r, const char *name, const struct ic_ts_args *args, bool *found,
                             struct ic_ts_value *out)
{
    static const struct {
        const char *name;
        enum ic_ts_binary op;
    } ops[] = {{"add", IC_TS_ADD},     {"sub", IC_TS_SUB},       {"mul", IC_TS_MUL}, {"floordiv", IC_TS_FLOOR_DIV},
               {"truediv", IC_TS_DIV}, {"mod", IC_TS_REMAINDER}, {"pow", IC_TS_POW}, {"eq", IC_TS_EQ},
               {"ne", IC_TS_NE},       {"lt", IC_TS_LT},         {"le", IC_TS_LE},   {"gt", IC_TS_GT},
               {"ge", IC_TS_GE},       {"and_", IC_TS_AND},      {"or_", IC_TS_OR},  {"sym_max", IC_TS_MAX},
               {"sym_min", IC_TS_MIN}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; ++i)
        if (strcmp(ops[i].name, name) == 0) {
            *found = true;
            IC_TRY(is_number_list(r, args, 2));
            return ic_ts_fold_numbers(&r->ts, (int32_t)ops[i].op, &args->values[0], &args->values[1], out);
        }
    return IC_OK;
}

/* ---- one number ---- */
static enum ic_status unary(struct ic_pt2_run *r, const char *name, const struct ic_ts_args *args, bool *found,
                            struct ic_ts_value *out)
{
    static const char *const names[] = {"neg", "trunc", "floor", "ceil", "sym_not", "sym_float", "sym_int", "round"};
    for (size_t i = 0; i < sizeof names / sizeof *names && !*found; ++i)
        *found = strcmp(names[i], name) == 0;
    if (!*found)
        return IC_OK;
    IC_TRY(is_number_list(r, args, 1));
    const struct ic_ts_value *v = &args->values[0];
    const double f = ic_ts_number(v);
    const bool whole = v->kind != IC_TS_V_FLOAT;
    if (strcmp(name, "sym_not") == 0)
        *out = ic_ts_bool(f == 0);
    else if (strcmp(name, "sym_float") == 0)
        *out = ic_ts_float(f);
    else if (strcmp(name, "neg") == 0)
        *out = whole ? ic_ts_int((int64_t)(0 - (uint64_t)v->u.i)) : ic_ts_float(-f);
    else if (whole)
        *out = ic_ts_int(v->u.i);
    else if (!(f > -9e18 && f < 9e18))
        return ic_pt2_fail_at(r, r->node, IC_E_EXPORTED, "a size is no finite number");
    else
        *out = ic_ts_int((int64_t)(name[0] == 'f' ? floor(f) : name[0] == 'c' ? ceil(f) : name[0] == 'r' ? rint(f) : f));
    return IC_OK;
}

/* ---- checks ---- */
static enum ic_status check(struct ic_pt2_run *r, const struct ic_ts_args *args)
{
    const bool text = args->n > 1 && args->values[1].kind == IC_TS_V_TEXT;
    if (args->n && (ic_ts_is_number(&args->values[0])) && ic_ts_number(&args->values[0]) == 0)
        return ic_pt2_fail_at(r, r->node, IC_E_SHAPE_WRONG, "a check of the model fails for these input shapes: %.200s",
                              text ? args->values[1].u.text->text : "a condition on sizes");
    return IC_OK;
}

static bool is_one_of(const char *name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; ++i)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

/* What only ever raises, and cannot once the shapes are known. */
static bool is_silent(const char *op)
{
    static const char *const names[] = {"_assert_tensor_metadata",
                                        "sym_constrain_range",
                                        "sym_constrain_range_for_size",
                                        "_assert_async",
                                        "_functional_assert_async",
                                        "_functional_sym_constrain_range",
                                        "_functional_sym_constrain_range_for_size",
                                        "_functional_assert_scalar"};
    return is_one_of(op, names, sizeof names / sizeof *names);
}

/* ---- graphs inside ---- */
static enum ic_status call_graph(struct ic_pt2_run *r, const struct ic_ts_value *g, const struct ic_ts_value *args, int32_t n,
                                 struct ic_ts_value *out)
{
    if (g->kind != IC_TS_V_FUNCTION)
        return ic_pt2_fail_at(r, r->node, IC_E_EXPORTED, "a graph is expected among the arguments");
    return ic_pt2_subgraph(r, g->u.any, args, n, out);
}

static enum ic_status conditional(struct ic_pt2_run *r, const struct ic_ts_args *args, struct ic_ts_value *out)
{
    double f = 0;
    const struct ic_ts_value *v = args->n >= 4 ? &args->values[0] : NULL;
    bool known = v && ic_ts_is_number(v);
    if (known)
        f = ic_ts_number(v);
    else if (v && v->kind == IC_TS_V_TENSOR)
        IC_TRY(ic_ts_tensor_number(&r->ts, v->u.t, &known, &f));
    if (!known)
        return ic_pt2_fail_at(
            r, r->node, IC_E_DATA_DEPENDENT,
            "torch.cond decides by data, which is not known before the network runs (data-dependent control flow); "
            "export the branch that is needed");
    const struct ic_ts_value *operands = &args->values[3];
    const bool list = operands->kind == IC_TS_V_LIST || operands->kind == IC_TS_V_TUPLE;
    return call_graph(r, &args->values[f != 0 ? 1 : 2], list ? operands->u.seq->items : NULL, list ? operands->u.seq->n : 0, out);
}

static enum ic_status higher_order(struct ic_pt2_run *r, const char *name, const struct ic_ts_args *args, bool *found,
                                   struct ic_ts_value *out)
{
    *found = true;
    if (strcmp(name, "cond") == 0)
        return conditional(r, args, out);
    /* settings around a graph: of gradients, of mixed precision, of checkpoints; they change no result */
    if (strncmp(name, "wrap", 4) == 0)
        for (int32_t i = 0; i < args->n; ++i)
            if (args->values[i].kind == IC_TS_V_FUNCTION)
                return call_graph(r, &args->values[i], &args->values[i + 1], args->n - i - 1, out);
    *found = false;
    return IC_OK;
}

static enum ic_status get_item(struct ic_pt2_run *r, const struct ic_ts_args *args, struct ic_ts_value *out)
{
    const struct ic_ts_value *list = args->n == 2 ? &args->values[0] : NULL, *at = args->n == 2 ? &args->values[1] : NULL;
    if (!list || (list->kind != IC_TS_V_LIST && list->kind != IC_TS_V_TUPLE) || at->kind != IC_TS_V_INT || at->u.i < 0 ||
        at->u.i >= list->u.seq->n)
        return ic_pt2_fail_at(r, r->node, IC_E_EXPORTED, "it takes an item that the list does not have");
    *out = list->u.seq->items[at->u.i];
    return IC_OK;
}

enum ic_status ic_pt2_call_special(struct ic_pt2_run *r, const char *target, const struct ic_ts_args *args, bool *found,
                                   struct ic_ts_value *out)
{
    static const char *const python[] = {"_operator.", "math.", "torch.sym_"};
    *found = false;
    *out = ic_ts_none();
    for (int32_t i = 0; i < args->n; ++i)
        if (ic_ts_has_unknown(&args->values[i]) && strncmp(target, "torch.ops.", 10) != 0) {
            *found = true;
            *out = ic_ts_unknown();
            return IC_OK;
        }
    if (strcmp(target, "_operator.getitem") == 0) {
        *found = true;
        return get_item(r, args, out);
    }
    for (size_t i = 0; i < sizeof python / sizeof *python; ++i) {
        const size_t n = strlen(python[i]);
        if (strncmp(target, python[i], n) != 0)
            continue;
        const char *name = target + (i == 2 ? 6 : n); /* "sym_max" */
        IC_TRY(binary(r, name, args, found, out));
        return *found ? IC_OK : unary(r, name, args, found, out);
    }
    if (strncmp(target, "torch.ops.higher_order.", 23) == 0)
        return higher_order(r, target + 23, args, found, out);
    if (strncmp(target, "torch.ops.aten.", 15) != 0)
        return IC_OK;
    char op[80];
    const size_t n = strcspn(target + 15, ".");
    memcpy(op, target + 15, n < sizeof op ? n : sizeof op - 1);
    op[n < sizeof op ? n : sizeof op - 1] = 0;
    *found = is_silent(op) || strcmp(op, "_assert_scalar") == 0;
    return *found && !is_silent(op) ? check(r, args) : IC_OK;
}
