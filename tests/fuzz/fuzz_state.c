/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of weights: any bytes give names and tensors within the file, or a refusal with a reason. */
#include "import/new_weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_import_limits limits = ic_import_limits_default();
    struct ic_arena arena = {.limit_bytes = (size_t)64 << 20};
    struct ic_state_dict s;
    struct ic_diag d = {0};
    limits.max_member_bytes = 16u << 20;
    limits.max_depth = 60;
    const enum ic_status opened = ic_state_open(data, size, "fuzz.pth", &limits, &arena, &s, &d);
    if (opened != IC_OK && d.text[0] == 0)
        __builtin_trap();
    for (size_t i = 0; opened == IC_OK && i < s.n; ++i) {
        struct ic_ts_weight w;
        int64_t n = 1;
        struct ic_diag inner = {0};
        if (ic_state_tensor(&s, &s.entries[i], &w, &inner) != IC_OK)
            continue;
        for (int32_t k = 0; k < w.rank; ++k)
            n *= w.dims[k];
        static float numbers[4096];
        if (n <= 4096)
            ic_new_weights_floats(&w, numbers);
    }
    ic_arena_destroy(&arena);
    return 0;
}
