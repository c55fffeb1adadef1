/* SPDX-License-Identifier: Apache-2.0 */
#include "import/torchscript/lex.h"

#include <string.h>

struct parser {
    struct ic_ts_lexer x;
    struct ic_arena *arena;
    struct ic_ts_file *file;
    uint32_t depth, max_depth;
    const char *word_class, *word_def, *word_if, *word_else, *word_for, *word_in, *word_while, *word_return, *word_pass, *word_true,
        *word_false, *word_none;
};

struct expr_list {
    struct ic_ts_expr **items;
    const char **keywords;
    int32_t n, cap;
};

static enum ic_status parse_expr(struct parser *p, struct ic_ts_expr **out);
static enum ic_status parse_block(struct parser *p, struct ic_ts_stmt **out);

/* ---- helpers ---- */
static enum ic_status no_memory(struct parser *p)
{
    return ic_fail(p->x.d, IC_ERR_MEMORY, "%s: no memory for its syntax tree", p->x.path);
}

static enum ic_status wanted(struct parser *p, const char *what)
{
    char room[80];
    return ic_fail(p->x.d, IC_E_SCRIPT, "%s, line %d: found %s, wanted %s", p->x.path, p->x.token_line,
                   ic_ts_lex_describe(&p->x, room, sizeof room), what);
}

static bool at_op(const struct parser *p, char op)
{
    return p->x.kind == IC_TS_T_OP && p->x.op == op;
}
static bool at_word(const struct parser *p, const char *word)
{
    return p->x.kind == IC_TS_T_NAME && p->x.token_text == word;
}

static enum ic_status take_op(struct parser *p, char op, const char *what)
{
    return at_op(p, op) ? ic_ts_lex_next(&p->x) : wanted(p, what);
}

static enum ic_status take_name(struct parser *p, const char **out, const char *what)
{
    if (p->x.kind != IC_TS_T_NAME)
        return wanted(p, what);
    *out = p->x.token_text;
    return ic_ts_lex_next(&p->x);
}

static enum ic_status take_kind(struct parser *p, enum ic_ts_token_kind kind, const char *what)
{
    return p->x.kind == kind ? ic_ts_lex_next(&p->x) : wanted(p, what);
}

static enum ic_status enter(struct parser *p)
{
    if (++p->depth > p->max_depth)
        return ic_fail(p->x.d, IC_E_NESTING, "%s, line %d: nested more than %u deep", p->x.path, p->x.token_line, p->max_depth);
    return IC_OK;
}

static enum ic_status new_expr(struct parser *p, enum ic_ts_expr_kind kind, struct ic_ts_expr **out)
{
    struct ic_ts_expr *e = ic_arena_alloc(p->arena, sizeof *e);
    if (!e)
        return no_memory(p);
    e->kind = kind;
    e->line = p->x.token_line;
    *out = e;
    return IC_OK;
}

static enum ic_status list_add(struct parser *p, struct expr_list *l, struct ic_ts_expr *e, const char *keyword)
{
    if (l->n == l->cap) {
        const int32_t cap = l->cap ? 2 * l->cap : 4;
        struct ic_ts_expr **items = ic_arena_array(p->arena, (size_t)cap, sizeof *items);
        const char **keywords = ic_arena_array(p->arena, (size_t)cap, sizeof *keywords);
        if (!items || !keywords)
            return no_memory(p);
        for (int32_t i = 0; i < l->n; ++i) {
            items[i] = l->items[i];
            keywords[i] = l->keywords[i];
        }
        l->items = items;
        l->keywords = keywords;
        l->cap = cap;
    }
    l->items[l->n] = e;
    l->keywords[l->n++] = keyword;
    return IC_OK;
}

static void give_list(struct ic_ts_expr *e, const struct expr_list *l)
{
    e->items = l->items;
    e->keywords = l->keywords;
    e->n_items = l->n;
}

/* ---- expressions ---- */
/* Comma separated, up to the closing bracket, which is taken. *out_comma: a comma ended the list or stood in it. */
static enum ic_status parse_items(struct parser *p, char close, struct expr_list *l, bool *out_comma)
{
    *out_comma = false;
    while (!at_op(p, close)) {
        struct ic_ts_expr *e = NULL;
        IC_TRY(parse_expr(p, &e));
        IC_TRY(list_add(p, l, e, NULL));
        if (!at_op(p, ','))
            break;
        *out_comma = true;
        IC_TRY(ic_ts_lex_next(&p->x));
    }
    return take_op(p, close, close == ')' ? "`,` or `)`" : "`,` or `]`");
}

static enum ic_status parse_list(struct parser *p, struct ic_ts_expr **out)
{
    struct expr_list l = {0};
    bool comma = false;
    IC_TRY(new_expr(p, IC_TS_LIST, out));
    IC_TRY(ic_ts_lex_next(&p->x));
    IC_TRY(parse_items(p, ']', &l, &comma));
    give_list(*out, &l);
    return IC_OK;
}

static enum ic_status parse_paren(struct parser *p, struct ic_ts_expr **out)
{
    struct expr_list l = {0};
    bool comma = false;
    struct ic_ts_expr *tuple = NULL;
    IC_TRY(new_expr(p, IC_TS_TUPLE, &tuple));
    IC_TRY(ic_ts_lex_next(&p->x));
    IC_TRY(parse_items(p, ')', &l, &comma));
    give_list(tuple, &l);
    *out = l.n == 1 && !comma ? l.items[0] : tuple;
    return IC_OK;
}

static enum ic_status parse_dict(struct parser *p, struct ic_ts_expr **out)
{
    struct expr_list l = {0};
    IC_TRY(new_expr(p, IC_TS_DICT, out));
    IC_TRY(ic_ts_lex_next(&p->x));
    while (!at_op(p, '}')) {
        struct ic_ts_expr *key = NULL, *value = NULL;
        IC_TRY(parse_expr(p, &key));
        IC_TRY(take_op(p, ':', "`:`"));
        IC_TRY(parse_expr(p, &value));
        IC_TRY(list_add(p, &l, key, NULL));
        IC_TRY(list_add(p, &l, value, NULL));
        if (!at_op(p, ','))
            break;
        IC_TRY(ic_ts_lex_next(&p->x));
    }
    give_list(*out, &l);
    return take_op(p, '}', "`,` or `}`");
}

static enum ic_status parse_negative(struct parser *p, struct ic_ts_expr **out)
{
    struct ic_ts_expr *of = NULL;
    IC_TRY(new_expr(p, IC_TS_NEGATE, out));
    IC_TRY(ic_ts_lex_next(&p->x));
    IC_TRY(parse_expr(p, &of));
    /* 2^63 arrives as INT64_MIN and stays; the sign of -2.+3.j is that of its first part */
    if (of->kind == IC_TS_INT || of->kind == IC_TS_FLOAT || of->kind == IC_TS_COMPLEX) {
        of->i = (int64_t)(0 - (uint64_t)of->i);
        of->f = -of->f;
        *out = of;
        return IC_OK;
    }
    (*out)->base = of;
    return IC_OK;
}

static enum ic_status parse_word(struct parser *p, struct ic_ts_expr **out)
{
    const char *w = p->x.token_text;
    if (w == p->word_def || w == p->word_class || w == p->word_if || w == p->word_else || w == p->word_for || w == p->word_while ||
        w == p->word_return || w == p->word_in || w == p->word_pass)
        return wanted(p, "an expression");
    IC_TRY(new_expr(p,
                    w == p->word_true    ? IC_TS_TRUE
                    : w == p->word_false ? IC_TS_FALSE
                    : w == p->word_none  ? IC_TS_NONE
                                         : IC_TS_NAME,
                    out));
    (*out)->text = w;
    return ic_ts_lex_next(&p->x);
}

static enum ic_status parse_texts(struct parser *p, struct ic_ts_expr **out)
{
    IC_TRY(new_expr(p, IC_TS_TEXT, out));
    (*out)->text = p->x.token_text;
    (*out)->length = p->x.token_length;
    return ic_ts_lex_next(&p->x);
}

static enum ic_status parse_number(struct parser *p, struct ic_ts_expr **out)
{
    const enum ic_ts_token_kind kind = p->x.kind;
    IC_TRY(new_expr(p, kind == IC_TS_T_INT ? IC_TS_INT : kind == IC_TS_T_FLOAT ? IC_TS_FLOAT : IC_TS_COMPLEX, out));
    if (kind == IC_TS_T_INT)
        (*out)->i = p->x.i;
    else
        (*out)->f = p->x.f;
    (*out)->imaginary = kind == IC_TS_T_COMPLEX ? p->x.imaginary : 0;
    return ic_ts_lex_next(&p->x);
}

static enum ic_status parse_atom(struct parser *p, struct ic_ts_expr **out)
{
    switch (p->x.kind) {
    case IC_TS_T_NAME:
        return parse_word(p, out);
    case IC_TS_T_INT:
    case IC_TS_T_FLOAT:
    case IC_TS_T_COMPLEX:
        return parse_number(p, out);
    case IC_TS_T_TEXT:
        return parse_texts(p, out);
    default:
        break;
    }
    if (at_op(p, '('))
        return parse_paren(p, out);
    if (at_op(p, '['))
        return parse_list(p, out);
    if (at_op(p, '{'))
        return parse_dict(p, out);
    return at_op(p, '-') ? parse_negative(p, out) : wanted(p, "an expression");
}

static enum ic_status parse_call(struct parser *p, struct ic_ts_expr *callee, struct ic_ts_expr **out)
{
    struct expr_list l = {0};
    IC_TRY(new_expr(p, IC_TS_CALL, out));
    (*out)->base = callee;
    IC_TRY(ic_ts_lex_next(&p->x));
    while (!at_op(p, ')')) {
        struct ic_ts_expr *e = NULL;
        const char *keyword = NULL;
        IC_TRY(parse_expr(p, &e));
        if (at_op(p, '=') && e->kind == IC_TS_NAME) {
            keyword = e->text;
            IC_TRY(ic_ts_lex_next(&p->x));
            IC_TRY(parse_expr(p, &e));
        }
        IC_TRY(list_add(p, &l, e, keyword));
        if (!at_op(p, ','))
            break;
        IC_TRY(ic_ts_lex_next(&p->x));
    }
    give_list(*out, &l);
    return take_op(p, ')', "`,` or `)`");
}

static enum ic_status parse_index(struct parser *p, struct ic_ts_expr *base, struct ic_ts_expr **out)
{
    struct expr_list l = {0};
    bool comma = false;
    IC_TRY(new_expr(p, IC_TS_INDEX, out));
    (*out)->base = base;
    IC_TRY(ic_ts_lex_next(&p->x));
    IC_TRY(parse_items(p, ']', &l, &comma));
    if (l.n == 0)
        return wanted(p, "an index");
    give_list(*out, &l); /* types such as Dict[str, Tensor] have several items */
    return IC_OK;
}

static enum ic_status parse_attr(struct parser *p, struct ic_ts_expr *base, struct ic_ts_expr **out)
{
    IC_TRY(new_expr(p, IC_TS_ATTR, out));
    (*out)->base = base;
    IC_TRY(ic_ts_lex_next(&p->x));
    return take_name(p, &(*out)->text, "an attribute name");
}

static enum ic_status parse_expr(struct parser *p, struct ic_ts_expr **out)
{
    struct ic_ts_expr *e = NULL;
    const uint32_t outside = p->depth;
    IC_TRY(enter(p));
    IC_TRY(parse_atom(p, &e));
    while (at_op(p, '.') || at_op(p, '[') || at_op(p, '(')) {
        IC_TRY(enter(p)); /* a chain is a tree as deep as it is long */
        struct ic_ts_expr *whole = NULL;
        if (p->x.op == '.')
            IC_TRY(parse_attr(p, e, &whole));
        else if (p->x.op == '[')
            IC_TRY(parse_index(p, e, &whole));
        else
            IC_TRY(parse_call(p, e, &whole));
        e = whole;
    }
    p->depth = outside;
    *out = e;
    return IC_OK;
}

/* e, e, ... without brackets: a tuple. */
static enum ic_status parse_tuple_or_expr(struct parser *p, struct ic_ts_expr **out)
{
    struct expr_list l = {0};
    struct ic_ts_expr *e = NULL, *tuple = NULL;
    IC_TRY(new_expr(p, IC_TS_TUPLE, &tuple));
    IC_TRY(parse_expr(p, &e));
    *out = e;
    if (!at_op(p, ','))
        return IC_OK;
    IC_TRY(list_add(p, &l, e, NULL));
    while (at_op(p, ',')) {
        IC_TRY(ic_ts_lex_next(&p->x));
        if (at_op(p, '=') || p->x.kind == IC_TS_T_NEWLINE)
            break;
        IC_TRY(parse_expr(p, &e));
        IC_TRY(list_add(p, &l, e, NULL));
    }
    give_list(tuple, &l);
    *out = tuple;
    return IC_OK;
}

/* ---- statements ---- */
static enum ic_status new_stmt(struct parser *p, enum ic_ts_stmt_kind kind, struct ic_ts_stmt **out)
{
    struct ic_ts_stmt *s = ic_arena_alloc(p->arena, sizeof *s);
    if (!s)
        return no_memory(p);
    s->kind = kind;
    s->line = p->x.token_line;
    *out = s;
    return IC_OK;
}

static enum ic_status parse_simple(struct parser *p, struct ic_ts_stmt **out)
{
    IC_TRY(new_stmt(p, IC_TS_EXPR, out));
    struct ic_ts_stmt *s = *out;
    IC_TRY(parse_tuple_or_expr(p, &s->value));
    if (at_op(p, ':')) {
        IC_TRY(ic_ts_lex_next(&p->x));
        IC_TRY(parse_expr(p, &s->type));
        s->kind = IC_TS_ASSIGN;
        s->target = s->value;
        s->value = NULL;
    }
    if (at_op(p, '=')) {
        if (s->kind == IC_TS_EXPR)
            s->target = s->value;
        s->kind = IC_TS_ASSIGN;
        IC_TRY(ic_ts_lex_next(&p->x));
        IC_TRY(parse_tuple_or_expr(p, &s->value));
    }
    return take_kind(p, IC_TS_T_NEWLINE, "the end of the line");
}

static enum ic_status parse_return(struct parser *p, struct ic_ts_stmt **out)
{
    IC_TRY(new_stmt(p, IC_TS_RETURN, out));
    IC_TRY(ic_ts_lex_next(&p->x));
    if (p->x.kind != IC_TS_T_NEWLINE)
        IC_TRY(parse_tuple_or_expr(p, &(*out)->value));
    return take_kind(p, IC_TS_T_NEWLINE, "the end of the line");
}

static enum ic_status parse_if(struct parser *p, struct ic_ts_stmt **out)
{
    IC_TRY(new_stmt(p, IC_TS_IF, out));
    IC_TRY(ic_ts_lex_next(&p->x));
    IC_TRY(parse_expr(p, &(*out)->value));
    IC_TRY(parse_block(p, &(*out)->body));
    if (!at_word(p, p->word_else))
        return IC_OK;
    IC_TRY(ic_ts_lex_next(&p->x));
    return parse_block(p, &(*out)->orelse);
}

static enum ic_status parse_for(struct parser *p, struct ic_ts_stmt **out)
{
    IC_TRY(new_stmt(p, IC_TS_FOR, out));
    IC_TRY(ic_ts_lex_next(&p->x));
    IC_TRY(parse_expr(p, &(*out)->target));
    if (!at_word(p, p->word_in))
        return wanted(p, "`in`");
    IC_TRY(ic_ts_lex_next(&p->x));
    IC_TRY(parse_expr(p, &(*out)->value));
    return parse_block(p, &(*out)->body);
}

static enum ic_status parse_while(struct parser *p, struct ic_ts_stmt **out)
{
    IC_TRY(new_stmt(p, IC_TS_WHILE, out));
    IC_TRY(ic_ts_lex_next(&p->x));
    IC_TRY(parse_expr(p, &(*out)->value));
    return parse_block(p, &(*out)->body);
}

static enum ic_status parse_stmt(struct parser *p, struct ic_ts_stmt **out)
{
    if (at_word(p, p->word_return))
        return parse_return(p, out);
    if (at_word(p, p->word_if))
        return parse_if(p, out);
    if (at_word(p, p->word_for))
        return parse_for(p, out);
    if (at_word(p, p->word_while))
        return parse_while(p, out);
    if (at_word(p, p->word_pass)) {
        IC_TRY(new_stmt(p, IC_TS_PASS, out));
        IC_TRY(ic_ts_lex_next(&p->x));
        return take_kind(p, IC_TS_T_NEWLINE, "the end of the line");
    }
    return parse_simple(p, out);
}

/* ":" line end, indented statements. */
static enum ic_status parse_block(struct parser *p, struct ic_ts_stmt **out)
{
    IC_TRY(enter(p));
    IC_TRY(take_op(p, ':', "`:`"));
    IC_TRY(take_kind(p, IC_TS_T_NEWLINE, "the end of the line"));
    IC_TRY(take_kind(p, IC_TS_T_INDENT, "an indented block"));
    while (p->x.kind != IC_TS_T_DEDENT && p->x.kind != IC_TS_T_END) {
        IC_TRY(parse_stmt(p, out));
        out = &(*out)->next;
    }
    p->depth--;
    return take_kind(p, IC_TS_T_DEDENT, "the end of the block");
}

/* ---- definitions ---- */
static enum ic_status parse_param(struct parser *p, struct ic_ts_param *out)
{
    IC_TRY(take_name(p, &out->name, "a parameter name"));
    if (at_op(p, ':')) {
        IC_TRY(ic_ts_lex_next(&p->x));
        IC_TRY(parse_expr(p, &out->type));
    }
    if (at_op(p, '=')) {
        IC_TRY(ic_ts_lex_next(&p->x));
        IC_TRY(parse_expr(p, &out->preset));
    }
    return IC_OK;
}

static enum ic_status parse_params(struct parser *p, struct ic_ts_def *def)
{
    int32_t cap = 0;
    IC_TRY(take_op(p, '(', "`(`"));
    while (!at_op(p, ')')) {
        if (def->n_params == cap) {
            cap = cap ? 2 * cap : 4;
            struct ic_ts_param *wider = ic_arena_array(p->arena, (size_t)cap, sizeof *wider);
            if (!wider)
                return no_memory(p);
            if (def->n_params)
                memcpy(wider, def->params, (size_t)def->n_params * sizeof *wider);
            def->params = wider;
        }
        IC_TRY(parse_param(p, &def->params[def->n_params]));
        def->n_params++;
        if (!at_op(p, ','))
            break;
        IC_TRY(ic_ts_lex_next(&p->x));
    }
    return take_op(p, ')', "`,` or `)`");
}

static enum ic_status parse_def(struct parser *p, struct ic_ts_def **out)
{
    struct ic_ts_def *def = ic_arena_alloc(p->arena, sizeof *def);
    if (!def)
        return no_memory(p);
    *out = def;
    def->line = p->x.token_line;
    def->file = p->file;
    def->n_results = -1;
    IC_TRY(ic_ts_lex_next(&p->x));
    IC_TRY(take_name(p, &def->name, "a function name"));
    IC_TRY(parse_params(p, def));
    if (at_op(p, '>')) {
        IC_TRY(ic_ts_lex_next(&p->x));
        IC_TRY(parse_expr(p, &def->returns));
    }
    return parse_block(p, &def->body);
}

static enum ic_status parse_class_body(struct parser *p, struct ic_ts_class *c)
{
    struct ic_ts_def **def = &c->defs;
    struct ic_ts_stmt **field = &c->fields;
    while (p->x.kind != IC_TS_T_DEDENT && p->x.kind != IC_TS_T_END) {
        if (at_word(p, p->word_def)) {
            IC_TRY(parse_def(p, def));
            def = &(*def)->next;
            continue;
        }
        IC_TRY(parse_stmt(p, field));
        if ((*field)->kind != IC_TS_ASSIGN && (*field)->kind != IC_TS_PASS && (*field)->kind != IC_TS_EXPR)
            return ic_fail(p->x.d, IC_E_SCRIPT, "%s, line %d: a class holds only definitions and fields", p->x.path,
                           (*field)->line);
        field = &(*field)->next;
    }
    return IC_OK;
}

static enum ic_status parse_class(struct parser *p, struct ic_ts_class **out)
{
    struct ic_ts_class *c = ic_arena_alloc(p->arena, sizeof *c);
    if (!c)
        return no_memory(p);
    *out = c;
    c->line = p->x.token_line;
    c->file = p->file;
    IC_TRY(ic_ts_lex_next(&p->x));
    IC_TRY(take_name(p, &c->name, "a class name"));
    if (at_op(p, '(')) {
        IC_TRY(ic_ts_lex_next(&p->x));
        IC_TRY(take_name(p, &c->base, "a base class"));
        IC_TRY(take_op(p, ')', "`)`"));
    }
    IC_TRY(take_op(p, ':', "`:`"));
    IC_TRY(take_kind(p, IC_TS_T_NEWLINE, "the end of the line"));
    IC_TRY(take_kind(p, IC_TS_T_INDENT, "an indented block"));
    IC_TRY(parse_class_body(p, c));
    return take_kind(p, IC_TS_T_DEDENT, "the end of the class");
}

static enum ic_status find_words(struct parser *p, struct ic_ts_names *names)
{
    const struct {
        const char **to;
        const char *word;
    } words[] = {{&p->word_class, "class"}, {&p->word_def, "def"},   {&p->word_if, "if"},       {&p->word_else, "else"},
                 {&p->word_for, "for"},     {&p->word_in, "in"},     {&p->word_while, "while"}, {&p->word_return, "return"},
                 {&p->word_pass, "pass"},   {&p->word_true, "True"}, {&p->word_false, "False"}, {&p->word_none, "None"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; ++i)
        if ((*words[i].to = ic_ts_intern(names, words[i].word, strlen(words[i].word))) == NULL)
            return no_memory(p);
    return IC_OK;
}

enum ic_status ic_ts_parse(const char *text, size_t size_bytes, const char *path, uint32_t max_depth, struct ic_ts_names *names,
                           struct ic_ts_file *out, struct ic_diag *d)
{
    struct parser p = {.arena = names->arena, .file = out, .max_depth = max_depth};
    *out = (struct ic_ts_file){.path = path};
    p.x.d = d;
    p.x.path = path;
    IC_TRY(find_words(&p, names));
    IC_TRY(ic_ts_lex_start(&p.x, text, size_bytes, path, names, d));
    struct ic_ts_def **def = &out->defs;
    struct ic_ts_class **class_ = &out->classes;
    while (p.x.kind != IC_TS_T_END) {
        if (at_word(&p, p.word_class)) {
            IC_TRY(parse_class(&p, class_));
            class_ = &(*class_)->next;
        } else if (at_word(&p, p.word_def)) {
            IC_TRY(parse_def(&p, def));
            def = &(*def)->next;
        } else {
            return wanted(&p, "`class` or `def`");
        }
    }
    return IC_OK;
}
