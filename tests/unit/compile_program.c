/* SPDX-License-Identifier: Apache-2.0
 *
 * Random networks compiled with every value in memory of its own and with the memory plan must give the same bytes, on every target: a plan
 * that lets one live tensor overwrite another shows as a difference. Compiled twice they must be the same file.
 */
#include "testing.h"

#include "compile/compile.h"
#include "ir/op_def.h"
#include "runtime/session.h"

static uint32_t random_state = 88172645u;

static uint32_t random_below(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % n;
}

enum { H = 4, W = 3, MAX_POOL = 64 };

/* Values of shape [1 H W c] to draw operands from. */
struct drawing {
    struct ic_graph *g;
    struct ic_value *pool[MAX_POOL];
    int32_t n;
    struct ic_diag d;
};

static struct ic_value *draw(struct drawing *w)
{
    return w->pool[random_below((uint32_t)w->n)];
}

static struct ic_value *add_node(struct drawing *w, struct ic_node *n)
{
    if (!CHECK(n != NULL) || !CHECK_EQ_INT(ic_graph_infer(w->g, n, &w->d), IC_OK)) {
        printf("  %s\n", w->d.text);
        exit(1);
    }
    return n->outputs[0];
}

static struct ic_value *random_const(struct drawing *w, int32_t rank, const int32_t *dims)
{
    static float data[4096];
    size_t n = 1;
    for (int32_t i = 0; i < rank; i++)
        n *= (size_t)dims[i];
    for (size_t i = 0; i < n; i++)
        data[i] = ((float)random_below(2001) - 1000.0f) / 1000.0f;
    return ic_graph_const(w->g, "c", IC_F32, rank, dims, data);
}

static struct ic_value *conv(struct drawing *w)
{
    struct ic_value *x = draw(w);
    const int32_t k = random_below(2) ? 3 : 1, oc = 1 + (int32_t)random_below(7);
    const int depthwise = random_below(3) == 0;
    struct ic_value *in[] = {x,
                             random_const(w, 4, (const int32_t[]){depthwise ? x->dims[3] : oc, k, k, depthwise ? 1 : x->dims[3]}),
                             random_const(w, 1, (const int32_t[]){depthwise ? x->dims[3] : oc})};
    struct ic_node *n = ic_graph_node(w->g, IC_OP_CONV, in, 3, "conv");
    n->attrs[IC_CONV_STRIDE] = n->attrs[IC_CONV_DILATION] = (struct ic_attr){.n_ints = 2, .ints = {1, 1}};
    n->attrs[IC_CONV_PAD] = (struct ic_attr){.n_ints = 4, .ints = {k / 2, k / 2, k / 2, k / 2}};
    n->attrs[IC_CONV_GROUPS].i = depthwise ? x->dims[3] : 1;
    n->post.fn = random_below(2) ? IC_MAP_RELU : IC_MAP_NONE;
    return add_node(w, n);
}

static struct ic_value *map(struct drawing *w)
{
    struct ic_value *x = draw(w);
    struct ic_node *n = ic_graph_node(w->g, IC_OP_MAP, &x, 1, "map");
    n->attrs[IC_MAP_ATTR_FN].i = random_below(2) ? IC_MAP_ABS : IC_MAP_NEG;
    return add_node(w, n);
}

static struct ic_value *binary(struct drawing *w)
{
    struct ic_value *in[] = {draw(w), draw(w)};
    for (int tries = 0; tries < 20 && in[1]->dims[3] != in[0]->dims[3]; tries++)
        in[1] = draw(w);
    if (in[1]->dims[3] != in[0]->dims[3])
        in[1] = random_below(2) ? in[0] : random_const(w, 1, &in[0]->dims[3]);
    return add_node(w, ic_graph_node(w->g, random_below(2) ? IC_OP_ADD : IC_OP_MAXIMUM, in, 2, "zip"));
}

static struct ic_value *concat(struct drawing *w)
{
    struct ic_value *in[] = {draw(w), draw(w), draw(w)};
    const int32_t n_in = in[0]->dims[3] + in[1]->dims[3] + in[2]->dims[3] > 24 ? 1 : 3;
    struct ic_node *n = ic_graph_node(w->g, IC_OP_CONCAT, in, n_in, "concat");
    n->attrs[IC_CONCAT_AXIS].i = 3;
    return add_node(w, n);
}

/* A reshape to a row and back: two views. */
static struct ic_value *reshape(struct drawing *w)
{
    struct ic_value *x = draw(w), *row;
    struct ic_node *n = ic_graph_node(w->g, IC_OP_RESHAPE, &x, 1, "row");
    n->attrs[IC_RESHAPE_SHAPE] = (struct ic_attr){.n_ints = 1, .ints = {ic_value_elements(x)}};
    row = add_node(w, n);
    n = ic_graph_node(w->g, IC_OP_RESHAPE, &row, 1, "back");
    n->attrs[IC_RESHAPE_SHAPE] = (struct ic_attr){.n_ints = 4, .ints = {1, H, W, x->dims[3]}};
    return add_node(w, n);
}

static struct ic_value *slice(struct drawing *w)
{
    struct ic_value *x = draw(w);
    const int32_t from = (int32_t)random_below((uint32_t)x->dims[3]);
    struct ic_node *n = ic_graph_node(w->g, IC_OP_SLICE, &x, 1, "slice");
    n->attrs[IC_SLICE_STARTS] = (struct ic_attr){.n_ints = 4, .ints = {0, 0, 0, from}};
    n->attrs[IC_SLICE_ENDS] = (struct ic_attr){.n_ints = 4, .ints = {1, H, W, x->dims[3]}};
    n->attrs[IC_SLICE_STEPS] = (struct ic_attr){.n_ints = 4, .ints = {1, 1, 1, 1}};
    return add_node(w, n);
}

/* Halves along the slowest axis that is not 1 may be views; put together again in the other order. */
static struct ic_value *halves(struct drawing *w)
{
    struct ic_value *x = draw(w), *half[2];
    for (int i = 0; i < 2; i++) {
        struct ic_node *n = ic_graph_node(w->g, IC_OP_SLICE, &x, 1, "half");
        n->attrs[IC_SLICE_STARTS] = (struct ic_attr){.n_ints = 4, .ints = {0, i * H / 2, 0, 0}};
        n->attrs[IC_SLICE_ENDS] = (struct ic_attr){.n_ints = 4, .ints = {1, (i + 1) * H / 2, W, x->dims[3]}};
        n->attrs[IC_SLICE_STEPS] = (struct ic_attr){.n_ints = 4, .ints = {1, 1, 1, 1}};
        half[1 - i] = add_node(w, n);
    }
    struct ic_node *n = ic_graph_node(w->g, IC_OP_CONCAT, half, 2, "swapped");
    n->attrs[IC_CONCAT_AXIS].i = 1;
    return add_node(w, n);
}

static struct ic_graph *random_graph(void)
{
    static struct ic_value *(*const makers[])(struct drawing *) = {conv, map, binary, concat, reshape, slice, halves, conv};
    struct drawing w = {0};
    const int32_t dims[] = {1, H, W, 2};
    if (ic_graph_create("random", &w.g, &w.d) != IC_OK)
        exit(1);
    struct ic_value *x = ic_graph_value(w.g, "x", IC_F32, 4, dims);
    w.pool[w.n++] = x;
    CHECK_EQ_INT(ic_graph_add_input(w.g, x, 2), IC_OK);
    const int n_nodes = 1 + (int)random_below(30);
    for (int i = 0; i < n_nodes; i++) {
        struct ic_value *made = makers[random_below(sizeof makers / sizeof *makers)](&w);
        w.pool[w.n++] = made;
    }
    const int n_outputs = 1 + (int)random_below(4); /* may be the input itself, or one value twice, or one that others read on */
    for (int i = 0; i < n_outputs; i++)
        CHECK_EQ_INT(ic_graph_add_output(w.g, i == 0 ? w.pool[w.n - 1] : draw(&w), 2), IC_OK);
    ic_graph_compact(w.g);
    return w.g;
}

static struct ic_writer run(const struct ic_program *p)
{
    struct ic_writer out = {0};
    struct ic_diag d = {0};
    struct ic_model *m = NULL;
    struct ic_session *s = NULL;
    if (CHECK_EQ_INT(ic_model_from_program(p, &m, &d), IC_OK) && CHECK_EQ_INT(ic_session_create(m, 1, &s, &d), IC_OK)) {
        float *x = ic_session_input(s, 0);
        for (int i = 0; i < H * W * 2; i++)
            x[i] = (float)(i * 37 % 23) / 7.0f - 1.5f;
        CHECK_EQ_INT(ic_session_run(s, &d), IC_OK);
        for (uint32_t i = 0; i < p->n_outputs; i++)
            ic_write_bytes(&out, ic_session_output(s, i), (size_t)p->tensors[p->outputs[i].tensor].size_bytes);
    }
    ic_session_destroy(s);
    ic_model_close(m);
    return out;
}

struct compiled {
    struct ic_program p;
    struct ic_writer consts, encoded;
};

static int compile(const struct ic_graph *g, const struct ic_target *t, bool keep_all, struct compiled *c)
{
    struct ic_diag d = {0};
    memset(c, 0, sizeof *c);
    const int ok = CHECK_EQ_INT(ic_compile(g, t, keep_all, &c->p, &c->consts, &d), IC_OK) &&
                   CHECK_EQ_INT(ic_program_encode(&c->p, &c->encoded, &d), IC_OK);
    if (!ok)
        printf("  %s\n", d.text);
    return ok;
}

static void destroy(struct compiled *c)
{
    ic_program_destroy(&c->p);
    ic_writer_destroy(&c->consts);
    ic_writer_destroy(&c->encoded);
}

static void check_graph(const struct ic_graph *g, const struct ic_target *t, const struct ic_writer *wanted)
{
    struct compiled a, b;
    if (compile(g, t, false, &a) && compile(g, t, false, &b)) {
        struct ic_writer found = run(&a.p);
        REQUIRE(found.size_bytes == wanted->size_bytes);
        if (!CHECK_EQ_MEM(found.bytes, wanted->bytes, wanted->size_bytes))
            printf("  target %s\n", t->name);
        CHECK_EQ_INT(a.encoded.size_bytes, b.encoded.size_bytes);
        CHECK_EQ_MEM(a.encoded.bytes, b.encoded.bytes, a.encoded.size_bytes);
        CHECK_EQ_INT(a.consts.size_bytes, b.consts.size_bytes);
        CHECK_EQ_MEM(a.consts.bytes, b.consts.bytes, a.consts.size_bytes);
        ic_writer_destroy(&found);
    }
    destroy(&a);
    destroy(&b);
}

TEST(planned_memory_gives_the_same_bytes_as_memory_for_all)
{
    for (int round = 0; round < 150; round++) {
        struct ic_graph *g = random_graph();
        struct compiled all;
        if (compile(g, ic_target_find("generic"), true, &all)) {
            struct ic_writer wanted = run(&all.p);
            for (size_t t = 0; ic_target_at(t); t++)
                check_graph(g, ic_target_at(t), &wanted);
            ic_writer_destroy(&wanted);
        }
        destroy(&all);
        ic_graph_destroy(g);
        if (test_n_bad_checks)
            return;
    }
}

/* y = w x and z = w + x with one constant w: packed for the first, plain for the second. */
TEST(weights_read_in_two_forms)
{
    struct ic_diag d = {0};
    struct ic_graph *g = NULL;
    static const float w[] = {1, 2, 3, 4, 5, 6};
    REQUIRE(ic_graph_create("shared", &g, &d) == IC_OK);
    struct ic_value *x = ic_graph_value(g, "x", IC_F32, 2, (const int32_t[]){1, 3});
    struct ic_value *c = ic_graph_const(g, "w", IC_F32, 2, (const int32_t[]){2, 3}, w);
    struct ic_value *y = NULL, *z = NULL;
    struct ic_node *n = ic_graph_node(g, IC_OP_LINEAR, (struct ic_value *[]){x, c}, 2, "y");
    REQUIRE(ic_graph_infer(g, n, &d) == IC_OK);
    y = n->outputs[0];
    n = ic_graph_node(g, IC_OP_ADD, (struct ic_value *[]){c, x}, 2, "z");
    REQUIRE(ic_graph_infer(g, n, &d) == IC_OK);
    z = n->outputs[0];
    REQUIRE(ic_graph_add_input(g, x, 0) == IC_OK && ic_graph_add_output(g, y, 0) == IC_OK && ic_graph_add_output(g, z, 0) == IC_OK);
    ic_graph_compact(g);
    static const float in[] = {1, 10, 100}, wanted_y[] = {321, 654}, wanted_z[] = {2, 12, 103, 5, 15, 106};
    for (size_t t = 0; ic_target_at(t); t++) {
        struct compiled a;
        if (compile(g, ic_target_at(t), false, &a)) {
            struct ic_model *m = NULL;
            struct ic_session *s = NULL;
            REQUIRE(ic_model_from_program(&a.p, &m, &d) == IC_OK && ic_session_create(m, 1, &s, &d) == IC_OK);
            memcpy(ic_session_input(s, 0), in, sizeof in);
            REQUIRE(ic_session_run(s, &d) == IC_OK);
            CHECK_EQ_MEM(ic_session_output(s, 0), wanted_y, sizeof wanted_y);
            CHECK_EQ_MEM(ic_session_output(s, 1), wanted_z, sizeof wanted_z);
            ic_session_destroy(s);
            ic_model_close(m);
        }
        destroy(&a);
    }
    ic_graph_destroy(g);
}

/* Two equal constants are stored once; a constant nobody reads is not stored; everything stands at a multiple of 64. */
TEST(constants_are_lean)
{
    struct ic_diag d = {0};
    struct ic_graph *g = NULL;
    static float w[40 * 40];
    for (int i = 0; i < 40 * 40; i++)
        w[i] = (float)(i % 17);
    REQUIRE(ic_graph_create("lean", &g, &d) == IC_OK);
    struct ic_value *x = ic_graph_value(g, "x", IC_F32, 2, (const int32_t[]){1, 40}), *v = x;
    for (int i = 0; i < 3; i++) {
        struct ic_value *c = ic_graph_const(g, "w", IC_F32, 2, (const int32_t[]){40, 40}, w);
        ic_graph_const(g, "unused", IC_F32, 2, (const int32_t[]){40, 40}, w);
        struct ic_node *n = ic_graph_node(g, IC_OP_LINEAR, (struct ic_value *[]){v, c}, 2, "y");
        REQUIRE(ic_graph_infer(g, n, &d) == IC_OK);
        v = n->outputs[0];
    }
    REQUIRE(ic_graph_add_input(g, x, 0) == IC_OK && ic_graph_add_output(g, v, 0) == IC_OK);
    ic_graph_compact(g);
    struct compiled a;
    if (compile(g, ic_target_find("generic"), false, &a)) {
        CHECK_EQ_INT(a.p.const_bytes, sizeof w);
        CHECK_EQ_INT(a.p.arena_bytes, 2 * 192); /* two rows of 160 bytes alive at a time; the last one is the caller's */
        for (uint32_t i = 1; i < a.p.n_tensors; i++)
            CHECK_EQ_INT(a.p.tensors[i].offset_bytes % 64, 0);
        CHECK(a.encoded.size_bytes < 4096);
    }
    destroy(&a);
    ic_graph_destroy(g);
}

TEST_MAIN()
