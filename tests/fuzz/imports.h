/* SPDX-License-Identifier: Apache-2.0
 *
 * What holds of every importer, whatever the bytes: a refusal has a reason, nothing is our own fault, and what is taken is a sound graph.
 */
#ifndef IC_TESTS_FUZZ_IMPORTS_H
#define IC_TESTS_FUZZ_IMPORTS_H

#include "import/import.h"

#include <stdio.h>

/* Imports with limits that keep a search fast; the caller sets those on work and depth. */
static inline void fuzz_import(const void *bytes, size_t size, const char *name, struct ic_import_options o)
{
    struct ic_diag d = {0};
    struct ic_graph *g = NULL;
    o.limits.max_total_bytes = (uint64_t)64 << 20;
    o.limits.max_nodes = 500;
    const enum ic_status s = ic_import(bytes, size, name, &o, &g, &d);
    if ((s != IC_OK && d.text[0] == 0) || s == IC_ERR_INTERNAL)
        __builtin_trap();
    if (s == IC_OK && ic_ir_verify(g, IC_STAGE_IMPORTED, &d) != IC_OK) {
        fprintf(stderr, "the imported graph is not sound: %s\n", d.text);
        __builtin_trap();
    }
    ic_graph_destroy(g);
}

static inline void fuzz_signature(const void *bytes, size_t size, const char *name)
{
    static struct ic_import_signature signature;
    struct ic_diag d = {0};
    if (ic_import_signature(bytes, size, name, NULL, &signature, &d) != IC_OK && d.text[0] == 0)
        __builtin_trap();
}

#endif
