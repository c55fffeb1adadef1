/* SPDX-License-Identifier: Apache-2.0
 *
 * Build types on small graphs: numbers worked out by hand, and which nodes and types must come out.
 */
#include "testing.h"

#include "quantize/internal.h"

#include <math.h>

static struct ic_quant_params pick(float lo, float hi)
{
    const struct ic_quant_range r = {.lo = lo, .hi = hi, .seen = true};
    return ic_quantize_pick_params(&r);
}

TEST(ranges_become_scale_and_zero_point)
{
    static const struct {
        float lo, hi;
        double scale;
        int32_t zero;
    } cases[] = {
        {0, 255, 1.0, 0},        /* bytes of a picture stay what they are */
        {-128, 127, 1.0, 128},   /* s8 moved */
        {-1, 1, 2.0 / 255, 127}, /* float(2 / 255) is a little more than 2 / 255: 127.49999 */
        {2, 5, 5.0 / 255, 0},    /* 0 is always inside */
        {-3, -1, 3.0 / 255, 255},
        {-1, 0, 1.0 / 255, 255},
        {7, 7, 7.0 / 255, 0},
        {0, 0, 1.0, 0},
        {-0.0f, 0, 1.0, 0},
        {0, 1e-30f, 1.0, 0},
        {-1000, 0.001f, 1000.001 / 255, 255},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct ic_quant_params p = pick(cases[i].lo, cases[i].hi);
        CHECK_NEAR(p.scale, cases[i].scale, cases[i].scale * 1e-6);
        if (!CHECK_EQ_INT(p.zero, cases[i].zero))
            printf("  %g .. %g\n", (double)cases[i].lo, (double)cases[i].hi);
    }
    const struct ic_quant_params widest = pick(-3.4e38f, 3.4e38f);
    CHECK(isfinite(widest.scale) && widest.zero >= 127 && widest.zero <= 128);
    const struct ic_quant_range unseen = {0};
    CHECK_EQ_INT(ic_quantize_pick_params(&unseen).zero, 0);
    CHECK(ic_quantize_pick_params(&unseen).scale == 1.0f);
}

/* ---- graphs ---- */
struct built {
    struct ic_graph *g;
    struct ic_diag d;
    struct ic_quant_range ranges[64];
};

static struct ic_value *input(struct built *b, int32_t rank, const int32_t *dims)
{
    if (!b->g && ic_graph_create("test", &b->g, &b->d) != IC_OK)
        exit(1);
    struct ic_value *v = ic_graph_value(b->g, "x", IC_F32, rank, dims);
    CHECK_EQ_INT(ic_graph_add_input(b->g, v, 0), IC_OK);
    return v;
}

static struct ic_node *node(struct built *b, enum ic_op op, const char *name, int32_t n, struct ic_value **in)
{
    struct ic_node *made = ic_graph_node(b->g, op, in, n, name);
    if (!CHECK(made != NULL))
        exit(1);
    return made;
}

static struct ic_value *infer(struct built *b, struct ic_node *n)
{
    if (!CHECK_EQ_INT(ic_graph_infer(b->g, n, &b->d), IC_OK)) {
        printf("  %s\n", b->d.text);
        exit(1);
    }
    return n->outputs[0];
}

static struct ic_value *value(struct built *b, enum ic_op op, const char *name, int32_t n, struct ic_value **in)
{
    return infer(b, node(b, op, name, n, in));
}

static void output(struct built *b, struct ic_value *v)
{
    CHECK_EQ_INT(ic_graph_add_output(b->g, v, 0), IC_OK);
}

static void saw(struct built *b, const struct ic_value *v, float lo, float hi)
{
    b->ranges[v->id] = (struct ic_quant_range){.lo = lo, .hi = hi, .seen = true};
}

/* Ends as ic_quantize_graph does, and says whether the result is a portable graph. */
static void to_codes(struct built *b)
{
    CHECK_EQ_INT(ic_quantize_to_codes(b->g, b->ranges, &b->d), IC_OK);
    ic_graph_compact(b->g);
    if (!CHECK_EQ_INT(ic_ir_verify(b->g, IC_STAGE_QUANTIZED, &b->d), IC_OK))
        printf("  %s\n", b->d.text);
}

/* "Linear Dequantize Softmax" */
static const char *operators(const struct built *b)
{
    static char text[512];
    text[0] = '\0';
    for (int32_t i = 0; i < b->g->n_nodes; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "", ic_op_def(b->g->nodes[i]->op)->name);
    return text;
}

TEST(a_layer_by_hand)
{
    struct built b = {0};
    static const float w[] = {1.27f, -0.5f, 0.0f, 0.0f, -2.54f, 2.54f}, bias[] = {3.0f, 5.0f, -0.1f};
    struct ic_value *in[] = {input(&b, 2, (const int32_t[]){1, 2}), ic_graph_const(b.g, "w", IC_F32, 2, (const int32_t[]){3, 2}, w),
                             ic_graph_const(b.g, "b", IC_F32, 1, (const int32_t[]){3}, bias)};
    struct ic_value *y = value(&b, IC_OP_LINEAR, "fc", 3, in);
    output(&b, y);
    saw(&b, in[0], 0, 255);
    saw(&b, y, -510, 0);
    to_codes(&b);
    CHECK_EQ_STR(operators(&b), "Linear");
    const struct ic_node *n = b.g->nodes[0];
    const struct ic_value *q = n->inputs[1], *qb = n->inputs[2];
    CHECK_EQ_INT(n->inputs[0]->dtype, IC_U8);
    CHECK_EQ_INT(n->outputs[0]->dtype, IC_U8);
    CHECK(n->outputs[0]->quant.scales[0] == 2.0f);
    CHECK_EQ_INT(n->outputs[0]->quant.zero, 255);
    REQUIRE(q->dtype == IC_S8 && qb->dtype == IC_S32 && q->quant.n_scales == 3);
    static const int8_t codes[] = {127, -50, 0, 0, -127, 127};
    CHECK_EQ_MEM(q->data, codes, sizeof codes);
    CHECK_NEAR(q->quant.scales[0], 0.01, 1e-9);
    CHECK_NEAR(q->quant.scales[2], 0.02, 1e-9);
    CHECK_EQ_INT(((const int32_t *)qb->data)[0], 300);
    CHECK_EQ_INT(((const int32_t *)qb->data)[2], -5);
    /* no weight, but a bias: it must come out as 5 with whatever scale */
    CHECK_NEAR((double)((const int32_t *)qb->data)[1] * (double)q->quant.scales[1], 5.0, 1e-6);
    CHECK_EQ_STR(b.g->outputs[0].value->name, "fc");
    CHECK_EQ_INT(b.g->outputs[0].user_dtype, IC_F32);
    ic_graph_destroy(b.g);
}

/* Scale 1 for what calibration never saw would be a wrong result without a word. */
TEST(a_range_that_no_sample_showed_is_refused)
{
    struct built b = {0};
    static const float w[] = {1.0f, 1.0f};
    struct ic_value *in[] = {input(&b, 2, (const int32_t[]){1, 2}),
                             ic_graph_const(b.g, "w", IC_F32, 2, (const int32_t[]){1, 2}, w)};
    output(&b, value(&b, IC_OP_LINEAR, "fc", 2, in));
    saw(&b, in[0], 0, 1);
    CHECK_EQ_INT(ic_quantize_to_codes(b.g, b.ranges, &b.d), IC_ERR_UNSUPPORTED);
    CHECK(strstr(b.d.text, "no sample showed the range of fc") != NULL);
    ic_graph_destroy(b.g);
}

/* A bias a million times the largest weight must not overflow its 32 bits, nor the sum. */
TEST(large_bias_raises_the_weights_scale)
{
    struct built b = {0};
    static const float w[] = {1e-6f, 2e-6f}, bias[] = {1e6f};
    struct ic_value *in[] = {input(&b, 2, (const int32_t[]){1, 2}), ic_graph_const(b.g, "w", IC_F32, 2, (const int32_t[]){1, 2}, w),
                             ic_graph_const(b.g, "b", IC_F32, 1, (const int32_t[]){1}, bias)};
    struct ic_value *y = value(&b, IC_OP_LINEAR, "fc", 3, in);
    output(&b, y);
    saw(&b, in[0], -1, 1);
    saw(&b, y, 0, 2e6f);
    to_codes(&b);
    const struct ic_node *n = b.g->nodes[0];
    const double step = (double)n->inputs[0]->quant.scales[0] * (double)n->inputs[1]->quant.scales[0];
    const int32_t code = ((const int32_t *)n->inputs[2]->data)[0];
    CHECK(code > 0 && code <= (1 << 30) + 128); /* 2^30, but for the rounding of the scale */
    CHECK_NEAR(code * step, 1e6, 1.0);
    ic_graph_destroy(b.g);
}

TEST(softmax_stays_float_and_the_result_keeps_its_name)
{
    struct built b = {0};
    struct ic_value *x = input(&b, 2, (const int32_t[]){1, 8}), *y = value(&b, IC_OP_SOFTMAX, "prob", 1, &x);
    struct ic_value *z = value(&b, IC_OP_SOFTMAX, "again", 1, &y);
    output(&b, z);
    output(&b, y);
    output(&b, z);
    saw(&b, x, -4, 4);
    saw(&b, y, 0, 1);
    saw(&b, z, 0, 0.5f);
    to_codes(&b);
    /* nothing between the two float nodes */
    CHECK_EQ_STR(operators(&b), "Dequantize Softmax Softmax Quantize Quantize");
    CHECK_EQ_STR(b.g->outputs[0].value->name, "again");
    CHECK_EQ_STR(b.g->outputs[1].value->name, "prob");
    CHECK(b.g->outputs[0].value == b.g->outputs[2].value);
    CHECK_EQ_INT(b.g->outputs[0].value->dtype, IC_U8);
    CHECK_NEAR(b.g->outputs[1].value->quant.scales[0], 1.0 / 255, 1e-9);
    ic_graph_destroy(b.g);
}

static const float *scale_of(const struct ic_value *v)
{
    return v->quant.scales;
}

/* What only moves has one scale: pooled, reshaped and both operands of a concatenation. */
TEST(moved_values_share_their_parameters)
{
    struct built b = {0};
    struct ic_value *x = input(&b, 4, (const int32_t[]){1, 4, 4, 2});
    struct ic_node *n = node(&b, IC_OP_MAP, "tanh", 1, &x);
    n->attrs[IC_MAP_ATTR_FN].i = IC_MAP_TANH;
    struct ic_value *t = infer(&b, n);
    n = node(&b, IC_OP_MAX_POOL, "pool", 1, &t);
    n->attrs[IC_POOL_ATTR_KERNEL] = n->attrs[IC_POOL_ATTR_STRIDE] = (struct ic_attr){.n_ints = 2, .ints = {2, 2}};
    n->attrs[IC_POOL_ATTR_DILATION] = (struct ic_attr){.n_ints = 2, .ints = {1, 1}};
    n->attrs[IC_POOL_ATTR_PAD] = (struct ic_attr){.n_ints = 4};
    struct ic_value *pooled = infer(&b, n);
    n = node(&b, IC_OP_RESHAPE, "flat", 1, &pooled);
    n->attrs[IC_RESHAPE_SHAPE] = (struct ic_attr){.n_ints = 2, .ints = {1, 8}};
    struct ic_value *flat = infer(&b, n);
    struct ic_value *in[] = {flat, input(&b, 2, (const int32_t[]){1, 8})};
    n = node(&b, IC_OP_CONCAT, "cat", 2, in);
    n->attrs[IC_CONCAT_AXIS].i = 1;
    struct ic_value *cat = infer(&b, n);
    output(&b, cat);
    saw(&b, x, -3, 3);
    saw(&b, t, -1, 1);
    saw(&b, in[1], 0, 9);
    saw(&b, cat, -1, 9);
    to_codes(&b);
    CHECK_EQ_STR(operators(&b), "Map MaxPool Reshape Concat");
    CHECK_NEAR(scale_of(cat)[0], 10.0 / 255, 1e-8);
    CHECK(scale_of(t)[0] == scale_of(cat)[0] && scale_of(pooled)[0] == scale_of(cat)[0] && scale_of(flat)[0] == scale_of(cat)[0]);
    CHECK(scale_of(in[1])[0] == scale_of(cat)[0] && in[1]->quant.zero == cat->quant.zero);
    CHECK_NEAR(scale_of(x)[0], 6.0 / 255, 1e-8);
    ic_graph_destroy(b.g);
}

/* A reshape between float operators stays float: no rounding that the network does not have. */
TEST(moves_between_floats_stay_float)
{
    struct built b = {0};
    struct ic_value *x = input(&b, 2, (const int32_t[]){2, 4}), *s = value(&b, IC_OP_SOFTMAX, "s", 1, &x);
    struct ic_node *n = node(&b, IC_OP_RESHAPE, "r", 1, &s);
    n->attrs[IC_RESHAPE_SHAPE] = (struct ic_attr){.n_ints = 2, .ints = {4, 2}};
    struct ic_value *r = infer(&b, n), *m = value(&b, IC_OP_SOFTMAX, "m", 1, &r);
    output(&b, m);
    saw(&b, x, 0, 1);
    saw(&b, s, 0, 1);
    saw(&b, m, 0, 1);
    to_codes(&b);
    CHECK_EQ_STR(operators(&b), "Dequantize Softmax Reshape Softmax Quantize");
    ic_graph_destroy(b.g);
}

/* What chooses among its operands moves codes: gathers, the larger of two, the largest along an axis, one of two. */
TEST(choices_move_codes)
{
    struct built b = {0};
    static const int64_t places[] = {2, 0};
    static const uint8_t mask[] = {1, 0};
    static const float zero[] = {0.0f};
    struct ic_value *x = input(&b, 2, (const int32_t[]){3, 4});
    struct ic_value *at[] = {x, ic_graph_const(b.g, "at", IC_S64, 1, (const int32_t[]){2}, places)};
    struct ic_value *g = value(&b, IC_OP_GATHER, "gather", 2, at);
    struct ic_value *two[] = {g, ic_graph_const(b.g, "zero", IC_F32, 1, (const int32_t[]){1}, zero)};
    struct ic_value *larger = value(&b, IC_OP_MAXIMUM, "larger", 2, two);
    struct ic_value *three[] = {ic_graph_const(b.g, "mask", IC_BOOL, 2, (const int32_t[]){2, 1}, mask), larger, g};
    struct ic_value *one = value(&b, IC_OP_WHERE, "one", 3, three);
    struct ic_node *n = node(&b, IC_OP_REDUCE_MAX, "largest", 1, &one);
    n->attrs[IC_REDUCE_AXES] = (struct ic_attr){.n_ints = 1, .ints = {1}};
    struct ic_value *largest = infer(&b, n);
    output(&b, largest);
    saw(&b, x, -3, 3);
    to_codes(&b);
    CHECK_EQ_STR(operators(&b), "Gather Maximum Where ReduceMax");
    CHECK(scale_of(largest)[0] == scale_of(x)[0] && largest->quant.zero == x->quant.zero);
    CHECK_NEAR(scale_of(x)[0], 6.0 / 255, 1e-8);
    ic_graph_destroy(b.g);
}

/* The order of codes is the order of what they mean; places need no float step. */
TEST(order_is_read_from_codes)
{
    struct built b = {0};
    struct ic_value *x = input(&b, 2, (const int32_t[]){3, 4}), *y = value(&b, IC_OP_ARG, "arg", 1, &x);
    output(&b, y);
    saw(&b, x, -3, 3);
    to_codes(&b);
    CHECK_EQ_STR(operators(&b), "Arg");
    CHECK(b.g->nodes[0]->inputs[0]->dtype == IC_U8 && y->dtype == IC_S64);
    ic_graph_destroy(b.g);
}

/* A slope per channel is a table of codes of its own. */
TEST(prelu_is_computed_in_integers)
{
    struct built b = {0};
    static const float slopes[] = {0.25f, -0.05f, 0.1f};
    struct ic_value *x = input(&b, 2, (const int32_t[]){2, 3});
    struct ic_value *in[] = {x, ic_graph_const(b.g, "slopes", IC_F32, 1, (const int32_t[]){3}, slopes)};
    struct ic_value *y = value(&b, IC_OP_PRELU, "p", 2, in);
    output(&b, y);
    saw(&b, x, -3, 3);
    saw(&b, y, -0.75f, 3);
    to_codes(&b);
    CHECK_EQ_STR(operators(&b), "PRelu");
    CHECK_NEAR(scale_of(y)[0], 3.75 / 255, 1e-8);
    CHECK_NEAR(scale_of(b.g->nodes[0]->inputs[1])[0], 0.3 / 255, 1e-8);
    CHECK(b.g->nodes[0]->inputs[1]->dtype == IC_U8);
    ic_graph_destroy(b.g);
}

/* Two computed operands are multiplied as codes; a factor behind them is part of the scale. */
TEST(products_are_integer_sums)
{
    struct built b = {0};
    struct ic_value *in[] = {input(&b, 2, (const int32_t[]){2, 3}), input(&b, 2, (const int32_t[]){3, 2})};
    struct ic_node *n = node(&b, IC_OP_MATMUL, "m", 2, in);
    n->post = (struct ic_post){.fn = IC_MAP_AFFINE, .a = 0.5f};
    struct ic_value *m = infer(&b, n);
    output(&b, m);
    saw(&b, in[0], -1, 1);
    saw(&b, in[1], 0, 2);
    saw(&b, m, -3, 3);
    to_codes(&b);
    CHECK_EQ_STR(operators(&b), "MatMul");
    CHECK(m->dtype == IC_U8 && in[0]->dtype == IC_U8 && in[1]->dtype == IC_U8);
    ic_graph_destroy(b.g);
}

TEST(constants_of_sums_get_their_own_codes)
{
    struct built b = {0};
    static const float c[] = {-1.0f, 0.5f};
    struct ic_value *in[] = {input(&b, 2, (const int32_t[]){1, 2}), ic_graph_const(b.g, "c", IC_F32, 1, (const int32_t[]){2}, c)};
    struct ic_value *y = value(&b, IC_OP_ADD, "sum", 2, in);
    output(&b, y);
    saw(&b, in[0], 0, 1);
    saw(&b, y, -1, 1.5f);
    to_codes(&b);
    const struct ic_value *q = b.g->nodes[0]->inputs[1];
    REQUIRE(q->dtype == IC_U8 && q->data);
    CHECK_EQ_INT(q->quant.zero, 170); /* 1 / (1.5 / 255) */
    CHECK_EQ_INT(((const uint8_t *)q->data)[0], 0);
    CHECK_EQ_INT(((const uint8_t *)q->data)[1], 255);
    ic_graph_destroy(b.g);
}

TEST(functions_that_do_not_clamp_leave_their_layer)
{
    struct built b = {0};
    static const float w[4] = {1, 2, 3, 4};
    struct ic_value *in[] = {input(&b, 2, (const int32_t[]){1, 2}),
                             ic_graph_const(b.g, "w", IC_F32, 2, (const int32_t[]){2, 2}, w)};
    struct ic_node *a = node(&b, IC_OP_LINEAR, "a", 2, in);
    a->post = (struct ic_post){.fn = IC_MAP_LEAKY_RELU, .a = 0.25f};
    in[0] = infer(&b, a);
    struct ic_node *c = node(&b, IC_OP_LINEAR, "c", 2, in);
    c->post = (struct ic_post){.fn = IC_MAP_CLAMP, .a = 0, .b = 6};
    output(&b, infer(&b, c));
    CHECK_EQ_INT(ic_quantize_split_ends(b.g, &b.d), IC_OK);
    CHECK_EQ_STR(operators(&b), "Linear Map Linear");
    CHECK_EQ_INT(b.g->nodes[1]->attrs[IC_MAP_ATTR_FN].i, IC_MAP_LEAKY_RELU);
    CHECK(b.g->nodes[1]->attrs[IC_MAP_ATTR_A].f == 0.25);
    CHECK_EQ_INT(b.g->nodes[0]->post.fn, IC_MAP_NONE);
    CHECK_EQ_INT(b.g->nodes[2]->post.fn, IC_MAP_CLAMP);
    CHECK(b.g->nodes[2]->inputs[0] == b.g->nodes[1]->outputs[0]);
    ic_graph_compact(b.g);
    CHECK_EQ_INT(ic_ir_verify(b.g, IC_STAGE_OPTIMIZED, &b.d), IC_OK);
    ic_graph_destroy(b.g);
}

/* ---- float16 ---- */
static const struct ic_quantize_options f16 = {.type = IC_BUILD_F16, .dataset = "/nowhere/never opened.txt"};

TEST(float16_narrows_all_but_biases)
{
    struct built b = {0};
    static const float w[] = {1.0f, 1.0f / 3.0f, -70000.0f * 0.5f, 1e-9f}, bias[] = {0.1f, 0.2f};
    struct ic_value *in[] = {input(&b, 2, (const int32_t[]){1, 2}), ic_graph_const(b.g, "w", IC_F32, 2, (const int32_t[]){2, 2}, w),
                             ic_graph_const(b.g, "b", IC_F32, 1, (const int32_t[]){2}, bias)};
    struct ic_node *n = node(&b, IC_OP_LINEAR, "fc", 3, in);
    n->post.fn = IC_MAP_TANH;
    in[0] = infer(&b, n);
    struct ic_node *m = node(&b, IC_OP_LINEAR, "fc2", 3, in);
    m->post = (struct ic_post){.fn = IC_MAP_CLAMP, .a = 0, .b = 6};
    in[0] = infer(&b, m);
    struct ic_node *o = node(&b, IC_OP_LINEAR, "fc3", 3, in);
    o->post = (struct ic_post){.fn = IC_MAP_CLAMP, .a = 0, .b = 0.1f};
    output(&b, infer(&b, o));
    CHECK_EQ_INT(ic_quantize_graph(b.g, &f16, NULL, &b.d), IC_OK);
    CHECK_EQ_INT(ic_ir_verify(b.g, IC_STAGE_QUANTIZED, &b.d), IC_OK);
    CHECK_EQ_INT(b.g->inputs[0].value->dtype, IC_F16);
    CHECK_EQ_INT(b.g->inputs[0].user_dtype, IC_F32);
    CHECK_EQ_INT(b.g->outputs[0].value->dtype, IC_F16);
    CHECK_EQ_INT(n->inputs[2]->dtype, IC_F32);
    REQUIRE(n->inputs[1]->dtype == IC_F16);
    static const uint16_t halves[] = {0x3C00, 0x3555, 0xF846, 0x0000}; /* numpy.float16 of the four */
    CHECK_EQ_MEM(n->inputs[1]->data, halves, sizeof halves);
    CHECK(n->inputs[1] == m->inputs[1]); /* one constant, narrowed once */
    CHECK_EQ_INT(n->post.round_mid, 1);  /* tanh of a rounded number */
    CHECK_EQ_INT(m->post.round_mid, 0);  /* 0 and 6 are f16 numbers: rounding after the clamp is the same */
    CHECK_EQ_INT(o->post.round_mid, 1);  /* 0.1 is not */
    ic_graph_destroy(b.g);
}

TEST(float16_refuses_what_it_cannot_hold)
{
    struct built b = {0};
    static const float w[] = {1.0f, 65519.0f, 65520.0f, 0.0f}; /* 65519 rounds down to 65504, 65520 up to infinity */
    struct ic_value *in[] = {input(&b, 2, (const int32_t[]){1, 2}),
                             ic_graph_const(b.g, "big", IC_F32, 2, (const int32_t[]){2, 2}, w)};
    output(&b, value(&b, IC_OP_LINEAR, "fc", 2, in));
    CHECK_EQ_INT(ic_quantize_graph(b.g, &f16, NULL, &b.d), IC_ERR_UNSUPPORTED);
    CHECK(strstr(b.d.text, "fc") && strstr(b.d.text, "big") && strstr(b.d.text, "element 2") && strstr(b.d.text, "65520"));
    ic_graph_destroy(b.g);
}

TEST(undefined_weights_are_refused_in_every_type)
{
    for (int type = IC_BUILD_F32; type <= IC_BUILD_U8; type++) {
        struct built b = {0};
        const float w[] = {1.0f, type == IC_BUILD_F16 ? INFINITY : NAN};
        struct ic_value *in[] = {input(&b, 2, (const int32_t[]){1, 2}),
                                 ic_graph_const(b.g, "w", IC_F32, 2, (const int32_t[]){1, 2}, w)};
        output(&b, value(&b, IC_OP_LINEAR, "fc", 2, in));
        const struct ic_quantize_options options = {.type = (enum ic_build_type)type, .dataset = "none"};
        CHECK_EQ_INT(ic_quantize_graph(b.g, &options, NULL, &b.d), IC_ERR_MODEL);
        CHECK(strstr(b.d.text, "fc") && strstr(b.d.text, "element 1"));
        ic_graph_destroy(b.g);
    }
}

TEST(integers_need_a_list)
{
    struct built b = {0};
    struct ic_value *x = input(&b, 1, (const int32_t[]){2});
    output(&b, value(&b, IC_OP_SOFTMAX, "s", 1, &x));
    const struct ic_quantize_options options = {.type = IC_BUILD_U8};
    CHECK_EQ_INT(ic_quantize_graph(b.g, &options, NULL, &b.d), IC_ERR_ARG);
    CHECK(strstr(b.d.text, "calibration list") != NULL);
    ic_graph_destroy(b.g);
}

TEST_MAIN()
