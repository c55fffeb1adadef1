/* SPDX-License-Identifier: Apache-2.0
 *
 * NumPy's .npy files (versions 1 to 3): numeric arrays up to 8 axes, C or Fortran order, little or big endian.
 */
#ifndef IC_MEDIA_NPY_H
#define IC_MEDIA_NPY_H

#include "base/status.h"

#define IC_NPY_MAX_RANK 8

struct ic_npy {
    int32_t rank;
    int32_t dims[IC_NPY_MAX_RANK];
    size_t elements;
    float *values; /* row-major, converted to float32 */
};

/* Refused: complex numbers, records, objects (those are pickles), a file that is shorter or longer than its header says. An .npz archive
 * loads when it holds one array: see media/npz.h. */
enum ic_status ic_npy_load_f32(const char *path, struct ic_npy *out, struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_npy_decode_f32(const void *bytes, size_t size_bytes, const char *what, struct ic_npy *out,
                                 struct ic_diag *d) IC_MUST_USE;
void ic_npy_destroy(struct ic_npy *a); /* zeroed is fine */

/* Little endian, C order, version 1.0. Written whole or not at all. rank at most IC_NPY_MAX_RANK. */
enum ic_status ic_npy_write_f32(const char *path, int32_t rank, const int32_t *dims, const float *values,
                                struct ic_diag *d) IC_MUST_USE;

#endif
