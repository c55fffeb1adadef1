/* SPDX-License-Identifier: Apache-2.0
 *
 * Float contraction, AVX2: 6 pixels by 16 channels, twelve of the sixteen registers are sums.
 */
#include "base/os.h"
#include "kernels/x86/vec_avx2.h"

#define TILE_P 6
#define TILE_ROWS(X) X(0) X(1) X(2) X(3) X(4) X(5)
#define TILE_NV 2
#define TILE_COLS(X, p) X(p, 0) X(p, 1)
#include "kernels/contract_f32.h"

const struct ic_kernel ic_kernel_contract_f32_avx2 = {.name = "contract_f32_avx2",
                                                      .kind = IC_STEP_CONTRACT,
                                                      .needs = IC_CPU_AVX2_FMA_F16C,
                                                      .fits = fits,
                                                      .scratch_bytes = scratch_bytes,
                                                      .units = units,
                                                      .run = run};

#include "kernels/grouped.h"

GROUPED_KERNEL(grouped_f32_avx2, IC_CPU_AVX2_FMA_F16C);
