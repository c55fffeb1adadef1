/* SPDX-License-Identifier: Apache-2.0
 *
 * Views and aliases. A view remembers how it was made from its root; a write through any view rebuilds the root, and the other views are
 * made again from it when they are next read. So an in-place operator needs no memory model: it is an out-of-place one plus this.
 */
#include "import/torchscript/composed.h"
#include "import/torchscript/ops.h"

#include "ir/op_def.h"

#include <inttypes.h>
#include <string.h>

enum ic_status ic_ts_axis(struct ic_ts *ts, int64_t axis, int32_t rank, int32_t *out)
{
    const int64_t r = rank ? rank : 1; /* torch lets axis 0 and -1 of a scalar pass */
    if (axis < -r || axis >= r)
        return ic_ts_fail(ts, IC_E_SHAPES, "axis %" PRId64 " of a tensor of rank %d", axis, rank);
    *out = (int32_t)(axis < 0 ? axis + r : axis);
    return IC_OK;
}

/* ---- one step on known elements: a strided copy ---- */
static void copy_strided(const uint8_t *from, const int64_t *strides, int64_t offset, const int64_t *dims, int32_t rank,
                         size_t size, uint8_t *to, int64_t n)
{
    int64_t index[IC_IR_MAX_RANK] = {0};
    int64_t at = offset;
    for (int64_t i = 0; i < n; ++i, to += size) {
        memcpy(to, from + (size_t)at * size, size);
        for (int32_t axis = rank; axis-- > 0;) {
            at += strides[axis];
            if (++index[axis] < dims[axis])
                break;
            at -= strides[axis] * dims[axis];
            index[axis] = 0;
        }
    }
}

static void dense_strides(int32_t rank, const int64_t *dims, int64_t *strides)
{
    int64_t s = 1;
    for (int32_t i = rank; i-- > 0; s *= dims[i])
        strides[i] = s;
}

/* How far apart the elements of a view stand that is no reshape, from how far apart those of `from` do. */
static void stride_step(const int64_t *source, const struct ic_ts_tensor *from, const struct ic_ts_view *v, int64_t *strides,
                        int64_t *offset)
{
    if (v->kind == IC_TS_VIEW_PERMUTE) {
        for (int32_t i = 0; i < v->rank; ++i)
            strides[i] = source[v->dims[i]];
    } else if (v->kind == IC_TS_VIEW_SLICE) {
        for (int32_t i = 0; i < from->rank; ++i)
            strides[i] = source[i];
        *offset += v->start * source[v->axis];
        strides[v->axis] *= v->step;
    } else { /* EXPAND: new axes in front, sizes of one repeat */
        const int32_t front = v->rank - from->rank;
        for (int32_t i = 0; i < v->rank; ++i)
            strides[i] = i < front || from->dims[i - front] == 1 ? 0 : source[i - front];
    }
}

/* A view of a weight that stands in a storage is another offset and other strides of it. */
static enum ic_status weight_step(struct ic_ts *ts, const struct ic_ts_tensor *from, const struct ic_ts_view *v,
                                  struct ic_ts_tensor *to)
{
    struct ic_ts_weight *w = ic_arena_copy(&ts->arena, from->weight, sizeof *w);
    if (!w)
        return ic_ts_no_memory(ts);
    w->rank = to->rank;
    memcpy(w->dims, to->dims, sizeof w->dims);
    if (v->kind == IC_TS_VIEW_RESHAPE)
        dense_strides(to->rank, to->dims, w->strides);
    else
        stride_step(from->weight->strides, from, v, w->strides, &w->offset);
    to->weight = w;
    return IC_OK;
}

static enum ic_status known_step(struct ic_ts *ts, struct ic_ts_tensor *from, const struct ic_ts_view *v, struct ic_ts_tensor *to)
{
    const void *data = NULL;
    if (from->weight && (v->kind != IC_TS_VIEW_RESHAPE || ic_ts_weight_is_dense(from->weight)))
        return weight_step(ts, from, v, to);
    IC_TRY(ic_ts_tensor_data(ts, from, &data));
    if (v->kind == IC_TS_VIEW_RESHAPE) {
        to->now.data = data;
        return IC_OK;
    }
    int64_t source[IC_IR_MAX_RANK], strides[IC_IR_MAX_RANK], offset = 0;
    dense_strides(from->rank, from->dims, source);
    stride_step(source, from, v, strides, &offset);
    const int64_t n = ic_ts_elements(to);
    const size_t size = ic_ts_dtype_bytes(from->dtype);
    uint8_t *room = ic_arena_array(&ts->arena, n ? (size_t)n : 1, size);
    if (!room)
        return ic_ts_no_memory(ts);
    copy_strided(data, strides, offset, to->dims, to->rank, size, room, n);
    to->now.data = room;
    return IC_OK;
}

/* ---- one step as a node ---- */
static enum ic_status emit_slice(struct ic_ts *ts, struct ic_value *x, const struct ic_ts_tensor *from, const struct ic_ts_view *v,
                                 struct ic_value **out)
{
    int64_t starts[IC_IR_MAX_RANK] = {0}, ends[IC_IR_MAX_RANK], steps[IC_IR_MAX_RANK];
    struct ic_node *n = NULL;
    for (int32_t i = 0; i < from->rank; ++i) {
        ends[i] = from->dims[i];
        steps[i] = 1;
    }
    starts[v->axis] = v->start;
    ends[v->axis] = v->length ? v->start + (v->length - 1) * v->step + 1 : v->start;
    steps[v->axis] = v->step;
    IC_TRY(ic_ts_node(ts, IC_OP_SLICE, &x, 1, "", &n));
    ic_ts_set_ints_attr(n, IC_SLICE_STARTS, from->rank, starts);
    ic_ts_set_ints_attr(n, IC_SLICE_ENDS, from->rank, ends);
    ic_ts_set_ints_attr(n, IC_SLICE_STEPS, from->rank, steps);
    return ic_ts_finish(ts, n, out);
}

static enum ic_status computed_step(struct ic_ts *ts, struct ic_ts_tensor *from, const struct ic_ts_view *v,
                                    struct ic_ts_tensor *to)
{
    struct ic_value *x = NULL;
    struct ic_node *n = NULL;
    IC_TRY(ic_ts_tensor_value(ts, from, &x));
    switch (v->kind) {
    case IC_TS_VIEW_RESHAPE:
        return ic_ts_emit_reshape(ts, x, v->rank, v->dims, "", &to->now.value);
    case IC_TS_VIEW_PERMUTE:
        return ic_ts_emit_transpose(ts, x, v->dims, "", &to->now.value);
    case IC_TS_VIEW_SLICE:
        return emit_slice(ts, x, from, v, &to->now.value);
    case IC_TS_VIEW_EXPAND:
        IC_TRY(ic_ts_node(ts, IC_OP_EXPAND, &x, 1, "", &n));
        ic_ts_set_ints_attr(n, IC_EXPAND_SHAPE, v->rank, v->dims);
        return ic_ts_finish(ts, n, &to->now.value);
    }
    return ic_ts_fail(ts, IC_ERR_INTERNAL, "a view of no kind");
}

static void step_shape(const struct ic_ts_tensor *from, const struct ic_ts_view *v, int32_t *rank, int64_t *dims)
{
    *rank = v->kind == IC_TS_VIEW_SLICE ? from->rank : v->rank;
    for (int32_t i = 0; i < *rank; ++i)
        dims[i] = v->kind == IC_TS_VIEW_PERMUTE ? from->dims[v->dims[i]] : v->kind == IC_TS_VIEW_SLICE ? from->dims[i] : v->dims[i];
    if (v->kind == IC_TS_VIEW_SLICE)
        dims[v->axis] = v->length;
}

static bool step_is_nothing(const struct ic_ts_tensor *from, const struct ic_ts_view *v)
{
    if (v->kind == IC_TS_VIEW_SLICE)
        return v->start == 0 && v->step == 1 && v->length == from->dims[v->axis];
    bool same = v->rank == from->rank;
    for (int32_t i = 0; same && i < v->rank; ++i)
        same = v->kind == IC_TS_VIEW_PERMUTE ? v->dims[i] == i : v->dims[i] == from->dims[i];
    return same;
}

/* The result without any memory of where it came from. */
static enum ic_status apply(struct ic_ts *ts, struct ic_ts_tensor *from, const struct ic_ts_view *v, struct ic_ts_tensor **out)
{
    int32_t rank = 0;
    int64_t dims[IC_IR_MAX_RANK];
    step_shape(from, v, &rank, dims);
    IC_TRY(ic_ts_tensor_new(ts, from->dtype, rank, dims, out));
    (*out)->face = from->face;
    (*out)->name = from->name;
    (*out)->now.contiguous = from->now.contiguous && (v->kind == IC_TS_VIEW_RESHAPE || step_is_nothing(from, v) ||
                                                      (v->kind == IC_TS_VIEW_SLICE && v->axis == 0 && v->step == 1));
    if (step_is_nothing(from, v)) {
        const bool contiguous = (*out)->now.contiguous;
        (*out)->now = from->now;
        (*out)->now.contiguous = contiguous;
        (*out)->weight = from->weight;
        (*out)->later = from->later;
        return IC_OK;
    }
    return ic_ts_is_known(from) ? known_step(ts, from, v, *out) : computed_step(ts, from, v, *out);
}

/* ---- sharing ---- */
static enum ic_status share(struct ic_ts *ts, struct ic_ts_tensor *t)
{
    if (t->shared)
        return IC_OK;
    const void *data = NULL;
    if (ic_ts_is_known(t))
        IC_TRY(ic_ts_tensor_data(ts, t, &data));
    t->shared = ic_arena_alloc(&ts->arena, sizeof *t->shared);
    if (!t->shared)
        return ic_ts_no_memory(ts);
    *t->shared = (struct ic_ts_shared){.root = t->now, .rank = t->rank, .storage = t->storage};
    memcpy(t->shared->dims, t->dims, sizeof t->dims);
    return IC_OK;
}

enum ic_status ic_ts_view(struct ic_ts *ts, struct ic_ts_tensor *from, const struct ic_ts_view *step, struct ic_ts_tensor **out)
{
    IC_TRY(share(ts, from));
    IC_TRY(apply(ts, from, step, out));
    struct ic_ts_view *kept = ic_arena_copy(&ts->arena, step, sizeof *step);
    if (!kept)
        return ic_ts_no_memory(ts);
    kept->before = from->view;
    (*out)->shared = from->shared;
    (*out)->view = kept;
    (*out)->version = from->version;
    return IC_OK;
}

enum ic_status ic_ts_may_share(struct ic_ts *ts, struct ic_ts_tensor *t, struct ic_ts_tensor *from, bool surely)
{
    char name[64];
    IC_TRY(share(ts, from));
    if (t->shared == from->shared) /* a view here too */
        return IC_OK;
    IC_TRY(share(ts, t));
    ic_ts_op_name(ts, name, sizeof name);
    t->shared->maybe_op = ic_arena_text(&ts->arena, name, strlen(name));
    if (!t->shared->maybe_op)
        return ic_ts_no_memory(ts);
    t->shared->surely = surely;
    t->shared->maybe = from->shared;
    t->shared->maybe_version = from->shared->version;
    t->shared->maybe_line = ic_ts_place(ts) ? ic_ts_place(ts)->line : 0;
    return IC_OK;
}

static void note_write(struct ic_ts_shared *s)
{
    for (; s->maybe; s = s->maybe) {
        s->maybe->writer = s;
        s->maybe->doubtful = true;
    }
}

/* The copy by which what is in s is not known; NULL: it is known. */
static const struct ic_ts_shared *doubtful_copy(const struct ic_ts_shared *s)
{
    if (s->doubtful)
        return s->writer;
    for (; s->maybe; s = s->maybe)
        if (s->maybe->version != s->maybe_version || (s->maybe->doubtful && s->maybe->writer != s))
            return s;
    return NULL;
}

/* ---- tensors of the file that have one storage ---- */
static enum ic_status note_stored_write(struct ic_ts *ts, struct ic_ts_tensor *t)
{
    const void *storage = t->shared ? t->shared->storage : t->storage;
    if (!storage)
        return IC_OK;
    IC_TRY(share(ts, t));
    for (const struct ic_ts_stored_write *w = ts->stored_writes; w; w = w->next)
        if (w->by == t->shared)
            return IC_OK;
    struct ic_ts_stored_write *w = ic_arena_alloc(&ts->arena, sizeof *w);
    if (!w)
        return ic_ts_no_memory(ts);
    *w = (struct ic_ts_stored_write){
        .storage = storage, .by = t->shared, .line = ic_ts_place(ts) ? ic_ts_place(ts)->line : 0, .next = ts->stored_writes};
    ts->stored_writes = w;
    return IC_OK;
}

static enum ic_status check_storage(struct ic_ts *ts, const struct ic_ts_tensor *t)
{
    const void *storage = t->shared ? t->shared->storage : t->storage;
    for (const struct ic_ts_stored_write *w = storage ? ts->stored_writes : NULL; w; w = w->next)
        if (w->storage == storage && w->by != t->shared)
            return ic_ts_fail(
                ts, IC_E_OPERATORS,
                "a weight is read here that shares its storage with another one, which line %d has written to; keep one "
                "of the two in the module, and make the other from it in forward",
                w->line);
    return IC_OK;
}

static enum ic_status check_order(struct ic_ts *ts, const struct ic_ts_tensor *t)
{
    const struct ic_ts_shared *copy = t->shared ? doubtful_copy(t->shared) : NULL;
    if (!copy)
        return IC_OK;
    return ic_ts_fail(
        ts, IC_E_OPERATORS,
        "the result of %s in line %d %s; one of them is written to and the other is read later: write .clone() behind it",
        copy->maybe_op, copy->maybe_line,
        copy->surely ? "shares its operand's memory in PyTorch, and is a copy here"
                     : "may or may not share its operand's memory, depending on how PyTorch lays out that operand");
}

static enum ic_status root_tensor(struct ic_ts *ts, const struct ic_ts_tensor *t, struct ic_ts_tensor **out)
{
    IC_TRY(ic_ts_tensor_new(ts, t->dtype, t->shared->rank, t->shared->dims, out));
    (*out)->now = t->shared->root;
    (*out)->face = t->face;
    return IC_OK;
}

static enum ic_status derive(struct ic_ts *ts, struct ic_ts_tensor *root, const struct ic_ts_view *v, struct ic_ts_tensor **out)
{
    struct ic_ts_tensor *from = root;
    if (v->before)
        IC_TRY(derive(ts, root, v->before, &from));
    return apply(ts, from, v, out);
}

enum ic_status ic_ts_refresh(struct ic_ts *ts, struct ic_ts_tensor *t)
{
    IC_TRY(check_order(ts, t));
    IC_TRY(check_storage(ts, t));
    if (!t->shared || t->version == t->shared->version)
        return IC_OK;
    struct ic_ts_tensor *now = NULL;
    IC_TRY(root_tensor(ts, t, &now));
    if (t->view)
        IC_TRY(derive(ts, now, t->view, &now));
    t->now = now->now;
    t->face = now->face;
    t->weight = NULL;
    t->later = NULL;
    t->f32 = NULL;
    t->weight_checked = false;
    t->name = NULL;
    t->version = t->shared->version;
    return IC_OK;
}

/* The elements of a slice with a step, one after the other. */
static enum ic_status put_every(struct ic_ts *ts, struct ic_ts_tensor *whole, const struct ic_ts_view *v, struct ic_ts_tensor *part,
                                struct ic_ts_tensor **out)
{
    void *places = NULL;
    struct ic_ts_tensor *index = NULL;
    IC_TRY(ic_ts_tensor_known(ts, IC_TS_S64, 1, &v->length, &index, &places));
    for (int64_t i = 0; i < v->length; ++i)
        ic_ts_set_int(IC_TS_S64, places, i, v->start + i * v->step);
    struct ic_ts_value arg[4] = {ic_ts_of(whole), ic_ts_int(v->axis), ic_ts_of(index), ic_ts_of(part)}, y;
    IC_TRY(ic_ts_call_op(ts, "aten", "index_copy", arg, 4, &y));
    *out = y.u.t;
    return y.kind == IC_TS_V_TENSOR ? IC_OK
                                    : ic_ts_fail(ts, IC_E_OPERATORS, "writing into every second element is not supported here");
}

/* whole with the part that v shows replaced by part. */
static enum ic_status put_back(struct ic_ts *ts, struct ic_ts_tensor *whole, const struct ic_ts_view *v, struct ic_ts_tensor *part,
                               struct ic_ts_tensor **out)
{
    struct ic_ts_view step = {.kind = v->kind, .rank = whole->rank};
    struct ic_ts_tensor *parts[3];
    int32_t n = 0;
    const bool once = ic_ts_elements(part) == ic_ts_elements(whole);
    switch (v->kind == IC_TS_VIEW_EXPAND && once ? IC_TS_VIEW_RESHAPE : v->kind) { /* expanded to what it was, or by axes of 1 */
    case IC_TS_VIEW_RESHAPE:
        step.kind = IC_TS_VIEW_RESHAPE;
        memcpy(step.dims, whole->dims, sizeof step.dims);
        return apply(ts, part, &step, out);
    case IC_TS_VIEW_PERMUTE:
        for (int32_t i = 0; i < whole->rank; ++i)
            step.dims[v->dims[i]] = i;
        return apply(ts, part, &step, out);
    case IC_TS_VIEW_SLICE:
        if (v->step != 1 && v->length > 1)
            return put_every(ts, whole, v, part, out);
        if (v->start > 0)
            IC_TRY(ic_ts_slice(ts, whole, v->axis, 0, v->start, 1, &parts[n++]));
        parts[n++] = part;
        if (v->start + v->length < whole->dims[v->axis])
            IC_TRY(
                ic_ts_slice(ts, whole, v->axis, v->start + v->length, whole->dims[v->axis] - v->start - v->length, 1, &parts[n++]));
        return ic_ts_concat(ts, parts, n, v->axis, out);
    case IC_TS_VIEW_EXPAND:
        break;
    }
    return ic_ts_fail(ts, IC_E_WRITE_EXPANDED, "writing into an expanded tensor is not supported; write x = x.clone() before it");
}

static enum ic_status write_through(struct ic_ts *ts, struct ic_ts_tensor *root, const struct ic_ts_view *v,
                                    struct ic_ts_tensor *part, struct ic_ts_tensor **out)
{
    struct ic_ts_tensor *whole = root;
    if (!v->before)
        return put_back(ts, root, v, part, out);
    IC_TRY(derive(ts, root, v->before, &whole));
    IC_TRY(put_back(ts, whole, v, part, &part));
    return write_through(ts, root, v->before, part, out);
}

enum ic_status ic_ts_write(struct ic_ts *ts, struct ic_ts_tensor *t, struct ic_ts_tensor *from)
{
    bool same = from->rank == t->rank;
    if (from->dtype != t->dtype) { /* memory keeps its type, whatever is written there */
        struct ic_ts_value arg[2] = {ic_ts_of(from), ic_ts_int(t->dtype)}, y;
        IC_TRY(ic_ts_call_op(ts, "aten", "to", arg, 2, &y));
        if (y.kind != IC_TS_V_TENSOR)
            return ic_ts_fail(ts, IC_E_OPERATORS, "numbers are written into a tensor of %s", ic_ts_dtype_name(t->dtype));
        from = y.u.t;
    }
    for (int32_t i = 0; same && i < t->rank; ++i)
        same = from->dims[i] == t->dims[i];
    if (!same)
        IC_TRY(ic_ts_expand(ts, from, t->rank, t->dims, &from));
    IC_TRY(note_stored_write(ts, t));
    if (t->shared) {
        struct ic_ts_tensor *root = from;
        if (t->view) {
            IC_TRY(root_tensor(ts, t, &root));
            IC_TRY(write_through(ts, root, t->view, from, &root));
        }
        const void *data = NULL;
        if (ic_ts_is_known(root))
            IC_TRY(ic_ts_tensor_data(ts, root, &data));
        const bool dense = t->shared->root.contiguous; /* where elements stand is not changed by writing to them */
        t->shared->root = root->now;
        t->shared->root.contiguous = dense;
        t->version = ++t->shared->version;
        note_write(t->shared);
    }
    if (ic_ts_is_known(from)) {
        const void *data = NULL;
        IC_TRY(ic_ts_tensor_data(ts, from, &data));
    }
    const bool contiguous = t->now.contiguous;
    t->now = from->now;
    t->now.contiguous = contiguous;
    t->face = from->face;
    t->weight = NULL;
    t->later = NULL;
    t->f32 = NULL;
    t->weight_checked = false;
    t->name = NULL;
    return IC_OK;
}

/* ---- plain forms ---- */
static enum ic_status once(struct ic_ts *ts, struct ic_ts_tensor *t, const struct ic_ts_view *v, struct ic_ts_tensor **out)
{
    return apply(ts, t, v, out);
}

enum ic_status ic_ts_reshape(struct ic_ts *ts, struct ic_ts_tensor *t, int32_t rank, const int64_t *dims, struct ic_ts_tensor **out)
{
    struct ic_ts_view v = {.kind = IC_TS_VIEW_RESHAPE, .rank = rank};
    memcpy(v.dims, dims, (size_t)rank * sizeof *dims);
    return once(ts, t, &v, out);
}

enum ic_status ic_ts_permute(struct ic_ts *ts, struct ic_ts_tensor *t, const int32_t *perm, struct ic_ts_tensor **out)
{
    struct ic_ts_view v = {.kind = IC_TS_VIEW_PERMUTE, .rank = t->rank};
    for (int32_t i = 0; i < t->rank; ++i)
        v.dims[i] = perm[i];
    return once(ts, t, &v, out);
}

enum ic_status ic_ts_slice(struct ic_ts *ts, struct ic_ts_tensor *t, int32_t axis, int64_t start, int64_t length, int64_t step,
                           struct ic_ts_tensor **out)
{
    const struct ic_ts_view v = {.kind = IC_TS_VIEW_SLICE, .axis = axis, .start = start, .length = length, .step = step};
    return once(ts, t, &v, out);
}

enum ic_status ic_ts_expand(struct ic_ts *ts, struct ic_ts_tensor *t, int32_t rank, const int64_t *dims, struct ic_ts_tensor **out)
{
    struct ic_ts_view v = {.kind = IC_TS_VIEW_EXPAND, .rank = rank};
    if (rank < t->rank)
        return ic_ts_fail(ts, IC_E_SHAPES, "a tensor of rank %d is expanded to rank %d", t->rank, rank);
    for (int32_t i = 0; i < rank; ++i) {
        const int64_t old = i < rank - t->rank ? 1 : t->dims[i - (rank - t->rank)];
        v.dims[i] = dims[i] == -1 ? old : dims[i];
        if (old != 1 && v.dims[i] != old)
            return ic_ts_fail(ts, IC_E_SHAPES, "size %" PRId64 " is expanded to %" PRId64 "; only sizes of 1 can be", old,
                              v.dims[i]);
    }
    return once(ts, t, &v, out);
}

static enum ic_status concat_known(struct ic_ts *ts, struct ic_ts_tensor *const *parts, int32_t n, int32_t axis,
                                   const int64_t *dims, struct ic_ts_tensor **out)
{
    void *room = NULL;
    const struct ic_ts_tensor *first = parts[0];
    IC_TRY(ic_ts_tensor_known(ts, first->dtype, first->rank, dims, out, &room));
    int64_t outer = 1, inner = (int64_t)ic_ts_dtype_bytes(first->dtype);
    for (int32_t i = 0; i < first->rank; ++i)
        *(i < axis ? &outer : &inner) *= i == axis ? 1 : dims[i];
    uint8_t *to = room;
    for (int64_t o = 0; o < outer; ++o)
        for (int32_t i = 0; i < n; ++i) {
            const void *data = NULL;
            IC_TRY(ic_ts_tensor_data(ts, parts[i], &data));
            const size_t bytes = (size_t)(parts[i]->dims[axis] * inner);
            memcpy(to, (const uint8_t *)data + (size_t)o * bytes, bytes);
            to += bytes;
        }
    return IC_OK;
}

enum ic_status ic_ts_concat(struct ic_ts *ts, struct ic_ts_tensor *const *parts, int32_t n, int32_t axis, struct ic_ts_tensor **out)
{
    int64_t dims[IC_IR_MAX_RANK];
    bool known = true, same_type = true;
    memcpy(dims, parts[0]->dims, sizeof dims);
    dims[axis] = 0;
    struct ic_value **values = ic_arena_array(&ts->arena, (size_t)n, sizeof *values);
    if (!values)
        return ic_ts_no_memory(ts);
    for (int32_t i = 0; i < n; ++i) {
        bool fits = parts[i]->rank == parts[0]->rank;
        for (int32_t k = 0; fits && k < parts[0]->rank; ++k)
            fits = k == axis || parts[i]->dims[k] == parts[0]->dims[k];
        if (!fits)
            return ic_ts_fail(ts, IC_E_SHAPES, "tensors of different shapes are joined on axis %d", axis);
        dims[axis] += parts[i]->dims[axis];
        known = known && ic_ts_is_known(parts[i]);
        same_type = same_type && parts[i]->dtype == parts[0]->dtype;
    }
    if (n == 1) {
        struct ic_ts_view same = {.kind = IC_TS_VIEW_RESHAPE, .rank = parts[0]->rank};
        memcpy(same.dims, parts[0]->dims, sizeof same.dims);
        return apply(ts, parts[0], &same, out);
    }
    if (known && same_type)
        return concat_known(ts, parts, n, axis, dims, out);
    for (int32_t i = 0; i < n; ++i)
        IC_TRY(ic_ts_tensor_value(ts, parts[i], &values[i]));
    struct ic_node *node = NULL;
    struct ic_value *v = NULL;
    IC_TRY(ic_ts_node(ts, IC_OP_CONCAT, values, n, "", &node));
    ic_ts_set_int_attr(node, IC_CONCAT_AXIS, axis);
    IC_TRY(ic_ts_finish(ts, node, &v));
    return ic_ts_wrap(ts, v, parts[0]->dtype, out);
}
