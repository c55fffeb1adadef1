/* SPDX-License-Identifier: Apache-2.0
 *
 * JPEG; host only (which the build sees by jpeglib.h). The files made here come from libjpeg's own writer, expected samples of the corpus
 * from libjpeg-turbo through another program.
 */
#include "testing.h"

#include "base/file.h"
#include "media/jpeg.h"
#include "media/npy.h"

#include <dirent.h>

#include <jpeglib.h>

/* A picture whose columns go from dark to light, 40 x 24. */
static size_t make_jpeg(int channels, unsigned char **out)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    unsigned long size = 0;
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, out, &size);
    c.image_width = 40;
    c.image_height = 24;
    c.input_components = channels;
    c.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, 95, TRUE);
    jpeg_start_compress(&c, TRUE);
    while (c.next_scanline < c.image_height) {
        JSAMPLE row[120];
        JSAMPROW rows[1] = {row};
        for (int i = 0; i < 40 * channels; i++)
            row[i] = (JSAMPLE)(i / channels * 6);
        jpeg_write_scanlines(&c, rows, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    return size;
}

TEST(grey_and_color_both_ways)
{
    for (int channels = 1; channels <= 3; channels += 2)
        for (int want = 0; want <= 3; want += want ? 2 : 1) {
            unsigned char *bytes = NULL;
            struct ic_image image;
            struct ic_diag d = {0};
            const size_t n = make_jpeg(channels, &bytes);
            CHECK_EQ_INT(ic_jpeg_decode(bytes, n, want, &image, &d), IC_OK);
            CHECK(image.width == 40 && image.height == 24 && image.channels == (want ? want : channels));
            for (int i = 0; i < 40 * 24 * image.channels; i++)
                CHECK_NEAR(image.pixels[i], i / image.channels % 40 * 6, 3);
            ic_image_destroy(&image);
            free(bytes);
        }
}

TEST(a_cut_file_is_refused)
{
    unsigned char *bytes = NULL;
    const size_t n = make_jpeg(3, &bytes);
    for (size_t cut = 0; cut + 2 < n; cut++) {
        struct ic_image image;
        struct ic_diag d = {0};
        unsigned char *copy = malloc(cut ? cut : 1);
        REQUIRE(copy != NULL);
        memcpy(copy, bytes, cut);
        if (!CHECK(ic_jpeg_decode(copy, cut, 0, &image, &d) != IC_OK && d.text[0] && !image.pixels))
            printf("  cut to %zu of %zu\n", cut, n);
        free(copy);
    }
    for (size_t i = 0; i < n; i++) /* flips may pass: there is no checksum */
        for (int bit = 0; bit < 8; bit++) {
            struct ic_image image;
            bytes[i] ^= (unsigned char)(1 << bit);
            const enum ic_status status = ic_jpeg_decode(bytes, n, 1, &image, NULL);
            CHECK((status == IC_OK) == (image.pixels != NULL));
            ic_image_destroy(&image);
            bytes[i] ^= (unsigned char)(1 << bit);
        }
    free(bytes);
}

static void expected(const char *folder, const char *name)
{
    char path[1400], expect[1400];
    struct ic_file_map map;
    struct ic_image image = {0};
    struct ic_npy wanted = {0};
    struct ic_diag d = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(expect, sizeof expect, "%s/../expect/%s.npy", folder, name);
    if (!CHECK(ic_file_map_open(path, &map, &d) == IC_OK && ic_npy_load_f32(expect, &wanted, &d) == IC_OK &&
               ic_jpeg_decode(map.bytes, map.size_bytes, 0, &image, &d) == IC_OK))
        printf("  %s\n", d.text);
    else if (wanted.dims[2] == image.channels) { /* the CMYK sample is kept as ink there */
        int n_far = wanted.dims[0] != image.height || wanted.dims[1] != image.width;
        for (size_t i = 0; i < wanted.elements && !n_far; i++)
            n_far = image.pixels[i] > wanted.values[i] + 3 || image.pixels[i] < wanted.values[i] - 3;
        if (!CHECK(n_far == 0))
            printf("  %s\n", path);
    } else
        for (size_t i = 0; i < wanted.elements / 4; i++)
            for (size_t c = 0; c < 3; c++)
                CHECK_NEAR(image.pixels[3 * i + c], (255 - wanted.values[4 * i + c]) * (255 - wanted.values[4 * i + 3]) / 255, 1);
    ic_image_destroy(&image);
    ic_npy_destroy(&wanted);
    ic_file_map_close(&map);
}

TEST(corpus)
{
    char folder[1000];
    int n = 0;
    if (!test_corpus_path(folder, sizeof folder, "images/good/cmyk.jpg"))
        SKIP("no shared corpus");
    *strrchr(folder, '/') = '\0';
    DIR *dir = opendir(folder);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
        if (strstr(e->d_name, ".jpg")) {
            expected(folder, e->d_name);
            n++;
        }
    if (dir)
        closedir(dir);
    CHECK(n > 15);
}

TEST(corpus_bad)
{
    char folder[1000];
    int n = 0;
    if (!test_corpus_path(folder, sizeof folder, "images/bad/jpg_bomb.jpg"))
        SKIP("no shared corpus");
    *strrchr(folder, '/') = '\0';
    DIR *dir = opendir(folder);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        char path[1400];
        struct ic_file_map map;
        struct ic_image image;
        struct ic_diag d = {0};
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (!strstr(path, ".jpg") || !CHECK(ic_file_map_open(path, &map, &d) == IC_OK))
            continue;
        if (!CHECK(ic_jpeg_decode(map.bytes, map.size_bytes, 0, &image, &d) != IC_OK && d.text[0] && !image.pixels))
            printf("  %s\n", path);
        ic_file_map_close(&map);
        n++;
    }
    if (dir)
        closedir(dir);
    CHECK(n > 5);
}

TEST_MAIN()
