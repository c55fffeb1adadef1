/* SPDX-License-Identifier: Apache-2.0
 *
 * One number over the bits of every scalar function on adversarial operands: denormals, around 2^-126, NaN, Inf, -0, halfway cases, and random
 * bits. The same program runs natively and under emulators, so an ISA whose bits differ fails here. The numbers come from x86-64 and were
 * confirmed on ARMv7, AArch64 and RISC-V; correctness of the operations themselves is arith_scalar's and arith_elementary's business. They
 * change only when an elementary function is changed, which changes the numeric profile.
 */
#include "arith/elementary.h"
#include "arith/float_ops.h"
#include "base/bytes.h"
#include "testing.h"

static const uint32_t adversarial[] = {
    0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007FFFFF, 0x807FFFFF, 0x00800000, 0x80800000, 0x00800001, 0x00FFFFFF,
    0x01000000, 0x3F7FFFFF, 0x3F800000, 0x3F800001, 0xBF800000, 0x3F000000, 0x3EFFFFFF, 0x40490FDB, 0x42B17217, 0x42B17218,
    0xC2AEAC4F, 0xC2AEAC50, 0xC2CFF1B5, 0x4B000000, 0x4B7FFFFF, 0xCB000001, 0x477FEFFF, 0x477FF000, 0x33000000, 0x33000001,
    0x387FE000, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC12345, 0x7F800001};
#define HASH_MAPS 0xdb34df9bu
#define HASH_ZIPS 0xb4f24342u
#define HASH_FUSED 0xf9b6c253u
#define HASH_INTEGERS 0xa51e1616u
#define HASH_DOUBLES 0xdf2aa777u
enum { N_ADVERSARIAL = sizeof adversarial / sizeof *adversarial, N = 4000 };

static float operand(uint32_t *state, int i)
{
    *state = *state * 1664525u + 1013904223u;
    uint32_t u = *state ^ *state >> 15;
    if (i < N_ADVERSARIAL)
        u = adversarial[i];
    else if (i % 3 == 0)
        u = (u & 0x807FFFFFu) | (115 + (u >> 24) % 24) << 23;
    return ic_flush(ic_f32_from_bits(u)); /* as a step loads it */
}

static void add(uint32_t *crc, uint32_t u)
{
    const uint8_t bytes[4] = {(uint8_t)u, (uint8_t)(u >> 8), (uint8_t)(u >> 16), (uint8_t)(u >> 24)};
    *crc = ic_crc32(*crc, bytes, sizeof bytes);
}

TEST(maps)
{
    uint32_t crc = 0, state = 1;
    const struct ic_float_mode old = ic_float_mode_enter();
    for (int fn = 0; fn < IC_MAP_COUNT; fn++)
        for (int i = 0; i < N; i++)
            add(&crc, ic_f32_bits(ic_canonical(ic_map_eval((enum ic_map_fn)fn, operand(&state, i), -0.7f, 1.3f))));
    ic_float_mode_leave(old);
    CHECK_EQ_INT(crc, HASH_MAPS);
}

TEST(zips)
{
    uint32_t crc = 0, state = 2;
    const struct ic_float_mode old = ic_float_mode_enter();
    for (int fn = 0; fn < IC_ZIP_COUNT; fn++) {
        for (int i = 0; i < N_ADVERSARIAL; i++)
            for (int k = 0; k < N_ADVERSARIAL; k++)
                add(&crc, ic_f32_bits(ic_canonical(ic_zip_eval((enum ic_zip_fn)fn, operand(&state, i), operand(&state, k)))));
        for (int i = N_ADVERSARIAL; i < N; i++) {
            const float x1 = operand(&state, i),
                        x2 = operand(&state, i); /* one after the other: the order of arguments is not defined */
            add(&crc, ic_f32_bits(ic_canonical(ic_zip_eval((enum ic_zip_fn)fn, x1, x2))));
        }
    }
    ic_float_mode_leave(old);
    CHECK_EQ_INT(crc, HASH_ZIPS);
}

TEST(fused)
{
    uint32_t crc = 0, state = 3;
    const struct ic_float_mode old = ic_float_mode_enter();
    for (int i = 0; i < N_ADVERSARIAL; i++)
        for (int j = 0; j < N_ADVERSARIAL; j++)
            for (int k = 0; k < N_ADVERSARIAL; k++)
                add(&crc, ic_f32_bits(ic_canonical(ic_fma(operand(&state, i), operand(&state, j), operand(&state, k)))));
    ic_float_mode_leave(old);
    CHECK_EQ_INT(crc, HASH_FUSED);
}

TEST(integers_and_halves)
{
    uint32_t crc = 0, state = 4;
    const struct ic_float_mode old = ic_float_mode_enter();
    for (int i = 0; i < 4 * N; i++) {
        const float scale = ic_f32_from_bits(0x3A000000u + (uint32_t)i * 40503u % 0x05000000u);
        state = state * 1664525u + 1013904223u;
        const int32_t acc = (int32_t)state >> (i % 24);
        add(&crc, (uint32_t)ic_requant(acc, scale, i % 256, 0, 255));
        add(&crc, (uint32_t)ic_requant64((int64_t)acc * 65537, scale, 0, -128, 127));
        add(&crc, (uint32_t)ic_quantize(operand(&state, i % N), scale, i % 256, 0, 255));
        add(&crc, ic_f32_to_f16(operand(&state, i % N)));
        add(&crc, ic_f32_bits(ic_f16_to_f32((uint16_t)state)));
    }
    ic_float_mode_leave(old);
    CHECK_EQ_INT(crc, HASH_INTEGERS);
}

TEST(doubles)
{
    uint32_t crc = 0;
    for (int i = -700; i <= 700; i++) {
        union {
            double f;
            uint64_t u;
        } e = {.f = ic_exp_f64(i * 0.37)}, l = {.f = ic_log_f64((i + 701) * 1.7)};
        add(&crc, (uint32_t)e.u);
        add(&crc, (uint32_t)(e.u >> 32));
        add(&crc, (uint32_t)l.u);
        add(&crc, (uint32_t)(l.u >> 32));
    }
    CHECK_EQ_INT(crc, HASH_DOUBLES);
}

TEST_MAIN()
