/* SPDX-License-Identifier: Apache-2.0
 *
 * Float contraction, ARMv7 NEON with VFPv4: 4 pixels by 8 channels, eight of the sixteen registers are sums.
 */
#include "base/os.h"
#include "kernels/vec_neon.h"

#define TILE_P 4
#define TILE_ROWS(X) X(0) X(1) X(2) X(3)
#define TILE_NV 2
#define TILE_COLS(X, p) X(p, 0) X(p, 1)
#include "kernels/contract_f32.h"

const struct ic_kernel ic_kernel_contract_f32_neon = {.name = "contract_f32_neon",
                                                      .kind = IC_STEP_CONTRACT,
                                                      .needs = IC_CPU_NEON_VFPV4,
                                                      .fits = fits,
                                                      .scratch_bytes = scratch_bytes,
                                                      .units = units,
                                                      .run = run};

#include "kernels/grouped.h"

GROUPED_KERNEL(grouped_f32_neon, IC_CPU_NEON_VFPV4);
