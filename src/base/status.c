/* SPDX-License-Identifier: Apache-2.0 */
#include "base/status.h"

#include <stdio.h>
#include <string.h>

/* Cuts an incomplete UTF-8 sequence off the end. */
static void trim_partial_character(char *text)
{
    size_t n = strlen(text);
    size_t tail = 0;
    while (tail < n && tail < 4 && ((unsigned char)text[n - 1 - tail] & 0xC0u) == 0x80u)
        tail++;
    if (tail == n || tail == 4)
        return;
    const unsigned char lead = (unsigned char)text[n - 1 - tail];
    const size_t want = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (tail < want)
        text[n - 1 - tail] = '\0';
}

/* How many bytes of a UTF-8 character follow its first; 0 where none begins. */
static int bytes_behind(const unsigned char *c)
{
    const int n = *c >= 0xf0 && *c < 0xf8 ? 3 : *c >= 0xe0 && *c < 0xf0 ? 2 : *c >= 0xc2 && *c < 0xe0 ? 1 : 0;
    for (int i = 1; i <= n; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

void ic_tame_text(char *text, char keep)
{
    for (unsigned char *c = (unsigned char *)text; *c; c++) {
        const int n = bytes_behind(c);
        if (*c == 0xc2 && n == 1 && c[1] < 0xa0) /* U+0080 to U+009F: U+009B begins a command like ESC [ */
            *c = c[1] = '?';
        else if (n == 0 && ((*c < 0x20 && *c != (unsigned char)keep) || (*c >= 0x7f && *c < 0xa0)))
            *c = '?'; /* a byte of no character: in another encoding than UTF-8 it is a command as well */
        c += n;
    }
}

enum ic_status ic_cause_status(unsigned cause)
{
    return (enum ic_status)(cause < 100 ? cause : cause / 100);
}

unsigned ic_cause_code(unsigned cause)
{
    return cause < 100 ? cause * 100 : cause;
}

enum ic_status ic_fail(struct ic_diag *d, unsigned cause, const char *format, ...)
{
    const enum ic_status status = ic_cause_status(cause);
    if (d && d->status == IC_OK) {
        va_list args;
        va_start(args, format);
        const int n = vsnprintf(d->text, sizeof d->text, format, args);
        va_end(args);
        d->status = status;
        d->code = ic_cause_code(cause);
        if (n >= (int)sizeof d->text)
            trim_partial_character(d->text);
        ic_tame_text(d->text, '\n');
    }
    return status;
}

/* path as ic_fail shows it; false: longer than a message. */
static bool shown_path(const char *path, char room[IC_DIAG_TEXT_BYTES / 2])
{
    const size_t n = strlen(path);
    if (n == 0 || n >= IC_DIAG_TEXT_BYTES / 2)
        return false;
    memcpy(room, path, n + 1);
    ic_tame_text(room, '\n');
    return true;
}

bool ic_diag_names_file(const struct ic_diag *d, const char *path)
{
    char shown[IC_DIAG_TEXT_BYTES / 2];
    if (!d || !path || !shown_path(path, shown))
        return false;
    const size_t n = strlen(shown);
    for (const char *at = strstr(d->text, shown); at; at = strstr(at + 1, shown)) {
        const bool whole = at[n] == '\0' || strchr(" :;,.'\")", at[n]);
        if (whole && (at == d->text || strchr("'\"", at[-1])))
            return true;
        if (at != d->text && strchr(" (", at[-1]) && at[n] == ':') /* not as any word: a file may be called "is" */
            return true;
    }
    return false;
}

void ic_diag_name_file(struct ic_diag *d, const char *path)
{
    char shown[IC_DIAG_TEXT_BYTES / 2];
    if (!d || d->status == IC_OK || !path || ic_diag_names_file(d, path) || !shown_path(path, shown))
        return;
    const size_t n = strlen(shown), room = sizeof d->text;
    const size_t all = strlen(d->text) + 1, kept = all < room - n - 2 ? all : room - n - 2;
    memmove(d->text + n + 2, d->text, kept);
    memcpy(d->text, shown, n);
    memcpy(d->text + n, ": ", 2);
    d->text[room - 1] = '\0';
    if (kept < all)
        trim_partial_character(d->text);
}

void ic_diag_clear(struct ic_diag *d)
{
    if (!d)
        return;
    d->status = IC_OK;
    d->code = IC_E_NONE;
    d->text[0] = '\0';
}

void ic_say(const struct ic_diag *d, char level, const char *format, ...)
{
    if (!d || !d->log || !d->log->line)
        return;
    char text[1024];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n >= (int)sizeof text)
        trim_partial_character(text);
    ic_tame_text(text, '\0');
    d->log->line(d->log->user, level, text);
}

const char *ic_status_name(enum ic_status status)
{
    static const char *const names[] = {
        "IC_OK",           "IC_ERR_INTERNAL",    "IC_ERR_ARG",   "IC_ERR_MEMORY", "IC_ERR_IO",     "IC_ERR_MODEL",
        "IC_ERR_FORMAT",   "IC_ERR_UNSUPPORTED", "IC_ERR_LIMIT", "IC_ERR_VENDOR", "IC_ERR_TARGET", "IC_ERR_ABI",
        "IC_ERR_PORTABLE", "IC_ERR_CORRUPT",     "IC_ERR_STATE", "IC_ERR_DEVICE",
    };
    const unsigned i = (unsigned)status;
    return i < sizeof names / sizeof *names ? names[i] : "IC_ERR_?";
}
