/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a fuzz target over every file of the folders (or files) given, without a fuzzer. An input that crashes ends the program: its
 * name was printed last. Ends with `N passed, N failed`.
 */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int n_passed, n_failed;

static void fail(const char *path, const char *why)
{
    printf("%s: %s\n", path, why);
    n_failed++;
}

static void replay_file(const char *path, size_t size_bytes)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(size_bytes ? size_bytes : 1); /* exact, so that a sanitizer sees the first byte too many */
    if (f == NULL || data == NULL || fread(data, 1, size_bytes, f) != size_bytes)
        fail(path, "cannot be read");
    else {
        fprintf(stderr, "%s\n", path);
        if (LLVMFuzzerTestOneInput(data, size_bytes) == 0)
            n_passed++;
        else
            fail(path, "the target did not return 0");
    }
    free(data);
    if (f != NULL)
        fclose(f);
}

static void replay(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        fail(path, "not there");
        return;
    }
    if (!S_ISDIR(st.st_mode)) {
        replay_file(path, (size_t)st.st_size);
        return;
    }
    struct dirent **names = NULL;
    const int n = scandir(path, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char child[4096];
        if (names[i]->d_name[0] != '.' && snprintf(child, sizeof child, "%s/%s", path, names[i]->d_name) < (int)sizeof child)
            replay(child);
        free(names[i]);
    }
    free(names);
}

int main(int argc, char **argv)
{
    static const uint8_t nothing[1] = {0};
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (LLVMFuzzerTestOneInput(nothing, 0) == 0)
        n_passed++;
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    printf("%d passed, %d failed\n", n_passed, n_failed);
    return n_failed == 0 ? 0 : 1;
}
