/* SPDX-License-Identifier: Apache-2.0
 *
 * Goes through passes.def until nothing changes, sweeping and verifying after each pass that changed something.
 */
#include "optimize/optimize.h"

#include "optimize/late_weights.h"

struct pass {
    const char *name;
    int level;
    ic_pass_fn *run;
};

#define PASS(name, level, sentence) ic_pass_fn ic_pass_##name;
#define FINAL(name, level, sentence) ic_pass_fn ic_pass_##name;
#include "optimize/passes.def"
#undef PASS
#undef FINAL

static const struct pass passes[] = {
#define PASS(name, level, sentence) {#name, level, ic_pass_##name},
#define FINAL(name, level, sentence)
#include "optimize/passes.def"
#undef PASS
#undef FINAL
};

static const struct pass final_passes[] = {
#define PASS(name, level, sentence)
#define FINAL(name, level, sentence) {#name, level, ic_pass_##name},
#include "optimize/passes.def"
#undef PASS
#undef FINAL
};

/* More than any network needs: each round removes or moves something towards an end. */
#define MAX_ROUNDS 64

static enum ic_status run_list(struct ic_graph *g, const struct pass *list, size_t n, const struct ic_optimize_options *o,
                               bool *any, struct ic_diag *d)
{
    for (size_t i = 0; i < n; i++) {
        bool changed = false;
        if (list[i].level > o->level)
            continue;
        IC_TRY(list[i].run(g, &changed, d));
        if (!changed)
            continue;
        *any = true;
        ic_graph_compact(g);
        IC_TRY(ic_ir_verify(g, IC_STAGE_IMPORTED, d));
        if (o->after)
            o->after(o->user, list[i].name, g);
    }
    return IC_OK;
}

enum ic_status ic_optimize(struct ic_graph *g, const struct ic_optimize_options *options, struct ic_diag *d)
{
    bool any = true;
    IC_TRY(ic_opt_late_weights(g, d));
    ic_graph_compact(g);
    IC_TRY(ic_ir_verify(g, IC_STAGE_IMPORTED, d));
    for (int round = 0; any && round < MAX_ROUNDS; round++) {
        any = false;
        IC_TRY(run_list(g, passes, sizeof passes / sizeof *passes, options, &any, d));
    }
    IC_TRY(run_list(g, final_passes, sizeof final_passes / sizeof *final_passes, options, &any, d));
    return ic_ir_verify(g, IC_STAGE_OPTIMIZED, d);
}
