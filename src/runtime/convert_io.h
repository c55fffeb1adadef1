/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the caller's values and an io tensor's stored form; one rule for runtime, drop-in, simulator and tools.
 */
#ifndef IC_RUNTIME_CONVERT_IO_H
#define IC_RUNTIME_CONVERT_IO_H

#include "program/program.h"

/* count values of dtype from (f32, f16, u8, s8, s16) in the input's own order: reorder, subtract mean, divide by std (all in float32, as the
 * io table says), then into the tensor's dtype (f32; f16 nearest even; u8/s8 ic_quantize with 1/scale and zero). to: the dense buffer of
 * input i. A wrong count is IC_ERR_ARG naming the input, found and wanted. When no step changes anything the bytes are copied. */
enum ic_status ic_io_convert_in(const struct ic_program *p, uint32_t i, const void *from, enum ic_dtype dtype, size_t count,
                                void *to, struct ic_diag *d) IC_MUST_USE;

/* n stored elements of tensor t as float32: exact widening, or (q - zero) * scale. */
void ic_io_to_f32(const struct ic_tensor *t, const void *data, float *out, size_t n);

#endif
