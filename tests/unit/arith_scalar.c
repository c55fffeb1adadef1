/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md section 2 and 4.2: single operations against exact fractions, flushing, NaN, minimum and maximum, the tree.
 */
#include "arith/float_ops.h"
#include "arith_golden.h"

static float bits(uint32_t u)
{
    return ic_f32_from_bits(u);
}

/* 2.1, 2.6: add, sub, mul, div and fma equal exact fractions rounded once, the corner below 2^-126 included, on every CPU. */
TEST(fma_exact)
{
    size_t n_bytes = 0;
    uint8_t *golden = golden_read("ops.bin", &n_bytes);
    if (!golden)
        return;
    const struct ic_float_mode old = ic_float_mode_enter();
    int n_wrong = 0;
    for (size_t i = 0; i + 20 <= n_bytes && n_wrong < 10; i += 20) {
        const uint32_t op = golden_u32(golden + i), want = golden_u32(golden + i + 16);
        const float a = bits(golden_u32(golden + i + 4)), b = bits(golden_u32(golden + i + 8)),
                    c = bits(golden_u32(golden + i + 12));
        const float y = op == 0   ? ic_add_f(a, b)
                        : op == 1 ? ic_sub_f(a, b)
                        : op == 2 ? ic_mul_f(a, b)
                        : op == 3 ? ic_div_f(a, b)
                                  : ic_fma(a, b, c);
        const uint32_t got = ic_f32_bits(ic_canonical(y));
        if (got != want) {
            printf("operation %u of %08x %08x %08x: %08x, want %08x\n", (unsigned)op, (unsigned)golden_u32(golden + i + 4),
                   (unsigned)golden_u32(golden + i + 8), (unsigned)golden_u32(golden + i + 12), (unsigned)got, (unsigned)want);
            n_wrong++;
        }
    }
    ic_float_mode_leave(old);
    CHECK(n_bytes > 60000);
    CHECK_EQ_INT(n_wrong, 0);
    free(golden);
}

/* 2.1: (2^-125 - 2^-149) / 2 lies half an ulp below 2^-126 and would round up to it: tiny, so zero. One ulp more is 2^-126 exactly. */
TEST(fma_corner)
{
    const struct ic_float_mode old = ic_float_mode_enter();
    volatile float below = bits(0x00FFFFFF), half = 0.5f; /* volatile: a compiler computes constants in its own mode */
    CHECK_EQ_INT(ic_f32_bits(ic_fma(below, half, 0.0f)), 0);
    CHECK_EQ_INT(ic_f32_bits(ic_fma(-below, half, 0.0f)), 0x80000000u);
    CHECK_EQ_INT(ic_f32_bits(ic_mul_f(below, half)), 0);
    volatile float a = bits(0x20000400), b = bits(0x1FFFF800); /* 2^-126 - 2^-152: x86's own instruction gives 2^-126 */
    CHECK_EQ_INT(ic_f32_bits(ic_fma(a, b, 0.0f)), 0);
    CHECK_EQ_INT(ic_f32_bits(ic_mul_f(-a, b)), 0x80000000u);
    below = bits(0x01000000);
    CHECK_EQ_INT(ic_f32_bits(ic_fma(below, half, 0.0f)), 0x00800000);
    ic_float_mode_leave(old);
}

TEST(flush)
{
    CHECK_EQ_INT(ic_f32_bits(ic_flush(bits(0x00000001))), 0);
    CHECK_EQ_INT(ic_f32_bits(ic_flush(bits(0x807FFFFF))), 0x80000000u);
    CHECK_EQ_INT(ic_f32_bits(ic_flush(bits(0x00800000))), 0x00800000);
    CHECK_EQ_INT(ic_f32_bits(ic_flush(bits(0x7F800000))), 0x7F800000);
    CHECK_EQ_INT(ic_f32_bits(ic_flush(bits(0xFF812345))), 0x7FC00000);
}

TEST(canonical)
{
    CHECK_EQ_INT(ic_f32_bits(ic_canonical(bits(0xFFC00000))), 0x7FC00000);
    CHECK_EQ_INT(ic_f32_bits(ic_canonical(bits(0x7F800001))), 0x7FC00000);
    CHECK_EQ_INT(ic_f32_bits(ic_canonical(bits(0xFF800000))), 0xFF800000u);
    CHECK_EQ_INT(ic_f32_bits(ic_canonical(-0.0f)), 0x80000000u);
}

TEST(max_min)
{
    const float nan = bits(0xFFC00001);
    CHECK_EQ_INT(ic_f32_bits(ic_max(-0.0f, 0.0f)), 0);
    CHECK_EQ_INT(ic_f32_bits(ic_max(0.0f, -0.0f)), 0);
    CHECK_EQ_INT(ic_f32_bits(ic_max(-0.0f, -0.0f)), 0x80000000u);
    CHECK_EQ_INT(ic_f32_bits(ic_min(0.0f, -0.0f)), 0x80000000u);
    CHECK_EQ_INT(ic_f32_bits(ic_min(-0.0f, 0.0f)), 0x80000000u);
    CHECK_EQ_INT(ic_f32_bits(ic_max(nan, 1.0f)), 0x7FC00000);
    CHECK_EQ_INT(ic_f32_bits(ic_min(1.0f, nan)), 0x7FC00000);
    CHECK_EQ_INT(ic_f32_bits(ic_max(-1.0f, 2.0f)), 0x40000000);
    CHECK_EQ_INT(ic_f32_bits(ic_min(-1.0f, 2.0f)), 0xBF800000u);
}

/* 2.2: arithmetic of the caller is as before, and denormals are back. */
TEST(mode_is_restored)
{
    volatile float tiny = bits(0x00000003);
    const struct ic_float_mode old = ic_float_mode_enter();
    const uint32_t inside = ic_f32_bits(ic_add_f(tiny, 0.0f));
    ic_float_mode_leave(old);
    volatile float twice = tiny * 2.0f;
    const float copy = twice;
    CHECK_EQ_INT(inside, 0);
    CHECK_EQ_INT(ic_f32_bits(copy), 6);
}

/* 4.2: s[i] += s[i + half]. With 2^24 the order shows: ((2^24 + 1) + (-2^24 + 1)) in tree order (0,2),(1,3). */
TEST(tree)
{
    float four[4] = {0x1p24f, 1.0f, -0x1p24f, 1.0f};
    CHECK(ic_sum_tree(four, 4) == 2.0f); /* (2^24 - 2^24) + (1 + 1); from left to right it would be 1 */
    float sixteen[16] = {0};
    for (int i = 0; i < 16; i++)
        sixteen[i] = (float)(i + 1);
    CHECK(ic_sum_tree(sixteen, 16) == 136.0f);
    float one[1] = {3.0f};
    CHECK(ic_sum_tree(one, 1) == 3.0f);
    float swapped[4] = {0x1p24f, -0x1p24f, 1.0f, 1.0f};
    CHECK(ic_sum_tree(swapped, 4) == 1.0f); /* (2^24 + 1 -> 2^24) + (-2^24 + 1 -> -16777215) */
}

TEST_MAIN()
