/* SPDX-License-Identifier: Apache-2.0
 *
 * The source language of TorchScript archives: Python syntax without operators. Text to a tree in an arena; nothing is evaluated here.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_SOURCE_H
#define IC_IMPORT_TORCHSCRIPT_SOURCE_H

#include "base/alloc.h"
#include "base/status.h"
#include "import/name_index.h"

#include <stdbool.h>

/* Names are interned: equal names are equal pointers. */
struct ic_ts_names {
    struct ic_arena *arena;
    struct ic_name_index index; /* each name's number is its slot */
};
const char *ic_ts_intern(struct ic_ts_names *names, const char *text, size_t length); /* NULL: no memory */

enum ic_ts_expr_kind {
    IC_TS_NAME = 1, /* text, interned */
    IC_TS_INT,
    IC_TS_FLOAT,
    IC_TS_COMPLEX, /* f and imaginary */
    IC_TS_TEXT,    /* text, length; not interned */
    IC_TS_TRUE,
    IC_TS_FALSE,
    IC_TS_NONE,
    IC_TS_LIST,  /* items */
    IC_TS_TUPLE, /* items */
    IC_TS_DICT,  /* items: key, value ... */
    IC_TS_INDEX, /* base[items[0]] */
    IC_TS_ATTR,  /* base.text */
    IC_TS_CALL,  /* base(items), keywords[i] NULL for positional ones */
    IC_TS_NEGATE /* -base */
};

struct ic_ts_expr {
    enum ic_ts_expr_kind kind;
    int32_t line;
    const char *text;
    size_t length;
    int64_t i;
    double f, imaginary;
    struct ic_ts_expr *base;
    struct ic_ts_expr **items;
    const char **keywords;
    int32_t n_items;
    const void *cache; /* for the evaluator: what the callee was resolved to */
};

enum ic_ts_stmt_kind {
    IC_TS_ASSIGN = 1, /* target = value; target may be NULL (annotation only) */
    IC_TS_EXPR,
    IC_TS_RETURN, /* value may be NULL */
    IC_TS_IF,     /* value, body, orelse */
    IC_TS_FOR,    /* target in value: body */
    IC_TS_WHILE,  /* value: body */
    IC_TS_PASS
};

struct ic_ts_stmt {
    enum ic_ts_stmt_kind kind;
    int32_t line;
    struct ic_ts_expr *target, *type, *value;
    struct ic_ts_stmt *body, *orelse, *next;
};

struct ic_ts_param {
    const char *name;                 /* interned */
    struct ic_ts_expr *type, *preset; /* either may be NULL */
};

struct ic_ts_file;
struct ic_ts_def {
    const char *name; /* interned */
    int32_t line;
    struct ic_ts_param *params;
    int32_t n_params;
    struct ic_ts_expr *returns;
    struct ic_ts_stmt *body;
    const struct ic_ts_file *file;
    struct ic_ts_def *next;
    int32_t n_results; /* for names.c: values its own statements make; -1 not counted yet */
};

struct ic_ts_class {
    const char *name; /* interned */
    const char *base; /* "Module", "NamedTuple", "Enum" ... interned */
    int32_t line;
    struct ic_ts_def *defs;
    struct ic_ts_stmt *fields; /* ASSIGN statements of the body, in order */
    const struct ic_ts_file *file;
    struct ic_ts_class *next;
};

struct ic_ts_file {
    const char *path; /* "code/__torch__/torch/nn/modules/conv.py" */
    struct ic_ts_class *classes;
    struct ic_ts_def *defs;
};

/* what = path for messages, kept. */
enum ic_status ic_ts_parse(const char *text, size_t size_bytes, const char *path, uint32_t max_depth, struct ic_ts_names *names,
                           struct ic_ts_file *out, struct ic_diag *d) IC_MUST_USE;

#endif
