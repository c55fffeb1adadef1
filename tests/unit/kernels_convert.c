/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md 7.3, 7.5, 7.6, 7.7 on numbers worked out by hand: conversions, integer sums and averages, moves of bits.
 */
#include "every_kernel.h"

static void convert(uint32_t from, const void *x, uint32_t to, const void *want, int32_t count, const struct ic_step_convert *how)
{
    struct ic_step_convert s = *how;
    uint8_t y[256];
    uint64_t copy[32];
    const struct ic_tensor tensors[] = {{0}, {.dtype = from}, {.dtype = to}};
    memcpy(copy, x, (size_t)count * ic_dtype_bytes((enum ic_dtype)from));
    void *const ptr[] = {NULL, copy, y};
    s.x = 1;
    s.y = 2;
    s.count = count;
    run_every_kernel(IC_STEP_CONVERT, &s, tensors, ptr, y, (size_t)count * ic_dtype_bytes((enum ic_dtype)to), want);
}

static const struct ic_step_convert plain = {0};

TEST(casts)
{
    const float inf = ic_f32_from_bits(0x7F800000u), nan = ic_f32_from_bits(0xFFC00000u);
    const float x[] = {1.9f, -1.9f, 300.0f, -300.0f, nan, inf, -inf, 0.5f, -0.0f, 3e9f};
    const uint8_t as_u8[] = {1, 0, 255, 0, 0, 255, 0, 0, 0, 255}, as_bool[] = {1, 1, 1, 1, 1, 1, 1, 1, 0, 1};
    const int8_t as_s8[] = {1, -1, 127, -128, 0, 127, -128, 0, 0, 127};
    const int32_t as_s32[] = {1, -1, 300, -300, 0, INT32_MAX, INT32_MIN, 0, 0, INT32_MAX};
    const int64_t as_s64[] = {1, -1, 300, -300, 0, INT64_MAX, INT64_MIN, 0, 0, 3000000000};
    convert(IC_F32, x, IC_U8, as_u8, 10, &plain);
    convert(IC_F32, x, IC_S8, as_s8, 10, &plain);
    convert(IC_F32, x, IC_S32, as_s32, 10, &plain);
    convert(IC_F32, x, IC_S64, as_s64, 10, &plain);
    convert(IC_F32, x, IC_BOOL, as_bool, 10, &plain);
    const int64_t wide[] = {(int64_t)1 << 40, -5, 200, 16777217, -16777219};
    const int16_t as_s16[] = {0, -5, 200, 1, -3}; /* modulo 2^16 */
    const float as_f32[] = {0x1p40f, -5.0f, 200.0f, 16777216.0f, -16777220.0f};
    convert(IC_S64, wide, IC_S16, as_s16, 5, &plain);
    convert(IC_S64, wide, IC_F32, as_f32, 5, &plain);
}

TEST(floats)
{
    const uint32_t x[] = {0x3F800000, 0x00000001, 0x807FFFFF, 0xFFC12345, 0x477FF000,
                          0x33000001, 0x3F801000, 0x3F803000, 0x80000000};
    const uint16_t halves[] = {0x3C00, 0x0000, 0x8000, 0x7E00, 0x7C00, 0x0001, 0x3C00, 0x3C02, 0x8000};
    const uint32_t same[] = {0x3F800000, 0x00000000, 0x80000000, 0x7FC00000, 0x477FF000,
                             0x33000001, 0x3F801000, 0x3F803000, 0x80000000};
    const uint16_t h[] = {0x0001, 0x8001, 0x7C00, 0xFE77, 0x3555, 0x03FF, 0x0400, 0xFBFF, 0x8000};
    const uint32_t widened[] = {0x33800000, 0xB3800000, 0x7F800000, 0x7FC00000, 0x3EAAA000,
                                0x387FC000, 0x38800000, 0xC77FE000, 0x80000000};
    convert(IC_F32, x, IC_F16, halves, 9, &plain);
    convert(IC_F32, x, IC_F32, same, 9, &plain);
    convert(IC_F16, h, IC_F32, widened, 9, &plain);
}

TEST(codes)
{
    const struct ic_step_convert to_u8 = {.m = 2.0f, .z_out = 10, .q_lo = 0, .q_hi = 255}, from_u8 = {.m = 0.5f, .z_in = 10},
                                 recode = {.m = 0.5f, .z_in = 10, .z_out = -3, .q_lo = -128, .q_hi = 100};
    const float x[] = {0.25f, 0.75f, -5.5f, 1000.0f, 0.0f};
    const uint8_t q[] = {10, 12, 0, 255, 10}; /* 0.5 -> 0, 1.5 -> 2, -11 + 10 clamped at -10 */
    convert(IC_F32, x, IC_U8, q, 5, &to_u8);
    const float back[] = {0.0f, 1.0f, -5.0f, 122.5f, 0.0f};
    convert(IC_U8, q, IC_F32, back, 5, &from_u8);
    const int8_t again[] = {-3, -2, -8, 100, -3};
    convert(IC_U8, q, IC_S8, again, 5, &recode);
}

TEST(integer_sums)
{
    uint8_t x1[9] = {10, 11, 13, 0, 255, 10, 10, 10, 10}, x2[9] = {20, 20, 20, 0, 255, 21, 22, 23, 24}, y[9];
    struct ic_step_zip s = {.x1 = 1,
                            .x2 = 2,
                            .y = 3,
                            .mode = IC_ARITH_S32,
                            .op = IC_ZIP_ADD,
                            .rank = 1,
                            .dims = {9, 1, 1, 1, 1, 1, 1, 1},
                            .stride1 = {1},
                            .stride2 = {1},
                            .m1 = 0.5f,
                            .m2 = 0.25f,
                            .z1 = 10,
                            .z2 = 20,
                            .zy = 100,
                            .q_hi = 255};
    const struct ic_tensor tensors[] = {{0}, {.dtype = IC_U8}, {.dtype = IC_U8}, {.dtype = IC_U8}};
    void *const ptr[] = {NULL, x1, x2, y};
    /* t1/2 + t2/4: 0, 0.5, 1.5, -5-5, 122.5+58.75, 0.25, 0.5, 0.75, 1 */
    run_every_kernel(IC_STEP_ZIP, &s, tensors, ptr, y, 9, (const uint8_t[]){100, 100, 102, 90, 255, 100, 100, 101, 101});
    s.op = IC_ZIP_SUB;
    run_every_kernel(IC_STEP_ZIP, &s, tensors, ptr, y, 9, (const uint8_t[]){100, 100, 102, 100, 164, 100, 100, 99, 99});
    s.op = IC_ZIP_MUL; /* t1 * t2 / 2: 0 0 0 100 -> 245 * 235 / 2 clamped */
    run_every_kernel(IC_STEP_ZIP, &s, tensors, ptr, y, 9, (const uint8_t[]){100, 100, 100, 200, 255, 100, 100, 100, 100});
}

/* 7.5: what an average divides by, in floats and codes. A 2x2 picture of one channel, 3x3 windows, one row of padding all around. */
TEST(averages)
{
    float x[4] = {1.0f, 2.0f, 3.0f, 6.0f}, y[4];
    uint8_t q[4] = {14, 16, 18, 24}, z[4];
    struct ic_step_pool s = {.x = 1,
                             .y = 2,
                             .op = IC_POOL_AVG,
                             .n = 1,
                             .ih = 2,
                             .iw = 2,
                             .c = 1,
                             .oh = 2,
                             .ow = 2,
                             .kh = 3,
                             .kw = 3,
                             .stride_h = 1,
                             .stride_w = 1,
                             .dilation_h = 1,
                             .dilation_w = 1,
                             .pad_top = 1,
                             .pad_left = 1,
                             .pad_bottom = 1,
                             .pad_right = 1};
    const struct ic_tensor floats[] = {{0}, {.dtype = IC_F32}, {.dtype = IC_F32}},
                           codes[] = {{0}, {.dtype = IC_U8}, {.dtype = IC_U8}};
    void *const ptr[] = {NULL, x, y}, *const code_ptr[] = {NULL, q, z};
    run_every_kernel(IC_STEP_POOL, &s, floats, ptr, y, sizeof y, (const float[]){3.0f, 3.0f, 3.0f, 3.0f}); /* 12 / 4 */
    s.count_pad = 1;
    const float ninths = 0x1.555556p+0f; /* 12 / 9 */
    run_every_kernel(IC_STEP_POOL, &s, floats, ptr, y, sizeof y, (const float[]){ninths, ninths, ninths, ninths});
    s.divisor = 8;
    run_every_kernel(IC_STEP_POOL, &s, floats, ptr, y, sizeof y, (const float[]){1.5f, 1.5f, 1.5f, 1.5f});
    s.mode = IC_ARITH_S32;
    s.mul = 2.0f;
    s.zx = 12;
    s.zy = 5;
    s.q_hi = 255;
    run_every_kernel(IC_STEP_POOL, &s, codes, code_ptr, z, sizeof z,
                     (const uint8_t[]){11, 11, 11, 11}); /* 72 - 4 * 12 = 24; 24 * (2 / 8) = 6 */
    s.divisor = 0;
    s.count_pad = 0;
    run_every_kernel(IC_STEP_POOL, &s, codes, code_ptr, z, sizeof z, (const uint8_t[]){17, 17, 17, 17}); /* 24 * (2 / 4) = 12 */
    s.op = IC_POOL_MAX;
    s.q_hi = 20;
    run_every_kernel(IC_STEP_POOL, &s, codes, code_ptr, z, sizeof z, (const uint8_t[]){20, 20, 20, 20});
}

/* 7.6 */
TEST(moves)
{
    const struct ic_tensor tensors[] = {{0}, {.dtype = IC_F32}, {.dtype = IC_F32}};
    uint32_t x[6] = {0x00000001, 0xFFC12345, 3, 4, 5, 6}, y[6];
    void *const ptr[] = {NULL, x, y};
    const struct ic_step_copy transpose = {
        .x = 1, .y = 2, .element_bytes = 4, .rank = 2, .dims = {3, 2, 1, 1, 1, 1, 1, 1}, .x_stride = {1, 3}, .y_stride = {2, 1}};
    run_every_kernel(IC_STEP_COPY, &transpose, tensors, ptr, y, sizeof y,
                     (const uint32_t[]){1, 4, 0xFFC12345, 5, 3, 6}); /* denormal and NaN keep their bits */
    const struct ic_step_copy flip = {.x = 1,
                                      .y = 2,
                                      .element_bytes = 4,
                                      .rank = 1,
                                      .x_offset = 5,
                                      .dims = {6, 1, 1, 1, 1, 1, 1, 1},
                                      .x_stride = {-1},
                                      .y_stride = {1}};
    run_every_kernel(IC_STEP_COPY, &flip, tensors, ptr, y, sizeof y, (const uint32_t[]){6, 5, 4, 3, 0xFFC12345, 1});
    const struct ic_step_fill fill = {.y = 2, .element_bytes = 2, .count = 12, .bits = 0xABCD1234};
    run_every_kernel(IC_STEP_FILL, &fill, tensors, ptr, y, sizeof y,
                     (const uint32_t[]){0x12341234, 0x12341234, 0x12341234, 0x12341234, 0x12341234, 0x12341234});
    uint8_t codes[4] = {0, 1, 128, 255}, table[256], out[4];
    void *const lut_ptr[] = {NULL, codes, table, out};
    const struct ic_tensor lut_tensors[] = {{0}, {.dtype = IC_S8}, {.dtype = IC_U8}, {.dtype = IC_U8}};
    const struct ic_step_lut lut = {.x = 1, .table = 2, .y = 3, .count = 4};
    for (int i = 0; i < 256; i++)
        table[i] = (uint8_t)(255 - i);
    run_every_kernel(IC_STEP_LUT, &lut, lut_tensors, lut_ptr, out, 4, (const uint8_t[]){255, 254, 127, 0});
}

TEST_MAIN()
