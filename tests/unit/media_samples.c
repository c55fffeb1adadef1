/* SPDX-License-Identifier: Apache-2.0
 *
 * Samples (a file as the values of one input) and calibration lists. Expected numbers are worked out by hand from 2 x 3 pictures.
 */
#define _GNU_SOURCE
#include "testing.h"

#include "media/calibration.h"
#include "media/npy.h"
#include "media/sample.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static const char *in_folder(const char *name)
{
    static char paths[8][160];
    static int i;
    char *path = paths[i++ % 8];
    if (!*folder) {
        strcpy(folder, "/tmp/inchip-test-XXXXXX");
        if (!mkdtemp(folder))
            abort();
    }
    snprintf(path, 160, "%s/%s", folder, name);
    return path;
}

static const char *put(const char *name, const char *text, size_t n)
{
    const char *path = in_folder(name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(text, 1, n, f) != n || fclose(f) != 0)
        abort();
    return path;
}

static enum ic_status load(const char *path, int32_t rank, const int32_t *dims, uint32_t format, float *out, struct ic_diag *d)
{
    const struct ic_sample_spec spec = {.name = "x", .rank = rank, .dims = dims, .format = format};
    return ic_sample_load(path, &spec, out, d);
}

static void is(const float *found, const float *wanted, size_t n, int line)
{
    for (size_t i = 0; i < n; i++)
        if (!CHECK(found[i] == wanted[i])) {
            printf("  line %d: value %zu is %g, want %g\n", line, i, (double)found[i], (double)wanted[i]);
            return;
        }
}

/* 3 wide, 2 high. */
static const char grey_text[] = "P2 3 2 255 1 2 3 4 5 6";
static const char color_text[] = "P3 3 2 255 1 11 21 2 12 22 3 13 23 4 14 24 5 15 25 6 16 26";
static const float counting[] = {1, 2, 3, 4, 5, 6};
static const float planes[] = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26};
static const float pixels[] = {1, 11, 21, 2, 12, 22, 3, 13, 23, 4, 14, 24, 5, 15, 25, 6, 16, 26};

TEST(pictures_by_the_rank_of_the_input)
{
    float x[64];
    const char *grey = put("g.pgm", grey_text, sizeof grey_text - 1), *color = put("c.ppm", color_text, sizeof color_text - 1);
    CHECK_EQ_INT(load(grey, 1, (int32_t[]){6}, 0, x, NULL), IC_OK);
    is(x, counting, 6, __LINE__);
    CHECK_EQ_INT(load(grey, 2, (int32_t[]){1, 6}, 0, x, NULL), IC_OK);
    is(x, counting, 6, __LINE__);
    CHECK_EQ_INT(load(grey, 3, (int32_t[]){3, 2, 1}, 0, x, NULL), IC_OK); /* only the number counts */
    is(x, counting, 6, __LINE__);
    CHECK_EQ_INT(load(grey, 4, (int32_t[]){1, 1, 2, 3}, 1, x, NULL), IC_OK);
    is(x, counting, 6, __LINE__);
    CHECK_EQ_INT(load(color, 4, (int32_t[]){1, 3, 2, 3}, 1, x, NULL), IC_OK);
    is(x, planes, 18, __LINE__);
    CHECK_EQ_INT(load(color, 4, (int32_t[]){1, 2, 3, 3}, 2, x, NULL), IC_OK);
    is(x, pixels, 18, __LINE__);
    CHECK_EQ_INT(load(grey, 4, (int32_t[]){1, 3, 2, 3}, 1, x, NULL), IC_OK); /* three equal planes */
    is(x, counting, 6, __LINE__);
    is(x + 12, counting, 6, __LINE__);
    bool said = false; /* that grey became color, which only the caller can judge */
    struct ic_sample_spec spec = {.name = "x", .rank = 4, .dims = (int32_t[]){1, 3, 2, 3}, .format = 1, .grey = &said};
    CHECK_EQ_INT(ic_sample_load(color, &spec, x, NULL), IC_OK);
    CHECK(!said);
    CHECK_EQ_INT(ic_sample_load(grey, &spec, x, NULL), IC_OK);
    CHECK(said);
    is(x + 6, counting, 6, __LINE__);
    said = false; /* that color became grey; a picture of equal components loses nothing */
    const char *equal = put("e.ppm", "P3 3 2 255 1 1 1 2 2 2 3 3 3 4 4 4 5 5 5 6 6 6", 47);
    struct ic_sample_spec one = {.name = "x", .rank = 4, .dims = (int32_t[]){1, 1, 2, 3}, .format = 1, .color = &said};
    CHECK_EQ_INT(ic_sample_load(equal, &one, x, NULL), IC_OK);
    is(x, counting, 6, __LINE__);
    CHECK_EQ_INT(ic_sample_load(grey, &one, x, NULL), IC_OK);
    CHECK(!said);
    CHECK_EQ_INT(ic_sample_load(color, &one, x, NULL), IC_OK);
    CHECK(said);
    CHECK_EQ_INT(load(color, 1, (int32_t[]){6}, 0, x, NULL), IC_OK);
    CHECK(x[0] == 9.0f); /* (19595 * 1 + 38470 * 11 + 7471 * 21 + 32768) >> 16 */
}

TEST(pictures_are_never_resized)
{
    float x[1024];
    char wanted[400];
    struct ic_diag d = {0};
    const char *grey = put("g.pgm", grey_text, sizeof grey_text - 1);
    CHECK_EQ_INT(load(grey, 1, (int32_t[]){784}, 0, x, &d), IC_ERR_ARG);
    snprintf(wanted, sizeof wanted, "%s: the picture has 3 x 2 = 6 pixels; input x (784) wants 784: pictures are never resized",
             grey);
    CHECK_EQ_STR(d.text, wanted);
    ic_diag_clear(&d);
    CHECK_EQ_INT(load(grey, 4, (int32_t[]){1, 1, 3, 2}, 1, x, &d), IC_ERR_ARG); /* transposed is not equal */
    snprintf(wanted, sizeof wanted,
             "%s: the picture is 3 wide and 2 high; input x (1x1x3x2) wants 2 and 3: pictures are never resized", grey);
    CHECK_EQ_STR(d.text, wanted);
    CHECK_EQ_INT(load(grey, 4, (int32_t[]){1, 2, 2, 3}, 1, x, NULL), IC_ERR_ARG); /* two channels */
    CHECK_EQ_INT(load(grey, 4, (int32_t[]){2, 1, 2, 3}, 1, x, NULL), IC_ERR_ARG); /* two pictures */
}

TEST(arrays_by_shape)
{
    float x[64];
    const char *path = in_folder("a.npy");
    struct ic_diag d = {0};
    REQUIRE(ic_npy_write_f32(path, 3, (int32_t[]){2, 3, 3}, pixels, NULL) == IC_OK);
    CHECK_EQ_INT(load(path, 4, (int32_t[]){1, 3, 2, 3}, 1, x, NULL), IC_OK); /* stored [h,w,c] */
    is(x, planes, 18, __LINE__);
    CHECK_EQ_INT(load(path, 4, (int32_t[]){1, 2, 3, 3}, 2, x, NULL), IC_OK);
    is(x, pixels, 18, __LINE__);
    CHECK_EQ_INT(load(path, 1, (int32_t[]){18}, 0, x, NULL), IC_OK);
    is(x, pixels, 18, __LINE__);
    REQUIRE(ic_npy_write_f32(path, 4, (int32_t[]){1, 2, 3, 3}, pixels, NULL) == IC_OK);
    CHECK_EQ_INT(load(path, 4, (int32_t[]){1, 3, 2, 3}, 1, x, NULL), IC_OK);
    is(x, planes, 18, __LINE__);
    REQUIRE(ic_npy_write_f32(path, 4, (int32_t[]){1, 3, 2, 3}, planes, NULL) == IC_OK);
    CHECK_EQ_INT(load(path, 4, (int32_t[]){1, 3, 2, 3}, 1, x, NULL), IC_OK); /* the input's own shape */
    is(x, planes, 18, __LINE__);
    CHECK_EQ_INT(load(path, 1, (int32_t[]){17}, 0, x, &d), IC_ERR_ARG);
    CHECK(strstr(d.text, "the array has 18 values; input x (17) wants 17") != NULL);
}

TEST(broken_samples_name_the_file)
{
    float x[8];
    struct ic_diag d = {0};
    CHECK_EQ_INT(load(put("html.png", "<html>", 6), 1, (int32_t[]){6}, 0, x, &d), IC_ERR_FORMAT);
    CHECK(strncmp(d.text, in_folder("html.png"), strlen(in_folder("html.png"))) == 0);
    ic_diag_clear(&d);
    CHECK_EQ_INT(load(in_folder("absent"), 1, (int32_t[]){6}, 0, x, &d), IC_ERR_IO);
    CHECK_EQ_INT(load(folder, 1, (int32_t[]){6}, 0, x, NULL), IC_ERR_IO);
}

static char said[1000];
static void keep_line(void *user, char level, const char *text)
{
    (void)user;
    snprintf(said + strlen(said), sizeof said - strlen(said), "%c %s\n", level, text);
}

static enum ic_status read_list(const char *text, int32_t n_inputs, struct ic_calibration *out, struct ic_diag *d)
{
    static const struct ic_log log = {keep_line, NULL};
    *d = (struct ic_diag){.log = &log};
    said[0] = '\0';
    return ic_calibration_read(put("list.txt", text, strlen(text)), n_inputs, out, d);
}

TEST(a_list_with_everything_in_it)
{
    struct ic_calibration c;
    struct ic_diag d;
    put("g.pgm", grey_text, sizeof grey_text - 1);
    put("with blank.pgm", grey_text, sizeof grey_text - 1);
    put("b\xc3\xa4r.pgm", grey_text, sizeof grey_text - 1);
    CHECK_EQ_INT(read_list("\xef\xbb\xbfg.pgm\r\n\r\n  \t\nabsent.png\r\n\tg.pgm \n"
                           "with blank.pgm\nb\xc3\xa4r.pgm",
                           1, &c, &d),
                 IC_OK);
    char expected[600];
    snprintf(
        expected, sizeof expected,
        "W Can not find file: absent.png. This line will be ignored! (%s line 4; names are looked for in the current folder, then "
        "beside the list)\nW 2 blank line(s) in dataset file. Ignored!!! (%s)\n",
        in_folder("list.txt"), in_folder("list.txt"));
    CHECK_EQ_STR(said, expected);
    REQUIRE(c.n_samples == 4 && c.n_inputs == 1);
    CHECK_EQ_STR(c.paths[0], in_folder("g.pgm"));
    CHECK_EQ_STR(c.paths[2], in_folder("with blank.pgm"));
    CHECK_EQ_STR(c.paths[3], in_folder("b\xc3\xa4r.pgm"));
    CHECK_EQ_INT(c.lines[0], 1);
    CHECK_EQ_INT(c.lines[1], 5);
    CHECK_EQ_INT(c.lines[3], 7);
    ic_calibration_destroy(&c);
    ic_calibration_destroy(&c);
}

TEST(the_current_folder_comes_first)
{
    struct ic_calibration c;
    struct ic_diag d;
    char before[1000];
    put("here.pgm", grey_text, sizeof grey_text - 1);
    mkdir(in_folder("sub"), 0700);
    put("sub/here.pgm", grey_text, sizeof grey_text - 1);
    put("sub/list", "here.pgm\n", 9);
    REQUIRE(getcwd(before, sizeof before) != NULL && chdir(folder) == 0);
    d = (struct ic_diag){0};
    CHECK_EQ_INT(ic_calibration_read("sub/list", 1, &c, &d), IC_OK);
    CHECK_EQ_STR(c.paths[0], "here.pgm");
    ic_calibration_destroy(&c);
    unlink("here.pgm");
    CHECK_EQ_INT(ic_calibration_read("sub/list", 1, &c, &d), IC_OK);
    CHECK_EQ_STR(c.paths[0], "sub/here.pgm");
    ic_calibration_destroy(&c);
    REQUIRE(chdir(before) == 0);
}

TEST(several_inputs)
{
    struct ic_calibration c;
    struct ic_diag d;
    char wanted[300];
    put("g.pgm", grey_text, sizeof grey_text - 1);
    put("c.ppm", color_text, sizeof color_text - 1);
    CHECK_EQ_INT(read_list("g.pgm  c.ppm\nc.ppm\tg.pgm\nabsent c.ppm\n", 2, &c, &d), IC_OK);
    REQUIRE(c.n_samples == 2);
    CHECK_EQ_STR(c.paths[1], in_folder("c.ppm"));
    CHECK_EQ_STR(c.paths[2], in_folder("c.ppm"));
    CHECK_EQ_STR(c.paths[3], in_folder("g.pgm"));
    ic_calibration_destroy(&c);
    CHECK_EQ_INT(read_list("g.pgm c.ppm\ng.pgm\n", 2, &c, &d), IC_ERR_ARG);
    snprintf(wanted, sizeof wanted, "%s line 2: 1 file, the network has 2 inputs: one per input, separated by blanks",
             in_folder("list.txt"));
    CHECK_EQ_STR(d.text, wanted);
    CHECK_EQ_INT(read_list("g.pgm c.ppm\n", 1, &c, &d), IC_ERR_ARG);
}

TEST(nothing_to_calibrate_with)
{
    struct ic_calibration c;
    struct ic_diag d;
    char wanted[300];
    snprintf(wanted, sizeof wanted, "There is no valid data in the dataset: %s. Please check it.", in_folder("list.txt"));
    CHECK(read_list("", 1, &c, &d) != IC_OK);
    CHECK_EQ_STR(d.text, wanted);
    CHECK(read_list("\n\n", 1, &c, &d) != IC_OK);
    CHECK_EQ_STR(d.text, wanted);
    CHECK(read_list("absent\n", 1, &c, &d) != IC_OK);
    CHECK_EQ_STR(d.text, wanted);
    d = (struct ic_diag){0};
    CHECK_EQ_INT(ic_calibration_read(in_folder("absent"), 1, &c, &d), IC_ERR_IO);
    CHECK_EQ_INT(ic_calibration_read(put("list.bin", "a\0b", 3), 1, &c, NULL), IC_ERR_FORMAT);
}

TEST(zz_clean_up)
{
    static const char *const names[] = {"g.pgm",        "c.ppm",    "a.npy",    "html.png", "with blank.pgm", "b\xc3\xa4r.pgm",
                                        "sub/here.pgm", "sub/list", "list.txt", "list.bin", "e.ppm"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(in_folder(names[i]));
    rmdir(in_folder("sub"));
    CHECK_EQ_INT(rmdir(folder), 0);
}

TEST_MAIN()
