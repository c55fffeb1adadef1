/* SPDX-License-Identifier: Apache-2.0 */
#include "json_value.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

json_t *ic_compat_json_new(enum ic_compat_json_kind kind)
{
    json_t *o = calloc(1, sizeof *o);
    if (o)
        o->references = 1, o->kind = kind;
    return o;
}

char *ic_compat_json_copy(const char *bytes, size_t size_bytes)
{
    char *copy = malloc(size_bytes + 1);
    if (copy) {
        memcpy(copy, bytes, size_bytes);
        copy[size_bytes] = 0;
    }
    return copy;
}

size_t ic_compat_json_utf8(const char *bytes, size_t size_bytes)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *b = (const unsigned char *)bytes;
    if (size_bytes == 0)
        return 0;
    const size_t n = b[0] < 0x80 ? 1 : b[0] >> 5 == 6 ? 2 : b[0] >> 4 == 14 ? 3 : b[0] >> 3 == 30 ? 4 : 0;
    if (n == 0 || n > size_bytes)
        return 0;
    uint32_t code = n == 1 ? b[0] : b[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (b[i] >> 6 != 2)
            return 0;
        code = code << 6 | (b[i] & 0x3Fu);
    }
    return code >= least[n] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF) ? n : 0;
}

json_t *json_object(void)
{
    return ic_compat_json_new(IC_COMPAT_OBJECT);
}
json_t *json_array(void)
{
    return ic_compat_json_new(IC_COMPAT_ARRAY);
}
json_t *json_null(void)
{
    return ic_compat_json_new(IC_COMPAT_NULL);
}
json_t *json_boolean(int value)
{
    return ic_compat_json_new(value ? IC_COMPAT_TRUE : IC_COMPAT_FALSE);
}

json_t *json_string(const char *utf8)
{
    return utf8 ? json_stringn(utf8, strlen(utf8)) : NULL;
}

json_t *json_stringn(const char *utf8, size_t size_bytes)
{
    for (size_t at = 0, n = 0; at < size_bytes; at += n)
        if (!utf8[at] || (n = ic_compat_json_utf8(utf8 + at, size_bytes - at)) == 0)
            return NULL;
    json_t *o = ic_compat_json_new(IC_COMPAT_STRING);
    if (o && !(o->text = ic_compat_json_copy(utf8, size_bytes))) {
        json_decref(o);
        return NULL;
    }
    return o;
}

json_t *json_integer(json_int_t value)
{
    json_t *o = ic_compat_json_new(IC_COMPAT_INTEGER);
    if (o)
        o->integer = value;
    return o;
}

json_t *json_real(double value)
{
    json_t *o = isfinite(value) ? ic_compat_json_new(IC_COMPAT_REAL) : NULL;
    if (o)
        o->real = value;
    return o;
}

json_t *json_incref(json_t *value)
{
    if (value)
        value->references++;
    return value;
}

/* Recursion is as deep as the value: the reader refuses more than 2048 levels. */
void json_decref(json_t *value)
{
    if (!value || --value->references > 0)
        return;
    for (size_t i = 0; i < value->n_members; i++) {
        free(value->members[i].key);
        json_decref(value->members[i].value);
    }
    free(value->members);
    free(value->text);
    free(value);
}

int ic_compat_json_add(json_t *container, char *key, json_t *value)
{
    if (value && container->n_members == container->capacity) {
        const size_t capacity = container->capacity ? 2 * container->capacity : 8;
        struct ic_compat_json_member *grown = capacity > SIZE_MAX / sizeof *grown
                                                  ? NULL
                                                  : realloc(container->members, capacity * sizeof *grown);
        if (grown)
            container->members = grown, container->capacity = capacity;
    }
    if (!value || container->n_members == container->capacity) {
        free(key);
        json_decref(value);
        return -1;
    }
    container->members[container->n_members++] = (struct ic_compat_json_member){key, value};
    return 0;
}

static struct ic_compat_json_member *find(const json_t *object, const char *key)
{
    if (object && object->kind == IC_COMPAT_OBJECT && key)
        for (size_t i = object->n_members; i-- > 0;)
            if (!strcmp(object->members[i].key, key))
                return &object->members[i];
    return NULL;
}

int json_object_set_new(json_t *object, const char *key, json_t *value)
{
    struct ic_compat_json_member *known = find(object, key);
    if (known && value) {
        json_decref(known->value);
        known->value = value;
        return 0;
    }
    char *copy = object && object->kind == IC_COMPAT_OBJECT && key && value ? ic_compat_json_copy(key, strlen(key)) : NULL;
    if (!copy) {
        json_decref(value);
        return -1;
    }
    return ic_compat_json_add(object, copy, value);
}

int json_array_append_new(json_t *array, json_t *value)
{
    if (!array || array->kind != IC_COMPAT_ARRAY) {
        json_decref(value);
        return -1;
    }
    return ic_compat_json_add(array, NULL, value);
}

json_t *json_object_get(const json_t *object, const char *key)
{
    const struct ic_compat_json_member *m = find(object, key);
    return m ? m->value : NULL;
}

json_t *json_array_get(const json_t *array, size_t i)
{
    return i < json_array_size(array) ? array->members[i].value : NULL;
}

size_t json_array_size(const json_t *array)
{
    return json_is_array(array) ? array->n_members : 0;
}

const char *json_object_at(const json_t *object, size_t i, json_t **out_value)
{
    if (!json_is_object(object) || i >= object->n_members)
        return NULL;
    *out_value = object->members[i].value;
    return object->members[i].key;
}

int json_is_array(const json_t *value)
{
    return value && value->kind == IC_COMPAT_ARRAY;
}
int json_is_object(const json_t *value)
{
    return value && value->kind == IC_COMPAT_OBJECT;
}
int json_is_string(const json_t *value)
{
    return value && value->kind == IC_COMPAT_STRING;
}
const char *json_string_value(const json_t *value)
{
    return json_is_string(value) ? value->text : NULL;
}
json_int_t json_integer_value(const json_t *value)
{
    return value && value->kind == IC_COMPAT_INTEGER ? value->integer : 0;
}

/* ---- pack ---- */
struct packer {
    const char *at;
    va_list arguments;
    bool failed;
};

static char next(struct packer *p)
{
    while (*p->at == ' ' || *p->at == ',' || *p->at == ':')
        p->at++;
    return *p->at ? *p->at++ : 0;
}

static json_t *pack_value(struct packer *p, char what);

/* All arguments are taken even after a failure, so that values given up are released. */
static json_t *pack_members(struct packer *p, char end)
{
    json_t *o = end == '}' ? json_object() : json_array();
    for (char what; (what = next(p)) != end;) {
        if (!what) {
            p->failed = true;
            break;
        }
        const char *key = end == '}' ? va_arg(p->arguments, const char *) : NULL; /* what is 's' */
        json_t *value = pack_value(p, end == '}' ? next(p) : what);
        if (!value || !o)
            json_decref(value), p->failed = true;
        else if ((end == '}' ? json_object_set_new(o, key, value) : json_array_append_new(o, value)) != 0)
            p->failed = true;
    }
    return o;
}

static json_t *pack_text(struct packer *p)
{
    const char *text = va_arg(p->arguments, const char *);
    const bool maybe = *p->at == '?';
    p->at += maybe;
    return !text && maybe ? json_null() : json_string(text);
}

static json_t *pack_value(struct packer *p, char what)
{
    switch (what) {
    case '{':
        return pack_members(p, '}');
    case '[':
        return pack_members(p, ']');
    case 's':
        return pack_text(p);
    case 'i':
        return json_integer(va_arg(p->arguments, int));
    case 'I':
        return json_integer(va_arg(p->arguments, json_int_t));
    case 'f':
        return json_real(va_arg(p->arguments, double));
    case 'b':
        return json_boolean(va_arg(p->arguments, int));
    case 'n':
        return json_null();
    case 'o':
        return va_arg(p->arguments, json_t *);
    case 'O':
        return json_incref(va_arg(p->arguments, json_t *));
    default:
        return NULL;
    }
}

json_t *json_pack(const char *format, ...)
{
    struct packer p = {.at = format};
    va_start(p.arguments, format);
    json_t *o = pack_value(&p, next(&p));
    va_end(p.arguments);
    if (p.failed) {
        json_decref(o);
        return NULL;
    }
    return o;
}
