/* SPDX-License-Identifier: Apache-2.0
 *
 * Applies the build type to an optimized graph: float32 (nothing), float16 (weights and every stored activation rounded to f16), integers
 * (u8 activations, symmetric s8 weights per output channel; at the edges u8 or s8 codes). Runs networks only through struct ic_executor.
 */
#ifndef IC_QUANTIZE_QUANTIZE_H
#define IC_QUANTIZE_QUANTIZE_H

#include "ir/graph.h"

enum ic_build_type { IC_BUILD_F32 = 0, IC_BUILD_F16 = 1, IC_BUILD_U8 = 2, IC_BUILD_S8 = 3 };

static inline bool ic_build_is_integer(enum ic_build_type type)
{
    return type == IC_BUILD_U8 || type == IC_BUILD_S8;
}

/* Runs a float graph on one sample and shows every value to tap. toolchain.c fills it with compiler and runtime of the host. */
struct ic_executor {
    void *self;
    enum ic_status (*prepare)(void *self, const struct ic_graph *g, struct ic_diag *d);
    /* inputs[i]: dense data of graph input i, in its dtype. tap gets the data of value v (f32). */
    enum ic_status (*run)(void *self, const void *const *inputs,
                          void (*tap)(void *user, const struct ic_value *v, const float *data, size_t elements), void *user,
                          struct ic_diag *d);
};

struct ic_quantize_options {
    enum ic_build_type type;
    /* Of builds that are no integers: float inputs and outputs as codes, IC_U8 or IC_S8; IC_DTYPE_NONE: as they are. */
    enum ic_dtype input_codes, output_codes;
    int32_t batch;       /* > 1: inputs have this leading extent, a sample of the list is one of them, repeated */
    const char *dataset; /* calibration list; needed for integers only: the others never open it */
    void (*progress)(void *user, size_t done, size_t total); /* samples; NULL: none */
    void *user;
};
enum ic_status ic_quantize_graph(struct ic_graph *g, const struct ic_quantize_options *options, struct ic_executor *executor,
                                 struct ic_diag *d) IC_MUST_USE;

#endif
