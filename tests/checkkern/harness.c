/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory with unreadable pages, painted results, the comparison.
 */
#define _GNU_SOURCE
#include "checkkern.h"

#include "base/os.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

uint64_t kern_seed = 1;
uint32_t kern_runs[256];

uint32_t kern_random(void)
{
    kern_seed = kern_seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(kern_seed >> 32);
}

int32_t kern_between(int32_t lo, int32_t hi)
{
    return lo + (int32_t)(kern_random() % (uint32_t)(hi - lo + 1));
}

int32_t kern_in_turn(int32_t most)
{
    static uint32_t turn;
    return (int32_t)(turn++ % (uint32_t)most) + 1;
}

/* ---- filling ---- */
/* Exponents near zero: no product or sum comes near 2^-126, where x86 differs (docs/arithmetic.md 2.3). */
static float plain_float(void)
{
    return ic_f32_from_bits((kern_random() & 0x807FFFFFu) | (uint32_t)kern_between(120, 130) << 23);
}

static float fill_float(enum kern_fill fill, size_t i, bool finite)
{
    static const uint32_t special[] = {0x7FC00000u, 0xFFC12345u, 0x7F800000u, 0xFF800000u, 0x80000000u,
                                       0x00000001u, 0x807FFFFFu, 0x7F000000u, 0x3F800000u, 0};
    switch (fill) {
    case KERN_ZERO:
        return i % 3 ? 0.0f : -0.0f;
    case KERN_MIN:
        return -16384.0f;
    case KERN_MAX:
        return 16384.0f;
    case KERN_ALTERNATING:
        return i % 2 ? 1.5f : -1.5f;
    case KERN_SPECIAL:
        return kern_random() % 3 ? plain_float() : ic_f32_from_bits(special[finite ? 4 + kern_random() % 3 : kern_random() % 10]);
#if !defined(__x86_64__)
    case KERN_TINY:
        return ic_f32_from_bits((kern_random() & 0x807FFFFFu) | (uint32_t)kern_between(58, 70) << 23);
#endif
    default:
        return plain_float();
    }
}

static uint8_t fill_byte(enum kern_fill fill, size_t i, bool is_signed)
{
    const uint8_t least = is_signed ? 0x80 : 0, most = is_signed ? 0x7F : 0xFF;
    switch (fill) {
    case KERN_ZERO:
        return 0;
    case KERN_MIN:
        return least;
    case KERN_MAX:
        return most;
    case KERN_ALTERNATING:
        return i % 2 ? least : most;
    default:
        return (uint8_t)kern_random();
    }
}

static void fill(void *data, uint32_t dtype, size_t elements, enum kern_fill how, bool finite)
{
    for (size_t i = 0; i < elements; i++) {
        switch (dtype) {
        case IC_F32:
            ((float *)data)[i] = fill_float(how, i, finite);
            break;
        case IC_F16: {
            const uint16_t h = ic_f32_to_f16(fill_float(how, i, finite));
            ((uint16_t *)data)[i] = how == KERN_SPECIAL && kern_random() % 8 == 0 ? (uint16_t)(h & 0x83FF)
                                                                                  : h; /* denormal halves too */
            break;
        }
        case IC_S32:
            ((int32_t *)data)[i] = kern_between(-100000, 100000);
            break;
        case IC_S16:
            ((int16_t *)data)[i] = (int16_t)kern_random();
            break;
        case IC_S64:
            ((int64_t *)data)[i] = (int64_t)((uint64_t)kern_random() << 32 | kern_random());
            break;
        case IC_BOOL:
            ((uint8_t *)data)[i] = kern_random() & 1;
            break;
        default:
            ((uint8_t *)data)[i] = fill_byte(how, i, dtype == IC_S8);
        }
    }
}

uint32_t kern_add(struct kern_case *c, uint32_t dtype, size_t elements, enum kern_fill how, bool finite)
{
    const uint32_t i = c->n_tensors++;
    const size_t bytes = elements * ic_dtype_bytes((enum ic_dtype)dtype);
    c->tensors[i] = (struct ic_tensor){.dtype = dtype, .rank = 1, .dims = {(int32_t)elements}, .size_bytes = bytes};
    c->data[i] = malloc(bytes ? bytes : 1);
    fill(c->data[i], dtype, elements, how, finite);
    return i;
}

uint32_t kern_add_result(struct kern_case *c, uint32_t dtype, size_t elements)
{
    c->y = c->n_tensors++;
    c->tensors[c->y] = (struct ic_tensor){
        .dtype = dtype, .rank = 1, .dims = {(int32_t)elements}, .size_bytes = elements * ic_dtype_bytes((enum ic_dtype)dtype)};
    return c->y;
}

void kern_free(struct kern_case *c)
{
    for (uint32_t i = 0; i < CASE_TENSORS; i++)
        free(c->data[i]);
    memset(c, 0, sizeof *c);
}

static size_t bytes_of(const struct kern_case *c, uint32_t i)
{
    return (size_t)c->tensors[i].size_bytes;
}

/* ---- guarded memory: one readable span between two unreadable pages each ---- */
struct span {
    uint8_t *map, *at;
    size_t map_bytes;
};

/* at_end: the span ends where reading ends; else it begins one element behind the start of a page. */
static struct span span_make(size_t bytes, size_t element_bytes, bool at_end, size_t align)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t inside = (bytes + element_bytes + align + page - 1) / page * page;
    struct span s = {.map_bytes = inside + 2 * page};
    s.map = mmap(NULL, s.map_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (s.map == MAP_FAILED || mprotect(s.map + page, inside, PROT_READ | PROT_WRITE) != 0) {
        printf("no memory for guarded pages\n");
        exit(2);
    }
    memset(s.map + page, 0xA5, inside);
    s.at = at_end ? s.map + page + (inside - bytes) / align * align : s.map + page + (align > 1 ? 0 : element_bytes);
    return s;
}

static void span_free(struct span *s)
{
    munmap(s->map, s->map_bytes);
}

/* Everything outside at .. at + bytes must still be painted. */
static bool span_border_holds(const struct span *s, size_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (const uint8_t *p = s->map + page; p < s->map + s->map_bytes - page; p++)
        if ((p < s->at || p >= s->at + bytes) && *p != 0xA5)
            return false;
    return true;
}

/* ---- running ---- */
static sigjmp_buf crash_return;
static volatile sig_atomic_t crash_expected;

static void on_crash(int signal_number)
{
    if (crash_expected)
        siglongjmp(crash_return, signal_number);
    _exit(3);
}

static void catch_crashes(void)
{
    const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
    struct sigaction a = {.sa_handler = on_crash, .sa_flags = SA_NODEFER};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &a, NULL);
}

/* Runs units in `pieces` parts, the last first. Returns 0 or the signal. */
static int run_pieces(const struct ic_kernel *k, const struct kern_case *c, void *const *ptr, void *scratch, int32_t pieces)
{
    const int32_t units = k->units ? k->units(&c->args, c->tensors) : 1;
    const int signal_number = sigsetjmp(crash_return, 1);
    if (signal_number)
        return signal_number;
    crash_expected = 1;
    const struct ic_float_mode old = ic_float_mode_enter();
    for (int32_t i = pieces < units ? pieces : units; i-- > 0;) {
        const int32_t n = pieces < units ? pieces : units;
        const int32_t begin = (int32_t)((int64_t)units * i / n), end = (int32_t)((int64_t)units * (i + 1) / n);
        if (begin < end)
            k->run(&c->args, c->tensors, ptr, scratch, begin, end);
    }
    ic_float_mode_leave(old);
    crash_expected = 0;
    return 0;
}

struct layout {
    bool at_end;
    int32_t pieces;
    uint32_t over; /* 0, or the operand whose place the result takes */
};

/* Runs k on a fresh copy of the operands; the result is copied to out. */
static const char *run_guarded(const struct ic_kernel *k, const struct kern_case *c, const struct layout *l, uint8_t *out)
{
    static char trouble[64];
    struct span spans[CASE_TENSORS];
    void *ptr[CASE_TENSORS] = {NULL};
    const size_t scratch_bytes = k->scratch_bytes ? k->scratch_bytes(&c->args, c->tensors) : 0;
    struct span scratch = span_make(scratch_bytes, 64, true, 64);
    for (uint32_t i = 1; i < c->n_tensors; i++) {
        spans[i] = span_make(bytes_of(c, i), ic_dtype_bytes((enum ic_dtype)c->tensors[i].dtype), l->at_end, 1);
        ptr[i] = spans[i].at;
        if (i == c->y)
            memset(ptr[i], 0xA5, bytes_of(c, i));
        else
            memcpy(ptr[i], c->data[i], bytes_of(c, i));
    }
    if (l->over)
        ptr[c->y] = ptr[l->over];
    const int signal_number = run_pieces(k, c, ptr, scratch.at, l->pieces);
    const char *bad = NULL;
    if (signal_number) {
        snprintf(trouble, sizeof trouble, "crashed (signal %d)", signal_number);
        bad = trouble;
    } else if (!span_border_holds(&spans[l->over ? l->over : c->y], bytes_of(c, c->y))) {
        bad = "wrote outside its result";
    } else if (!span_border_holds(&scratch, scratch_bytes)) {
        bad = "wrote outside its scratch";
    }
    for (uint32_t i = 1; !bad && i < c->n_tensors; i++)
        if (i != c->y && i != l->over && memcmp(ptr[i], c->data[i], bytes_of(c, i)) != 0)
            bad = "changed an operand";
    if (!bad)
        memcpy(out, ptr[c->y], bytes_of(c, c->y));
    for (uint32_t i = 1; i < c->n_tensors; i++)
        span_free(&spans[i]);
    span_free(&scratch);
    return bad;
}

static void report(const struct ic_kernel *k, const struct kern_case *c, const uint8_t *want, const uint8_t *got, const char *bad)
{
    printf("%s: %s: %s", k->name, c->label, bad ? bad : "differs");
    if (!bad) {
        const size_t element = ic_dtype_bytes((enum ic_dtype)c->tensors[c->y].dtype);
        size_t at = 0;
        while (want[at] == got[at])
            at++;
        at = at / element * element;
        printf(" at element %zu of %zu: ", at / element, (size_t)bytes_of(c, c->y) / element);
        for (size_t i = element; i-- > 0;)
            printf("%02x", got[at + i]);
        printf(", want ");
        for (size_t i = element; i-- > 0;)
            printf("%02x", want[at + i]);
    }
    printf("\n");
}

static int check_kernel(const struct ic_kernel *k, const struct kern_case *c, const uint8_t *want, uint8_t *got)
{
    const struct layout layouts[] = {{true, 1, 0}, {false, 3, 0}, {true, 2, c->over}};
    for (size_t i = 0; i < (c->over ? 3 : 2); i++) {
        const char *bad = run_guarded(k, c, &layouts[i], got);
        if (bad || memcmp(want, got, bytes_of(c, c->y)) != 0) {
            report(k, c, want, got, bad);
            return 1;
        }
    }
    return 0;
}

int kern_check(struct kern_case *c)
{
    size_t n_kernels = 0;
    const struct ic_kernel *const *all = ic_kernels_all(&n_kernels);
    const struct ic_kernel *ref = ic_kernel_ref(c->step.kind);
    const size_t bytes = bytes_of(c, c->y);
    uint8_t *want = malloc(2 * bytes + 1), *got = want + bytes;
    const struct layout plain = {true, 1, 0};
    int n_failed = 0;
    catch_crashes();
    c->step.args = &c->args;
    const char *bad = run_guarded(ref, c, &plain, want);
    if (bad) {
        report(ref, c, want, got, bad);
        n_failed++;
    }
    for (size_t i = 0; i < n_kernels && !bad; i++) {
        const struct ic_kernel *k = all[i];
        if (k->kind != c->step.kind || (k->needs & ~ic_os_cpu_flags()) || (k->fits && !k->fits(&c->args, c->tensors)))
            continue;
        n_failed += check_kernel(k, c, want, got); /* the reference too: it must not depend on how it is split */
        kern_runs[i]++;
    }
    free(want);
    return n_failed;
}
