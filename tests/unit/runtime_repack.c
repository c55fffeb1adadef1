/* SPDX-License-Identifier: Apache-2.0
 *
 * Weights packed for another chip are packed anew when a program is opened: the results stay those of the reference kernels, which take
 * the weights as they stand in the file, also for programs that no compiler makes.
 */
#include "model_builder.h"

#include "base/os.h"
#include "runtime/session.h"

enum { K1 = 8, N1 = 16, N2 = 8 };

/* x [1, 8] -> [1, 16] -> [1, 8]: two matrices of the same size in bytes and different shapes. */
static struct ic_graph *two_layers(void)
{
    static float w1[N1 * K1], w2[N2 * N1];
    const int32_t x_dims[] = {1, K1}, w1_dims[] = {N1, K1}, w2_dims[] = {N2, N1};
    struct ic_graph *g = NULL;
    struct ic_diag d = {0};
    for (int i = 0; i < N1 * K1; i++) {
        w1[i] = (float)(i * 37 % 101) / 16 - 3;
        w2[i] = (float)(i * 53 % 89) / 16 - 2;
    }
    model_must(ic_graph_create("two", &g, &d), &d);
    struct ic_value *x = ic_graph_value(g, "x", IC_F32, 2, x_dims);
    model_must(ic_graph_add_input(g, x, 0), &d);
    struct ic_value *first[] = {x, ic_graph_const(g, "w1", IC_F32, 2, w1_dims, w1)};
    struct ic_node *n1 = ic_graph_node(g, IC_OP_LINEAR, first, 2, "first");
    model_must(ic_graph_infer(g, n1, &d), &d);
    struct ic_value *second[] = {n1->outputs[0], ic_graph_const(g, "w2", IC_F32, 2, w2_dims, w2)};
    struct ic_node *n2 = ic_graph_node(g, IC_OP_LINEAR, second, 2, "second");
    model_must(ic_graph_infer(g, n2, &d), &d);
    model_done(g, n2->outputs[0], "", "");
    return g;
}

struct log_count {
    int n_repacked;
};

static void count_line(void *user, char level, const char *text)
{
    struct log_count *count = user;
    count->n_repacked += level == 'I' && strstr(text, "packed anew") != NULL;
}

/* Opens, runs, and gives the output; *out_n how many lines told of repacking. False when the program is refused. */
static bool run(const struct model_file *file, uint32_t cpu_mask, float out[N2], int *out_n)
{
    struct log_count count = {0};
    const struct ic_log log = {.line = count_line, .user = &count};
    struct ic_diag d = {.log = &log};
    struct ic_model *m = NULL;
    struct ic_session *s = NULL;
    ic_os_cpu_mask(cpu_mask);
    const bool ok = ic_model_open_memory(file->bytes, file->size_bytes, true, &m, &d) == IC_OK &&
                    ic_session_create(m, 1, &s, &d) == IC_OK;
    if (ok) {
        for (int i = 0; i < K1; i++)
            ((float *)ic_session_input(s, 0))[i] = (float)(i - 3) / 4;
        CHECK_EQ_INT(ic_session_run(s, &d), IC_OK);
        memcpy(out, ic_session_output(s, 0), N2 * sizeof *out);
    } else {
        printf("  %s\n", d.text);
    }
    ic_session_destroy(s);
    ic_model_close(m);
    ic_os_cpu_mask(UINT32_MAX);
    *out_n = count.n_repacked;
    return ok;
}

TEST(packings_of_all_chips_give_the_same_values)
{
    static const char *const targets[] = {"generic", "rv1109", "cortex-a53", "cortex-a76", "x86-64", "riscv64"};
    float wanted[N2], got[N2];
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        struct model_file file = model_pack(two_layers(), targets[i]);
        int n = 0;
        CHECK(run(&file, 0, i == 0 ? wanted : got, &n));
        CHECK_EQ_INT(n, 0); /* no fast kernels: nothing to pack for */
        if (i > 0)
            CHECK_EQ_MEM(got, wanted, sizeof wanted);
        CHECK(run(&file, UINT32_MAX, got, &n));
        CHECK_EQ_MEM(got, wanted, sizeof wanted);
        if (strcmp(targets[i], ic_target_host()->name) == 0)
            CHECK_EQ_INT(n, 0); /* nothing proportional to weights on the named target */
        model_free(&file);
    }
}

/* The second layer reads the first one's bytes as its own matrix: allowed by the check, since the sizes agree. */
TEST(weights_that_two_steps_read_differently_stay_as_they_are)
{
    struct ic_graph *g = two_layers();
    struct ic_program p = {0};
    struct ic_writer consts = {0}, program = {0}, bytes = {0};
    struct ic_diag d = {0};
    float wanted[N2], got[N2];
    int n = 0;
    model_must(ic_compile(g, ic_target_find("rv1109"), false, &p, &consts, &d), &d);
    struct ic_step_contract *of[2] = {NULL, NULL};
    for (uint32_t i = 0, k = 0; i < p.n_steps && k < 2; i++)
        if (p.steps[i].kind == IC_STEP_CONTRACT)
            of[k++] = (struct ic_step_contract *)(uintptr_t)p.steps[i].args;
    REQUIRE(of[0] && of[1] && p.tensors[of[0]->w].size_bytes == p.tensors[of[1]->w].size_bytes);
    of[1]->w = of[0]->w;
    model_must(ic_program_encode(&p, &program, &d), &d);
    const struct ic_section sections[] = {
        {.kind = IC_SECTION_PROGRAM, .bytes = program.bytes, .size_bytes = program.size_bytes},
        {.kind = IC_SECTION_PROGRAM_CONSTS, .bytes = consts.bytes, .size_bytes = consts.size_bytes}};
    model_must(ic_container_write(sections, 2, &bytes, &d), &d);
    const struct model_file file = {.bytes = bytes.bytes, .size_bytes = bytes.size_bytes};
    if (CHECK(run(&file, 0, wanted, &n)) && CHECK(run(&file, UINT32_MAX, got, &n))) {
        CHECK_EQ_INT(n, 0);
        CHECK_EQ_MEM(got, wanted, sizeof wanted);
    }
    ic_program_destroy(&p);
    ic_writer_destroy(&consts);
    ic_writer_destroy(&program);
    ic_writer_destroy(&bytes);
    ic_graph_destroy(g);
}

TEST_MAIN()
