/* SPDX-License-Identifier: Apache-2.0 */
#include "json_value.h"

#include <stdlib.h>
#include <string.h>

struct output {
    json_dump_callback_t *write;
    void *user;
    size_t flags;
    int failed;
};

static void put(struct output *o, const char *text, size_t size_bytes)
{
    if (!o->failed)
        o->failed = o->write(text, size_bytes, o->user) != 0;
}

static void put_text(struct output *o, const char *text)
{
    put(o, text, strlen(text));
}

static void put_string(struct output *o, const char *text)
{
    static const char named[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    put(o, "\"", 1);
    for (const char *rest = text; *rest;) {
        const char *end = rest;
        while (*end && (unsigned char)*end >= 0x20 && *end != '"' && *end != '\\')
            end++;
        put(o, rest, (size_t)(end - rest));
        rest = end;
        if (*rest) {
            char escape[8];
            const char *at = strchr(named, *rest);
            if (at)
                snprintf(escape, sizeof escape, "\\%c", letters[at - named]);
            else
                snprintf(escape, sizeof escape, "\\u%04X", (unsigned)(unsigned char)*rest);
            put_text(o, escape);
            rest++;
        }
    }
    put(o, "\"", 1);
}

/* "1" becomes "1.0", "1e+05" "1e5"; the decimal point is a point in every locale. */
static void put_real(struct output *o, double value)
{
    char text[64], *exponent;
    const int precision = (int)(o->flags >> 11 & 0x1F);
    if (snprintf(text, sizeof text - 3, "%.*g", precision ? precision : 17, value) < 0)
        text[0] = 0;
    for (char *c = text; *c; c++)
        if (!strchr("0123456789+-e", *c))
            *c = '.';
    if (!strpbrk(text, ".e"))
        strcat(text, ".0");
    if ((exponent = strchr(text, 'e'))) {
        char *from = exponent + 1, *to = exponent + 1;
        if (*from == '-')
            from++, to++;
        while (*from == '+' || (*from == '0' && from[1]))
            from++;
        memmove(to, from, strlen(from) + 1);
    }
    put_text(o, text);
}

static void put_line(struct output *o, size_t depth, bool after_comma)
{
    const size_t indent = o->flags & 0x1F;
    if (indent == 0) {
        if (after_comma && !(o->flags & JSON_COMPACT))
            put_text(o, " ");
        return;
    }
    put_text(o, "\n");
    for (size_t i = 0; i < indent * depth; i++)
        put_text(o, " ");
}

static void put_value(struct output *o, const json_t *value, size_t depth);

static void put_members(struct output *o, const json_t *value, size_t depth)
{
    const bool object = value->kind == IC_COMPAT_OBJECT;
    put_text(o, object ? "{" : "[");
    for (size_t i = 0; i < value->n_members; i++) {
        if (i > 0)
            put_text(o, ",");
        put_line(o, depth + 1, i > 0);
        if (object) {
            put_string(o, value->members[i].key);
            put_text(o, o->flags & JSON_COMPACT ? ":" : ": ");
        }
        put_value(o, value->members[i].value, depth + 1);
    }
    if (value->n_members > 0)
        put_line(o, depth, false);
    put_text(o, object ? "}" : "]");
}

static void put_value(struct output *o, const json_t *value, size_t depth)
{
    char number[32];
    switch (value->kind) {
    case IC_COMPAT_NULL:
        put_text(o, "null");
        break;
    case IC_COMPAT_FALSE:
        put_text(o, "false");
        break;
    case IC_COMPAT_TRUE:
        put_text(o, "true");
        break;
    case IC_COMPAT_STRING:
        put_string(o, value->text);
        break;
    case IC_COMPAT_REAL:
        put_real(o, value->real);
        break;
    case IC_COMPAT_INTEGER:
        snprintf(number, sizeof number, "%lld", value->integer);
        put_text(o, number);
        break;
    case IC_COMPAT_ARRAY:
    case IC_COMPAT_OBJECT:
        put_members(o, value, depth);
        break;
    }
}

int json_dump_callback(const json_t *value, json_dump_callback_t *write, void *user, size_t flags)
{
    struct output o = {write, user, flags, 0};
    if (!value || (!(flags & JSON_ENCODE_ANY) && value->kind != IC_COMPAT_ARRAY && value->kind != IC_COMPAT_OBJECT))
        return -1;
    put_value(&o, value, 0);
    return o.failed ? -1 : 0;
}

static int to_file(const char *text, size_t size_bytes, void *file)
{
    return fwrite(text, 1, size_bytes, file) == size_bytes ? 0 : -1;
}

int json_dumpf(const json_t *value, FILE *file, size_t flags)
{
    return json_dump_callback(value, to_file, file, flags);
}

struct text {
    char *bytes;
    size_t size_bytes, capacity;
};

static int to_text(const char *more, size_t size_bytes, void *user)
{
    struct text *t = user;
    if (t->capacity - t->size_bytes <= size_bytes) {
        const size_t capacity = 2 * (t->size_bytes + size_bytes) + 64;
        char *grown = realloc(t->bytes, capacity);
        if (!grown)
            return -1;
        t->bytes = grown, t->capacity = capacity;
    }
    memcpy(t->bytes + t->size_bytes, more, size_bytes);
    t->size_bytes += size_bytes;
    t->bytes[t->size_bytes] = 0;
    return 0;
}

char *json_dumps(const json_t *value, size_t flags)
{
    struct text t = {0};
    if (json_dump_callback(value, to_text, &t, flags) == 0)
        return t.bytes;
    free(t.bytes);
    return NULL;
}
