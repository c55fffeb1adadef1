/* SPDX-License-Identifier: Apache-2.0
 *
 * Results of a verb as JSON.
 */
#include "cli/json.h"

#include <math.h>
#include <stdio.h>

enum ic_status ic_cli_print_json(json_t *object, struct ic_diag *d)
{
    if (!object)
        return ic_fail(d, IC_ERR_MEMORY, "--json: a name is not UTF-8, or there is no memory for the results");
    const int failed = json_dumpf(object, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    json_decref(object);
    printf("\n");
    return failed ? ic_fail(d, IC_E_STDOUT, "--json: standard output cannot be written, or a name is not UTF-8") : IC_OK;
}

json_t *ic_cli_json_number(double x)
{
    return isnan(x) ? json_string("NaN") : isinf(x) ? json_string(x > 0 ? "Infinity" : "-Infinity") : json_real(x);
}

json_t *ic_cli_json_numbers(const float *values, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, ic_cli_json_number((double)values[i]));
    return array;
}

json_t *ic_cli_json_dims(uint32_t rank, const int32_t *dims)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < rank; i++)
        json_array_append_new(array, json_integer(dims[i]));
    return array;
}
