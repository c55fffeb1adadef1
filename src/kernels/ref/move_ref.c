/* SPDX-License-Identifier: Apache-2.0
 *
 * COPY and FILL: moves of bits.
 */
#include "kernels/ref/ref.h"

#include <string.h>

static int32_t copy_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return ((const struct ic_step_copy *)args)->dims[0];
}

static void copy_axis(const struct ic_step_copy *s, int32_t axis, const uint8_t *x, uint8_t *y)
{
    const int64_t bytes = s->element_bytes;
    if (axis == s->rank) {
        memcpy(y, x, (size_t)bytes);
        return;
    }
    if (axis == s->rank - 1 && s->x_stride[axis] == 1 && s->y_stride[axis] == 1) {
        memcpy(y, x, (size_t)(s->dims[axis] * bytes));
        return;
    }
    for (int32_t i = 0; i < s->dims[axis]; i++)
        copy_axis(s, axis + 1, x + (int64_t)i * s->x_stride[axis] * bytes, y + (int64_t)i * s->y_stride[axis] * bytes);
}

static void copy_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)tensors;
    (void)scratch;
    const struct ic_step_copy *s = args;
    const int64_t bytes = s->element_bytes;
    const uint8_t *x = (const uint8_t *)ptr[s->x] + s->x_offset * bytes;
    uint8_t *y = (uint8_t *)ptr[s->y] + s->y_offset * bytes;
    if (s->rank == 1 && s->x_stride[0] == 1 && s->y_stride[0] == 1) {
        memcpy(y + begin * bytes, x + begin * bytes, (size_t)((end - begin) * bytes));
        return;
    }
    for (int32_t i = begin; i < end; i++)
        copy_axis(s, 1, x + (int64_t)i * s->x_stride[0] * bytes, y + (int64_t)i * s->y_stride[0] * bytes);
}

const struct ic_kernel ic_kernel_copy_ref = {.name = "copy_ref", .kind = IC_STEP_COPY, .units = copy_units, .run = copy_run};

static void fill_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)tensors;
    (void)scratch;
    (void)begin;
    (void)end;
    const struct ic_step_fill *s = args;
    uint8_t *y = ptr[s->y];
    for (int64_t i = 0; i < s->count; i++)
        for (int32_t b = 0; b < s->element_bytes; b++)
            y[i * s->element_bytes + b] = (uint8_t)(s->bits >> (8 * b));
}

const struct ic_kernel ic_kernel_fill_ref = {.name = "fill_ref", .kind = IC_STEP_FILL, .run = fill_run};
