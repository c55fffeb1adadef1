/* SPDX-License-Identifier: Apache-2.0
 *
 * Sizes that an exported program leaves free: symbols like s17, bound by the shapes the user gives, within the ranges the program states.
 */
#ifndef IC_IMPORT_PT2_SYMBOLS_H
#define IC_IMPORT_PT2_SYMBOLS_H

#include "base/status.h"
#include "import/json.h"

struct ic_pt2_symbols {
    struct ic_arena *arena;
    const struct ic_json *ranges; /* {"s17": {"min_val": 0, "max_val": null}} */
    struct ic_name_index index;
    struct ic_pt2_symbol {
        const char *name;
        int64_t value;
        bool bound;
        const char *input; /* whose axis bound it */
        int32_t axis;
    } * items;
    uint32_t n, cap;
};

/* What a size of the program is: a number, or a text over symbols. */
enum ic_pt2_size_kind { IC_PT2_SIZE_FIXED = 0, IC_PT2_SIZE_FREE, IC_PT2_SIZE_BAD };
/* v: {"as_int": 3} or {"as_expr": {"expr_str": ...}}. FIXED: *out_size; FREE: *out_text. */
enum ic_pt2_size_kind ic_pt2_size_of(const struct ic_json *v, int64_t *out_size, const char **out_text);
/* "s17", "2*s17": for people. */
const char *ic_pt2_size_text(struct ic_pt2_symbols *s, const char *expression);
/* Makes the expression equal to size: binds its symbol if that is free, else compares. *fits false: it cannot be (*out_wanted is what its bound
 * symbols make of it, or -1). */
enum ic_status ic_pt2_bind(struct ic_pt2_symbols *s, const char *expression, int64_t size, const char *input, int32_t axis,
                           bool *fits, int64_t *out_wanted, struct ic_diag *d) IC_MUST_USE;
/* *known false: a symbol of it is not bound. */
enum ic_status ic_pt2_size_value(struct ic_pt2_symbols *s, const char *expression, bool *known, int64_t *out,
                                 struct ic_diag *d) IC_MUST_USE;
/* Every bound symbol lies in its range. */
enum ic_status ic_pt2_check_ranges(const struct ic_pt2_symbols *s, struct ic_diag *d) IC_MUST_USE;

#endif
