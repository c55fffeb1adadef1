/* SPDX-License-Identifier: Apache-2.0
 *
 * Exported programs that cannot be imported: each is refused by name, with the byte where it stands and what to do. */
#include "import/import.h"
#include "import/json.h"
#include "import/pt2/package.h"

#include "import_archive.h"
#include "testing.h"

/* ---- JSON ---- */
static enum ic_status read_json(const char *text, struct ic_arena *arena, const struct ic_json **out, struct ic_diag *d)
{
    memset(d, 0, sizeof *d);
    return ic_json_read(text, strlen(text), "a.json", 20, arena, out, d);
}

TEST(json_keeps_integers_and_takes_what_python_writes)
{
    struct ic_arena arena = {0};
    struct ic_diag d;
    const struct ic_json *v = NULL;
    REQUIRE(
        read_json(" {\"i\": [9223372036854775807, -9223372036854775808, 1e3, -Infinity],\n \"t\": \"\\u00e9\\ud83d\\ude00\\n\"} ",
                  &arena, &v, &d) == IC_OK);
    const struct ic_json *list = ic_json_get_kind(v, "i", IC_JSON_LIST);
    REQUIRE(list != NULL && list->n == 4);
    CHECK(list->u.items[0].kind == IC_JSON_INT && list->u.items[0].u.i == INT64_MAX);
    CHECK(list->u.items[1].kind == IC_JSON_INT && list->u.items[1].u.i == INT64_MIN);
    CHECK(list->u.items[2].kind == IC_JSON_REAL && list->u.items[2].u.f == 1000.0);
    CHECK(list->u.items[3].kind == IC_JSON_REAL && list->u.items[3].u.f < -1e308);
    CHECK_EQ_STR(ic_json_get_text(v, "t", ""), "\xc3\xa9\xf0\x9f\x98\x80\n");
    CHECK(ic_json_get(v, "nothing") == NULL);
    ic_arena_destroy(&arena);
}

TEST(json_that_is_damaged_is_refused_with_its_byte)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"{\"a\": 1, \"a\": 2}", "byte 14 (line 1): a name that the object has already"},
        {"[1,\n2,\n tru]", "byte 8 (line 3): a value that is no JSON"},
        {"[1,]", "byte 3 (line 1): a value that is no JSON"},
        {"[1", "byte 2 (line 1): a comma or the end of the list is expected"},
        {"{\"a\" 1}", "byte 5 (line 1): a colon is expected"},
        {"{1: 2}", "byte 1 (line 1): a name in quotes is expected"},
        {"\"abc", "byte 0 (line 1): a text that does not end"},
        {"\"\\x\"", "byte 1 (line 1): an escape that JSON does not have"},
        {"\"\\ud800\"", "half of a pair"},
        {"\"\\u0000\"", "a NUL in a text"},
        {"\"\xff\"", "bytes that are no UTF-8"},
        {"\"\xed\xa0\x80\"", "bytes that are no UTF-8"},
        {"\"\n\"", "a control character"},
        {"01", "a value that is no JSON"},
        {"1 2", "byte 2 (line 1): more text follows"},
        {"", "the text ends where a value is expected"},
        {"[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]", "byte 20: values are nested more than 20 deep"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        struct ic_arena arena = {0};
        struct ic_diag d;
        const struct ic_json *v = NULL;
        CHECK(read_json(cases[i].text, &arena, &v, &d) != IC_OK);
        if (!CHECK(strstr(d.text, cases[i].says) != NULL))
            printf("  %s: %s\n", cases[i].text, d.text);
        ic_arena_destroy(&arena);
    }
}

/* ---- programs ---- */
#define TENSOR(name) "{\"as_tensor\": {\"name\": \"" name "\"}}"
#define USER "{\"user_input\": {\"arg\": " TENSOR("x") "}}"
#define WEIGHT "{\"parameter\": {\"arg\": {\"name\": \"w\"}, \"parameter_name\": \"weight\"}}"
#define SIZES "{\"as_int\": 2}, {\"as_int\": 6}"
#define FREE(e) "{\"as_expr\": {\"expr_str\": \"" e "\"}}, {\"as_int\": 6}"
#define NODE(target, args)                                                                                                         \
    "{\"target\": \"" target "\", \"inputs\": [" args                                                                              \
    "], \"outputs\": [" TENSOR("y") "], \"metadata\": {\"stack_trace\": \"  File "                                                 \
                                    "\\\"/src/net.py\\\", line 12, in forward\\n    y\", \"nn_module_stack\": "                    \
                                    "\"a,,Net;b,fc,torch.nn.modules.linear.Linear\"}}"
#define ARG(v) "{\"name\": \"self\", \"arg\": " v ", \"kind\": 1}"
#define RELU NODE("torch.ops.aten.relu.default", ARG(TENSOR("x")))
#define PROGRAM(sizes, inputs, nodes, more)                                                                                        \
    "{\"graph_module\": {\"graph\": {\"nodes\": [" nodes "], \"tensor_values\": {\"x\": {\"dtype\": 7, \"sizes\": [" sizes         \
    "]}}}, \"signature\": {\"input_specs\": [" inputs                                                                              \
    "], \"output_specs\": [{\"user_output\": {\"arg\": " TENSOR("y") "}}]}}" more "}"
#define META(dtype, n)                                                                                                             \
    "{\"path_name\": \"weight_0\", \"use_pickle\": false, \"tensor_meta\": {\"dtype\": " #dtype ", \"sizes\": [{\"as_int\": " #n   \
    "}], \"strides\": [{\"as_int\": 1}], \"storage_offset\": {\"as_int\": 0}}}"
#define CONFIG(meta) "{\"config\": {\"weight\": " meta "}}"

static void import(const char *program, const char *config, const struct ic_import_input *in, struct ic_diag *d)
{
    static const float numbers[6] = {1, 2, 3, 4, 5, 6};
    struct archive a = {.n = 0};
    struct ic_graph *g = NULL;
    struct ic_import_options o = {.inputs = in, .n_inputs = in ? 1 : 0, .limits = ic_import_limits_default()};
    archive_add(&a, "m/archive_format", "pt2", 3);
    if (program)
        archive_add(&a, "m/models/model.json", program, strlen(program));
    else
        archive_add(&a, "m/data/aotinductor/model/c.so", "x", 1);
    if (config)
        archive_add(&a, "m/data/weights/model_weights_config.json", config, strlen(config));
    archive_add(&a, "m/data/weights/weight_0", numbers, sizeof numbers);
    archive_end(&a);
    memset(d, 0, sizeof *d);
    if (ic_import(a.file.bytes, a.file.size_bytes, "m.pt2", &o, &g, d) == IC_OK)
        CHECK_EQ_INT(g->n_outputs, 1);
    ic_graph_destroy(g);
    archive_free(&a);
}

TEST(a_small_program_is_imported)
{
    struct ic_diag d;
    import(PROGRAM(SIZES, USER, RELU, ""), NULL, NULL, &d);
    CHECK_EQ_STR(d.text, "");
    import(PROGRAM(FREE("2*s0"), USER, RELU, ", \"range_constraints\": {\"s0\": {\"min_val\": 1, \"max_val\": 4}}"), NULL,
           &(struct ic_import_input){.rank = 2,
                                     .dims =
                                     { 8,
                                       6 }},
           &d);
    CHECK_EQ_STR(d.text, "");
}

/* What the code's page says is what to do: another cause has another code. */
TEST(refusals_carry_the_code_of_their_cause)
{
    static const struct ic_import_input ten = {.rank = 2, .dims = {10, 6}};
    static const struct {
        const char *program, *config;
        const struct ic_import_input *in;
        unsigned code;
    } cases[] = {
        {NULL, NULL, NULL, IC_E_EXPORT_VERSION},
        {PROGRAM(SIZES, USER, RELU, ", \"schema_version\": {\"major\": 9, \"minor\": 0}"), NULL, NULL, IC_E_EXPORT_VERSION},
        {PROGRAM(SIZES, USER, NODE("torch.ops.aten.relu.default", ARG("{\"as_wonder\": 1}")), ""), NULL, NULL, IC_E_EXPORT_VERSION},
        {PROGRAM(FREE("Weird(s0)"), USER, RELU, ""), NULL, &ten, IC_E_OPEN_SIZE},
        {PROGRAM(SIZES, USER, NODE("torch.ops.aten.relu.default", ARG("{\"as_custom_obj\": 1}")), ""), NULL, NULL, IC_E_OBJECT},
        {PROGRAM(SIZES, USER ", " WEIGHT, RELU, ""), CONFIG("{\"path_name\": \"weight_0\", \"use_pickle\": true}"), NULL,
         IC_E_OBJECT},
        {PROGRAM(SIZES, USER ", {\"custom_obj\": {}}", RELU, ""), NULL, NULL, IC_E_RESULT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        struct ic_diag d;
        import(cases[i].program, cases[i].config, cases[i].in, &d);
        if (!CHECK_EQ_INT(d.code, cases[i].code))
            printf("  case %d: %s\n", (int)i, d.text);
    }
}

#define CODED(op, from, to, scale, zero)                                                                                           \
    "{\"target\": \"torch.ops.quantized_decomposed." op                                                                            \
    "_per_tensor.default\", \"inputs\": [" ARG(TENSOR(from)) ", " ARG("{\"as_float\": " scale "}") ", " ARG(                       \
        "{\"as_int\": " zero                                                                                                       \
        "}") ", " ARG("{\"as_int\": -128}") ", " ARG("{\"as_int\": 127}") ", " ARG("{\"as_scalar_type\": 2}") "], \"outputs\": "   \
                                                                                                              "[" TENSOR(to) "], " \
                                                                                                                             "\"m" \
                                                                                                                             "eta" \
                                                                                                                             "dat" \
                                                                                                                             "a\"" \
                                                                                                                             ": "  \
                                                                                                                             "{}}"

TEST(codes_are_whole_numbers_of_known_scales)
{
    static const struct {
        const char *nodes, *says;
    } cases[] = {
        {CODED("quantize", "x", "q", "0.5", "3") ", " CODED("dequantize", "q", "y", "0.5", "3"), ""},
        {CODED("quantize", "x", "y", "0.5", "3"), ""}, /* the codes are the result */
        {CODED("quantize", "x", "q", "0.5", "3") ", " CODED("dequantize", "q", "y", "0.25", "3"),
         "its scale or zero point are not those that the codes were made with"},
        {CODED("quantize", "x", "q", "0.5", "3") ", " CODED("dequantize", "q", "y", "0.5", "4"),
         "its scale or zero point are not those that the codes were made with"},
        {CODED("quantize", "x", "q", "0.5", "3") ", " NODE("torch.ops.aten.add.Tensor", ARG(TENSOR("q")) ", " ARG(TENSOR("q"))),
         "aten::add at /src/net.py, line 12, in module fc, inputs [2, 6], [2, 6]: it computes with quantized codes"},
        {CODED("quantize", "x", "q", "0.0", "3") ", " CODED("dequantize", "q", "y", "0.0", "3"),
         "codes of scale 0 and zero point 3"},
        {CODED("quantize", "x", "q", "0.5", "300") ", " CODED("dequantize", "q", "y", "0.5", "300"),
         "codes of scale 0.5 and zero point 300"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        struct ic_diag d;
        char program[4000];
        snprintf(program, sizeof program, "%.*s%s%s", (int)strcspn(PROGRAM(SIZES, USER, "@", ""), "@"),
                 PROGRAM(SIZES, USER, "@", ""), cases[i].nodes, strchr(PROGRAM(SIZES, USER, "@", ""), '@') + 1);
        import(program, NULL, NULL, &d);
        if (!CHECK(*cases[i].says ? strstr(d.text, cases[i].says) != NULL : d.status == IC_OK))
            printf("  case %d, wanted \"%s\": %s\n", (int)i, cases[i].says, d.text);
    }
}

TEST(programs_that_cannot_be_imported_are_refused_by_name)
{
    static const struct ic_import_input nine = {.rank = 2, .dims = {9, 6}}, ten = {.rank = 2, .dims = {10, 6}},
                                        flat = {.rank = 1, .dims = {12}};
    static const struct {
        const char *program, *config;
        const struct ic_import_input *in;
        const char *says;
    } cases[] = {
        {NULL, NULL, NULL, "AOTInductor: it holds code compiled for one machine"},
        {"{}", NULL, NULL, "has no graph_module.graph.nodes"},
        {"{\"graph_module\": ", NULL, NULL, "m/models/model.json, byte 17 (line 1): the text ends"},
        {PROGRAM(SIZES, USER, RELU, ", \"schema_version\": {\"major\": 9, \"minor\": 0}"), NULL, NULL, "schema version 9.0"},
        {PROGRAM(SIZES, USER, RELU, ""), NULL, &nine, "exported with the shape 2x6: 9 is given on axis 0, but it must be 2"},
        {PROGRAM(SIZES, USER, RELU, ""), NULL, &flat, "it has 2 axes, 1 are given"},
        {PROGRAM(FREE("2*s0"), USER, RELU, ""), NULL, &nine,
         "exported with the shape 2*s0x6: 9 is given on axis 0, which does not fit"},
        {PROGRAM(FREE("2*s0"), USER, RELU, ", \"range_constraints\": {\"s0\": {\"min_val\": 1, \"max_val\": 4}}"), NULL, &ten,
         "its size s0 may be 1 to 4"},
        {PROGRAM(FREE("Weird(s0)"), USER, RELU, ""), NULL, &ten, "\"Weird(s0)\", which cannot be computed"},
        {PROGRAM("{\"as_int\": 2}, {\"as_expr\": {\"expr_str\": \"s1\"}}", USER, RELU, ""), NULL, NULL,
         "the shape 2xs1, whose axis 1 is free"},
        {PROGRAM(SIZES, USER, NODE("torch.ops.aten.relu.default", ARG(TENSOR("z"))), ""), NULL, NULL,
         "it reads \"z\", which nothing before it gives"},
        {PROGRAM(SIZES, USER, NODE("torch.ops.mine.op.default", ARG(TENSOR("x"))), ""), NULL, NULL,
         "mine::op at /src/net.py, line 12, in module fc, inputs [2, 6]"},
        {PROGRAM(SIZES, USER, NODE("torch.ops.aten.relu.default", ARG("{\"as_custom_obj\": 1}")), ""), NULL, NULL,
         "kind as_custom_obj (a custom object)"},
        {PROGRAM(SIZES, USER, NODE("torch.ops.aten.relu.default", ARG("{\"as_complex\": {\"real\": 1.0}}")), ""), NULL, NULL,
         "argument \"as_complex\" is an object"},
        {PROGRAM(SIZES, USER, NODE("torch.ops.aten.relu.default", ARG("{\"as_complex\": {\"real\": 1.0, \"imag\": 2.0}}")), ""),
         NULL, NULL,
         "aten::relu at /src/net.py, line 12, in module fc, inputs complex []: this form of it, with arguments (complex Tensor)"},
        {PROGRAM(SIZES, USER, NODE("torch.ops.aten.relu.default", ARG("{\"as_tensor\": 1}")), ""), NULL, NULL,
         "argument \"as_tensor\" is an integer"},
        {PROGRAM(
             SIZES, USER,
             NODE("torch.ops.aten._assert_scalar.default", ARG("{\"as_bool\": false}") ", " ARG("{\"as_string\": \"too small\"}")),
             ""),
         NULL, NULL, "a check of the model fails for these input shapes: too small"},
        {PROGRAM(SIZES, USER ", " WEIGHT, RELU, ""), NULL, NULL, "holds no tensor \"weight\""},
        {PROGRAM(SIZES, USER ", " WEIGHT, RELU, ""), CONFIG(META(7, 7)), NULL, "leaves its storage of 6 elements"},
        {PROGRAM(SIZES, USER ", " WEIGHT, RELU, ""), CONFIG(META(20, 6)), NULL,
         "elements of type 20 (as torch.export numbers them)"},
        {PROGRAM(SIZES, USER ", " WEIGHT, RELU, ""), CONFIG(META(10, 4)), NULL, "leaves its storage of 3 elements"},
        {PROGRAM(SIZES, USER ", " WEIGHT, RELU, ""), CONFIG("{\"path_name\": \"../secret\"}"), NULL, "a member's name and a type"},
        {PROGRAM(SIZES, USER ", " WEIGHT, RELU, ""), CONFIG("{\"path_name\": \"weight_0\", \"use_pickle\": true}"), NULL,
         "stored as a Python object"},
        {PROGRAM(SIZES, USER ", {\"custom_obj\": {}}", RELU, ""), NULL, NULL, "an input of kind custom_obj"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        struct ic_diag d;
        import(cases[i].program, cases[i].config, cases[i].in, &d);
        if (!CHECK(strstr(d.text, cases[i].says) != NULL))
            printf("  case %d, wanted \"%s\": %s\n", (int)i, cases[i].says, d.text);
    }
}

TEST(the_types_of_exported_programs_are_not_those_of_aten)
{
    static const int32_t want[] = {-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, -1}; /* ATen's numbers by torch.export's */
    for (int i = 0; i < 15; ++i)
        CHECK_EQ_INT(ic_pt2_dtype(i), want[i]);
}

TEST_MAIN()
