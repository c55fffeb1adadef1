/* SPDX-License-Identifier: Apache-2.0
 *
 * Float depthwise convolution, AVX-512.
 */
#include "base/os.h"
#include "kernels/x86/vec_avx512.h"

#define TILE_NV 1
#define TILE_COLS(X, p) X(p, 0)
#include "kernels/depthwise_f32.h"

const struct ic_kernel ic_kernel_depthwise_f32_avx512 = {.name = "depthwise_f32_avx512",
                                                         .kind = IC_STEP_CONTRACT,
                                                         .needs = IC_CPU_AVX2_FMA_F16C | IC_CPU_AVX512,
                                                         .fits = fits,
                                                         .units = units,
                                                         .run = run};
