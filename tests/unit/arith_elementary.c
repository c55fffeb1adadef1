/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md section 5: a stride of all float32 (tests/exhaustive/elementary.c takes all of them), the ends, the doubles.
 */
#include "exhaustive/ulp.h"
#include "testing.h"

TEST(within_two_ulp)
{
    const struct ic_float_mode old = ic_float_mode_enter();
    for (int i = 0; i < ULP_FUNCTIONS; i++) {
        const struct ulp_function *f = &ulp_functions[i];
        double worst = 0;
        for (uint64_t u = 0; u <= UINT32_MAX; u += 30011) {
            const double e = ulp_error(f, (uint32_t)u);
            worst = e > worst ? e : worst;
        }
        if (!CHECK(worst <= f->limit))
            printf("%s: %.3f ulp\n", f->name, worst);
    }
    ic_float_mode_leave(old);
}

TEST(ends)
{
    const float inf = ic_f32_from_bits(0x7F800000u), nan = ic_f32_from_bits(0xFFC00007u);
    const struct ic_float_mode old = ic_float_mode_enter();
    CHECK(ic_exp(-inf) == 0.0f && ic_exp(inf) == inf && ic_exp(89.0f) == inf && ic_exp(-88.0f) == 0.0f && ic_exp(0.0f) == 1.0f);
    CHECK(ic_log(0.0f) == -inf && ic_log(-0.0f) == -inf && ic_log(inf) == inf && ic_log(1.0f) == 0.0f);
    CHECK_EQ_INT(ic_f32_bits(ic_log(-1.0f)), 0x7FC00000);
    CHECK(ic_tanh(inf) == 1.0f && ic_tanh(-inf) == -1.0f && ic_erf(-inf) == -1.0f && ic_sigmoid(-inf) == 0.0f &&
          ic_sigmoid(inf) == 1.0f);
    CHECK_EQ_INT(ic_f32_bits(ic_tanh(-0.0f)), 0x80000000u);
    CHECK_EQ_INT(ic_f32_bits(ic_erf(-0.0f)), 0x80000000u);
    for (int fn = 0; fn < IC_MAP_COUNT; fn++) {
        const float y = ic_canonical(ic_map_eval((enum ic_map_fn)fn, nan, -1.0f, 1.0f));
        if (!CHECK_EQ_INT(ic_f32_bits(y), 0x7FC00000))
            printf("%s of NaN\n", ic_map_name((enum ic_map_fn)fn));
    }
    ic_float_mode_leave(old);
}

/* For calibration: near enough to libm that no scale moves, and monotone at the powers of two. */
TEST(doubles)
{
    for (int i = -7000; i <= 7000; i++) {
        const double x = i * 0.1;
        CHECK(fabs(ic_exp_f64(x) - exp(x)) <= 4e-15 * exp(x));
        if (i > 0) {
            const double t = log(x * x);
            CHECK(fabs(ic_log_f64(x * x) - t) <= 4e-15 * (fabs(t) > 1 ? fabs(t) : 1));
        }
    }
    CHECK(ic_exp_f64(0.0) == 1.0 && ic_log_f64(1.0) == 0.0);
}

TEST_MAIN()
