/* SPDX-License-Identifier: Apache-2.0
 *
 * The index of names that every importer reads with: found again, replaced, and as deep as the names are long, whatever they are.
 */
#include "testing.h"

#include "import/name_index.h"

static uint32_t number_of(const struct ic_name_index *x, const char *name)
{
    const uint32_t *found = ic_name_index_find(x, name);
    return found ? *found : UINT32_MAX;
}

TEST(names_are_found_again_and_replaced)
{
    static const char *const names[] = {"b",    "",     "a",     "ab", "abc",         "abd",        "\xff",
                                        "\x80", "\x7f", "a\x01", "aa", "conv.weight", "conv.weigh", "conv.weight2"};
    const uint32_t n = sizeof names / sizeof *names;
    struct ic_arena arena = {0};
    struct ic_name_index x = {0};
    CHECK(ic_name_index_find(&x, "") == NULL);
    for (uint32_t i = 0; i < n; i++) {
        CHECK(ic_name_index_find(&x, names[i]) == NULL);
        CHECK(ic_name_index_put(&x, &arena, names[i], 100 + i));
        for (uint32_t k = 0; k <= i; k++)
            CHECK_EQ_INT(number_of(&x, names[k]), 100 + k);
    }
    CHECK_EQ_INT(x.n, n);
    CHECK(ic_name_index_put(&x, &arena, "abc", 7));
    CHECK_EQ_INT(x.n, n);
    CHECK_EQ_INT(number_of(&x, "abc"), 7);
    CHECK_EQ_INT(number_of(&x, "abd"), 105);
    CHECK(ic_name_index_find(&x, "abcd") == NULL && ic_name_index_find(&x, "conv") == NULL);
    ic_arena_destroy(&arena);
}

/* Branches on the longest way down. */
static uint32_t depth_of(const struct ic_name_index *x, uint32_t at)
{
    if (!(at & IC_NAME_BRANCH))
        return 0;
    const struct ic_name_branch *b = &x->branches[at & ~IC_NAME_BRANCH];
    const uint32_t left = depth_of(x, b->to[0]), right = depth_of(x, b->to[1]);
    return 1 + (left > right ? left : right);
}

/* Names of five bytes: no order and no choice of them makes a way longer than their bits. */
TEST(no_choice_of_names_makes_it_slow)
{
    enum { N = 30000 };
    static char names[N][6];
    struct ic_arena arena = {0};
    struct ic_name_index x = {0};
    for (uint32_t i = 0; i < N; i++) {
        for (int k = 0; k < 5; k++)
            names[i][k] = (char)('0' + (i >> (3 * (4 - k)) & 7));
        CHECK(ic_name_index_put(&x, &arena, names[i], i));
    }
    for (uint32_t i = 0; i < N; i++)
        CHECK_EQ_INT(number_of(&x, names[i]), i);
    CHECK_EQ_INT(depth_of(&x, x.root), 15); /* three bits of each of five bytes differ */
    ic_arena_destroy(&arena);
}

TEST_MAIN()
