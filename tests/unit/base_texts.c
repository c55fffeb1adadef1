/* SPDX-License-Identifier: Apache-2.0
 *
 * A block of strings holds each once, in the order of first use, however many there are.
 */
#include "testing.h"

#include "base/texts.h"

TEST(each_text_stands_once_in_the_order_of_first_use)
{
    struct ic_texts t = {0};
    CHECK_EQ_INT(ic_texts_add(&t, NULL), 0);
    CHECK_EQ_INT(ic_texts_add(&t, ""), 0);
    CHECK_EQ_INT(ic_texts_add(&t, "ab"), 1);
    CHECK_EQ_INT(ic_texts_add(&t, "b"), 4); /* the end of another is not found */
    CHECK_EQ_INT(ic_texts_add(&t, "ab"), 1);
    CHECK_EQ_INT(ic_texts_add(&t, "abc"), 6);
    CHECK_EQ_INT(t.block.size_bytes, 10);
    CHECK(memcmp(t.block.bytes, "\0ab\0b\0abc", 10) == 0);
    ic_texts_destroy(&t);
}

TEST(many_texts_are_all_found_again)
{
    struct ic_texts t = {0};
    uint32_t at[5000];
    char text[16];
    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "layer%d", i);
        at[i] = ic_texts_add(&t, text);
    }
    const size_t size_bytes = t.block.size_bytes;
    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "layer%d", i);
        CHECK_EQ_STR((const char *)t.block.bytes + at[i], text);
        CHECK_EQ_INT(ic_texts_add(&t, text), at[i]);
    }
    CHECK_EQ_INT(t.block.size_bytes, size_bytes);
    CHECK(2 * t.n_used <= t.n_slots + 2);
    ic_texts_destroy(&t);
}

TEST_MAIN()
