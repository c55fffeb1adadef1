/* SPDX-License-Identifier: Apache-2.0
 *
 * Places that are computed: Gather, GatherElements, GatherND, ScatterElements, ScatterND. All are one gather or scatter step; they differ in
 * which axes of the walk the index has.
 */
#include "ops/common.h"

#include <string.h>

static enum ic_status want_index(const struct ic_node *n, struct ic_diag *d)
{
    char label[256];
    const enum ic_dtype t = n->inputs[1]->dtype;
    if (t == IC_S64 || t == IC_S32)
        return IC_OK;
    return ic_fail(d, IC_E_SHAPES, "%s: an index of type %s; s32 or s64 is wanted", ic_node_label(n, label, sizeof label),
                   ic_dtype_name(t));
}

static enum ic_status want_rank(const struct ic_node *n, int64_t rank, struct ic_diag *d)
{
    char label[256];
    if (rank >= 0 && rank <= IC_IR_MAX_RANK)
        return IC_OK;
    return ic_fail(d, IC_E_RANK, "%s: a result of rank %lld; 0 to %d is possible", ic_node_label(n, label, sizeof label),
                   (long long)rank, IC_IR_MAX_RANK);
}

/* A walk being put together axis by axis; moved: strides on the side that the index reaches into. */
struct walk {
    int32_t rank;
    int32_t dims[IC_MAX_RANK], moved[IC_MAX_RANK], index[IC_MAX_RANK];
};

/* Extent 1 changes nothing; an axis that goes on where the last one ends joins it. */
static void add_axis(struct walk *w, int32_t extent, int64_t moved, int64_t index)
{
    if (extent == 1)
        return;
    const int32_t last = w->rank - 1;
    if (w->rank > 0 && w->moved[last] == moved * extent && w->index[last] == index * extent) {
        w->dims[last] *= extent;
        w->moved[last] = (int32_t)moved;
        w->index[last] = (int32_t)index;
        return;
    }
    w->dims[w->rank] = extent;
    w->moved[w->rank] = (int32_t)moved;
    w->index[w->rank++] = (int32_t)index;
}

static void close_walk(struct walk *w)
{
    for (int32_t i = w->rank; i < IC_MAX_RANK; i++)
        w->dims[i] = 1;
    w->rank = w->rank ? w->rank : 1;
}

struct parts {
    int32_t n, step;
    int32_t stride[IC_MAX_RANK], bound[IC_MAX_RANK];
};

static enum ic_status emit_gather(struct ic_lowering *l, const struct ic_node *n, struct walk *w, const struct parts *p,
                                  struct ic_diag *d)
{
    struct ic_step_gather *s = ic_lower_step(l, IC_STEP_GATHER, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    close_walk(w);
    s->x = ic_lower_tensor(l, n->inputs[0]);
    s->index = ic_lower_tensor(l, n->inputs[1]);
    s->y = ic_lower_tensor(l, n->outputs[0]);
    s->element_bytes = (int32_t)ic_dtype_bytes(n->inputs[0]->dtype);
    s->rank = w->rank;
    memcpy(s->dims, w->dims, sizeof s->dims);
    memcpy(s->x_stride, w->moved, sizeof s->x_stride);
    memcpy(s->index_stride, w->index, sizeof s->index_stride);
    s->n_index = p->n;
    s->part_step = p->step;
    memcpy(s->part_stride, p->stride, sizeof s->part_stride);
    memcpy(s->part_bound, p->bound, sizeof s->part_bound);
    return IC_OK;
}

/* x is copied to y, then changed there. */
static enum ic_status emit_scatter(struct ic_lowering *l, const struct ic_node *n, struct walk *w, const struct parts *p,
                                   int64_t fn, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *y = n->outputs[0];
    struct ic_move all = {.rank = x->rank};
    memcpy(all.dims, x->dims, sizeof all.dims);
    ic_dense_strides(x->rank, x->dims, all.x_stride);
    ic_dense_strides(x->rank, x->dims, all.y_stride);
    IC_TRY(ic_lower_move(l, n, ic_lower_tensor(l, x), ic_lower_tensor(l, y), x->dtype, &all, d));
    if (ic_value_elements(n->inputs[2]) == 0)
        return IC_OK;
    struct ic_step_scatter *s = ic_lower_step(l, IC_STEP_SCATTER, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    close_walk(w);
    s->x = ic_lower_tensor(l, n->inputs[2]);
    s->index = ic_lower_tensor(l, n->inputs[1]);
    s->y = ic_lower_tensor(l, y);
    s->fn = (uint32_t)fn;
    s->rank = w->rank;
    memcpy(s->dims, w->dims, sizeof s->dims);
    memcpy(s->y_stride, w->moved, sizeof s->y_stride);
    memcpy(s->index_stride, w->index, sizeof s->index_stride);
    s->n_index = p->n;
    s->part_step = p->step;
    memcpy(s->part_stride, p->stride, sizeof s->part_stride);
    memcpy(s->part_bound, p->bound, sizeof s->part_bound);
    return IC_OK;
}

static enum ic_status want_room(const struct ic_node *n, const struct ic_value *x, int32_t first, int32_t count, struct ic_diag *d)
{
    char label[256];
    for (int32_t i = first; i < first + count; i++)
        if (x->dims[i] == 0)
            return ic_fail(d, IC_E_SHAPES, "%s: an index into axis %d, which is empty", ic_node_label(n, label, sizeof label),
                           (int)i);
    return IC_OK;
}

/* ---- Gather ---- */
static const struct ic_attr_def gather_attrs[] = {
    [IC_GATHER_AXIS] = {"axis", IC_ATTR_INT, 0, NULL}, [IC_GATHER_BATCH] = {"batch", IC_ATTR_INT, 0, NULL}, {0}};

static enum ic_status infer_gather(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    const struct ic_value *x = n->inputs[0], *index = n->inputs[1];
    const int64_t batch = n->attrs[IC_GATHER_BATCH].i;
    int32_t axis = 0;
    IC_TRY(want_index(n, d));
    IC_TRY(ic_want_axis(n, n->attrs[IC_GATHER_AXIS].i, x->rank, &axis, d));
    IC_TRY(want_rank(n, (int64_t)x->rank + index->rank - 1 - batch, d));
    if (batch < 0 || batch > axis || batch > index->rank || memcmp(x->dims, index->dims, (size_t)batch * sizeof *x->dims) != 0)
        return ic_fail(d, IC_E_SHAPES, "%s: %lld leading ax%s cannot be shared", ic_node_label(n, label, sizeof label),
                       (long long)batch, IC_N(batch, "is", "es"));
    out->dtype = x->dtype;
    for (int32_t i = 0; i < axis; i++)
        out->dims[out->rank++] = x->dims[i];
    for (int32_t i = (int32_t)batch; i < index->rank; i++)
        out->dims[out->rank++] = index->dims[i];
    for (int32_t i = axis + 1; i < x->rank; i++)
        out->dims[out->rank++] = x->dims[i];
    return ic_value_elements(out) ? want_room(n, x, axis, 1, d) : IC_OK;
}

static enum ic_status lower_gather(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *index = n->inputs[1];
    const int32_t batch = (int32_t)n->attrs[IC_GATHER_BATCH].i;
    int64_t sx[IC_IR_MAX_RANK], si[IC_IR_MAX_RANK];
    int32_t axis = 0;
    struct walk w = {0};
    if (ic_value_elements(n->outputs[0]) == 0)
        return IC_OK;
    IC_TRY(ic_want_axis(n, n->attrs[IC_GATHER_AXIS].i, x->rank, &axis, d));
    ic_dense_strides(x->rank, x->dims, sx);
    ic_dense_strides(index->rank, index->dims, si);
    for (int32_t i = 0; i < axis; i++)
        add_axis(&w, x->dims[i], sx[i], i < batch ? si[i] : 0);
    for (int32_t i = batch; i < index->rank; i++)
        add_axis(&w, index->dims[i], 0, si[i]);
    for (int32_t i = axis + 1; i < x->rank; i++)
        add_axis(&w, x->dims[i], sx[i], 0);
    const struct parts p = {.n = 1, .stride = {(int32_t)sx[axis]}, .bound = {x->dims[axis]}};
    return emit_gather(l, n, &w, &p, d);
}

const struct ic_op_def ic_op_gather = {.name = "Gather",
                                       .min_inputs = 2,
                                       .max_inputs = 2,
                                       .n_outputs = 1,
                                       .attrs = gather_attrs,
                                       .quant = IC_QUANT_KEEP,
                                       .places = 1u << 1,
                                       .types = IC_TYPES_OWN,
                                       .stages = IC_ALL_STAGES,
                                       .infer = infer_gather,
                                       .lower = lower_gather};

/* ---- GatherElements ---- */
static const struct ic_attr_def gather_elements_attrs[] = {[IC_GATHER_ELEMENTS_AXIS] = {"axis", IC_ATTR_INT, 0, NULL}, {0}};

/* The index must fit x in every axis but one. */
static enum ic_status want_inside(const struct ic_node *n, int32_t axis, struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *index = n->inputs[1];
    char label[256];
    bool fits = x->rank == index->rank;
    for (int32_t i = 0; fits && i < x->rank; i++)
        fits = i == axis || index->dims[i] <= x->dims[i];
    if (fits)
        return ic_value_elements(index) ? want_room(n, x, axis, 1, d) : IC_OK;
    return ic_fail(d, IC_E_SHAPES, "%s: the index reaches outside in another axis than %d", ic_node_label(n, label, sizeof label),
                   (int)axis);
}

static enum ic_status infer_gather_elements(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    int32_t axis = 0;
    IC_TRY(want_index(n, d));
    IC_TRY(ic_want_axis(n, n->attrs[IC_GATHER_ELEMENTS_AXIS].i, n->inputs[0]->rank, &axis, d));
    IC_TRY(want_inside(n, axis, d));
    out->dtype = n->inputs[0]->dtype;
    out->rank = n->inputs[1]->rank;
    memcpy(out->dims, n->inputs[1]->dims, sizeof out->dims);
    return IC_OK;
}

static void walk_elements(const struct ic_node *n, int32_t axis, struct walk *w, struct parts *p)
{
    const struct ic_value *x = n->inputs[0], *index = n->inputs[1];
    int64_t sx[IC_IR_MAX_RANK], si[IC_IR_MAX_RANK];
    ic_dense_strides(x->rank, x->dims, sx);
    ic_dense_strides(index->rank, index->dims, si);
    for (int32_t i = 0; i < index->rank; i++)
        add_axis(w, index->dims[i], i == axis ? 0 : sx[i], si[i]);
    *p = (struct parts){.n = 1, .stride = {(int32_t)sx[axis]}, .bound = {x->dims[axis]}};
}

static enum ic_status lower_gather_elements(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    struct walk w = {0};
    struct parts p;
    int32_t axis = 0;
    if (ic_value_elements(n->outputs[0]) == 0)
        return IC_OK;
    IC_TRY(ic_want_axis(n, n->attrs[IC_GATHER_ELEMENTS_AXIS].i, n->inputs[0]->rank, &axis, d));
    walk_elements(n, axis, &w, &p);
    return emit_gather(l, n, &w, &p, d);
}

const struct ic_op_def ic_op_gather_elements = {.name = "GatherElements",
                                                .min_inputs = 2,
                                                .max_inputs = 2,
                                                .n_outputs = 1,
                                                .attrs = gather_elements_attrs,
                                                .quant = IC_QUANT_KEEP,
                                                .places = 1u << 1,
                                                .types = IC_TYPES_OWN,
                                                .stages = IC_ALL_STAGES,
                                                .infer = infer_gather_elements,
                                                .lower = lower_gather_elements};

/* ---- GatherND ---- */
static const struct ic_attr_def gather_nd_attrs[] = {[IC_GATHER_ND_BATCH] = {"batch", IC_ATTR_INT, 0, NULL}, {0}};

static enum ic_status infer_gather_nd(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    const struct ic_value *x = n->inputs[0], *index = n->inputs[1];
    const int64_t batch = n->attrs[IC_GATHER_ND_BATCH].i;
    IC_TRY(want_index(n, d));
    const int32_t parts = index->rank ? index->dims[index->rank - 1] : 0;
    if (batch < 0 || index->rank < 1 || batch >= index->rank || parts < 1 || batch + parts > x->rank ||
        memcmp(x->dims, index->dims, (size_t)batch * sizeof *x->dims) != 0)
        return ic_fail(d, IC_E_SHAPES, "%s: an index of %d part%s behind %lld shared axes does not fit %d ax%s",
                       ic_node_label(n, label, sizeof label), (int)parts, IC_S(parts), (long long)batch, (int)x->rank,
                       IC_N(x->rank, "is", "es"));
    IC_TRY(want_rank(n, (int64_t)index->rank - 1 + x->rank - parts - batch, d));
    out->dtype = x->dtype;
    for (int32_t i = 0; i < index->rank - 1; i++)
        out->dims[out->rank++] = index->dims[i];
    for (int32_t i = (int32_t)batch + parts; i < x->rank; i++)
        out->dims[out->rank++] = x->dims[i];
    return ic_value_elements(out) ? want_room(n, x, (int32_t)batch, parts, d) : IC_OK;
}

/* Leading axes by the index, of which the first `batch` are x's too, then x's axes behind the parts. */
static void walk_nd(const struct ic_node *n, int32_t batch, struct walk *w, struct parts *p)
{
    const struct ic_value *x = n->inputs[0], *index = n->inputs[1];
    int64_t sx[IC_IR_MAX_RANK], si[IC_IR_MAX_RANK];
    ic_dense_strides(x->rank, x->dims, sx);
    ic_dense_strides(index->rank, index->dims, si);
    *p = (struct parts){.n = index->dims[index->rank - 1], .step = 1};
    for (int32_t i = 0; i < index->rank - 1; i++)
        add_axis(w, index->dims[i], i < batch ? sx[i] : 0, si[i]);
    for (int32_t i = 0; i < p->n; i++) {
        p->stride[i] = (int32_t)sx[batch + i];
        p->bound[i] = x->dims[batch + i];
    }
    for (int32_t i = batch + p->n; i < x->rank; i++)
        add_axis(w, x->dims[i], sx[i], 0);
}

static enum ic_status lower_gather_nd(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    struct walk w = {0};
    struct parts p;
    if (ic_value_elements(n->outputs[0]) == 0)
        return IC_OK;
    walk_nd(n, (int32_t)n->attrs[IC_GATHER_ND_BATCH].i, &w, &p);
    return emit_gather(l, n, &w, &p, d);
}

const struct ic_op_def ic_op_gather_nd = {.name = "GatherND",
                                          .min_inputs = 2,
                                          .max_inputs = 2,
                                          .n_outputs = 1,
                                          .attrs = gather_nd_attrs,
                                          .quant = IC_QUANT_KEEP,
                                          .places = 1u << 1,
                                          .types = IC_TYPES_OWN,
                                          .stages = IC_ALL_STAGES,
                                          .infer = infer_gather_nd,
                                          .lower = lower_gather_nd};

/* ---- scattering ---- */
static const char *scatter_name(int64_t i)
{
    static const char *const names[] = {"set", "add", "mul", "max", "min"};
    return i >= 0 && i < IC_SCATTER_COUNT ? names[i] : "?";
}

static enum ic_status want_scatter(const struct ic_node *n, int64_t fn, struct ic_diag *d)
{
    char label[256];
    const enum ic_dtype t = n->inputs[0]->dtype;
    IC_TRY(want_index(n, d));
    if (fn < 0 || fn >= IC_SCATTER_COUNT)
        return ic_fail(d, IC_E_NODE_NUMBER, "%s: function number %lld is unknown", ic_node_label(n, label, sizeof label),
                       (long long)fn);
    if (n->inputs[2]->dtype != t || (t != IC_F32 && t != IC_F16 && !ic_dtype_is_integer(t)))
        return ic_fail(d, IC_E_SHAPES, "%s: updates of type %s into %s", ic_node_label(n, label, sizeof label),
                       ic_dtype_name(n->inputs[2]->dtype), ic_dtype_name(t));
    return IC_OK;
}

/* Sums and products of codes mean nothing; the others give one of their operands. */
static bool moves_only(const struct ic_node *n)
{
    const int64_t fn = n->attrs[n->op == IC_OP_SCATTER_ND ? IC_SCATTER_ND_FN : IC_SCATTER_ELEMENTS_FN].i;
    return fn != IC_SCATTER_ADD && fn != IC_SCATTER_MUL;
}

static const struct ic_attr_def scatter_elements_attrs[] = {
    [IC_SCATTER_ELEMENTS_AXIS] = {"axis", IC_ATTR_INT, 0, NULL},
    [IC_SCATTER_ELEMENTS_FN] = {"fn", IC_ATTR_ENUM, IC_SCATTER_SET, scatter_name},
    {0}};

static enum ic_status infer_scatter_elements(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    int32_t axis = 0;
    const struct ic_value *index = n->inputs[1], *updates = n->inputs[2];
    IC_TRY(want_scatter(n, n->attrs[IC_SCATTER_ELEMENTS_FN].i, d));
    IC_TRY(ic_want_axis(n, n->attrs[IC_SCATTER_ELEMENTS_AXIS].i, n->inputs[0]->rank, &axis, d));
    IC_TRY(want_inside(n, axis, d));
    if (updates->rank != index->rank || memcmp(updates->dims, index->dims, (size_t)index->rank * sizeof *index->dims) != 0)
        return ic_fail(d, IC_E_SHAPES, "%s: updates of another shape than the index", ic_node_label(n, label, sizeof label));
    return ic_infer_same(n, out, d);
}

static enum ic_status lower_scatter_elements(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    struct walk w = {0};
    struct parts p;
    int32_t axis = 0;
    if (ic_value_elements(n->outputs[0]) == 0)
        return IC_OK;
    IC_TRY(ic_want_axis(n, n->attrs[IC_SCATTER_ELEMENTS_AXIS].i, n->inputs[0]->rank, &axis, d));
    walk_elements(n, axis, &w, &p);
    return emit_scatter(l, n, &w, &p, n->attrs[IC_SCATTER_ELEMENTS_FN].i, d);
}

const struct ic_op_def ic_op_scatter_elements = {.name = "ScatterElements",
                                                 .min_inputs = 3,
                                                 .max_inputs = 3,
                                                 .n_outputs = 1,
                                                 .attrs = scatter_elements_attrs,
                                                 .quant = IC_QUANT_KEEP,
                                                 .places = 1u << 1,
                                                 .quant_fits = moves_only,
                                                 .types = IC_TYPES_OWN,
                                                 .stages = IC_ALL_STAGES,
                                                 .infer = infer_scatter_elements,
                                                 .lower = lower_scatter_elements};

static const struct ic_attr_def scatter_nd_attrs[] = {[IC_SCATTER_ND_FN] = {"fn", IC_ATTR_ENUM, IC_SCATTER_SET, scatter_name}, {0}};

static enum ic_status infer_scatter_nd(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    char label[256];
    const struct ic_value *x = n->inputs[0], *index = n->inputs[1], *updates = n->inputs[2];
    IC_TRY(want_scatter(n, n->attrs[IC_SCATTER_ND_FN].i, d));
    const int32_t parts = index->rank ? index->dims[index->rank - 1] : 0;
    bool fits = index->rank >= 1 && parts >= 1 && parts <= x->rank && updates->rank == index->rank - 1 + x->rank - parts;
    for (int32_t i = 0; fits && i < updates->rank; i++)
        fits = updates->dims[i] == (i < index->rank - 1 ? index->dims[i] : x->dims[i - (index->rank - 1) + parts]);
    if (!fits)
        return ic_fail(d, IC_E_SHAPES, "%s: index, updates and x do not fit together", ic_node_label(n, label, sizeof label));
    IC_TRY(ic_value_elements(updates) ? want_room(n, x, 0, parts, d) : IC_OK);
    return ic_infer_same(n, out, d);
}

static enum ic_status lower_scatter_nd(struct ic_lowering *l, const struct ic_node *n, struct ic_diag *d)
{
    struct walk w = {0};
    struct parts p;
    if (ic_value_elements(n->outputs[0]) == 0)
        return IC_OK;
    walk_nd(n, 0, &w, &p);
    return emit_scatter(l, n, &w, &p, n->attrs[IC_SCATTER_ND_FN].i, d);
}

const struct ic_op_def ic_op_scatter_nd = {.name = "ScatterND",
                                           .min_inputs = 3,
                                           .max_inputs = 3,
                                           .n_outputs = 1,
                                           .attrs = scatter_nd_attrs,
                                           .quant = IC_QUANT_KEEP,
                                           .places = 1u << 1,
                                           .quant_fits = moves_only,
                                           .types = IC_TYPES_OWN,
                                           .stages = IC_ALL_STAGES,
                                           .infer = infer_scatter_nd,
                                           .lower = lower_scatter_nd};
