/* SPDX-License-Identifier: Apache-2.0
 *
 * Elementary functions in float32 beyond those of arith.h, for map.c, softmax and tests. docs/arithmetic.md section 5.
 */
#ifndef IC_ARITH_ELEMENTARY_H
#define IC_ARITH_ELEMENTARY_H

#include "arith/arith.h"

float ic_expm1(float x);
float ic_sigmoid(float x);
float ic_tanh(float x);
float ic_erf(float x);
float ic_softplus(float x); /* log(1 + exp(x)); x above 20 */

#endif
