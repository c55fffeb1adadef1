/* SPDX-License-Identifier: Apache-2.0
 *
 * 8-bit contraction, AArch64 NEON: 4 pixels by 8 channels.
 */
#include "base/os.h"
#include "kernels/contract_u8_neon.h"

#include "kernels/contract_u8.h"

const struct ic_kernel ic_kernel_contract_u8_asimd = {.name = "contract_u8_asimd",
                                                      .kind = IC_STEP_CONTRACT,
                                                      .needs = IC_CPU_ASIMD,
                                                      .fits = fits,
                                                      .scratch_bytes = scratch_bytes,
                                                      .units = units,
                                                      .run = run};

#include "kernels/grouped.h"

GROUPED_KERNEL(grouped_u8_asimd, IC_CPU_ASIMD);
