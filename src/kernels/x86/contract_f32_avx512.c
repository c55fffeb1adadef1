/* SPDX-License-Identifier: Apache-2.0
 *
 * Float contraction, AVX-512: 14 pixels (pictures of 7, 14, 28 ... divide) by 16 channels.
 */
#include "base/os.h"
#include "kernels/x86/vec_avx512.h"

#define TILE_P 14
#define TILE_ROWS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13)
#define TILE_NV 1
#define TILE_PAIRS
#define TILE_COLS(X, p) X(p, 0)
#include "kernels/contract_f32.h"

const struct ic_kernel ic_kernel_contract_f32_avx512 = {.name = "contract_f32_avx512",
                                                        .kind = IC_STEP_CONTRACT,
                                                        .needs = IC_CPU_AVX2_FMA_F16C | IC_CPU_AVX512,
                                                        .fits = fits,
                                                        .scratch_bytes = scratch_bytes,
                                                        .units = units,
                                                        .run = run};

#include "kernels/grouped.h"

GROUPED_KERNEL(grouped_f32_avx512, IC_CPU_AVX2_FMA_F16C | IC_CPU_AVX512);
