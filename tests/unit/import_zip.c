/* SPDX-License-Identifier: Apache-2.0 */
#include "import/zip.h"

#include "import_archive.h"
#include "testing.h"

struct opened {
    struct ic_arena arena;
    struct ic_zipfile zip;
    struct ic_diag d;
    enum ic_status status;
};

static void open_zip(struct opened *o, const struct archive *a)
{
    memset(o, 0, sizeof *o);
    o->status = ic_zipfile_open(a->file.bytes, a->file.size_bytes, 1u << 20, &o->arena, &o->zip, &o->d);
}

static struct archive two_members(int with_crc)
{
    struct archive a = {.with_crc = with_crc};
    archive_add(&a, "m/version", "3\n", 2);
    archive_add(&a, "m/data/0", "0123456789", 10);
    archive_end(&a);
    return a;
}

static void patch16(struct archive *a, size_t at, uint16_t v)
{
    a->file.bytes[at] = (uint8_t)v;
    a->file.bytes[at + 1] = (uint8_t)(v >> 8);
}

static size_t directory_at(const struct archive *a)
{
    return a->file.size_bytes - 22 - a->directory.size_bytes;
}

static int says(const struct opened *o, const char *word)
{
    return strstr(o->d.text, word) != NULL;
}

TEST(stored_members_are_lent_from_the_file)
{
    struct archive a = two_members(1);
    struct opened o;
    const uint8_t *bytes = NULL;
    open_zip(&o, &a);
    REQUIRE(o.status == IC_OK);
    CHECK_EQ_INT(o.zip.n_members, 2);
    struct ic_zipfile_member *m = ic_zipfile_find(&o.zip, "m/data/0");
    REQUIRE(m != NULL);
    CHECK_EQ_INT(ic_zipfile_read(&o.zip, m, 0, &bytes, &o.d), IC_OK);
    CHECK_EQ_MEM(bytes, "0123456789", 10);
    CHECK(bytes > a.file.bytes && bytes < a.file.bytes + a.file.size_bytes);
    CHECK(ic_zipfile_find(&o.zip, "m/data/1") == NULL);
    ic_arena_destroy(&o.arena);
    archive_free(&a);
}

static int n_warnings;
static void count_warnings(void *user, char level, const char *text)
{
    (void)user;
    (void)text;
    n_warnings += level == 'W';
}

TEST(a_checksum_that_is_there_must_fit_and_a_missing_one_is_said_once)
{
    struct archive a = two_members(1);
    struct opened o;
    const struct ic_log log = {.line = count_warnings};
    const uint8_t *bytes = NULL;
    a.file.bytes[30 + 9] ^= 1; /* the version's text */
    open_zip(&o, &a);
    REQUIRE(o.status == IC_OK);
    CHECK_EQ_INT(ic_zipfile_read(&o.zip, &o.zip.members[0], 0, &bytes, &o.d), IC_ERR_MODEL);
    CHECK(says(&o, "checksum"));
    ic_arena_destroy(&o.arena);
    archive_free(&a);
    a = two_members(0);
    open_zip(&o, &a);
    REQUIRE(o.status == IC_OK);
    o.d.log = &log;
    n_warnings = 0;
    for (size_t i = 0; i < 2; ++i)
        CHECK_EQ_INT(ic_zipfile_read(&o.zip, &o.zip.members[i], 0, &bytes, &o.d), IC_OK);
    CHECK_EQ_INT(n_warnings, 1);
    ic_arena_destroy(&o.arena);
    archive_free(&a);
}

/* Raw DEFLATE of 200 times 'x', made with zlib level 9. */
static const uint8_t packed[] = {0xab, 0xa8, 0x18, 0x1e, 0x00, 0x00};

TEST(deflated_members_are_inflated_once_and_their_size_must_fit)
{
    for (int wrong = 0; wrong < 3; ++wrong) {
        struct archive a = {0};
        struct opened o;
        const uint8_t *bytes = NULL, *again = NULL;
        archive_add(&a, "x", packed, sizeof packed);
        archive_end(&a);
        const size_t at = directory_at(&a);
        patch16(&a, 8, 8);
        patch16(&a, at + 10, 8);
        patch16(&a, at + 24, wrong == 1 ? 199 : wrong == 2 ? 201 : 200);
        open_zip(&o, &a);
        REQUIRE(o.status == IC_OK);
        const enum ic_status s = ic_zipfile_read(&o.zip, &o.zip.members[0], 0, &bytes, &o.d);
        CHECK_EQ_INT(s, wrong ? IC_ERR_MODEL : IC_OK);
        if (s == IC_OK) {
            CHECK(bytes[0] == 'x' && bytes[199] == 'x');
            CHECK_EQ_INT(ic_zipfile_read(&o.zip, &o.zip.members[0], 0, &again, &o.d), IC_OK);
            CHECK(again == bytes);
            CHECK_EQ_INT(ic_zipfile_read(&o.zip, &o.zip.members[0], 100, &again, &o.d), IC_ERR_LIMIT);
        }
        ic_arena_destroy(&o.arena);
        archive_free(&a);
    }
}

static void expect_refusal(struct archive *a, enum ic_status status, const char *word)
{
    struct opened o;
    open_zip(&o, a);
    if (!CHECK_EQ_INT(o.status, status) || !CHECK(says(&o, word)))
        printf("  \"%s\" without \"%s\"\n", o.d.text, word);
    ic_arena_destroy(&o.arena);
    archive_free(a);
}

TEST(encryption_and_other_methods_are_named)
{
    struct archive a = two_members(1);
    patch16(&a, directory_at(&a) + 8, 1);
    expect_refusal(&a, IC_ERR_UNSUPPORTED, "encrypted");
    a = two_members(1);
    patch16(&a, directory_at(&a) + 10, 12);
    expect_refusal(&a, IC_ERR_UNSUPPORTED, "method 12");
}

TEST(names_that_deceive_are_refused)
{
    static const char *const names[] = {"../x", "/etc/x", "a/../../x", "a\\..\\x"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        struct archive a = {0};
        archive_add(&a, names[i], "1", 1);
        archive_end(&a);
        expect_refusal(&a, IC_ERR_MODEL, "outside");
    }
    struct archive a = {0};
    archive_add(&a, "same", "1", 1);
    archive_add(&a, "same", "2", 1);
    archive_end(&a);
    expect_refusal(&a, IC_ERR_MODEL, "twice");
    a = two_members(1);
    a.file.bytes[directory_at(&a) + 46] = 0;
    expect_refusal(&a, IC_ERR_MODEL, "NUL");
    a = two_members(1);
    a.file.bytes[30] = 'n'; /* the local header says n/version */
    expect_refusal(&a, IC_ERR_MODEL, "another name");
}

TEST(sizes_and_offsets_stay_in_the_file)
{
    struct archive a = two_members(1);
    patch16(&a, directory_at(&a) + 20, 60000); /* packed and unpacked size of the stored version */
    patch16(&a, directory_at(&a) + 24, 60000);
    expect_refusal(&a, IC_ERR_MODEL, "60000");
    a = two_members(1);
    patch16(&a, directory_at(&a) + 24, 3);
    expect_refusal(&a, IC_ERR_MODEL, "sizes differ");
    a = two_members(1);
    patch16(&a, directory_at(&a) + 42, 7);
    expect_refusal(&a, IC_ERR_MODEL, "no local header");
    a = two_members(1);
    patch16(&a, a.file.size_bytes - 22 + 16, 65000);
    expect_refusal(&a, IC_ERR_MODEL, "outside");
    a = two_members(1);
    patch16(&a, a.file.size_bytes - 22 + 8, 5000);
    patch16(&a, a.file.size_bytes - 22 + 10, 5000);
    expect_refusal(&a, IC_ERR_MODEL, "5000");
    a = two_members(1);
    a.file.size_bytes -= 1;
    expect_refusal(&a, IC_ERR_MODEL, "cut off");
}

TEST(every_truncation_and_every_flipped_byte_is_survived)
{
    struct archive a = two_members(1);
    uint8_t *copy = malloc(a.file.size_bytes);
    for (size_t n = 0; n < a.file.size_bytes; ++n) {
        struct opened o = {0};
        CHECK(ic_zipfile_open(a.file.bytes, n, 1u << 20, &o.arena, &o.zip, &o.d) != IC_OK);
        ic_arena_destroy(&o.arena);
    }
    for (size_t n = 0; n < 8 * a.file.size_bytes; ++n) {
        struct opened o = {0};
        memcpy(copy, a.file.bytes, a.file.size_bytes);
        copy[n / 8] = (uint8_t)(copy[n / 8] ^ (1u << n % 8));
        if (ic_zipfile_open(copy, a.file.size_bytes, 1u << 20, &o.arena, &o.zip, &o.d) == IC_OK)
            for (size_t i = 0; i < o.zip.n_members; ++i) {
                const uint8_t *bytes = NULL;
                if (ic_zipfile_read(&o.zip, &o.zip.members[i], 0, &bytes, &o.d) == IC_OK)
                    CHECK(bytes >= copy && bytes + o.zip.members[i].size_bytes <= copy + a.file.size_bytes);
            }
        ic_arena_destroy(&o.arena);
    }
    free(copy);
    archive_free(&a);
}

TEST_MAIN()
