/* SPDX-License-Identifier: Apache-2.0
 *
 * What a library prints on stdout, for tests that look at it.
 */
#ifndef IC_TESTS_CAPTURED_H
#define IC_TESTS_CAPTURED_H

#include "testing.h"

#include <unistd.h>

static char printed[65536];
static int saved_stdout = -1;
static FILE *capture;
static int n_bad_before;

static inline void print_to_memory(void)
{
    fflush(stdout);
    n_bad_before = test_n_bad_checks;
    saved_stdout = dup(1);
    capture = tmpfile();
    if (!capture || dup2(fileno(capture), 1) < 0)
        exit(1);
}

/* What was printed since print_to_memory; valid until the next call. */
static inline const char *what_was_printed(void)
{
    fflush(stdout);
    dup2(saved_stdout, 1);
    close(saved_stdout);
    rewind(capture);
    printed[fread(printed, 1, sizeof printed - 1, capture)] = '\0';
    fclose(capture);
    if (test_n_bad_checks != n_bad_before) /* a check failed meanwhile: its line is in there */
        printf("%s", printed);
    return printed;
}

#endif
