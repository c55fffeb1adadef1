/* SPDX-License-Identifier: Apache-2.0
 *
 * Every graph of tests/golden/passes parsed, optimized, printed, written, read and lowered with the n-th allocation (and all after it)
 * failing, n = 1, 2, ... until nothing fails.
 */
#define _POSIX_C_SOURCE 200809L
#include "testing.h"

#include "base/alloc.h"
#include "base/file.h"
#include "ops/op.h"
#include "optimize/optimize.h"

#include <dirent.h>

static enum ic_status read_back(const struct ic_writer *bytes, const struct ic_writer *consts, struct ic_diag *d)
{
    struct ic_graph *g = NULL;
    struct ic_lowered lowered;
    enum ic_status status = ic_ir_decode(bytes->bytes, bytes->size_bytes, consts->bytes, consts->size_bytes, &g, d);
    if (status == IC_OK)
        status = ic_ops_lower_graph(g, &lowered, d);
    if (status == IC_OK)
        ic_ops_lowered_destroy(&lowered);
    ic_graph_destroy(g);
    return status;
}

static enum ic_status run(const char *text, size_t text_bytes, struct ic_diag *d)
{
    const struct ic_optimize_options options = {.level = 3};
    struct ic_graph *g = NULL;
    struct ic_writer printed = {0}, bytes = {0}, consts = {0};
    enum ic_status status = ic_ir_parse(text, text_bytes, &g, d);
    if (status == IC_OK)
        status = ic_optimize(g, &options, d);
    if (status == IC_OK) {
        ic_ir_print(g, true, &printed);
        if (printed.failed)
            status = ic_fail(d, IC_ERR_MEMORY, "no memory to print");
    }
    if (status == IC_OK)
        status = ic_ir_encode(g, &bytes, &consts, d);
    if (status == IC_OK)
        status = read_back(&bytes, &consts, d);
    ic_writer_destroy(&printed);
    ic_writer_destroy(&bytes);
    ic_writer_destroy(&consts);
    ic_graph_destroy(g);
    return status;
}

/* How many allocations there were. */
static uint64_t sweep(const char *name, const char *text, size_t text_bytes)
{
    struct ic_diag d = {0};
    ic_fault_set(0);
    if (!CHECK_EQ_INT(run(text, text_bytes, &d), IC_OK)) {
        printf("  %s without faults: %s\n", name, d.text);
        return 0;
    }
    for (uint64_t n = 1;; n++) {
        d = (struct ic_diag){0};
        ic_fault_set(n);
        const enum ic_status status = run(text, text_bytes, &d);
        const bool failed_some = ic_fault_count() >= n;
        ic_fault_set(0);
        if (!CHECK(status == IC_OK || (status == IC_ERR_MEMORY && d.text[0] != 0)))
            printf("  %s, allocation %llu: %s, '%s'\n", name, (unsigned long long)n, ic_status_name(status), d.text);
        if (!failed_some)
            return n - 1;
    }
}

TEST(graphs_of_all_passes)
{
    char folder[1024], path[2048];
    struct dirent **names = NULL;
    uint64_t total = 0;
    const int n = scandir(test_source_path(folder, sizeof folder, "tests/golden/passes"), &names, NULL, alphasort);
    CHECK(n > 0);
    for (int i = 0; i < n; i++) {
        struct ic_file_map map = {0};
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (strstr(path, ".txt") && CHECK(ic_file_map_open(path, &map, NULL) == IC_OK))
            total += sweep(names[i]->d_name, (const char *)map.bytes, map.size_bytes);
        ic_file_map_close(&map);
        free(names[i]);
    }
    free(names);
    printf("%llu allocations\n", (unsigned long long)total);
    CHECK(total > 300);
}

TEST_MAIN()
