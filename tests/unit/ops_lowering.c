/* SPDX-License-Identifier: Apache-2.0
 *
 * What operators lower to: which steps, and the numbers in them that no result shows (modes, flags, views, merged axes).
 */
#include "testing.h"

#include "base/alloc.h"
#include "ir/op_def.h"
#include "ops/op.h"

static struct ic_lowered lower(const char *text)
{
    struct ic_diag d = {0};
    struct ic_graph *g = NULL;
    struct ic_lowered l = {0};
    if (!CHECK(ic_ir_parse(text, strlen(text), &g, &d) == IC_OK && ic_ops_lower_graph(g, &l, &d) == IC_OK)) {
        printf("  %s\n", d.text);
        exit(1);
    }
    ic_graph_destroy(g);
    return l;
}

static const void *only_step(const struct ic_lowered *l, uint32_t kind)
{
    CHECK_EQ_INT(l->program.n_steps, 1);
    if (!CHECK_EQ_INT(l->program.steps[0].kind, kind))
        exit(1);
    return l->program.steps[0].args;
}

#define GRAPH(input, body)                                                                                                         \
    "inchip-graph 1 \"g\"\ninput %0 \"x\" " input " format 0 user f32 face \"\"\n" body "output %9 format 0 user f32 face \"\"\n"

TEST(reshapes_and_slices_of_the_slowest_axis_are_views)
{
    struct ic_lowered l = lower(
        GRAPH("f32 [4 6]", "%1 \"s\" f32 [2 6] = Slice (%0) {starts=[1 0], ends=[3 6], steps=[1 1]}\n"
                           "%2 \"r\" f32 [3 4] = Reshape (%1) {shape=[3 4]}\n%9 \"y\" f32 [3 4] = Map (%2) {fn=relu}\n"));
    const struct ic_step_map *s = only_step(&l, IC_STEP_MAP);
    CHECK_EQ_INT(s->count, 12);
    const uint32_t slice = l.view_of[s->x];
    CHECK_EQ_INT(l.view_of[slice], l.program.inputs[0].tensor);
    CHECK_EQ_INT(l.view_offset_bytes[slice], 6 * 4);
    CHECK_EQ_INT(l.program.tensors[s->x].space, IC_SPACE_INPUT);
    CHECK_EQ_INT(l.program.tensors[s->y].space, IC_SPACE_OUTPUT);
    ic_ops_lowered_destroy(&l);
}

TEST(moves_merge_axes_that_both_sides_walk_as_one)
{
    struct ic_lowered l = lower(GRAPH("f32 [2 3 4 5]", "%9 \"y\" f32 [2 4 5 3] = Transpose (%0) {perm=[0 2 3 1]}\n"));
    const struct ic_step_copy *s = only_step(&l, IC_STEP_COPY);
    CHECK_EQ_INT(s->rank, 3);
    CHECK_EQ_INT(s->dims[1], 20);
    CHECK_EQ_INT(s->dims[2], 3);
    CHECK_EQ_INT(s->x_stride[1], 1);
    CHECK_EQ_INT(s->x_stride[2], 20);
    ic_ops_lowered_destroy(&l);
}

TEST(broadcasting_merges_what_it_can)
{
    struct ic_lowered l = lower(
        GRAPH("f32 [1 6 7 8]", "const %1 \"c\" f32 [8] data [1 2 3 4 5 6 7 8]\n%9 \"y\" f32 [1 6 7 8] = Add (%0 %1)\n"));
    const struct ic_step_zip *s = only_step(&l, IC_STEP_ZIP);
    CHECK_EQ_INT(s->rank, 2);
    CHECK_EQ_INT(s->dims[0], 42);
    CHECK_EQ_INT(s->dims[1], 8);
    CHECK_EQ_INT(s->stride2[0], 0);
    CHECK_EQ_INT(s->stride2[1], 1);
    ic_ops_lowered_destroy(&l);
}

#define X8 "u8 [1 2] scales [0.5] axis 0 zero 10"
#define Y8 "u8 [1 1] scales [0.25] axis 0 zero 3"

TEST(an_integer_contraction_by_hand)
{
    /* bias 100 - 10 * (3 - 128); scale 0.5 * 0.125 / 0.25 */
    struct ic_lowered l = lower(
        GRAPH(X8, "const %1 \"w\" s8 [1 2] scales [0.125] axis 0 zero 0 hex \"0380\"\nconst %2 \"b\" s32 [1] hex \"64000000\"\n"
                  "%9 \"y\" " Y8 " = Linear (%0 %1 %2) post relu 0 0 mid 0\n"));
    const struct ic_step_contract *s = only_step(&l, IC_STEP_CONTRACT);
    CHECK_EQ_INT(s->mode, IC_ARITH_S32);
    CHECK_EQ_INT(*(const int32_t *)l.tensor_data[s->bias], 100 + 1250);
    CHECK(*(const float *)l.tensor_data[s->scale] == 0.25f);
    CHECK_EQ_INT(s->zx, 10);
    CHECK_EQ_INT(s->zy, 3);
    CHECK_EQ_INT(s->q_lo, 3); /* relu: the code of 0 */
    CHECK_EQ_INT(s->q_hi, 255);
    CHECK(s->flags & IC_CONTRACT_HAS_M128);
    ic_ops_lowered_destroy(&l);
}

TEST(sums_that_may_leave_32_bits_take_64)
{
    struct ic_lowered l = lower(
        GRAPH(X8, "const %1 \"w\" s8 [1 2] scales [0.125] axis 0 zero 0 hex \"0301\"\nconst %2 \"b\" s32 [1] hex \"f0ffff7f\"\n"
                  "%9 \"y\" " Y8 " = Linear (%0 %1 %2)\n"));
    const struct ic_step_contract *s = only_step(&l, IC_STEP_CONTRACT);
    CHECK_EQ_INT(s->mode, IC_ARITH_S64);
    CHECK(!(s->flags & IC_CONTRACT_HAS_M128));
    ic_ops_lowered_destroy(&l);
}

TEST(apart_axes_are_brought_together_before_they_are_reduced)
{
    struct ic_lowered l = lower(GRAPH("f32 [2 3 4]", "%9 \"y\" f32 [3] = ReduceSum (%0) {axes=[0 2]}\n"));
    CHECK_EQ_INT(l.program.n_steps, 2);
    CHECK_EQ_INT(l.program.steps[0].kind, IC_STEP_COPY);
    const struct ic_step_reduce *s = l.program.steps[1].args;
    CHECK_EQ_INT(s->outer, 3);
    CHECK_EQ_INT(s->count, 8);
    CHECK_EQ_INT(s->inner, 1);
    ic_ops_lowered_destroy(&l);
    l = lower(GRAPH("f32 [2 3 1 4]", "%9 \"y\" f32 [2 1] = ReduceSum (%0) {axes=[1 3]}\n"));
    s = only_step(&l, IC_STEP_REDUCE); /* an axis of extent 1 between them does not part them */
    CHECK_EQ_INT(s->count, 12);
    ic_ops_lowered_destroy(&l);
}

TEST(an_output_that_is_an_input_is_copied)
{
    struct ic_lowered l = lower(GRAPH("f32 [2 3]", "%9 \"y\" f32 [6] = Reshape (%0) {shape=[6]}\n"));
    const struct ic_step_copy *s = only_step(&l, IC_STEP_COPY);
    CHECK_EQ_INT(s->dims[0], 6);
    CHECK_EQ_INT(l.program.tensors[s->y].space, IC_SPACE_OUTPUT);
    ic_ops_lowered_destroy(&l);
}

TEST_MAIN()
