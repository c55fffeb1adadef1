/* SPDX-License-Identifier: Apache-2.0
 *
 * NonMaxSuppression. How many boxes are kept depends on the data: of constants the exact rows are known here; computed ones get room for as many rows as
 * there can be, -1 behind the last, and the network gets one output more that says how many hold boxes.
 */
#include "import/onnx/ops.h"

#include <inttypes.h>
#include <math.h>

enum { MAX_ROWS = 1 << 20 };

/* The rows of a constant result that hold boxes */
static struct ic_value *exact_rows(struct ic_build *b, struct ic_value *rows)
{
    int32_t n = 0;
    while (n < rows->dims[0] && ic_build_get_int(rows, 3 * (int64_t)n) >= 0)
        n++;
    return n ? ic_build_slice(b, rows, 0, 0, n, 1) : ic_build_const(b, IC_S64, 2, (const int32_t[]){0, 3}, rows->data);
}

static struct ic_value *count_rows(struct ic_build *b, struct ic_value *rows)
{
    struct ic_value *image = ic_build_slice(b, rows, 1, 0, 1, 1);
    struct ic_value *holds = ic_build_cast(b, ic_build_binary(b, IC_OP_LESS, ic_build_int(b, IC_S64, -1), image), IC_S64);
    struct ic_value *sum = ic_build_reduce(b, IC_OP_REDUCE_SUM, holds, 1u << 0, false);
    return sum;
}

static void give_padded(struct ic_onnx *o, struct ic_value *rows)
{
    const char *name = o->n_out && *o->node->outputs[0] ? o->node->outputs[0] : o->b.name;
    const char *count = ic_arena_printf(&o->b.g->arena, "%s.count", name);
    if (!count || !ic_onnx_also_output(o, count, count_rows(&o->b, rows), IC_ONNX_INT64))
        return;
    ic_say(o->b.d, 'W',
           "%s: how many boxes are kept is known only when the network runs: its result has %d row%s, and the network's additional "
           "output \"%s\" says how many "
           "of them hold boxes (the others are -1, and what is computed from them means nothing)",
           o->b.label, (int)rows->dims[0], IC_S(rows->dims[0]), count);
}

void ic_onnx_op_nms(struct ic_onnx *o)
{
    struct ic_value *boxes = ic_onnx_in(o, 0), *score = ic_onnx_in(o, 1);
    const struct ic_value *most = ic_onnx_has(o, 2) ? ic_onnx_const(o, 2, "max_output_boxes_per_class") : NULL,
                          *overlap = ic_onnx_has(o, 3) ? ic_onnx_const(o, 3, "iou_threshold") : NULL,
                          *least = ic_onnx_has(o, 4) ? ic_onnx_const(o, 4, "score_threshold") : NULL;
    if (!boxes || !score || !ic_onnx_ok(o))
        return;
    const int64_t n_boxes = boxes->rank == 3 ? boxes->dims[1] : 0,
                  pairs = score->rank == 3 ? (int64_t)score->dims[0] * score->dims[1] : 0;
    int64_t n = most ? ic_build_get_int(most, 0) : 0;
    n = n < 0 ? 0 : n > n_boxes ? n_boxes : n;
    const bool constant = boxes->data && score->data;
    if (!constant && n > 0 && pairs > MAX_ROWS / n) {
        ic_onnx_refuse(o,
                       "up to %" PRId64 " boxes of each of %" PRId64
                       " classes are kept: give it a max_output_boxes_per_class of at most %" PRId64,
                       n, pairs, MAX_ROWS / pairs);
        return;
    }
    struct ic_node *node = ic_build_node(&o->b, IC_OP_NMS, (struct ic_value *[]){boxes, score}, 2);
    ic_build_set_int(node, IC_NMS_MOST, n);
    ic_build_set_float(node, IC_NMS_OVERLAP, overlap ? ic_build_get(overlap, 0) : 0);
    ic_build_set_int(node, IC_NMS_HAS_LEAST, least != NULL);
    ic_build_set_float(node, IC_NMS_LEAST, least ? ic_build_get(least, 0) : 0);
    ic_build_set_int(node, IC_NMS_CENTER, ic_onnx_int(o, "center_point_box", 0) != 0);
    struct ic_value *rows = ic_build_finish(&o->b, node);
    if (!rows)
        return;
    if (rows->data)
        rows = exact_rows(&o->b, rows);
    else if (n > 0)
        give_padded(o, rows);
    ic_onnx_out(o, 0, rows, IC_ONNX_INT64);
}
