/* SPDX-License-Identifier: Apache-2.0
 *
 * Losses. They are seldom on a chip, but some exported models keep them.
 */
#include "import/onnx/ops.h"

#include <string.h>

/* -weight[t] * x[n, t, ..] of log probabilities, reduced; classes on axis 1. */
static struct ic_value *nll(struct ic_onnx *o, struct ic_value *x, struct ic_value *target, struct ic_value *weight)
{
    struct ic_build *b = &o->b;
    const char *reduction = ic_onnx_text(o, "reduction", "mean");
    const bool ignores = ic_onnx_attr(o, "ignore_index") != NULL;
    target = ic_build_cast(b, target, IC_S64);
    if (!x || !target)
        return NULL;
    struct ic_value *skip = ignores ? ic_build_binary(b, IC_OP_EQUAL, target,
                                                      ic_build_int(b, IC_S64, ic_onnx_int(o, "ignore_index", 0)))
                                    : NULL;
    struct ic_value *place = skip ? ic_build_where(b, skip, ic_build_int(b, IC_S64, 0), target) : target;
    struct ic_node *g = ic_build_node(b, IC_OP_GATHER_ELEMENTS, (struct ic_value *[]){x, ic_build_unsqueeze(b, place, 1)}, 2);
    ic_build_set_int(g, IC_GATHER_ELEMENTS_AXIS, 1);
    struct ic_value *picked = ic_build_finish(b, g);
    struct ic_value *loss = picked ? ic_build_map(b, ic_build_squeeze(b, picked, 1), IC_MAP_NEG, 0, 0) : NULL;
    struct ic_value *w = weight ? ic_build_gather(b, weight, place, 0) : NULL;
    if (!w && (skip || strcmp(reduction, "mean") == 0))
        w = ic_build_full(b, IC_F32, target->rank, target->dims, 1);
    w = skip ? ic_build_where(b, skip, ic_build_float(b, 0), w) : w;
    loss = w ? ic_build_binary(b, IC_OP_MUL, loss, w) : loss;
    if (!loss || strcmp(reduction, "none") == 0)
        return loss;
    const uint32_t all = (1u << loss->rank) - 1u;
    struct ic_value *sum = ic_build_reduce(b, IC_OP_REDUCE_SUM, loss, all, false);
    return strcmp(reduction, "sum") == 0 ? sum
                                         : ic_build_binary(b, IC_OP_DIV, sum, ic_build_reduce(b, IC_OP_REDUCE_SUM, w, all, false));
}

void ic_onnx_op_nll_loss(struct ic_onnx *o)
{
    ic_onnx_out_like(o, 0, nll(o, ic_onnx_in(o, 0), ic_onnx_in(o, 1), ic_onnx_in(o, 2)), 0);
}

void ic_onnx_op_cross_entropy(struct ic_onnx *o)
{
    struct ic_value *p = ic_build_softmax(&o->b, ic_onnx_in(o, 0), 1, true);
    ic_onnx_out_like(o, 0, nll(o, p, ic_onnx_in(o, 1), ic_onnx_in(o, 2)), 0);
    ic_onnx_out_like(o, 1, p, 0);
}
