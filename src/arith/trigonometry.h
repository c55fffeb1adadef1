/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md section 5.3: circular and hyperbolic functions and their inverses, in float64 inside, at most 1 ulp of float32.
 */
#ifndef IC_ARITH_TRIGONOMETRY_H
#define IC_ARITH_TRIGONOMETRY_H

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
float ic_fmod(float x, float y); /* exact */

#endif
