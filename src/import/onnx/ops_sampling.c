/* SPDX-License-Identifier: Apache-2.0
 *
 * Values fetched between the pixels at places that are computed: RoiAlign, DeformConv; and Col2Im, which adds columns back into a picture.
 * Pictures become rows of channels, so that one index fetches a whole pixel.
 */
#include "import/onnx/ops.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { MAX_PLACES = 1 << 26, SCATTER_ADD = 1 /* enum ic_scatter_fn by number */ };

static struct ic_value *scaled(struct ic_build *b, struct ic_value *x, double factor, double plus)
{
    return ic_build_map(b, x, IC_MAP_AFFINE, factor, plus);
}

static struct ic_value *times(struct ic_build *b, struct ic_value *x, struct ic_value *y)
{
    return ic_build_binary(b, IC_OP_MUL, x, y);
}

static struct ic_value *plus(struct ic_build *b, struct ic_value *x, struct ic_value *y)
{
    return ic_build_binary(b, IC_OP_ADD, x, y);
}

static struct ic_value *whole(struct ic_build *b, struct ic_value *x)
{
    return ic_build_cast(b, x, IC_S64);
}

/* step * i + start for i below n, shaped to stand on axis of rank axes */
static struct ic_value *ramp(struct ic_onnx *o, int32_t n, double step, double start, int32_t axis, int32_t rank)
{
    int64_t dims[IC_IR_MAX_RANK];
    float *v = ic_arena_array(o->arena, (size_t)n + 1, sizeof *v);
    if (!v) {
        ic_build_no_memory(&o->b);
        return NULL;
    }
    for (int32_t i = 0; i < n; i++)
        v[i] = (float)(step * i + start);
    for (int32_t i = 0; i < rank; i++)
        dims[i] = i == axis ? n : 1;
    return ic_build_reshape(&o->b, ic_build_const(&o->b, IC_F32, 1, &n, v), rank, dims);
}

/* ---- RoiAlign ---- */
struct boxes {
    struct ic_onnx *o;
    struct ic_value *rows; /* [batch*h*w c] */
    int32_t h, w, channels, out_h, out_w;
    double scale, offset;
    bool half_pixel, maximum;
};

/* Sampling points along one axis of every box: places, and what the lower and the upper neighbour weigh; each [boxes points]. */
struct line {
    struct ic_value *low, *high, *low_weight, *high_weight;
};

static struct line line_of(const struct boxes *s, struct ic_value *boxes, int32_t first, int32_t size, int32_t results,
                           int32_t samples)
{
    struct ic_onnx *o = s->o;
    struct ic_build *b = &o->b;
    struct line l = {0};
    struct ic_value *start = scaled(b, ic_build_slice(b, boxes, 1, first, first + 1, 1), s->scale, -s->offset),
                    *end = scaled(b, ic_build_slice(b, boxes, 1, first + 2, first + 3, 1), s->scale, -s->offset);
    struct ic_value *extent = ic_build_binary(b, IC_OP_SUB, end, start);
    if (!s->half_pixel) /* malformed boxes count as one pixel */
        extent = ic_build_binary(b, IC_OP_MAXIMUM, extent, ic_build_float(b, 1));
    /* start + bin * p + bin / samples * (k + 0.5) = start + extent * ((p * samples + k + 0.5) / (results * samples)) */
    const double points = (double)results * samples;
    struct ic_value *at = plus(b, start, times(b, extent, ramp(o, results * samples, 1 / points, 0.5 / points, 1, 2)));
    struct ic_value *inside = ic_build_binary(b, IC_OP_AND, ic_build_binary(b, IC_OP_LESS_EQUAL, ic_build_float(b, -1), at),
                                              ic_build_binary(b, IC_OP_LESS_EQUAL, at, ic_build_float(b, size)));
    inside = ic_build_cast(b, inside, IC_F32);
    at = ic_build_map(b, at, IC_MAP_CLAMP, 0, size - 1);
    l.low = ic_build_map(b, at, IC_MAP_FLOOR, 0, 0);
    l.high = ic_build_map(b, scaled(b, l.low, 1, 1), IC_MAP_CLAMP, 0, size - 1);
    struct ic_value *part = ic_build_binary(b, IC_OP_SUB, at, l.low);
    l.high_weight = times(b, part, inside);
    l.low_weight = times(b, scaled(b, part, -1, 1), inside);
    return l;
}

/* One of the four neighbours, weighed: [boxes y x c] */
static struct ic_value *neighbour(const struct boxes *s, struct ic_value *image, struct ic_value *y, struct ic_value *x,
                                  struct ic_value *y_weight, struct ic_value *x_weight)
{
    struct ic_build *b = &s->o->b;
    if (!y || !x || !image || !y_weight || !x_weight)
        return NULL;
    const int64_t n = y->dims[0], ny = y->dims[1], nx = x->dims[1];
    const int64_t down[] = {n, ny, 1}, across[] = {n, 1, nx}, alone[] = {n, 1, 1};
    struct ic_value *row = plus(b, ic_build_reshape(b, image, 3, alone), ic_build_reshape(b, whole(b, y), 3, down));
    struct ic_value *at = plus(b, times(b, row, ic_build_int(b, IC_S64, s->w)), ic_build_reshape(b, whole(b, x), 3, across));
    struct ic_value *weight = times(b, ic_build_reshape(b, y_weight, 3, down), ic_build_reshape(b, x_weight, 3, across));
    return times(b, ic_build_gather(b, s->rows, at, 0), ic_build_unsqueeze(b, weight, 3));
}

/* boxes [n 4] of images [n], with that many samples a bin: [n c out_h out_w] */
static struct ic_value *pool_boxes(const struct boxes *s, struct ic_value *boxes, struct ic_value *images, int32_t down,
                                   int32_t across)
{
    struct ic_build *b = &s->o->b;
    if (!boxes || !images)
        return NULL;
    const int64_t n = boxes->dims[0];
    const struct line x = line_of(s, boxes, 0, s->w, s->out_w, across), y = line_of(s, boxes, 1, s->h, s->out_h, down);
    struct ic_value *image = times(b, images, ic_build_int(b, IC_S64, s->h));
    struct ic_value *v[] = {neighbour(s, image, y.low, x.low, y.low_weight, x.low_weight),
                            neighbour(s, image, y.low, x.high, y.low_weight, x.high_weight),
                            neighbour(s, image, y.high, x.low, y.high_weight, x.low_weight),
                            neighbour(s, image, y.high, x.high, y.high_weight, x.high_weight)};
    struct ic_value *all = v[0];
    for (int i = 1; i < 4; i++)
        all = ic_build_binary(b, s->maximum ? IC_OP_MAXIMUM : IC_OP_ADD, all, v[i]);
    all = all ? ic_build_reshape(b, all, 6, (const int64_t[]){n, s->out_h, down, s->out_w, across, s->channels}) : NULL;
    all = ic_build_reduce(b, s->maximum ? IC_OP_REDUCE_MAX : IC_OP_REDUCE_MEAN, all, 1u << 2 | 1u << 4, false);
    return all ? ic_build_transpose(b, all, 4, (const int64_t[]){0, 3, 1, 2}) : NULL;
}

/* How many samples a constant box wants along an axis: its size in bins, upward. */
static int32_t adaptive(const struct boxes *s, const struct ic_value *boxes, int64_t i, int32_t first, int32_t results)
{
    const double start = ic_build_get(boxes, 4 * i + first) * s->scale, end = ic_build_get(boxes, 4 * i + first + 2) * s->scale;
    const double extent = s->half_pixel ? end - start : fmax(end - start, 1.0), n = ceil(extent / results);
    return n >= 0 && n < 4096 ? (int32_t)n : -1;
}

/* Constant boxes of different sizes: one after the other. */
static struct ic_value *pool_each(const struct boxes *s, struct ic_value *boxes, struct ic_value *images)
{
    struct ic_build *b = &s->o->b;
    const int32_t n = boxes->dims[0], none[] = {1, s->channels, s->out_h, s->out_w};
    struct ic_value **parts = ic_arena_array(s->o->arena, (size_t)n + 1, sizeof *parts);
    if (!parts) {
        ic_build_no_memory(b);
        return NULL;
    }
    for (int32_t i = 0; i < n && ic_onnx_ok(s->o); i++) {
        const int32_t down = adaptive(s, boxes, i, 1, s->out_h), across = adaptive(s, boxes, i, 0, s->out_w);
        if (down < 0 || across < 0)
            ic_onnx_fail(s->o, "box %d wants more than 4096 samples a bin", (int)i);
        else if (down == 0 || across == 0)
            parts[i] = ic_build_full(b, IC_F32, 4, none, 0);
        else
            parts[i] = pool_boxes(s, ic_build_slice(b, boxes, 0, i, i + 1, 1), ic_build_slice(b, images, 0, i, i + 1, 1), down,
                                  across);
    }
    return ic_onnx_ok(s->o) ? ic_build_concat(b, parts, n, 0) : NULL;
}

void ic_onnx_op_roi_align(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *boxes = ic_onnx_in(o, 1), *images = whole(b, ic_onnx_in(o, 2));
    const int64_t samples = ic_onnx_int(o, "sampling_ratio", 0), h = ic_onnx_int(o, "output_height", 1),
                  w = ic_onnx_int(o, "output_width", 1);
    const char *mode = ic_onnx_text(o, "mode", "avg");
    if (!x || !boxes || !images)
        return;
    if (x->rank != 4 || boxes->rank != 2 || boxes->dims[1] != 4 || images->rank != 1 || images->dims[0] != boxes->dims[0] ||
        h < 1 || w < 1 || h > 4096 || w > 4096 || samples < 0 || samples > 4096) {
        ic_onnx_fail(o, "[batch c h w], [boxes 4] and [boxes] are wanted, results and samples of 1 to 4096");
        return;
    }
    struct boxes s = {.o = o, .h = x->dims[2], .w = x->dims[3], .channels = x->dims[1], .out_h = (int32_t)h, .out_w = (int32_t)w};
    s.half_pixel = o->version >= 16 && strcmp(ic_onnx_text(o, "coordinate_transformation_mode", "half_pixel"), "half_pixel") == 0;
    s.offset = s.half_pixel ? 0.5 : 0;
    s.scale = ic_onnx_float(o, "spatial_scale", 1);
    s.maximum = strcmp(mode, "max") == 0;
    s.rows = ic_build_transpose(b, x, 4, (const int64_t[]){0, 2, 3, 1});
    s.rows = s.rows ? ic_build_merge(b, s.rows, 0, 3) : NULL;
    struct ic_value *y = NULL;
    if (samples > 0)
        y = pool_boxes(&s, boxes, images, (int32_t)samples, (int32_t)samples);
    else if (boxes->data)
        y = pool_each(&s, boxes, images);
    else
        ic_onnx_refuse(
            o, "sampling_ratio 0 takes as many samples as a box is large, and its boxes are computed while the network runs: "
               "export it with a fixed sampling_ratio (2 is common)");
    ic_onnx_out_like(o, 0, y, 0);
}

/* ---- DeformConv ---- */
struct deform {
    struct ic_onnx *o;
    int32_t n, c, h, w, out_h, out_w, kh, kw, groups, offset_groups;
    int64_t stride[2], dilation[2], pads[4];
    struct ic_value *rows; /* [n offset_groups h*w c/offset_groups] */
};

static bool read_deform(struct ic_onnx *o, struct deform *s, const struct ic_value *x, const struct ic_value *w,
                        const struct ic_value *offset)
{
    *s = (struct deform){.o = o, .stride = {1, 1}, .dilation = {1, 1}};
    if (x->rank != 4 || w->rank != 4 || offset->rank != 4) {
        ic_onnx_refuse(o, "a deformable convolution over %d ax%s; two are supported", (int)x->rank - 2,
                       IC_N(x->rank - 2, "is", "es"));
        return false;
    }
    s->n = x->dims[0];
    s->c = x->dims[1];
    s->h = x->dims[2];
    s->w = x->dims[3];
    s->kh = w->dims[2];
    s->kw = w->dims[3];
    s->out_h = offset->dims[2];
    s->out_w = offset->dims[3];
    s->groups = ic_onnx_int32(o, "group", 1);
    s->offset_groups = ic_onnx_int32(o, "offset_group", 1);
    ic_onnx_ints(o, "strides", s->stride, 2);
    ic_onnx_ints(o, "dilations", s->dilation, 2);
    ic_onnx_ints(o, "pads", s->pads, 4);
    const bool divides = s->groups > 0 && s->offset_groups > 0 && s->c % s->groups == 0 && s->c % s->offset_groups == 0 &&
                         w->dims[0] % s->groups == 0 && w->dims[1] == s->c / s->groups;
    if (!divides || offset->dims[0] != s->n || (int64_t)s->offset_groups * 2 * s->kh * s->kw != offset->dims[1]) {
        ic_onnx_fail(o, "%d channel%s, weights for %d, %d group%s, offsets of %d channels in %d groups do not go together",
                     (int)s->c, IC_S(s->c), (int)w->dims[1], (int)s->groups, IC_S(s->groups), (int)offset->dims[1],
                     (int)s->offset_groups);
        return false;
    }
    for (int i = 0; i < 2; i++)
        if (s->stride[i] < 1 || s->stride[i] > 1 << 20 || s->dilation[i] < 1 || s->dilation[i] > 1 << 20 || s->pads[i] < 0 ||
            s->pads[i] > 1 << 20) {
            ic_onnx_fail(o, "its strides, dilations or pads make no sense");
            return false;
        }
    return true;
}

/* Where tap t looks for result p along an axis (0 down, 1 across): [n groups taps results], in pixels */
static struct ic_value *places_of(const struct deform *s, struct ic_value *offset, int axis)
{
    struct ic_build *b = &s->o->b;
    const int32_t taps = s->kh * s->kw, results = s->out_h * s->out_w, dims[] = {1, 1, taps, results};
    float *base = (int64_t)taps * results <= MAX_PLACES ? ic_arena_array(s->o->arena, (size_t)taps * (size_t)results, sizeof *base)
                                                        : NULL;
    if (!base) {
        ic_onnx_refuse(s->o, "%d tap%s of %d result%s; at most 2^26 places are possible", (int)taps, IC_S(taps), (int)results,
                       IC_S(results));
        return NULL;
    }
    for (int32_t t = 0; t < taps; t++)
        for (int32_t p = 0; p < results; p++) {
            const int64_t tap = axis == 0 ? t / s->kw : t % s->kw, result = axis == 0 ? p / s->out_w : p % s->out_w;
            base[(int64_t)t * results + p] = (float)(result * s->stride[axis] - s->pads[axis] + tap * s->dilation[axis]);
        }
    struct ic_value *own = ic_build_slice(b, offset, 3, axis, axis + 1, 1);
    own = own ? ic_build_reshape(b, own, 4, (const int64_t[]){s->n, s->offset_groups, taps, results}) : NULL;
    return plus(b, own, ic_build_const(b, IC_F32, 4, dims, base));
}

/* A neighbour of the place: itself held inside, and its weight, 0 where it stands outside */
static void held(struct ic_build *b, struct ic_value *at, struct ic_value *weight, int32_t size, struct ic_value **out_at,
                 struct ic_value **out_weight)
{
    *out_at = ic_build_map(b, at, IC_MAP_CLAMP, 0, size - 1);
    *out_weight = times(b, weight, ic_build_cast(b, ic_build_binary(b, IC_OP_EQUAL, *out_at, at), IC_F32));
}

/* All taps: [n groups taps*results c/groups] */
static struct ic_value *fetch_taps(const struct deform *s, struct ic_value *const *at)
{
    struct ic_build *b = &s->o->b;
    struct ic_value *place[2][2], *weight[2][2], *sum = NULL;
    for (int axis = 0; axis < 2; axis++) {
        const int32_t size = axis == 0 ? s->h : s->w;
        struct ic_value *low = ic_build_map(b, at[axis], IC_MAP_FLOOR, 0, 0), *part = ic_build_binary(b, IC_OP_SUB, at[axis], low);
        held(b, low, scaled(b, part, -1, 1), size, &place[axis][0], &weight[axis][0]);
        held(b, scaled(b, low, 1, 1), part, size, &place[axis][1], &weight[axis][1]);
    }
    for (int i = 0; i < 4; i++) {
        struct ic_value *row = times(b, whole(b, place[0][i / 2]), ic_build_int(b, IC_S64, s->w));
        struct ic_value *index = plus(b, row, whole(b, place[1][i % 2])), *w = times(b, weight[0][i / 2], weight[1][i % 2]);
        if (!index || !w)
            return NULL;
        struct ic_node *g = ic_build_node(b, IC_OP_GATHER, (struct ic_value *[]){s->rows, ic_build_merge(b, index, 2, 2)}, 2);
        ic_build_set_int(g, IC_GATHER_AXIS, 2);
        ic_build_set_int(g, IC_GATHER_BATCH, 2);
        struct ic_value *term = times(b, ic_build_finish(b, g), ic_build_unsqueeze(b, ic_build_merge(b, w, 2, 2), 3));
        sum = sum ? plus(b, sum, term) : term;
    }
    return sum;
}

void ic_onnx_op_deform_conv(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *w = ic_onnx_in(o, 1), *offset = ic_onnx_in(o, 2), *bias = ic_onnx_in(o, 3),
                    *mask = ic_onnx_in(o, 4);
    struct deform s;
    if (!x || !w || !offset || !read_deform(o, &s, x, w, offset))
        return;
    const int64_t taps = (int64_t)s.kh * s.kw, results = (int64_t)s.out_h * s.out_w, og = s.offset_groups, cog = s.c / og;
    s.rows = ic_build_reshape(b, x, 4, (const int64_t[]){s.n, og, cog, (int64_t)s.h * s.w});
    s.rows = s.rows ? ic_build_transpose(b, s.rows, 4, (const int64_t[]){0, 1, 3, 2}) : NULL;
    offset = ic_build_reshape(b, offset, 5, (const int64_t[]){s.n, og, taps, 2, results});
    if (!offset)
        return;
    struct ic_value *at[] = {places_of(&s, offset, 0), places_of(&s, offset, 1)};
    struct ic_value *v = ic_onnx_ok(o) ? fetch_taps(&s, at) : NULL;
    if (mask)
        v = times(b, v, ic_build_reshape(b, mask, 4, (const int64_t[]){s.n, og, taps * results, 1}));
    v = v ? ic_build_reshape(b, v, 5, (const int64_t[]){s.n, og, taps, results, cog}) : NULL;
    v = v ? ic_build_transpose(b, v, 5, (const int64_t[]){0, 1, 4, 2, 3})
          : NULL; /* channels, then taps: as the weights have them */
    const int64_t k = s.c / s.groups * taps, oc = w->dims[0];
    v = ic_build_reshape(b, v, 4, (const int64_t[]){s.n, s.groups, k, results});
    w = ic_build_reshape(b, w, 4, (const int64_t[]){1, s.groups, oc / s.groups, k});
    struct ic_value *y = ic_build_reshape(b, ic_build_matmul(b, w, v), 4, (const int64_t[]){s.n, oc, s.out_h, s.out_w});
    if (bias)
        y = plus(b, y, ic_build_reshape(b, bias, 3, (const int64_t[]){oc, 1, 1}));
    ic_onnx_out_like(o, 0, y, 0);
}

/* ---- Col2Im ---- */
struct columns {
    int32_t n; /* axes */
    int64_t image[IC_MAX_ATTR_INTS], block[IC_MAX_ATTR_INTS], steps[IC_MAX_ATTR_INTS];
    int64_t stride[IC_MAX_ATTR_INTS], dilation[IC_MAX_ATTR_INTS], pads[2 * IC_MAX_ATTR_INTS];
    int64_t taps, places, padded; /* padded: elements of the picture with its border */
};

static bool read_columns(struct ic_onnx *o, const struct ic_value *x, struct columns *c)
{
    *c = (struct columns){.taps = 1, .places = 1, .padded = 1};
    c->n = ic_onnx_const_ints(o, 1, "image_shape", c->image);
    const int32_t n_block = ic_onnx_const_ints(o, 2, "block_shape", c->block);
    for (int32_t i = 0; i < c->n; i++)
        c->stride[i] = c->dilation[i] = 1;
    ic_onnx_ints(o, "strides", c->stride, c->n);
    ic_onnx_ints(o, "dilations", c->dilation, c->n);
    ic_onnx_ints(o, "pads", c->pads, 2 * c->n);
    if (!ic_onnx_ok(o))
        return false;
    bool fits = c->n >= 1 && n_block == c->n && c->n + 2 <= IC_IR_MAX_RANK && x->rank == 3;
    for (int32_t i = 0; i < c->n && fits; i++) {
        const int64_t before = c->pads[i], behind = c->pads[i + c->n];
        fits = c->image[i] >= 1 && c->image[i] <= MAX_PLACES && c->block[i] >= 1 && c->block[i] <= MAX_PLACES &&
               c->stride[i] >= 1 && c->dilation[i] >= 1 && c->dilation[i] <= MAX_PLACES && before >= 0 && before <= MAX_PLACES &&
               behind >= 0 && behind <= MAX_PLACES;
        const int64_t all = fits ? c->image[i] + before + behind : 1, reach = fits ? (c->block[i] - 1) * c->dilation[i] + 1 : 1;
        fits = fits && all <= MAX_PLACES && reach <= all;
        c->steps[i] = fits ? (all - reach) / c->stride[i] + 1 : 1;
        c->taps *= fits ? c->block[i] : 1;
        c->places *= c->steps[i];
        c->padded *= all;
        fits = fits && c->taps <= MAX_PLACES && c->places <= MAX_PLACES && c->padded <= MAX_PLACES;
    }
    fits = fits && c->taps * c->places <= MAX_PLACES && x->dims[1] % c->taps == 0 && x->dims[2] == c->places;
    if (!fits)
        ic_onnx_fail(
            o, "a picture of %d ax%s in blocks of %" PRId64 " element%s at %" PRId64 " place%s does not go with columns of %d x %d",
            (int)c->n, IC_N(c->n, "is", "es"), c->taps, IC_S(c->taps), c->places, IC_S(c->places),
            x->rank == 3 ? (int)x->dims[1] : 0, x->rank == 3 ? (int)x->dims[2] : 0);
    return fits;
}

/* Where tap t of place p stands in the picture with its border */
static int64_t place_in(const struct columns *c, int64_t t, int64_t p)
{
    int64_t at = 0, step = 1;
    for (int32_t i = c->n; i-- > 0;) {
        at += step * (p % c->steps[i] * c->stride[i] + t % c->block[i] * c->dilation[i]);
        step *= c->image[i] + c->pads[i] + c->pads[i + c->n];
        p /= c->steps[i];
        t /= c->block[i];
    }
    return at;
}

void ic_onnx_op_col2im(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    struct columns c;
    if (!x || !read_columns(o, x, &c))
        return;
    const int32_t n_places = (int32_t)(c.taps * c.places),
                  blank[] = {(int32_t)c.padded, x->dims[0] * (x->dims[1] / (int32_t)c.taps)};
    int64_t *places = ic_arena_array(o->arena, (size_t)n_places, sizeof *places), dims[IC_IR_MAX_RANK];
    if (!places) {
        ic_build_no_memory(b);
        return;
    }
    for (int64_t i = 0; i < n_places; i++)
        places[i] = place_in(&c, i / c.places, i % c.places);
    /* one row of all pictures' channels a place: [places batch*c] added to [padded batch*c] */
    struct ic_value *rows = ic_build_reshape(b, x, 2, (const int64_t[]){blank[1], n_places});
    rows = rows ? ic_build_transpose(b, rows, 2, (const int64_t[]){1, 0}) : NULL;
    struct ic_value *index = ic_build_reshape(b, ic_build_ints(b, n_places, places), 2, (const int64_t[]){n_places, 1});
    struct ic_node *s = ic_build_node(b, IC_OP_SCATTER_ND,
                                      (struct ic_value *[]){ic_build_full(b, x->dtype, 2, blank, 0), index, rows}, 3);
    ic_build_set_int(s, IC_SCATTER_ND_FN, SCATTER_ADD);
    struct ic_value *y = ic_build_finish(b, s);
    y = y ? ic_build_transpose(b, y, 2, (const int64_t[]){1, 0}) : NULL;
    dims[0] = x->dims[0];
    dims[1] = x->dims[1] / c.taps;
    for (int32_t i = 0; i < c.n; i++)
        dims[i + 2] = c.image[i] + c.pads[i] + c.pads[i + c.n];
    y = y ? ic_build_reshape(b, y, c.n + 2, dims) : NULL;
    for (int32_t i = 0; i < c.n && y; i++)
        y = ic_build_slice(b, y, i + 2, c.pads[i], c.pads[i] + c.image[i], 1);
    ic_onnx_out_like(o, 0, y, 0);
}
