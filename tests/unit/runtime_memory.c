/* SPDX-License-Identifier: Apache-2.0
 *
 * A file may claim any amount of memory: what it needs is computed and compared with what there is, before anything is allocated.
 */
#define _GNU_SOURCE
#include "model_builder.h"
#include "program_builder.h"

#include "base/os.h"
#include "runtime/session.h"
#include "sim/sim.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct build b;
static struct ic_step_copy step;

/* y = x, with an arena of which no step uses anything: what a forged or careless file says. */
static void claim(uint64_t arena_bytes)
{
    build_start(&b);
    step = (struct ic_step_copy){.x = build_input(&b, IC_F32, 4, 0, 0, 0),
                                 .y = build_output(&b, IC_F32, 4, 0, 0, 0),
                                 .element_bytes = 4,
                                 .rank = 1,
                                 .dims = {4, 1, 1, 1, 1, 1, 1, 1},
                                 .x_stride = {1},
                                 .y_stride = {1}};
    build_step(&b, IC_STEP_COPY, &step);
    b.p.arena_bytes = arena_bytes;
}

static enum ic_status try_session(struct ic_diag *d)
{
    struct ic_model *m = NULL;
    struct ic_session *s = NULL;
    enum ic_status status = ic_model_from_program(&b.p, &m, d);
    if (status == IC_OK)
        status = ic_session_create(m, 1, &s, d);
    ic_session_destroy(s);
    ic_model_close(m);
    return status;
}

TEST(a_claim_beyond_the_machine_is_refused_with_its_size)
{
    static const uint64_t claims[] = {(uint64_t)1 << 50, UINT64_MAX / 2, UINT64_MAX - 63};
    const uint64_t before = ic_os_peak_rss_bytes();
    for (int i = 0; i < 3; i++) {
        char wanted[32];
        struct ic_diag d = {0}, of_sim = {0};
        struct ic_sim *sim = NULL;
        claim(claims[i] / 64 * 64);
        snprintf(wanted, sizeof wanted, "activations %llu,", (unsigned long long)b.p.arena_bytes);
        CHECK_EQ_INT(try_session(&d), IC_ERR_MEMORY);
        CHECK(strstr(d.text, wanted) != NULL && strstr(d.text, "available here") != NULL);
        CHECK_EQ_INT(ic_sim_create(&b.p, &sim, &of_sim), IC_ERR_MEMORY);
        CHECK(strstr(of_sim.text, wanted) != NULL);
    }
    CHECK(ic_os_peak_rss_bytes() - before < (uint64_t)16 << 20);
}

TEST(a_small_claim_is_served)
{
    struct ic_diag d = {0};
    claim(1 << 21);
    CHECK_EQ_INT(try_session(&d), IC_OK);
}

/* 0 refused with numbers, 1 limits do not reach this process (emulators keep them to themselves), 2 anything else */
static int under_a_limit(void)
{
    const struct rlimit limit = {.rlim_cur = (rlim_t)64 << 20, .rlim_max = RLIM_INFINITY};
    struct ic_diag d = {0};
    struct rlimit now;
    if (setrlimit(RLIMIT_DATA, &limit) != 0 || getrlimit(RLIMIT_DATA, &now) != 0 || now.rlim_cur != limit.rlim_cur)
        return 1;
    claim((uint64_t)100 << 20);
    const enum ic_status status = try_session(&d);
    return status == IC_ERR_MEMORY && strstr(d.text, "67108864 are available here") ? 0 : 2;
}

TEST(a_limit_of_the_process_counts)
{
    int code = 0;
    fflush(stdout);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0)
        _exit(under_a_limit());
    REQUIRE(waitpid(child, &code, 0) == child && WIFEXITED(code));
    if (WEXITSTATUS(code) == 1)
        SKIP("the limit cannot be set here");
    CHECK_EQ_INT(WEXITSTATUS(code), 0);
}

TEST_MAIN()
