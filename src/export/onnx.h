/* SPDX-License-Identifier: Apache-2.0
 *
 * A graph of any stage as an ONNX model, opset 17: for Netron, onnxruntime and every other tool.
 */
#ifndef IC_EXPORT_ONNX_H
#define IC_EXPORT_ONNX_H

#include "ir/graph.h"

#define IC_EXPORT_OPSET 17

/* Inputs and outputs keep the network's names, shapes and (float) types, whatever the build type; mean, std and channel swap become nodes. Codes
 * are written as QuantizeLinear and DequantizeLinear around float operators, float16 storage as casts. IC_ERR_UNSUPPORTED names every node that opset 17
 * cannot express. */
enum ic_status ic_export_onnx(const struct ic_graph *g, struct ic_writer *out, struct ic_diag *d) IC_MUST_USE;

#endif
