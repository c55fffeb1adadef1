/* SPDX-License-Identifier: Apache-2.0
 *
 * Every function of include/inchip with the n-th allocation (and all after it) failing, n = 1, 2, ... until nothing fails: each call succeeds or
 * gives INCHIP_ERR_MEMORY with a sentence, and nothing is leaked (the address sanitizer of this build sees it). tests/lint/fault.sh holds this
 * file against the headers: a function that is not called here is a failure.
 */
#define _POSIX_C_SOURCE 200809L
#include "testing.h"

#include "base/alloc.h"
#include "inchip/toolchain.h"

#include <stdbool.h>
#include <unistd.h>

static char logistic[600], dataset[600], picture[600], saved[600], portable[600], exported[600];
static inchip_context *context;

/* Goes on when the call succeeded; else the walk ends with the status, which must be the one of memory and explained. */
#define STEP(call)                                                                                                                 \
    do {                                                                                                                           \
        const int status_ = (call);                                                                                                \
        if (status_ != INCHIP_OK) {                                                                                                \
            if (!CHECK(status_ == INCHIP_ERR_MEMORY && inchip_context_error(context)[0] != '\0'))                                  \
                printf("  %s: %s, '%s'\n", #call, inchip_status_name(status_), inchip_context_error(context));                     \
            CHECK(inchip_context_error_code(context) != 0);                                                                        \
            return status_;                                                                                                        \
        }                                                                                                                          \
    } while (0)

static void quiet(void *user, char level, const char *text)
{
    (void)user;
    (void)level;
    (void)text;
}

static size_t file_bytes(const char *path, uint8_t *to, size_t capacity)
{
    FILE *f = fopen(path, "rb");
    const size_t n = f ? fread(to, 1, capacity, f) : 0;
    if (f)
        fclose(f);
    return n;
}

/* ---- files ---- */
static int about_files(void)
{
    static char text[4096], version[64];
    char *json = NULL;
    inchip_image image = {0};
    STEP(inchip_file_recognize(context, logistic, text, sizeof text, version, sizeof version));
    STEP(inchip_file_inputs(context, logistic, text, sizeof text));
    STEP(inchip_file_json(context, saved, &json));
    inchip_free(json);
    STEP(inchip_picture_load(context, picture, 1, &image));
    inchip_image_free(&image);
    return INCHIP_OK;
}

static int pictures(void)
{
    static uint8_t bytes[1 << 16];
    char error[256] = "";
    inchip_image image = {0};
    FILE *f = fopen(picture, "rb");
    const size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
    if (f)
        fclose(f);
    int status = inchip_image_load(picture, 1, &image, error, sizeof error);
    if (status == INCHIP_OK) {
        inchip_image_free(&image);
        status = inchip_image_load_memory(bytes, n, 3, &image, error, sizeof error);
    }
    CHECK(status == INCHIP_OK || (status == INCHIP_ERR_MEMORY && error[0] != '\0'));
    inchip_image_free(&image);
    return status;
}

/* ---- toolchain ---- */
static int use_network(inchip_network *network, int type)
{
    const float mean = 1.5f, std = 2.0f;
    const inchip_build_options build = {
        .struct_size = sizeof build, .type = type, .dataset = dataset, .mean = &mean, .std = &std, .n_channels = 1};
    const inchip_save_options save = {.struct_size = sizeof save, .target = "x86-64", .keep_portable = 1, .options_text = "none"};
    inchip_tensor_info info = {.struct_size = sizeof info};
    void *bytes = NULL;
    size_t n = 0;
    CHECK_EQ_INT(inchip_network_inputs(network), 1);
    CHECK_EQ_INT(inchip_network_outputs(network), 1);
    STEP(inchip_network_input_info(network, 0, &info));
    STEP(inchip_network_output_info(network, 0, &info));
    CHECK(inchip_network_input_face_name(network, 0) != NULL);
    STEP(inchip_network_export_onnx(context, network, exported));
    STEP(inchip_network_build(context, network, &build));
    STEP(inchip_network_export_onnx(context, network, exported));
    STEP(inchip_network_save(context, network, saved, &save));
    STEP(inchip_network_save_memory(context, network, NULL, &bytes, &n)); /* without options_text: the command alone */
    inchip_free(bytes);
    return INCHIP_OK;
}

static int toolchain(int type)
{
    const inchip_input_shape shape = {.name = "x", .rank = 2, .dims = {1, 784}};
    const inchip_import_options import = {.struct_size = sizeof import, .inputs = &shape, .n_inputs = 1};
    inchip_network *network = NULL;
    STEP(inchip_network_import(context, logistic, &import, &network));
    const int status = use_network(network, type);
    inchip_network_destroy(network);
    return status;
}

static int toolchain_bytes(void)
{
    static uint8_t bytes[1 << 17];
    const inchip_input_shape shape = {.rank = 2, .dims = {1, 784}};
    const inchip_import_options import = {.struct_size = sizeof import, .inputs = &shape, .n_inputs = 1};
    inchip_network *network = NULL;
    STEP(inchip_network_import_bytes(context, bytes, file_bytes(logistic, bytes, sizeof bytes), "logistic.pt", &import, &network));
    inchip_network_destroy(network);
    return INCHIP_OK;
}

static int toolchain_f16(void)
{
    return toolchain(INCHIP_BUILD_F16);
}
static int toolchain_u8(void)
{
    return toolchain(INCHIP_BUILD_U8);
}

/* ---- simulator ---- */
static int use_simulator(inchip_simulator *simulator)
{
    static const float x[784];
    float y[10];
    inchip_tensor_info info = {.struct_size = sizeof info};
    CHECK_EQ_INT(inchip_simulator_inputs(simulator), 1);
    CHECK_EQ_INT(inchip_simulator_outputs(simulator), 1);
    STEP(inchip_simulator_input_info(simulator, 0, &info));
    STEP(inchip_simulator_output_info(simulator, 0, &info));
    CHECK(inchip_simulator_input(simulator, 0) != NULL);
    STEP(inchip_simulator_set_input(context, simulator, 0, x, INCHIP_F32, 784));
    STEP(inchip_simulator_run(context, simulator));
    CHECK(inchip_simulator_output(simulator, 0) != NULL);
    STEP(inchip_simulator_get_output(context, simulator, 0, y, 10));
    return INCHIP_OK;
}

static _Alignas(64) uint8_t file[1 << 17];

static int simulator_of(const char *path)
{
    inchip_simulator *simulator = NULL;
    STEP(inchip_simulator_open(context, file, file_bytes(path, file, sizeof file), &simulator));
    const int status = use_simulator(simulator);
    inchip_simulator_close(simulator);
    return status;
}

static int simulator_compiled(void)
{
    return simulator_of(saved);
}
static int simulator_portable(void)
{
    return simulator_of(portable);
}

/* ---- runtime ---- */
static int use_session(inchip_session *session)
{
    static _Alignas(64) float x[784], y[64];
    inchip_step_time times[16];
    float values[10];
    CHECK(inchip_session_input(session, 0) != NULL && inchip_session_output(session, 0) != NULL);
    CHECK(inchip_session_memory_bytes(session) > 0);
    STEP(inchip_session_bind_input(context, session, 0, x));
    STEP(inchip_session_bind_output(context, session, 0, y));
    STEP(inchip_session_set_input(context, session, 0, x, INCHIP_F32, 784));
    STEP(inchip_session_run(context, session));
    STEP(inchip_session_get_output(context, session, 0, values, 10));
    const int32_t n = inchip_session_steps(session);
    CHECK(n > 0 && n <= 16);
    STEP(inchip_session_profile(context, session, times, n));
    return INCHIP_OK;
}

static int use_model(inchip_model *model)
{
    inchip_session *session = NULL;
    inchip_tensor_info info = {.struct_size = sizeof info};
    CHECK_EQ_INT(inchip_model_inputs(model), 1);
    CHECK_EQ_INT(inchip_model_outputs(model), 1);
    STEP(inchip_model_input_info(model, 0, &info));
    STEP(inchip_model_output_info(model, 0, &info));
    CHECK(inchip_model_target(model)[0] != '\0');
    (void)inchip_model_memory_bytes(model);
    STEP(inchip_session_create(context, model, 2, &session));
    const int status = use_session(session);
    inchip_session_destroy(session);
    return status;
}

static int runtime_of(const char *path, int how)
{
    inchip_model *model = NULL;
    if (how == 0)
        STEP(inchip_model_open(context, path, &model));
    else if (how == 1)
        STEP(inchip_model_open_memory(context, file, file_bytes(path, file, sizeof file), &model));
    else
        STEP(inchip_model_open_static(context, file, file_bytes(path, file, sizeof file), &model));
    const int status = use_model(model);
    inchip_model_close(model);
    return status;
}

static int runtime_file(void)
{
    return runtime_of(saved, 0);
}
static int runtime_memory(void)
{
    return runtime_of(portable, 1);
}
static int runtime_static(void)
{
    return runtime_of(saved, 2);
}

static int pool_cpus(void)
{
    STEP(inchip_pool_set_cpus(context, (const int32_t[]){0}, 1));
    STEP(inchip_pool_set_cpus(context, NULL, 0));
    return INCHIP_OK;
}

/* ---- the sweep ---- */
static int with_context(int (*walk)(void))
{
    context = inchip_context_create();
    if (!context)
        return INCHIP_ERR_MEMORY;
    inchip_context_set_log(context, quiet, NULL);
    const int status = walk();
    inchip_context_destroy(context);
    return status;
}

static void sweep(const char *name, int (*walk)(void))
{
    ic_fault_set(0);
    if (!CHECK_EQ_INT(with_context(walk), INCHIP_OK)) {
        printf("  %s does not succeed without faults\n", name);
        return;
    }
    uint64_t n = 1;
    for (bool failed_some = true; failed_some; n += n < 600 ? 1 : n / 50) { /* later ones repeat earlier places with other data */
        ic_fault_set(n);
        const int status = with_context(walk);
        failed_some = ic_fault_count() >= n;
        ic_fault_set(0);
        CHECK(status == INCHIP_OK || (status == INCHIP_ERR_MEMORY && failed_some));
    }
    printf("%s: %llu allocations\n", name, (unsigned long long)n - 2);
}

static const char *temporary(char *out, size_t size, const char *name)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(out, size, "%s/inchip-fault-%d-%s", tmp && *tmp ? tmp : "/tmp", (int)getpid(), name);
    return out;
}

/* `saved` compiled, `portable` portable. */
static void make_files(void)
{
    const inchip_input_shape shape = {.rank = 2, .dims = {1, 784}};
    const inchip_import_options import = {.struct_size = sizeof import, .inputs = &shape, .n_inputs = 1};
    const inchip_build_options build = {.struct_size = sizeof build, .type = INCHIP_BUILD_F16};
    const inchip_save_options save = {.struct_size = sizeof save, .target = "x86-64"};
    const inchip_save_options no_target = {.struct_size = sizeof no_target};
    inchip_network *network = NULL;
    test_source_path(logistic, sizeof logistic, "examples/pytorch/logistic/logistic.pt");
    test_source_path(dataset, sizeof dataset, "examples/pytorch/logistic/dataset.txt");
    test_source_path(picture, sizeof picture, "examples/pytorch/logistic/9.png");
    temporary(exported, sizeof exported, "exported");
    context = inchip_context_create();
    REQUIRE(inchip_network_import(context, logistic, &import, &network) == INCHIP_OK);
    CHECK_EQ_INT(inchip_network_build(context, network, &build), INCHIP_OK);
    CHECK_EQ_INT(inchip_network_save(context, network, temporary(saved, sizeof saved, "saved"), &save), INCHIP_OK);
    CHECK_EQ_INT(inchip_network_save(context, network, temporary(portable, sizeof portable, "portable"), &no_target), INCHIP_OK);
    inchip_network_destroy(network);
    inchip_context_destroy(context);
}

TEST(every_public_call)
{
    static const struct {
        const char *name;
        int (*walk)(void);
    } walks[] = {
        {"about files", about_files},
        {"pictures", pictures},
        {"toolchain, from memory", toolchain_bytes},
        {"toolchain, float16", toolchain_f16},
        {"toolchain, uint8", toolchain_u8},
        {"simulator, compiled", simulator_compiled},
        {"simulator, portable", simulator_portable},
        {"runtime, file", runtime_file},
        {"runtime, memory", runtime_memory},
        {"runtime, static", runtime_static},
        {"pool", pool_cpus},
    };
    make_files();
    for (size_t i = 0; i < sizeof walks / sizeof *walks; i++)
        sweep(walks[i].name, walks[i].walk);
    remove(saved);
    remove(portable);
    remove(exported);
}

/* These allocate nothing. */
TEST(what_cannot_fail)
{
    ic_fault_set(1);
    CHECK(inchip_version()[0] != '\0');
    CHECK(inchip_abi() >= 1);
    CHECK(inchip_target_name(0) != NULL && inchip_target_cpu(0) != NULL && inchip_target_note(0) != NULL);
    CHECK_EQ_STR(inchip_status_name(INCHIP_ERR_MEMORY), "INCHIP_ERR_MEMORY");
    CHECK_EQ_INT(ic_fault_count(), 0);
    ic_fault_set(0);
}

TEST_MAIN()
