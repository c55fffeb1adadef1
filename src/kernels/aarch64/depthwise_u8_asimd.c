/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit depthwise convolution, AArch64: both sides widened to 16 bits, vmlal.
 */
#include "base/os.h"
#include "kernels/depthwise_u8_neon.h"

#include "kernels/depthwise_u8.h"

const struct ic_kernel ic_kernel_depthwise_u8_asimd = {.name = "depthwise_u8_asimd",
                                                       .kind = IC_STEP_CONTRACT,
                                                       .needs = IC_CPU_ASIMD,
                                                       .fits = fits,
                                                       .scratch_bytes = scratch_bytes,
                                                       .units = units,
                                                       .run = run};
