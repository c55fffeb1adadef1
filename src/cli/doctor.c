/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip doctor: this machine and this inchip in a dozen lines, to paste into a report. Names no user, no host and no file of theirs.
 */
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/qemu.h"

#include "base/os.h"
#include "inchip/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

struct doctor_options {
    bool json;
};

/* One line of the report. */
static void put(json_t *report, const char *what, const char *found)
{
    json_object_set_new(report, what, json_string(found));
}

/* The value of the first "key : value" line of a text file, or "" */
static void file_value(const char *path, const char *key, char separator, char *out, size_t capacity_bytes)
{
    char line[256];
    FILE *f = fopen(path, "r");
    *out = '\0';
    while (f && !*out && fgets(line, sizeof line, f)) {
        const char *at = strchr(line, separator);
        if (strncmp(line, key, strlen(key)) != 0 || !at)
            continue;
        at += 1 + strspn(at + 1, " \t\"");
        snprintf(out, capacity_bytes, "%.*s", (int)strcspn(at, "\"\n"), at);
    }
    if (f)
        fclose(f);
}

static void put_cpu(json_t *report)
{
    static const struct {
        uint32_t flag;
        const char *name;
    } names[] = {{IC_CPU_AVX2_FMA_F16C, "avx2+fma+f16c"},
                 {IC_CPU_AVX512, "avx512"},
                 {IC_CPU_AVX512_VNNI, "avx512-vnni"},
                 {IC_CPU_AVX_VNNI, "avx-vnni"},
                 {IC_CPU_AVX512_VBMI, "avx512-vbmi"},
                 {IC_CPU_NEON_VFPV4, "neon-vfpv4"},
                 {IC_CPU_ASIMD, "asimd"},
                 {IC_CPU_DOTPROD, "dotprod"},
                 {IC_CPU_I8MM, "i8mm"},
                 {IC_CPU_RVV, "rvv"}};
    char text[256] = "";
    const uint32_t flags = ic_os_cpu_flags();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (flags & names[i].flag) {
            const size_t at = strlen(text);
            snprintf(text + at, sizeof text - at, "%s%s", at ? " " : "", names[i].name);
        }
    put(report, "cpu features used", *text ? text : "none");
    file_value("/proc/cpuinfo", "model name", ':', text, sizeof text);
    put(report, "cpu", *text ? text : "not named by the system");
    snprintf(text, sizeof text, "%d", ic_os_cores());
    put(report, "cores usable", text);
    put(report, "compiled in memory for", ic_target_host()->name);
}

static void put_system(json_t *report)
{
    struct utsname system;
    char text[512], name[160];
    file_value("/etc/os-release", "PRETTY_NAME", '=', name, sizeof name);
    if (uname(&system) == 0) {
        snprintf(text, sizeof text, "%s %s, %s, %d-bit%s%s", system.sysname, system.release, system.machine,
                 (int)(sizeof(void *) * 8), *name ? ", " : "", name);
        put(report, "system", text);
    }
#ifdef _CS_GNU_LIBC_VERSION
    if (confstr(_CS_GNU_LIBC_VERSION, text, sizeof text) > 0)
        put(report, "c library", text);
#endif
    file_value("/proc/meminfo", "MemAvailable", ':', text, sizeof text);
    if (*text)
        put(report, "memory available", text);
}

static void put_environment(json_t *report)
{
    static const char *const names[] = {"INCHIP_THREADS", "INCHIP_CPU_MASK", "INCHIP_LIBRARY", "INCHIP_RUNNER", "LC_ALL", "LANG"};
    char text[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        /* Paths stay private: that one is set is what matters. */
        const bool is_path = strcmp(names[i], "INCHIP_LIBRARY") == 0 || strcmp(names[i], "INCHIP_RUNNER") == 0;
        snprintf(text, sizeof text, "%s", !value ? "not set" : is_path ? "set" : value);
        put(report, names[i], text);
    }
}

static void put_emulators(json_t *report)
{
    static const char *const places[] = {"qemu:cortex-a7", "qemu:cortex-a53", "qemu:riscv64"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct ic_qemu q;
        struct ic_diag inner = {0};
        put(report, places[i], ic_qemu_find(places[i], &q, &inner) == IC_OK ? "possible" : inner.text);
    }
}

/* Libraries that a build may do without (docs/release.md). */
static void put_libraries(json_t *report)
{
#ifdef IC_WITHOUT_JPEG
    put(report, "jpeg pictures", "not built in: build with libjpeg-dev, or save pictures as PNG");
#else
    put(report, "jpeg pictures", "built in");
#endif
#ifdef IC_HAVE_YAML
    put(report, "convert --config (yaml)", "built in");
#else
    put(report, "convert --config (yaml)", "not built in: build with libyaml-dev, or give the options as flags");
#endif
}

static json_t *examine(void)
{
    json_t *report = json_object();
    char text[128];
    put(report, "inchip", INCHIP_VERSION_TEXT);
    snprintf(text, sizeof text, "container version %d", IC_CONTAINER_VERSION);
    put(report, "model files", text);
#if defined(__clang__)
    put(report, "built with", __VERSION__); /* begins with its name */
#elif defined(__VERSION__)
    put(report, "built with", "gcc " __VERSION__);
#endif
    put_libraries(report);
    put_system(report);
    put_cpu(report);
    put_environment(report);
    put_emulators(report);
    return report;
}

int ic_verb_doctor(int argc, char **argv, bool help, struct ic_diag *d)
{
    struct doctor_options o = {0};
    const struct ic_arg args[] = {{"--json", NULL, IC_ARG_FLAG, &o.json, NULL, "print the report as JSON"}, {0}};
    if (help) {
        ic_cli_print_options(args);
        return IC_EXIT_OK;
    }
    const char *none = NULL;
    int n = 0;
    if (ic_cli_parse(argc, argv, args, &none, 0, &n, d) != IC_OK)
        return IC_EXIT_ERROR;
    json_t *report = examine();
    if (o.json)
        return ic_cli_print_json(report, d) == IC_OK ? IC_EXIT_OK : IC_EXIT_ERROR;
    const char *what = NULL;
    json_t *found = NULL;
    json_object_foreach(report, what, found) printf("%-24s %s\n", what, json_string_value(found));
    json_decref(report);
    return IC_EXIT_OK;
}
