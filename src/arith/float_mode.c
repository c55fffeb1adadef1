/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/arithmetic.md section 2: denormals are zero, in and out; rounding to nearest even.
 */
#include "arith/arith.h"

#if defined(__x86_64__)
#include <xmmintrin.h>

enum { FTZ = 0x8000, DAZ = 0x0040, ROUNDING = 0x6000 };

struct ic_float_mode ic_float_mode_enter(void)
{
    const unsigned old = _mm_getcsr();
    _mm_setcsr((old & ~(unsigned)ROUNDING) | FTZ | DAZ);
    return (struct ic_float_mode){.saved = old};
}

void ic_float_mode_leave(struct ic_float_mode old)
{
    _mm_setcsr((unsigned)old.saved);
}
#elif defined(__aarch64__)
enum { FZ = 1 << 24, DN = 1 << 25, AHP = 1 << 26, FZ16 = 1 << 19, ROUNDING = 3 << 22 };

struct ic_float_mode ic_float_mode_enter(void)
{
    uint64_t old;
    __asm__ volatile("mrs %0, fpcr" : "=r"(old));
    const uint64_t mode = (old & ~(uint64_t)(ROUNDING | AHP | FZ16)) | FZ | DN;
    __asm__ volatile("msr fpcr, %0" : : "r"(mode) : "memory");
    return (struct ic_float_mode){.saved = old};
}

void ic_float_mode_leave(struct ic_float_mode old)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(old.saved) : "memory");
}
#elif defined(__arm__)
enum { FZ = 1 << 24, DN = 1 << 25, AHP = 1 << 26, ROUNDING = 3 << 22 };

struct ic_float_mode ic_float_mode_enter(void)
{
    uint32_t old;
    __asm__ volatile("vmrs %0, fpscr" : "=r"(old));
    const uint32_t mode = (old & ~(uint32_t)(ROUNDING | AHP)) | FZ | DN;
    __asm__ volatile("vmsr fpscr, %0" : : "r"(mode) : "memory");
    return (struct ic_float_mode){.saved = old};
}

void ic_float_mode_leave(struct ic_float_mode old)
{
    const uint32_t mode = (uint32_t)old.saved;
    __asm__ volatile("vmsr fpscr, %0" : : "r"(mode) : "memory");
}
#else
/* No flush mode (RISC-V): float_ops.h flushes. Rounding is to nearest even unless the caller changed it, which C forbids here. */
struct ic_float_mode ic_float_mode_enter(void)
{
    return (struct ic_float_mode){0};
}

void ic_float_mode_leave(struct ic_float_mode old)
{
    (void)old;
}
#endif
