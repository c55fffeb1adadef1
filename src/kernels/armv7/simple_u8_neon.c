/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit ZIP and POOL on ARMv7 NEON.
 */
#include "base/os.h"
#include "kernels/simple_u8_neon.h"

#include "kernels/simple_u8.h"

SIMPLE_KERNELS(neon, IC_CPU_NEON_VFPV4);
