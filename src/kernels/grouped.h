/* SPDX-License-Identifier: Apache-2.0
 *
 * Grouped convolutions by the kernel for one group: each group is a contraction of its own, whose channels stand beside the others'. Included by
 * kernel files behind fits, scratch_bytes, units and run of that kernel; GROUPED_KERNEL then makes the one for groups.
 */
#include "kernels/tiling.h"

enum { GROUP_X = 1, GROUP_W, GROUP_BIAS, GROUP_SCALE, GROUP_Y, GROUP_TENSORS };

struct group {
    struct ic_step_contract s;
    struct ic_tensor tensors[GROUP_TENSORS];
};

static struct group group_of(const struct ic_step_contract *s, const struct ic_tensor *tensors)
{
    struct group g = {.s = *s};
    g.tensors[GROUP_X] = tensors[s->x];
    g.tensors[GROUP_W] = tensors[s->w];
    g.tensors[GROUP_BIAS] = tensors[s->bias];
    g.tensors[GROUP_SCALE] = tensors[s->scale];
    g.tensors[GROUP_Y] = tensors[s->y];
    g.s.x = GROUP_X;
    g.s.w = GROUP_W;
    g.s.bias = s->bias ? GROUP_BIAS : 0;
    g.s.scale = s->scale ? GROUP_SCALE : 0;
    g.s.y = GROUP_Y;
    g.s.ic = s->ic / s->groups;
    g.s.oc = s->oc / s->groups;
    g.s.groups = 1;
    return g;
}

static bool grouped_fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_contract *s = args;
    if (s->groups == 1 || (s->groups == s->ic && s->groups == s->oc))
        return false;
    const struct group g = group_of(s, tensors);
    return fits(&g.s, g.tensors);
}

static size_t grouped_scratch(const void *args, const struct ic_tensor *tensors)
{
    const struct group g = group_of(args, tensors);
    return scratch_bytes(&g.s, g.tensors);
}

static int32_t grouped_units(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_contract *s = args;
    const struct group g = group_of(s, tensors);
    return s->groups * units(&g.s, g.tensors);
}

/* Where operand i of group number `which` begins. */
static void *group_at(void *const *ptr, const struct ic_tensor *tensors, uint32_t i, size_t elements)
{
    return i ? (uint8_t *)ptr[i] + elements * ic_dtype_bytes((enum ic_dtype)tensors[i].dtype) : NULL;
}

static void grouped_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                        int32_t end)
{
    const struct ic_step_contract *s = args;
    const struct group g = group_of(s, tensors);
    const int32_t each = units(&g.s, g.tensors);
    const size_t weights = ic_packed_elements(g.s.oc, g.s.kh * g.s.kw * g.s.ic, g.s.oc_block, g.s.k_block);
    while (begin < end) {
        const size_t i = (size_t)(begin / each), ic = i * (size_t)g.s.ic, oc = i * (size_t)g.s.oc;
        const int32_t first = begin % each, last = end - begin < each - first ? first + end - begin : each;
        void *const at[GROUP_TENSORS] = {[GROUP_X] = group_at(ptr, tensors, s->x, ic),
                                         [GROUP_W] = group_at(ptr, tensors, s->w, i * weights),
                                         [GROUP_BIAS] = group_at(ptr, tensors, s->bias, oc),
                                         [GROUP_SCALE] = group_at(ptr, tensors, s->scale, oc),
                                         [GROUP_Y] = group_at(ptr, tensors, s->y, oc)};
        run(&g.s, g.tensors, at, scratch, first, last);
        begin += last - first;
    }
}

#define GROUPED_KERNEL(kernel_name, flags)                                                                                         \
    const struct ic_kernel ic_kernel_##kernel_name = {.name = #kernel_name,                                                        \
                                                      .kind = IC_STEP_CONTRACT,                                                    \
                                                      .needs = flags,                                                              \
                                                      .fits = grouped_fits,                                                        \
                                                      .scratch_bytes = grouped_scratch,                                            \
                                                      .units = grouped_units,                                                      \
                                                      .run = grouped_run}
