/* SPDX-License-Identifier: Apache-2.0
 *
 * Results of a verb as JSON.
 */
#include "cli/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* JSON lets DEL and U+0080 to U+009F stand in strings as they are, and a terminal takes some for commands. Outside strings there are none. */
static void put_escaped(const char *text)
{
    const unsigned char *at = (const unsigned char *)text, *from = at;
    for (; *at; at++) {
        const bool c1 = *at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0;
        if (!c1 && *at != 0x7f)
            continue;
        fwrite(from, 1, (size_t)(at - from), stdout);
        at += c1;
        printf("\\u%04x", *at);
        from = at + 1;
    }
    fwrite(from, 1, (size_t)(at - from), stdout);
}

enum ic_status ic_cli_print_json(json_t *object, struct ic_diag *d)
{
    if (!object)
        return ic_fail(d, IC_ERR_MEMORY, "--json: a name is not UTF-8, or there is no memory for the results");
    char *text = json_dumps(object, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    json_decref(object);
    if (!text)
        return ic_fail(d, IC_ERR_MEMORY, "--json: a name is not UTF-8, or there is no memory for the results");
    put_escaped(text);
    free(text);
    putchar('\n');
    return IC_OK; /* main sees whether standard output took it */
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

const char *ic_cli_command(const json_t *description)
{
    const char *command = json_string_value(json_object_get(description, "command"));
    const char *options = json_string_value(json_object_get(description, "options"));
    const char *found = command ? command : options;
    return found && strncmp(found, "inchip convert ", 15) == 0 ? found : NULL;
}
