/* SPDX-License-Identifier: Apache-2.0
 *
 * RKNN_FLAG_ASYNC_MASK: a run goes on while the caller prepares the next one. Two sets of buffers change places at each run; rknn_outputs_get
 * gives the frame before the one that is running.
 */
#ifndef IC_RKNN_FRAMES_H
#define IC_RKNN_FRAMES_H

#include "rknn/context.h"

struct ic_frames;

/* Its thread waits for work; c->session must exist. */
enum ic_status ic_frames_create(struct ic_rknn *c, struct ic_frames **out_f) IC_MUST_USE;
void ic_frames_destroy(struct ic_frames *f); /* waits for the run; NULL is fine */

/* Where the caller's next input i goes. */
void *ic_frames_input(struct ic_frames *f, uint32_t i);
/* Begins frame number `frame` with the inputs as they are; waits first until the run before is through. */
int ic_frames_run(struct ic_frames *f, uint64_t frame);
/* The frame that rknn_outputs_get gives: the one before the newest, or the newest itself when there is none before it or nothing was begun
 * since the last call; then it waits. *out_outputs: one buffer per output. RKNN_SUCC, or what that frame's run failed with. */
int ic_frames_get(struct ic_frames *f, uint64_t *out_frame, void *const **out_outputs);
void ic_frames_wait(struct ic_frames *f);

#endif
