/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a model under qemu's user emulation: buffers go through files of a temporary folder.
 */
#define _POSIX_C_SOURCE 200809L
#include "cli/qemu.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct machine {
    const char *isa, *emulator, *build, *sysroot, *package;
    int elf; /* e_machine */
} machines[] = {
    {"armv7", "qemu-arm", "armhf", "/usr/arm-linux-gnueabihf", "armhf", 40},
    {"aarch64", "qemu-aarch64", "aarch64", "/usr/aarch64-linux-gnu", "aarch64", 183},
    {"riscv", "qemu-riscv64", "riscv64", "/usr/riscv64-linux-gnu", "riscv64", 243},
};

static const struct machine *find_machine(const char *isa)
{
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
        if (strcmp(machines[i].isa, isa) == 0)
            return &machines[i];
    return NULL;
}

/* The program called name in a folder of PATH; false when there is none. */
static bool find_in_path(const char *name, char *out, size_t capacity_bytes)
{
    const char *folders = getenv("PATH");
    for (const char *at = folders ? folders : "/usr/bin:/bin"; *at;) {
        const size_t n = strcspn(at, ":");
        if (n > 0 && (size_t)snprintf(out, capacity_bytes, "%.*s/%s", (int)n, at, name) < capacity_bytes && access(out, X_OK) == 0)
            return true;
        at += n + (at[n] == ':');
    }
    return false;
}

/* INCHIP_RUNNER, or where the builds of this project and its packages put it, seen from this program. */
static bool find_runner(const struct machine *m, char *out, size_t capacity_bytes)
{
    const char *named = getenv("INCHIP_RUNNER");
    if (named && *named)
        return (size_t)snprintf(out, capacity_bytes, "%s", named) < capacity_bytes && access(out, R_OK) == 0;
    char self[400];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        return false;
    self[n] = '\0';
    char *slash = strrchr(self, '/');
    if (!slash)
        return false;
    *slash = '\0'; /* the folder bin */
    snprintf(out, capacity_bytes, "%s/../../%s/examples/runner", self, m->build);
    if (access(out, R_OK) == 0)
        return true;
    snprintf(out, capacity_bytes, "%s/../libexec/inchip/runner-%s", self, m->build);
    return access(out, R_OK) == 0;
}

/* Whether the file is a program for that machine: the emulator would refuse another, some without a word. */
static bool is_program_for(const struct machine *m, const char *path)
{
    uint8_t head[20] = {0};
    FILE *f = fopen(path, "rb");
    const size_t n = f ? fread(head, 1, sizeof head, f) : 0;
    if (f)
        fclose(f);
    return n == sizeof head && memcmp(head, "\177ELF", 4) == 0 && (head[18] | head[19] << 8) == m->elf;
}

static enum ic_status no_runner(const char *place, const struct machine *m, const char *named, struct ic_diag *d)
{
    if (named && *named)
        return ic_fail(d, IC_E_NOT_INSTALLED, "--on %s: INCHIP_RUNNER names %s, which is no program for %s that can be read", place,
                       named, m->build);
    return ic_fail(d, IC_E_NOT_INSTALLED,
                   "--on %s: the runner for %s is not built: cmake --preset %s && cmake --build --preset %s in inchip's sources, "
                   "or name it in INCHIP_RUNNER",
                   place, m->build, m->build, m->build);
}

enum ic_status ic_qemu_find(const char *place, struct ic_qemu *q, struct ic_diag *d)
{
    *q = (struct ic_qemu){0};
    const struct ic_target *t = strncmp(place, "qemu:", 5) == 0 ? ic_target_find(place + 5) : NULL;
    const struct machine *m = t ? find_machine(t->isa) : NULL;
    if (!m)
        return ic_fail(d, IC_E_OPTION_VALUE, "--on %s: qemu runs for cortex-a7, rv1109, rv1126, cortex-a53, cortex-a76 and riscv64",
                       place);
    if (!find_in_path(m->emulator, q->emulator, sizeof q->emulator))
        return ic_fail(d, IC_E_NOT_INSTALLED, "--on %s: %s is not in the folders of PATH: apt install qemu-user", place,
                       m->emulator);
    if (!find_runner(m, q->runner, sizeof q->runner) || !is_program_for(m, q->runner))
        return no_runner(place, m, getenv("INCHIP_RUNNER"), d);
    snprintf(q->cpu, sizeof q->cpu, "%s", strcmp(t->isa, "riscv") == 0 ? "rv64" : t->cpu);
    for (char *c = q->cpu; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    q->sysroot = m->sysroot;
    return IC_OK;
}

/* FOLDER/in0, FOLDER/out2 ... */
static void file_name(char *out, size_t capacity_bytes, const char *folder, const char *what, uint32_t i)
{
    snprintf(out, capacity_bytes, "%s/%s%u", folder, what, (unsigned)i);
}

static enum ic_status write_inputs(const char *folder, const struct ic_program *p, void *const *inputs, struct ic_diag *d)
{
    char path[600];
    for (uint32_t i = 0; i < p->n_inputs; i++) {
        file_name(path, sizeof path, folder, "in", i);
        const struct ic_span part = {inputs[i], (size_t)p->tensors[p->inputs[i].tensor].size_bytes};
        IC_TRY(ic_file_write_atomic(path, &part, 1, d));
    }
    return IC_OK;
}

static enum ic_status read_outputs(const char *folder, const struct ic_program *p, void *const *outputs, struct ic_diag *d)
{
    char path[600];
    for (uint32_t i = 0; i < p->n_outputs; i++) {
        file_name(path, sizeof path, folder, "out", i);
        struct ic_file_map map = {0};
        IC_TRY(ic_file_map_open(path, &map, d));
        const size_t want = (size_t)p->tensors[p->outputs[i].tensor].size_bytes;
        const bool fits = map.size_bytes == want;
        if (fits)
            memcpy(outputs[i], map.bytes, want);
        const size_t found = map.size_bytes;
        ic_file_map_close(&map);
        if (!fits)
            return ic_fail(d, IC_E_EMULATOR, "the emulated runner wrote %zu byte%s for output %u, %zu are wanted", found,
                           IC_S(found), (unsigned)i, want);
    }
    return IC_OK;
}

/* Its exit code; the runner says on stderr what was wrong. */
static enum ic_status execute(const struct ic_qemu *q, const char *model_path, const char *folder, struct ic_diag *d)
{
    fflush(stdout);
    fflush(stderr);
    const pid_t child = fork();
    if (child < 0)
        return ic_fail(d, IC_E_EMULATOR, "no process for %s: %s", q->emulator, strerror(errno));
    if (child == 0) {
        execl(q->emulator, q->emulator, "-cpu", q->cpu, "-L", q->sysroot, q->runner, model_path, folder, (char *)NULL);
        _exit(127);
    }
    int code = 0;
    while (waitpid(child, &code, 0) < 0)
        if (errno != EINTR)
            return ic_fail(d, IC_E_EMULATOR, "%s was lost: %s", q->emulator, strerror(errno));
    if (WIFEXITED(code) && WEXITSTATUS(code) == 0)
        return IC_OK;
    if (WIFSIGNALED(code))
        return ic_fail(d, IC_E_EMULATOR, "the emulated runner (%s, -cpu %s) died of signal %d", q->emulator, q->cpu,
                       WTERMSIG(code));
    return ic_fail(d, IC_E_EMULATOR, "the emulated runner (%s, -cpu %s) ended with code %d: it said why above", q->emulator, q->cpu,
                   WEXITSTATUS(code));
}

static void remove_folder(const char *folder, const struct ic_program *p)
{
    char path[600];
    for (uint32_t i = 0; i < p->n_inputs; i++) {
        file_name(path, sizeof path, folder, "in", i);
        unlink(path);
    }
    for (uint32_t i = 0; i < p->n_outputs; i++) {
        file_name(path, sizeof path, folder, "out", i);
        unlink(path);
    }
    rmdir(folder);
}

enum ic_status ic_qemu_run(const struct ic_qemu *q, const char *model_path, const struct ic_program *p, void *const *inputs,
                           void *const *outputs, struct ic_diag *d)
{
    const char *parent = getenv("TMPDIR");
    char folder[512];
    const int n = snprintf(folder, sizeof folder, "%s/inchip-XXXXXX", parent && *parent ? parent : "/tmp");
    if (n < 0 || (size_t)n >= sizeof folder || !mkdtemp(folder))
        return ic_fail(d, IC_E_WRITE, "%s: no temporary folder can be made there for the emulated run: %s",
                       parent && *parent ? parent : "/tmp", strerror(errno));
    enum ic_status status = write_inputs(folder, p, inputs, d);
    if (status == IC_OK)
        status = execute(q, model_path, folder, d);
    if (status == IC_OK)
        status = read_outputs(folder, p, outputs, d);
    remove_folder(folder, p);
    return status;
}
