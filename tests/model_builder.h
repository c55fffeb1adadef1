/* SPDX-License-Identifier: Apache-2.0
 *
 * Small model files for tests of runtimes, made by the compiler from graphs whose results can be worked out by hand.
 */
#ifndef IC_TESTS_MODEL_BUILDER_H
#define IC_TESTS_MODEL_BUILDER_H

#include "testing.h"

#include "compile/compile.h"
#include "container/container.h"
#include "ir/graph.h"
#include "quantize/quantize.h"

struct model_file {
    uint8_t *bytes; /* 64-byte aligned */
    size_t size_bytes;
};

static inline void model_must(enum ic_status status, const struct ic_diag *d)
{
    if (status == IC_OK)
        return;
    printf("the test's model cannot be built: %s\n", d->text);
    exit(1);
}

static inline void model_done(struct ic_graph *g, struct ic_value *y, const char *face_in, const char *face_out)
{
    struct ic_diag d = {0};
    model_must(ic_graph_add_output(g, y, g->inputs[0].format), &d);
    g->inputs[0].face_name = face_in;
    g->outputs[0].face_name = face_out;
    (void)ic_graph_compact(g);
}

/* y[o] = b[o] + sum k of w[o][k] * x[k], w[o][k] = o + 1 where k is o or o + 1, else 0; b[o] = 10 * o. x [1, 4], y [1, 3]. */
static inline struct ic_graph *model_linear_graph(void)
{
    static const int32_t x_dims[] = {1, 4}, w_dims[] = {3, 4}, b_dims[] = {3};
    static const float w[] = {1, 1, 0, 0, 0, 2, 2, 0, 0, 0, 3, 3}, b[] = {0, 10, 20};
    struct ic_graph *g = NULL;
    struct ic_diag d = {0};
    model_must(ic_graph_create("linear", &g, &d), &d);
    struct ic_value *in[] = {ic_graph_value(g, "x", IC_F32, 2, x_dims), ic_graph_const(g, "w", IC_F32, 2, w_dims, w),
                             ic_graph_const(g, "b", IC_F32, 1, b_dims, b)};
    model_must(ic_graph_add_input(g, in[0], 0), &d);
    struct ic_node *n = ic_graph_node(g, IC_OP_LINEAR, in, 3, "linear");
    model_must(ic_graph_infer(g, n, &d), &d);
    model_done(g, n->outputs[0], "x.1_0", "linear_1_out0_2");
    return g;
}

/* y = x + 1, x and y [1, c, h, w] (format 1) or [1, h, w, c] (format 2). */
static inline struct ic_graph *model_picture_graph(uint32_t format, int32_t c, int32_t h, int32_t w)
{
    const int32_t nchw[] = {1, c, h, w}, nhwc[] = {1, h, w, c}, one_dims[] = {1};
    static const float one[] = {1};
    struct ic_graph *g = NULL;
    struct ic_diag d = {0};
    model_must(ic_graph_create("picture", &g, &d), &d);
    struct ic_value *in[] = {ic_graph_value(g, "x", IC_F32, 4, format == 2 ? nhwc : nchw),
                             ic_graph_const(g, "one", IC_F32, 1, one_dims, one)};
    model_must(ic_graph_add_input(g, in[0], format), &d);
    struct ic_node *n = ic_graph_node(g, IC_OP_ADD, in, 2, "add");
    model_must(ic_graph_infer(g, n, &d), &d);
    model_done(g, n->outputs[0], "x_0", "add_out0_1");
    return g;
}

static inline void model_to_f16(struct ic_graph *g)
{
    struct ic_diag d = {0};
    const struct ic_quantize_options options = {.type = IC_BUILD_F16};
    model_must(ic_quantize_graph(g, &options, NULL, &d), &d);
}

/* target NULL: portable. Destroys g. */
static inline struct model_file model_pack(struct ic_graph *g, const char *target)
{
    struct ic_diag d = {0};
    struct ic_writer a = {0}, b = {0}, file = {0};
    struct ic_section sections[2] = {{.kind = IC_SECTION_GRAPH}, {.kind = IC_SECTION_GRAPH_CONSTS}};
    struct ic_program p = {0};
    if (target) {
        model_must(ic_compile(g, ic_target_find(target), false, &p, &b, &d), &d);
        model_must(ic_program_encode(&p, &a, &d), &d);
        sections[0].kind = IC_SECTION_PROGRAM;
        sections[1].kind = IC_SECTION_PROGRAM_CONSTS;
    } else {
        model_must(ic_ir_encode(g, &a, &b, &d), &d);
    }
    sections[0].bytes = a.bytes;
    sections[0].size_bytes = a.size_bytes;
    sections[1].bytes = b.bytes;
    sections[1].size_bytes = b.size_bytes;
    model_must(ic_container_write(sections, 2, &file, &d), &d);
    struct model_file out = {.bytes = ic_malloc_aligned(file.size_bytes, 64), .size_bytes = file.size_bytes};
    if (!out.bytes)
        exit(1);
    memcpy(out.bytes, file.bytes, file.size_bytes);
    ic_program_destroy(&p);
    ic_writer_destroy(&a);
    ic_writer_destroy(&b);
    ic_writer_destroy(&file);
    ic_graph_destroy(g);
    return out;
}

static inline void model_free(struct model_file *m)
{
    ic_free_aligned(m->bytes);
    m->bytes = NULL;
}

#endif
