/* SPDX-License-Identifier: Apache-2.0
 *
 * Every golden case of every operator: as it is and optimized, through the text form and the serialized form, by the reference kernels. Values
 * come from PyTorch or NumPy (generate.py).
 */
#include "testing.h"

#include "arith/arith.h"
#include "arith/integers.h"
#include "base/alloc.h"
#include "ir/op_def.h"
#include "ops/cases.h"
#include "ops/op.h"
#include "ops/places.h"
#include "optimize/evaluate.h"
#include "optimize/optimize.h"
#include "quantize/quantize.h"

#include <math.h>

static double element(const struct ic_value *v, const void *data, size_t i)
{
    switch (v->dtype) {
    case IC_F32: {
        float f;
        memcpy(&f, (const uint8_t *)data + i * 4, 4);
        return (double)f;
    }
    case IC_F16: {
        uint16_t h;
        memcpy(&h, (const uint8_t *)data + i * 2, 2);
        return (double)ic_f16_to_f32(h);
    }
    case IC_U64:
        return (double)(uint64_t)ic_int_load(IC_U64, data, (int64_t)i);
    default:
        return (double)ic_int_load(v->dtype, data, (int64_t)i);
    }
}

struct result {
    void *data[MAX_CASE_IO];
};

static void free_result(struct result *r)
{
    for (int i = 0; i < MAX_CASE_IO; i++)
        ic_free_aligned(r->data[i]);
}

/* Inputs in the graph's own types: f16 when it was built so. */
static void *input_for(const struct ic_value *v, const struct op_case *c, uint32_t i)
{
    uint8_t *to = ic_malloc_aligned(c->input_bytes[i] + 64, 64);
    memcpy(to, c->inputs[i], c->input_bytes[i]);
    for (int64_t k = 0; v->dtype == IC_F16 && k < ic_value_elements(v); k++) {
        float x;
        memcpy(&x, c->inputs[i] + k * 4, 4);
        const uint16_t h = ic_f32_to_f16(x);
        memcpy(to + k * 2, &h, 2);
    }
    return to;
}

static bool evaluate(const struct ic_graph *g, const struct op_case *c, struct result *r, struct ic_diag *d)
{
    char why[512] = "";
    *r = (struct result){{0}};
    void *inputs[MAX_CASE_IO] = {0};
    for (int32_t i = 0; i < g->n_outputs; i++)
        r->data[i] = ic_malloc_aligned(ic_value_bytes(g->outputs[i].value) + 64, 64);
    for (uint32_t i = 0; i < c->n_inputs; i++)
        inputs[i] = input_for(g->inputs[i].value, c, i);
    const bool ok = ic_opt_evaluate(g, (const void *const *)inputs, r->data, d) == IC_OK;
    if (ok && !CHECK(op_places_agree(g, (const void *const *)inputs, r->data, why, sizeof why)))
        printf("  %s: %s\n", c->name, why);
    for (uint32_t i = 0; i < c->n_inputs; i++)
        ic_free_aligned(inputs[i]);
    return ok;
}

static double wanted_value(const struct op_case *c, uint32_t i, size_t k)
{
    double want;
    memcpy(&want, c->outputs[i] + k * sizeof want, sizeof want);
    return want;
}

/* loose: of the largest wanted value, on top of the case's own tolerance (float16 has 11 bits). */
static void compare(const struct ic_graph *g, const struct op_case *c, const struct result *r, double loose, const char *how)
{
    for (uint32_t i = 0; i < c->n_outputs; i++) {
        const struct ic_value *v = g->outputs[i].value;
        double worst = 0.0, largest = 0.0;
        size_t n_bad = 0;
        if (!CHECK_EQ_INT(ic_value_elements(v), c->output_elements[i]))
            continue;
        for (size_t k = 0; k < c->output_elements[i]; k++) {
            const double want = wanted_value(c, i, k);
            largest = isfinite(want) && fabs(want) > largest ? fabs(want) : largest;
        }
        for (size_t k = 0; k < c->output_elements[i]; k++) {
            const double want = wanted_value(c, i, k);
            const double got = element(v, r->data[i], k), off = fabs(got - want);
            const bool same = got == want || (isnan(got) && isnan(want)) ||
                              off <= c->relative * fabs(want) + c->absolute + loose * largest ||
                              (loose > 0.0 && fabs(want) > 65504.0 && isinf(got) && (got > 0) == (want > 0));
            n_bad += !same;
            worst = !same && off > worst ? off : worst;
        }
        if (n_bad)
            printf("  %s, %s: output %u: %zu of %u values differ, at most by %g\n", c->name, how, i, n_bad, c->output_elements[i],
                   worst);
        CHECK(n_bad == 0);
    }
}

static bool has_quantized(const struct ic_graph *g)
{
    for (int32_t i = 0; i < g->n_values; i++)
        if (g->values[i]->quant.n_scales)
            return true;
    return false;
}

/* Text form and serialized form give the same graph again. */
static void check_forms(const struct ic_graph *g, const char *name)
{
    struct ic_diag d = {0};
    struct ic_writer text = {0}, again = {0}, bytes = {0}, consts = {0}, bytes2 = {0}, consts2 = {0};
    struct ic_graph *parsed = NULL, *decoded = NULL;
    ic_ir_print(g, true, &text);
    if (ic_ir_parse((const char *)text.bytes, text.size_bytes, &parsed, &d) == IC_OK) {
        ic_ir_print(parsed, true, &again);
        CHECK(text.size_bytes == again.size_bytes && memcmp(text.bytes, again.bytes, text.size_bytes) == 0);
    } else {
        printf("  %s: %s\n", name, d.text);
        CHECK(parsed != NULL);
    }
    ic_diag_clear(&d);
    CHECK(ic_ir_encode(g, &bytes, &consts, &d) == IC_OK);
    uint8_t *lent = ic_malloc_aligned(consts.size_bytes + 64, 64);
    memcpy(lent, consts.bytes ? consts.bytes : (const uint8_t *)"", consts.size_bytes);
    if (ic_ir_decode(bytes.bytes, bytes.size_bytes, lent, consts.size_bytes, &decoded, &d) == IC_OK) {
        CHECK(ic_ir_encode(decoded, &bytes2, &consts2, &d) == IC_OK);
        CHECK(bytes.size_bytes == bytes2.size_bytes && memcmp(bytes.bytes, bytes2.bytes, bytes.size_bytes) == 0);
        CHECK(consts.size_bytes == consts2.size_bytes);
    } else {
        printf("  %s: %s\n", name, d.text);
        CHECK(decoded != NULL);
    }
    struct ic_writer *const all[] = {&text, &again, &bytes, &consts, &bytes2, &consts2};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        ic_writer_destroy(all[i]);
    ic_free_aligned(lent);
    ic_graph_destroy(parsed);
    ic_graph_destroy(decoded);
}

static bool all_f32(const struct ic_graph *g)
{
    for (int32_t i = 0; i < g->n_values; i++)
        if (g->values[i]->dtype != IC_F32)
            return false;
    return true;
}

/* g is optimized; built with float16 storage it must stay near the wanted values (inputs, weights and results lose 13 bits). */
static void run_as_f16(struct ic_graph *g, const struct op_case *c)
{
    const struct ic_quantize_options options = {.type = IC_BUILD_F16};
    struct ic_diag d = {0};
    struct result r = {{0}};
    if (!CHECK(ic_quantize_graph(g, &options, NULL, &d) == IC_OK) || !CHECK(ic_ir_verify(g, IC_STAGE_QUANTIZED, &d) == IC_OK) ||
        !CHECK(evaluate(g, c, &r, &d)))
        printf("  %s as float16: %s\n", c->name, d.text);
    else
        compare(g, c, &r, 4e-3, "as float16");
    free_result(&r);
}

static void run_case(const struct op_case *c, void *user)
{
    bool *covered = user;
    struct ic_diag d = {0};
    struct ic_graph *g = NULL;
    struct result r = {{0}};
    if (ic_ir_parse(c->text, c->text_bytes, &g, &d) != IC_OK) {
        printf("  %s: %s\n", c->name, d.text);
        CHECK(g != NULL);
        return;
    }
    bool lowers = true;
    for (int32_t i = 0; i < g->n_nodes; i++) {
        covered[g->nodes[i]->op] = true;
        lowers = lowers && ic_op_def(g->nodes[i]->op)->lower;
    }
    if (lowers) {
        if (CHECK(evaluate(g, c, &r, &d)))
            compare(g, c, &r, 0.0, "as it is");
        else
            printf("  %s: %s\n", c->name, d.text);
        free_result(&r);
    }
    for (int level = 0; level <= 3; level += 3) {
        if (has_quantized(g))
            break;
        const struct ic_optimize_options options = {.level = level};
        ic_diag_clear(&d);
        r = (struct result){{0}};
        if (CHECK(ic_optimize(g, &options, &d) == IC_OK) && CHECK(evaluate(g, c, &r, &d)))
            compare(g, c, &r, 0.0, level ? "optimized" : "at level 0");
        else
            printf("  %s: %s\n", c->name, d.text);
        free_result(&r);
    }
    check_forms(g, c->name);
    if (all_f32(g))
        run_as_f16(g, c);
    ic_graph_destroy(g);
}

TEST(all_golden_cases)
{
    bool covered[IC_OP_COUNT] = {false};
    const int n = op_cases_each(run_case, covered);
    printf("%d cases\n", n);
    CHECK(n > 0);
    for (int op = 1; op < IC_OP_COUNT; op++)
        if (!covered[op]) {
            printf("  operator %s has no golden case\n", ic_op_table[op]->name);
            CHECK(covered[op]);
        }
}

TEST(partials_follow_the_rule)
{
    /* docs/arithmetic.md 4.4 */
    static const struct {
        int64_t n, k;
        int want;
    } rows[] = {{10, 784, 4}, {4, 256, 16}, {4, 255, 4}, {5, 256, 4}, {64, 64, 4}, {65, 4096, 1}, {64, 63, 1}, {1, 16, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_EQ_INT(ic_ops_partials(rows[i].n, rows[i].k), rows[i].want);
}

TEST_MAIN()
