/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "base/os.h"

#include <stdatomic.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <cpuid.h>

static uint64_t saved_by_os(void)
{
    uint32_t lo = 0, hi = 0;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (uint64_t)hi << 32 | lo;
}

static uint32_t detect(void)
{
    unsigned a, b, c, d;
    uint32_t flags = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || (saved_by_os() & 6) != 6)
        return 0;
    const int fma_f16c = (c & bit_FMA) && (c & bit_F16C);
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return 0;
    if (fma_f16c && (b & bit_AVX2))
        flags |= IC_CPU_AVX2_FMA_F16C;
    const unsigned avx512 = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
    if ((saved_by_os() & 0xE6) == 0xE6 && (b & avx512) == avx512) {
        flags |= IC_CPU_AVX512;
        if (c & (1u << 11))
            flags |= IC_CPU_AVX512_VNNI;
        if (c & (1u << 1))
            flags |= IC_CPU_AVX512_VBMI;
    }
    if (__get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & (1u << 4)))
        flags |= IC_CPU_AVX_VNNI;
    return flags;
}
#elif defined(__linux__) && (defined(__arm__) || defined(__aarch64__) || defined(__riscv))
#include <sys/auxv.h>

static uint32_t detect(void)
{
    const unsigned long caps = getauxval(AT_HWCAP);
    uint32_t flags = 0;
#if defined(__arm__)
    const unsigned long neon = 1ul << 12, vfpv4 = 1ul << 16;
    if ((caps & neon) && (caps & vfpv4))
        flags |= IC_CPU_NEON_VFPV4;
#elif defined(__aarch64__)
    flags |= IC_CPU_ASIMD;
    if (caps & (1ul << 20))
        flags |= IC_CPU_DOTPROD;
    if (getauxval(AT_HWCAP2) & (1ul << 13))
        flags |= IC_CPU_I8MM;
#else
    if (caps & (1ul << ('v' - 'a')))
        flags |= IC_CPU_RVV;
#endif
    return flags;
}
#else
static uint32_t detect(void)
{
    return 0;
}
#endif

static _Atomic uint32_t cpu_mask = UINT32_MAX;
static _Atomic uint64_t cpu_known; /* bit 32: asked; low half: the flags */

static uint32_t mask_from_environment(void)
{
    const char *text = getenv("INCHIP_CPU_MASK");
    char *end = NULL;
    const unsigned long mask = text && *text ? strtoul(text, &end, 16) : UINT32_MAX;
    return end && (*end || end == text) ? UINT32_MAX : (uint32_t)mask; /* what is no number masks nothing */
}

uint32_t ic_os_cpu_flags(void)
{
    uint64_t known = atomic_load(&cpu_known);
    if (!known) {
        known = 1ull << 32 | (detect() & mask_from_environment());
        atomic_store(&cpu_known, known);
    }
    return (uint32_t)known & atomic_load(&cpu_mask);
}

void ic_os_cpu_mask(uint32_t mask)
{
    atomic_store(&cpu_mask, mask);
}
