/* SPDX-License-Identifier: Apache-2.0
 *
 * Elementary functions for the fused ends of all float kernels of an instruction set, whose vec_*.h was included before. Written as functions_f32.h.
 */
#include "kernels/functions_f32.h"

/* ic_sigmoid: both of its branches begin with exp(-|x|) */
static inline vf ic_vf_sigmoid(vf x)
{
    const vf one = vf_set(1.0f), e = ic_vf_exp(vf_mul(vf_abs(x), vf_set(-1.0f))), d = vf_add(one, e);
    const vf right = vf_div(one, d);
    const vf dropped = ic_vf_sub(e, ic_vf_sub(d, one)), q = vf_div(e, d), minus_q = vf_mul(q, vf_set(-1.0f));
    const vf remainder = vf_fma(minus_q, dropped, vf_fma(minus_q, d, e));
    const vf left = vf_fma(remainder, ic_vf_sub(one, q), q);
    const vf y = vf_if_less(x, vf_zero(), left, right);
    return vf_if_less(x, vf_set(-87.33655f), vf_zero(), y);
}

/* c[0] + x c[1] + ..., n of them */
static inline vf ic_vf_polynomial(const float *c, int n, vf x)
{
    vf y = vf_set(c[n - 1]);
    for (int i = n - 2; i >= 0; i--)
        y = vf_fma(y, x, vf_set(c[i]));
    return y;
}

/* x when it is a NaN or a zero (denormals are), else y: what odd functions do. */
static inline vf ic_vf_odd(vf x, vf y)
{
    const vf some = vf_if_less(vf_abs(x), vf_set(0x1p-126f), vf_copysign(vf_zero(), x), y);
    return vf_if_less(vf_abs(x), vf_set(ic_f32_from_bits(0x7F800000u)), some, vf_if_less(vf_zero(), vf_abs(x), y, x));
}

/* ic_tanh */
static inline vf ic_vf_tanh(vf x)
{
    static const float c[] = {-0x1.555552p-2f, 0x1.110dd8p-3f, -0x1.b91582p-5f, 0x1.576e3p-6f, -0x1.8c2d0ap-8f};
    const vf a = vf_abs(x), one = vf_set(1.0f), z = vf_mul(x, x);
    const vf small = vf_fma(vf_mul(z, x), ic_vf_polynomial(c, 5, z), x);
    const vf middle = ic_vf_sub(one, vf_div(vf_set(2.0f), vf_add(ic_vf_exp(vf_mul(vf_set(2.0f), a)), one)));
    const vf large = vf_copysign(vf_if_less(vf_set(9.1f), a, one, middle), x);
    return ic_vf_odd(x, vf_if_less(a, vf_set(0.63f), small, large));
}

/* ic_erf */
static inline vf ic_vf_erf(vf x)
{
    static const float small_c[] = {-0x1.812744p-2f, 0x1.ce2e86p-4f,   -0x1.b819c2p-6f,
                                    0x1.553b5p-8f,   -0x1.ae80a2p-11f, 0x1.6bd428p-14f};
    static const float tail_c[] = {0x1.9ed9b4p-13f, -0x1.212d92p+0f, -0x1.443a9ep-1f, -0x1.bb2e68p-4f,
                                   0x1.96fab8p-6f,  -0x1.fb58eap-9f, 0x1.0ec2bap-12f, 0x1.51d4fp-15f,
                                   -0x1.a27cbp-17f, 0x1.668b14p-20f, -0x1.de396cp-25f};
    const vf a = vf_abs(x), z = vf_mul(x, x);
    const vf rest = vf_fma(z, ic_vf_polynomial(small_c, 6, z), vf_set(-0x1.f7ac9200p-25f));
    const vf small = vf_fma(x, vf_set(0x1.20dd76p+0f), vf_mul(x, rest));
    const vf tail = ic_vf_sub(vf_set(1.0f), ic_vf_exp(ic_vf_polynomial(tail_c, 11, a)));
    const vf large = vf_copysign(vf_if_less(vf_set(3.92f), a, vf_set(1.0f), tail), x);
    return ic_vf_odd(x, vf_if_less(a, vf_set(0.875f), small, large));
}

static inline vf ic_vf_gelu(vf x)
{
    return vf_mul(vf_mul(x, vf_set(0.5f)), vf_add(vf_set(1.0f), ic_vf_erf(vf_mul(x, vf_set(0x1.6a09e6p-1f)))));
}

static inline vf ic_vf_gelu_tanh(vf x)
{
    const vf cube = vf_mul(vf_mul(x, x), x);
    const vf inner = vf_mul(vf_set(0x1.988454p-1f), vf_fma(vf_set(0x1.6e4e26p-5f), cube, x));
    return vf_mul(vf_mul(vf_set(0.5f), x), vf_add(vf_set(1.0f), ic_vf_tanh(inner)));
}

vf ic_vf_elementary(uint32_t fn, vf x)
{
    switch (fn) {
    case IC_MAP_EXP:
        return ic_vf_exp(x);
    case IC_MAP_TANH:
        return ic_vf_tanh(x);
    case IC_MAP_ERF:
        return ic_vf_erf(x);
    case IC_MAP_GELU:
        return ic_vf_gelu(x);
    case IC_MAP_GELU_TANH:
        return ic_vf_gelu_tanh(x);
    case IC_MAP_SILU:
        return vf_mul(x, ic_vf_sigmoid(x));
    default:
        return ic_vf_sigmoid(x);
    }
}
