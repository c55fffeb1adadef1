/* SPDX-License-Identifier: Apache-2.0
 *
 * Zip archives: any bytes are opened or refused; every member of an opened one is read or refused. */
#include "import/zip.h"

#ifdef IC_FUZZ
#include "fuzz/mutate.h"
IC_MUTATE_WITH(mutate_zip)
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_arena arena = {.limit_bytes = (size_t)64 << 20};
    struct ic_diag d = {0};
    struct ic_zipfile z;
    if (ic_zipfile_open(data, size, (uint64_t)8 << 20, &arena, &z, &d) == IC_OK)
        for (size_t i = 0; i < z.n_members; ++i) {
            const uint8_t *bytes = NULL;
            ic_diag_clear(&d);
            if (ic_zipfile_read(&z, &z.members[i], 0, &bytes, &d) != IC_OK)
                continue;
            volatile uint8_t touched = 0;
            for (size_t k = 0; k < z.members[i].size_bytes; ++k)
                touched = (uint8_t)(touched ^ bytes[k]);
        }
    ic_arena_destroy(&arena);
    return 0;
}
