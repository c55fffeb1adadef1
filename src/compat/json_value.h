/* SPDX-License-Identifier: Apache-2.0
 *
 * What a JSON value is made of; shared by the three files that stand for jansson.
 */
#ifndef IC_COMPAT_JSON_VALUE_H
#define IC_COMPAT_JSON_VALUE_H

#include "jansson.h"

#include <stdbool.h>
#include <stdint.h>

enum ic_compat_json_kind {
    IC_COMPAT_NULL,
    IC_COMPAT_FALSE,
    IC_COMPAT_TRUE,
    IC_COMPAT_INTEGER,
    IC_COMPAT_REAL,
    IC_COMPAT_STRING,
    IC_COMPAT_ARRAY,
    IC_COMPAT_OBJECT
};

struct ic_compat_json_member {
    char *key; /* NULL in arrays */
    json_t *value;
};

struct ic_compat_json {
    size_t references;
    enum ic_compat_json_kind kind;
    json_int_t integer;
    double real;
    char *text;
    struct ic_compat_json_member *members; /* of arrays and objects, in their order */
    size_t n_members, capacity;
};

json_t *ic_compat_json_new(enum ic_compat_json_kind kind);
char *ic_compat_json_copy(const char *bytes, size_t size_bytes); /* with a final NUL */
/* Adds without looking for the key; gives up value and key (malloc'ed) in either case. 0 or -1. */
int ic_compat_json_add(json_t *container, char *key, json_t *value);
/* The size of the UTF-8 sequence at bytes, 1 to 4; 0: none is there. */
size_t ic_compat_json_utf8(const char *bytes, size_t size_bytes);

#endif
