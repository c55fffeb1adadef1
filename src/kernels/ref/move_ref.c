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

/* Two axes of extents n0 and n1. Where the second is short (the channels of a picture) the first is walked inside, in pieces that stay in the
 * cache; else the second in pieces of a cache line, so that what is read across is read again soon. */
struct plane {
    int64_t n0, n1, x0, x1, y0, y1; /* extents, strides in elements */
};

enum { PIECE = 16, LONG_PIECE = 512 };

#define COPY_PLANE(bits)                                                                                                           \
    typedef uint##bits##_t __attribute__((may_alias)) element##bits;                                                               \
    static void copy_plane##bits(const struct plane *p, const element##bits *x, element##bits *y)                                  \
    {                                                                                                                              \
        if (p->n1 < PIECE) {                                                                                                       \
            for (int64_t from = 0; from < p->n0; from += LONG_PIECE) {                                                             \
                const int64_t to = from + LONG_PIECE < p->n0 ? from + LONG_PIECE : p->n0;                                          \
                for (int64_t k = 0; k < p->n1; k++)                                                                                \
                    for (int64_t i = from; i < to; i++)                                                                            \
                        y[i * p->y0 + k * p->y1] = x[i * p->x0 + k * p->x1];                                                       \
            }                                                                                                                      \
            return;                                                                                                                \
        }                                                                                                                          \
        for (int64_t from = 0; from < p->n1; from += PIECE) {                                                                      \
            const int64_t to = from + PIECE < p->n1 ? from + PIECE : p->n1;                                                        \
            for (int64_t i = 0; i < p->n0; i++)                                                                                    \
                for (int64_t k = from; k < to; k++)                                                                                \
                    y[i * p->y0 + k * p->y1] = x[i * p->x0 + k * p->x1];                                                           \
        }                                                                                                                          \
    }
COPY_PLANE(8)
COPY_PLANE(16)
COPY_PLANE(32)
COPY_PLANE(64)

static void copy_plane(const struct plane *p, int32_t bytes, const uint8_t *x, uint8_t *y)
{
    if (p->x1 == 1 && p->y1 == 1) {
        for (int64_t i = 0; i < p->n0; i++)
            memcpy(y + i * p->y0 * bytes, x + i * p->x0 * bytes, (size_t)(p->n1 * bytes));
        return;
    }
    if (bytes == 1)
        copy_plane8(p, (const void *)x, (void *)y);
    else if (bytes == 2)
        copy_plane16(p, (const void *)x, (void *)y);
    else if (bytes == 4)
        copy_plane32(p, (const void *)x, (void *)y);
    else
        copy_plane64(p, (const void *)x, (void *)y);
}

/* n elements of `axis`, and all of those below it. */
static void copy_axes(const struct ic_step_copy *s, int32_t axis, int64_t n, const uint8_t *x, uint8_t *y)
{
    const int32_t next = axis + 1;
    if (next >= s->rank - 1) {
        const bool two = next < s->rank;
        const struct plane p = {two ? n : 1,
                                two ? s->dims[next] : n,
                                two ? s->x_stride[axis] : 0,
                                s->x_stride[two ? next : axis],
                                two ? s->y_stride[axis] : 0,
                                s->y_stride[two ? next : axis]};
        copy_plane(&p, s->element_bytes, x, y);
        return;
    }
    for (int64_t i = 0; i < n; i++)
        copy_axes(s, next, s->dims[next], x + i * s->x_stride[axis] * s->element_bytes,
                  y + i * s->y_stride[axis] * s->element_bytes);
}

static void copy_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)tensors;
    (void)scratch;
    const struct ic_step_copy *s = args;
    const int64_t bytes = s->element_bytes, first = begin;
    copy_axes(s, 0, end - begin, (const uint8_t *)ptr[s->x] + (s->x_offset + first * s->x_stride[0]) * bytes,
              (uint8_t *)ptr[s->y] + (s->y_offset + first * s->y_stride[0]) * bytes);
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
