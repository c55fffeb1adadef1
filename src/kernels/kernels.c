/* SPDX-License-Identifier: Apache-2.0
 *
 * kernels.def as a table, and the choice from it.
 */
#include "kernels/kernel.h"

#define KERNEL(name) extern const struct ic_kernel ic_kernel_##name;
#include "kernels/kernels.def"
#undef KERNEL

static const struct ic_kernel *const all[] = {
#define KERNEL(name) &ic_kernel_##name,
#include "kernels/kernels.def"
#undef KERNEL
};
enum { N_ALL = sizeof all / sizeof *all };

const struct ic_kernel *const *ic_kernels_all(size_t *out_n)
{
    *out_n = N_ALL;
    return all;
}

const struct ic_kernel *ic_kernel_ref(uint32_t kind)
{
    for (size_t i = 0; i < N_ALL; i++)
        if (all[i]->kind == kind)
            return all[i];
    return NULL;
}

const struct ic_kernel *ic_kernel_pick(const struct ic_step *s, const struct ic_tensor *tensors, uint32_t cpu_flags)
{
    for (size_t i = N_ALL; i-- > 0;) {
        const struct ic_kernel *k = all[i];
        if (k->kind == s->kind && (k->needs & ~cpu_flags) == 0 && (!k->fits || k->fits(s->args, tensors)))
            return k;
    }
    return ic_kernel_ref(s->kind);
}
