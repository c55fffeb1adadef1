/* SPDX-License-Identifier: Apache-2.0
 *
 * Scales, zero points, and constants as codes. Everything in double with +, -, *, / and rint only: the same bits on every host.
 */
#include "quantize/internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

void ic_quantize_widen(struct ic_quant_range *r, float x)
{
    if (!r->seen || x < r->lo)
        r->lo = x;
    if (!r->seen || x > r->hi)
        r->hi = x;
    r->seen = true;
}

/* Ranges below this are noise: their scale would leave the normal floats once divided. */
static const double least_range = 1e-25;

struct ic_quant_params ic_quantize_pick_params(const struct ic_quant_range *r)
{
    const double lo = r->seen && r->lo < 0.0f ? (double)r->lo : 0.0, hi = r->seen && r->hi > 0.0f ? (double)r->hi : 0.0;
    if (hi - lo < least_range)
        return (struct ic_quant_params){1.0f, 0};
    const double whole = (hi - lo) / 255.0;
    const float scale = whole > (double)FLT_MAX ? FLT_MAX : (float)whole;
    double zero = rint(-lo / (double)scale);
    if (zero > 255.0)
        zero = 255.0;
    return (struct ic_quant_params){scale, (int32_t)zero};
}

static void set_quant(struct ic_graph *g, struct ic_value *v, struct ic_quant_params p)
{
    v->quant = (struct ic_quant){.n_scales = 1, .scales = ic_arena_copy(&g->arena, &p.scale, sizeof p.scale), .zero = p.zero};
}

struct ic_value *ic_quantize_const_codes(struct ic_graph *g, const struct ic_value *v, struct ic_quant_params p)
{
    const int64_t n = ic_value_elements(v);
    uint8_t *q = ic_arena_aligned(&g->arena, (size_t)n + 1, 64);
    struct ic_value *to = q ? ic_graph_const_lent(g, v->name, IC_U8, v->rank, v->dims, q) : NULL;
    if (!to)
        return NULL;
    for (int64_t i = 0; i < n; i++) {
        double code = rint((double)((const float *)v->data)[i] / (double)p.scale) + p.zero;
        code = code < 0.0 ? 0.0 : code > 255.0 ? 255.0 : code;
        q[i] = (uint8_t)code;
    }
    to->layout = v->layout;
    set_quant(g, to, p);
    return to->quant.scales ? to : NULL;
}

/* Scale of one output channel: the largest weight is 127. Raised where that would make the bias leave 30 bits, or the requantizing scale
 * sx * sw / sy leave the normal floats: such weights are far below one step of the result. */
static float channel_scale(const float *w, int64_t k, double bias, double sx, double sy)
{
    double most = 0.0;
    for (int64_t i = 0; i < k; i++)
        if (fabs((double)w[i]) > most)
            most = fabs((double)w[i]);
    double scale = most / 127.0;
    const double for_bias = fabs(bias) / sx / 0x1p30, for_result = sy / sx * 0x1p-40;
    if (scale < for_bias)
        scale = for_bias;
    if (scale < for_result)
        scale = for_result;
    if (scale < (double)FLT_MIN)
        scale = (double)FLT_MIN;
    return scale > (double)FLT_MAX ? FLT_MAX : (float)scale;
}

static int8_t weight_code(float w, float scale)
{
    const double code = rint((double)w / (double)scale);
    return (int8_t)(code > 127.0 ? 127.0 : code < -127.0 ? -127.0 : code);
}

static struct ic_value *codes_of(struct ic_graph *g, const struct ic_node *n, struct ic_quant_params x, struct ic_quant_params y,
                                 float *scales)
{
    const struct ic_value *w = n->inputs[1], *b = n->n_inputs > 2 ? n->inputs[2] : NULL;
    const int64_t all = ic_value_elements(w), k = w->dims[0] ? all / w->dims[0] : 0;
    int8_t *q = ic_arena_aligned(&g->arena, (size_t)all + 1, 64);
    if (!q)
        return NULL;
    for (int32_t o = 0; o < w->dims[0]; o++) {
        const float *row = (const float *)w->data + o * k;
        scales[o] = channel_scale(row, k, b ? (double)((const float *)b->data)[o] : 0.0, (double)x.scale, (double)y.scale);
        for (int64_t i = 0; i < k; i++)
            q[o * k + i] = weight_code(row[i], scales[o]);
    }
    struct ic_value *v = ic_graph_const_lent(g, w->name, IC_S8, w->rank, w->dims, q);
    if (v) {
        v->layout = w->layout;
        v->quant = (struct ic_quant){.n_scales = w->dims[0], .axis = 0, .scales = scales};
    }
    return v;
}

static struct ic_value *bias_codes(struct ic_graph *g, const struct ic_value *b, struct ic_quant_params x, const float *scales)
{
    const int32_t oc = b->dims[0];
    int32_t *q = ic_arena_aligned(&g->arena, (size_t)oc * sizeof *q + 1, 64);
    if (!q)
        return NULL;
    for (int32_t o = 0; o < oc; o++) /* within 2^30 and a little: channel_scale saw to it */
        q[o] = (int32_t)rint((double)((const float *)b->data)[o] / ((double)x.scale * (double)scales[o]));
    return ic_graph_const_lent(g, b->name, IC_S32, 1, b->dims, q);
}

enum ic_status ic_quantize_weights(struct ic_graph *g, struct ic_node *n, struct ic_quant_params x, struct ic_quant_params y,
                                   struct ic_diag *d)
{
    struct ic_value *w = n->inputs[1], *b = n->n_inputs > 2 ? n->inputs[2] : NULL;
    float *scales = ic_arena_array(&g->arena, (size_t)w->dims[0] + 1, sizeof *scales);
    struct ic_value *codes = scales ? codes_of(g, n, x, y, scales) : NULL;
    struct ic_value *bias = codes && b ? bias_codes(g, b, x, scales) : NULL;
    if (!codes || (b && !bias))
        return ic_fail(d, IC_ERR_MEMORY, "no memory for the integer weights of %s", n->name);
    ic_node_set_input(n, 1, codes);
    if (b)
        ic_node_set_input(n, 2, bias);
    return IC_OK;
}
