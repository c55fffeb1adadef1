/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands for jansson where it is missing. Expected texts are those of jansson 2.14 for the same calls; tests/python/test_packaging.py also
 * compares whole outputs of two builds.
 */
#include "testing.h"

#include "compat/jansson.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool dumps(json_t *value, size_t flags, const char *expected)
{
    char *text = json_dumps(value, flags);
    const bool same = CHECK_EQ_STR(text ? text : "(refused)", expected);
    free(text);
    json_decref(value);
    return same;
}

TEST(values_are_packed_and_written)
{
    json_t *shared = json_array();
    CHECK_EQ_INT(json_array_append_new(shared, json_integer(-7)), 0);
    const char
        *expected = "{\"t\":\"a\\\"\\\\\\n\\u001F\xC3\xA9/\",\"i\":5,\"I\":9223372036854775807,\"f\":1.5,\"b\":true,\"n\":null,"
                    "\"o\":{\"x\":[]},\"O\":[-7],\"no\":null}";
    dumps(json_pack("{s:s, s:i, s:I, s:f, s:b, s:n, s:{s:[]}, s:O, s:s?}", "t", "a\"\\\n\x1F\xC3\xA9/", "i", 5, "I",
                    (json_int_t)9223372036854775807, "f", 1.5, "b", 1, "n", "o", "x", "O", shared, "no", NULL),
          JSON_COMPACT, expected);
    dumps(json_pack("{s:i, s:O, s:{}}", "a", 1, "b", shared, "c"), JSON_INDENT(1),
          "{\n \"a\": 1,\n \"b\": [\n  -7\n ],\n \"c\": {}\n}");
    dumps(json_pack("[i, i]", 1, 2), 0, "[1, 2]");
    dumps(json_string("x"), 0, "(refused)");
    dumps(json_string("x"), JSON_ENCODE_ANY, "\"x\"");
    dumps(json_stringn("xyz", 2), JSON_ENCODE_ANY, "\"xy\"");
    json_decref(shared);
}

TEST(numbers_are_written_as_jansson_does)
{
    static const struct {
        double value;
        size_t flags;
        const char *text;
    } cases[] = {{1, 0, "1.0"},
                 {0.1, 0, "0.10000000000000001"},
                 {0.1, JSON_REAL_PRECISION(9), "0.1"},
                 {1e20, 0, "1e20"},
                 {1e-7, JSON_REAL_PRECISION(9), "1e-7"},
                 {-2.5e300, JSON_REAL_PRECISION(9), "-2.5e300"},
                 {-0.0, 0, "-0.0"},
                 {123456789, JSON_REAL_PRECISION(3), "1.23e8"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        dumps(json_real(cases[i].value), cases[i].flags | JSON_ENCODE_ANY, cases[i].text);
    CHECK(!json_real((double)NAN) && !json_real((double)INFINITY) && !json_string("\xC3") && !json_string("\xED\xA0\x80") &&
          !json_string(NULL));
}

TEST(what_fails_takes_everything_down_once)
{
    CHECK(!json_pack("{s:s, s:o}", "bad", "\xFF", "kept", json_array())); /* the sanitizer's build sees leaks */
    CHECK(!json_pack("{s:o}", "missing", NULL));
    json_t *o = json_object();
    CHECK_EQ_INT(json_object_set_new(o, "a", NULL), -1);
    CHECK_EQ_INT(json_object_set_new(o, "a", json_integer(1)), 0);
    CHECK_EQ_INT(json_object_set_new(o, "a", json_integer(2)), 0);
    CHECK_EQ_INT(json_integer_value(json_object_get(o, "a")), 2);
    CHECK(!json_object_get(o, "b") && json_array_size(o) == 0 && !json_string_value(o));
    dumps(o, JSON_COMPACT, "{\"a\":2}");
}

TEST(json_is_read_and_written_back)
{
    static const char *const pairs[][2] = {
        {" { \"a\" : [ 1 , -0 , 2.50 , 1E3 , true , false , null ] } ", "{\"a\":[1,0,2.5,1000.0,true,false,null]}"},
        {"[\"\\u00e9\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\\"\\\\\"]", "[\"\xC3\xA9\xF0\x9F\x98\x80/\\b\\f\\n\\r\\t\\\"\\\\\"]"},
        {"[]", "[]"},
        {"{\"k\\\"\":{\"\":\"\\\\\"}}", "{\"k\\\"\":{\"\":\"\\\\\"}}"},
        {"[9223372036854775807,-9223372036854775808]", "[9223372036854775807,-9223372036854775808]"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        dumps(json_loadb(pairs[i][0], strlen(pairs[i][0]), 0, NULL), JSON_COMPACT, pairs[i][1]);
    json_error_t error;
    json_t *o = json_loadb("{\"a\":1}trailing", 15, JSON_DISABLE_EOF_CHECK, &error), *value;
    const char *key;
    int n = 0;
    json_object_foreach(o, key, value) n += !strcmp(key, "a") && json_integer_value(value) == 1;
    CHECK_EQ_INT(n, 1);
    json_decref(o);
}

TEST(what_is_no_json_is_refused)
{
    static const char *const bad[] = {"",
                                      " ",
                                      "1",
                                      "\"a\"",
                                      "[",
                                      "[1",
                                      "[1,",
                                      "[1,]",
                                      "{",
                                      "{\"a\"",
                                      "{\"a\":",
                                      "{\"a\":1,}",
                                      "{a:1}",
                                      "[01]",
                                      "[1.]",
                                      "[.5]",
                                      "[1e]",
                                      "[-]",
                                      "[+1]",
                                      "[\"\\x\"]",
                                      "[\"\\ud800\"]",
                                      "[\"\\udc00\"]",
                                      "[\"\\u12\"]",
                                      "[\"\\u0000\"]",
                                      "[\"a",
                                      "[\"\n\"]",
                                      "[\"\xFF\"]",
                                      "[1] 2",
                                      "[tru]",
                                      "[9223372036854775808]",
                                      "[1e999]",
                                      "{\"a\":1 \"b\":2}",
                                      "[\"\\\"]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        json_error_t error;
        json_t *o = json_loadb(bad[i], strlen(bad[i]), 0, &error);
        if (!CHECK(!o && error.text[0]))
            printf("  accepted: %s\n", bad[i]);
        json_decref(o);
    }
    char deep[6000];
    memset(deep, '[', sizeof deep);
    CHECK(!json_loadb(deep, sizeof deep, 0, NULL));
}

TEST_MAIN()
