/* SPDX-License-Identifier: Apache-2.0
 *
 * Calibration must see what the runtime will see: the same picture through the quantizer's and through the runtime's preprocessing, equal to
 * the bit; the ranges it keeps; what it says when a value is not finite.
 */
#include "testing.h"

#include "compile/compile.h"
#include "media/sample.h"
#include "quantize/internal.h"
#include "runtime/convert_io.h"

#include <math.h>

enum { W = 320, H = 240, N = W * H * 3 };

static float seen[N], wanted[N], raw[N];
static int n_runs, n_prepared;

static enum ic_status prepare(void *self, const struct ic_graph *g, struct ic_diag *d)
{
    (void)self;
    (void)g;
    (void)d;
    n_prepared++;
    return IC_OK;
}

/* Keeps what it is given; plays a network whose result is four numbers, the last of them self. */
static enum ic_status run(void *self, const void *const *inputs,
                          void (*tap)(void *user, const struct ic_value *v, const float *data, size_t elements), void *user,
                          struct ic_diag *d)
{
    (void)d;
    const struct ic_graph *g = ((const struct ic_graph *const *)self)[0];
    const float last = *((const float *const *)self)[1];
    const float result[] = {-2.0f, 0.5f, 3.0f + (float)n_runs, last};
    n_runs++;
    memcpy(seen, inputs[0], sizeof seen);
    tap(user, g->inputs[0].value, seen, N);
    tap(user, g->outputs[0].value, result, 4);
    return IC_OK;
}

static struct ic_graph *picture_graph(uint32_t format, int32_t n_channels, uint32_t reorder)
{
    static const float mean[] = {10.5f, 127.0f, 200.25f}, std[] = {58.4f, 3.0f, 0.25f};
    static const int32_t dims[2][4] = {{1, 3, H, W}, {1, H, W, 3}};
    struct ic_graph *g = NULL;
    struct ic_diag d = {0};
    if (ic_graph_create("picture", &g, &d) != IC_OK)
        exit(1);
    struct ic_value *x = ic_graph_value(g, "x", IC_F32, 4, dims[format - 1]);
    struct ic_node *n = ic_graph_node(g, IC_OP_MAP, &x, 1, "y");
    CHECK_EQ_INT(ic_graph_infer(g, n, &d), IC_OK);
    CHECK_EQ_INT(ic_graph_add_input(g, x, format), IC_OK);
    CHECK_EQ_INT(ic_graph_add_output(g, n->outputs[0], format), IC_OK);
    g->inputs[0].n_channels = n_channels;
    g->inputs[0].mean = mean;
    g->inputs[0].std = std;
    g->inputs[0].reorder = reorder;
    return g;
}

static void by_the_runtime(const struct ic_graph *g, const char *picture)
{
    struct ic_diag d = {0};
    struct ic_program p = {0};
    struct ic_writer consts = {0};
    const struct ic_value *x = g->inputs[0].value;
    const struct ic_sample_spec spec = {.name = "x", .rank = 4, .dims = x->dims, .format = g->inputs[0].format};
    REQUIRE(ic_sample_load(picture, &spec, raw, &d) == IC_OK);
    REQUIRE(ic_compile(g, ic_target_find("generic"), false, &p, &consts, &d) == IC_OK);
    CHECK_EQ_INT(ic_io_convert_in(&p, 0, raw, IC_F32, N, wanted, &d), IC_OK);
    ic_program_destroy(&p);
    ic_writer_destroy(&consts);
}

static char list_path[600];

static void write_list(const char *picture, int lines)
{
    const char *folder = getenv("TMPDIR");
    snprintf(list_path, sizeof list_path, "%s/inchip-observe-%p.txt", folder && *folder ? folder : "/tmp", (void *)list_path);
    FILE *f = fopen(list_path, "wb");
    if (!f)
        exit(1);
    for (int i = 0; i < lines; i++)
        fprintf(f, "%s\n", picture);
    fclose(f);
}

TEST(preprocessing_is_the_runtime_s)
{
    char picture[600];
    if (!test_corpus_path(picture, sizeof picture, "images/photos/astronaut_320x240.png"))
        SKIP("no shared corpus");
    write_list(picture, 2);
    for (int variant = 0; variant < 12; variant++) {
        static const int32_t channels[] = {0, 1, 3};
        struct ic_graph *g = picture_graph(1 + (uint32_t)variant % 2, channels[variant / 2 % 3], (uint32_t)variant / 6);
        struct ic_quant_range ranges[8] = {{0}};
        const float zero = 0.0f;
        const void *self[] = {g, &zero};
        struct ic_executor executor = {.self = self, .prepare = prepare, .run = run};
        const struct ic_quantize_options options = {.type = IC_BUILD_U8, .dataset = list_path};
        struct ic_diag d = {0};
        n_runs = n_prepared = 0;
        by_the_runtime(g, picture);
        CHECK_EQ_INT(ic_quantize_observe(g, &options, &executor, ranges, &d), IC_OK);
        CHECK_EQ_INT(n_prepared, 1);
        CHECK_EQ_INT(n_runs, 2);
        if (!CHECK_EQ_MEM(seen, wanted, sizeof seen))
            printf("  variant %d\n", variant);
        const struct ic_quant_range *y = &ranges[g->outputs[0].value->id], *x = &ranges[g->inputs[0].value->id];
        CHECK(y->seen && y->lo == -2.0f && y->hi == 4.0f);
        if (channels[variant / 2 % 3] == 0)
            CHECK(x->lo == 0.0f && x->hi == 255.0f); /* of bytes, not of this picture's */
        if (channels[variant / 2 % 3] == 3) /* the third channel reaches farthest: 200.25 below, 54.75 above, each by 0.25 */
            CHECK(x->lo == -801.0f && x->hi == 219.0f);
        ic_graph_destroy(g);
    }
    remove(list_path);
}

TEST(values_that_are_not_finite_are_named)
{
    char picture[600];
    if (!test_corpus_path(picture, sizeof picture, "images/photos/astronaut_320x240.png"))
        SKIP("no shared corpus");
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    write_list(picture, 1);
    for (int i = 0; i < 3; i++) {
        struct ic_graph *g = picture_graph(1, 0, 0);
        struct ic_quant_range ranges[8] = {{0}};
        const void *self[] = {g, &bad[i]};
        struct ic_executor executor = {.self = self, .prepare = prepare, .run = run};
        const struct ic_quantize_options options = {.type = IC_BUILD_U8, .dataset = list_path};
        struct ic_diag d = {0};
        n_runs = 0;
        CHECK_EQ_INT(ic_quantize_observe(g, &options, &executor, ranges, &d), IC_ERR_MODEL);
        CHECK(strstr(d.text, "line 1") && strstr(d.text, "value y"));
        ic_graph_destroy(g);
    }
    remove(list_path);
}

static char said[1000];

static void keep_warning(void *user, char level, const char *text)
{
    (void)user;
    const size_t n = strlen(said);
    if (level == 'W')
        snprintf(said + n, sizeof said - n, "%s\n", text);
}

/* A camera in the dark, or the wrong folder: the three channels would be calibrated as one. */
TEST(grey_pictures_for_three_channels_are_said_once)
{
    char picture[700], sentence[1000];
    write_list("", 0); /* only its path */
    snprintf(picture, sizeof picture, "%s.pgm", list_path);
    FILE *f = fopen(picture, "wb");
    REQUIRE(f != NULL);
    fprintf(f, "P5 %d %d 255\n", W, H);
    for (int i = 0; i < W * H; i++)
        fputc(i % 251, f);
    fclose(f);
    write_list(picture, 3);
    struct ic_graph *g = picture_graph(1, 0, 0);
    struct ic_quant_range ranges[8] = {{0}};
    const float zero = 0.0f;
    const void *self[] = {g, &zero};
    struct ic_executor executor = {.self = self, .prepare = prepare, .run = run};
    const struct ic_quantize_options options = {.type = IC_BUILD_U8, .dataset = list_path};
    const struct ic_log log = {.line = keep_warning};
    struct ic_diag d = {.log = &log};
    n_runs = 0;
    CHECK_EQ_INT(ic_quantize_observe(g, &options, &executor, ranges, &d), IC_OK);
    CHECK_EQ_INT(n_runs, 3);
    snprintf(
        sentence, sizeof sentence,
        "%s line 1: a grey picture for the 3 channels of input x, each gets the same numbers: calibrate with color pictures if "
        "the network will see such\n",
        list_path);
    CHECK_EQ_STR(said, sentence);
    ic_graph_destroy(g);
    remove(picture);
    remove(list_path);
}

TEST_MAIN()
