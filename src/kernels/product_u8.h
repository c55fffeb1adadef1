/* SPDX-License-Identifier: Apache-2.0
 *
 * PRODUCT of u8 codes, a part of kernels/simple_u8.h: rows of the first operand, in a tile, times vectors of columns of the second, which are
 * dense. sum of (q1 - z1) * (q2 - z2) = sum of t1 * q2 - z2 * sum of t1, t1 = q1 - z1: whole numbers, exact in 32 bits in any order. Before it
 *     product_tile(t, n_k, x2, step, acc)   acc[r][i] = sum over k < n_k of t of row r * x2[k * step + i]; t as product_row lays it
 */

/* t1 of row r of the tile: two neighbors of k side by side, rows behind one another; zeros behind an odd end. The sum. */
static int32_t product_row(const struct ic_step_product *s, const uint8_t *x1, int32_t r, int16_t *t)
{
    int32_t sum = 0;
    for (int32_t k = 0; k < s->k; k++) {
        const int16_t t1 = (int16_t)(x1[(int64_t)k * s->x1_k] - s->z1);
        t[(k / 2 * PRODUCT_ROWS + r) * 2 + k % 2] = t1;
        sum += t1;
    }
    if (s->k % 2)
        t[(s->k / 2 * PRODUCT_ROWS + r) * 2 + 1] = 0;
    return sum;
}

static size_t product_scratch(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    return ((size_t)((const struct ic_step_product *)args)->k + 1) / 2 * 2 * PRODUCT_ROWS * sizeof(int16_t);
}

static bool product_fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_product *s = args;
    return s->mode == IC_ARITH_S32 && s->x2_n == 1 && s->n >= CODES && tensors[s->x1].dtype == IC_U8 &&
           tensors[s->x2].dtype == IC_U8 && tensors[s->y].dtype == IC_U8;
}

static int32_t product_units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_step_product *s = args;
    return s->batch * s->m;
}

static void product_rows(const struct ic_step_product *s, void *const *ptr, int16_t *t, int32_t row, int32_t rows)
{
    const struct end e = {s->scale, s->zy, s->q_lo, s->q_hi};
    const int64_t b = row / s->m, m = row % s->m;
    const uint8_t *x1 = (const uint8_t *)ptr[s->x1] + b * s->x1_batch + m * s->x1_m, *x2 = ptr[s->x2];
    int32_t bias[PRODUCT_ROWS], acc[PRODUCT_ROWS][CODES];
    for (int32_t r = 0; r < PRODUCT_ROWS; r++) /* rows that are not there repeat the last */
        bias[r] = s->z2 * product_row(s, x1 + (int64_t)(r < rows ? r : rows - 1) * s->x1_m, r, t);
    for (int32_t n = 0; n < s->n; n += CODES) {
        const int32_t at = next_vector(n, s->n);
        product_tile(t, s->k, x2 + b * s->x2_batch + at, s->x2_k, acc);
        for (int32_t r = 0; r < rows; r++)
            end_codes(acc[r], bias[r], &e, (uint8_t *)ptr[s->y] + (int64_t)(row + r) * s->n + at);
    }
}

static void product_run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin,
                        int32_t end)
{
    (void)tensors;
    const struct ic_step_product *s = args;
    while (begin < end) {
        const int32_t left_of_matrix = s->m - begin % s->m, left = end - begin;
        int32_t rows = left < left_of_matrix ? left : left_of_matrix;
        rows = rows < PRODUCT_ROWS ? rows : PRODUCT_ROWS;
        product_rows(s, ptr, scratch, begin, rows);
        begin += rows;
    }
}
