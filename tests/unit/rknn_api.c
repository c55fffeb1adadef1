/* SPDX-License-Identifier: Apache-2.0
 *
 * The drop-in as a program uses it, against the shared library: built once for the full one and once (TEST_MINI) for the mini one.
 */
#define _POSIX_C_SOURCE 200809L
#include "rknn_linear.h"

#include "rknn_api.h"

#include <unistd.h>

TEST(init_prints_one_line_that_says_whose_it_is)
{
    struct model_file file = model_pack(model_linear_graph(), ic_target_host()->name);
    rknn_context context = 0;
    print_to_memory();
    CHECK_EQ_INT(rknn_init(&context, file.bytes, (uint32_t)file.size_bytes, 0), RKNN_SUCC);
    const char *text = what_was_printed();
#ifdef TEST_MINI
    CHECK_EQ_STR(text, "librknn_runtime version 1.7.5 compatible (inchip 0.1.0 mini)\n");
#else
    CHECK_EQ_STR(text, "librknn_runtime version 1.7.5 compatible (inchip 0.1.0 full)\n");
#endif
    CHECK(context != 0);
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
    model_free(&file);
}

TEST(queries_describe_the_model)
{
    const rknn_context context = open_linear_f16();
    rknn_input_output_num n = {9, 9};
    rknn_tensor_attr attr;
    rknn_sdk_version version;
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_IN_OUT_NUM, &n, sizeof n), RKNN_SUCC);
    CHECK_EQ_INT(n.n_input, 1);
    CHECK_EQ_INT(n.n_output, 1);
    memset(&attr, 0xEE, sizeof attr); /* every field must be written */
    attr.index = 0;
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_INPUT_ATTR, &attr, sizeof attr), RKNN_SUCC);
    CHECK_EQ_INT(attr.n_dims, 2);
    CHECK_EQ_INT(attr.dims[0], 4); /* fastest axis first */
    CHECK_EQ_INT(attr.dims[1], 1);
    for (int i = 2; i < RKNN_MAX_DIMS; i++)
        CHECK_EQ_INT(attr.dims[i], 0);
    CHECK_EQ_STR(attr.name, "x.1_0");
    CHECK_EQ_INT(attr.n_elems, 4);
    CHECK_EQ_INT(attr.size, 8);
    CHECK_EQ_INT(attr.fmt, RKNN_TENSOR_NCHW);
    CHECK_EQ_INT(attr.type, RKNN_TENSOR_FLOAT16);
    CHECK_EQ_INT(attr.qnt_type, RKNN_TENSOR_QNT_NONE);
    CHECK_EQ_INT(attr.fl, 0);
    CHECK_EQ_INT(attr.zp, 0);
    CHECK(attr.scale == 0.0f);
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_OUTPUT_ATTR, &attr, sizeof attr), RKNN_SUCC);
    CHECK_EQ_STR(attr.name, "linear_1_out0_2");
    CHECK_EQ_INT(attr.size, 6);
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_SDK_VERSION, &version, sizeof version), RKNN_SUCC);
#ifdef TEST_MINI
    CHECK_EQ_STR(version.drv_version, "inchip-cpu 0.1.0 mini");
#else
    CHECK_EQ_STR(version.drv_version, "inchip-cpu 0.1.0 full");
#endif
    CHECK(strncmp(version.api_version, "librknn_runtime version 1.7.5 compatible (inchip 0.1.0", 54) == 0);
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
}

TEST(queries_check_command_size_and_index)
{
    const rknn_context context = open_linear(0);
    char big[1024];
    rknn_tensor_attr attr = {.index = 1};
    rknn_perf_run run;
    print_to_memory();
    for (uint32_t size = 0; size < 600; size++) {
        attr.index = 0;
        memset(big, 0, sizeof big);
        const int wanted = size == sizeof attr ? RKNN_SUCC : RKNN_ERR_PARAM_INVALID;
        CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_INPUT_ATTR, big, size), wanted);
    }
    attr.index = 1;
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_INPUT_ATTR, &attr, sizeof attr), RKNN_ERR_PARAM_INVALID);
    attr.index = UINT32_MAX;
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_OUTPUT_ATTR, &attr, sizeof attr), RKNN_ERR_PARAM_INVALID);
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_INPUT_ATTR, NULL, sizeof attr), RKNN_ERR_PARAM_INVALID);
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_CMD_MAX, big, 8), RKNN_ERR_PARAM_INVALID);
    CHECK_EQ_INT(rknn_query(context, (rknn_query_cmd)-1, big, 8), RKNN_ERR_PARAM_INVALID);
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_PERF_RUN, &run, sizeof run), RKNN_ERR_FAIL); /* nothing ran */
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_PERF_DETAIL, big, sizeof(rknn_perf_detail)), RKNN_ERR_FAIL);
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_PRE_COMPILE, big, sizeof(rknn_precompile)), RKNN_ERR_FAIL);
    (void)what_was_printed();
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
}

/* Each of the seven commands takes its own struct's size and no other. */
TEST(every_query_wants_its_exact_size)
{
    static const uint32_t sizes[RKNN_QUERY_CMD_MAX] = {
        sizeof(rknn_input_output_num), sizeof(rknn_tensor_attr), sizeof(rknn_tensor_attr), sizeof(rknn_perf_detail),
        sizeof(rknn_perf_run),         sizeof(rknn_sdk_version), sizeof(rknn_precompile)};
    const rknn_context context = open_linear(RKNN_FLAG_COLLECT_PERF_MASK | RKNN_FLAG_PRECOMPILE_MASK);
    _Alignas(8) char room[1024];
    CHECK_EQ_INT(set_floats(context, x, 4), RKNN_SUCC);
    check_result(context);
    print_to_memory();
    for (int cmd = 0; cmd < RKNN_QUERY_CMD_MAX; cmd++)
        for (uint32_t size = 0; size < sizeof room; size++) {
            memset(room, 0, sizeof room);
            const int code = rknn_query(context, (rknn_query_cmd)cmd, room, size);
            CHECK_EQ_INT(code, size == sizes[cmd] ? RKNN_SUCC : RKNN_ERR_PARAM_INVALID);
            for (uint32_t i = size; i < sizeof room; i++)
                CHECK(room[i] == 0); /* nothing is written behind it */
        }
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_IN_OUT_NUM, NULL, sizes[0]), RKNN_ERR_PARAM_INVALID);
    (void)what_was_printed();
    print_to_memory(); /* a program compiled with the other generation's header */
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_INPUT_ATTR, room, 376), RKNN_ERR_PARAM_INVALID);
    CHECK(strstr(what_was_printed(), "RKNN API 2") != NULL);
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
}

TEST(a_run_gives_the_values_worked_out_by_hand)
{
    const rknn_context context = open_linear(0);
    CHECK_EQ_INT(set_floats(context, x, 4), RKNN_SUCC);
    check_result(context);
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
}

TEST(inputs_of_every_type_are_converted)
{
    static const uint8_t u8[] = {1, 2, 3, 4};
    static const int8_t s8[] = {1, 2, 3, 4};
    static const int16_t s16[] = {1, 2, 3, 4};
    static const uint16_t f16[] = {0x3C00, 0x4000, 0x4200, 0x4400};
    static const struct {
        rknn_tensor_type type;
        const void *values;
        uint32_t size;
    } cases[] = {{RKNN_TENSOR_FLOAT32, x, 16},
                 {RKNN_TENSOR_FLOAT16, f16, 8},
                 {RKNN_TENSOR_INT8, s8, 4},
                 {RKNN_TENSOR_UINT8, u8, 4},
                 {RKNN_TENSOR_INT16, s16, 8}};
    for (int half = 0; half < 2; half++) {
        const rknn_context context = half ? open_linear_f16() : open_linear(0);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            uint8_t copy[16];
            memcpy(copy, cases[i].values, cases[i].size);
            rknn_input in = {.buf = copy, .size = cases[i].size, .type = cases[i].type, .fmt = RKNN_TENSOR_NHWC};
            CHECK_EQ_INT(rknn_inputs_set(context, 1, &in), RKNN_SUCC);
            check_result(context);
        }
        CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
    }
}

TEST(passed_through_bytes_are_the_tensors_own)
{
    const rknn_context context = open_linear_f16();
    uint16_t f16[] = {0x3C00, 0x4000, 0x4200, 0x4400};
    static const uint16_t y16[] = {0x4200, 0x4D00, 0x5120}; /* 3, 20, 41 */
    rknn_input in = {
        .buf = f16, .size = sizeof f16, .pass_through = 1, .type = (rknn_tensor_type)77, .fmt = (rknn_tensor_format)99};
    CHECK_EQ_INT(rknn_inputs_set(context, 1, &in), RKNN_SUCC);
    check_result(context);
    rknn_output out = {.want_float = 0};
    CHECK_EQ_INT(rknn_outputs_get(context, 1, &out, NULL), RKNN_SUCC);
    CHECK_EQ_INT(out.size, 6);
    CHECK_EQ_MEM(out.buf, y16, sizeof y16);
    CHECK_EQ_INT(rknn_outputs_release(context, 1, &out), RKNN_SUCC);
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
}

/* ---- int8 builds ---- */
/* A calibration run that saw results from 0 to 510. */
static enum ic_status calibrated(void *self, const void *const *inputs,
                                 void (*tap)(void *user, const struct ic_value *v, const float *data, size_t elements), void *user,
                                 struct ic_diag *d)
{
    static const float results[] = {0, 510, 100};
    const struct ic_graph *g = self;
    (void)d;
    tap(user, g->inputs[0].value, inputs[0], 4);
    tap(user, g->outputs[0].value, results, 3);
    return IC_OK;
}

static enum ic_status nothing_to_prepare(void *self, const struct ic_graph *g, struct ic_diag *d)
{
    (void)self;
    (void)g;
    (void)d;
    return IC_OK;
}

static const char *put_text(char path[600], const char *name, const char *text)
{
    const char *folder = getenv("TMPDIR");
    snprintf(path, 600, "%s/inchip-rknn-%ld-%s", folder && *folder ? folder : "/tmp", (long)getpid(), name);
    FILE *f = fopen(path, "wb");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        exit(1);
    return path;
}

/* Inputs 0 to 255, results 0 to 510: scales 1 and 2, and what is 0 has the code -128. */
static rknn_context open_linear_s8(void)
{
    struct ic_diag d = {0};
    struct ic_graph *g = model_linear_graph();
    char picture[600], list[600];
    put_text(picture, "sample.pgm", "P2 4 1 255 0 255 0 255");
    const struct ic_quantize_options options = {.type = IC_BUILD_S8, .dataset = put_text(list, "list.txt", picture)};
    struct ic_executor executor = {.self = g, .prepare = nothing_to_prepare, .run = calibrated};
    model_must(ic_quantize_graph(g, &options, &executor, &d), &d);
    remove(picture);
    remove(list);
    return open_file(model_pack(g, "generic"), 0);
}

static void check_result_s8(rknn_context context)
{
    static const int8_t codes[] = {-125, -113, -97}; /* of 2+4, 10+2*(4+6), 20+3*(6+8) by scale 2 */
    static const float numbers[] = {6, 30, 62};
    rknn_output as_codes = {.want_float = 0}, as_numbers = {.want_float = 1};
    CHECK_EQ_INT(rknn_run(context, NULL), RKNN_SUCC);
    CHECK_EQ_INT(rknn_outputs_get(context, 1, &as_codes, NULL), RKNN_SUCC);
    CHECK_EQ_INT(as_codes.size, 3);
    CHECK_EQ_MEM(as_codes.buf, codes, sizeof codes);
    CHECK_EQ_INT(rknn_outputs_release(context, 1, &as_codes), RKNN_SUCC);
    CHECK_EQ_INT(rknn_outputs_get(context, 1, &as_numbers, NULL), RKNN_SUCC);
    CHECK_EQ_MEM(as_numbers.buf, numbers, sizeof numbers);
    CHECK_EQ_INT(rknn_outputs_release(context, 1, &as_numbers), RKNN_SUCC);
}

TEST(int8_builds_show_take_and_give_int8)
{
    static int8_t codes[] = {-126, -124, -122, -120}, numbers_s8[] = {2, 4, 6, 8};
    static uint8_t numbers_u8[] = {2, 4, 6, 8};
    static float numbers[] = {2, 4, 6, 8};
    const rknn_context context = open_linear_s8();
    rknn_tensor_attr attr = {.index = 0};
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_INPUT_ATTR, &attr, sizeof attr), RKNN_SUCC);
    CHECK_EQ_INT(attr.type, RKNN_TENSOR_INT8);
    CHECK_EQ_INT(attr.qnt_type, RKNN_TENSOR_QNT_AFFINE_ASYMMETRIC);
    CHECK_EQ_INT((int32_t)attr.zp, -128);
    CHECK(attr.scale == 1.0f);
    CHECK_EQ_INT(attr.size, 4);
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_OUTPUT_ATTR, &attr, sizeof attr), RKNN_SUCC);
    CHECK_EQ_INT(attr.type, RKNN_TENSOR_INT8);
    CHECK_EQ_INT((int32_t)attr.zp, -128);
    CHECK(attr.scale == 2.0f);
    CHECK_EQ_INT(attr.size, 3);
    rknn_input forms[] = {{.buf = codes, .size = 4, .pass_through = 1, .type = RKNN_TENSOR_INT8},
                          {.buf = numbers_s8, .size = 4, .type = RKNN_TENSOR_INT8},
                          {.buf = numbers_u8, .size = 4, .type = RKNN_TENSOR_UINT8},
                          {.buf = numbers, .size = 16, .type = RKNN_TENSOR_FLOAT32}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        CHECK_EQ_INT(rknn_inputs_set(context, 1, &forms[i]), RKNN_SUCC);
        check_result_s8(context);
    }
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
}

TEST(wrong_inputs_are_refused)
{
    const rknn_context context = open_linear(0);
    float values[8] = {0};
    const rknn_input good = {.buf = values, .size = 16};
    rknn_input bad[7] = {good, good, good, good, good, good, good};
    bad[0].index = 1;
    bad[1].buf = NULL;
    bad[2].size = 15;
    bad[3].size = 32;
    bad[4].type = RKNN_TENSOR_TYPE_MAX;
    bad[5].fmt = RKNN_TENSOR_FORMAT_MAX;
    bad[6].size = 4; /* the classic: uint8 data with the type left at 0, which is FLOAT32 */
    rknn_input two[2] = {good, good};
    print_to_memory();
    CHECK_EQ_INT(rknn_run(context, NULL), RKNN_ERR_INPUT_INVALID); /* nothing was set */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_EQ_INT(rknn_inputs_set(context, 1, &bad[i]), RKNN_ERR_INPUT_INVALID);
    CHECK_EQ_INT(rknn_inputs_set(context, 2, two), RKNN_ERR_INPUT_INVALID);
    CHECK_EQ_INT(rknn_inputs_set(context, 0, two), RKNN_ERR_INPUT_INVALID);
    CHECK_EQ_INT(rknn_inputs_set(context, 1, NULL), RKNN_ERR_INPUT_INVALID);
    CHECK_EQ_INT(rknn_run(context, NULL), RKNN_ERR_INPUT_INVALID);
    (void)what_was_printed();
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
}

TEST(outputs_go_to_the_callers_memory_when_asked)
{
    const rknn_context context = open_linear(0);
    float values[4] = {0, 0, 0, 99};
    rknn_output out = {.want_float = 1, .is_prealloc = 1, .buf = values, .size = 12};
    rknn_output two[2] = {out, out};
    rknn_output_extend extend = {0};
    rknn_run_extend frame = {0};
    CHECK_EQ_INT(set_floats(context, x, 4), RKNN_SUCC);
    print_to_memory();
    CHECK_EQ_INT(rknn_outputs_get(context, 1, &out, NULL), RKNN_ERR_FAIL); /* before a run */
    CHECK_EQ_INT(rknn_run(context, &frame), RKNN_SUCC);
    CHECK_EQ_INT(rknn_outputs_get(context, 2, two, NULL), RKNN_ERR_OUTPUT_INVALID);
    CHECK_EQ_INT(rknn_outputs_get(context, 0, two, NULL), RKNN_ERR_OUTPUT_INVALID);
    CHECK_EQ_INT(rknn_outputs_get(context, 1, NULL, NULL), RKNN_ERR_OUTPUT_INVALID);
    out.size = 11;
    CHECK_EQ_INT(rknn_outputs_get(context, 1, &out, NULL), RKNN_ERR_OUTPUT_INVALID);
    out.buf = NULL;
    out.size = 12;
    CHECK_EQ_INT(rknn_outputs_get(context, 1, &out, NULL), RKNN_ERR_OUTPUT_INVALID);
    (void)what_was_printed();
    out.buf = values;
    CHECK_EQ_INT(rknn_outputs_get(context, 1, &out, &extend), RKNN_SUCC);
    CHECK_EQ_MEM(values, y, sizeof y);
    CHECK(values[3] == 99);
    CHECK_EQ_INT(extend.frame_id, frame.frame_id);
    CHECK_EQ_INT(rknn_outputs_release(context, 1, &out), RKNN_SUCC);
    CHECK(out.buf == values);
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
}

TEST(pictures_are_reordered_to_the_models_channels)
{
    static const float rgb[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}; /* 2 x 3 pixels of 3 channels */
    static const float planes[] = {2, 5, 8, 11, 14, 17, 3, 6, 9, 12, 15, 18, 4, 7, 10, 13, 16, 19};
    const rknn_context nchw = open_file(model_pack(model_picture_graph(1, 3, 2, 3), "generic"), 0);
    rknn_input in = {.buf = (void *)(uintptr_t)rgb, .size = sizeof rgb, .fmt = RKNN_TENSOR_NHWC};
    rknn_output out = {.want_float = 1};
    CHECK_EQ_INT(rknn_inputs_set(nchw, 1, &in), RKNN_SUCC);
    CHECK_EQ_INT(rknn_run(nchw, NULL), RKNN_SUCC);
    CHECK_EQ_INT(rknn_outputs_get(nchw, 1, &out, NULL), RKNN_SUCC);
    CHECK_EQ_MEM(out.buf, planes, sizeof planes);
    CHECK_EQ_INT(rknn_outputs_release(nchw, 1, &out), RKNN_SUCC);
    CHECK_EQ_INT(rknn_destroy(nchw), RKNN_SUCC);

    float minus_one[18], plus_one[18];
    for (int i = 0; i < 18; i++) {
        minus_one[i] = planes[i] - 1;
        plus_one[i] = rgb[i] + 1;
    }
    const rknn_context nhwc = open_file(model_pack(model_picture_graph(2, 3, 2, 3), "generic"), 0);
    in = (rknn_input){.buf = minus_one, .size = sizeof minus_one, .fmt = RKNN_TENSOR_NCHW};
    CHECK_EQ_INT(rknn_inputs_set(nhwc, 1, &in), RKNN_SUCC);
    CHECK_EQ_INT(rknn_run(nhwc, NULL), RKNN_SUCC);
    CHECK_EQ_INT(rknn_outputs_get(nhwc, 1, &out, NULL), RKNN_SUCC);
    CHECK_EQ_MEM(out.buf, plus_one, sizeof plus_one);
    CHECK_EQ_INT(rknn_outputs_release(nhwc, 1, &out), RKNN_SUCC);
    CHECK_EQ_INT(rknn_destroy(nhwc), RKNN_SUCC);
}

TEST(times_are_collected_when_asked)
{
    const rknn_context context = open_linear(RKNN_FLAG_COLLECT_PERF_MASK);
    rknn_perf_run run = {-1};
    rknn_perf_detail detail = {0};
    CHECK_EQ_INT(set_floats(context, x, 4), RKNN_SUCC);
    check_result(context);
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_PERF_RUN, &run, sizeof run), RKNN_SUCC);
    CHECK(run.run_duration >= 0);
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_PERF_DETAIL, &detail, sizeof detail), RKNN_SUCC);
    CHECK_EQ_INT(detail.data_len, strlen(detail.perf_data));
    CHECK(strstr(detail.perf_data, "Layer id") != NULL && strstr(detail.perf_data, "linear") != NULL);
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
}

TEST(garbage_contexts_are_refused_everywhere)
{
    const rknn_context stale = open_linear(0);
    CHECK_EQ_INT(rknn_destroy(stale), RKNN_SUCC);
    const rknn_context living = open_linear(0);
    CHECK(living != stale); /* a number is not used again at once */
    const rknn_context bad[] = {
        0, stale, living + 1, living - 1, living + 256, (rknn_context)-1, 0x12345678u, (rknn_context)(uintptr_t)&living};
    rknn_input in = {.buf = &in, .size = 1};
    rknn_output out = {0};
    rknn_tensor_mem mem = {0};
    rknn_tensor_attr attr = {0};
    rknn_input_output_num n;
    print_to_memory();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_EQ_INT(rknn_destroy(bad[i]), RKNN_ERR_CTX_INVALID);
        CHECK_EQ_INT(rknn_query(bad[i], RKNN_QUERY_IN_OUT_NUM, &n, sizeof n), RKNN_ERR_CTX_INVALID);
        CHECK_EQ_INT(rknn_inputs_set(bad[i], 1, &in), RKNN_ERR_CTX_INVALID);
        CHECK_EQ_INT(rknn_run(bad[i], NULL), RKNN_ERR_CTX_INVALID);
        CHECK_EQ_INT(rknn_outputs_get(bad[i], 1, &out, NULL), RKNN_ERR_CTX_INVALID);
        CHECK_EQ_INT(rknn_outputs_release(bad[i], 1, &out), RKNN_ERR_CTX_INVALID);
        CHECK_EQ_INT(rknn_inputs_map(bad[i], 1, &mem), RKNN_ERR_CTX_INVALID);
        CHECK_EQ_INT(rknn_inputs_sync(bad[i], 1, &mem), RKNN_ERR_CTX_INVALID);
        CHECK_EQ_INT(rknn_inputs_unmap(bad[i], 1, &mem), RKNN_ERR_CTX_INVALID);
        CHECK_EQ_INT(rknn_outputs_map(bad[i], 1, &mem), RKNN_ERR_CTX_INVALID);
        CHECK_EQ_INT(rknn_outputs_sync(bad[i], 1, &mem), RKNN_ERR_CTX_INVALID);
        CHECK_EQ_INT(rknn_outputs_unmap(bad[i], 1, &mem), RKNN_ERR_CTX_INVALID);
        CHECK(rknn_create_mem(bad[i], 16) == NULL);
        CHECK_EQ_INT(rknn_set_io_mem(bad[i], &mem, &attr), RKNN_ERR_CTX_INVALID);
    }
    int n_lines = 0; /* every refusal says why */
    for (const char *line = what_was_printed(); (line = strstr(line, "E no living context")) != NULL; line++)
        n_lines++;
    CHECK_EQ_INT(n_lines, 14 * (sizeof bad / sizeof *bad));
    CHECK_EQ_INT(set_floats(living, x, 4), RKNN_SUCC);
    check_result(living);
    CHECK_EQ_INT(rknn_destroy(living), RKNN_SUCC);
}

TEST(contexts_are_limited_and_their_places_used_again)
{
    struct model_file file = model_pack(model_linear_graph(), "generic");
    rknn_context contexts[100] = {0};
    int n = 0, code = RKNN_SUCC;
    print_to_memory();
    while (n < 100 && (code = rknn_init(&contexts[n], file.bytes, (uint32_t)file.size_bytes, 0)) == RKNN_SUCC)
        n++;
    CHECK(n >= 32 && n < 100);
    CHECK_EQ_INT(code, RKNN_ERR_FAIL);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i; k++)
            CHECK(contexts[i] != contexts[k]);
    for (int i = 0; i < n; i++)
        CHECK_EQ_INT(rknn_destroy(contexts[i]), RKNN_SUCC);
    CHECK_EQ_INT(rknn_init(&contexts[0], file.bytes, (uint32_t)file.size_bytes, 0), RKNN_SUCC);
    CHECK_EQ_INT(rknn_destroy(contexts[0]), RKNN_SUCC);
    (void)what_was_printed();
    model_free(&file);
}

static void check_init(const void *bytes, size_t size, uint32_t flag, int wanted, const char *word)
{
    rknn_context context = 0;
    print_to_memory();
    const int code = rknn_init(&context, (void *)(uintptr_t)bytes, (uint32_t)size, flag);
    const char *text = what_was_printed();
    CHECK_EQ_INT(code, wanted);
    if (!CHECK(strstr(text, word) != NULL))
        printf("  printed: %s  wanted: %s\n", text, word);
}

TEST(files_that_are_no_model_are_refused_by_kind)
{
    struct model_file file = model_pack(model_linear_graph(), "generic");
    uint8_t rknn1[32] = "RKNN", rknn2[32] = "RKNN";
    rknn1[8] = 1;
    rknn2[8] = 6;
    check_init(rknn1, sizeof rknn1, 0, RKNN_ERR_MODEL_INVALID, "RKNN-Toolkit 1");
    check_init(rknn2, sizeof rknn2, 0, RKNN_ERR_MODEL_INVALID, "RKNN-Toolkit 2");
    check_init("CYPTRKNN........................", 32, 0, RKNN_ERR_MODEL_INVALID, "encrypted");
    check_init("VPMN............................", 32, 0, RKNN_ERR_MODEL_INVALID, "NBG");
    check_init("PK\003\004............................", 32, 0, RKNN_ERR_MODEL_INVALID, "not an inchip model file");
    check_init("x", 1, 0, RKNN_ERR_MODEL_INVALID, "not an inchip model file");
    check_init(file.bytes, file.size_bytes - 1, 0, RKNN_ERR_MODEL_INVALID, "cut");
    file.bytes[file.size_bytes - 1] ^= 1;
    check_init(file.bytes, file.size_bytes, 0, RKNN_ERR_MODEL_INVALID, "checksum");
    file.bytes[file.size_bytes - 1] ^= 1;
    check_init(file.bytes, file.size_bytes, 0x40, RKNN_ERR_PARAM_INVALID, "unknown flags 0x40");
    check_init(NULL, 16, 0, RKNN_ERR_PARAM_INVALID, "NULL");
    check_init(file.bytes, 0, 0, RKNN_ERR_PARAM_INVALID, "size is 0");
    print_to_memory();
    CHECK_EQ_INT(rknn_init(NULL, file.bytes, (uint32_t)file.size_bytes, 0), RKNN_ERR_PARAM_INVALID);
    (void)what_was_printed();
    model_free(&file);
}

static void check_frame(rknn_context context, uint64_t frame, const float *wanted)
{
    rknn_output out = {.want_float = 1};
    rknn_output_extend extend = {0};
    CHECK_EQ_INT(rknn_outputs_get(context, 1, &out, &extend), RKNN_SUCC);
    CHECK_EQ_INT(extend.frame_id, frame);
    CHECK_EQ_MEM(out.buf, wanted, 3 * sizeof *wanted);
    CHECK_EQ_INT(rknn_outputs_release(context, 1, &out), RKNN_SUCC);
}

/* The loop of a camera: set, run, get. Results lag one frame behind and say which they are. */
TEST(asynchronous_frames)
{
    static const float other[] = {0, 0, 0, 1}, zero[] = {0, 0, 0, 0};
    static const float y_other[] = {0, 10, 23}, y_zero[] = {0, 10, 20}; /* by hand, as y: biases 0 10 20, and 3 times the last */
    const rknn_context context = open_linear(RKNN_FLAG_ASYNC_MASK);
    rknn_run_extend run = {0};
    rknn_tensor_mem mem;
    print_to_memory();
    CHECK_EQ_INT(rknn_run(context, NULL), RKNN_ERR_INPUT_INVALID); /* nothing set yet */
    (void)what_was_printed();
    CHECK_EQ_INT(set_floats(context, x, 4), RKNN_SUCC);
    CHECK_EQ_INT(rknn_run(context, &run), RKNN_SUCC);
    CHECK_EQ_INT(run.frame_id, 1);
    check_frame(context, 1, y); /* no frame before it: waits for it */
    CHECK_EQ_INT(set_floats(context, other, 4), RKNN_SUCC);
    CHECK_EQ_INT(rknn_run(context, &run), RKNN_SUCC);
    CHECK_EQ_INT(run.frame_id, 2);
    CHECK_EQ_INT(set_floats(context, zero, 4), RKNN_SUCC); /* while frame 2 may still run */
    check_frame(context, 1, y);                            /* the one before the newest */
    CHECK_EQ_INT(rknn_run(context, &run), RKNN_SUCC);
    check_frame(context, 2, y_other);
    check_frame(context, 3, y_zero);                  /* nothing begun since: the newest */
    CHECK_EQ_INT(rknn_run(context, &run), RKNN_SUCC); /* inputs stay */
    check_frame(context, 3, y_zero);
    check_frame(context, 4, y_zero);
    print_to_memory();
    CHECK_EQ_INT(rknn_inputs_map(context, 1, &mem), RKNN_ERR_PARAM_INVALID);
    CHECK(strstr(what_was_printed(), "ASYNC") != NULL);
    for (int i = 0; i < 200; i++) { /* destroying waits for what runs */
        CHECK_EQ_INT(set_floats(context, i % 2 ? x : other, 4), RKNN_SUCC);
        CHECK_EQ_INT(rknn_run(context, NULL), RKNN_SUCC);
        check_frame(context, i == 0 ? 4u : (uint64_t)i + 4u, i == 0 ? y_zero : i % 2 ? y_other : y);
    }
    CHECK_EQ_INT(rknn_run(context, NULL), RKNN_SUCC);
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
}

TEST(the_compiled_model_can_be_had_back)
{
    rknn_precompile precompile = {0};
    rknn_context context = open_linear(0), again = 0;
    print_to_memory();
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_PRE_COMPILE, &precompile, sizeof precompile), RKNN_ERR_FAIL);
    CHECK(strstr(what_was_printed(), "RKNN_FLAG_PRECOMPILE_MASK") != NULL);
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
    context = open_linear(RKNN_FLAG_PRECOMPILE_MASK);
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_PRE_COMPILE, &precompile, sizeof precompile), RKNN_SUCC);
    print_to_memory();
    CHECK_EQ_INT(rknn_init(&again, precompile.model_data, precompile.data_len, 0), RKNN_SUCC);
    (void)what_was_printed();
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC); /* the second one has its own bytes */
    CHECK_EQ_INT(set_floats(again, x, 4), RKNN_SUCC);
    check_result(again);
    CHECK_EQ_INT(rknn_destroy(again), RKNN_SUCC);
#ifndef TEST_MINI
    context = open_file(model_pack(model_linear_graph(), NULL), RKNN_FLAG_PRECOMPILE_MASK); /* portable: compiled here */
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_PRE_COMPILE, &precompile, sizeof precompile), RKNN_SUCC);
    print_to_memory();
    CHECK_EQ_INT(rknn_init(&again, precompile.model_data, precompile.data_len, 0), RKNN_SUCC);
    (void)what_was_printed();
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
    CHECK_EQ_INT(set_floats(again, x, 4), RKNN_SUCC);
    check_result(again);
    CHECK_EQ_INT(rknn_destroy(again), RKNN_SUCC);
#endif
}

TEST(portable_files)
{
    struct model_file file = model_pack(model_linear_graph(), NULL);
#ifdef TEST_MINI
    rknn_context context = 0;
    print_to_memory();
    CHECK_EQ_INT(rknn_init(&context, file.bytes, (uint32_t)file.size_bytes, 0), RKNN_ERR_NON_PRE_COMPILED_MODEL_ON_MINI_DRIVER);
    CHECK_EQ_INT(RKNN_ERR_NON_PRE_COMPILED_MODEL_ON_MINI_DRIVER, -14);
    const char *text = what_was_printed();
    const char *four = strstr(text, "Verify rknn graph fail!\n"
                                    "This RKNN model is not a pre-compiled model, but the npu driver is mini driver.\n"
                                    "Mini driver only support rknn models with pre-compiled mode.\n"
                                    "Create RKNN model fail, error=-14\n");
    CHECK(four != NULL);
    CHECK(strstr(text, "inchip convert") != NULL);
    model_free(&file);
#else
    const rknn_context context = open_file(file, 0);
    CHECK_EQ_INT(set_floats(context, x, 4), RKNN_SUCC);
    check_result(context);
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
#endif
}

TEST(programs_of_other_chips_run_with_the_same_result)
{
    static const char *const targets[] = {"rv1109", "rv1126", "cortex-a53", "cortex-a76", "x86-64", "riscv64"};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        const rknn_context context = open_file(model_pack(model_linear_graph(), targets[i]), 0);
        CHECK_EQ_INT(set_floats(context, x, 4), RKNN_SUCC);
        check_result(context);
        CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
    }
}

TEST(mapped_buffers_are_the_tensors_own)
{
    const rknn_context context = open_linear(0);
    rknn_tensor_mem in[2], out;
    CHECK_EQ_INT(rknn_inputs_map(context, 1, in), RKNN_SUCC);
    CHECK_EQ_INT(in[0].size, 16);
    CHECK_EQ_INT(in[0].fd, -1);
    CHECK(in[0].physical_addr == UINT64_MAX);
    memcpy(in[0].logical_addr, x, sizeof x);
    CHECK_EQ_INT(rknn_inputs_sync(context, 1, in), RKNN_SUCC);
    CHECK_EQ_INT(rknn_run(context, NULL), RKNN_SUCC);
    CHECK_EQ_INT(rknn_outputs_map(context, 1, &out), RKNN_SUCC);
    CHECK_EQ_INT(rknn_outputs_sync(context, 1, &out), RKNN_SUCC);
    CHECK_EQ_INT(out.size, 12);
    CHECK_EQ_MEM(out.logical_addr, y, sizeof y);
    CHECK_EQ_INT(rknn_outputs_unmap(context, 1, &out), RKNN_SUCC);
    CHECK_EQ_INT(rknn_inputs_unmap(context, 1, in), RKNN_SUCC);
    CHECK(in[0].logical_addr == NULL);
    print_to_memory();
    CHECK_EQ_INT(rknn_inputs_map(context, 2, in), RKNN_ERR_PARAM_INVALID);
    CHECK_EQ_INT(rknn_outputs_map(context, 1, NULL), RKNN_ERR_PARAM_INVALID);
    CHECK_EQ_INT(rknn_inputs_sync(context, 0, in), RKNN_ERR_PARAM_INVALID);
    (void)what_was_printed();
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
}

TEST(tensors_live_in_memory_of_the_caller)
{
    const rknn_context context = open_linear(0);
    rknn_tensor_attr in_attr = {.index = 0}, out_attr = {.index = 0}, wrong;
    rknn_tensor_mem *in = rknn_create_mem(context, 16), *out = rknn_create_mem(context, 12),
                    *short_one = rknn_create_mem(context, 8);
    rknn_output got = {.want_float = 1};
    REQUIRE(in && out && short_one);
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_INPUT_ATTR, &in_attr, sizeof in_attr), RKNN_SUCC);
    CHECK_EQ_INT(rknn_query(context, RKNN_QUERY_OUTPUT_ATTR, &out_attr, sizeof out_attr), RKNN_SUCC);
    wrong = in_attr;
    strcpy(wrong.name, "nobody");
    print_to_memory();
    CHECK_EQ_INT(rknn_set_io_mem(context, short_one, &in_attr), RKNN_ERR_PARAM_INVALID);
    CHECK_EQ_INT(rknn_set_io_mem(context, in, &wrong), RKNN_ERR_PARAM_INVALID);
    CHECK_EQ_INT(rknn_set_io_mem(context, NULL, &in_attr), RKNN_ERR_PARAM_INVALID);
    CHECK_EQ_INT(rknn_set_io_mem(context, in, NULL), RKNN_ERR_PARAM_INVALID);
    CHECK(rknn_create_mem(context, 0) == NULL);
    CHECK(rknn_create_mem(context, UINT64_MAX) == NULL);
    CHECK_EQ_INT(rknn_destroy_mem(context, NULL), RKNN_ERR_PARAM_INVALID);
    CHECK_EQ_INT(rknn_set_io_mem(context, in, &in_attr), RKNN_SUCC);
    CHECK_EQ_INT(rknn_set_io_mem(context, out, &out_attr), RKNN_SUCC);
    memcpy(in->logical_addr, x, sizeof x);
    CHECK_EQ_INT(rknn_run(context, NULL), RKNN_SUCC);
    CHECK_EQ_MEM(out->logical_addr, y, sizeof y);
    CHECK_EQ_INT(set_floats(context, x, 4), RKNN_ERR_INPUT_INVALID); /* it has another home now */
    CHECK_EQ_INT(rknn_outputs_get(context, 1, &got, NULL), RKNN_ERR_OUTPUT_INVALID);
    CHECK_EQ_INT(rknn_inputs_map(context, 1, short_one), RKNN_ERR_PARAM_INVALID);
    (void)what_was_printed();
    CHECK_EQ_INT(rknn_destroy_mem(context, short_one), RKNN_SUCC);
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC); /* the vendor's demos: context first */
    CHECK_EQ_INT(rknn_destroy_mem(context, in), RKNN_SUCC);
    CHECK_EQ_INT(rknn_destroy_mem(context, out), RKNN_SUCC);
}

TEST(only_what_was_handed_out_is_taken_back)
{
    const rknn_context context = open_linear(0);
    float own[3];
    rknn_output out = {.want_float = 1}, copy, never = {.want_float = 1, .buf = own}, kept = {.want_float = 1};
    CHECK_EQ_INT(set_floats(context, x, 4), RKNN_SUCC);
    CHECK_EQ_INT(rknn_run(context, NULL), RKNN_SUCC);
    CHECK_EQ_INT(rknn_outputs_get(context, 1, &out, NULL), RKNN_SUCC);
    CHECK_EQ_INT(rknn_outputs_get(context, 1, &kept, NULL), RKNN_SUCC); /* a second get has a buffer of its own */
    CHECK(out.buf != kept.buf);
    copy = out;
    CHECK_EQ_INT(rknn_outputs_release(context, 1, &out), RKNN_SUCC);
    CHECK_EQ_MEM(kept.buf, y, sizeof y);
    print_to_memory();
    CHECK_EQ_INT(rknn_outputs_release(context, 1, &copy), RKNN_ERR_OUTPUT_INVALID); /* released before */
    CHECK_EQ_INT(rknn_outputs_release(context, 1, &never), RKNN_ERR_OUTPUT_INVALID);
    CHECK(strstr(what_was_printed(), "none that rknn_outputs_get gave") != NULL);
    CHECK_EQ_INT(rknn_outputs_release(context, 1, &out), RKNN_SUCC); /* its buf is NULL: nothing to do */

    rknn_tensor_mem *mem = rknn_create_mem(context, 16), invented = {.reserved_flag = 1, .priv_data = own}, mapped;
    REQUIRE(mem != NULL);
    CHECK_EQ_INT(rknn_inputs_map(context, 1, &mapped), RKNN_SUCC);
    CHECK_EQ_INT(rknn_destroy_mem(context, mem), RKNN_SUCC);
    print_to_memory();
    CHECK_EQ_INT(rknn_destroy_mem(context, mem), RKNN_ERR_PARAM_INVALID);
    CHECK_EQ_INT(rknn_destroy_mem(context, &invented), RKNN_ERR_PARAM_INVALID);
    CHECK_EQ_INT(rknn_destroy_mem(context, &mapped), RKNN_ERR_PARAM_INVALID);
    CHECK(strstr(what_was_printed(), "no memory of rknn_create_mem") != NULL);
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC); /* frees kept.buf */
}

/* The other order than the vendor's demos: nothing points into freed memory afterwards. */
TEST(memory_destroyed_before_its_context_is_left)
{
    rknn_context contexts[] = {open_linear(0), open_linear(0)};
    rknn_tensor_attr in_attr = {.index = 0}, out_attr = {.index = 0};
    CHECK_EQ_INT(rknn_query(contexts[0], RKNN_QUERY_INPUT_ATTR, &in_attr, sizeof in_attr), RKNN_SUCC);
    CHECK_EQ_INT(rknn_query(contexts[0], RKNN_QUERY_OUTPUT_ATTR, &out_attr, sizeof out_attr), RKNN_SUCC);
    rknn_tensor_mem *in = rknn_create_mem(contexts[0], 16), *out = rknn_create_mem(contexts[0], 12);
    REQUIRE(in && out);
    for (int i = 0; i < 2; i++) { /* one memory, two contexts */
        CHECK_EQ_INT(rknn_set_io_mem(contexts[i], in, &in_attr), RKNN_SUCC);
        CHECK_EQ_INT(rknn_set_io_mem(contexts[i], out, &out_attr), RKNN_SUCC);
        CHECK_EQ_INT(rknn_run(contexts[i], NULL), RKNN_SUCC);
    }
    CHECK_EQ_INT(rknn_destroy_mem(contexts[0], in), RKNN_SUCC);
    CHECK_EQ_INT(rknn_destroy_mem(contexts[0], out), RKNN_SUCC);
    for (int i = 0; i < 2; i++) {
        print_to_memory();
        CHECK_EQ_INT(rknn_run(contexts[i], NULL), RKNN_ERR_INPUT_INVALID);
        CHECK(strstr(what_was_printed(), "its memory was destroyed") != NULL);
        CHECK_EQ_INT(set_floats(contexts[i], x, 4), RKNN_SUCC); /* the usual calls are back */
        check_result(contexts[i]);
        CHECK_EQ_INT(rknn_destroy(contexts[i]), RKNN_SUCC);
    }
}

TEST_MAIN()
