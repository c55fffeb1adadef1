/* SPDX-License-Identifier: Apache-2.0
 *
 * What the public headers promise of every call: structs that grow, handles that are NULL, numbers that tell the versions apart.
 */
#define _GNU_SOURCE
#include "testing.h"

#include "inchip/toolchain.h"

#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

static void keep_line(void *user, char level, const char *text)
{
    (void)level;
    snprintf(user, 256, "%s", text);
}

static inchip_network *import_digits(inchip_context *context, const inchip_import_options *options)
{
    char path[512];
    inchip_network *network = NULL;
    CHECK_EQ_INT(inchip_network_import(context, test_source_path(path, sizeof path, "examples/pytorch/logistic/logistic.pt"),
                                       options, &network),
                 INCHIP_OK);
    return network;
}

static const inchip_input_shape digits_shape = {.name = "x", .rank = 2, .dims = {1, 784}};

TEST(the_library_is_the_one_of_these_headers)
{
    CHECK_EQ_INT(inchip_abi(), INCHIP_ABI);
    CHECK_EQ_STR(inchip_version(), INCHIP_VERSION_TEXT);
    CHECK_EQ_STR(inchip_status_name(INCHIP_ERR_DEVICE), "INCHIP_ERR_DEVICE");
    CHECK_EQ_STR(inchip_status_name(99), "INCHIP_ERR_?");
    CHECK_EQ_STR(inchip_status_name(-1), "INCHIP_ERR_?");
}

/* A program compiled when the struct ended earlier: what it does not know counts as 0, and nothing behind it is written. */
TEST(an_older_caller_is_served)
{
    struct {
        inchip_tensor_info info;
        uint8_t after[64];
    } room;
    inchip_context *context = inchip_context_create();
    inchip_import_options options = {
        .struct_size = offsetof(inchip_import_options, rank1_is_batch1), .inputs = &digits_shape, .n_inputs = 1};
    memset((char *)&options + options.struct_size, 0xEE, sizeof options - options.struct_size);
    inchip_network *network = import_digits(context, &options);
    REQUIRE(network != NULL);
    memset(&room, 0xEE, sizeof room);
    room.info.struct_size = offsetof(inchip_tensor_info, format);
    CHECK_EQ_INT(inchip_network_input_info(network, 0, &room.info), INCHIP_OK);
    CHECK_EQ_STR(room.info.name, "x");
    CHECK_EQ_INT(room.info.dims[1], 784);
    CHECK_EQ_INT(room.info.struct_size, offsetof(inchip_tensor_info, format));
    CHECK_EQ_INT((uint32_t)room.info.format, 0xEEEEEEEE);
    inchip_network_destroy(network);
    inchip_context_destroy(context);
}

/* A program compiled with a newer header: fields that this library does not know must not be set, and come back as 0. */
TEST(a_newer_caller_is_served_or_refused)
{
    struct {
        inchip_import_options options;
        int64_t more;
    } in = {.options = {.struct_size = sizeof in, .inputs = &digits_shape, .n_inputs = 1}, .more = 0};
    struct {
        inchip_tensor_info info;
        int64_t more;
    } out = {.info = {.struct_size = sizeof out}, .more = 77};
    inchip_context *context = inchip_context_create();
    inchip_network *network = import_digits(context, &in.options), *none = NULL;
    REQUIRE(network != NULL);
    CHECK_EQ_INT(inchip_network_output_info(network, 0, &out.info), INCHIP_OK);
    CHECK_EQ_INT(out.info.dims[1], 10);
    CHECK_EQ_INT(out.more, 0);
    in.more = 1;
    CHECK_EQ_INT(inchip_network_import(context, "x.pt", &in.options, &none), INCHIP_ERR_ARG);
    CHECK(strstr(inchip_context_error(context), "a newer one is needed") != NULL);
    inchip_network_destroy(network);
    inchip_context_destroy(context);
}

TEST(a_size_that_was_not_set_is_refused)
{
    static const uint32_t sizes[] = {0, 3, 4, 5000, UINT32_MAX};
    inchip_context *context = inchip_context_create();
    const inchip_import_options good = {.struct_size = sizeof good, .inputs = &digits_shape, .n_inputs = 1};
    inchip_network *network = import_digits(context, &good), *none = NULL;
    REQUIRE(network != NULL);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        inchip_import_options import = {.struct_size = sizes[i]};
        inchip_build_options build = {.struct_size = sizes[i]};
        inchip_save_options save = {.struct_size = sizes[i]};
        inchip_tensor_info info = {.struct_size = sizes[i]};
        void *bytes = NULL;
        size_t size_bytes = 0;
        CHECK_EQ_INT(inchip_network_import(context, "x.pt", &import, &none), INCHIP_ERR_ARG);
        CHECK(strstr(inchip_context_error(context), "sizeof(inchip_import_options)") != NULL);
        CHECK_EQ_INT(inchip_network_build(context, network, &build), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_network_save_memory(context, network, &save, &bytes, &size_bytes), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_network_input_info(network, 0, &info), INCHIP_ERR_ARG);
    }
    inchip_network_destroy(network);
    inchip_context_destroy(context);
}

TEST(level_zero_is_the_default)
{
    size_t sizes[3] = {0};
    static const int32_t levels[] = {0, 3, -1};
    for (int i = 0; i < 3; i++) {
        inchip_context *context = inchip_context_create();
        const inchip_import_options options = {.struct_size = sizeof options, .inputs = &digits_shape, .n_inputs = 1};
        const inchip_build_options build = {.struct_size = sizeof build, .optimization_level = levels[i]};
        inchip_network *network = import_digits(context, &options);
        void *bytes = NULL;
        REQUIRE(network != NULL);
        CHECK_EQ_INT(inchip_network_build(context, network, &build), INCHIP_OK);
        CHECK_EQ_INT(inchip_network_save_memory(context, network, NULL, &bytes, &sizes[i]), INCHIP_OK);
        inchip_free(bytes);
        inchip_network_destroy(network);
        inchip_context_destroy(context);
    }
    CHECK_EQ_INT(sizes[0], sizes[1]);
    CHECK(sizes[2] > 0);
}

/* What build options promise and do not hold is said, not read. */
TEST(build_options_that_contradict_themselves)
{
    inchip_context *context = inchip_context_create();
    const inchip_import_options options = {.struct_size = sizeof options, .inputs = &digits_shape, .n_inputs = 1};
    inchip_network *network = import_digits(context, &options);
    REQUIRE(network != NULL);
    const float one = 1.0f;
    const inchip_preprocessing bad[] = {{NULL, NULL, 1, 0}, {&one, NULL, 1, 0}, {&one, &one, -5, 0}};
    inchip_build_options build = {.struct_size = sizeof build, .n_preprocessing = 1};
    CHECK_EQ_INT(inchip_network_build(context, network, &build), INCHIP_ERR_ARG); /* preprocessing is NULL */
    for (size_t i = 0; i < 3; i++) {
        build.preprocessing = &bad[i];
        CHECK_EQ_INT(inchip_network_build(context, network, &build), INCHIP_ERR_ARG);
    }
    build.n_preprocessing = 1000; /* one stands there */
    CHECK_EQ_INT(inchip_network_build(context, network, &build), INCHIP_ERR_ARG);
    CHECK(strstr(inchip_context_error(context), "given for 1000 inputs; the network has 1") != NULL);
    build = (inchip_build_options){.struct_size = sizeof build, .batch = 7};
    CHECK_EQ_INT(inchip_network_build(context, network, &build), INCHIP_ERR_ARG);
    CHECK(strstr(inchip_context_error(context), "batch 7: input x does not begin with that many samples") != NULL);
    build.batch = 0;
    CHECK_EQ_INT(inchip_network_build(context, network, &build), INCHIP_OK);
    inchip_network_destroy(network);
    inchip_context_destroy(context);
}

/* A network is not replaced by what was made of it, under any name. */
TEST(the_imported_file_is_not_overwritten)
{
    char path[512], copy[64] = "/tmp/inchip-test-XXXXXX", link[80];
    const inchip_import_options options = {.struct_size = sizeof options, .inputs = &digits_shape, .n_inputs = 1};
    const inchip_build_options build = {.struct_size = sizeof build};
    inchip_context *context = inchip_context_create();
    inchip_network *network = NULL;
    struct stat before, after;
    const int fd = mkstemp(copy);
    FILE *from = fopen(test_source_path(path, sizeof path, "examples/pytorch/logistic/logistic.pt"), "rb"), *to = fdopen(fd, "wb");
    REQUIRE(from && to);
    for (int c = getc(from); c != EOF; c = getc(from))
        putc(c, to);
    fclose(from);
    fclose(to);
    snprintf(link, sizeof link, "%s.link", copy);
    REQUIRE(symlink(copy, link) == 0 && stat(copy, &before) == 0);
    CHECK_EQ_INT(inchip_network_import(context, copy, &options, &network), INCHIP_OK);
    CHECK_EQ_INT(inchip_network_export_onnx(context, network, copy), INCHIP_ERR_ARG);
    CHECK_EQ_INT(inchip_network_build(context, network, &build), INCHIP_OK);
    CHECK_EQ_INT(inchip_network_save(context, network, link, NULL), INCHIP_ERR_ARG);
    CHECK(strstr(inchip_context_error(context), "would be overwritten") != NULL);
    CHECK(stat(copy, &after) == 0 && after.st_size == before.st_size && after.st_ino == before.st_ino);
    inchip_network_destroy(network);
    inchip_context_destroy(context);
    unlink(link);
    unlink(copy);
}

TEST(no_call_dies_of_null)
{
    char text[8], line[256] = "";
    float value = 0;
    void *bytes = NULL;
    size_t size_bytes = 0;
    inchip_model *model = NULL;
    inchip_session *session = NULL;
    inchip_simulator *simulator = NULL;
    inchip_network *network = NULL;
    inchip_image image = {0};
    inchip_tensor_info info = {.struct_size = sizeof info};
    inchip_step_time time;
    inchip_context *contexts[] = {NULL, inchip_context_create()};
    inchip_context_set_log(NULL, keep_line, line);
    inchip_context_set_log(contexts[1], keep_line, line);
    for (int i = 0; i < 2; i++) {
        inchip_context *c = contexts[i];
        CHECK_EQ_INT(inchip_model_open(c, NULL, &model), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_model_open(c, "/nowhere", NULL), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_model_open(c, "/nowhere", &model), INCHIP_ERR_IO);
        CHECK_EQ_INT(inchip_model_open_memory(c, NULL, 1, &model), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_model_open_static(c, NULL, 1, &model), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_session_create(c, NULL, 1, &session), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_session_bind_input(c, NULL, 0, text), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_session_bind_output(c, NULL, 0, text), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_session_set_input(c, NULL, 0, text, INCHIP_U8, 1), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_session_get_output(c, NULL, 0, &value, 1), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_session_run(c, NULL), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_session_profile(c, NULL, &time, 1), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_pool_set_cpus(c, NULL, 1), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_pool_set_cpus(c, NULL, -1), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_network_import(c, NULL, NULL, &network), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_network_import(c, "/nowhere", NULL, NULL), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_network_build(c, NULL, NULL), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_network_save(c, NULL, "/tmp/x", NULL), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_network_save_memory(c, NULL, NULL, &bytes, &size_bytes), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_file_inputs(c, NULL, text, sizeof text), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_file_recognize(c, NULL, text, 1, text, 1), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_file_json(c, NULL, NULL), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_picture_load(c, NULL, 0, &image), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_simulator_open(c, NULL, 1, &simulator), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_simulator_set_input(c, NULL, 0, text, INCHIP_U8, 1), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_simulator_get_output(c, NULL, 0, &value, 1), INCHIP_ERR_ARG);
        CHECK_EQ_INT(inchip_simulator_run(c, NULL), INCHIP_ERR_ARG);
        CHECK(i == 0 ? *inchip_context_error(c) == '\0' : strstr(inchip_context_error(c), "inchip_simulator_run") != NULL);
    }
    CHECK_EQ_INT(inchip_model_inputs(NULL) + inchip_model_outputs(NULL) + inchip_session_steps(NULL), 0);
    CHECK_EQ_INT(inchip_network_inputs(NULL) + inchip_network_outputs(NULL), 0);
    CHECK_EQ_INT(inchip_simulator_inputs(NULL) + inchip_simulator_outputs(NULL), 0);
    CHECK_EQ_INT(inchip_model_input_info(NULL, 0, &info), INCHIP_ERR_ARG);
    CHECK_EQ_INT(inchip_model_output_info(NULL, 0, &info), INCHIP_ERR_ARG);
    CHECK_EQ_INT(inchip_network_input_info(NULL, 0, &info), INCHIP_ERR_ARG);
    CHECK_EQ_INT(inchip_network_output_info(NULL, 0, &info), INCHIP_ERR_ARG);
    CHECK_EQ_INT(inchip_simulator_input_info(NULL, 0, &info), INCHIP_ERR_ARG);
    CHECK_EQ_INT(inchip_simulator_output_info(NULL, 0, &info), INCHIP_ERR_ARG);
    CHECK_EQ_STR(inchip_network_input_face_name(NULL, 0), "");
    CHECK_EQ_STR(inchip_model_target(NULL), "");
    CHECK(inchip_model_memory_bytes(NULL) == 0 && inchip_session_memory_bytes(NULL) == 0);
    CHECK(!inchip_session_input(NULL, 0) && !inchip_session_output(NULL, 0));
    CHECK(!inchip_simulator_input(NULL, 0) && !inchip_simulator_output(NULL, 0));
    CHECK(!model && !session && !simulator && !network && !bytes);
    inchip_model_close(NULL);
    inchip_session_destroy(NULL);
    inchip_network_destroy(NULL);
    inchip_simulator_close(NULL);
    inchip_free(NULL);
    inchip_context_destroy(contexts[1]);
    inchip_context_destroy(NULL);
}

TEST_MAIN()
