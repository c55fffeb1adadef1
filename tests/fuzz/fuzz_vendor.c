/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptions (JSON) inside a vendor's files of either generation, as inspect prints them. */
#include "cli/inspect.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef IC_FUZZ
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return freopen("/dev/null", "w", stdout) ? 0 : 0; /* libFuzzer itself prints to stderr */
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum ic_file_kind kinds[] = {IC_FILE_RKNN1, IC_FILE_RKNN2, IC_FILE_RKNN_ENCRYPTED, IC_FILE_RKNN_NBG};
    const struct ic_file_map map = {.bytes = data, .size_bytes = size};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        for (int json = 0; json <= 1; json++) {
            struct ic_diag d = {0};
            if (ic_inspect_vendor("fuzz.rknn", &map, kinds[i], json != 0, &d) != IC_OK && d.text[0] == '\0')
                abort();
        }
    }
    return 0;
}
