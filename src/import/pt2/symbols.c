/* SPDX-License-Identifier: Apache-2.0
 *
 * Expressions stand in files as SymPy prints them: "2*s0 + 1" (to torch 2.6) or "Add(Mul(Integer(2), Symbol('s0', integer=True)),
 * Integer(1))". Both are read by one small parser that computes while it reads.
 */
#include "import/pt2/symbols.h"

#include "base/checked.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAX_DEPTH 60

struct reader {
    struct ic_pt2_symbols *s;
    const char *at;
    const char *unknown; /* the symbol to take as `trial`; set to the first unbound one met */
    int64_t trial;
    int n_unknown; /* different unbound symbols beyond that one */
    int depth;
    bool bad, as_free; /* as_free: bound symbols count as free ones */
};

static int64_t read_sum(struct reader *r);

static int64_t fail(struct reader *r)
{
    r->bad = true;
    return 0;
}

static int64_t floor_div(struct reader *r, int64_t a, int64_t b)
{
    if (b == 0 || (a == INT64_MIN && b == -1))
        return fail(r);
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t combine(struct reader *r, char op, int64_t a, int64_t b)
{
    int64_t out = 0;
    if (op == '+' ? !ic_add_i64(a, b, &out) : op == '*' ? !ic_mul_i64(a, b, &out) : false)
        return fail(r);
    return out;
}

static void skip_blanks(struct reader *r)
{
    while (*r->at == ' ')
        r->at++;
}

static bool take(struct reader *r, char c)
{
    skip_blanks(r);
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

static int64_t power(struct reader *r, int64_t base, int64_t exponent)
{
    int64_t out = 1;
    if (exponent < 0 || exponent > 62)
        return fail(r);
    while (exponent-- > 0)
        out = combine(r, '*', out, base);
    return out;
}

/* ---- symbols ---- */
static struct ic_pt2_symbol *symbol_of(struct ic_pt2_symbols *s, const char *name, size_t length)
{
    char room[64];
    if (length == 0 || length >= sizeof room)
        return NULL;
    memcpy(room, name, length);
    room[length] = 0;
    const uint32_t *found = ic_name_index_find(&s->index, room);
    if (found)
        return &s->items[*found];
    if (s->n == s->cap) {
        const uint32_t cap = s->cap ? 2 * s->cap : 16;
        struct ic_pt2_symbol *wider = cap < 100000 ? ic_arena_array(s->arena, cap, sizeof *wider) : NULL;
        if (!wider)
            return NULL;
        if (s->n)
            memcpy(wider, s->items, s->n * sizeof *wider);
        s->items = wider;
        s->cap = cap;
    }
    struct ic_pt2_symbol *made = &s->items[s->n];
    *made = (struct ic_pt2_symbol){.name = ic_arena_text(s->arena, room, length)};
    if (!made->name || !ic_name_index_put(&s->index, s->arena, made->name, s->n))
        return NULL;
    s->n++;
    return made;
}

static int64_t symbol_value(struct reader *r, const char *name, size_t length)
{
    const struct ic_pt2_symbol *symbol = symbol_of(r->s, name, length);
    if (!symbol)
        return fail(r);
    if (symbol->bound && !r->as_free)
        return symbol->value;
    if (!r->unknown)
        r->unknown = symbol->name;
    r->n_unknown += strcmp(r->unknown, symbol->name) != 0;
    return r->trial;
}

/* ---- the grammar ---- */
/* Symbol('s0', positive=True, integer=True), the name behind the first quote */
static int64_t read_symbol(struct reader *r)
{
    const char quote = take(r, '\'') ? '\'' : take(r, '"') ? '"' : 0;
    const char *name = r->at;
    while (quote && *r->at && *r->at != quote)
        r->at++;
    const int64_t value = quote ? symbol_value(r, name, (size_t)(r->at - name)) : fail(r);
    while (*r->at && *r->at != ')')
        r->at++;
    return take(r, ')') ? value : fail(r);
}

static bool is(const char *name, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(name, word, length) == 0;
}

static int64_t read_call(struct reader *r, const char *name, size_t n)
{
    if (is(name, n, "Symbol"))
        return read_symbol(r);
    int64_t out = read_sum(r);
    const bool divides = is(name, n, "FloorDiv") || is(name, n, "CleanDiv") || is(name, n, "IntTrueDiv") || is(name, n, "Rational");
    int32_t n_args = 1;
    for (; !r->bad && take(r, ','); ++n_args) {
        const int64_t b = read_sum(r);
        if (r->bad)
            return 0;
        if (is(name, n, "Add"))
            out = combine(r, '+', out, b);
        else if (is(name, n, "Mul"))
            out = combine(r, '*', out, b);
        else if (divides)
            out = floor_div(r, out, b);
        else if (is(name, n, "Mod") || is(name, n, "PythonMod"))
            out = combine(r, '+', out, -combine(r, '*', floor_div(r, out, b), b));
        else if (is(name, n, "Pow") || is(name, n, "PowByNatural"))
            out = power(r, out, b);
        else if (is(name, n, "Max") || is(name, n, "Min"))
            out = (out > b) == is(name, n, "Max") ? out : b;
        else
            return fail(r);
    }
    const bool one = is(name, n, "Integer") || is(name, n, "ToFloat") || is(name, n, "TruncToInt") || is(name, n, "floor");
    if (n_args == 1 && !one && !is(name, n, "Max") && !is(name, n, "Min"))
        return fail(r);
    return take(r, ')') ? out : fail(r);
}

static int64_t read_atom(struct reader *r)
{
    skip_blanks(r);
    const char *start = r->at;
    if (r->bad || ++r->depth > MAX_DEPTH)
        return fail(r);
    int64_t out = 0;
    if (take(r, '(')) {
        out = read_sum(r);
        out = take(r, ')') ? out : fail(r);
    } else if (take(r, '-')) {
        out = read_atom(r);
        out = out == INT64_MIN ? fail(r) : -out;
    } else if (*start >= '0' && *start <= '9') {
        for (; *r->at >= '0' && *r->at <= '9'; r->at++)
            out = combine(r, '+', combine(r, '*', out, 10), *r->at - '0');
    } else {
        while ((*r->at >= 'a' && *r->at <= 'z') || (*r->at >= 'A' && *r->at <= 'Z') || (*r->at >= '0' && *r->at <= '9') ||
               *r->at == '_')
            r->at++;
        const size_t n = (size_t)(r->at - start);
        out = n == 0 ? fail(r) : take(r, '(') ? read_call(r, start, n) : symbol_value(r, start, n);
    }
    r->depth--;
    return out;
}

static int64_t read_product(struct reader *r)
{
    int64_t out = read_atom(r);
    for (;;) {
        skip_blanks(r);
        if (r->bad)
            return 0;
        if (r->at[0] == '*' && r->at[1] == '*') {
            r->at += 2;
            out = power(r, out, read_atom(r));
        } else if (take(r, '*')) {
            out = combine(r, '*', out, read_atom(r));
        } else if (r->at[0] == '/') {
            r->at += r->at[1] == '/' ? 2 : 1;
            out = floor_div(r, out, read_atom(r));
        } else {
            return out;
        }
    }
}

static int64_t read_sum(struct reader *r)
{
    int64_t out = read_product(r);
    while (!r->bad)
        if (take(r, '+'))
            out = combine(r, '+', out, read_product(r));
        else if (take(r, '-'))
            out = combine(r, '+', out, -read_product(r));
        else
            break;
    return out;
}

/* The value with the free symbol taken as trial. */
static int64_t compute(struct ic_pt2_symbols *s, const char *expression, int64_t trial, bool as_free, struct reader *r)
{
    *r = (struct reader){.s = s, .at = expression, .trial = trial, .as_free = as_free};
    const int64_t out = read_sum(r);
    skip_blanks(r);
    r->bad = r->bad || *r->at != 0 || r->n_unknown > 0;
    return out;
}

static enum ic_status unreadable(const char *expression, struct ic_diag *d)
{
    return ic_fail(
        d, IC_E_OPEN_SIZE,
        "a size of the exported program is \"%.200s\", which cannot be computed here; export the model with static shapes (leave "
        "dynamic_shapes out)",
        expression);
}

/* ---- what others ask ---- */
enum ic_pt2_size_kind ic_pt2_size_of(const struct ic_json *v, int64_t *out_size, const char **out_text)
{
    const struct ic_json *only = ic_json_only(v);
    if (only && strcmp(only->key, "as_int") == 0 && only->kind == IC_JSON_INT) {
        *out_size = only->u.i;
        return IC_PT2_SIZE_FIXED;
    }
    const char *text = only && strcmp(only->key, "as_expr") == 0 ? ic_json_get_text(only, "expr_str", NULL) : NULL;
    *out_text = text;
    return text ? IC_PT2_SIZE_FREE : IC_PT2_SIZE_BAD;
}

const char *ic_pt2_size_text(struct ic_pt2_symbols *s, const char *expression)
{
    struct reader r;
    const int64_t at0 = compute(s, expression, 0, true, &r);
    if (r.bad || !r.unknown)
        return "?";
    const char *name = r.unknown;
    const int64_t slope = compute(s, expression, 1, true, &r) - at0;
    const char *out = at0 == 0 && slope == 1 ? name
                      : at0 == 0             ? ic_arena_printf(s->arena, "%" PRId64 "*%s", slope, name)
                                             : ic_arena_printf(s->arena, "%" PRId64 "*%s%+" PRId64, slope, name, at0);
    return out ? out : "?";
}

enum ic_status ic_pt2_bind(struct ic_pt2_symbols *s, const char *expression, int64_t size, const char *input, int32_t axis,
                           bool *fits, int64_t *out_wanted, struct ic_diag *d)
{
    struct reader r;
    const int64_t at0 = compute(s, expression, 0, false, &r);
    *out_wanted = -1;
    if (r.bad)
        return unreadable(expression, d);
    if (!r.unknown) {
        *out_wanted = at0;
        *fits = at0 == size;
        return IC_OK;
    }
    const char *name = r.unknown;
    const int64_t slope = compute(s, expression, 1, false, &r) -
                          at0; /* sizes of inputs are as good as always a symbol, or a multiple of one */
    const int64_t value = slope && !r.bad ? (size - at0) / slope : 0;
    *fits = slope && compute(s, expression, value, false, &r) == size && !r.bad;
    struct ic_pt2_symbol *symbol = symbol_of(s, name, strlen(name));
    if (*fits && symbol)
        *symbol = (struct ic_pt2_symbol){.name = symbol->name, .value = value, .bound = true, .input = input, .axis = axis};
    return IC_OK;
}

enum ic_status ic_pt2_size_value(struct ic_pt2_symbols *s, const char *expression, bool *known, int64_t *out, struct ic_diag *d)
{
    struct reader r;
    *out = compute(s, expression, 0, false, &r);
    if (r.bad)
        return unreadable(expression, d);
    *known = !r.unknown;
    return IC_OK;
}

enum ic_status ic_pt2_check_ranges(const struct ic_pt2_symbols *s, struct ic_diag *d)
{
    for (uint32_t i = 0; i < s->n; ++i) {
        const struct ic_pt2_symbol *symbol = &s->items[i];
        const struct ic_json *range = ic_json_get(s->ranges, symbol->name);
        const int64_t lo = ic_json_get_int(range, "min_val", 0), hi = ic_json_get_int(range, "max_val", INT64_MAX);
        if (!symbol->bound || (symbol->value >= lo && symbol->value <= hi))
            continue;
        /* older releases write 2 as the least of every free size; PyTorch lets 1 pass there, and so does this */
        if (symbol->value == 1 && lo == 2 && hi >= 2)
            continue;
        char upper[40];
        upper[0] = '\0';
        if (hi != INT64_MAX)
            snprintf(upper, sizeof upper, " to %" PRId64, hi);
        return ic_fail(d, IC_E_SHAPE_WRONG,
                       "input \"%s\" has size %" PRId64
                       " on axis %d, which the model was exported without: its size %s may be %" PRId64
                       "%s%s; give another shape, or export with another range (torch.export.Dim)",
                       symbol->input, symbol->value, symbol->axis, symbol->name, lo, upper, hi == INT64_MAX ? " and more" : "");
    }
    return IC_OK;
}
