/* SPDX-License-Identifier: Apache-2.0
 *
 * Random contractions of every form that a fast kernel takes, and of forms that only the reference takes.
 */
#include "checkkern.h"

#include <stdio.h>

static int32_t out_extent(int32_t in, int32_t pad, int32_t kernel, int32_t stride, int32_t dilation)
{
    return (in + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1;
}

static void random_window(struct ic_step_contract *s)
{
    if (kern_random() % 3 == 0) { /* fully connected */
        s->n = kern_between(1, 9);
        s->ih = s->iw = s->oh = s->ow = s->kh = s->kw = s->stride_h = s->stride_w = s->dilation_h = s->dilation_w = 1;
        return;
    }
    do {
        s->n = kern_between(1, 2);
        s->ih = kern_between(1, 9);
        s->iw = kern_between(1, 12);
        s->kh = kern_between(1, 3);
        s->kw = kern_between(1, 4);
        s->stride_h = kern_between(1, 3);
        s->stride_w = kern_between(1, 2);
        s->dilation_h = kern_between(1, 2);
        s->dilation_w = kern_between(1, 2);
        s->pad_top = kern_between(0, 2);
        s->pad_left = kern_between(0, 3);
        s->oh = out_extent(s->ih, s->pad_top, s->kh, s->stride_h, s->dilation_h);
        s->ow = out_extent(s->iw, s->pad_left, s->kw, s->stride_w, s->dilation_w);
    } while (s->ih + 2 * s->pad_top < s->dilation_h * (s->kh - 1) + 1 || s->iw + 2 * s->pad_left < s->dilation_w * (s->kw - 1) + 1);
}

/* Channels: mostly few, sometimes many, so that rows are cut into pieces; the work stays below 20,000 products. */
static void random_channels(struct ic_step_contract *s, bool depthwise)
{
    const int64_t pixels = (int64_t)s->n * s->oh * s->ow, taps = s->kh * s->kw;
    s->groups = 1;
    if (depthwise) {
        s->ic = s->oc = s->groups = kern_in_turn(67) + 1;
        return;
    }
    do {
        s->ic = kern_random() % 4 ? kern_between(1, 40) : kern_between(1, 1600);
        s->oc = kern_random() % 2 ? kern_between(1, 20) : kern_in_turn(67);
    } while (pixels * taps * s->ic * s->oc > 20000 && (s->ic > 3 || s->oc > 3));
    if (kern_random() % 6 == 0) {
        s->groups = kern_between(2, 4);
        s->ic *= s->groups;
        s->oc *= s->groups;
    }
}

static void random_end(struct ic_step_contract *s)
{
    static const uint32_t fns[] = {IC_MAP_NONE, IC_MAP_RELU,      IC_MAP_CLAMP,   IC_MAP_NONE,
                                   IC_MAP_RELU, IC_MAP_HARDSWISH, IC_MAP_SIGMOID, IC_MAP_LEAKY_RELU};
    static const float ends[][2] = {{0.0f, 6.0f}, {-1.0f, 1.0f}, {-0.0f, 2.0f}, {-3.0f, 0.0f}, {-2.0f, -0.0f}};
    const int32_t i = kern_between(0, 4);
    s->fn = fns[kern_random() % (sizeof fns / sizeof *fns)];
    s->a = s->fn == IC_MAP_CLAMP ? ends[i][0] : 0.1f;
    s->b = ends[i][1];
    s->round_mid = kern_random() % 4 == 0 ? IC_ROUND_F16 : IC_ROUND_NONE;
}

static size_t packed_elements(const struct ic_step_contract *s)
{
    const int32_t taps = s->kh * s->kw;
    if (s->groups == s->ic && s->groups == s->oc)
        return ic_packed_elements(s->oc, taps, s->oc_block, s->k_block);
    return (size_t)s->groups * ic_packed_elements(s->oc / s->groups, taps * (s->ic / s->groups), s->oc_block, s->k_block);
}

/* Rows and columns that the packing adds are zero. */
static void clear_padding(const struct kern_case *c)
{
    const struct ic_step_contract *s = &c->args.contract;
    const bool depthwise = s->groups == s->ic && s->groups == s->oc;
    const int32_t rows = depthwise ? s->oc : s->oc / s->groups, columns = s->kh * s->kw * (depthwise ? 1 : s->ic / s->groups);
    const int32_t all_rows = (rows + (int32_t)s->oc_block - 1) / (int32_t)s->oc_block * (int32_t)s->oc_block;
    const int32_t all_columns = (columns + (int32_t)s->k_block - 1) / (int32_t)s->k_block * (int32_t)s->k_block;
    const size_t each = ic_packed_elements(rows, columns, s->oc_block, s->k_block),
                 bytes = ic_dtype_bytes((enum ic_dtype)c->tensors[s->w].dtype);
    for (int32_t g = 0; g < (depthwise ? 1 : s->groups); g++)
        for (int32_t o = 0; o < all_rows; o++)
            for (int32_t k = o < rows ? columns : 0; k < all_columns; k++) {
                uint8_t *at = (uint8_t *)c->data[s->w] +
                              ((size_t)g * each + ic_packed_index(o, k, columns, s->oc_block, s->k_block)) * bytes;
                for (size_t b = 0; b < bytes; b++)
                    at[b] = 0;
            }
}

static void add_floats(struct kern_case *c)
{
    struct ic_step_contract *s = &c->args.contract;
    static const uint32_t partials[] = {1, 1, 4, 16};
    const enum kern_fill how = (enum kern_fill)kern_between(0, KERN_FILL_COUNT - 1);
    const int64_t in = (int64_t)s->n * s->ih * s->iw, out = (int64_t)s->n * s->oh * s->ow;
    s->mode = IC_ARITH_F32;
    s->partials = partials[kern_random() % 4];
    random_end(s);
    s->x = kern_add(c, kern_random() % 2 ? IC_F32 : IC_F16, (size_t)((in - 1) * s->x_pitch + s->ic), how, false);
    s->w = kern_add(c, kern_random() % 2 ? IC_F32 : IC_F16, packed_elements(s), kern_random() % 4 ? KERN_RANDOM : how, true);
    s->bias = kern_random() % 4 ? kern_add(c, IC_F32, (size_t)s->oc, kern_random() % 2 ? KERN_RANDOM : KERN_ZERO, true) : 0;
    s->y = kern_add_result(c, kern_random() % 2 ? IC_F32 : IC_F16, (size_t)((out - 1) * s->y_pitch + s->oc));
    /* halves, and a bias of plain numbers: what the compiler proves (compile/prove.c) */
    if (c->tensors[s->x].dtype == IC_F16 && c->tensors[s->w].dtype == IC_F16 && kern_random() % 2)
        s->flags |= IC_CONTRACT_NO_UNDERFLOW;
}

static void add_codes(struct kern_case *c, bool free_types)
{
    struct ic_step_contract *s = &c->args.contract;
    const enum kern_fill how = (enum kern_fill)kern_between(0, KERN_FILL_COUNT - 1),
                         weights = kern_random() % 2 ? KERN_RANDOM : (enum kern_fill)kern_between(0, 4);
    const int64_t in = (int64_t)s->n * s->ih * s->iw, out = (int64_t)s->n * s->oh * s->ow;
    s->mode = free_types && kern_random() % 2 ? IC_ARITH_S64 : IC_ARITH_S32;
    s->partials = 1;
    s->flags = IC_CONTRACT_HAS_M128; /* random bytes hold -128 */
    s->zx = kern_between(0, 127);
    s->x = kern_add(c, free_types && kern_random() % 2 ? IC_S8 : IC_U8, (size_t)((in - 1) * s->x_pitch + s->ic), how, false);
    s->w = kern_add(c, IC_S8, packed_elements(s), weights, false);
    s->bias = kern_add(c, IC_S32, (size_t)s->oc, KERN_RANDOM, false);
    s->scale = kern_add(c, IC_F32, (size_t)s->oc, KERN_RANDOM, true);
    for (int32_t i = 0; i < s->oc; i++) { /* sums of this size fall across the codes; some scales make ties */
        float *scale = (float *)c->data[s->scale] + i;
        *scale = kern_random() % 4 ? (float)kern_between(1, 1000) * 1e-5f : kern_random() % 2 ? 0x1p-7f : 0x1p-1f;
    }
    s->zy = kern_between(0, 255);
    s->q_lo = kern_random() % 2 ? 0 : kern_between(0, s->zy);
    s->q_hi = kern_random() % 2 ? 255 : kern_between(s->zy, 255);
    s->y = kern_add_result(c, IC_U8, (size_t)((out - 1) * s->y_pitch + s->oc));
}

static void label(struct kern_case *c)
{
    const struct ic_step_contract *s = &c->args.contract;
    snprintf(c->label, sizeof c->label,
             "n%d %dx%dx%d/%d -> %dx%dx%d/%d window %dx%d stride %d,%d dilation %d,%d pad %d,%d groups %d pack %u,%u partials %u "
             "fn %u(%g,%g) mid %u %s*%s->%s",
             (int)s->n, (int)s->ih, (int)s->iw, (int)s->ic, (int)s->x_pitch, (int)s->oh, (int)s->ow, (int)s->oc, (int)s->y_pitch,
             (int)s->kh, (int)s->kw, (int)s->stride_h, (int)s->stride_w, (int)s->dilation_h, (int)s->dilation_w, (int)s->pad_top,
             (int)s->pad_left, (int)s->groups, (unsigned)s->oc_block, (unsigned)s->k_block, (unsigned)s->partials, (unsigned)s->fn,
             (double)s->a, (double)s->b, (unsigned)s->round_mid, ic_dtype_name((enum ic_dtype)c->tensors[s->x].dtype),
             ic_dtype_name((enum ic_dtype)c->tensors[s->w].dtype), ic_dtype_name((enum ic_dtype)c->tensors[s->y].dtype));
}

static void random_pitches(struct ic_step_contract *s)
{
    s->x_pitch = s->ic + (kern_random() % 3 ? 0 : kern_between(1, 9));
    s->y_pitch = s->oc + (kern_random() % 3 ? 0 : kern_between(1, 9));
}

void kern_random_contract(struct kern_case *c, bool codes, bool depthwise)
{
    struct ic_step_contract *s = &c->args.contract;
    *c = (struct kern_case){.n_tensors = 1, .step = {.kind = IC_STEP_CONTRACT}};
    random_window(s);
    random_channels(s, depthwise);
    random_pitches(s);
#if defined(__x86_64__)
    s->oc_block = 16;
    s->k_block = codes && !depthwise ? 4 : 1;
#elif defined(__riscv)
    s->oc_block = s->k_block = 1;
#else
    s->oc_block = 8;
    s->k_block = 1;
#endif
    if (codes)
        add_codes(c, false);
    else
        add_floats(c);
    clear_padding(c);
    label(c);
}

/* Any packing, any number of groups: what only the reference takes. */
void kern_free_shape_contract(struct kern_case *c, bool codes)
{
    struct ic_step_contract *s = &c->args.contract;
    *c = (struct kern_case){.n_tensors = 1, .step = {.kind = IC_STEP_CONTRACT}};
    random_window(s);
    s->groups = kern_between(1, 4);
    s->ic = s->groups * kern_between(1, 4);
    s->oc = s->groups * kern_between(1, 4);
    random_pitches(s);
    s->oc_block = (uint32_t)kern_between(1, 9);
    s->k_block = (uint32_t)kern_between(1, 5);
    if (codes)
        add_codes(c, true);
    else
        add_floats(c);
    clear_padding(c);
    label(c);
}
