/* SPDX-License-Identifier: Apache-2.0 */
#include "import/dft.h"

#include "arith/trigonometry.h"

/* How much input (at, part_in) adds to result (k, part_out). */
static double coefficient(const struct ic_dft *t, int64_t at, int32_t part_in, int64_t k, int32_t part_out)
{
    const double c = ic_cos_of_turn(at * k, t->length), s = ic_sin_of_turn(at * k, t->length) * (t->inverse ? 1 : -1);
    double v = part_in == part_out ? c : part_in == 0 ? s : -s; /* (re + j im) (c + j s) */
    if (t->inverse && t->one_sided) {                           /* the other half is the mirror image: twice, but for the ends */
        const bool alone = at == 0 || 2 * at == t->length;
        v = part_in == 0 ? (alone ? c : 2 * c) : alone ? 0 : -2 * s;
    }
    v /= t->divisor;
    return t->window ? v * t->window[at] : v;
}

void ic_dft_matrix(const struct ic_dft *t, float *m)
{
    for (int64_t k = 0; k < t->results; ++k)
        for (int32_t out = 0; out < t->parts_out; ++out)
            for (int64_t at = 0; at < t->given; ++at)
                for (int32_t in = 0; in < t->parts_in; ++in)
                    *m++ = (float)coefficient(t, at, in, k, out);
}

void ic_dft_twiddles(int64_t rows, int64_t columns, bool inverse, float *m)
{
    for (int64_t r = 0; r < rows; ++r)
        for (int64_t c = 0; c < columns; ++c) {
            *m++ = (float)ic_cos_of_turn(r * c, rows * columns);
            *m++ = (float)(ic_sin_of_turn(r * c, rows * columns) * (inverse ? 1 : -1));
        }
}
