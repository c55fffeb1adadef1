/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of samples to calibrate with: a text file, one sample per line, on each line one file per network input, separated by blanks (a
 * file name with blanks stands in double quotes). Empty lines and lines that begin with # are skipped. A path that is not absolute is
 * looked for beside the list, then in the current directory.
 */
#ifndef IC_MEDIA_CALIBRATION_H
#define IC_MEDIA_CALIBRATION_H

#include "base/alloc.h"
#include "base/status.h"

struct ic_calibration_sample {
    int32_t line;             /* in the list, from 1 */
    const char *const *paths; /* [n_inputs] */
};

struct ic_calibration {
    size_t n_samples, n_inputs;
    struct ic_calibration_sample *samples;
    struct ic_arena arena; /* owns all of it */
};

/* Reads and checks the whole list: every line has n_inputs files and all of them exist, and there is at least one sample. Messages name
 * list, line, file. Nothing is decoded here: ic_sample_load does that. On failure nothing is owned. */
enum ic_status ic_calibration_open(const char *path, size_t n_inputs, struct ic_calibration *out, struct ic_diag *d) IC_MUST_USE;
void ic_calibration_close(struct ic_calibration *c); /* zeroed is fine */

#endif
