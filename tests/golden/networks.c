/* SPDX-License-Identifier: Apache-2.0
 *
 * The corpus's digit networks through every optimization level: same answers as in float64, and at the highest level nothing is left of what a
 * board would waste time on (transposes, batch norms, unfused functions).
 */
#include "testing.h"

#include "base/alloc.h"
#include "base/file.h"
#include "import/import.h"
#include "ir/op_def.h"
#include "media/npy.h"
#include "optimize/evaluate.h"
#include "optimize/optimize.h"

#include <math.h>

struct network {
    const char *file, *golden;
    int32_t rank, dims[4];
    float offset, scale;
    int n_nodes; /* after optimization */
};

static const struct network networks[] = {
    {"trained/logistic/logistic.pt", "trained/logistic/golden.npy", 1, {784}, 0.0f, 1.0f, 1},
    {"trained/mlp/traced.pt", "trained/mlp/golden.npy", 2, {1, 784}, 0.0f, 1.0f / 255.0f, 3},
    /* input view, 2 convolutions, 2 pools, flatten, 3 fully connected */
    {"trained/lenet/traced.pt", "trained/lenet/golden.npy", 4, {1, 1, 28, 28}, 0.0f, 1.0f / 255.0f, 9},
    {"trained/lenet/scripted.pt", "trained/lenet/golden.npy", 4, {1, 1, 28, 28}, 0.0f, 1.0f / 255.0f, 9},
    /* input view, 22 convolutions with batch norm and function inside, 3 sums, 3 gates, 4 means, 1 fully connected */
    {"trained/dsnet/traced.pt", "trained/dsnet/golden.npy", 4, {1, 1, 28, 28}, 33.0f, 1.0f / 79.0f, 34},
    {"trained/dsnet/frozen.pt", "trained/dsnet/golden.npy", 4, {1, 1, 28, 28}, 33.0f, 1.0f / 79.0f, 34},
};

static void check_values(const struct network *n, const struct ic_graph *g, const struct ic_npy *digits,
                         const struct ic_npy *golden)
{
    static _Alignas(64) float x[784], y[16];
    const void *inputs[] = {x};
    void *outputs[] = {y};
    struct ic_diag d = {0};
    double worst = 0.0, largest = 0.0;
    for (size_t row = 0; row < 3; row++) {
        for (size_t i = 0; i < 784; i++)
            x[i] = (digits->values[row * 784 + i] - n->offset) * n->scale;
        if (!CHECK(ic_opt_evaluate(g, inputs, outputs, &d) == IC_OK)) {
            printf("  %s: %s\n", n->file, d.text);
            return;
        }
        for (size_t i = 0; i < 10; i++) {
            const double want = (double)golden->values[row * 10 + i], off = fabs((double)y[i] - want);
            worst = off > worst || isnan(off) ? off : worst;
            largest = fabs(want) > largest ? fabs(want) : largest;
        }
    }
    if (!CHECK(worst <= 1e-5 * largest)) /* the project's bound for float32 */
        printf("  %s: off by %g of %g\n", n->file, worst, largest);
}

static void check_structure(const struct network *n, const struct ic_graph *g)
{
    CHECK_EQ_INT(g->n_nodes, n->n_nodes);
    for (int32_t i = 0; i < g->n_nodes; i++)
        if (!CHECK(g->nodes[i]->op != IC_OP_TRANSPOSE && g->nodes[i]->op != IC_OP_MAP))
            printf("  %s: %s %s is left\n", n->file, ic_op_table[g->nodes[i]->op]->name, g->nodes[i]->name);
}

static void check_level(const struct network *n, int level, const struct ic_npy *digits, const struct ic_npy *golden)
{
    char path[1024];
    struct ic_diag d = {0};
    struct ic_file_map map = {0};
    struct ic_graph *g = NULL;
    struct ic_import_input input = {.rank = n->rank};
    memcpy(input.dims, n->dims, sizeof n->dims);
    const struct ic_import_options import = {.inputs = &input, .n_inputs = 1, .limits = ic_import_limits_default()};
    const struct ic_optimize_options optimize = {.level = level};
    const char *file = test_corpus_path(path, sizeof path, n->file);
    if (CHECK(file && ic_file_map_open(file, &map, &d) == IC_OK) &&
        CHECK(ic_import(map.bytes, map.size_bytes, file, &import, &g, &d) == IC_OK && ic_optimize(g, &optimize, &d) == IC_OK)) {
        check_values(n, g, digits, golden);
        if (level == 3)
            check_structure(n, g);
    } else {
        printf("  %s at level %d: %s\n", n->file, level, d.text);
    }
    ic_graph_destroy(g);
    ic_file_map_close(&map);
}

TEST(digit_networks_at_every_level)
{
    char path[1024];
    struct ic_diag d = {0};
    struct ic_npy digits = {0};
    if (!test_corpus_path(path, sizeof path, "digits/test20.u8.npy"))
        SKIP("no shared corpus");
    REQUIRE(ic_npy_load_f32(path, &digits, &d) == IC_OK);
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
        struct ic_npy golden = {0};
        if (CHECK(test_corpus_path(path, sizeof path, networks[i].golden) && ic_npy_load_f32(path, &golden, &d) == IC_OK))
            for (int level = 0; level <= 3; level++)
                check_level(&networks[i], level, &digits, &golden);
        ic_npy_destroy(&golden);
    }
    ic_npy_destroy(&digits);
}

TEST_MAIN()
