/* SPDX-License-Identifier: Apache-2.0
 *
 * A graph compiled and run in the places where programs run: what they give must be the bytes that the reference kernels give.
 */
#ifndef IC_TESTS_OPS_PLACES_H
#define IC_TESTS_OPS_PLACES_H

#include "ir/graph.h"

/* Compiles g for "generic" (simulator) and for this machine (session: its fastest kernels), runs both and compares each output with wanted[i].
 * inputs[i] are dense. False: *out_why says what differs. */
bool op_places_agree(const struct ic_graph *g, const void *const *inputs, void *const *wanted, char *out_why, size_t why_bytes);

#endif
