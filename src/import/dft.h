/* SPDX-License-Identifier: Apache-2.0
 *
 * Discrete Fourier transforms as products with a constant matrix, for every front end. Angles are reduced in whole numbers, so a table is the same on
 * every machine and as exact as float32 can hold it.
 */
#ifndef IC_IMPORT_DFT_H
#define IC_IMPORT_DFT_H

#include <stdbool.h>
#include <stdint.h>

enum { IC_DFT_MAX_MATRIX = 1 << 26 /* elements */ };

/* What is transformed: length points, of which the input has `given` (the rest counts as 0; of a one-sided spectrum: its length / 2 + 1). */
struct ic_dft {
    int64_t length, given, results;
    int32_t parts_in, parts_out; /* 1 real, 2 real and imaginary */
    bool inverse, one_sided;
    double divisor;       /* of every coefficient */
    const double *window; /* given factors of the input; NULL: none */
};

/* m [results*parts_out][given*parts_in]: rows for a fully connected layer. */
void ic_dft_matrix(const struct ic_dft *t, float *m);
/* The factors between the two steps of a transform of n points: m [rows][columns][2], element (r, c) is exp(-+ 2 pi i r c / n). */
void ic_dft_twiddles(int64_t rows, int64_t columns, bool inverse, float *m);

#endif
