/* SPDX-License-Identifier: Apache-2.0
 *
 * The test harness: one header, nothing but libc, so that the same test runs natively, under a sanitizer and under qemu.
 *
 *     #include "testing.h"
 *     TEST(crc_of_nothing_is_zero) { CHECK_EQ_INT(ic_bytes_crc32("", 0), 0); }
 *     TEST_MAIN()
 *
 * A failed CHECK prints file, line and what it found, and the test goes on; every CHECK is an expression that says whether it held
 * (`if (!CHECK(p != NULL)) return;`), REQUIRE returns from the (void) function by itself. SKIP("why") ends a test that cannot run
 * here. The program prints `N passed, N failed` last (`, N skipped` when there are any; counts are tests, not checks) and exits 1
 * when something failed. Arguments: `--list`, or words: only tests whose names contain one of them run. */
#ifndef IC_TESTS_TESTING_H
#define IC_TESTS_TESTING_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct test_case {
    const char *name;
    void (*run)(void);
    struct test_case *next;
};

static struct test_case *test_first;
static struct test_case **test_end = &test_first;
static const struct test_case *test_now;
static int test_n_bad_checks; /* of the test that runs */
static const char *test_skip_reason;

static inline void test_register(struct test_case *t)
{
    *test_end = t;
    test_end = &t->next;
}

static inline int test_report(int ok, const char *file, int line, const char *text)
{
    if (!ok) {
        test_n_bad_checks++;
        printf("%s:%d: %s: %s is false\n", file, line, test_now ? test_now->name : "?", text);
    }
    return ok;
}

static inline int test_eq_int(long long a, long long b, const char *file, int line, const char *text_a, const char *text_b)
{
    if (a != b) {
        test_n_bad_checks++;
        printf("%s:%d: %s: %s is %lld (0x%llx), %s is %lld (0x%llx)\n", file, line, test_now ? test_now->name : "?", text_a, a,
               (unsigned long long)a, text_b, b, (unsigned long long)b);
    }
    return a == b;
}

static inline int test_eq_str(const char *a, const char *b, const char *file, int line, const char *text_a, const char *text_b)
{
    const int ok = a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
    if (!ok) {
        test_n_bad_checks++;
        printf("%s:%d: %s: %s is\n  \"%s\"\n%s is\n  \"%s\"\n", file, line, test_now ? test_now->name : "?", text_a,
               a ? a : "(null)", text_b, b ? b : "(null)");
    }
    return ok;
}

static inline int test_eq_mem(const void *a, const void *b, size_t size_bytes, const char *file, int line, const char *text)
{
    const unsigned char *x = (const unsigned char *)a;
    const unsigned char *y = (const unsigned char *)b;
    size_t i = 0;
    if (size_bytes != 0 && (x == NULL || y == NULL))
        return test_report(x == y, file, line, text);
    while (i < size_bytes && x[i] == y[i])
        i++;
    if (i == size_bytes)
        return 1;
    test_n_bad_checks++;
    printf("%s:%d: %s: %s: first difference at byte %zu of %zu:", file, line, test_now ? test_now->name : "?", text, i, size_bytes);
    for (size_t k = i; k < size_bytes && k < i + 8; k++)
        printf(" %02x", x[k]);
    printf(" against");
    for (size_t k = i; k < size_bytes && k < i + 8; k++)
        printf(" %02x", y[k]);
    printf("\n");
    return 0;
}

/* NaN is near nothing. */
static inline int test_near(double a, double b, double tol, const char *file, int line, const char *text_a, const char *text_b)
{
    const double d = a > b ? a - b : b - a;
    const int ok = a == b || d <= tol; /* a == b: infinities */
    if (!ok) {
        test_n_bad_checks++;
        printf("%s:%d: %s: %s is %.17g, %s is %.17g, further apart than %.3g\n", file, line, test_now ? test_now->name : "?",
               text_a, a, text_b, b, tol);
    }
    return ok;
}

#define TEST(id)                                                                                                                   \
    static void test_fn_##id(void);                                                                                                \
    static struct test_case test_case_##id = {#id, test_fn_##id, NULL};                                                            \
    __attribute__((constructor)) static void test_register_##id(void)                                                              \
    {                                                                                                                              \
        test_register(&test_case_##id);                                                                                            \
    }                                                                                                                              \
    static void test_fn_##id(void)

#define CHECK(cond) test_report((cond) ? 1 : 0, __FILE__, __LINE__, #cond)
#define CHECK_EQ_INT(a, b) test_eq_int((long long)(a), (long long)(b), __FILE__, __LINE__, #a, #b)
#define CHECK_EQ_STR(a, b) test_eq_str((a), (b), __FILE__, __LINE__, #a, #b)
#define CHECK_EQ_MEM(a, b, size_bytes) test_eq_mem((a), (b), (size_bytes), __FILE__, __LINE__, #a " and " #b)
#define CHECK_NEAR(a, b, tol) test_near((double)(a), (double)(b), (double)(tol), __FILE__, __LINE__, #a, #b)
#define REQUIRE(cond)                                                                                                              \
    do {                                                                                                                           \
        if (!CHECK(cond))                                                                                                          \
            return;                                                                                                                \
    } while (0)
#define SKIP(reason)                                                                                                               \
    do {                                                                                                                           \
        test_skip_reason = (reason);                                                                                               \
        return;                                                                                                                    \
    } while (0)

/* A file of the repository (tests/golden/..., examples/...): written to `out`, which is returned. The root is a build definition and
 * can be moved with INCHIP_SOURCE_DIR in the environment. */
#ifndef TEST_SOURCE_DIR
#define TEST_SOURCE_DIR "."
#endif
static inline const char *test_source_path(char *out, size_t out_bytes, const char *relative)
{
    const char *root = getenv("INCHIP_SOURCE_DIR");
    snprintf(out, out_bytes, "%s/%s", root != NULL && *root != '\0' ? root : TEST_SOURCE_DIR, relative);
    return out;
}

/* A file of the shared corpus (INCHIP_CORPUS, else ../shared/data beside the repository); NULL when it is not there:
 *     const char *path = test_corpus_path(buf, sizeof buf, "digits/7.png");  if (path == NULL) SKIP("no shared corpus"); */
static inline const char *test_corpus_path(char *out, size_t out_bytes, const char *relative)
{
    const char *corpus = getenv("INCHIP_CORPUS");
    FILE *f;
    if (corpus != NULL && *corpus != '\0')
        snprintf(out, out_bytes, "%s/%s", corpus, relative);
    else {
        const char *root = getenv("INCHIP_SOURCE_DIR");
        snprintf(out, out_bytes, "%s/../shared/data/%s", root != NULL && *root != '\0' ? root : TEST_SOURCE_DIR, relative);
    }
    f = fopen(out, "rb");
    if (f == NULL)
        return NULL;
    fclose(f);
    return out;
}

static inline int test_selected(const char *name, int argc, char **argv)
{
    int i;
    for (i = 1; i < argc; i++)
        if (strstr(name, argv[i]) != NULL)
            return 1;
    return argc < 2;
}

static inline int test_main(int argc, char **argv)
{
    int n_passed = 0, n_failed = 0, n_skipped = 0;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* a crash must not swallow the lines before it */
    if (argc > 1 && strcmp(argv[1], "--list") == 0) {
        for (const struct test_case *t = test_first; t != NULL; t = t->next)
            printf("%s\n", t->name);
        return 0;
    }
    for (const struct test_case *t = test_first; t != NULL; t = t->next) {
        if (!test_selected(t->name, argc, argv))
            continue;
        test_now = t;
        test_n_bad_checks = 0;
        test_skip_reason = NULL;
        if (getenv("INCHIP_TEST_VERBOSE") != NULL)
            printf("- %s\n", t->name);
        t->run();
        if (test_n_bad_checks != 0) {
            printf("FAILED %s (%d checks)\n", t->name, test_n_bad_checks);
            n_failed++;
        } else if (test_skip_reason != NULL) {
            printf("skipped %s: %s\n", t->name, test_skip_reason);
            n_skipped++;
        } else
            n_passed++;
    }
    printf("%d passed, %d failed", n_passed, n_failed);
    if (n_skipped != 0)
        printf(", %d skipped", n_skipped);
    printf("\n");
    return n_failed == 0 ? 0 : 1;
}

#define TEST_MAIN()                                                                                                                \
    int main(int argc, char **argv)                                                                                                \
    {                                                                                                                              \
        return test_main(argc, argv);                                                                                              \
    }

#endif
