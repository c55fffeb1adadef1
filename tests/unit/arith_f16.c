/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md section 6: all 65536 halves, and rounding at and around every kind of boundary.
 */
#include "arith/arith.h"
#include "arith_golden.h"
#include "base/bytes.h"

TEST(every_half_widens_as_elsewhere)
{
    static uint8_t all[65536 * 4];
    size_t n_bytes = 0;
    uint8_t *golden = golden_read("halves.bin", &n_bytes);
    if (!golden)
        return;
    for (uint32_t h = 0; h < 65536; h++) {
        const uint32_t u = ic_f32_bits(ic_f16_to_f32((uint16_t)h));
        for (uint32_t b = 0; b < 4; b++)
            all[4 * h + b] = (uint8_t)(u >> (8 * b));
    }
    CHECK_EQ_INT(n_bytes, 4);
    CHECK_EQ_INT(ic_crc32(0, all, sizeof all), golden_u32(golden));
    CHECK_EQ_INT(ic_f32_bits(ic_f16_to_f32(0x0001)), 0x33800000);  /* 2^-24 */
    CHECK_EQ_INT(ic_f32_bits(ic_f16_to_f32(0xFBFF)), 0xC77FE000u); /* -65504 */
    CHECK_EQ_INT(ic_f32_bits(ic_f16_to_f32(0xFE01)), 0x7FC00000);
    free(golden);
}

TEST(every_half_survives_a_round_trip)
{
    for (uint32_t h = 0; h < 65536; h++) {
        const bool nan = (h & 0x7FFF) > 0x7C00;
        CHECK_EQ_INT(ic_f32_to_f16(ic_f16_to_f32((uint16_t)h)), nan ? 0x7E00 : (long long)h);
    }
}

TEST(rounding_to_half)
{
    size_t n_bytes = 0;
    uint8_t *golden = golden_read("to_half.bin", &n_bytes);
    if (!golden)
        return;
    for (size_t i = 0; i + 8 <= n_bytes; i += 8)
        if (!CHECK_EQ_INT(ic_f32_to_f16(ic_f32_from_bits(golden_u32(golden + i))), golden_u32(golden + i + 4)))
            printf("of %08x\n", (unsigned)golden_u32(golden + i));
    CHECK(n_bytes > 20000);
    free(golden);
}

TEST_MAIN()
