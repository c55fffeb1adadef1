/* SPDX-License-Identifier: Apache-2.0
 *
 * Every function, by the kernels of this machine, over a stride of all float32: what kernels/ref gives, to the bit.
 */
#include "testing.h"

#include "arith/arith.h"
#include "base/alloc.h"
#include "base/os.h"
#include "kernels/kernel.h"

enum { COUNT = 4096 };

/* Results within one of the smallest normal number may differ where hardware decides after rounding: docs/arithmetic.md 2.3. */
static int is_corner(uint32_t a, uint32_t b)
{
    const uint32_t x = a & 0x7FFFFFFFu, y = b & 0x7FFFFFFFu;
    return (x == 0 || x == 0x00800000u) && (y == 0 || y == 0x00800000u);
}

static void run(const struct ic_kernel *k, const struct ic_step_map *s, const struct ic_tensor *tensors, float *x, float *y)
{
    void *ptr[3] = {NULL, x, y};
    k->run(s, tensors, ptr, NULL, 0, k->units ? k->units(s, tensors) : 1);
}

static void compare(const struct ic_step_map *s, uint32_t first, uint32_t stride)
{
    static float x[COUNT], y[COUNT], wanted[COUNT];
    const struct ic_tensor t = {.dtype = IC_F32, .space = IC_SPACE_ARENA, .rank = 1, .dims = {COUNT}, .size_bytes = sizeof x};
    const struct ic_tensor tensors[3] = {{0}, t, t};
    const struct ic_step step = {.kind = IC_STEP_MAP, .args = s};
    const struct ic_kernel *k = ic_kernel_pick(&step, tensors, ic_os_cpu_flags());
    for (uint32_t i = 0; i < COUNT; i++)
        x[i] = ic_f32_from_bits(first + i * stride);
    const struct ic_float_mode old = ic_float_mode_enter();
    run(k, s, tensors, x, y);
    run(ic_kernel_ref(IC_STEP_MAP), s, tensors, x, wanted);
    ic_float_mode_leave(old);
    for (int i = 0; i < COUNT; i++) {
        const uint32_t found = ic_f32_bits(y[i]), want = ic_f32_bits(wanted[i]);
        if (found != want && !is_corner(found, want)) {
            CHECK_EQ_INT(found, want);
            printf("  %s of %.9g by %s\n", ic_map_name((enum ic_map_fn)s->fn), (double)x[i], k->name);
            return;
        }
    }
}

TEST(functions_over_all_floats)
{
    const uint32_t stride = 16411, step = stride * COUNT; /* the last block wraps around */
    for (uint32_t fn = 0; fn < IC_MAP_COUNT; fn++) {
        if (fn >= IC_MAP_SIN && fn <= IC_MAP_ATANH) /* the reference on every machine, and slow */
            continue;
        const struct ic_step_map s = {.x = 1, .y = 2, .count = COUNT, .fn = fn, .a = fn == IC_MAP_CLAMP ? -1.5f : 0.75f, .b = 2.5f};
        for (uint64_t first = 0; first <= UINT32_MAX; first += step)
            compare(&s, (uint32_t)first, stride);
    }
}

/* Around where the scalar forms branch, every float. */
TEST(functions_around_their_branches)
{
    static const float at[] = {0.0f,        0x1p-126f,  0.63f,     9.1f,      0.875f,  3.92f,
                               0.61871845f, 2.7718585f, 87.33655f, 88.72284f, 0x1p127f};
    static const uint32_t fns[] = {IC_MAP_SIGMOID, IC_MAP_TANH, IC_MAP_SILU, IC_MAP_GELU, IC_MAP_GELU_TANH, IC_MAP_EXP, IC_MAP_ERF};
    for (size_t f = 0; f < sizeof fns / sizeof *fns; f++)
        for (size_t i = 0; i < sizeof at / sizeof *at; i++)
            for (uint32_t sign = 0; sign < 2; sign++) {
                const struct ic_step_map s = {.x = 1, .y = 2, .count = COUNT, .fn = fns[f]};
                const uint32_t bits = ic_f32_bits(at[i]) | sign << 31;
                compare(&s, bits < COUNT / 2 ? 0 : bits - COUNT / 2, 1);
            }
}

int main(int argc, char **argv)
{
    return test_main(argc, argv);
}
