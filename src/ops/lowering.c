/* SPDX-License-Identifier: Apache-2.0
 *
 * A portable graph to an unplaced program: tables that grow while operators emit, then are handed to the program's arena.
 */
#include "ops/common.h"

#include "base/texts.h"

#include <stdlib.h>
#include <string.h>

struct ic_lowering {
    const struct ic_graph *g;
    struct ic_lowered *out;
    uint32_t n_tensors, cap_tensors, n_steps, cap_steps;
    struct ic_tensor *tensors;
    const void **data;
    uint32_t *view_of;
    uint64_t *view_offset;
    struct ic_step *steps;
    struct ic_texts text; /* names are shared: a layer's steps all carry its name */
    uint32_t *tensor_of;  /* per value id; 0: none yet */
    bool failed;
};

static bool grow(void **array, uint32_t capacity, size_t element_bytes)
{
    void *grown = ic_realloc(*array, (size_t)capacity * element_bytes);
    if (grown)
        *array = grown;
    return grown != NULL;
}

static uint32_t add_tensor(struct ic_lowering *l, const struct ic_tensor *t, const void *data)
{
    if (l->n_tensors == l->cap_tensors) {
        const uint32_t capacity = l->cap_tensors ? l->cap_tensors * 2 : 64;
        if (!grow((void **)&l->tensors, capacity, sizeof *l->tensors) || !grow((void **)&l->data, capacity, sizeof *l->data) ||
            !grow((void **)&l->view_of, capacity, sizeof *l->view_of) ||
            !grow((void **)&l->view_offset, capacity, sizeof *l->view_offset)) {
            l->failed = true;
            return 0;
        }
        l->cap_tensors = capacity;
    }
    const uint32_t i = l->n_tensors++;
    l->tensors[i] = *t;
    l->data[i] = data;
    l->view_of[i] = 0;
    l->view_offset[i] = 0;
    return i;
}

static struct ic_tensor describe(struct ic_lowering *l, const struct ic_value *v)
{
    struct ic_tensor t = {.dtype = v->dtype,
                          .rank = (uint32_t)v->rank,
                          .size_bytes = ic_value_bytes(v),
                          .layout = v->layout,
                          .space = v->data ? IC_SPACE_CONST : IC_SPACE_ARENA,
                          .name = v->data ? 0 : ic_texts_add(&l->text, v->name)};
    memcpy(t.dims, v->dims, sizeof t.dims);
    if (v->quant.n_scales == 1) {
        t.scale = v->quant.scales[0];
        t.zero = v->quant.zero;
    }
    return t;
}

uint32_t ic_lower_tensor(struct ic_lowering *l, const struct ic_value *v)
{
    if (!l->tensor_of[v->id]) {
        const struct ic_tensor t = describe(l, v);
        l->tensor_of[v->id] = add_tensor(l, &t, v->data);
    }
    return l->tensor_of[v->id];
}

uint32_t ic_lower_temp(struct ic_lowering *l, enum ic_dtype dtype, int32_t rank, const int32_t *dims, const char *name)
{
    struct ic_tensor t = {.dtype = dtype,
                          .space = IC_SPACE_ARENA,
                          .rank = (uint32_t)rank,
                          .name = ic_texts_add(&l->text, name),
                          .size_bytes = ic_dtype_bytes(dtype)};
    for (int32_t i = 0; i < rank; i++) {
        t.dims[i] = dims[i];
        t.size_bytes *= (uint64_t)dims[i];
    }
    return add_tensor(l, &t, NULL);
}

uint32_t ic_lower_const(struct ic_lowering *l, enum ic_dtype dtype, size_t elements, const void *data)
{
    const size_t bytes = elements * ic_dtype_bytes(dtype);
    void *copy = ic_arena_copy(&l->out->program.arena, data, bytes);
    if (!copy) {
        l->failed = true;
        return 0;
    }
    const struct ic_tensor t = {
        .dtype = dtype, .space = IC_SPACE_CONST, .rank = 1, .dims = {(int32_t)elements}, .size_bytes = bytes};
    return add_tensor(l, &t, copy);
}

void ic_lower_view(struct ic_lowering *l, const struct ic_value *v, const struct ic_value *base, uint64_t offset_bytes)
{
    const uint32_t of = ic_lower_tensor(l, base), view = ic_lower_tensor(l, v);
    if (l->failed)
        return;
    l->view_of[view] = of;
    l->view_offset[view] = offset_bytes;
    l->tensors[view].space = l->tensors[of].space;
    l->tensors[view].i_io = l->tensors[of].i_io;
}

void *ic_lower_step(struct ic_lowering *l, uint32_t kind, const struct ic_node *n)
{
    if (l->n_steps == l->cap_steps) {
        const uint32_t capacity = l->cap_steps ? l->cap_steps * 2 : 64;
        if (!grow((void **)&l->steps, capacity, sizeof *l->steps)) {
            l->failed = true;
            return NULL;
        }
        l->cap_steps = capacity;
    }
    void *args = ic_arena_alloc(&l->out->program.arena, ic_step_args_bytes(kind));
    if (!args) {
        l->failed = true;
        return NULL;
    }
    l->steps[l->n_steps++] = (struct ic_step){.kind = kind, .name = ic_texts_add(&l->text, n->name), .args = args};
    return args;
}

/* ---- inputs and outputs ---- */
static uint32_t float_const(struct ic_lowering *l, const float *data, int32_t n)
{
    return n ? ic_lower_const(l, IC_F32, (size_t)n, data) : 0;
}

static bool all_are(const float *values, int32_t n, float wanted)
{
    for (int32_t i = 0; i < n; i++)
        if (values[i] != wanted)
            return false;
    return true;
}

static void describe_io(struct ic_lowering *l, const struct ic_graph_input *from, uint32_t tensor, struct ic_io *to)
{
    to->tensor = tensor;
    to->name = ic_texts_add(&l->text, from->value->name);
    to->user_dtype = from->user_dtype;
    to->format = from->format;
    to->reorder = from->reorder;
    to->face_name = ic_texts_add(&l->text, from->face_name);
    to->mean = from->n_channels && !all_are(from->mean, from->n_channels, 0.0f) ? float_const(l, from->mean, from->n_channels) : 0;
    to->std = from->n_channels && !all_are(from->std, from->n_channels, 1.0f) ? float_const(l, from->std, from->n_channels) : 0;
}

static void lower_inputs(struct ic_lowering *l)
{
    for (int32_t i = 0; i < l->g->n_inputs; i++) {
        const uint32_t t = ic_lower_tensor(l, l->g->inputs[i].value);
        if (l->failed)
            return;
        l->tensors[t].space = IC_SPACE_INPUT;
        l->tensors[t].i_io = (uint32_t)i;
        describe_io(l, &l->g->inputs[i], t, &l->out->program.inputs[i]);
    }
}

/* The tensor that holds the memory of t, and whether t covers all of it. */
static uint32_t root_of(const struct ic_lowering *l, uint32_t t, bool *out_whole)
{
    uint32_t root = t;
    uint64_t offset = 0;
    while (l->view_of[root]) {
        offset += l->view_offset[root];
        root = l->view_of[root];
    }
    *out_whole = offset == 0 && l->tensors[root].size_bytes == l->tensors[t].size_bytes;
    return root;
}

static enum ic_status copy_to_output(struct ic_lowering *l, const struct ic_value *v, uint32_t *io_tensor, struct ic_diag *d)
{
    const struct ic_node named = {.name = v->name};
    struct ic_tensor t = describe(l, v);
    t.space = IC_SPACE_OUTPUT;
    const uint32_t from = *io_tensor;
    *io_tensor = add_tensor(l, &t, NULL);
    struct ic_move m = {.rank = v->rank};
    memcpy(m.dims, v->dims, sizeof m.dims);
    ic_dense_strides(v->rank, v->dims, m.x_stride);
    ic_dense_strides(v->rank, v->dims, m.y_stride);
    return ic_lower_move(l, &named, from, *io_tensor, v->dtype, &m, d);
}

/* Results go straight into the caller's buffer where the memory is only theirs, else through a copy. */
static enum ic_status lower_outputs(struct ic_lowering *l, struct ic_diag *d)
{
    for (int32_t i = 0; i < l->g->n_outputs; i++) {
        const struct ic_value *v = l->g->outputs[i].value;
        uint32_t t = ic_lower_tensor(l, v);
        bool whole = false;
        if (l->failed)
            return IC_OK;
        const uint32_t root = root_of(l, t, &whole);
        if (!whole || l->tensors[root].space != IC_SPACE_ARENA)
            IC_TRY(copy_to_output(l, v, &t, d));
        else
            l->tensors[root].space = IC_SPACE_OUTPUT;
        l->tensors[root_of(l, t, &whole)].i_io = (uint32_t)i;
        describe_io(l, &l->g->outputs[i], t, &l->out->program.outputs[i]);
    }
    return IC_OK;
}

/* Views follow their root's final space. */
static void settle_views(struct ic_lowering *l)
{
    for (uint32_t i = 1; i < l->n_tensors; i++) {
        bool whole = false;
        const uint32_t root = root_of(l, i, &whole);
        l->tensors[i].space = l->tensors[root].space;
        l->tensors[i].i_io = l->tensors[root].i_io;
    }
}

/* Nothing to compute: no step has to know of tensors without elements. */
static bool makes_nothing(const struct ic_node *n)
{
    for (int32_t i = 0; i < n->n_outputs; i++)
        if (ic_value_elements(n->outputs[i]) != 0)
            return false;
    return true;
}

static enum ic_status lower_nodes(struct ic_lowering *l, struct ic_diag *d)
{
    for (int32_t i = 0; i < l->g->n_nodes; i++) {
        const struct ic_node *n = l->g->nodes[i];
        const struct ic_op_def *def = ic_op_def(n->op);
        if (!def->lower)
            return ic_fail(d, IC_ERR_INTERNAL, "%s %s cannot be lowered: optimize should have removed it", def->name, n->name);
        if (!makes_nothing(n))
            IC_TRY(def->lower(l, n, d));
        if (l->failed)
            return ic_lower_out_of_memory(n, d);
    }
    return IC_OK;
}

static void *take(struct ic_arena *a, const void *from, size_t n, size_t element_bytes, bool *failed)
{
    void *copy = ic_arena_copy(a, from, n * element_bytes);
    *failed = *failed || !copy;
    return copy;
}

/* The grown tables into the program's own memory. */
static void hand_over(struct ic_lowering *l)
{
    struct ic_program *p = &l->out->program;
    p->n_tensors = l->n_tensors;
    p->n_steps = l->n_steps;
    p->text_bytes = (uint32_t)l->text.block.size_bytes;
    p->tensors = take(&p->arena, l->tensors, l->n_tensors, sizeof *l->tensors, &l->failed);
    p->steps = take(&p->arena, l->steps, l->n_steps, sizeof *l->steps, &l->failed);
    p->text = take(&p->arena, l->text.block.bytes, l->text.block.size_bytes, 1, &l->failed);
    l->out->tensor_data = take(&p->arena, l->data, l->n_tensors, sizeof *l->data, &l->failed);
    l->out->view_of = take(&p->arena, l->view_of, l->n_tensors, sizeof *l->view_of, &l->failed);
    l->out->view_offset_bytes = take(&p->arena, l->view_offset, l->n_tensors, sizeof *l->view_offset, &l->failed);
}

/* Every F32 field of a step, as constants are: a denormal number is zero (docs/arithmetic.md 2.1). A limit would otherwise be stored as it is by a
 * comparison that chooses it, which some processors flush and some do not. */
#define STEP(NUMBER, NAME, name)                                                                                                   \
    static void flush_##name(struct ic_step_##name *s)                                                                             \
    {                                                                                                                              \
        (void)s;
#define TENSOR(field)
#define I32(field)
#define U32(field)
#define F32(field)                                                                                                                 \
    if ((ic_f32_bits(s->field) & 0x7F800000u) == 0)                                                                                \
        s->field = ic_f32_from_bits(ic_f32_bits(s->field) & 0x80000000u);
#define I32_ARRAY(field, n)
#define STEP_END(name) }
#include "program/steps.def"

static void flush_numbers(struct ic_lowering *l)
{
    for (uint32_t i = 0; i < l->n_steps; i++) {
        void *args = (void *)(uintptr_t)l->steps[i].args; /* in this program's arena */
        switch (l->steps[i].kind) {
#define STEP(NUMBER, NAME, name)                                                                                                   \
    case IC_STEP_##NAME:                                                                                                           \
        flush_##name(args);                                                                                                        \
        break;
#include "program/each_kind.inc"
        }
    }
}

static enum ic_status lower_all(struct ic_lowering *l, struct ic_diag *d)
{
    struct ic_program *p = &l->out->program;
    const struct ic_tensor none = {0};
    p->profile = IC_PROFILE_CPU;
    p->n_inputs = (uint32_t)l->g->n_inputs;
    p->n_outputs = (uint32_t)l->g->n_outputs;
    p->inputs = ic_arena_array(&p->arena, p->n_inputs, sizeof *p->inputs);
    p->outputs = ic_arena_array(&p->arena, p->n_outputs, sizeof *p->outputs);
    l->tensor_of = ic_calloc((size_t)l->g->n_values + 1, sizeof *l->tensor_of);
    add_tensor(l, &none, NULL);
    if (!p->inputs || !p->outputs || !l->tensor_of || l->failed)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to lower %s", l->g->name);
    lower_inputs(l);
    if (!l->failed)
        IC_TRY(lower_nodes(l, d));
    if (!l->failed)
        IC_TRY(lower_outputs(l, d));
    if (!l->failed) {
        settle_views(l);
        flush_numbers(l);
        hand_over(l);
    }
    return l->failed || l->text.block.failed ? ic_fail(d, IC_ERR_MEMORY, "no memory to lower %s", l->g->name) : IC_OK;
}

enum ic_status ic_ops_lower_graph(const struct ic_graph *g, struct ic_lowered *out, struct ic_diag *d)
{
    *out = (struct ic_lowered){0};
    struct ic_lowering l = {.g = g, .out = out};
    const enum ic_status status = lower_all(&l, d);
    ic_free(l.tensors);
    ic_free(l.data);
    ic_free(l.view_of);
    ic_free(l.view_offset);
    ic_free(l.steps);
    ic_free(l.tensor_of);
    ic_texts_destroy(&l.text);
    if (status != IC_OK)
        ic_ops_lowered_destroy(out);
    return status;
}

void ic_ops_lowered_destroy(struct ic_lowered *l)
{
    ic_arena_destroy(&l->program.arena);
    *l = (struct ic_lowered){0};
}
