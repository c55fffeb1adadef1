/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md section 3: requantizing and quantizing against exact fractions and ties worked out by hand.
 */
#include "arith/arith.h"
#include "arith_golden.h"

TEST(requant_equals_fractions)
{
    size_t n_bytes = 0;
    uint8_t *golden = golden_read("requant.bin", &n_bytes);
    if (!golden)
        return;
    const struct ic_float_mode old = ic_float_mode_enter();
    int n_narrow = 0;
    for (size_t i = 0; i + 28 <= n_bytes; i += 28) {
        const int64_t acc = golden_s64(golden + i);
        const float scale = ic_f32_from_bits(golden_u32(golden + i + 8));
        const int32_t zero = (int32_t)golden_u32(golden + i + 12), lo = (int32_t)golden_u32(golden + i + 16),
                      hi = (int32_t)golden_u32(golden + i + 20), want = (int32_t)golden_u32(golden + i + 24);
        CHECK_EQ_INT(ic_requant64(acc, scale, zero, lo, hi), want);
        if (acc >= INT32_MIN && acc <= INT32_MAX) {
            CHECK_EQ_INT(ic_requant((int32_t)acc, scale, zero, lo, hi), want);
            n_narrow++;
        }
    }
    ic_float_mode_leave(old);
    CHECK(n_narrow > 1000);
    free(golden);
}

TEST(ties_to_even)
{
    CHECK_EQ_INT(ic_requant(1, 0.5f, 0, -128, 127), 0);   /* 0.5 */
    CHECK_EQ_INT(ic_requant(3, 0.5f, 0, -128, 127), 2);   /* 1.5 */
    CHECK_EQ_INT(ic_requant(5, 0.5f, 0, -128, 127), 2);   /* 2.5 */
    CHECK_EQ_INT(ic_requant(-1, 0.5f, 0, -128, 127), 0);  /* -0.5 */
    CHECK_EQ_INT(ic_requant(-3, 0.5f, 0, -128, 127), -2); /* -1.5 */
    CHECK_EQ_INT(ic_requant(3, 0.5f, 7, 0, 255), 9);      /* the tie is decided before the zero point is added */
    CHECK_EQ_INT(ic_requant(511, 0.5f, 0, 0, 255), 255);  /* 255.5: clamped first */
    CHECK_EQ_INT(ic_requant(INT32_MIN, 1.0f, 3, 0, 255), 0);
    CHECK_EQ_INT(ic_requant(INT32_MAX, 1.0f, 3, 0, 255), 255);
    CHECK_EQ_INT(ic_requant(16777217, 0x1p-24f, 0, 0, 255), 1); /* 2^24 + 1 becomes 2^24 when converted */
    CHECK_EQ_INT(ic_requant64((int64_t)1 << 40, 0x1p-33f, 0, 0, 255), 128);
}

TEST(quantize)
{
    const float inf = ic_f32_from_bits(0x7F800000u), nan = ic_f32_from_bits(0x7FC00000u);
    CHECK_EQ_INT(ic_quantize(0.5f, 1.0f, 10, 0, 255), 10);
    CHECK_EQ_INT(ic_quantize(1.5f, 1.0f, 10, 0, 255), 12);
    CHECK_EQ_INT(ic_quantize(-1.0f, 4.0f, 10, 0, 255), 6);
    CHECK_EQ_INT(ic_quantize(nan, 1.0f, 10, 0, 255), 10);
    CHECK_EQ_INT(ic_quantize(nan, 1.0f, 10, 20, 255), 20);
    CHECK_EQ_INT(ic_quantize(inf, 1.0f, 10, 0, 255), 255);
    CHECK_EQ_INT(ic_quantize(-inf, 1.0f, 10, 0, 255), 0);
    CHECK_EQ_INT(ic_quantize(1e30f, 1e30f, 0, -128, 127), 127);
}

TEST_MAIN()
