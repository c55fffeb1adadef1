/* SPDX-License-Identifier: Apache-2.0
 *
 * The fused end of float contractions, in the operations of a vec_*.h: rounding point, function, storing (docs/arithmetic.md 7).
 * BLOCK, a multiple of VF, is the width of a block of channels.
 */
#ifndef IC_KERNELS_CONTRACT_F32_END_H
#define IC_KERNELS_CONTRACT_F32_END_H

#include "arith/arith.h"
#include "kernels/functions_f32.h"
#include "program/program.h"

#include <string.h>

struct ic_f32_end {
    void *y;
    bool y_half, round_mid, clamps; /* clamps: fn is none, relu or a clamp that vf_clamp can do */
    uint32_t fn;
    float a, b, lo, hi;
};

static inline struct ic_f32_end ic_f32_end_of(const struct ic_step_contract *s, const struct ic_tensor *tensors, void *y)
{
    struct ic_f32_end e = {.y = y,
                           .y_half = tensors[s->y].dtype == IC_F16,
                           .round_mid = s->round_mid == IC_ROUND_F16,
                           .fn = s->fn,
                           .a = s->a,
                           .b = s->b};
    e.lo = s->fn == IC_MAP_RELU ? 0.0f : ic_flush(s->a);
    e.hi = s->fn == IC_MAP_RELU ? ic_f32_from_bits(0x7F800000u) : ic_flush(s->b);
    e.clamps = s->fn == IC_MAP_RELU || (s->fn == IC_MAP_CLAMP && ic_f32_bits(e.lo) != 0x80000000u && e.hi != 0.0f);
    return e;
}

/* v, of which n count, becomes y[at ..]. */
static inline void ic_f32_end_put(const struct ic_f32_end *e, vf v, int64_t at, int32_t n)
{
    v = vf_canonical(v);
    if (e->y_half) {
        uint16_t few[VF], *y = (uint16_t *)e->y + at;
        vf_store_half(n < VF ? few : y, v);
        if (n < VF)
            memcpy(y, few, (size_t)n * sizeof *few);
        return;
    }
    float few[VF], *y = (float *)e->y + at;
    vf_store(n < VF ? few : y, v);
    if (n < VF)
        memcpy(y, few, (size_t)n * sizeof *few);
}

/* A function that vectors do not have, one by one. */
static inline vf ic_f32_end_each(const struct ic_f32_end *e, vf v)
{
    float each[VF];
    vf_store(each, v);
    for (int32_t i = 0; i < VF; i++)
        each[i] = ic_map_eval((enum ic_map_fn)e->fn, each[i], e->a, e->b);
    return vf_load(each);
}

/* Rows of n sums, `apart` elements from one to the next, become y[at ..], y[at + pitch ..] ... Rows have room for whole vectors. */
static void ic_f32_end_rows(const struct ic_f32_end *e, const float *sums, int32_t apart, int32_t rows, int64_t at, int64_t pitch,
                            int32_t n)
{
    const bool knows = ic_vf_knows(e->fn), rounds = e->round_mid, clamps = e->clamps, none = e->fn == IC_MAP_NONE;
    const vf lo = vf_set(e->lo), hi = vf_set(e->hi), a = vf_set(ic_flush(e->a)), b = vf_set(ic_flush(e->b));
    for (int32_t r = 0; r < rows; r++, sums += apart, at += pitch)
        for (int32_t i = 0; i < n; i += VF) {
            vf v = vf_load(sums + i);
            if (rounds)
                v = vf_round_half(v);
            if (clamps)
                v = vf_clamp(v, lo, hi);
            else if (!none)
                v = knows ? ic_vf_function(e->fn, a, b, v) : ic_f32_end_each(e, v);
            ic_f32_end_put(e, v, at + i, n - i);
        }
}

#endif
