/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs as bytes: what is written is read back, what is damaged or dangerous is refused before anything runs.
 */
#include "container/container.h"
#include "program_builder.h"
#include "runtime/session.h"
#include "sim/sim.h"
#include "testing.h"

static struct build b;
static struct ic_step_contract linear;
static struct ic_step_map relu;

/* x [1 3] -> linear to [1 2] in the arena -> relu to y. */
static void build_small(void)
{
    const float w[] = {1, 2, 3, -4, -5, -6}, bias[] = {0.5f, 0.25f};
    build_start(&b);
    linear = build_linear(1, 3, 2);
    linear.x = build_input(&b, IC_F32, 1, 3, 0, 0);
    linear.w = build_const(&b, IC_F32, 6, w);
    linear.bias = build_const(&b, IC_F32, 2, bias);
    linear.y = build_arena(&b, IC_F32, 1, 2, 0, 0);
    relu = (struct ic_step_map){.x = linear.y, .y = build_output(&b, IC_F32, 1, 2, 0, 0), .count = 2, .fn = IC_MAP_RELU};
    build_step(&b, IC_STEP_CONTRACT, &linear);
    build_step(&b, IC_STEP_MAP, &relu);
}

static enum ic_status check(struct ic_diag *d)
{
    *d = (struct ic_diag){0};
    return ic_program_check(&b.p, d);
}

TEST(round_trip_keeps_every_byte)
{
    struct ic_diag d = {0};
    struct ic_writer first = {0}, second = {0};
    struct ic_program p;
    build_small();
    REQUIRE(ic_program_encode(&b.p, &first, &d) == IC_OK);
    REQUIRE(ic_program_decode(first.bytes, first.size_bytes, b.consts, (size_t)b.p.const_bytes, &p, &d) == IC_OK);
    CHECK(ic_program_encode(&p, &second, &d) == IC_OK);
    CHECK_EQ_INT(second.size_bytes, first.size_bytes);
    CHECK_EQ_MEM(first.bytes, second.bytes, first.size_bytes);
    ic_program_destroy(&p);
    ic_writer_destroy(&first);
    ic_writer_destroy(&second);
}

TEST(the_simulator_gives_hand_computed_values)
{
    struct ic_diag d = {0};
    struct ic_sim *s = NULL;
    const float x[] = {1, 10, 100};
    float y[2] = {-1, -1};
    const void *inputs[] = {x};
    void *outputs[] = {y};
    build_small();
    REQUIRE(ic_sim_create(&b.p, &s, &d) == IC_OK);
    REQUIRE(ic_sim_run(s, inputs, outputs, NULL, NULL, &d) == IC_OK);
    CHECK(y[0] == 321.5f);
    CHECK(y[1] == 0.0f); /* -654 + 0.25, then ReLU */
    ic_sim_destroy(s);
}

/* A step may leave elements of an output alone, which only a crafted file does: then they are 0 here and there, whatever stood in the buffer. */
TEST(elements_that_no_step_writes_are_zero)
{
    struct ic_diag d = {0};
    struct ic_sim *s = NULL;
    struct ic_model *m = NULL;
    struct ic_session *session = NULL;
    const float x[] = {1, 10, 100};
    _Alignas(16) float simulated[2] = {-1, -1}, here[2] = {-1, -1};
    build_small();
    relu.count = 1;
    REQUIRE(ic_sim_create(&b.p, &s, &d) == IC_OK);
    REQUIRE(ic_sim_run(s, (const void *[]){x}, (void *[]){simulated}, NULL, NULL, &d) == IC_OK);
    CHECK(simulated[0] == 321.5f && simulated[1] == 0.0f);
    REQUIRE(ic_model_from_program(&b.p, &m, &d) == IC_OK && ic_session_create(m, 1, &session, &d) == IC_OK);
    memcpy(ic_session_input(session, 0), x, sizeof x);
    REQUIRE(ic_session_bind_output(session, 0, here, &d) == IC_OK && ic_session_run(session, &d) == IC_OK);
    CHECK_EQ_MEM(here, simulated, sizeof here);
    ic_session_destroy(session);
    ic_model_close(m);
    ic_sim_destroy(s);
}

/* Each violation alone, with a word that its message must hold. */
#define VIOLATE(assignment, word)                                                                                                  \
    do {                                                                                                                           \
        build_small();                                                                                                             \
        assignment;                                                                                                                \
        CHECK(check(&d) == IC_ERR_CORRUPT);                                                                                        \
        CHECK(strstr(d.text, word) != NULL);                                                                                       \
    } while (0)

TEST(each_violation_is_refused_with_its_place)
{
    struct ic_diag d;
    build_small();
    CHECK(check(&d) == IC_OK);
    VIOLATE(linear.x = 0, "reads tensor");
    VIOLATE(linear.x = 99, "reads tensor");
    VIOLATE(linear.y = linear.x, "space");
    VIOLATE(linear.w = linear.x, "weights");
    VIOLATE(linear.ic = 0, "input channels");
    VIOLATE(linear.n = 2, "input is too small");
    VIOLATE(linear.oc = 3, "output channels"); /* y_pitch is 2 */
    VIOLATE(linear.oc = linear.y_pitch = 3, "result is too small");
    VIOLATE(linear.groups = 2, "groups");
    VIOLATE(linear.kh = 2, "packed weights");
    VIOLATE(linear.partials = 3, "partial sums");
    VIOLATE(linear.oc_block = 0, "oc_block");
    VIOLATE(linear.k_block = 1000, "k_block");
    VIOLATE(linear.stride_w = 0, "stride");
    VIOLATE(linear.pad_top = -1, "padding");
    VIOLATE(linear.fn = 1000, "function");
    VIOLATE(linear.mode = 7, "mode");
    VIOLATE(linear.bias = linear.x, "bias");
    VIOLATE(linear.x_pitch = 2, "input channels");
    VIOLATE(linear.flags = IC_CONTRACT_NO_UNDERFLOW, "claims that nothing underflows");
    VIOLATE(relu.count = 3, "count");
    VIOLATE(relu.fn = IC_MAP_COUNT, "function");
    VIOLATE(b.tensors[linear.w].offset_bytes = 1 << 20, "does not fit its space");
    VIOLATE(b.tensors[linear.y].dims[0] = -1, "dimension");
    VIOLATE(b.tensors[linear.y].size_bytes = 4, "bytes");
    VIOLATE(b.tensors[linear.y].dtype = 77, "element type");
    VIOLATE(b.tensors[linear.y].offset_bytes = 2, "aligned");
    VIOLATE(b.tensors[linear.y].i_io = 1, "stands in no input or output");
    VIOLATE(b.tensors[linear.w].i_io = 1, "stands in no input or output");
    VIOLATE(b.inputs[0].tensor = linear.y, "space");
    VIOLATE(b.p.n_outputs = 0, "outputs");
    VIOLATE(b.steps[1].name = 1000, "names text");
}

TEST(an_unknown_step_names_its_number_and_the_abi)
{
    struct ic_diag d = {0};
    struct ic_writer w = {0};
    struct ic_program p;
    build_small();
    REQUIRE(ic_program_encode(&b.p, &w, &d) == IC_OK);
    /* the second step's kind stands 12 bytes and its words before the text */
    const size_t at = w.size_bytes - b.p.text_bytes - ic_step_args_bytes(IC_STEP_MAP) - 12;
    ic_patch_u32(&w, at, 4711);
    CHECK(ic_program_decode(w.bytes, w.size_bytes, b.consts, (size_t)b.p.const_bytes, &p, &d) == IC_ERR_ABI);
    CHECK(strstr(d.text, "4711") && strstr(d.text, "ABI 1"));
    ic_writer_destroy(&w);
}

static struct ic_step_nms nms;
static uint32_t constant_y;

/* boxes [1 2 4], scores [1 1 2] -> y [2 3] */
static void build_boxes(void)
{
    const int64_t y[6] = {0};
    build_start(&b);
    nms = (struct ic_step_nms){.n = 1, .classes = 1, .count = 2, .most = 2, .overlap = 0.5f};
    nms.boxes = build_input(&b, IC_F32, 1, 2, 4, 0);
    nms.score = build_input(&b, IC_F32, 1, 1, 2, 0);
    nms.y = build_output(&b, IC_S64, 2, 3, 0, 0);
    constant_y = build_const(&b, IC_S64, 6, y);
    build_step(&b, IC_STEP_NMS, &nms);
}

#define VIOLATE_BOXES(assignment, word)                                                                                            \
    do {                                                                                                                           \
        build_boxes();                                                                                                             \
        assignment;                                                                                                                \
        CHECK(check(&d) == IC_ERR_CORRUPT);                                                                                        \
        CHECK(strstr(d.text, word) != NULL);                                                                                       \
    } while (0)

TEST(boxes_stand_in_tensors_that_a_step_may_read_and_write)
{
    struct ic_diag d;
    build_boxes();
    CHECK(check(&d) == IC_OK);
    VIOLATE_BOXES(nms.y = constant_y, "writes into space"); /* a file's constants may be mapped read-only */
    VIOLATE_BOXES(nms.y = 1000000, "writes tensor");
    VIOLATE_BOXES(nms.boxes = 1000000, "reads tensor");
    VIOLATE_BOXES(nms.score = 0, "reads tensor");
    VIOLATE_BOXES(nms.most = 3, "boxes");
    VIOLATE_BOXES(nms.classes = 2, "outside");
    VIOLATE_BOXES(nms.least = -1e-40f, "denormal");
}

/* What kernels could not agree on: multipliers that the float mode takes for zero or that overflow, elements that are written twice. */
TEST(steps_mean_one_thing)
{
    struct ic_diag d;
    struct ic_step_convert convert = {.count = 6, .m = 0.5f, .q_hi = 255};
    build_start(&b);
    convert.x = build_input(&b, IC_F32, 1, 6, 0, 0);
    convert.y = build_output(&b, IC_U8, 1, 6, 0, 0);
    build_step(&b, IC_STEP_CONVERT, &convert);
    CHECK(check(&d) == IC_OK);
    convert.m = 1e-40f;
    CHECK(check(&d) == IC_ERR_CORRUPT && strstr(d.text, "denormal"));

    struct ic_step_zip zip = {
        .mode = IC_ARITH_S32, .op = IC_ZIP_ADD, .rank = 1, .dims = {6}, .stride1 = {1}, .stride2 = {1}, .q_hi = 255};
    build_start(&b);
    zip.x1 = zip.x2 = build_input(&b, IC_U8, 1, 6, 0, 0);
    zip.y = build_output(&b, IC_U8, 1, 6, 0, 0);
    zip.m1 = zip.m2 = 1.0f;
    build_step(&b, IC_STEP_ZIP, &zip);
    CHECK(check(&d) == IC_OK);
    zip.m2 = 0x1p101f;
    CHECK(check(&d) == IC_ERR_CORRUPT && strstr(d.text, "beyond 2^100"));

    struct ic_step_copy copy = {.element_bytes = 4, .rank = 2, .dims = {2, 3}, .x_stride = {1, 2}, .y_stride = {3, 1}};
    build_start(&b);
    copy.x = build_input(&b, IC_F32, 2, 3, 0, 0);
    copy.y = build_output(&b, IC_F32, 2, 3, 0, 0);
    build_step(&b, IC_STEP_COPY, &copy);
    CHECK(check(&d) == IC_OK);
    copy.y_stride[0] = 2;
    CHECK(check(&d) == IC_ERR_CORRUPT && strstr(d.text, "an element twice"));
    copy.y_offset = 5;
    copy.y_stride[0] = -3;
    copy.y_stride[1] = -1;
    CHECK(check(&d) == IC_OK);
}

TEST(every_truncation_is_refused)
{
    struct ic_diag d = {0};
    struct ic_writer w = {0};
    struct ic_program p;
    build_small();
    REQUIRE(ic_program_encode(&b.p, &w, &d) == IC_OK);
    for (size_t n = 0; n < w.size_bytes; n++) {
        d = (struct ic_diag){0};
        CHECK(ic_program_decode(w.bytes, n, b.consts, (size_t)b.p.const_bytes, &p, &d) != IC_OK);
    }
    ic_writer_destroy(&w);
}

/* Whatever a flipped byte makes of a program, it is refused or it runs inside its memory (the sanitizers watch). */
TEST(every_flipped_byte_is_refused_or_harmless)
{
    struct ic_diag d = {0};
    struct ic_writer w = {0};
    int n_refused = 0, n_run = 0;
    build_small();
    REQUIRE(ic_program_encode(&b.p, &w, &d) == IC_OK);
    for (size_t i = 0; i < w.size_bytes * 8; i++) {
        struct ic_program p;
        struct ic_sim *s = NULL;
        w.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
        d = (struct ic_diag){0};
        if (ic_program_decode(w.bytes, w.size_bytes, b.consts, (size_t)b.p.const_bytes, &p, &d) == IC_OK) {
            if (p.arena_bytes < 1 << 20 && p.n_inputs == 1 && p.n_outputs == 1 && ic_sim_create(&p, &s, &d) == IC_OK) {
                void *x = calloc(1, (size_t)p.tensors[p.inputs[0].tensor].size_bytes),
                     *y = calloc(1, (size_t)p.tensors[p.outputs[0].tensor].size_bytes);
                const void *inputs[] = {x};
                void *outputs[] = {y};
                CHECK(ic_sim_run(s, inputs, outputs, NULL, NULL, &d) == IC_OK);
                free(x);
                free(y);
                n_run++;
            }
            ic_sim_destroy(s);
            ic_program_destroy(&p);
        } else {
            n_refused++;
        }
        w.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    CHECK(n_refused > 1000);
    CHECK(n_run > 50);
    ic_writer_destroy(&w);
}

TEST(the_listing_names_tensors_steps_and_fields)
{
    struct ic_writer w = {0};
    build_small();
    ic_program_print(&b.p, &w);
    ic_write_u8(&w, 0);
    CHECK(strstr((const char *)w.bytes, "0 contract x=t1 w=t2 bias=t3 y=t4 n=1") != NULL);
    CHECK(strstr((const char *)w.bytes, "1 map x=t4 y=t5 count=2 fn=1 \"layer\"") != NULL);
    CHECK(strstr((const char *)w.bytes, "t2 f32 [6] const +0 24 bytes") != NULL);
    ic_writer_destroy(&w);
}

TEST_MAIN()
