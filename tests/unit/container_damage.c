/* SPDX-License-Identifier: Apache-2.0
 *
 * The model file: written, read back, cut at every length, changed at every byte, with and without the checksums made right again.
 */
#include "container/container.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>

static struct ic_writer file;

static void write_file(void)
{
    struct ic_diag d = {0};
    static const uint8_t graph[] = "graph",
                         program[] = "program bytes, some more than sixty-four of them so that two lines are used up";
    const struct ic_section sections[] = {
        {.kind = IC_SECTION_GRAPH, .bytes = graph, .size_bytes = sizeof graph},
        {.kind = IC_SECTION_PROGRAM, .bytes = program, .size_bytes = sizeof program},
        {.kind = IC_SECTION_PROGRAM, .index = 1, .bytes = graph, .size_bytes = 0},
    };
    ic_writer_destroy(&file);
    CHECK(ic_container_write(sections, 3, &file, &d) == IC_OK);
}

static enum ic_status open_bytes(const void *bytes, size_t n, struct ic_container *c, struct ic_diag *d)
{
    *d = (struct ic_diag){0};
    return ic_container_open(bytes, n, true, c, d);
}

TEST(sections_come_back_aligned)
{
    struct ic_container c;
    struct ic_diag d;
    write_file();
    REQUIRE(open_bytes(file.bytes, file.size_bytes, &c, &d) == IC_OK);
    CHECK_EQ_INT(c.n_sections, 3);
    const struct ic_section *s = ic_container_find(&c, IC_SECTION_PROGRAM, 0);
    REQUIRE(s != NULL);
    CHECK_EQ_STR((const char *)s->bytes + 8, "bytes, some more than sixty-four of them so that two lines are used up");
    CHECK_EQ_INT((s->bytes - file.bytes) % 64, 0);
    CHECK(ic_container_find(&c, IC_SECTION_PROGRAM, 2) == NULL);
    CHECK(ic_container_find(&c, IC_SECTION_JSON, 0) == NULL);
}

TEST(the_same_sections_give_the_same_bytes)
{
    write_file();
    uint8_t *first = malloc(file.size_bytes);
    const size_t n = file.size_bytes;
    memcpy(first, file.bytes, n);
    write_file();
    CHECK_EQ_INT(file.size_bytes, n);
    CHECK_EQ_MEM(first, file.bytes, n);
    free(first);
}

TEST(every_truncation_is_refused)
{
    struct ic_container c;
    struct ic_diag d;
    write_file();
    for (size_t n = 0; n < file.size_bytes; n++) {
        CHECK(open_bytes(file.bytes, n, &c, &d) != IC_OK);
        CHECK(d.text[0] != '\0');
    }
}

TEST(every_changed_bit_is_found)
{
    struct ic_container c;
    struct ic_diag d;
    write_file();
    for (size_t i = 0; i < file.size_bytes * 8; i++) {
        file.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
        CHECK(open_bytes(file.bytes, file.size_bytes, &c, &d) != IC_OK);
        file.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    CHECK(open_bytes(file.bytes, file.size_bytes, &c, &d) == IC_OK);
}

/* The header's checksum made right again: what is left to find are offsets, sizes, kinds and gaps. */
TEST(changed_tables_with_right_checksums_stay_inside_the_file)
{
    struct ic_container c;
    struct ic_diag d;
    int n_refused = 0;
    write_file();
    for (size_t i = 0; i < (64 + 3 * 32) * 8; i++) {
        file.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
        uint8_t saved[4];
        memcpy(saved, file.bytes + 24, 4);
        uint32_t crc = ic_crc32(0, file.bytes, 24);
        crc = ic_crc32(crc, file.bytes + 64, 3 * 32);
        ic_patch_u32(&file, 24, crc);
        if (open_bytes(file.bytes, file.size_bytes, &c, &d) == IC_OK) {
            for (uint32_t k = 0; k < c.n_sections; k++) {
                CHECK(c.sections[k].bytes >= file.bytes);
                CHECK(c.sections[k].bytes + c.sections[k].size_bytes <= file.bytes + file.size_bytes);
            }
        } else {
            n_refused++;
        }
        memcpy(file.bytes + 24, saved, 4);
        file.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    CHECK(n_refused > 700);
}

/* First bytes as the vendor's files have them. */
TEST(other_peoples_files_are_named)
{
    static const struct {
        uint8_t head[40];
        const char *word;
        enum ic_status status;
    } files[] = {
        {{'R', 'K', 'N', 'N', 0, 0, 0, 0, 1}, "RKNN-Toolkit 1", IC_ERR_VENDOR},
        {{'R', 'K', 'N', 'N', 0, 0, 0, 0, 2, [0x20] = '{'}, "RKNN-Toolkit 1", IC_ERR_VENDOR}, /* no body, a description at once */
        {{'R', 'K', 'N', 'N', 0, 0, 0, 0, 2, [0x10] = 0x80, 0x22}, "RKNN-Toolkit 2", IC_ERR_VENDOR},
        {{'R', 'K', 'N', 'N', 0, 0, 0, 0, 6}, "RKNN-Toolkit 2", IC_ERR_VENDOR},
        {{'C', 'Y', 'P', 'T', 'R', 'K', 'N', 'N'}, "encrypted", IC_ERR_VENDOR},
        {{'V', 'P', 'M', 'N', 0x0E, 0, 1, 0}, "VeriSilicon", IC_ERR_VENDOR},
        {{'P', 'K', 3, 4}, "not an inchip model", IC_ERR_FORMAT},
    };
    struct ic_container c;
    struct ic_diag d;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        CHECK_EQ_INT(open_bytes(files[i].head, sizeof files[i].head, &c, &d), files[i].status);
        CHECK(strstr(d.text, files[i].word) != NULL);
        CHECK(strstr(d.text, "inchip convert") != NULL);
    }
}

TEST(a_newer_version_is_named)
{
    struct ic_container c;
    struct ic_diag d;
    write_file();
    ic_patch_u32(&file, 8, 9);
    CHECK(open_bytes(file.bytes, file.size_bytes, &c, &d) == IC_ERR_ABI);
    CHECK(strstr(d.text, "version 9") != NULL);
    ic_writer_destroy(&file);
}

TEST_MAIN()
