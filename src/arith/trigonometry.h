/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md section 5.3: circular and hyperbolic functions and their inverses, in float64 inside, at most 1 ulp of float32.
 */
#ifndef IC_ARITH_TRIGONOMETRY_H
#define IC_ARITH_TRIGONOMETRY_H

#include <stdint.h>

float ic_sin(float x);
float ic_cos(float x);
float ic_tan(float x);
float ic_asin(float x);
float ic_acos(float x);
float ic_atan(float x);
float ic_atan2(float y, float x);
float ic_sinh(float x);
float ic_cosh(float x);
float ic_asinh(float x);
float ic_acosh(float x);
float ic_atanh(float x);
float ic_log1p(float x);
/* Of k / n turns, 1 <= n < 2^59, |k| < 2^62; exact where it is 0, 1, -1: tables of transforms and windows. Within 2^-40. */
double ic_cos_of_turn(int64_t k, int64_t n);
double ic_sin_of_turn(int64_t k, int64_t n);
float ic_fmod(float x, float y); /* exact */

#endif
