/* SPDX-License-Identifier: Apache-2.0 */
#include "rknn/frames.h"

#include "base/alloc.h"

#include <pthread.h>
#include <string.h>

struct set {
    void **inputs, **outputs; /* per tensor */
    uint64_t frame;           /* whose results stand in outputs; 0 none */
    int code;                 /* how that frame's run ended */
};

struct ic_frames {
    struct ic_rknn *c;
    struct set sets[2];
    int front;  /* the set that the caller fills; the other one runs, or has run last */
    bool fresh; /* a run was begun since the last get */
    /* under lock */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool has_work, stop;
    pthread_t thread;
    bool has_thread;
};

static void *work(void *user)
{
    struct ic_frames *f = user;
    pthread_mutex_lock(&f->lock);
    while (!f->stop) {
        if (!f->has_work) {
            pthread_cond_wait(&f->changed, &f->lock);
            continue;
        }
        struct set *s = &f->sets[f->front ^ 1];
        pthread_mutex_unlock(&f->lock);
        const int code = ic_rknn_run_session(f->c);
        pthread_mutex_lock(&f->lock);
        s->code = code;
        f->has_work = false;
        pthread_cond_broadcast(&f->changed);
    }
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

static bool allocate(struct ic_frames *f, const struct ic_program *p)
{
    for (int k = 0; k < 2; k++) {
        struct set *s = &f->sets[k];
        s->inputs = ic_calloc((size_t)p->n_inputs + 1, sizeof *s->inputs);
        s->outputs = ic_calloc((size_t)p->n_outputs + 1, sizeof *s->outputs);
        if (!s->inputs || !s->outputs)
            return false;
        for (uint32_t i = 0; i < p->n_inputs + p->n_outputs; i++) {
            const bool input = i < p->n_inputs;
            const uint32_t at = input ? i : i - p->n_inputs;
            const size_t bytes = (size_t)ic_rknn_tensor(p, input, at)->size_bytes;
            void *memory = ic_malloc_aligned(bytes + 64, 64);
            if (!memory)
                return false;
            memset(memory, 0, bytes + 64);
            (input ? s->inputs : s->outputs)[at] = memory;
        }
    }
    return true;
}

enum ic_status ic_frames_create(struct ic_rknn *c, struct ic_frames **out_f)
{
    struct ic_frames *f = ic_calloc(1, sizeof *f);
    if (!f)
        return ic_fail(&c->diag, IC_ERR_MEMORY, "no memory for asynchronous frames");
    *out_f = f; /* the context destroys it, whole or not */
    f->c = c;
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
    if (!allocate(f, ic_model_program(c->model)))
        return ic_fail(&c->diag, IC_ERR_MEMORY, "no memory for asynchronous frames");
    f->has_thread = pthread_create(&f->thread, NULL, work, f) == 0;
    return f->has_thread ? IC_OK : ic_fail(&c->diag, IC_ERR_MEMORY, "no thread for asynchronous frames");
}

void ic_frames_wait(struct ic_frames *f)
{
    pthread_mutex_lock(&f->lock);
    while (f->has_work)
        pthread_cond_wait(&f->changed, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

void ic_frames_destroy(struct ic_frames *f)
{
    if (!f)
        return;
    if (f->has_thread) {
        ic_frames_wait(f);
        pthread_mutex_lock(&f->lock);
        f->stop = true;
        pthread_cond_broadcast(&f->changed);
        pthread_mutex_unlock(&f->lock);
        pthread_join(f->thread, NULL);
    }
    const struct ic_program *p = ic_model_program(f->c->model);
    for (int k = 0; k < 2; k++) {
        for (uint32_t i = 0; f->sets[k].inputs && i < p->n_inputs; i++)
            ic_free_aligned(f->sets[k].inputs[i]);
        for (uint32_t i = 0; f->sets[k].outputs && i < p->n_outputs; i++)
            ic_free_aligned(f->sets[k].outputs[i]);
        ic_free(f->sets[k].inputs);
        ic_free(f->sets[k].outputs);
    }
    pthread_cond_destroy(&f->changed);
    pthread_mutex_destroy(&f->lock);
    ic_free(f);
}

void *ic_frames_input(struct ic_frames *f, uint32_t i)
{
    return f->sets[f->front].inputs[i];
}

static enum ic_status bind(struct ic_frames *f, const struct set *s, const struct ic_program *p)
{
    for (uint32_t i = 0; i < p->n_inputs; i++)
        IC_TRY(ic_session_bind_input(f->c->session, i, s->inputs[i], &f->c->diag));
    for (uint32_t i = 0; i < p->n_outputs; i++)
        IC_TRY(ic_session_bind_output(f->c->session, i, s->outputs[i], &f->c->diag));
    return IC_OK;
}

int ic_frames_run(struct ic_frames *f, uint64_t frame)
{
    const struct ic_program *p = ic_model_program(f->c->model);
    ic_frames_wait(f);
    struct set *s = &f->sets[f->front];
    ic_diag_clear(&f->c->diag);
    const enum ic_status status = bind(f, s, p);
    if (status != IC_OK)
        return ic_rknn_fail_for(ic_rknn_code(status), f->c->diag.code, "rknn_run: %s", f->c->diag.text);
    s->frame = frame;
    s->code = RKNN_SUCC;
    f->front ^= 1;
    f->fresh = true;
    for (uint32_t i = 0; i < p->n_inputs; i++) /* what is not set again stays as it was */
        memcpy(f->sets[f->front].inputs[i], s->inputs[i], (size_t)ic_rknn_tensor(p, true, i)->size_bytes);
    pthread_mutex_lock(&f->lock);
    f->has_work = true;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
    return RKNN_SUCC;
}

int ic_frames_get(struct ic_frames *f, uint64_t *out_frame, void *const **out_outputs)
{
    const struct set *s = &f->sets[f->front];
    if (!f->fresh || s->frame == 0) {
        ic_frames_wait(f);
        s = &f->sets[f->front ^ 1];
    }
    f->fresh = false;
    *out_frame = s->frame;
    *out_outputs = s->outputs;
    return s->code;
}
