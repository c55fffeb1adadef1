/* SPDX-License-Identifier: Apache-2.0
 *
 * What the evaluator makes of small sources: nodes, names, and above all what it says when it cannot go on. */
#include "import/import.h"

#include "import_archive.h"
#include "testing.h"

static const float numbers[64] = {1, -1, 0.5f};

struct result {
    struct archive archive;
    struct ic_graph *graph;
    struct ic_diag d;
    enum ic_status status;
    struct ic_import_input input;
    struct ic_import_options options;
    char log[1000];
};

static void keep_line(void *user, char level, const char *text)
{
    struct result *r = user;
    const size_t n = strlen(r->log);
    snprintf(r->log + n, sizeof r->log - n, "%c %s\n", level, text);
}

/* body: the lines of forward(self, x: Tensor), each with four blanks before it */
static void import(struct result *r, const char *body, int32_t rank, const int32_t *dims)
{
    static const struct weight weights[] = {
        {"weight", 2, {3, 6}, numbers}, {"bias", 1, {3}, numbers}, {"kernel", 4, {2, 3, 3, 3}, numbers}};
    char text[4000];
    const struct ic_log log = {.line = keep_line, .user = r};
    memset(r, 0, sizeof *r);
    snprintf(text, sizeof text,
             "class M(Module):\n  training : bool\n  def forward(self: __torch__.M,\n    x: Tensor) -> Tensor:\n%s", body);
    archive_of_source(&r->archive, text, strlen(text), weights, 3);
    r->input.rank = rank;
    for (int32_t i = 0; i < rank; ++i)
        r->input.dims[i] = dims[i];
    r->options = (struct ic_import_options){
        .inputs = &r->input, .n_inputs = rank < 0 ? 0 : 1, .limits = ic_import_limits_default()};
    r->d.log = &log;
    r->status = ic_import(r->archive.file.bytes, r->archive.file.size_bytes, "folder/net.pt", &r->options, &r->graph, &r->d);
    r->d.log = NULL;
}

static void done(struct result *r)
{
    ic_graph_destroy(r->graph);
    archive_free(&r->archive);
}

static const int32_t six[2] = {1, 6}, picture[4] = {1, 3, 8, 8};

static void refuses(const char *body, enum ic_status status, const char *const *words, int n)
{
    struct result r;
    import(&r, body, 2, six);
    CHECK_EQ_INT(r.status, status);
    CHECK(r.graph == NULL);
    for (int i = 0; i < n; ++i)
        if (!CHECK(strstr(r.d.text, words[i]) != NULL))
            printf("  \"%s\" without \"%s\"\n", r.d.text, words[i]);
    done(&r);
}
#define REFUSES(body, status, ...)                                                                                                 \
    refuses(body, status, (const char *const[]){__VA_ARGS__},                                                                      \
            (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)))

TEST(a_linear_layer_is_one_node_with_lent_weights)
{
    struct result r;
    import(&r, "    return torch.linear(x, self.weight, self.bias)\n", 2, six);
    REQUIRE(r.status == IC_OK);
    CHECK_EQ_STR(r.graph->name, "net");
    CHECK_EQ_INT(r.graph->n_nodes, 1);
    const struct ic_node *n = r.graph->nodes[0];
    CHECK_EQ_INT(n->op, IC_OP_LINEAR);
    CHECK_EQ_STR(n->name, "linear");
    CHECK_EQ_STR(n->inputs[1]->name, "weight");
    const uint8_t *data = n->inputs[1]->data;
    CHECK_EQ_MEM(data, numbers, 72);
    CHECK_EQ_INT(n->origin.line, 5);
    CHECK_EQ_STR(n->origin.file, "code/__torch__.py");
    CHECK_EQ_INT(r.graph->outputs[0].value->dims[1], 3);
    CHECK_EQ_STR(r.graph->inputs[0].face_name, "x.1_0");
    /* 0 self, 1 x, 2 and 3 the attributes, 4 the call; layers: 0 x, 1 linear, 2 the output */
    CHECK_EQ_STR(r.graph->outputs[0].face_name, "linear_at_4_1_out0_2");
    done(&r);
}

TEST(the_drop_in_gives_rank_1_inputs_a_batch)
{
    struct result r;
    const int32_t flat[1] = {6};
    import(&r, "    return torch.linear(x, self.weight, self.bias)\n", 1, flat);
    REQUIRE(r.status == IC_OK);
    CHECK_EQ_INT(r.graph->inputs[0].value->rank, 1);
    ic_graph_destroy(r.graph);
    r.options.inputs = &r.input;
    r.options.drop_in_batch1 = true;
    CHECK_EQ_INT(ic_import(r.archive.file.bytes, r.archive.file.size_bytes, "net.pt", &r.options, &r.graph, &r.d), IC_OK);
    CHECK_EQ_INT(r.graph->inputs[0].value->rank, 2);
    CHECK_EQ_INT(r.graph->inputs[0].value->dims[0], 1);
    done(&r);
}

TEST(convolution_weights_go_to_oc_kh_kw_ic)
{
    struct result r;
    import(&r, "    return torch.conv2d(x, self.kernel)\n", 4, picture);
    REQUIRE(r.status == IC_OK);
    CHECK_EQ_INT(r.graph->n_nodes, 3); /* transpose, convolution, transpose */
    const struct ic_value *w = r.graph->nodes[1]->inputs[1];
    const float *data = w->data;
    CHECK(w->dims[1] == 3 && w->dims[3] == 3);
    for (int oc = 0; oc < 2; ++oc)
        for (int ic = 0; ic < 3; ++ic)
            for (int k = 0; k < 9; ++k)
                CHECK(data[(oc * 9 + k) * 3 + ic] == numbers[(oc * 3 + ic) * 9 + k]);
    CHECK_EQ_INT(r.graph->nodes[1]->outputs[0]->layout, IC_VALUE_NHWC);
    done(&r);
}

TEST(what_does_not_depend_on_the_input_leaves_nothing)
{
    struct result r;
    import(&r,
           "    n = torch.mul(torch.size(x, -1), 2)\n    _0 = ops.prim.NumToTensor(n)\n    k = int(torch.floor_divide(_0, 4))\n"
           "    i = 0\n    y = x\n    while torch.lt(i, k):\n      y = torch.relu(y)\n      i = torch.add(i, 1)\n"
           "    if torch.eq(torch.dim(x), 3):\n      ops.prim.RaiseException(\"three\")\n    else:\n      pass\n    return y\n",
           2, six);
    REQUIRE(r.status == IC_OK);
    CHECK_EQ_INT(r.graph->n_nodes, 3);
    CHECK_EQ_STR(r.graph->nodes[2]->name, "relu_2");
    done(&r);
}

TEST(outputs_are_found_in_tuples_lists_and_dicts)
{
    struct result r;
    import(&r, "    a, b, = torch.chunk(x, 2, 1)\n    return ({\"a\": a, \"n\": 3}, [torch.neg(b), x])\n", 2, six);
    REQUIRE(r.status == IC_OK);
    CHECK_EQ_INT(r.graph->n_outputs, 3);
    CHECK_EQ_INT(r.graph->outputs[0].value->dims[1], 3);
    CHECK_EQ_INT(r.graph->outputs[2].value->dims[1], 6);
    done(&r);
}

/* A dict of results would hold one of them. */
TEST(a_value_that_is_given_twice_is_two_outputs)
{
    struct result r;
    import(&r, "    y = torch.relu(x)\n    return (y, torch.view(y, [1, 6]), x, y, x)\n", 2, six);
    REQUIRE(r.status == IC_OK);
    REQUIRE(r.graph->n_outputs == 5);
    for (int i = 0; i < 5; ++i)
        for (int k = 0; k < i; ++k) {
            CHECK(strcmp(r.graph->outputs[i].value->name, r.graph->outputs[k].value->name) != 0);
            CHECK(strcmp(r.graph->outputs[i].face_name, r.graph->outputs[k].face_name) != 0);
        }
    CHECK_EQ_STR(r.graph->outputs[0].value->name, "relu");
    CHECK_EQ_STR(r.graph->outputs[1].value->name, "relu.1");
    done(&r);
}

TEST(all_unsupported_operators_are_told_at_once)
{
    REFUSES(
        "    a = torch.frobnicate(x, 3)\n    b = torch.relu(a)\n    c = ops.mylib.twist(b, torch.linear(x, self.weight))\n    if "
        "torch.eq(torch.len(torch.size(c)), 2):\n"
        "      pass\n    else:\n      ops.prim.RaiseException(\"x\")\n    d = torch.frobnicate(c)\n    return torch.unique(d)\n",
        IC_ERR_UNSUPPORTED, "3 operators", "aten::frobnicate at code/__torch__.py, line 5", "[1, 6]", "2 times", "mylib::twist",
        "line 7", "[1, 3]", "aten::unique", "depends on the data");
}

TEST(known_traps_say_what_to_do)
{
    REFUSES("    return ops.prim.ConstantMKLDNNTensor()\n", IC_ERR_UNSUPPORTED, "optimize_for_inference", "save the module before");
    REFUSES("    return ops.prepacked.linear_prepack(x, x)\n", IC_ERR_UNSUPPORTED, "optimize_for_mobile");
    REFUSES("    return ops.quantized.instance_norm(x, x, x, 1., 1., 0)\n", IC_ERR_UNSUPPORTED, "export the float model");
    REFUSES("    return ops.torchvision.nms(x, x, 0.5)\n", IC_ERR_UNSUPPORTED, "in your own code");
    REFUSES("    return torch.where(x)[0]\n", IC_ERR_UNSUPPORTED, "aten::where at code/__torch__.py, line 5", "how many elements",
            "own code");
    REFUSES("    return torch.polygamma(2, x)\n", IC_ERR_UNSUPPORTED, "losses and distributions");
}

TEST(complex_numbers_are_never_taken_for_real_ones)
{
    REFUSES("    return torch.relu(torch.fft_rfft(x))\n", IC_ERR_UNSUPPORTED, "aten::relu at code/__torch__.py, line 5",
            "complex [1, 4]", "(complex Tensor)", "view_as_real");
    REFUSES("    return torch.cumprod(torch.mul(x, 0.+1.j), 1)\n", IC_ERR_UNSUPPORTED, "aten::cumprod", "complex [1, 6]");
    REFUSES("    y = torch.add_(x, 1.+2.j)\n    return y\n", IC_ERR_MODEL, "Tensor complex [1, 6] is written into Tensor [1, 6]");
    REFUSES("    return torch.real(torch.select(torch.fft_rfft(x), 2, 0))\n", IC_ERR_MODEL, "axis 2 of a tensor of rank 2");
    REFUSES("    return torch.view_as_complex(x)\n", IC_ERR_MODEL, "its last axis has to hold two floats");
    REFUSES("    return torch.real(ops.ic.dft_dense(x, 4, 4, 2, False, False, 1.))\n", IC_ERR_MODEL,
            "a transform of 4 points to 4");
    REFUSES("    return torch.fft_rfft(x, 0)\n", IC_ERR_MODEL, "a transform has at least one point");
}

/* An archive does not say which inputs are complex: what PyTorch has for complex numbers only is refused, what it has for both is said. */
TEST(inputs_that_may_be_complex_are_not_taken_for_real_in_silence)
{
    struct result r;
    REFUSES("    return torch.imag(x)\n", IC_ERR_UNSUPPORTED, "aten::imag", "--input NAME=SHAPE:complex64");
    REFUSES("    return torch.view_as_real(torch.transpose(x, 0, 1))\n", IC_ERR_UNSUPPORTED, "aten::view_as_real", "complex64");
    REFUSES("    return torch.mul(x, torch._conj(x))\n", IC_ERR_UNSUPPORTED, "aten::_conj", "complex64");
    REFUSES("    return torch.istft(x, 4)\n", IC_ERR_UNSUPPORTED, "aten::istft", "complex64");
    import(&r, "    return torch.fft_irfft(torch.transpose(x, 0, 1), None, 0)\n", 2, six);
    CHECK_EQ_INT(r.status, IC_OK);
    CHECK(strstr(r.log,
                 "W input \"x\" is taken as real numbers, by the shape given for it; if fft_irfft in line 5 is meant to have "
                 "complex ones, give --input x=SHAPE:complex64") != NULL);
    done(&r);
    import(&r, "    return torch.fft_irfft(torch.mul(x, 2))\n", 2, six);
    CHECK_EQ_INT(r.status, IC_OK);
    CHECK(strstr(r.log, "complex64") == NULL);
    done(&r);
}

TEST(windows_count_as_work_and_constants_as_memory)
{
    struct result r;
    import(&r, "    return torch.add(x, torch.mean(torch.hann_window(1048576)))\n", 2, six);
    REQUIRE(r.status == IC_OK);
    ic_graph_destroy(r.graph);
    r.options.limits.max_evaluated = 10000;
    CHECK_EQ_INT(ic_import(r.archive.file.bytes, r.archive.file.size_bytes, "net.pt", &r.options, &r.graph, &r.d), IC_ERR_LIMIT);
    CHECK(strstr(r.d.text, "line 5") &&
          strstr(r.d.text, "a window of 1048576 points is, with the windows and loops before it, more"));
    r.options.limits = ic_import_limits_default();
    r.d = (struct ic_diag){0};
    r.options.limits.max_total_bytes = (uint64_t)3 << 20;
    CHECK_EQ_INT(ic_import(r.archive.file.bytes, r.archive.file.size_bytes, "net.pt", &r.options, &r.graph, &r.d), IC_ERR_LIMIT);
    CHECK(strstr(r.d.text, "no memory for a constant of 4194304 bytes more; ") &&
          strstr(r.d.text, " and 3 MB are the limit of what"));
    done(&r);
}

/* x + 1 keeps the order of a turned x in PyTorch, so that contiguous() copies; a product would not, and contiguous() gave itself. */
TEST(a_write_that_may_or_may_not_be_seen_is_refused)
{
    REFUSES("    y = torch.add(torch.permute(torch.reshape(x, [2, 3]), [1, 0]), 1)\n    z = torch.reshape(y, [-1])\n    w = "
            "torch.add_(z, 1)\n    return y\n",
            IC_ERR_UNSUPPORTED, "the result of reshape in line 6", ".clone()");
    REFUSES("    y = torch.add(torch.permute(torch.reshape(x, [2, 3]), [1, 0]), 1)\n    z = torch.contiguous(y)\n    w = "
            "torch.add_(y, 1)\n    return z\n",
            IC_ERR_UNSUPPORTED, ".clone()");
}

/* What the code's page says is what to do: another cause has another code. */
TEST(refusals_carry_the_code_of_their_cause)
{
    static const struct {
        const char *body;
        unsigned code;
    } cases[] = {
        {"    y = torch.expand(torch.slice(x, 1, 0, 1), [4, 6])\n    z = torch.add_(y, x)\n    return y\n", IC_E_WRITE_EXPANDED},
        {"    a = torch.slice([1, 2, 3, 4], 0, 4, 0)\n    return torch.mul(x, a[0])\n", IC_E_SCRIPT_FORM},
        {"    return torch.zeros([1, 1, 1, 1, 1, 1, 1, 1, 1])\n", IC_E_RANK},
        {"    return torch.repeat(x, [1, 1, 1, 1, 1, 1, 1, 1, 1])\n", IC_E_RANK},
        {"    return torch.repeat(x, [1000000, 1])\n", IC_E_OPERATOR_FORM},
        {"    return torch.__and__(x, x)\n", IC_E_SCRIPT_VALUE},
        {"    if bool(torch.gt(torch.sum(x), 0)):\n      y = x\n    else:\n      y = torch.neg(x)\n    return y\n",
         IC_E_DATA_DEPENDENT},
        {"    return torch.frobnicate(x)\n", IC_E_OPERATORS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        struct result r;
        import(&r, cases[i].body, 2, six);
        if (!CHECK_EQ_INT(r.d.code, cases[i].code))
            printf("  %s  %s\n", cases[i].body, r.d.text);
        done(&r);
    }
}

/* What a file may say: a step behind all places, factors that no picture has. */
/* As PyTorch: an error where it gives one, its value where it has one. */
TEST(the_greatest_of_nothing_is_refused)
{
    static const char *const calls[] = {"torch.amax(y, [1])",      "torch.amin(y, [1])",     "torch.max(y)",
                                        "(torch.median(y, 1))[0]", "torch.quantile(y, 0.5)", "(torch.kthvalue(y, 1, 1))[0]"};
    char body[200];
    for (size_t i = 0; i < sizeof calls / sizeof *calls; ++i) {
        snprintf(body, sizeof body, "    y = torch.slice(x, 1, 0, 0)\n    return %s\n", calls[i]);
        REFUSES(body, IC_ERR_MODEL, "line 6", "has no elements", "PyTorch", "is the input shape right?");
    }
}

TEST(the_median_of_nothing_is_nan)
{
    struct result r;
    import(&r, "    return torch.median(torch.slice(x, 1, 0, 0))\n", 2, six);
    REQUIRE(r.status == IC_OK);
    const struct ic_value *y = r.graph->outputs[0].value;
    const struct ic_node *n = y->producer;
    CHECK_EQ_INT(y->rank, 0);
    REQUIRE(n && n->op == IC_OP_IDENTITY && n->inputs[0]->data);
    const float *v = n->inputs[0]->data;
    CHECK(*v != *v);
    done(&r);
}

TEST(steps_and_factors_out_of_range_are_no_places_in_memory)
{
    struct result r;
    import(&r, "    a = torch.slice([1, 2, 3, 4], 1, 4, 9223372036854775807)\n    return torch.mul(x, a[0])\n", 2, six);
    CHECK_EQ_INT(r.status, IC_OK);
    done(&r);
    static const char *const factors[] = {"1e-300", "1e300"};
    for (int i = 0; i < 2; ++i) {
        char body[200];
        snprintf(body, sizeof body, "    return torch.upsample_bicubic2d(x, [16, 16], False, %s, %s)\n", factors[i], factors[i]);
        import(&r, body, 4, picture);
        CHECK_EQ_INT(r.status, IC_ERR_UNSUPPORTED);
        if (!CHECK(strstr(r.d.text, "factor") != NULL))
            printf("  %s\n", r.d.text);
        done(&r);
    }
}

TEST(control_flow_on_data_names_variable_and_remedy)
{
    REFUSES("    s = torch.sum(x)\n    if bool(torch.gt(s, 0)):\n      y = x\n    else:\n      y = torch.neg(x)\n    return y\n",
            IC_ERR_UNSUPPORTED, "line 6", "`bool()`", "`s`", "torch.jit.trace");
    REFUSES("    s = torch.sum(x)\n    if s:\n      y = x\n    else:\n      y = torch.neg(x)\n    return y\n", IC_ERR_UNSUPPORTED,
            "line 6", "`if`", "`s`", "torch.jit.trace");
    REFUSES("    return torch.view(x, [int(torch.max(x)), -1])\n", IC_ERR_UNSUPPORTED, "int()", "`x`");
}

TEST(the_models_own_checks_and_damage_are_told_with_the_line)
{
    REFUSES("    ops.prim.RaiseException(\"784 pixels expected\")\n    return x\n", IC_ERR_MODEL, "784 pixels expected", "line 5");
    REFUSES("    return torch.view(x, [7, 113])\n", IC_ERR_MODEL, "[1, 6]", "[7, 113]", "line 5");
    REFUSES("    return torch.linear(torch.flatten(x, 0), self.kernel)\n", IC_ERR_MODEL, "[2, 3, 3, 3]");
    REFUSES("    return nosuch\n", IC_ERR_MODEL, "`nosuch`");
    REFUSES("    return self.nosuch\n", IC_ERR_MODEL, "nosuch");
    REFUSES("    i = torch.floordiv(1, 0)\n    return x\n", IC_ERR_MODEL, "zero");
}

TEST(loops_and_recursion_end)
{
    REFUSES("    while True:\n      pass\n    return x\n", IC_ERR_LIMIT, "evaluated");
    REFUSES("    for i in range(9223372036854775807):\n      pass\n    return x\n", IC_ERR_LIMIT, "evaluated");
    REFUSES("    return (self).forward(x, )\n", IC_ERR_LIMIT, "call itself");
    REFUSES("    y = x\n    while True:\n      y = torch.relu(y)\n    return y\n", IC_ERR_LIMIT, "operations");
    REFUSES("    return torch.zeros([9223372036854775807, 2])\n", IC_ERR_LIMIT, "9223372036854775807");
}

TEST(a_missing_shape_is_asked_for_with_the_option_to_type)
{
    struct result r;
    static struct ic_import_signature s;
    import(&r, "    return torch.linear(torch.relu(torch.to(x, 6)), self.weight, self.bias)\n", -1, NULL);
    CHECK_EQ_INT(r.status, IC_ERR_ARG);
    if (!CHECK(strstr(r.d.text, "--input x=1x6") != NULL))
        printf("  %s\n", r.d.text);
    ic_diag_clear(&r.d);
    CHECK_EQ_INT(ic_import_signature(r.archive.file.bytes, r.archive.file.size_bytes, "net.pt", NULL, &s, &r.d), IC_OK);
    CHECK_EQ_INT(s.n_inputs, 1);
    CHECK_EQ_STR(s.names[0], "x");
    CHECK(s.rank[0] == 2 && s.dims[0][0] == 1 && s.dims[0][1] == 6);
    done(&r);
    import(&r, "    return torch.conv2d(x, self.kernel)\n", -1, NULL);
    if (!CHECK(strstr(r.d.text, "--input x=1x3xHEIGHTxWIDTH") != NULL))
        printf("  %s\n", r.d.text);
    CHECK_EQ_INT(ic_import_signature(r.archive.file.bytes, r.archive.file.size_bytes, "net.pt", NULL, &s, &r.d), IC_OK);
    CHECK(s.rank[0] == 4 && s.dims[0][1] == 3 && s.dims[0][2] == -1);
    done(&r);
    import(&r, "    return torch.linear(torch.flatten(x, 1), self.weight)\n", -1, NULL);
    CHECK(strstr(r.d.text, "--input x=SHAPE") != NULL);
    CHECK_EQ_INT(ic_import_signature(r.archive.file.bytes, r.archive.file.size_bytes, "net.pt", NULL, &s, &r.d), IC_OK);
    CHECK_EQ_INT(s.rank[0], -1);
    done(&r);
}

TEST(input_names_that_do_not_exist_are_refused)
{
    struct result r;
    import(&r, "    return torch.relu(x)\n", 2, six);
    ic_graph_destroy(r.graph);
    r.options.inputs = &r.input;
    r.input.name = "x.1"; /* as the drop-in shows it */
    CHECK_EQ_INT(ic_import(r.archive.file.bytes, r.archive.file.size_bytes, "net.pt", &r.options, &r.graph, &r.d), IC_OK);
    ic_graph_destroy(r.graph);
    r.input.name = "y";
    CHECK_EQ_INT(ic_import(r.archive.file.bytes, r.archive.file.size_bytes, "net.pt", &r.options, &r.graph, &r.d), IC_ERR_ARG);
    CHECK(strstr(r.d.text, "\"y\"") != NULL);
    done(&r);
}

TEST(leftovers_of_training_and_devices_are_one_warning_each)
{
    struct result r;
    import(&r,
           "    a = torch.to(x, torch.device(\"cuda:0\"), 6)\n    b = torch.to(a, dtype=6, layout=0, "
           "device=torch.device(\"cuda:1\"))\n"
           "    return torch.dropout(torch.dropout(b, 0.5, True), 0.5, True)\n",
           2, six);
    CHECK_EQ_INT(r.status, IC_OK);
    CHECK(strstr(r.log, "W the model was saved on device cuda:0") != NULL);
    CHECK(strstr(r.log, "cuda:1") == NULL);
    const char *training = strstr(r.log, "training mode");
    CHECK(training && !strstr(training + 1, "training mode"));
    CHECK(strstr(r.log, "D TorchScript archive format 1.6") != NULL);
    done(&r);
}

TEST(weights_with_nan_are_refused_by_name)
{
    static float bad[18];
    static const struct weight weights[] = {{"weight", 2, {3, 6}, bad}};
    static const char text[] = "class M(Module):\n  def forward(self,\n    x: Tensor):\n    return torch.linear(x, self.weight)\n";
    struct ic_import_input input = {.rank = 2, .dims = {1, 6}};
    const struct ic_import_options o = {.inputs = &input, .n_inputs = 1, .limits = ic_import_limits_default()};
    for (int i = 0; i < 2; ++i) {
        struct archive a;
        struct ic_diag d = {0};
        struct ic_graph *g = NULL;
        bad[7] = i ? 1.0f / 0.0f : 0.0f / 0.0f;
        archive_of_source(&a, text, sizeof text - 1, weights, 1);
        CHECK_EQ_INT(ic_import(a.file.bytes, a.file.size_bytes, "net.pt", &o, &g, &d), IC_ERR_MODEL);
        CHECK(strstr(d.text, "weight weight holds") && strstr(d.text, "element 7") && strstr(d.text, i ? "infinite" : "NaN"));
        archive_free(&a);
    }
}

/* A write into a copy must not reach the source: the sum still reads the input itself. */
TEST(to_with_copy_is_a_copy)
{
    static const char *const copies[] = {"torch.to(x, 6, False, True)", "torch.to(x, torch.device(\"cpu\"), 6, False, True)",
                                         "torch.to(x, dtype=6, layout=0, device=torch.device(\"cpu\"), copy=True)",
                                         "torch.to(x, False, True)", "torch.clone(x)"};
    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++) {
        struct result r;
        char body[300];
        snprintf(body, sizeof body, "    y = %s\n    z = torch.relu_(y)\n    return torch.add(x, z)\n", copies[i]);
        import(&r, body, 2, six);
        REQUIRE(r.status == IC_OK);
        const struct ic_node *add = r.graph->nodes[r.graph->n_nodes - 1];
        CHECK_EQ_INT(add->op, IC_OP_ADD);
        if (!CHECK(add->inputs[0] == r.graph->inputs[0].value && add->inputs[1] != add->inputs[0]))
            printf("  %s\n", copies[i]);
        done(&r);
    }
}

TEST_MAIN()
