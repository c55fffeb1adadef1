/* SPDX-License-Identifier: Apache-2.0
 *
 * A graph to the bytes of the portable section: one order, no pointers, so equal graphs give equal bytes.
 */
#include "base/texts.h"
#include "ir/op_def.h"
#include "ir/serialized.h"

#include <string.h>

static void write_f64(struct ic_writer *w, double v)
{
    uint64_t bits = 0;
    memcpy(&bits, &v, sizeof bits);
    ic_write_u64(w, bits);
}

static void encode_value(const struct ic_value *v, struct ic_texts *t, struct ic_writer *w, struct ic_writer *consts)
{
    ic_write_u32(w, ic_texts_add(t, v->name));
    ic_write_u8(w, (uint8_t)v->dtype);
    ic_write_u8(w, (uint8_t)v->rank);
    ic_write_u8(w, (uint8_t)v->layout);
    ic_write_u8(w, (uint8_t)v->round);
    for (int32_t i = 0; i < v->rank; i++)
        ic_write_u32(w, (uint32_t)v->dims[i]);
    ic_write_u32(w, (uint32_t)v->quant.n_scales);
    if (v->quant.n_scales > 0) {
        ic_write_u32(w, (uint32_t)v->quant.axis);
        ic_write_u32(w, (uint32_t)v->quant.zero);
        for (int32_t i = 0; i < v->quant.n_scales; i++)
            ic_write_f32(w, v->quant.scales[i]);
    }
    if (!v->data) {
        ic_write_u64(w, IC_GRAPH_COMPUTED);
        return;
    }
    ic_write_align(consts, IC_GRAPH_CONST_ALIGN);
    ic_write_u64(w, consts->size_bytes);
    ic_write_bytes(consts, v->data, ic_value_bytes(v));
}

static void encode_attr(const struct ic_attr *a, enum ic_attr_kind kind, struct ic_writer *w)
{
    ic_write_u8(w, (uint8_t)kind);
    if (kind == IC_ATTR_FLOAT) {
        write_f64(w, a->f);
        return;
    }
    if (kind != IC_ATTR_INTS) {
        ic_write_u64(w, (uint64_t)a->i);
        return;
    }
    ic_write_u32(w, (uint32_t)a->n_ints);
    for (int32_t i = 0; i < a->n_ints; i++)
        ic_write_u64(w, (uint64_t)a->ints[i]);
}

static void encode_node(const struct ic_node *n, struct ic_texts *t, struct ic_writer *w)
{
    const int n_attrs = ic_op_n_attrs(n->op);
    ic_write_u32(w, (uint32_t)n->op);
    ic_write_u32(w, ic_texts_add(t, n->name));
    ic_write_u32(w, (uint32_t)n->n_inputs);
    for (int32_t i = 0; i < n->n_inputs; i++)
        ic_write_u32(w, n->inputs[i] ? (uint32_t)n->inputs[i]->id : IC_GRAPH_ABSENT);
    ic_write_u32(w, (uint32_t)n->n_outputs);
    for (int32_t i = 0; i < n->n_outputs; i++)
        ic_write_u32(w, (uint32_t)n->outputs[i]->id);
    ic_write_u32(w, (uint32_t)n_attrs);
    for (int i = 0; i < n_attrs; i++)
        encode_attr(&n->attrs[i], ic_op_def(n->op)->attrs[i].kind, w);
    ic_write_u32(w, n->post.round_mid);
    ic_write_u32(w, n->post.fn);
    ic_write_f32(w, n->post.a);
    ic_write_f32(w, n->post.b);
    ic_write_u32(w, ic_texts_add(t, n->origin.module_path));
    ic_write_u32(w, ic_texts_add(t, n->origin.file));
    ic_write_u32(w, ic_texts_add(t, n->origin.source_op));
    ic_write_u32(w, (uint32_t)n->origin.line);
}

static void encode_io(const struct ic_graph_input *io, struct ic_texts *t, struct ic_writer *w)
{
    ic_write_u32(w, (uint32_t)io->value->id);
    ic_write_u32(w, io->format);
    ic_write_u32(w, (uint32_t)io->user_dtype);
    ic_write_u32(w, ic_texts_add(t, io->face_name));
    ic_write_u32(w, io->reorder);
    ic_write_u32(w, (uint32_t)io->n_channels);
    for (int32_t i = 0; i < io->n_channels; i++)
        ic_write_f32(w, io->mean[i]);
    for (int32_t i = 0; i < io->n_channels; i++)
        ic_write_f32(w, io->std[i]);
}

enum ic_status ic_ir_encode(const struct ic_graph *g, struct ic_writer *w_graph, struct ic_writer *w_consts, struct ic_diag *d)
{
    struct ic_texts texts = {0};
    struct ic_writer body = {0};
    const uint32_t name = ic_texts_add(&texts, g->name);
    for (int32_t i = 0; i < g->n_values; i++)
        encode_value(g->values[i], &texts, &body, w_consts);
    for (int32_t i = 0; i < g->n_nodes; i++)
        encode_node(g->nodes[i], &texts, &body);
    for (int32_t i = 0; i < g->n_inputs; i++)
        encode_io(&g->inputs[i], &texts, &body);
    for (int32_t i = 0; i < g->n_outputs; i++)
        encode_io(&g->outputs[i], &texts, &body);
    const bool ok = !texts.block.failed && !body.failed;
    if (ok) {
        const uint32_t head[] = {IC_GRAPH_VERSION,
                                 (uint32_t)g->n_values,
                                 (uint32_t)g->n_nodes,
                                 (uint32_t)g->n_inputs,
                                 (uint32_t)g->n_outputs,
                                 (uint32_t)texts.block.size_bytes,
                                 name};
        for (size_t i = 0; i < sizeof head / sizeof *head; i++)
            ic_write_u32(w_graph, head[i]);
        ic_write_bytes(w_graph, texts.block.bytes, texts.block.size_bytes);
        ic_write_bytes(w_graph, body.bytes, body.size_bytes);
    }
    ic_texts_destroy(&texts);
    ic_writer_destroy(&body);
    return ok && !w_graph->failed && !w_consts->failed ? IC_OK
                                                       : ic_fail(d, IC_ERR_MEMORY, "no memory to write the graph of %s", g->name);
}
