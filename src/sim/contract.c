/* SPDX-License-Identifier: Apache-2.0
 *
 * CONTRACT: the weights are unpacked through the step's descriptor into [k][oc] matrices, each output pixel's window is gathered, then the
 * two are multiplied in ascending k.
 */
#include "base/alloc.h"
#include "base/os.h"
#include "sim/internal.h"

#include <math.h>
#include <string.h>

struct job {
    const struct ic_sim_run *r;
    const struct ic_step_contract *s;
    int32_t icg, ocg, n_k;
    bool one_matrix; /* depthwise: a single matrix whose rows are the channels */
    bool fast;
    float *w;  /* floats: [groups][n_k][ocg] */
    int8_t *q; /* codes: the same */
    float *x;  /* one window */
    int32_t *xq;
    float *sums, *again;
};

static size_t packed_place(const struct job *j, int32_t g, int32_t o, int32_t k)
{
    const struct ic_step_contract *s = j->s;
    if (j->one_matrix)
        return ic_packed_index(g * j->ocg + o, k, j->n_k, s->oc_block, s->k_block);
    return (size_t)g * ic_packed_elements(j->ocg, j->n_k, s->oc_block, s->k_block) +
           ic_packed_index(o, k, j->n_k, s->oc_block, s->k_block);
}

static void unpack(const struct job *j)
{
    for (int32_t g = 0; g < j->s->groups; g++)
        for (int32_t k = 0; k < j->n_k; k++)
            for (int32_t o = 0; o < j->ocg; o++) {
                const size_t to = ((size_t)g * (size_t)j->n_k + (size_t)k) * (size_t)j->ocg + (size_t)o;
                const size_t from = packed_place(j, g, o, k);
                if (j->w)
                    j->w[to] = ic_sim_get(j->r, j->s->w, (int64_t)from);
                else
                    j->q[to] = ((const int8_t *)j->r->ptr[j->s->w])[from];
            }
}

/* The window of one output pixel in group g, in the order of k: kh, kw, channel. */
static void gather(const struct job *j, int32_t n, int32_t oy, int32_t ox, int32_t g)
{
    const struct ic_step_contract *s = j->s;
    int32_t k = 0;
    for (int32_t ky = 0; ky < s->kh; ky++)
        for (int32_t kx = 0; kx < s->kw; kx++) {
            const int32_t iy = oy * s->stride_h + ky * s->dilation_h - s->pad_top,
                          ix = ox * s->stride_w + kx * s->dilation_w - s->pad_left;
            const bool inside = iy >= 0 && iy < s->ih && ix >= 0 && ix < s->iw;
            const int64_t at = (((int64_t)n * s->ih + iy) * s->iw + ix) * s->x_pitch + (int64_t)g * j->icg;
            for (int32_t c = 0; c < j->icg; c++, k++) {
                if (j->w)
                    j->x[k] = inside ? ic_sim_get(j->r, s->x, at + c) : 0.0f;
                else
                    j->xq[k] = inside ? ic_sim_get_code(j->r, s->x, at + c) : s->zx;
            }
        }
}

static void start_sums(const struct job *j, int32_t g, float *sums)
{
    const float *bias = j->s->bias ? j->r->ptr[j->s->bias] : NULL;
    memset(sums, 0, (size_t)j->s->partials * (size_t)j->ocg * sizeof *sums);
    for (int32_t o = 0; bias && o < j->ocg; o++)
        sums[o] = ic_flush(bias[g * j->ocg + o]);
}

static float total(const struct job *j, const float *sums, int32_t o)
{
    float partial[16];
    for (uint32_t p = 0; p < j->s->partials; p++)
        partial[p] = sums[p * (uint32_t)j->ocg + (uint32_t)o];
    return ic_sum_tree(partial, (int)j->s->partials);
}

static void floats_of_pixel(const struct job *j, int32_t g, int64_t at)
{
    const struct ic_step_contract *s = j->s;
    struct ic_sim_dot dot = {.n_k = j->n_k,
                             .n_oc = j->ocg,
                             .partials = (int32_t)s->partials,
                             .x = j->x,
                             .w = j->w + (size_t)g * (size_t)j->n_k * (size_t)j->ocg,
                             .sums = j->sums};
    start_sums(j, g, j->sums);
    if (!j->fast || ic_sim_dot_avx2(&dot)) {
        if (j->fast) { /* the corner was touched: plain decides, and differences are counted */
            memcpy(j->again, j->sums, (size_t)s->partials * (size_t)j->ocg * sizeof *j->sums);
            start_sums(j, g, j->sums);
        }
        (void)ic_sim_dot_plain(&dot);
        for (size_t i = 0; j->fast && i < (size_t)s->partials * (size_t)j->ocg; i++)
            j->r->events->tiny_corner += ic_f32_bits(j->again[i]) != ic_f32_bits(j->sums[i]);
    }
    for (int32_t o = 0; o < j->ocg; o++)
        ic_sim_put(j->r, s->y, at + (int64_t)g * j->ocg + o, ic_sim_end(total(j, j->sums, o), s->round_mid, s->fn, s->a, s->b));
}

static void codes_of_pixel(const struct job *j, int32_t g, int64_t at)
{
    const struct ic_step_contract *s = j->s;
    const int32_t *bias = j->r->ptr[s->bias];
    const float *scale = j->r->ptr[s->scale];
    const int8_t *q = j->q + (size_t)g * (size_t)j->n_k * (size_t)j->ocg;
    for (int32_t o = 0; o < j->ocg; o++) {
        const int32_t channel = g * j->ocg + o;
        int64_t sum = bias[channel];
        for (int32_t k = 0; k < j->n_k; k++)
            sum += (int64_t)j->xq[k] * q[(size_t)k * (size_t)j->ocg + (size_t)o];
        const int32_t code = s->mode == IC_ARITH_S64 ? ic_requant64(sum, scale[channel], s->zy, s->q_lo, s->q_hi)
                                                     : ic_requant((int32_t)sum, scale[channel], s->zy, s->q_lo, s->q_hi);
        ic_sim_put_code(j->r, s->y, at + channel, code, (double)sum * (double)scale[channel], s->zy);
    }
}

static void run_all(const struct job *j)
{
    const struct ic_step_contract *s = j->s;
    unpack(j);
    for (int32_t n = 0; n < s->n; n++)
        for (int32_t oy = 0; oy < s->oh; oy++)
            for (int32_t ox = 0; ox < s->ow; ox++)
                for (int32_t g = 0; g < s->groups; g++) {
                    const int64_t at = (((int64_t)n * s->oh + oy) * s->ow + ox) * s->y_pitch;
                    gather(j, n, oy, ox, g);
                    if (j->w)
                        floats_of_pixel(j, g, at);
                    else
                        codes_of_pixel(j, g, at);
                }
}

enum ic_status ic_sim_contract(const struct ic_sim_run *r, const struct ic_step_contract *s)
{
    struct ic_arena scratch = {0};
    struct job j = {.r = r,
                    .s = s,
                    .icg = s->ic / s->groups,
                    .ocg = s->oc / s->groups,
                    .fast = (ic_os_cpu_flags() & IC_CPU_AVX2_FMA_F16C) != 0};
    j.n_k = s->kh * s->kw * j.icg;
    j.one_matrix = j.icg == 1 && j.ocg == 1;
    const size_t n_w = (size_t)s->groups * (size_t)j.n_k * (size_t)j.ocg, n_sums = (size_t)s->partials * (size_t)j.ocg;
    if (s->mode == IC_ARITH_F32)
        j.w = ic_arena_array(&scratch, n_w, sizeof *j.w);
    else
        j.q = ic_arena_array(&scratch, n_w, sizeof *j.q);
    j.x = ic_arena_array(&scratch, (size_t)j.n_k, sizeof *j.x);
    j.xq = ic_arena_array(&scratch, (size_t)j.n_k, sizeof *j.xq);
    j.sums = ic_arena_array(&scratch, n_sums, sizeof *j.sums);
    j.again = ic_arena_array(&scratch, n_sums, sizeof *j.again);
    enum ic_status status = IC_OK;
    if ((!j.w && !j.q) || !j.x || !j.xq || !j.sums || !j.again)
        status = ic_fail(r->d, IC_ERR_MEMORY, "no memory to simulate a contraction of %zu weight%s", n_w, IC_S(n_w));
    else
        run_all(&j);
    ic_arena_destroy(&scratch);
    return status;
}
