/* SPDX-License-Identifier: Apache-2.0
 *
 * The int8 build: what enters and leaves are s8 codes. Inside the codes stay u8, of which each s8 code is 128 less with the same scale: the same sums, the
 * same kernels, the same results. A table of 256 stands at each edge.
 */
#include "quantize/internal.h"

static bool is_u8(const struct ic_value *v)
{
    return v->dtype == IC_U8 && v->quant.n_scales == 1;
}

/* The same value as s8 codes, under v's name, which v gives up; and the node between the two, of which one side is still open. */
static struct ic_value *signed_form(struct ic_graph *g, struct ic_value *v, struct ic_node **out_map)
{
    const char *name = ic_arena_printf(&g->arena, "%s.u8", v->name);
    struct ic_value *s = name ? ic_graph_value(g, v->name, IC_S8, v->rank, v->dims) : NULL;
    *out_map = s ? ic_graph_node(g, IC_OP_MAP, &v, 1, s->name) : NULL; /* of no function: the code of what the code means */
    if (!*out_map)
        return NULL;
    s->layout = v->layout;
    s->quant = v->quant;
    s->quant.zero -= 128;
    v->name = name;
    return s;
}

static enum ic_status sign_input(struct ic_graph *g, struct ic_graph_input *in, struct ic_diag *d)
{
    struct ic_value *v = in->value;
    struct ic_node *map = NULL, *first = g->n_nodes ? g->nodes[0] : NULL;
    in->value = signed_form(g, v, &map);
    if (!in->value)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to quantize input %s", v->name);
    ic_node_set_input(map, 0, in->value);
    ic_node_set_result(map, v);
    if (first)
        ic_graph_move_last_before(g, first);
    return IC_OK;
}

static enum ic_status sign_output(struct ic_graph *g, struct ic_graph_input *out, struct ic_diag *d)
{
    struct ic_value *v = out->value;
    struct ic_node *map = NULL;
    struct ic_value *s = signed_form(g, v, &map);
    if (!s)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to quantize output %s", v->name);
    if (v->producer)
        map->origin = v->producer->origin;
    ic_node_set_result(map, s);
    for (int32_t i = 0; i < g->n_outputs; i++) /* an output may be named twice */
        if (g->outputs[i].value == v)
            ic_graph_set_output(g, i, s);
    return IC_OK;
}

enum ic_status ic_quantize_signed_outputs(struct ic_graph *g, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_outputs; i++)
        if (is_u8(g->outputs[i].value))
            IC_TRY(sign_output(g, &g->outputs[i], d));
    return IC_OK;
}

enum ic_status ic_quantize_signed_inputs(struct ic_graph *g, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_inputs; i++)
        if (is_u8(g->inputs[i].value))
            IC_TRY(sign_input(g, &g->inputs[i], d));
    return IC_OK;
}
