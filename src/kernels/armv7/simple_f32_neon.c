/* SPDX-License-Identifier: Apache-2.0
 *
 * Float MAP, ZIP, POOL, REDUCE, CONVERT on ARMv7 NEON: one file, since each is a few lines of kernels/simple_f32.h.
 */
#include "base/os.h"
#include "kernels/vec_neon.h"

#include "kernels/simple_f32.h"

SIMPLE_KERNELS(neon, IC_CPU_NEON_VFPV4);
