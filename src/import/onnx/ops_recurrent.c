/* SPDX-License-Identifier: Apache-2.0
 *
 * LSTM, GRU, RNN: unrolled, one step a time. X is [time batch input], W [directions gates*hidden input], R [directions gates*hidden hidden],
 * B [directions 2*gates*hidden].
 */
#include "import/onnx/ops.h"

#include <string.h>

enum { MAX_STEPS = 4096 };

struct recurrent {
    int32_t gates, directions, steps, batch, hidden, layout;
    struct ic_value *x, *lengths;
    const char *direction;
    double clip;
};

enum form { FUNCTION, HARD_SIGMOID, SCALED_TANH, SOFTSIGN, THRESHOLDED };

/* Activations of direction d: three at most, by name, alpha and beta. */
struct activation {
    enum form form;
    enum ic_map_fn fn; /* FUNCTION */
    double a, b;
};

static struct activation activation_of(struct ic_onnx *o, const char *name, const struct ic_onnx_attr *alphas, int32_t *i_alpha,
                                       const struct ic_onnx_attr *betas, int32_t *i_beta)
{
    static const struct {
        const char *name;
        enum ic_map_fn fn;
        bool takes_alpha, takes_beta;
        double a, b;
        enum form form;
    } all[] = {{"Relu", IC_MAP_RELU, false, false, 0, 0, FUNCTION},
               {"Tanh", IC_MAP_TANH, false, false, 0, 0, FUNCTION},
               {"Sigmoid", IC_MAP_SIGMOID, false, false, 0, 0, FUNCTION},
               {"LeakyRelu", IC_MAP_LEAKY_RELU, true, false, 0.01, 0, FUNCTION},
               {"Affine", IC_MAP_AFFINE, true, true, 1, 0, FUNCTION},
               {"Elu", IC_MAP_ELU, true, false, 1, 0, FUNCTION},
               {"Softplus", IC_MAP_SOFTPLUS, false, false, 0, 0, FUNCTION},
               {"HardSigmoid", IC_MAP_NONE, true, true, 0.2, 0.5, HARD_SIGMOID},
               {"ScaledTanh", IC_MAP_NONE, true, true, 1, 1, SCALED_TANH},
               {"Softsign", IC_MAP_NONE, false, false, 0, 0, SOFTSIGN},
               {"ThresholdedRelu", IC_MAP_NONE, true, false, 1, 0, THRESHOLDED}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, name) == 0) {
            struct activation r = {all[i].form, all[i].fn, all[i].a, all[i].b};
            const bool no_default = all[i].form == SCALED_TANH || all[i].fn == IC_MAP_AFFINE;
            if (no_default && (!alphas || *i_alpha >= alphas->n || !betas || *i_beta >= betas->n))
                ic_onnx_refuse(o, "its activation %s wants an activation_alpha and an activation_beta", name);
            if (all[i].takes_alpha && alphas && *i_alpha < alphas->n)
                r.a = (double)alphas->floats[(*i_alpha)++];
            if (all[i].takes_beta && betas && *i_beta < betas->n)
                r.b = (double)betas->floats[(*i_beta)++];
            return r;
        }
    ic_onnx_refuse(o, "its activation %s is not supported", name);
    return (struct activation){0};
}

static void read_activations(struct ic_onnx *o, int32_t per_direction, int32_t directions, const char *const *defaults,
                             struct activation *out)
{
    const struct ic_onnx_attr *names = ic_onnx_list(o, "activations", IC_ONNX_ATTR_STRINGS),
                              *alphas = ic_onnx_list(o, "activation_alpha", IC_ONNX_ATTR_FLOATS),
                              *betas = ic_onnx_list(o, "activation_beta", IC_ONNX_ATTR_FLOATS);
    int32_t i_alpha = 0, i_beta = 0;
    for (int32_t i = 0; i < per_direction * directions; i++)
        out[i] = activation_of(o, names && i < names->n ? names->strings[i] : defaults[i % per_direction], alphas, &i_alpha, betas,
                               &i_beta);
}

static struct ic_value *apply(struct ic_build *b, struct ic_value *x, const struct activation *a)
{
    switch (a->form) {
    case HARD_SIGMOID:
        return ic_onnx_hard_sigmoid(b, x, a->a, a->b);
    case SCALED_TANH: /* alpha tanh(beta x) */
        return ic_build_map(b, ic_build_map(b, ic_build_map(b, x, IC_MAP_AFFINE, a->b, 0), IC_MAP_TANH, 0, 0), IC_MAP_AFFINE, a->a,
                            0);
    case SOFTSIGN:
        return ic_onnx_softsign(b, x);
    case THRESHOLDED:
        return ic_onnx_thresholded(b, x, a->a);
    case FUNCTION:
        break;
    }
    return ic_build_map(b, x, a->fn, a->a, a->b);
}

static struct ic_value *act(struct ic_onnx *o, const struct recurrent *r, struct ic_value *x, const struct activation *a)
{
    if (r->clip > 0)
        x = ic_build_map(&o->b, x, IC_MAP_CLAMP, -r->clip, r->clip);
    return apply(&o->b, x, a);
}

static bool open_recurrent(struct ic_onnx *o, int32_t gates, struct recurrent *r)
{
    struct ic_build *b = &o->b;
    const struct ic_value *w = ic_onnx_in(o, 1), *rw = ic_onnx_in(o, 2);
    *r = (struct recurrent){.gates = gates,
                            .x = ic_onnx_in(o, 0),
                            .direction = ic_onnx_text(o, "direction", "forward"),
                            .layout = ic_onnx_int32(o, "layout", 0),
                            .clip = ic_onnx_float(o, "clip", 0)};
    if (!r->x || !w || !rw)
        return false;
    if (r->x->rank != 3 || w->rank != 3 || rw->rank != 3 || rw->dims[1] != gates * rw->dims[2] || w->dims[1] != rw->dims[1] ||
        w->dims[2] != r->x->dims[2]) {
        ic_onnx_fail(o, "input, W and R do not fit together");
        return false;
    }
    if (r->layout)
        r->x = ic_build_transpose(b, r->x, 3, (const int64_t[]){1, 0, 2});
    r->directions = w->dims[0];
    r->hidden = rw->dims[2];
    r->steps = r->x->dims[0];
    r->batch = r->x->dims[1];
    r->lengths = ic_onnx_in(o, 4);
    if (r->lengths && r->lengths->data) { /* all full: nothing to mask */
        bool full = true;
        for (int64_t i = 0; i < ic_value_elements(r->lengths); i++)
            full = full && ic_build_get_int(r->lengths, i) == r->steps;
        r->lengths = full ? NULL : r->lengths;
    }
    if (r->directions != (strcmp(r->direction, "bidirectional") == 0 ? 2 : 1)) {
        ic_onnx_fail(o, "direction %s, but weights for %d", r->direction, (int)r->directions);
        return false;
    }
    if (r->steps < 1) {
        ic_onnx_fail(o, "a sequence of no steps in time; is the input shape right?");
        return false;
    }
    if (r->steps > MAX_STEPS) {
        ic_onnx_refuse(o, "%d steps in time; at most %d are unrolled", (int)r->steps, MAX_STEPS);
        return false;
    }
    return ic_onnx_ok(o);
}

/* Row d of input i, or NULL. */
static struct ic_value *row_of(struct ic_onnx *o, int32_t i, int32_t d)
{
    struct ic_value *v = ic_onnx_in(o, i);
    o->b.late = true;
    v = v ? ic_build_slice(&o->b, v, 0, d, d + 1, 1) : NULL;
    v = v ? ic_build_squeeze(&o->b, v, 0) : NULL;
    o->b.late = false;
    return v;
}

/* State of direction d: [batch hidden], zeros when not given. */
static struct ic_value *state_of(struct ic_onnx *o, const struct recurrent *r, int32_t i, int32_t d)
{
    struct ic_value *v = ic_onnx_in(o, i);
    if (!v)
        return ic_build_full(&o->b, IC_F32, 2, (const int32_t[]){r->batch, r->hidden}, 0);
    v = ic_build_slice(&o->b, v, r->layout ? 1 : 0, d, d + 1, 1);
    return v ? ic_build_squeeze(&o->b, v, r->layout ? 1 : 0) : NULL;
}

/* x [.. k] times w [n k] transposed plus bias; any of them may be computed. */
static struct ic_value *times(struct ic_build *b, struct ic_value *x, struct ic_value *w, struct ic_value *bias)
{
    if (ic_build_is_weight(w) && (!bias || ic_build_is_weight(bias)))
        return ic_build_linear(b, x, w, bias);
    struct ic_value *y = w ? ic_build_matmul(b, x, ic_build_transpose(b, w, 2, (const int64_t[]){1, 0})) : NULL;
    return bias ? ic_build_binary(b, IC_OP_ADD, y, bias) : y;
}

static struct ic_value *gate(struct ic_build *b, struct ic_value *all, int32_t hidden, int32_t g)
{
    return all ? ic_build_slice(b, all, all->rank - 1, (int64_t)g * hidden, (int64_t)(g + 1) * hidden, 1) : NULL;
}

static struct ic_value *add(struct ic_build *b, struct ic_value *x, struct ic_value *y)
{
    return ic_build_binary(b, IC_OP_ADD, x, y);
}

static struct ic_value *mul(struct ic_build *b, struct ic_value *x, struct ic_value *y)
{
    return ic_build_binary(b, IC_OP_MUL, x, y);
}

/* One direction's weights and state; step() makes the next state. */
struct cell {
    struct ic_value *w, *r, *wb, *rb; /* biases of the two products, NULL none */
    struct ic_value *h, *c, *peepholes;
    struct activation f[3];
    struct ic_value *xs; /* all inputs' products: [time batch gates*hidden] */
};

/* Bias halves: each starts the sums of its product, as in PyTorch, whose export of a network gives the same bits then. */
static void split_bias(struct ic_onnx *o, const struct recurrent *r, int32_t d, struct cell *c)
{
    const int64_t n = (int64_t)r->gates * r->hidden;
    struct ic_value *b = row_of(o, 3, d);
    if (!b)
        return;
    c->wb = ic_build_slice(&o->b, b, 0, 0, n, 1);
    c->rb = ic_build_slice(&o->b, b, 0, n, 2 * n, 1);
}

/* Rows of the gates in the order of PyTorch, so that a network is the same graph through either file: LSTM i o f c to i f c o, GRU z r h to
 * r z h. */
static struct ic_value *reorder(struct ic_build *b, struct ic_value *v, const struct recurrent *r)
{
    static const int32_t lstm[] = {0, 2, 3, 1}, gru[] = {1, 0, 2};
    struct ic_value *parts[4] = {0};
    if (!v || r->gates == 1)
        return v;
    for (int32_t i = 0; i < r->gates; i++) {
        const int64_t g = r->gates == 4 ? lstm[i] : gru[i];
        parts[i] = ic_build_slice(b, v, 0, g * r->hidden, (g + 1) * r->hidden, 1);
        if (!parts[i])
            return NULL;
    }
    return ic_build_concat(b, parts, r->gates, 0);
}

static void reorder_gates(struct ic_build *b, const struct recurrent *r, struct cell *c)
{
    b->late = true;
    c->w = reorder(b, c->w, r);
    c->r = reorder(b, c->r, r);
    b->late = false;
    c->wb = reorder(b, c->wb, r);
    c->rb = reorder(b, c->rb, r);
}

static struct ic_value *peephole(struct ic_build *b, const struct cell *c, struct ic_value *state, int32_t hidden, int32_t i)
{
    return mul(b, ic_build_slice(b, c->peepholes, 0, (int64_t)i * hidden, (int64_t)(i + 1) * hidden, 1), state);
}

/* Gates i f c o by now; peepholes i o f. */
static void lstm_step(struct ic_onnx *o, const struct recurrent *r, struct cell *c, struct ic_value *x)
{
    struct ic_build *b = &o->b;
    struct ic_value *all = add(b, x, times(b, c->h, c->r, c->rb));
    struct ic_value *i = gate(b, all, r->hidden, 0), *f = gate(b, all, r->hidden, 1), *g = gate(b, all, r->hidden, 2),
                    *out = gate(b, all, r->hidden, 3);
    if (c->peepholes) {
        i = add(b, i, peephole(b, c, c->c, r->hidden, 0));
        f = add(b, f, peephole(b, c, c->c, r->hidden, 2));
    }
    i = act(o, r, i, &c->f[0]);
    struct ic_value *forget = ic_onnx_int(o, "input_forget", 0) ? ic_build_map(b, i, IC_MAP_AFFINE, -1, 1) : act(o, r, f, &c->f[0]);
    c->c = add(b, mul(b, forget, c->c), mul(b, i, act(o, r, g, &c->f[1])));
    if (c->peepholes)
        out = add(b, out, peephole(b, c, c->c, r->hidden, 1));
    c->h = mul(b, act(o, r, out, &c->f[0]), apply(b, c->c, &c->f[2]));
}

/* Gates r z h by now. */
static void gru_step(struct ic_onnx *o, const struct recurrent *r, struct cell *c, struct ic_value *x)
{
    struct ic_build *b = &o->b;
    const int64_t n = r->hidden;
    const bool late = ic_onnx_int(o, "linear_before_reset", 0) != 0;
    struct ic_value *w_rz = late ? c->r : ic_build_slice(b, c->r, 0, 0, 2 * n, 1), *h = NULL;
    struct ic_value *b_rz = late || !c->rb ? c->rb : ic_build_slice(b, c->rb, 0, 0, 2 * n, 1);
    struct ic_value *hr = times(b, c->h, w_rz, b_rz);
    struct ic_value *both = ic_build_slice(b, x, x ? x->rank - 1 : 0, 0, 2 * n, 1);
    both = act(o, r, add(b, both, late ? ic_build_slice(b, hr, hr ? hr->rank - 1 : 0, 0, 2 * n, 1) : hr), &c->f[0]);
    struct ic_value *rt = gate(b, both, r->hidden, 0), *z = gate(b, both, r->hidden, 1);
    if (late)
        h = act(o, r, add(b, gate(b, x, r->hidden, 2), mul(b, rt, gate(b, hr, r->hidden, 2))), &c->f[1]);
    else
        h = act(o, r,
                add(b, gate(b, x, r->hidden, 2),
                    times(b, mul(b, rt, c->h), ic_build_slice(b, c->r, 0, 2 * n, 3 * n, 1),
                          c->rb ? ic_build_slice(b, c->rb, 0, 2 * n, 3 * n, 1) : NULL)),
                &c->f[1]);
    /* (1 - z) * h + z * old, as PyTorch computes it */
    c->h = add(b, mul(b, ic_build_binary(b, IC_OP_SUB, c->h, h), z), h);
}

static void rnn_step(struct ic_onnx *o, const struct recurrent *r, struct cell *c, struct ic_value *x)
{
    c->h = act(o, r, add(&o->b, x, times(&o->b, c->h, c->r, c->rb)), &c->f[0]);
}

typedef void step_fn(struct ic_onnx *o, const struct recurrent *r, struct cell *c, struct ic_value *x);

/* Where time t is inside each sequence: [batch 1] bool. */
static struct ic_value *inside(struct ic_onnx *o, const struct recurrent *r, int32_t t)
{
    struct ic_build *b = &o->b;
    struct ic_value *l = ic_build_reshape(b, ic_build_cast(b, r->lengths, IC_S64), 2, (const int64_t[]){r->batch, 1});
    return ic_build_binary(b, IC_OP_LESS, ic_build_int(b, IC_S64, t), l);
}

static struct ic_value *run_direction(struct ic_onnx *o, const struct recurrent *r, struct cell *c, bool backward, step_fn *step)
{
    struct ic_build *b = &o->b;
    struct ic_value **ys = ic_arena_array(o->arena, (size_t)r->steps + 1, sizeof *ys);
    if (!ys) {
        ic_build_no_memory(b);
        return NULL;
    }
    c->xs = times(b, r->x, c->w, c->wb);
    for (int32_t k = 0; k < r->steps && ic_onnx_ok(o); k++) {
        const int32_t t = backward ? r->steps - 1 - k : k;
        struct ic_value *x = c->xs ? ic_build_slice(b, c->xs, 0, t, t + 1, 1) : NULL, *h = c->h, *state = c->c;
        step(o, r, c, x ? ic_build_squeeze(b, x, 0) : NULL);
        struct ic_value *y = c->h;
        if (r->lengths) { /* behind a sequence's end the state stays and the output is zero */
            struct ic_value *in = inside(o, r, t);
            y = ic_build_where(b, in, c->h, ic_build_float(b, 0));
            c->h = ic_build_where(b, in, c->h, h);
            c->c = state ? ic_build_where(b, in, c->c, state) : NULL;
        }
        ys[t] = y ? ic_build_reshape(b, y, 3, (const int64_t[]){1, r->batch, r->hidden}) : NULL;
    }
    return ic_onnx_ok(o) ? ic_build_concat(b, ys, r->steps, 0) : NULL; /* time batch hidden */
}

/* Final states of all directions: [directions batch hidden], or by layout 1 [batch directions hidden]. */
static void put_state(struct ic_onnx *o, const struct recurrent *r, int32_t i, struct ic_value *const *states)
{
    struct ic_value *parts[2] = {0};
    for (int32_t d = 0; d < r->directions; d++)
        parts[d] = states[d] ? ic_build_unsqueeze(&o->b, states[d], r->layout ? 1 : 0) : NULL;
    if (parts[0])
        ic_onnx_out_like(o, i, ic_build_concat(&o->b, parts, r->directions, r->layout ? 1 : 0), 0);
}

static void run(struct ic_onnx *o, int32_t gates, int32_t n_functions, const char *const *defaults, step_fn *step, bool has_cell)
{
    struct recurrent r;
    struct activation f[6] = {{0}};
    struct ic_value *ys[2] = {0}, *h[2] = {0}, *c[2] = {0};
    if (!open_recurrent(o, gates, &r))
        return;
    read_activations(o, n_functions, r.directions, defaults, f);
    for (int32_t d = 0; d < r.directions && ic_onnx_ok(o); d++) {
        struct cell cell = {.w = row_of(o, 1, d), .r = row_of(o, 2, d), .h = state_of(o, &r, 5, d)};
        cell.c = has_cell ? state_of(o, &r, 6, d) : NULL;
        cell.peepholes = has_cell && ic_onnx_has(o, 7) ? row_of(o, 7, d) : NULL;
        split_bias(o, &r, d, &cell);
        reorder_gates(&o->b, &r, &cell);
        memcpy(cell.f, f + d * n_functions, sizeof *f * (size_t)n_functions);
        ys[d] = run_direction(o, &r, &cell, d == 1 || strcmp(r.direction, "reverse") == 0, step);
        h[d] = cell.h;
        c[d] = cell.c;
    }
    struct ic_value *y = ys[0] && (r.directions == 1 || ys[1]) ? ic_build_concat(&o->b, ys, r.directions, 2) : NULL;
    if (y) { /* [time batch directions*hidden] to [time directions batch hidden] */
        const int64_t dims[] = {r.steps, r.batch, r.directions, r.hidden};
        y = ic_build_transpose(&o->b, ic_build_reshape(&o->b, y, 4, dims), 4, (const int64_t[]){0, 2, 1, 3});
    }
    if (r.layout && y) /* [batch time directions hidden] */
        y = ic_build_transpose(&o->b, y, 4, (const int64_t[]){2, 0, 1, 3});
    ic_onnx_out_like(o, 0, y, 0);
    put_state(o, &r, 1, h);
    if (has_cell)
        put_state(o, &r, 2, c);
}

void ic_onnx_op_lstm(struct ic_onnx *o)
{
    run(o, 4, 3, (const char *const[]){"Sigmoid", "Tanh", "Tanh"}, lstm_step, true);
}

void ic_onnx_op_gru(struct ic_onnx *o)
{
    run(o, 3, 2, (const char *const[]){"Sigmoid", "Tanh"}, gru_step, false);
}

void ic_onnx_op_rnn(struct ic_onnx *o)
{
    run(o, 1, 1, (const char *const[]){"Tanh"}, rnn_step, false);
}
