/* SPDX-License-Identifier: Apache-2.0
 *
 * The quantizer's executor shows every value of a graph, views too: a range that is never seen would be quantized by a guess.
 */
#include "toolchain.h"

#include "ir/op_def.h"
#include "testing.h"

#include <string.h>

struct seen {
    int n;
    const struct ic_value *values[16];
    float first[16];
};

static void see(void *user, const struct ic_value *v, const float *data, size_t elements)
{
    struct seen *s = user;
    REQUIRE(s->n < 16 && elements == (size_t)ic_value_elements(v));
    s->values[s->n] = v;
    s->first[s->n++] = data[elements - 1];
}

static int times(const struct seen *s, const struct ic_value *v, float *out_last)
{
    int n = 0;
    for (int i = 0; i < s->n; i++)
        if (s->values[i] == v) {
            n++;
            *out_last = s->first[i];
        }
    return n;
}

static void ints(struct ic_node *n, int i_attr, int32_t count, const int64_t *values)
{
    n->attrs[i_attr].n_ints = count;
    memcpy(n->attrs[i_attr].ints, values, (size_t)count * sizeof *values);
}

/* x [2 3] -> reshape [6] -> + 1 -> reshape [3 2] -> slice of its last row, a view inside a view -> neg */
TEST(every_value_is_seen_once_with_its_data)
{
    struct ic_diag d = {0};
    struct ic_graph *g = NULL;
    const float one = 1.0f, x[6] = {0, 1, 2, 3, 4, 5};
    const int64_t six[] = {6}, three_two[] = {3, 2}, starts[] = {2, 0}, ends[] = {3, 2}, steps[] = {1, 1};
    REQUIRE(ic_graph_create("g", &g, &d) == IC_OK);
    struct ic_value *in = ic_graph_value(g, "x", IC_F32, 2, (const int32_t[]){2, 3});
    struct ic_value *c = ic_graph_const(g, "one", IC_F32, 0, NULL, &one);
    REQUIRE(ic_graph_add_input(g, in, 0) == IC_OK);
    struct ic_node *flat = ic_graph_node(g, IC_OP_RESHAPE, &in, 1, "flat");
    ints(flat, IC_RESHAPE_SHAPE, 1, six);
    REQUIRE(ic_graph_infer(g, flat, &d) == IC_OK);
    struct ic_node *add = ic_graph_node(g, IC_OP_ADD, (struct ic_value *[]){flat->outputs[0], c}, 2, "add");
    REQUIRE(ic_graph_infer(g, add, &d) == IC_OK);
    struct ic_node *back = ic_graph_node(g, IC_OP_RESHAPE, add->outputs, 1, "back");
    ints(back, IC_RESHAPE_SHAPE, 2, three_two);
    REQUIRE(ic_graph_infer(g, back, &d) == IC_OK);
    struct ic_node *row = ic_graph_node(g, IC_OP_SLICE, back->outputs, 1, "row");
    ints(row, IC_SLICE_STARTS, 2, starts);
    ints(row, IC_SLICE_ENDS, 2, ends);
    ints(row, IC_SLICE_STEPS, 2, steps);
    REQUIRE(ic_graph_infer(g, row, &d) == IC_OK);
    struct ic_node *neg = ic_graph_node(g, IC_OP_MAP, row->outputs, 1, "neg");
    neg->attrs[IC_MAP_ATTR_FN].i = IC_MAP_NEG;
    REQUIRE(ic_graph_infer(g, neg, &d) == IC_OK);
    REQUIRE(ic_graph_add_output(g, neg->outputs[0], 0) == IC_OK);
    (void)ic_graph_compact(g);

    struct ic_host_executor e;
    struct seen seen = {0};
    const void *inputs[] = {x};
    ic_host_executor_init(&e);
    REQUIRE(e.face.prepare(e.face.self, g, &d) == IC_OK);
    REQUIRE(e.face.run(e.face.self, inputs, see, &seen, &d) == IC_OK);
    const struct {
        const struct ic_value *v;
        float last;
    } wanted[] = {
        {in, 5}, {flat->outputs[0], 5}, {add->outputs[0], 6}, {back->outputs[0], 6}, {row->outputs[0], 6}, {neg->outputs[0], -6}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        float last = 0;
        if (!CHECK_EQ_INT(times(&seen, wanted[i].v, &last), 1) || !CHECK(last == wanted[i].last))
            printf("  value %s\n", wanted[i].v->name);
    }
    ic_host_executor_destroy(&e);
    ic_graph_destroy(g);
}

TEST_MAIN()
