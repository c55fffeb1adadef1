/* SPDX-License-Identifier: Apache-2.0
 *
 * One check per step kind. Messages name the step, what was found, what is wanted. Products of sizes are taken in 64 bits of factors below
 * 2^31, at most two of which meet before the next comparison.
 */
#include "program/check.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct checker {
    const struct ic_program *p;
    const struct ic_step *s;
    uint32_t i_step;
    struct ic_diag *d;
};

static enum ic_status bad(const struct checker *c, const char *what, int64_t found)
{
    return ic_fail(c->d, IC_E_PROGRAM, "program: step %" PRIu32 " (%s \"%s\"): %s %" PRId64, c->i_step,
                   ic_step_kind_name(c->s->kind), ic_program_text(c->p, c->s->name), what, found);
}

#define MUST(condition, what, found)                                                                                               \
    do {                                                                                                                           \
        if (!(condition))                                                                                                          \
            return bad(c, what, (int64_t)(found));                                                                                 \
    } while (0)

static const struct ic_tensor *at(const struct checker *c, uint32_t i)
{
    return &c->p->tensors[i];
}

static bool is_float(uint32_t dtype)
{
    return dtype == IC_F32 || dtype == IC_F16;
}

static bool is_code(uint32_t dtype)
{
    return dtype == IC_U8 || dtype == IC_S8;
}

/* Product of counts, or -1 when one is below 1 or the product exceeds 2^31 - 1. */
static int64_t product(int n, const int32_t *factors)
{
    int64_t all = 1;
    for (int i = 0; i < n; i++) {
        if (factors[i] < 1)
            return -1;
        all *= factors[i];
        if (all > INT32_MAX)
            return -1;
    }
    return all;
}
#define PRODUCT(...) product((int)(sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t)), (const int32_t[]){__VA_ARGS__})

static enum ic_status check_read(const struct checker *c, uint32_t x)
{
    MUST(x > 0 && x < c->p->n_tensors, "reads tensor", x);
    return IC_OK;
}

static enum ic_status check_write(const struct checker *c, uint32_t y)
{
    MUST(y > 0 && y < c->p->n_tensors, "writes tensor", y);
    MUST(at(c, y)->space == IC_SPACE_ARENA || at(c, y)->space == IC_SPACE_OUTPUT, "writes into space", at(c, y)->space);
    return IC_OK;
}

static bool overlap(const struct ic_tensor *a, const struct ic_tensor *b)
{
    return a->space == b->space && a->i_io == b->i_io && a->offset_bytes < b->offset_bytes + b->size_bytes &&
           b->offset_bytes < a->offset_bytes + a->size_bytes;
}

/* in_place: the result may stand exactly on the operand. */
static enum ic_status check_apart(const struct checker *c, uint32_t x, uint32_t y, bool in_place)
{
    const struct ic_tensor *a = at(c, x), *b = at(c, y);
    if (!overlap(a, b))
        return IC_OK;
    MUST(in_place && a->offset_bytes == b->offset_bytes && a->dtype == b->dtype, "writes over its own operand, tensor", x);
    return IC_OK;
}

static enum ic_status check_floats(const struct checker *c, uint32_t x, uint32_t y)
{
    MUST(is_float(at(c, x)->dtype), "operand of element type", at(c, x)->dtype);
    MUST(is_float(at(c, y)->dtype), "result of element type", at(c, y)->dtype);
    return IC_OK;
}

struct ends {
    uint32_t round_mid, fn, mode;
    float a, b;
    int32_t q_lo, q_hi, zy;
};

static enum ic_status check_code_range(const struct checker *c, uint32_t y, int32_t lo, int32_t hi, int32_t zero)
{
    const int32_t least = at(c, y)->dtype == IC_S8 ? -128 : 0, most = at(c, y)->dtype == IC_S8 ? 127 : 255;
    MUST(is_code(at(c, y)->dtype), "integer result of element type", at(c, y)->dtype);
    MUST(lo >= least && lo <= hi && hi <= most, "clamps from", lo);
    MUST(zero >= least && zero <= most, "zero point", zero);
    return IC_OK;
}

/* A parameter of a function: a number, and no denormal one, which comparisons would choose and some processors flush. */
static bool is_parameter(float x)
{
    return !isnan(x) && ((ic_f32_bits(x) & 0x7F800000u) != 0 || (ic_f32_bits(x) & 0x007FFFFFu) == 0);
}

static enum ic_status check_ends(const struct checker *c, uint32_t y, const struct ends *e)
{
    MUST(e->mode <= IC_ARITH_S64, "arithmetic mode", e->mode);
    MUST(e->fn < IC_MAP_COUNT, "function number", e->fn);
    MUST(e->round_mid <= IC_ROUND_F16, "rounding", e->round_mid);
    MUST(is_parameter(e->a) && is_parameter(e->b), "parameters that are no numbers, or denormal: function", e->fn);
    if (e->mode == IC_ARITH_F32) {
        MUST(is_float(at(c, y)->dtype), "float result of element type", at(c, y)->dtype);
        return IC_OK;
    }
    MUST(e->fn == IC_MAP_NONE && e->round_mid == IC_ROUND_NONE, "integers end in function", e->fn);
    return check_code_range(c, y, e->q_lo, e->q_hi, e->zy);
}

static enum ic_status check_zero(const struct checker *c, uint32_t x, int32_t zero)
{
    MUST(is_code(at(c, x)->dtype), "integer operand of element type", at(c, x)->dtype);
    MUST(at(c, x)->dtype == IC_S8 ? zero >= -128 && zero <= 127 : zero >= 0 && zero <= 255, "zero point of an operand", zero);
    return IC_OK;
}

/* Window positions stay within 32 bits. */
static enum ic_status check_window(const struct checker *c, const int32_t *stride, const int32_t *dilation, const int32_t *pad,
                                   const int32_t *kernel, const int32_t *out)
{
    for (int i = 0; i < 2; i++) {
        MUST(stride[i] >= 1 && stride[i] <= 1 << 20, "stride", stride[i]);
        MUST(dilation[i] >= 1 && dilation[i] <= 1 << 20, "dilation", dilation[i]);
        MUST(pad[i] >= 0 && pad[i] <= 1 << 20, "padding", pad[i]);
        const int64_t last = (int64_t)(out[i] - 1) * stride[i] + (int64_t)(kernel[i] - 1) * dilation[i];
        MUST(last < INT32_MAX / 2, "window reaches", last);
    }
    return IC_OK;
}

static enum ic_status check_finite(const struct checker *c, uint32_t i, int64_t n)
{
    const uint8_t *data = c->p->consts + at(c, i)->offset_bytes;
    for (int64_t k = 0; k < n; k++) {
        float value;
        memcpy(&value, data + 4 * k, sizeof value);
        MUST(isfinite(value) && value > 0.0f, "scale that is not positive and finite, of channel", k);
    }
    return IC_OK;
}

static enum ic_status check_contract_types(const struct checker *c, const struct ic_step_contract *s)
{
    const struct ic_tensor *x = at(c, s->x), *w = at(c, s->w);
    MUST(w->space == IC_SPACE_CONST, "weights in space", w->space);
    if (s->bias)
        MUST(s->bias < c->p->n_tensors && at(c, s->bias)->space == IC_SPACE_CONST && ic_check_elements(at(c, s->bias)) >= s->oc,
             "bias tensor", s->bias);
    if (s->mode == IC_ARITH_F32) {
        MUST(is_float(x->dtype) && is_float(w->dtype), "weights of element type", w->dtype);
        MUST(!s->bias || at(c, s->bias)->dtype == IC_F32, "bias of another type than f32, tensor", s->bias);
        return IC_OK;
    }
    MUST(w->dtype == IC_S8, "weights of element type", w->dtype);
    MUST(s->bias && at(c, s->bias)->dtype == IC_S32, "bias of another type than s32, tensor", s->bias);
    MUST(s->scale > 0 && s->scale < c->p->n_tensors && at(c, s->scale)->space == IC_SPACE_CONST &&
             at(c, s->scale)->dtype == IC_F32 && ic_check_elements(at(c, s->scale)) >= s->oc,
         "scale tensor", s->scale);
    IC_TRY(check_finite(c, s->scale, s->oc));
    return check_zero(c, s->x, s->zx);
}

static enum ic_status check_packing(const struct checker *c, const struct ic_step_contract *s)
{
    MUST(s->oc_block >= 1 && s->oc_block <= 64, "oc_block", s->oc_block);
    MUST(s->k_block >= 1 && s->k_block <= 64, "k_block", s->k_block);
    const int32_t icg = s->ic / s->groups, ocg = s->oc / s->groups;
    const int64_t k = PRODUCT(s->kh, s->kw, icg);
    MUST(k > 0, "window of weights", k);
    const bool depthwise = icg == 1 && ocg == 1;
    const size_t wanted = depthwise ? ic_packed_elements(s->oc, s->kh * s->kw, s->oc_block, s->k_block)
                                    : (size_t)s->groups * ic_packed_elements(ocg, (int32_t)k, s->oc_block, s->k_block);
    MUST((size_t)ic_check_elements(at(c, s->w)) == wanted, "packed weights", ic_check_elements(at(c, s->w)));
    return IC_OK;
}

/* RISC-V skips its flush on the word of this flag, so it is proved again (compile/prove.c says why it holds). */
static enum ic_status check_no_underflow(const struct checker *c, const struct ic_step_contract *s)
{
    MUST(s->mode == IC_ARITH_F32 && at(c, s->x)->dtype == IC_F16 && at(c, s->w)->dtype == IC_F16,
         "claims that nothing underflows, with operands of element type", at(c, s->x)->dtype);
    const uint8_t *bias = c->p->consts + (s->bias ? at(c, s->bias)->offset_bytes : 0);
    for (int32_t o = 0; s->bias && o < s->oc; o++) {
        float value;
        memcpy(&value, bias + 4 * (size_t)o, sizeof value);
        MUST(rint(ldexp((double)value, 126)) == ldexp((double)value, 126), "claims that nothing underflows, against bias", o);
    }
    return IC_OK;
}

static enum ic_status check_contract(const struct checker *c, const struct ic_step_contract *s)
{
    const int64_t in = PRODUCT(s->n, s->ih, s->iw), out = PRODUCT(s->n, s->oh, s->ow);
    const struct ends e = {s->round_mid, s->fn, s->mode, s->a, s->b, s->q_lo, s->q_hi, s->zy};
    IC_TRY(check_read(c, s->x));
    IC_TRY(check_read(c, s->w));
    IC_TRY(check_write(c, s->y));
    IC_TRY(check_ends(c, s->y, &e));
    MUST(in > 0 && s->ic >= 1 && s->x_pitch >= s->ic, "input channels", s->ic);
    MUST(out > 0 && out <= INT32_MAX - 64 && s->oc >= 1 && s->y_pitch >= s->oc, "output channels",
         s->oc); /* kernels round up to tiles */
    MUST(s->groups >= 1 && s->ic % s->groups == 0 && s->oc % s->groups == 0, "groups", s->groups);
    MUST((in - 1) * s->x_pitch + s->ic <= ic_check_elements(at(c, s->x)), "input is too small for pixels", in);
    MUST((out - 1) * s->y_pitch + s->oc <= ic_check_elements(at(c, s->y)), "result is too small for pixels", out);
    MUST(s->kh >= 1 && s->kw >= 1, "window height", s->kh);
    MUST(s->partials == 1 || s->partials == 4 || s->partials == 16, "partial sums", s->partials);
    IC_TRY(check_window(c, (const int32_t[]){s->stride_h, s->stride_w}, (const int32_t[]){s->dilation_h, s->dilation_w},
                        (const int32_t[]){s->pad_top, s->pad_left}, (const int32_t[]){s->kh, s->kw},
                        (const int32_t[]){s->oh, s->ow}));
    IC_TRY(check_contract_types(c, s));
    IC_TRY(check_packing(c, s));
    if (s->flags & IC_CONTRACT_NO_UNDERFLOW)
        IC_TRY(check_no_underflow(c, s));
    return check_apart(c, s->x, s->y, false);
}

static enum ic_status check_map(const struct checker *c, const struct ic_step_map *s)
{
    IC_TRY(check_read(c, s->x));
    IC_TRY(check_write(c, s->y));
    IC_TRY(check_floats(c, s->x, s->y));
    MUST(s->fn < IC_MAP_COUNT, "function number", s->fn);
    MUST(is_parameter(s->a) && is_parameter(s->b), "parameters that are no numbers, or denormal: function", s->fn);
    MUST(s->count >= 0 && s->count <= ic_check_elements(at(c, s->x)) && s->count <= ic_check_elements(at(c, s->y)), "count",
         s->count);
    return check_apart(c, s->x, s->y, true);
}

/* Largest element index of a walk, or -1 when a stride is negative or it leaves 32 bits. */
static int64_t last_index(int32_t rank, const int32_t *dims, const int32_t *stride)
{
    int64_t last = 0;
    for (int32_t i = 0; i < rank; i++) {
        if (stride[i] < 0)
            return -1;
        last += (int64_t)(dims[i] - 1) * stride[i];
        if (last > INT32_MAX)
            return -1;
    }
    return last;
}

static bool walks_densely(const struct ic_step_zip *s, const int32_t *stride)
{
    int64_t dense = 1;
    for (int32_t i = s->rank; i-- > 0;) {
        if (stride[i] != dense && s->dims[i] != 1)
            return false;
        dense *= s->dims[i];
    }
    return true;
}

static enum ic_status check_zip(const struct checker *c, const struct ic_step_zip *s)
{
    const struct ends e = {s->round_mid, s->fn, s->mode, s->a, s->b, s->q_lo, s->q_hi, s->zy};
    IC_TRY(check_read(c, s->x1));
    IC_TRY(check_read(c, s->x2));
    IC_TRY(check_write(c, s->y));
    IC_TRY(check_ends(c, s->y, &e));
    MUST(s->rank >= 1 && s->rank <= IC_MAX_RANK, "rank", s->rank);
    const int64_t all = product(s->rank, s->dims);
    MUST(all > 0 && all <= ic_check_elements(at(c, s->y)), "elements", all);
    const int64_t last1 = last_index(s->rank, s->dims, s->stride1), last2 = last_index(s->rank, s->dims, s->stride2);
    MUST(last1 >= 0 && last1 < ic_check_elements(at(c, s->x1)), "first operand is read up to", last1);
    MUST(last2 >= 0 && last2 < ic_check_elements(at(c, s->x2)), "second operand is read up to", last2);
    MUST(s->op < IC_ZIP_COUNT, "function number", s->op);
    if (s->mode == IC_ARITH_F32) {
        IC_TRY(check_floats(c, s->x1, s->y));
        IC_TRY(check_floats(c, s->x2, s->y));
    } else {
        MUST(s->mode == IC_ARITH_S32 && (s->op <= IC_ZIP_MUL || s->op == IC_ZIP_PRELU), "integer function number", s->op);
        MUST(fabsf(s->m1) <= 0x1p100f && fabsf(s->m2) <= 0x1p100f, "multipliers beyond 2^100: function", s->op);
        IC_TRY(check_zero(c, s->x1, s->z1));
        IC_TRY(check_zero(c, s->x2, s->z2));
    }
    IC_TRY(check_apart(c, s->x1, s->y, walks_densely(s, s->stride1)));
    return check_apart(c, s->x2, s->y, walks_densely(s, s->stride2));
}

static enum ic_status check_reduce(const struct checker *c, const struct ic_step_reduce *s)
{
    const struct ends e = {s->round_mid, s->fn, s->mode, s->a, s->b, s->q_lo, s->q_hi, s->zy};
    IC_TRY(check_read(c, s->x));
    IC_TRY(check_write(c, s->y));
    IC_TRY(check_ends(c, s->y, &e));
    const int64_t all = PRODUCT(s->outer, s->count, s->inner);
    MUST(all > 0 && all <= ic_check_elements(at(c, s->x)), "elements", all);
    MUST((int64_t)s->outer * s->inner <= ic_check_elements(at(c, s->y)), "results", (int64_t)s->outer * s->inner);
    MUST(s->op < IC_REDUCE_COUNT, "operation", s->op);
    if (s->mode == IC_ARITH_F32) {
        IC_TRY(check_floats(c, s->x, s->y));
    } else {
        MUST(s->mode == IC_ARITH_S32 && s->op <= IC_REDUCE_MEAN && s->count <= 1 << 22, "integer operation", s->op);
        MUST(isfinite(s->m), "a multiplier that is not finite: operation", s->op);
        IC_TRY(check_zero(c, s->x, s->zx));
    }
    return check_apart(c, s->x, s->y, false);
}

static enum ic_status check_pool(const struct checker *c, const struct ic_step_pool *s)
{
    const struct ends e = {0, 0, s->mode, 0, 0, s->q_lo, s->q_hi, s->zy};
    IC_TRY(check_read(c, s->x));
    IC_TRY(check_write(c, s->y));
    IC_TRY(check_ends(c, s->y, &e));
    const int64_t in = PRODUCT(s->n, s->ih, s->iw, s->c), out = PRODUCT(s->n, s->oh, s->ow, s->c);
    MUST(in > 0 && in <= ic_check_elements(at(c, s->x)), "input elements", in);
    MUST(out > 0 && out <= ic_check_elements(at(c, s->y)), "results", out);
    MUST(PRODUCT(s->kh, s->kw) > 0 && PRODUCT(s->kh, s->kw) <= 1 << 22, "window height", s->kh);
    MUST(s->op < IC_POOL_COUNT && s->divisor >= 0 && s->count_pad <= 1, "operation", s->op);
    IC_TRY(check_window(c, (const int32_t[]){s->stride_h, s->stride_w}, (const int32_t[]){s->dilation_h, s->dilation_w},
                        (const int32_t[]){s->pad_top, s->pad_left}, (const int32_t[]){s->kh, s->kw},
                        (const int32_t[]){s->oh, s->ow}));
    MUST(s->pad_bottom >= 0 && s->pad_right >= 0 && s->pad_bottom <= 1 << 20 && s->pad_right <= 1 << 20, "padding", s->pad_bottom);
    if (s->mode == IC_ARITH_F32) {
        IC_TRY(check_floats(c, s->x, s->y));
    } else {
        MUST(s->mode == IC_ARITH_S32 && isfinite(s->mul), "integer mode", s->mode);
        IC_TRY(check_zero(c, s->x, s->zx));
        MUST(at(c, s->x)->dtype == at(c, s->y)->dtype, "result of element type", at(c, s->y)->dtype);
    }
    return check_apart(c, s->x, s->y, false);
}

/* Smallest and largest element index of a strided walk. */
static bool walk_inside(int32_t rank, const int32_t *dims, const int32_t *stride, int64_t offset, int64_t elements)
{
    int64_t least = offset, most = offset;
    for (int32_t i = 0; i < rank; i++) {
        const int64_t reach = (int64_t)(dims[i] - 1) * stride[i];
        *(reach < 0 ? &least : &most) += reach;
        if (least < 0 || most >= elements)
            return false;
    }
    return least >= 0 && most < elements;
}

/* Whether a strided walk comes to no element twice: each axis steps over all that the axes of smaller steps cover. */
static bool walks_once(int32_t rank, const int32_t *dims, const int32_t *stride)
{
    bool done[IC_MAX_RANK] = {false};
    int64_t covered = 0;
    for (int32_t n = 0; n < rank; n++) {
        int32_t least = -1;
        for (int32_t i = 0; i < rank; i++)
            if (!done[i] && (least < 0 || llabs(stride[i]) < llabs(stride[least])))
                least = i;
        done[least] = true;
        if (dims[least] > 1 && llabs(stride[least]) <= covered)
            return false;
        covered += (int64_t)(dims[least] - 1) * llabs(stride[least]);
    }
    return true;
}

static enum ic_status check_copy(const struct checker *c, const struct ic_step_copy *s)
{
    IC_TRY(check_read(c, s->x));
    IC_TRY(check_write(c, s->y));
    MUST(s->rank >= 1 && s->rank <= IC_MAX_RANK && product(s->rank, s->dims) > 0, "rank", s->rank);
    MUST(s->element_bytes == (int32_t)ic_dtype_bytes((enum ic_dtype)at(c, s->x)->dtype) &&
             s->element_bytes == (int32_t)ic_dtype_bytes((enum ic_dtype)at(c, s->y)->dtype),
         "element bytes", s->element_bytes);
    MUST(walk_inside(s->rank, s->dims, s->x_stride, s->x_offset, ic_check_elements(at(c, s->x))), "reads outside its operand from",
         s->x_offset);
    MUST(walk_inside(s->rank, s->dims, s->y_stride, s->y_offset, ic_check_elements(at(c, s->y))), "writes outside its result from",
         s->y_offset);
    MUST(walks_once(s->rank, s->dims, s->y_stride), "writes an element twice, from", s->y_offset);
    return check_apart(c, s->x, s->y, false);
}

static enum ic_status check_fill(const struct checker *c, const struct ic_step_fill *s)
{
    IC_TRY(check_write(c, s->y));
    MUST(s->element_bytes == (int32_t)ic_dtype_bytes((enum ic_dtype)at(c, s->y)->dtype) && s->element_bytes <= 4, "element bytes",
         s->element_bytes);
    MUST(s->count >= 0 && s->count <= ic_check_elements(at(c, s->y)), "count", s->count);
    return IC_OK;
}

static enum ic_status check_convert(const struct checker *c, const struct ic_step_convert *s)
{
    IC_TRY(check_read(c, s->x));
    IC_TRY(check_write(c, s->y));
    const uint32_t from = at(c, s->x)->dtype, to = at(c, s->y)->dtype;
    MUST(s->count >= 0 && s->count <= ic_check_elements(at(c, s->x)) && s->count <= ic_check_elements(at(c, s->y)), "count",
         s->count);
    MUST(isfinite(s->m) && is_parameter(s->m), "a multiplier that is not finite, or denormal, to element type", to);
    if (s->m != 0.0f) {
        MUST(is_float(from) || is_code(from), "scaled operand of element type", from);
        MUST(is_float(to) || is_code(to), "scaled result of element type", to);
        MUST(!is_float(from) || !is_float(to), "scales floats to element type", to);
        if (is_code(to))
            IC_TRY(check_code_range(c, s->y, s->q_lo, s->q_hi, s->z_out));
        if (is_code(from))
            IC_TRY(check_zero(c, s->x, s->z_in));
    }
    return check_apart(c, s->x, s->y, true);
}

static enum ic_status check_lut(const struct checker *c, const struct ic_step_lut *s)
{
    IC_TRY(check_read(c, s->x));
    IC_TRY(check_read(c, s->table));
    IC_TRY(check_write(c, s->y));
    MUST(is_code(at(c, s->x)->dtype) && is_code(at(c, s->y)->dtype), "operand of element type", at(c, s->x)->dtype);
    MUST(at(c, s->table)->space == IC_SPACE_CONST && at(c, s->table)->dtype == IC_U8 && at(c, s->table)->size_bytes == 256,
         "table tensor", s->table);
    MUST(s->count >= 0 && s->count <= ic_check_elements(at(c, s->x)) && s->count <= ic_check_elements(at(c, s->y)), "count",
         s->count);
    return check_apart(c, s->x, s->y, true);
}

static enum ic_status check_softmax(const struct checker *c, const struct ic_step_softmax *s)
{
    IC_TRY(check_read(c, s->x));
    IC_TRY(check_write(c, s->y));
    IC_TRY(check_floats(c, s->x, s->y));
    const int64_t all = PRODUCT(s->outer, s->count, s->inner);
    MUST(all > 0 && all <= ic_check_elements(at(c, s->x)) && all <= ic_check_elements(at(c, s->y)), "elements", all);
    MUST(s->log <= 1, "log flag", s->log);
    return check_apart(c, s->x, s->y, false);
}

static enum ic_status check_matmul(const struct checker *c, const struct ic_step_matmul *s)
{
    const struct ends e = {s->round_mid, s->fn, IC_ARITH_F32, s->a, s->b, 0, 0, 0};
    IC_TRY(check_read(c, s->x1));
    IC_TRY(check_read(c, s->x2));
    IC_TRY(check_write(c, s->y));
    IC_TRY(check_ends(c, s->y, &e));
    IC_TRY(check_floats(c, s->x1, s->y));
    IC_TRY(check_floats(c, s->x2, s->y));
    const int64_t all = PRODUCT(s->batch, s->m, s->n);
    MUST(all > 0 && s->k >= 1 && all <= ic_check_elements(at(c, s->y)), "results", all);
    const int64_t last1 = last_index(3, (const int32_t[]){s->batch, s->m, s->k}, (const int32_t[]){s->x1_batch, s->x1_m, s->x1_k});
    const int64_t last2 = last_index(3, (const int32_t[]){s->batch, s->k, s->n}, (const int32_t[]){s->x2_batch, s->x2_k, s->x2_n});
    MUST(last1 >= 0 && last1 < ic_check_elements(at(c, s->x1)), "first operand is read up to", last1);
    MUST(last2 >= 0 && last2 < ic_check_elements(at(c, s->x2)), "second operand is read up to", last2);
    MUST(s->partials == 1 || s->partials == 4 || s->partials == 16, "partial sums", s->partials);
    IC_TRY(check_apart(c, s->x1, s->y, false));
    return check_apart(c, s->x2, s->y, false);
}

static enum ic_status check_product(const struct checker *c, const struct ic_step_product *s)
{
    const struct ends e = {0, 0, s->mode, 0, 0, s->q_lo, s->q_hi, s->zy};
    IC_TRY(check_read(c, s->x1));
    IC_TRY(check_read(c, s->x2));
    IC_TRY(check_write(c, s->y));
    MUST(s->mode == IC_ARITH_S32 || s->mode == IC_ARITH_S64, "arithmetic mode", s->mode);
    IC_TRY(check_ends(c, s->y, &e));
    IC_TRY(check_zero(c, s->x1, s->z1));
    IC_TRY(check_zero(c, s->x2, s->z2));
    MUST(isfinite(s->scale), "a scale that is not finite: results", s->n);
    const int64_t all = PRODUCT(s->batch, s->m, s->n);
    MUST(all > 0 && s->k >= 1 && all <= ic_check_elements(at(c, s->y)), "results", all);
    MUST(s->mode == IC_ARITH_S64 || s->k <= INT32_MAX / (255 * 255), "terms of a 32-bit sum", s->k);
    const int64_t last1 = last_index(3, (const int32_t[]){s->batch, s->m, s->k}, (const int32_t[]){s->x1_batch, s->x1_m, s->x1_k});
    const int64_t last2 = last_index(3, (const int32_t[]){s->batch, s->k, s->n}, (const int32_t[]){s->x2_batch, s->x2_k, s->x2_n});
    MUST(last1 >= 0 && last1 < ic_check_elements(at(c, s->x1)), "first operand is read up to", last1);
    MUST(last2 >= 0 && last2 < ic_check_elements(at(c, s->x2)), "second operand is read up to", last2);
    IC_TRY(check_apart(c, s->x1, s->y, false));
    return check_apart(c, s->x2, s->y, false);
}

/* ---- integers, choices, places ---- */
static bool is_number(uint32_t dtype)
{
    return is_float(dtype) || ic_dtype_is_integer(dtype);
}

static enum ic_status check_dims(const struct checker *c, int32_t rank, const int32_t *dims, uint32_t y)
{
    const int64_t n = rank >= 1 && rank <= IC_MAX_RANK ? product(rank, dims) : -1;
    MUST(n > 0, "rank", rank);
    MUST(n <= ic_check_elements(at(c, y)), "elements", n);
    return IC_OK;
}

static enum ic_status check_walk(const struct checker *c, uint32_t x, int32_t rank, const int32_t *dims, const int32_t *stride)
{
    IC_TRY(check_read(c, x));
    MUST(walk_inside(rank, dims, stride, 0, ic_check_elements(at(c, x))), "reads outside tensor", x);
    return IC_OK;
}

static enum ic_status check_combine(const struct checker *c, const struct ic_step_combine *s)
{
    IC_TRY(check_write(c, s->y));
    IC_TRY(check_dims(c, s->rank, s->dims, s->y));
    IC_TRY(check_walk(c, s->x1, s->rank, s->dims, s->stride1));
    IC_TRY(check_walk(c, s->x2, s->rank, s->dims, s->stride2));
    const uint32_t t = at(c, s->x1)->dtype;
    MUST(s->fn < IC_INT_COUNT, "function number", s->fn);
    MUST(ic_int_compares(s->fn) ? is_number(t) : ic_dtype_is_integer(t), "operand of element type", t);
    MUST(at(c, s->x2)->dtype == t, "second operand of element type", at(c, s->x2)->dtype);
    MUST(at(c, s->y)->dtype == (ic_int_compares(s->fn) ? (uint32_t)IC_BOOL : t), "result of element type", at(c, s->y)->dtype);
    IC_TRY(check_apart(c, s->x1, s->y, false));
    return check_apart(c, s->x2, s->y, false);
}

static enum ic_status check_select(const struct checker *c, const struct ic_step_select *s)
{
    IC_TRY(check_write(c, s->y));
    IC_TRY(check_dims(c, s->rank, s->dims, s->y));
    IC_TRY(check_walk(c, s->c, s->rank, s->dims, s->stride_c));
    IC_TRY(check_walk(c, s->x1, s->rank, s->dims, s->stride1));
    IC_TRY(check_walk(c, s->x2, s->rank, s->dims, s->stride2));
    MUST(at(c, s->c)->dtype == IC_BOOL, "condition of element type", at(c, s->c)->dtype);
    const uint32_t tensors[] = {s->x1, s->x2, s->y};
    for (int i = 0; i < 3; i++)
        MUST(s->element_bytes == (int32_t)ic_dtype_bytes((enum ic_dtype)at(c, tensors[i])->dtype), "element bytes",
             s->element_bytes);
    IC_TRY(check_apart(c, s->c, s->y, false));
    IC_TRY(check_apart(c, s->x1, s->y, false));
    return check_apart(c, s->x2, s->y, false);
}

/* x [outer][count][inner], y [outer][of_y][inner] */
static enum ic_status check_line(const struct checker *c, uint32_t x, uint32_t y, const int32_t *outer_count_inner, int32_t of_y)
{
    IC_TRY(check_read(c, x));
    IC_TRY(check_write(c, y));
    const int64_t all = product(3, outer_count_inner);
    MUST(all > 0 && all <= ic_check_elements(at(c, x)), "elements", all);
    const int64_t results = PRODUCT(outer_count_inner[0], of_y, outer_count_inner[2]);
    MUST(results > 0 && results <= ic_check_elements(at(c, y)), "results", results);
    MUST(is_number(at(c, x)->dtype), "operand of element type", at(c, x)->dtype);
    return check_apart(c, x, y, false);
}

static enum ic_status check_fold(const struct checker *c, const struct ic_step_fold *s)
{
    IC_TRY(check_line(c, s->x, s->y, (const int32_t[]){s->outer, s->count, s->inner}, 1));
    MUST(ic_dtype_is_integer(at(c, s->x)->dtype) && at(c, s->y)->dtype == at(c, s->x)->dtype, "result of element type",
         at(c, s->y)->dtype);
    MUST(s->fn == IC_INT_ADD || s->fn == IC_INT_MUL || (s->fn >= IC_INT_MAX && s->fn <= IC_INT_XOR), "function number", s->fn);
    return IC_OK;
}

static enum ic_status check_arg(const struct checker *c, const struct ic_step_arg *s)
{
    IC_TRY(check_line(c, s->x, s->y, (const int32_t[]){s->outer, s->count, s->inner}, 1));
    MUST(at(c, s->y)->dtype == IC_S64, "result of element type", at(c, s->y)->dtype);
    MUST(s->least <= 1 && s->last <= 1, "flag", s->last);
    return IC_OK;
}

static enum ic_status check_top(const struct checker *c, const struct ic_step_top *s)
{
    MUST(s->k >= 1 && s->k <= s->count, "results along the axis:", s->k);
    IC_TRY(check_line(c, s->x, s->y, (const int32_t[]){s->outer, s->count, s->inner}, s->k));
    MUST(at(c, s->y)->dtype == IC_S64, "result of element type", at(c, s->y)->dtype);
    MUST(s->least <= 1, "flag", s->least);
    return IC_OK;
}

static enum ic_status check_nms(const struct checker *c, const struct ic_step_nms *s)
{
    IC_TRY(check_read(c, s->boxes));
    IC_TRY(check_read(c, s->score));
    IC_TRY(check_write(c, s->y));
    const int64_t pairs = PRODUCT(s->n, s->classes, 1), boxes = PRODUCT(s->n, s->count, 4),
                  scores = PRODUCT(s->n, s->classes, s->count);
    const struct ic_tensor *y = at(c, s->y);
    MUST(pairs > 0 && boxes > 0 && scores > 0 && s->most >= 1 && s->most <= s->count, "boxes:", s->count);
    MUST(is_float(at(c, s->boxes)->dtype), "boxes of element type", at(c, s->boxes)->dtype);
    MUST(is_float(at(c, s->score)->dtype), "scores of element type", at(c, s->score)->dtype);
    MUST(boxes <= ic_check_elements(at(c, s->boxes)) && scores <= ic_check_elements(at(c, s->score)), "reads outside tensor",
         s->boxes);
    MUST(y->dtype == IC_S64 && pairs <= INT32_MAX / 3 / s->most && 3 * pairs * s->most <= ic_check_elements(y),
         "writes outside tensor", s->y);
    MUST(s->center <= 1 && s->has_least <= 1, "flag", s->center);
    MUST(is_parameter(s->overlap) && is_parameter(s->least), "limits that are no numbers, or denormal: boxes", s->count);
    IC_TRY(check_apart(c, s->boxes, s->y, false));
    return check_apart(c, s->score, s->y, false);
}

static enum ic_status check_scan(const struct checker *c, const struct ic_step_scan *s)
{
    IC_TRY(check_line(c, s->x, s->y, (const int32_t[]){s->outer, s->count, s->inner}, s->count));
    MUST(at(c, s->y)->dtype == at(c, s->x)->dtype, "result of element type", at(c, s->y)->dtype);
    MUST(s->fn == IC_INT_ADD || s->fn == IC_INT_MUL, "function number", s->fn);
    MUST(s->exclusive <= 1 && s->reverse <= 1, "flag", s->exclusive);
    return IC_OK;
}

struct parts { /* the index operand of GATHER and SCATTER */
    uint32_t index;
    int32_t rank;
    const int32_t *dims, *index_stride;
    int32_t n, step;
    const int32_t *stride, *bound;
};

/* away: elements of the side that the index reaches, away_stride its strides under dims. */
static enum ic_status check_parts(const struct checker *c, const struct parts *p, const int32_t *away_stride, int64_t away)
{
    int32_t dims[IC_MAX_RANK + 1], stride[IC_MAX_RANK + 1];
    int64_t last = 0;
    MUST(p->rank >= 1 && p->rank <= IC_MAX_RANK, "rank", p->rank);
    MUST(p->n >= 1 && p->n <= IC_MAX_RANK && p->step >= 0, "parts of an index:", p->n);
    for (int32_t i = 0; i < p->n; i++) {
        MUST(p->bound[i] >= 1 && p->stride[i] >= 0, "index bound", p->bound[i]);
        last += (int64_t)(p->bound[i] - 1) * p->stride[i];
        MUST(last < INT32_MAX, "index reaches", last);
    }
    for (int32_t i = 0; i < p->rank; i++) {
        MUST(p->dims[i] >= 1 && away_stride[i] >= 0, "stride", away_stride[i]);
        last += (int64_t)(p->dims[i] - 1) * away_stride[i];
        MUST(last < INT32_MAX, "index reaches", last);
    }
    MUST(last < away, "index reaches", last);
    memcpy(dims, p->dims, sizeof(int32_t) * (size_t)p->rank);
    memcpy(stride, p->index_stride, sizeof(int32_t) * (size_t)p->rank);
    dims[p->rank] = p->n;
    stride[p->rank] = p->step;
    IC_TRY(check_read(c, p->index));
    MUST(at(c, p->index)->dtype == IC_S64 || at(c, p->index)->dtype == IC_S32, "index of element type", at(c, p->index)->dtype);
    MUST(walk_inside(p->rank + 1, dims, stride, 0, ic_check_elements(at(c, p->index))), "reads outside tensor", p->index);
    return IC_OK;
}

static enum ic_status check_gather(const struct checker *c, const struct ic_step_gather *s)
{
    const struct parts p = {s->index, s->rank, s->dims, s->index_stride, s->n_index, s->part_step, s->part_stride, s->part_bound};
    IC_TRY(check_read(c, s->x));
    IC_TRY(check_write(c, s->y));
    IC_TRY(check_dims(c, s->rank, s->dims, s->y));
    IC_TRY(check_parts(c, &p, s->x_stride, ic_check_elements(at(c, s->x))));
    MUST(s->element_bytes == (int32_t)ic_dtype_bytes((enum ic_dtype)at(c, s->x)->dtype) &&
             s->element_bytes == (int32_t)ic_dtype_bytes((enum ic_dtype)at(c, s->y)->dtype),
         "element bytes", s->element_bytes);
    IC_TRY(check_apart(c, s->index, s->y, false));
    return check_apart(c, s->x, s->y, false);
}

static enum ic_status check_scatter(const struct checker *c, const struct ic_step_scatter *s)
{
    const struct parts p = {s->index, s->rank, s->dims, s->index_stride, s->n_index, s->part_step, s->part_stride, s->part_bound};
    IC_TRY(check_read(c, s->x));
    IC_TRY(check_write(c, s->y));
    IC_TRY(check_dims(c, s->rank, s->dims, s->x));
    IC_TRY(check_parts(c, &p, s->y_stride, ic_check_elements(at(c, s->y))));
    MUST(s->fn < IC_SCATTER_COUNT, "function number", s->fn);
    MUST(is_number(at(c, s->x)->dtype) && at(c, s->y)->dtype == at(c, s->x)->dtype, "result of element type", at(c, s->y)->dtype);
    IC_TRY(check_apart(c, s->index, s->y, false));
    return check_apart(c, s->x, s->y, false);
}

static enum ic_status check_resample(const struct checker *c, const struct ic_step_resample *s)
{
    const int64_t taps = PRODUCT(s->results, s->taps);
    IC_TRY(check_line(c, s->x, s->y, (const int32_t[]){s->outer, s->count, s->inner}, s->results));
    IC_TRY(check_floats(c, s->x, s->y));
    IC_TRY(check_read(c, s->place));
    IC_TRY(check_read(c, s->weight));
    const struct ic_tensor *place = at(c, s->place), *weight = at(c, s->weight);
    MUST(taps > 0 && place->space == IC_SPACE_CONST && place->dtype == IC_S32 && taps <= ic_check_elements(place),
         "table of places", s->place);
    MUST(weight->space == IC_SPACE_CONST && weight->dtype == IC_F32 && taps <= ic_check_elements(weight), "table of weights",
         s->weight);
    for (int64_t i = 0; i < taps; i++) {
        int32_t at_x;
        memcpy(&at_x, c->p->consts + place->offset_bytes + 4 * i, sizeof at_x);
        MUST(at_x >= 0 && at_x < s->count, "place", at_x);
    }
    return IC_OK;
}

/* The largest tensor number of a step, one that it does not use in its mode included: kernels look all of them up. */
#define STEP(NUMBER, NAME, name)                                                                                                   \
    static uint32_t largest_tensor_##name(const struct ic_step_##name *s)                                                          \
    {                                                                                                                              \
        uint32_t largest = 0;
#define TENSOR(field) largest = s->field > largest ? s->field : largest;
#define I32(field)
#define U32(field)
#define F32(field)
#define I32_ARRAY(field, n)
#define STEP_END(name)                                                                                                             \
    return largest;                                                                                                                \
    }
#include "program/steps.def"

enum ic_status ic_check_step(const struct ic_program *p, uint32_t i_step, struct ic_diag *d)
{
    const struct ic_step *s = &p->steps[i_step];
    const struct checker checker = {.p = p, .s = s, .i_step = i_step, .d = d};
    const struct checker *c = &checker;
    if (s->name >= p->text_bytes)
        return ic_fail(d, IC_E_PROGRAM, "program: step %" PRIu32 " names text %" PRIu32, i_step, s->name);
    switch (s->kind) {
#define STEP(NUMBER, NAME, name)                                                                                                   \
    case IC_STEP_##NAME:                                                                                                           \
        IC_TRY(check_##name(c, s->args));                                                                                          \
        MUST(largest_tensor_##name(s->args) < p->n_tensors, "names tensor", largest_tensor_##name(s->args));                       \
        return IC_OK;
#include "program/each_kind.inc"
    }
    return ic_fail(d, IC_E_STEP_UNKNOWN, "program: step %" PRIu32 " is of kind %" PRIu32 ", which this runtime does not know",
                   i_step, s->kind);
}
