/* SPDX-License-Identifier: Apache-2.0
 *
 * The source language: any text is parsed or refused with its line. */
#include "import/torchscript/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_arena arena = {.limit_bytes = (size_t)64 << 20};
    struct ic_diag d = {0};
    struct ic_ts_names names = {.arena = &arena};
    struct ic_ts_file file;
    if (ic_ts_parse((const char *)data, size, "fuzz.py", 100, &names, &file, &d) != IC_OK && d.text[0] == 0)
        __builtin_trap(); /* a refusal without a reason */
    ic_arena_destroy(&arena);
    return 0;
}
