/* SPDX-License-Identifier: Apache-2.0
 *
 * Every elementary function over every float32 (or every n-th: first argument). Prints the largest error and where; minutes.
 */
#include "exhaustive/ulp.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const uint64_t step = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    int n_failed = 0;
    const struct ic_float_mode old = ic_float_mode_enter();
    for (int i = 0; i < ULP_FUNCTIONS; i++) {
        const struct ulp_function *f = &ulp_functions[i];
        double worst = 0;
        uint32_t at = 0;
        for (uint64_t bits = 0; bits <= UINT32_MAX; bits += step ? step : 1) {
            const double e = ulp_error(f, (uint32_t)bits);
            if (e > worst) {
                worst = e;
                at = (uint32_t)bits;
            }
        }
        const float x = ic_f32_from_bits(at);
        printf("%-9s at most %.4f ulp, at x = %a (%g): %a\n", f->name, worst, (double)x, (double)x, (double)f->ours(x));
        fflush(stdout);
        n_failed += !(worst <= f->limit);
    }
    ic_float_mode_leave(old);
    printf("%d passed, %d failed\n", ULP_FUNCTIONS - n_failed, n_failed);
    return n_failed != 0;
}
