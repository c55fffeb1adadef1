/* SPDX-License-Identifier: Apache-2.0
 *
 * Schemas of operators: parameters with types and defaults, written as text in the rows of aten_table.c.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_SCHEMA_H
#define IC_IMPORT_TORCHSCRIPT_SCHEMA_H

#include "import/torchscript/aten.h"

enum ic_ts_schema_type {
    IC_TS_S_NOTHING = 0,
    IC_TS_S_TENSOR,
    IC_TS_S_INT,
    IC_TS_S_FLOAT,
    IC_TS_S_SCALAR,
    IC_TS_S_BOOL,
    IC_TS_S_TEXT,
    IC_TS_S_DEVICE,
    IC_TS_S_LIST, /* any list or tuple */
    IC_TS_S_DICT,
    IC_TS_S_ANY,
    IC_TS_S_PLAIN,   /* anything but a complex tensor */
    IC_TS_S_COMPLEX, /* a complex tensor */
    IC_TS_S_EITHER   /* a tensor, complex or not */
};

struct ic_ts_schema_param {
    enum ic_ts_schema_type type;
    bool is_list, optional, items_optional, has_preset;
    int32_t expand; /* int[2]: one number stands for two */
    const char *name;
    size_t name_length;
    struct ic_ts_value preset;
};

struct ic_ts_schema {
    int32_t n, n_positional; /* the rest by keyword only: overloads are told apart by that */
    struct ic_ts_schema_param params[IC_TS_MAX_ARGS];
};

enum ic_status ic_ts_schema(struct ic_ts *ts, const struct ic_ts_row *row, const struct ic_ts_schema **out) IC_MUST_USE;
/* bound[IC_TS_MAX_ARGS]; *fits false when the arguments are not of these types. */
enum ic_status ic_ts_bind(struct ic_ts *ts, const struct ic_ts_schema *s, const struct ic_ts_args *args, struct ic_ts_value *bound,
                          bool *fits) IC_MUST_USE;

#endif
