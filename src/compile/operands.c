/* SPDX-License-Identifier: Apache-2.0 */
#include "compile/operands.h"

#include <string.h>

static void add(struct ic_operands *o, uint32_t *field, const char *name)
{
    if (*field == 0)
        return;
    o->is_result[o->n] = strcmp(name, "y") == 0;
    o->at[o->n++] = field;
}

/* Steps of a program being built are the builder's own: the const of args is for those who only run them. */
struct ic_operands ic_step_operands(const struct ic_step *s)
{
    struct ic_operands o = {0};
    void *args = (void *)s->args;
    switch (s->kind) {
#define STEP(NUMBER, NAME, name)                                                                                                   \
    case NUMBER: {                                                                                                                 \
        struct ic_step_##name *a = args;
#define TENSOR(field) add(&o, &a->field, #field);
#define I32(field)
#define U32(field)
#define F32(field)
#define I32_ARRAY(field, n)
#define STEP_END(name)                                                                                                             \
    break;                                                                                                                         \
    }
#include "program/steps.def"
    default:
        break;
    }
    return o;
}

static bool dense(const struct ic_step_zip *s, const int32_t *stride)
{
    int64_t wanted = 1;
    for (int32_t i = s->rank; i-- > 0;) {
        if (s->dims[i] != 1 && stride[i] != wanted)
            return false;
        wanted *= s->dims[i];
    }
    return true;
}

bool ic_step_in_place(const struct ic_step *s, const struct ic_tensor *tensors, uint32_t t)
{
    switch (s->kind) {
    case IC_STEP_MAP:
        return tensors[t].dtype == tensors[((const struct ic_step_map *)s->args)->y].dtype;
    case IC_STEP_LUT:
        return t == ((const struct ic_step_lut *)s->args)->x &&
               tensors[t].dtype == tensors[((const struct ic_step_lut *)s->args)->y].dtype;
    case IC_STEP_ZIP: {
        const struct ic_step_zip *z = s->args;
        if (tensors[t].dtype != tensors[z->y].dtype)
            return false;
        return (t != z->x1 || dense(z, z->stride1)) && (t != z->x2 || dense(z, z->stride2));
    }
    default:
        return false;
    }
}
