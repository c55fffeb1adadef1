/* SPDX-License-Identifier: Apache-2.0 */
#include "import/torchscript/chosen.h"

#include "import/torchscript/ops.h"
#include "import/torchscript/report.h"
#include "ir/op_def.h"

#include <string.h>

enum ic_status ic_ts_choose(struct ic_ts *ts, const struct ic_ts_tensor *x, const struct ic_ts_tensor *mask,
                            struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = ic_arena_copy(&ts->arena, x, sizeof *x);
    const struct ic_ts_tensor *kept = ic_arena_copy(&ts->arena, mask, sizeof *mask);
    if (!t || !kept)
        return ic_ts_no_memory(ts);
    t->shared = NULL;
    t->view = NULL;
    t->chosen_by = kept;
    *out = ic_ts_of(t);
    return IC_OK;
}

/* ---- whether two masks are one ---- */
static bool same_value(const struct ic_value *a, const struct ic_value *b, int depth)
{
    if (a == b)
        return true;
    if (!a || !b || a->dtype != b->dtype || a->rank != b->rank || memcmp(a->dims, b->dims, (size_t)a->rank * sizeof *a->dims) != 0)
        return false;
    if (a->data && b->data)
        return memcmp(a->data, b->data, (size_t)ic_value_elements(a) * ic_dtype_bytes(a->dtype)) == 0;
    const struct ic_node *n = a->producer, *m = b->producer;
    if (depth > 8 || !n || !m || n->op != m->op || n->n_inputs != m->n_inputs || n->outputs[0] != a || m->outputs[0] != b)
        return false;
    for (int i = 0; i < ic_op_n_attrs(n->op); ++i)
        if (memcmp(&n->attrs[i], &m->attrs[i], sizeof n->attrs[i]) != 0)
            return false;
    for (int32_t i = 0; i < n->n_inputs; ++i)
        if (!same_value(n->inputs[i], m->inputs[i], depth + 1))
            return false;
    return true;
}

static bool same_mask(const struct ic_ts_tensor *a, const struct ic_ts_tensor *b)
{
    return a == b || same_value(a->now.value, b->now.value, 0);
}

/* ---- operators ---- */
static const struct ic_ts_tensor *mask_of(const struct ic_ts_value *v, int depth)
{
    const struct ic_ts_tensor *found = v->kind == IC_TS_V_TENSOR ? v->u.t->chosen_by : NULL;
    if (depth < 2 && (v->kind == IC_TS_V_LIST || v->kind == IC_TS_V_TUPLE))
        for (int32_t i = 0; !found && i < v->u.seq->n; ++i)
            found = mask_of(&v->u.seq->items[i], depth + 1);
    return found;
}

/* Each element of the result is made of the elements at the same place, and of numbers. */
static bool is_elementwise(const char *ns, const char *name)
{
    static const char *const names[] = {
        "add",    "sub",        "mul",   "div",     "rsub",  "neg",        "abs",  "exp",   "log",       "sqrt",
        "pow",    "clamp",      "relu",  "sigmoid", "tanh",  "reciprocal", "to",   "clone", "clamp_min", "clamp_max",
        "detach", "contiguous", "alias", "square",  "float", "floor",      "ceil", "round", "type_as",   "is_floating_point"};
    const size_t length = strlen(name) - (name[0] && name[strlen(name) - 1] == '_');
    if (strcmp(ns, "prim") == 0)
        return strcmp(name, "dtype") == 0 || strcmp(name, "device") == 0;
    for (size_t i = 0; strcmp(ns, "aten") == 0 && i < sizeof names / sizeof *names; ++i)
        if (strlen(names[i]) == length && strncmp(names[i], name, length) == 0)
            return true;
    return false;
}

static bool goes_with(const struct ic_ts_value *v, const struct ic_ts_tensor *mask)
{
    if (v->kind != IC_TS_V_TENSOR)
        return mask_of(v, 0) == NULL;
    return v->u.t->chosen_by ? same_mask(v->u.t->chosen_by, mask) : v->u.t->rank == 0;
}

/* index_put(self, [mask], values, accumulate) where values were chosen by that mask */
static bool puts_back(const char *ns, const char *name, const struct ic_ts_args *args, const struct ic_ts_tensor *mask)
{
    const struct ic_ts_value *v = args->values;
    if (strcmp(ns, "aten") != 0 || strncmp(name, "index_put", 9) != 0 || args->n < 3 || v[0].kind != IC_TS_V_TENSOR ||
        v[0].u.t->chosen_by || v[1].kind != IC_TS_V_LIST || v[1].u.seq->n != 1 || v[2].kind != IC_TS_V_TENSOR)
        return false;
    const struct ic_ts_value *at = &v[1].u.seq->items[0];
    const struct ic_ts_tensor *values = v[2].u.t;
    return at->kind == IC_TS_V_TENSOR && at->u.t->dtype == IC_TS_BOOL && !ic_ts_is_known(at->u.t) && same_mask(at->u.t, mask) &&
           values->rank == v[0].u.t->rank && memcmp(values->dims, v[0].u.t->dims, (size_t)values->rank * sizeof *values->dims) == 0;
}

enum ic_status ic_ts_chosen_operator(struct ic_ts *ts, const char *ns, const char *name, const struct ic_ts_args *args,
                                     bool *chosen, bool *handled, struct ic_ts_value *out)
{
    const struct ic_ts_tensor *mask = NULL;
    *chosen = *handled = false;
    for (int32_t i = 0; !mask && i < args->n; ++i)
        mask = mask_of(&args->values[i], 0);
    if (!mask)
        return IC_OK;
    if (puts_back(ns, name, args, mask)) {
        struct ic_ts_tensor plain = *args->values[2].u.t;
        plain.chosen_by = NULL;
        struct ic_ts_value put[] = {args->values[0], args->values[1].u.seq->items[0], ic_ts_of(&plain),
                                    args->n > 3 ? args->values[3] : ic_ts_bool(false)};
        *handled = true;
        *chosen = name[strlen(name) - 1] == '_';
        return ic_ts_call_op(ts, "ic", "put_chosen", put, 4, out);
    }
    *chosen = is_elementwise(ns, name);
    for (int32_t i = 0; *chosen && i < args->n; ++i)
        *chosen = goes_with(&args->values[i], mask);
    if (*chosen)
        return IC_OK;
    *handled = true;
    return ic_ts_unsupported(ts, "aten::index", IC_TS_MASKED, args->values, args->n, out);
}

void ic_ts_stay_chosen(const struct ic_ts_args *args, struct ic_ts_value *out)
{
    for (int32_t i = 0; out->kind == IC_TS_V_TENSOR && i < args->n; ++i)
        if (args->values[i].kind == IC_TS_V_TENSOR && args->values[i].u.t->chosen_by)
            out->u.t->chosen_by = args->values[i].u.t->chosen_by;
}
