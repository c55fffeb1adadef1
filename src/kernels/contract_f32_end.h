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

/* sums[0 .. n) becomes y[at ..]; sums has room for whole vectors and is overwritten. */
static inline void ic_f32_end_store(const struct ic_f32_end *e, float *sums, int64_t at, int32_t n)
{
    if (e->round_mid)
        for (int32_t i = 0; i < n; i += VF)
            vf_store(sums + i, vf_round_half(vf_load(sums + i)));
    if (e->clamps) {
        for (int32_t i = 0; i < n; i += VF)
            vf_store(sums + i, vf_clamp(vf_load(sums + i), vf_set(e->lo), vf_set(e->hi)));
    } else if (ic_vf_knows(e->fn)) {
        const vf a = vf_set(ic_flush(e->a)), b = vf_set(ic_flush(e->b));
        for (int32_t i = 0; i < n; i += VF)
            vf_store(sums + i, ic_vf_function(e->fn, a, b, vf_load(sums + i)));
    } else if (e->fn != IC_MAP_NONE) {
        for (int32_t i = 0; i < n; i++)
            sums[i] = ic_map_eval((enum ic_map_fn)e->fn, sums[i], e->a, e->b);
    }
    int32_t i = 0;
    if (e->y_half) {
        uint16_t *y = (uint16_t *)e->y + at;
        for (; i + VF <= n; i += VF)
            vf_store_half(y + i, vf_canonical(vf_load(sums + i)));
        for (; i < n; i++)
            y[i] = ic_f32_to_f16(sums[i]);
        return;
    }
    float *y = (float *)e->y + at;
    for (; i + VF <= n; i += VF)
        vf_store(y + i, vf_canonical(vf_load(sums + i)));
    for (; i < n; i++)
        y[i] = ic_canonical(sums[i]);
}

#endif
