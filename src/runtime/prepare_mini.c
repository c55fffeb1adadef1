/* SPDX-License-Identifier: Apache-2.0
 *
 * Linked into the mini runtime: portable files cannot be prepared on the device.
 */
#include "runtime/session.h"

ic_prepare_fn *const ic_runtime_prepare = NULL;
