/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IC_COMPILE_UNSHARE_H
#define IC_COMPILE_UNSHARE_H

#include "ops/op.h"

/* After the packings are chosen: weights that are also read in another form (another packing, or plainly by another kind of step) get a
 * constant of their own for each form. */
enum ic_status ic_unshare_weights(struct ic_lowered *l, struct ic_diag *d) IC_MUST_USE;

#endif
