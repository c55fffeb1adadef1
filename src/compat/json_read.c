/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads JSON (RFC 8259) of unknown origin: no deeper than 2048 levels, UTF-8 checked, integers within 64 bits.
 */
#include "json_value.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LEVELS 2048

struct reader {
    const char *bytes;
    size_t size_bytes, at;
    int depth;
    const char *wrong; /* the first complaint */
};

static json_t *fail(struct reader *r, const char *what)
{
    if (!r->wrong)
        r->wrong = what;
    return NULL;
}

/* The byte at the place, 0 at the end (and for a zero byte, which nothing wants). */
static char peek(const struct reader *r)
{
    return r->at < r->size_bytes ? r->bytes[r->at] : (char)0;
}

static char skip_space(struct reader *r)
{
    while (peek(r) && strchr(" \t\r\n", peek(r)))
        r->at++;
    return peek(r);
}

static bool read_hex4(struct reader *r, uint32_t *out)
{
    uint32_t code = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *digit = peek(r) ? strchr(digits, peek(r)) : NULL;
        if (!digit)
            return false;
        code = code << 4 | (uint32_t)((digit - digits) & 15);
    }
    *out = code;
    return true;
}

/* After "\u": one code or a pair of surrogates, as UTF-8 into out. */
static size_t read_unicode(struct reader *r, char out[4])
{
    uint32_t code, low;
    if (!read_hex4(r, &code) || code == 0)
        return 0;
    if (code >= 0xD800 && code < 0xDC00) {
        if (peek(r) != '\\' || r->at + 1 >= r->size_bytes || r->bytes[r->at + 1] != 'u')
            return 0;
        r->at += 2;
        if (!read_hex4(r, &low) || low < 0xDC00 || low > 0xDFFF)
            return 0;
        code = 0x10000 + ((code - 0xD800) << 10 | (low - 0xDC00));
    } else if (code >= 0xDC00 && code <= 0xDFFF)
        return 0;
    const size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(n == 1 ? code : (0xF0u << (4 - n) & 0xFF) | code);
    return n;
}

static size_t read_escape(struct reader *r, char out[4])
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char letter = peek(r);
    const char *known = letter ? strchr(letters, letter) : NULL;
    r->at += letter != 0;
    if (known) {
        out[0] = meant[known - letters];
        return 1;
    }
    return letter == 'u' ? read_unicode(r, out) : 0;
}

/* At the opening quote; free() the text. */
static char *read_text(struct reader *r)
{
    const char *end = memchr(r->bytes + r->at + 1, '"', r->size_bytes - r->at - 1);
    while (end && end[-1] == '\\') /* an upper bound is enough: escapes never grow */
        end = memchr(end + 1, '"', (size_t)(r->bytes + r->size_bytes - end - 1));
    char *text = malloc((size_t)((end ? end : r->bytes + r->size_bytes) - r->bytes) - r->at + 4);
    size_t used = 0, n = 0;
    if (!text) {
        fail(r, "no memory");
        return NULL;
    }
    for (r->at++; peek(r) != '"'; used += n) {
        if (peek(r) == '\\') {
            r->at++;
            n = read_escape(r, text + used);
        } else {
            n = (unsigned char)peek(r) < 0x20 ? 0 : ic_compat_json_utf8(r->bytes + r->at, r->size_bytes - r->at);
            memcpy(text + used, r->bytes + r->at, n);
            r->at += n;
        }
        if (n == 0) {
            free(text);
            fail(r, "a text is damaged");
            return NULL;
        }
    }
    r->at++;
    text[used] = 0;
    return text;
}

static size_t digits(struct reader *r)
{
    const size_t first = r->at;
    while (peek(r) >= '0' && peek(r) <= '9')
        r->at++;
    return r->at - first;
}

/* The exact form of a number, and whether it is an integer. */
static bool scan_number(struct reader *r, bool *out_integer)
{
    r->at += peek(r) == '-';
    const bool zero = peek(r) == '0';
    const size_t n = digits(r);
    *out_integer = true;
    if (n == 0 || (zero && n > 1))
        return false;
    if (peek(r) == '.') {
        *out_integer = false;
        r->at++;
        if (digits(r) == 0)
            return false;
    }
    if (peek(r) == 'e' || peek(r) == 'E') {
        *out_integer = false;
        r->at++;
        r->at += peek(r) == '+' || peek(r) == '-';
        return digits(r) > 0;
    }
    return true;
}

static json_t *read_number(struct reader *r)
{
    bool integer;
    const size_t first = r->at;
    if (!scan_number(r, &integer))
        return fail(r, "a number is damaged");
    char *text = ic_compat_json_copy(r->bytes + first, r->at - first);
    if (!text)
        return fail(r, "no memory");
    char *point = strchr(text, '.'); /* strtod reads the program's locale, the text is always in C's */
    if (point)
        *point = *localeconv()->decimal_point;
    errno = 0;
    json_t *o;
    if (integer)
        o = json_integer(strtoll(text, NULL, 10));
    else
        o = json_real(strtod(text, NULL)); /* NULL when it is infinite */
    free(text);
    if (!o || (integer && errno == ERANGE)) {
        json_decref(o);
        return fail(r, "a number is too large");
    }
    return o;
}

static json_t *read_value(struct reader *r);

static bool read_member(struct reader *r, json_t *container)
{
    char *key = NULL;
    if (container->kind == IC_COMPAT_OBJECT) {
        if (skip_space(r) != '"' || !(key = read_text(r)))
            return fail(r, "a key is wanted"), false;
        if (skip_space(r) != ':') {
            free(key);
            return fail(r, "':' is wanted"), false;
        }
        r->at++;
    }
    if (ic_compat_json_add(container, key, read_value(r)) != 0)
        return fail(r, "no memory"), false;
    return true;
}

static json_t *read_members(struct reader *r, json_t *o, char end)
{
    r->at++;
    if (!o || ++r->depth > MOST_LEVELS) {
        fail(r, o ? "it is nested too deeply" : "no memory");
        json_decref(o);
        return NULL;
    }
    for (bool first = true; first || peek(r) == ','; first = false) {
        r->at += !first;
        if (first && skip_space(r) == end)
            break;
        if (!read_member(r, o)) {
            json_decref(o);
            return NULL;
        }
        skip_space(r);
    }
    if (peek(r) != end) {
        json_decref(o);
        return fail(r, "',' or the closing bracket is wanted");
    }
    r->at++;
    r->depth--;
    return o;
}

static json_t *read_word(struct reader *r)
{
    static const struct {
        const char *word;
        enum ic_compat_json_kind kind;
    } words[] = {{"true", IC_COMPAT_TRUE}, {"false", IC_COMPAT_FALSE}, {"null", IC_COMPAT_NULL}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const size_t n = strlen(words[i].word);
        if (n <= r->size_bytes - r->at && !memcmp(r->bytes + r->at, words[i].word, n)) {
            r->at += n;
            return ic_compat_json_new(words[i].kind);
        }
    }
    return fail(r, "a value is wanted");
}

static json_t *read_string(struct reader *r)
{
    char *text = read_text(r);
    json_t *o = text ? ic_compat_json_new(IC_COMPAT_STRING) : NULL;
    if (!o) {
        free(text);
        return fail(r, "no memory");
    }
    o->text = text;
    return o;
}

static json_t *read_value(struct reader *r)
{
    const char c = skip_space(r);
    if (c == '{')
        return read_members(r, json_object(), '}');
    if (c == '[')
        return read_members(r, json_array(), ']');
    if (c == '"')
        return read_string(r);
    return c == '-' || (c >= '0' && c <= '9') ? read_number(r) : read_word(r);
}

static void locate(const struct reader *r, json_error_t *out)
{
    *out = (json_error_t){.line = 1, .position = (int)r->at};
    for (size_t i = 0; i < r->at && i < r->size_bytes; i++) {
        out->column = r->bytes[i] == '\n' ? 0 : out->column + 1;
        out->line += r->bytes[i] == '\n';
    }
    snprintf(out->text, sizeof out->text, "%s", r->wrong ? r->wrong : "");
}

json_t *json_loadb(const char *bytes, size_t size_bytes, size_t flags, json_error_t *out_error)
{
    struct reader r = {.bytes = bytes, .size_bytes = size_bytes};
    const char c = skip_space(&r);
    json_t *o = c == '{' || c == '[' ? read_value(&r) : fail(&r, "'{' or '[' is wanted");
    if (o && !(flags & JSON_DISABLE_EOF_CHECK) && (skip_space(&r), r.at < size_bytes)) {
        json_decref(o);
        o = fail(&r, "the end of the file is wanted");
    }
    if (out_error)
        locate(&r, out_error);
    return o;
}
