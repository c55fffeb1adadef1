/* SPDX-License-Identifier: Apache-2.0
 *
 * Flags, shapes and numbers of the command line; the nearest word. The transcripts of tests/cli show them at work.
 */
#include "testing.h"

#include "cli/cli.h"

#include "src/cli/args.c" /* the command line is no library */

static enum ic_status parse_shape(const char *text, struct ic_import_input *out)
{
    static struct ic_arena arena;
    struct ic_diag d = {0};
    return ic_cli_parse_input(text, out, &arena, &d);
}

TEST(shapes_with_and_without_name_and_type)
{
    struct ic_import_input in;
    REQUIRE(parse_shape("x=1x784", &in) == IC_OK);
    CHECK_EQ_STR(in.name, "x");
    CHECK_EQ_INT(in.rank, 2);
    CHECK_EQ_INT(in.dims[1], 784);
    REQUIRE(parse_shape("1,3,224,224:uint8", &in) == IC_OK);
    CHECK_EQ_STR(in.name, "");
    CHECK_EQ_INT(in.rank, 4);
    CHECK_EQ_INT(in.dtype, IC_U8);
    REQUIRE(parse_shape("x=1x784 ", &in) == IC_OK);
    CHECK_EQ_INT(in.rank, 2);
    REQUIRE(parse_shape("a=b=7", &in) == IC_OK); /* a name may hold what a shape cannot */
    CHECK_EQ_STR(in.name, "a=b");
}

TEST(what_is_no_shape_is_refused)
{
    static const char *const bad[] = {"x=0x3", "x=-1",   "x=1x2;3", "x=99999999999999999999", "1x2:quux",
                                      "x=abc", "1x784x", "1x784,",  "x=1x2147483648",         "1x1x1x1x1x1x1x1x1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ic_import_input in;
        if (!CHECK(parse_shape(bad[i], &in) == IC_ERR_ARG))
            printf("  accepted: %s\n", bad[i]);
    }
}

TEST(numbers_are_finite_and_few)
{
    struct ic_arena arena = {0};
    struct ic_diag d = {0};
    float *numbers = NULL;
    int32_t n = 0;
    REQUIRE(ic_cli_parse_numbers("--mean", "127.5, -1e3 0.25", &numbers, &n, &arena, &d) == IC_OK);
    CHECK_EQ_INT(n, 3);
    CHECK(numbers[0] == 127.5f && numbers[1] == -1000.0f && numbers[2] == 0.25f);
    static const char *const bad[] = {"nan", "1,inf", "1,,x", "abc"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(ic_cli_parse_numbers("--mean", bad[i], &numbers, &n, &arena, &d) == IC_ERR_ARG);
    ic_arena_destroy(&arena);
}

TEST(the_nearest_word_or_none)
{
    static const char *const words[] = {"convert", "compare", "check", NULL};
    CHECK_EQ_STR(ic_cli_nearest("convret", words), "convert");
    CHECK_EQ_STR(ic_cli_nearest("chek", words), "check");
    CHECK(ic_cli_nearest("zzzzzzzz", words) == NULL);
    CHECK(ic_cli_nearest("", words) == NULL);
}

TEST(flags_take_values_both_ways_and_the_last_counts)
{
    const char *text = NULL, *path = NULL;
    int number = 0, n = 0;
    bool flag = false;
    struct ic_diag d = {0};
    const struct ic_arg args[] = {{"--text", "-t", IC_ARG_TEXT, &text, "T", ""},
                                  {"--number", NULL, IC_ARG_INT, &number, "N", ""},
                                  {"--flag", NULL, IC_ARG_FLAG, &flag, NULL, ""},
                                  {0}};
    char *good[] = {"--text=a", "file", "-t", "b", "--number", "7", "--flag"};
    REQUIRE(ic_cli_parse(7, good, args, &path, 1, &n, &d) == IC_OK);
    CHECK_EQ_STR(text, "b");
    CHECK_EQ_STR(path, "file");
    CHECK_EQ_INT(number, 7);
    CHECK(flag);
    static char *bad[][2] = {{"--text", NULL}, {"--number=7.5", NULL}, {"--flag=1", NULL}, {"--nubmer", NULL}, {"a", "b"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(ic_cli_parse(bad[i][1] ? 2 : 1, bad[i], args, &path, 1, &n, &d) == IC_ERR_ARG);
}

TEST_MAIN()
