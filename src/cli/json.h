/* SPDX-License-Identifier: Apache-2.0
 *
 * Results of a verb as JSON (--json): one object on stdout.
 */
#ifndef IC_CLI_JSON_H
#define IC_CLI_JSON_H

#include "cli/cli.h"
#include "toolchain_json.h"

#include <jansson.h>

/* Prints object (NULL: there was no memory for it) and gives it up. */
enum ic_status ic_cli_print_json(json_t *object, struct ic_diag *d) IC_MUST_USE;
/* JSON has no NaN and no infinities: they become the texts "NaN", "Infinity" and "-Infinity". Floats are given with 9 digits: exact. */
json_t *ic_cli_json_number(double x);
json_t *ic_cli_json_numbers(const float *values, size_t n);
json_t *ic_cli_json_dims(uint32_t rank, const int32_t *dims);
/* The command that made a model file, by its description; lent by it. NULL: it holds none. */
const char *ic_cli_command(const json_t *description);

#endif
