/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/common.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct ic_attr_def ic_no_attrs[] = {{0}};

const char *ic_node_label(const struct ic_node *n, char *text, size_t capacity_bytes)
{
    const struct ic_origin *o = &n->origin;
    if (o->source_op && *o->source_op)
        snprintf(text, capacity_bytes, "%s %s (%s, %s:%d)", ic_op_def(n->op)->name, n->name, o->source_op, o->file ? o->file : "",
                 (int)o->line);
    else
        snprintf(text, capacity_bytes, "%s %s", ic_op_def(n->op)->name, n->name);
    return text;
}

enum ic_status ic_lower_out_of_memory(const struct ic_node *n, struct ic_diag *d)
{
    return ic_fail(d, IC_ERR_MEMORY, "no memory to lower %s", n->name);
}

enum ic_status ic_infer_same(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    (void)d;
    const struct ic_value *x = n->inputs[0];
    out->dtype = x->dtype;
    out->rank = x->rank;
    memcpy(out->dims, x->dims, sizeof out->dims);
    out->layout = x->layout;
    return IC_OK;
}

enum ic_status ic_infer_broadcast(const struct ic_node *n, struct ic_value *out, struct ic_diag *d)
{
    const struct ic_value *a = n->inputs[0], *b = n->inputs[1];
    char label[256];
    if (a->dtype != b->dtype)
        return ic_fail(d, IC_E_SHAPES, "%s: operands of types %s and %s", ic_node_label(n, label, sizeof label),
                       ic_dtype_name(a->dtype), ic_dtype_name(b->dtype));
    out->dtype = a->dtype;
    out->rank = a->rank > b->rank ? a->rank : b->rank;
    for (int32_t i = 0; i < out->rank; i++) {
        const int32_t ia = i - (out->rank - a->rank), ib = i - (out->rank - b->rank);
        const int32_t da = ia < 0 ? 1 : a->dims[ia], db = ib < 0 ? 1 : b->dims[ib];
        if (da != db && da != 1 && db != 1)
            return ic_fail(d, IC_E_SHAPES, "%s: axis %d has %d and %d element%s, which do not broadcast",
                           ic_node_label(n, label, sizeof label), (int)i, (int)da, (int)db, IC_S(db));
        out->dims[i] = da == 1 ? db : da;
    }
    out->layout = a->rank == out->rank ? a->layout : b->layout;
    return IC_OK;
}

enum ic_status ic_want_ints(const struct ic_node *n, int i_attr, int32_t wanted, struct ic_diag *d)
{
    char label[256];
    if (n->attrs[i_attr].n_ints == wanted)
        return IC_OK;
    return ic_fail(d, IC_E_SHAPES, "%s: attribute %s has %d number%s; %d are wanted", ic_node_label(n, label, sizeof label),
                   ic_op_def(n->op)->attrs[i_attr].name, (int)n->attrs[i_attr].n_ints, IC_S(n->attrs[i_attr].n_ints), (int)wanted);
}

enum ic_status ic_want_axis(const struct ic_node *n, int64_t axis, int32_t rank, int32_t *out, struct ic_diag *d)
{
    char label[256];
    const int64_t from_start = axis < 0 ? axis + rank : axis;
    if (from_start < 0 || from_start >= rank)
        return ic_fail(d, IC_E_SHAPES, "%s: axis %lld of a value with %d ax%s", ic_node_label(n, label, sizeof label),
                       (long long)axis, (int)rank, IC_N(rank, "is", "es"));
    *out = (int32_t)from_start;
    return IC_OK;
}

enum ic_status ic_want_partials(const struct ic_node *n, int i_attr, struct ic_diag *d)
{
    char label[256];
    const int64_t partials = n->attrs[i_attr].i;
    if (partials == 1 || partials == 4 || partials == 16)
        return IC_OK;
    return ic_fail(d, IC_E_SHAPES, "%s: %lld partial sums; 1, 4 or 16 are possible", ic_node_label(n, label, sizeof label),
                   (long long)partials);
}

bool ic_sink_alike(struct ic_node *n, const int64_t *perm, int32_t rank, int64_t *out_perm, int32_t *out_rank)
{
    if (n->outputs[0]->rank != rank)
        return false;
    memcpy(out_perm, perm, (size_t)rank * sizeof *perm);
    *out_rank = rank;
    return true;
}

bool ic_sink_axis(struct ic_node *n, const int64_t *perm, int32_t rank, int64_t *out_perm, int32_t *out_rank)
{
    const int64_t axis = n->attrs[0].i < 0 ? n->attrs[0].i + rank : n->attrs[0].i;
    if (!ic_sink_alike(n, perm, rank, out_perm, out_rank))
        return false;
    n->attrs[0].i = perm[axis];
    return true;
}

void ic_sink_ints(struct ic_node *n, int i_attr, const int64_t *perm, int32_t rank)
{
    const struct ic_attr old = n->attrs[i_attr];
    for (int32_t i = 0; i < rank; i++)
        n->attrs[i_attr].ints[perm[i]] = old.ints[i];
}

static void type_bounds(const struct ic_value *v, int32_t *lo, int32_t *hi)
{
    *lo = v->dtype == IC_S8 ? -128 : v->dtype == IC_S16 ? -32768 : 0;
    *hi = v->dtype == IC_S8 ? 127 : v->dtype == IC_S16 ? 32767 : 255;
}

int32_t ic_code_of(const struct ic_value *v, float x)
{
    int32_t lo = 0, hi = 0;
    type_bounds(v, &lo, &hi);
    return ic_quantize(x, 1.0f / v->quant.scales[0], v->quant.zero, lo, hi);
}

void ic_code_bounds(const struct ic_value *v, const struct ic_post *post, int32_t *lo, int32_t *hi)
{
    if (!ic_is_quantized(v)) {
        *lo = *hi = 0;
        return;
    }
    type_bounds(v, lo, hi);
    if (post->fn == IC_MAP_RELU)
        *lo = ic_code_of(v, 0.0f);
    if (post->fn == IC_MAP_CLAMP) {
        *lo = ic_code_of(v, post->a);
        *hi = ic_code_of(v, post->b);
    }
}

void ic_dense_strides(int32_t rank, const int32_t *dims, int64_t *strides)
{
    int64_t stride = 1;
    for (int32_t i = rank; i-- > 0;) {
        strides[i] = stride;
        stride *= dims[i];
    }
}

static bool walks_on(const struct ic_value *y, int n, int64_t all[][IC_IR_MAX_RANK], int32_t *const *strides, int32_t last,
                     int32_t axis)
{
    for (int k = 0; k < n; k++)
        if (strides[k][last] != all[k][axis] * y->dims[axis])
            return false;
    return true;
}

int32_t ic_broadcast_walk(const struct ic_value *y, const struct ic_value *const *operands, int n, int32_t *dims,
                          int32_t *const *strides)
{
    int64_t all[3][IC_IR_MAX_RANK];
    int32_t rank = 0;
    for (int k = 0; k < n; k++) { /* 0 where an operand broadcasts */
        const struct ic_value *v = operands[k];
        int64_t dense[IC_IR_MAX_RANK];
        ic_dense_strides(v->rank, v->dims, dense);
        for (int32_t i = 0; i < y->rank; i++) {
            const int32_t at = i - (y->rank - v->rank);
            all[k][i] = at < 0 || v->dims[at] == 1 ? 0 : dense[at];
        }
    }
    for (int32_t i = 0; i < y->rank; i++) {
        if (y->dims[i] == 1)
            continue;
        const bool merges = rank > 0 && walks_on(y, n, all, strides, rank - 1, i);
        const int32_t at = merges ? rank - 1 : rank++;
        dims[at] = merges ? dims[at] * y->dims[i] : y->dims[i];
        for (int k = 0; k < n; k++)
            strides[k][at] = (int32_t)all[k][i];
    }
    for (int32_t i = rank; i < IC_MAX_RANK; i++)
        dims[i] = 1;
    return rank ? rank : 1;
}

/* Merges axis pairs that both sides walk as one. */
static struct ic_move coalesce(const struct ic_move *m)
{
    struct ic_move c = {.x_offset = m->x_offset, .y_offset = m->y_offset};
    for (int32_t i = 0; i < m->rank; i++) {
        if (m->dims[i] == 1)
            continue;
        const int32_t last = c.rank - 1;
        if (c.rank > 0 && c.x_stride[last] == m->x_stride[i] * m->dims[i] && c.y_stride[last] == m->y_stride[i] * m->dims[i]) {
            c.dims[last] *= m->dims[i];
            c.x_stride[last] = m->x_stride[i];
            c.y_stride[last] = m->y_stride[i];
            continue;
        }
        c.dims[c.rank] = m->dims[i];
        c.x_stride[c.rank] = m->x_stride[i];
        c.y_stride[c.rank] = m->y_stride[i];
        c.rank++;
    }
    if (c.rank == 0)
        c = (struct ic_move){
            .rank = 1, .dims = {1}, .x_stride = {1}, .y_stride = {1}, .x_offset = m->x_offset, .y_offset = m->y_offset};
    return c;
}

enum ic_status ic_lower_move(struct ic_lowering *l, const struct ic_node *n, uint32_t x, uint32_t y, enum ic_dtype dtype,
                             const struct ic_move *m, struct ic_diag *d)
{
    const struct ic_move c = coalesce(m);
    for (int32_t i = 0; i < m->rank; i++)
        if (m->dims[i] == 0) /* nothing to move */
            return IC_OK;
    struct ic_step_copy *s = ic_lower_step(l, IC_STEP_COPY, n);
    if (!s)
        return ic_lower_out_of_memory(n, d);
    s->x = x;
    s->y = y;
    s->element_bytes = (int32_t)ic_dtype_bytes(dtype);
    s->rank = c.rank;
    s->x_offset = (int32_t)c.x_offset;
    s->y_offset = (int32_t)c.y_offset;
    for (int32_t i = 0; i < IC_MAX_RANK; i++) {
        s->dims[i] = i < c.rank ? c.dims[i] : 1;
        s->x_stride[i] = i < c.rank ? (int32_t)c.x_stride[i] : 0;
        s->y_stride[i] = i < c.rank ? (int32_t)c.y_stride[i] : 0;
    }
    return IC_OK;
}

int32_t ic_ops_partials(int64_t n_outputs, int64_t k)
{
    if (n_outputs <= 4 && k >= 256)
        return 16;
    return n_outputs <= 64 && k >= 64 ? 4 : 1;
}

static int64_t sum_of_row(const int8_t *w, int64_t k)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < k; i++)
        sum += w[i];
    return sum;
}

/* Bias with -zx * sum(w) folded in, and the requantizing scales, both per output channel. */
static enum ic_status lower_integer_ends(struct ic_lowering *l, const struct ic_node *n, struct ic_step_contract *s, int64_t k,
                                         struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *w = n->inputs[1], *b = n->n_inputs > 2 ? n->inputs[2] : NULL, *y = n->outputs[0];
    const size_t oc = (size_t)s->oc;
    int32_t *bias = ic_malloc(oc * sizeof *bias);
    float *scale = ic_malloc(oc * sizeof *scale);
    enum ic_status status = bias && scale ? IC_OK : ic_lower_out_of_memory(n, d);
    for (size_t o = 0; o < oc && status == IC_OK; o++) {
        const double sw = (double)w->quant.scales[w->quant.n_scales == 1 ? 0 : o];
        const int64_t own = b ? ((const int32_t *)b->data)[o] : 0;
        const int64_t folded = own - (int64_t)x->quant.zero * sum_of_row((const int8_t *)w->data + (size_t)k * o, k);
        /* every partial sum stays below |own| + |folded part| + K * 255 * 127: proved here, else 64 bits */
        if (llabs(own) + llabs(folded) + k * 255 * 128 >= (int64_t)1 << 31)
            s->mode = IC_ARITH_S64;
        if (folded < INT32_MIN || folded > INT32_MAX)
            status = ic_fail(d, IC_E_QUANTIZE, "%s: the bias of output channel %zu does not fit 32 bits once quantized", n->name,
                             o);
        bias[o] = (int32_t)folded;
        scale[o] = (float)((double)x->quant.scales[0] * sw / (double)y->quant.scales[0]);
    }
    if (status == IC_OK) {
        s->bias = ic_lower_const(l, IC_S32, oc, bias);
        s->scale = ic_lower_const(l, IC_F32, oc, scale);
        s->zx = x->quant.zero;
        s->zy = y->quant.zero;
    }
    ic_free(bias);
    ic_free(scale);
    return status;
}

static bool holds_m128(const struct ic_value *w)
{
    const int8_t *q = w->data;
    const int64_t n = ic_value_elements(w);
    for (int64_t i = 0; i < n; i++)
        if (q[i] == -128)
            return true;
    return false;
}

enum ic_status ic_lower_contract_ends(struct ic_lowering *l, const struct ic_node *n, struct ic_step_contract *s, int64_t k,
                                      struct ic_diag *d)
{
    const struct ic_value *x = n->inputs[0], *w = n->inputs[1], *b = n->n_inputs > 2 ? n->inputs[2] : NULL;
    if (!w->data || (b && !b->data))
        return ic_fail(d, IC_E_COMPUTED_WEIGHTS, "%s: weights or bias are computed, not constant", n->name);
    s->mode = ic_arith_of(x);
    s->x = ic_lower_tensor(l, x);
    s->w = ic_lower_tensor(l, w);
    s->y = ic_lower_tensor(l, n->outputs[0]);
    s->oc_block = 1;
    s->k_block = 1;
    ic_code_bounds(n->outputs[0], &n->post, &s->q_lo, &s->q_hi);
    if (s->mode == IC_ARITH_F32) {
        s->bias = b ? ic_lower_tensor(l, b) : 0;
        s->round_mid = n->post.round_mid;
        s->fn = n->post.fn;
        s->a = n->post.a;
        s->b = n->post.b;
        return IC_OK;
    }
    if (holds_m128(w))
        s->flags |= IC_CONTRACT_HAS_M128;
    return lower_integer_ends(l, n, s, k, d);
}
