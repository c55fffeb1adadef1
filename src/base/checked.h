/* SPDX-License-Identifier: Apache-2.0
 *
 * Arithmetic on sizes that come from files. Each returns false on overflow and leaves *out unspecified.
 */
#ifndef IC_BASE_CHECKED_H
#define IC_BASE_CHECKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool ic_mul_size(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}
static inline bool ic_add_size(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}
static inline bool ic_mul_i64(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}
static inline bool ic_add_i64(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

/* The smallest multiple of align (a power of two) >= n; n + align must not overflow. */
static inline size_t ic_round_up(size_t n, size_t align)
{
    return (n + align - 1) & ~(align - 1);
}

#endif
