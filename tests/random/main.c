/* SPDX-License-Identifier: Apache-2.0
 *
 * Random networks at every optimization level and build type: one answer in all places. Each is written and read back, compiled for every
 * target and simulated, and run here by the kernels of every set of CPU features, by one thread and by two: all must give the same bytes.
 * Networks without jumps must also give nearly the same numbers at every level. What a stage refuses is counted, never passed over.
 *
 * INCHIP_SEED=N starts with network N, INCHIP_CASES=N makes so many, INCHIP_HASHES=1 prints a line for each, to compare machines.
 * INCHIP_DUMP=FOLDER keeps each program for "generic" there: the corpus of fuzz_program is made so.
 */
#include "random/graphs.h"
#include "testing.h"

#include "base/os.h"
#include "host_executor.h"
#include "media/npy.h"
#include "optimize/evaluate.h"
#include "optimize/optimize.h"
#include "sim/sim.h"
#include "targets/target.h"

#include <math.h>
#include <unistd.h>

enum { SAMPLES = 4 };

static const char *const type_names[] = {"float32", "float16", "uint8"};

struct buffers {
    void *at[RANDOM_OUTPUTS];
};

struct build {
    uint64_t seed;
    int level;
    enum ic_build_type type;
    struct ic_graph *g;
    void *inputs[RANDOM_INPUTS];
    struct buffers wanted; /* what the reference kernels give */
    uint64_t hash, f16_overflows;
};

static int n_built, n_refused, n_runs, n_failed;

static void failed(const struct build *b, const char *where, const char *why)
{
    printf("network %llu, level %d, %s: %s: %s (INCHIP_SEED=%llu INCHIP_CASES=1 repeats it)\n", (unsigned long long)b->seed,
           b->level, type_names[b->type], where, why, (unsigned long long)b->seed);
    n_failed++;
}

static void hash_bytes(uint64_t *hash, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *hash = (*hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001B3u;
}

/* ---- buffers ---- */
static void free_buffers(struct buffers *b)
{
    for (int i = 0; i < RANDOM_OUTPUTS; i++) {
        ic_free_aligned(b->at[i]);
        b->at[i] = NULL;
    }
}

static void make_buffers(const struct ic_graph *g, struct buffers *b)
{
    for (int32_t i = 0; i < g->n_outputs; i++) {
        const size_t bytes = ic_value_bytes(g->outputs[i].value) + 64;
        b->at[i] = ic_malloc_aligned(bytes, 64);
        memset(b->at[i], 0xA5, bytes);
    }
}

static void *input_bytes(const struct ic_value *v, uint64_t seed, uint32_t i)
{
    const size_t n = (size_t)ic_value_elements(v);
    float *x = ic_malloc_aligned(n * sizeof *x + 64, 64);
    random_input(seed, i, 0, x, n);
    if (v->dtype == IC_F32)
        return x;
    uint8_t *to = ic_malloc_aligned(n * 2 + 64, 64);
    for (size_t k = 0; k < n; k++) {
        const uint16_t h = ic_f32_to_f16(x[k]);
        if (v->dtype == IC_F16)
            memcpy(to + 2 * k, &h, 2);
        else
            to[k] = (uint8_t)ic_quantize(x[k], 1.0f / v->quant.scales[0], v->quant.zero, 0, 255);
    }
    ic_free_aligned(x);
    return to;
}

static bool same(const struct ic_graph *g, const struct buffers *a, const struct buffers *b)
{
    for (int32_t i = 0; i < g->n_outputs; i++)
        if (memcmp(a->at[i], b->at[i], ic_value_bytes(g->outputs[i].value)) != 0)
            return false;
    return true;
}

/* ---- places ---- */
static enum ic_status simulate(const struct ic_program *p, struct build *b, struct buffers *y, struct ic_diag *d)
{
    struct ic_sim *s = NULL;
    enum ic_status status = ic_sim_create(p, &s, d);
    if (status == IC_OK)
        status = ic_sim_run(s, (const void *const *)b->inputs, y->at, NULL, NULL, d);
    for (uint32_t i = 0; status == IC_OK && i < p->n_steps; i++)
        b->f16_overflows += ic_sim_events(s, i)->f16_overflows;
    ic_sim_destroy(s);
    return status;
}

static enum ic_status run_here(const struct ic_program *p, const struct build *b, int threads, struct buffers *y, struct ic_diag *d)
{
    struct ic_model *m = NULL;
    struct ic_session *s = NULL;
    enum ic_status status = ic_model_from_program(p, &m, d);
    if (status == IC_OK)
        status = ic_session_create(m, threads, &s, d);
    for (uint32_t i = 0; status == IC_OK && i < p->n_inputs; i++)
        memcpy(ic_session_input(s, i), b->inputs[i], (size_t)p->tensors[p->inputs[i].tensor].size_bytes);
    if (status == IC_OK)
        status = ic_session_run(s, d);
    for (uint32_t i = 0; status == IC_OK && i < p->n_outputs; i++)
        memcpy(y->at[i], ic_session_output(s, i), (size_t)p->tensors[p->outputs[i].tensor].size_bytes);
    ic_session_destroy(s);
    ic_model_close(m);
    return status;
}

static void settle(struct build *b, const char *where, enum ic_status status, const struct buffers *y, const struct ic_diag *d)
{
    n_runs++;
    if (status != IC_OK)
        failed(b, where, d->text);
    else if (!same(b->g, y, &b->wanted))
        failed(b, where, "other bytes than the reference kernels give");
}

/* Every set of features that some kernel asks for, from none upwards. */
static void run_under_masks(struct build *b, const struct ic_program *p)
{
    size_t n_kernels = 0;
    const struct ic_kernel *const *all = ic_kernels_all(&n_kernels);
    for (uint32_t mask = 0;;) {
        for (int threads = 1; threads <= 2; threads++) {
            struct buffers y = {{0}};
            struct ic_diag d = {0};
            char where[80];
            make_buffers(b->g, &y);
            ic_os_cpu_mask(mask);
            snprintf(where, sizeof where, "run here, CPU features %x, %d threads", (unsigned)mask, threads);
            settle(b, where, run_here(p, b, threads, &y, &d), &y, &d);
            ic_os_cpu_mask(UINT32_MAX);
            free_buffers(&y);
        }
        uint32_t more = mask;
        for (size_t n = 0; n < n_kernels && more == mask; n++)
            more |= all[n]->needs & ic_os_cpu_flags();
        if (more == mask)
            return;
        mask = more;
    }
}

/* As tests/fuzz/fuzz_program.c reads it. */
static void dump(const struct build *b, const struct ic_writer *program, const struct ic_writer *consts)
{
    const char *folder = getenv("INCHIP_DUMP");
    char path[600];
    if (!folder || !*folder)
        return;
    snprintf(path, sizeof path, "%s/random_%llu_%d_%s", folder, (unsigned long long)b->seed, b->level, type_names[b->type]);
    FILE *f = fopen(path, "wb");
    const uint32_t n = (uint32_t)program->size_bytes;
    if (!CHECK(f != NULL))
        return;
    CHECK(fwrite(&n, sizeof n, 1, f) == 1 && fwrite(program->bytes, 1, n, f) == n &&
          fwrite(consts->bytes, 1, consts->size_bytes, f) == consts->size_bytes);
    fclose(f);
}

static void one_target(struct build *b, const struct ic_target *t)
{
    struct ic_program p = {0};
    struct ic_writer consts = {0}, bytes = {0};
    struct buffers y = {{0}};
    struct ic_diag d = {0};
    char where[80];
    make_buffers(b->g, &y);
    snprintf(where, sizeof where, "simulator, %s", t->name);
    enum ic_status status = ic_compile(b->g, t, false, &p, &consts, &d);
    if (status == IC_OK)
        status = ic_program_encode(&p, &bytes, &d);
    if (status == IC_OK)
        status = simulate(&p, b, &y, &d);
    settle(b, where, status, &y, &d);
    if (status == IC_OK && strcmp(t->name, "generic") == 0)
        dump(b, &bytes, &consts);
    hash_bytes(&b->hash, bytes.bytes, bytes.size_bytes);
    hash_bytes(&b->hash, consts.bytes, consts.size_bytes);
    if (status == IC_OK && (t == ic_target_host() || strcmp(t->name, "generic") == 0))
        run_under_masks(b, &p);
    free_buffers(&y);
    ic_program_destroy(&p);
    ic_writer_destroy(&consts);
    ic_writer_destroy(&bytes);
}

/* The portable section: read back, the same graph is written again. */
static void round_trip(struct build *b)
{
    struct ic_writer w[4] = {{0}};
    struct ic_graph *again = NULL;
    struct ic_diag d = {0};
    enum ic_status status = ic_ir_encode(b->g, &w[0], &w[1], &d);
    uint8_t *consts = ic_malloc_aligned(w[1].size_bytes + 64, 64); /* as a mapped file has them */
    if (status == IC_OK && w[1].size_bytes)
        memcpy(consts, w[1].bytes, w[1].size_bytes);
    if (status == IC_OK)
        status = ic_ir_decode(w[0].bytes, w[0].size_bytes, consts, w[1].size_bytes, &again, &d);
    if (status == IC_OK)
        status = ic_ir_encode(again, &w[2], &w[3], &d);
    if (status != IC_OK)
        failed(b, "portable section", d.text);
    else if (w[0].size_bytes != w[2].size_bytes || w[1].size_bytes != w[3].size_bytes ||
             memcmp(w[0].bytes, w[2].bytes, w[0].size_bytes) != 0 ||
             (w[1].size_bytes && memcmp(w[1].bytes, w[3].bytes, w[1].size_bytes) != 0))
        failed(b, "portable section", "other bytes when it is read and written again");
    hash_bytes(&b->hash, w[0].bytes, w[0].size_bytes);
    hash_bytes(&b->hash, w[1].bytes, w[1].size_bytes);
    for (int i = 0; i < 4; i++)
        ic_writer_destroy(&w[i]);
    ic_graph_destroy(again);
    ic_free_aligned(consts);
}

/* ---- build ---- */
struct list {
    char folder[512], path[600];
};

static void write_list(struct list *l, uint64_t seed, const struct ic_graph *g)
{
    const char *tmp = getenv("TMPDIR");
    struct ic_diag d = {0};
    static float x[1 << 13];
    snprintf(l->folder, sizeof l->folder, "%s/inchip-random-%d", tmp && *tmp ? tmp : "/tmp", (int)getpid());
    snprintf(l->path, sizeof l->path, "%s.txt", l->folder);
    FILE *f = fopen(l->path, "w");
    if (!f)
        return;
    for (uint32_t s = 0; s < SAMPLES; s++)
        for (int32_t i = 0; i < g->n_inputs; i++) {
            char path[600];
            const struct ic_value *v = g->inputs[i].value;
            snprintf(path, sizeof path, "%s-%u-%d.npy", l->folder, s, (int)i);
            random_input(seed, (uint32_t)i, s, x, (size_t)ic_value_elements(v));
            CHECK_EQ_INT(ic_npy_write_f32(path, v->rank, v->dims, x, &d), IC_OK);
            fprintf(f, "%s%c", path, i + 1 == g->n_inputs ? '\n' : ' ');
        }
    fclose(f);
}

static void remove_list(const struct list *l, const struct ic_graph *g)
{
    for (uint32_t s = 0; s < SAMPLES; s++)
        for (int32_t i = 0; i < g->n_inputs; i++) {
            char path[600];
            snprintf(path, sizeof path, "%s-%u-%d.npy", l->folder, s, (int)i);
            remove(path);
        }
    remove(l->path);
}

static enum ic_status build(struct build *b, const struct list *l, struct ic_diag *d)
{
    bool smooth = false;
    const struct ic_optimize_options optimize = {.level = b->level};
    const struct ic_quantize_options quantize = {.type = b->type, .dataset = l->path};
    struct ic_host_executor executor;
    b->g = random_graph(b->seed, &smooth);
    if (!b->g)
        return ic_fail(d, IC_ERR_MEMORY, "no memory");
    IC_TRY(ic_ir_verify(b->g, IC_STAGE_IMPORTED, d));
    IC_TRY(ic_optimize(b->g, &optimize, d));
    ic_host_executor_init(&executor);
    const enum ic_status status = ic_quantize_graph(b->g, &quantize, &executor.face, d);
    ic_host_executor_destroy(&executor);
    return status;
}

static float value_at(const struct ic_value *v, const void *data, int64_t i)
{
    uint16_t h;
    if (v->dtype == IC_F32)
        return ((const float *)data)[i];
    if (v->dtype == IC_F16) {
        memcpy(&h, (const uint8_t *)data + 2 * i, 2);
        return ic_f16_to_f32(h);
    }
    const int32_t code = v->dtype == IC_S8 ? ((const int8_t *)data)[i] : ((const uint8_t *)data)[i];
    return (float)(code - v->quant.zero) * v->quant.scales[0];
}

/* How far the numbers may be from those of level 0 in float32, of the largest: rounding errors, the steps of f16 (unless numbers left its
 * range, which the simulator has counted). Integers of a deep random network may be anywhere; their accuracy is measured on real ones (tests/unit/quantize_accuracy.c). */
static void compare_numbers(struct build *b, const struct build *first)
{
    const double bound = b->type == IC_BUILD_F32 ? 1e-3 : 0.1;
    for (int32_t i = 0; b->type != IC_BUILD_U8 && b->f16_overflows == 0 && i < b->g->n_outputs; i++) {
        const struct ic_value *v = b->g->outputs[i].value, *w = first->g->outputs[i].value;
        double worst = 0.0, largest = 1e-2;
        const int64_t n = ic_value_elements(v);
        if (n != ic_value_elements(w)) {
            failed(b, "numbers", "another number of results than level 0");
            return;
        }
        for (int64_t k = 0; k < n; k++) {
            const double want = (double)value_at(w, first->wanted.at[i], k),
                         off = fabs((double)value_at(v, b->wanted.at[i], k) - want);
            largest = fabs(want) > largest ? fabs(want) : largest;
            worst = off > worst || isnan(off) ? off : worst;
        }
        char why[120];
        snprintf(why, sizeof why, "output %d is off by %g, its largest number is %g", (int)i, worst, largest);
        if (!(worst <= bound * largest))
            failed(b, "numbers beside level 0 in float32", why);
    }
}

static bool check_build(struct build *b, const struct list *l, const struct build *first)
{
    struct ic_diag d = {0};
    b->hash = 0xCBF29CE484222325u;
    const enum ic_status status = build(b, l, &d);
    if (status != IC_OK) {
        n_refused++;
        if (status == IC_ERR_INTERNAL || status == IC_ERR_CORRUPT || !d.text[0])
            failed(b, "build", d.text);
        else if (getenv("INCHIP_TEST_VERBOSE"))
            printf("network %llu, level %d, %s refused: %s\n", (unsigned long long)b->seed, b->level, type_names[b->type], d.text);
        return false;
    }
    n_built++;
    for (int32_t i = 0; i < b->g->n_inputs; i++)
        b->inputs[i] = input_bytes(b->g->inputs[i].value, b->seed, (uint32_t)i);
    make_buffers(b->g, &b->wanted);
    if (ic_opt_evaluate(b->g, (const void *const *)b->inputs, b->wanted.at, &d) != IC_OK) {
        failed(b, "reference kernels", d.text);
        return true;
    }
    for (int32_t i = 0; i < b->g->n_outputs; i++)
        hash_bytes(&b->hash, b->wanted.at[i], ic_value_bytes(b->g->outputs[i].value));
    round_trip(b);
    const struct ic_target *t;
    for (size_t i = 0; (t = ic_target_at(i)) != NULL; i++)
        one_target(b, t);
    if (first)
        compare_numbers(b, first);
    return true;
}

static void free_build(struct build *b)
{
    for (int i = 0; i < RANDOM_INPUTS; i++)
        ic_free_aligned(b->inputs[i]);
    free_buffers(&b->wanted);
    ic_graph_destroy(b->g);
}

static void check_network(uint64_t seed, bool print)
{
    bool smooth = false;
    struct list list = {{0}, {0}};
    struct ic_graph *g = random_graph(seed, &smooth);
    REQUIRE(g != NULL);
    write_list(&list, seed, g);
    struct build first = {.seed = seed, .level = 0, .type = IC_BUILD_F32};
    bool have_first = false;
    for (int type = IC_BUILD_F32; type <= IC_BUILD_U8; type++)
        for (int level = 0; level <= 3; level++) {
            struct build now = {.seed = seed, .level = level, .type = (enum ic_build_type)type};
            struct build *b = type == IC_BUILD_F32 && level == 0 ? &first : &now;
            const bool built = check_build(b, &list, smooth && have_first ? &first : NULL);
            if (print)
                printf("= %llu %d %s %016llx\n", (unsigned long long)seed, level, type_names[type],
                       (unsigned long long)(built ? b->hash : 0));
            if (b == &first)
                have_first = built;
            else
                free_build(b);
        }
    free_build(&first);
    remove_list(&list, g);
    ic_graph_destroy(g);
}

static uint64_t number_from(const char *name, uint64_t normally)
{
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 0) : normally;
}

TEST(one_answer_in_all_places)
{
    const uint64_t first = number_from("INCHIP_SEED", 1), n = number_from("INCHIP_CASES", 100);
    for (uint64_t seed = first; seed < first + n && n_failed < 20; seed++)
        check_network(seed, getenv("INCHIP_HASHES") != NULL);
    printf("%d builds, %d refused, %d runs\n", n_built, n_refused, n_runs);
    CHECK_EQ_INT(n_failed, 0);
    CHECK(n_built > 2 * n_refused); /* else the generator makes nothing worth running */
}

TEST_MAIN()
