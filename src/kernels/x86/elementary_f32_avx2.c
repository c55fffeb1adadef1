/* SPDX-License-Identifier: Apache-2.0
 *
 * Elementary functions on AVX2.
 */
#include "kernels/x86/vec_avx2.h"

#include "kernels/elementary_f32.h"
