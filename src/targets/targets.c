/* SPDX-License-Identifier: Apache-2.0
 *
 * targets.def as a table, and finding rows in it.
 */
#include "base/os.h"
#include "targets/target.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

extern const struct ic_backend ic_backend_cpu;

static const struct ic_target rows[] = {
#define TARGET(NAME, FAMILY, CPU, ISA, FLAGS, CORES, NOTE)                                                                         \
    {.name = NAME,                                                                                                                 \
     .family = #FAMILY,                                                                                                            \
     .cpu = CPU,                                                                                                                   \
     .isa = ISA,                                                                                                                   \
     .cpu_flags = FLAGS,                                                                                                           \
     .cores = CORES,                                                                                                               \
     .note = NOTE,                                                                                                                 \
     .backend = &ic_backend_##FAMILY},
#include "targets/targets.def"
#undef TARGET
};
enum { N_ROWS = sizeof rows / sizeof *rows };

const struct ic_target *ic_target_at(size_t i)
{
    return i < N_ROWS ? &rows[i] : NULL;
}

const struct ic_target *ic_target_find(const char *name)
{
    for (size_t i = 0; i < N_ROWS; i++)
        if (strcasecmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

const struct ic_target *ic_target_host(void)
{
#if defined(__x86_64__)
    return ic_target_find("x86-64");
#elif defined(__aarch64__)
    return ic_target_find("cortex-a53");
#elif defined(__arm__)
    return ic_target_find("cortex-a7");
#elif defined(__riscv)
    return ic_target_find("riscv64");
#else
    return &rows[0];
#endif
}

/* Letters that two names share at their start, then anywhere: enough to catch a slip. */
static size_t likeness(const char *a, const char *b)
{
    size_t same = 0;
    while (a[same] && b[same] && (a[same] | 32) == (b[same] | 32))
        same++;
    size_t shared = 0;
    for (const char *p = a; *p; p++)
        shared += strchr(b, *p | 32) != NULL || strchr(b, *p) != NULL;
    return same * 4 + shared;
}

static const char *nearest(const char *name)
{
    const char *best = NULL;
    size_t most = strlen(name) / 2 + 4;
    for (size_t i = 0; i < N_ROWS; i++)
        if (likeness(name, rows[i].name) > most) {
            most = likeness(name, rows[i].name);
            best = rows[i].name;
        }
    return best;
}

/* Chips and architectures that people name, by the target that suits their cores. */
static const char *stands_for(const char *name)
{
    static const char *const names[][2] = {
        {"rk3588", "cortex-a76"}, {"rk3588s", "cortex-a76"},    {"rk3566", "cortex-a76"},     {"rk3568", "cortex-a76"},
        {"rk3562", "cortex-a53"}, {"rk3576", "cortex-a53"},     {"rk3399", "cortex-a53"},     {"rk3399pro", "cortex-a53"},
        {"rk3328", "cortex-a53"}, {"rk3326", "cortex-a53"},     {"rk1808", "cortex-a53"},     {"rv1103", "cortex-a7"},
        {"rv1106", "cortex-a7"},  {"cortex-a55", "cortex-a76"}, {"cortex-a72", "cortex-a53"}, {"aarch64", "cortex-a53"},
        {"arm64", "cortex-a53"},  {"armv7", "cortex-a7"},       {"armhf", "cortex-a7"},       {"amd64", "x86-64"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(names[i][0], name) == 0)
            return names[i][1];
    return NULL;
}

enum ic_status ic_target_want(const char *what, const char *name, const struct ic_target **out, struct ic_diag *d)
{
    char known[200] = "";
    if ((*out = ic_target_find(name)))
        return IC_OK;
    for (size_t i = 0, at = 0; i < N_ROWS && at < sizeof known; i++)
        at += (size_t)snprintf(known + at, sizeof known - at, "%s%s", i ? ", " : "", rows[i].name);
    const char *same = stands_for(name), *near = same ? same : nearest(name);
    return ic_fail(d, IC_E_TARGET_UNKNOWN, "%s %s: unknown chip%s%s%s (known: %s)", what, name,
                   same   ? "; for its cores take '"
                   : near ? "; did you mean '"
                          : "",
                   near ? near : "",
                   same   ? "'"
                   : near ? "'?"
                          : "",
                   known);
}
