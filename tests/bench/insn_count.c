/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin for qemu-user that counts the guest's instructions and prints "instructions N" to stderr at the end:
 *
 *     cc -shared -fPIC insn_count.c -o insn_count.so && qemu-arm -plugin ./insn_count.so program
 *
 * The few prototypes of qemu's public plugin interface are declared here, since distributions ship no header for it. -DAPI_VERSION=2
 * for qemu 9 and later (the calls used here are the same).
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#ifndef API_VERSION
#define API_VERSION 1
#endif

struct qemu_plugin_tb;
struct qemu_info;
typedef uint64_t plugin_id;

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*translated)(plugin_id id, struct qemu_plugin_tb *block));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, void (*run)(unsigned vcpu, void *user), int flags,
                                          void *user);
void qemu_plugin_register_atexit_cb(plugin_id id, void (*at_exit)(plugin_id id, void *user), void *user);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);

extern const int qemu_plugin_version;
const int qemu_plugin_version = API_VERSION;
int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int argc, char **argv);

static atomic_uint_fast64_t n_instructions;

static void count(unsigned vcpu, void *user)
{
    (void)vcpu;
    atomic_fetch_add_explicit(&n_instructions, (uintptr_t)user, memory_order_relaxed);
}

static void translated(plugin_id id, struct qemu_plugin_tb *block)
{
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_cb(block, count, 0 /* registers are not read */,
                                         (void *)(uintptr_t)qemu_plugin_tb_n_insns(block));
}

static void report(plugin_id id, void *user)
{
    (void)id;
    (void)user;
    fprintf(stderr, "instructions %" PRIuFAST64 "\n", atomic_load(&n_instructions));
}

int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int argc, char **argv)
{
    (void)info;
    (void)argc;
    (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, report, NULL);
    return 0;
}
