/* SPDX-License-Identifier: Apache-2.0
 *
 * Float depthwise convolution, ARMv7 NEON.
 */
#include "base/os.h"
#include "kernels/vec_neon.h"

#define TILE_NV 2
#define TILE_COLS(X, p) X(p, 0) X(p, 1)
#include "kernels/depthwise_f32.h"

const struct ic_kernel ic_kernel_depthwise_f32_neon = {
    .name = "depthwise_f32_neon", .kind = IC_STEP_CONTRACT, .needs = IC_CPU_NEON_VFPV4, .fits = fits, .units = units, .run = run};
