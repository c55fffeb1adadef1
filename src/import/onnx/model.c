/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages of onnx.proto, by their field numbers. Repeated fields are counted first, then filled: nothing grows.
 */
#include "import/onnx/model.h"

#include "base/checked.h"

#include <inttypes.h>
#include <string.h>

static enum ic_status damaged(struct ic_onnx_reader *r, const struct ic_wire *w, const char *message)
{
    return ic_fail(r->d, IC_E_ONNX_DAMAGED, "the file is damaged: %s is broken at byte %zu; copy or export it again", message,
                   (size_t)(w->at - r->file));
}

static enum ic_status no_memory(struct ic_onnx_reader *r)
{
    return ic_fail(r->d, IC_ERR_MEMORY, "no memory to read the model");
}

static enum ic_status wrong_kind(struct ic_onnx_reader *r, const struct ic_wire_field *f, const char *message)
{
    return ic_fail(r->d, IC_E_ONNX_DAMAGED, "the file is damaged: field %" PRIu32 " of %s has wire type %" PRIu32, f->number,
                   message, f->type);
}

static struct ic_onnx_span span_of(const struct ic_wire_field *f)
{
    return (struct ic_onnx_span){f->bytes, f->size_bytes};
}

/* A name: bytes up to the first NUL. */
static enum ic_status text_of(struct ic_onnx_reader *r, const struct ic_wire_field *f, const char **out)
{
    if (f->type != IC_WIRE_BYTES)
        return wrong_kind(r, f, "a message with a name");
    *out = ic_arena_text(r->arena, (const char *)f->bytes, f->size_bytes);
    return *out ? IC_OK : no_memory(r);
}

/* How often each field below 32 occurs as bytes. */
static enum ic_status count_fields(struct ic_onnx_reader *r, struct ic_onnx_span s, const char *message, uint32_t *counts)
{
    struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes);
    struct ic_wire_field f;
    memset(counts, 0, 32 * sizeof *counts);
    while (ic_wire_next(&w, &f))
        if (f.number < 32)
            counts[f.number]++;
    return w.bad ? damaged(r, &w, message) : IC_OK;
}

static enum ic_status room(struct ic_onnx_reader *r, uint32_t n, size_t size, void *out_array)
{
    void *p = ic_arena_array(r->arena, (size_t)n + 1, size);
    if (!p)
        return no_memory(r);
    memcpy(out_array, &p, sizeof p);
    return IC_OK;
}

/* ---- AttributeProto ---- */
struct numbers {
    int64_t *ints;
    int32_t n;
};

static void take_int(void *user, uint64_t u)
{
    struct numbers *to = user;
    if (to->ints)
        to->ints[to->n] = (int64_t)u;
    to->n++;
}

static enum ic_status read_ints(struct ic_onnx_reader *r, struct ic_onnx_span s, uint32_t number, const int64_t **out,
                                int32_t *out_n)
{
    struct numbers to = {0};
    for (int pass = 0; pass < 2; pass++) {
        struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes);
        struct ic_wire_field f;
        to.n = 0;
        while (ic_wire_next(&w, &f))
            if (f.number == number && !ic_wire_numbers(&f, take_int, &to))
                return damaged(r, &w, "a list of integers");
        if (pass == 0)
            IC_TRY(room(r, (uint32_t)to.n, sizeof *to.ints, &to.ints));
    }
    *out = to.ints;
    *out_n = to.n;
    return IC_OK;
}

static enum ic_status read_floats(struct ic_onnx_reader *r, struct ic_onnx_span s, uint32_t number, const float **out,
                                  int32_t *out_n)
{
    float *to = NULL;
    int32_t n = 0;
    for (int pass = 0; pass < 2; pass++) {
        struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes);
        struct ic_wire_field f;
        n = 0;
        while (ic_wire_next(&w, &f)) {
            if (f.number != number)
                continue;
            const int32_t count = f.type == IC_WIRE_FIXED32 ? 1 : (int32_t)(f.size_bytes / 4);
            for (int32_t i = 0; to && i < count; i++) {
                if (f.type == IC_WIRE_FIXED32)
                    to[n] = ic_wire_float(f.u);
                else
                    memcpy(&to[n + i], f.bytes + 4 * (size_t)i, 4);
            }
            n += count;
        }
        if (pass == 0)
            IC_TRY(room(r, (uint32_t)n, sizeof *to, &to));
    }
    *out = to;
    *out_n = n;
    return IC_OK;
}

/* The type field may be absent in old files: then what is there says it. */
static int32_t guess_type(const uint32_t *counts)
{
    static const struct {
        uint32_t field;
        int32_t type;
    } by_field[] = {{2, IC_ONNX_ATTR_FLOAT}, {3, IC_ONNX_ATTR_INT},    {4, IC_ONNX_ATTR_STRING}, {5, IC_ONNX_ATTR_TENSOR},
                    {6, IC_ONNX_ATTR_GRAPH}, {7, IC_ONNX_ATTR_FLOATS}, {8, IC_ONNX_ATTR_INTS},   {9, IC_ONNX_ATTR_STRINGS}};
    for (size_t i = 0; i < sizeof by_field / sizeof *by_field; i++)
        if (counts[by_field[i].field])
            return by_field[i].type;
    return 0;
}

/* Long: one case a field. */
static enum ic_status read_attr(struct ic_onnx_reader *r, struct ic_onnx_span s, struct ic_onnx_attr *out)
{
    uint32_t counts[32];
    struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes);
    struct ic_wire_field f;
    int32_t n_strings = 0;
    IC_TRY(count_fields(r, s, "an attribute", counts));
    *out = (struct ic_onnx_attr){.name = "", .s = "", .type = guess_type(counts)};
    IC_TRY(room(r, counts[9], sizeof *out->strings, &out->strings));
    while (ic_wire_next(&w, &f)) {
        switch (f.number) {
        case 1:
            IC_TRY(text_of(r, &f, &out->name));
            break;
        case 2:
            out->f = ic_wire_float(f.u);
            break;
        case 3:
            out->i = (int64_t)f.u;
            break;
        case 4:
            IC_TRY(text_of(r, &f, &out->s));
            break;
        case 5:
        case 6:
        case 22: /* a sparse tensor */
            out->message = span_of(&f);
            break;
        case 9:
            IC_TRY(text_of(r, &f, &out->strings[n_strings++]));
            break;
        case 20:
            out->type = f.u < 32 ? (int32_t)f.u : 0;
            break;
        case 21:
            IC_TRY(text_of(r, &f, &out->ref));
            break;
        default:
            break;
        }
    }
    if (out->ref && !*out->ref)
        out->ref = NULL;
    out->n = out->type == IC_ONNX_ATTR_STRINGS ? n_strings : 0;
    if (counts[7] && out->type == IC_ONNX_ATTR_FLOATS)
        IC_TRY(read_floats(r, s, 7, &out->floats, &out->n));
    if (out->type == IC_ONNX_ATTR_INTS)
        IC_TRY(read_ints(r, s, 8, &out->ints, &out->n));
    return IC_OK;
}

/* ---- NodeProto ---- */
static enum ic_status read_node(struct ic_onnx_reader *r, struct ic_onnx_span s, struct ic_onnx_node *out)
{
    uint32_t counts[32];
    struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes);
    struct ic_wire_field f;
    IC_TRY(count_fields(r, s, "a node", counts));
    *out = (struct ic_onnx_node){.op = "", .domain = "", .name = "", .overload = ""};
    IC_TRY(room(r, counts[1], sizeof *out->inputs, &out->inputs));
    IC_TRY(room(r, counts[2], sizeof *out->outputs, &out->outputs));
    IC_TRY(room(r, counts[5], sizeof *out->attrs, &out->attrs));
    while (ic_wire_next(&w, &f)) {
        switch (f.number) {
        case 1:
            IC_TRY(text_of(r, &f, &out->inputs[out->n_inputs++]));
            break;
        case 2:
            IC_TRY(text_of(r, &f, &out->outputs[out->n_outputs++]));
            break;
        case 3:
            IC_TRY(text_of(r, &f, &out->name));
            break;
        case 4:
            IC_TRY(text_of(r, &f, &out->op));
            break;
        case 5:
            IC_TRY(read_attr(r, span_of(&f), &out->attrs[out->n_attrs++]));
            break;
        case 7:
            IC_TRY(text_of(r, &f, &out->domain));
            break;
        case 8:
            IC_TRY(text_of(r, &f, &out->overload));
            break;
        default:
            break;
        }
    }
    if (strcmp(out->domain, "ai.onnx") == 0)
        out->domain = "";
    return IC_OK;
}

/* ---- ValueInfoProto ---- */
static enum ic_status read_dim(struct ic_onnx_reader *r, struct ic_onnx_span s, int64_t *dim, const char **param)
{
    struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes);
    struct ic_wire_field f;
    *dim = -1;
    *param = "";
    while (ic_wire_next(&w, &f)) {
        if (f.number == 1 && f.type == IC_WIRE_VARINT)
            *dim = (int64_t)f.u;
        if (f.number == 2)
            IC_TRY(text_of(r, &f, param));
    }
    if (strcmp(*param, "?") == 0 || strcmp(*param, "-1") == 0 || strcmp(*param, "None") == 0)
        *param = ""; /* what exporters write for no name at all: such dimensions need not be equal */
    return w.bad ? damaged(r, &w, "a dimension") : IC_OK;
}

static enum ic_status read_shape(struct ic_onnx_reader *r, struct ic_onnx_span s, struct ic_onnx_value_info *out)
{
    struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes);
    struct ic_wire_field f;
    out->rank = 0;
    while (ic_wire_next(&w, &f)) {
        if (f.number != 1 || f.type != IC_WIRE_BYTES)
            continue;
        if (out->rank == IC_IR_MAX_RANK)
            return ic_fail(r->d, IC_E_RANK, "\"%s\" has more than %d dimensions; at most %d are possible", out->name,
                           IC_IR_MAX_RANK, IC_IR_MAX_RANK);
        IC_TRY(read_dim(r, span_of(&f), &out->dims[out->rank], &out->params[out->rank]));
        out->rank++;
    }
    return w.bad ? damaged(r, &w, "a shape") : IC_OK;
}

static enum ic_status read_tensor_type(struct ic_onnx_reader *r, struct ic_onnx_span s, struct ic_onnx_value_info *out)
{
    struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes);
    struct ic_wire_field f;
    while (ic_wire_next(&w, &f)) {
        if (f.number == 1 && f.type == IC_WIRE_VARINT)
            out->type = f.u < 1000 ? (int32_t)f.u : 0;
        if (f.number == 2 && f.type == IC_WIRE_BYTES)
            IC_TRY(read_shape(r, span_of(&f), out));
    }
    return w.bad ? damaged(r, &w, "a type") : IC_OK;
}

/* The message of element types in a sequence or an optional. */
static enum ic_status element_of(struct ic_onnx_reader *r, struct ic_onnx_span *s)
{
    struct ic_wire w = ic_wire_of(s->bytes, s->size_bytes);
    struct ic_wire_field f;
    *s = (struct ic_onnx_span){0};
    while (ic_wire_next(&w, &f))
        if (f.number == 1 && f.type == IC_WIRE_BYTES)
            *s = span_of(&f);
    return w.bad ? damaged(r, &w, "a type") : IC_OK;
}

enum { TENSOR_TYPE = 1, SEQUENCE_TYPE = 4, MAP_TYPE = 5, SPARSE_TYPE = 8, OPTIONAL_TYPE = 9, MAX_TYPE_DEPTH = 3 };

/* At most an optional of a sequence of tensors. */
static enum ic_status read_type(struct ic_onnx_reader *r, struct ic_onnx_span s, struct ic_onnx_value_info *out)
{
    for (int depth = 0; depth < MAX_TYPE_DEPTH; depth++) {
        struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes);
        struct ic_wire_field f;
        uint32_t which = 0;
        while (ic_wire_next(&w, &f))
            if (f.type == IC_WIRE_BYTES && (f.number == TENSOR_TYPE || f.number == SEQUENCE_TYPE || f.number == MAP_TYPE ||
                                            f.number == SPARSE_TYPE || f.number == OPTIONAL_TYPE)) {
                which = f.number;
                s = span_of(&f);
            }
        if (w.bad)
            return damaged(r, &w, "a type");
        if (which == TENSOR_TYPE) {
            out->kind = "tensor";
            return read_tensor_type(r, s, out);
        }
        out->kind = which == MAP_TYPE ? "map" : which == SPARSE_TYPE ? "sparse tensor" : out->sequence ? "sequence" : "unknown";
        if (which != OPTIONAL_TYPE && (which != SEQUENCE_TYPE || out->sequence))
            return IC_OK;
        *(which == OPTIONAL_TYPE ? &out->optional : &out->sequence) = true;
        IC_TRY(element_of(r, &s));
    }
    return IC_OK;
}

static enum ic_status read_value_info(struct ic_onnx_reader *r, struct ic_onnx_span s, struct ic_onnx_value_info *out)
{
    struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes);
    struct ic_wire_field f;
    *out = (struct ic_onnx_value_info){.name = "", .kind = "unknown", .rank = -1};
    while (ic_wire_next(&w, &f)) {
        if (f.number == 1)
            IC_TRY(text_of(r, &f, &out->name));
        if (f.number == 2 && f.type == IC_WIRE_BYTES)
            IC_TRY(read_type(r, span_of(&f), out));
    }
    return w.bad ? damaged(r, &w, "an input or output") : IC_OK;
}

/* ---- GraphProto ---- */
static enum ic_status tensor_name(struct ic_onnx_reader *r, struct ic_onnx_span s, const char **out)
{
    struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes);
    struct ic_wire_field f;
    *out = "";
    while (ic_wire_next(&w, &f))
        if (f.number == 8)
            IC_TRY(text_of(r, &f, out));
    return w.bad ? damaged(r, &w, "an initializer") : IC_OK;
}

static enum ic_status read_graph_fields(struct ic_onnx_reader *r, struct ic_onnx_span s, struct ic_onnx_graph *out)
{
    struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes);
    struct ic_wire_field f;
    while (ic_wire_next(&w, &f)) {
        if (f.type != IC_WIRE_BYTES)
            continue;
        switch (f.number) {
        case 1:
            IC_TRY(read_node(r, span_of(&f), &out->nodes[out->n_nodes++]));
            break;
        case 2:
            IC_TRY(text_of(r, &f, &out->name));
            break;
        case 5:
            IC_TRY(tensor_name(r, span_of(&f), &out->initializer_names[out->n_initializers]));
            out->initializers[out->n_initializers++] = span_of(&f);
            break;
        case 11:
            IC_TRY(read_value_info(r, span_of(&f), &out->inputs[out->n_inputs++]));
            break;
        case 12:
            IC_TRY(read_value_info(r, span_of(&f), &out->outputs[out->n_outputs++]));
            break;
        case 15:
            out->sparse[out->n_sparse++] = span_of(&f);
            break;
        default:
            break;
        }
    }
    return IC_OK;
}

enum ic_status ic_onnx_read_graph(struct ic_onnx_reader *r, struct ic_onnx_span s, struct ic_onnx_graph *out)
{
    uint32_t counts[32];
    *out = (struct ic_onnx_graph){.name = "", .bytes = s};
    IC_TRY(count_fields(r, s, "a graph", counts));
    if (counts[1] > r->max_nodes)
        return ic_fail(r->d, IC_E_NODES, "a graph of %" PRIu32 " nodes; at most %" PRIu32 " are possible", counts[1], r->max_nodes);
    IC_TRY(room(r, counts[1], sizeof *out->nodes, &out->nodes));
    IC_TRY(room(r, counts[5], sizeof *out->initializers, &out->initializers));
    IC_TRY(room(r, counts[5], sizeof *out->initializer_names, &out->initializer_names));
    IC_TRY(room(r, counts[11], sizeof *out->inputs, &out->inputs));
    IC_TRY(room(r, counts[12], sizeof *out->outputs, &out->outputs));
    IC_TRY(room(r, counts[15], sizeof *out->sparse, &out->sparse));
    return read_graph_fields(r, s, out);
}

enum ic_status ic_onnx_find_info(struct ic_onnx_reader *r, const struct ic_onnx_graph *g, const char *name,
                                 struct ic_onnx_value_info *out)
{
    struct ic_wire w = ic_wire_of(g->bytes.bytes, g->bytes.size_bytes);
    struct ic_wire_field f;
    while (ic_wire_next(&w, &f)) {
        if (f.number != 13 || f.type != IC_WIRE_BYTES)
            continue;
        IC_TRY(read_value_info(r, span_of(&f), out));
        if (strcmp(out->name, name) == 0)
            return IC_OK;
    }
    *out = (struct ic_onnx_value_info){.name = name, .kind = "unknown", .rank = -1};
    return w.bad ? damaged(r, &w, "a graph") : IC_OK;
}

/* ---- ModelProto ---- */
static enum ic_status read_opset(struct ic_onnx_reader *r, struct ic_onnx_span s, struct ic_onnx_opset *out)
{
    struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes);
    struct ic_wire_field f;
    *out = (struct ic_onnx_opset){.domain = ""};
    while (ic_wire_next(&w, &f)) {
        if (f.number == 1)
            IC_TRY(text_of(r, &f, &out->domain));
        if (f.number == 2)
            out->version = (int64_t)f.u;
    }
    if (strcmp(out->domain, "ai.onnx") == 0)
        out->domain = "";
    return w.bad ? damaged(r, &w, "an opset import") : IC_OK;
}

/* Long: one case a field. */
static enum ic_status read_function(struct ic_onnx_reader *r, struct ic_onnx_span s, struct ic_onnx_function *out)
{
    uint32_t counts[32];
    struct ic_wire w = ic_wire_of(s.bytes, s.size_bytes);
    struct ic_wire_field f;
    IC_TRY(count_fields(r, s, "a function", counts));
    *out = (struct ic_onnx_function){.name = "", .domain = "", .overload = ""};
    IC_TRY(room(r, counts[4], sizeof *out->inputs, &out->inputs));
    IC_TRY(room(r, counts[5], sizeof *out->outputs, &out->outputs));
    IC_TRY(room(r, counts[7], sizeof *out->nodes, &out->nodes));
    IC_TRY(room(r, counts[9], sizeof *out->opsets, &out->opsets));
    IC_TRY(room(r, counts[11], sizeof *out->defaults, &out->defaults));
    while (ic_wire_next(&w, &f)) {
        switch (f.number) {
        case 1:
            IC_TRY(text_of(r, &f, &out->name));
            break;
        case 4:
            IC_TRY(text_of(r, &f, &out->inputs[out->n_inputs++]));
            break;
        case 5:
            IC_TRY(text_of(r, &f, &out->outputs[out->n_outputs++]));
            break;
        case 7:
            IC_TRY(read_node(r, span_of(&f), &out->nodes[out->n_nodes++]));
            break;
        case 9:
            IC_TRY(read_opset(r, span_of(&f), &out->opsets[out->n_opsets++]));
            break;
        case 10:
            IC_TRY(text_of(r, &f, &out->domain));
            break;
        case 11:
            IC_TRY(read_attr(r, span_of(&f), &out->defaults[out->n_defaults++]));
            break;
        case 13:
            IC_TRY(text_of(r, &f, &out->overload));
            break;
        default:
            break;
        }
    }
    return IC_OK;
}

enum ic_status ic_onnx_read_model(struct ic_onnx_reader *r, const void *bytes, size_t size_bytes, struct ic_onnx_model *out)
{
    uint32_t counts[32];
    const struct ic_onnx_span all = {bytes, size_bytes};
    struct ic_wire w = ic_wire_of(bytes, size_bytes);
    struct ic_wire_field f;
    struct ic_onnx_span graph = {0};
    *out = (struct ic_onnx_model){.producer = "", .producer_version = ""};
    r->file = bytes;
    IC_TRY(count_fields(r, all, "the model", counts));
    IC_TRY(room(r, counts[8], sizeof *out->opsets, &out->opsets));
    IC_TRY(room(r, counts[25], sizeof *out->functions, &out->functions));
    while (ic_wire_next(&w, &f)) {
        if (f.number == 1)
            out->ir_version = (int64_t)f.u;
        if (f.number == 2)
            IC_TRY(text_of(r, &f, &out->producer));
        if (f.number == 3)
            IC_TRY(text_of(r, &f, &out->producer_version));
        if (f.number == 7 && f.type == IC_WIRE_BYTES)
            graph = span_of(&f);
        if (f.number == 8 && f.type == IC_WIRE_BYTES)
            IC_TRY(read_opset(r, span_of(&f), &out->opsets[out->n_opsets++]));
        if (f.number == 25 && f.type == IC_WIRE_BYTES)
            IC_TRY(read_function(r, span_of(&f), &out->functions[out->n_functions++]));
    }
    if (!graph.bytes)
        return ic_fail(r->d, IC_E_ONNX_GRAPH, "the file holds no graph: it ends before its network begins, or is no ONNX model");
    if (counts[7] > 1)
        return ic_fail(r->d, IC_E_ONNX_GRAPH, "the file holds %" PRIu32 " graphs; one is wanted", counts[7]);
    return ic_onnx_read_graph(r, graph, &out->graph);
}
