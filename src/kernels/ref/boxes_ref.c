/* SPDX-License-Identifier: Apache-2.0
 *
 * NMS by its definition: the best box is kept, boxes that overlap a kept one too much are not.
 */
#include "kernels/ref/ref.h"

struct box {
    float x_min, x_max, y_min, y_max;
};

struct boxes {
    const struct ic_step_nms *s;
    uint32_t t, t_score;
    const void *boxes, *score;
    int64_t first_box, first_score; /* of this image, of this image and class */
};

static struct box box_at(const struct boxes *b, int64_t i)
{
    float v[4];
    for (int k = 0; k < 4; k++)
        v[k] = ic_load(b->t, b->boxes, b->first_box + 4 * i + k);
    if (b->s->center) {
        const float half_w = ic_mul_f(v[2], 0.5f), half_h = ic_mul_f(v[3], 0.5f);
        return (struct box){ic_sub_f(v[0], half_w), ic_add_f(v[0], half_w), ic_sub_f(v[1], half_h), ic_add_f(v[1], half_h)};
    }
    return (struct box){.y_min = v[0] < v[2] ? v[0] : v[2],
                        .y_max = v[0] < v[2] ? v[2] : v[0],
                        .x_min = v[1] < v[3] ? v[1] : v[3],
                        .x_max = v[1] < v[3] ? v[3] : v[1]};
}

static float area(const struct box *b)
{
    return ic_mul_f(ic_sub_f(b->x_max, b->x_min), ic_sub_f(b->y_max, b->y_min));
}

static bool overlap(const struct box *a, const struct box *b, float most)
{
    const float left = a->x_min > b->x_min ? a->x_min : b->x_min, right = a->x_max < b->x_max ? a->x_max : b->x_max,
                top = a->y_min > b->y_min ? a->y_min : b->y_min, bottom = a->y_max < b->y_max ? a->y_max : b->y_max;
    const float w = ic_sub_f(right, left), h = ic_sub_f(bottom, top);
    if (!(w > 0.0f && h > 0.0f))
        return false;
    const float common = ic_mul_f(w, h), area_a = area(a), area_b = area(b), all = ic_sub_f(ic_add_f(area_a, area_b), common);
    return common > 0.0f && area_a > 0.0f && area_b > 0.0f && all > 0.0f && ic_div_f(common, all) > most;
}

static float score_at(const struct boxes *b, int64_t i)
{
    return ic_load(b->t_score, b->score, b->first_score + i);
}

/* Candidates, in a heap whose root is the worst: the best first once it is emptied from behind. */
static bool worse(const struct boxes *b, int32_t i, int32_t k)
{
    const float a = score_at(b, i), c = score_at(b, k);
    return a < c || (a == c && i > k);
}

static void sink(const struct boxes *b, int32_t *heap, int32_t n, int32_t at)
{
    for (int32_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        if (child + 1 < n && worse(b, heap[child + 1], heap[child]))
            child++;
        if (!worse(b, heap[child], heap[at]))
            return;
        const int32_t swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
        at = child;
    }
}

static int32_t candidates(const struct boxes *b, int32_t *order)
{
    int32_t n = 0;
    for (int32_t i = 0; i < b->s->count; i++) {
        const float v = score_at(b, i);
        if (b->s->has_least ? v > b->s->least : v == v)
            order[n++] = i;
    }
    for (int32_t i = n / 2; i-- > 0;)
        sink(b, order, n, i);
    for (int32_t last = n; last-- > 1;) {
        const int32_t swap = order[0];
        order[0] = order[last];
        order[last] = swap;
        sink(b, order, last, 0);
    }
    return n;
}

/* Rows of y that one image and class fill. */
static int64_t select_boxes(const struct boxes *b, int64_t image, int64_t kind, int32_t *order, int64_t *y)
{
    const int32_t n = candidates(b, order);
    int64_t kept = 0;
    for (int32_t i = 0; i < n && kept < b->s->most; i++) {
        const struct box box = box_at(b, order[i]);
        bool free = true;
        for (int64_t k = 0; k < kept && free; k++) {
            const struct box other = box_at(b, y[3 * k + 2]);
            free = !overlap(&box, &other, b->s->overlap);
        }
        if (!free)
            continue;
        y[3 * kept] = image;
        y[3 * kept + 1] = kind;
        y[3 * kept++ + 2] = order[i];
    }
    return kept;
}

static void nms_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    (void)begin;
    (void)end;
    const struct ic_step_nms *s = args;
    int64_t *y = ptr[s->y], rows = 0;
    struct boxes b = {
        .s = s, .t = tensors[s->boxes].dtype, .t_score = tensors[s->score].dtype, .boxes = ptr[s->boxes], .score = ptr[s->score]};
    for (int64_t image = 0; image < s->n; image++)
        for (int64_t kind = 0; kind < s->classes; kind++) {
            b.first_box = image * s->count * 4;
            b.first_score = (image * s->classes + kind) * s->count;
            rows += select_boxes(&b, image, kind, scratch, y + 3 * rows);
        }
    for (int64_t i = 3 * rows; i < 3 * (int64_t)s->n * s->classes * s->most; i++)
        y[i] = -1;
}

static size_t nms_scratch(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return (size_t)((const struct ic_step_nms *)args)->count * sizeof(int32_t);
}

const struct ic_kernel ic_kernel_nms_ref = {.name = "nms_ref", .kind = IC_STEP_NMS, .scratch_bytes = nms_scratch, .run = nms_run};
