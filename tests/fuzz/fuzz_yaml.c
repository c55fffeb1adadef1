/* SPDX-License-Identifier: Apache-2.0
 *
 * The YAML of convert --config: any bytes become flags or are refused with a sentence. */
#define _GNU_SOURCE
#include "cli/config.h"
#include "fuzz/file_of_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    const int fd = file_of_bytes(data, size, path, sizeof path);
    static struct ic_config config;
    struct ic_arena arena = {.limit_bytes = (size_t)64 << 20};
    struct ic_diag d = {0};
    config = (struct ic_config){0};
    if (ic_config_load(path, &config, &arena, &d) != IC_OK) {
        if (d.text[0] == '\0')
            abort();
    } else {
        for (int i = 0; i < config.n_models; i++)
            for (int k = 0; k < config.models[i].n_args; k++)
                if (!config.models[i].args[k])
                    abort();
    }
    ic_arena_destroy(&arena);
    close(fd);
    return 0;
}
