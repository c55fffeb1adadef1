/* SPDX-License-Identifier: Apache-2.0
 *
 * ai.onnx.ml and TfIdfVectorizer: tables of a classical model, computed with gathers and comparisons.
 */
#include "import/onnx/ops.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { MAX_TABLE = 1 << 24, MAX_DEPTH = 64 };

void ic_onnx_op_binarizer(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    if (!x)
        return;
    struct ic_value *limit = ic_build_number(b, x->dtype, ic_onnx_float(o, "threshold", 0));
    ic_onnx_out_like(o, 0, ic_build_cast(b, ic_build_binary(b, IC_OP_LESS, limit, x), x->dtype), 0);
}

/* Elements of the last axis; a vector becomes one row. */
void ic_onnx_op_array_features(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0), *index = ic_build_cast(b, ic_onnx_in(o, 1), IC_S64);
    if (!x || !index)
        return;
    if (x->rank == 0) {
        ic_onnx_fail(o, "a value without axes");
        return;
    }
    index = ic_build_reshape(b, index, 1, (const int64_t[]){ic_value_elements(index)});
    struct ic_value *y = ic_build_gather(b, x, index, x->rank - 1);
    ic_onnx_out_like(o, 0, x->rank == 1 && y ? ic_build_unsqueeze(b, y, 0) : y, 0);
}

/* ---- TfIdfVectorizer: counts of n-grams of whole numbers ---- */
static const struct ic_onnx_attr *list_of(struct ic_onnx *o, const char *name)
{
    const struct ic_onnx_attr *a = ic_onnx_list(o, name, IC_ONNX_ATTR_INTS);
    if (!a && ic_onnx_ok(o))
        ic_onnx_fail(o, "its list %s is missing", name);
    return a;
}

/* How often each of n_grams (rows of n numbers) stands in x [batch length], its numbers `distance` apart: [batch n_grams] */
static struct ic_value *count_grams(struct ic_onnx *o, struct ic_value *x, const int64_t *grams, int32_t n_grams, int32_t n,
                                    int64_t distance)
{
    struct ic_build *b = &o->b;
    const int64_t places = x->dims[1] - (n - 1) * distance;
    struct ic_value *hit = NULL;
    int64_t *column = ic_arena_array(o->arena, (size_t)n_grams + 1, sizeof *column);
    if (!column || places < 1)
        return NULL;
    for (int32_t k = 0; k < n; k++) {
        for (int32_t i = 0; i < n_grams; i++)
            column[i] = grams[(int64_t)i * n + k];
        struct ic_value *at = ic_build_slice(b, x, 1, k * distance, k * distance + places, 1);
        struct ic_value *same = ic_build_binary(b, IC_OP_EQUAL, at ? ic_build_unsqueeze(b, at, 2) : NULL,
                                                ic_build_ints(b, n_grams, column));
        hit = hit ? ic_build_binary(b, IC_OP_AND, hit, same) : same;
    }
    return ic_build_reduce(b, IC_OP_REDUCE_SUM, ic_build_cast(b, hit, IC_F32), 1u << 1, false);
}

struct grams {
    const struct ic_onnx_attr *pool, *starts, *places;
    int64_t least, most, skips, results;
};

static bool read_grams(struct ic_onnx *o, struct grams *g)
{
    if (ic_onnx_attr(o, "pool_strings")) {
        ic_onnx_refuse(o, "it counts strings: a chip has none of them");
        return false;
    }
    *g = (struct grams){
        .pool = list_of(o, "pool_int64s"), .starts = list_of(o, "ngram_counts"), .places = list_of(o, "ngram_indexes")};
    g->least = ic_onnx_int(o, "min_gram_length", 1);
    g->most = ic_onnx_int(o, "max_gram_length", 1);
    g->skips = ic_onnx_int(o, "max_skip_count", 0);
    if (!ic_onnx_ok(o))
        return false;
    int64_t n_grams = 0;
    bool fits = g->least >= 1 && g->most >= g->least && g->most <= 64 && g->skips >= 0 && g->skips <= 1024 && g->starts->n <= 64;
    for (int32_t i = 0; i < g->starts->n && fits; i++) {
        const int64_t end = i + 1 < g->starts->n ? g->starts->ints[i + 1] : g->pool->n;
        fits = g->starts->ints[i] >= 0 && end >= g->starts->ints[i] && end <= g->pool->n &&
               (end - g->starts->ints[i]) % (i + 1) == 0;
        n_grams += fits ? (end - g->starts->ints[i]) / (i + 1) : 0;
    }
    fits = fits && n_grams == g->places->n;
    for (int32_t i = 0; i < g->places->n && fits; i++) {
        fits = g->places->ints[i] >= 0 && g->places->ints[i] < MAX_TABLE;
        g->results = fits && g->places->ints[i] >= g->results ? g->places->ints[i] + 1 : g->results;
    }
    if (!fits || g->results < 1)
        ic_onnx_fail(o, "its lists of n-grams contradict each other");
    return ic_onnx_ok(o);
}

/* All counts of n-grams side by side, [batch grams], in the order of the pool */
static struct ic_value *count_all(struct ic_onnx *o, const struct grams *g, struct ic_value *x)
{
    struct ic_build *b = &o->b;
    struct ic_value *parts[64];
    int32_t n_parts = 0;
    for (int32_t n = 1; n <= g->starts->n && ic_onnx_ok(o); n++) {
        const int64_t start = g->starts->ints[n - 1], end = n < g->starts->n ? g->starts->ints[n] : g->pool->n;
        const int32_t n_grams = (int32_t)((end - start) / n), none[] = {x->dims[0], n_grams};
        if (n_grams == 0)
            continue;
        struct ic_value *sum = NULL;
        for (int64_t skip = 0; skip <= (n == 1 ? 0 : g->skips) && n >= g->least && n <= g->most; skip++) {
            struct ic_value *c = count_grams(o, x, g->pool->ints + start, n_grams, n, skip + 1);
            sum = sum && c ? ic_build_binary(b, IC_OP_ADD, sum, c) : c ? c : sum;
        }
        parts[n_parts++] = sum ? sum : ic_build_full(b, IC_F32, 2, none, 0);
    }
    return n_parts ? ic_build_concat(b, parts, n_parts, 1) : NULL;
}

void ic_onnx_op_tf_idf(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_build_cast(b, ic_onnx_in(o, 0), IC_S64);
    const struct ic_onnx_attr *weights = ic_onnx_list(o, "weights", IC_ONNX_ATTR_FLOATS);
    const char *mode = ic_onnx_text(o, "mode", "TF");
    struct grams g;
    if (!x || !read_grams(o, &g))
        return;
    if (x->rank > 2 || (weights && weights->n < g.results)) {
        ic_onnx_fail(o, "an operand of %d ax%s, %d weight%s for %" PRId64 " results", (int)x->rank, IC_N(x->rank, "is", "es"),
                     weights ? (int)weights->n : 0, IC_S(weights ? (int)weights->n : 0), g.results);
        return;
    }
    const bool flat = x->rank < 2;
    x = flat ? ic_build_reshape(b, x, 2, (const int64_t[]){1, ic_value_elements(x)}) : x;
    struct ic_value *counts = x ? count_all(o, &g, x) : NULL;
    const int32_t dims[] = {(int32_t)g.results, g.places->n}, row[] = {(int32_t)g.results};
    float *table = g.results <= MAX_TABLE / g.places->n ? ic_arena_array(o->arena, (size_t)(g.results * g.places->n), sizeof *table)
                                                        : NULL;
    float *factors = ic_arena_array(o->arena, (size_t)g.results, sizeof *factors);
    if (!counts || !table || !factors) {
        ic_onnx_refuse(o, "%" PRId64 " result%s of %d n-grams: too many", g.results, IC_S(g.results), (int)g.places->n);
        return;
    }
    for (int32_t i = 0; i < g.places->n; i++)
        table[g.places->ints[i] * g.places->n + i] = 1;
    for (int64_t i = 0; i < g.results; i++)
        factors[i] = weights && strcmp(mode, "TF") != 0 ? weights->floats[i] : 1;
    struct ic_value *y = ic_build_linear(b, counts, ic_build_const(b, IC_F32, 2, dims, table), NULL);
    y = strcmp(mode, "IDF") == 0 ? ic_build_map(b, y, IC_MAP_CLAMP, 0, 1) : y;
    if (weights)
        y = ic_build_binary(b, IC_OP_MUL, y, ic_build_const(b, IC_F32, 1, row, factors));
    ic_onnx_out(o, 0, flat && y ? ic_build_reshape(b, y, 1, (const int64_t[]){g.results}) : y, IC_ONNX_FLOAT);
}

/* ---- TreeEnsemble ---- */
/* Nodes and leaves in one numbering: node i is i, leaf k is nodes + k. A leaf's followers are itself. */
struct forest {
    int32_t nodes, leaves, trees, depth;
    const int64_t *features, *on_true, *on_false, *true_leaf, *false_leaf, *targets, *roots;
    struct ic_value *modes, *splits, *weights, *members;
    const struct ic_onnx_attr *missing;
};

static struct ic_value *table_of(struct ic_onnx *o, const char *name, bool must)
{
    const struct ic_onnx_attr *a = ic_onnx_attr(o, name);
    int32_t type = 0;
    if (a && a->type == IC_ONNX_ATTR_TENSOR)
        return ic_onnx_tensor_value(o, a->message, &type);
    if (must)
        ic_onnx_fail(o, "its table %s is missing", name);
    return NULL;
}

static int64_t child(const struct forest *f, int64_t i, bool yes)
{
    const int64_t to = yes ? f->on_true[i] : f->on_false[i], leaf = yes ? f->true_leaf[i] : f->false_leaf[i];
    if (to < 0 || to >= (leaf ? f->leaves : f->nodes))
        return -1;
    return leaf ? f->nodes + to : to;
}

/* The longest way from a root to a leaf, level by level from the leaves; -1: a circle, or more than MAX_DEPTH */
static int32_t depth_of(struct ic_onnx *o, const struct forest *f)
{
    int8_t *depth = ic_arena_array(o->arena, (size_t)f->nodes + (size_t)f->leaves, sizeof *depth); /* 0: not known, or a leaf */
    int32_t most = 0;
    if (!depth)
        return -1;
    for (int level = 1; level <= MAX_DEPTH; level++)
        for (int32_t i = 0; i < f->nodes; i++) {
            const int64_t yes = child(f, i, true), no = child(f, i, false);
            if (depth[i] || yes < 0 || no < 0)
                continue;
            const bool known = (yes >= f->nodes || (depth[yes] && depth[yes] < level)) &&
                               (no >= f->nodes || (depth[no] && depth[no] < level));
            depth[i] = (int8_t)(known ? level : 0);
        }
    for (int32_t i = 0; i < f->trees; i++) {
        const int64_t root = f->roots[i];
        if (root < 0 || root >= f->nodes || depth[root] == 0)
            return -1;
        most = depth[root] > most ? depth[root] : most;
    }
    return most;
}

static bool read_forest(struct ic_onnx *o, struct forest *f, int32_t n_features)
{
    static const char *const names[] = {"nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids", "nodes_trueleafs",
                                        "nodes_falseleafs", "leaf_targetids",    "tree_roots"};
    const struct ic_onnx_attr *lists[7];
    for (int i = 0; i < 7; i++)
        if (!(lists[i] = list_of(o, names[i])))
            return false;
    *f = (struct forest){.nodes = lists[0]->n,
                         .leaves = lists[5]->n,
                         .trees = lists[6]->n,
                         .features = lists[0]->ints,
                         .on_true = lists[1]->ints,
                         .on_false = lists[2]->ints,
                         .true_leaf = lists[3]->ints,
                         .false_leaf = lists[4]->ints,
                         .targets = lists[5]->ints,
                         .roots = lists[6]->ints,
                         .modes = table_of(o, "nodes_modes", true),
                         .splits = table_of(o, "nodes_splits", true),
                         .weights = table_of(o, "leaf_weights", true),
                         .members = table_of(o, "membership_values", false),
                         .missing = ic_onnx_list(o, "nodes_missing_value_tracks_true", IC_ONNX_ATTR_INTS)};
    if (!ic_onnx_ok(o))
        return false;
    bool fits = f->trees > 0 && f->nodes > 0 && f->nodes <= MAX_TABLE && f->leaves <= MAX_TABLE &&
                ic_value_elements(f->modes) == f->nodes && ic_value_elements(f->splits) == f->nodes &&
                ic_value_elements(f->weights) == f->leaves;
    for (int i = 1; i < 5; i++)
        fits = fits && lists[i]->n == f->nodes;
    for (int32_t i = 0; i < f->nodes && fits; i++)
        fits = f->features[i] >= 0 && f->features[i] < n_features;
    f->depth = fits ? depth_of(o, f) : -1;
    fits = f->depth >= 0;
    if (!fits)
        ic_onnx_fail(o, "its tables do not describe trees of at most %d levels over %d feature%s", MAX_DEPTH, (int)n_features,
                     IC_S(n_features));
    return fits;
}

/* Whether each sample takes the true branch of each node: [samples nodes + leaves], s64 1 or 0. v: the nodes' features [samples nodes] */
static struct ic_value *decide(struct ic_onnx *o, const struct forest *f, struct ic_value *v)
{
    struct ic_build *b = &o->b;
    struct ic_value *column = NULL, *parts[2], *yes = NULL;
    /* one comparison serves all modes: each node adds its own answer where the mode is its */
    static const struct {
        enum ic_op op;
        bool turned;
    } by_mode[] = {{IC_OP_LESS_EQUAL, false}, {IC_OP_LESS, false},  {IC_OP_LESS_EQUAL, true},
                   {IC_OP_LESS, true},        {IC_OP_EQUAL, false}, {IC_OP_NOT_EQUAL, false}};
    struct ic_value *limit = ic_build_reshape(b, ic_build_cast(b, f->splits, IC_F32), 2, (const int64_t[]){1, f->nodes});
    uint8_t *mask = ic_arena_array(o->arena, (size_t)f->nodes + 1, 1);
    const int32_t dims[] = {1, f->nodes};
    if (!mask || !v)
        return NULL;
    for (int mode = 0; mode < 6; mode++) {
        bool any = false;
        for (int32_t i = 0; i < f->nodes; i++)
            any = (mask[i] = ic_build_get_int(f->modes, i) == mode) || any;
        if (!any)
            continue;
        struct ic_value *in[] = {by_mode[mode].turned ? limit : v, by_mode[mode].turned ? v : limit};
        struct ic_value *mine = ic_build_binary(b, IC_OP_AND, ic_build_binary(b, by_mode[mode].op, in[0], in[1]),
                                                ic_build_const(b, IC_BOOL, 2, dims, mask));
        yes = yes ? ic_build_binary(b, IC_OP_OR, yes, mine) : mine;
    }
    int64_t at = 0;
    for (int32_t i = 0; i < f->nodes && ic_onnx_ok(o);
         i++) { /* sets of members follow in the order of their nodes, NaN between them */
        if (ic_build_get_int(f->modes, i) != 6)
            continue;
        for (int32_t k = 0; k < f->nodes; k++)
            mask[k] = k == i;
        for (; f->members && at < ic_value_elements(f->members) && !isnan(ic_build_get(f->members, at)); at++) {
            struct ic_value *same = ic_build_binary(b, IC_OP_EQUAL, v, ic_build_float(b, ic_build_get(f->members, at)));
            same = ic_build_binary(b, IC_OP_AND, same, ic_build_const(b, IC_BOOL, 2, dims, mask));
            yes = yes ? ic_build_binary(b, IC_OP_OR, yes, same) : same;
        }
        at++;
    }
    if (f->missing && f->missing->n == f->nodes) {
        for (int32_t i = 0; i < f->nodes; i++)
            mask[i] = f->missing->ints[i] != 0;
        column = ic_build_binary(b, IC_OP_AND, ic_build_binary(b, IC_OP_NOT_EQUAL, v, v),
                                 ic_build_const(b, IC_BOOL, 2, dims, mask));
        yes = yes ? ic_build_binary(b, IC_OP_OR, yes, column) : column;
    }
    const int32_t rest[] = {v->dims[0], f->leaves};
    parts[0] = yes ? ic_build_cast(b, yes, IC_S64) : ic_build_full(b, IC_S64, 2, (const int32_t[]){v->dims[0], f->nodes}, 0);
    parts[1] = ic_build_full(b, IC_S64, 2, rest, 0);
    return ic_build_concat(b, parts, 2, 1);
}

/* Leaves reached: [samples trees], numbered behind the nodes */
static struct ic_value *descend(struct ic_onnx *o, const struct forest *f, struct ic_value *yes)
{
    struct ic_build *b = &o->b;
    const int32_t all = f->nodes + f->leaves;
    int64_t *next = ic_arena_array(o->arena, (size_t)all * 2, sizeof *next); /* false, true of each */
    if (!next || !yes)
        return NULL;
    for (int32_t i = 0; i < all; i++) {
        next[2 * i] = i < f->nodes ? child(f, i, false) : i;
        next[2 * i + 1] = i < f->nodes ? child(f, i, true) : i;
        next[2 * i] = next[2 * i] < 0 ? i : next[2 * i]; /* nodes that no tree reaches may hold anything */
        next[2 * i + 1] = next[2 * i + 1] < 0 ? i : next[2 * i + 1];
    }
    struct ic_value *table = ic_build_ints(b, 2 * all, next), *roots = ic_build_ints(b, f->trees, f->roots);
    struct ic_value *at = ic_build_expand(b, roots, 2, (const int64_t[]){yes->dims[0], f->trees});
    for (int32_t d = 0; d < f->depth; d++) {
        struct ic_node *g = ic_build_node(b, IC_OP_GATHER_ELEMENTS, (struct ic_value *[]){yes, at}, 2);
        ic_build_set_int(g, IC_GATHER_ELEMENTS_AXIS, 1);
        struct ic_value *two = ic_build_binary(b, IC_OP_MUL, at, ic_build_int(b, IC_S64, 2));
        at = ic_build_gather(b, table, ic_build_binary(b, IC_OP_ADD, two, ic_build_finish(b, g)), 0);
    }
    return at;
}

/* Weights of the leaves reached to their targets: [samples targets], by sum, mean, least or greatest of the trees */
static struct ic_value *aggregate(struct ic_onnx *o, const struct forest *f, struct ic_value *leaf, int32_t n_targets, int64_t how)
{
    struct ic_build *b = &o->b;
    const double none = how == 2 ? 0x1.fffffep127 : how == 3 ? -0x1.fffffep127 : 0;
    const int32_t dims[] = {f->leaves, n_targets};
    float *table = f->leaves <= MAX_TABLE / n_targets
                       ? ic_arena_array(o->arena, (size_t)f->leaves * (size_t)n_targets, sizeof *table)
                       : NULL;
    if (!table || !leaf) {
        ic_onnx_refuse(o, "%d leaves for %d targets: too many", (int)f->leaves, (int)n_targets);
        return NULL;
    }
    for (int32_t i = 0; i < f->leaves; i++)
        for (int32_t t = 0; t < n_targets; t++)
            table[i * n_targets + t] = f->targets[i] == t ? (float)ic_build_get(f->weights, i) : (float)none;
    leaf = ic_build_binary(b, IC_OP_SUB, leaf, ic_build_int(b, IC_S64, f->nodes));
    struct ic_value *each = ic_build_gather(b, ic_build_const(b, IC_F32, 2, dims, table), leaf, 0); /* samples trees targets */
    const enum ic_op op = how == 0   ? IC_OP_REDUCE_MEAN
                          : how == 1 ? IC_OP_REDUCE_SUM
                          : how == 2 ? IC_OP_REDUCE_MIN
                                     : IC_OP_REDUCE_MAX;
    return ic_build_reduce(b, op, each, 1u << 1, false);
}

void ic_onnx_op_tree_ensemble(struct ic_onnx *o)
{
    struct ic_build *b = &o->b;
    struct ic_value *x = ic_onnx_in(o, 0);
    const int64_t n_targets = ic_onnx_int(o, "n_targets", 1), how = ic_onnx_int(o, "aggregate_function", 1),
                  after = ic_onnx_int(o, "post_transform", 0);
    struct forest f;
    if (!x)
        return;
    if (x->rank != 2 || n_targets < 1 || n_targets > 1 << 16 || how < 0 || how > 3) {
        ic_onnx_fail(o, "an operand of %d ax%s for %" PRId64 " targets; [samples features] is wanted", (int)x->rank,
                     IC_N(x->rank, "is", "es"), n_targets);
        return;
    }
    if (!read_forest(o, &f, x->dims[1]))
        return;
    for (int32_t i = 0; i < f.leaves; i++)
        if (f.targets[i] < 0 || f.targets[i] >= n_targets) {
            ic_onnx_fail(o, "leaf_targetids: leaf %d adds to target %" PRId64 "; there are %" PRId64 ", counted from 0", (int)i,
                         f.targets[i], n_targets);
            return;
        }
    struct ic_value *v = ic_build_gather(b, ic_build_cast(b, x, IC_F32), ic_build_ints(b, f.nodes, f.features), 1);
    struct ic_value *y = aggregate(o, &f, descend(o, &f, decide(o, &f, v)), (int32_t)n_targets, how);
    if (after == 1)
        y = ic_build_softmax(b, y, 1, false);
    else if (after == 2)
        y = ic_build_map(b, y, IC_MAP_SIGMOID, 0, 0);
    else if (after != 0)
        ic_onnx_refuse(o, "the transform %" PRId64 " of its scores is not supported; 0 none, 1 softmax, 2 logistic are", after);
    ic_onnx_out_like(o, 0, y, 0);
}
