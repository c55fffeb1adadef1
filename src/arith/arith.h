/* SPDX-License-Identifier: Apache-2.0
 *
 * The only definition of rounding, requantizing, saturating, elementary functions and reduction order. The rules and
 * the reasons are in docs/arithmetic.md; each function names its section there. All float functions assume that the
 * float mode of ic_float_mode_enter is on (denormals flushed, round to nearest even).
 */
#ifndef IC_ARITH_ARITH_H
#define IC_ARITH_ARITH_H

#include "arith/dtype.h"

enum ic_map_fn {
#define FN(NAME, name, formula) IC_MAP_##NAME,
#include "arith/map_fns.def"
#undef FN
    IC_MAP_COUNT
};

enum ic_zip_fn {
#define FN(NAME, name, formula) IC_ZIP_##NAME,
#include "arith/zip_fns.def"
#undef FN
    IC_ZIP_COUNT
};

/* ---- float mode (section 2) ---- */
struct ic_float_mode {
    uint64_t saved;
};
struct ic_float_mode ic_float_mode_enter(void); /* flush-to-zero, denormals-are-zero, nearest even; per thread */
void ic_float_mode_leave(struct ic_float_mode old);

/* ---- bits ---- */
static inline uint32_t ic_f32_bits(float x)
{
    union {
        float f;
        uint32_t u;
    } v = {.f = x};
    return v.u;
}
static inline float ic_f32_from_bits(uint32_t u)
{
    union {
        uint32_t u;
        float f;
    } v = {.u = u};
    return v.f;
}
float ic_f16_to_f32(uint16_t h);         /* exact, denormals of f16 kept; NaN becomes 0x7fc00000 */
uint16_t ic_f32_to_f16(float x);         /* nearest even; overflow to Inf; NaN becomes 0x7e00; f32 denormals are +-0 */
float ic_round_f16(float x);             /* ic_f16_to_f32(ic_f32_to_f16(x)) */
float ic_flush(float x);                 /* denormal -> zero of the same sign; NaN -> 0x7fc00000 */
float ic_canonical(float x);             /* NaN -> 0x7fc00000, everything else as it is: applied where a result is stored */
float ic_fma(float a, float b, float c); /* one rounding; flushed in and out as section 2 says (ARM's corner) */
float ic_max(float a, float b);          /* NaN wins, -0 < +0 */
float ic_min(float a, float b);

/* ---- integers (section 3) ---- */
int32_t ic_requant(int32_t acc, float scale, int32_t zero, int32_t lo,
                   int32_t hi); /* rne(clamp(acc * scale)) + zero, clamped to lo..hi */
int32_t ic_requant64(int64_t acc, float scale, int32_t zero, int32_t lo, int32_t hi);
int32_t ic_quantize(float x, float inv_scale, int32_t zero, int32_t lo,
                    int32_t hi); /* rne(clamp(x * inv_scale)) + zero; NaN gives zero point */

/* ---- scalar functions (section 5) ---- */
float ic_map_eval(enum ic_map_fn fn, float x, float a, float b);
float ic_zip_eval(enum ic_zip_fn fn, float x1, float x2);
const char *ic_map_name(enum ic_map_fn fn); /* "?" for an unknown number */
const char *ic_zip_name(enum ic_zip_fn fn);
enum ic_map_fn ic_map_from_name(const char *name); /* IC_MAP_COUNT when unknown */
float ic_exp(float x);                             /* at most 2 ulp, measured over all float32 */
float ic_log(float x);
double ic_exp_f64(double x); /* for calibration: same bits on every host */
double ic_log_f64(double x);

/* ---- order of sums (section 4): the fixed tree over 1, 4 or 16 partial sums: p[i] += p[i + n/2], n halves ---- */
float ic_sum_tree(float *partials, int n);

#endif
