/* SPDX-License-Identifier: Apache-2.0
 *
 * Status codes and diagnostics: every function that can fail returns enum ic_status and explains itself once, where the
 * fact is known, in struct ic_diag (what, where, found, wanted, what to do).
 */
#ifndef IC_BASE_STATUS_H
#define IC_BASE_STATUS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define IC_MUST_USE __attribute__((warn_unused_result))
#define IC_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define IC_MUST_USE
#define IC_PRINTF(fmt, args)
#endif

/* The end of a noun behind its number, for a %s: one or many; mostly "" and "s". n is evaluated once more. */
#define IC_N(n, one, many) ((n) == 1 ? (one) : (many))
#define IC_S(n) IC_N(n, "", "s")

/* Numbers are public (inchip/status.h repeats them; src/toolchain.c asserts that they agree): append only. */
enum ic_status {
    IC_OK = 0,
    IC_ERR_INTERNAL = 1,    /* a defect of ours */
    IC_ERR_ARG = 2,         /* the caller's argument */
    IC_ERR_MEMORY = 3,      /* allocation refused */
    IC_ERR_IO = 4,          /* file cannot be read or written */
    IC_ERR_MODEL = 5,       /* a damaged or contradictory model file */
    IC_ERR_FORMAT = 6,      /* a sound file of another kind than the one needed */
    IC_ERR_UNSUPPORTED = 7, /* sound, understood, but not supported: named */
    IC_ERR_LIMIT = 8,       /* larger or deeper than the limits allow */
    IC_ERR_VENDOR = 9,      /* a vendor's compiled file (which generation: in the message) */
    IC_ERR_TARGET = 10,     /* compiled for another chip */
    IC_ERR_ABI = 11,        /* needs a newer runtime, or a CPU feature that is absent */
    IC_ERR_PORTABLE = 12,   /* a portable file on a runtime that runs compiled files only */
    IC_ERR_CORRUPT = 13,    /* a container of ours whose checksum or structure is wrong */
    IC_ERR_STATE = 14,      /* called in the wrong order */
    IC_ERR_DEVICE = 15      /* the device failed */
};

/* What a message is about, finer than its status: IC_E_..., status * 100 + n, shown to users as IC-E0123. codes.def is the list. */
enum ic_code {
    IC_E_NONE = 0,
#define CODE(status, n, name, title, cause, fix) IC_E_##name = IC_ERR_##status * 100 + (n),
#include "base/codes.def"
#undef CODE
};
#define IC_CODE_FORMAT "IC-E%04u"

/* Where lines for people go. level is one of 'E' 'W' 'I' 'D'; text has no newline. Set by the caller, lent. */
struct ic_log {
    void (*line)(void *user, char level, const char *text);
    void *user;
};

#define IC_DIAG_TEXT_BYTES 4096

/* Filled by the function that fails. Zero-initialise; log may be NULL (then W and I lines are dropped). */
struct ic_diag {
    enum ic_status status;
    unsigned code; /* enum ic_code; 0 while status is IC_OK */
    const struct ic_log *log;
    char text[IC_DIAG_TEXT_BYTES];
};

/* Writes the message (truncated to fit, at a character boundary) and returns the status. d may be NULL.
 * cause: an enum ic_code where one fits, else an enum ic_status, which stands for that status's code 0.
 * A second failure on the way out does not overwrite the first. */
enum ic_status ic_fail(struct ic_diag *d, unsigned cause, const char *format, ...) IC_PRINTF(3, 4);

/* The status of a cause of ic_fail, and its code. */
enum ic_status ic_cause_status(unsigned cause);
unsigned ic_cause_code(unsigned cause);

/* Control characters become '?', but for keep ('\0': all do). Names from files and command lines may hold anything: a terminal must not obey
 * it, a log must stay one line a message. */
void ic_tame_text(char *text, char keep);

/* Whether d's sentence names that file already: as a word of its own. */
bool ic_diag_names_file(const struct ic_diag *d, const char *path);
/* Puts "PATH: " before d's sentence, unless it names that file already: readers of bytes do not know where they come from. */
void ic_diag_name_file(struct ic_diag *d, const char *path);

/* Forgets a failure that the caller has dealt with; keeps the log. */
void ic_diag_clear(struct ic_diag *d);

/* One line to d->log. level 'W' 'I' 'D'. */
void ic_say(const struct ic_diag *d, char level, const char *format, ...) IC_PRINTF(3, 4);

/* "IC_ERR_MODEL" etc.; "IC_ERR_?" for an unknown number. */
const char *ic_status_name(enum ic_status status);

#define IC_TRY(call)                                                                                                               \
    do {                                                                                                                           \
        const enum ic_status ic_try_status_ = (call);                                                                              \
        if (ic_try_status_ != IC_OK)                                                                                               \
            return ic_try_status_;                                                                                                 \
    } while (0)

#endif
