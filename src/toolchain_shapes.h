/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IC_TOOLCHAIN_SHAPES_H
#define IC_TOOLCHAIN_SHAPES_H

#include "import/import.h"

/* Adds to d, where it is a failure of shapes, the shapes that were given and those that the model's weights want. */
void ic_network_name_shapes(const void *bytes, size_t size_bytes, const char *path, const struct ic_import_options *o,
                            struct ic_diag *d);

/* Shapes that no tensor can have are refused before anything is made of them. */
enum ic_status ic_network_check_sizes(const struct ic_import_options *o, struct ic_diag *d) IC_MUST_USE;

#endif
