/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs made by hand for tests: tensors and steps are added one by one, constants are copied into one block.
 */
#ifndef IC_TESTS_PROGRAM_BUILDER_H
#define IC_TESTS_PROGRAM_BUILDER_H

#include "program/program.h"

#include <stdlib.h>
#include <string.h>

enum { BUILD_MAX = 32, BUILD_CONST_BYTES = 1 << 14 };

struct build {
    struct ic_program p;
    struct ic_tensor tensors[BUILD_MAX];
    struct ic_io inputs[4], outputs[4];
    struct ic_step steps[BUILD_MAX];
    _Alignas(64) uint8_t consts[BUILD_CONST_BYTES];
};

static inline void build_start(struct build *b)
{
    static const char text[] = "\0x\0y\0layer";
    memset(b, 0, sizeof *b);
    b->p.profile = IC_PROFILE_CPU;
    memcpy(b->p.target, "generic", 8);
    b->p.tensors = b->tensors;
    b->p.inputs = b->inputs;
    b->p.outputs = b->outputs;
    b->p.steps = b->steps;
    b->p.consts = b->consts;
    b->p.text = text;
    b->p.text_bytes = sizeof text;
    b->p.n_tensors = 1;
}

/* A tensor of up to 4 dims (the first 0 ends them); its place is filled by the callers below. */
static inline uint32_t build_tensor(struct build *b, enum ic_dtype dtype, uint32_t space, int32_t d0, int32_t d1, int32_t d2,
                                    int32_t d3)
{
    const int32_t dims[] = {d0, d1, d2, d3};
    struct ic_tensor *t = &b->tensors[b->p.n_tensors];
    *t = (struct ic_tensor){.dtype = dtype, .space = space, .size_bytes = ic_dtype_bytes(dtype), .name = 5};
    for (; t->rank < 4 && dims[t->rank] > 0; t->rank++) {
        t->dims[t->rank] = dims[t->rank];
        t->size_bytes *= (uint64_t)dims[t->rank];
    }
    return b->p.n_tensors++;
}

static inline uint32_t build_input(struct build *b, enum ic_dtype dtype, int32_t d0, int32_t d1, int32_t d2, int32_t d3)
{
    const uint32_t t = build_tensor(b, dtype, IC_SPACE_INPUT, d0, d1, d2, d3), i = b->p.n_inputs++;
    b->tensors[t].i_io = i;
    b->inputs[i] = (struct ic_io){.tensor = t, .name = 1, .user_dtype = dtype};
    return t;
}

static inline uint32_t build_output(struct build *b, enum ic_dtype dtype, int32_t d0, int32_t d1, int32_t d2, int32_t d3)
{
    const uint32_t t = build_tensor(b, dtype, IC_SPACE_OUTPUT, d0, d1, d2, d3), i = b->p.n_outputs++;
    b->tensors[t].i_io = i;
    b->outputs[i] = (struct ic_io){.tensor = t, .name = 3, .user_dtype = dtype};
    return t;
}

static inline uint32_t build_arena(struct build *b, enum ic_dtype dtype, int32_t d0, int32_t d1, int32_t d2, int32_t d3)
{
    const uint32_t t = build_tensor(b, dtype, IC_SPACE_ARENA, d0, d1, d2, d3);
    b->tensors[t].offset_bytes = b->p.arena_bytes;
    b->p.arena_bytes += (b->tensors[t].size_bytes + 63) / 64 * 64;
    return t;
}

static inline uint32_t build_const(struct build *b, enum ic_dtype dtype, int32_t n, const void *data)
{
    const uint32_t t = build_tensor(b, dtype, IC_SPACE_CONST, n, 0, 0, 0);
    b->tensors[t].offset_bytes = b->p.const_bytes;
    memcpy(b->consts + b->p.const_bytes, data, (size_t)b->tensors[t].size_bytes);
    b->p.const_bytes += (b->tensors[t].size_bytes + 63) / 64 * 64;
    return t;
}

/* args must live as long as the program. */
static inline void build_step(struct build *b, uint32_t kind, const void *args)
{
    b->steps[b->p.n_steps++] = (struct ic_step){.kind = kind, .name = 5, .args = args};
}

/* A contraction as a fully connected layer: n rows, k inputs, oc outputs, unpacked; the caller sets operands and what differs. */
static inline struct ic_step_contract build_linear(int32_t n, int32_t k, int32_t oc)
{
    return (struct ic_step_contract){.n = n,
                                     .ih = 1,
                                     .iw = 1,
                                     .ic = k,
                                     .oh = 1,
                                     .ow = 1,
                                     .oc = oc,
                                     .kh = 1,
                                     .kw = 1,
                                     .stride_h = 1,
                                     .stride_w = 1,
                                     .dilation_h = 1,
                                     .dilation_w = 1,
                                     .groups = 1,
                                     .x_pitch = k,
                                     .y_pitch = oc,
                                     .partials = 1,
                                     .oc_block = 1,
                                     .k_block = 1};
}

#endif
