/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulator's step kinds against values computed by hand (docs/arithmetic.md section 7).
 */
#include "program_builder.h"
#include "sim/sim.h"
#include "testing.h"

#include <math.h>

static struct build b;

static bool run(const void *x, void *y)
{
    struct ic_diag d = {0};
    struct ic_sim *s = NULL;
    const void *inputs[] = {x, x};
    void *outputs[] = {y};
    bool ok = ic_program_check(&b.p, &d) == IC_OK && ic_sim_create(&b.p, &s, &d) == IC_OK &&
              ic_sim_run(s, inputs, outputs, NULL, NULL, &d) == IC_OK;
    if (!ok)
        printf("%s\n", d.text);
    ic_sim_destroy(s);
    return ok;
}

/* 3 x 3 ones over a 2 x 2 picture of 1 2 3 4 with padding 1: every output sees all four pixels. */
TEST(convolution_with_padding)
{
    const float w[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1}, bias[1] = {100}, x[4] = {1, 2, 3, 4};
    float y[4];
    build_start(&b);
    struct ic_step_contract s = build_linear(1, 1, 1);
    s.ih = s.iw = s.oh = s.ow = 2;
    s.kh = s.kw = 3;
    s.pad_top = s.pad_left = 1;
    s.x = build_input(&b, IC_F32, 1, 2, 2, 1);
    s.w = build_const(&b, IC_F32, 9, w);
    s.bias = build_const(&b, IC_F32, 1, bias);
    s.y = build_output(&b, IC_F32, 1, 2, 2, 1);
    build_step(&b, IC_STEP_CONTRACT, &s);
    REQUIRE(run(x, y));
    for (int i = 0; i < 4; i++)
        CHECK(y[i] == 110.0f);
}

/* Two groups of one channel in, one out, packed in blocks of 4 rows: depthwise is one matrix of channels by taps. */
TEST(depthwise_reads_its_packing)
{
    const float w[8] = {2, 3, 0, 0, 20, 30, 0, 0}, x[4] = {1, 10, 2, 20}; /* [k][oc_block]: tap 0 of channels 0 1, then tap 1 */
    float y[2];
    build_start(&b);
    struct ic_step_contract s = build_linear(1, 2, 2);
    s.iw = 2;
    s.kw = 2;
    s.groups = 2;
    s.oc_block = 4;
    s.x = build_input(&b, IC_F32, 1, 1, 2, 2);
    s.w = build_const(&b, IC_F32, 8, w);
    s.y = build_output(&b, IC_F32, 1, 1, 1, 2);
    build_step(&b, IC_STEP_CONTRACT, &s);
    REQUIRE(run(x, y));
    CHECK(y[0] == 1 * 2 + 2 * 20);
    CHECK(y[1] == 10 * 3 + 20 * 30);
}

/* Codes: acc = bias + sum x w; ties of the requantization go to even, then clamp. */
TEST(integers_requantize_to_even)
{
    const int8_t w[4] = {1, 1, 1, 1};
    const int32_t bias[4] = {0, 1, 2, 1000};
    const float scale[4] = {0.5f, 0.5f, 0.5f, 0.5f};
    const uint8_t x[1] = {5};
    uint8_t y[4];
    build_start(&b);
    struct ic_step_contract s = build_linear(1, 1, 4);
    s.mode = IC_ARITH_S32;
    s.x = build_input(&b, IC_U8, 1, 1, 0, 0);
    s.w = build_const(&b, IC_S8, 4, w);
    s.bias = build_const(&b, IC_S32, 4, bias);
    s.scale = build_const(&b, IC_F32, 4, scale);
    s.y = build_output(&b, IC_U8, 1, 4, 0, 0);
    s.zy = 10;
    s.q_hi = 255;
    build_step(&b, IC_STEP_CONTRACT, &s);
    REQUIRE(run(x, y));
    CHECK_EQ_INT(y[0], 12);  /* 2.5 -> 2 */
    CHECK_EQ_INT(y[1], 13);  /* 3 */
    CHECK_EQ_INT(y[2], 14);  /* 3.5 -> 4 */
    CHECK_EQ_INT(y[3], 255); /* 502.5, clamped */
}

/* float16 storage: 2049 lies between 2048 and 2050 and rounds to the even one; 70000 overflows and is counted. */
TEST(float16_rounds_on_store_and_counts_overflow)
{
    struct ic_diag d = {0};
    struct ic_sim *sim = NULL;
    const float x[2] = {2049, 70000};
    uint16_t y[2];
    const void *inputs[] = {x};
    void *outputs[] = {y};
    build_start(&b);
    const struct ic_step_convert s = {
        .x = build_input(&b, IC_F32, 2, 0, 0, 0), .y = build_output(&b, IC_F16, 2, 0, 0, 0), .count = 2};
    build_step(&b, IC_STEP_CONVERT, &s);
    REQUIRE(ic_program_check(&b.p, &d) == IC_OK && ic_sim_create(&b.p, &sim, &d) == IC_OK);
    REQUIRE(ic_sim_run(sim, inputs, outputs, NULL, NULL, &d) == IC_OK);
    CHECK_EQ_INT(y[0], 0x6800);
    CHECK_EQ_INT(y[1], 0x7C00);
    CHECK_EQ_INT(ic_sim_events(sim, 0)->f16_overflows, 1);
    ic_sim_destroy(sim);
}

TEST(average_pool_counts_as_told)
{
    const float x[4] = {1, 2, 3, 6};
    float y[1];
    for (uint32_t count_pad = 0; count_pad < 2; count_pad++) {
        build_start(&b);
        struct ic_step_pool s = {.op = IC_POOL_AVG,
                                 .n = 1,
                                 .ih = 2,
                                 .iw = 2,
                                 .c = 1,
                                 .oh = 1,
                                 .ow = 1,
                                 .kh = 3,
                                 .kw = 3,
                                 .stride_h = 1,
                                 .stride_w = 1,
                                 .dilation_h = 1,
                                 .dilation_w = 1,
                                 .pad_top = 1,
                                 .pad_left = 1,
                                 .count_pad = count_pad};
        s.x = build_input(&b, IC_F32, 1, 2, 2, 1);
        s.y = build_output(&b, IC_F32, 1, 1, 1, 1);
        build_step(&b, IC_STEP_POOL, &s);
        REQUIRE(run(x, y));
        CHECK(y[0] == (count_pad ? 12.0f / 9.0f : 3.0f));
    }
}

TEST(transposes_and_broadcasts)
{
    const float x[6] = {0, 1, 2, 10, 11, 12}, wanted[6] = {0, 10, 1, 11, 2, 12};
    float y[6];
    build_start(&b);
    const struct ic_step_copy s = {.x = build_input(&b, IC_F32, 2, 3, 0, 0),
                                   .y = build_output(&b, IC_F32, 3, 2, 0, 0),
                                   .element_bytes = 4,
                                   .rank = 2,
                                   .dims = {3, 2, 1, 1, 1, 1, 1, 1},
                                   .x_stride = {1, 3},
                                   .y_stride = {2, 1}};
    build_step(&b, IC_STEP_COPY, &s);
    REQUIRE(run(x, y));
    CHECK_EQ_MEM(y, wanted, sizeof y);
    build_start(&b);
    const struct ic_step_zip z = {.x1 = build_input(&b, IC_F32, 2, 3, 0, 0),
                                  .x2 = 1,
                                  .y = build_output(&b, IC_F32, 2, 3, 0, 0),
                                  .op = IC_ZIP_SUB,
                                  .rank = 2,
                                  .dims = {2, 3, 1, 1, 1, 1, 1, 1},
                                  .stride1 = {3, 1},
                                  .stride2 = {3, 0}};
    build_step(&b, IC_STEP_ZIP, &z);
    REQUIRE(run(x, y));
    const float differences[6] = {0, 1, 2, 0, 1, 2}; /* less the first of its row */
    CHECK_EQ_MEM(y, differences, sizeof y);
}

TEST(softmax_sums_to_one_and_agrees_with_double)
{
    const float x[3] = {1, 2, 4};
    float y[3];
    double sum = 0;
    build_start(&b);
    const struct ic_step_softmax s = {
        .x = build_input(&b, IC_F32, 3, 0, 0, 0), .y = build_output(&b, IC_F32, 3, 0, 0, 0), .outer = 1, .count = 3, .inner = 1};
    build_step(&b, IC_STEP_SOFTMAX, &s);
    REQUIRE(run(x, y));
    for (int i = 0; i < 3; i++)
        sum += exp((double)x[i]);
    for (int i = 0; i < 3; i++)
        CHECK_NEAR(y[i], exp((double)x[i]) / sum, 2e-7);
}

/* Four partial sums change the order of additions: 2^24 + 1 + 1 + 1 ... is lost in one chain, kept in four. */
TEST(partial_sums_take_their_order)
{
    float w[8] = {1, 1, 1, 1, 1, 1, 1, 1}, y[1];
    const float x[8] = {16777216, 1, 1, 1, 1, 1, 1, 1};
    for (uint32_t partials = 1; partials <= 4; partials += 3) {
        build_start(&b);
        struct ic_step_contract s = build_linear(1, 8, 1);
        s.partials = partials;
        s.x = build_input(&b, IC_F32, 1, 8, 0, 0);
        s.w = build_const(&b, IC_F32, 8, w);
        s.y = build_output(&b, IC_F32, 1, 1, 0, 0);
        build_step(&b, IC_STEP_CONTRACT, &s);
        REQUIRE(run(x, y));
        /* one chain: each 1 is a tie to even and lost. Four: (2^24 + 1 lost, 2, 2, 2): (2^24 + 2) + (2 + 2) */
        CHECK(y[0] == (partials == 1 ? 16777216.0f : 16777222.0f));
    }
}

TEST(denormals_count_as_zero)
{
    const float x[2] = {0x1p-130f, 0x1p-126f};
    float y[2];
    build_start(&b);
    const struct ic_step_map s = {.x = build_input(&b, IC_F32, 2, 0, 0, 0),
                                  .y = build_output(&b, IC_F32, 2, 0, 0, 0),
                                  .count = 2,
                                  .fn = IC_MAP_AFFINE,
                                  .a = 0.5f,
                                  .b = 0.0f};
    build_step(&b, IC_STEP_MAP, &s);
    REQUIRE(run(x, y));
    CHECK(y[0] == 0.0f && y[1] == 0.0f); /* 2^-127 is tiny too */
}

TEST_MAIN()
