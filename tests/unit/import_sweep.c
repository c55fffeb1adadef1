/* SPDX-License-Identifier: Apache-2.0
 *
 * Each operator of PyTorch once, and all cases of complex numbers: traced modules and what PyTorch computed with them, packed into
 * tests/golden/import/sweep.zip and complex.zip by tests/conformance/torch_sweep.py --golden. Each is imported, optimized, compiled for this machine and
 * run. */
#include "toolchain.h"

#include "import/zip.h"
#include "optimize/evaluate.h"
#include "testing.h"

#include <math.h>

#define TOLERANCE 1e-4 /* of the largest result */
#define MAX_ARRAYS 16

struct array {
    enum ic_dtype dtype;
    int complex; /* twice as many floats as dims say */
    int32_t rank, dims[IC_IR_MAX_RANK];
    size_t n;
    void *data; /* aligned */
};

static enum ic_dtype dtype_of(const char *header)
{
    static const struct {
        const char *text;
        enum ic_dtype dtype;
    } types[] = {{"'<f4'", IC_F32}, {"'<c8'", IC_F32}, {"'<i8'", IC_S64}, {"'<i4'", IC_S32},
                 {"'<i2'", IC_S16}, {"'|i1'", IC_S8},  {"'|u1'", IC_U8},  {"'|b1'", IC_BOOL}};
    for (size_t i = 0; i < sizeof types / sizeof *types; ++i)
        if (strstr(header, types[i].text))
            return types[i].dtype;
    return IC_DTYPE_NONE;
}

/* 1 read, 0 absent */
static int read_array(struct ic_zipfile *z, const char *folder, const char *kind, int i, struct array *out)
{
    char name[200], text[512];
    struct ic_diag d = {0};
    const uint8_t *p = NULL;
    snprintf(name, sizeof name, "%s/%s%d.npy", folder, kind, i);
    struct ic_zipfile_member *m = ic_zipfile_find(z, name);
    if (!m)
        return 0;
    if (!CHECK_EQ_INT(ic_zipfile_read(z, m, 0, &p, &d), IC_OK) || !CHECK(m->size_bytes > 12 && memcmp(p, "\x93NUMPY\x01", 7) == 0))
        return 0;
    const size_t head = 10u + p[8] + 256u * p[9];
    snprintf(text, sizeof text, "%.*s", (int)(head - 10), (const char *)p + 10);
    const char *shape = strstr(text, "'shape': (");
    *out = (struct array){.dtype = dtype_of(text), .complex = strstr(text, "'<c8'") != NULL};
    out->n = out->complex ? 2 : 1;
    if (!CHECK(shape != NULL && out->dtype != IC_DTYPE_NONE && strstr(text, "'fortran_order': False")))
        return 0;
    for (shape += 10; *shape != ')'; shape += *shape == ',' || *shape == ' ') {
        if (*shape < '0' || *shape > '9')
            continue;
        out->dims[out->rank] = (int32_t)strtol(shape, (char **)(uintptr_t)&shape, 10);
        out->n *= (size_t)out->dims[out->rank++];
    }
    const size_t bytes = out->n * ic_dtype_bytes(out->dtype);
    out->data = calloc(1, bytes + 64);
    if (!CHECK(out->data != NULL && head + bytes == m->size_bytes))
        return 0;
    memcpy(out->data, p + head, bytes);
    return 1;
}

static void no_tap(void *user, const struct ic_value *v, const float *data, size_t elements)
{
    (void)user;
    (void)v;
    (void)data;
    (void)elements;
}

static int floats_agree(const float *got, const float *want, size_t n)
{
    double largest = 1e-6, worst = 0;
    for (size_t i = 0; i < n; ++i) {
        if (!isfinite(want[i]) || !isfinite(got[i])) {
            if (!(isnan(want[i]) && isnan(got[i])) && memcmp(&want[i], &got[i], sizeof *got) != 0)
                return 0;
            continue;
        }
        largest = fmax(largest, fabs((double)want[i]));
        worst = fmax(worst, fabs((double)got[i] - (double)want[i]));
    }
    return worst <= TOLERANCE * largest;
}

static int agrees(const struct ic_value *v, const void *got, const struct array *want)
{
    if (v->dtype != want->dtype || v->rank != want->rank ||
        memcmp(v->dims, want->dims, (size_t)want->rank * sizeof *want->dims) != 0)
        return 0;
    return want->dtype == IC_F32 ? floats_agree(got, want->data, want->n)
                                 : memcmp(got, want->data, want->n * ic_dtype_bytes(want->dtype)) == 0;
}

static void run_case(const char *name, const void *bytes, size_t size, const struct array *in, int n_in, const struct array *want,
                     int n_want)
{
    struct ic_import_input inputs[MAX_ARRAYS] = {{0}};
    const void *data[MAX_ARRAYS] = {0};
    struct ic_import_options options = {
        .inputs = inputs, .n_inputs = n_in, .limits = ic_import_limits_default(), .evaluate = ic_opt_fold_node};
    const struct ic_optimize_options optimize = {.level = 3};
    struct ic_diag d = {0};
    struct ic_graph *g = NULL;
    struct ic_host_executor e;
    for (int i = 0; i < n_in; ++i) {
        inputs[i] = (struct ic_import_input){.rank = in[i].rank, .dtype = in[i].dtype, .complex = in[i].complex != 0};
        memcpy(inputs[i].dims, in[i].dims, sizeof inputs[i].dims);
        data[i] = in[i].data;
    }
    ic_host_executor_init(&e);
    if (ic_import(bytes, size, name, &options, &g, &d) == IC_OK && ic_ir_verify(g, IC_STAGE_IMPORTED, &d) == IC_OK &&
        ic_optimize(g, &optimize, &d) == IC_OK && e.face.prepare(e.face.self, g, &d) == IC_OK &&
        e.face.run(e.face.self, data, no_tap, NULL, &d) == IC_OK && CHECK_EQ_INT(g->n_outputs, n_want))
        for (int i = 0; i < n_want; ++i)
            if (!CHECK(agrees(g->outputs[i].value, ic_session_output(e.session, (uint32_t)i), &want[i])))
                printf("  output %d of %s\n", i, name);
    if (!CHECK_EQ_INT(d.status, IC_OK))
        printf("  in %s: %s\n", name, d.text);
    ic_host_executor_destroy(&e);
    ic_graph_destroy(g);
}

static void run_member(struct ic_zipfile *z, const char *folder, const struct ic_zipfile_member *model)
{
    struct array in[MAX_ARRAYS] = {{0}}, want[MAX_ARRAYS] = {{0}};
    struct ic_diag d = {0};
    const uint8_t *bytes = NULL;
    int n_in = 0, n_want = 0;
    while (n_in < MAX_ARRAYS && read_array(z, folder, "in", n_in, &in[n_in]))
        ++n_in;
    while (n_want < MAX_ARRAYS && read_array(z, folder, "out", n_want, &want[n_want]))
        ++n_want;
    if (CHECK(n_in > 0 && n_want > 0) &&
        CHECK_EQ_INT(ic_zipfile_read(z, (struct ic_zipfile_member *)(uintptr_t)model, 0, &bytes, &d), IC_OK))
        run_case(folder, bytes, model->size_bytes, in, n_in, want, n_want);
    for (int i = 0; i < MAX_ARRAYS; ++i) {
        free(in[i].data);
        free(want[i].data);
    }
}

static int run_all(const char *file)
{
    char path[400], folder[160];
    struct ic_diag d = {0};
    struct ic_file_map map = {0};
    struct ic_arena arena = {0};
    struct ic_zipfile z;
    int n = 0;
    test_source_path(path, sizeof path, file);
    if (CHECK_EQ_INT(ic_file_map_open(path, &map, &d), IC_OK) &&
        CHECK_EQ_INT(ic_zipfile_open(map.bytes, map.size_bytes, 1u << 22, &arena, &z, &d), IC_OK))
        for (size_t i = 0; i < z.n_members; ++i) {
            const char *end = strstr(z.members[i].name, "/model.pt");
            if (!end)
                continue;
            snprintf(folder, sizeof folder, "%.*s", (int)(end - z.members[i].name), z.members[i].name);
            run_member(&z, folder, &z.members[i]);
            n++;
        }
    ic_arena_destroy(&arena);
    ic_file_map_close(&map);
    return n;
}

TEST(every_operator_of_the_sweep_as_pytorch)
{
    CHECK(run_all("tests/golden/import/sweep.zip") >= 250);
}

TEST(complex_numbers_and_fourier_transforms_as_pytorch)
{
    CHECK(run_all("tests/golden/import/complex.zip") >= 200);
}

TEST_MAIN()
