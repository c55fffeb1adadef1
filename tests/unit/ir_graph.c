/* SPDX-License-Identifier: Apache-2.0
 *
 * The graph's two written forms on damaged input, what the verifier refuses, and the sweep. (Round trips of sound graphs: tests/ops.)
 */
#include "testing.h"

#include "base/alloc.h"
#include "ir/op_def.h"

#define HEAD "inchip-graph 1 \"g\"\n"
#define INPUT "input %0 \"x\" f32 [1 4] format 0 user f32 face \"\"\n"
#define OUTPUT(i) "output %" #i " format 0 user f32 face \"\"\n"

static struct ic_graph *parse(const char *text, struct ic_diag *d)
{
    struct ic_graph *g = NULL;
    *d = (struct ic_diag){0};
    if (ic_ir_parse(text, strlen(text), &g, d) != IC_OK)
        return NULL;
    return g;
}

static struct ic_graph *parse_good(const char *text)
{
    struct ic_diag d;
    struct ic_graph *g = parse(text, &d);
    if (!CHECK(g != NULL)) {
        printf("  %s\n", d.text);
        exit(1);
    }
    return g;
}

TEST(text_that_is_refused_and_why)
{
    static const struct {
        const char *text, *why;
        enum ic_status status;
    } cases[] = {
        {"", "wanted inchip-graph", IC_ERR_MODEL},
        {"inchip-graph 2 \"g\"\n", "integer in its range", IC_ERR_MODEL},
        {HEAD INPUT, "at least one input and one output", IC_ERR_CORRUPT},
        {HEAD INPUT "output %7 format 0 user f32 face \"\"\n", "%7 is used before it is made", IC_ERR_MODEL},
        {HEAD INPUT "%0 \"y\" f32 [1 4] = Map (%0) {fn=relu}\n" OUTPUT(0), "%0 is made twice", IC_ERR_MODEL},
        {HEAD INPUT "%1 \"y\" f32 [1 4] = Mop (%0)\n" OUTPUT(1), "operator Mop", IC_ERR_MODEL},
        {HEAD INPUT "%1 \"y\" f32 [1 4] = Map (%0) {fn=rulu}\n" OUTPUT(1), "rulu is no fn", IC_ERR_MODEL},
        {HEAD INPUT "%1 \"y\" f32 [1 4] = Map (%0) {gn=relu}\n" OUTPUT(1), "Map has no attribute gn", IC_ERR_MODEL},
        {HEAD INPUT "%1 \"y\" f32 [1 5] = Map (%0) {fn=relu}\n" OUTPUT(1), "shape does not follow", IC_ERR_CORRUPT},
        {HEAD INPUT "%1 \"y\" s64 [1 4] = Map (%0) {fn=relu}\n" OUTPUT(1), "computes floats only", IC_ERR_UNSUPPORTED},
        {HEAD INPUT "%1 \"y\" f32 [1 4] = Map (%0 %0) {fn=relu}\n" OUTPUT(1), "has 2 inputs", IC_ERR_CORRUPT},
        {HEAD INPUT "%1 \"y\" f32 [1 4] = Map (_) {fn=relu}\n" OUTPUT(1), "input 0 is missing", IC_ERR_CORRUPT},
        {HEAD INPUT "const %1 \"c\" f32 [100] crc32 00000000\n" OUTPUT(0), "print it with data", IC_ERR_MODEL},
        {HEAD INPUT "const %1 \"c\" f32 [2] data [1]\n" OUTPUT(0), "has 1 number", IC_ERR_MODEL},
        {HEAD INPUT "const %1 \"c\" u8 [2] hex \"0g\"\n" OUTPUT(0), "two digits", IC_ERR_MODEL},
        {HEAD "input %0 \"x\" u8 [4] scales [0] axis 0 zero 0 format 0 user f32 face \"\"\n" OUTPUT(0), "scale 0 is 0",
         IC_ERR_CORRUPT},
        {HEAD "input %0 \"x\" u8 [4] scales [1 2] axis 0 zero 0 format 0 user f32 face \"\"\n" OUTPUT(0), "2 scales along axis 0",
         IC_ERR_CORRUPT},
        {HEAD "input %0 \"x\" u8 [4] scales [1] axis 0 zero 256 format 0 user f32 face \"\"\n"
              "%1 \"y\" f32 [4] = Dequantize (%0)\n" OUTPUT(1),
         "zero point 256", IC_ERR_UNSUPPORTED},
        {HEAD "input %0 \"x\" f32 [65536 65536] format 0 user f32 face \"\"\n" OUTPUT(0), "2^31 elements", IC_ERR_CORRUPT},
        {HEAD INPUT "input %1 \"z\" f32 [1 4] format 0 user f32 face \"\n" OUTPUT(0), "text that ends with", IC_ERR_MODEL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ic_diag d;
        struct ic_graph *g = parse(cases[i].text, &d);
        if (!CHECK(g == NULL && d.status == cases[i].status && strstr(d.text, cases[i].why)))
            printf("  case %zu: %s: %s\n", i, ic_status_name(d.status), d.text);
        ic_graph_destroy(g);
    }
}

TEST(quantized_operands_that_do_not_fit_are_refused)
{
    static const char *const bodies[] = {
        /* a function that integers cannot fuse */
        "%1 \"y\" u8 [1 4] scales [1] axis 0 zero 0 = Add (%0 %0) post tanh 0 0 mid 0\n",
        /* a move that changes the scale */
        "%1 \"y\" u8 [4 1] scales [2] axis 0 zero 0 = Reshape (%0) {shape=[4 1]}\n",
        /* floats only */
        "%1 \"y\" u8 [1 4] scales [1] axis 0 zero 0 = Softmax (%0)\n",
        /* scales whose reciprocals, or which themselves, are denormal */
        "%1 \"y\" u8 [1 4] scales [1e+38] axis 0 zero 0 = Add (%0 %0)\n",
        "%1 \"y\" u8 [1 4] scales [1e-39] axis 0 zero 0 = Add (%0 %0)\n",
        /* float result of an integer sum */
        "%1 \"y\" f32 [1 4] = Add (%0 %0)\n",
        /* weights that are no s8 */
        "const %2 \"w\" u8 [1 4] scales [1] axis 0 zero 0 hex \"01020304\"\n"
        "%1 \"y\" u8 [1 1] scales [1] axis 0 zero 0 = Linear (%0 %2)\n",
        /* a float bias */
        "const %2 \"w\" s8 [1 4] scales [1] axis 0 zero 0 hex \"01020304\"\nconst %3 \"b\" f32 [1] data [1]\n"
        "%1 \"y\" u8 [1 1] scales [1] axis 0 zero 0 = Linear (%0 %2 %3)\n",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        char text[1024];
        struct ic_diag d;
        snprintf(text, sizeof text, "%sinput %%0 \"x\" u8 [1 4] scales [1] axis 0 zero 0 format 0 user f32 face \"\"\n%s%s", HEAD,
                 bodies[i], OUTPUT(1));
        struct ic_graph *g = parse(text, &d);
        if (!CHECK(g == NULL && d.status == IC_ERR_UNSUPPORTED))
            printf("  case %zu: %s\n", i, d.text);
        ic_graph_destroy(g);
    }
}

static const char sample[] = HEAD INPUT
    "const %1 \"w\" f32 [2 4] data [1 2 3 4 5 6 7 8]\nconst %2 \"b\" f32 [2] data [0.5 -0.5]\n"
    "%3 \"fc\" f32 [1 2] = Linear (%0 %1 %2) post relu 0 0 mid 0 from \"fc\" \"code/x.py\" 3 \"aten::linear\"\n"
    "%4 \"y\" f32 [2] = Reshape (%3) {shape=[2]}\n" OUTPUT(4);

TEST(every_cut_and_every_flipped_bit_of_a_serialized_graph_is_survived)
{
    struct ic_graph *g = parse_good(sample);
    struct ic_writer w = {0}, consts = {0};
    struct ic_diag d = {0};
    REQUIRE(ic_ir_encode(g, &w, &consts, &d) == IC_OK);
    for (size_t n = 0; n < w.size_bytes; n++) {
        uint8_t *cut = malloc(n + 1); /* exact, for the sanitizer */
        struct ic_graph *out = NULL;
        memcpy(cut, w.bytes, n);
        d = (struct ic_diag){0};
        CHECK(ic_ir_decode(cut, n, consts.bytes, consts.size_bytes, &out, &d) != IC_OK && d.text[0] != 0);
        free(cut);
    }
    int n_refused = 0;
    for (size_t i = 0; i < w.size_bytes * 8; i++) {
        struct ic_graph *out = NULL;
        w.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
        d = (struct ic_diag){0};
        n_refused += ic_ir_decode(w.bytes, w.size_bytes, consts.bytes, consts.size_bytes, &out, &d) != IC_OK;
        ic_graph_destroy(out);
        w.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    CHECK(n_refused > (int)w.size_bytes); /* most of them: what remains are names, numbers of lines, attributes in range */
    for (size_t n = 0; n < consts.size_bytes; n++) {
        struct ic_graph *out = NULL;
        d = (struct ic_diag){0};
        CHECK(ic_ir_decode(w.bytes, w.size_bytes, consts.bytes, n, &out, &d) == IC_ERR_CORRUPT);
    }
    ic_writer_destroy(&w);
    ic_writer_destroy(&consts);
    ic_graph_destroy(g);
}

TEST(what_a_later_version_wrote_is_refused_as_such)
{
    struct ic_graph *g = parse_good(sample), *out = NULL;
    struct ic_writer w = {0}, consts = {0};
    struct ic_diag d = {0};
    REQUIRE(ic_ir_encode(g, &w, &consts, &d) == IC_OK);
    w.bytes[0] = 2;
    CHECK_EQ_INT(ic_ir_decode(w.bytes, w.size_bytes, consts.bytes, consts.size_bytes, &out, &d), IC_ERR_ABI);
    w.bytes[0] = 1;
    /* the operator's number of the first node: Linear is 2, 200 is nobody's */
    size_t at = 0;
    for (size_t i = 28; i + 16 < w.size_bytes && !at; i++)
        if (w.bytes[i] == IC_OP_LINEAR && memcmp(w.bytes + i + 1, "\0\0\0", 3) == 0 && w.bytes[i + 8] == 3 &&
            w.bytes[i + 12] == 0 && w.bytes[i + 16] == 1)
            at = i;
    REQUIRE(at != 0);
    w.bytes[at] = 200;
    d = (struct ic_diag){0};
    CHECK_EQ_INT(ic_ir_decode(w.bytes, w.size_bytes, consts.bytes, consts.size_bytes, &out, &d), IC_ERR_ABI);
    CHECK(strstr(d.text, "200") != NULL);
    ic_writer_destroy(&w);
    ic_writer_destroy(&consts);
    ic_graph_destroy(g);
}

TEST(compact_drops_what_nobody_reads_and_makes_names_unique)
{
    struct ic_graph *g = parse_good(HEAD INPUT
                                    "%1 \"dead\" f32 [1 4] = Map (%0) {fn=exp}\n%2 \"a\" f32 [1 4] = Map (%0) {fn=relu}\n"
                                    "%3 \"a\" f32 [1 4] = Map (%2) {fn=abs}\n%4 \"a.1\" f32 [1 4] = Add (%2 %3)\n" OUTPUT(4));
    struct ic_diag d = {0};
    CHECK_EQ_INT(ic_ir_verify(g, IC_STAGE_OPTIMIZED, &d), IC_ERR_CORRUPT); /* two values named a */
    CHECK_EQ_INT(ic_graph_compact(g), 1);
    CHECK_EQ_INT(g->n_nodes, 3);
    CHECK_EQ_INT(g->n_values, 4);
    CHECK_EQ_STR(g->nodes[0]->outputs[0]->name, "a");
    d = (struct ic_diag){0};
    CHECK_EQ_INT(ic_ir_verify(g, IC_STAGE_OPTIMIZED, &d), IC_OK);
    CHECK_EQ_INT(ic_graph_compact(g), 0);
    ic_graph_destroy(g);
}

static void check_counts(const struct ic_graph *g)
{
    struct ic_diag d = {0};
    if (!CHECK(ic_ir_verify(g, IC_STAGE_IMPORTED, &d) == IC_OK))
        printf("  %s\n", d.text);
}

TEST(a_value_knows_its_readers_whatever_is_edited)
{
    struct ic_graph *g = parse_good(HEAD INPUT "%1 \"a\" f32 [1 4] = Map (%0) {fn=exp}\n%2 \"b\" f32 [1 4] = Map (%0) {fn=relu}\n"
                                               "%3 \"c\" f32 [1 4] = Add (%1 %1)\n%4 \"d\" f32 [1 4] = Add (%3 %2)\n" OUTPUT(4)
                                                   OUTPUT(1));
    struct ic_value *x = g->values[0], *a = g->values[1], *b = g->values[2];
    struct ic_node *c = g->nodes[2], *d = g->nodes[3];
    CHECK_EQ_INT(ic_value_n_readers(x), 2);
    CHECK_EQ_INT(ic_value_n_readers(a), 3); /* twice c, once an output */
    CHECK(ic_value_is_output(a) && !ic_value_is_output(b));
    ic_node_set_input(c, 0, b);
    CHECK_EQ_INT(ic_value_n_readers(a), 2);
    CHECK_EQ_INT(ic_value_n_readers(b), 2);
    check_counts(g);
    ic_graph_replace(g, a, b);
    CHECK_EQ_INT(ic_value_n_readers(a), 0);
    CHECK_EQ_INT(ic_value_n_readers(b), 4);
    CHECK(g->outputs[1].value == b && c->inputs[0] == b && c->inputs[1] == b && d->inputs[1] == b);
    check_counts(g);
    CHECK(ic_node_set_inputs(g, d, (struct ic_value *[]){x, NULL, a, a, b}, 5));
    CHECK_EQ_INT(d->n_inputs, 5);
    CHECK_EQ_INT(ic_value_n_readers(a), 2);
    CHECK_EQ_INT(ic_value_n_readers(x), 3);
    ic_node_set_only_input(d, a);
    CHECK_EQ_INT(d->n_inputs, 1);
    CHECK_EQ_INT(ic_value_n_readers(a), 1);
    CHECK(a->uses->reader == d && a->uses->next == NULL);
    ic_graph_set_output(g, 1, x);
    ic_node_detach(c);
    CHECK_EQ_INT(ic_value_n_readers(b), 0);
    CHECK_EQ_INT(ic_value_n_readers(x), 3);
    ic_graph_find_readers(g);
    CHECK_EQ_INT(ic_value_n_readers(a), 1);
    CHECK_EQ_INT(ic_value_n_readers(x), 3);
    ic_graph_destroy(g);
}

TEST(an_operand_changed_behind_its_values_back_is_found)
{
    struct ic_graph *g = parse_good(sample);
    struct ic_diag d = {0};
    g->values[0]->n_uses++;
    CHECK_EQ_INT(ic_ir_verify(g, IC_STAGE_IMPORTED, &d), IC_ERR_INTERNAL);
    CHECK(strstr(d.text, "value x is read 1 times and counts 2") != NULL);
    ic_graph_destroy(g);
}

TEST(stages_say_which_operators_may_exist)
{
    struct ic_graph *g = parse_good(HEAD INPUT "%1 \"y\" f32 [1 4] = Identity (%0)\n" OUTPUT(1));
    struct ic_diag d = {0};
    CHECK_EQ_INT(ic_ir_verify(g, IC_STAGE_IMPORTED, &d), IC_OK);
    CHECK_EQ_INT(ic_ir_verify(g, IC_STAGE_OPTIMIZED, &d), IC_ERR_INTERNAL);
    CHECK(strstr(d.text, "Identity y must not exist") != NULL);
    ic_graph_destroy(g);
}

TEST(names_with_quotes_and_controls_come_back)
{
    struct ic_graph *g = parse_good(HEAD "input %0 \"a\\\"b\\\\c\\x0a\" f32 [1] format 0 user f32 face \"\"\n" OUTPUT(0));
    CHECK_EQ_STR(g->inputs[0].value->name, "a\"b\\c\n");
    struct ic_writer w = {0};
    ic_ir_print(g, true, &w);
    ic_write_u8(&w, 0);
    CHECK(strstr((const char *)w.bytes, "\"a\\\"b\\\\c\\x0a\"") != NULL);
    ic_writer_destroy(&w);
    ic_graph_destroy(g);
}

/* Each of 64 joins takes the same value 200 times and is cut to its first part: the ways back to the constant are 200 to the power of 64. A node waits
 * where it stands at most 13 nodes behind constants. */
TEST(what_waits_for_the_build_is_known_in_any_graph)
{
    static const float numbers[4] = {1, 2, 3, 4};
    static const int32_t dims[1] = {4};
    struct ic_value *many[200], *v = NULL;
    struct ic_graph *g = NULL;
    struct ic_diag d = {0};
    REQUIRE(ic_graph_create("g", &g, &d) == IC_OK && (v = ic_graph_const(g, "c", IC_F32, 1, dims, numbers)) != NULL);
    for (int32_t i = 0; i < 128; i++) {
        const bool join = i % 2 == 0;
        for (int32_t k = 0; k < 200; k++)
            many[k] = v;
        struct ic_node *n = ic_graph_node(g, join ? IC_OP_CONCAT : IC_OP_SLICE, many, join ? 200 : 1, "n");
        REQUIRE(n != NULL);
        if (!join) {
            n->attrs[IC_SLICE_STARTS] = (struct ic_attr){.n_ints = 1, .ints = {0}};
            n->attrs[IC_SLICE_ENDS] = (struct ic_attr){.n_ints = 1, .ints = {4}};
            n->attrs[IC_SLICE_STEPS] = (struct ic_attr){.n_ints = 1, .ints = {1}};
        }
        REQUIRE(ic_graph_infer(g, n, &d) == IC_OK);
        CHECK_EQ_INT(ic_graph_is_late(n), i < 13);
        v = n->outputs[0];
    }
    struct ic_value *x = ic_graph_value(g, "x", IC_F32, 1, dims), *both[2] = {g->nodes[1]->outputs[0], x};
    struct ic_node *n = ic_graph_node(g, IC_OP_CONCAT, both, 2, "mixed");
    REQUIRE(n && ic_graph_infer(g, n, &d) == IC_OK);
    CHECK(!ic_graph_is_late(n));
    ic_graph_destroy(g);
}

TEST_MAIN()
