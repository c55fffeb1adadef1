/* SPDX-License-Identifier: Apache-2.0 */
#include "rknn/context.h"

const char ic_rknn_flavor[] = "full";
