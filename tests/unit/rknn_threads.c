/* SPDX-License-Identifier: Apache-2.0
 *
 * The drop-in from several threads: contexts are independent, one context in two threads is reported, memory is not taken from under a run.
 * Against the full and the mini library (TEST_MINI); a build with the thread sanitizer runs it too.
 */
#define _POSIX_C_SOURCE 200809L
#include "rknn_linear.h"

#include "rknn_api.h"

#include <pthread.h>

enum { ROUNDS = 300 };

static void *run_own_context(void *user)
{
    const rknn_context context = *(rknn_context *)user;
    uintptr_t bad = 0;
    for (int i = 0; i < ROUNDS; i++) {
        float values[3] = {0};
        rknn_output out = {.want_float = 1, .is_prealloc = 1, .buf = values, .size = sizeof values};
        bad += set_floats(context, x, 4) != RKNN_SUCC || rknn_run(context, NULL) != RKNN_SUCC ||
               rknn_outputs_get(context, 1, &out, NULL) != RKNN_SUCC || memcmp(values, y, sizeof y) != 0;
    }
    return (void *)bad;
}

TEST(two_contexts_in_two_threads_do_not_meet)
{
    rknn_context contexts[] = {open_linear(0), open_linear(0)};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        REQUIRE(pthread_create(&threads[i], NULL, run_own_context, &contexts[i]) == 0);
    for (int i = 0; i < 2; i++) {
        void *bad = NULL;
        pthread_join(threads[i], &bad);
        CHECK_EQ_INT((uintptr_t)bad, 0);
        CHECK_EQ_INT(rknn_destroy(contexts[i]), RKNN_SUCC);
    }
}

static void *run_shared_context(void *user)
{
    const rknn_context context = *(rknn_context *)user;
    uintptr_t bad = 0;
    for (int i = 0; i < ROUNDS; i++) {
        const int code = rknn_run(context, NULL);
        bad += code != RKNN_SUCC && code != RKNN_ERR_FAIL;
    }
    return (void *)bad;
}

TEST(one_context_in_two_threads_is_reported)
{
    rknn_context context = open_linear(0);
    pthread_t threads[2];
    CHECK_EQ_INT(set_floats(context, x, 4), RKNN_SUCC);
    print_to_memory();
    for (int i = 0; i < 2; i++)
        REQUIRE(pthread_create(&threads[i], NULL, run_shared_context, &context) == 0);
    for (int i = 0; i < 2; i++) {
        void *bad = NULL;
        pthread_join(threads[i], &bad);
        CHECK_EQ_INT((uintptr_t)bad, 0);
    }
    (void)what_was_printed();
    check_result(context);
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
}

struct crowd {
    struct model_file file;
    rknn_context shared; /* all threads use it at times */
    rknn_tensor_mem *shared_in;
};

/* A whole life of a context of the thread's own, memory destroyed before or after it, and now and then a call into the shared one, which
 * answers or says that it is in use. */
static void *live_in_a_crowd(void *user)
{
    struct crowd *crowd = user;
    uintptr_t bad = 0;
    for (int i = 0; i < 40; i++) {
        rknn_context context = 0;
        rknn_tensor_attr attr = {.index = 0};
        bad += rknn_init(&context, crowd->file.bytes, (uint32_t)crowd->file.size_bytes, 0) != RKNN_SUCC;
        rknn_tensor_mem *mem = rknn_create_mem(context, 16);
        bad += !mem || rknn_query(context, RKNN_QUERY_INPUT_ATTR, &attr, sizeof attr) != RKNN_SUCC ||
               rknn_set_io_mem(context, mem, &attr) != RKNN_SUCC;
        if (mem)
            memcpy(mem->logical_addr, x, sizeof x);
        rknn_output out = {.want_float = 1};
        bad += rknn_run(context, NULL) != RKNN_SUCC || rknn_outputs_get(context, 1, &out, NULL) != RKNN_SUCC ||
               memcmp(out.buf, y, sizeof y) != 0;
        if (i % 3 == 0) {
            const int code = rknn_run(crowd->shared, NULL);
            bad += code != RKNN_SUCC && code != RKNN_ERR_FAIL;
        }
        if (i % 2)
            bad += rknn_destroy_mem(context, mem) != RKNN_SUCC;
        bad += rknn_destroy(context) != RKNN_SUCC;
        if (i % 2 == 0)
            bad += rknn_destroy_mem(context, mem) != RKNN_SUCC;
    }
    return (void *)bad;
}

TEST(contexts_and_memory_come_and_go_in_threads)
{
    enum { THREADS = 4 };
    struct crowd crowd = {.file = model_pack(model_linear_graph(), "generic"), .shared = open_linear(0)};
    pthread_t threads[THREADS];
    rknn_tensor_attr attr = {.index = 0};
    CHECK_EQ_INT(rknn_query(crowd.shared, RKNN_QUERY_INPUT_ATTR, &attr, sizeof attr), RKNN_SUCC);
    crowd.shared_in = rknn_create_mem(crowd.shared, 16);
    REQUIRE(crowd.shared_in && rknn_set_io_mem(crowd.shared, crowd.shared_in, &attr) == RKNN_SUCC);
    print_to_memory();
    for (int i = 0; i < THREADS; i++)
        REQUIRE(pthread_create(&threads[i], NULL, live_in_a_crowd, &crowd) == 0);
    uintptr_t all_bad = 0;
    for (int i = 0; i < THREADS; i++) {
        void *bad = NULL;
        pthread_join(threads[i], &bad);
        all_bad += (uintptr_t)bad;
    }
    (void)what_was_printed();
    CHECK_EQ_INT(all_bad, 0);
    CHECK_EQ_INT(rknn_destroy_mem(crowd.shared, crowd.shared_in), RKNN_SUCC);
    CHECK_EQ_INT(rknn_destroy(crowd.shared), RKNN_SUCC);
    model_free(&crowd.file);
}

static void *run_until_told(void *user)
{
    const struct crowd *crowd = user;
    uintptr_t bad = 0;
    for (int i = 0; i < ROUNDS; i++) {
        const int code = rknn_run(crowd->shared, NULL);
        bad += code != RKNN_SUCC && code != RKNN_ERR_INPUT_INVALID; /* until its memory is gone */
    }
    return (void *)bad;
}

/* The memory of a context that runs elsewhere is not taken from under it. */
TEST(memory_in_use_elsewhere_stays)
{
    struct crowd crowd = {.shared = open_linear(0)};
    rknn_tensor_attr attr = {.index = 0};
    pthread_t thread;
    void *bad = NULL;
    int code = RKNN_ERR_FAIL;
    CHECK_EQ_INT(rknn_query(crowd.shared, RKNN_QUERY_INPUT_ATTR, &attr, sizeof attr), RKNN_SUCC);
    crowd.shared_in = rknn_create_mem(crowd.shared, 16);
    REQUIRE(crowd.shared_in && rknn_set_io_mem(crowd.shared, crowd.shared_in, &attr) == RKNN_SUCC);
    print_to_memory();
    REQUIRE(pthread_create(&thread, NULL, run_until_told, &crowd) == 0);
    while (code == RKNN_ERR_FAIL) /* refused while a run is inside, done between two */
        code = rknn_destroy_mem(crowd.shared, crowd.shared_in);
    pthread_join(thread, &bad);
    (void)what_was_printed();
    CHECK_EQ_INT(code, RKNN_SUCC);
    CHECK_EQ_INT((uintptr_t)bad, 0);
    CHECK_EQ_INT(rknn_destroy(crowd.shared), RKNN_SUCC);
}

TEST_MAIN()
