/* SPDX-License-Identifier: Apache-2.0
 *
 * Resize and Upsample: along each axis a table of places and weights. AffineGrid and GridSample.
 */
#include "import/onnx/ops.h"

#include <math.h>
#include <string.h>

enum { NEAREST, LINEAR, CUBIC };

struct resizing {
    int mode;
    const char *coordinates, *nearest;
    double cubic_a;
    bool exclude_outside, antialias;
    double extrapolation;
};

struct axis_table {
    int32_t n_in, n_out, taps;
    double scale; /* results per element */
    double roi_begin, roi_end;
    int32_t *place;
    float *weight;
    uint8_t *outside; /* tf_crop_and_resize: the result stands outside the picture */
    bool any_outside;
};

/* A scale such as 1/3 is a float in the file. Only when the quotient is one as well does 1 / 0.33333334 stand at element 3, where PyTorch and
 * onnxruntime have it, and not before it. */
static double unscaled(double x, double scale)
{
    return (float)x / (float)scale;
}

/* In float32, as onnxruntime does: a region that ends at the last element reaches it and not the next float above. */
static double crop_coordinate(const struct axis_table *a, float x, float n_out)
{
    const float last = (float)(a->n_in - 1), begin = (float)a->roi_begin, end = (float)a->roi_end;
    if (!(n_out > 1.0f))
        return 0.5f * (begin + end) * last;
    const float way = x * (end - begin) * last / (n_out - 1.0f);
    return begin * last + way;
}

/* In float32, each step of it, as onnxruntime does: what stands between two elements is then decided as there. */
static double symmetric_coordinate(const struct axis_table *a, float x)
{
    const float n_in = (float)a->n_in, scale = (float)a->scale, adjustment = (float)a->n_out / (scale * n_in);
    const float offset = n_in / 2.0f * (1.0f - adjustment), at = (x + 0.5f) / scale;
    return (offset + at) - 0.5f;
}

/* Where result i stands among the elements. */
static double coordinate(const struct resizing *r, const struct axis_table *a, int32_t i)
{
    const double x = i, scale = a->scale, n_in = a->n_in, n_out = scale * n_in; /* not always whole */
    const char *c = r->coordinates;
    if (strcmp(c, "align_corners") == 0)
        return n_out == 1 ? 0 : x * (n_in - 1) / (n_out - 1);
    if (strcmp(c, "asymmetric") == 0)
        return unscaled(x, scale);
    if (strcmp(c, "tf_half_pixel_for_nn") == 0)
        return unscaled(x + 0.5, scale);
    if (strcmp(c, "pytorch_half_pixel") == 0)
        return a->n_out > 1 ? unscaled(x + 0.5, scale) - 0.5 : 0; /* by the size that is made: 3 * 0.33333334f is above 1 */
    if (strcmp(c, "tf_crop_and_resize") == 0)
        return crop_coordinate(a, (float)x, (float)n_out);
    if (strcmp(c, "half_pixel_symmetric") == 0)
        return symmetric_coordinate(a, (float)x);
    return unscaled(x + 0.5, scale) - 0.5; /* half_pixel */
}

static double nearest_of(const struct resizing *r, double scale, double x)
{
    if (!r->nearest) /* opset 10 */
        return scale < 1 ? ceil(x) : floor(x);
    if (strcmp(r->nearest, "round_prefer_ceil") == 0)
        return floor(x + 0.5);
    if (strcmp(r->nearest, "floor") == 0)
        return floor(x);
    if (strcmp(r->nearest, "ceil") == 0)
        return ceil(x);
    return ceil(x - 0.5); /* round_prefer_floor */
}

/* Weight of an element d elements away. */
static double kernel(const struct resizing *r, double d)
{
    const double x = fabs(d), a = r->cubic_a;
    if (r->mode == LINEAR)
        return x < 1 ? 1 - x : 0;
    return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

static int32_t inside(double at, int32_t n)
{
    return !(at > 0) ? 0 : at > n - 1 ? n - 1 : (int32_t)at; /* NaN is 0 */
}

/* Elements outside take part as the nearest inside, or not at all; weights add up to 1. */
static void fill_row(const struct resizing *r, struct axis_table *a, int32_t i)
{
    const double x = coordinate(r, a, i);
    int32_t *place = a->place + (size_t)i * (size_t)a->taps;
    float *weight = a->weight + (size_t)i * (size_t)a->taps;
    if (strcmp(r->coordinates, "tf_crop_and_resize") == 0 && (x < 0 || x > a->n_in - 1))
        a->outside[i] = a->any_outside = true;
    if (r->mode == NEAREST) {
        place[0] = inside(nearest_of(r, a->scale, x), a->n_in);
        weight[0] = 1.0f;
        return;
    }
    const double shrink = r->antialias && a->scale < 1 ? a->scale : 1;
    const double first = floor(x) - (double)(a->taps / 2) + 1;
    double sum = 0, w[512];
    for (int32_t k = 0; k < a->taps; k++) {
        const double at = first + k;
        w[k] = kernel(r, (at - x) * shrink);
        if (r->exclude_outside && (at < 0 || at > a->n_in - 1))
            w[k] = 0;
        sum += w[k];
        place[k] = inside(at, a->n_in);
    }
    for (int32_t k = 0; k < a->taps; k++)
        weight[k] = (float)(sum != 0 ? w[k] / sum : 0);
}

static bool fill_axis(struct ic_onnx *o, const struct resizing *r, struct axis_table *a)
{
    const double support = (r->mode == CUBIC ? 2 : 1) / (r->antialias && a->scale < 1 ? a->scale : 1);
    a->taps = r->mode == NEAREST ? 1 : 2 * (int32_t)ceil(support);
    if (a->taps > 512 || a->n_in < 1 || a->n_out < 1) {
        ic_onnx_refuse(o, "an axis of %d element%s resized to %d", (int)a->n_in, IC_S(a->n_in), (int)a->n_out);
        return false;
    }
    const size_t n = (size_t)a->n_out * (size_t)a->taps;
    a->place = ic_arena_array(o->arena, n, sizeof *a->place);
    a->weight = ic_arena_array(o->arena, n, sizeof *a->weight);
    a->outside = ic_arena_array(o->arena, (size_t)a->n_out, 1);
    if (!a->place || !a->weight || !a->outside) {
        ic_build_no_memory(&o->b);
        return false;
    }
    for (int32_t i = 0; i < a->n_out; i++)
        fill_row(r, a, i);
    return true;
}

static struct ic_value *resize_axis(struct ic_onnx *o, struct ic_value *x, int32_t axis, const struct axis_table *a,
                                    const struct resizing *r)
{
    struct ic_build *b = &o->b;
    const int32_t dims[2] = {a->n_out, a->taps};
    if (!x)
        return NULL;
    if (r->mode == NEAREST || !ic_dtype_is_float(x->dtype)) { /* any type: moves only */
        int64_t *places = ic_arena_array(o->arena, (size_t)a->n_out + 1, sizeof *places);
        if (!places || r->mode != NEAREST) {
            if (places)
                ic_onnx_refuse(o, "interpolation of integers is not supported");
            return NULL;
        }
        bool same = a->n_in == a->n_out;
        for (int32_t i = 0; i < a->n_out; i++) {
            places[i] = a->place[i];
            same = same && places[i] == i;
        }
        return same ? x : ic_build_gather(b, x, ic_build_ints(b, a->n_out, places), axis);
    }
    struct ic_value *in[] = {x, ic_build_const(b, IC_S32, 2, dims, a->place), ic_build_const(b, IC_F32, 2, dims, a->weight)};
    struct ic_node *n = ic_build_node(b, IC_OP_RESAMPLE, in, 3);
    ic_build_set_int(n, IC_RESAMPLE_AXIS, axis);
    return ic_build_finish(b, n);
}

static struct ic_value *extrapolate(struct ic_onnx *o, struct ic_value *x, int32_t axis, const struct axis_table *a, double value)
{
    struct ic_build *b = &o->b;
    int64_t dims[IC_IR_MAX_RANK];
    for (int32_t i = 0; x && i < x->rank; i++)
        dims[i] = i == axis ? a->n_out : 1;
    struct ic_value *mask = x ? ic_build_reshape(b, ic_build_const(b, IC_BOOL, 1, &a->n_out, a->outside), x->rank, dims) : NULL;
    return ic_build_where(b, mask, ic_build_float(b, value), x);
}

static void read_resizing(struct ic_onnx *o, struct resizing *r)
{
    const char *mode = ic_onnx_text(o, "mode", "nearest");
    *r = (struct resizing){
        .mode = strcmp(mode, "cubic") == 0 ? CUBIC
                : strstr(mode, "linear")   ? LINEAR
                                           : NEAREST,
        .coordinates = ic_onnx_text(o, "coordinate_transformation_mode", o->version >= 11 ? "half_pixel" : "asymmetric"),
        .nearest = ic_onnx_text(o, "nearest_mode",
                                o->version >= 11   ? "round_prefer_floor"
                                : o->version == 10 ? NULL
                                                   : "floor"),
        .cubic_a = ic_onnx_float(o, "cubic_coeff_a", -0.75),
        .exclude_outside = ic_onnx_int(o, "exclude_outside", 0) != 0,
        .antialias = ic_onnx_int(o, "antialias", 0) != 0,
        .extrapolation = ic_onnx_float(o, "extrapolation_value", 0)};
}

/* keep_aspect_ratio_policy: one scale for all */
static void keep_aspect(struct ic_onnx *o, const struct ic_value *x, const int32_t *axes, int32_t n, int64_t *sizes, double *scales)
{
    const char *policy = ic_onnx_text(o, "keep_aspect_ratio_policy", "stretch");
    const bool larger = strcmp(policy, "not_smaller") == 0;
    if (strcmp(policy, "stretch") == 0)
        return;
    double scale = (double)sizes[0] / x->dims[axes[0]];
    for (int32_t i = 1; i < n; i++) {
        const double s = (double)sizes[i] / x->dims[axes[i]];
        scale = larger ? (s > scale ? s : scale) : (s < scale ? s : scale);
    }
    for (int32_t i = 0; i < n; i++) {
        scales[i] = scale;
        sizes[i] = (int64_t)floor(scale * x->dims[axes[i]] + 0.5);
    }
}

static void resize(struct ic_onnx *o, const struct ic_value *scales_in, const struct ic_value *sizes_in, const struct ic_value *roi)
{
    struct resizing r;
    struct ic_value *x = ic_onnx_in(o, 0);
    int64_t given[IC_MAX_ATTR_INTS], sizes[IC_IR_MAX_RANK] = {0};
    int32_t axes[IC_IR_MAX_RANK];
    double scales[IC_IR_MAX_RANK];
    if (!x || !ic_onnx_ok(o))
        return;
    read_resizing(o, &r);
    const int32_t n_given = ic_onnx_ints(o, "axes", given, IC_MAX_ATTR_INTS), n = n_given >= 0 ? n_given : x->rank;
    const struct ic_value *by = sizes_in ? sizes_in : scales_in;
    if (!by || ic_value_elements(by) != n || n > IC_IR_MAX_RANK) {
        ic_onnx_fail(o, "%lld sizes or scales for %d axes", by ? (long long)ic_value_elements(by) : 0LL, (int)n);
        return;
    }
    for (int32_t i = 0; i < n; i++) {
        axes[i] = ic_onnx_axis(o, n_given >= 0 ? given[i] : i, x->rank);
        scales[i] = sizes_in ? (double)ic_build_get_int(sizes_in, i) / x->dims[axes[i]] : ic_build_get(scales_in, i);
        const double size = sizes_in ? (double)ic_build_get_int(sizes_in, i) : floor(scales[i] * x->dims[axes[i]]);
        if (!(scales[i] > 0 && size >= 0 && size <= INT32_MAX)) {
            ic_onnx_fail(o, "axis %d of %d element%s is resized by %g", (int)axes[i], (int)x->dims[axes[i]], IC_S(x->dims[axes[i]]),
                         scales[i]);
            return;
        }
        sizes[i] = (int64_t)size;
    }
    if (sizes_in)
        keep_aspect(o, x, axes, n, sizes, scales);
    const struct ic_value *source = x;
    struct axis_table tables[IC_IR_MAX_RANK] = {{0}};
    for (int32_t i = 0; i < n && ic_onnx_ok(o); i++) {
        struct axis_table *a = &tables[i];
        *a = (struct axis_table){.n_in = source->dims[axes[i]], .n_out = (int32_t)sizes[i], .scale = scales[i], .roi_end = 1};
        if (roi && ic_value_elements(roi) == 2 * n) {
            a->roi_begin = ic_build_get(roi, i);
            a->roi_end = ic_build_get(roi, n + i);
        }
        const bool crops = strcmp(r.coordinates, "tf_crop_and_resize") == 0 && (a->roi_begin != 0 || a->roi_end != 1);
        if (a->n_in == a->n_out && scales[i] == 1 && !crops) {
            a->taps = 0;
            continue;
        }
        if (sizes[i] < 1 || sizes[i] > INT32_MAX) {
            ic_onnx_fail(o, "axis %d of %d element%s is resized by %g: to %lld elements", (int)axes[i], (int)a->n_in, IC_S(a->n_in),
                         scales[i], (long long)sizes[i]);
            return;
        }
        if (!fill_axis(o, &r, a))
            return;
        x = resize_axis(o, x, axes[i], a, &r);
    }
    for (int32_t i = 0; i < n && ic_onnx_ok(o); i++)
        if (tables[i].taps && tables[i].any_outside)
            x = extrapolate(o, x, axes[i], &tables[i], r.extrapolation);
    ic_onnx_out_like(o, 0, x, 0);
}

void ic_onnx_op_resize(struct ic_onnx *o)
{
    if (o->version < 11) {
        resize(o, ic_onnx_const(o, 1, "scales"), NULL, NULL);
        return;
    }
    const struct ic_value *scales = ic_onnx_const(o, 2, "scales"), *sizes = ic_onnx_const(o, 3, "sizes");
    const struct ic_value *roi = strcmp(ic_onnx_text(o, "coordinate_transformation_mode", ""), "tf_crop_and_resize") == 0
                                     ? ic_onnx_const(o, 1, "region")
                                     : NULL;
    resize(o, scales && ic_value_elements(scales) ? scales : NULL, sizes && ic_value_elements(sizes) ? sizes : NULL, roi);
}

void ic_onnx_op_upsample(struct ic_onnx *o)
{
    const struct ic_onnx_attr *a = ic_onnx_list(o, "scales", IC_ONNX_ATTR_FLOATS);
    resize(o,
           o->version >= 9 ? ic_onnx_const(o, 1, "scales")
           : a             ? ic_build_const(&o->b, IC_F32, 1, &a->n, a->floats)
                           : NULL,
           NULL, NULL);
}

/* ---- grids ---- */
/* n points from -1 to 1 */
static struct ic_value *points(struct ic_onnx *o, int32_t n, bool corners)
{
    float *p = ic_arena_array(o->arena, (size_t)n + 1, sizeof *p);
    if (!p) {
        ic_build_no_memory(&o->b);
        return NULL;
    }
    for (int32_t i = 0; i < n; i++)
        p[i] = corners ? n > 1 ? (float)(2.0 * i / (n - 1) - 1) : 0.0f : (float)((2.0 * i + 1) / n - 1);
    return ic_build_const(&o->b, IC_F32, 1, &n, p);
}

/* theta [n 2 3] or [n 3 4] times (x, y, (z,) 1) of every pixel */
void ic_onnx_op_affine_grid(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *theta = ic_onnx_in(o, 0), *parts[4];
    int64_t size[IC_MAX_ATTR_INTS];
    const bool corners = ic_onnx_int(o, "align_corners", 0) != 0;
    const int32_t n_size = ic_onnx_const_ints(o, 1, "size", size), n = n_size - 2;
    if (!theta || !ic_onnx_ok(o))
        return;
    if (n < 2 || n > 3 || theta->rank != 3 || theta->dims[0] != size[0] || theta->dims[1] != n || theta->dims[2] != n + 1) {
        ic_onnx_fail(o, "theta of %d ax%s for a size of %d; [n 2 3] with 4 and [n 3 4] with 5 are possible", (int)theta->rank,
                     IC_N(theta->rank, "is", "es"), (int)n_size);
        return;
    }
    int64_t all[4], pixels = 1;
    for (int32_t i = 0; i < n; i++) {
        all[i] = size[i + 2];
        if (all[i] < 1 || all[i] > 1 << 20 || pixels > 1 << 20) {
            ic_onnx_fail(o, "a grid of %lld point%s along axis %d", (long long)all[i], IC_S(all[i]), (int)i);
            return;
        }
        pixels *= all[i];
    }
    all[n] = 1;
    for (int32_t i = 0; i < n; i++) { /* x is the last axis */
        int64_t dims[4];
        for (int32_t k = 0; k <= n; k++)
            dims[k] = k == n - 1 - i ? all[k] : 1;
        parts[i] = ic_build_expand(b, ic_build_reshape(b, points(o, (int32_t)all[n - 1 - i], corners), n + 1, dims), n + 1, all);
    }
    const int32_t ones[4] = {(int32_t)all[0], (int32_t)all[1], (int32_t)all[2], 1};
    parts[n] = ic_build_full(b, IC_F32, n + 1, ones, 1);
    struct ic_value *grid = ic_build_reshape(b, ic_build_concat(b, parts, n + 1, n), 2, (const int64_t[]){pixels, n + 1});
    struct ic_value *y = ic_build_matmul(b, grid, ic_build_transpose(b, theta, 3, (const int64_t[]){0, 2, 1})); /* batch pixels n */
    int64_t dims[5] = {theta->dims[0]};
    for (int32_t i = 0; i < n; i++)
        dims[i + 1] = all[i];
    dims[n + 1] = n;
    ic_onnx_out_like(o, 0, ic_build_reshape(b, y, n + 2, dims), 0);
}

/* -1 .. 1 to elements */
static struct ic_value *unnormalize(struct ic_build *b, struct ic_value *g, int32_t size, bool corners)
{
    return corners ? ic_build_map(b, g, IC_MAP_AFFINE, (size - 1) / 2.0, (size - 1) / 2.0)
                   : ic_build_map(b, g, IC_MAP_AFFINE, size / 2.0, (size - 1) / 2.0);
}

/* There and back between lo and hi. */
static struct ic_value *reflect(struct ic_build *b, struct ic_value *x, double lo, double hi)
{
    const double range = hi - lo;
    if (range <= 0)
        return ic_build_map(b, x, IC_MAP_AFFINE, 0, lo);
    struct ic_value *d = ic_build_map(b, ic_build_map(b, x, IC_MAP_AFFINE, 1, -lo), IC_MAP_ABS, 0, 0);
    struct ic_value *r = ic_build_binary(b, IC_OP_REM, d, ic_build_float(b, 2 * range));
    struct ic_value *back = ic_build_map(b, r, IC_MAP_AFFINE, -1, 2 * range);
    return ic_build_map(b, ic_build_binary(b, IC_OP_MINIMUM, r, back), IC_MAP_AFFINE, 1, lo);
}

struct sampling {
    struct ic_onnx *o;
    struct ic_value *image; /* batch c flat */
    int32_t n, sizes[3];
    int64_t batch, channels, pixels;
    const char *padding;
    bool corners;
};

/* Elements at whole places (floats, [batch pixels] an axis): [batch c pixels]; zeros outside as the padding wants. */
static struct ic_value *fetch(const struct sampling *s, struct ic_value *const *at)
{
    struct ic_build *b = &s->o->b;
    struct ic_value *flat = NULL, *valid = NULL;
    for (int32_t i = 0; i < s->n; i++) {
        const int32_t size = s->sizes[i];
        struct ic_value *p = at[i];
        if (strcmp(s->padding, "reflection") == 0)
            p = s->corners ? reflect(b, p, 0, size - 1) : reflect(b, p, -0.5, size - 0.5);
        struct ic_value *held = ic_build_map(b, p, IC_MAP_CLAMP, 0, size - 1);
        if (strcmp(s->padding, "zeros") == 0) {
            struct ic_value *in = ic_build_binary(b, IC_OP_EQUAL, held, p);
            valid = valid ? ic_build_binary(b, IC_OP_AND, valid, in) : in;
        }
        struct ic_value *whole = ic_build_cast(b, ic_build_map(b, held, IC_MAP_ROUND, 0, 0), IC_S64);
        flat = flat ? ic_build_binary(b, IC_OP_ADD, ic_build_binary(b, IC_OP_MUL, flat, ic_build_int(b, IC_S64, size)), whole)
                    : whole;
    }
    flat = ic_build_expand(b, ic_build_reshape(b, flat, 3, (const int64_t[]){s->batch, 1, s->pixels}), 3,
                           (const int64_t[]){s->batch, s->channels, s->pixels});
    struct ic_node *g = ic_build_node(b, IC_OP_GATHER_ELEMENTS, (struct ic_value *[]){s->image, flat}, 2);
    ic_build_set_int(g, IC_GATHER_ELEMENTS_AXIS, 2);
    struct ic_value *v = ic_build_finish(b, g);
    if (valid)
        v = ic_build_where(b, ic_build_reshape(b, valid, 3, (const int64_t[]){s->batch, 1, s->pixels}), v, ic_build_float(b, 0));
    return v;
}

static struct ic_value *cubic_weight(struct ic_build *b, struct ic_value *t, int k)
{
    /* d = t + 1, t, 1 - t, 2 - t of a = -0.75 */
    const double a = -0.75;
    struct ic_value *d = k == 0   ? ic_build_map(b, t, IC_MAP_AFFINE, 1, 1)
                         : k == 1 ? t
                         : k == 2 ? ic_build_map(b, t, IC_MAP_AFFINE, -1, 1)
                                  : ic_build_map(b, t, IC_MAP_AFFINE, -1, 2);
    const double c[2][4] = {{1, 0, -(a + 3), a + 2}, {-4 * a, 8 * a, -5 * a, a}}; /* inner, outer: powers of d */
    const double *p = c[k == 0 || k == 3];
    struct ic_value *v = ic_build_map(b, d, IC_MAP_AFFINE, p[3], p[2]);
    v = ic_build_map(b, ic_build_binary(b, IC_OP_MUL, v, d), IC_MAP_AFFINE, 1, p[1]);
    return ic_build_map(b, ic_build_binary(b, IC_OP_MUL, v, d), IC_MAP_AFFINE, 1, p[0]);
}

/* Sum over all corners of weight times element. */
static struct ic_value *interpolate(const struct sampling *s, struct ic_value *const *at, int taps)
{
    struct ic_build *b = &s->o->b;
    struct ic_value *low[3], *part[3], *sum = NULL;
    int corners = 1;
    for (int32_t i = 0; i < s->n; i++) {
        low[i] = ic_build_map(b, at[i], IC_MAP_FLOOR, 0, 0);
        part[i] = ic_build_binary(b, IC_OP_SUB, at[i], low[i]);
        corners *= taps;
    }
    for (int c = 0; c < corners && ic_onnx_ok(s->o); c++) {
        struct ic_value *place[3], *weight = NULL;
        for (int32_t i = 0, rest = c; i < s->n; i++, rest /= taps) {
            const int k = rest % taps;
            place[i] = ic_build_map(b, low[i], IC_MAP_AFFINE, 1, taps == 2 ? k : k - 1);
            struct ic_value *w = taps == 4 ? cubic_weight(b, part[i], k)
                                 : k       ? part[i]
                                           : ic_build_map(b, part[i], IC_MAP_AFFINE, -1, 1);
            weight = weight ? ic_build_binary(b, IC_OP_MUL, weight, w) : w;
        }
        weight = ic_build_reshape(b, weight, 3, (const int64_t[]){s->batch, 1, s->pixels});
        struct ic_value *term = ic_build_binary(b, IC_OP_MUL, fetch(s, place), weight);
        sum = sum ? ic_build_binary(b, IC_OP_ADD, sum, term) : term;
    }
    return sum;
}

void ic_onnx_op_grid_sample(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *grid = ic_onnx_in(o, 1), *at[3];
    const char *mode = ic_onnx_text(o, "mode", "linear");
    if (!x || !grid)
        return;
    struct sampling s = {.o = o,
                         .n = x->rank - 2,
                         .batch = x->dims[0],
                         .channels = x->dims[1],
                         .pixels = 1,
                         .padding = ic_onnx_text(o, "padding_mode", "zeros"),
                         .corners = ic_onnx_int(o, "align_corners", 0) != 0};
    int64_t dims[5] = {x->dims[0], x->dims[1]}, flat = 1;
    if (s.n < 2 || s.n > 3 || grid->rank != x->rank || grid->dims[grid->rank - 1] != s.n) {
        ic_onnx_refuse(o, "no grid over %d ax%s is supported", (int)s.n, IC_N(s.n, "is", "es"));
        return;
    }
    for (int32_t i = 0; i < s.n; i++) {
        s.sizes[i] = x->dims[i + 2];
        flat *= s.sizes[i];
        dims[i + 2] = grid->dims[i + 1];
        s.pixels *= grid->dims[i + 1];
    }
    s.image = ic_build_reshape(b, x, 3, (const int64_t[]){s.batch, s.channels, flat});
    for (int32_t i = 0; i < s.n; i++) { /* the grid's last axis holds x, y, (z) */
        struct ic_value *g = ic_build_slice(b, grid, grid->rank - 1, s.n - 1 - i, s.n - i, 1);
        at[i] = unnormalize(b, g ? ic_build_reshape(b, g, 2, (const int64_t[]){s.batch, s.pixels}) : NULL, s.sizes[i], s.corners);
        if (strcmp(s.padding, "border") == 0 && !strstr(mode, "cubic"))
            at[i] = ic_build_map(b, at[i], IC_MAP_CLAMP, 0, s.sizes[i] - 1);
        if (strcmp(s.padding, "reflection") == 0 && !strstr(mode, "cubic")) {
            at[i] = s.corners ? reflect(b, at[i], 0, s.sizes[i] - 1) : reflect(b, at[i], -0.5, s.sizes[i] - 0.5);
            at[i] = ic_build_map(b, at[i], IC_MAP_CLAMP, 0, s.sizes[i] - 1);
        }
    }
    struct ic_value *y = NULL;
    if (strcmp(mode, "nearest") == 0) {
        for (int32_t i = 0; i < s.n; i++)
            at[i] = ic_build_map(b, at[i], IC_MAP_ROUND, 0, 0);
        y = fetch(&s, at);
    } else {
        y = interpolate(&s, at, strstr(mode, "cubic") ? 4 : 2);
    }
    ic_onnx_out_like(o, 0, y ? ic_build_reshape(b, y, x->rank, dims) : NULL, 0);
}
