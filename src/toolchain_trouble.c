/* SPDX-License-Identifier: Apache-2.0 */
#include "toolchain_trouble.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static float value_at(const struct ic_tensor *t, const void *data, size_t i)
{
    return t->dtype == IC_F16 ? ic_f16_to_f32(((const uint16_t *)data)[i]) : ((const float *)data)[i];
}

/* Counts NaN and infinities (minus infinity only when all is set); the first one's index. */
static size_t count_trouble(const struct ic_tensor *t, const void *data, bool all, size_t *first)
{
    const size_t n = (size_t)t->size_bytes / ic_dtype_bytes((enum ic_dtype)t->dtype);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        const float v = value_at(t, data, i);
        if (isfinite(v) || (!all && isinf(v) && v < 0.0f))
            continue;
        if (count++ == 0)
            *first = i;
    }
    return count;
}

static bool is_float(const struct ic_tensor *t)
{
    return t->dtype == IC_F32 || t->dtype == IC_F16;
}

void ic_trouble_look_at_input(struct ic_trouble *t, uint32_t i, const void *data)
{
    const struct ic_io *io = &t->program->inputs[i];
    const struct ic_tensor *x = &t->program->tensors[io->tensor];
    size_t first = 0;
    const size_t count = is_float(x) && !t->found ? count_trouble(x, data, true, &first) : 0;
    if (count == 0)
        return;
    t->found = true;
    snprintf(t->text, sizeof t->text, "input %s: %zu value%s NaN or infinite, the first at index %zu%s",
             ic_program_text(t->program, io->name), count, IC_N(count, " is", "s are"), first,
             x->dtype == IC_F16 ? " (the input is stored as float16, which holds at most 65504)" : "");
}

void ic_trouble_tap(void *user, uint32_t i_step, uint32_t tensor, const void *data)
{
    struct ic_trouble *t = user;
    const struct ic_tensor *y = &t->program->tensors[tensor];
    const char *layer = ic_program_text(t->program, t->program->steps[i_step].name);
    const uint64_t overflows = t->sim ? ic_sim_events(t->sim, i_step)->f16_overflows : 0;
    size_t first = 0;
    if (t->found)
        return;
    if (overflows > 0) {
        t->found = true;
        snprintf(t->text, sizeof t->text,
                 "layer %s: %" PRIu64
                 " result%s beyond float16 (65504) and %s infinite: build with float32 or integers, or scale the input",
                 layer, overflows, IC_N(overflows, " is", "s are"), IC_N(overflows, "becomes", "become"));
        return;
    }
    const size_t count = tensor && is_float(y) ? count_trouble(y, data, false, &first) : 0;
    if (count == 0)
        return;
    t->found = true;
    snprintf(t->text, sizeof t->text, "layer %s: %zu result%s NaN or infinite, the first at index %zu; no layer before has one%s",
             layer, count, IC_N(count, " is", "s are"), first,
             y->dtype == IC_F16 && !t->sim ? " (float16 holds at most 65504)" : "");
}
