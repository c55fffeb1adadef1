/* SPDX-License-Identifier: Apache-2.0
 *
 * Codes at the edges of a network whose build type is no integer: what a network that brings its own quantization does first (Quantize) and last
 * (Dequantize) is left to whoever feeds and reads it, and a picture enters as bytes.
 */
#include "quantize/internal.h"

#include <math.h>

static void say_codes(const char *what, const char *verb, const struct ic_value *v, enum ic_dtype codes, struct ic_diag *d)
{
    ic_say(d, 'I', "%s %s %s as %s codes: scale %g, zero point %d", what, v->name, verb, codes == IC_S8 ? "int8" : "uint8",
           (double)v->quant.scales[0], (int)v->quant.zero - (codes == IC_S8 ? 128 : 0));
}

static enum ic_status no_memory(const struct ic_value *v, struct ic_diag *d)
{
    return ic_fail(d, IC_ERR_MEMORY, "no memory for the codes of %s", v->name);
}

static bool is_input(const struct ic_graph *g, const struct ic_value *v)
{
    for (int32_t i = 0; i < g->n_inputs; i++)
        if (g->inputs[i].value == v)
            return true;
    return false;
}

/* The codes that all readers of v turn it into, one grid; NULL: somebody reads its floats, or another grid. */
static const struct ic_value *common_codes(const struct ic_value *v)
{
    const struct ic_value *codes = NULL;
    if (ic_value_is_output(v))
        return NULL;
    for (const struct ic_use *use = v->uses; use; use = use->next) {
        const struct ic_value *q = use->reader->outputs[0];
        if (use->reader->op != IC_OP_QUANTIZE || ic_value_is_output(q) ||
            (codes && (codes->quant.scales[0] != q->quant.scales[0] || codes->quant.zero != q->quant.zero)))
            return NULL;
        codes = codes ? codes : q;
    }
    return codes;
}

/* The only node that reads v, when it only moves its elements; NULL: none such. */
static const struct ic_node *mover_of(const struct ic_value *v)
{
    const struct ic_node *n = ic_value_n_readers(v) == 1 && v->uses ? v->uses->reader : NULL;
    return n && ic_op_def(n->op)->moves_only && n->n_inputs == 1 && n->n_outputs == 1 ? n : NULL;
}

static void set_codes(struct ic_value *v, struct ic_quant quant)
{
    v->dtype = IC_U8;
    v->quant = quant;
}

/* Quantize nodes behind input v, perhaps behind moves: v is their codes from now on. False: they are not all there is. */
static bool merge_quantize(struct ic_graph *g, struct ic_value *v)
{
    struct ic_value *last = v;
    for (const struct ic_node *n = mover_of(last); n; n = mover_of(last))
        last = n->outputs[0];
    const struct ic_value *codes = common_codes(last);
    if (!codes)
        return false;
    const struct ic_quant quant = codes->quant;
    for (const struct ic_use *use = last->uses, *next = NULL; use; use = next) { /* all of them are Quantize */
        next = use->next;
        ic_graph_replace(g, use->reader->outputs[0], last);
    }
    for (const struct ic_value *at = v; at != last;) {
        const struct ic_node *n = mover_of(at);
        at = n->outputs[0];
        set_codes(n->outputs[0], quant);
    }
    set_codes(v, quant);
    return true;
}

/* The codes of bytes 0 .. 255 after mean and std; every channel has the same grid. */
static struct ic_quant_params picture_params(const struct ic_graph_input *in)
{
    struct ic_quant_range r = {0};
    for (int32_t i = 0; i < (in->n_channels ? in->n_channels : 1); i++) {
        const float mean = in->n_channels ? in->mean[i] : 0.0f, std = in->n_channels ? in->std[i] : 1.0f;
        ic_quantize_widen(&r, (0.0f - mean) / std);
        ic_quantize_widen(&r, (255.0f - mean) / std);
    }
    return ic_quantize_pick_params(&r);
}

static bool is_picture(const struct ic_graph_input *in)
{
    const int32_t channels = in->value->rank == 4 ? in->value->dims[in->format == 2 ? 3 : 1] : 0;
    return channels >= 1 && channels <= 4;
}

/* A Dequantize node first of all, which makes the floats that the network reads. */
static enum ic_status enter_as_bytes(struct ic_graph *g, struct ic_graph_input *in, struct ic_diag *d)
{
    struct ic_value *v = in->value;
    const struct ic_quant_params p = picture_params(in);
    const struct ic_node *first = g->n_nodes ? g->nodes[0] : NULL;
    const char *name = ic_arena_printf(&g->arena, "%s.f32", v->name);
    struct ic_value *codes = name ? ic_graph_value(g, v->name, IC_U8, v->rank, v->dims) : NULL;
    struct ic_node *n = codes ? ic_graph_node(g, IC_OP_DEQUANTIZE, &codes, 1, v->name) : NULL;
    const float *scale = n ? ic_arena_copy(&g->arena, &p.scale, sizeof p.scale) : NULL;
    if (!scale)
        return no_memory(v, d);
    codes->layout = v->layout;
    codes->quant = (struct ic_quant){.n_scales = 1, .scales = scale, .zero = p.zero};
    v->name = name;
    ic_node_set_result(n, v);
    in->value = codes;
    if (first)
        ic_graph_move_last_before(g, first);
    return IC_OK;
}

enum ic_status ic_quantize_code_inputs(struct ic_graph *g, enum ic_dtype codes, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_inputs; i++) {
        struct ic_graph_input *in = &g->inputs[i];
        if (in->value->dtype != IC_F32)
            continue;
        if (!merge_quantize(g, in->value)) {
            if (!is_picture(in)) {
                ic_say(d, 'W', "input %s stays float: it is not quantized first of all, and is no picture of 1 to 4 channels",
                       in->value->name);
                continue;
            }
            IC_TRY(enter_as_bytes(g, in, d));
        }
        say_codes("input", "enters", in->value, codes, d);
    }
    ic_graph_compact(g);
    return IC_OK;
}

/* Output i is made by Dequantize alone: its codes leave instead, under its name. */
static bool merge_dequantize(struct ic_graph *g, int32_t i, enum ic_dtype type, struct ic_diag *d)
{
    struct ic_value *v = g->outputs[i].value;
    struct ic_value *codes = v->producer && v->producer->op == IC_OP_DEQUANTIZE ? v->producer->inputs[0] : NULL;
    const char *name = codes ? ic_arena_printf(&g->arena, "%s.f32", v->name) : NULL;
    if (!name || codes->data || codes->quant.n_scales != 1 || is_input(g, codes) || ic_value_is_output(codes))
        return false;
    codes->name = v->name;
    v->name = name;
    for (int32_t k = i; k < g->n_outputs; k++) /* an output may be named twice */
        if (g->outputs[k].value == v)
            ic_graph_set_output(g, k, codes);
    say_codes("output", "leaves", codes, type, d);
    return true;
}

enum ic_status ic_quantize_code_outputs(struct ic_graph *g, enum ic_dtype codes, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_outputs; i++) {
        const struct ic_value *v = g->outputs[i].value;
        if (!merge_dequantize(g, i, codes, d) && v->quant.n_scales == 0 && (v->dtype == IC_F32 || v->dtype == IC_F16))
            ic_say(d, 'W', "output %s stays float: the network does not end in dequantizing it", v->name);
    }
    ic_graph_compact(g);
    return IC_OK;
}
