/* SPDX-License-Identifier: Apache-2.0
 *
 * A bound on what a valid program does, so that a huge one does not look like a hang.
 */
#ifndef IC_TESTS_FUZZ_WORK_H
#define IC_TESTS_FUZZ_WORK_H

#include "program/program.h"

static inline uint64_t work_of(const struct ic_step *step)
{
    const void *args = step->args;
    double work = 0.0;
    if (step->kind == IC_STEP_CONTRACT) {
        const struct ic_step_contract *s = args;
        work = (double)s->n * s->oh * s->ow * s->oc * s->kh * s->kw * (s->ic / s->groups + 1);
    } else if (step->kind == IC_STEP_POOL) {
        const struct ic_step_pool *s = args;
        work = (double)s->n * s->oh * s->ow * s->c * s->kh * s->kw;
    } else if (step->kind == IC_STEP_MATMUL) {
        const struct ic_step_matmul *s = args;
        work = (double)s->batch * s->m * s->n * s->k;
    } else if (step->kind == IC_STEP_TOP) {
        const struct ic_step_top *s = args;
        work = (double)s->outer * s->inner * s->count * s->k;
    } else if (step->kind == IC_STEP_RESAMPLE) {
        const struct ic_step_resample *s = args;
        work = (double)s->outer * s->inner * s->results * s->taps;
    } else if (step->kind == IC_STEP_COPY) {
        const struct ic_step_copy *s = args;
        work = 1.0;
        for (int32_t i = 0; i < s->rank; i++)
            work *= (double)s->dims[i];
    }
    return work > 1e18 ? (uint64_t)1 << 60 : (uint64_t)work;
}

static inline bool work_is_small(const struct ic_program *p, uint64_t most)
{
    uint64_t work = p->arena_bytes;
    for (uint32_t i = 0; i < p->n_tensors && work < most; i++)
        work += p->tensors[i].size_bytes;
    for (uint32_t i = 0; i < p->n_steps && work < most; i++)
        work += work_of(&p->steps[i]);
    return work < most;
}

#endif
