/* SPDX-License-Identifier: Apache-2.0
 *
 * One step by every kernel of this machine that fits it, against numbers worked out by hand.
 */
#ifndef IC_TESTS_EVERY_KERNEL_H
#define IC_TESTS_EVERY_KERNEL_H

#include "base/os.h"
#include "kernels/kernel.h"
#include "testing.h"

/* y, of n_bytes, is painted before each; want is what each must leave there. */
static inline void run_every_kernel(uint32_t kind, const void *args, const struct ic_tensor *tensors, void *const *ptr, void *y,
                                    size_t n_bytes, const void *want)
{
    static _Alignas(64) uint8_t scratch[1 << 20];
    size_t n_kernels = 0;
    const struct ic_kernel *const *all = ic_kernels_all(&n_kernels);
    for (size_t i = 0; i < n_kernels; i++) {
        const struct ic_kernel *k = all[i];
        if (k->kind != kind || (k->needs & ~ic_os_cpu_flags()) || (k->fits && !k->fits(args, tensors)))
            continue;
        memset(y, 0x55, n_bytes);
        if (!CHECK(!k->scratch_bytes || k->scratch_bytes(args, tensors) <= sizeof scratch))
            continue;
        const struct ic_float_mode old = ic_float_mode_enter();
        k->run(args, tensors, ptr, scratch, 0, k->units ? k->units(args, tensors) : 1);
        ic_float_mode_leave(old);
        if (!CHECK_EQ_MEM(y, want, n_bytes))
            printf("  by %s\n", k->name);
    }
}

#endif
