/* SPDX-License-Identifier: Apache-2.0
 *
 * A kernel runs one step kind. Choice, scratch and code stand in one struct, so they cannot part. kernels.def lists all, slowest
 * first: the last one that fits the step and the CPU wins. kernels/ref fits every valid step and is the definition.
 *
 * What a packer should choose for a contraction (oc_block, k_block), so that a fast kernel fits; rows and columns beyond the matrix
 * are zero (kernels multiply them). Any other packing runs by kernels/ref.
 *
 *     isa              float (w f32 or f16), any form    8 bits, full and fully connected    8 bits, depthwise
 *     x86              16, 1                             16, 4                               16, 1
 *     armv7            8, 1                              8, 1                                8, 1
 *     aarch64          8, 1                              8, 1                                8, 1
 *     riscv, generic   1, 1                              1, 1                                1, 1
 *
 * Grouped but not depthwise (1 < groups < ic): as full, by kernels/grouped.h. targets/cpu/cpu.c holds the same numbers.
 */
#ifndef IC_KERNELS_KERNEL_H
#define IC_KERNELS_KERNEL_H

#include "program/program.h"

struct ic_kernel {
    const char *name; /* "contract_f32_avx2" */
    uint32_t kind;    /* enum ic_step_kind */
    uint32_t needs;   /* IC_CPU_... flags */
    /* Shapes, dtypes, packing it takes. tensors is the program's table. NULL: everything. */
    bool (*fits)(const void *args, const struct ic_tensor *tensors);
    /* Bytes of scratch per thread, 64-byte aligned. NULL: none. */
    size_t (*scratch_bytes)(const void *args, const struct ic_tensor *tensors);
    /* Independent output ranges: run is called with 0 <= begin < end <= units. NULL: 1. */
    int32_t (*units)(const void *args, const struct ic_tensor *tensors);
    /* ptr[i] is the address of tensor i. Cannot fail; ic_program_check has accepted the step. Float mode is on. */
    void (*run)(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end);
};

/* All kernels built for this machine, in kernels.def order; *out_n how many. */
const struct ic_kernel *const *ic_kernels_all(size_t *out_n);

/* The fastest that fits step s under cpu_flags; never NULL for a checked program. */
const struct ic_kernel *ic_kernel_pick(const struct ic_step *s, const struct ic_tensor *tensors, uint32_t cpu_flags);
/* The kernels/ref kernel of a kind. */
const struct ic_kernel *ic_kernel_ref(uint32_t kind);

#endif
