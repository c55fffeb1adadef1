/* SPDX-License-Identifier: Apache-2.0
 *
 * Packing of weights: there and back for odd sizes, groups, depthwise and every element type; where an element must stand by the formula of
 * docs/program.md, worked out by hand for one small matrix; what stands in the padding.
 */
#include "testing.h"

#include "kernels/kernel.h"
#include "targets/target.h"

#include <string.h>

static const int8_t small[6] = {1, 2, 3, 4, 5, 6}; /* 2 rows of 3 */

/* oc_block 4, k_block 2: two column blocks, each 4 rows of 2; rows 2 and 3 and column 3 are padding. */
static const int8_t small_packed[16] = {1, 2, 4, 5, 0, 0, 0, 0, 3, 0, 6, 0, 0, 0, 0, 0};

struct one_step {
    struct ic_step_contract args;
    struct ic_step step;
    struct ic_tensor tensors[4];
};

static void make_step(struct one_step *s, enum ic_dtype dtype, int32_t oc, int32_t ic, int32_t groups, int32_t kernel)
{
    memset(s, 0, sizeof *s);
    s->args = (struct ic_step_contract){.x = 1,
                                        .w = 2,
                                        .y = 3,
                                        .mode = dtype == IC_S8 ? IC_ARITH_S32 : IC_ARITH_F32,
                                        .n = 1,
                                        .ih = 8,
                                        .iw = 8,
                                        .ic = ic,
                                        .oh = 8,
                                        .ow = 8,
                                        .oc = oc,
                                        .kh = kernel,
                                        .kw = kernel,
                                        .stride_h = 1,
                                        .stride_w = 1,
                                        .dilation_h = 1,
                                        .dilation_w = 1,
                                        .groups = groups,
                                        .x_pitch = ic,
                                        .y_pitch = oc,
                                        .partials = 1,
                                        .oc_block = 1,
                                        .k_block = 1};
    s->tensors[2].dtype = dtype;
    s->step = (struct ic_step){.kind = IC_STEP_CONTRACT, .args = &s->args};
}

TEST(one_matrix_by_hand)
{
    struct one_step s;
    struct ic_writer w = {0};
    struct ic_diag d = {0};
    make_step(&s, IC_S8, 2, 3, 1, 1);
    s.args.oc_block = 4;
    s.args.k_block = 2;
    CHECK_EQ_INT(ic_target_find("generic")->backend->pack(&s.step, s.tensors, small, &w, &d), IC_OK);
    REQUIRE(w.size_bytes == sizeof small_packed);
    CHECK_EQ_MEM(w.bytes, small_packed, sizeof small_packed);
    ic_writer_destroy(&w);
}

static void check_round_trip(const struct ic_target *t, enum ic_dtype dtype, int32_t oc, int32_t ic, int32_t groups, int32_t kernel)
{
    static uint8_t plain[1 << 16], back[1 << 16];
    struct one_step s;
    struct ic_writer w = {0};
    struct ic_diag d = {0};
    make_step(&s, dtype, oc, ic, groups, kernel);
    const size_t bytes = (size_t)oc * (size_t)(ic / groups * kernel * kernel) * ic_dtype_bytes(dtype);
    REQUIRE(bytes <= sizeof plain);
    for (size_t i = 0; i < bytes; i++)
        plain[i] = (uint8_t)(1 + i * 7 % 255); /* never 0, so that padding and elements cannot be confused */
    memset(back, 0xEE, sizeof back);
    t->backend->lower(t, &s.step, s.tensors);
    CHECK(s.args.oc_block >= 1 && s.args.oc_block <= 64 && s.args.k_block >= 1 && s.args.k_block <= 64);
    CHECK_EQ_INT(t->backend->pack(&s.step, s.tensors, plain, &w, &d), IC_OK);
    const int depthwise = groups == ic && ic == oc;
    const size_t k = (size_t)(ic / groups * kernel * kernel);
    const size_t wanted = depthwise ? ic_packed_elements(oc, (int32_t)k, s.args.oc_block, s.args.k_block)
                                    : (size_t)groups * ic_packed_elements(oc / groups, (int32_t)k, s.args.oc_block, s.args.k_block);
    CHECK_EQ_INT(w.size_bytes, wanted * ic_dtype_bytes(dtype));
    size_t zeros = 0;
    for (size_t i = 0; i < w.size_bytes; i++)
        zeros += w.bytes[i] == 0;
    CHECK_EQ_INT(zeros, w.size_bytes - bytes);
    CHECK_EQ_INT(t->backend->unpack(&s.step, s.tensors, w.bytes, w.size_bytes, back, &d), IC_OK);
    CHECK_EQ_MEM(plain, back, bytes);
    CHECK_EQ_INT(back[bytes], 0xEE);
    CHECK_EQ_INT(t->backend->unpack(&s.step, s.tensors, w.bytes, w.size_bytes - 1, back, &d), IC_ERR_INTERNAL);
    ic_writer_destroy(&w);
}

TEST(every_target_there_and_back)
{
    static const int32_t shapes[][4] = {{10, 784, 1, 1}, {1, 1, 1, 1}, {17, 3, 1, 3},   {16, 16, 1, 1}, {7, 5, 1, 5},
                                        {12, 8, 4, 3},   {6, 6, 6, 3}, {33, 33, 33, 5}, {10, 4, 2, 2},  {8, 4, 4, 3}};
    static const enum ic_dtype dtypes[] = {IC_F32, IC_F16, IC_S8};
    for (size_t t = 0; ic_target_at(t); t++)
        for (size_t k = 0; k < sizeof dtypes / sizeof *dtypes; k++)
            for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
                check_round_trip(ic_target_at(t), dtypes[k], shapes[i][0], shapes[i][1], shapes[i][2], shapes[i][3]);
}

/* A packing that no fast kernel takes would run, slowly. */
TEST(fast_kernels_take_what_their_target_packs)
{
    static const struct {
        enum ic_dtype x, w;
        int32_t oc, ic, groups, kernel;
    } cases[] = {{IC_F32, IC_F32, 10, 784, 1, 1}, {IC_F16, IC_F16, 10, 784, 1, 1}, {IC_F32, IC_F32, 17, 3, 1, 3},
                 {IC_F16, IC_F16, 64, 64, 1, 3},  {IC_F32, IC_F32, 33, 33, 33, 3}, {IC_F16, IC_F16, 32, 32, 32, 3},
                 {IC_U8, IC_S8, 10, 784, 1, 1},   {IC_U8, IC_S8, 17, 3, 1, 3},     {IC_U8, IC_S8, 33, 33, 33, 3}};
    const struct ic_target *t = ic_target_host();
    if (!t->cpu_flags)
        SKIP("this machine's target has no fast kernels yet");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct one_step s;
        make_step(&s, cases[i].w, cases[i].oc, cases[i].ic, cases[i].groups, cases[i].kernel);
        s.args.bias = 0;
        s.args.q_hi = 255;
        s.tensors[1].dtype = s.tensors[3].dtype = cases[i].x;
        t->backend->lower(t, &s.step, s.tensors);
        const char *name = ic_kernel_pick(&s.step, s.tensors, t->cpu_flags)->name;
        if (!CHECK(strcmp(name, "contract_ref") != 0))
            printf("  %s, case %zu\n", t->name, i);
    }
}

TEST(rows_of_the_table)
{
    CHECK_EQ_STR(ic_target_at(0)->name, "generic");
    REQUIRE(ic_target_find("RV1109") != NULL);
    CHECK_EQ_STR(ic_target_find("RV1109")->cpu, "Cortex-A7");
    CHECK_EQ_INT(ic_target_find("rv1109")->cores, 2);
    CHECK_EQ_INT(ic_target_find("rv1126")->cores, 4);
    CHECK(strstr(ic_target_find("rv1109")->note, "NPU") && strstr(ic_target_find("rv1109")->note, "not used yet"));
    CHECK(ic_target_find("rv1109 ") == NULL);
    CHECK(ic_target_find("") == NULL);
    CHECK(ic_target_host() != NULL);
    for (size_t i = 0; ic_target_at(i); i++) {
        CHECK(ic_target_find(ic_target_at(i)->name) == ic_target_at(i));
        CHECK(strlen(ic_target_at(i)->name) < sizeof((struct ic_program *)0)->target);
    }
}

TEST(slips_find_the_nearest_name)
{
    static const char *const slips[][2] = {{"rv1019", "mean 'rv1109'"},
                                           {"rv-1126", "mean 'rv1126'"},
                                           {"cortexa7", "mean 'cortex-a7'"},
                                           {"x86_64", "mean 'x86-64'"},
                                           {"riscv", "mean 'riscv64'"},
                                           {"RISCV64GC", "mean 'riscv64'"},
                                           {"cortex_a76", "mean 'cortex-a76'"},
                                           {"rv1106", "take 'cortex-a7'"},
                                           {"RK3588", "take 'cortex-a76'"},
                                           {"cortex-a55", "take 'cortex-a76'"},
                                           {"x86", "mean 'x86-64'"},
                                           {"", "chip (known: generic, rv1109"},
                                           {"qqqqqqqq", "chip (known: generic, rv1109"}};
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        struct ic_diag d = {0};
        const struct ic_target *t = NULL;
        CHECK_EQ_INT(ic_target_want("--target", slips[i][0], &t, &d), IC_ERR_TARGET);
        CHECK(t == NULL && strstr(d.text, slips[i][1]));
        CHECK(strstr(d.text, "cortex-a76, x86-64, riscv64)"));
    }
    for (size_t i = 0; ic_target_at(i); i++) {
        struct ic_diag d = {0};
        const struct ic_target *t = NULL;
        CHECK_EQ_INT(ic_target_want("--target", ic_target_at(i)->name, &t, &d), IC_OK);
        CHECK(t == ic_target_at(i));
    }
}

TEST_MAIN()
