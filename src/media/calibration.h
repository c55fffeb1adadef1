/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of samples to calibrate with: a text file, one sample per line, on each line one file per network input, separated by blanks.
 * A path that is not absolute is looked for in the current directory, then beside the list.
 */
#ifndef IC_MEDIA_CALIBRATION_H
#define IC_MEDIA_CALIBRATION_H

#include "base/alloc.h"
#include "base/status.h"

struct ic_calibration {
    int32_t n_samples, n_inputs;
    const char **paths;    /* [n_samples * n_inputs], sample by sample */
    int32_t *lines;        /* [n_samples]: where each stands in the list, from 1 */
    struct ic_arena arena; /* owns all of it */
};

/* Reads the whole list and looks whether its files exist; nothing is decoded: ic_sample_load does that. A line that names a missing file is
 * reported and left out, empty lines are counted and left out; a line with another number of files than n_inputs and a list without a
 * single sample are refused. On failure nothing is owned. */
enum ic_status ic_calibration_read(const char *path, int32_t n_inputs, struct ic_calibration *out, struct ic_diag *d) IC_MUST_USE;
void ic_calibration_destroy(struct ic_calibration *c); /* zeroed is fine */

#endif
