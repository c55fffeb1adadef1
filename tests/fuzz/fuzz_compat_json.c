/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON: any bytes are a value or refused, and what was read is written and read again to the same text. */
#include "compat/jansson.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_error_t error;
    json_t *o = json_loadb((const char *)data, size, JSON_DISABLE_EOF_CHECK, &error);
    if (!o) {
        if (!error.text[0])
            abort();
        return 0;
    }
    char *text = json_dumps(o, JSON_COMPACT);
    json_t *again = text ? json_loadb(text, strlen(text), 0, NULL) : NULL;
    char *same = json_dumps(again, JSON_COMPACT);
    if (!same || strcmp(text, same) != 0)
        abort();
    json_decref(o);
    json_decref(again);
    free(text);
    free(same);
    return 0;
}
