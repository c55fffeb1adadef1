/* SPDX-License-Identifier: Apache-2.0
 *
 * Nodes of the same operator, operands and attributes are computed once. Their constants are compared by place, not by bytes.
 */
#include "optimize/rewrite.h"

#include <string.h>

static bool same_attr(const struct ic_attr *a, const struct ic_attr *b, enum ic_attr_kind kind)
{
    if (kind == IC_ATTR_INTS)
        return a->n_ints == b->n_ints && memcmp(a->ints, b->ints, (size_t)a->n_ints * sizeof *a->ints) == 0;
    return kind == IC_ATTR_FLOAT ? memcmp(&a->f, &b->f, sizeof a->f) == 0 : a->i == b->i;
}

static bool same_quant(const struct ic_quant *a, const struct ic_quant *b)
{
    return a->n_scales == b->n_scales && a->zero == b->zero && a->axis == b->axis &&
           (a->n_scales == 0 || memcmp(a->scales, b->scales, (size_t)a->n_scales * sizeof *a->scales) == 0);
}

static bool same(const struct ic_node *a, const struct ic_node *b)
{
    if (a->op != b->op || a->n_inputs != b->n_inputs || a->n_outputs != 1 || memcmp(&a->post, &b->post, sizeof a->post) != 0)
        return false;
    if (!same_quant(&a->outputs[0]->quant, &b->outputs[0]->quant))
        return false;
    for (int32_t i = 0; i < a->n_inputs; i++)
        if (a->inputs[i] != b->inputs[i])
            return false;
    for (int i = 0; i < ic_op_n_attrs(a->op); i++)
        if (!same_attr(&a->attrs[i], &b->attrs[i], ic_op_def(a->op)->attrs[i].kind))
            return false;
    return true;
}

static uint64_t mix(uint64_t hash, uint64_t v)
{
    hash = (hash ^ v) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 32;
}

/* Of what same() compares, enough to tell most nodes apart. */
static uint64_t hash_of(const struct ic_node *n)
{
    uint64_t hash = mix((uint64_t)n->op, n->post.fn);
    for (int32_t i = 0; i < n->n_inputs; i++)
        hash = mix(hash, n->inputs[i] ? (uint64_t)n->inputs[i]->id + 1 : 0);
    for (int i = 0; i < ic_op_n_attrs(n->op); i++) {
        const struct ic_attr *a = &n->attrs[i];
        const enum ic_attr_kind kind = ic_op_def(n->op)->attrs[i].kind;
        uint64_t bits = (uint64_t)a->i;
        if (kind == IC_ATTR_FLOAT)
            memcpy(&bits, &a->f, sizeof bits);
        for (int32_t k = 0; kind == IC_ATTR_INTS && k < a->n_ints; k++)
            hash = mix(hash, (uint64_t)a->ints[k]);
        hash = mix(hash, kind == IC_ATTR_INTS ? (uint64_t)a->n_ints : bits);
    }
    return hash;
}

/* The first node of each kind that was seen, by open addressing. */
struct seen {
    struct ic_node **slots;
    size_t mask; /* slots - 1; their number is a power of two, at least twice the nodes */
};

static bool seen_create(struct seen *s, int32_t n_nodes)
{
    size_t n_slots = 64;
    while (n_slots < 2 * (size_t)n_nodes)
        n_slots *= 2;
    s->mask = n_slots - 1;
    s->slots = ic_calloc(n_slots, sizeof *s->slots);
    return s->slots != NULL;
}

/* The earlier node that n equals; NULL: none, and later ones may equal n. */
static struct ic_node *seen_before(struct seen *s, struct ic_node *n)
{
    size_t at = (size_t)hash_of(n) & s->mask;
    for (; s->slots[at]; at = (at + 1) & s->mask)
        if (same(s->slots[at], n))
            return s->slots[at];
    s->slots[at] = n;
    return NULL;
}

enum ic_status ic_pass_merge_equal(struct ic_graph *g, bool *changed, struct ic_diag *d)
{
    struct seen seen;
    if (!seen_create(&seen, g->n_nodes))
        return ic_opt_no_memory(g, d);
    for (int32_t i = 0; i < g->n_nodes; i++) { /* what a node reads was merged before it is looked at */
        struct ic_value *y = g->nodes[i]->outputs[0];
        const struct ic_node *equal = g->nodes[i]->n_outputs == 1 ? seen_before(&seen, g->nodes[i]) : NULL;
        if (!equal || ic_value_is_output(y) || ic_value_n_readers(y) == 0)
            continue;
        ic_graph_replace(g, y, equal->outputs[0]);
        *changed = true;
    }
    ic_free(seen.slots);
    return IC_OK;
}
