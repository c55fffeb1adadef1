/* SPDX-License-Identifier: Apache-2.0 */
#include "import/json.h"

#include "import/torchscript/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MANY 12 /* values of an object from which on they are found by hashing */

struct reader {
    const uint8_t *bytes;
    size_t size_bytes, at;
    const char *what;
    uint32_t depth, max_depth;
    struct ic_arena *arena;
    struct ic_json *pending; /* values of the open lists and objects, innermost last */
    size_t n_pending, cap_pending;
    struct ic_diag *d;
};

static enum ic_status read_value(struct reader *r, struct ic_json *out);

static enum ic_status no_memory(struct reader *r)
{
    return ic_fail(r->d, IC_ERR_MEMORY, "no memory to read %s", r->what);
}

static enum ic_status damaged(struct reader *r, size_t at, const char *problem)
{
    size_t line = 1;
    for (size_t i = 0; i < at && i < r->size_bytes; ++i)
        line += r->bytes[i] == '\n';
    return ic_fail(r->d, IC_E_JSON, "%s, byte %zu (line %zu): %s; the file is damaged: copy or save it again", r->what, at, line,
                   problem);
}

static int peek(struct reader *r)
{
    while (r->at < r->size_bytes &&
           (r->bytes[r->at] == ' ' || r->bytes[r->at] == '\n' || r->bytes[r->at] == '\r' || r->bytes[r->at] == '\t'))
        r->at++;
    return r->at < r->size_bytes ? r->bytes[r->at] : -1;
}

static bool take_word(struct reader *r, const char *word)
{
    const size_t n = strlen(word);
    if (r->size_bytes - r->at < n || memcmp(r->bytes + r->at, word, n) != 0)
        return false;
    r->at += n;
    return true;
}

/* ---- texts ---- */
/* Bytes of the UTF-8 character at p; 0 when it is none. */
static size_t utf8_length(const uint8_t *p, size_t left)
{
    const size_t n = p[0] < 0x80                   ? 1
                     : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
                     : (p[0] & 0xf0) == 0xe0       ? 3
                     : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
                                                   : 0;
    if (n == 0 || n > left)
        return 0;
    for (size_t i = 1; i < n; ++i)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    const bool bad = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
                     (p[0] == 0xf4 && p[1] > 0x8f);
    return bad ? 0 : n;
}

static size_t put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    const size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; c >>= 6)
        to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)(first[n] | c);
    return n;
}

/* \uXXXX: four digits at r->at. */
static bool take_unit(struct reader *r, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < 4; ++i, ++r->at) {
        const int c = r->at < r->size_bytes ? r->bytes[r->at] : -1;
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0)
            return false;
        *out = *out << 4 | (uint32_t)digit;
    }
    return true;
}

static enum ic_status take_escape(struct reader *r, char *to, size_t *n)
{
    static const char from[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    const size_t at = r->at++;
    const char c = r->at < r->size_bytes ? (char)r->bytes[r->at++] : 0;
    const char *plain = c ? strchr(from, c) : NULL;
    uint32_t unit = 0, low = 0;
    if (plain) {
        to[(*n)++] = means[plain - from];
        return IC_OK;
    }
    if (c != 'u' || !take_unit(r, &unit))
        return damaged(r, at, "an escape that JSON does not have");
    if (unit >= 0xd800 && unit < 0xdc00) {
        if (!take_word(r, "\\u") || !take_unit(r, &low) || low < 0xdc00 || low > 0xdfff)
            return damaged(r, at, "half of a pair of escapes");
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    if (unit == 0 || (unit >= 0xdc00 && unit < 0xe000))
        return damaged(r, at, unit ? "half of a pair of escapes" : "a NUL in a text");
    *n += put_utf8(to + *n, unit);
    return IC_OK;
}

static enum ic_status take_text(struct reader *r, const char **out, uint32_t *out_n)
{
    const size_t start = r->at++;
    size_t end = r->at;
    while (end < r->size_bytes && r->bytes[end] != '"')
        end += r->bytes[end] == '\\' ? 2 : 1;
    if (end >= r->size_bytes || end - start > UINT32_MAX / 2)
        return damaged(r, start, "a text that does not end");
    char *to = ic_arena_alloc(r->arena, end - start + 1); /* an escape is never shorter than what it means */
    size_t n = 0;
    if (!to)
        return no_memory(r);
    while (r->at < end) {
        if (r->bytes[r->at] == '\\') {
            IC_TRY(take_escape(r, to, &n));
            continue;
        }
        const size_t length = utf8_length(r->bytes + r->at, end - r->at);
        if (length == 0 || r->bytes[r->at] < 0x20)
            return damaged(r, r->at, length ? "a control character in a text" : "bytes that are no UTF-8");
        memcpy(to + n, r->bytes + r->at, length);
        n += length;
        r->at += length;
    }
    r->at = end + 1;
    *out = to;
    *out_n = (uint32_t)n;
    return IC_OK;
}

/* ---- numbers ---- */
static size_t count_digits(const struct reader *r, size_t at)
{
    size_t n = 0;
    while (at + n < r->size_bytes && r->bytes[at + n] >= '0' && r->bytes[at + n] <= '9')
        ++n;
    return n;
}

static enum ic_status take_number(struct reader *r, struct ic_json *out)
{
    const size_t start = r->at;
    const bool minus = r->bytes[start] == '-';
    size_t end = start + minus, n = count_digits(r, end);
    bool whole = true, good = n > 0 && (n == 1 || r->bytes[end] != '0');
    end += n;
    if (good && end < r->size_bytes && r->bytes[end] == '.') {
        n = count_digits(r, end + 1);
        good = n > 0;
        whole = false;
        end += 1 + n;
    }
    if (good && end < r->size_bytes && (r->bytes[end] == 'e' || r->bytes[end] == 'E')) {
        const size_t sign = end + 1 < r->size_bytes && (r->bytes[end + 1] == '+' || r->bytes[end + 1] == '-') ? 1 : 0;
        n = count_digits(r, end + 1 + sign);
        good = n > 0;
        whole = false;
        end += 1 + sign + n;
    }
    if (!good)
        return damaged(r, start, "a value that is no JSON");
    const char *text = (const char *)r->bytes + start;
    out->kind = IC_JSON_INT;
    if (whole && ic_ts_read_int(text + minus, end - start - minus, &out->u.i) && (minus || out->u.i >= 0))
        out->u.i = minus ? (int64_t)(0 - (uint64_t)out->u.i) : out->u.i;
    else if (ic_ts_read_double(text, end - start, &out->u.f))
        out->kind = IC_JSON_REAL;
    else
        return damaged(r, start, "a number of more than 63 characters");
    r->at = end;
    return IC_OK;
}

static enum ic_status take_literal(struct reader *r, struct ic_json *out)
{
    static const struct {
        const char *word;
        enum ic_json_kind kind;
        int64_t i;
        double f;
    } literals[] = {
        {"true", IC_JSON_BOOL, 1, 0},  {"false", IC_JSON_BOOL, 0, 0},           {"null", IC_JSON_NULL, 0, 0},
        {"NaN", IC_JSON_REAL, 0, NAN}, {"Infinity", IC_JSON_REAL, 0, INFINITY}, {"-Infinity", IC_JSON_REAL, 0, -INFINITY}};
    for (size_t i = 0; i < sizeof literals / sizeof *literals; ++i)
        if (take_word(r, literals[i].word)) {
            out->kind = literals[i].kind;
            if (out->kind == IC_JSON_REAL)
                out->u.f = literals[i].f;
            else
                out->u.i = literals[i].i;
            return IC_OK;
        }
    return r->at < r->size_bytes ? take_number(r, out) : damaged(r, r->at, "the text ends where a value is expected");
}

/* ---- lists and objects ---- */
static enum ic_status push(struct reader *r, const struct ic_json *v)
{
    if (r->n_pending == r->cap_pending) {
        const size_t cap = r->cap_pending ? 2 * r->cap_pending : 256;
        struct ic_json *wider = cap < SIZE_MAX / sizeof *wider / 2 ? ic_realloc(r->pending, cap * sizeof *wider) : NULL;
        if (!wider)
            return no_memory(r);
        r->pending = wider;
        r->cap_pending = cap;
    }
    r->pending[r->n_pending++] = *v;
    return IC_OK;
}

static enum ic_status index_object(struct reader *r, struct ic_json *o)
{
    struct ic_name_index few = {0}, *index = &few;
    if (o->n >= MANY && !(o->index = index = ic_arena_alloc(r->arena, sizeof *index)))
        return no_memory(r);
    for (uint32_t i = 0; i < o->n; ++i) {
        bool twice = o->n >= MANY && ic_name_index_find(index, o->u.items[i].key);
        for (uint32_t k = 0; o->n < MANY && k < i; ++k)
            twice = twice || strcmp(o->u.items[k].key, o->u.items[i].key) == 0;
        if (twice)
            return damaged(r, o->u.items[i].at, "a name that the object has already");
        if (o->n >= MANY && !ic_name_index_put(index, r->arena, o->u.items[i].key, i))
            return no_memory(r);
    }
    return IC_OK;
}

static enum ic_status take_key(struct reader *r, const char **out)
{
    uint32_t n = 0;
    if (peek(r) != '"')
        return damaged(r, r->at, "a name in quotes is expected");
    IC_TRY(take_text(r, out, &n));
    if (peek(r) != ':')
        return damaged(r, r->at, "a colon is expected");
    r->at++;
    return IC_OK;
}

static enum ic_status take_items(struct reader *r, struct ic_json *out)
{
    const bool object = r->bytes[r->at++] == '{';
    const char close = object ? '}' : ']';
    const size_t first = r->n_pending;
    if (r->depth >= r->max_depth)
        return ic_fail(r->d, IC_E_NESTING, "%s, byte %zu: values are nested more than %u deep", r->what, out->at, r->max_depth);
    r->depth++;
    for (bool more = peek(r) != close; more;) {
        struct ic_json item = {0};
        const char *key = NULL;
        if (object)
            IC_TRY(take_key(r, &key));
        IC_TRY(read_value(r, &item));
        item.key = key;
        IC_TRY(push(r, &item));
        const int c = peek(r);
        if (c != ',' && c != close)
            return damaged(r, r->at, "a comma or the end of the list is expected");
        more = c == ',';
        r->at += more;
    }
    r->at++;
    r->depth--;
    const size_t n = r->n_pending - first;
    if (n > UINT32_MAX / 2)
        return ic_fail(r->d, IC_E_LIST, "%s, byte %zu: a list of %zu value%s", r->what, out->at, n, IC_S(n));
    out->kind = object ? IC_JSON_OBJECT : IC_JSON_LIST;
    out->n = (uint32_t)n;
    out->u.items = n ? ic_arena_copy(r->arena, r->pending + first, n * sizeof *r->pending) : NULL;
    r->n_pending = first;
    if (n && !out->u.items)
        return no_memory(r);
    return object ? index_object(r, out) : IC_OK;
}

static enum ic_status read_value(struct reader *r, struct ic_json *out)
{
    const int c = peek(r);
    *out = (struct ic_json){.at = r->at};
    if (c == '{' || c == '[')
        return take_items(r, out);
    if (c != '"')
        return take_literal(r, out);
    out->kind = IC_JSON_TEXT;
    return take_text(r, &out->u.text, &out->n);
}

enum ic_status ic_json_read(const void *bytes, size_t size_bytes, const char *what, uint32_t max_depth, struct ic_arena *arena,
                            const struct ic_json **out, struct ic_diag *d)
{
    struct reader r = {.bytes = bytes, .size_bytes = size_bytes, .what = what, .max_depth = max_depth, .arena = arena, .d = d};
    struct ic_json *top = ic_arena_alloc(arena, sizeof *top);
    enum ic_status s = top ? read_value(&r, top) : no_memory(&r);
    if (s == IC_OK && peek(&r) != -1)
        s = damaged(&r, r.at, "more text follows the end of the value");
    ic_free(r.pending);
    *out = top;
    return s;
}

/* ---- reading the tree ---- */
const struct ic_json *ic_json_get(const struct ic_json *v, const char *key)
{
    if (!v || v->kind != IC_JSON_OBJECT)
        return NULL;
    if (v->index) {
        const uint32_t *i = ic_name_index_find(v->index, key);
        return i ? &v->u.items[*i] : NULL;
    }
    for (uint32_t i = 0; i < v->n; ++i)
        if (strcmp(v->u.items[i].key, key) == 0)
            return &v->u.items[i];
    return NULL;
}

const struct ic_json *ic_json_get_kind(const struct ic_json *v, const char *key, enum ic_json_kind kind)
{
    const struct ic_json *const found = ic_json_get(v, key);
    return found && found->kind == kind ? found : NULL;
}

const char *ic_json_get_text(const struct ic_json *v, const char *key, const char *otherwise)
{
    const struct ic_json *const found = ic_json_get_kind(v, key, IC_JSON_TEXT);
    return found ? found->u.text : otherwise;
}

int64_t ic_json_get_int(const struct ic_json *v, const char *key, int64_t otherwise)
{
    const struct ic_json *const found = ic_json_get_kind(v, key, IC_JSON_INT);
    return found ? found->u.i : otherwise;
}

const struct ic_json *ic_json_only(const struct ic_json *v)
{
    return v && v->kind == IC_JSON_OBJECT && v->n == 1 ? &v->u.items[0] : NULL;
}

const char *ic_json_kind_name(enum ic_json_kind kind)
{
    static const char *const names[] = {"null", "true or false", "an integer", "a number", "a text", "a list", "an object"};
    return names[kind];
}
