/* SPDX-License-Identifier: Apache-2.0
 *
 * Calibration lists: any bytes are a list or refused, for networks of one input and of two. The files that a list names are looked for, not
 * opened. */
#define _GNU_SOURCE
#include "fuzz/file_of_bytes.h"
#include "media/calibration.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    const int fd = file_of_bytes(data, size, path, sizeof path);
    for (int32_t n_inputs = 1; n_inputs <= 2; n_inputs++) {
        struct ic_calibration c;
        struct ic_diag d = {0};
        if (ic_calibration_read(path, n_inputs, &c, &d) != IC_OK) {
            if (d.text[0] == '\0')
                abort();
            continue;
        }
        if (c.n_samples < 1 || c.n_inputs != n_inputs)
            abort();
        for (int32_t i = 0; i < c.n_samples * n_inputs; i++)
            if (!c.paths[i] || !c.paths[i][0] || c.lines[i / n_inputs] < 1)
                abort();
        ic_calibration_destroy(&c);
    }
    close(fd);
    return 0;
}
