/* SPDX-License-Identifier: Apache-2.0
 *
 * A small model in the drop-in, for its tests: y = the linear graph of model_builder.h, whose values are worked out by hand.
 */
#ifndef IC_TESTS_RKNN_LINEAR_H
#define IC_TESTS_RKNN_LINEAR_H

#include "captured.h"
#include "model_builder.h"

#include "rknn_api.h"

static inline rknn_context open_file(struct model_file file, uint32_t flag)
{
    rknn_context context = 0;
    print_to_memory();
    const int code = rknn_init(&context, file.bytes, (uint32_t)file.size_bytes, flag);
    (void)what_was_printed();
    CHECK_EQ_INT(code, RKNN_SUCC);
    model_free(&file); /* the caller may free the bytes */
    return context;
}

static inline rknn_context open_linear_f16(void)
{
    struct ic_graph *g = model_linear_graph();
    model_to_f16(g);
    return open_file(model_pack(g, "generic"), 0);
}

static inline rknn_context open_linear(uint32_t flag)
{
    return open_file(model_pack(model_linear_graph(), "generic"), flag);
}

static inline int set_floats(rknn_context context, const float *values, uint32_t n)
{
    float copy[64];
    memcpy(copy, values, n * sizeof *copy);
    rknn_input in = {.index = 0, .buf = copy, .size = n * (uint32_t)sizeof(float), .type = RKNN_TENSOR_FLOAT32};
    return rknn_inputs_set(context, 1, &in);
}

static const float x[] = {1, 2, 3, 4}, y[] = {3, 20, 41}; /* by hand: 1+2, 10+2*(2+3), 20+3*(3+4) */

static inline void check_result(rknn_context context)
{
    rknn_output out = {.want_float = 1, .index = 7};
    CHECK_EQ_INT(rknn_run(context, NULL), RKNN_SUCC);
    CHECK_EQ_INT(rknn_outputs_get(context, 1, &out, NULL), RKNN_SUCC);
    CHECK_EQ_INT(out.index, 0); /* written by the library */
    CHECK_EQ_INT(out.size, 12);
    CHECK_EQ_MEM(out.buf, y, sizeof y);
    CHECK_EQ_INT(rknn_outputs_release(context, 1, &out), RKNN_SUCC);
    CHECK(out.buf == NULL);
}

#endif
