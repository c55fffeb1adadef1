/* SPDX-License-Identifier: Apache-2.0
 *
 * ai.onnx.preview.training: one step of Adagrad, Adam or Momentum, as arithmetic. A network that learns on the chip gives its new weights as outputs.
 */
#include "import/onnx/ops.h"

#include <string.h>

struct step {
    struct ic_onnx *o;
    struct ic_value *rate, *round; /* scalars; round a float */
};

static struct ic_value *mul(struct ic_build *b, struct ic_value *x, struct ic_value *y)
{
    return ic_build_binary(b, IC_OP_MUL, x, y);
}

static struct ic_value *mix(struct ic_build *b, struct ic_value *x, double p, struct ic_value *y, double q) /* p x + q y */
{
    return ic_build_binary(b, IC_OP_ADD, ic_build_map(b, x, IC_MAP_AFFINE, p, 0), ic_build_map(b, y, IC_MAP_AFFINE, q, 0));
}

/* x - factor * direction */
static struct ic_value *descend(struct ic_build *b, struct ic_value *x, struct ic_value *factor, struct ic_value *direction)
{
    return ic_build_binary(b, IC_OP_SUB, x, mul(b, factor, direction));
}

static struct ic_value *after_first(const struct step *s, struct ic_value *then, struct ic_value *otherwise)
{
    struct ic_build *b = &s->o->b;
    return ic_build_where(b, ic_build_binary(b, IC_OP_LESS, ic_build_float(b, 0), s->round), then, otherwise);
}

static struct ic_value *regularized(const struct step *s, struct ic_value *x, struct ic_value *g)
{
    return mix(&s->o->b, x, ic_onnx_float(s->o, "norm_coefficient", 0), g, 1);
}

static struct ic_value *root(const struct step *s, struct ic_value *h, double epsilon)
{
    struct ic_build *b = &s->o->b;
    return ic_build_map(b, ic_build_map(b, h, IC_MAP_SQRT, 0, 0), IC_MAP_AFFINE, 1, epsilon);
}

/* x, its gradient, the state before; their new values to out */
typedef void step_fn(const struct step *s, struct ic_value *const *in, struct ic_value **out);

static void adagrad(const struct step *s, struct ic_value *const *in, struct ic_value **out)
{
    struct ic_build *b = &s->o->b;
    struct ic_value *g = regularized(s, in[0], in[1]);
    struct ic_value *slow = ic_build_map(b, s->round, IC_MAP_AFFINE, ic_onnx_float(s->o, "decay_factor", 0), 1);
    out[1] = ic_build_binary(b, IC_OP_ADD, in[2], mul(b, g, g));
    struct ic_value *direction = ic_build_binary(b, IC_OP_DIV, g, root(s, out[1], ic_onnx_float(s->o, "epsilon", 1e-6)));
    out[0] = descend(b, in[0], ic_build_binary(b, IC_OP_DIV, s->rate, slow), direction);
}

static void adam(const struct step *s, struct ic_value *const *in, struct ic_value **out)
{
    struct ic_build *b = &s->o->b;
    const double alpha = ic_onnx_float(s->o, "alpha", 0.9), beta = ic_onnx_float(s->o, "beta", 0.999);
    struct ic_value *g = regularized(s, in[0], in[1]);
    out[1] = mix(b, in[2], alpha, g, 1 - alpha);
    out[2] = mix(b, in[3], beta, mul(b, g, g), 1 - beta);
    struct ic_value *first = ic_build_map(b, ic_build_binary(b, IC_OP_POW, ic_build_float(b, alpha), s->round), IC_MAP_AFFINE, -1,
                                          1),
                    *second = ic_build_map(b, ic_build_binary(b, IC_OP_POW, ic_build_float(b, beta), s->round), IC_MAP_AFFINE, -1,
                                           1);
    struct ic_value *corrected = ic_build_binary(b, IC_OP_DIV, mul(b, s->rate, ic_build_map(b, second, IC_MAP_SQRT, 0, 0)), first);
    struct ic_value *direction = ic_build_binary(b, IC_OP_DIV, out[1], root(s, out[2], ic_onnx_float(s->o, "epsilon", 0)));
    out[0] = descend(b, in[0], after_first(s, corrected, s->rate), direction);
    out[0] = ic_build_map(b, out[0], IC_MAP_AFFINE, 1 - ic_onnx_float(s->o, "norm_coefficient_post", 0), 0);
}

static void momentum(const struct step *s, struct ic_value *const *in, struct ic_value **out)
{
    struct ic_build *b = &s->o->b;
    const double alpha = ic_onnx_float(s->o, "alpha", 0);
    struct ic_value *g = regularized(s, in[0], in[1]);
    struct ic_value *beta = after_first(s, ic_build_float(b, ic_onnx_float(s->o, "beta", 0)), ic_build_float(b, 1));
    out[1] = ic_build_binary(b, IC_OP_ADD, ic_build_map(b, in[2], IC_MAP_AFFINE, alpha, 0), mul(b, beta, g));
    const bool nesterov = strcmp(ic_onnx_text(s->o, "mode", "standard"), "nesterov") == 0;
    out[0] = descend(b, in[0], s->rate, nesterov ? mix(b, g, 1, out[1], alpha) : out[1]);
}

/* row->i: 0 Adagrad, 1 Adam, 2 Momentum. Inputs: rate, round, then all x, all gradients, all of each state. */
void ic_onnx_op_training_step(struct ic_onnx *o)
{
    static step_fn *const steps[] = {adagrad, adam, momentum};
    const int32_t parts = o->row->i == 1 ? 4 : 3, n = (o->n_in - 2) / parts;
    const struct step s = {.o = o, .rate = ic_onnx_in(o, 0), .round = ic_build_cast(&o->b, ic_onnx_in(o, 1), IC_F32)};
    if (n < 1 || o->n_in != 2 + n * parts || !s.rate || !s.round) {
        ic_onnx_fail(o, "%d input%s; a rate, a round and %d of each tensor are wanted", (int)o->n_in, IC_S(o->n_in), (int)parts);
        return;
    }
    for (int32_t i = 0; i < n && ic_onnx_ok(o); i++) {
        struct ic_value *in[4] = {NULL}, *out[3] = {NULL};
        for (int32_t k = 0; k < parts; k++)
            in[k] = ic_onnx_in(o, 2 + k * n + i);
        steps[o->row->i](&s, in, out);
        for (int32_t k = 0; k < parts - 1; k++)
            ic_onnx_out_like(o, k * n + i, out[k], 2 + i);
    }
}
