/* SPDX-License-Identifier: Apache-2.0
 *
 * COPY, FILL.
 */
#include "sim/internal.h"

#include <string.h>

enum ic_status ic_sim_copy(const struct ic_sim_run *r, const struct ic_step_copy *s)
{
    int64_t n = 1;
    for (int32_t k = 0; k < s->rank; k++)
        n *= s->dims[k];
    const uint8_t *x = r->ptr[s->x];
    uint8_t *y = r->ptr[s->y];
    for (int64_t i = 0; i < n; i++) {
        int64_t rest = i, from = s->x_offset, to = s->y_offset;
        for (int32_t k = s->rank; k-- > 0;) {
            from += rest % s->dims[k] * s->x_stride[k];
            to += rest % s->dims[k] * s->y_stride[k];
            rest /= s->dims[k];
        }
        memcpy(y + to * s->element_bytes, x + from * s->element_bytes, (size_t)s->element_bytes);
    }
    return IC_OK;
}

enum ic_status ic_sim_fill(const struct ic_sim_run *r, const struct ic_step_fill *s)
{
    uint8_t *y = r->ptr[s->y];
    for (int64_t i = 0; i < (int64_t)s->count * s->element_bytes; i++)
        y[i] = (uint8_t)(s->bits >> (8 * (i % s->element_bytes)));
    return IC_OK;
}
