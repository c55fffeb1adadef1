/* SPDX-License-Identifier: Apache-2.0
 *
 * Float depthwise convolution, AVX2.
 */
#include "base/os.h"
#include "kernels/x86/vec_avx2.h"

#define TILE_NV 2
#define TILE_COLS(X, p) X(p, 0) X(p, 1)
#include "kernels/depthwise_f32.h"

const struct ic_kernel ic_kernel_depthwise_f32_avx2 = {.name = "depthwise_f32_avx2",
                                                       .kind = IC_STEP_CONTRACT,
                                                       .needs = IC_CPU_AVX2_FMA_F16C,
                                                       .fits = fits,
                                                       .units = units,
                                                       .run = run};
