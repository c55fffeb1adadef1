/* SPDX-License-Identifier: Apache-2.0
 *
 * Text as ir/print.c writes it, to a graph. The text may be anybody's: nothing is believed, and the graph is verified at the end.
 */
#include "ir/op_def.h"

#include "base/checked.h"

#include <stdlib.h>
#include <string.h>

#define MAX_WORD 64

struct parsing {
    const char *at, *end; /* a copy that ends with a zero, so that strtod stops */
    int32_t line;
    struct ic_graph *g;
    struct ic_value **by_id;
    int64_t n_ids; /* room in by_id: more than any text of this size can name usefully */
    struct ic_diag *d;
};

static enum ic_status wrong(struct parsing *p, const char *wanted)
{
    char found[24] = "";
    for (size_t i = 0; i + 1 < sizeof found && p->at + i < p->end && p->at[i] != '\n'; i++)
        found[i] = p->at[i];
    return ic_fail(p->d, IC_E_GRAPH_TEXT, "graph text line %d: found '%s', wanted %s", (int)p->line, found, wanted);
}

static enum ic_status no_memory(struct parsing *p)
{
    return ic_fail(p->d, IC_ERR_MEMORY, "graph text line %d: no memory", (int)p->line);
}

static void skip_space(struct parsing *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\r' || *p->at == '\n'))
        p->line += *p->at++ == '\n';
}

static bool take(struct parsing *p, char c)
{
    skip_space(p);
    if (p->at >= p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

static enum ic_status want(struct parsing *p, char c)
{
    const char text[] = {'\'', c, '\'', 0};
    return take(p, c) ? IC_OK : wrong(p, text);
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* The next word without taking it; "" when there is none, or one too long to mean anything. */
static size_t peek_word(struct parsing *p, char *out)
{
    size_t n = 0;
    skip_space(p);
    while (p->at + n < p->end && is_word_char(p->at[n]))
        n++;
    out[0] = 0;
    if (n >= MAX_WORD)
        return 0;
    memcpy(out, p->at, n);
    out[n] = 0;
    return n;
}

static bool take_word(struct parsing *p, const char *wanted)
{
    char word[MAX_WORD];
    const size_t n = peek_word(p, word);
    if (strcmp(word, wanted) != 0)
        return false;
    p->at += n;
    return true;
}

static enum ic_status want_word(struct parsing *p, char *out, const char *wanted)
{
    const size_t n = peek_word(p, out);
    if (n == 0)
        return wrong(p, wanted);
    p->at += n;
    return IC_OK;
}

static enum ic_status want_int(struct parsing *p, int64_t lo, int64_t hi, int64_t *out)
{
    bool negative = false;
    int64_t v = 0;
    skip_space(p);
    const char *start = p->at;
    if (p->at < p->end && *p->at == '-') {
        negative = true;
        p->at++;
    }
    const char *digits = p->at;
    for (; p->at < p->end && *p->at >= '0' && *p->at <= '9'; p->at++)
        if (!ic_mul_i64(v, 10, &v) || !ic_add_i64(v, negative ? '0' - *p->at : *p->at - '0', &v)) {
            p->at = start;
            return wrong(p, "an integer of 64 bits");
        }
    if (p->at == digits || v < lo || v > hi) {
        p->at = start;
        return wrong(p, "an integer in its range");
    }
    *out = v;
    return IC_OK;
}

static enum ic_status want_i32(struct parsing *p, int32_t *out)
{
    int64_t v = 0;
    IC_TRY(want_int(p, INT32_MIN, INT32_MAX, &v));
    *out = (int32_t)v;
    return IC_OK;
}

static enum ic_status want_u32(struct parsing *p, uint32_t *out)
{
    int64_t v = 0;
    IC_TRY(want_int(p, 0, UINT32_MAX, &v));
    *out = (uint32_t)v;
    return IC_OK;
}

static enum ic_status want_number(struct parsing *p, double *out)
{
    char *end = NULL;
    skip_space(p);
    *out = p->at < p->end ? strtod(p->at, &end) : 0.0;
    if (!end || end == p->at || end > p->end)
        return wrong(p, "a number");
    p->at = end;
    return IC_OK;
}

static enum ic_status want_f32(struct parsing *p, float *out)
{
    char *end = NULL;
    skip_space(p);
    *out = p->at < p->end ? strtof(p->at, &end) : 0.0f;
    if (!end || end == p->at || end > p->end)
        return wrong(p, "a number");
    p->at = end;
    return IC_OK;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum ic_status want_quoted(struct parsing *p, const char **out)
{
    IC_TRY(want(p, '"'));
    const char *close = p->at;
    while (close < p->end && *close != '"' && *close != '\n')
        close += *close == '\\' && close + 1 < p->end ? 2 : 1;
    if (close >= p->end || *close != '"')
        return wrong(p, "text that ends with '\"'");
    char *text = ic_arena_alloc(&p->g->arena, (size_t)(close - p->at) + 1);
    if (!text)
        return no_memory(p);
    size_t n = 0;
    for (; p->at < close; p->at++) {
        if (*p->at == '\\' && p->at[1] == 'x') {
            const int high = hex_digit(p->at[2]), low = high < 0 ? -1 : hex_digit(p->at[3]);
            if (low < 0 || high * 16 + low == 0 || p->at + 3 >= close)
                return wrong(p, "two digits 0-9 a-f after \\x");
            text[n++] = (char)(high * 16 + low);
            p->at += 3;
            continue;
        }
        p->at += *p->at == '\\';
        text[n++] = *p->at;
    }
    p->at++;
    *out = text;
    return IC_OK;
}

/* [1 2.5 -3]: floats in the arena, as many as stand there. */
static enum ic_status want_floats(struct parsing *p, const float **out, int32_t *out_n)
{
    int32_t capacity = 0, n = 0;
    float *values = NULL;
    IC_TRY(want(p, '['));
    while (!take(p, ']')) {
        if (n == capacity) {
            capacity = capacity ? capacity * 2 : 16;
            float *grown = ic_arena_array(&p->g->arena, (size_t)capacity, sizeof *grown);
            if (!grown)
                return no_memory(p);
            if (n)
                memcpy(grown, values, (size_t)n * sizeof *grown);
            values = grown;
        }
        IC_TRY(want_f32(p, &values[n++]));
    }
    *out = values;
    *out_n = n;
    return IC_OK;
}

static enum ic_status want_id(struct parsing *p, int64_t *out)
{
    IC_TRY(want(p, '%'));
    return want_int(p, 0, p->n_ids - 1, out);
}

static enum ic_status want_ref(struct parsing *p, struct ic_value **out)
{
    int64_t id = 0;
    IC_TRY(want_id(p, &id));
    *out = p->by_id[id];
    return *out ? IC_OK
                : ic_fail(p->d, IC_E_GRAPH_TEXT, "graph text line %d: %%%lld is used before it is made", (int)p->line,
                          (long long)id);
}

static enum ic_status want_dtype(struct parsing *p, enum ic_dtype *out)
{
    char word[MAX_WORD];
    IC_TRY(want_word(p, word, "an element type"));
    *out = ic_dtype_from_name(word);
    return *out == IC_DTYPE_NONE
               ? ic_fail(p->d, IC_E_GRAPH_TEXT, "graph text line %d: element type %s is unknown", (int)p->line, word)
               : IC_OK;
}

/* %3 "name" f32 [1 10] nhwc round 1 scales [0.5] axis 0 zero 3 */
static enum ic_status want_value(struct parsing *p, struct ic_value **out)
{
    int64_t id = 0;
    const char *name = NULL;
    enum ic_dtype dtype = IC_DTYPE_NONE;
    int32_t dims[IC_IR_MAX_RANK] = {0}, rank = 0;
    IC_TRY(want_id(p, &id));
    IC_TRY(want_quoted(p, &name));
    IC_TRY(want_dtype(p, &dtype));
    IC_TRY(want(p, '['));
    while (!take(p, ']')) {
        if (rank == IC_IR_MAX_RANK)
            return wrong(p, "']': at most 8 axes are possible");
        IC_TRY(want_i32(p, &dims[rank]));
        if (dims[rank++] < 0)
            return wrong(p, "extents of 0 or more");
    }
    if (p->by_id[id])
        return ic_fail(p->d, IC_E_GRAPH_TEXT, "graph text line %d: %%%lld is made twice", (int)p->line, (long long)id);
    struct ic_value *v = ic_graph_value(p->g, name, dtype, rank, dims);
    if (!v)
        return no_memory(p);
    p->by_id[id] = v;
    *out = v;
    v->layout = take_word(p, "nhwc") ? (uint32_t)IC_VALUE_NHWC : (uint32_t)IC_VALUE_PLAIN;
    if (take_word(p, "round"))
        IC_TRY(want_u32(p, &v->round));
    if (!take_word(p, "scales"))
        return IC_OK;
    IC_TRY(want_floats(p, &v->quant.scales, &v->quant.n_scales));
    if (!take_word(p, "axis"))
        return wrong(p, "axis");
    IC_TRY(want_i32(p, &v->quant.axis));
    if (!take_word(p, "zero"))
        return wrong(p, "zero");
    return want_i32(p, &v->quant.zero);
}

static enum ic_status parse_hex(struct parsing *p, uint8_t *to, size_t bytes)
{
    IC_TRY(want(p, '"'));
    for (size_t i = 0; i < bytes; i++) {
        const int high = p->at < p->end ? hex_digit(p->at[0]) : -1, low = high < 0 ? -1 : hex_digit(p->at[1]);
        if (low < 0)
            return wrong(p, "two digits 0-9 a-f per byte of the constant");
        to[i] = (uint8_t)(high * 16 + low);
        p->at += 2;
    }
    return want(p, '"');
}

static enum ic_status parse_const(struct parsing *p)
{
    struct ic_value *v = NULL;
    IC_TRY(want_value(p, &v));
    const size_t bytes = ic_value_bytes(v);
    if (bytes / 2 > (size_t)(p->end - p->at)) /* every element takes at least two letters ("1 "), every byte of hex two */
        return ic_fail(p->d, IC_E_GRAPH_TEXT,
                       "graph text line %d: constant %s of %zu byte%s has no data in this text: print it with data", (int)p->line,
                       v->name, bytes, IC_S(bytes));
    uint8_t *data = ic_arena_aligned(&p->g->arena, bytes ? bytes : 1, 64);
    if (!data)
        return no_memory(p);
    v->data = data;
    if (take_word(p, "hex"))
        return parse_hex(p, data, bytes);
    if (!take_word(p, "data") || v->dtype != IC_F32)
        return ic_fail(p->d, IC_E_GRAPH_TEXT, "graph text line %d: constant %s has no data in this text: print it with data",
                       (int)p->line, v->name);
    const float *values = NULL;
    int32_t n = 0;
    IC_TRY(want_floats(p, &values, &n));
    if (n != ic_value_elements(v))
        return ic_fail(p->d, IC_E_GRAPH_TEXT, "graph text line %d: constant %s has %d number%s", (int)p->line, v->name, (int)n,
                       IC_S(n));
    if (n)
        memcpy(data, values, bytes);
    return IC_OK;
}

static enum ic_status parse_attr_value(struct parsing *p, const struct ic_attr_def *def, struct ic_attr *a)
{
    char word[MAX_WORD];
    if (def->kind == IC_ATTR_FLOAT)
        return want_number(p, &a->f);
    if (def->kind == IC_ATTR_INT)
        return want_int(p, INT64_MIN, INT64_MAX, &a->i);
    if (def->kind == IC_ATTR_ENUM) {
        IC_TRY(want_word(p, word, "a name"));
        for (a->i = 0; a->i < 256; a->i++)
            if (strcmp(def->enum_name(a->i), word) == 0)
                return IC_OK;
        return ic_fail(p->d, IC_E_GRAPH_TEXT, "graph text line %d: %s is no %s", (int)p->line, word, def->name);
    }
    IC_TRY(want(p, '['));
    for (a->n_ints = 0; !take(p, ']'); a->n_ints++) {
        if (a->n_ints == IC_MAX_ATTR_INTS)
            return wrong(p, "']': at most 16 numbers are possible");
        IC_TRY(want_int(p, INT64_MIN, INT64_MAX, &a->ints[a->n_ints]));
    }
    return IC_OK;
}

static enum ic_status parse_attrs(struct parsing *p, const struct ic_node *n)
{
    char word[MAX_WORD];
    if (!take(p, '{'))
        return IC_OK;
    do {
        IC_TRY(want_word(p, word, "an attribute"));
        const int i = ic_op_attr_index(n->op, word);
        if (i < 0)
            return ic_fail(p->d, IC_E_GRAPH_TEXT, "graph text line %d: %s has no attribute %s", (int)p->line,
                           ic_op_def(n->op)->name, word);
        IC_TRY(want(p, '='));
        IC_TRY(parse_attr_value(p, &ic_op_def(n->op)->attrs[i], &n->attrs[i]));
    } while (take(p, ','));
    return want(p, '}');
}

static enum ic_status parse_ends(struct parsing *p, struct ic_node *n)
{
    char word[MAX_WORD];
    if (take_word(p, "post")) {
        IC_TRY(want_word(p, word, "a function"));
        n->post.fn = (uint32_t)ic_map_from_name(word);
        IC_TRY(want_f32(p, &n->post.a));
        IC_TRY(want_f32(p, &n->post.b));
        if (!take_word(p, "mid"))
            return wrong(p, "mid");
        IC_TRY(want_u32(p, &n->post.round_mid));
    }
    if (take_word(p, "named"))
        IC_TRY(want_quoted(p, &n->name));
    if (!take_word(p, "from"))
        return IC_OK;
    IC_TRY(want_quoted(p, &n->origin.module_path));
    IC_TRY(want_quoted(p, &n->origin.file));
    IC_TRY(want_i32(p, &n->origin.line));
    return want_quoted(p, &n->origin.source_op);
}

#define MAX_RESULTS 4

/* %3 ... = Op (%0 _ %1) {...} ... */
static enum ic_status parse_node(struct parsing *p)
{
    struct ic_value *made[MAX_RESULTS] = {0}, **inputs = NULL;
    int32_t n_made = 0, n_inputs = 0, capacity = 0;
    char word[MAX_WORD];
    do {
        if (n_made == MAX_RESULTS)
            return wrong(p, "'=': at most 4 results are possible");
        IC_TRY(want_value(p, &made[n_made++]));
    } while (take(p, ','));
    IC_TRY(want(p, '='));
    IC_TRY(want_word(p, word, "an operator"));
    const enum ic_op op = ic_op_from_name(word);
    if (op == IC_OP_NONE || ic_op_def(op)->n_outputs != n_made)
        return ic_fail(p->d, IC_E_GRAPH_TEXT, "graph text line %d: operator %s with %d result%s is unknown", (int)p->line, word,
                       (int)n_made, IC_S(n_made));
    IC_TRY(want(p, '('));
    while (!take(p, ')')) {
        if (n_inputs == capacity) {
            capacity = capacity ? capacity * 2 : 8;
            struct ic_value **grown = ic_arena_array(&p->g->arena, (size_t)capacity, sizeof *grown);
            if (!grown)
                return no_memory(p);
            if (n_inputs)
                memcpy(grown, inputs, (size_t)n_inputs * sizeof *grown);
            inputs = grown;
        }
        if (!take(p, '_'))
            IC_TRY(want_ref(p, &inputs[n_inputs]));
        n_inputs++;
    }
    struct ic_node *n = ic_graph_node(p->g, op, inputs, n_inputs, made[0]->name);
    if (!n)
        return no_memory(p);
    n->n_outputs = n_made;
    for (int32_t i = 0; i < n_made; i++) {
        n->outputs[i] = made[i];
        made[i]->producer = n;
    }
    IC_TRY(parse_attrs(p, n));
    return parse_ends(p, n);
}

static enum ic_status parse_io(struct parsing *p, bool is_input)
{
    struct ic_value *v = NULL;
    uint32_t format = 0;
    int32_t n_std = 0;
    IC_TRY(is_input ? want_value(p, &v) : want_ref(p, &v));
    if (!take_word(p, "format"))
        return wrong(p, "format");
    IC_TRY(want_u32(p, &format));
    if ((is_input ? ic_graph_add_input(p->g, v, format) : ic_graph_add_output(p->g, v, format)) != IC_OK)
        return no_memory(p);
    struct ic_graph_input *io = is_input ? &p->g->inputs[p->g->n_inputs - 1] : &p->g->outputs[p->g->n_outputs - 1];
    if (!take_word(p, "user"))
        return wrong(p, "user");
    IC_TRY(want_dtype(p, &io->user_dtype));
    if (!take_word(p, "face"))
        return wrong(p, "face");
    IC_TRY(want_quoted(p, &io->face_name));
    if (take_word(p, "reorder"))
        IC_TRY(want_u32(p, &io->reorder));
    if (!take_word(p, "mean"))
        return IC_OK;
    IC_TRY(want_floats(p, &io->mean, &io->n_channels));
    if (!take_word(p, "std"))
        return wrong(p, "std");
    IC_TRY(want_floats(p, &io->std, &n_std));
    return n_std == io->n_channels ? IC_OK : wrong(p, "as many numbers in std as in mean");
}

/* The numbers of the text in their order, without its gaps. */
static void number_values(struct parsing *p)
{
    p->g->n_values = 0;
    for (int64_t i = 0; i < p->n_ids; i++)
        if (p->by_id[i]) {
            p->by_id[i]->id = p->g->n_values;
            p->g->values[p->g->n_values++] = p->by_id[i];
        }
}

static enum ic_status parse_all(struct parsing *p)
{
    int64_t version = 0;
    if (!take_word(p, "inchip-graph"))
        return wrong(p, "inchip-graph");
    IC_TRY(want_int(p, 1, 1, &version));
    IC_TRY(want_quoted(p, &p->g->name));
    for (skip_space(p); p->at < p->end; skip_space(p)) {
        if (*p->at == '%')
            IC_TRY(parse_node(p));
        else if (take_word(p, "input"))
            IC_TRY(parse_io(p, true));
        else if (take_word(p, "const"))
            IC_TRY(parse_const(p));
        else if (take_word(p, "output"))
            IC_TRY(parse_io(p, false));
        else
            return wrong(p, "input, const, output or %value");
    }
    number_values(p);
    return ic_ir_verify(p->g, IC_STAGE_IMPORTED, p->d);
}

enum ic_status ic_ir_parse(const char *text, size_t size_bytes, struct ic_graph **out_g, struct ic_diag *d)
{
    struct parsing p = {.line = 1, .d = d, .n_ids = (int64_t)size_bytes / 2 + 1};
    IC_TRY(ic_graph_create("", &p.g, d));
    char *copy = ic_arena_text(&p.g->arena, text, size_bytes);
    p.by_id = ic_calloc((size_t)p.n_ids, sizeof *p.by_id);
    p.at = copy;
    p.end = copy ? copy + size_bytes : NULL;
    const enum ic_status status = copy && p.by_id ? parse_all(&p) : no_memory(&p);
    ic_free(p.by_id);
    if (status != IC_OK) {
        ic_graph_destroy(p.g);
        return status;
    }
    *out_g = p.g;
    return IC_OK;
}
