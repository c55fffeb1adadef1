/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators with places: gathers, scatters, resampling, order along an axis.
 */
#include "export/emit.h"
#include "program/program.h"

static bool refuse(const char **why, const char *text)
{
    *why = text;
    return false;
}

/* Moves carry values as they are stored, in the IR's own order. */
static const char *stored(struct ic_emit *e, const struct ic_value *v)
{
    return ic_emit_value(e, v, 0);
}

static const char *own_name(struct ic_emit *e, const struct ic_node *n)
{
    return ic_emit_stored_name(e, n->outputs[0], 0);
}

static void is_made(struct ic_emit *e, const struct ic_node *n)
{
    ic_emit_stored(e, n->outputs[0], 0);
}

bool ic_emit_gather(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    const struct ic_value *x = n->inputs[0], *index = n->inputs[1];
    const char *inputs[2] = {stored(e, x), stored(e, index)};
    const char *op = "GatherElements";
    if (n->op == IC_OP_GATHER) {
        const int64_t batch = n->attrs[IC_GATHER_BATCH].i,
                      axis = n->attrs[IC_GATHER_AXIS].i + (n->attrs[IC_GATHER_AXIS].i < 0 ? x->rank : 0);
        op = batch ? "GatherND" : "Gather";
        if (batch && axis != batch)
            return refuse(why, "opset 17 gathers along the first axis that is not shared only");
        if (batch) {
            int64_t dims[IC_IR_MAX_RANK + 1];
            for (int32_t i = 0; i < index->rank; i++)
                dims[i] = index->dims[i];
            dims[index->rank] = 1;
            inputs[1] = ic_emit_binary(e, "Reshape", inputs[1], ic_emit_list(e, dims, index->rank + 1));
            if (index->dtype == IC_S32) { /* GatherND takes s64 alone */
                const char *wide = ic_emit_fresh(e);
                ic_emit_cast(e, inputs[1], IC_S64, wide);
                inputs[1] = wide;
            }
            ic_emit_int(e, "batch_dims", batch);
        } else {
            ic_emit_int(e, "axis", axis);
        }
    } else if (n->op == IC_OP_GATHER_ND) {
        op = "GatherND";
        ic_emit_int(e, "batch_dims", n->attrs[IC_GATHER_ND_BATCH].i);
    } else {
        ic_emit_int(e, "axis", n->attrs[IC_GATHER_ELEMENTS_AXIS].i);
    }
    ic_emit_node(e, op, inputs, 2, own_name(e, n));
    is_made(e, n);
    return true;
}

bool ic_emit_scatter(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    static const char *const reductions[] = {"none", "add", "mul"};
    const bool nd = n->op == IC_OP_SCATTER_ND;
    const int64_t fn = n->attrs[nd ? IC_SCATTER_ND_FN : IC_SCATTER_ELEMENTS_FN].i;
    if (fn > IC_SCATTER_MUL)
        return refuse(why, "scatters that keep the larger or smaller value came with opset 18");
    const char *inputs[3] = {stored(e, n->inputs[0]), stored(e, n->inputs[1]), stored(e, n->inputs[2])};
    if (!nd)
        ic_emit_int(e, "axis", n->attrs[IC_SCATTER_ELEMENTS_AXIS].i);
    ic_emit_text(e, "reduction", reductions[fn]);
    ic_emit_node(e, nd ? "ScatterND" : "ScatterElements", inputs, 3, own_name(e, n));
    is_made(e, n);
    return true;
}

/* The sum over the taps of the elements at their places times their weights. */
bool ic_emit_resample(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    const struct ic_value *x = n->inputs[0], *place = n->inputs[1], *weight = n->inputs[2];
    const int64_t axis = n->attrs[IC_RESAMPLE_AXIS].i + (n->attrs[IC_RESAMPLE_AXIS].i < 0 ? x->rank : 0);
    const int32_t results = place->dims[0], taps = place->dims[1];
    const char *real = ic_emit_value(e, x, IC_FORM_REAL), *sum = NULL, *raw = ic_emit_raw(e, n, 0);
    int32_t *places = ic_arena_array(&e->arena, (size_t)results + 1, sizeof *places);
    float *weights = ic_arena_array(&e->arena, (size_t)results + 1, sizeof *weights);
    int32_t dims[IC_IR_MAX_RANK];
    e->failed = e->failed || !places || !weights;
    for (int32_t i = 0; i < x->rank; i++)
        dims[i] = i == axis ? results : 1;
    for (int32_t t = 0; t < taps && !e->failed; t++) {
        for (int32_t i = 0; i < results; i++) {
            places[i] = ((const int32_t *)place->data)[(size_t)i * (size_t)taps + (size_t)t];
            weights[i] = ((const float *)weight->data)[(size_t)i * (size_t)taps + (size_t)t];
        }
        ic_emit_int(e, "axis", axis);
        const char *moved = ic_emit_binary(e, "Gather", real, ic_emit_tensor(e, ic_emit_fresh(e), IC_S32, 1, &results, places));
        const char *w = ic_emit_tensor(e, ic_emit_fresh(e), IC_F32, x->rank, dims, weights);
        const char *term = taps == 1 ? raw : ic_emit_fresh(e);
        ic_emit_node(e, "Mul", (const char *[]){moved, w}, 2, term);
        if (!sum) {
            sum = term;
            continue;
        }
        const char *next = t == taps - 1 ? raw : ic_emit_fresh(e);
        ic_emit_node(e, "Add", (const char *[]){sum, term}, 2, next);
        sum = next;
    }
    return ic_emit_end(e, n, 0, raw, why);
}

/* Arg, Top, Scan. */
bool ic_emit_order(struct ic_emit *e, const struct ic_node *n, const char **why)
{
    const char *x = ic_emit_value(e, n->inputs[0], IC_FORM_REAL);
    if (n->op == IC_OP_TOP) {
        const char *inputs[2] = {x, ic_emit_list(e, &n->attrs[IC_TOP_K].i, 1)};
        ic_emit_int(e, "axis", n->attrs[IC_TOP_AXIS].i);
        ic_emit_int(e, "largest", !n->attrs[IC_TOP_LEAST].i);
        ic_emit_node2(e, "TopK", inputs, 2, ic_emit_fresh(e), own_name(e, n));
        is_made(e, n);
        return true;
    }
    if (n->op == IC_OP_ARG) {
        ic_emit_int(e, "axis", n->attrs[IC_ARG_AXIS].i);
        ic_emit_int(e, "keepdims", 1);
        ic_emit_int(e, "select_last_index", n->attrs[IC_ARG_LAST].i);
        ic_emit_node(e, n->attrs[IC_ARG_LEAST].i ? "ArgMin" : "ArgMax", &x, 1, own_name(e, n));
        is_made(e, n);
        return true;
    }
    if (n->attrs[IC_SCAN_PRODUCT].i)
        return refuse(why, "opset 17 has no cumulative product");
    const int64_t axis = n->attrs[IC_SCAN_AXIS].i;
    const char *raw = ic_emit_raw(e, n, 0), *inputs[2] = {x, ic_emit_list(e, &axis, 1)};
    ic_emit_int(e, "exclusive", n->attrs[IC_SCAN_EXCLUSIVE].i);
    ic_emit_int(e, "reverse", n->attrs[IC_SCAN_REVERSE].i);
    ic_emit_node(e, "CumSum", inputs, 2, raw);
    return ic_emit_end(e, n, 0, raw, why);
}
