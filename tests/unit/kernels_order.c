/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md section 4 and 7 on numbers worked out by hand, where another order of the same sum gives another result: with 2^24 and 1,
 * what is added when decides. Run on the reference and on every kernel of this machine that fits.
 */
#include "every_kernel.h"
#include "program_builder.h"

/* Fully connected, one output that matters in a block of 16 or 8. */
static void check_dot(const float *x, int32_t k, uint32_t partials, float bias, float want)
{
    for (uint32_t oc_block = 1; oc_block <= 16; oc_block *= 2) {
        static float w[64 * 16], y[1];
        struct ic_step_contract s = build_linear(1, k, 1);
        s.x = 1;
        s.w = 2;
        s.bias = 3;
        s.y = 4;
        s.partials = partials;
        s.oc_block = oc_block;
        const struct ic_tensor tensors[] = {{0}, {.dtype = IC_F32}, {.dtype = IC_F32}, {.dtype = IC_F32}, {.dtype = IC_F32}};
        memset(w, 0, sizeof w);
        for (int32_t i = 0; i < k; i++)
            w[ic_packed_index(0, i, k, oc_block, 1)] = 1.0f;
        float x_copy[64], bias_copy[1] = {bias};
        memcpy(x_copy, x, (size_t)k * sizeof *x);
        void *const ptr[] = {NULL, x_copy, w, bias_copy, y};
        run_every_kernel(IC_STEP_CONTRACT, &s, tensors, ptr, y, sizeof *y, &want);
    }
}

/* 4.1, 4.2 */
TEST(partial_sums)
{
    const float four[] = {0x1p24f, 1.0f, -0x1p24f, 1.0f};
    check_dot(four, 4, 1, 0.0f, 1.0f);  /* 2^24 + 1 is 2^24; - 2^24; + 1 */
    check_dot(four, 4, 4, 0.0f, 2.0f);  /* (2^24 - 2^24) + (1 + 1) */
    check_dot(four, 4, 16, 0.0f, 2.0f); /* the tree first adds zeros, then again 0 + 2 and 1 + 3 */
}

/* 4.1: the bias starts sum 0, it is not added at the end. */
TEST(bias_comes_first)
{
    const float x[] = {1.0f, 1.0f};
    check_dot(x, 2, 1, 0x1p24f, 0x1p24f); /* (2^24 + 1) + 1 stays 2^24; added last it would be 2^24 + 2 */
    const float late[] = {0.0f, 1.0f, 0.0f, 1.0f, 1.0f};
    check_dot(late, 5, 4, 0x1p24f, 0x1p24f + 2.0f); /* sum 0: 2^24 + 1 = 2^24; tree: (2^24 + 0) + (1 + 1) */
}

/* 4.1: k mod partials, not blocks of k: sums (2^24, -2^24), (1, 1), (0), (0). */
TEST(strided_partials)
{
    const float x[] = {0x1p24f, 1.0f, 0.0f, 0.0f, -0x1p24f, 1.0f, 0.0f, 0.0f};
    check_dot(x, 8, 4, 0.0f, 2.0f);
    check_dot(x, 8, 1, 0.0f, 1.0f);
}

/* 4.3: a tap in the padding is +0 * w: it turns a sum of -0 into +0 unless w is negative. */
TEST(padding_takes_part)
{
    float x[1] = {1.0f}, w[2] = {1.0f, -1.0f}, bias[2] = {-0.0f, -0.0f}, y[2 * 9];
    struct ic_step_contract s = build_linear(1, 1, 2);
    s.x = 1;
    s.w = 2;
    s.bias = 3;
    s.y = 4;
    s.oh = s.ow = 3;
    s.pad_top = s.pad_left = 1;
    const struct ic_tensor tensors[] = {{0}, {.dtype = IC_F32}, {.dtype = IC_F32}, {.dtype = IC_F32}, {.dtype = IC_F32}};
    void *const ptr[] = {NULL, x, w, bias, y};
    float want[18];
    for (int i = 0; i < 9; i++) {
        want[2 * i] = i == 4 ? 1.0f : 0.0f;
        want[2 * i + 1] = i == 4 ? -1.0f : -0.0f;
    }
    run_every_kernel(IC_STEP_CONTRACT, &s, tensors, ptr, y, 18 * sizeof *y, want);
}

static void check_reduce(uint32_t op, int32_t count, int32_t inner, const float *line, float want)
{
    static float x[64 * 64], y[64], wants[64];
    const struct ic_step_reduce s = {.x = 1, .y = 2, .op = op, .outer = 1, .count = count, .inner = inner};
    const struct ic_tensor tensors[] = {{0}, {.dtype = IC_F32}, {.dtype = IC_F32}};
    void *const ptr[] = {NULL, x, y};
    for (int32_t i = 0; i < count; i++)
        for (int32_t k = 0; k < inner; k++)
            x[i * inner + k] = line[i];
    for (int32_t k = 0; k < inner; k++)
        wants[k] = want;
    run_every_kernel(IC_STEP_REDUCE, &s, tensors, ptr, y, (size_t)inner * sizeof *y, wants);
}

/* 4.5: sixteen strided sums: 2^24 and -2^24 meet first; from left to right the ones between would be lost (result 15). */
TEST(reductions)
{
    float x[32];
    for (int i = 0; i < 32; i++)
        x[i] = i == 0 ? 0x1p24f : i == 16 ? -0x1p24f : 1.0f;
    check_reduce(IC_REDUCE_SUM, 32, 1, x, 30.0f);
    check_reduce(IC_REDUCE_SUM, 32, 37, x, 30.0f);
    const float five[3] = {2.0f, 2.0f, 1.0f}; /* 5 * (1/3 as float); 5 / 3 would be 0x1.aaaaaap+0 */
    check_reduce(IC_REDUCE_MEAN, 3, 1, five, 0x1.aaaaacp+0f);
    check_reduce(IC_REDUCE_MEAN, 3, 40, five, 0x1.aaaaacp+0f);
    const float signs[2] = {-0.0f, 0.0f};
    check_reduce(IC_REDUCE_MAX, 2, 1, signs, 0.0f);
    check_reduce(IC_REDUCE_MIN, 2, 1, signs, -0.0f);
    check_reduce(IC_REDUCE_SUM, 1, 1, signs, 0.0f); /* +0 + -0 */
    const float factors[3] = {0x1p100f, 0x1p100f, 0x1p-100f};
    check_reduce(IC_REDUCE_PROD, 3, 1, factors, ic_f32_from_bits(0x7F800000u)); /* ascending: overflows first */
}

/* 7.8 */
TEST(softmax)
{
    const float inf = ic_f32_from_bits(0x7F800000u), nan = ic_f32_from_bits(0x7FC00000u);
    float x[4], y[4];
    struct ic_step_softmax s = {.x = 1, .y = 2, .outer = 1, .count = 4, .inner = 1};
    const struct ic_tensor tensors[] = {{0}, {.dtype = IC_F32}, {.dtype = IC_F32}};
    void *const ptr[] = {NULL, x, y};
    const float cases[][2][4] = {{{3.0f, 3.0f, 3.0f, 3.0f}, {0.25f, 0.25f, 0.25f, 0.25f}},
                                 {{1000.0f, -1000.0f, -inf, 1000.0f}, {0.5f, 0.0f, 0.0f, 0.5f}},
                                 {{-inf, -inf, -inf, -inf}, {nan, nan, nan, nan}},
                                 {{1.0f, nan, 2.0f, 3.0f}, {nan, nan, nan, nan}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memcpy(x, cases[i][0], sizeof x);
        run_every_kernel(IC_STEP_SOFTMAX, &s, tensors, ptr, y, 4 * sizeof *y, cases[i][1]);
    }
    s.log = 1;
    s.count = 1;
    x[0] = -7.0f;
    run_every_kernel(IC_STEP_SOFTMAX, &s, tensors, ptr, y, sizeof *y, (const float[]){0.0f});
}

TEST(matmul_partials)
{
    float a[8] = {0x1p24f, 1.0f, 0.0f, 0.0f, -0x1p24f, 1.0f, 0.0f, 0.0f}, b[8], y[1];
    struct ic_step_matmul s = {
        .x1 = 1, .x2 = 2, .y = 3, .batch = 1, .m = 1, .n = 1, .k = 8, .x1_m = 8, .x1_k = 1, .x2_k = 1, .x2_n = 1, .partials = 4};
    const struct ic_tensor tensors[] = {{0}, {.dtype = IC_F32}, {.dtype = IC_F32}, {.dtype = IC_F32}};
    void *const ptr[] = {NULL, a, b, y};
    for (int i = 0; i < 8; i++)
        b[i] = 1.0f;
    run_every_kernel(IC_STEP_MATMUL, &s, tensors, ptr, y, sizeof *y, (const float[]){2.0f});
    s.partials = 1;
    run_every_kernel(IC_STEP_MATMUL, &s, tensors, ptr, y, sizeof *y, (const float[]){1.0f});
}

TEST_MAIN()
