/* SPDX-License-Identifier: Apache-2.0
 *
 * The vector operations of x86/vec_avx2.h for NEON: ARMv7 with VFPv4 (fused multiply-add, half precision) and AArch64.
 */
#ifndef IC_KERNELS_VEC_NEON_H
#define IC_KERNELS_VEC_NEON_H

#include <arm_neon.h>
#include <stdbool.h>

typedef float32x4_t vf;
enum { VF = 4 };

static inline vf vf_load(const float *p)
{
    return vld1q_f32(p);
}
static inline void vf_store(float *p, vf v)
{
    vst1q_f32(p, v);
}
static inline vf vf_dup(const float *p)
{
    return vld1q_dup_f32(p);
}
static inline vf vf_set(float x)
{
    return vdupq_n_f32(x);
}
static inline vf vf_zero(void)
{
    return vdupq_n_f32(0.0f);
}
static inline vf vf_fma(vf x, vf w, vf acc)
{
    return vfmaq_f32(acc, x, w);
}
static inline vf vf_add(vf a, vf b)
{
    return vaddq_f32(a, b);
}
static inline vf vf_mul(vf a, vf b)
{
    return vmulq_f32(a, b);
}
static inline vf vf_load_half(const uint16_t *p)
{
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)));
}
static inline void vf_store_half(uint16_t *p, vf v)
{
    vst1_u16(p, vreinterpret_u16_f16(vcvt_f16_f32(v)));
}
static inline vf vf_round_half(vf v)
{
    return vcvt_f32_f16(vcvt_f16_f32(v));
}
/* Denormals become zeros of their sign. */
static inline vf vf_flush(vf v)
{
    const uint32x4_t u = vreinterpretq_u32_f32(v);
    return vreinterpretq_f32_u32(vandq_u32(u, vorrq_u32(vtstq_u32(u, vdupq_n_u32(0x7F800000u)), vdupq_n_u32(0x80000000u))));
}
static inline vf vf_canonical(vf v)
{
    return vbslq_f32(vceqq_f32(v, v), v, vreinterpretq_f32_u32(vdupq_n_u32(0x7FC00000u)));
}
/* NEON's own rules are those of docs/arithmetic.md 2.5. */
static inline vf vf_max(vf a, vf b)
{
    return vmaxq_f32(a, b);
}
static inline vf vf_clamp(vf v, vf lo, vf hi)
{
    return vminq_f32(vmaxq_f32(v, lo), hi);
}

#if defined(__arm__)
/* ARMv7's vector loads have no offset, but count their pointer up for nothing, which gcc 12 does not find by itself. */
#define VF_COUNTS_UP
static inline vf vf_next_dup(const float **p)
{
    vf x;
    const float *at = *p;
    __asm__("vld1.32 {%e0[], %f0[]}, [%1]!" : "=w"(x), "+r"(at) : "m"(**p));
    *p = at;
    return x;
}

static inline float32x4_t vf_next(const uint8_t **p)
{
    float32x4_t x;
    const uint8_t *at = *p;
    __asm__("vld1.32 {%e0, %f0}, [%1]!" : "=w"(x), "+r"(at) : "m"(*(const uint8_t(*)[16]) * p));
    *p = at;
    return x;
}

/* Eight weights. */
static inline void vf_next_pair(const uint8_t **p, bool half, vf *out)
{
    if (half) {
        const uint16x8_t h = vreinterpretq_u16_f32(vf_next(p));
        out[0] = vcvt_f32_f16(vreinterpret_f16_u16(vget_low_u16(h)));
        out[1] = vcvt_f32_f16(vreinterpret_f16_u16(vget_high_u16(h)));
    } else {
        out[0] = vf_next(p);
        out[1] = vf_next(p);
    }
}
#endif

#endif
