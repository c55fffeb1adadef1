/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens a container, takes its compiled program (or has a portable graph prepared, when the full runtime is linked), finds kernels, binds
 * buffers, runs. Allocates only while loading.
 */
#ifndef IC_RUNTIME_SESSION_H
#define IC_RUNTIME_SESSION_H

#include "base/pool.h"
#include "container/container.h"
#include "kernels/kernel.h"

/* A loaded model: owns its mapping or its own copy; several sessions may share it read-only. */
struct ic_model;
struct ic_session;

/* How a portable graph becomes a program on the device. Set at link time: the full runtime defines it (src/toolchain_prepare.c), the mini
 * runtime leaves it NULL. out_consts is owned by the caller. */
typedef enum ic_status ic_prepare_fn(const struct ic_container *c, struct ic_program *out_p, struct ic_writer *out_consts,
                                     struct ic_diag *d);
extern ic_prepare_fn *const ic_runtime_prepare;

enum ic_status ic_model_open_file(const char *path, struct ic_model **out_m, struct ic_diag *d) IC_MUST_USE;
/* copy false: bytes must outlive the model and be 64-byte aligned for use in place (else copied with an I line). */
enum ic_status ic_model_open_memory(const void *bytes, size_t size_bytes, bool copy, struct ic_model **out_m,
                                    struct ic_diag *d) IC_MUST_USE;
/* For compilers and executors on the host: keeps p and its constants (lent). */
enum ic_status ic_model_from_program(const struct ic_program *p, struct ic_model **out_m, struct ic_diag *d) IC_MUST_USE;
void ic_model_close(struct ic_model *m); /* after its sessions */
const struct ic_program *ic_model_program(const struct ic_model *m);
uint64_t ic_model_memory_bytes(const struct ic_model *m); /* not the mapping of a file */
bool ic_model_was_portable(const struct ic_model *m);

enum { IC_SESSION_MAX_THREADS = 64 };
/* n_threads: 1 to IC_SESSION_MAX_THREADS, or 0: of the environment, or as many as there are cores. */
enum ic_status ic_session_create(struct ic_model *m, int n_threads, struct ic_session **out_s, struct ic_diag *d) IC_MUST_USE;
void ic_session_destroy(struct ic_session *s);
/* buffer NULL goes back to the session's own. Must hold the tensor's size_bytes, 16-byte aligned. */
enum ic_status ic_session_bind_input(struct ic_session *s, uint32_t i, void *buffer, struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_session_bind_output(struct ic_session *s, uint32_t i, void *buffer, struct ic_diag *d) IC_MUST_USE;
void *ic_session_input(struct ic_session *s, uint32_t i);  /* where to write */
void *ic_session_output(struct ic_session *s, uint32_t i); /* where to read after run */
/* IC_ERR_STATE when the session is running in another thread. */
enum ic_status ic_session_run(struct ic_session *s, struct ic_diag *d) IC_MUST_USE;
/* The same, timing each step into out_ns[n_steps], showing each step's result to tap; either may be NULL. */
enum ic_status ic_session_run_traced(struct ic_session *s, uint64_t *out_ns,
                                     void (*tap)(void *user, uint32_t i_step, uint32_t tensor, const void *data), void *user,
                                     struct ic_diag *d) IC_MUST_USE;
const struct ic_kernel *ic_session_kernel(const struct ic_session *s, uint32_t i_step);
uint64_t ic_session_memory_bytes(const struct ic_session *s);

#endif
