/* SPDX-License-Identifier: Apache-2.0
 *
 * CONTRACT by its definition: docs/program.md and docs/arithmetic.md section 4. Output pixel by output pixel, channel by channel.
 */
#include "kernels/ref/ref.h"

struct contract {
    const struct ic_step_contract *s;
    const struct ic_tensor *tensors;
    const void *x, *w, *bias, *scale;
    void *y;
    int32_t icg, ocg, n_k;
    bool depthwise;
};

static int32_t units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_contract *s = args;
    return s->n * s->oh;
}

/* Where row o (of all channels), column k of the weights stands. */
static size_t weight_index(const struct contract *c, int32_t o, int32_t k)
{
    if (c->depthwise)
        return ic_packed_index(o, k, c->n_k, c->s->oc_block, c->s->k_block);
    const int32_t group = o / c->ocg;
    return (size_t)group * ic_packed_elements(c->ocg, c->n_k, c->s->oc_block, c->s->k_block) +
           ic_packed_index(o % c->ocg, k, c->n_k, c->s->oc_block, c->s->k_block);
}

/* Element index of tap k of output (n, oy, ox) in group of channel o, or -1 in the padding. */
static int64_t tap_index(const struct contract *c, int32_t n, int32_t oy, int32_t ox, int32_t o, int32_t k)
{
    const struct ic_step_contract *s = c->s;
    const int32_t ky = k / (s->kw * c->icg), kx = k / c->icg % s->kw, ci = k % c->icg;
    const int32_t iy = oy * s->stride_h - s->pad_top + ky * s->dilation_h, ix = ox * s->stride_w - s->pad_left + kx * s->dilation_w;
    if (iy < 0 || iy >= s->ih || ix < 0 || ix >= s->iw)
        return -1;
    return (((int64_t)n * s->ih + iy) * s->iw + ix) * s->x_pitch + (o / c->ocg) * c->icg + ci;
}

static float float_result(const struct contract *c, int32_t n, int32_t oy, int32_t ox, int32_t o)
{
    const struct ic_step_contract *s = c->s;
    float sums[16] = {0};
    sums[0] = c->bias ? ((const float *)c->bias)[o] : 0.0f;
    for (int32_t k = 0; k < c->n_k; k++) {
        const int64_t at = tap_index(c, n, oy, ox, o, k);
        const float x = at < 0 ? 0.0f : ic_load(c->tensors[s->x].dtype, c->x, at);
        const float w = ic_load(c->tensors[s->w].dtype, c->w, (int64_t)weight_index(c, o, k));
        float *sum = &sums[(uint32_t)k % s->partials];
        *sum = ic_fma_f(x, w, *sum);
    }
    return ic_end(ic_sum_tree(sums, (int)s->partials), s->round_mid, s->fn, s->a, s->b);
}

static int32_t code_result(const struct contract *c, int32_t n, int32_t oy, int32_t ox, int32_t o)
{
    const struct ic_step_contract *s = c->s;
    int64_t sum = ((const int32_t *)c->bias)[o];
    for (int32_t k = 0; k < c->n_k; k++) {
        const int64_t at = tap_index(c, n, oy, ox, o, k);
        const int32_t x = at < 0 ? s->zx : ic_load_code(c->tensors[s->x].dtype, c->x, at);
        sum += (int64_t)x * ((const int8_t *)c->w)[weight_index(c, o, k)];
    }
    const float scale = ((const float *)c->scale)[o];
    return s->mode == IC_ARITH_S64 ? ic_requant64(sum, scale, s->zy, s->q_lo, s->q_hi)
                                   : ic_requant((int32_t)sum, scale, s->zy, s->q_lo, s->q_hi);
}

static void run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)scratch;
    const struct ic_step_contract *s = args;
    const int32_t icg = s->ic / s->groups, ocg = s->oc / s->groups;
    const struct contract c = {.s = s,
                               .tensors = tensors,
                               .x = ptr[s->x],
                               .w = ptr[s->w],
                               .bias = s->bias ? ptr[s->bias] : NULL,
                               .scale = s->scale ? ptr[s->scale] : NULL,
                               .y = ptr[s->y],
                               .icg = icg,
                               .ocg = ocg,
                               .n_k = s->kh * s->kw * icg,
                               .depthwise = icg == 1 && ocg == 1};
    for (int32_t row = begin; row < end; row++)
        for (int32_t ox = 0; ox < s->ow; ox++)
            for (int32_t o = 0; o < s->oc; o++) {
                const int64_t at = ((int64_t)row * s->ow + ox) * s->y_pitch + o;
                if (s->mode == IC_ARITH_F32)
                    ic_store(tensors[s->y].dtype, c.y, at, float_result(&c, row / s->oh, row % s->oh, ox, o));
                else
                    ic_store_code(c.y, at, code_result(&c, row / s->oh, row % s->oh, ox, o));
            }
}

const struct ic_kernel ic_kernel_contract_ref = {.name = "contract_ref", .kind = IC_STEP_CONTRACT, .units = units, .run = run};
