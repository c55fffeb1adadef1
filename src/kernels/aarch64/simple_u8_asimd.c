/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit ZIP and POOL on AArch64.
 */
#include "base/os.h"
#include "kernels/simple_u8_neon.h"

#include "kernels/simple_u8.h"

SIMPLE_KERNELS(asimd, IC_CPU_ASIMD);
