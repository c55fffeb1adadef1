/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens model files and runs them. Part of every library: libinchip_rt (full and mini) and libinchip.
 *
 * Thread safety: a model may be shared by sessions in several threads, and asked from any; it is closed after its sessions. A session
 * belongs to one thread at a time (a second run at the same time returns INCHIP_ERR_STATE); sessions in several threads take turns in the
 * process's pool of threads. inchip_pool_set_cpus may be called from any thread. Every call takes the caller's context for its messages,
 * which may be NULL: then there are none.
 */
#ifndef INCHIP_RUNTIME_H
#define INCHIP_RUNTIME_H

#include "inchip/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct inchip_model inchip_model;
typedef struct inchip_session inchip_session;

/* Maps the file; the mapping lives as long as the model. */
INCHIP_API int inchip_model_open(inchip_context *context, const char *path, inchip_model **out_model);
/* Copies the bytes. */
INCHIP_API int inchip_model_open_memory(inchip_context *context, const void *bytes, size_t size_bytes, inchip_model **out_model);
/* Uses the bytes where they are (flash, a linked array): they must stay, and be 64-byte aligned. */
INCHIP_API int inchip_model_open_static(inchip_context *context, const void *bytes, size_t size_bytes, inchip_model **out_model);
INCHIP_API void inchip_model_close(inchip_model *model); /* after its sessions; NULL is fine */

INCHIP_API int32_t inchip_model_inputs(const inchip_model *model);
INCHIP_API int32_t inchip_model_outputs(const inchip_model *model);
INCHIP_API int inchip_model_input_info(const inchip_model *model, int32_t i, inchip_tensor_info *out_info);
INCHIP_API int inchip_model_output_info(const inchip_model *model, int32_t i, inchip_tensor_info *out_info);
/* Bytes of memory the model holds: copied and prepared weights; not the mapping of a file. */
INCHIP_API uint64_t inchip_model_memory_bytes(const inchip_model *model);
INCHIP_API const char *inchip_model_target(const inchip_model *model); /* "rv1109"; "generic" for a portable file */

/* threads: 1 to 64. 0: INCHIP_THREADS from the environment, or the number of CPUs given to inchip_pool_set_cpus, or of physical cores that the
 * process may use. */
INCHIP_API int inchip_session_create(inchip_context *context, inchip_model *model, int threads, inchip_session **out_session);
INCHIP_API void inchip_session_destroy(inchip_session *session); /* NULL is fine */

/* The process's pool threads, those that are and those to come, run on these CPUs only (numbers as in /proc/cpuinfo); the caller's own thread,
 * which works too, stays where it is. n_cpus 0: wherever the calling thread may run. */
INCHIP_API int inchip_pool_set_cpus(inchip_context *context, const int32_t *cpus, int32_t n_cpus);

/* The session's own buffers (or the bound ones): write the input's size_bytes, run, read the output's size_bytes. */
INCHIP_API void *inchip_session_input(inchip_session *session, int32_t i);
INCHIP_API const void *inchip_session_output(inchip_session *session, int32_t i);
/* Use the caller's memory instead: at least size_bytes, 16-byte aligned, valid until unbound (NULL) or destroyed. Binding an output fills it
 * with zeros. */
INCHIP_API int inchip_session_bind_input(inchip_context *context, inchip_session *session, int32_t i, void *buffer);
INCHIP_API int inchip_session_bind_output(inchip_context *context, inchip_session *session, int32_t i, void *buffer);

/* Converts count values into input i: float32 or uint8 data in the network's own order to the buffer's dtype (f16: nearest even;
 * quantized: nearest even and saturated), after the mean and std stored in the model unless the data is raw (pass_through). */
INCHIP_API int inchip_session_set_input(inchip_context *context, inchip_session *session, int32_t i, const void *data,
                                        int32_t dtype, size_t count);
/* Output i as count float32 values (exact widening, or (q - zero_point) * scale). */
INCHIP_API int inchip_session_get_output(inchip_context *context, inchip_session *session, int32_t i, float *out_values,
                                         size_t count);

INCHIP_API int inchip_session_run(inchip_context *context, inchip_session *session);
/* One step of a run, with texts lent by the model: the layer it comes from, what it computes ("contract"), the time it took. */
typedef struct inchip_step_time {
    const char *layer, *kind;
    uint64_t time_ns;
} inchip_step_time;
INCHIP_API int32_t inchip_session_steps(const inchip_session *session);
/* inchip_session_run, timing each step; count is inchip_session_steps. The sum is a little more than a plain run takes. */
INCHIP_API int inchip_session_profile(inchip_context *context, inchip_session *session, inchip_step_time *out_times, int32_t count);
/* Bytes of memory the session holds beyond the mapped file. */
INCHIP_API uint64_t inchip_session_memory_bytes(const inchip_session *session);

#ifdef __cplusplus
}
#endif

#endif
