/* SPDX-License-Identifier: Apache-2.0 */
#include "import/torchscript/number.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

bool ic_ts_read_int(const char *text, size_t length, int64_t *out)
{
    uint64_t v = 0;
    if (length == 0 || length > 20)
        return false;
    for (size_t i = 0; i < length; ++i) {
        const uint64_t digit = (uint64_t)(text[i] - '0');
        if (digit > 9 || v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    if (v > (uint64_t)INT64_MAX + 1)
        return false;
    *out = (int64_t)v;
    return true;
}

bool ic_ts_read_double(const char *text, size_t length, double *out)
{
    char room[64]; /* the writer prints 17 digits: longer ones are not its own */
    if (length == 0 || length >= sizeof room)
        return false;
    memcpy(room, text, length);
    room[length] = 0;
    const char point = *localeconv()->decimal_point; /* strtod reads the program's locale, the file is always in C's */
    char *dot = strchr(room, '.');
    if (dot)
        *dot = point;
    char *end = NULL;
    *out = strtod(room, &end);
    return end == room + length;
}
