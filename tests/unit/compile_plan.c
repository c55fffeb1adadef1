/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory planner against an independent definition: byte by byte and step by step, no two blocks own the same byte at the same time.
 */
#include "testing.h"

#include "compile/plan.h"

enum { MAX_BLOCKS = 120, MAX_STEPS = 60, MAX_LINES = 1 << 15 };

static uint32_t random_state = 2463534242u;

static uint32_t random_below(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % n;
}

/* owner[line] at one step; a line is 64 bytes. */
static int step_is_sound(const struct ic_plan_block *blocks, int32_t n, int32_t step, uint64_t arena, uint64_t *out_alive)
{
    static int32_t owner[MAX_LINES];
    memset(owner, 0, sizeof owner);
    *out_alive = 0;
    for (int32_t i = 0; i < n; i++) {
        const struct ic_plan_block *b = &blocks[i];
        if (step < b->first || step > b->last)
            continue;
        const uint64_t lines = (b->size_bytes + 63) / 64;
        *out_alive += lines * 64;
        if (b->offset_bytes % 64 || b->offset_bytes + b->size_bytes > arena)
            return 0;
        for (uint64_t k = 0; k < lines; k++) {
            const uint64_t line = b->offset_bytes / 64 + k;
            if (line >= MAX_LINES || owner[line])
                return 0;
            owner[line] = i + 1;
        }
    }
    return 1;
}

static uint64_t all_arenas, all_bounds;

static void check_plan(struct ic_plan_block *blocks, int32_t n, int32_t n_steps)
{
    struct ic_diag d = {0};
    uint64_t arena = 0, lower = 0, most = 0, alive = 0;
    CHECK_EQ_INT(ic_plan_memory(blocks, n, &arena, &lower, &d), IC_OK);
    for (int32_t step = 0; step < n_steps; step++) {
        if (!CHECK(step_is_sound(blocks, n, step, arena, &alive)))
            return;
        most = alive > most ? alive : most;
    }
    CHECK_EQ_INT(lower, most);
    CHECK(arena >= lower);
    all_arenas += arena;
    all_bounds += lower;
}

TEST(random_lifetimes_never_share_a_byte)
{
    static struct ic_plan_block blocks[MAX_BLOCKS];
    for (int round = 0; round < 300; round++) {
        const int32_t n = (int32_t)random_below(MAX_BLOCKS), n_steps = 1 + (int32_t)random_below(MAX_STEPS);
        for (int32_t i = 0; i < n; i++) {
            const int32_t first = (int32_t)random_below((uint32_t)n_steps), length = (int32_t)random_below(8);
            blocks[i] = (struct ic_plan_block){.size_bytes = 1 + random_below(2000),
                                               .first = first,
                                               .last = first + length < n_steps ? first + length : n_steps - 1};
        }
        check_plan(blocks, n, n_steps);
    }
    if (!CHECK(all_arenas <= all_bounds + all_bounds / 20)) /* on average; a single one may have no plan at its bound */
        printf("  %llu bytes planned, bounds %llu\n", (unsigned long long)all_arenas, (unsigned long long)all_bounds);
}

/* What a network without branches does: two neighbours alive at a time. The optimum is the largest pair. */
TEST(a_chain_needs_its_largest_pair)
{
    struct ic_plan_block blocks[40];
    uint64_t largest_pair = 0;
    for (int32_t i = 0; i < 40; i++)
        blocks[i] = (struct ic_plan_block){.size_bytes = 64 * (1 + random_below(50)), .first = i, .last = i + 1};
    for (int32_t i = 0; i + 1 < 40; i++) {
        const uint64_t pair = blocks[i].size_bytes + blocks[i + 1].size_bytes;
        largest_pair = pair > largest_pair ? pair : largest_pair;
    }
    struct ic_diag d = {0};
    uint64_t arena = 0, lower = 0;
    CHECK_EQ_INT(ic_plan_memory(blocks, 40, &arena, &lower, &d), IC_OK);
    CHECK_EQ_INT(lower, largest_pair);
    CHECK(arena <= lower + lower / 10);
}

/* The beginning of mnasnet0_5: in order of size, 602112 and then 401408 at the bottom leave 200704 no room below a quarter more. */
TEST(a_plan_is_improved_until_it_meets_its_bound)
{
    struct ic_plan_block blocks[] = {
        {.size_bytes = 301056, .first = 0, .last = 1},  {.size_bytes = 401408, .first = 1, .last = 2},
        {.size_bytes = 401408, .first = 2, .last = 3},  {.size_bytes = 200704, .first = 3, .last = 4},
        {.size_bytes = 602112, .first = 4, .last = 5},  {.size_bytes = 150528, .first = 5, .last = 6},
        {.size_bytes = 100352, .first = 6, .last = 10}, {.size_bytes = 301056, .first = 7, .last = 8},
        {.size_bytes = 301056, .first = 8, .last = 9},
    };
    struct ic_diag d = {0};
    uint64_t arena = 0, lower = 0;
    CHECK_EQ_INT(ic_plan_memory(blocks, sizeof blocks / sizeof *blocks, &arena, &lower, &d), IC_OK);
    CHECK_EQ_INT(lower, 802816);
    CHECK_EQ_INT(arena, lower);
}

TEST(nothing_needs_nothing)
{
    struct ic_diag d = {0};
    uint64_t arena = 1, lower = 1;
    CHECK_EQ_INT(ic_plan_memory(NULL, 0, &arena, &lower, &d), IC_OK);
    CHECK_EQ_INT(arena, 0);
    CHECK_EQ_INT(lower, 0);
}

TEST(same_blocks_same_plan)
{
    struct ic_plan_block a[30], b[30];
    struct ic_diag d = {0};
    uint64_t arena_a = 0, arena_b = 0, lower = 0;
    for (int32_t i = 0; i < 30; i++)
        a[i] = b[i] = (struct ic_plan_block){
            .size_bytes = 64 * (1 + random_below(3)), .first = (int32_t)random_below(9), .last = 9};
    for (int32_t i = 0; i < 30; i++)
        b[i].offset_bytes = 12345; /* what stood there before must not matter */
    CHECK_EQ_INT(ic_plan_memory(a, 30, &arena_a, &lower, &d), IC_OK);
    CHECK_EQ_INT(ic_plan_memory(b, 30, &arena_b, &lower, &d), IC_OK);
    CHECK_EQ_MEM(a, b, sizeof a);
}

TEST_MAIN()
