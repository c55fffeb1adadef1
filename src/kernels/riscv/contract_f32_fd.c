/* SPDX-License-Identifier: Apache-2.0
 *
 * Float contractions with RISC-V's fused multiply-add (extensions F and D). The CPU has no flush mode, so every result is looked at: one above
 * 2^-126 is what docs/arithmetic.md 2.1 wants, the others, rare, are computed again in software. Where the compiler has proved that none can
 * occur (IC_CONTRACT_NO_UNDERFLOW), nothing is looked at. Four pixels of a row share the widened weights. Padding counts as +0, sums run over k in
 * ascending order: the bits are those of kernels/ref.
 */
#include "kernels/ref/ref.h"

#include <string.h>

enum { PIXELS = 4, MOST_PARTIALS = 16 };

struct job {
    const struct ic_step_contract *s;
    const struct ic_tensor *tensors;
    const void *x, *w;
    const float *bias;
    int32_t icg, n_k;
    bool proved;
    float *patches, *row; /* [PIXELS][n_k], [n_k] */
};

static int32_t units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_contract *s = args;
    return s->n * s->oh;
}

static int32_t terms(const struct ic_step_contract *s)
{
    return s->kh * s->kw * (s->ic / s->groups);
}

static bool fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_contract *s = args;
    return s->mode == IC_ARITH_F32 && s->oc_block == 1 && s->k_block == 1 && terms(s) <= 1 << 20 && tensors[s->x].dtype <= IC_F16 &&
           tensors[s->w].dtype <= IC_F16 && tensors[s->y].dtype <= IC_F16;
}

static size_t scratch_bytes(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return (size_t)terms(args) * (PIXELS + 1) * sizeof(float);
}

/* Exact: the bits of a half, moved into a float, are the number times 2^-112; a denormal float is a number like any other here. */
static inline float widen(uint16_t h)
{
    const uint32_t magnitude = h & 0x7FFFu;
    if (magnitude >= 0x7C00u)
        return ic_f16_to_f32(h);
    const float x = ic_f32_from_bits(magnitude << 13) * 0x1p112f;
    return ic_f32_from_bits(ic_f32_bits(x) | (uint32_t)(h & 0x8000u) << 16);
}

static inline float flushed(float x)
{
    const uint32_t bits = ic_f32_bits(x);
    return (bits & 0x7F800000u) != 0 ? x : ic_f32_from_bits(bits & 0x80000000u);
}

static void load(uint32_t dtype, const void *x, int64_t first, int32_t n, float *out)
{
    if (dtype == IC_F16) {
        const uint16_t *from = (const uint16_t *)x + first;
        for (int32_t i = 0; i < n; i++)
            out[i] = widen(from[i]);
    } else {
        const float *from = (const float *)x + first;
        for (int32_t i = 0; i < n; i++)
            out[i] = flushed(from[i]);
    }
}

/* x * w + sum, x and w flushed, sum a result or a bias. */
static inline float fused(float x, float w, float sum)
{
    const float y = __builtin_fmaf(x, w, sum);
    /* 0 < |y| <= 2^-126: tiny, or rounded up to it. A zero is right as it is, whether exact or underflowed. */
    if (__builtin_expect((ic_f32_bits(y) << 1) - 1u < 0x00800000u << 1, 0))
        return ic_fma_f(x, w, sum);
    return y;
}

static inline float add(float x, float w, float sum, bool proved)
{
    return proved ? __builtin_fmaf(x, w, sum) : fused(x, w, sum);
}

static inline float dot(const float *x, const float *w, int32_t n, float first, uint32_t partials, bool proved)
{
    float sums[MOST_PARTIALS] = {first};
    int32_t k = 0;
    if (partials == 1) {
        for (; k < n; k++)
            first = add(x[k], w[k], first, proved);
        return first;
    }
    if (partials == 4) {
        float s0 = first, s1 = 0.0f, s2 = 0.0f, s3 = 0.0f;
        for (; k + 4 <= n; k += 4) {
            s0 = add(x[k], w[k], s0, proved);
            s1 = add(x[k + 1], w[k + 1], s1, proved);
            s2 = add(x[k + 2], w[k + 2], s2, proved);
            s3 = add(x[k + 3], w[k + 3], s3, proved);
        }
        sums[0] = s0;
        sums[1] = s1;
        sums[2] = s2;
        sums[3] = s3;
    }
    for (; k < n; k++) {
        float *sum = &sums[(uint32_t)k & (partials - 1)];
        *sum = add(x[k], w[k], *sum, proved);
    }
    return ic_sum_tree(sums, (int)partials);
}

/* The taps of one output pixel in one group of channels, k as the weights have it. */
static void gather(const struct job *j, int32_t unit, int32_t ox, int32_t group, float *out)
{
    const struct ic_step_contract *s = j->s;
    const uint32_t dtype = j->tensors[s->x].dtype;
    const int32_t n = unit / s->oh, oy = unit % s->oh;
    for (int32_t ky = 0; ky < s->kh; ky++)
        for (int32_t kx = 0; kx < s->kw; kx++) {
            const int32_t iy = oy * s->stride_h - s->pad_top + ky * s->dilation_h,
                          ix = ox * s->stride_w - s->pad_left + kx * s->dilation_w;
            const bool inside = iy >= 0 && iy < s->ih && ix >= 0 && ix < s->iw;
            const int64_t at = (((int64_t)n * s->ih + iy) * s->iw + ix) * s->x_pitch + (int64_t)group * j->icg;
            if (inside)
                load(dtype, j->x, at, j->icg, out);
            else
                memset(out, 0, (size_t)j->icg * sizeof *out);
            out += j->icg;
        }
}

/* Row o of the weights; a packing of single elements leaves the rows of all groups one after another. */
static const float *weights(const struct job *j, int32_t o)
{
    load(j->tensors[j->s->w].dtype, j->w, (int64_t)o * j->n_k, j->n_k, j->row);
    return j->row;
}

static void pixels(const struct job *j, void *y, int32_t unit, int32_t ox, int32_t count)
{
    const struct ic_step_contract *s = j->s;
    const int32_t ocg = s->oc / s->groups;
    for (int32_t group = 0; group < s->groups; group++) {
        for (int32_t p = 0; p < count; p++)
            gather(j, unit, ox + p, group, j->patches + (size_t)p * (size_t)j->n_k);
        for (int32_t o = group * ocg; o < (group + 1) * ocg; o++) {
            const float *w = weights(j, o);
            for (int32_t p = 0; p < count; p++) {
                const float *x = j->patches + (size_t)p * (size_t)j->n_k, first = j->bias ? j->bias[o] : 0.0f;
                const float sum = j->proved ? dot(x, w, j->n_k, first, s->partials, true)
                                            : dot(x, w, j->n_k, ic_flush(first), s->partials, false);
                ic_store(j->tensors[s->y].dtype, y, ((int64_t)unit * s->ow + ox + p) * s->y_pitch + o,
                         ic_end(sum, s->round_mid, s->fn, s->a, s->b));
            }
        }
    }
}

static void run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    const struct ic_step_contract *s = args;
    const int32_t n_k = terms(s);
    const struct job j = {.s = s,
                          .tensors = tensors,
                          .x = ptr[s->x],
                          .w = ptr[s->w],
                          .bias = s->bias ? ptr[s->bias] : NULL,
                          .icg = s->ic / s->groups,
                          .n_k = n_k,
                          .proved = (s->flags & IC_CONTRACT_NO_UNDERFLOW) != 0,
                          .patches = scratch,
                          .row = (float *)scratch + (size_t)n_k * PIXELS};
    for (int32_t unit = begin; unit < end; unit++)
        for (int32_t ox = 0; ox < s->ow; ox += PIXELS)
            pixels(&j, ptr[s->y], unit, ox, s->ow - ox < PIXELS ? s->ow - ox : PIXELS);
}

const struct ic_kernel ic_kernel_contract_f32_fd = {
    .name = "contract_f32_fd", .kind = IC_STEP_CONTRACT, .fits = fits, .scratch_bytes = scratch_bytes, .units = units, .run = run};
