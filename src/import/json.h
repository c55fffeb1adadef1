/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON of model files: a tree in an arena whose values know their byte, for messages. Integers keep 64 bits; NaN, Infinity and -Infinity,
 * which Python writes, are numbers. A name given twice in one object, a NUL in a text, bytes that are no UTF-8 and nesting beyond the limit are
 * refused.
 */
#ifndef IC_IMPORT_JSON_H
#define IC_IMPORT_JSON_H

#include "base/status.h"
#include "import/name_index.h"

enum ic_json_kind { IC_JSON_NULL = 0, IC_JSON_BOOL, IC_JSON_INT, IC_JSON_REAL, IC_JSON_TEXT, IC_JSON_LIST, IC_JSON_OBJECT };

struct ic_json {
    enum ic_json_kind kind;
    uint32_t n;      /* LIST, OBJECT: values; TEXT: bytes */
    size_t at;       /* byte in the text */
    const char *key; /* in an object; NULL otherwise */
    union {
        int64_t i; /* INT, BOOL */
        double f;
        const char *text;
        struct ic_json *items; /* LIST, OBJECT, in order */
    } u;
    struct ic_name_index *index; /* of an object with many values; NULL: they are few */
};

/* what: the file's or member's name, kept for messages. */
enum ic_status ic_json_read(const void *bytes, size_t size_bytes, const char *what, uint32_t max_depth, struct ic_arena *arena,
                            const struct ic_json **out, struct ic_diag *d) IC_MUST_USE;

/* NULL when absent, or when v is NULL or no object. */
const struct ic_json *ic_json_get(const struct ic_json *v, const char *key);
/* The same for a value of one kind: absent when it is of another. */
const struct ic_json *ic_json_get_kind(const struct ic_json *v, const char *key, enum ic_json_kind kind);
const char *ic_json_get_text(const struct ic_json *v, const char *key, const char *otherwise);
int64_t ic_json_get_int(const struct ic_json *v, const char *key, int64_t otherwise);
/* The only value of an object that has exactly one, as unions are written: {"as_int": 3}. NULL otherwise. */
const struct ic_json *ic_json_only(const struct ic_json *v);
const char *ic_json_kind_name(enum ic_json_kind kind); /* "a list" */

#endif
