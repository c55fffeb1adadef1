/* SPDX-License-Identifier: Apache-2.0
 *
 * Elementary functions on AVX-512.
 */
#include "kernels/x86/vec_avx512.h"

#include "kernels/elementary_f32.h"
