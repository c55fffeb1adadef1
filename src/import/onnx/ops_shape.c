/* SPDX-License-Identifier: Apache-2.0
 *
 * Constants, shapes, moves.
 */
#include "import/onnx/ops.h"

#include "arith/integers.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void ic_onnx_op_identity(struct ic_onnx *o)
{
    if (o->n_in > 0 && o->n_out > 0)
        o->out[0] = o->in[0];
}

/* In evaluation nothing is dropped; the mask is all true. */
void ic_onnx_op_dropout(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0), *training = o->version >= 12 ? ic_onnx_in(o, 2) : NULL;
    if (training && !(training->data && ic_build_get(training, 0) == 0)) {
        const struct ic_value *ratio = ic_onnx_in(o, 1);
        if (!ratio || !ratio->data || ic_build_get(ratio, 0) != 0) {
            ic_onnx_refuse(o, "dropout in training mode: export the model in evaluation mode (model.eval())");
            return;
        }
    }
    ic_onnx_op_identity(o);
    const bool own = o->version < 10; /* the mask has the type of x */
    if (x && o->n_out > 1)
        ic_onnx_out(o, 1, ic_build_full(&o->b, own ? x->dtype : IC_BOOL, x->rank, x->dims, 1),
                    own ? ic_onnx_in_type(o, 0) : IC_ONNX_BOOL);
}

void ic_onnx_op_constant(struct ic_onnx *o)
{
    const struct ic_onnx_attr *a = NULL;
    int32_t type = 0;
    if ((a = ic_onnx_attr(o, "value"))) {
        struct ic_value *v = ic_onnx_tensor_value(o, a->message, &type);
        ic_onnx_out(o, 0, v, type);
    } else if ((a = ic_onnx_attr(o, "value_float"))) {
        ic_onnx_out(o, 0, ic_build_float(&o->b, (double)a->f), IC_ONNX_FLOAT);
    } else if ((a = ic_onnx_attr(o, "value_int"))) {
        ic_onnx_out(o, 0, ic_build_int(&o->b, IC_S64, a->i), IC_ONNX_INT64);
    } else if ((a = ic_onnx_list(o, "value_floats", IC_ONNX_ATTR_FLOATS))) {
        ic_onnx_out(o, 0, ic_build_const(&o->b, IC_F32, 1, &a->n, a->floats), IC_ONNX_FLOAT);
    } else if ((a = ic_onnx_list(o, "value_ints", IC_ONNX_ATTR_INTS))) {
        ic_onnx_out(o, 0, ic_build_const(&o->b, IC_S64, 1, &a->n, a->ints), IC_ONNX_INT64);
    } else if ((a = ic_onnx_attr(o, "sparse_value"))) {
        struct ic_value *v = ic_onnx_sparse_value(o, a->message, &type);
        ic_onnx_out(o, 0, v, type);
    } else {
        ic_onnx_refuse(o, "constants of strings are not supported");
    }
}

/* Constant 1-D input i as a shape: dims in dims, how many; -1 after a failure. */
static int32_t shape_input(struct ic_onnx *o, int32_t i, const char *name, int64_t *dims)
{
    int64_t all[IC_MAX_ATTR_INTS];
    const int32_t n = ic_onnx_const_ints(o, i, name, all);
    if (!ic_onnx_ok(o))
        return -1;
    if (n > IC_IR_MAX_RANK) {
        ic_onnx_fail(o, "a shape of %d dimensions; at most %d are possible", (int)n, IC_IR_MAX_RANK);
        return -1;
    }
    memcpy(dims, all, sizeof *dims * (size_t)n);
    return n;
}

void ic_onnx_op_constant_of_shape(struct ic_onnx *o)
{
    int64_t dims[IC_IR_MAX_RANK] = {0};
    int32_t type = IC_ONNX_FLOAT;
    const struct ic_onnx_attr *a = ic_onnx_attr(o, "value");
    const int32_t rank = shape_input(o, 0, "shape", dims);
    struct ic_value *v = a ? ic_onnx_tensor_value(o, a->message, &type) : ic_build_float(&o->b, 0);
    if (rank < 0 || !v)
        return;
    v = ic_build_reshape(&o->b, v, 0, NULL);
    ic_onnx_out(o, 0, ic_build_expand(&o->b, v, rank, dims), type);
}

void ic_onnx_op_shape(struct ic_onnx *o)
{
    const struct ic_value *x = ic_onnx_in(o, 0);
    int64_t dims[IC_IR_MAX_RANK];
    if (!x)
        return;
    int64_t start = ic_onnx_int(o, "start", 0), end = ic_onnx_int(o, "end", x->rank);
    start = start < -x->rank ? -x->rank : start;
    end = end < -x->rank ? -x->rank : end;
    start += start < 0 ? x->rank : 0;
    end += end < 0 ? x->rank : 0;
    start = start < 0 ? 0 : start > x->rank ? x->rank : start;
    end = end < start ? start : end > x->rank ? x->rank : end;
    for (int64_t i = start; i < end; i++)
        dims[i - start] = x->dims[i];
    ic_onnx_out(o, 0, ic_build_ints(&o->b, (int32_t)(end - start), dims), IC_ONNX_INT64);
}

void ic_onnx_op_size(struct ic_onnx *o)
{
    const struct ic_value *x = ic_onnx_in(o, 0);
    if (x)
        ic_onnx_out(o, 0, ic_build_int(&o->b, IC_S64, ic_value_elements(x)), IC_ONNX_INT64);
}

/* ---- reshapes ---- */
static void reshape_to(struct ic_onnx *o, struct ic_value *x, int32_t rank, int64_t *dims, bool zero_is_zero)
{
    int64_t known = 1;
    int32_t open = -1;
    for (int32_t i = 0; i < rank; i++) {
        if (dims[i] == 0 && !zero_is_zero) {
            if (i >= x->rank) {
                ic_onnx_fail(o, "dimension %d of the new shape is 0 (as it was), but there were %d", (int)i, (int)x->rank);
                return;
            }
            dims[i] = x->dims[i];
        }
        if (dims[i] < -1 || (dims[i] == -1 && open >= 0)) {
            ic_onnx_fail(o, "dimension %d of the new shape is %" PRId64, (int)i, dims[i]);
            return;
        }
        if (dims[i] == -1)
            open = i;
        else if (dims[i] > INT32_MAX || known > INT32_MAX) {
            ic_onnx_fail(o, "dimension %d of the new shape is %" PRId64, (int)i, dims[i]);
            return;
        } else
            known *= dims[i];
    }
    if (open >= 0)
        dims[open] = known > 0 ? ic_value_elements(x) / known : 0;
    ic_onnx_out_like(o, 0, ic_build_reshape(&o->b, x, rank, dims), 0);
}

void ic_onnx_op_reshape(struct ic_onnx *o)
{
    int64_t dims[IC_IR_MAX_RANK] = {0};
    struct ic_value *x = ic_onnx_in(o, 0);
    const int32_t rank = o->version >= 5 ? shape_input(o, 1, "shape", dims) : ic_onnx_ints(o, "shape", dims, IC_IR_MAX_RANK);
    if (x && rank >= 0)
        reshape_to(o, x, rank, dims, ic_onnx_int(o, "allowzero", 0) != 0);
}

void ic_onnx_op_flatten(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    int64_t dims[2] = {1, 1};
    if (!x)
        return;
    int64_t axis = ic_onnx_int(o, "axis", 1);
    if (axis < -x->rank || axis > x->rank) {
        ic_onnx_fail(o, "axis %" PRId64 " of a value with %d axes", axis, (int)x->rank);
        return;
    }
    axis += axis < 0 ? x->rank : 0;
    for (int32_t i = 0; i < x->rank; i++)
        dims[i < axis ? 0 : 1] *= x->dims[i];
    ic_onnx_out_like(o, 0, ic_build_reshape(&o->b, x, 2, dims), 0);
}

void ic_onnx_op_transpose(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    int64_t perm[IC_IR_MAX_RANK];
    if (!x)
        return;
    const int32_t n = ic_onnx_ints(o, "perm", perm, IC_IR_MAX_RANK);
    for (int32_t i = 0; i < x->rank && n < 0; i++)
        perm[i] = x->rank - 1 - i;
    if (n >= 0 && n != x->rank) {
        ic_onnx_fail(o, "a permutation of %d axes for a value with %d", (int)n, (int)x->rank);
        return;
    }
    o->b.late = true;
    x = ic_build_transpose(&o->b, x, x->rank, perm);
    o->b.late = false;
    ic_onnx_out_like(o, 0, x, 0);
}

/* Axes from attribute "axes" or, from opset 13 on, from input 1: bit mask over rank; 0 given none. */
static uint32_t axes_mask(struct ic_onnx *o, int64_t since, int32_t rank, bool *given)
{
    int64_t axes[IC_MAX_ATTR_INTS];
    int32_t n = o->version >= since ? (ic_onnx_has(o, 1) ? ic_onnx_const_ints(o, 1, "axes", axes) : -1)
                                    : ic_onnx_ints(o, "axes", axes, IC_MAX_ATTR_INTS);
    uint32_t mask = 0;
    *given = n >= 0;
    for (int32_t i = 0; i < n; i++)
        mask |= 1u << ic_onnx_axis(o, axes[i], rank);
    return mask;
}

void ic_onnx_op_squeeze(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    int64_t dims[IC_IR_MAX_RANK];
    int32_t rank = 0;
    bool given = false;
    if (!x)
        return;
    const uint32_t mask = axes_mask(o, 13, x->rank, &given);
    for (int32_t i = 0; i < x->rank; i++) {
        const bool goes = given ? (mask >> i & 1u) != 0 : x->dims[i] == 1;
        if (goes && x->dims[i] != 1) {
            ic_onnx_fail(o, "axis %d has %d elements and cannot be squeezed", (int)i, (int)x->dims[i]);
            return;
        }
        if (!goes)
            dims[rank++] = x->dims[i];
    }
    ic_onnx_out_like(o, 0, ic_build_reshape(&o->b, x, rank, dims), 0);
}

void ic_onnx_op_unsqueeze(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    int64_t axes[IC_MAX_ATTR_INTS], dims[IC_IR_MAX_RANK];
    if (!x)
        return;
    const int32_t n = o->version >= 13 ? ic_onnx_const_ints(o, 1, "axes", axes) : ic_onnx_ints(o, "axes", axes, IC_MAX_ATTR_INTS);
    const int32_t rank = x->rank + (n > 0 ? n : 0);
    uint32_t mask = 0;
    if (rank > IC_IR_MAX_RANK) {
        ic_onnx_refuse(o, "a result of %d dimensions; at most %d are possible", (int)rank, IC_IR_MAX_RANK);
        return;
    }
    for (int32_t i = 0; i < n; i++)
        mask |= 1u << ic_onnx_axis(o, axes[i], rank);
    for (int32_t i = 0, from = 0; i < rank; i++)
        dims[i] = mask >> i & 1u ? 1 : from < x->rank ? x->dims[from++] : 1;
    ic_onnx_out_like(o, 0, ic_build_reshape(&o->b, x, rank, dims), 0);
}

/* ---- parts ---- */
void ic_onnx_op_concat(struct ic_onnx *o)
{
    struct ic_value **parts = ic_arena_array(o->arena, (size_t)o->n_in + 1, sizeof *parts);
    struct ic_value *first = ic_onnx_in(o, 0);
    if (!parts || !first) {
        if (!parts)
            ic_build_no_memory(&o->b);
        return;
    }
    int32_t n = 0;
    for (int32_t i = 0; i < o->n_in; i++) {
        parts[n] = ic_onnx_in(o, i);
        n += parts[n] != NULL;
    }
    const int32_t axis = ic_onnx_axis(o, ic_onnx_int(o, "axis", 1), first->rank);
    ic_onnx_out_like(o, 0, n ? ic_build_concat(&o->b, parts, n, axis) : NULL, 0);
}

/* Sizes from attribute or input; otherwise equal parts, the last smaller. */
void ic_onnx_op_split(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    int64_t sizes[IC_ONNX_MAX_IO];
    if (!x)
        return;
    const int32_t axis = ic_onnx_axis(o, ic_onnx_int(o, "axis", 0), x->rank);
    if (!ic_onnx_ok(o) || o->n_out > IC_ONNX_MAX_IO) {
        ic_onnx_refuse(o, "more than %d parts", IC_ONNX_MAX_IO);
        return;
    }
    int32_t n = 0;
    if (o->version >= 13 && ic_onnx_has(o, 1)) {
        const struct ic_value *s = ic_onnx_const(o, 1, "split");
        n = s ? (int32_t)(ic_value_elements(s) < IC_ONNX_MAX_IO ? ic_value_elements(s) : IC_ONNX_MAX_IO) : 0;
        for (int32_t i = 0; i < n; i++)
            sizes[i] = ic_build_get_int(s, i);
    } else {
        const struct ic_onnx_attr *a = ic_onnx_list(o, "split", IC_ONNX_ATTR_INTS);
        n = a && a->n < IC_ONNX_MAX_IO ? a->n : 0;
        for (int32_t i = 0; i < n; i++)
            sizes[i] = a->ints[i];
    }
    if (n == 0) {
        const int64_t parts = ic_onnx_int(o, "num_outputs", o->n_out),
                      each = parts > 0 && parts <= INT32_MAX ? (x->dims[axis] + parts - 1) / parts : 0;
        for (n = 0; n < o->n_out; n++)
            sizes[n] = each * n + each <= x->dims[axis] ? each : each * n < x->dims[axis] ? x->dims[axis] - each * n : 0;
    }
    int64_t at = 0;
    for (int32_t i = 0; i < o->n_out && ic_onnx_ok(o); i++) {
        if (i >= n || sizes[i] < 0 || sizes[i] > x->dims[axis] - at) {
            ic_onnx_fail(o, "part %d does not fit axis %d of %d elements", (int)i, (int)axis, (int)x->dims[axis]);
            return;
        }
        ic_onnx_out_like(o, i, ic_build_slice(&o->b, x, axis, at, at + sizes[i], 1), 0);
        at += sizes[i];
    }
}

/* One axis by ONNX's rules, steps of either sign. */
static struct ic_value *slice_axis(struct ic_onnx *o, struct ic_value *x, int32_t axis, int64_t start, int64_t end, int64_t step)
{
    const int64_t n = x->dims[axis];
    if (step == 0) {
        ic_onnx_fail(o, "a step of 0");
        return NULL;
    }
    step = step < -INT32_MAX ? -INT32_MAX : step;
    start = start < -n ? -1 : start < 0 ? start + n : start;
    end = end < -n ? -1 : end < 0 ? end + n : end;
    if (step > 0) {
        start = start < 0 ? 0 : start > n ? n : start;
        end = end < start ? start : end > n ? n : end;
        return ic_build_slice(&o->b, x, axis, start, end, step > n ? (n > 0 ? n : 1) : step);
    }
    start = start > n - 1 ? n - 1 : start;
    end = end > n - 1 ? n - 1 : end;
    if (start <= end || start < 0)
        return ic_build_slice(&o->b, x, axis, 0, 0, 1);
    /* turned around it goes up */
    x = ic_build_reverse(&o->b, x, axis);
    return x ? ic_build_slice(&o->b, x, axis, n - 1 - start, n - 1 - end, -step > n ? n : -step) : NULL;
}

void ic_onnx_op_slice(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    int64_t starts[IC_MAX_ATTR_INTS], ends[IC_MAX_ATTR_INTS], axes[IC_MAX_ATTR_INTS], steps[IC_MAX_ATTR_INTS];
    int32_t n = 0, n_axes = -1, n_steps = 0;
    if (!x)
        return;
    if (o->version >= 10) {
        n = ic_onnx_const_ints(o, 1, "starts", starts);
        const int32_t n_ends = ic_onnx_const_ints(o, 2, "ends", ends);
        n_axes = ic_onnx_has(o, 3) ? ic_onnx_const_ints(o, 3, "axes", axes) : -1;
        n_steps = ic_onnx_const_ints(o, 4, "steps", steps);
        n = n < n_ends ? n : n_ends;
    } else {
        n = ic_onnx_ints(o, "starts", starts, IC_MAX_ATTR_INTS);
        ic_onnx_ints(o, "ends", ends, IC_MAX_ATTR_INTS);
        n_axes = ic_onnx_ints(o, "axes", axes, IC_MAX_ATTR_INTS);
    }
    for (int32_t i = 0; i < n && ic_onnx_ok(o) && x; i++) {
        const int32_t axis = ic_onnx_axis(o, n_axes > i ? axes[i] : i, x->rank);
        if (ic_onnx_ok(o))
            x = slice_axis(o, x, axis, starts[i], ends[i], n_steps > i ? steps[i] : 1);
    }
    ic_onnx_out_like(o, 0, x, 0);
}

void ic_onnx_op_expand(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    int64_t dims[IC_IR_MAX_RANK] = {0}, full[IC_IR_MAX_RANK];
    const int32_t n = shape_input(o, 1, "shape", dims);
    if (!x || n < 0)
        return;
    const int32_t rank = n > x->rank ? n : x->rank;
    for (int32_t i = 0; i < rank; i++) { /* both broadcast */
        const int32_t ix = i - (rank - x->rank), in = i - (rank - n);
        const int64_t dx = ix < 0 ? 1 : x->dims[ix], dn = in < 0 ? 1 : dims[in];
        full[i] = dn == 1 ? dx : dn;
    }
    ic_onnx_out_like(o, 0, ic_build_expand(&o->b, x, rank, full), 0);
}

/* Each axis becomes two, the new one is broadcast, both are merged; axes in turn, so that rank 8 suffices. */
static struct ic_value *tile_axis(struct ic_onnx *o, struct ic_value *x, int32_t axis, int64_t times)
{
    if (!x || times == 1)
        return x;
    if (times < 0 || times > INT32_MAX) {
        ic_onnx_fail(o, "%" PRId64 " repeats", times);
        return NULL;
    }
    struct ic_value **parts = ic_arena_array(o->arena, (size_t)times + 1, sizeof *parts);
    if (!parts) {
        ic_build_no_memory(&o->b);
        return NULL;
    }
    for (int64_t i = 0; i < times; i++)
        parts[i] = x;
    return times == 0 ? ic_build_slice(&o->b, x, axis, 0, 0, 1) : ic_build_concat(&o->b, parts, (int32_t)times, axis);
}

void ic_onnx_op_tile(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    int64_t repeats[IC_MAX_ATTR_INTS];
    const int32_t n = ic_onnx_const_ints(o, 1, "repeats", repeats);
    if (x && ic_onnx_ok(o) && n != x->rank)
        ic_onnx_fail(o, "%d repeats for a value with %d axes", (int)n, (int)x->rank);
    for (int32_t i = 0; x && ic_onnx_ok(o) && i < n; i++)
        x = tile_axis(o, x, i, repeats[i]);
    ic_onnx_out_like(o, 0, x, 0);
}

/* ---- Pad ---- */
/* Places along an axis of n elements, before and after wider (or narrower), for the modes that repeat what is there. */
static struct ic_value *pad_places(struct ic_onnx *o, const char *mode, int32_t n, int64_t before, int64_t after)
{
    const int64_t total = n + before + after;
    int64_t *places = total > 0 && total <= INT32_MAX ? ic_arena_array(o->arena, (size_t)total, sizeof *places) : NULL;
    if (!places || n == 0) {
        ic_onnx_fail(o, "an axis of %d elements cannot be padded by %" PRId64 " and %" PRId64, (int)n, before, after);
        return NULL;
    }
    for (int64_t i = 0; i < total; i++) {
        int64_t at = i - before;
        if (strcmp(mode, "edge") == 0)
            at = at < 0 ? 0 : at >= n ? n - 1 : at;
        else if (strcmp(mode, "wrap") == 0)
            at = (at % n + n) % n;
        else if (n == 1)
            at = 0;
        else { /* reflect: there and back without repeating the ends */
            at = (at % (2 * n - 2) + 2 * n - 2) % (2 * n - 2);
            at = at < n ? at : 2 * n - 2 - at;
        }
        places[i] = at;
    }
    return ic_build_ints(&o->b, (int32_t)total, places);
}

static bool read_pads(struct ic_onnx *o, const struct ic_value *x, int64_t *before, int64_t *after)
{
    int64_t pads[IC_MAX_ATTR_INTS], axes[IC_MAX_ATTR_INTS];
    const int32_t n = o->version >= 11          ? ic_onnx_const_ints(o, 1, "pads", pads)
                      : ic_onnx_attr(o, "pads") ? ic_onnx_ints(o, "pads", pads, IC_MAX_ATTR_INTS)
                                                : ic_onnx_ints(o, "paddings", pads, IC_MAX_ATTR_INTS);
    const int32_t n_axes = o->version >= 18 && ic_onnx_has(o, 3) ? ic_onnx_const_ints(o, 3, "axes", axes) : -1;
    const int32_t each = n_axes >= 0 ? n_axes : x->rank;
    if (!ic_onnx_ok(o))
        return false;
    if (n != 2 * each) {
        ic_onnx_fail(o, "%d pads for %d axes", (int)n, (int)each);
        return false;
    }
    for (int32_t i = 0; i < each; i++) {
        const int32_t axis = ic_onnx_axis(o, n_axes >= 0 ? axes[i] : i, x->rank);
        before[axis] = pads[i];
        after[axis] = pads[i + each];
        if (pads[i] < -INT32_MAX || pads[i] > INT32_MAX || pads[i + each] < -INT32_MAX || pads[i + each] > INT32_MAX)
            ic_onnx_fail(o, "pads of %" PRId64 " and %" PRId64, pads[i], pads[i + each]);
    }
    return ic_onnx_ok(o);
}

/* Constant value of any type: Pad fills floats; integers are joined with filled parts. */
static struct ic_value *pad_constant(struct ic_onnx *o, struct ic_value *x, const int64_t *before, const int64_t *after,
                                     struct ic_value *fill)
{
    struct ic_build *b = &o->b;
    if (!x || !fill)
        return NULL;
    if (ic_dtype_is_float(x->dtype) && fill->data)
        return ic_build_pad(b, x, before, after, ic_build_get(fill, 0));
    for (int32_t axis = 0; axis < IC_IR_MAX_RANK && x && fill && axis < x->rank; axis++) {
        struct ic_value *parts[3];
        int32_t n = 0;
        int64_t dims[IC_IR_MAX_RANK];
        const int32_t rank = x->rank;
        for (int side = 0; side < 3; side++) {
            const int64_t width = side == 0 ? before[axis] : after[axis];
            for (int32_t i = 0; i < rank; i++)
                dims[i] = i == axis ? width : x->dims[i];
            if (side == 1)
                parts[n++] = x;
            else if (width > 0)
                parts[n++] = ic_build_expand(b, ic_build_reshape(b, fill, 0, NULL), rank, dims);
        }
        x = ic_build_concat(b, parts, n, axis);
    }
    return x;
}

void ic_onnx_op_pad(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    int64_t before[IC_IR_MAX_RANK] = {0}, after[IC_IR_MAX_RANK] = {0};
    const char *mode = ic_onnx_text(o, "mode", "constant");
    if (!x || !read_pads(o, x, before, after))
        return;
    for (int32_t i = 0; i < x->rank && strcmp(mode, "constant") == 0; i++) { /* negative: cut away */
        const int64_t from = before[i] < 0 ? -before[i] : 0, to = x->dims[i] + (after[i] < 0 ? after[i] : 0);
        if (from > to) {
            ic_onnx_fail(o, "axis %d of %d elements is cut by %" PRId64 " and %" PRId64, (int)i, (int)x->dims[i], -before[i],
                         -after[i]);
            return;
        }
        x = ic_build_slice(b, x, i, from, to, 1);
        if (!x)
            return;
        before[i] = before[i] < 0 ? 0 : before[i];
        after[i] = after[i] < 0 ? 0 : after[i];
    }
    if (strcmp(mode, "constant") == 0) {
        struct ic_value *fill = o->version >= 11 && ic_onnx_has(o, 2) ? ic_onnx_in(o, 2)
                                                                      : ic_build_number(b, x->dtype, ic_onnx_float(o, "value", 0));
        ic_onnx_out_like(o, 0, fill ? pad_constant(o, x, before, after, fill) : NULL, 0);
        return;
    }
    for (int32_t i = 0; x && i < x->rank && ic_onnx_ok(o); i++)
        if (before[i] || after[i])
            x = ic_build_gather(b, x, pad_places(o, mode, x->dims[i], before[i], after[i]), i);
    ic_onnx_out_like(o, 0, x, 0);
}

/* ---- made from numbers ---- */
void ic_onnx_op_range(struct ic_onnx *o)
{
    const struct ic_value *start = ic_onnx_const(o, 0, "start"), *limit = ic_onnx_const(o, 1, "limit"),
                          *delta = ic_onnx_const(o, 2, "delta");
    if (!start || !limit || !delta)
        return;
    const double first = ic_build_get(start, 0), step = ic_build_get(delta, 0),
                 count = ceil((ic_build_get(limit, 0) - first) / step);
    if (step == 0 || !(count < 2147483648.0)) {
        ic_onnx_fail(o, "a range from %g to %g by %g", first, ic_build_get(limit, 0), step);
        return;
    }
    const int32_t n = count > 0 ? (int32_t)count : 0;
    uint8_t *data = ic_arena_aligned(o->arena, (size_t)n * ic_dtype_bytes(start->dtype) + 8, 64);
    if (!data) {
        ic_build_no_memory(&o->b);
        return;
    }
    for (int32_t i = 0; i < n; i++)
        if (ic_dtype_is_float(start->dtype))
            ((float *)(void *)data)[i] = (float)(first + step * i);
        else
            ic_int_store(start->dtype, data, i,
                         (int64_t)((uint64_t)ic_build_get_int(start, 0) + (uint64_t)i * (uint64_t)ic_build_get_int(delta, 0)));
    ic_onnx_out_like(o, 0, ic_build_const(&o->b, start->dtype, 1, &n, data), 0);
}

void ic_onnx_op_eye_like(struct ic_onnx *o)
{
    const struct ic_value *x = ic_onnx_in(o, 0);
    const int64_t k = ic_onnx_int(o, "k", 0);
    const int32_t type = ic_onnx_attr(o, "dtype") ? ic_onnx_int32(o, "dtype", 0) : ic_onnx_in_type(o, 0);
    if (!x || x->rank != 2) {
        ic_onnx_fail(o, "a matrix is wanted");
        return;
    }
    uint8_t *data = ic_arena_alloc(o->arena, (size_t)ic_value_elements(x) + 1);
    if (!data) {
        ic_build_no_memory(&o->b);
        return;
    }
    for (int64_t i = 0; i < x->dims[0] && k >= -INT32_MAX && k <= INT32_MAX; i++)
        if (i + k >= 0 && i + k < x->dims[1])
            data[i * x->dims[1] + i + k] = 1;
    ic_onnx_out(o, 0, ic_onnx_cast(o, ic_build_const(&o->b, IC_U8, 2, x->dims, data), type, true), type);
}

/* ---- blocks ---- */
void ic_onnx_op_depth_to_space(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    const int64_t s = ic_onnx_int(o, "blocksize", 0);
    const bool crd = strcmp(ic_onnx_text(o, "mode", "DCR"), "CRD") == 0;
    if (!x || x->rank != 4 || s < 1 || s > 65536 || x->dims[1] % (s * s) != 0) {
        ic_onnx_fail(o, "channels do not divide into blocks of %" PRId64, s);
        return;
    }
    const int64_t n = x->dims[0], c = x->dims[1] / (s * s), h = x->dims[2], w = x->dims[3];
    x = crd ? ic_build_reshape(&o->b, x, 6, (const int64_t[]){n, c, s, s, h, w})
            : ic_build_reshape(&o->b, x, 6, (const int64_t[]){n, s, s, c, h, w});
    x = ic_build_transpose(&o->b, x, 6, crd ? (const int64_t[]){0, 1, 4, 2, 5, 3} : (const int64_t[]){0, 3, 4, 1, 5, 2});
    ic_onnx_out_like(o, 0, ic_build_reshape(&o->b, x, 4, (const int64_t[]){n, c, h * s, w * s}), 0);
}

void ic_onnx_op_space_to_depth(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    const int64_t s = ic_onnx_int(o, "blocksize", 0);
    const bool crd = strcmp(ic_onnx_text(o, "mode", "DCR"), "CRD") == 0;
    if (!x || x->rank != 4 || s < 1 || s > 65536 || x->dims[2] % s != 0 || x->dims[3] % s != 0) {
        ic_onnx_fail(o, "height and width do not divide into blocks of %" PRId64, s);
        return;
    }
    const int64_t n = x->dims[0], c = x->dims[1], h = x->dims[2] / s, w = x->dims[3] / s;
    x = ic_build_reshape(&o->b, x, 6, (const int64_t[]){n, c, h, s, w, s});
    x = ic_build_transpose(&o->b, x, 6, crd ? (const int64_t[]){0, 1, 3, 5, 2, 4} : (const int64_t[]){0, 3, 5, 1, 2, 4});
    ic_onnx_out_like(o, 0, ic_build_reshape(&o->b, x, 4, (const int64_t[]){n, c * s * s, h, w}), 0);
}

void ic_onnx_op_center_crop_pad(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    int64_t dims[IC_MAX_ATTR_INTS], axes[IC_MAX_ATTR_INTS];
    const int32_t n = ic_onnx_const_ints(o, 1, "shape", dims), n_axes = ic_onnx_ints(o, "axes", axes, IC_MAX_ATTR_INTS);
    if (!x || !ic_onnx_ok(o))
        return;
    for (int32_t i = 0; i < n && x; i++) {
        const int32_t axis = ic_onnx_axis(o, n_axes > i ? axes[i] : i, x->rank);
        int64_t before[IC_IR_MAX_RANK] = {0}, after[IC_IR_MAX_RANK] = {0};
        const int64_t have = x->dims[axis], want = dims[i];
        if (want < 0 || want > INT32_MAX) {
            ic_onnx_fail(o, "a size of %" PRId64, want);
            return;
        }
        if (want < have) {
            x = ic_build_slice(&o->b, x, axis, (have - want) / 2, (have - want) / 2 + want, 1);
            continue;
        }
        before[axis] = (want - have) / 2;
        after[axis] = want - have - before[axis];
        x = pad_constant(o, x, before, after, ic_build_number(&o->b, x->dtype, 0));
    }
    ic_onnx_out_like(o, 0, x, 0);
}

/* Upper or lower triangle of the last two axes. */
void ic_onnx_op_trilu(struct ic_onnx *o)
{
    struct ic_value *x = ic_onnx_in(o, 0);
    const struct ic_value *k_value = ic_onnx_const(o, 1, "k");
    const bool upper = ic_onnx_int(o, "upper", 1) != 0;
    if (!x || x->rank < 2) {
        if (x)
            ic_onnx_fail(o, "at least two axes are wanted");
        return;
    }
    const int64_t k = k_value && ic_value_elements(k_value) ? ic_build_get_int(k_value, 0) : 0;
    const int32_t h = x->dims[x->rank - 2], w = x->dims[x->rank - 1], dims[2] = {h, w};
    uint8_t *keep = ic_arena_alloc(o->arena, (size_t)h * (size_t)w + 1);
    if (!keep) {
        ic_build_no_memory(&o->b);
        return;
    }
    for (int64_t i = 0; i < h; i++)
        for (int64_t j = 0; j < w; j++)
            keep[i * w + j] = upper ? j - i >= k : j - i <= k;
    ic_onnx_out_like(
        o, 0, ic_build_where(&o->b, ic_build_const(&o->b, IC_BOOL, 2, dims, keep), x, ic_build_number(&o->b, x->dtype, 0)), 0);
}
