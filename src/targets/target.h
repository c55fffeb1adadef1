/* SPDX-License-Identifier: Apache-2.0
 *
 * What the compiler knows of a chip: data rows in targets.def, and per family (folder) a back end of eight calls.
 */
#ifndef IC_TARGETS_TARGET_H
#define IC_TARGETS_TARGET_H

#include "program/program.h"

struct ic_backend;
struct ic_target {
    const char *name;   /* "rv1109" */
    const char *family; /* "cpu" */
    const char *cpu;    /* "Cortex-A7" */
    const char *isa;    /* "armv7" "aarch64" "x86" "riscv" "generic" */
    uint32_t cpu_flags; /* IC_CPU_... the program may rely on */
    int32_t cores;
    const char *note; /* "its NPU is not used yet" or "" */
    const struct ic_backend *backend;
};
const struct ic_target *ic_target_find(const char *name); /* case-insensitive; NULL when unknown */
const struct ic_target *ic_target_at(size_t i);           /* NULL past the end; "generic" first */
/* The row whose packings suit the machine that this code was compiled for ("x86-64", "cortex-a7" ...). Never NULL. */
const struct ic_target *ic_target_host(void);
/* As ic_target_find, but an unknown name is IC_E_TARGET_UNKNOWN: what says where it was given ("--target"); the sentence names the target for
 * chips that have none of their own, else the nearest, and all of them. */
enum ic_status ic_target_want(const char *what, const char *name, const struct ic_target **out, struct ic_diag *d) IC_MUST_USE;

/* The boundary to a back end. The CPU family implements all eight; nothing outside a family's folder names it. */
struct ic_backend {
    /* 1. May this step run there? reason gets one sentence when not. */
    bool (*query)(const struct ic_target *t, const struct ic_step *s, const struct ic_tensor *tensors, const char **reason);
    /* 2. IC_PROFILE_... */
    uint32_t (*profile)(const struct ic_target *t);
    /* 3. Target-specific choice of step variants that cannot change a bit: packing block sizes into the step. */
    void (*lower)(const struct ic_target *t, struct ic_step *s, const struct ic_tensor *tensors);
    /* 4. Weights of step s to the packing that its fields name, and back. */
    enum ic_status (*pack)(const struct ic_step *s, const struct ic_tensor *tensors, const void *plain, struct ic_writer *out,
                           struct ic_diag *d);
    enum ic_status (*unpack)(const struct ic_step *s, const struct ic_tensor *tensors, const void *packed, size_t packed_bytes,
                             void *plain, struct ic_diag *d);
    /* 5. Command words, for families that have them (the CPU's words are the encoded program itself). */
    enum ic_status (*emit)(const struct ic_target *t, const struct ic_program *p, struct ic_writer *out, struct ic_diag *d);
    /* 6. Estimated cost of a step. */
    void (*cost)(const struct ic_target *t, const struct ic_step *s, const struct ic_tensor *tensors, uint64_t *out_macs,
                 uint64_t *out_bytes);
    /* 7. Which simulator runs it: "sim" for programs. */
    const char *(*simulator)(const struct ic_target *t);
    /* 8. Runtime glue: features a runtime must have. */
    uint32_t (*needs)(const struct ic_target *t, const struct ic_program *p);
};

#endif
