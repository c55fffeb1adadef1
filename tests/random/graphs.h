/* SPDX-License-Identifier: Apache-2.0
 *
 * Random networks: one number gives one graph with its weights and inputs, the same on every machine.
 */
#ifndef IC_TESTS_RANDOM_GRAPHS_H
#define IC_TESTS_RANDOM_GRAPHS_H

#include "ir/graph.h"

enum { RANDOM_INPUTS = 2, RANDOM_OUTPUTS = 3 };

/* smooth: nothing in the network jumps (comparisons, rounding, places of maxima), so that results of two optimization levels may be compared
 * as numbers. NULL: no memory. */
struct ic_graph *random_graph(uint64_t seed, bool *out_smooth);

/* Values for input i of the graph of that seed: multiples of 1/256 between -4 and 4, one in a hundred denormal. */
void random_input(uint64_t seed, uint32_t i, uint32_t sample, float *out, size_t elements);

#endif
