/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IC_COMPILE_PROVE_H
#define IC_COMPILE_PROVE_H

#include "ops/op.h"

/* Sets the flag of contract steps that a look at the constants proves, IC_CONTRACT_NO_UNDERFLOW. Before packing. */
void ic_prove_flags(struct ic_lowered *l);

#endif
