/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of ic_ir_verify that is about element types and quantization. For ir/, and for importers that want to know at the node.
 */
#ifndef IC_IR_VERIFY_TYPES_H
#define IC_IR_VERIFY_TYPES_H

#include "ir/graph.h"

/* Shapes and numbers of operands have been checked. After it, lowering may read constants by the types they say. */
enum ic_status ic_ir_check_types(const struct ic_node *n, struct ic_diag *d) IC_MUST_USE;

#endif
