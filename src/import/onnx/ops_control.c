/* SPDX-License-Identifier: Apache-2.0
 *
 * If, Loop, Scan with what is known while importing; sequences and optionals, which exist only here.
 */
#include "import/onnx/ops.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_CARRIED = 64 };

static const struct ic_onnx_attr *body_of(struct ic_onnx *o, const char *name)
{
    const struct ic_onnx_attr *a = ic_onnx_attr(o, name);
    if (!a || a->type != IC_ONNX_ATTR_GRAPH) {
        ic_onnx_fail(o, "its graph %s is missing", name);
        return NULL;
    }
    return a;
}

void ic_onnx_op_if(struct ic_onnx *o)
{
    const struct ic_value *c = ic_onnx_const(o, 0, "condition");
    const struct ic_onnx_attr *a = c ? body_of(o, ic_build_get(c, 0) != 0 ? "then_branch" : "else_branch") : NULL;
    if (a)
        (void)ic_onnx_run_body(o, a->message, NULL, 0, o->out, o->n_out, "");
}

/* Results of all rounds, each with a new first axis; none: an empty value cannot be made without a shape. */
static void stack(struct ic_onnx *o, int32_t i_out, struct ic_onnx_value *parts, int32_t n, int32_t axis, bool reverse)
{
    struct ic_value **v = ic_arena_array(o->arena, (size_t)n + 1, sizeof *v);
    if (!v) {
        ic_build_no_memory(&o->b);
        return;
    }
    if (n == 0) {
        ic_onnx_refuse(o, "a loop of no round, whose results have no shape");
        return;
    }
    for (int32_t k = 0; k < n; k++) {
        if (parts[k].kind != IC_ONNX_TENSOR) {
            ic_onnx_refuse(o, "a loop that gathers something else than tensors");
            return;
        }
        v[reverse ? n - 1 - k : k] = ic_build_unsqueeze(&o->b, parts[k].v, axis);
    }
    ic_onnx_out(o, i_out, ic_build_concat(&o->b, v, n, axis), parts[0].type);
}

void ic_onnx_op_loop(struct ic_onnx *o)
{
    const struct ic_value *trips = ic_onnx_const(o, 0, "trip count"), *first = ic_onnx_const(o, 1, "condition");
    const struct ic_onnx_attr *a = body_of(o, "body");
    struct ic_onnx_value in[MAX_CARRIED + 2] = {{0}}, *out = NULL, *stacked[MAX_CARRIED] = {0};
    const int32_t n_carried = o->n_in > 2 ? o->n_in - 2 : 0, n_stacked = o->n_out - n_carried;
    if (!a || !ic_onnx_ok(o))
        return;
    if (n_carried > MAX_CARRIED || n_stacked > MAX_CARRIED || n_stacked < 0 || (!trips && !first)) {
        ic_onnx_refuse(o, "a loop of this form is not supported");
        return;
    }
    const int64_t limit = trips ? ic_build_get_int(trips, 0) : INT32_MAX;
    bool go = !first || ic_build_get(first, 0) != 0;
    for (int32_t i = 0; i < n_carried; i++)
        in[i + 2] = o->in[i + 2];
    int32_t n = 0;
    for (; n < limit && go && ic_onnx_ok(o); n++) {
        out = ic_arena_array(o->arena, (size_t)(1 + n_carried + n_stacked), sizeof *out);
        if (!out || n > 100000) {
            ic_onnx_refuse(o, "a loop of more than 100000 rounds");
            return;
        }
        in[0] = (struct ic_onnx_value){.kind = IC_ONNX_TENSOR, .type = IC_ONNX_INT64, .v = ic_build_int(&o->b, IC_S64, n)};
        in[1] = (struct ic_onnx_value){.kind = IC_ONNX_TENSOR, .type = IC_ONNX_BOOL, .v = ic_build_int(&o->b, IC_BOOL, 1)};
        char *prefix = ic_arena_printf(o->arena, "%s[%d]/", o->b.name, (int)n);
        if (!prefix || !ic_onnx_run_body(o, a->message, in, n_carried + 2, out, 1 + n_carried + n_stacked, prefix))
            return;
        if (out[0].kind != IC_ONNX_TENSOR || !out[0].v->data) {
            ic_onnx_refuse(o, "whether its loop goes on is computed while the network runs: make the number of rounds a constant");
            return;
        }
        go = ic_build_get(out[0].v, 0) != 0;
        for (int32_t i = 0; i < n_carried; i++)
            in[i + 2] = out[i + 1];
        for (int32_t i = 0; i < n_stacked; i++) { /* one array a result, doubled when full */
            if ((n & (n - 1)) == 0) {
                struct ic_onnx_value *more = ic_arena_array(o->arena, (size_t)(n ? 2 * n : 1), sizeof *more);
                if (!more) {
                    ic_build_no_memory(&o->b);
                    return;
                }
                if (n)
                    memcpy(more, stacked[i], (size_t)n * sizeof *more);
                stacked[i] = more;
            }
            stacked[i][n] = out[1 + n_carried + i];
        }
    }
    for (int32_t i = 0; i < n_carried && i < o->n_out; i++)
        o->out[i] = in[i + 2];
    for (int32_t i = 0; i < n_stacked && ic_onnx_ok(o); i++)
        stack(o, n_carried + i, stacked[i], n, 0, false);
}

/* Directions and axes of scanned inputs or outputs: 0 when not given. */
static int64_t listed(const struct ic_onnx *o, const char *name, int32_t i)
{
    int64_t v[IC_MAX_ATTR_INTS] = {0};
    return i < ic_onnx_ints(o, name, v, IC_MAX_ATTR_INTS) ? v[i] : 0;
}

void ic_onnx_op_scan(struct ic_onnx *o)
{
    const struct ic_onnx_attr *a = body_of(o, "body");
    const int32_t first = o->version < 9 ? 1 : 0; /* opset 8: sequence lengths come first, and all have a batch axis */
    const int32_t asked = ic_onnx_int32(o, "num_scan_inputs", 0), n_scan = asked < 0 || asked > o->n_in ? 0 : asked,
                  n_state = o->n_in - first - n_scan, n_stacked = o->n_out - n_state;
    struct ic_onnx_value in[MAX_CARRIED] = {{0}}, *out = NULL, *stacked[MAX_CARRIED] = {0};
    if (!a || !ic_onnx_ok(o))
        return;
    if (o->version < 9 && o->n_in > 1 && ic_onnx_in(o, 1) && ic_onnx_in(o, 1)->dims[0] != 1) {
        ic_onnx_refuse(o, "Scan of opset 8 with a batch other than 1 is not supported");
        return;
    }
    if (n_scan < 1 || n_state < 0 || n_stacked < 0 || n_state + n_scan > MAX_CARRIED || n_stacked > MAX_CARRIED) {
        ic_onnx_fail(o, "%d scanned input%s", (int)asked, IC_S(asked));
        return;
    }
    struct ic_value *scanned[MAX_CARRIED];
    int32_t axes[MAX_CARRIED], n = 0;
    for (int32_t i = 0; i < n_state; i++) {
        in[i] = o->in[first + i];
        if (first && in[i].kind == IC_ONNX_TENSOR)
            in[i].v = ic_build_squeeze(&o->b, in[i].v, 0);
    }
    for (int32_t i = 0; i < n_scan; i++) {
        scanned[i] = ic_onnx_in(o, first + n_state + i);
        scanned[i] = first && scanned[i] ? ic_build_squeeze(&o->b, scanned[i], 0) : scanned[i];
        if (!scanned[i] || !ic_onnx_ok(o))
            return;
        axes[i] = ic_onnx_axis(o, listed(o, "scan_input_axes", i), scanned[i]->rank);
        n = scanned[i]->dims[axes[i]];
    }
    for (int32_t i = 0; i < n_stacked; i++) {
        stacked[i] = ic_arena_array(o->arena, (size_t)n + 1, sizeof *stacked[i]);
        if (!stacked[i]) {
            ic_build_no_memory(&o->b);
            return;
        }
    }
    const char *directions = first ? "directions" : "scan_input_directions";
    for (int32_t t = 0; t < n && ic_onnx_ok(o); t++) {
        for (int32_t i = 0; i < n_scan; i++) {
            const int32_t at = listed(o, directions, i) ? n - 1 - t : t;
            struct ic_value *v = ic_build_slice(&o->b, scanned[i], axes[i], at, at + 1, 1);
            in[n_state + i] = (struct ic_onnx_value){.kind = IC_ONNX_TENSOR,
                                                     .type = ic_onnx_in_type(o, first + n_state + i),
                                                     .v = v ? ic_build_squeeze(&o->b, v, axes[i]) : NULL};
            if (!in[n_state + i].v)
                return;
        }
        out = ic_arena_array(o->arena, (size_t)(n_state + n_stacked) + 1, sizeof *out);
        char *prefix = ic_arena_printf(o->arena, "%s[%d]/", o->b.name, (int)t);
        if (!out || !prefix || !ic_onnx_run_body(o, a->message, in, n_state + n_scan, out, n_state + n_stacked, prefix))
            return;
        for (int32_t i = 0; i < n_state; i++)
            in[i] = out[i];
        for (int32_t i = 0; i < n_stacked; i++)
            stacked[i][t] = out[n_state + i];
    }
    for (int32_t i = 0; i < n_state && i < o->n_out; i++) {
        o->out[i] = in[i];
        if (first && in[i].kind == IC_ONNX_TENSOR)
            o->out[i].v = ic_build_unsqueeze(&o->b, in[i].v, 0);
    }
    for (int32_t i = 0; i < n_stacked && ic_onnx_ok(o); i++) {
        const int32_t rank = n && stacked[i][0].v ? stacked[i][0].v->rank + 1 : 1;
        stack(o, n_state + i, stacked[i], n, ic_onnx_axis(o, listed(o, "scan_output_axes", i), rank),
              listed(o, "scan_output_directions", i) != 0);
        if (first && o->out[n_state + i].kind == IC_ONNX_TENSOR)
            o->out[n_state + i].v = ic_build_unsqueeze(&o->b, o->out[n_state + i].v, 0);
    }
}

/* ---- sequences ---- */
static struct ic_onnx_value *new_items(struct ic_onnx *o, int32_t i_out, int32_t n)
{
    struct ic_onnx_value *items = ic_arena_array(o->arena, (size_t)n + 1, sizeof *items);
    if (!items) {
        ic_build_no_memory(&o->b);
        return NULL;
    }
    if (i_out < o->n_out)
        o->out[i_out] = (struct ic_onnx_value){.kind = IC_ONNX_SEQUENCE, .items = items, .n_items = n};
    return items;
}

static const struct ic_onnx_value *sequence(struct ic_onnx *o, int32_t i)
{
    if (!ic_onnx_has(o, i) || o->in[i].kind != IC_ONNX_SEQUENCE) {
        ic_onnx_fail(o, "input %d is no sequence", (int)i);
        return NULL;
    }
    return &o->in[i];
}

void ic_onnx_op_sequence_construct(struct ic_onnx *o)
{
    struct ic_onnx_value *items = new_items(o, 0, o->n_in);
    for (int32_t i = 0; items && i < o->n_in; i++)
        items[i] = o->in[i];
}

void ic_onnx_op_sequence_empty(struct ic_onnx *o)
{
    (void)new_items(o, 0, 0);
}

static int32_t place_in(struct ic_onnx *o, const struct ic_onnx_value *s, int32_t i_in, int32_t otherwise, int32_t most)
{
    const struct ic_value *v = ic_onnx_has(o, i_in) ? ic_onnx_const(o, i_in, "position") : NULL;
    if (!v)
        return otherwise;
    int64_t at = ic_build_get_int(v, 0);
    at += at < 0 ? s->n_items : 0;
    if (at < 0 || at > most)
        ic_onnx_fail(o, "position %" PRId64 " of a sequence of %d", at, (int)s->n_items);
    return (int32_t)at;
}

void ic_onnx_op_sequence_at(struct ic_onnx *o)
{
    const struct ic_onnx_value *s = sequence(o, 0);
    const int32_t at = s ? place_in(o, s, 1, 0, s->n_items - 1) : 0;
    if (s && ic_onnx_ok(o))
        o->out[0] = s->items[at];
}

void ic_onnx_op_sequence_length(struct ic_onnx *o)
{
    const struct ic_onnx_value *s = sequence(o, 0);
    if (s)
        ic_onnx_out(o, 0, ic_build_int(&o->b, IC_S64, s->n_items), IC_ONNX_INT64);
}

void ic_onnx_op_sequence_insert(struct ic_onnx *o)
{
    const struct ic_onnx_value *s = sequence(o, 0);
    const int32_t at = s ? place_in(o, s, 2, s->n_items, s->n_items) : 0;
    struct ic_onnx_value *items = s && ic_onnx_ok(o) ? new_items(o, 0, s->n_items + 1) : NULL;
    for (int32_t i = 0; items && i <= s->n_items; i++)
        items[i] = i < at ? s->items[i] : i == at ? o->in[1] : s->items[i - 1];
}

void ic_onnx_op_sequence_erase(struct ic_onnx *o)
{
    const struct ic_onnx_value *s = sequence(o, 0);
    const int32_t at = s && s->n_items ? place_in(o, s, 1, s->n_items - 1, s->n_items - 1) : 0;
    struct ic_onnx_value *items = s && s->n_items && ic_onnx_ok(o) ? new_items(o, 0, s->n_items - 1) : NULL;
    for (int32_t i = 0; items && i < s->n_items - 1; i++)
        items[i] = s->items[i < at ? i : i + 1];
}

void ic_onnx_op_split_to_sequence(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    const struct ic_value *split = ic_onnx_has(o, 1) ? ic_onnx_const(o, 1, "split") : NULL;
    if (!x || !ic_onnx_ok(o))
        return;
    const int32_t axis = ic_onnx_axis(o, ic_onnx_int(o, "axis", 0), x->rank), extent = x->dims[axis];
    const int64_t each = !split ? 1 : split->rank == 0 ? ic_build_get_int(split, 0) : 0;
    const bool keep = split || ic_onnx_int(o, "keepdims", 1) != 0;
    const int64_t n = each > 0 ? (extent + each - 1) / each : split ? ic_value_elements(split) : 0;
    struct ic_onnx_value *items = n < INT32_MAX ? new_items(o, 0, (int32_t)n) : NULL;
    int64_t at = 0;
    for (int32_t i = 0; items && i < n && ic_onnx_ok(o); i++) {
        const int64_t size = each > 0 ? (at + each > extent ? extent - at : each) : ic_build_get_int(split, i);
        if (size < 0 || at + size > extent) {
            ic_onnx_fail(o, "its parts do not fit axis %d of %d element%s", (int)axis, (int)extent, IC_S(extent));
            return;
        }
        struct ic_value *v = ic_build_slice(&o->b, x, axis, at, at + size, 1);
        v = keep || !v ? v : ic_build_squeeze(&o->b, v, axis);
        items[i] = (struct ic_onnx_value){.kind = IC_ONNX_TENSOR, .type = ic_onnx_in_type(o, 0), .v = v};
        at += size;
    }
}

void ic_onnx_op_concat_from_sequence(struct ic_onnx *o)
{
    const struct ic_onnx_value *s = sequence(o, 0);
    const bool fresh = ic_onnx_int(o, "new_axis", 0) != 0;
    struct ic_value **parts = s ? ic_arena_array(o->arena, (size_t)s->n_items + 1, sizeof *parts) : NULL;
    if (!parts || s->n_items == 0 || !s->items[0].v) {
        ic_onnx_fail(o, "an empty sequence");
        return;
    }
    const int32_t axis = ic_onnx_axis(o, ic_onnx_int(o, "axis", 0), s->items[0].v->rank + (fresh ? 1 : 0));
    for (int32_t i = 0; i < s->n_items; i++)
        parts[i] = fresh ? ic_build_unsqueeze(&o->b, s->items[i].v, axis) : s->items[i].v;
    ic_onnx_out(o, 0, ic_build_concat(&o->b, parts, s->n_items, axis), s->items[0].type);
}

/* A body for each item of the first sequence: of the other inputs sequences give their item of that place, tensors themselves. */
void ic_onnx_op_sequence_map(struct ic_onnx *o)
{
    const struct ic_onnx_value *s = sequence(o, 0);
    const struct ic_onnx_attr *a = s ? body_of(o, "body") : NULL;
    struct ic_onnx_value *in = ic_arena_array(o->arena, (size_t)o->n_in + 1, sizeof *in),
                         *out = ic_arena_array(o->arena, (size_t)o->n_out + 1, sizeof *out);
    struct ic_onnx_value **results = ic_arena_array(o->arena, (size_t)o->n_out + 1, sizeof *results);
    if (!a || !in || !out || !results)
        return;
    for (int32_t k = 0; k < o->n_out; k++)
        if (!(results[k] = new_items(o, k, s->n_items)))
            return;
    for (int32_t i = 0; i < s->n_items && ic_onnx_ok(o); i++) {
        for (int32_t k = 0; k < o->n_in; k++) {
            in[k] = o->in[k];
            if (o->in[k].kind != IC_ONNX_SEQUENCE)
                continue;
            if (o->in[k].n_items != s->n_items) {
                ic_onnx_fail(o, "sequences of %d and of %d item%s", (int)s->n_items, (int)o->in[k].n_items, IC_S(o->in[k].n_items));
                return;
            }
            in[k] = o->in[k].items[i];
        }
        const char *prefix = ic_arena_printf(o->arena, "%s[%d]/", o->b.name, (int)i);
        if (!prefix || !ic_onnx_run_body(o, a->message, in, o->n_in, out, o->n_out, prefix))
            return;
        for (int32_t k = 0; k < o->n_out; k++)
            results[k][i] = out[k];
    }
}

/* ---- optionals: absent, or what they hold ---- */
void ic_onnx_op_optional(struct ic_onnx *o)
{
    if (o->n_in > 0 && o->n_out > 0)
        o->out[0] = o->in[0];
}

void ic_onnx_op_optional_has(struct ic_onnx *o)
{
    ic_onnx_out(o, 0, ic_build_int(&o->b, IC_BOOL, ic_onnx_has(o, 0)), IC_ONNX_BOOL);
}

void ic_onnx_op_optional_get(struct ic_onnx *o)
{
    if (!ic_onnx_has(o, 0))
        ic_onnx_fail(o, "an optional that holds nothing");
    else
        o->out[0] = o->in[0];
}
