/* SPDX-License-Identifier: Apache-2.0
 *
 * PNG, BMP and PNM against tests/data/media (pixels computed by its generator) and the shared corpus (expect/: by another decoder).
 */
#include "testing.h"

#include "inchip/media.h"
#include "inchip/status.h"
#include "media/image.h"
#include "media/npy.h"

#include <dirent.h>

static uint8_t *read_whole(const char *path, size_t *out_size)
{
    FILE *f = fopen(path, "rb");
    *out_size = 0;
    if (!f)
        return NULL;
    fseek(f, 0, SEEK_END);
    const long n = ftell(f);
    rewind(f);
    uint8_t *bytes = malloc(n > 0 ? (size_t)n : 1); /* exact: a sanitizer sees the first byte too many */
    if (bytes && n >= 0)
        *out_size = fread(bytes, 1, (size_t)n, f);
    fclose(f);
    return bytes;
}

static int ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* Calls each(path, bytes, size) for every file of a folder; returns their number. */
static int for_each(const char *folder, void (*each)(const char *path, const uint8_t *bytes, size_t size))
{
    int n = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        char path[1200];
        size_t size = 0;
        if (e->d_name[0] == '.' || ends_with(e->d_name, ".raw"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        uint8_t *bytes = read_whole(path, &size);
        if (CHECK(bytes != NULL)) {
            each(path, bytes, size);
            n++;
        }
        free(bytes);
    }
    if (dir)
        closedir(dir);
    return n;
}

static void equals_raw(const char *path, const uint8_t *bytes, size_t size)
{
    char raw_path[1300];
    size_t raw_size = 0;
    struct ic_image image;
    struct ic_diag d = {0};
    int w = 0, h = 0;
    snprintf(raw_path, sizeof raw_path, "%s.raw", path);
    uint8_t *raw = read_whole(raw_path, &raw_size);
    const char *sizes = strrchr(path, '_');
    if (!CHECK(raw != NULL && sizes != NULL && sscanf(sizes, "_%dx%d.", &w, &h) == 2)) {
        free(raw);
        return;
    }
    const size_t n = (size_t)w * (size_t)h, channels = raw_size / n;
    if (!CHECK(ic_image_decode(bytes, size, 3, &image, &d) == IC_OK))
        printf("  %s: %s\n", path, d.text);
    else {
        CHECK_EQ_INT(image.width, w);
        CHECK_EQ_INT(image.height, h);
        size_t n_wrong = image.width != w || image.height != h;
        for (size_t i = 0; i < 3 * n && !n_wrong; i++)
            n_wrong += image.pixels[i] != raw[channels == 1 ? i / 3 : i];
        if (!CHECK(n_wrong == 0))
            printf("  %s\n", path);
    }
    ic_image_destroy(&image);
    REQUIRE(ic_image_decode(bytes, size, 1, &image, &d) == IC_OK);
    for (size_t i = 0; i < n; i++) { /* libjpeg's and PIL's rule, from its text */
        const unsigned grey = channels == 1
                                  ? raw[i]
                                  : (19595u * raw[3 * i] + 38470u * raw[3 * i + 1] + 7471u * raw[3 * i + 2] + 0x8000u) >> 16;
        if (!CHECK(image.pixels[i] == grey)) {
            printf("  %s: grey pixel %zu is %u, want %u\n", path, i, image.pixels[i], grey);
            break;
        }
    }
    ic_image_destroy(&image);
    free(raw);
}

TEST(every_variant_has_its_pixels)
{
    char folder[1000];
    CHECK_EQ_INT(for_each(test_source_path(folder, sizeof folder, "tests/data/media"), equals_raw), 51);
}

static void damaged_is_refused(const char *path, const uint8_t *bytes, size_t size)
{
    if (!ends_with(path, ".png"))
        return;
    for (size_t cut = 0; cut < size; cut++) {
        struct ic_image image;
        struct ic_diag d = {0};
        uint8_t *copy = malloc(cut ? cut : 1);
        REQUIRE(copy != NULL);
        memcpy(copy, bytes, cut);
        if (!CHECK(ic_image_decode(copy, cut, 0, &image, &d) != IC_OK && d.text[0] != '\0' && image.pixels == NULL))
            printf("  %s cut to %zu bytes\n", path, cut);
        free(copy);
    }
    for (size_t bit = 0; bit < 8 * size; bit++) {
        struct ic_image image;
        uint8_t *copy = malloc(size);
        REQUIRE(copy != NULL);
        memcpy(copy, bytes, size);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (!CHECK(ic_image_decode(copy, size, 0, &image, NULL) != IC_OK && image.pixels == NULL))
            printf("  %s with bit %zu flipped\n", path, bit);
        ic_image_destroy(&image);
        free(copy);
    }
}

/* Every bit of a PNG is under some checksum. */
TEST(cut_or_flipped_png_is_refused)
{
    char folder[1000];
    for_each(test_source_path(folder, sizeof folder, "tests/data/media"), damaged_is_refused);
}

static void damaged_does_not_crash(const char *path, const uint8_t *bytes, size_t size)
{
    if (ends_with(path, ".png"))
        return;
    for (size_t i = 0; i < size; i++)
        for (int v = 0; v < 256; v += i < 60 ? 1 : 85) {
            struct ic_image image;
            uint8_t *copy = malloc(size);
            REQUIRE(copy != NULL);
            memcpy(copy, bytes, size);
            copy[i] = (uint8_t)v;
            const enum ic_status status = ic_image_decode(copy, size - (size_t)v % 2, 0, &image, NULL);
            CHECK((status == IC_OK) == (image.pixels != NULL));
            ic_image_destroy(&image);
            free(copy);
        }
}

TEST(damaged_bmp_and_pnm_do_no_harm)
{
    char folder[1000];
    for_each(test_source_path(folder, sizeof folder, "tests/data/media"), damaged_does_not_crash);
}

static void corpus_file(const char *path, const uint8_t *bytes, size_t size)
{
    char expect[1400];
    const char *name = strrchr(path, '/') + 1;
    struct ic_image image = {0};
    struct ic_npy wanted = {0};
    struct ic_diag d = {0};
    if (ends_with(name, ".jpg"))
        return;
    snprintf(expect, sizeof expect, "%.*s../expect/%s.npy", (int)(name - path), path, name);
    if (!CHECK(ic_npy_load_f32(expect, &wanted, &d) == IC_OK && ic_image_decode(bytes, size, 0, &image, &d) == IC_OK))
        printf("  %s: %s\n", path, d.text);
    else if (CHECK(wanted.rank == 3 && wanted.dims[0] == image.height && wanted.dims[1] == image.width)) {
        const size_t theirs = (size_t)wanted.dims[2], ours = (size_t)image.channels; /* alpha is left out */
        const int wide = strstr(name, "16") != NULL;
        size_t n_wrong = ours != (theirs < 3 ? 1 : 3);
        for (size_t i = 0; i < (size_t)image.width * (size_t)image.height && !n_wrong; i++)
            for (size_t c = 0; c < ours; c++)
                n_wrong += image.pixels[i * ours + c] != ((unsigned)wanted.values[i * theirs + c] >> (wide ? 8 : 0));
        if (!CHECK(n_wrong == 0))
            printf("  %s\n", path);
    }
    ic_npy_destroy(&wanted);
    ic_image_destroy(&image);
}

static const char *corpus_folder(char *out, size_t out_bytes, const char *one_file)
{
    if (test_corpus_path(out, out_bytes, one_file) == NULL)
        return NULL;
    *strrchr(out, '/') = '\0';
    return out;
}

TEST(corpus_pictures_have_the_expected_samples)
{
    char folder[1000];
    if (!corpus_folder(folder, sizeof folder, "images/good/g8.png"))
        SKIP("no shared corpus");
    CHECK(for_each(folder, corpus_file) > 50);
}

static void is_refused(const char *path, const uint8_t *bytes, size_t size)
{
    struct ic_image image;
    struct ic_diag d = {0};
    if (!CHECK(ic_image_decode(bytes, size, 0, &image, &d) != IC_OK && d.text[0] != '\0'))
        printf("  %s\n", path);
    ic_image_destroy(&image);
}

TEST(corpus_bad_pictures_are_refused)
{
    char folder[1000];
    if (!corpus_folder(folder, sizeof folder, "images/bad/empty.png"))
        SKIP("no shared corpus");
    CHECK(for_each(folder, is_refused) > 30);
}

TEST(public_calls)
{
    char path[1000], error[200] = "x";
    inchip_image image;
    CHECK_EQ_INT(inchip_image_load(test_source_path(path, sizeof path, "tests/data/media/p5_max255_5x4.pgm"), 3, &image, error,
                                   sizeof error),
                 INCHIP_OK);
    CHECK_EQ_STR(error, "");
    CHECK(image.width == 5 && image.height == 4 && image.channels == 3 && image.pixels[0] == image.pixels[2]);
    inchip_image_free(&image);
    CHECK(image.pixels == NULL);
    inchip_image_free(&image);
    inchip_image_free(NULL);
    CHECK_EQ_INT(inchip_image_load_memory("P2 2 1 9 0 9", 12, 0, &image, NULL, 0), INCHIP_OK);
    CHECK(image.channels == 1 && image.pixels[0] == 0 && image.pixels[1] == 255);
    inchip_image_free(&image);
    CHECK_EQ_INT(inchip_image_load("absent.png", 0, &image, error, sizeof error), INCHIP_ERR_IO);
    CHECK_EQ_STR(error, "absent.png: cannot be opened: No such file or directory [IC-E0401]");
    CHECK_EQ_INT(inchip_image_load_memory("P2 2 1 9 0 9", 12, 4, &image, error, sizeof error), INCHIP_ERR_ARG);
    CHECK_EQ_INT(inchip_image_load_memory("P2 2 1 9 0", 10, 1, &image, error, 10), INCHIP_ERR_MODEL);
    CHECK_EQ_INT(strlen(error), 9);
    CHECK(image.pixels == NULL && image.width == 0);
    CHECK_EQ_INT(inchip_image_load_memory(NULL, 0, 1, &image, error, sizeof error), INCHIP_ERR_FORMAT);
    CHECK_EQ_INT(inchip_image_load_memory("\xff\xd8\xff\xe0", 4, 1, &image, error, sizeof error), INCHIP_ERR_FORMAT);
    CHECK(strstr(error, "JPEG") != NULL);
}

TEST_MAIN()
