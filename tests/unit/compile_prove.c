/* SPDX-License-Identifier: Apache-2.0
 *
 * What the compiler claims of a contraction so that kernels may skip work: each claim where it holds and where it just does not.
 */
#include "testing.h"

#include "compile/compile.h"
#include "quantize/internal.h"
#include "runtime/session.h"

struct layer {
    struct ic_graph *g;
    struct ic_value *x, *y;
    struct ic_node *node;
    struct ic_program p;
    struct ic_writer consts;
    struct ic_diag d;
};

/* y [1 n] = w [n k] x + b; w and b all the same number. */
static void make(struct layer *l, int32_t n, int32_t k, float w, float b)
{
    memset(l, 0, sizeof *l);
    float *weights = malloc((size_t)n * (size_t)k * sizeof *weights), *bias = malloc((size_t)n * sizeof *bias);
    if (!weights || !bias || ic_graph_create("layer", &l->g, &l->d) != IC_OK)
        exit(1);
    for (size_t i = 0; i < (size_t)n * (size_t)k; i++)
        weights[i] = w;
    for (int32_t i = 0; i < n; i++)
        bias[i] = b;
    l->x = ic_graph_value(l->g, "x", IC_F32, 2, (const int32_t[]){1, k});
    struct ic_value *in[] = {l->x, ic_graph_const(l->g, "w", IC_F32, 2, (const int32_t[]){n, k}, weights),
                             ic_graph_const(l->g, "b", IC_F32, 1, (const int32_t[]){n}, bias)};
    free(weights);
    free(bias);
    l->node = ic_graph_node(l->g, IC_OP_LINEAR, in, 3, "y");
    CHECK_EQ_INT(ic_graph_infer(l->g, l->node, &l->d), IC_OK);
    l->y = l->node->outputs[0];
    CHECK_EQ_INT(ic_graph_add_input(l->g, l->x, 0), IC_OK);
    CHECK_EQ_INT(ic_graph_add_output(l->g, l->y, 0), IC_OK);
}

static void quantize(struct layer *l, float x_lo, float x_hi, float y_lo, float y_hi)
{
    struct ic_quant_range ranges[8] = {{0}};
    ranges[l->x->id] = (struct ic_quant_range){.lo = x_lo, .hi = x_hi, .seen = true};
    ranges[l->y->id] = (struct ic_quant_range){.lo = y_lo, .hi = y_hi, .seen = true};
    CHECK_EQ_INT(ic_quantize_to_codes(l->g, ranges, &l->d), IC_OK);
}

static const struct ic_step_contract *compile(struct layer *l)
{
    ic_graph_compact(l->g);
    if (!CHECK_EQ_INT(ic_compile(l->g, ic_target_host(), false, &l->p, &l->consts, &l->d), IC_OK)) {
        printf("  %s\n", l->d.text);
        exit(1);
    }
    return l->p.steps[0].args;
}

static void destroy(struct layer *l)
{
    ic_program_destroy(&l->p);
    ic_writer_destroy(&l->consts);
    ic_graph_destroy(l->g);
}

/* The first result when every input code is x. */
static int run(const struct layer *l, uint8_t x)
{
    struct ic_diag d = {0};
    struct ic_model *m = NULL;
    struct ic_session *s = NULL;
    int y = -1;
    if (CHECK_EQ_INT(ic_model_from_program(&l->p, &m, &d), IC_OK) && CHECK_EQ_INT(ic_session_create(m, 1, &s, &d), IC_OK)) {
        memset(ic_session_input(s, 0), x, (size_t)l->p.tensors[l->p.inputs[0].tensor].size_bytes);
        CHECK_EQ_INT(ic_session_run(s, &d), IC_OK);
        y = *(const uint8_t *)ic_session_output(s, 0);
    }
    ic_session_destroy(s);
    ic_model_close(m);
    return y;
}

TEST(products_that_fit)
{
    struct layer l;
    make(&l, 3, 4, 1.0f, 0.0f); /* y up to 1020, in 255 codes of 4 */
    quantize(&l, 0, 255, 0, 1020);
    const struct ic_step_contract *s = compile(&l);
    CHECK_EQ_INT(s->mode, IC_ARITH_S32);
    CHECK_EQ_INT(s->flags, 0);
    CHECK_EQ_INT(run(&l, 255), 255);
    CHECK_EQ_INT(run(&l, 100), 100);
    destroy(&l);
}

/* A result far narrower than its sums: the product passes 2^22 and must be clamped before it is rounded. */
TEST(large_products)
{
    struct layer l;
    make(&l, 3, 4, 1.0f, -10.0f);
    quantize(&l, 0, 255, 0, 1e-4f);
    compile(&l);
    CHECK_EQ_INT(run(&l, 255), 255);
    CHECK_EQ_INT(run(&l, 0), 0);
    destroy(&l);
}

/* 0.1.0 wrote a flag that nothing reads now: with it a file opens, and answers the same. */
TEST(reserved_flag_changes_nothing)
{
    struct layer l;
    make(&l, 3, 4, 1.0f, 0.0f);
    quantize(&l, 0, 255, 0, 1020);
    compile(&l);
    ((struct ic_step_contract *)(void *)l.p.steps[0].args)->flags |= IC_CONTRACT_RESERVED;
    struct ic_writer w = {0};
    CHECK_EQ_INT(ic_program_encode(&l.p, &w, &l.d), IC_OK);
    struct ic_program old = {0};
    if (CHECK_EQ_INT(ic_program_decode(w.bytes, w.size_bytes, l.consts.bytes, l.consts.size_bytes, &old, &l.d), IC_OK)) {
        CHECK_EQ_INT(((const struct ic_step_contract *)old.steps[0].args)->flags, IC_CONTRACT_RESERVED);
    } else
        printf("  %s\n", l.d.text);
    ic_program_destroy(&old);
    ic_writer_destroy(&w);
    CHECK_EQ_INT(run(&l, 255), 255);
    CHECK_EQ_INT(run(&l, 100), 100);
    destroy(&l);
}

/* 70,000 products of 255 and 127 pass 2^31. */
TEST(long_sums_take_64_bits)
{
    struct layer l;
    make(&l, 1, 70000, 1.0f, 0.0f);
    quantize(&l, 0, 255, 0, 255.0f * 70000.0f);
    CHECK_EQ_INT(compile(&l)->mode, IC_ARITH_S64);
    CHECK_EQ_INT(run(&l, 255), 255);
    CHECK_EQ_INT(run(&l, 51), 51);
    destroy(&l);
    make(&l, 1, 60000, 1.0f, 0.0f);
    quantize(&l, 0, 255, 0, 255.0f * 60000.0f);
    CHECK_EQ_INT(compile(&l)->mode, IC_ARITH_S32);
    CHECK_EQ_INT(run(&l, 255), 255);
    destroy(&l);
}

static bool never_underflows(enum ic_build_type type, float bias)
{
    struct layer l;
    const struct ic_quantize_options options = {.type = type};
    make(&l, 2, 3, 0.5f, bias);
    CHECK_EQ_INT(ic_quantize_graph(l.g, &options, NULL, &l.d), IC_OK);
    const bool flag = (compile(&l)->flags & IC_CONTRACT_NO_UNDERFLOW) != 0;
    destroy(&l);
    return flag;
}

TEST(sums_that_cannot_underflow)
{
    CHECK(never_underflows(IC_BUILD_F16, 0.1f));
    CHECK(never_underflows(IC_BUILD_F16, 0.0f));
    CHECK(never_underflows(IC_BUILD_F16, -1.2345e-9f));
    CHECK(never_underflows(IC_BUILD_F16, 0x1p-126f));         /* itself a multiple of 2^-126 */
    CHECK(!never_underflows(IC_BUILD_F16, 0x1.000002p-126f)); /* minus 2^-126 leaves 2^-149 */
    CHECK(!never_underflows(IC_BUILD_F32, 0.1f));             /* products of any two floats */
}

TEST_MAIN()
