/* SPDX-License-Identifier: Apache-2.0
 *
 * Float contraction (one group), written in the operations of a vec_*.h that is included before, with
 *     TILE_P, TILE_ROWS(X)    output pixels of a tile: X(0) X(1) ... X(TILE_P - 1)
 *     TILE_NV, TILE_COLS(X, p) vectors of a block of output channels: X(p, 0) ... X(p, TILE_NV - 1)
 *     TILE_PAIRS              defined where registers are enough for two blocks (of one vector) at once, which share the loads of taps
 * Vectors go across output channels, so each sum runs in the order of docs/arithmetic.md 4.1 and has the bits of kernels/ref.
 * Included by one file per instruction set, hence static.
 */
#include "arith/arith.h"
#include "kernels/contract_f32_end.h"
#include "kernels/tiling.h"

#include <string.h>

enum { BLOCK = TILE_NV * VF, KB = 256, ROW = KB + 16 /* keeps rows out of each other's cache sets */ };

#if defined(TILE_PAIRS)
enum { TILE_BLOCKS = 2 };
#else
enum { TILE_BLOCKS = 1 };
#endif

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* ---- inner loops ---- */
static ALWAYS_INLINE vf load_weights(const void *w, size_t i, bool half)
{
    return half ? vf_load_half((const uint16_t *)w + i) : vf_load((const float *)w + i);
}

/* The next BLOCK weights in memory, counting the pointer up. */
#define LOAD_NEXT(p, v)                                                                                                            \
    out[v] = half ? vf_load_half((const uint16_t *)(const void *)*at + (v)*VF) : vf_load((const float *)(const void *)*at + (v)*VF);
static ALWAYS_INLINE void next_weights(const uint8_t **at, bool half, vf *out)
{
#if defined(VF_COUNTS_UP)
    vf_next_pair(at, half, out);
#else
    TILE_COLS(LOAD_NEXT, 0)
    *at += BLOCK * (half ? 2 : 4);
#endif
}

#if defined(VF_COUNTS_UP)
#define ROW_POINTER(p) const float *a##p = a + (p)*ROW;
#define ROW_TAP(p) vf_next_dup(&a##p)
#define NEXT_DUP(x) vf_next_dup(&x)
#else
#define ROW_POINTER(p)
#define ROW_TAP(p) vf_dup(a + (p)*ROW + k)
#define NEXT_DUP(x) vf_dup(x++)
#endif

/* acc[P][BLOCK] = from (rows `pitch` apart: 0 for a bias) + rows a[P][ROW] times n rows of weights, in ascending k. */
static ALWAYS_INLINE void tile_body(const float *a, const void *w, int32_t n, const float *from, int32_t pitch, float *acc,
                                    bool half)
{
#define C(p, v) c##p##_##v
#define LOAD_C(p, v) vf C(p, v) = vf_load(from + (p)*pitch + (v)*VF);
#define LOAD_ROW(p) TILE_COLS(LOAD_C, p)
#define FMA_C(p, v) C(p, v) = vf_fma(x##p, wk[v], C(p, v));
#define FMA_ROW(p)                                                                                                                 \
    {                                                                                                                              \
        const vf x##p = ROW_TAP(p);                                                                                                \
        TILE_COLS(FMA_C, p)                                                                                                        \
    }
#define STORE_C(p, v) vf_store(acc + (p)*BLOCK + (v)*VF, C(p, v));
#define STORE_ROW(p) TILE_COLS(STORE_C, p)
    const uint8_t *at = w;
    TILE_ROWS(ROW_POINTER)
    TILE_ROWS(LOAD_ROW)
    for (int32_t k = 0; k < n; k++) {
        vf wk[TILE_NV];
        next_weights(&at, half, wk);
        TILE_ROWS(FMA_ROW)
    }
    TILE_ROWS(STORE_ROW)
}

static void tile_floats(const float *a, const void *w, int32_t n, const float *from, int32_t pitch, float *acc)
{
    tile_body(a, w, n, from, pitch, acc, false);
}

static void tile_halves(const float *a, const void *w, int32_t n, const float *from, int32_t pitch, float *acc)
{
    tile_body(a, w, n, from, pitch, acc, true);
}

#if defined(TILE_PAIRS)
/* As tile_body for two blocks of one vector, w and w2. */
static ALWAYS_INLINE void pair_body(const float *a, const void *w, const void *w2, int32_t n, const float *from, const float *from2,
                                    int32_t pitch, float *acc, float *acc2, bool half)
{
#define PAIR_LOAD(p) vf c##p##_0 = vf_load(from + (p)*pitch), c##p##_1 = vf_load(from2 + (p)*pitch);
#define PAIR_FMA(p)                                                                                                                \
    {                                                                                                                              \
        const vf x = vf_dup(a + (p)*ROW + k);                                                                                      \
        c##p##_0 = vf_fma(x, first, c##p##_0);                                                                                     \
        c##p##_1 = vf_fma(x, second, c##p##_1);                                                                                    \
    }
#define PAIR_STORE(p)                                                                                                              \
    vf_store(acc + (p)*BLOCK, c##p##_0);                                                                                           \
    vf_store(acc2 + (p)*BLOCK, c##p##_1);
    TILE_ROWS(PAIR_LOAD)
    for (int32_t k = 0; k < n; k++) {
        const vf first = load_weights(w, (size_t)k * BLOCK, half), second = load_weights(w2, (size_t)k * BLOCK, half);
        TILE_ROWS(PAIR_FMA)
    }
    TILE_ROWS(PAIR_STORE)
}

static void pair_floats(const float *a, const void *w, const void *w2, int32_t n, const float *from, const float *from2,
                        int32_t pitch, float *acc, float *acc2)
{
    pair_body(a, w, w2, n, from, from2, pitch, acc, acc2, false);
}

static void pair_halves(const float *a, const void *w, const void *w2, int32_t n, const float *from, const float *from2,
                        int32_t pitch, float *acc, float *acc2)
{
    pair_body(a, w, w2, n, from, from2, pitch, acc, acc2, true);
}
#endif

/* One pixel, four partial sums from the first on: sums[4][BLOCK] over k = first + partials * i + 0 .. 3. */
static ALWAYS_INLINE void chains_body(const float *x, const void *w, int32_t n_k, int32_t first, int32_t partials, float *sums,
                                      bool half)
{
#define CHAIN_LOAD(p, v) vf C(p, v) = vf_load(sums + (p)*BLOCK + (v)*VF);
#define CHAIN_FMA(p, v) C(p, v) = vf_fma(x##p, wk[v], C(p, v));
#define CHAIN_STEP(p)                                                                                                              \
    {                                                                                                                              \
        vf wk[TILE_NV];                                                                                                            \
        next_weights(&at, half, wk);                                                                                               \
        const vf x##p = NEXT_DUP(xk);                                                                                              \
        TILE_COLS(CHAIN_FMA, p)                                                                                                    \
    }
#define CHAIN_STORE(p, v) vf_store(sums + (p)*BLOCK + (v)*VF, C(p, v));
#define CHAINS(X) X(0) X(1) X(2) X(3)
#define CHAIN_LOAD_ROW(p) TILE_COLS(CHAIN_LOAD, p)
#define CHAIN_STORE_ROW(p) TILE_COLS(CHAIN_STORE, p)
    int32_t k = first;
    {
        const float *xk = x + first;
        const uint8_t *at = (const uint8_t *)w + (size_t)first * BLOCK * (half ? 2 : 4);
        const int32_t skip = partials - 4;
        CHAINS(CHAIN_LOAD_ROW)
        for (; k + 3 < n_k; k += partials) {
            CHAINS(CHAIN_STEP)
            xk += skip;
            at += (size_t)skip * BLOCK * (half ? 2 : 4);
        }
        CHAINS(CHAIN_STORE_ROW)
    }
    for (int32_t p = 0; k + p < n_k && p < 4; p++) /* the last, incomplete round */
        for (int32_t v = 0; v < TILE_NV; v++) {
            float *at = sums + p * BLOCK + v * VF;
            vf_store(at, vf_fma(vf_dup(x + k + p), load_weights(w, (size_t)(k + p) * BLOCK + (size_t)(v * VF), half), vf_load(at)));
        }
}

static void chains_floats(const float *x, const void *w, int32_t n_k, int32_t first, int32_t partials, float *sums)
{
    chains_body(x, w, n_k, first, partials, sums, false);
}

static void chains_halves(const float *x, const void *w, int32_t n_k, int32_t first, int32_t partials, float *sums)
{
    chains_body(x, w, n_k, first, partials, sums, true);
}

/* One pixel, one sum, four blocks of channels side by side (one alone would wait for its own additions). */
static ALWAYS_INLINE void blocks_body(const float *x, const void *const *w, int32_t n_k, float *sums, bool half)
{
#define BLOCK_FMA(p, v) C(p, v) = vf_fma(xk, load_weights(w[p], (size_t)k * BLOCK + (v)*VF, half), C(p, v));
#define BLOCK_ROW(p) TILE_COLS(BLOCK_FMA, p)
    CHAINS(CHAIN_LOAD_ROW)
    for (int32_t k = 0; k < n_k; k++) {
        const vf xk = vf_dup(x + k);
        CHAINS(BLOCK_ROW)
    }
    CHAINS(CHAIN_STORE_ROW)
}

static void blocks_floats(const float *x, const void *const *w, int32_t n_k, float *sums)
{
    blocks_body(x, w, n_k, sums, false);
}

static void blocks_halves(const float *x, const void *const *w, int32_t n_k, float *sums)
{
    blocks_body(x, w, n_k, sums, true);
}

/* ---- gathering ---- */
/* Where the next taps of a pixel go: a row is cut into pieces of KB, TILE_P rows of a piece stand together. */
struct cursor {
    float *at;
    int32_t room;
};

/* The last vector overlaps the one before. */
static void widen(float *to, const void *x, int64_t from, int32_t n, bool half)
{
    const uint16_t *h = (const uint16_t *)x + from;
    const float *f = (const float *)x + from;
    const int32_t last = n - VF;
    if (n < VF) {
        for (int32_t i = 0; i < n; i++)
            to[i] = half ? ic_f16_to_f32(h[i]) : f[i];
    } else if (half) {
        for (int32_t i = 0; i < last; i += VF)
            vf_store(to + i, vf_load_half(h + i));
        vf_store(to + last, vf_load_half(h + last));
    } else {
        for (int32_t i = 0; i < last; i += VF)
            vf_store(to + i, vf_load(f + i));
        vf_store(to + last, vf_load(f + last));
    }
}

/* n elements from x (NULL: zeros). */
static void put(struct cursor *c, const void *x, int64_t from, int32_t n, bool half)
{
    while (n > 0) {
        if (c->room == 0) {
            c->at += TILE_P * ROW - KB;
            c->room = KB;
        }
        const int32_t take = n < c->room ? n : c->room;
        if (x)
            widen(c->at, x, from, take, half);
        else
            memset(c->at, 0, (size_t)take * sizeof(float));
        c->at += take;
        c->room -= take;
        from += take;
        n -= take;
    }
}

/* room: of a piece; more than n_k keeps the row whole. */
static void gather_pixel(const struct ic_step_contract *s, const void *x, bool half, int32_t pixel, int32_t room, float *row)
{
    struct cursor c = {row, room};
    const struct ic_tiling_pixel at = ic_tiling_pixel_at(s, pixel);
    int32_t first = 0, last = 0;
    ic_tiling_inside(at.ix0, s->dilation_w, s->kw, s->iw, &first, &last);
    const bool dense = s->dilation_w == 1 && s->x_pitch == s->ic;
    for (int32_t ky = 0; ky < s->kh; ky++) {
        const int32_t iy = at.iy0 + ky * s->dilation_h;
        if (iy < 0 || iy >= s->ih) {
            put(&c, NULL, 0, s->kw * s->ic, half);
            continue;
        }
        const int64_t line = ((int64_t)at.n * s->ih + iy) * s->iw;
        put(&c, NULL, 0, first * s->ic, half);
        if (dense && last > first)
            put(&c, x, (line + at.ix0 + first) * s->ic, (last - first) * s->ic, half);
        else
            for (int32_t kx = first; kx < last; kx++)
                put(&c, x, (line + at.ix0 + kx * s->dilation_w) * s->x_pitch, s->ic, half);
        put(&c, NULL, 0, (s->kw - last) * s->ic, half);
    }
}

/* ---- driver ---- */
struct job {
    const struct ic_step_contract *s;
    struct ic_tiling t;
    const void *x, *w;
    const float *bias;
    bool x_half, w_half;
    struct ic_f32_end end;
    float *panel, *acc;
};

static struct ic_tiling tiling(const struct ic_step_contract *s)
{
    return ic_tiling_of(s, TILE_P, BLOCK, KB, ROW * sizeof(float));
}

static int32_t units(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_tiling t = tiling(args);
    return ic_tiling_units(&t);
}

static bool one_by_one(const struct ic_step_contract *s, const struct ic_tiling *t)
{
    return s->partials > 1 || t->n_pixels < 3;
}

static size_t scratch_bytes(const void *args, const struct ic_tensor *tensors)
{
    (void)tensors;
    const struct ic_tiling t = tiling(args);
    if (one_by_one(args, &t))
        return ((size_t)t.n_kb * KB + 16 * BLOCK) * sizeof(float);
    return (size_t)t.chunk * TILE_P * ((size_t)t.n_kb * ROW + TILE_BLOCKS * BLOCK) * sizeof(float);
}

static bool fits(const void *args, const struct ic_tensor *tensors)
{
    const struct ic_step_contract *s = args;
    return s->mode == IC_ARITH_F32 && s->groups == 1 && s->oc_block == BLOCK && s->k_block == 1 && tensors[s->x].dtype <= IC_F16 &&
           tensors[s->w].dtype <= IC_F16 && tensors[s->y].dtype <= IC_F16;
}

static const void *weights_at(const struct job *j, int32_t block, int32_t k)
{
    const size_t i = ((size_t)block * (size_t)j->t.n_k + (size_t)k) * BLOCK;
    return (const uint8_t *)j->w + i * (j->w_half ? 2 : 4);
}

static void bias_of(const struct job *j, int32_t block, float *out)
{
    const int32_t from = block * BLOCK, n = j->s->oc - from < BLOCK ? j->s->oc - from : BLOCK;
    for (int32_t i = 0; i < BLOCK; i++)
        out[i] = j->bias && i < n ? j->bias[from + i] : 0.0f;
}

static void end_pixels(const struct job *j, int32_t pixel, int32_t n, int32_t block, const float *sums)
{
    const int32_t from = block * BLOCK, left = j->s->oc - from;
    ic_f32_end_rows(&j->end, sums, BLOCK, n, (int64_t)pixel * j->s->y_pitch + from, j->s->y_pitch, left < BLOCK ? left : BLOCK);
}

/* Where piece kb of tile i of the panel begins. */
static float *piece(const struct job *j, int32_t i, int32_t kb)
{
    return j->panel + ((size_t)i * (size_t)j->t.n_kb + (size_t)kb) * TILE_P * ROW;
}

static void multiply(const struct job *j, int32_t n, int32_t block, int32_t n_blocks, float bias[][BLOCK])
{
    for (int32_t kb = 0; kb < j->t.n_kb; kb++) {
        const int32_t left = j->t.n_k - kb * KB, length = left < KB ? left : KB, pitch = kb ? BLOCK : 0;
        const void *w = weights_at(j, block, kb * KB);
        for (int32_t i = 0; i < n; i++) {
            float *acc = j->acc + i * TILE_P * BLOCK;
#if defined(TILE_PAIRS)
            float *acc2 = acc + (size_t)j->t.chunk * TILE_P * BLOCK;
            if (n_blocks == 2) {
                (j->w_half ? pair_halves : pair_floats)(piece(j, i, kb), w, weights_at(j, block + 1, kb * KB), length,
                                                        kb ? acc : bias[0], kb ? acc2 : bias[1], pitch, acc, acc2);
                continue;
            }
#endif
            (j->w_half ? tile_halves : tile_floats)(piece(j, i, kb), w, length, kb ? acc : bias[0], pitch, acc);
        }
    }
    (void)n_blocks;
}

/* Tiles tile .. tile + n of the panel against blocks of channels from `block` on, as many as TILE_BLOCKS. How many. */
static int32_t run_blocks(const struct job *j, int32_t tile, int32_t n, int32_t block, int32_t block_end)
{
    const int32_t n_blocks = block_end - block < TILE_BLOCKS ? block_end - block : TILE_BLOCKS;
    const int32_t left = j->t.n_pixels - tile * TILE_P, pixels = left < n * TILE_P ? left : n * TILE_P;
    float bias[TILE_BLOCKS][BLOCK];
    for (int32_t b = 0; b < n_blocks; b++)
        bias_of(j, block + b, bias[b]);
    multiply(j, n, block, n_blocks, bias);
    for (int32_t b = 0; b < n_blocks; b++)
        end_pixels(j, tile * TILE_P, pixels, block + b, j->acc + (size_t)b * (size_t)j->t.chunk * TILE_P * BLOCK);
    return n_blocks;
}

static void gather_point(const struct job *j, int32_t i, int32_t p, int32_t pixel)
{
    const int64_t from = ic_tiling_point_at(j->s, pixel);
    for (int32_t kb = 0; kb < j->t.n_kb; kb++)
        widen(piece(j, i, kb) + p * ROW, j->x, from + kb * KB, j->s->ic - kb * KB < KB ? j->s->ic - kb * KB : KB, j->x_half);
}

static void gather_tiles(const struct job *j, int32_t tile, int32_t n)
{
    const bool pointwise = ic_tiling_is_pointwise(j->s);
    for (int32_t i = 0; i < n; i++)
        for (int32_t p = 0; p < TILE_P; p++) {
            /* rows past the end repeat the last pixel: computed, never stored */
            const int32_t at = (tile + i) * TILE_P + p, pixel = at < j->t.n_pixels ? at : j->t.n_pixels - 1;
            if (pointwise)
                gather_point(j, i, p, pixel);
            else
                gather_pixel(j->s, j->x, j->x_half, pixel, KB, piece(j, i, 0) + p * ROW);
        }
}

static void run_tiles(const struct job *j, const struct ic_tiling_range *r)
{
    for (int32_t tile = r->tile_begin; tile < r->tile_end; tile += j->t.chunk) {
        const int32_t n = r->tile_end - tile < j->t.chunk ? r->tile_end - tile : j->t.chunk;
        gather_tiles(j, tile, n);
        for (int32_t block = r->block_begin; block < r->block_end;)
            block += run_blocks(j, tile, n, block, r->block_end);
    }
}

/* ---- few pixels, or several partial sums ---- */
static void add_tree(float *sums, int32_t partials)
{
    for (int32_t half = partials / 2; half > 0; half /= 2)
        for (int32_t i = 0; i < half * BLOCK; i += VF)
            vf_store(sums + i, vf_add(vf_load(sums + i), vf_load(sums + half * BLOCK + i)));
}

static void pixel_partials(const struct job *j, const float *x, int32_t pixel, int32_t block)
{
    float *sums = j->acc;
    const int32_t partials = (int32_t)j->s->partials;
    memset(sums, 0, (size_t)partials * BLOCK * sizeof *sums);
    bias_of(j, block, sums);
    for (int32_t first = 0; first < partials; first += 4)
        (j->w_half ? chains_halves : chains_floats)(x, weights_at(j, block, 0), j->t.n_k, first, partials, sums + first * BLOCK);
    add_tree(sums, partials);
    end_pixels(j, pixel, 1, block, sums);
}

static void pixel_blocks(const struct job *j, const float *x, int32_t pixel, const struct ic_tiling_range *r)
{
    for (int32_t block = r->block_begin; block < r->block_end; block += 4) {
        const void *w[4];
        for (int32_t b = 0; b < 4; b++) { /* missing blocks repeat the last one: computed, never stored */
            const int32_t at = block + b < r->block_end ? block + b : r->block_end - 1;
            w[b] = weights_at(j, at, 0);
            bias_of(j, at, j->acc + b * BLOCK);
        }
        (j->w_half ? blocks_halves : blocks_floats)(x, w, j->t.n_k, j->acc);
        for (int32_t b = 0; b < 4 && block + b < r->block_end; b++)
            end_pixels(j, pixel, 1, block + b, j->acc + b * BLOCK);
    }
}

static void run_pixels(const struct job *j, const struct ic_tiling_range *r)
{
    const struct ic_step_contract *s = j->s;
    const int32_t last = r->tile_end * TILE_P < j->t.n_pixels ? r->tile_end * TILE_P : j->t.n_pixels;
    const bool in_place = !j->x_half && s->kh == 1 && s->kw == 1 && s->pad_top == 0 && s->pad_left == 0 && s->stride_h == 1 &&
                          s->stride_w == 1 && s->oh == s->ih && s->ow == s->iw;
    for (int32_t pixel = r->tile_begin * TILE_P; pixel < last; pixel++) {
        const float *x = in_place ? (const float *)j->x + (int64_t)pixel * s->x_pitch : j->panel;
        if (!in_place)
            gather_pixel(s, j->x, j->x_half, pixel, INT32_MAX, j->panel);
        if (s->partials == 1)
            pixel_blocks(j, x, pixel, r);
        else
            for (int32_t block = r->block_begin; block < r->block_end; block++)
                pixel_partials(j, x, pixel, block);
    }
}

static void run(const void *args, const struct ic_tensor *tensors, void *const *ptr, void *scratch, int32_t begin, int32_t end)
{
    const struct ic_step_contract *s = args;
    struct job j = {.s = s,
                    .t = tiling(s),
                    .x = ptr[s->x],
                    .w = ptr[s->w],
                    .bias = s->bias ? ptr[s->bias] : NULL,
                    .x_half = tensors[s->x].dtype == IC_F16,
                    .w_half = tensors[s->w].dtype == IC_F16,
                    .panel = scratch};
    const struct ic_tiling_range r = ic_tiling_range_of(&j.t, begin, end);
    j.end = ic_f32_end_of(s, tensors, ptr[s->y]);
    if (one_by_one(s, &j.t)) {
        j.acc = j.panel + (size_t)j.t.n_kb * KB;
        run_pixels(&j, &r);
    } else {
        j.acc = j.panel + (size_t)j.t.chunk * TILE_P * (size_t)j.t.n_kb * ROW;
        run_tiles(&j, &r);
    }
}
