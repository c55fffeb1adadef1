/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md 5.5: cos and sin of fractions of a turn. Expected values: elementary geometry, and the math module of Python.
 */
#include "arith/trigonometry.h"
#include "testing.h"

#include <math.h>
#include <stdbool.h>

static bool near(double got, double want)
{
    return fabs(got - want) < 0x1p-40;
}

TEST(quarters_are_exact)
{
    for (int64_t n = 4; n <= 1 << 20; n *= 4) {
        CHECK(ic_cos_of_turn(0, n) == 1.0 && ic_sin_of_turn(0, n) == 0.0);
        CHECK(ic_cos_of_turn(n / 4, n) == 0.0 && ic_sin_of_turn(n / 4, n) == 1.0);
        CHECK(ic_cos_of_turn(n / 2, n) == -1.0 && ic_sin_of_turn(n / 2, n) == 0.0);
        CHECK(ic_cos_of_turn(-n / 4, n) == 0.0 && ic_sin_of_turn(-n / 4, n) == -1.0);
    }
}

TEST(known_angles)
{
    CHECK(near(ic_cos_of_turn(1, 6), 0.5) && near(ic_sin_of_turn(1, 12), 0.5));
    CHECK(near(ic_cos_of_turn(1, 8), 0.70710678118654752440) && near(ic_sin_of_turn(3, 8), 0.70710678118654752440));
    CHECK(near(ic_cos_of_turn(1, 5), 0.30901699437494742410) && near(ic_sin_of_turn(1, 5), 0.95105651629515357212));
    CHECK(near(ic_cos_of_turn(1, 1000), 0.99998026085613712030) && near(ic_sin_of_turn(1, 1000), 0.0062831439655589511));
    CHECK(near(ic_cos_of_turn(355, 113), 0.6296804231895139));
}

TEST(whole_turns_do_not_matter)
{
    for (int64_t k = -50; k < 50; k++) {
        CHECK(ic_cos_of_turn(k, 37) == ic_cos_of_turn(k + 37 * ((int64_t)1 << 40), 37));
        CHECK(ic_sin_of_turn(k, 37) == ic_sin_of_turn(k - 37, 37));
        CHECK(near(ic_cos_of_turn(k, 37) * ic_cos_of_turn(k, 37) + ic_sin_of_turn(k, 37) * ic_sin_of_turn(k, 37), 1.0));
    }
}

TEST_MAIN()
