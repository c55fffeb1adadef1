/* SPDX-License-Identifier: Apache-2.0
 *
 * Python pickles read as data: a machine with a closed list of opcodes that builds a tree of values. Nothing is ever called: a call stays a
 * node that names what would have been called, and its readers know a handful of names.
 */
#ifndef IC_IMPORT_PICKLE_H
#define IC_IMPORT_PICKLE_H

#include "base/alloc.h"
#include "base/status.h"

#include <stdbool.h>

enum ic_pickle_kind {
    IC_PICKLE_NONE = 0,
    IC_PICKLE_BOOL,
    IC_PICKLE_INT,
    IC_PICKLE_FLOAT,
    IC_PICKLE_TEXT,
    IC_PICKLE_BYTES,
    IC_PICKLE_LIST,      /* items */
    IC_PICKLE_TUPLE,     /* items */
    IC_PICKLE_DICT,      /* items: key, value, key, value ...; also OrderedDict */
    IC_PICKLE_GLOBAL,    /* module, text = name */
    IC_PICKLE_CALL,      /* items[0] = the global, items[1] = its argument (a tuple, or an enum's value) */
    IC_PICKLE_OBJECT,    /* items[0] = the class, items[1] = its arguments; state set by BUILD */
    IC_PICKLE_PERSISTENT /* items[0] = the id */
};

struct ic_pickle_value {
    enum ic_pickle_kind kind;
    uint32_t depth; /* of nesting below, at least 1 */
    size_t at;      /* byte of the opcode that made it */
    int64_t i;      /* INT, BOOL */
    double f;
    const char *text; /* NUL-terminated; TEXT, BYTES, GLOBAL */
    size_t length;
    const char *module; /* GLOBAL */
    struct ic_pickle_value **items;
    size_t n_items, cap_items;
    struct ic_pickle_value *state;
    void *converted; /* for the reader of the tree: what it made of this value (values are shared) */
};

struct ic_pickle_options {
    bool foreign_classes; /* accept classes of any module as unread objects (torch.save files); calls stay a closed list */
    uint32_t max_depth;
    size_t file_offset; /* of bytes[0], for messages */
    const char *what;   /* "data.pkl", for messages */
};

/* Reads one pickle. *out_used_bytes (may be NULL) is how far it reached: files can hold several. */
enum ic_status ic_pickle_read(const void *bytes, size_t size_bytes, const struct ic_pickle_options *options, struct ic_arena *arena,
                              struct ic_pickle_value **out, size_t *out_used_bytes, struct ic_diag *d) IC_MUST_USE;

bool ic_pickle_is_global(const struct ic_pickle_value *v, const char *module, const char *name);
/* CALL of that global. */
bool ic_pickle_is_call(const struct ic_pickle_value *v, const char *module, const char *name);
/* The value of a text key in a DICT; NULL when absent. */
struct ic_pickle_value *ic_pickle_dict_get(const struct ic_pickle_value *dict, const char *key);

#endif
