/* SPDX-License-Identifier: Apache-2.0
 *
 * The call sequences of the programs that people have for these boards (RKNN API 1.x demos: classification, several inputs, pass-through,
 * zero copy in its three modes, performance), against the full and the mini library (TEST_MINI). Values are worked out by hand.
 */
#define _POSIX_C_SOURCE 200809L
#include "captured.h"
#include "model_builder.h"
#include "program_builder.h"

#include "rknn_api.h"

enum { H = 2, W = 4, C = 3, N = H * W * C };

/* A detector's shape of interface: one uint8 picture [1, 3, 2, 4] in, three quantized maps of it out, each with a scale and zero point of its
 * own. The steps keep the codes, so that every output byte is an input byte in NCHW order. */
static const float scales[] = {0.5f, 0.25f, 2.0f};
static const int32_t zeros[] = {10, 128, 0};

static struct model_file pack_program(const struct build *b)
{
    struct ic_diag d = {0};
    struct ic_writer program = {0}, file = {0};
    model_must(ic_program_encode(&b->p, &program, &d), &d);
    const struct ic_section sections[] = {
        {.kind = IC_SECTION_PROGRAM, .bytes = program.bytes, .size_bytes = program.size_bytes},
        {.kind = IC_SECTION_PROGRAM_CONSTS, .bytes = b->p.consts, .size_bytes = (size_t)b->p.const_bytes}};
    model_must(ic_container_write(sections, 2, &file, &d), &d);
    const struct model_file out = {.bytes = ic_malloc_aligned(file.size_bytes, 64), .size_bytes = file.size_bytes};
    if (!out.bytes)
        exit(1);
    memcpy(out.bytes, file.bytes, file.size_bytes);
    ic_writer_destroy(&program);
    ic_writer_destroy(&file);
    return out;
}

static struct model_file detector(void)
{
    static struct build b;
    struct ic_step_copy copies[3];
    build_start(&b);
    const uint32_t x = build_input(&b, IC_U8, 1, C, H, W);
    b.inputs[0].format = 1;
    b.tensors[x].scale = 1;
    for (int i = 0; i < 3; i++) {
        const uint32_t y = build_output(&b, IC_U8, 1, C, H, W);
        b.outputs[i].format = 1;
        b.tensors[y].scale = scales[i];
        b.tensors[y].zero = zeros[i];
        copies[i] = (struct ic_step_copy){
            .x = x, .y = y, .element_bytes = 1, .rank = 1, .dims = {N, 1, 1, 1, 1, 1, 1, 1}, .x_stride = {1}, .y_stride = {1}};
        build_step(&b, IC_STEP_COPY, &copies[i]);
    }
    return pack_program(&b);
}

/* x1 float32 [1, 3] + x2 float32 [1, 3], and x2 alone. */
static struct model_file two_inputs(void)
{
    static struct build b;
    build_start(&b);
    const uint32_t x1 = build_input(&b, IC_F32, 1, 3, 0, 0), x2 = build_input(&b, IC_F32, 1, 3, 0, 0);
    const struct ic_step_zip add = {.x1 = x1,
                                    .x2 = x2,
                                    .y = build_output(&b, IC_F32, 1, 3, 0, 0),
                                    .op = IC_ZIP_ADD,
                                    .rank = 1,
                                    .dims = {3, 1, 1, 1, 1, 1, 1, 1},
                                    .stride1 = {1},
                                    .stride2 = {1}};
    const struct ic_step_copy copy = {.x = x2,
                                      .y = build_output(&b, IC_F32, 1, 3, 0, 0),
                                      .element_bytes = 4,
                                      .rank = 1,
                                      .dims = {3, 1, 1, 1, 1, 1, 1, 1},
                                      .x_stride = {1},
                                      .y_stride = {1}};
    build_step(&b, IC_STEP_ZIP, &add);
    build_step(&b, IC_STEP_COPY, &copy);
    return pack_program(&b);
}

/* As the demos load it: read, init, free. */
static rknn_context load(struct model_file file, uint32_t flag)
{
    rknn_context ctx = 0;
    print_to_memory();
    const int ret = rknn_init(&ctx, file.bytes, (uint32_t)file.size_bytes, flag);
    (void)what_was_printed();
    CHECK_EQ_INT(ret, RKNN_SUCC);
    memset(file.bytes, 0xEE, file.size_bytes);
    model_free(&file);
    return ctx;
}

static void query_all(rknn_context ctx, rknn_input_output_num *n, rknn_tensor_attr *inputs, rknn_tensor_attr *outputs)
{
    CHECK_EQ_INT(rknn_query(ctx, RKNN_QUERY_IN_OUT_NUM, n, sizeof *n), RKNN_SUCC);
    for (uint32_t i = 0; i < n->n_input; i++) {
        memset(&inputs[i], 0, sizeof inputs[i]);
        inputs[i].index = i;
        CHECK_EQ_INT(rknn_query(ctx, RKNN_QUERY_INPUT_ATTR, &inputs[i], sizeof inputs[i]), RKNN_SUCC);
    }
    for (uint32_t i = 0; i < n->n_output; i++) {
        memset(&outputs[i], 0, sizeof outputs[i]);
        outputs[i].index = i;
        CHECK_EQ_INT(rknn_query(ctx, RKNN_QUERY_OUTPUT_ATTR, &outputs[i], sizeof outputs[i]), RKNN_SUCC);
    }
}

/* The picture as a camera gives it: rows of RGB pixels. Its byte at (row, column, channel) is what no other place has. */
static void fill_picture(uint8_t picture[N], int frame)
{
    for (int i = 0; i < N; i++)
        picture[i] = (uint8_t)(i * 7 + frame);
}

static uint8_t plane_byte(const uint8_t picture[N], int i)
{
    const int c = i / (H * W), pixel = i % (H * W);
    return picture[pixel * C + c];
}

static void check_maps(const uint8_t picture[N], int i_output, const uint8_t *codes)
{
    for (int i = 0; i < N; i++)
        if (!CHECK_EQ_INT(codes[i], plane_byte(picture, i)))
            printf("  output %d, value %d\n", i_output, i);
}

TEST(classification_camera_loop)
{
    const rknn_context ctx = load(detector(), 0);
    rknn_input_output_num n = {0};
    rknn_tensor_attr in[1], out[3];
    uint8_t picture[N];
    query_all(ctx, &n, in, out);
    CHECK_EQ_INT(n.n_input, 1);
    CHECK_EQ_INT(n.n_output, 3);
    CHECK_EQ_INT(in[0].dims[0], W); /* width first, as the demos read them for NCHW */
    CHECK_EQ_INT(in[0].dims[1], H);
    CHECK_EQ_INT(in[0].dims[2], C);
    CHECK_EQ_INT(in[0].fmt, RKNN_TENSOR_NCHW);
    CHECK_EQ_INT(in[0].type, RKNN_TENSOR_UINT8);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ_INT(out[i].qnt_type, RKNN_TENSOR_QNT_AFFINE_ASYMMETRIC);
        CHECK_EQ_INT(out[i].zp, zeros[i]);
        CHECK(out[i].scale == scales[i]);
    }
    for (int frame = 0; frame < 3; frame++) {
        rknn_input inputs[1];
        rknn_output outputs[3];
        memset(inputs, 0, sizeof inputs);
        memset(outputs, 0, sizeof outputs);
        fill_picture(picture, frame);
        inputs[0].index = 0;
        inputs[0].type = RKNN_TENSOR_UINT8;
        inputs[0].size = N;
        inputs[0].fmt = RKNN_TENSOR_NHWC;
        inputs[0].buf = picture;
        CHECK_EQ_INT(rknn_inputs_set(ctx, n.n_input, inputs), RKNN_SUCC);
        CHECK_EQ_INT(rknn_run(ctx, NULL), RKNN_SUCC);
        for (int i = 0; i < 3; i++)
            outputs[i].want_float = (uint8_t)(i == 1);
        CHECK_EQ_INT(rknn_outputs_get(ctx, n.n_output, outputs, NULL), RKNN_SUCC);
        check_maps(picture, 0, outputs[0].buf);
        check_maps(picture, 2, outputs[2].buf);
        CHECK_EQ_INT(outputs[0].size, N);
        CHECK_EQ_INT(outputs[1].size, N * sizeof(float));
        for (int i = 0; i < N; i++)
            CHECK(((const float *)outputs[1].buf)[i] == (float)(plane_byte(picture, i) - 128) * 0.25f);
        CHECK_EQ_INT(rknn_outputs_release(ctx, n.n_output, outputs), RKNN_SUCC);
    }
    CHECK_EQ_INT(rknn_destroy(ctx), RKNN_SUCC);
}

/* Everything by hand, then bytes that nothing converts; results in arrays of the program's own. */
TEST(pass_through_and_preallocated_results)
{
    const rknn_context ctx = load(detector(), 0);
    uint8_t picture[N], planes[N], results[3][N];
    fill_picture(picture, 5);
    for (int i = 0; i < N; i++)
        planes[i] = plane_byte(picture, i);
    rknn_input input;
    rknn_output outputs[3];
    memset(&input, 0, sizeof input);
    memset(outputs, 0, sizeof outputs);
    input.pass_through = 1;
    input.buf = planes;
    input.size = N;
    CHECK_EQ_INT(rknn_inputs_set(ctx, 1, &input), RKNN_SUCC);
    CHECK_EQ_INT(rknn_run(ctx, NULL), RKNN_SUCC);
    for (int i = 0; i < 3; i++) {
        outputs[i].is_prealloc = 1;
        outputs[i].index = (uint32_t)i;
        outputs[i].buf = results[i];
        outputs[i].size = N;
    }
    CHECK_EQ_INT(rknn_outputs_get(ctx, 3, outputs, NULL), RKNN_SUCC);
    for (int i = 0; i < 3; i++)
        CHECK_EQ_MEM(results[i], planes, N);
    CHECK_EQ_INT(rknn_outputs_release(ctx, 3, outputs), RKNN_SUCC); /* wanted once per get, frees nothing here */
    for (int i = 0; i < 3; i++)
        CHECK(outputs[i].buf == results[i]);
    CHECK_EQ_INT(rknn_destroy(ctx), RKNN_SUCC);
}

TEST(several_inputs_in_any_order)
{
    static float a[] = {1, 2, 3}, b[] = {10, 20, 30};
    static const float sum[] = {11, 22, 33};
    const rknn_context ctx = load(two_inputs(), 0);
    rknn_input inputs[2];
    rknn_output outputs[2];
    memset(inputs, 0, sizeof inputs);
    memset(outputs, 0, sizeof outputs);
    for (int i = 0; i < 2; i++) { /* the second one first */
        inputs[i].index = (uint32_t)(1 - i);
        inputs[i].buf = i == 0 ? b : a;
        inputs[i].size = sizeof a;
        inputs[i].type = RKNN_TENSOR_FLOAT32;
        outputs[i].want_float = 1;
    }
    CHECK_EQ_INT(rknn_inputs_set(ctx, 2, inputs), RKNN_SUCC);
    CHECK_EQ_INT(rknn_run(ctx, NULL), RKNN_SUCC);
    CHECK_EQ_INT(rknn_outputs_get(ctx, 2, outputs, NULL), RKNN_SUCC);
    CHECK_EQ_MEM(outputs[0].buf, sum, sizeof sum);
    CHECK_EQ_MEM(outputs[1].buf, b, sizeof b);
    CHECK_EQ_INT(rknn_outputs_release(ctx, 2, outputs), RKNN_SUCC);
    inputs[0].index = inputs[1].index = 0; /* index forgotten */
    print_to_memory();
    CHECK_EQ_INT(rknn_inputs_set(ctx, 2, inputs), RKNN_ERR_INPUT_INVALID);
    CHECK(strstr(what_was_printed(), "both have index 0") != NULL);
    CHECK_EQ_INT(rknn_destroy(ctx), RKNN_SUCC);
}

TEST(an_input_that_is_not_given_is_named)
{
    static float a[] = {1, 2, 3};
    const rknn_context ctx = load(two_inputs(), 0);
    rknn_input input = {.index = 0, .buf = a, .size = sizeof a};
    CHECK_EQ_INT(rknn_inputs_set(ctx, 1, &input), RKNN_SUCC);
    print_to_memory();
    CHECK_EQ_INT(rknn_run(ctx, NULL), RKNN_ERR_INPUT_INVALID);
    CHECK(strstr(what_was_printed(), "input 1") != NULL);
    CHECK_EQ_INT(rknn_destroy(ctx), RKNN_SUCC);
}

/* Zero copy as detection demos do it: mode 1 input and outputs by memory, mode 2 the input alone, mode 3 the outputs alone; at the end the
 * context is destroyed before its memory. */
static void zero_copy(int input_by_memory, int outputs_by_memory)
{
    const rknn_context ctx = load(detector(), 0);
    rknn_input_output_num n = {0};
    rknn_tensor_attr in[1], out[3];
    rknn_tensor_mem *in_mem = NULL, *out_mem[3] = {NULL, NULL, NULL};
    uint8_t picture[N];
    query_all(ctx, &n, in, out);
    if (input_by_memory) {
        in_mem = rknn_create_mem(ctx, in[0].size);
        REQUIRE(in_mem != NULL);
        CHECK_EQ_INT(rknn_set_io_mem(ctx, in_mem, &in[0]), RKNN_SUCC);
    }
    for (uint32_t i = 0; outputs_by_memory && i < n.n_output; i++) {
        out_mem[i] = rknn_create_mem(ctx, out[i].size);
        REQUIRE(out_mem[i] != NULL);
        CHECK_EQ_INT(rknn_set_io_mem(ctx, out_mem[i], &out[i]), RKNN_SUCC);
    }
    for (int frame = 0; frame < 4; frame++) {
        rknn_output outputs[3] = {{0}, {0}, {0}};
        rknn_input input = {.type = RKNN_TENSOR_UINT8, .fmt = RKNN_TENSOR_NHWC, .size = N, .buf = picture};
        fill_picture(picture, frame);
        for (int i = 0; input_by_memory && i < N; i++) /* what the camera's hardware writes for such a model */
            ((uint8_t *)in_mem->logical_addr)[i] = plane_byte(picture, i);
        if (!input_by_memory)
            CHECK_EQ_INT(rknn_inputs_set(ctx, 1, &input), RKNN_SUCC);
        CHECK_EQ_INT(rknn_run(ctx, NULL), RKNN_SUCC);
        if (!outputs_by_memory)
            CHECK_EQ_INT(rknn_outputs_get(ctx, n.n_output, outputs, NULL), RKNN_SUCC);
        for (int i = 0; i < 3; i++)
            check_maps(picture, i, outputs_by_memory ? out_mem[i]->logical_addr : outputs[i].buf);
        if (!outputs_by_memory)
            CHECK_EQ_INT(rknn_outputs_release(ctx, n.n_output, outputs), RKNN_SUCC);
    }
    CHECK_EQ_INT(rknn_destroy(ctx), RKNN_SUCC);
    if (in_mem)
        CHECK_EQ_INT(rknn_destroy_mem(ctx, in_mem), RKNN_SUCC);
    for (int i = 0; i < 3; i++)
        if (out_mem[i])
            CHECK_EQ_INT(rknn_destroy_mem(ctx, out_mem[i]), RKNN_SUCC);
}

TEST(zero_copy_of_input_and_outputs)
{
    zero_copy(1, 1);
}

TEST(zero_copy_of_the_input_alone)
{
    zero_copy(1, 0);
}

TEST(zero_copy_of_the_outputs_alone)
{
    zero_copy(0, 1);
}

/* The older zero copy: map once, then write, sync, run, sync, read. */
TEST(mapped_loop)
{
    const rknn_context ctx = load(detector(), 0);
    rknn_tensor_mem in[1], out[3];
    uint8_t picture[N];
    CHECK_EQ_INT(rknn_inputs_map(ctx, 1, in), RKNN_SUCC);
    CHECK_EQ_INT(rknn_outputs_map(ctx, 3, out), RKNN_SUCC);
    for (int frame = 0; frame < 3; frame++) {
        fill_picture(picture, frame);
        for (int i = 0; i < N; i++)
            ((uint8_t *)in[0].logical_addr)[i] = plane_byte(picture, i);
        CHECK_EQ_INT(rknn_inputs_sync(ctx, 1, in), RKNN_SUCC);
        CHECK_EQ_INT(rknn_run(ctx, NULL), RKNN_SUCC);
        CHECK_EQ_INT(rknn_outputs_sync(ctx, 3, out), RKNN_SUCC);
        for (int i = 0; i < 3; i++)
            check_maps(picture, i, out[i].logical_addr);
    }
    CHECK_EQ_INT(rknn_inputs_unmap(ctx, 1, in), RKNN_SUCC);
    CHECK_EQ_INT(rknn_outputs_unmap(ctx, 3, out), RKNN_SUCC);
    CHECK_EQ_INT(rknn_destroy(ctx), RKNN_SUCC);
}

/* A line of the table: layer id, name, operation id, operator, target, uid, time; returns the time or -1. */
static long long time_of_line(const char *line, int i_wanted)
{
    int id = -1, operation = -1, uid = -1;
    char name[128], kind[64], target[16];
    long long us = -1;
    if (sscanf(line, "%d %127s %d %63s %15s %d %lld", &id, name, &operation, kind, target, &uid, &us) != 7 || id != i_wanted ||
        strcmp(target, "CPU") != 0)
        return -1;
    return us;
}

TEST(performance_program)
{
    const rknn_context ctx = load(detector(), RKNN_FLAG_PRIOR_HIGH | RKNN_FLAG_COLLECT_PERF_MASK);
    rknn_sdk_version version;
    rknn_perf_run run = {.run_duration = -1};
    rknn_perf_detail detail = {0};
    uint8_t picture[N];
    rknn_input input = {.type = RKNN_TENSOR_UINT8, .fmt = RKNN_TENSOR_NHWC, .size = N, .buf = picture};
    CHECK_EQ_INT(rknn_query(ctx, RKNN_QUERY_SDK_VERSION, &version, sizeof version), RKNN_SUCC);
    CHECK(strncmp(version.drv_version, "inchip-cpu ", 11) == 0);
    fill_picture(picture, 0);
    for (int i = 0; i < 10; i++) {
        rknn_output outputs[3] = {{0}, {0}, {0}};
        CHECK_EQ_INT(rknn_inputs_set(ctx, 1, &input), RKNN_SUCC);
        CHECK_EQ_INT(rknn_run(ctx, NULL), RKNN_SUCC);
        CHECK_EQ_INT(rknn_outputs_get(ctx, 3, outputs, NULL), RKNN_SUCC);
        CHECK_EQ_INT(rknn_query(ctx, RKNN_QUERY_PERF_RUN, &run, sizeof run), RKNN_SUCC);
        CHECK(run.run_duration >= 0);
        CHECK_EQ_INT(rknn_outputs_release(ctx, 3, outputs), RKNN_SUCC);
    }
    CHECK_EQ_INT(rknn_query(ctx, RKNN_QUERY_PERF_DETAIL, &detail, sizeof detail), RKNN_SUCC);
    REQUIRE(detail.perf_data && strlen(detail.perf_data) == detail.data_len);
    const char *line = detail.perf_data;
    CHECK(strncmp(line, "Layer id", 8) == 0);
    for (int i = 0; i < 3; i++) {
        line = strchr(line, '\n');
        REQUIRE(line != NULL);
        CHECK(time_of_line(++line, i) >= 0);
    }
    line = strchr(line, '\n');
    CHECK(line != NULL && line[1] == '\0'); /* three steps, three lines */
    CHECK_EQ_INT(rknn_destroy(ctx), RKNN_SUCC);
}

/* The whole of a small text file of the working directory. */
static const char *text_of(const char *name)
{
    static char text[4096];
    FILE *f = fopen(name, "r");
    text[f ? fread(text, 1, sizeof text - 1, f) : 0] = '\0';
    if (f)
        fclose(f);
    return text;
}

TEST(layers_are_written_when_the_environment_says_so)
{
    char folder[] = "/tmp/inchip-dump-XXXXXX", before[512];
    static float a[] = {1, 2, 3}, b[] = {10, 20, 30.5f};
    REQUIRE(getcwd(before, sizeof before) && mkdtemp(folder) && chdir(folder) == 0);
    setenv("NN_LAYER_DUMP", "1", 1);
    const rknn_context ctx = load(two_inputs(), 0);
    unsetenv("NN_LAYER_DUMP");
    rknn_input inputs[] = {{.index = 0, .buf = a, .size = sizeof a}, {.index = 1, .buf = b, .size = sizeof b}};
    CHECK_EQ_INT(rknn_inputs_set(ctx, 2, inputs), RKNN_SUCC);
    CHECK_EQ_INT(rknn_run(ctx, NULL), RKNN_SUCC);
    CHECK_EQ_STR(text_of("NodeID_To_LayerName.txt"), "0 layer\n1 layer\n");
    CHECK_EQ_STR(text_of("layer_uid_0_t_3_1_3.txt"), "11\n22\n33.5\n");
    CHECK_EQ_STR(text_of("layer_uid_1_t_4_1_3.txt"), "10\n20\n30.5\n");
    CHECK(remove("NodeID_To_LayerName.txt") == 0 && remove("layer_uid_0_t_3_1_3.txt") == 0 &&
          remove("layer_uid_1_t_4_1_3.txt") == 0);
    CHECK_EQ_INT(rknn_run(ctx, NULL), RKNN_SUCC);
    CHECK_EQ_INT(remove("layer_uid_0_t_3_1_3.txt"), 0); /* written at each run */
    remove("layer_uid_1_t_4_1_3.txt");
    CHECK(chdir(before) == 0 && rmdir(folder) == 0);
    CHECK_EQ_INT(rknn_destroy(ctx), RKNN_SUCC);
}

/* What is printed while a model for that chip is opened and run without input. */
static const char *lines_of(const char *target, const char *level)
{
    struct model_file file = model_pack(model_linear_graph(), target);
    rknn_context ctx = 0;
    if (level)
        setenv("RKNN_LOG_LEVEL", level, 1);
    print_to_memory();
    CHECK_EQ_INT(rknn_init(&ctx, file.bytes, (uint32_t)file.size_bytes, 0), RKNN_SUCC);
    CHECK_EQ_INT(rknn_run(ctx, NULL), RKNN_ERR_INPUT_INVALID);
    const char *text = what_was_printed();
    unsetenv("RKNN_LOG_LEVEL");
    CHECK_EQ_INT(rknn_destroy(ctx), RKNN_SUCC);
    model_free(&file);
    return text;
}

/* An I line (weights packed anew for this CPU) is shown or not; E lines always are. */
TEST(the_log_level_is_the_vendors)
{
    static const struct {
        const char *level;
        int shows;
    } cases[] = {{NULL, 1}, {"0", 0}, {"1", 0}, {"2", 1}, {"5", 1}, {"x", 1}};
    static const char *const targets[] = {"rv1109", "x86-64"};
    const char *other = NULL; /* a chip of which this CPU takes other packings */
    for (int i = 0; i < 2; i++)
        if (strstr(lines_of(targets[i], NULL), "\nI "))
            other = targets[i];
    if (!other)
        SKIP("this CPU has no kernel that wants another packing");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = lines_of(other, cases[i].level);
        CHECK_EQ_INT(strstr(text, "\nI ") != NULL, cases[i].shows);
        CHECK(strstr(text, "\nE ") != NULL);
    }
}

/* Files that the vendor's converters made, both generations. */
TEST(the_vendors_own_files_are_named)
{
    static const struct {
        const char *path, *word;
    } files[] = {{"rockchip/rknn/gen1_precompiled_rv1109_multi_input.rknn", "RKNN-Toolkit 1"},
                 {"rockchip/rknn/gen1_rk180x_multi_input.rknn", "RKNN-Toolkit 1"},
                 {"rockchip/rknn/gen1_container2_plain_resize_area.rknn", "RKNN-Toolkit 1"},
                 {"rockchip/rknn/gen2_rk3566_multi_input.rknn", "RKNN-Toolkit 2"},
                 {"rockchip/rknn/gen2_rk3562_multi_input.rknn", "RKNN-Toolkit 2"}};
    static uint8_t bytes[65536];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[512];
        rknn_context ctx = 0;
        FILE *f = test_corpus_path(path, sizeof path, files[i].path) ? fopen(path, "rb") : NULL;
        if (!f)
            SKIP("no shared corpus");
        const size_t size = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        print_to_memory();
        CHECK_EQ_INT(rknn_init(&ctx, bytes, (uint32_t)size, 0), RKNN_ERR_MODEL_INVALID);
        if (!CHECK(strstr(what_was_printed(), files[i].word) != NULL))
            printf("  %s\n", files[i].path);
    }
}

TEST_MAIN()
