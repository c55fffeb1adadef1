/* SPDX-License-Identifier: Apache-2.0
 *
 * Graph to graph, one pass a file, passes.def is the order. Verified after each pass.
 */
#ifndef IC_OPTIMIZE_OPTIMIZE_H
#define IC_OPTIMIZE_OPTIMIZE_H

#include "ir/graph.h"

struct ic_optimize_options {
    int level; /* 0 none but what later stages need, 3 all (default) */
    /* Called after each pass that changed something, for --trace; NULL: not. */
    void (*after)(void *user, const char *pass, const struct ic_graph *g);
    void *user;
};
enum ic_status ic_optimize(struct ic_graph *g, const struct ic_optimize_options *options, struct ic_diag *d) IC_MUST_USE;

/* One pass: PASS(name, level, sentence) in passes.def; ic_pass_<name> in optimize/<name>.c sets *changed. */
typedef enum ic_status ic_pass_fn(struct ic_graph *g, bool *changed, struct ic_diag *d);

#endif
