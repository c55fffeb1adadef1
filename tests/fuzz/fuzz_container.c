/* SPDX-License-Identifier: Apache-2.0
 *
 * A model file from anywhere: opened, its program decoded and checked, and when it is small enough simulated.
 */
#include "base/alloc.h"
#include "container/container.h"
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_WORK = 1 << 20 };

/* A bound on what the steps do, so that a valid but huge program does not look like a hang. */
static bool is_small(const struct ic_program *p)
{
    uint64_t work = p->arena_bytes;
    for (uint32_t i = 0; i < p->n_tensors; i++)
        work += p->tensors[i].size_bytes;
    for (uint32_t i = 0; i < p->n_steps; i++) {
        if (p->steps[i].kind == IC_STEP_CONTRACT) {
            const struct ic_step_contract *s = p->steps[i].args;
            const double macs = (double)s->n * s->oh * s->ow * s->oc * s->kh * s->kw * (s->ic / s->groups + 1);
            work += macs > MAX_WORK ? MAX_WORK : (uint64_t)macs;
        }
        if (p->steps[i].kind == IC_STEP_POOL) {
            const struct ic_step_pool *s = p->steps[i].args;
            const double taps = (double)s->n * s->oh * s->ow * s->c * s->kh * s->kw;
            work += taps > MAX_WORK ? MAX_WORK : (uint64_t)taps;
        }
        if (p->steps[i].kind == IC_STEP_MATMUL) {
            const struct ic_step_matmul *s = p->steps[i].args;
            const double macs = (double)s->batch * s->m * s->n * s->k;
            work += macs > MAX_WORK ? MAX_WORK : (uint64_t)macs;
        }
    }
    return work < MAX_WORK;
}

static void simulate(const struct ic_program *p, struct ic_diag *d)
{
    struct ic_arena arena = {0};
    struct ic_sim *s = NULL;
    void **inputs = ic_arena_array(&arena, p->n_inputs, sizeof *inputs),
         **outputs = ic_arena_array(&arena, p->n_outputs, sizeof *outputs);
    for (uint32_t i = 0; i < p->n_inputs; i++)
        inputs[i] = ic_arena_aligned(&arena, (size_t)p->tensors[p->inputs[i].tensor].size_bytes, 64);
    for (uint32_t i = 0; i < p->n_outputs; i++)
        outputs[i] = ic_arena_aligned(&arena, (size_t)p->tensors[p->outputs[i].tensor].size_bytes, 64);
    if (ic_sim_create(p, &s, d) == IC_OK)
        (void)!ic_sim_run(s, (const void *const *)inputs, outputs, NULL, NULL, d);
    ic_sim_destroy(s);
    ic_arena_destroy(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_container c;
    struct ic_diag d = {0};
    uint8_t *bytes = ic_malloc_aligned(size + 1, 64);
    if (!bytes)
        return 0;
    if (size)
        memcpy(bytes, data, size);
    /* checksums are not looked at, so that the fuzzer gets behind them */
    if (size >= 96 && memcmp(bytes, IC_CONTAINER_MAGIC, 8) == 0) {
        const uint32_t n = bytes[12] <= IC_CONTAINER_MAX_SECTIONS && 64 + bytes[12] * 32u <= size ? bytes[12] : 0;
        const uint32_t crc = ic_crc32(ic_crc32(0, bytes, 24), bytes + 64, n * 32u);
        for (int i = 0; i < 4; i++)
            bytes[24 + i] = (uint8_t)(crc >> (8 * i));
    }
    if (ic_container_open(bytes, size, false, &c, &d) == IC_OK) {
        const struct ic_section *s = ic_container_find(&c, IC_SECTION_PROGRAM, 0),
                                *k = ic_container_find(&c, IC_SECTION_PROGRAM_CONSTS, 0);
        struct ic_program p;
        if (s && ic_program_decode(s->bytes, s->size_bytes, k ? k->bytes : NULL, k ? k->size_bytes : 0, &p, &d) == IC_OK) {
            if (is_small(&p))
                simulate(&p, &d);
            ic_program_destroy(&p);
        }
    }
    ic_free_aligned(bytes);
    return 0;
}
