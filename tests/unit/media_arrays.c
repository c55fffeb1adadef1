/* SPDX-License-Identifier: Apache-2.0
 *
 * .npy and .npz as NumPy writes them (tests/data/arrays) and the shared corpus.
 */
#define _GNU_SOURCE
#include "testing.h"

#include "media/npz.h"

#include <dirent.h>
#include <unistd.h>

static enum ic_status load(const char *name, struct ic_npy *out, struct ic_diag *d)
{
    char relative[200], path[1200];
    snprintf(relative, sizeof relative, "tests/data/arrays/%s", name);
    return ic_npy_load_f32(test_source_path(path, sizeof path, relative), out, d);
}

static void is_counting(const struct ic_npy *a, float first, const char *name)
{
    int bad = !CHECK(a->rank == 3 && a->dims[0] == 2 && a->dims[1] == 3 && a->dims[2] == 4 && a->elements == 24);
    for (size_t i = 0; i < a->elements && !bad; i++)
        bad = !CHECK(a->values[i] == first + (float)i);
    if (bad)
        printf("  %s\n", name);
}

TEST(every_type)
{
    static const char *const names[] = {"f2",       "f4",    "f8",    "i1",    "i2",         "i4",       "i8",
                                        "be_f4",    "be_f8", "be_i2", "be_i8", "fortran_f4", "version1", "version2",
                                        "version3", "u1",    "u2",    "u4",    "u8",         "be_u2"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[40];
        struct ic_npy a;
        struct ic_diag d = {0};
        snprintf(name, sizeof name, "%s.npy", names[i]);
        if (!CHECK(load(name, &a, &d) == IC_OK))
            printf("  %s\n", d.text);
        else
            is_counting(&a, strchr(name, 'u') ? 0.0f : -11.0f, name);
        ic_npy_destroy(&a);
    }
}

TEST(halves_widen_exactly)
{
    struct ic_npy half, single;
    REQUIRE(load("halves_f2.npy", &half, NULL) == IC_OK && load("halves_f4.npy", &single, NULL) == IC_OK);
    CHECK_EQ_INT(half.elements, 16);
    CHECK_EQ_MEM(half.values, single.values, 16 * sizeof(float));
    ic_npy_destroy(&half);
    ic_npy_destroy(&single);
}

TEST(odd_shapes)
{
    struct ic_npy a;
    CHECK_EQ_INT(load("scalar.npy", &a, NULL), IC_OK);
    CHECK(a.rank == 0 && a.elements == 1 && a.values[0] == 3.5f);
    ic_npy_destroy(&a);
    CHECK_EQ_INT(load("empty.npy", &a, NULL), IC_OK);
    CHECK(a.rank == 2 && a.elements == 0 && a.dims[0] == 0 && a.dims[1] == 3);
    ic_npy_destroy(&a);
    CHECK_EQ_INT(load("bool.npy", &a, NULL), IC_OK);
    CHECK(a.elements == 24 && a.values[0] == 1 && a.values[1] == 0 && a.values[3] == 1);
    ic_npy_destroy(&a);
}

TEST(what_is_not_numbers_is_refused_by_name)
{
    struct ic_npy a;
    struct ic_diag d = {0};
    CHECK_EQ_INT(load("complex.npy", &a, &d), IC_ERR_UNSUPPORTED);
    CHECK(strstr(d.text, "<c8") != NULL);
    ic_diag_clear(&d);
    CHECK(load("record.npy", &a, &d) != IC_OK && strstr(d.text, "records") != NULL);
    ic_diag_clear(&d);
    CHECK(load("object.npy", &a, &d) != IC_OK && d.text[0]);
    CHECK(a.values == NULL && a.elements == 0);
}

TEST(archives)
{
    static const char *const names[] = {"only_stored.npz", "only_deflated.npz", "two_stored.npz", "two_deflated.npz"};
    for (int i = 0; i < 4; i++) {
        struct ic_npy a;
        struct ic_diag d = {0};
        CHECK_EQ_INT(load(names[i], &a, &d), i < 2 ? IC_OK : IC_ERR_ARG);
        if (i < 2)
            is_counting(&a, -11.0f, names[i]);
        else
            CHECK(strstr(d.text, "x, y") != NULL);
        ic_npy_destroy(&a);
    }
}

static size_t read_file(const char *name, uint8_t *bytes, size_t room)
{
    char relative[200], path[1200];
    snprintf(relative, sizeof relative, "tests/data/arrays/%s", name);
    FILE *f = fopen(test_source_path(path, sizeof path, relative), "rb");
    const size_t n = f ? fread(bytes, 1, room, f) : 0;
    if (f)
        fclose(f);
    return n;
}

TEST(members_by_name)
{
    static uint8_t bytes[4096];
    for (int deflated = 0; deflated < 2; deflated++) {
        const size_t n = read_file(deflated ? "two_deflated.npz" : "two_stored.npz", bytes, sizeof bytes);
        struct ic_npy a;
        struct ic_diag d = {0};
        CHECK_EQ_INT(ic_npz_decode_f32(bytes, n, "file", "y", &a, &d), IC_OK);
        CHECK(a.rank == 1 && a.elements == 5 && a.values[4] == 4.0f);
        ic_npy_destroy(&a);
        CHECK_EQ_INT(ic_npz_decode_f32(bytes, n, "file", "z", &a, &d), IC_ERR_ARG);
        CHECK_EQ_STR(d.text, "file: npz: no array \"z\"; it holds: x, y");
    }
}

static void sweep(const char *name, size_t n_checked)
{
    static uint8_t bytes[4096];
    const size_t n = read_file(name, bytes, sizeof bytes);
    const int zip = strstr(name, ".npz") != NULL;
    REQUIRE(n > 0 && n < sizeof bytes);
    for (size_t cut = 0; cut < n; cut++) {
        struct ic_npy a;
        uint8_t *copy = malloc(cut ? cut : 1);
        REQUIRE(copy != NULL);
        memcpy(copy, bytes, cut);
        const enum ic_status status = zip ? ic_npz_decode_f32(copy, cut, "cut", NULL, &a, NULL)
                                          : ic_npy_decode_f32(copy, cut, "cut", &a, NULL);
        if (!CHECK(status != IC_OK))
            printf("  %s cut to %zu\n", name, cut);
        ic_npy_destroy(&a);
        free(copy);
    }
    for (size_t i = 0; i < n_checked && i < n; i++)
        for (int v = 0; v < 256; v++) { /* may be accepted; must do no harm */
            struct ic_npy a;
            uint8_t *copy = malloc(n);
            REQUIRE(copy != NULL);
            memcpy(copy, bytes, n);
            copy[i] = (uint8_t)v;
            const enum ic_status status = zip ? ic_npz_decode_f32(copy, n, "flip", NULL, &a, NULL)
                                              : ic_npy_decode_f32(copy, n, "flip", &a, NULL);
            CHECK((status == IC_OK) == (a.values != NULL));
            ic_npy_destroy(&a);
            free(copy);
        }
}

TEST(damage)
{
    sweep("f4.npy", 128);
    sweep("only_stored.npz", SIZE_MAX);
    sweep("only_deflated.npz", SIZE_MAX);
}

/* What the header must look like to the byte: NumPy's own file. */
TEST(written_as_numpy_does)
{
    static const int32_t dims[] = {2, 3, 4};
    static uint8_t wanted[4096], found[4096];
    float values[24];
    char path[] = "/tmp/inchip-npy-XXXXXX";
    const int fd = mkstemp(path);
    REQUIRE(fd >= 0);
    close(fd);
    for (int i = 0; i < 24; i++)
        values[i] = (float)(i - 11);
    CHECK_EQ_INT(ic_npy_write_f32(path, 3, dims, values, NULL), IC_OK);
    const size_t n = read_file("f4.npy", wanted, sizeof wanted);
    FILE *f = fopen(path, "rb");
    REQUIRE(f != NULL);
    CHECK_EQ_INT(fread(found, 1, sizeof found, f), n);
    fclose(f);
    CHECK_EQ_MEM(found, wanted, n);
    CHECK_EQ_INT(ic_npy_write_f32(path, 0, dims, values, NULL), IC_OK);
    CHECK_EQ_INT(ic_npy_write_f32(path, 1, dims, values, NULL), IC_OK);
    struct ic_npy a;
    CHECK_EQ_INT(ic_npy_load_f32(path, &a, NULL), IC_OK);
    CHECK(a.rank == 1 && a.dims[0] == 2 && a.values[1] == -10.0f);
    ic_npy_destroy(&a);
    CHECK_EQ_INT(ic_npy_write_f32(path, 9, dims, values, NULL), IC_ERR_ARG);
    unlink(path);
}

static int for_corpus(const char *folder, int good)
{
    int n = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        char path[1400];
        struct ic_npy a;
        struct ic_diag d = {0};
        if (e->d_name[0] == '.' || strcmp(e->d_name, "stored.npz") == 0 ||
            strcmp(e->d_name, "deflated.npz") == 0) /* two arrays each */
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        const enum ic_status status = ic_npy_load_f32(path, &a, &d);
        if (!CHECK((status == IC_OK) == good && (good || d.text[0])))
            printf("  %s %s\n", path, d.text);
        if (good && a.elements == 24 && strcmp(e->d_name, "bool.npy") != 0)
            is_counting(&a, e->d_name[0] == 'u' ? 0.0f : -11.0f, e->d_name);
        ic_npy_destroy(&a);
        n++;
    }
    if (dir)
        closedir(dir);
    return n;
}

TEST(corpus)
{
    char path[1200];
    if (!test_corpus_path(path, sizeof path, "arrays/good/f4.npy"))
        SKIP("no shared corpus");
    *strrchr(path, '/') = '\0';
    CHECK(for_corpus(path, 1) >= 20);
    strcpy(strrchr(path, '/'), "/bad");
    CHECK(for_corpus(path, 0) >= 8);
}

TEST_MAIN()
