/* SPDX-License-Identifier: Apache-2.0
 *
 * What networks write out, through all passes: patterns/<what>.txt becomes exactly <what>.out.
 * Each pass alone on graphs of its own: passes/<pass>[.<what>].txt becomes exactly <pass>[.<what>].out, and computes what it computed before.
 * --update rewrites the .out files: read the difference before committing it.
 */
#define _POSIX_C_SOURCE 200809L
#include "testing.h"

#include "base/alloc.h"
#include "base/file.h"
#include "ir/op_def.h"
#include "optimize/evaluate.h"
#include "optimize/optimize.h"

#include <dirent.h>
#include <math.h>

static int updating;

#define PASS(name, level, sentence) ic_pass_fn ic_pass_##name;
#define FINAL PASS
#include "optimize/passes.def"
#undef PASS
#undef FINAL

static const struct {
    const char *name;
    ic_pass_fn *run;
} passes[] = {
#define PASS(name, level, sentence) {#name, ic_pass_##name},
#define FINAL PASS
#include "optimize/passes.def"
#undef PASS
#undef FINAL
};
enum { N_PASSES = sizeof passes / sizeof *passes };

/* All outputs one after another; NULL when the graph cannot be evaluated. Inputs count up and down around zero. */
static float *values_of(const struct ic_graph *g, size_t *out_n, struct ic_diag *d)
{
    void *outputs[8] = {0};
    const void *inputs[1] = {0};
    const size_t n = (size_t)ic_value_elements(g->inputs[0].value);
    float *x = ic_malloc_aligned(n * sizeof *x + 64, 64), *y = ic_malloc_aligned(4096 * sizeof *y, 64);
    *out_n = 0;
    for (size_t i = 0; i < n; i++)
        x[i] = (float)((i * 37) % 23) * 0.125f - 1.25f;
    inputs[0] = x;
    for (int32_t i = 0; i < g->n_outputs; i++) {
        outputs[i] = y + *out_n;
        *out_n += (size_t)ic_value_elements(g->outputs[i].value);
    }
    const enum ic_status status = ic_opt_evaluate(g, inputs, outputs, d);
    ic_free_aligned(x);
    if (status == IC_OK)
        return y;
    ic_free_aligned(y);
    return NULL;
}

static void compare_values(const char *name, const float *before, size_t n_before, const float *after, size_t n_after)
{
    double largest = 0.0;
    if (!CHECK_EQ_INT(n_before, n_after))
        return;
    for (size_t i = 0; i < n_before; i++)
        largest = fabs((double)before[i]) > largest ? fabs((double)before[i]) : largest;
    for (size_t i = 0; i < n_before; i++)
        if (!CHECK(fabs((double)before[i] - (double)after[i]) <= 2e-6 * largest))
            printf("  %s: value %zu was %g, is %g\n", name, i, (double)before[i], (double)after[i]);
}

static void compare_text(const char *path, const struct ic_writer *w)
{
    struct ic_file_map map = {0};
    if (updating) {
        FILE *f = fopen(path, "wb");
        CHECK(f && fwrite(w->bytes, 1, w->size_bytes, f) == w->size_bytes);
        if (f)
            fclose(f);
        return;
    }
    if (!CHECK(ic_file_map_open(path, &map, NULL) == IC_OK))
        return;
    if (!CHECK(map.size_bytes == w->size_bytes && memcmp(map.bytes, w->bytes, w->size_bytes) == 0))
        printf("--- %s wants\n%.*s--- found\n%.*s", path, (int)map.size_bytes, (const char *)map.bytes, (int)w->size_bytes,
               (const char *)w->bytes);
    ic_file_map_close(&map);
}

/* no lower: BatchNorm; then there is nothing to compare before, and fold_batch_norm's numbers are in its text. */
static int evaluable(const struct ic_graph *g)
{
    for (int32_t i = 0; i < g->n_nodes; i++)
        if (!ic_op_def(g->nodes[i]->op)->lower)
            return 0;
    return 1;
}

/* pass NULL: all of them, at level 3. */
static enum ic_status run_pass(struct ic_graph *g, ic_pass_fn *pass, bool *changed, struct ic_diag *d)
{
    if (pass)
        return pass(g, changed, d);
    *changed = true;
    return ic_optimize(g, &(struct ic_optimize_options){.level = 3}, d);
}

static void run_file(const char *folder, const char *file, ic_pass_fn *pass)
{
    char path[2048];
    struct ic_diag d = {0};
    struct ic_file_map map = {0};
    struct ic_graph *g = NULL;
    struct ic_writer w = {0};
    bool changed = false;
    size_t n_before = 0, n_after = 0;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    if (!CHECK(ic_file_map_open(path, &map, &d) == IC_OK) ||
        !CHECK(ic_ir_parse((const char *)map.bytes, map.size_bytes, &g, &d) == IC_OK)) {
        printf("  %s: %s\n", file, d.text);
        return;
    }
    float *before = evaluable(g) ? values_of(g, &n_before, &d) : NULL;
    CHECK(run_pass(g, pass, &changed, &d) == IC_OK);
    ic_graph_compact(g);
    if (!CHECK(ic_ir_verify(g, IC_STAGE_IMPORTED, &d) == IC_OK))
        printf("  %s: %s\n", file, d.text);
    CHECK_EQ_INT(changed, strstr(file, ".not.") == NULL);
    float *after = evaluable(g) ? values_of(g, &n_after, &d) : NULL;
    if (before)
        compare_values(file, before, n_before, after, n_after);
    ic_ir_print(g, false, &w);
    snprintf(path, sizeof path, "%s/%.*s.out", folder, (int)strlen(file) - 4, file);
    compare_text(path, &w);
    ic_free_aligned(before);
    ic_free_aligned(after);
    ic_writer_destroy(&w);
    ic_graph_destroy(g);
    ic_file_map_close(&map);
}

TEST(each_pass_on_its_own)
{
    char folder[1024];
    struct dirent **names = NULL;
    int n_files[N_PASSES] = {0};
    test_source_path(folder, sizeof folder, "tests/golden/passes");
    const int n = scandir(folder, &names, NULL, alphasort);
    CHECK(n > 0);
    for (int i = 0; i < n; i++) {
        for (int p = 0; p < N_PASSES && strstr(names[i]->d_name, ".txt"); p++) {
            const size_t length = strlen(passes[p].name);
            if (strncmp(names[i]->d_name, passes[p].name, length) == 0 && names[i]->d_name[length] == '.') {
                run_file(folder, names[i]->d_name, passes[p].run);
                n_files[p]++;
            }
        }
        free(names[i]);
    }
    free(names);
    for (int p = 0; p < N_PASSES; p++)
        if (!CHECK(n_files[p] > 0))
            printf("  pass %s has no graph\n", passes[p].name);
}

TEST(each_pattern_through_all_passes)
{
    char folder[1024];
    struct dirent **names = NULL;
    test_source_path(folder, sizeof folder, "tests/golden/patterns");
    const int n = scandir(folder, &names, NULL, alphasort);
    CHECK(n > 0);
    for (int i = 0; i < n; i++) {
        const size_t length = strlen(names[i]->d_name);
        if (length > 4 && strcmp(names[i]->d_name + length - 4, ".txt") == 0)
            run_file(folder, names[i]->d_name, NULL);
        free(names[i]);
    }
    free(names);
}

/* docs/optimizer.md has a row for every pass, in the order of passes.def. */
TEST(the_document_lists_every_pass)
{
    static const char *const rows[] = {
#define PASS(name, level, sentence) "| `" #name "` | " #level " | " sentence " |\n",
#define FINAL PASS
#include "optimize/passes.def"
#undef PASS
#undef FINAL
    };
    char path[1024];
    struct ic_file_map map = {0};
    test_source_path(path, sizeof path, "docs/optimizer.md");
    if (!CHECK(ic_file_map_open(path, &map, NULL) == IC_OK))
        return;
    size_t from = 0;
    for (int p = 0; p < N_PASSES; p++) {
        const size_t length = strlen(rows[p]);
        size_t at = from;
        while (at + length <= map.size_bytes && memcmp((const char *)map.bytes + at, rows[p], length) != 0)
            at++;
        if (!CHECK(at + length <= map.size_bytes))
            printf("  docs/optimizer.md lacks, at this place: %s", rows[p]);
        from = at + length <= map.size_bytes ? at + length : from;
    }
    ic_file_map_close(&map);
}

int main(int argc, char **argv)
{
    updating = argc > 1 && strcmp(argv[1], "--update") == 0;
    return test_main(updating ? 1 : argc, argv);
}
