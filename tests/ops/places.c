/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/places.h"

#include "compile/compile.h"
#include "runtime/session.h"
#include "sim/sim.h"

#include <stdio.h>
#include <string.h>

#define MAX_OUTPUTS 8

static size_t output_bytes(const struct ic_program *p, uint32_t i)
{
    return (size_t)p->tensors[p->outputs[i].tensor].size_bytes;
}

static enum ic_status simulate(const struct ic_program *p, const void *const *inputs, void *const *outputs, struct ic_diag *d)
{
    struct ic_sim *s = NULL;
    enum ic_status status = ic_sim_create(p, &s, d);
    if (status == IC_OK)
        status = ic_sim_run(s, inputs, outputs, NULL, NULL, d);
    ic_sim_destroy(s);
    return status;
}

static enum ic_status run_here(const struct ic_program *p, const void *const *inputs, void *const *outputs, struct ic_diag *d)
{
    struct ic_model *m = NULL;
    struct ic_session *s = NULL;
    enum ic_status status = ic_model_from_program(p, &m, d);
    if (status == IC_OK)
        status = ic_session_create(m, 1, &s, d);
    for (uint32_t i = 0; status == IC_OK && i < p->n_inputs; i++)
        memcpy(ic_session_input(s, i), inputs[i], (size_t)p->tensors[p->inputs[i].tensor].size_bytes);
    if (status == IC_OK)
        status = ic_session_run(s, d);
    for (uint32_t i = 0; status == IC_OK && i < p->n_outputs; i++)
        memcpy(outputs[i], ic_session_output(s, i), output_bytes(p, i));
    ic_session_destroy(s);
    ic_model_close(m);
    return status;
}

typedef enum ic_status place_fn(const struct ic_program *p, const void *const *inputs, void *const *outputs, struct ic_diag *d);

static bool agrees(const struct ic_graph *g, const struct ic_target *t, place_fn *place, const void *const *inputs,
                   void *const *wanted, struct ic_diag *d)
{
    struct ic_program p = {0};
    struct ic_writer consts = {0};
    void *outputs[MAX_OUTPUTS] = {0};
    enum ic_status status = ic_compile(g, t, false, &p, &consts, d);
    for (uint32_t i = 0; status == IC_OK && i < p.n_outputs; i++)
        outputs[i] = ic_malloc_aligned(output_bytes(&p, i) + 64, 64);
    if (status == IC_OK)
        status = place(&p, inputs, outputs, d);
    for (uint32_t i = 0; status == IC_OK && i < p.n_outputs; i++)
        if (memcmp(outputs[i], wanted[i], output_bytes(&p, i)) != 0)
            status = ic_fail(d, IC_ERR_INTERNAL, "output %u differs from the reference kernels' bytes", i);
    for (int i = 0; i < MAX_OUTPUTS; i++)
        ic_free_aligned(outputs[i]);
    ic_program_destroy(&p);
    ic_writer_destroy(&consts);
    return status == IC_OK;
}

bool op_places_agree(const struct ic_graph *g, const void *const *inputs, void *const *wanted, char *out_why, size_t why_bytes)
{
    struct ic_diag d = {0};
    bool ok = agrees(g, ic_target_find("generic"), simulate, inputs, wanted, &d);
    if (!ok)
        snprintf(out_why, why_bytes, "simulator: %s", d.text);
    else if (!(ok = agrees(g, ic_target_host(), run_here, inputs, wanted, &d)))
        snprintf(out_why, why_bytes, "this machine: %s", d.text);
    return ok;
}
