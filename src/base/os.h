/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything that asks the operating system or the CPU: time, CPU features, number of cores, memory. The only files
 * that use POSIX are src/base/os_*.c and src/base/file.c.
 */
#ifndef IC_BASE_OS_H
#define IC_BASE_OS_H

#include <stdint.h>

uint64_t ic_os_time_ns(void);   /* monotonic */
uint64_t ic_os_thread_ns(void); /* that the calling thread has had a core */
int ic_os_cores(void);          /* physical cores this process may use, >= 1 */
uint64_t ic_os_peak_rss_bytes(void);
/* What this process can take at most: free memory and swap, cut to the limits of a container and of the process. */
uint64_t ic_os_available_bytes(void);

/* CPU feature bits: one number line per ISA, append only (they are written into files). */
enum {
    IC_CPU_AVX2_FMA_F16C = 1u << 0, /* x86-64-v3 as far as the kernels need it */
    IC_CPU_AVX512 = 1u << 1,        /* F BW DQ VL */
    IC_CPU_AVX512_VNNI = 1u << 2,
    IC_CPU_AVX_VNNI = 1u << 3,
    IC_CPU_AVX512_VBMI = 1u << 4,
    IC_CPU_NEON_VFPV4 = 1u << 8, /* ARMv7 with fused multiply-add and half-precision conversion */
    IC_CPU_ASIMD = 1u << 9,      /* AArch64 base */
    IC_CPU_DOTPROD = 1u << 10,
    IC_CPU_I8MM = 1u << 11,
    IC_CPU_RVV = 1u << 16
};

/* What this CPU has, cut to the mask set by ic_os_cpu_mask (default all). Asked once, then cached. */
uint32_t ic_os_cpu_flags(void);
void ic_os_cpu_mask(uint32_t mask);

/* A file that grows beyond the process's limit becomes an error of write, as a full disk is; without this call, a deadly signal. */
void ic_os_report_full_files(void);
/* Standard files that the caller has closed become ones that refuse every byte: else the next file opened would get what is printed. */
void ic_os_occupy_standard_files(void);

#endif
