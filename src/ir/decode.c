/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of a portable section to a graph. The bytes may say anything: every number is checked before it is used, what the numbers mean
 * together is checked by ic_ir_verify.
 */
#include "ir/op_def.h"
#include "ir/serialized.h"

#include <string.h>

struct decoding {
    struct ic_reader r;
    struct ic_graph *g;
    const char *text; /* in the graph's arena */
    uint32_t text_bytes;
    const uint8_t *consts;
    size_t const_bytes;
    struct ic_diag *d;
};

#define FAIL(c, status, ...) ic_fail((c)->d, status, __VA_ARGS__)

static enum ic_status no_memory(struct decoding *c)
{
    return FAIL(c, IC_ERR_MEMORY, "no memory for a graph of %zu byte%s", c->r.size_bytes, IC_S(c->r.size_bytes));
}

static enum ic_status read_i32(struct decoding *c, int32_t *out)
{
    uint32_t u = 0;
    IC_TRY(ic_read_u32(&c->r, &u, c->d));
    *out = (int32_t)u;
    return IC_OK;
}

static enum ic_status read_text(struct decoding *c, const char **out)
{
    uint32_t offset = 0;
    IC_TRY(ic_read_u32(&c->r, &offset, c->d));
    if (offset >= c->text_bytes)
        return FAIL(c, IC_E_GRAPH, "graph byte %zu: text at %u of %u", c->r.at - 4, offset, c->text_bytes);
    *out = c->text + offset;
    return IC_OK;
}

/* How many things follow, each of at least min_bytes. */
static enum ic_status read_count(struct decoding *c, size_t min_bytes, int32_t *out)
{
    uint32_t n = 0;
    IC_TRY(ic_read_u32(&c->r, &n, c->d));
    if (n > INT32_MAX || n > ic_reader_left(&c->r) / min_bytes)
        return FAIL(c, IC_E_GRAPH, "graph byte %zu: a count of %u, with %zu byte%s left", c->r.at - 4, n, ic_reader_left(&c->r),
                    IC_S(ic_reader_left(&c->r)));
    *out = (int32_t)n;
    return IC_OK;
}

static enum ic_status read_value_ref(struct decoding *c, bool may_be_absent, struct ic_value **out)
{
    uint32_t id = 0;
    IC_TRY(ic_read_u32(&c->r, &id, c->d));
    if (id == IC_GRAPH_ABSENT && may_be_absent) {
        *out = NULL;
        return IC_OK;
    }
    if (id >= (uint32_t)c->g->n_values)
        return FAIL(c, IC_E_GRAPH, "graph byte %zu: value %u of %d", c->r.at - 4, id, (int)c->g->n_values);
    *out = c->g->values[id];
    return IC_OK;
}

static enum ic_status read_floats(struct decoding *c, int32_t n, const float **out)
{
    float *all = ic_arena_array(&c->g->arena, (size_t)n, sizeof *all);
    if (!all)
        return no_memory(c);
    for (int32_t i = 0; i < n; i++)
        IC_TRY(ic_read_f32(&c->r, &all[i], c->d));
    *out = all;
    return IC_OK;
}

static enum ic_status decode_quant(struct decoding *c, struct ic_value *v)
{
    IC_TRY(read_count(c, 4, &v->quant.n_scales));
    if (v->quant.n_scales == 0)
        return IC_OK;
    IC_TRY(read_i32(c, &v->quant.axis));
    IC_TRY(read_i32(c, &v->quant.zero));
    return read_floats(c, v->quant.n_scales, &v->quant.scales);
}

static enum ic_status decode_data(struct decoding *c, struct ic_value *v)
{
    static const uint8_t nothing[1];
    uint64_t at = 0;
    IC_TRY(ic_read_u64(&c->r, &at, c->d));
    if (at == IC_GRAPH_COMPUTED)
        return IC_OK;
    const size_t bytes = ic_value_bytes(v);
    if (at % IC_GRAPH_CONST_ALIGN || at > c->const_bytes || bytes > c->const_bytes - at)
        return FAIL(c, IC_E_GRAPH, "graph byte %zu: constant %s stands outside the %zu byte%s of constants", c->r.at - 8, v->name,
                    c->const_bytes, IC_S(c->const_bytes));
    v->data = bytes ? c->consts + at : nothing;
    return IC_OK;
}

static enum ic_status decode_value(struct decoding *c)
{
    const char *name = NULL;
    uint8_t head[4] = {0};
    int32_t dims[IC_IR_MAX_RANK] = {0};
    IC_TRY(read_text(c, &name));
    for (int i = 0; i < 4; i++)
        IC_TRY(ic_read_u8(&c->r, &head[i], c->d));
    if (head[0] == IC_DTYPE_NONE || head[0] >= IC_DTYPE_COUNT || head[1] > IC_IR_MAX_RANK || head[2] > IC_VALUE_NHWC)
        return FAIL(c, IC_E_GRAPH, "graph byte %zu: value %s has element type %u, rank %u, layout %u", c->r.at - 4, name, head[0],
                    head[1], head[2]);
    for (int i = 0; i < head[1]; i++)
        IC_TRY(read_i32(c, &dims[i]));
    struct ic_value *v = ic_graph_value(c->g, name, (enum ic_dtype)head[0], head[1], dims);
    if (!v)
        return no_memory(c);
    v->layout = head[2];
    v->round = head[3];
    for (int i = 0; i < head[1]; i++)
        if (dims[i] < 0)
            return FAIL(c, IC_E_GRAPH, "graph byte %zu: value %s: dimension %d is %d", c->r.at, name, i, (int)dims[i]);
    IC_TRY(decode_quant(c, v));
    return decode_data(c, v);
}

static enum ic_status decode_attr(struct decoding *c, const struct ic_node *n, int i)
{
    const struct ic_attr_def *def = &ic_op_def(n->op)->attrs[i];
    struct ic_attr *a = &n->attrs[i];
    uint8_t kind = 0;
    uint64_t bits = 0;
    IC_TRY(ic_read_u8(&c->r, &kind, c->d));
    if (kind != (uint8_t)def->kind)
        return FAIL(c, IC_E_GRAPH, "graph byte %zu: attribute %s of %s is of kind %u, not %d", c->r.at - 1, def->name, n->name,
                    kind, (int)def->kind);
    if (kind == IC_ATTR_INTS) {
        IC_TRY(read_count(c, 8, &a->n_ints));
        if (a->n_ints > IC_MAX_ATTR_INTS)
            return FAIL(c, IC_E_GRAPH, "graph byte %zu: attribute %s of %s has %d number%s; at most %d are possible", c->r.at - 4,
                        def->name, n->name, (int)a->n_ints, IC_S(a->n_ints), IC_MAX_ATTR_INTS);
        for (int32_t k = 0; k < a->n_ints; k++) {
            IC_TRY(ic_read_u64(&c->r, &bits, c->d));
            a->ints[k] = (int64_t)bits;
        }
        return IC_OK;
    }
    IC_TRY(ic_read_u64(&c->r, &bits, c->d));
    if (kind == IC_ATTR_FLOAT)
        memcpy(&a->f, &bits, sizeof a->f);
    else
        a->i = (int64_t)bits;
    return IC_OK;
}

static enum ic_status decode_attrs(struct decoding *c, const struct ic_node *n)
{
    int32_t n_attrs = 0;
    IC_TRY(read_count(c, 9, &n_attrs));
    if (n_attrs > ic_op_n_attrs(n->op))
        return FAIL(c, IC_ERR_ABI, "%s %s has %d attribute%s, this version knows %d: use a newer version", ic_op_def(n->op)->name,
                    n->name, (int)n_attrs, IC_S(n_attrs), ic_op_n_attrs(n->op));
    for (int32_t i = 0; i < n_attrs; i++)
        IC_TRY(decode_attr(c, n, i));
    return IC_OK;
}

static enum ic_status decode_operands(struct decoding *c, uint32_t op, const char *name, struct ic_node **out)
{
    int32_t n_inputs = 0, n_outputs = 0;
    IC_TRY(read_count(c, 4, &n_inputs));
    struct ic_value **inputs = ic_calloc((size_t)n_inputs + 1, sizeof *inputs);
    if (!inputs)
        return no_memory(c);
    enum ic_status status = IC_OK;
    for (int32_t i = 0; i < n_inputs && status == IC_OK; i++)
        status = read_value_ref(c, true, &inputs[i]);
    struct ic_node *n = status == IC_OK ? ic_graph_node(c->g, (enum ic_op)op, inputs, n_inputs, name) : NULL;
    ic_free(inputs);
    IC_TRY(status);
    if (!n)
        return no_memory(c);
    IC_TRY(read_count(c, 4, &n_outputs));
    if (n_outputs != ic_op_def(n->op)->n_outputs)
        return FAIL(c, IC_E_GRAPH, "graph byte %zu: %s %s has %d result%s", c->r.at - 4, ic_op_def(n->op)->name, name,
                    (int)n_outputs, IC_S(n_outputs));
    for (int32_t i = 0; i < n_outputs; i++) {
        IC_TRY(read_value_ref(c, false, &n->outputs[i]));
        n->outputs[i]->producer = n;
    }
    n->n_outputs = n_outputs;
    *out = n;
    return IC_OK;
}

static enum ic_status decode_node(struct decoding *c)
{
    uint32_t op = 0;
    const char *name = NULL;
    struct ic_node *n = NULL;
    IC_TRY(ic_read_u32(&c->r, &op, c->d));
    if (op == IC_OP_NONE || op >= IC_OP_COUNT)
        return FAIL(c, IC_ERR_ABI, "graph byte %zu: operator number %u is unknown to this version, which knows 1 to %d",
                    c->r.at - 4, op, IC_OP_COUNT - 1);
    IC_TRY(read_text(c, &name));
    IC_TRY(decode_operands(c, op, name, &n));
    IC_TRY(decode_attrs(c, n));
    IC_TRY(ic_read_u32(&c->r, &n->post.round_mid, c->d));
    IC_TRY(ic_read_u32(&c->r, &n->post.fn, c->d));
    IC_TRY(ic_read_f32(&c->r, &n->post.a, c->d));
    IC_TRY(ic_read_f32(&c->r, &n->post.b, c->d));
    IC_TRY(read_text(c, &n->origin.module_path));
    IC_TRY(read_text(c, &n->origin.file));
    IC_TRY(read_text(c, &n->origin.source_op));
    return read_i32(c, &n->origin.line);
}

static enum ic_status decode_io(struct decoding *c, bool is_input)
{
    struct ic_value *v = NULL;
    uint32_t format = 0, dtype = 0;
    IC_TRY(read_value_ref(c, false, &v));
    IC_TRY(ic_read_u32(&c->r, &format, c->d));
    IC_TRY(ic_read_u32(&c->r, &dtype, c->d));
    if (dtype == IC_DTYPE_NONE || dtype >= IC_DTYPE_COUNT || format > 2)
        return FAIL(c, IC_E_GRAPH, "graph byte %zu: input or output %s has format %u and element type %u", c->r.at - 8, v->name,
                    format, dtype);
    if ((is_input ? ic_graph_add_input(c->g, v, format) : ic_graph_add_output(c->g, v, format)) != IC_OK)
        return no_memory(c);
    struct ic_graph_input *io = is_input ? &c->g->inputs[c->g->n_inputs - 1] : &c->g->outputs[c->g->n_outputs - 1];
    io->user_dtype = (enum ic_dtype)dtype;
    IC_TRY(read_text(c, &io->face_name));
    IC_TRY(ic_read_u32(&c->r, &io->reorder, c->d));
    IC_TRY(read_count(c, 8, &io->n_channels));
    IC_TRY(read_floats(c, io->n_channels, &io->mean));
    return read_floats(c, io->n_channels, &io->std);
}

static enum ic_status decode_text(struct decoding *c, uint32_t text_bytes)
{
    const uint8_t *block = NULL;
    IC_TRY(ic_read_span(&c->r, text_bytes, &block, c->d));
    if (text_bytes == 0 || block[0] != 0 || block[text_bytes - 1] != 0)
        return FAIL(c, IC_E_GRAPH, "graph: its block of %u byte%s of text must begin and end with a zero", text_bytes,
                    IC_S(text_bytes));
    c->text = ic_arena_copy(&c->g->arena, block, text_bytes);
    c->text_bytes = text_bytes;
    return c->text ? IC_OK : no_memory(c);
}

static enum ic_status check_counts(struct decoding *c, const uint32_t *n)
{
    static const size_t least[] = {IC_GRAPH_VALUE_BYTES, IC_GRAPH_NODE_BYTES, IC_GRAPH_IO_BYTES, IC_GRAPH_IO_BYTES};
    size_t left = ic_reader_left(&c->r);
    for (int i = 0; i < 4; i++) {
        if (n[i] > left / least[i])
            return FAIL(c, IC_E_GRAPH, "graph: %u value%s, %u node%s, %u inputs and %u outputs do not fit its %zu byte%s", n[0],
                        IC_S(n[0]), n[1], IC_S(n[1]), n[2], n[3], c->r.size_bytes, IC_S(c->r.size_bytes));
        left -= n[i] * least[i];
    }
    return IC_OK;
}

static enum ic_status decode_all(struct decoding *c)
{
    uint32_t version = 0, n[4] = {0}, text_bytes = 0, name = 0;
    IC_TRY(ic_read_u32(&c->r, &version, c->d));
    if (version != IC_GRAPH_VERSION)
        return FAIL(c, IC_ERR_ABI, "graph: version %u, this one reads version %u", version, IC_GRAPH_VERSION);
    for (int i = 0; i < 4; i++)
        IC_TRY(ic_read_u32(&c->r, &n[i], c->d));
    IC_TRY(ic_read_u32(&c->r, &text_bytes, c->d));
    IC_TRY(ic_read_u32(&c->r, &name, c->d));
    IC_TRY(decode_text(c, text_bytes));
    if (name >= text_bytes)
        return FAIL(c, IC_E_GRAPH, "graph: its name stands at %u of %u byte%s of text", name, text_bytes, IC_S(text_bytes));
    c->g->name = c->text + name;
    IC_TRY(check_counts(c, n));
    for (uint32_t i = 0; i < n[0]; i++)
        IC_TRY(decode_value(c));
    for (uint32_t i = 0; i < n[1]; i++)
        IC_TRY(decode_node(c));
    for (uint32_t i = 0; i < n[2]; i++)
        IC_TRY(decode_io(c, true));
    for (uint32_t i = 0; i < n[3]; i++)
        IC_TRY(decode_io(c, false));
    if (ic_reader_left(&c->r) != 0)
        return FAIL(c, IC_E_GRAPH, "graph: %zu byte%s behind its end", ic_reader_left(&c->r), IC_S(ic_reader_left(&c->r)));
    return ic_ir_verify(c->g, IC_STAGE_QUANTIZED, c->d);
}

enum ic_status ic_ir_decode(const void *bytes, size_t size_bytes, const uint8_t *consts, size_t const_bytes,
                            struct ic_graph **out_g, struct ic_diag *d)
{
    struct decoding c = {.r = ic_reader_on(bytes, size_bytes, "graph"), .consts = consts, .const_bytes = const_bytes, .d = d};
    IC_TRY(ic_graph_create("", &c.g, d));
    const enum ic_status status = decode_all(&c);
    if (status != IC_OK) {
        ic_graph_destroy(c.g);
        return status;
    }
    *out_g = c.g;
    return IC_OK;
}
