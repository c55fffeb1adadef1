/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>

void ic_cli_printf(const char *format, ...)
{
    char room[1024];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(room, sizeof room, format, args);
    va_end(args);
    char *longer = n >= (int)sizeof room ? ic_malloc((size_t)n + 1) : NULL;
    if (longer) {
        va_start(args, format);
        (void)vsnprintf(longer, (size_t)n + 1, format, args);
        va_end(args);
    }
    char *text = longer ? longer : room; /* without memory: its beginning */
    ic_tame_text(text, '\n');
    fputs(text, stdout);
    ic_free(longer);
}
