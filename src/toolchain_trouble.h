/* SPDX-License-Identifier: Apache-2.0
 *
 * Where NaN and infinities arise first in a run.
 */
#ifndef IC_TOOLCHAIN_TROUBLE_H
#define IC_TOOLCHAIN_TROUBLE_H

#include "toolchain.h"

struct ic_trouble {
    const struct ic_program *program;
    const struct ic_sim *sim; /* NULL: on the host, which counts no overflows */
    bool found;
    char text[512]; /* one sentence */
};

/* The stored values of input i, before the run. */
void ic_trouble_look_at_input(struct ic_trouble *t, uint32_t i, const void *data);
/* The tap of ic_sim_run or ic_session_run_traced; user is a struct ic_trouble. Minus infinity is no trouble in a result: attention masks are made of it. */
void ic_trouble_tap(void *user, uint32_t i_step, uint32_t tensor, const void *data);

#endif
