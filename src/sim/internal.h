/* SPDX-License-Identifier: Apache-2.0
 *
 * What the simulator's files share. Written from docs/program.md and docs/arithmetic.md alone: nothing of kernels/ is used or looked at.
 */
#ifndef IC_SIM_INTERNAL_H
#define IC_SIM_INTERNAL_H

#include "arith/float_ops.h"
#include "sim/sim.h"

/* One step being run. */
struct ic_sim_run {
    const struct ic_program *p;
    void *const *ptr;             /* per tensor */
    struct ic_sim_events *events; /* of this step */
    struct ic_diag *d;
};

static inline const struct ic_tensor *ic_sim_tensor(const struct ic_sim_run *r, uint32_t t)
{
    return &r->p->tensors[t];
}

/* Element i of float tensor t, widened and flushed. */
float ic_sim_get(const struct ic_sim_run *r, uint32_t t, int64_t i);
/* Stores v with the rules of f32 or f16; counts overflows. */
void ic_sim_put(const struct ic_sim_run *r, uint32_t t, int64_t i, float v);
int32_t ic_sim_get_code(const struct ic_sim_run *r, uint32_t t, int64_t i);
/* Stores a requantized code; exact is the product before the clamp, for counting saturation. */
void ic_sim_put_code(const struct ic_sim_run *r, uint32_t t, int64_t i, int32_t code, double exact, int32_t zero);

/* The end of a float result. */
static inline float ic_sim_end(float v, uint32_t round_mid, uint32_t fn, float a, float b)
{
    const float rounded = round_mid == IC_ROUND_F16 ? ic_round_f16(v) : v;
    return ic_map_eval((enum ic_map_fn)fn, rounded, a, b);
}

enum ic_status ic_sim_contract(const struct ic_sim_run *r, const struct ic_step_contract *s);
enum ic_status ic_sim_map(const struct ic_sim_run *r, const struct ic_step_map *s);
enum ic_status ic_sim_zip(const struct ic_sim_run *r, const struct ic_step_zip *s);
enum ic_status ic_sim_reduce(const struct ic_sim_run *r, const struct ic_step_reduce *s);
enum ic_status ic_sim_pool(const struct ic_sim_run *r, const struct ic_step_pool *s);
enum ic_status ic_sim_copy(const struct ic_sim_run *r, const struct ic_step_copy *s);
enum ic_status ic_sim_fill(const struct ic_sim_run *r, const struct ic_step_fill *s);
enum ic_status ic_sim_convert(const struct ic_sim_run *r, const struct ic_step_convert *s);
enum ic_status ic_sim_lut(const struct ic_sim_run *r, const struct ic_step_lut *s);
enum ic_status ic_sim_softmax(const struct ic_sim_run *r, const struct ic_step_softmax *s);
enum ic_status ic_sim_product(const struct ic_sim_run *r, const struct ic_step_product *s);
enum ic_status ic_sim_matmul(const struct ic_sim_run *r, const struct ic_step_matmul *s);
enum ic_status ic_sim_combine(const struct ic_sim_run *r, const struct ic_step_combine *s);
enum ic_status ic_sim_select(const struct ic_sim_run *r, const struct ic_step_select *s);
enum ic_status ic_sim_fold(const struct ic_sim_run *r, const struct ic_step_fold *s);
enum ic_status ic_sim_arg(const struct ic_sim_run *r, const struct ic_step_arg *s);
enum ic_status ic_sim_top(const struct ic_sim_run *r, const struct ic_step_top *s);
enum ic_status ic_sim_scan(const struct ic_sim_run *r, const struct ic_step_scan *s);
enum ic_status ic_sim_gather(const struct ic_sim_run *r, const struct ic_step_gather *s);
enum ic_status ic_sim_scatter(const struct ic_sim_run *r, const struct ic_step_scatter *s);
enum ic_status ic_sim_resample(const struct ic_sim_run *r, const struct ic_step_resample *s);
enum ic_status ic_sim_nms(const struct ic_sim_run *r, const struct ic_step_nms *s);

/* Where the digits of i in the mixed radix of dims lead under stride; how many such i there are. */
int64_t ic_sim_place(int32_t rank, const int32_t *dims, const int32_t *stride, int64_t i);
int64_t ic_sim_count(int32_t rank, const int32_t *dims);

/* The contraction's inner loops, compiled twice: plain follows arithmetic.md everywhere; avx2 uses the CPU's fma and says when a partial
 * sum touched +-2^-126, where x86 may differ (then the caller asks plain). w is [n_k][n_oc]; sums [partials][n_oc] start with the bias. */
struct ic_sim_dot {
    int32_t n_k, n_oc, partials;
    const float *x, *w;
    float *sums;
};
bool ic_sim_dot_plain(const struct ic_sim_dot *dot);
bool ic_sim_dot_avx2(const struct ic_sim_dot *dot); /* true: touched the corner */

#endif
