/* SPDX-License-Identifier: Apache-2.0
 *
 * Encoded programs from anywhere: what the checks let through must run, and give the same bytes in the simulator, by the fastest kernels and by
 * the reference ones. An input is a u32 n, n bytes of a program, its constants. */
#include "base/alloc.h"
#include "base/os.h"
#include "fuzz/work.h"
#include "runtime/session.h"
#include "sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef IC_FUZZ
#include "fuzz/mutate.h"
IC_MUTATE_WITH(mutate_program)
#endif

enum { CONST_BYTES = 1 << 16, MAX_WORK = 1 << 20, MAX_STEPS = 24 };
static _Alignas(64) uint8_t consts[CONST_BYTES];

static void fill(uint8_t *to, const struct ic_tensor *t, uint32_t salt)
{
    for (size_t i = 0; i < t->size_bytes; i++)
        to[i] = (uint8_t)((i * 37 + salt) % 251);
    for (size_t i = 0; t->dtype == IC_F32 && i + 4 <= t->size_bytes;
         i += 4) { /* plain numbers: the corner of 2.3 is not searched for */
        const float x = (float)((int32_t)((i / 4 * 29 + salt) % 257) - 128) * 0x1p-5f;
        memcpy(to + i, &x, 4);
    }
    for (size_t i = 0; t->dtype == IC_BOOL && i < t->size_bytes; i++)
        to[i] &= 1;
}

/* A run fails where the simulator's fails: an index outside. */
static void run_here(const struct ic_program *p, void *const *inputs, void *const *wanted, enum ic_status want, uint32_t mask)
{
    struct ic_model *m = NULL;
    struct ic_session *s = NULL;
    struct ic_diag d = {0};
    ic_os_cpu_mask(mask);
    if (ic_model_from_program(p, &m, &d) == IC_OK && ic_session_create(m, 1, &s, &d) == IC_OK) {
        for (uint32_t i = 0; i < p->n_inputs; i++)
            memcpy(ic_session_input(s, i), inputs[i], (size_t)p->tensors[p->inputs[i].tensor].size_bytes);
        if (ic_session_run(s, &d) != want)
            abort();
        for (uint32_t i = 0; want == IC_OK && i < p->n_outputs; i++)
            if (memcmp(ic_session_output(s, i), wanted[i], (size_t)p->tensors[p->outputs[i].tensor].size_bytes) != 0) {
                fprintf(stderr, "output %u differs from the simulator's, CPU features %x\n", i, mask & ic_os_cpu_flags());
                abort();
            }
    }
    ic_session_destroy(s);
    ic_model_close(m);
    ic_os_cpu_mask(UINT32_MAX);
}

static void run(const struct ic_program *p)
{
    struct ic_arena arena = {0};
    struct ic_diag d = {0};
    struct ic_sim *s = NULL;
    void **inputs = ic_arena_array(&arena, p->n_inputs, sizeof *inputs),
         **outputs = ic_arena_array(&arena, p->n_outputs, sizeof *outputs);
    for (uint32_t i = 0; i < p->n_inputs; i++) {
        const struct ic_tensor *t = &p->tensors[p->inputs[i].tensor];
        inputs[i] = ic_arena_aligned(&arena, (size_t)t->size_bytes + 64, 64);
        fill(inputs[i], t, i);
    }
    for (uint32_t i = 0; i < p->n_outputs; i++)
        outputs[i] = ic_arena_aligned(&arena, (size_t)p->tensors[p->outputs[i].tensor].size_bytes + 64, 64);
    if (ic_sim_create(p, &s, &d) == IC_OK) {
        const enum ic_status status = ic_sim_run(s, (const void *const *)inputs, outputs, NULL, NULL, &d);
        run_here(p, inputs, outputs, status, UINT32_MAX);
        run_here(p, inputs, outputs, status, 0);
    }
    ic_sim_destroy(s);
    ic_arena_destroy(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_diag d = {0};
    struct ic_program p;
    uint32_t n = 0;
    if (size < sizeof n)
        return 0;
    memcpy(&n, data, sizeof n);
    const size_t left = size - sizeof n, program_bytes = n < left ? n : left, const_bytes = left - program_bytes;
    if (const_bytes > CONST_BYTES)
        return 0;
    memcpy(consts, data + sizeof n + program_bytes, const_bytes);
    if (ic_program_decode(data + sizeof n, program_bytes, consts, const_bytes, &p, &d) == IC_OK) {
        if (p.n_steps <= MAX_STEPS && work_is_small(&p, MAX_WORK))
            run(&p);
        ic_program_destroy(&p);
    } else if (d.text[0] == '\0')
        abort();
    return 0;
}
