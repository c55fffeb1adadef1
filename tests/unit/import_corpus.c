/* SPDX-License-Identifier: Apache-2.0
 *
 * The shared corpus: every PyTorch file in it is imported or refused as its manifest says, quickly and in little memory; the networks
 * trained on digits give their golden outputs. */
#define _GNU_SOURCE
#include "toolchain.h"

#include "base/os.h"

#include "testing.h"

#include <unistd.h>

#define HANG_SECONDS 120
#define MAX_MEGABYTES 200.0

struct manifest_line {
    char path[200], purpose[300];
};

/* Calls visit for every file below folder that ends so; returns how many, -1 without a corpus. */
static int for_each_file(const char *folder, const char *end, void (*visit)(const struct manifest_line *line))
{
    char path[600], text[2000];
    int n = 0;
    if (!test_corpus_path(path, sizeof path, "MANIFEST.tsv"))
        return -1;
    FILE *f = fopen(path, "r");
    while (f && fgets(text, sizeof text, f)) {
        struct manifest_line line = {{0}, {0}};
        const char *tab = strchr(text, '\t');
        if (!tab || strncmp(text, folder, strlen(folder)) != 0 || (size_t)(tab - text) >= sizeof line.path)
            continue;
        memcpy(line.path, text, (size_t)(tab - text));
        snprintf(line.purpose, sizeof line.purpose, "%.299s", tab + 1);
        const size_t length = strlen(line.path), m = strlen(end);
        if (length < m || strcmp(line.path + length - m, end) != 0)
            continue;
        visit(&line);
        n++;
    }
    if (f)
        fclose(f);
    return n;
}

static bool ends(const char *s, const char *end)
{
    return strlen(s) >= strlen(end) && strcmp(s + strlen(s) - strlen(end), end) == 0;
}

/* Input shapes of the corpus by its folder names. */
static void shape_for(const char *path, struct ic_import_input *in)
{
    static const struct {
        const char *part;
        int32_t rank, dims[4];
    } shapes[] = {
        {"/lenet/", 4, {1, 1, 28, 28}}, {"/dsnet/", 4, {1, 1, 28, 28}}, {"/vit/", 4, {1, 1, 28, 28}}, {"/gru/", 3, {1, 28, 28}},
        {"/lstm/", 3, {1, 28, 28}},     {"/mlp/", 2, {1, 784}},         {"/mnist/", 3, {1, 28, 28}},  {"", 1, {784}}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; ++i)
        if (strstr(path, shapes[i].part)) {
            memset(in, 0, sizeof *in);
            in->rank = shapes[i].rank;
            memcpy(in->dims, shapes[i].dims, sizeof shapes[i].dims);
            return;
        }
}

static enum ic_status import_file(const char *relative, struct ic_file_map *map, struct ic_graph **out, struct ic_diag *d)
{
    char path[600];
    struct ic_import_input in;
    struct ic_import_options o = {.inputs = &in, .n_inputs = 1, .limits = ic_import_limits_default()};
    *out = NULL;
    shape_for(relative, &in);
    if (!CHECK(test_corpus_path(path, sizeof path, relative) != NULL) || !CHECK_EQ_INT(ic_file_map_open(path, map, d), IC_OK))
        return IC_ERR_IO;
    alarm(HANG_SECONDS); /* no claim about speed: a hang must end as this file's failure */
    const enum ic_status s = ic_import(map->bytes, map->size_bytes, relative, &o, out, d);
    alarm(0);
    if (!CHECK(s == IC_OK || d->text[0] != 0) || !CHECK(s != IC_ERR_INTERNAL))
        printf("  in %s: %s\n", relative, d->text);
    return s;
}

static void must_be_refused(const struct manifest_line *line)
{
    struct ic_diag d = {0};
    struct ic_file_map map = {0};
    struct ic_graph *g = NULL;
    const enum ic_status s = import_file(line->path, &map, &g, &d);
    const bool may_load = strstr(line->purpose, "or load") || strstr(line->purpose, "loads or");
    if (!CHECK(s != IC_OK || may_load))
        printf("  %s was imported\n", line->path);
    ic_graph_destroy(g);
    ic_file_map_close(&map);
}

TEST(damaged_and_hostile_files_are_refused)
{
    const int n = for_each_file("bad/", "", must_be_refused);
    if (n < 0)
        SKIP("no shared corpus");
    CHECK(n > 100);
    if (!CHECK((double)ic_os_peak_rss_bytes() < MAX_MEGABYTES * 1e6))
        printf("  peak %.1f MB\n", (double)ic_os_peak_rss_bytes() / 1e6);
}

static void must_name_the_recipe(const struct manifest_line *line)
{
    struct ic_diag d = {0};
    struct ic_file_map map = {0};
    struct ic_graph *g = NULL;
    struct ic_recognized r;
    CHECK_EQ_INT(import_file(line->path, &map, &g, &d), IC_ERR_FORMAT);
    const bool weights = strstr(line->path, "state_dict") != NULL;
    if (!CHECK(strstr(d.text, "torch.jit.trace") != NULL) ||
        !CHECK(strstr(d.text, weights ? "only weights" : "digit_models.") != NULL))
        printf("  in %s: %s\n", line->path, d.text);
    ic_import_recognize(map.bytes, map.size_bytes, &r);
    CHECK_EQ_STR(r.format, weights ? "torch state dict" : "torch pickled module");
    CHECK(!r.importable);
    ic_graph_destroy(g);
    ic_file_map_close(&map);
}

TEST(weights_only_and_pickled_files_are_refused_with_the_recipe)
{
    const int n = for_each_file("trained/", ".pth", must_name_the_recipe);
    if (n < 0)
        SKIP("no shared corpus");
    CHECK_EQ_INT(n, 28);
}

static void must_be_of_another_format(const struct manifest_line *line)
{
    static const struct {
        const char *end, *format;
    } formats[] = {{".tflite", "tflite"},
                   {".caffemodel", "caffemodel"},
                   {".prototxt", "caffe prototxt"},
                   {".cfg", "darknet cfg"},
                   {".weights", "darknet weights"},
                   {".pb", "tensorflow graph"},
                   {"weights_only.weights.h5", "hdf5"},
                   {".h5", "hdf5"},
                   {".keras", "keras"},
                   {".safetensors", "safetensors"},
                   {".params", "mxnet params"},
                   {"symbol.json", "mxnet symbol"}};
    struct ic_diag d = {0};
    struct ic_file_map map = {0};
    struct ic_graph *g = NULL;
    struct ic_recognized r;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; ++i)
        if (ends(line->path, formats[i].end)) {
            CHECK_EQ_INT(import_file(line->path, &map, &g, &d), IC_ERR_FORMAT);
            ic_import_recognize(map.bytes, map.size_bytes, &r);
            if (!CHECK_EQ_STR(r.format, formats[i].format))
                printf("  in %s\n", line->path);
            break;
        }
    ic_file_map_close(&map);
}

TEST(other_formats_are_recognized_by_content)
{
    if (for_each_file("trained/", "", must_be_of_another_format) < 0)
        SKIP("no shared corpus");
    CHECK(for_each_file("formats/", "", must_be_of_another_format) > 4);
}

/* ---- golden outputs ---- */
static uint8_t *read_whole(const char *relative, size_t *out_bytes)
{
    char path[600];
    struct ic_file_map map = {0};
    struct ic_diag d = {0};
    if (!test_corpus_path(path, sizeof path, relative) || ic_file_map_open(path, &map, &d) != IC_OK)
        return NULL;
    uint8_t *copy = malloc(map.size_bytes);
    memcpy(copy, map.bytes, map.size_bytes);
    *out_bytes = map.size_bytes;
    ic_file_map_close(&map);
    return copy;
}

/* The elements of an npy file of version 1. */
static const void *npy_data(const uint8_t *bytes)
{
    return bytes + 10 + bytes[8] + 256 * bytes[9];
}

static void no_tap(void *user, const struct ic_value *v, const float *data, size_t elements)
{
    (void)user;
    (void)v;
    (void)data;
    (void)elements;
}

static void normalize(const char *path, const uint8_t *pixels, float *out)
{
    for (int i = 0; i < 784; ++i) {
        const double p = pixels[i];
        const double x = strstr(path, "/dsnet/")                                         ? (p - 33) / 79
                         : strstr(path, "/vit/")                                         ? (p - 127.5) / 127.5
                         : strstr(path, "trained/logistic") || !strstr(path, "trained/") ? p
                                                                                         : p / 255;
        out[i] = (float)x;
    }
}

static void compare_with_golden(const char *relative, const char *golden_path, double tolerance)
{
    struct ic_diag d = {0};
    struct ic_file_map map = {0};
    struct ic_graph *g = NULL;
    struct ic_host_executor e;
    const struct ic_optimize_options optimize = {.level = 3};
    size_t n_golden = 0, n_digits = 0;
    uint8_t *golden = read_whole(golden_path, &n_golden), *digits = read_whole("digits/test20.u8.npy", &n_digits);
    ic_host_executor_init(&e);
    if (CHECK(golden != NULL && digits != NULL) && import_file(relative, &map, &g, &d) == IC_OK &&
        ic_optimize(g, &optimize, &d) == IC_OK && e.face.prepare(e.face.self, g, &d) == IC_OK) {
        const uint8_t *pixels = npy_data(digits);
        const float *want = npy_data(golden);
        double worst = 0, largest = 0;
        for (int i = 0; i < 20; ++i) {
            float x[784];
            const void *inputs[1] = {x};
            normalize(relative, pixels + 784 * i, x);
            if (!CHECK_EQ_INT(e.face.run(e.face.self, inputs, no_tap, NULL, &d), IC_OK))
                break;
            const float *got = ic_session_output(e.session, 0);
            for (int k = 0; k < 10; ++k) {
                const double error = (double)got[k] - (double)want[10 * i + k], size = (double)want[10 * i + k];
                worst = error > worst ? error : -error > worst ? -error : worst;
                largest = size > largest ? size : -size > largest ? -size : largest;
            }
        }
        if (!CHECK(worst <= tolerance * largest))
            printf("  in %s: error %g of %g\n", relative, worst, largest);
    }
    if (!CHECK_EQ_INT(d.status, IC_OK))
        printf("  in %s: %s\n", relative, d.text);
    ic_host_executor_destroy(&e);
    ic_graph_destroy(g);
    ic_file_map_close(&map);
    free(golden);
    free(digits);
}

static void must_give_golden(const struct manifest_line *line)
{
    char golden[256];
    if (strstr(line->path, "int8") || strstr(line->path, "fbgemm"))
        return; /* quantized by PyTorch: see below */
    snprintf(golden, sizeof golden, "%.*sgolden.npy", (int)(strrchr(line->path, '/') + 1 - line->path), line->path);
    compare_with_golden(line->path, golden,
                        strstr(line->path, "half_") ? 5e-3 : 1e-5); /* half: weights in float16 differ in the third digit */
}

TEST(trained_networks_give_their_golden_outputs)
{
    const int n = for_each_file("trained/", ".pt", must_give_golden);
    if (n < 0)
        SKIP("no shared corpus");
    CHECK(n >= 38);
}

static void must_give_logistic(const struct manifest_line *line)
{
    char own[256], path[600];
    snprintf(own, sizeof own, "%.*s.golden.npy", (int)strlen(line->path) - 3, line->path);
    const bool refused = ends(line->path, "/prefix.pt") || ends(line->path, "/storage_double_named.pt");
    if (refused)
        must_be_refused(line);
    else
        compare_with_golden(line->path, test_corpus_path(path, sizeof path, own) ? own : "trained/logistic/golden.npy", 1e-5);
}

TEST(odd_archives_give_the_same_outputs)
{
    if (for_each_file("odd/", ".pt", must_give_logistic) < 0)
        SKIP("no shared corpus");
}

static int n_device_warnings;
static void count_device(void *user, char level, const char *text)
{
    (void)user;
    n_device_warnings += level == 'W' && strstr(text, "cuda") != NULL;
}

static void must_warn_once(const struct manifest_line *line)
{
    const struct ic_log log = {.line = count_device};
    struct ic_diag d = {.log = &log};
    struct ic_file_map map = {0};
    struct ic_graph *g = NULL;
    n_device_warnings = 0;
    CHECK_EQ_INT(import_file(line->path, &map, &g, &d), IC_OK);
    CHECK_EQ_INT(n_device_warnings, 1);
    ic_graph_destroy(g);
    ic_file_map_close(&map);
    compare_with_golden(line->path, "trained/logistic/golden.npy", 1e-5);
}

TEST(leftovers_of_a_gpu_are_one_warning)
{
    if (for_each_file("cuda/", ".pt", must_warn_once) < 0)
        SKIP("no shared corpus");
}

/* Static: to the bit as PyTorch's integer kernels. Dynamic: computed in float with the rounded weights. */
static void must_give_its_own_golden(const struct manifest_line *line)
{
    char golden[256];
    const bool is_static = strstr(line->path, "fbgemm") != NULL;
    if (!is_static && !strstr(line->path, "dynamic_int8"))
        return;
    snprintf(golden, sizeof golden, "%.*s/%s", (int)(strrchr(line->path, '/') - line->path), line->path,
             is_static ? "quantized_fbgemm_golden.npy" : "golden.npy");
    compare_with_golden(line->path, golden, is_static ? 0 : 0.01);
}

TEST(networks_quantized_by_pytorch_keep_their_parameters)
{
    if (for_each_file("trained/", ".pt", must_give_its_own_golden) < 0)
        SKIP("no shared corpus");
}

TEST_MAIN()
