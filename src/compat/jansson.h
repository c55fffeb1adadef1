/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of jansson's interface that this project calls, for hosts without jansson (pip install on a machine that has only a compiler):
 * the same calls give the same bytes. Where jansson is installed, or linked in from its sources, its own header is found instead.
 * One difference: an object that is read keeps a key that is given twice; the last one is found.
 */
#ifndef IC_COMPAT_JANSSON_H
#define IC_COMPAT_JANSSON_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* In the object files the names are ours. */
#define json_array ic_compat_json_array
#define json_array_append_new ic_compat_json_array_append_new
#define json_array_get ic_compat_json_array_get
#define json_array_size ic_compat_json_array_size
#define json_boolean ic_compat_json_boolean
#define json_decref ic_compat_json_decref
#define json_dump_callback ic_compat_json_dump_callback
#define json_dumpf ic_compat_json_dumpf
#define json_dumps ic_compat_json_dumps
#define json_incref ic_compat_json_incref
#define json_integer ic_compat_json_integer
#define json_integer_value ic_compat_json_integer_value
#define json_is_array ic_compat_json_is_array
#define json_is_object ic_compat_json_is_object
#define json_is_string ic_compat_json_is_string
#define json_loadb ic_compat_json_loadb
#define json_null ic_compat_json_null
#define json_object ic_compat_json_object
#define json_object_at ic_compat_json_object_at
#define json_object_get ic_compat_json_object_get
#define json_object_set_new ic_compat_json_object_set_new
#define json_pack ic_compat_json_pack
#define json_real ic_compat_json_real
#define json_string ic_compat_json_string
#define json_stringn ic_compat_json_stringn
#define json_string_value ic_compat_json_string_value

#define JSON_INDENT(n) ((n)&0x1F)
#define JSON_COMPACT 0x20
#define JSON_ENCODE_ANY 0x200
#define JSON_REAL_PRECISION(n) (((n)&0x1F) << 11)
#define JSON_DISABLE_EOF_CHECK 0x2

typedef struct ic_compat_json json_t;
typedef long long json_int_t;
typedef int json_dump_callback_t(const char *text, size_t size_bytes, void *user);

typedef struct json_error {
    int line, column, position; /* position: bytes from 0 */
    char text[160];
} json_error_t;

/* Values are counted; NULL is passed on: what is made of it is NULL, and json_decref takes it. */
json_t *json_object(void);
json_t *json_array(void);
json_t *json_string(const char *utf8);                     /* NULL also for what is not UTF-8 */
json_t *json_stringn(const char *utf8, size_t size_bytes); /* NULL also for a text with a zero byte */
json_t *json_integer(json_int_t value);
json_t *json_real(double value); /* NULL for NaN and infinities */
json_t *json_boolean(int value);
json_t *json_null(void);
json_t *json_incref(json_t *value);
void json_decref(json_t *value);

/* 0, or -1 when value or memory is missing; value is given up in either case. */
int json_object_set_new(json_t *object, const char *key, json_t *value);
int json_array_append_new(json_t *array, json_t *value);
json_t *json_object_get(const json_t *object, const char *key); /* lent */
json_t *json_array_get(const json_t *array, size_t i);          /* lent */
size_t json_array_size(const json_t *array);
const char *json_object_at(const json_t *object, size_t i, json_t **out_value); /* NULL past the end */
int json_is_array(const json_t *value);
int json_is_object(const json_t *value);
int json_is_string(const json_t *value);
const char *json_string_value(const json_t *value);
json_int_t json_integer_value(const json_t *value);

/* {} [] and of values s (text) s? (text or NULL) i (int) I (json_int_t) f (double) b (int) n (null) o (given up) O (counted). */
json_t *json_pack(const char *format, ...);

#define json_object_foreach(object, key, value)                                                                                    \
    for (size_t ic_compat_json_i = 0; ((key) = json_object_at(object, ic_compat_json_i, &(value))) != NULL; ic_compat_json_i++)

int json_dump_callback(const json_t *value, json_dump_callback_t *write, void *user, size_t flags);
int json_dumpf(const json_t *value, FILE *file, size_t flags);
char *json_dumps(const json_t *value, size_t flags); /* free() */
json_t *json_loadb(const char *bytes, size_t size_bytes, size_t flags, json_error_t *out_error);

#endif
