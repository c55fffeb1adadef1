/* SPDX-License-Identifier: Apache-2.0
 *
 * NMS: the candidates sorted, then each in turn against those that were kept.
 */
#include "sim/internal.h"

#include "base/alloc.h"

#include <stdlib.h>

/* Sides low and high along axis 0 (x) and 1 (y). */
static void sides(const struct ic_sim_run *r, const struct ic_step_nms *s, int64_t at, float low[2], float high[2])
{
    for (int axis = 0; axis < 2; axis++) {
        if (s->center) {
            const float middle = ic_sim_get(r, s->boxes, at + axis), half = ic_div_f(ic_sim_get(r, s->boxes, at + axis + 2), 2.0f);
            low[axis] = ic_sub_f(middle, half);
            high[axis] = ic_add_f(middle, half);
            continue;
        }
        const float a = ic_sim_get(r, s->boxes, at + 1 - axis), b = ic_sim_get(r, s->boxes, at + 3 - axis);
        low[axis] = a < b ? a : b;
        high[axis] = a < b ? b : a;
    }
}

/* Intersection over union is above the limit; boxes without area overlap nothing. */
static bool too_close(const struct ic_sim_run *r, const struct ic_step_nms *s, int64_t a, int64_t b)
{
    float low_a[2], high_a[2], low_b[2], high_b[2], shared[2], size_a[2], size_b[2];
    sides(r, s, a, low_a, high_a);
    sides(r, s, b, low_b, high_b);
    for (int axis = 0; axis < 2; axis++) {
        const float from = low_a[axis] > low_b[axis] ? low_a[axis] : low_b[axis],
                    to = high_a[axis] < high_b[axis] ? high_a[axis] : high_b[axis];
        shared[axis] = ic_sub_f(to, from);
        size_a[axis] = ic_sub_f(high_a[axis], low_a[axis]);
        size_b[axis] = ic_sub_f(high_b[axis], low_b[axis]);
        if (!(shared[axis] > 0.0f))
            return false;
    }
    const float common = ic_mul_f(shared[0], shared[1]), area_a = ic_mul_f(size_a[0], size_a[1]),
                area_b = ic_mul_f(size_b[0], size_b[1]);
    const float together = ic_sub_f(ic_add_f(area_a, area_b), common);
    if (!(common > 0.0f) || !(area_a > 0.0f) || !(area_b > 0.0f) || !(together > 0.0f))
        return false;
    return ic_div_f(common, together) > s->overlap;
}

struct candidate {
    float score;
    int32_t at;
};

/* The higher score first, of equals the lower place: no two are equal. */
static int by_score(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* Those that count, in their order; how many. */
static size_t list_candidates(const struct ic_sim_run *r, const struct ic_step_nms *s, int64_t scores, struct candidate *out)
{
    size_t n = 0;
    for (int32_t i = 0; i < s->count; i++) {
        const float v = ic_sim_get(r, s->score, scores + i);
        if (v == v && (!s->has_least || v > s->least))
            out[n++] = (struct candidate){.score = v, .at = i};
    }
    qsort(out, n, sizeof *out, by_score);
    return n;
}

/* The rows of one image and class, from row on; the row behind them. */
static int64_t keep_boxes(const struct ic_sim_run *r, const struct ic_step_nms *s, int64_t pair, struct candidate *list,
                          int64_t row)
{
    int64_t *y = r->ptr[s->y];
    const int64_t image = pair / s->classes, first = row;
    const size_t n = list_candidates(r, s, pair * s->count, list);
    for (size_t i = 0; i < n && row - first < s->most; i++) {
        bool suppressed = false;
        for (int64_t k = first; k < row && !suppressed; k++)
            suppressed = too_close(r, s, (image * s->count + list[i].at) * 4, (image * s->count + y[3 * k + 2]) * 4);
        if (suppressed)
            continue;
        y[3 * row] = image;
        y[3 * row + 1] = pair % s->classes;
        y[3 * row + 2] = list[i].at;
        row++;
    }
    return row;
}

enum ic_status ic_sim_nms(const struct ic_sim_run *r, const struct ic_step_nms *s)
{
    int64_t *y = r->ptr[s->y], row = 0;
    const int64_t rows = (int64_t)s->n * s->classes * s->most;
    struct candidate *list = ic_calloc((size_t)s->count + 1, sizeof *list);
    if (!list)
        return ic_fail(r->d, IC_ERR_MEMORY, "no memory to simulate the choice among %d box%s", (int)s->count,
                       IC_N(s->count, "", "es"));
    for (int64_t pair = 0; pair < (int64_t)s->n * s->classes; pair++)
        row = keep_boxes(r, s, pair, list, row);
    ic_free(list);
    for (; row < rows; row++)
        y[3 * row] = y[3 * row + 1] = y[3 * row + 2] = -1;
    return IC_OK;
}
