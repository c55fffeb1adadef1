/* SPDX-License-Identifier: Apache-2.0
 *
 * The digit networks as integers, calibrated on twenty pictures, on 2000 real digits: within half a percent of what PyTorch counted in
 * float32 (the corpus' README); and what a wrong calibration list is answered.
 */
#include "testing.h"

#include "runtime/convert_io.h"
#include "toolchain.h"

enum { DIGIT = 28 * 28, N_DIGITS = 2000, IDX_HEADER = 16 };

struct network {
    const char *file;
    struct ic_import_input input;
    float mean, std;
    double float_percent;
};

static const struct network networks[] = {
    {"trained/logistic/logistic.pt", {.name = "", .rank = 2, .dims = {1, DIGIT}}, 0, 1, 88.95},
    {"trained/mlp/traced.pt", {.name = "", .rank = 2, .dims = {1, DIGIT}}, 0, 255, 92.45},
    {"trained/lenet/scripted.pt", {.name = "", .rank = 4, .dims = {1, 1, 28, 28}}, 0, 255, 96.80},
    {"trained/dsnet/traced.pt", {.name = "", .rank = 4, .dims = {1, 1, 28, 28}}, 33, 79, 96.80},
};

static size_t n_progress;
static size_t last_done;

static void progress(void *user, size_t done, size_t total)
{
    (void)user;
    CHECK(done <= total);
    CHECK(done >= last_done);
    last_done = done;
    n_progress++;
}

/* Built and packed for this machine. */
static int build(const struct network *n, enum ic_build_type type, const char *dataset, struct ic_writer *out, struct ic_diag *d)
{
    char path[600];
    struct ic_network *net = NULL;
    const struct ic_import_options options = {.inputs = &n->input, .n_inputs = 1, .limits = ic_import_limits_default()};
    const struct ic_build_request request = {.optimization_level = 3,
                                             .mean = &n->mean,
                                             .std = &n->std,
                                             .n_channels = 1,
                                             .quantize = {.type = type, .dataset = dataset, .progress = progress}};
    const struct ic_pack_request pack = {.target = ic_target_host()};
    n_progress = last_done = 0;
    enum ic_status status = ic_network_import(test_corpus_path(path, sizeof path, n->file), &options, &net, d);
    if (status == IC_OK)
        status = ic_network_build(net, &request, d);
    if (status == IC_OK)
        status = ic_network_pack(net, &pack, out, d);
    ic_network_destroy(net);
    return (int)status;
}

static int largest(const float *y)
{
    int best = 0;
    for (int i = 1; i < 10; i++)
        if (y[i] > y[best])
            best = i;
    return best;
}

static double percent_right(const struct ic_writer *file, const struct ic_file_map *digits)
{
    struct ic_diag d = {0};
    struct ic_model *m = NULL;
    struct ic_session *s = NULL;
    int right = 0;
    if (CHECK_EQ_INT(ic_model_open_memory(file->bytes, file->size_bytes, true, &m, &d), IC_OK) &&
        CHECK_EQ_INT(ic_session_create(m, 1, &s, &d), IC_OK)) {
        const struct ic_program *p = ic_model_program(m);
        for (size_t i = 0; i < N_DIGITS; i++) {
            float y[10];
            CHECK_EQ_INT(ic_io_convert_in(p, 0, digits->bytes + IDX_HEADER + i * DIGIT, IC_U8, DIGIT, ic_session_input(s, 0), &d),
                         IC_OK);
            CHECK_EQ_INT(ic_session_run(s, &d), IC_OK);
            ic_io_to_f32(&p->tensors[p->outputs[0].tensor], ic_session_output(s, 0), y, 10);
            right += largest(y) == (int)(i % 10);
        }
    }
    ic_session_destroy(s);
    ic_model_close(m);
    return 100.0 * right / N_DIGITS;
}

TEST(integers_lose_less_than_half_a_percent)
{
    char list[600], path[600];
    struct ic_file_map digits = {0};
    struct ic_diag d = {0};
    if (!test_corpus_path(list, sizeof list, "digits/dataset_all.txt") ||
        !test_corpus_path(path, sizeof path, "digits/test-images.idx3-ubyte"))
        SKIP("no shared corpus");
    REQUIRE(ic_file_map_open(path, &digits, &d) == IC_OK && digits.size_bytes == IDX_HEADER + (size_t)N_DIGITS * DIGIT);
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
        struct ic_writer file = {0};
        if (!CHECK_EQ_INT(build(&networks[i], IC_BUILD_U8, list, &file, &d), IC_OK)) {
            printf("  %s: %s\n", networks[i].file, d.text);
            break;
        }
        CHECK_EQ_INT(last_done, 20);
        CHECK(n_progress >= 20);
        const double percent = percent_right(&file, &digits);
        if (!CHECK(percent >= networks[i].float_percent - 0.5))
            printf("  %s: %.2f %%, in float32 %.2f %%\n", networks[i].file, percent, networks[i].float_percent);
        ic_writer_destroy(&file);
    }
    ic_file_map_close(&digits);
}

TEST(float16_loses_next_to_nothing)
{
    char path[600];
    struct ic_file_map digits = {0};
    struct ic_diag d = {0};
    if (!test_corpus_path(path, sizeof path, "digits/test-images.idx3-ubyte"))
        SKIP("no shared corpus");
    REQUIRE(ic_file_map_open(path, &digits, &d) == IC_OK);
    for (size_t i = 0; i < 3; i++) {
        struct ic_writer file = {0};
        REQUIRE(build(&networks[i], IC_BUILD_F16, "/nowhere/never opened.txt", &file, &d) == IC_OK);
        CHECK_EQ_INT(n_progress, 0);
        CHECK_NEAR(percent_right(&file, &digits), networks[i].float_percent, 0.05); /* one digit of 2000 */
        ic_writer_destroy(&file);
    }
    ic_file_map_close(&digits);
}

/* The same list gives the same file. */
TEST(calibration_is_deterministic)
{
    char list[600];
    struct ic_diag d = {0};
    struct ic_writer a = {0}, b = {0};
    if (!test_corpus_path(list, sizeof list, "digits/dataset_all.txt"))
        SKIP("no shared corpus");
    REQUIRE(build(&networks[2], IC_BUILD_U8, list, &a, &d) == IC_OK && build(&networks[2], IC_BUILD_U8, list, &b, &d) == IC_OK);
    CHECK_EQ_INT(a.size_bytes, b.size_bytes);
    CHECK_EQ_MEM(a.bytes, b.bytes, a.size_bytes);
    ic_writer_destroy(&a);
    ic_writer_destroy(&b);
}

static void check_list(const char *text, enum ic_status wanted, const char *const *words)
{
    const char *folder = getenv("TMPDIR");
    char path[600], line[1200], picture[600], large[600];
    struct ic_diag d = {0};
    struct ic_writer out = {0};
    snprintf(path, sizeof path, "%s/inchip-list-%p.txt", folder && *folder ? folder : "/tmp", (void *)&d);
    FILE *f = fopen(path, "wb");
    REQUIRE(f != NULL && test_corpus_path(picture, sizeof picture, "digits/png/1.png") &&
            test_corpus_path(large, sizeof large, "images/photos/astronaut_320x240.png"));
    snprintf(line, sizeof line, text, picture, large);
    fputs(line, f);
    fclose(f);
    CHECK_EQ_INT(build(&networks[0], IC_BUILD_U8, path, &out, &d), wanted);
    for (; *words; words++)
        if (!CHECK(strstr(d.text, *words) != NULL))
            printf("  '%s' is not in: %s\n", *words, d.text);
    ic_writer_destroy(&out);
    remove(path);
}

TEST(wrong_lists_are_answered_before_anything_runs)
{
    char path[600];
    if (!test_corpus_path(path, sizeof path, "images/photos/astronaut_320x240.png"))
        SKIP("no shared corpus");
    check_list("%s\n\n%s\n", IC_ERR_ARG, (const char *const[]){"line 3", "320 x 240", "784", "x", NULL});
    CHECK_EQ_INT(n_progress, 0);
    check_list("%s %s\n", IC_ERR_ARG, (const char *const[]){"line 1", NULL});
    check_list("\n \n", IC_ERR_ARG, (const char *const[]){"no valid data", NULL});
    check_list("/nowhere/a.png\n", IC_ERR_ARG, (const char *const[]){"no valid data", NULL});
    check_list("%s\n%s.txt\n/nowhere/b.png", IC_OK, (const char *const[]){NULL}); /* missing files are reported and left out */
    struct ic_diag d = {0};
    struct ic_writer out = {0};
    CHECK_EQ_INT(build(&networks[0], IC_BUILD_U8, "/nowhere/list.txt", &out, &d), IC_ERR_IO);
    CHECK(strstr(d.text, "/nowhere/list.txt") != NULL);
    ic_writer_destroy(&out);
}

TEST_MAIN()
