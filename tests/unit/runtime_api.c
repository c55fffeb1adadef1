/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip/runtime.h: the same model from a file, from a copy and in place; buffers, conversions, threads, and what is refused.
 */
#define _POSIX_C_SOURCE 200809L
#include "model_builder.h"

#include "base/os.h"
#include "inchip/runtime.h"
#include "runtime/convert_io.h"
#include "runtime/session.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static const float x[] = {1, 2, 3, 4}, y[] = {3, 20, 41}; /* by hand: see model_builder.h */

struct lines {
    int n;
    char last[256], level;
};

static void keep_line(void *user, char level, const char *text)
{
    struct lines *l = user;
    l->n++;
    l->level = level;
    snprintf(l->last, sizeof l->last, "%s", text);
}

static struct model_file linear(const char *target)
{
    return model_pack(model_linear_graph(), target);
}

static void check_session(inchip_context *context, inchip_session *session)
{
    float got[3] = {0};
    CHECK_EQ_INT(inchip_session_set_input(context, session, 0, x, INCHIP_F32, 4), INCHIP_OK);
    CHECK_EQ_INT(inchip_session_run(context, session), INCHIP_OK);
    CHECK_EQ_INT(inchip_session_get_output(context, session, 0, got, 3), INCHIP_OK);
    CHECK_EQ_MEM(got, y, sizeof y);
}

static void check_model(inchip_context *context, inchip_model *model)
{
    inchip_session *session = NULL;
    CHECK_EQ_INT(inchip_session_create(context, model, 1, &session), INCHIP_OK);
    if (!session)
        return;
    check_session(context, session);
    CHECK(inchip_session_memory_bytes(session) >= 16 + 12);
    inchip_session_destroy(session);
}

TEST(a_file_a_copy_and_bytes_in_place_are_the_same_model)
{
    struct model_file file = linear("generic");
    char path[] = "/tmp/inchip_runtime_XXXXXX";
    inchip_context *context = inchip_context_create();
    inchip_model *model = NULL;
    const int f = mkstemp(path);
    REQUIRE(context && f >= 0);
    CHECK_EQ_INT(write(f, file.bytes, file.size_bytes), file.size_bytes);
    close(f);
    CHECK_EQ_INT(inchip_model_open(context, path, &model), INCHIP_OK);
    unlink(path); /* the mapping stays */
    REQUIRE(model);
    check_model(context, model);
    inchip_model_close(model);

    model = NULL;
    CHECK_EQ_INT(inchip_model_open_static(context, file.bytes, file.size_bytes, &model), INCHIP_OK);
    REQUIRE(model);
    check_model(context, model);
    inchip_model_close(model);

    model = NULL;
    CHECK_EQ_INT(inchip_model_open_memory(context, file.bytes, file.size_bytes, &model), INCHIP_OK);
    model_free(&file); /* it was copied */
    REQUIRE(model);
    check_model(context, model);
    inchip_model_close(model);
    inchip_context_destroy(context);
}

TEST(bytes_at_an_odd_address_are_copied_with_a_line)
{
    struct model_file file = linear(ic_target_host()->name);
    uint8_t *odd = malloc(file.size_bytes + 65);
    inchip_context *context = inchip_context_create();
    inchip_model *model = NULL;
    struct lines lines = {0};
    REQUIRE(odd && context);
    uint8_t *at = odd + (65 - (uintptr_t)odd % 64) % 64;
    memcpy(at, file.bytes, file.size_bytes);
    inchip_context_set_log(context, keep_line, &lines);
    CHECK_EQ_INT(inchip_model_open_static(context, at, file.size_bytes, &model), INCHIP_OK);
    CHECK_EQ_INT(lines.n, 1);
    CHECK_EQ_INT(lines.level, 'I');
    CHECK(strstr(lines.last, "aligned") != NULL);
    if (model)
        check_model(context, model);
    inchip_model_close(model);
    inchip_context_destroy(context);
    free(odd);
    model_free(&file);
}

TEST(a_model_tells_what_it_is)
{
    struct model_file file = linear("rv1109");
    inchip_context *context = inchip_context_create();
    inchip_model *model = NULL;
    inchip_tensor_info info = {.struct_size = sizeof info};
    CHECK_EQ_INT(inchip_model_open_memory(context, file.bytes, file.size_bytes, &model), INCHIP_OK);
    REQUIRE(model);
    CHECK_EQ_INT(inchip_model_inputs(model), 1);
    CHECK_EQ_INT(inchip_model_outputs(model), 1);
    CHECK_EQ_STR(inchip_model_target(model), "rv1109");
    CHECK_EQ_INT(inchip_model_input_info(model, 0, &info), INCHIP_OK);
    CHECK_EQ_STR(info.name, "x");
    CHECK_EQ_STR(info.face_name, "x.1_0");
    CHECK_EQ_INT(info.dtype, INCHIP_F32);
    CHECK_EQ_INT(info.rank, 2);
    CHECK_EQ_INT(info.dims[0], 1);
    CHECK_EQ_INT(info.dims[1], 4);
    CHECK_EQ_INT(info.size_bytes, 16);
    CHECK(info.scale == 0.0f);
    CHECK_EQ_INT(inchip_model_input_info(model, 1, &info), INCHIP_ERR_ARG);
    CHECK_EQ_INT(inchip_model_input_info(model, -1, &info), INCHIP_ERR_ARG);
    CHECK_EQ_INT(inchip_model_output_info(model, 0, NULL), INCHIP_ERR_ARG);
    inchip_model_close(model);
    inchip_context_destroy(context);
    model_free(&file);
}

static void check_refused(inchip_context *context, int status, int wanted, const char *word)
{
    CHECK_EQ_INT(status, wanted);
    CHECK_EQ_INT(inchip_context_error_code(context) / 100, wanted);
    if (!CHECK(strstr(inchip_context_error(context), word) != NULL))
        printf("  the error: %s\n", inchip_context_error(context));
}

TEST(what_is_no_model_is_refused_by_cause)
{
    struct model_file file = linear("generic");
    inchip_context *context = inchip_context_create();
    inchip_model *model = NULL;
    REQUIRE(context);
    check_refused(context, inchip_model_open(context, "/nonexistent/model.ic", &model), INCHIP_ERR_IO, "/nonexistent/model.ic");
    check_refused(context, inchip_model_open(context, NULL, &model), INCHIP_ERR_ARG, "NULL");
    check_refused(context, inchip_model_open(context, "/proc/self/status", &model), INCHIP_ERR_FORMAT,
                  "/proc/self/status: the file is empty");
    check_refused(context, inchip_model_open(context, "/tmp", &model), INCHIP_ERR_IO, "/tmp");
    check_refused(context, inchip_model_open_memory(context, NULL, 5, &model), INCHIP_ERR_ARG, "NULL");
    check_refused(context, inchip_model_open_memory(context, "hello", 5, &model), INCHIP_ERR_FORMAT, "not an inchip model file");
    check_refused(context, inchip_model_open_memory(context, "RKNN\0\0\0\0\1\0\0\0\0\0\0\0", 16, &model), INCHIP_ERR_VENDOR,
                  "Toolkit 1");
    check_refused(context, inchip_model_open_memory(context, file.bytes, file.size_bytes - 1, &model), INCHIP_ERR_CORRUPT, "cut");
    file.bytes[8] = 2; /* container version */
    check_refused(context, inchip_model_open_memory(context, file.bytes, file.size_bytes, &model), INCHIP_ERR_ABI, "version 2");
    CHECK(model == NULL);
    file.bytes[8] = 1;
    CHECK_EQ_INT(inchip_model_open_memory(context, file.bytes, file.size_bytes, &model), INCHIP_OK);
    CHECK_EQ_STR(inchip_context_error(context), "");
    CHECK_EQ_INT(inchip_context_error_code(context), 0);
    inchip_model_close(model);
    inchip_context_destroy(context);
    model_free(&file);
}

/* Whatever single byte is damaged, opening says so: all bytes are under a checksum, or must be zero. */
TEST(every_flipped_byte_is_found)
{
    struct model_file file = linear("rv1109");
    for (size_t i = 0; i < file.size_bytes; i++) {
        struct ic_model *m = NULL;
        struct ic_diag d = {0};
        file.bytes[i] ^= 0x20;
        if (!CHECK(ic_model_open_memory(file.bytes, file.size_bytes, false, &m, &d) != IC_OK))
            printf("  byte %zu\n", i);
        ic_model_close(m);
        file.bytes[i] ^= 0x20;
    }
    model_free(&file);
}

TEST(every_shorter_file_is_refused)
{
    struct model_file file = linear("generic");
    for (size_t n = 0; n < file.size_bytes; n++) {
        struct ic_model *m = NULL;
        struct ic_diag d = {0};
        CHECK(ic_model_open_memory(file.bytes, n, true, &m, &d) != IC_OK);
        CHECK(d.text[0] != '\0');
        ic_model_close(m);
    }
    model_free(&file);
}

TEST(a_portable_file_is_prepared_on_the_device)
{
    struct model_file file = linear(NULL);
    inchip_context *context = inchip_context_create();
    inchip_model *model = NULL;
    CHECK_EQ_INT(inchip_model_open_memory(context, file.bytes, file.size_bytes, &model), INCHIP_OK);
    if (model)
        check_model(context, model);
    inchip_model_close(model);
    inchip_context_destroy(context);
    model_free(&file);
}

static inchip_session *open_session(inchip_context *context, struct ic_graph *g, inchip_model **out_model)
{
    struct model_file file = model_pack(g, "generic");
    inchip_session *session = NULL;
    CHECK_EQ_INT(inchip_model_open_memory(context, file.bytes, file.size_bytes, out_model), INCHIP_OK);
    check_refused(context, inchip_session_create(context, *out_model, 65, &session), INCHIP_ERR_ARG, "threads is 65: 1 to 64");
    check_refused(context, inchip_session_create(context, *out_model, -1, &session), INCHIP_ERR_ARG, "threads is -1: 1 to 64");
    CHECK_EQ_INT(inchip_session_create(context, *out_model, 1, &session), INCHIP_OK);
    model_free(&file);
    return session;
}

TEST(buffers_of_the_caller_are_used)
{
    inchip_context *context = inchip_context_create();
    inchip_model *model = NULL;
    inchip_session *session = open_session(context, model_linear_graph(), &model);
    static _Alignas(16) float in[5] = {1, 2, 3, 4}, out[4] = {0, 0, 0, 99};
    REQUIRE(session);
    CHECK_EQ_INT(inchip_session_bind_input(context, session, 0, in), INCHIP_OK);
    CHECK_EQ_INT(inchip_session_bind_output(context, session, 0, out), INCHIP_OK);
    CHECK(inchip_session_input(session, 0) == in);
    CHECK(inchip_session_output(session, 0) == out);
    CHECK_EQ_INT(inchip_session_run(context, session), INCHIP_OK);
    CHECK_EQ_MEM(out, y, sizeof y);
    CHECK(out[3] == 99);
    check_refused(context, inchip_session_bind_input(context, session, 0, in + 1), INCHIP_ERR_ARG, "aligned");
    check_refused(context, inchip_session_bind_input(context, session, 1, in), INCHIP_ERR_ARG, "input");
    check_refused(context, inchip_session_bind_output(context, session, -1, out), INCHIP_ERR_ARG, "output");
    CHECK_EQ_INT(inchip_session_bind_input(context, session, 0, NULL), INCHIP_OK);
    CHECK_EQ_INT(inchip_session_bind_output(context, session, 0, NULL), INCHIP_OK);
    memset(out, 0, sizeof out);
    check_session(context, session);
    CHECK(out[0] == 0); /* no longer written */
    CHECK(inchip_session_input(session, 1) == NULL);
    CHECK(inchip_session_output(session, -1) == NULL);
    inchip_session_destroy(session);
    inchip_model_close(model);
    inchip_context_destroy(context);
}

TEST(wrong_counts_and_types_are_refused_with_numbers)
{
    inchip_context *context = inchip_context_create();
    inchip_model *model = NULL;
    inchip_session *session = open_session(context, model_linear_graph(), &model);
    float values[8];
    REQUIRE(session);
    check_refused(context, inchip_session_set_input(context, session, 0, x, INCHIP_F32, 3), INCHIP_ERR_ARG,
                  "wants 4 values, 3 given");
    CHECK_EQ_INT(inchip_session_set_input(context, session, 0, (const int64_t[]){1, -2, 3, 4}, INCHIP_S64, 4), INCHIP_OK);
    check_refused(context, inchip_session_set_input(context, session, 0, x, 0, 4), INCHIP_ERR_ARG, "float32");
    check_refused(context, inchip_session_set_input(context, session, 0, x, 77, 4), INCHIP_ERR_ARG, "float32");
    check_refused(context, inchip_session_set_input(context, session, 1, x, INCHIP_F32, 4), INCHIP_ERR_ARG, "input 1");
    check_refused(context, inchip_session_set_input(context, session, 0, NULL, INCHIP_F32, 4), INCHIP_ERR_ARG, "no data");
    check_refused(context, inchip_session_get_output(context, session, 0, values, 4), INCHIP_ERR_ARG, "has 3 values, 4");
    check_refused(context, inchip_session_get_output(context, session, 2, values, 3), INCHIP_ERR_ARG, "output 2");
    check_refused(context, inchip_session_run(context, NULL), INCHIP_ERR_ARG, "NULL");
    inchip_step_time times[8];
    const int32_t steps = inchip_session_steps(session);
    REQUIRE(steps >= 1 && steps < 8);
    check_refused(context, inchip_session_profile(context, session, times, steps + 1), INCHIP_ERR_ARG, "step times");
    check_refused(context, inchip_session_profile(context, NULL, times, 0), INCHIP_ERR_ARG, "step times");
    CHECK_EQ_INT(inchip_session_profile(context, session, times, steps), INCHIP_OK);
    CHECK_EQ_STR(times[0].kind, "contract");
    CHECK_EQ_INT(inchip_session_steps(NULL), 0);
    CHECK_EQ_INT((long long)inchip_model_memory_bytes(NULL), 0);
    check_refused(context, inchip_session_create(context, NULL, 1, &session), INCHIP_ERR_ARG, "NULL");
    inchip_session_destroy(session);
    inchip_model_close(model);
    inchip_context_destroy(context);
    inchip_session_destroy(NULL);
    inchip_model_close(NULL);
    inchip_context_destroy(NULL);
    inchip_context_set_log(NULL, NULL, NULL);
    CHECK_EQ_STR(inchip_context_error(NULL), "");
    CHECK_EQ_INT(inchip_context_error_code(NULL), 0);
    CHECK_EQ_INT(inchip_model_inputs(NULL), 0);
    CHECK_EQ_INT(inchip_model_outputs(NULL), 0);
    CHECK_EQ_STR(inchip_model_target(NULL), "");
    CHECK(inchip_session_input(NULL, 0) == NULL);
    CHECK_EQ_INT(inchip_session_memory_bytes(NULL), 0);
    CHECK_EQ_STR(inchip_status_name(INCHIP_ERR_PORTABLE), "INCHIP_ERR_PORTABLE");
    CHECK_EQ_STR(inchip_status_name(16), "INCHIP_ERR_?");
    CHECK_EQ_STR(inchip_status_name(-1), "INCHIP_ERR_?");
}

/* mean and std per channel, after the swap of the outer two: worked out by hand. */
TEST(pictures_are_prepared_as_the_model_says)
{
    static const float mean[] = {1, 2, 3}, std[] = {2, 4, 8};
    static const uint8_t planes[] = {10, 20, 30, 40, 50, 60}; /* 3 channels of 1 x 2 */
    static const float wanted[] = {(50 - 1) / 2.0f + 1, (60 - 1) / 2.0f + 1, (30 - 2) / 4.0f + 1,
                                   (40 - 2) / 4.0f + 1, (10 - 3) / 8.0f + 1, (20 - 3) / 8.0f + 1};
    struct ic_graph *g = model_picture_graph(1, 3, 1, 2);
    g->inputs[0].mean = mean;
    g->inputs[0].std = std;
    g->inputs[0].n_channels = 3;
    g->inputs[0].reorder = 1;
    inchip_context *context = inchip_context_create();
    inchip_model *model = NULL;
    inchip_session *session = open_session(context, g, &model);
    float got[6];
    REQUIRE(session);
    CHECK_EQ_INT(inchip_session_set_input(context, session, 0, planes, INCHIP_U8, 6), INCHIP_OK);
    CHECK_EQ_INT(inchip_session_run(context, session), INCHIP_OK);
    CHECK_EQ_INT(inchip_session_get_output(context, session, 0, got, 6), INCHIP_OK);
    CHECK_EQ_MEM(got, wanted, sizeof wanted);
    inchip_session_destroy(session);
    inchip_model_close(model);
    inchip_context_destroy(context);
}

/* One tensor [n] of a dtype as the only input of a program, for the conversions alone. */
static void convert(uint32_t dtype, float scale, int32_t zero, const void *from, enum ic_dtype given, size_t n, void *to)
{
    struct ic_tensor tensors[2] = {{0}, {.dtype = dtype, .space = IC_SPACE_INPUT, .rank = 1, .scale = scale, .zero = zero}};
    struct ic_io input = {.tensor = 1};
    struct ic_diag d = {0};
    tensors[1].dims[0] = (int32_t)n;
    tensors[1].size_bytes = n * ic_dtype_bytes((enum ic_dtype)dtype);
    const struct ic_program p = {.n_tensors = 2, .n_inputs = 1, .tensors = tensors, .inputs = &input, .text = ""};
    if (!CHECK_EQ_INT(ic_io_convert_in(&p, 0, from, given, n, to, &d), IC_OK))
        printf("  %s\n", d.text);
}

TEST(values_are_rounded_to_the_nearest_and_saturated)
{
    /* scale 0.5: 2x, ties to even, plus the zero point */
    static const float values[] = {0, 0.25f, 0.75f, -0.25f, 10, -10, 1000, -1000, INFINITY, -INFINITY, NAN};
    static const uint8_t u8[] = {10, 10, 12, 10, 30, 0, 255, 0, 255, 0, 10};
    static const int8_t s8[] = {-5, -5, -3, -5, 15, -25, 127, -128, 127, -128, -5};
    uint8_t got_u8[11];
    int8_t got_s8[11];
    convert(IC_U8, 0.5f, 10, values, IC_F32, 11, got_u8);
    CHECK_EQ_MEM(got_u8, u8, 11);
    convert(IC_S8, 0.5f, -5, values, IC_F32, 11, got_s8);
    CHECK_EQ_MEM(got_s8, s8, 11);
    /* f16: 2049 is a tie to 2048, 65519 the last that is not infinite, 65520 the first that is */
    static const float wide[] = {1, 2049, 2051, 65519, 65520, -65520, 5.9604645e-8f, 2.9802322e-8f, -0.0f};
    static const uint16_t halves[] = {0x3C00, 0x6800, 0x6802, 0x7BFF, 0x7C00, 0xFC00, 0x0001, 0x0000, 0x8000};
    uint16_t got_f16[9];
    convert(IC_F16, 0, 0, wide, IC_F32, 9, got_f16);
    CHECK_EQ_MEM(got_f16, halves, sizeof halves);
    /* denormals are zero of their sign */
    static const uint32_t denormal[] = {0x00000001, 0x807FFFFF, 0x00800000};
    static const uint32_t flushed[] = {0x00000000, 0x80000000, 0x00800000};
    uint32_t got_f32[3];
    convert(IC_F32, 0, 0, denormal, IC_F32, 3, got_f32);
    CHECK_EQ_MEM(got_f32, flushed, sizeof flushed);
}

TEST(every_byte_of_a_picture_keeps_its_value)
{
    uint8_t all[256], u8[256];
    uint16_t f16[256];
    float f32[256];
    for (int i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    convert(IC_U8, 1, 0, all, IC_U8, 256, u8);
    convert(IC_F32, 0, 0, all, IC_U8, 256, f32);
    convert(IC_F16, 0, 0, all, IC_U8, 256, f16);
    for (int i = 0; i < 256; i++) {
        CHECK_EQ_INT(u8[i], i);
        CHECK(f32[i] == (float)i);
        CHECK(ic_f16_to_f32(f16[i]) == (float)i);
    }
}

TEST(stored_values_are_widened_exactly)
{
    static const struct ic_tensor u8 = {.dtype = IC_U8, .scale = 0.25f, .zero = 3}, s8 = {.dtype = IC_S8, .scale = 2, .zero = -1},
                                  s64 = {.dtype = IC_S64}, f16 = {.dtype = IC_F16}, bytes = {.dtype = IC_U8};
    static const uint8_t codes[] = {0, 3, 255};
    static const int8_t signs[] = {-128, -1, 127};
    static const int64_t longs[] = {-5, 1 << 20};
    static const uint16_t halves[] = {0x0001, 0xFBFF};
    float got[3];
    ic_io_to_f32(&u8, codes, got, 3);
    CHECK(got[0] == -0.75f && got[1] == 0 && got[2] == 63);
    ic_io_to_f32(&bytes, codes, got, 3);
    CHECK(got[0] == 0 && got[1] == 3 && got[2] == 255);
    ic_io_to_f32(&s8, signs, got, 3);
    CHECK(got[0] == -254 && got[1] == 0 && got[2] == 256);
    ic_io_to_f32(&s64, longs, got, 2);
    CHECK(got[0] == -5 && got[1] == 1048576);
    ic_io_to_f32(&f16, halves, got, 2);
    CHECK(got[0] == 0x1p-24f && got[1] == -65504);
}

/* ---- threads ---- */
#if defined(__x86_64__)
enum { ROUNDS = 100 };
#else
enum { ROUNDS = 5 }; /* under an emulator */
#endif
enum { WIDE_K = 1400, WIDE_N = 800 }; /* enough work for the session to use its threads */

/* y = W x with 420,000 products, which is more than one thread should do alone. */
static struct ic_graph *wide_graph(void)
{
    static float w[WIDE_N * WIDE_K];
    const int32_t x_dims[] = {1, WIDE_K}, w_dims[] = {WIDE_N, WIDE_K};
    struct ic_graph *g = NULL;
    struct ic_diag d = {0};
    for (size_t i = 0; i < WIDE_N * WIDE_K; i++)
        w[i] = (float)((int)(i * 7919 % 201) - 100) / 64;
    model_must(ic_graph_create("wide", &g, &d), &d);
    struct ic_value *in[] = {ic_graph_value(g, "x", IC_F32, 2, x_dims), ic_graph_const(g, "w", IC_F32, 2, w_dims, w)};
    model_must(ic_graph_add_input(g, in[0], 0), &d);
    struct ic_node *n = ic_graph_node(g, IC_OP_LINEAR, in, 2, "wide");
    model_must(ic_graph_infer(g, n, &d), &d);
    model_done(g, n->outputs[0], "", "");
    return g;
}

static struct ic_model *wide_model(void)
{
    struct model_file file = model_pack(wide_graph(), ic_target_host()->name);
    struct ic_model *m = NULL;
    struct ic_diag d = {0};
    model_must(ic_model_open_memory(file.bytes, file.size_bytes, true, &m, &d), &d);
    model_free(&file);
    return m;
}

static void fill_wide(struct ic_session *s)
{
    float *in = ic_session_input(s, 0);
    for (int i = 0; i < WIDE_K; i++)
        in[i] = (float)((i * 31) % 97) / 32 - 1.5f;
}

TEST(the_number_of_threads_changes_no_bit)
{
    struct ic_model *m = wide_model();
    float one[WIDE_N];
    for (int n = 1; n <= 5; n++) {
        struct ic_session *s = NULL;
        struct ic_diag d = {0};
        CHECK_EQ_INT(ic_session_create(m, n, &s, &d), IC_OK);
        if (!s)
            continue;
        fill_wide(s);
        for (int i = 0; i < ROUNDS / 5; i++)
            CHECK_EQ_INT(ic_session_run(s, &d), IC_OK);
        if (n == 1)
            memcpy(one, ic_session_output(s, 0), sizeof one);
        CHECK_EQ_MEM(ic_session_output(s, 0), one, sizeof one);
        ic_session_destroy(s);
    }
    ic_model_close(m);
}

struct shared {
    struct ic_session *session;
    atomic_int n_run, n_refused, n_other;
};

static void *run_often(void *user)
{
    struct shared *shared = user;
    for (int i = 0; i < 4 * ROUNDS; i++) {
        struct ic_diag d = {0};
        const enum ic_status status = ic_session_run(shared->session, &d);
        atomic_fetch_add(status == IC_OK ? &shared->n_run : status == IC_ERR_STATE ? &shared->n_refused : &shared->n_other, 1);
    }
    return NULL;
}

TEST(a_second_thread_in_one_session_is_refused)
{
    struct ic_model *m = wide_model();
    struct shared shared = {0};
    struct ic_diag d = {0};
    pthread_t threads[2];
    CHECK_EQ_INT(ic_session_create(m, 1, &shared.session, &d), IC_OK);
    fill_wide(shared.session);
    for (int i = 0; i < 2; i++)
        REQUIRE(pthread_create(&threads[i], NULL, run_often, &shared) == 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQ_INT(shared.n_run + shared.n_refused, 8 * ROUNDS);
    CHECK(shared.n_run >= 1); /* how many depends on when the threads lose their cores */
    CHECK_EQ_INT(shared.n_other, 0);
    ic_session_destroy(shared.session);
    ic_model_close(m);
}

static void run_again(void *user, uint32_t i_step, uint32_t tensor, const void *data)
{
    (void)i_step, (void)tensor, (void)data;
    struct shared *shared = user;
    struct ic_diag d = {0};
    const enum ic_status status = ic_session_run(shared->session, &d);
    atomic_fetch_add(status == IC_ERR_STATE ? &shared->n_refused : &shared->n_other, 1);
}

TEST(a_run_inside_a_run_is_refused)
{
    struct ic_model *m = wide_model();
    struct shared shared = {0};
    struct ic_diag d = {0};
    CHECK_EQ_INT(ic_session_create(m, 1, &shared.session, &d), IC_OK);
    fill_wide(shared.session);
    CHECK_EQ_INT(ic_session_run_traced(shared.session, NULL, run_again, &shared, &d), IC_OK);
    CHECK_EQ_INT(shared.n_refused, (int)ic_model_program(m)->n_steps);
    CHECK_EQ_INT(shared.n_other, 0);
    CHECK_EQ_INT(ic_session_run(shared.session, &d), IC_OK); /* and the session is free again */
    ic_session_destroy(shared.session);
    ic_model_close(m);
}

static void *run_own_session(void *user)
{
    struct ic_model *m = user;
    struct ic_session *s = NULL;
    struct ic_diag d = {0};
    float *copy = NULL;
    if (ic_session_create(m, 2, &s, &d) == IC_OK && (copy = malloc(WIDE_N * sizeof *copy)) != NULL) {
        fill_wide(s);
        for (int i = 0; i < ROUNDS; i++)
            if (ic_session_run(s, &d) != IC_OK)
                break;
        memcpy(copy, ic_session_output(s, 0), WIDE_N * sizeof *copy);
    }
    ic_session_destroy(s);
    return copy;
}

TEST(sessions_of_one_model_run_side_by_side)
{
    struct ic_model *m = wide_model();
    pthread_t threads[4];
    float *results[4] = {0};
    for (int i = 0; i < 4; i++)
        REQUIRE(pthread_create(&threads[i], NULL, run_own_session, m) == 0);
    for (int i = 0; i < 4; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        results[i] = result;
        CHECK(results[i] != NULL && memcmp(results[i], results[0], WIDE_N * sizeof(float)) == 0);
    }
    for (int i = 0; i < 4; i++)
        free(results[i]);
    ic_model_close(m);
}

static int n_taps;
static void count_tap(void *user, uint32_t i_step, uint32_t tensor, const void *data)
{
    (void)user;
    (void)tensor;
    n_taps += i_step == 0 && data != NULL;
}

TEST(a_traced_run_shows_each_step_and_its_time)
{
    struct ic_model *m = wide_model();
    struct ic_session *s = NULL;
    struct ic_diag d = {0};
    const uint32_t n = ic_model_program(m)->n_steps;
    uint64_t ns[8] = {0};
    REQUIRE(n >= 1 && n <= 8);
    CHECK_EQ_INT(ic_session_create(m, 1, &s, &d), IC_OK);
    fill_wide(s);
    CHECK_EQ_INT(ic_session_run_traced(s, ns, count_tap, NULL, &d), IC_OK);
    CHECK_EQ_INT(n_taps, 1);
    CHECK(ns[0] > 0);
    CHECK(ic_session_kernel(s, 0) != NULL);
    CHECK(ic_session_kernel(s, n) == NULL);
    ic_session_destroy(s);
    ic_model_close(m);
}

/* The host's float mode is the caller's: a run changes nothing of it. */
TEST(the_callers_float_mode_is_left_alone)
{
    volatile float tiny = 0x1p-126f, half = 0.5f;
    struct ic_model *m = wide_model();
    struct ic_session *s = NULL;
    struct ic_diag d = {0};
    CHECK(tiny * half != 0);
    CHECK_EQ_INT(ic_session_create(m, 2, &s, &d), IC_OK);
    fill_wide(s);
    CHECK_EQ_INT(ic_session_run(s, &d), IC_OK);
    CHECK(tiny * half != 0);
    ic_session_destroy(s);
    ic_model_close(m);
}

TEST_MAIN()
