/* SPDX-License-Identifier: Apache-2.0
 *
 * A place "qemu:CPU": the runner built for that CPU, under qemu's user emulation.
 */
#ifndef IC_CLI_QEMU_H
#define IC_CLI_QEMU_H

#include "cli/cli.h"

struct ic_qemu {
    char emulator[512];  /* path of qemu-arm, qemu-aarch64 or qemu-riscv64 */
    char runner[512];    /* examples/board/runner.c, built for the CPU */
    char cpu[32];        /* as qemu names it: "cortex-a7" */
    const char *sysroot; /* where the runner's C library is looked for */
};
/* place: "qemu:cortex-a7", "qemu:rv1109" ...; what is missing is said, with the command that brings it. */
enum ic_status ic_qemu_find(const char *place, struct ic_qemu *q, struct ic_diag *d) IC_MUST_USE;
/* Runs the model once: dense input buffers by p's tensors in, output buffers out. */
enum ic_status ic_qemu_run(const struct ic_qemu *q, const char *model_path, const struct ic_program *p, void *const *inputs,
                           void *const *outputs, struct ic_diag *d) IC_MUST_USE;

#endif
