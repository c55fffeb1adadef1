/* SPDX-License-Identifier: Apache-2.0
 *
 * DEFLATE and zlib streams: any bytes are unpacked or refused, within the room given, and the same way into more room. */
#include "base/inflate.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *large = malloc(ROOM);
    size_t produced = 0, again = 0, used = 0;
    if (!large)
        return 0;
    if (ic_inflate(data, size, large, ROOM, &produced, &used, NULL) == IC_OK) {
        uint8_t *exact = malloc(produced ? produced : 1); /* a sanitizer sees the first byte too many */
        if (used > size || !exact || ic_inflate(data, used, exact, produced, &again, NULL, NULL) != IC_OK || again != produced ||
            memcmp(large, exact, produced) != 0)
            abort();
        if (produced && ic_inflate(data, used, exact, produced - 1, &again, NULL, NULL) != IC_ERR_LIMIT)
            abort();
        free(exact);
    }
    if (ic_inflate_zlib(data, size, large, ROOM, &produced, NULL) == IC_OK && produced > ROOM)
        abort();
    free(large);
    return 0;
}
