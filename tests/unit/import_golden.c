/* SPDX-License-Identifier: Apache-2.0
 *
 * Small networks traced, scripted and exported by PyTorch, against what PyTorch computed: tests/golden/import/the generate*.py there
 * make the files. Each is imported, optimized, compiled for this machine and run, so an error anywhere on the way shows here under
 * the operator's name. */
#include "toolchain.h"

#include "import/zip.h"
#include "testing.h"

#include <dirent.h>

#define TOLERANCE 1e-5 /* of the largest result */
#define ONE_CODE_QNNPACK                                                                                                           \
    0.055 /* of that network: one step of its last layer; qnnpack adds and averages in fixed point, with other roundings */

struct array {
    int32_t rank, dims[IC_IR_MAX_RANK];
    const float *data;
    size_t n;
};

/* One member of an npz: little-endian float32, C order. */
static int read_array(struct ic_zipfile *z, const char *member, struct array *out)
{
    struct ic_diag d = {0};
    const uint8_t *p = NULL;
    struct ic_zipfile_member *m = ic_zipfile_find(z, member);
    if (!m || ic_zipfile_read(z, m, 0, &p, &d) != IC_OK || m->size_bytes < 12 || memcmp(p, "\x93NUMPY\x01", 7) != 0)
        return 0;
    const size_t head = 10u + p[8] + 256u * p[9];
    char text[256];
    snprintf(text, sizeof text, "%.*s", (int)(head - 10), (const char *)p + 10);
    const char *shape = strstr(text, "'shape': (");
    if (!shape || !strstr(text, "'<f4'"))
        return 0;
    memset(out, 0, sizeof *out);
    out->n = 1;
    for (shape += 10; *shape != ')'; shape += *shape == ',' || *shape == ' ') {
        if (*shape < '0' || *shape > '9')
            continue;
        out->dims[out->rank] = (int32_t)strtol(shape, (char **)(uintptr_t)&shape, 10);
        out->n *= (size_t)out->dims[out->rank++];
    }
    float *copy = malloc(out->n * 4);
    memcpy(copy, p + head, out->n * 4);
    out->data = copy;
    return head + out->n * 4 == m->size_bytes;
}

static void no_tap(void *user, const struct ic_value *v, const float *data, size_t elements)
{
    (void)user;
    (void)v;
    (void)data;
    (void)elements;
}

static void compare(const char *name, const struct ic_graph *g, struct ic_host_executor *e, const struct array *want)
{
    const void *result = ic_session_output(e->session, 0);
    const bool whole = g->outputs[0].value->dtype == IC_S64;
    double largest = 1e-3, worst = 0;
    if (!CHECK_EQ_INT(ic_value_elements(g->outputs[0].value), want->n) || !CHECK_EQ_INT(g->outputs[0].value->rank, want->rank)) {
        printf("  in %s\n", name);
        return;
    }
    for (int32_t i = 0; i < want->rank; ++i)
        CHECK_EQ_INT(g->outputs[0].value->dims[i], want->dims[i]);
    for (size_t i = 0; i < want->n; ++i) {
        const double size = want->data[i] < 0 ? -(double)want->data[i] : (double)want->data[i];
        const double got = whole ? (double)((const int64_t *)result)[i] : (double)((const float *)result)[i];
        const double error = got > (double)want->data[i] ? got - (double)want->data[i] : (double)want->data[i] - got;
        largest = size > largest ? size : largest;
        worst = error > worst || error != error ? error : worst;
    }
    const double tolerance = strcmp(name, "quantized_qnnpack_per_tensor") == 0 ? ONE_CODE_QNNPACK : TOLERANCE;
    if (!CHECK(worst <= tolerance * largest))
        printf("  in %s: error %g, largest result %g\n", name, worst, largest);
}

static void run_case(const char *name, const void *bytes, size_t size, const struct array *in, const struct array *want)
{
    struct ic_import_input input = {.rank = in->rank};
    struct ic_import_options options = {.inputs = &input, .n_inputs = 1, .limits = ic_import_limits_default()};
    if (strncmp(name, "method_", 7) == 0)
        options.method = name + 7;
    const struct ic_optimize_options optimize = {.level = 3};
    struct ic_diag d = {0};
    struct ic_graph *g = NULL;
    struct ic_host_executor e;
    const void *inputs[1] = {in->data};
    if (strstr(name, "complex_input")) { /* what is given is its two parts */
        input.complex = true;
        --input.rank;
    }
    memcpy(input.dims, in->dims, sizeof input.dims);
    ic_host_executor_init(&e);
    if (ic_import(bytes, size, name, &options, &g, &d) == IC_OK && ic_ir_verify(g, IC_STAGE_IMPORTED, &d) == IC_OK &&
        ic_optimize(g, &optimize, &d) == IC_OK && e.face.prepare(e.face.self, g, &d) == IC_OK &&
        e.face.run(e.face.self, inputs, no_tap, NULL, &d) == IC_OK)
        compare(name, g, &e, want);
    if (!CHECK_EQ_INT(d.status, IC_OK))
        printf("  in %s: %s\n", name, d.text);
    ic_host_executor_destroy(&e);
    ic_graph_destroy(g);
}

static void run_file(const char *folder, const char *stem, const char *end)
{
    char path[600];
    struct ic_diag d = {0};
    struct ic_file_map model = {0}, arrays = {0};
    struct ic_arena arena = {0};
    struct ic_zipfile z;
    struct array in = {0}, out = {0};
    snprintf(path, sizeof path, "%s/%s%s", folder, stem, end);
    if (CHECK_EQ_INT(ic_file_map_open(path, &model, &d), IC_OK)) {
        snprintf(path, sizeof path, "%s/%s.npz", folder, stem);
        if (CHECK_EQ_INT(ic_file_map_open(path, &arrays, &d), IC_OK) &&
            CHECK_EQ_INT(ic_zipfile_open(arrays.bytes, arrays.size_bytes, 1u << 20, &arena, &z, &d), IC_OK) &&
            CHECK(read_array(&z, "in.npy", &in)) && CHECK(read_array(&z, "out.npy", &out)))
            run_case(stem, model.bytes, model.size_bytes, &in, &out);
    }
    free((void *)(uintptr_t)in.data);
    free((void *)(uintptr_t)out.data);
    ic_arena_destroy(&arena);
    ic_file_map_close(&arrays);
    ic_file_map_close(&model);
}

/* Files whose names begin so; returns how many. */
static int run_family(const char *prefix)
{
    char folder[400];
    int n = 0;
    test_source_path(folder, sizeof folder, "tests/golden/import");
    DIR *dir = opendir(folder);
    if (!CHECK(dir != NULL))
        return 0;
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        const char *end = strrchr(entry->d_name, '.');
        char stem[128];
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 || !end ||
            (strcmp(end, ".pt") != 0 && strcmp(end, ".pt2") != 0 && strcmp(end, ".ptl") != 0))
            continue;
        snprintf(stem, sizeof stem, "%.*s", (int)(end - entry->d_name < 120 ? end - entry->d_name : 120), entry->d_name);
        run_file(folder, stem, end);
        n++;
    }
    closedir(dir);
    return n;
}

TEST(quantized_networks_as_pytorch)
{
    CHECK(run_family("quantized_") >= 6);
}
TEST(exported_quantized_networks_as_pytorch)
{
    CHECK(run_family("codes_") >= 9);
}
TEST(archives_for_mobile_as_pytorch)
{
    CHECK(run_family("mobile_") >= 3);
}
TEST(a_method_other_than_forward_as_pytorch)
{
    CHECK(run_family("method_") >= 2);
}
/* How the file without forward is refused when NAME (NULL: none) is chosen. */
static void refuses_method(const char *method, const char *wanted)
{
    char path[600];
    struct ic_file_map model = {0};
    struct ic_import_options options = {.method = method, .limits = ic_import_limits_default()};
    struct ic_diag d = {0};
    struct ic_graph *g = NULL;
    test_source_path(path, sizeof path, "tests/golden/import/method_encode.pt");
    if (!CHECK_EQ_INT(ic_file_map_open(path, &model, &d), IC_OK))
        return;
    CHECK_EQ_INT(ic_import(model.bytes, model.size_bytes, "net.pt", &options, &g, &d), IC_ERR_ARG);
    CHECK(d.code == IC_E_NAME_UNKNOWN && strstr(d.text, wanted) &&
          strstr(d.text, "it has decode(z, scale), encode(x): choose one"));
    ic_file_map_close(&model);
}
TEST(methods_are_listed_where_the_chosen_one_is_missing)
{
    refuses_method(NULL, "has no method forward");
    refuses_method("encod", "has no method encod;");
    refuses_method("__setstate__", "has no method __setstate__");
}
TEST(exported_programs_as_pytorch)
{
    CHECK(run_family("export_") >= 15);
}
TEST(elementwise_operators_as_pytorch)
{
    CHECK(run_family("map_") >= 35);
}
TEST(reductions_and_norms_as_pytorch)
{
    CHECK(run_family("reduce_") >= 15);
}
TEST(shape_operators_as_pytorch)
{
    CHECK(run_family("shape_") >= 28);
}
TEST(convolutions_and_pools_as_pytorch)
{
    CHECK(run_family("conv_") >= 20);
}
TEST(products_as_pytorch)
{
    CHECK(run_family("product_") >= 8);
}
TEST(recurrent_layers_as_pytorch)
{
    CHECK(run_family("recurrent_") >= 5);
}
TEST(in_place_operators_reach_all_aliases)
{
    CHECK(run_family("alias_") >= 12);
}
TEST(scripted_language_as_pytorch)
{
    CHECK(run_family("python_") >= 4);
}

/* Those that no name of a family above begins; each is one case more of what stands in generate.py. */
TEST(single_networks_as_pytorch)
{
    static const char *const families[] = {"layer_",   "softmax_", "cumsum_",  "functions_", "norms_",
                                           "scatter_", "regions_", "strided_", "windows_",   "late_"};
    for (size_t i = 0; i < sizeof families / sizeof *families; ++i)
        CHECK(run_family(families[i]) >= 1);
}

static void refuses(const char *name, enum ic_status status, const char *wanted)
{
    char path[600], file[64];
    struct ic_file_map model = {0};
    struct ic_import_input input = {.rank = 4, .dims = {1, 3, 4, 4}};
    struct ic_import_options options = {.inputs = &input, .n_inputs = 1, .limits = ic_import_limits_default()};
    struct ic_diag d = {0};
    struct ic_graph *g = NULL;
    snprintf(file, sizeof file, "tests/golden/import/refused_%s.pt", name);
    test_source_path(path, sizeof path, file);
    if (!CHECK_EQ_INT(ic_file_map_open(path, &model, &d), IC_OK))
        return;
    if (!CHECK_EQ_INT(ic_import(model.bytes, model.size_bytes, "net.pt", &options, &g, &d), status) ||
        !CHECK(strstr(d.text, wanted) != NULL))
        printf("  in %s: %s\n", name, d.text);
    ic_graph_destroy(g);
    ic_file_map_close(&model);
}
TEST(a_write_that_a_copy_would_not_show_is_refused)
{
    static const char surely[] = "shares its operand's memory in PyTorch, and is a copy here; one of them is written to",
                      perhaps[] = "may or may not share its operand's memory, depending on how PyTorch lays out that operand";
    refuses("unfold", IC_ERR_UNSUPPORTED, surely);
    refuses("unfold", IC_ERR_UNSUPPORTED, "the result of unfold in line ");
    refuses("unfold_written", IC_ERR_UNSUPPORTED, surely);
    refuses("diagonal", IC_ERR_UNSUPPORTED, "the result of diagonal in line ");
    refuses("channels_last", IC_ERR_UNSUPPORTED, perhaps);
    refuses("channels_last", IC_ERR_UNSUPPORTED, "the result of contiguous in line ");
    refuses("channels_last_seen", IC_ERR_UNSUPPORTED, perhaps);
}
TEST(a_weight_whose_storage_was_written_to_by_another_is_refused)
{
    refuses("storage", IC_ERR_UNSUPPORTED,
            "a weight is read here that shares its storage with another one, which line 11 has written to");
}
TEST(regions_of_boxes_without_bound_are_refused)
{
    refuses("regions_large", IC_ERR_UNSUPPORTED, "roi_align");
    refuses("regions_large", IC_ERR_UNSUPPORTED, "it would read more than 2^20 points; give sampling_ratio");
    refuses("regions_absurd", IC_ERR_UNSUPPORTED, "it would read more than 2^20 points; give sampling_ratio");
}

TEST_MAIN()
