/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IC_COMPILE_PLACE_H
#define IC_COMPILE_PLACE_H

#include "ops/op.h"

/* Gives every activation tensor its place in the arena: lifetimes by step order, results on dying operands where a step allows it. keep_all:
 * all lifetimes are the whole program. */
enum ic_status ic_place_activations(struct ic_lowered *l, bool keep_all, struct ic_diag *d) IC_MUST_USE;

#endif
