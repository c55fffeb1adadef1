/* SPDX-License-Identifier: Apache-2.0 */
#include "testing.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/checked.h"
#include "base/status.h"

TEST(the_first_failure_stays)
{
    struct ic_diag d = {0};
    CHECK_EQ_INT(ic_fail(&d, IC_ERR_MODEL, "byte %d: %s", 7, "bad"), IC_ERR_MODEL);
    CHECK_EQ_INT(ic_fail(&d, IC_ERR_IO, "later"), IC_ERR_IO);
    CHECK_EQ_STR(d.text, "byte 7: bad");
    CHECK_EQ_INT(d.status, IC_ERR_MODEL);
    ic_diag_clear(&d);
    CHECK_EQ_INT(d.status, IC_OK);
    CHECK_EQ_STR(d.text, "");
    CHECK_EQ_INT(ic_fail(NULL, IC_ERR_ARG, "nobody listens"), IC_ERR_ARG);
}

TEST(a_long_message_ends_at_a_character)
{
    struct ic_diag d = {0};
    char text[IC_DIAG_TEXT_BYTES + 16];
    for (int shift = 0; shift < 3; shift++) {
        memset(text, 'a', (size_t)shift);
        for (size_t i = (size_t)shift; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "\xe2\x82\xac", 4); /* the euro sign */
        ic_diag_clear(&d);
        ic_fail(&d, IC_ERR_MODEL, "%s", text);
        const size_t n = strlen(d.text);
        CHECK(n > IC_DIAG_TEXT_BYTES - 5 && n < IC_DIAG_TEXT_BYTES);
        CHECK_EQ_INT((n - (size_t)shift) % 3, 0);
    }
}

static void keep_line(void *user, char level, const char *text)
{
    snprintf(user, 64, "%c %s", level, text);
}

TEST(lines_reach_the_log)
{
    char line[64] = "";
    const struct ic_log log = {keep_line, line};
    struct ic_diag d = {.log = &log};
    ic_say(&d, 'W', "%d blank", 3);
    CHECK_EQ_STR(line, "W 3 blank");
    d.log = NULL;
    ic_say(&d, 'W', "dropped");
    ic_say(NULL, 'W', "dropped");
    CHECK_EQ_STR(line, "W 3 blank");
}

TEST(status_names)
{
    CHECK_EQ_STR(ic_status_name(IC_OK), "IC_OK");
    CHECK_EQ_STR(ic_status_name(IC_ERR_DEVICE), "IC_ERR_DEVICE");
    CHECK_EQ_STR(ic_status_name((enum ic_status)16), "IC_ERR_?");
}

TEST(arena_blocks_are_zero_aligned_and_apart)
{
    struct ic_arena a = {0};
    uint8_t *blocks[300];
    for (size_t i = 0; i < 300; i++) {
        const size_t n = 1 + i * i % 20000;
        blocks[i] = ic_arena_alloc(&a, n);
        REQUIRE(blocks[i] != NULL);
        CHECK_EQ_INT((uintptr_t)blocks[i] % 16, 0);
        for (size_t k = 0; k < n; k++)
            if (!CHECK(blocks[i][k] == 0))
                return;
        memset(blocks[i], (int)(i + 1) & 0xFF, n);
    }
    for (size_t i = 0; i < 300; i++) {
        const size_t n = 1 + i * i % 20000;
        CHECK_EQ_INT(blocks[i][0], (i + 1) & 0xFF);
        CHECK_EQ_INT(blocks[i][n - 1], (i + 1) & 0xFF);
    }
    ic_arena_destroy(&a);
    CHECK_EQ_INT(a.total_bytes, 0);
    CHECK(ic_arena_alloc(&a, 8) != NULL); /* usable again */
    ic_arena_destroy(&a);
}

TEST(arena_refuses_what_cannot_be)
{
    struct ic_arena a = {.limit_bytes = 1024};
    CHECK(ic_arena_array(&a, SIZE_MAX / 2, 3) == NULL);
    CHECK(ic_arena_alloc(&a, SIZE_MAX) == NULL);
    CHECK(ic_arena_aligned(&a, SIZE_MAX - 8, 64) == NULL);
    CHECK(ic_arena_alloc(&a, 1000) != NULL);
    CHECK(ic_arena_alloc(&a, 32) == NULL);
    CHECK(ic_arena_alloc(&a, 16) != NULL);
    CHECK_EQ_INT(a.total_bytes, 1024);
    ic_arena_destroy(&a);
}

TEST(arena_texts_and_alignment)
{
    struct ic_arena a = {0};
    CHECK_EQ_STR(ic_arena_text(&a, "abcdef", 3), "abc");
    CHECK_EQ_STR(ic_arena_printf(&a, "%s-%d", "x", 42), "x-42");
    CHECK_EQ_STR(ic_arena_copy(&a, "copy", 5), "copy");
    for (size_t align = 1; align <= 4096; align *= 2)
        CHECK_EQ_INT((uintptr_t)ic_arena_aligned(&a, 3, align) % align, 0);
    ic_arena_destroy(&a);
}

TEST(aligned_memory)
{
    for (size_t align = 1; align <= 65536; align *= 2) {
        uint8_t *p = ic_malloc_aligned(100, align);
        REQUIRE(p != NULL);
        CHECK_EQ_INT((uintptr_t)p % align, 0);
        memset(p, 1, 100);
        ic_free_aligned(p);
    }
    ic_free_aligned(NULL);
    CHECK(ic_malloc_aligned(SIZE_MAX - 10, 64) == NULL);
    CHECK(ic_calloc(SIZE_MAX / 2, 4) == NULL);
}

TEST(checked_sizes)
{
    size_t z = 0;
    int64_t i = 0;
    CHECK(!ic_mul_size(SIZE_MAX / 2 + 1, 2, &z));
    CHECK(ic_mul_size(SIZE_MAX / 2, 2, &z) && z == SIZE_MAX - 1);
    CHECK(!ic_add_size(SIZE_MAX, 1, &z));
    CHECK(!ic_mul_i64(INT64_MIN, -1, &i));
    CHECK(!ic_add_i64(INT64_MAX, 1, &i));
    CHECK_EQ_INT(ic_round_up(0, 64), 0);
    CHECK_EQ_INT(ic_round_up(1, 64), 64);
    CHECK_EQ_INT(ic_round_up(64, 64), 64);
}

TEST(reading_stops_at_the_end)
{
    static const uint8_t bytes[] = {1, 2, 0, 3, 0, 0, 0, 0, 0, 0x80, 0x3f, 9};
    struct ic_reader r = ic_reader_on(bytes, sizeof bytes, "thing");
    struct ic_diag d = {0};
    uint8_t b = 0;
    uint16_t h = 0;
    uint32_t w = 0;
    uint64_t q = 0;
    float f = 0;
    r.base_offset = 100;
    CHECK(ic_read_u8(&r, &b, &d) == IC_OK && b == 1);
    CHECK(ic_read_u16(&r, &h, &d) == IC_OK && h == 2);
    CHECK(ic_read_u32(&r, &w, &d) == IC_OK && w == 3);
    CHECK(ic_read_f32(&r, &f, &d) == IC_OK && f == 1.0f);
    CHECK_EQ_INT(ic_reader_left(&r), 1);
    CHECK_EQ_INT(ic_read_u64(&r, &q, &d), IC_ERR_CORRUPT);
    CHECK_EQ_STR(d.text, "thing: byte 111: 8 more bytes needed, 1 left: the file is cut short");
    CHECK_EQ_INT(ic_reader_left(&r), 1);
    const uint8_t *span = NULL;
    CHECK(ic_read_skip(&r, SIZE_MAX, NULL) != IC_OK);
    CHECK(ic_read_span(&r, 1, &span, NULL) == IC_OK && *span == 9);
    CHECK(ic_read_span(&r, 0, &span, NULL) == IC_OK);
}

TEST(writing_what_reading_reads)
{
    struct ic_writer w = {0};
    ic_write_u8(&w, 0xAB);
    ic_write_align(&w, 8);
    CHECK_EQ_INT(w.size_bytes, 8);
    ic_write_u16(&w, 0x1234);
    ic_write_u32(&w, 0xDEADBEEF);
    ic_write_u64(&w, UINT64_C(0x0123456789ABCDEF));
    ic_write_f32(&w, -2.5f);
    ic_write_text(&w, "%0300d", 7); /* longer than any buffer on a stack */
    ic_patch_u32(&w, 0, 5);
    ic_patch_u32(&w, w.size_bytes - 3, 5); /* does not fit: nothing happens */
    REQUIRE(!w.failed);
    CHECK_EQ_INT(w.size_bytes, 8 + 2 + 4 + 8 + 4 + 300);
    static const uint8_t wanted[] = {5,    0,    0,    0,    0,    0,    0,    0,    0x34, 0x12, 0xEF, 0xBE, 0xAD,
                                     0xDE, 0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01, 0,    0,    0x20, 0xC0};
    CHECK_EQ_MEM(w.bytes, wanted, sizeof wanted);
    CHECK_EQ_MEM(w.bytes + w.size_bytes - 3, "007", 3);
    ic_writer_destroy(&w);
    ic_write_zeros(&w, SIZE_MAX - 4);
    CHECK(w.failed);
    ic_write_u8(&w, 1);
    CHECK(w.failed);
    ic_writer_destroy(&w);
}

/* "123456789" is the check value every description of CRC-32 gives; the other two are zlib's. */
TEST(crc32)
{
    CHECK_EQ_INT(ic_crc32(0, "", 0), 0);
    CHECK_EQ_INT(ic_crc32(0, "123456789", 9), 0xCBF43926);
    static uint8_t bytes[10000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    CHECK_EQ_INT(ic_crc32(0, bytes, 1000), 0x668F073D);
    CHECK_EQ_INT(ic_crc32(0, bytes, 10000), 0xA8A50E01);
    for (size_t cut = 0; cut < sizeof bytes; cut += 617) /* long, short and both */
        CHECK_EQ_INT(ic_crc32(ic_crc32(0, bytes, cut), bytes + cut, sizeof bytes - cut), 0xA8A50E01);
}

TEST_MAIN()
