/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a file of tests/golden/arith, which make.py there wrote from exact fractions.
 */
#ifndef IC_TESTS_UNIT_ARITH_GOLDEN_H
#define IC_TESTS_UNIT_ARITH_GOLDEN_H

#include "testing.h"

/* Malloc'd bytes, or NULL after a failed check. */
static inline uint8_t *golden_read(const char *name, size_t *out_bytes)
{
    char path[1024];
    const char *root = getenv("INCHIP_SOURCE_DIR");
    snprintf(path, sizeof path, "%s/tests/golden/arith/%s", root && *root ? root : TEST_SOURCE_DIR, name);
    FILE *f = fopen(path, "rb");
    if (!CHECK(f != NULL))
        return NULL;
    uint8_t *bytes = malloc(1 << 20);
    *out_bytes = fread(bytes, 1, 1 << 20, f);
    fclose(f);
    return bytes;
}

static inline uint32_t golden_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline int64_t golden_s64(const uint8_t *p)
{
    return (int64_t)((uint64_t)golden_u32(p) | (uint64_t)golden_u32(p + 4) << 32);
}

#endif
