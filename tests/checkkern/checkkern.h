/* SPDX-License-Identifier: Apache-2.0
 *
 * Every kernel against kernels/ref, equal to the bit. A case is a step with its tensors and the bytes of its operands; the harness puts them
 * into memory that ends at an unreadable page (and, a second time, begins after one, misaligned), paints the result, runs the kernel in one
 * piece and in several, and compares the whole painted result with the reference's. A crash is that kernel's failure.
 */
#ifndef IC_TESTS_CHECKKERN_H
#define IC_TESTS_CHECKKERN_H

#include "kernels/kernel.h"

enum { CASE_TENSORS = 6, CASE_LABEL = 240 };

struct kern_case {
    char label[CASE_LABEL];
    struct ic_step step;
    union {
        struct ic_step_contract contract;
        struct ic_step_map map;
        struct ic_step_zip zip;
        struct ic_step_pool pool;
        struct ic_step_reduce reduce;
        struct ic_step_convert convert;
        struct ic_step_copy copy;
        struct ic_step_lut lut;
        struct ic_step_softmax softmax;
        struct ic_step_matmul matmul;
        struct ic_step_product product;
        struct ic_step_resample resample;
    } args;
    struct ic_tensor tensors[CASE_TENSORS]; /* 0 is none */
    uint32_t n_tensors, y;                  /* y: the result */
    uint32_t over;                          /* 0, or an operand whose place the result may take */
    void *data[CASE_TENSORS];               /* owned, malloc; NULL for y and 0 */
};

/* ---- random numbers: the whole run follows from one seed ---- */
extern uint64_t kern_seed;
uint32_t kern_random(void);
int32_t kern_between(int32_t lo, int32_t hi); /* both included */
int32_t kern_in_turn(int32_t most);           /* 1, 2 .. most, and again: so that no length is left to chance */

/* What a tensor is filled with. */
enum kern_fill {
    KERN_RANDOM,
    KERN_ZERO,
    KERN_MIN,
    KERN_MAX,
    KERN_ALTERNATING,
    KERN_SPECIAL /* NaN, Inf, -0, denormals, huge */,
#if !defined(__x86_64__)
    KERN_TINY /* products around 2^-126: x86 decides after rounding there (docs/arithmetic.md 2.3), all others as the reference */,
#endif
    KERN_FILL_COUNT
};

/* Adds a tensor of dtype and so many elements, filled; returns its number. finite: no NaN or Inf whatever the fill. */
uint32_t kern_add(struct kern_case *c, uint32_t dtype, size_t elements, enum kern_fill fill, bool finite);
uint32_t kern_add_result(struct kern_case *c, uint32_t dtype, size_t elements);
void kern_free(struct kern_case *c);

/* Runs c on every kernel of its kind that this CPU has and that fits, except the reference. Returns how many failed. */
int kern_check(struct kern_case *c);

/* How often each kernel of ic_kernels_all() ran. */
extern uint32_t kern_runs[256];

/* Cases */
void kern_random_contract(struct kern_case *c, bool codes, bool depthwise);
void kern_free_shape_contract(struct kern_case *c, bool codes);
bool kern_random_simple(struct kern_case *c,
                        uint32_t kind); /* map, zip, pool, convert, reduce, copy, lut, softmax, matmul, product, resample */

#endif
