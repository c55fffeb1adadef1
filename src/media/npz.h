/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrays in NumPy's .npz archives: zip files of .npy members, stored or deflated. (import/zip.h is the strict reader for models; this
 * folder stands below it, and an archive of arrays needs much less.)
 */
#ifndef IC_MEDIA_NPZ_H
#define IC_MEDIA_NPZ_H

#include "media/npy.h"

#include <stdbool.h>

bool ic_npz_recognize(const void *bytes, size_t size_bytes);

/* The array of that name (without ".npy"); NULL: the only one, and several are refused with their names. CRC and sizes are checked.
 * what: the file's name for messages. On failure *out is all zero. */
enum ic_status ic_npz_decode_f32(const void *bytes, size_t size_bytes, const char *what, const char *name, struct ic_npy *out,
                                 struct ic_diag *d) IC_MUST_USE;

#endif
