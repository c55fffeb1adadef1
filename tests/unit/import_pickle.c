/* SPDX-License-Identifier: Apache-2.0 */
#include "import/pickle.h"

#include "testing.h"

struct read {
    struct ic_arena arena;
    struct ic_diag d;
    struct ic_pickle_value *v;
    enum ic_status status;
    size_t used;
};

static void read_bytes(struct read *r, const void *bytes, size_t size, bool foreign)
{
    const struct ic_pickle_options o = {.foreign_classes = foreign, .max_depth = 50, .file_offset = 1000, .what = "data.pkl"};
    memset(r, 0, sizeof *r);
    r->status = ic_pickle_read(bytes, size, &o, &r->arena, &r->v, &r->used, &r->d);
}
#define READ(r, text) read_bytes(r, text, sizeof(text) - 1, false)
#define READ_FOREIGN(r, text) read_bytes(r, text, sizeof(text) - 1, true)

static void done(struct read *r)
{
    ic_arena_destroy(&r->arena);
}

/* pickle.dumps({'a': [1, 2.5, None, True, -3, 2**40], 'b': (1,), 'd': {'e': 'x'}}, protocol=2), CPython 3.11 */
TEST(a_python_pickle_gives_its_values)
{
    struct read r;
    READ(&r, "\x80\x02}q\0(X\1\0\0\0aq\1]q\2(K\1G@"
             "\4\0\0\0\0\0\0N\x88J\xfd\xff\xff\xff\x8a\6\0\0\0\0\0\1eX\1\0\0\0bq\3K\1\x85q\4X\1\0\0\0dq\5}q\6X\1\0\0\0eq\7"
             "X\1\0\0\0xq\x08su.");
    REQUIRE(r.status == IC_OK);
    CHECK_EQ_INT(r.v->kind, IC_PICKLE_DICT);
    const struct ic_pickle_value *a = ic_pickle_dict_get(r.v, "a");
    REQUIRE(a && a->kind == IC_PICKLE_LIST && a->n_items == 6);
    CHECK_EQ_INT(a->items[0]->i, 1);
    CHECK(a->items[1]->kind == IC_PICKLE_FLOAT && a->items[1]->f == 2.5);
    CHECK_EQ_INT(a->items[2]->kind, IC_PICKLE_NONE);
    CHECK(a->items[3]->kind == IC_PICKLE_BOOL && a->items[3]->i == 1);
    CHECK_EQ_INT(a->items[4]->i, -3);
    CHECK_EQ_INT(a->items[5]->i, (int64_t)1 << 40);
    CHECK_EQ_INT(ic_pickle_dict_get(r.v, "b")->n_items, 1);
    CHECK_EQ_STR(ic_pickle_dict_get(ic_pickle_dict_get(r.v, "d"), "e")->text, "x");
    CHECK(ic_pickle_dict_get(r.v, "z") == NULL);
    done(&r);
}

TEST(reading_stops_at_stop)
{
    struct read r;
    READ(&r, "N.rest");
    CHECK_EQ_INT(r.status, IC_OK);
    CHECK_EQ_INT(r.used, 2);
    done(&r);
}

TEST(shared_values_stay_one_value)
{
    struct read r;
    READ(&r, "]q\0(h\0K\7h\0e."); /* a list that holds itself twice */
    REQUIRE(r.status == IC_OK);
    CHECK(r.v->items[0] == r.v && r.v->items[2] == r.v);
    done(&r);
}

TEST(modules_are_objects_with_state_and_calls_stay_calls)
{
    struct read r;
    READ(&r, "c__torch__.a\nNet\n)\x81}X\1\0\0\0wctorch._utils\n_rebuild_tensor_v2\n(K\1tRsb.");
    REQUIRE(r.status == IC_OK && r.v->kind == IC_PICKLE_OBJECT);
    CHECK(ic_pickle_is_global(r.v->items[0], "__torch__.a", "Net"));
    CHECK(ic_pickle_is_call(ic_pickle_dict_get(r.v->state, "w"), "torch._utils", "_rebuild_tensor_v2"));
    done(&r);
}

static void refuses(const char *bytes, size_t size, bool foreign, enum ic_status status, const char *word)
{
    struct read r;
    read_bytes(&r, bytes, size, foreign);
    if (!CHECK_EQ_INT(r.status, status) || !CHECK(strstr(r.d.text, word) != NULL))
        printf("  \"%s\" without \"%s\"\n", r.d.text, word);
    done(&r);
}
#define REFUSES(text, status, word) refuses(text, sizeof(text) - 1, false, status, word)
#define REFUSES_FOREIGN(text, status, word) refuses(text, sizeof(text) - 1, true, status, word)

TEST(names_outside_the_list_are_refused_by_name)
{
    REFUSES("\x80\2cposix\nsystem\n(X\2\0\0\0idtR.", IC_ERR_MODEL, "posix.system");
    REFUSES("\x80\2c__builtin__\neval\n(X\1\0\0\0"
            "1tR.",
            IC_ERR_MODEL, "__builtin__.eval");
    REFUSES("\x80\4\x8c\5posix\x8c\6system\x93.", IC_ERR_MODEL, "posix.system");
    REFUSES_FOREIGN("\x80\2cposix\nsystem\n(X\2\0\0\0idtR.", IC_ERR_MODEL, "posix.system");
    REFUSES("c__torch__\nA\x1b[31mB\n.", IC_ERR_MODEL, "no name has");
}

TEST(classes_of_any_module_are_only_taken_when_asked_for)
{
    struct read r;
    REFUSES("\x80\2c__main__\nNet\n)\x81.", IC_ERR_MODEL, "__main__.Net");
    READ_FOREIGN(&r, "\x80\2c__main__\nNet\n)\x81.");
    CHECK(r.status == IC_OK && r.v->kind == IC_PICKLE_OBJECT);
    done(&r);
}

TEST(damage_is_refused_with_its_byte)
{
    REFUSES("", IC_ERR_MODEL, "byte 1000");
    REFUSES("NN", IC_ERR_MODEL, "without STOP");
    REFUSES("\x85.", IC_ERR_MODEL, "byte 1000");
    REFUSES("N\x86.", IC_ERR_MODEL, "byte 1001");
    REFUSES("N(.", IC_ERR_MODEL, "too few");
    REFUSES("h\1.", IC_ERR_MODEL, "never set");
    REFUSES("Nr\xff\xff\xff\xff.", IC_ERR_MODEL, "memo number");
    REFUSES("X\xff\xff\xff\x7f.", IC_ERR_MODEL, "2147483647");
    REFUSES("\x8b\xff\xff\xff\x7f.", IC_ERR_MODEL, "leaves the pickle");
    REFUSES("\x80\x09N.", IC_ERR_MODEL, "protocol 9");
    REFUSES("(S'x'\nios\nsystem\n.", IC_ERR_MODEL, "opcode 0x53");
    REFUSES("K\1K\2a.", IC_ERR_MODEL, "no list");
    REFUSES("]K\1K\2s.", IC_ERR_MODEL, "no dict");
    REFUSES("}(K\1u.", IC_ERR_MODEL, "without a value");
    REFUSES("K\1)\x81.", IC_ERR_MODEL, "no class");
    REFUSES("t.", IC_ERR_MODEL, "no mark");
}

TEST(depth_is_limited)
{
    char bytes[400];
    memset(bytes, 0x85, sizeof bytes);
    bytes[0] = 'N';
    bytes[sizeof bytes - 1] = '.';
    refuses(bytes, sizeof bytes, false, IC_ERR_LIMIT, "50 deep");
}

TEST(memory_is_limited)
{
    static char bytes[100000];
    const struct ic_pickle_options o = {.max_depth = 50, .what = "data.pkl"};
    struct ic_arena arena = {.limit_bytes = 1u << 20};
    struct ic_pickle_value *v = NULL;
    struct ic_diag d = {0};
    memset(bytes, ']', sizeof bytes);
    CHECK_EQ_INT(ic_pickle_read(bytes, sizeof bytes, &o, &arena, &v, NULL, &d), IC_ERR_MEMORY);
    ic_arena_destroy(&arena);
}

TEST_MAIN()
