/* SPDX-License-Identifier: Apache-2.0
 *
 * Random steps of the other kinds.
 */
#include "checkkern.h"

#include <stdio.h>

static uint32_t float_type(void)
{
    return kern_random() % 2 ? IC_F32 : IC_F16;
}

static enum kern_fill any_fill(void)
{
    return (enum kern_fill)kern_between(0, KERN_FILL_COUNT - 1);
}

static int32_t any_length(void)
{
    return kern_random() % 8 ? kern_in_turn(67) : kern_between(4000, 9000);
}

static void map_case(struct kern_case *c)
{
    struct ic_step_map *s = &c->args.map;
    s->count = any_length();
    s->fn = (uint32_t)kern_between(0, IC_MAP_COUNT - 1);
    s->a = kern_random() % 4 ? -1.0f : -0.0f;
    s->b = kern_random() % 4 ? 6.0f : 0.0f;
    s->x = kern_add(c, float_type(), (size_t)s->count, any_fill(), false);
    s->y = kern_add_result(c, float_type(), (size_t)s->count);
    c->over = c->tensors[s->y].dtype == c->tensors[s->x].dtype ? s->x : 0;
    snprintf(c->label, sizeof c->label, "map %s(%g, %g) of %d %s", ic_map_name((enum ic_map_fn)s->fn), (double)s->a, (double)s->b,
             (int)s->count, ic_dtype_name((enum ic_dtype)c->tensors[s->x].dtype));
}

static void zip_shape(struct ic_step_zip *s, int64_t *out_count, int64_t *out1, int64_t *out2)
{
    s->rank = kern_between(1, 3);
    int64_t n = 1, n1 = 1, n2 = 1;
    for (int32_t i = 8; i-- > 0;) {
        s->dims[i] = i >= s->rank ? 1 : i == s->rank - 1 ? kern_in_turn(67) : kern_between(1, 6);
        if (i >= s->rank)
            continue;
        const bool whole1 = kern_random() % 4 != 0, whole2 = kern_random() % 4 != 0;
        s->stride1[i] = whole1 ? (int32_t)n1 : 0;
        s->stride2[i] = whole2 ? (int32_t)n2 : 0;
        n1 *= whole1 ? s->dims[i] : 1;
        n2 *= whole2 ? s->dims[i] : 1;
        n *= s->dims[i];
    }
    *out_count = n;
    *out1 = n1;
    *out2 = n2;
}

static void zip_case(struct kern_case *c)
{
    static const uint32_t of_codes[] = {IC_ZIP_ADD, IC_ZIP_SUB, IC_ZIP_MUL, IC_ZIP_PRELU};
    struct ic_step_zip *s = &c->args.zip;
    int64_t n = 0, n1 = 0, n2 = 0;
    const bool codes = kern_random() % 3 == 0;
    zip_shape(s, &n, &n1, &n2);
    s->mode = codes ? IC_ARITH_S32 : IC_ARITH_F32;
    s->op = codes               ? of_codes[kern_random() % 4]
            : kern_random() % 2 ? (uint32_t)kern_between(IC_ZIP_ADD, IC_ZIP_PRELU)
                                : (uint32_t)kern_between(0, IC_ZIP_COUNT - 1);
    s->m1 = s->op >= IC_ZIP_MUL ? 0.004f : (float)kern_between(1, 64) / 32.0f;
    s->m2 = (float)kern_between(1, 64) / 32.0f;
    s->z1 = kern_between(0, 255);
    s->z2 = kern_between(0, 255);
    s->zy = kern_between(0, 255);
    s->q_hi = 255;
    s->fn = codes ? IC_MAP_NONE : (uint32_t)kern_between(IC_MAP_NONE, IC_MAP_CLAMP);
    s->b = 6.0f;
    s->round_mid = !codes && kern_random() % 4 == 0;
    s->x1 = kern_add(c, codes ? IC_U8 : float_type(), (size_t)n1, any_fill(), false);
    s->x2 = kern_add(c, codes ? IC_U8 : c->tensors[s->x1].dtype, (size_t)n2, any_fill(), false);
    s->y = kern_add_result(c, codes ? IC_U8 : c->tensors[s->x1].dtype, (size_t)n);
    c->over = n1 == n ? s->x1 : n2 == n ? s->x2 : 0;
    snprintf(c->label, sizeof c->label, "zip %s of %lld, mode %u fn %u mid %u", ic_zip_name((enum ic_zip_fn)s->op), (long long)n,
             (unsigned)s->mode, (unsigned)s->fn, (unsigned)s->round_mid);
}

static void pool_case(struct kern_case *c)
{
    struct ic_step_pool *s = &c->args.pool;
    const bool codes = kern_random() % 2;
    s->mode = codes ? IC_ARITH_S32 : IC_ARITH_F32;
    s->op = (uint32_t)kern_between(0, IC_POOL_COUNT - 1);
    s->n = kern_between(1, 2);
    s->ih = kern_between(3, 9);
    s->iw = kern_between(3, 9);
    s->c = kern_in_turn(67);
    s->kh = kern_between(1, 3);
    s->kw = kern_between(1, 3);
    s->stride_h = kern_between(1, 2);
    s->stride_w = kern_between(1, 3);
    s->dilation_h = s->dilation_w = 1;
    s->pad_top = kern_between(0, s->kh - 1);
    s->pad_left = kern_between(0, s->kw - 1);
    s->pad_bottom = kern_between(0, s->kh - 1);
    s->pad_right = kern_between(0, s->kw - 1);
    s->oh = (s->ih + s->pad_top + s->pad_bottom - s->kh) / s->stride_h + 1;
    s->ow = (s->iw + s->pad_left + s->pad_right - s->kw) / s->stride_w + 1;
    s->count_pad = kern_random() % 2;
    s->divisor = kern_random() % 4 ? 0 : kern_between(1, 9);
    s->mul = 0.7f;
    s->zx = kern_between(0, 255);
    s->zy = kern_between(0, 255);
    s->q_hi = 255;
    s->x = kern_add(c, codes ? IC_U8 : float_type(), (size_t)s->n * (size_t)s->ih * (size_t)s->iw * (size_t)s->c, any_fill(),
                    false);
    s->y = kern_add_result(c, codes ? IC_U8 : float_type(), (size_t)s->n * (size_t)s->oh * (size_t)s->ow * (size_t)s->c);
    snprintf(c->label, sizeof c->label, "pool %u of %dx%dx%d by %dx%d, mode %u", (unsigned)s->op, (int)s->ih, (int)s->iw, (int)s->c,
             (int)s->kh, (int)s->kw, (unsigned)s->mode);
}

static void convert_case(struct kern_case *c)
{
    struct ic_step_convert *s = &c->args.convert;
    static const uint32_t plain[] = {IC_F32, IC_F16, IC_U8, IC_S8, IC_S16, IC_S32, IC_S64, IC_BOOL};
    static const uint32_t scaled[] = {IC_F32, IC_F16, IC_U8, IC_S8};
    const bool scales = kern_random() % 2;
    uint32_t from = scales ? scaled[kern_random() % 4] : plain[kern_random() % 8],
             to = scales ? scaled[kern_random() % 4] : plain[kern_random() % 8];
    if (scales && from <= IC_F16 && to <= IC_F16)
        to = IC_U8;
    s->count = any_length();
    s->m = scales ? 0.37f : 0.0f;
    s->z_in = from == IC_S8 ? kern_between(-128, 127) : kern_between(0, 255);
    s->z_out = to == IC_S8 ? kern_between(-128, 127) : kern_between(0, 255);
    s->q_lo = to == IC_S8 ? -128 : 0;
    s->q_hi = to == IC_S8 ? 127 : 255;
    s->x = kern_add(c, from, (size_t)s->count, any_fill(), false);
    s->y = kern_add_result(c, to, (size_t)s->count);
    c->over = from == to ? s->x : 0;
    snprintf(c->label, sizeof c->label, "convert %s to %s, m %g, %d", ic_dtype_name((enum ic_dtype)from),
             ic_dtype_name((enum ic_dtype)to), (double)s->m, (int)s->count);
}

static void reduce_case(struct kern_case *c)
{
    struct ic_step_reduce *s = &c->args.reduce;
    const bool codes = kern_random() % 2;
    s->mode = codes ? IC_ARITH_S32 : IC_ARITH_F32;
    s->op = (uint32_t)(codes ? kern_between(IC_REDUCE_SUM, IC_REDUCE_MEAN) : kern_between(0, IC_REDUCE_COUNT - 1));
    s->outer = kern_between(1, 4);
    s->count = kern_random() % 8 ? kern_between(1, 70) : kern_between(250, 600);
    s->inner = kern_random() % 2 ? 1 : kern_in_turn(67);
    s->m = 0.01f;
    s->zx = kern_between(0, 255);
    s->zy = kern_between(0, 255);
    s->q_hi = 255;
    s->x = kern_add(c, codes ? IC_U8 : float_type(), (size_t)s->outer * (size_t)s->count * (size_t)s->inner, any_fill(), false);
    s->y = kern_add_result(c, codes ? IC_U8 : float_type(), (size_t)s->outer * (size_t)s->inner);
    snprintf(c->label, sizeof c->label, "reduce %u of %dx%dx%d, mode %u", (unsigned)s->op, (int)s->outer, (int)s->count,
             (int)s->inner, (unsigned)s->mode);
}

static void copy_case(struct kern_case *c)
{
    struct ic_step_copy *s = &c->args.copy;
    static const uint32_t types[] = {IC_U8, IC_F16, IC_F32, IC_S64};
    const uint32_t type = types[kern_random() % 4];
    int32_t nx = 1, order[3] = {0, 1, 2};
    s->rank = 3;
    s->element_bytes = (int32_t)ic_dtype_bytes((enum ic_dtype)type);
    for (int32_t i = 0; i < 8; i++)
        s->dims[i] = i >= 3 ? 1 : kern_random() % 4 ? kern_between(1, 9) : kern_between(10, i ? 40 : 1100);
    for (int32_t i = 2; i > 0; i--) {
        const int32_t k = kern_between(0, i), t = order[i];
        order[i] = order[k];
        order[k] = t;
    }
    for (int32_t i = 3; i-- > 0;) { /* y dense, x in another order of axes, with gaps */
        s->y_stride[i] = i == 2 ? 1 : s->y_stride[i + 1] * s->dims[i + 1];
        s->x_stride[order[i]] = nx;
        nx *= s->dims[order[i]] + 1;
    }
    s->x_offset = kern_between(0, 3);
    s->x = kern_add(c, type, (size_t)(nx + 3), KERN_RANDOM, false);
    s->y = kern_add_result(c, type, (size_t)s->dims[0] * (size_t)s->dims[1] * (size_t)s->dims[2]);
    snprintf(c->label, sizeof c->label, "copy of %dx%dx%d", (int)s->dims[0], (int)s->dims[1], (int)s->dims[2]);
}

static void lut_case(struct kern_case *c)
{
    struct ic_step_lut *s = &c->args.lut;
    s->count = any_length();
    s->x = kern_add(c, kern_random() % 2 ? IC_U8 : IC_S8, (size_t)s->count, KERN_RANDOM, false);
    s->table = kern_add(c, IC_U8, 256, KERN_RANDOM, false);
    s->y = kern_add_result(c, IC_U8, (size_t)s->count);
    c->over = s->x;
    snprintf(c->label, sizeof c->label, "lut of %d", (int)s->count);
}

static void softmax_case(struct kern_case *c)
{
    struct ic_step_softmax *s = &c->args.softmax;
    s->outer = kern_between(1, 4);
    s->count = kern_between(1, 70);
    s->inner = kern_random() % 2 ? 1 : kern_between(1, 9);
    s->log = kern_random() % 2;
    s->x = kern_add(c, float_type(), (size_t)s->outer * (size_t)s->count * (size_t)s->inner, any_fill(), false);
    s->y = kern_add_result(c, float_type(), (size_t)s->outer * (size_t)s->count * (size_t)s->inner);
    snprintf(c->label, sizeof c->label, "softmax of %dx%dx%d, log %u", (int)s->outer, (int)s->count, (int)s->inner,
             (unsigned)s->log);
}

static void matmul_case(struct kern_case *c)
{
    struct ic_step_matmul *s = &c->args.matmul;
    static const uint32_t partials[] = {1, 4, 16};
    s->batch = kern_between(1, 2);
    s->m = kern_between(1, 9);
    s->n = kern_between(1, 20);
    s->k = kern_between(1, 50);
    s->x1_k = 1;
    s->x1_m = s->k;
    s->x1_batch = s->m * s->k;
    s->x2_n = kern_random() % 2 ? 1 : s->k;
    s->x2_k = s->x2_n == 1 ? s->n : 1;
    s->x2_batch = kern_random() % 2 ? 0 : s->k * s->n;
    s->partials = partials[kern_random() % 3];
    s->fn = (uint32_t)kern_between(IC_MAP_NONE, IC_MAP_RELU);
    s->x1 = kern_add(c, float_type(), (size_t)(s->batch * s->m * s->k), any_fill(), false);
    s->x2 = kern_add(c, float_type(), (size_t)(s->batch * s->k * s->n), any_fill(), false);
    s->y = kern_add_result(c, float_type(), (size_t)(s->batch * s->m * s->n));
    snprintf(c->label, sizeof c->label, "matmul %dx%dx%d", (int)s->m, (int)s->k, (int)s->n);
}

static void product_case(struct kern_case *c)
{
    struct ic_step_product *s = &c->args.product;
    s->batch = kern_between(1, 2);
    s->m = kern_between(1, 9);
    s->n = kern_in_turn(67);
    s->k = kern_random() % 8 ? kern_between(1, 50) : kern_between(300, 600);
    const bool dense = kern_random() % 4 != 0;
    s->x1_k = dense ? 1 : s->m;
    s->x1_m = dense ? s->k : 1;
    s->x1_batch = s->m * s->k;
    s->x2_n = kern_random() % 8 ? 1 : s->k;
    s->x2_k = s->x2_n == 1 ? s->n : 1;
    s->x2_batch = kern_random() % 2 ? 0 : s->k * s->n;
    s->mode = kern_random() % 8 ? IC_ARITH_S32 : IC_ARITH_S64;
    s->scale = 0.002f;
    s->z1 = kern_between(0, 255);
    s->z2 = kern_between(0, 255);
    s->zy = kern_between(0, 255);
    s->q_hi = 255;
    s->x1 = kern_add(c, IC_U8, (size_t)(s->batch * s->m * s->k), any_fill(), false);
    s->x2 = kern_add(c, IC_U8, (size_t)(s->batch * s->k * s->n), any_fill(), false);
    s->y = kern_add_result(c, IC_U8, (size_t)(s->batch * s->m * s->n));
    snprintf(c->label, sizeof c->label, "product %dx%dx%d, mode %u", (int)s->m, (int)s->k, (int)s->n, (unsigned)s->mode);
}

static void resample_case(struct kern_case *c)
{
    struct ic_step_resample *s = &c->args.resample;
    s->outer = kern_between(1, 3);
    s->count = kern_between(1, 12);
    s->inner = kern_in_turn(67);
    s->results = kern_between(1, 20);
    s->taps = kern_between(1, 5);
    s->x = kern_add(c, float_type(), (size_t)s->outer * (size_t)s->count * (size_t)s->inner, any_fill(), false);
    s->place = kern_add(c, IC_S32, (size_t)s->results * (size_t)s->taps, KERN_RANDOM, false);
    for (int32_t i = 0; i < s->results * s->taps; i++)
        ((int32_t *)c->data[s->place])[i] = kern_between(0, s->count - 1);
    s->weight = kern_add(c, IC_F32, (size_t)s->results * (size_t)s->taps, any_fill(), true);
    s->y = kern_add_result(c, float_type(), (size_t)s->outer * (size_t)s->results * (size_t)s->inner);
    snprintf(c->label, sizeof c->label, "resample of %dx%dx%d to %d", (int)s->outer, (int)s->count, (int)s->inner, (int)s->results);
}

bool kern_random_simple(struct kern_case *c, uint32_t kind)
{
    *c = (struct kern_case){.n_tensors = 1, .step = {.kind = kind}};
    switch (kind) {
    case IC_STEP_MAP:
        map_case(c);
        return true;
    case IC_STEP_ZIP:
        zip_case(c);
        return true;
    case IC_STEP_POOL:
        pool_case(c);
        return true;
    case IC_STEP_CONVERT:
        convert_case(c);
        return true;
    case IC_STEP_REDUCE:
        reduce_case(c);
        return true;
    case IC_STEP_COPY:
        copy_case(c);
        return true;
    case IC_STEP_LUT:
        lut_case(c);
        return true;
    case IC_STEP_SOFTMAX:
        softmax_case(c);
        return true;
    case IC_STEP_MATMUL:
        matmul_case(c);
        return true;
    case IC_STEP_PRODUCT:
        product_case(c);
        return true;
    case IC_STEP_RESAMPLE:
        resample_case(c);
        return true;
    default:
        return false;
    }
}
