/* SPDX-License-Identifier: Apache-2.0
 *
 * A model file from anywhere: opened, its program decoded and checked, and when it is small enough simulated.
 */
#include "base/alloc.h"
#include "container/container.h"
#include "fuzz/work.h"
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_WORK = 1 << 20 };

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

#ifdef IC_FUZZ
#include "fuzz/mutate.h"
IC_MUTATE_WITH(mutate_container)
#endif

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
            if (work_is_small(&p, MAX_WORK))
                simulate(&p, &d);
            ic_program_destroy(&p);
        }
    }
    ic_free_aligned(bytes);
    return 0;
}
