/* SPDX-License-Identifier: Apache-2.0
 *
 * Float MAP, ZIP, POOL, REDUCE, CONVERT on AVX2: one file, since each is a few lines of kernels/simple_f32.h.
 */
#include "base/os.h"
#include "kernels/x86/vec_avx2.h"

#include "kernels/simple_f32.h"

SIMPLE_KERNELS(avx2, IC_CPU_AVX2_FMA_F16C);
