/* SPDX-License-Identifier: Apache-2.0
 *
 * Weights that take the place of a model's own, by name: the same names and shapes, nothing left over and nothing missing.
 */
#ifndef IC_IMPORT_NEW_WEIGHTS_H
#define IC_IMPORT_NEW_WEIGHTS_H

#include "import/state_dict.h"

struct ic_new_weights {
    struct ic_state_dict dict;
    size_t n_missing, n_taken;
    char missing[400]; /* the first names */
};

enum ic_status ic_new_weights_open(const void *bytes, size_t size_bytes, const char *what, const struct ic_import_limits *limits,
                                   struct ic_arena *arena, struct ic_new_weights *out, struct ic_diag *d) IC_MUST_USE;
/* The model has a tensor of that name, torch type and shape: *out is what the new weights say instead. *found false: they say nothing; that
 * counts as missing unless optional. */
enum ic_status ic_new_weights_take(struct ic_new_weights *w, const char *name, int32_t dtype, int32_t rank, const int64_t *dims,
                                   bool optional, struct ic_ts_weight *out, bool *found, struct ic_diag *d) IC_MUST_USE;
/* Its elements in order as float32. */
void ic_new_weights_floats(const struct ic_ts_weight *w, float *to);
/* name is another name of a tensor that was taken already. */
void ic_new_weights_same(struct ic_new_weights *w, const char *name);
/* At the end of an import: refuses names that are missing or left over. */
enum ic_status ic_new_weights_check(const struct ic_new_weights *w, struct ic_diag *d) IC_MUST_USE;

#endif
