/* SPDX-License-Identifier: Apache-2.0
 *
 * checkkern: see checkkern.h. INCHIP_SEED=N repeats a run, INCHIP_CASES=N sets the number of random cases of each family.
 */
#include "checkkern.h"

#include "base/os.h"
#include "program_builder.h"
#include "testing.h"

#include <time.h>

static int cases_wanted(int normally)
{
    const char *text = getenv("INCHIP_CASES");
    return text && *text ? atoi(text) : normally;
}

static void start(const char *family)
{
    const char *text = getenv("INCHIP_SEED");
    static uint64_t chosen;
    if (!chosen) {
        chosen = text && *text ? strtoull(text, NULL, 0) : (uint64_t)time(NULL);
        printf("seed %llu (INCHIP_SEED repeats it)\n", (unsigned long long)chosen);
    }
    kern_seed = chosen * 2654435761u + (uint64_t)family[0] + 256u * (uint64_t)family[strlen(family) - 1];
}

static void contracts(const char *family, bool codes, bool depthwise, int n)
{
    int n_failed = 0;
    start(family);
    for (int i = 0; i < n && n_failed < 5; i++) {
        struct kern_case c;
        kern_random_contract(&c, codes, depthwise);
        n_failed += kern_check(&c);
        kern_free(&c);
    }
    CHECK_EQ_INT(n_failed, 0);
}

TEST(contract_floats)
{
    contracts("floats", false, false, cases_wanted(400));
}
TEST(contract_codes)
{
    contracts("codes", true, false, cases_wanted(400));
}
TEST(depthwise_floats)
{
    contracts("depthwise f", false, true, cases_wanted(200));
}
TEST(depthwise_codes)
{
    contracts("depthwise c", true, true, cases_wanted(200));
}

TEST(reference_of_any_packing_and_groups)
{
    int n_failed = 0;
    start("free");
    for (int i = 0; i < cases_wanted(100) && n_failed < 5; i++) {
        struct kern_case c;
        kern_free_shape_contract(&c, i % 2);
        n_failed += kern_check(&c);
        kern_free(&c);
    }
    CHECK_EQ_INT(n_failed, 0);
}

TEST(simple_kinds)
{
    static const uint32_t kinds[] = {IC_STEP_MAP, IC_STEP_ZIP,     IC_STEP_POOL,   IC_STEP_CONVERT, IC_STEP_REDUCE,  IC_STEP_COPY,
                                     IC_STEP_LUT, IC_STEP_SOFTMAX, IC_STEP_MATMUL, IC_STEP_PRODUCT, IC_STEP_RESAMPLE};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        int n_failed = 0;
        start(ic_step_kind_name(kinds[k]));
        for (int i = 0; i < cases_wanted(400) && n_failed < 5; i++) {
            struct kern_case c;
            if (kern_random_simple(&c, kinds[k]))
                n_failed += kern_check(&c);
            kern_free(&c);
        }
        CHECK_EQ_INT(n_failed, 0);
    }
}

/* The one kernel of COPY walks axes in pieces: each element against its place. */
TEST(copy_moves_each_element)
{
    start("places");
    for (int i = 0; i < cases_wanted(400); i++) {
        struct kern_case c;
        int64_t n_wrong = 0;
        (void)kern_random_simple(&c, IC_STEP_COPY);
        const struct ic_step_copy *s = &c.args.copy;
        const size_t bytes = (size_t)s->element_bytes;
        uint8_t *y = malloc((size_t)c.tensors[c.y].size_bytes);
        void *const ptr[] = {NULL, c.data[1], y};
        ic_kernel_ref(IC_STEP_COPY)->run(s, c.tensors, ptr, NULL, 0, s->dims[0]);
        for (int32_t a = 0; a < s->dims[0]; a++)
            for (int32_t b = 0; b < s->dims[1]; b++)
                for (int32_t d = 0; d < s->dims[2]; d++) {
                    const size_t from = (size_t)(s->x_offset + a * s->x_stride[0] + b * s->x_stride[1] + d * s->x_stride[2]);
                    const size_t to = (size_t)((a * s->dims[1] + b) * s->dims[2] + d);
                    n_wrong += memcmp(y + to * bytes, (const uint8_t *)c.data[1] + from * bytes, bytes) != 0;
                }
        CHECK_EQ_INT(n_wrong, 0);
        free(y);
        kern_free(&c);
    }
}

/* Under every set of CPU features, from none upwards, the choice never needs what is masked. */
TEST(choice_under_masks)
{
    size_t n_kernels = 0;
    const struct ic_kernel *const *all = ic_kernels_all(&n_kernels);
    start("masks");
    for (int i = 0; i < 40; i++) {
        struct kern_case c;
        kern_random_contract(&c, i % 2, i % 4 > 1);
        c.step.args = &c.args;
        for (uint32_t mask = 0;;) {
            const struct ic_kernel *k = ic_kernel_pick(&c.step, c.tensors, mask);
            CHECK(k->kind == IC_STEP_CONTRACT && (k->needs & ~mask) == 0 && (!k->fits || k->fits(&c.args, c.tensors)));
            if (mask == UINT32_MAX)
                break;
            uint32_t more = mask; /* the next feature that some kernel needs */
            for (size_t n = 0; n < n_kernels && more == mask; n++)
                more |= all[n]->needs;
            mask = more == mask ? UINT32_MAX : more;
        }
        kern_free(&c);
    }
}

/* docs/arithmetic.md 2.3: (1 + 2^-13) 2^-63 times (1 - 2^-13) 2^-63 is 2^-126 - 2^-152, tiny before rounding and 2^-126 after (in 24 bits): the
 * reference flushes it everywhere, ARM's vectors do, x86's do not. If this fails because x86 has learned it, the document wants a new sentence. */
TEST(corner_below_the_smallest_normal)
{
    size_t n_kernels = 0;
    const struct ic_kernel *const *all = ic_kernels_all(&n_kernels);
    static _Alignas(64) uint8_t scratch[1 << 20];
    for (uint32_t block = 1; block <= 16; block = block == 1 ? 8 : block + 8) {
        float x[1] = {ic_f32_from_bits(0x20000400)}, w[16] = {ic_f32_from_bits(0x1FFFF800)}, y[1];
        struct ic_step_contract s = build_linear(1, 1, 1);
        s.x = 1;
        s.w = 2;
        s.y = 3;
        s.oc_block = block;
        const struct ic_tensor tensors[] = {{0}, {.dtype = IC_F32}, {.dtype = IC_F32}, {.dtype = IC_F32}};
        void *const ptr[] = {NULL, x, w, y};
        for (size_t i = 0; i < n_kernels; i++) {
            if (all[i]->kind != IC_STEP_CONTRACT || (all[i]->needs & ~ic_os_cpu_flags()) ||
                (all[i]->fits && !all[i]->fits(&s, tensors)))
                continue;
            const struct ic_float_mode old = ic_float_mode_enter();
            all[i]->run(&s, tensors, ptr, scratch, 0, 1);
            ic_float_mode_leave(old);
#if defined(__x86_64__)
            CHECK_EQ_INT(ic_f32_bits(y[0]), all[i]->fits ? 0x00800000 : 0);
#else
            CHECK_EQ_INT(ic_f32_bits(y[0]), 0);
#endif
        }
    }
}

/* Nothing to compare the reference with. */
static bool only_reference(uint32_t kind)
{
    size_t n_kernels = 0;
    const struct ic_kernel *const *all = ic_kernels_all(&n_kernels);
    for (size_t i = 0; i < n_kernels; i++)
        if (all[i]->kind == kind && all[i] != ic_kernel_ref(kind))
            return false;
    return true;
}

/* Last: what was built must have run. Kinds with one kernel: tests/ops compares it with the simulator. */
TEST(every_kernel_ran)
{
    size_t n_kernels = 0;
    const struct ic_kernel *const *all = ic_kernels_all(&n_kernels);
    for (size_t i = 0; i < n_kernels; i++) {
        const uint32_t missing = all[i]->needs & ~ic_os_cpu_flags();
        if (missing)
            printf("%s did not run: this CPU lacks feature bits %x\n", all[i]->name, (unsigned)missing);
        else if (!only_reference(all[i]->kind))
            CHECK(kern_runs[i] > 0 || (printf("%s never ran\n", all[i]->name), 0));
    }
}

TEST_MAIN()
