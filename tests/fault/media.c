/* SPDX-License-Identifier: Apache-2.0
 *
 * Pictures, arrays and lists with the n-th allocation (and all after it) failing: IC_ERR_MEMORY with a sentence and nothing owned, or success.
 */
#define _GNU_SOURCE
#include "testing.h"

#include "base/alloc.h"
#include "media/calibration.h"
#include "media/npz.h"
#include "media/resize.h"
#include "media/sample.h"

#include <unistd.h>

static enum ic_status load_picture(const char *path, struct ic_diag *d)
{
    struct ic_image image, half;
    enum ic_status status = ic_image_load(path, 3, &image, d);
    if (status == IC_OK)
        status = ic_image_resize(&image, 3, 2, IC_RESIZE_AREA, &half, d);
    if (status == IC_OK)
        ic_image_destroy(&half);
    ic_image_destroy(&image);
    return status;
}

static enum ic_status load_array(const char *path, struct ic_diag *d)
{
    struct ic_npy a;
    const enum ic_status status = ic_npy_load_f32(path, &a, d);
    ic_npy_destroy(&a);
    return status;
}

static enum ic_status load_sample(const char *path, struct ic_diag *d)
{
    float x[24];
    const struct ic_sample_spec spec = {.name = "x", .rank = 1, .dims = (const int32_t[]){24}};
    return ic_sample_load(path, &spec, x, d);
}

static enum ic_status write_array(const char *path, struct ic_diag *d)
{
    static const float values[6] = {0};
    (void)path;
    return ic_npy_write_f32("/dev/null", 2, (const int32_t[]){2, 3}, values, d);
}

static enum ic_status read_list(const char *path, struct ic_diag *d)
{
    struct ic_calibration c;
    char list[] = "/tmp/inchip-list-XXXXXX";
    const int fd = mkstemp(list);
    const size_t n = strlen(path);
    if (fd < 0 || write(fd, path, n) != (ssize_t)n || close(fd) != 0)
        abort();
    const enum ic_status status = ic_calibration_read(list, 1, &c, d);
    if (status == IC_OK)
        ic_calibration_destroy(&c);
    unlink(list);
    return status;
}

static void until_nothing_fails(const char *relative, enum ic_status (*call)(const char *path, struct ic_diag *d))
{
    char path[1200];
    test_source_path(path, sizeof path, relative);
    for (uint64_t n = 1; n < 1000; n++) {
        struct ic_diag d = {0};
        ic_fault_set(n);
        const enum ic_status status = call(path, &d);
        ic_fault_set(0);
        if (status == IC_OK) {
            CHECK(n > 1); /* something was allocated at all */
            return;
        }
        if (!CHECK(status == IC_ERR_MEMORY && d.text[0] != '\0')) {
            printf("  %s, allocation %d: %s %s\n", relative, (int)n, ic_status_name(status), d.text);
            return;
        }
    }
    const bool ended = false;
    CHECK(ended);
}

TEST(pictures)
{
    until_nothing_fails("tests/data/media/p5_max255_5x4.pgm", load_picture);
    until_nothing_fails("tests/data/media/bits8_5x3.bmp", load_picture);
    until_nothing_fails("tests/data/media/color0_depth8_1x3.png", load_picture);
    until_nothing_fails("tests/data/media/color3_depth8_adam7_5x9.png", load_picture);
}

TEST(arrays)
{
    until_nothing_fails("tests/data/arrays/f4.npy", load_array);
    until_nothing_fails("tests/data/arrays/only_stored.npz", load_array);
    until_nothing_fails("tests/data/arrays/only_deflated.npz", load_array);
    until_nothing_fails("", write_array);
}

TEST(samples_and_lists)
{
    until_nothing_fails("tests/data/arrays/f4.npy", load_sample);
    until_nothing_fails("tests/data/arrays/f4.npy", read_list);
}

TEST_MAIN()
