/* SPDX-License-Identifier: Apache-2.0
 *
 * Elementary functions on ARMv7 NEON.
 */
#include "kernels/vec_neon.h"

#include "kernels/elementary_f32.h"
