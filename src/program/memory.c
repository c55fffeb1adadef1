/* SPDX-License-Identifier: Apache-2.0
 *
 * What a program needs before anything is allocated: a file may claim anything.
 */
#include "program/program.h"

#include "base/os.h"

#include <inttypes.h>

enum { ALWAYS_FITS_BYTES = 1 << 20 }; /* not worth asking the system */

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t io_bytes(const struct ic_program *p)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < p->n_inputs; i++)
        total = add(total, p->tensors[p->inputs[i].tensor].size_bytes);
    for (uint32_t i = 0; i < p->n_outputs; i++)
        total = add(total, p->tensors[p->outputs[i].tensor].size_bytes);
    return total;
}

enum ic_status ic_program_check_memory(const struct ic_program *p, uint64_t scratch_bytes, struct ic_diag *d)
{
    const uint64_t io = io_bytes(p), needed = add(add(p->arena_bytes, scratch_bytes), io);
    const uint64_t available = needed > ALWAYS_FITS_BYTES ? ic_os_available_bytes() : UINT64_MAX;
    if (needed <= available)
        return IC_OK;
    return ic_fail(d, IC_E_MEMORY_NEED,
                   "this model needs %" PRIu64 " byte%s to run (activations %" PRIu64 ", inputs and outputs %" PRIu64
                   ", scratch %" PRIu64 "); %" PRIu64
                   " are available here: convert it with smaller inputs or a smaller batch, or run it where there is more",
                   needed, IC_S(needed), p->arena_bytes, io, scratch_bytes, available);
}
