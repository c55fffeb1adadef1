/* SPDX-License-Identifier: Apache-2.0
 *
 * Golden cases of operators as tests/ops/generate.py writes them: a graph as text, inputs, and outputs that were computed elsewhere in double.
 * Little-endian: "ICCASES1"; u32 n; each: u32 name bytes, name, u32 text bytes, text, u32 n_inputs, each u32 bytes and data, u32 n_outputs, each
 * u32 elements and f64s, f64 relative and absolute tolerance.
 */
#ifndef IC_TESTS_OPS_CASES_H
#define IC_TESTS_OPS_CASES_H

#include "base/bytes.h"

#include <stdbool.h>

#define MAX_CASE_IO 4

struct op_case {
    char name[80];
    const char *text;
    size_t text_bytes;
    uint32_t n_inputs, n_outputs;
    const uint8_t *inputs[MAX_CASE_IO];
    uint32_t input_bytes[MAX_CASE_IO];
    const uint8_t *outputs[MAX_CASE_IO]; /* f64, unaligned */
    uint32_t output_elements[MAX_CASE_IO];
    double relative, absolute;
};

/* Calls run for each case of each file in tests/ops/golden; says how many there were. */
int op_cases_each(void (*run)(const struct op_case *c, void *user), void *user);

#endif
