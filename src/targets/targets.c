/* SPDX-License-Identifier: Apache-2.0
 *
 * targets.def as a table, and finding rows in it.
 */
#include "base/os.h"
#include "targets/target.h"

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

const char *ic_target_nearest(const char *name)
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
