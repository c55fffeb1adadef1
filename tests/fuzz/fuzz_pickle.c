/* SPDX-License-Identifier: Apache-2.0
 *
 * Pickles: any bytes give a tree or a refusal, with both lists of names. */
#include "import/pickle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(const struct ic_pickle_value *v, int depth)
{
    size_t n = 1;
    for (size_t i = 0; depth < 64 && i < v->n_items && n < 1000; ++i)
        n += count(v->items[i], depth + 1);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int foreign = 0; foreign < 2; ++foreign) {
        struct ic_arena arena = {.limit_bytes = (size_t)64 << 20};
        struct ic_diag d = {0};
        const struct ic_pickle_options o = {.foreign_classes = foreign, .max_depth = 100, .what = "pickle"};
        struct ic_pickle_value *v = NULL;
        size_t used = 0;
        if (ic_pickle_read(data, size, &o, &arena, &v, &used, &d) == IC_OK && (used > size || count(v, 0) == 0))
            __builtin_trap();
        ic_arena_destroy(&arena);
    }
    return 0;
}
