/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers in source text, independent of the locale.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_NUMBER_H
#define IC_IMPORT_TORCHSCRIPT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool ic_ts_read_int(const char *text, size_t length,
                    int64_t *out); /* false beyond 64 bits; 2^63 gives INT64_MIN (its minus stands apart) */
/* Decimal with up to 17 significant digits, correctly rounded like strtod in the C locale. */
bool ic_ts_read_double(const char *text, size_t length, double *out);

#endif
