/* SPDX-License-Identifier: Apache-2.0 */
#include "import/torchscript/lex.h"

#include "import/torchscript/number.h"

#include <stdio.h>
#include <string.h>

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

const char *ic_ts_intern(struct ic_ts_names *names, const char *text, size_t length)
{
    char room[256];
    char *name = length < sizeof room ? room : ic_arena_alloc(names->arena, length + 1);
    if (!name)
        return NULL;
    memcpy(name, text, length);
    name[length] = 0;
    const uint32_t *found = ic_name_index_find(&names->index, name);
    if (found)
        return names->index.slots[*found].name;
    const char *copy = ic_arena_text(names->arena, name, length);
    return copy && ic_name_index_put(&names->index, names->arena, copy, names->index.n) ? copy : NULL;
}

static enum ic_status refuse(const struct ic_ts_lexer *x, const char *why)
{
    return ic_fail(x->d, IC_E_SCRIPT, "%s, line %d: %s", x->path, x->line, why);
}

enum ic_status ic_ts_lex_start(struct ic_ts_lexer *x, const char *text, size_t size_bytes, const char *path,
                               struct ic_ts_names *names, struct ic_diag *d)
{
    memset(x, 0, sizeof *x);
    x->text = text;
    x->size_bytes = size_bytes;
    x->line = 1;
    x->path = path;
    x->names = names;
    x->d = d;
    x->n_indents = 1;
    x->at_line_start = true;
    return ic_ts_lex_next(x);
}

static char peek(const struct ic_ts_lexer *x, size_t ahead)
{
    return ahead < x->size_bytes - x->at ? x->text[x->at + ahead] : 0;
}

static void skip_comment(struct ic_ts_lexer *x)
{
    while (x->at < x->size_bytes && x->text[x->at] != '\n')
        x->at++;
}

/* Goes to the first token of the next line that has one; sets pending dedents or says that the line is indented. */
static enum ic_status start_line(struct ic_ts_lexer *x, bool *out_indented)
{
    int32_t column = 0;
    for (;;) {
        column = 0;
        for (; peek(x, 0) == ' ' || peek(x, 0) == '\t' || peek(x, 0) == '\r'; x->at++)
            column += peek(x, 0) == ' ' ? 1 : peek(x, 0) == '\t' ? 8 : 0;
        if (peek(x, 0) == '#')
            skip_comment(x);
        if (x->at == x->size_bytes || peek(x, 0) != '\n')
            break;
        x->at++;
        x->line++;
    }
    x->at_line_start = false;
    if (x->at == x->size_bytes)
        column = 0;
    if (column > x->indents[x->n_indents - 1]) {
        if (x->n_indents == IC_TS_MAX_INDENTS)
            return refuse(x, "blocks are nested too deep");
        x->indents[x->n_indents++] = column;
        *out_indented = true;
        return IC_OK;
    }
    while (column < x->indents[x->n_indents - 1]) {
        x->n_indents--;
        x->pending_dedents++;
    }
    return column == x->indents[x->n_indents - 1] ? IC_OK : refuse(x, "this indentation fits no open block");
}

static enum ic_status lex_name(struct ic_ts_lexer *x)
{
    const size_t first = x->at;
    while (is_name_start(peek(x, 0)) || is_digit(peek(x, 0)))
        x->at++;
    x->kind = IC_TS_T_NAME;
    x->token_length = x->at - first;
    x->token_text = ic_ts_intern(x->names, x->text + first, x->token_length);
    return x->token_text ? IC_OK : ic_fail(x->d, IC_ERR_MEMORY, "%s, line %d: no memory for a name", x->path, x->line);
}

/* The digits, point and exponent of a number from x->at on. */
static bool skip_number(struct ic_ts_lexer *x)
{
    const size_t first = x->at;
    bool is_float = false;
    for (;; x->at++) {
        const char c = peek(x, 0);
        if (c == '.' || c == 'e' || c == 'E')
            is_float = true;
        else if (!is_digit(c) &&
                 !((c == '+' || c == '-') && x->at > first && (x->text[x->at - 1] == 'e' || x->text[x->at - 1] == 'E')))
            return is_float;
    }
}

/* The second half of "2.-3.j". */
static bool read_imaginary(struct ic_ts_lexer *x)
{
    const size_t before = x->at;
    const bool minus = peek(x, 0) == '-';
    if ((!minus && peek(x, 0) != '+') || !is_digit(peek(x, 1)))
        return false;
    const size_t first = ++x->at;
    (void)skip_number(x);
    const bool good = peek(x, 0) == 'j' && ic_ts_read_double(x->text + first, x->at - first, &x->imaginary);
    x->imaginary = minus ? -x->imaginary : x->imaginary;
    x->at = good ? x->at + 1 : before;
    return good;
}

static enum ic_status lex_number(struct ic_ts_lexer *x)
{
    const size_t first = x->at;
    const bool is_float = skip_number(x);
    const size_t n = x->at - first;
    const bool complex = read_imaginary(x);
    if (is_name_start(peek(x, 0)))
        return refuse(x, "a name follows a number without a blank between them");
    if (complex) {
        x->kind = IC_TS_T_COMPLEX;
        return ic_ts_read_double(x->text + first, n, &x->f) ? IC_OK : refuse(x, "a number that cannot be read");
    }
    x->kind = is_float ? IC_TS_T_FLOAT : IC_TS_T_INT;
    const bool good = is_float ? ic_ts_read_double(x->text + first, n, &x->f) : ic_ts_read_int(x->text + first, n, &x->i);
    return good ? IC_OK : refuse(x, is_float ? "a number that cannot be read" : "an integer beyond 64 bits");
}

static int hex_digit(char c)
{
    return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One escape after the backslash; returns the byte or -1. */
static int read_escape(struct ic_ts_lexer *x)
{
    static const char from[] = "nrtabfv0\\'\"", to[] = "\n\r\t\a\b\f\v\0\\'\"";
    const char c = peek(x, 0);
    x->at++;
    if (c == 'x') {
        const int hi = hex_digit(peek(x, 0)), lo = hex_digit(peek(x, 1));
        x->at += 2;
        return hi < 0 || lo < 0 ? -1 : hi * 16 + lo;
    }
    if (c >= '0' && c <= '7' && peek(x, 0) >= '0' && peek(x, 0) <= '7') {
        int v = c - '0';
        for (int i = 0; i < 2 && peek(x, 0) >= '0' && peek(x, 0) <= '7'; ++i, x->at++)
            v = v * 8 + (peek(x, 0) - '0');
        return v & 255;
    }
    const char *p = c ? strchr(from, c) : NULL;
    return p ? (unsigned char)to[p - from] : -1;
}

static enum ic_status lex_text(struct ic_ts_lexer *x)
{
    const char quote = peek(x, 0);
    x->at++;
    size_t end = x->at;
    while (end < x->size_bytes && x->text[end] != quote && x->text[end] != '\n')
        end += x->text[end] == '\\' ? 2 : 1;
    if (end >= x->size_bytes || x->text[end] != quote)
        return refuse(x, "a text has no end on its line");
    char *to = ic_arena_alloc(x->names->arena, end - x->at + 1);
    if (!to)
        return ic_fail(x->d, IC_ERR_MEMORY, "%s, line %d: no memory for a text", x->path, x->line);
    size_t n = 0;
    while (x->at < end) {
        if (peek(x, 0) != '\\') {
            to[n++] = x->text[x->at++];
            continue;
        }
        x->at++;
        const int c = read_escape(x);
        if (c < 0)
            return refuse(x, "a text holds an unknown escape");
        to[n++] = (char)c;
    }
    x->at = end + 1;
    x->kind = IC_TS_T_TEXT;
    x->token_text = to;
    x->token_length = n;
    return IC_OK;
}

static enum ic_status lex_op(struct ic_ts_lexer *x)
{
    const char c = peek(x, 0);
    if (!c || !strchr("()[]{},:=.-@", c)) {
        char why[80];
        snprintf(why, sizeof why,
                 c >= 32 && c < 127 ? "character '%c' does not belong to the language"
                                    : "byte 0x%02x does not belong to the language",
                 (unsigned char)c);
        return refuse(x, why);
    }
    x->kind = IC_TS_T_OP;
    x->op = c;
    x->at++;
    if (c == '-' && peek(x, 0) == '>') {
        x->op = '>';
        x->at++;
    }
    if (strchr("([{", c))
        x->brackets++;
    if (strchr(")]}", c) && x->brackets-- == 0)
        return refuse(x, "a bracket is closed that was never opened");
    return IC_OK;
}

static void skip_blanks(struct ic_ts_lexer *x)
{
    for (; x->at < x->size_bytes; x->at++) {
        const char c = x->text[x->at];
        if (c == '#') {
            skip_comment(x);
            if (x->at == x->size_bytes)
                return;
        }
        if (x->text[x->at] == '\n') {
            if (x->brackets == 0)
                return;
            x->line++;
        } else if (c != ' ' && c != '\t' && c != '\r' && c != '#') {
            return;
        }
    }
}

static enum ic_status lex_end(struct ic_ts_lexer *x)
{
    if (x->brackets > 0)
        return refuse(x, "the file ends inside a bracket");
    if (x->kind != IC_TS_T_NEWLINE && x->kind != IC_TS_T_DEDENT && x->kind != IC_TS_T_END) { /* a last line without its line end */
        x->kind = IC_TS_T_NEWLINE;
        return IC_OK;
    }
    if (x->n_indents > 1) {
        x->n_indents--;
        x->kind = IC_TS_T_DEDENT;
        return IC_OK;
    }
    x->kind = IC_TS_T_END;
    return IC_OK;
}

enum ic_status ic_ts_lex_next(struct ic_ts_lexer *x)
{
    if (x->at_line_start && x->pending_dedents == 0) {
        bool indented = false;
        IC_TRY(start_line(x, &indented));
        if (indented) {
            x->token_line = x->line;
            x->kind = IC_TS_T_INDENT;
            return IC_OK;
        }
    }
    x->token_line = x->line;
    if (x->pending_dedents > 0) {
        x->pending_dedents--;
        x->kind = IC_TS_T_DEDENT;
        return IC_OK;
    }
    skip_blanks(x);
    x->token_line = x->line;
    if (x->at == x->size_bytes)
        return lex_end(x);
    const char c = peek(x, 0);
    if (c == '\n') {
        x->at++;
        x->line++;
        x->at_line_start = true;
        x->kind = IC_TS_T_NEWLINE;
        return IC_OK;
    }
    if (is_name_start(c))
        return lex_name(x);
    if (is_digit(c) || (c == '.' && is_digit(peek(x, 1))))
        return lex_number(x);
    return c == '"' || c == '\'' ? lex_text(x) : lex_op(x);
}

const char *ic_ts_lex_describe(const struct ic_ts_lexer *x, char *room, size_t room_bytes)
{
    switch (x->kind) {
    case IC_TS_T_END:
        return "the end of the file";
    case IC_TS_T_NEWLINE:
        return "the end of the line";
    case IC_TS_T_INDENT:
        return "a deeper indentation";
    case IC_TS_T_DEDENT:
        return "the end of the block";
    case IC_TS_T_NAME:
        snprintf(room, room_bytes, "`%.60s`", x->token_text);
        return room;
    case IC_TS_T_INT:
    case IC_TS_T_FLOAT:
    case IC_TS_T_COMPLEX:
        return "a number";
    case IC_TS_T_TEXT:
        return "a text";
    case IC_TS_T_OP:
        snprintf(room, room_bytes, "`%s%c`", x->op == '>' ? "-" : "", x->op);
        return room;
    }
    return "?";
}
